"""What a party wants of an Outcome, as money a year at base prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.market import State
from entrepot.equilibrium.problem import Index, Problem
from entrepot.equilibrium.sensitivity import Sensitivity, Slopes
from entrepot.equilibrium.welfare import real_income_hat
from entrepot.errors import InputError


@dataclass(frozen=True)
class Objective:
    """A party's payoff, in millions of US dollars at base prices, as a change from the base:

        real_income EV + sum_j value_added[j] d(V_j/P) + revenue d(R/P) + sum_m balance[m] d((X_m - M_m)/P)

    real_income   weight on real income (equivalent variation): 1
    value_added   extra weight on a dollar of value added by sector: {motor_vehicles: 0.3}. Grossman and Helpman (1994,
                  AER 84: 833-850); Ossa (2014, AER 104: 4104-4146), whose weights are one plus these
    revenue       extra weight on a dollar of public revenue
    balance       weight on a dollar of net exports to a partner (code or group), at producer prices
    """

    real_income: float = 1.0
    value_added: Mapping[str, float] = field(default_factory=dict)
    revenue: float = 0.0
    balance: Mapping[str, float] = field(default_factory=dict)

    def on(self, economy: Economy, party: str | tuple[str, ...]) -> Payoff:
        """The same on an Economy, for a country or a group (its members' sum). Raises `InputError` for a name."""
        codes = resolve_countries(party, economy.countries, "objective")[0]
        weights = np.zeros(len(economy.sectors))
        for name, weight in self.value_added.items():
            for sector in resolve_sectors(name, economy.sectors, "objective: value_added"):
                weights[economy.sectors.index(sector)] += float(weight)
        flow, sign = [np.zeros(0, dtype=np.intp)], [np.zeros(0)]
        for partner, weight in self.balance.items():
            others = resolve_countries(partner, economy.countries, "objective: balance")[0]
            if set(others) & set(codes):
                raise InputError(f"objective: balance: {partner} is part of the party itself")
            for exporters, importers, by in ((codes, others, weight), (others, codes, -weight)):
                i = np.isin(economy.countries, exporters)
                n = np.isin(economy.countries, importers)
                cells = np.flatnonzero(np.broadcast_to(n[:, None] & i, economy.value.shape))
                flow.append(cells)
                sign.append(np.full(cells.size, float(by)))
        members = np.array([economy.countries.index(code) for code in codes])
        return Payoff(self, economy, codes, members, weights, np.concatenate(flow), np.concatenate(sign))


@dataclass(frozen=True)
class Payoff:
    """An Objective of one party on an Economy.

    members [c] positions of its countries; sector_weight [j]; flow [f] and flow_weight [f] of bilateral balances
    """

    objective: Objective
    economy: Economy
    codes: tuple[str, ...]
    members: Index
    sector_weight: Array
    flow: Index
    flow_weight: Array

    def at(self, problem: Problem, state: State, accounts: Accounts) -> float:
        """The payoff at a solution, millions of US dollars."""
        e, mine = self.economy, self.members
        price = np.exp((e.final_share * state.ln_price.T).sum(axis=1))
        real_income = e.income * (real_income_hat(problem, state, accounts.income) - 1)
        worth = self.objective.real_income * float(real_income[mine].sum())
        value_added = e.value_added_share.T * accounts.cleared.cost  # [j,n]
        gained = value_added / price - e.value_added_share.T * e.output
        worth += float(self.sector_weight @ gained[:, mine].sum(axis=1))
        revenue = accounts.cleared.revenue / price - e.tariff_revenue
        worth += self.objective.revenue * float(revenue[mine].sum())
        if self.flow.size:
            mean_price = self._price(price)
            worth += float(self.flow_weight @ (accounts.producer_value.ravel()[self.flow] / mean_price))
            worth -= float(self.flow_weight @ e.value.ravel()[self.flow])
        return worth

    def slopes(self, at: Sensitivity) -> Slopes:
        """Its derivatives in what the equilibrium map computes."""
        e, mine = self.economy, self.members
        out = (
            at.real_income({c: float(e.income[e.countries.index(c)]) for c in self.codes}) * self.objective.real_income
        )
        ln_price = (e.final_share * at.state.ln_price.T).sum(axis=1)
        per_price = np.zeros(len(e.countries))
        per_price[mine] = np.exp(-ln_price[mine])
        cost = self.sector_weight[:, None] * e.value_added_share.T * per_price
        revenue = self.objective.revenue * per_price
        fall = (cost * at.at.cost).sum(axis=0) + revenue * at.at.revenue
        out = out + Slopes(cost=cost, revenue=revenue, ln_price=-(fall[:, None] * e.final_share).T)
        if self.flow.size:
            mean_price = self._price(np.exp(ln_price))
            value = at.market.value(at.at).ravel()[self.flow]
            share = self._shares()
            total = float(self.flow_weight @ value) / mean_price
            out = out + Slopes(
                flow=self.flow,
                value=self.flow_weight / mean_price,
                ln_price=-total * (share[:, None] * e.final_share).T,
            )
        return out

    def _shares(self) -> Array:
        """The members' shares of the party's base income [n]."""
        out = np.zeros(len(self.economy.countries))
        out[self.members] = self.economy.income[self.members]
        return out / out.sum()

    def _price(self, price: Array) -> float:
        """The party's consumer price: its members' by their base income, geometric."""
        return float(np.exp(self._shares() @ np.log(price)))
