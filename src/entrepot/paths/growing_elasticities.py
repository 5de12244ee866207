"""Trade that answers a change of its duties slowly (after Boehm, Levchenko and Pandalai-Nayar 2023)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from entrepot.dates import DAYS_A_YEAR
from entrepot.economy import Economy
from entrepot.errors import InputError, check_choice
from entrepot.measures import Policy
from entrepot.paths.dated import Dated, measures_of
from entrepot.paths.number_checks import check_between
from entrepot.paths.slow_sourcing import Lag
from entrepot.paths.window import Live
from entrepot.types import Array

Growth = Literal["linear", "exponential"]


@dataclass(frozen=True)
class Elasticities:
    """How the response of a flow to each change of its duties and costs comes to its long-run value.

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
        check_choice("elasticities: growth", self.growth, Growth)

    def at(self, years: float) -> float:
        """Return the ratio to the long-run elasticity, `years` after a change."""
        return grown(self.short, self.years, self.growth, years)


def grown(short: float, years: float, growth: str, passed: float) -> float:
    """Return g, the ratio of an elasticity to its long-run value after some years; see `Elasticities`."""
    closed = min(1.0, passed / years) if growth == "linear" else -float(np.expm1(-np.log(20) * passed / years))
    return short + (1 - short) * closed


class History:
    """The changes of every flow in a path, and what its users have not yet answered of them (13)."""

    def __init__(self, economy: Economy, entries: Sequence[Dated], elasticities: Elasticities) -> None:
        if economy.has_selection:
            raise InputError(
                "elasticities: an Economy in which firms select into markets has no elasticities that grow; choose "
                "another competition of the closure, or leave elasticities out"
            )
        self.economy, self.entries, self.elasticities = economy, tuple(entries), elasticities
        self._border: dict[Live, Array] = {}

    def lag(self, live: Live, first: datetime.date, end: datetime.date) -> Lag | None:
        """Return ln k / kappa in the middle of some days on which `live` are in force; None where all is answered.

        It is the sum of every change of ln k until then times the part of it that is not answered yet. Entries that are
        not in force have been if they ended before; those that did not come, or are not known to, never were.
        """
        spans = {k: (min(self.entries[k].first, first), None) for k in live} | {
            k: (entry.first, entry.last)
            for k, entry in enumerate(self.entries)
            if k not in live and entry.carried_out and entry.last is not None and entry.last <= first
        }
        days = sorted({day for span in spans.values() for day in span if day is not None})
        ln_lag, before, middle = np.zeros(self.economy.value.shape), frozenset[int](), (end - first).days / 2
        for day in days:
            now = frozenset(k for k, (begun, ended) in spans.items() if begun <= day and (ended is None or day < ended))
            part = 1 - self.elasticities.at(((first - day).days + middle) / DAYS_A_YEAR)
            if part > 0:
                ln_lag += part * (self._ln_border(now) - self._ln_border(before))
            before = now
        flow = np.flatnonzero(np.abs(ln_lag) > 1e-14)
        return Lag(flow, ln_lag.ravel()[flow]) if flow.size else None

    def _ln_border(self, live: Live) -> Array:
        """ln of all taxes and costs at the border against the base [j,n,i]."""
        if live not in self._border:
            taxes = Policy.of(self.economy, measures_of(self.entries, live)).border_taxes()
            ln_border = np.zeros(self.economy.value.shape)
            ln_border.ravel()[taxes.flow] = (
                taxes.ln_tariff - taxes.ln_tariff_base + taxes.ln_export_tax - taxes.ln_export_tax_base
            ) + taxes.ln_iceberg
            self._border[live] = ln_border
        return self._border[live]
