"""Initial conditions of the Kiel Institute's KITE model (an .rds file of R: a list of tables).

Layout as in the package's README, NEWS and code (github.com/julianhinz/KITE, releases 23.11 to 26.09). Each element is
a table whose last column is `value`:

  trade_share         origin, destination, sector   share of origin in destination's spending, tariffs included
  tariff              origin, destination, sector   1 + rate (absent: none)
  export_subsidy      origin, destination, sector   1 + rate (absent: none)
  intermediate_share  country, input, output        share of the input in the output's intermediate cost
  factor_share        country, sector               share of value added in cost
  consumption_share   country, sector               share in final spending
  value_added         country
  trade_balance       country                       exports minus imports (absent: zero)
  expenditure         destination, sector           spending (absent: solved for, as KITE does)
  trade_elasticity    sector                        perhaps inside the list `elasticities`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.formats.r import read_r
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.flows import Findings, read_theta_of, replacing_tariffs, tidy
from entrepot.data.tables import economy_from_tables
from entrepot.economy.equations import Array
from entrepot.economy.geography import groups, is_customs_union
from entrepot.errors import ConvergenceError, DocumentError, InputError
from entrepot.words import listed

CATALOGUE = (
    PublicDatabase(
        name="kite",
        title="Initial conditions of KITE, the Kiel Institute Trade Policy Evaluation model",
        module="kite",
        edition="releases 23.11 to 26.09",
        files="initial_conditions.rds",
        reads="trade shares, tariffs, cost shares, final shares, value added, trade balances and elasticities",
        repairs="tariffs put on the flow they are levied on; inverse elasticities turned; spending solved for",
        citation="Hinz, Mahlkow and Wanner, KITE: Kiel Institute Trade Policy Evaluation; Chowdhry, Hinz, Kamin and "
        "Wanner (2022) for the model",
        licence="the package is GPL-3; the data have the licence of the tables they were made from",
        test="tests/data/sources/test_kite.py",
        unused=("usd_per_unit", "own_sales"),
        genuine="the initial conditions from WIOD 2014, whole",
    ),
)

FLOW = ("sector", "destination", "origin")
#: Rates of a customs union must differ this much less on one side than on the other to show how tariffs are indexed.
CLEARLY = 1.5


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read an Economy from KITE's initial conditions. Raises `DocumentError` for a missing or incomplete table."""
    if request.sectors is not None or request.own_sales is not None:
        raise InputError("sectors= and own_sales= are not supported here: the file has its own sectors and own sales")
    findings = Findings()
    progress(f"reading {path.name}", 0, 2)
    tables = _tables(path)
    shares = tables["trade_share"]
    countries = tuple(sorted({*shares["origin"], *shares["destination"]}))
    sectors = tuple(sorted(shares["sector"].unique()))
    labels = {"origin": countries, "destination": countries, "country": countries}
    labels |= {"sector": sectors, "input": sectors, "output": sectors}

    def array(name: str, *axes: str, absent: float | None = None) -> Array:
        return _array(tables, name, axes, labels, absent, path, findings)

    share = array("trade_share", *FLOW)
    value_added_share = array("factor_share", "country", "sector")
    recipe = array("intermediate_share", "country", "input", "output") * (1.0 - value_added_share)[:, None, :]
    final_share = array("consumption_share", "country", "sector")
    tariff = _tariff(tables, array, request, countries, sectors, path, findings)
    _export_taxes(tables, array, findings)
    theta = _theta(tables, array, request, sectors, path, findings)
    income = array("value_added", "country") - array("trade_balance", "country", absent=0.0)
    progress(f"reading {path.name}", 1, 2)
    if "expenditure" in tables:
        spending = array("expenditure", "sector", "destination")
    else:
        spending = _spending(share, tariff, recipe, final_share, income)
        findings.mended.append("Spending is not in the file; it was solved for from value added and trade balances.")
    value = share * spending[:, :, None] / (1.0 + tariff)
    findings.found.append(f"{len(countries)} countries, {len(sectors)} sectors.")
    findings.mended.append("Values are taken as millions of US dollars: the file states no unit.")
    economy = economy_from_tables(
        tidy(("sector", "importer", "exporter"), (sectors, countries, countries), value=value, tariff=tariff),
        tidy(("country", "input", "output"), (countries, sectors, sectors), cost_share=recipe),
        tidy(("country", "sector"), (countries, sectors), final_share=final_share, value_added_share=value_added_share),
        theta=theta,
        deficit="data",
        name=request.name or path.stem,
        source="",
        year=request.year,
        value_added=dict(zip(countries, array("value_added", "country").tolist(), strict=True)),
    )
    progress(f"reading {path.name}", 2, 2)
    return findings.of(economy)


