"""The workbook of clients/excel has the numbers of `entrepot run` to sixteen digits, a chart, and formulas that add."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from small_sweep import small
from test_cli import call

openpyxl = pytest.importorskip("openpyxl")

SCRIPT = Path(__file__).parents[2] / "clients" / "excel" / "study_workbook.py"


@pytest.fixture(scope="module")
def client() -> Any:
    spec = importlib.util.spec_from_file_location("study_workbook", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_workbook_has_the_numbers_of_the_command_line(client: Any, tmp_path: Path) -> None:
    code, out, _ = call("run", str(small(tmp_path)), "--format", "json", "--no-store")
    assert code == 0
    study = json.loads(out)
    study["title"] = "=cmd|' /C calc'!A0"
    (tmp_path / "answer.json").write_text(json.dumps(study), encoding="utf-8")
    assert client.main([str(tmp_path / "answer.json"), str(tmp_path / "study.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "study.xlsx")
    rows = list(book["welfare"].iter_rows(values_only=True))
    wide = len(study["tables"]["welfare"][0])
    for row, sent in zip(rows[1:], study["tables"]["welfare"], strict=False):
        # openpyxl writes 16 digits.
        read = dict(zip(rows[0][:wide], row[:wide], strict=True))
        assert {k: v if isinstance(v, str) else f"{v:.15g}" for k, v in read.items()} == {
            k: v if isinstance(v, str) else f"{v:.15g}" for k, v in sent.items()
        }
    assert len(book["welfare"]._charts) == 1
    assert book["answer"]["A1"].data_type == "s"
    formula = book["sums"]["B2"].value
    assert formula.startswith("=SUMIFS(welfare!$")
    assert '"<>WORLD"' in formula
    column = formula.split("!$")[1][0]
    at = openpyxl.utils.column_index_from_string(column) - 1
    assert rows[0][at] == "equivalent_variation"


def test_what_is_wrong_is_reported(client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert client.main([str(tmp_path / "no.json"), str(tmp_path / "x.xlsx")]) == 1
    assert "no.json" in capsys.readouterr().err
    missing = ["nowhere-2030", str(tmp_path / "x.xlsx"), "--entrepot", "false"]
    assert client.main(missing) == 1
    assert "false run nowhere-2030 ended with 1" in capsys.readouterr().err
