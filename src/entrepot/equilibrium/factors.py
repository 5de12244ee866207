"""Primary factors: who supplies them, what they earn, and how they enter cost.

One state variable beyond wages carries all of it: the activity of a sector, C^ [j,i], its cost (or sales with subsidy)
as a ratio to the base. Specific capital earns r^ = C^, since its share of cost is fixed and so is its stock; and
employment in the sector is C^/w^. Stocks of capital that differ from the base, K^, take (1 - lambda) b ln K^ off ln c^.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, ln_consumer_price, turned, wage_bill
from entrepot.equilibrium.blocks import labour, recycling
from entrepot.equilibrium.blocks.labour import LabourRule
from entrepot.equilibrium.blocks.recycling import Recycling
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.closure_numbers import by_country, by_sector, of_countries
from entrepot.errors import InputError
from entrepot.words import listed


@dataclass(frozen=True, eq=False)
class Factors:
    """A closure's factors on an Economy.

    labour [n,j]           share of labour in cost: b in the long run (all factors are one), lambda b in the short
    capital [n,j]          share of specific capital in cost: b - labour
    surplus [n,j]          share of operating surplus in cost, (1 - lambda) b; NaN where lambda is not stated
    scale [j]              gamma, elasticity of productivity to employment
    ln_capital [n,j]       ln K^, stocks of capital over those of the base
    labour_rule            how what labour earns splits into wages and jobs
    tax [n]                tau, the rate of tax on labour income in the base
    recycled               whether revenue moves that tax
    active                 activity is an unknown whatever the shares: beside others whose costs depend on it
    """

    economy: Economy
    labour: Array
    capital: Array
    surplus: Array
    scale: Array
    ln_capital: Array
    labour_rule: LabourRule
    tax: Array
    recycled: bool
    active: bool = False

    @classmethod
    def of(cls, economy: Economy, closure: Closure) -> Factors:
        """Those of the last closure are kept with the Economy.

        Raises `UnknownNameError` for a name, `InputError` where scale and trade elasticity leave no equilibrium.
        """
        kept: tuple[Closure, Factors] | None = economy.__dict__.get("_factors")
        if kept is None or kept[0] != closure:
            kept = economy.__dict__["_factors"] = (closure, cls._made(economy, closure))
        return kept[1]

    @classmethod
    def _made(cls, economy: Economy, closure: Closure) -> Factors:
        value_added = economy.value_added_share
        share = _labour_share(closure.labour_share, economy)
        of_labour = share * value_added if closure.horizon == "short" else value_added
        scale = by_sector("scale", closure.scale, economy)
        if closure.competition is not None:
            scale = scale + closure.competition.scale(economy, scale)
        strong = np.flatnonzero(scale * economy.theta > 1 + 1e-12)
        if strong.size:
            j = int(strong[0])
            entry = "" if closure.competition is None else f"; a part of it comes with {closure.competition}"
            raise InputError(
                f"closure: scale of {economy.sectors[j]} ({scale[j]:g}) times its trade elasticity "
                f"({economy.theta[j]:g}) is {scale[j] * economy.theta[j]:.3g}, above one: a small lead would take the "
                f"whole market, and the equilibrium is not one (Kucheryavyy, Lyn and Rodriguez-Clare 2023). At most "
                f"{1 / economy.theta[j]:.3g} can be used there{entry}"
            )
        made = cls(
            economy=economy,
            labour=of_labour,
            capital=value_added - of_labour,
            surplus=(1 - share) * value_added,
            scale=scale,
            ln_capital=_ln_capital(closure, economy, share),
            labour_rule=_labour_rule(closure, economy),
            tax=by_country("labour_tax", closure.labour_tax, economy),
            recycled=recycling.RULES[closure.recycling].moves_tax,
        )
        made._check(closure)
        return made

    def _check(self, closure: Closure) -> None:
        """Raises `InputError` where labour's rule or its tax leave no equilibrium, or more than one."""
        falling, rising = (self._real_wage_at(b) for b in (-1.0, 1.0))
        if (falling == 0).all() and (rising == 0).all() and not self.capital.any():
            raise InputError(
                f"closure: labour: {closure.labour_rule[0]} in every country leaves no equilibrium in the long run: "
                f"with constant returns nothing else can bring all real wages back. Use horizon: short, or leave a "
                f"country out"
            )
        answers = np.where(np.isfinite(self.supply), self.supply, 0.0)
        beyond = np.flatnonzero(self.tax * (1 + answers) >= 1)
        if self.recycled and beyond.size:
            n = int(beyond[0])
            raise InputError(
                f"closure: labour_tax of {self.economy.countries[n]} ({self.tax[n]:g}) is beyond the top of the "
                f"revenue curve, 1/(1 + labour_supply) = {1 / (1 + self.supply[n]):.3g}: there a lower rate raises "
                f"more, and how revenue would cut the tax has no one answer"
            )

    # ---- how they enter cost ----

    @cached_property
    def wage_exponent(self) -> Array:
        """The exponent of w^ in unit cost [n,j]."""
        return self.labour + self.scale

    @cached_property
    def activity_exponent(self) -> Array:
        """The exponent of C^ in unit cost [n,j]: capital raises it, economies of scale lower it."""
        return self.capital - self.scale

    @cached_property
    def capital_gain(self) -> Array:
        """What stocks of capital that differ from the base take off ln c^ [n,j], (1 - lambda) b ln K^."""
        return np.where(self.ln_capital != 0, self.surplus * self.ln_capital, 0.0)

    @cached_property
    def capital_moves(self) -> bool:
        """Whether any stock of capital differs from that of the base."""
        return bool(self.ln_capital.any())

    @cached_property
    def has_activity(self) -> bool:
        """Whether unit cost depends on how much a sector produces, or activity is an unknown for another reason."""
        return bool(self.active or self.capital.any() or self.scale.any())

    @cached_property
    def elastic(self) -> bool:
        """Whether jobs move."""
        return bool(self.labour_rule.number.any())

    @property
    def may_have_several(self) -> bool:
        """Whether more than one equilibrium may hold: a wage floor beside what makes goods dearer as jobs are lost."""
        grows = self.scale.any() or self.economy.has_selection or self.recycled
        return bool(grows and self.labour_rule.kinked and self.elastic)

    # ---- what they earn (millions of US dollars) ----

    @cached_property
    def labour_income(self) -> Array:
        """Labour income in the base [n], that from access to markets included."""
        produced = wage_bill(self.labour, self.economy.cost)
        return produced + self.economy.access_income if self.economy.has_selection else produced

    @cached_property
    def capital_income(self) -> Array:
        """Capital income in the base [j,n]."""
        return turned(self.capital) * self.economy.cost

    # ---- wages and jobs ----

    def ln_real_income(self, ln_income: Array, ln_price: Array, ln_keep: Array) -> Array:
        """b [n]: ln of what labour earns after tax in consumer prices, w^ L^ k^ / P^, k = 1 - tau."""
        ln_real = ln_income - ln_consumer_price(self.economy.final_share, ln_price)
        return ln_real + ln_keep if ln_keep.size else ln_real

    def ln_wage(self, ln_income: Array, ln_price: Array, ln_keep: Array) -> Array:
        """ln w^ [n] at which the labour hired is supplied, from what it earns, ln w^ L^."""
        to_jobs = self._by_rule(lambda b: b - self.labour_rule.ln_real_wage(b), 0.0, ln_income, ln_price, ln_keep)
        return ln_income - to_jobs

    def wage_slope(self, ln_income: Array, ln_price: Array, ln_keep: Array) -> Array:
        """The part of a real gain in what labour earns that goes to the wage [n]; the rest goes to jobs."""
        return self._by_rule(self.labour_rule.slope, 1.0, ln_income, ln_price, ln_keep)

    def effort(self, ln_income: Array, ln_price: Array, ln_keep: Array) -> Array:
        """The worth of the time worked more [n], as a part of base income: what a gain in real income has cost."""
        return self._earned * self._by_rule(self.labour_rule.worth, 0.0, ln_income, ln_price, ln_keep)

    def effort_slope(self, ln_income: Array, ln_price: Array, ln_keep: Array) -> Array:
        """Return the derivative of `effort` in b [n]."""
        return self._earned * self._by_rule(self.labour_rule.worth_slope, 0.0, ln_income, ln_price, ln_keep)

    @property
    def _earned(self) -> Array:
        """By labour after tax in the base, as a part of income [n]."""
        return (1 - self.tax) * self.labour_income / self.economy.income

    def _by_rule(
        self, rule: Callable[[Array], Array], fixed: float, ln_income: Array, ln_price: Array, ln_keep: Array
    ) -> Array:
        """A function of b [n] where labour moves; `fixed` where its supply does not."""
        if not self.elastic:
            return np.full_like(ln_income, fixed)
        return np.where(self.labour_rule.number > 0, rule(self.ln_real_income(ln_income, ln_price, ln_keep)), fixed)

    def _real_wage_at(self, b: float) -> Array:
        """ln of the real wage after tax [n] where all labour earns e^b times the base, at base prices."""
        ln_income = np.full(self.labour_income.shape, b)
        return self.ln_wage(ln_income, np.zeros(self.economy.cost.shape), np.zeros(0))

    def labour_tax(self, ln_keep: Array) -> Array:
        """The rate on labour income [n], where the part of a wage that it leaves is k^ of what it was."""
        return 1 - (1 - self.tax) * np.exp(ln_keep) if self.recycled else self.tax

    def recycling_rule(self, name: str) -> Recycling:
        """The rule by which revenue is used, with the base of these factors."""
        e = self.economy
        return recycling.RULES[name](self.tax, self.labour_income, e.revenue, e.final_share)

    @cached_property
    def base_slope(self) -> Array:
        """`wage_slope` at the base [n]."""
        return self.wage_slope(np.zeros(self.labour_income.shape), np.zeros(self.economy.cost.shape), np.zeros(0))

    @cached_property
    def supply(self) -> Array:
        """Elasticity of jobs to the real wage after tax at the base [n]; infinite where that wage is held."""
        with np.errstate(divide="ignore"):
            return np.asarray(1 / self.base_slope - 1)

    @cached_property
    def key(self) -> bytes:
        """The same for factors that act alike."""
        rule = self.labour_rule
        parts = (self.labour, self.scale, rule.number)
        name = f"{type(rule).__module__}.{type(rule).__qualname__}".encode()
        return hashlib.sha256(b"".join([name, *(part.tobytes() for part in parts), bytes([self.active])])).digest()


