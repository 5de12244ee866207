"""Trade when outputs and spending are held: the conditional equilibrium of structural gravity.

Every sector by itself. Costs change, k^; producers sell what they sold in the base, and importers leave producers what
they left them; prices bring the two about:

    F'[j,n,i] = N[j,n,i] u[j,i] v[j,n],   N = pi k^-theta over border taxes,   u = p^^-theta
    sum_n F' = Y[j,i]                     outward resistance Pi^ = 1/p^
    sum_i F' = M[j,n]                     inward resistance  P^ = (sum_i pi k^-theta u)^(-1/theta)

(Anderson and van Wincoop 2003; Yotov, Piermartini, Monteiro and Larch 2016, chapter 2). Spending is held net of border
taxes: with their revenue in it, outputs could not all be what they were. There is no unit cost, no factor market and no
budget here, and one price a sector is free; so this is not a closure, and it says nothing of real income.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, price_sum, producer_sales
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium.accounts import abroad, ratio
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.labelled import by_country, by_flow, by_sector
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import check_arguments
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Scenario
from entrepot.numerics import anderson
from entrepot.read_only import read_only

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@read_only
@dataclass(frozen=True, eq=False)
class Conditional:
    """Trade of an Economy under measures, outputs and spending held.

    value [j,n,i]             producer value of every flow, US$ million
    direct [j,n,i]            the same before any price has adjusted
    ln_producer_price [j,i]   ln p^, and ln_price [j,n], ln P^: in every sector relative to the reference
    gap                       largest relative gap between what is sold and bought and what is held
    """

    economy: Economy
    scenario: Scenario
    value: Array
    direct: Array
    ln_producer_price: Array
    ln_price: Array
    gap: float

    @cached_property
    def countries(self) -> pd.DataFrame:
        """Changes of exports and imports by country in percent, at producer prices.

        `direct` is before any price has adjusted, `held` with outputs and spending held.
        """
        imports, exports = abroad(self.economy.value)
        table = {}
        for name, new in (("direct", self.direct), ("held", self.value)):
            new_imports, new_exports = abroad(new)
            table[f"exports_{name}_pct"] = 100 * (ratio(new_exports, exports) - 1)
            table[f"imports_{name}_pct"] = 100 * (ratio(new_imports, imports) - 1)
        return by_country(self.economy, table)

    @cached_property
    def resistances(self) -> pd.DataFrame:
        """By (country, sector), in percent: outward and inward multilateral resistance, and the producer price."""
        table = {
            "outward_pct": 100 * np.expm1(-self.ln_producer_price),
            "inward_pct": 100 * np.expm1(self.ln_price),
            "producer_price_pct": 100 * np.expm1(self.ln_producer_price),
        }
        return by_sector(self.economy, table)

    @cached_property
    def trade(self) -> xr.Dataset:
        """Over (importer, exporter, sector): value in the base, directly, and with outputs and spending held."""
        arrays = {"value": self.value, "value_direct": self.direct, "value_base": self.economy.value}
        return by_flow(self.economy, arrays)

    def __repr__(self) -> str:
        return (
            f"Conditional trade under {self.scenario.name!r} on {self.economy.name}, outputs and spending held. "
            f"Largest gap {self.gap:.1g}\nNext: .countries, .trade, .resistances"
        )


def conditional(
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure] = (),
    *,
    reference: str | None = None,
    tol: float = 1e-10,
) -> Conditional:
    """Trade under measures with the outputs and spending of the base held, and only prices adjusting.

    reference   the country whose inward resistance is the unit in every sector, as in Yotov et al. (2016); default:
                producer prices of the world, by base output

    Raises `InputError` for measures other than trade costs and border taxes, whose effects need the whole model, and
    `ConvergenceError` where no prices reproduce outputs and spending, as under some embargoes.
    """
    check_arguments(economy, None, tol)
    scenario = Scenario.of(measures)
    problem = Problem.of(economy, scenario, Closure())
    if problem.quotas.count or problem.price_rules.flow.size or (problem.ln_subsidy != economy.ln_subsidy).any():
        raise InputError(
            "conditional: with outputs and spending held only tariffs, export taxes, trade costs and embargoes have a "
            "meaning; quotas, price rules and production subsidies need `solve`"
        )
    attraction, net = EquilibriumMap(problem).links.full()
    theta = economy.theta[:, None]
    sales, purchases = economy.output, economy.value.sum(axis=2)
    sold, bought = sales > 0, purchases > 0
    with np.errstate(all="ignore"):
        ln_u = _scaled(net, sales, purchases, tol)
        sourcing = np.exp(ln_u)
        demand = np.where(bought, purchases / price_sum(net, sourcing), 0.0)
        value = net * sourcing[:, None, :] * demand[:, :, None]
        ln_price = np.where(bought, -np.log(price_sum(attraction, sourcing)) / theta, 0.0)
    gap = max(_gap(value.sum(axis=1), sales), _gap(value.sum(axis=2), purchases))
    if not gap <= tol:
        raise ConvergenceError(
            f"No prices bring all outputs and spending of the base about under {scenario.name!r}: the largest gap left "
            f"is {gap:.2g}.",
            remedy="a smaller change in trade costs, or `solve`, where outputs and spending adjust.",
            residual=gap,
        )
    ln_producer_price = np.where(sold, -ln_u / theta, 0.0)
    unit = _unit(economy, ln_producer_price, ln_price, reference)
    return Conditional(
        economy=economy,
        scenario=scenario,
        value=value,
        direct=net * economy.spending[:, :, None],
        ln_producer_price=np.where(sold, ln_producer_price - unit, 0.0),
        ln_price=np.where(bought, ln_price - unit, 0.0),
        gap=gap,
    )


def _scaled(net: Array, sales: Array, purchases: Array, tol: float) -> Array:
    """Return ln u [j,i], with an average of zero by sales in every sector.

    Rows and columns of `net` are scaled to their sums in turn (Sinkhorn 1967), with accelerated steps.
    """
    weight = sales / np.maximum(sales.sum(axis=1, keepdims=True), 1e-300)
    sold, bought = sales > 0, purchases > 0

    def step(x: Array) -> Array:
        sourcing = np.exp(x.reshape(sales.shape))
        demand = np.where(bought, purchases / price_sum(net, sourcing), 0.0)
        ln_u = np.where(sold, np.log(sales / producer_sales(net, np.ones_like(sourcing), demand)), 0.0)
        return np.asarray(ln_u - (weight * ln_u).sum(axis=1, keepdims=True)).ravel()

    return anderson(step, np.zeros(sales.size), tol=min(1e-13, tol), max_iterations=1000).x.reshape(sales.shape)


def _unit(economy: Economy, ln_producer_price: Array, ln_price: Array, reference: str | None) -> Array:
    """ln of the price that is the unit, by sector [j,1]."""
    if reference is None:
        return np.average(ln_producer_price, axis=1, weights=np.maximum(economy.output, 1e-300))[:, None]
    names = reference if isinstance(reference, str) else ()
    codes = resolve_countries(names, economy.countries, "conditional: reference")[0]
    if len(codes) != 1:
        raise InputError(f"conditional: reference {reference!r} is not one country")
    return ln_price[:, [economy.countries.index(codes[0])]]


def _gap(found: Array, held: Array) -> float:
    there = held > 0
    return float(np.abs(found[there] / held[there] - 1).max(initial=0.0))
