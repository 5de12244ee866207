"""The Problem: an Economy, a Scenario and a Closure as the arrays that the equilibrium map reads."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.overlapping_caps import Tie
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.equilibrium.quantity_limits import Quotas, mean_elasticity, quota_arrays
from entrepot.equilibrium.trade_links import looked_up
from entrepot.errors import InputError, MeasureError
from entrepot.measures import Policy, Scenario
from entrepot.measures.acts import flow_name

#: The taxes and costs of a Problem by flow, as the Policy has them.
BY_FLOW = ("ln_tariff_base", "ln_tariff", "ln_export_tax_base", "ln_export_tax", "ln_iceberg")


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem for the solver. Policy is sparse: `flow` lists the flows [f] whose taxes or costs change.

    policy             the acts of the measures
    ln_tariff [f]      ln(1+t') on those flows, `ln_tariff_base` ln(1+t)
    ln_export_tax [f]  ln(1+e'), `ln_export_tax_base` ln(1+e);  ln_iceberg [f]  ln d^
    ln_subsidy [j,i]   ln(1+s'), zero where there is none
    embargoed [.]      flat positions of flows that are removed
    price_rules        specific duties and minimum prices
    factors            how labour and capital are supplied
    ties               caps that equal the limit of others, and those others (see `overlapping_caps`)
    """

    economy: Economy
    scenario: Scenario
    policy: Policy
    closure: Closure
    flow: Index
    ln_tariff_base: Array
    ln_tariff: Array
    ln_export_tax_base: Array
    ln_export_tax: Array
    ln_iceberg: Array
    ln_subsidy: Array
    embargoed: Index
    quotas: Quotas
    price_rules: PriceRules
    factors: Factors
    notes: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()

    @classmethod
    def of(cls, economy: Economy, scenario: Scenario, closure: Closure) -> Problem:
        """Return the Problem. Raises `MeasureError` or `UnknownNameError` where a measure does not fit this Economy."""
        economy = closed(economy, closure)
        unit, place = closure.unit_of
        if place != "WORLD":
            codes = resolve_countries(place, economy.countries, "closure: numeraire")[0]
            if len(codes) != 1:
                raise InputError(f"closure: numeraire {place!r} is not one country")
            closure = replace(closure, numeraire=f"CPI:{codes[0]}" if unit == "prices" else codes[0])
        policy = Policy.of(economy, scenario)
        taxes = policy.border_taxes()
        quotas, embargoed, ties, notes = quota_arrays(economy, policy, taxes)
        return cls(
            economy=economy,
            scenario=scenario,
            policy=policy,
            closure=closure,
            flow=taxes.flow,
            **{name: getattr(taxes, name) for name in BY_FLOW},
            ln_subsidy=policy.ln_subsidy(),
            embargoed=embargoed,
            quotas=quotas,
            price_rules=_price_rules(economy, policy, embargoed),
            factors=Factors.of(economy, closure),
            ties=ties,
            notes=tuple(dict.fromkeys([*(note for m in scenario for note in m.notes(economy)), *notes])),
        )

    def named(self, scenario: Scenario) -> Problem:
        """Return the same arrays with the measures of a scenario that is equivalent to them."""
        return replace(self, scenario=scenario, policy=Policy.of(self.economy, scenario))

    def on(self, economy: Economy) -> Problem:
        """Return the same problem on an Economy that differs in elasticities alone."""
        economy, q, factors = with_competition(economy, self.closure), self.quotas, self.factors
        if q.count:
            q = replace(q, theta=mean_elasticity(economy, q.flow, q.owner, q.count))
        if factors.scale.any() or economy.has_selection:
            factors = replace(Factors.of(economy, self.closure), ln_capital=factors.ln_capital)
        other, on = copy(self), copy(factors)  # what Factors have computed stands; `replace` takes longer than all this
        on.__dict__["economy"] = economy
        other.__dict__.update(economy=economy, quotas=q, factors=on)
        return other

    def with_capital(self, ln_capital: Array) -> Problem:
        """Return the Problem with other stocks of capital, ln K^ [n,j] against the base, in place of the closure's."""
        return replace(self, factors=replace(self.factors, ln_capital=ln_capital))

    def active(self) -> Problem:
        """Return the Problem with activity among the unknowns, as a stack needs where any member has it."""
        return self if self.factors.has_activity else replace(self, factors=replace(self.factors, active=True))

    def at(self, s: float) -> Problem:
        """Return the Problem with a part s in [0, 1] of the shock: log-linear in taxes, costs and caps."""
        if s == 1.0:
            return self
        q = self.quotas
        return replace(
            self,
            ln_tariff=(1 - s) * self.ln_tariff_base + s * self.ln_tariff,
            ln_export_tax=(1 - s) * self.ln_export_tax_base + s * self.ln_export_tax,
            ln_iceberg=s * self.ln_iceberg,
            ln_subsidy=(1 - s) * self.economy.ln_subsidy + s * self.ln_subsidy,
            factors=replace(self.factors, ln_capital=s * self.factors.ln_capital)
            if self.factors.capital_moves
            else self.factors,
            price_rules=self.price_rules.at(s),
            quotas=replace(
                q,
                ln_cap=(1 - s) * q.ln_base + s * q.ln_cap,
                ln_ceiling=_between(q.ln_ceiling_base, q.ln_ceiling, s),
                ln_surcharge=_between(q.ln_surcharge_base, q.ln_surcharge, s),
            ),
        )

    @property
    def tariff(self) -> Array:
        """t' [j,n,i]."""
        tariff = self.economy.tariff.copy()
        tariff.ravel()[self.flow] = np.expm1(self.ln_tariff)
        return tariff

    @property
    def export_tax(self) -> Array:
        """e' [j,n,i]: flows with an export tax in the base are all among `flow`."""
        return self.spread(self.flow, np.expm1(self.ln_export_tax))

    def border_taxes(self, flow: Index) -> tuple[Array, Array]:
        """Return ln(1+t') and ln(1+e') on `flow`."""
        if not flow.size:
            return np.zeros(0), np.zeros(0)
        ln_tariff = np.log1p(self.economy.tariff.ravel()[flow])
        # flows with an export tax in the base are all among `self.flow`
        ln_export_tax = looked_up(self.flow, self.ln_export_tax, flow, 0.0)
        return looked_up(self.flow, self.ln_tariff, flow, ln_tariff), ln_export_tax

    def quota_title(self, q: int) -> str:
        """Return the name of quota q: that of its measure, or its name in the base."""
        act = int(self.quotas.act[q])
        return self.policy.acts[act].measure.title if act >= 0 else self.economy.in_force.quotas.title[-1 - act]

    @property
    def standing(self) -> NDArray[np.bool_]:
        """The quotas [q] that are not lifted."""
        return ~np.isin(-1 - self.quotas.act, self.policy.lifted_quotas)

    def spread(self, flow: Index, values: Array) -> Array:
        """Return an array [j,n,i] with the sum of `values` on each of `flow`, and zero elsewhere."""
        shape = self.economy.value.shape
        return np.bincount(flow, values, self.economy.value.size).astype(float, copy=False).reshape(shape)


