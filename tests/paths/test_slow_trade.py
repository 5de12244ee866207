"""Trade that answers duties slowly: an independent solution in levels, cuts, other flows, and the published ratio."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from scipy.optimize import fsolve

import entrepot as ep
from entrepot.paths import Dated, Elasticities
from entrepot.paths.growing_elasticities import History
from entrepot.paths.slow_sourcing import Lag
from worlds import place, random_world

MARKET = {"m": ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.0)}
SLOW = Elasticities(short=0.4, years=8)


def duty(points: float, exporter: str = "C01") -> ep.Tariff:
    return ep.Tariff(importer="C00", exporter=exporter, sector="s00", rate=points, change="add")


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


def imports(e: ep.Economy, entries: Any, until: str = "2012-01-01", slow: Elasticities | None = SLOW) -> np.ndarray:
    path = ep.paths.solve(
        e, entries, since="2000-01-01", until=until, step="year", elasticities=slow, markets=MARKET,
    )  # fmt: skip
    return path.markets["imports"].to_numpy()


def in_levels(e: ep.Economy, ln_k: np.ndarray, ln_kappa: np.ndarray, tariff: np.ndarray) -> tuple[np.ndarray, ...]:
    """Imports and real incomes where users buy what they would at the wedges kappa, and pay k.

    The cost of a good is what is paid for its quantities over the CES composite of them, quantity by quantity.
    """
    theta, (sectors, n, _) = e.theta[:, None, None], e.value.shape
    share = e.value * (1 + e.tariff) / e.spending[:, :, None]
    k, kappa = np.exp(ln_k), np.exp(ln_kappa)
    value_added = (e.value_added_share * e.output.T).sum(axis=1)

    def at(ln_wage: np.ndarray) -> tuple[np.ndarray, ...]:
        ln_price = np.zeros((sectors, n))
        for _ in range(200):
            ln_cost = np.einsum("ij,i->ji", e.value_added_share, ln_wage) + np.einsum("ikj,ki->ji", e.inputs, ln_price)
            p = np.exp(ln_cost)[:, None, :]
            quantity = (kappa * p) ** -(1 + theta)  # of each source over that of the base
            composite = (share * quantity ** (theta / (1 + theta))).sum(axis=2) ** ((1 + e.theta) / e.theta)[:, None]
            paid = share * k * p * quantity
            ln_price = np.log(paid.sum(axis=2) / composite)
        bought = paid / paid.sum(axis=2, keepdims=True) / (1 + tariff)  # producer value for a dollar spent
        size, unit = sectors * n, np.einsum("n,n->", np.exp(ln_wage), value_added) / value_added.sum()
        # X = final share (wages + duties + deficit) + inputs of what is made, all linear in X [j,n]
        made = np.zeros((sectors, n, sectors, n))  # [j,i] from X[k,n]
        for j in range(sectors):
            made[j, :, j, :] = bought[j].T
        duties = np.einsum("jni,jni->jn", tariff, bought)
        income_of = np.zeros((n, sectors, n))
        for m in range(n):
            income_of[m, :, m] = duties[:, m]
        demand = np.einsum("nj,nkm->jnkm", e.final_share, income_of) + np.einsum("njk,knlm->jnlm", e.inputs, made)
        fixed = (np.exp(ln_wage) * value_added + unit * e.deficit)[None, :] * e.final_share.T
        x = np.linalg.solve(np.eye(size) - demand.reshape(size, size), fixed.ravel()).reshape(sectors, n)
        cost = np.einsum("jikn,kn->ji", made, x)
        earned = np.einsum("ij,ji->i", e.value_added_share, cost)
        income = np.exp(ln_wage) * value_added + np.einsum("jn,jn->n", duties, x) + unit * e.deficit
        real = income / e.income / np.exp((e.final_share.T * ln_price).sum(axis=0))
        return earned / (np.exp(ln_wage) * value_added) - 1, bought * x[:, :, None] / unit, real

    def gap(free: np.ndarray) -> np.ndarray:
        return at(np.concatenate([[0.0], free]))[0][1:]

    return at(np.concatenate([[0.0], fsolve(gap, np.zeros(n - 1), xtol=1e-12)]))[1:]


@pytest.mark.parametrize("points", [0.25, -0.1])
def test_the_first_year_is_that_of_users_who_act_on_a_part_of_the_change(e: ep.Economy, points: float) -> None:
    """Duties that rise, and duties that fall, against a solution in levels and quantities."""
    at = place(e, "s00", "C00", "C01")
    tariff = e.tariff.copy()
    tariff[at] += points
    ln_k = np.log((1 + tariff) / (1 + e.tariff))
    path = ep.paths.solve(
        e, {"2000-01-01": duty(points)}, since="2000-01-01", until="2000-01-02", tol=1e-12,
        elasticities=Elasticities(short=0.4, years=50), markets=MARKET,
    )  # fmt: skip
    traded, real = in_levels(e, ln_k, (0.4 + 0.6 * 0.5 / 365.25 / 50) * ln_k, tariff)
    assert path.markets["imports"].iloc[0] == pytest.approx(traded[at], rel=1e-7)
    np.testing.assert_allclose(path.countries["real_income_pct"], 100 * (real - 1), atol=1e-6)
    whole, _ = in_levels(e, ln_k, ln_k, tariff)
    static = ep.paths.solve(e, {"2000-01-01": duty(points)}, since="2000-01-01", until="2000-01-02", markets=MARKET)
    assert static.markets["imports"].iloc[0] == pytest.approx(whole[at], rel=1e-7)


def test_a_cut_is_answered_as_slowly_as_a_rise(e: ep.Economy) -> None:
    """25 points of 2001, cut to 15 or removed in 2010: imports rise, by a part at first, and never beyond the end."""
    for after in (0.15, 0.0):
        later = [Dated(duty(after), since="2010-01-01")] if after else []
        entries = [Dated(duty(0.25), since="2001-01-01", until="2010-01-01"), *later]
        slow, at_once = imports(e, entries, "2020-01-01"), imports(e, entries, "2020-01-01", None)
        assert slow[9] == pytest.approx(at_once[9], rel=1e-8)
        assert (np.diff(slow[9:]) > -1e-8).all()
        part = np.log(slow[10] / slow[9]) / np.log(at_once[10] / at_once[9])
        assert part == pytest.approx(0.4 + 0.6 / 16, abs=0.04)
        assert slow[19] == pytest.approx(at_once[19], rel=1e-8)


def test_an_old_duty_stays_answered_where_another_flow_changes(e: ep.Economy) -> None:
    entries = [Dated(duty(0.25), since="1990-01-01"), Dated(duty(0.25, "C02"), since="2002-01-01")]
    slow, at_once = imports(e, entries), imports(e, entries, slow=None)
    assert slow[:2] == pytest.approx(at_once[:2], rel=1e-8)
    assert slow[1] < slow[2] < at_once[2]
    assert (np.diff(slow[1:]) > -1e-8).all()
    assert slow[11] == pytest.approx(at_once[11], rel=1e-8)


def test_a_rate_that_goes_on_under_another_name_is_no_change(e: ep.Economy) -> None:
    both = [Dated(duty(0.25), since="2001-01-01", until="2005-01-01"), Dated(duty(0.25), since="2005-01-01")]
    np.testing.assert_allclose(imports(e, both), imports(e, {"2001-01-01": duty(0.25)}), rtol=1e-8)


@pytest.mark.parametrize("theta", [3.0, 5.0])
def test_trade_before_duty_has_the_published_ratio(theta: float) -> None:
    """Boehm, Levchenko and Pandalai-Nayar measure trade without duty: 0.76 over 2 at first."""
    world = random_world(3, 1, seed=5, theta=theta)
    small = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.001, change="add")
    first: dict[str, Any] = {"since": "2020-01-01", "until": "2020-01-02"}
    slow, whole = (
        ep.paths.solve(world, {"2020-01-01": small}, **first, tol=1e-12, elasticities=x)
        for x in (Elasticities(short=0.38, years=50), None)
    )
    fallen = [np.log(p.markets["imports"].iloc[0] / p.base.flows.border.sum()) for p in (slow, whole)]
    # a tenth of what moves are other sources' prices and incomes, which answer at once
    assert fallen[0] / fallen[1] == pytest.approx(0.38, abs=0.04)


def test_costs_that_nobody_collects_are_paid_in_whole(e: ep.Economy) -> None:
    barrier = ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s00", rate=0.1)
    at, ln_k = place(e, "s00", "C00", "C01"), np.zeros(e.value.shape)
    ln_k[at] = np.log(1.1)
    path = ep.paths.solve(
        e, {"2000-01-01": barrier}, since="2000-01-01", until="2000-01-02", tol=1e-12,
        elasticities=Elasticities(short=0.4, years=50), markets=MARKET,
    )  # fmt: skip
    traded, real = in_levels(e, ln_k, (0.4 + 0.6 * 0.5 / 365.25 / 50) * ln_k, e.tariff)
    assert path.markets["imports"].iloc[0] == pytest.approx(traded[at], rel=1e-7)
    np.testing.assert_allclose(path.countries["real_income_pct"], 100 * (real - 1), atol=1e-6)


def test_capital_and_stocks_take_slow_trade(e: ep.Economy) -> None:
    path = ep.paths.solve(
        e, {"2001-01-01": duty(0.25)}, since="2000-01-01", until="2003-01-01", step="year", elasticities=SLOW,
        capital=ep.paths.Capital(), inventories=ep.paths.Inventories(), markets=MARKET,
    )  # fmt: skip
    assert all(np.isfinite(table.to_numpy()).all() for table in (path.countries, path.markets))
    at_once = ep.paths.solve(
        e, {"2001-01-01": duty(0.25)}, since="2000-01-01", until="2003-01-01", step="year", markets=MARKET,
        inventories=ep.paths.Inventories(),
    )  # fmt: skip
    assert path.surges["surge"].iloc[0] > at_once.surges["surge"].iloc[0]  # use falls less at first


# ---- what is not answered yet ----


def lags(lag: Lag | None, e: ep.Economy, *flow: str) -> float:
    at = np.ravel_multi_index(place(e, *flow), e.value.shape)
    return 0.0 if lag is None else float(lag.ln_lag[lag.flow == at].sum())


def test_each_flow_has_a_clock_for_each_of_its_changes(e: ep.Economy) -> None:
    entries = [Dated(duty(0.1), "2010-01-01"), Dated(duty(0.1, "C02"), "2014-01-01", until="2016-01-01")]
    history, live = History(e, entries, SLOW), frozenset({0, 1})
    first, second = datetime.date(2014, 1, 1), datetime.date(2016, 1, 1)
    up = [np.log1p(0.1 / (1 + e.tariff[place(e, "s00", "C00", c)])) for c in ("C01", "C02")]
    lag = history.lag(live, first, first)
    assert lags(lag, e, "s00", "C00", "C01") == pytest.approx(0.6 * up[0] / 2, rel=1e-3)
    assert lags(lag, e, "s00", "C00", "C02") == pytest.approx(0.6 * up[1], rel=1e-12)
    lag = history.lag(frozenset({0}), second, second)
    assert lags(lag, e, "s00", "C00", "C02") == pytest.approx(0.6 * up[1] * (0.75 - 1), rel=1e-3)
    assert lags(lag, e, "s01", "C00", "C02") == 0.0
    assert history.lag(frozenset({0}), datetime.date(2040, 1, 1), datetime.date(2040, 1, 1)) is None


def test_what_never_came_is_no_change(e: ep.Economy) -> None:
    threat = [Dated(duty(0.1), "2010-01-01", until="2011-01-01", carried_out=False)]
    history, day = History(e, threat, SLOW), datetime.date(2012, 1, 1)
    assert history.lag(frozenset(), day, day) is None
    assert lags(history.lag(frozenset({0}), threat[0].first, threat[0].first), e, "s00", "C00", "C01") > 0


def test_firms_that_select_into_markets_are_refused(e: ep.Economy) -> None:
    closure = ep.Closure(competition=ep.equilibrium.Melitz(2.5))
    with pytest.raises(ep.errors.InputError, match="firms select into markets has no elasticities that grow"):
        ep.paths.solve(
            e, {"2001-01-01": duty(0.25)}, since="2000-01-01", until="2002-01-01", closure=closure, elasticities=SLOW
        )
