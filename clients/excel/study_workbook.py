"""Make an Excel workbook of a study: a sheet for each table, bars of who gains and who loses, and a sheet that sums.

    python study_workbook.py us-japan-autos-2019 study.xlsx                          from the command line `entrepot`
    python study_workbook.py mine.yaml study.xlsx --entrepot "python -m entrepot"    the same, in another environment
    python study_workbook.py us-japan-autos-2019 study.xlsx --desk http://localhost:8642   from a desk
    python study_workbook.py answer.json study.xlsx                                  from a reply that was kept

It needs openpyxl (https://openpyxl.readthedocs.io) and nothing else of Python's packages. Numbers are those of the
reply to sixteen digits; money is in US$ million a year. The sheet `sums` has formulas that Excel computes again when a
number is changed.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

#: How Excel shows numbers, by the end of a column's name; the cells hold them in full.
FORMATS = {"_pct": "0.000", "share": "0.0%", "wedge": "0.0%", "pass_through": "0.0%"}
#: Characters that no cell may hold.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
#: What a reply has that is a study.
PARTS = ("title", "scenarios", "tables", "first_screen", "provenance")
#: Texts that a spreadsheet would read as formulas begin with these.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def main(arguments: list[str]) -> int:
    """Write the workbook of a study; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", help="a bundled case, a case file, or a reply (.json)")
    parser.add_argument("workbook", help="the file to write (.xlsx)")
    parser.add_argument("--entrepot", default="entrepot", help="the command that runs Entrepot")
    parser.add_argument("--desk", help="the address of a desk, instead of the command; then CASE is a case of the desk")
    parser.add_argument("--token", help="the token that the desk wants, where it wants one")
    given = parser.parse_args(arguments)
    try:
        study = read_study(given.case, given.entrepot, given.desk, given.token)
        write_workbook(study, given.workbook)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def read_study(
    case: str, command: str = "entrepot", desk: str | None = None, token: str | None = None
) -> dict[str, Any]:
    """Return the reply about a case: that of a kept file, of a desk (POST /api/v1/run) or of `entrepot run`.

    Raises `RuntimeError` or `OSError` where there is none, and `ValueError` for a file that is no study.
    """
    if case.endswith(".json"):
        return _study(Path(case).read_text(encoding="utf-8"), case)
    if desk is not None:
        return _study(_ask(desk, {"case": case}, token), desk)
    try:
        done = subprocess.run(
            [*shlex.split(command), "run", case, "--format", "json"],
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise RuntimeError(f"the command {command!r} is not found; name another with --entrepot") from None
    message = done.stderr.strip() or f"{command} run {case} ended with {done.returncode}"
    try:
        found = _study(done.stdout, command)
    except ValueError:
        raise RuntimeError(message) from None
    if done.returncode != 0:  # some scenario has no answer; the tables hold the others
        sys.stderr.write(f"{message}\n")
    return found


def _ask(desk: str, question: dict[str, Any], token: str | None) -> str:
    """Return what a desk replies; raise `RuntimeError` with its reason, or where no desk answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        request = urllib.request.Request(f"{desk.rstrip('/')}/api/v1/run", json.dumps(question).encode(), headers)
        with urllib.request.urlopen(request, timeout=300) as reply:
            return str(reply.read().decode())
    except urllib.error.HTTPError as error:
        hint = " (here: --token TOKEN)" if error.code == 401 else ""
        raise RuntimeError(f"{desk}: {_reason(error)}{hint}") from None
    except (OSError, ValueError) as error:
        raise RuntimeError(f"no desk answers at {desk}: {getattr(error, 'reason', error)}") from None


def _reason(error: urllib.error.HTTPError) -> str:
    """Return why a desk refused, in its own words where it has any."""
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, LookupError, TypeError):
        return str(error)


def _study(text: str, source: str) -> dict[str, Any]:
    """Return the study in a reply; raise `ValueError` where it is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{source}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{source}: no study: it is a {type(found).__name__}")
    missing = next((part for part in PARTS if part not in found), None)
    if missing is not None:
        raise ValueError(f"{source}: no study: it has no {missing!r}")
    return found


def write_workbook(study: dict[str, Any], path: str) -> None:
    """Write the tables of a reply, a chart of the welfare table, sums as formulas, and what the numbers rest on."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    first.title = "answer"
    _write_rows(first, [[line] for line in _answer(study)])
    first.column_dimensions["A"].width = 110
    for name, rows in study["tables"].items():
        if rows:
            sheet = book.create_sheet(name[:31])
            _write_table(sheet, rows)
            if name == "welfare":
                _draw_welfare(sheet, rows)
                _write_sums(book.create_sheet("sums"), rows)
    about = book.create_sheet("about")
    _write_rows(about, [["what", "text"], *([key, text] for key, text in study["provenance"].items())])
    about.column_dimensions["B"].width = 110
    book.save(path)


def _answer(study: dict[str, Any]) -> list[str]:
    """Return the title, and the sentences on each scenario of the first screen."""
    lines = [study["title"], ""]
    for name, found in study["first_screen"]["answers"].items():
        lines += [study["scenarios"].get(name, name), *found["sentences"], ""]
    return [*lines, study["first_screen"]["basis"]["sentence"]]


def _write_table(sheet: Any, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    _write_rows(sheet, [columns, *([row[name] for name in columns] for row in rows)])
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    for place, name in enumerate(columns, start=1):
        shown = next((shape for end, shape in FORMATS.items() if name.endswith(end)), "#,##0.0")
        for cell in next(sheet.iter_cols(min_col=place, max_col=place, min_row=2)):
            if isinstance(cell.value, float):
                cell.number_format = shown
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = max(12, min(40, len(name) + 2))


def _write_rows(sheet: Any, rows: list[list[Any]]) -> None:
    """Write rows as they are, the first in bold."""
    from openpyxl.styles import Font

    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            plain = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
            cell = _write_cell(sheet, number, place, plain)
            if number == 1:
                cell.font = Font(bold=True)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write a value and return its cell; a text that Excel would read as a formula is stored as a text.

    Control characters, which no cell may hold, are left out.
    """
    cell = sheet.cell(row, column, re.sub(CONTROLS, "", value) if isinstance(value, str) else value)
    if isinstance(value, str) and value.startswith(FORMULA):
        cell.data_type = "s"
    return cell


def _draw_welfare(sheet: Any, rows: list[dict[str, Any]]) -> None:
    """Add bars of equivalent variation: a group for each scenario, and a colour for each party."""
    from openpyxl.chart import BarChart, Reference

    parties = list(dict.fromkeys(row["party"] for row in rows))
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))
    value = {(row["scenario"], row["party"]): row["equivalent_variation"] for row in rows}
    left, top = len(rows[0]) + 2, 1
    for place, party in enumerate(parties, start=1):
        _write_cell(sheet, top, left + place, party)
    for number, scenario in enumerate(scenarios, start=1):
        _write_cell(sheet, top + number, left, scenario)
        for place, party in enumerate(parties, start=1):
            sheet.cell(top + number, left + place, value.get((scenario, party)))
    chart = BarChart()
    chart.type, chart.title = "bar", "Who gains and who loses, US$ million a year"
    chart.y_axis.delete = chart.x_axis.delete = False
    last = top + len(scenarios)
    chart.add_data(
        Reference(sheet, min_col=left + 1, max_col=left + len(parties), min_row=top, max_row=last),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=left, min_row=top + 1, max_row=last))
    chart.height, chart.width = max(8, 2 * len(scenarios)), 22
    sheet.add_chart(chart, sheet.cell(top + len(scenarios) + 3, left).coordinate)


def _write_sums(sheet: Any, rows: list[dict[str, Any]]) -> None:
    """Write, for each scenario, what all parties but the world gain together, as formulas over the sheet `welfare`.

    Names are compared letter by letter, as a condition of SUMIFS would read `*` or `<` in them as a pattern.
    """
    columns = list(rows[0])
    letter = {name: chr(ord("A") + columns.index(name)) for name in ("scenario", "party", "equivalent_variation")}
    end = len(rows) + 1

    def span(name: str) -> str:
        return f"welfare!${letter[name]}$2:${letter[name]}${end}"

    sheet.append(["scenario", "the parties together, US$ million a year"])
    for number, scenario in enumerate(dict.fromkeys(row["scenario"] for row in rows), start=2):
        _write_cell(sheet, number, 1, scenario)
        of_it = f"EXACT({span('scenario')},A{number})"
        sheet.cell(number, 2, f'=SUMPRODUCT({of_it}*({span("party")}<>"WORLD")*{span("equivalent_variation")})')
    sheet.cell(sheet.max_row + 2, 1, "A country that is a party, and whose group is one too, is counted twice.")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 40, 40


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
