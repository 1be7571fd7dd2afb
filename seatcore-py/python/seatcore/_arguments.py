"""What callers may write, read as what the native half takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from . import _seatcore
from ._range import Range
from ._seatcore import Command
from ._values import Booking, Hold, Money, Movie, Screen, Seat, Show, User
from .errors import InvalidInput, NotFound

ShowLike = int | Show
SeatLike = str | Seat
SeatsLike = SeatLike | Iterable[SeatLike]
HoldLike = str | Hold | Booking
BookingLike = str | Booking
UserLike = int | User
Span = timedelta | int | float

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Numbers beyond what the native half reads are the number of nothing.
_NUMBERS = range(-(2**63), 2**63)
_ITEMS_MAX = 100_000
_COUNT_MAX = 2**32 - 1


def invalid(field: str, why: str, hint: str | None = None) -> InvalidInput:
    """One wrong field."""
    error = InvalidInput(f"invalid: {field} {why}", errors=((field, why),))
    error.hint = hint
    return error


def wrong_type(field: str, wanted: str, got: object) -> InvalidInput:
    """A field of the wrong type."""
    return invalid(field, f"must be {wanted}, not {type(got).__name__}")


def out_of_range(field: str, least: int, most: int, unit: str) -> InvalidInput:
    """A field that is too small or too large."""
    why = f"must be between {least} and {most} {unit}"
    ranges = {field: Range(least, most, unit)}
    return InvalidInput(f"invalid: {field} {why}", errors=((field, why),), ranges=ranges)


_KINDS: dict[str, type[Show | Movie | Screen | User]] = {
    "show": Show,
    "movie": Movie,
    "screen": Screen,
    "user": User,
}


def number_of(field: str, thing: int | Show | Movie | Screen | User) -> int:
    """The number of a show, movie, screen or user: another thing's number says nothing of it."""
    kind = _KINDS[field]
    number = thing.id if isinstance(thing, kind) else thing
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong_type(field, f"a {kind.__name__} or its number", thing)
    if number not in _NUMBERS:
        raise NotFound(f"no such {field}", what=field)
    return number


def show_of(show: ShowLike) -> int:
    """The number of a show."""
    return show if type(show) is int and show in _NUMBERS else number_of("show", show)


def user_of(user: UserLike) -> int:
    """The number of a user."""
    return number_of("user", user)


def label_of(field: str, seat: object) -> str:
    """The label of a seat."""
    label = seat.seat if isinstance(seat, Seat) else seat
    if not isinstance(label, str):
        raise wrong_type(field, "labels such as 'C5'", seat)
    return label


def labels_of(seats: SeatsLike) -> list[str]:
    """Labels of one seat or several."""
    if isinstance(seats, (str, Seat)):
        return [label_of("seats", seats)]
    if not isinstance(seats, Iterable):
        raise wrong_type("seats", "labels such as 'C5'", seats)
    return [seat if type(seat) is str else label_of("seats", seat) for seat in seats]


def some_labels(seats: SeatsLike | None) -> list[str] | None:
    """The same, where they are said."""
    return None if seats is None else labels_of(seats)


def steps_of(steps: Iterable[Command]) -> list[Command]:
    """Commands."""
    if not isinstance(steps, Iterable):
        raise wrong_type("steps", "commands", steps)
    asked = list(steps)
    for place, step in enumerate(asked):
        if not isinstance(step, Command):
            raise wrong_type(f"steps/{place}", "a command", step)
    return asked


def hold_of(hold: HoldLike) -> str:
    """The id of a hold."""
    known = subject_of("hold", hold)
    return known if isinstance(known, str) else known.id


def booking_of(field: str, booking: BookingLike) -> str:
    """The id of a booking."""
    known = booking.id if isinstance(booking, Booking) else booking
    if not isinstance(known, str):
        raise wrong_type(field, "a Booking or its id", booking)
    return known


def subject_of(field: str, subject: HoldLike) -> HoldLike:
    """A hold or a booking, for the native half to read."""
    if isinstance(subject, (Hold, Booking, str)):
        return subject
    raise wrong_type(field, f"a {field.title()} or its id", subject)


def millis_of(field: str, span: object) -> int:
    """A span as whole milliseconds."""
    if isinstance(span, timedelta):
        millis = span / _MILLISECOND
    elif isinstance(span, (int, float)) and not isinstance(span, bool):
        # Seconds such as 16.1 have no exact fraction: what is left of one is no part of a span.
        millis = round(span * 1000.0, 6)
    else:
        raise wrong_type(field, "a timedelta or seconds", span)
    if not 0 <= millis < 2**53 or millis != int(millis):
        raise invalid(field, "must be a positive span of whole milliseconds")
    return int(millis)


