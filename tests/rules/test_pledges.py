"""What the parties promised each other: whose promise, to whom, on what, until when, and what runs against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.book import agreements
from entrepot.rules.finding import Finding, Status

CARS: dict[str, Any] = {"importer": "USA", "sector": "motor_vehicles"}


def add(exporter: Any, rate: float = 0.25, **keys: Any) -> ep.Tariff:
    return ep.Tariff(**(CARS | {"exporter": exporter, "rate": rate, "change": "add"} | keys))


def found(
    world: ep.Economy, pledge: str, measure: ep.Measure, on: str, law: Mapping[str, Any] | None = None
) -> list[Finding]:
    return [f for f in ep.screen(measure, world, on=on, law=law or {}).findings if f.rule == pledge]


def status(world: ep.Economy, pledge: str, measure: ep.Measure, on: str, **law: Any) -> Status | None:
    one = found(world, pledge, measure, on, law)
    return one[0].status if one else None


# ---- whose promise, to whom, on what, from when to when ----


@pytest.mark.parametrize(
    ("pledge", "measure", "on", "status_there"),
    [
        # The European Union's statement covers the United States' cars duties on the Union, until January 2021.
        ("standstill-eu-2018", add("EU28"), "2018-07-24", None),
        ("standstill-eu-2018", add("EU28"), "2018-07-25", Status.CONTESTED),
        ("standstill-eu-2018", add("EU28"), "2021-01-19", Status.CONTESTED),
        ("standstill-eu-2018", add("EU28"), "2021-01-20", None),
        ("standstill-eu-2018", add("DEU"), "2019-05-17", Status.CONTESTED),
        ("standstill-eu-2018", add("EU28", sector="food"), "2019-05-17", None),
        ("standstill-eu-2018", add("JPN"), "2019-05-17", None),
        ("standstill-eu-2018", add("USA", importer="EU28"), "2019-05-17", None),
        # That with Japan is both sides', on all goods.
        ("standstill-2018", add("USA", importer="JPN"), "2019-05-17", Status.CONTESTED),
        ("standstill-2018", add("JPN", sector="food"), "2019-05-17", Status.CONTESTED),
        ("standstill-2019", add("JPN"), "2019-09-24", None),
        ("standstill-2019", add("JPN"), "2025-04-03", Status.CONTESTED),
        # Free trade in cars of the treaties, while they are in force.
        ("korus-cars", add("KOR", 0.01), "2015-12-31", None),
        ("korus-cars", add("KOR", 0.01), "2016-01-01", Status.INCONSISTENT),
        ("korus-cars", add("USA", 0.01, importer="KOR"), "2016-01-01", Status.INCONSISTENT),
        ("korus-cars", add("KOR", 0.01, sector="food"), "2016-01-01", None),
        ("usmca-cars", add("MEX", 0.01), "2020-06-30", None),
        ("usmca-cars", add("MEX", 0.01), "2020-07-01", Status.INCONSISTENT),
        ("usmca-cars", add("CAN", 0.01, importer="MEX"), "2020-07-01", Status.INCONSISTENT),
        ("eu-japan-epa-cars", add("JPN", 0.01, importer="EU27"), "2026-01-31", None),
        ("eu-japan-epa-cars", add("JPN", 0.01, importer="EU27"), "2026-02-01", Status.INCONSISTENT),
        ("eu-japan-epa-cars", add("JPN", 0.01, importer="GBR"), "2026-02-01", None),
        ("cptpp-duties", add("CAN", 0.01, importer="JPN"), "2018-12-29", None),
        ("cptpp-duties", add("CAN", 0.01, importer="JPN"), "2018-12-30", Status.INCONSISTENT),
        ("cptpp-duties", add("USA", 0.01, importer="JPN"), "2018-12-30", None),
        # Promises that no border measure of the importer breaks.
        ("purchases-eu-2018", add("USA", importer="EU28"), "2019-05-17", None),
        ("us-japan-2019-farm", add("USA", importer="JPN", sector="food"), "2020-05-01", None),
        ("japan-investment-2025", add("USA", importer="JPN"), "2025-10-01", None),
        # A measure that restrains nothing runs against nothing.
        ("standstill-2018", add("JPN", -0.01), "2019-05-17", None),
        ("korus-cars", add("KOR", -0.001), "2019-05-17", None),
        # Quotas and restraints do.
        ("standstill-2018", ep.ImportQuota(**CARS, exporter="JPN", cap=0.8), "2019-05-17", Status.CONTESTED),
        (
            "standstill-2018",
            ep.VoluntaryExportRestraint(**CARS, exporter="JPN", cap=0.8),
            "2019-05-17",
            Status.CONTESTED,
        ),
        ("korus-cars", ep.ImportQuota(**CARS, exporter="KOR", cap=0.8), "2019-05-17", Status.INCONSISTENT),
    ],
)
def test_when_a_pledge_stands_in_the_way(
    world: ep.Economy, pledge: str, measure: ep.Measure, on: str, status_there: Status | None
) -> None:
    assert status(world, pledge, measure, on) == status_there


@pytest.mark.parametrize(
    ("pledge", "partner", "on", "ceiling"),
    [
        ("japan-ceiling-2025", "JPN", "2025-09-16", 0.15),
        ("eu-ceiling-2025", "EU27", "2025-08-21", 0.15),
        ("korea-ceiling-2025", "KOR", "2025-12-04", 0.15),
        ("uk-ceiling-2025", "GBR", "2025-06-30", 0.10),
    ],
)
def test_the_ceilings_of_2025(world: ep.Economy, pledge: str, partner: str, on: str, ceiling: float) -> None:
    """At the ceiling is within it; the finding tells both numbers."""
    for rate, expected, word in (
        (ceiling, Status.CONSISTENT, "within"),
        (ceiling + 1e-4, Status.INCONSISTENT, "above"),
    ):
        (finding,) = found(world, pledge, ep.Tariff(**CARS, exporter=partner, rate=rate), on)
        assert finding.status is expected
        says = finding.steps[-1].says
        assert f"The duty after the measure is {100 * rate:.4g}% at the most, {word} the ceiling of" in says
        assert finding.steps[-1].answer is (word == "above")
        assert finding.title == "Ceiling on duties"
        assert (finding.complain == ()) == (expected is Status.CONSISTENT)
        assert (finding.remedy == "") == (expected is Status.CONSISTENT)


def test_a_ceiling_holds_for_lower_duties_too(world: ep.Economy) -> None:
    """It is a promise about the duty, not about a rise: a measure that lowers the duty is held to it as well."""
    lower = ep.Tariff(**CARS, exporter="JPN", rate=0.0)
    assert status(world, "japan-ceiling-2025", lower, "2025-10-01") is Status.CONSISTENT


# ---- the letters on Section 232 ----

LETTER, STEEL = "usmca-232-canada", "korea-232-steel"


def test_an_exemption_from_section_232_matters_to_measures_under_it(world: ep.Economy) -> None:
    quota = ep.TariffRateQuota(**CARS, exporter="CAN", cap=0.8, out_rate=0.25)
    under = {"under": "us-232"}
    (duty,) = found(world, LETTER, add("CAN"), "2019-05-17", under)
    assert duty.status is Status.INCONSISTENT
    assert duty.steps[-1].says.startswith("Exempt: 2.6 million passenger vehicles a year")
    assert duty.steps[-1].answer is None
    (some,) = found(world, LETTER, quota, "2019-05-17", under)
    assert some.status is Status.CONTESTED
    assert some.condition.startswith("what stays free must be compared with what is exempt: 2.6 million")
    for law in ({}, {"under": "us-301"}):
        assert found(world, LETTER, add("CAN"), "2019-05-17", law) == []
    # The security exception of a treaty is none to the exemption itself.
    claimed = found(world, STEEL, add("KOR", sector="metals"), "2019-05-17", {"under": "us-232"})
    assert [f.status for f in claimed] == [Status.INCONSISTENT]


def test_the_treatys_own_security_exception_is_contested(world: ep.Economy) -> None:
    (finding,) = found(world, "korus-cars", add("KOR"), "2019-05-17", {"claims": "gatt-xxi"})
    assert finding.status is Status.CONTESTED
    security = agreements()["korus"].security
    assert finding.condition == f"it stands or falls with the agreement's security exception ({security})"
    (plain,) = found(world, "korus-cars", add("KOR"), "2019-05-17")
    assert (plain.status, plain.condition) == (Status.INCONSISTENT, "")
    # An arrangement without such a clause is not excused by one.
    (ceiling,) = found(world, "uk-ceiling-2025", add("GBR"), "2025-10-01", {"claims": "gatt-xxi"})
    assert ceiling.status is Status.INCONSISTENT


# ---- what is said ----


def test_a_political_text_has_no_tribunal_and_a_treaty_has_one(world: ep.Economy) -> None:
    (statement,) = found(world, "standstill-2018", add("JPN"), "2019-05-17")
    assert statement.title == "Standstill"
    assert "political" in statement.condition
    assert statement.consequence == "The pledge is broken in the eyes of the other side."
    assert statement.remedy.startswith("A political text has no tribunal")
    assert statement.cure == "Leave out Japan, or wait until 7 October 2019."
    assert statement.provision == "US-Japan statement of 2018"
    (treaty,) = found(world, "korus-cars", add("KOR"), "2019-05-17")
    assert treaty.title == "What the agreement frees"
    assert treaty.consequence == "The agreement is breached."
    assert treaty.remedy == "Consultations and a panel under the agreement's own chapter on disputes."
    assert treaty.cure.startswith("Leave out ")
    assert treaty.cure.endswith(".")
    assert "wait" not in treaty.cure
    (letter,) = found(world, LETTER, add("CAN"), "2019-05-17", {"under": "us-232"})
    assert letter.remedy.startswith("A political text has no tribunal")


def test_the_steps_are_what_restrains_and_what_was_promised(world: ep.Economy) -> None:
    (finding,) = found(world, "standstill-2018", add("JPN"), "2019-05-17")
    assert [step.fact for step in finding.steps] == ["raises_import_duty", "pledge"]
    assert "adds 25 percentage points to its duty" in finding.steps[0].says
    assert finding.steps[1].says == (
        "US-Japan statement of 2018: While the consultations run, both sides refrain from measures against the spirit "
        "of the statement."
    )
    assert (finding.text, finding.confidence) == ("seen", "seen")
    restraint = ep.VoluntaryExportRestraint(**CARS, exporter="JPN", cap=0.8)
    (held,) = found(world, "standstill-2018", restraint, "2019-05-17")
    assert [step.fact for step in held.steps] == ["restricts_imports_or_restrained", "pledge"]


def test_only_the_importers_promise_is_asked_about_and_only_to_those_whom_it_hits(world: ep.Economy) -> None:
    everyone = add("WORLD")
    (finding,) = found(world, "standstill-2018", everyone, "2019-05-17")
    assert (finding.role, finding.party, finding.complain) == ("importer", "USA", ("JPN",))
    j, n, i = (world.sectors.index("motor_vehicles"), *(world.countries.index(c) for c in ("USA", "JPN")))
    assert finding.trade == pytest.approx(world.value[j, n, i])
    (union,) = found(world, "standstill-eu-2018", everyone, "2019-05-17")
    assert union.complain == ("EU28",)


def test_the_restraints_of_the_past_bind_nobody_today(world: ep.Economy) -> None:
    """Of the consensus of 1991 the text says other things than a promise not to restrain."""
    for on in ("1993-06-01", "2019-05-17"):
        assert found(world, "consensus-1991", add("JPN", importer="EU28"), on) == []


@pytest.mark.parametrize(
    ("inside", "beyond", "status"),
    [
        ("10%", "27.5%", "consistent"),  # the quota is the deal
        ("10%", "30%", "inconsistent"),
        ("11%", "27.5%", "inconsistent"),
        ("0%", "10%", "consistent"),
    ],
)
def test_a_quota_that_is_the_deal_is_no_breach_of_it(world: ep.Economy, inside: str, beyond: str, status: str) -> None:
    quota = ep.TariffRateQuota(
        importer="USA", exporter="GBR", sector="motor_vehicles", cap="100%", in_rate=inside, out_rate=beyond
    )
    (finding,) = [f for f in ep.screen(quota, world, on="2025-06-30").findings if f.rule == "uk-ceiling-2025"]
    assert finding.status.value == status
    plain = ep.Tariff(importer="USA", exporter="GBR", sector="motor_vehicles", rate=beyond)
    (finding,) = [f for f in ep.screen(plain, world, on="2025-06-30").findings if f.rule == "uk-ceiling-2025"]
    assert finding.status.value == ("consistent" if beyond == "10%" else "inconsistent")  # within the quota too


def test_the_bundled_deal_with_the_united_kingdom_keeps_it() -> None:
    from entrepot.cases.screened import screen_case

    found = screen_case(ep.load_case("us-japan-autos-2025")).of("uk_deal")
    assert [f.status.value for f in found if f.rule == "uk-ceiling-2025"] == ["consistent"]
