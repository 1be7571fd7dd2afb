"""An ordinary program, for type checkers: `tests/run` checks it against the installed package."""

from typing import assert_type

import seatcore
from seatcore import commands


def sell() -> list[str]:
    """Books what a batch held, and names the seats."""
    engine, show = seatcore.example()
    outcomes = engine.batch([commands.hold(show, "A1", holder="ada"), commands.book("@0")])
    assert_type(outcomes, tuple[seatcore.Hold | seatcore.Booking | seatcore.ShowEvent, ...])
    seats: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, seatcore.Hold):
            assert_type(outcome, seatcore.Hold)
        elif isinstance(outcome, seatcore.Booking):
            assert_type(outcome.tickets, tuple[seatcore.Ticket, ...])
            seats.extend(outcome.seats)
        else:
            assert_type(outcome, seatcore.ShowEvent)
    for answer in engine.each([commands.hold(show, "A1", holder="bob")]):
        if isinstance(answer, seatcore.SeatcoreError):
            seats.append(answer.code)
        else:
            assert_type(answer, seatcore.Hold | seatcore.Booking | seatcore.ShowEvent)
    return seats
