"""What each authority levies on a tariff line from a partner on a day: the law of a stacking applied to one line.

The computation runs twice, with the days in law and with the days of collection. It follows `stacking`: a base, then
each additional duty after those that exclude it, limited by its ceilings.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any, Literal

from entrepot.errors import InputError
from entrepot.exposures.places import within
from entrepot.exposures.stacking import Authority, Exemption, KnownGap, ListedRate, Stacking
from entrepot.exposures.tariff_lines import SpecificDuty, TariffLine, ad_valorem, specific_part
from entrepot.words import day as day_words
from entrepot.words import short

Preference = bool | Literal["share"]


@dataclass(frozen=True)
class DutyConditions:
    """What the code of a good does not decide; the defaults are what an answer assumes.

    preference         whether the goods claim the programme of their origin (USMCA, KORUS ...); "share": the mean at
                       the share of trade that claimed the USMCA
    us_content         share of the value that is made in the United States
    metal_share        share of the value that is the metal, where a duty falls on that; by metal, or one for all
    light_metal        whether less than 15% of the weight is the metal
    us_metal           whether the metal was melted and poured, or smelted and cast, in the United States
    civil_aircraft     whether they are for civil aircraft
    in_transit         whether they were on their way before the duty began
    in_quota           whether they enter within the quota of an agreement
    advanced_chip      whether they are semiconductors above the thresholds of note 39, and not for an exempt use
    generic_medicine   whether they are generic medicines;  patented_medicine  whether they are patented ones
    vehicle_part       whether goods on a list of parts are parts of cars or trucks; None: yes, and for computers
                       (heading 8471) no
    """

    preference: Preference = True
    us_content: float = 0.0
    metal_share: float | Mapping[str, float] = 1.0
    light_metal: bool = False
    us_metal: bool = False
    civil_aircraft: bool = False
    in_transit: bool = False
    in_quota: bool = True
    advanced_chip: bool = False
    generic_medicine: bool = False
    patented_medicine: bool = False
    vehicle_part: bool | None = None

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1, conditions that are neither true nor false, and those that contradict."""
        object.__setattr__(self, "metal_share", _metal_shares(self.metal_share))
        object.__setattr__(self, "us_content", _share("us_content", self.us_content))
        for name in _FLAGS:
            held = getattr(self, name)
            if type(held).__name__ not in ("bool", "bool_") and not (held is None and name == "vehicle_part"):
                raise InputError(f"{name}: {held!r} is not True or False")
        if self.generic_medicine and self.patented_medicine:
            raise InputError("generic_medicine and patented_medicine: a medicine is one or the other; give one of them")

    def holds(self, condition: str, code: str) -> bool:
        """Return whether a condition holds of goods with a code."""
        if condition == "vehicle_part" and self.vehicle_part is None:
            return not code.startswith("8471")
        return bool(getattr(self, condition))

    def metal(self, name: str, metals: Collection[str | None]) -> float:
        """Return the share of the value that is this metal; one share for a line of several metals is divided."""
        if isinstance(self.metal_share, Mapping):
            return self.metal_share.get(name, 0.0)
        return self.metal_share / max(1, len(metals))


METALS = ("steel", "aluminium", "copper")
#: The conditions that hold or do not.
_FLAGS = tuple(one.name for one in fields(DutyConditions) if str(one.type).startswith("bool"))


def _share(name: str, given: Any) -> float:
    """Return a share from 0 to 1. Raises `InputError` for any other value, NaN and True among them."""
    if isinstance(given, bool) or not isinstance(given, Real) or not 0 <= float(given) <= 1:
        shown = f"{given:g}" if isinstance(given, Real) and not isinstance(given, bool) else repr(given)
        raise InputError(f"{name}: {shown} is not a share from 0 to 1, such as 0.4")
    return float(given)


def _metal_shares(given: Any) -> float | dict[str, float]:
    """Return one share, or shares by metal; "aluminum" is aluminium. Raises `InputError`."""
    if not isinstance(given, Mapping):
        return _share("metal_share", given)
    if not given:
        raise InputError("metal_share: no metal is named; give one share, or shares by metal such as {'steel': 0.4}")
    shares: dict[str, float] = {}
    for written, share in given.items():
        metal = "aluminium" if written == "aluminum" else written
        if metal not in METALS:
            raise InputError(f"metal_share: unknown metal {written!r}; known: {', '.join(METALS)}")
        if metal in shares:
            raise InputError("metal_share: aluminium and aluminum are one metal; give its share once")
        shares[metal] = _share(f"metal_share {metal}", share)
    if sum(shares.values()) > 1 + 1e-12:
        raise InputError("metal_share: the shares of the metals add up to more than 1")
    return shares


