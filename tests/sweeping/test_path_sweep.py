"""Sweeps over a case's path: each member is the path with its numbers, alone or beside draws; what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases import load_case
from entrepot.cases.case_path import solve_case_path
from entrepot.report.figures.sweep_figures import sweep_figures
from entrepot.studies.sweep_sentences import left_out, lost, number_in_words
from entrepot.studies.sweep_tables import sections, tables
from entrepot.sweeping.sweep import plan_of
from entrepot.sweeping.sweep_result import Sweep
from small_path import small_path
from small_sweep import RATE, small
from test_cli import call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("path")


@pytest.fixture(scope="module")
def over_belief(folder: Path) -> Sweep:
    return ep.sweep(small_path(folder), grid={"belief": "0:1:3"}, store=folder / "runs")


@pytest.mark.slow
def test_each_point_of_a_grid_is_the_path_with_that_belief(folder: Path, over_belief: Sweep) -> None:
    case = load_case(small_path(folder))
    both = over_belief.table("path_totals").merge(over_belief.table("draws")[["member", "path.belief"]])
    early = over_belief.table("path_surges").merge(over_belief.table("draws")[["member", "path.belief"]])
    for belief in (0.0, 0.5, 1.0):
        alone = solve_case_path(case.with_belief(belief))
        mine = both[both["path.belief"] == belief].set_index("party")
        for key in ("equivalent_variation", "consumption_change", "tariff_revenue_change"):
            np.testing.assert_allclose(mine.loc[alone.totals.index, key], alone.totals[key], rtol=1e-5, atol=1e-6)
        surge = early.loc[early["path.belief"] == belief, "surge"].sum()
        assert surge == pytest.approx(alone.path.surges["surge"].sum(), rel=1e-5, abs=1e-9)
    assert over_belief.plan.scenarios == ("tariff",)  # what the path does not need is not solved


@pytest.mark.slow
def test_it_is_shown_as_a_table_and_a_figure(over_belief: Sweep) -> None:
    (section,) = sections(over_belief)
    assert section.title == "The path over the grid"
    belief = "the belief that what is announced is carried out"
    assert section.head == [belief, "C00", "C01", "days early", "peak", "trough"]
    assert [row[0] for row in section.rows] == ["0", "0.5", "1"]
    early = [float(row[3]) for row in section.rows]
    assert early[0] == 0
    assert early[0] < early[1] < early[2]
    points = tables(over_belief)["points_path_surges"]
    assert points["path.belief"].tolist() == [0.0, 0.5, 1.0]
    assert points["surge"].iloc[0] == 0
    assert set(over_belief.plan.tables) == {"welfare", "path_totals", "path_surges", "path_trade"}
    figures = sweep_figures(over_belief)
    assert list(figures) == ["path_grid"]
    assert "Importers buy" in figures["path_grid"].title


SEVERAL = """\
path:
  from: 2019-01-01
  until: 2021-01-01
  expectations: beliefs
  inventories: {}
  in_force:
