"""What happens at the counter."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import seatcore
from seatcore import HoldState, SeatStatus, commands

from conftest import PATIENCE_S, open_show


def test_a_hold_becomes_a_booking_with_tickets_and_a_retry_gets_the_same(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    hold = engine.hold(show, ["c5", "C6"], holder="ada", ttl=timedelta(minutes=5))
    assert (hold.seats, hold.state, hold.holder) == (("C5", "C6"), HoldState.HELD, "ada")
    assert timedelta(minutes=4) < hold.remaining <= timedelta(minutes=5)
    assert hold.expires_in_ms == 300_000
    booking = engine.book(hold, reference="web 17", idempotency_key="order-17")
    assert booking.id[4:] == hold.id[4:]
    assert (str(booking.total), booking.reference) == ("25.00 EUR", "web 17")
    again = engine.book(hold, reference="web 17", idempotency_key="order-17")
    assert again == booking
    assert (booking.replayed, again.replayed, again.remembered) == (False, True, True)
    found, ticket = engine.ticket(booking.tickets[1].code.lower().replace("-", ""))
    assert (found.id, ticket.seat) == (booking.id, "C6")
    assert engine.stats(show).booked == 2


def test_a_refusal_names_every_seat_and_what_else_there_is(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    engine.book(engine.hold(show, "C7", holder="eve"))
    engine.hold(show, "C6", holder="ada")
    with pytest.raises(
        seatcore.SeatUnavailable, match="seat C6 is held by someone else"
    ) as refused:
        engine.hold(show, ["C5", "C6", "C7"], holder="bob")
    error = refused.value
    assert error.code == "seat_booked"
    assert error.conflicts == (("C6", "seat_held"), ("C7", "seat_booked"))
    assert error.seats == ("C6", "C7")
    assert not error.retryable
    assert all(len(placement) == 3 for placement in error.alternatives)
    assert error.alternatives
    assert engine.stats(show).held == 1


def has_pairs(refused: object) -> bool:
    assert isinstance(refused, seatcore.SeatUnavailable)
    return [len(placement) for placement in refused.alternatives] == [2, 2, 2]


def test_a_refusal_advises_whatever_way_the_seats_were_asked_for() -> None:
    engine, show = seatcore.example()
    engine.hold(show, "A1", holder="ada")

    def seats() -> Iterator[str]:
        yield from ("A1", "A2")

    with pytest.raises(seatcore.SeatUnavailable) as caught:
        engine.hold(show, seats(), holder="bob")
    assert has_pairs(caught.value)
    with pytest.raises(seatcore.SeatUnavailable) as caught:
        engine.batch(
            commands.hold(show, ["E9", "E10"] if one else ["A1", "A2"], holder="bob")
            for one in (1, 0)
        )
    assert (caught.value.culprit, has_pairs(caught.value)) == (1, True)
    fine, refused = engine.each(
        commands.hold(show, ["E9", "E10"] if one else ["A1", "A2"], holder="bob") for one in (1, 0)
    )
    assert isinstance(fine, seatcore.Hold)
    assert has_pairs(refused)


def test_advice_goes_along_into_a_pickle() -> None:
    engine, show = seatcore.example()
    engine.hold(show, "A1", holder="ada")
    with pytest.raises(seatcore.SeatUnavailable) as caught:
        engine.hold(show, ["A1", "A2"], holder="bob")
    twin = pickle.loads(pickle.dumps(caught.value))
    engine.close()
    assert has_pairs(twin)
    assert has_pairs(pickle.loads(pickle.dumps(twin)))
    with seatcore.open() as other, pytest.raises(seatcore.SeatUnavailable) as caught:
        show = open_show(other)
        other.hold_best(show, 60, holder="bob")
    assert caught.value.alternatives == ()


def test_a_refusal_is_remembered_under_its_key(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    ada = engine.hold(show, "A1", holder="ada")
    for replayed in (False, True):
        with pytest.raises(seatcore.SeatUnavailable) as refused:
            engine.hold(show, "A1", holder="bob", idempotency_key="cart")
        assert (refused.value.replayed, refused.value.remembered) == (replayed, True)
        assert refused.value.code == "seat_held"
        engine.release(ada) if not replayed else None
    with pytest.raises(seatcore.IdempotencyMismatch):
        engine.hold(show, "A2", holder="bob", idempotency_key="cart")


def test_the_best_seats_and_what_is_left_of_them(engine: seatcore.Engine) -> None:
    show = open_show(engine, "A-B:4")
    assert engine.hold_best(show, 3, holder="eve", together=True).seats == ("B1", "B2", "B3")
    with pytest.raises(seatcore.SeatUnavailable) as refused:
        engine.hold_best(show, 5, holder="ada", together=True)
    assert (refused.value.code, refused.value.largest) == ("no_block_together", 4)
    assert refused.value.alternatives == ()


def test_part_of_a_hold_is_booked_and_the_rest_goes_on(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    hold = engine.hold(show, ["A1", "A2", "A3"], holder="ada")
    booking = engine.book(hold, seats=["A2"], keep_rest=True)
    assert booking.seats == ("A2",)
    assert engine.find_hold(hold).seats == ("A1", "A3")
    assert engine.release(hold, seats="A1").seats == ("A3",)
    assert engine.extend(hold, 900).expires_in_ms == 900_000
    assert engine.release(hold).state is HoldState.RELEASED
    with pytest.raises(seatcore.HoldEnded) as ended:
        engine.book(hold)
    assert ended.value.state == "released"


def test_a_cancelled_booking_frees_its_seats(engine: seatcore.Engine, show: seatcore.Show) -> None:
    booking = engine.book(engine.hold(show, ["A1"], holder="ada"))
    with pytest.raises(seatcore.NotHolder):
        engine.cancel(booking, holder="bob")
    cancelled = engine.cancel(booking, reason="ill", staff="desk 1")
    assert cancelled.state is HoldState.CANCELLED
    assert [ticket.state for ticket in cancelled.tickets] == [seatcore.TicketState.VOID]
    assert engine.seat(show, "A1").status is SeatStatus.AVAILABLE
    last = engine.history(show, limit=1)[0]
    assert (last.kind, last.actor, last.source) == ("cancelled", "desk 1", "python")
    assert last.reason == "ill"


def test_blocked_seats_are_off_sale(engine: seatcore.Engine, show: seatcore.Show) -> None:
    engine.block(show, ["E1", "E2"], reason="broken", staff="desk 1")
    assert engine.seat_map(show).row("e") == "E  ✕ ✕ □ □ □ □ □ □ □ □"
    why = engine.why(show, "E1")
    assert why.hold is not None
    assert (why.status, why.hold.reference) == (SeatStatus.BLOCKED, "broken")
    engine.unblock(show, "E1")
    assert engine.stats(show).blocked == 1


def test_a_batch_happens_whole_or_not_at_all(engine: seatcore.Engine) -> None:
    one, two = open_show(engine), open_show(engine)
    old = engine.hold(one, ["A1", "A2"], holder="ada")
    swap = [
        commands.release(old),
        commands.hold(two, ["C5", "C6"], holder="ada"),
        commands.book("@1"),
    ]
    released, held, booked = engine.batch(swap, idempotency_key="swap")
    assert isinstance(released, seatcore.Hold)
    assert isinstance(booked, seatcore.Booking)
    assert (released.state, booked.show) == (HoldState.RELEASED, two.id)
    assert engine.batch(swap, idempotency_key="swap") == (released, held, booked)
    with pytest.raises(seatcore.SeatUnavailable) as refused:
        engine.batch(
            [commands.hold(one, "A1", holder="bob"), commands.hold(two, "C5", holder="bob")]
        )
    assert (refused.value.culprit, refused.value.code) == (1, "seat_booked")
    assert engine.stats(one).available == 50


def test_many_commands_at_once_are_answered_each_for_itself(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    wanted = ["A1", "A2", "A1", "Z9"]
    asked = [commands.hold(show, seat, holder=f"p{at}") for at, seat in enumerate(wanted)]
    first, second, third, fourth = engine.each(asked)
    assert isinstance(first, seatcore.Hold)
    assert isinstance(second, seatcore.Hold)
    assert isinstance(third, seatcore.SeatUnavailable)
    assert isinstance(fourth, seatcore.UnknownSeat)


def test_a_hold_lapses_by_itself(engine: seatcore.Engine, show: seatcore.Show) -> None:
    with engine.events(show, timeout=PATIENCE_S) as events:
        hold = engine.hold(show, "A1", holder="ada", ttl=1)
        told = [next(events), next(events)]
    assert [(event.kind, event.source) for event in told if isinstance(event, seatcore.Event)] == [
        ("held", "python"),
        ("expired", "engine"),
    ]
    assert engine.find_hold(hold).state is HoldState.EXPIRED
    with pytest.raises(seatcore.HoldExpired):
        engine.book(hold)


def test_the_catalogue_is_made_changed_and_kept(path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(20)
    with seatcore.open(path, tz="Europe/Berlin") as engine:
        film = engine.movies.create("Arrival", minutes=116, poster=png)
        hall = engine.screens.create(
            "Grand", layout="stalls/A-C:4|4*premium; balcony/A:6@1", cleaning=timedelta(minutes=5)
        )
        starts = datetime(2031, 7, 1, 18, 30, tzinfo=UTC)
        show = engine.shows.create(
            film, hall, starts=starts, price="10.00 EUR", tiers={"premium": "15.50 EUR"}
        )
        assert show.starts_local.isoformat() == "2031-07-01T20:30:00+02:00"
        assert show.tiers == {"premium": seatcore.Money(1550, "EUR")}
        with pytest.raises(seatcore.Overlap) as busy:
            engine.shows.create(film, hall, starts=starts + timedelta(hours=1), price="1.00 EUR")
        assert busy.value.show == show.id
        with pytest.raises(seatcore.InUse):
            engine.screens.remove(hall)
        engine.shows.change(show, price="11.00 EUR", tiers={"premium": "16.00 EUR"})
        assert engine.shows.list(date=starts.date())[0].price.minor == 1100
        assert engine.shows.list(date=(starts + timedelta(days=1)).date()) == []
        plan = engine.screens.layout(hall)
        copy = engine.screens.create("Copy", layout=plan)
        assert copy.layout == hall.layout
        assert engine.seat_map(show).row("stalls/A") == "stalls/A  □ □ □ □  □ □ □ □"
    with seatcore.open(path, create=False) as engine:
        assert engine.movies.poster(film).image == png
        assert [movie.title for movie in engine.movies] == ["Arrival"]
        assert engine.seat(show, "balcony/A1").price.minor == 1100
        engine.shows.cancel(show, reason="strike")
        with pytest.raises(seatcore.ShowCancelled):
            engine.hold(show, "stalls/A1", holder="ada")


def test_a_price_that_is_not_given_stays() -> None:
    with seatcore.open() as engine:
        film = engine.movies.create("Arrival", minutes=116)
        hall = engine.screens.create("Grand", layout="A-B:4*premium; C-D:4")
        starts = datetime(2031, 7, 1, 18, 30, tzinfo=UTC)
        show = engine.shows.create(
            film, hall, starts=starts, price="10 EUR", tiers={"premium": "15 EUR"}
        )
        engine.shows.change(show, price="11 EUR")
        changed = engine.shows.get(show)
        assert (changed.price.minor, changed.tiers["premium"].minor) == (1100, 1500)
        engine.shows.change(show, tiers={"premium": "17 EUR"})
        changed = engine.shows.get(show)
        assert (changed.price.minor, changed.tiers["premium"].minor) == (1100, 1700)
        foreign = {"premium": "17 USD"}
        with pytest.raises(seatcore.InvalidInput):
            engine.shows.change(show, price="12 EUR", tiers=foreign)
        with pytest.raises(seatcore.InvalidInput):
            engine.shows.change(show, tiers=foreign)
        assert engine.shows.get(show).tiers == changed.tiers
        engine.shows.change(show, tiers={})
        assert engine.shows.get(show).tiers == {}


def test_events_are_resumed_where_they_were_left(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    with engine.events(show, from_start=True) as events:
        assert next(events) == engine.history(show)[-1]
        hold = engine.hold(show, "A1", holder="ada")
        event = next(events)
        assert isinstance(event, seatcore.Event)
        assert (event.kind, event.seats, event.hold) == ("held", ("A1",), hold.id)
        cursor = events.cursor
    engine.release(hold)
    engine.hold(show, "A2", holder="bob")
    rest = engine.events(after=cursor, timeout=0.2)
    assert [event.kind for event in rest if isinstance(event, seatcore.Event)] == [
        "released",
        "held",
    ]
    foreign = engine.events(after="ZZZZZZZZ." + cursor.partition(".")[2], timeout=0.2)
    assert list(foreign) == [seatcore.Reset(show.id)]
    assert foreign.cursor.startswith("ZZZZZZZZ."), "no seat map was read"
    foreign.go_on(show, engine.seat_map(show).seq)
    assert list(engine.events(after=foreign.cursor, timeout=0.2)) == []


def test_a_cursor_goes_on_in_the_shows_that_are_named(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    with engine.events(show, from_start=True) as events:
        next(events)
        cursor = events.cursor
    later = open_show(engine)
    for where in (show, later):
        engine.hold(where, "A1", holder="ada")
    told = {
        name: [
            (event.show, event.kind)
            for event in engine.events(shows, after=cursor, timeout=0.1)
            if isinstance(event, seatcore.Event)
        ]
        for name, shows in (("its own", None), ("the new one", later), ("both", engine.shows))
    }
    old, new = [(show.id, "held")], [(later.id, "show_opened"), (later.id, "held")]
    assert told == {"its own": old, "the new one": new, "both": old + new}


def test_a_timeout_is_the_silence_of_the_shows_asked_for(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    other, busy, ended = open_show(engine), threading.Event(), threading.Event()

    def sell() -> None:
        until = time.monotonic() + 10
        while not ended.is_set() and time.monotonic() < until:
            engine.release(engine.hold(other, "A1", holder="bob"))
            busy.set()

    with ThreadPoolExecutor(1) as pool:
        seller = pool.submit(sell)
        assert busy.wait(PATIENCE_S)
        assert list(engine.events(show, timeout=0.2)) == []
        assert not seller.done(), "next door somebody still sells"
        ended.set()


def test_odd_numbers_and_spans_get_an_answer(engine: seatcore.Engine, show: seatcore.Show) -> None:
    for number in (10**20, -(10**20), 2**63):
        with pytest.raises(seatcore.NotFound):
            engine.shows.get(number)
        with pytest.raises(seatcore.NotFound):
            engine.movies.get(number)
    assert list(engine.events(show, timeout=0.016 + 1e-12)) == []
    with engine.events(show, timeout=16.1) as events:
        engine.hold(show, "A1", holder="ada")
        assert next(events).show == show.id
    with pytest.raises(seatcore.InvalidInput):
        engine.events(show, timeout=0.0001)


def test_verify_and_backup(engine: seatcore.Engine, show: seatcore.Show, tmp_path: Path) -> None:
    engine.book(engine.hold(show, ["A1", "A2"], holder="ada"))
    assert len(engine.bookings()) == 1
    report = engine.verify()
    assert (report.clean, report.sold, report.tickets) == (True, 2, 2)
    assert engine.check() == []
    copy = tmp_path / "copy.db"
    engine.backup(copy)
    with pytest.raises(seatcore.StorageError):
        engine.backup(copy)
    with seatcore.open(copy) as other:
        assert other.stats(show.id).booked == 2
        assert other.position()[0] != engine.position()[0]


def test_a_key_outlives_a_crash_until_the_answer_is_known(
    engine: seatcore.Engine, show: seatcore.Show, tmp_path: Path
) -> None:
    note = tmp_path / "order.key"
    hold = engine.hold(show, "A1", holder="ada")
    with pytest.raises(ConnectionError), seatcore.kept_key(note) as first:
        engine.book(hold, idempotency_key=first)
        raise ConnectionError("the line went down before the answer was seen")
    with seatcore.kept_key(note) as second:
        assert second == first
        assert engine.book(hold, idempotency_key=second).replayed
    assert list(tmp_path.glob("order*")) == []
    with pytest.raises(seatcore.HoldEnded), seatcore.kept_key(note) as third:
        engine.book(hold, idempotency_key=third)
    assert third != first
    assert not note.exists()


def test_retry_waits_out_busy_and_nothing_else() -> None:
    answers: list[object] = [seatcore.Busy("full", retry_after=0.001)] * 3
    answers += ["sold", seatcore.OutcomeUnknown("?"), "kept", seatcore.OutcomeUnknown("?")]

    def call(*, idempotency_key: str | None = None) -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert seatcore.retry(call) == "sold"
    assert seatcore.retry(call, idempotency_key="k") == "kept"
    with pytest.raises(seatcore.OutcomeUnknown):
        seatcore.retry(call)
    assert answers == []


def test_the_same_seed_gives_the_same_hold_ids_but_for_the_time() -> None:
    tails = []
    for _ in range(2):
        with seatcore.open(seed=7) as engine:
            show = open_show(engine)
            tails.append(engine.hold(show, "A1", holder="ada").id[-16:])
    assert tails[0] == tails[1]


def test_a_thing_of_the_catalogue_is_made_once_under_a_key(engine: seatcore.Engine) -> None:
    starts = datetime.now(UTC) + timedelta(days=3)
    for _ in range(2):
        film = engine.movies.create("Solaris", minutes=167, idempotency_key="k", staff="desk")
        hall = engine.screens.create("Grand", layout="A:5", idempotency_key="k2")
        show = engine.shows.create(film, hall, starts=starts, price="9 EUR", idempotency_key="k3")
    assert (len(engine.movies.list()), len(engine.screens.list()), len(engine.shows.list())) == (
        1,
        1,
        1,
    )
    assert [event.source for event in engine.history(show)] == ["python"]
    with pytest.raises(seatcore.IdempotencyMismatch):
        engine.movies.create("Stalker", minutes=162, idempotency_key="k", staff="desk")
    # Another member of staff has keys of their own.
    assert engine.movies.create("Stalker", minutes=162, idempotency_key="k", staff="eve") != film


def test_each_answers_in_place_what_cannot_be_asked(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    first, lost, last = engine.each(
        [
            commands.hold(show, "A1", holder="ada"),
            commands.book("@0"),
            commands.hold(show, "A2", holder="ada"),
        ]
    )
    assert isinstance(first, seatcore.Hold) and isinstance(last, seatcore.Hold)
    assert isinstance(lost, seatcore.InvalidInput)
    assert engine.each([]) == []
