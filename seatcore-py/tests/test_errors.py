"""One registry of codes, one exception for each."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
import seatcore
from seatcore import _seatcore, errors

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_code_of_the_engine_has_its_exception() -> None:
    for code, retryable in _seatcore.codes():
        if code in errors._HTTP_ONLY:
            continue
        error = errors._from_native(code, "why", {})
        assert type(error) is not seatcore.SeatcoreError, code
        assert (error.code, error.retryable, str(error).startswith("why")) == (
            code,
            retryable,
            True,
        )


def test_the_codes_are_those_of_the_documentation() -> None:
    table = (DOCS / "errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == [code for code, _ in _seatcore.codes()]


def test_the_tree() -> None:
    for kind in errors._tree(seatcore.SeatcoreError):
        assert kind.__doc__ or kind.__name__.startswith("_"), kind
        if not kind.__name__.startswith("_"):
            assert getattr(seatcore, kind.__name__) is kind
            assert kind.__name__ in errors.__all__
    for kind, base in (
        (seatcore.NotFound, LookupError),
        (seatcore.InvalidInput, ValueError),
        (seatcore.StorageError, OSError),
        (seatcore.SeatUnavailable, seatcore.Rejected),
        (seatcore.EngineForked, seatcore.StorageError),
    ):
        assert issubclass(kind, base)
    assert not issubclass(seatcore.Busy, seatcore.Rejected)


def raised() -> list[seatcore.SeatcoreError]:
    engine, show = seatcore.example()
    engine.hold(show, "A1", holder="ada")
    found: list[seatcore.SeatcoreError] = [seatcore.Busy("full", retry_after=0.5)]
    for call in (
        lambda: engine.hold(show, ["A1", "A2"], holder="bob", idempotency_key="k"),
        lambda: engine.hold(show, "Z9", holder="bob"),
        lambda: engine.hold(show, [], holder="bob"),
        lambda: engine.hold(99, "A1", holder="bob"),
        lambda: engine.backup("/nowhere/at/all"),
        lambda: engine.hold_best(show, 64, holder="bob", together=True),
        lambda: engine.batch([seatcore.commands.hold(show, "A1", holder="bob")]),
    ):
        with pytest.raises(seatcore.SeatcoreError) as caught:
            call()
        found.append(caught.value)
    return found


@pytest.mark.parametrize("error", raised(), ids=lambda error: error.code)
def test_an_exception_survives_pickling(error: seatcore.SeatcoreError) -> None:
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert twin.to_dict() == error.to_dict()
    assert (twin.code, twin.retryable, twin.hint) == (error.code, error.retryable, error.hint)
    assert (twin.replayed, twin.remembered) == (error.replayed, error.remembered)
    for name in ("seats", "conflicts", "errors", "culprit", "retry_after", "reason"):
        assert getattr(twin, name, None) == getattr(error, name, None)
