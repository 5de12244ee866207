"""The statistics of a sweep on members whose numbers are made up: signs, rounding, missing numbers, and drivers."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest

from entrepot.sweeping.design_of_experiments import design, indices
from entrepot.sweeping.sweep_result import Sweep

#: One gain each of every kind: losses, rounding on both sides of zero, gains, and none found; US$ million.
GAINS = [-3.0, -1.0, -5e-4, 0.0, 5e-4, 1.0, 2.0, 4.0, 8.0, np.nan]


def swept(**tables: pd.DataFrame) -> Sweep:
    """A sweep of tables given as they are."""
    store = duckdb.connect()
    for name, table in tables.items():
        store.register(name, table)
    run = SimpleNamespace(
        relation=lambda name: name, query=lambda sql: store.execute(sql).df(), parts=lambda name: name in tables
    )
    between = ("A", "B")
    case = SimpleNamespace(parties=between, table=SimpleNamespace(between=between, offers={"deal": None}))
    uncertain = SimpleNamespace(names=("x", "y"))
    plan = SimpleNamespace(
        grid=(), method="draws", scenarios=("tariff",), case=case, uncertain=uncertain, singles=True, draws=10
    )
    return Sweep(plan, run, 0, 0, 0.0)  # type: ignore[arg-type]


def welfare(gains: list[float], centre: float) -> Sweep:
    count = len(gains)
    draws = pd.DataFrame(
        {"member": range(count + 1), "kind": ["draw"] * count + ["centre"], "parameter": [None] * (count + 1)}
    )
    table = draws[["member"]].assign(scenario="tariff", party="A", equivalent_variation=[*gains, centre])
    return swept(draws=draws, welfare=table)


@pytest.mark.parametrize(
    ("centre", "flips"),
    [
        pytest.param(2.0, 5 / 9, id="a gain: two losses and three within rounding differ"),
        pytest.param(-2.0, 7 / 9, id="a loss: four gains and three within rounding differ"),
        pytest.param(1e-4, 6 / 9, id="nothing: two losses and four gains differ"),
        pytest.param(np.nan, np.nan, id="no centre"),
    ],
)
def test_an_interval_counts_signs_beyond_rounding_and_draws_with_a_number(centre: float, flips: float) -> None:
    (row,) = welfare(GAINS, centre).intervals("welfare", 0.8).to_dict("records")
    known = np.array(GAINS[:-1])
    assert row["draws"] == 9
    assert row["above_zero"] == pytest.approx(4 / 9)
    assert [row[key] for key in ("low", "median", "high")] == pytest.approx(list(np.quantile(known, [0.1, 0.5, 0.9])))
    assert row["mean"] == pytest.approx(known.mean())
    np.testing.assert_allclose([row["centre"], row["flips"]], [centre, flips])


def test_all_sign_in_the_draws_in_which_nobody_loses_beyond_rounding() -> None:
    """Of six draws, A has no number in one; B loses in two others; a loss of US$500 is rounding."""
    draws = pd.DataFrame({"member": range(8), "kind": ["draw"] * 6 + ["centre", "low"], "parameter": [None] * 8})
    gains = {"A": [1.0, 1.0, 1.0, -5e-4, -1.0, np.nan, 1.0, 1.0], "B": [1.0, -2e-3, -5.0, 0.0, 1.0, 1.0, 1.0, 1.0]}
    rows = [(m, "deal", party, gain) for party, of in gains.items() for m, gain in enumerate(of)]
    offers = pd.DataFrame(rows, columns=["member", "offer", "party", "gain"])
    found = swept(draws=draws, offers=offers).probabilities().set_index("party")
    assert found["draws"].to_dict() == {"A": 5, "B": 6}
    assert found["signs"].to_dict() == pytest.approx({"A": 4 / 5, "B": 4 / 6})
    assert list(found["signed"]) == pytest.approx([2 / 5] * 2)
    offers["gain"] = offers["gain"].where(offers["party"] == "B")
    (row,) = swept(draws=draws, offers=offers).probabilities().to_dict("records")
    assert (row["party"], row["draws"], row["signs"]) == ("B", 6, pytest.approx(4 / 6))
    assert np.isnan(row["signed"]), "A has no number in any draw"


def test_the_widest_range_of_a_number_comes_first_whatever_its_direction() -> None:
    """x moves the gain from 1 to -2, and y from 1 to 3 around a centre of 2; other rows have other numbers."""
    draws = pd.DataFrame(
        {
            "member": range(6),
            "kind": ["centre", "low", "high", "low", "high", "draw"],
            "parameter": [None, "y", "y", "x", "x", None],
        }
    )
    table = draws[["member"]].assign(scenario="tariff", party="A", real_income_pct=[2.0, 1.0, 3.0, 1.0, -2.0, 9.0])
    others = [table.assign(party="B", real_income_pct=50.0), table.assign(scenario="quota", real_income_pct=60.0)]
    sweep = swept(draws=draws, welfare=pd.concat([others[0], table, others[1]]))
    found = sweep.tornado(scenario="tariff", party="A")
    assert found.to_dict("list") == {"parameter": ["x", "y"], "low": [1, 1], "high": [-2, 3], "centre": [2, 2]}


def test_effects_of_a_linear_answer_are_its_slopes_over_the_range_of_the_levels() -> None:
    """Morris: between the 12.5th and the 87.5th percentile a + 8 u - 4 v moves by 6 and by -3, everywhere alike."""
    pytest.importorskip("SALib")
    points = design("morris", ["u", "v"], 4, seed=1)
    assert (points.min(), points.max()) == (0.125, 0.875)
    found = indices("morris", ["u", "v"], points, 7 + points @ [8.0, -4.0], seed=1).set_index("parameter")
    assert list(found.index) == ["u", "v"]
    np.testing.assert_allclose(found["mean"], [6, -3])
    np.testing.assert_allclose(found["size"], [6, 3])
    np.testing.assert_allclose(found["spread"], 0, atol=1e-12)


def test_shares_of_the_variance_of_a_product_are_those_by_hand() -> None:
    """Sobol: of u v, both uniform on [0, 1], each explains 3/7 of the variance alone, and 4/7 with the other."""
    pytest.importorskip("SALib")
    points = design("sobol", ["u", "v"], 1000, seed=1)
    assert len(points) == 1024 * (2 + 2)
    found = indices("sobol", ["u", "v"], points, points.prod(axis=1), seed=1)
    np.testing.assert_allclose(found["first"], 3 / 7, atol=0.01)
    np.testing.assert_allclose(found["total"], 4 / 7, atol=0.01)