def seconds_of(field: str, span: Span | None) -> int | None:
    """A span as whole seconds."""
    if span is None:
        return None
    millis = millis_of(field, span)
    if millis % 1000:
        raise invalid(field, "must be whole seconds")
    return min(millis // 1000, _COUNT_MAX)


def lifetime_of(field: str, span: object) -> int:
    """How long holds live, as milliseconds."""
    millis = millis_of(field, span)
    least, _, most = _seatcore.ttl()
    if not least <= millis / 1000 <= most:
        raise out_of_range(field, least, most, "seconds")
    if millis % 1000:
        raise invalid(field, "must be whole seconds")
    return millis


def moment_of(field: str, moment: object) -> int:
    """An aware moment as milliseconds since 1970."""
    if not isinstance(moment, datetime):
        raise wrong_type(field, "an aware datetime", moment)
    if moment.utcoffset() is None:
        hint = (
            "say which zone: datetime.now(UTC), or datetime(..., tzinfo=ZoneInfo('Europe/Berlin'))"
        )
        raise invalid(field, "has no time zone", hint)
    return (moment - _EPOCH) // _MILLISECOND


def some_moment(field: str, moment: datetime | None) -> int | None:
    """The same, where there is one."""
    return None if moment is None else moment_of(field, moment)


def money_of(field: str, price: object) -> Money:
    """An amount of money."""
    if isinstance(price, Money):
        return price
    if isinstance(price, str):
        return Money.parse(price)
    hint = "write '12.50 EUR', or Money(1250, 'EUR')"
    if isinstance(price, float):
        raise invalid(field, "must not be a float: cents get lost", hint)
    if isinstance(price, (int, Decimal)):
        raise invalid(field, "has no currency", hint)
    raise wrong_type(field, "an amount such as '12.50 EUR'", price)


def _minor(amount: Money) -> int:
    """Minor units, as far as the native half counts: it says what they may be."""
    return min(max(amount.minor, _NUMBERS.start), _NUMBERS.stop - 1)


def _by_tier(tiers: Mapping[str, Money | str]) -> list[tuple[str, Money]]:
    if not isinstance(tiers, Mapping):
        raise wrong_type("tiers", "prices by tier", tiers)
    return [(text_of("tiers", name), money_of("tiers", amount)) for name, amount in tiers.items()]


PriceList = tuple[int, str, list[tuple[str, int]]]


def prices_of(price: Money | str, tiers: Mapping[str, Money | str] | None) -> PriceList:
    """A base price and prices by tier, of one currency."""
    base = money_of("price", price)
    named = [] if tiers is None else _by_tier(tiers)
    if any(tier.currency != base.currency for _, tier in named):
        raise invalid("tiers", f"must be in {base.currency}, as the price is")
    return _minor(base), base.currency, [(name, _minor(tier)) for name, tier in named]


PriceChange = tuple[tuple[int, str] | None, list[tuple[str, int, str]] | None]


def price_change_of(
    price: Money | str | None, tiers: Mapping[str, Money | str] | None
) -> PriceChange | None:
    """Another base price, other prices by tier, or both; of one currency."""
    if price is None and tiers is None:
        return None
    base = None if price is None else money_of("price", price)
    named = None
    if tiers is not None:
        named = [(name, _minor(amount), amount.currency) for name, amount in _by_tier(tiers)]
    if base is not None and any(currency != base.currency for _, _, currency in named or ()):
        raise invalid("tiers", f"must be in {base.currency}, as the price is")
    return None if base is None else (_minor(base), base.currency), named


def plan_of(
    rows: str | None, seats_per_row: int | None, layout: str | Mapping[str, Any] | None
) -> str | None:
    """A hall's plan as the text the engine reads."""
    if layout is not None and (rows is not None or seats_per_row is not None):
        raise invalid("layout", "says it all; leave out rows and seats_per_row")
    if isinstance(layout, str):
        return layout
    if layout is not None:
        import json

        return json.dumps(dict(layout))
    if rows is None and seats_per_row is None:
        return None
    if rows is None or seats_per_row is None:
        raise invalid("rows", "go with seats_per_row", "rows='A-E', seats_per_row=10")
    return f"{rows}:{seats_per_row}"


def text_of(field: str, text: object) -> str:
    """Text that must be there."""
    if not isinstance(text, str):
        raise wrong_type(field, "text", text)
    return text


def some_text(field: str, text: object) -> str | None:
    """Text that may be there."""
    return text if text is None or type(text) is str else text_of(field, text)


def path_of(path: str | os.PathLike[str]) -> str:
    """Where a file is."""
    try:
        text = os.fsdecode(path)
    except TypeError:
        raise wrong_type("path", "a path", path) from None
    if "\0" in text:
        raise invalid("path", "must not have a NUL in it")
    return text


def day_of(field: str, day: object) -> date:
    """A day. A moment is one too, and would lose its hour in silence."""
    if not isinstance(day, date) or isinstance(day, datetime):
        raise wrong_type(field, "a date", day)
    return day


def count_of(field: str, number: object) -> int:
    """How many, as far as the native half counts: it says what they may be."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong_type(field, "a whole number", number)
    return min(max(number, 0), _COUNT_MAX)


def some_count(field: str, number: object) -> int | None:
    """The same, where it is said."""
    return None if number is None else count_of(field, number)


def natural_of(field: str, number: object) -> int:
    """A number that has 64 bits."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong_type(field, "a whole number", number)
    if not 0 <= number < 2**64:
        raise invalid(field, "must be between 0 and 2**64 - 1")
    return number


def some_natural(field: str, number: object) -> int | None:
    """The same, where it is said."""
    return None if number is None else natural_of(field, number)


Caps = tuple[int | None, int | None, int | None]


def caps_of(hold_life: Span | None, holds_per_holder: object, seats_per_holder: object) -> Caps:
    """What one holder may hold in a show."""
    return (
        seconds_of("hold_life", hold_life),
        some_count("holds_per_holder", holds_per_holder),
        some_count("seats_per_holder", seats_per_holder),
    )


def limit_of(limit: object) -> int:
    """How many items a list may have."""
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise wrong_type("limit", "a whole number", limit)
    if not 1 <= limit <= _ITEMS_MAX:
        raise out_of_range("limit", 1, _ITEMS_MAX, "items")
    return limit
