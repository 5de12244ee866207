"""Multi-regional input-output tables that pymrio reads, as an Economy."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.elasticities import read_elasticities
from entrepot.data.progress import Progress, silent
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.tariffs import tariff_array
from entrepot.data.units import check_exchange_rate
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import InputError, TableError

#: A sector whose inputs cost more than its sales keeps this share of sales as value added.
LEAST_VALUE_ADDED = 0.01
#: Row and column totals that differ by less than this share of output differ by rounding.
ROUNDING = 1e-4
#: A gap between row and column totals above this share of all sales raises a warning.
DOUBTFUL_GAP = 0.05
#: The size of units in millions, by the beginning of their name.
_MILLIONS = (("000", 1e-3), ("thous", 1e-3), ("bn", 1e3), ("bill", 1e3), ("m", 1.0))
_EXTENSIONS = ("factor_inputs", "factor_input", "value_added", "VA")


def economy_from_mrio(
    io: Any,
    *,
    tariffs: Any = None,
    theta: Any = None,
    year: int | None = None,
    name: str = "mrio",
    source: str = "",
    unit: str | None = None,
    usd_per_unit: float | None = None,
    regions: Mapping[str, str] | None = None,
    concordance: Any = None,
    progress: Progress = silent,
) -> Imported:
    """Return an Economy from a `pymrio.IOSystem` with Z (or A and x) and Y at basic prices, by (region, sector).

        F[j,n,i] = sum_k Z[(i,j),(n,k)] + sum_c Y[(i,j),(n,c)]            sales
        g[n,k,j] = sum_i (1+t[k,n,i]) Z[(i,k),(n,j)] / sum_m F[j,m,n]     cost share of inputs at user prices

    Output is the total of the row, and value added is output less inputs, including taxes less subsidies; so the
    accounts of the Economy are those of the table, and no base has to be solved for.

    tariffs, theta  as in `Economy.from_mrio`
    unit            unit of values, if io.unit does not state it: "Million USD", "000 USD", "M.EUR"
    usd_per_unit    US dollars per unit of another currency, such as the euro
    regions         new names of regions, one each
    concordance     the sector of each product, if tariffs are by product

    Repairs, which are noted: negative inputs and negative final demand (falling inventories) become zero; inputs that
    cost more than output are scaled to leave one percent of it. A region without output or value added is left out.
    Raises `TableError` for tables that are not such a system or in mixed units, `InputError` for missing options.
    """
    if theta is None:
        raise InputError(
            "theta: input-output tables have no trade elasticities; give a number, a mapping by sector, the name of a "
            "published set (see entrepot.data.elasticities) or a CSV file (sector, theta)"
        )
    progress("reading the tables", 0, 3)
    table = _Table.of(io, regions)
    scale, money = _unit(io, unit, usd_per_unit)
    countries, sectors = table.countries, table.sectors
    value, mended = _sales(table)
    rate, tariff_notes = tariff_array(tariffs, countries, sectors, year=year, concordance=concordance, trade=value)
    elasticity, theta_notes = read_elasticities(theta, sectors, concordance=concordance)
    progress("adding up flows", 1, 3)
    value, cost = value * scale, _input_cost(table, rate) * scale
    mended += _unbalanced(io, table, value / scale)
    keep, refused = _producers(value, countries)
    value, rate, cost = value[:, keep][:, :, keep], rate[:, keep][:, :, keep], cost[keep]
    countries = tuple(c for c, kept in zip(countries, keep, strict=True) if kept)
    recipe = _recipe(cost, value.sum(axis=1), countries, sectors, mended)
    progress("checking the accounts", 2, 3)
    bare = int(((value.sum(axis=1) > 0) & (value[:, range(len(countries)), range(len(countries))] == 0)).sum())
    if bare:
        mended.append(f"{bare} country-sectors sell abroad and not at home; this is kept.")
    economy = Economy(
        countries=countries,
        sectors=sectors,
        value=value,
        tariff=rate,
        inputs=recipe,
        theta=elasticity,
        name=name,
        source=source,
        year=year,
        notes=(*theta_notes, *tariff_notes, f"Money is in {money}."),
    )
    progress("done", 3, 3)
    found = (f"{len(countries)} economies, {len(sectors)} sectors, {money}", *tariff_notes, *theta_notes)
    return Imported(economy, found, tuple(mended), tuple(refused))


def imported_economy(
    io: Any,
    request: ImportRequest,
    year: int | None,
    progress: Progress,
    *,
    unit: str | None = None,
    regions: Mapping[str, str] | None = None,
) -> Imported:
    """Return the import of an input-output database with the options of `request`. Raises `InputError`."""
    if request.own_sales is not None:
        raise InputError("own_sales: an input-output table already contains them; leave it out")
    if request.sectors is not None and request.tariffs is None and not isinstance(request.theta, str):
        raise InputError("sectors: used only with tariffs or elasticities by product; leave it out")
    return economy_from_mrio(
        io,
        tariffs=request.tariffs,
        theta=request.theta,
        concordance=request.sectors,
        year=year,
        name=request.name or f"{request.source}-{year}",
        unit=unit,
        usd_per_unit=request.usd_per_unit,
        regions=regions,
        progress=progress,
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Z as [i,k,n,j] (a view), and final demand summed over categories as [i,k,n]."""

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    use: Array
    final: Array

    @classmethod
    def of(cls, io: Any, regions: Mapping[str, str] | None) -> _Table:
        z, y = getattr(io, "Z", None), getattr(io, "Y", None)
        if z is None and getattr(io, "A", None) is not None and getattr(io, "x", None) is not None:
            z = io.A * io.x.iloc[:, 0]
        if z is None or y is None:
            raise TableError("the IOSystem has no Z (or A and x) and Y; an input-output system needs both")
        rows = z.index
        if rows.nlevels != 2 or y.columns.nlevels < 2:
            raise TableError("the rows of Z must be (region, sector) and the columns of Y (region, category)")
        if rows.duplicated().any():
            raise TableError(f"Z: the row {rows[rows.duplicated()][0]} is repeated")
        labels = tuple(pd.unique(rows.get_level_values(0)))
        sectors = tuple(pd.unique(rows.get_level_values(1)))
        whole = pd.MultiIndex.from_product([labels, sectors])
        if len(whole) != len(rows):
            absent = whole.difference(rows)[0]
            raise TableError(f"Z: no row for {absent}; every region needs the same sectors")
        if not rows.equals(whole) or not z.columns.equals(rows):
            if set(z.columns) != set(rows):
                raise TableError(f"Z: its columns are not its rows; only one of them has {_odd(z.columns, rows)}")
            z = z.reindex(index=whole, columns=whole)
        if set(y.index) != set(rows):
            raise TableError(f"Y: its rows are not those of Z; only one of them has {_odd(y.index, rows)}")
        strange = sorted({str(r) for r in y.columns.get_level_values(0)} - {str(r) for r in labels})
        if strange:
            raise TableError(f"Y: columns of {', '.join(strange[:5])}, which are not among the regions of Z")
        by_region = y.reindex(whole).T.groupby(level=0).sum().T.reindex(columns=list(labels), fill_value=0.0)
        n, j = len(labels), len(sectors)
        use = _numbers("Z", z).reshape(n, j, n, j)
        final = _numbers("Y", by_region).reshape(n, j, n)
        countries = tuple(str((regions or {}).get(str(label), label)) for label in labels)
        return cls(countries, tuple(map(str, sectors)), use, final)


