"""A booking API: several worker processes on one file.

    SEATCORE_DB=box-office.db uvicorn fastapi_app:app --workers 4

Each worker opens the file for itself, after it was started: engines do not survive a fork.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import seatcore
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from seatcore import aio

STATUS = {
    seatcore.NotFound: 404,
    seatcore.InvalidInput: 422,
    seatcore.HoldExpired: 410,
    seatcore.Rejected: 409,
    seatcore.Busy: 503,
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with aio.open(os.environ["SEATCORE_DB"], create=False) as engine:
        app.state.engine = engine
        yield


app = FastAPI(lifespan=lifespan)


def the_engine(request: Request) -> aio.Engine:
    engine: aio.Engine = request.app.state.engine
    return engine


Engine = Annotated[aio.Engine, Depends(the_engine)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]
Buyer = Annotated[str, Header(alias="X-Buyer")]


class Wanted(BaseModel):
    seats: list[str]


@app.exception_handler(seatcore.SeatcoreError)
async def refused(_: Request, error: seatcore.SeatcoreError) -> JSONResponse:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse(error.to_dict(), status)


@app.get("/shows/{show}")
async def seat_map(show: int, engine: Engine) -> dict[str, Any]:
    return (await engine.seat_map(show)).to_dict()


@app.post("/shows/{show}/holds", status_code=201)
async def hold(
    show: int, wanted: Wanted, engine: Engine, buyer: Buyer, key: Key = None
) -> dict[str, Any]:
    held = await engine.hold(show, wanted.seats, holder=buyer, idempotency_key=key)
    return held.to_dict()


@app.post("/holds/{hold}/book", status_code=201)
async def book(hold: str, engine: Engine, buyer: Buyer, key: Key = None) -> dict[str, Any]:
    return (await engine.book(hold, holder=buyer, idempotency_key=key)).to_dict()


@app.get("/shows/{show}/events")
async def events(show: int, engine: Engine, last_event_id: Annotated[str | None, Header()] = None):
    """Server-Sent Events; a browser that comes back goes on where it was."""
    subscription = await engine.events(show, after=last_event_id).start()

    async def stream() -> AsyncIterator[str]:
        async with subscription:
            async for event in subscription:
                if isinstance(event, seatcore.Reset):
                    yield f"event: reset\ndata: {event.show}\n\n"
                    continue
                told = {"kind": event.kind, "seats": event.seats}  # never who holds them
                yield f"id: {subscription.cursor}\ndata: {json.dumps(told)}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")
