"""Requests of a sweep: which of them share a run, what may vary, which are refused, and what a result can show."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases.distributions import Distribution, centred
from entrepot.cases.uncertainty import uncertainty
from entrepot.errors import ConvergenceError, DocumentError, MeasureError, UnknownNameError
from entrepot.runs.store import Run, RunStore
from entrepot.studies import sweep_tables
from entrepot.studies.sweep_sentences import sentences
from entrepot.studies.sweep_tables import sections, tables
from entrepot.sweeping import local_workers
from entrepot.sweeping import plan as plan_module
from entrepot.sweeping.local_workers import Workers, in_this_process, solved, write
from entrepot.sweeping.part_solver import _with_trade
from entrepot.sweeping.plan import Plan
from entrepot.sweeping.sweep import carry_out, plan_of, processes_for, run_of
from entrepot.sweeping.sweep_result import Sweep
from entrepot.words import short, spoken
from small_sweep import THETA, small
from test_cli import call

RATE, CAP = {"tariff.rate": {"uniform": [0.1, 0.3]}}, {"quota.cap": {"uniform": [0.5, 0.9]}}
COVARIANCE = {"s00": [0.2, 0.12], "s02": [0.12, 0.1]}


def covariance(folder: Path, numbers: object, names: tuple[str, ...] = ("s00", "s02")) -> dict[str, object]:
    pd.DataFrame(numbers, index=names, columns=names).to_csv(folder / "cov.csv")
    return {"theta": {"covariance": str(folder / "cov.csv")}}


# ---- identity of a run ----


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"uncertain": RATE | CAP}, {"uncertain": CAP | RATE}),
        ({"uncertain": RATE}, {"uncertain": {"tariff.rate": {"uniform": [0.1, 0.3000001]}}}),
        (
            {"grid": {"tariff.rate": [0.1, 0.2], "quota.cap": [0.5, 0.6]}},
            {"grid": {"quota.cap": [0.5, 0.6], "tariff.rate": [0.1, 0.2]}},
        ),
    ],
    ids=["order of the draws", "seventh digit", "order of the grid"],
)
def test_sweeps_with_different_numbers_have_different_runs(tmp_path: Path, one: dict, other: dict) -> None:
    path, store = small(tmp_path), RunStore(tmp_path / "store")
    ids = {
        store.open(kind="sweep", name="a", identity=plan_of(path, **options).identity()).id
        for options in (one, other, one)
    }
    assert len(ids) == 2


def test_a_run_stored_before_the_tables_changed_is_solved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {
        "uncertain": RATE,
        "draws": 2,
        "scenarios": ["tariff"],
        "tables": ["measures"],
        "store": tmp_path / "kept",
    }
    with monkeypatch.context() as before:
        before.setattr(plan_module, "REVISION", plan_module.REVISION - 1)
        old = ep.sweep(small(tmp_path), **options)
    new, again = (ep.sweep(small(tmp_path), **options) for _ in range(2))
    assert old.run.id != new.run.id == again.run.id
    assert len(RunStore(tmp_path / "kept").runs()) == 2


@pytest.mark.slow
def test_indices_belong_to_their_numbers_in_any_order_of_names(tmp_path: Path) -> None:
    """The tariff has no effect on the quota scenario; the run of the other order would show all of it."""
    pytest.importorskip("SALib")
    path = small(tmp_path)
    for uncertain in (RATE | CAP, CAP | RATE):
        found = ep.sweep(path, draws=16, method="sobol", uncertain=uncertain, scenarios=["quota"]).indices(
            "equivalent_variation", scenario="quota", party="C00"
        )
        assert found["parameter"].iloc[0] == "scenarios.quota.measures.1.quota.cap"
        assert found["total"].iloc[1] == pytest.approx(0, abs=1e-9)  # of the variance of the gain


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_table_of_a_design_has_no_powers_of_ten(method: str) -> None:
    numbers = pd.DataFrame({"parameter": ["theta", "tariff.rate"], "first": [8.93e-6, 1234.5], "first_95": [0.5, -2.0]})
    case = SimpleNamespace(parties=("USA",), scenarios={"tariff": SimpleNamespace(title="T", retaliations=())})
    plan = SimpleNamespace(
        uncertain=SimpleNamespace(names=("theta",), parameters=()),
        grid=(),
        scenarios=("tariff",),
        method=method,
        case=case,
    )
    swept = SimpleNamespace(
        plan=plan, tables=("welfare",), indices=lambda *_, **__: numbers, short=short, spoken=spoken
    )
    section = sweep_tables._drivers(swept)  # type: ignore[arg-type]
    assert section is not None
    assert section.title == 'What moves the United States under "T"'
    assert [row[1:] for row in section.rows] == [["0.00000893", "0.5"], ["1,234", "-2"]]


# ---- uncertain numbers ----


def test_one_elasticity_at_a_time_stays_above_a_tenth_of_its_centre(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path), draws=4, uncertain={"theta": {"normal": {"cv": 0.9}}}, scenarios=["quota"])
    draws, world = sweep.table("draws"), ep.load_economy(str(tmp_path / "world.npz"))
    low = draws[draws["kind"] == "low"].set_index("parameter")
    for name, theta in zip(world.sectors, world.theta, strict=True):
        assert low.loc[f"theta.{name}", f"theta.{name}"] == pytest.approx(0.1 * theta)
    assert len(sweep.tornado(scenario="quota", party="C00")) == 3


@pytest.mark.slow
def test_elasticity_that_a_case_states_may_vary(tmp_path: Path) -> None:
    path = small(tmp_path)
    text = path.read_text()
    path.write_text(text.replace("parties:", "theta: 5\nparties:", 1))
    welfare = ep.sweep(path, grid={"theta": [2, 5, 8]}, scenarios=["quota"]).table("welfare")
    found = welfare.loc[welfare["party"] == "C00", "equivalent_variation"].to_numpy()
    for theta, gain in zip((2, 5, 8), found, strict=True):
        alone = ep.run(path, theta=float(theta)).outcomes["quota"].countries.loc["C00", "equivalent_variation"]
        assert gain == pytest.approx(alone, rel=1e-6)
    path.write_text(text.replace("parties:", "theta: {triangular: [3, 5, 8]}\nparties:", 1))
    welfare = ep.sweep(path, draws=6, scenarios=["quota"]).table("welfare")
    assert welfare.loc[welfare["party"] == "C00", "equivalent_variation"].nunique() == 1 + 2 + 6


def test_elasticities_given_again_replace_the_earlier_ones(tmp_path: Path) -> None:
    case = ep.load_case(small(tmp_path, more="uncertainty:\n  theta: {together: {lognormal: {sd: 0.2}}}\n"))
    world = ep.load_economy(str(tmp_path / "world.npz"))
    each = uncertainty(case, world, {"theta": {"lognormal": {"sd": 0.1}}})
    assert sorted(each.names) == ["theta.s00", "theta.s01", "theta.s02"]
    one = uncertainty(case, world, {"theta.s01": {"lognormal": {"sd": 0.1}}})
    assert one.names == ["theta", "theta.s01"]
    joint = covariance(tmp_path, COVARIANCE)["theta"]
    stated = ep.load_case(small(tmp_path, more=f"uncertainty: {{theta: {joint}}}\n"))
    assert uncertainty(stated, world).correlation is not None
    assert uncertainty(stated, world, {"theta": {"lognormal": {"sd": 0.1}}}).correlation is None
    together = uncertainty(stated, world, {"theta": {"together": {"lognormal": {"sd": 0.1}}}})
    assert together.names == ["theta"]


TOGETHER = "uncertainty:\n  theta: {together: {lognormal: {sd: 0.2}}}\n"


def test_elasticity_that_a_case_draws_gives_way_to_all_of_them_drawn(tmp_path: Path) -> None:
    """It would be drawn without an effect."""
    world = ep.load_economy(small(tmp_path).with_name("world.npz"))
    for stated in ("{s00: {lognormal: {median: 5, sd: 0.4}}, s01: 4}", "{lognormal: {median: 5, sd: 0.4}}"):
        assert uncertainty(ep.load_case(small(tmp_path, more=f"theta: {stated}\n{TOGETHER}")), world).names == ["theta"]
    some = small(
        tmp_path, more="theta: {lognormal: {median: 5, sd: 0.4}}\nuncertainty:\n  theta.s01: {normal: {sd: 1}}\n"
    )
    assert uncertainty(ep.load_case(some), world).names == ["theta", "theta.s01"]


@pytest.mark.parametrize("draws", [None, 2])
@pytest.mark.parametrize(
    ("stated", "drawn", "name"),
    [("5", THETA, "theta"), ("{s00: 5, s01: 4, s02: 3}", TOGETHER, "theta.s00")],
    ids=["all", "one"],
)
def test_grid_over_an_elasticity_that_is_drawn_is_refused(
    tmp_path: Path, stated: str, drawn: str, name: str, draws: int | None
) -> None:
    """The draw would take the place of the grid's level at every point."""
    path = small(tmp_path, more=f"theta: {stated}\n{drawn}")
    with pytest.raises(ep.errors.InputError, match="it is also uncertain"):
        ep.sweep(path, grid={name: "2:8:3"}, draws=draws)


