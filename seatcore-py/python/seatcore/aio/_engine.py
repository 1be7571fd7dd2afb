"""The engine for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from .. import _engine as blocking
from .. import commands
from .._arguments import BookingLike, HoldLike, SeatLike, SeatsLike, ShowLike, Span
from .._engine import Outcome
from .._seat_map import SeatMap
from .._seatcore import Command
from .._tables import Rows
from .._values import Booking, Event, Hold, Report, Seat, Stats, Ticket, Why
from ..errors import EngineClosed, SeatcoreError, SeatUnavailable
from ._catalogue import Movies, Screens, Shows
from ._desk import Desk
from ._events import Events

if TYPE_CHECKING:
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")

# Threads for questions that read tables: SQLite readers, not commands.
_THREADS = 4


class Opening:
    """`await open(…)`, or `async with open(…) as engine`."""

    def __init__(self, make: Callable[[], blocking.Engine]) -> None:
        self._make = make
        self._engine: Engine | None = None

    def __await__(self) -> Generator[Any, None, Engine]:
        return self._open().__await__()

    async def _open(self) -> Engine:
        self._engine = Engine(await asyncio.to_thread(self._make))
        return self._engine

    async def __aenter__(self) -> Engine:
        return await self._open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._engine is not None:
            await self._engine.close()


def open(
    path: str | os.PathLike[str] = ":memory:",
    *,
    tz: str = "UTC",
    hold_ttl: Span = blocking.TTL_DEFAULT_S,
    create: bool = True,
    sweep: bool = True,
    seed: int | None = None,
) -> Opening:
    """Opens an engine as `seatcore.open` does: await it, or use it in `async with`."""
    return Opening(
        lambda: blocking.Engine(
            path, tz=tz, hold_ttl=hold_ttl, create=create, sweep=sweep, seed=seed
        )
    )


class Engine:
    """Sells seats, for asyncio. Each method is `seatcore.Engine`'s of the same name, awaited."""

    def __init__(self, engine: blocking.Engine) -> None:
        self.sync = engine
        """The blocking engine underneath: the same file, the same commits."""
        self.movies = Movies(self)
        self.screens = Screens(self)
        self.shows = Shows(self)
        self._desks: dict[asyncio.AbstractEventLoop, Desk] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="seatcore-questions")

    def __repr__(self) -> str:
        return f"<seatcore.aio.Engine {self.path!r}{' (closed)' if self.closed else ''}>"

    def __reduce__(self) -> Any:
        return self.sync.__reduce__()

    @property
    def path(self) -> str:
        """The file, or `:memory:`."""
        return self.sync.path

    @property
    def closed(self) -> bool:
        """Whether it was closed, or belongs to the parent of this process."""
        return self.sync.closed

    async def close(self) -> None:
        """Answers what is queued, waits for calls that run, and lets go of the file."""
        await asyncio.to_thread(self.sync.close)
        for loop, desk in list(self._desks.items()):
            if loop is asyncio.get_running_loop():
                desk.close()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(desk.close)
        self._desks.clear()
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _desk(self) -> Desk:
        loop = asyncio.get_running_loop()
        desk = self._desks.get(loop)
        if desk is None:
            for old in [one for one in self._desks if one.is_closed()]:
                del self._desks[old]
            desk = self._desks[loop] = Desk(loop)
        return desk

    def _ask(self, command: Command) -> asyncio.Future[Any]:
        return self._desk().ask(self.sync._native.submit(command))

    async def _run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        if self._pool._shutdown:
            raise EngineClosed("this engine is closed")
        return await loop.run_in_executor(self._pool, lambda: call(*args, **kwargs))

    async def hold(
        self,
        show: ShowLike,
        seats: SeatsLike,
        *,
        holder: str,
        ttl: Span | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Holds seats for one holder until a deadline: all are held, or none."""
        command = commands.hold(
            show,
            seats,
            holder=holder,
            ttl=self.sync._ttl if ttl is None else ttl,
            reference=reference,
            idempotency_key=idempotency_key,
        )
        try:
            return cast(Hold, await self._ask(command))
        except SeatUnavailable as refused:
            refused._advise = lambda: self.sync.alternatives(show, seats)
            raise

    async def hold_best(
        self,
        show: ShowLike,
        count: int,
        *,
        holder: str,
        tier: str | None = None,
        accessible: int = 0,
        together: bool = False,
        ttl: Span | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Holds the best `count` seats that are left."""
        command = commands.hold_best(
            show,
            count,
            holder=holder,
            tier=tier,
            accessible=accessible,
            together=together,
            ttl=self.sync._ttl if ttl is None else ttl,
            reference=reference,
            idempotency_key=idempotency_key,
        )
        return cast(Hold, await self._ask(command))

    async def extend(
        self,
        hold: HoldLike,
        ttl: Span,
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Gives a live hold more time."""
        command = commands.extend(
            hold, ttl, holder=holder, staff=staff, idempotency_key=idempotency_key
        )
        return cast(Hold, await self._ask(command))

    async def book(
        self,
        hold: HoldLike,
        *,
        seats: SeatsLike | None = None,
        keep_rest: bool = False,
        reference: str | None = None,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Booking:
        """Books a live hold: its seats are sold, and each gets a ticket."""
        command = commands.book(
            hold,
            seats=seats,
            keep_rest=keep_rest,
            reference=reference,
            holder=holder,
            staff=staff,
            idempotency_key=idempotency_key,
        )
        return cast(Booking, await self._ask(command))

    async def release(
        self,
        hold: HoldLike,
        *,
        seats: SeatsLike | None = None,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Gives held seats back, all or some."""
        command = commands.release(
            hold, seats=seats, holder=holder, staff=staff, idempotency_key=idempotency_key
        )
        return cast(Hold, await self._ask(command))

    async def cancel(
        self,
        booking: BookingLike,
        *,
        reason: str | None = None,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Booking:
        """Undoes a booking: its seats are free again, its tickets void."""
        command = commands.cancel(
            booking, reason=reason, holder=holder, staff=staff, idempotency_key=idempotency_key
        )
        return cast(Booking, await self._ask(command))

    async def block(
        self,
        show: ShowLike,
        seats: SeatsLike,
        *,
        reason: str | None = None,
        force: bool = False,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Takes seats off sale; with `force` also out of live holds."""
        command = commands.block(
            show, seats, reason=reason, force=force, staff=staff, idempotency_key=idempotency_key
        )
        return cast(Hold, await self._ask(command))

    async def unblock(
        self,
        show: ShowLike,
        seats: SeatsLike,
        *,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Puts blocked seats on sale again."""
        command = commands.unblock(show, seats, staff=staff, idempotency_key=idempotency_key)
        return cast(Hold, await self._ask(command))

    async def batch(
        self,
        steps: Iterable[Command],
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Several commands, over one or many shows: all or none, in this order."""
        native = self.sync._native
        pending = native.submit_batch(list(steps), holder, staff, idempotency_key)
        return cast(tuple[Outcome, ...], await self._desk().ask(pending))

    async def each(self, steps: Iterable[Command]) -> list[Outcome | SeatcoreError]:
        """Many independent commands at once; a refusal stands in its place as an exception."""
        answers = [self._ask(command) for command in steps]
        done = await asyncio.gather(*answers, return_exceptions=True)
        return cast(list[Outcome | SeatcoreError], done)

    async def seat_map(self, show: ShowLike) -> SeatMap:
        """A show's seats as of now."""
        return await self._run(self.sync.seat_map, show)

    async def stats(self, show: ShowLike) -> Stats:
        """How many seats of a show are what."""
        return await self._run(self.sync.stats, show)

    async def seats(self, show: ShowLike, *, holder: str | None = None) -> Rows[Seat]:
        """Every seat of a show; `holder` marks what is theirs."""
        return await self._run(self.sync.seats, show, holder=holder)

    async def seat(self, show: ShowLike, seat: SeatLike) -> Seat:
        """One seat of a show."""
        return await self._run(self.sync.seat, show, seat)

    async def why(self, show: ShowLike, seat: SeatLike) -> Why:
        """Why a seat is as it is, with the hold that has it."""
        return await self._run(self.sync.why, show, seat)

    async def alternatives(self, show: ShowLike, seats: SeatsLike) -> tuple[tuple[str, ...], ...]:
        """Up to three placements of as many seats, nearest to those asked for first."""
        return await self._run(self.sync.alternatives, show, seats)

    async def find_hold(self, hold: HoldLike) -> Hold:
        """A hold by its id; ended ones are known for a day."""
        return await self._run(self.sync.find_hold, hold)

    async def holds(self, *, holder: str | None = None, show: ShowLike | None = None) -> Rows[Hold]:
        """The live holds of one holder, or of everybody; in one show, or in all."""
        return await self._run(self.sync.holds, holder=holder, show=show)

    async def booking(self, booking: BookingLike) -> Booking:
        """A booking by its id."""
        return await self._run(self.sync.booking, booking)

    async def bookings(
        self,
        *,
        show: ShowLike | None = None,
        holder: str | None = None,
        before: BookingLike | None = None,
        limit: int = 200,
    ) -> Rows[Booking]:
        """Bookings, newest first; `before` goes on where the last page ended."""
        call = self.sync.bookings
        return await self._run(call, show=show, holder=holder, before=before, limit=limit)

    async def ticket(self, code: str) -> tuple[Booking, Ticket]:
        """The booking of a ticket, and which of its tickets it is."""
        return await self._run(self.sync.ticket, code)

    async def history(
        self, show: ShowLike, *, before: int | None = None, limit: int = 200
    ) -> Rows[Event]:
        """A show's events, newest first, from before the record numbered `before`."""
        return await self._run(self.sync.history, show, before=before, limit=limit)

    def events(
        self,
        shows: ShowLike | Iterable[ShowLike] | None = None,
        *,
        after: str | None = None,
        from_start: bool = False,
        timeout: Span | None = None,
    ) -> Events:
        """Committed events in order: `async for event in engine.events(show): ...`"""
        return Events(self, shows, after, from_start, timeout)

    async def verify(self) -> Report:
        """Refolds the log and compares everything that is kept besides it; others go on."""
        return await self._run(self.sync.verify)

    async def check(self) -> list[str]:
        """The store's own check of its file; an empty list is good news."""
        return await self._run(self.sync.check)

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes a consistent copy while everybody goes on; the path must not exist."""
        await self._run(self.sync.backup, path)

    async def sweep(self) -> int:
        """Publishes every lapse that is due; answers how many."""
        return await self._run(self.sync.sweep)

    async def position(self) -> tuple[str, int]:
        """The id of the file's history, and the number of its newest record."""
        return await self._run(self.sync.position)

    def now(self) -> datetime:
        """What the engine takes for now."""
        return self.sync.now()
