"""The facts that rules use, one by one: for which measures they hold, from which side, by which source."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.rules.book import fact_texts
from entrepot.rules.facts import COMPUTED, FactAnswer, ask, highest_duty, highest_in_quota, own_rise
from entrepot.rules.law_section import LawSection, ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.parties import Party
from worlds import random_world

COUNTRIES, SECTORS = ("USA", "JPN", "DEU", "CHN", "IRN"), ("cars", "food", "telecoms")
US, JP, DE, CN, IR = range(5)
CARS: dict[str, Any] = {"importer": "USA", "sector": "cars"}
ON = datetime.date(2019, 5, 17)


def made(**duties: float) -> ep.Economy:
    """US imports of cars, in millions: 40 from Japan, 30 from Germany, 20 from China, 10 from Iran, all at 2.5%; of
    food: 4, 3 and 2 at 4%. Japan sells 15 cars elsewhere."""
    base = random_world(5, 3, seed=2, tariffs=False, inputs=False)
    value, tariff = base.value.copy(), np.zeros_like(base.value)
    value[:, ~np.eye(5, dtype=bool)] = 0.0
    value[0, US] = [value[0, US, US], 40, 30, 20, 10]
    value[1, US] = [value[1, US, US], 4, 3, 2, 0]
    value[2, US] = [value[2, US, US], 1, 1, 1, 1]
    value[0, DE, JP], value[0, CN, JP] = 10, 5
    value[:, [JP, DE, CN, IR], US] = 50.0
    tariff[0, US, 1:], tariff[1, US, 1:] = 0.025, 0.04
    for exporter, duty in duties.items():
        tariff[0, US, COUNTRIES.index(exporter)] = duty
    return replace(base, countries=COUNTRIES, sectors=SECTORS, value=value, tariff=tariff)


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    return made()


def seen(
    economy: ep.Economy,
    *measures: ep.measures.Measure,
    role: str = "importer",
    party: str | None = None,
    on: datetime.date = ON,
    law: Mapping[str, Any] | None = None,
    answers: Mapping[int, str] | None = None,
) -> MeasureView:
    """Return the view of the first measure from a side."""
    case = LawSection(isic4={"cars": 29, "food": 10, "telecoms": 61})
    context = LegalContext.of(economy, ep.Scenario(measures), on, ScenarioLaw(**(law or {})), case, answers=answers)
    found = [s for s in measure_views(context) if s.role == role and s.position == 0]
    return next(s for s in found if party is None or s.party.name == party)


def add(rate: float, exporter: Any = "JPN", **keys: Any) -> ep.Tariff:
    return ep.Tariff(**(CARS | {"exporter": exporter, "rate": rate, "change": "add"} | keys))


def trq(exporter: str = "JPN", **keys: Any) -> ep.TariffRateQuota:
    return ep.TariffRateQuota(**CARS, exporter=exporter, cap=0.8, **keys)


FROM_JAPAN: dict[str, Any] = CARS | {"exporter": "JPN"}
MEASURES: dict[str, ep.measures.Measure] = {
    "tariff": add(0.25),
    "tariff on all": add(0.25, "WORLD"),
    "tariff set": ep.Tariff(**CARS, rate=0.1),
    "tariff set where it is": ep.Tariff(**CARS, rate=0.025),
    "free for one": ep.Tariff(**FROM_JAPAN, rate=0.0),
    "cut for one": ep.Tariff(**FROM_JAPAN, rate=0.4, change="cut"),
    "lowered for one": add(-0.01),
    "lowered for all": add(-0.01, "WORLD"),
    "no points": add(0.0),
    "specific duty": ep.SpecificTariff(**FROM_JAPAN, amount="8%"),
    "tariff-rate quota": trq(out_rate=0.25),
    "tariff-rate quota, lower inside": trq(in_rate=0.0, out_rate=0.025),
    "tariff-rate quota, lower inside for all": trq("WORLD", in_rate=0.0, out_rate=0.025),
    "tariff-rate quota, dearer beyond": trq(in_rate=0.0, out_rate=0.25),
    "tariff-rate quota of points": trq(out_rate=0.25, change="add"),
    "tariff-rate quota of points on all of it": trq(in_rate=0.05, out_rate=0.05, change="add"),
    "tariff-rate quota, points off inside": trq(in_rate=-0.01, out_rate=0.0, change="add"),
    "tariff-rate quota at the duty": trq(in_rate=0.025, out_rate=0.025),
    "tariff-rate quota of no points": trq(in_rate=0.0, out_rate=0.0, change="add"),
    "quota": ep.ImportQuota(**FROM_JAPAN, cap=0.8),
    "quota on all": ep.ImportQuota(**CARS, cap=1.0),
    "quota, licences abroad": ep.ImportQuota(**FROM_JAPAN, cap=0.8, rent="exporter"),
    "embargo": ep.ImportQuota(**FROM_JAPAN, cap=0),
    "restraint": ep.VoluntaryExportRestraint(**FROM_JAPAN, cap=0.8),
    "restraint everywhere": ep.VoluntaryExportRestraint(importer="WORLD", exporter="JPN", sector="cars", cap=0.8),
    "undertaking": ep.MinimumPrice(**FROM_JAPAN, price=1.1),
    "minimum price levied": ep.MinimumPrice(**FROM_JAPAN, price=1.1, rent="importer"),
    "export tax": ep.ExportTax(**FROM_JAPAN, rate=0.1),
    "export subsidy": ep.ExportTax(**FROM_JAPAN, rate=-0.1),
    "barrier": ep.NonTariffBarrier(**FROM_JAPAN, rate=0.1),
    "barrier eased": ep.NonTariffBarrier(**FROM_JAPAN, rate=-0.1),
}
#: For whom it is so among those measures; of the others it is not so. "?" is not known.
TARIFFS_UP = {
    *("tariff", "tariff on all", "tariff set", "specific duty", "tariff-rate quota"),
    *("tariff-rate quota, dearer beyond", "tariff-rate quota of points", "tariff-rate quota of points on all of it"),
    "minimum price levied",
}
PREFERENCES = {
    *("free for one", "cut for one", "lowered for one"),
    *("tariff-rate quota, lower inside", "tariff-rate quota, points off inside"),
}
TARIFFS_DOWN = PREFERENCES | {"lowered for all", "tariff-rate quota, lower inside for all"}
QUOTAS = {"quota", "quota on all", "quota, licences abroad", "embargo"}
MINIMUM_PRICES = {"undertaking", "minimum price levied"}
RATE_QUOTAS = {name for name in MEASURES if name.startswith("tariff-rate")}
RESTRAINTS = {"restraint", "restraint everywhere"}
YES: dict[tuple[str, str], set[str]] = {
    ("changes_import_duty", "importer"): TARIFFS_UP | TARIFFS_DOWN,
    ("changes_import_duty", "exporter"): set(),
    ("raises_import_duty", "importer"): TARIFFS_UP,
    ("raises_import_duty", "exporter"): set(),
    ("is_a_preference", "importer"): PREFERENCES,
    ("is_a_preference", "exporter"): set(),
    ("adds_a_trade_cost", "importer"): {"barrier"},
    ("adds_a_trade_cost", "exporter"): set(),
    ("is_export_subsidy", "importer"): set(),
    ("is_export_subsidy", "exporter"): {"export subsidy"},
    ("restricts_imports", "importer"): QUOTAS | MINIMUM_PRICES,
    ("restricts_imports", "exporter"): set(),
    ("restricts_quantities", "importer"): QUOTAS | MINIMUM_PRICES,
    ("restricts_quantities", "exporter"): RESTRAINTS | {"undertaking"},
    ("restricts_imports_or_restrained", "importer"): QUOTAS | MINIMUM_PRICES | RESTRAINTS,
    ("restricts_imports_or_restrained", "exporter"): set(),
    ("restricts_quantities_or_tariff_quota", "importer"): QUOTAS | MINIMUM_PRICES | RATE_QUOTAS,
    ("restricts_quantities_or_tariff_quota", "exporter"): RESTRAINTS | {"undertaking"},
    ("is_export_restraint", "importer"): RESTRAINTS | {"undertaking"},
    ("is_export_restraint", "exporter"): RESTRAINTS | {"undertaking"},
    ("is_import_quota", "importer"): QUOTAS,
    ("quota_below_recent_imports", "importer"): (QUOTAS - {"quota on all"}) | RATE_QUOTAS | RESTRAINTS,
    ("is_production_subsidy", "importer"): set(),
    ("farm_goods", "importer"): set(),
}
UNKNOWN = {("quota_by_agreement", "importer"): {"quota, licences abroad"}, ("quota_by_agreement", "exporter"): set()}


@pytest.fixture(scope="module")
def sides(economy: ep.Economy) -> dict[str, dict[str, MeasureView]]:
    """Return the views of each measure from the importer's and the exporter's side."""
    return {
        role: {
            name: seen(economy, measure, role=role, party=party)
            for name, measure in MEASURES.items()
            # An exporter that hands out the importer's licences is looked at below.
            if (role, name) != ("exporter", "quota, licences abroad")
        }
        for role, party in (("importer", "USA"), ("exporter", "JPN"))
    }


@pytest.mark.parametrize(("fact", "role"), [*YES, *UNKNOWN], ids=lambda key: str(key))
def test_facts_hold_for_the_expected_measures(
    economy: ep.Economy, sides: Mapping[str, Mapping[str, MeasureView]], fact: str, role: str
) -> None:
    answers = {name: COMPUTED[fact](s) for name, s in sides[role].items()}
    assert {name for name, a in answers.items() if a.value} == YES.get((fact, role), set())
    assert {name for name, a in answers.items() if a.value is None} == UNKNOWN.get((fact, role), set())
    assert all(a.says.endswith((".", ")")) and a.says[0].isupper() for a in answers.values())
    assert {a.confidence for a in answers.values()} == {None}, "computed, and as sure as the data"
    assert {a.found_in for a in answers.values()} <= {"the measure", economy.name}


# ---- duties ----


@pytest.mark.parametrize(
    ("measure", "rise", "highest"),
    [
        (add(0.25), 0.25, 0.275),
        (add(-0.01), 0.0, 0.015),
        (ep.Tariff(**CARS, rate=0.1), 0.075, 0.1),
        (ep.Tariff(**CARS, rate=0.01), 0.0, 0.01),
        (ep.Tariff(**CARS, rate=0.5, change="cut"), 0.0, 0.0125),
        (ep.SpecificTariff(**CARS, amount="8%"), 0.08, 0.105),
        (trq(out_rate=0.25), 0.225, 0.25),
        (trq(in_rate=0.0, out_rate=0.02), 0.0, 0.02),
        (trq(out_rate=0.25, change="add"), 0.25, 0.275),
        (trq(in_rate=0.05, out_rate=0.25, change="add"), 0.25, 0.275),
        (trq(in_rate=0.05, out_rate=0.05, change="add"), 0.05, 0.075),
        (ep.ImportQuota(**CARS, cap=0.5), 0.0, 0.025),
    ],
)
def test_own_rise_and_highest_duty(
    economy: ep.Economy, measure: ep.measures.Measure, rise: float, highest: float
) -> None:
    """From 2.5%; beyond a tariff-rate quota, and a specific duty at base prices."""
    s = seen(economy, measure)
    assert own_rise(s) == pytest.approx(rise, abs=1e-12)
    assert highest_duty(s, "cars") == pytest.approx(highest, abs=1e-12)


def test_a_duty_set_rises_most_where_it_was_lowest() -> None:
    uneven = made(JPN=0.0, DEU=0.05)
    s = seen(uneven, ep.Tariff(**CARS, rate=0.1))
    assert own_rise(s) == pytest.approx(0.1)
    assert own_rise(seen(uneven, trq("WORLD", out_rate=0.1))) == pytest.approx(0.1)
    more = seen(uneven, add(0.1, "WORLD"))
    assert own_rise(more) == pytest.approx(0.1)
    assert highest_duty(more, "cars") == pytest.approx(0.15)
    assert highest_duty(more, "cars", [Party("JPN", ("JPN",)), Party("CHN", ("CHN",))]) == pytest.approx(0.125)
    exporter = seen(uneven, add(0.1, "WORLD"), role="exporter", party="JPN")
    assert highest_duty(exporter, "cars", [Party("USA", ("USA",))]) == pytest.approx(0.1)
    assert highest_duty(seen(uneven, add(0.1, sector="ALL")), "food") == pytest.approx(0.14)


@pytest.mark.parametrize(
    ("quota", "inside", "beyond"),
    [
        (trq(in_rate=0.0, out_rate=0.02), 0.05, 0.07),
        (trq(out_rate=0.1), 0.075, 0.15),
        (trq(in_rate=0.01, out_rate=0.1, change="add"), 0.085, 0.175),
        (trq(out_rate=0.1, change="add"), 0.075, 0.175),
    ],
)
def test_points_beside_a_tariff_rate_quota_are_due_inside_and_beyond(
    economy: ep.Economy, quota: ep.measures.Measure, inside: float, beyond: float
) -> None:
    """5 points on Japanese cars, at 2.5% before."""
    s = seen(economy, quota, add(0.05))
    assert highest_in_quota(s, "cars") == pytest.approx(inside)
    assert highest_duty(s, "cars") == pytest.approx(beyond)
    assert highest_duty(s, "cars", [Party("DEU", ("DEU",))]) == 0.0, "the quota is Japan's"


def test_one_measure_beside_another_rises_by_its_own_points(economy: ep.Economy) -> None:
    s = seen(economy, add(0.06, "WORLD"), add(0.05))
    assert own_rise(s) == pytest.approx(0.06)
    assert highest_duty(s, "cars") == pytest.approx(0.135)


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (add(0.25), "The United States adds 25 percentage points to its duty on cars from Japan (US$40 million"),
        (add(-0.01), "The United States takes 1 percentage point off its duty on cars from Japan"),
        (
            add(0.0),
            "It leaves the duty of the United States on cars from Japan (US$40 million of trade a year in the base) as",
        ),
        (ep.Tariff(**FROM_JAPAN, rate=0.0, change="cut"), "It leaves the duty of the United States on cars from Japan"),
        (ep.Tariff(**FROM_JAPAN, rate=0.025), "The duty of the United States on cars from Japan (US$40 million of"),
        (ep.Tariff(**FROM_JAPAN, rate=0.4, change="cut"), "cuts its duty by 40% on cars from Japan"),
        (ep.Tariff(**FROM_JAPAN, rate=0.1), "sets its duty at 10% on cars from Japan"),
        (ep.SpecificTariff(**FROM_JAPAN, amount="8%"), "levies a specific duty worth 8% of the base price on cars"),
        (trq(out_rate=0.25), "levies 25% beyond a quota on cars from Japan"),
        (trq(in_rate=0.01, out_rate=0.25), "levies 25% beyond a quota and 1% inside on cars from Japan"),
        (
            trq(in_rate=0.01, out_rate=0.25, change="add"),
            "levies 25 percentage points more beyond a quota and 1% more inside on cars from Japan",
        ),
        (MEASURES["minimum price levied"], "levies the difference to a minimum price on cars from Japan"),
        (MEASURES["undertaking"], "It does not change an import duty"),
    ],
)
def test_sentences_on_a_duty(economy: ep.Economy, measure: ep.measures.Measure, says: str) -> None:
    assert says in COMPUTED["changes_import_duty"](seen(economy, measure)).says
    assert says in COMPUTED["raises_import_duty"](seen(economy, measure)).says


@pytest.mark.parametrize("nothing", [add(0.0), ep.Tariff(**CARS, rate=0.0, change="cut")])
def test_measure_of_zero_changes_no_duty_whatever_others_do(economy: ep.Economy, nothing: ep.Tariff) -> None:
    """A deal of zero points changes nothing, beside 25 points on the same cars."""
    s = seen(economy, nothing, add(0.25))
    assert COMPUTED["changes_import_duty"](s).value is False
    assert COMPUTED["raises_import_duty"](s).value is False
    # A duty set at nothing is a change of what is applied.
    free = seen(economy, ep.Tariff(**CARS, rate=0.0), add(0.25, "DEU"))
    assert COMPUTED["changes_import_duty"](free).value is True


# ---- origins ----


@pytest.mark.parametrize(
    ("duties", "measures", "apart"),
    [
        ({}, [add(0.25)], True),
        ({}, [add(0.25, "WORLD")], False),
        ({}, [add(0.25), add(0.25, ["DEU", "CHN", "IRN"])], False),
        ({}, [add(0.25), add(0.2, ["DEU", "CHN", "IRN"])], True),
        ({}, [add(0.25, ["JPN", "DEU", "CHN"])], True),
        ({"IRN": 0.05}, [ep.Tariff(**CARS, rate=0.1)], False),
        ({"IRN": 0.1}, [ep.Tariff(**CARS, exporter=["JPN", "DEU", "CHN"], rate=0.1)], False),
        ({"JPN": 0.0}, [add(0.25, "WORLD")], False),
        ({"JPN": 0.05}, [ep.Tariff(**CARS, rate=0.5, change="cut")], False),
        ({"JPN": 0.0}, [ep.Tariff(**FROM_JAPAN, rate=0.025)], False),
        ({"JPN": 0.1}, [ep.Tariff(**CARS, exporter=["DEU", "CHN", "IRN"], rate=0.1)], False),
        ({"JPN": 0.0, "DEU": 0.1}, [ep.Tariff(**CARS, exporter=["CHN", "IRN"], rate=0.2)], True),
        ({}, [ep.SpecificTariff(**CARS, amount="8%")], False),
        ({}, [ep.SpecificTariff(**FROM_JAPAN, amount="8%")], True),
        # Another measure fills the gap only where it is of the same kind, of the same importer, and for all the rest.
        (
            {},
            [ep.SpecificTariff(**FROM_JAPAN, amount="8%"), ep.SpecificTariff(**CARS, exporter="DEU", amount="8%")],
            True,
        ),
        (
            {},
            [
                ep.SpecificTariff(**FROM_JAPAN, amount="8%"),
                ep.SpecificTariff(importer=["DEU", "JPN"], sector="cars", amount="8%"),
            ],
            True,
        ),
        (
            {},
            [
                ep.ImportQuota(**FROM_JAPAN, cap=0.8, rent="exporter"),
                ep.VoluntaryExportRestraint(**CARS, exporter=["DEU", "CHN", "IRN"], cap=0.8),
            ],
            True,
        ),
        (
            {},
            [
                ep.SpecificTariff(**FROM_JAPAN, amount="8%"),
                ep.SpecificTariff(**CARS, amount="8%", exempt="JPN"),
            ],
            False,
        ),
        (
            {},
            [
                ep.SpecificTariff(**FROM_JAPAN, amount="8%"),
                ep.SpecificTariff(**CARS, amount="9%", exempt="JPN"),
            ],
            True,
        ),
        (
            {},
            [trq(out_rate=0.2), trq("WORLD", out_rate=0.2).__class__(**CARS, cap=0.5, out_rate=0.2, exempt="JPN")],
            False,
        ),
        ({}, [trq(out_rate=0.2), ep.TariffRateQuota(**CARS, cap=0.5, out_rate=0.3, exempt="JPN")], True),
        ({}, [trq(out_rate=0.2), ep.TariffRateQuota(**CARS, cap=0.5, in_rate=0.0, out_rate=0.2, exempt="JPN")], True),
        # Japan pays 10% and the others 2.5%; all pay 25 points more, by two measures.
        ({"JPN": 0.1}, [add(0.25), add(0.25, ["DEU", "CHN", "IRN"])], False),
    ],
)
def test_origins_treated_differently(
    duties: dict[str, float], measures: list[ep.measures.Measure], apart: bool
) -> None:
    """Origins are treated differently where both the duty and its change differ; neither alone is enough."""
    answer = COMPUTED["origins_treated_differently"](seen(made(**duties), *measures))
    assert answer.value is apart
    assert ("All origins of cars are treated alike" in answer.says) is not apart


def test_sentences_on_origins(economy: ep.Economy) -> None:
    says = COMPUTED["origins_treated_differently"](seen(economy, add(0.25))).says
    assert says == "It falls on Japan and not on Germany, China and Iran."
    uneven = made(DEU=0.1)
    both = [ep.Tariff(**CARS, rate=0.05, exempt="DEU"), ep.Tariff(**CARS, exporter="DEU", rate=0.3)]
    assert COMPUTED["origins_treated_differently"](seen(uneven, *both)).value is True
    whole = [ep.Tariff(**CARS, rate=0.05), add(0.25, "DEU")]
    says = COMPUTED["origins_treated_differently"](seen(uneven, *whole)).says
    assert says == "The duties that it leaves on cars differ by origin."


def test_exporters_quota_is_judged_from_the_importers_side(economy: ep.Economy) -> None:
    s = seen(economy, MEASURES["quota, licences abroad"], role="exporter", party="JPN")
    answer = COMPUTED["not_all_origins"](s)
    assert answer.value is True
    assert "falls on Japan and not on Germany" in answer.says
    assert COMPUTED["not_all_origins"](seen(economy, MEASURES["quota on all"], role="exporter")).value is False
    # Of two importers the one that buys most counts: Germany buys cars of Japan alone, the United States of four.
    both = ep.ImportQuota(importer=["USA", "DEU"], exporter="JPN", sector="cars", cap=0.8)
    assert COMPUTED["not_all_origins"](seen(economy, both, role="exporter", party="JPN")).value is True


def test_members_that_bear_the_measure(economy: ep.Economy) -> None:
    """A rise is borne by the partners it covers, a preference by those it leaves out; Iran is not a Member."""
    on_iran = COMPUTED["bears_on_members"](seen(economy, add(0.25, "IRN")))
    assert (on_iran.value, on_iran.confidence) == (False, "general")
    on_japan = COMPUTED["bears_on_members"](seen(economy, add(0.25, ["JPN", "IRN"])))
    assert (on_japan.value, on_japan.confidence, on_japan.found_in) == (True, "general", "the book of members")
    assert on_japan.says == "Parties to the agreement among those who bear it: Japan."
    to_iran = COMPUTED["bears_on_members"](seen(economy, add(-0.01, "IRN")))
    assert "Japan, Germany and China" in to_iran.says
    but_iran = COMPUTED["bears_on_members"](seen(economy, add(-0.01, ["JPN", "DEU", "CHN"])))
    assert but_iran.value is False


# ---- the bound rate ----


def bound(rate: float, sector: str = "food", country: str = "USA") -> dict[str, Any]:
    return {"bound_rates": [{"country": country, "sector": sector, "rate": rate}]}


def exceeds(
    economy: ep.Economy, *measures: ep.measures.Measure, case: Mapping[str, Any] | None = None, **keys: Any
) -> FactAnswer:
    law = LawSection(isic4={"cars": 29, "food": 10, "telecoms": 61}, **(case or {}))
    context = LegalContext.of(economy, ep.Scenario(measures), keys.get("on", ON), case=law)
    s = next(s for s in measure_views(context) if s.role == keys.get("role", "importer") and s.position == 0)
    return COMPUTED["duty_exceeds_bound"](s)


def test_cars_against_the_schedule_of_the_united_states(economy: ep.Economy) -> None:
    """Cars are bound at 2.5% and light trucks at 25%: 2.5 points take cars beyond, and 25 points trucks too."""
    within = exceeds(economy, add(0.0, "WORLD"))
    assert (within.value, within.confidence) == (False, "general")
    small = exceeds(economy, add(0.025, "WORLD"))
    assert small.value is True
    assert "2.5% applied and 2.5 percentage points more make 5%; the bound rate is 2.5%" in small.says
    assert "2.5 percentage points above it" in small.says
    assert "passenger cars (8703)" in small.says.casefold()
    large = exceeds(economy, add(0.25, "WORLD"))
    assert "25% applied and 25 percentage points more make 50%; the bound rate is 25%" in large.says
    set_at = exceeds(economy, ep.Tariff(**CARS, rate=0.10))
    assert "a duty set at 10%; the bound rate is 2.5%: 7.5 percentage points above it" in set_at.says
    assert "light trucks" not in set_at.says.casefold(), "10% is within 25%, and only items above it are reported"
    beyond = exceeds(economy, trq(out_rate=0.10))
    assert "a duty set at 10%; the bound rate is 2.5%" in beyond.says
    cut = exceeds(economy, ep.Tariff(**CARS, rate=0.5, change="cut"))
    assert cut.value is False
    assert "2.5% applied, cut by 50% to 1.25%; the bound rate is 2.5%: within it" in cut.says


def test_the_rate_applied_is_not_always_the_bound_one(economy: ep.Economy) -> None:
    """Japan applies 38.5% to beef and has bound 50%: 11.5 points are left. Pork and wheat have no bound rate here."""
    beef = {"importer": "JPN", "exporter": "USA", "sector": "food"}
    within = exceeds(economy, ep.Tariff(**beef, rate=0.115, change="add"))
    assert within.value is False
    assert "38.5% applied and 11.5 percentage points more make 50%; the bound rate is 50%: within it" in within.says
    beyond = exceeds(economy, ep.Tariff(**beef, rate=0.116, change="add"))
    assert beyond.value is True
    assert "0.1 percentage points above it" in beyond.says
    cut = exceeds(economy, ep.Tariff(**beef, rate=0.5, change="cut"))
    assert "38.5% applied, cut by 50% to 19.25%" in cut.says


def test_measures_on_the_same_goods_count_together(economy: ep.Economy) -> None:
    two = exceeds(economy, add(0.02, "WORLD"), add(0.03))
    assert "2.5% applied and 5 percentage points more, all measures together, make 7.5%" in two.says
    one = exceeds(economy, add(0.02, "WORLD"))
    assert "2.5% applied and 2 percentage points more make 4.5%" in one.says
    points = exceeds(economy, trq("WORLD", in_rate=0.01, out_rate=0.05, change="add"))
    assert "2.5% applied and 5 percentage points more make 7.5%" in points.says


def test_a_partner_of_an_agreement_pays_what_the_economy_has() -> None:
    """Korea's cars have been free since 2016: points on them start from there, not from the normal duty."""
    korean = replace(made(JPN=0.0), countries=("USA", "KOR", "DEU", "CHN", "IRN"))
    answer = exceeds(korean, add(0.02, "KOR"))
    assert answer.value is False
    assert "0% applied and 2 percentage points more make 2%; the bound rate is 2.5%: within it" in answer.says