def test_grid_over_all_elasticities_moves_those_that_are_not_drawn(tmp_path: Path) -> None:
    path = small(tmp_path, more="theta: 5\nuncertainty:\n  theta.s01: {lognormal: {sd: 0.2}}\n")
    sweep = ep.sweep(path, grid={"theta": [2, 8]}, scenarios=["tariff"], tables=["welfare"])
    assert sweep.table("welfare").groupby("party")["equivalent_variation"].nunique().eq(2).all()


def test_quota_in_force_moves_with_draws_of_its_trade(tmp_path: Path) -> None:
    """Each draw is a base with the quota as tight as it is: as where the quota is the base of the case."""
    trade = {"trade": {"lognormal": {"sd": 0.2}}}
    path = small(tmp_path)
    quota = ep.load_case(path).scenarios["quota"].build("quota")
    economy = ep.solve(ep.load_economy(path.with_name("world.npz")), quota).as_economy()
    plan = plan_of(path, economy, uncertain=trade, draws=2)
    for draw in range(2):
        drawn = _with_trade(economy, plan, draw)
        found = ep.solve(drawn, [])
        assert np.abs(found.accounts.real_income).max() < 1e-9
        np.testing.assert_allclose(found.accounts.producer_value, drawn.value, atol=1e-6)


