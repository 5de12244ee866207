"""What measures ask of the solver together: rates that add up or clash, caps, parts of a shock, and a closure."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.closure import read_labour_shares
from entrepot.equilibrium.problem import Problem
from worlds import place, random_world

WHERE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
WORLD = random_world(3, 2, seed=11)
FLOW = place(WORLD, "s00", "C00", "C01")


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return WORLD


def problem(e: ep.Economy, *measures: ep.measures.Measure, **closure: Any) -> Problem:
    return Problem.of(e, ep.Scenario(measures), ep.Closure(**closure))


def tariff_on(e: ep.Economy, *measures: ep.measures.Measure) -> float:
    """The tariff that measures leave on the flow."""
    p = problem(e, *measures)
    ln_tariff, _ = p.border_taxes(np.array([np.ravel_multi_index(FLOW, e.value.shape)]))
    return float(np.expm1(ln_tariff[0]))


# ---- rates ----


def test_rates_are_set_first_then_cut_and_points_come_on_top(e: ep.Economy) -> None:
    t = e.tariff[FLOW]
    add, more = (ep.Tariff(**WHERE, rate=r, change="add") for r in (0.1, 0.05))
    assert tariff_on(e) == pytest.approx(t)
    assert tariff_on(e, add) == pytest.approx(t + 0.1)
    assert tariff_on(e, add, replace(more, label="more")) == pytest.approx(t + 0.15)
    for order in (1, -1):
        measures = [ep.Tariff(**WHERE, rate=0.3), add][::order]
        assert tariff_on(e, *measures) == pytest.approx(0.4)
        measures = [ep.Tariff(**WHERE, rate=0.5, change="cut"), add][::order]
        assert tariff_on(e, *measures) == pytest.approx(0.5 * t + 0.1)
    assert tariff_on(e, ep.Tariff(**WHERE, rate=0.25, change="cut")) == pytest.approx(0.75 * t)
    inside = ep.TariffRateQuota(**WHERE, cap=0.8, in_rate=0.02, out_rate=0.3)
    assert tariff_on(e, inside, add) == pytest.approx(0.12)
    assert tariff_on(e, ep.TariffRateQuota(**WHERE, cap=0.8, out_rate=0.3)) == pytest.approx(t)
    points = ep.TariffRateQuota(**WHERE, cap=0.8, in_rate=0.02, out_rate=0.3, change="add")
    assert tariff_on(e, points) == pytest.approx(t + 0.02)


def test_the_same_rate_set_twice_is_no_clash_and_another_is(e: ep.Economy) -> None:
    one, same = ep.Tariff(**WHERE, rate=0.3), ep.Tariff(importer="C00", sector="ALL", rate=0.3)
    assert tariff_on(e, one, same) == pytest.approx(0.3)
    other = ep.Tariff(importer="C00", sector="s00", rate=0.2)
    with pytest.raises(
        ep.errors.MeasureError, match="set different rates for s00 from C01 into C00; exempt it"
    ) as caught:
        problem(e, one, other)
    assert caught.value.key == "rate"
    cut = ep.Tariff(**WHERE, rate=0.3, change="cut")
    with pytest.raises(ep.errors.MeasureError, match="set different rates for s00 from C01 into C00"):
        problem(e, cut, one)


def test_export_taxes_add_up_and_barriers_multiply(e: ep.Economy) -> None:
    p = problem(
        e,
        ep.ExportTax(**WHERE, rate=0.1),
        ep.ExportTax(**WHERE, rate=0.05, label="more"),
        ep.NonTariffBarrier(**WHERE, rate=0.1),
        ep.NonTariffBarrier(**WHERE, rate=0.2, label="more still"),
    )
    at = np.array([np.ravel_multi_index(FLOW, e.value.shape)])
    assert np.expm1(p.border_taxes(at)[1]) == pytest.approx([0.15])
    assert np.exp(p.ln_iceberg) == pytest.approx([1.1 * 1.2])
    # A flow that nothing touches keeps its tariff and has no export tax, even beyond the last one touched.
    last = np.array([e.value.size - 2])
    ln_tariff, ln_export_tax = p.border_taxes(last)
    assert np.expm1(ln_tariff) == pytest.approx(e.tariff.ravel()[last])
    assert ln_export_tax == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ([ep.Tariff(**WHERE, rate=-0.9, change="add", label=n) for n in "ab"], "the tariff on s00 from C01 into C00"),
        (
            [ep.ExportTax(**WHERE, rate=-0.5), ep.ExportTax(**WHERE, rate=-0.5, label="b")],
            "the export tax on s00 from C01 into C00 would be -100%, not above -100%",
        ),
        (
            [ep.ProductionSubsidy(country="C01", sector="s01", rate=-0.5, label=n) for n in "ab"],
            "the subsidies on s01 in C01 add up to -100% or less",
        ),
    ],
)
def test_rates_of_minus_100_percent_are_refused(
    e: ep.Economy, measures: list[ep.measures.Measure], message: str
) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message) as caught:
        problem(e, *measures)
    assert caught.value.key == "rate"
    problem(e, measures[0])


def test_subsidies_of_one_sector_add_up(e: ep.Economy) -> None:
    subsidies = [ep.ProductionSubsidy(country="C01", sector="s01", rate=r, label=str(r)) for r in (0.1, -0.02)]
    p = problem(e, *subsidies)
    expected = np.zeros((2, 3))
    expected[place(e, "s01", "C01")] = 0.08
    np.testing.assert_allclose(np.expm1(p.ln_subsidy), expected, atol=1e-15)


# ---- quantities ----


@pytest.mark.parametrize(
    ("measures", "key", "message"),
    [
        (
            [ep.SpecificTariff(**WHERE, amount=0.1), ep.SpecificTariff(**WHERE, amount=0.2)],
            "amount",
            "touch the same flow, s00 from C01 into C00; one specific duty or minimum price a flow",
        ),
        (
            [ep.SpecificTariff(**WHERE, amount=0.1), ep.MinimumPrice(**WHERE, price=1.2)],
            "price",
            "touch the same flow",
        ),
    ],
)
def test_two_measures_of_a_kind_on_one_flow(
    e: ep.Economy, measures: list[ep.measures.Measure], key: str, message: str
) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message) as caught:
        problem(e, *measures)
    assert caught.value.key == key
    assert measures[0].title in str(caught.value) or "stands under" in message
    for measure in measures:
        problem(e, measure)


def test_a_tariff_rate_quota_dearer_inside_than_beyond_is_refused(e: ep.Economy) -> None:
    """Measures beside it raise the duty inside; points are due inside and beyond alike."""
    t = float(e.tariff[FLOW])
    assert t > 0.01
    with pytest.raises(
        ep.errors.MeasureError, match=r"is below the in-quota duty of .* on s00 from C01 into C00"
    ) as caught:
        problem(e, ep.TariffRateQuota(**WHERE, cap=0.5, out_rate=t - 0.01))
    assert caught.value.key == "out_rate"
    problem(e, ep.TariffRateQuota(**WHERE, cap=0.5, out_rate=t))
    points = ep.Tariff(**WHERE, rate=0.1, change="add")
    p = problem(e, ep.TariffRateQuota(**WHERE, cap=0.5, in_rate=0.05, out_rate=0.2), points)
    assert np.exp(p.quotas.ln_surcharge) == pytest.approx([1.3 / 1.15])
    p = problem(e, ep.TariffRateQuota(**WHERE, cap=0.5, in_rate=0.05, out_rate=0.2, change="add"))
    assert np.exp(p.quotas.ln_surcharge) == pytest.approx([(1 + t + 0.2) / (1 + t + 0.05)])


def test_quota_arrays(e: ep.Economy) -> None:
    both = ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5)
    p = problem(e, ep.ImportQuota(importer="C02", exporter="C01", sector="s01", cap=2.0, rent="exporter"), both)
    q = p.quotas
    base = [e.value[place(e, "s01", "C02", "C01")], sum(e.value[place(e, "s00", "C00", i)] for i in ("C01", "C02"))]
    assert q.count == 2
    assert np.exp(q.ln_base) == pytest.approx(base)
    assert np.exp(q.ln_cap) == pytest.approx([2 * base[0], 0.5 * base[1]])
    assert list(q.owner) == [0, 1, 1]
    assert list(q.before_duty) == [False, True]
    assert list(q.exporter_share) == [1.0, 1.0]
    assert list(q.act) == [0, 1]
    assert q.theta == pytest.approx([e.theta[e.sectors.index(s)] for s in ("s01", "s00")])
    everything = problem(e, ep.ImportQuota(importer="C00", sector="ALL", cap=0.5)).quotas
    (n,) = place(e, "C00")
    value = np.delete(e.value[:, n], n, axis=1).sum(axis=1)
    assert everything.theta == pytest.approx([value @ e.theta / value.sum()])


def test_a_licence_of_a_tariff_rate_quota_is_the_same_part_of_every_surcharge(e: ep.Economy) -> None:
    trq = ep.TariffRateQuota(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5, out_rate=0.5)
    q = problem(e, trq, ep.ImportQuota(importer="C01", exporter="C00", sector="s00", cap=0.5)).quotas
    surcharge = np.expm1(q.ln_surcharge[:2])
    assert surcharge[0] != pytest.approx(surcharge[1])
    top = surcharge.max()
    assert np.expm1(q.ln_ceiling[0]) == pytest.approx(top)
    for part in (0.0, 0.25, 1.0):
        wedge = np.expm1(q.ln_wedge(np.array([math.log1p(part * top), 0.3])))
        np.testing.assert_allclose(wedge, [*(part * surcharge), math.expm1(0.3)], rtol=1e-12, atol=1e-15)


# ---- parts of a shock, and other elasticities ----

EVERYTHING: list[ep.measures.Measure] = [
    ep.Tariff(importer="C00", sector="s01", rate=0.3),
    ep.ExportTax(importer="C02", exporter="C01", sector="s00", rate=0.2),
    ep.NonTariffBarrier(importer="C01", exporter="C00", sector="s00", rate=0.1),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.1),
    ep.ImportQuota(**WHERE, cap=0.5),
    ep.TariffRateQuota(importer="C01", exporter="C02", sector="s00", cap=0.5, in_rate=0.0, out_rate=0.4),
    ep.SpecificTariff(importer="C02", exporter="C00", sector="s00", amount=0.2),
    ep.MinimumPrice(importer="C02", exporter="C01", sector="s01", price=1.3),
]


def test_problem_at_zero_is_the_base_and_at_one_the_shock(e: ep.Economy) -> None:
    p = problem(e, *EVERYTHING)
    assert p.at(1.0) is p
    from entrepot.equilibrium.solve import solve_problem

    nothing = solve_problem(p.at(0.0))
    np.testing.assert_allclose(nothing.countries["real_income_pct"], 0.0, atol=1e-7)
    assert p.at(0.0).price_rules.floor.max() <= 1.0
    ends = solve_problem(p), solve_problem(p.at(1 - 1e-9))
    np.testing.assert_allclose(*(o.countries["real_income_pct"] for o in ends), atol=1e-5)


def test_half_of_a_shock_is_half_of_every_log(e: ep.Economy) -> None:
    p = problem(e, *EVERYTHING)
    half = p.at(0.5)
    np.testing.assert_allclose(half.ln_tariff, (p.ln_tariff + p.ln_tariff_base) / 2)
    for name in ("ln_export_tax", "ln_iceberg", "ln_subsidy"):
        np.testing.assert_allclose(getattr(half, name), getattr(p, name) / 2)
    np.testing.assert_allclose(half.quotas.ln_cap, (p.quotas.ln_cap + p.quotas.ln_base) / 2)
    np.testing.assert_allclose(half.quotas.ln_surcharge, p.quotas.ln_surcharge / 2)
    np.testing.assert_allclose(half.quotas.ln_ceiling, p.quotas.ln_ceiling / 2)
    assert half.price_rules.amount.max() == pytest.approx(0.1)
    assert half.price_rules.floor.max() == pytest.approx(math.sqrt(1.3))
    low = problem(e, ep.MinimumPrice(**WHERE, price=0.8)).at(0.5)
    assert low.price_rules.floor == pytest.approx([0.8]), "a floor below the price holds nothing back from the start"


def test_problem_on_other_elasticities_keeps_its_policy(e: ep.Economy) -> None:
    drawn = e.with_elasticities(1.3 * e.theta)
    for closure in ({}, {"scale": 0.05}, {"horizon": "short", "labour_share": 0.6}):
        p = problem(e, *EVERYTHING, **closure).on(drawn)
        fresh = Problem.of(drawn, ep.Scenario(tuple(EVERYTHING)), ep.Closure(**closure))
        np.testing.assert_allclose(p.quotas.theta, fresh.quotas.theta)
        assert p.economy is drawn
        assert p.factors.economy is drawn
        np.testing.assert_allclose(p.factors.scale, fresh.factors.scale)
    with pytest.raises(ep.errors.InputError, match="above one"):
        problem(e, scale=0.9 / e.theta.max()).on(e.with_elasticities(1.3 * e.theta))


# ---- closures ----


def test_a_closure_says_what_differs_from_the_default() -> None:
    assert str(ep.Closure()) == "default"
    assert str(ep.Closure(deficit="balanced")) == "deficit balanced"
    assert str(ep.Closure(numeraire="JPN", labour_supply=0.5)) == "numeraire JPN, labour supply 0.5"
    assert ep.Closure(numeraire="world") == ep.Closure()


@pytest.mark.parametrize(
    ("written", "number"), [("30%", 0.3), (" 30.5 % ", 0.305), ({"s00": "20%", "s01": 0.1}, {"s00": 0.2, "s01": 0.1})]
)
def test_percentages_are_read(written: Any, number: Any) -> None:
    found = ep.Closure(labour_share=written).labour_share
    assert found == pytest.approx(number)


@pytest.mark.parametrize(
    ("key", "fine", "wrong"),
    [
        ("labour_share", [1e-6, 1.0], [0.0, 1.0001, True, math.inf, math.nan]),
        ("labour_supply", [0.0, 10.0], [-1e-6, 10.01, None, "much"]),
        ("labour_tax", [-0.999, 0.999], [-1.0, 0.9995]),
        ("scale", [0.0, 1.0, 2.5], [-1e-6, math.inf, math.nan]),
    ],
)
def test_limits_of_closure_numbers(key: str, fine: list[Any], wrong: list[Any]) -> None:
    for value in fine:
        assert getattr(ep.Closure(**{key: value}), key) == value
        ep.Closure(**{key: {"a": value, "b": {"c": value}}})
    for value in wrong:
        with pytest.raises(ep.errors.InputError, match=f"closure: {key} "):
            ep.Closure(**{key: value})
        with pytest.raises(ep.errors.InputError, match=f"closure: {key} of b of c "):
            ep.Closure(**{key: {"a": fine[0], "b": {"c": value}}})


def test_numbers_by_name_group_and_all_with_the_nearest_first(e: ep.Economy) -> None:
    """Whoever is named apart keeps its own number, in whatever order the names stand."""
    named = replace(e, countries=("DEU", "FRA", "USA"))
    for names in (["WORLD", "EU28", "FRA"], ["FRA", "EU28", "WORLD"]):
        numbers = {"WORLD": 0.1, "EU28": 0.2, "FRA": 0.3}
        supply = problem(named, labour_supply={name: numbers[name] for name in names}).factors.supply
        assert supply == pytest.approx([0.2, 0.3, 0.1])
    assert problem(named, labour_tax={"FRA": 0.3}).factors.tax == pytest.approx([0, 0.3, 0])
    scale = problem(e, scale={"ALL": 0.02, "s01": 0.05}).factors.scale
    assert scale == pytest.approx([{"s00": 0.02, "s01": 0.05}[s] for s in e.sectors])
    shares = problem(
        named, horizon="short", labour_share={"EU28": {"ALL": 0.5, "s01": 0.7}, "USA": {"s00": 0.3, "s01": 0.4}}
    )
    union, other = ([of[s] for s in e.sectors] for of in ({"s00": 0.5, "s01": 0.7}, {"s00": 0.3, "s01": 0.4}))
    expected = np.array([union, union, other])
    np.testing.assert_allclose(shares.factors.labour, expected * named.value_added_share)
    np.testing.assert_allclose(shares.factors.capital, (1 - expected) * named.value_added_share)
    np.testing.assert_allclose(shares.factors.surplus, (1 - expected) * named.value_added_share)
    long = problem(named, labour_share=0.6).factors
    np.testing.assert_allclose(long.labour, named.value_added_share)
    np.testing.assert_allclose(long.surplus, 0.4 * named.value_added_share)
    assert not long.capital.any()
    assert np.isnan(problem(named).factors.surplus).all()


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"C00": {"s00": 0.5, "s01": 0.5}, "C01": {"s00": 0.5, "s01": 0.5}}, "labour_share: nothing for C02"),
        ({"WORLD": {"s00": 0.5}}, "labour_share of WORLD: nothing for s01"),
        ({"C00": {"s09": 0.5}}, "labour_share: unknown sector 's09'"),
    ],
)
def test_shares_that_do_not_cover_the_economy(e: ep.Economy, shares: Any, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        problem(e, horizon="short", labour_share=shares)
    many = random_world(3, 7, seed=1)
    rest = ", ".join(s for s in many.sectors if s != "s00")
    with pytest.raises(ep.errors.InputError, match=rf"nothing for {rest[:23]} \.\.\.$"):
        problem(many, horizon="short", labour_share={"s00": 0.5})
    six = random_world(3, 6, seed=1)
    rest = ", ".join(s for s in six.sectors if s != "s00")
    with pytest.raises(ep.errors.InputError, match=f"nothing for {rest}$"):
        problem(six, horizon="short", labour_share={"s00": 0.5})


def test_limits_of_scale_and_labour_tax(e: ep.Economy) -> None:
    """Scale times the trade elasticity up to one (Kucheryavyy and others 2023); a tax below the top of its curve."""
    j = int(e.theta.argmax())
    problem(e, scale={e.sectors[j]: 1 / e.theta[j]})
    with pytest.raises(
        ep.errors.InputError, match=rf"scale of {e.sectors[j]} .*At most {1 / e.theta[j]:.3g} can be used"
    ):
        problem(e, scale={e.sectors[j]: 1.001 / e.theta[j]})
    recycled: dict[str, Any] = {"recycling": "labour_tax", "labour_supply": 1.0}
    problem(e, labour_tax=0.4999, **recycled)
    with pytest.raises(
        ep.errors.InputError, match=r"labour_tax of C01 \(0.5\) is beyond the top of the revenue curve, .* = 0.5:"
    ):
        problem(e, labour_tax={"C01": 0.5}, **recycled)
    problem(e, labour_tax=0.6, labour_supply=1.0)


def test_labour_shares_in_a_file_are_read_or_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    file.write_text("\ufeffsector,labour_share\ns00,0.5\ns01,0.7\n", encoding="utf-8")
    assert read_labour_shares(file) == {"s00": 0.5, "s01": 0.7}
    file.write_text("country,sector,labour_share\nC00,s00,0.5\nC00,s01,0.7\nC01,s00,0.2\n")
    assert read_labour_shares(file) == {"C00": {"s00": 0.5, "s01": 0.7}, "C01": {"s00": 0.2}}
    for text, line, message in (
        ("country,sector,labour_share\nC00,s00,0.5\nC00,s00,0.7\n", 3, "C00 s00 is given twice"),
        ("country,sector,labour_share\n,s00,0.5\n", 2, "country where shares differ by it"),
        ("country,labour_share\nC00,0.5\n", 2, "the columns sector and labour_share are needed"),
        ("sector,labour_share\ns00,0.5\ns01\n", 3, "empty is not numeric"),
    ):
        file.write_text(text)
        with pytest.raises(ep.errors.DocumentError, match=message) as caught:
            read_labour_shares(file)
        assert caught.value.line == line
        assert str(file) in str(caught.value)


def test_the_numeraire_is_one_country_by_any_of_its_names(world: ep.Economy) -> None:
    assert Problem.of(world, ep.Scenario(), ep.Closure(numeraire="Japan")).closure.numeraire == "JPN"
    with pytest.raises(ep.errors.InputError, match="numeraire 'EU28' is not one country"):
        Problem.of(world, ep.Scenario(), ep.Closure(numeraire="EU28"))
    with pytest.raises(ep.errors.InputError, match="numeraire 5 is not a name"):
        ep.Closure(numeraire=5)  # type: ignore[arg-type]
    japanese = ep.solve(world, ep.Tariff(importer="USA", sector="food", rate=0.3), closure=ep.Closure(numeraire="JPN"))
    assert japanese.accounts.cleared.ln_wage[world.countries.index("JPN")] == pytest.approx(0.0, abs=1e-12)


def test_balanced_closes_deficits_that_are_there_and_no_others(e: ep.Economy) -> None:
    assert np.abs(problem(e, deficit="balanced").economy.deficit).max() < 1e-6
    closed = e.balanced()
    assert problem(closed, deficit="balanced").economy is closed
    assert problem(e).economy is e


# ---- flow by flow ----


def flow_of(e: ep.Economy, sector: str, importer: str, exporter: str) -> int:
    return int(np.ravel_multi_index(place(e, sector, importer, exporter), e.value.shape))


def test_policy_stands_on_the_flows_that_it_touches_and_on_no_others(e: ep.Economy) -> None:
    """Two tariffs and an export tax touch four flows; what one of them leaves as it is keeps its base."""
    p = problem(
        e,
        ep.Tariff(importer="C00", exporter=["C01", "C02"], sector="s00", rate=0.25),
        ep.Tariff(**WHERE, rate=0.05, change="add"),
        ep.ExportTax(exporter="C01", importer=["C00", "C02"], sector="s00", rate=0.1),
        ep.NonTariffBarrier(importer="C01", exporter="C02", sector="s01", rate=0.2),
    )
    expected = {  # tariff, export tax, iceberg costs
        flow_of(e, "s00", "C00", "C01"): (0.30, 0.1, 0.0),
        flow_of(e, "s00", "C00", "C02"): (0.25, 0.0, 0.0),
        flow_of(e, "s00", "C02", "C01"): (e.tariff[place(e, "s00", "C02", "C01")], 0.1, 0.0),
        flow_of(e, "s01", "C01", "C02"): (e.tariff[place(e, "s01", "C01", "C02")], 0.0, 0.2),
    }
    assert p.flow.tolist() == sorted(expected)
    for k, flow in enumerate(p.flow.tolist()):
        found = np.expm1([p.ln_tariff[k], p.ln_export_tax[k], p.ln_iceberg[k]])
        assert found == pytest.approx(expected[flow], abs=1e-15)
        assert np.expm1(p.ln_tariff_base[k]) == pytest.approx(e.tariff.ravel()[flow])
    ln_tariff, ln_export_tax = p.border_taxes(np.arange(e.value.size))
    wanted = e.tariff.ravel().copy()
    wanted[list(expected)] = [row[0] for row in expected.values()]
    np.testing.assert_allclose(np.expm1(ln_tariff), wanted, atol=1e-15)
    assert np.flatnonzero(ln_export_tax).tolist() == [f for f in sorted(expected) if expected[f][1]]
    nothing = problem(e)
    assert nothing.flow.size == nothing.ln_tariff.size == nothing.ln_iceberg.size == 0
    ln_tariff, ln_export_tax = nothing.border_taxes(np.arange(e.value.size))
    np.testing.assert_allclose(np.expm1(ln_tariff), e.tariff.ravel(), atol=1e-15)
    assert not ln_export_tax.any()
    assert [part.size for part in p.border_taxes(np.zeros(0, dtype=np.intp))] == [0, 0]


def test_values_on_a_flow_add_up_and_are_zero_elsewhere(e: ep.Economy) -> None:
    at = place(e, "s01", "C02", "C00")
    flow = np.ravel_multi_index(at, e.value.shape)
    found = problem(e).spread(np.array([flow, 0, flow]), np.array([1.0, 4.0, 2.5]))
    assert found.shape == e.value.shape
    assert (found[at], found.ravel()[0], found.sum()) == (3.5, 4.0, 7.5)
    nothing = problem(e).spread(np.zeros(0, dtype=np.intp), np.zeros(0))
    assert nothing.dtype == float
    assert not nothing.any()


@pytest.mark.parametrize(("more", "fine"), [(0.0, False), (1e-9, True)])
def test_a_rate_stays_above_minus_one(e: ep.Economy, more: float, fine: bool) -> None:
    """A tariff, an export tax or a subsidy of -100% or less would leave a price of nothing."""
    for measures, name in (
        ([ep.Tariff(**WHERE, rate=-0.5), ep.Tariff(**WHERE, rate=-0.5 + more, change="add", label="b")], "tariff"),
        ([ep.ExportTax(**WHERE, rate=r, label=str(r)) for r in (-0.75, -0.25 + more)], "export tax"),
        ([ep.ProductionSubsidy(country="C01", sector="s01", rate=r) for r in (-0.75, -0.25 + more)], "subsidies"),
    ):
        if fine:
            problem(e, *measures)
            continue
        with pytest.raises(ep.errors.MeasureError, match=f"{name} on .*-100%"):
            problem(e, *measures)


def test_flow_with_a_tax_of_minus_100_percent_is_named(e: ep.Economy) -> None:
    measures = [
        ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3),
        ep.Tariff(importer="C00", exporter="C02", sector="s00", rate=-0.8),
        ep.Tariff(importer="C00", exporter="C02", sector="s00", rate=-0.3, change="add"),
    ]
    message = "the tariff on s00 from C02 into C00 would be -110%, not above -100%"
    with pytest.raises(ep.errors.MeasureError, match=message):
        problem(e, *measures)
    taxes = [ep.ExportTax(importer="C01", exporter="C00", sector="s01", rate=-0.6, label=n) for n in "ab"]
    with pytest.raises(ep.errors.MeasureError, match="the export tax on s01 from C00 into C01 would be -120%"):
        problem(e, ep.ExportTax(**WHERE, rate=0.1), *taxes)


def test_of_two_rates_on_one_flow_both_measures_are_named(e: ep.Economy) -> None:
    first = ep.Tariff(importer="C01", sector="s00", rate=0.1, label="the first")
    one, other = (ep.Tariff(**WHERE, rate=r, label=n) for r, n in ((0.3, "the second"), (0.2, "the third")))
    with pytest.raises(ep.errors.MeasureError, match="'the third' and 'the second' set different rates for s00 from"):
        problem(e, first, one, other)
    inside = ep.TariffRateQuota(**WHERE, cap=0.8, in_rate=0.2, out_rate=0.5, label="the quota")
    with pytest.raises(ep.errors.MeasureError, match="'the quota' and 'the second' set different rates"):
        problem(e, one, inside)
    problem(e, first, other, inside)


# ---- quotas, in the large ----


def test_an_embargo_takes_its_trade_out_of_other_caps(e: ep.Economy) -> None:
    """A cap of 0.6 on two flows, of which one is closed, is one on the other: of 0.6 of what both were."""
    ban = ep.ImportQuota(**WHERE, cap=0)
    both = ep.ImportQuota(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6)
    p = problem(e, ban, both, ep.SpecificTariff(**WHERE, amount=0.1))
    one, other = (e.value[place(e, "s00", "C00", i)] for i in ("C01", "C02"))
    assert p.embargoed.tolist() == [flow_of(e, "s00", "C00", "C01")]
    assert p.quotas.flow.tolist() == [flow_of(e, "s00", "C00", "C02")]
    assert np.exp(p.quotas.ln_base) == pytest.approx([other])
    assert np.exp(p.quotas.ln_cap) == pytest.approx([0.6 * (one + other)])
    assert p.quotas.act.tolist() == [1]
    assert p.price_rules.flow.size == 0
    twice = problem(e, ban, ep.VoluntaryExportRestraint(**WHERE, cap=0.5))
    assert twice.quotas.count == 0
    assert twice.embargoed.tolist() == p.embargoed.tolist()
    assert twice.notes == ()


def test_a_cap_on_no_trade_is_noted_and_one_on_some_is_a_cap_on_that(e: ep.Economy) -> None:
    value = e.value.copy()
    value[place(e, "s00", "C00", "C01")] = 0.0
    world = replace(e, value=value)
    nothing = ep.ImportQuota(**WHERE, cap=0.5)
    p = problem(world, nothing, ep.ImportQuota(**WHERE, cap=0))
    assert p.quotas.count == 0
    assert p.embargoed.size == 0
    assert p.notes == tuple(f"{m.title}: covers no trade in the base and cannot bind" for m in p.scenario)
    some = problem(world, ep.ImportQuota(importer="C00", sector="s00", cap=0.5))
    assert some.quotas.flow.tolist() == [flow_of(world, "s00", "C00", "C02")]
    assert some.notes == ()


def test_tariff_rate_quota_of_zero_is_not_an_embargo(e: ep.Economy) -> None:
    p = problem(e, ep.TariffRateQuota(**WHERE, cap=0, out_rate=0.5))
    assert p.embargoed.size == 0
    assert p.quotas.ln_cap == pytest.approx(p.quotas.ln_base + np.log(1e-12))


def test_the_first_flow_that_is_dearer_inside_a_tariff_rate_quota_is_named(e: ep.Economy) -> None:
    """A duty of its own on one source lifts it above the rate beyond the quota."""
    quota = ep.TariffRateQuota(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5, out_rate=0.5)
    for source in ("C01", "C02"):
        dear = ep.Tariff(importer="C00", exporter=source, sector="s00", rate=0.6)
        message = f"50% is below the in-quota duty of 60% on s00 from {source} into C00"
        with pytest.raises(ep.errors.MeasureError, match=message) as caught:
            problem(e, dear, quota)
        assert quota.title in str(caught.value)


def test_zero_surcharge_is_kept_as_a_tiny_one(e: ep.Economy) -> None:
    q = problem(e, ep.TariffRateQuota(**WHERE, cap=0.5, in_rate=0.3, out_rate=0.3)).quotas
    assert 0 < q.ln_surcharge[0] == q.ln_ceiling[0] < 1e-14


def test_points_on_top_are_due_inside_and_beyond_a_tariff_rate_quota(e: ep.Economy) -> None:
    """Inside 5% and 10 points, beyond 20% and 10 points; on its other flow no points."""
    quota = ep.TariffRateQuota(
        importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5, in_rate=0.05, out_rate=0.2
    )
    q = problem(e, quota, ep.Tariff(**WHERE, rate=0.1, change="add")).quotas
    wanted = {flow_of(e, "s00", "C00", "C01"): 1.3 / 1.15, flow_of(e, "s00", "C00", "C02"): 1.2 / 1.05}
    assert np.exp(q.ln_surcharge) == pytest.approx([wanted[f] for f in q.flow.tolist()])
    assert np.exp(q.ln_ceiling) == pytest.approx([1.2 / 1.05])


KINDS: list[ep.measures.Measure] = [
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.5),
    ep.TariffRateQuota(**WHERE, cap=0.5, in_rate=0.02, out_rate=0.4),
    ep.ImportQuota(importer="C02", exporter="C01", sector="s00", cap=0.5),
]


def test_when_a_licence_is_bought_and_which_share_trade(e: ep.Economy) -> None:
    q = problem(e, *KINDS).quotas
    assert (q.count, q.owner.tolist()) == (3, [0, 0, 1, 2])
    assert q.stage.tolist() == [0, 0, 1, 2], "before duty, as duty, on top of duty"
    assert q.sharing.tolist() == [0, 1]
    assert problem(e, *KINDS[1:]).quotas.sharing.size == 0


def test_choosing_some_quotas_keeps_their_flows_and_numbers(e: ep.Economy) -> None:
    q = problem(e, *KINDS).quotas
    some = q.only(np.array([True, False, True]))
    assert some.flow.tolist() == q.flow[[0, 1, 3]].tolist()
    assert some.owner.tolist() == [0, 0, 1]
    assert some.ln_surcharge.tolist() == [np.inf] * 3
    for name in ("ln_cap", "ln_base", "ln_ceiling", "exporter_share", "before_duty", "theta", "act"):
        assert getattr(some, name).tolist() == getattr(q, name)[[0, 2]].tolist()
    last = q.only(np.array([False, False, True]))
    assert (last.flow.tolist(), last.owner.tolist(), last.count) == ([q.flow[3]], [0], 1)


def test_caps_that_others_keep_slack_are_left_out(e: ep.Economy) -> None:
    small, large = ep.ImportQuota(**WHERE, cap=0.5), ep.ImportQuota(**WHERE, cap=0.8, label="large")
    p = problem(e, large, small)
    assert (p.quotas.act.tolist(), p.ties) == ([1], ())
    tied = problem(e, small, ep.VoluntaryExportRestraint(**WHERE, cap=0.5))
    assert (tied.quotas.act.tolist(), tied.ties) == ([0], ((1, (0,)),))


def test_problem_at_no_part_of_a_shock_has_every_log_at_its_base(e: ep.Economy) -> None:
    p = problem(e, *EVERYTHING)
    none = p.at(0.0)
    assert none.ln_tariff.tolist() == p.ln_tariff_base.tolist()
    for name in ("ln_export_tax", "ln_iceberg", "ln_subsidy"):
        assert not getattr(none, name).any()
    assert none.quotas.ln_cap.tolist() == p.quotas.ln_base.tolist()
    assert none.quotas.ln_ceiling.tolist() == [np.inf, 0.0], "a quota has none, a tariff-rate quota no room"
    assert none.quotas.ln_surcharge.tolist() == [np.inf, 0.0]
    assert none.quotas.ln_wedge(np.zeros(2)).tolist() == [0.0, 0.0]
    assert none.price_rules.amount.tolist() == [0.0, 0.0]
    assert p.at(0.25).quotas.ln_ceiling == pytest.approx(p.quotas.ln_ceiling * 0.25)


def test_on_other_elasticities_factors_are_those_of_the_same_closure(e: ep.Economy) -> None:
    """A quota's mean elasticity is drawn too, weighted by value; factors are made anew only where scale has a limit."""
    drawn = e.with_elasticities(e.theta * np.array([0.8, 1.3]))
    both = ep.ImportQuota(importer="C00", exporter="C01", sector="ALL", cap=0.5)
    p = problem(e, both, horizon="short", labour_share=0.6)
    value = np.array([e.value[place(e, s, "C00", "C01")] for s in e.sectors])
    assert p.on(drawn).quotas.theta == pytest.approx([value @ drawn.theta / value.sum()])
    assert p.on(drawn).factors.labour is p.factors.labour
    assert p.on(drawn).scenario is p.scenario


def test_deficits_are_closed_where_they_are_more_than_rounding(e: ep.Economy) -> None:
    """A billionth of the world's value added counts as zero."""
    closed = e.balanced()
    (n,), (i,) = place(e, "C00"), place(e, "C01")
    for part, kept in ((1e-10, True), (1e-8, False)):
        value = closed.value.copy()
        value[0, n, i] += part * closed.value_added.sum()
        world = replace(closed, value=value)
        assert (problem(world, deficit="balanced").economy is world) is kept
        assert problem(world).economy is world
