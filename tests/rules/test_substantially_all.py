"""GATT XXIV:8: the share of the partners' trade that an agreement frees, on worlds with shares known by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.rules.agreements import between, binds, coverage, free_trade_between, free_trade_ever
from entrepot.rules.book import agreements
from entrepot.rules.facts import COMPUTED, FactAnswer
from entrepot.rules.finding import Finding, Step
from entrepot.rules.law_section import LawSection, ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.rules.parties import Party
from worlds import random_world

#: ISIC Rev. 4: crops, food, cars, and telecommunications, which are services.
DIVISIONS = {"crops": 1, "food": 10, "cars": 29, "telecoms": 61}


def world(trade: Mapping[tuple[str, str, str], float], duty: Mapping[tuple[str, str, str], float]) -> ep.Economy:
    """Japan, Mexico and the United States with trade and duties by (sector, importer, exporter); no other tariff."""
    base = random_world(3, 4, seed=1, tariffs=False, inputs=False)
    countries, sectors = ("JPN", "MEX", "USA"), tuple(DIVISIONS)
    value, tariff = base.value.copy(), np.zeros_like(base.value)
    value[:, ~np.eye(3, dtype=bool)] = 0.0
    for array, numbers in ((value, trade), (tariff, duty)):
        for (sector, importer, exporter), number in numbers.items():
            array[sectors.index(sector), countries.index(importer), countries.index(exporter)] = number
    return replace(base, countries=countries, sectors=sectors, value=value, tariff=tariff)


#: Of 1000 between the United States and Mexico, 900 + x are cars and food, 100 - x crops into Mexico.
def dutiable_crops(part: float) -> ep.Economy:
    trade = {
        ("cars", "USA", "MEX"): 500.0,
        ("food", "MEX", "USA"): 500.0 - 1000 * part,
        ("crops", "MEX", "USA"): 1000 * part,
        ("cars", "USA", "JPN"): 300.0,
        ("telecoms", "MEX", "USA"): 5000.0,
    }
    return world(trade, {("cars", "USA", "JPN"): 0.025})


def on_cars(economy: ep.Economy, crops: float = 0.05, **law: Any) -> tuple[Finding, Step]:
    """The United States ends the duty on Mexican cars and Mexico levies one on crops, under NAFTA."""
    measures = [
        ep.Tariff(importer="USA", exporter="MEX", sector="cars", rate=-0.001, change="add"),
        ep.Tariff(importer="MEX", exporter="USA", sector="crops", rate=crops, change="add"),
    ]
    screen = ep.screen(measures, economy, on="2010-01-04", law={"isic4": DIVISIONS} | law)
    (finding,) = [f for f in screen.findings if f.rule == "gatt-i-1" and f.party == "USA"]
    (step,) = [s for s in finding.steps if s.fact == "covers_substantially_all_trade"]
    return finding, step


@pytest.mark.parametrize(
    ("dutiable", "law", "mark", "covered"),
    [
        (0.099, {}, "90%", True),  # 90.1% is free: above the mark that the book takes
        (0.101, {}, "90%", False),
        (0.199, {"substantially_all": "80%"}, "80%", True),
        (0.201, {"substantially_all": "80%"}, "80%", False),
        (0.04, {"substantially_all": 0.95}, "95%", True),
        (0.06, {"substantially_all": 0.95}, "95%", False),
    ],
)
def test_threshold_is_ninety_percent_by_default(
    dutiable: float, law: Mapping[str, Any], mark: str, covered: bool
) -> None:
    finding, step = on_cars(dutiable_crops(dutiable), **law)
    assert step.answer is covered
    assert (finding.status, finding.met) == (
        (ep.rules.Status.JUSTIFIED_IF, True) if covered else (ep.rules.Status.INCONSISTENT, False)
    )
    assert f"{100 * (1 - dutiable):.0f}% of the trade in goods with Mexico, both ways" in step.says
    assert f"the threshold is {mark}; no text fixes one" in step.says


def test_threshold_in_the_book() -> None:
    """No text fixes a figure; provisions.yaml, docs/rules.md and the default of a case are 90%."""
    assert LawSection().substantially_all == 0.9


@pytest.mark.parametrize(("duty", "free"), [(0.0049, True), (0.0051, False)])
def test_average_duty_below_half_a_point_is_negligible(duty: float, free: bool) -> None:
    """Without an agreement a sector is free if hardly any duty is left on it."""
    economy = world(
        {("cars", "USA", "JPN"): 60.0, ("cars", "JPN", "USA"): 40.0, ("food", "USA", "MEX"): 5.0},
        {("cars", "USA", "JPN"): duty},
    )
    (s,) = seen(economy, ep.Tariff(importer="USA", exporter="JPN", sector="cars", rate=0.0, change="add"))
    assert coverage(s, None, s.others) == pytest.approx((1.0, 1.0) if free else (0.4, 0.4))


def seen(
    economy: ep.Economy,
    *measures: ep.measures.Measure,
    on: str = "2010-01-04",
    role: str = "importer",
    party: str = "USA",
) -> list[Any]:
    context = LegalContext.of(
        economy, ep.Scenario(measures), datetime.date.fromisoformat(on), case=LawSection(isic4=dict(DIVISIONS))
    )
    return [s for s in measure_views(context) if s.role == role and s.party.name == party]


def nothing(exporter: str | Sequence[str] = "JPN") -> ep.Tariff:
    return ep.Tariff(importer="USA", exporter=exporter, sector="cars", rate=0.0, change="add")


TRADE = {
    ("cars", "USA", "JPN"): 40.0,
    ("cars", "JPN", "USA"): 4.0,
    ("food", "JPN", "USA"): 30.0,
    ("crops", "JPN", "USA"): 16.0,
    ("food", "USA", "JPN"): 10.0,
    ("telecoms", "USA", "JPN"): 1000.0,
    ("cars", "USA", "MEX"): 80.0,
    ("cars", "MEX", "USA"): 20.0,
}
DUTY = {
    ("cars", "USA", "JPN"): 0.025,
    ("food", "JPN", "USA"): 0.1,
    ("crops", "JPN", "USA"): 0.1,
    ("food", "USA", "JPN"): 0.05,
}


def test_what_an_agreement_leaves_out_is_not_free_and_what_it_frees_is() -> None:
    """The agreement of 2019: Japan frees farm goods and food, the United States leaves cars out, the rest is unknown.

    Of 100: 46 of food and crops into Japan are freed and 4 of cars there are free already; 40 of cars into the United
    States stay dutiable; the 10 of food there are for its schedule to say.
    """
    (s,) = seen(world(TRADE, DUTY), nothing(), on="2020-01-02")
    assert coverage(s, agreements()["us-japan-2019"], s.others) == pytest.approx((0.5, 0.6))
    assert coverage(s, None, s.others) == pytest.approx((0.04, 0.04))


CROPS, FOOD, CARS = ("01",), ("10",), ("29",)


@pytest.mark.parametrize(
    ("terms", "least", "most"),
    [
        ({}, 1.0, 1.0),
        # Crops into Japan, 16 of the 100; the United States buys none there.
        ({"leaves_out": {"JPN": CROPS}}, 0.84, 0.84),
        ({"leaves_out": {"USA": CROPS}}, 1.0, 1.0),
        ({"leaves_out": {"USA": CARS}}, 0.6, 0.6),
        # In words alone: but for the 4 that are free in any case nothing is certain, and nothing excluded.
        ({"left_out": "some farm products"}, 0.04, 1.0),
        ({"left_out": "some farm products", "leaves_out": {"JPN": CROPS}}, 0.84, 0.84),
        # Freed by name: 30 of food into Japan; of the rest its schedule decides.
        ({"frees": {"JPN": FOOD}}, 0.34, 1.0),
        ({"frees": {"JPN": FOOD, "USA": FOOD}}, 0.44, 1.0),
        ({"frees": {"JPN": (*FOOD, *CROPS)}}, 0.5, 1.0),
        # What is freed and left out is left out.
        ({"frees": {"JPN": FOOD}, "leaves_out": {"JPN": FOOD}}, 0.04, 0.7),
    ],
)
def test_terms_of_an_agreement_by_importer_and_division(terms: dict[str, Any], least: float, most: float) -> None:
    (s,) = seen(world(TRADE, DUTY), nothing())
    agreement = agreements()["nafta"].model_copy(update={"left_out": None, "frees": {}, "leaves_out": {}} | terms)
    assert coverage(s, agreement, s.others) == pytest.approx((least, most))


def test_a_sector_of_which_the_divisions_are_not_known_counts_as_goods_that_no_list_frees() -> None:
    """Crops under an unknown label: an agreement that frees only food may or may not free these 16 of 100."""
    economy = replace(world(TRADE, DUTY), sectors=("mystery", *list(DIVISIONS)[1:]))
    known = {name: division for name, division in DIVISIONS.items() if name != "crops"}
    context = LegalContext.of(
        economy, ep.Scenario((nothing(),)), datetime.date(2010, 1, 4), case=LawSection(isic4=known)
    )
    (s,) = (s for s in measure_views(context) if s.role == "importer")
    agreement = agreements()["nafta"].model_copy(update={"frees": {"JPN": FOOD}})
    assert coverage(s, agreement, s.others) == pytest.approx((0.34, 1.0))
    assert coverage(s, None, s.others) == pytest.approx((0.04, 0.04))


@pytest.mark.parametrize("duty", [0.005, np.nextafter(0.005, 1.0)])  # an average may round up
def test_average_duty_of_half_a_point_is_negligible(duty: float) -> None:
    economy = world({("cars", "USA", "JPN"): 60.0, ("cars", "JPN", "USA"): 40.0}, {("cars", "USA", "JPN"): duty})
    (s,) = seen(economy, nothing())
    assert coverage(s, None, s.others) == (1.0, 1.0)


def test_a_members_own_day_comes_before_its_groups_and_that_before_the_agreements() -> None:
    first, second, third = (datetime.date(2020, month, 1) for month in (1, 5, 9))
    agreement = agreements()["eu-japan-epa"].model_copy(
        update={"parties": ("JPN", "EU27"), "in_force": first, "joined": {"EU27": second, "FRA": third}, "left": {}}
    )
    for code, begins in (("JPN", first), ("DEU", second), ("FRA", third)):
        assert binds(agreement, code, begins)
        assert not binds(agreement, code, begins - datetime.timedelta(days=1))
    assert not binds(agreement, "USA", third)
    assert not binds(agreement.model_copy(update={"in_force": None}), "JPN", third)


def test_trade_with_other_partners_and_in_services_does_not_count() -> None:
    (one,) = seen(world(TRADE, DUTY), nothing("MEX"))
    assert coverage(one, agreements()["nafta"], one.others) == (1.0, 1.0)
    (both,) = seen(world(TRADE, DUTY), nothing(["MEX", "JPN"]))
    assert coverage(both, None, both.others) == pytest.approx((0.5 * 0.04 + 0.5,) * 2)


def test_what_the_measures_raise_is_not_freed_by_any_agreement() -> None:
    raised = ep.Tariff(importer="USA", exporter="MEX", sector="cars", rate=0.1, change="add")
    (s, _) = seen(world(TRADE, DUTY), nothing("MEX"), raised)
    assert coverage(s, agreements()["nafta"], s.others) == pytest.approx((0.2, 0.2))


def test_without_trade_nothing_is_covered() -> None:
    economy = world({("cars", "USA", "JPN"): 40.0, ("telecoms", "USA", "MEX"): 7.0}, {})
    everything = ep.Tariff(importer="USA", exporter="MEX", sector="ALL", rate=0.0, change="add")
    (s,) = seen(economy, everything)
    assert coverage(s, agreements()["nafta"], s.others) == (0.0, 0.0)


def party(*codes: str) -> Party:
    return Party(codes[0] if len(codes) == 1 else "several", codes)


@pytest.mark.parametrize(
    ("agreement", "code", "first", "last"),
    [
        ("cptpp", "JPN", "2018-12-30", None),
        ("cptpp", "VNM", "2019-01-14", None),
        ("cptpp", "GBR", "2024-12-15", None),
        ("nafta", "MEX", "1994-01-01", "2020-06-30"),
        ("usmca", "MEX", "2020-07-01", None),
        ("eu-japan-epa", "DEU", "2019-02-01", None),
        ("eu-japan-epa", "GBR", "2019-02-01", "2020-12-31"),
        ("japan-uk-cepa", "GBR", "2021-01-01", None),
    ],
)
def test_whom_an_agreement_binds_and_when(agreement: str, code: str, first: str, last: str | None) -> None:
    day = datetime.timedelta(days=1)
    entry, begins = agreements()[agreement], datetime.date.fromisoformat(first)
    assert binds(entry, code, begins)
    assert not binds(entry, code, begins - day)
    ends = datetime.date.fromisoformat(last) if last else datetime.date(2026, 1, 1)
    assert binds(entry, code, ends)
    assert binds(entry, code, ends + day) is (last is None)
    assert not binds(entry, "BRA", begins)


def test_an_agreement_is_between_all_of_both() -> None:
    on = datetime.date(2019, 6, 1)
    assert [a.id for a in between(party("JPN"), party("DEU", "FRA"), on)] == ["eu-japan-epa"]
    assert [a.id for a in between(party("JPN"), party("CAN"), on)] == ["cptpp"]
    assert between(party("JPN"), party("DEU", "USA"), on) == []
    assert between(party("JPN"), party("USA"), datetime.date(2019, 12, 31)) == []
    assert [a.id for a in between(party("JPN"), party("USA"), datetime.date(2020, 1, 1))] == ["us-japan-2019"]
    # The statement, the side letters and the arrangement are not free-trade agreements.
    assert [a.id for a in between(party("USA"), party("CAN"), datetime.date(2025, 10, 1))] == ["usmca"]


def test_whether_the_book_has_an_agreement_of_two_at_any_time() -> None:
    assert free_trade_ever(party("USA"), party("MEX"))
    assert free_trade_ever(party("DEU"), party("JPN"))
    assert free_trade_ever(party("USA"), party("JPN")), "of these two and no one else"
    assert not free_trade_ever(party("DEU"), party("USA"))
    assert not free_trade_ever(party("USA"), party("MEX", "JPN"))


def test_first_of_two_agreements_with_a_partner_is_reported() -> None:
    """Japan and the United Kingdom have their own since 2021, and the CPTPP since the end of 2024."""
    two = replace(world(TRADE, DUTY), countries=("JPN", "GBR", "USA"))
    preference = ep.Tariff(importer="JPN", exporter="GBR", sector="cars", rate=0.0, change="add")
    for on in ("2024-12-14", "2024-12-15"):
        trade = two.value.copy()
        trade[2, 0, 1] = 5.0
        (s,) = seen(replace(two, value=trade), preference, on=on, party="JPN")
        partners, missing = free_trade_between(s)
        assert [(agreement.id, [str(p) for p in parties]) for agreement, parties in partners] in (
            [("japan-uk-cepa", ["the United Kingdom"])],
            [("cptpp", ["the United Kingdom"])],
        )
        assert missing == []


def answer(fact: str, on: str, under: str | None = None, exporter: str = "USA") -> FactAnswer:
    """Return the fact for Japan's preference on food under an agreement."""
    measure = ep.Tariff(importer="JPN", exporter=exporter, sector="food", rate=0.0)
    law = ScenarioLaw(under=under) if under else None  # type: ignore[arg-type]
    context = LegalContext.of(
        world(TRADE | {("food", "JPN", "MEX"): 5.0}, DUTY),
        ep.Scenario((measure,)),
        datetime.date.fromisoformat(on),
        law,
        LawSection(isic4=dict(DIVISIONS)),
    )
    (s,) = (s for s in measure_views(context) if s.role == "importer")
    return COMPUTED[fact](s)


