"""Writes what `seatcore.aio` has in common with the blocking engine: its methods, awaited.

    python tests/mirror.py            # compares; `--write` writes

Signatures, types and documentation have one source, the blocking half. Needs `ruff` beside Python
or on the path.
"""

from __future__ import annotations

import ast
import difflib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "python/seatcore"


class Twin(NamedTuple):
    """A class to write, and where the methods come from."""

    name: str
    file: str
    blocking: str
    engine: str
    """How a method comes to the engine, and from there to the blocking method."""
    part: str


FILES = {
    "_counter.py": [Twin("Counter", "_engine.py", "Engine", "self", "sync")],
    "_parts.py": [
        Twin("Movies", "_catalogue.py", "Movies", "self._engine", "sync.movies"),
        Twin("Screens", "_catalogue.py", "Screens", "self._engine", "sync.screens"),
        Twin("Shows", "_catalogue.py", "Shows", "self._engine", "sync.shows"),
        Twin("Users", "_users.py", "Users", "self._engine", "sync.users"),
        Twin("ApiKeys", "_api_keys.py", "ApiKeys", "self._engine", "sync.api_keys"),
        Twin("Reports", "_reports.py", "Reports", "self._engine", "sync.reports"),
    ],
}
# What is different enough to be written by hand, in `aio/_engine.py`.
BY_HAND = {"Counter": {"batch", "close", "each", "events", "now"}}
# What hashes a password stands in a line of its own.
HASHES = {("Users", name) for name in ("create", "set_password", "sign_in", "verify_password")}

HEAD = '''"""The methods of the blocking engine, awaited. Written by `tests/mirror.py`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date as Date
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .. import _engine as blocking
from .. import commands
from .._api_keys import ApiKey, MintedKey, Scope
from .._arguments import BookingLike, HoldLike, SeatLike, SeatsLike, ShowLike, Span, UserLike
from .._reports import Grouping, OccupancyLine, PopularLine, Revenue
from .._seat_map import SeatMap
from .._seatcore import Command
from .._tables import Rows
from .._values import (
    Booking,
    Event,
    Hold,
    LayoutRow,
    Money,
    Movie,
    Poster,
    Report,
    Role,
    Screen,
    Seat,
    Session,
    Show,
    ShowEvent,
    SignedIn,
    Stats,
    Ticket,
    User,
    Why,
)
from ..errors import SeatUnavailable

from ._part import Part
'''
COUNTER_HEAD = """
P = ParamSpec("P")
T = TypeVar("T")
"""
COUNTER = """
    sync: blocking.Engine

    if TYPE_CHECKING:

        def _run(self, call: Callable[P, T], /, *a: P.args, **k: P.kwargs) -> Awaitable[T]: ...
        def _held(self, command: Command) -> Awaitable[Hold]: ...
        def _booked(self, command: Command) -> Awaitable[Booking]: ...
"""
PART = """
    __slots__ = ()
"""


def main() -> None:
    """Writes, or tells what would be written."""
    stale = 0
    for file, twins in FILES.items():
        path = SOURCE / "aio" / file
        wanted = ruff(ruff("\n".join(module(twins)), "check", "-q", "--fix-only"), "format", "-q")
        if "--write" in sys.argv:
            path.write_text(wanted, encoding="utf-8")
        found = path.read_text(encoding="utf-8").splitlines(keepends=True)
        for line in difflib.unified_diff(found, wanted.splitlines(keepends=True), file, "wanted"):
            stale = 1
            sys.stdout.write(line)
    sys.exit(stale)


def ruff(code: str, *words: str) -> str:
    """The code without unused imports, or laid out."""
    beside = Path(sys.executable).with_name("ruff")
    program = beside if beside.exists() else shutil.which("ruff")
    command = [str(program), *words, "--config", str(PROJECT / "pyproject.toml"), "-"]
    return subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout


def module(twins: list[Twin]) -> Iterator[str]:
    """The lines of a module."""
    yield HEAD
    for twin in twins:
        of_engine = twin.engine == "self"
        yield COUNTER_HEAD if of_engine else ""
        tree = ast.parse((SOURCE / twin.file).read_text(encoding="utf-8"))
        found = (one for one in tree.body if isinstance(one, ast.ClassDef))
        blocking = next(one for one in found if one.name == twin.blocking)
        about = (ast.get_docstring(blocking) or "").partition("\n")[0]
        base = "" if of_engine else "(Part)"
        yield f'class {twin.name}{base}:\n    """{about}"""\n'
        yield COUNTER if of_engine else PART
        for method in methods(twin, blocking):
            yield indented(ast.unparse(awaited(twin, method))) + "\n"


def methods(twin: Twin, blocking: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The public methods, properties left out."""
    by_hand = BY_HAND.get(twin.name, set())
    for one in blocking.body:
        if not isinstance(one, ast.FunctionDef) or one.decorator_list:
            continue
        if not one.name.startswith("_") and one.name not in by_hand:
            yield one


def awaited(twin: Twin, method: ast.FunctionDef) -> ast.AsyncFunctionDef:
    """The method, with a body that waits in the event loop."""
    about, *body = method.body
    if any(isinstance(node, ast.Attribute) and node.attr in WAITS for node in ast.walk(method)):
        body = [Queued().visit(statement) for statement in body]
    else:
        body = [elsewhere(twin, method)]
    return ast.AsyncFunctionDef(
        name=method.name,
        args=method.args,
        body=[about, *body],
        decorator_list=[],
        returns=method.returns,
        type_params=[],
        lineno=0,
    )


# Where the blocking engine queues a command and waits for its answer.
WAITS = {"_held", "_booked"}


class Queued(ast.NodeTransformer):
    """A command is queued by the loop itself, which then waits for its answer."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Waits in the loop."""
        self.generic_visit(node)
        waits = isinstance(node.func, ast.Attribute) and node.func.attr in WAITS
        return ast.Await(node) if waits else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Everything else of the engine is the blocking engine's."""
        if ast.unparse(node.value) == "self" and node.attr not in WAITS:
            node.value = ast.parse("self.sync", mode="eval").body
        return node


def elsewhere(twin: Twin, method: ast.FunctionDef) -> ast.stmt:
    """Questions run in a small pool of threads."""
    run = "_hash" if (twin.name, method.name) in HASHES else "_run"
    arguments = method.args
    words = [f"{twin.engine}.{twin.part}.{method.name}"]
    words += [one.arg for one in arguments.args[1:]]
    words += [f"{one.arg}={one.arg}" for one in arguments.kwonlyargs]
    nothing = isinstance(method.returns, ast.Constant) and method.returns.value is None
    asked = f"await {twin.engine}.{run}({', '.join(words)})"
    return ast.parse(asked if nothing else f"return {asked}").body[0]


def indented(code: str) -> str:
    """One level further in."""
    return "\n".join(f"    {line}" if line else line for line in code.splitlines())


if __name__ == "__main__":
    main()
