"""The parties that act in trade policy: countries, and customs unions as one, with the dates of WTO membership."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from entrepot.economy.geography import groups, iso3, union_on
from entrepot.languages import translated
from entrepot.rules.entry import read_package_data
from entrepot.words import few, spoken


@dataclass(frozen=True)
class Party:
    """A country, or a customs union as one; `name` is its code or group name, `codes` its members in the Economy.

    shown   what it is called where that is not its name: a part of a union
    """

    name: str
    codes: tuple[str, ...]
    shown: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.shown or spoken(self.name)

    def bound(self, on: datetime.date) -> bool:
        """Return whether the WTO agreements (before 1995 the GATT of 1947) bind every member on a date."""
        since = [bound_since(code) for code in self.codes]
        return all(date is not None and date <= on for date in since)

    def has(self, name: str, on: datetime.date) -> bool:
        """Return whether `name` (a code, country or group; the EU as of the date) is this party or a part of it."""
        return bool({*expand(name, on), iso3(name)} & set(self.codes))


def bound_since(code: str) -> datetime.date | None:
    """Return the date from which the WTO agreements (before 1995 the GATT of 1947) bind a country; None if never."""
    data = _membership()
    if code in data["gatt_1947"]:
        return datetime.date.fromisoformat(str(data["gatt_1947"][code]))
    if code in data["original"]:
        return datetime.date(1995, 1, 1)
    return datetime.date.fromisoformat(str(data["joined"][code])) if code in data["joined"] else None


@functools.cache
def developed_members() -> frozenset[str]:
    """The Members of the WTO that are taken as developed, by code; the others may name themselves developing."""
    return all_codes(_membership()["developed"])


@functools.cache
def annex_vii_members(on: datetime.date) -> frozenset[str]:
    """The Members of the WTO that may be in Annex VII of the Agreement on Subsidies on a date, by code."""
    left = _membership()["annex_vii_before_2018"] if on.year < 2018 else ()
    return frozenset((*_membership()["annex_vii"], *left))


def arbitrates_appeals(name: str, on: datetime.date) -> bool:
    """Return whether a party has undertaken to arbitrate appeals with others that have (the MPIA) on a date."""
    since = _arbitration()
    codes = set(expand(name)) - (set(union_members(on)) - set(expand("EU27")))  # whoever was in the Union came with it
    return bool(codes) and all(code in since and since[code] <= on for code in codes)


def appeal_arbitration() -> dict[str, datetime.date]:
    """The participants of the MPIA (codes, and EU27 as one), with the day from which each takes part."""
    return {name: datetime.date.fromisoformat(str(since)) for name, since in _membership()["mpia"].items()}


@functools.cache
def _arbitration() -> dict[str, datetime.date]:
    return {code: since for name, since in appeal_arbitration().items() for code in expand(name)}


@functools.cache
def _membership() -> Any:
    return read_package_data("members.yaml")


def expand(name: str, on: datetime.date | None = None) -> tuple[str, ...]:
    """Return the codes that a name covers; EU covers its members on the date, or without a date all that ever were."""
    if name == "EU" and on is not None:
        return union_members(on)
    group = groups().get(group_name(name))
    return tuple(group["members"]) if group else (name,)


def all_codes(names: Iterable[str]) -> frozenset[str]:
    """Return the codes that some names cover together, as `expand` does without a date."""
    return frozenset(code for name in names for code in expand(name))


def group_name(name: str) -> str:
    """Return the name of the group that holds the data of a name: EU28 for EU, else the name itself."""
    return "EU28" if name == "EU" else name


@functools.lru_cache(maxsize=1000)
def union_members(on: datetime.date) -> tuple[str, ...]:
    """Return the members of the European customs union, one Member of the WTO, on a date; empty before 1995."""
    return tuple(groups()[union_on(on)]["members"]) if on >= datetime.date(1995, 1, 1) else ()


def as_parties(codes: Sequence[str], on: datetime.date) -> tuple[Party, ...]:
    """Return the parties that `codes` form: the members of the European Union together, every other country alone."""
    members = set(union_members(on))
    inside = [code for code in codes if code in members]
    out: list[Party] = []
    for code in codes:
        if code not in members:
            out.append(Party(code, (code,)))
        elif code == inside[0]:
            out.append(Party(union_on(on), tuple(inside)) if len(inside) > 1 else Party(code, (code,)))
    return tuple(out)


def parted(parties: Sequence[Party], rest: Sequence[Party], on: datetime.date) -> tuple[Party, ...]:
    """Return the parties, a part of a union shown by its members or as the union without those among `rest`."""
    members = set(union_members(on))
    inside = [other for other in rest if set(other.codes) & members]
    if not inside:
        return tuple(parties)
    left = inside[0].codes

    def shown(codes: tuple[str, ...]) -> str:
        if len(codes) <= len(left):
            return few([spoken(code) for code in codes])
        names = few([spoken(code) for code in left])
        return translated("{union} without {members}", union=spoken(union_on(on)), members=names)

    return tuple(replace(p, shown=shown(p.codes)) if set(p.codes) & members else p for p in parties)


def named(parties: Sequence[Party]) -> str:
    """Return the names of parties for use inside a sentence; only the first few where there are many."""
    return few([str(p) for p in parties]) or translated("nobody")
