"""Solve a Case: the Outcome of every scenario, in the order of the file, and the failures."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from entrepot.cases.base_economy import base_economy, with_theta
from entrepot.cases.case import Case
from entrepot.cases.case_checks import check_on
from entrepot.cases.solved_scenarios import solve_scenarios
from entrepot.cases.solved_timeline import SolvedTimeline, solve_timeline
from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome, solve
from entrepot.equilibrium.problem import closed
from entrepot.errors import ConvergenceError, EntrepotError, InputError, MeasureError
from entrepot.languages import language
from entrepot.types import Progress
from entrepot.words import NamesParties, and_list, each_once

if TYPE_CHECKING:
    from entrepot.cases.case_path import CasePath
    from entrepot.cases.market_at_costs import MarketAtCosts
    from entrepot.markets import JoinedOutcome, MarketOutcome
    from entrepot.rules.answer import Answer
    from entrepot.rules.screen import Screen


class OnEconomy(Protocol):
    """What stands on a case and the base Economy that its changes are measured from: a solved case, or its path."""

    @property
    def case(self) -> Case:
        """The case."""

    @property
    def economy(self) -> Economy:
        """The base."""


@dataclass(frozen=True)
class SolvedCase(NamesParties):
    """A Case with the Outcome of every scenario.

    economy    the base that changes are measured from: the case's Economy, or its outcome under the case's `base`
    outcomes   by scenario name, in the case's order
    failures   scenarios without an equilibrium, or whose retaliation cannot be equivalent, with the reason; nothing is
               reported for them
    timeline   the solved timeline, if the case has one
    answers    by scenario, its solved retaliations in the order of the file
    checked    notes on how the names of the case were read on the Economy
    data       the Economy that the case was solved on, before its `base` and its elasticities
    under_sets  by published set of trade elasticities, the case solved with it, or why it could not be
    """

    case: Case
    economy: Economy
    outcomes: Mapping[str, Outcome]
    failures: Mapping[str, ConvergenceError]
    tol: float
    seconds: float
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    timeline: SolvedTimeline | None = None
    checked: tuple[str, ...] = ()
    under_sets: Mapping[str, SolvedCase | EntrepotError] = field(default_factory=dict)
    data: Economy | None = field(default=None, repr=False)

    def title_of(self, scenario: str) -> str:
        """The title of a scenario, as a person reads it; its name where it has none."""
        spec = self.case.scenarios.get(scenario)
        return spec.title if spec is not None and spec.title else scenario

    @property
    def known(self) -> tuple[str, ...]:
        """The countries of the Economy."""
        return self.economy.countries

    @property
    def base(self) -> Economy:
        """The base from which changes are measured: the Economy with the closure's markups, and deficits as it wants.

        It differs from `economy` where the closure balances trade or brings its own competition.
        """
        return closed(self.economy, self.case.closure)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of the outcomes, each once, with the titles of its scenarios where the case has several."""
        found: dict[str, list[str]] = {}
        for name, outcome in self.outcomes.items():
            for warning in outcome.warnings:
                found.setdefault(warning, []).append(f'"{self.title_of(name)}"')
        return tuple(f"{and_list(titles)}: {w}" if len(self.outcomes) > 1 else w for w, titles in found.items())

    @functools.cached_property
    def notes(self) -> tuple[str, ...]:
        """The notes on the outcomes, the case, its names and its data, each once."""
        read = (note for outcome in self.outcomes.values() for note in outcome.problem.notes)
        in_time = self.timeline.notes if self.timeline is not None else ()
        return each_once(*self.warnings, *self.case.notes, *self.checked, *read, *in_time, *self.economy.notes)

    @functools.cached_property
    def under_the_other_rule(self) -> Mapping[str, Outcome | ConvergenceError]:
        """The outcome of every scenario under the other deficit rule (see `other_rule`)."""
        rule = other_rule(self.case.closure)
        closure = replace(self.case.closure, deficit=rule)
        found: dict[str, Outcome | ConvergenceError] = {}
        for name, outcome in self.outcomes.items():
            try:
                found[name] = solve(self.economy, outcome.scenario, closure=closure, tol=self.tol)
            except (ConvergenceError, MeasureError) as error:
                found[name] = ConvergenceError(str(error))
        return found

    @functools.cached_property
    def makers(self) -> Mapping[str, JoinedOutcome | EntrepotError]:
        """The case's `market` under every scenario, joined to the world economy; empty where the case has none."""
        from entrepot.cases.solved_market import solve_market  # it loads pandas

        return solve_market(self.case, self.economy, self.outcomes, self.tol) if self.case.market else {}

    @functools.cached_property
    def market_at_costs(self) -> MarketAtCosts | None:
        """The case's market, to be solved at the costs of any outcome, where an objective weighs makers' profits."""
        if not self.case.weighs_makers or not self.case.market:
            return None
        from entrepot.cases.market_at_costs import MarketAtCosts  # it loads pandas

        return MarketAtCosts.of(self.case, self.economy)

    @functools.cached_property
    def path(self) -> CasePath | None:
        """The case's `path`, solved on first use; None without one, or where it has no answer (`path_failure`)."""
        if self.case.in_time is None:
            return None
        from entrepot.cases.case_path import path_of_solved

        try:
            found = path_of_solved(self.case, self.economy, self.outcomes, self.checked, tol=self.tol)
            if not found.path.complete:  # a report has the whole path, or none
                raise KeyboardInterrupt
            return found
        except (ConvergenceError, InputError) as error:  # another closure may have no room for what the path remembers
            self.__dict__["path_failure"] = str(error)
            return None

    @functools.cached_property
    def path_failure(self) -> str:
        """Why `path` has no answer; "" before its first use."""
        return ""

    @functools.cached_property
    def makers_beside(self) -> tuple[Mapping[str, MarketOutcome | EntrepotError], ...]:
        """For each entry of the market's `beside`, its outcome by scenario, or why there is none."""
        from entrepot.cases.solved_market import solve_beside

        others = self.case.market.beside if self.case.market else ()
        return tuple(solve_beside(self.case, other, self.makers) for other in others)

    @property
    def screen(self) -> Screen:
        """The findings of the rules on every scenario, made once in a language: their reasons are sentences."""
        from entrepot.cases.scenario_screen import screen_on

        if language() not in self._screens:
            self._screens[language()] = screen_on(self.case, self.economy, self.answers, self.failures)
        return self._screens[language()]

    @functools.cached_property
    def _screens(self) -> dict[str, Screen]:
        return {}


