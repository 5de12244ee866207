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
    """Measures in force together, with a title for the report; a retaliation comes on top of the other measures."""

    title: str
    measures: tuple[Annotated[Measure | Retaliation, BeforeValidator(read_measure)], ...] = ()
    sources: tuple[str, ...] = ()
    law: ScenarioLaw = ScenarioLaw()

    @property
    def retaliations(self) -> tuple[Retaliation, ...]:
        """The retaliations among the measures."""
        return tuple(m for m in self.measures if isinstance(m, Retaliation))

    def build(self, name: str) -> Scenario:
        """Return the Scenario without its retaliations, whose rates are not known before the solve."""
        return Scenario(tuple(m for m in self.measures if isinstance(m, Measure)), name=name, title=self.title)


class BaseScenario(CaseSection):
    """The scenario that is already in force: changes are measured from its outcome."""

    name: str
    spec: ScenarioSpec

    @property
    def scenario(self) -> Scenario:
        """The Scenario of its measures."""
        return self.spec.build(self.name)
