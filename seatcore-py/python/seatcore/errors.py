"""What the engine answers in place of a result.

Two kinds: `Rejected` is an answer (a rule said no), everything else under `SeatcoreError` is a
fault (the machinery failed). Each carries the `code` that every face uses; `docs/errors.md` lists
them in the order in which rules are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ._range import Range

__all__ = [
    "Busy",
    "CorruptError",
    "EngineClosed",
    "EngineForked",
    "FileShared",
    "HoldEnded",
    "HoldExpired",
    "IdempotencyMismatch",
    "InUse",
    "InternalError",
    "InvalidInput",
    "LastManager",
    "LimitExceeded",
    "NameTaken",
    "NotAllowed",
    "NotFound",
    "NotHolder",
    "NotSignedIn",
    "OutcomeUnknown",
    "Overlap",
    "Rejected",
    "RolledBack",
    "SeatUnavailable",
    "SeatcoreError",
    "ShowCancelled",
    "ShowClosed",
    "Stale",
    "StorageError",
    "UnknownSeat",
]


class SeatcoreError(Exception):
    """The root of everything this package raises on purpose."""

    code: str = "corrupt"
    """The frozen word for what happened."""
    hint: str | None = None
    """What helps, where something does."""
    retryable: bool = False
    """Whether asking the same again can succeed."""
    replayed: bool = False
    """The idempotency key was seen before: this is the first answer again."""
    remembered: bool = False
    """Whether the key's next retry gets this same answer."""
    culprit: int | None = None
    """In a batch: the index of the command that failed. Nothing of the batch happened."""

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = {}
        for name, value in details.items():
            setattr(self, name, value)
            self.details[name] = value

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        own = {name: getattr(self, name) for name in _OWN}
        return _rebuild, (type(self), self.message, self.details, own)

    def to_dict(self) -> dict[str, Any]:
        """The code and what goes with it, in the words of the other faces."""
        shape: dict[str, Any] = {"code": self.code, "detail": self.message}
        shape["retryable"] = self.retryable
        errors: tuple[tuple[str, str], ...] = self.details.get("errors", ())
        ranges: dict[str, Range] = self.details.get("ranges", {})
        if errors:
            shape["errors"] = [
                {"field": field, "detail": why}
                | ({"range": ranges[field].to_dict()} if field in ranges else {})
                for field, why in errors
            ]
        conflicts: tuple[tuple[str, str], ...] = self.details.get("conflicts", ())
        if conflicts:
            shape["conflicts"] = [{"seat": seat, "code": code} for seat, code in conflicts]
        for name, value in self.details.items():
            if name in ("state", "largest", "show", "culprit", "reason"):
                shape[name] = value
        return shape


class Rejected(SeatcoreError):
    """A rule said no: an answer, which an idempotency key may remember."""

    code = "invalid"


class InvalidInput(Rejected, ValueError):
    """Unreadable or out of range; `errors` names every wrong argument and why."""

    code = "invalid"
    errors: tuple[tuple[str, str], ...] = ()
    ranges: Mapping[str, Range] = MappingProxyType({})
    """What each argument that is out of range may be."""


class NotFound(Rejected, LookupError):
    """There is no such thing; `what` says which kind of thing."""

    code = "not_found"
    what: str = ""


class IdempotencyMismatch(Rejected):
    """This idempotency key was used for another command."""

    code = "key_reused"


class NotHolder(Rejected):
    """The hold belongs to somebody else."""

    code = "not_holder"


class NotSignedIn(Rejected):
    """Nobody is signed in, or name and password do not match."""

    code = "not_signed_in"


class NotAllowed(Rejected):
    """The role does not allow it."""

    code = "not_allowed"


class ShowClosed(Rejected):
    """Sales have ended or not begun."""

    code = "show_closed"


class ShowCancelled(Rejected):
    """The show is cancelled."""

    code = "show_cancelled"


class _AboutSeats(Rejected):
    conflicts: tuple[tuple[str, str], ...] = ()
    """Every seat at fault in the order asked, with its own code."""

    @property
    def seats(self) -> tuple[str, ...]:
        """The seats at fault, in the order asked."""
        return tuple(seat for seat, _ in self.conflicts)


class UnknownSeat(_AboutSeats, KeyError):
    """A label that the hall, or the hold, does not have."""

    code = "unknown_seat"


class SeatUnavailable(_AboutSeats):
    """Seats that cannot be had: `seats` names them, `conflicts` says why.

    `code` is `seat_held`, `seat_booked` or `seat_blocked` for seats asked for by label, and
    `no_block_together` (`largest` says what is left) or `sold_out` for the best available.
    """

    code = "seat_held"
    largest: int | None = None
    _advise: Callable[[], tuple[tuple[str, ...], ...]] | None = None
    _advice: tuple[tuple[str, ...], ...] | None = None

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Up to three placements of as many seats, nearest first; none for the best available.

        Advice as of the first look, or of pickling, which looks: a pickle has no engine to ask.
        """
        if self._advice is None:
            advise, self._advise = self._advise, None
            try:
                self._advice = advise() if advise is not None else ()
            except SeatcoreError:
                self._advice = ()
        return self._advice

    def __reduce__(self) -> tuple[Any, ...]:
        make, (kind, message, details, own) = super().__reduce__()
        return make, (kind, message, details, {**own, "_advice": self.alternatives})


class HoldExpired(Rejected):
    """The hold's deadline was reached: its seats are free, take a new hold."""

    code = "hold_expired"


