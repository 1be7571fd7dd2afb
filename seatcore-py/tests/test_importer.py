"""A Django site's sales, taken over."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import seatcore
from seatcore.importers import django

from conftest import Run

SCHEMA = """
CREATE TABLE auth_user (id integer PRIMARY KEY, username text, password text);
CREATE TABLE seats_movie (id integer PRIMARY KEY, title text, description text,
    duration_mins integer, poster text);
CREATE TABLE seats_screen (id integer PRIMARY KEY, name text, description text);
CREATE TABLE seats_showtime (id integer PRIMARY KEY, movie_id integer, screen_id integer,
    start_time text, end_time text, base_price decimal);
CREATE TABLE seats_seat (id integer PRIMARY KEY, show_id integer, row text, number integer,
    status text, held_by_id integer, hold_expires_at text);
"""


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two overlapping shows on one screen and one that is over, as the site's own seeds make."""
    file = tmp_path / "db.sqlite3"
    now = datetime.now(UTC)
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA)
    connection.executemany(
        "INSERT INTO auth_user VALUES (?, ?, 'x')", [(1, "demo_user_123"), (2, "bob")]
    )
    connection.execute("INSERT INTO seats_movie VALUES (7, 'Inception', 'Dreams.', 148, '')")
    connection.execute("INSERT INTO seats_screen VALUES (3, 'Main Hall', '')")
    hour = timedelta(hours=1)
    shows = [(1, 1, 3), (2, 2, 5), (3, -30, -27)]
    connection.executemany(
        "INSERT INTO seats_showtime VALUES (?, 7, 3, ?, ?, 100)",
        [(id, text(now + start * hour), text(now + end * hour)) for id, start, end in shows],
    )
    soon, past = text(now + timedelta(minutes=8)), text(now - timedelta(minutes=1))
    taken = {
        (1, "A", 1): ("BOOKED", 1, None),
        (1, "A", 2): ("BOOKED", 1, None),
        (1, "B", 1): ("BOOKED", None, None),
        (1, "C", 5): ("HELD", 2, soon),
        (1, "C", 6): ("HELD", 2, past),
        (3, "E", 10): ("BOOKED", 2, None),
    }
    seats = [(show, row, n) for show, _, _ in shows for row in "ABCDE" for n in range(1, 11)]
    rows = [(*seat, *taken.get(seat, ("AVAILABLE", None, None))) for seat in seats if seat[2] != 4]
    connection.executemany(
        "INSERT INTO seats_seat (show_id, row, number, status, held_by_id, hold_expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.commit()
    connection.close()
    return file


def test_everything_that_matters_is_taken_over(site: Path, engine: seatcore.Engine) -> None:
    done = django.read(site, engine)
    assert (len(done.movies), len(done.shows)) == (1, 3)
    assert (done.bookings, done.booked_seats, done.held_seats) == (3, 4, 1)
    assert done.problems == ["show 2 is on copy 2 of its screen: another was on then"]
    first = engine.shows.get(done.shows[1])
    assert (str(first.price), first.status) == ("100.00 EUR", "on_sale")
    assert first.stats == seatcore.Stats(available=41, held=1, booked=3, blocked=0, capacity=45)
    assert {booking.holder: booking.seats for booking in engine.bookings(show=first)} == {
        "django:1": ("A1", "A2"),
        "unknown": ("B1",),
    }
    (hold,) = engine.holds(holder="django:2")
    assert hold.seats == ("C5",)
    assert timedelta(minutes=6) < hold.remaining <= timedelta(minutes=8)
    with pytest.raises(seatcore.UnknownSeat):
        engine.seat(first, "A4")
    over = engine.shows.get(done.shows[3])
    assert (over.status, over.stats.booked) == ("closed", 1)
    assert engine.book(hold).seats == ("C5",)
    assert engine.verify().clean
    with pytest.raises(seatcore.InvalidInput, match="fresh file"):
        django.read(site, engine)


SCRIPT = """
    import sys
    from seatcore.importers.django import main
    sys.exit(main(sys.argv[1:]))
"""


def change(site: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(site)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_from_the_command_line(site: Path, path: Path, run: Run) -> None:
    done = run(SCRIPT, site, path)
    assert done.stdout == "1 movies, 3 shows, 3 bookings of 4 seats, 1 seats held\n"
    assert "note: show 2 is on copy 2" in done.stderr


def test_prices_are_in_the_currency_that_was_named(site: Path, path: Path, run: Run) -> None:
    wrong = run(SCRIPT, "--currency", "euros", site, path, status=2)
    assert "'euros' is no currency" in wrong.stderr
    assert not path.exists(), "refused before anything is made"
    run(SCRIPT, "--currency", "INR", site, path)
    with seatcore.open(path) as engine:
        assert {str(show.price) for show in engine.shows.list()} == {"100.00 INR"}


def test_a_site_whose_holders_were_names_goes_on_with_them(
    site: Path, path: Path, run: Run
) -> None:
    change(site, "INSERT INTO auth_user VALUES (3, ?, 'x')", "a" * 65)
    change(site, "INSERT INTO auth_user VALUES (4, 'user:1', 'x')")
    for user, seat in ((3, 1), (4, 2)):
        taken = "UPDATE seats_seat SET status = 'BOOKED', held_by_id = ? WHERE show_id = 2"
        change(site, taken + " AND row = 'A' AND number = ?", user, seat)
    done = run(SCRIPT, "--holder", "username", site, path)
    with seatcore.open(path) as engine:
        holders = {booking.holder for booking in engine.bookings()}
    assert holders == {"demo_user_123", "unknown", "bob", "django:3", "django:4"}
    assert done.stderr.count("the name of user") == 2
    assert "user 4 cannot be a holder: it is django:4" in done.stderr
    run(SCRIPT, "--holder", "email", site, path, status=2)


def test_sites_with_users_of_their_own_are_read(site: Path, engine: seatcore.Engine) -> None:
    change(site, "DROP TABLE auth_user")
    assert django.read(site, engine).bookings == 3
    assert {booking.holder for booking in engine.bookings()} >= {"django:1", "django:2"}


def test_a_show_without_an_end_ends_with_its_film(site: Path, engine: seatcore.Engine) -> None:
    change(site, "UPDATE seats_showtime SET end_time = NULL WHERE id = 1")
    done = django.read(site, engine)
    show = engine.shows.get(done.shows[1])
    assert show.ends_at - show.starts_at == timedelta(minutes=148)


def test_what_is_left_out_is_counted_and_no_success(site: Path, path: Path, run: Run) -> None:
    change(site, "UPDATE seats_showtime SET base_price = 99999999999 WHERE id = 1")
    done = run(SCRIPT, site, path, status=1)
    assert done.stdout == "1 movies, 2 shows, 1 bookings of 1 seats, 0 seats held\n"
    assert "left out: 1 shows with 3 booked and 1 held seats" in done.stderr


def test_a_path_may_have_any_letters(site: Path, engine: seatcore.Engine, tmp_path: Path) -> None:
    odd = tmp_path / "100%41 of #1?.sqlite3"
    site.rename(odd)
    assert django.read(odd, engine).bookings == 3


def test_a_file_that_is_not_there_makes_none(path: Path, tmp_path: Path, run: Run) -> None:
    done = run(SCRIPT, tmp_path / "db.sqlite3", path, status=3)
    assert done.stderr.startswith("error: there is no file ")
    assert not path.exists()
    sqlite3.connect(tmp_path / "empty.db").close()
    done = run(SCRIPT, tmp_path / "empty.db", path, status=2)
    assert "Traceback" not in done.stderr


def test_another_file_is_refused(engine: seatcore.Engine, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    for file in ("nothing.db", "empty.db"):
        with pytest.raises((seatcore.InvalidInput, sqlite3.Error)):
            django.read(tmp_path / file, engine)
