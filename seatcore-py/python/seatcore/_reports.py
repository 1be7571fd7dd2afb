"""What was sold, how full shows are, what is popular: folded from the log."""

from __future__ import annotations

import enum
from datetime import date as Date
from typing import Any

from ._arguments import day_of, limit_of, text_of
from ._part import Part
from ._tables import Rows
from ._value import value
from ._values import Money

_Day = tuple[int, int, int]
_Span = tuple[_Day | None, _Day | None]


class Grouping(enum.StrEnum):
    """What a line of a report stands for."""

    DAY = "day"
    SHOW = "show"
    MOVIE = "movie"
    SCREEN = "screen"


def _about(by: Grouping, slot: Date | int) -> dict[str, Any]:
    return {by.value: slot.isoformat() if isinstance(slot, Date) else slot}


@value
class RevenueLine:
    """One line of money."""

    by: Grouping | None
    """What it stands for; a total stands for everything."""
    slot: Date | int | None
    """Which: a day, or the number of a show, movie or screen."""
    name: str
    """What that is called."""
    bookings: int
    """Bookings made."""
    tickets: int
    """Tickets sold."""
    returned: int
    """Tickets given back."""
    sold: Money
    """Money taken."""
    refunded: Money
    """Money given back."""
    net: Money
    """What is left."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", None if self.by is None else Grouping(self.by))

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        about = {} if self.by is None or self.slot is None else _about(self.by, self.slot)
        return {
            **about,
            "name": self.name,
            "bookings": self.bookings,
            "tickets": self.tickets,
            "returned": self.returned,
            "sold": self.sold.to_dict(),
            "refunded": self.refunded.to_dict(),
            "net": self.net.to_dict(),
        }


@value
class Revenue:
    """What was sold and given back."""

    lines: tuple[RevenueLine, ...]
    """A line for each slot and currency."""
    totals: tuple[RevenueLine, ...]
    """A line for each currency."""

    @property
    def rows(self) -> Rows[RevenueLine]:
        """The lines, to be made a table of."""
        return Rows(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        data, totals = ([line.to_dict() for line in some] for some in (self.lines, self.totals))
        return {"data": data, "next": None, "totals": totals}


@value
class OccupancyLine:
    """Shows that are put together on one line, and their seats."""

    by: Grouping
    slot: Date | int
    """Which: a day, or the number of a show, movie or screen."""
    name: str
    """What that is called."""
    shows: int
    """How many."""
    booked: int
    held: int
    blocked: int
    capacity: int
    """All seats."""
    percent: float
    """Sold of those that are for sale, to a tenth."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", Grouping(self.by))

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            **_about(self.by, self.slot),
            "name": self.name,
            "shows": self.shows,
            "booked": self.booked,
            "held": self.held,
            "blocked": self.blocked,
            "capacity": self.capacity,
            "percent": self.percent,
        }


@value
class PopularLine:
    """A movie and how it sold."""

    rank: int
    """Its place, from 1."""
    movie: int
    title: str
    tickets: int
    """Sold and not given back."""
    shows: int
    """How many it has."""
    net: tuple[Money, ...]
    """What it took, in each currency."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "rank": self.rank,
            "movie": self.movie,
            "title": self.title,
            "tickets": self.tickets,
            "shows": self.shows,
            "net": [net.to_dict() for net in self.net],
        }


class Reports(Part):
    """The reports of an engine.

    Days are those of the zone the engine was opened with: from `start` on, until just before
    `before`. The first report reads the log from its beginning, later ones what came since.

    >>> import seatcore
    >>> engine, show = seatcore.example()
    >>> booking = engine.book(engine.hold_best(show, 3, holder="eve"))
    >>> [str(total.net) for total in engine.reports.revenue(by="movie").totals]
    ['37.50 EUR']
    >>> engine.reports.occupancy()[0].percent
    6.0
    >>> [(line.title, line.tickets) for line in engine.reports.popular()]
    [('Arrival', 3)]
    """

    __slots__ = ()

    def revenue(
        self,
        *,
        by: Grouping | str = Grouping.DAY,
        start: Date | None = None,
        before: Date | None = None,
    ) -> Revenue:
        """What was sold and given back: a sale counts on the day it was made, its return too."""
        return self._native.revenue(self._zone, text_of("by", by), _span(start, before))

    def occupancy(
        self,
        *,
        by: Grouping | str = Grouping.SHOW,
        start: Date | None = None,
        before: Date | None = None,
    ) -> Rows[OccupancyLine]:
        """How full shows are that begin on these days; cancelled ones do not count."""
        word = text_of("by", by)
        return Rows(self._native.occupancy(self._zone, word, _span(start, before)))

    def popular(
        self, *, start: Date | None = None, before: Date | None = None, limit: int = 20
    ) -> Rows[PopularLine]:
        """Movies by tickets sold on these days and not given back, the best first."""
        span = _span(start, before)
        return Rows(self._native.popular(self._zone, span, limit_of(limit)))

    @property
    def _zone(self) -> str:
        zone = self._engine._zone
        return "UTC" if zone is None else zone.key


def _span(start: object, before: object) -> _Span:
    return _day("start", start), _day("before", before)


def _day(field: str, day: object) -> _Day | None:
    if day is None:
        return None
    found = day_of(field, day)
    return found.year, found.month, found.day


# Pickles name results as callers do.
for _thing in (Grouping, RevenueLine, Revenue, OccupancyLine, PopularLine):
    _thing.__module__ = "seatcore"
