"""Durable commands per second from Python, beside Rust in process and the Django ORM.

    cargo build --release -p seatcore-benches
    pip install target/wheels/seatcore-*.whl django        # a release wheel
    python benches/python/booking.py [--rounds 5] [--seconds 2]

The method is that of `benches/README.md`: file in memory, every flush sleeps 100 µs in every rival,
rivals take turns, medians of the rounds. The work is that of `src/work.rs`: each client holds four
adjacent seats, books them, cancels, every command under a key. Django does the same on rows it
locks, tuned: write-ahead log, immediate transactions, one connection a thread.
"""

import argparse
import asyncio
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
    """Runs `one(client, go_on)` in so many threads; commands a second."""
    done = [0] * count
    start = threading.Barrier(count + 1)
    stop = threading.Event()

    def run(client):
        start.wait()
        done[client] = one(client, lambda: not stop.is_set())

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
    return sum(done) / took


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

        def one(client, go_on):
            show, holder, mine = shows[client % SHOWS], f"client-{client}", seats(client)
            step = 0
            while go_on():
                key = f"{client}-{step}"
                if step % 3 == 0:
                    made = engine.hold(show, mine, holder=holder, idempotency_key=key)
                elif step % 3 == 1:
                    made = engine.book(made, holder=holder, idempotency_key=key)
                else:
                    engine.cancel(made, holder=holder, idempotency_key=key)
                step += 1
            return step

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
            return sum(done) / (time.perf_counter() - begun)

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
        return done / took


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

    def one(client, go_on):
        show, holder, mine = client % SHOWS, f"client-{client}", seats(client)
        states = ["AVAILABLE", "HELD", "BOOKED"]
        step = 0
        while go_on():
            before, after = states[step % 3], states[(step + 1) % 3]
            expires = timezone.now() + timedelta(minutes=10) if after == "HELD" else None
            change(show, mine, holder, before, after, expires)
            step += 1
        connection.close()
        return step

    return clients(count, seconds, one)


RIVALS = {"threads": threads, "tasks": tasks, "each": each, "django": django}


def python(kind, count, seconds, folder, environment):
    """One rival, one round, in a process of its own."""
    path = tempfile.mktemp(suffix=".db", dir=folder)
    words = [sys.executable, __file__, "--one", kind, str(count), str(seconds), path]
    ran = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    return float(ran.stdout)


def rust(count, seconds, program):
    words = [program, "booking", "--alone", "--rounds", "1", "--clients", str(count), "--seconds"]
    ran = subprocess.run([*words, str(seconds)], check=True, capture_output=True, text=True)
    found = re.search(r"\| seatcore \| \d+ \| ([\d,]+)", ran.stdout)[1]
    return float(found.replace(",", ""))


def measure(rounds, seconds, program):
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    shim = folder / "slow_flush.so"
    source = HERE.parent / "slow_flush.c"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, source], check=True)
    slow = {**os.environ, "LD_PRELOAD": str(shim)}
    rows = [("Rust", 1), ("Rust", 8), ("Rust", 64)]
    rows += [("threads", 1), ("threads", 8), ("threads", 64), ("tasks", 64), ("each", TOGETHER)]
    rows += [("django", 64)]
    found = {row: [] for row in rows}
    try:
        for _ in range(rounds):
            for kind, count in rows:
                if kind == "Rust":
                    found[kind, count].append(rust(count, seconds, program))
                else:
                    found[kind, count].append(python(kind, count, seconds, folder, slow))
    finally:
        shutil.rmtree(folder)
    return {row: statistics.median(figures) for row, figures in found.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--program", default=HERE.parents[1] / "target/release/seatcore-benches")
    options.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        kind, count, seconds, path = asked.one
        print(RIVALS[kind](path, int(count), float(seconds)))
        return
    medians = measure(asked.rounds, int(asked.seconds), str(asked.program))
    print(f"{'':>10} {'clients':>8} {'commands/s':>11} {'of Rust':>8} {'of Django':>10}")
    for (kind, count), figure in medians.items():
        share = figure / medians["Rust", count]
        times = figure / medians["django", 64]
        print(f"{kind:>10} {count:>8} {figure:>11,.0f} {share:>8.2f} {times:>9.0f}x")


if __name__ == "__main__":
    main()
