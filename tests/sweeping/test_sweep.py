"""Sweeps: draws, grids and designs of experiments, their intervals, and the same answers from every kind of worker."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases.distributions import Distribution
from entrepot.cases.path_spec import REMEMBERED, PathSpec
from entrepot.equilibrium.batch import solve_many
from entrepot.studies import tidy_frames as tables
from entrepot.studies.sweep_sentences import named, nothing_solved, number_in_words, sentences
from entrepot.studies.sweep_tables import sections
from entrepot.sweeping.member_tables import KEYS, TABLES
from entrepot.sweeping.solved_part import PartSolved
from entrepot.sweeping.sweep import plan_of
from entrepot.words import chance
from shelves import slow_after
from small_sweep import RATE, THETA, assert_same_answers, small
from worlds import random_world

# ---- uncertain numbers ----


def test_distributions_have_their_quantiles() -> None:
    u = np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(Distribution("normal", (2, 0.5)).at(u), 2 + 0.5 * np.array([-1.6448536, 0, 1.6448536]))
    np.testing.assert_allclose(
        np.log(Distribution("lognormal", (4, 0.2)).at(u) / 4), 0.2 * np.array([-1.6448536, 0, 1.6448536])
    )
    np.testing.assert_allclose(Distribution("uniform", (1, 3)).at(u), [1.1, 2.0, 2.9])
    triangular = Distribution("triangular", (0, 1, 2)).at(u)
    np.testing.assert_allclose(triangular, [np.sqrt(0.1), 1.0, 2 - np.sqrt(0.1)])


@pytest.mark.slow
def test_distribution_may_replace_any_number_of_a_case(tmp_path: Path) -> None:
    case = ep.load_case(small(tmp_path, "{triangular: [10%, 20%, 40%]}"))
    (measure,) = case.scenarios["tariff"].measures
    assert measure.rate == pytest.approx(0.2), "the centre"
    sweep = ep.sweep(case, draws=200)
    draws = sweep.table("draws")
    rates = draws.loc[draws["kind"] == "draw", "scenarios.tariff.measures.1.tariff.rate"]
    assert rates.between(0.1, 0.4).all()
    assert rates.mean() == pytest.approx((0.1 + 0.2 + 0.4) / 3, abs=0.003)


def test_every_number_of_a_draw_equals_that_of_its_study(tmp_path: Path) -> None:
    """A draw's tables are those of `run` on the same elasticities and numbers."""
    path = small(tmp_path, "{uniform: [10%, 30%]}", THETA)
    sweep = ep.sweep(path, draws=3, tables=TABLES)
    draws = sweep.table("draws").set_index("member")
    for member in (0, 2, int(draws.index[-1])):
        row = draws.loc[member]
        theta = {s: float(row[f"theta.{s}"]) for s in ("s00", "s01", "s02")}
        text = path.read_text().replace(
            "{uniform: [10%, 30%]}", repr(float(row["scenarios.tariff.measures.1.tariff.rate"]))
        )
        study = ep.run(ep.load_case(_written(tmp_path, text)), theta=theta)
        for name in ("welfare", "industry", "proceeds", "markets", "countries", "measures", "payoffs"):
            found, expected = sweep.table(name), getattr(tables, name)(study)
            found = found[found["member"] == member]
            if name == "payoffs":
                expected = expected[expected["part"] == "total"]
            keys = ["scenario"] if name == "measures" else list(KEYS[name])  # a matched cap is in a measure's title
            both = found.merge(expected, on=keys, suffixes=("", "_expected"))
            assert len(both) == len(found) > 0, name
            for column in found.columns:
                if f"{column}_expected" in both and column not in (*keys, "measure"):
                    ours, theirs = both[column].astype(float), both[f"{column}_expected"].astype(float)
                    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, err_msg=f"{name}.{column}")


