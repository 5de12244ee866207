"""The words in which measures state what they change: one act for each duty, tax, cost, subsidy, cap or price rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.measures.fields import Change, TariffChange, percent
from entrepot.types import Array, Index


class ActingMeasure(Protocol):
    """What an act needs to know of the measure that puts it."""

    @property
    def title(self) -> str:
        """The measure in words."""

    def put(self, policy: Any) -> None:
        """Put on a Policy what the measure changes."""

    def names_flow(self, economy: Economy, flow: Index) -> NDArray[np.bool_]:
        """Whether it may put something on each of these flows [.]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Act:
    """One change that a measure makes; `at` are flat positions in [j,n,i], for a subsidy in [j,i].

    position  of the measure in the Scenario;  number  of the act among all of the Policy's
    """

    measure: ActingMeasure
    position: int
    number: int
    at: Index

    @property
    def by_exporter(self) -> bool:
        """Whether the exporter, or producer, takes it; else the importer."""
        return False


@dataclass(frozen=True, eq=False, kw_only=True)
class Duty(Act):
    """An ad valorem import duty: set to `rate`, raised by `rate` points, or cut by the part `rate` [f]."""

    change: TariffChange
    rate: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class ExportDuty(Act):
    """An ad valorem tax on exports, `rate` [f] of the producer price; a subsidy where it is negative.

    It is added to the tax in force, or replaces it.
    """

    rate: Array
    change: Change = "add"

    @property
    def by_exporter(self) -> bool:
        """True."""
        return True


@dataclass(frozen=True, eq=False, kw_only=True)
class TradeCost(Act):
    """An iceberg cost: `factor` [f] is shipped for 1 to arrive."""

    factor: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Subsidy(Act):
    """A subsidy on the output of cells [j,i], `rate` [.] of the producer price; a tax where it is negative.

    It is added to the subsidy in force, or replaces it.
    """

    rate: Array
    change: Change = "add"

    @property
    def by_exporter(self) -> bool:
        """True: the producer's country pays it."""
        return True


@dataclass(frozen=True, eq=False, kw_only=True)
class Cap(Act):
    """A ceiling on the volume of all its flows together, in millions of US dollars at base producer prices.

    exporter_share  of the rent
    before_duty     the licence is bought before the border, so that duty is levied on it (an export licence)
    beyond          the duty that more than the volume pays (a tariff-rate quota); None where nothing more comes in
    beyond_change   "set": `beyond` is that duty; "add": it is points over the duty inside
    """

    volume: float
    exporter_share: float
    before_duty: bool
    beyond: float | None = None
    beyond_change: Literal["set", "add"] = "set"

    @property
    def hard(self) -> bool:
        """Whether nothing may be traded beyond the volume, unlike under a tariff-rate quota."""
        return self.beyond is None

    @property
    def by_exporter(self) -> bool:
        """True for an export licence."""
        return self.before_duty

    @property
    def forbids(self) -> bool:
        """Whether it forbids all of its trade."""
        return self.hard and self.volume == 0

    @property
    def holder(self) -> str:
        """Who holds the rent, in words."""
        share = self.exporter_share
        if share in (0.0, 1.0):
            return "exporter" if share else "importer"
        return f"exporter {percent(share)}, importer {percent(1 - share)}"

    def within(self, other: Cap) -> bool:
        """Whether the other has all of its flows."""
        return bool(np.isin(self.at, other.at).all())

    def outside(self, inside: Array, points: Array) -> Array:
        """Return the duty [f] beyond the volume, from the duty inside and the points that measures add."""
        beyond = np.inf if self.beyond is None else self.beyond
        return beyond + (inside if self.beyond_change == "add" else points)


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceRule(Act):
    """A duty of `amount` [f] on what cost one dollar at the border in the base, or a `floor` [f] under that price.

    exporter_holds  the exporter raises its price to the floor (an undertaking); else the importer levies the gap
    unit_value      the price of a unit that turned money a unit into parts of the base price, where it was so stated
    """

    amount: Array
    floor: Array
    exporter_holds: bool
    unit_value: float | None = None

    @property
    def by_exporter(self) -> bool:
        """True for a price undertaking."""
        return self.exporter_holds


@dataclass(frozen=True, eq=False, kw_only=True)
class Lifted(Act):
    """Quotas or price rules in force in the base that end on these flows.

    quotas          their numbers in `economy.in_force.quotas`; none where it is price rules that are lifted
    exporters_took  the exporters had taken them
    """

    quotas: tuple[int, ...] = ()
    exporters_took: bool

    @property
    def by_exporter(self) -> bool:
        """True where exporters had taken what is lifted."""
        return self.exporters_took


@dataclass(frozen=True, eq=False)
class BorderTaxes:
    """Taxes and costs on the flows [f] where measures change them.

    ln_tariff_base, ln_tariff  ln(1+t), ln(1+t');  ln_export_tax_base, ln_export_tax  ln(1+e), ln(1+e')
    ln_iceberg                 ln d^
    points                     added to the tariff, which are due inside and beyond a tariff-rate quota alike
    """

    flow: Index
    ln_tariff_base: Array
    ln_tariff: Array
    ln_export_tax_base: Array
    ln_export_tax: Array
    ln_iceberg: Array
    points: Array

    def on(self, economy: Economy, flow: Index) -> tuple[Array, Array]:
        """Return the tariff and the points added to it, on any flows [.]."""
        tariff, points = economy.tariff.ravel()[flow], np.zeros(flow.size)
        hit = np.isin(flow, self.flow)
        at = np.searchsorted(self.flow, flow[hit])
        tariff[hit], points[hit] = np.expm1(self.ln_tariff[at]), self.points[at]
        return tariff, points


def flow_name(economy: Economy, flow: int | np.intp) -> str:
    """Return a flow in words, from its flat position in [j,n,i]."""
    j, n, i = np.unravel_index(int(flow), economy.value.shape)
    return f"{economy.sectors[j]} from {economy.countries[i]} into {economy.countries[n]}"