def test_rate_missing_in_the_book_is_stated_or_unknown(economy: ep.Economy) -> None:
    food = add(0.05, "WORLD", sector="food")
    unknown = exceeds(economy, food)
    assert (unknown.value, unknown.confidence) == (None, None)
    assert "no bound rate of the United States for food (up to 9% after the measure)" in unknown.says
    for rate, over in ((0.09, None), (0.0899, True)):
        answer = exceeds(economy, food, case=bound(rate))
        assert (answer.value, answer.confidence) == (over, None)
        assert f"9% with the mean of its products' duties; the bound rate is {100 * rate:.4g}%" in answer.says
    # A ceiling of another country, or on other goods, is none.
    assert exceeds(economy, food, case=bound(0.01, country="JPN")).value is None
    assert exceeds(economy, food, case=bound(0.01, sector="cars")).value is None
    # What the case states takes the place of the book's.
    assert exceeds(economy, add(0.05, "WORLD", change="set"), case=bound(0.1, "cars")).value is False
    # One sector beyond it is enough; one that is not known leaves the rest open.
    both = add(0.05, "WORLD", sector=["cars", "food"])
    assert exceeds(economy, both).value is True
    assert exceeds(economy, both, case=bound(0.1, "cars")).value is None
    assert exceeds(economy, both, case=bound(0.1, "ALL")).value is None


