"""Genuine public files, read by the documented commands, against a count of their cells by other means.

The files are not in this repository: data/real_files beside the checkout (see `conftest.shared`), with a README that
says where each is from. What counts them here knows nothing of the program: csv, openpyxl, and the records of an
.xlsb, one by one.
"""

from __future__ import annotations

import csv
import json
import re
import struct
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.elasticities import read_elasticities
from entrepot.economy.geography import find_place
from shelves import slow_after
from test_cli import call

pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture(scope="module")
def files() -> Path:
    return shared("real_files")


def rows_of(file: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def exposed(trade: Path, schedule: Path, *options: str) -> dict[str, Any]:
    """What `entrepot exposure` answers, as JSON."""
    requested = ["exposure", "--trade", str(trade), "--schedule", str(schedule), "--stacking", "plain"]
    code, out, err = call(*requested, "--on", "2025-06-01", *options, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def imports_by_partner(found: dict[str, Any]) -> dict[str, float]:
    return {row["partner"]: row["imports"] for row in found["by_partner"]}


@pytest.fixture
def ten_percent(tmp_path: Path) -> Path:
    (tmp_path / "ten.csv").write_text("product,rate\nALL,10%\n")
    return tmp_path / "ten.csv"


def one_each(file: Path, partners: list[str], products: list[str]) -> Path:
    """A million dollars of each product from each partner into the United States."""
    frame = pd.DataFrame([("USA", partner, product, 1e6) for partner in partners for product in products])
    frame.to_csv(file, index=False, header=["importer", "partner", "product", "value"])
    return file


# ---- what each is ----


@pytest.mark.parametrize(
    ("file", "title", "command"),
    [
        ("usitc_hts_2025.csv", "USITC, Harmonized Tariff Schedule", "entrepot exposure --schedule"),
        ("WIOT_Nov16_ROW_extract.xlsb", "World Input-Output Database, 2016", "entrepot economy import wiod2016"),
        ("wits_ave_usa_2023.csv", "WITS, bulk file of ad valorem equivalents", "entrepot exposure --schedule"),
        ("comtrade_tha_8542_head.csv", "UN Comtrade, new layout", "entrepot exposure --trade"),
        ("ProTEE_0_1.csv", "ProTEE", "--theta"),
        ("WITS-Partner.xlsx", "WITS, workbook by partner (trade)", "entrepot exposure --trade"),
        ("WITS-Partner.xlsx", "WITS, workbook by partner (average duties)", "entrepot exposure --schedule"),
        ("usatrade_2024_head.csv", "USA Trade Online", "entrepot exposure --trade"),
    ],
)
def test_file_is_identified_with_its_command(files: Path, file: str, title: str, command: str) -> None:
    code, out, err = call("economy", "import", "--what", str(files / file))
    assert code == 0, err
    assert title in out
    assert command in out


def test_every_real_file_has_a_test(files: Path) -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [f.name for f in files.iterdir() if f.suffix != ".md" and f'"{f.name}"' not in text] == []


# ---- the tariff schedule of the United States ----


def ordinary(cell: str) -> float | None:
    """The ad valorem part of a rate as the schedule prints it; None where no part is of the whole value."""
    if cell == "Free":
        return 0.0
    terms = [term.strip() for term in cell.split("+")]
    shares = [term for term in terms if "%" in term]
    alone = len(shares) == 1 and re.fullmatch(r"[\d.]+%", shares[0])
    return float(shares[0].rstrip("%")) / 100 if alone else None


def preference(cell: str, symbols: set[str]) -> float | None:
    """The rate of the special column's programmes: "Free (AU,KR) 3.4% (JP)"."""
    for offered, named in re.findall(r"([^()]*)\(([^()]*)\)", cell):
        if symbols & set(re.split(r"[ ,]+", named)):
            return ordinary(offered.strip())
    return None


@pytest.mark.slow
def test_the_tariff_schedule_of_the_united_states(files: Path, tmp_path: Path) -> None:
    """Every line of eight digits (ten where it has no statistical lines): free, ad valorem, compound, specific."""
    stated = {
        row["HTS Number"].replace(".", ""): (row["General Rate of Duty"].strip(), row["Special Rate of Duty"].strip())
        for row in rows_of(files / "usitc_hts_2025.csv")
        if row["HTS Number"][:2] not in ("98", "99") and row["General Rate of Duty"].strip()
    }
    partners = {"BRA": set[str](), "CAN": {"S", "S+", "CA"}, "KOR": {"KR"}}
    expected: dict[tuple[str, str], float | None] = {}
    for code, (general, special) in stated.items():
        mfn = ordinary(general)
        for partner, symbols in partners.items():
            offered = [rate for rate in (mfn, preference(special, symbols)) if rate is not None]
            expected[partner, code] = min(offered, default=None)
    trade = one_each(tmp_path / "trade.csv", list(partners), list(stated))
    lines = tmp_path / "lines.parquet"
    found = exposed(trade, files / "usitc_hts_2025.csv", "--lines", str(lines))
    read = pd.read_parquet(lines).set_index(["partner", "product"])["applied"]
    assert len(read) == len(expected) == 3 * len(stated)
    given = {key: None if np.isnan(rate) else rate for key, rate in read.items()}
    assert {key: rate for key, rate in given.items() if rate is None} == dict.fromkeys(
        [key for key, rate in expected.items() if rate is None]
    )
    assert {k: r for k, r in given.items() if r is not None} == pytest.approx(
        {k: r for k, r in expected.items() if r is not None}
    )
    assert f"{len(stated):,} lines state an ordinary rate" in " ".join(found["notes"])
    kinds = Counter(
        "free" if g == "Free" else "ad valorem" if re.fullmatch(r"[\d.]+%", g) else "compound" if "%" in g else "other"
        for g, _ in stated.values()
    )
    assert sum(kinds.values()) == 11_413
    brazil = read["BRA"]
    assert (brazil == 0).sum() == kinds["free"]
    assert (brazil > 0).sum() == sum(ordinary(g) not in (None, 0.0) for g, _ in stated.values())
    assert kinds["ad valorem"] < (brazil > 0).sum() <= kinds["ad valorem"] + kinds["compound"]
    assert brazil["8703230190" if "8703230190" in brazil else "87032301"] == pytest.approx(0.025)


# ---- rates of WITS ----


def test_ad_valorem_equivalents_of_wits(files: Path, tmp_path: Path) -> None:
    rates = {
        row["ProductCode"]: float(row["AdValorem Equivalent"]) / 100 for row in rows_of(files / "wits_ave_usa_2023.csv")
    }
    trade = one_each(tmp_path / "trade.csv", ["BRA"], list(rates))
    found = exposed(trade, files / "wits_ave_usa_2023.csv")
    assert found["totals"]["lines"] == len(rates) == 1080
    assert found["totals"]["applied_simple"] == pytest.approx(np.mean(list(rates.values())), rel=1e-12)
    assert found["totals"]["imports"] == pytest.approx(len(rates))


def sheet_of(file: Path, sheet: str) -> list[dict[str, Any]]:
    cells = list(openpyxl.load_workbook(file, read_only=True, data_only=True)[sheet].values)
    return [dict(zip(map(str, cells[0]), row, strict=True)) for row in cells[1:]]


@pytest.mark.slow
def test_wits_workbook_by_partner_is_read(files: Path, tmp_path: Path, ten_percent: Path) -> None:
    """As trade its column of imports, in thousands; as duties the average effectively applied by partner."""
    book = openpyxl.load_workbook(files / "WITS-Partner.xlsx", read_only=True)
    (sheet,) = [name for name in book.sheetnames if any(book[name].values)]
    rows = sheet_of(files / "WITS-Partner.xlsx", sheet)
    value, duty = "Import (US$ Thousand)", "AHS Weighted Average (%)"
    partners = {str(row["Partner Name"]).strip(): row for row in rows if str(row["Partner Name"]).strip() != "World"}
    found = exposed(files / "WITS-Partner.xlsx", ten_percent)
    assert found["totals"]["imports"] == pytest.approx(sum(float(row[value]) for row in partners.values()) / 1e3)
    places = {name: find_place(name) for name in partners}
    codes = {name: place.code for name, place in places.items() if place is not None}
    assert imports_by_partner(found)[codes["China"]] == pytest.approx(float(partners["China"][value]) / 1e3)
    rated = {codes[name]: float(row[duty]) / 100 for name, row in partners.items() if row[duty] not in (None, "")}
    some = [code for code in ("CHN", "JPN", "DEU", "VNM", "MEX") if code in rated]
    trade = one_each(tmp_path / "trade.csv", some, ["870323"])
    by_partner = exposed(trade, files / "WITS-Partner.xlsx")["by_partner"]
    assert {row["partner"]: row["applied"] for row in by_partner} == pytest.approx({code: rated[code] for code in some})


# ---- trade ----


@pytest.mark.parametrize("year", slow_after(1, ["2014", "2015", "2016"]))
def test_comtrade_with_the_world_taiwan_and_re_imports(files: Path, ten_percent: Path, year: str) -> None:
    """The rows of partners are the world's row and nothing else; what Thailand imports from itself is stated apart."""
    by_code: dict[str, float] = defaultdict(float)
    with (files / "comtrade_tha_8542_head.csv").open(encoding="cp1252", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["period"] == year and row["flowCode"] == "M":
                by_code[row["partnerISO"].strip()] += float(row["primaryValue"]) / 1e6
    world, own = by_code.pop("W00"), by_code.pop("THA")
    found = exposed(files / "comtrade_tha_8542_head.csv", ten_percent, "--year", year)
    assert found["totals"]["imports"] == pytest.approx(sum(by_code.values()), rel=1e-12)
    assert sum(by_code.values()) + own == pytest.approx(world, rel=1e-8)
    assert imports_by_partner(found)["TWN"] == pytest.approx(by_code["S19"], rel=1e-12)
    (distinct_amounts,) = [row for row in found["unmatched"] if row["reason"] == "own country"]
    assert distinct_amounts["imports"] == pytest.approx(own, rel=1e-12)
    notes = " ".join(found["notes"])
    assert "1 row of totals of others (exporter World) not added" in notes
    assert f"1 flow of a country with itself (re-imports), US${own:,.0f} million" in notes


def test_usa_trade_online(files: Path, ten_percent: Path) -> None:
    """Codes of ten digits inside names, thousands with commas."""
    value = "Customs  Value (Cons) ($US)"
    rows = rows_of(files / "usatrade_2024_head.csv")
    by_partner: dict[str, float] = defaultdict(float)
    for row in rows:
        place = find_place(row["Country"])
        assert place is not None
        by_partner[place.code] += int(row[value].replace(",", "")) / 1e6
    found = exposed(files / "usatrade_2024_head.csv", ten_percent)
    assert imports_by_partner(found) == pytest.approx(by_partner)
    assert found["totals"]["imports"] == pytest.approx(sum(by_partner.values()))
    assert found["totals"]["lines"] == len({(row["Country"], row["Commodity"][:10]) for row in rows})
    assert all(re.fullmatch(r"\d{10} .*", row["Commodity"]) for row in rows)


# ---- elasticities ----


@pytest.mark.slow
def test_protee_file_gives_an_elasticity_for_every_product(files: Path, tmp_path: Path) -> None:
    """Every product: minus sigma less one; without an estimate above zero the mean of the heading, else the chapter."""
    sigma = {row["HS6"]: float(row["sigma"]) if row["sigma"] else None for row in rows_of(files / "ProTEE_0_1.csv")}
    assert (len(sigma), sum(s is None for s in sigma.values())) == (5050, 484)
    theta = {code: -s - 1 if s is not None and s < -1 else None for code, s in sigma.items()}
    assert sum(s is not None and -s - 1 <= 0 for s in sigma.values()) == 19

    def mean(beginning: str) -> float | None:
        found = [t for code, t in theta.items() if t is not None and code.startswith(beginning)]
        return sum(found) / len(found) if found else None

    filled = {code: t if t is not None else mean(code[:4]) or mean(code[:2]) for code, t in theta.items()}
    given = [t for t in filled.values() if t is not None]
    everything = pd.DataFrame({"product": sorted({code[:2] for code in sigma}), "sector": "goods"})
    read, notes = read_elasticities(files / "ProTEE_0_1.csv", ("goods",), concordance=everything)
    assert read[0] == pytest.approx(sum(given) / len(given), rel=1e-12)
    assert f"simple mean of its products ({len(given):,} products)" in notes[0]
    assert "484 products without an estimate and 19 whose theta would not be above zero" in " ".join(notes)
    some = ["870323", "020130", next(c for c, t in theta.items() if t is None and filled[c] is not None)]
    concordance = pd.DataFrame({"product": some, "sector": some})
    read, _ = read_elasticities(files / "ProTEE_0_1.csv", tuple(some), concordance=concordance)
    assert read.tolist() == pytest.approx([filled[code] for code in some], rel=1e-12)


# ---- the world input-output table ----


def xlsb_cells(file: Path, sheet: int) -> Iterator[tuple[int, int, float | str]]:
    """Row, column and content of the cells of a sheet ([MS-XLSB]: records of a type, a length and bytes)."""

    def records(part: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at < len(part):
            kind, size = part[at], 0
            at += 1
            if kind & 0x80:
                kind |= part[at] << 8
                at += 1
            for k in range(4):
                size |= (part[at] & 0x7F) << 7 * k
                at += 1
                if not part[at - 1] & 0x80:
                    break
            yield kind, part[at : at + size]
            at += size

    with zipfile.ZipFile(file) as book:
        texts = [
            body[5 : 5 + 2 * struct.unpack_from("<I", body, 1)[0]].decode("utf-16-le")
            for kind, body in records(book.read("xl/sharedStrings.bin"))
            if kind == 19
        ]
        part = book.read(f"xl/worksheets/sheet{sheet}.bin")
    row = 0
    for kind, body in records(part):
        if kind == 0:  # a row begins
            (row,) = struct.unpack_from("<I", body)
        elif kind in (5, 9):  # a number, the result of a formula
            yield row, struct.unpack_from("<I", body)[0], struct.unpack_from("<d", body, 8)[0]
        elif kind in (6, 8):  # a text, the result of a formula
            (size,) = struct.unpack_from("<I", body, 8)
            yield row, struct.unpack_from("<I", body)[0], body[12 : 12 + 2 * size].decode("utf-16-le")
        elif kind == 7:  # a shared text
            yield row, struct.unpack_from("<I", body)[0], texts[struct.unpack_from("<I", body, 8)[0]]
        elif kind == 2:  # a number in 30 bits, perhaps in hundredths
            (packed,) = struct.unpack_from("<I", body, 8)
            whole = struct.unpack("<i", struct.pack("<I", packed))[0] >> 2
            number = float(whole) if packed & 2 else struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
            yield row, struct.unpack_from("<I", body)[0], number / 100 if packed & 1 else number


def test_input_output_table_is_read(files: Path, tmp_path: Path) -> None:
    """The extract has the inputs of two economies and no final demand: each flow is the sum of its block's row."""
    cells = {(row, column): content for row, column, content in xlsb_cells(files / "WIOT_Nov16_ROW_extract.xlsb", 1)}
    numbered = {"r": [k for k in range(400) if re.fullmatch(r"r\d+", str(cells.get((k, 3))))]}
    numbered["c"] = [k for k in range(400) if re.fullmatch(r"c\d+", str(cells.get((5, k))))]
    rows = [k for k in numbered["r"] if cells[k, 2] != "TOT"]
    columns = [k for k in numbered["c"] if cells[4, k] != "TOT"]
    sold: dict[tuple[str, str, str], float] = defaultdict(float)
    for k in rows:
        for m in columns:
            sold[str(cells[k, 2]), str(cells[4, m]), str(cells[k, 0])] += float(cells.get((k, m), 0.0))
    assert (len(rows), len(columns)) == (112, 112)
    out = tmp_path / "world.ep"
    code, messages, err = call(
        "economy", "import", "wiod2016", str(files / "WIOT_Nov16_ROW_extract.xlsb"), "--theta", "4", "-o", str(out)
    )
    assert code == 0, err
    economy = ep.Economy.load(out)
    assert (economy.year, set(economy.countries), len(economy.sectors)) == (2014, {"USA", "ROW"}, 56)
    for (seller, buyer, sector), value in sold.items():
        j, n, i = (
            economy.sectors.index(sector),
            economy.countries.index(buyer),
            economy.countries.index(seller),
        )
        if seller != buyer:
            assert economy.value[j, n, i] == pytest.approx(value, rel=1e-6, abs=1e-6), (seller, buyer, sector)
    assert "Mended: Inputs of 48 country-sectors cost more than 99% of what they sell" in " ".join(messages.split())
