"""Keeps the files of open engines safe from this very process.

POSIX locks belong to a process and a file: when any part of the process closes any descriptor of
a file, all its locks on that file are gone. A second SQLite library (the standard library's
`sqlite3`) or a plain `open()` would so drop the engine's locks in silence, another process would
write at the same time, and sales would be lost. See https://sqlite.org/howtocorrupt.html, 2.2.

The same bookkeeping tells a forked child that its parent had engines open: SQLite in the child
would believe in locks that the child does not have, and wait for others that nobody gives back.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from typing import Any, NamedTuple

from .errors import EngineForked, FileShared


class OpenFile(NamedTuple):
    """A file that an engine has open."""

    path: str
    identity: tuple[int, int]
    pid: int
    names: frozenset[str]
    """Its own name, and the one it was opened by."""
    identities: frozenset[tuple[int, int]]
    """Of the file and of those beside it."""


_open: list[OpenFile] = []
_lock = threading.Lock()
_hooked = False
_SIDES = ("-wal", "-shm")
# The parent of this process had engine threads running when it forked.
_orphaned = False
_PATIENCE_S = 2.0
_THREADS = "seatcore-"


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def check(path: str) -> None:
    """Refuses a file that somebody else in this process has open."""
    identity = _identity(path)
    ours = any(file.identity == identity for file in _open)
    if identity is not None and not ours and _held_elsewhere(path, identity):
        raise FileShared(f"{path} is already open in this process by something else")


def _held_elsewhere(path: str, identity: tuple[int, int]) -> bool:
    """Whether a descriptor of this process, none of ours, is of this file."""
    identities = _identities(path) | {identity}
    return any(_identity(f"/proc/self/fd/{one}") in identities for one in _descriptors())


def check_fork() -> None:
    """Refuses to open anything in a fork of a process whose engine threads were running.

    They are not here, but what they held and waited for is: SQLite's mutexes, and the queues of
    the locks in the native half. Opening an engine could wait for ever, or worse.
    """
    if _orphaned:
        raise EngineForked("the parent of this process had an engine open when it forked")


def watch_forks() -> None:
    """Has every later fork of this process looked at."""
    global _watching
    if not _watching:
        _watching = True
        os.register_at_fork(before=_before_fork, after_in_child=_after_fork)


_watching = False
_threads_at_fork = False


def _before_fork() -> None:
    """Whether engine threads run; those of closed engines are given a moment to end."""
    global _threads_at_fork
    deadline = time.monotonic() + _PATIENCE_S
    while (found := _engine_threads()) and not _engines and time.monotonic() < deadline:
        time.sleep(0.001)
    _threads_at_fork = found


def _after_fork() -> None:
    global _orphaned
    _orphaned = _orphaned or _threads_at_fork


def _engine_threads() -> bool:
    try:
        tasks = os.listdir("/proc/self/task")
    except OSError:
        # Without /proc nobody can tell: whoever has opened an engine must not fork.
        return True
    for task in tasks:
        try:
            with open(f"/proc/self/task/{task}/comm", encoding="utf-8") as name:
                if name.read().startswith(_THREADS):
                    return True
        except OSError:
            continue
    return False


_engines: weakref.WeakSet[Any] = weakref.WeakSet()


def engine_opened(native: Any) -> None:
    """Notes an open engine, on a file or in memory."""
    watch_forks()
    _engines.add(native)


def engine_closed(native: Any) -> None:
    """Notes that its threads are ending."""
    _engines.discard(native)


def register(path: str) -> OpenFile:
    """Notes that an engine has opened this file."""
    global _hooked
    identity = _identity(path) or (0, 0)
    real = os.path.realpath(path)
    names = frozenset(each.rpartition("/")[2] for each in (real, path))
    file = OpenFile(real, identity, os.getpid(), names, _identities(real))
    with _lock:
        # A new list: the hook reads without the lock, from any thread.
        _open[:] = [*_open, file]
        if not _hooked:
            sys.addaudithook(_audit)
            _hooked = True
    return file


def unregister(file: OpenFile) -> None:
    """Notes that it is closed, once the last of its connections is: one may just be opening."""
    with _lock:
        others = [one for one in _open if one is not file]
    if not any(one.identity == file.identity for one in others):
        deadline = time.monotonic() + _PATIENCE_S
        while _held_elsewhere(file.path, file.identity) and time.monotonic() < deadline:
            time.sleep(0.001)
    with _lock:
        if file in _open:
            _open.remove(file)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect":
        if _open:
            _refuse_database(args[0])
    elif event == "open" and _open:
        _refuse_file(args[0], by_os=args[1] is None)


def _refuse_database(database: Any) -> None:
    path = _text(database)
    if path is None or path in ("", ":memory:"):
        return
    if path.startswith("file:"):
        from urllib.parse import unquote, urlsplit

        path = unquote(urlsplit(path).path)
    identity = _identity(path)
    for file in _open:
        if file.identity == identity and file.pid == os.getpid():
            raise FileShared(f"sqlite3 must not open {path}: an engine in this process has it open")


def _refuse_file(path: Any, *, by_os: bool) -> None:
    text = _text(path)
    if text is None:
        return
    found = _identity(text)
    for file in _open:
        if file.pid == os.getpid() and _leads_to(text, found, file, by_os=by_os):
            raise FileShared(f"{text} must not be opened: an engine in this process has it open")


def _leads_to(text: str, found: tuple[int, int] | None, file: OpenFile, *, by_os: bool) -> bool:
    """Whether a path, and what was found there, is an engine's file or one beside it."""
    if found in file.identities:
        return True
    name = text.rpartition("/")[2]
    stem = name[:-4] if name[-4:] in _SIDES else name
    if stem not in file.names:
        return False
    # SQLite may have made those beside it anew.
    now = file.identities | _identities(file.path)
    if found in now:
        return True
    # `os.open` may be given a folder as a descriptor, of which nobody tells the hook.
    folders = _descriptors() if by_os and not text.startswith("/") else []
    return any(_identity(f"/proc/self/fd/{one}/{text}") in now for one in folders)


def _identities(path: str) -> frozenset[tuple[int, int]]:
    """A file and those beside it, as they are now."""
    found = (_identity(path + side) for side in ("", *_SIDES))
    return frozenset(one for one in found if one is not None)


def _descriptors() -> list[str]:
    try:
        return os.listdir("/proc/self/fd")
    except OSError:
        return []


def _text(path: Any) -> str | None:
    if isinstance(path, str):
        return path
    if isinstance(path, int):
        return None
    try:
        return os.fsdecode(path)
    except TypeError:
        return None
