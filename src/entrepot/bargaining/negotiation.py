"""A case's table on its Economy: the payoffs of deals."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from entrepot.bargaining.payoff import Payoff, check_apart
from entrepot.cases import Case, SolvedCase
from entrepot.cases.bargaining_table import ISSUE_MARK, BargainingTable, issues_used
from entrepot.cases.objective import objective_of
from entrepot.cases.shared_measures import SharedMeasures
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.warm_start import (
    PolicySlopes,
    Problem,
    Solution,
    Solved,
    outcome_near,
    solve_beside,
    solve_near,
)
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Policy, Scenario
from entrepot.measures.acts import Cap
from entrepot.measures.scenario import together
from entrepot.rules.finding import Finding
from entrepot.rules.law_section import ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.screen import findings
from entrepot.types import Array, Index

#: Log of a cap that cannot bind, over the volume of the base.
LOOSE = 10.0


def table_of(case: Case) -> BargainingTable:
    """The table of a case. Raises `InputError` for a case without one."""
    if case.table is None:
        raise InputError(
            f"{case.case}: the case has no table, so there is nothing to bargain over; add one (docs/bargain.md)"
        )
    return case.table


@dataclass(frozen=True, eq=False)
class Negotiation:
    """The deals over a case's table and their payoffs.

    A deal is a point [i] with one level for each issue. Payoffs [p] are changes from the base in US$ million a year at
    base prices.

    economy    the base, with the deficits of the closure
    beside     the measures that are in force with or without a deal
    payoffs    of the parties, in their order
    """

    case: Case
    table: BargainingTable
    economy: Economy
    beside: tuple[Measure, ...]
    payoffs: tuple[Payoff, ...]
    outcomes: Mapping[str, Outcome] = field(repr=False)
    entries: SharedMeasures = field(repr=False)
    #: Scenarios solved together with the measures beside the table, for the volumes that caps match.
    solved: dict[str, Outcome] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, solved: SolvedCase) -> Negotiation:
        """The negotiation of a solved case.

        Raises `DocumentError` for a name that the Economy does not have, `InputError` for a case without a table.
        """
        case, table = solved.case, table_of(solved.case)
        for name in (*table.beside, *([table.threat.scenario] if table.threat.scenario else [])):
            if name in solved.failures:
                needed = f'"{solved.title_of(name)}", which has no equilibrium'
                raise ConvergenceError(f"The bargain needs {needed}: {solved.failures[name]}")
        world = Problem.of(solved.economy, Scenario(), case.closure).economy
        market = solved.market_at_costs
        wanted = {party: objective_of(party, case.objectives, world) for party in table.between}
        payoffs = tuple(Payoff.to(party, objective, world, market) for party, objective in wanted.items())
        check_apart("table.between", payoffs)
        entries = SharedMeasures(case)
        beside = together(m for name in table.beside for m in entries.of(name, solved.outcomes[name].scenario))
        return cls(case, table, world, beside, payoffs, solved.outcomes, entries)

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties in the order of the table."""
        return self.table.between

    @property
    def lower(self) -> Array:
        """The lower end of every issue's range [i]."""
        return np.array([issue.range[0] for issue in self.table.issues.values()])

    @property
    def upper(self) -> Array:
        """The upper end of every issue's range [i]."""
        return np.array([issue.range[1] for issue in self.table.issues.values()])

    def inside(self, part: Array) -> Array:
        """The point [i] at these parts of every issue's range."""
        return self.lower + part * (self.upper - self.lower)

    def by_party(self, values: Array) -> dict[str, float]:
        """Values [p] by party."""
        return dict(zip(self.parties, map(float, values), strict=True))

    def levels(self, point: Array) -> dict[str, float]:
        """The levels of a point by issue."""
        return dict(zip(self.table.issues, map(float, point), strict=True))

    def point(self, levels: Mapping[str, float]) -> Array:
        """The point [i] of levels by issue; an issue without a level is as now, or at the upper end of its range."""
        known = {name: i.range[1] if i.now is None else i.now for name, i in self.table.issues.items()}
        return np.array([levels.get(name, known[name]) for name in known])

    def scenario(self, levels: Mapping[str, float], name: str = "deal") -> Scenario:
        """The Scenario in force under a deal; an issue without a level has no measure."""
        deal = self.matched(Scenario(self.table.deal(levels), name=name))
        return Scenario(together([*self.beside, *deal]), name=name)

    def under(self, names: Iterable[str]) -> Scenario:
        """The Scenario with the measures beside the table and those of the named scenarios of the case."""
        names = list(names)
        measures = together([*self.beside, *(m for name in names for m in self.own(name))])
        return Scenario(measures, name=" and ".join(names) or "now")

    def own(self, name: str) -> Scenario:
        """A scenario of the case; a cap that matches another one has its volume with the measures beside the table."""
        spec = self.case.scenarios[name]
        built = spec.build(name)
        found = self.matched(built) if built.matches and not spec.retaliations else self.outcomes[name].scenario
        return replace(found, measures=self.entries.of(name, found))

    def stands_beside(self, measure: Measure) -> bool:
        """Whether a measure is in force with or without a deal."""
        return any(measure is other for other in self.beside)

    def matched(self, scenario: Scenario) -> Scenario:
        """The scenario with caps that match another one at its volume with the measures beside the table."""

        def volume(other: str, measure: Measure) -> float:
            if other not in self.solved:
                self.solved[other] = self.outcome(self.under([other]))
            return self.solved[other].volume(measure)

        return scenario.matched(volume)

    def solve(self, point: Array, near: Solution | None = None, tol: float = 1e-10) -> tuple[Array, Solution]:
        """The payoffs of a deal [p] and its equilibrium, with a warm start at `near`. Raises `ConvergenceError`."""
        scenario = self.scenario(self.levels(point))
        answer = solve_near(Problem.of(self.economy, scenario, self.case.closure), near, tol)
        found = self.findings_on(scenario, self.table.law)
        return np.array([payoff.at(answer) - payoff.breach(found) for payoff in self.payoffs]), answer

    def solve_beside(self, points: Array, near: Solved | None = None, tol: float = 1e-10) -> tuple[Array, Solved]:
        """The payoffs [b, p] of several deals [b, i] and their equilibria, with a warm start at `near`.

        Payoffs are NaN for a deal without an equilibrium.
        """
        scenarios = [self.scenario(self.levels(point)) for point in points]
        problems = [Problem.of(self.economy, scenario, self.case.closure) for scenario in scenarios]
        solved = solve_beside(problems, near, tol)
        worth = np.stack([payoff.of_stack(solved) for payoff in self.payoffs], axis=1)
        for k, scenario in enumerate(scenarios):
            found = self.findings_on(scenario, self.table.law)
            if found:
                worth[k] -= [payoff.breach(found) for payoff in self.payoffs]
        return worth, solved

    def slopes(self, point: Array, near: Solution | None = None) -> Array:
        """The derivatives of the payoffs in the levels of the issues [p, i], without the cost of a breach.

        Those in a quota that is not in force at the point are zero, although the payoffs may jump where it begins.
        Exact, by implicit differentiation: tariffs, export taxes, subsidies, caps and shares of rents are affine in the
        levels. Raises `InputError` if an issue changes anything else.
        """
        answer = solve_near(self._in_force(point), near, 1e-10)
        slopes = [(payoff.party, payoff.slopes(answer.sensitivity)) for payoff in self.payoffs]
        by_level = [_by_level(answer.problem, answer.policy(party, by, 1e-10)) for party, by in slopes]
        return np.array([[by @ moves for moves in self._moves] for by in by_level])

    @cached_property
    def _moves(self) -> list[Array]:
        """The derivatives of policy in each issue, the slopes of `_levels_of`: policy is affine in all issues."""
        low = self._full(self.lower)
        out = []
        for i, (least, most) in enumerate(zip(self.lower, self.upper, strict=True)):
            point = self.lower.copy()
            point[i] = most
            high = self._full(point)
            if not _only_these_differ(low, high):
                raise InputError("an issue changes policy that has no derivative")
            out.append((_levels_of(high) - _levels_of(low)) / (most - least))
        return out

    def _full(self, point: Array) -> Problem:
        """The Problem with every measure of the table, those that are not in force at the point among them."""
        return self._with(self._filled_in(self.levels(point)))

    def _in_force(self, point: Array) -> Problem:
        """The same with the caps so loose that are not in force at the point that they cannot bind."""
        levels = self.levels(point)
        deal = self._filled_in(levels)
        templates = zip(self.table.measures, deal, strict=True)
        return self._with(deal, [m for template, m in templates if self.table.deal_of(template, levels) is None])

    def _filled_in(self, levels: Mapping[str, float]) -> Scenario:
        return self.matched(Scenario(tuple(self.table.filled_in(t, levels) for t in self.table.measures)))

    def _with(self, deal: Scenario, absent: Sequence[Measure] = ()) -> Problem:
        measures = together([*self.beside, *deal])
        loosened = (_Loosened(label=m.title, measure=m) if any(m is other for other in absent) else m for m in measures)
        return Problem.of(self.economy, Scenario(tuple(loosened)), self.case.closure)

    def outcome(self, scenario: Scenario) -> Outcome:
        """The Outcome of a scenario under the case's closure."""
        return outcome_near(Problem.of(self.economy, scenario, self.case.closure))

    def worth(self, outcome: Outcome, found: Iterable[Finding] = ()) -> Array:
        """The payoffs of an Outcome [p], less the cost of the breaches among the findings."""
        found = list(found)
        return np.array([payoff.at(outcome) - payoff.breach(found) for payoff in self.payoffs])

    # ---- the cost of a breach ----

    def findings_on(self, measures: Iterable[Measure], law: ScenarioLaw) -> list[Finding]:
        """The findings on the measures that are not beside the table; empty if no objective has a cost of a breach."""
        if all(payoff.objective.breach is None for payoff in self.payoffs):
            return []
        own = tuple(m for m in measures if not self.stands_beside(m))
        if not own:
            return []
        context = LegalContext.of(
            self.economy, Scenario(own), law.on or self.day, law, self.case.law, self.case.calendar
        )
        return findings(context)

    @cached_property
    def day(self) -> datetime.date:
        """The day on which deals are screened: the case's, or the last day of its calendar."""
        last = max((event.date for event in self.case.calendar), default=datetime.date.today())
        return self.case.law.on or last


