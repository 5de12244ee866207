"""The rates that a party chooses for its best policy: import tariffs, export taxes or production subsidies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from entrepot.cases.objective import split_party
from entrepot.economy import Economy
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium.warm_start import PolicySlopes, Problem, Sensitivity
from entrepot.errors import InputError
from entrepot.measures import ExportTax, Measure, Policy, ProductionSubsidy, Tariff
from entrepot.measures.acts import ExportDuty, Subsidy
from entrepot.measures.fields import read_rate
from entrepot.types import Array, Index

if TYPE_CHECKING:
    import pandas as pd

Over = Literal["uniform", "sector", "partner", "both"]
Kind = Literal["tariff", "export_tax", "production_subsidy"]
#: The field of a Problem, and of its slopes, that each kind changes.
_PART: dict[Kind, str] = {
    "tariff": "ln_tariff",
    "export_tax": "ln_export_tax",
    "production_subsidy": "ln_subsidy",
}
#: The default upper bound, a rate (1,000%) that leaves almost no trade.
LARGEST = 10.0


@dataclass(frozen=True, eq=False, repr=False)
class Lever:
    """The rates of one kind that a party chooses, and the flows to which each rate applies.

    flow [f]        flat positions in [j,n,i], for a subsidy in [j,i];  group [f]  the index g of each flow's rate
    label [g]       sector and partner of a rate; ALL and WORLD where it spans all of those chosen
    lower, upper    bounds [g]
    every           a measure of the kind on all flows
    """

    economy: Economy
    kind: Kind
    flow: Index
    group: Index
    label: tuple[tuple[str, str], ...]
    lower: Array
    upper: Array
    every: Any

    @classmethod
    def of(
        cls,
        economy: Economy,
        party: str | tuple[str, ...],
        kind: Kind,
        over: Over,
        sectors: str | tuple[str, ...],
        partners: str | tuple[str, ...],
        exempt: tuple[str, ...],
        lower: float,
        upper: float | Mapping[str, float],
    ) -> Lever:
        """The lever of a party over the flows of the chosen sectors and partners. Raises `InputError`."""
        if over not in get_args(Over):
            raise InputError(f"over: {over!r} is not one of {', '.join(get_args(Over))}")
        lower = read_rate("at_least", lower)
        every: Any = _every(party, kind, sectors, partners, exempt)
        if kind == "production_subsidy":
            flow, made = every.cells(economy), economy.output
            over = "sector" if over in ("sector", "both") else "uniform"
        else:
            flow, made = every.flows(economy), economy.value
        flow = flow[made.ravel()[flow] > 0]
        if not flow.size:
            what = {"tariff": "imports", "export_tax": "exports", "production_subsidy": "output"}[kind]
            raise InputError(f"{party} has no {what} in the chosen sectors and with the chosen partners; choose others")
        size = len(economy.countries)
        j, n, i = (flow // size, flow % size, flow % size) if made.ndim == 2 else np.unravel_index(flow, made.shape)
        partner = n if kind == "export_tax" else i
        key = {"uniform": 0 * j, "sector": j * size, "partner": partner, "both": j * size + partner}[over]
        found, first, group = np.unique(key, return_index=True, return_inverse=True)
        label = tuple(
            (
                economy.sectors[j[f]] if over in ("sector", "both") else "ALL",
                economy.countries[partner[f]] if over in ("partner", "both") else "WORLD",
            )
            for f in first
        )
        ceilings = _ceilings(upper, j, group, economy, lower)
        return cls(economy, kind, flow, group, label, np.full(found.size, lower), ceilings, every)

    @cached_property
    def scale(self) -> Array:
        """The square root of trade times elasticity [g], over the largest; it scales steps to a similar curvature."""
        subsidy = self.kind == "production_subsidy"
        made, size = (self.economy.output, 1) if subsidy else (self.economy.value, len(self.economy.countries))
        j = self.flow // (len(self.economy.countries) * size)
        weight = np.bincount(self.group, made.ravel()[self.flow] * self.economy.theta[j])
        return np.sqrt(np.maximum(weight / weight.max(), 1e-9))

    def first(self) -> Array:
        """The rates at which a search begins [g]: 10% for tariffs, zero for others, or the nearest bound."""
        return np.clip(np.full(len(self.label), 0.1 if self.kind == "tariff" else 0.0), self.lower, self.upper)

    def read(self, table: pd.DataFrame) -> Array:
        """The rates [g] of a table made by `rates_table`. Raises `InputError` if the table has other rates."""
        if list(zip(table["sector"], table["exporter"], strict=True)) != list(self.label):
            raise InputError(
                f"start: {', '.join(self.every.importer)} had other instruments; start from a result with the same ones"
            )
        return np.clip(table["rate"].to_numpy(dtype=float), self.lower, self.upper)

    def nothing(self) -> list[Measure]:
        """Measures with a rate of zero that bring these flows into a Problem; `put` sets their rates."""
        more = {"change": "add"} if self.kind == "tariff" else {}
        return [replace(self.every, rate=0.0, **more)]

    def put(self, problem: Problem, rate: Array) -> Problem:
        """`problem` with the ad valorem rates [g]; its flows must include these."""
        part = getattr(problem, _PART[self.kind]).copy()
        at = self.flow if self.kind == "production_subsidy" else np.searchsorted(problem.flow, self.flow)
        part.ravel()[at] = np.log1p(rate[self.group])
        return replace(problem, **{_PART[self.kind]: part})

    def clear_of(self, policy: Policy) -> None:
        """Raise `InputError` if export taxes or subsidies on the chosen flows are in force: they would count twice.

        Tariffs in force on the chosen flows are replaced.
        """
        in_force = self.economy.in_force
        held = {"export_tax": in_force.export_tax, "production_subsidy": in_force.subsidy}.get(self.kind, np.zeros(0))
        if held.size and held.ravel()[self.flow].any():
            raise InputError(
                f"{self.kind}: the base has some in force on the chosen flows; choose other sectors or partners, or a "
                f"base without them"
            )
        word = {"export_tax": ExportDuty, "production_subsidy": Subsidy}.get(self.kind)
        for act in policy.each(word) if word else ():
            if np.isin(act.at, self.flow).any():
                raise InputError(
                    f"measures: {act.measure.title} applies to flows for which {self.kind} is chosen; leave it out, or "
                    f"choose other sectors, partners or instruments"
                )

    def pull(self, slopes: PolicySlopes) -> Array:
        """Slopes in policy converted to slopes in ln(1 + rate) [g]."""
        by_flow = getattr(slopes, _PART[self.kind]).ravel()[self.flow]
        return np.bincount(self.group, by_flow, len(self.label)).astype(float)

    def check(self, at: Sensitivity) -> None:
        """Raise `InputError` if a tariff is chosen on a flow under a tariff-rate quota."""
        if self.kind == "tariff":
            at.check_tariffs(self.flow)

    def measures(self, rate: Array) -> list[Measure]:
        """The rates as measures that set them."""
        made = []
        for (sector, partner), r in zip(self.label, rate.tolist(), strict=True):
            side = "importer" if self.kind == "export_tax" else "exporter"
            narrower: dict[str, Any] = {} if partner == "WORLD" else {side: partner, "exempt": ()}
            narrower |= {} if sector == "ALL" else {"sector": sector}
            made.append(replace(self.every, rate=f"{100 * r:.15g}%", **narrower))
        return made


@dataclass(frozen=True, eq=False, repr=False)
class Levers:
    """Several levers that are chosen together, their rates one after the other."""

    parts: tuple[Lever, ...]

    @property
    def label(self) -> tuple[tuple[str, str], ...]:
        """Sector and partner of every rate."""
        return tuple(label for part in self.parts for label in part.label)

    @property
    def lower(self) -> Array:
        """The lower bounds [g]."""
        return np.concatenate([part.lower for part in self.parts])

    @property
    def upper(self) -> Array:
        """The upper bounds [g]."""
        return np.concatenate([part.upper for part in self.parts])

    @property
    def scale(self) -> Array:
        """The scale of every rate [g]."""
        return np.concatenate([part.scale for part in self.parts])

    def first(self) -> Array:
        """The rates at which a search begins [g]."""
        return np.concatenate([part.first() for part in self.parts])

    def nothing(self) -> list[Measure]:
        """Measures with a rate of zero that bring the flows of all levers into a Problem."""
        return [measure for part in self.parts for measure in part.nothing()]

    def split(self, rate: Array) -> list[Array]:
        """The rates of each lever."""
        return np.split(rate, np.cumsum([len(part.label) for part in self.parts])[:-1])

    def put(self, problem: Problem, rate: Array) -> Problem:
        """`problem` with the rates of all levers [g]."""
        for part, own in zip(self.parts, self.split(rate), strict=True):
            problem = part.put(problem, own)
        return problem

    def clear_of(self, policy: Policy) -> None:
        """Raise `InputError` as `Lever.clear_of` does."""
        for part in self.parts:
            part.clear_of(policy)

    def pull(self, slopes: PolicySlopes) -> Array:
        """Slopes in policy converted to slopes in ln(1 + rate) [g]."""
        return np.concatenate([part.pull(slopes) for part in self.parts])

    def check(self, at: Sensitivity) -> None:
        """Raise `InputError` as `Lever.check` does."""
        for part in self.parts:
            part.check(at)

    def measures(self, rate: Array) -> list[Measure]:
        """The rates as measures that set them."""
        return [m for part, own in zip(self.parts, self.split(rate), strict=True) for m in part.measures(own)]


def _every(
    party: str | tuple[str, ...],
    kind: Kind,
    sectors: str | tuple[str, ...],
    partners: str | tuple[str, ...],
    exempt: tuple[str, ...],
) -> Tariff | ExportTax | ProductionSubsidy:
    names = split_party(party)
    if kind == "tariff":
        return Tariff(importer=names, exporter=partners, sector=sectors, exempt=exempt, rate=0.0)
    if kind == "export_tax":
        return ExportTax(exporter=names, importer=partners, sector=sectors, exempt=exempt, rate=0.0)
    if kind == "production_subsidy":
        if exempt:
            raise InputError("exempt: a production subsidy is paid on all output; leave partners and exempt out")
        return ProductionSubsidy(country=names, sector=sectors, rate=0.0)
    raise InputError(f"instruments: {kind!r} is not one of {', '.join(get_args(Kind))}")


def _ceilings(upper: float | Mapping[str, float], sector: Index, group: Index, economy: Economy, lower: float) -> Array:
    """The upper bounds [g]; a rate that spans several sectors [f] has the lowest of their bounds."""
    out = np.full(group.max() + 1, LARGEST)
    if not isinstance(upper, Mapping):
        out[:] = LARGEST if upper == LARGEST else read_rate("at_most", upper)
    else:
        by_sector = np.full(len(economy.sectors), LARGEST)
        for name, rate in upper.items():
            ceiling = read_rate(f"at_most: {name}", rate)
            by_sector[np.isin(economy.sectors, resolve_sectors(name, economy.sectors, "at_most"))] = ceiling
        np.minimum.at(out, group, by_sector[sector])
    if (out < lower).any():
        raise InputError(f"at_most is below at_least, {lower:g}; raise it")
    return out
