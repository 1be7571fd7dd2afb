"""What the documentation shows is run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
import seatcore

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["docs/python.md"])
def test_a_page_s_examples(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=flags)
    assert (failed, tried > 20) == (0, True)


@pytest.mark.parametrize("page", ["README.md", "seatcore-py/README.md"])
def test_a_readme_s_example_runs_on_no_file_and_on_its_own(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text(encoding="utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    for _ in range(2):
        exec(example, {})
        with seatcore.open("box-office.db", create=False) as engine:
            assert [booking.seats for booking in engine.bookings()] == [("C5", "C6")]


def modules() -> list[str]:
    found = pkgutil.walk_packages(seatcore.__path__, "seatcore.")
    return ["seatcore", *(one.name for one in found if one.name != "seatcore.__main__")]


@pytest.mark.parametrize("name", modules())
def test_a_module_s_examples(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_every_public_name_is_documented() -> None:
    for name in seatcore.__all__:
        thing = getattr(seatcore, name)
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing) and thing.__module__.startswith("seatcore"):
            for part, method in inspect.getmembers(thing, inspect.isfunction):
                # What a base class of the standard library brings is documented there.
                if not part.startswith("_") and part in vars(thing):
                    assert inspect.getdoc(method), f"{name}.{part}"
