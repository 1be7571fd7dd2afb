"""`python -m seatcore --version`."""

from __future__ import annotations

import sys

from . import __version__, _seatcore


def main(arguments: list[str]) -> int:
    """Answers which versions are here."""
    if arguments != ["--version"]:
        print("usage: python -m seatcore --version", file=sys.stderr)
        return 2
    print(f"seatcore {__version__} (engine {_seatcore.version()})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
