"""The rows behind the answer of a solved case, as plain numbers; `studies.tidy_frames` makes DataFrames of them.

The first screen reads the rows, so that it does not wait for pandas.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.cases.report_numbers import (
    WatchedMarket,
    party_places,
    places_of,
    proceeds_numbers,
    research_numbers,
    welfare_numbers,
)
from entrepot.cases.solved_case import other_rule
from entrepot.cases.timeline_tables import HORIZONS, PATH
from entrepot.economy.geography import resolve_sectors, with_rest
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.industry import INDUSTRY, base_industry, industry_numbers
from entrepot.equilibrium.quantities import MEASURE, columns, read
from entrepot.errors import ConvergenceError

BASE = "base"
#: The columns of the rows.
WELFARE = ("scenario", "party", "equivalent_variation", "real_income_pct")
DEFICIT_RULES = ("scenario", "party", "rule", "equivalent_variation", "real_income_pct")
PROTECTED = ("scenario", *INDUSTRY, "rd_capacity", "rd_capacity_pct")
PROCEEDS = ("scenario", "party", "tariff_revenue_change", "quota_rent", "export_tax_change", "subsidies_change")
PAYOFFS = ("scenario", "party", "part", "payoff")
MARKETS = ("market", "importer", "scenario", "exporter", "value", "import_share")

Row = Mapping[str, Any]
T = TypeVar("T")


def once(make: Callable[[SolvedCase], T]) -> Callable[[SolvedCase], T]:
    """Keep what is made of a study on it, since it does not change."""
    key = f"{make.__module__}.{make.__name__}"

    @functools.wraps(make)
    def kept(study: SolvedCase) -> T:
        made: dict[str, T] = study.__dict__.setdefault("_made", {})
        if key not in made:
            made[key] = make(study)
        return made[key]

    return kept


@once
def welfare(study: SolvedCase) -> list[Row]:
    """Return equivalent variation, and its percentage of base income, by scenario and party, WORLD among them."""
    return _welfare(study, study.outcomes)


def _welfare(study: SolvedCase, outcomes: Mapping[str, Outcome]) -> list[Row]:
    rows: list[Row] = []
    for name, outcome in outcomes.items():
        gain, income = outcome.number("equivalent_variation"), outcome.economy.income
        for party in study.case.with_world:
            numbers = welfare_numbers(gain, income, party_places(party, study.economy))
            rows.append({"scenario": name, "party": party} | numbers)
    return rows


@once
def deficit_rules(study: SolvedCase) -> list[Row]:
    """Return `welfare` under the case's deficit rule, then under the other one (`cases.solved_case.other_rule`)."""
    mine, other = study.case.closure.deficit, other_rule(study.case.closure)
    again = {name: o for name, o in study.under_the_other_rule.items() if isinstance(o, Outcome)}
    rows = [{**row, "rule": mine} for row in welfare(study)]
    return [*rows, *({**row, "rule": other} for row in _welfare(study, again))]


def horizons(study: SolvedCase) -> list[Row]:
    """Return welfare on the branches just after a change and when trade has adjusted (`SolvedTimeline.horizons`)."""
    rows = study.timeline.horizon_rows if study.timeline is not None else ()
    return [dict(zip(HORIZONS, row, strict=True)) for row in rows]


@once
def industry(study: SolvedCase) -> list[Row]:
    """Return the protected industry, the base first: output, what buyers pay, imports, jobs, surplus, R&D capacity.

    rd_capacity is the case's R&D intensity times value added, at base consumer prices: what the industry could spend on
    research at an unchanged intensity. NaN where the case states none; so are surpluses without labour shares.
    """
    protected = study.case.report.protected
    if protected is None:
        return []
    sector = resolve_sectors(protected.sector, study.economy.sectors, "report.protected.sector")[0]
    e = study.base
    j, n = e.sectors.index(sector), party_places(protected.country, e)
    base = base_industry(e, Factors.of(e, study.case.closure), n, j)
    value_added = base["value_added"]
    intensity = protected.rd_intensity or np.nan
    first = [BASE, *(float(base.get(c, 0.0)) for c in INDUSTRY), intensity * value_added, 0.0 * intensity]
    rows: list[Row] = [dict(zip(PROTECTED, first, strict=True))]
    for name, outcome in study.outcomes.items():
        row = industry_numbers(outcome.accounts, n, j)
        row |= research_numbers(row["real_value_added"], np.array(value_added), intensity)
        rows.append({"scenario": name} | {key: float(row[key]) for key in PROTECTED[1:]})
    return rows


