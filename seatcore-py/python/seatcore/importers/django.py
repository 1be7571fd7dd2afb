"""Reads the SQLite file of a Django booking site into an engine.

The site keeps movies, screens, show times and one row a seat (`AVAILABLE`, `HELD` until a moment,
`BOOKED`), each in a table named after its model, such as `seats_seat`. Everything that can still
matter is taken over: the catalogue, each show with its plan and price, every booking, and holds
that are live, for as long as they have left.

    python -m seatcore.importers.django db.sqlite3 box-office.db
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from .. import _seatcore
from .._engine import Engine
from .._values import Money
from ..errors import InvalidInput, NameTaken, Overlap, Rejected

__all__ = ["Imported", "read"]

_HOLD_SEATS_MAX = 64
_UNKNOWN_HOLDER = "unknown"


@dataclass(slots=True)
class Imported:
    """What was taken over: new numbers by old ones, and what could not be."""

    movies: dict[int, int] = field(default_factory=dict[int, int])
    screens: dict[int, int] = field(default_factory=dict[int, int])
    shows: dict[int, int] = field(default_factory=dict[int, int])
    bookings: int = 0
    booked_seats: int = 0
    held_seats: int = 0
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


def read(
    file: str | os.PathLike[str],
    engine: Engine,
    *,
    currency: str = "EUR",
    holder: Callable[[str], str] = str,
) -> Imported:
    """Reads a site's file into an engine that has no shows yet.

    `holder` names a user of the site to the engine; it is given their user name. Accounts and
    passwords are not read. Raises `InvalidInput` if the file is not such a site's, or the engine
    has shows: read into a fresh file, and if something goes wrong begin with a fresh one again.
    """
    if len(engine.shows.list()):
        raise InvalidInput("the engine has shows already: read into a fresh file")
    place = os.fspath(file)
    if not os.path.exists(place):
        raise InvalidInput(f"there is no file {place}")
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as site:
        site.row_factory = sqlite3.Row
        return _Reader(site, engine, currency, holder).read()


class _Reader:
    def __init__(
        self, site: sqlite3.Connection, engine: Engine, currency: str, holder: Callable[[str], str]
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
        rows = self._site.execute("SELECT id, username FROM auth_user")
        return {int(id): str(name) for id, name in rows}

    def _seats(self) -> Iterable[_Seat]:
        users = self._users()
        for row in self._rows("seat"):
            user = row.get("held_by_id")
            name = users.get(int(user)) if user is not None else None
            yield _Seat(
                int(_first(row, "show_id", "showtime_id", "show_time_id")),
                str(row["row"]).strip().upper(),
                int(_first(row, "number", "seat_number")),
                str(row["status"]).upper(),
                None if name is None else self._holder(name),
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
        starts = _moment(_first(show, "start_time", "start", "starts_at"))
        ends = _moment(_first(show, "end_time", "end", "ends_at"))
        if starts is None or ends is None:
            self._done.problems.append(f"show {old} has no start or end and was left out")
            return
        price = self._money(_first(show, "base_price", "price"))
        try:
            new = self._place(show, screens, _plan(seats), starts, ends, price)
        except Rejected as error:
            self._done.problems.append(f"show {old} was left out: {error}")
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

    def _money(self, amount: Any) -> Money:
        decimals = _seatcore.currency_decimals(self._currency)
        return Money(int(Decimal(str(amount)).scaleb(decimals)), self._currency)

    def _place(
        self,
        show: dict[str, Any],
        screens: dict[int, str],
        plan: dict[str, Any],
        starts: datetime,
        ends: datetime,
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


def _first(row: dict[str, Any], *names: str) -> Any:
    for name in names:
        if row.get(name) is not None:
            return row[name]
    raise InvalidInput(f"a row has none of the columns {', '.join(names)}")


def _moment(text: Any) -> datetime | None:
    """Django keeps moments in SQLite as UTC text without a zone."""
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def main(arguments: list[str]) -> int:
    """`python -m seatcore.importers.django FILE TO`."""
    if len(arguments) != 2:
        print(
            "usage: python -m seatcore.importers.django db.sqlite3 box-office.db", file=sys.stderr
        )
        return 2
    with Engine(arguments[1]) as engine:
        done = read(arguments[0], engine)
        clean = engine.verify().clean
    print(
        f"{len(done.movies)} movies, {len(done.shows)} shows, {done.bookings} bookings of "
        f"{done.booked_seats} seats, {done.held_seats} seats held"
    )
    for problem in done.problems:
        print(f"note: {problem}", file=sys.stderr)
    return 0 if clean else 7


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
