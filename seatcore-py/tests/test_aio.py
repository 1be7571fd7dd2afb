"""The counter of an event loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import seatcore
from seatcore import aio, commands

from conftest import PATIENCE_S, open_show


def play(
    scene: Callable[[aio.Engine, seatcore.Show], Awaitable[None]],
    path: Path | str,
    layout: str = "A-E:10",
) -> None:
    """Plays a scene in a loop of its own, on a show of its own."""

    async def stage() -> None:
        async with asyncio.timeout(PATIENCE_S), aio.open(path) as engine:
            await scene(engine, open_show(engine.sync, layout))

    asyncio.run(stage(), debug=True)


def test_the_usual_way(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        hold = await engine.hold(show, ["C5", "C6"], holder="ada")
        with pytest.raises(seatcore.SeatUnavailable) as refused:
            await engine.hold(show, "C6", holder="bob")
        assert refused.value.alternatives
        (answer,) = await engine.each([commands.hold(show, "C6", holder="bob")])
        assert isinstance(answer, seatcore.SeatUnavailable) and answer.alternatives
        with pytest.raises(seatcore.SeatUnavailable) as refused:
            await engine.batch([commands.hold(show, "C6", holder="bob")])
        assert refused.value.alternatives
        booking = await engine.book(hold, idempotency_key="k")
        assert await engine.book(hold, idempotency_key="k") == booking
        assert (await engine.seat(show, "C5")).status == "booked"
        assert (await engine.stats(show)).booked == 2
        released, again = await engine.batch(
            [
                commands.release(await engine.hold(show, "A1", holder="eve")),
                commands.hold(show, "A1", holder="eve"),
            ]
        )
        assert again != released
        assert (await engine.verify()).clean
        assert [show.id async for show in _each(engine)] == [show.id]

    async def _each(engine: aio.Engine) -> Any:
        for show in await engine.shows.list():
            yield show

    play(scene, path)


def test_thousands_are_pending_without_a_thread_each(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        labels = (await engine.seat_map(show)).labels
        before = threading.active_count()
        holds = [asyncio.ensure_future(engine.hold(show, one, holder=one)) for one in labels]
        await asyncio.sleep(0)
        assert threading.active_count() == before
        answers = await asyncio.gather(*holds)
        assert [answer.seats for answer in answers] == [(label,) for label in labels]
        assert (await engine.stats(show)).held == 4_000

    play(scene, path, "A-AN:100")


def test_each_answers_in_the_order_asked(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        asked = [commands.hold(show, "A1", holder=name) for name in ("ada", "bob")]
        won, lost = await engine.each(asked)
        assert isinstance(won, seatcore.Hold)
        assert isinstance(lost, seatcore.SeatUnavailable)
        # What cannot be asked alone stands in its place, and the neighbour's answer is not lost.
        won, lost = await engine.each(
            [commands.hold(show, "A2", holder="ada"), commands.book("@1")]
        )
        assert isinstance(won, seatcore.Hold)
        assert isinstance(lost, seatcore.InvalidInput)

    play(scene, path)


def test_a_cancelled_wait_loses_no_command_and_no_neighbour(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        labels = (await engine.seat_map(show)).labels
        tasks = [
            asyncio.create_task(
                engine.hold(show, label, holder=label, idempotency_key=f"key {label}")
            )
            for label in labels
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in done[::2])
        assert all(isinstance(one, seatcore.Hold) for one in done[1::2])
        # The cancelled ones were queued: the same key tells what became of them.
        for label in labels[::2]:
            again = await engine.hold(show, label, holder=label, idempotency_key=f"key {label}")
            assert (again.seats, again.replayed) == ((label,), True)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await engine.hold(show, "A1", holder="late")

    play(scene, path)


def test_a_callback_that_raises_harms_nobody(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        seen: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))

        def fail(_: object) -> None:
            raise RuntimeError("mine")

        tasks = [
            asyncio.create_task(engine.hold(show, f"A{seat}", holder="ada")) for seat in (1, 2, 3)
        ]
        tasks[0].add_done_callback(fail)
        holds = await asyncio.gather(*tasks)
        assert [hold.seats for hold in holds] == [("A1",), ("A2",), ("A3",)]
        await asyncio.sleep(0)
        assert [str(context["exception"]) for context in seen] == ["mine"]

    play(scene, path)


def test_events_come_to_many_readers(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        readers = [await engine.events(show).start() for _ in range(50)]
        before = threading.active_count()

        async def read(events: aio.Events) -> list[str]:
            kinds: list[str] = []
            async for event in events:
                assert isinstance(event, seatcore.Event)
                kinds.append(event.kind)
                if event.kind == "booked":
                    return kinds
            return kinds

        tasks = [asyncio.create_task(read(events)) for events in readers]
        await engine.book(await engine.hold(show, "A1", holder="ada"))
        assert await asyncio.gather(*tasks) == [["held", "booked"]] * 50
        assert threading.active_count() <= before
        cursor = readers[0].cursor
        await engine.hold(show, "A2", holder="bob")
        later = [event async for event in engine.events(after=cursor, timeout=0.2)]
        assert [event.kind for event in later if isinstance(event, seatcore.Event)] == ["held"]

    play(scene, path)


def test_a_reader_that_is_cancelled_can_go_on(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        async with engine.events(show) as events:
            for _ in range(20):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(events), 0.001)
            await engine.hold(show, "A1", holder="ada")
            event = await anext(events)
            assert isinstance(event, seatcore.Event)
            assert event.kind == "held"

    play(scene, path)


def test_close_ends_readers_and_answers_commands(path: Path) -> None:
    async def scene(engine: aio.Engine, show: seatcore.Show) -> None:
        events = await engine.events(show).start()
        reader = asyncio.create_task(anext(events, None))
        tasks = [
            asyncio.create_task(engine.hold(show, f"A{seat}", holder="ada")) for seat in (1, 2)
        ]
        await asyncio.sleep(0)
        await engine.close()
        await asyncio.gather(*tasks)
        event = await reader
        assert event is None or event.kind == "held"  # type: ignore[union-attr]
        for call in (engine.hold(show, "A3", holder="ada"), engine.stats(show)):
            with pytest.raises(seatcore.EngineClosed):
                await call

    play(scene, path)


def test_one_engine_serves_loops_one_after_the_other() -> None:
    blocking, show = seatcore.example()
    engine = aio.Engine(blocking)

    async def hold(seat: str) -> str:
        return (await engine.hold(show, seat, holder="ada")).seats[0]

    assert [asyncio.run(hold(seat)) for seat in ("A1", "A2", "A3")] == ["A1", "A2", "A3"]
    asyncio.run(engine.close())


def test_loops_in_several_threads_share_an_engine(path: Path) -> None:
    blocking = seatcore.open(path)
    show = open_show(blocking, "A-H:20")
    engine = aio.Engine(blocking)

    async def sell(row: str) -> int:
        tasks = [engine.hold(show, f"{row}{seat}", holder=row) for seat in range(1, 17)]
        return len(await asyncio.gather(*tasks))

    sold: list[int] = []
    threads = [
        threading.Thread(target=lambda row=row: sold.append(asyncio.run(sell(row))))
        for row in "ABCDEFGH"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sold == [16] * 8
    asyncio.run(engine.close())


def test_retry_waits_without_blocking_the_loop() -> None:
    answers: list[Any] = [seatcore.Busy("full", retry_after=0.001), "sold"]

    async def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert asyncio.run(aio.retry(call)) == "sold"


def signature(method: Any) -> list[tuple[str, Any, Any]]:
    parameters = inspect.signature(method).parameters.values()
    return [(one.name, one.kind, one.default) for one in parameters]


@pytest.mark.parametrize("part", ["Engine", "movies", "screens", "shows", "users", "Events"])
def test_the_same_names_with_the_same_parameters(part: str) -> None:
    blocking, _ = seatcore.example()
    pairs: dict[str, tuple[type, type]] = {
        "Engine": (seatcore.Engine, aio.Engine),
        "Events": (seatcore.Events, aio.Events),
    }
    for name in ("movies", "screens", "shows", "users"):
        pairs[name] = (type(getattr(blocking, name)), type(getattr(aio.Engine(blocking), name)))
    one, other = pairs[part]
    renamed = {"close": "aclose"} if part == "Events" else {}
    for name, method in inspect.getmembers(one, inspect.isfunction):
        if not name.startswith("_"):
            twin = getattr(other, renamed.get(name, name))
            assert signature(twin) == signature(method), name
            assert twin.__doc__, name
    extra = {name for name in vars(other) if not name.startswith("_")} - set(dir(one))
    assert extra <= {"sync", "start", "aclose"}
    assert Coroutine is not None
