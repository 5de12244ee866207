"""The verb path: the first screen, every form of output, the report, and what it refuses."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases import load_case
from entrepot.cases.case_path import solve_case_path
from entrepot.paths import solve_path
from entrepot.report.terminal_answer import SCREEN, screen_lines
from entrepot.report.terminal_path import render_path
from shelves import slow_after
from small_path import small_path
from test_cli import call


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_path(tmp_path_factory.mktemp("path"))


def document(*arguments: str) -> dict[str, Any]:
    code, out, err = call("path", *arguments, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def test_first_screen_says_who_gains_what_is_bought_early_and_how_sure(case: str) -> None:
    code, out, err = call("path", case)
    assert code == 0, err
    printed = " ".join(out.split())
    assert re.search(
        r'If "a tariff" is carried out on 1 December 2019, C00 \w+ US\$.* in real income over 1 January 2019 to 1 '
        r"January 2021, discounted at 3% a year\.",
        printed,
    )
    assert re.search(
        r"Ahead of this measure, believed with 40%, importers buy US\$\S+ \w+ early, \d+ days of imports of what it "
        r"hits, and import none of that for \d+ days after it on average. Keeping what is bought early costs US\$",
        printed,
    )
    assert "Price: of these imports, duty included, against consumer prices." in printed
    assert re.search(
        r"Goods are highest in Q3 2019, \S+ above the base, and lowest in Q1 2020, \S+ below the base", printed
    )
    assert "How sure: assumed, not estimated: belief 40%, storage 15%, interest 5%, crowding 1, lead 90 days" in printed
    assert "--grid belief=0:1:5" in printed
    assert "More: --full" in printed
    assert "deadline, begins" in printed
    assert len(out.splitlines()) <= SCREEN


ESCAPED = "no export tax or minimum price is paid; real income counts it as if it were."


@pytest.mark.parametrize(
    ("measure", "escaped"),
    [
        ("export_tax: {exporter: C01, importer: C00, sector: s00, rate: 20%}", True),
        ("minimum_price: {importer: C00, exporter: C01, sector: s00, price: 120%}", True),
        ("minimum_price: {importer: C00, exporter: C01, sector: s00, price: 120%, rent: importer}", False),
        ("tariff: {importer: C00, exporter: C01, sector: s00, rate: 20%, change: add}", False),
    ],
)
def test_a_sentence_on_what_escapes_an_export_tax(tmp_path: Path, measure: str, escaped: bool) -> None:
    more = f"  fee: {{title: A fee, measures: [{{{measure}}}]}}\n"
    path = Path(small_path(tmp_path, "scenario: tariff", "scenario: fee"))
    text = path.read_text().replace("{tariff: {announced", "{fee: {announced")
    path.write_text(text.replace("scenarios:\n", f"scenarios:\n{more}", 1))
    code, out, err = call("path", str(path))
    assert code == 0, err
    printed = " ".join(out.split())
    assert "importers buy US$" in printed
    assert (ESCAPED in printed) is escaped


@pytest.mark.parametrize("width", slow_after(1, [80, 100, 160]))
def test_first_screen_fits_at_every_width(case: str, width: int) -> None:
    found = solve_case_path(load_case(case))
    assert screen_lines(render_path(found, width), width) <= SCREEN


def test_numbers_are_those_of_python(case: str) -> None:
    found = document(case)
    python = solve_case_path(load_case(case))
    table = pd.DataFrame(found["tables"]["path_quarters"]).set_index(["step", "party"])
    mine = python.parties
    np.testing.assert_allclose(table[list(mine.columns)], mine, rtol=1e-6, atol=1e-6)
    totals = pd.DataFrame(found["tables"]["path_totals"]).set_index("party")
    np.testing.assert_allclose(totals[list(python.totals.columns)], python.totals, rtol=1e-6, atol=1e-6)
    by_hand = python.path.totals["equivalent_variation"]
    assert totals.loc["WORLD", "equivalent_variation"] == pytest.approx(by_hand.sum(), rel=1e-6)
    assert [row["event"] for row in found["tables"]["path_events"]] == ["announced", "deadline", "begins"]
    assert found["path"]["in_force"][0]["probability"] == 0.4
    assert found["complete"]
    base = python.path.base.flows.border.sum()
    markets = pd.DataFrame(found["tables"]["path_markets"])
    np.testing.assert_allclose(markets["imports_pct"], 100 * (markets["imports"] / base - 1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("belief", ["62.5%", "99.6%"])
def test_a_stated_belief_keeps_its_decimals(case: str, belief: str) -> None:
    """The sentence, the cell of the table and the number of the file are the same belief."""
    code, out, err = call("path", case, "--belief", belief, "--full")
    assert code == 0, err
    table = out[out.index("What importers buy early") :]
    assert f"believed with {belief}" in " ".join(out.split())
    assert belief in table.splitlines()[2].split()


def test_a_higher_belief_brings_more_forward(case: str) -> None:
    low, high = (document(case, "--belief", belief)["tables"]["path_surges"][0] for belief in ("20%", "0.9"))
    assert (low["probability"], high["probability"]) == pytest.approx((0.2, 0.9))
    assert high["surge"] > 2 * low["surge"]


@pytest.mark.parametrize("form", slow_after(2, ["csv", "md", "latex", "text"]))
def test_other_forms(case: str, form: str) -> None:
    code, out, err = call("path", case, "--format", form)
    assert code == 0, err
    if form == "csv":
        table = pd.read_csv(StringIO(out))
        assert set(table["party"]) == {"C00", "C01", "WORLD"}
        assert len(table) == 3 * 8
    else:
        assert "2019" in out


def test_in_full_it_has_every_quarter_and_table(case: str) -> None:
    code, out, err = call("path", case, "--full")
    assert code == 0, err
    assert all(f"Q{q} {year}" in out for q in (1, 2, 3, 4) for year in (2019, 2020))
    for title in ("The path by quarter", "The path: totals over the window", "What importers buy early"):
        assert title in out


def test_by_year_and_with_workers(tmp_path: Path) -> None:
    plain = "  branch: lapsed\n  step: year\n  mobility: {country: C00}\n  expectations: myopic\n"
    case = small_path(tmp_path, "  branch: lapsed\n  expectations: beliefs\n  belief: 40%\n  capital: {}\n", plain)
    code, out, err = call("path", case, "--full")
    assert code == 0, err
    assert "The path by year" in out
    assert "Workers by sector" in out
    assert "Nothing is bought early: no measure that is expected" in " ".join(out.split())
    found = document(case)
    assert len(found["tables"]["path_workers"]) == 2 * 3
    assert "90% of workers stay in their sector" in found["sure"]


@pytest.mark.slow
def test_out_writes_the_report_with_the_path(case: str, tmp_path: Path) -> None:
    code, _, err = call("path", case, "--belief", "0.7", "--out", str(tmp_path / "out"))
    assert code == 0, err
    assert "report.html" in err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"report.html", "path_quarters.csv", "path_totals.csv", "path_surges.csv", "figure-path.png"} <= written
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "The path by quarter" in page
    assert 'id="path-title"' in page
    assert "discounted at 3% a year." in page, "the sentences of the path stand above its figure"
    assert "How sure: assumed, not estimated: belief 70%" in page
    surge = pd.read_csv(tmp_path / "out" / "path_surges.csv")
    assert surge["probability"].tolist() == [0.7]


def test_an_interrupt_prints_what_is_solved(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = solve_path.March.mixed
    calls = []

    def stops(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > 8:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(solve_path.March, "mixed", stops)
    code, out, _ = call("path", case)
    assert code == 130
    assert re.search(r"Interrupted: the path is solved until 1 \w+ 20\d\d\.", " ".join(out.split()))
    assert "in real income over" in " ".join(out.split())


def test_an_interrupt_before_the_stocks_are_solved_does_not_deny_them(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(solve_path.Importers, "surges", stops)
    code, out, _ = call("path", case)
    assert code == 130
    assert "What is bought early was not solved before the interruption" in " ".join(out.split())
    assert "Nothing is bought early" not in out


def test_what_the_answer_says_where_goods_are_not_stored_or_the_threat_lapses(tmp_path: Path) -> None:
    other = document(small_path(tmp_path, "inventories: {sectors: s00}", "inventories: {sectors: s01}"))["sentences"]
    assert other[1].startswith("Nothing is bought early: no measure that is expected raises the price of what can be")
    assert "highest in Q1 2019, as in the base, and lowest" in other[2]
    folder = tmp_path / "lapses"
    folder.mkdir()
    lapses = small_path(folder, "announced: 2019-05-17", "announced: 2019-05-17, carried_out: false")
    gains, early, *_ = document(lapses)["sentences"]
    assert gains.startswith('If "a tariff" is not carried out on 1 December 2019, C00')
    assert "it lapses, and they import none of that" in early


def test_consumption_is_not_called_a_part_of_real_income(case: str) -> None:
    printed = " ".join(call("path", case, "--full")[1].split())
    assert "of it consumed" not in printed
    assert "Consumption rises by what is invested less, so it may change by more than real income." in printed
    assert "Days: of imports of what the measure hits and importers can store." in printed


def test_what_is_refused(case: str, tmp_path: Path) -> None:
    for arguments, says in (
        (("us-eu-autos-2026",), "has no path"),
        ((case, "--belief", "140%"), "--belief: 1.4 is not between 0 and 1"),
        ((case, "--belief", "80"), "--belief: 80 is not between 0 and 1; 80%?"),
        ((case, "--belief", "often"), "--belief"),
        ((case, "--out", ""), "--out: the name of a file or folder is needed"),
        ((case, "--closure", "labour_share=0.6", "--closure", "capital=2"), "the closure states stocks of capital"),
    ):
        code, _, err = call("path", *arguments)
        assert code == 2, err
        assert says in err
        assert len(err.strip().splitlines()) == 1
    certain = small_path(tmp_path, "  expectations: beliefs\n  belief: 40%\n", "")
    code, _, err = call("path", certain, "--belief", "0.4")
    assert code == 2
    assert "--belief: it has no effect with expectations 'foresight'" in err


@pytest.mark.slow
def test_the_figure_has_the_numbers_of_the_path(case: str) -> None:
    study = ep.run(case)
    figure = study.figures["path"]
    assert "above the base in Q3 2019" in figure.title
    frame = figure.frame
    imports = frame[frame["series"].str.startswith("Goods, before duty")]["value"].to_numpy(dtype=float)
    assert study.path is not None
    np.testing.assert_allclose(imports, study.path.path.markets["imports"] / 1e3, rtol=1e-9)
    assert set(frame[frame["series"].str.startswith("Capital")]["line"]) == {"C00", "C01"}
    assert {"output", "jobs"} <= set(frame["line"])
    assert "13 November 2019: deadline" in figure.text
    assert "assumed: belief 40%" in " ".join(figure.foot)
    assert figure.svg().count("announced") >= 1
    without = ep.run(load_case(case).model_copy(update={"in_time": None}))
    assert "path" not in without.figures
    assert without.tables()["path_quarters"].empty


def test_imports_without_a_watched_market_are_not_called_by_the_title_of_a_measure(tmp_path: Path) -> None:
    case = Path(small_path(tmp_path))
    text = case.read_text()
    assert "markets: [" in text or "markets:" in text
    stripped = re.sub(r"  markets:(?: \[.*\]|(?:\n    .*)+)\n", "", text)
    assert "markets:" not in stripped
    case.write_text(stripped)
    found = document(str(case))["sentences"]
    title = ep.load_case(str(case)).scenarios["tariff"].title
    assert any(line.startswith(f'Imports under "{title}" are highest in ') for line in found), found
