"""CEPII's BACI: bilateral trade by product of the Harmonized System.

Layout as published (read in the files' headers in public code, and CEPII's Readme): BACI_HS17_Y2018_V202401b.csv with
t year, i exporter, j importer (numeric codes), k product (6 digits), v thousands of current US dollars, q tonnes;
country_codes_V202401b.csv with country_code, country_name, country_iso2, country_iso3, which until 2023 was
country_code, country_name_abbreviation, country_name_full, iso_2digit_alpha, iso_3digit_alpha.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pandas as pd

from entrepot.data.concordances import Concordance, everything, hs_sections, read_concordance
from entrepot.data.duckdb_store import unreadable
from entrepot.data.formats.foreign import opened_zip
from entrepot.data.layouts import Layout
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import is_archive
from entrepot.data.sources.flow_sums import FlowColumns, sums_of
from entrepot.data.sources.flows import Findings, economy_from_flows, report_unplaced, with_provenance
from entrepot.economy.geography import find_place
from entrepot.errors import DocumentError
from entrepot.words import counted

CATALOGUE = (
    PublicDatabase(
        name="baci",
        title="BACI, International Trade Database at the Product Level",
        module="baci",
        edition="any release since 2021 (HS92 to HS22)",
        files="one BACI_HS.._Y...._V.....csv, the folder it is in, or the zip; country_codes_V.....csv beside it",
        reads="trade by exporter, importer and product; own sales from own_sales, sectors from sectors",
        repairs="thousands to millions; numeric country codes to ISO; leading zeros of products; Other Asia is Taiwan",
        citation="Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII Working "
        "Paper 2010-23",
        licence="as stated on CEPII's page of BACI; check there",
        test="tests/data/sources/test_baci.py",
        unused=("usd_per_unit",),
        genuine="the files of country codes of 2022 and 2023 and of products of 2023 only",
    ),
)

LAYOUTS = (
    Layout(
        name="baci",
        title="BACI, flows by product (CSV)",
        kind="trade",
        read_by=("entrepot exposure --trade FILE", "entrepot economy import baci FILE"),
        marks=(("t",), ("i",), ("j",), ("k",), ("v",)),
        columns={"importer": ("j",), "exporter": ("i",), "product": ("k",), "value": ("v",), "year": ("t",)},
        unit="usd_k",
    ),
)

COLUMNS = FlowColumns(year="t", exporter="i", importer="j", product="k", value="v")
GOODS = "goods"
FILE = re.compile(r"BACI_(HS\d\d)_Y(\d{4})_V(\w+)\.csv$", re.IGNORECASE)
COUNTRY_FILE = re.compile(r"country_codes.*\.csv$", re.IGNORECASE)


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read trade of one year from BACI in bounded memory. `path` is a CSV file, a folder or the zip."""
    findings = Findings()
    concordance = _sectors(request, findings)
    with tempfile.TemporaryDirectory(prefix="entrepot-") as scratch:
        flows, country_file = _files(path, request.year, Path(scratch))
        sums = sums_of(flows, COLUMNS, request.year, progress, pad=6, sector=concordance.sector)
        iso3 = _iso3(sorted({*sums.frame["exporter"], *sums.frame["importer"]}), country_file, findings)
    findings.found.append(f"{sums.rows:,} flows by product of {sums.year} in {flows.name}.")
    findings.mended.append("Values are in millions (BACI has thousands of current US dollars).")
    report_unplaced(sums, findings)
    trade = sums.frame.assign(
        importer=sums.frame["importer"].map(iso3),
        exporter=sums.frame["exporter"].map(iso3),
        value=sums.frame["value"] / 1000.0,
    )
    inside = trade["importer"] == trade["exporter"]
    if inside.any():
        findings.refused.append(
            f"Flows of a country with itself, or between its codes: {trade.loc[inside, 'value'].sum():,.6g} million."
        )
    imported = economy_from_flows(
        trade[~inside], request, findings, year=sums.year, name=f"baci{sums.year}", concordance=concordance
    )
    return with_provenance(imported, flows=flows.name)


def _sectors(request: ImportRequest, findings: Findings) -> Concordance:
    if request.sectors is None:
        return everything(GOODS)
    if isinstance(request.sectors, str) and request.sectors.casefold() == "sections":
        return hs_sections()
    concordance = read_concordance(request.sectors, hs=True)
    findings.mended += concordance.notes
    return concordance


