"""The engine for asyncio: the same names, awaited.

    async with seatcore.aio.open("box-office.db") as engine:
        hold = await engine.hold(show, ["C5", "C6"], holder="ada")

Commands need no thread: they are queued at once, and their answers come back to the event loop
through a socket, so thousands may be pending. Questions that read tables run in a small pool.

A command is queued when it is awaited. Cancelling the await cancels the waiting, not the command:
ask again with the same `idempotency_key` to learn what became of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from ..errors import Busy, OutcomeUnknown
from ..keys import WITHIN_S, wait_before, worth_retrying
from ._engine import Engine, open
from ._events import Events

__all__ = ["Engine", "Events", "open", "retry"]

P = ParamSpec("P")
T = TypeVar("T")


async def retry(call: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls until the answer is definite, at most half a minute; see `seatcore.retry`."""
    deadline = time.monotonic() + WITHIN_S
    attempt = 0
    while True:
        try:
            return await call(*args, **kwargs)
        except (Busy, OutcomeUnknown) as error:
            wait = wait_before(attempt, error)
            if not worth_retrying(error, kwargs) or time.monotonic() + wait > deadline:
                raise
        await asyncio.sleep(wait)
        attempt += 1
