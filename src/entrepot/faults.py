"""What a validator finds wrong with a document: where it is, and what to write, in plain English."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, model_validator
from pydantic.fields import FieldInfo

from entrepot.errors import as_given, nearest
from entrepot.languages import english

_MESSAGES = {
    "missing": english("is missing"),
    **dict.fromkeys(("tuple_type", "list_type"), english("must be a list, such as [USA, JPN] or [1, 2]")),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), english("must be keys with values")),
    "string_type": english("must be a text"),
    **dict.fromkeys(("bool_type", "bool_parsing"), english("must be true or false")),
    "finite_number": english("must be a finite number"),
    **dict.fromkeys(("float_parsing", "float_type"), english("must be a number, such as 0.2")),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), english("must be a whole number")),
    "int_parsing_size": english("is too large a number"),
}
#: The key of the bound in the context of a fault that has one.
_BOUNDS = {
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "too_long": "max_length",
    "too_short": "min_length",
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
}
#: Steps of a location that name one of several types and are not keys; those of _LAST only end a location.
_TYPE_STEP = re.compile(r"(?:(?:list|dict|tuple)\[.*|(?:constrained|function)-.*|\[key\])?")
_LAST = ("float", "int", "str", "bool")


def place_of(fault: Mapping[str, Any]) -> list[str | int]:
    """Return the keys and positions in lists that lead to a fault."""
    steps = fault["loc"][:-1] if fault["loc"] and fault["loc"][-1] in _LAST else fault["loc"]
    return [step for step in steps if isinstance(step, int) or not _TYPE_STEP.fullmatch(step)]


def telling(faults: Iterable[Any]) -> list[Any]:
    """Return the faults without those that only name the other types which a value may be of.

    A value that may be of several types has a fault for each: that of its own type may be inside of it. A list whose
    entries are wrong counts as too short, since only the others are counted.
    """
    every = list(faults)
    places = [place_of(fault) for fault in every]
    own = [place for fault, place in zip(every, places, strict=True) if not fault["type"].endswith("_type")]

    def tells(fault: Any, place: list[str | int]) -> bool:
        of_type = fault["type"].endswith("_type")
        if not of_type and fault["type"] != "too_short":
            return True
        inside = any(len(other) > len(place) and other[: len(place)] == place for other in places)
        return not (inside or (of_type and place in own))

    return [fault for fault, place in zip(every, places, strict=True) if tells(fault, place)]


def message_of(fault: Mapping[str, Any], known: Collection[str] = ()) -> str:
    """Return what is wrong; `known` are the keys that may stand where there is one that may not."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden" and " " in str(fault["loc"][-1]) and fault.get("input", "") is None:
        return english("is not a key: between { and } a comma ends an entry; put a text that has one in quotes")
    if kind == "extra_forbidden":
        return unknown_key(str(fault["loc"][-1]), known)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        return f"{as_given(fault['input'])} is not a choice{nearest(str(fault['input']), choices)}"
    if kind == "string_pattern_mismatch":
        return _form(context["pattern"], fault["input"])
    if kind in _BOUNDS:
        return _beyond(kind, f"{context[_BOUNDS[kind]]:,.15g}")
    if kind.startswith("date"):
        value = fault["input"]
        return english(f"{value!r} is not a date such as 2019-05-17")
    if kind == "string_unicode":
        value = fault["input"]
        return english(f"{value!r} holds half of a character (a lone surrogate)")
    if kind in _MESSAGES:
        return _MESSAGES[kind]
    return str(fault["msg"]).removeprefix("Value error, ")


def _form(pattern: str, value: Any) -> str:
    """Return which form a text must have, from its pattern."""
    if r"\d{4}" in pattern:
        return english(f"{value!r} is not a date such as 2019, 2019-05 or 2019-05-17")
    if "A-Z" in pattern:
        return english("use only letters, digits, hyphens and underscores")
    return english("use only lower-case letters, digits and hyphens")


