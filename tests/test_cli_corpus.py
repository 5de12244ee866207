"""Awkward files on the command line: the right number and a word on what was decided, or one sentence and nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from test_cli import call

SCHEDULE = "product;partner;rate\n87;;2,5 %\n8703;Korea, Rep.;Free 1/\n8703;Japan;27,5 % + 3c/kg\n"
TRADE = (
    "Einfuhren der Vereinigten Staaten\n"
    "importer;partner;product;value\n"
    "USA;Japan;8703.23;1.000.000,50\n"
    "USA;Korea, Rep.;8703.23;2.000.000\n"
    "USA;Côte d'Ivoire;8708.99;3.000.000\n"
    ";;;\n"
    "USA;World;87;6.000.000,50\n"
    "Quelle: erfunden\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trade.csv").write_bytes(TRADE.encode("cp1252"))
    (tmp_path / "schedule.csv").write_bytes(SCHEDULE.encode("utf-16"))
    return tmp_path


def test_a_german_spreadsheet(folder: Path) -> None:
    lines = folder / "lines.parquet"
    code, printed, err = call(
        *("exposure", "--trade", str(folder / "trade.csv"), "--schedule", str(folder / "schedule.csv")),
        *("--stacking", "plain", "--on", "2024-07-01", "--lines", str(lines)),
    )
    assert code == 0, err
    found = pd.read_parquet(lines).set_index("partner")
    assert found["imports"].to_dict() == pytest.approx({"JPN": 1.0000005, "KOR": 2.0, "CIV": 3.0})
    assert found["applied"].to_dict() == pytest.approx({"JPN": 0.275, "KOR": 0.0, "CIV": 0.025})
    text = " ".join(printed.split())
    for note in (
        "read as Windows-1252",
        "a comma before decimals and a point between thousands",
        "with compound duties",
    ):
        assert note in text
    assert "Einfuhren der Vereinigten Staaten" in text
    assert "Quelle: erfunden" in text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("1.000.000,50", "1.000.000.50"), "row 1 (line 3 of the file): the value is '1.000.000.50'"),
        (("Japan", "Jappan"), "row 1 (line 3 of the file) (partner): unknown country 'Jappan'; did you mean Japan"),
        (("8703.23;2", "8703.1;2"), "row 2 (line 4 of the file): '8703.1' is not a code of the Harmonized System"),
        (("Côte d'Ivoire", "G7"), "the exporter G7 is a total of countries that the table has too (JPN)"),
    ],
)
def test_what_is_refused_writes_nothing(folder: Path, changed: tuple[str, str], message: str) -> None:
    (folder / "trade.csv").write_bytes(TRADE.replace(*changed).encode("cp1252"))
    code, printed, err = call(
        *("exposure", "--trade", str(folder / "trade.csv"), "--schedule", str(folder / "schedule.csv")),
        *("--stacking", "plain", "--on", "2024-07-01", "--lines", str(folder / "lines.parquet")),
        *("--measures", str(folder / "case.yaml")),
    )
    assert code == 2
    assert printed == ""
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["schedule.csv", "trade.csv"]
