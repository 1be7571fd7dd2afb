"""What `Engine.verify` finds."""

from __future__ import annotations

from typing import Any

from ._value import value


@value
class Finding:
    """A contradiction between the log and what is kept besides it."""

    show: int | None
    n: int | None
    what: str

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {"show": self.show, "n": self.n, "what": self.what}


@value
class Report:
    """What `Engine.verify` looked at, and what contradicts the log."""

    records: int
    skipped: int
    shows: int
    bookings: int
    tickets: int
    sold: int
    stopped: tuple[tuple[int, str], ...]
    """Shows that a failed proof stopped, and why."""
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether everything agrees and every show sells: no findings, no show stopped."""
        return not self.findings and not self.stopped

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "records": self.records,
            "skipped": self.skipped,
            "shows": self.shows,
            "bookings": self.bookings,
            "tickets": self.tickets,
            "sold": self.sold,
            "stopped": [{"show": show, "reason": reason} for show, reason in self.stopped],
            "findings": [finding.to_dict() for finding in self.findings],
        }