@dataclass(frozen=True)
class Base:
    """The base of a duty: the authority, the ad valorem part, what is specific, and why."""

    authority: str
    text: str
    rate: float
    specific: SpecificDuty | None
    because: str
    claimed: bool = False
    readable: bool = True


@dataclass
class Levy:
    """What an authority adds: its own rate, the part of the value that it falls on, what it adds, and why."""

    authority: Authority
    stated: float | None = None
    adds: float = 0.0
    covers: float = 0.0
    because: str = ""
    rule: ListedRate | None = None
    source: str | None = None
    confidence: str | None = None
    all_in: bool = False


@dataclass(frozen=True)
class Unsettled:
    """A rate that was announced or reported for the good and is not counted."""

    authority: Authority
    rule: ListedRate


@dataclass
class Levies:
    """All that is levied on a line in one of the two computations; `needed` are the conditions that it depended on."""

    base: Base
    levies: list[Levy] = field(default_factory=list)
    unsettled: list[Unsettled] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)

    @property
    def rate(self) -> float:
        """The ad valorem duty of all together, as a share of the value."""
        return math.fsum([self.base.rate, *(levy.adds for levy in self.levies)])


class LawOfDay:
    """The entries of a stacking that are in force, or collected, on a day for goods of an exporter."""

    def __init__(self, rules: Stacking, exporter: str, date: datetime.date, collected: bool) -> None:
        self.rules, self.exporter, self.date, self.collected = rules, exporter, date, collected
        self._reached: dict[tuple[str, ...], bool] = {}
        self.order = [a for a in rules.order(date, collected) if a.applies == "adds" and a.rates]
        self.live = {a.id for a in self.order if a.on(date, collected)}
        self.excluders = {a.id: rules.excluders(a, date, collected) for a in self.order}
        second = next((a for a in rules.authorities if a.applies == "replaces"), None)
        self.second = second.id if second is not None and self.reaches(second.only) and self._column_2() else None
        #: Why an authority does not reach the exporter: the words and the partners, whose names follow the reader.
        self.outside: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.listed: dict[str, list[ListedRate]] = {}
        self.others: dict[str, list[ListedRate]] = {}
        self.names: dict[str, Any] = {}
        self.exempt: dict[str, list[Exemption]] = {}
        self.ceilings: dict[str, list[Any]] = {}
        for a in self.order:
            if a.id in self.live:
                self._prepare(a)

    def _prepare(self, a: Authority) -> None:
        if a.only and not self.reaches(a.only):
            self.outside[a.id] = "only for", a.only
        elif a.exempt and self.reaches(a.exempt):
            self.outside[a.id] = "not for", a.exempt
        today = [r for r in a.rates if r.on(self.date, self.collected)]
        self.listed[a.id] = [r for r in today if self._for_us(r)]
        every = any(not r.lists for r in self.listed[a.id])
        self.names[a.id] = _Anything() if every else {name for r in self.listed[a.id] for name in r.lists}
        self.others[a.id] = [r for r in today if not self._for_us(r)]
        self.exempt[a.id] = [
            e for e in a.exemptions if e.on(self.date, self.collected) and (not e.partners or self.reaches(e.partners))
        ]
        self.ceilings[a.id] = [c for c in a.ceilings if c.on(self.date, self.collected) and self.reaches(c.partners)]

    def _for_us(self, rule: ListedRate | KnownGap) -> bool:
        return (not rule.partners or self.reaches(rule.partners)) and not (rule.unless and self.reaches(rule.unless))

    def reaches(self, partners: tuple[str, ...]) -> bool:
        """Return whether codes and groups cover the exporter."""
        if partners not in self._reached:
            where = f"stacking {self.rules.stacking}"
            self._reached[partners] = bool(within([self.exporter], partners, where, self.date))
        return self._reached[partners]

    def concerned(self, gap: KnownGap, line: TariffLine, ending: str) -> bool:
        """Return whether a known gap concerns a line, or one of its statistical lines, from the exporter."""
        endings = [ending] if ending else [*line.statistical, ""]
        return self._for_us(gap) and any(_covers(gap, line, one) for one in endings)

    # ---- one line ----

    def on(
        self,
        line: TariffLine,
        ending: str,
        conditions: DutyConditions,
        equivalent: float = 0.0,
        explain: bool = True,
    ) -> Levies:
        """Return what is levied on a line; `equivalent` is the specific part of the base as a share of the value.

        Without `explain` the authorities that levy nothing are left out, which is faster.
        """
        base = self.base(line, conditions)
        found = Levies(base)
        good = _Good(line, ending, conditions, found)
        if line.special or base.claimed:
            found.needed |= {"preference"} if self.exporter in line.special else set()
        charged = {base.authority: 1.0}
        for a in self.order:
            if a.id not in self.live:
                continue
            if not explain and (a.id in self.outside or self.names[a.id].isdisjoint(line.lists)):
                continue
            levy = self._levy(a, good, charged, base.rate + equivalent, explain)
            if levy.covers:
                charged[a.id] = levy.covers
            found.levies.append(levy)
        return found

    def base(self, line: TariffLine, conditions: DutyConditions) -> Base:
        """Return the base: column 2, else the preference where it is claimed and lower, else the general rate."""
        if self.second is not None:
            return _base(self.second, line.column2, "column 2 is in place of the ordinary duty for its origin")
        general = _base("mfn", line.general, "the ordinary rate of the line (column 1 general)")
        symbol, text = self._special(line)
        if not text:
            return general
        named = "USMCA" if symbol in ("S", "S+") else "NAFTA" if symbol == "NAFTA" else f"programme {symbol}"
        authority = "usmca" if named == "USMCA" else "preference"
        if conditions.preference is False:
            return _base("mfn", line.general, f"the ordinary rate; the goods do not claim {named} ({text})")
        special = _base(authority, text, f"the goods claim {named}: {text} in place of {line.general}", claimed=True)
        return special if _lower(special, general) or (line.general == text and authority == "usmca") else general

    def _column_2(self) -> bool:
        """Whether the exporter is under column 2 on the day: Russia and Belarus are since 9 April 2022."""
        return self.exporter not in ("RUS", "BLR") or self.date >= datetime.date(2022, 4, 9)

    def _special(self, line: TariffLine) -> tuple[str, str]:
        symbol, text = line.special.get(self.exporter, ("", ""))
        if self.exporter in ("CAN", "MEX"):
            if not text and line.general == "Free":
                symbol, text = "S", "Free"
            if self.date < datetime.date(2020, 7, 1):
                symbol = "NAFTA" if text else ""
        if self.exporter == "JPN" and self.date < datetime.date(2020, 1, 1):
            return "", ""
        return symbol, text

    def _levy(self, a: Authority, good: _Good, charged: Mapping[str, float], base: float, explain: bool) -> Levy:
        if a.id in self.outside:
            words, partners = self.outside[a.id]
            return Levy(a, because=f"{words} {_names(partners)}")
        rule = self._rule(a, good)
        if rule is None:
            return Levy(a, because=self._why_none(a, good) if explain else "")
        exemption = next((e for e in self.exempt[a.id] if good.exempt_by(e)), None)
        if exemption is not None:
            because, source, confidence = exemption.because, exemption.source, exemption.confidence
            return Levy(a, rule.rate, because=because, rule=rule, source=source, confidence=confidence)
        excluders = {e: charged[e] for e in self.excluders[a.id] if e in charged}
        left = max(0.0, 1.0 - sum(excluders.values()))
        if left == 0.0:
            names = [self.rules.title_of(e) for e in excluders]
            return Levy(a, rule.rate, because=f"not levied where {' or '.join(names)} is", rule=rule)
        return self._charge(a, rule, good, base, left)

    def _charge(self, a: Authority, rule: ListedRate, good: _Good, base: float, left: float) -> Levy:
        part, covers, what = self._part(rule, good)
        why = [rule.note] if rule.note else []
        adds, source, confidence, inside = rule.rate, rule.source, rule.confidence, rule.all_in
        if rule.all_in:
            adds = max(0.0, rule.rate - base)
            why.append(f"{percent(rule.rate)} with all duties together, of which {percent(base)} is the ordinary duty")
        for ceiling in self.ceilings[a.id] if not rule.all_in else ():
            limit = max(0.0, (rule.rate if ceiling.rate is None else ceiling.rate) - (base if ceiling.with_base else 0))
            if limit < adds:
                adds, source, inside = limit, ceiling.source, ceiling.with_base
                why.append(f"the agreement limits {percent(rule.rate)} to {percent(ceiling.rate or 0)} with all duties")
        if part < 1.0:
            why.append(f"levied on {what}, {percent(part)} of the value")
        if left < 1.0:
            why.append(f"levied on the {percent(left)} of the value that Section 232 leaves")
        if not why:
            why.append("the line is on its list" if rule.lists else "it falls on all products")
        return Levy(a, rule.rate, adds * part * left, covers * left, "; ".join(why), rule, source, confidence, inside)

    def _part(self, rule: ListedRate, good: _Good) -> tuple[float, float, str]:
        """Return the part of the value that is dutiable, the part that it takes from others, and its name."""
        conditions, needed = good.conditions, good.found.needed
        if rule.levied_on == "metal":
            needed.add("metal_share")
            every = (one for a in self.live for one in self.listed.get(a, ()))
            metals = {one.metal for one in every if one.levied_on == "metal" and good.on(one)}
            share = conditions.metal(rule.metal or "", metals)
            return share, share, f"the {rule.metal}"
        if rule.levied_on == "foreign_content":
            if not rule.content_from:
                needed.add("us_content")
            if conditions.us_content and conditions.us_content >= rule.content_from:
                return 1 - conditions.us_content, 1.0, "what is not made in the United States"
        return 1.0, 1.0, ""

    def _rule(self, a: Authority, good: _Good) -> ListedRate | None:
        for rule in filter(good.on, self.listed[a.id]):
            if not rule.counted:
                good.found.unsettled.append(Unsettled(a, rule))
            elif good.holds(rule.where):
                return rule
        return None

    def _why_none(self, a: Authority, good: _Good) -> str:
        """Say why no rate of an authority in force fits the line: the partner, the list or the day."""
        if any(good.on(r) and r.where is None for r in self.others[a.id]):
            partners = {p for r in self.others[a.id] for p in r.partners}
            return f"only for {_names(sorted(partners))}"
        if any(u.authority.id == a.id for u in good.found.unsettled):
            return "not established, and not counted"
        where = next((r.where for r in filter(good.on, self.listed[a.id]) if r.where), None)
        if where is not None:
            return f"only for goods that are {_CONDITION_WORDS[where]}, which these are not taken to be"
        return "the line is on none of its lists"


