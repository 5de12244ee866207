"""Readers of the multi-regional databases, each on a small file that the test writes in the publisher's layout."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from test_mrio import system

import entrepot as ep

pymrio = pytest.importorskip("pymrio")


def tables(countries: list[str], sectors: list[str], categories: list[str], seed: int = 5) -> tuple[pd.DataFrame, ...]:
    """Z and Y with those labels."""
    io = system(len(countries), len(sectors), seed)
    rows = pd.MultiIndex.from_product([countries, sectors], names=["region", "sector"])
    columns = pd.MultiIndex.from_product([countries, categories], names=["region", "category"])
    share = np.full(len(categories), 1 / len(categories))
    by_country = io.Y.T.groupby(level=0).sum().T.to_numpy()
    z = pd.DataFrame(io.Z.to_numpy(), rows, rows)
    return z, pd.DataFrame(np.kron(by_country, share), rows, columns)


def same(economy: ep.Economy, z: pd.DataFrame, y: pd.DataFrame, scale: float = 1.0) -> None:
    """The accounts are those of the tables, whose regions and sectors are in the same order."""
    shape = (len(economy.countries), len(economy.sectors))
    output = (z.sum(axis=1) + y.sum(axis=1)).to_numpy().reshape(shape)
    np.testing.assert_allclose(economy.output.T, scale * output, rtol=1e-6)
    inputs = (economy.inputs * economy.output.T[:, None, :]).sum(axis=1)
    np.testing.assert_allclose(inputs, scale * z.sum().to_numpy().reshape(shape), rtol=1e-6)
    np.testing.assert_allclose(economy.income, scale * y.T.groupby(level=0, sort=False).sum().T.sum(), rtol=1e-6)
    assert np.abs(ep.solve(economy).countries["real_income_pct"]).max() < 1e-7


# ---- ICIO ----


def icio(path: Path, countries: list[str], sectors: list[str]) -> tuple[pd.DataFrame, ...]:
    """V1, REGION_INDUSTRY ..., REGION_HFCE ..., OUT; rows TLS, VA and OUT below."""
    z, y = tables(countries, sectors, ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR"])
    write_icio(path, z, y)
    return z, y


def write_icio(path: Path, z: pd.DataFrame, y: pd.DataFrame) -> None:
    table = pd.concat([z, y], axis=1)
    output = table.sum(axis=1).to_numpy()
    table.index = [f"{c}_{s}" for c, s in table.index]
    table.columns = [f"{c}_{s}" for c, s in table.columns]
    inside = table.columns[: len(output)]
    table.loc["TLS"] = 0.02 * table.sum()
    table.loc["VA"] = 0.0
    table.loc["VA", inside] = output - z.sum().to_numpy() - table.loc["TLS", inside]
    table.loc["OUT"] = table.sum()
    table["OUT"] = [*output, 0.0, 0.0, 0.0]
    table.rename_axis("V1").to_csv(path)


@pytest.mark.parametrize("source", ["icio2023", "icio2025"])
def test_icio(tmp_path: Path, source: str) -> None:
    z, y = icio(tmp_path / "2018_SML.csv", ["AUS", "JPN", "ROW"], ["A01_02", "B05_06", "C29"])
    imported = ep.import_economy(source, tmp_path / "2018_SML.csv", theta=4.0)
    assert imported.economy.year == 2018
    assert imported.economy.sectors == ("A01_02", "B05_06", "C29")
    same(imported.economy, z, y)
    assert imported.economy.provenance["source"] == source
    assert "OECD" in imported.economy.source


def test_icio_counts_empty_cells(tmp_path: Path) -> None:
    file = tmp_path / "2018_SML.csv"
    icio(file, ["AUS", "JPN", "ROW"], ["A01_02", "C29"])
    table = pd.read_csv(file, index_col=0)
    table.iloc[0, :3] = np.nan
    table.to_csv(file)
    imported = ep.import_economy("icio2023", file, theta=4.0)
    assert "3 empty cells of the file taken as zero." in imported.mended


def test_icio_bundles_and_folders(tmp_path: Path) -> None:
    z, y = icio(tmp_path / "2018_SML.csv", ["AUS", "JPN", "ROW"], ["A01_02", "C29"])
    bundle = tmp_path / "zips" / "2016-2020_SML.zip"
    bundle.parent.mkdir()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.write(tmp_path / "2018_SML.csv", "2018_SML.csv")
        archive.writestr("2019_SML.csv", "not read")
    for place in (bundle, bundle.parent):
        same(ep.import_economy("icio2023", place, year=2018, theta=4.0).economy, z, y)
    with pytest.raises(ep.errors.DocumentError, match="no data of 2017; there are 2018, 2019"):
        ep.import_economy("icio2023", bundle, year=2017, theta=4.0)
    with pytest.raises(ep.errors.DocumentError, match="2 files fit"):
        ep.import_economy("icio2023", bundle, theta=4.0)


def test_icio_merges_parts_of_china_and_mexico(tmp_path: Path) -> None:
    """In the extended tables China sells as CHN, is made of CN1 and CN2, and buys as CHN."""
    z, y = tables(["JPN", "CHN", "CN1", "CN2"], ["A01_02", "C29"], ["HFCE"])
    z.loc["CHN"] = 0.0
    z.loc[:, "CHN"] = 0.0
    y.loc["CHN"] = 0.0
    y = y[["JPN", "CHN"]]
    write_icio(tmp_path / "ICIO2023_2018.csv", z, y)
    economy = ep.import_economy("icio2023", tmp_path / "ICIO2023_2018.csv", theta=4.0).economy
    assert set(economy.countries) == {"JPN", "CHN"}
    sold = economy.output[:, economy.countries.index("CHN")].sum()
    parts = z.loc[["CN1", "CN2"]].to_numpy().sum() + y.loc[["CN1", "CN2"]].to_numpy().sum()
    assert sold == pytest.approx(parts)
    file = tmp_path / "ICIO2023_2018.csv"
    file.write_text("".join(line for line in file.open() if not line.startswith(("TLS", "VA"))))
    with pytest.raises(ep.errors.DocumentError, match="no rows TLS and VA"):
        ep.import_economy("icio2023", file, theta=4.0)


def test_icio_merges_parts_that_have_no_whole(tmp_path: Path) -> None:
    z, y = tables(["JPN", "CN1", "CN2", "MX1", "MX2"], ["A01_02", "C29"], ["HFCE"])
    y = y[["JPN", "CN1", "MX1"]].rename(columns={"CN1": "CHN", "MX1": "MEX"}, level=0)
    write_icio(tmp_path / "2018.csv", z, y)
    economy = ep.import_economy("icio2023", tmp_path / "2018.csv", theta=4.0).economy
    china = economy.countries.index("CHN")
    parts = z.loc[["CN1", "CN2"]].to_numpy().sum() + y.loc[["CN1", "CN2"]].to_numpy().sum()
    assert economy.output[:, china].sum() == pytest.approx(parts)
    inputs = (economy.inputs[china] * economy.output[:, china]).sum()
    assert inputs == pytest.approx(z[["CN1", "CN2"]].to_numpy().sum())


# ---- WIOD ----


def test_wiod_2016(tmp_path: Path) -> None:
    """Title rows; NACE code, description, country, number (r1, c1) in columns 1 to 4, rows 3 to 6; totals below."""
    sectors = {"A01": 1, "C20": 20, "U": 56}
    z, y = tables(["AUS", "JPN", "ROW"], list(sectors), ["CONS_h", "INVEN"])
    numbers = [*sectors.values()] * 3
    finals = [57, 61] * 3
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Intercountry Input-Output Table"])
    sheet.append(["(industry-by-industry), current prices, millions of US dollars"])
    columns = [*zip(*z.columns, strict=True)], [*zip(*y.columns, strict=True)]
    blank = [None] * 4
    sheet.append([*blank, *columns[0][1], *columns[1][1], "GO"])
    sheet.append([*blank, *columns[0][1], *columns[1][1], "Total output"])
    sheet.append([*blank, *columns[0][0], *columns[1][0], "TOT"])
    sheet.append([*blank, *(f"c{k}" for k in (*numbers, *finals)), "c62"])
    for (country, code), number in zip(z.index, numbers, strict=True):
        cells = [*z.loc[(country, code)], *y.loc[(country, code)]]
        sheet.append([code, "a description", country, f"r{number}", *map(float, cells), float(sum(cells))])
    for row, number in (("II_fob", 65), ("VA", 70), ("GO", 73)):
        sheet.append([row, "a total", "TOT", f"r{number}", *[1.0] * (z.shape[1] + y.shape[1] + 1)])
    file = tmp_path / "WIOT2014_Nov16_ROW.xlsx"
    book.save(file)
    imported = ep.import_economy("wiod2016", file, theta=4.0)
    assert imported.economy.year == 2014
    assert imported.economy.sectors == tuple(sectors)
    same(imported.economy, z, y)
    with pytest.raises(ep.errors.DocumentError, match="are of 2014, not of 2013"):
        ep.import_economy("wiod2016", file, year=2013, theta=4.0)
    book.create_sheet("Notes")
    book.save(file)
    with pytest.raises(ep.errors.DocumentError, match="no sheet 2014; the sheets are Sheet, Notes"):
        ep.import_economy("wiod2016", file, theta=4.0)
    sheet.title = "2014"
    book.save(file)
    same(ep.import_economy("wiod2016", file, theta=4.0).economy, z, y)
    book.save(tmp_path / "extract.xlsx")  # no year in the name: that of the one sheet named for a year
    undated = ep.import_economy("wiod2016", tmp_path / "extract.xlsx", theta=4.0).economy
    assert undated.year == 2014
    same(undated, z, y)


def wiod2013(path: Path) -> tuple[pd.DataFrame, ...]:
    """Meta in the first cells, headers in rows 3 to 6, c1 to c35 industries, c37 to c42 final demand, r-rows below."""
    codes = [f"c{k}" for k in range(1, 36)]
    finals = ["c37", "c38", "c39", "c41", "c42"]
    isic = [f"I{k:02d}" for k in range(1, 36)]
    z, y = tables(["AUS", "USA", "RoW"], isic, finals)
    book = openpyxl.Workbook()
    sheet = book.active
    countries = ["AUS", "USA", "RoW"]
    labels = [
        [*isic * 3, *finals * 3, None],
        [*(f"sector {s}" for s in isic * 3), *(f"final {f}" for f in finals * 3), "Total output"],
        [*(c for c in countries for _ in isic), *(c for c in countries for _ in finals), "TOT"],
        [*codes * 3, *finals * 3, "c60"],
    ]
    width = len(labels[0])
    sheet.append(["Intercountry Input-Output Table for 2008", *[None] * (3 + width)])
    sheet.append([None] * (4 + width))
    for first, row in zip(["(industry-by-industry)", "(Millions of US$)", None, None], labels, strict=True):
        sheet.append([first, None, None, None, *row])
    for k, (country, code) in enumerate(z.index):
        cells = [*z.iloc[k], *y.iloc[k]]
        sheet.append([code, f"sector {code}", country, codes[k % 35], *map(float, cells), float(sum(cells))])
    output = (z.sum(axis=1) + y.sum(axis=1)).to_numpy()
    below = {"r60": z.sum().to_numpy(), "r64": output - z.sum().to_numpy(), "r69": output}
    for number, row in below.items():
        sheet.append([None, f"row {number}", "TOT", number, *map(float, row), *[0.0] * (y.shape[1] + 1)])
    book.save(path)
    return z, y


@pytest.mark.slow
def test_wiod_2013(tmp_path: Path) -> None:
    z, y = wiod2013(tmp_path / "wiot08_row_sep12.xlsx")
    imported = ep.import_economy("wiod2013", tmp_path, year=2008, theta=4.0)
    assert len(imported.economy.sectors) == 35
    assert imported.economy.countries == ("AUS", "USA", "ROW")
    with pytest.raises(ep.errors.DocumentError, match="0 files such as wiot09"):
        ep.import_economy("wiod2013", tmp_path, year=2009, theta=4.0)
    same(imported.economy, z, y)


# ---- EORA ----


def eora(folder: Path, year: int) -> tuple[pd.DataFrame, ...]:
    """T, FD, VA and Q without headers, tab-separated, thousands of dollars; labels in files of four columns."""
    z, y = tables(["AUS", "JPN"], ["Agriculture", "Transport Equipment"], ["Household consumption P.3h"])

    def write(name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(folder / name, sep="\t", header=False, index=False)

    write(f"Eora26_{year}_bp_T.txt", z)
    write(f"Eora26_{year}_bp_FD.txt", y)
    write(f"Eora26_{year}_bp_VA.txt", pd.DataFrame([(z.sum(axis=1) + y.sum(axis=1)).to_numpy() - z.sum().to_numpy()]))
    write(f"Eora26_{year}_bp_Q.txt", pd.DataFrame([np.ones(z.shape[1])]))
    write(f"Eora26_{year}_bp_QY.txt", pd.DataFrame([np.ones(y.shape[1])]))
    full = {"AUS": "Australia", "JPN": "Japan"}
    write("labels_T.txt", pd.DataFrame([(full[c], c, "Industries", s) for c, s in z.index]))
    write("labels_FD.txt", pd.DataFrame([(full[c], c, "Final Demand", s) for c, s in y.columns]))
    write("labels_Q.txt", pd.DataFrame([("Energy Usage (TJ)", "Natural Gas")]))
    write("labels_VA.txt", pd.DataFrame([("Primary Inputs", "Compensation of employees D.1")]))
    return z, y


def test_eora(tmp_path: Path) -> None:
    z, y = eora(tmp_path, 2015)
    imported = ep.import_economy("eora26", tmp_path, year=2015, theta=4.0)
    assert imported.economy.sectors == ("Agriculture", "Transport Equipment")
    same(imported.economy, z, y, scale=1e-3)


def test_eora_in_an_archive_with_labels_beside_it(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    z, y = eora(files, 2015)
    place = tmp_path / "eora"
    place.mkdir()
    archive, labels = place / "Eora26_2015_bp.zip", place / "indices.zip"
    for target, kind in ((archive, "Eora26"), (labels, "labels")):
        with zipfile.ZipFile(target, "w") as bundle:
            for file in files.glob(f"{kind}*"):
                bundle.write(file, file.name)
    same(ep.import_economy("eora26", archive, theta=4.0).economy, z, y, scale=1e-3)


# ---- EXIOBASE ----


def test_exiobase(tmp_path: Path) -> None:
    """Releases are saved by pymrio: coefficients A, final demand Y and units; regions are alpha-2 codes."""
    z, y = tables(["AT", "US", "WF"], ["Paddy rice", "Motor vehicles"], ["Final consumption", "Changes in inventories"])
    io = pymrio.IOSystem(Z=z, Y=y, unit=pd.DataFrame({"unit": "M.EUR"}, index=z.index))
    io.calc_all()
    folder = tmp_path / "IOT_2019_ixi"
    io.save_all(folder)
    imported = ep.import_economy("exiobase3", folder, theta=4.0, usd_per_unit=1.12)
    assert imported.economy.countries == ("AUT", "USA", "WF")
    assert imported.economy.year == 2019
    assert "Money is in millions of US dollars, from M.EUR at 1.12." in imported.economy.notes
    same(imported.economy, z, y, scale=1.12)
    with pytest.raises(ep.errors.InputError, match=r"the table is in 'M\.EUR', and results are in US dollars"):
        ep.import_economy("exiobase3", folder, theta=4.0)
    with pytest.raises(ep.errors.DocumentError, match="are of 2019, not of 2018"):
        ep.import_economy("exiobase3", folder, year=2018, theta=4.0)


# ---- FIGARO ----


def figaro(path: Path) -> tuple[pd.DataFrame, ...]:
    z, y = tables(["AT", "EL", "FIGW1"], ["A01", "C29"], ["P3_S13", "P3_S14", "P51G", "P5M"])
    table = pd.concat([z, y], axis=1)
    table.index = [f"{c}_{s}" for c, s in table.index]
    table.columns = [f"{c}_{s}" for c, s in table.columns]
    for row in ("W2_D21X31", "W2_D1", "W2_B2A3G"):
        table.loc[row] = 1.0
    table.rename_axis("rowLabels").to_csv(path)
    return z, y


def test_figaro(tmp_path: Path) -> None:
    file = tmp_path / "matrix_eu-ic-io_ind-by-ind_25ed_2021.csv"
    z, y = figaro(file)
    imported = ep.import_economy("figaro", file, theta=4.0, usd_per_unit=1.0)
    assert imported.economy.countries == ("AUT", "GRC", "ROW")
    assert imported.economy.year == 2021
    same(imported.economy, z, y)


def test_figaro_flat_files(tmp_path: Path) -> None:
    whole = tmp_path / "matrix_eu-ic-io_ind-by-ind_25ed_2021.csv"
    z, y = figaro(whole)
    table = pd.read_csv(whole, index_col=0)
    flat = table.stack().rename_axis(["icioiRow", "icioiCol"]).rename("obsValue").reset_index()
    file = tmp_path / "flatfile_eu-ic-io_ind-by-ind_25ed_2021.csv"
    flat.to_csv(file, index=False)
    same(ep.import_economy("figaro", file, theta=4.0, usd_per_unit=1.0).economy, z, y)
    pd.concat([flat, flat.iloc[:1]]).to_csv(file, index=False)
    with pytest.raises(ep.errors.DocumentError, match="duplicate entries"):
        ep.import_economy("figaro", file, theta=4.0)


# ---- bad files ----


def truncated(tmp_path: Path) -> Path:
    icio(tmp_path / "2018_SML.csv", ["AUS", "JPN"], ["A01_02"])
    whole = tmp_path / "ICIO_2018.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "2018_SML.csv", "2018_SML.csv")
    whole.write_bytes(whole.read_bytes()[:-40])
    return whole


def locked(tmp_path: Path) -> Path:
    """A zip whose members need a password, by the first bit of the flags of both of their headers."""
    file = tmp_path / "2018_SML.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("2018_SML.csv", "V1,AUS\n")
    packed = bytearray(file.read_bytes())
    for begin, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(begin) + flags] |= 1
    file.write_bytes(packed)
    return file


def semicolons(tmp_path: Path) -> Path:
    file = tmp_path / "2018_SML.csv"
    icio(file, ["AUS", "JPN"], ["A01_02"])
    file.write_text(file.read_text().replace(",", ";"))
    return file


def cut_short(tmp_path: Path) -> Path:
    file = tmp_path / "2018_SML.csv"
    icio(file, ["AUS", "JPN"], ["A01_02", "C29"])
    file.write_text("\n".join(file.read_text().splitlines()[:3]) + "\n")
    return file


def empty(tmp_path: Path) -> Path:
    file = tmp_path / "2018_SML.csv"
    file.touch()
    return file


def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize(
    ("source", "make", "message"),
    [
        ("icio2023", truncated, "not a complete zip archive"),
        ("icio2023", locked, "cannot be unpacked: .*password"),
        ("icio2023", semicolons, "looks separated by ';'"),
        ("icio2023", cut_short, "does not have the layout of an ICIO table"),
        ("icio2023", empty, "is empty"),
        ("icio2023", folder, "there is no data file in it"),
        ("figaro", semicolons, "looks separated by ';'"),
        ("wiod2016", empty, "a file ending in .xlsb or .xlsx is needed"),
        ("wiod2013", folder, "the year is needed"),
        ("eora26", folder, "the year is needed"),
        ("exiobase3", folder, "does not have the layout of EXIOBASE 3"),
    ],
)
def test_bad_files(tmp_path: Path, source: str, make: Callable[[Path], Path], message: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=message):
        ep.import_economy(source, make(tmp_path), theta=4.0)


def test_unknown_sources_missing_files_and_years_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.UnknownNameError, match="did you mean icio"):
        ep.import_economy("icio2022", tmp_path, theta=4.0)
    with pytest.raises(ep.errors.DocumentError, match="no such file"):
        ep.import_economy("icio2023", tmp_path / "nothing.csv", theta=4.0)
    with pytest.raises(ep.errors.InputError, match="a year such as 2018"):
        ep.import_economy("icio2023", tmp_path, year=18, theta=4.0)
