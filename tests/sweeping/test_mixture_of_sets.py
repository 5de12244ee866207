"""A distribution over published sets of elasticities, alone and with a spread within each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases.distributions import MixtureOfSets, read_weights
from entrepot.studies.sweep_sentences import named
from entrepot.sweeping.sweep import plan_of
from worlds import random_world

CODES = "{s00: C29, s01: A, s02: services}"
CASE = """\
case: small
title: A small world
question: Who gains?
economy: {economy}
parties: [C00, C01]
scenarios:
  tariff:
    title: a tariff
    measures:
      - tariff: {{importer: C00, exporter: C01, sector: s00, rate: 25%, change: add}}
uncertainty:
  theta: {{mixture: {{sets: {sets}, sectors: {codes}{more}}}}}
"""


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_STORE", str(tmp_path / "store"))


def mixture(tmp_path: Path, sets: str, more: str = "") -> Path:
    random_world(3, 3, seed=5).save(tmp_path / "w.ep")
    path = tmp_path / "case.yaml"
    path.write_text(CASE.format(economy=tmp_path / "w.ep", sets=sets, codes=CODES, more=more))
    return path


@pytest.mark.positions
def test_a_mixture_of_one_set_is_that_set(tmp_path: Path) -> None:
    path = mixture(tmp_path, "[ll2023]")
    swept = ep.sweep(path, draws=4, store=tmp_path / "s")
    alone = ep.run(path, theta={"set": "ll2023", "sectors": {"s00": "C29", "s01": "A", "s02": "services"}})
    gains = swept.table("welfare").groupby("party")["equivalent_variation"]
    own = alone.tables["welfare"].frame.set_index("party")["equivalent_variation"]
    scale = float(alone.economy.income.max())
    for party in ("C00", "C01"):
        np.testing.assert_allclose(gains.get_group(party), own[party], rtol=0, atol=1e-9 * scale)
    plan = plan_of(path, draws=4)
    np.testing.assert_array_equal(plan.uncertain.theta(plan.economy, np.array([0.0])), [2.805, 6.227, 4.0])


def test_draws_follow_the_weights(tmp_path: Path) -> None:
    plan = plan_of(mixture(tmp_path, "{cp2015: 3, LL: 1}"), draws=400)
    (choice,) = plan.uncertain.parameters
    assert choice.distribution == MixtureOfSets(("ll2023", "cp2015"), (0.25, 0.75)), "in the order of their means"
    drawn = np.concatenate([plan.members(part)["theta.set"] for part in range(plan.parts)])[plan.singles :]
    assert (drawn == 1).mean() == pytest.approx(0.75, abs=0.01)
    assert set(drawn) == {0.0, 1.0}
    equal = plan_of(mixture(tmp_path, "[cp2015, ll2023, bsy2021]"), draws=8)
    assert equal.uncertain.parameters[0].distribution.parameters == pytest.approx([1 / 3] * 3)


def test_the_same_seed_gives_the_same_bits(tmp_path: Path) -> None:
    path = mixture(tmp_path, "[cp2015, ll2023]", ", within: {lognormal: {sd: 0.25}}")
    one, again = (ep.sweep(path, draws=8, seed=3, store=tmp_path / name) for name in ("one", "again"))
    other = ep.sweep(path, draws=8, seed=4, store=tmp_path / "other")
    for table in ("draws", "welfare"):
        assert one.table(table).equals(again.table(table))
    assert one.run.id == again.run.id != other.run.id
    assert not one.table("draws").equals(other.table("draws"))


@pytest.mark.positions
def test_a_spread_within_each_set(tmp_path: Path) -> None:
    plan = plan_of(mixture(tmp_path, "[ll2023]", ", within: {lognormal: {sd: 0.25}}"), draws=8)
    assert plan.uncertain.names == ["theta.set", "theta.within.s00", "theta.within.s01", "theta.within.s02"]
    theta = plan.uncertain.theta(plan.economy, np.array([0.0, 1.5, 1.0, 0.5]))
    np.testing.assert_allclose(theta, [2.805 * 1.5, 6.227, 2.0])
    ratios = plan.members(0)["theta.within.s00"][plan.singles :]
    assert np.log(ratios).std() == pytest.approx(0.25, rel=0.3)
    together = plan_of(mixture(tmp_path, "[ll2023]", ", within: {together: {lognormal: {sd: 0.2}}}"), draws=8)
    assert together.uncertain.names == ["theta.set", "theta.within"]
    np.testing.assert_allclose(together.uncertain.theta(plan.economy, np.array([0.0, 2.0])), [5.61, 12.454, 8.0])


@pytest.mark.positions
def test_an_elasticity_that_is_stated_again_leaves_the_mixture(tmp_path: Path) -> None:
    path = mixture(tmp_path, "[ll2023, cp2015]", ", within: {lognormal: {sd: 0.25}}")
    plan = plan_of(path, draws=8, uncertain={"theta.s00": {"lognormal": {"median": 5, "sd": 0.1}}})
    assert plan.uncertain.names == ["theta.set", "theta.within.s01", "theta.within.s02", "theta.s00"]
    np.testing.assert_allclose(plan.uncertain.theta(plan.economy, np.array([0, 1, 1, 6.0]))[0], 6.0)
    alone = plan_of(path, draws=8, uncertain={"theta": {"lognormal": {"sd": 0.1}}})
    assert alone.uncertain.names == ["theta.s00", "theta.s01", "theta.s02"]


def test_the_economys_own_elasticities_may_be_one_of_the_sets(tmp_path: Path) -> None:
    plan = plan_of(mixture(tmp_path, "[own, ll2023]"), draws=8)
    own = plan.uncertain.mixtures["theta.set"].index("own")
    np.testing.assert_array_equal(plan.uncertain.theta(plan.economy, np.array([own])), plan.economy.theta)


def test_runs_of_other_sets_or_weights_have_other_names(tmp_path: Path) -> None:
    plans = [
        plan_of(mixture(tmp_path, sets), draws=8) for sets in ("[ll2023]", "[cp2015]", "{ll2023: 2, cp2015: 1}", "each")
    ]
    sets = [str(plan.identity()["sets"]) for plan in plans]
    assert len(set(sets)) == 4
    assert len(plans[3].uncertain.mixtures["theta.set"]) > 8
    without = plan_of(mixture(tmp_path, "[ll2023]"), draws=8, uncertain={"theta": {"lognormal": {"sd": 0.1}}})
    assert "sets" not in without.identity(), "the names of runs without a mixture stay as they are"


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("[]", "give a list of names"),
        ("ll2023", "give a list of names"),
        ("[ll2023, ll2023]", "a set is named twice"),
        ("[LL, ll2023]", "ll2023 is ll2023, which is named too"),
        ("[ll2032]", "unknown set of elasticities 'll2032'; did you mean ll2023"),
        ("{ll2023: 0}", "the weight of ll2023 is 0; it must be above zero"),
        ("{ll2023: -1}", "the weight of ll2023 is -1; it must be above zero"),
        ("[fgo2022-products]", "does not ship the numbers"),
    ],
)
def test_mixtures_refused(tmp_path: Path, sets: str, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        plan_of(mixture(tmp_path, sets), draws=8)


def test_keys_of_a_mixture(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match="mixture: unknown key 'with'; did you mean within"):
        plan_of(mixture(tmp_path, "[ll2023]", ", with: {lognormal: {sd: 0.2}}"), draws=8)
    with pytest.raises(ep.errors.InputError, match="within: give a ratio about 1"):
        plan_of(mixture(tmp_path, "[ll2023]", ", within: {normal: {mean: 4, sd: 0.2}}"), draws=8)


def test_weights_add_up_to_one() -> None:
    assert read_weights(["a", "b"], ()) == {"a": 0.5, "b": 0.5}
    assert read_weights({"a": 3, "b": "1"}, ()) == {"a": 0.75, "b": 0.25}
    assert list(read_weights("each", ("a", "b", "c"))) == ["a", "b", "c"]
    at = MixtureOfSets(("a", "b"), (0.75, 0.25)).at(np.array([1e-9, 0.74, 0.76, 1 - 1e-9]))
    assert at.tolist() == [0, 0, 1, 1]


def test_names_in_words() -> None:
    assert named("theta.set") == "the set of trade elasticities"
    assert named("theta.within.motor_vehicles") == "the trade elasticity of motor vehicles within its set"
