"""Countries and groups in tables of trade and duties: whom a row of a schedule reaches, and whose trade it is in an
Economy.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from entrepot.economy.geography import ALL, ROW, WORLD, find_place, groups, is_customs_union
from entrepot.errors import UnknownNameError

#: How many countries ALL covers, in comparisons of reach.
EVERY = 10_000


def members(code: str) -> frozenset[str]:
    """The countries in a group or former country; of anything else, itself."""
    place = find_place(code)
    known = place is not None and place.code == code and place.members
    return frozenset(place.members) if place is not None and known else frozenset((code,))


def homes(unit: str, countries: Sequence[str]) -> tuple[str, ...]:
    """The countries of an Economy that have a unit's trade: itself; the group of the Economy that it is in; of a group,
    its members that the Economy has; else the rest of the world, or none.
    """
    if unit in countries:
        return (unit,)
    inside = members(unit)
    holders = [code for code in countries if len(members(code)) > 1 and inside <= members(code)]
    if holders:
        return (holders[0],)
    own = tuple(code for code in countries if code in inside)
    return own or ((ROW,) if ROW in countries else ())


def within(units: Iterable[str], names: Sequence[str], where: str, day: datetime.date) -> set[str]:
    """Of `units`, those that are among `names` (codes and groups). Raises `UnknownNameError`."""
    reached: set[str] = set()
    for name in names:
        place = find_place(name, day)
        if place is None:
            raise UnknownNameError("country", name, [*groups(), ALL], where)
        reached |= {*units} if place.code == WORLD else members(place.code)
    return {unit for unit in units if members(unit) <= reached or unit in reached}


def width(label: str) -> int:
    """How many countries a label covers."""
    return EVERY if label == ALL else len(members(label))


def covers(units: Sequence[str], labels: Sequence[str]) -> list[tuple[int, int, int, bool]]:
    """Positions of unit and label where the label covers the unit, the label's width, and whether it is the unit."""
    reach = [None if label == ALL else members(label) for label in labels]
    return [
        (u, k, width(label), label == unit)
        for u, unit in enumerate(units)
        for k, label in enumerate(labels)
        if reach[k] is None or members(unit) <= reach[k]  # type: ignore[operator]
    ]


def same_union(units: Sequence[str], unions: Iterable[str]) -> list[tuple[int, int]]:
    """Pairs of positions in `units` that are inside one of these customs unions, a unit with itself left out."""
    return [
        (n, i)
        for union in unions
        if is_customs_union(union)
        for n, importer in enumerate(units)
        if members(importer) <= members(union)
        for i, exporter in enumerate(units)
        if i != n and members(exporter) <= members(union)
    ]
