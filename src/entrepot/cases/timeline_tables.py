"""The numbers that a timeline reports: for each state, by quarter, and discounted over the window."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.cases.case import Case
from entrepot.cases.quarters import Quarter, StateKey, state_on
from entrepot.cases.timeline import Branch, Timeline
from entrepot.dates import DAYS_A_YEAR
from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import WORLD, resolve_countries, resolve_sectors
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.industry import industry_numbers
from entrepot.words import sector_name, spoken

Mask = NDArray[np.bool_]
#: The figures that are reported for a party.
PARTY = ("real_income_pct", "equivalent_variation", "tariff_revenue_change", "quota_rent")
#: The figures that are amounts of money in a quarter; the others are rates.
AMOUNTS = frozenset({"equivalent_variation", "tariff_revenue_change", "quota_rent", "imports"})
#: The columns of the path by quarter, of the totals, and of the two horizons.
PATH = ("branch", "quarter", "what", "quantity", "value")
TOTALS = ("branch", "party", *PARTY[1:])
HORIZONS = ("in_force", "party", "horizon", "part", "equivalent_variation", "real_income_pct")


@dataclass(frozen=True, eq=False)
class Frame:
    """The parties, markets and protected industry that a timeline reports, as positions in an Economy.

    parties    masks [n];  markets  masks [j,n,i];
    industry   its title, and its countries and sector
    """

    parties: Mapping[str, Mask]
    markets: Mapping[str, Mask]
    industry: tuple[str, tuple[list[int], int]] | None

    @classmethod
    def of(cls, case: Case, e: Economy) -> Frame:
        """Return the Frame of a case on an Economy."""
        parties = {p: np.isin(e.countries, resolve_countries(p, e.countries)[0]) for p in (*case.parties, WORLD)}
        markets = {}
        for watch in case.report.markets:
            j = np.isin(e.sectors, resolve_sectors(watch.sectors, e.sectors))
            n = np.isin(e.countries, resolve_countries(watch.importer, e.countries)[0])
            markets[watch.title] = j[:, None, None] & n[:, None] & ~n
        protected, industry = case.report.protected, None
        if protected is not None:
            members = resolve_countries(protected.country, e.countries)[0]
            (sector,) = resolve_sectors(protected.sector, e.sectors)
            cell = [e.countries.index(code) for code in members], e.sectors.index(sector)
            industry = (f"{sector_name(sector)} in {spoken(protected.owner, e.countries)}", cell)
        return cls(parties, markets, industry)


@dataclass(frozen=True, eq=False)
class Figures:
    """The annual figures of one state.

    values    by (party, market or industry; quantity)
    border, duty [j,n,i]   border value and duty of each flow
    wedge [j,n,i]          log change in the ratio of the user's price to the producer's
    touched [j,n,i]        whether a measure names the flow
    """

    values: Mapping[tuple[str, str], float]
    border: Array
    duty: Array
    wedge: Array
    touched: Mask

    @classmethod
    def of(cls, frame: Frame, outcome: Outcome) -> Figures:
        """Return the figures of an Outcome."""
        e, a = outcome.economy, outcome.accounts
        names = ("equivalent_variation", "tariff_revenue", "quota_rent", "consumer_price_pct")
        table = {name: outcome.number(name) for name in names}
        unit = float(a.unit)
        border = a.border_value
        values: dict[tuple[str, str], float] = {}
        for party, members in frame.parties.items():
            gain = float(table["equivalent_variation"][members].sum())
            duties = table["tariff_revenue"] / unit - e.tariff_revenue
            values[party, "real_income_pct"] = 100 * gain / float(e.income[members].sum())
            values[party, "equivalent_variation"] = gain
            values[party, "tariff_revenue_change"] = float(duties[members].sum())
            values[party, "quota_rent"] = float(table["quota_rent"][members].sum()) / unit
        for title, cells in frame.markets.items():
            values[title, "imports"] = float(border[cells].sum()) / unit
            at_home = 1 + table["consumer_price_pct"][:, None] / 100
            paid, bought = (a.user_value / at_home)[cells].sum(), a.real_flow[cells].sum()
            base = (e.value * e.gross)[cells].sum()
            there = bought > 0 and base > 0  # under a ban nothing has a price
            price = paid / bought * e.value[cells].sum() / base if there else np.nan
            values[title, "real_import_price_pct"] = 100 * (float(price) - 1)
        if frame.industry is not None:
            name, (members_at, sector) = frame.industry
            values[name, "output_volume_pct"] = float(industry_numbers(a, members_at, sector)["output_volume_pct"])
        touched = np.zeros(e.value.size, dtype=bool)
        for measure in outcome.scenario:
            touched[measure.flows(e)] = True
        shape = e.value.shape
        return cls(values, border / unit, a.duty / unit, a.ln_user_wedge_hat, touched.reshape(shape))


def path_and_totals(
    timeline: Timeline,
    ways: Sequence[Branch],
    calendars: Mapping[str, list[Quarter]],
    frame: Frame,
    figures: Mapping[StateKey, Figures],
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows of the path by quarter (`PATH`), and of the discounted totals of every branch (`TOTALS`)."""
    rows: list[tuple[Any, ...]] = []
    sums: list[tuple[Any, ...]] = []
    for branch in ways:
        spans = calendars[branch.name]
        values = [_quarter_figures(q, figures) for q in spans]
        if timeline.front_loading:
            _bring_forward(timeline, branch, frame, spans, values, figures)
        for q, mixed in zip(spans, values, strict=True):
            yearly = DAYS_A_YEAR / (q.end - q.first).days
            rows += [
                (branch.name, q.first, what, quantity, value * yearly if quantity in AMOUNTS else value)
                for (what, quantity), value in mixed.items()
            ]
        discount = [_discount(timeline, q) for q in spans]
        for party in frame.parties:
            amounts = [[v.get((party, key), np.nan) for v in values] for key in PARTY[1:]]
            sums.append((branch.name, party, *(float(np.dot(discount, amount)) for amount in amounts)))
    return rows, sums