def test_a_bound_rate_is_that_of_the_day(economy: ep.Economy) -> None:
    """The book's bindings begin with the schedules of 1995."""
    assert exceeds(economy, add(0.25, "WORLD"), on=datetime.date(1995, 1, 1)).value is True
    assert exceeds(economy, add(0.25, "WORLD"), on=datetime.date(1994, 12, 31)).value is None


# ---- quantities ----


@pytest.mark.parametrize(
    ("name", "role", "says"),
    [
        ("quota", "importer", "The United States limits imports of cars from Japan: 80% of the base volume."),
        ("embargo", "importer", "The United States limits imports of cars from Japan: none at all (an embargo)."),
        ("undertaking", "importer", "The United States keeps a minimum price on cars from Japan."),
        ("tariff-rate quota", "importer", "A tariff-rate quota does not limit quantities: imports beyond it pay more."),
        ("restraint", "importer", "The United States does not limit its imports."),
        (
            "restraint",
            "exporter",
            "Japan limits its exports of cars to the United States: 80% of the base volume; US$40 million of trade a "
            "year in the base.",
        ),
        ("undertaking", "exporter", "Japan keeps up its price of cars to the United States."),
        ("minimum price levied", "exporter", "The party is the exporter."),
    ],
)
def test_sentences_on_a_quantity(economy: ep.Economy, name: str, role: str, says: str) -> None:
    assert COMPUTED["restricts_quantities"](seen(economy, MEASURES[name], role=role)).says == says


