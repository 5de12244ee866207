"""Labour rules: wages that are held, wages with a floor, and a rule from outside the package.

Held wages are checked against a second writing of the model in levels in `test_closures`; here are their laws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.batch import solve_stack
from entrepot.equilibrium.blocks import labour
from entrepot.equilibrium.problem import Problem
from entrepot.studies.provenance import assumptions
from worlds import random_world

WORLD = random_world(3, 2, seed=4, deficits=0.3)
TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s01", rate=0.2)
SHORT: dict[str, Any] = {"horizon": "short", "labour_share": 0.6}
HELD = ep.Closure(**SHORT, labour={"real_wage": ["C00", "C02"]})
TOL = 1e-12


def real(out: ep.Outcome) -> np.ndarray:
    return out.countries["real_income_pct"].to_numpy()


def slopes_are_differences(closure: ep.Closure, rate: float = 0.2) -> None:
    measure = replace(TARIFF, rate=rate)
    at, flow = ep.solve(WORLD, measure, closure=closure, tol=TOL).sensitivity, TARIFF.flows(WORLD)
    for code in WORLD.countries:
        ahead, back = (
            ep.solve(WORLD, replace(TARIFF, rate=rate + step), closure=closure, tol=TOL).countries["real_income_pct"]
            for step in (1e-4, -1e-4)
        )
        slope = (ahead[code] - back[code]) / 2e-2
        assert at.gradient(at.real_income(code), flow).sum() == pytest.approx(slope, rel=1e-5, abs=1e-7)


# ---- a wage that is held ----


@pytest.mark.parametrize("closure", [HELD, ep.Closure(labour={"real_wage": "C00"})], ids=["short", "long"])
def test_the_real_wage_stays_and_jobs_move(closure: ep.Closure) -> None:
    table = ep.solve(WORLD, TARIFF, closure=closure, tol=TOL).countries
    held = [code for code in WORLD.countries if code in closure.labour_rule[1]]  # type: ignore[operator]
    np.testing.assert_allclose(table.loc[held, "real_wage_pct"], 0.0, atol=1e-9)
    assert table.loc[held, "employment_pct"].abs().min() > 1e-3
    others = table.drop(held)
    np.testing.assert_allclose(others["employment_pct"], 0.0, atol=1e-9)
    assert others["real_wage_pct"].abs().min() > 1e-3


def test_held_wage_is_after_tax() -> None:
    closure = replace(HELD, labour_tax=0.2, recycling="labour_tax")
    table = ep.solve(WORLD, TARIFF, closure=closure, tol=TOL).countries.loc[["C00", "C02"]]
    left = (1 - table["labour_tax"]) / (1 - 0.2)
    np.testing.assert_allclose((1 + table["real_wage_pct"] / 100) * left, 1.0, rtol=1e-10)


def test_real_answers_are_the_same_in_every_unit() -> None:
    one, *others = (
        ep.solve(WORLD, [TARIFF, ep.SpecificTariff(importer="C01", exporter="C02", sector="s00", amount=0.1)],
                 closure=replace(HELD, numeraire=n), tol=TOL)
        for n in ("WORLD", "C00", "C01", "CPI:C02")
    )  # fmt: skip
    for other in others:
        np.testing.assert_allclose(real(one), real(other), atol=1e-8)
        np.testing.assert_allclose(one.countries["employment_pct"], other.countries["employment_pct"], atol=1e-7)


def test_held_wage_is_the_limit_of_elastic_labour_but_for_the_worth_of_time() -> None:
    """Trade and jobs go to those under a held wage as the elasticity grows; what is taken off real income does too: the
    whole of what the jobs pay. Under a held wage that is a gain or a loss."""
    gaps = []
    held = ep.solve(WORLD, TARIFF, closure=ep.Closure(**SHORT, labour={"real_wage": "WORLD"}), tol=TOL)
    for eta in (2.5, 5.0, 10.0):
        elastic = ep.solve(WORLD, TARIFF, closure=ep.Closure(**SHORT, labour_supply=eta), tol=TOL)
        gaps.append(np.abs(elastic.countries["employment_pct"] - held.countries["employment_pct"]).max())
    assert gaps[0] > 1.5 * gaps[1] > 2.25 * gaps[2]
    lost = held.countries["employment_pct"] < 0
    assert lost.any()
    fixed = ep.solve(WORLD, TARIFF, closure=ep.Closure(**SHORT), tol=TOL)
    assert (held.countries["real_income_pct"][lost] < fixed.countries["real_income_pct"][lost]).all()


def test_gradients_through_held_wages() -> None:
    slopes_are_differences(HELD)
    slopes_are_differences(ep.Closure(**SHORT, labour={"real_wage_floor": "WORLD"}))


def test_labour_rules_in_a_batch_equal_single_solves() -> None:
    """A batch under one closure, and a stack of closures that hold the wages of different countries."""
    batch = ep.solve_many(WORLD, [[TARIFF], []], closure=HELD, tol=TOL)
    np.testing.assert_allclose(100 * batch.real_income[0], real(ep.solve(WORLD, TARIFF, closure=HELD)), atol=1e-7)
    np.testing.assert_allclose(batch.real_income[1], 0.0, atol=1e-9)
    closures = [replace(HELD, labour={"real_wage": code}) for code in WORLD.countries]
    problems = [Problem.of(WORLD, ep.Scenario.of(TARIFF), closure) for closure in closures]
    stack = solve_stack(problems, tol=TOL)
    for k, closure in enumerate(closures):
        alone = ep.solve(WORLD, TARIFF, closure=closure, tol=TOL)
        np.testing.assert_allclose(100 * stack.real_income[k], real(alone), atol=1e-8)
        assert set(stack.countries()["employment_pct"][k].nonzero()[0]) >= {k}
    with pytest.raises(ep.errors.InputError, match="one closure"):
        solve_stack([problems[0], Problem.of(WORLD, ep.Scenario.of(TARIFF), ep.Closure(**SHORT))])


def test_an_outcome_with_fewer_jobs_is_a_base() -> None:
    after = ep.solve(WORLD, TARIFF, closure=HELD, tol=TOL).as_economy()
    again = ep.solve(after, [], closure=HELD, tol=TOL)
    np.testing.assert_allclose(again.countries["employment_pct"], 0.0, atol=1e-7)
    np.testing.assert_allclose(real(again), 0.0, atol=1e-7)


def test_jobs_that_move_too_far_are_warned_of(world: ep.Economy) -> None:
    """Where no factor is fixed a held wage moves a quarter of all jobs, and with fixed capital a hundredth."""
    tariff = ep.Tariff(importer="USA", sector="ALL", rate=0.1, change="add")
    long, short = (ep.solve(world, tariff, closure=ep.Closure(**c, labour={"real_wage": "USA"})) for c in ({}, SHORT))
    assert -30 < long.countries.loc["USA", "employment_pct"] < -20
    assert -2 < short.countries.loc["USA", "employment_pct"] < -1
    assert any("jobs in USA change by -24.7%" in warning and "in the short run" in warning for warning in long.warnings)
    assert not short.warnings


def test_what_jobs_add_is_in_the_rest_of_the_decomposition() -> None:
    out = ep.solve(WORLD, TARIFF, closure=HELD, tol=TOL)
    parts = out.decomposition
    np.testing.assert_allclose(parts.drop(columns="real_income").sum(axis=1), real(out), atol=1e-7)
    assert parts.attrs["quadrature_error"] < 1e-6


# ---- a floor ----


def test_a_floor_binds_where_the_real_wage_would_fall() -> None:
    closure = ep.Closure(**SHORT, labour={"real_wage_floor": "WORLD"})
    table = ep.solve(WORLD, TARIFF, closure=closure, tol=TOL).countries
    wage, jobs = table["real_wage_pct"].to_numpy(), table["employment_pct"].to_numpy()
    assert (wage > -1e-8).all()
    assert (jobs < 1e-8).all()
    np.testing.assert_allclose(wage * jobs, 0.0, atol=1e-7)
    assert (wage > 1e-5).any()
    assert (jobs < -1e-3).any()


# ---- refusals ----


@pytest.mark.parametrize(
    ("closure", "message"),
    [
        ({"labour": {"real_wag": "C00"}}, "labour 'real_wag'; did you mean real_wage"),
        ({"labour": "real_wage"}, "labour 'real_wage': one rule and where it holds, such as {real_wage: USA}"),
        ({"labour": {"real_wage": "C00", "elastic": 1}}, "one rule and where it holds"),
        ({"labour": {"real_wage": 0.5}}, "labour: real_wage 0.5 is not a country or a list of countries"),
        ({"labour": {"real_wage": []}}, "is not a country"),
        ({"labour": {"real_wage": "C00"}, "labour_supply": 0.5}, "labour is stated beside labour_supply"),
        ({"labour": {"elastic": 11}}, "labour_supply 11 is not an elasticity between 0 and 10"),
    ],
)
def test_invalid_labour_rules_are_refused(closure: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.Closure(**closure)


def test_labour_rules_that_do_not_fit_the_economy_are_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="labour: real_wage: unknown country 'Atlantis'"):
        ep.solve(WORLD, closure=ep.Closure(labour={"real_wage": "Atlantis"}))
    with pytest.raises(ep.errors.InputError, match="in every country leaves no equilibrium in the long run"):
        ep.solve(WORLD, closure=ep.Closure(labour={"real_wage": "WORLD"}))


def test_elastic_is_what_labour_supply_states() -> None:
    assert ep.Closure(labour={"elastic": "50%"}) == ep.Closure(labour_supply=0.5)


# ---- a rule of one's own ----


class Shared(labour.LabourRule):
    """A part of every rise in what labour earns goes to wages, the rest to jobs, whose time costs nobody."""

    stated = "gains of labour shared between wages and jobs at {}"
    most, wanted = 1.0, "a part between 0 and 1"

    def ln_real_wage(self, b: np.ndarray) -> np.ndarray:
        return (1 - self.number) * b

    def slope(self, b: np.ndarray) -> np.ndarray:
        return np.broadcast_to(1 - self.number, b.shape)


@pytest.fixture
def shared() -> Iterator[ep.Closure]:
    labour.register("shared", Shared)
    yield ep.Closure(labour={"shared": {"WORLD": 0.5}})
    del labour.RULES["shared"]


def test_registered_labour_rule_is_solved_and_differentiated(shared: ep.Closure) -> None:
    """Half to jobs is a supply elasticity of one, but for the worth of time."""
    out = ep.solve(WORLD, TARIFF, closure=shared, tol=TOL)
    elastic = ep.solve(WORLD, TARIFF, closure=ep.Closure(labour_supply=1.0), tol=TOL)
    np.testing.assert_allclose(out.accounts.producer_value, elastic.accounts.producer_value, rtol=1e-9)
    np.testing.assert_allclose(out.countries["employment_pct"], elastic.countries["employment_pct"], atol=1e-8)
    consumed = out.accounts.income / WORLD.income / (1 + out.countries["consumer_price_pct"] / 100)
    np.testing.assert_allclose(real(out), 100 * (consumed - 1), atol=1e-9)
    slopes_are_differences(shared)
    batch = ep.solve_many(WORLD, [[TARIFF], []], closure=shared, tol=TOL)
    np.testing.assert_allclose(100 * batch.real_income[0], real(out), atol=1e-8)


def test_registered_labour_rule_is_named_in_reports(shared: ep.Closure) -> None:
    assert "gains of labour shared between wages and jobs at WORLD 0.5" in assumptions(shared)
    with pytest.raises(ep.errors.InputError, match="labour: shared of C00 2 is not a part between 0 and 1"):
        ep.Closure(labour={"shared": {"C00": 2}})


def test_a_rule_from_outside_in_a_case(shared: ep.Closure, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(
        "case: own\ntitle: Own\nquestion: What?\neconomy: world2014\nparties: [USA, JPN]\n"
        "closure: {labour: {shared: {USA: 0.4}}}\nscenarios:\n  one:\n    title: One\n    measures:\n"
        "      - tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%}\n"
    )
    assert ep.load_case(file).closure == ep.Closure(labour={"shared": {"USA": 0.4}})


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="'elastic': the name is in use"):
        labour.register("elastic", Shared)

    class Silent(labour.LabourRule):
        pass

    with pytest.raises(ep.errors.InputError, match="Silent has no stated, ln_real_wage and slope"):
        labour.register("silent", Silent)


def test_reports_say_who_is_without_work() -> None:
    (line,) = [text for text in assumptions(HELD) if text.startswith("real wages held")]
    assert line.startswith("real wages held as in the base in C00 and C02, where jobs adjust;")


@pytest.mark.parametrize(
    ("closure", "several"),
    [
        ({"labour": {"real_wage_floor": "C00"}}, False),
        ({"labour": {"real_wage_floor": "C00"}, "scale": 0.02}, True),
        ({**SHORT, "labour": {"real_wage_floor": "C00"}, "recycling": "labour_tax", "labour_tax": 0.1}, True),
        ({**SHORT, "labour": {"real_wage": "C00"}, "recycling": "labour_tax", "labour_tax": 0.1}, False),
        ({"scale": 0.02}, False),
    ],
    ids=str,
)
def test_a_floor_beside_what_grows_with_a_market_is_warned_of(closure: dict[str, Any], several: bool) -> None:
    out = ep.solve(WORLD, replace(TARIFF, rate=0.02), closure=ep.Closure(**closure))
    assert any("More than one equilibrium may hold" in line for line in out.warnings) is several


@pytest.mark.parametrize("rate", [0.005, 0.01, 0.021, 0.03, 0.1])
def test_a_small_duty_is_solved_where_jobs_are_lost_beside_external_economies(rate: float) -> None:
    """The map has a kink at the base and is steep beside it: Anderson acceleration alone leaves the neighbourhood."""
    closure = ep.Closure(labour={"real_wage_floor": "C00"}, scale=0.02)
    out = ep.solve(WORLD, replace(TARIFF, rate=rate), closure=closure)
    fine = ep.solve(WORLD, replace(TARIFF, rate=rate), closure=replace(closure, scale=0.01))
    change, nearby = (o.countries["real_income_pct"] for o in (out, fine))
    np.testing.assert_allclose(change, nearby, rtol=0.03, atol=1e-4)