def _labour_rule(closure: Closure, economy: Economy) -> LabourRule:
    name, number = closure.labour_rule
    key = "labour_supply" if closure.labour is None else f"labour: {name}"
    return labour.RULES[name](by_country(key, number, economy))


def _ln_capital(closure: Closure, economy: Economy, labour_share: Array) -> Array:
    """ln K^ [n,j]. Raises `InputError` where capital is mobile and its part of value added differs by sector."""
    out = np.ones((len(economy.countries), len(economy.sectors)))
    for at, part in of_countries("capital", closure.capital, economy):
        out[at] = by_sector("capital", part, economy, 1.0)
    ln_capital: Array = np.log(out)
    _check_capital(closure, economy, ln_capital, labour_share)
    return ln_capital


def _check_capital(closure: Closure, economy: Economy, ln_capital: Array, labour_share: Array) -> None:
    """Raise `InputError` where capital that is mobile among sectors has a stock or a share that differs by sector."""
    if closure.horizon == "short" or not ln_capital.any():
        return
    for what, numbers in (("capital", ln_capital), ("labour_share", labour_share)):
        differs = np.ptp(np.where(ln_capital.any(axis=1, keepdims=True), numbers, 0.0), axis=1) > 1e-12
        if differs.any():
            raise InputError(
                f"closure: {what} of {economy.countries[int(np.argmax(differs))]} differs by sector, and in the long "
                f"horizon capital is mobile: state one number for the country, or horizon: short"
            )


def _labour_share(stated: Any, economy: Economy) -> Array:
    """[n,j] from a number, numbers by sector, or by country and then sector; NaN where none is stated."""
    out = np.full((len(economy.countries), len(economy.sectors)), np.nan)
    if stated is None:
        return out

    def row(key: str, value: Any) -> Array:
        return _complete(key, by_sector("labour_share", value, economy, np.nan), economy.sectors)

    if not isinstance(stated, Mapping) or not any(isinstance(part, Mapping) for part in stated.values()):
        out[:] = row("labour_share", stated)
        return out
    rows = {name: row(f"labour_share of {name}", part) for name, part in stated.items()}
    for at, of_country in of_countries("labour_share", rows, economy):
        out[at] = of_country
    _complete("labour_share", out[:, 0], economy.countries)
    return out


def _complete(key: str, row: Array, labels: tuple[str, ...]) -> Array:
    missing = [label for label, number in zip(labels, row, strict=True) if np.isnan(number)]
    if missing:
        raise InputError(f"closure: {key}: nothing for {listed(missing)}")
    return row
