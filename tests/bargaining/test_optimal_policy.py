"""The best policy with several instruments: results that theory predicts, and refused input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining.levers import Kind
from entrepot.bargaining.optimal_over_sets import slope_at_zero
from worlds import random_world

KINDS = ("tariff", "export_tax", "production_subsidy")


def untaxed(world: ep.Economy) -> ep.Economy:
    return replace(world, tariff=np.zeros_like(world.tariff))


WORLD = untaxed(random_world(4, 3, seed=5))


def rates(found: ep.bargaining.OptimalPolicy, kind: str) -> np.ndarray:
    return found.rates.loc[found.rates["instrument"] == kind, "rate"].to_numpy(dtype=float)


@pytest.fixture(scope="module")
def first_best() -> ep.bargaining.OptimalPolicy:
    return ep.bargaining.optimal_policy(WORLD, "C00", over="both")


def test_uniform_export_tax_is_a_uniform_tariff() -> None:
    """Lerner (1936): with balanced trade one rate on all imports and the same on all exports are the same policy."""
    imports = ep.bargaining.optimal_tariff(WORLD, "C00", at_least=-0.5)
    exports = ep.bargaining.optimal_policy(WORLD, "C00", instruments="export_tax", over="uniform")
    assert exports.rates["rate"].item() == pytest.approx(imports.rates["rate"].item(), rel=1e-5)
    assert exports.payoff == pytest.approx(imports.payoff, rel=1e-9)
    assert exports.rates["rate"].item() > 0.05


def test_first_best_leaves_production_alone_where_there_is_no_distortion(
    first_best: ep.bargaining.OptimalPolicy,
) -> None:
    """Taxes on trade do all that can be done about the terms of trade (Lashkaripour and Lugovskyy 2023, with no markup
    and no scale); without them subsidies are a second best, and not zero."""
    np.testing.assert_allclose(rates(first_best, "production_subsidy"), 0.0, atol=1e-5)
    trade_alone = ep.bargaining.optimal_policy(WORLD, "C00", instruments=("tariff", "export_tax"), over="both")
    assert trade_alone.payoff == pytest.approx(first_best.payoff, rel=1e-7)
    alone = ep.bargaining.optimal_policy(WORLD, "C00", instruments="production_subsidy")
    assert np.abs(rates(alone, "production_subsidy")).max() > 1e-3
    assert 0 < alone.payoff < 0.1 * first_best.payoff


def test_fewer_instruments_are_worth_less(first_best: ep.bargaining.OptimalPolicy) -> None:
    worth = {kind: ep.bargaining.optimal_policy(WORLD, "C00", instruments=kind, over="both").payoff for kind in KINDS}
    assert all(0 < alone < first_best.payoff * (1 + 1e-9) for alone in worth.values())


def test_first_best_subsidies_are_the_elasticities_of_scale() -> None:
    """Up to a factor common to all, labour being in fixed supply (Bartelme et al. 2025): 1 + s goes with 1 + gamma."""
    world = untaxed(random_world(3, 3, seed=5, inputs=False, theta=4.0))
    gamma = {"s00": 0.0, "s01": 0.1, "s02": 0.2}
    closure = ep.Closure(deficit="balanced", scale=gamma)
    best = ep.bargaining.optimal_policy(world, "C00", over="both", closure=closure)
    subsidy = 1 + best.rates[best.rates["instrument"] == "production_subsidy"].set_index("sector")["rate"]
    for sector, scale in gamma.items():
        assert subsidy[sector] / subsidy["s00"] == pytest.approx(1 + scale, rel=1e-5)
    trade_alone = ep.bargaining.optimal_policy(
        world, "C00", instruments=("tariff", "export_tax"), over="both", closure=closure
    )
    assert trade_alone.payoff < 0.9 * best.payoff


def test_measures_of_the_best_policy_bring_its_outcome(first_best: ep.bargaining.OptimalPolicy) -> None:
    again = ep.solve(WORLD, first_best.outcome.scenario, closure=ep.Closure(deficit="balanced"))
    real, same = (o.countries["real_income_pct"] for o in (first_best.outcome, again))
    np.testing.assert_allclose(same, real, atol=1e-8)
    assert list(first_best.outcome.measures["kind"].unique()) == list(KINDS)
    assert list(first_best.rates["instrument"].unique()) == list(KINDS)
    assert "export_tax" in repr(first_best)


def test_labels_and_bounds() -> None:
    by_partner = ep.bargaining.optimal_policy(
        WORLD, "C00", instruments="export_tax", over="partner", at_least=0.0, at_most=0.05
    )
    assert set(by_partner.rates["partner"]) == set(WORLD.countries) - {"C00"}
    assert by_partner.rates["at_bound"].all()
    some = ep.bargaining.optimal_policy(
        WORLD, "C00", instruments=("production_subsidy",), sectors=("s00", "s02"), over="both"
    )
    assert set(some.rates["sector"]) == {"s00", "s02"}
    assert set(some.rates["partner"]) == {"WORLD"}


def test_rate_that_spans_sectors_respects_the_lowest_of_their_bounds() -> None:
    low = ep.bargaining.optimal_policy(WORLD, "C00", instruments="tariff", over="uniform", at_most={"s01": "1%"})
    assert low.rates["rate"].item() == pytest.approx(0.01)
    assert "1 of 1 rates at a bound" in repr(low)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"instruments": "quota"}, "'quota' is not one of tariff, export_tax, production_subsidy"),
        ({"instruments": ()}, "name at least one"),
        ({"over": "product"}, "'product' is not one of"),
        ({"at_least": 0.2, "at_most": 0.1}, "at_most is below at_least"),
        ({"at_least": -1.0}, "at_least: -1 must be above -1"),
        ({"at_least": float("nan")}, "at_least: nan is not a finite number"),
        ({"at_least": "little"}, "at_least: 'little' is neither a number nor a percentage"),  # words: quoted
        ({"instruments": "production_subsidy", "exempt": ("C01",)}, "paid on all output"),
        (
            {"measures": ep.ExportTax(exporter="C00", sector="s00", rate=0.05)},
            "applies to flows for which export_tax is chosen",
        ),
        (
            {"measures": ep.ProductionSubsidy(country="C00", sector="s00", rate=0.05)},
            "applies to flows for which production_subsidy is chosen",
        ),
    ],
)
def test_bad_input(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.bargaining.optimal_policy(WORLD, "C00", **options)


@pytest.mark.parametrize("kind", ["tariff", "export_tax", "production_subsidy"])
def test_the_slope_at_zero_has_the_sign_of_the_best_rate(kind: Kind) -> None:
    e = random_world(3, 2, seed=2)
    best = ep.bargaining.optimal_policy(e, "C01", instruments=kind, over="uniform").rates["rate"][0]
    assert np.sign(slope_at_zero(e, "C01", kind)) == np.sign(best) != 0
