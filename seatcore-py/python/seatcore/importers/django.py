"""Reads the SQLite file of a Django booking site into an engine.

The site keeps movies, screens, show times and one row a seat (`AVAILABLE`, `HELD` until a moment,
`BOOKED`), each in a table named after its model, such as `seats_seat`. Everything that can still
matter is taken over: the catalogue, each show with its plan and price, every booking, and holds
that are live, for as long as they have left. A user is the holder `django:<pk>`: the log cannot
forget what stands in it, and a name is somebody's.

    python -m seatcore.importers.django [--currency EUR] [--holder pk|username] \\
        db.sqlite3 box-office.db
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from .. import _seatcore
from .._engine import Engine
from .._values import Money
from ..errors import InvalidInput, NameTaken, Overlap, Rejected

__all__ = ["Imported", "by_pk", "by_username", "read"]

_HOLD_SEATS_MAX = 64
_HOLDER_CHARS_MAX = 64
_HOLDER_BYTES_MAX = 256
_UNKNOWN_HOLDER = "unknown"
_OTHERS_HOLDERS = ("user:", "key:")
"""What the engine's own users and API keys are called: nobody else may be."""

_DONE, _LEFT_OUT, _USAGE, _NOT_FOUND, _DAMAGED = 0, 1, 2, 3, 7
"""What the command exits with, as `seatcore` does."""


@dataclass(slots=True)
class Imported:
    """What was taken over: new numbers by old ones, and what could not be."""

    movies: dict[int, int] = field(default_factory=dict[int, int])
    screens: dict[int, int] = field(default_factory=dict[int, int])
    shows: dict[int, int] = field(default_factory=dict[int, int])
    bookings: int = 0
    booked_seats: int = 0
    held_seats: int = 0
    left_out_shows: int = 0
    left_out_booked: int = 0
    left_out_held: int = 0
    """Seats that were sold or held in shows that could not be taken over."""
    problems: list[str] = field(default_factory=list[str])
    """Shows on a copy of their screen because another was on, and rows that no plan can have."""


class _Seat(NamedTuple):
    show: int
    row: str
    number: int
    status: str
    holder: str | None
    expires: datetime | None

    @property
    def label(self) -> str:
        return f"{self.row}{self.number}"


def by_pk(pk: int, name: str) -> str:
    """A user of the site as a holder: by their number, which says nothing about them."""
    return f"django:{pk}"


def by_username(pk: int, name: str) -> str:
    """The same by their name; by their number where the name cannot be a holder's."""
    fits = 1 <= len(name) <= _HOLDER_CHARS_MAX and len(name.encode()) <= _HOLDER_BYTES_MAX
    free = not name.startswith(_OTHERS_HOLDERS) and name.isprintable() and name == name.strip()
    return name if fits and free else by_pk(pk, name)


def read(
    file: str | os.PathLike[str],
    engine: Engine,
    *,
    currency: str = "EUR",
    holder: Callable[[int, str], str] = by_pk,
) -> Imported:
    """Reads a site's file into an engine that has no shows yet.

    `holder` names a user of the site to the engine; it is given their number and their user name,
    which is empty where the site keeps its users elsewhere than in `auth_user`. Accounts and
    passwords are not read. Raises `InvalidInput` if the file is not such a site's, or the engine
    has shows: read into a fresh file, and if something goes wrong begin with a fresh one again.
    """
    if len(engine.shows.list()):
        raise InvalidInput("the engine has shows already: read into a fresh file")
    place = Path(file)
    if not place.is_file():
        raise InvalidInput(f"there is no file {place}")
    with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as site:
        site.row_factory = sqlite3.Row
        return _Reader(site, engine, currency, holder).read()


