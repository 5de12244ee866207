"""GTAP data bases: GEMPACK header array files (.har).

Headers have the names of the GTAP model. Version 7 of the data base:
  VCIF, VMSB, VXSB   COMM, REG source, REG destination: imports at cif prices and at landed (basic) prices; exports
  VDFB, VMFB         COMM, ACTS, REG: firms' purchases of domestic goods and of imports, basic prices
  VDPB VDGB VDIB     COMM, REG: private, public, investment purchases of domestic goods (VMPB VMGB VMIB: of imports)
  MAKB               COMM, ACTS, REG: output of activities, basic prices
Earlier versions: VIWS, VIMS, VXMD for trade, VDFM and VIFM with the capital goods among the producing sectors, VDPM,
VDGM, and output is the sum of sales at home, abroad and to the transport pool (VST). Values are millions of US dollars.

  value[j,n,i]   imports at cif prices, VCIF (VIWS): the price on which GTAP levies tariffs
  tariff[j,n,i]  VMSB / VCIF - 1 (VIMS / VIWS - 1)
  value[j,n,n]   purchases of domestic goods by firms, households, government and investors
  inputs[n,k,j]  purchases of k by firms of j, domestic and imported, over output of j; the rest is value added
  final demand   the rest of spending
  release        DREL, a text
  theta[j]       ESBM - 1 from a parameter file in the folder (elasticity among import sources), if theta is not given
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.flows import Findings, read_theta_of, replacing_tariffs, tidy
from entrepot.data.sources.header_array import Header, read_header_arrays, read_text_headers
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import DocumentError, InputError

CATALOGUE = (
    PublicDatabase(
        name="gtap",
        title="GTAP Data Base",
        module="gtap",
        edition="basedata of versions 5 to 11, whole or aggregated, classic or version 7 headers",
        files="basedata.har, or its folder with the parameter file (default.prm) beside",
        reads="trade, tariffs, domestic sales, input-output tables; elasticities from ESBM where theta is not given",
        repairs="transport margins, export taxes and other taxes are merged into prices and value added",
        citation="Center for Global Trade Analysis, Purdue University; of Version 11: Aguiar, Chepeliev, Corong and "
        "van der Mensbrugghe (2022), Journal of Global Economic Analysis 7(2)",
        licence="proprietary: a licence of the Center for Global Trade Analysis, Purdue University",
        test="tests/data/sources/test_gtap.py",
        genuine="the base data of GTAP-W, an aggregation of release 6 to 16 regions and 22 commodities",
        unused=("usd_per_unit", "own_sales"),
    ),
)

#: Header names in version 7, and in earlier versions.
NEW = {
    "cif": "VCIF",
    "landed": "VMSB",
    "exports": "VXSB",
    "firms_domestic": "VDFB",
    "firms_imports": "VMFB",
    "final_domestic": ("VDPB", "VDGB", "VDIB"),
}
OLD = {
    "cif": "VIWS",
    "landed": "VIMS",
    "exports": "VXMD",
    "firms_domestic": "VDFM",
    "firms_imports": "VIFM",
    "final_domestic": ("VDPM", "VDGM"),
}
#: The share of value added that is kept for a sector whose inputs exceed its output.
LEAST = 1e-3


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read an Economy from GTAP's basedata. Raises `DocumentError` for a missing header, or one of another shape."""
    if request.sectors is not None or request.own_sales is not None:
        raise InputError("sectors= and own_sales= are not supported here: the file has its own sectors and own sales")
    findings = Findings()
    progress(f"reading {path.name}", 0, 2)
    data, parameters = _files(path)
    headers = read_header_arrays(data)
    release = " ".join(read_text_headers(data).get("DREL", ())).strip()
    names: Mapping[str, Any] = NEW if NEW["cif"] in headers else OLD

    cif = _header(headers, names["cif"], (), data)
    if len(cif.elements) != 3 or len(set(cif.array.shape[1:])) != 1:
        raise DocumentError(f"{names['cif']} is not by commodity, source and destination", path=str(data))
    commodities, regions = cif.elements[0], cif.elements[1]
    _refuse_other_order(names["cif"], cif, {2: regions}, names["cif"], data)
    j, n = len(commodities), len(regions)

    def header(name: str, *shape: int) -> Header:
        found = _header(headers, name, shape, data)
        is_trade = name in (names["landed"], names["exports"])
        axes = {0: commodities, found.array.ndim - 1: regions} | ({1: regions} if is_trade else {})
        _refuse_other_order(name, found, axes, names["cif"], data)
        return found

    landed, exports = header(names["landed"], j, n, n).array, header(names["exports"], j, n, n).array
    firms = header(names["firms_domestic"], j, -1, n)
    imports = header(names["firms_imports"], *firms.array.shape)
    _refuse_other_order(names["firms_imports"], imports, {1: firms.elements[1]}, names["firms_domestic"], data)
    purchases = firms.array + imports.array
    own = firms.array.sum(axis=1) + sum(header(name, j, n).array for name in names["final_domestic"])
    if names is NEW:
        make = header("MAKB", j, purchases.shape[1], n)
        _refuse_other_order("MAKB", make, {1: firms.elements[1]}, names["firms_domestic"], data)
        made = make.array
    else:
        purchases, made = _old_make(headers, commodities, firms, purchases, own, exports, data)
    progress(f"reading {path.name}", 1, 2)

    value, tariff = _trade(cif.array, landed, own, names, regions, findings)
    recipe = _recipe(purchases, made, findings)
    _say_what_is_merged(cif.array, exports, findings)
    countries = _codes(regions, findings)
    theta = _theta(request, parameters, commodities, value, findings)
    if request.tariffs is not None:
        tariff = replacing_tariffs(request, countries, commodities, findings, value)
    economy = Economy.from_tables(
        tidy(("sector", "importer", "exporter"), (commodities, countries, countries), value=value, tariff=tariff),
        tidy(("country", "input", "output"), (countries, commodities, commodities), cost_share=recipe),
        theta=theta,
        name=request.name or data.stem,
        source=f"GTAP Data Base, {release}. Center for Global Trade Analysis, Purdue University" if release else "",
        year=request.year,
    )
    findings.found.append(f"{n} regions, {j} commodities, headers of {'version 7' if names is NEW else 'version 6'}.")
    if release:
        findings.found.append(f"The file says of itself: release {release}.")
    progress(f"reading {path.name}", 2, 2)
    return findings.of(economy)


