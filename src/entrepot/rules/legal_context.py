"""A scenario on an Economy on a date, with everything that a case states for the rules."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.data.classifications import divisions_of, makes_services_alone
from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure
from entrepot.equilibrium.problem import Problem
from entrepot.languages import translated
from entrepot.measures import Measure, Policy, Scenario
from entrepot.rules.book import Agreement, Statute, agreements, fact_texts, statutes
from entrepot.rules.law_section import LawSection, ScenarioLaw
from entrepot.rules.parties import Party, expand, group_name
from entrepot.words import spoken


@dataclass(frozen=True)
class Answered:
    """A measure that another one answers.

    relies_on   the exceptions that its taker relies on
    since       its first day, where stated
    on_exports  whether its taker taxes or limits its own exports
    """

    relies_on: frozenset[str] = frozenset()
    since: datetime.date | None = None
    on_exports: bool = False

    @classmethod
    def of(cls, law: ScenarioLaw, case: LawSection, takers: Sequence[str]) -> Answered:
        """Return what the law of the answered scenario, and of the case, says of a measure of `takers`."""
        theirs = {code for name in takers for code in (*expand(name), *expand(group_name(name)))}
        under = law.under if "under" in law.model_fields_set else case.under
        acts = [statutes()[name] for name in under if name in statutes()]
        claims = [listed for by in (law.claims, case.claims) for name, listed in by.items() if _its(name, theirs)]
        claims += [statute.invokes for statute in acts if _its(statute.country, theirs)]
        return cls(frozenset(name for listed in claims for name in listed), law.since or case.since)


def _its(name: str, codes: set[str]) -> bool:
    return not name or bool({*expand(name), *expand(group_name(name))} & codes)


@dataclass(frozen=True)
class LegalContext:
    """A scenario on an Economy on a date, with everything that the case states for the rules.

    policy         the Policy of the measures; a cap that matches the volume of another scenario has the base volume
    before, after  ad valorem duties [j,n,i] without and with the scenario's measures, except tariff-rate quotas
    events         the calendar of the case
    answers        for each measure that answers another, by position: the sentence that says so
    answered       for each of these, by position: what is known of the law of the measure that it answers
    """

    economy: Economy
    scenario: Scenario
    policy: Policy
    on: datetime.date
    law: ScenarioLaw
    case: LawSection
    before: Array
    after: Array
    events: tuple[Any, ...] = ()
    answers: Mapping[int, str] = field(default_factory=dict)
    answered: Mapping[int, Answered] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        economy: Economy,
        scenario: Scenario,
        on: datetime.date,
        law: ScenarioLaw | None = None,
        case: LawSection | None = None,
        events: Sequence[Any] = (),
        answers: Mapping[int, str] | None = None,
        answered: Mapping[int, Answered] | None = None,
    ) -> LegalContext:
        """Build the context of a scenario. Raises `MeasureError` for a measure that does not fit the Economy."""
        (case or LawSection()).check(economy)

        def base(_: str, measure: Measure) -> float:
            return float(economy.value.ravel()[measure.flows(economy)].sum())

        problem = Problem.of(economy, scenario.matched(base), Closure())
        return cls(
            economy,
            scenario,
            problem.policy,
            on,
            law or ScenarioLaw(),
            case or LawSection(),
            economy.tariff,
            problem.tariff,
            tuple(events),
            answers or {},
            answered or {},
        )

    @functools.cached_property
    def divisions(self) -> dict[str, frozenset[int]]:
        """The known ISIC Rev. 4 divisions of each sector of the Economy."""
        stated = {
            sector: frozenset({division})
            for name, division in self.case.isic4.items()
            for sector in resolve_sectors(name, self.economy.sectors)
        }
        return divisions_of(self.economy.sectors) | stated

    @functools.cached_property
    def services(self) -> tuple[str, ...]:
        """The sectors of the Economy that are known to make services alone, which the agreements on goods leave out."""
        return tuple(sector for sector, covered in self.divisions.items() if makes_services_alone(covered))

    @property
    def under(self) -> tuple[str, ...]:
        """The statutes and agreements that the scenario is taken under; where it has no `under`, those of the case."""
        return self.law.under if "under" in self.law.model_fields_set else self.case.under

    @property
    def since(self) -> datetime.date:
        """The date on which the measures begin: as stated, or the date of the screen."""
        return self.law.since or self.case.since or self.on

    @property
    def until(self) -> datetime.date | None:
        """The stated date on which the measures end, or None."""
        return self.law.until or self.case.until

    def event(self, kind: str) -> datetime.date | None:
        """Return the day of the last event of a kind in the calendar, by the date of the screen; None without."""
        return max((e.date for e in self.events if kind in e.kind and e.date <= self.on), default=None)

    @property
    def statutes(self) -> tuple[Statute, ...]:
        """The statutes that the scenario is taken under."""
        return tuple(statutes()[name] for name in self.under if name in statutes())

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """The agreements that the scenario is taken under."""
        return tuple(agreements()[name] for name in self.under if name in agreements())

    def binds(self, party: Party) -> bool:
        """Return whether the WTO agreements bind a party on the date, by the book or by the case."""
        return party.bound(self.on) or self.case.declared.issuperset(party.codes)

    def stated(self, fact: str) -> bool | None:
        """Return what the scenario, else the case, states of a fact, by its id or an older one; None if none."""
        value = self.law.facts.get(fact, self.case.facts.get(fact))
        older = fact_texts()[fact].known_as if fact in fact_texts() else ""
        if value is not None or not older or len(self.meanings(older)) > 1:
            return value
        return self.stated(older) if not self.meanings(older) or fact in self.meanings(older) else None

    def meanings(self, older: str) -> tuple[str, ...]:
        """Return the facts that an older id means here: those whose exception the case relies on."""
        return tuple(text.id for text in fact_texts().values() if text.known_as == older and self.relies_on(text.under))

    def relies_on(self, exception: str) -> bool:
        """Return whether anybody relies on an exception: by a statute, or as the scenario or the case claims."""
        claims = (*self.law.claims.values(), *self.case.claims.values())
        return any(exception in listed for listed in (*claims, *(statute.invokes for statute in self.statutes)))

    def claimed(self, exception: str, by: Party, unnamed_are_its: bool) -> str | None:
        """Return the reason why a party counts as relying on an exception; None if it does not rely on it.

        Claims that name no party belong to the party that takes the measures; `unnamed_are_its` says whether `by` is
        that party.
        """
        for statute in self.statutes:
            if exception in statute.invokes and by.has(statute.country, self.on):
                who = spoken(group_name(statute.country))
                return translated("{who} acts under {statute}, which relies on it", who=who, statute=statute.title)
        for claims in (self.law.claims, self.case.claims):
            for name, listed in claims.items():
                its = by.has(name, self.on) if name else unnamed_are_its
                if exception in listed and its:
                    return "it is relied on, as stated"
        return None