def test_a_ceiling_at_another_scenarios_volume(economy: ep.Economy) -> None:
    from entrepot.measures.fields import Match

    law = LawSection(isic4={"cars": 29})
    measure = ep.ImportQuota(**FROM_JAPAN, cap=Match("tariff"))
    context = LegalContext.of(economy, ep.Scenario((measure,)), ON, case=law)
    s = next(s for s in measure_views(context) if s.role == "importer")
    assert "the volume of the scenario 'tariff'" in COMPUTED["restricts_imports"](s).says
    answer = COMPUTED["quota_below_recent_imports"](s)
    assert (answer.value, answer.found_in) == (None, "the measure")


def test_an_export_restraint_is_named_from_both_sides(economy: ep.Economy) -> None:
    for role in ("importer", "exporter"):
        one = COMPUTED["is_export_restraint"](seen(economy, MEASURES["restraint"], role=role)).says
        assert one == (
            "Japan holds back exports of cars to the United States (80% of the base volume) and keeps the rent."
        )
    several = ep.VoluntaryExportRestraint(**CARS, exporter=["JPN", "DEU"], cap=0.8)
    both = COMPUTED["is_export_restraint"](seen(economy, several)).says
    assert both.startswith("Japan and Germany hold back exports of cars to the United States")
    assert both.endswith("and keep the rent.")
    for exporters, says in (
        ("JPN", "Japan keeps up the price of its exports of cars."),
        (["JPN", "DEU"], "Japan and Germany keep up the price of their exports of cars."),
    ):
        kept = ep.MinimumPrice(**CARS, exporter=exporters, price=1.1)
        assert COMPUTED["is_export_restraint"](seen(economy, kept)).says == says


