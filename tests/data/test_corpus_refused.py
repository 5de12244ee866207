"""Tables that have no right reading: each is refused with the file, the place and the remedy, and leaves nothing."""

from __future__ import annotations

import gzip
import json
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from test_corpus import read_trade

import entrepot as ep
from entrepot.data.duckdb_store import Store
from entrepot.data.tariffs import tariff_array
from entrepot.data.tidy_tables import read_table

HEAD = "importer,partner,product,value\n"
GOOD = "USA,JPN,870323,5\n"


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store("500MB", 1) as opened:
        yield opened


def value(cell: str) -> str:
    return f'{HEAD}{GOOD}USA,DEU,870323,"{cell}"\n'


def product(code: str) -> str:
    return f"{HEAD}{GOOD}USA,DEU,{code},5\n"


def partner(name: str) -> str:
    return f'{HEAD}{GOOD}USA,"{name}",870323,5\n'


def rows(*lines: str) -> str:
    return HEAD + "".join(f"{line}\n" for line in lines)


NO_NUMBER = "row 2: the value is .*a number from 0 on is needed"
NO_CODE = "row 2: .* is not a code of the Harmonized System; codes have 2, 4, 6, 8 or 10 digits"
NO_PLACE = r"row 2 \(partner\): unknown country"
AMOUNTS = (
    *("-5", "(5)", "\u22125", "inf", "-inf", "1e400", "0x10", "1_000", "TRUE", "#REF!", "#DIV/0!", "5%", "5 c", "5*"),
    *("5 (e)", "\u0663", "\uff11\uff12", "12,34,567", "5 mln", "5m", "1.5 million", "1/2", "=1+1", "'5", "5-"),
    *("confidential", "value", "1 2 3", "1.2.3", "--5", "5e", "e5", "1,2,3", "1'23", "NaN5", "2024-08-01", "5;6"),
)
CODES = (
    *("1 August", "Aug-03", "01/08/2024", "8703-01-01", "2024-08-01", "8703.1", "8703.234", "1E3", "8.70323E+05"),
    *("771234", "001234", "870323019012", "8703XX", "87032\u00b3", "\u0668\u0667\u0660\u0663", "-870323", "HS870323"),
    *("87_03", "TOT", "#N/A", "87/03", "8,703"),
)
NAMES = (
    *(
        "Jappan",
        "Not China",
        "USA\u0001",
        "JPN\u200b",
        "J\u00adPN",
        "\u00b2",
        "9" * 5000,
        "1E3",
        "-392",
        "+392",
        "39.2",
    ),
    *(
        "\u0664",
        "us a",
        "#N/A",
        "n.a.",
        "Total of all",
        "Korea South North",
        "\u65e5\u672c",
        "DEU;FRA",
        "EU99",
        "12345",
    ),
)
TRADE: list[tuple[str, str | bytes, str]] = [
    *((f"value {cell}", value(cell), NO_NUMBER) for cell in AMOUNTS),
    *((f"code {code}", product(f'"{code}"'), NO_CODE) for code in CODES),
    *((f"name {name[:12]!a}", partner(name), NO_PLACE) for name in NAMES),
    ("empty", "", "is empty"),
    ("blanks", " \n\n ", "is empty"),
    ("only a header", HEAD, "no rows below its header"),
    ("no value", "importer,partner,product\nUSA,JPN,87\n", "no column 'value'"),
    ("a merged cell in the header", "importer,,product,value\n" + GOOD, "no column 'exporter'"),
    ("header twice", HEAD + GOOD + HEAD, NO_NUMBER),
    ("another table below", HEAD + GOOD + "importer,partner,product,rate\n", NO_NUMBER),
    ("a column twice", "importer,partner,product,value,Value\nUSA,JPN,87,1,2\n", "'Value' is repeated"),
    ("names with commas", HEAD + "USA,Korea, Rep.,87,5\n", "line 2: .*it has 5 cells and the header 4"),
    ("decimal commas", HEAD + GOOD + "USA,DEU,87,1,5\n", "line 3: .*it has 5 cells and the header 4"),
    ("a line too short", HEAD + GOOD + "USA,DEU\n" + GOOD, "it has 2 cells and the header 4: complete the line"),
    ("a note with a comma", HEAD + GOOD + "Source: customs, 2021\n", "line 3: .*or remove the line if it is a note"),
    ("a quote left open", HEAD + 'USA,"JPN,87,5\n' + GOOD, "line 2: .*a quotation mark is not closed"),
    ("a row of sums", HEAD + GOOD + "Total,,,5\n", "row 2: the partner is empty"),
    ("units below the header", HEAD + ",,,US dollars\n" + GOOD, "row 1: the importer is empty"),
    ("separated by blanks", HEAD.replace(",", " ") + GOOD.replace(",", " "), "no column 'exporter'"),
    (
        "two signs for decimals",
        value("1234,5").replace(",5\n", ",5.25\n"),
        "'5.25' and '1234,5' use different decimal signs",
    ),
    (
        "decimals or thousands",
        "importer;partner;product;value\nUSA;JPN;87;1,234\nUSA;DEU;87;2,345\n",
        "'1,234' may be 1.234 or 1,234.*write it as 1.234 or as 1234, or state the decimal sign",
    ),
    ("a NUL in the first lines", HEAD + "USA,JP\0N,87,5\n", "NUL byte"),
    ("a NUL in a late line", HEAD + GOOD * 3000 + "USA,JP\0N,87,5\n", "line 3002: is not text .it holds a NUL byte"),
    ("bytes", bytes(range(256)) * 30, "is not a text file"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a picture, which is not opened"),
    ("a web page", "<!doctype html><table><tr><td>5</td></tr></table>", "is a web page or XML"),
    ("a line of megabytes", HEAD + "USA,JPN,87," + "1" * 3_000_000 + "\n", "no line ends in the first 1,048,576 bytes"),
    ("Japanese in another encoding", partner("\u65e5\u672c").encode("shift-jis"), "is in another encoding than UTF-8"),
    ("only totals", rows("USA,World,87,5"), "every partner is a total of countries"),
    ("no imports", HEAD.replace("value", "value,flow") + "USA,JPN,87,5,X\n", "--flow exports"),
    ("an unknown flow", HEAD.replace("value", "value,flow") + "USA,JPN,87,5,Z\n", "unknown flow Z"),
    ("two years", HEAD.replace("value", "value,year") + "USA,JPN,87,5,2023\nUSA,JPN,87,5,2024\n", "choose one: --year"),
    ("no year", HEAD.replace("value", "value,year") + "USA,JPN,87,5,FY24\n", "row 1: the year is 'FY24'"),
    (
        "periods that overlap",
        HEAD.replace("value", "value,period") + "USA,JPN,87,5,2024 through April\nUSA,JPN,87,5,2024Q2\n",
        "2024Q2 overlaps another period of the same flow",
    ),
    ("groups that overlap", rows("USA,G7,87,5", "USA,EU27,87,5"), r"EU27 and G7 have members in common \(DEU, FRA, IT"),
    ("groups in part", rows("USA,ASEAN,87,5", "USA,CPTPP,01,5"), "ASEAN and CPTPP have members in common"),
    ("importers that overlap", rows("G7,CHN,87,5", "EU27,CHN,87,5"), "importers? EU27 and G7 have members in common"),
    ("a group and one of many members", rows("USA,EU27,87,9", "USA,DEU,87,5"), "give all members, or the group alone"),
    ("chapters without their parts", rows("USA,JPN,87,9", "USA,JPN,870323,4"), "Remove one level"),
    (
        "unmarked totals",
        rows(*(f"USA,{code},87,{number}" for code in ("JPN", "DEU") for number in (4, 6, 10))),
        "the table has totals and their parts",
    ),
    ("no importer", "partner,product,value\nJPN,87,5\n", "--importer USA"),
    ("another classification", HEAD.replace("value", "value,classification") + "USA,JPN,78,5,S3\n", "by HS"),
]


def refused(read: Callable[[Path], object], path: Path, message: str) -> None:
    """Nothing but an error of ours, which names the file and is one sentence; and no file beside the one that was."""
    before = sorted(path.parent.iterdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ep.errors.InputError, match=message) as raised:
            read(path)
    assert path.name in str(raised.value)
    assert "Traceback" not in str(raised.value)
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize(("data", "message"), [case[1:] for case in TRADE], ids=[case[0] for case in TRADE])
def test_invalid_trade_tables_are_refused_with_the_row(
    data: str | bytes, message: str, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "trade.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    refused(lambda path: read_trade(store, path), path, message)


@pytest.mark.parametrize("ending", ["xlsx", "xls", "parquet", "dta", "json", "rda", "rds", "csv.gz", "zip", "csv"])
@pytest.mark.parametrize("data", [b"", b"\0" * 200, b"importer"], ids=["no bytes", "NUL bytes", "one word"])
def test_files_of_other_kinds_are_refused(ending: str, data: bytes, store: Store, tmp_path: Path) -> None:
    path = tmp_path / f"trade.{ending}"
    path.write_bytes(data)
    refused(lambda path: read_trade(store, path), path, "")


def whole(path: Path) -> None:
    """A good table in the format that the file's ending says."""
    frame = pd.DataFrame({"importer": ["USA"] * 400, "partner": "JPN", "product": "870323", "value": range(400)})
    text = frame.to_csv(index=False)
    made: dict[str, Callable[[], object]] = {
        ".xlsx": lambda: frame.to_excel(path, index=False),
        ".parquet": lambda: frame.to_parquet(path),
        ".dta": lambda: frame.to_stata(path, write_index=False, version=118),
        ".json": lambda: path.write_text(json.dumps(frame.to_dict("records"))),
        ".gz": lambda: path.write_bytes(gzip.compress(text.encode())),
    }
    made[path.suffix]()


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "dta", "json", "csv.gz"])
@pytest.mark.parametrize("part", [0.2, 0.6, 0.98])
def test_truncated_files_are_refused(ending: str, part: float, store: Store, tmp_path: Path) -> None:
    path = tmp_path / f"trade.{ending}"
    whole(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    refused(lambda path: read_trade(store, path), path, "")


RECORD = '{"importer": "USA", "partner": "JPN", "product": "87", "value": 1}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "holds no list of records"),
        ('{"data": []}', "holds no list of records"),
        (f"[{RECORD}, 5]", "entry 2 of its list is not a record"),
        (f'[{RECORD[:-1]}, "value": 2}}]', "'value' is repeated in one record"),
        (f"[{RECORD}", "line 1: cannot be read as JSON"),
        (f"{RECORD}\n{RECORD[:-9]}", "line 2: cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        (f"[{RECORD[:-2]}Infinity}}]", "row 1: the value is 'inf'"),
        (f"[{RECORD[:-2]}NaN}}]", "no row has a value"),
        (f'[{RECORD}, {{"importer": "USA"}}]', "row 2: the partner is empty"),
        ('[["importer", "partner", "product", "value"], ["USA"]]', "rows have more or fewer cells"),
    ],
)
def test_invalid_json_is_refused(text: str, message: str, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "trade.json"
    path.write_text(text)
    refused(lambda path: read_trade(store, path), path, message)


def test_paths_that_are_not_files_are_refused(store: Store, tmp_path: Path) -> None:
    for name, message in (("nothing.csv", "no such file"), (".", "is a folder, not a file")):
        with pytest.raises(ep.errors.DocumentError, match=message):
            read_trade(store, tmp_path / name)
    archive = tmp_path / "two.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("a.csv", "b.csv"):
            packed.writestr(name, HEAD + GOOD)
    with pytest.raises(ep.errors.DocumentError, match=r"two.zip: 2 tables are in the zip .*choose one: two.zip#NAME"):
        read_trade(store, archive)
    assert read_trade(store, Path(f"{archive}#b.csv"))[0] == {("USA", "JPN"): pytest.approx(5.0)}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read any file")
def test_a_file_without_permission(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "trade.csv"
    path.write_text(HEAD + GOOD)
    path.chmod(0)
    refused(lambda path: read_trade(store, path), path, "cannot be read: Permission denied")


DUTIES_HEAD = "importer,partner,sector,rate\n"
NO_RATE = "no row applies to these countries and sectors"
DUTIES: list[tuple[str, str, str]] = [
    *((cell, cell, "row 1: a rate of .*Rates are fractions") for cell in ("2.5", "25", "2,5", "100", "12.5*", "2 1/")),
    *((cell, cell, NO_RATE) for cell in ("n.a.", "", "-", "3c/kg", "NaN", "\u00bd%", "2.5% 5%", "% 2.5")),
    *((cell, cell, NO_RATE) for cell in ("See note", "x", "2 4/3%", "5% on the case", "MFN less 10%")),
    *((cell, cell, "row 1: .* is neither a rate nor a duty") for cell in ("inf", "0.1.2", "yes", "5m")),
    *((cell, cell, "row 1: a rate of .*a number above -100% is needed") for cell in ("-100%", "-2", "1e400")),
    ("1,234", "1,234", "may be 1.234 or 1,234.*--decimal"),
    ("two signs", '2,5%"\nUSA,DEU,autos,"2.5%', "use different decimal signs"),
    ("two rates", "0.1\nUSA,Japan,autos,0.2", "row 2 .*row 1 has another rate for the same flow"),
]


@pytest.mark.parametrize(("cell", "message"), [case[1:] for case in DUTIES], ids=[case[0] for case in DUTIES])
def test_duty_texts_are_read(cell: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "duties.csv"
    quote = '"' if "\n" not in cell or '"' in cell else ""
    path.write_text(f"{DUTIES_HEAD}USA,JPN,autos,{quote}{cell}{quote}\n", encoding="utf-8")
    refused(lambda path: tariff_array(path, ("USA", "JPN", "DEU"), ("autos", "food")), path, message)


@pytest.mark.parametrize("weight", ["-5", "x", "inf"])
def test_weights_of_duties(weight: str, tmp_path: Path) -> None:
    """A weight that is not numeric raises an error; its rate is not dropped from the mean silently."""
    path = tmp_path / "duties.csv"
    path.write_text(f"importer,partner,product,rate,value\nUSA,JPN,870323,0.1,{weight}\nUSA,JPN,870324,0.2,10\n")
    sectors = pd.DataFrame({"product": ["87"], "sector": ["autos"]})
    read: Callable[[Path], object] = lambda path: tariff_array(path, ("USA", "JPN"), ("autos",), concordance=sectors)  # noqa: E731
    refused(read, path, f"row 1: value is '{weight}'; a number from 0 on is needed")


@pytest.mark.parametrize(
    "cell", ["n.a.", "..", "-5", "inf", "1e400", "NaN", "5%", "x", "", "1 2 3", "1_000", "0x10", "\u0663"]
)
def test_invalid_values_of_own_tables_are_refused_with_the_row(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "trade.csv"
    path.write_text(f"importer,exporter,sector,value\nUSA,USA,a,5\nUSA,JPN,a,{cell}\n", encoding="utf-8")
    keys = ["importer", "exporter", "sector"]
    refused(lambda path: read_table("trade", path, keys, ["value"], [], []), path, r"row 2 \(USA, JPN, a\): value is")


@pytest.mark.parametrize(
    ("country", "message"),
    [
        ("Japan", "'JPN' and 'Japan' are one country"),
        ("EU27_2020", "'EU27_2020' is a group that 'DEU' is a member of"),
        ("World", "cannot be called 'World'"),
        ("High income", "is a total of countries"),
        ("JP\u0001N", "contains an invisible character"),
    ],
)
def test_country_labels_that_overlap_are_refused(country: str, message: str) -> None:
    codes = ("JPN", "DEU", country)
    table = pd.DataFrame([(n, i, "a", 5.0) for n in codes for i in codes])
    table.columns = pd.Index(["importer", "exporter", "sector", "value"])
    with pytest.raises(ep.errors.TableError, match=message):
        ep.Economy.from_tables(table, theta=4.0)


def test_overlapping_groups_are_refused() -> None:
    table = pd.DataFrame([(n, i, "a", 5.0) for n in ("EU27", "G7") for i in ("EU27", "G7")])
    table.columns = pd.Index(["importer", "exporter", "sector", "value"])
    with pytest.raises(ep.errors.TableError, match=r"'EU27' and 'G7' have members in common \(DEU, FRA, ITA\)"):
        ep.Economy.from_tables(table, theta=4.0)
