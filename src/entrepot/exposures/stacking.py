"""The stacking of duties: authorities, and the rules between them, as dated data with a source for each.

The duty on a line of trade is a base plus additional duties. The base is the lowest rate of the base authorities,
unless an authority replaces it. An additional duty that is charged excludes those that it displaces. A ceiling limits
the duty together with the base to max(ceiling, base), as in the agreements of 2025.
"""

from __future__ import annotations

import datetime
import functools
import os
import re
import unicodedata
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, field_validator, model_validator

from entrepot.documents import (
    as_path,
    dotted_key,
    line_of,
    plain,
    read_document,
    read_text,
    shipped_names,
    shipped_text,
)
from entrepot.errors import DocumentError, InputError, UnknownNameError, nearest
from entrepot.faults import message_of, place_of
from entrepot.measures.fields import read_rate
from entrepot.rules.entry import Citation, Confidence, Entry, in_period

#: How an authority applies: as a rate that may be claimed as the base, in place of the base, or on top of it.
Applies = Literal["base", "replaces", "adds"]


class DatedEntry(Entry):
    """An entry in force from `since` until the day before `until`.

    collected_since, collected_until  the same for what the customs office collected, where its days differ from those
                                      in law: a reduction that reached back, or a duty that was held unlawful
    """

    since: datetime.date | None = None
    until: datetime.date | None = None
    collected_since: datetime.date | None = None
    collected_until: datetime.date | None = None

    def on(self, date: datetime.date, collected: bool = False) -> bool:
        """Return whether the entry is in force on a date, or was collected on it."""
        return in_period(date, *self.days(collected))

    def days(self, collected: bool = False) -> tuple[datetime.date | None, datetime.date | None]:
        """Return the first day, and the first day no more, in law or as collected."""
        if not collected:
            return self.since, self.until
        return self.collected_since or self.since, self.collected_until or self.until


class Exclusion(DatedEntry):
    """Another authority that excludes this one where it is charged."""

    authority: str
    source: str | None = None


class Ceiling(DatedEntry):
    """The limit on the duty of this authority for some partners.

    rate       the duty together with the base is at most max(rate, base); None: the rate of the schedule is the limit
    with_base  whether the base counts towards it; if not, the rate limits the additional duty alone
    """

    partners: tuple[str, ...]
    rate: float | None = None
    with_base: bool = True
    source: str | None = None
    confidence: Confidence | None = None

    @field_validator("rate", mode="before")
    @classmethod
    def _a_fraction(cls, rate: Any) -> float | None:
        return None if rate is None else read_rate("rate", rate)

    @model_validator(mode="after")
    def _of_something(self) -> Ceiling:
        if self.rate is None and not self.with_base:
            raise ValueError("a ceiling without the base needs its rate")
        return self


#: What the code of a product does not decide: the condition that a rate or an exemption needs.
Condition = Literal[
    "preference",
    "civil_aircraft",
    "in_transit",
    "in_quota",
    "advanced_chip",
    "us_metal",
    "light_metal",
    "generic_medicine",
    "patented_medicine",
    "vehicle_part",
]


class ListedRate(DatedEntry):
    """A rate of an authority, on the products and the partners that it names.

    lists       names of lists in the bundled table of tariff lines, any of which must name the product; () for all
    products    beginnings of codes, any of which the product must have; () for all
    partners    codes and groups; () for all.  unless: partners that it leaves out
    where       the condition that it needs
    levied_on   the part of the value that it falls on: all of it, the metal, or what is not made in the United States
    metal       the metal, where it falls on that
    content_from the least share of United States content from which that content is left out
    all_in      whether the rate is that of all duties together: it adds max(0, rate - base)
    counted     whether it counts; a rate that was announced or reported but not established does not
    """

    rate: float
    lists: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    where: Condition | None = None
    levied_on: Literal["value", "metal", "foreign_content"] = "value"
    metal: Literal["steel", "aluminium", "copper"] | None = None
    content_from: float = 0.0
    all_in: bool = False
    counted: bool = True
    heading: str | None = None
    source: str | None = None
    confidence: Confidence | None = None
    note: str | None = None

    @field_validator("rate", mode="before")
    @classmethod
    def _a_fraction(cls, rate: Any) -> float:
        return read_rate("rate", rate)


class Exemption(DatedEntry):
    """Goods on which an authority levies nothing, by list, beginning of code, partner or condition, and why."""

    because: str
    lists: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    unless_products: tuple[str, ...] = ()
    where: Condition | None = None
    source: str | None = None
    confidence: Confidence | None = None