def _between(base: Array, new: Array, s: float) -> Array:
    """A part s of the way between logs; infinite where the new one is."""
    limited = np.isfinite(new)
    return np.where(limited, (1 - s) * base + s * np.where(limited, new, 0.0), np.inf)


def _price_rules(economy: Economy, policy: Policy, embargoed: Index) -> PriceRules:
    """Price rules in force and new ones. Raises `MeasureError` for a new one on a flow that has one already."""
    acts, held = policy.price_rules(), economy.in_force.price_rules
    if not held.flow.size:
        return PriceRules.of(acts).without(embargoed)
    lifted = policy.lifted_price_rules
    for act in acts:
        twice = np.setdiff1d(np.intersect1d(act.at, held.flow), lifted)
        if twice.size:
            raise MeasureError(
                "amount" if act.amount.any() else "price",
                f"{flow_name(economy, twice[0])} has a specific duty or minimum price in force in the base; exempt it",
                act.measure.title,
            )
    return PriceRules.of(acts).in_place_of(PriceRules.held(held, lifted)).without(embargoed)


def closed(economy: Economy, closure: Closure) -> Economy:
    """Return the base of a closure: with its markups, and without deficits if it balances trade."""
    economy = with_competition(economy, closure)
    if closure.closes_base and np.abs(economy.deficit).max() > 1e-9 * economy.value_added.sum():
        return economy.balanced()
    return economy


def with_competition(economy: Economy, closure: Closure) -> Economy:
    """Return `economy` with the closure's competition. Raises `InputError` where it has markups already."""
    return economy if closure.competition is None else closure.competition.on(economy)