def test_draws_of_trade_are_the_same_at_every_point_of_a_grid(tmp_path: Path) -> None:
    trade = {"trade": {"lognormal": {"sd": 0.2}}}
    sweep = ep.sweep(
        small(tmp_path), draws=3, grid={"tariff.rate": [0.1, 0.2]}, uncertain=trade, scenarios=["quota", "tariff"]
    )
    welfare = sweep.table("welfare")
    quota = welfare.loc[(welfare["scenario"] == "quota") & (welfare["party"] == "C00"), "equivalent_variation"]
    np.testing.assert_allclose(quota[:3], quota[3:], rtol=1e-6)
    assert quota.nunique() >= 3


def test_covariance_that_is_singular_but_for_rounding_can_be_drawn_from(tmp_path: Path) -> None:
    printed = [[1e-2, 1e-3 * (1 + 1e-8)], [1e-3 * (1 + 1e-8), 1e-4]]
    draws = ep.sweep(small(tmp_path), draws=64, uncertain=covariance(tmp_path, printed), tables=["welfare"]).table(
        "draws"
    )
    drawn = draws.loc[draws["kind"] == "draw", ["theta.s00", "theta.s02"]]
    assert drawn.corr().iloc[0, 1] == pytest.approx(1, abs=1e-4)


def test_coefficient_of_variation_goes_with_a_mean() -> None:
    _, found = centred({"rate": {"normal": {"mean": "20%", "cv": 0.1}}})
    assert found[("rate",)] == Distribution("normal", (0.2, pytest.approx(0.02)))