EVERY_INSTRUMENT = """\
case: every
title: Many instruments
question: Who collects?
economy: {economy}
parties: [C00]
scenarios:
  taxes:
    title: an export tax under a tariff, and a subsidy
    measures:
      - export_tax: {{importer: C00, exporter: C01, sector: s00, rate: 20%}}
      - tariff: {{importer: C00, exporter: C01, sector: s00, rate: {rate}, change: add}}
      - production_subsidy: {{country: C00, sector: s01, rate: 10%}}
      - ntb: {{importer: C00, exporter: C02, sector: s01, rate: 10%}}
  both:
    title: two quotas that bind
    measures:
      - quota: {{importer: C00, exporter: WORLD, sector: s00, cap: {cap}}}
      - ver: {{importer: C00, exporter: C01, sector: s00, cap: 0.5}}
  one:
    title: a quota that binds inside one that does not
    measures:
      - quota: {{importer: C00, exporter: WORLD, sector: s00, cap: 1.5}}
      - ver: {{importer: C00, exporter: C01, sector: s00, cap: 0.5}}
  tariff_rate_quota:
    title: a restraint inside a tariff-rate quota
    measures:
      - trq: {{importer: C00, exporter: C01, sector: s01, cap: 0.7, in_rate: 0, out_rate: 20%, change: add}}
      - ver: {{importer: C00, exporter: C01, sector: s01, cap: 0.6}}
  prices:
    title: price rules, and a quota on one of them
    measures:
      - minimum_price: {{importer: C00, exporter: C01, sector: s00, price: 120%}}
      - minimum_price: {{importer: C00, exporter: C02, sector: s00, price: 80%, rent: importer}}
      - specific_tariff: {{importer: C00, exporter: C03, sector: s00, amount: 0.1}}
      - quota: {{importer: C00, exporter: C01, sector: s00, cap: 0.3}}
  bans:
    title: a ban and an export quota
    measures:
      - export_ban: {{exporter: C01, importer: C00, sector: s01}}
      - export_quota: {{exporter: C01, importer: WORLD, exempt: C00, sector: s01, cap: 0.8}}
"""


def test_measures_of_a_draw_are_those_of_its_study_whatever_they_are(tmp_path: Path) -> None:
    """Each has its own rent, binds or not by itself, and collects what is due under it."""
    economy = tmp_path / "world.npz"
    random_world(4, 3, 4).save(economy)
    drawn = {"rate": "{uniform: [10%, 30%]}", "cap": "{uniform: [0.7, 1.3]}"}
    case = _written(tmp_path, EVERY_INSTRUMENT.format(economy=economy, **drawn))
    sweep = ep.sweep(case, draws=2, tables=["measures"])
    draws, found = sweep.table("draws").set_index("member"), sweep.table("measures")
    for member in (0, 4, int(draws.index[-1])):  # at the centre; where the cap is high and does not bind; a draw
        row = {name.rpartition(".")[2]: float(draws.loc[member, name]) for name in draws.columns[2:]}
        study = ep.run(ep.load_case(_written(tmp_path, EVERY_INSTRUMENT.format(economy=economy, **row))))
        expected, ours = tables.measures(study), found[found["member"] == member]
        assert list(ours["scenario"]) == list(expected["scenario"])
        for column in ("volume", "rent", "binding", "revenue"):
            np.testing.assert_allclose(
                ours[column], expected[column].astype(float), rtol=1e-6, atol=1e-6, err_msg=f"{member} {column}"
            )


def test_measures_of_one_label_have_a_row_each(tmp_path: Path) -> None:
    path = small(tmp_path, "{uniform: [10%, 30%]}")
    at = "\n      - tariff: {label: all ten, importer: C00, exporter: C02, rate: 10%, change: add, sector: "
    path.write_text(path.read_text().replace("\n  ver:", f"{at}s00}}{at}s01}}\n  ver:", 1))
    sweep = ep.sweep(path, draws=4, scenarios=["tariff"], tables=["measures"])
    found = sweep.intervals("measures").query("number == 'volume'").set_index("measure")
    assert found["draws"].tolist() == [4, 4, 4]
    assert {"all ten (s00)", "all ten (s01)"} < set(found.index)
    volume = ep.run(path).outcomes["tariff"].measures["volume"]["all ten"]
    assert found.loc[["all ten (s00)", "all ten (s01)"], "centre"].tolist() == pytest.approx(volume.tolist(), rel=1e-6)


def _written(folder: Path, text: str) -> Path:
    path = folder / "drawn.yaml"
    path.write_text(text)
    return path


