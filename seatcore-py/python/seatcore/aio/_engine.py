"""The engine for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from .. import _engine as blocking
from .._arguments import ShowLike, Span, some_text, steps_of
from .._engine import Outcome
from .._seatcore import Command
from .._values import Booking, Hold
from ..errors import Busy, EngineClosed, Rejected, SeatcoreError, SeatUnavailable
from ._counter import Counter
from ._desk import Desk
from ._events import Events
from ._parts import ApiKeys, Movies, Reports, Screens, Shows, Users

if TYPE_CHECKING:
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")

# Threads for questions that read tables: SQLite readers, not commands.
_THREADS = 4
# As many as the native half lets hash at once, and as many as may wait for them.
_HASHERS = 2
_HASHING_WAITS_MAX = 64


class Opening:
    """`await open(…)`, or `async with open(…) as engine`."""

    def __init__(self, make: Callable[[], blocking.Engine]) -> None:
        self._make = make
        self._engine: Engine | None = None

    def __await__(self) -> Generator[Any, None, Engine]:
        return self._open().__await__()

    async def _open(self) -> Engine:
        self._engine = Engine(await asyncio.to_thread(self._make))
        return self._engine

    async def __aenter__(self) -> Engine:
        return await self._open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._engine is not None:
            await self._engine.close()


def open(
    path: str | os.PathLike[str] = ":memory:",
    *,
    tz: str = "UTC",
    hold_ttl: Span = blocking.TTL_DEFAULT_S,
    create: bool = True,
    read_only: bool = False,
    sweep: bool = True,
    seed: int | None = None,
) -> Opening:
    """Opens an engine as `seatcore.open` does: await it, or use it in `async with`."""
    return Opening(
        lambda: blocking.Engine(
            path,
            tz=tz,
            hold_ttl=hold_ttl,
            create=create,
            read_only=read_only,
            sweep=sweep,
            seed=seed,
        )
    )


class Engine(Counter):
    """Sells seats, for asyncio. Each method is `seatcore.Engine`'s of the same name, awaited."""

    def __init__(self, engine: blocking.Engine) -> None:
        self.sync = engine
        """The blocking engine underneath: the same file, the same commits."""
        self.movies = Movies(self)
        self.screens = Screens(self)
        self.shows = Shows(self)
        self.users = Users(self)
        self.api_keys = ApiKeys(self)
        self.reports = Reports(self)
        self._desks: dict[asyncio.AbstractEventLoop, Desk] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="seatcore-questions")
        self._hashers = ThreadPoolExecutor(_HASHERS, thread_name_prefix="seatcore-hashing")
        self._hashing = 0

    def __repr__(self) -> str:
        return f"<seatcore.aio.Engine {self.path!r}{' (closed)' if self.closed else ''}>"

    def __reduce__(self) -> Any:
        return self.sync.__reduce__()

    @property
    def path(self) -> str:
        """The file, or `:memory:`."""
        return self.sync.path

    @property
    def closed(self) -> bool:
        """Whether it was closed, or belongs to the parent of this process."""
        return self.sync.closed

    async def close(self) -> None:
        """Answers what is queued, waits for calls that run, and lets go of the file."""
        await asyncio.to_thread(self.sync.close)
        for loop, desk in list(self._desks.items()):
            if loop is asyncio.get_running_loop():
                desk.close()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(desk.close)
        self._desks.clear()
        self._pool.shutdown(wait=False)
        self._hashers.shutdown(wait=False)

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _desk(self) -> Desk:
        loop = asyncio.get_running_loop()
        desk = self._desks.get(loop)
        if desk is None:
            for old in [one for one in self._desks if one.is_closed()]:
                del self._desks[old]
            desk = self._desks[loop] = Desk(loop)
        return desk

    def _ask(self, command: Command) -> asyncio.Future[Any]:
        return self._desk().ask(self.sync._native.submit(command))

    def _held(self, command: Command) -> asyncio.Future[Hold]:
        return self._ask(command)

    def _booked(self, command: Command) -> asyncio.Future[Booking]:
        return self._ask(command)

    async def _run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._run_in(self._pool, lambda: call(*args, **kwargs))

    async def _hash(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs what hashes a password apart, so that no question waits behind it."""
        if self._hashing >= _HASHERS + _HASHING_WAITS_MAX:
            raise Busy("the queue is full", reason="the queue is full", retry_after=2.0)
        self._hashing += 1
        try:
            return await self._run_in(self._hashers, lambda: call(*args, **kwargs))
        finally:
            self._hashing -= 1

    async def _run_in(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        if pool._shutdown:
            raise EngineClosed("this engine is closed")
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    async def batch(
        self,
        steps: Iterable[Command],
        *,
        holder: str | None = None,
        staff: str | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Several commands, over one or many shows: all or none, in this order."""
        asked, key = steps_of(steps), some_text("idempotency_key", idempotency_key)
        who = some_text("holder", holder), some_text("staff", staff)
        pending = self.sync._native.submit_batch(asked, *who, key)
        try:
            return cast("tuple[Outcome, ...]", await self._desk().ask(pending))
        except SeatUnavailable as refused:
            self.sync._advise(refused, asked[refused.culprit or 0])
            raise

    async def each(self, steps: Iterable[Command]) -> list[Outcome | SeatcoreError]:
        """Many independent commands at once; a refusal stands in its place as an exception."""
        asked = steps_of(steps)
        answers = [self._answer(command) for command in asked]
        done = await asyncio.gather(*answers, return_exceptions=True)
        told = cast("list[Outcome | SeatcoreError]", done)
        self.sync._advise_all(told, asked)
        return told

    def _answer(self, command: Command) -> asyncio.Future[Any]:
        try:
            return self._ask(command)
        except Rejected as refused:
            # What is refused before it is queued stands in its place too.
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            answer.set_exception(refused)
            return answer

    def events(
        self,
        shows: ShowLike | Iterable[ShowLike] | None = None,
        *,
        after: str | None = None,
        from_start: bool = False,
        timeout: Span | None = None,
    ) -> Events:
        """Committed events in order: `async for event in engine.events(show): ...`"""
        return Events(self, shows, after, from_start, timeout)

    def now(self) -> datetime:
        """What the engine takes for now."""
        return self.sync.now()
