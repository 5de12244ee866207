"""Firms that do not enter a market while a measure may come: entry as an option (Handley and Limao 2015, 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from entrepot.errors import check_choice
from entrepot.paths.number_checks import check_between
from entrepot.types import Array

ThreatTiming = Literal["deadline", "any_day"]

#: Points of the quadrature over the time that is left; the integrand is smooth but for a kink, and is steep at its end.
POINTS = 80


@dataclass(frozen=True)
class EntryUnderThreat:
    """Entry into a market in which a measure may come, against entry without the threat.

    probability  that the measure is in force on the day, from 0 to 1
    years        until that day
    timing       "deadline": it comes on the day or never; "any_day": on any day, at the one hazard at which it has come
                 by then with that probability, and the threat goes on after the day
    interest     a year, at which firms discount
    exit         the part of a market's exporters who leave it a year for other reasons
    sunk_share   the part of the cost of serving the market that is sunk on entry; the rest is paid while a firm sells

    omega, an argument of the methods, is what a firm would earn under the measure over what it earns now, before its
    fixed costs; a duty of t alone is (1 + t)^-sigma. Equations have their number in docs/fear.md. Raises `InputError`
    for a number outside its range.
    """

    probability: float
    years: float
    timing: ThreatTiming = "deadline"
    interest: float = 0.05
    exit: float = 0.1
    sunk_share: float = 1.0

    def __post_init__(self) -> None:
        check_between("fear: probability", self.probability, 0.0, 1.0, "a number between 0 and 1", "both")
        check_between("fear: years", self.years, 0.0, np.inf, "the years until the day, from 0 on,", "low")
        check_between("fear: interest", self.interest, 0.0, 1.0, "a rate a year between 0 and 1")
        check_between("fear: exit", self.exit, 0.0, 1.0, "a rate a year from 0 to below 1", "low")
        check_between("fear: sunk_share", self.sunk_share, 0.0, 1.0, "a part between 0 and 1", "both")
        check_choice("fear: timing", self.timing, ThreatTiming)

    @property
    def discount(self) -> float:
        """The rate at which a firm discounts what it earns in the market, r: interest and its own leaving."""
        return float(self.interest + self.exit)

    def weight(self, left: float | Array | None = None) -> Array:
        """Return v, from 0 to 1, by which entry counts the measure, at the years `left` until the day (3), (4)."""
        p = self.probability
        if self.timing == "any_day":
            hazard = np.inf if p == 1 or (p > 0 and self.years == 0) else -np.log1p(-p) / (self.years or 1.0)
            v = 1.0 if np.isinf(hazard) else hazard / (self.discount + hazard)
            return np.full(np.shape(0.0 if left is None else left), v)
        time = np.asarray(self.years if left is None else left, dtype=float)
        kept, gone = np.exp(-self.discount * time), -np.expm1(-self.discount * time)
        both = gone + p * kept
        return np.divide(p * kept, both, out=np.zeros_like(both), where=both > 0)

    def worth(self, omega: float | Array, left: float | Array | None = None) -> Array:
        """Return m, today's earnings as far as they count for entry: one without a threat, at least omega (2).

        Entry is worth it for firms that earn 1/m of what would do without the threat. Better times under the measure
        do not count: a firm can wait for them.
        """
        v, worse = self.weight(left), np.minimum(np.asarray(omega, dtype=float), 1.0)
        stays = 1 - v * (1 - worse)
        still = 1 - v + self.sunk_share * v
        leaves = np.divide(1 - v, still, out=np.ones_like(v), where=still > 0)
        return np.maximum(stays, leaves)

    def threshold(self, omega: float | Array, sigma: float | Array, left: float | Array | None = None) -> Array:
        """Return U, the highest cost at which a firm enters over that without the threat (1)."""
        return self.worth(omega, left) ** (1 / (np.asarray(sigma) - 1))

    def entry(
        self, omega: float | Array, sigma: float | Array, shape: float | Array, left: float | Array | None = None
    ) -> Array:
        """Return the firms that enter over those without the threat (5); `shape` is Pareto's k.

        On the first day, or at the years `left` until the day.
        """
        return self.threshold(omega, sigma, left) ** np.asarray(shape)

    def exporters(self, omega: Array, sigma: Array, shape: Array, settled: bool = False) -> Array:
        """Return the number of exporters over that without the threat, as `sales` does."""
        return self._standing(np.asarray(omega, dtype=float), np.asarray(shape) / (np.asarray(sigma) - 1), settled)

    def sales(self, omega: Array, sigma: Array, shape: Array, settled: bool = False) -> Array:
        """Return sales of the market's exporters at given prices, over those without the threat (6), (7).

        The mean over the years until the day, in which those who are in leave at the rate `exit` and are replaced at
        the higher threshold. `settled`: as if the first day's threshold had stood for so long that all had left who are
        not replaced.
        """
        exponent = (np.asarray(shape) - np.asarray(sigma) + 1) / (np.asarray(sigma) - 1)
        return self._standing(np.asarray(omega, dtype=float), exponent, settled)

    def _standing(self, omega: Array, exponent: Array, settled: bool) -> Array:
        if settled:
            return self.worth(omega) ** exponent
        leaving, years = self.exit, self.years
        if leaving * years == 0:
            return np.ones(np.broadcast(omega, exponent).shape)
        # Points crowd towards the day, where the threshold moves most.
        z, weight = np.polynomial.legendre.leggauss(POINTS)
        z, weight = (z + 1) / 2, weight / 2
        left, step = years * z**2, 2 * z * weight
        replaced = self.worth(omega[..., None], left) ** exponent[..., None]
        gone = -np.expm1(-leaving * left)
        whole = -np.expm1(-leaving * years) / (leaving * years)
        mean: Array = whole + (replaced * gone * step).sum(axis=-1)
        # The same quadrature of one in place of `replaced`: without a threat the number is one to the last digit.
        return mean + (1 - whole - (gone * step).sum())