def test_an_agreement_that_is_not_in_force_yet_is_named_with_its_day() -> None:
    before = answer("agreement_in_force", "2019-12-31", "us-japan-2019")
    assert before.value is False
    assert "US-Japan Trade Agreement comes into force on 1 January 2020." in before.says
    covered = answer("covers_substantially_all_trade", "2019-12-31", "us-japan-2019")
    assert "is free of duty under US-Japan Trade Agreement" in covered.says
    alone = answer("covers_substantially_all_trade", "2019-12-31")
    assert "is free of duty by this measure alone" in alone.says
    statement = answer("agreement_in_force", "2019-12-31", "us-japan-statement-2018")
    assert "US-Japan statement of 2018 is not in force." in statement.says
    after = answer("agreement_in_force", "2020-01-01", "us-japan-2019")
    assert (after.value, after.confidence) == (True, "seen")
    assert after.says == ("In force on 1 January 2020: US-Japan Trade Agreement (with the United States).")


def covered(
    trade: Mapping[tuple[str, str, str], float], exporter: str | Sequence[str], on: str, mark: float = 0.9
) -> FactAnswer:
    """Whether substantially all trade of the United States and `exporter` is free."""
    case = LawSection(isic4=dict(DIVISIONS), substantially_all=mark)
    scenario = ep.Scenario((nothing(exporter),))
    context = LegalContext.of(world(trade, DUTY), scenario, datetime.date.fromisoformat(on), case=case)
    return COMPUTED["covers_substantially_all_trade"](next(s for s in measure_views(context) if s.role == "importer"))


