"""The workbook of clients/excel has the numbers of `entrepot run` to sixteen digits, a chart, and formulas that add."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
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
    assert formula.startswith("=SUMPRODUCT(EXACT(welfare!$")
    assert '<>"WORLD"' in formula
    column = formula.split("!$")[-1][0]
    at = openpyxl.utils.column_index_from_string(column) - 1
    assert rows[0][at] == "equivalent_variation"


@pytest.fixture(scope="module")
def reply() -> dict[str, Any]:
    """A study of two scenarios with names that Excel would read as a formula, or as a condition that all rows meet."""
    rows = [("*", "USA", 1.0), ("*", "WORLD", 9.0), ("=1+1", "USA", 2.0), ("=1+1", "JPN", 4.0)]
    welfare = [{"scenario": s, "party": p, "equivalent_variation": v, "real_income_pct": v / 1000} for s, p, v in rows]
    screen = {"answers": {"*": {"sentences": ["Zölle"]}}, "basis": {"sentence": "A base."}}
    measures = [{"scenario": "*", "wedge": 0.023, "rent": 5.0}]
    return {
        "title": "Zölle",
        "scenarios": {},
        "first_screen": screen,
        "tables": {"welfare": welfare, "measures": measures},
        "provenance": {},
    }


def test_sums_are_of_their_scenario_whatever_its_name(client: Any, reply: dict[str, Any], tmp_path: Path) -> None:
    client.write_workbook(reply, str(tmp_path / "study.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "study.xlsx")
    formulas = [cell.coordinate for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert formulas == ["B2", "B3"]
    assert [book["sums"].cell(k, 1).value for k in (2, 3)] == ["*", "=1+1"]
    if shutil.which("soffice") is None:
        return
    convert = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to"]
    sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,3"
    folder, book_file = str(tmp_path), str(tmp_path / "study.xlsx")
    subprocess.run([*convert, sheet, "--outdir", folder, book_file], check=True, capture_output=True, timeout=120)
    lines = (tmp_path / "study-sums.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:3] == ["*,1", "=1+1,6"]


def test_control_characters_are_left_out(client: Any, reply: dict[str, Any], tmp_path: Path) -> None:
    client.write_workbook({**reply, "title": "a bell\a\x0b"}, str(tmp_path / "study.xlsx"))
    assert openpyxl.load_workbook(tmp_path / "study.xlsx")["answer"]["A1"].value == "a bell"


def test_the_sheet_of_sums_says_what_it_counts_twice(client: Any, reply: dict[str, Any], tmp_path: Path) -> None:
    client.write_workbook(reply, str(tmp_path / "study.xlsx"))
    assert openpyxl.load_workbook(tmp_path / "study.xlsx")["sums"]["A5"].value == (
        "A country that is a party, and whose group is one too, is counted twice."
    )


def test_shares_and_small_changes_are_seen(client: Any, reply: dict[str, Any], tmp_path: Path) -> None:
    client.write_workbook(reply, str(tmp_path / "study.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "study.xlsx")
    assert [book["measures"].cell(2, k).number_format for k in (2, 3)] == ["0.0%", "#,##0.0"]
    assert book["welfare"]["D2"].number_format == "0.000"


def test_accents_arrive_in_any_locale(reply: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "command.py").write_text(
        f"import sys\nsys.stdout.buffer.write({json.dumps(reply, ensure_ascii=False)!r}.encode())\n", encoding="utf-8"
    )
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    call = ["mine", str(tmp_path / "study.xlsx"), "--entrepot", f"{sys.executable} {tmp_path / 'command.py'}"]
    done = subprocess.run([sys.executable, str(SCRIPT), *call], env=plain, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert openpyxl.load_workbook(tmp_path / "study.xlsx")["answer"]["A1"].value == "Zölle"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"tables": {}, "provenance": {}}', "answer.json: no study: it has no 'title'"),
        ("[1]", "answer.json: no study: it is a list"),
        ("{", "answer.json: not JSON"),
    ],
)
def test_a_file_that_is_no_study_is_refused(
    text: str, says: str, client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answer.json").write_text(text, encoding="utf-8")
    assert client.main([str(tmp_path / "answer.json"), str(tmp_path / "study.xlsx")]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "study.xlsx").exists()


def test_a_desk_or_a_command_that_is_not_there_is_named(
    client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["mine", str(tmp_path / "study.xlsx")]
    assert client.main([*call, "--desk", "http://127.0.0.1:9"]) == 1
    assert "no desk answers at http://127.0.0.1:9" in capsys.readouterr().err
    assert client.main([*call, "--entrepot", "no-such-command"]) == 1
    assert "the command 'no-such-command' is not found; name another with --entrepot" in capsys.readouterr().err


def test_a_desk_gets_its_token(
    client: Any, reply: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def answer(request: Any, timeout: float) -> io.BytesIO:
        sent.append(request)
        return io.BytesIO(json.dumps(reply).encode())

    monkeypatch.setattr("urllib.request.urlopen", answer)
    call = ["mine", str(tmp_path / "study.xlsx"), "--desk", "http://desk:8642/"]
    assert client.main([*call, "--token", "a-token-of-a-desk"]) == 0
    assert client.main(call) == 0
    assert [request.full_url for request in sent] == ["http://desk:8642/api/v1/run"] * 2
    assert [request.get_header("Authorization") for request in sent] == ["Bearer a-token-of-a-desk", None]


def test_what_is_wrong_is_reported(client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert client.main([str(tmp_path / "no.json"), str(tmp_path / "x.xlsx")]) == 1
    assert "no.json" in capsys.readouterr().err
    missing = ["nowhere-2030", str(tmp_path / "x.xlsx"), "--entrepot", "false"]
    assert client.main(missing) == 1
    assert "false run nowhere-2030 ended with 1" in capsys.readouterr().err