def _quarter_figures(q: Quarter, figures: Mapping[StateKey, Figures]) -> dict[tuple[str, str], float]:
    """Return the figures of a quarter: amounts as sums over its days, rates as means over its days."""
    if any(key not in figures for key in q.days):
        names = {name for f in figures.values() for name in f.values}
        return dict.fromkeys(names, float("nan"))
    length = sum(q.days.values())
    out: dict[tuple[str, str], float] = {}
    for key, days in q.days.items():
        for name, value in figures[key].values.items():
            weight = days / DAYS_A_YEAR if name[1] in AMOUNTS else days / length
            out[name] = out.get(name, 0.0) + weight * value
    return out


def _discount(timeline: Timeline, q: Quarter) -> float:
    """Return the factor that discounts from the middle of the quarter to the first day of the window."""
    years = ((q.first - timeline.since).days + (q.end - q.first).days / 2) / DAYS_A_YEAR
    return float((1 + timeline.discount_rate) ** -years)


def _bring_forward(
    timeline: Timeline,
    branch: Branch,
    frame: Frame,
    spans: Sequence[Quarter],
    values: Sequence[dict[tuple[str, str], float]],
    figures: Mapping[StateKey, Figures],
) -> None:
    """Move the front-loaded part of trade into the quarter before a measure begins, at the duty of that quarter.

    It comes from the quarter in which the measure begins and the next one, on flows that the measure newly names and
    makes dearer: what begins later moves to the quarter before its own day. Nothing moves where the measure begins in
    the first quarter. Imports of the markets and duties of the parties change; prices and real incomes do not.
    """
    for since in sorted({e.since for _, e in branch.in_force if timeline.since < e.since < timeline.until}):
        k = next(k for k, q in enumerate(spans) if q.first <= since < q.end)
        old, new = (state_on(timeline, branch, since - datetime.timedelta(days=d)) for d in (1, 0))
        if k == 0 or old not in figures or new not in figures:
            continue
        was, begun = figures[old], figures[new]
        mine = begun.touched & ~was.touched & (begun.wedge > was.wedge + 1e-9)
        rate = np.divide(was.duty, was.border, out=np.zeros_like(was.duty), where=was.border > 0)
        for q, into in list(zip(spans, values, strict=True))[k : k + 2]:
            for key, days in q.days.items():
                if key not in figures:
                    continue
                now = figures[key]
                dearer = mine & now.touched & (now.wedge > was.wedge + 1e-9)
                part = timeline.front_loading * days / DAYS_A_YEAR * dearer
                moved = part * now.border
                _add(into, frame, -moved, -part * now.duty)
                _add(values[k - 1], frame, moved, rate * moved)


def _add(values: dict[tuple[str, str], float], frame: Frame, trade: Array, duty: Array) -> None:
    for title, cells in frame.markets.items():
        values[title, "imports"] += float(trade[cells].sum())
    by_importer = duty.sum(axis=(0, 2))
    for party, members in frame.parties.items():
        values[party, "tariff_revenue_change"] += float(by_importer[members].sum())


def adjusted_states(timeline: Timeline, keys: Sequence[StateKey]) -> list[StateKey]:
    """Return the long-run states of the scenarios in force; none where elasticities do not adjust."""
    if timeline.adjustment is None:
        return []
    return [StateKey(live, 1.0) for live in dict.fromkeys(key.scenarios for key in keys) if live]


def horizon_rows(
    timeline: Timeline, keys: Sequence[StateKey], frame: Frame, figures: Mapping[StateKey, Figures]
) -> list[tuple[Any, ...]]:
    """Return annual welfare just after each change in the scenarios in force, and later (`HORIZONS`)."""
    rows: list[tuple[Any, ...]] = []
    for adjusted in adjusted_states(timeline, keys):
        begun = min((key for key in keys if key.scenarios == adjusted.scenarios), key=lambda key: key.part)
        for horizon, key in (("short", begun), ("long", adjusted)):
            if key not in figures or (horizon == "short" and key == adjusted):
                continue
            rows += [
                (
                    " with ".join(sorted(key.scenarios)),
                    party,
                    horizon,
                    key.part,
                    *(figures[key].values[party, name] for name in ("equivalent_variation", "real_income_pct")),
                )
                for party in frame.parties
            ]
    return rows
