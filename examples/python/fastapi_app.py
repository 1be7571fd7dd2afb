"""A booking API: several worker processes on one file.

    export SEATCORE_DB=box-office.db
    python fastapi_app.py                   # a hall, a film, a show: once, however often it runs
    uvicorn fastapi_app:app --workers 4

Each worker opens the file for itself, after it was started: engines do not survive a fork.

Who buys is whatever the header `X-Buyer` says. That is for trying only: a site of yours puts there
whom it has signed in, and lets nobody else say it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import seatcore
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from seatcore import aio

STATUS = {
    seatcore.NotFound: 404,
    seatcore.NotHolder: 404,
    seatcore.InvalidInput: 422,
    seatcore.UnknownSeat: 422,
    seatcore.IdempotencyMismatch: 422,
    seatcore.HoldExpired: 410,
    seatcore.Rejected: 409,
    seatcore.Busy: 503,
    # Ask again with the same key: the answer says whether it happened.
    seatcore.OutcomeUnknown: 503,
    seatcore.StorageError: 503,
}
"""The first that fits, as in docs/errors.md; what is none of them is a 500."""


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


def status_of(error: seatcore.SeatcoreError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


@app.exception_handler(seatcore.SeatcoreError)
async def refused(_: Request, error: seatcore.SeatcoreError) -> JSONResponse:
    return JSONResponse(error.to_dict(), status_of(error))


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


def seed() -> None:
    """Something to sell. Under their keys the three are made once."""
    with seatcore.open(os.environ["SEATCORE_DB"]) as engine:
        hall = engine.screens.create("Main Hall", layout="A-E:10", idempotency_key="main hall")
        film = engine.movies.create("Arrival", minutes=116, idempotency_key="arrival")
        starts = datetime(2099, 1, 9, 20, tzinfo=UTC)
        show = engine.shows.create(
            film, hall, starts=starts, price="12.50 EUR", idempotency_key="arrival, 9 January"
        )
    print(f"on sale: GET /shows/{show.id}")


if __name__ == "__main__":
    seed()
