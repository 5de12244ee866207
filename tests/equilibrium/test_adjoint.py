"""Gradients piece by piece: the map, what it clears and its linear solve, each backwards, against central differences.

The point is a solution moved on in all but the wedges of quotas: no equilibrium, so that nothing vanishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.sensitivity import Sensitivity, Slopes
from entrepot.equilibrium.solve import solve_problem
from worlds import place, random_world

RATES = random_world(3, 2, seed=4, deficits=0.3)
ALL_KINDS: list[ep.measures.Measure] = [
    ep.Tariff(importer="C02", exporter="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(importer="C01", exporter="C02", sector="s01", rate=0.15),
    ep.ExportTax(importer="C00", exporter="C01", sector="s00", rate=0.1),
    ep.NonTariffBarrier(importer="C02", exporter="C01", sector="s01", rate=0.1),
    ep.ProductionSubsidy(country="C01", sector="s01", rate=0.06),
    ep.VoluntaryExportRestraint(
        importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.55, rent={"importer": 0.3, "exporter": 0.7}
    ),
    ep.ImportQuota(importer="C01", exporter="C00", sector="s00", cap=0.6, rent={"importer": 0.6, "exporter": 0.4}),
    ep.ImportQuota(importer="C01", exporter="C02", sector="s00", cap=3.0),
    ep.TariffRateQuota(
        importer="C02",
        exporter=["C00", "C01"],
        sector="s00",
        cap=0.4,
        in_rate=0.02,
        out_rate=0.2,
        rent={"importer": 0.2, "exporter": 0.8},
    ),
    ep.TariffRateQuota(
        importer="C00",
        exporter=["C01", "C02"],
        sector="s01",
        cap=0.6,
        in_rate=0.01,
        out_rate=0.9,
        rent={"importer": 0.5, "exporter": 0.5},
    ),
    ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=0.03, change="add"),
    ep.SpecificTariff(importer="C02", exporter="C00", sector="s01", amount=0.15),
    ep.MinimumPrice(importer="C01", exporter="C02", sector="s01", price=1.4, rent="exporter"),
    ep.MinimumPrice(importer="C01", exporter="C00", sector="s01", price=1.3, rent="importer"),
    ep.MinimumPrice(importer="C02", exporter="C01", sector="s01", price=0.2, rent="exporter"),
]
BACKWARDS = [
    ep.Closure(),
    ep.Closure(deficit="gdp_share"),
    ep.Closure(deficit="own_share"),
    ep.Closure(horizon="short", labour_share=0.6),
    ep.Closure(labour_supply={"C00": 0.5, "C01": 0.2}, labour_tax={"C00": 0.2, "C01": 0.3}),
    ep.Closure(scale=0.05),
    ep.Closure(competition=ep.equilibrium.Markups({"s00": 4.0, "s01": 9.0})),
    ep.Closure(competition=ep.equilibrium.Melitz({"s00": 2.5, "s01": 4.0}), labour_supply=0.2),
    ep.Closure(
        competition=ep.equilibrium.Melitz(access={"C00": 0.2, "C01": 0.1}, exponent={"C00": 1.3, "C02": 0.8}),
        scale=0.03,
    ),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3, labour_tax=0.1, scale=0.03, deficit="own_share"),
    ep.Closure(labour_supply={"C00": 0.5, "C01": 0.2}, labour_tax=0.2, recycling="labour_tax"),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3, labour_tax=0.2, recycling="labour_tax"),
]


#: Licences and price rules on the same flows, at every stage of the border.
ONE = {"importer": "C00", "exporter": "C01", "sector": "s00"}
TOGETHER: list[ep.measures.Measure] = [
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
    ep.ImportQuota(**ONE, cap=0.5, rent={"importer": 0.4, "exporter": 0.6}),
    ep.TariffRateQuota(**ONE, cap=0.05, in_rate=0.02, out_rate=0.3, rent={"importer": 0.5, "exporter": 0.5}),
    ep.MinimumPrice(**ONE, price=1.6, rent="exporter"),
    ep.ImportQuota(importer="C01", exporter="C02", sector="s01", cap=0.7, rent="exporter"),
    ep.SpecificTariff(importer="C01", exporter="C02", sector="s01", amount=0.1),
    ep.ImportQuota(importer="C01", exporter=["C00", "C02"], sector=["s00", "s01"], cap=0.6),
    ep.MinimumPrice(importer="C02", exporter="C01", sector="s00", price=1.4, rent="importer"),
    ep.VoluntaryExportRestraint(importer="C02", exporter="C01", sector="s00", cap=0.8, rent={"exporter": 1.0}),
    ep.ExportTax(importer="C00", exporter="C01", sector="s00", rate=0.1),
]
CASES = [(ALL_KINDS, closure) for closure in BACKWARDS] + [(TOGETHER, BACKWARDS[k]) for k in (0, 8, 9, 11)]
#: On the fast shelf: every other closure with measures apart, and the first two with measures together.
SHELVED = [
    case if k % 2 == 0 and k < len(BACKWARDS) + 2 else pytest.param(case, marks=pytest.mark.slow)
    for k, case in enumerate(CASES)
]


@pytest.fixture(
    scope="module", params=SHELVED, ids=lambda case: f"{'together' if case[0] is TOGETHER else 'apart'}: {case[1]}"
)
def somewhere(request: pytest.FixtureRequest) -> Sensitivity:
    """Measures apart solved, or measures on the same flows at wedges of all of them; moved on from there."""
    measures, closure = request.param
    problem = Problem.of(RATES, ep.Scenario.of(measures), closure)
    if measures is TOGETHER:
        return Sensitivity(problem, anywhere(problem))
    outcome = solve_problem(problem)
    assert list(outcome.measures["binding"].iloc[5:10]) == [True, True, False, True, True]
    state, rng = outcome.state, np.random.default_rng(0)
    names = ("ln_labour_income", "ln_price", "ln_spending", "ln_activity", "ln_keep")
    parts = {name: getattr(state, name) + rng.normal(0, 0.01, getattr(state, name).shape) for name in names}
    return Sensitivity(problem, replace(state, **parts))


def anywhere(problem: Problem) -> State:
    """A point with every unknown off, every quota's wedge between its bounds, and volumes as they come."""
    market, rng = EquilibriumMap(problem), np.random.default_rng(3)
    x, quotas = rng.normal(0, 0.02, market.start().size), problem.quotas
    x[x.size - quotas.count :] = np.minimum(rng.uniform(0.05, 0.1, quotas.count), 0.6 * quotas.ln_ceiling)
    return market.unpack(x)