class _Reader:
    def __init__(
        self,
        site: sqlite3.Connection,
        engine: Engine,
        currency: str,
        holder: Callable[[int, str], str],
    ) -> None:
        self._site = site
        self._engine = engine
        self._currency = currency
        self._holder = holder
        self._now = datetime.now(UTC)
        self._done = Imported()

    def read(self) -> Imported:
        seats = sorted(self._seats())
        by_show = {show: list(rows) for show, rows in groupby(seats, lambda seat: seat.show)}
        for movie in self._rows("movie"):
            self._movie(movie)
        screens = {int(screen["id"]): str(screen["name"]) for screen in self._rows("screen")}
        for show in self._rows("showtime"):
            self._show(show, screens, by_show.get(int(show["id"]), []))
        return self._done

    def _rows(self, model: str) -> list[dict[str, Any]]:
        tables = self._site.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        named = [name for (name,) in tables if name == model or name.endswith(f"_{model}")]
        if len(named) != 1:
            raise InvalidInput(f"the file has no table of model {model}")
        rows = self._site.execute(f'SELECT * FROM "{named[0]}" ORDER BY id')
        return [dict(row) for row in rows]

    def _users(self) -> dict[int, str]:
        if not self._has("auth_user"):
            return {}
        rows = self._site.execute("SELECT id, username FROM auth_user")
        return {int(id): str(name) for id, name in rows}

    def _has(self, table: str) -> bool:
        asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self._site.execute(asked, (table,)).fetchone() is not None

    def _name(self, user: int, name: str) -> str:
        """Who holds; said once where a name was wanted and cannot be it."""
        holder = self._holder(user, name)
        if self._holder is by_username and name and holder != name:
            note = f"the name of user {user} cannot be a holder: it is {holder}"
            if note not in self._done.problems:
                self._done.problems.append(note)
        return holder

    def _seats(self) -> Iterable[_Seat]:
        users = self._users()
        for row in self._rows("seat"):
            user = row.get("held_by_id")
            yield _Seat(
                int(_first(row, "show_id", "showtime_id", "show_time_id")),
                str(row["row"]).strip().upper(),
                int(_first(row, "number", "seat_number")),
                str(row["status"]).upper(),
                None if user is None else self._name(int(user), users.get(int(user), "")),
                _moment(row.get("hold_expires_at")),
            )

    def _movie(self, movie: dict[str, Any]) -> None:
        made = self._engine.movies.create(
            str(movie["title"])[:200],
            minutes=int(_first(movie, "duration_mins", "duration_minutes", "duration")) or 1,
            description=str(movie.get("description") or ""),
        )
        self._done.movies[int(movie["id"])] = made.id

    def _show(self, show: dict[str, Any], screens: dict[int, str], seats: list[_Seat]) -> None:
        old = int(show["id"])
        if not seats:
            self._done.problems.append(f"show {old} has no seats and was left out")
            return
        starts = _moment(_any(show, "start_time", "start", "starts_at"))
        if starts is None:
            self._leave_out(old, seats, "it has no start")
            return
        # Without an end it ends with its film.
        ends = _moment(_any(show, "end_time", "end", "ends_at"))
        price = self._money(_first(show, "base_price", "price"))
        try:
            new = self._place(show, screens, _plan(seats), starts, ends, price)
        except Rejected as error:
            self._leave_out(old, seats, str(error))
            return
        self._done.shows[old] = new
        self._sell(new, seats)
        self._engine.shows.change(
            new,
            sales_close_at_start=True,
            hold_life=1800,
            holds_per_holder=16,
            seats_per_holder=64,
        )

    def _leave_out(self, show: int, seats: list[_Seat], why: str) -> None:
        live = [seat for seat in seats if seat.status == "HELD" and _deadline(seat) > self._now]
        self._done.left_out_shows += 1
        self._done.left_out_booked += sum(seat.status == "BOOKED" for seat in seats)
        self._done.left_out_held += len(live)
        self._done.problems.append(f"show {show} was left out: {why}")

    def _money(self, amount: Any) -> Money:
        decimals = _seatcore.currency_decimals(self._currency)
        return Money(int(Decimal(str(amount)).scaleb(decimals)), self._currency)

    def _place(
        self,
        show: dict[str, Any],
        screens: dict[int, str],
        plan: dict[str, Any],
        starts: datetime,
        ends: datetime | None,
        price: Money,
    ) -> int:
        """Opens the show on its screen, or on a copy of it if the screen is busy then."""
        old = int(show["screen_id"])
        copy = 1
        while True:
            screen = self._screen(old, screens.get(old, f"Screen {old}"), copy, plan)
            try:
                return self._engine.shows.create(
                    self._done.movies[int(show["movie_id"])],
                    screen,
                    starts=starts,
                    ends=ends,
                    price=price,
                    sales_open=min(starts, self._now) - timedelta(minutes=1),
                    sales_close=max(starts, self._now) + timedelta(hours=1),
                    # While it is read in, a show sells whatever the time, and to anybody as much
                    # as they have.
                    holds_per_holder=100_000,
                    seats_per_holder=200_000,
                ).id
            except Overlap:
                copy += 1
                note = f"show {show['id']} is on copy {copy} of its screen: another was on then"
                self._done.problems.append(note)

    def _screen(self, old: int, name: str, copy: int, plan: dict[str, Any]) -> int:
        """The screen, with the plan of the show to come: shows that exist keep theirs."""
        wanted = name if copy == 1 else f"{name} ({copy})"
        try:
            made = self._engine.screens.create(wanted, layout=plan, cleaning=0)
        except NameTaken:
            same = next(one for one in self._engine.screens if one.name == wanted)
            made = self._engine.screens.edit(same, layout=plan)
        self._done.screens.setdefault(old, made.id)
        return made.id

    def _sell(self, show: int, seats: list[_Seat]) -> None:
        for (status, holder), some in groupby(sorted(seats, key=_taken_by), _taken_by):
            if status == "BOOKED":
                self._book(show, holder or _UNKNOWN_HOLDER, [seat.label for seat in some])
            elif status == "HELD":
                self._hold(show, holder or _UNKNOWN_HOLDER, list(some))

    def _book(self, show: int, holder: str, labels: list[str]) -> None:
        for part in _parts(labels):
            hold = self._engine.hold(show, part, holder=holder, reference="imported")
            self._engine.book(hold)
            self._done.bookings += 1
            self._done.booked_seats += len(part)

    def _hold(self, show: int, holder: str, seats: list[_Seat]) -> None:
        """Live holds, for as long as they have left; a lapsed one is a free seat."""
        for expires, same in groupby(sorted(seats, key=_deadline), _deadline):
            left = int((expires - self._now).total_seconds())
            if left < 1:
                continue
            for part in _parts([seat.label for seat in same]):
                self._engine.hold(
                    show, part, holder=holder, ttl=min(left, 1800), reference="imported"
                )
                self._done.held_seats += len(part)