@dataclass(frozen=True, kw_only=True)
class _Loosened(Measure):
    """A measure with caps so loose that they cannot bind, and that leave no other slack; its acts keep their order."""

    measure: Measure

    def put(self, policy: Policy) -> None:
        """Put what the measure puts, with loose caps."""
        before = len(policy.acts)
        self.measure.put(policy)
        value = policy.economy.value.ravel()
        policy.acts[before:] = [
            replace(act, volume=float(np.exp(LOOSE) * value[act.at].sum())) if isinstance(act, Cap) else act
            for act in policy.acts[before:]
        ]


def _levels_of(problem: Problem) -> Array:
    """The policy of a Problem as one vector.

    Tariffs and export taxes [f], subsidies [j,i], then by act of the Policy caps in US$ million and exporters' shares
    of rents: a cap that others keep slack is not among the quotas of a Problem, and which it is depends on the levels.
    """
    rates = [np.expm1(part).ravel() for part in (problem.ln_tariff, problem.ln_export_tax, problem.ln_subsidy)]
    volumes, shares = np.zeros((2, len(problem.policy.acts)))
    for cap in problem.policy.caps():
        volumes[cap.number], shares[cap.number] = cap.volume, cap.exporter_share
    return np.concatenate([*rates, volumes, shares])


