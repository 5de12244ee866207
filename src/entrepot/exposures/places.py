"""Countries and groups in trade and duty tables: what a schedule row covers, and which codes of an Economy match."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from entrepot.economy.geography import ALL, ROW, WORLD, find_place, groups, is_customs_union, labels_of
from entrepot.errors import UnknownNameError

#: The number of countries that ALL counts as covering, in comparisons of width.
EVERY = 10_000


def members(code: str) -> frozenset[str]:
    """Return the countries in a group or former country; for any other code, the code itself."""
    place = find_place(code)
    inside = place.members if place is not None and place.code == code else ()
    return frozenset(inside or (code,))


def homes(unit: str, countries: Sequence[str]) -> tuple[str, ...]:
    """Return the countries of an Economy that hold the trade of a unit.

    It is the unit itself, else the group of the Economy that contains it, else those of its members that the Economy
    has, else the rest of the world; empty if there is none of these.
    """
    if unit in countries:
        return (unit,)
    inside = members(unit)
    holders = [code for code in countries if len(members(code)) > 1 and inside <= members(code)]
    if holders:
        return (holders[0],)
    return own_data(unit, countries) or ((ROW,) if ROW in countries else ())


def own_data(unit: str, countries: Sequence[str]) -> tuple[str, ...]:
    """Return the countries of an Economy that are the unit, or its members, by code or by name ("Viet Nam")."""
    return labels_of((unit, *members(unit)), countries)


def within(units: Iterable[str], names: Sequence[str], where: str, day: datetime.date) -> set[str]:
    """Return the units that `names` (codes and groups) cover. Raises `UnknownNameError`."""
    reached: set[str] = set()
    for name in names:
        place = find_place(name, day)
        if place is None:
            raise UnknownNameError("country", name, [*groups(), ALL], where)
        reached |= {*units} if place.code == WORLD else members(place.code)
    return {unit for unit in units if members(unit) <= reached or unit in reached}


def width(label: str) -> int:
    """Return the number of countries that a label covers."""
    return EVERY if label == ALL else len(members(label))


def covers(units: Sequence[str], labels: Sequence[str]) -> list[tuple[int, int, int, bool]]:
    """Return (unit, label, width, same) where a label covers a unit; `same` says whether label and unit are equal."""
    reach = [None if label == ALL else members(label) for label in labels]
    return [
        (u, k, width(label), label == unit)
        for u, unit in enumerate(units)
        for k, label in enumerate(labels)
        if reach[k] is None or members(unit) <= reach[k]  # type: ignore[operator]
    ]


def same_union(units: Sequence[str], unions: Iterable[str]) -> list[tuple[int, int]]:
    """Return the pairs of distinct positions in `units` that are inside one of these customs unions."""
    return [
        (n, i)
        for union in unions
        if is_customs_union(union)
        for n, importer in enumerate(units)
        if members(importer) <= members(union)
        for i, exporter in enumerate(units)
        if i != n and members(exporter) <= members(union)
    ]
