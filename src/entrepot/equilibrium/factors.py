"""Primary factors: who supplies them, what they earn, and how they enter cost.

One state variable beyond wages carries all of it: the activity of a sector, C^ [j,i], its cost (or sales with subsidy)
as a ratio to the base. Specific capital earns r^ = C^, since its share of cost is fixed and so is its stock; and
employment in the sector is C^/w^.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, ln_consumer_price, turned, wage_bill
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.equilibrium.closure import Closure
from entrepot.errors import InputError


@dataclass(frozen=True, eq=False)
class Factors:
    """A closure's factors on an Economy.

    labour [n,j]           share of labour in cost: b in the long run (all factors are one), lambda b in the short
    capital [n,j]          share of specific capital in cost: b - labour
    surplus [n,j]          share of operating surplus in cost, (1 - lambda) b; not a number where lambda is not stated
    scale [j]              gamma, elasticity of productivity to employment
    supply [n]             eta, elasticity of labour supply
    tax [n]                tau, the rate of tax on labour income in the base
    recycled               whether revenue cuts that tax
    """

    economy: Economy
    labour: Array
    capital: Array
    surplus: Array
    scale: Array
    supply: Array
    tax: Array
    recycled: bool

    @classmethod
    def of(cls, economy: Economy, closure: Closure) -> Factors:
        """Raises `UnknownNameError` for a name, `InputError` where scale and trade elasticity leave no equilibrium."""
        value_added = economy.value_added_share
        share = _by_both("labour_share", closure.labour_share, economy)
        labour = share * value_added if closure.horizon == "short" else value_added
        scale = _by_sector("scale", closure.scale, economy)
        if closure.competition is not None:
            scale = scale + closure.competition.scale(economy.sectors, scale)
        strong = np.flatnonzero(scale * economy.theta > 1 + 1e-12)
        if strong.size:
            j = int(strong[0])
            raise InputError(
                f"closure: scale of {economy.sectors[j]} ({scale[j]:g}) times its trade elasticity "
                f"({economy.theta[j]:g}) is {scale[j] * economy.theta[j]:.3g}, above one: a small lead would take the "
                f"whole market, and the equilibrium is not one (Kucheryavyy, Lyn and Rodriguez-Clare 2023). At most "
                f"{1 / economy.theta[j]:.3g} can be used there"
            )
        supply = _by_country("labour_supply", closure.labour_supply, economy)
        tax = _by_country("labour_tax", closure.labour_tax, economy)
        beyond = np.flatnonzero(tax * (1 + supply) >= 1)
        if closure.recycling == "labour_tax" and beyond.size:
            n = int(beyond[0])
            raise InputError(
                f"closure: labour_tax of {economy.countries[n]} ({tax[n]:g}) is beyond the top of the revenue curve, "
                f"1/(1 + labour_supply) = {1 / (1 + supply[n]):.3g}: there a lower rate raises more, and how revenue "
                f"would cut the tax has no one answer"
            )
        return cls(
            economy=economy,
            labour=labour,
            capital=value_added - labour,
            surplus=(1 - share) * value_added,
            scale=scale,
            supply=supply,
            tax=tax,
            recycled=closure.recycling == "labour_tax",
        )

    # ---- how they enter cost ----

    @cached_property
    def wage_exponent(self) -> Array:
        """[n,j], of w^ in unit cost."""
        return self.labour + self.scale

    @cached_property
    def activity_exponent(self) -> Array:
        """[n,j], of C^ in unit cost: capital gets dearer, economies of scale cheaper."""
        return self.capital - self.scale

    @cached_property
    def has_activity(self) -> bool:
        """Whether unit cost depends on how much a sector produces."""
        return bool(self.capital.any() or self.scale.any())

    @cached_property
    def elastic(self) -> bool:
        return bool(self.supply.any())

    # ---- what they earn (millions of US dollars) ----

    @cached_property
    def labour_income(self) -> Array:
        """Of the base [n]."""
        return wage_bill(self.labour, self.economy.cost)

    @cached_property
    def capital_income(self) -> Array:
        """Of the base [j,n], by sector."""
        return turned(self.capital) * self.economy.cost

    # ---- supply ----

    def ln_net_wage(self, ln_wage: Array, ln_price: Array, ln_keep: Array) -> Array:
        """ln of the real wage after tax [n], as a ratio to the base: w^ k^ / P^, k = 1 - tau."""
        ln_real = ln_wage - ln_consumer_price(self.economy.final_share, ln_price)
        return ln_real + ln_keep if ln_keep.size else ln_real

    def ln_labour(self, ln_wage: Array, ln_price: Array, ln_keep: Array) -> Array:
        """ln L^ = eta ln(w^ k^ / P^) [n]: preferences of Greenwood, Hercowitz and Huffman (1988), no income effect."""
        if not self.elastic:
            return np.zeros_like(ln_wage)
        return self.supply * self.ln_net_wage(ln_wage, ln_price, ln_keep)

    def ln_wage(self, wage_bill: Array, ln_price: Array, ln_keep: Array) -> Array:
        """The wage [n] at which the labour supplied earns `wage_bill`: (1+eta) ln w^ = ln B^ + eta ln(P^/k^)."""
        ln_bill = np.log(wage_bill / self.labour_income)
        if not self.elastic:
            return ln_bill
        at_no_wage = self.ln_net_wage(np.zeros_like(ln_bill), ln_price, ln_keep)
        return (ln_bill - self.supply * at_no_wage) / (1 + self.supply)

    def effort(self, ln_wage: Array, ln_price: Array, ln_keep: Array) -> Array:
        """Change in the disutility of work [n], as a part of base income: what a gain in real income has cost.

        k V/I eta/(1+eta) ((w^ k^/P^)^(1+eta) - 1), the integral of the supply curve.
        """
        if not self.elastic:
            return np.zeros_like(ln_wage)
        earned = (1 - self.tax) * self.labour_income / self.economy.income
        power = (1 + self.supply) * self.ln_net_wage(ln_wage, ln_price, ln_keep)
        return earned * self.supply / (1 + self.supply) * np.expm1(power)

    def next_tax(self, ln_price: Array, labour_income: Array, revenue: Array) -> Array:
        """The rate [n] that keeps tax and revenue together at their real sum: tau' w'L' + R' = P^ (tau wL + R)."""
        needed = self.tax * self.labour_income + self.economy.revenue
        price = np.exp(ln_consumer_price(self.economy.final_share, ln_price))
        return (price * needed - revenue) / labour_income

    def labour_tax(self, ln_keep: Array) -> Array:
        """The rate on labour income [n], where the part of a wage that it leaves is k^ of what it was."""
        return 1 - (1 - self.tax) * np.exp(ln_keep) if self.recycled else self.tax

    @cached_property
    def tax_step(self) -> Array:
        """1/(1 - phi) [n], with phi = eta tau/(1 - tau): the tax base answers the tax, so its step is longer."""
        return 1 / (1 - self.supply * self.tax / (1 - self.tax))

    @cached_property
    def key(self) -> bytes:
        """The same for factors that act alike."""
        parts = (self.labour, self.scale, self.supply)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).digest()


def _by_country(key: str, value: Any, economy: Economy) -> Array:
    return _spread(key, value, economy.countries, lambda name: resolve_countries(name, economy.countries, key)[0])


def _by_sector(key: str, value: Any, economy: Economy) -> Array:
    return _spread(key, value, economy.sectors, lambda name: resolve_sectors(name, economy.sectors, key))


def _by_both(key: str, value: Any, economy: Economy) -> Array:
    """[n,j] from a number, numbers by sector, or by country and then sector; not a number where none is stated."""
    shape = (len(economy.countries), len(economy.sectors))
    if value is None:
        return np.full(shape, np.nan)
    if not isinstance(value, Mapping) or not any(isinstance(part, Mapping) for part in value.values()):
        return np.broadcast_to(_complete(key, _by_sector(key, value, economy), economy.sectors), shape)
    out = np.full(shape, np.nan)
    for name, part in value.items():
        row = _complete(f"{key} of {name}", _by_sector(key, part, economy), economy.sectors)
        for code in resolve_countries(str(name), economy.countries, key)[0]:
            out[economy.countries.index(code)] = row
    _complete(key, out[:, 0], economy.countries)
    return out


def _spread(key: str, value: Any, labels: tuple[str, ...], resolve: Any) -> Array:
    """One number for all, or by name; names not listed get zero (shares: not a number)."""
    if not isinstance(value, Mapping):
        return np.full(len(labels), float(value))
    out = np.full(len(labels), np.nan if key == "labour_share" else 0.0)
    named = [(resolve(str(name)), float(number)) for name, number in value.items()]
    for found, number in sorted(named, key=lambda pair: -len(pair[0])):  # ALL or a group first, then who is named apart
        for label in found:
            out[labels.index(label)] = number
    return out


def _complete(key: str, row: Array, labels: tuple[str, ...]) -> Array:
    missing = [label for label, number in zip(labels, row, strict=True) if np.isnan(number)]
    if missing:
        raise InputError(f"closure: {key}: nothing for {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}")
    return row
