# The native half: what the façade calls. Private; `mypy.stubtest` compares it with the module.
from dataclasses import Field
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, ClassVar, final

from ._api_keys import ApiKey, MintedKey
from ._engine import Outcome
from ._reports import OccupancyLine, PopularLine, Revenue
from ._values import (
    Event,
    HoldState,
    LayoutRow,
    Money,
    Movie,
    Poster,
    Report,
    Reset,
    Screen,
    Seat,
    Session,
    Show,
    SignedIn,
    Stats,
    Ticket,
    User,
    Why,
)
from .errors import SeatcoreError

__all__ = [
    "Booking",
    "Command",
    "Engine",
    "Feed",
    "Hold",
    "Mailbox",
    "Pending",
    "block",
    "book",
    "cancel",
    "cancel_show",
    "change_show",
    "claim",
    "codes",
    "currency_decimals",
    "deeds",
    "extend",
    "hold",
    "hold_best",
    "key_may",
    "may",
    "open",
    "parse_money",
    "release",
    "ttl",
    "unblock",
    "version",
]

_Prices = tuple[int, str, list[tuple[str, int]]]
_PriceChange = tuple[tuple[int, str] | None, list[tuple[str, int, str]] | None]
_Creator = tuple[str | None, str | None]
_Caps = tuple[int | None, int | None, int | None]
_Day = tuple[int, int, int]
_Span = tuple[_Day | None, _Day | None]

@final
class Hold:
    """Seats taken under one clock by one holder."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __match_args__ = (
        "id",
        "show",
        "holder",
        "seats",
        "state",
        "expires_at",
        "expires_in_ms",
        "total",
        "reference",
        "seq",
        "replayed",
        "remembered",
    )

    def __new__(
        cls,
        id: str,
        show: int,
        holder: str,
        seats: tuple[str, ...],
        state: HoldState,
        expires_at: datetime | None,
        expires_in_ms: int | None,
        total: Money,
        reference: str | None,
        seq: int,
        replayed: bool = False,
        remembered: bool = False,
    ) -> Hold: ...
    @property
    def id(self) -> str:
        """Its name, such as `hld_01HZX…`."""
    @property
    def show(self) -> int:
        """The number of its show."""
    @property
    def holder(self) -> str:
        """Whose it is."""
    @property
    def seats(self) -> tuple[str, ...]:
        """Its seats in plan order."""
    @property
    def state(self) -> HoldState:
        """What it is."""
    @property
    def expires_at(self) -> datetime | None:
        """Dead from this moment on; none for a block."""
    @property
    def expires_in_ms(self) -> int | None:
        """The same, in milliseconds from when this was true."""
    @property
    def total(self) -> Money:
        """What its seats cost together."""
    @property
    def reference(self) -> str | None:
        """The caller's own reference; of a block, its reason."""
    @property
    def seq(self) -> int:
        """The event that made it so; for a question, the show's newest."""
    @property
    def replayed(self) -> bool:
        """The idempotency key was seen before: this is the first answer again."""
    @property
    def remembered(self) -> bool:
        """Whether the key's next retry gets this same answer."""
    @property
    def remaining(self) -> timedelta:
        """How long it lives from now, by this machine's clock; zero once it is over."""
    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Booking:
    """Seats that are sold."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __match_args__ = (
        "id",
        "show",
        "holder",
        "seats",
        "state",
        "total",
        "booked_at",
        "reference",
        "tickets",
        "seq",
        "replayed",
        "remembered",
    )

    def __new__(
        cls,
        id: str,
        show: int,
        holder: str,
        seats: tuple[str, ...],
        state: HoldState,
        total: Money,
        booked_at: datetime,
        reference: str | None,
        tickets: tuple[Ticket, ...],
        seq: int,
        replayed: bool = False,
        remembered: bool = False,
    ) -> Booking: ...
    @property
    def id(self) -> str:
        """Its name, such as `bkg_01HZX…`."""
    @property
    def show(self) -> int:
        """The number of its show."""
    @property
    def holder(self) -> str:
        """Whose it is."""
    @property
    def seats(self) -> tuple[str, ...]:
        """Its seats in plan order."""
    @property
    def state(self) -> HoldState:
        """What it is: `booked` or `cancelled`."""
    @property
    def total(self) -> Money:
        """What it cost."""
    @property
    def booked_at(self) -> datetime:
        """When it was booked."""
    @property
    def reference(self) -> str | None:
        """The caller's own reference."""
    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """One ticket for each seat."""
    @property
    def seq(self) -> int:
        """The event that made it so."""
    @property
    def replayed(self) -> bool:
        """The idempotency key was seen before: this is the first answer again."""
    @property
    def remembered(self) -> bool:
        """Whether the key's next retry gets this same answer."""
    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

