"""What a measure may say, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.measures import instruments
from entrepot.studies.titles import measure_in_words

WHERE: dict[str, Any] = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


@pytest.mark.parametrize(
    ("given", "read"), [(0.25, 0.25), ("25%", 0.25), (" 1,000% ", 10.0), (0, 0.0), ("0.1", 0.1), (10.0, 10.0)]
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rate_is_read_in_every_notation(given: Any, read: float) -> None:
    assert ep.Tariff(rate=given, **WHERE).rate == pytest.approx(read)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (25, r"25 is 2,500%. Rates are fractions: write 0.25 or '25%'"),
        ("25", "Rates are fractions"),
        ("lots", "neither a number nor a percentage"),
        ("2,,5%", "decimals take a point"),
        ("1.000,5%", "decimals take a point"),
        (10**400, "neither a number"),
        (None, "neither a number"),
        (True, "neither a number"),
        (float("nan"), "not a finite number"),
        (-1.0, "must be above -1"),
        ("-150%", "must be above -1"),
        ("1e9%", r"rate: '1e9%' is too large: at most 10,000,000%"),
        (1e14, r"rate: 100000000000000.0 is too large: at most 10,000,000%"),
        ("1e308", r"rate: '1e308' is too large: at most 10,000,000%"),
    ],
)
def test_invalid_rate_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message):
        ep.Tariff(rate=given, **WHERE)


def test_bare_rate_above_one_warns() -> None:
    with pytest.warns(UserWarning, match="read as 250%"):
        ep.Tariff(rate=2.5, **WHERE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cap": -0.1}, "below zero; 0 is an embargo"),
        ({"cap": 80}, "8,000% of the base volume"),
        ({"cap": "80%", "unit": "usd_m"}, "is a percentage"),
        ({"cap": 0.8, "unit": "usd"}, "did you mean usd_m"),
        ({"cap": 0.8, "rent": "nobody"}, "rent"),
        ({"cap": 0.8, "rent": {"importer": 0.5, "exporter": 0.6}}, "add up to 1"),
        ({"cap": {"match": 3}}, "match: SCENARIO"),
        ({"cap": 1e100, "unit": "usd_m"}, r"cap: 1e\+100 is too large: at most 1,000,000,000,000,000"),
    ],
)
def test_invalid_cap_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message):
        ep.ImportQuota(**WHERE, **arguments)


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ([ep.Tariff(importer="USA", exporter="USA", sector="food", rate=0.1)], "both importer and exporter"),
        ([ep.ImportQuota(importer="USA", exporter="USA", sector="food", cap=0.5)], "both importer and exporter"),
        ([ep.Tariff(importer="USA", exporter="JPN", exempt="JPN", sector="food", rate=0.1)], "no flow is left"),
        ([ep.Tariff(importer="USSA", sector="food", rate=0.1)], "unknown country 'USSA'; did you mean USA"),
        ([ep.Tariff(importer="USA", sector="foot", rate=0.1)], "unknown sector 'foot'; did you mean food"),
        (
            [ep.ImportQuota(**WHERE, cap=0.5), ep.VoluntaryExportRestraint(**WHERE, cap=0.5)],
            "caps the same trade at the same volume",
        ),
        ([ep.Tariff(**WHERE, rate=0.1), ep.Tariff(**WHERE | {"exporter": "G7"}, rate=0.2)], "set different rates"),
        ([ep.Tariff(**WHERE, rate=-0.9, change="add"), ep.Tariff(**WHERE, rate=-0.9, change="add")], "not above -100%"),
        ([ep.TariffRateQuota(**WHERE, cap=0.5, out_rate=0.001)], "below the in-quota duty"),
        ([ep.ImportQuota(**WHERE, cap={"match": "tariff"})], "only in a case"),
        (["tariff"], "not a measure"),
        ("tariff", "a list of measures is needed"),
        (None, "a list of measures is needed"),
        ([ep.Tariff(**WHERE, exempt="CAN", rate=0.1)], "CAN is not among the exporters, so there is nothing to exempt"),
        ([ep.Tariff(importer="USA", exempt="USA", sector="food", rate=0.1)], "nothing to exempt"),
        ([ep.ImportQuota(**WHERE, cap=1e-300)], "less than a billionth of the trade"),
        ([ep.Tariff(importer="DEU", exporter="EU28", sector="food", rate=0.1)], "no flow is left"),
    ],
)
def test_invalid_measures_are_refused_by_solve(world: ep.Economy, measures: list[Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.solve(world, measures)


def test_same_rate_set_twice_does_not_conflict(world: ep.Economy) -> None:
    twice = [ep.Tariff(**WHERE, rate=0.1), ep.Tariff(**WHERE | {"exporter": "G7"}, rate=0.1)]
    assert ep.solve(world, twice).countries["real_income_pct"]["JPN"] < 0


def test_flows_of_a_measure_leave_out_exempt_partners_and_own_trade(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="USMCA", exempt=["CAN", "MEX"], sector=["food", "metals"], rate=0.1)
    j, n, i = np.unravel_index(measure.flows(world), world.value.shape)
    names = {(world.sectors[a], world.countries[b], world.countries[c]) for a, b, c in zip(j, n, i, strict=True)}
    assert ("food", "USA", "JPN") in names
    assert ("food", "CAN", "USA") in names
    assert not any(b == c or c in ("CAN", "MEX") for _, b, c in names)
    assert (np.diff(measure.flows(world)) > 0).all()


def test_a_customs_union_does_not_tax_itself(world: ep.Economy) -> None:
    n = len(world.countries)
    member = [world.countries.index(c) for c in ("DEU", "FRA")]
    common = ep.Tariff(importer="EU28", sector="food", rate=0.1).flows(world)
    alone = ep.Tariff(importer=["DEU", "FRA"], sector="food", rate=0.1).flows(world)
    within = (world.sectors.index("food") * n + member[0]) * n + member[1]
    assert within not in common
    assert within in alone  # by code, they are taken at their word
    bloc = ep.Tariff(importer="CPTPP", sector="food", rate=0.1)
    assert any("trade among the members of CPTPP is included" in note for note in bloc.notes(world))


def test_points_are_added_inside_and_beyond_a_tariff_rate_quota(world: ep.Economy) -> None:
    """A quota so small that nearly all pays the outer rate, with 5 points on top, is a tariff of 15%."""
    trq = ep.TariffRateQuota(**WHERE, cap=0, in_rate=0.02, out_rate=0.10)
    both = ep.solve(world, [trq, ep.Tariff(**WHERE, rate=0.05, change="add")])
    flat = ep.solve(world, [ep.Tariff(**WHERE, rate=0.15)])
    np.testing.assert_allclose(both.countries["real_income_pct"], flat.countries["real_income_pct"], atol=1e-7)


def test_cap_on_zero_trade_is_noted(world: ep.Economy) -> None:
    empty = ep.ImportQuota(importer="LUX", exporter="CYP", sector="petroleum", cap=0.5)
    assert world.value.ravel()[empty.flows(world)].sum() == 0
    for measure in (empty, ep.ImportQuota(importer="LUX", exporter="CYP", sector="petroleum", cap=0)):
        outcome = ep.solve(world, [measure])
        assert any("cannot bind" in note for note in outcome.notes)
        assert not outcome.measures["binding"].iloc[0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"closure": "balanced"},
        {"closure": {"deficit": "balanced"}},
        {"tol": "1e-10"},
        {"start": "x"},
        {"max_iterations": 0},
    ],
)
def test_arguments_of_solve_refused(world: ep.Economy, arguments: dict[str, Any]) -> None:
    with pytest.raises(ep.errors.InputError):
        ep.solve(world, **arguments)
    with pytest.raises(ep.errors.InputError, match="load_economy"):
        ep.solve("world2014")  # type: ignore[arg-type]


def test_descriptions_of_measures() -> None:
    assert ep.Tariff(**WHERE, rate="25%", change="add").title == "tariff +25 points: USA on motor_vehicles from JPN"
    for rate, points in (("1%", "+1 point"), ("-1%", "-1 point"), ("1.5%", "+1.5 points"), ("0%", "+0 points")):
        title = ep.Tariff(**WHERE, rate=rate, change="add").title
        assert title == f"tariff {points}: USA on motor_vehicles from JPN"
    quota = ep.TariffRateQuota(**WHERE, cap=0.8, in_rate="1%", out_rate="25%", change="add")
    assert "+1 point inside and +25 points beyond" in quota.title
    assert "80% of base volume" in ep.VoluntaryExportRestraint(**WHERE, cap=0.8).title
    assert "embargo" in ep.ImportQuota(**WHERE, cap=0).title
    for kind, instrument in ((k, entry.measure) for k, entry in instruments().items()):
        assert instrument.kind == kind
        assert instrument.__doc__


def test_one_name_may_be_written_as_text() -> None:
    """An instrument of the user's own that is not a BorderMeasure keeps its names as they are given."""

    @dataclass(frozen=True, kw_only=True)
    class OfOneSector(ep.measures.Measure):
        importer: str = "USA"
        sector: str = "motor_vehicles"

    own = OfOneSector(label="a duty, 75% of the trade")
    assert (own.written("importer"), own.written("sector"), own.written("exporter")) == (("USA",), (own.sector,), ())
    assert own.names == ("USA",)
    assert measure_in_words(own) == "a duty on motor vehicles, 75% of the trade"


