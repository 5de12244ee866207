"""entrepot talks: what it prints and refuses."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

import entrepot as ep
from entrepot.languages import speaking
from entrepot.report.terminal_talks import render_talks, render_talks_in_full
from entrepot.studies.talks_sentences import talks_assumed
from test_cli import CASE, SMALLER, call


def test_answer_fits_a_screen() -> None:
    code, text, err = call("talks", CASE)
    assert code == 0, err
    assert len(text.splitlines()) <= 30
    assert "At a belief of 30% that the United States carries the tariff out" in " ".join(text.split())
    assert "Threat not checked over elasticities: entrepot bargain us-japan-autos-2019. More: --full" in text
    assert "United States: worth.firm.measure included." in text


@pytest.mark.parametrize("full", [False, True])
def test_no_command_is_named_for_other_elasticities_where_makers_are_weighed(full: bool) -> None:
    case = ep.load_case(CASE).model_copy(
        update={"objectives": {"USA": ep.cases.Objective(profit={"makers of USA": 1})}}
    )
    found = replace(ep.bargaining.case_talks(CASE), case=case)
    shown = Console(width=100, file=io.StringIO(), record=True)
    shown.print(render_talks_in_full(found) if full else render_talks(found, 100))
    text = " ".join(shown.export_text().split())
    assert "entrepot bargain" not in text
    assert "profits of makers count" in text


def test_full_answer_has_the_belief_by_day_and_the_worth_of_signals() -> None:
    code, text, err = call("talks", *SMALLER, "--full", "--assume", "belief=1%")
    assert code == 0, err
    for heading in (
        "How the talks end",
        "The belief by day",
        "What each signal is worth",
        "Note: ",
        "Command: entrepot",
    ):
        assert heading in text
    assert "At a belief of 1%" in text


def test_grid_over_a_number_as_csv_and_json() -> None:
    code, text, err = call("talks", *SMALLER, "--grid", "belief=0:1:5", "--format", "csv")
    assert code == 0, err
    table = pd.read_csv(io.StringIO(text))
    assert list(table["belief"]) == [0, 0.25, 0.5, 0.75, 1]
    assert (table[["deal", "measure", "nothing"]].sum(axis=1) - 1).abs().max() < 1e-9
    code, text, _ = call("talks", *SMALLER, "--grid", "called.draft=0,500", "--format", "json")
    assert code == 0
    rows = json.loads(text)
    assert [row["called.draft"] for row in rows] == [0, 500]
    money = "US$ million against things as they are, present value over the years; USA: worth.firm.measure included"
    assert {row["money"] for row in rows} == {money}
    assert {row["years"] for row in rows} == {10}


def test_grid_as_a_table_has_the_units_of_the_answer() -> None:
    code, text, err = call("talks", *SMALLER, "--grid", "belief=0:1:3")
    assert code == 0, err
    note = "US$ billion against now, present value over 10 years; United States: worth.firm.measure included."
    assert note in " ".join(text.split())
    assert "e+04" not in text
    assert next(line for line in text.splitlines() if line.startswith("0% ")).split()[1:4] == ["0%", "0%", "100%"]


def test_json_has_dates_and_thresholds() -> None:
    code, text, err = call("talks", *SMALLER, "--format", "json")
    assert code == 0, err
    found = json.loads(text)
    assert found["belief_by_day"][0]["date"] == "2019-05-15"
    assert set(found["thresholds"]) == {"deal_2019", "limit"}
    assert found["numbers"]["belief"] == 0.3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["us-section-122-2026"], "the case has no beliefs"),
        ([*SMALLER, "--assume", "belief"], "NAME=NUMBER is needed"),
        ([*SMALLER, "--assume", "belief=5%", "--assume", "belief=60%"], "--assume belief: given twice"),
        ([*SMALLER, "--assume", "belief=150%"], "not a probability from 0 to 1"),
        ([*SMALLER, "--assume", "belief=80"], "belief: 80.0 is not a probability from 0 to 1; 80%?"),
        ([*SMALLER, "--assume", "beleif=10%"], "did you mean belief"),
        ([*SMALLER, "--grid", "belief=0:1"], "--grid belief: write LOW:HIGH:COUNT"),
    ],
)
def test_bad_input_is_one_sentence(words: list[str], message: str) -> None:
    code, _, err = call("talks", *words)
    assert code == 2
    assert message in " ".join(err.split())


def test_assumed_amounts_are_written_as_the_language_does() -> None:
    found = SimpleNamespace(talks=SimpleNamespace(numbers={"worth.firm.measure": 1400.0, "called.draft": 0.5}))
    assert "worth.firm.measure 1,400; called.draft 0.5" in talks_assumed(found)  # type: ignore[arg-type]
    with speaking("de"):
        assert "worth.firm.measure 1.400; called.draft 0,5" in talks_assumed(found)  # type: ignore[arg-type]


def test_the_foot_of_a_figure_has_the_assumptions_in_words() -> None:
    numbers = {
        "belief": 0.3,
        "worth.firm.measure": 1400.0,
        "worth.firm.now": 5.0,
        "worth.firm.limit": 7.0,
        "called.draft.bluff": 500.0,
        "broken.assurance": 100.0,
        "discount_rate": 0.04,
    }
    found = SimpleNamespace(talks=SimpleNamespace(numbers=numbers))
    assert talks_assumed(found, in_words=True) == (  # type: ignore[arg-type]
        "Assumed, not estimated (US$ million): belief 30%; worth of the measure to the type firm 1,400; worth of no "
        "measure to the type firm 5; worth of the deal limit to the type firm 7; cost if called (draft, bluff) 500; "
        "cost if broken (assurance) 100; discount rate 4%."
    )
