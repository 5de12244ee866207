"""Shared functions of readers of trade flows: building an Economy from the flows of a file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.concordances import Concordance
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.sources.flow_sums import FlowSums
from entrepot.data.sources.own_sales import with_own_sales
from entrepot.data.tidy_tables import refuse_overlapping_countries
from entrepot.economy.base_accounts import check_labels
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import InputError, TableError
from entrepot.words import counted, listed


@dataclass
class Findings:
    """Lines of an `Imported`, collected while reading."""

    found: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def of(self, economy: Economy) -> Imported:
        """Return the Economy with what is collected."""
        return Imported(economy, tuple(self.found), tuple(self.mended), tuple(self.refused))


def report_unplaced(sums: FlowSums, findings: Findings) -> None:
    """Record the products without a sector and their share of trade."""
    left = sums.unplaced
    if len(left):
        codes = sorted(left["product"])
        part = 100 * left["value"].sum() / max(sums.total, 1e-300)
        findings.refused.append(
            f"{counted(len(codes), 'product')} without a sector ({listed(codes)}): "
            f"{counted(int(left['rows'].sum()), 'row')}, {part:.3g}% of the value of all trade."
        )


# ---- flows to an Economy ----


def economy_from_flows(
    trade: pd.DataFrame,
    request: ImportRequest,
    findings: Findings,
    *,
    year: int | None,
    name: str,
    concordance: Concordance | None = None,
) -> Imported:
    """Return an Economy without inputs from flows: importer, exporter, sector, value in millions.

    Own sales are those of the data, or follow from `request.own_sales` if it is given or the data have none. Countries
    that sell or buy nothing cannot be in equilibrium; they are left out and counted. Deficits are kept. Raises
    `InputError` and `TableError`.
    """
    if request.theta is None:
        raise InputError(
            "theta: these data have no trade elasticities; give a number, a mapping by sector, the name of a "
            "published set or a CSV file (sector, theta)"
        )
    trade = trade[["importer", "exporter", "sector", "value"]]
    trade = trade.groupby(["importer", "exporter", "sector"], sort=False, as_index=False)["value"].sum()
    for kind, labels in zip(("country", "sector"), _labels(trade), strict=True):
        check_labels(kind, labels)
    refuse_overlapping_countries(_labels(trade)[0], "trade")
    is_own = trade["importer"] == trade["exporter"]
    if trade.empty or not (trade.loc[~is_own, "value"] > 0).any():
        why = f": {' '.join(findings.refused)}" if findings.refused else ""
        raise TableError(f"no trade between countries is left{why}")
    if request.own_sales is not None or not (trade.loc[is_own, "value"] > 0).any():
        trade, notes = with_own_sales(trade, request.own_sales, year=year, usd_per_unit=request.usd_per_unit)
        findings.mended += notes
    trade = _only_traders(trade, findings)
    trade = _completed(trade, findings)
    countries, sectors = _labels(trade)
    theta, notes = read_theta_of(request.theta, sectors, concordance)
    findings.found += notes
    if request.tariffs is not None:
        trade, notes = with_tariffs(trade, request.tariffs, countries, sectors, year, concordance)
        findings.found += notes
    else:
        findings.found.append("Tariffs: none given; all are zero.")
    economy = Economy.from_tables(trade, theta=theta, name=request.name or name, year=year)
    findings.found.append(f"{len(countries)} countries, {counted(len(sectors), 'sector')}, year {year or 'not given'}.")
    return findings.of(economy)


def _only_traders(trade: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Remove countries that sell or buy nothing, until none is left."""
    abroad = trade["importer"] != trade["exporter"]
    before, gone = trade.loc[abroad, "value"].sum(), set[str]()
    while True:
        positive = trade[trade["value"] > 0]
        idle = {*trade["importer"], *trade["exporter"]} - (set(positive["importer"]) & set(positive["exporter"]))
        if not idle:
            break
        gone |= idle
        trade = trade[~trade["importer"].isin(idle) & ~trade["exporter"].isin(idle)]
    if trade.empty:
        raise TableError("no country both sells and buys")
    if gone:
        part = 1 - trade.loc[trade["importer"] != trade["exporter"], "value"].sum() / before
        findings.refused.append(
            f"Countries that sell nothing or buy nothing ({len(gone)}): {', '.join(sorted(gone))} "
            f"({100 * part:.3g}% of trade between countries)."
        )
    return trade


