"""The law section of a case: how it is read, what it may name, and how a scenario overrides it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from test_facts import CARS, ON, add, made

import entrepot as ep
from entrepot.rules.book import fact_texts
from entrepot.rules.law_section import BoundRate, LawSection, ScenarioLaw, UnknownLawName, read_yes_no
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.parties import Party, group_name, named


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    return made()


def context(
    economy: ep.Economy, law: Mapping[str, Any] | None = None, case: Mapping[str, Any] | None = None
) -> LegalContext:
    """25 points on Japanese cars, on the 17th of May 2019."""
    scenario = ep.Scenario((add(0.25),))
    return LegalContext.of(economy, scenario, ON, ScenarioLaw(**(law or {})), LawSection(**(case or {})))


def measure_view(economy: ep.Economy, role: str = "importer", **stated: Any) -> MeasureView:
    return next(s for s in measure_views(context(economy, **stated)) if s.role == role)


# ---- reading ----


@pytest.mark.parametrize(
    ("text", "so"),
    [
        (True, True),
        (False, False),
        ("yes", True),
        ("no", False),
        (" Yes ", True),
        ("NO", False),
        ("true", True),
        ("False", False),
    ],
)
def test_yes_and_no_are_read_in_every_spelling(text: Any, so: bool) -> None:
    assert read_yes_no(text) is so
    assert ScenarioLaw(facts={"injury_found": text}).facts == {"injury_found": so}


@pytest.mark.parametrize("text", ["perhaps", "", None, 1, 0])
def test_other_words_than_yes_and_no_are_refused(text: Any) -> None:
    with pytest.raises(ValueError, match=r"yes or no is needed"):
        read_yes_no(text)


def test_one_name_or_several() -> None:
    assert ScenarioLaw(under="us-232").under == ("us-232",)  # type: ignore[arg-type]
    assert ScenarioLaw(under=["us-232", "korus"]).under == ("us-232", "korus")  # type: ignore[arg-type]
    nameless = {"": ("gatt-xxi",)}
    assert ScenarioLaw(claims="gatt-xxi").claims == nameless  # type: ignore[arg-type]
    assert ScenarioLaw(claims=["gatt-xxi"]).claims == nameless  # type: ignore[arg-type]
    by = ScenarioLaw(claims={"JPN": "gatt-xx", "USA": ["gatt-xxi", "gatt-vi"]})  # type: ignore[dict-item]
    assert by.claims == {"JPN": ("gatt-xx",), "USA": ("gatt-xxi", "gatt-vi")}


def test_a_bound_rate_is_a_fraction_or_a_percentage_in_words() -> None:
    for text in (0.025, "2.5%"):
        assert BoundRate(country="USA", sector="cars", rate=text).rate == pytest.approx(0.025)  # type: ignore[arg-type]
    assert LawSection(substantially_all="80%").substantially_all == pytest.approx(0.8)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("law", "key", "says"),
    [
        ({"under": "us-233"}, "under", "unknown statute or agreement 'us-233'; did you mean us-"),
        ({"under": ["us-232", "korous"]}, "under", "unknown statute or agreement 'korous'; did you mean korus"),
        ({"claims": "gatt-xxii"}, "claims", "unknown exception 'gatt-xxii'; did you mean gatt-xxi"),
        ({"claims": {"JPN": ["gatt-xx", "gatt-xxx"]}}, "claims", "unknown exception 'gatt-xxx'"),
        ({"claims": "gatt-xi-1"}, "claims", "unknown exception 'gatt-xi-1'"),  # an obligation excuses nothing
        (
            {"facts": {"injury_fund": True}},
            "facts.injury_fund",
            "'injury_fund' is not a fact that a case can state; did you",
        ),
        (
            {"facts": {"is_import_quota": True}},
            "facts.is_import_quota",
            "not a fact that a case can state",
        ),  # it is computed
    ],
)
def test_unknown_names_in_the_law_section_are_refused(law: dict[str, Any], key: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ScenarioLaw(**law)
    (fault,) = caught.value.errors()
    cause = fault["ctx"]["error"]
    assert isinstance(cause, UnknownLawName)
    assert cause.key == key
    assert says in str(cause)


def test_an_unknown_key_in_a_part_of_the_law_section_is_compared_with_those_of_the_part(economy: ep.Economy) -> None:
    measure = ep.Tariff(importer="A", exporter="B", sector="one", rate=0.1)
    with pytest.raises(ep.errors.InputError, match=r"law\.bound_rates\.1\.sorce: unknown key; did you mean source"):
        ep.screen([measure], economy, law={"bound_rates": [{**ceiling("A", "one"), "sorce": "x"}]})


def ceiling(country: str, sector: str) -> dict[str, Any]:
    return {"country": country, "sector": sector, "rate": 0.1}


def test_countries_and_sectors_of_the_law_section_must_exist(economy: ep.Economy) -> None:
    fine = ceiling("USA", "cars")
    for case, where in (
        ({"bound_rates": [ceiling("Japn", "cars")]}, r"bound_rates\.1\.country"),
        ({"bound_rates": [fine, ceiling("Japn", "cars")]}, r"bound_rates\.2\.country"),
        ({"bound_rates": [fine, ceiling("USA", "autos")]}, r"bound_rates\.2\.sector"),
        ({"members": ["Japn"]}, "members"),
        ({"isic4": {"autos": 29}}, "isic4"),
    ):
        with pytest.raises(ep.errors.InputError, match=where):
            context(economy, case=case)
    context(economy, case={"members": ["EU", "JPN"], "isic4": {"cars": 29}, "bound_rates": [fine]})


# ---- the last word ----


def test_scenario_overrides_the_law_section_of_the_case(economy: ep.Economy) -> None:
    both = context(economy, {"under": "us-232"}, {"under": "us-301"})
    assert both.under == ("us-232",)
    assert context(economy, {}, {"under": "us-301"}).under == ("us-301",)
    assert context(economy).under == ()
    assert context(economy, {"under": []}, {"under": "us-301"}).under == (), "a scenario may be under none"
    first, second = "2019-03-01", "2019-04-01"
    assert context(economy, {"since": first}, {"since": second}).since.isoformat() == first
    assert context(economy, {}, {"since": second}).since.isoformat() == second
    assert context(economy).since == ON, "else it begins on the day of the screen"
    assert context(economy, {"until": first}, {"until": second}).until == datetime.date(2019, 3, 1)
    assert context(economy, {}, {"until": second}).until == datetime.date(2019, 4, 1)
    assert context(economy).until is None, "else it has no end"
    facts = {"facts": {"injury_found": True}}, {"facts": {"injury_found": False, "war_or_emergency": True}}
    found = context(economy, *facts)
    assert found.stated("injury_found") is True
    assert found.stated("war_or_emergency") is True
    assert found.stated("clear_justification") is None
    assert context(economy, {}, facts[1]).stated("injury_found") is False


def test_under_names_statutes_and_agreements(economy: ep.Economy) -> None:
    found = context(economy, {"under": ["us-232", "korus", "us-301"]})
    assert [x.id for x in found.statutes] == ["us-232", "us-301"]
    assert [x.id for x in found.agreements] == ["korus"]


def test_case_may_declare_members(economy: ep.Economy) -> None:
    iran = Party("IRN", ("IRN",))
    assert context(economy).binds(Party("JPN", ("JPN",)))
    assert not context(economy).binds(iran)
    assert context(economy, case={"members": ["IRN"]}).binds(iran)
    assert context(economy, case={"bound_rates": [{"country": "IRN", "sector": "cars", "rate": 0.1}]}).binds(iran)
    assert not context(economy, case={"members": ["JPN"]}).binds(iran)
    assert not context(economy, case={"members": ["IRN"]}).binds(Party("both", ("IRN", "DZA"))), "all of it, or none"
    declared = LawSection(
        members=("JPN", "EU"), bound_rates=(BoundRate(country="USA", sector="cars", rate=0.1),)
    ).declared
    assert {"JPN", "DEU", "GBR", "USA"} <= declared
    assert len(declared) == 30, "28 members of the Union and two countries"


def test_the_divisions_of_a_sector_are_those_that_the_case_states(economy: ep.Economy) -> None:
    found = context(economy, case={"isic4": {"cars": 29}}).divisions
    assert found == {"cars": frozenset({29}), "food": frozenset(), "telecoms": frozenset()}
    everything = context(economy, case={"isic4": {"ALL": 5}}).divisions
    assert set(everything.values()) == {frozenset({5})}


# ---- who relies on what ----


def test_claim_without_a_party_belongs_to_the_importer(economy: ep.Economy) -> None:
    for stated in ({"law": {"claims": "gatt-xxi"}}, {"case": {"claims": "gatt-xxi"}}):
        importer, exporter = measure_view(economy, **stated), measure_view(economy, "exporter", **stated)
        assert importer.claims("gatt-xxi") == "it is relied on, as stated"
        assert importer.claims("gatt-xx") is None
        assert exporter.claims("gatt-xxi") is None
        assert exporter.claims("gatt-xxi", Party("USA", ("USA",))) == "it is relied on, as stated"


def test_claim_with_a_party_belongs_to_it(economy: ep.Economy) -> None:
    for stated in ({"law": {"claims": {"Japan": "gatt-xxi"}}}, {"case": {"claims": {"JPN": "gatt-xxi"}}}):
        assert measure_view(economy, **stated).claims("gatt-xxi") is None
        assert measure_view(economy, "exporter", **stated).claims("gatt-xxi") == "it is relied on, as stated"


def test_exception_of_a_statute_belongs_to_its_country(economy: ep.Economy) -> None:
    stated = {"law": {"under": "us-232"}}
    assert measure_view(economy, **stated).claims("gatt-xxi") == (
        "the United States acts under Section 232 of the Trade Expansion Act of 1962 (national security), which "
        "relies on it"
    )
    assert measure_view(economy, **stated).claims("gatt-xix") is None
    assert measure_view(economy, "exporter", **stated).claims("gatt-xxi") is None
    assert measure_view(economy, law={"under": "eu-enforcement"}).claims("dsu-22") is None


# ---- names and grounds ----


def test_parties_in_a_sentence() -> None:
    def parties(*names: str) -> list[Party]:
        return [Party(name, (name,)) for name in names]

    assert named([]) == "nobody"
    assert named(parties("JPN")) == "Japan"
    assert named(parties("JPN", "EU28", "USA")) == "Japan, the EU and the United States"
    assert group_name("EU") == "EU28"
    assert group_name("JPN") == "JPN"


def test_the_duties_without_and_with_the_measures(economy: ep.Economy) -> None:
    found = context(economy)
    np.testing.assert_array_equal(found.before, economy.tariff)
    expected = economy.tariff.copy()
    expected[0, 0, 1] = 0.275  # 2.5% and 25 points on US imports of Japanese cars
    np.testing.assert_allclose(found.after, expected, atol=1e-12)
    plain = LegalContext.of(economy, ep.Scenario((add(0.25),)), ON)
    assert (plain.law, plain.case, plain.events, plain.answers) == (ScenarioLaw(), LawSection(), (), {})


def test_facts_are_found_or_stated_and_never_both() -> None:
    for name, text in fact_texts().items():
        assert text.id == name
        assert text.computed is not bool(text.yes), name


def test_a_producer_without_foreign_buyers_leaves_nobody_out(economy: ep.Economy) -> None:
    home = economy.value * np.eye(5)
    alone = replace(economy, value=home, tariff=0 * economy.tariff)
    scenario = ep.Scenario((ep.ProductionSubsidy(country="USA", sector="cars", rate=0.1),))
    (s,) = measure_views(LegalContext.of(alone, scenario, ON))
    assert (s.role, s.trade, s.others, s.left_out) == ("producer", 0.0, (), ())


def test_measure_view_describes_its_trade(economy: ep.Economy) -> None:
    s = measure_view(economy)
    assert s.worth == "US$40 million of trade a year in the base"
    assert (s.sectors, s.goods) == (("cars",), "cars")
    assert [p.name for p in s.left_out] == ["DEU", "CHN", "IRN"], "30, 20 and 10 million"
    assert [p.name for p in measure_view(economy, "exporter").left_out] == ["DEU", "CHN"], "10 and 5 million"
    wide = ep.Scenario((ep.Tariff(**(CARS | {"sector": ["cars", "food"]}), exporter="DEU", rate=0.1),))
    importer = next(s for s in measure_views(LegalContext.of(economy, wide, ON)) if s.role == "importer")
    assert importer.goods == "cars and food"
    assert [p.name for p in importer.left_out] == ["JPN", "CHN", "IRN"], "44, 22 and 10 million"
