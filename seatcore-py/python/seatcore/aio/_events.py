"""Committed events, for `async for`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from .. import _seatcore
from .._arguments import ShowLike, Span, millis_of, show_of
from .._events import Position
from .._values import Event, Reset
from ..errors import EngineClosed

if TYPE_CHECKING:
    from types import TracebackType

    from ._engine import Engine

_TAKE = 256


class Events(AsyncIterator[Event | Reset]):
    """Events as they come. A `Reset` says that a show's seat map must be read anew.

    The subscription begins with the first event asked for, or with `async with`.
    """

    def __init__(
        self,
        engine: Engine,
        shows: ShowLike | Iterable[ShowLike] | None,
        after: str | None,
        from_start: bool,
        timeout: Span | None,
    ) -> None:
        self._engine = engine
        self._wanted = (shows, after, from_start)
        self._timeout = None if timeout is None else millis_of("timeout", timeout) / 1000
        self._feed: _seatcore.Feed | None = None
        self._position = Position("")
        self._ready: deque[Event | Reset] = deque()
        self._grown = asyncio.Event()

    @property
    def cursor(self) -> str:
        """Where the last event given stands: `after=` this, another loop goes on behind it."""
        return str(self._position)

    async def start(self) -> Events:
        """Subscribes now, if that has not happened yet."""
        if self._feed is None:
            engine = self._engine
            self._feed = await engine._run(engine.sync._feed, *self._wanted)
            self._position = Position(self._feed.cursor())
            engine._desk().listen(self, engine.sync._native)
        return self

    async def __anext__(self) -> Event | Reset:
        if not self._ready:
            await self._wait()
        if not self._ready:
            raise StopAsyncIteration
        item = self._ready.popleft()
        if isinstance(item, Event):
            self._position.move(item.show, item.seq)
        return item

    async def _wait(self) -> None:
        await self.start()
        try:
            async with asyncio.timeout(self._timeout):
                while self._feed is not None:
                    # Cleared before looking: what grows after the look is not missed.
                    self._grown.clear()
                    self._ready.extend(self._feed.take(_TAKE))
                    if self._ready or self._engine.closed:
                        return
                    await self._grown.wait()
        except (TimeoutError, EngineClosed):
            return

    def _wake(self) -> None:
        self._grown.set()

    def go_on(self, show: ShowLike, seq: int) -> None:
        """After a `Reset`: goes on behind the seq of the seat map that was read."""
        if self._feed is not None:
            self._feed.set_position(show_of(show), seq)
            self._position.go_on(show_of(show), seq, self._feed.cursor())

    async def aclose(self) -> None:
        """Ends it."""
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()
        self._wake()

    async def __aenter__(self) -> Events:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
