"""Policy in force in a base beside its tariffs: export taxes, subsidies, quotas with their rents, price rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.errors import TableError

_NONE = np.zeros(0)
_NOWHERE = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class QuotasInForce:
    """Quantity measures q on flows f; a flow under two measures is listed twice.

    title [q]           name of the measure
    flow [f], owner [f] flat positions in [j,n,i], and the q of each
    weight [f]          units of volume per dollar at the base's producer prices
    volume [q]          the cap, in those units
    ln_surcharge [f]    ln (1+t_out)/(1+t_in) of a tariff-rate quota's flow; infinite if imports cannot exceed the cap
    exporter_share [q]  share of the rent that the exporter holds
    before_duty [q]     whether duty is also levied on the licence (an export licence)
    ln_mu [q]           ln(1+mu) in the base: zero where the quota is slack, at most a tariff-rate quota's surcharge
    """

    title: tuple[str, ...] = ()
    flow: Index = field(default_factory=lambda: _NOWHERE)
    owner: Index = field(default_factory=lambda: _NOWHERE)
    weight: Array = field(default_factory=lambda: _NONE)
    volume: Array = field(default_factory=lambda: _NONE)
    ln_surcharge: Array = field(default_factory=lambda: _NONE)
    exporter_share: Array = field(default_factory=lambda: _NONE)
    before_duty: NDArray[np.bool_] = field(default_factory=lambda: _NONE.astype(bool))
    ln_mu: Array = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class PriceRulesInForce:
    """Specific duties and minimum prices by flow f; one unit costs one dollar at the border in the base.

    flow [f]            flat positions in [j,n,i]
    amount, floor [f]   duty per unit; lowest border price per unit
    exporter_holds [f]  whether the exporter raises its price to the floor; else the importer levies the gap
    """

    flow: Index = field(default_factory=lambda: _NOWHERE)
    amount: Array = field(default_factory=lambda: _NONE)
    floor: Array = field(default_factory=lambda: _NONE)
    exporter_holds: NDArray[np.bool_] = field(default_factory=lambda: _NONE.astype(bool))


@dataclass(frozen=True, eq=False)
class InForce:
    """Policy in force in a base beside its tariffs, with its wedges and rents.

    export_tax [j,n,i]  ad valorem rates on the producer's price; empty for none
    subsidy [j,i]       on output, cost = (1 + s) price under perfect competition; empty for none
    quotas, price_rules quantity measures, specific duties and minimum prices
    flow [w]            flows under a quota or a price rule, each once
    ln_wedge [w]        their joint effect on the log of the users' price
    exporter_rent, importer_rent [w]   rents of each side, over producer value
    """

    export_tax: Array = field(default_factory=lambda: _NONE)
    subsidy: Array = field(default_factory=lambda: _NONE)
    quotas: QuotasInForce = field(default_factory=QuotasInForce)
    price_rules: PriceRulesInForce = field(default_factory=PriceRulesInForce)
    flow: Index = field(default_factory=lambda: _NOWHERE)
    ln_wedge: Array = field(default_factory=lambda: _NONE)
    exporter_rent: Array = field(default_factory=lambda: _NONE)
    importer_rent: Array = field(default_factory=lambda: _NONE)

    def __bool__(self) -> bool:
        return bool(self.export_tax.size or self.subsidy.size or self.flow.size)

    def check(self, sectors: int, countries: int) -> None:
        """Raise `TableError` for arrays that do not fit an Economy of this size, or contain NaN."""
        flows = (sectors, countries, countries)
        for name, array, shape in (
            ("export_tax", self.export_tax, flows),
            ("subsidy", self.subsidy, (sectors, countries)),
        ):
            if array.size and array.shape != shape:
                raise TableError(f"in force: {name} has shape {array.shape}; {shape} is needed")
            if array.size and not (np.isfinite(array) & (array > -1)).all():
                raise TableError(f"in force: {name} must be finite rates above -100%")
        size = sectors * countries**2
        for at in (self.flow, self.quotas.flow, self.price_rules.flow):
            if at.size and (at.min() < 0 or at.max() >= size):
                raise TableError("in force: a quota or price rule is on a flow that the Economy does not have")
        for name in ("ln_wedge", "exporter_rent", "importer_rent"):
            array = getattr(self, name)
            if array.shape != self.flow.shape or not np.isfinite(array).all():
                raise TableError(f"in force: {name} needs a finite number for each of {self.flow.size} flows")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays by the name under which they are stored."""
        parts: dict[str, Any] = {"": self, "quotas.": self.quotas, "price_rules.": self.price_rules}
        return {
            f"in_force.{prefix}{f.name}": np.asarray(getattr(part, f.name))
            for prefix, part in parts.items()
            for f in fields(part)
            if f.name not in ("title", "quotas", "price_rules")
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], title: tuple[str, ...]) -> InForce:
        """Build from the arrays that `arrays` returned and the titles of the quotas."""

        def of(prefix: str, kind: type) -> dict[str, Any]:
            names = [f.name for f in fields(kind) if f.name not in ("title", "quotas", "price_rules")]
            return {name: arrays[f"in_force.{prefix}{name}"] for name in names}

        return cls(
            **of("", cls),
            quotas=QuotasInForce(title=title, **of("quotas.", QuotasInForce)),
            price_rules=PriceRulesInForce(**of("price_rules.", PriceRulesInForce)),
        )
