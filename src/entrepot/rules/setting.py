"""What the rules are asked about: a measure on an Economy on a date, who takes it, and what is claimed and stated."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import BeforeValidator, Field, field_validator, model_validator

from entrepot.data.classifications import divisions_of
from entrepot.documents import plain, read_document
from entrepot.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import groups, iso3, resolve_countries, resolve_sectors, union_on
from entrepot.equilibrium import Closure
from entrepot.equilibrium.problem import Problem
from entrepot.errors import nearest
from entrepot.measures import Measure, Policy, Scenario
from entrepot.measures.fields import read_rate
from entrepot.measures.policy import Act, Cap, PriceRule, Subsidy
from entrepot.rules.book import Agreement, Statute, agreements, rules, statutes
from entrepot.rules.entry import Entry
from entrepot.words import and_list, dollars, few, sector_name, spoken

A = TypeVar("A", bound=Act)
YES_NO = {"yes": True, "no": False, "true": True, "false": False}


def read_yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    answer = YES_NO.get(str(value).strip().casefold())
    if answer is None:
        raise ValueError(f"{value!r}: yes or no is needed")
    return answer


class BoundRate(Entry):
    """A bound rate that the book does not have: `country`'s ceiling on `sector`."""

    country: str
    sector: str
    rate: Annotated[float, BeforeValidator(lambda value: read_rate("", value))]
    source: str | None = None


