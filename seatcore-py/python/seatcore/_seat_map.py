"""A show's seats at one moment, for people: in a terminal, a notebook, a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._value import field, value
from ._values import LayoutRow, Seat, SeatStatus, ShowStatus, Stats
from .errors import NotFound, UnknownSeat

if TYPE_CHECKING:
    from rich.text import Text

_STATUS = {status.symbol: status for status in SeatStatus}
_GLYPHS = {".": "□", "h": "◐", "b": "■", "x": "✕"}
_COLOURS = {".": "cyan", "h": "yellow", "b": "magenta", "x": "bright_black"}
_PITCH = 22
# Beyond this a notebook is slow: names and numbers are left out.
_NAMED_SEATS_MAX = 2_000
_STYLE = (
    ".seatcore-map text{font:9px system-ui,sans-serif;fill:#4C5A78}"
    ".seatcore-map .a{fill:#0390C9}"
    ".seatcore-map .h{fill:#F6BD1D;stroke:#8A5A00;stroke-dasharray:3 2}"
    ".seatcore-map .b{fill:#A31D3A}.seatcore-map .x{fill:none;stroke:#6B7895;stroke-dasharray:2 2}"
    ".seatcore-map .c{stroke:#fff;stroke-width:1.5}"
)


class Plan:
    """A hall's rows, and where each label stands."""

    __slots__ = ("_places", "rows")

    def __init__(self, rows: tuple[LayoutRow, ...]) -> None:
        self.rows = rows
        self._places: dict[str, int] | None = None

    def labels(self) -> Iterator[str]:
        """Every seat's label, in plan order."""
        for row in self.rows:
            for number in row.numbers:
                yield f"{row.name}{number}"

    def place(self, label: str) -> int | None:
        """Where a seat stands in plan order, whatever the case of its label."""
        if self._places is None:
            self._places = {name.lower(): at for at, name in enumerate(self.labels())}
        return self._places.get(label.strip().lower())

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan, (self.rows,)