# ---- the file ----


def _tables(path: Path) -> dict[str, pd.DataFrame]:
    """The tables by name, with labels as text and countries in capitals."""
    content = read_r(path)
    if not isinstance(content, Mapping):
        raise DocumentError("is not a list of tables, as KITE's initial conditions are", path=str(path))
    nested = content.get("elasticities")
    content = {**content, **(nested if isinstance(nested, Mapping) else {})}
    tables = {str(name): _labelled(t) for name, t in content.items() if isinstance(t, pd.DataFrame)}
    for name in ("trade_share", "factor_share", "intermediate_share", "consumption_share", "value_added"):
        if name not in tables:
            raise DocumentError(f"no table {name!r} (it has: {', '.join(tables) or 'none'})", path=str(path))
    missing = [c for c in ("origin", "destination", "sector") if c not in tables["trade_share"].columns]
    if missing:
        raise DocumentError(f"trade_share has no column {missing[0]!r}", path=str(path))
    return tables


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    table = table.rename(columns=str)
    for column in table.columns.drop("value", errors="ignore"):
        codes, names = pd.factorize(table[column])
        upper = column in ("origin", "destination", "country")
        labels = np.array([str(name).strip().upper() if upper else str(name).strip() for name in names], dtype=object)
        table = table.assign(**{column: labels[codes]})
    return table


def _array(
    tables: Mapping[str, pd.DataFrame],
    name: str,
    axes: Sequence[str],
    labels: Mapping[str, tuple[str, ...]],
    absent: float | None,
    path: Path,
    findings: Findings,
) -> Array:
    """Table `name` as an array over `axes`; missing rows are zero (shares) or `absent`, and counted."""
    shape = tuple(len(labels[axis]) for axis in axes)
    if name not in tables:
        if absent is None:
            raise DocumentError(f"no table {name!r}", path=str(path))
        findings.mended.append(f"{name} is not in the file and is taken as {absent:g}.")
        return np.full(shape, absent)
    table = tables[name]
    for given, meant in (("destination", "country"), ("country", "destination")):
        if meant in axes and meant not in table.columns and given not in axes:
            table = table.rename(columns={given: meant})
    missing = [c for c in (*axes, "value") if c not in table.columns]
    if missing:
        raise DocumentError(
            f"{name} has no column {missing[0]!r} (it has: {', '.join(table.columns)})", path=str(path), key=name
        )
    place = [pd.Index(labels[axis]).get_indexer(pd.Index(table[axis])) for axis in axes]
    for axis, at in zip(axes, place, strict=True):
        if (at < 0).any():
            label = table[axis].iloc[int((at < 0).argmax())]
            raise DocumentError(f"the {axis} {label!r} is not in trade_share", path=str(path), key=name)
    number = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(number).all():
        row = int((~np.isfinite(number)).argmax())
        raise DocumentError(f"row {row + 1}: the value is NaN", path=str(path), key=name)
    cell = np.ravel_multi_index(tuple(place), shape)
    if len(np.unique(cell)) < len(cell):
        row = int(pd.Series(cell).duplicated().to_numpy().argmax())
        raise DocumentError(f"row {row + 1} is repeated", path=str(path), key=name)
    array = np.full(shape, 0.0 if absent is None else absent)
    array.flat[cell] = number
    if len(cell) < array.size:
        findings.mended.append(
            f"{name}: {array.size - len(cell):,} of {array.size:,} cells have no row and are taken as {absent or 0:g}."
        )
    return array


# ---- tariffs, elasticities and spending ----


def _tariff(
    tables: Mapping[str, pd.DataFrame],
    array: Any,
    request: ImportRequest,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    path: Path,
    findings: Findings,
) -> Array:
    """Rates [j,n,i] that n levies on i's goods: the user's, or the file's once its index order is known."""
    if request.tariffs is not None:
        return replacing_tariffs(request, countries, sectors, findings)
    if "tariff" not in tables:
        findings.mended.append("The file has no tariffs; they are zero.")
        return np.zeros((len(sectors), len(countries), len(countries)))
    factor = array("tariff", *FLOW, absent=1.0)
    if (factor <= 0).any():
        raise DocumentError("tariffs are factors 1 + rate; one is not above zero", path=str(path), key="tariff")
    rate = factor - 1.0
    if _by_imposer(rate, countries, path):
        rate = np.swapaxes(rate, 1, 2)
        findings.mended.append(
            "tariff is indexed by imposing country, then partner (a customs union's rates agree that way); each rate "
            "was put on the flow into the imposing country."
        )
    own = np.eye(len(countries), dtype=bool) & (rate != 0)
    if own.any():
        places = sorted(zip(*np.nonzero(own), strict=True), key=lambda at: -abs(rate[at]))
        shown = [f"{countries[n]} {sectors[j]} {100 * rate[j, n, i]:.3g}%" for j, n, i in places]
        findings.refused.append(
            f"tariff: {int(own.sum())} rates on own sales, which are not levied, were set to zero: {listed(shown, 24)}."
        )
    return np.where(own, 0.0, rate)


