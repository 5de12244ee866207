"""The tables of a report, made from a solved case: tidy, with columns from the registry of quantities."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.cases.report_numbers import WatchedMarket
from entrepot.cases.timeline_tables import HORIZONS
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Outcome
from entrepot.studies import tidy_rows
from entrepot.studies.tidy_rows import BASE as BASE

Maker = Callable[[SolvedCase], pd.DataFrame]


def _once(make: Maker) -> Maker:
    """Keep a table on its study, as `tidy_rows.once` does; sentences, charts and pages all read copies of it."""
    kept = tidy_rows.once(make)
    return functools.wraps(make)(lambda study: kept(study).copy(deep=False))


def members(study: SolvedCase, party: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the Economy's countries that a party, or several, stand for."""
    return resolve_countries(party, study.economy.countries, "parties")[0]


@_once
def welfare(study: SolvedCase) -> pd.DataFrame:
    """Return equivalent variation, and its percentage of base income, by scenario and party, WORLD among them."""
    return _frame(tidy_rows.welfare(study), tidy_rows.WELFARE)


@_once
def deficit_rules(study: SolvedCase) -> pd.DataFrame:
    """Return `welfare` under the case's deficit rule, then under the other one (`cases.solved_case.other_rule`)."""
    return _frame(tidy_rows.deficit_rules(study), tidy_rows.DEFICIT_RULES)


def horizons(study: SolvedCase) -> pd.DataFrame:
    """Return welfare on the branches just after a change and when trade has adjusted (`SolvedTimeline.horizons`)."""
    return _frame(tidy_rows.horizons(study), HORIZONS)


def _frame(rows: Sequence[tidy_rows.Row], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def payoffs(study: SolvedCase) -> pd.DataFrame:
    """Return the payoff of each party with an objective by scenario and part (see `tidy_rows.payoffs`)."""
    return _frame(tidy_rows.payoffs(study), tidy_rows.PAYOFFS)


@_once
def industry(study: SolvedCase) -> pd.DataFrame:
    """Return the protected industry, the base first (see `tidy_rows.industry`)."""
    return _frame(tidy_rows.industry(study), tidy_rows.PROTECTED)


@_once
def proceeds(study: SolvedCase) -> pd.DataFrame:
    """Return what governments and holders of rents receive, by scenario and party (`tidy_rows.proceeds`)."""
    return _frame(tidy_rows.proceeds(study), tidy_rows.PROCEEDS)


@_once
def markets(study: SolvedCase) -> pd.DataFrame:
    """Return imports into each watched market by scenario, the base first, and source: border value, and its share."""
    return _frame(tidy_rows.markets(study), tidy_rows.MARKETS)


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
            "value_base": e.border_value[j, n].ravel(),
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