def _odd(one: pd.Index, other: pd.Index) -> str:
    return str(sorted(map(str, set(one) ^ set(other)))[0])


def _numbers(name: str, frame: pd.DataFrame) -> Array:
    try:
        array: Array = frame.to_numpy(dtype=float, copy=False)
    except (TypeError, ValueError) as error:
        raise TableError(f"{name}: a cell is not numeric ({error})") from None
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise TableError(f"{name}: the cell {frame.index[row]}, {frame.columns[column]} is empty or not finite")
    return array


def _sales(table: _Table) -> tuple[Array, list[str]]:
    """Sales [j,n,i], and notes on cells set to zero; one sector of Z at a time."""
    n, j = len(table.countries), len(table.sectors)
    value = np.empty((j, n, n))
    below = {"inputs": [0, 0.0], "final demand (inventories that were run down)": [0, 0.0]}
    for k in range(j):
        bought, consumed = table.use[:, k], table.final[:, k]  # [i,n,j], [i,n]
        for (what, count), block in zip(list(below.items()), (bought, consumed), strict=True):
            below[what] = [count[0] + int((block < 0).sum()), count[1] + float(block[block < 0].sum())]
        value[k] = (np.maximum(bought, 0.0).sum(axis=2) + np.maximum(consumed, 0.0)).T
    total = value.sum()
    mended = [
        f"{count:,} negative cells of {what} set to zero ({-100 * money / total:.3g}% of all sales in sum)."
        for what, (count, money) in below.items()
        if count
    ]
    return value, mended


def _input_cost(table: _Table, rate: Array) -> Array:
    """Input cost at user prices [n,k,j]; one sector of Z at a time."""
    n, j = len(table.countries), len(table.sectors)
    cost = np.empty((n, j, j))
    for k in range(j):
        cost[:, k, :] = np.einsum("ni,inj->nj", 1 + rate[k], np.maximum(table.use[:, k], 0.0))
    return cost


