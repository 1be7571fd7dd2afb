"""Durable commands per second from Python, beside Rust in process and the Django ORM.

    cargo build --release -p seatcore-benches
    cargo build --release -p seatcore-py --example one-call
    pip install target/wheels/seatcore-*.whl django        # a release wheel
    python benches/python/booking.py [--rounds 5] [--seconds 2]

The method is that of `benches/README.md`: file in memory, every flush sleeps 100 µs in every rival,
rivals take turns, medians of the rounds. The work is that of `src/work.rs`: each client holds four
adjacent seats, books them, cancels, every command under a key. Django does the same on rows it
locks, tuned: write-ahead log, immediate transactions, one connection a thread.
"""

import argparse
import asyncio
import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOWS = 100
ROWS = "ABCDE"
TOGETHER = 64


def seats(client):
    block = client // SHOWS
    row, first = ROWS[block // 25 % len(ROWS)], block % 25 * 4 + 1
    return [f"{row}{first + seat}" for seat in range(4)]


def clients(count, seconds, one):
    """Has `one(client)` ask in so many threads: commands a second, and the median wait in seconds."""
    waits = [[] for _ in range(count)]
    start = threading.Barrier(count + 1)
    stop = threading.Event()

    def run(client):
        mine, ask = waits[client], one(client)
        start.wait()
        while not stop.is_set():
            begun = time.perf_counter()
            next(ask)
            mine.append(time.perf_counter() - begun)
        ask.close()

    threads = [threading.Thread(target=run, args=(client,)) for client in range(count)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    took = time.perf_counter() - begun
    for thread in threads:
        thread.join()
    every = list(itertools.chain.from_iterable(waits))
    return len(every) / took, statistics.median(every)


def programme(engine):
    film = engine.movies.create("Film", minutes=90)
    starts = datetime.now(UTC) + timedelta(days=2)
    halls = [
        engine.screens.create(f"Hall {number}", rows="A-E", seats_per_row=100) for number in range(SHOWS)
    ]
    return [engine.shows.create(film, hall, starts=starts, price="12.50 EUR").id for hall in halls]


def threads(path, count, seconds):
    import seatcore

    with seatcore.open(path) as engine:
        shows = programme(engine)

        def one(client):
            show, holder, mine = shows[client % SHOWS], f"client-{client}", seats(client)
            for step in itertools.count(step=3):
                held = engine.hold(show, mine, holder=holder, idempotency_key=f"{client}-{step}")
                yield
                sold = engine.book(held, holder=holder, idempotency_key=f"{client}-{step + 1}")
                yield
                engine.cancel(sold, holder=holder, idempotency_key=f"{client}-{step + 2}")
                yield

        return clients(count, seconds, one)


def tasks(path, count, seconds):
    import seatcore
    import seatcore.aio

    async def one(engine, shows, client, until):
        show, holder, mine = shows[client % SHOWS], f"client-{client}", seats(client)
        step = 0
        while time.perf_counter() < until:
            key = f"{client}-{step}"
            if step % 3 == 0:
                made = await engine.hold(show, mine, holder=holder, idempotency_key=key)
            elif step % 3 == 1:
                made = await engine.book(made, holder=holder, idempotency_key=key)
            else:
                await engine.cancel(made, holder=holder, idempotency_key=key)
            step += 1
        return step

    async def run(shows):
        async with seatcore.aio.open(path) as engine:
            begun = time.perf_counter()
            work = (one(engine, shows, client, begun + seconds) for client in range(count))
            done = await asyncio.gather(*work)
            return sum(done) / (time.perf_counter() - begun), 0

    with seatcore.open(path) as engine:
        shows = programme(engine)
    return asyncio.run(run(shows))


def each(path, count, seconds):
    """One thread, calls of so many commands."""
    import seatcore
    from seatcore import commands

    with seatcore.open(path) as engine:
        shows = programme(engine)
        made, step, done = [], 0, 0
        begun = time.perf_counter()
        while (took := time.perf_counter() - begun) < seconds:
            asked = []
            for client in range(count):
                words = {"holder": f"client-{client}", "idempotency_key": f"{client}-{step}"}
                if step % 3 == 0:
                    asked.append(commands.hold(shows[client % SHOWS], seats(client), **words))
                elif step % 3 == 1:
                    asked.append(commands.book(made[client], **words))
                else:
                    asked.append(commands.cancel(made[client], **words))
            made = engine.each(asked)
            step += 1
            done += count
        return done / took, 0


def calls(path, count, seconds):
    """One thread and no disk, as in `one_call.rs`: what a call itself costs."""
    import seatcore

    engine, waits = seatcore.open(), []
    film = engine.movies.create("Film", minutes=90)
    hall = engine.screens.create("Hall", rows="A-E", seats_per_row=100)
    starts = datetime.now(UTC) + timedelta(days=2)
    show = engine.shows.create(film, hall, starts=starts, price="12.50 EUR").id
    until, mine, words = time.perf_counter() + seconds, seats(0), {"holder": "client-0"}
    while time.perf_counter() < until:
        step, begun = len(waits), time.perf_counter()
        held = engine.hold(show, mine, idempotency_key=f"0-{step}", **words)
        done = time.perf_counter()
        sold = engine.book(held, idempotency_key=f"0-{step + 1}", **words)
        again = time.perf_counter()
        engine.cancel(sold, idempotency_key=f"0-{step + 2}", **words)
        waits += [done - begun, again - done, time.perf_counter() - again]
    return len(waits) / seconds, statistics.median(waits)


def django(path, count, seconds):
    import django as django_itself
    from django.conf import settings

    options = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[], USE_TZ=True)
    django_itself.setup()
    from django.db import connection, models, transaction
    from django.utils import timezone

    class Seat(models.Model):
        show = models.IntegerField()
        row = models.CharField(max_length=2)
        number = models.IntegerField()
        status = models.CharField(max_length=10, default="AVAILABLE")
        held_by = models.CharField(max_length=64, null=True)
        hold_expires_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "bench"
            constraints = [models.UniqueConstraint(fields=["show", "row", "number"], name="seat")]

    with connection.schema_editor() as editor:
        editor.create_model(Seat)
    places = ((show, row, seat) for show in range(SHOWS) for row in ROWS for seat in range(1, 101))
    Seat.objects.bulk_create(
        [Seat(show=show, row=row, number=number) for show, row, number in places], batch_size=500
    )

    def change(show, mine, holder, before, after, expires):
        with transaction.atomic():
            rows = Seat.objects.select_for_update().filter(
                show=show, row=mine[0][0], number__in=[int(label[1:]) for label in mine]
            )
            held = [row for row in rows if row.status == before and row.held_by in (None, holder)]
            assert len(held) == 4
            for row in held:
                row.status, row.hold_expires_at = after, expires
                row.held_by = None if after == "AVAILABLE" else holder
                row.save()

    def one(client):
        show, holder, mine = client % SHOWS, f"client-{client}", seats(client)
        states = ["AVAILABLE", "HELD", "BOOKED"]
        try:
            for step in itertools.count():
                before, after = states[step % 3], states[(step + 1) % 3]
                expires = timezone.now() + timedelta(minutes=10) if after == "HELD" else None
                change(show, mine, holder, before, after, expires)
                yield
        finally:
            connection.close()

    return clients(count, seconds, one)


RIVALS = {"threads": threads, "tasks": tasks, "each": each, "calls": calls, "django": django}


def python(kind, count, seconds, folder, environment):
    """One rival, one round, in a process of its own."""
    path = tempfile.mktemp(suffix=".db", dir=folder)
    words = [sys.executable, __file__, "--one", kind, str(count), str(seconds), path]
    ran = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    rate, wait = ran.stdout.split()
    return float(rate), float(wait)


def rust(count, seconds, program):
    words = [program, "booking", "--alone", "--rounds", "1", "--clients", str(count), "--seconds"]
    ran = subprocess.run([*words, str(seconds)], check=True, capture_output=True, text=True)
    # Clients, commands a second, of the log, refused, median wait in microseconds.
    row = re.search(r"\| seatcore \| [^\n]*", ran.stdout)[0].split("|")
    rate, wait = (re.search(r"[\d,.]+", row[place])[0].replace(",", "") for place in (3, 6))
    return float(rate), float(wait) / 1e6


def rust_calls(count, seconds, program):
    """The twin of `calls`."""
    twin = Path(program).parent / "examples/one-call"
    ran = subprocess.run([twin, str(seconds)], check=True, capture_output=True, text=True)
    return 1 / float(ran.stdout), float(ran.stdout)


NATIVE = {"Rust": rust, "Rust calls": rust_calls}


def measure(rounds, seconds, program):
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    shim = folder / "slow_flush.so"
    source = HERE.parent / "slow_flush.c"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, source], check=True)
    slow = {**os.environ, "LD_PRELOAD": str(shim)}
    rows = [("Rust", 1), ("Rust", 8), ("Rust", 64)]
    rows += [("threads", 1), ("threads", 8), ("threads", 64), ("tasks", 64), ("each", TOGETHER)]
    rows += [("Rust calls", 1), ("calls", 1), ("django", 64)]
    found = {row: [] for row in rows}
    try:
        for _ in range(rounds):
            for kind, count in rows:
                if kind in NATIVE:
                    found[kind, count].append(NATIVE[kind](count, seconds, program))
                else:
                    found[kind, count].append(python(kind, count, seconds, folder, slow))
    finally:
        shutil.rmtree(folder)
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--program", default=HERE.parents[1] / "target/release/seatcore-benches")
    options.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        kind, count, seconds, path = asked.one
        print(*RIVALS[kind](path, int(count), float(seconds)))
        return
    found = measure(asked.rounds, int(asked.seconds), str(asked.program))
    rates = {row: [rate for rate, _ in rounds] for row, rounds in found.items()}
    print(f"{'':>10} {'clients':>8} {'commands/s':>11} {'of Rust':>8} {'of Django':>10}")
    for row, figures in rates.items():
        if "calls" in row[0]:
            continue
        share, times = ratio(figures, rates["Rust", row[1]]), ratio(figures, rates["django", 64])
        median = statistics.median(figures)
        print(f"{row[0]:>10} {row[1]:>8} {median:>11,.0f} {share:>8.2f} {times:>9.0f}x")
    for ours, rust, where in (("calls", "Rust calls", "memory"), ("threads", "Rust", "a file")):
        pairs = zip(found[ours, 1], found[rust, 1], strict=True)
        added = statistics.median(1e6 * (wait - twin) for (_, wait), (_, twin) in pairs)
        print(f"one call on {where} adds {added:.0f} us to Rust's median wait")
    print(f"import seatcore takes {1e3 * importing():.0f} ms")


def importing():
    """Seconds that the import takes in a new interpreter: the median of eleven."""
    clock = "time.perf_counter()"
    code = f"import time; begun = {clock}; import seatcore; print({clock} - begun)"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(11)]
    return statistics.median(float(ran.stdout) for ran in runs)


def ratio(figures, others):
    """The median of the rounds' ratios: a busy neighbour meets both."""
    return statistics.median(one / other for one, other in zip(figures, others, strict=True))


if __name__ == "__main__":
    main()
