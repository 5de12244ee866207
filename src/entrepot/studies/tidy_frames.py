"""The tables of a report, made from a solved case: tidy, with columns from the registry of quantities."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

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


def _framed(rows: Callable[[SolvedCase], Sequence[tidy_rows.Row]], columns: Sequence[str]) -> Maker:
    """Return the table of the rows that a function of `tidy_rows` returns, under its name."""
    named = functools.wraps(rows, assigned=("__name__", "__qualname__", "__doc__"))
    return named(lambda study: pd.DataFrame(rows(study), columns=list(columns)))


welfare = _once(_framed(tidy_rows.welfare, tidy_rows.WELFARE))
deficit_rules = _once(_framed(tidy_rows.deficit_rules, tidy_rows.DEFICIT_RULES))
horizons = _framed(tidy_rows.horizons, HORIZONS)
payoffs = _framed(tidy_rows.payoffs, tidy_rows.PAYOFFS)
industry = _once(_framed(tidy_rows.industry, tidy_rows.PROTECTED))
proceeds = _once(_framed(tidy_rows.proceeds, tidy_rows.PROCEEDS))
markets = _once(_framed(tidy_rows.markets, tidy_rows.MARKETS))


def members(study: SolvedCase, party: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the Economy's countries that a party, or several, stand for."""
    return resolve_countries(party, study.economy.countries, "parties")[0]


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
    solved = {n: o.decomposition for n, o in study.outcomes.items() if not o.problem.embargoed.size}
    frames = {name: frame.reset_index() for name, frame in solved.items()}
    for frame in frames.values():
        frame.attrs = {}
    return stacked(frames)


def trade(study: SolvedCase) -> pd.DataFrame:
    """Return the flows, by scenario, of each sector and importer that some measure or watched market names."""
    wanted = np.repeat(touched(study)[:, :, None], len(study.economy.countries), axis=2)
    return stacked({name: flows_of(outcome, wanted) for name, outcome in study.outcomes.items()})


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


def flows_of(outcome: Outcome, wanted: np.ndarray) -> pd.DataFrame:
    """Return trade flow by flow (`quantities.TRADE`): the flows that are `wanted` [j,n,i]."""
    e, at = outcome.economy, np.nonzero(wanted)
    names = {"importer": (e.countries, at[1]), "exporter": (e.countries, at[2]), "sector": (e.sectors, at[0])}
    keys = {key: np.array(known, dtype=object)[place] for key, (known, place) in names.items()}
    return pd.DataFrame(keys | {key: number[at] for key, number in outcome.trade_numbers.items()})


def _stacked(study: SolvedCase, table: str) -> pd.DataFrame:
    return stacked({name: getattr(outcome, table).reset_index() for name, outcome in study.outcomes.items()})


def stacked(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return frames one under another, with the scenario of each in the first column."""
    made = [frame.assign(scenario=name)[["scenario", *frame.columns]] for name, frame in frames.items()]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame()


def path(study: SolvedCase) -> pd.DataFrame:
    """Return the paths of the branches by quarter, tidy; empty without a timeline."""
    return study.timeline.path if study.timeline is not None else pd.DataFrame()
