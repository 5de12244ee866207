"""Capital: what a household with log utility invests, and the stock that follows (Anderson, Larch and Yotov 2020)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from entrepot.equilibrium import Closure
from entrepot.equilibrium.closure import DEFAULT_LABOUR_SHARE
from entrepot.errors import InputError, check_choice
from entrepot.paths.number_checks import check_between
from entrepot.types import Array

Timing = Literal["middle", "start"]


@dataclass(frozen=True)
class Capital:
    """How capital is built up and wears out.

    share            capital's part of value added: a number, or by country; without it what `labour_share` of the
                     closure leaves, or a third where that is not stated either
    depreciation     delta, a year
    discount_factor  beta, a year
    timing           "middle": production uses the stock at the middle of a step; "start": that at its start, as in the
                     discrete model

    With a closure of `horizon: short` each sector has capital of its own, otherwise each country one stock. Raises
    `InputError` for a rate outside 0 to 1.
    """

    share: float | Mapping[str, float] | None = None
    depreciation: float = 0.06
    discount_factor: float = 0.96
    timing: Timing = "middle"

    def __post_init__(self) -> None:
        check_between("capital: depreciation", self.depreciation, 0.0, 1.0, "a rate a year between 0 and 1")
        check_between(
            "capital: discount_factor",
            self.discount_factor,
            0.0,
            1.0,
            "a factor a year below 1, beyond which the future counts without end and no plan is the best,",
        )
        check_choice("capital: timing", self.timing, Timing)
        shares = self.share.values() if isinstance(self.share, Mapping) else [] if self.share is None else [self.share]
        for number in shares:
            check_between("capital: share", number, 0.0, 1.0, "a part of value added between 0 and 1")

    def closure(self, closure: Closure) -> Closure:
        """Return the closure with the labour share that capital leaves. Raises `InputError` where both state one."""
        if closure.capital != 1:
            raise InputError("path: the closure states stocks of capital; on a path they follow from investment")
        if self.share is None:
            return closure if closure.labour_share is not None else replace(closure, labour_share=DEFAULT_LABOUR_SHARE)
        if closure.labour_share is not None:
            raise InputError("path: capital states a share and the closure a labour_share; state one of them")
        return replace(closure, labour_share=_left(self.share))

    # ---- equations, by their number in docs/paths.md ----

    def worn(self, years: float) -> float:
        """Return d, the part of the stock that wears out in a step."""
        return float(-np.expm1(years * np.log1p(-self.depreciation)))

    def discount(self, years: float) -> float:
        """Return b, the discount factor over a step."""
        return float(self.discount_factor**years)

    def rules(self, years: Sequence[float], whole: float) -> tuple[InvestmentRule, ...]:
        """Return what links investment, income and the worth of capital in each step (5), and x where a stays (6).

        whole  years of a step that the window does not cut off, which the discrete model is for
        """
        wear, impatience = -float(np.log1p(-self.depreciation)), -float(np.log(self.discount_factor))
        if self.timing == "middle":
            lasting, lasting_worth = wear / (wear + impatience), 1 / (wear + impatience)
            later = [self.worn(h) * impatience / float(np.expm1(impatience * h)) for h in years]
        else:
            worn, discount = self.worn(whole), self.discount(whole)
            lasting_worth = whole / (1 - discount * (1 - worn))
            lasting = discount * worn / whole * lasting_worth
            later = [lasting / lasting_worth] * len(years)
        kept = [self.discount(h) * (1 - self.worn(h)) for h in years]
        return tuple(
            InvestmentRule(
                lasting - after * lasting_worth, after, (1 - left) * lasting_worth, left, lasting, lasting_worth
            )
            for after, left in zip(later, kept, strict=True)
        )

    def next_stock(self, ln_capital: Array, ln_investment: Array, years: float) -> Array:
        """Return ln K^ at the end of a step, from that at its start and what is invested against the base (7)."""
        return ln_capital + self.worn(years) * (ln_investment - ln_capital)


@dataclass(frozen=True)
class InvestmentRule:
    """How x of a step follows from capital's income in it and what capital is worth after it: (5) in docs/paths.md.

    With u = a/(1 - x), z = x/(1 - x) is `now` u + `later` V', and V at the step's start is `earned` u + `kept` V'.

    lasting        x over a, where a stays for ever (6);  lasting_worth  V over u then
    """

    now: float
    later: float
    earned: float
    kept: float
    lasting: float
    lasting_worth: float

    def settled(self, income_share: Array) -> Array:
        """Return the part of spending x that is invested where capital's share of spending a stays (6)."""
        return self.lasting * income_share

    def settled_worth(self, income_share: Array) -> Array:
        """Return V where capital's share of spending stays."""
        return self.lasting_worth * income_share / left_to_consume(self.settled(income_share))

    def step(self, income_share: Array, worth_after: Array) -> tuple[Array, Array]:
        """Return x, and V at the step's start, from capital's share of spending and what V is expected to be after (5).

        z is on both sides of its equation, as 1/(1 - x) = 1 + z summed over the sectors with capital of their own.
        """
        spent_over_consumed = (1 + self.later * _summed(worth_after)) / (1 - self.now * _summed(income_share))
        u = income_share * spent_over_consumed
        invested: Array = (self.now * u + self.later * worth_after) / spent_over_consumed
        worth: Array = self.earned * u + self.kept * worth_after
        return invested, worth


def _summed(by_capital: Array) -> Array:
    """Return the sum over a country's capitals, [n] or [n,1]."""
    return by_capital if by_capital.ndim == 1 else by_capital.sum(axis=1, keepdims=True)


def left_to_consume(invested: Array) -> Array:
    """Return 1 - x, where x [n] may have capitals of several sectors [n,j]."""
    return 1 - _summed(invested)


def plan(
    rules: Sequence[InvestmentRule], income_shares: Sequence[Array], worth_after: Array
) -> tuple[list[Array], Array]:
    """Return x of some steps, and V at the start of the first, backwards from V as expected after the last (5)."""
    x: list[Array] = []
    for rule, share in zip(reversed(rules), reversed(income_shares), strict=True):
        invested, worth_after = rule.step(share, worth_after)
        x.append(invested)
    return x[::-1], worth_after


def _left(share: float | Mapping[str, float]) -> Any:
    if not isinstance(share, Mapping):
        return 1 - share
    named = {"WORLD": DEFAULT_LABOUR_SHARE} | {name: 1 - part for name, part in share.items()}
    return {name: {"ALL": part} for name, part in named.items()}
