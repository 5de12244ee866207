"""The path of a case, solved: its scenarios in time on its base economy, with what the case states of expectations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.cases.base_economy import base_economy
from entrepot.cases.case import Case
from entrepot.cases.case_checks import check_on
from entrepot.cases.path_spec import PathPlan, PathSpec
from entrepot.cases.shared_measures import SharedMeasures
from entrepot.cases.solved_scenarios import solve_scenarios
from entrepot.economy import Economy
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Outcome
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Tariff
from entrepot.paths import Dated, Path
from entrepot.paths import solve as solve_path
from entrepot.read_only import read_only
from entrepot.types import Progress
from entrepot.words import NamesParties, each_once

if TYPE_CHECKING:
    import pandas as pd

#: The columns of `Path.countries` that add up over the members of a party, as amounts a year.
ADDED = ("equivalent_variation", "consumption_change", "tariff_revenue_change", "quota_rent", "imports", "exports")


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class CasePath(NamesParties):
    """The path of a case, solved.

    economy    the base that changes are measured from
    plan       what is in force when, and what is known of it before
    path       the `Path`: by step and country, sector and market, with its events and surges
    notes      on the case, its names and its data
    """

    case: Case
    economy: Economy
    plan: PathPlan
    path: Path
    tol: float
    checked: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """The countries of the Economy."""
        return self.economy.countries

    @property
    def spec(self) -> PathSpec:
        """The key `path` of the case."""
        assert self.case.in_time is not None
        return self.case.in_time

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the case, how its names were read, and the data."""
        return each_once(*self.case.notes, *self.checked, *self.economy.notes)

    @cached_property
    def parties(self) -> pd.DataFrame:
        """By (step, party), WORLD last: amounts a year in US$ million, and changes in percent of the base.

        A rate of a party of several countries is their mean by base income; of capital, by what it earns. A
        country without capital is in no rate of investment.
        """
        return self._by_party(self.path.countries, "step")

    @cached_property
    def totals(self) -> pd.DataFrame:
        """By party, WORLD last: amounts over the window, discounted to its first day, US$ million."""
        table = self.path.totals
        return table if table.empty else self._by_party(table)

    def members(self, party: str) -> tuple[str, ...]:
        """Return the countries of a party."""
        return resolve_countries(party, self.economy.countries)[0]

    def _by_party(self, table: pd.DataFrame, step: str = "") -> pd.DataFrame:
        import pandas as pd

        income = pd.Series(self.path.economy.income, index=list(self.economy.countries))
        earned = pd.Series(_earned(self.path), index=list(self.economy.countries))
        out = {}
        for party in self.case.with_world:
            codes = list(self.members(party))
            mine = table[table.index.get_level_values("country").isin(codes)]
            columns = {}
            for key in table:
                if key in ADDED:
                    columns[key] = mine[key].groupby(step).sum() if step else mine[key].sum()
                    continue
                weight = (earned if key == "capital_pct" else income)[mine.index.get_level_values("country")].to_numpy()
                columns[key] = _mean(mine[key], weight, step)
            out[party] = pd.DataFrame(columns) if step else pd.Series(columns)
        if not step:
            return pd.DataFrame(out).T.rename_axis("party")
        return pd.concat(out, names=["party"]).swaplevel().sort_index(level=0, sort_remaining=False)

    def __repr__(self) -> str:
        return f"{self.path!r}\nBy party: .parties, .totals"


def _mean(rates: pd.Series, weight: Any, step: str) -> pd.Series:
    """Return the mean of rates by step over those that are numbers; NaN where none is."""
    weights = (rates.notna() * weight).groupby(step).sum()
    return (rates * weight).groupby(step).sum() / weights.where(weights > 0)


def _earned(path: Path) -> Any:
    earned = path.base.capital_income
    return earned if earned.ndim == 1 else earned.sum(axis=1)


def solve_case_path(
    case: Case, economy: Economy | None = None, *, tol: float = 1e-10, progress: Progress | None = None
) -> CasePath:
    """Solve the path of a case, and of its scenarios those that are in force on it and those that these refer to.

    economy    in place of the case's own

    An interrupt returns the path until then. Raises `InputError`, and `ConvergenceError` where a step or a scenario has
    no equilibrium.
    """
    plan = _planned(case)
    base = base_economy(case, economy or case.own_economy(), tol)
    checked = check_on(case, base)
    outcomes, failures, _ = solve_scenarios(case, base, case.needed(plan.scenarios), tol)
    for name in plan.scenarios:
        if name in failures:
            raise ConvergenceError(f"The scenario {name!r} has no equilibrium: {failures[name]}")
    return _solved(case, base, plan, outcomes, checked, tol, progress)


def path_of_solved(
    case: Case,
    economy: Economy,
    outcomes: Mapping[str, Outcome],
    checked: tuple[str, ...] = (),
    *,
    tol: float,
) -> CasePath:
    """Return the path of a case from its scenarios' outcomes on its base economy. Raises as `solve_case_path` does."""
    plan = _planned(case)
    for name in plan.scenarios:
        if name not in outcomes:
            raise ConvergenceError(f"The scenario {name!r} has no equilibrium.")
    return _solved(case, economy, plan, outcomes, checked, tol, None)


def _planned(case: Case) -> PathPlan:
    plan = case.path_plan()
    if plan is None:
        raise InputError(f"{case.case}: the case has no path; add the key 'path' (docs/paths.md)")
    return plan


def _solved(
    case: Case,
    economy: Economy,
    plan: PathPlan,
    outcomes: Mapping[str, Outcome],
    checked: tuple[str, ...],
    tol: float,
    progress: Progress | None,
) -> CasePath:
    spec = case.in_time
    assert spec is not None
    with case.at("path"):
        path = solve_path(
            economy,
            tuple(_entries(case, plan, outcomes)),
            since=plan.since,
            until=plan.until,
            step=spec.step,
            expectations=spec.expectations,
            closure=case.closure,
            markets=_markets(case, economy),
            discount_rate=plan.discount_rate,
            tol=tol,
            progress=progress,
            **spec.built(),
        )
    return CasePath(case, economy, plan, path, tol, checked)


def _entries(case: Case, plan: PathPlan, outcomes: Mapping[str, Outcome]) -> Iterator[Dated]:
    """Yield the dated measures, as the scenarios were solved: with the caps and rates that were found."""
    shared = SharedMeasures(case)
    by_name = {name: shared.of(name, outcomes[name].scenario) for name in case.scenarios if name in plan.scenarios}
    for _, entry in plan.in_force:
        title = case.scenarios[entry.scenario].title
        scenario = replace(outcomes[entry.scenario].scenario, measures=by_name[entry.scenario])
        yield entry.dated(scenario, title)


def _markets(case: Case, economy: Economy) -> dict[str, Tariff] | None:
    """Return the watched markets of the case by title, without what a group sells to itself; None without any."""
    found = {}
    for watch in case.report.markets:
        buyers = resolve_countries(watch.importer, economy.countries)[0]
        sellers = tuple(code for code in economy.countries if code not in buyers)
        found[watch.title] = Tariff(importer=buyers, exporter=sellers, sector=watch.sectors, rate=0.0)
    return found or None


__all__ = ["CasePath", "path_of_solved", "solve_case_path"]
