"""Amounts of money."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from . import _seatcore
from ._value import value
from .errors import InvalidInput


@cache
def _decimals(currency: str) -> int:
    return _seatcore.currency_decimals(currency)


_NO_TEXT = (("currency", "must be text"),)


def _not_minor(minor: object) -> InvalidInput:
    why = f"must be a whole number of minor units, not {type(minor).__name__}"
    error = InvalidInput(f"invalid: minor {why}", errors=(("minor", why),))
    error.hint = "write Money.parse('12.50 EUR'), or Money(1250, 'EUR')"
    return error


@value
class Money:
    """An amount in the currency's smallest unit: no fractions, no floating point.

    >>> from seatcore import Money
    >>> price = Money.parse("12.50 EUR")
    >>> price.amount, price.minor, price.currency
    (Decimal('12.50'), 1250, 'EUR')
    >>> print(Money(1250, "JPY"))
    1250 JPY
    >>> str(3 * price), str(sum([price, price])), price < Money.parse("13 EUR")
    ('37.50 EUR', '25.00 EUR', True)
    """

    minor: int
    """Minor units: cents for EUR, yen for JPY."""
    currency: str
    """The ISO 4217 code."""

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise _not_minor(self.minor)
        if not isinstance(self.currency, str):
            raise InvalidInput("invalid: currency must be text", errors=_NO_TEXT)
        _decimals(self.currency)

    @classmethod
    def parse(cls, text: str) -> Money:
        """Reads an amount such as `12.50 EUR`."""
        minor, currency = _seatcore.parse_money(text)
        return cls(minor, currency)

    @property
    def amount(self) -> Decimal:
        """The amount, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-_decimals(self.currency))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: object) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._like(other), self.currency)

    def __radd__(self, other: object) -> Money:
        # `sum` begins with a bare nought.
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: object) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._like(other), self.currency)

    def __mul__(self, times: object) -> Money:
        if type(times) is not int:
            return NotImplemented
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: object) -> bool:
        return self.minor < self._like(other) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.minor <= self._like(other) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.minor > self._like(other) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.minor >= self._like(other) if isinstance(other, Money) else NotImplemented

    def _like(self, other: Money) -> int:
        """The minor units of an amount in this currency."""
        if other.currency != self.currency:
            raise InvalidInput(f"{other.currency} and {self.currency} do not go together")
        return other.minor

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {"amount_minor": self.minor, "currency": self.currency}
