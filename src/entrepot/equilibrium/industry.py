"""One sector in a country, or in several countries together, such as steel in the EU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Ledger, ratio
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.quantities import read

#: What is reported of an industry, before its capacity for research and development.
INDUSTRY = (
    "output_volume_pct",
    "price_pct",
    "real_price_pct",
    "import_share",
    "value_added",
    "sector_employment_pct",
    "operating_surplus",
    "capital_return_pct",
)
_SUMS = ("value_added", "operating_surplus")


def industry_numbers(ledger: Ledger, countries: Sequence[int], sector: int) -> dict[str, Array]:
    """Return the numbers of `INDUSTRY` [..], and value added at base consumer prices, of a sector in several countries.

    Amounts are sums. A change in per cent is the mean of those of the countries, by base output for output, by base
    spending for prices, by base labour income for jobs and by what capital earns in the base for its return. Imports
    are those from outside of the countries; what they sell to each other is not among them.
    """
    e, factors = ledger.economy, ledger.factors
    of = list(countries)
    rows = {key: number[..., sector, of] for key, number in read("sector", ledger).items() if key in INDUSTRY}
    cost = e.cost[..., sector, of]
    weights = {
        "output_volume_pct": e.output[..., sector, of],
        "price_pct": e.spending[..., sector, of],
        "real_price_pct": e.spending[..., sector, of],
        "sector_employment_pct": labour_income(factors, cost, of, sector),
        "capital_return_pct": factors.capital[..., of, sector] * cost,
    }
    out = {key: rows[key].sum(axis=-1) for key in _SUMS}
    out |= {key: _mean(rows[key], weight) for key, weight in weights.items()}
    out["import_share"] = rows["import_share"][..., 0] if len(of) == 1 else _from_outside(ledger, of, sector)
    out["real_value_added"] = (rows["value_added"] / np.exp(ledger.ln_consumer_price[..., of])).sum(axis=-1)
    return {key: out[key] for key in (*INDUSTRY, "real_value_added")}


def base_industry(economy: Economy, factors: Factors, countries: Sequence[int], sector: int) -> dict[str, float]:
    """Return what `industry_numbers` returns in the base, where changes are zero and left out."""
    of = list(countries)
    cost = economy.cost[sector, of]
    inside = np.ix_([sector], of, of)
    spent = float(economy.spending[sector, of].sum())
    inner = float((economy.gross[inside] * economy.value[inside]).sum())
    profit = cost * (economy.markup[sector, of] - 1)
    capital = factors.capital[of, sector]
    return {
        "import_share": 1 - inner / spent if spent > 0 else float("nan"),
        "value_added": float((economy.gross_margin[of, sector] * cost).sum()),
        "operating_surplus": float((factors.surplus[of, sector] * cost + profit).sum()),
        "capital_return_pct": 0.0 if (capital > 0).any() else float("nan"),
    }


def labour_income(factors: Factors, cost: Array, countries: Sequence[int], sector: int) -> Array:
    """Return what labour earns in a sector of some countries in the base, from its cost there [.., n].

    Where the closure states no labour share it is all that factors earn.
    """
    value_added, surplus = factors.economy.value_added_share, factors.surplus
    share = np.where(np.isnan(surplus), value_added, value_added - surplus)
    return share[..., list(countries), sector] * cost


def _mean(values: Array, weights: Array) -> Array:
    """Return the mean over the last axis; NaN where no weight is above zero."""
    if values.shape[-1] == 1:
        return values[..., 0]
    return ratio(np.where(weights > 0, weights * values, 0.0).sum(axis=-1), weights.sum(axis=-1))


def _from_outside(ledger: Ledger, of: Sequence[int], sector: int) -> Array:
    """Return the part of the countries' spending on the sector that goes to sellers outside of them [..]."""
    flow = np.ravel_multi_index(np.ix_([sector], of, of), ledger.economy.value.shape[-3:]).ravel()
    inside = ledger.bought(flow).sum(axis=-1)
    spent = ledger.cleared.spending[..., sector, of].sum(axis=-1)
    return np.where(spent > 0, 1 - inside / np.where(spent > 0, spent, 1.0), 0.0)
