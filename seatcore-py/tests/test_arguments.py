"""What is not what it should be is `InvalidInput`, which names the argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import seatcore

Call = Callable[[seatcore.Engine, seatcore.Show], Any]


def refused(call: Call, field: str) -> seatcore.InvalidInput:
    engine, show = seatcore.example()
    with pytest.raises(seatcore.InvalidInput) as caught:
        call(engine, show)
    assert [name for name, _ in caught.value.errors] == [field], str(caught.value)
    assert engine.stats(show).available == 50
    return caught.value


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda e, s: e.hold(e.movies.get(s.movie), ["A1"], holder="z"), "show"),
        (lambda e, s: e.hold(e.screens.get(s.screen), ["A1"], holder="z"), "show"),
        (lambda e, s: e.stats(e.users.create("ada", "correct horse battery")), "show"),
        (lambda e, s: e.movies.get(s), "movie"),
        (lambda e, s: e.screens.get(e.movies.get(s.movie)), "screen"),
        (lambda e, s: e.users.edit(s, role="staff"), "user"),
        (lambda e, s: e.shows.list(movie=s), "movie"),
        (lambda e, s: e.shows.create(s, s, starts=s.ends_at, price="1 EUR"), "movie"),
        (lambda e, s: e.events([e.movies.get(s.movie)]), "show"),
        (lambda e, s: e.find_hold(s), "hold"),
        (lambda e, s: e.booking(e.users.create("ada", "correct horse battery")), "booking"),
        (lambda e, s: e.bookings(before=s), "before"),
        (lambda e, s: e.book(s), "hold"),
        (lambda e, s: e.cancel(s), "booking"),
        (lambda e, s: e.stats(True), "show"),
        (lambda e, s: e.stats("1"), "show"),
    ],
)
def test_a_thing_of_another_kind_is_not_taken_for_its_number(call: Call, field: str) -> None:
    refused(call, field)


def test_the_right_kind_is_taken() -> None:
    engine, show = seatcore.example()

    class Tonight(seatcore.Show):
        pass

    tonight = Tonight(*(getattr(show, name) for name in show.__match_args__))
    assert engine.stats(tonight) == engine.stats(show) == engine.stats(show.id)
    hold = engine.hold(tonight, "A1", holder="ada")
    booking = engine.book(hold)
    assert engine.booking(booking) == engine.booking(booking.id)


@pytest.mark.parametrize("report", ["revenue", "occupancy"])
def test_a_grouping_that_is_none_is_named_as_the_argument(report: str) -> None:
    error = refused(lambda e, s: getattr(e.reports, report)(by="week"), "by")
    assert str(error) == "invalid: by is not a grouping: one of day, show, movie, screen"


@pytest.mark.parametrize("holder", ["", "x" * 65, "a\nb", " ada"])
def test_a_holder_is_named_once_and_with_what_it_may_be(holder: str) -> None:
    error = refused(lambda e, s: e.hold(s, "A1", holder=holder), "holder")
    assert "1 to 64 characters" in str(error)
    assert str(error).count("holder") == 1
