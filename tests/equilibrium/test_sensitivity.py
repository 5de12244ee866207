"""Gradients by implicit differentiation against central differences of the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.market import Market, State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.sensitivity import Sensitivity, Slopes
from entrepot.equilibrium.solve import solve_problem
from worlds import place, random_world

STEP = 1e-5
TOL = 1e-13
#: What a central difference may be off by, per unit of what is differenced: both ends are solved to ten times TOL.
NOISE = 10 * TOL / STEP
CLOSURES = [
    ep.Closure(),
    ep.Closure(deficit="gdp_share"),
    ep.Closure(deficit="own_share"),
    ep.Closure(deficit="balanced"),
    ep.Closure(numeraire="C01"),
    ep.Closure(horizon="short", labour_share=0.6),
    ep.Closure(labour_supply=0.5),
    ep.Closure(scale=0.05),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3, scale=0.03, deficit="own_share"),
]


def base(world: ep.Economy) -> list[ep.Measure]:
    first, sector = world.countries[0], world.sectors[0]
    return [ep.Tariff(importer=first, exporter="WORLD", sector=sector, rate=0.15, change="add")]


def foreign(world: ep.Economy, rng: np.random.Generator, count: int) -> Any:
    return rng.choice(np.flatnonzero((world.value * ~world.domestic).ravel()), count, replace=False)


def real_income(who: str) -> Callable[[ep.Outcome], float]:
    return lambda outcome: float(outcome.countries.loc[who, "real_income_pct"]) / 100


def by_differences(world: ep.Economy, measures: list[ep.Measure], closure: ep.Closure, flow: int, of: Any) -> float:
    j, n, i = np.unravel_index(flow, world.value.shape)

    def at(step: float) -> float:
        more = ep.Tariff(
            importer=world.countries[n], exporter=world.countries[i], sector=world.sectors[j], rate=step, change="add"
        )
        return float(of(ep.solve(world, [*measures, more], closure=closure, tol=1e-13)))

    return (at(STEP) - at(-STEP)) / (2 * STEP)


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_real_income_under_every_closure(closure: ep.Closure, seed: int) -> None:
    world, rng = random_world(5, 4, seed), np.random.default_rng(seed)
    measures, flows = base(world), foreign(world, rng, 4)
    at = ep.solve(world, measures, closure=closure, tol=1e-13).sensitivity
    for who in world.countries[:2]:
        gradient = at.gradient(at.real_income(who), flows)
        other = [
            by_differences(
                world, measures, closure, f, lambda o, who=who: o.countries.loc[who, "real_income_pct"] / 100
            )
            for f in flows
        ]
        assert gradient == pytest.approx(other, abs=1e-7 + 1e-6 * np.abs(gradient).max())


def test_beside_export_taxes_subsidies_and_trade_costs() -> None:
    world = random_world(5, 4, 3)
    measures = [
        *base(world),
        ep.ExportTax(exporter="C01", sector="s01", rate=0.1),
        ep.ProductionSubsidy(country="C02", sector="s02", rate=0.05),
        ep.NonTariffBarrier(importer="C03", sector="s03", rate=0.1),
    ]
    at = ep.solve(world, measures, tol=1e-13).sensitivity
    flows = foreign(world, np.random.default_rng(3), 6)
    gradient = at.gradient(at.real_income("C01"), flows)
    other = [by_differences(world, measures, ep.Closure(), f, real_income("C01")) for f in flows]
    assert gradient == pytest.approx(other, abs=1e-7 + 1e-6 * np.abs(gradient).max())


def test_flows_costs_and_weighted_sums(small: ep.Economy) -> None:
    measures = base(small)
    outcome = ep.solve(small, measures, tol=1e-13)
    at = outcome.sensitivity
    flow = np.array([np.ravel_multi_index((1, 0, 2), small.value.shape)])
    cost = np.zeros((4, 5))
    cost[2, 3] = 1.0
    both = {"C00": 2.0, "C01": -1.0}
    asked: list[tuple[Slopes, Any]] = [
        (Slopes(flow=flow, value=np.ones(1)), lambda o: o.accounts.producer_value.ravel()[flow[0]] / unit(o)),
        (Slopes(cost=cost), lambda o: o.accounts.cleared.cost[2, 3] / unit(o)),
        (at.real_income(both), lambda o: sum(w * o.countries.loc[c, "real_income_pct"] / 100 for c, w in both.items())),
    ]

    def unit(o: ep.Outcome) -> float:
        return float(o.accounts.cleared.value_added.sum() / small.value_added.sum())

    for slopes, of in asked:
        where = foreign(small, np.random.default_rng(0), 3)
        gradient = at.gradient(slopes, where)
        other = [by_differences(small, measures, ep.Closure(), f, of) for f in where]
        assert gradient == pytest.approx(other, rel=1e-6, abs=1e-6 * max(1e-3, np.abs(gradient).max()))


def test_a_sum_of_gradients_is_the_gradient_of_the_sum(small: ep.Economy) -> None:
    """Along WORLD's tariff on a sector, the flows' gradients add up to the change that one measure makes."""
    at = ep.solve(small, base(small), tol=1e-13).sensitivity
    flows = ep.Tariff(importer="C02", sector="s01", rate=0.1).flows(small)
    together = at.gradient(at.real_income("C02"), flows).sum()

    def more(step: float) -> float:
        extra = ep.Tariff(importer="C02", sector="s01", rate=step, change="add")
        return float(ep.solve(small, [*base(small), extra], tol=1e-13).countries.loc["C02", "real_income_pct"]) / 100

    assert together == pytest.approx((more(STEP) - more(-STEP)) / (2 * STEP), abs=1e-8)


def test_what_is_not_differentiated_is_refused(small: ep.Economy) -> None:
    duty = ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount="8%")
    with pytest.raises(ep.InputError, match="specific duties"):
        _ = ep.solve(small, [duty]).sensitivity


QUOTAS: dict[str, list[Any]] = {
    "a quota that binds, a licence on top of duty": [
        ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.7, rent={"importer": 0.6, "exporter": 0.4})
    ],
    "a restraint over several flows": [
        ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s01", cap=0.8)
    ],
    "one that binds and one that does not": [
        ep.VoluntaryExportRestraint(importer="C02", exporter="C03", sector="s00", cap=0.8),
        ep.ImportQuota(importer="C03", exporter="C04", sector="s00", cap=1.5),
    ],
    "a tariff-rate quota that is filled": [
        ep.TariffRateQuota(importer="C00", exporter="C01", sector="s00", cap=0.85, out_rate=0.9, change="add")
    ],
    "a tariff-rate quota exceeded": [
        ep.TariffRateQuota(
            importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5, out_rate=0.1, change="add", rent="exporter"
        )
    ],
}


@pytest.mark.parametrize("name", QUOTAS)
def test_beside_quotas(small: ep.Economy, name: str) -> None:
    measures: list[ep.Measure] = [
        ep.Tariff(importer="C04", exporter="WORLD", sector="s02", rate=0.15, change="add"),
        *QUOTAS[name],
    ]
    outcome = ep.solve(small, measures, tol=1e-13)
    at = outcome.sensitivity
    limited = {f for m in QUOTAS[name] if isinstance(m, ep.TariffRateQuota) for f in m.flows(small)}
    under = [f for m in QUOTAS[name] for f in m.flows(small) if f not in limited][:2]
    others = [f for f in foreign(small, np.random.default_rng(4), 6) if f not in limited]
    flows = np.array([*under, *others])
    for who in ("C00", "C01", "C02"):
        gradient = at.gradient(at.real_income(who), flows)
        other = [by_differences(small, measures, ep.Closure(), f, real_income(who)) for f in flows]
        assert gradient == pytest.approx(other, abs=1e-7 + 2e-6 * np.abs(gradient).max())


def test_the_tariff_under_a_tariff_rate_quota_is_refused(small: ep.Economy) -> None:
    (measure,) = QUOTAS["a tariff-rate quota that is filled"]
    at = ep.solve(small, [measure]).sensitivity
    with pytest.raises(ep.InputError, match="tariff-rate quota"):
        at.gradient(at.real_income("C00"), measure.flows(small))


# ---- money, volumes, caps and rents ----


def central(of: Callable[[float], Any], step: float = STEP) -> np.ndarray:
    return (np.asarray(of(step)) - np.asarray(of(-step))) / (2 * step)


def unit(o: ep.Outcome) -> float:
    """World value added over its base: what amounts of money are counted in."""
    return float(o.accounts.cleared.value_added.sum() / o.economy.value_added.sum())


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
def test_amounts_of_money_under_every_closure(closure: ep.Closure) -> None:
    """Costs, incomes and flows, which unlike real income tell in which unit they are counted."""
    world = random_world(4, 3, seed=6)
    measures = base(world)
    outcome = ep.solve(world, measures, closure=closure, tol=TOL)
    at = outcome.sensitivity
    flow = np.array([np.ravel_multi_index((1, 0, 2), world.value.shape)])
    cost, one = np.zeros((3, 4)), np.eye(4)[1]
    cost[2, 3] = 1.0
    asked: list[tuple[Slopes, Any]] = [
        (Slopes(flow=flow, value=np.ones(1)), lambda o: o.accounts.producer_value.ravel()[flow[0]] / unit(o)),
        (Slopes(cost=cost), lambda o: o.accounts.cleared.cost[2, 3] / unit(o)),
        (Slopes(income=one), lambda o: o.accounts.income[1] / unit(o)),
        (Slopes(revenue=one), lambda o: o.accounts.revenue[1] / unit(o)),
        (Slopes(ln_wage=one), lambda o: o.state.ln_wage[1] - np.log(unit(o))),
        (Slopes(ln_price=np.outer(np.eye(3)[1], one)), lambda o: o.state.ln_price[1, 1] - np.log(unit(o))),
    ]
    where = foreign(world, np.random.default_rng(0), 1)
    for slopes, of in asked:
        gradient = at.gradient(slopes, where)
        other = [by_differences(world, measures, closure, f, of) for f in where]
        assert gradient == pytest.approx(other, rel=2e-6, abs=NOISE * max(1.0, abs(float(of(outcome)))))


def cap(o: ep.Outcome, k: int, step: float) -> ep.Measure:
    """The k-th measure with a cap larger by a part `step`."""
    measure = o.scenario.measures[k]
    assert isinstance(measure, ep.ImportQuota | ep.VoluntaryExportRestraint | ep.TariffRateQuota)
    return replace(measure, cap=float(str(measure.cap)) * np.exp(step))


def shared(o: ep.Outcome, k: int, step: float) -> ep.Measure:
    measure = o.scenario.measures[k]
    assert isinstance(measure, ep.ImportQuota | ep.VoluntaryExportRestraint | ep.TariffRateQuota)
    part = measure.exporter_share + step
    return replace(measure, rent={"importer": 1 - part, "exporter": part})


CAPPED = {
    "importers and exporters share": ep.ImportQuota(
        importer="C00", exporter="C01", sector="s00", cap=0.7, rent={"importer": 0.6, "exporter": 0.4}
    ),
    "over several flows": ep.VoluntaryExportRestraint(
        importer="C00", exporter=["C01", "C02"], sector="s01", cap=0.8, rent={"importer": 0.3, "exporter": 0.7}
    ),
    "tariff-rate, filled": ep.TariffRateQuota(
        importer="C00",
        exporter="C01",
        sector="s00",
        cap=0.85,
        out_rate=0.9,
        change="add",
        rent={"importer": 0.5, "exporter": 0.5},
    ),
    "tariff-rate, exceeded": ep.TariffRateQuota(
        importer="C00",
        exporter=["C01", "C02"],
        sector="s00",
        cap=0.5,
        out_rate=0.1,
        change="add",
        rent={"importer": 0.2, "exporter": 0.8},
    ),
}


@pytest.mark.parametrize("closure", [CLOSURES[0], CLOSURES[8]], ids=str)
@pytest.mark.parametrize("name", CAPPED)
def test_by_caps_and_by_who_holds_the_rent(name: str, closure: ep.Closure) -> None:
    """Real income, the volume under the quota, and what the exporters' treasury and licence holders have."""
    world = random_world(4, 3, seed=6)
    measures = [*base(world), CAPPED[name]]
    outcome = ep.solve(world, measures, closure=closure, tol=1e-13)
    at, (n,) = outcome.sensitivity, place(world, "C01")
    asked: list[tuple[Slopes, Any]] = [
        (at.real_income("C00"), real_income("C00")),
        (at.real_income("C01"), real_income("C01")),
        (Slopes(volume=np.ones(1)), lambda o: o.accounts.cleared.volume[0]),
        (Slopes(revenue=np.eye(4)[n]), lambda o: o.accounts.revenue[n] / unit(o)),
    ]

    def values(measure: ep.Measure) -> list[float]:
        found = ep.solve(world, [*base(world), measure], closure=closure, tol=1e-13)
        return [float(of(found)) for _, of in asked]

    by_cap, by_share = (central(lambda step, move=move: values(move(outcome, 1, step))) for move in (cap, shared))
    for (slopes, _), expected_cap, expected_share in zip(asked, by_cap, by_share, strict=True):
        found = at.policy(slopes)
        size = max(abs(expected_cap), abs(expected_share))
        assert found.ln_cap == pytest.approx([expected_cap], abs=1e-7 + 2e-6 * size)
        assert found.exporter_share == pytest.approx([expected_share], abs=1e-7 + 2e-6 * size)


