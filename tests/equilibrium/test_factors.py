"""What factors earn and how they are supplied, by hand and by the laws that define them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.blocks.labour import RealWage
from entrepot.equilibrium.factors import Factors

#: Output of grain 70 and 150, of tools 30 and 50; value added 0.6 and 0.7 of it in A, 0.5 and 0.8 in B.
WORLD = ep.Economy(
    countries=("A", "B"),
    sectors=("grain", "tools"),
    value=np.array([[[60.0, 20.0], [10.0, 130.0]], [[25.0, 10.0], [5.0, 40.0]]]),
    tariff=np.array([[[0.0, 0.1], [0.2, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]),
    inputs=np.array([[[0.4, 0.1], [0.0, 0.2]], [[0.3, 0.1], [0.2, 0.1]]]),
    theta=np.array([4.0, 5.0]),
)
NO_KEEP = np.zeros(0)


def factors(**closure: Any) -> Factors:
    return Factors.of(WORLD, ep.Closure(**closure))


def test_labour_and_capital_share_value_added_out() -> None:
    """b[A] = (1 - 0.4, 1 - 0.3); of it labour has 0.6 in the short run, all in the long."""
    b = np.array([[0.6, 0.7], [0.5, 0.8]])
    short, long = factors(horizon="short", labour_share=0.6), factors(labour_share=0.6)
    np.testing.assert_allclose(short.labour, 0.6 * b)
    np.testing.assert_allclose(short.capital, 0.4 * b)
    np.testing.assert_allclose(long.labour, b)
    np.testing.assert_array_equal(long.capital, 0 * b)
    for one in (short, long):
        np.testing.assert_allclose(one.surplus, 0.4 * b)
    np.testing.assert_allclose(short.labour_income, [0.36 * 70 + 0.42 * 30, 0.3 * 150 + 0.48 * 50])
    np.testing.assert_allclose(short.capital_income, [[0.24 * 70, 0.2 * 150], [0.28 * 30, 0.32 * 50]])


def test_exponents_of_wage_and_activity_in_cost() -> None:
    """Scale makes a sector cheaper as it grows, and its workers' wage count for more: employment is activity over
    wage."""
    one = factors(horizon="short", labour_share=0.5, scale={"grain": 0.1})
    np.testing.assert_allclose(one.wage_exponent, [[0.3 + 0.1, 0.35], [0.25 + 0.1, 0.4]])
    np.testing.assert_allclose(one.activity_exponent, [[0.3 - 0.1, 0.35], [0.25 - 0.1, 0.4]])


@pytest.mark.parametrize(
    ("closure", "activity", "elastic"),
    [
        ({}, False, False),
        ({"scale": {"tools": 0.1}}, True, False),
        ({"horizon": "short", "labour_share": {"grain": 1.0, "tools": 0.9}}, True, False),
        ({"horizon": "short", "labour_share": 1.0}, False, False),
        ({"labour_supply": {"B": 0.1}}, False, True),
    ],
)
def test_activity_and_jobs_move_where_the_closure_lets_them(
    closure: dict[str, Any], activity: bool, elastic: bool
) -> None:
    one = factors(**closure)
    assert (one.has_activity, one.elastic) == (activity, elastic)


PRICE = np.array([[0.1, -0.2], [0.3, 0.05]])
KEEP = np.array([0.02, -0.03])


def consumer_price() -> np.ndarray:
    """ln P^ [n] = sum_j a[n,j] ln P^[j,n]."""
    return np.array([sum(WORLD.final_share[n, j] * PRICE[j, n] for j in range(2)) for n in range(2)])


def test_labour_is_supplied_by_the_real_wage_after_tax() -> None:
    """ln L^ = eta (ln w^ + ln k^ - ln P^), at the wage that labour's income leaves to those who are hired."""
    income, eta = np.array([0.2, -0.1]), np.array([0.5, 0.25])
    one = factors(labour_supply={"A": 0.5, "B": 0.25})
    for keep in (KEEP, NO_KEEP):
        wage = one.ln_wage(income, PRICE, keep)
        kept = keep if keep.size else 0.0
        np.testing.assert_allclose(income - wage, eta * (wage + kept - consumer_price()))
    np.testing.assert_array_equal(factors().ln_wage(income, PRICE, KEEP), income)
    np.testing.assert_allclose(one.supply, eta)


