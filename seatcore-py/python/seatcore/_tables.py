"""Lists of results that become tables."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from ._values import Limits, Money, Sales, Stats

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class _Value(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=_Value)
_LEFT_OUT = {"replayed", "remembered", "zone"}


def _cells(value: Any) -> Iterator[tuple[str, Any]]:
    names: tuple[str, ...] = value.__match_args__
    for name in names:
        if name in _LEFT_OUT:
            continue
        cell: Any = getattr(value, name)
        if isinstance(cell, Money):
            yield name, cell.amount
            yield f"{name}_currency", cell.currency
        elif isinstance(cell, (Stats, Sales, Limits)):
            for part, inner in _cells(cell):
                yield f"{name}_{part}", inner
        elif isinstance(cell, enum.Enum):
            yield name, cell.value
        elif name == "tickets" and hasattr(value, "booked_at"):
            yield name, [ticket.code for ticket in cell]
        elif isinstance(cell, tuple):
            parts: list[Any] = list(cell)  # pyright: ignore[reportUnknownArgumentType]
            yield name, [str(part) if isinstance(part, Money) else part for part in parts]
        elif hasattr(cell, "items"):
            yield name, [f"{tier} {price}" for tier, price in cell.items()]
        else:
            yield name, cell


def _missing(package: str, method: str) -> ImportError:
    return ImportError(
        f"{method}() needs {package}: pip install {package} (or seatcore[{package}])", name=package
    )


class Rows(Sequence[T], Generic[T]):
    """An unchanging list of results, with exports to tables.

    In a table money is a `Decimal` beside its currency, a status is text and nested parts have
    columns of their own, such as `stats_available`.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[T]) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Rows[T]: ...
    def __getitem__(self, place: int | slice) -> T | Rows[T]:
        return Rows(self._items[place]) if isinstance(place, slice) else self._items[place]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rows):
            return self._items == other._items  # pyright: ignore[reportUnknownMemberType]
        return list(self._items) == other if isinstance(other, list) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Rows({list(self._items)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Rows, (self._items,)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary a row, in the shape of every face."""
        return [item.to_dict() for item in self._items]

    def to_columns(self) -> dict[str, list[Any]]:
        """One list a column, with plain cells."""
        columns: dict[str, list[Any]] = {}
        for item in self._items:
            for name, cell in _cells(item):
                columns.setdefault(name, []).append(cell)
        return columns

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas data frame."""
        try:
            import pandas
        except ImportError as error:
            raise _missing("pandas", "to_pandas") from error
        return pandas.DataFrame(self.to_columns())

    def to_polars(self) -> polars.DataFrame:
        """A polars data frame."""
        try:
            import polars
        except ImportError as error:
            raise _missing("polars", "to_polars") from error
        return polars.DataFrame(self.to_columns())

    def to_arrow(self) -> pyarrow.Table:
        """An Arrow table."""
        try:
            import pyarrow
        except ImportError as error:
            raise _missing("pyarrow", "to_arrow") from error
        return pyarrow.table(self.to_columns())
