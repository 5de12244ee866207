"""Options that contradict each other, have no effect beside another one, or are given twice, are refused by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer

import entrepot as ep
from entrepot.cli import language_first
from entrepot.errors import UnknownNameError
from small_sweep import small
from test_cli import CASE, call

NO_EFFECT = [
    (("run", CASE, "--store", "x", "--no-store"), "--store: has no effect with --no-store"),
    (("bargain", CASE, "--store", "x", "--no-store"), "--store: has no effect with --no-store"),
    (("run", CASE, "--full", "--format", "csv"), "--full: has no effect with --format csv"),
    (("solve", "--subsidy", "USA:food:5%", "--full", "--format", "json"), "--full: has no effect with --format json"),
    (("path", CASE, "--full", "--format", "md"), "--full: has no effect with --format md"),
    (("market", "us-cars-2018", "--full", "--format", "xlsx"), "--full: has no effect with --format xlsx"),
    (("talks", CASE, "--full", "--format", "csv"), "--full: has no effect with --format csv"),
    (("talks", CASE, "--full", "--grid", "belief=0:1:3"), "--full: has no effect with --grid"),
    (("calendar", CASE, "--kinds"), "CASE: has no effect with --kinds"),
    (("calendar", "--kinds", "--on", "2019-05-17"), "--on: has no effect with --kinds"),
    (("calendar", "--kinds", "--ics", "x.ics"), "--ics: has no effect with --kinds"),
    (("calendar", CASE, "--zone", "Asia/Tokyo", "--format", "json"), "--zone: has no effect with --format json"),
    (("replicate", "--csv", "--format", "json"), "--csv: has no effect with --format json"),
    (("replicate", "--data", "."), "--data: it is for one replication"),
    (("figure", CASE, "--out", "x.svg"), "--out: it is for one figure"),
    (("figure", CASE, "--format", "csv"), "--format: it is for one figure"),
    (("figure", CASE, "winners", "--draws", "5"), "--draws: it is for the figures intervals, drivers, drivers_2 alone"),
    (("figure", CASE, "winners", "--store", "x"), "--store: it is for the figures intervals, drivers, drivers_2 alone"),
    (("figure", CASE, "winners", "-o", "x.svg", "--format", "csv"), "--format: has no effect with --out"),
]


@pytest.mark.parametrize(("arguments", "stated"), NO_EFFECT, ids=lambda value: value if isinstance(value, str) else "")
def test_an_option_without_effect_is_refused(arguments: tuple[str, ...], stated: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert stated in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("run", CASE, "--horizon", "short", "--horizon", "long"), "--horizon"),
        (("solve", "--subsidy", "USA:food:5%", "--tol", "1e-8", "--tol", "1e-9"), "--tol"),
        (("cases", "--format", "csv", "--format", "json"), "--format"),
        (("runs", "list", "--kind", "run", "--kind", "sweep"), "--kind"),
        (("economy", "show", "--format", "csv", "--format", "json"), "--format"),
        (("case", "new", "x.yaml", "--force", "--force"), "--force"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_of_any_verb_is_given_once(arguments: tuple[str, ...], option: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert f"{option}: given 2 times; give it once" in " ".join(err.split())


def test_one_language_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        language_first(["--lang", "de", "run", "x", "--lang=fr"])
    assert "--lang: given 2 times; give it once" in capsys.readouterr().err
    assert language_first(["run", "x", "--lang", "de"]) == ["--lang", "de", "run", "x"]


@pytest.mark.parametrize("verb", ["screen", "figure", "fear", "optimal"])
def test_an_unknown_scenario_is_refused_at_its_option(verb: str) -> None:
    arguments = ("optimal", "USA", "--case", CASE) if verb == "optimal" else (verb, CASE)
    code, _, err = call(*arguments, "--scenario", "tarif")
    assert code == 2
    assert "--scenario: unknown scenario 'tarif'; did you mean tariff" in " ".join(err.split())


def test_an_unknown_scenario_is_refused_at_its_argument() -> None:
    with pytest.raises(UnknownNameError, match="scenarios: unknown scenario 'tarif'"):
        ep.screen(CASE, scenarios=["tarif"])


def test_an_empty_name_of_a_scenario_is_not_the_threat(tmp_path: Path) -> None:
    code, _, err = call("fear", str(small(tmp_path)), "--scenario", "", "--probability", "30%", "--years", "1")
    assert code == 2
    assert "unknown scenario ''" in " ".join(err.split())


@pytest.mark.parametrize("arguments", [("run", CASE), ("market", "us-cars-2018"), ("path", CASE)], ids=lambda a: a[0])
def test_nothing_is_written_where_a_workbook_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    out = tmp_path / "out"
    code, printed, err = call(*arguments, "--format", "xlsx", "--out", str(out))
    assert (code, printed, out.exists()) == (2, "", False)
    assert "Excel files need openpyxl" in " ".join(err.split())


def test_the_tables_of_a_run_are_printed_as_csv(tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    assert call("run", str(small(tmp_path)), *store)[0] == 0
    name = call("runs", "list", *store, "--format", "csv")[1].splitlines()[1].split(",")[0]
    code, out, err = call("runs", "show", name, *store, "--format", "csv")
    assert code == 0, err
    assert out.startswith("table,rows,parts\ncountries,")
