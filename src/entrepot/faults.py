"""What a validator finds wrong with a document: where it is, and what to write, in plain English."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from entrepot.errors import nearest

_MESSAGES = {
    "missing": "is missing",
    "string_pattern_mismatch": "use only lower-case letters, digits and hyphens",
    "tuple_type": "must be a list, such as [USA, JPN]",
    "list_type": "must be a list, such as [USA, JPN]",
    "dict_type": "must be keys with values",
    "model_type": "must be keys with values",
    "model_attributes_type": "must be keys with values",
    "string_type": "must be a text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "may have at most {max_length} characters",
    "too_long": "may have at most {max_length}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number, such as 0.2",
    "float_type": "must be a number, such as 0.2",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than": "must be greater than {gt:,.15g}",
    "greater_than_equal": "must be at least {ge:,.15g}",
    "less_than": "must be less than {lt:,.15g}",
    "less_than_equal": "must be at most {le:,.15g}",
}
#: Steps of a location that name one of several types and are not keys; those of _LAST only end a location.
_TYPE_STEP = re.compile(r"(?:(?:list|dict|tuple)\[.*|(?:constrained|function)-.*|\[key\])?")
_LAST = ("float", "int", "str", "bool")


def place_of(fault: Mapping[str, Any]) -> list[str | int]:
    """Return the keys and positions in lists that lead to a fault."""
    steps = fault["loc"][:-1] if fault["loc"] and fault["loc"][-1] in _LAST else fault["loc"]
    return [step for step in steps if isinstance(step, int) or not _TYPE_STEP.fullmatch(step)]


def message_of(fault: Mapping[str, Any], known: Collection[str] = ()) -> str:
    """Return what is wrong; `known` are the keys that may stand where there is one that may not."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden" and " " in str(fault["loc"][-1]) and fault.get("input", "") is None:
        return "is not a key: between { and } a comma ends an entry; put a text that has one in quotes"
    if kind == "extra_forbidden":
        return unknown_key(str(fault["loc"][-1]), known)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        return f"{fault['input']!r} is not a choice{nearest(str(fault['input']), choices)}"
    if kind == "too_short":
        return "is empty" if context["min_length"] == 1 else f"needs at least {context['min_length']}"
    if kind.startswith("date"):
        return f"{fault['input']!r} is not a date such as 2019-05-17"
    if kind in _MESSAGES:
        return _MESSAGES[kind].format(**context)
    return str(fault["msg"]).removeprefix("Value error, ")


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return the message for a key that a section does not have, with the nearest one that it has.

    A key such as `5%` comes from a decimal comma: {rate: 12,5%} is YAML for {rate: 12, 5%: null}.
    """
    if re.fullmatch(r"\d+\s*%?", key):
        return f"{key!r} is not a key: between {{ and }} a comma ends an entry; write 12.5%, or '12,5%' in quotes"
    return f"unknown key{nearest(key, known) if known else ''}"
