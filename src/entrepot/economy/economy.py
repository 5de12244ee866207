"""The Economy: a calibrated world before any change, and the ways to build one from data or from another."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from entrepot.economy import aggregation, calibration, storage
from entrepot.economy.base_accounts import BaseAccounts
from entrepot.economy.equations import Array
from entrepot.economy.theta import is_table_or_set, plainly, theta_array
from entrepot.read_only import read_only

if TYPE_CHECKING:
    import pandas as pd

#: Functions of rooms that import this one, which build Economies. They are loaded by name when a method calls them.
READ_TABLES = "entrepot.data.tables:economy_from_tables"
READ_MRIO = "entrepot.data.sources.mrio:economy_from_mrio"
READ_ELASTICITIES = "entrepot.data.elasticities:read_elasticities"
CLOSE_DEFICITS = "entrepot.equilibrium.solve:with_deficits_closed"
EXPORT = "entrepot.data.exchange_files:export_economy"
SHOCKS = "entrepot.equilibrium.shocks:shocks_of"


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class Economy(BaseAccounts):
    """A calibrated world before any change: trade, policy in force, input-output shares and elasticities.

    value [j,n,i]   sales of exporter i's sector j in n, at the exporter's price, before tariff; millions of US dollars
    tariff [j,n,i]  ad valorem rate on that value (0.25 is 25%)
    inputs [n,k,j]  share of input k in the cost of sector j in n; the rest of cost is factor income
    theta [j]       trade elasticity

    `BaseAccounts` describes the optional arrays and the accounts (spending, output, income, deficits ...), which
    always balance exactly. Build an Economy with `from_tables`, `from_mrio`, `load`, `entrepot.load_economy` or
    `entrepot.import_economy`. Immutable, and safe to share among threads.
    """

    @classmethod
    def from_tables(
        cls,
        trade: Any,
        inputs: Any = None,
        demand: Any = None,
        production: Any = None,
        *,
        theta: Any,
        deficit: Literal["data", "balanced"] = "data",
        name: str = "unnamed",
        source: str = "",
        year: int | None = None,
    ) -> Economy:
        """Build an Economy from tidy tables (DataFrames, or paths of CSV, Excel, Parquet or other table files).

        trade    importer, exporter, sector, value[, tariff, export_tax, quota, tariff_equivalent, exporter_share,
                 licence]; values at the producer's price, in millions of US dollars, including own sales (importer =
                 exporter). Foreign flows without a row are zero and are counted in the notes
        inputs   country, input, output, cost_share; without this table all cost is value added
        demand   country, sector, final_share[, value_added_share]; without it final shares follow from spending
        production  country, sector[, production_subsidy, markup]; cells without a row have neither
        theta    trade elasticity: one number, a mapping by sector, the name of a published set, or a table
        deficit  "data" keeps imports minus exports; "balanced" closes all deficits

        Tables that are not an equilibrium keep their trade shares, tariffs, cost shares, final shares and deficits; the
        base is the equilibrium that these imply without any shock, and `notes` states how far it moved.

        Raises `TableError` with row and column for a value that is missing, repeated, negative or NaN and for shares
        that do not add up; `ConvergenceError` if no unshocked equilibrium is found.
        """
        return resolve_name(READ_TABLES)(
            trade, inputs, demand, production, theta=theta, deficit=deficit, name=name, source=source, year=year
        )

    @classmethod
    def from_mrio(
        cls, io: Any, *, tariffs: Any = None, theta: Any = None, name: str = "mrio", **options: Any
    ) -> Economy:
        """Build an Economy from a multi-regional input-output table: any `pymrio.IOSystem`.

        tariffs  None, an array [j,n,i] of fractions, a DataFrame or a file (see `entrepot.data.tariffs`)
        theta    trade elasticity: a number, a mapping by sector, the name of a published set, or a table
        options  as in `entrepot.data.sources.mrio.economy_from_mrio`

        `notes` lists the repairs. Raises `TableError` for tables that are not an input-output system.
        """
        imported = resolve_name(READ_MRIO)(io, tariffs=tariffs, theta=theta, name=name, **options)
        economy: Economy = imported.economy
        return replace(economy, notes=(*economy.notes, *imported.mended, *imported.refused))

    def aggregate(
        self,
        countries: Mapping[str, str | Sequence[str]] | None = None,
        sectors: Mapping[str, str | Sequence[str]] | None = None,
        *,
        rest_of_world: str | None = None,
        name: str | None = None,
    ) -> Economy:
        """Merge countries and sectors: {"EU28": "EU28", ...} or {"goods": ["food", "textiles"], ...}.

        Countries and sectors that are not listed stay as they are; countries may instead go into `rest_of_world`.
        Values and costs add up; tariffs and export taxes are weighted by trade, subsidies and markups by output (so
        that revenue and profits are kept), elasticities by imports. Taxes between members of a merged country remain as
        a tax on its own sales, so that its budget still closes. Raises `TableError` where quotas or price rules are in
        force.
        """
        return aggregation.aggregate(self, countries or {}, sectors or {}, rest_of_world=rest_of_world, name=name)

    def balanced(self) -> Economy:
        """Return the equilibrium of this world with every aggregate deficit closed; it is computed once."""
        return self._balanced

    @cached_property
    def _balanced(self) -> Economy:
        # Quotas and costs of market access change with the deficits, so the solver has to find their equilibrium.
        needs_solver = self.in_force or self.has_selection
        closed: Economy = resolve_name(CLOSE_DEFICITS)(self) if needs_solver else calibration.close_deficits(self)
        return replace(closed, notes=(*self.notes, "Deficits closed; every change is from that base."))

    def with_theta(self, theta: Any) -> Economy:
        """Return the same base with other trade elasticities; the accounts of the base do not depend on them.

        `theta` is one number (or an estimate of one); an array [j]; a mapping by sector, where the other sectors keep
        theirs; or the name of a published set ("cp2015"; see `ep.data.elasticity_sets`) or a table (sector, theta),
        which the notes then cite. {"set": "ll2023", "sectors": {"cars": "C29"}} states what sectors with names of your
        own cover, as codes of ISIC Rev. 4. Raises `TableError` or `UnknownNameError`.
        """
        theta = plainly(theta)
        if isinstance(theta, np.ndarray) and theta.shape == self.theta.shape:
            theta = dict(zip(self.sectors, theta.tolist(), strict=True))
        if is_table_or_set(theta):
            array, cited = resolve_name(READ_ELASTICITIES)(theta, self.sectors)
            return replace(self, theta=array, notes=(*self._without_cited(), *cited))
        stated = "Elasticities: Stated by the user."
        array = theta_array(theta, self.sectors, default=self.theta)
        if isinstance(theta, Mapping) and len(theta) < len(self.sectors):
            numbers = ", ".join(f"{name} {float(number):g}" for name, number in theta.items())
            return replace(self, theta=array, notes=(*self.notes, f"{stated[:-1]} for {numbers}."))
        return replace(self, theta=array, notes=(*self._without_cited(), stated))

    def with_markups(self, sigma: float | Mapping[str, float]) -> Economy:
        """Return the same data with markups sigma / (sigma - 1) over cost.

        Sales, tariffs and purchases of inputs stay; 1/sigma of sales becomes profits, taken out of value added.

        sigma  elasticity of substitution among the varieties of firms, above one: one number, or a mapping by sector,
               where the other sectors stay as they are

        Raises `UnknownNameError` for a sector, `TableError` where profits would exceed value added.
        """
        return calibration.with_markups(self, sigma)

    def with_access(self, access: Array, exponent: Array, markup: Array | None = None) -> Economy:
        """Return the same data with costs of market access, exponents of taxes and, if given, markups, each [j,n].

        Sales, tariffs and purchases of inputs stay; access is paid out of the value added of the producing sectors.
        `equilibrium.blocks.selection.Melitz.on` computes the numbers.

        Raises `TableError` where access and profits would exceed value added.
        """
        return calibration.with_access(self, access, exponent, self.markup if markup is None else markup)

    def _without_cited(self) -> tuple[str, ...]:
        """Notes without those on elasticities, which are about to be replaced."""
        return tuple(note for note in self.notes if not note.startswith("Elasticities:"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the Economy to one file (see `Economy.load`), by an atomic write."""
        storage.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Economy:
        """Read a file that `save` wrote. Raises `DocumentError` if it is not one, is damaged or is too new."""
        return storage.load(path, cls)

    def export(self, path: str | os.PathLike[str], measures: Any = None, *, overwrite: bool = False) -> list[Path]:
        """Write the Economy for GEMPACK (.har), GAMS (.gdx), Stata (.dta), or as CSV in a folder; return the files.

        measures   a Scenario, a measure or several, whose taxes and trade costs go into the file beside the base's
        overwrite  whether files of the same names are replaced that no export wrote

        `ep.import_economy("exchanged", path)` reads it back: to the last digit, but for .har, which has single
        precision. Raises `InputError` where quotas or price rules are in force, `MeasureError` for measures that
        are not taxes or trade costs.
        """
        shocks = None if measures is None else resolve_name(SHOCKS)(self, measures)
        return resolve_name(EXPORT)(self, path, shocks, overwrite=overwrite)

    # ---- tables ----

    def table(self) -> pd.DataFrame:
        """Return all flows as a tidy table: importer, exporter, sector, value, tariff."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.sectors, self.countries, self.countries], names=["sector", "importer", "exporter"]
        )
        frame = pd.DataFrame({"value": self.value.ravel(), "tariff": self.tariff.ravel()}, index=index).reset_index()
        return frame[["importer", "exporter", "sector", "value", "tariff"]]

    def summary(self) -> pd.DataFrame:
        """Return a table by country, in millions: value added, income, output, trade, deficit, revenue, tariff rate.

        Trade is at the border, with export taxes and the rents that exporters hold. Duties that remain inside a merged
        country are part of its revenue, but not of the average tariff, which is that on its imports.
        """
        import pandas as pd

        foreign = self.border_value * ~self.domestic
        imports = foreign.sum(axis=(0, 2))
        levied = (self.duty * ~self.domestic).sum(axis=(0, 2))
        columns = {
            "value_added": self.value_added,
            "income": self.income,
            "output": self.output.sum(axis=0),
            "exports": foreign.sum(axis=(0, 1)),
            "imports": imports,
            "deficit": self.deficit,
            "tariff_revenue": self.tariff_revenue,
            "average_tariff": np.divide(levied, imports, out=np.zeros_like(levied), where=imports > 0),
        }
        return pd.DataFrame(columns, index=pd.Index(self.countries, name="country"))

    def __repr__(self) -> str:
        foreign = float((self.border_value * ~self.domestic).sum())
        year = f", {self.year}" if self.year else ""
        n, j = len(self.countries), len(self.sectors)
        return (
            f"Economy {self.name!r}{year}: {n} {'country' if n == 1 else 'countries'} x {j} sector{'s' * (j != 1)}, "
            f"US${_money(self.value_added.sum())} value added, US${_money(foreign)} trade\n"
            f"Next: entrepot.solve(economy, [entrepot.Tariff(...)]), economy.summary()"
        )


def _money(millions: float) -> str:
    for size, word in ((1e6, "trillion"), (1e3, "billion")):
        if millions >= 0.95 * size:
            return f"{millions / size:,.1f} {word}"
    return f"{millions:,.3g} million"
