"""What an argument may be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ._value import value


@value
class Range:
    """What an argument may be, both ends included."""

    min: int | datetime
    max: int | datetime
    unit: str
    """What the numbers count: `seats`, `seconds`, `characters`, `amount_minor` …, or `moment`."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {"min": _told(self.min), "max": _told(self.max), "unit": self.unit}


def _told(end: int | datetime) -> int | str:
    if isinstance(end, datetime):
        return end.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return end
