"""Problems of one shape side by side, as the arrays that the equilibrium map reads.

Arrays by country or sector get an axis of members in front where the members differ; arrays by flow are those of all
members one after the other, with the place of each. One Problem alone is a stack without that axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.equilibrium.problem import BY_FLOW, Problem
from entrepot.equilibrium.quantity_limits import Quotas
from entrepot.equilibrium.trade_links import Places
from entrepot.errors import InputError

#: What a Problem shares with those that differ from it in rates alone.
_NOT_RATES = ("economy", "closure", "flow", "embargoed", "quotas", "price_rules", "factors")


@dataclass(frozen=True, eq=False, repr=False)
class Bases:
    """The accounts of several Economies of one shape: any array of `Economy`, joined when it is first read.

    It has an axis of members in front where the members differ. `apart` are the Economies whose accounts differ: one
    alone where they differ in elasticities only.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    theta: Array
    apart: tuple[Economy, ...]

    @classmethod
    def of(cls, economies: Sequence[Economy]) -> Economy | Bases:
        """Return joint accounts, or the Economy where all are the same one."""
        first = economies[0]
        if all(e is first for e in economies):
            return first
        if any((e.countries, e.sectors) != (first.countries, first.sectors) for e in economies):
            raise InputError("a stack needs Economies with the same countries and sectors, in the same order")
        shared = all(e.shares_accounts(first) for e in economies)
        theta = np.stack([e.theta for e in economies])
        return cls(first.countries, first.sectors, theta, tuple(economies[:1] if shared else economies))

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):
            raise AttributeError(name)
        parts = [getattr(e, name) for e in self.apart]
        joined: Array = parts[0] if all(part is parts[0] for part in parts) else np.stack(parts)
        self.__dict__[name] = joined
        return joined

    @property
    def has_markups(self) -> bool:
        """Whether any producer has a markup over cost."""
        return any(e.has_markups for e in self.apart)

    @property
    def has_selection(self) -> bool:
        """Whether firms select into any market."""
        return any(e.has_selection for e in self.apart)

    @cached_property
    def tax_elasticity(self) -> Array:
        """theta phi [.., j, n]: of trade to taxes between the producer and n's users."""
        return self.theta[..., None] * self.exponent


@dataclass(frozen=True, eq=False)
class Stack:
    """What the map reads of its Problems. `members` is () for one Problem alone, else their number.

    at, ln_tariff_base, ... ln_iceberg [f]                         policy on the flows that it touches
    removed                                                        flows under an embargo
    held_at, held_ln_wedge [w]                                     wedges in the base of quotas and price rules in force
    quotas, quota_at, quota_tariff, quota_export_tax               quotas padded to the same number a member with ones
                                                                   that cannot bind; places and border taxes by flow
    rules, rule_at, rule_tariff, rule_export_tax                   specific duties and minimum prices
    wedge_at [w], quota_on [f], rule_on [f]                        flows under either, each once, and where in them each
                                                                   flow of the quotas and of the rules is
    ln_subsidy [.., j, i]
    """

    problems: tuple[Problem, ...]
    members: tuple[int, ...]
    economy: Economy | Bases
    factors: Factors
    at: Places
    ln_tariff_base: Array
    ln_tariff: Array
    ln_export_tax_base: Array
    ln_export_tax: Array
    ln_iceberg: Array
    removed: Places
    held_at: Places
    held_ln_wedge: Array
    quotas: Quotas
    quota_at: Places
    quota_tariff: Array
    quota_export_tax: Array
    rules: PriceRules
    rule_at: Places
    rule_tariff: Array
    rule_export_tax: Array
    wedge_at: Places
    quota_on: Index
    rule_on: Index
    ln_subsidy: Array

    @classmethod
    def of(cls, problems: Problem | Sequence[Problem], quotas: int = 0) -> Stack:
        """Return the stack of Problems, padded to at least `quotas` quotas, so that part of a stack keeps its shape.

        Raises `InputError` for Problems of several closures or shapes.
        """
        alone = isinstance(problems, Problem)
        several = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if any(p.factors.has_activity for p in several):
            several = tuple(p.active() for p in several)
        first = several[0]
        if any(p.closure is not first.closure and _rules_of(p.closure) != _rules_of(first.closure) for p in several):
            raise InputError("a stack needs Problems of one closure; only its numbers may differ")
        economy = first.economy if alone else Bases.of([p.economy for p in several])
        shape = first.economy.value.shape

        def places(flows: list[Index]) -> Places:
            member = np.repeat(np.arange(len(flows)), [flow.size for flow in flows])
            return Places.of(np.concatenate(flows), member, shape, not alone)

        quota_at, rule_at = places([p.quotas.flow for p in several]), places([p.price_rules.flow for p in several])
        both = quota_at.and_(rule_at)
        _, first_of, wedge_of = np.unique(both.key, return_index=True, return_inverse=True)
        return cls(
            problems=several,
            members=() if alone else (len(several),),
            economy=economy,
            factors=first.factors if alone else _factors(several, economy),
            at=places([p.flow for p in several]),
            **_rates(several),
            removed=places([p.embargoed for p in several]),
            held_at=places([p.economy.in_force.flow for p in several]),
            held_ln_wedge=np.concatenate([p.economy.in_force.ln_wedge for p in several]),
            quotas=first.quotas if alone else Quotas.stacked([p.quotas for p in several], quotas),
            quota_at=quota_at,
            rules=first.price_rules if alone else PriceRules.joined([p.price_rules for p in several]),
            rule_at=rule_at,
            wedge_at=both.some(first_of),
            quota_on=wedge_of[: quota_at.flow.size],
            rule_on=wedge_of[quota_at.flow.size :],
        )

    def at_rates(self, problem: Problem) -> Stack | None:
        """Return the stack of a Problem that differs from the one here in rates alone; None where it does not."""
        first = self.problems[0]
        if self.members or any(getattr(problem, name) is not getattr(first, name) for name in _NOT_RATES):
            return None
        return replace(self, problems=(problem,), **_rates([problem]))