def _taken_by(seat: _Seat) -> tuple[str, str]:
    return seat.status, seat.holder or ""


def _deadline(seat: _Seat) -> datetime:
    return seat.expires or datetime.min.replace(tzinfo=UTC)


def _parts(labels: list[str]) -> Iterable[list[str]]:
    return (labels[at : at + _HOLD_SEATS_MAX] for at in range(0, len(labels), _HOLD_SEATS_MAX))


def _plan(seats: list[_Seat]) -> dict[str, Any]:
    """The plan that has exactly these seats."""
    rows: list[dict[str, Any]] = []
    ordered = sorted(seats, key=lambda seat: (len(seat.row), seat.row, seat.number))
    for label, some in groupby(ordered, lambda seat: seat.row):
        numbers = [seat.number for seat in some]
        first, last = numbers[0], numbers[-1]
        skip = sorted(set(range(first, last + 1)) - set(numbers))
        rows.append({"label": label, "first": first, "count": len(numbers), "skip": skip})
    return {"sections": [{"rows": rows}]}


def _any(row: dict[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _first(row: dict[str, Any], *names: str) -> Any:
    found = _any(row, *names)
    if found is not None:
        return found
    raise InvalidInput(f"a row has none of the columns {', '.join(names)}")


def _moment(text: Any) -> datetime | None:
    """Django keeps moments in SQLite as UTC text without a zone."""
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _currency(text: str) -> str:
    """The site keeps amounts alone; what they are of is for whoever imports them to say."""
    try:
        _seatcore.currency_decimals(text)
    except InvalidInput:
        raise argparse.ArgumentTypeError(f"{text!r} is no currency, such as EUR") from None
    return text


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m seatcore.importers.django",
        description="Reads the SQLite file of a Django booking site into a fresh file.",
        epilog="Exits with 0 if all of it was taken over, 1 if something was left out.",
    )
    parser.add_argument(
        "--currency",
        type=_currency,
        default="EUR",
        metavar="CODE",
        help="of the site's prices [default: EUR]",
    )
    parser.add_argument("--holder", choices=("pk", "username"), default="pk")
    parser.add_argument("site", metavar="db.sqlite3")
    parser.add_argument("to", metavar="box-office.db")
    return parser.parse_args(arguments)


def _tell(done: Imported) -> None:
    print(
        f"{len(done.movies)} movies, {len(done.shows)} shows, {done.bookings} bookings of "
        f"{done.booked_seats} seats, {done.held_seats} seats held"
    )
    for problem in done.problems:
        print(f"note: {problem}", file=sys.stderr)
    if done.left_out_shows:
        print(
            f"left out: {done.left_out_shows} shows with {done.left_out_booked} booked and "
            f"{done.left_out_held} held seats",
            file=sys.stderr,
        )


def main(arguments: list[str]) -> int:
    """`python -m seatcore.importers.django [--currency CODE] [--holder pk|username] FILE TO`."""
    options = _options(arguments)
    if not os.path.isfile(options.site):
        print(f"error: there is no file {options.site}", file=sys.stderr)
        return _NOT_FOUND
    holder = by_username if options.holder == "username" else by_pk
    try:
        with Engine(options.to) as engine:
            done = read(options.site, engine, currency=options.currency, holder=holder)
            clean = engine.verify().clean
    except (InvalidInput, sqlite3.Error) as error:
        print(f"error: {options.site}: {error}", file=sys.stderr)
        return _USAGE
    _tell(done)
    if not clean:
        return _DAMAGED
    return _LEFT_OUT if done.left_out_shows else _DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
