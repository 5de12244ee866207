"""CEPII's BACI: its layout, its codes, its products; and that a large file fits in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.concordances import hs_sections, read_concordance
from entrepot.data.progress import silent
from entrepot.data.sources.baci import read
from entrepot.data.sources.catalogue import Imported, ImportRequest

pytest.importorskip("pyarrow")

FLOWS = """t,i,j,k,v,q
2018,842,392,870323,5000.5,          12.000
2018,842,699,010121,1000,NA
2018,392,842,870323,50000,100.5
2018,392,699,20110,2000,1
2018,699,842,010121,300,1
2018,699,392,999999,100,1
2018,490,842,851712,700,1
2018,842,490,851712,800,1
"""
COUNTRIES = """country_code,country_name,country_iso2,country_iso3
392,Japan,JP,JPN
490,"Other Asia, not elsewhere specified",N/A,N/A
699,India,IN,IND
842,USA,US,USA
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "BACI_HS17_Y2018_V202401b.csv").write_text(FLOWS)
    (tmp_path / "country_codes_V202401b.csv").write_text(COUNTRIES)
    return tmp_path


def baci(path: Path, **options: object) -> Imported:
    return read(path, ImportRequest(**({"source": "baci", "theta": 4.0, "own_sales": 0.5} | options)), silent)  # type: ignore[arg-type]


def flow(economy: ep.Economy, sector: str, importer: str, exporter: str) -> float:
    return float(
        economy.value[
            economy.sectors.index(sector), economy.countries.index(importer), economy.countries.index(exporter)
        ]
    )


def test_thousands_become_millions_from_exporter_to_importer(folder: Path) -> None:
    economy = baci(folder).economy
    assert (economy.countries, economy.sectors, economy.year) == (("IND", "JPN", "TWN", "USA"), ("goods",), 2018)
    assert flow(economy, "goods", "USA", "JPN") == pytest.approx(50.0)
    assert flow(economy, "goods", "JPN", "USA") == pytest.approx(5.0005)
    imports = (economy.value * ~economy.domestic).sum(axis=(0, 2))
    np.testing.assert_allclose(economy.value[0].diagonal(), imports)  # a home share of one half


def test_a_home_share_may_be_a_percentage(folder: Path) -> None:
    in_percent, fraction = baci(folder, own_sales="80%").economy, baci(folder, own_sales=0.8).economy
    np.testing.assert_array_equal(in_percent.value, fraction.value)
    for share in ("100%", "0%", "150 %"):
        with pytest.raises(ep.errors.InputError, match="a home share of spending lies between 0 and 1"):
            baci(folder, own_sales=share)
    with pytest.raises(ep.errors.InputError, match=r"a number between 0 and 1 \(0.8, 80%\): the home share h"):
        baci(folder, own_sales="most")


def test_sections_of_the_harmonized_system(folder: Path) -> None:
    imported = baci(folder, sectors="sections")
    assert [s[:3] for s in imported.economy.sectors] == ["S01", "S16", "S17"]
    assert flow(imported.economy, imported.economy.sectors[0], "IND", "JPN") == pytest.approx(2.0)  # 20110 is 020110
    assert any("1 product without a sector (999999): 1 row," in line for line in imported.refused)


def test_every_chapter_has_one_section() -> None:
    chapters = {f"{c:02d}" for c in range(1, 98)} - {"77"}
    assert set(hs_sections().sector_of) == chapters
    assert len(hs_sections().sectors) == 21


def test_the_longest_prefix_decides(folder: Path, tmp_path: Path) -> None:
    table = pd.DataFrame({"product": ["87", "8703", "1", "02", "851712"], "sector": ["other", "cars", "a", "a", "b"]})
    table.to_csv(tmp_path / "concordance.csv", index=False)
    imported = baci(folder / "BACI_HS17_Y2018_V202401b.csv", sectors=tmp_path / "concordance.csv")
    assert imported.economy.sectors == ("a", "b", "cars")
    assert any("1 code had lost a leading zero" in line for line in imported.mended)
    concordance = read_concordance(table, hs=True)
    assert [concordance.sector(p) for p in ("870323", "870410", "010121", "999999")] == ["cars", "other", "a", None]