class HoldEnded(Rejected):
    """The hold was booked, released or cancelled before; `state` says which."""

    code = "hold_ended"
    state: str = ""


class LimitExceeded(Rejected):
    """A cap that depends on what is already held or sold; `limit` says which."""

    code = "over_limit"
    limit: str = ""


class Overlap(Rejected):
    """The screen is busy at that time with the show numbered `show`."""

    code = "overlap"
    show: int | None = None


class NameTaken(Rejected):
    """The name is taken."""

    code = "name_taken"


class InUse(Rejected):
    """Shows or sales still use it."""

    code = "in_use"
    what: str = ""


class LastManager(Rejected):
    """Nobody else may run the users, so it stays as it is."""

    code = "last_manager"


class Stale(Rejected):
    """It changed since it was read."""

    code = "stale"


class RolledBack(Rejected):
    """Another command of the batch failed, and this one was undone with it."""

    code = "rolled_back"


class Busy(SeatcoreError):
    """The queue was full, or the lock not to be had in time. Nothing happened."""

    code = "busy"
    retryable = True
    reason: str = ""
    retry_after: float = 0.1
    """Seconds after which trying again is reasonable."""


class OutcomeUnknown(SeatcoreError):
    """The fate of the commit is unknown. Ask again with the same idempotency key."""

    code = "outcome_unknown"
    retryable = True
    hint = "ask again with the same idempotency_key: the answer is then definite"


class StorageError(SeatcoreError, OSError):
    """The store refuses until somebody repairs something; nothing was acknowledged."""

    code = "storage"
    reason: str = ""


class EngineClosed(StorageError):
    """The engine was closed."""

    reason = "closed"
    hint = "open it again with seatcore.open()"


class EngineForked(StorageError):
    """This process is a fork of one that had an engine open at that moment.

    The engine's threads are not here, and SQLite's own locks may be held by nobody for ever: what
    looks as if it worked would hang or lose sales sooner or later.
    """

    reason = "forked"
    hint = (
        "open engines after the fork, one in each worker, or start workers by 'spawn': threads, "
        "locks and SQLite connections do not survive a fork"
    )


class FileShared(StorageError):
    """Something else in this process reached for the file of an open engine."""

    reason = "shared in one process"
    hint = (
        "a second SQLite library, or a plain open(), in this process silently drops the engine's "
        "locks, and sales would be lost; ask the engine, use engine.backup(path), or another "
        "process"
    )


class CorruptError(SeatcoreError):
    """Stored data contradicts itself; that show, or the whole file, has stopped."""

    code = "corrupt"
    show: int | None = None


class InternalError(CorruptError):
    """The engine broke one of its own assumptions: a bug, please report it."""


def _tree(root: type[SeatcoreError]) -> list[type[SeatcoreError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _tree(child))]


_BY_CODE: dict[str, type[SeatcoreError]] = {
    "seat_blocked": SeatUnavailable,
    "seat_booked": SeatUnavailable,
    "seat_held": SeatUnavailable,
    "no_block_together": SeatUnavailable,
    "sold_out": SeatUnavailable,
    "unknown_seat": UnknownSeat,
    "busy": Busy,
    "outcome_unknown": OutcomeUnknown,
    "storage": StorageError,
    "corrupt": CorruptError,
    "closed": EngineClosed,
    "forked": EngineForked,
    "panicked": InternalError,
    **{
        leaf.code: leaf
        for leaf in _tree(Rejected)
        if "code" in vars(leaf) and leaf not in (Rejected, SeatUnavailable)
    },
}
# What only the HTTP server answers has no class of its own.
_HTTP_ONLY = {
    "cross_site",
    "too_large",
    "unsupported_type",
    "method_not_allowed",
    "timeout",
    "rate_limited",
}
_OWN = ("code", "hint", "retryable", "replayed", "remembered")
_RETRYABLE = {"seat_held", "busy", "outcome_unknown"}
_SAID = {
    "closed": "this engine is closed",
    "forked": "this engine belongs to the parent process",
    "panicked": "the engine broke one of its own assumptions",
}


def _from_native(word: str, message: str, details: dict[str, Any]) -> SeatcoreError:
    """Makes the exception for an answer of the native half."""
    if "ranges" in details:
        details["ranges"] = {field: Range(*ends) for field, ends in details["ranges"].items()}
    error = _BY_CODE.get(word, SeatcoreError)(message or _SAID.get(word, word), **details)
    if word not in _SAID:
        error.code = word
        error.retryable = word in _RETRYABLE
    return error


def _rebuild(
    kind: type[SeatcoreError], message: str, details: dict[str, Any], own: dict[str, Any]
) -> SeatcoreError:
    error = kind(message, **details)
    for name, value in own.items():
        setattr(error, name, value)
    return error
