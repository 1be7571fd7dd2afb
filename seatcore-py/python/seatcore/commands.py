"""Commands that are not asked yet: for `Engine.batch` (all or none) and `Engine.each`.

>>> import seatcore
>>> from seatcore import commands
>>> engine, show = seatcore.example()
>>> old = engine.hold(show, ["A1", "A2"], holder="ada")
>>> released, held, booked = engine.batch([
...     commands.release(old),
...     commands.hold(show, ["C5", "C6"], holder="ada"),
...     commands.book("@1"),                  # the hold that command 1 of this batch makes
... ])
>>> booked.seats
('C5', 'C6')
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from . import _seatcore
from ._arguments import (
    BookingLike,
    HoldLike,
    SeatsLike,
    ShowLike,
    Span,
    caps_of,
    count_of,
    labels_of,
    millis_of,
    natural_of,
    price_change_of,
    show_of,
    some_labels,
    some_moment,
    some_natural,
    some_text,
    subject_of,
    text_of,
)
from ._seatcore import Command
from ._values import Money

__all__ = [
    "Command",
    "block",
    "book",
    "cancel",
    "cancel_show",
    "change_show",
    "extend",
    "hold",
    "hold_best",
    "release",
    "unblock",
]


def hold(
    show: ShowLike,
    seats: SeatsLike,
    *,
    holder: str,
    ttl: Span | None = None,
    reference: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.hold`."""
    millis = None if ttl is None else millis_of("ttl", ttl)
    return _seatcore.hold(
        show_of(show),
        labels_of(seats),
        text_of("holder", holder),
        millis,
        some_text("reference", reference),
        some_text("idempotency_key", idempotency_key),
    )


def hold_best(
    show: ShowLike,
    count: int,
    *,
    holder: str,
    tier: str | None = None,
    accessible: int = 0,
    together: bool = False,
    ttl: Span | None = None,
    reference: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.hold_best`."""
    millis = None if ttl is None else millis_of("ttl", ttl)
    return _seatcore.hold_best(
        show_of(show),
        count_of("count", count),
        text_of("holder", holder),
        some_text("tier", tier),
        natural_of("accessible", accessible),
        together,
        millis,
        some_text("reference", reference),
        some_text("idempotency_key", idempotency_key),
    )


def extend(
    hold: HoldLike,
    ttl: Span,
    *,
    holder: str | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.extend`."""
    return _seatcore.extend(
        subject_of("hold", hold), millis_of("ttl", ttl), holder, staff, idempotency_key
    )


def book(
    hold: HoldLike,
    *,
    seats: SeatsLike | None = None,
    keep_rest: bool = False,
    reference: str | None = None,
    holder: str | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.book`."""
    return _seatcore.book(
        subject_of("hold", hold),
        some_labels(seats),
        keep_rest,
        some_text("reference", reference),
        *_acting(holder, staff, idempotency_key),
    )


def release(
    hold: HoldLike,
    *,
    seats: SeatsLike | None = None,
    holder: str | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.release`."""
    who = _acting(holder, staff, idempotency_key)
    return _seatcore.release(subject_of("hold", hold), some_labels(seats), *who)


def cancel(
    booking: BookingLike,
    *,
    reason: str | None = None,
    holder: str | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.cancel`."""
    return _seatcore.cancel(
        subject_of("booking", booking),
        some_text("reason", reason),
        *_acting(holder, staff, idempotency_key),
    )


def block(
    show: ShowLike,
    seats: SeatsLike,
    *,
    reason: str | None = None,
    force: bool = False,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.block`."""
    return _seatcore.block(
        show_of(show),
        labels_of(seats),
        some_text("reason", reason),
        force,
        *_placing(staff, idempotency_key),
    )


def unblock(
    show: ShowLike,
    seats: SeatsLike,
    *,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.unblock`."""
    return _seatcore.unblock(show_of(show), labels_of(seats), *_placing(staff, idempotency_key))


def change_show(
    show: ShowLike,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
    sales_open: datetime | None = None,
    sales_close: datetime | None = None,
    sales_close_at_start: bool = False,
    closed: bool | None = None,
    price: Money | str | None = None,
    tiers: Mapping[str, Money | str] | None = None,
    hold_life: Span | None = None,
    holds_per_holder: int | None = None,
    seats_per_holder: int | None = None,
    if_seq: int | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.shows.change`. Not for batches."""
    moments = (
        some_moment("starts", starts),
        some_moment("ends", ends),
        some_moment("sales_open", sales_open),
        some_moment("sales_close", sales_close),
    )
    caps = caps_of(hold_life, holds_per_holder, seats_per_holder)
    return _seatcore.change_show(
        show_of(show),
        moments,
        sales_close_at_start,
        closed,
        price_change_of(price, tiers),
        None if caps == (None, None, None) else caps,
        some_natural("if_seq", if_seq),
        *_placing(staff, idempotency_key),
    )


def cancel_show(
    show: ShowLike,
    *,
    reason: str | None = None,
    staff: str | None = None,
    idempotency_key: str | None = None,
) -> Command:
    """See `Engine.shows.cancel`. Not for batches."""
    return _seatcore.cancel_show(
        show_of(show), some_text("reason", reason), *_placing(staff, idempotency_key)
    )


def _placing(staff: str | None, key: str | None) -> tuple[str | None, str | None]:
    return some_text("staff", staff), some_text("idempotency_key", key)


def _acting(
    holder: str | None, staff: str | None, key: str | None
) -> tuple[str | None, str | None, str | None]:
    return some_text("holder", holder), *_placing(staff, key)
