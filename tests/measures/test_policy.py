"""What measures put on an Economy: the words, what they come to together, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.measures.acts import Cap, Duty, ExportDuty, PriceRule, Subsidy, TradeCost
from worlds import Own, place, random_world

WORLD = random_world(3, 2, seed=4)
WHERE: dict[str, Any] = {"importer": "C00", "exporter": ["C01", "C02"], "sector": "s00"}
FLOWS = ep.Tariff(**WHERE, rate=0.1).flows(WORLD)
MEASURES = (
    ep.Tariff(**WHERE, rate=0.3),
    ep.Tariff(**WHERE, rate=0.05, change="add"),
    ep.ExportTax(importer="C00", exporter="C01", sector="s00", rate=0.1),
    ep.NonTariffBarrier(**WHERE, rate=0.02),
    ep.ProductionSubsidy(country="C01", sector="s00", rate=0.1),
    ep.ProductionSubsidy(country="C01", sector="ALL", rate=0.05),
    ep.ImportQuota(importer="C02", exporter="C01", sector="s00", cap=0.7),
    ep.SpecificTariff(importer="C01", exporter="C02", sector="s01", amount=0.1),
)


def own(does: Callable[[ep.measures.Policy], Any], label: str = "mine") -> Own:
    return Own(does=does, label=label)


def each(*measures: ep.measures.Measure) -> list[str]:
    return [type(act).__name__ for act in ep.measures.Policy.of(WORLD, measures).acts]


def test_acts_of_every_instrument() -> None:
    quota = ep.TariffRateQuota(**WHERE, cap=0.8, in_rate=0.1, out_rate=0.4)
    floor = ep.MinimumPrice(importer="C00", exporter="C01", sector="s01", price=1.1)
    assert each(*MEASURES, quota, floor) == [
        *(word.__name__ for word in (Duty, Duty, ExportDuty, TradeCost, Subsidy, Subsidy, Cap, PriceRule)),
        *(word.__name__ for word in (Duty, Cap, PriceRule)),
    ]
    assert each(ep.TariffRateQuota(**WHERE, cap=0.8, out_rate=0.4)) == ["Cap"]


def test_the_order_of_measures_has_no_meaning() -> None:
    first = ep.measures.Policy.of(WORLD, MEASURES)
    for order in itertools.islice(itertools.permutations(MEASURES), 0, 40320, 4001):
        other = ep.measures.Policy.of(WORLD, order)
        np.testing.assert_allclose(other.ln_subsidy(), first.ln_subsidy(), atol=1e-15)
        for name in ("flow", "ln_tariff", "ln_export_tax", "ln_iceberg", "points"):
            ours, theirs = (getattr(policy.border_taxes(), name) for policy in (first, other))
            np.testing.assert_allclose(theirs, ours, atol=1e-15)


def test_taxes_equal_their_definitions() -> None:
    """Set, then points; export taxes and subsidies add up; trade costs multiply."""
    more = ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s00", rate=0.03)
    policy = ep.measures.Policy.of(WORLD, [*MEASURES, more])
    taxes = policy.border_taxes()
    first = policy.names(taxes.flow).exporter == "C01"
    assert first.sum() == 1
    np.testing.assert_allclose(np.expm1(taxes.ln_tariff), 0.35)
    np.testing.assert_allclose(np.expm1(taxes.ln_export_tax), np.where(first, 0.1, 0.0))
    np.testing.assert_allclose(np.exp(taxes.ln_iceberg), np.where(first, 1.02 * 1.03, 1.02))
    subsidy = np.expm1(policy.ln_subsidy())
    for sector, rate in (("s00", 0.15), ("s01", 0.05)):
        assert subsidy[place(WORLD, sector, "C01")] == pytest.approx(rate)
    assert np.count_nonzero(subsidy) == 2


def test_a_composite_measure_is_its_parts() -> None:
    """A duty, a trade cost and a quota by one `put` leave the world that three measures leave."""
    e = WORLD
    parts = [
        ep.Tariff(**WHERE, rate=0.2, change="add"),
        ep.NonTariffBarrier(**WHERE, rate=0.05),
        ep.ImportQuota(**WHERE, cap=0.5, rent="exporter"),
    ]

    def all_at_once(policy: ep.measures.Policy) -> None:
        policy.tariff(FLOWS, add=0.2)
        policy.iceberg(FLOWS, factor=1.05)
        policy.cap(FLOWS, volume=0.5 * e.value.ravel()[FLOWS].sum(), rent="exporter")

    apart, together = ep.solve(e, parts), ep.solve(e, own(all_at_once))
    np.testing.assert_allclose(
        together.countries.to_numpy(float), apart.countries.to_numpy(float), rtol=1e-10, atol=1e-10
    )
    row, quota = together.measures.iloc[0], apart.measures.iloc[2]
    assert (row["binding"], row["rent_holder"]) == (True, "exporter")
    of = ["cap", "wedge", "rent"]
    np.testing.assert_allclose(row[of].astype(float), quota[of].astype(float))
    assert list(own(all_at_once).flows(e)) == list(FLOWS)


def test_two_caps_of_one_measure_stand_in_one_row() -> None:
    e = WORLD

    def two(policy: ep.measures.Policy) -> None:
        for flow in FLOWS:
            policy.cap(np.array([flow]), volume=0.6 * e.value.ravel()[flow])

    apart = [ep.ImportQuota(importer="C00", exporter=who, sector="s00", cap=0.6) for who in ("C01", "C02")]
    row, rows = ep.solve(e, own(two)).measures.iloc[0], ep.solve(e, apart).measures
    for name in ("cap", "rent", "volume"):
        np.testing.assert_allclose(row[name], rows[name].sum(), rtol=1e-9)


def test_numbers_may_differ_by_flow() -> None:
    names = ep.measures.Policy.of(WORLD, MEASURES[:1]).names(FLOWS)
    assert (set(names.sector), set(names.importer), set(names.exporter)) == ({"s00"}, {"C00"}, {"C01", "C02"})
    by_origin = own(lambda policy: policy.tariff(FLOWS, add=np.where(names.exporter == "C01", 0.1, 0.3)))
    apart = [
        ep.Tariff(importer="C00", exporter=who, sector="s00", rate=rate, change="add")
        for who, rate in (("C01", 0.1), ("C02", 0.3))
    ]
    np.testing.assert_allclose(
        ep.solve(WORLD, by_origin).accounts.border_value, ep.solve(WORLD, apart).accounts.border_value, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("does", "message"),
    [
        (lambda policy: None, "mine: puts nothing"),
        (lambda policy: policy.tariff(FLOWS[:0], add=0.1), "mine: puts nothing: on no flow"),
        (lambda policy: policy.tariff(FLOWS), "one of set=, add= and cut="),
        (lambda policy: policy.tariff(FLOWS, add=0.1, set=0.2), "one of set=, add= and cut="),
        (lambda policy: policy.tariff(FLOWS, add=float("nan")), "mine: rate: nan: a finite number is needed"),
        (lambda policy: policy.tariff(FLOWS, add=[0.1, np.inf]), "mine: rate: inf: a finite number"),
        (lambda policy: policy.tariff(FLOWS, add=[0.1, 0.2, 0.3]), "3 numbers for 2 flows or cells"),
        (lambda policy: policy.tariff(FLOWS, add="much"), "'much' is neither a number nor an array of numbers"),
        (lambda policy: policy.tariff(FLOWS, set=-1.0), "would be -100%, not above -100%"),
        (lambda policy: policy.tariff([0.5, 1.5], add=0.1), "flat positions of each flow"),
        (lambda policy: policy.tariff(np.array([-1]), add=0.1), r"there is no flow \[j,n,i\] -1"),
        (lambda policy: policy.tariff(np.array([WORLD.value.size]), add=0.1), r"there is no flow \[j,n,i\] 18"),
        (lambda policy: policy.tariff(np.array([2, 1, 2]), add=0.1), "is given more than once"),
        (lambda policy: policy.subsidy(np.array([6]), add=0.1), r"there is no cell \[j,i\] 6"),
        (lambda policy: policy.iceberg(FLOWS, factor=0.0), "a finite number above 0 is needed"),
        (lambda policy: policy.cap(FLOWS, volume=-1.0), "cap: -1: a finite number from 0 on is needed"),
        (lambda policy: policy.cap(FLOWS, volume=float("nan")), "cap: nan: a finite number"),
        (lambda policy: policy.cap(FLOWS, volume=1.0, rent="whoever"), "'whoever'"),
        (lambda policy: policy.cap(FLOWS, volume=1.0, beyond=0.1, beyond_add=0.1), "one of beyond= and beyond_add="),
        (lambda policy: policy.cap(FLOWS, volume=[1.0, 2.0]), "2 numbers for 1"),  # type: ignore[arg-type]
        (lambda policy: policy.price_rule(FLOWS, amount=-0.1), "a finite number from 0 on is needed"),
        (lambda policy: 1 / 0, r"mine: its put\(policy\) failed: ZeroDivisionError"),
        (lambda policy: policy.price_rule(FLOWS), "takes amount= or floor="),
        (lambda policy: policy.price_rule(FLOWS, amount=0.1, exporter_holds=True), "exporter_holds= is for floor="),
        (lambda policy: policy.tariff(FLOWS, cut=2), "between 0 and 1"),
        (lambda policy: policy.tariff(FLOWS, add=25), "25 is 2,500%. Rates are fractions"),
        (lambda policy: policy.subsidy(np.array([0]), add=25), "Rates are fractions"),
        (lambda policy: policy.tariff(np.array([0]), add=0.1), "own sales cross no border"),
        (lambda policy: policy.cap(np.array([4]), volume=1.0), "own sales cross no border"),
        (
            lambda policy: (policy.tariff(FLOWS, cut=1.0), policy.cap(FLOWS, volume=1.0, beyond=0.5)),
            "state both duties of a tariff-rate quota alike",
        ),
    ],
)
def test_invalid_acts_are_refused_by_name(does: Callable[[ep.measures.Policy], Any], message: str) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message):
        ep.solve(WORLD, own(does))


def test_a_policy_is_filled_by_measures_alone() -> None:
    with pytest.raises(ep.errors.MeasureError, match=r"see Policy\.of"):
        ep.measures.Policy(WORLD).tariff(FLOWS, add=0.1)


def test_a_measure_without_put_is_refused_by_the_name_of_its_class() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Forgotten(ep.measures.Measure):
        pass

    with pytest.raises(ep.errors.MeasureError, match="Forgotten: puts nothing"):
        ep.solve(WORLD, Forgotten())


@dataclass(frozen=True, kw_only=True)
class Named(ep.measures.BorderMeasure):
    """Whatever a function puts, beside names of its own."""

    does: Callable[[ep.measures.Policy], Any]
    kind = "named"

    def put(self, policy: ep.measures.Policy) -> None:
        self.does(policy)


def test_a_measure_that_names_its_flows_puts_nothing_elsewhere() -> None:
    elsewhere = ep.Tariff(importer="C00", exporter="C01", sector="s01", rate=0.0).flows(WORLD)
    with pytest.raises(ep.errors.MeasureError, match="puts something on s01 from C01 into C00, which it does not name"):
        ep.solve(WORLD, Named(**WHERE, does=lambda policy: policy.tariff(elsewhere, add=0.1)))
    ep.solve(WORLD, Named(**WHERE, does=lambda policy: policy.tariff(FLOWS[:1], add=0.1)))


def test_row_of_a_composite_measure_sums_its_parts() -> None:
    """Duty, export tax and subsidy add up in revenue; rents and holders in rent; an embargo among caps binds."""
    other = ep.ExportTax(exporter="C00", importer="C01", sector="s01", rate=0.0).flows(WORLD)
    cell = np.array([int(np.ravel_multi_index(place(WORLD, "s01", "C02"), WORLD.output.shape))])
    volume = float(WORLD.value.ravel()[FLOWS[0]])

    def taxes(policy: ep.measures.Policy) -> None:
        policy.tariff(FLOWS, add=0.2)
        policy.export_tax(other, add=0.1)
        policy.subsidy(cell, add=0.05)

    apart = [
        ep.Tariff(**WHERE, rate=0.2, change="add"),
        ep.ExportTax(exporter="C00", importer="C01", sector="s01", rate=0.1),
        ep.ProductionSubsidy(country="C02", sector="s01", rate=0.05),
    ]
    revenue = ep.solve(WORLD, own(taxes)).measures["revenue"].iloc[0]
    assert revenue == pytest.approx(ep.solve(WORLD, apart).measures["revenue"].sum(), rel=1e-8)

    def limits(policy: ep.measures.Policy) -> None:
        policy.cap(FLOWS[:1], volume=0.5 * volume)
        policy.price_rule(FLOWS[1:], floor=1.3, exporter_holds=True)

    row = ep.solve(WORLD, own(limits)).measures.iloc[0]
    assert (row["rent_holder"], row["binding"]) == ("importer and exporter", True)
    assert np.isnan(row["wedge"])
    assert row["rent"] > ep.solve(WORLD, own(lambda p: p.cap(FLOWS[:1], volume=0.5 * volume))).measures["rent"].iloc[0]

    def embargo(policy: ep.measures.Policy) -> None:
        policy.cap(FLOWS[:1], volume=3 * volume)
        policy.cap(FLOWS[1:], volume=0.0)

    assert ep.solve(WORLD, own(embargo)).measures["binding"].iloc[0]


def test_takers_of_measures_follow_from_their_acts() -> None:
    cell = np.array([int(np.ravel_multi_index(place(WORLD, "s01", "C02"), WORLD.output.shape))])
    assert own(lambda policy: policy.tariff(FLOWS, add=0.1)).takers(WORLD) == {"C00"}
    assert own(lambda policy: policy.export_tax(FLOWS, add=0.1)).takers(WORLD) == {"C01", "C02"}
    assert own(lambda policy: policy.subsidy(cell, add=0.1)).takers(WORLD) == {"C02"}
    assert own(lambda policy: policy.cap(FLOWS, volume=1.0, before_duty=True)).takers(WORLD) == {"C01", "C02"}
    assert ep.ProductionSubsidy(country="C01", sector="s00", rate=0.1).takers(WORLD) == {"C01"}
    assert ep.ImportQuota(**WHERE, cap={"match": "other"}).takers(WORLD) == {"C00"}
    assert ep.VoluntaryExportRestraint(**WHERE, cap={"match": "other"}).takers(WORLD) == {"C01", "C02"}
