"""The tidy tables of a case's path: by quarter and party, market and industry; totals, surges, events and workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.cases.case_path import CasePath
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.industry import labour_income
from entrepot.languages import in_quotation_marks, translated
from entrepot.paths.window import TimeStep
from entrepot.types import Array

if TYPE_CHECKING:
    import pandas as pd


#: What may happen on a day of a path, in words.
EVENTS = {
    "announced": "announced",
    "begins": "begins",
    "ends": "ends",
    "lapses": "lapses",
    "deadline": "deadline",
}


def event_name(event: str) -> str:
    """Return what happens on a day, in the language in use."""
    return translated(EVENTS[event])


def step_name(step: TimeStep, yearly: bool) -> str:
    """Return a step as a label: "Q4 2019", or "2019"."""
    if yearly:
        return str(step.first.year)
    return translated("Q{quarter} {year}", quarter=(step.first.month + 2) // 3, year=step.first.year)


def labels(found: CasePath) -> list[str]:
    """Return the label of every step."""
    return [step_name(s.step, found.spec.step == "year") for s in found.path.steps]


def path_frames(found: CasePath) -> dict[str, pd.DataFrame]:
    """Return every table of a path by name; those that it has nothing for are empty."""
    return {
        "path_quarters": quarters_frame(found),
        "path_markets": markets_frame(found),
        "path_industry": industry_frame(found),
        "path_totals": found.totals.reset_index(),
        "path_surges": found.path.surges.reset_index(),
        "path_events": events_frame(found),
        "path_workers": _dated(found.path.workers.reset_index()) if len(found.path.workers) else found.path.workers,
    }


def quarters_frame(found: CasePath) -> pd.DataFrame:
    """Return amounts a year and changes in percent by step (its first day) and party."""
    return _dated(found.parties.reset_index())


def markets_frame(found: CasePath) -> pd.DataFrame:
    """Return imports before duty, duty, use and price by step and market, with imports against those of the base."""
    path = found.path
    table = path.markets.reset_index()
    if table.empty:
        return table
    base = {title: float(path.base.flows.border[at].sum()) for title, at in path.by_market.items()}
    before = table["market"].map(base).to_numpy(dtype=float)
    table.insert(3, "imports_pct", 100 * (table["imports"].to_numpy() / before - 1))
    return _dated(table)


def industry_frame(found: CasePath) -> pd.DataFrame:
    """Return the protected industry's output and jobs by step, means over its countries by what they are in the base.

    Output has the weights of base output, jobs those of what labour earned. Empty where the report protects none.
    """
    import pandas as pd

    protected, e = found.case.report.protected, found.path.economy
    columns = ["step", "output_volume_pct", "sector_employment_pct"]
    if protected is None or not found.path.steps:
        return pd.DataFrame(columns=columns)
    members = resolve_countries(protected.country, e.countries)[0]
    (sector,) = resolve_sectors(protected.sector, e.sectors)
    j, of = e.sectors.index(sector), [e.countries.index(code) for code in members]
    weights = {columns[1]: e.output[j, of], columns[2]: labour_income(_factors(found), e.cost[j, of], of, j)}
    table = found.path.sectors.xs(sector, level="sector")
    by_country = {
        key: table[key].unstack("country")[list(members)].fillna(0.0) for key in weights
    }  # nothing made there
    numbers = {key: by_country[key] @ (w / w.sum()) for key, w in weights.items()}
    return _dated(pd.DataFrame(numbers).reset_index())


def _factors(found: CasePath) -> Factors:
    """Return what factors earn in the base, with the part that the path's capital leaves to labour."""
    closure, capital = found.case.closure, found.spec.built().get("capital")
    return Factors.of(found.path.economy, closure if capital is None else capital.closure(closure))


def events_frame(found: CasePath) -> pd.DataFrame:
    """Return the days on which something is announced, begins, ends or lapses, and the deadlines; by day."""
    import pandas as pd

    path = found.path
    rows = [tuple(row) for row in path.events.itertuples(index=False)]
    if path.steps:
        first, end = path.days[0], path.steps[-1].step.end
        rows += [(day, "deadline", "") for day in found.plan.deadlines if first <= day < end]
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame(
        [(day.isoformat(), event, entry) for day, event, entry in rows], columns=["day", "event", "entry"]
    )


def by_step(found: CasePath, column: str, party: str) -> Array:
    """Return a column of the table by step and party, for one party."""
    return found.parties.xs(party, level="party")[column].to_numpy(dtype=float)


def market_in_words(found: CasePath, market: str) -> str:
    """Return a market by its title, or as the imports that a measure falls on where the case watches no market.

    Its title is then that of the measure, and does not name the trade.
    """
    if any(watch.title == market for watch in found.case.report.markets):
        return translated(market)
    return translated("imports under {scenario}", scenario=in_quotation_marks(translated(market)))


def extremes(found: CasePath, market: str) -> tuple[int, int]:
    """Return the steps in which imports of a market are highest and lowest, by a whole quarter's length at least."""
    table = markets_frame(found)
    imports = table.loc[table["market"] == market, "imports"].to_numpy(dtype=float)
    length = np.array([s.step.length for s in found.path.steps])
    whole = length > 0.9 * np.median(length)
    at = np.flatnonzero(whole)
    return int(at[np.argmax(imports[at])]), int(at[np.argmin(imports[at])])


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its days as text, as files for machines have them."""
    return table.assign(step=[day.isoformat() for day in table["step"]])
