"""What is on: movies, screens and shows of an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date as Date
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from . import commands
from ._arguments import (
    ShowLike,
    Span,
    caps_of,
    count_of,
    day_of,
    moment_of,
    number_of,
    plan_of,
    prices_of,
    seconds_of,
    show_of,
    some_count,
    some_moment,
    some_text,
    text_of,
    wrong_type,
)
from ._part import Part
from ._seat_map import Plan
from ._tables import Rows
from ._value import replace
from ._values import LayoutRow, Money, Movie, Poster, Screen, Show, ShowEvent

if TYPE_CHECKING:
    from . import _seatcore

_PAGE = 200


class Movies(Part):
    """The movies of an engine."""

    __slots__ = ()

    def create(
        self,
        title: str,
        *,
        minutes: int,
        description: str = "",
        poster: bytes | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Movie:
        """Adds a movie. The poster is a JPEG, PNG or WebP image of at most 5 MiB.

        Under a key it is made once: whoever asks again gets the movie as it is by then.
        """
        return self._native.add_movie(
            text_of("title", title),
            count_of("minutes", minutes),
            text_of("description", description),
            poster,
            _creator(staff, idempotency_key),
        )

    def get(self, movie: int | Movie) -> Movie:
        """A movie by its number."""
        return self._native.movie(number_of("movie", movie))

    def list(self) -> Rows[Movie]:
        """Every movie, by title."""
        return Rows(self._native.movies())

    def __iter__(self) -> Iterator[Movie]:
        return iter(self.list())

    def edit(
        self,
        movie: int | Movie,
        *,
        title: str | None = None,
        minutes: int | None = None,
        description: str | None = None,
    ) -> Movie:
        """Changes a movie; what is not given stays."""
        return self._native.edit_movie(
            number_of("movie", movie),
            some_text("title", title),
            some_count("minutes", minutes),
            some_text("description", description),
        )

    def remove(self, movie: int | Movie) -> None:
        """Removes a movie that no show uses."""
        self._native.remove_movie(number_of("movie", movie))

    def poster(self, movie: int | Movie) -> Poster:
        """A movie's poster."""
        return self._native.poster(number_of("movie", movie))

    def set_poster(self, movie: int | Movie, image: bytes | None) -> None:
        """Gives a movie a poster, or takes it away."""
        self._native.set_poster(number_of("movie", movie), image)


