"""Reports and API keys: what staff ask, and what machines ask a server by."""

from __future__ import annotations

import asyncio
import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import seatcore
from seatcore import Grouping, InvalidInput, NotFound, Scope


def sold() -> tuple[seatcore.Engine, seatcore.Show, date]:
    """Three seats sold, one of them given back, and the day of it."""
    engine, show = seatcore.example()
    engine.book(engine.hold(show, ["A1", "A2"], holder="ada"))
    gone = engine.book(engine.hold(show, "B1", holder="bob"))
    engine.cancel(gone)
    return engine, show, engine.now().date()


def test_revenue_is_what_was_sold_and_given_back() -> None:
    engine, show, today = sold()
    report = engine.reports.revenue()
    (line,) = report.lines
    assert (line.by, line.slot, line.name) == (Grouping.DAY, today, today.isoformat())
    assert (line.bookings, line.tickets, line.returned) == (2, 3, 1)
    assert [str(money) for money in (line.sold, line.refunded, line.net)] == [
        "37.50 EUR",
        "12.50 EUR",
        "25.00 EUR",
    ]
    (total,) = report.totals
    assert (total.by, total.slot, total.net) == (None, None, line.net)
    (by_show,) = engine.reports.revenue(by=Grouping.SHOW).lines
    assert (by_show.by, by_show.slot) == (Grouping.SHOW, show.id)
    shape = report.to_dict()
    assert list(shape) == ["data", "next", "totals"]
    assert shape["data"][0]["day"] == today.isoformat()
    assert shape["data"][0]["net"] == {"amount_minor": 2500, "currency": "EUR"}
    assert "day" not in shape["totals"][0]
    assert pickle.loads(pickle.dumps(report)) == report
    columns = report.rows.to_columns()
    assert columns["slot"] == [today] and columns["net_currency"] == ["EUR"]


def test_a_period_is_from_a_day_until_just_before_another() -> None:
    engine, _, today = sold()
    after = today + timedelta(days=1)
    assert engine.reports.revenue(start=today, before=after).totals[0].tickets == 3
    assert engine.reports.revenue(start=after).lines == ()
    assert engine.reports.revenue(before=today).lines == ()
    assert list(engine.reports.popular(before=today)) == []
    wrong: list[dict[str, Any]] = [
        {"start": datetime.now(UTC)},
        {"start": "2027-01-09"},
        {"start": today, "before": today},
        {"by": "week"},
    ]
    for words in wrong:
        with pytest.raises(InvalidInput):
            engine.reports.revenue(**words)
    with pytest.raises(InvalidInput, match="one of day, show, movie, screen"):
        engine.reports.occupancy(by="week")


def test_days_are_the_venue_s() -> None:
    with seatcore.open(tz="Pacific/Kiritimati") as engine:
        hall = engine.screens.create("Main", rows="A", seats_per_row=4)
        film = engine.movies.create("Arrival", minutes=116)
        late = (engine.now() + timedelta(days=3)).replace(hour=20, minute=0)
        engine.shows.create(film, hall, starts=late, price="9.00 EUR")
        (line,) = engine.reports.occupancy(by="day")
        assert line.slot == (late + timedelta(hours=14)).date() != late.date()
        assert not engine.reports.occupancy(by="day", before=line.slot)


def test_occupancy_and_popularity_count_seats_and_tickets() -> None:
    engine, show, _ = sold()
    engine.hold(show, ["C1", "C2"], holder="eve")
    (line,) = engine.reports.occupancy()
    assert (line.by, line.slot, line.shows) == (Grouping.SHOW, show.id, 1)
    assert (line.booked, line.held, line.capacity, line.percent) == (2, 2, 50, 4.0)
    assert line.to_dict()["show"] == show.id
    (film,) = engine.reports.popular()
    assert (film.rank, film.title, film.tickets, str(film.net[0])) == (1, "Arrival", 2, "25.00 EUR")
    engine.book(engine.hold(show, "D1", holder="eve"))
    assert engine.reports.popular()[0].tickets == 3, "later reports read on"
    assert engine.reports.popular().to_columns()["net"] == [["37.50 EUR"]]
    with pytest.raises(InvalidInput) as refused:
        engine.reports.popular(limit=0)
    assert refused.value.ranges["limit"] == seatcore.Range(1, 100_000, "items")


def test_a_key_opens_what_it_was_made_for_until_it_is_revoked() -> None:
    with seatcore.open() as engine:
        minted = engine.api_keys.create("till 3", [Scope.SELL, "read"])
        key = minted.key
        assert minted.secret.startswith(f"sck_{key.id}_")
        assert minted.secret not in repr(minted) and "secret" not in minted.to_dict()
        assert key.scopes == (Scope.READ, Scope.SELL) and key.revoked_at is None
        assert (key.may("buy"), key.may(seatcore.Deed.SELL), key.may("edit_users")) == (
            True,
            False,
            False,
        )
        assert key.holder == f"key:{key.id}"
        assert engine.api_keys.get(key.id) == key == engine.api_keys.authenticate(minted.secret)
        assert pickle.loads(pickle.dumps(key)) == key
        revoked = engine.api_keys.revoke(key)
        assert revoked.revoked_at is not None
        assert engine.api_keys.authenticate(minted.secret) is None
        assert engine.api_keys.list() == [revoked]
        assert engine.api_keys.authenticate("no secret") is None
        boss = engine.api_keys.create("boss", "manage").key
        assert boss.may("edit_users")
        for wrong in ("", "00000000"):
            with pytest.raises(NotFound):
                engine.api_keys.get(wrong)


