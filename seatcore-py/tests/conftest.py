"""A box office to test in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import seatcore

# What a busy machine may take; nothing waits this long when all is well.
PATIENCE_S = 60


def open_show(
    engine: seatcore.Engine,
    layout: str = "A-E:10",
    *,
    days: int = 2,
    price: str = "12.50 EUR",
    **terms: object,
) -> seatcore.Show:
    """A film in a hall of its own."""
    number = len(engine.screens.list()) + 1
    hall = engine.screens.create(f"Hall {number}", layout=layout)
    film = engine.movies.create("Arrival", minutes=116)
    starts = datetime.now(UTC) + timedelta(days=days)
    return engine.shows.create(film, hall, starts=starts, price=price, **terms)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a box office keeps its file."""
    return tmp_path / "box-office.db"


@pytest.fixture
def engine(path: Path) -> Iterator[seatcore.Engine]:
    """An engine on a file."""
    with seatcore.open(path) as engine:
        yield engine


@pytest.fixture
def show(engine: seatcore.Engine) -> seatcore.Show:
    """Fifty seats, in five rows of ten."""
    return open_show(engine)


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a script in a new interpreter; must end well and in time."""

    def start(script: str, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        file = tmp_path / f"script{len(list(tmp_path.glob('script*')))}.py"
        file.write_text(textwrap.dedent(script), encoding="utf-8")
        command = [sys.executable, "-X", "faulthandler", str(file), *map(str, arguments)]
        # In a session of its own, so that children of a script that hangs end with it.
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            said, complained = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, complained = process.communicate()
            pytest.fail(f"still running after {PATIENCE_S} s\n{said}\n{complained}")
        done = subprocess.CompletedProcess(command, process.returncode, said, complained)
        assert done.returncode == status, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return start


def needed(variable: str) -> str:
    """A path that `tests/run` hands over."""
    value = os.environ.get(variable)
    if value is None:
        pytest.skip(f"{variable} is set by tests/run")
    return value
