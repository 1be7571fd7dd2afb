"""The methods of the blocking engine, awaited. Written by `tests/mirror.py`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from .. import _engine as blocking
from .. import commands
from .._arguments import BookingLike, HoldLike, SeatLike, SeatsLike, ShowLike, Span
from .._seat_map import SeatMap
from .._seatcore import Command
from .._tables import Rows
from .._values import (
    Booking,
    Event,
    Hold,
    Report,
    Seat,
    Stats,
    Ticket,
    Why,
)
from ..errors import SeatUnavailable

P = ParamSpec("P")
T = TypeVar("T")


class Counter:
    """Sells seats. Made by `seatcore.open`; every method may be called from any thread."""

    sync: blocking.Engine

    if TYPE_CHECKING:

        def _run(self, call: Callable[P, T], /, *a: P.args, **k: P.kwargs) -> Awaitable[T]: ...
        def _held(self, command: Command) -> Awaitable[Hold]: ...
        def _booked(self, command: Command) -> Awaitable[Booking]: ...

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
        """Holds seats for one holder until a deadline: all are held, or none.

        At most 64 seats by label (`C5`, `stalls/A1`). `ttl` is 1 to 1800 whole seconds, counted
        from the moment it is decided. Seats that the same holder holds already move into the new
        hold. `reference` is the caller's own.

        Raises, in this order: `InvalidInput`, `NotFound` (show), `IdempotencyMismatch`,
        `ShowCancelled`, `ShowClosed`, `UnknownSeat`, `SeatUnavailable`, `LimitExceeded`.
        """
        command = commands.hold(
            show,
            seats,
            holder=holder,
            ttl=self.sync._ttl if ttl is None else ttl,
            reference=reference,
            idempotency_key=idempotency_key,
        )
        try:
            return await self._held(command)
        except SeatUnavailable as refused:
            self.sync._advise(refused, command)
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
        """Holds the best `count` seats that are left.

        Together in one row if possible, leaving no lone seat, nearest the hall's focus; only from
        one `tier`, with so many `accessible` places, and refused rather than split if `together`.
        """
        return await self._held(
            commands.hold_best(
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
        )

    async def extend(
        self,
        hold: HoldLike,
        ttl: Span,
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Gives a live hold more time: `ttl` from now, cut to the lifetime cap, never shorter."""
        return await self._held(
            commands.extend(hold, ttl, holder=holder, staff=staff, idempotency_key=idempotency_key)
        )

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
        """Books a live hold: its seats are sold, and each gets a ticket.

        With `seats` only these; the rest is released, unless `keep_rest`. With `holder` it is
        refused as `NotHolder` if the hold is somebody else's; `staff` names a member of staff.

        Raises, in this order: `InvalidInput`, `NotFound`, `IdempotencyMismatch`, `NotHolder`,
        `UnknownSeat`, `HoldExpired`, `HoldEnded`, `LimitExceeded`.
        """
        return await self._booked(
            commands.book(
                hold,
                seats=seats,
                keep_rest=keep_rest,
                reference=reference,
                holder=holder,
                staff=staff,
                idempotency_key=idempotency_key,
            )
        )

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
        return await self._held(
            commands.release(
                hold, seats=seats, holder=holder, staff=staff, idempotency_key=idempotency_key
            )
        )

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
        return await self._booked(
            commands.cancel(
                booking, reason=reason, holder=holder, staff=staff, idempotency_key=idempotency_key
            )
        )

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
        return await self._held(
            commands.block(
                show,
                seats,
                reason=reason,
                force=force,
                staff=staff,
                idempotency_key=idempotency_key,
            )
        )

    async def unblock(
        self,
        show: ShowLike,
        seats: SeatsLike,
        *,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Puts blocked seats on sale again."""
        return await self._held(
            commands.unblock(show, seats, staff=staff, idempotency_key=idempotency_key)
        )

    async def seat_map(self, show: ShowLike) -> SeatMap:
        """A show's seats as of now: from memory, while nothing changed."""
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
        """Why a seat is as it is, with the hold that has it. For staff: it names the holder."""
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
        return await self._run(
            self.sync.bookings, show=show, holder=holder, before=before, limit=limit
        )

    async def ticket(self, code: str) -> tuple[Booking, Ticket]:
        """The booking of a ticket, and which of its tickets it is. Forgives typing."""
        return await self._run(self.sync.ticket, code)

    async def history(
        self, show: ShowLike, *, before: int | None = None, limit: int = 200
    ) -> Rows[Event]:
        """A show's events, newest first, from before the record numbered `before`."""
        return await self._run(self.sync.history, show, before=before, limit=limit)

    async def verify(self, *, show: ShowLike | None = None, new: bool = False) -> Report:
        """Refolds the log and compares everything that is kept besides it; others go on.

        Of one `show`, from its first record on; or of what is `new` since the last run that found
        nothing, with the shows it is about; else of all.
        """
        return await self._run(self.sync.verify, show=show, new=new)

    async def check(self) -> list[str]:
        """The store's own check of its file; an empty list is good news."""
        return await self._run(self.sync.check)

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes a consistent copy while everybody goes on; the path must not exist."""
        await self._run(self.sync.backup, path)

    async def sweep(self) -> int:
        """Publishes every lapse that is due; answers how many. Correctness never needs it."""
        return await self._run(self.sync.sweep)

    async def position(self) -> tuple[str, int]:
        """The id of the file's history, and the number of its newest record."""
        return await self._run(self.sync.position)
