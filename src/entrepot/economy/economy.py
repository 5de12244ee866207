"""The Economy: a world in equilibrium before any measure."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.economy.in_force import InForce
from entrepot.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Economy:
    """A calibrated world. A few arrays say everything; all else follows from them by accounting.

    value [j,n,i]   sales of exporter i's sector j in n, at the exporter's price, before tariff; millions of US dollars
    tariff [j,n,i]  ad valorem rate on that value (0.25 is 25%)
    inputs [n,k,j]  share of input k in the cost of sector j in n; the rest of cost is factor income
    theta [j]       trade elasticity
    markup [j,n]    price over cost; one, if it is not given: perfect competition. What is left of sales are profits
    in_force        export taxes, subsidies, quotas and price rules in force beside the tariffs (`InForce`)
    access [j,n]    nu, the part of what producers sell in n that pays n's labour for access to its market: none, if it
                    is not given
    exponent [j,n]  phi: trade answers taxes between the producer and n's users with theta phi, costs with theta; one,
                    if it is not given. Both are of firms that select into markets (`equilibrium.blocks.selection`)

    Since spending, output, income, final demand and deficits are sums of these, an Economy is always exactly
    balanced: what producers sell is what users buy, and what countries spend is what they earn plus their deficit.
    Build one with `from_tables`, `load`, or `entrepot.load_economy`. Immutable, and safe to share among threads.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    value: Array
    tariff: Array
    inputs: Array
    theta: Array
    name: str = "unnamed"
    source: str = ""
    year: int | None = None
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    markup: Array = field(default_factory=lambda: np.zeros((0, 0)))
    in_force: InForce = field(default_factory=InForce)
    access: Array = field(default_factory=lambda: np.zeros((0, 0)))
    exponent: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        n, j = len(self.countries), len(self.sectors)
        if n == 0 or j == 0:
            raise TableError("an Economy needs at least one country and one sector")
        for labels, kind in ((self.countries, "country"), (self.sectors, "sector")):
            check_labels(kind, labels)
        for attribute, default in (("markup", 1.0), ("access", 0.0), ("exponent", 1.0)):
            if not np.size(getattr(self, attribute)):
                object.__setattr__(self, attribute, np.full((j, n), default))
        shapes = {"value": (j, n, n), "tariff": (j, n, n), "inputs": (n, j, j), "theta": (j,)}
        shapes |= dict.fromkeys(("markup", "access", "exponent"), (j, n))
        for attribute, shape in shapes.items():
            array = np.array(getattr(self, attribute), dtype=float, order="C")
            if array.shape != shape:
                raise TableError(f"{attribute} has shape {array.shape}; {shape} is needed")
            if not np.isfinite(array).all():
                raise TableError(f"{attribute} holds a value that is not a finite number")
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)
        if (self.value < 0).any() or (self.inputs < 0).any():
            raise TableError("values and input shares must not be negative")
        if (self.tariff <= -1).any() or (self.theta <= 0).any():
            raise TableError("tariffs must be above -100% and trade elasticities above zero")
        if (self.markup < 1).any():
            raise TableError("a markup is price over cost, one or more")
        if (self.access < 0).any() or (self.access >= 1).any() or (self.exponent <= 0).any():
            raise TableError("access is a part of sales, from 0 to below 1, and the exponent of taxes is above zero")
        self.in_force.check(j, n)
        self._check_accounts()

    def _check_accounts(self) -> None:
        for account, kind in ((self.value_added, "value added"), (self.income, "income")):
            if (account <= 0).any():
                i = int(np.argmin(account))
                raise TableError(f"{self.countries[i]} has no positive {kind} ({account[i]:.6g}); check its rows")
        short = np.where(self._final_demand < -1e-9 * self.spending)
        if short[0].size:
            j, n = int(short[0][0]), int(short[1][0])
            raise TableError(
                f"intermediate use of {self.sectors[j]} in {self.countries[n]} exceeds its supply by "
                f"{-self._final_demand[j, n]:.6g}: final demand would be negative"
            )

    # ---- accounts (all in millions of US dollars unless they are shares) ----

    @cached_property
    def gross(self) -> Array:
        """Users' price over the producer's [j,n,i]: tariff, export tax, and the wedges of quotas and price rules."""
        gross = 1.0 + self.tariff
        if self.in_force.export_tax.size:
            gross *= 1.0 + self.in_force.export_tax
        if self.in_force.flow.size:
            gross.ravel()[self.in_force.flow] *= np.exp(self.in_force.ln_wedge)
        return gross

    @cached_property
    def spending(self) -> Array:
        """X[j,n]: spending at user prices, tariffs included."""
        return (self.gross * self.value).sum(axis=2)

    @cached_property
    def output(self) -> Array:
        """Y[j,i]: sales at producer prices."""
        return self.value.sum(axis=1)

    @cached_property
    def share(self) -> Array:
        """pi[j,n,i]: share of exporter i in n's spending on j. Where n buys no j, its own share is one."""
        return _expenditure_shares(self.gross * self.value)

    @cached_property
    def net_share(self) -> Array:
        """pi / (1 + t) [j,n,i], and over all else in `gross`: what reaches the producer of a dollar spent."""
        return self.share / self.gross

    @cached_property
    def value_added_share(self) -> Array:
        """b[n,j] = 1 - sum_k g[n,k,j]: what factors earn of cost."""
        return np.maximum(1.0 - self.inputs.sum(axis=1), 0.0)

    @property
    def has_markups(self) -> bool:
        return bool((self.markup != 1).any())

    @property
    def has_selection(self) -> bool:
        """Whether firms pay for access to markets, or taxes move trade by another elasticity than costs."""
        return bool(self.access.any() or (self.exponent != 1).any())

    @property
    def tax_elasticity(self) -> Array:
        """theta phi [j,n]: of trade to taxes between the producer and n's users."""
        return self.theta[:, None] * self.exponent

    @cached_property
    def access_income(self) -> Array:
        """[n]: what labour earns with access to n's market, sum of nu (1+s) F."""
        if not self.in_force.subsidy.size:
            return (self.access * self.value.sum(axis=2)).sum(axis=0)
        received = np.einsum("jni,ji->jn", self.value, 1.0 + self.in_force.subsidy)
        return (self.access * received).sum(axis=0)

    @cached_property
    def access_paid(self) -> Array:
        """[i]: what i's producers pay for access to all markets, its own too."""
        return (self._received - self._kept).sum(axis=0)

    @cached_property
    def cost(self) -> Array:
        """C[j,i]: what output costs its producers, (1+s) Y / m; all of it, under perfect competition. Access to markets
        is paid before.
        """
        return self._kept / self.markup if self.has_markups else self._kept

    @property
    def _received(self) -> Array:
        """(1+s) Y [j,i]."""
        return self.output * (1.0 + self.in_force.subsidy) if self.in_force.subsidy.size else self.output

    @cached_property
    def _kept(self) -> Array:
        """(1+s) Y [j,i] less what access to markets costs."""
        if not self.access.any():
            return self._received
        return np.einsum("jni,jn->ji", self.value, 1.0 - self.access) * np.exp(self.ln_subsidy)

    @property
    def ln_subsidy(self) -> Array:
        """ln(1+s) [j,i] of the subsidies in force."""
        return np.log1p(self.in_force.subsidy) if self.in_force.subsidy.size else np.zeros(self.output.shape)

    @cached_property
    def profits(self) -> Array:
        """[n]: output and subsidies less cost and what access to markets costs."""
        return (self._kept - self.cost).sum(axis=0)

    @cached_property
    def gross_margin(self) -> Array:
        """[n,j]: factor income and profits together, over cost, b + m - 1."""
        return self.value_added_share + self.markup.T - 1.0

    @cached_property
    def value_added(self) -> Array:
        """V[n]: what factors earn, without profits; with access to n's market too."""
        produced = (self.value_added_share.T * self.cost).sum(axis=0)
        return produced + self.access_income if self.has_selection else produced

    @cached_property
    def tariff_revenue(self) -> Array:
        """Duties [n], surcharges beyond tariff-rate quotas and levies up to a minimum price among them."""
        if not self.in_force:
            return (self.tariff * self.value).sum(axis=(0, 2))
        importer = self._rents[1]
        return (self.gross * self.value - self.border_value - importer).sum(axis=(0, 2))

    @cached_property
    def _rents(self) -> tuple[Array, Array]:
        """Held by exporters and by importers [j,n,i]."""
        held, size = self.in_force, self.value.size
        value = self.value.ravel()[held.flow]
        both = (held.exporter_rent, held.importer_rent)
        exporter, importer = (np.bincount(held.flow, part * value, size).reshape(self.value.shape) for part in both)
        return exporter.astype(float), importer.astype(float)

    def export_tax_on(self, flow: Index) -> Array:
        """Rates in force [f] on flat positions in [j,n,i]."""
        rates = self.in_force.export_tax
        return rates.ravel()[flow] if rates.size else np.zeros(flow.size)

    @cached_property
    def border_value(self) -> Array:
        """What n pays i's side of the border [j,n,i]: producer value, export tax and the rent that i holds."""
        if not self.in_force:
            return self.value
        taxed = self.value * (1.0 + self.in_force.export_tax) if self.in_force.export_tax.size else self.value
        return taxed + self._rents[0]

    @cached_property
    def revenue(self) -> Array:
        """R[n]: duties, export taxes and rents that a country has, less its subsidies."""
        if not self.in_force:
            return self.tariff_revenue
        exporter, importer = self._rents
        taxes = (self.border_value - self.value - exporter).sum(axis=(0, 1))
        held = importer.sum(axis=(0, 2)) + exporter.sum(axis=(0, 1))
        return self.tariff_revenue + taxes + held - (self._received - self.output).sum(axis=0)

    @cached_property
    def deficit(self) -> Array:
        """D[n]: imports minus exports, both before tariff, access to markets among them as a service."""
        goods = self.border_value.sum(axis=(0, 2)) - self.border_value.sum(axis=(0, 1))
        return goods + self.access_paid - self.access_income if self.has_selection else goods

    @cached_property
    def income(self) -> Array:
        """I[n] = V + profits + R + D, which is final spending."""
        return self.value_added + self.profits + self.revenue + self.deficit

    @cached_property
    def _final_demand(self) -> Array:
        return self.spending - np.einsum("nkj,jn->kn", self.inputs, self.cost)

    @cached_property
    def final_share(self) -> Array:
        """a[n,j]: share of sector j in n's final spending."""
        final = np.maximum(self._final_demand, 0.0).T
        return final / final.sum(axis=1, keepdims=True)

    @cached_property
    def domestic(self) -> BoolArray:
        """True where importer and exporter are the same [n,i]."""
        return np.eye(len(self.countries), dtype=bool)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the labels and arrays: two Economies with the same fingerprint give the same answers."""
        digest = hashlib.sha256(repr((self.countries, self.sectors)).encode())
        for array in (self.value, self.tariff, self.inputs, self.theta, *([self.markup] if self.has_markups else [])):
            digest.update(array.tobytes())
        if self.has_selection:
            digest.update(self.access.tobytes() + self.exponent.tobytes())
        if self.in_force:
            for held in self.in_force.arrays().values():
                digest.update(held.tobytes())
        return digest.hexdigest()

    # ---- making one from another ----

    @classmethod
    def from_tables(
        cls,
        trade: Any,
        inputs: Any = None,
        demand: Any = None,
        production: Any = None,
        *,
        theta: float | Mapping[str, float],
        deficit: Literal["data", "balanced"] = "data",
        name: str = "unnamed",
        source: str = "",
        year: int | None = None,
    ) -> Economy:
        """Build an Economy from tidy tables (DataFrames, or paths to CSV or Parquet files).

        trade    importer, exporter, sector, value[, tariff, export_tax, quota, tariff_equivalent, exporter_share,
                 licence]; own sales included; values at the producer's price, in millions of US dollars; absent foreign
                 flows are zero and counted in the notes
        inputs   country, input, output, cost_share; without it, all cost is value added
        demand   country, sector, final_share[, value_added_share]; without it, final shares follow from spending
        production  country, sector[, production_subsidy][, markup]; where there is no row, neither
        theta    trade elasticity: one number, or a mapping by sector
        deficit  "data" keeps imports minus exports; "balanced" closes them

        Where the tables are not an equilibrium, their shares, tariffs, cost shares, final shares and deficits are
        kept, and the equilibrium they imply without any shock becomes the base; `notes` says how far it moved.

        Raises `TableError` naming row and column for anything missing, doubled, negative, not a number, or shares
        that do not add up; `ConvergenceError` if no unshocked equilibrium is found.
        """
        from entrepot.data.tables import economy_from_tables

        return economy_from_tables(
            trade, inputs, demand, production, theta=theta, deficit=deficit, name=name, source=source, year=year
        )

    @classmethod
    def from_mrio(
        cls, io: Any, *, tariffs: Any = None, theta: Any = None, name: str = "mrio", **options: Any
    ) -> Economy:
        """Build an Economy from a multi-regional input-output table: any `pymrio.IOSystem`.

        tariffs  none, an array [j,n,i] of fractions, a DataFrame or a file (see `entrepot.data.tariffs`)
        theta    trade elasticity: a number, a mapping by sector, the name of a published set, or a CSV file
        options  as in `entrepot.data.sources.mrio.economy_from_mrio`

        `notes` says what was mended. Raises `TableError` for tables that are no input-output system.
        """
        from entrepot.data.sources.mrio import economy_from_mrio

        imported = economy_from_mrio(io, tariffs=tariffs, theta=theta, name=name, **options)
        return replace(imported.economy, notes=(*imported.economy.notes, *imported.mended, *imported.refused))

    def aggregate(
        self,
        countries: Mapping[str, str | Sequence[str]] | None = None,
        sectors: Mapping[str, str | Sequence[str]] | None = None,
        *,
        rest_of_world: str | None = None,
        name: str | None = None,
    ) -> Economy:
        """Merge countries and sectors: {"EU28": "EU28", ...} or {"goods": ["food", "textiles"], ...}.

        What is not listed stays as it is, or goes into `rest_of_world` (countries). Values and costs add up; tariffs
        and export taxes are weighted by trade, subsidies and markups by output (revenue and profits are kept),
        elasticities by imports. Taxes that members of a new country levy on one another stay, as a tax on its own
        sales, so that its budget still closes. Raises `TableError` where quotas or price rules are in force.
        """
        from entrepot.economy.aggregation import aggregate

        return aggregate(self, countries or {}, sectors or {}, rest_of_world=rest_of_world, name=name)

    def balanced(self) -> Economy:
        """The equilibrium of this world with every aggregate deficit closed; found once."""
        return self._balanced

    @cached_property
    def _balanced(self) -> Economy:
        from entrepot.economy.calibration import without_deficits

        return without_deficits(self)

    def with_theta(self, theta: Any) -> Economy:
        """The same base with other trade elasticities (the baseline accounts do not depend on them).

        One number (or an estimate of one); an array [j]; a mapping by sector, the others staying; or the
        name of a published set ("cp2015") or a
        CSV file (sector, theta), which the notes then cite (see `entrepot.data.elasticities`).
        """
        if not isinstance(theta, str | Mapping) and hasattr(theta, "__float__") and np.ndim(theta) == 0:
            theta = float(theta)  # an estimate carries its standard error; its value is used here
        if isinstance(theta, np.ndarray) and theta.shape == self.theta.shape:
            theta = dict(zip(self.sectors, theta.tolist(), strict=True))
        if isinstance(theta, str | os.PathLike):
            from entrepot.data.elasticities import read_elasticities

            array, cited = read_elasticities(theta, self.sectors)
            return replace(self, theta=array, notes=(*self._without_cited(), *cited))
        from entrepot.data.tables import read_theta

        stated = "Elasticities: Stated by the user."
        array = read_theta(theta, self.sectors, default=self.theta)
        if isinstance(theta, Mapping) and len(theta) < len(self.sectors):
            numbers = ", ".join(f"{name} {float(number):g}" for name, number in theta.items())
            return replace(self, theta=array, notes=(*self.notes, f"{stated[:-1]} for {numbers}."))
        return replace(self, theta=array, notes=(*self._without_cited(), stated))

    def with_markups(self, sigma: float | Mapping[str, float]) -> Economy:
        """The same data with markups sigma/(sigma - 1) over cost: sales, tariffs and purchases of inputs stay, and of
        what is value added in the data 1/sigma of sales are profits.

        sigma  elasticity of substitution among the varieties of firms, above one: one number, or by sector, the other
               sectors staying as they are

        Raises `UnknownNameError` for a sector, `TableError` where profits would be more than all value added.
        """
        from entrepot.economy.calibration import with_markups

        return with_markups(self, sigma)

    def with_access(self, access: Array, exponent: Array, markup: Array | None = None) -> Economy:
        """The same data with costs of market access and exponents of taxes [j,n], and other markups [j,n] if given.
        Sales, tariffs and purchases of inputs stay; access is paid for out of the producing sectors' value added.
        `equilibrium.blocks.selection.Melitz.on` gives the numbers.

        Raises `TableError` where access and profits would be more than all value added.
        """
        from entrepot.economy.calibration import with_access

        return with_access(self, access, exponent, self.markup if markup is None else markup)

    def with_elasticities(self, theta: Array) -> Economy:
        """The same base with elasticities [j] and notes as they are. Its accounts are shared, not copied: thousands of
        draws cost no memory.
        """
        theta = np.array(theta, dtype=float)
        if theta.shape != self.theta.shape or not np.isfinite(theta).all() or (theta <= 0).any():
            raise TableError(f"trade elasticities: {len(self.sectors)} finite numbers above zero are needed")
        theta.flags.writeable = False
        other = object.__new__(type(self))
        own = ("fingerprint", "_balanced", "_factors")  # which depend on elasticities
        other.__dict__.update({key: part for key, part in self.__dict__.items() if key not in own}, theta=theta)
        other.__dict__["_origin"] = self.origin
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Only what says everything is passed on, not what follows from it."""
        return (type(self), tuple(getattr(self, f.name) for f in fields(self)))

    @property
    def origin(self) -> Economy:
        """The Economy that this one was drawn from: near enough to share what only directs a search."""
        return self.__dict__.get("_origin", self)

    def shares_accounts(self, other: Economy) -> bool:
        """Whether the two differ in elasticities at most, since one was made from the other."""
        names = ("value", "tariff", "inputs", "markup", "in_force", "access", "exponent")
        return all(getattr(self, name) is getattr(other, name) for name in names)

    def _without_cited(self) -> tuple[str, ...]:
        """Notes but for those on elasticities, which are to be replaced."""
        return tuple(note for note in self.notes if not note.startswith("Elasticities:"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to one file (see `Economy.load`); the file appears whole or not at all."""
        from entrepot.economy.storage import save

        save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Economy:
        """Read a file that `save` wrote. Raises `DocumentError` if it is not one, is damaged or is too new."""
        from entrepot.economy.storage import load

        return load(path)

    # ---- looking at it ----

    def table(self) -> pd.DataFrame:
        """All flows as a tidy table: importer, exporter, sector, value, tariff."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.sectors, self.countries, self.countries], names=["sector", "importer", "exporter"]
        )
        frame = pd.DataFrame({"value": self.value.ravel(), "tariff": self.tariff.ravel()}, index=index).reset_index()
        return frame[["importer", "exporter", "sector", "value", "tariff"]]

    def summary(self) -> pd.DataFrame:
        """By country, in millions: value added, income, output, exports, imports, deficit, tariff revenue and rate."""
        import pandas as pd

        foreign = self.value * ~self.domestic
        imports = foreign.sum(axis=(0, 2))
        revenue = (self.tariff * foreign).sum(axis=(0, 2))
        columns = {
            "value_added": self.value_added,
            "income": self.income,
            "output": self.output.sum(axis=0),
            "exports": foreign.sum(axis=(0, 1)),
            "imports": imports,
            "deficit": self.deficit,
            "tariff_revenue": revenue,
            "average_tariff": np.divide(revenue, imports, out=np.zeros_like(revenue), where=imports > 0),
        }
        return pd.DataFrame(columns, index=pd.Index(self.countries, name="country"))

    def __repr__(self) -> str:
        foreign = float((self.value * ~self.domestic).sum())
        year = f", {self.year}" if self.year else ""
        return (
            f"Economy {self.name!r}{year}: {len(self.countries)} countries x {len(self.sectors)} sectors, "
            f"US${_money(self.value_added.sum())} value added, US${_money(foreign)} trade\n"
            f"Next: entrepot.solve(economy, [entrepot.Tariff(...)]), economy.summary()"
        )


def _money(millions: float) -> str:
    for size, word in ((1e6, "trillion"), (1e3, "billion")):
        if millions >= 0.95 * size:
            return f"{millions / size:,.1f} {word}"
    return f"{millions:,.3g} million"


def check_labels(kind: str, labels: Sequence[str]) -> None:
    """Labels must be texts that no other label, whatever its case, and no word of the house can be taken for."""
    seen: dict[str, str] = {}
    for label in labels:
        if not isinstance(label, str) or not label.strip():
            raise TableError(f"{label!r} is not a name for a {kind}; names are texts")
        if any(not character.isprintable() and not character.isspace() for character in label):
            raise TableError(f"the {kind} {label!r} has a character in it that cannot be seen; write it without")
        folded = label.strip().casefold()
        if folded in ("world", "all") and len(labels) > 1:
            raise TableError(f"a {kind} cannot be called {label!r}: that word stands for every one; rename it")
        if folded in seen:
            twice = "is listed twice" if label == seen[folded] else f"and {seen[folded]!r} differ only by case"
            raise TableError(f"the {kind} {label!r} {twice}")
        seen[folded] = label


def _expenditure_shares(user_value: Array) -> Array:
    total = user_value.sum(axis=2, keepdims=True)
    share = np.divide(user_value, total, out=np.zeros_like(user_value), where=total > 0)
    sector, country = np.nonzero(total[:, :, 0] == 0)
    share[sector, country, country] = 1.0
    return share