def test_a_quota_that_is_not_filled_moves_nothing(small: ep.Economy) -> None:
    slack = ep.ImportQuota(importer="C03", exporter="C04", sector="s00", cap=1.5)
    at = ep.solve(small, [*base(small), slack], tol=1e-13).sensitivity
    found = at.policy(at.real_income("C03"))
    assert found.ln_cap == pytest.approx([0.0], abs=1e-12)
    assert found.exporter_share == pytest.approx([0.0], abs=1e-12)


def test_slopes_add_up_and_scale(small: ep.Economy) -> None:
    at = ep.solve(small, base(small), tol=1e-13).sensitivity
    where = foreign(small, np.random.default_rng(1), 3)
    cost = np.zeros((4, 5))
    cost[1, 2] = 1.0
    parts = [
        at.real_income("C01"),
        Slopes(cost=cost),
        Slopes(flow=where[:1], value=np.ones(1)),
        Slopes(revenue=np.eye(5)[2]),
    ]
    weights = [2.0, -1e-3, 3e-3, 1e-3]
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + part * weight
    apart = sum(weight * at.gradient(part, where) for part, weight in zip(parts, weights, strict=True))
    assert at.gradient(total, where) == pytest.approx(apart, rel=1e-9)
    one, other = (at.policy(part) for part in parts[:2])
    assert (one + other).ln_tariff == pytest.approx(one.ln_tariff + other.ln_tariff)


