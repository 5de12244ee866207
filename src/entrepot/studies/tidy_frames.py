"""The tables of a report, made from a solved case: tidy, with columns from the registry of quantities."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
import pandas as pd

from entrepot.bargaining.payoff import Payoff
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
from entrepot.economy.geography import resolve_countries, resolve_sectors, with_rest
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.industry import INDUSTRY, base_industry, industry_numbers
from entrepot.errors import ConvergenceError
from entrepot.studies.takings import export_tax_change, subsidies_change

BASE = "base"

Maker = Callable[[SolvedCase], pd.DataFrame]


def _once(make: Maker) -> Maker:
    """Cache a table on its study, which does not change; sentences, charts and pages all read it."""

    @functools.wraps(make)
    def table(study: SolvedCase) -> pd.DataFrame:
        kept = study.__dict__.setdefault("_made_tables", {})
        if make.__name__ not in kept:
            kept[make.__name__] = make(study)
        return cast(pd.DataFrame, kept[make.__name__].copy(deep=False))

    return table


def members(study: SolvedCase, party: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the Economy's countries that a party, or several, stand for."""
    return resolve_countries(party, study.economy.countries, "parties")[0]


@_once
def welfare(study: SolvedCase) -> pd.DataFrame:
    """Return equivalent variation, and its percentage of base income, by scenario and party, WORLD among them."""
    return _welfare(study, study.outcomes)


