"""An embeddable seat-booking engine: never sells a seat twice, survives power loss, and answers a
retry with the same words.

>>> import seatcore
>>> from datetime import datetime, timedelta, UTC
>>> eng = seatcore.open(":memory:", tz="Europe/Berlin")
>>> hall = eng.screens.create("Main Hall", rows="A-E", seats_per_row=10)
>>> film = eng.movies.create("Arrival", minutes=116)
>>> starts = datetime.now(UTC) + timedelta(days=2)
>>> show = eng.shows.create(film, hall, starts=starts, price="12.50 EUR")
>>> eng.stats(show)
Stats(available=50, held=0, booked=0, blocked=0, capacity=50)
>>> hold = eng.hold(show, ["C5", "C6"], holder="ada")
>>> hold.seats, hold.total.amount
(('C5', 'C6'), Decimal('25.00'))
>>> hold.remaining <= timedelta(minutes=10)
True
>>> try:
...     eng.hold(show, ["C6", "C7"], holder="bob")
... except seatcore.SeatUnavailable as e:
...     print(e.code, e.seats, e.alternatives[0])
seat_held ('C6',) ('C7', 'C8')
>>> booking = eng.book(hold, idempotency_key="order-17")
>>> booking == eng.book(hold, idempotency_key="order-17")     # safe retry
True
>>> eng.seat(show, "C5").status is seatcore.SeatStatus.BOOKED
True
>>> booking.tickets[0].seat
'C5'
>>> print(eng.seat_map(show).row("C"))
C  □ □ □ □ ■ ■ □ □ □ □
>>> eng.close()
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import _seatcore, commands
from ._arguments import Span
from ._engine import TTL_DEFAULT_S, Engine
from ._events import Events
from ._range import Range
from ._seat_map import SeatMap
from ._seatcore import Command
from ._tables import Rows
from ._values import (
    Booking,
    Deed,
    Event,
    EventKind,
    Finding,
    Hold,
    HoldState,
    LayoutRow,
    Limits,
    Money,
    Movie,
    Poster,
    Report,
    Reset,
    Role,
    Sales,
    Screen,
    Seat,
    SeatStatus,
    Session,
    Show,
    ShowEvent,
    ShowStatus,
    SignedIn,
    Stats,
    Ticket,
    TicketState,
    User,
    Why,
)
from .errors import (
    Busy,
    CorruptError,
    EngineClosed,
    EngineForked,
    FileShared,
    HoldEnded,
    HoldExpired,
    IdempotencyMismatch,
    InternalError,
    InUse,
    InvalidInput,
    LastManager,
    LimitExceeded,
    NameTaken,
    NotAllowed,
    NotFound,
    NotHolder,
    NotSignedIn,
    OutcomeUnknown,
    Overlap,
    Rejected,
    RolledBack,
    SeatcoreError,
    SeatUnavailable,
    ShowCancelled,
    ShowClosed,
    Stale,
    StorageError,
    UnknownSeat,
)
from .keys import kept_key, new_key, retry

if TYPE_CHECKING:
    from . import aio
    from ._api_keys import ApiKey, MintedKey, Scope
    from ._reports import Grouping, OccupancyLine, PopularLine, Revenue, RevenueLine

if not _seatcore.claim(id(sys.modules)):
    raise ImportError("seatcore cannot be used in more than one interpreter of a process")

__version__ = _seatcore.version()


def open(
    path: str | os.PathLike[str] = ":memory:",
    *,
    tz: str = "UTC",
    hold_ttl: Span = TTL_DEFAULT_S,
    create: bool = True,
    read_only: bool = False,
    sweep: bool = True,
    seed: int | None = None,
) -> Engine:
    """Opens an engine on a file, or one in memory whose log is gone when it is closed.

    A file that does not exist is made, unless `create=False`. `tz` is the venue's time zone, for
    dates in questions. `hold_ttl` is the life of holds that do not say their own. `read_only` is
    for auditors and mounted backups, also where neither the file nor its folder can be written:
    every command is refused as `StorageError`. `sweep=False` leaves it to others to publish lapsed
    holds; seats are free at their deadline either way. With a `seed` hold ids repeat: for tests.

    Any number of processes may open one file. Within a process, open it once and share it; do not
    open it with `sqlite3`, and open it after a fork, not before.
    """
    return Engine(
        path,
        tz=tz,
        hold_ttl=hold_ttl,
        create=create,
        read_only=read_only,
        sweep=sweep,
        seed=seed,
    )


def example() -> tuple[Engine, Show]:
    """An engine in memory with one film in one hall, five rows of ten, in two days, 12.50 EUR.

    For trying things out:

    >>> import seatcore
    >>> engine, show = seatcore.example()
    >>> engine.hold_best(show, 3, holder="eve").seats
    ('D4', 'D5', 'D6')
    """
    engine = open()
    film = engine.movies.create("Arrival", minutes=116)
    hall = engine.screens.create("Main Hall", rows="A-E", seats_per_row=10)
    starts = datetime.now(UTC) + timedelta(days=2)
    return engine, engine.shows.create(film, hall, starts=starts, price="12.50 EUR")


# Imported when first used: asyncio, which is large, and what most programs do without.
_LATE = {
    "ApiKey": "_api_keys",
    "Grouping": "_reports",
    "MintedKey": "_api_keys",
    "OccupancyLine": "_reports",
    "PopularLine": "_reports",
    "Revenue": "_reports",
    "RevenueLine": "_reports",
    "Scope": "_api_keys",
}


def __getattr__(name: str) -> Any:
    if name != "aio" and name not in _LATE:
        raise AttributeError(f"module 'seatcore' has no attribute {name!r}")
    import importlib

    if name == "aio":
        return importlib.import_module("seatcore.aio")
    return getattr(importlib.import_module(f"seatcore.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "ApiKey",
    "Booking",
    "Busy",
    "Command",
    "CorruptError",
    "Deed",
    "Engine",
    "EngineClosed",
    "EngineForked",
    "Event",
    "EventKind",
    "Events",
    "FileShared",
    "Finding",
    "Grouping",
    "Hold",
    "HoldEnded",
    "HoldExpired",
    "HoldState",
    "IdempotencyMismatch",
    "InUse",
    "InternalError",
    "InvalidInput",
    "LastManager",
    "LayoutRow",
    "LimitExceeded",
    "Limits",
    "MintedKey",
    "Money",
    "Movie",
    "NameTaken",
    "NotAllowed",
    "NotFound",
    "NotHolder",
    "NotSignedIn",
    "OccupancyLine",
    "OutcomeUnknown",
    "Overlap",
    "PopularLine",
    "Poster",
    "Range",
    "Rejected",
    "Report",
    "Reset",
    "Revenue",
    "RevenueLine",
    "Role",
    "RolledBack",
    "Rows",
    "Sales",
    "Scope",
    "Screen",
    "Seat",
    "SeatMap",
    "SeatStatus",
    "SeatUnavailable",
    "SeatcoreError",
    "Session",
    "Show",
    "ShowCancelled",
    "ShowClosed",
    "ShowEvent",
    "ShowStatus",
    "SignedIn",
    "Stale",
    "Stats",
    "StorageError",
    "Ticket",
    "TicketState",
    "UnknownSeat",
    "User",
    "Why",
    "aio",
    "commands",
    "example",
    "kept_key",
    "new_key",
    "open",
    "retry",
]

_PRIVATE = (
    "seatcore.errors",
    "seatcore._range",
    "seatcore._report",
    "seatcore._roles",
    "seatcore._seat_map",
    "seatcore._tables",
    "seatcore._money",
    "seatcore._values",
)
# Tracebacks and pickles name exceptions and results as callers do.
for _thing in [globals().get(_name) for _name in __all__]:
    if getattr(_thing, "__module__", "") in _PRIVATE:
        _thing.__module__ = "seatcore"