def _rates(problems: Sequence[Problem]) -> dict[str, Any]:
    """Rates and costs by their names in a Stack: on flows, on those of quotas and of price rules, and of output."""
    on_quotas = _border_taxes(problems, [p.quotas.flow for p in problems])
    on_rules = _border_taxes(problems, [p.price_rules.flow for p in problems])
    by_flow = [[getattr(p, name) for p in problems] for name in BY_FLOW]
    names = (*BY_FLOW, "quota_tariff", "quota_export_tax", "rule_tariff", "rule_export_tax")
    rates = {name: np.concatenate(part) for name, part in zip(names, (*by_flow, *on_quotas, *on_rules), strict=True)}
    subsidies = [p.ln_subsidy for p in problems]
    alike = all(same(subsidy, subsidies[0]) for subsidy in subsidies)
    return rates | {"ln_subsidy": subsidies[0] if alike else np.stack(subsidies)}


def _border_taxes(problems: Sequence[Problem], flows: Sequence[Index]) -> Iterator[tuple[Array, ...]]:
    """ln(1+t') of each Problem on its flows, then ln(1+e'); read once for those that share all that they depend on."""
    known: dict[tuple[int, ...], tuple[Array, Array]] = {}
    found = []
    for p, flow in zip(problems, flows, strict=True):
        key = tuple(map(id, (flow, p.flow, p.ln_tariff, p.ln_export_tax, p.economy.tariff)))
        if key not in known:
            known[key] = p.border_taxes(flow)
        found.append(known[key])
    return zip(*found, strict=True)


def same(a: Array | Index, b: Array | Index) -> bool:
    """Return whether two arrays are one or hold the same numbers."""
    return a is b or np.array_equal(a, b)


def _rules_of(closure: Closure) -> tuple[str, ...]:
    rules = (closure.deficit, closure.numeraire, closure.horizon, closure.recycling, closure.labour_rule[0])
    return (*rules, type(closure.competition).__qualname__)


def _factors(problems: Sequence[Problem], economy: Economy | Bases) -> Factors:
    first = problems[0]
    same_stocks = all(same(p.factors.ln_capital, first.factors.ln_capital) for p in problems)
    alike = same_stocks and all(p.closure is first.closure or p.closure == first.closure for p in problems)
    if alike and economy is first.economy:
        return first.factors

    def joined(*names: str) -> dict[str, Any]:
        return {name: np.stack([getattr(p.factors, name) for p in problems]) for name in names}

    of: dict[str, Any] = {"economy": economy}
    if not alike or economy.inputs.ndim == 4:
        of |= joined("labour", "capital", "surplus")
    if not alike:
        of |= joined("tax", "ln_capital")
        number = np.stack([p.factors.labour_rule.number for p in problems])
        of["labour_rule"] = type(first.factors.labour_rule)(number)
    if not all(same(p.factors.scale, first.factors.scale) for p in problems):
        of["scale"] = joined("scale")["scale"][:, None, :]
    return replace(first.factors, **of)
