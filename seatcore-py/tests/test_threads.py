"""Many threads at one counter."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import seatcore
from seatcore import commands

from conftest import PATIENCE_S, open_show


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """What so many threads answer that begin together; exceptions stand in the list."""
    start = threading.Barrier(count)

    def one(number: int) -> object:
        start.wait(PATIENCE_S)
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_64_threads_want_one_seat_and_one_gets_it(
    engine: seatcore.Engine, show: seatcore.Show
) -> None:
    answers = at_once(64, lambda number: engine.hold(show, "C5", holder=f"p{number}"))
    won = [answer for answer in answers if isinstance(answer, seatcore.Hold)]
    lost = [answer for answer in answers if isinstance(answer, seatcore.SeatUnavailable)]
    assert (len(won), len(lost)) == (1, 63)
    assert {error.code for error in lost} == {"seat_held"}


def test_64_threads_sell_a_hall_out_and_nothing_twice(engine: seatcore.Engine) -> None:
    show = open_show(engine, "A-H:40")

    def buy(number: int) -> list[str]:
        seats: list[str] = []
        try:
            while True:
                hold = engine.hold_best(show, 1, holder=f"p{number}")
                seats += engine.book(hold, idempotency_key=hold.id).seats
        except seatcore.SeatUnavailable as error:
            assert error.code == "sold_out"
            return seats

    sold = [seat for seats in at_once(64, buy) for seat in seats]  # type: ignore[attr-defined]
    assert len(sold) == len(set(sold)) == 320
    assert engine.stats(show) == seatcore.Stats(0, 0, 320, 0, 320)
    assert engine.verify().clean


def writes() -> int:
    """How often this process has written: every commit writes to the log of the file."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("syscw")).split()[1])


def writes_alone(engine: seatcore.Engine, show: seatcore.Show, labels: Sequence[str]) -> float:
    """Writes of one command that has a commit to itself."""
    before = writes()
    for label in labels:
        engine.hold(show, label, holder=f"alone {label}")
    return (writes() - before) / len(labels)


def test_threads_share_commits(engine: seatcore.Engine) -> None:
    show = open_show(engine, "A-P:40")
    labels = engine.seat_map(show).labels
    alone = writes_alone(engine, show, labels[:20])

    def hold(number: int) -> None:
        for label in labels[20 + 10 * number : 30 + 10 * number]:
            engine.hold(show, label, holder=label)

    before = writes()
    answers = at_once(60, hold)
    together = (writes() - before) / 600
    assert [answer for answer in answers if answer is not None] == []
    assert 0 < together < alone / 2


def test_others_run_while_a_call_waits(engine: seatcore.Engine, show: seatcore.Show) -> None:
    feed = engine.events(show)
    came = threading.Event()

    def wait_for_an_event() -> None:
        next(feed)
        came.set()

    waiter = threading.Thread(target=wait_for_an_event)
    waiter.start()
    # If the waiter kept the interpreter, this thread would never get here.
    assert not came.is_set()
    engine.hold(show, "A1", holder="ada")
    assert came.wait(PATIENCE_S)
    waiter.join(PATIENCE_S)


def test_each_is_far_fewer_commits_than_single_calls(engine: seatcore.Engine) -> None:
    show = open_show(engine, "A-Z:40")
    labels = engine.seat_map(show).labels
    alone = writes_alone(engine, show, labels[:20])
    before = writes()
    answers = engine.each(commands.hold(show, label, holder=label) for label in labels[20:])
    together = (writes() - before) / len(answers)
    assert all(isinstance(answer, seatcore.Hold) for answer in answers)
    assert 0 < together < alone / 4


def test_close_answers_those_who_are_in_the_middle_of_it(path: Path) -> None:
    engine = seatcore.open(path)
    show = open_show(engine, "A-H:40")
    going = threading.Barrier(9)

    def sell(number: int) -> tuple[int, BaseException | None]:
        done = 0
        going.wait(PATIENCE_S)
        try:
            while True:
                engine.hold(show, f"{'ABCDEFGH'[number]}{done % 40 + 1}", holder=f"p{number}")
                done += 1
        except seatcore.LimitExceeded:
            return done, None
        except seatcore.EngineClosed as error:
            return done, error

    with ThreadPoolExecutor(8) as pool:
        sellers = [pool.submit(sell, number) for number in range(8)]
        going.wait(PATIENCE_S)
        engine.close()
        done = sum(seller.result(PATIENCE_S)[0] for seller in sellers)
    assert engine.closed
    with seatcore.open(path) as again:
        # Every yes was durable, and nothing happened behind anybody's back.
        held = [event for event in again.history(show, limit=10_000) if event.kind == "held"]
        assert len(held) == done
        assert again.verify().clean


def test_use_after_close_is_a_clear_error(path: Path) -> None:
    engine = seatcore.open(path)
    show = open_show(engine)
    feed = engine.events(show)
    engine.close()
    engine.close()
    for call in (
        lambda: engine.hold(show, "A1", holder="ada"),
        lambda: engine.each([commands.hold(show, "A1", holder="ada")]),
        lambda: engine.batch([commands.hold(show, "A1", holder="ada")]),
        lambda: engine.seat_map(show),
        lambda: engine.verify(),
        lambda: engine.shows.list(),
        lambda: engine.now(),
    ):
        with pytest.raises(seatcore.EngineClosed, match="this engine is closed .*open it again"):
            call()
    assert list(feed) == []
    assert "(closed)" in repr(engine)


def test_an_engine_is_not_pickled(engine: seatcore.Engine) -> None:
    import copy
    import pickle

    for move in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"open '.*box-office.db' over there"):
            move(engine)


def test_collection_at_every_moment(path: Path) -> None:
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(3):
            engine = seatcore.open(path)
            show = open_show(engine, "A-D:10")
            knot: list[object] = [engine, engine.events(show)]
            knot.append(knot)

            def hold(number: int, engine: seatcore.Engine = engine, show: int = show.id) -> object:
                return engine.hold(show, f"A{number + 1}", holder=f"p{number}")

            answers = at_once(8, hold)
            assert all(isinstance(answer, seatcore.Hold) for answer in answers)
            del engine, knot, hold, answers
            gc.collect()
    finally:
        gc.set_threshold(*threshold)
    # Whoever was collected let go of the file.
    with seatcore.open(path) as engine:
        assert engine.verify().clean