def test_held_real_wage_moves_jobs_one_for_one() -> None:
    """w^ k^ / P^ = 1 in A, and B has fixed labour; a floor holds only where labour's real income falls."""
    income = np.array([0.2, -0.1])
    held = factors(labour={"real_wage": "A"})
    np.testing.assert_allclose(held.ln_wage(income, PRICE, KEEP), [consumer_price()[0] - KEEP[0], income[1]])
    for up in (0.1, -0.1):
        real = np.array([up, up])
        floor = factors(labour={"real_wage_floor": ["A", "B"]})
        wage = floor.ln_wage(real + consumer_price(), PRICE, NO_KEEP)
        np.testing.assert_allclose(wage - consumer_price(), np.maximum(real, 0.0), atol=1e-15)


@pytest.mark.parametrize(
    "closure",
    [{}, {"labour_supply": {"A": 0.5}}, {"labour": {"real_wage": "A"}}, {"labour": {"real_wage_floor": "WORLD"}}],
    ids=str,
)
def test_slopes_of_wages_and_effort_are_their_derivatives(closure: dict[str, Any]) -> None:
    one, income, step = factors(**closure), np.array([0.3, -0.1]), 1e-6
    for of, slope in ((one.ln_wage, one.wage_slope), (one.effort, one.effort_slope)):
        ahead, back = (of(income + s, PRICE, KEEP) for s in (step, -step))
        np.testing.assert_allclose(slope(income, PRICE, KEEP), (ahead - back) / (2 * step), atol=1e-8)


def test_the_worth_of_more_work_is_the_area_under_the_supply_curve() -> None:
    """Each hour costs what it would be supplied for: the integral of the net wage over labour, L = W^eta."""
    one = factors(labour_supply={"A": 0.5, "B": 0.25}, labour_tax={"A": 0.2, "B": 0.3})
    income = np.array([0.2, -0.3])
    net = np.exp(one.ln_wage(income, PRICE, KEEP) + KEEP - consumer_price())
    for n, (eta, tau) in enumerate(((0.5, 0.2), (0.25, 0.3))):
        labour = np.linspace(1.0, net[n] ** eta, 20001)
        reservation_wage = labour ** (1 / eta)
        area = ((reservation_wage[1:] + reservation_wage[:-1]) / 2 * np.diff(labour)).sum()
        earned = (1 - tau) * one.labour_income[n] / WORLD.income[n]
        assert one.effort(income, PRICE, KEEP)[n] == pytest.approx(earned * area, rel=1e-7)
    for free in (factors(labour_tax=0.2), factors(labour={"real_wage": "A"})):
        np.testing.assert_array_equal(free.effort(income, PRICE, KEEP), [0.0, 0.0])


def test_labour_tax_keeps_the_real_sum_of_revenue() -> None:
    """tau' w'L' + R' = P^ (tau wL + R), with R of A 0.1 x 20, of B 0.2 x 10."""
    one = factors(labour_tax={"A": 0.2, "B": 0.3}, recycling="labour_tax")
    income, revenue, price = np.array([80.0, 110.0]), np.array([5.0, 1.0]), np.exp(consumer_price())
    rule = one.recycling_rule("labour_tax")
    raised = rule.raise_(price, revenue)
    base = np.array([0.2, 0.3]) * one.labour_income + np.array([2.0, 2.0])
    np.testing.assert_allclose(raised + revenue, price * base)
    ln_keep = np.log((1 - raised / income) / (1 - one.tax))
    np.testing.assert_allclose(rule.gap(price, income, revenue, ln_keep), 0.0, atol=1e-12)


