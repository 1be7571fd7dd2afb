"""What is on, for asyncio: movies, screens and shows of an engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._arguments import ShowLike, Span
from .._tables import Rows
from .._values import LayoutRow, Money, Movie, Poster, Screen, Show, ShowEvent

if TYPE_CHECKING:
    from ._engine import Engine


class Movies:
    """The movies of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(
        self, title: str, *, minutes: int, description: str = "", poster: bytes | None = None
    ) -> Movie:
        """Adds a movie."""
        call = self._engine.sync.movies.create
        run = self._engine._run
        return await run(call, title, minutes=minutes, description=description, poster=poster)

    async def get(self, movie: int | Movie) -> Movie:
        """A movie by its number."""
        return await self._engine._run(self._engine.sync.movies.get, movie)

    async def list(self) -> Rows[Movie]:
        """Every movie, by title."""
        return await self._engine._run(self._engine.sync.movies.list)

    async def edit(
        self,
        movie: int | Movie,
        *,
        title: str | None = None,
        minutes: int | None = None,
        description: str | None = None,
    ) -> Movie:
        """Changes a movie; what is not given stays."""
        call = self._engine.sync.movies.edit
        run = self._engine._run
        return await run(call, movie, title=title, minutes=minutes, description=description)

    async def remove(self, movie: int | Movie) -> None:
        """Removes a movie that no show uses."""
        await self._engine._run(self._engine.sync.movies.remove, movie)

    async def poster(self, movie: int | Movie) -> Poster:
        """A movie's poster."""
        return await self._engine._run(self._engine.sync.movies.poster, movie)

    async def set_poster(self, movie: int | Movie, image: bytes | None) -> None:
        """Gives a movie a poster, or takes it away."""
        await self._engine._run(self._engine.sync.movies.set_poster, movie, image)


class Screens:
    """The halls of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(
        self,
        name: str,
        *,
        rows: str | None = None,
        seats_per_row: int | None = None,
        layout: str | Mapping[str, Any] | None = None,
        tz: str | None = None,
        cleaning: Span | None = None,
    ) -> Screen:
        """Adds a hall."""
        return await self._engine._run(
            self._engine.sync.screens.create,
            name,
            rows=rows,
            seats_per_row=seats_per_row,
            layout=layout,
            tz=tz,
            cleaning=cleaning,
        )

    async def get(self, screen: int | Screen) -> Screen:
        """A hall by its number."""
        return await self._engine._run(self._engine.sync.screens.get, screen)

    async def list(self) -> Rows[Screen]:
        """Every hall, by number."""
        return await self._engine._run(self._engine.sync.screens.list)

    async def edit(
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
        return await self._engine._run(
            self._engine.sync.screens.edit,
            screen,
            name=name,
            rows=rows,
            seats_per_row=seats_per_row,
            layout=layout,
            tz=tz,
            cleaning=cleaning,
        )

    async def remove(self, screen: int | Screen) -> None:
        """Removes a hall that no show uses."""
        await self._engine._run(self._engine.sync.screens.remove, screen)

    async def layout(self, screen: int | Screen | Show | str) -> dict[str, Any]:
        """The full plan of a hall, of a show, or by its hash."""
        return await self._engine._run(self._engine.sync.screens.layout, screen)

    async def rows(self, screen: int | Screen | Show | str) -> tuple[LayoutRow, ...]:
        """The rows of a hall, from front to back."""
        return await self._engine._run(self._engine.sync.screens.rows, screen)


class Shows:
    """The shows of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(
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
    ) -> Show:
        """Opens a show: on sale at once and until it starts, unless told otherwise."""
        return await self._engine._run(
            self._engine.sync.shows.create,
            movie,
            screen,
            starts=starts,
            price=price,
            tiers=tiers,
            ends=ends,
            sales_open=sales_open,
            sales_close=sales_close,
            hold_life=hold_life,
            holds_per_holder=holds_per_holder,
            seats_per_holder=seats_per_holder,
        )

    async def get(self, show: ShowLike) -> Show:
        """A show by its number, with its seats counted."""
        return await self._engine._run(self._engine.sync.shows.get, show)

    async def list(
        self,
        *,
        date: Date | None = None,
        movie: int | Movie | None = None,
        screen: int | Screen | None = None,
        start: datetime | None = None,
        before: datetime | None = None,
    ) -> Rows[Show]:
        """Shows by start."""
        return await self._engine._run(
            self._engine.sync.shows.list,
            date=date,
            movie=movie,
            screen=screen,
            start=start,
            before=before,
        )

    async def change(
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
        """Changes a show's terms; what is not given stays."""
        return await self._engine._run(
            self._engine.sync.shows.change,
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

    async def cancel(
        self,
        show: ShowLike,
        *,
        reason: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> ShowEvent:
        """Cancels a show: every hold, block and booking of it ends."""
        return await self._engine._run(
            self._engine.sync.shows.cancel,
            show,
            reason=reason,
            staff=staff,
            idempotency_key=idempotency_key,
        )
