"""The numbers of a report's tables, for one solution or for several with an axis [..] of members in front.

Studies and sweeps show the same tables; each number is computed here, from arrays by country [.., n] or by flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from entrepot.cases.report_spec import MarketWatch
from entrepot.economy import Economy
from entrepot.economy.geography import partition, resolve_countries, resolve_sectors
from entrepot.equilibrium.accounts import Ledger, ratio
from entrepot.types import Array, Index

Numbers = dict[str, Array]


def places_of(codes: Iterable[str], economy: Economy) -> list[int]:
    """Return the positions of countries in an Economy."""
    return [economy.countries.index(code) for code in codes]


def party_places(party: str | tuple[str, ...], economy: Economy) -> list[int]:
    """Return the positions of the countries that a party, or several, stand for."""
    return places_of(resolve_countries(party, economy.countries, "parties")[0], economy)


def welfare_numbers(gain: Array, income: Array, at: Sequence[int]) -> Numbers:
    """Return the equivalent variation of the countries `at` together, and its percentage of their base income [..]."""
    money = gain[..., at].sum(axis=-1)
    return {"equivalent_variation": money, "real_income_pct": 100 * money / income[..., at].sum(axis=-1)}


def proceeds_numbers(solution: Ledger, at: Sequence[int]) -> Numbers:
    """Return `Ledger.proceeds` of the countries `at` together [..].

    Changes are from the base of the solution, in which deficits are closed already where the closure closes them.
    """
    return {name: np.asarray(number[..., at].sum(axis=-1)) for name, number in solution.proceeds.items()}


def research_numbers(real_value_added: Array, base: Array, intensity: Array | float) -> Numbers:
    """Return what an industry could spend on research at an unchanged intensity, and its change in percent [..].

    Both are NaN without an intensity; the change is NaN where the base has no value added.
    """
    grown = ratio(np.asarray(real_value_added), base)
    return {"rd_capacity": intensity * real_value_added, "rd_capacity_pct": 100 * (grown - 1) + 0.0 * intensity}


@dataclass(frozen=True, eq=False)
class WatchedMarket:
    """A market that a report follows, in an Economy: who buys, what, and from whom."""

    watch: MarketWatch
    economy: Economy

    @cached_property
    def _buyers(self) -> list[int]:
        return party_places(self.watch.importer, self.economy)

    @cached_property
    def _abroad(self) -> list[int]:
        return [k for k in range(len(self.economy.countries)) if k not in self._buyers]

    @cached_property
    def _cells(self) -> tuple[Index, ...]:
        known = self.economy.sectors
        chosen = resolve_sectors(self.watch.sectors, known, f"report.markets {self.watch.title!r}")
        return np.ix_(*(np.array(at, dtype=int) for at in ([*map(known.index, chosen)], self._buyers, self._abroad)))

    @cached_property
    def flow(self) -> Index:
        """The flat positions in [j,n,i] of its imports [f], exporters last."""
        return np.ravel_multi_index(self._cells, self.economy.value.shape).ravel()

    def imports(self, value: Array) -> Iterator[tuple[str, Numbers]]:
        """Yield each source with its border value and its share of all imports [..], from values on `flow` [.., f]."""
        rows = self._cells[0].size * len(self._buyers)
        by_source = value.reshape(*value.shape[:-1], rows, len(self._abroad)).sum(axis=-2)
        total = by_source.sum(axis=-1)
        codes = [self.economy.countries[k] for k in self._abroad]
        for source, members in partition(self.watch.exporters, self.economy.countries, codes).items():
            amount = by_source[..., [codes.index(code) for code in members]].sum(axis=-1)
            share = np.divide(amount, total, out=np.full(np.shape(amount), np.nan), where=total != 0)
            yield source, {"value": amount, "import_share": share[()]}