@once
def proceeds(study: SolvedCase) -> list[Row]:
    """Return changes in duties, export taxes and subsidies, and rents held, by scenario and party (the rest: OTHER).

    The rows of parties that share countries, such as a group and its member, overlap and need not add up.
    """
    rows: list[Row] = []
    for name, outcome in study.outcomes.items():
        for party, codes in with_rest(study.case.parties, study.economy.countries).items():
            numbers = proceeds_numbers(outcome.accounts, places_of(codes, study.economy))
            rows.append({"scenario": name, "party": party} | {key: float(numbers[key]) for key in PROCEEDS[2:]})
    return rows


def payoffs(study: SolvedCase) -> list[Row]:
    """Return the payoff of each party with an objective by scenario and part: change from the base, US$ million a year.

    The part "total" is the sum. Empty where no objective is stated.
    """
    if not study.case.objectives:
        return []
    from entrepot.bargaining.payoff import Payoff

    rows: list[Row] = []
    for name, outcome in study.outcomes.items():
        for party, objective in study.case.objectives.items():
            payoff = Payoff.to(party, objective, outcome.economy, study.market_at_costs)
            parts = {part: float(worth) for part, worth in payoff.parts(outcome.accounts).items()}
            if payoff.market is not None:
                try:
                    parts["makers"] = payoff.makers_profit(outcome)
                except ConvergenceError:  # the market has no equilibrium there
                    parts["makers"] = float("nan")
            parts["breach"] = -payoff.breach(study.screen.of(name))
            parts["total"] = sum(parts.values())
            rows += [dict(zip(PAYOFFS, (name, party, part, worth), strict=True)) for part, worth in parts.items()]
    return rows


@once
def markets(study: SolvedCase) -> list[Row]:
    """Return imports into each watched market by scenario, the base first, and source: border value, and its share."""
    rows: list[Row] = []
    flows = {BASE: study.base.border_value} | {n: o.accounts.border_value for n, o in study.outcomes.items()}
    for watch in study.case.report.markets:
        market = WatchedMarket(watch, study.economy)
        for name, value in flows.items():
            named = {"market": watch.title, "importer": watch.buyer, "scenario": name}
            for source, numbers in market.imports(value.ravel()[market.flow]):
                rows.append(named | {"exporter": source} | numbers)
    return rows


def measures(study: SolvedCase) -> list[Row]:
    """Return what every outcome says of each of its measures (`Outcome.measures`)."""
    return [
        {"scenario": name, "measure": measure.title} | {key: row.get(key, np.nan) for key in columns(MEASURE)}
        for name, outcome in study.outcomes.items()
        for measure, row in zip(outcome.scenario, outcome.measure_rows, strict=True)
    ]


def countries(study: SolvedCase) -> list[Row]:
    """Return the numbers of every country under every scenario (`Outcome.countries`)."""
    rows: list[Row] = []
    for name, outcome in study.outcomes.items():
        numbers = read("country", outcome.accounts)
        for k, code in enumerate(outcome.economy.countries):
            rows.append({"scenario": name, "country": code} | {key: number[k] for key, number in numbers.items()})
    return rows


def path(study: SolvedCase) -> list[Row]:
    """Return the paths of the branches by quarter; empty without a timeline."""
    rows = study.timeline.path_rows if study.timeline is not None else ()
    return [dict(zip(PATH, row, strict=True)) for row in rows]


def as_columns(rows: Sequence[Row]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the columns of rows as arrays, text as objects, for the run store; none without rows."""
    found = {key: np.array([row[key] for row in rows]) for key in (rows[0] if rows else ())}
    return {key: column.astype(object) if column.dtype.kind == "U" else column for key, column in found.items()}
