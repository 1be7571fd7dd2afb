"""The methods of the blocking engine, awaited. Written by `tests/mirror.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date
from datetime import datetime
from typing import Any

from .._api_keys import ApiKey, MintedKey, Scope
from .._arguments import ShowLike, Span, UserLike
from .._reports import Grouping, OccupancyLine, PopularLine, Revenue
from .._tables import Rows
from .._values import (
    LayoutRow,
    Money,
    Movie,
    Poster,
    Role,
    Screen,
    Session,
    Show,
    ShowEvent,
    SignedIn,
    User,
)
from ._part import Part


class Movies(Part):
    """The movies of an engine."""

    __slots__ = ()

    async def create(
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
        return await self._engine._run(
            self._engine.sync.movies.create,
            title,
            minutes=minutes,
            description=description,
            poster=poster,
            staff=staff,
            idempotency_key=idempotency_key,
        )

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
        return await self._engine._run(
            self._engine.sync.movies.edit,
            movie,
            title=title,
            minutes=minutes,
            description=description,
        )

    async def remove(self, movie: int | Movie) -> None:
        """Removes a movie that no show uses."""
        await self._engine._run(self._engine.sync.movies.remove, movie)

    async def poster(self, movie: int | Movie) -> Poster:
        """A movie's poster."""
        return await self._engine._run(self._engine.sync.movies.poster, movie)

    async def set_poster(self, movie: int | Movie, image: bytes | None) -> None:
        """Gives a movie a poster, or takes it away."""
        await self._engine._run(self._engine.sync.movies.set_poster, movie, image)


