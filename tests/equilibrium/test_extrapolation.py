"""Questions far from the data are answered with a warning that names the reason; questions within it without one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import entrepot as ep
from entrepot.data.elasticities import published
from entrepot.equilibrium.extrapolation import PUBLISHED, extrapolation_warnings
from entrepot.equilibrium.problem import Problem

CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
FAR = {
    "a duty below -50%": (ep.Tariff(**CARS, rate=-0.7), "duty of -70% on motor_vehicles from JPN into USA"),
    "an export tax below -50%": (
        ep.ExportTax(importer="USA", exporter="JPN", sector="motor_vehicles", rate=-0.6),
        "export tax of -60% on motor_vehicles from JPN into USA",
    ),
    "a trade cost that nearly vanishes": (ep.NonTariffBarrier(**CARS, rate=-0.9999), "trade costs of -100% on"),
    "a subsidy above the cost itself": (
        ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=1.5),
        "subsidy of 150% on motor_vehicles in USA",
    ),
    "trade under a percent": (ep.Tariff(**CARS, rate="2000%"), "falls to"),
}
WITHIN = {
    "nothing": (),
    "a tariff of 25 points": (ep.Tariff(**CARS, rate=0.25, change="add"),),
    "a duty abolished": (ep.Tariff(**CARS, rate=0),),
    "an embargo, where trade is meant to go": (ep.ImportQuota(**CARS, cap=0),),
    "a subsidy of 20%": (ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=0.2),),
}


@pytest.mark.parametrize("name", FAR)
def test_far_shocks_are_warned_of(world: ep.Economy, name: str) -> None:
    measure, expected = FAR[name]
    outcome = ep.solve(world, measure)
    (warning,) = outcome.warnings
    assert warning.startswith("Far from the data: ")
    assert expected in warning
    assert outcome.notes[0] == warning
    assert warning in repr(outcome)


@pytest.mark.parametrize("name", WITHIN)
def test_ordinary_shocks_are_not_warned_of(world: ep.Economy, name: str) -> None:
    outcome = ep.solve(world, WITHIN[name])
    assert outcome.warnings == ()
    assert "Far from" not in repr(outcome)


@pytest.mark.parametrize(("theta", "far"), [(0.1, True), (0.31, False), (64.85, False), (200.0, True)])
def test_elasticities_outside_the_range_are_warned_of(small: ep.Economy, theta: float, far: bool) -> None:
    warnings = ep.solve(small.with_theta(theta)).warnings
    assert bool(warnings) is far
    assert all(f"{theta:.3g}" in line for line in warnings)


def test_the_published_range_is_that_of_the_set() -> None:
    values = published()["cp2015"].values.values()
    assert (min(values), max(values)) == PUBLISHED


def test_a_country_that_is_left_with_hardly_any_trade(world: ep.Economy) -> None:
    barrier = ep.NonTariffBarrier(importer="JPN", exporter="WORLD", sector="ALL", rate="20000%")
    warnings = ep.solve(world, barrier).warnings
    assert any(" of JPN fall to " in line for line in warnings)


# ---- each limit, on a world of round numbers ----

N = ("A", "B", "C", "D", "E")


def plain(theta: tuple[float, float] = (4.0, 4.0)) -> ep.Economy:
    """Each country buys food for 100 from each other and for 1000 at home, and cars for 200 and 1000."""
    value = np.broadcast_to(np.array([100.0, 200.0])[:, None, None], (2, 5, 5)).copy()
    value[:, range(5), range(5)] = 1000.0
    nothing = np.zeros_like(value)
    return ep.Economy(N, ("food", "cars"), value, nothing, np.zeros((5, 2, 2)), np.array(theta), name="plain")


def warnings_of(e: ep.Economy, measures: list[ep.measures.Measure], flows: np.ndarray | None = None) -> tuple[str, ...]:
    """Warnings about measures after which flows at base prices are these."""
    problem = Problem.of(e, ep.Scenario(tuple(measures)), ep.Closure())
    return extrapolation_warnings(problem, SimpleNamespace(real_flow=e.value if flows is None else flows))  # type: ignore[arg-type]


def on(importer: str, exporter: str, sector: str = "food") -> dict[str, str]:
    return {"importer": importer, "exporter": exporter, "sector": sector}


RATES = {
    "a duty": ep.Tariff,
    "an export tax": ep.ExportTax,
    "a change in trade costs": ep.NonTariffBarrier,
}


@pytest.mark.parametrize("what", RATES)
def test_rates_of_minus_half_or_more_are_not_warned_of(what: str) -> None:
    at = RATES[what]
    assert warnings_of(plain(), [at(**on("A", "B"), rate=-0.5)]) == ()
    assert warnings_of(plain(), [at(**on("A", "B"), rate="300%")]) == ()
    assert warnings_of(plain(), [at(**on("A", "B"), rate=-0.501), at(**on("A", "C"), rate=0.2)]) == (
        f"Far from the data: {what} of -50.1% on food from B into A is below -50%; no observed policy is near it",
    )


@pytest.mark.parametrize("what", RATES)
def test_the_lowest_of_several_rates_is_named_and_the_others_counted(what: str) -> None:
    at = RATES[what]
    low = [at(**on("A", "B"), rate=-0.6), at(**on("A", "C"), rate=-0.9), at(**on("A", "D"), rate=-0.7)]
    (two,), (three,) = (warnings_of(plain(), low[:k]) for k in (2, 3))
    assert f"{what} of -90% on food from C into A and 1 more flow is below -50%" in two
    assert f"{what} of -90% on food from C into A and 2 more flows is below -50%" in three


def test_low_rate_on_zero_trade_is_not_warned_of() -> None:
    e = plain()
    value = e.value.copy()
    value[0, 0, 2] = 0.0
    world = replace(e, value=value)
    nothing, something = ep.Tariff(**on("A", "C"), rate=-0.9), ep.Tariff(**on("A", "B"), rate=-0.6)
    assert warnings_of(world, [nothing]) == ()
    (warning,) = warnings_of(world, [nothing, something])
    assert "a duty of -60% on food from B into A is below" in warning


def subsidy(country: str, rate: float, sector: str = "food") -> ep.measures.Measure:
    return ep.ProductionSubsidy(country=country, sector=sector, rate=rate)


@pytest.mark.parametrize(("rate", "far"), [(1.0, False), (1.01, True), (-0.5, False), (-0.51, True), (0.0, False)])
def test_subsidies_up_to_the_whole_cost_are_not_warned_of(rate: float, far: bool) -> None:
    warning = (
        f"Far from the data: a subsidy of {100 * rate:.0f}% on food in B is outside -50% to 100% of cost; no observed "
        f"policy is near it"
    )
    assert warnings_of(plain(), [subsidy("B", rate)]) == ((warning,) if far else ())


def test_largest_subsidy_is_named() -> None:
    """-80% leaves a fifth of the price, further from one than the 2.5 times of 150%."""
    (two,) = warnings_of(plain(), [subsidy("A", 1.5), subsidy("C", -0.8, "cars"), subsidy("D", 0.3)])
    assert "a subsidy of -80% on cars in C and 1 more sector is outside" in two
    (three,) = warnings_of(plain(), [subsidy("A", 1.5), subsidy("C", -0.8, "cars"), subsidy("D", 1.2)])
    assert "a subsidy of -80% on cars in C and 2 more sectors is outside" in three


@pytest.mark.parametrize(("theta", "far"), [(0.3, False), (0.29, True), (100.0, False), (101.0, True)])
def test_elasticities_at_the_ends_of_the_range(theta: float, far: bool) -> None:
    warning = (
        f"Far from the data: a trade elasticity of {theta:g} in cars is outside 0.3 to 100; those of Caliendo and "
        f"Parro (2015) lie between 1.45 and 64.85"
    )
    assert warnings_of(plain((4.0, theta)), []) == ((warning,) if far else ())


def test_the_elasticity_furthest_from_the_middle_of_the_range_is_named() -> None:
    """The middle is sqrt(0.3 x 100) = 5.48: 0.1 is a fifty-fifth of it, 200 thirty-seven times, 500 ninety-one."""
    (low,) = warnings_of(plain((0.1, 200.0)), [])
    assert "a trade elasticity of 0.1 in food and 1 more sector is outside" in low
    (high,) = warnings_of(plain((0.1, 500.0)), [])
    assert "a trade elasticity of 500 in cars and 1 more sector is outside" in high


def test_elasticity_of_an_empty_sector_is_not_warned_of() -> None:
    e = plain((4.0, 500.0))
    value = e.value.copy()
    value[1] = 0.0
    assert warnings_of(replace(e, value=value), []) == ()


def left(e: ep.Economy, **part: float) -> np.ndarray:
    """The flows of the base but for imports (`A_in`) or exports (`A_out`) of a country, of which a part is left."""
    flows = e.value.copy()
    for name, share in part.items():
        country, way = name.split("_")
        k = N.index(country)
        others = [n for n in range(5) if n != k]
        if way == "in":
            flows[:, k, others] *= share
        else:
            flows[:, others, k] *= share
    return flows


@pytest.mark.parametrize("way", ["in", "out"])
def test_lost_trade_is_warned_of_below_a_hundredth(way: str) -> None:
    e, what = plain(), {"in": "imports", "out": "exports"}[way]
    assert warnings_of(e, [], left(e, **{f"B_{way}": 0.01})) == ()
    assert warnings_of(e, [], left(e, **{f"B_{way}": 0.0095})) == (
        f"Far from the data: {what} of B fall to 0.95% of the base; how much is lost depends on the elasticity far "
        f"from where it was estimated",
    )
    (two,) = warnings_of(e, [], left(e, **{f"B_{way}": 0.005, f"C_{way}": 0.002}))
    assert f"{what} of C fall to 0.2% of the base (and of 1 country more); how much" in two
    (three,) = warnings_of(e, [], left(e, **{f"B_{way}": 0.005, f"C_{way}": 0.002, f"D_{way}": 0.004}))
    assert f"{what} of C fall to 0.2% of the base (and of 2 countries more); how much" in three


def test_lost_trade_of_a_country_is_reported_once_as_imports() -> None:
    e = plain()
    (warning,) = warnings_of(e, [], left(e, B_in=0.005, B_out=0.005))
    assert warning.startswith("Far from the data: imports of B fall")


def test_a_country_without_trade_in_the_base_has_lost_none() -> None:
    e = plain()
    alone = replace(e, value=left(e, B_in=0.0, B_out=0.0))
    assert warnings_of(alone, []) == ()
    (warning,) = warnings_of(alone, [], left(alone, C_in=0.005))
    assert "imports of C fall to 0.5% of the base; how" in warning


def embargo(importer: str | list[str], exporter: str = "WORLD", sector: str = "ALL") -> ep.measures.Measure:
    return ep.ImportQuota(importer=importer, exporter=exporter, sector=sector, cap=0)


def test_embargoed_trade_is_not_warned_of() -> None:
    e = plain()
    assert warnings_of(e, [embargo("B")], left(e, B_in=0.0)) == ()
    (other,) = warnings_of(e, [embargo("B")], left(e, B_in=0.0, C_in=0.005))
    assert "imports of B fall to 0% of the base (and of 1 country more)" in other
    (exports,) = warnings_of(e, [embargo("B")], left(e, B_in=0.0, B_out=0.005))
    assert "exports of B fall to 0.5% of the base" in exports
    sold = ep.ImportQuota(importer="WORLD", exporter="B", sector="ALL", cap=0)
    assert warnings_of(e, [sold], left(e, B_out=0.0)) == ()


def test_an_embargo_that_leaves_a_hundredth_does_not_explain_why_it_goes_too() -> None:
    """Food is forbidden. Where B bought 396 of it and 4 of cars, a hundredth might have gone on; of 400 and 4, less."""
    e, others = plain(), [0, 2, 3, 4]
    base, gone = e.value.copy(), e.value.copy()
    gone[:, 1, others] = 0.0
    base[0, 1, others], base[1, 1, others] = 99.0, 1.0
    (warning,) = warnings_of(replace(e, value=base), [embargo("B", sector="food")], gone)
    assert "imports of B fall to 0% of the base" in warning
    base[0, 1, others], base[1, 1, others] = 100.0, 1.0
    assert warnings_of(replace(e, value=base), [embargo("B", sector="food")], gone) == ()


def under(e: ep.Economy, part: float, exporter: str = "B") -> np.ndarray:
    flows = e.value.copy()
    flows[0, 0, N.index(exporter)] *= part
    return flows


def test_trade_under_a_measure_that_is_nearly_gone() -> None:
    e, tariff = plain(), ep.Tariff(**on("A", "B"), rate="200%")
    assert warnings_of(e, [tariff], under(e, 0.01)) == ()
    assert warnings_of(e, [tariff], under(e, 0.0)) == ()
    assert warnings_of(e, [tariff], under(e, 0.0095)) == (
        f"Far from the data: trade under '{tariff.title}' falls to 0.95% of the base; how much is lost depends on the "
        f"elasticity far from where it was estimated",
    )
    assert warnings_of(e, [], under(e, 0.0095)) == ()


def test_what_a_cap_leaves_is_known_and_its_worth_is_not() -> None:
    e = plain()
    cap = ep.ImportQuota(**on("A", "B"), cap=0.005)
    tariff = ep.Tariff(**on("A", "C"), rate="200%")
    flows = e.value.copy()
    flows[0, 0, 1], flows[0, 0, 2] = 0.5, 0.7
    (warning,) = warnings_of(e, [cap, tariff], flows)
    assert f"trade under '{cap.title}' falls to 0.5% of the base (and of 1 measure more); what that is worth" in warning
    flows[0, 0, 2] = 0.3
    (warning,) = warnings_of(e, [cap, tariff], flows)
    assert (
        f"trade under '{tariff.title}' falls to 0.3% of the base (and of 1 measure more); how much is lost" in warning
    )
    flows[0, 0, 3] = 0.4
    (warning,) = warnings_of(e, [cap, tariff, ep.Tariff(**on("A", "D"), rate="200%")], flows)
    assert "(and of 2 measures more)" in warning


def test_trade_left_under_a_measure_excludes_embargoes_and_empty_flows() -> None:
    """Food from B is forbidden; of what the tariff covers besides, 200 of cars, 100 are left: half, and no warning."""
    e = plain()
    both = ep.Tariff(importer="A", exporter="B", sector="ALL", rate=0.5)
    flows = e.value.copy()
    flows[0, 0, 1], flows[1, 0, 1] = 0.0, 100.0
    assert warnings_of(e, [embargo("A", "B", "food"), both], flows) == ()
    flows[1, 0, 1] = 1.0
    (warning,) = warnings_of(e, [embargo("A", "B", "food"), both], flows)
    assert f"trade under '{both.title}' falls to 0.5% of the base" in warning
    value = e.value.copy()
    value[0, 0, 1] = 0.0
    assert warnings_of(replace(e, value=value), [ep.Tariff(**on("A", "B"), rate=0.5)]) == ()
    value[0, 0, 1] = 0.5
    few = value.copy()
    few[0, 0, 1] = 0.001
    (warning,) = warnings_of(replace(e, value=value), [ep.Tariff(**on("A", "B"), rate=0.5)], few)
    assert "falls to 0.2% of the base" in warning, "however small it was"


def test_warnings_come_in_order_of_seriousness() -> None:
    e = plain((4.0, 500.0))
    all_at_once = [ep.Tariff(**on("A", "B"), rate=-0.9), subsidy("C", 2.0)]
    kinds = [line.removeprefix("Far from the data: ")[:9] for line in warnings_of(e, all_at_once, left(e, D_in=0.001))]
    assert kinds == ["a duty of", "a subsidy", "a trade e", "imports o"]


def test_warnings_do_not_depend_on_the_size_of_the_world() -> None:
    e = plain((4.0, 500.0))
    small = replace(e, value=1e-6 * e.value)
    measures = [ep.Tariff(**on("A", "B"), rate=-0.9), subsidy("C", 2.0)]
    for flows in (left(e, D_in=0.001), under(e, 0.001)):
        large = warnings_of(e, measures, flows)
        assert len(large) == 4
        assert warnings_of(small, measures, 1e-6 * flows) == large


def test_measures_of_one_label_are_not_confused() -> None:
    e = plain()
    named = [ep.Tariff(**on("A", exporter), rate="200%", label="the list") for exporter in ("B", "D")]
    (warning,) = warnings_of(e, named, under(e, 0.005))
    assert "trade under 'the list' falls to 0.5% of the base; how much" in warning
    flows = under(e, 0.005)
    flows[0, 0, N.index("D")] *= 0.007
    (warning,) = warnings_of(e, named, flows)
    assert "trade under 'the list' falls to 0.5% of the base (and of 1 measure more); how much" in warning
