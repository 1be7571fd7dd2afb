"""Where answers and events reach an event loop: a socket of the native half's."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

from .. import _seatcore
from ..errors import EngineClosed
from ._events import Events

_FEED_TOKEN = 0


class Desk:
    """One event loop's answers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._mailbox = _seatcore.Mailbox()
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._listeners: weakref.WeakSet[Events] = weakref.WeakSet()
        self._next = _FEED_TOKEN
        loop.add_reader(self._mailbox.fileno(), self._collect)

    def ask(self, pending: _seatcore.Pending) -> asyncio.Future[Any]:
        """The future of a queued command."""
        self._next += 1
        future: asyncio.Future[Any] = self._loop.create_future()
        self._futures[self._next] = future
        self._mailbox.expect(self._next, pending)
        return future

    def listen(self, events: Events, native: _seatcore.Engine) -> None:
        """Wakes these events' readers whenever the feed grows."""
        self._listeners.add(events)
        self._mailbox.watch(native)

    def _collect(self) -> None:
        for token, fine, value in self._mailbox.collect():
            if token == _FEED_TOKEN:
                self.wake()
                continue
            future = self._futures.pop(token, None)
            if future is None or future.done():
                continue
            if fine:
                future.set_result(value)
            else:
                future.set_exception(value)

    def wake(self) -> None:
        """Has every reader of events look again."""
        for events in list(self._listeners):
            events._wake()

    def close(self) -> None:
        """Lets go of the loop; whoever still waits learns that the engine is closed."""
        if not self._loop.is_closed():
            self._collect()
            self._loop.remove_reader(self._mailbox.fileno())
            self.wake()
        for future in self._futures.values():
            if not future.done():
                future.set_exception(EngineClosed("this engine is closed"))
        self._futures.clear()