class ScenarioLaw(Entry):
    """What the law is told of a scenario.

    under    the statute (us-232) or agreement (us-japan-2019) that the measures are taken under; one or several
    claims   exceptions relied on (gatt-xxi), beside those that the statute relies on: by the importer, or by party
             ({JPN: [gatt-xx]})
    on       the date of the screen, instead of the case's
    since, until   when the measures begin (else the day of the screen), and when they end
    facts    facts that cannot be computed: injury_found: yes
    """

    under: tuple[str, ...] = ()
    claims: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    on: datetime.date | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    facts: dict[str, Annotated[bool, BeforeValidator(read_yes_no)]] = Field(default_factory=dict)

    @field_validator("under", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("claims", mode="before")
    @classmethod
    def _by_party(cls, value: Any) -> Any:
        """A list is the importer's, which has the name ""."""
        by = value if isinstance(value, Mapping) else {"": value}
        return {name: (claims,) if isinstance(claims, str) else claims for name, claims in by.items()}

    @model_validator(mode="after")
    def _known(self) -> ScenarioLaw:
        under = [*statutes(), *agreements()]
        claimable = [rule.id for rule in rules().values() if rule.kind == "exception"]
        stated = [name for name, fact in fact_texts().items() if not fact.computed]
        claims = tuple(name for listed in self.claims.values() for name in listed)
        for key, names, known in (("under", self.under, under), ("claims", claims, claimable)):
            for name in names:
                if name not in known:
                    what = "statute or agreement" if key == "under" else "exception"
                    raise Unstated(key, f"unknown {what} {name!r}{nearest(name, known)}")
        for name in self.facts:
            if name not in stated:
                raise Unstated(f"facts.{name}", f"no rule asks for the fact {name!r}{nearest(name, stated)}")
        return self


class CaseLaw(ScenarioLaw):
    """What the law is told of the whole case: what each scenario may add to or replace, and

    bound_rates             ceilings that the book does not have
    isic4                   ISIC Rev. 4 division of sectors that no known classification has: {autos: 29}
    substantially_all       the share of trade that counts as substantially all in GATT XXIV:8 (default 90%)
    members                 countries of one's own world that the WTO agreements bind; one whose bound rate is stated is
    """

    bound_rates: tuple[BoundRate, ...] = ()
    isic4: dict[str, int] = Field(default_factory=dict)
    substantially_all: Annotated[float, BeforeValidator(lambda value: read_rate("", value))] = 0.9
    members: tuple[str, ...] = ()

    @property
    def declared(self) -> frozenset[str]:
        """Codes of the countries that the case itself takes as bound by the WTO agreements."""
        named = (*self.members, *(bound.country for bound in self.bound_rates))
        return frozenset(code for name in named for code in expand(name))

    def check(self, economy: Economy) -> None:
        """Hold every name against an Economy. Raises `InputError`."""
        for k, bound in enumerate(self.bound_rates):
            resolve_countries(group_name(bound.country), economy.countries, f"bound_rates.{k + 1}.country")
            resolve_sectors(bound.sector, economy.sectors, f"bound_rates.{k + 1}.sector")
        if self.members:
            resolve_countries([group_name(name) for name in self.members], economy.countries, "members")
        resolve_sectors(list(self.isic4), economy.sectors, "isic4")


class Unstated(ValueError):
    """A name in the law of a case that the book does not have; `key` is where."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)


class FactText(Entry):
    """A fact as the rules ask for it (data/facts.yaml)."""

    id: str
    asks: str
    computed: bool = False
    yes: str = ""
    no: str = ""
    unknown: str = ""
    unless: str = ""


@functools.cache
def fact_texts() -> dict[str, FactText]:
    return {item["id"]: FactText.model_validate(item) for item in _data("facts.yaml")}


@functools.cache
def _data(name: str) -> Any:
    text = (importlib.resources.files("entrepot.rules") / "data" / name).read_text(encoding="utf-8")
    return plain(read_document(text, f"rules/data/{name}"))


def bound_since(code: str) -> datetime.date | None:
    """From when the WTO agreements bind a country (before 1995 the GATT of 1947, where known); None if never."""
    data = _data("members.yaml")
    if code in data["gatt_1947"]:
        return datetime.date.fromisoformat(str(data["gatt_1947"][code]))
    if code in data["original"]:
        return datetime.date(1995, 1, 1)
    return datetime.date.fromisoformat(str(data["joined"][code])) if code in data["joined"] else None


@dataclass(frozen=True)
class Party:
    """A country, or a customs union as one. `name` is a code or group name, `codes` its members in the Economy."""

    name: str
    codes: tuple[str, ...]

    def __str__(self) -> str:
        return spoken(self.name)

    def bound(self, on: datetime.date) -> bool:
        """Whether the WTO agreements, or the GATT of 1947 before them, bind all of it on a date."""
        since = [bound_since(code) for code in self.codes]
        return all(date is not None and date <= on for date in since)

    def has(self, name: str, on: datetime.date) -> bool:
        """Whether `name` (a code, a country, a group, the EU as it is on a date) is this party or part of it."""
        return bool({*expand(name, on), iso3(name)} & set(self.codes))


def expand(name: str, on: datetime.date | None = None) -> tuple[str, ...]:
    """Codes that a name in the book stands for; EU is those in its customs union on a date, or without one ever."""
    if name == "EU" and on is not None:
        return union_members(on)
    group = groups().get(group_name(name))
    return tuple(group["members"]) if group else (name,)


def group_name(name: str) -> str:
    """The European Union by the name of a group that has data."""
    return "EU28" if name == "EU" else name


def union_members(on: datetime.date) -> tuple[str, ...]:
    """The members of the European customs union that the WTO agreements know as one Member; nobody before 1995."""
    return tuple(groups()[union_on(on)]["members"]) if on >= datetime.date(1995, 1, 1) else ()


def as_parties(codes: Sequence[str], on: datetime.date) -> tuple[Party, ...]:
    """`codes` as those who act in trade policy: the members of the European Union together, others alone."""
    inside = [code for code in codes if code in union_members(on)]
    out: list[Party] = []
    for code in codes:
        if code not in inside:
            out.append(Party(code, (code,)))
        elif code == inside[0]:
            out.append(Party(union_on(on), tuple(inside)) if len(inside) > 1 else Party(code, (code,)))
    return tuple(out)


def named(parties: Sequence[Party]) -> str:
    """Parties inside a sentence; the first few where they are many."""
    return few([str(p) for p in parties]) or "nobody"


@dataclass(frozen=True)
class Ground:
    """A scenario on an Economy on a date, and all that the law is told of it.

    policy         what the measures put; a cap at the volume of another scenario at the base volume
    before, after  ad valorem duties [j,n,i] without and with the scenario's measures (tariff-rate quotas apart)
    """

    economy: Economy
    scenario: Scenario
    policy: Policy
    on: datetime.date
    law: ScenarioLaw
    case: CaseLaw
    before: Array
    after: Array
    events: tuple[Any, ...] = ()
    answers: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        economy: Economy,
        scenario: Scenario,
        on: datetime.date,
        law: ScenarioLaw | None = None,
        case: CaseLaw | None = None,
        events: Sequence[Any] = (),
        answers: Mapping[int, str] | None = None,
    ) -> Ground:
        """Raises `MeasureError` for a measure that cannot be put on the Economy."""
        (case or CaseLaw()).check(economy)

        def base(_: str, measure: Measure) -> float:
            return float(economy.value.ravel()[measure.flows(economy)].sum())

        problem = Problem.of(economy, scenario.matched(base), Closure())
        after = economy.tariff.copy()
        after.ravel()[problem.flow] = np.expm1(problem.ln_tariff)
        return cls(
            economy,
            scenario,
            problem.policy,
            on,
            law or ScenarioLaw(),
            case or CaseLaw(),
            economy.tariff,
            after,
            tuple(events),
            answers or {},
        )

    @functools.cached_property
    def divisions(self) -> dict[str, frozenset[int]]:
        """The ISIC Rev. 4 divisions of each of the Economy's sectors, as far as they are known."""
        stated = {
            sector: frozenset({division})
            for name, division in self.case.isic4.items()
            for sector in resolve_sectors(name, self.economy.sectors)
        }
        return divisions_of(self.economy.sectors) | stated

    @property
    def under(self) -> tuple[str, ...]:
        """What the scenario is taken under; where it does not say, what the case is."""
        return self.law.under or self.case.under

    @property
    def since(self) -> datetime.date:
        """When the measures begin: as stated, or the day of the screen."""
        return self.law.since or self.case.since or self.on

    @property
    def until(self) -> datetime.date | None:
        """When they end, if that is stated."""
        return self.law.until or self.case.until

    @property
    def statutes(self) -> tuple[Statute, ...]:
        return tuple(statutes()[name] for name in self.under if name in statutes())

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Those that the scenario says it is taken under."""
        return tuple(agreements()[name] for name in self.under if name in agreements())

    def binds(self, party: Party) -> bool:
        """Whether the WTO agreements bind a party on the date, or the case says that they do."""
        return party.bound(self.on) or self.case.declared.issuperset(party.codes)

    def stated(self, fact: str) -> bool | None:
        return self.law.facts.get(fact, self.case.facts.get(fact))

    def claimed(self, exception: str, by: Party, listed_are_its: bool) -> str | None:
        """On what ground a party relies on an exception; None if it does not. Claims that name no party are those of
        whoever takes the measures: `listed_are_its` says whether that is `by`.
        """
        for statute in self.statutes:
            if exception in statute.invokes and by.has(statute.country, self.on):
                return f"{spoken(group_name(statute.country))} acts under {statute.title}, which relies on it"
        for claims in (self.law.claims, self.case.claims):
            for name, listed in claims.items():
                its = by.has(name, self.on) if name else listed_are_its
                if exception in listed and its:
                    return "it is relied on, as stated"
        return None


@dataclass(frozen=True)
class Setting:
    """One measure of a Ground, seen from one party: the importer, the exporter or the producer."""

    ground: Ground
    measure: Measure
    position: int
    party: Party
    role: str

    @property
    def economy(self) -> Economy:
        return self.ground.economy

    @property
    def on(self) -> datetime.date:
        return self.ground.on

    def claims(self, exception: str, party: Party | None = None) -> str | None:
        """On what ground the party (or another) relies on an exception. Claims without a name are the importer's, but
        not of one who answers another's measure.
        """
        party = party or self.party
        importer = self.role == "importer" or party is not self.party
        return self.ground.claimed(exception, party, importer and self.position not in self.ground.answers)

    @functools.cached_property
    def acts(self) -> list[Act]:
        """What the measure puts on this party's side, each act on those flows or cells alone."""
        mine = [self._mine(act) for act in self.ground.policy.each(Act, self.position)]
        return [act for act in mine if act.at.size]

    def _mine(self, act: Act) -> Act:
        size = len(self.economy.countries)
        if isinstance(act, Subsidy):
            kept = np.isin(np.array(self.economy.countries)[act.at % size], self.party.codes)
        else:
            kept = np.isin(act.at, self.flows)
        if isinstance(act, PriceRule):  # a rule of nothing is none
            kept &= (act.amount > 0) | (act.floor > 0)
        parts: dict[str, Any] = {f.name: getattr(act, f.name) for f in fields(act)}
        some: dict[str, Any] = {k: v[kept] for k, v in parts.items() if isinstance(v, np.ndarray)}
        return replace(act, **some)

    def act(self, word: type[A]) -> A | None:
        """What it puts in one word on this party's side; of several the first."""
        return next((act for act in self.acts if isinstance(act, word)), None)

    def whole(self, act: Act) -> Act:
        """The act on all parties' sides."""
        return self.ground.policy.acts[act.number]

    def on_its_flows(self, act: Act, values: Array) -> Array:
        """An act's values [f] on the flows [.] of this party's side; zero on those that the act is not put on."""
        by_flow = np.zeros(self.economy.value.size)
        by_flow[act.at] = values
        return by_flow[self.flows]

    @property
    def tariff_quota(self) -> Cap | None:
        """The cap beyond which more is due."""
        return next((cap for cap in self.acts if isinstance(cap, Cap) and not cap.hard), None)

    @property
    def import_quota(self) -> Cap | None:
        """The cap that the importer's licences enforce."""
        return self._hard_cap(before_duty=False)

    @property
    def export_restraint(self) -> Cap | None:
        """The cap that the exporter's licences enforce."""
        return self._hard_cap(before_duty=True)

    def _hard_cap(self, before_duty: bool) -> Cap | None:
        """Of several the one that leaves the least, as a part of its trade in the base."""
        caps = [act for act in self.acts if isinstance(act, Cap) and act.hard and act.before_duty == before_duty]
        value = self.economy.value.ravel()
        return min(caps, key=lambda cap: cap.volume / max(value[self.whole(cap).at].sum(), 1e-300), default=None)

    @property
    def minimum_price(self) -> PriceRule | None:
        return next((rule for rule in self.acts if isinstance(rule, PriceRule) and rule.floor.any()), None)

    @functools.cached_property
    def flows(self) -> Index:
        """The flows [.] of the measure on this party's side."""
        flow = self.measure.flows(self.economy)
        _, n, i = np.unravel_index(flow, self.economy.value.shape)
        side = n if self.role == "importer" else i
        mine = np.isin(np.array(self.economy.countries)[side], self.party.codes)
        return flow[mine & (n != i)]

    @functools.cached_property
    def trade(self) -> float:
        """Base value of those flows at the border, millions of US dollars."""
        return float(self.economy.value.ravel()[self.flows].sum())

    def trade_with(self, others: Sequence[Party]) -> float:
        """Base value of the flows with some of the other side, millions of US dollars."""
        _, n, i = np.unravel_index(self.flows, self.economy.value.shape)
        codes = np.array(self.economy.countries)[i if self.role == "importer" else n]
        theirs = np.isin(codes, [code for other in others for code in other.codes])
        return float(self.economy.value.ravel()[self.flows[theirs]].sum())

    @functools.cached_property
    def others(self) -> tuple[Party, ...]:
        """Those on the other side, by the value of the trade, largest first."""
        _, n, i = np.unravel_index(self.flows, self.economy.value.shape)
        side = i if self.role == "importer" else n
        worth = np.bincount(side, self.economy.value.ravel()[self.flows], len(self.economy.countries))
        return self._ranked(worth)

    @functools.cached_property
    def left_out(self) -> tuple[Party, ...]:
        """Those on the other side with trade in the same goods that the measure does not touch, largest first."""
        economy = self.economy
        j, n, i = np.unravel_index(self.flows, economy.value.shape)
        mine = np.isin(economy.countries, self.party.codes)
        foreign = economy.value[np.unique(j)].sum(axis=0)
        worth = foreign[mine].sum(axis=0) if self.role == "importer" else foreign[:, mine].sum(axis=1)
        touched = np.isin(np.arange(mine.size), i if self.role == "importer" else n)
        return self._ranked(np.where(touched | mine, 0.0, worth))

    def _ranked(self, worth: Any) -> tuple[Party, ...]:
        codes = [c for c, v in zip(self.economy.countries, worth, strict=True) if v > 0]
        value = dict(zip(self.economy.countries, worth, strict=True))
        return tuple(sorted(as_parties(codes, self.on), key=lambda p: -sum(value[c] for c in p.codes)))

    @property
    def sectors(self) -> tuple[str, ...]:
        j = np.unique(np.unravel_index(self.flows, self.economy.value.shape)[0])
        return tuple(self.economy.sectors[k] for k in j)

    @property
    def goods(self) -> str:
        """The sectors inside a sentence."""
        names = [sector_name(s) for s in self.sectors]
        return "all goods and services" if len(names) == len(self.economy.sectors) else and_list(names)

    @property
    def worth(self) -> str:
        return f"{dollars(self.trade)} of trade a year in the base"


def settings(ground: Ground) -> list[Setting]:
    """Every measure of the scenario, as seen by every party that takes it or that it binds."""
    out: list[Setting] = []
    for position, measure in enumerate(ground.scenario):
        for role, codes in _sides(ground, position):
            for party in as_parties(codes, ground.on):
                setting = Setting(ground, measure, position, party, role)
                if role == "producer" or setting.trade > 0:
                    out.append(setting)
    return out


def _sides(ground: Ground, position: int) -> list[tuple[str, list[str]]]:
    """The countries on each side of a measure: those who produce what it subsidises, or import and export."""
    countries, shape = ground.economy.countries, ground.economy.value.shape
    of_output = [act.at for act in ground.policy.each(Subsidy, position)]
    at_border = [act.at for act in ground.policy.each(Act, position) if not isinstance(act, Subsidy)]
    sides: dict[str, Index] = {}
    if of_output:
        sides["producer"] = np.concatenate(of_output) % len(countries)
    if at_border:
        _, sides["importer"], sides["exporter"] = np.unravel_index(np.concatenate(at_border), shape)
    return [(role, [countries[k] for k in np.unique(side)]) for role, side in sides.items()]
