"""Results as values: what they look like, and that every face says the same."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import json
import pickle
import subprocess
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import seatcore
from seatcore import Money, commands

from conftest import needed, open_show


def test_to_dict_is_what_every_other_face_writes(path: Path) -> None:
    wire = needed("SEATCORE_WIRE")
    with seatcore.open(path, sweep=False) as engine:
        show = open_show(engine, "stalls/A-B:5|5*premium; balcony/A:4", tiers={"premium": "20 EUR"})
        hold = engine.hold(show, ["stalls/A1", "balcony/A2"], holder="ada", reference="r", ttl=600)
        sold = engine.book(engine.hold(show, "stalls/B1", holder="bob"), reference="web")
        engine.cancel(engine.book(engine.hold(show, "stalls/B3", holder="eve")), reason="ill")
        engine.block(show, "stalls/B10", reason="broken", staff="desk")
        ada = engine.users.create("ada", "correct horse battery", role="staff")
        engine.users.start_session(ada, agent="Firefox")
        arguments = [wire, path, show.id, hold.id, sold.id, "stalls/B10"]
        other = subprocess.run(
            [str(argument) for argument in arguments], capture_output=True, text=True, check=True
        )
        theirs: dict[str, Any] = json.loads(other.stdout)
        ours = {
            "show": engine.shows.get(show).to_dict(),
            "hold": engine.find_hold(hold).to_dict(),
            "booking": engine.booking(sold).to_dict(),
            "stats": engine.stats(show).to_dict(),
            "snapshot": engine.seat_map(show).to_dict(),
            "seats": engine.seats(show).to_dicts(),
            "why": engine.why(show, "stalls/B10").to_dict(),
            "history": engine.history(show).to_dicts(),
            "movies": engine.movies.list().to_dicts(),
            "screens": engine.screens.list().to_dicts(),
            "verify": engine.verify().to_dict(),
            "plan": engine.screens.layout(show),
            "users": engine.users.list().to_dicts(),
            "sessions": engine.users.sessions(ada).to_dicts(),
        }
    # Time went by between the two questions; everything else is the same to the letter.
    later = ours["hold"].pop("expires_in_ms")
    assert 0 < later <= theirs["hold"].pop("expires_in_ms") <= 600_000
    assert ours == theirs


def values() -> list[Any]:
    with seatcore.open(tz="Europe/Berlin") as engine:
        show = open_show(engine, "A-B:4*premium", tiers={"premium": "20 EUR"})
        hold = engine.hold(show, "A1", holder="ada")
        booking = engine.book(engine.hold(show, "A2", holder="ada"))
        engine.movies.set_poster(show.movie, b"\xff\xd8\xff" + bytes(9))
        signed = engine.users.start_session(engine.users.create("ada", "correct horse battery"))
        return [
            Money(1250, "EUR"),
            hold,
            booking,
            booking.tickets[0],
            engine.stats(show),
            engine.seat(show, "A1"),
            engine.why(show, "A1"),
            engine.shows.get(show),
            engine.shows.get(show).sales,
            engine.movies.get(show.movie),
            engine.movies.poster(show.movie),
            engine.screens.get(show.screen),
            engine.history(show)[0],
            engine.seat_map(show),
            engine.verify(),
            engine.seats(show),
            engine.shows.change(show, closed=True),
            signed,
            signed.user,
            signed.session,
            seatcore.Reset(4),
            seatcore.Finding(4, None, "x"),
        ]


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_a_value_compares_hashes_pickles_and_does_not_change(value: Any) -> None:
    for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert twin == value
        assert hash(twin) == hash(value)
        assert type(twin) is type(value)
    assert type(value).__name__ in repr(value)
    assert value != object()
    name = next(iter(getattr(value, "__match_args__", ["_items"])))
    with pytest.raises(AttributeError):
        setattr(value, name, None) if name != "_items" else value.append(1)


def test_a_hold_is_the_same_whenever_one_looks() -> None:
    engine, show = seatcore.example()
    made = engine.hold(show, "A1", holder="ada", ttl=600)
    time.sleep(0.002)
    engine.hold(show, "A2", holder="bob")
    found, listed = engine.find_hold(made), engine.holds(holder="ada")[0]
    assert (found.expires_in_ms, found.seq) != (made.expires_in_ms, made.seq)
    assert made == found == listed == engine.why(show, "A1").hold
    assert len({made, found, listed}) == 1
    assert engine.extend(made, 900) != made
    assert engine.find_hold(made) != made
    assert engine.release(made) != made


def test_a_repr_reads_back() -> None:
    scope = {**vars(seatcore), "datetime": __import__("datetime")}
    for value in values():
        if type(value).__name__ in ("Stats", "Money", "Movie", "Screen", "Ticket"):
            text = repr(value).replace("<TicketState.VALID: 'valid'>", "TicketState('valid')")
            assert eval(text, scope) == value


def test_states_are_words() -> None:
    assert seatcore.SeatStatus.BOOKED == "booked"
    assert json.dumps({"state": seatcore.HoldState.HELD}) == '{"state": "held"}'
    assert f"{seatcore.ShowStatus.ON_SALE}" == "on_sale"


def test_money_keeps_its_currency() -> None:
    assert Money.parse("1250 JPY").amount == Decimal(1250)
    assert str(Money.parse("12.5 EUR") + Money(50, "EUR")) == "13.00 EUR"
    with pytest.raises(seatcore.InvalidInput):
        Money(1, "EUR") + Money(1, "USD")
    for bad in ("12.505 EUR", "12", "EUR", "-1 EUR", "1 XQZ"):
        with pytest.raises(seatcore.InvalidInput):
            Money.parse(bad)


def test_money_is_whole_and_reckons_in_one_currency() -> None:
    for minor in (12.5, "1250", Decimal(1250), True, None):
        with pytest.raises(seatcore.InvalidInput, match="minor"):
            Money(minor, "EUR")  # type: ignore[arg-type]
    for currency in ("XQZ", "", 7, None):
        with pytest.raises(seatcore.InvalidInput, match="currency"):
            Money(1250, currency)  # type: ignore[arg-type]
    price, other = Money(1250, "EUR"), Money(1, "USD")
    assert (price - Money(50, "EUR"), 3 * price) == (Money(1200, "EUR"), price * 3)
    assert sum([price, price, price]) == Money(3750, "EUR")
    assert Money(1, "EUR") < price <= price and not price > price and price >= Money(-1, "EUR")
    assert max([price, Money(9, "EUR")]) is price
    for wrong in (
        lambda: price - other,
        lambda: price < other,
        lambda: price >= other,
        lambda: sum([price, other]),
    ):
        with pytest.raises(seatcore.InvalidInput, match="USD and EUR"):
            wrong()
    reckoned: list[Any] = [
        lambda: price * 1.5,
        lambda: price + 1,
        lambda: price < 1,
        lambda: 1 + price,
    ]
    for wrong in reckoned:
        with pytest.raises(TypeError):
            wrong()


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_a_value_is_taken_apart_as_a_dataclass(value: Any) -> None:
    if isinstance(value, seatcore.Rows):
        return
    names = [field.name for field in dataclasses.fields(value)]
    assert names == list(type(value).__match_args__)
    assert list(dataclasses.asdict(value)) == names
    assert dataclasses.replace(value) == value


def test_the_prices_of_a_show_do_not_change() -> None:
    engine, _ = seatcore.example()
    show = open_show(engine, "A:4*premium", tiers={"premium": "20 EUR"})
    assert dataclasses.asdict(show)["tiers"] == {"premium": {"minor": 2000, "currency": "EUR"}}
    assert dict(show.tiers) == {"premium": Money(2000, "EUR")}
    tiers: Any = show.tiers
    for change in (
        lambda: tiers.update(a=1),
        lambda: tiers.pop("premium"),
        lambda: tiers.__setitem__("a", 1),
        lambda: tiers.clear(),
    ):
        with pytest.raises(TypeError):
            change()


@pytest.mark.parametrize("price", [12.5, 12, Decimal("12.50"), None, b"1 EUR"])
def test_a_price_without_a_currency_is_refused_with_a_hint(price: Any) -> None:
    engine, show = seatcore.example()
    with pytest.raises(seatcore.InvalidInput, match="price"):
        engine.shows.create(
            show.movie, show.screen, starts=show.starts_at + timedelta(days=1), price=price
        )


def test_a_moment_without_a_zone_is_refused_and_any_zone_is_taken() -> None:
    engine, show = seatcore.example()

    def create(starts: Any) -> seatcore.Show:
        return engine.shows.create(show.movie, show.screen, starts=starts, price="1 EUR")

    with pytest.raises(seatcore.InvalidInput, match=r"no time zone \(say which zone"):
        create(datetime(2031, 1, 1, 20))
    with pytest.raises(seatcore.InvalidInput, match="starts must be an aware datetime, not str"):
        create("2031-01-01T20:00:00Z")
    made = create(datetime(2031, 1, 1, 20, 0, 0, 250_000, tzinfo=ZoneInfo("Asia/Tokyo")))
    assert made.starts_at == datetime(2031, 1, 1, 11, 0, 0, 250_000, tzinfo=UTC)
    assert made.starts_at.tzinfo is UTC
    assert made.to_dict()["starts_at"] == "2031-01-01T11:00:00.250Z"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ttl": 0.5}, "ttl"),
        ({"ttl": -1}, "ttl"),
        ({"ttl": float("nan")}, "ttl"),
        ({"ttl": timedelta(hours=2)}, "ttl"),
        ({"ttl": "10m"}, "ttl"),
        ({"holder": ""}, "holder"),
        ({"holder": 7}, "holder"),
        ({"holder": "a\nb"}, "holder"),
        ({"seats": []}, "seats"),
        ({"seats": ["A1", "a1"]}, "seats"),
        ({"seats": [1]}, "seats"),
        ({"seats": [f"A{n}" for n in range(65)]}, "seats"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"reference": "x" * 256}, "reference"),
    ],
)
def test_what_is_out_of_range_is_named(wrong: dict[str, Any], field: str) -> None:
    engine, show = seatcore.example()
    asked = {"seats": ["A1"], "holder": "ada", **wrong}
    with pytest.raises(seatcore.InvalidInput) as refused:
        engine.hold(show, **asked)
    assert any(name.startswith(field) for name, _ in refused.value.errors)


def test_what_does_not_exist_is_not_found() -> None:
    engine, show = seatcore.example()
    for call in (
        lambda: engine.stats(99),
        lambda: engine.stats(-1),
        lambda: engine.stats(2**40),
        lambda: engine.book("hld_nonsense"),
        lambda: engine.find_hold("bkg_00000000000000000000000000"),
        lambda: engine.booking("x"),
        lambda: engine.ticket("AAAAA-AAAAA-A"),
        lambda: engine.movies.get(77),
        lambda: engine.seat_map(show).row("Z"),
    ):
        with pytest.raises(seatcore.NotFound):
            call()
    with pytest.raises(seatcore.UnknownSeat, match="Z9"):
        engine.seat(show, "Z9")
    with pytest.raises(seatcore.UnknownSeat):
        engine.seat_map(show)["Z9"]


def test_an_exception_of_an_iterable_comes_through_unchanged() -> None:
    engine, show = seatcore.example()

    def seats() -> Any:
        yield "A1"
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        engine.hold(show, seats(), holder="ada")
    assert engine.stats(show).held == 0
    with pytest.raises(ZeroDivisionError):
        engine.batch(commands.hold(show, 1 // 0, holder="x") for _ in range(1))  # type: ignore[arg-type]


def test_lists_become_tables() -> None:
    pandas, polars, arrow = map(pytest.importorskip, ("pandas", "polars", "pyarrow"))
    engine, show = seatcore.example()
    engine.book(engine.hold(show, "A1", holder="ada"))
    seats = engine.seats(show)
    assert isinstance(seats[:3], seatcore.Rows)
    frame = seats.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["status"][:2]) == ["booked", "available"]
    table = seats.to_polars()
    assert isinstance(table, polars.DataFrame)
    assert (table.height, table["price"].sum()) == (50, Decimal("625.00"))
    assert isinstance(seats.to_arrow(), arrow.Table)
    assert engine.shows.list().to_polars()["stats_booked"].to_list() == [1]
    assert engine.bookings().to_polars()["total_currency"].to_list() == ["EUR"]
    assert engine.history(show).to_arrow().num_rows == 3
    assert engine.bookings(holder="nobody").to_columns() == {}


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, show = seatcore.example()
    for package, method in (("pandas", "pandas"), ("polars", "polars"), ("pyarrow", "arrow")):
        monkeypatch.setitem(__import__("sys").modules, package, None)
        with pytest.raises(ImportError, match=f"pip install {package}"):
            getattr(engine.seats(show), f"to_{method}")()


def test_a_seat_map_for_people() -> None:
    engine, show = seatcore.example()
    engine.hold(show, ["C5"], holder="ada")
    engine.book(engine.hold(show, ["C6"], holder="ada"))
    seat_map = engine.seat_map(show)
    assert str(seat_map).splitlines()[2] == "C  □ □ □ □ ◐ ■ □ □ □ □"
    assert (seat_map["c6"], len(seat_map.available)) == (seatcore.SeatStatus.BOOKED, 48)
    html = seat_map._repr_html_()
    assert "48 available, 1 held, 1 booked, 0 blocked of 50" in html
    assert "<title>C6 booked</title>" in html
    assert "<script" not in html
    __import__("xml.dom.minidom").dom.minidom.parseString(html)
    rich = pytest.importorskip("rich.console")
    console = rich.Console(width=60, record=True, file=__import__("io").StringIO())
    console.print(seat_map)
    assert "C  □ □ □ □ ◐ ■ □ □ □ □" in console.export_text()


def test_a_seat_map_is_a_mapping_of_labels() -> None:
    engine, show = seatcore.example()
    engine.hold(show, ["C5"], holder="ada")
    seat_map = engine.seat_map(show)
    assert ("C5" in seat_map, "c5" in seat_map, "Z9" in seat_map, 5 in seat_map) == (
        True,
        True,
        False,
        False,
    )
    assert (len(seat_map), list(seat_map)[:2]) == (50, ["A1", "A2"])
    assert tuple(seat_map) == seat_map.labels
    held = [seat for seat, status in seat_map.items() if status == "held"]
    assert held == ["C5"]
    assert dict(seat_map)["C5"] is seatcore.SeatStatus.HELD
    assert seat_map[engine.seat(show, "C5")] == "held"
    assert engine.seat(show, "C5") in seat_map
    for nothing in ("Z9", 5, None, ("C", 5)):
        with pytest.raises(KeyError):
            seat_map[nothing]  # type: ignore[index]
        assert seat_map.get(nothing) is None  # type: ignore[call-overload]


def test_a_value_can_be_taken_apart_and_made_by_hand() -> None:
    engine, show = seatcore.example()
    hold = engine.hold(show, ["A1", "A2"], holder="ada", ttl=60, reference="r")
    booking = engine.book(hold, idempotency_key="k")
    match booking:
        case seatcore.Booking(holder="ada", seats=(first, *_), state="booked"):
            assert first == "A1"
        case _:
            pytest.fail("it did not match")
    for value in (hold, booking):
        parts = {name: getattr(value, name) for name in type(value).__match_args__}
        assert type(value)(**parts) == value
        assert type(value)(**{**parts, "holder": "bob"}) != value
        assert type(value)(**{**parts, "replayed": True}) == value
    assert engine.book(hold, idempotency_key="k").replayed
    # What was made by hand, or came out of a pickle, may be asked about as well.
    twin = pickle.loads(pickle.dumps(booking))
    assert engine.cancel(twin).state == "cancelled"
    assert timedelta(0) < hold.remaining <= timedelta(seconds=60)
    assert booking.tickets[0].seat == "A1" and booking.total.amount == Decimal("25.00")


def test_what_a_value_prints() -> None:
    engine, show = seatcore.example()
    hold = engine.hold(show, "A1", holder="ada")
    assert repr(hold).startswith(
        f"Hold(id='{hold.id}', show=1, holder='ada', seats=('A1',), state="
    )
    assert repr(engine.shows) == "<shows of <seatcore.Engine ':memory:'>>"
    assert repr(engine.seat_map(show)).startswith("SeatMap(show=1, seq=2, layout=")
    assert "symbols" not in repr(engine.seat_map(show))
    assert repr(engine.events(show)).startswith("<seatcore.Events of <seatcore.Engine ':memory:'>")
    # By the names that callers know them under.
    for public in (seatcore.Hold, seatcore.Money, seatcore.SeatMap, seatcore.Busy, seatcore.Rows):
        assert public.__module__ == "seatcore", public
    assert "When it was booked" in (seatcore.Booking.booked_at.__doc__ or "")


def test_a_value_is_a_dataclass_to_whoever_asks() -> None:
    money = seatcore.Money(1250, "EUR")
    assert dataclasses.is_dataclass(money)
    assert [field.name for field in dataclasses.fields(money)] == ["minor", "currency"]
    assert dataclasses.replace(money, minor=5) == seatcore.Money(5, "EUR")
    assert dataclasses.asdict(money) == {"minor": 1250, "currency": "EUR"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        money.minor = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del money.minor
    match money:
        case seatcore.Money(minor, "EUR"):
            assert minor == 1250
        case _:
            raise AssertionError("it is")
    signature = inspect.signature(seatcore.ShowEvent)
    assert list(signature.parameters)[:4] == ["show", "kind", "at", "seq"]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'currency'"):
        seatcore.Money(1)  # type: ignore[call-arg]


def test_a_subclass_of_a_value_has_attributes_of_its_own() -> None:
    class Fare(seatcore.Money):
        pass

    fare = Fare(1250, "EUR")
    fare.zone = "B"  # type: ignore[attr-defined]
    assert fare != seatcore.Money(1250, "EUR")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fare.minor = 1  # type: ignore[misc]