def _producers(value: Array, countries: tuple[str, ...]) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], list[str]]:
    """Countries that both sell and buy, and a note on the others, which cannot be in equilibrium."""
    keep = np.ones(len(countries), dtype=bool)
    while True:
        left = value[:, keep][:, :, keep]
        active = (left.sum(axis=(0, 1)) > 0) & (left.sum(axis=(0, 2)) > 0)
        if active.all():
            break
        keep[np.flatnonzero(keep)[~active]] = False
    if not keep.any():
        raise TableError("no region both sells and buys: the tables have no trade")
    lost = [c for c, kept in zip(countries, keep, strict=True) if not kept]
    part = 1 - value[:, keep][:, :, keep].sum() / value.sum()
    return keep, [f"{', '.join(lost)}: no sales or no purchases ({100 * part:.3g}% of all sales)."] if lost else []


def _recipe(
    cost: Array, output: Array, countries: tuple[str, ...], sectors: tuple[str, ...], mended: list[str]
) -> Array:
    """Cost shares g [n,k,j], scaled down where inputs cost more than sales."""
    sold = output.T[:, None, :]
    recipe = np.divide(cost, sold, out=np.zeros_like(cost), where=sold > 0)
    materials = recipe.sum(axis=1)
    over = materials > 1 - LEAST_VALUE_ADDED
    if over.any():
        worst = np.unravel_index(int(materials.argmax()), materials.shape)
        mended.append(
            f"Inputs of {int(over.sum())} country-sectors cost more than {100 * (1 - LEAST_VALUE_ADDED):g}% of what "
            f"they sell (most: {countries[worst[0]]} {sectors[worst[1]]}, {100 * materials[worst]:.0f}%; "
            f"{100 * (output.T * over).sum() / output.sum():.3g}% of all sales) and were scaled to that."
        )
        recipe *= np.where(over, (1 - LEAST_VALUE_ADDED) / np.where(over, materials, 1.0), 1.0)[:, None, :]
    return recipe


def _unbalanced(io: Any, table: _Table, value: Array) -> list[str]:
    """A note on the gap between payments and sales of sectors, if the table has primary inputs."""
    held = next(
        (getattr(io, key) for key in _EXTENSIONS if getattr(getattr(io, key, None), "F", None) is not None), None
    )
    if held is None:
        return []
    whole = pd.MultiIndex.from_product([pd.unique(io.Y.index.get_level_values(0)), list(table.sectors)])
    primary = held.F.sum().reindex(whole)
    if primary.isna().any():
        return []
    n, j = len(table.countries), len(table.sectors)
    paid = primary.to_numpy(dtype=float).reshape(n, j) + table.use.sum(axis=(0, 1))
    sold = value.sum(axis=1).T
    gap = np.abs(paid - sold)
    off = gap > ROUNDING * np.maximum(sold, 1e-9 * sold.sum())
    if not off.any():
        return []
    if gap.sum() > DOUBTFUL_GAP * sold.sum():
        warnings.warn(
            f"rows and columns of the table differ by {100 * gap.sum() / sold.sum():.0f}% of all sales: is it "
            f"complete, and of one year and unit?",
            stacklevel=3,
        )
    return [
        f"Rows and columns differ in {int(off.sum()):,} of {off.size:,} country-sectors, by "
        f"{100 * gap.sum() / sold.sum():.3g}% of all sales in sum; rows (sales) are kept, and value added is "
        f"sales less inputs."
    ]


def _unit(io: Any, stated: str | None, usd_per_unit: float | None) -> tuple[float, str]:
    """The size of the table's unit in millions of US dollars, and its name."""
    held = getattr(io, "unit", None)
    names = sorted({str(u) for u in np.asarray(held).ravel()}) if held is not None else []
    if len(names) > 1:
        raise TableError(
            f"the table is in mixed units ({', '.join(names[:4])}): a hybrid table is not a table of values; use the "
            f"monetary one"
        )
    text = stated or (names[0] if names else "")
    match = re.search(r"(USD|US\$|EUR|GBP|JPY|CNY)", text.upper())
    size = next((factor for start, factor in _MILLIONS if text.casefold().lstrip().startswith(start)), None)
    if size is None:
        raise TableError(f"unit {text!r}: money such as 'Million USD', 'M.EUR' or '000 USD' is needed; give unit=")
    currency = match.group(1).replace("US$", "USD") if match else ""
    if currency == "USD" and usd_per_unit is not None:
        raise InputError(f"usd_per_unit: the table is in {text!r}, in US dollars, which need no rate; leave it out")
    if currency == "USD":
        return size, "millions of US dollars"
    if usd_per_unit is None:
        raise InputError(
            f"the table is in {text!r}, and results are in US dollars: give usd_per_unit, the dollars per "
            f"{currency or 'unit of its currency'} (the year's mean rate)"
        )
    check_exchange_rate(usd_per_unit)
    return size * usd_per_unit, f"millions of US dollars, from {text} at {usd_per_unit:g}"