@pytest.mark.parametrize(
    ("mark", "enough"), [(0.5, True), (0.501, None), (0.6, None), (0.601, False), (0.9, False), (0.4, True)]
)
def test_between_what_is_free_for_certain_and_what_may_be_it_is_not_known(mark: float, enough: bool | None) -> None:
    """Of the trade between Japan and the United States 50% is certainly free in 2020, and 60% at most."""
    answer = covered(TRADE, "JPN", "2020-01-02", mark)
    assert answer.value is enough
    assert answer.says.startswith("Between 50% and 60% of the trade in goods with Japan, both ways, is free of duty")


def test_every_partner_must_be_covered() -> None:
    """Mexico under NAFTA and Japan without an agreement in 2010: one preference for both is not free trade."""
    both = covered(TRADE, ["MEX", "JPN"], "2010-01-04")
    assert both.value is False
    assert both.says.startswith(
        "100% of the trade in goods with Mexico, both ways, is free of duty under NAFTA; 4% of the trade in goods "
        "with Japan, both ways, is free of duty by this measure alone (sector averages of "
    )
    assert covered(TRADE, "MEX", "2010-01-04").value is True
    # In 2020 Japan's share may be as high as 60%, which is not known to be enough.
    assert covered(TRADE, ["MEX", "JPN"], "2020-01-02", mark=0.55).value is None