class Screens(Part):
    """The halls of an engine."""

    __slots__ = ()

    async def create(
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
        return await self._engine._run(
            self._engine.sync.screens.create,
            name,
            rows=rows,
            seats_per_row=seats_per_row,
            layout=layout,
            tz=tz,
            cleaning=cleaning,
            staff=staff,
            idempotency_key=idempotency_key,
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
        """The full plan of a hall, of a show, or by its hash: `create` takes it back."""
        return await self._engine._run(self._engine.sync.screens.layout, screen)

    async def rows(self, screen: int | Screen | Show | str) -> tuple[LayoutRow, ...]:
        """The rows of a hall, from front to back."""
        return await self._engine._run(self._engine.sync.screens.rows, screen)


class Shows(Part):
    """The shows of an engine."""

    __slots__ = ()

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
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> Show:
        """Opens a show: on sale at once and until it starts, unless told otherwise.

        `price` is for seats without a tier, such as `12.50 EUR`; `tiers` maps names to prices.
        Raises `Overlap` while the hall is busy or being cleaned.
        """
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
            staff=staff,
            idempotency_key=idempotency_key,
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
        """Shows by start. `date` is a day in the zone the engine was opened with."""
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
        """Changes a show's terms; what is not given stays.

        `closed` closes or reopens sales by hand, prices count for later holds, and `if_seq`
        refuses as `Stale` if the show has moved on. `tiers` stand in place of all prices by tier.
        """
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


class Users(Part):
    """The users of an engine, and their sessions."""

    __slots__ = ()

    async def create(self, name: str, password: str, *, role: Role | str = Role.CUSTOMER) -> User:
        """Adds a user: a name of 1 to 64 characters, a password of 8 to 256 that is not common.

        Raises `InvalidInput`, or `NameTaken`: `Ada` and `ada` are one name.
        """
        return await self._engine._hash(self._engine.sync.users.create, name, password, role=role)

    async def get(self, user: UserLike | str) -> User:
        """A user by number, or by name in any case."""
        return await self._engine._run(self._engine.sync.users.get, user)

    async def list(self) -> Rows[User]:
        """Every user, by number."""
        return await self._engine._run(self._engine.sync.users.list)

    async def edit(
        self, user: UserLike, *, role: Role | str | None = None, disabled: bool | None = None
    ) -> User:
        """Gives another role, shuts out or lets in again; what is not given stays.

        A new role and shutting out end their sessions: a token never outlives its rights.
        """
        return await self._engine._run(
            self._engine.sync.users.edit, user, role=role, disabled=disabled
        )

    async def remove(self, user: UserLike) -> None:
        """Removes a user: name, password and sessions leave the file.

        What they booked stays under `user:<number>`, and the number is not given again.
        """
        await self._engine._run(self._engine.sync.users.remove, user)

    async def set_password(self, user: UserLike, password: str, *, old: str | None = None) -> None:
        """Sets another password and ends their sessions.

        With `old` only if that is their password, else `NotSignedIn`: for people who change their
        own.
        """
        await self._engine._hash(self._engine.sync.users.set_password, user, password, old=old)

    async def verify_password(self, name: str, password: str) -> User:
        """Who this is, if the password fits. Nothing is begun.

        Raises `NotSignedIn` for a wrong name, a wrong password and somebody shut out alike, after
        the same time.
        """
        return await self._engine._hash(self._engine.sync.users.verify_password, name, password)

    async def sign_in(self, name: str, password: str, *, agent: str | None = None) -> SignedIn:
        """Begins a session: its `token` is for the browser's cookie, and kept nowhere else.

        It ends after half an hour of silence or after 12 hours. `agent` says what the browser is.
        Raises `NotSignedIn` as `verify_password` does.
        """
        return await self._engine._hash(
            self._engine.sync.users.sign_in, name, password, agent=agent
        )

    async def start_session(self, user: UserLike, *, agent: str | None = None) -> SignedIn:
        """Begins a session for somebody whom the caller has made sure of in another way."""
        return await self._engine._run(self._engine.sync.users.start_session, user, agent=agent)

    async def authenticate(self, token: str) -> SignedIn | None:
        """Whom this token lets in, if anybody: most often from memory, in a microsecond or two."""
        return await self._engine._run(self._engine.sync.users.authenticate, token)

    async def sign_out(self, token: str) -> None:
        """Ends this session; whoever has none is signed out already."""
        await self._engine._run(self._engine.sync.users.sign_out, token)

    async def sessions(self, user: UserLike) -> Rows[Session]:
        """A user's live sessions, newest first."""
        return await self._engine._run(self._engine.sync.users.sessions, user)

    async def end_session(self, user: UserLike, session: Session | str) -> None:
        """Ends one of a user's sessions."""
        await self._engine._run(self._engine.sync.users.end_session, user, session)

    async def end_sessions(self, user: UserLike, *, but: Session | str | None = None) -> None:
        """Ends every session of a user, but this one."""
        await self._engine._run(self._engine.sync.users.end_sessions, user, but=but)


class ApiKeys(Part):
    """The API keys of an engine: what a server on the same file lets machines in by."""

    __slots__ = ()

    async def create(self, name: str, scopes: Iterable[Scope | str] | Scope | str) -> MintedKey:
        """Makes a key: a name of 1 to 64 characters, and at least one scope, none twice.

        Its secret is in the answer and never again; only a hash of it is stored. Raises
        `InvalidInput`.
        """
        return await self._engine._run(self._engine.sync.api_keys.create, name, scopes)

    async def get(self, key: ApiKey | str) -> ApiKey:
        """A key by its id, revoked or not."""
        return await self._engine._run(self._engine.sync.api_keys.get, key)

    async def list(self) -> Rows[ApiKey]:
        """Every key, revoked ones too, oldest first."""
        return await self._engine._run(self._engine.sync.api_keys.list)

    async def revoke(self, key: ApiKey | str) -> ApiKey:
        """Takes a key's rights away for good; the list keeps it."""
        return await self._engine._run(self._engine.sync.api_keys.revoke, key)

    async def authenticate(self, secret: str) -> ApiKey | None:
        """Which key this secret is of, if it is one and was not revoked."""
        return await self._engine._run(self._engine.sync.api_keys.authenticate, secret)


class Reports(Part):
    """The reports of an engine."""

    __slots__ = ()

    async def revenue(
        self,
        *,
        by: Grouping | str = Grouping.DAY,
        start: Date | None = None,
        before: Date | None = None,
    ) -> Revenue:
        """What was sold and given back: a sale counts on the day it was made, its return too."""
        return await self._engine._run(
            self._engine.sync.reports.revenue, by=by, start=start, before=before
        )

    async def occupancy(
        self,
        *,
        by: Grouping | str = Grouping.SHOW,
        start: Date | None = None,
        before: Date | None = None,
    ) -> Rows[OccupancyLine]:
        """How full shows are that begin on these days; cancelled ones do not count."""
        return await self._engine._run(
            self._engine.sync.reports.occupancy, by=by, start=start, before=before
        )

    async def popular(
        self, *, start: Date | None = None, before: Date | None = None, limit: int = 20
    ) -> Rows[PopularLine]:
        """Movies by tickets sold on these days and not given back, the best first."""
        return await self._engine._run(
            self._engine.sync.reports.popular, start=start, before=before, limit=limit
        )