def test_price_undertaking_in_a_dumping_case_is_not_a_restraint(economy: ep.Economy) -> None:
    for claimed, so in (((), True), (("gatt-vi",), False)):
        s = seen(economy, MEASURES["undertaking"], law={"claims": list(claimed)} if claimed else None)
        assert COMPUTED["is_export_restraint"](s).value is so
    levied = COMPUTED["is_export_restraint"](seen(economy, MEASURES["minimum price levied"]))
    assert levied.value is False


def test_an_undertaking_is_the_exporters_part_in_the_importers_dumping_case(economy: ep.Economy) -> None:
    """Anti-Dumping Agreement, Article 8: the importer's claim excuses the exporter too, but only for this measure."""
    importers: list[dict[str, Any]] = [{"claims": "gatt-vi"}, {"claims": {"USA": "gatt-vi"}}]
    for law in (*importers, {"claims": {"JPN": "gatt-vi"}}):
        s = seen(economy, MEASURES["undertaking"], role="exporter", law=law)
        assert COMPUTED["is_export_restraint"](s).value is False
        assert COMPUTED["trade_remedy_claimed"](s).value is True
    for law in importers:
        s = seen(economy, MEASURES["restraint"], role="exporter", law=law)
        assert COMPUTED["trade_remedy_claimed"](s).value is False
    theirs = seen(economy, MEASURES["undertaking"], law={"claims": {"JPN": "gatt-vi"}})
    assert COMPUTED["trade_remedy_claimed"](theirs).value is False


def test_a_quota_whose_licences_are_abroad_may_rest_on_an_agreement(economy: ep.Economy) -> None:
    for role in ("importer", "exporter"):
        silent = COMPUTED["quota_by_agreement"](seen(economy, MEASURES["quota, licences abroad"], role=role))
        assert silent.value is None
        assert "whose rent the exporter holds" in silent.says
    for stated in (True, False):
        law = {"facts": {"agreed_between_governments": stated}}
        for name in ("quota", "quota, licences abroad", "tariff-rate quota"):
            answer = COMPUTED["quota_by_agreement"](seen(economy, MEASURES[name], law=law))
            assert (answer.value, answer.found_in) == (stated, "as stated in the case")
        assert COMPUTED["quota_by_agreement"](seen(economy, MEASURES["tariff"], law=law)).value is False
    assert COMPUTED["quota_by_agreement"](seen(economy, MEASURES["tariff-rate quota"])).value is False


