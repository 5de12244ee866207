"""Findings on statutes, agreements and pledges: measures that breach them, that do not, and at the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.book import statutes
from entrepot.rules.domestic_law import authorities, short_title
from entrepot.rules.finding import Finding
from entrepot.rules.law_section import ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.studies.legal_notes import brief
from entrepot.words import day

CARS = {"importer": "USA", "sector": "motor_vehicles"}


def tariff(exporter: str | Sequence[str], points: str, **keys: Any) -> ep.Tariff:
    return ep.Tariff(**(CARS | {"exporter": exporter, "rate": points, "change": "add"} | keys))


def trq(exporter: str, **rates: float) -> ep.TariffRateQuota:
    return ep.TariffRateQuota(**CARS, exporter=exporter, cap=1.5, **rates)  # type: ignore[arg-type]


def of(
    world: ep.Economy, measure: ep.measures.Measure, rule: str, on: str, law: Mapping[str, Any] | None = None
) -> list[Finding]:
    return [f for f in ep.screen(measure, world, on=on, law=law or {}).findings if f.rule == rule]


def one(
    world: ep.Economy, measure: ep.measures.Measure, rule: str, on: str, law: Mapping[str, Any] | None = None
) -> str | None:
    found = of(world, measure, rule, on, law)
    return found[0].status.value if found else None


@pytest.mark.parametrize(
    ("statute", "measure", "on", "until", "expected"),
    [
        ("us-122", tariff("WORLD", "15%"), "2026-02-24", "2026-07-24", "consistent"),
        ("us-122", tariff("WORLD", "15.1%"), "2026-02-24", "2026-07-24", "inconsistent"),
        ("us-122", tariff("WORLD", "10%"), "2026-02-24", "2026-07-25", "inconsistent"),
        ("us-122", tariff("WORLD", "10%"), "2026-02-24", None, "justified if"),
        ("us-122", tariff("JPN", "10%"), "2026-02-24", "2026-07-24", "justified if"),
        ("us-122", tariff("WORLD", "10%"), "2026-05-07", "2026-07-24", "contested"),
        ("us-201", tariff("WORLD", "50%"), "2002-03-20", "2005-03-20", "justified if"),
        ("us-201", tariff("WORLD", "51%"), "2002-03-20", "2005-03-20", "inconsistent"),
        ("us-201", tariff("WORLD", "30%"), "2002-03-20", "2010-03-21", "inconsistent"),
        ("us-338", tariff("JPN", "50%"), "2019-05-17", None, "justified if"),
        ("us-338", tariff("JPN", "50.1%"), "2019-05-17", None, "inconsistent"),
        ("us-ieepa", tariff("WORLD", "10%"), "2025-04-09", None, "contested"),
        ("us-ieepa", tariff("WORLD", "10%"), "2026-02-20", None, "inconsistent"),
        ("us-232", tariff("WORLD", "25%"), "1962-10-10", None, "inconsistent"),
        ("us-232", tariff("WORLD", "25%"), "2019-05-17", None, "consistent"),
    ],
)
def test_verdict_of_each_statute(
    world: ep.Economy, statute: str, measure: ep.Tariff, on: str, until: str | None, expected: str
) -> None:
    law = {"under": statute} | ({"until": until} if until else {})
    assert one(world, measure, statute, on, law) == expected


@pytest.mark.parametrize(("inside", "beyond", "expected"), [(0.05, 0.15, "justified if"), (0.05, 0.16, "inconsistent")])
def test_points_of_a_tariff_rate_quota_count_in_full(
    world: ep.Economy, inside: float, beyond: float, expected: str
) -> None:
    """Section 122 allows 15 points: beyond the quota all of them are due, those due inside among them."""
    measure = ep.TariffRateQuota(**CARS, cap=0.8, in_rate=inside, out_rate=beyond, change="add")
    assert one(world, measure, "us-122", "2026-02-24", {"under": "us-122"}) == expected


def finding(world: ep.Economy, statute: str, measure: ep.measures.Measure, on: str, **law: Any) -> Finding:
    (found,) = of(world, measure, statute, on, {"under": statute} | law)
    return found


def step_texts(found: Finding, fact: str) -> list[str]:
    return [step.says for step in found.steps if step.fact == fact]


def test_statute_gives_no_authority_outside_its_period(world: ep.Economy) -> None:
    for statute, begins in (("us-232", "1962-10-11"), ("us-122", "1975-01-03"), ("us-338", "1930-06-17")):
        since = date.fromisoformat(begins)
        early = finding(world, statute, tariff("WORLD", "1%"), str(since - timedelta(days=1)), until=begins)
        assert early.status.value == "inconsistent"
        assert step_texts(early, "in_force") == [f"It was not in force on {day(since - timedelta(days=1))}."]
        there = finding(world, statute, tariff("WORLD", "1%"), begins, until=begins)
        assert step_texts(there, "in_force") == []
    ended = finding(world, "us-ieepa", tariff("WORLD", "1%"), "2026-02-20")
    (says,) = step_texts(ended, "in_force")
    assert says.startswith("It gave no power for this on 20 February 2026: the Supreme Court held in Learning")
    assert step_texts(finding(world, "us-ieepa", tariff("WORLD", "1%"), "2026-02-19"), "in_force") == []


@pytest.mark.parametrize(("points", "over"), [("15%", False), ("15.01%", True)])
def test_the_points_that_a_statute_allows(world: ep.Economy, points: str, over: bool) -> None:
    found = finding(world, "us-122", tariff("WORLD", points), "2026-02-24", until="2026-07-24")
    (text,) = step_texts(found, "points")
    step = next(step for step in found.steps if step.fact == "points")
    assert (step.answer, step.confidence) == (over, "seen")
    assert text == (
        "The duty rises by 15.01 percentage points; the statute allows at most 15 percentage points."
        if over
        else "The duty rises by 15 percentage points, within the 15 percentage points that the statute allows."
    )
    assert step.found_in == ("19 U.S.C. 2132(a), (d)" if over else "19 U.S.C. 2132")
    lower = finding(world, "us-122", tariff("WORLD", "-1%"), "2026-02-24", until="2026-07-24")
    assert step_texts(lower, "points") == []
    assert step_texts(finding(world, "us-301", tariff("JPN", "60%"), "2019-05-17"), "points") == []


CONTINUED = "its continuation is requested in the last 60 days of each four years"
EXTENDED = (
    "the Commission finds that it is still needed and that the industry is adjusting, and the President extends it "
    "(19 U.S.C. 2253(e)(1)(B), 2254(c))"
)


def test_section_122_allows_origins_to_differ_where_it_aims_at_surplus_countries(world: ep.Economy) -> None:
    apart = finding(world, "us-122", tariff("JPN", "10%"), "2026-02-24", until="2026-07-24")
    assert step_texts(apart, "all_origins") == [
        "The measure treats origins differently, which the statute allows if it aims at countries in surplus, or the "
        "difference is non-discriminatory in the sense of 19 U.S.C. 2132(d)."
    ]
    for statute, measure in (("us-122", tariff("WORLD", "10%")), ("us-338", tariff("JPN", "10%"))):
        assert step_texts(finding(world, statute, measure, "2026-02-24", until="2026-07-24"), "all_origins") == []


@pytest.mark.parametrize(
    ("statute", "since", "until", "says"),
    [
        ("us-122", "2026-02-24", "2026-07-24", None),
        ("us-122", "2026-02-24", "2026-07-25", "It lasts 151 days; the statute allows 150 days."),
        ("us-301", "2020-01-01", "2024-01-01", None),
        (
            "us-301",
            "2020-01-01",
            "2024-01-02",
            f"The statute allows 4 years, and more if {CONTINUED}.",
        ),
        ("us-201", "2018-02-07", "2022-02-07", None),
        ("us-201", "2018-02-07", "2026-02-07", f"The statute allows 4 years, and up to 8 years in all if {EXTENDED}."),
        ("us-201", "2018-02-07", "2026-02-08", "It lasts 2923 days; the statute allows 8 years with every extension."),
        ("us-232", "2018-03-23", "2058-03-23", None),
    ],
)
def test_statute_limits_the_duration_of_a_measure(
    world: ep.Economy, statute: str, since: str, until: str, says: str | None
) -> None:
    found = finding(world, statute, tariff("WORLD", "10%"), since, since=since, until=until)
    assert step_texts(found, "lasts") == ([says] if says else [])


def test_without_an_end_the_statutes_limit_is_the_condition(world: ep.Economy) -> None:
    for statute, allowed, fact in (("us-122", "150 days", "payments_problem_found"),):
        found = finding(world, statute, tariff("WORLD", "10%"), "2025-11-01", facts={fact: True})
        assert found.verdict == f"justified if it ends within {allowed}"
        assert step_texts(found, "lasts") == [f"No end is stated (law: until); the statute allows {allowed}."]
        assert found.cure == "Act within the limits and deadlines of the statute."
        assert found.remedy == "Parties with standing may sue in the national courts."
    # A breach of another limit is a breach, whatever its end.
    beyond = finding(world, "us-122", tariff("WORLD", "16%"), "2025-11-01")
    assert beyond.status.value == "inconsistent"
    endless = finding(world, "us-232", tariff("WORLD", "10%"), "2019-05-17")
    assert (endless.status.value, endless.condition, endless.cure, endless.remedy) == ("consistent", "", "", "")


def test_issue_disputed_in_court_is_contested_and_cites_both_sides(world: ep.Economy) -> None:
    found = finding(world, "us-ieepa", tariff("WORLD", "10%"), "2025-04-09")
    assert found.verdict == ("contested: courts and commentators disagree on whether the authority extends to it")
    (step,) = (step for step in found.steps if step.fact == "contest")
    assert step.says == "Whether the power to regulate importation includes tariffs"
    assert step.found_in.count("; ") == 1
    assert (step.confidence, found.confidence) == ("disputed", "disputed")
    declared = {"facts": {"emergency_declared": True}}
    before = finding(world, "us-ieepa", tariff("WORLD", "10%"), "2025-01-31", **declared)
    assert (before.status.value, step_texts(before, "contest")) == ("consistent", [])
    # A contest does not save what the statute does not allow.
    beyond = finding(world, "us-122", tariff("WORLD", "16%"), "2026-05-07", until="2026-07-24")
    assert beyond.status.value == "inconsistent"
    assert len(step_texts(beyond, "contest")) == 1


def test_a_finding_on_a_statute_cites_it(world: ep.Economy) -> None:
    found = finding(world, "us-232", tariff("JPN", "25%"), "2019-05-17")
    assert found.provision == "Section 232 (19 U.S.C. 1862; 15 CFR 705.11)"
    assert found.title == "Authority in the United States"
    assert found.steps[0].says.startswith(
        "Section 232 of the Trade Expansion Act of 1962 (national security): Commerce"
    )
    assert (found.complain, found.met) == ((), False)
    assert "ds544" in found.disputes
    union = tariff("USA", "25%", importer="EU28")
    assert finding(world, "eu-enforcement", union, "2019-05-17").title == "Authority in the EU"


def test_short_names_of_statutes_are_whole(world: ep.Economy) -> None:
    """A name is not cut inside a bracket, and only a section leaves out the act that it belongs to."""
    short = {statute.id: short_title(statute.title) for statute in statutes().values()}
    assert all(name.count("(") == name.count(")") for name in short.values())
    assert short["us-301"] == "Sections 301 to 310"
    assert short["eu-countermeasures-2025"] == "Countermeasures on United States goods"
    assert short["ca-customs-tariff-53"] == "Customs Tariff, section 53"
    assert short["us-ieepa"] == "International Emergency Economic Powers Act"
    assert brief(
        finding(world, "mx-constitution-131", tariff("CHN", "25%", importer="MEX"), "2026-01-01").provision
    ) == ("Foreign Trade Law and Constitution 131")
    assert short_title("Taxation (Cross-border Trade) Act of 2018") == "Taxation (Cross-border Trade) Act of 2018"


def test_statute_of_another_country_gives_no_authority(world: ep.Economy) -> None:
    assert one(world, tariff("JPN", "10%", importer="EU28"), "us-232", "2019-05-17", {"under": "us-232"}) is None


def test_whether_section_232_lapses_is_contested_only_once_its_clock_has_run_out(world: ep.Economy) -> None:
    for on, expected in (("2019-11-13", "consistent"), ("2019-11-14", "contested")):
        screen = ep.screen("us-japan-autos-2019", world, on=on)
        mine = [f for f in screen.of("tariff") if f.rule == "us-232"]
        assert [f.status.value for f in mine] == [expected]


def test_statute_that_names_a_restraint_conflicts_with_the_treaty(world: ep.Economy) -> None:
    restraint = ep.VoluntaryExportRestraint(**CARS, exporter="JPN", cap=0.8)
    (finding,) = of(world, restraint, "us-232", "2019-05-17", {"under": "us-232"})
    assert any("Authority under domestic law is not a defence under the treaty" in step.says for step in finding.steps)
    assert not any(
        step.fact == "clash"
        for f in of(world, tariff("JPN", "25%"), "us-232", "2019-05-17", {"under": "us-232"})
        for step in f.steps
    )


@pytest.mark.parametrize(
    ("pledge", "measure", "on", "expected"),
    [
        ("standstill-2018", tariff("JPN", "25%"), "2018-09-25", None),
        ("standstill-2018", tariff("JPN", "25%"), "2018-09-26", "departed from"),
        ("standstill-2018", tariff("JPN", "25%"), "2019-10-07", None),
        ("standstill-2018", tariff("KOR", "25%"), "2019-05-17", None),
        ("standstill-2018", tariff("JPN", "-1%"), "2019-05-17", None),
        ("japan-ceiling-2025", tariff("JPN", "15%", change="set"), "2025-09-16", "consistent"),
        ("japan-ceiling-2025", tariff("JPN", "15.1%", change="set"), "2025-09-16", "departed from"),
        ("japan-ceiling-2025", tariff("JPN", "25%"), "2025-09-15", None),
        ("japan-ceiling-2025", tariff("JPN", "20%", sector="metals"), "2025-09-16", None),
        ("korus-cars", tariff("KOR", "1%"), "2019-05-17", "inconsistent"),
        ("korus-cars", tariff("KOR", "1%"), "2012-03-14", None),
        ("japan-ceiling-2025", trq("JPN", in_rate=0.025, out_rate=0.275), "2025-09-16", "departed from"),
    ],
)
def test_verdict_of_each_pledge(
    world: ep.Economy, pledge: str, measure: ep.measures.Measure, on: str, expected: str | None
) -> None:
    assert one(world, measure, pledge, on) == expected


@pytest.mark.parametrize(
    ("measure", "on", "expected"),
    [
        (tariff("CAN", "25%"), "2018-11-30", "inconsistent"),
        (tariff("CAN", "25%"), "2018-11-29", None),
        (trq("CAN", in_rate=0.0, out_rate=0.25), "2019-05-17", "contested"),
        (tariff("JPN", "25%"), "2019-05-17", None),
    ],
)
def test_the_letters_exempt_from_section_232_alone(
    world: ep.Economy, measure: ep.measures.Measure, on: str, expected: str | None
) -> None:
    assert one(world, measure, "usmca-232-canada", on, {"under": "us-232"}) == expected
    assert one(world, measure, "usmca-232-canada", on) is None


def test_a_ceiling_is_on_the_partners_own_goods(world: ep.Economy) -> None:
    both = [tariff("WORLD", "10%"), tariff("CHN", "25%")]
    screen = ep.screen(both, world, on="2025-09-16")
    found = [f for f in screen.findings if f.rule == "japan-ceiling-2025"]
    assert {f.verdict for f in found} == {
        "departed from if a product's own duty is above the ceiling with what is added"
    }


def test_authority_that_ended_for_duties_remains_for_embargoes(world: ep.Economy) -> None:
    embargo = ep.ImportQuota(importer="USA", exporter="RUS", sector="petroleum", cap=0)
    law = {"under": "us-ieepa", "facts": {"emergency_declared": True}}
    assert one(world, embargo, "us-ieepa", "2026-06-01", law) == "consistent"


def test_the_union_is_a_party_of_its_members_of_the_day(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="EU28", exporter="USA", sector="food", rate=0.05, change="add")
    found = {f.party for f in ep.screen(measure, world, on="2002-06-01").findings if f.rule == "gatt-i-1"}
    assert "EU15" in found
    assert "POL" in found
    assert not found & {"DEU", "FRA", "SWE"}


def test_the_united_kingdom_left_the_customs_union_at_the_end_of_2020(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="EU28", exporter="USA", sector="food", rate=0.05, change="add")
    for on, parties in (("2020-12-31", {"EU28"}), ("2021-01-01", {"EU27", "GBR"})):
        assert {f.party for f in ep.screen(measure, world, on=on).findings if f.rule == "gatt-i-1"} == parties


def test_a_pledge_counts_the_trade_that_it_is_about(world: ep.Economy) -> None:
    (finding,) = of(world, tariff("WORLD", "25%"), "standstill-2018", "2019-05-17")
    (alone,) = of(world, tariff("JPN", "25%"), "standstill-2018", "2019-05-17")
    assert finding.trade == pytest.approx(alone.trade)
    assert finding.complain == ("JPN",)


def preference(exporter: str | list[str]) -> ep.Tariff:
    return ep.Tariff(importer="JPN", exporter=exporter, sector=["agriculture", "food"], rate=0)


@pytest.mark.parametrize(
    ("exporter", "on", "expected", "met"),
    [
        (["CAN", "AUS"], "2018-12-29", "inconsistent", False),
        (
            ["CAN", "AUS"],
            "2018-12-30",
            "justified if",
            False,
        ),  # what Japan's schedule leaves out is not known by sector
        (["EU28"], "2019-01-31", "inconsistent", False),
        (["EU28"], "2019-02-01", "justified if", False),
        (["EU28", "USA"], "2019-02-01", "inconsistent", False),
        (["GBR"], "2021-01-01", "justified if", True),
        (["BRA"], "2019-05-17", "inconsistent", False),
    ],
)
def test_preferences_need_an_agreement_in_force(
    world: ep.Economy, exporter: list[str], on: str, expected: str, met: bool
) -> None:
    (finding,) = of(world, preference(exporter), "gatt-i-1", on)
    assert (finding.status.value, finding.met) == (expected, met)


def test_an_agreement_that_the_book_does_not_have_can_be_stated(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="EU28", exporter="KOR", sector="food", rate=0)
    (finding,) = of(world, measure, "gatt-i-1", "2019-05-17")
    assert finding.status.value == "inconsistent"
    assert any("The book is incomplete" in step.says for step in finding.steps)
    law = {"facts": {"in_a_free_trade_agreement": True}}
    (stated,) = of(world, measure, "gatt-i-1", "2019-05-17", law)
    assert (stated.status.value, stated.met) == ("justified if", True)


def test_an_agreement_that_leaves_cars_out_does_not_cover_substantially_all_trade(world: ep.Economy) -> None:
    (finding,) = of(world, preference("USA"), "gatt-i-1", "2020-01-01", {"under": "us-japan-2019"})
    assert finding.status.value == "inconsistent"
    (span,) = [step.says for step in finding.steps if step.fact == "covers_substantially_all_trade"]
    assert "Between 19% and 70% of the trade in goods" in span
    lenient = of(
        world, preference("USA"), "gatt-i-1", "2020-01-01", {"under": "us-japan-2019", "substantially_all": 0.5}
    )
    assert lenient[0].status.value == "justified if"


def test_a_case_may_state_its_own_bound_rates_and_sectors(small: ep.Economy) -> None:
    measure = ep.Tariff(importer="C00", sector="s00", rate=0.3)
    law = {"bound_rates": [{"country": "C00", "sector": "s00", "rate": "25%"}], "members": ["C01"]}
    (finding,) = [f for f in ep.screen(measure, small, on="2020-01-01", law=law).findings if f.rule == "gatt-ii-1-b"]
    assert finding.status.value == "inconsistent"
    assert "5 percentage points above it" in finding.steps[-2].says + finding.steps[-1].says


def test_non_member_is_not_screened(small: ep.Economy, world: ep.Economy) -> None:
    made_up = ep.screen(ep.Tariff(importer="C00", sector="s00", rate=0.3), small, on="2020-01-01")
    assert not made_up.findings
    names = made_up.notes[0].partition(": not a country in the book")[0]
    assert set(names.replace(" and ", ", ").split(", ")) == {"C00", "C01", "C02", "C03", "C04"}
    declared = ep.screen(
        ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3),
        small,
        on="2020-01-01",
        law={"members": ["C00", "C01"]},
    )
    assert {f.rule for f in declared.findings} >= {"gatt-i-1"}
    assert not [note for note in declared.notes if "no country" in note]
    early = ep.Tariff(importer="TWN", exporter="USA", sector="food", rate=0.3)
    before, after = (ep.screen(early, world, on=on) for on in ("2001-12-31", "2002-01-01"))
    assert not before.findings
    assert "Taiwan: not bound by the WTO agreements on 31 December 2001" in before.notes[0]
    assert "not bound" in repr(before)
    assert after.findings
    assert not [note for note in after.notes if "not bound" in note]


@pytest.mark.parametrize(
    ("law", "first", "last"),
    [
        ({"since": "2026-12-01"}, "1 December 2026", "29 April 2027"),
        ({"since": "2026-02-24"}, "24 February 2026", "23 July 2026"),
        ({}, "15 December 2026", "13 May 2027"),  # without a day of its own: that of the screen
    ],
)
def test_the_150_days_are_those_of_the_measure(world: ep.Economy, law: dict[str, str], first: str, last: str) -> None:
    """19 U.S.C. 2132(a): a period not exceeding 150 days; the first day of the surcharge is the first of them."""
    surcharge = ep.Tariff(importer="USA", exporter="WORLD", sector="metals", rate=0.1, change="add")
    screen = ep.screen(surcharge, world, on="2026-12-15", law={"under": "us-122", **law})
    (finding,) = [f for f in screen.findings if f.rule == "us-122"]
    assert finding.consequence.endswith(f"A measure that starts on {first} is due on entries until {last}.")


def test_the_days_of_a_surcharge_run_from_its_event_in_the_calendar(world: ep.Economy) -> None:
    surcharge = ep.Tariff(importer="USA", exporter="WORLD", sector="metals", rate=0.1, change="add")
    began = SimpleNamespace(date=date(2026, 2, 24), event="The surcharge begins", kind=("us-122-applied",))
    law = ScenarioLaw(under=("us-122",))
    context = LegalContext.of(world, ep.Scenario((surcharge,)), date(2026, 6, 10), law, events=[began])
    (finding,) = [f for view in measure_views(context) for f in authorities(view)]
    assert finding.consequence.endswith("starts on 24 February 2026 is due on entries until 23 July 2026.")
