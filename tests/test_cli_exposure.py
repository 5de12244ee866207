"""The verb `exposure`: what it prints, writes, and leaves alone."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.report.terminal_exposure import _provenance
from test_cli import call

TRADE = """importer,partner,product,value
USA,JPN,8703230190,40000000000
USA,MEX,8703230190,30000000000
USA,CHN,8542310000,5000000000
USA,VNM,9901000000,100000000
"""
SCHEDULE = """importer,product,partner,rate,authority,kind
USA,8703,,2.5%,MFN,applied
USA,8542,ALL,Free,MFN,applied
USA,8703,ALL,25%,232 autos,applied
USA,8703,,2.5%,,bound
USA,8703,MEX,50%,232 autos,proposed
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trade.csv").write_text(TRADE)
    (tmp_path / "schedule.csv").write_text(SCHEDULE)
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    tables = ("--trade", str(folder / "trade.csv"), "--schedule", str(folder / "schedule.csv"))
    return call("exposure", *tables, *arguments)


def test_prints_what_is_paid_and_by_whom(folder: Path) -> None:
    code, printed, err = run(folder)
    assert code == 0, err
    text = " ".join(printed.split())
    assert "US$75.1 billion of imports into the United States, on 31 December 2025" in text
    for heading in (
        "By partner",
        "By sector",
        "By authority",
        "Not wholly accounted for",
        "Method:",
        "Again: entrepot",
    ):
        assert heading in text
    assert "Japan 40.00 15.00 2.50 -12.50 15.00 6.00" in text
    assert re.search(r"no sector \S+ \(US\$100 million\) US\$100 million", text)
    assert "above the bound rate on 2 of 4 lines" in text
    assert "* The largest part of the duty is Section 232, cars: US$" in text
    assert "US$ billion" in text


def test_the_method_has_the_elasticity_that_was_used(folder: Path) -> None:
    for options, says in (
        ((), "; sigma = 1 + theta of world2022, pass-through 1;"),
        (("--elasticity", "3", "--pass-through", "0.5"), "; sigma = 3, pass-through 0.5;"),
        (("--no-response", "--elasticity", "3"), "; imports do not respond;"),
    ):
        assert says in " ".join(run(folder, *options)[1].split())
    tables = str(folder / "trade.csv"), str(folder / "schedule.csv")
    found = ep.exposures.exposure(*tables, elasticity={"motor_vehicles": 2.5})
    assert "; sigma = 1 + theta of world2022, but 2.5 for motor vehicles, pass-through 1;" in _provenance(found, "")[1]


def test_averages_of_a_part_of_trade_say_so(folder: Path) -> None:
    _, printed, _ = run(folder)
    assert "The averages are of" not in printed, "all but 0.1% has a rate"
    (folder / "schedule.csv").write_text("".join(line for line in SCHEDULE.splitlines(True) if "8542" not in line))
    code, printed, err = run(folder)
    assert code == 0, err
    message = (
        "The averages are of the 93.2% of imports that have a rate, US$70.0 billion; no duty is counted on the rest."
    )
    assert message in " ".join(printed.split())


def test_the_next_command_names_an_economy_of_ones_own(folder: Path, world: ep.Economy) -> None:
    world.save(folder / "my world.ep")
    code, _, err = run(folder, "--measures", str(folder / "case.yaml"), "--economy", str(folder / "my world.ep"))
    assert code == 0, err
    assert f"Next: entrepot run {folder / 'case.yaml'} --economy '{folder / 'my world.ep'}'" in err


def test_small_trade_is_in_millions(folder: Path) -> None:
    (folder / "trade.csv").write_text(TRADE.replace("00000000\n", "00000\n"))
    code, printed, err = run(folder)
    assert code == 0, err
    text = " ".join(printed.split())
    assert "US$ million" in text
    assert "US$ billion" not in text
    assert "Japan 40.00 15.00 2.50 -12.50 15.00 6.00" in text


def test_writes_tables_lines_and_a_case_that_runs(folder: Path) -> None:
    lines, case, out = folder / "lines.parquet", folder / "case.yaml", folder / "tables"
    code, _, err = run(folder, "--lines", str(lines), "--measures", str(case), "--out", str(out))
    assert code == 0, err
    assert len(pd.read_parquet(lines)) == 4
    names = {"by_partner", "by_sector", "by_partner_sector", "by_authority", "unmatched", "totals"}
    assert {f.stem for f in out.glob("*.csv")} == names
    assert "Next: entrepot run" in err
    code, printed, err = call("run", str(case))
    assert code == 0, err
    assert "The United States loses US$608 million, Mexico US$6.2 billion" in " ".join(printed.split())


def test_tables_in_a_folder_never_replace_what_is_read(folder: Path) -> None:
    schedule = (folder / "schedule.csv").rename(folder / "by_sector.csv")
    code, _, err = call(
        *("exposure", "--trade", str(folder / "trade.csv"), "--schedule", str(schedule), "--out", str(folder))
    )
    assert (code, schedule.read_text()) == (2, SCHEDULE)
    assert "by_sector.csv is an input, and would be overwritten" in " ".join(err.split())
    assert [file.name for file in sorted(folder.iterdir())] == ["by_sector.csv", "trade.csv"]


def test_json_and_csv(folder: Path) -> None:
    code, printed, _ = run(folder, "--format", "json")
    document = json.loads(printed)
    assert code == 0
    assert document["totals"]["applied"] == pytest.approx((40 * 0.15 + 30 * 0.275) / 75)
    assert {row["partner"] for row in document["by_partner"]} == {"JPN", "MEX", "CHN", "VNM"}
    code, printed, _ = run(folder, "--format", "csv")
    assert code == 0
    assert len(pd.read_csv(StringIO(printed))) == 4


def test_options_reach_the_answer(folder: Path) -> None:
    _, printed, _ = run(folder, "--format", "json", "--elasticity", "0", "--on", "2025-09-15", "--unit", "usd_k")
    totals = json.loads(printed)["totals"]
    assert totals["imports"] == pytest.approx(75.1e6)
    assert totals["imports_response_pct"] == pytest.approx(0)
    assert totals["applied"] == pytest.approx(70 * 0.275 / 75)
    _, printed, _ = run(folder, "--format", "json", "--no-response", "--stacking", "us-2025")
    assert json.loads(printed)["totals"]["imports_response_pct"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stacking", "us-2024"], "unknown stacking 'us-2024'"),
        (["--memory", "much"], "a size is needed"),
        (["--economy", "mars"], "mars"),
        (["--on", "now"], "a date such as"),
        (["--lines", "lines.csv"], ".parquet"),
        (["--elasticity", "big"], "elasticity: 'big'"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(folder: Path, arguments: list[str], message: str) -> None:
    before = sorted(folder.iterdir())
    code, printed, err = run(folder, "--measures", str(folder / "case.yaml"), *arguments)
    assert code == 2
    assert message in " ".join(err.split())
    assert not printed
    assert sorted(folder.iterdir()) == before
