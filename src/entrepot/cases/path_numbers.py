"""The numbers of a case's path that a sweep may vary, by a short name or by their place, and what varying one does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.cases.distributions import KeyPath
from entrepot.cases.path_spec import CapitalSpec, ElasticitiesSpec, InventoriesSpec, MobilitySpec
from entrepot.errors import InputError

#: Short names of a path's numbers, for `--grid` and `--vary`, with their place below `path`.
SHORT_NAMES: Mapping[str, tuple[str, ...]] = {
    "belief": ("belief",),
    "discount_rate": ("discount_rate",),
    **{key: ("inventories", key) for key in ("interest", "storage", "crowding", "lead")},
    **{key: ("capital", key) for key in ("depreciation",)},
    **{key: ("elasticities", key) for key in ("short", "years")},
    **{key: ("mobility", key) for key in ("stay", "nu")},
}
#: Those that may vary where the file does not state them, with the value that they then have.
DEFAULTS: Mapping[tuple[str, ...], Any] = {
    ("discount_rate",): 0.0,
    **{
        (part, key): field.default
        for part, section in (
            ("capital", CapitalSpec),
            ("inventories", InventoriesSpec),
            ("elasticities", ElasticitiesSpec),
            ("mobility", MobilitySpec),
        )
        for key, field in section.model_fields.items()
        if isinstance(field.default, int | float)
    },
}


def path_place(document: Any, name: str) -> KeyPath | None:
    """Return the place of a number of a case's path by a short or a dotted name; None where `name` is none of them.

    The file need not state the number itself, but its section. Raises `InputError` where it has no such section.
    """
    steps = tuple(name.split("."))
    place = SHORT_NAMES.get(name) if len(steps) == 1 else steps[1:] if steps[0] == "path" else None
    if place is None or (len(steps) == 1 and name in document):
        return None
    path = document.get("path")
    if place[0] != "belief" and place not in DEFAULTS:
        return None
    if not isinstance(path, Mapping):
        raise InputError(f"{name}: the case has no path; add the key 'path'")
    if len(place) > 1 and not isinstance(path.get(place[0]), Mapping):
        raise InputError(f"{name}: the path of the case has no {place[0]}; add the key '{place[0]}: {{}}' to it")
    return ("path", *place)


def whole_days(values: Mapping[KeyPath, float]) -> dict[KeyPath, float]:
    """Return numbers by place, with those of a path that count days rounded to whole ones."""
    counted = {("path", *place) for place, default in DEFAULTS.items() if isinstance(default, int)}
    return {place: round(value) if place in counted else value for place, value in values.items()}


def with_one_belief(document: Any, values: Mapping[KeyPath, float]) -> Any:
    """Return a case's document with a path's one `belief`, where it is among the values, in place of all others stated.

    As `PathSpec.with_belief` does; a probability that is itself among the values stays.
    """
    if ("path", "belief") not in values:
        return document
    path = dict(document["path"])
    entries = {("path", "in_force", k): entry for k, entry in enumerate(path.get("in_force") or ())}
    known = {("path", "beliefs", name): entry for name, entry in (path.get("beliefs") or {}).items()}
    left = {
        at: entry if (*at, "probability") in values else {k: v for k, v in entry.items() if k != "probability"}
        for at, entry in (entries | known).items()
    }
    if entries:
        path["in_force"] = [left[at] for at in entries]
    if known:
        path["beliefs"] = {at[2]: left[at] for at in known}
    return {**document, "path": path}


def stated_on_path(document: Any, place: KeyPath) -> Any:
    """Return the value at a place of a case's path, or the default where the file states none; None for neither."""
    at = document
    for step in place:
        if isinstance(at, Mapping) and step not in at:
            return DEFAULTS.get(tuple(map(str, place[1:])))
        at = at[step]
    return at
