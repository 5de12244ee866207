"""Gradients by implicit differentiation against central differences of the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.sensitivity import Slopes
from entrepot.measures.fields import read_rent
from shelves import SLOW, slow_after, slow_unless
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
    ep.Closure(labour_supply=0.4, labour_tax=0.25, recycling="labour_tax"),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3, labour_tax=0.2, recycling="labour_tax"),
]


def base(world: ep.Economy) -> list[ep.measures.Measure]:
    first, sector = world.countries[0], world.sectors[0]
    return [ep.Tariff(importer=first, exporter="WORLD", sector=sector, rate=0.15, change="add")]


def foreign(world: ep.Economy, rng: np.random.Generator, count: int) -> Any:
    return rng.choice(np.flatnonzero((world.value * ~world.domestic).ravel()), count, replace=False)


def real_income(who: str) -> Callable[[ep.Outcome], float]:
    return lambda outcome: float(outcome.countries.loc[who, "real_income_pct"]) / 100


def by_differences(
    world: ep.Economy, measures: list[ep.measures.Measure], closure: ep.Closure, flow: int, of: Any
) -> float:
    j, n, i = np.unravel_index(flow, world.value.shape)

    def at(step: float) -> float:
        more = ep.Tariff(
            importer=world.countries[n], exporter=world.countries[i], sector=world.sectors[j], rate=step, change="add"
        )
        return float(of(ep.solve(world, [*measures, more], closure=closure, tol=1e-13)))

    return (at(STEP) - at(-STEP)) / (2 * STEP)


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
@pytest.mark.parametrize("seed", slow_after(1, [1, 2]))
def test_gradient_of_real_income_under_every_closure(closure: ep.Closure, seed: int) -> None:
    world, rng = random_world(5, 4, seed), np.random.default_rng(seed)
    measures, flows = base(world), foreign(world, rng, 4 if SLOW else 2)
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


def test_gradient_beside_export_taxes_subsidies_and_trade_costs() -> None:
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
    numbers: list[tuple[Slopes, Any]] = [
        (Slopes(flow=flow, value=np.ones(1)), lambda o: o.accounts.producer_value.ravel()[flow[0]] / unit(o)),
        (Slopes(cost=cost), lambda o: o.accounts.cleared.cost[2, 3] / unit(o)),
        (at.real_income(both), lambda o: sum(w * o.countries.loc[c, "real_income_pct"] / 100 for c, w in both.items())),
    ]

    def unit(o: ep.Outcome) -> float:
        return float(o.accounts.cleared.value_added.sum() / small.value_added.sum())

    for slopes, of in numbers:
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


@pytest.mark.parametrize("closure", [ep.Closure(), ep.Closure(horizon="short", labour_share=0.6)], ids=str)
def test_gradient_beside_specific_duties_and_minimum_prices(closure: ep.Closure) -> None:
    """Their wedges move with the price: a duty a unit weighs less where it rises, and a floor takes up what a tariff
    on the same flow or elsewhere takes off the price below it."""
    world = random_world(5, 4, 3)
    rules: list[ep.measures.Measure] = [
        ep.SpecificTariff(importer="C00", exporter="C01", sector="s01", amount="20%"),
        ep.MinimumPrice(importer="C00", exporter="C02", sector="s01", price="130%", rent="exporter"),
        ep.MinimumPrice(importer="C01", exporter=["C03", "C04"], sector="s02", price="120%", rent="importer"),
        ep.MinimumPrice(importer="C01", exporter="C00", sector="s02", price="50%", rent="exporter"),
    ]
    measures = [*base(world), *rules]
    at = ep.solve(world, measures, closure=closure, tol=1e-13).sensitivity
    flows = np.concatenate([*(m.flows(world)[:1] for m in rules), foreign(world, np.random.default_rng(3), 3)])
    for who in ("C00", "C01"):
        gradient = at.gradient(at.real_income(who), flows)
        other = [by_differences(world, measures, closure, f, real_income(who)) for f in flows]
        assert gradient == pytest.approx(other, abs=1e-7 + 1e-6 * np.abs(gradient).max())


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


@pytest.mark.parametrize(
    "name", slow_unless(["a restraint over several flows", "a tariff-rate quota exceeded"], QUOTAS)
)
def test_gradient_beside_quotas(small: ep.Economy, name: str) -> None:
    measures: list[ep.measures.Measure] = [
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
    with pytest.raises(ep.errors.InputError, match="tariff-rate quota"):
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
    numbers: list[tuple[Slopes, Any]] = [
        (Slopes(flow=flow, value=np.ones(1)), lambda o: o.accounts.producer_value.ravel()[flow[0]] / unit(o)),
        (Slopes(cost=cost), lambda o: o.accounts.cleared.cost[2, 3] / unit(o)),
        (Slopes(income=one), lambda o: o.accounts.income[1] / unit(o)),
        (Slopes(revenue=one), lambda o: o.accounts.revenue[1] / unit(o)),
        (Slopes(ln_wage=one), lambda o: o.accounts.cleared.ln_wage[1] - np.log(unit(o))),
        (Slopes(ln_price=np.outer(np.eye(3)[1], one)), lambda o: o.state.ln_price[1, 1] - np.log(unit(o))),
    ]
    where = foreign(world, np.random.default_rng(0), 1)
    for slopes, of in numbers:
        gradient = at.gradient(slopes, where)
        other = [by_differences(world, measures, closure, f, of) for f in where]
        assert gradient == pytest.approx(other, rel=2e-6, abs=NOISE * max(1.0, abs(float(of(outcome)))))


def cap(o: ep.Outcome, k: int, step: float) -> ep.measures.Measure:
    """The k-th measure with a cap larger by a part `step`."""
    measure = o.scenario.measures[k]
    assert isinstance(measure, ep.ImportQuota | ep.VoluntaryExportRestraint | ep.TariffRateQuota)
    return replace(measure, cap=float(str(measure.cap)) * np.exp(step))


def shared(o: ep.Outcome, k: int, step: float) -> ep.measures.Measure:
    measure = o.scenario.measures[k]
    assert isinstance(measure, ep.ImportQuota | ep.VoluntaryExportRestraint | ep.TariffRateQuota)
    part = read_rent(measure.rent) + step
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
def test_gradient_in_caps_and_rent_shares(name: str, closure: ep.Closure) -> None:
    """Real income, the volume under the quota, and what the exporters' treasury and licence holders have."""
    world = random_world(4, 3, seed=6)
    measures = [*base(world), CAPPED[name]]
    outcome = ep.solve(world, measures, closure=closure, tol=1e-13)
    at, (n,) = outcome.sensitivity, place(world, "C01")
    numbers: list[tuple[Slopes, Any]] = [
        (at.real_income("C00"), real_income("C00")),
        (at.real_income("C01"), real_income("C01")),
        (Slopes(volume=np.ones(1)), lambda o: o.accounts.cleared.volume[0]),
        (Slopes(revenue=np.eye(4)[n]), lambda o: o.accounts.revenue[n] / unit(o)),
    ]

    def values(measure: ep.measures.Measure) -> list[float]:
        found = ep.solve(world, [*base(world), measure], closure=closure, tol=1e-13)
        return [float(of(found)) for _, of in numbers]

    by_cap, by_share = (central(lambda step, move=move: values(move(outcome, 1, step))) for move in (cap, shared))
    for (slopes, _), expected_cap, expected_share in zip(numbers, by_cap, by_share, strict=True):
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


def test_unsolved_linear_system_raises(small: ep.Economy) -> None:
    at = ep.solve(small, base(small), tol=1e-13).sensitivity
    with pytest.raises(
        ep.errors.ConvergenceError, match=r"linear system was not solved \(relative gap \S+\)"
    ) as caught:
        at.gradient(at.real_income("C01"), foreign(small, np.random.default_rng(1), 1), tol=1e-30)
    assert caught.value.residual is not None
    assert caught.value.residual < 1e-6