def test_gains_from_offers_equal_those_of_the_bargain(tmp_path: Path) -> None:
    from entrepot.bargaining.negotiation import Negotiation
    from entrepot.cases import solve_case

    path = small(tmp_path, more=THETA)
    sweep = ep.sweep(path, draws=2)
    gains = sweep.table("offers").set_index(["member", "offer", "party"])["gain"]
    solved = solve_case(ep.load_case(path))
    negotiation = Negotiation.of(solved)
    threat = negotiation.worth(negotiation.outcome(negotiation.under(["tariff"])))
    for offer, levels in (("half", {"cut": 0.5}), ("now", {})):
        worth = negotiation.worth(
            negotiation.outcome(negotiation.scenario({**negotiation.table.current_levels, **levels}))
        )
        for k, party in enumerate(negotiation.parties):
            assert gains[(0, offer, party)] == pytest.approx(worth[k] - threat[k], abs=1e-4)
    signed = sweep.probabilities().set_index(["offer", "party"])
    draws = sweep.table("draws")
    among = gains.loc[draws.loc[draws["kind"] == "draw", "member"]]
    both = among.unstack("party").min(axis=1).ge(-1e-3).groupby("offer").mean()
    assert signed.loc[("half", "C00"), "signed"] == pytest.approx(both["half"])


