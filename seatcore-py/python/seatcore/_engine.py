"""The engine."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _guard, _seatcore, commands
from ._arguments import (
    BookingLike,
    HoldLike,
    SeatLike,
    SeatsLike,
    ShowLike,
    Span,
    booking_of,
    hold_of,
    invalid,
    label_of,
    labels_of,
    lifetime_of,
    limit_of,
    path_of,
    show_of,
    some_natural,
    some_text,
    steps_of,
    text_of,
)
from ._catalogue import Movies, Screens, Shows, plan_from
from ._events import Events
from ._seat_map import Plan, SeatMap
from ._seatcore import Command
from ._tables import Rows
from ._users import Users
from ._values import (
    Booking,
    Event,
    Hold,
    Report,
    Seat,
    ShowEvent,
    ShowStatus,
    Stats,
    Ticket,
    Why,
)
from .errors import SeatcoreError, SeatUnavailable

if TYPE_CHECKING:
    from types import TracebackType
    from zoneinfo import ZoneInfo

# Quoted: the stub of the native half, which this module imports, reads it too.
Outcome: TypeAlias = "Hold | Booking | ShowEvent"
TTL_DEFAULT_S = _seatcore.ttl()[1]
_TTL_DEFAULT = timedelta(seconds=TTL_DEFAULT_S)


class Engine:
    """Sells seats. Made by `seatcore.open`; every method may be called from any thread.

    Commands of threads that call at the same time share one durable commit, and none holds the
    interpreter while it waits.
    """

    __slots__ = (
        "__weakref__",
        "_finalizer",
        "_native",
        "_plans",
        "_ttl",
        "_zone",
        "api_keys",
        "movies",
        "path",
        "reports",
        "screens",
        "shows",
        "users",
    )

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tz: str = "UTC",
        hold_ttl: Span = TTL_DEFAULT_S,
        create: bool = True,
        read_only: bool = False,
        sweep: bool = True,
        seed: int | None = None,
    ) -> None:
        self._zone = _zone(text_of("tz", tz))
        life = timedelta(milliseconds=lifetime_of("hold_ttl", hold_ttl))
        self._ttl: Span | None = None if life == _TTL_DEFAULT else life
        self._plans: dict[str, Plan] = {}
        seed = some_natural("seed", seed)
        self.path: str = path_of(path)
        """The file, or `:memory:`."""
        file = None
        _guard.check_fork()
        if self.path == ":memory:" and not read_only:
            self._native = _seatcore.open(None, create, False, sweep, seed)
        elif self.path == ":memory:":
            raise invalid("read_only", "needs a file: there is nothing to read in memory")
        elif self.path.startswith(("postgresql://", "postgres://")):
            raise invalid("path", "names a PostgreSQL database: this build has SQLite only")
        else:
            _guard.check(self.path)
            self._native = _seatcore.open(self.path, create, read_only, sweep, seed)
            file = _guard.register(self.path)
        _guard.engine_opened(self._native)
        # Also runs before the interpreter ends, while everything is still there.
        self._finalizer = weakref.finalize(self, _close, self._native, file)
        self.movies = Movies(self)
        """The movies: `create`, `get`, `list`, `edit`, `remove`, posters."""
        self.screens = Screens(self)
        """The halls: `create`, `get`, `list`, `edit`, `remove`, layouts."""
        self.shows = Shows(self)
        """The shows: `create`, `get`, `list`, `change`, `cancel`."""
        self.users = Users(self)
        """Who may sign in: `create`, `sign_in`, `authenticate`, roles, sessions."""
        from ._api_keys import ApiKeys
        from ._reports import Reports

        self.api_keys = ApiKeys(self)
        """What machines ask a server by: `create`, `list`, `revoke`, `authenticate`."""
        self.reports = Reports(self)
        """What was sold and how full shows are: `revenue`, `occupancy`, `popular`."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<seatcore.Engine {self.path!r}{' (closed)' if self.closed else ''}>"

    def __reduce__(self) -> Any:
        raise TypeError(f"an engine cannot be pickled or copied: open {self.path!r} over there")

    @property
    def closed(self) -> bool:
        """Whether it was closed, or belongs to the parent of this process."""
        return self._native.closed

    def close(self) -> None:
        """Answers what is queued, waits for calls that run, and lets go of the file."""
        self._finalizer()

    # Commands.

    def hold(
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
            ttl=self._ttl if ttl is None else ttl,
            reference=reference,
            idempotency_key=idempotency_key,
        )
        try:
            return self._held(command)
        except SeatUnavailable as refused:
            self._advise(refused, command)
            raise

    def hold_best(
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
        return self._held(
            commands.hold_best(
                show,
                count,
                holder=holder,
                tier=tier,
                accessible=accessible,
                together=together,
                ttl=self._ttl if ttl is None else ttl,
                reference=reference,
                idempotency_key=idempotency_key,
            )
        )

    def extend(
        self,
        hold: HoldLike,
        ttl: Span,
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Gives a live hold more time: `ttl` from now, cut to the lifetime cap, never shorter."""
        return self._held(
            commands.extend(hold, ttl, holder=holder, staff=staff, idempotency_key=idempotency_key)
        )

    def book(
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
        return self._booked(
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

    def release(
        self,
        hold: HoldLike,
        *,
        seats: SeatsLike | None = None,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Gives held seats back, all or some."""
        return self._held(
            commands.release(
                hold, seats=seats, holder=holder, staff=staff, idempotency_key=idempotency_key
            )
        )

    def cancel(
        self,
        booking: BookingLike,
        *,
        reason: str | None = None,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Booking:
        """Undoes a booking: its seats are free again, its tickets void."""
        return self._booked(
            commands.cancel(
                booking, reason=reason, holder=holder, staff=staff, idempotency_key=idempotency_key
            )
        )

    def block(
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
        return self._held(
            commands.block(
                show,
                seats,
                reason=reason,
                force=force,
                staff=staff,
                idempotency_key=idempotency_key,
            )
        )

    def unblock(
        self,
        show: ShowLike,
        seats: SeatsLike,
        *,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Puts blocked seats on sale again."""
        return self._held(
            commands.unblock(show, seats, staff=staff, idempotency_key=idempotency_key)
        )

    def batch(
        self,
        steps: Iterable[Command],
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Several commands, over one or many shows: all or none, in this order.

        Later commands see earlier ones: a swap is a release and a hold, and `book("@1")` books the
        hold that command 1 makes. At most 256 commands and 1,024 seats. A refusal is the failing
        command's own, with its index as `culprit`. Keys of single commands are ignored.
        """
        asked, key = steps_of(steps), some_text("idempotency_key", idempotency_key)
        who = some_text("holder", holder), some_text("staff", staff)
        pending = self._native.submit_batch(asked, *who, key)
        try:
            outcomes: tuple[Outcome, ...] = pending.wait()
        except SeatUnavailable as refused:
            self._advise(refused, asked[refused.culprit or 0])
            raise
        return outcomes

    def each(self, steps: Iterable[Command]) -> list[Outcome | SeatcoreError]:
        """Many independent commands at once: far faster than one call after the other.

        They share commits. Answers stand in the order asked; what was refused stands there as the
        exception that a single call would have raised.
        """
        asked = steps_of(steps)
        answers: list[Outcome | SeatcoreError] = self._native.each(asked)
        self._advise_all(answers, asked)
        return answers

    def _advise(self, refused: SeatUnavailable, command: Command) -> None:
        """Lets a refusal of seats say what else there is, once somebody asks."""
        if command.asked is not None:
            refused._advise = partial(self.alternatives, *command.asked)

    def _advise_all(self, answers: list[Outcome | SeatcoreError], commands: list[Command]) -> None:
        for answer, command in zip(answers, commands, strict=True):
            if isinstance(answer, SeatUnavailable):
                self._advise(answer, command)

    def _held(self, command: Command) -> Hold:
        hold: Hold = self._native.ask(command)
        return hold

    def _booked(self, command: Command) -> Booking:
        booking: Booking = self._native.ask(command)
        return booking

    # Questions.

    def seat_map(self, show: ShowLike) -> SeatMap:
        """A show's seats as of now: from memory, while nothing changed."""
        number, seq, layout, symbols, stats, status, until, etag = self._native.seat_map(
            show_of(show)
        )
        plan = self._plan(layout)
        return SeatMap(number, seq, layout, symbols, stats, ShowStatus(status), until, etag, plan)

    def stats(self, show: ShowLike) -> Stats:
        """How many seats of a show are what."""
        return self._native.stats(show_of(show))

    def seats(self, show: ShowLike, *, holder: str | None = None) -> Rows[Seat]:
        """Every seat of a show; `holder` marks what is theirs."""
        return Rows(self._native.seats(show_of(show), some_text("holder", holder)))

    def seat(self, show: ShowLike, seat: SeatLike) -> Seat:
        """One seat of a show."""
        why = self.why(show, seat)
        return Seat(why.seat, why.row, why.number, why.status, why.tier, why.price, why.mine)

    def why(self, show: ShowLike, seat: SeatLike) -> Why:
        """Why a seat is as it is, with the hold that has it. For staff: it names the holder."""
        return self._native.why(show_of(show), label_of("seat", seat))

    def alternatives(self, show: ShowLike, seats: SeatsLike) -> tuple[tuple[str, ...], ...]:
        """Up to three placements of as many seats, nearest to those asked for first."""
        found = self._native.alternatives(show_of(show), labels_of(seats))
        return tuple(tuple(placement) for placement in found)

    def find_hold(self, hold: HoldLike) -> Hold:
        """A hold by its id; ended ones are known for a day."""
        return self._native.hold(hold_of(hold))

    def holds(self, *, holder: str | None = None, show: ShowLike | None = None) -> Rows[Hold]:
        """The live holds of one holder, or of everybody; in one show, or in all."""
        number = None if show is None else show_of(show)
        return Rows(self._native.holds(some_text("holder", holder), number))

    def booking(self, booking: BookingLike) -> Booking:
        """A booking by its id."""
        return self._native.booking(booking_of("booking", booking))

    def bookings(
        self,
        *,
        show: ShowLike | None = None,
        holder: str | None = None,
        before: BookingLike | None = None,
        limit: int = 200,
    ) -> Rows[Booking]:
        """Bookings, newest first; `before` goes on where the last page ended."""
        number = None if show is None else show_of(show)
        older = None if before is None else booking_of("before", before)
        whose = some_text("holder", holder)
        return Rows(self._native.bookings(number, whose, older, limit_of(limit)))

    def ticket(self, code: str) -> tuple[Booking, Ticket]:
        """The booking of a ticket, and which of its tickets it is. Forgives typing."""
        return self._native.ticket(text_of("code", code))

    def history(
        self, show: ShowLike, *, before: int | None = None, limit: int = 200
    ) -> Rows[Event]:
        """A show's events, newest first, from before the record numbered `before`."""
        older = some_natural("before", before)
        return Rows(self._native.history(show_of(show), older, limit_of(limit)))

    def events(
        self,
        shows: ShowLike | Iterable[ShowLike] | None = None,
        *,
        after: str | None = None,
        from_start: bool = False,
        timeout: Span | None = None,
    ) -> Events:
        """Committed events in order, as they come: `for event in engine.events(show): ...`

        Of these shows, or of all there are. From now on; behind the cursor `after`, which an
        earlier loop's `cursor` gave, of its shows if none are named, and of a show that it does
        not know from the first on; or `from_start`. Ends when the engine closes, or when nothing
        came for `timeout`.
        """
        return Events(self, self._feed(shows, after, from_start), timeout)

    def _feed(
        self,
        shows: ShowLike | Iterable[ShowLike] | None,
        after: str | None,
        from_start: bool,
    ) -> _seatcore.Feed:
        if shows is None:
            numbers = [] if after is not None else [show.id for show in self.shows]
        elif isinstance(shows, Iterable):
            numbers = [show_of(show) for show in shows]
        else:
            numbers = [show_of(shows)]
        return self._native.feed(numbers, some_text("after", after), from_start)

    def verify(self, *, show: ShowLike | None = None, new: bool = False) -> Report:
        """Refolds the log and compares everything that is kept besides it; others go on.

        Of one `show`, from its first record on; or of what is `new` since the last run that found
        nothing, with the shows it is about; else of all.
        """
        if show is not None and new:
            raise invalid("new", "says nothing of one show, which is read from its first record on")
        return self._native.verify(None if show is None else show_of(show), new)

    def check(self) -> list[str]:
        """The store's own check of its file; an empty list is good news."""
        return self._native.check()

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes a consistent copy while everybody goes on; the path must not exist."""
        self._native.backup(path_of(path))

    def sweep(self) -> int:
        """Publishes every lapse that is due; answers how many. Correctness never needs it."""
        return self._native.sweep()

    def position(self) -> tuple[str, int]:
        """The id of the file's history, and the number of its newest record."""
        return self._native.position()

    def now(self) -> datetime:
        """What the engine takes for now."""
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self._native.now())

    def _plan(self, layout: str) -> Plan:
        plan = self._plans.get(layout)
        if plan is None:
            plan = self._plans[layout] = plan_from(self._native, layout)
        return plan

    def _zone_or_utc(self) -> tzinfo:
        return UTC if self._zone is None else self._zone


def _zone(tz: str) -> ZoneInfo | None:
    if tz == "UTC":
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(tz)
    except (LookupError, ValueError, OSError) as error:
        raise invalid("tz", f"is no time zone: {tz}", "such as 'Europe/Berlin'") from error


def _close(native: _seatcore.Engine, file: _guard.OpenFile | None) -> None:
    native.close()
    _guard.engine_closed(native)
    # A forked child must remember what its parent had open.
    if file is not None and file.pid == os.getpid():
        _guard.unregister(file)
