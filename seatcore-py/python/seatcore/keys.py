"""Idempotency keys, and retrying with them.

A command under a key happens once: ask again with the same key, after a timeout, a crash or a
power cut, and the first answer comes again. That only helps whoever still knows the key, so it
must be written down before the first attempt: in the order's row, or by `kept_key`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from .errors import Busy, OutcomeUnknown, Rejected

__all__ = ["kept_key", "new_key", "retry"]

P = ParamSpec("P")
T = TypeVar("T")

WITHIN_S = 30.0
_WAIT_MAX_S = 2.0


def new_key() -> str:
    """A key that nobody else has: 128 random bits."""
    return f"py_{os.urandom(16).hex()}"


def wait_before(attempt: int, error: Busy | OutcomeUnknown) -> float:
    """Seconds to wait before the next attempt: longer each time, never in step with others."""
    import random

    least = error.retry_after if isinstance(error, Busy) else 0.05
    wait: float = min(least * 2**attempt, _WAIT_MAX_S) * random.uniform(0.75, 1.25)
    return wait


def worth_retrying(error: Exception, arguments: dict[str, object]) -> bool:
    """Whether the same call again is safe and can help."""
    if isinstance(error, OutcomeUnknown):
        # Without a key a second attempt could be a second sale.
        return arguments.get("idempotency_key") is not None
    return isinstance(error, Busy)


def retry(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls until the answer is definite, at most half a minute.

    Waits out `Busy` (nothing happened) and, if an `idempotency_key` is given, `OutcomeUnknown`.
    Every other answer is definite and is returned or raised at once.

    >>> import seatcore
    >>> engine, show = seatcore.example()
    >>> hold = seatcore.retry(engine.hold, show, ["A1"], holder="ada", idempotency_key="cart-9")
    >>> hold.seats
    ('A1',)
    """
    deadline = time.monotonic() + WITHIN_S
    attempt = 0
    while True:
        try:
            return call(*args, **kwargs)
        except (Busy, OutcomeUnknown) as error:
            wait = wait_before(attempt, error)
            if not worth_retrying(error, kwargs) or time.monotonic() + wait > deadline:
                raise
        time.sleep(wait)
        attempt += 1


@contextmanager
def kept_key(path: str | os.PathLike[str]) -> Generator[str, None, None]:
    """A key that survives a crash: made once, kept in a small file until the answer is known.

    The file is written and synced before the block runs. It goes when the block ends or a rule
    said no, both definite answers; it stays after anything else, so that whoever runs the block
    again asks with the same key and gets the same answer.

    >>> import seatcore, tempfile, pathlib
    >>> engine, show = seatcore.example()
    >>> hold = engine.hold(show, ["B1"], holder="ada")
    >>> note = pathlib.Path(tempfile.mkdtemp()) / "order-17.key"
    >>> with seatcore.kept_key(note) as key:
    ...     booking = seatcore.retry(engine.book, hold, idempotency_key=key)
    >>> booking.state, note.exists()
    (<HoldState.BOOKED: 'booked'>, False)
    """
    place = os.fspath(path)
    key = _read_key(place) or _write_key(place)
    try:
        yield key
    except Rejected:
        os.unlink(place)
        raise
    else:
        os.unlink(place)


def _read_key(place: str) -> str | None:
    try:
        with open(place, encoding="ascii") as file:
            return file.read().strip() or None
    except FileNotFoundError:
        return None


def _write_key(place: str) -> str:
    key = new_key()
    made = f"{place}.{key}"
    with open(made, "x", encoding="ascii") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whoever comes second finds the first one's key, never half of it.
        os.link(made, place)
    except FileExistsError:
        return _read_key(place) or key
    finally:
        os.unlink(made)
    folder = os.open(os.path.dirname(os.path.abspath(place)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key