def test_source_of_the_fact_that_a_government_acts(economy: ep.Economy) -> None:
    """A government's own measure needs no proof; for a restraint it is presumed, unless the case denies it."""
    own = COMPUTED["restriction_by_government"](seen(economy, MEASURES["quota"]))
    assert (own.value, own.found_in, own.confidence) == (True, "the measure", None)
    assert own.says == "The United States imposes it."
    presumed = COMPUTED["restriction_by_government"](seen(economy, MEASURES["restraint"], role="exporter"))
    assert (presumed.value, presumed.found_in, presumed.confidence) == (True, "our reading", "general")
    for fact in ("restriction_by_government", "restraint_by_government"):
        for stated in (True, False):
            law = {"facts": {"government_action": stated}}
            answer = COMPUTED[fact](seen(economy, MEASURES["restraint"], law=law))
            assert (answer.value, answer.found_in) == (stated, "as stated in the case")
    accepted = COMPUTED["restraint_by_government"](seen(economy, MEASURES["restraint"]))
    assert (accepted.value, accepted.found_in, accepted.confidence) == (True, "our reading", "general")
    assert "seeking it is enough" in accepted.says
    taken = COMPUTED["restraint_by_government"](seen(economy, MEASURES["restraint"], role="exporter"))
    assert "guidance" in taken.says
    sought = COMPUTED["restraint_by_government"](seen(economy, MEASURES["restraint"], law={"under": "us-232"}))
    assert (sought.value, sought.found_in, sought.confidence) == (True, "the book of statutes", "seen")
    assert "seeks it under Section 232 of the Trade Expansion Act of 1962" in sought.says
    for statute in ("us-301", "eu-aci"):  # names no such agreement; is not the importer's
        other = COMPUTED["restraint_by_government"](seen(economy, MEASURES["restraint"], law={"under": statute}))
        assert other.found_in == "our reading"
    quota = COMPUTED["restraint_by_government"](seen(economy, MEASURES["quota"], law={"under": "us-232"}))
    assert quota.found_in == "the measure"


def cap(share: float, exporter: Any = "WORLD", **keys: Any) -> ep.ImportQuota:
    return ep.ImportQuota(**(CARS | {"exporter": exporter, "cap": share} | keys))


@pytest.mark.parametrize(
    ("measures", "leaves"),
    [
        ([cap(0.8)], False),
        ([cap(0.8, "JPN")], True),
        ([cap(0.8, "JPN"), cap(0.8, exempt="JPN")], False),
        ([cap(0.8, "JPN"), cap(0.5, exempt="JPN")], None),
        ([cap(0.8, "JPN"), cap(0.8, "DEU")], True),
        ([cap(0.8, "JPN"), trq("DEU", out_rate=0.2), cap(0.8, ["CHN", "IRN"])], False),
        ([cap(0.8, "JPN"), add(0.2, ["DEU", "CHN", "IRN"])], True),
        ([cap(0.8, "JPN"), cap(0.8, exempt="JPN", sector="food")], True),
        ([cap(0.8), cap(0.3, sector="food")], False),
        ([cap(0.8), ep.ImportQuota(importer="DEU", sector="cars", cap=0.3)], False),
    ],
)
def test_whether_a_quota_leaves_some_out(
    economy: ep.Economy, measures: list[ep.measures.Measure], leaves: bool | None
) -> None:
    """Other quotas of the party on the same goods fill the gaps; if their shares differ, the answer is unknown."""
    answer = COMPUTED["quota_leaves_some_out"](seen(economy, *measures))
    assert answer.value is leaves
    if leaves is None:
        assert "from 50% to 80% of base trade" in answer.says
    if leaves is False:
        assert answer.says == "All origins of cars are restricted."


def test_a_restraint_leaves_destinations_out(economy: ep.Economy) -> None:
    s = seen(economy, MEASURES["restraint"], role="exporter", party="JPN")
    answer = COMPUTED["quota_leaves_some_out"](s)
    assert answer.value is True
    assert answer.says == "Japan restricts the United States and leaves Germany and China free."
    whole = seen(economy, MEASURES["restraint everywhere"], role="exporter", party="JPN")
    assert COMPUTED["quota_leaves_some_out"](whole).says == "All destinations of cars are restricted."


@pytest.mark.parametrize(("share", "below"), [(1.0, False), (1.2, False), (0.999, True), (0.0, True)])
def test_quota_below_recent_imports(economy: ep.Economy, share: float, below: bool) -> None:
    answer = COMPUTED["quota_below_recent_imports"](seen(economy, cap(share)))
    assert answer.value is below
    assert f"The quota is {100 * share:.4g}% of the imports of the base year" in answer.says
    for stated, expected in ((True, False), (False, True), (None, None)):
        law = {} if stated is None else {"facts": {"clear_justification": stated}}
        reasoned = COMPUTED["quota_below_recent_imports_without_reason"](seen(economy, cap(share), law=law))
        assert reasoned.value is (expected if below else False)
        assert answer.says in reasoned.says


# ---- the nature of a measure ----


def test_subsidies_and_farm_goods(economy: ep.Economy) -> None:
    for rate, so in ((0.05, True), (-0.05, False), (0.0, False)):
        measure = ep.ProductionSubsidy(country="USA", sector=["cars", "food"], rate=rate)
        answer = COMPUTED["is_production_subsidy"](seen(economy, measure, role="producer"))
        assert answer.value is so
        if so:
            assert answer.says == "The United States pays 5% on the output of cars and food."
    paid = COMPUTED["is_export_subsidy"](seen(economy, MEASURES["export subsidy"], role="exporter"))
    assert paid.says == "Japan pays 10% on exports of cars."
    barrier = COMPUTED["adds_a_trade_cost"](seen(economy, MEASURES["barrier"]))
    assert barrier.says == "The United States makes cars from Japan 10% costlier to sell there, without a duty."
    nothing = ep.NonTariffBarrier(**FROM_JAPAN, rate=0.0)
    assert COMPUTED["adds_a_trade_cost"](seen(economy, nothing)).value is False
    free = ep.ExportTax(**FROM_JAPAN, rate=0.0)
    assert COMPUTED["is_export_subsidy"](seen(economy, free, role="exporter")).value is False
    farm = COMPUTED["farm_goods"](seen(economy, add(0.1, sector="ALL")))
    assert (farm.value, farm.says) == (True, "Farm goods: food.")