class KnownGap(DatedEntry):
    """Law that is known to exist and is not in the data, since a day.

    lists, products, partners  the goods and origins that it concerns, as in `ListedRate`; () for all
    unless                     origins that it does not concern
    duty                       whether it is a duty that is missing altogether; the answer's first sentence names it
    """

    what: str
    duty: bool = False
    lists: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Authority(DatedEntry):
    """A power under which a duty is levied, and how it combines with the others.

    names        other names in schedules; case, blanks and signs do not matter
    only, exempt the only partners that it is levied on, or those exempt from it: codes or groups
    excluded_by  authorities that exclude it where they are charged
    beyond_bound whether it may be levied on top of the bound rate (GATT Article II:2), as anti-dumping duties are
    statute      its id in the book of rules (`entrepot rules`)
    rates        the rates that it levies by itself, in the order in which they are tried: the first that fits holds
    exemptions   the goods on which it levies nothing
    review_by    the day until which the entry is kept up; an answer for a later day says so
    """

    id: str
    title: str = ""
    applies: Applies
    names: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    excluded_by: tuple[Exclusion, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    beyond_bound: bool = False
    statute: str | None = None
    source: Citation | None = None
    confidence: Confidence | None = None
    note: str | None = None
    rates: tuple[ListedRate, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    review_by: datetime.date | None = None

    @property
    def called(self) -> str:
        """Its title, else its id."""
        return self.title or self.id

    @field_validator("excluded_by", mode="before")
    @classmethod
    def _names_alone(cls, given: Any) -> Any:
        """Turn a bare name into an exclusion without dates."""
        return [{"authority": one} if isinstance(one, str) else one for one in given] if given else ()

    @model_validator(mode="after")
    def _fits_together(self) -> Authority:
        if self.applies != "adds" and (self.excluded_by or self.ceilings):
            raise ValueError("excluded_by and ceilings need an authority that adds to the base (applies: adds)")
        if self.applies != "adds" and self.beyond_bound:
            raise ValueError("beyond_bound needs an authority that adds to the base (applies: adds)")
        return self


class Stacking(Entry):
    """Authorities and the rules between them, for `importers`, by default as of the day `as_of`.

    known_since, known_until  the first and the last day for which its rates answer;  gaps: what it lacks
    """

    stacking: str
    title: str = ""
    importers: tuple[str, ...] = ()
    as_of: datetime.date | None = None
    known_since: datetime.date | None = None
    known_until: datetime.date | None = None
    gaps: tuple[KnownGap, ...] = ()
    authorities: tuple[Authority, ...]
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Stacking:
        ids = [a.id for a in self.authorities]
        taken: dict[str, str] = {}
        for a in self.authorities:
            for name in (a.id, *a.names):
                if taken.setdefault(folded(name), a.id) != a.id:
                    raise ValueError(f"{name!r} is a name of {taken[folded(name)]} and of {a.id}")
            for other in a.excluded_by:
                if other.authority not in ids:
                    raise ValueError(f"{a.id}: no authority {other.authority!r}{nearest(other.authority, ids)}")
        if len(set(ids)) < len(ids):
            raise ValueError(f"the id {next(i for i in ids if ids.count(i) > 1)!r} is repeated")
        if not any(a.applies == "base" for a in self.authorities):
            raise ValueError("no authority is a base (applies: base), such as mfn")
        return self

    @property
    def base(self) -> Authority:
        """The first base: the authority of a schedule row that names none."""
        return next(a for a in self.authorities if a.applies == "base")

    def title_of(self, authority: str) -> str:
        """Return what an authority is called, by its id."""
        return next((a.called for a in self.authorities if a.id == authority), authority)

    def find(self, name: str, where: str = "") -> Authority:
        """Return the authority that a schedule calls `name`. Raises `UnknownNameError` with the nearest name."""
        for a in self.authorities:
            if folded(name) in {folded(known) for known in (a.id, *a.names)}:
                return a
        known = [known for a in self.authorities for known in (a.id, *a.names)]
        raise UnknownNameError(f"authority (of the stacking {self.stacking!r})", name, known, where)

    def excluders(self, authority: Authority, date: datetime.date, collected: bool = False) -> tuple[str, ...]:
        """Return the ids of the authorities that exclude it on a day, in law or as the customs office applied it."""
        return tuple(e.authority for e in authority.excluded_by if e.on(date, collected))

    def order(self, date: datetime.date, collected: bool = False) -> tuple[Authority, ...]:
        """Return base authorities, then additional ones, each after its excluders. Raises `InputError` for a circle."""
        by_id = {a.id: a for a in self.authorities}
        adds = {a.id: set(self.excluders(a, date, collected)) for a in self.authorities if a.applies == "adds"}
        try:
            sorted_ids = list(TopologicalSorter(adds).static_order())
        except CycleError as error:
            raise InputError(
                f"stacking {self.stacking}: on {date} these exclude each other in a circle: "
                f"{' <- '.join(map(str, error.args[1]))}; remove one of the exclusions"
            ) from None
        base = [a for a in self.authorities if a.applies != "adds"]
        return (*base, *(by_id[i] for i in sorted_ids if i in adds))


def folded(name: str) -> str:
    """Return a name in lower case without blanks and signs, for comparison; letters of every script stay."""
    return re.sub(r"[^\w+]|_", "", unicodedata.normalize("NFKC", name).casefold())


def bundled_stackings() -> tuple[str, ...]:
    """The names of the stackings that the package contains."""
    return shipped_names("exposures/data", ".yaml")


def load_stacking(given: Stacking | str | os.PathLike[str]) -> Stacking:
    """Return a bundled stacking by name, or a stacking from a YAML file.

    Raises `DocumentError` with line and key, and `UnknownNameError` for a name that is neither.
    """
    if isinstance(given, Stacking):
        return given
    if isinstance(given, str) and given in bundled_stackings():
        return _bundled(given)
    path = as_path(given)
    if not path.exists() and not path.suffix and os.sep not in str(given):
        raise UnknownNameError("stacking", str(given), bundled_stackings())
    return read_stacking(read_text(path), str(path))


@functools.cache
def _bundled(name: str) -> Stacking:
    place = f"exposures/data/{name}.yaml"
    return read_stacking(shipped_text(place), place)


def read_stacking(text: str, path: str) -> Stacking:
    """Read a stacking from YAML text. Raises `DocumentError` with line and key."""
    document = read_document(text, path)
    if not isinstance(document, dict):
        raise DocumentError(
            "keys with values are needed: stacking, title, authorities (see docs/exposure.md)", path=path
        )
    try:
        return Stacking.model_validate({"stacking": Path(path).stem, **plain(document)})
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = place_of(fault)
        raise DocumentError(
            message_of(fault), path=path, line=line_of(document, place), key=dotted_key(place)
        ) from None
