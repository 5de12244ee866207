"""A scenario on an Economy on a date, with everything that a case states for the rules."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from entrepot.data.classifications import divisions_of
from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure
from entrepot.equilibrium.problem import Problem
from entrepot.measures import Measure, Policy, Scenario
from entrepot.rules.book import Agreement, Statute, agreements, statutes
from entrepot.rules.law_section import LawSection, ScenarioLaw
from entrepot.rules.parties import Party, group_name
from entrepot.words import spoken


@dataclass(frozen=True)
class LegalContext:
    """A scenario on an Economy on a date, and all that the law is told of it.

    policy         what the measures put; a cap at the volume of another scenario at the base volume
    before, after  ad valorem duties [j,n,i] without and with the scenario's measures (tariff-rate quotas apart)
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
    ) -> LegalContext:
        """Raises `MeasureError` for a measure that cannot be put on the Economy."""
        (case or LawSection()).check(economy)

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
            case or LawSection(),
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