class Screens(Part):
    """The halls of an engine."""

    __slots__ = ()

    def create(
        self,
        name: str,
        *,
        rows: str | None = None,
        seats_per_row: int | None = None,
        layout: str | Mapping[str, Any] | None = None,
        tz: str | None = None,
        cleaning: Span | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Screen:
        """Adds a hall: `rows="A-E", seats_per_row=10`, or a `layout`.

        A layout is text such as `stalls/A-H:4|12|4*premium@1+20; balcony/A-C:12` (aisles, tiers,
        accessible places), or a plan as `layout()` gives it. `cleaning` is the pause between two
        shows, 15 minutes unless told otherwise.
        """
        plan = plan_of(rows, seats_per_row, layout)
        if plan is None:
            raise wrong_type("layout", "given, or rows and seats_per_row", None)
        pause, creator = seconds_of("cleaning", cleaning), _creator(staff, idempotency_key)
        zone = some_text("tz", tz)
        return self._native.add_screen(text_of("name", name), plan, zone, pause, creator)

    def get(self, screen: int | Screen) -> Screen:
        """A hall by its number."""
        return self._native.screen(number_of("screen", screen))

    def list(self) -> Rows[Screen]:
        """Every hall, by number."""
        return Rows(self._native.screens())

    def __iter__(self) -> Iterator[Screen]:
        return iter(self.list())

    def edit(
        self,
        screen: int | Screen,
        *,
        name: str | None = None,
        rows: str | None = None,
        seats_per_row: int | None = None,
        layout: str | Mapping[str, Any] | None = None,
        tz: str | None = None,
        cleaning: Span | None = None,
    ) -> Screen:
        """Changes a hall; what is not given stays, and shows that exist keep their layout."""
        plan = plan_of(rows, seats_per_row, layout)
        pause, zone = seconds_of("cleaning", cleaning), some_text("tz", tz)
        number, called = number_of("screen", screen), some_text("name", name)
        return self._native.edit_screen(number, called, plan, zone, pause)

    def remove(self, screen: int | Screen) -> None:
        """Removes a hall that no show uses."""
        self._native.remove_screen(number_of("screen", screen))

    def layout(self, screen: int | Screen | Show | str) -> dict[str, Any]:
        """The full plan of a hall, of a show, or by its hash: `create` takes it back."""
        import json

        plan: dict[str, Any] = json.loads(self._native.plan(self._hash(screen)))
        return plan

    def rows(self, screen: int | Screen | Show | str) -> tuple[LayoutRow, ...]:
        """The rows of a hall, from front to back."""
        return self._engine._plan(self._hash(screen)).rows

    def _hash(self, screen: int | Screen | Show | str) -> str:
        if isinstance(screen, str):
            return screen
        return screen.layout if isinstance(screen, (Screen, Show)) else self.get(screen).layout


class Shows(Part):
    """The shows of an engine."""

    __slots__ = ()

    def _zoned(self, show: Show) -> Show:
        return show if self._engine._zone is None else replace(show, zone=self._engine._zone)

    def create(
        self,
        movie: int | Movie,
        screen: int | Screen,
        *,
        starts: datetime,
        price: Money | str,
        tiers: Mapping[str, Money | str] | None = None,
        ends: datetime | None = None,
        sales_open: datetime | None = None,
        sales_close: datetime | None = None,
        hold_life: Span | None = None,
        holds_per_holder: int | None = None,
        seats_per_holder: int | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Show:
        """Opens a show: on sale at once and until it starts, unless told otherwise.

        `price` is for seats without a tier, such as `12.50 EUR`; `tiers` maps names to prices.
        Raises `Overlap` while the hall is busy or being cleaned.
        """
        moments = (
            moment_of("starts", starts),
            some_moment("ends", ends),
            some_moment("sales_open", sales_open),
            some_moment("sales_close", sales_close),
        )
        caps = caps_of(hold_life, holds_per_holder, seats_per_holder)
        show = self._native.open_show(
            number_of("movie", movie),
            number_of("screen", screen),
            moments,
            prices_of(price, tiers),
            caps,
            _creator(staff, idempotency_key),
        )
        return self._zoned(show)

    def get(self, show: ShowLike) -> Show:
        """A show by its number, with its seats counted."""
        return self._zoned(self._native.show(show_of(show)))

    def list(
        self,
        *,
        date: Date | None = None,
        movie: int | Movie | None = None,
        screen: int | Screen | None = None,
        start: datetime | None = None,
        before: datetime | None = None,
    ) -> Rows[Show]:
        """Shows by start. `date` is a day in the zone the engine was opened with."""
        first, end = some_moment("start", start), some_moment("before", before)
        if date is not None:
            zone = self._engine._zone_or_utc()
            day = day_of("date", date)
            first = moment_of("date", datetime.combine(day, time(0), zone))
            end = moment_of("date", datetime.combine(day + timedelta(days=1), time(0), zone))
        of_movie = None if movie is None else number_of("movie", movie)
        on_screen = None if screen is None else number_of("screen", screen)
        shows: list[Show] = []
        after: tuple[int, int] | None = None
        while True:
            page = self._native.shows(of_movie, on_screen, first, end, after, _PAGE)
            shows.extend(self._zoned(show) for show in page)
            if len(page) < _PAGE:
                return Rows(shows)
            after = moment_of("after", page[-1].starts_at), page[-1].id

    def __iter__(self) -> Iterator[Show]:
        return iter(self.list())

    def change(
        self,
        show: ShowLike,
        *,
        starts: datetime | None = None,
        ends: datetime | None = None,
        sales_open: datetime | None = None,
        sales_close: datetime | None = None,
        sales_close_at_start: bool = False,
        closed: bool | None = None,
        price: Money | str | None = None,
        tiers: Mapping[str, Money | str] | None = None,
        hold_life: Span | None = None,
        holds_per_holder: int | None = None,
        seats_per_holder: int | None = None,
        if_seq: int | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> ShowEvent:
        """Changes a show's terms; what is not given stays.

        `closed` closes or reopens sales by hand, prices count for later holds, and `if_seq`
        refuses as `Stale` if the show has moved on. `tiers` stand in place of all prices by tier.
        """
        command = commands.change_show(
            show,
            starts=starts,
            ends=ends,
            sales_open=sales_open,
            sales_close=sales_close,
            sales_close_at_start=sales_close_at_start,
            closed=closed,
            price=price,
            tiers=tiers,
            hold_life=hold_life,
            holds_per_holder=holds_per_holder,
            seats_per_holder=seats_per_holder,
            if_seq=if_seq,
            staff=staff,
            idempotency_key=idempotency_key,
        )
        changed: ShowEvent = self._native.ask(command)
        return changed

    def cancel(
        self,
        show: ShowLike,
        *,
        reason: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> ShowEvent:
        """Cancels a show: every hold, block and booking of it ends."""
        command = commands.cancel_show(
            show, reason=reason, staff=staff, idempotency_key=idempotency_key
        )
        cancelled: ShowEvent = self._native.ask(command)
        return cancelled


def _creator(staff: str | None, key: str | None) -> tuple[str | None, str | None]:
    return some_text("staff", staff), some_text("idempotency_key", key)


def plan_from(native: _seatcore.Engine, layout: str) -> Plan:
    """The plan with this hash."""
    return Plan(tuple(native.layout_rows(layout)))