@pytest.mark.parametrize(("unknown", "span"), [(0.4, "55% of"), (0.6, "Between 55% and 56% of")])
def test_range_below_half_a_point_is_one_figure(unknown: float, span: str) -> None:
    """50 of 90 are certainly free; for the given amount more it is unknown."""
    answer = covered(TRADE | {("food", "USA", "JPN"): unknown}, "JPN", "2020-01-02")
    assert answer.says.startswith(span)


def test_stated_agreement_overrides_the_book() -> None:
    """NAFTA is in the book in 2010; what the case states takes precedence, whether yes or no."""
    for stated in (True, False):
        facts = {"in_a_free_trade_agreement": stated}
        measure = ep.Tariff(importer="USA", exporter="MEX", sector="cars", rate=0.0)
        context = LegalContext.of(
            world(TRADE, DUTY),
            ep.Scenario((measure,)),
            datetime.date(2010, 1, 4),
            ScenarioLaw(facts=facts),
        )
        (s,) = (s for s in measure_views(context) if s.role == "importer")
        for fact in ("agreement_in_force", "covers_substantially_all_trade"):
            found = COMPUTED[fact](s)
            assert (found.value, found.found_in) == (stated, "as stated in the case")


def test_what_the_book_says_of_an_agreement_not_in_force() -> None:
    """An agreement in the book is not in force yet; of several partners, one without an agreement is enough."""
    early = answer("agreement_in_force", "2018-12-29", exporter="MEX")
    assert (early.value, early.found_in) == (False, "the book of agreements")
    assert early.says == ("The book has no free-trade agreement of Japan with Mexico in force on 29 December 2018."), (
        "the CPTPP is in the book, a day later"
    )
    later = answer("agreement_in_force", "2018-12-30", exporter="MEX")
    assert (later.value, later.found_in, later.confidence) == (
        True,
        "the book of agreements",
        agreements()["cptpp"].confidence,
    )