@pytest.mark.parametrize(
    ("division", "farm"), [(1, True), (2, False), (3, False), (10, True), (11, True), (12, True), (13, False)]
)
def test_farm_goods_are_crops_animals_food_drink_and_tobacco(economy: ep.Economy, division: int, farm: bool) -> None:
    """Annex 1 of the Agreement on Agriculture: chapters 1 to 24 of the Harmonized System without fish."""
    context = LegalContext.of(economy, ep.Scenario((add(0.1),)), ON, case=LawSection(isic4={"cars": division}))
    s = next(s for s in measure_views(context) if s.role == "importer")
    assert COMPUTED["farm_goods"](s).value is farm


@pytest.mark.parametrize(
    ("since", "until", "beyond"),
    [
        (None, "2023-05-17", False),  # four years
        (None, "2023-05-18", None),
        (None, "2027-05-17", None),  # eight years
        (None, "2027-05-19", True),
        ("2018-05-17", "2026-05-19", True),
        ("2018-05-17", "2026-05-17", None),
        (None, None, None),
    ],
)
def test_how_long_a_safeguard_lasts(
    economy: ep.Economy, since: str | None, until: str | None, beyond: bool | None
) -> None:
    """Agreement on Safeguards, Article 7: four years, eight in all with an extension."""
    law = {key: day for key, day in (("since", since), ("until", until)) if day}
    answer = COMPUTED["lasts_beyond_eight_years"](seen(economy, add(0.25), law=law))
    assert answer.value is beyond
    assert answer.found_in == ("as stated in the case" if until else "not stated")
    if until and beyond is None:
        assert "Beyond four years it needs an extension" in answer.says
    if until == "2023-05-17":
        assert answer.says == "It ends on 16 May 2023, 4.0 years after 17 May 2019."


@pytest.mark.parametrize(
    ("until", "within"), [("2036-11-15", True), ("2036-11-16", False), ("2034-11-15", False), ("2034-11-16", True)]
)
def test_ten_years_of_a_safeguard_end_with_the_day_before_the_same_date(
    economy: ep.Economy, until: str, within: bool
) -> None:
    """Article 9.2: `until` is the first day without it; ten years may have three days of 29 February."""
    view = seen(economy, add(0.25), law={"since": "2026-11-15", "until": until})
    assert COMPUTED["ends_within_ten_years"](view).value is within


CLAIMS = {
    "security_claimed": "gatt-xxi",
    "trade_remedy_claimed": "gatt-vi",
    "balance_of_payments_claimed": "gatt-xii",
    "development_balance_of_payments_claimed": "gatt-xviii-b",
    "general_exception_claimed": "gatt-xx",
    "development_preference_claimed": "enabling-clause",
    "answers_a_safeguard": "sg-8",
    "safeguard_claimed": "gatt-xix",
    "answers_a_measure": "dsu-22",
}


@pytest.mark.parametrize("fact", CLAIMS)
def test_claims_belong_to_the_importer_unless_the_case_names_a_party(economy: ep.Economy, fact: str) -> None:
    measure = MEASURES["restraint"]
    for claimed in CLAIMS.values():
        answer = COMPUTED[fact](seen(economy, measure, law={"claims": claimed}))
        assert answer.value is (claimed == CLAIMS[fact]), claimed
    of_japan = {"claims": {"JPN": [CLAIMS[fact]]}}
    assert COMPUTED[fact](seen(economy, measure, law=of_japan)).value is False
    theirs = COMPUTED[fact](seen(economy, measure, role="exporter", law=of_japan))
    assert theirs.value is (fact != "answers_a_measure"), "an exporter's restraint answers nobody's measure"
    ours = COMPUTED[fact](seen(economy, measure, role="exporter", law={"claims": CLAIMS[fact]}))
    assert ours.value is (fact == "safeguard_claimed"), "an exporter may administer the importer's safeguard quota"


def test_a_statute_brings_its_exception_with_it(economy: ep.Economy) -> None:
    for statute, fact in (("us-232", "security_claimed"), ("us-201", "safeguard_claimed")):
        answer = COMPUTED[fact](seen(economy, MEASURES["restraint"], law={"under": statute}))
        assert answer.value is True
        assert "the United States acts under Section" in answer.says
    theirs = COMPUTED["security_claimed"](
        seen(economy, MEASURES["restraint"], role="exporter", law={"under": "us-232"})
    )
    assert theirs.value is False


def test_an_answer_claims_what_the_case_says_it_answers(economy: ep.Economy) -> None:
    """A solved answer is not covered by the claims of the importer that took the other measure."""
    s = seen(economy, add(0.1), answers={0: "It answers the quota."}, law={"claims": "gatt-xxi"})
    assert COMPUTED["answers_a_measure"](s) == FactAnswer(True, "It answers the quota.", "the measure")
    assert COMPUTED["security_claimed"](s).value is False
    equivalent = COMPUTED["answer_is_equivalent"](s)
    assert (equivalent.value, equivalent.found_in) == (True, "the engine")
    plain = seen(economy, add(0.1), answers={1: "Another is."}, law={"claims": "gatt-xxi"})
    assert COMPUTED["answer_is_equivalent"](plain).value is None
    assert COMPUTED["security_claimed"](plain).value is True
    assert COMPUTED["answers_a_measure"](plain).value is False
    assert COMPUTED["answered_measure_is_safeguard"](plain).value is None
    theirs = seen(economy, add(0.1), role="exporter", answers={0: "It answers the quota."})
    assert COMPUTED["answers_a_measure"](theirs) == FactAnswer(False, "It answers no measure.", "the measure")
    claimed = seen(economy, add(0.1), law={"claims": "dsu-22"})
    assert COMPUTED["answers_a_measure"](claimed).says == "It is taken as an answer to another Member's measure."


def test_sentences_on_a_claim(economy: ep.Economy) -> None:
    for fact, claim, yes, no in (
        ("security_claimed", "gatt-xxi", "National security", "The United States does not rely on national security."),
        ("safeguard_claimed", "gatt-xix", "It is taken as a safeguard", "It is not taken as a safeguard."),
    ):
        claimed = COMPUTED[fact](seen(economy, add(0.1), law={"claims": claim}))
        assert claimed == FactAnswer(True, f"{yes}: it is relied on, as stated.", "the case")
        assert COMPUTED[fact](seen(economy, add(0.1))) == FactAnswer(False, no, "the case")


# ---- asking ----


def test_negated_question_and_question_with_alternatives(economy: ep.Economy) -> None:
    s = seen(economy, MEASURES["quota"], law={"facts": {"injury_found": False}})
    assert [(q, a.value) for q, a in ask("is_import_quota", s)] == [("is_import_quota", True)]
    ((name, turned),) = ask("not is_import_quota", s)
    assert (name, turned.value, turned.says) == ("not is_import_quota", False, "It is an import quota.")
    # Of several the first that is so, else one that is not known, else all of them.
    assert [q for q, _ in ask(("restricts_imports", "is_import_quota"), s)] == ["restricts_imports"]
    assert [q for q, _ in ask(("adds_a_trade_cost", "clear_justification", "is_import_quota"), s)] == [
        "is_import_quota"
    ]
    assert [q for q, _ in ask(("adds_a_trade_cost", "clear_justification"), s)] == ["clear_justification"]
    assert [q for q, _ in ask(("adds_a_trade_cost", "injury_found"), s)] == ["adds_a_trade_cost", "injury_found"]
    ((_, unknown),) = ask("not clear_justification", s)
    assert unknown.value is None