def test_a_linear_system_that_is_not_solved_is_no_gradient(small: ep.Economy) -> None:
    at = ep.solve(small, base(small), tol=1e-13).sensitivity
    with pytest.raises(ep.ConvergenceError, match=r"linear system was not solved \(relative gap \S+\)") as caught:
        at.gradient(at.real_income("C01"), foreign(small, np.random.default_rng(1), 1), tol=1e-30)
    assert caught.value.residual is not None
    assert caught.value.residual < 1e-6


# ---- the map itself, backwards ----
#
# What one solve at the end depends on: every derivative of the map and of what it clears, at a point that is no
# equilibrium, so that nothing vanishes. The point is a solution moved on in all but the wedges of quotas.

RATES = random_world(3, 2, seed=4, deficits=0.3)
ALL_KINDS: list[ep.Measure] = [
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
]
BACKWARDS = [
    *CLOSURES[:3],
    ep.Closure(horizon="short", labour_share=0.6),
    ep.Closure(labour_supply={"C00": 0.5, "C01": 0.2}, labour_tax={"C00": 0.2, "C01": 0.3}),
    ep.Closure(scale=0.05),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3, labour_tax=0.1, scale=0.03, deficit="own_share"),
]


@pytest.fixture(scope="module", params=BACKWARDS, ids=str)
def somewhere(request: pytest.FixtureRequest) -> Sensitivity:
    problem = Problem.of(RATES, ep.Scenario.of(ALL_KINDS), request.param)
    outcome = solve_problem(problem)
    assert list(outcome.measures["binding"].iloc[5:10]) == [True, True, False, True, True]
    state, rng = outcome.state, np.random.default_rng(0)
    names = ("ln_wage", "ln_price", "ln_spending", "ln_activity")
    parts = {name: getattr(state, name) + rng.normal(0, 0.01, getattr(state, name).shape) for name in names}
    return Sensitivity(problem, replace(state, **parts))