# ---- requests that are refused ----


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"grid": {"tariff.rate": [0.1, 0.2], "scenarios.tariff.measures.1.tariff.rate": [0, 0.1]}}, "given twice"),
        ({"grid": {"title": [0, 1]}}, "valid string"),
        ({"grid": {"quota.cap": "0:1:1e12"}}, "LOW:HIGH:COUNT"),
        ({"uncertain": RATE, "tol": 0.0}, "tol=0.0"),
        ({"uncertain": RATE, "tol": float("nan")}, "tol=nan"),
        ({"uncertain": RATE, "workers": 0}, "workers=0"),
        ({"uncertain": RATE, "workers": 2, "cluster": "tcp://127.0.0.1:1"}, "give one"),
        ({"uncertain": RATE, "cluster": "tcp://127.0.0.1"}, "address of a Dask scheduler"),
        ({"uncertain": {"tariff.rate": Distribution("normal", (0.2, -1.0))}}, "sd -1 is not above zero"),
        ({"uncertain": {"tariff.rate": {"normal": {"sd": 0.1, "cv": 0.1}}}}, "both state the spread"),
        ({"uncertain": RATE | CAP, "method": "morris", "draws": 1}, "two trajectories"),
        (
            {"uncertain": RATE | CAP | {"trade": {"lognormal": {"sd": 0.1}}}, "method": "sobol"},
            "cannot be combined with draws of trade",
        ),
        ({"closure": ep.Closure(), "grid": {"closure.labour_supply": [0.1, 0.2]}}, "another closure was given"),
    ],
)
def test_refused_sweep_writes_nothing(tmp_path: Path, options: dict, says: str) -> None:
    path = small(tmp_path)
    path.write_text(path.read_text().replace("parties:", "closure: {labour_supply: 0.2}\nparties:", 1))
    with pytest.raises(ep.errors.InputError) as caught:
        ep.sweep(path, **options, store=tmp_path / "kept")
    assert says in str(caught.value)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sector,s00,s02\ns00,1,0\ns02,0\n", "line 3: 1 numbers for 2 sectors"),
        ("sector,s00,s00\ns00,1,0\ns00,0,1\n", "'s00' is repeated"),
        ("sector,s00,s02\ns00,inf,0\ns02,0,1\n", "not finite"),
        ("sector,s00,s02\ns00,1,2\ns02,2,1\n", "a variance of zero"),
    ],
)
def test_bad_covariance_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "cov.csv").write_text(text)
    with pytest.raises(ep.errors.InputError, match=says):
        ep.sweep(small(tmp_path), uncertain={"theta": {"covariance": str(tmp_path / "cov.csv")}})


def test_design_needs_numbers_that_are_independent(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match="independent of each other"):
        ep.sweep(small(tmp_path), uncertain=covariance(tmp_path, COVARIANCE), method="sobol")


def test_unknown_table_is_refused_by_name(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path), uncertain=RATE, draws=2)
    with pytest.raises(ep.errors.InputError, match="unknown table 'welfar'"):
        sweep.table("welfar")
    assert list(sweep.table("failures").columns) == ["member", "scenario", "kind", "why"]


# ---- results ----


@pytest.mark.slow
def test_design_of_levels_is_not_read_as_draws(tmp_path: Path) -> None:
    pytest.importorskip("SALib")
    sweep = ep.sweep(small(tmp_path, more=THETA), draws=4, method="morris", scenarios=["quota"])
    for read in (sweep.intervals, sweep.probabilities):
        with pytest.raises(ep.errors.InputError, match="not draws"):
            read()
    assert not any("of the draws" in line for line in sentences(sweep))
    assert [section.title for section in sections(sweep)] == ['What moves C00 under "a quota"']
    made = tables(sweep)
    assert not any(name.startswith("intervals") for name in made)
    assert set(made["indices"]["party"]) == {"C00", "C01"}


