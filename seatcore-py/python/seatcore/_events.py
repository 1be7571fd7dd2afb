"""Committed events, as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import ceil, inf
from time import monotonic
from typing import TYPE_CHECKING

from . import _seatcore
from ._arguments import ShowLike, Span, millis_of, natural_of, show_of
from ._values import Event, Reset
from .errors import EngineClosed

if TYPE_CHECKING:
    from types import TracebackType

    from ._engine import Engine

# How long a waiting loop sleeps before it looks for signals and its own deadline.
_SLICE_MS = 100
_TAKE = 256


class Position:
    """Where a reader of events stands."""

    __slots__ = ("_epoch", "_seen")

    def __init__(self, cursor: str) -> None:
        self._epoch, _, places = cursor.partition(".")
        pairs = (place.split(":") for place in places.split(",") if place)
        self._seen = {int(show): int(seq) for show, seq in pairs}

    def move(self, show: int, seq: int) -> None:
        """Stands behind this event of a show."""
        self._seen[show] = seq

    def go_on(self, show: int, seq: int, cursor: str) -> None:
        """Stands where a seat map was read, in the history that the feed's cursor is of."""
        self._epoch, _, _ = cursor.partition(".")
        self.move(show, seq)

    def __str__(self) -> str:
        seen = sorted(self._seen.items())
        return f"{self._epoch}." + ",".join(f"{show}:{seq}" for show, seq in seen)


class Events(Iterator[Event | Reset]):
    """Events as they come. A `Reset` says that a show's seat map must be read anew."""

    __slots__ = ("_engine", "_feed", "_position", "_ready", "_timeout")

    def __init__(self, engine: Engine, feed: _seatcore.Feed, timeout: Span | None) -> None:
        self._engine = engine
        self._feed = feed
        self._ready: deque[Event | Reset] = deque()
        self._timeout = None if timeout is None else millis_of("timeout", timeout)
        self._position = Position(feed.cursor())

    def __repr__(self) -> str:
        return f"<seatcore.Events of {self._engine!r} behind {self.cursor!r}>"

    @property
    def cursor(self) -> str:
        """Where the last event given stands: `after=` this, another loop goes on behind it."""
        return str(self._position)

    def __next__(self) -> Event | Reset:
        if not self._ready:
            self._ready.extend(self._wait())
        if not self._ready:
            raise StopIteration
        item = self._ready.popleft()
        if isinstance(item, Event):
            self._position.move(item.show, item.seq)
        return item

    def _wait(self) -> list[Event | Reset]:
        # Silence ends by the clock: the feed also wakes for shows that were not asked for.
        ends = inf if self._timeout is None else monotonic() + self._timeout / 1000
        try:
            while True:
                items = self._feed.take(_TAKE)
                left = 1000 * (ends - monotonic())
                if items or left <= 0:
                    return items
                if self._feed.wait(ceil(min(_SLICE_MS, left))) == "closed":
                    return self._feed.take(_TAKE)
        except EngineClosed:
            return []

    def go_on(self, show: ShowLike, seq: int) -> None:
        """After a `Reset`: goes on behind the seq of the seat map that was read."""
        number, seq = show_of(show), natural_of("seq", seq)
        self._feed.set_position(number, seq)
        # The history is the file's again once no show waits for its seat map.
        self._position.go_on(number, seq, self._feed.cursor())

    def close(self) -> None:
        """Ends it."""
        self._feed.close()

    def __enter__(self) -> Events:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