def _codes(regions: tuple[str, ...], findings: Findings) -> tuple[str, ...]:
    """Codes of the regions: CHI, China in aggregations of release 6, gets China's own."""
    codes = tuple(region.upper() for region in regions)
    if "CHI" not in codes or "CHN" in codes:
        return codes
    findings.mended.append("The region CHI is China, as in GTAP's release 6, and is called CHN (ISO 3166).")
    return tuple("CHN" if code == "CHI" else code for code in codes)


# ---- the files ----


def _files(path: Path) -> tuple[Path, Path | None]:
    """Paths of the data file and, in a folder, of the parameter file, which has ESBM."""
    if not path.is_dir():
        return path, None
    files = sorted(f for f in path.iterdir() if f.suffix.casefold() in (".har", ".prm"))
    held = {file: set(read_header_arrays(file)) for file in files}
    data = [f for f, names in held.items() if names & {NEW["cif"], OLD["cif"]}]
    if len(data) != 1:
        shown = ", ".join(f.name for f in data) or "none"
        raise DocumentError(f"one .har file with VCIF or VIWS is needed; found {len(data)}: {shown}", path=str(path))
    return data[0], next((f for f, names in held.items() if "ESBM" in names), None)


def _header(headers: Mapping[str, Header], name: str, shape: tuple[int, ...], path: Path) -> Header:
    """Array of a header, checked for `shape` if given (-1: any length) and for negative values."""
    if name not in headers:
        raise DocumentError(f"no header {name} (it has: {', '.join(sorted(headers)) or 'none'})", path=str(path))
    found = headers[name]
    if shape and not (
        len(shape) == found.array.ndim
        and all(want in (-1, have) for want, have in zip(shape, found.array.shape, strict=True))
    ):
        raise DocumentError(f"has the shape {found.array.shape}; {shape} is needed", path=str(path), key=name)
    if not np.isfinite(found.array).all() or (found.array < 0).any():
        raise DocumentError("has a value that is negative or NaN", path=str(path), key=name)
    return found


def _refuse_other_order(name: str, found: Header, axes: Mapping[int, tuple[str, ...]], other: str, path: Path) -> None:
    """Raise `DocumentError` where an axis has other elements than `axes`, those of the header `other`, or their order.

    Elements that the file does not store are taken as the same.
    """
    for axis, wanted in axes.items():
        elements = found.elements[axis]
        if elements and wanted and [one.casefold() for one in elements] != [one.casefold() for one in wanted]:
            what = "in another order than" if {*elements} == {*wanted} else "which are not those of"
            raise DocumentError(
                f"has the elements {', '.join(elements[:4])}{' ...' if len(elements) > 4 else ''} {what} {other}",
                path=str(path),
                key=name,
            )


# ---- from GTAP's accounts to ours ----


def _old_make(
    headers: Mapping[str, Header],
    commodities: tuple[str, ...],
    firms: Header,
    purchases: Array,
    own: Array,
    exports: Array,
    path: Path,
) -> tuple[Array, Array]:
    """Purchases [k,j,n] of the sectors that make commodities, and their output [c,j,n]: each makes its own."""
    producers = firms.elements[1]
    missing = [c for c in commodities if c not in producers]
    if missing:
        raise DocumentError(f"{missing[0]!r} is not a producing sector of VDFM", path=str(path))
    sold = own + exports.sum(axis=2)
    if "VST" in headers:
        pool = headers["VST"]
        sold[[commodities.index(c) for c in pool.elements[0]]] += pool.array
    made = np.eye(len(commodities))[:, :, None] * sold[:, None, :]
    return purchases[:, [producers.index(c) for c in commodities]], made