@value
class SeatMap(Mapping[str, SeatStatus]):
    """A show's seats, immutable: a mapping of labels, in plan order, to what the seats are.

    `print(seat_map)` draws it, a notebook shows it as a picture, `seat_map["C5"]` is a status.

    >>> import seatcore
    >>> engine, show = seatcore.example()
    >>> seat_map = engine.seat_map(show)
    >>> seat_map["c5"], "C5" in seat_map, "Z9" in seat_map, len(seat_map)
    (<SeatStatus.AVAILABLE: 'available'>, True, False, 50)
    >>> next(iter(seat_map)), seat_map.get("Z9")
    ('A1', None)
    """

    show: int
    seq: int
    """The newest event in it."""
    layout: str
    """The hash that names the plan."""
    symbols: str = field(repr=False)
    """One character a seat in plan order: `.` available, `h` held, `b` booked, `x` blocked."""
    stats: Stats
    status: ShowStatus
    valid_until: datetime | None
    """True until just before this moment, if no event comes first."""
    etag: str
    """Its version: equal tags, equal seats."""
    plan: Plan = field(repr=False, compare=False)

    def __getitem__(self, seat: str | Seat) -> SeatStatus:
        """What a seat is. Raises `UnknownSeat`, which is a `KeyError`."""
        label = seat.seat if isinstance(seat, Seat) else seat
        place = self._place(label)
        if place is None:
            conflicts = ((str(label), "unknown_seat"),)
            raise UnknownSeat(f"seat {label} is not known here", conflicts=conflicts)
        return _STATUS[self.symbols[place]]

    def __contains__(self, seat: object) -> bool:
        return self._place(seat.seat if isinstance(seat, Seat) else seat) is not None

    def __iter__(self) -> Iterator[str]:
        return self.plan.labels()

    def __len__(self) -> int:
        return len(self.symbols)

    def _place(self, label: object) -> int | None:
        return self.plan.place(label) if isinstance(label, str) else None

    @property
    def rows(self) -> tuple[LayoutRow, ...]:
        """The hall's rows, from front to back."""
        return self.plan.rows

    @property
    def labels(self) -> tuple[str, ...]:
        """Every seat's label, in the order of `symbols`."""
        return tuple(self.plan.labels())

    @property
    def available(self) -> tuple[str, ...]:
        """The seats that are free, in plan order."""
        pairs = zip(self.plan.labels(), self.symbols, strict=True)
        return tuple(label for label, symbol in pairs if symbol == ".")

    def row(self, name: str) -> str:
        """One row, drawn: `C  □ □ □ □ ■ ■ □ □ □ □`."""
        for row in self.rows:
            if row.name.lower() == name.strip().lower():
                return f"{row.name}  {self._glyphs(row)}"
        raise NotFound(f"no row {name} in this hall", what="row")

    def _glyphs(self, row: LayoutRow) -> str:
        symbols = self.symbols[row.first : row.first + len(row.numbers)]
        aisles = set(row.aisles)
        parts: list[str] = []
        for number, symbol in zip(row.numbers, symbols, strict=True):
            parts.append(_GLYPHS[symbol] + ("  " if number in aisles else " "))
        return "".join(parts).rstrip()

    def __str__(self) -> str:
        width = max(len(row.name) for row in self.rows)
        return "\n".join(f"{row.name:<{width}}  {self._glyphs(row)}" for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "show": self.show,
            "seq": self.seq,
            "layout": self.layout,
            "s": self.symbols,
            "n": self.stats.to_dict(),
        }

    def __rich__(self) -> Text:
        from rich.text import Text

        text = Text()
        width = max(len(row.name) for row in self.rows)
        for place, row in enumerate(self.rows):
            text.append(("\n" if place else "") + f"{row.name:<{width}}  ", style="dim")
            aisles = set(row.aisles)
            symbols = self.symbols[row.first : row.first + len(row.numbers)]
            for number, symbol in zip(row.numbers, symbols, strict=True):
                gap = "  " if number in aisles else " "
                text.append(_GLYPHS[symbol] + gap, style=_COLOURS[symbol])
        return text

    def _repr_html_(self) -> str:
        left = min(min(row.x) for row in self.rows) - 2.5
        top = min(row.y for row in self.rows) - 1
        width = (max(max(row.x) for row in self.rows) - left + 1.5) * _PITCH
        height = (max(row.y for row in self.rows) - top + 1.5) * _PITCH
        named = len(self.symbols) <= _NAMED_SEATS_MAX
        shapes = "".join(self._svg_row(row, left, top, named=named) for row in self.rows)
        counts = self.stats
        said = f"{counts.available} available, {counts.held} held, {counts.booked} booked"
        said += f", {counts.blocked} blocked of {counts.capacity}"
        return (
            f'<figure class="seatcore-map"><style>{_STYLE}</style>'
            f'<svg role="img" aria-label="Show {self.show}: {said}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" width="{min(width, 960):.0f}">{shapes}</svg>'
            f"<figcaption>Show {self.show}: {said}</figcaption></figure>"
        )

    def _svg_row(self, row: LayoutRow, left: float, top: float, *, named: bool) -> str:
        from html import escape

        y, name = (row.y - top) * _PITCH, escape(row.name)
        parts = [f'<text x="2" y="{y + 12:.0f}">{name}</text>']
        symbols = self.symbols[row.first : row.first + len(row.numbers)]
        for number, symbol, place in zip(row.numbers, symbols, row.x, strict=True):
            x = (place - left) * _PITCH
            status = _STATUS[symbol]
            title = f"<title>{name}{number} {status}</title>" if named else ""
            kind = "a" if symbol == "." else symbol
            parts.append(
                f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="17" height="17" rx="4">'
                f"{title}</rect>"
            )
            if symbol == "b":
                d = f"M{x + 5:.0f} {y + 5:.0f}l7 7m0-7l-7 7"
                parts.append(f'<path class="c" d="{d}"/>')
        return "".join(parts)
