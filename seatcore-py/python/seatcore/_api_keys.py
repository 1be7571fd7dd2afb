"""How machines ask over HTTP: API keys."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from . import _seatcore
from ._arguments import text_of, wrong_type
from ._part import Part
from ._tables import Rows
from ._value import field, value
from ._values import Deed, moment_text


class Scope(enum.StrEnum):
    """What a key is made for."""

    READ = "read"
    """As a guest."""
    SELL = "sell"
    """As a customer, over its own holds."""
    MANAGE = "manage"
    """As a manager."""


@value
class ApiKey:
    """A key, without its secret."""

    id: str
    """Its name in `sck_<id>_…`."""
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None
    """Since when it opens nothing."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", tuple(Scope(scope) for scope in self.scopes))

    @property
    def holder(self) -> str:
        """What it holds seats as, on every face."""
        return f"key:{self.id}"

    def may(self, deed: Deed | str) -> bool:
        """Whether its scopes allow this, by the one table that every face asks."""
        return _seatcore.key_may(list(self.scopes), deed)

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": [scope.value for scope in self.scopes],
            "created_at": moment_text(self.created_at),
            "revoked_at": None if self.revoked_at is None else moment_text(self.revoked_at),
        }


@value
class MintedKey:
    """A key that was just made: the only moment at which its secret can be seen."""

    key: ApiKey
    secret: str = field(repr=False)
    """What the machine sends: keep it where secrets are kept, never in a log."""

    def to_dict(self) -> dict[str, Any]:
        """The shape of every face, without the secret."""
        return self.key.to_dict()


class ApiKeys(Part):
    """The API keys of an engine: what a server on the same file lets machines in by.

    >>> import seatcore
    >>> engine = seatcore.open()
    >>> minted = engine.api_keys.create("till 3", ["sell"])
    >>> minted.secret.startswith(f"sck_{minted.key.id}_"), minted.key.may("buy")
    (True, True)
    >>> engine.api_keys.authenticate(minted.secret) == minted.key
    True
    >>> engine.api_keys.revoke(minted.key).revoked_at is None
    False
    >>> engine.api_keys.authenticate(minted.secret) is None
    True
    """

    __slots__ = ()

    def create(self, name: str, scopes: Iterable[Scope | str] | Scope | str) -> MintedKey:
        """Makes a key: a name of 1 to 64 characters, and at least one scope, none twice.

        Its secret is in the answer and never again; only a hash of it is stored. Raises
        `InvalidInput`.
        """
        words = [scopes] if isinstance(scopes, str) else [text_of("scopes", one) for one in scopes]
        return self._native.add_api_key(text_of("name", name), [str(word) for word in words])

    def get(self, key: ApiKey | str) -> ApiKey:
        """A key by its id, revoked or not."""
        return self._native.api_key(_id_of(key))

    def list(self) -> Rows[ApiKey]:
        """Every key, revoked ones too, oldest first."""
        return Rows(self._native.api_keys())

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self.list())

    def revoke(self, key: ApiKey | str) -> ApiKey:
        """Takes a key's rights away for good; the list keeps it."""
        return self._native.revoke_api_key(_id_of(key))

    def authenticate(self, secret: str) -> ApiKey | None:
        """Which key this secret is of, if it is one and was not revoked."""
        return self._native.authenticate_api_key(text_of("secret", secret))


def _id_of(key: object) -> str:
    if isinstance(key, ApiKey):
        return key.id
    if isinstance(key, str):
        return key
    raise wrong_type("key", "an ApiKey or its id", key)


# Pickles name results as callers do.
for _thing in (Scope, ApiKey, MintedKey):
    _thing.__module__ = "seatcore"
