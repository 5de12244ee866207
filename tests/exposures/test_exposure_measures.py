"""The proposed change as measures on an Economy, and as a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from product_tables import expose, schedule, trade
from shelves import slow_after

CAR, PART, TEE = "8703230190", "8708290000", "6109100012"
TRADE = trade(("JPN", CAR, 60e6), ("JPN", PART, 20e6), ("VNM", TEE, 10e6), ("THA", TEE, 30e6), ("DEU", CAR, 40e6))
RATES = schedule(
    ("87", "", 0.02), ("61", "", 0.1), ("8703", "", 0.12, "mfn", "proposed"), ("61", "VNM", 0.3, "mfn", "proposed")
)


def test_changes_are_weighted_by_trade(world: ep.Economy) -> None:
    found = expose(TRADE, RATES, economy=world)
    by = {(m.exporter, m.sector): m for m in found.to_measures()}
    assert by[("JPN",), ("motor_vehicles",)].rate == pytest.approx(0.1 * 60 / 80)
    assert by[("DEU",), ("motor_vehicles",)].rate == pytest.approx(0.1)
    assert by[("ROW",), ("textiles",)].rate == pytest.approx(0.2 * 10 / 40)
    assert all(m.change == "add" and m.importer == ("USA",) for m in by.values())
    assert len(by) == 3


def test_partners_with_one_change_share_a_measure() -> None:
    found = expose(trade(("JPN", CAR, 1e6), ("DEU", CAR, 3e6)), RATES)
    (measure,) = found.to_measures()
    assert set(measure.exporter) == {"JPN", "DEU"}


def test_the_case_solves_and_says_what_the_measures_say(tmp_path: Path, world: ep.Economy) -> None:
    found = expose(TRADE, RATES, economy=world)
    case = ep.load_case(str(found.to_case(tmp_path / "My proposal.yaml")))
    assert case.case == "my-proposal"
    solved = ep.run(case).outcomes["proposed"]
    direct = ep.solve(world, found.to_measures())
    real, same = solved.countries["real_income_pct"], direct.countries["real_income_pct"]
    pd.testing.assert_series_equal(real, same[real.index], rtol=0, atol=1e-7)
    assert max(solved.residuals.values()) < 1e-10
    assert direct.countries.loc["USA", "tariff_revenue"] > world.tariff_revenue[world.countries.index("USA")]


@pytest.mark.slow
def test_every_sector_and_partner_at_once(tmp_path: Path, world: ep.Economy) -> None:
    partners = [c for c in world.countries if c not in ("USA", "ROW")]
    products = ["100199", "270900", "220300", "610910", "440710", "271012", "300490", "401110", "690721", "720839"]
    table = trade(*((p, k, 1e6 + 1e3 * len(p)) for p in partners for k in products))
    rows = schedule(
        ("ALL", "", 0.02),
        *((k, p, 0.02 + 0.001 * n, "mfn", "proposed") for n, p in enumerate(partners) for k in products),
    )
    found = expose(table, rows, economy=world)
    assert len(ep.run(ep.load_case(str(found.to_case(tmp_path / "all.yaml")))).outcomes) == 1


def test_an_importer_that_is_a_group(world: ep.Economy) -> None:
    cars = trade(("JPN", CAR, 1e6), importer="EU27")
    found = expose(cars, schedule(("87", "", 0.1), ("87", "", 0.2, "mfn", "proposed"), importer="EU27"), economy=world)
    (measure,) = found.to_measures()
    assert measure.importer == ("EU27",)
    ep.solve(world, [measure])


def test_changes_that_the_economy_cannot_hold_are_refused(small: ep.Economy, tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match="nothing is proposed"):
        expose(TRADE, schedule(("ALL", "", 0.1))).to_measures()
    same = expose(TRADE, schedule(("ALL", "", 0.1), ("87", "", 0.1, "mfn", "proposed")))
    with pytest.raises(ep.errors.InputError, match="does not change a duty"):
        same.to_case(tmp_path / "none.yaml")
    sectors = pd.DataFrame({"product": ["87"], "sector": [small.sectors[0]]})
    elsewhere = expose(TRADE, RATES, economy=small, concordance=sectors)
    with pytest.raises(ep.errors.InputError, match="importer USA has no data of its own"):
        elsewhere.to_measures()
    with pytest.raises(ep.errors.InputError, match="of no classification known"):
        expose(TRADE, RATES, economy=small)


def test_left_out_trade_is_in_the_notes_of_the_case(tmp_path: Path) -> None:
    table = pd.concat([TRADE, trade(("JPN", "9901000000", 5e6))])
    found = expose(table, pd.concat([RATES, schedule(("99", "", 0.1))]))
    notes = ep.load_case(str(found.to_case(tmp_path / "case.yaml"))).notes
    assert any("US$5.0 million of trade in products without a sector" in note for note in notes)


@pytest.mark.parametrize("group", slow_after(1, ["EU27", "European Union", "EUN", "918"]))
def test_a_group_as_partner_is_its_members_and_not_the_rest_of_the_world(group: str) -> None:
    (measure,) = expose(trade((group, CAR, 1e6)), RATES).to_measures()
    assert (measure.exporter, measure.rate) == (("EU27",), pytest.approx(0.1))


def test_trade_without_a_rate_counts_in_the_mean() -> None:
    table = trade(("JPN", CAR, 1e6), ("JPN", "8708290000", 3e6))
    found = expose(table, schedule(("8703", "", 0.02), ("8703", "", 0.12, "mfn", "proposed")))
    (measure,) = found.to_measures()
    assert measure.rate == pytest.approx(0.1 / 4)
    assert any("US$3.0 million of US$4.0 million of trade" in note for note in found.tariffs.notes)


def test_a_cut_is_of_no_more_than_the_duty_of_the_economy(tmp_path: Path, world: ep.Economy) -> None:
    """The schedule has 30% on cars where the Economy has less: abolished, it does not become a subsidy to imports."""
    now, then = [("87", "", 0.3), ("61", "", 0.1)], [("87", "", 0.0), ("61", "", 0.09)]
    cut = schedule(*now, *((*row, "mfn", "proposed") for row in then))
    found = expose(TRADE, cut, economy=world)
    by = {(m.exporter, m.sector): m for m in found.to_measures()}
    assert {(m.change, m.rate) for (_, sector), m in by.items() if sector == ("motor_vehicles",)} == {("cut", 1.0)}
    assert by[("ROW",), ("textiles",)].change == "add"
    after = ep.solve(world, found.to_measures()).as_economy("after")
    usa, cars = world.countries.index("USA"), world.sectors.index("motor_vehicles")
    for partner in ("JPN", "DEU"):
        assert after.tariff[cars, usa, world.countries.index(partner)] == pytest.approx(0.0, abs=1e-12)
    assert after.tariff.min() >= 0
    case = ep.load_case(str(found.to_case(tmp_path / "case.yaml")))
    assert any("of more points than the duty in" in note and "cut to zero there" in note for note in case.notes)


def test_an_economy_whose_countries_have_names(world: ep.Economy) -> None:
    names = {"USA": "United States", "JPN": "Japan", "DEU": "Germany"}
    named = replace(world, countries=tuple(names.get(code, code) for code in world.countries))
    by_code, by_name = (expose(TRADE, RATES, economy=economy).to_measures() for economy in (world, named))
    assert [(m.rate, m.change) for m in by_name] == [(m.rate, m.change) for m in by_code]
    assert {m.exporter for m in by_name} == {("Japan",), ("Germany",), ("ROW",)}
    real, same = (ep.solve(e, m).countries["real_income_pct"] for e, m in ((world, by_code), (named, by_name)))
    assert same["Japan"] == pytest.approx(real["JPN"], rel=1e-9)


def test_a_cut_by_a_group_ends_the_duties_of_some_members(world: ep.Economy) -> None:
    """Members with less duty than the cut end it, the others take the points off."""
    cars, japan = world.sectors.index("motor_vehicles"), world.countries.index("JPN")
    tariff = world.tariff.copy()
    tariff[cars, :, japan] = 0.08
    tariff[cars, world.countries.index("DEU"), japan] = 0.02
    tariff[cars, world.countries.index("FRA"), japan] = 0.0
    changed = replace(world, tariff=tariff)
    rates = schedule(("87", "", 0.1), ("87", "", 0.05, "mfn", "proposed"), importer="EU27")
    found = expose(trade(("JPN", CAR, 1e6), importer="EU27"), rates, economy=changed)
    by = {m.change: m for m in found.to_measures()}
    assert by["cut"].importer == ("DEU",)
    assert len(by["add"].importer) > 20
    assert not {"DEU", "FRA"} & set(by["add"].importer)
    assert by["add"].rate == pytest.approx(-0.05)


def test_the_parties_are_the_importer_and_the_five_partners_with_most_trade(tmp_path: Path) -> None:
    amounts = {"JPN": 60e6, "DEU": 40e6, "KOR": 30e6, "MEX": 9e6, "FRA": 8e6, "CAN": 50e6, "ITA": 7e6}
    found = expose(trade(*((partner, CAR, amount) for partner, amount in amounts.items())), RATES)
    case = ep.load_case(str(found.to_case(tmp_path / "case.yaml")))
    assert list(case.parties) == ["USA", "JPN", "CAN", "DEU", "KOR", "MEX"]


def test_members_of_a_group_without_data_of_their_own_are_named(world: ep.Economy) -> None:
    kept = [code for code in world.countries if code not in ("MLT", "CYP")]
    assert len(kept) == len(world.countries) - 2
    renamed = {"MLT": "XX1", "CYP": "XX2"}
    without = replace(world, countries=tuple(renamed.get(code, code) for code in world.countries))
    table, rates = trade(("EU27", CAR, 1e6)), RATES
    (note,) = (note for note in expose(table, rates, economy=without).tariffs.notes if "members have data" in note)
    assert note.startswith("EU27: 25 of 27 members have data of their own in ")
    assert "the change applies to these, and not to CYP, MLT, whose trade is in the rest of the world" in note
    assert not [note for note in expose(table, rates, economy=world).tariffs.notes if "members have data" in note]


def test_partners_in_the_rest_of_the_world_are_named_where_its_duty_changes(world: ep.Economy) -> None:
    (note,) = (note for note in expose(TRADE, RATES, economy=world).tariffs.notes if "belong to the rest" in note)
    assert note.startswith("THA, VNM belong to the rest of the world in ")
    cars = expose(trade(("JPN", CAR, 1e6), ("THA", TEE, 1e6)), RATES, economy=world)
    assert not [note for note in cars.tariffs.notes if "belong to the rest" in note]
