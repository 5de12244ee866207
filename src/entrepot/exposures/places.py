"""Countries and groups in tables of trade and tariffs: whom a name stands for, and whom a row of a schedule reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from entrepot.data.sources.baci import NOT_ISO
from entrepot.data.tariff_files import EVERY, EVERYONE, UNION
from entrepot.economy.geography import ALL, groups, is_customs_union, is_group, iso3_by_name
from entrepot.errors import TableError, UnknownNameError


@dataclass(frozen=True)
class Places:
    """Names as people write them. A country is a code of the Economy or ISO 3166 alpha-3; a group is its own name.

    known  the Economy's countries
    year   of the schedule, for what is meant by the European Union
    """

    known: tuple[str, ...]
    year: int

    def unit(self, name: str, where: str) -> str:
        """The country or group that trades. Raises `TableError` for the world, which is a sum of them."""
        if _everyone(name):
            raise TableError(
                f"{where}: {name!r} is a total of countries; take its rows out, or what is in it counts twice"
            )
        return self._code(name, where)

    def label(self, name: str | None, where: str) -> str:
        """Whom a row of a schedule names: a country, a group, or ALL where it is blank or says so."""
        return ALL if name is None or _everyone(name) else self._code(name, where)

    def _code(self, name: str, where: str) -> str:
        folded = name.strip().casefold()
        for code in self.known:
            if code.casefold() == folded:
                return code
        if folded in UNION:
            return "EU28" if self.year < 2020 else "EU27"
        if is_group(folded):
            return folded.upper()
        number = folded.removesuffix(".0")
        number = number.lstrip("0") if number.isdigit() else number
        found = NOT_ISO.get(number) or iso3_by_name().get(number)
        if found is None:
            raise UnknownNameError("country", name, [*self.known, *groups(), ALL], where)
        return found

    def home(self, unit: str) -> str | None:
        """The Economy's country that has a unit's trade: itself, the group that it is in, or the rest of the world."""
        if unit in self.known:
            return unit
        holders = [code for code in self.known if is_group(code) and members(unit) <= members(code)]
        return holders[0] if holders else "ROW" if "ROW" in self.known else None


def members(code: str) -> frozenset[str]:
    """Of a group; of a country, itself."""
    return frozenset(groups()[code]["members"]) if is_group(code) else frozenset((code,))


def within(units: Iterable[str], names: Sequence[str], where: str) -> set[str]:
    """Of `units`, those that are among `names` (codes and groups). Raises `UnknownNameError`."""
    places = Places((), 2025)
    reached = frozenset[str]().union(*(members(places.label(name, where)) for name in names))
    return {unit for unit in units if members(unit) <= reached}


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


def _everyone(name: str) -> bool:
    return name.strip().casefold() in {ALL.casefold(), "*", *EVERYONE}