def test_agreement_missing_in_the_book_may_exist() -> None:
    """Unless the case names what it is taken under: then that is all there is."""
    turkish = replace(world(TRADE | {("food", "JPN", "MEX"): 5.0}, DUTY), countries=("JPN", "TUR", "USA"))
    measure = ep.Tariff(importer="JPN", exporter="TUR", sector="food", rate=0.0, change="add")
    for under, value in ((None, None), ("cptpp", False)):
        law = ScenarioLaw(under=under) if under else None  # type: ignore[arg-type]
        context = LegalContext.of(
            turkish, ep.Scenario((measure,)), datetime.date(2020, 5, 1), law, LawSection(isic4=dict(DIVISIONS))
        )
        (s,) = (s for s in measure_views(context) if s.role == "importer")
        found = COMPUTED["agreement_in_force"](s)
        assert found.value is value
        assert ("The book is incomplete" in found.says) is (value is None)


def test_divisions_are_stated_for_sectors_by_any_spelling() -> None:
    """As everywhere else in a case: upper case or lower case is the same."""
    economy = world(TRADE, DUTY)
    spelled = {name.upper(): division for name, division in DIVISIONS.items()}
    context = LegalContext.of(
        economy, ep.Scenario((nothing(),)), datetime.date(2020, 5, 1), case=LawSection(isic4=spelled)
    )
    assert context.divisions == {name: frozenset({division}) for name, division in DIVISIONS.items()}
