"""A folder that is written again: what an earlier answer wrote is replaced, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.documents import list_as_written, written_earlier
from shelves import slow_after
from small_path import small_path
from small_sweep import CASE, UNBARGAINED, small
from test_cli import call
from worlds import random_world

PRODUCTS = "product,firm,plant,price,quantity,margin\nA,A,USA,10.5,100,30%\nB,B,CHN,7.35,120,30%\n"
JOINED = """\
case: mine
title: A tariff
question: Who gains?
economy: world2014
parties: [USA, CHN]
market: {importer: USA, sector: motor_vehicles, market_size: 600, unit: 1, products: PRODUCTS}
scenarios:
  tariff: {title: a tariff, measures: [{tariff: {importer: USA, exporter: CHN, sector: motor_vehicles, rate: 5%}}]}
"""
#: Lists of an earlier answer that are damaged, or of another program.
DAMAGED = [
    "[" * 100_000,
    "[1]",
    '{"written": ["mine.csv"], "files": {"mine.csv": {}}, "about": {"mine": {}}}',
    '{"written": {"mine.csv": 1, "sub.csv": "", "a\\u0000b": "x", "..": "x", "\\ud800": "x"}, "about": {"sub": 1}}',
    '{"files": {"mine.csv": 1, "a\\u0000b": 1, "sub.csv": 1}, "about": {"mine": 1, "a\\u0000b": 1, "sub": 1}}',
    "{",
    '{"written": ' + "9" * 5000 + "}",
]


def world_named(folder: Path, name: str) -> Path:
    """Write the small case on an Economy in a file of this name beside it, and return the case."""
    random_world(4, 3, 4).save(folder / "world.npz")
    (folder / "world.npz").rename(folder / name)
    (folder / "small.yaml").write_text(UNBARGAINED.format(economy=name, rate="20%", more=""))
    return folder / "small.yaml"


def others(folder: Path) -> dict[str, str]:
    """Put files of somebody else into a folder, and return their texts."""
    names = ("mine.csv", "makers.parquet", "figure-mine.png", "intervals_welfare.csv", "tables.xlsx", "market.svg")
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("not ours")
    return dict.fromkeys(names, "not ours")


def texts(folder: Path, names: dict[str, str]) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in names if (folder / name).exists()}


def test_a_workbook_of_products_stays_beside_what_is_written(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pd.DataFrame(
        [("A", "A", "USA", 10.5, 100, 0.3), ("B", "B", "CHN", 7.35, 120, 0.3)],
        columns=["product", "firm", "plant", "price", "quantity", "margin"],
    ).to_excel(tmp_path / "tables.xlsx", index=False)
    (tmp_path / "case.yaml").write_text(JOINED.replace("PRODUCTS", "tables.xlsx"))
    before = (tmp_path / "tables.xlsx").read_bytes()
    run = ("run", str(tmp_path / "case.yaml"), "--no-store", "--out", str(tmp_path))
    for _ in range(2):
        code, _, err = call(*run)
        assert (code, (tmp_path / "tables.xlsx").read_bytes() == before) == (0, True), err
    code, printed, err = call(*run, "--format", "xlsx")
    assert (code, printed, (tmp_path / "tables.xlsx").read_bytes() == before) == (2, "", True)
    assert "tables.xlsx is an input, and would be overwritten" in " ".join(err.split())


@pytest.mark.parametrize("name", slow_after(2, ["welfare.csv", "figure-winners.png", "report.html", "tables.json"]))
def test_what_a_case_reads_is_not_written_over(tmp_path: Path, name: str) -> None:
    case = world_named(tmp_path, name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ep.errors.InputError, match=f"{name} is a file that is read, and would be overwritten"):
        ep.run(case).to_folder(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_economy_that_run_is_given_is_not_written_over(tmp_path: Path) -> None:
    case = small(tmp_path)
    world = (tmp_path / "world.npz").rename(tmp_path / "welfare.csv")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    study = ep.run(case, economy=world)
    for write in (study.to_html, study.to_excel):
        for place in (world, case):
            with pytest.raises(ep.errors.InputError, match=f"{place.name} is a file that is read, and would be over"):
                write(place)
    with pytest.raises(ep.errors.InputError, match=r"welfare.csv is a file that is read, and would be overwritten"):
        study.to_folder(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["by_sector.csv", "by_partner.csv"])
def test_what_exposure_reads_is_not_written_over(tmp_path: Path, name: str) -> None:
    trade, schedule = tmp_path / "trade.parquet", tmp_path / name
    rows = {"importer": ["USA"], "partner": ["JPN"], "product": ["870323"], "value": [1e6]}
    pd.DataFrame(rows).to_parquet(trade)
    schedule.write_text("importer,product,rate\nUSA,8703,2.5%\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    read = {"stacking": "plain", "on": "2025-06-01", "threads": 1}
    found = ep.exposures.exposure(trade, [schedule], **read)
    refused = r" is a file that is read, and would be overwritten: give another name to write to"
    with pytest.raises(ep.errors.InputError, match=name + refused):
        found.to_folder(tmp_path)
    with pytest.raises(ep.errors.InputError, match=name + refused):
        found.to_case(schedule)
    with pytest.raises(ep.errors.InputError, match="trade.parquet" + refused):
        ep.exposures.exposure(trade, [schedule], lines=trade, **read)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_case_is_not_written_over(tmp_path: Path) -> None:
    case = small(tmp_path, case=UNBARGAINED).rename(tmp_path / "tables.json")
    text = case.read_text()
    code, _, err = call("run", str(case), "--no-store", "--out", str(tmp_path))
    assert (code, case.read_text()) == (2, text)
    assert "tables.json is a file that is read" in " ".join(err.split())


def test_a_figure_is_not_written_over_the_products_of_its_case(tmp_path: Path) -> None:
    (tmp_path / "cars.csv").write_text(PRODUCTS)
    (tmp_path / "case.yaml").write_text(JOINED.replace("PRODUCTS", "cars.csv"))
    code, _, err = call("figure", str(tmp_path / "case.yaml"), "winners", "-o", str(tmp_path / "cars.csv"))
    assert (code, (tmp_path / "cars.csv").read_text()) == (2, PRODUCTS)
    assert "is an input, and would be overwritten" in " ".join(err.split())


def test_a_workbook_of_a_market_is_not_written_over(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    (tmp_path / "tables.xlsx").write_text("any")
    code, printed, err = call("market", str(tmp_path / "tables.xlsx"), "--format", "xlsx", "--out", str(tmp_path))
    assert (code, printed, (tmp_path / "tables.xlsx").read_text()) == (2, "", "any")
    assert "is an input, and would be overwritten" in " ".join(err.split())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ep.Study:
    return ep.run(small(tmp_path_factory.mktemp("small"), case=UNBARGAINED))


def test_files_of_somebody_else_stay(study: ep.Study, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept = others(out)
    for _ in range(2):
        study.to_folder(out)
        assert texts(out, kept) == kept


def test_a_workbook_that_python_wrote_stays(study: ep.Study, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    study.to_excel(tmp_path / "out" / "tables.xlsx")
    for _ in range(2):
        study.to_folder(tmp_path / "out")
        assert (tmp_path / "out" / "tables.xlsx").exists()


def test_files_of_an_earlier_answer_go_unless_they_were_changed(tmp_path: Path) -> None:
    study, out = ep.run(small(tmp_path)), tmp_path / "out"
    written = {path.name for path in study.to_folder(out)}
    listed = json.loads((out / "tables.json").read_text())["written"]
    assert set(listed) == written - {"tables.json"}
    bare = small(tmp_path, case=UNBARGAINED)
    assert {"deals.csv", "deals.parquet"} <= written
    (out / "deals.csv").write_text("typed by hand")
    again = {path.name for path in ep.run(bare).to_folder(out)}
    assert {path.name for path in out.iterdir()} == again | {"deals.csv"}
    assert not again & {"deals.csv", "deals.parquet"}


def test_the_workbook_of_a_path_is_not_deleted_by_its_report(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    out = tmp_path / "out"
    case = small_path(tmp_path, case=UNBARGAINED)
    for _ in range(2):
        code, _, err = call("path", case, "--format", "xlsx", "--out", str(out))
        assert code == 0, err
        assert "tables.xlsx" in err
        assert (out / "tables.xlsx").exists()


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_list_has_no_file_of_an_earlier_answer(tmp_path: Path, text: str) -> None:
    others(tmp_path)
    (tmp_path / "sub.csv").mkdir()
    (tmp_path / "tables.json").write_text(text)
    assert written_earlier(tmp_path / "tables.json") == []
    list_as_written(tmp_path / "tables.json", tmp_path / "mine.csv")


def test_a_report_is_written_beside_a_damaged_list(study: ep.Study, tmp_path: Path) -> None:
    kept = others(tmp_path)
    (tmp_path / "tables.json").write_text(DAMAGED[0])
    study.to_folder(tmp_path)
    assert (texts(tmp_path, kept), (tmp_path / "welfare.csv").exists()) == (kept, True)


@pytest.mark.parametrize("text", DAMAGED[:5], ids=range(5))
def test_a_damaged_list_of_a_market_is_passed_over(tmp_path: Path, text: str) -> None:
    out = tmp_path / "out"
    kept = others(out)
    (out / "sub.csv").mkdir()
    (out / "market.json").write_text(text)
    code, _, err = call("market", "us-cars-2018", "--out", str(out))
    assert code == 0, err
    assert (texts(out, kept), (out / "sub.csv").is_dir(), (out / "base.csv").exists()) == (kept, True, True)


def test_a_folder_in_the_place_of_a_table_is_found_before_anything_is_written(study: ep.Study, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "market.json").mkdir(parents=True)
    code, _, err = call("market", "us-cars-2018", "--out", str(out))
    assert (code, [path.name for path in out.iterdir()]) == (2, ["market.json"])
    assert "is a folder, where a file is to be written" in " ".join(err.split())
    (out / "report.html").mkdir()
    with pytest.raises(ep.errors.InputError, match="is a folder, where a file is to be written"):
        study.to_folder(out)
    assert {path.name for path in out.iterdir()} == {"market.json", "report.html"}


@pytest.mark.parametrize(
    "verb", slow_after(2, ["run --no-store", "path", "bargain --no-store", "sweep --grid tariff.rate=0.1:0.3:2"])
)
def test_an_economy_that_a_verb_is_given_is_not_written_over(tmp_path: Path, verb: str) -> None:
    name, *options = verb.split()
    text = CASE if name == "bargain" else UNBARGAINED
    case = small_path(tmp_path, case=text) if name == "path" else str(small(tmp_path, case=text))
    world = (tmp_path / "world.npz").rename(tmp_path / "welfare.csv")
    before = world.read_bytes()
    if name == "sweep":
        options += ["--store", str(tmp_path / "store")]
    code, _, err = call(name, case, "--economy", str(world), *options, "--out", str(tmp_path))
    assert (code, world.read_bytes() == before, (tmp_path / "report.html").exists()) == (2, True, False), err
    assert "welfare.csv is a file that is read, and would be overwritten" in " ".join(err.split())
