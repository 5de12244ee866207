"""Selection: firms differ in productivity, pay for access to each market, and only the better ones sell there.

With Pareto productivities of shape theta and CES demand a sector's trade is a gravity equation, as under perfect
competition, with three things more (Melitz 2003; Chaney 2008, American Economic Review 98: 1707-1721):

    access   nu = (theta - sigma + 1)/(sigma theta) of what producers sell in n pays n's labour for access to its market
    taxes    (1+t) to theta phi, phi = sigma/(sigma - 1) - 1/theta: a tax takes from what access is paid out of
    prices   ln P^ = -ln Phi / theta + (1 - phi) (ln X^ - ln w^): a larger market has more varieties
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.blocks.competition import Competition, register
from entrepot.equilibrium.blocks.supply import Entry, beside
from entrepot.equilibrium.closure_numbers import by_country, by_sector, check_numbers
from entrepot.errors import InputError, nearest
from entrepot.words import stated_numbers

ByName = float | Mapping[str, float]


class Access(Block):
    """What labour earns from access to n's market [n], and what producers pay for access to all markets [i].

    Access costs nu of all that producers receive in n, those of n included.
    """

    takes = ("receipts", "sales", "kept")
    gives = ("access", "access_paid")

    def __init__(self, access: Array, received: Array | float) -> None:
        """`access` [.., j, n]: nu; `received` [.., j, i]: 1 + s'."""
        self.access, self.received = access, received

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return what labour earns with access [n], and what producers pay for it [i]."""
        paid = self.received * (v["sales"] - v["kept"])
        return (self.access * v["receipts"]).sum(axis=-2), paid.sum(axis=-2)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in receipts, sales and what access leaves of sales."""
        by_receipts = np.broadcast_to(self.access * by["access"][..., None, :], v["receipts"].shape)
        by_paid = np.broadcast_to(self.received * by["access_paid"][..., None, :], v["sales"].shape)
        return {"receipts": by_receipts, "sales": by_paid, "kept": -by_paid}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln(1+s) of output [j,i]."""
        policy.ln_subsidy += self.received * (v["sales"] - v["kept"]) * by["access_paid"]


@dataclass(frozen=True)
class Melitz(Competition):
    """Monopolistic competition with selection of firms into markets.

    Firms have Pareto productivities whose shape is the trade elasticity theta, and pay for access to each market in
    labour of that market.

    sigma     elasticity of substitution among varieties, above one and below theta + 1: a number, or by sector; sectors
              that are not named are under perfect competition
    entry     "fixed": the firms are those of the base, and 1/(theta + 1) of what they sell net of access is profit:
              access and profit together are 1/sigma of sales
              "free": firms enter until there are no profits; their number moves with the labour of production, external
              economies at a scale elasticity of 1/theta, the most that there may be
    access    in place of sigma: nu, the part of sales in a country that pays for access, a number or by country (none
              where a country is not named)
    exponent  with it: phi, a number or by country (one where a country is not named). Entry is then the closure's
              `scale` (Ignatenko, Lashkaripour, Macedoni and Simonovska 2025 state both by country)
    sectors   those in which firms select, where sigma does not name them: all, if it is not given
    """

    sigma: ByName | None = None
    entry: Entry = "fixed"
    access: ByName | None = None
    exponent: ByName | None = None
    sectors: str | Sequence[str] = "ALL"

    def __post_init__(self) -> None:
        for key in ("sigma", "access", "exponent"):
            if isinstance(getattr(self, key), Mapping):
                object.__setattr__(self, key, dict(getattr(self, key)))
            if getattr(self, key) == {}:
                raise InputError(f"closure: competition: {key} is an empty mapping")
        given = (self.sectors,) if isinstance(self.sectors, str) else tuple(self.sectors)
        object.__setattr__(self, "sectors", given)
        if not given:
            raise InputError("closure: competition: sectors is an empty list; leave it out for all")
        if given != ("ALL",) and isinstance(self.sigma, Mapping):
            raise InputError("closure: competition: sigma by sector names the sectors already; leave sectors out")
        if self.entry not in get_args(Entry):
            raise InputError(f"closure: competition: entry {self.entry!r}{nearest(str(self.entry), get_args(Entry))}")
        if (self.sigma is None) == (self.access is None and self.exponent is None):
            raise InputError(
                "closure: competition: Melitz needs sigma, or access and exponent (nu and phi) in its place, not both"
            )
        if self.sigma is None and self.entry == "free":
            raise InputError("closure: competition: entry goes with sigma; beside access and exponent state the scale")
        for name, allowed, wanted in (
            ("sigma", lambda x: x > 1, "a finite number above one"),
            ("access", lambda x: 0 <= x < 1, "a part of sales, from 0 to below 1"),
            ("exponent", lambda x: x > 0, "a finite number above zero"),
        ):
            if getattr(self, name) is not None:
                check_numbers(f"competition: {name}", getattr(self, name), allowed, wanted)

    def __str__(self) -> str:
        where = f" in {', '.join(self.sectors)}" if self.sectors != ("ALL",) else ""
        if self.sigma is not None:
            substitution = f"an elasticity of substitution of {stated_numbers(self.sigma)}"
            return f"firms that select into markets (Melitz-Pareto) at {substitution} with {self.entry} entry{where}"
        access, exponent = (
            stated_numbers(self.access or 0),
            stated_numbers(1 if self.exponent is None else self.exponent),
        )
        return (
            f"firms that select into markets (Melitz-Pareto), whose access costs {access} of sales and whose trade "
            f"answers taxes {exponent} times as much as costs{where}"
        )

    def sigma_of(self, economy: Economy) -> Array:
        """Return sigma [j], theta + 1 where firms do not select. Raises `InputError` where sales have no mean."""
        if self.sigma is None:
            return economy.theta + 1
        some, stated = self._selected(economy) > 0, by_sector("closure: competition: sigma", self.sigma, economy)
        for name, number, theta in zip(economy.sectors, np.where(some, stated, 0.0), economy.theta, strict=True):
            if number >= theta + 1:
                raise InputError(
                    f"closure: competition: sigma of {name} ({number:g}) must be below its trade elasticity plus one "
                    f"({theta + 1:g}): else the best firms' sales have no finite mean"
                )
        return np.where(some, stated, economy.theta + 1)

    def _selected(self, economy: Economy) -> Array:
        """Whether a sector's firms select [j], as one or zero. Raises `UnknownNameError`."""
        named = self.sigma if isinstance(self.sigma, Mapping) else dict.fromkeys(self.sectors, 1.0)
        where = "closure: competition: sigma" if named is self.sigma else "closure: competition: sectors"
        return (by_sector(where, named, economy) > 0).astype(float)

    def numbers(self, economy: Economy) -> tuple[Array, Array, Array]:
        """Return nu, phi and the markup over sales net of access, each [j,n]."""
        shape, markup = economy.output.shape, np.ones(economy.output.shape)
        if self.sigma is None:
            stated = self._selected(economy)[:, None]
            nu = by_country("closure: competition: access", self.access or 0.0, economy)
            phi = by_country("closure: competition: exponent", self.exponent or 1.0, economy, 1.0)
            return stated * nu, 1.0 + stated * (phi - 1.0), markup
        theta, sigma, some = economy.theta, self.sigma_of(economy), self._selected(economy)
        access = some * (theta - sigma + 1) / (sigma * theta)
        exponent = np.where(some > 0, sigma / (sigma - 1) - 1 / theta, 1.0)
        if self.entry == "fixed":
            markup = np.tile((1 + some / theta)[:, None], shape[1])
        return np.tile(access[:, None], shape[1]), np.tile(exponent[:, None], shape[1]), markup

    @property
    def by_elasticity(self) -> bool:
        """Whether nu and phi follow from sigma and the elasticities of a base."""
        return self.sigma is not None

    def is_on(self, economy: Economy) -> bool:
        """Whether `economy` has these costs of access, exponents and markups at its elasticities already."""
        held = (economy.access, economy.exponent, economy.markup)
        pairs = zip(held, self.numbers(economy), strict=True)
        return all(np.allclose(one, other, rtol=1e-12, atol=1e-15) for one, other in pairs)

    def make(self, economy: Economy) -> Economy:
        """Return `economy` with these. Raises `InputError` where access and profits exceed value added."""
        return economy.with_access(*self.numbers(economy))

    def scale(self, economy: Economy, stated: Array) -> Array:
        """Return scale elasticities [j] due to entry. Raises `InputError` where the closure states one too."""
        self.sigma_of(economy)
        entry = self.sigma is not None and self.entry == "free"
        free = self._selected(economy) if entry else np.zeros(len(economy.sectors))
        return beside(free / economy.theta, stated, economy.sectors)


register("melitz", Melitz)
