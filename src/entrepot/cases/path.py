"""The branches of a case in time, solved: paths by quarter, and discounted totals.

Each distinct state (the scenarios in force, and how far trade elasticities have come since the last change) is one
equilibrium, solved once. A quarter is the mix of its states, by days. A state does not remember those before it: no
capital is built up or worn out, and the elasticities are all that adjusts.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.cases.entries import Entries, lookalikes, together
from entrepot.cases.schema import Case
from entrepot.cases.timeline import Branch, Timeline
from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import WORLD, resolve_countries, resolve_sectors
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.words import sector_name, spoken

if TYPE_CHECKING:
    import pandas as pd

Mask = NDArray[np.bool_]
DAYS_A_YEAR = 365.25
#: The figures of a party.
PARTY = ("real_income_pct", "equivalent_variation", "tariff_revenue_change", "quota_rent")
#: Figures that are amounts of money in a quarter; the others are rates.
AMOUNTS = frozenset({"equivalent_variation", "tariff_revenue_change", "quota_rent", "imports"})


@dataclass(frozen=True)
class StateKey:
    """The scenarios in force, and the part of the long-run elasticities reached."""

    scenarios: frozenset[str]
    part: float


@dataclass(frozen=True)
class Quarter:
    """A quarter of the calendar inside the window (shorter at its ends), and the days [.] of each state in it."""

    first: datetime.date
    end: datetime.date
    days: Mapping[StateKey, int]


@dataclass(frozen=True, repr=False)
class SolvedTimeline:
    """branches   with their deadlines
    path      tidy: branch, quarter (its first day), what (party, market or industry), quantity, value. Amounts are US$
              million at an annual rate, imports before duty; the others are percent of the base
    totals    by branch and party: amounts over the window, discounted to its first day, US$ million
    expected  the same over all branches, where probabilities are stated
    horizons  by what is in force and party: welfare a year just after a change (horizon "short", at `part` of the trade
              elasticities) and when trade has adjusted ("long", part 1); empty where elasticities do not move
    states    how many distinct equilibria; `failures` those without one, and why: no total is taken over them
    notes     what this leaves out
    """

    timeline: Timeline
    branches: tuple[Branch, ...]
    path: pd.DataFrame
    totals: pd.DataFrame
    horizons: pd.DataFrame
    states: int
    failures: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float

    @cached_property
    def expected(self) -> pd.DataFrame:
        """By party: the totals of the branches weighted by their probabilities; empty where none are stated."""
        chance = {b.name: b.probability for b in self.branches}
        if len(chance) < 2 or None in chance.values() or self.failures:
            return self.totals.iloc[:0].drop(columns="branch")
        weight = self.totals["branch"].map(chance).astype(float)
        amounts = [c for c in self.totals if c in AMOUNTS]
        weighted = self.totals[amounts].mul(weight, axis=0).assign(party=self.totals["party"])
        return weighted.groupby("party", sort=False).sum().reset_index()

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} without an equilibrium" if self.failures else ""
        t = self.timeline
        return (
            f"Timeline from {t.since} to {t.until}: {len(self.branches)} branches, {self.states} distinct states"
            f"{failed}, {self.seconds:.2f} s\nNext: .totals, .expected, .path"
        )


def solve_timeline(
    case: Case,
    economy: Economy,
    outcomes: Mapping[str, Outcome],
    *,
    tol: float = 1e-10,
    progress: Callable[[str, int, int], None] | None = None,
) -> SolvedTimeline | None:
    """Solve every distinct state of the case's timeline; None if it has none.

    outcomes   the case's scenarios, solved: their caps and retaliations are the numbers found there
    """
    if case.timeline is None:
        return None
    began = time.perf_counter()
    timeline, ways = case.timeline, case.branches()
    calendars = {branch.name: list(quarters(timeline, branch)) for branch in ways}
    keys = list(dict.fromkeys(key for spans in calendars.values() for q in spans for key in q.days))
    frame = Frame.of(case, economy)
    figures: dict[StateKey, Figures] = {}
    failures: dict[str, str] = {}
    economies: dict[float, Economy] = {}
    twice: list[Measure] = []
    last: Outcome | None = None
    adjusted = [key for key in _adjusted(timeline, keys) if key not in keys]
    for done, key in enumerate((*keys, *adjusted)):
        if progress is not None:
            progress(f"timeline, {_named(key)}", done, len(keys) + len(adjusted))
        if key.part not in economies:
            economies[key.part] = _slower(economy, key.part)
        try:
            scenario = _in_force(case, key, outcomes)
            twice += lookalikes(scenario)
            last = solve(economies[key.part], scenario, closure=case.closure, tol=tol, start=last)
            figures[key] = Figures.of(frame, last)
        except (ConvergenceError, MeasureError) as error:
            failures[_named(key)] = str(error)
    path, totals = _tables(timeline, ways, calendars, frame, figures)
    return SolvedTimeline(
        timeline=timeline,
        branches=ways,
        path=path,
        totals=totals,
        horizons=_horizons(timeline, keys, frame, figures),
        states=len(keys),
        failures=failures,
        notes=(*_notes(timeline), *_said_twice(twice)),
        seconds=time.perf_counter() - began,
    )


def _named(key: StateKey) -> str:
    said = " with ".join(sorted(key.scenarios)) or "nothing in force"
    return said if key.part == 1 else f"{said}, elasticities at {100 * key.part:.3g}%"


def _slower(economy: Economy, part: float) -> Economy:
    return economy if part == 1 else replace(economy, theta=part * economy.theta)


def _in_force(case: Case, key: StateKey, outcomes: Mapping[str, Outcome]) -> Scenario:
    """The measures of a state's scenarios together, each entry of the case once."""
    lost = [name for name in key.scenarios if name not in outcomes]
    if lost:
        raise ConvergenceError(f"The scenario {lost[0]!r} has no answer.")
    entries = Entries(case)
    named = [name for name in case.scenarios if name in key.scenarios]
    measures = together(m for name in named for m in entries.of(name, outcomes[name].scenario))
    return Scenario(measures, name=_named(key))