def test_a_scenario_takes_one_measure_or_several() -> None:
    one = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25)
    assert ep.Scenario(one) == ep.Scenario([one]) == ep.Scenario.of(iter([one]))  # type: ignore[arg-type]
    for given in ("name", {"tariff": {}}, 5, None):
        with pytest.raises(ep.errors.InputError, match="measures: a list of measures is needed, not "):
            ep.Scenario(given)  # type: ignore[arg-type]


def test_large_caps_and_amounts_are_written_in_full() -> None:
    trade = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    assert "at 1,684,321 units" in ep.ImportQuota(**trade, cap=1684321, unit="units").title
    assert "at US$2,500,000 million" in ep.ImportQuota(**trade, cap=2.5e6, unit="usd_m").title
    assert "of 2,000,000 a unit" in ep.SpecificTariff(**trade, amount=2e6, unit_value=2.5e7).title
    assert "at 0.25 units" in ep.ImportQuota(**trade, cap=0.25, unit="units").title


def test_an_instrument_without_a_wording_reads_with_its_trade() -> None:
    @dataclass(frozen=True, kw_only=True)
    class PriceBand(ep.measures.BorderMeasure):
        kind = "price_band"

    @dataclass(frozen=True, kw_only=True)
    class Levy(ep.measures.BorderMeasure):
        exempts = "importer"

    band = PriceBand(importer="CHL", exporter="WORLD", sector="food", exempt="PER")
    assert band.title == "price band: CHL on food from WORLD except PER"
    assert measure_in_words(band) == "price band: Chile on food from all countries except Peru"
    assert Levy(importer="USA", exporter="CHL", sector="ALL").title == "Levy: CHL on ALL to USA"
    assert PriceBand(importer="CHL", sector="food", label="the band").title == "the band"


@pytest.mark.parametrize("given", [{"unit_value": 1e-300}, {"unit_value": 1e-9}, {}])
def test_amounts_that_are_too_many_times_the_base_price_are_refused(given: dict[str, float]) -> None:
    amount = 1.0 if given else "1e9%"
    with pytest.raises(ep.errors.MeasureError, match=r"amount: .* times the base price is too large: at most 100,000"):
        ep.SpecificTariff(**WHERE, amount=amount, **given)
    with pytest.raises(ep.errors.MeasureError, match=r"price: .* times the base price is too large: at most 100,000"):
        ep.MinimumPrice(**WHERE, price=amount, **given)
