"""A Path: an Economy in time, with tables by step, totals, and what was brought forward."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.dates import DAYS_A_YEAR
from entrepot.economy import Economy
from entrepot.errors import InputError, nearest
from entrepot.paths.capital import left_to_consume
from entrepot.paths.dated import Dated
from entrepot.paths.expectations import Expectations
from entrepot.paths.mobility import Mobility
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import AMOUNTS, BY_SECTOR, RATES, StaticState
from entrepot.paths.surges import Surge, surge_numbers
from entrepot.read_only import read_only
from entrepot.types import Array, Index
from entrepot.words import counted

if TYPE_CHECKING:
    import pandas as pd

#: The columns of `Path.totals`, where the path has them.
TOTALS = ("equivalent_variation", "consumption_change", "tariff_revenue_change", "quota_rent")

#: The columns of `Path.workers`.
WORKERS = ("sector_employment_pct", "sector_wage_pct", "worth_pct")


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class Path:
    """An Economy in time under dated measures, solved (see `solve`).

    Amounts are US$ million in units of world value added: a year in tables by step, over the window in totals. Percent
    are changes from the base.

    countries  by step (its first day) and country; investment and capital are NaN where a country has no capital
    sectors    by step, country and sector
    markets    by step and market: imports before duty, duty, their volume and real price
    workers    by step and sector, of the country whose workers move at a cost: jobs, real wages, what a sector is worth
    totals     by country: amounts over the window, discounted to its first day
    surges     by entry: what importers bought ahead of it
    events     the days on which something is announced, begins, ends or lapses
    complete   False where an interrupt ended the path early
    """

    economy: Economy
    entries: tuple[Dated, ...]
    steps: tuple[SolvedStep, ...]
    base: StaticState
    watched: Index
    by_market: Mapping[str, Index]
    stockpiles: tuple[Surge, ...]
    mobility: Mobility | None
    expectations: Expectations
    discount_rate: float
    complete: bool
    equilibria: int
    seconds: float

    @property
    def has_capital(self) -> bool:
        """Whether capital is built up and wears out."""
        return bool(self.steps) and self.steps[0].ln_capital is not None

    @property
    def days(self) -> tuple[datetime.date, ...]:
        """The first day of each step."""
        return tuple(s.step.first for s in self.steps)

    def title(self, entries: Sequence[int]) -> str:
        """Return the titles of entries that begin on one day, with the day where one of them begins on another too."""
        named, day = [self.entries[k].title for k in entries], self.entries[entries[0]].first
        again = any(entry.title in named and entry.first != day for entry in self.entries)
        return f"{' and '.join(named)} ({day})" if again else " and ".join(named)

    @cached_property
    def countries(self) -> pd.DataFrame:
        """By (step, country): real income, wages, jobs, trade, duties; consumption and capital where there is any."""
        import pandas as pd

        rows = [self._by_country(s) for s in self.steps]
        index = pd.MultiIndex.from_product([self.days, self.economy.countries], names=["step", "country"])
        return pd.DataFrame({key: np.concatenate([row[key] for row in rows]) for key in rows[0]} if rows else {}, index)

    def _by_country(self, s: SolvedStep) -> dict[str, Array]:
        levels, base = s.state.country, self.base.country
        out = {key: levels[key] for key in RATES}
        out["equivalent_variation"] = levels["equivalent_variation"]
        out["tariff_revenue_change"] = levels["tariff_revenue"] - base["tariff_revenue"]
        out |= {key: levels[key].copy() for key in AMOUNTS[2:]}
        _, n, i = np.unravel_index(self.watched, self.economy.value.shape)
        for surge in self.stockpiles:
            added, importer, exporter = surge.added(s), n[surge.flows], i[surge.flows]
            a_year = 1 / s.step.length
            out["tariff_revenue_change"] = out["tariff_revenue_change"] + a_year * self._sum(added["duty"], importer)
            out["imports"] = out["imports"] + a_year * self._sum(added["border"], importer)
            out["exports"] = out["exports"] + a_year * self._sum(added["border"], exporter)
        if s.ln_capital_used is not None and s.invested is not None and s.invested_in_base is not None:
            spending = s.state.real_spending / self.base.real_spending
            kept, before = (_total_left(x) for x in (s.invested, s.invested_in_base))
            consumed = spending * kept / before
            out["consumption_pct"] = 100 * (consumed - 1)
            out["consumption_change"] = self.base.income * before * (consumed - 1)
            ratio = np.divide(1 - kept, 1 - before, out=np.full_like(kept, np.nan), where=before < 1)
            out["investment_pct"] = 100 * (spending * ratio - 1)
            stock = self._capital(s.ln_capital_used)
            out["capital_pct"] = 100 * (stock - 1)
        return out

    def _sum(self, amounts: Array, by: Index) -> Array:
        return np.bincount(by, amounts, len(self.economy.countries)).astype(float)

    def _capital(self, ln_capital: Array) -> Array:
        """K^ [n], NaN without capital; where sectors have their own, their mean by what it earns in the base."""
        weight = self.base.capital_income
        if ln_capital.ndim == 1:
            return np.where(weight > 0, np.exp(ln_capital), np.nan)
        total = weight.sum(axis=1)
        return np.divide(
            (weight * np.exp(ln_capital)).sum(axis=1), total, out=np.full_like(total, np.nan), where=total > 0
        )

    @cached_property
    def sectors(self) -> pd.DataFrame:
        """By (step, country, sector): output, jobs, prices, the import share; capital where it is a sector's own."""
        import pandas as pd

        e = self.economy
        index = pd.MultiIndex.from_product([self.days, e.countries, e.sectors], names=["step", "country", "sector"])
        columns: dict[str, Array] = {
            key: np.concatenate([s.state.sector[key].T.ravel() for s in self.steps]) if self.steps else np.zeros(0)
            for key in BY_SECTOR
        }
        if self.mobility is not None and self.steps:
            n, size = self.mobility.position(e), len(e.sectors)
            jobs = columns["sector_employment_pct"].reshape(len(self.steps), len(e.countries), size)
            jobs[:, n] = self.workers["sector_employment_pct"].to_numpy().reshape(-1, size)
        used = [s.ln_capital_used for s in self.steps if s.ln_capital_used is not None]
        if used and used[0].ndim == 2:
            there = np.where(self.base.capital_income > 0, 1.0, np.nan)
            columns["capital_pct"] = 100 * np.expm1(np.concatenate([(there * k).ravel() for k in used]))
        return pd.DataFrame(columns, index=index)

    @cached_property
    def workers(self) -> pd.DataFrame:
        """By (step, sector): jobs, real wages, and the worth of being there; empty where no workers move at a cost.

        worth_pct is the constant change in consumption that is worth as much to those who are in the sector at the
        step, whether they stay or go: as the rest of the path, and under "myopic" as what they expect of it.
        """
        import pandas as pd

        index = pd.MultiIndex.from_product([self.days, self.economy.sectors], names=["step", "sector"])
        rows = [
            (s.ln_jobs, s.ln_real_wage, self.mobility.lasting_change(s.ln_worth, s.step.whole))
            for s in self.steps
            if self.mobility is not None and s.ln_jobs is not None and s.ln_worth is not None
        ]
        if not rows:
            return pd.DataFrame(columns=WORKERS)
        numbers = (100 * np.expm1(np.concatenate(part)) for part in zip(*rows, strict=True))
        return pd.DataFrame(dict(zip(WORKERS, numbers, strict=True)), index=index)

    @cached_property
    def markets(self) -> pd.DataFrame:
        """By (step, market): imports before duty, duty, volume bought and used, and the real price to users."""
        import pandas as pd

        rows = [self._market(s, title) for s in self.steps for title in self.by_market]
        index = pd.MultiIndex.from_product([self.days, list(self.by_market)], names=["step", "market"])
        return pd.DataFrame(rows, index=index)

    def _market(self, s: SolvedStep, title: str) -> dict[str, float]:
        at, flows, base = self.by_market[title], s.state.flows, self.base.flows
        amounts = {key: getattr(flows, key) * s.step.length for key in ("border", "duty", "volume")}
        amounts["used"] = amounts.pop("volume")
        for surge in self.stockpiles:
            added = surge.added(s)
            for key in amounts:
                np.add.at(amounts[key], surge.flows, added[key])
        total = {key: float(numbers[at].sum()) for key, numbers in amounts.items()}
        return {
            "imports": total["border"] / s.step.length,
            "duty": total["duty"] / s.step.length,
            "use_pct": 100 * (_ratio(total["used"] / s.step.length, float(base.volume[at].sum())) - 1),
            "real_import_price_pct": 100 * (self._market_price(s, title) - 1),
        }

    def _market_price(self, s: SolvedStep, title: str) -> float:
        """What users pay for a unit, stored or imported, in the importer's consumer prices: the mean of spells by days.

        NaN in a step in a spell of which nothing is used.
        """
        if not self.stockpiles:
            return s.state.market_price[title]
        added = [surge.by_spell(s) for surge in self.stockpiles]
        at, mean = self.by_market[title], 0.0
        for k, spell in enumerate(s.state.spells):
            years = (spell.end - spell.first).days / DAYS_A_YEAR
            volume, paid = years * spell.flows.volume, years * spell.flows.paid
            used, spent = volume.copy(), paid.copy()
            for surge, parts in zip(self.stockpiles, added, strict=True):
                np.add.at(used, surge.flows, parts[k]["used"])
                np.add.at(spent, surge.flows, parts[k]["paid"])
            dearer = _ratio(spent[at].sum(), used[at].sum()) * _ratio(volume[at].sum(), paid[at].sum())
            mean += years / s.step.length * spell.market_price[title] * dearer
        return mean

    @cached_property
    def totals(self) -> pd.DataFrame:
        """By country: amounts over the window, discounted to its first day."""
        table = self.countries
        columns = [key for key in TOTALS if key in table]
        if not self.steps:
            return table
        weight = np.repeat(self._weights(), len(self.economy.countries))
        return table[columns].mul(weight, axis=0).groupby("country", sort=False).sum()

    def _weights(self) -> Array:
        """The years of each step, discounted from its middle to the first day."""
        first = self.days[0]
        middle = np.array([(s.step.first - first).days / DAYS_A_YEAR + s.step.length / 2 for s in self.steps])
        length = np.array([s.step.length for s in self.steps])
        return length * (1 + self.discount_rate) ** -middle

    @cached_property
    def surges(self) -> pd.DataFrame:
        """By entry: what was bought ahead, in US$ million and days of imports, and what it saved and cost.

        Entries that begin on one day on the same flows share a row. `duty_saved` counts import duties.
        """
        import pandas as pd

        rows = [
            {"probability": s.probability, "carried_out": s.carried_out, **surge_numbers([s])} for s in self.stockpiles
        ]
        titles = [self.title(s.entries) for s in self.stockpiles]
        index = pd.Index(titles, name="entry")
        columns = ["probability", "carried_out", "surge", "surge_days", "hole_days", "duty_saved", "keeping_cost"]
        return pd.DataFrame(rows, index=index, columns=columns)

    @cached_property
    def events(self) -> pd.DataFrame:
        """The days on which an entry is announced, begins, ends, or lapses without being carried out."""
        import pandas as pd

        rows = [row for entry in self.entries for row in _events(entry)]
        inside = [row for row in rows if self.days and self.days[0] <= row[0] < self.steps[-1].step.end]
        return pd.DataFrame(sorted(inside), columns=["day", "event", "entry"])

    def picture(self, quantity: str, names: Sequence[str] | str | None = None) -> pd.DataFrame:
        """Return the data of a line chart: step, name, value, and the events of the step.

        quantity  a column of `countries`, `markets` or `sectors`
        names     countries, markets, or (country, sector) pairs; without it all of them

        Raises `InputError` for a quantity or a name that the path does not have.
        """
        tables = [self.countries, self.markets, self.sectors]
        known = [str(column) for table in tables for column in table]
        table = next((table for table in tables if quantity in table), None)
        if table is None:
            raise InputError(f"path: quantity {quantity!r}{nearest(quantity, known)}")
        wide = table[quantity].unstack("step").T
        if names is not None:
            wanted = [names] if isinstance(names, str | tuple) else list(names)
            for name in wanted:
                if name not in wide:
                    raise InputError(f"path: {name!r} is not in the path{nearest(str(name), map(str, wide))}")
            wide = wide[wanted]
        ends = {s.step.first: s.step.end for s in self.steps}
        marks = {
            day: "; ".join(f"{row.entry} {row.event}" for row in self.events.itertuples() if day <= row.day < ends[day])
            for day in wide.index
        }
        out = wide.stack(list(range(wide.columns.nlevels))).rename("value").reset_index()
        return out.assign(events=out["step"].map(marks))

    def __repr__(self) -> str:
        if not self.steps:
            return "Path: interrupted before its first step"
        last = self.steps[-1].step.end
        stopped = "" if self.complete else f", interrupted on the way to the end, at {last}"
        remembered = " with capital" if self.has_capital else ""
        return (
            f"Path from {self.days[0]} to {last}{remembered} under {self.expectations}: "
            f"{counted(len(self.steps), 'step')}, "
            f"{counted(self.equilibria, 'equilibrium', 'equilibria')}{stopped}, {self.seconds:.2f} s\n"
            f"Next: .countries, .sectors, .markets, .totals, .surges, .events, .picture(quantity)"
        )


def _ratio(value: float, of: float) -> float:
    return float(value) / float(of) if of else np.nan


def _total_left(invested: Array) -> Array:
    left: Array = left_to_consume(invested)
    return left if left.ndim == 1 else left[:, 0]


def _events(entry: Dated) -> Iterator[tuple[datetime.date, str, str]]:
    if entry.known is not None and entry.known < entry.first:
        yield entry.known, "announced", entry.title
    yield entry.first, "begins" if entry.carried_out else "lapses", entry.title
    if entry.last is not None and entry.carried_out:
        yield entry.last, "ends", entry.title