"""


@pytest.mark.parametrize(
    ("in_force", "entries"),
    [
        (
            ["tariff, from: 2019-11-13", "both, from: 2019-11-13"],
            ["a second duty", "a tariff and a second duty"],
        ),
        (
            ["tariff, from: 2019-07-13, until: 2019-12-01", "tariff, from: 2020-07-13"],
            ["a tariff (2019-07-13)", "a tariff (2020-07-13)"],
        ),
    ],
    ids=["on one day", "again"],
)
def test_what_is_bought_ahead_of_several_entries_is_all_there(
    tmp_path: Path, in_force: list[str], entries: list[str]
) -> None:
    """Entries of one day on the same flows share a row, one scenario has one for each day; shown is the largest."""
    lines = "".join(f"    - {{scenario: {entry}, announced: 2019-05-17}}\n" for entry in in_force)
    path = small(tmp_path, more=SEVERAL + lines)
    second = (
        "  both:\n    title: a second duty\n    measures:\n"
        "      - tariff: {importer: C00, exporter: [C01, C02], sector: [s00, s01], rate: 10%, change: add}\n"
    )
    path.write_text(path.read_text().replace("table:\n", second + "table:\n", 1))
    swept = ep.sweep(path, grid={"belief": [0, 1]})
    early = swept.table("path_surges")
    assert early["entry"].tolist() == entries * 2
    assert early["surge"].iloc[:2].tolist() == [0, 0]
    alone = solve_case_path(load_case(path).with_belief(1.0)).path.surges["surge"]
    assert early["surge"].iloc[2:].tolist() == pytest.approx(alone[entries].tolist(), rel=1e-9)
    (section,) = sections(swept)
    most = early["surge_days"].loc[early["surge"].idxmax()]
    assert [row[section.head.index("days early")] for row in section.rows] == ["0", f"{most:.0f}"]
    assert sweep_figures(swept)["path_grid"].title.count(f"{most:.0f}") >= 1


def test_a_grid_over_belief_takes_the_place_of_stated_probabilities(folder: Path) -> None:
    """As --belief does, and as the command says that a path prints."""
    own = folder / "own"
    own.mkdir()
    stated = small_path(own, "  belief: 40%\n", "")
    text = Path(stated).read_text(encoding="utf-8")
    Path(stated).write_text(text.replace("2019-05-17", "2019-05-17, probability: 20%"), encoding="utf-8")
    plan = plan_of(stated, grid={"belief": "0:1:3"})
    half = plan.case.with_numbers({plan.grid[0].place: 0.5}).path_plan()
    one = load_case(stated).with_belief(0.5).path_plan()
    assert half is not None
    assert one is not None
    assert (
        [entry.probability for _, entry in half.in_force] == [entry.probability for _, entry in one.in_force] == [0.5]
    )


def test_a_stated_probability_is_named_by_its_scenario(folder: Path) -> None:
    own = folder / "probability"
    own.mkdir()
    stated = Path(small_path(own, "  belief: 40%\n", ""))
    stated.write_text(stated.read_text(encoding="utf-8").replace("2019-05-17", "2019-05-17, probability: 20%"))
    swept = ep.sweep(stated, grid={"path.beliefs.tariff.probability": [0.2, 0.5]})
    title = load_case(stated).scenarios["tariff"].title
    words = f"the belief that what is announced is carried out ({title})"
    assert number_in_words(swept, "path.beliefs.tariff.probability") == words
    assert words in sections(swept)[0].head


def test_a_sweep_of_the_path_alone_names_no_other_scenarios_and_no_draws(over_belief: Sweep) -> None:
    assert left_out(over_belief) == []
    assert not any("theta.set" in note for note in over_belief.notes)


@pytest.mark.parametrize(
    "name", ["storage", "depreciation", "path.inventories.crowding", "discount_rate", "path.capital.discount_factor"]
)
def test_numbers_that_the_file_leaves_to_their_defaults_vary(folder: Path, name: str) -> None:
    plan = plan_of(small_path(folder), grid={name: "0.03,0.1"})
    case = plan.case.with_numbers({plan.grid[0].place: 0.1})
    assert case.in_time is not None
    if name == "storage":
        assert case.in_time.built()["inventories"].storage == 0.1
    assert plan.follows_path


def test_a_lead_between_two_days_is_of_whole_days(folder: Path) -> None:
    plan = plan_of(small_path(folder), grid={"lead": "30:95:4"})
    for level, days in zip(plan.grid[0].levels, (30, 52, 73, 95), strict=True):
        case = plan.case.with_numbers({plan.grid[0].place: level})
        assert case.in_time is not None
        assert case.in_time.built()["inventories"].lead == days


@pytest.mark.slow
def test_draws_beside_a_path_number_solve_the_path_too(folder: Path) -> None:
    uncertain = {**RATE, "path.belief": {"uniform": [0.2, 0.6]}}
    found = ep.sweep(small_path(folder), draws=4, uncertain=uncertain, store=folder / "drawn")
    drawn = found.table("draws").set_index("member")
    totals = found.table("path_totals").set_index(["member", "party"])["equivalent_variation"]
    last = int(drawn.index[-1])
    numbers = {p.place: drawn.loc[last, p.name] for p in found.plan.uncertain.parameters if p.place is not None}
    alone = solve_case_path(load_case(small_path(folder)).with_numbers(numbers))
    np.testing.assert_allclose(
        totals[last][alone.totals.index], alone.totals["equivalent_variation"], rtol=1e-5, atol=1e-6
    )
    assert "The path, and how sure" in [section.title for section in sections(found)]


def test_a_sweep_of_other_numbers_leaves_the_path_alone(folder: Path) -> None:
    plan = plan_of(small_path(folder), uncertain=RATE)
    assert not plan.follows_path
    assert "path_totals" not in plan.tables
    named = plan_of(small_path(folder), uncertain=RATE, tables=["path_totals"])
    assert named.follows_path


def test_what_is_refused(folder: Path, tmp_path: Path) -> None:
    def refused(case: str, says: str, *levels: str) -> None:
        code, _, err = call("sweep", case, *(part for level in levels for part in ("--grid", level)))
        assert code == 2, err
        assert says in err

    case = small_path(folder)
    refused(case, "1.5 is not between 0 and 1 (with path.belief = 1.5)", "belief=0:1.5:3")
    refused(case, "the path of the case has no mobility", "nu=1:3:3")
    refused(str(load_case("us-eu-autos-2026").case), "belief: the case has no path; add the key 'path'", "belief=0:1:3")
    other = tmp_path / "own"
    other.mkdir()
    own = small_path(other, "announced: 2019-05-17", "announced: 2019-05-17, probability: 20%")
    code, _, err = call("path", own)
    assert code == 2
    assert "everything that is announced states its own probability" in err


def test_a_member_without_a_path_is_a_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.sweeping import path_members

    def none(*_: object, **__: object) -> None:
        raise ep.errors.ConvergenceError("explodes")

    monkeypatch.setattr(path_members, "path_of_solved", none)
    found = ep.sweep(small_path(folder), grid={"belief": "0.1,0.2"}, store=folder / "failed")
    failed = found.table("failures")
    assert failed["scenario"].tolist() == ["path", "path"]
    assert isinstance(failed, pd.DataFrame)


@pytest.mark.parametrize(
    ("scenario", "drawn", "says", "advice"),
    [
        ("path", [], "2 of 3 members (67%) have no path and are left out. The reason of the first: a quota.", False),
        (
            "path",
            ["rate"],
            "2 of 3 members (67%) have no path and are left out. The reason of the first: a quota.",
            False,
        ),
        ("tariff", [], "2 of 3 members (67%) had impossible values and are left out. One of them: a quota.", False),
        (
            "tariff",
            ["rate"],
            "2 of 3 members (67%) had impossible values and are left out. One of them: a quota.",
            True,
        ),
    ],
)
def test_members_without_an_answer_give_their_own_reason(
    scenario: str, drawn: list[str], says: str, advice: bool
) -> None:
    """Bounds of a distribution help where a number that is drawn is impossible, and nowhere else."""
    failed = pd.DataFrame({"member": [0, 2], "scenario": scenario, "kind": "inadmissible", "why": "a quota."})
    plan = SimpleNamespace(uncertain=SimpleNamespace(names=drawn), scenarios=["tariff"])
    sweep: Any = SimpleNamespace(
        run=SimpleNamespace(parts=lambda name: [name]), table=lambda name: failed, members=3, plan=plan
    )
    (line,) = lost(sweep)
    assert line.startswith(says)
    assert ("Bounds in the distribution" in line) is advice
