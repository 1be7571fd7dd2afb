"""What Python does to its processes: forks, second SQLite libraries, ends in the middle."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest
import seatcore

from conftest import Run, open_show

BOX_OFFICE = """
import sys, os
from datetime import datetime, timedelta, UTC
import seatcore

def make(path):
    engine = seatcore.open(path)
    hall = engine.screens.create("Hall", layout="A-J:40")
    film = engine.movies.create("Arrival", minutes=116)
    show = engine.shows.create(
        film, hall, starts=datetime.now(UTC) + timedelta(days=2), price="12.50 EUR"
    )
    return engine, show
"""


def test_sqlite3_is_kept_off_the_file_of_an_open_engine(
    engine: seatcore.Engine, show: seatcore.Show, path: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    hard = tmp_path / "hard.db"
    hard.hardlink_to(path)
    for way in (path, str(path), bytes(path), f"file:{path}?mode=ro", link, hard):
        with pytest.raises(seatcore.FileShared, match="an engine in this process has it open"):
            sqlite3.connect(way, uri=isinstance(way, str))
    for side in ("", "-wal", "-shm"):
        with pytest.raises(seatcore.FileShared, match="must not be opened"):
            open(f"{path}{side}", "rb")
    # Everything else is nobody's business.
    with sqlite3.connect(":memory:") as memory:
        assert memory.execute("select 1").fetchone() == (1,)
    memory.close()
    sqlite3.connect(tmp_path / "other.db").close()
    (tmp_path / "box-office.db-notes").write_text("x")
    assert engine.hold(show, "A1", holder="ada")


def test_a_file_that_was_opened_by_a_link_is_kept_by_both_names(path: Path, tmp_path: Path) -> None:
    seatcore.open(path).close()
    link = tmp_path / "by-link.db"
    link.symlink_to(path)
    with seatcore.open(link):
        for name in (path, link, f"{path}-wal"):
            with pytest.raises(seatcore.FileShared, match="must not be opened"):
                open(name, "rb")


def test_a_file_is_kept_under_every_name_that_leads_to_it(
    engine: seatcore.Engine,
    show: seatcore.Show,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    other = tmp_path / "elsewhere"
    other.mkdir()
    for side in ("", "-wal", "-shm"):
        file = Path(f"{path}{side}")
        link, hard = tmp_path / f"notes{side}.txt", tmp_path / f"copy{side}.bin"
        link.symlink_to(file)
        hard.hardlink_to(file)
        for name in (link, hard, bytes(hard)):
            with pytest.raises(seatcore.FileShared, match="must not be opened"):
                open(name, "rb")
            with pytest.raises(seatcore.FileShared, match="must not be opened"):
                os.open(name, os.O_RDONLY)
        with pytest.raises(seatcore.FileShared, match="must not be opened"):
            os.open(file.name, os.O_RDONLY, dir_fd=folder)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(seatcore.FileShared, match="must not be opened"):
            open(hard.name, "rb")
        # The same name in another folder is another file.
        monkeypatch.chdir(other)
        open(file.name, "wb").close()
        os.close(os.open(tmp_path / "elsewhere" / file.name, os.O_RDONLY))
        (other / file.name).unlink()
    os.close(folder)
    assert engine.hold(show, "A1", holder="ada")


def test_the_file_is_free_again_once_the_engine_is_closed(path: Path) -> None:
    with seatcore.open(path) as engine:
        open_show(engine)
    connection = sqlite3.connect(path)
    assert connection.execute("select count(*) from show").fetchone() == (1,)
    with pytest.raises(seatcore.FileShared, match="already open in this process"):
        seatcore.open(path)
    connection.close()
    with seatcore.open(path) as one, seatcore.open(path) as two:
        assert one.shows.list() == two.shows.list()


def test_another_process_may_read_with_sqlite3(
    engine: seatcore.Engine, show: seatcore.Show, path: Path, run: Run
) -> None:
    engine.book(engine.hold(show, "A1", holder="ada"))
    engine.bookings()
    script = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1])
        print(connection.execute("select count(*) from v_ticket").fetchone()[0])
    """
    assert run(script, path).stdout == "1\n"
    assert engine.verify().clean