def test_zip_equals_its_folder(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "BACI_HS17_V202401b.zip", "w") as archive:
        for file in folder.glob("*.csv"):
            archive.write(file, file.name)
        archive.writestr("BACI_HS17_Y2017_V202401b.csv", FLOWS.replace("2018,", "2017,"))
        archive.writestr("product_codes_HS17_V202401b.csv", "code,description\n010121,Horses\n")
    zipped = baci(tmp_path / "BACI_HS17_V202401b.zip", year=2018).economy
    assert zipped.fingerprint == baci(folder).economy.fingerprint
    with pytest.raises(ep.errors.InputError, match="years found: 2017, 2018; choose one"):
        baci(tmp_path / "BACI_HS17_V202401b.zip")
    with pytest.raises(ep.errors.InputError, match="no file of 1999; years found: 2017, 2018"):
        baci(tmp_path / "BACI_HS17_V202401b.zip", year=1999)


def test_without_the_country_file_the_known_exceptions_are_used(folder: Path) -> None:
    (folder / "country_codes_V202401b.csv").unlink()
    imported = baci(folder)
    assert imported.economy.countries == ("IND", "JPN", "TWN", "USA")
    assert any("read as UN Comtrade's and ISO 3166's numbers" in line for line in imported.mended)


def test_the_country_file_of_older_releases(folder: Path) -> None:
    old = "country_code,country_name_abbreviation,country_name_full,iso_2digit_alpha,iso_3digit_alpha\n"
    rows = "".join(f"{c},x,x,x,{iso}\n" for c, iso in [(392, "JPN"), (699, "IND"), (842, "USA"), (490, "N/A")])
    (folder / "country_codes_V202401b.csv").write_text(old + rows)
    assert baci(folder).economy.countries == ("IND", "JPN", "TWN", "USA")


def test_code_without_iso_keeps_its_number(folder: Path) -> None:
    file = folder / "BACI_HS17_Y2018_V202401b.csv"
    file.write_text(FLOWS + "2018,999,842,870323,1,1\n2018,842,999,870323,1,1\n")
    imported = baci(folder)
    assert "C999" in imported.economy.countries
    assert any("whose number is kept: 999" in line for line in imported.mended)


def test_unspecified_partners_are_one_place(folder: Path) -> None:
    file = folder / "BACI_HS17_Y2018_V202401b.csv"
    file.write_text(FLOWS + "2018,697,842,870323,1,1\n2018,842,697,870323,1,1\n")
    assert "NES" in baci(folder).economy.countries


def test_flows_inside_a_country_are_not_own_sales(folder: Path) -> None:
    """699 (India, excluding Sikkim) and 356 (India) are one country."""
    (folder / "country_codes_V202401b.csv").write_text(COUNTRIES + "356,India,IN,IND\n")
    file = folder / "BACI_HS17_Y2018_V202401b.csv"
    file.write_text(FLOWS + "2018,699,356,870323,9000,1\n2018,356,842,870323,1000,1\n")
    imported = baci(folder)
    assert any("with itself, or between its codes: 9 million" in line for line in imported.refused)
    assert any("Codes of one country were added up: 356 = IND, 699 = IND" in line for line in imported.mended)
    with pytest.raises(ep.errors.InputError, match="have no own sales"):
        baci(folder, own_sales=None)


