"""A slow and obvious box office judges the engine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import seatcore
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from seatcore import commands

from conftest import open_show

SEATS = [f"{row}{number}" for row in "AB" for number in range(1, 6)]
PEOPLE = ["ada", "bob", "eve"]
some_seats = st.lists(st.sampled_from(SEATS), min_size=1, max_size=4, unique=True)
people = st.sampled_from(PEOPLE)


class BoxOffice(RuleBasedStateMachine):
    """Holds and bookings on one show; `taken` says who has which seat, and how."""

    holds = Bundle("holds")
    bookings = Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "model.db"
        self.engine = seatcore.open(self.path)
        self.show = open_show(self.engine, "A-B:5").id
        self.taken: dict[str, tuple[str, str, str]] = {}
        self.keys: dict[str, seatcore.Hold] = {}

    @initialize(seats=some_seats)
    def block(self, seats: list[str]) -> None:
        block = self.engine.block(self.show, seats)
        self.taken.update(dict.fromkeys(seats, ("blocked", "staff", block.id)))

    def fault(self, seat: str, holder: str) -> str | None:
        state, owner, _ = self.taken.get(seat, ("available", holder, ""))
        return (
            None if state == "available" or (state, owner) == ("held", holder) else f"seat_{state}"
        )

    @rule(target=holds, seats=some_seats, holder=people)
    def hold(self, seats: list[str], holder: str) -> object:
        faults = [(seat, fault) for seat in seats if (fault := self.fault(seat, holder))]
        try:
            hold = self.engine.hold(self.show, seats, holder=holder)
        except seatcore.SeatUnavailable as error:
            assert error.conflicts == tuple(faults) != ()
            return multiple()
        assert faults == []
        assert hold.seats == tuple(sorted(seats))
        self.taken.update(dict.fromkeys(seats, ("held", holder, hold.id)))
        return hold

    def seats_of(self, id: str) -> list[str]:
        return sorted(seat for seat, (_, _, owner) in self.taken.items() if owner == id)

    @rule(target=bookings, hold=consumes(holds), key=st.text("k0", min_size=1, max_size=3))
    def book(self, hold: seatcore.Hold, key: str) -> object:
        seats = self.seats_of(hold.id)
        try:
            booking = self.engine.book(hold, idempotency_key=f"{hold.id} {key}")
        except seatcore.HoldEnded:
            assert seats == []
            return multiple()
        assert booking.seats == tuple(seats) != ()
        assert self.engine.book(hold, idempotency_key=f"{hold.id} {key}") == booking
        self.taken.update(dict.fromkeys(seats, ("booked", hold.holder, hold.id)))
        return booking

    @rule(hold=holds, someone=people)
    def release(self, hold: seatcore.Hold, someone: str) -> None:
        seats = self.seats_of(hold.id)
        try:
            released = self.engine.release(hold, holder=someone)
        except seatcore.NotHolder:
            assert someone != hold.holder
            return
        except seatcore.HoldEnded:
            assert seats == []
            return
        assert released.seats == tuple(seats)
        for seat in seats:
            del self.taken[seat]

    @rule(booking=consumes(bookings))
    def cancel(self, booking: seatcore.Booking) -> None:
        assert self.engine.cancel(booking).seats == booking.seats
        for seat in booking.seats:
            del self.taken[seat]

    @rule(hold=consumes(holds), seats=some_seats)
    def swap(self, hold: seatcore.Hold, seats: list[str]) -> None:
        mine = self.seats_of(hold.id)
        blocked = [
            seat for seat in seats if seat not in mine and self.fault(seat, hold.holder) is not None
        ]
        steps = [commands.release(hold), commands.hold(self.show, seats, holder=hold.holder)]
        try:
            _, held = self.engine.batch(steps)
        except seatcore.HoldEnded as error:
            assert (error.culprit, mine) == (0, [])
        except seatcore.SeatUnavailable as error:
            assert (error.culprit, bool(blocked)) == (1, True)
        else:
            assert not blocked
            for seat in mine:
                del self.taken[seat]
            assert isinstance(held, seatcore.Hold)
            self.taken.update(dict.fromkeys(seats, ("held", hold.holder, held.id)))

    @rule()
    def reopen(self) -> None:
        self.engine.close()
        self.engine = seatcore.open(self.path, create=False)

    @invariant()
    def the_map_is_as_the_model_says(self) -> None:
        seat_map = self.engine.seat_map(self.show)
        states = {seat: str(seat_map[seat]) for seat in SEATS}
        assert states == {seat: self.taken.get(seat, ("available",))[0] for seat in SEATS}

    def teardown(self) -> None:
        assert self.engine.verify().clean
        self.engine.close()
        self.folder.cleanup()


BoxOffice.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
TestBoxOffice = BoxOffice.TestCase
