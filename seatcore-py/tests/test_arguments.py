"""What is not what it should be is `InvalidInput`, which names the argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
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
    assert "1 to 64 printable characters" in str(error)
    assert str(error).count("holder") == 1


def create(engine: seatcore.Engine, show: seatcore.Show, **terms: Any) -> seatcore.Show:
    told = {"starts": show.starts_at + timedelta(days=1), "price": "1 EUR", **terms}
    return engine.shows.create(show.movie, show.screen, **told)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda e, s: e.history(s, before=2**70), "before"),
        (lambda e, s: e.history(s, before=-1), "before"),
        (lambda e, s: e.history(s, before="1"), "before"),
        (lambda e, s: e.shows.change(s, if_seq=2**70), "if_seq"),
        (lambda e, s: e.shows.change(s, holds_per_holder=2**40), "holds_per_holder"),
        (lambda e, s: e.shows.change(s, seats_per_holder="1"), "seats_per_holder"),
        (lambda e, s: e.shows.change(s, hold_life=2**40), "hold_life"),
        (lambda e, s: create(e, s, hold_life=2**40), "hold_life"),
        (lambda e, s: create(e, s, seats_per_holder=-1), "seats_per_holder"),
        (lambda e, s: create(e, s, price=seatcore.Money(2**70, "EUR")), "price"),
        (lambda e, s: create(e, s, tiers=["premium"]), "tiers"),
        (lambda e, s: e.screens.create("x", layout="A:4", cleaning=2**40), "cleaning"),
        (lambda e, s: e.screens.create(7, layout="A:4"), "name"),
        (lambda e, s: e.movies.create(7, minutes=90), "title"),
        (lambda e, s: e.events(s).go_on(s, -1), "seq"),
        (lambda e, s: e.events(after=7), "after"),
        (lambda e, s: e.hold_best(s, "3", holder="z"), "count"),
        (lambda e, s: e.hold_best(s, 2**40, holder="z"), "count"),
        (lambda e, s: e.hold_best(s, 2, holder="z", accessible=-1), "accessible"),
        (lambda e, s: e.hold_best(s, 2, holder="z", tier=7), "tier"),
        (lambda e, s: e.hold(s, None, holder="z"), "seats"),
        (lambda e, s: e.hold(s, 7, holder="z"), "seats"),
        (lambda e, s: e.hold(s, "A1", holder="z", reference=7), "reference"),
        (lambda e, s: e.hold(s, "A1", holder="z", idempotency_key=7), "idempotency_key"),
        (lambda e, s: e.block(s, "A1", staff=7), "staff"),
        (lambda e, s: e.block(s, "A1", reason=7), "reason"),
        (lambda e, s: e.book("@0", holder=7), "holder"),
        (lambda e, s: e.alternatives(s, None), "seats"),
        (lambda e, s: e.seat(s, None), "seat"),
        (lambda e, s: e.seats(s, holder=7), "holder"),
        (lambda e, s: e.holds(holder=7), "holder"),
        (lambda e, s: e.bookings(holder=7), "holder"),
        (lambda e, s: e.ticket(7), "code"),
        (lambda e, s: e.batch(7), "steps"),
        (lambda e, s: e.batch(["hold"]), "steps/0"),
        (lambda e, s: e.batch([], holder=7), "holder"),
        (lambda e, s: e.each(["hold"]), "steps/0"),
        (lambda e, s: e.shows.list(date="2099-05-01"), "date"),
        (lambda e, s: e.shows.list(date=datetime(2099, 5, 1)), "date"),
        (lambda e, s: seatcore.open(seed=-1), "seed"),
        (lambda e, s: seatcore.open(seed=2**64), "seed"),
        (lambda e, s: seatcore.open(tz=7), "tz"),
        (lambda e, s: seatcore.open(7), "path"),
        (lambda e, s: seatcore.open("a\0b"), "path"),
        (lambda e, s: e.backup("a\0b"), "path"),
    ],
)
def test_a_wrong_type_or_size_is_named(call: Call, field: str) -> None:
    refused(call, field)


@pytest.mark.parametrize("ttl", ["x", 0, -1, 0.5, 1801, 99_999, timedelta(hours=1), None, True])
def test_the_life_of_holds_is_checked_when_the_engine_is_opened(ttl: Any, path: Path) -> None:
    with pytest.raises(seatcore.InvalidInput) as caught:
        seatcore.open(path, hold_ttl=ttl)
    assert [name for name, _ in caught.value.errors] == ["hold_ttl"]
    assert not path.exists()


def test_the_life_of_holds_may_be_what_a_hold_may_live() -> None:
    for ttl in (1, 1800, timedelta(minutes=30), 60.0):
        seatcore.open(hold_ttl=ttl).close()
