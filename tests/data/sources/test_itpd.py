"""ITPD-E and ITPD-S: trade with itself is domestic trade, and what lacks it is counted by industry."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.progress import silent
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.sources.itpd import read

pytest.importorskip("pyarrow")

HEADER = (
    "exporter_iso3,exporter_dynamic_code,exporter_name,importer_iso3,importer_dynamic_code,importer_name,year,"
    "industry_id,industry_descr,broad_sector,trade,flag_mirror,flag_zero\n"
)
INDUSTRIES = {1: ("Wheat", "Agriculture"), 28: ("Mining, n.e.c.", "Mining and Energy"), 100: ("Cars", "Manufacturing")}
COUNTRIES = {"AUS": "Australia", "KOR": "Korea, South", "USA": "United States"}


def rows(year: int = 2016) -> str:
    """Exporter e sells importer n 10 e + n of the first industry, ten times that of the second, and so on."""
    lines = []
    for k, (industry, (title, broad)) in enumerate(INDUSTRIES.items()):
        for e, (exporter, exporter_name) in enumerate(COUNTRIES.items()):
            for n, (importer, importer_name) in enumerate(COUNTRIES.items()):
                if (exporter, importer, industry) != ("KOR", "KOR", 28):
                    lines.append(
                        f'{exporter},{exporter}.X,"{exporter_name}",{importer},{importer}.X,"{importer_name}",{year},'
                        f'{industry},"{title}",{broad},{(11 + 10 * e + n) * 10**k},0,p'
                    )
    return "\n".join(lines) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "ITPD_E_R02.csv").write_text(HEADER + rows())
    return tmp_path / "ITPD_E_R02.csv"


def itpd(path: Path, **options: object) -> Imported:
    return read(path, ImportRequest(**({"source": "itpd-e", "theta": 4.0} | options)), silent)  # type: ignore[arg-type]


def test_industries(file: Path) -> None:
    imported = itpd(file, sectors="industries")
    economy = imported.economy
    assert (economy.countries, economy.sectors, economy.year) == (("AUS", "KOR", "USA"), ("1", "28", "100"), 2016)
    np.testing.assert_allclose(economy.value[0], [[11, 21, 31], [12, 22, 32], [13, 23, 33]])  # [importer, exporter]
    assert economy.value[1, 1, 1] == 0
    assert any(
        "1 of 9 country-industries trade but have no domestic trade" in x and "industry 28 of KOR" in x
        for x in imported.mended
    )


def test_one_sector_and_broad_sectors(file: Path) -> None:
    one, broad = itpd(file).economy, itpd(file, sectors="broad").economy
    fine = itpd(file, sectors="industries").economy
    np.testing.assert_allclose(one.value[0], fine.value.sum(axis=0))
    assert broad.sectors == ("Agriculture", "Manufacturing", "Mining and Energy")
    np.testing.assert_allclose(broad.value, fine.value[[0, 2, 1]])
    assert any("1 of 9 country-industries" in x for x in itpd(file).mended)  # seen although the sector has own sales


def test_concordance_reports_what_it_leaves_out(file: Path) -> None:
    table = pd.DataFrame({"industry_id": [1, 100], "sector": ["food", "cars"]})
    imported = itpd(file, sectors=table)
    assert imported.economy.sectors == ("cars", "food")
    assert any("1 product without a sector (28): 8 rows" in line for line in imported.refused)


def test_own_sales_replace_domestic_trade(file: Path) -> None:
    imported = itpd(file, own_sales=0.5)
    assert any("Own sales of the data (3 rows) were replaced" in line for line in imported.mended)
    value = imported.economy.value[0]
    np.testing.assert_allclose(value.diagonal(), value.sum(axis=1) - value.diagonal())


def test_names_in_another_encoding_do_not_matter(file: Path) -> None:
    expected = itpd(file).economy.fingerprint
    file.write_bytes(file.read_text().replace("Korea, South", "Corée, sud").encode("latin-1"))
    assert itpd(file).economy.fingerprint == expected


def test_one_year_of_many(file: Path) -> None:
    file.write_text(HEADER + rows(2015).replace("AUS", "NZL") + rows(2016))
    assert itpd(file, year=2016).economy.countries == ("AUS", "KOR", "USA")
    with pytest.raises(ep.errors.InputError, match="years found: 2015, 2016; choose one"):
        itpd(file)
    with pytest.raises(ep.errors.InputError, match="no rows of 1999; years found: 2015, 2016"):
        itpd(file, year=1999)


def test_release_1_itpd_s_and_zips(file: Path, tmp_path: Path) -> None:
    """Other releases have other columns beside; the zip gives the same Economy."""
    wide = pd.read_csv(file, dtype=str, keep_default_na=False)
    wide.drop(columns=["exporter_dynamic_code", "importer_dynamic_code"]).to_csv(tmp_path / "ITPD_E_R01.csv")
    wide.assign(flag_itpds="1").to_csv(tmp_path / "ITPD_S.csv", index=False)
    with zipfile.ZipFile(tmp_path / "ITPD_E_R02.zip", "w") as archive:
        archive.write(file, "ITPD_E_R02.csv")
    expected = itpd(file).economy.fingerprint
    for name in ("ITPD_E_R01.csv", "ITPD_S.csv", "ITPD_E_R02.zip"):
        assert itpd(tmp_path / name).economy.fingerprint == expected
    with pytest.raises(ep.errors.InputError, match="one CSV file is needed; found 3"):
        itpd(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t + t.splitlines()[1] + "\n", "is repeated in the same year: from AUS to AUS, product 1"),
        (lambda t: t.replace(",11,0,p", ",,0,u"), "missing, negative or not numeric: from AUS to AUS, product 1"),
        (lambda t: t.replace(",11,0,p", ",-11,0,p"), "missing, negative or not numeric"),
        (lambda t: t.replace("industry_id", "industry"), "no column 'industry_id'"),
        (lambda t: t.replace(",0,p", ",p"), "cannot be read as CSV"),
        (lambda t: t.splitlines()[0] + "\n", "years found: none"),
        (lambda t: "", "no column 'year'"),
    ],
)
def test_invalid_itpd_files_are_refused(file: Path, spoil: Callable[[str], str], message: str) -> None:
    file.write_text(spoil(file.read_text()))
    with pytest.raises(ep.errors.InputError, match=message):
        itpd(file)


def test_the_edition_without_names_has_no_broad_sectors(file: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(file).drop(columns=["exporter_name", "importer_name", "industry_descr", "broad_sector"])
    frame.to_csv(tmp_path / "ITPD_E_R02_no_names.csv", index=False)
    named, bare = (itpd(place, sectors="industries").economy for place in (file, tmp_path / "ITPD_E_R02_no_names.csv"))
    np.testing.assert_array_equal(named.value, bare.value)
    with pytest.raises(ep.errors.InputError, match="no column broad_sector"):
        itpd(tmp_path / "ITPD_E_R02_no_names.csv", sectors="broad")