POLICIES = ("ln_tariff", "ln_export_tax", "ln_subsidy", "ln_cap", "exporter_share")


def with_policy(p: Problem, *parts: np.ndarray) -> Problem:
    """The same Problem with its policy written out on all flows, and other taxes, caps and shares of rents."""
    ln_tariff, ln_export_tax, ln_subsidy, ln_cap, exporter_share = parts
    base = np.log1p(p.economy.tariff).ravel()
    return replace(
        p,
        flow=np.arange(base.size),
        ln_tariff_base=base,
        ln_tariff=ln_tariff.ravel(),
        ln_export_tax_base=np.zeros(base.size),
        ln_export_tax=ln_export_tax.ravel(),
        ln_iceberg=p.spread(p.flow, p.ln_iceberg).ravel(),
        ln_subsidy=ln_subsidy.reshape(p.ln_subsidy.shape),
        quotas=replace(p.quotas, ln_cap=ln_cap, exporter_share=exporter_share),
    )


def policy_of(p: Problem) -> list[np.ndarray]:
    ln_tariff = np.log1p(p.economy.tariff).ravel()
    ln_tariff[p.flow] = p.ln_tariff
    ln_export_tax = p.spread(p.flow, p.ln_export_tax).ravel()
    return [ln_tariff, ln_export_tax, p.ln_subsidy.ravel(), p.quotas.ln_cap, p.quotas.exporter_share]


