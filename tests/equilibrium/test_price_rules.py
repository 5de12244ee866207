"""Specific duties and minimum prices: what each adds to a price, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.measures import Policy
from worlds import place, random_world

WORLD = random_world(3, 2, seed=4)


def rules(*measures: ep.measures.Measure) -> PriceRules:
    return PriceRules.of(Policy.of(WORLD, measures).price_rules())


def flow(sector: str, importer: str, exporter: str) -> int:
    return int(np.ravel_multi_index(place(WORLD, sector, importer, exporter), WORLD.value.shape))


DUTY = ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount=0.3)
LEVIED = ep.MinimumPrice(importer="C00", exporter="C02", sector="s00", price=1.2, rent="importer")
UNDERTAKEN = ep.MinimumPrice(importer="C02", exporter=["C00", "C01"], sector="s01", price=1.5, rent="exporter")


def test_rules_stand_flow_by_flow_in_the_order_of_measures() -> None:
    found = rules(DUTY, LEVIED, UNDERTAKEN)
    pair = sorted(flow("s01", "C02", i) for i in ("C00", "C01"))
    assert found.flow.tolist() == [flow("s00", "C00", "C01"), flow("s00", "C00", "C02"), *pair]
    assert found.amount.tolist() == [0.3, 0.0, 0.0, 0.0]
    assert found.floor.tolist() == [0.0, 1.2, 1.5, 1.5]
    assert found.exporter_holds.tolist() == [False, False, True, True]
    none = rules(ep.Tariff(importer="C00", sector="s00", rate=0.1))
    assert none.flow.size == none.amount.size == none.floor.size == none.exporter_holds.size == 0
    assert none.flow.dtype == np.intp


def test_one_rule_a_flow() -> None:
    other = ep.MinimumPrice(importer="C00", exporter=["C01", "C02"], sector="s00", price=1.1)
    with pytest.raises(
        ep.errors.MeasureError, match="touch the same flow, s00 from C01 into C00; one specific duty or minimum price"
    ) as caught:
        rules(DUTY, other)
    assert repr(DUTY.title) in str(caught.value)
    assert repr(other.title) in str(caught.value)
    with pytest.raises(
        ep.errors.MeasureError, match=f"{other.title!r} and {LEVIED.title!r} touch".replace("(", ".")[:20]
    ):
        rules(LEVIED, other)


def test_an_embargo_takes_its_flows_from_the_rules() -> None:
    found = rules(DUTY, LEVIED, UNDERTAKEN).without(np.array([flow("s00", "C00", "C02"), flow("s00", "C01", "C02")]))
    assert found.amount.tolist() == [0.3, 0.0, 0.0]
    assert found.floor.tolist() == [0.0, 1.5, 1.5]
    assert found.exporter_holds.tolist() == [False, True, True]
    assert found.flow[0] == flow("s00", "C00", "C01")


def test_price_rules_at_a_part_of_the_shock() -> None:
    """Amounts in proportion; floors above the base price, of one, log-linearly; others bind from the start or never."""
    one = PriceRules(
        np.arange(4),
        np.array([0.4, 0.0, 0.0, 0.0]),
        np.array([0.0, 1.44, 1.0, 0.8]),
        *np.zeros((2, 4), bool),
        *np.zeros((2, 4)),
    )
    half = one.at(0.5)
    np.testing.assert_allclose(half.amount, [0.2, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(half.floor, [0.0, 1.2, 1.0, 0.8])
    np.testing.assert_allclose(one.at(0.0).floor, [0.0, 1.0, 1.0, 0.8])
    np.testing.assert_array_equal(half.flow, one.flow)
    held = replace(one, in_force=np.ones(4, bool), amount_base=one.amount, floor_base=one.floor)
    standing = held.at(0.5)  # what is in force in the base stays
    np.testing.assert_array_equal(standing.amount, one.amount)
    np.testing.assert_array_equal(standing.floor, one.floor)
    lifted = replace(held, amount=np.zeros(4), floor=np.zeros(4))  # and what is lifted goes in proportion
    np.testing.assert_allclose(lifted.at(0.5).amount, one.amount / 2)
    np.testing.assert_allclose(lifted.at(0.25).floor, 0.75 * one.floor)
    np.testing.assert_array_equal(lifted.standing, [False] * 4)


@pytest.mark.parametrize(
    ("amount", "floor", "undertaken", "border", "user"),
    [
        (0.3, 0.0, False, 2.0, 2.0 * 1.25 + 0.3),  # so much a unit on top of price and duty
        (0.0, 1.5, False, 1.2, 1.2 * 1.25 + 0.3),  # the gap to the floor is levied on top of duty
        (0.0, 1.5, True, 1.2, 1.5 * 1.25),  # the exporter asks the floor, and duty falls on that
        (0.0, 1.5, False, 1.6, 1.6 * 1.25),  # above the floor nothing is added
        (0.0, 1.5, True, 1.6, 1.6 * 1.25),
        (0.0, 1.5, True, 1.5, 1.5 * 1.25),
    ],
)
def test_user_price_under_price_rules(
    amount: float, floor: float, undertaken: bool, border: float, user: float
) -> None:
    """A border price and a duty of 25% on it: u (1+t) (1+mu) is the user's price."""
    one = PriceRules(
        np.zeros(1, np.intp),
        np.array([amount]),
        np.array([floor]),
        np.array([undertaken]),
        np.zeros(1, bool),
        *np.zeros((2, 1)),
    )
    wedge = one.ln_wedge(np.log([border]), np.log([1.25]))
    assert border * 1.25 * np.exp(wedge) == pytest.approx([user])
