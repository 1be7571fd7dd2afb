"""Frozen values, made once and fast.

`import seatcore` makes two dozen classes of them. `dataclasses` would run the compiler six times
for each and bring `inspect` along: a fifth of the whole import. Whoever asks finds dataclasses all
the same: `fields`, `replace`, `asdict`, `is_dataclass` and `match` work.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast, dataclass_transform

T = TypeVar("T")

_NOTHING: Any = object()


class _Field:
    """What was said of a field besides its type."""

    __slots__ = ("compare", "default", "hash", "repr")

    def __init__(self, default: Any, repr: bool, compare: bool, hash: bool | None) -> None:
        self.default = default
        self.repr = repr
        self.compare = compare
        self.hash = compare if hash is None else hash


def field(
    *,
    default: Any = _NOTHING,
    repr: bool = True,
    compare: bool = True,
    hash: bool | None = None,
) -> Any:
    """Says more of a field: its default, and whether it is printed, compared and hashed."""
    return _Field(default, repr, compare, hash)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A class of frozen values with slots, of the fields that it annotates."""
    namespace = dict(cls.__dict__)
    own = tuple(cls.__annotations__)
    fields: dict[str, _Field] = dict(getattr(cls, "_fields", {}))
    for name in own:
        given = namespace.pop(name, _NOTHING)
        fields[name] = given if isinstance(given, _Field) else _Field(given, True, True, None)
    for name in (*own, "__dict__", "__weakref__"):
        namespace.pop(name, None)
    made = {
        "__init__": _init(fields, cls),
        "__repr__": _repr,
        "__eq__": _eq,
        "__hash__": _hash,
        "__reduce__": _reduce,
    }
    namespace = {
        **made,
        **namespace,
        "__slots__": own,
        "__match_args__": tuple(fields),
        "__setattr__": _refuse_set,
        "__delattr__": _refuse_delete,
        "__dataclass_fields__": _AsDataclass(),
        "_fields": fields,
        "_compared": attrgetter(*(name for name, said in fields.items() if said.compare)),
        "_hashed": attrgetter(*(name for name, said in fields.items() if said.hash)),
    }
    if namespace["__hash__"] is None:
        namespace["__hash__"] = _hash
    remade: Any = type(cls.__name__, cls.__bases__, namespace)
    return cast("type[T]", remade)


def replace(old: T, **changes: Any) -> T:
    """The same value but for these fields."""
    kept = {name: getattr(old, name) for name in old._fields}  # type: ignore[attr-defined]
    return type(old)(**{**kept, **changes})


def _init(fields: dict[str, _Field], cls: type) -> Any:
    defaults = {f"_{name}": said.default for name, said in fields.items()}
    wanted = [
        name if said.default is _NOTHING else f"{name}=_{name}" for name, said in fields.items()
    ]
    lines = [f"    _set(self, {name!r}, {name})" for name in fields]
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    text = f"def __init__(self, {', '.join(wanted)}) -> None:\n" + "\n".join(lines)
    scope: dict[str, Any] = {"_set": object.__setattr__, **defaults}
    exec(text, scope)
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made


def _repr(self: Any) -> str:
    shown = (name for name, said in self._fields.items() if said.repr)
    said = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({said})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self._compared(self) == other._compared(other)


def _hash(self: Any) -> int:
    return hash(self._hashed(self))


def _reduce(self: Any) -> tuple[Any, ...]:
    cls: Any = self.__class__
    return cls, tuple(getattr(self, name) for name in self._fields)


def _refuse_set(self: Any, name: str, value: object) -> None:
    _require_own(self, name, "assign to")
    object.__setattr__(self, name, value)


def _refuse_delete(self: Any, name: str) -> None:
    _require_own(self, name, "delete")
    object.__delattr__(self, name)


def _require_own(self: Any, name: str, verb: str) -> None:
    """A subclass may have attributes of its own."""
    if name in self._fields or not hasattr(self, "__dict__"):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot {verb} field {name!r}")


class Frozen(dict[str, T]):
    """A dictionary that stays as it was made."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("a result does not change")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __ior__ = _refuse
        clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def as_dataclass(cls: type) -> None:
    """Has a value of the native half found as a dataclass too."""
    cls.__dataclass_fields__ = _AsDataclass()  # type: ignore[attr-defined]


class _AsDataclass:
    """`__dataclass_fields__`, made for the first who asks."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[type, Any] = {}

    def __get__(self, instance: object, owner: type) -> Any:
        if owner not in self._made:
            self._made[owner] = _dataclass_fields(owner)
        return self._made[owner]


def _dataclass_fields(owner: Any) -> Any:
    import dataclasses

    types: dict[str, Any] = {}
    for cls in reversed(owner.__mro__):
        types.update(getattr(cls, "__annotations__", {}))

    def as_field(said: _Field) -> Any:
        default = dataclasses.MISSING if said.default is _NOTHING else said.default
        return dataclasses.field(
            default=default, repr=said.repr, compare=said.compare, hash=said.hash
        )

    known = getattr(owner, "_fields", None) or _native_fields(owner)
    made = [(name, types.get(name, Any), as_field(said)) for name, said in known.items()]
    return dataclasses.make_dataclass(owner.__name__, made).__dataclass_fields__  # type: ignore[attr-defined]


def _native_fields(owner: Any) -> dict[str, _Field]:
    """The parts of a native value: its marks are neither compared nor printed."""
    marks = ("replayed", "remembered")
    looked = ("expires_in_ms", "seq") if "expires_in_ms" in owner.__match_args__ else ()
    return {
        name: _Field(
            False if name in marks else _NOTHING,
            name not in marks,
            name not in (*marks, *looked),
            None,
        )
        for name in owner.__match_args__
    }