def test_over_a_grid_with_draws_the_median_is_shown(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path, more=THETA), draws=5, grid={"quota.cap": [0.5, 0.9]}, scenarios=["quota"])
    (section,) = sections(sweep)
    assert "the median" in section.note
    assert "nan" not in str(section.rows)


def test_grid_shows_the_scenarios_that_refer_to_the_one_it_moves(tmp_path: Path) -> None:
    (section,) = sections(ep.sweep(small(tmp_path), grid={"tariff.rate": [0.1, 0.2]}))
    assert {row[1] for row in section.rows} == {"a tariff", "a restraint with the same volume"}


def test_rounding_has_no_sign(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    path.write_text(path.read_text().replace("cap: 0.7", "cap: 5.0"))  # never binds
    sweep = ep.sweep(path, draws=20, scenarios=["quota"])
    found = sweep.intervals()
    assert (found[["flips", "above_zero"]] == 0).all(axis=None)
    assert 'Under "a quota", nothing changes for C00 in 90% of the draws.' in sentences(sweep)


@pytest.mark.slow
def test_level_below_one_is_not_printed_as_100_percent(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path, more=THETA), draws=20, scenarios=["quota"])
    assert not any("100% of the draws." in line for line in sentences(sweep, 0.999) if line.startswith("Under"))


@pytest.mark.slow
def test_sweep_stopped_before_its_centre_prints_what_it_has(tmp_path: Path) -> None:
    plan = plan_of(small(tmp_path, more=THETA), draws=800, tables=["welfare"])
    run = RunStore(tmp_path / "store").open(kind="sweep", name="small", identity=plan.identity())
    write(run, 1, solved(plan, 1))

    def stopped(plan: Plan, run: Run, parts: object) -> object:
        raise KeyboardInterrupt
        yield

    sweep = carry_out(plan, run, stopped)
    assert not sweep.complete
    assert sentences(sweep)
    assert sections(sweep)
    with pytest.raises(ep.errors.InputError, match="continue the sweep"):
        sweep.tornado(scenario="quota", party="C00")


# ---- processes ----