def _welfare(study: SolvedCase, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    rows = []
    for name, outcome in outcomes.items():
        gain, income = outcome.countries["equivalent_variation"].to_numpy(), outcome.economy.income
        for party in study.case.with_world:
            numbers = welfare_numbers(gain, income, party_places(party, study.economy))
            rows.append({"scenario": name, "party": party} | numbers)
    return pd.DataFrame(rows, columns=["scenario", "party", "equivalent_variation", "real_income_pct"])


@_once
def deficit_rules(study: SolvedCase) -> pd.DataFrame:
    """Return `welfare` under the case's deficit rule, then under the other one (`cases.solved_case.other_rule`)."""
    mine, other = study.case.closure.deficit, other_rule(study.case.closure)
    again = {name: o for name, o in study.under_the_other_rule.items() if isinstance(o, Outcome)}
    rows = [welfare(study).assign(rule=mine), _welfare(study, again).assign(rule=other)]
    return pd.concat(rows, ignore_index=True)[["scenario", "party", "rule", "equivalent_variation", "real_income_pct"]]


def horizons(study: SolvedCase) -> pd.DataFrame:
    """Return welfare on the branches just after a change and when trade has adjusted (`SolvedTimeline.horizons`)."""
    columns = ["in_force", "party", "horizon", "part", "equivalent_variation", "real_income_pct"]
    return study.timeline.horizons if study.timeline is not None else pd.DataFrame(columns=columns)


def payoffs(study: SolvedCase) -> pd.DataFrame:
    """Return the payoff of each party with an objective by scenario and part: change from the base, US$ million a year.

    The part "total" is the sum. Empty where no objective is stated.
    """
    rows = []
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
            rows += [(name, party, part, worth) for part, worth in {**parts, "total": sum(parts.values())}.items()]
    return pd.DataFrame(rows, columns=["scenario", "party", "part", "payoff"])


@_once
def industry(study: SolvedCase) -> pd.DataFrame:
    """Return the protected industry, the base first: output, what buyers pay, imports, jobs, surplus, R&D capacity.

    rd_capacity is the case's R&D intensity times value added, at base consumer prices: what the industry could spend on
    research at an unchanged intensity. NaN where the case states none; so are surpluses without labour shares.
    """
    protected = study.case.report.protected
    columns = ["scenario", *INDUSTRY, "rd_capacity", "rd_capacity_pct"]
    if protected is None:
        return pd.DataFrame(columns=columns)
    sector = resolve_sectors(protected.sector, study.economy.sectors, "report.protected.sector")[0]
    e = study.base
    j, n = e.sectors.index(sector), party_places(protected.country, e)
    base = base_industry(e, Factors.of(e, study.case.closure), n, j)
    value_added = base["value_added"]
    intensity = protected.rd_intensity or np.nan
    rows = [[BASE, *(float(base.get(c, 0.0)) for c in INDUSTRY), intensity * value_added, 0.0 * intensity]]
    for name, outcome in study.outcomes.items():
        row = industry_numbers(outcome.accounts, n, j)
        row |= research_numbers(row["real_value_added"], np.array(value_added), intensity)
        rows.append([name, *(float(row[c]) for c in columns[1:])])
    return pd.DataFrame(rows, columns=columns)


@_once
def proceeds(study: SolvedCase) -> pd.DataFrame:
    """Return changes in duties, export taxes and subsidies, and rents held, by scenario and party (the rest: OTHER).

    The rows of parties that share countries, such as a group and its member, overlap and need not add up.
    """
    rows = []
    for name, outcome in study.outcomes.items():
        duty, rent = (outcome.countries[key].to_numpy() for key in ("tariff_revenue", "quota_rent"))
        beside = {"export_tax_change": export_tax_change(outcome), "subsidies_change": subsidies_change(outcome)}
        for party, codes in with_rest(study.case.parties, study.economy.countries).items():
            at = places_of(codes, study.economy)
            numbers = proceeds_numbers(duty, outcome.economy.tariff_revenue, rent, at)
            numbers |= {key: change[at].sum() for key, change in beside.items()}
            rows.append({"scenario": name, "party": party} | numbers)
    keys = ["scenario", "party", "tariff_revenue_change", "quota_rent", "export_tax_change", "subsidies_change"]
    return pd.DataFrame(rows, columns=keys)


@_once
def markets(study: SolvedCase) -> pd.DataFrame:
    """Return imports into each watched market by scenario, the base first, and source: border value, and its share."""
    rows = []
    flows = {BASE: study.base.value} | {n: o.accounts.border_value for n, o in study.outcomes.items()}
    for watch in study.case.report.markets:
        market = WatchedMarket(watch, study.economy)
        for name, value in flows.items():
            named = {"market": watch.title, "importer": watch.buyer, "scenario": name}
            for source, numbers in market.imports(value.ravel()[market.flow]):
                rows.append(named | {"exporter": source} | numbers)
    return pd.DataFrame(rows, columns=["market", "importer", "scenario", "exporter", "value", "import_share"])


@_once
def measures(study: SolvedCase) -> pd.DataFrame:
    """Return the table of measures of every outcome."""
    return _stacked(study, "measures")


@_once
def countries(study: SolvedCase) -> pd.DataFrame:
    """Return the table of countries of every outcome."""
    return _stacked(study, "countries")


def sectors(study: SolvedCase) -> pd.DataFrame:
    """Return the table of sectors of every outcome."""
    return _stacked(study, "sectors")


def decompositions(study: SolvedCase) -> pd.DataFrame:
    """Return exact parts of the change in real income by scenario and country; scenarios with an embargo have none."""
    frames = {n: o.decomposition for n, o in study.outcomes.items() if not o.problem.embargoed.size}
    return _concat(frames)


def trade(study: SolvedCase) -> pd.DataFrame:
    """Return the flows, by scenario, of each sector and importer that some measure or watched market names."""
    j, n = np.nonzero(touched(study))
    frames = [_flows(name, outcome, j, n) for name, outcome in study.outcomes.items()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def touched(study: SolvedCase) -> np.ndarray:
    """Return the sectors and importers [j,n] that some measure or watched market names."""
    e = study.economy
    found = np.zeros(e.value.shape, dtype=bool)
    for outcome in study.outcomes.values():
        for measure in outcome.scenario:
            found.ravel()[measure.flows(e)] = True
    for watch in study.case.report.markets:
        found.ravel()[WatchedMarket(watch, e).flow] = True
    return np.asarray(found.any(axis=2))


def retaliation(study: SolvedCase) -> pd.DataFrame:
    """Return each answer by sector: points added to the tariff, and amounts in US$ million.

    Amounts: imports in the base and before the answer, exports that the target loses by it, and duty collected.
    """
    frames = []
    for name, answers in study.answers.items():
        for answer in answers:
            frame = answer.table().reset_index()
            frame.insert(0, "scenario", name)
            frame.insert(1, "by", ", ".join(answer.retaliation.by))
            frame.insert(2, "against", ", ".join(answer.retaliation.against))
            frame.insert(3, "answers", answer.retaliation.equivalent_to)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def residuals(study: SolvedCase) -> pd.DataFrame:
    """Return the residuals, iterations and seconds of every solve, by scenario."""
    rows = {n: {**o.residuals, "iterations": o.iterations, "seconds": o.seconds} for n, o in study.outcomes.items()}
    return pd.DataFrame(rows).T.rename_axis("scenario")


def _flows(name: str, outcome: Outcome, j: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    e, a = outcome.economy, outcome.accounts
    base = e.value[j, n]
    hat = np.divide(a.real_flow[j, n], base, out=np.full_like(base, np.nan), where=base > 0)
    size = len(e.countries)
    return pd.DataFrame(
        {
            "scenario": name,
            "importer": np.repeat(np.array(e.countries)[n], size),
            "exporter": np.tile(np.array(e.countries), len(j)),
            "sector": np.repeat(np.array(e.sectors)[j], size),
            "value": a.border_value[j, n].ravel(),
            "value_base": base.ravel(),
            "volume_pct": 100 * (hat.ravel() - 1),
            "duty": a.duty[j, n].ravel(),
        }
    )


def _stacked(study: SolvedCase, table: str) -> pd.DataFrame:
    return _concat({name: getattr(outcome, table) for name, outcome in study.outcomes.items()})


def _concat(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return frames one under another, with their names in the first column and their index in the next ones."""
    made = []
    for name, frame in frames.items():
        table = frame.reset_index()
        table.insert(0, "scenario", name)
        table.attrs = {}
        made.append(table)
    return pd.concat(made, ignore_index=True) if len(made) > 1 else made[0] if made else pd.DataFrame()


def path(study: SolvedCase) -> pd.DataFrame:
    """Return the paths of the branches by quarter, tidy; empty without a timeline."""
    return study.timeline.path if study.timeline is not None else pd.DataFrame()