def _by_imposer(rate: Array, countries: tuple[str, ...], path: Path) -> bool:
    """Whether rate[j, destination, origin] is levied by the origin; files of both kinds exist and none states it.

    Members of a customs union levy the same rates on a third country, up to the mix of goods, while the rates that they
    face there differ more. The side on which the union's rates differ less is the side that levies them.
    """
    if np.array_equal(rate, np.swapaxes(rate, 1, 2)):
        return False
    for name in filter(is_customs_union, groups()):
        inside = np.isin(countries, groups()[name]["members"])
        if inside.sum() < 2 or inside.all():
            continue
        into = float(rate[:, inside][:, :, ~inside].std(axis=1).mean())
        out_of = float(rate[:, ~inside][:, :, inside].std(axis=2).mean())
        if max(into, out_of) > CLEARLY * min(into, out_of):
            return out_of < into
    raise DocumentError(
        "it is unclear whether tariffs are indexed by flow (origin, destination) or by imposing country: the data have "
        "no customs union with two members to show it. Give the tariffs with tariffs=",
        path=str(path),
        key="tariff",
    )


def _export_taxes(tables: Mapping[str, pd.DataFrame], array: Any, findings: Findings) -> None:
    if "export_subsidy" not in tables:
        return
    rate = array("export_subsidy", *FLOW, absent=1.0) - 1.0
    if (np.abs(rate) > 1e-12).any():
        findings.mended.append(
            f"export_subsidy differs from one in {int((np.abs(rate) > 1e-12).sum()):,} flows (at most by "
            f"{100 * np.abs(rate).max():.3g}%); export taxes are not separate here but part of the exporter's price."
        )


def _theta(
    tables: Mapping[str, pd.DataFrame],
    array: Any,
    request: ImportRequest,
    sectors: tuple[str, ...],
    path: Path,
    findings: Findings,
) -> float | Mapping[str, float]:
    """The user's elasticities, else the file's: positive theta since release 26.09, 1/theta or negative before.

    KITE's own rule applies: all between 0 and 1 is 1/theta; all negative is -theta, or -1/theta where all are above -1.
    """
    if request.theta is not None:
        theta, notes = read_theta_of(request.theta, sectors)
        findings.mended += ["The file's elasticities were replaced by theta=.", *notes]
        return theta
    if "trade_elasticity" not in tables:
        raise DocumentError("no table 'trade_elasticity'; give theta=", path=str(path))
    given = array("trade_elasticity", "sector")
    size = np.abs(given)
    if (given == 0).any() or (np.sign(given) != np.sign(given[0])).any():
        raise DocumentError("elasticities are zero or of both signs; give theta=", path=str(path))
    inverse = bool((size < 1).all())
    theta = 1.0 / size if inverse else size
    if inverse or given[0] < 0:
        meaning = ("-" if given[0] < 0 else "") + ("1/theta" if inverse else "theta")
        findings.mended.append(
            f"trade_elasticity contains {meaning} (from {given.min():.4g} to {given.max():.4g}), as releases before "
            f"26.09 have it; theta is from {theta.min():.4g} to {theta.max():.4g}."
        )
    else:
        findings.found.append(f"trade_elasticity is read as theta: from {theta.min():.4g} to {theta.max():.4g}.")
    return dict(zip(sectors, map(float, theta), strict=True))


def _spending(share: Array, tariff: Array, recipe: Array, final_share: Array, income: Array) -> Array:
    """X[j,n] from X[k,n] = sum_j g[n,k,j] Y[j,n] + a[n,k] (V[n] - B[n] + R[n]), by substitution (it contracts)."""
    net_share = share / (1.0 + tariff)
    spending = final_share.T * income
    for _ in range(2000):
        output = np.einsum("jni,jn->ji", net_share, spending)
        revenue = (((share - net_share).sum(axis=2)) * spending).sum(axis=0)
        wanted = np.einsum("nkj,jn->kn", recipe, output) + final_share.T * (income + revenue)
        if np.abs(wanted - spending).max() <= 1e-12 * np.abs(wanted).max():
            return wanted
        spending = wanted
    raise ConvergenceError(
        "spending does not converge: cost shares or tariffs are too large; check that they are shares and rates"
    )