@pytest.mark.parametrize(
    "error",
    [
        MeasureError("rate", "bad", "there"),
        UnknownNameError("sector", "a", ["b"]),
        DocumentError("m", path="p", line=3, key="k"),
        ConvergenceError("c", worst=("a",), remedy="r", residual=0.5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_can_be_pickled(error: ep.EntrepotError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def stopped_after(parts: Sequence[int], plan: Plan, store: Path) -> Sweep:
    """A sweep that was stopped with these parts solved."""

    def workers(plan: Plan, run: Run, wanted: Sequence[int]) -> Iterator[int]:
        yield from in_this_process(plan, run, [part for part in wanted if part in parts])
        raise KeyboardInterrupt

    return carry_out(plan, run_of(plan, store), workers)


def test_a_sweep_that_was_stopped_says_how_much_of_it_is_solved(tmp_path: Path) -> None:
    plan = plan_of(small(tmp_path), uncertain=RATE, draws=160, part=32, tables=["welfare"])
    found = stopped_after([0], plan, tmp_path / "kept")
    assert (found.complete, found.members) == (False, plan.part_size)
    assert f"So far: {plan.part_size} of {plan.size} members. The intervals still move." in sentences(found)[0]
    whole = carry_out(plan, found.run, in_this_process)
    assert "So far" not in sentences(whole)[0]


def test_no_draw_is_reported_before_one_is_solved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One number at a time comes first: here 11 members, of which eight are solved."""
    monkeypatch.setattr("entrepot.equilibrium.batch.SIZE", 8)
    plan = plan_of(small(tmp_path, more=THETA), uncertain=RATE | CAP, draws=16, part=8, tables=["welfare", "industry"])
    assert (plan.singles, plan.part_size) == (11, 8)
    found = stopped_after([0], plan, tmp_path / "kept")
    first, *others = sentences(found)
    assert f"So far: 8 of {plan.size} members, one number at a time. The intervals come with the draws." in first
    assert all(text.startswith("What moves") for text in others)
    assert len(others) == 2
    assert [s.title for s in sections(found)] == ['What moves the answer under "a tariff"']
    assert "The intervals still move." in sentences(stopped_after([1], plan, tmp_path / "kept"))[0]


@pytest.mark.parametrize(
    "stated", [{"grid": {"tariff.rate": "0:0.5:64"}}, {"uncertain": RATE | CAP, "method": "morris", "draws": 20}]
)
def test_a_sweep_without_intervals_speaks_of_none_when_it_is_stopped(tmp_path: Path, stated: dict[str, Any]) -> None:
    plan = plan_of(small(tmp_path), **stated, part=32, tables=["welfare"])
    first = sentences(stopped_after([0], plan, tmp_path / "kept"))[0]
    assert f"So far: {plan.part_size} of {plan.size} members." in first
    assert "interval" not in first


def test_indices_that_are_not_known_are_an_error_in_csv_too(tmp_path: Path) -> None:
    """Here the members with a cap below zero are not solved."""
    vary = ["--vary", "tariff.rate={uniform: [10%, 30%]}", "--vary", "quota.cap={normal: {mean: 0.3, sd: 0.3}}"]
    design = ["--method", "morris", "--draws", "4", "--store", str(tmp_path / "store"), "--format", "csv"]
    code, _, error = call("sweep", str(small(tmp_path)), *vary, *design)
    assert code == 2
    assert "members of the design have numbers that are not allowed" in error


def test_a_centre_that_is_not_solved_yet_is_not_reported_as_without_equilibrium(tmp_path: Path) -> None:
    plan = plan_of(small(tmp_path), uncertain=RATE, draws=160, part=32, tables=["welfare"])
    found = stopped_after([1], plan, tmp_path / "kept")
    assert not any("no equilibrium" in text for text in sentences(found))


@pytest.mark.parametrize(
    ("parts", "cores", "processes"),
    [(1, 8, 1), (2, 8, 1), (3, 8, 3), (17, 2, 2), (17, 8, 4), (1000, 64, 4), (17, 1, 1)],
)
def test_processes_are_as_many_as_pay(parts: int, cores: int, processes: int) -> None:
    """None is without a part or a core, and a short sweep starts none."""
    assert processes_for(parts, cores) == processes


def test_a_sweep_that_names_no_number_starts_as_many_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def noted(count: int, stopping: object = None) -> Workers:
        started.append(count)
        return in_this_process

    monkeypatch.setattr("entrepot.sweeping.sweep.local_processes", noted)
    monkeypatch.setattr("entrepot.sweeping.sweep.cores", lambda: 3)
    path = small(tmp_path)
    for draws in (4, 160):
        ep.sweep(path, uncertain=RATE, draws=draws, part=32, tables=["welfare"], workers=None, store=tmp_path / "kept")
    assert started == [3]


def test_no_more_processes_are_started_than_a_system_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def begun(plan: object, run: object, parts: list[int], count: int, stopping: object) -> list[int]:
        started.append(count)
        return list(parts)

    monkeypatch.setattr(local_workers, "_round", begun)
    monkeypatch.setattr(local_workers, "MOST_PROCESSES", 2)
    plan = plan_of(small(tmp_path), uncertain=RATE, draws=160, part=32, tables=["welfare"])
    assert list(local_workers.local_processes(100)(plan, run_of(plan, tmp_path / "kept"), range(5))) == [*range(5)]
    assert started == [2]


@pytest.mark.slow
def test_workers_that_cannot_start_raise_an_error(tmp_path: Path) -> None:
    """A script read from a pipe cannot be read again by a worker: the error explains it, and nothing waits for ever."""
    path = small(tmp_path, more=THETA)
    script = f"import entrepot as ep\nep.sweep({str(path)!r}, draws=40, workers=2, tables=['welfare'])\n"
    ended = subprocess.run(
        [sys.executable, "-"], input=script, capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert ended.returncode == 1
    assert "if __name__ == '__main__':" in ended.stderr