def _completed(trade: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Add rows of zero for missing own sales, counted; sort by country, with sectors in their order."""
    countries, sectors = _labels(trade)
    own = trade[trade["importer"] == trade["exporter"]]
    cells = pd.MultiIndex.from_product([countries, sectors], names=["importer", "sector"])
    absent = cells.difference(pd.MultiIndex.from_frame(own[["importer", "sector"]]), sort=False)
    if len(absent):
        zero = absent.to_frame(index=False)
        zero = zero.assign(exporter=zero["importer"], value=0.0)
        trade = pd.concat([trade, zero[["importer", "exporter", "sector", "value"]]], ignore_index=True)
        at_home = own.loc[own["value"] > 0, "importer"]
        nobody = [country for country in countries if country not in set(at_home)]
        if nobody:
            warnings.warn(
                f"{', '.join(nobody[:5])}: the data have no own sales at all, so that they buy nothing at home. "
                f"Is a row missing? Give them with own_sales=",
                stacklevel=2,
            )
        findings.mended.append(
            f"Own sales are absent for {len(absent):,} of {len(cells):,} country-sectors and taken as zero "
            f"({listed((f'{country} {sector}' for country, sector in absent), 3)})."
        )
    order = pd.Categorical(trade["sector"], categories=sectors)
    return trade.assign(_order=order).sort_values(["_order", "importer", "exporter"]).drop(columns="_order")


def _labels(trade: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Countries in alphabetical order, sectors by number or alphabetically."""
    sectors = sorted(trade["sector"].unique(), key=lambda s: (int(s) if s.isdecimal() else 0, s))
    return tuple(sorted({*trade["importer"], *trade["exporter"]})), tuple(sectors)


def read_theta_of(
    theta: Any, sectors: tuple[str, ...], concordance: Concordance | None = None
) -> tuple[float | Mapping[str, float], list[str]]:
    """Return trade elasticities for `Economy.from_tables`, and notes; names and files are read."""
    if not isinstance(theta, str):
        return theta, []
    from entrepot.data.elasticities import read_elasticities

    values, notes = read_elasticities(theta, sectors, concordance=concordance)
    return dict(zip(sectors, map(float, values), strict=True)), list(notes)


def with_tariffs(
    trade: pd.DataFrame,
    tariffs: Any,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    year: int | None,
    concordance: Concordance | None,
) -> tuple[pd.DataFrame, list[str]]:
    """Return the trade with the tariff that n levies on i's goods, read by `entrepot.data.tariffs`, and notes."""
    from entrepot.data.tariffs import tariff_array

    j = pd.Index(sectors).get_indexer(pd.Index(trade["sector"]))
    n = pd.Index(countries).get_indexer(pd.Index(trade["importer"]))
    i = pd.Index(countries).get_indexer(pd.Index(trade["exporter"]))
    value = np.zeros((len(sectors), len(countries), len(countries)))
    np.add.at(value, (j, n, i), trade["value"].to_numpy(dtype=float, na_value=0.0))
    rate, notes = tariff_array(tariffs, countries, sectors, year=year, concordance=concordance, trade=value)
    return trade.assign(tariff=np.asarray(rate)[j, n, i]), list(notes)


def replacing_tariffs(
    request: ImportRequest,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    findings: Findings,
    trade: Array | None = None,
) -> Array:
    """Return the user's tariffs [j,n,i], which replace those of the file, and record that they do.

    trade  the flows [j,n,i], for the share of those without a rate
    """
    from entrepot.data.tariffs import tariff_array

    options = {"year": request.year, "concordance": request.sectors, "trade": trade}
    rate, notes = tariff_array(request.tariffs, countries, sectors, **options)
    findings.mended += ["The file's tariffs were replaced by tariffs=.", *notes]
    return rate


def tidy(names: Sequence[str], labels: Sequence[Sequence[str]], **columns: Array) -> pd.DataFrame:
    """Return a table with one row per cell, and one column per array over the same axes."""
    index = pd.MultiIndex.from_product(labels, names=names)
    return pd.DataFrame({name: array.ravel() for name, array in columns.items()}, index=index).reset_index()


def with_provenance(imported: Imported, **facts: Any) -> Imported:
    """Return `imported` with `facts` added to the provenance of its Economy."""
    economy = imported.economy
    return replace(imported, economy=replace(economy, provenance={**economy.provenance, **facts}))