def test_draw_in_which_one_side_has_no_number_is_not_one_in_which_all_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a draw that no market of its makers has."""
    worth = PartSolved.worth

    def without(part: PartSolved, rows: list[int], solved: object, party: str) -> np.ndarray:
        found = worth(part, rows, solved, party)
        return np.where((party == "C00") & (np.asarray(rows) % 2 == 1), np.nan, found)

    monkeypatch.setattr(PartSolved, "worth", without)
    sweep = ep.sweep(small(tmp_path, more=THETA), draws=8, tables=["offers"])
    draws = sweep.table("draws")
    gains = sweep.table("offers").merge(draws.loc[draws["kind"] == "draw", ["member"]])
    gains = gains.pivot(index=["offer", "member"], columns="party", values="gain")
    expected = gains.dropna().ge(-1e-3).all(axis=1).groupby("offer").mean()
    found = sweep.probabilities().set_index(["offer", "party"])
    for party, count in (("C00", 4), ("C01", 8)):
        rows = found.xs(party, level="party")
        assert (rows["draws"] == count).all()
        pd.testing.assert_series_equal(rows["signed"].sort_index(), expected, check_names=False)


# ---- intervals ----


def test_intervals_are_the_quantiles_of_the_draws(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path, more=THETA), draws=100)
    found = sweep.intervals("welfare", 0.8).set_index(["scenario", "party", "number"])
    draws, welfare = sweep.table("draws"), sweep.table("welfare")
    of = welfare[(welfare["scenario"] == "ver") & (welfare["party"] == "C01")].merge(
        draws[["member", "kind"]], on="member"
    )
    values = of.loc[of["kind"] == "draw", "real_income_pct"]
    row = found.loc[("ver", "C01", "real_income_pct")]
    np.testing.assert_allclose(
        row[["low", "median", "high"]].astype(float), values.quantile([0.1, 0.5, 0.9]), rtol=1e-12
    )
    centre = of.loc[of["kind"] == "centre", "real_income_pct"].iloc[0]
    assert row["centre"] == centre
    assert row["above_zero"] == pytest.approx((values > 0).mean())
    assert row["flips"] == pytest.approx((np.sign(values) != np.sign(centre)).mean())
    assert row["draws"] == 100


@pytest.mark.slow
def test_ninety_percent_intervals_cover_the_truth_in_nine_cases_of_ten() -> None:
    """A world whose elasticities are known; analysts with estimates, each as far off as its standard error says.

    The interval of an analyst's draws about the own estimate holds the truth as often as it says it does.
    """
    world, rng, sd = random_world(3, 2, 11), np.random.default_rng(7), 0.25
    tariff = ep.Tariff(importer="C00", sector="s00", rate=0.3, change="add")
    truth = ep.solve(world, tariff).countries["real_income_pct"].to_numpy() / 100
    analysts, draws = 150, 99
    estimates = world.theta * np.exp(rng.normal(0, sd, (analysts, 2)))
    worlds = [world.with_elasticities(e * np.exp(rng.normal(0, sd, 2))) for e in estimates for _ in range(draws)]
    gains = solve_many(worlds, [[tariff]]).real_income.reshape(analysts, draws, 3)
    low, high = np.quantile(gains, [0.05, 0.95], axis=1)
    covered = ((low <= truth) & (truth <= high)).mean(axis=0)
    assert (np.abs(covered - 0.9) < 3 * np.sqrt(0.09 / analysts)).all(), covered


@pytest.mark.slow
def test_covariance_is_that_of_the_draws(tmp_path: Path) -> None:
    covariance = np.array([[0.2, 0.12], [0.12, 0.1]])
    frame = pd.DataFrame(covariance, index=["s00", "s02"], columns=["s00", "s02"])
    frame.to_csv(tmp_path / "cov.csv")
    sweep = ep.sweep(
        small(tmp_path), draws=512, uncertain={"theta": {"covariance": str(tmp_path / "cov.csv")}}, tables=["welfare"]
    )
    draws = sweep.table("draws")
    drawn = draws.loc[draws["kind"] == "draw", ["theta.s00", "theta.s02"]]
    np.testing.assert_allclose(drawn.cov(), covariance, rtol=0.08)


# ---- sensitivity ----


def test_one_number_at_a_time_is_the_study_at_its_quantile(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    sweep = ep.sweep(path, draws=4)
    bars = sweep.tornado("equivalent_variation", scenario="quota", party="C00").set_index("parameter")
    world = ep.load_economy(str(tmp_path / "world.npz"))
    low = float(world.theta[world.sectors.index("s01")] * np.exp(-0.2 * 1.6448536269514722))
    study = ep.run(path, theta={"s01": low})
    expected = tables.welfare(study).set_index(["scenario", "party"]).loc[("quota", "C00"), "equivalent_variation"]
    assert bars.loc["theta.s01", "low"] == pytest.approx(expected, rel=1e-6)
    width = (bars["high"] - bars["low"]).abs()
    assert width.is_monotonic_decreasing


@pytest.mark.parametrize("method", slow_after(1, ["sobol", "morris"]))
def test_designs_find_the_number_that_drives_the_answer(tmp_path: Path, method: str) -> None:
    """One of three elasticities is very uncertain, and the other two are nearly certain."""
    pytest.importorskip("SALib")
    uncertain = {
        "theta": {name: {"lognormal": {"sd": sd}} for name, sd in (("s00", 0.02), ("s01", 0.5), ("s02", 0.02))}
    }
    sweep = ep.sweep(small(tmp_path), draws=16, uncertain=uncertain, method=method, scenarios=["quota"])
    found = sweep.indices("equivalent_variation", scenario="quota", party="C01")
    assert found["parameter"].iloc[0] == "theta.s01"
    assert set(found["parameter"]) == {"theta.s00", "theta.s01", "theta.s02"}
    if method == "sobol":
        assert found["total"].sum() == pytest.approx(1, abs=0.3)


# ---- grids ----


def test_grid_is_solved_at_every_point(tmp_path: Path) -> None:
    path = small(tmp_path)
    sweep = ep.sweep(path, grid={"quota.cap": "0.4:1:4", "tariff.rate": [0.1, "30%"]})
    assert sweep.members == 8
    draws = sweep.table("draws")
    assert draws["scenarios.quota.measures.1.quota.cap"].tolist() == pytest.approx(np.repeat([0.4, 0.6, 0.8, 1.0], 2))
    welfare = sweep.table("welfare").set_index(["member", "scenario", "party"])["equivalent_variation"]
    world = ep.load_economy(str(tmp_path / "world.npz"))
    alone = ep.solve(world, ep.ImportQuota(importer="C00", exporter="C01", sector="s01", cap=0.6))
    assert welfare[(2, "quota", "C01")] == pytest.approx(alone.countries.loc["C01", "equivalent_variation"], rel=1e-6)


def test_grid_with_draws_has_the_same_draws_at_every_point(tmp_path: Path) -> None:
    sweep = ep.sweep(small(tmp_path, more=THETA), grid={"quota.cap": [0.5, 0.9]}, draws=5)
    draws = sweep.table("draws")
    names = ["theta.s00", "theta.s01", "theta.s02"]
    np.testing.assert_array_equal(draws[names][:5], draws[names][5:])
    assert len(sweep.intervals()["scenarios.quota.measures.1.quota.cap"].unique()) == 2


def test_numbers_of_measures_are_in_words(tmp_path: Path) -> None:
    path = small(tmp_path)
    drawn = ep.sweep(path, draws=4, uncertain=RATE | {"quota.cap": {"uniform": [0.6, 0.8]}})
    text = " ".join(sentences(drawn))
    assert 'What moves C00 most under "a tariff": rate (tariff +20 points: C00 on s00 from C01); from its' in text
    assert "scenarios." not in text
    cap = number_in_words(drawn, "scenarios.quota.measures.1.quota.cap")
    assert cap == "volume allowed (import quota at 70% of base volume: C00 on s01 from C01)"
    levels = ep.sweep(path, grid={"quota.cap": [0.5, 0.9], "tariff.rate": [0.1, 0.2]})
    assert f"2 levels of {cap}; 2 levels of rate (" in sentences(levels)[0]
    assert sections(levels)[0].head[:2] == [cap, number_in_words(levels, "scenarios.tariff.measures.1.tariff.rate")]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("path.belief", "the belief that what is announced is carried out"),
        ("closure.scale", "the elasticity of scale"),
        ("closure.labour_supply.USA", "the elasticity of labour supply (United States)"),
        ("closure.labour_share.USA.food", "the share of labour in value added (United States, food)"),
        ("path.other", "path.other"),
    ],
)
def test_numbers_of_a_path_and_a_closure_are_in_words(number: str, text: str) -> None:
    assert named(number) == text


def test_every_number_of_what_a_path_remembers_is_in_words() -> None:
    for part in REMEMBERED:
        spec = PathSpec.model_fields[part].annotation
        kinds = [kind for kind in get_args(spec) if kind is not type(None)]
        for key, field in kinds[0].model_fields.items():
            if key not in ("timing", "growth", "sectors", "country", "matrix"):
                assert named(f"path.{part}.{key}") != f"path.{part}.{key}", field


def test_numbers_of_a_retaliation_are_in_words(tmp_path: Path) -> None:
    path = small(tmp_path)
    answer = (
        "  answer:\n    title: an answer\n    measures:\n"
        "      - tariff: {importer: C00, exporter: C01, sector: s00, rate: 20%}\n"
        "      - retaliation: {by: C01, against: C00, equivalent_to: tariff, max_rate: 30%}\ntable:\n"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("table:\n", answer), encoding="utf-8")
    levels = ep.sweep(path, grid={"scenarios.answer.measures.2.retaliation.max_rate": [0.2, 0.4]}, scenarios=["answer"])
    assert "2 levels of max rate (an answer)" in sentences(levels)[0]


def test_numbers_of_measures_that_read_alike_say_which_scenario(tmp_path: Path) -> None:
    path = small(tmp_path)
    text = path.read_text(encoding="utf-8")
    other = (
        "  other:\n    title: the same quota\n    measures:\n"
        "      - quota: {importer: C00, exporter: C01, sector: s01, cap: 0.7}\ntable:\n"
    )
    path.write_text(text.replace("table:\n", other), encoding="utf-8")
    found = ep.sweep(path, grid={"quota.cap": [0.5, 0.9], "other.cap": [0.5, 0.9]})
    assert "(a quota)" in number_in_words(found, "scenarios.quota.measures.1.quota.cap")
    assert "(the same quota)" in number_in_words(found, "scenarios.other.measures.1.quota.cap")


# ---- reproducible results ----


@pytest.mark.slow
def test_same_seed_gives_the_same_draws_and_answers_whoever_solves(tmp_path: Path) -> None:
    """The answers agree to the solver's tolerance on any machine."""
    path = small(tmp_path, more=THETA)
    one, two = (
        ep.sweep(path, draws=400, seed=3, store=tmp_path / name, workers=workers)
        for name, workers in (("one", 1), ("two", 2))
    )
    assert one.complete
    assert two.complete
    assert one.plan.parts > 1
    assert_same_answers(one.run, two.run, one.plan.economy.income.max())
    other = ep.sweep(path, draws=400, seed=4, store=tmp_path / "other")
    assert other.run.id != one.run.id


