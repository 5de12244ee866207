"""A case may be measured from one of its scenarios, which is in force already."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases import check_case, read_case, screen_case, solve_case
from entrepot.equilibrium.blocks import deficits
from entrepot.types import Array
from worlds import random_world

WORLD = random_world(4, 3, seed=8, deficits=0.2)
CASE = textwrap.dedent(
    """\
    case: test
    title: A test
    question: Who gains?
    parties: [C00, C01]
    base: today
    scenarios:
      today:
        title: the restraint of C01 and the tax of C03
        measures:
          - ver: {importer: C00, exporter: C01, sector: s00, cap: 80%}
          - export_tax: {exporter: C03, importer: C02, sector: s01, rate: 10%}
      tariff:
        title: a tariff
        measures:
          - tariff: {importer: C02, exporter: C01, sector: s01, rate: 10%, change: add}
      quota:
        title: a quota
        measures:
          - quota: {importer: C02, exporter: C01, sector: s01, cap: {match: tariff}}
    report:
      swap: {scenarios: [tariff, quota], parties: [C01]}
    """
)
TODAY = [
    ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.8),
    ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=0.1),
]
TARIFF = ep.Tariff(importer="C02", exporter="C01", sector="s01", rate=0.1, change="add")


def changed(old: str, new: str) -> str:
    assert old in CASE
    return CASE.replace(old, new, 1)


def test_base_is_solved_again_only_where_it_differs() -> None:
    case, other = read_case(CASE), read_case(changed("rate: 10%, change: add", "rate: 20%, change: add"))
    world = random_world(4, 3, seed=8, deficits=0.2)
    base = solve_case(case, world).economy
    assert solve_case(other, world).economy is base
    tighter = solve_case(read_case(changed("cap: 80%", "cap: 70%")), world).economy
    assert not np.allclose(tighter.value, base.value, rtol=1e-6)
    np.testing.assert_allclose(solve_case(case, world).economy.value, base.value, rtol=1e-9)
    drawn = world.with_elasticities(1.2 * world.theta)
    assert not np.allclose(solve_case(case, drawn).economy.value, base.value, rtol=1e-6)


@pytest.mark.parametrize("spelling", ["base: today", "base: scenario today"])
def test_changes_are_measured_from_the_base_outcome(spelling: str) -> None:
    solved = solve_case(read_case(changed("base: today", spelling)), WORLD)
    assert list(solved.outcomes) == ["tariff", "quota"]
    base = ep.solve(WORLD, TODAY).as_economy()
    np.testing.assert_allclose(solved.economy.value, base.value, rtol=1e-9)
    by_hand = ep.solve(base, TARIFF)
    np.testing.assert_allclose(
        solved.outcomes["tariff"].countries["real_income_pct"], by_hand.countries["real_income_pct"], rtol=1e-7
    )
    volumes = [solved.outcomes[name].measures["volume"].iloc[0] for name in ("tariff", "quota")]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-9)


def test_base_uses_theta_and_closure_of_the_case() -> None:
    closure = ep.Closure(deficit="balanced", competition=ep.equilibrium.Markups(9.0))
    case = read_case(CASE).assuming(theta=6.0, closure=closure)
    solved = solve_case(case, WORLD)
    base = ep.solve(WORLD.with_theta(6.0), TODAY, closure=closure).as_economy()
    np.testing.assert_allclose(solved.economy.value, base.value, rtol=1e-9)
    np.testing.assert_allclose(solved.outcomes["tariff"].economy.deficit, 0.0, atol=1e-6)


def test_base_is_named_in_notes_and_report() -> None:
    study = ep.run(read_case(CASE), WORLD)
    assert study.economy.name == f"{WORLD.name} under today"
    note = f"The base is {WORLD.name} under 'today' (the restraint of C01 and the tax of C03)"
    assert any(note in other for other in study.notes)
    assert f"{WORLD.name} under today (the restraint" in study.to_dict()["provenance"]["Base"]
    assert f"{WORLD.name} under today" in str(study)
    assert list(study.to_dict()["scenarios"]) == ["tariff", "quota"]
    assert {finding.scenario for finding in study.screen.findings} <= {"tariff", "quota"}
    assert screen_case(read_case(CASE), WORLD).to_dict() == study.screen.to_dict()


def test_base_changes_fingerprint_and_run_id(tmp_path: Path) -> None:
    case, other = read_case(CASE), read_case(changed("cap: 80%", "cap: 70%"))
    without = read_case(changed("base: today\n", ""))
    assert len({c.fingerprint for c in (case, other, without)}) == 3
    runs = {ep.run(c, WORLD).keep(tmp_path).id for c in (case, other, without)}
    assert len(runs) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("base: today", "base: to_day", 5, "base: unknown scenario 'to_day'; did you mean today"),
        ("base: today", "base: [today]", 5, "base: write the name of a scenario"),
        ("cap: 80%", "cap: {match: tariff}", 10, "the base 'today' has a cap at the volume of another scenario"),
        (
            "- ver: {importer: C00, exporter: C01, sector: s00, cap: 80%}",
            "- retaliation: {by: C01, against: C00, equivalent_to: tariff}",
            10,
            "the base 'today' answers another scenario",
        ),
        ("match: tariff", "match: today", 19, "'today' is the base, which is already in force"),
        ("scenarios: [tariff, quota]", "scenarios: [tariff, today]", 21, "'today' is the base"),
        ("sector: s00, cap", "sector: s0, cap", 10, "sector: unknown sector 's0'"),
        (
            "base: today",
            "base: today\nclosure: {recycling: labour_tax, labour_tax: 0.2, labour_supply: 0.5}",
            5,
            "base: an Outcome whose revenue cuts a tax on labour",
        ),
        (
            "base: today",
            "base: today\nretaliation: {by: C01, against: C00, equivalent_to: today}",
            6,
            "retaliation.equivalent_to: 'today' is the base",
        ),
        ("title: the restraint of C01 and the tax of C03", "title: a\n    sources: [x]", 9, "no source has the id 'x'"),
    ],
)
def test_base_errors_name_line_and_key(old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        check_case(read_case(changed(old, new)), WORLD)
    assert message in str(caught.value)
    assert caught.value.line == line


def test_base_as_only_scenario_is_refused() -> None:
    text = CASE[: CASE.index("  tariff:")]
    with pytest.raises(ep.errors.DocumentError, match="'today' is the only scenario"):
        read_case(text)


def test_base_without_equilibrium_raises_at_its_key() -> None:
    ban = "quota: {importer: C00, exporter: WORLD, sector: ALL, cap: 0}"
    text = changed("ver: {importer: C00, exporter: C01, sector: s00, cap: 80%}", ban)
    with pytest.raises(ep.errors.DocumentError, match="base: the base 'today' has no equilibrium"):
        solve_case(read_case(text), WORLD)


@pytest.mark.parametrize(
    "drawn",
    [
        {"scenarios.tariff.measures.1.tariff.rate": {"uniform": [0.05, 0.15]}},
        {"scenarios.today.measures.1.ver.cap": {"uniform": [0.7, 0.9]}, "theta": {"lognormal": {"sd": 0.1}}},
    ],
    ids=["of a scenario", "of the base"],
)
def test_sweep_draw_is_measured_from_its_own_base(drawn: dict[str, object], tmp_path: Path) -> None:
    case = read_case(CASE)
    found = ep.sweep(case, WORLD, uncertain=drawn, draws=3, seed=3, store=tmp_path)
    members = found.table("draws").set_index("member")
    draw = members[members["kind"] == "draw"].iloc[-1]
    placed = {p.place: float(draw[p.name]) for p in found.plan.uncertain.parameters if p.place is not None}
    thetas = WORLD.theta.copy()
    for p in found.plan.uncertain.parameters:
        for j in p.sectors:
            thetas[j] = draw[p.name]
    alone = solve_case(case.with_numbers(placed), WORLD.with_elasticities(thetas))
    welfare = found.table("welfare")
    rows = welfare[(welfare["member"] == draw.name) & (welfare["scenario"] == "tariff") & (welfare["party"] == "C01")]
    outcome = alone.outcomes["tariff"]
    assert rows["real_income_pct"].iloc[0] == pytest.approx(outcome.countries["real_income_pct"]["C01"], rel=1e-6)
    assert found.plan.base.name == f"{WORLD.name} under today"


def test_lift_of_the_whole_base_restores_the_data() -> None:
    """Lifting the whole base restores the data; without a base there is nothing to lift."""
    text = changed(
        "      - tariff: {importer: C02, exporter: C01, sector: s01, rate: 10%, change: add}", "      - lift: {}"
    )
    solved = solve_case(read_case(text.replace("cap: {match: tariff}", "cap: 90%")), WORLD)
    there, back = ep.solve(WORLD, TODAY), solved.outcomes["tariff"]
    chained = [1 + outcome.countries["real_income_pct"] / 100 for outcome in (there, back)]
    np.testing.assert_allclose(chained[0] * chained[1], 1.0, atol=1e-8)
    idle = text.replace("base: today\n", "").replace("cap: {match: tariff}", "cap: 90%")
    with pytest.raises(ep.errors.DocumentError, match=r"scenarios.tariff.measures.1: .*nothing of it is in force"):
        check_case(read_case(idle), WORLD)


class Halved(deficits.Fixed):
    """Half the deficits of the base, from the base on."""

    held, named, stated = "halved", "deficits halved", "halved by the change"
    moves_base = True

    def __init__(self, deficit: Array, value_added: Array, income: Array) -> None:
        super().__init__(deficit / 2, value_added, income)


@pytest.fixture(autouse=True)
def halved_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deficits.RULES, "half", Halved)


#: What a closure changes beside the measures, and the closure of a base in which it has not changed.
SHOCKS = {
    "capital": {"capital": {"C01": 1.1}, "labour_share": 0.6},
    "capital of sectors": {"capital": {"C01": {"s00": 1.2}}, "labour_share": 0.6, "horizon": "short"},
    "deficits": {"deficit": "closed"},
    "deficits by a rule of one's own": {"deficit": "half"},
}


@pytest.mark.parametrize("shock", SHOCKS.values(), ids=SHOCKS)
def test_what_a_closure_changes_is_in_the_answers_once_and_not_in_the_base(
    shock: dict[str, Any], tmp_path: Path
) -> None:
    """Today, and its end with what the closure changes, is what the closure changes by itself."""
    closure = ep.Closure(**shock)
    text = changed(
        "      - tariff: {importer: C02, exporter: C01, sector: s01, rate: 10%, change: add}", "      - lift: {}"
    ).replace("cap: {match: tariff}", "cap: 90%")
    case = read_case(text).assuming(closure=closure)
    usual = replace(closure, capital=1.0, deficit="fixed")
    solved, there = solve_case(case, WORLD), ep.solve(WORLD, TODAY, closure=usual)
    np.testing.assert_allclose(solved.economy.value, there.as_economy().value, rtol=1e-9)
    chained = [1 + outcome.countries["real_income_pct"] / 100 for outcome in (there, solved.outcomes["tariff"])]
    alone = 1 + ep.solve(WORLD, closure=closure).countries["real_income_pct"] / 100
    np.testing.assert_allclose(chained[0] * chained[1], alone, atol=1e-8)
    drawn = {"theta": {"lognormal": {"sd": 1e-9}}}
    found = ep.sweep(case, WORLD, uncertain=drawn, draws=1, scenarios=["tariff"], store=tmp_path).table("countries")
    gains = found[found["member"] == found["member"].max()].set_index("country")["real_income_pct"]
    np.testing.assert_allclose(gains, solved.outcomes["tariff"].countries["real_income_pct"], atol=1e-5)


@pytest.mark.parametrize("rate", ["10%", "60%"])
def test_jobs_lost_in_the_base_at_a_floor_under_the_wage_are_noted(rate: str) -> None:
    """A floor is from full employment, which such a base is not."""
    tax = f"      - tariff: {{importer: C00, exporter: WORLD, sector: ALL, rate: {rate}, change: add}}"
    text = changed("      - export_tax: {exporter: C03, importer: C02, sector: s01, rate: 10%}", tax)
    closure = ep.Closure(horizon="short", labour_share=0.6, labour={"real_wage_floor": ["C00", "C02"]})
    solved = solve_case(read_case(text).assuming(closure=closure), WORLD)
    (note,) = [one for one in solved.economy.notes if "floor" in one]
    assert "Jobs are lost in the base" in note
    assert "C00" in note
    assert not any("floor" in one for one in solve_case(read_case(text), WORLD).economy.notes)


def test_bargain_is_solved_on_the_base() -> None:
    text = CASE + textwrap.dedent(
        """\
        table:
          between: [C00, C01]
          issues:
            rate: {title: points on s01, range: [0, 20%], now: 0, unit: points, says: "{} points"}
          measures:
            - tariff: {importer: C00, exporter: C01, sector: s01, rate: $rate, change: add}
          threat: {scenario: tariff}
        """
    )
    found = ep.bargain(read_case(text), WORLD, points=3)
    np.testing.assert_allclose(found.negotiation.economy.value, ep.solve(WORLD, TODAY).as_economy().value, rtol=1e-9)


@pytest.mark.parametrize("drawn", ["theta", "scenarios.today.measures.1.ver.cap"], ids=["elasticities", "the base"])
def test_sweep_lifts_the_base_of_each_draw(drawn: str, tmp_path: Path) -> None:
    text = changed(
        "      - tariff: {importer: C02, exporter: C01, sector: s01, rate: 10%, change: add}", "      - lift: {}"
    ).replace("cap: {match: tariff}", "cap: 90%")
    uncertain = {drawn: {"lognormal": {"sd": 0.1}} if drawn == "theta" else {"uniform": [0.7, 0.9]}}
    found = ep.sweep(read_case(text), WORLD, uncertain=uncertain, draws=2, scenarios=["tariff"], store=tmp_path)
    measures = found.table("measures")
    assert (measures["measure"].str.startswith("end of all that is in force")).any()
    assert (found.table("welfare")["real_income_pct"].abs() > 0).any()
