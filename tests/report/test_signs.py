"""A headline whose sign turns with the deficit rule or the horizon says so, with both numbers."""

from __future__ import annotations

import json

import pytest

import entrepot as ep
from entrepot.cases.load import read_case
from entrepot.report.terminal import as_text
from entrepot.studies import sign_changes

EVERYTHING = ep.Tariff(importer="USA", exporter="WORLD", sector="ALL", rate="300%", change="add")
CASE = """
case: {name}
title: A test
question: What does it do?
economy: world2014
parties: [USA]
scenarios:
  measures:
    title: The measure
    measures:
      - tariff: {{importer: USA, exporter: {exporter}, sector: {sector}, rate: {rate}, change: add}}
"""


def case(exporter: str = "WORLD", sector: str = "ALL", rate: str = "300%", name: str = "signs") -> ep.Case:
    return read_case(CASE.format(name=name, exporter=exporter, sector=sector, rate=rate))


@pytest.fixture(scope="module")
def turned() -> ep.Study:
    return ep.run(case())


def test_the_first_line_has_both_numbers(turned: ep.Study, world: ep.Economy) -> None:
    fixed = ep.solve(world, EVERYTHING).countries.loc["USA"]
    balanced = ep.solve(world, EVERYTHING, closure=ep.Closure(deficit="balanced")).countries.loc["USA"]
    assert fixed["real_income_pct"] > 0 > balanced["real_income_pct"]
    first = turned.findings()[0]
    assert first.startswith("The sign depends on the deficit rule: the United States gains")
    assert f"(+{fixed['real_income_pct']:.2f}%) with trade deficits fixed, as here" in first
    assert f"({balanced['real_income_pct']:.2f}%) with trade balanced" in first
    assert first.replace("\n", " ") in " ".join(as_text(turned, width=2000).split())
    assert json.loads(turned.to_json())["findings"][0] == first


def test_both_rules_stand_in_one_table(turned: ep.Study) -> None:
    table = turned.tables()["deficit_rules"].set_index(["party", "rule"])["real_income_pct"]
    assert table["USA", "fixed"] > 0 > table["USA", "balanced"]
    assert {r["rule"] for r in json.loads(turned.to_json())["tables"]["deficit_rules"]} == {"fixed", "balanced"}


def test_other_deficit_rule_of_balanced_trade_is_fixed(turned: ep.Study) -> None:
    study = ep.run(case(), closure=ep.Closure(deficit="balanced"))
    assert "loses" in study.findings()[0].split("with trade balanced, as here")[0]
    one, other = (s.tables()["deficit_rules"].set_index(["rule", "party"]).sort_index() for s in (study, turned))
    assert one["real_income_pct"].to_numpy() == pytest.approx(other["real_income_pct"].to_numpy(), rel=1e-6)


def test_findings_are_silent_where_the_sign_stays() -> None:
    study = ep.run(case("JPN", "motor_vehicles", "25%"))
    assert sign_changes.by_deficit_rule(study) == []


@pytest.mark.parametrize(
    ("one", "other", "turned"),
    [(1.0, -1.0, True), (-1e-5, 1e-5, True), (1.0, 2.0, False), (1.0, -1e-9, False), (0.0, -1.0, False)],
)
def test_a_sign_turns_beyond_the_solvers_noise(one: float, other: float, turned: bool) -> None:
    assert sign_changes.turns(one, other) is turned


@pytest.mark.slow
def test_short_and_long_run_stand_in_one_table(founding_study: ep.Study) -> None:
    study = founding_study
    assert study.timeline is not None
    table = study.tables()["horizons"].set_index(["in_force", "party", "horizon"])
    short, long = (table.loc["preferences with tariff", "USA", h] for h in ("short", "long"))
    assert (short["part"], long["part"]) == (pytest.approx(0.4), 1.0)
    assert short["equivalent_variation"] > 0 > long["equivalent_variation"]
    alone = study.tables()["welfare"].set_index(["scenario", "party"]).loc["preferences", "USA"]
    assert table.loc["preferences", "USA", "long"]["equivalent_variation"] == pytest.approx(
        alone["equivalent_variation"], rel=1e-6
    )
    lines = [line for line in study.findings() if "depends on how long" in line]
    assert len(lines) == 1
    assert "gains US$5.1 billion" in lines[0]
    assert "loses US$2.0 billion" in lines[0]
    assert "Short and long run" in str(study)


def test_notes_are_on_the_terminal_in_json_and_in_the_study() -> None:
    """The terminal, JSON and the study all show the notes."""
    noted = case("ASEAN", "motor_vehicles", "2000%", name="notes")
    noted = noted.model_copy(update={"notes": ("A note of the case",), "parties": ("USA", "ASEAN")})
    study = ep.run(noted)
    expected = ["A note of the case.", "ASEAN: 1 of 10 members have data", "Far from the data", "Base: the unshocked"]
    terminal, data = " ".join(as_text(study, width=4000).split()), json.loads(study.to_json())["notes"]
    for words in expected:
        assert words in terminal
        assert any(words in note for note in data)
        assert any(words in note for note in study.notes)


def test_a_group_is_named_with_how_many_members_the_data_have() -> None:
    study = ep.run(case("JPN", "motor_vehicles", "25%").model_copy(update={"parties": ("USA", "ASEAN", "EU28")}))
    assert "ASEAN (1 of 10 members)" in study.findings()[0]
    assert "the EU gains" in study.findings()[0]
    assert "ASEAN (1 of 10 members)" in as_text(study, width=200)