_HoldLike = str | Hold | Booking

@final
class Command:
    @property
    def asked(self) -> tuple[int, list[str]] | None:
        """Of a hold of seats by label: the number of their show, and the labels."""

@final
class Pending:
    def wait(self) -> Any: ...

@final
class Mailbox:
    def __new__(cls) -> Mailbox: ...
    def fileno(self) -> int: ...
    def expect(self, token: int, pending: Pending) -> None: ...
    def collect(self) -> list[tuple[int, bool, Any]]: ...
    def watch(self, engine: Engine) -> None: ...

@final
class Feed:
    def take(self, limit: int) -> list[Event | Reset]: ...
    def wait(self, millis: int) -> str: ...
    def set_position(self, show: int, seq: int) -> None: ...
    def cursor(self) -> str: ...
    def close(self) -> None: ...

@final
class Engine:
    @property
    def closed(self) -> bool: ...
    def submit(self, command: Command) -> Pending: ...
    def submit_batch(
        self, commands: list[Command], holder: str | None, staff: str | None, key: str | None
    ) -> Pending: ...
    def ask(self, command: Command) -> Any: ...
    def each(self, commands: list[Command]) -> list[Outcome | SeatcoreError]: ...
    def close(self) -> None: ...
    def seat_map(
        self, show: int
    ) -> tuple[int, int, str, str, Stats, str, datetime | None, str]: ...
    def stats(self, show: int) -> Stats: ...
    def seats(self, show: int, holder: str | None) -> list[Seat]: ...
    def why(self, show: int, label: str) -> Why: ...
    def alternatives(self, show: int, asked: list[str]) -> list[list[str]]: ...
    def hold(self, hold: str) -> Hold: ...
    def holds(self, holder: str | None, show: int | None) -> list[Hold]: ...
    def booking(self, booking: str) -> Booking: ...
    def bookings(
        self, show: int | None, holder: str | None, before: str | None, limit: int
    ) -> list[Booking]: ...
    def ticket(self, code: str) -> tuple[Booking, Ticket]: ...
    def history(self, show: int, before: int | None, limit: int) -> list[Event]: ...
    def feed(self, shows: list[int], cursor: str | None, beginning: bool) -> Feed: ...
    def verify(self, show: int | None, new: bool) -> Report: ...
    def check(self) -> list[str]: ...
    def backup(self, path: str | PathLike[str]) -> None: ...
    def sweep(self) -> int: ...
    def position(self) -> tuple[str, int]: ...
    def now(self) -> int: ...
    def movies(self) -> list[Movie]: ...
    def movie(self, movie: int) -> Movie: ...
    def add_movie(
        self,
        title: str,
        minutes: int,
        description: str,
        poster: bytes | None,
        creator: _Creator,
    ) -> Movie: ...
    def edit_movie(
        self, movie: int, title: str | None, minutes: int | None, description: str | None
    ) -> Movie: ...
    def remove_movie(self, movie: int) -> None: ...
    def poster(self, movie: int) -> Poster: ...
    def set_poster(self, movie: int, poster: bytes | None) -> None: ...
    def screens(self) -> list[Screen]: ...
    def screen(self, screen: int) -> Screen: ...
    def add_screen(
        self,
        name: str,
        plan: str,
        tz: str | None,
        cleaning_s: int | None,
        creator: _Creator,
    ) -> Screen: ...
    def edit_screen(
        self,
        screen: int,
        name: str | None,
        plan: str | None,
        tz: str | None,
        cleaning_s: int | None,
    ) -> Screen: ...
    def remove_screen(self, screen: int) -> None: ...
    def plan(self, hash: str) -> str: ...
    def layout_rows(self, hash: str) -> list[LayoutRow]: ...
    def open_show(
        self,
        movie: int,
        screen: int,
        moments: tuple[int, int | None, int | None, int | None],
        price_list: _Prices,
        caps: _Caps,
        creator: _Creator,
    ) -> Show: ...
    def show(self, show: int) -> Show: ...
    def shows(
        self,
        movie: int | None,
        screen: int | None,
        from_ms: int | None,
        before_ms: int | None,
        after: tuple[int, int] | None,
        limit: int,
    ) -> list[Show]: ...
    def users(self) -> list[User]: ...
    def user(self, user: int) -> User: ...
    def user_named(self, name: str) -> User: ...
    def add_user(self, name: str, password: str, role: str) -> User: ...
    def edit_user(self, user: int, role: str | None, disabled: bool | None) -> User: ...
    def remove_user(self, user: int) -> None: ...
    def set_password(self, user: int, old: str | None, password: str) -> None: ...
    def verify_password(self, name: str, password: str) -> User: ...
    def sign_in(self, name: str, password: str, agent: str | None) -> SignedIn: ...
    def start_session(self, user: int, agent: str | None) -> SignedIn: ...
    def authenticate(self, token: str) -> SignedIn | None: ...
    def sign_out(self, token: str) -> None: ...
    def sessions(self, user: int) -> list[Session]: ...
    def end_session(self, user: int, session: str) -> None: ...
    def end_sessions(self, user: int, but: str | None) -> None: ...
    def add_api_key(self, name: str, scopes: list[str]) -> MintedKey: ...
    def api_keys(self) -> list[ApiKey]: ...
    def api_key(self, key: str) -> ApiKey: ...
    def revoke_api_key(self, key: str) -> ApiKey: ...
    def authenticate_api_key(self, secret: str) -> ApiKey | None: ...
    def revenue(self, tz: str, by: str, span: _Span) -> Revenue: ...
    def occupancy(self, tz: str, by: str, span: _Span) -> list[OccupancyLine]: ...
    def popular(self, tz: str, span: _Span, limit: int) -> list[PopularLine]: ...