class _Anything:
    """The lists of an authority with a rate on all products."""

    def isdisjoint(self, lists: Iterable[str]) -> bool:
        """Return that it has something in common with any line."""
        return False


def _base(authority: str, text: str, because: str, claimed: bool = False) -> Base:
    stated = ad_valorem(text)
    specific = specific_part(stated.rest) if stated.rest != text or stated.ad_valorem is None else None
    readable = stated.ad_valorem is not None or (specific is not None and specific.dollars is not None)
    return Base(authority, text, stated.ad_valorem or 0.0, specific, because, claimed, readable)


def _lower(special: Base, general: Base) -> bool:
    """Return whether a special rate is lower; a specific duty counts where both are per the same unit."""
    if general.specific is None or special.specific is None:
        return special.rate < general.rate or (general.specific is not None and special.specific is None)
    mine, theirs = special.specific, general.specific
    known = mine.dollars is not None and theirs.dollars is not None and mine.unit == theirs.unit
    cheaper = known and (mine.dollars or 0.0) < (theirs.dollars or 0.0)
    return special.rate < general.rate or (special.rate == general.rate and cheaper)


def _covers(entry: ListedRate | Exemption | KnownGap, line: TariffLine, ending: str) -> bool:
    return (not entry.lists or any(line.on_list(name, ending) for name in entry.lists)) and (
        not entry.products or line.code.startswith(tuple(entry.products))
    )


