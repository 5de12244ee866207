"""One table in every format and encoding that people have: the same rows, in every command that takes a table."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.concordances import read_concordance
from entrepot.data.elasticities import read_elasticities
from entrepot.data.frames import read_frame
from entrepot.data.number_formats import ENDS
from entrepot.data.product_rows import read_draws, read_products
from entrepot.data.sources.own_sales import with_own_sales
from shelves import slow_after

TRADE = pd.DataFrame(
    {
        "importer": ["USA", "USA", "USA"],
        "partner": ["JPN", "Côte d'Ivoire", "DEU"],
        "product": ["870323", "010121", "870323"],
        "value": [1500.0, 250.5, 700.0],
    }
)

ONE_FLOW = pd.DataFrame({"importer": ["USA"], "exporter": ["JPN"], "sector": ["cars"], "value": [1.0]})

# ---- text ----


def text_of(frame: pd.DataFrame, separator: str = ",") -> str:
    return frame.to_csv(index=False, sep=separator, lineterminator="\n")


def test_blanks_of_any_kind_around_a_cell_are_not_part_of_it(tmp_path: Path) -> None:
    cells = ["", "-", "é", "e\u0301", "a b", "a\u00a0b", "Côte d'Ivoire", "~", "!", "日本"]
    ends = ["", *ENDS.replace("\r", "").replace("\n", ""), " \t", "\ufeff\u00a0"]
    written = [(cell, f"{one}{cell}{other}") for cell in cells for one in ends for other in ends]
    file = tmp_path / "cells.csv"
    file.write_text("row,cell\n" + "".join(f"{k},{text}\n" for k, (_, text) in enumerate(written)), encoding="utf-8")
    frame, _ = read_frame(file, "table")
    assert frame["cell"].tolist() == [cell or None for cell, _ in written]


@pytest.mark.parametrize(
    ("encoding", "messages"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "The file is UTF-16"),
        ("utf-16-le", "The file is UTF-16"),
        ("cp1252", "The file is not UTF-8 and was read as Windows-1252: the first of 1 such bytes is on line 3"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_of_a_file_is_detected(encoding: str, messages: str | None, separator: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text_of(TRADE, separator).encode(encoding))
    frame, opened = read_frame(file, "trade")
    same(frame)
    assert (messages is None) == (not opened.notes)
    assert messages is None or messages in opened.notes[0]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *(("gbk", "日本"), ("big5", "美國"), ("shift_jis", "ドイツ"), ("euc_kr", "일본")),
        *(("cp1251", "Япония"), ("koi8_r", "США"), ("cp1253", "Ελλάδα"), ("cp850", "España")),
    ],
)
def test_text_of_another_encoding_is_refused(encoding: str, name: str, tmp_path: Path) -> None:
    """Read as Windows-1252, names would be other letters that fit nothing."""
    file = tmp_path / "t.csv"
    file.write_bytes(f"sector,theta\n{name},4\nfood,5\n".encode(encoding))
    with pytest.raises(
        ep.errors.DocumentError, match=r"is in another encoding than UTF-8 and Windows-1252, .* save it as UTF-8"
    ):
        read_frame(file, "theta")


#: Names of countries by language and encoding; as Windows-1252 they are in part other letters.
CENTRAL = (
    ("cp1250", "Česká republika,Německo,Maďarsko,Řecko,Španělsko,Itálie,Dánsko,Švédsko,Švýcarsko,Spojené státy"),
    ("cp1250", "Polska,Niemcy,Węgry,Włochy,Łotwa,Słowenia,Francja,Stany Zjednoczone"),
    ("cp1250", "Slovensko,Nemecko,Česko,Maďarsko,Taliansko,Španielsko,Veľká Británia,Švajčiarsko"),
    ("cp1250", "Slovenija,Nemčija,Češka,Grčija,Avstrija,Madžarska,Španija"),
    ("cp1250", "Hrvatska,Njemačka,Češka,Grčka,Mađarska,Španjolska"),
    ("cp1250", "Franţa,Elveţia,Grecia,Ţările de Jos,Spania,Italia"),
    ("cp1254", "Türkiye,Almanya,İtalya,İspanya,Çin,Birleşik Krallık,Kırgızistan,İngiltere"),
    ("mac_roman", "Brésil,Côte d'Ivoire,Norvège,États-Unis,Corée du Sud"),
    ("mac_roman", "México,Japón,España,Perú,Canadá"),
    ("mac_roman", "Österreich,Dänemark,Türkei,Südafrika,Köln"),
    ("mac_roman", "Japão,França,Itália,México"),
    ("mac_roman", "Türkiye,Japan,Canada"),
)


@pytest.mark.parametrize(("encoding", "names"), CENTRAL)
def test_central_european_turkish_and_macintosh_letters_are_refused(encoding: str, names: str, tmp_path: Path) -> None:
    """Read as Windows-1252, Německo would be Nìmecko; the message shows such a word."""
    file = tmp_path / "t.csv"
    every = names.split(",")
    file.write_bytes(("sector,theta\n" + "".join(f"{name},4\n" for name in every)).encode(encoding))
    with pytest.raises(ep.errors.DocumentError, match=r"another encoding than UTF-8 and Windows-1252") as refused:
        read_frame(file, "theta")
    shown = re.search(r"in which '(.*)' would be read", str(refused.value))
    assert shown is not None
    assert shown[1] not in " ".join(every)


#: Names, and texts in which a sign stands for an apostrophe, or signs and letters of one language stand side by side.
WESTERN = (
    *("Côte d’Ivoire", "L’ÉTÉ — ÇA", "São João, ações", "1\xa0234\xa0€", "Münster–Köln"),
    *("Cote d´Ivoire", "Côte d´Ivoire (Lao People´s)", "Cote d¿Ivoire", "«\xa0Épices\xa0»", "10\xa0€ –\xa0€"),
    *("Épices (dites «\xa0évolué\xa0»)", "þjóðíþrótt", "ÄÖÜ Weißblech", "ÆØÅ", "«É»"),
    *("Île-de-France, où, Noël, forêt, œuvres, Škoda", "Škoda Auto a.s., Citroën", "Città, più, così, È, può"),
    *(
        "Ýsa, þorskur, síld",
        "Øst, sjømat, Færøyene, bøker",
        "Curaçao, Türkiye, Þórshöfn",
        "São Tomé, Réunion, Eesti: Võru",
    ),
    *("Rønne–Århus, Citroën™ Škoda", "Catalunya, ciència, època, però, Còrsega", "Haïti, Ukraïne, scène, hôtel"),
    *(
        "US$–€, L’Haÿ-les-Roses, ŸES",
        "n.º 3, 1.ª, Peñíscola, ¿qué?",
        "Tallinn, Õismäe, Šotimaa",
    ),
    *("Kløvá, Suðuroy", "Dùn Èideann, Càrn", "pòpulu, Cùrsica, città", "passenger–km", "bars–or rods", "Òyó, Ìbàdàn"),
)


@pytest.mark.parametrize("name", WESTERN)
def test_western_letters_are_read_and_shown(name: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(f'sector,theta\nfood,5\n"{name}",4\n'.encode("cp1252"))
    frame, opened = read_frame(file, "theta")
    assert frame["sector"].tolist() == ["food", name]
    (note,) = opened.notes
    assert note.startswith("The file is not UTF-8 and was read as Windows-1252: ")
    assert "is on line 3, read as '" in note


def test_a_long_word_is_read_in_one_pass(tmp_path: Path) -> None:
    """A search that begins anew at each of its letters would take ten seconds."""
    file = tmp_path / "t.csv"
    file.write_bytes(b"sector,theta\n" + b"x" * 40_000 + f",4\n{'y' * 50}é,4\n".encode("cp1252"))
    start = time.process_time()
    _, opened = read_frame(file, "theta")
    assert time.process_time() - start < 5
    assert opened.notes[0].endswith(f"read as '{'y' * 40}é'.")


def same(frame: pd.DataFrame) -> None:
    """The rows of TRADE, codes as text with their zeros."""
    assert [str(name) for name in frame.columns] == list(TRADE.columns)
    for name in ("importer", "partner", "product"):
        assert frame[name].tolist() == TRADE[name].tolist()
    assert pd.to_numeric(frame["value"]).tolist() == TRADE["value"].tolist()


@pytest.mark.slow
def test_stray_byte_after_the_first_megabyte_is_read(tmp_path: Path) -> None:
    """Stray bytes are read as Windows-1252 and noted with their line; UTF-8 is kept."""
    rows = [f"USA,Türkiye,870323,{k}" for k in range(60_000)]
    data = "\n".join(["importer,partner,product,value", *rows]).encode()
    late = data.rindex("ü".encode())
    assert late > 1 << 20
    file = tmp_path / "t.csv"
    file.write_bytes(data[:late] + b"\xfc" + data[late + 2 :] + b"\n")
    frame, opened = read_frame(file, "trade")
    assert len(frame) == 60_000
    assert frame["partner"].unique().tolist() == ["Türkiye"]
    assert opened.notes == (
        "The file is UTF-8 except for some bytes, which were read as Windows-1252: the first of 1 such bytes is on "
        "line 60,001.",
    )


def test_title_lines_and_footnotes(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"Imports by product\n\nUS dollars; 2024\n{text_of(TRADE)}\nSource: customs\n")
    frame, opened = read_frame(file, "trade")
    same(frame)
    messages = " ".join(opened.notes)
    assert "Lines above the header that are not read (2): 'Imports by product'" in messages
    assert "Lines below the table that are not read (1): 'Source: customs'" in messages


def test_superfluous_separator_is_ignored(tmp_path: Path) -> None:
    """At the end of the rows alone, or of the header too."""
    rows = text_of(TRADE).splitlines()
    for header in (rows[0], f"{rows[0]},"):
        (tmp_path / "t.csv").write_text("\n".join([header, *(f"{row}," for row in rows[1:])]) + "\n")
        same(read_frame(tmp_path / "t.csv", "trade")[0].iloc[:, :4])


# ---- workbooks, R, Stata, JSON, Parquet, DuckDB ----


def as_workbook(frame: pd.DataFrame, file: Path) -> Path:
    """With the table on the second sheet, below a title."""
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        pd.DataFrame().to_excel(book, sheet_name="Empty")
        frame.to_excel(book, sheet_name="Data", index=False, startrow=2)
        book.sheets["Data"].cell(1, 1, "A title")
    return file


def as_r(frame: pd.DataFrame, file: Path) -> Path:
    rdata = pytest.importorskip("rdata")
    plain = frame.astype({name: object for name in frame.columns if frame[name].dtype.kind not in "iuf"})
    if file.suffix == ".rds":
        rdata.write_rds(file, plain)
    else:
        rdata.write_rda(file, {"mine": plain})
    return file


def as_json(frame: pd.DataFrame, file: Path) -> Path:
    file.write_text(json.dumps({"count": len(frame), "data": frame.to_dict("records")}, ensure_ascii=False))
    return file


def as_duckdb(frame: pd.DataFrame, file: Path) -> Path:
    import duckdb

    with duckdb.connect(str(file)) as database:
        database.execute("CREATE TABLE mine AS SELECT * FROM frame")
    return file


def as_stata(frame: pd.DataFrame, file: Path) -> Path:
    plain = frame.astype({name: object for name in frame.columns if frame[name].dtype.kind not in "iuf"})
    plain.to_stata(file, write_index=False, version=118)
    return file


def as_parquet(frame: pd.DataFrame, file: Path) -> Path:
    frame.to_parquet(file)
    return file


def as_zip(frame: pd.DataFrame, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inside.csv", text_of(frame))
    return file


def as_gzip(frame: pd.DataFrame, file: Path) -> Path:
    file.write_bytes(gzip.compress(text_of(frame).encode()))
    return file


WRITTEN: dict[str, Callable[[pd.DataFrame, Path], Path]] = {
    "t.xlsx": as_workbook,
    "t.rda": as_r,
    "t.RData": as_r,
    "t.rds": as_r,
    "t.dta": as_stata,
    "t.json": as_json,
    "t.parquet": as_parquet,
    "t.duckdb": as_duckdb,
    "t.zip": as_zip,
    "t.csv.gz": as_gzip,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_trade_is_read_from_every_file_format(name: str, tmp_path: Path) -> None:
    same(read_frame(WRITTEN[name](TRADE, tmp_path / name), "trade")[0])


@pytest.mark.parametrize("orient", ["columns", "index", "split", "records", "list", "values"])
def test_json_of_pandas_and_r_is_read(orient: str, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    if orient in ("list", "values"):
        rows = [list(TRADE.columns), *TRADE.to_numpy(object).tolist()]
        file.write_text(json.dumps(TRADE.to_dict("list") if orient == "list" else rows, ensure_ascii=False))
    else:
        TRADE.to_json(file, orient=orient)  # type: ignore[arg-type]
    same(read_frame(file, "trade")[0])


@pytest.mark.parametrize("text", ['{"a": [1, 2], "b": [1]}', '{"a": {"0": 1}, "b": {"1": 1}}', '{"a": [], "b": []}'])
def test_json_with_columns_of_different_lengths_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(text)
    with pytest.raises(ep.errors.InputError):
        read_frame(file, "trade")


@pytest.mark.parametrize("name", ["t.xlsx", "t.rda", "t.dta", "t.parquet"])
def test_file_format_does_not_depend_on_the_file_name(name: str, tmp_path: Path) -> None:
    file = WRITTEN[name](TRADE, tmp_path / name)
    if name != "t.dta":  # an old Stata file begins like any other
        file = file.rename(tmp_path / "t.csv")
    same(read_frame(file, "trade")[0])


def test_query_or_part_of_a_file_is_read(tmp_path: Path) -> None:
    file = as_parquet(TRADE, tmp_path / "t.parquet")
    same(read_frame(f"SELECT * FROM '{file}'", "trade")[0])
    as_duckdb(TRADE, tmp_path / "t.duckdb")
    same(read_frame(f"{tmp_path / 't.duckdb'}#mine", "trade")[0])
    as_duckdb(SECTORS, tmp_path / "s.duckdb")
    assert read_concordance(f"{tmp_path / 's.duckdb'}#mine").sector_of == {"87": "cars", "01": "farms"}
    with pytest.raises(ep.errors.DocumentError, match=r"choose a table: t.duckdb#NAME \(mine\)"):
        read_frame(f"{tmp_path / 't.duckdb'}#yours", "trade")


def test_files_without_a_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "page.xls").write_text("<html><table><tr><td>1</td></tr></table></html>")
    with sqlite3.connect(tmp_path / "t.db") as database:
        database.execute("CREATE TABLE t (a)")
    (tmp_path / "cut.dta").write_bytes(as_stata(TRADE, tmp_path / "t.dta").read_bytes()[:400])
    (tmp_path / "cut.rda").write_bytes(as_r(TRADE, tmp_path / "t.rda").read_bytes()[:60])
    for name, message in (
        ("page.xls", "is a web page or XML"),
        ("t.db", "is an SQLite database"),
        ("cut.dta", "cannot be read as a Stata file"),
        ("cut.rda", "cannot be read as a file of R"),
    ):
        with pytest.raises(ep.errors.DocumentError, match=message):
            read_frame(tmp_path / name, "trade")


# ---- every command that takes a table ----

SCHEDULE = pd.DataFrame({"product": ["870323", "010121"], "rate": ["2.5%", "Free"]})
SECTORS = pd.DataFrame({"product": ["87", "01"], "sector": ["cars", "farms"]})
THETA = pd.DataFrame({"sector": ["cars", "farms"], "theta": [5.0, 3.0]})
FLOWS = pd.DataFrame(
    [(n, i, s, 10.0) for s in ("cars", "farms") for n in ("USA", "JPN") for i in ("USA", "JPN")],
    columns=["importer", "exporter", "sector", "value"],
)
TARIFFS = pd.DataFrame([("USA", "JPN", "cars", 0.1)], columns=["importer", "exporter", "sector", "tariff"])
OUTPUT = pd.DataFrame({"country": ["USA", "JPN"], "sector": ["ALL", "ALL"], "output": [100.0, 50.0]})
GRAVITY = pd.DataFrame(
    {
        "exporter": ["A", "A", "B", "B", "C", "C"],
        "importer": ["B", "C", "A", "C", "A", "B"],
        "trade": [3.0, 2.0, 4.0, 5.0, 1.0, 2.0],
        "border": [0.0, 1.0, 0.0, 1.0, 1.0, 0.0],
    }
)


@pytest.mark.parametrize("name", slow_after(1, ["t.parquet", "t.xlsx", "t.rda", "t.dta"]))
def test_every_command_accepts_every_table_format(name: str, tmp_path: Path) -> None:
    ending = name.removeprefix("t")

    def saved(frame: pd.DataFrame, called: str) -> Path:
        return WRITTEN[name](frame, tmp_path / f"{called}{ending}")

    sectors = saved(SECTORS, "sectors")
    found = ep.exposures.exposure(saved(TRADE, "trade"), saved(SCHEDULE, "schedule"), stacking="plain", on="2025-06-01")
    assert found.totals["imports"] == pytest.approx(TRADE["value"].sum() / 1e6)
    assert found.totals["revenue"] == pytest.approx(0.025 * 2200 / 1e6)
    assert read_concordance(sectors).sector_of == {"87": "cars", "01": "farms"}
    theta, _ = read_elasticities(saved(THETA, "theta"), ("cars", "farms"))
    assert theta.tolist() == [5.0, 3.0]
    (tmp_path / "world").mkdir()
    WRITTEN[name](FLOWS, tmp_path / "world" / f"trade{ending}")
    WRITTEN[name](THETA, tmp_path / "world" / f"sectors{ending}")
    economy = ep.import_economy("tables", tmp_path / "world", tariffs=saved(TARIFFS, "tariffs")).economy
    assert economy.theta.tolist() == [5.0, 3.0]
    assert economy.tariff[0, 0, 1] == pytest.approx(0.1)
    foreign = FLOWS[(FLOWS["sector"] == "cars") & (FLOWS["importer"] != FLOWS["exporter"])]
    flows = saved(foreign.rename(columns={"value": "trade"}).drop(columns="sector"), "flows")
    gravity = ep.import_economy("gravity", flows, theta=4, own_sales=saved(OUTPUT, "output")).economy
    np.testing.assert_allclose(gravity.value[0], [[40, 10], [10, 90]])  # countries by alphabet
    estimate = ep.estimation.gravity(saved(GRAVITY, "gravity"), "trade ~ border")
    assert estimate.observations == 6


@pytest.mark.parametrize(
    "text", ["a,b\r\n1,2\n3,4\r\n", "a,b\n1,2\r\n3,4\n", "a,b\r1,2\n3,4\r\n", 'a,b\r\n1,"2"\n3,4\n']
)
def test_mixed_line_ends_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    frame, _ = read_frame(path, "t")
    assert frame.to_numpy().tolist() == [["1", "2"], ["3", "4"]]


# ---- several lists in one JSON file, and files without a table ----

OTHER = [{"importer": "USA", "partner": "JPN", "product": "870323", "value": 9.0}]


def test_lists_beside_the_records_of_a_json_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    rows = TRADE.to_dict("records")
    file.write_text(json.dumps({"schema": {"fields": [{"name": n} for n in "abcdefg"]}, "data": rows}))
    frame, opened = read_frame(file, "trade")
    same(frame)
    assert "schema.fields (7)" in " ".join(opened.notes)
    file.write_text(json.dumps([{"page": 1, "total": 3}, rows]))
    same(read_frame(file, "trade")[0])


def test_json_with_several_lists_of_records_needs_a_name(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"imports": TRADE.to_dict("records"), "exports": OTHER}))
    with pytest.raises(
        ep.errors.DocumentError, match=r"2 lists of records; choose one: t.json#NAME \(imports, exports\)"
    ):
        read_frame(file, "trade")
    same(read_frame(f"{file}#imports", "trade")[0])
    with pytest.raises(ep.errors.DocumentError, match="no list 'balance'"):
        read_frame(f"{file}#balance", "trade")


@pytest.mark.parametrize(
    ("first", "messages"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive, .*: unpack it"),
        (b"%PDF-1.7", "a PDF document, .*: give the table itself"),
        (b"ORC\n", "an ORC file, .*: save the table as CSV"),
        (b"\x03\x7a\x01\x01", r"not a text file \(it holds NUL bytes\): save the table as CSV"),
    ],
)
def test_archives_and_documents_are_named_in_the_error(first: bytes, messages: str, tmp_path: Path) -> None:
    file = tmp_path / "full_v2_202401.dat"
    file.write_bytes(first + bytes(500))
    with pytest.raises(ep.errors.DocumentError, match=f"is {messages}"):
        read_frame(file, "trade")


@pytest.mark.parametrize(
    ("first", "messages"),
    [
        (b"$FL2@(#) IBM SPSS STATISTICS", r"an SPSS file \(.sav\)"),
        (b"ARROW1\0\0", r"a Feather \(Arrow\) file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c", r"a SAS file \(.sas7bdat\)"),
    ],
)
def test_files_of_other_programs_are_named_in_the_error(first: bytes, messages: str, tmp_path: Path) -> None:
    file = tmp_path / "trade.sav"
    file.write_bytes(first + bytes(500))
    with pytest.raises(
        ep.errors.DocumentError, match=f"is {messages}, which is not opened here: save the table as CSV"
    ):
        read_frame(file, "trade")


def test_a_tar_archive_in_gzip_is_named(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as archive:
        (tmp_path / "t.csv").write_text(text_of(TRADE))
        archive.add(tmp_path / "t.csv", "t.csv")
    with pytest.raises(ep.errors.DocumentError, match="is a tar archive packed by gzip"):
        read_frame(tmp_path / "t.tar.gz", "trade")


@pytest.mark.parametrize("place", [12, 0.3, 0.5, 0.97, "cut"])
def test_a_damaged_gzip_is_refused_in_a_sentence(place: float | str, tmp_path: Path) -> None:
    """Bytes flipped in its head, its middle and its checksum, and the file cut in the middle."""
    rows = pd.concat([TRADE] * 400).assign(value=np.random.default_rng(1).uniform(size=1200))
    packed = bytearray(gzip.compress(text_of(rows).encode()))
    if place == "cut":
        packed = packed[: len(packed) // 2]
    else:
        at = int(place) if float(place) > 1 else int(float(place) * len(packed))
        packed[at : at + 8] = bytes(b ^ 0xFF for b in packed[at : at + 8])
    file = tmp_path / "trade.csv.gz"
    file.write_bytes(bytes(packed))
    with pytest.raises(
        ep.errors.DocumentError, match=r"is not a complete gzip file .* cut short or is damaged: download"
    ):
        read_frame(file, "trade")


@pytest.mark.parametrize(("name", "kind"), [("t.zip", "zip archive"), ("t.xlsx", "workbook")])
def test_a_zip_cut_in_the_middle_is_called_what_it_is(name: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / name
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("t.csv", text_of(TRADE) * 50)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ep.errors.DocumentError, match=f"is not a complete {kind}; it was cut short or is damaged"):
        read_frame(file, "trade")


def test_an_economy_is_not_taken_for_a_zip_of_tables(tmp_path: Path) -> None:
    ep.load_economy("world2014").save(tmp_path / "my.ep")
    with pytest.raises(ep.errors.DocumentError, match="is a saved Economy, which needs no import"):
        read_frame(tmp_path / "my.ep", "trade")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("product,sector,sector\n8703,cars,food\n", lambda path: read_concordance(path)),
        ("sector,theta,theta\ncars,4,5\n", lambda path: read_elasticities(path, ("cars",))),
        ("country,sector,output,output\nUSA,cars,4,5\n", lambda path: with_own_sales(ONE_FLOW, path)),
        ("alpha,Alpha,a\n1,2,3\n", lambda path: read_draws(path, ["a"])),
        ("product,price,Price\na,2,3\n", lambda path: read_products(path)),
    ],
)
def test_a_column_given_twice_is_refused_by_every_reader(
    text: str, read: Callable[[str], object], tmp_path: Path
) -> None:
    (tmp_path / "twice.csv").write_text(text)
    with pytest.raises(ep.errors.TableError, match=r"\(twice.csv\): the column '\w+' is repeated; keep one"):
        read(str(tmp_path / "twice.csv"))