def open(
    path: str | PathLike[str] | None, create: bool, read_only: bool, sweep: bool, seed: int | None
) -> Engine: ...
def deeds() -> list[str]: ...
def key_may(scopes: list[str], deed: str) -> bool: ...
def may(role: str, deed: str) -> bool: ...
def version() -> str: ...
def claim(interpreter: int) -> bool: ...
def codes() -> list[tuple[str, bool]]: ...
def ttl() -> tuple[int, int, int]: ...
def parse_money(text: str) -> tuple[int, str]: ...
def currency_decimals(code: str) -> int: ...
def hold(
    show: int,
    seats: list[str],
    holder: str,
    ttl_ms: int | None,
    reference: str | None,
    key: str | None,
) -> Command: ...
def hold_best(
    show: int,
    count: int,
    holder: str,
    tier: str | None,
    accessible: int,
    together: bool,
    ttl_ms: int | None,
    reference: str | None,
    key: str | None,
) -> Command: ...
def extend(
    hold: _HoldLike, ttl_ms: int, holder: str | None, staff: str | None, key: str | None
) -> Command: ...
def book(
    hold: _HoldLike,
    seats: list[str] | None,
    keep_rest: bool,
    reference: str | None,
    holder: str | None,
    staff: str | None,
    key: str | None,
) -> Command: ...
def release(
    hold: _HoldLike,
    seats: list[str] | None,
    holder: str | None,
    staff: str | None,
    key: str | None,
) -> Command: ...
def cancel(
    booking: _HoldLike, reason: str | None, holder: str | None, staff: str | None, key: str | None
) -> Command: ...
def block(
    show: int,
    seats: list[str],
    reason: str | None,
    force: bool,
    staff: str | None,
    key: str | None,
) -> Command: ...
def unblock(show: int, seats: list[str], staff: str | None, key: str | None) -> Command: ...
def cancel_show(show: int, reason: str | None, staff: str | None, key: str | None) -> Command: ...
def change_show(
    show: int,
    moments: tuple[int | None, int | None, int | None, int | None],
    follow_start: bool,
    closed: bool | None,
    prices: _PriceChange | None,
    limits: _Caps | None,
    if_seq: int | None,
    staff: str | None,
    key: str | None,
) -> Command: ...