@dataclass(frozen=True, slots=True)
class _Good:
    """A good of a tariff line or one of its statistical lines, its conditions, and what is found of it."""

    line: TariffLine
    ending: str
    conditions: DutyConditions
    found: Levies

    def on(self, entry: ListedRate | Exemption) -> bool:
        return _covers(entry, self.line, self.ending)

    def exempt_by(self, e: Exemption) -> bool:
        spared = bool(e.unless_products) and self.line.code.startswith(tuple(e.unless_products))
        return self.on(e) and not spared and self.holds(e.where)

    def holds(self, where: str | None) -> bool:
        if where is None:
            return True
        self.found.needed.add(where)
        return self.found.base.claimed if where == "preference" else self.conditions.holds(where, self.line.code)


#: How a condition reads after "goods that are".
_CONDITION_WORDS = {
    "preference": "claimed under the programme of their origin",
    "civil_aircraft": "for civil aircraft",
    "in_transit": "in transit",
    "in_quota": "within the quota",
    "advanced_chip": "semiconductors above the thresholds of note 39",
    "us_metal": "of metal of the United States",
    "light_metal": "less than 15% metal by weight",
    "generic_medicine": "generic medicines",
    "patented_medicine": "patented medicines",
    "vehicle_part": "parts of cars or trucks",
}


def percent(rate: float) -> str:
    """Return a rate as text: "2.5%"."""
    return f"{round(100 * rate, 4):g}%"


def _names(partners: Iterable[str]) -> str:
    names = [short(p) for p in partners]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} others" if len(names) > 6 else "")


def ends_of(a: Authority, date: datetime.date) -> str:
    """Say that an authority was held unlawful and is still collected on a day; empty where it is not so."""
    if a.until and a.until <= date and a.collected_until and date < a.collected_until:
        last = a.collected_until - datetime.timedelta(days=1)
        return f"held unlawful on {day_words(a.until)}, and collected until {day_words(last)}"
    return ""
