"""Capital: what a household with log utility invests, and the stock that follows (Anderson, Larch and Yotov 2020)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from entrepot.equilibrium import Closure
from entrepot.equilibrium.closure import DEFAULT_LABOUR_SHARE
from entrepot.errors import InputError, nearest
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
        if self.timing not in get_args(Timing):
            raise InputError(f"capital: timing {self.timing!r}{nearest(str(self.timing), get_args(Timing))}")
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

    def settled(self, income_share: Array, years: float) -> Array:
        """Return the part of spending x that is invested where capital's share of spending stays (6)."""
        b, d = self.discount(years), self.worn(years)
        invested: Array = b * d * income_share / (1 - b * (1 - d))
        return invested

    def worth(self, income_share: Array, invested: Array, years: float) -> Array:
        """Return the right-hand side of (5) without its expectation and discounting, in the units of z h / d."""
        d = self.worn(years)
        value: Array = years / d * (d * income_share + (1 - d) * invested) / left_to_consume(invested)
        return value

    def invested(self, expected_worth: Array, years: float) -> Array:
        """Return x of a step from the expected worth of capital at the next (5)."""
        z = self.discount(years) * self.worn(years) / years * expected_worth
        x: Array = z / (1 + (z if z.ndim == 1 else z.sum(axis=1, keepdims=True)))
        return x

    def next_stock(self, ln_capital: Array, ln_investment: Array, years: float) -> Array:
        """Return ln K^ at the end of a step, from that at its start and what is invested against the base (7)."""
        stock: Array = ln_capital + self.worn(years) * (ln_investment - ln_capital)
        return stock


def left_to_consume(invested: Array) -> Array:
    """Return 1 - x, where x [n] may have capitals of several sectors [n,j]."""
    return 1 - invested if invested.ndim == 1 else 1 - invested.sum(axis=1, keepdims=True)


def plan(
    capital: Capital, income_shares: Sequence[Array], years: Sequence[float], expected: Mapping[int, Any]
) -> list[Array]:
    """Return x of every step by (5), backwards from the last, beyond which capital's share of spending stays.

    expected  by step at which something is resolved: what its worth is expected to be from the worth that it has if
              what happens was expected, a function
    """
    x = [capital.settled(income_shares[-1], years[-1])]
    for t in range(len(income_shares) - 2, -1, -1):
        worth = capital.worth(income_shares[t + 1], x[-1], years[t + 1])
        if t + 1 in expected:
            worth = expected[t + 1](worth)
        x.append(capital.invested(worth, years[t]))
    return x[::-1]


def _left(share: float | Mapping[str, float]) -> Any:
    if not isinstance(share, Mapping):
        return 1 - share
    named = {"WORLD": DEFAULT_LABOUR_SHARE} | {name: 1 - part for name, part in share.items()}
    return {name: {"ALL": part} for name, part in named.items()}