def test_factors_that_act_alike_share_a_key() -> None:
    one = factors(horizon="short", labour_share=0.6, scale=0.05, labour_supply=0.2)
    assert one.key == replace(one, tax=one.tax + 0.1, recycled=True).key
    others = [replace(one, **{name: getattr(one, name) * 1.1}) for name in ("labour", "scale")]
    others += [replace(one, labour_rule=type(one.labour_rule)(one.labour_rule.number * 1.1))]
    others += [replace(one, labour_rule=RealWage(one.labour_rule.number))]
    assert one.key not in {other.key for other in others}


def test_numbers_by_name_leave_the_others_at_zero_and_shares_at_nothing() -> None:
    assert factors(labour_supply={"B": 0.4}).labour_rule.number.tolist() == [0.0, 0.4]
    assert factors(scale={"tools": 0.1}).scale.tolist() == [0.0, 0.1]
    for share, missing in (
        ({"grain": 0.5}, "labour_share: nothing for tools$"),
        ({"A": {"grain": 0.5}, "B": 0.5}, "labour_share of A: nothing for tools$"),
        ({"A": {"grain": 0.5, "tools": 0.5}}, "labour_share: nothing for B$"),
    ):
        with pytest.raises(ep.errors.InputError, match=missing):
            factors(horizon="short", labour_share=share)


def test_shares_by_country_may_be_one_number_for_all_of_its_sectors() -> None:
    one = factors(horizon="short", labour_share={"A": 0.5, "B": {"grain": 0.25, "tools": 0.75}})
    np.testing.assert_allclose(one.labour / WORLD.value_added_share, [[0.5, 0.5], [0.25, 0.75]])


def test_scale_up_to_one_over_the_trade_elasticity() -> None:
    """1/4 in grain, 1/5 in tools: the first that is too strong is named, with the most that can be used."""
    factors(scale={"grain": 0.25, "tools": 0.2})
    message = r"scale of tools \(0\.21\) times its trade elasticity \(5\) is 1\.05, above one: .* At most 0\.2 can be"
    with pytest.raises(ep.errors.InputError, match=message):
        factors(scale={"grain": 0.25, "tools": 0.21})


def test_first_sector_with_too_large_a_scale_is_named() -> None:
    with pytest.raises(ep.errors.InputError, match="scale of grain"):
        factors(scale=0.3)
    with pytest.raises(ep.errors.InputError, match="labour_tax of A"):
        factors(labour_tax=0.9, labour_supply=0.5, recycling="labour_tax")


def test_a_tax_beyond_the_top_of_its_curve_matters_only_where_revenue_cuts_it() -> None:
    """tau (1 + eta) < 1: with eta of 0.25 below 0.8."""
    for tax, fine in ((0.79, True), (0.8, False)):
        closure = {"labour_supply": {"B": 0.25}, "labour_tax": {"A": 0.9, "B": tax}}
        factors(**closure)
        if fine:
            factors(**closure, recycling="labour_tax")
            continue
        message = r"labour_tax of B \(0\.8\) is beyond the top .* 1/\(1 \+ labour_supply\) = 0\.8:"
        with pytest.raises(ep.errors.InputError, match=message):
            factors(**closure, recycling="labour_tax")


def test_a_country_has_its_own_labour_shares_and_not_those_of_a_group_named_after_it(small: ep.Economy) -> None:
    one, *_ = small.countries
    shares = {one: dict.fromkeys(small.sectors, 0.5), "WORLD": dict.fromkeys(small.sectors, 0.7)}
    for order in (shares, dict(reversed(shares.items()))):
        made = Factors.of(small, ep.Closure(horizon="short", labour_share=order))
        n = small.countries.index(one)
        np.testing.assert_allclose(made.labour[n], 0.5 * small.value_added_share[n])