def with_policy(p: Problem, ln_tariff: np.ndarray, ln_cap: np.ndarray, exporter_share: np.ndarray) -> Problem:
    """The same Problem with its policy written out on all flows [j,n,i], and other tariffs, caps and shares of rents."""
    spread = {key: p.spread(p.flow, getattr(p, key)).ravel() for key in ("ln_export_tax", "ln_iceberg")}
    q = replace(p.quotas, ln_cap=ln_cap, exporter_share=exporter_share)
    base = np.log1p(p.economy.tariff).ravel()
    return replace(p, flow=np.arange(base.size), ln_tariff_base=base, ln_tariff=ln_tariff.ravel(), quotas=q, **spread)


def policy_of(p: Problem) -> list[np.ndarray]:
    ln_tariff = np.log1p(p.economy.tariff).ravel()
    ln_tariff[p.flow] = p.ln_tariff
    return [ln_tariff, p.quotas.ln_cap, p.quotas.exporter_share]


def steps(of: Callable[[np.ndarray], Any], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """d of / d x [x, ..], by central differences in every direction."""
    return np.array(
        [(np.asarray(of(x + step * d)) - np.asarray(of(x - step * d))) / (2 * step) for d in np.eye(x.size)]
    )


def by_policy(at: Sensitivity, of: Callable[[Problem], Any]) -> list[np.ndarray]:
    """d of / d policy [tariffs], [caps], [shares of rents], each by central differences."""
    parts = policy_of(at.problem)

    def slopes(k: int) -> np.ndarray:
        return steps(lambda x: of(with_policy(at.problem, *parts[:k], x, *parts[k + 1 :])), parts[k])

    return [slopes(k) for k in range(3)]


def open_flows(at: Sensitivity) -> np.ndarray:
    """All flows but those under a tariff-rate quota, in whose tariff no gradient is taken."""
    q = at.problem.quotas
    return np.setdiff1d(np.arange(RATES.value.size), q.flow[np.isfinite(q.ln_surcharge)])


def test_the_map_backwards_is_the_transpose_of_its_derivative(somewhere: Sensitivity) -> None:
    """v' (df/dx) and v' (df/d policy), for every row v of the identity."""
    at = somewhere
    x = at.state.pack()
    jacobian = steps(Market(at.problem).step, x)
    found = [at._pull(v) for v in np.eye(x.size)]
    np.testing.assert_allclose(np.array([by_state for by_state, _ in found]).T, jacobian, atol=2e-8)
    np.testing.assert_array_equal(at._pull(np.eye(x.size)[0], policy=False)[0], found[0][0])
    assert at._pull(np.eye(x.size)[0], policy=False)[1] is None
    by_tariff, by_cap, by_share = by_policy(at, lambda p: Market(p).step(x))
    policies = [policy for _, policy in found if policy is not None]
    flows = open_flows(at)
    tariffs = np.array([policy.ln_tariff.ravel() for policy in policies]).T
    np.testing.assert_allclose(tariffs[flows], by_tariff[flows], atol=2e-8)
    np.testing.assert_allclose(np.array([policy.ln_cap for policy in policies]).T, by_cap, atol=2e-8)
    np.testing.assert_allclose(np.array([policy.exporter_share for policy in policies]).T, by_share, atol=2e-8)


def slopes_of_all(at: Sensitivity) -> tuple[Slopes, np.ndarray, Callable[[Problem, State], float]]:
    """A number that depends on everything that a point has, by random weights; its slopes, and those by price sums."""
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
    by_sum = rng.normal(size=cells)

    def number(problem: Problem, s: State) -> float:
        market = Market(problem)
        m = market.clear(s)
        parts = [
            of.ln_wage * s.ln_wage,
            of.ln_price * s.ln_price,
            of.income * m.income,
            of.revenue * m.revenue,
            of.cost * m.cost,
            of.volume * m.volume,
            of.value * market.value(m).ravel()[of.flow],
            by_sum * m.price_sum,
        ]
        return float(sum(part.sum() for part in parts))

    return of, by_sum, number


def test_what_is_cleared_backwards_is_its_derivative(somewhere: Sensitivity) -> None:
    at, market = somewhere, Market(somewhere.problem)
    of, by_sum, number = slopes_of_all(at)
    by_state, policy = at._pull_clear(of, by_sum)
    expected = steps(lambda x: number(at.problem, market.unpack(x)), at.state.pack())
    np.testing.assert_allclose(by_state, expected, atol=2e-8)
    assert policy is not None
    by_tariff, by_cap, by_share = by_policy(at, lambda p: number(p, at.state))
    flows = open_flows(at)
    np.testing.assert_allclose(policy.ln_tariff.ravel()[flows], by_tariff[flows], atol=2e-8)
    np.testing.assert_allclose(policy.ln_cap, by_cap, atol=2e-8)
    np.testing.assert_allclose(policy.exporter_share, by_share, atol=2e-8)
    np.testing.assert_array_equal(at._pull_clear(of, by_sum, policy=False)[0], by_state)


def test_real_income_backwards_is_its_derivative(somewhere: Sensitivity) -> None:
    """I^ / P^ less the worth of more work, of one country and of a weighted sum."""
    at = somewhere
    market, e, factors = Market(at.problem), at.economy, at.factors

    def real(x: np.ndarray) -> np.ndarray:
        s = market.unpack(x)
        price = np.exp((e.final_share * s.ln_price.T).sum(axis=1))
        return market.clear(s).income / e.income / price - factors.effort(s.ln_wage, s.ln_price, s.ln_keep)

    expected = steps(real, at.state.pack())
    for weights in ({"C01": 1.0}, {"C00": 2.0, "C02": -0.5}):
        total = sum(weight * expected[:, e.countries.index(code)] for code, weight in weights.items())
        np.testing.assert_allclose(at._pull_clear(at.real_income(weights))[0], total, atol=2e-8)
    one, same = at.real_income("C01"), at.real_income({"C01": 1.0})
    np.testing.assert_array_equal(one.income, same.income)


def test_the_linear_system_is_solved_and_its_preconditioner_is_the_transpose(somewhere: Sensitivity) -> None:
    at, rng = somewhere, np.random.default_rng(2)
    right, other = rng.normal(size=(2, at.state.pack().size))
    adjoint = at._solve(right, 1e-12)
    np.testing.assert_allclose(adjoint - at._pull(adjoint, policy=False)[0], right, atol=1e-9)
    assert at._precondition(right) @ other == pytest.approx(right @ at.market.precondition(other), rel=1e-5)


def test_a_gradient_is_what_moves_directly_and_what_the_equilibrium_adds(somewhere: Sensitivity) -> None:
    """dy/dt = (partial) dy/dt + (df/dt)' l, with (I - df/dx)' l = dy/dx; and d ln(1+t) = dt / (1+t)."""
    at, (of, _, _) = somewhere, slopes_of_all(somewhere)
    by_state, direct = at._pull_clear(of)
    x = at.state.pack()
    jacobian = np.array([at._pull(v, policy=False)[0] for v in np.eye(x.size)])
    _, through = at._pull(np.linalg.solve(np.eye(x.size) - jacobian.T, by_state))
    assert direct is not None
    assert through is not None
    found = at.policy(of)
    for key in ("ln_tariff", "ln_cap", "exporter_share"):
        expected = getattr(direct, key) + getattr(through, key)
        np.testing.assert_allclose(getattr(found, key), expected, rtol=1e-7, atol=1e-9)
    flows = open_flows(at)
    tariff = np.expm1(policy_of(at.problem)[0])[flows]
    np.testing.assert_allclose(at.gradient(of, flows) * (1 + tariff), found.ln_tariff.ravel()[flows], rtol=1e-12)


def test_the_unit_in_which_a_solution_is_counted_leaves_its_gradients() -> None:
    """The map keeps world value added; a solution in another country's wage is brought to that first."""
    ends = [
        ep.solve(RATES, ALL_KINDS, closure=ep.Closure(numeraire=unit), tol=1e-12).sensitivity
        for unit in ("WORLD", "C01")
    ]
    one, other = (at.state for at in ends)
    for key in ("ln_wage", "ln_price", "ln_spending", "ln_mu"):
        np.testing.assert_allclose(getattr(one, key), getattr(other, key), atol=1e-9)
    for at in ends:
        assert at.at.value_added.sum() == pytest.approx(RATES.value_added.sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("measures", "closure", "message"),
    [
        ([ep.MinimumPrice(importer="C00", exporter="C01", sector="s00", price=1.1)], {}, "minimum prices"),
        ([], {"recycling": "labour_tax", "labour_tax": 0.2}, "a labour tax that revenue cuts"),
        (
            [
                ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5),
                ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
            ],
            {},
            "two quantity measures stand on one flow",
        ),
    ],
)
def test_what_has_no_gradient_is_refused(measures: list[ep.Measure], closure: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.InputError, match=message):
        _ = ep.solve(RATES, measures, closure=ep.Closure(**closure)).sensitivity