def edit(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (lambda t: t + "2018,392,842,870323,1,1\n", {}, "flow is repeated.*from 392 to 842, product 870323"),
        (lambda t: t + "2018,392,842,20110,1,1\n2018,392,842,020110,1,1\n", {}, "is repeated.*product 020110"),
        (edit("50000", "-5"), {}, "missing, negative or not numeric: from 392 to 842"),
        (edit("2018,392,842,870323", "2018,392,842,"), {}, "the product is empty in a row"),
        (edit("2018,392,842", "2018,392,"), {}, "the importer is empty in a row"),
        (edit("t,i,j,k,v,q", "t,i,j,k,v,v"), {}, "the column 'v' is repeated"),
        (edit("50000", ""), {}, "missing, negative or not numeric: from 392 to 842"),
        (edit("50000", "many"), {}, "missing, negative or not numeric: from"),
        (edit("t,i,j,k,v,q", "t;i;j;k;v;q"), {}, "line 1: no column 't'"),
        (edit("t,i,j,k", "year,i,j,k"), {}, "line 1: no column 't'"),
        (edit("2018,490,842,851712,700,1", "2018,490"), {}, "cannot be read as CSV"),
        (str, {"sectors": pd.DataFrame({"product": ["77"], "sector": ["a"]})}, "is left: .* products without a sector"),
        (
            str,
            {"own_sales": pd.DataFrame({"country": ["USA"], "sector": ["ALL"], "output": [None]}, dtype=object)},
            "row 1: output is empty, but must be a number",
        ),
        (str, {"year": 2005}, "no rows of 2005; years found: 2018"),
        (lambda t: t + t.split("\n", 1)[1].replace("2018", "2019"), {}, "years found: 2018, 2019; choose one"),
        (str, {"own_sales": None}, "no own sales .* a number between 0 and 1"),
        (str, {"theta": None}, "theta: these data have no trade elasticities"),
        (str, {"sectors": "no.csv"}, "no such concordance file"),
        (str, {"sectors": pd.DataFrame({"product": ["8x"], "sector": ["a"]})}, "row 1: '8x' is not an HS code"),
        (
            str,
            {"sectors": pd.DataFrame({"product": ["87", "87"], "sector": ["a", "b"]})},
            "row 2: the product 87 is in the sectors a and b",
        ),
        (str, {"sectors": pd.DataFrame({"product": ["87"], "sector": [None]})}, "row 1: product or sector is empty"),
        (str, {"sectors": pd.DataFrame({"code": ["87"]})}, "no column 'product'"),
    ],
)
def test_invalid_baci_flows_are_refused(
    folder: Path, spoil: Callable[[str], str], options: dict[str, object], message: str
) -> None:
    file = folder / "BACI_HS17_Y2018_V202401b.csv"
    file.write_text(spoil(FLOWS))
    with pytest.raises(ep.errors.InputError, match=message):
        baci(file, **options)


def test_a_damaged_zip_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match="no file named like"):
        baci(tmp_path)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("BACI_HS17_Y2018_V202401b.csv", FLOWS * 50, zipfile.ZIP_DEFLATED)
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[:60] + b"\0" * 20 + whole[80:])
    with pytest.raises(ep.errors.InputError, match="is not a complete zip archive"):
        baci(tmp_path / "x.zip")


def write_large(path: Path, rows: int, countries: int = 226, products: int = 5000) -> None:
    """A file of BACI's shape, in its order (exporter, importer, product)."""
    rng = np.random.default_rng(0)
    product = np.sort(rng.choice([k for k in range(10101, 980000) if k // 10000 != 77], products, replace=False))
    flat = (np.arange(rows) * (countries * (countries - 1) * products / rows)).astype(np.int64)
    pair, k = flat // products, product[flat % products]
    exporter, importer = pair // (countries - 1), pair % (countries - 1)
    importer = importer + (importer >= exporter)
    value = rng.lognormal(3, 2, rows).round(3)
    frame = pd.DataFrame({"t": 2018, "i": 4 * exporter + 4, "j": 4 * importer + 4, "k": k, "v": value, "q": value / 3})
    frame.to_csv(path, index=False, float_format="%.3f")


@pytest.mark.slow
def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "BACI_HS17_Y2018_V202401b.csv"
    write_large(file, 7_000_000)
    assert file.stat().st_size > 200e6
    code = (
        "import re, sys; from pathlib import Path; from entrepot.data.sources import baci\n"
        "from entrepot.data.progress import silent\n"
        "from entrepot.data.sources.catalogue import ImportRequest\n"
        "request = ImportRequest(source='baci', theta=4.0, own_sales=0.7, sectors='sections')\n"
        "economy = baci.read(Path(sys.argv[1]), request, silent).economy\n"
        # Twelve of the 226 numbers are codes of former countries, which are added up to four.
        "assert economy.value.shape == (21, 218, 218)\n"
        # Not ru_maxrss, which a child takes over from the process that starts it.
        "print(int(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1]) / 1024)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1536