def _files(path: Path, year: int | None, scratch: Path) -> tuple[Path, Path | None]:
    """Paths of the file of flows and the country file; members of a zip are unpacked into `scratch`."""
    if path.is_dir():
        flows = path / _chosen([f.name for f in path.iterdir()], year, path)
        return flows, _beside(flows)
    if not is_archive(path):
        return path, _beside(path)
    with opened_zip(path) as archive:
        names = archive.namelist()
        chosen = _chosen(names, year, path)
        countries = next((n for n in names if COUNTRY_FILE.search(n)), None)
        flows = Path(archive.extract(chosen, scratch))
        return flows, None if countries is None else Path(archive.extract(countries, scratch))


def _beside(flows: Path) -> Path | None:
    """The country file in the same folder: the one of the same release, or the only one."""
    files = sorted(f for f in flows.parent.iterdir() if COUNTRY_FILE.search(f.name))
    release = FILE.search(flows.name)
    same = [f for f in files if release and f.stem.endswith(release.group(3))]
    return same[0] if same else files[0] if len(files) == 1 else None


def _chosen(names: list[str], year: int | None, path: Path) -> str:
    """The one file of flows for the year. Raises `DocumentError` with the files found."""
    files = {name: match for name in names if (match := FILE.search(name))}
    wanted = [n for n, match in files.items() if year is None or int(match.group(2)) == year]
    if len(wanted) == 1:
        return wanted[0]
    years = sorted({match.group(2) for match in files.values()})
    if not files:
        raise DocumentError("no file named like BACI_HS17_Y2018_V202401b.csv in it", path=str(path))
    if not wanted:
        raise DocumentError(f"no file of {year}; years found: {', '.join(years)}", path=str(path))
    if year is None and len(years) > 1:
        raise DocumentError(f"years found: {', '.join(years)}; choose one with year=", path=str(path))
    raise DocumentError(
        f"{len(wanted)} files of one year: {', '.join(sorted(wanted))}; give the path of one", path=str(path)
    )


def _iso3(codes: list[str], country_file: Path | None, findings: Findings) -> dict[str, str]:
    """ISO alpha-3 by BACI's numeric code, by the country file and else by the table of places (Other Asia is Taiwan).

    A code that has none keeps its number and is reported; so are codes of one country, which are added up.
    """
    labels = {} if country_file is None else _from_file(country_file)
    if country_file is None:
        findings.mended.append(
            "No country file beside the data: codes are read as UN Comtrade's and ISO 3166's numbers."
        )
    iso3: dict[str, str] = {}
    for code in codes:
        place = find_place(labels.get(code.lstrip("0"), code)) or find_place(code)
        iso3[code] = f"C{code}" if place is None else place.code
    if iso3.get("490") == "TWN":
        findings.mended.append("Code 490 (Other Asia, not elsewhere specified) is read as TWN, as is usual.")
    bare = [code for code in codes if iso3[code] == f"C{code}"]
    if bare:
        findings.mended.append(
            f"{counted(len(bare), 'code')} without an ISO alpha-3, whose number is kept: {', '.join(bare)}."
        )
    shared = {iso for iso in iso3.values() if list(iso3.values()).count(iso) > 1}
    if shared:
        pairs = [f"{code} = {iso}" for code, iso in iso3.items() if iso in shared]
        findings.mended.append(f"Codes of one country were added up: {', '.join(pairs)}.")
    return iso3


def _from_file(country_file: Path) -> dict[str, str]:
    try:
        frame = pd.read_csv(country_file, dtype=str, keep_default_na=False, encoding_errors="replace")
    except (OSError, ValueError) as error:
        raise unreadable(country_file, str(error)) from error
    iso = next((c for c in ("country_iso3", "iso_3digit_alpha") if c in frame.columns), None)
    if iso is None or "country_code" not in frame.columns:
        raise DocumentError(
            f"the columns country_code and country_iso3 are needed (it has: {', '.join(frame.columns)})",
            path=str(country_file),
        )
    pairs = zip(frame["country_code"].str.strip(), frame[iso].str.strip(), strict=True)
    return {code.lstrip("0"): label for code, label in pairs if re.fullmatch(r"[A-Z][A-Z0-9]{2}", label)}
