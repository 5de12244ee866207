"""Trade elasticities that grow with time since each flow's own changes (Boehm, Levchenko and Pandalai-Nayar 2023)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from entrepot.economy import Economy
from entrepot.errors import InputError, nearest
from entrepot.measures import Policy
from entrepot.measures.acts import Cap, PriceRule, Subsidy
from entrepot.paths.dated import Dated, measures_of
from entrepot.paths.number_checks import check_between
from entrepot.paths.window import DAYS_A_YEAR, Live, live_on
from entrepot.types import Array

Growth = Literal["linear", "exponential"]
#: The change in ln k that stands for a quota, a minimum price or a specific duty, whose size the solution finds.
UNSTATED = 0.1


@dataclass(frozen=True)
class Elasticities:
    """How the elasticity of a flow comes to its long-run value after a change on that flow.

    short  its ratio to the long run at first, above zero and at most one
    years  until it reaches the long run ("linear"), or until 95% of the gap is closed ("exponential")

    Raises `InputError` for a number outside its range.
    """

    short: float = 0.38
    years: float = 8.0
    growth: Growth = "linear"

    def __post_init__(self) -> None:
        check_between("elasticities: short", self.short, 0.0, 1.0, "a ratio above 0, up to 1,", "high")
        check_between("elasticities: years", self.years, 0.0, 50.0, "a number of years above 0, up to 50,", "high")
        if self.growth not in get_args(Growth):
            raise InputError(f"elasticities: growth {self.growth!r}{nearest(str(self.growth), get_args(Growth))}")

    def at(self, years: float) -> float:
        """Return the ratio to the long-run elasticity, `years` after a change."""
        return grown(self.short, self.years, self.growth, years)


def grown(short: float, years: float, growth: str, passed: float) -> float:
    """Return g, the ratio of an elasticity to its long-run value after some years; see `Elasticities`."""
    closed = min(1.0, passed / years) if growth == "linear" else -float(np.expm1(-np.log(20) * passed / years))
    return short + (1 - short) * closed


class History:
    """The changes of every flow in a path, and the parts of the long-run elasticities that follow (13)."""

    def __init__(self, economy: Economy, entries: Sequence[Dated], elasticities: Elasticities) -> None:
        self.economy, self.elasticities = economy, elasticities
        days = sorted({day for entry in entries for day in (entry.first, entry.last) if day is not None})
        self._border: dict[Live, Array] = {}
        self.changes: list[tuple[datetime.date, Array]] = []  # by sector and flow [j,n,i], the sizes of the changes
        before: Live = frozenset()
        for day in days:
            live = live_on(entries, day)
            moved = self._moved(entries, before, live)
            if moved.any():
                weight = moved * economy.value
                self.changes.append((day, weight.sum(axis=(1, 2))))
            before = live

    def _moved(self, entries: Sequence[Dated], before: Live, live: Live) -> Array:
        moved = np.abs(self._ln_border(entries, live) - self._ln_border(entries, before))
        for k in before ^ live:
            policy = Policy.of(self.economy, entries[k].scenario)
            for limit in (*policy.each(Cap), *policy.each(PriceRule)):
                moved.ravel()[limit.at] += UNSTATED
            for paid in policy.each(Subsidy):
                j, i = np.divmod(paid.at, len(self.economy.countries))
                moved[j, :, i] += np.abs(np.log1p(paid.rate))[:, None]
        return moved

    def _ln_border(self, entries: Sequence[Dated], live: Live) -> Array:
        """ln of all taxes and costs at the border against the base [j,n,i]."""
        taxes = Policy.of(self.economy, measures_of(entries, live)).border_taxes()
        ln_border = np.zeros(self.economy.value.shape)
        ln_border.ravel()[taxes.flow] = (
            taxes.ln_tariff - taxes.ln_tariff_base + taxes.ln_export_tax - taxes.ln_export_tax_base + taxes.ln_iceberg
        )
        return ln_border

    def parts(self, first: datetime.date, end: datetime.date) -> Array:
        """Return the part of its long-run elasticity that each sector is at [j], in the middle of some days."""
        total, grown_to = (np.zeros(len(self.economy.sectors)) for _ in range(2))
        middle = (end - first).days / 2
        for day, weight in self.changes:
            if day <= first:
                passed = ((first - day).days + middle) / DAYS_A_YEAR
                total += weight
                grown_to += weight * self.elasticities.at(passed)
        part: Array = np.divide(grown_to, total, out=np.ones_like(total), where=total > 0)
        return part.round(12)