# ---- days ----


def quarters(timeline: Timeline, branch: Branch) -> Iterator[Quarter]:
    """The quarters of the window, with the days that each state has in them on a branch."""
    changes = _changes(timeline, branch)
    day = timeline.since
    while day < timeline.until:
        end = min(_next_quarter(day), timeline.until)
        days: dict[StateKey, int] = {}
        for first, last, scenarios, changed in _spells(changes, day, end):
            part = _part(timeline, scenarios, changed, day)
            key = StateKey(scenarios, part)
            days[key] = days.get(key, 0) + (last - first).days
        yield Quarter(day, end, days)
        day = end


def _next_quarter(day: datetime.date) -> datetime.date:
    month = 3 * ((day.month - 1) // 3) + 4
    year = day.year + month // 13
    return datetime.date(year, (month - 1) % 12 + 1, 1) if year <= datetime.MAXYEAR else datetime.date.max


def _changes(timeline: Timeline, branch: Branch) -> list[tuple[datetime.date, frozenset[str]]]:
    """When what is in force changes, and to what; the window's first day first."""
    days = {timeline.since}
    for _, entry in branch.in_force:
        days |= {d for d in (entry.since, entry.until) if d is not None and timeline.since < d < timeline.until}
    out: list[tuple[datetime.date, frozenset[str]]] = []
    for day in sorted(days):
        live = branch.on(day)
        if not out or out[-1][1] != live:
            # What is in force on the first day may have begun before it.
            begun = [e.since for _, e in branch.in_force if e.scenario in live and e.since <= day]
            out.append((max(begun, default=day) if not out and live else day, live))
    return out


def _spells(
    changes: Sequence[tuple[datetime.date, frozenset[str]]], day: datetime.date, end: datetime.date
) -> Iterator[tuple[datetime.date, datetime.date, frozenset[str], datetime.date]]:
    """The runs of days between `day` and `end` with the same scenarios in force, and when those came to be."""
    for k, (since, live) in enumerate(changes):
        until = changes[k + 1][0] if k + 1 < len(changes) else end
        first, last = max(since, day), min(until, end)
        if first < last:
            yield first, last, live, since


def _part(timeline: Timeline, scenarios: frozenset[str], changed: datetime.date, day: datetime.date) -> float:
    """The part of the long-run elasticities in the quarter of `day`: by whole quarters since the change."""
    if timeline.adjustment is None or not scenarios:
        return 1.0
    gone = max(0, (day.year - changed.year) * 4 + (day.month - 1) // 3 - (changed.month - 1) // 3)
    return round(timeline.adjustment.at(gone / 4), 12)


# ---- what is reported of a state ----


@dataclass(frozen=True, eq=False)
class Frame:
    """Whom and what the path follows on an Economy: parties [n], markets [j,n,i] with the position of their importer,
    and the protected industry's cell.
    """

    parties: Mapping[str, Mask]
    markets: Mapping[str, Mask]
    importers: Mapping[str, int]
    industry: tuple[str, tuple[str, str]] | None

    @classmethod
    def of(cls, case: Case, e: Economy) -> Frame:
        parties = {p: np.isin(e.countries, resolve_countries(p, e.countries)[0]) for p in (*case.parties, WORLD)}
        markets, importers = {}, {}
        for watch in case.report.markets:
            j = np.isin(e.sectors, resolve_sectors(watch.sectors, e.sectors))
            (importer,) = resolve_countries(watch.importer, e.countries)[0]
            n = np.isin(e.countries, importer)
            markets[watch.title] = j[:, None, None] & n[:, None] & ~n
            importers[watch.title] = e.countries.index(importer)
        guarded, industry = case.report.protected, None
        if guarded is not None:
            (country,) = resolve_countries(guarded.country, e.countries)[0]
            (sector,) = resolve_sectors(guarded.sector, e.sectors)
            industry = (f"{sector_name(sector)} in {spoken(guarded.country)}", (country, sector))
        return cls(parties, markets, importers, industry)


@dataclass(frozen=True, eq=False)
class Figures:
    """What the path needs of an Outcome, a year: by (what, quantity); and by flow [j,n,i] border value, duty, the
    change (log) in what stands between the producer's price and the user's, and whether a measure names it.
    """

    values: Mapping[tuple[str, str], float]
    border: Array
    duty: Array
    wedge: Array
    touched: Mask

    @classmethod
    def of(cls, frame: Frame, outcome: Outcome) -> Figures:
        e, a, table = outcome.economy, outcome.accounts, outcome.countries
        unit = float(a.cleared.value_added.sum() / e.value_added.sum())  # amounts are in world value added
        values: dict[tuple[str, str], float] = {}
        for party, mine in frame.parties.items():
            gain = float(table["equivalent_variation"].to_numpy()[mine].sum())
            duties = table["tariff_revenue"].to_numpy() / unit - e.tariff_revenue
            values[party, "real_income_pct"] = 100 * gain / float(e.income[mine].sum())
            values[party, "equivalent_variation"] = gain
            values[party, "tariff_revenue_change"] = float(duties[mine].sum())
            values[party, "quota_rent"] = float(table["quota_rent"].to_numpy()[mine].sum()) / unit
        for title, cells in frame.markets.items():
            values[title, "imports"] = float(a.border_value[cells].sum()) / unit
            price = a.user_value[cells].sum() / a.real_flow[cells].sum()
            base = (e.value * e.gross)[cells].sum() / e.value[cells].sum()
            at_home = 1 + table["consumer_price_pct"].to_numpy()[frame.importers[title]] / 100
            values[title, "real_import_price_pct"] = 100 * float(price / base / at_home - 1)
        if frame.industry is not None:
            name, cell = frame.industry
            values[name, "output_volume_pct"] = float(outcome.sectors.loc[cell, "output_volume_pct"])
        touched = np.zeros(e.value.size, dtype=bool)
        for measure in outcome.scenario:
            touched[measure.flows(e)] = True
        shape = e.value.shape
        return cls(values, a.border_value / unit, a.duty / unit, a.ln_user_wedge_hat, touched.reshape(shape))


# ---- paths and totals ----


def _tables(
    timeline: Timeline,
    ways: Sequence[Branch],
    calendars: Mapping[str, list[Quarter]],
    frame: Frame,
    figures: Mapping[StateKey, Figures],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The path, and the discounted totals."""
    import pandas as pd

    rows, sums = [], []
    for branch in ways:
        spans = calendars[branch.name]
        values = [_mixed(q, figures) for q in spans]
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
    path = pd.DataFrame(rows, columns=["branch", "quarter", "what", "quantity", "value"])
    return path, pd.DataFrame(sums, columns=["branch", "party", *PARTY[1:]])


def _adjusted(timeline: Timeline, keys: Sequence[StateKey]) -> list[StateKey]:
    """The states with something in force, when trade has adjusted; none where elasticities do not move."""
    if timeline.adjustment is None:
        return []
    return [StateKey(live, 1.0) for live in dict.fromkeys(key.scenarios for key in keys) if live]


def _horizons(
    timeline: Timeline, keys: Sequence[StateKey], frame: Frame, figures: Mapping[StateKey, Figures]
) -> pd.DataFrame:
    """Welfare a year just after each change in what is in force, and when trade has adjusted, side by side."""
    import pandas as pd

    rows = []
    for adjusted in _adjusted(timeline, keys):
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
    return pd.DataFrame(
        rows, columns=["in_force", "party", "horizon", "part", "equivalent_variation", "real_income_pct"]
    )


def _mixed(q: Quarter, figures: Mapping[StateKey, Figures]) -> dict[tuple[str, str], float]:
    """The quarter's figures: amounts in it, and rates as the mean over its days."""
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
    """To the window's first day, from the middle of the quarter."""
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
    """Move the stated part of two quarters' trade into the quarter before, at the duty of then: on flows that a measure
    newly names and makes dearer, from the quarter in which it begins and the next. Nothing where that is the first.

    Imports of the markets and duties of the parties move; prices and real incomes are left as they are.
    """
    for since in sorted({e.since for _, e in branch.in_force if timeline.since < e.since < timeline.until}):
        k = next(k for k, q in enumerate(spans) if q.first <= since < q.end)
        old = _state(timeline, branch, since - datetime.timedelta(days=1))
        if k == 0 or old not in figures:
            continue
        was = figures[old]
        rate = np.divide(was.duty, was.border, out=np.zeros_like(was.duty), where=was.border > 0)
        for q, into in list(zip(spans, values, strict=True))[k : k + 2]:
            for key, days in q.days.items():
                if key not in figures:
                    continue
                now = figures[key]
                dearer = now.touched & ~was.touched & (now.wedge > was.wedge + 1e-9)
                part = timeline.front_loading * days / DAYS_A_YEAR * dearer
                moved = part * now.border
                _add(into, frame, -moved, -part * now.duty)
                _add(values[k - 1], frame, moved, rate * moved)


def _state(timeline: Timeline, branch: Branch, day: datetime.date) -> StateKey:
    """The state of a day."""
    scenarios, changed = next((live, since) for since, live in reversed(_changes(timeline, branch)) if since <= day)
    first = max(timeline.since, datetime.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))
    return StateKey(scenarios, _part(timeline, scenarios, changed, first))


def _add(values: dict[tuple[str, str], float], frame: Frame, trade: Array, duty: Array) -> None:
    for title, cells in frame.markets.items():
        values[title, "imports"] += float(trade[cells].sum())
    by_importer = duty.sum(axis=(0, 2))
    for party, mine in frame.parties.items():
        values[party, "tariff_revenue_change"] += float(by_importer[mine].sum())


def _said_twice(measures: Sequence[Measure]) -> list[str]:
    return [
        f"'{title}' stands in two scenarios that are in force together, as two entries: it counts twice. One entry "
        f"with an anchor (&name and *name), or the same label in both, counts once."
        for title in dict.fromkeys(measure.title for measure in measures)
    ]


def _notes(timeline: Timeline) -> tuple[str, ...]:
    notes = [
        "Each state is an equilibrium of its own: nothing remembers the states before it, and no capital is built up."
    ]
    if timeline.adjustment is not None:
        a = timeline.adjustment
        notes.append(
            f"Trade elasticities begin at {100 * a.short:.3g}% of their long-run values after each change in what is "
            f"in force and come to them in {a.years:g} years ({a.path})."
        )
    if timeline.front_loading:
        notes.append(
            f"{100 * timeline.front_loading:.3g}% of the trade of two quarters, that in which a dearer measure begins "
            f"and the next, is brought before it: imports and duties move, prices and real incomes do not."
        )
    return tuple(notes)