def _by_level(problem: Problem, by: PolicySlopes) -> Array:
    """Slopes in the entries of `_levels_of`, from slopes in logs; zero for a cap that others keep slack."""
    q = problem.quotas
    volumes, shares = np.zeros((2, len(problem.policy.acts)))
    new = q.act >= 0  # others are in force in the base
    volumes[q.act[new]] = (by.ln_cap * np.exp(-q.ln_cap))[new]
    shares[q.act[new]] = by.exporter_share[new]
    return np.concatenate(
        [
            by.ln_tariff.ravel()[problem.flow] * np.exp(-problem.ln_tariff),
            by.ln_export_tax.ravel()[problem.flow] * np.exp(-problem.ln_export_tax),
            (by.ln_subsidy * np.exp(-problem.ln_subsidy)).ravel(),
            volumes,
            shares,
        ]
    )


def _only_these_differ(one: Problem, other: Problem) -> bool:
    """Whether two Problems differ only in tariffs, export taxes, subsidies, caps and shares of rents.

    Caps that others keep slack, which only those without a duty beyond them can be, are not among the quotas.
    """
    both = (one, other)
    limited = [np.isfinite(problem.quotas.ln_surcharge) for problem in both]
    same: list[tuple[Array | Index, ...]] = [
        (one.flow, other.flow),
        (one.ln_iceberg, other.ln_iceberg),
        (one.price_rules.amount, other.price_rules.amount),
        (one.price_rules.floor, other.price_rules.floor),
        (one.embargoed, other.embargoed),
        tuple(problem.quotas.ln_surcharge[of] for problem, of in zip(both, limited, strict=True)),
        tuple(problem.quotas.flow[of] for problem, of in zip(both, limited, strict=True)),
        tuple(np.array([act.at.size for act in problem.policy.acts]) for problem in both),
        tuple(np.concatenate([act.at for act in problem.policy.acts]) for problem in both),
    ]
    return all(np.array_equal(a, b) for a, b in same)