def test_stated_facts_use_the_sentences_of_the_book(economy: ep.Economy) -> None:
    text = fact_texts()["injury_found"]
    for stated, says in ((True, text.yes), (False, text.no), (None, text.unknown)):
        law = {} if stated is None else {"facts": {"injury_found": stated}}
        ((_, answer),) = ask("injury_found", seen(economy, MEASURES["quota"], law=law))
        assert (answer.value, answer.says) == (stated, says)
        assert answer.found_in == ("not stated" if stated is None else "as stated in the case")


# ---- what does not count ----


def test_origins_without_trade_in_the_goods_are_ignored(economy: ep.Economy) -> None:
    """Iran sells no food to the United States, so the duty on it treats nobody differently."""
    apart = seen(economy, add(0.1, sector="food"))
    assert COMPUTED["origins_treated_differently"](apart).value is True, "Germany and China sell food"
    food: dict[str, Any] = {"importer": "USA", "sector": "food", "exporter": ["JPN", "DEU", "CHN"]}
    for measure in (ep.Tariff(**food, rate=0.1), ep.Tariff(**food, rate=0.1, change="add")):
        assert COMPUTED["origins_treated_differently"](seen(economy, measure)).value is False
    quotas = [ep.ImportQuota(**food, cap=0.8), ep.ImportQuota(importer="USA", sector="food", cap=0.3, exempt="CHN")]
    assert COMPUTED["quota_leaves_some_out"](seen(economy, quotas[0])).value is False
    assert COMPUTED["quota_leaves_some_out"](seen(economy, *quotas)).value is None


def test_a_share_of_several_origins_is_that_of_all_their_trade(economy: ep.Economy) -> None:
    """Japan and China sold 40 and 20 million: a ceiling of 30 million leaves half of it."""
    both = ep.ImportQuota(**CARS, exporter=["JPN", "CHN"], cap=30, unit="usd_m")
    says = COMPUTED["restricts_imports"](seen(economy, both)).says
    assert says == "The United States limits imports of cars from Japan and China: 50% of the base volume."
    for share, leaves in ((0.5, False), (0.500002, None)):
        rest = ep.ImportQuota(**CARS, exporter=["DEU", "IRN"], cap=share)
        assert COMPUTED["quota_leaves_some_out"](seen(economy, both, rest)).value is leaves


def test_another_countrys_statute_seeks_no_restraint(economy: ep.Economy) -> None:
    """Section 232 names an agreement to limit trade, but only as an action of the United States."""
    german = ep.VoluntaryExportRestraint(importer="DEU", exporter="JPN", sector="cars", cap=0.8)
    answer = COMPUTED["restraint_by_government"](seen(economy, german, law={"under": "us-232"}))
    assert (answer.value, answer.found_in) == (True, "our reading")


def test_quotas_at_the_volume_of_another_scenario_leave_no_share_to_compare(economy: ep.Economy) -> None:
    from entrepot.measures.fields import Match

    matched = ep.ImportQuota(**CARS, cap=Match("tariff"))
    assert COMPUTED["quota_leaves_some_out"](seen(economy, matched)).value is False
    beside = ep.ImportQuota(importer="USA", sector="food", cap=Match("tariff"))
    assert COMPUTED["quota_leaves_some_out"](seen(economy, cap(0.8), beside)).value is False


def test_points_and_percentages_have_four_digits() -> None:
    from entrepot.rules.facts.fact import points
    from entrepot.words import percent

    assert (percent(0.25), percent(0.123456), percent(0.0)) == ("25%", "12.35%", "0%")
    assert (points(0.025), points(-0.01)) == ("2.5 percentage points", "1 percentage point")


@pytest.mark.parametrize(
    ("duties", "inside", "changes", "preference"),
    [
        ({}, 0.024, True, True),  # below the 2.5% that are applied
        ({}, 0.025, False, False),
        ({"DEU": 0.05}, 0.025, False, False),  # Germany's duty is not Japan's
        ({"JPN": 0.05}, 0.025, True, True),
    ],
)
def test_a_quota_with_less_duty_inside_changes_a_duty(
    duties: dict[str, float], inside: float, changes: bool, preference: bool
) -> None:
    s = seen(made(**duties), trq(in_rate=inside, out_rate=0.025))
    assert COMPUTED["changes_import_duty"](s).value is changes
    assert COMPUTED["raises_import_duty"](s).value is False
    assert COMPUTED["is_a_preference"](s).value is preference


def test_inside_a_quota_the_highest_duty_comes_down_and_the_lowest_goes_up() -> None:
    """Japan free, Germany at 5%: at 0% inside and beyond Germany's falls, at 2% Japan's rises."""
    uneven = made(JPN=0.0, DEU=0.05)
    free = seen(uneven, trq("WORLD", in_rate=0.0, out_rate=0.0))
    assert (COMPUTED["changes_import_duty"](free).value, COMPUTED["raises_import_duty"](free).value) == (True, False)
    some = seen(uneven, trq("WORLD", in_rate=0.02, out_rate=0.02))
    assert COMPUTED["raises_import_duty"](some).value is True


def test_duty_that_rises_for_some_origins_rises(economy: ep.Economy) -> None:
    """Set at 3% where Germany paid 5% and the others 2.5%: it falls for Germany and rises for them."""
    s = seen(made(DEU=0.05), ep.Tariff(**CARS, rate=0.03))
    assert COMPUTED["raises_import_duty"](s).value is True
    lower = seen(made(DEU=0.05), ep.Tariff(**CARS, rate=0.025))
    assert (COMPUTED["changes_import_duty"](lower).value, COMPUTED["raises_import_duty"](lower).value) == (True, False)


def test_destinations_are_alike_after_a_charge_that_some_did_not_bear_before(economy: ep.Economy) -> None:
    """Cars for China leave the United States free and others at 10%: at 10% all are alike, and at 20% they are not."""
    where = {"exporter": "USA", "sector": "cars"}
    taxed = ep.solve(economy, ep.ExportTax(importer="WORLD", exempt="CHN", rate=0.1, **where)).as_economy("taxed")
    for rate, apart in ((0.1, False), (0.2, True)):
        view = seen(taxed, ep.ExportTax(importer="CHN", rate=rate, **where), role="exporter")
        assert COMPUTED["destinations_treated_differently"](view).value is apart