def _beyond(kind: str, number: str) -> str:
    """Return the message for what is beyond a bound."""
    if kind == "string_too_short":
        return english("is empty") if number == "1" else english(f"must have at least {number} characters")
    if kind == "string_too_long":
        return english(f"may have at most {number} characters")
    if kind == "too_long":
        return english(f"may have at most {number}")
    if kind == "too_short":
        return english("is empty") if number == "1" else english(f"needs at least {number}")
    if kind == "greater_than":
        return english(f"must be greater than {number}")
    if kind == "greater_than_equal":
        return english(f"must be at least {number}")
    if kind == "less_than":
        return english(f"must be less than {number}")
    return english(f"must be at most {number}")


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return the message for a key that a section does not have, with the nearest one that it has.

    A key such as `5%` comes from a decimal comma: {rate: 12,5%} is YAML for {rate: 12, 5%: null}.
    """
    if re.fullmatch(r"\d+\s*%?", key):
        return english(
            f"{key!r} is not a key: between {{ and }} a comma ends an entry; write 12.5%, or '12,5%' in quotes"
        )
    return english("unknown key") + (nearest(key, known) if known else "")


def keys_at(section: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """Return the keys that a document may have at a place in a section; none where it is not a section of its own."""
    kinds: list[Any] = [section]
    for step in place:
        kinds = [kind for part in _sections(kinds) for kind in _inside(part, step)]
    return [field.alias or name for part in _sections(kinds) for name, field in _fields(part)]


def _sections(kinds: Iterable[Any]) -> list[Any]:
    """Return the classes of sections and the collections among annotations, in unions and beside metadata too."""
    found = []
    for kind in kinds:
        if _is_section(kind) or get_origin(kind) in (tuple, list, dict, Mapping, Sequence):
            found.append(kind)
        else:
            found += _sections(part for part in get_args(kind) if not isinstance(part, str))
    return found


def _inside(part: Any, step: str | int) -> list[Any]:
    """Return the annotations of what stands at a key, a name or a number in a section or a collection."""
    if _is_section(part):
        return [field.annotation for name, field in _fields(part) if step in (name, field.alias)]
    return list(get_args(part)[1:] if get_origin(part) in (dict, Mapping) else get_args(part)[:1])


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(part: Any) -> list[tuple[str, FieldInfo]]:
    return list(part.model_fields.items()) if _is_section(part) else []


class Stated(BaseModel):
    """The base of what a document states: `true` does not stand for a number, nor a number for a day.

    Pydantic reads `true` as 1, and a number as a day by the seconds since 1970.
    """

    @model_validator(mode="before")
    @classmethod
    def _of_their_kinds(cls, stated: Any) -> Any:
        if not isinstance(stated, Mapping):
            return stated
        kinds = _kinds_by_key(cls)
        changed = {key: _of_kinds(value, kinds[key]) for key, value in stated.items() if key in kinds}
        return stated if all(stated[key] is value for key, value in changed.items()) else {**stated, **changed}


@dataclass(frozen=True)
class _OfNoKind:
    """A value that no plain kind takes, so that a validator refuses it at its place."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return bool(self.value == other)

    def __repr__(self) -> str:
        return repr(self.value)


_NUMBERS = frozenset((int, float))
_PLAIN = frozenset((bool, int, float, str, datetime.date, type(None)))
#: A number as text.
_DIGITS = re.compile(r"\s*[+-]?\d+(\.\d*)?\s*")


@functools.cache
def _kinds_by_key(model: type[BaseModel]) -> dict[str, frozenset[Any]]:
    """Return the types that each field of a model takes, inside lists and mappings too, by its key."""
    return {field.alias or name: _kinds(field.annotation) for name, field in model.model_fields.items()}


def _kinds(annotation: Any) -> frozenset[Any]:
    parts = get_args(annotation)
    if not parts:
        return frozenset((annotation,))
    origin = get_origin(annotation)
    values = parts[:1] if origin is Annotated else parts[1:] if origin in (dict, Mapping) else parts
    return frozenset().union(*(_kinds(part) for part in values if part is not Ellipsis))


def no_number(value: Any) -> Any:
    """Return what is stated for a day as it is, or, for a number, a value that the day's validator refuses."""
    return _of_kinds(value, frozenset((datetime.date,)))


def _of_kinds(value: Any, kinds: frozenset[Any]) -> Any:
    """Return a value as it is, or with each number or day in it that is none of the field's kinds as an `_OfNoKind`."""
    if isinstance(value, bool):
        return _OfNoKind(value) if kinds & _NUMBERS and kinds.isdisjoint((bool, Any)) else value
    if isinstance(value, int | float) or (isinstance(value, str) and _DIGITS.fullmatch(value)):
        return _OfNoKind(value) if datetime.date in kinds and kinds.isdisjoint((int, float, str, Any)) else value
    if not kinds <= _PLAIN:
        return value
    if isinstance(value, dict):
        made: Any = {key: _of_kinds(part, kinds) for key, part in value.items()}
        return made if any(made[key] is not part for key, part in value.items()) else value
    if isinstance(value, list | tuple):
        made = [_of_kinds(part, kinds) for part in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    return value
