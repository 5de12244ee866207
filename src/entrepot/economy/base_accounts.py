"""The arrays of a calibrated world before any change, and the accounts that follow from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.economy.in_force import InForce
from entrepot.errors import TableError
from entrepot.read_only import read_only

BoolArray = NDArray[np.bool_]


@read_only
@dataclass(frozen=True, eq=False)
class BaseAccounts:
    """The arrays that define a calibrated world; all other accounts are computed from them.

    value [j,n,i]   sales of exporter i's sector j in n, at the exporter's price, before tariff; millions of US dollars
    tariff [j,n,i]  ad valorem rate on that value (0.25 is 25%)
    inputs [n,k,j]  share of input k in the cost of sector j in n; the rest of cost is factor income
    theta [j]       trade elasticity
    markup [j,n]    price over cost; sales less cost are profits. One where it is not given: perfect competition
    in_force        export taxes, subsidies, quotas and price rules in force beside the tariffs (`InForce`)
    access [j,n]    nu, the share of sales in n that pays n's labour for access to its market; zero where it is not
                    given
    exponent [j,n]  phi: trade answers taxes between the producer and n's users with elasticity theta phi, costs with
                    theta; one where it is not given. `access` and `exponent` are for firms that select into markets
                    (`equilibrium.blocks.selection`)

    Spending, output, income, final demand and deficits are sums of these arrays, so the accounts always balance
    exactly: producers sell what users buy, and a country spends what it earns plus its deficit. Immutable, and safe to
    share among threads. Raises `TableError` for arrays of a wrong shape or range.
    """

    #: In what caps on its trade are stated, other than shares of it.
    volume_unit: ClassVar[str] = "usd_m"

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
                raise TableError(f"{attribute} contains NaN or an infinite value")
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)
        if (self.value < 0).any() or (self.inputs < 0).any():
            raise TableError("values and input shares must not be negative")
        if (self.tariff <= -1).any() or (self.theta <= 0).any():
            raise TableError("tariffs must be above -100% and trade elasticities above zero")
        if (self.markup < 1).any():
            raise TableError("a markup (price over cost) must be at least one")
        if (self.access < 0).any() or (self.access >= 1).any() or (self.exponent <= 0).any():
            raise TableError(
                "access must be a share of sales, at least 0 and below 1, and the exponent of taxes must be above zero"
            )
        self.in_force.check(j, n)
        for array in self.in_force.arrays().values():
            array.flags.writeable = False
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
        """Ratio of the users' to the producer's price [j,n,i]: tariff, export tax, wedges of quotas and price rules."""
        gross = 1.0 + self.tariff
        if self.in_force.export_tax.size:
            gross *= 1.0 + self.in_force.export_tax
        if self.in_force.flow.size:
            gross.ravel()[self.in_force.flow] *= np.exp(self.in_force.ln_wedge)
        return gross

    @cached_property
    def spending(self) -> Array:
        """Spending X[j,n] at user prices, tariffs included."""
        return (self.gross * self.value).sum(axis=2)

    @cached_property
    def output(self) -> Array:
        """Output Y[j,i]: sales at producer prices."""
        return self.value.sum(axis=1)

    @cached_property
    def share(self) -> Array:
        """Share pi[j,n,i] of exporter i in n's spending on j; where n buys no j, its own share is one."""
        return expenditure_shares(self.gross * self.value)

    @cached_property
    def net_share(self) -> Array:
        """Share pi / `gross` [j,n,i] of a dollar spent that reaches the producer."""
        return self.share / self.gross

    @cached_property
    def value_added_share(self) -> Array:
        """Share b[n,j] = 1 - sum_k g[n,k,j] of cost that factors earn."""
        return np.maximum(1.0 - self.inputs.sum(axis=1), 0.0)

    @property
    def has_markups(self) -> bool:
        """Whether any price differs from cost."""
        return bool((self.markup != 1).any())

    @property
    def has_selection(self) -> bool:
        """Whether firms pay for access to markets, or trade has different elasticities to taxes and to costs."""
        return bool(self.access.any() or (self.exponent != 1).any())

    @property
    def tax_elasticity(self) -> Array:
        """Elasticity theta phi [j,n] of trade to taxes between the producer and n's users."""
        return self.theta[:, None] * self.exponent

    @cached_property
    def access_income(self) -> Array:
        """Labour income [n] from access to n's market, the sum of nu (1+s) F."""
        if not self.in_force.subsidy.size:
            return (self.access * self.value.sum(axis=2)).sum(axis=0)
        received = np.einsum("jni,ji->jn", self.value, 1.0 + self.in_force.subsidy)
        return (self.access * received).sum(axis=0)

    @cached_property
    def access_paid(self) -> Array:
        """Payments [i] of i's producers for access to all markets, including their own."""
        return (self._received - self._kept).sum(axis=0)

    @cached_property
    def cost(self) -> Array:
        """Cost of production C[j,i] = (1+s) Y / m, after payments for access to markets."""
        return self._kept / self.markup if self.has_markups else self._kept

    @property
    def _received(self) -> Array:
        """(1+s) Y [j,i]."""
        return self.output * (1.0 + self.in_force.subsidy) if self.in_force.subsidy.size else self.output

    @cached_property
    def _kept(self) -> Array:
        """(1+s) Y [j,i] less payments for access to markets."""
        if not self.access.any():
            return self._received
        return np.einsum("jni,jn->ji", self.value, 1.0 - self.access) * np.exp(self.ln_subsidy)

    @property
    def ln_subsidy(self) -> Array:
        """Log of the subsidy factor, ln(1+s) [j,i]."""
        return np.log1p(self.in_force.subsidy) if self.in_force.subsidy.size else np.zeros(self.output.shape)

    @cached_property
    def profits(self) -> Array:
        """Profits [n]: output plus subsidies, less cost and payments for access to markets."""
        return (self._kept - self.cost).sum(axis=0)

    @cached_property
    def gross_margin(self) -> Array:
        """Factor income plus profits over cost [n,j], b + m - 1."""
        return self.value_added_share + self.markup.T - 1.0

    @cached_property
    def value_added(self) -> Array:
        """Value added V[n]: factor income, without profits; income from access to n's market is included."""
        produced = (self.value_added_share.T * self.cost).sum(axis=0)
        return produced + self.access_income if self.has_selection else produced

    @cached_property
    def tariff_revenue(self) -> Array:
        """Duties [n], including out-of-quota duties and levies up to a minimum price."""
        return self.duty.sum(axis=(0, 2))

    @property
    def duty(self) -> Array:
        """Duties [j,n,i] of flows, which `tariff_revenue` adds up."""
        if not self.in_force:
            return self.tariff * self.value
        return self.gross * self.value - self.border_value - self._rents[1]

    @cached_property
    def _rents(self) -> tuple[Array, Array]:
        """Rents of exporters and of importers, each [j,n,i]."""
        held, size = self.in_force, self.value.size
        value = self.value.ravel()[held.flow]
        both = (held.exporter_rent, held.importer_rent)
        exporter, importer = (np.bincount(held.flow, part * value, size).reshape(self.value.shape) for part in both)
        return exporter.astype(float), importer.astype(float)

    def export_tax_on(self, flow: Index) -> Array:
        """Export tax rates [f] at flat positions in [j,n,i]."""
        rates = self.in_force.export_tax
        return rates.ravel()[flow] if rates.size else np.zeros(flow.size)

    @cached_property
    def border_value(self) -> Array:
        """Value at the border [j,n,i]: producer value, export tax and the rent that the exporter holds."""
        if not self.in_force:
            return self.value
        taxed = self.value * (1.0 + self.in_force.export_tax) if self.in_force.export_tax.size else self.value
        return taxed + self._rents[0]

    @cached_property
    def export_tax_revenue(self) -> Array:
        """Export taxes on n's exports [n]."""
        rates = self.in_force.export_tax
        return (rates * self.value).sum(axis=(0, 1)) if rates.size else np.zeros(len(self.countries))

    @cached_property
    def subsidies(self) -> Array:
        """Subsidies that n pays on output [n]."""
        rates = self.in_force.subsidy
        return (rates * self.output).sum(axis=0) if rates.size else np.zeros(len(self.countries))

    @cached_property
    def revenue(self) -> Array:
        """Revenue R[n]: duties, export taxes and rents, less subsidies."""
        if not self.in_force:
            return self.tariff_revenue
        exporter, importer = self._rents
        held = importer.sum(axis=(0, 2)) + exporter.sum(axis=(0, 1))
        return self.tariff_revenue + self.export_tax_revenue + held - self.subsidies

    @cached_property
    def deficit(self) -> Array:
        """Deficit D[n]: imports minus exports, before tariff; access to markets counts as a traded service."""
        goods = self.border_value.sum(axis=(0, 2)) - self.border_value.sum(axis=(0, 1))
        return goods + self.access_paid - self.access_income if self.has_selection else goods

    @cached_property
    def income(self) -> Array:
        """Income I[n] = V + profits + R + D, which equals final spending."""
        return self.value_added + self.profits + self.revenue + self.deficit

    @cached_property
    def _final_demand(self) -> Array:
        return self.spending - np.einsum("nkj,jn->kn", self.inputs, self.cost)

    @cached_property
    def final_share(self) -> Array:
        """Share a[n,j] of sector j in n's final spending."""
        final = np.maximum(self._final_demand, 0.0).T
        return final / final.sum(axis=1, keepdims=True)

    @cached_property
    def domestic(self) -> BoolArray:
        """True [n,i] where importer and exporter are the same country."""
        return np.eye(len(self.countries), dtype=bool)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of labels and arrays; Economies with the same fingerprint give the same results."""
        digest = hashlib.sha256(repr((self.countries, self.sectors)).encode())
        for array in (self.value, self.tariff, self.inputs, self.theta, *([self.markup] if self.has_markups else [])):
            digest.update(array.tobytes())
        if self.has_selection:
            digest.update(self.access.tobytes() + self.exponent.tobytes())
        if self.in_force:
            for held in self.in_force.arrays().values():
                digest.update(held.tobytes())
        return digest.hexdigest()

    # ---- draws of elasticities ----

    def with_elasticities(self, theta: Array) -> Self:
        """Return the same base with trade elasticities [j] and unchanged notes.

        The accounts are shared, not copied, so thousands of draws need little memory. Raises `TableError`.
        """
        theta = np.array(theta, dtype=float)
        if theta.shape != self.theta.shape or not np.isfinite(theta).all() or (theta <= 0).any():
            raise TableError(f"trade elasticities: give {len(self.sectors)} finite numbers above zero")
        theta.flags.writeable = False
        other = object.__new__(type(self))
        own = ("fingerprint", "_balanced", "_factors", "_last_base")  # which depend on elasticities
        other.__dict__.update({key: part for key, part in self.__dict__.items() if key not in own}, theta=theta)
        other.__dict__["_origin"] = self.origin
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the fields only, not the accounts computed from them."""
        return (type(self), tuple(getattr(self, f.name) for f in fields(self)))

    @property
    def origin(self) -> Self:
        """The base this one was drawn from, whose preconditioner may be reused."""
        return self.__dict__.get("_origin", self)

    def shares_accounts(self, other: BaseAccounts) -> bool:
        """Whether both share their arrays in memory, and so differ at most in elasticities."""
        names = ("value", "tariff", "inputs", "markup", "in_force", "access", "exponent")
        mine, others = self.__dict__, other.__dict__
        return all(mine[name] is others[name] for name in names)


