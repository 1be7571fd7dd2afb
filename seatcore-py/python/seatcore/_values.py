"""Results: frozen values that compare, hash, pickle and print.

`to_dict()` gives the same shape as the HTTP server and the command line: moments as RFC 3339
text, money as minor units and currency.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import _seatcore
from ._money import Money as Money
from ._report import Finding as Finding
from ._report import Report as Report
from ._roles import Deed as Deed
from ._roles import Role as Role
from ._seatcore import Booking as Booking
from ._seatcore import Hold as Hold
from ._value import Frozen, as_dataclass, field, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo


class SeatStatus(enum.StrEnum):
    """What everybody sees of a seat."""

    AVAILABLE = "available"
    HELD = "held"
    BOOKED = "booked"
    BLOCKED = "blocked"

    @property
    def symbol(self) -> str:
        """Its character in `SeatMap.symbols`."""
        return {"available": ".", "held": "h", "booked": "b", "blocked": "x"}[self.value]


class HoldState(enum.StrEnum):
    """What a hold is."""

    HELD = "held"
    BOOKED = "booked"
    RELEASED = "released"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


class TicketState(enum.StrEnum):
    """Whether the door lets a ticket in."""

    VALID = "valid"
    VOID = "void"


class ShowStatus(enum.StrEnum):
    """Whether a show can be bought."""

    ON_SALE = "on_sale"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EventKind(enum.StrEnum):
    """What an event tells of."""

    SHOW_OPENED = "show_opened"
    SHOW_CHANGED = "show_changed"
    SHOW_CANCELLED = "show_cancelled"
    HELD = "held"
    EXTENDED = "extended"
    BOOKED = "booked"
    RELEASED = "released"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    ARCHIVED = "archived"


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: how every face writes a moment."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@value
class Stats:
    """How many seats of a show are what."""

    available: int
    held: int
    booked: int
    blocked: int
    capacity: int

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "available": self.available,
            "held": self.held,
            "booked": self.booked,
            "blocked": self.blocked,
            "capacity": self.capacity,
        }


for _native in (Hold, Booking):
    as_dataclass(_native)


def _remaining_of(hold: Hold) -> timedelta:
    if hold.state is not HoldState.HELD or hold.expires_at is None:
        return timedelta(0)
    return max(hold.expires_at - datetime.now(UTC), timedelta(0))


def _shape_of_Hold(hold: Hold) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": hold.id,
        "show": hold.show,
        "holder": hold.holder,
        "seats": list(hold.seats),
        "state": hold.state.value,
        "expires_at": None if hold.expires_at is None else moment_text(hold.expires_at),
        "expires_in_ms": hold.expires_in_ms,
        "total": hold.total.to_dict(),
    }
    if hold.reference is not None:
        shape["reference"] = hold.reference
    return {**shape, "seq": hold.seq}


def _shape_of_Booking(booking: Booking) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": booking.id,
        "show": booking.show,
        "holder": booking.holder,
        "seats": list(booking.seats),
        "state": booking.state.value,
        "total": booking.total.to_dict(),
        "booked_at": moment_text(booking.booked_at),
    }
    if booking.reference is not None:
        shape["reference"] = booking.reference
    return {
        **shape,
        "tickets": [ticket.to_dict() for ticket in booking.tickets],
        "seq": booking.seq,
    }


@value
class Ticket:
    """One seat of a booking."""

    code: str
    """What the door scans."""
    seat: str
    state: TicketState

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {"code": self.code, "seat": self.seat, "state": self.state.value}


@value
class ShowEvent:
    """What staff did to a show."""

    show: int
    kind: EventKind
    at: datetime
    seq: int
    replayed: bool = field(default=False, compare=False, repr=False)
    remembered: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", EventKind(self.kind))

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        at = moment_text(self.at)
        return {"show": self.show, "kind": self.kind.value, "at": at, "seq": self.seq}


@value
class Seat:
    """A seat of a show."""

    seat: str
    """Its label."""
    row: str
    """The row's label, with its section."""
    number: int
    status: SeatStatus
    tier: str | None
    price: Money
    """What it costs now; in a hold of the asker, what it cost when it was held."""
    mine: bool
    """Whether the asker has it."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        shape: dict[str, Any] = {
            "seat": self.seat,
            "row": self.row,
            "number": self.number,
            "status": self.status.value,
        }
        if self.tier is not None:
            shape["tier"] = self.tier
        return {**shape, "price": self.price.to_dict(), "mine": self.mine}


@value
class Why(Seat):
    """Why a seat is as it is. For staff: it names the holder."""

    hold: Hold | None

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        shape = Seat.to_dict(self)
        return {**shape, "hold": None if self.hold is None else self.hold.to_dict()}


@value
class Event:
    """A fact in the log."""

    n: int
    """Its number in the file."""
    seq: int
    """Its number in the show, gapless from 1."""
    show: int
    at: datetime
    kind: EventKind
    seats: tuple[str, ...]
    """The seats it touched."""
    hold: str | None
    """The hold it is about."""
    holder: str | None
    """Whose that is. For staff: leave it out for others."""
    actor: str | None
    """Who asked, if that was said."""
    source: str
    """Through which face: `python`, `http`, `cli`, `rust`, or `engine` for lapses."""
    reason: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", EventKind(self.kind))

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        shape: dict[str, Any] = {
            "n": self.n,
            "seq": self.seq,
            "show": self.show,
            "at": moment_text(self.at),
            "kind": self.kind.value,
            "seats": list(self.seats),
        }
        for name in ("hold", "holder", "actor"):
            if getattr(self, name) is not None:
                shape[name] = getattr(self, name)
        shape["source"] = self.source
        if self.reason is not None:
            shape["reason"] = self.reason
        return shape


@value
class Reset:
    """A feed cannot go on where it stood: read the show's seat map, and go on from its seq."""

    show: int