def steps(of: Callable[[np.ndarray], Any], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """d of / d x [x, ..], by central differences in every direction."""
    return np.array(
        [(np.asarray(of(x + step * d)) - np.asarray(of(x - step * d))) / (2 * step) for d in np.eye(x.size)]
    )


def by_policy(at: Sensitivity, of: Callable[[Problem], Any]) -> list[np.ndarray]:
    """d of / d policy, in the order of POLICIES, each by central differences."""
    parts = policy_of(at.problem)

    def slopes(k: int) -> np.ndarray:
        return steps(lambda x: of(with_policy(at.problem, *parts[:k], x, *parts[k + 1 :])), parts[k])

    return [slopes(k) for k in range(len(POLICIES))]


def open_flows(at: Sensitivity) -> np.ndarray:
    """All flows but those under a tariff-rate quota, in whose tariff no gradient is taken."""
    q = at.problem.quotas
    return np.setdiff1d(np.arange(RATES.value.size), q.flow[np.isfinite(q.ln_surcharge)])


def test_map_pullback_is_the_transpose_of_its_derivative(somewhere: Sensitivity) -> None:
    """v' (df/dx) and v' (df/d policy), for every row v of the identity."""
    at = somewhere
    x = at.state.pack()
    jacobian = steps(EquilibriumMap(at.problem).step, x)
    policies = [at.no_policy() for _ in x]
    found = [at._pull(v, policy) for v, policy in zip(np.eye(x.size), policies, strict=True)]
    np.testing.assert_allclose(np.array(found).T, jacobian, atol=2e-8)
    np.testing.assert_array_equal(at._pull(np.eye(x.size)[0]), found[0])
    flows = open_flows(at)
    for name, expected in zip(POLICIES, by_policy(at, lambda p: EquilibriumMap(p).step(x)), strict=True):
        slopes = np.array([getattr(policy, name).ravel() for policy in policies]).T
        where = flows if name == "ln_tariff" else slice(None)
        np.testing.assert_allclose(slopes[where], expected[where], atol=2e-8, err_msg=name)


def slopes_of_all(at: Sensitivity) -> tuple[Slopes, Callable[[Problem, State], float]]:
    """A number that depends on everything that a point has, by random weights, and its slopes."""
    rng, flow = np.random.default_rng(1), np.array([1, 2, 5, 12, 15])
    n, cells, money = RATES.value.shape[1], RATES.output.shape, 1 / RATES.income.mean()
    of = Slopes(
        ln_wage=rng.normal(size=n),
        ln_price=rng.normal(size=cells),
        income=money * rng.normal(size=n),
        revenue=money * rng.normal(size=n),
        cost=money * rng.normal(size=cells),
        volume=money * rng.normal(size=at.problem.quotas.count),
        flow=flow,
        value=money * rng.normal(size=flow.size),
    )

    def number(problem: Problem, s: State) -> float:
        market = EquilibriumMap(problem)
        m = market.clear(s)
        parts = [
            of.ln_wage * m.ln_wage,
            of.ln_price * s.ln_price,
            of.income * m.income,
            of.revenue * m.revenue,
            of.cost * m.cost,
            of.volume * m.volume,
            of.value * market.value(m).ravel()[of.flow],
        ]
        return float(sum(part.sum() for part in parts))

    return of, number


def test_clearing_pullback_is_its_derivative(somewhere: Sensitivity) -> None:
    at, market = somewhere, EquilibriumMap(somewhere.problem)
    of, number = slopes_of_all(at)
    policy = at.no_policy()
    by_state = at._pull_clear(of, policy)
    expected = steps(lambda x: number(at.problem, market.unpack(x)), at.state.pack())
    np.testing.assert_allclose(by_state, expected, atol=2e-8)
    flows = open_flows(at)
    for name, by_part in zip(POLICIES, by_policy(at, lambda p: number(p, at.state)), strict=True):
        where = flows if name == "ln_tariff" else slice(None)
        np.testing.assert_allclose(getattr(policy, name).ravel()[where], by_part[where], atol=2e-8, err_msg=name)
    np.testing.assert_array_equal(at._pull_clear(of), by_state)


def test_real_income_slopes_are_its_derivative(somewhere: Sensitivity) -> None:
    """I^ / P^ less the worth of more work, of one country and of a weighted sum."""
    at = somewhere
    market, e, factors = EquilibriumMap(at.problem), at.economy, at.factors

    def real(x: np.ndarray) -> np.ndarray:
        s = market.unpack(x)
        price = np.exp((e.final_share * s.ln_price.T).sum(axis=1))
        return market.clear(s).income / e.income / price - factors.effort(s.ln_labour_income, s.ln_price, s.ln_keep)

    expected = steps(real, at.state.pack())
    for weights in ({"C01": 1.0}, {"C00": 2.0, "C02": -0.5}):
        total = sum(weight * expected[:, e.countries.index(code)] for code, weight in weights.items())
        np.testing.assert_allclose(at._pull_clear(at.real_income(weights)), total, atol=2e-8)
    one, same = at.real_income("C01"), at.real_income({"C01": 1.0})
    np.testing.assert_array_equal(one.income, same.income)


def test_linear_system_is_solved_with_the_transposed_preconditioner(somewhere: Sensitivity) -> None:
    at, rng = somewhere, np.random.default_rng(2)
    right, other = rng.normal(size=(2, at.state.pack().size))
    adjoint = at._solve(right, 1e-12)
    np.testing.assert_allclose(adjoint - at._pull(adjoint), right, atol=1e-9)
    size = np.linalg.norm(right) * np.linalg.norm(other)  # the inverse is kept in single precision
    assert at._precondition(right) @ other == pytest.approx(right @ at.market.precondition(other), abs=1e-6 * size)


def test_gradient_is_direct_effect_plus_equilibrium_effect(somewhere: Sensitivity) -> None:
    """dy/dt = (partial) dy/dt + (df/dt)' l, with (I - df/dx)' l = dy/dx; and d ln(1+t) = dt / (1+t)."""
    at, (of, _) = somewhere, slopes_of_all(somewhere)
    direct, through = at.no_policy(), at.no_policy()
    by_state = at._pull_clear(of, policy=direct)
    x = at.state.pack()
    jacobian = np.array([at._pull(v) for v in np.eye(x.size)])
    at._pull(np.linalg.solve(np.eye(x.size) - jacobian.T, by_state), through)
    found = at.policy(of)
    for key in POLICIES:
        expected = getattr(direct, key) + getattr(through, key)
        np.testing.assert_allclose(getattr(found, key), expected, rtol=1e-7, atol=1e-9)
    flows = open_flows(at)
    tariff = np.expm1(policy_of(at.problem)[0])[flows]
    np.testing.assert_allclose(at.gradient(of, flows) * (1 + tariff), found.ln_tariff.ravel()[flows], rtol=1e-12)


def test_gradients_do_not_depend_on_the_numeraire_of_the_solution() -> None:
    """The map keeps world value added; a solution in another country's wage is brought to that first."""
    ends = [
        ep.solve(RATES, ALL_KINDS, closure=ep.Closure(numeraire=unit), tol=1e-12).sensitivity
        for unit in ("WORLD", "C01")
    ]
    one, other = (at.state for at in ends)
    for key in ("ln_labour_income", "ln_price", "ln_spending", "ln_mu"):
        np.testing.assert_allclose(getattr(one, key), getattr(other, key), atol=1e-9)
    for at in ends:
        assert at.at.value_added.sum() == pytest.approx(RATES.value_added.sum(), rel=1e-9)


def test_slopes_of_zero_are_zero() -> None:
    at = ep.solve(RATES, ALL_KINDS[:1], tol=1e-12).sensitivity
    one = at.real_income("C01")
    flows = np.arange(0, RATES.value.size, 5)
    assert at.gradient(Slopes() + one, flows) == pytest.approx(at.gradient(one, flows), rel=1e-12)
    assert not at.gradient(Slopes(), flows).any()
    assert Slopes().flow.size == Slopes().value.size == 0


def test_gradient_in_a_tariff_under_a_tariff_rate_quota_is_refused() -> None:
    at = ep.solve(RATES, ALL_KINDS[8]).sensitivity
    limited, other = ALL_KINDS[8].flows(RATES)[0], ALL_KINDS[0].flows(RATES)[0]
    at.gradient(at.real_income("C00"), np.array([other]))
    with pytest.raises(ep.errors.InputError, match="in the tariff of a flow under a tariff-rate quota"):
        at.gradient(at.real_income("C00"), np.array([other, limited]))


def test_empty_sectors_have_zero_slopes() -> None:
    """Nor are they divided by: the map backwards is the transpose of its derivative there too."""
    j, maker, buyer = place(RATES, "s01", "C01", "C02")
    value, inputs = RATES.value.copy(), RATES.inputs.copy()
    value[j, :, maker] = value[j, buyer, :] = 0.0
    inputs[buyer, j, :] = inputs[maker, j, :] = 0.0
    world = replace(RATES, value=value, inputs=inputs)
    closure = ep.Closure(horizon="short", labour_share=0.6)
    at = ep.solve(world, ALL_KINDS[6:7], closure=closure, tol=1e-12).sensitivity
    x = at.state.pack()
    jacobian = steps(EquilibriumMap(at.problem).step, x)
    found = np.array([at._pull(v) for v in np.eye(x.size)]).T
    np.testing.assert_allclose(found, jacobian, atol=2e-8)
    empty = at.market.unpack(np.arange(x.size, dtype=float))
    for cell in (empty.ln_spending[j, buyer], empty.ln_activity[j, maker]):
        assert not jacobian[:, int(cell)].any()
    flows = np.flatnonzero(~np.isin(np.arange(value.size), at.problem.quotas.flow))
    assert np.isfinite(at.gradient(at.real_income("C00"), flows)).all()
