"""Names of countries, groups and sectors, and what they stand for in a given Economy."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Sequence
from typing import Any

from entrepot.documents import plain, read_yaml
from entrepot.errors import InputError, UnknownNameError

WORLD = "WORLD"
ALL = "ALL"


@functools.cache
def groups() -> dict[str, dict[str, Any]]:
    """Country groups by name: members (ISO 3166 alpha-3), a title, the date they are as of, a source."""
    resource = importlib.resources.files("entrepot.economy") / "data" / "groups.yaml"
    document: dict[str, dict[str, Any]] = plain(read_yaml(resource.read_text(encoding="utf-8"), "groups.yaml"))
    return document


def is_group(name: str) -> bool:
    return name.upper() in groups()


def is_customs_union(name: str) -> bool:
    return bool(groups().get(name.upper(), {}).get("customs_union"))


def resolve_countries(
    names: str | Sequence[str], known: Sequence[str], where: str = ""
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the Economy that `names` stand for, in the Economy's order, and notes on what it has no data for.

    A name is a code of the Economy, a group (data/groups.yaml), WORLD, or anything country_converter knows (Japan,
    JP, 392). Raises `UnknownNameError`, or `InputError` when a group has no member in the Economy.
    """
    return _resolve((names,) if isinstance(names, str) else tuple(map(str, names)), tuple(known), where)


@functools.lru_cache(maxsize=4096)
def _resolve(names: tuple[str, ...], known: tuple[str, ...], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wanted: set[str] = set()
    notes: list[str] = []
    for name in names:
        members, missing = _members(name, known, where)
        wanted.update(members)
        if missing:
            notes.append(f"{name}: no separate data for {', '.join(missing)}; left out")
    return tuple(code for code in known if code in wanted), tuple(notes)


def _members(name: str, known: tuple[str, ...], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    by_folded = {code.casefold(): code for code in known}
    folded = name.strip().casefold()
    if folded in by_folded:
        return (by_folded[folded],), ()
    if folded == WORLD.casefold():
        return known, ()
    group = {key.casefold(): value for key, value in groups().items()}.get(folded)
    if group is not None:
        present = tuple(code for code in group["members"] if code in known)
        if not present:
            raise InputError(f"{where + ': ' if where else ''}no member of {name} is in this Economy by itself")
        return present, tuple(code for code in group["members"] if code not in known)
    code = iso3_by_name().get(folded)
    if code in known:
        return (code,), ()
    if code is not None:
        rest = "; it is part of ROW" if "ROW" in known else ""
        place = f"{where}: " if where else ""
        raise InputError(f"{place}{country_name(code)} ({code}) has no data of its own in this Economy{rest}")
    raise UnknownNameError("country", name, [*known, WORLD, *groups()], where)


def resolve_sectors(names: str | Sequence[str], known: Sequence[str], where: str = "") -> tuple[str, ...]:
    """Sector codes that `names` stand for, in the Economy's order; ALL is every one. Raises `UnknownNameError`."""
    by_folded = {code.casefold(): code for code in known}
    wanted: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        folded = str(name).strip().casefold()
        if folded in by_folded:
            wanted.add(by_folded[folded])
        elif folded == ALL.casefold():
            wanted.update(known)
        else:
            raise UnknownNameError("sector", str(name), [*known, ALL], where)
    return tuple(code for code in known if code in wanted)


@functools.cache
def country_name(code: str) -> str:
    """A country's or group's short English name; the code itself if it has none."""
    if code == "ROW":
        return "Rest of world"
    if code == WORLD:
        return "World"
    if code in groups():
        return str(groups()[code]["title"])
    name = _converter().convert(code, to="name_short", not_found=None)
    return name if isinstance(name, str) else code


#: Countries that no group of a partition has.
OTHER = "OTHER"


def with_rest(groups: Sequence[str], known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The countries of each group, all of them even where another group has them too; those in none under OTHER."""
    parts = {group: resolve_countries(group, known)[0] for group in groups}
    in_some = {code for codes in parts.values() for code in codes}
    rest = tuple(code for code in known if code not in in_some)
    return parts | ({OTHER: rest} if rest else {})


def partition(groups: Sequence[str], known: Sequence[str], countries: Sequence[str]) -> dict[str, list[str]]:
    """`countries` by the first group that has them; those in none under OTHER."""
    left = list(countries)
    parts: dict[str, list[str]] = {}
    for group in groups:
        wanted = resolve_countries(group, tuple(known))[0]
        parts[group] = [c for c in left if c in wanted]
        left = [c for c in left if c not in wanted]
    if left:
        parts[OTHER] = left
    return parts


@functools.cache
def iso3_by_name() -> dict[str, str]:
    """ISO alpha-3 by whole names and codes, folded. No patterns: "Not China" is not China."""
    table = _converter().data
    known: dict[str, str] = {}
    for column in ("ISOnumeric", "ISO2", "name_official", "name_short", "ISO3"):
        for name, code in zip(table[column], table["ISO3"], strict=True):
            known[str(name).casefold()] = str(code)
    return known


@functools.cache
def _converter() -> Any:
    import logging

    import country_converter

    logging.getLogger("country_converter").setLevel(logging.CRITICAL)  # a miss is ours to report, by name and place
    return country_converter.CountryConverter()