@pytest.mark.slow
def test_part_solved_twice_has_the_same_bytes(tmp_path: Path) -> None:
    """The same parts, solved on one thread: nothing is summed in another order."""
    path = small(tmp_path, more=THETA)
    one, again = (ep.sweep(path, draws=40, seed=3, store=tmp_path / name).run.path for name in ("one", "again"))
    files = [f.relative_to(one) for f in sorted(one.rglob("*.parquet"))]
    assert files
    assert all((one / f).read_bytes() == (again / f).read_bytes() for f in files)


def test_repeated_sweep_is_read_and_not_solved(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    first = ep.sweep(path, draws=40)
    again = ep.sweep(path, draws=40)
    assert first.solves == 3 * first.members
    assert again.solves == 0
    assert again.run.id == first.run.id
    pd.testing.assert_frame_equal(first.intervals(), again.intervals())


def test_draws_of_trade_differ_and_are_reproducible(tmp_path: Path) -> None:
    uncertain = {"trade": {"lognormal": {"sd": 0.05}}}
    one = ep.sweep(small(tmp_path), draws=6, uncertain=uncertain, store=tmp_path / "a").table("welfare")
    two = ep.sweep(small(tmp_path), draws=6, uncertain=uncertain, store=tmp_path / "b").table("welfare")
    pd.testing.assert_frame_equal(one, two)
    assert one[one["scenario"] == "quota"].groupby("party")["real_income_pct"].nunique().min() >= 6


# ---- bad input ----


@pytest.mark.parametrize(
    ("more", "options", "says"),
    [
        ("", {}, "nothing in the case is uncertain"),
        (
            "",
            {"uncertain": {"quota.rate": {"uniform": [0, 1]}}},
            "quota.rate: no measure of the scenario states 'rate'",
        ),
        ("", {"uncertain": {"theta": {"gaussian": {"sd": 1}}}}, "neither a sector nor a distribution"),
        ("", {"uncertain": {"theta.s09": {"lognormal": {"sd": 1}}}}, "unknown sector 's09'"),
        ("", {"uncertain": {"theta": {"lognormal": {"sd": -1}}}}, "sd -1 is not above zero"),
        ("", {"uncertain": {"tariff.rate": {"triangular": [3, 2, 1]}}}, "must be low, mode and high"),
        ("", {"uncertain": {"title": {"uniform": [0, 1]}}}, "the case has no number there"),
        ("", {"uncertain": {"trade": {"normal": {"sd": 1}}}}, "trade: give {lognormal"),
        ("uncertainty: {theta: {lognormal: {sd: x}}}", {}, "small.yaml, line"),
        ("uncertainty: {nowhere.at.all: {uniform: [0, 1]}}", {}, "uncertainty.nowhere.at.all"),
        (THETA, {"draws": 0}, "draws=0"),
        (THETA, {"draws": 2.5}, "draws=2.5"),
        (THETA, {"seed": -1}, "seed=-1"),
        (THETA, {"method": "guess"}, "draws, sobol or morris"),
        (THETA, {"tables": ["welfar"]}, "there is no table 'welfar'"),
        (THETA, {"scenarios": ["quot"]}, "unknown scenario 'quot'"),
        (THETA, {"workers": 0}, "workers=0"),
        (THETA, {"cluster": "nowhere"}, "give the address of a Dask scheduler"),
        (THETA, {"grid": {"quota.cap": "0.4:1.2"}}, "write LOW:HIGH:COUNT"),
        (THETA, {"grid": {"quota.cap": "0.4,0.4"}}, "levels that differ"),
        (THETA, {"grid": {"cap": "0.4,0.5"}}, "the case has no key 'cap'"),
        (THETA, {"grid": {"quota": "0.4,0.5"}}, "quota: is a scenario; say which number of its measures is meant"),
        ("", {"grid": {"quota.cap": [0.4, 0.5]}, "draws": 10}, "nothing to draw"),
        (THETA, {"grid": {"quota.cap": [0.4, 0.5]}, "method": "sobol"}, "cannot be combined with a grid"),
    ],
)
def test_bad_input_is_refused_before_anything_is_solved(
    tmp_path: Path, own_store: Path, more: str, options: dict, says: str
) -> None:
    with pytest.raises(ep.errors.InputError) as caught:
        ep.sweep(small(tmp_path, more=more), **options)
    assert says in str(caught.value)
    assert not list(own_store.rglob("*.parquet"))


@pytest.mark.parametrize(
    ("text", "uncertain", "bad"),
    slow_after(
        1,
        [
            (
                "",
                {"quota.cap": {"normal": {"mean": 0.7, "sd": 0.5}}},
                lambda d: d["scenarios.quota.measures.1.quota.cap"] < 0,
            ),
            (
                "",
                {"tariff.rate": {"normal": {"mean": 0.2, "sd": 0.8}}},
                lambda d: d["scenarios.tariff.measures.1.tariff.rate"] <= -1,
            ),
            (
                "closure: {scale: 0.2}\n",
                {"theta.s00": {"lognormal": {"median": 3, "sd": 0.8}}},
                lambda d: d["theta.s00"] * 0.2 >= 1,
            ),
        ],
    ),
    ids=["a negative cap", "a rate below -100%", "scale times theta above one"],
)
def test_draw_that_is_not_allowed_is_a_failed_member(
    tmp_path: Path, text: str, uncertain: dict, bad: Callable[[pd.DataFrame], pd.Series]
) -> None:
    case = _written(tmp_path, small(tmp_path, more=text).read_text().replace(", change: add", ""))
    sweep = ep.sweep(case, draws=64, uncertain=uncertain, scenarios=["tariff", "quota"])
    draws, failed = sweep.table("draws"), sweep.table("failures")
    cannot = set(draws.loc[bad(draws), "member"])
    assert 0 < len(cannot) < 64
    assert set(failed.loc[failed["kind"] == "inadmissible", "member"]) == cannot
    good = set(sweep.table("welfare")["member"])
    assert not good & cannot
    assert good | set(failed["member"]) == set(draws["member"])
    (first, *_) = sentences(sweep)
    part = chance(len(cannot) / sweep.members)
    assert f"{len(cannot)} of {sweep.members} members ({part}) had impossible values" in first


def test_sweep_without_an_allowed_draw_reports_only_that(tmp_path: Path) -> None:
    case = _written(tmp_path, small(tmp_path).read_text().replace(", change: add", ""))
    sweep = ep.sweep(case, draws=4, uncertain={"tariff.rate": {"uniform": {"low": -2, "high": -1.5}}})
    assert nothing_solved(sweep).startswith("no draw has an answer to ")
    assert "must be above -1" in nothing_solved(sweep)
    assert len(sentences(sweep)) == 1


@pytest.mark.parametrize(
    ("kind", "parameters", "bounds"),
    [
        ("normal", (0.3, 0.15), (0.0, math.inf)),
        ("normal", (0.3, 0.15), (0.1, 0.35)),
        ("lognormal", (4.0, 0.5), (-math.inf, 6.0)),
        ("triangular", (0.0, 0.2, 1.0), (0.1, 0.8)),
        ("uniform", (0.0, 1.0), (0.25, 0.75)),
    ],
)
def test_truncated_distribution_has_the_quantiles_of_the_draws_within_bounds(
    kind: str, parameters: tuple, bounds: tuple
) -> None:
    """The quantiles are those of the draws from the whole distribution that lie between the bounds."""
    u = (np.arange(200_000) + 0.5) / 200_000
    whole = Distribution(kind, parameters).at(u)  # type: ignore[arg-type]
    rest = whole[(whole >= bounds[0]) & (whole <= bounds[1])]
    cut = Distribution(kind, parameters, bounds)  # type: ignore[arg-type]
    assert cut.kept == pytest.approx(len(rest) / len(whole), abs=1e-4)
    at = np.linspace(0.01, 0.99, 50)
    np.testing.assert_allclose(cut.at(at), np.quantile(rest, at), rtol=2e-3)


@pytest.mark.slow
def test_truncated_distribution_has_no_draw_outside_its_bounds(tmp_path: Path) -> None:
    sweep = ep.sweep(
        small(tmp_path), draws=64, uncertain={"quota.cap": {"normal": {"mean": 0.3, "sd": 0.5, "min": 0.05}}}
    )
    assert sweep.table("failures").empty
    assert sweep.table("draws")["scenarios.quota.measures.1.quota.cap"].min() >= 0.05


@pytest.mark.parametrize(
    ("stated", "name"),
    slow_after(
        1, [("exporter", "ver.rent"), ("0.5", "ver.rent"), ("{exporter: 50%, importer: rest}", "ver.rent.exporter")]
    ),
)
def test_share_of_the_rent_may_be_drawn(tmp_path: Path, stated: str, name: str) -> None:
    path = small(tmp_path)
    path.write_text(path.read_text().replace("sector: s00, cap:", f"sector: s00, rent: {stated}, cap:"))
    # "ver" has one measure, which states a rent: its place in full
    place = "scenarios.ver.measures.1." + name
    sweep = ep.sweep(path, draws=8, uncertain={place: {"uniform": [0.2, 0.9]}}, scenarios=["ver"])
    share = sweep.table("draws")[place].to_numpy()
    rents = (
        sweep.table("proceeds").query("scenario == 'ver'").pivot(index="member", columns="party", values="quota_rent")
    )
    total = rents.sum(axis=1)
    np.testing.assert_allclose(rents["C01"] / total, share, rtol=1e-9)
    np.testing.assert_allclose(rents["C00"] / total, 1 - share, rtol=1e-9)


@pytest.mark.slow
def test_sweep_reports_the_scenarios_that_it_leaves_out(tmp_path: Path) -> None:
    more = "retaliation: {by: C01, against: C00, equivalent_to: tariff}\n"
    sweep = ep.sweep(small(tmp_path, more=more), draws=2, uncertain=RATE)
    assert sweep.plan.left_out == ("retaliation",)
    assert 'Not solved: "a tariff; C01 answers with duties' in sentences(sweep)[0]
    assert "Not solved: retaliation" in repr(sweep)
    named = ep.sweep(small(tmp_path, more=more), draws=2, uncertain=RATE, scenarios=["retaliation"])
    assert "retaliation" in named.plan.scenarios
    assert 'Not requested: "a restraint with the same volume" and "a quota"' in sentences(named)[0]


def test_draws_without_an_equilibrium_are_counted_and_left_out(tmp_path: Path) -> None:
    text = small(tmp_path).read_text().replace("exporter: C01, sector: s00, rate", "exporter: WORLD, sector: ALL, rate")
    text = text.replace("      - ver: {importer: C00, exporter: C01", "      - ver: {importer: C00, exporter: WORLD")
    case = _written(tmp_path, text.replace("cap: {match: tariff}", "cap: 0.9"))
    sweep = ep.sweep(case, draws=20, uncertain={"tariff.rate": {"uniform": ["-95%", "-50%"]}})
    failed = sweep.table("failures")
    assert set(failed["kind"]) == {"no equilibrium"}
    assert len(failed) > 0
    assert set(failed["scenario"]) == {"tariff"}
    assert failed["why"].str.contains("what C00 pays in subsidies").all()
    found = sweep.intervals()
    counted = found.groupby("scenario")["draws"].max()
    assert counted["quota"] == 20
    assert counted["tariff"] == 20 - failed[failed["scenario"] == "tariff"]["member"].ge(sweep.plan.singles).sum()


def test_memory_does_not_grow_with_the_draws(tmp_path: Path) -> None:
    """Members are made part by part: a plan of a hundred million draws is not larger than one of ten."""
    plan = plan_of(small(tmp_path, more=THETA), draws=100_000_000, tables=["welfare"])
    assert plan.parts > 200_000
    last = plan.members(plan.parts - 1)
    assert len(last) <= plan.part_size
    assert last["member"].iloc[-1] == plan.size - 1