def check_labels(kind: str, labels: Sequence[str]) -> None:
    """Raise `TableError` for labels that are empty, repeated up to case, or reserved words ("world", "all")."""
    seen: dict[str, str] = {}
    for label in labels:
        if not isinstance(label, str) or not label.strip():
            raise TableError(f"{label!r} cannot name a {kind}: names must be text that is not empty")
        if any(not character.isprintable() and not character.isspace() for character in label):
            raise TableError(f"the name of the {kind} {label!r} contains an invisible character; remove it")
        folded = label.strip().casefold()
        if folded in ("world", "all") and len(labels) > 1:
            raise TableError(
                f"a {kind} cannot be called {label!r}: the word is reserved for all of them; remove its rows if they "
                f"add up the others, which would count twice, or give it another name"
            )
        if folded in seen:
            twice = "is listed twice" if label == seen[folded] else f"and {seen[folded]!r} differ only by case"
            raise TableError(f"the {kind} {label!r} {twice}")
        seen[folded] = label


def expenditure_shares(user_value: Array) -> Array:
    """Shares of exporters [j,n,i] in spending; one for the country itself where it spends nothing on a sector."""
    total = user_value.sum(axis=2, keepdims=True)
    share = np.divide(user_value, total, out=np.zeros_like(user_value), where=total > 0)
    sector, country = np.nonzero(total[:, :, 0] == 0)
    share[sector, country, country] = 1.0
    return share