def markets(n: Negotiation) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The importers and sectors of every measure that a deal can contain, and of the threat."""
    measures: list[Measure] = list(n.table.deal(n.table.all_in_force()))
    if n.table.threat.scenario is not None:
        measures += n.outcomes[n.table.threat.scenario].scenario
    countries, sectors = n.economy.countries, n.economy.sectors
    found = []
    for m in measures:
        flows = m.border_flows(n.economy)
        if flows.size and not n.stands_beside(m):
            j, importer, _ = np.unravel_index(flows, n.economy.value.shape)
            found.append((tuple(countries[k] for k in np.unique(importer)), tuple(sectors[k] for k in np.unique(j))))
    return found


def contested(n: Negotiation, party: str) -> tuple[str, ...]:
    """The sectors in which a party's imports are on the table."""
    codes = {c for p in n.payoffs if p.party == party for c in p.of.codes}
    return tuple(dict.fromkeys(s for importers, sectors in markets(n) if codes & set(importers) for s in sectors))


def quotas(n: Negotiation) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The measures of the table whose cap is an issue, as the table states them, with the issue."""
    for template in n.table.measures:
        (keys,) = template.values()
        cap = str(keys.get("cap")).removeprefix(ISSUE_MARK)
        if cap in n.table.issues:
            yield template, cap


def level_of_trade(n: Negotiation, quota: Measure, outcome: Outcome) -> float:
    """The trade of an Outcome under a quota, in the unit of its cap."""
    volume = outcome.volume(quota)
    return volume if getattr(quota, "unit", None) == "usd_m" else volume / base_of(n, quota)


def base_of(n: Negotiation, measure: Measure) -> float:
    """The trade of the base that a measure is about, in US$ million."""
    return float(n.economy.value.ravel()[measure.flows(n.economy)].sum())


def slack(n: Negotiation, outcome: Outcome, levels: Mapping[str, float]) -> set[str]:
    """The issues that only affect quotas that do not bind."""
    loose: set[str] = set()
    held: set[str] = set()
    in_force = [template for template in n.table.measures if n.table.deal_of(template, levels) is not None]
    made = n.matched(Scenario(n.table.deal(levels)))
    rows = list(zip(outcome.scenario, outcome.measure_rows, strict=True))
    for template, measure in zip(in_force, made, strict=True):
        row = next((row for other, row in rows if other == measure), None)
        capped = row is not None and np.isfinite(row["cap"]) and not row["binding"]
        (loose if capped else held).update(issues_used(template))
    return loose - held
