"""The weights that rationalise tariffs are the weights that generated them."""

from __future__ import annotations

import pytest

import entrepot as ep
from entrepot.bargaining import optimal_tariff, rationalising_weights
from worlds import random_world


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weights_that_generated_the_tariffs_are_recovered(seed: int) -> None:
    world = random_world(4, 3, seed, tariffs=False, deficits=0.0)
    wanted = {"s00": 0.3, "s02": 0.15}
    best = optimal_tariff(world, "C01", over="sector", objective=ep.cases.Objective(value_added=wanted), accuracy=1e-8)
    found = rationalising_weights(best.outcome.as_economy(), "C01").set_index("sector")
    assert found["weight"]["s00"] == pytest.approx(0.3, abs=1e-3)
    assert found["weight"]["s01"] == pytest.approx(0.0, abs=1e-3)
    assert found["weight"]["s02"] == pytest.approx(0.15, abs=1e-3)
    assert found["tariff"].to_numpy() == pytest.approx(best.rates["rate"].to_numpy())


def test_tariffs_below_the_optimum_give_negative_weights(world: ep.Economy) -> None:
    found = rationalising_weights(world, "USA", sectors=("motor_vehicles", "metals", "food"))
    assert (found["weight"] < 0).all()
    assert found.attrs["condition"] >= 1


def test_weights_of_an_unknown_sector_are_refused(small: ep.Economy) -> None:
    with pytest.raises(ep.errors.InputError, match="s9"):
        rationalising_weights(small, "C00", sectors="s9")