def other_rule(closure: Closure) -> str:
    """Return the deficit rule to compare with: balanced trade, or fixed deficits where trade is balanced already."""
    return "fixed" if closure.closes_base else "balanced"


def solve_case(
    case: Case, economy: Economy | None = None, *, tol: float = 1e-10, progress: Progress | None = None
) -> SolvedCase:
    """Solve every scenario of `case`, on its own Economy unless another is given.

    A scenario whose cap matches the volume of another is solved after it. A scenario without an equilibrium does not
    stop the others. Raises `InputError` before solving where the Economy cannot take a measure.
    """
    began = time.perf_counter()
    data = economy or case.own_economy()
    economy = base_economy(case, data, tol)
    checked = check_on(case, economy)
    outcomes, failures, answers = solve_scenarios(case, economy, case.order(), tol, progress)
    timeline = solve_timeline(case, economy, outcomes, tol=tol, progress=progress)
    return SolvedCase(
        case=case,
        economy=economy,
        outcomes={name: outcomes[name] for name in case.scenarios if name in outcomes},
        failures={name: failures[name] for name in case.scenarios if name in failures},
        tol=tol,
        seconds=time.perf_counter() - began,
        answers={name: answers[name] for name in case.scenarios if name in answers and name in outcomes},
        timeline=timeline,
        checked=checked,
        data=data,
    )


def solve_under_sets(
    case: Case,
    economy: Economy | None = None,
    sectors: Mapping[str, Any] | None = None,
    *,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> dict[str, SolvedCase | EntrepotError]:
    """Solve `case`, without its timeline, under each published set of trade elasticities on its own.

    `sectors` states what sectors with names of your own cover. A set that cannot be mapped to the sectors, or whose
    base has no equilibrium, does not stop the others: its error stands in its place. The set that the Economy has
    already (`set_behind`) is left out.
    """
    from entrepot.data.published_sets import set_behind, sets_with_numbers, with_sectors

    world = economy or case.own_economy()
    own = set_behind(with_theta(case, world))
    names = [name for name in sets_with_numbers() if own is None or name != own.name]
    found: dict[str, SolvedCase | EntrepotError] = {}
    for done, name in enumerate(names):
        if progress is not None:
            progress(f"elasticities of {name}", done, len(names))
        try:
            found[name] = solve_case(
                case.assuming(theta=with_sectors(name, sectors)).without_timeline(), world, tol=tol
            )
        except (ConvergenceError, InputError) as error:
            found[name] = error
    return found
