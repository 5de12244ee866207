"""Laws that hold in every world: the equilibrium under measures, checked on worlds and shocks drawn by hypothesis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import entrepot as ep
from shelves import examples
from worlds import random_world

RELAXED = examples(6, slow=72)
worlds = st.builds(
    random_world,
    countries=st.integers(2, 6),
    sectors=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    inputs=st.booleans(),
    tariffs=st.booleans(),
    openness=st.floats(0.1, 0.6),
)
rates = st.floats(0.01, 1.0)
caps = st.floats(0.05, 0.95)
TOL = 1e-12
#: With a cap on its only import a country cannot carry any deficit: laws about caps are stated with deficits closed.
BALANCED = ep.Closure(deficit="balanced")


def real(outcome: ep.Outcome) -> np.ndarray:
    return outcome.countries["real_income_pct"].to_numpy()


def pick(world: ep.Economy, sector: int = 0) -> dict[str, str]:
    """The importer and exporter of the largest flow of a sector: always a real one."""
    name = f"s{sector:02d}"
    flows = np.where(world.domestic, 0.0, world.value[world.sectors.index(name)])
    n, i = np.unravel_index(int(flows.argmax()), flows.shape)
    return {"importer": world.countries[n], "exporter": world.countries[i], "sector": name}


def tariff(world: ep.Economy, rate: float, **where: str) -> ep.Tariff:
    return ep.Tariff(rate=rate, change="add", **(where or pick(world)))


@given(worlds)
@RELAXED
def test_no_shock_no_change(world: ep.Economy) -> None:
    outcome = ep.solve(world)
    assert np.abs(real(outcome)).max() < 1e-8
    np.testing.assert_allclose(outcome.trade["value"], outcome.trade["value_base"], rtol=1e-9)


@given(worlds, rates, st.floats(1e-3, 1e6))
@RELAXED
def test_scale_of_money_does_not_matter(world: ep.Economy, rate: float, scale: float) -> None:
    other = replace(world, value=world.value * scale)
    a, b = (ep.solve(w, [tariff(w, rate)], tol=TOL) for w in (world, other))
    np.testing.assert_allclose(real(a), real(b), atol=1e-9)
    np.testing.assert_allclose(
        a.countries["equivalent_variation"] * scale, b.countries["equivalent_variation"], rtol=1e-6, atol=1e-9 * scale
    )


@given(worlds, rates)
@RELAXED
def test_a_common_wage_unit_does_not_matter(world: ep.Economy, rate: float) -> None:
    """Homogeneity: real answers are the same in every numeraire."""
    answers = [
        real(ep.solve(world, [tariff(world, rate)], closure=ep.Closure(numeraire=n), tol=TOL))
        for n in ["WORLD", *world.countries]
    ]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], atol=1e-9)


@given(worlds, rates, caps)
@RELAXED
@pytest.mark.slow
def test_the_parts_of_a_gain_do_not_depend_on_the_unit_either(world: ep.Economy, rate: float, cap: float) -> None:
    everywhere = {"importer": world.countries[0], "sector": "ALL"}
    measures = [
        ep.Tariff(rate=rate / 5, change="add", **everywhere),
        ep.VoluntaryExportRestraint(cap=cap, **pick(world)),
    ]
    one, other = (
        ep.solve(world, measures, closure=ep.Closure("balanced", numeraire=n), tol=TOL)
        for n in ("WORLD", world.countries[-1])
    )
    for column in ("terms_of_trade_pct", "volume_of_trade_pct"):
        np.testing.assert_allclose(one.countries[column], other.countries[column], atol=1e-8)
    np.testing.assert_allclose(one.decomposition, other.decomposition, atol=1e-8)


@given(worlds, rates)
@RELAXED
def test_tariff_and_importer_held_quota_are_the_same_equilibrium(world: ep.Economy, rate: float) -> None:
    where = pick(world)
    duty = ep.solve(world, [tariff(world, rate, **where)], closure=BALANCED, tol=TOL)
    volume = duty.volume(duty.scenario.measures[0])
    quota = ep.solve(world, [ep.ImportQuota(cap=volume, unit="usd_m", **where)], closure=BALANCED, tol=TOL)
    np.testing.assert_allclose(quota.state.ln_price, duty.state.ln_price, atol=1e-8)
    np.testing.assert_allclose(quota.accounts.real_flow, duty.accounts.real_flow, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(real(quota), real(duty), atol=1e-6)
    n = world.countries.index(where["importer"])
    extra = duty.countries["tariff_revenue"].iloc[n] - quota.countries["tariff_revenue"].iloc[n]
    assert quota.countries["quota_rent"].iloc[n] == pytest.approx(extra, rel=1e-6, abs=1e-6)


@given(worlds, caps)
@RELAXED
def test_a_restraint_differs_from_a_quota_only_by_who_holds_the_rent(world: ep.Economy, cap: float) -> None:
    """A VER whose rent the importer holds is a quota: same prices, volumes, welfare. (Its wedge is before duty.)"""
    where = pick(world)
    quota = ep.solve(world, [ep.ImportQuota(cap=cap, **where)], closure=BALANCED, tol=TOL)
    given_back = ep.solve(
        world, [ep.VoluntaryExportRestraint(cap=cap, rent="importer", **where)], closure=BALANCED, tol=TOL
    )
    np.testing.assert_allclose(given_back.state.ln_price, quota.state.ln_price, atol=1e-8)
    np.testing.assert_allclose(real(given_back), real(quota), atol=1e-6)
    kept = ep.solve(world, [ep.VoluntaryExportRestraint(cap=cap, **where)], closure=BALANCED, tol=TOL)
    exporter = world.countries.index(where["exporter"])
    importer = world.countries.index(where["importer"])
    assert real(kept)[exporter] > real(quota)[exporter]
    assert real(kept)[importer] < real(quota)[importer]


@given(worlds, st.floats(1.0, 5.0))
@RELAXED
def test_a_slack_quota_changes_nothing(world: ep.Economy, cap: float) -> None:
    where = pick(world)
    for measure in (ep.ImportQuota(cap=cap, **where), ep.VoluntaryExportRestraint(cap=cap, **where)):
        outcome = ep.solve(world, [measure], closure=BALANCED, tol=TOL)
        assert np.abs(real(outcome)).max() < 1e-8
        assert outcome.measures["rent"].iloc[0] == pytest.approx(0.0, abs=1e-6)
        if cap > 1.001:
            assert not outcome.measures["binding"].iloc[0]


@given(worlds, rates, caps)
@RELAXED
def test_order_of_measures_is_irrelevant(world: ep.Economy, rate: float, cap: float) -> None:
    everywhere = ep.Tariff(importer="WORLD", sector="ALL", rate=rate / 5, change="add")
    measures = [
        everywhere,
        tariff(world, rate),
        ep.ImportQuota(cap=cap, **pick(world)),
        ep.NonTariffBarrier(rate=0.1, **pick(world)),
    ]
    forth, back = (ep.solve(world, order, closure=BALANCED, tol=TOL) for order in (measures, measures[::-1]))
    np.testing.assert_allclose(real(forth), real(back), atol=1e-9)


@given(worlds, rates)
@RELAXED
def test_tariff_and_its_reversal_return_the_base(world: ep.Economy, rate: float) -> None:
    up = ep.solve(world, [tariff(world, rate)], tol=TOL)
    down = ep.solve(up.as_economy(), [tariff(world, -rate)], tol=TOL)
    there, back = 1 + real(up) / 100, 1 + real(down) / 100
    np.testing.assert_allclose(there * back, 1.0, atol=1e-9)
    np.testing.assert_allclose(down.accounts.producer_value, world.value, rtol=1e-8, atol=1e-8)


@given(worlds, rates, caps)
@RELAXED
def test_parts_of_welfare_sum_to_the_whole(world: ep.Economy, rate: float, cap: float) -> None:
    measures = [
        ep.Tariff(importer=world.countries[0], sector="ALL", rate=rate, change="add"),
        ep.VoluntaryExportRestraint(cap=cap, **pick(world)),
    ]
    outcome = ep.solve(world, measures, closure=BALANCED, tol=TOL)
    parts = outcome.decomposition
    whole = outcome.countries["real_income_pct"]
    np.testing.assert_allclose(parts.drop(columns="real_income").sum(axis=1), whole, atol=1e-8)
    np.testing.assert_allclose(parts["real_income"], whole, atol=1e-8)
    assert parts.attrs["quadrature_error"] < 1e-5


@given(worlds, rates, st.randoms(use_true_random=False))
@RELAXED
def test_relabelling_countries_permutes_the_answer(world: ep.Economy, rate: float, random: object) -> None:
    order = list(range(len(world.countries)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = replace(
        world,
        countries=tuple(world.countries[k] for k in order),
        value=world.value[:, order][:, :, order],
        tariff=world.tariff[:, order][:, :, order],
        inputs=world.inputs[order],
    )
    measure = tariff(world, rate)
    a, b = (ep.solve(w, [measure], tol=TOL).countries["real_income_pct"] for w in (world, shuffled))
    np.testing.assert_allclose(b[list(world.countries)], a, atol=1e-9)


@given(worlds, rates, caps)
@RELAXED
def test_walras_and_every_other_condition(world: ep.Economy, rate: float, cap: float) -> None:
    outcome = ep.solve(world, [tariff(world, rate), ep.ImportQuota(cap=cap, **pick(world))], closure=BALANCED)
    assert max(outcome.residuals.values()) <= 1e-10
    a = outcome.accounts
    parts = a.producer_value + a.export_tax + a.exporter_rent + a.importer_rent + a.duty
    np.testing.assert_allclose(parts, a.user_value, rtol=1e-12, atol=1e-12)
    assert outcome.countries["exports"].sum() == pytest.approx(outcome.countries["imports"].sum(), rel=1e-9)
    base = outcome.economy.value_added
    assert np.exp(outcome.accounts.cleared.ln_wage) @ base == pytest.approx(base.sum(), rel=1e-9)  # the numeraire


@given(worlds, rates, st.integers(0, 100))
@example(random_world(2, 1, 3, openness=0.109375), 1.0, 0)  # hardly any trade: only rounding is left of the balance
@RELAXED
def test_the_start_does_not_matter(world: ep.Economy, rate: float, seed: int) -> None:
    cold = ep.solve(world, [tariff(world, rate)], tol=TOL)
    elsewhere = ep.solve(world, [ep.Tariff(importer="WORLD", sector="ALL", rate=0.05 + seed / 200, change="add")])
    warm = ep.solve(world, [tariff(world, rate)], tol=TOL, start=elsewhere)
    np.testing.assert_allclose(real(warm), real(cold), atol=1e-9)


@given(worlds, rates)
@RELAXED
def test_lerner_symmetry(world: ep.Economy, rate: float) -> None:
    """A uniform import tariff and a uniform export tax at the same rate are the same (balanced trade, no tariffs)."""
    free = replace(world, tariff=np.zeros_like(world.tariff)).balanced()
    home = free.countries[0]
    duty = ep.solve(free, [ep.Tariff(importer=home, sector="ALL", rate=rate)], tol=TOL)
    tax = ep.solve(free, [ep.ExportTax(exporter=home, sector="ALL", rate=rate)], tol=TOL)
    np.testing.assert_allclose(real(tax), real(duty), atol=1e-8)


@given(worlds, st.floats(0.01, 0.2), caps)
@RELAXED
def test_a_tariff_rate_quota_lies_between_its_two_tariffs(world: ep.Economy, surcharge: float, cap: float) -> None:
    where = pick(world)
    trq = ep.solve(
        world, [ep.TariffRateQuota(cap=cap, out_rate=surcharge, change="add", **where)], closure=BALANCED, tol=TOL
    )
    full = ep.solve(world, [ep.Tariff(rate=surcharge, change="add", **where)], closure=BALANCED, tol=TOL)
    row = trq.measures.iloc[0]
    floor = full.volume(full.scenario.measures[0])
    assert floor * (1 - 1e-7) <= row["volume"] <= row["volume_base"] * (1 + 1e-7)
    if floor > row["cap"] * 1.001:  # imports beyond the quota: the surcharge is the price, the rent on the quota alone
        np.testing.assert_allclose(real(trq), real(full), atol=1e-6)
        assert 0 < row["rent"] < full.measures["revenue"].iloc[0] + full.measures["volume"].iloc[0]
        n = world.countries.index(where["importer"])
        collected = trq.countries["tariff_revenue"].iloc[n] + trq.countries["quota_rent"].iloc[n]
        assert collected == pytest.approx(full.countries["tariff_revenue"].iloc[n], rel=1e-7)