@value
class Movie:
    """What is shown."""

    id: int
    title: str
    minutes: int
    description: str
    poster_url: str | None

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "id": self.id,
            "title": self.title,
            "minutes": self.minutes,
            "description": self.description,
            "poster_url": self.poster_url,
        }


@value
class Poster:
    """A movie's poster."""

    image: bytes = field(repr=False)
    media_type: str


@value
class Screen:
    """A hall."""

    id: int
    name: str
    seats: int
    """How many seats new shows get."""
    layout: str
    """The hash that names the plan of new shows; shows that exist keep theirs."""
    tz: str | None
    cleaning_s: int
    """Seconds between two shows."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        shape: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "seats": self.seats,
            "layout": self.layout,
            "cleaning_s": self.cleaning_s,
        }
        if self.tz is not None:
            shape["tz"] = self.tz
        return shape


@value
class Sales:
    """When a show may be sold."""

    opens_at: datetime
    closes_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "opens_at": moment_text(self.opens_at),
            "closes_at": moment_text(self.closes_at),
        }


@value
class Limits:
    """What one holder may hold in a show."""

    hold_life: timedelta
    """How long a hold can live, with all its extensions."""
    holds_per_holder: int
    seats_per_holder: int

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "hold_life_s": int(self.hold_life.total_seconds()),
            "holds_per_holder": self.holds_per_holder,
            "seats_per_holder": self.seats_per_holder,
        }


@value
class Show:
    """One dated showing of a movie on a screen."""

    id: int
    movie: int
    screen: int
    starts_at: datetime
    ends_at: datetime
    sales: Sales
    status: ShowStatus
    price: Money
    """Of seats without a tier."""
    tiers: Mapping[str, Money] = field(hash=False)
    """Price by tier."""
    limits: Limits
    stats: Stats
    seq: int
    layout: str
    zone: ZoneInfo | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", ShowStatus(self.status))
        object.__setattr__(self, "tiers", Frozen(self.tiers))

    def __reduce__(self) -> tuple[Any, ...]:
        parts = tuple(getattr(self, name) for name in self.__match_args__ if name != "tiers")
        return _show, (dict(self.tiers), *parts)

    @property
    def starts_local(self) -> datetime:
        """The start in the zone the engine was opened with."""
        return self.starts_at if self.zone is None else self.starts_at.astimezone(self.zone)

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "id": self.id,
            "movie": self.movie,
            "screen": self.screen,
            "starts_at": moment_text(self.starts_at),
            "ends_at": moment_text(self.ends_at),
            "sales": self.sales.to_dict(),
            "status": self.status.value,
            "price": self.price.to_dict(),
            "tiers": {name: price.to_dict() for name, price in self.tiers.items()},
            "limits": self.limits.to_dict(),
            "stats": self.stats.to_dict(),
            "seq": self.seq,
            "layout": self.layout,
        }


def _show(tiers: dict[str, Money], *parts: Any) -> Show:
    before = Show.__match_args__.index("tiers")
    every: list[Any] = [*parts[:before], tiers, *parts[before:]]
    return Show(*every)


@value
class User:
    """Somebody who may sign in."""

    id: int
    name: str
    role: Role
    disabled: bool
    """Whether they are shut out."""
    created_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))

    @property
    def holder(self) -> str:
        """What they hold seats as, on every face."""
        return f"user:{self.id}"

    def may(self, deed: Deed | str) -> bool:
        """Whether their role allows this, by the one table that every face asks."""
        return _seatcore.may(self.role, deed)

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role.value,
            "disabled": self.disabled,
            "created_at": moment_text(self.created_at),
        }


@value
class Session:
    """Somebody's stay between signing in and signing out."""

    id: str
    """Its name: no secret."""
    user: int
    created_at: datetime
    last_seen_at: datetime
    """When they were last heard of, to a minute."""
    expires_at: datetime
    """When it ends at the latest."""
    agent: str | None
    """What the browser says it is."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "id": self.id,
            "user": self.user,
            "created_at": moment_text(self.created_at),
            "last_seen_at": moment_text(self.last_seen_at),
            "expires_at": moment_text(self.expires_at),
            "agent": self.agent,
        }


@value
class SignedIn:
    """Who is signed in, and how."""

    user: User
    session: Session
    token: str = field(repr=False)
    """The secret that lets them in: for their cookie, never for a log."""

    @property
    def holder(self) -> str:
        """What they hold seats as."""
        return self.user.holder

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face: without the token."""
        shape = {"user": self.user.to_dict(), "session": self.session.to_dict()}
        return {**shape, "holder": self.holder}


@value
class LayoutRow:
    """One row of a hall's plan."""

    section: str | None
    label: str
    first: int
    """Where its first seat stands in `SeatMap.symbols`."""
    numbers: tuple[int, ...]
    aisles: tuple[int, ...]
    """The numbers that an aisle follows."""
    tiers: tuple[str | None, ...]
    """The tier of each seat."""
    x: tuple[float, ...]
    """Where each seat stands from left to right, in seat pitches."""
    y: float
    """Where the row stands from front to back."""

    @property
    def name(self) -> str:
        """The row's label, with its section."""
        return self.label if self.section is None else f"{self.section}/{self.label}"