def test_a_key_has_a_name_and_scopes_that_are_known() -> None:
    with seatcore.open() as engine:
        for name, scopes in (("", ["read"]), ("none", []), ("twice", ["read", "read"])):
            with pytest.raises(InvalidInput):
                engine.api_keys.create(name, scopes)
        with pytest.raises(InvalidInput) as refused:
            engine.api_keys.create("till", ["sell", "root"])
        (error,) = refused.value.errors
        assert error == ("scopes/1", "is not a scope: one of read, sell, manage")
        with pytest.raises(InvalidInput, match="one of browse, buy"):
            seatcore.example()[0].api_keys.create("x", "read").key.may("fly")


def test_the_same_awaited() -> None:
    async def ask() -> tuple[int, bool]:
        async with seatcore.aio.open() as other:
            minted = await other.api_keys.create("till", ["sell"])
            known = await other.api_keys.authenticate(minted.secret)
            return len((await other.reports.revenue()).lines), known == minted.key

    assert asyncio.run(ask()) == (0, True)


def test_a_range_is_told_in_the_words_of_the_call() -> None:
    engine, show = seatcore.example()
    with pytest.raises(InvalidInput) as refused:
        engine.hold(show, "A1", holder="ada", ttl=1801)
    assert refused.value.errors == (("ttl", "must be between 1 and 1800 seconds"),)
    assert refused.value.ranges == {"ttl": seatcore.Range(1, 1800, "seconds")}
    assert str(refused.value) == "invalid: ttl must be between 1 and 1800 seconds"
    assert refused.value.to_dict()["errors"] == [
        {
            "field": "ttl",
            "detail": "must be between 1 and 1800 seconds",
            "range": {"min": 1, "max": 1800, "unit": "seconds"},
        }
    ]
    assert pickle.loads(pickle.dumps(refused.value)).ranges == refused.value.ranges
    hold = engine.hold(show, "A1", holder="ada")
    with pytest.raises(InvalidInput, match="invalid: ttl must be between 1 and 1800 seconds"):
        engine.extend(hold, timedelta(hours=2))
    with pytest.raises(InvalidInput, match="idempotency_key must be between 1 and 255 bytes"):
        engine.book(hold, idempotency_key="k" * 256)
    with pytest.raises(InvalidInput) as moments:
        engine.shows.change(show, ends=show.starts_at)
    earliest = moments.value.ranges["ends"].min
    assert earliest == show.starts_at + timedelta(minutes=1)
    with pytest.raises(InvalidInput, match=r"hold_life must be between 1 and 86400 seconds"):
        engine.shows.change(show, hold_life=timedelta(days=2))
    engine.shows.change(show, seats_per_holder=1, hold_life=timedelta(minutes=45))
    changed = engine.shows.get(show.id)
    assert changed.limits == seatcore.Limits(timedelta(minutes=45), 16, 1)
    assert changed.to_dict()["limits"]["hold_life_s"] == 2_700
    with pytest.raises(seatcore.LimitExceeded):
        engine.hold(show, ["B1", "B2"], holder="bob")


def test_one_show_or_what_is_new_is_verified(tmp_path: Any) -> None:
    with seatcore.open(tmp_path / "a.db") as engine:
        hall = engine.screens.create("Main", rows="A", seats_per_row=4)
        film = engine.movies.create("Arrival", minutes=116)
        starts = engine.now() + timedelta(days=3)
        show = engine.shows.create(film, hall, starts=starts, price="9.00 EUR")
        later = starts + timedelta(days=1)
        engine.shows.create(film, hall, starts=later, price="9.00 EUR")
        engine.holds()
        assert engine.verify().records == 2
        assert engine.verify(show=show).records == 1
        assert engine.verify(new=True).clean
        again = engine.verify(new=True)
        assert again.records + again.skipped == 2 and again.skipped > 0
        with pytest.raises(NotFound):
            engine.verify(show=99)
        with pytest.raises(InvalidInput):
            engine.verify(show=show, new=True)


def test_a_file_that_is_only_read_refuses_commands(tmp_path: Any) -> None:
    path = tmp_path / "a.db"
    with seatcore.open(path) as engine:
        hall = engine.screens.create("Main", rows="A", seats_per_row=4)
        film = engine.movies.create("Arrival", minutes=116)
        starts = engine.now() + timedelta(days=3)
        show = engine.shows.create(film, hall, starts=starts, price="9.00 EUR")
        engine.book(engine.hold(show, "A1", holder="ada"))
    with seatcore.open(path, read_only=True) as engine:
        assert engine.stats(show).booked == 1 and len(engine.bookings()) == 1
        assert engine.verify().clean and engine.check() == []
        with pytest.raises(seatcore.StorageError) as refused:
            engine.hold(show, "A2", holder="bob")
        assert refused.value.reason == "read-only"
        with pytest.raises(seatcore.StorageError):
            engine.movies.create("Heat", minutes=170)
    with pytest.raises(seatcore.StorageError):
        seatcore.open(tmp_path / "none.db", read_only=True)
    with pytest.raises(InvalidInput):
        seatcore.open(read_only=True)
