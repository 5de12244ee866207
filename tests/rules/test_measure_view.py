"""MeasureView: a measure as seen from each side, with the trade that it falls on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

import entrepot as ep
from entrepot.measures import Measure
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.parties import Party, as_parties, bound_since, expand, parted, union_members
from worlds import random_world

ON = datetime.date(2019, 5, 17)


@pytest.fixture(scope="module")
def five() -> ep.Economy:
    """The United States, Japan, Germany, France and China, with a different value for every flow."""
    base = random_world(5, 2, seed=4)
    value = np.arange(1.0, base.value.size + 1).reshape(base.value.shape) * 10
    value[:, range(5), range(5)] *= 100
    return replace(
        base,
        countries=("USA", "JPN", "DEU", "FRA", "CHN"),
        sectors=("cars", "food"),
        value=value,
        inputs=0 * base.inputs,
    )


def seen(economy: ep.Economy, *measures: ep.measures.Measure, on: datetime.date = ON) -> list[MeasureView]:
    return measure_views(LegalContext.of(economy, ep.Scenario(measures), on))


def trade(economy: ep.Economy, sector: str, importers: Sequence[str], exporters: Sequence[str]) -> float:
    n, i = ([economy.countries.index(c) for c in codes] for codes in (importers, exporters))
    return float(economy.value[economy.sectors.index(sector)][np.ix_(n, i)].sum())


def test_trade_is_counted_from_the_side_of_each_party(five: ep.Economy) -> None:
    """An importer's trade is what it buys, an exporter's what it sells; the trade by partner adds up to it."""
    measure = ep.Tariff(importer=("USA", "CHN"), exporter=("JPN", "DEU", "FRA"), sector="cars", rate=0.1)
    found = {(s.party.name, s.role): s for s in seen(five, measure)}
    assert set(found) == {
        ("USA", "importer"),
        ("CHN", "importer"),
        ("JPN", "exporter"),
        ("EU28", "exporter"),
    }
    us, japan, union = (found[key] for key in (("USA", "importer"), ("JPN", "exporter"), ("EU28", "exporter")))
    assert us.trade == pytest.approx(trade(five, "cars", ["USA"], ["JPN", "DEU", "FRA"]))
    assert japan.trade == pytest.approx(trade(five, "cars", ["USA", "CHN"], ["JPN"]))
    assert union.trade == pytest.approx(trade(five, "cars", ["USA", "CHN"], ["DEU", "FRA"]))
    for s in found.values():
        assert s.trade == pytest.approx(sum(s.trade_with([other]) for other in s.others))
    assert us.trade_with([Party("JPN", ("JPN",))]) == pytest.approx(trade(five, "cars", ["USA"], ["JPN"]))
    assert japan.trade_with([Party("USA", ("USA",))]) == pytest.approx(trade(five, "cars", ["USA"], ["JPN"]))
    assert union.trade_with([Party("CHN", ("CHN",))]) == pytest.approx(trade(five, "cars", ["CHN"], ["DEU", "FRA"]))
    assert us.trade_with([Party("USA", ("USA",)), Party("BRA", ("BRA",))]) == 0


def test_trade_of_a_base_has_its_export_taxes_and_rents_in_it(five: ep.Economy) -> None:
    held = [
        ep.ExportTax(importer="USA", exporter="JPN", sector="cars", rate=0.2),
        ep.VoluntaryExportRestraint(importer="USA", exporter="DEU", sector="cars", cap=0.7),
    ]
    base = ep.solve(five, held).as_economy("with measures in force")
    measure = ep.Tariff(importer="USA", exporter=("JPN", "DEU"), sector="cars", rate=0.1)
    us = next(s for s in seen(base, measure) if s.role == "importer")
    still = ep.solve(base).trade["value"].sel(sector="cars", importer="USA")
    for partner in ("JPN", "DEU"):
        worth = float(still.sel(exporter=partner))
        assert us.trade_with([Party(partner, (partner,))]) == pytest.approx(worth)
    assert us.trade == pytest.approx(float(still.sel(exporter=["JPN", "DEU"]).sum()))
    other = next(s for s in seen(base, replace(measure, exporter=("FRA",))) if s.role == "importer")
    left_out = [Party("JPN", ("JPN",))]
    assert other.trade_left_out(left_out) == pytest.approx(float(still.sel(exporter="JPN")))


def test_partners_are_ranked_by_trade_and_the_union_counts_as_one(five: ep.Economy) -> None:
    measure = ep.Tariff(importer="USA", sector="ALL", rate=0.1)
    (s,) = (s for s in seen(five, measure) if s.role == "importer")
    both = {c: trade(five, "cars", ["USA"], [c]) + trade(five, "food", ["USA"], [c]) for c in five.countries}
    assert both["DEU"] + both["FRA"] > both["CHN"] > both["JPN"]
    assert [p.name for p in s.others] == ["EU28", "CHN", "JPN"]
    assert s.others[0].codes == ("DEU", "FRA")
    assert s.sectors == ("cars", "food")
    assert s.goods == "all goods and services"


def test_those_left_out_trade_in_the_same_goods_with_the_same_party(five: ep.Economy) -> None:
    measure = ep.Tariff(importer="USA", exporter="CHN", sector="food", rate=0.1)
    importer, exporter = seen(five, measure)
    assert [p.name for p in importer.left_out] == ["EU28", "JPN"]
    assert (importer.role, exporter.role) == ("importer", "exporter")
    # Of the exporter's side: other destinations of Chinese food, most first.
    assert [p.name for p in exporter.left_out] == ["EU28", "JPN"]
    assert exporter.goods == "food"
    silent = five.value.copy()
    silent[1, 0, 1] = 0.0  # no Japanese food for the United States, though it goes elsewhere
    importer, _ = seen(replace(five, value=silent), measure)
    assert [p.name for p in importer.left_out] == ["EU28"]


def test_a_part_of_the_union_is_not_called_the_union(five: ep.Economy) -> None:
    """A duty on France falls on France and not on Germany; the union stays the party to the agreements."""
    measure = ep.Tariff(importer="USA", exporter=["FRA", "CHN"], sector="food", rate=0.1)
    importer = next(s for s in seen(five, measure) if s.role == "importer")
    assert [str(p) for p in importer.others] == ["China", "France"]
    assert [str(p) for p in importer.left_out] == ["Germany", "Japan"]
    on = datetime.date(2026, 3, 1)
    union = [code for code in union_members(on) if code not in ("FRA", "DEU")]
    few_, many = as_parties(["USA", "FRA", "DEU"], on), as_parties([*union, "JPN"], on)
    assert [str(p) for p in parted(few_, many, on)] == ["the United States", "France and Germany"]
    assert [str(p) for p in parted(many, few_, on)] == ["the EU without France and Germany", "Japan"]
    assert [p.name for p in parted(many, few_, on)] == ["EU27", "JPN"]
    assert parted(many, as_parties(["USA"], on), on) == many
    assert parted(many, few_, datetime.date(1990, 1, 1)) == many


def test_a_member_of_the_union_leaves_nobody_in_it_out(five: ep.Economy) -> None:
    """Trade inside the customs union is none that the measure could fall on."""
    importer, exporter = seen(five, ep.Tariff(importer="FRA", exporter="CHN", sector="food", rate=0.1))
    assert {p.name for p in importer.left_out} == {"USA", "JPN"}
    assert {p.name for p in exporter.left_out} == {"DEU", "JPN", "USA"}


def test_measure_without_trade_has_only_a_producer_view(five: ep.Economy) -> None:
    value = five.value.copy()
    value[0, 0, 1] = 0.0
    none = replace(five, value=value)
    assert seen(none, ep.Tariff(importer="USA", exporter="JPN", sector="cars", rate=0.1)) == []
    (producer,) = seen(none, ep.ProductionSubsidy(country="USA", sector="cars", rate=0.1))
    assert (producer.role, producer.party.name, producer.position) == ("producer", "USA", 0)


def test_domestic_sales_are_not_trade(five: ep.Economy) -> None:
    """A flow between members of the union counts as their trade; domestic sales do not."""
    (s,) = (
        s
        for s in seen(five, ep.Tariff(importer="JPN", exporter="WORLD", sector="cars", rate=0.1))
        if s.role == "importer"
    )
    assert s.trade == pytest.approx(trade(five, "cars", ["JPN"], ["USA", "DEU", "FRA", "CHN"]))


# ---- parties on a date ----


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("CHN", "2001-12-11"),
        ("RUS", "2012-08-22"),
        ("VNM", "2007-01-11"),
        ("USA", "1948-01-01"),
        ("JPN", "1955-09-10"),
        ("KOR", "1967-04-14"),
        ("MEX", "1986-08-24"),
        ("CHE", "1995-01-01"),
        ("IRN", None),
        ("DZA", None),
    ],
)
def test_date_from_which_the_agreements_bind(code: str, day: str | None) -> None:
    """Accession dates as the WTO lists them; a Member outside the list has been one since 1995."""
    since = bound_since(code)
    assert (since.isoformat() if since else None) == day
    if since:
        one = Party(code, (code,))
        assert one.bound(since)
        assert not one.bound(since - datetime.timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "members", "joins", "waits"),
    [
        ("1994-12-31", 0, None, "DEU"),
        ("1995-01-01", 15, "SWE", "POL"),
        ("2004-04-30", 15, "AUT", "CZE"),
        ("2004-05-01", 25, "POL", "ROU"),
        ("2007-01-01", 27, "BGR", "HRV"),
        ("2013-07-01", 28, "HRV", "TUR"),
        ("2020-12-31", 28, "GBR", "TUR"),
        ("2021-01-01", 27, "IRL", "GBR"),
    ],
)
def test_members_of_the_customs_union_by_date(day: str, members: int, joins: str | None, waits: str) -> None:
    inside = union_members(datetime.date.fromisoformat(day))
    assert len(inside) == members
    assert joins is None or joins in inside
    assert waits not in inside


def test_names_cover_the_members_on_the_date() -> None:
    assert len(expand("EU", datetime.date(1995, 6, 1))) == 15
    assert expand("EU") == expand("EU28")
    assert expand("JPN", ON) == ("JPN",)
    union = Party("EU28", ("DEU", "FRA"))
    assert union.has("EU", ON)
    assert union.has("Germany", ON)
    assert union.has("FRA", ON)
    assert not union.has("ITA", ON)
    assert not Party("CZE", ("CZE",)).has("EU", datetime.date(2004, 4, 30))


def test_members_act_as_one_and_a_single_member_by_its_name() -> None:
    one, two = as_parties(["USA", "DEU", "CHN", "FRA"], ON)[:2]
    assert (one.name, two.name, two.codes) == ("USA", "EU28", ("DEU", "FRA"))
    assert [p.name for p in as_parties(["DEU", "FRA"], datetime.date(2021, 1, 1))] == ["EU27"]
    assert [p.name for p in as_parties(["DEU", "FRA"], datetime.date(2020, 12, 31))] == ["EU28"]
    assert [p.name for p in as_parties(["USA", "DEU"], ON)] == ["USA", "DEU"]
    assert [p.name for p in as_parties(["DEU", "GBR"], datetime.date(2021, 1, 1))] == ["DEU", "GBR"]


@dataclass(frozen=True, kw_only=True)
class Surcharge(Measure):
    """A user's own instrument; the rules know only the acts that it puts."""

    kind: ClassVar[str] = "surcharge"

    def put(self, policy: ep.measures.Policy) -> None:
        e = policy.economy
        policy.tariff(ep.Tariff(importer="USA", sector="cars", rate=0.0).flows(e), add=0.1)


def test_an_instrument_of_ones_own_is_seen_by_both_sides_of_what_it_falls_on(five: ep.Economy) -> None:
    own = [(s.role, s.party.name, s.goods, s.trade) for s in seen(five, Surcharge())]
    known = [
        (s.role, s.party.name, s.goods, s.trade)
        for s in seen(five, ep.Tariff(importer="USA", sector="cars", rate=0.1, change="add"))
    ]
    assert own == known
