"""The USITC's International Trade and Production Databases: ITPD-E (for estimation) and ITPD-S (for simulation).

Layout as in the USITC's lists of variables (ITPD-E release 1 to 3, ITPD-S release 1): exporter_iso3, exporter_name,
importer_iso3, importer_name, year, industry_id, industry_descr, broad_sector, trade (millions of current US dollars),
flag_mirror, flag_zero; release 2 and ITPD-S add exporter_dynamic_code, release 3 exporter_iso3_dynamic, ITPD-S
flag_itpds. Release 2 is also published without names ("no_names"), which leaves out broad_sector too. Domestic trade is
where exporter is importer.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from entrepot.data.concordances import read_concordance
from entrepot.data.formats.foreign import opened_zip
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import is_archive
from entrepot.data.sources.flow_sums import FlowColumns, FlowSums, sums_of
from entrepot.data.sources.flows import Findings, economy_from_flows, report_unplaced, with_provenance
from entrepot.errors import DocumentError, InputError

LICENCE = "public data of the United States International Trade Commission; check its page for the terms"
CATALOGUE = (
    PublicDatabase(
        name="itpd-e",
        title="International Trade and Production Database for Estimation (ITPD-E)",
        module="itpd",
        edition="releases 1 to 3",
        files="ITPD_E_R0x.csv, or the zip or folder with it",
        reads="trade and domestic trade by industry; sectors: one, broad, industries, or a concordance",
        repairs="absent domestic trade is zero and counted by industry; own_sales replaces it",
        citation="Borchert, Larch, Shikher and Yotov (2021), The International Trade and Production Database for "
        "Estimation (ITPD-E), International Economics 166: 140-166",
        licence=LICENCE,
        test="tests/data/sources/test_itpd.py",
        unused=("usd_per_unit",),
    ),
    PublicDatabase(
        name="itpd-s",
        title="International Trade and Production Database for Simulation (ITPD-S)",
        module="itpd",
        edition="release 1",
        files="the CSV file, or the zip or folder with it",
        reads="trade and domestic trade by industry; sectors: one, broad, industries, or a concordance",
        repairs="absent domestic trade is zero and counted by industry; own_sales replaces it",
        citation="Borchert, Larch, Shikher and Yotov, The International Trade and Production Database for Simulation "
        "(ITPD-S), United States International Trade Commission",
        licence=LICENCE,
        test="tests/data/sources/test_itpd.py",
        unused=("usd_per_unit",),
    ),
)

COLUMNS = FlowColumns(
    year="year",
    exporter="exporter_iso3",
    importer="importer_iso3",
    product="industry_id",
    value="trade",
    group="broad_sector",
)
ONE = "all industries"


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read one year of ITPD-E or ITPD-S. `request.sectors`: None, "broad", "industries", or a concordance file."""
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="entrepot-") as scratch:
        flows = _file(path, Path(scratch))
        sums = sums_of(flows, COLUMNS, request.year, progress)
    findings.found.append(f"{sums.rows:,} flows by industry of {sums.year} in {flows.name}.")
    trade = sums.frame
    if request.own_sales is None:
        _count_gaps(trade, findings)
    trade = trade.assign(product=trade["sector"], sector=trade["sector"].map(_sectors(sums, request, findings)))
    unplaced = trade[trade["sector"].isna()].groupby("product", as_index=False)[["value", "rows"]].sum()
    report_unplaced(replace(sums, unplaced=unplaced), findings)
    trade = trade[trade["sector"].notna()]
    imported = economy_from_flows(trade, request, findings, year=sums.year, name=f"{request.source}{sums.year}")
    return with_provenance(imported, flows=flows.name)


def _sectors(sums: FlowSums, request: ImportRequest, findings: Findings) -> dict[str, str]:
    """The sector of each industry."""
    chosen = request.sectors.casefold() if isinstance(request.sectors, str) else request.sectors
    industries = sums.frame["sector"].unique()
    if chosen is None:
        return dict.fromkeys(industries, ONE)
    if isinstance(chosen, str) and chosen == "broad":
        if not sums.groups:
            raise InputError(
                "sectors: the file has no column broad_sector (it is the edition without names); give 'industries' or "
                "a concordance (industry_id, sector)"
            )
        return dict(sums.groups)
    if isinstance(chosen, str) and chosen == "industries":
        return {industry: industry for industry in industries}
    concordance = read_concordance(request.sectors, hs=False)
    findings.mended += concordance.notes
    return concordance.sector_of


def _count_gaps(trade: pd.DataFrame, findings: Findings) -> None:
    """Record country-industries with trade but no domestic trade, which a wider sector would hide."""
    traded = trade[trade["value"] > 0]
    own = traded[traded["exporter"] == traded["importer"]]
    have = pd.MultiIndex.from_frame(own[["exporter", "sector"]])
    sides = [traded[[side, "sector"]].set_axis(["country", "sector"], axis=1) for side in ("exporter", "importer")]
    cells = pd.MultiIndex.from_frame(pd.concat(sides).drop_duplicates())
    gaps = cells[~cells.isin(have)]
    if len(gaps):
        findings.mended.append(
            f"{len(gaps):,} of {len(cells):,} country-industries trade but have no domestic trade; it is taken as zero "
            f"(such as industry {gaps[0][1]} of {gaps[0][0]}). own_sales replaces domestic trade."
        )


def _file(path: Path, scratch: Path) -> Path:
    """The CSV file: `path` itself, or the only one in the folder or zip."""
    if path.is_dir():
        names = [f.name for f in path.iterdir() if f.suffix.casefold() == ".csv"]
        return path / _only(names, path)
    if not is_archive(path):
        return path
    with opened_zip(path) as archive:
        names = [n for n in archive.namelist() if n.casefold().endswith(".csv")]
        return Path(archive.extract(_only(names, path), scratch))


def _only(names: list[str], path: Path) -> str:
    if len(names) != 1:
        shown = ", ".join(sorted(names)[:5]) or "none"
        raise DocumentError(f"one CSV file is needed; found {len(names)}: {shown}", path=str(path))
    return names[0]