def test_two_processes_sell_one_hall_and_nothing_twice(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
import subprocess, threading
path = sys.argv[1]
if len(sys.argv) == 2:
    engine, show = make(path)
    others = [
        subprocess.Popen([sys.executable, __file__, path, str(show.id), name], stdout=-1, text=True)
        for name in ("one", "two")
    ]
    sold = [seat for other in others for seat in other.communicate(timeout=50)[0].split()]
    assert len(sold) == len(set(sold)) == 400, len(sold)
    assert engine.stats(show).booked == 400
    assert engine.verify().clean
else:
    engine, show, name = seatcore.open(path), int(sys.argv[2]), sys.argv[3]
    def sell(number):
        try:
            while True:
                hold = engine.hold_best(show, 2, holder=f"{name} {number}")
                sold = engine.book(hold, idempotency_key=hold.id).seats
                sys.stdout.write("".join(f"{seat} " for seat in sold))
        except seatcore.SeatUnavailable:
            pass
    threads = [threading.Thread(target=sell, args=(number,)) for number in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
    )
    run(script, path)


def test_a_forked_child_is_told_instead_of_left_hanging(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
import gc, threading
engine, show = make(sys.argv[1])
feed = engine.events(show)
stop = threading.Event()
def sell():
    while not stop.is_set():
        engine.release(engine.hold(show, "J1", holder="busy"))
threading.Thread(target=sell, daemon=True).start()
for _ in range(10):
    child = os.fork()
    if child == 0:
        try:
            for call in (
                lambda: engine.hold(show, "A1", holder="child"),
                lambda: engine.seat_map(show),
                lambda: engine.shows.list(),
                lambda: next(feed),
                lambda: seatcore.open(sys.argv[1]),
                lambda: seatcore.open(sys.argv[1] + ".child"),
                lambda: seatcore.open(),
            ):
                try:
                    call()
                except seatcore.EngineForked as error:
                    assert "open engines after the fork" in str(error)
                else:
                    os._exit(3)
            assert engine.closed
            engine.close()
            del feed, engine, call
            gc.collect()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(4)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
stop.set()
assert engine.hold(show, "A1", holder="parent")
assert engine.verify().clean
"""
    )
    run(script, path)


def test_a_child_that_opens_after_the_fork_works(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
import multiprocessing
def work(path, show, name):
    with seatcore.open(path) as engine:
        engine.hold(show, name, holder=name)
if __name__ == "__main__":
    engine, show = make(sys.argv[1])
    engine.bookings()
    engine.close()
    for way in ("fork", "spawn"):
        workers = [
            multiprocessing.get_context(way).Process(target=work, args=(sys.argv[1], show.id, seat))
            for seat in ({"fork": "A", "spawn": "B"}[way] + number for number in "12")
        ]
        for worker in workers: worker.start()
        for worker in workers:
            worker.join(50)
            assert worker.exitcode == 0
    with seatcore.open(sys.argv[1]) as engine:
        assert engine.stats(show).held == 4
        assert engine.verify().clean
"""
    )
    run(script, path)


@pytest.mark.parametrize("how", ["return", "exit", "raise", "thread"])
def test_the_interpreter_ends_with_calls_in_flight(path: Path, run: Run, how: str) -> None:
    script = (
        BOX_OFFICE
        + """
import asyncio, threading
engine, show = make(sys.argv[1])
def sell(row):
    try:
        while True:
            for seat in range(1, 9):
                engine.release(engine.hold(show, f"{row}{seat}", holder=row))
    except seatcore.EngineClosed:
        pass
def watch():
    for event in engine.events(show):
        pass
for row in "ABCD":
    threading.Thread(target=sell, args=(row,), daemon=True).start()
threading.Thread(target=watch, daemon=True).start()
seen = engine.events(show)
for _ in range(50):
    next(seen)
how = sys.argv[2]
if how == "exit":
    sys.exit(0)
elif how == "raise":
    raise SystemExit
elif how == "thread":
    threading.Thread(target=lambda: engine.hold(show, "J1", holder="last")).start()
"""
    )
    run(script, path, how)
    # It was closed in good order: the log of the file is folded in and gone.
    assert not path.with_name(f"{path.name}-wal").exists()
    with seatcore.open(path) as engine:
        assert engine.verify().clean


def test_a_killed_process_loses_nothing_it_was_told(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
import signal
engine, show = make(sys.argv[1])
for seat in range(1, 9):
    booking = engine.book(engine.hold(show, f"A{seat}", holder="ada"), idempotency_key=str(seat))
    print(booking.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    told = run(script, path, status=-9).stdout.split()
    with seatcore.open(path) as engine:
        assert sorted(booking.id for booking in engine.bookings()) == sorted(told)
        assert engine.verify().clean


def test_ctrl_c_ends_a_wait_for_events(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
import signal, threading
# Whoever started the tests in the background may have had this ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
engine, show = make(sys.argv[1])
waiter = threading.get_ident()
def interrupt():
    # This thread runs only while the other one waits without the interpreter.
    while sys._current_frames()[waiter].f_code.co_name != "_wait":
        pass
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    for event in engine.events(show):
        pass
except KeyboardInterrupt:
    print("interrupted")
engine.hold(show, "A1", holder="ada")
"""
    )
    assert run(script, path).stdout == "interrupted\n"


def test_a_subinterpreter_is_refused_and_nothing_else_happens(path: Path, run: Run) -> None:
    script = (
        BOX_OFFICE
        + """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
engine, show = make(sys.argv[1])
other = interpreters.create()
source = '''
try:
    import seatcore
except ImportError as error:
    assert "interpreter" in str(error), error
else:
    raise SystemError("seatcore was imported")
'''
if hasattr(interpreters, "exec"):
    failed = interpreters.exec(other, source)
    assert failed is None, failed
else:
    interpreters.run_string(other, source)
interpreters.destroy(other)
assert engine.hold(show, "A1", holder="ada")
"""
    )
    run(script, path)


@pytest.mark.skipif(sys.platform != "linux", reason="locks are looked at through /proc")
def test_the_hook_is_what_keeps_the_locks(path: Path, run: Run) -> None:
    """The trap itself, with the hook taken away: the locks of the engine are gone."""
    script = (
        BOX_OFFICE
        + """
import sqlite3
from seatcore import _guard
engine, show = make(sys.argv[1])
reader = engine.seats(show)

def locks():
    files = [sys.argv[1] + side for side in ("", "-wal", "-shm")]
    inodes = {str(os.stat(file).st_ino) for file in files if os.path.exists(file)}
    with open("/proc/locks") as file:
        rows = [line.split() for line in file]
    mine = [row for row in rows if "POSIX" in row and str(os.getpid()) in row]
    return sum(row[-3].rpartition(":")[2] in inodes for row in mine)

before = locks()
assert before > 0
try:
    sqlite3.connect(sys.argv[1])
except seatcore.FileShared:
    pass
assert locks() == before
engine_file, _guard._open[:] = list(_guard._open), []
other = sqlite3.connect(sys.argv[1])
other.execute("select count(*) from show").fetchall()
other.close()
assert locks() < before, "the trap is gone: is the guard still needed?"
os._exit(0)
"""
    )
    run(script, path)


def test_a_panic_is_an_ordinary_exception() -> None:
    error = seatcore.errors._from_native("panicked", "index out of bounds", {})
    assert isinstance(error, seatcore.InternalError)
    assert isinstance(error, Exception)