def _trade(
    cif: Array, landed: Array, own: Array, names: Mapping[str, Any], regions: tuple[str, ...], findings: Findings
) -> tuple[Array, Array]:
    """Arrays value and tariff [j,n,i]; trade inside a region is added to its own sales at landed prices."""
    tariff = np.divide(landed, cif, out=np.ones_like(cif), where=cif > 0) - 1.0
    free = (cif <= 0) & (landed > 0)
    if free.any():
        findings.mended.append(
            f"{int(free.sum())} flows have a landed value but no cif value ({landed[free].sum():,.3g} million); they "
            f"were left out."
        )
    value, tariff = np.swapaxes(cif, 1, 2).copy(), np.swapaxes(tariff, 1, 2).copy()
    inside = np.einsum("jnn->jn", landed)
    own_place = np.arange(len(regions))
    value[:, own_place, own_place] = own + inside
    tariff[:, own_place, own_place] = 0.0
    findings.mended.append(f"Values are at cif prices ({names['cif']}), on which GTAP levies tariffs.")
    if inside.sum() > 0:
        findings.mended.append(
            f"Trade inside regions ({inside.sum():,.0f} million, tariffs included) was added to their own sales."
        )
    return value, tariff


def _recipe(purchases: Array, made: Array, findings: Findings) -> Array:
    """Cost shares [n,k,c] of commodities from purchases [k,a,n] of activities that make [c,a,n].

    Where an activity makes several commodities, each has the activity's recipe (the industry technology assumption).
    """
    output = made.sum(axis=0)
    share = np.divide(purchases, output, out=np.zeros_like(purchases), where=output > 0)
    total = made.sum(axis=1, keepdims=True)
    weight = np.divide(made, total, out=np.zeros_like(made), where=total > 0)
    recipe = np.einsum("kan,can->nkc", share, weight)
    joint = total[:, 0].sum() - made.max(axis=1).sum()
    if joint > 1e-6 * total.sum():
        findings.mended.append(
            f"Activities make more than one commodity ({100 * joint / total.sum():.3g}% of output is not from the main "
            f"maker): each commodity has the mean recipe of its makers."
        )
    materials = recipe.sum(axis=1)
    over = materials > 1.0 - LEAST
    if over.any():
        findings.mended.append(
            f"Inputs leave no value added in {int(over.sum())} of {over.size} region-commodities (at most "
            f"{100 * materials.max():.4g}% of output); they were scaled to leave {100 * LEAST:g}%."
        )
    scaled: Array = recipe / np.where(over, materials / (1.0 - LEAST), 1.0)[:, None, :]
    return scaled


def _say_what_is_merged(cif: Array, exports: Array, findings: Findings) -> None:
    findings.mended.append(
        f"Transport margins and export taxes ({cif.sum() - exports.sum():,.0f} million over exports of "
        f"{exports.sum():,.0f}) are part of the exporter's price; sales to the transport pool (VST) are left out."
    )
    findings.mended.append(
        "Taxes on inputs, factors and output are part of value added; taxes on consumption are left out."
    )


def _theta(
    request: ImportRequest, parameters: Path | None, commodities: tuple[str, ...], value: Array, findings: Findings
) -> float | Mapping[str, float]:
    """The user's elasticities, else ESBM - 1: with an Armington elasticity s, trade varies as price^(1 - s)."""
    if request.theta is not None:
        theta, notes = read_theta_of(request.theta, commodities)
        findings.mended += notes
        return theta
    if parameters is None:
        raise InputError(
            "theta: give a number, a mapping by sector, the name of a published set or a CSV file (sector, theta); or "
            "the folder that has both basedata.har and the parameter file (default.prm, header ESBM)"
        )
    armington = _header(read_header_arrays(parameters), "ESBM", (), parameters)
    if armington.elements[0] != commodities:
        raise DocumentError("has other commodities than the data", path=str(parameters), key="ESBM")
    sigma = armington.array
    if sigma.ndim == 2:
        imports = (value * ~np.eye(value.shape[1], dtype=bool)).sum(axis=2)
        weight = np.where(imports.sum(axis=1, keepdims=True) > 0, imports, 1.0)
        sigma = (sigma * weight).sum(axis=1) / weight.sum(axis=1)
    if (sigma <= 1).any():
        raise DocumentError("an elasticity is not above one; give theta=", path=str(parameters), key="ESBM")
    findings.mended.append(
        f"theta is ESBM - 1 of {parameters.name}: from {sigma.min() - 1:.3g} to {sigma.max() - 1:.3g}."
    )
    return dict(zip(commodities, map(float, sigma - 1.0), strict=True))
