"""The scenarios of a case as its file states them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from entrepot.cases.case_section import CaseSection
from entrepot.cases.read_measure import read_measure
from entrepot.measures import Measure, Scenario
from entrepot.rules.law_section import ScenarioLaw
from entrepot.rules.retaliation import Retaliation


class ScenarioSpec(CaseSection):
    """Measures in force together, with a title for the report. A retaliation is on top of those beside it."""

    title: str
    measures: tuple[Annotated[Measure | Retaliation, BeforeValidator(read_measure)], ...] = ()
    sources: tuple[str, ...] = ()
    law: ScenarioLaw = ScenarioLaw()

    @property
    def retaliations(self) -> tuple[Retaliation, ...]:
        return tuple(m for m in self.measures if isinstance(m, Retaliation))

    def build(self, name: str) -> Scenario:
        """The measures in force; retaliations have no rates yet, and are left out."""
        return Scenario(tuple(m for m in self.measures if isinstance(m, Measure)), name=name, title=self.title)


class BaseScenario(CaseSection):
    """The scenario that is in force already: what it makes of the Economy is what every answer is measured from."""

    name: str
    spec: ScenarioSpec

    @property
    def scenario(self) -> Scenario:
        return self.spec.build(self.name)
