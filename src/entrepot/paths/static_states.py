"""The static equilibria that a path consists of, each solved from the last, and the numbers that are kept of them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from entrepot.economy import Economy
from entrepot.equilibrium import Closure, quantities
from entrepot.equilibrium.warm_start import Problem, Solution, solve_near
from entrepot.errors import ConvergenceError
from entrepot.measures import Scenario
from entrepot.paths.dated import Dated, measures_of
from entrepot.paths.slow_sourcing import Lag, SlowSourcing
from entrepot.paths.window import Live, Spell
from entrepot.types import Array, Index

#: Numbers of the registry that a path keeps: by country [n], in percent or as amounts, and by sector [j,n].
RATES = ("real_income_pct", "real_wage_pct", "employment_pct")
AMOUNTS = ("equivalent_variation", "tariff_revenue", "quota_rent", "imports", "exports")
BY_SECTOR = ("output_volume_pct", "sector_employment_pct", "producer_price_pct", "real_price_pct", "import_share")
#: Problems that are kept, so that memory does not grow with the steps.
KEPT = 16


@dataclass(frozen=True, eq=False)
class WatchedFlows:
    """Numbers of some flows [f], annual: volume at base producer prices, and values at the border and to users.

    price       that users pay for a unit, trade costs included, over that of the base
    """

    volume: Array
    border: Array
    duty: Array
    paid: Array
    price: Array


@dataclass(frozen=True, eq=False)
class InSpell:
    """The flows that a path watches, and market prices, on some days inside a step: [first, end)."""

    first: datetime.date
    end: datetime.date
    flows: WatchedFlows
    market_price: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class StaticState:
    """What a path keeps of one equilibrium, amounts a year in units of world value added.

    country [n], sector [j,n]   by the key of the quantity; amounts are levels
    income, real_spending [n];  capital_income [n], or [n,j] where each sector has its own
    flows                       of the flows that the path watches
    market_price                by market, what users pay for a unit in the importer's consumer prices, over the base
    spells                      flows and market prices in each spell of a step; empty for a state on one day
    """

    country: Mapping[str, Array]
    sector: Mapping[str, Array]
    income: Array
    real_spending: Array
    capital_income: Array
    flows: WatchedFlows
    market_price: Mapping[str, float]
    spells: tuple[InSpell, ...] = ()

    @classmethod
    def over(cls, spells: Sequence[Spell], states: Sequence[StaticState]) -> StaticState:
        """Return the mean of states, one for each spell of a step, with what each spell has."""
        mean = cls.mixed([(state, spell.part) for state, spell in zip(states, spells, strict=True)])
        in_spells = (InSpell(t.first, t.end, s.flows, s.market_price) for t, s in zip(spells, states, strict=True))
        return replace(mean, spells=tuple(in_spells))

    @classmethod
    def mixed(cls, parts: Sequence[tuple[StaticState, float]]) -> StaticState:
        """Return the mean of states by the part of the days that each lasts."""
        if len(parts) == 1:
            return parts[0][0]
        states = [state for state, _ in parts]

        def mean(arrays: Sequence[Array]) -> Array:
            return np.sum([part * array for array, (_, part) in zip(arrays, parts, strict=True)], axis=0)

        price = {key: sum(part * state.market_price[key] for state, part in parts) for key in states[0].market_price}

        def by_key(tables: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
            return {key: mean([table[key] for table in tables]) for key in tables[0]}

        return cls(
            country=by_key([s.country for s in states]),
            sector=by_key([s.sector for s in states]),
            market_price=price,
            spells=tuple(spell for s in states for spell in s.spells),
            flows=WatchedFlows(*(mean([getattr(s.flows, f.name) for s in states]) for f in fields(WatchedFlows))),
            **{key: mean([getattr(s, key) for s in states]) for key in ("income", "real_spending", "capital_income")},
        )


class StaticStates:
    """Solves the static states of a path.

    by_sector  whether each sector has capital of its own;  watched: the flows of which numbers are kept
    """

    def __init__(
        self,
        economy: Economy,
        entries: Sequence[Dated],
        closure: Closure,
        watched: Index,
        markets: Mapping[str, Index],
        tol: float,
    ) -> None:
        self.entries, self.closure, self.watched, self.tol = entries, closure, watched, tol
        self.markets = markets
        self.economy = Problem.of(economy, Scenario(()), closure).economy  # with the closure's deficits and competition
        self.given = economy
        self.by_sector = closure.horizon == "short"
        self.solved = 0
        self._problems: dict[Live, Problem] = {}
        self._slow: dict[Live, SlowSourcing] = {}
        self._last: dict[Live, Solution] = {}
        self._latest: Solution | None = None
        self._states: dict[tuple[Live, bytes], StaticState] = {}

    def base(self) -> StaticState:
        """Return the base: nothing in force, and the deficits of the base also where the closure moves them."""
        if not self.closure.moves_deficits:
            return self.state(frozenset(), None, None)
        self.solved += 1
        fixed = replace(self.closure, deficit="fixed")
        return StaticStates(self.given, (), fixed, self.watched, self.markets, self.tol).state(frozenset(), None, None)

    def problem(self, live: Live) -> Problem:
        """Return the problem of the entries in force."""
        if live not in self._problems:
            measures = measures_of(self.entries, live)
            name = " with ".join(self.entries[k].title for k in sorted(live)) or "nothing in force"
            _make_room(self._problems)
            self._problems[live] = Problem.of(self.given, Scenario(measures, name=name), self.closure)
        return self._problems[live]

    def solution(self, live: Live, ln_capital: Array | None) -> Solution:
        """Return the equilibrium at stocks ln K^ [n] or [n,j]. Raises `ConvergenceError`."""
        return self._near(live, self._with_stocks(self.problem(live), ln_capital))

    def _with_stocks(self, problem: Problem, ln_capital: Array | None) -> Problem:
        if ln_capital is None:
            return problem
        shape = problem.factors.ln_capital.shape
        spread = ln_capital if self.by_sector else np.broadcast_to(ln_capital[:, None], shape)
        return problem.with_capital(np.ascontiguousarray(spread))

    def _near(self, live: Live, problem: Problem) -> Solution:
        found = solve_near(problem, self._last.get(live, self._latest), self.tol)
        _make_room(self._last)
        self._last[live] = self._latest = found
        self.solved += 1
        return found

    def state(self, live: Live, lag: Lag | None, ln_capital: Array | None) -> StaticState:
        """Return what is kept of an equilibrium; one without capital is solved once. Raises `ConvergenceError`.

        lag  what users do not answer yet, where elasticities grow
        """
        if ln_capital is not None:
            return self._solved(live, lag, ln_capital)
        key = (live, b"" if lag is None else lag.key)
        if key not in self._states:
            self._states[key] = self._solved(live, lag, None)
        return self._states[key]

    def _solved(self, live: Live, lag: Lag | None, ln_capital: Array | None) -> StaticState:
        if lag is None:
            return self._read(self.solution(live, ln_capital))
        if live not in self._slow:
            _make_room(self._slow)
            self._slow[live] = SlowSourcing(self.problem(live))
        slow = self._slow[live]
        found = slow.solve(lag, lambda p: self._near(live, self._with_stocks(p, ln_capital)), self.tol)
        return self._read(found, slow.ln_uncharged(found.problem))

    def capital_income(self, cost: Array, problem: Problem) -> Array:
        """Return what capital earns [n], or [n,j], at a cost of production [j,n]."""
        earned = np.where(np.isnan(problem.factors.surplus), 0.0, problem.factors.surplus) * cost.T
        return earned if self.by_sector else earned.sum(axis=1)

    def _read(self, s: Solution, ln_uncharged: Array | float = 0.0) -> StaticState:
        """What is kept of a solution; `ln_uncharged` [j,n,i] is what users act on in its wedges and do not pay."""
        a, e = s.accounts, s.accounts.economy
        unit = float(a.unit)
        country = {key: quantities.OF[key](a) for key in (*RATES, *AMOUNTS)}
        for key in AMOUNTS[1:]:  # the equivalent variation is at base prices
            country[key] = country[key] / unit
        f, (j, n, i) = self.watched, np.unravel_index(self.watched, e.value.shape)
        paid = a.user_value.ravel()[f]
        flows = WatchedFlows(
            volume=a.real_flow.ravel()[f],
            border=a.border_value.ravel()[f] / unit,
            duty=a.duty.ravel()[f] / unit,
            paid=paid / unit,
            price=np.exp(a.cleared.ln_producer_price[j, i] + (a.ln_user_wedge_hat - ln_uncharged).ravel()[f]) / unit,
        )
        gross = (e.value * e.gross).ravel()[f]
        at_home = paid * np.exp(-a.ln_consumer_price)[n]
        price = {
            title: float(at_home[g].sum() / flows.volume[g].sum() * e.value.ravel()[f[g]].sum() / gross[g].sum())
            if flows.volume[g].sum() > 0
            else np.nan
            for title, g in self.markets.items()
        }
        return StaticState(
            market_price=price,
            country=country,
            sector={key: quantities.OF[key](a) for key in BY_SECTOR},
            income=a.income / unit,
            real_spending=a.income * np.exp(-a.ln_consumer_price),
            capital_income=self.capital_income(a.cleared.cost, s.problem) / unit,
            flows=flows,
        )


def _make_room(kept: dict[Live, Any]) -> None:
    """Delete the oldest entries, so that one more may be kept."""
    while len(kept) >= KEPT:
        del kept[next(iter(kept))]


def check_grows_no_further(ln_capital: Array, economy: Economy, when: str) -> None:
    """Raise `ConvergenceError` where a stock of capital is a thousand times or a thousandth of that of the base."""
    far = np.abs(ln_capital) > np.log(1000)
    if far.any() or not np.isfinite(ln_capital).all():
        n = int(np.argwhere(far | ~np.isfinite(ln_capital))[0][0])
        raise ConvergenceError(
            f"Capital of {economy.countries[n]} explodes: by {when} it is a thousand times or a thousandth of that of "
            f"the base; check the measures and the share of capital"
        )
