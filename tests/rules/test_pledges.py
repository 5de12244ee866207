"""Pledges: who made them, to whom, on which goods, for which period, and which measures violate them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.languages import speaking, translated
from entrepot.rules.book import Agreement, agreements
from entrepot.rules.finding import Finding, Status
from entrepot.rules.law_section import LawSection
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.rules.pledges import pledges
from worlds import random_world

CARS: dict[str, Any] = {"importer": "USA", "sector": "motor_vehicles"}


def add(exporter: Any, rate: float = 0.25, **keys: Any) -> ep.Tariff:
    return ep.Tariff(**(CARS | {"exporter": exporter, "rate": rate, "change": "add"} | keys))


def found(
    world: ep.Economy, pledge: str, measure: ep.measures.Measure, on: str, law: Mapping[str, Any] | None = None
) -> list[Finding]:
    return [f for f in ep.screen(measure, world, on=on, law=law or {}).findings if f.rule == pledge]


def status(world: ep.Economy, pledge: str, measure: ep.measures.Measure, on: str, **law: Any) -> Status | None:
    one = found(world, pledge, measure, on, law)
    return one[0].status if one else None


# ---- whose promise, to whom, on what, from when to when ----


@pytest.mark.parametrize(
    ("pledge", "measure", "on", "status_there"),
    [
        # The European Union's statement covers the United States' cars duties on the Union, until January 2021.
        ("standstill-eu-2018", add("EU28"), "2018-07-24", None),
        ("standstill-eu-2018", add("EU28"), "2018-07-25", Status.DEPARTED),
        ("standstill-eu-2018", add("EU28"), "2021-01-19", Status.DEPARTED),
        ("standstill-eu-2018", add("EU28"), "2021-01-20", None),
        ("standstill-eu-2018", add("DEU"), "2019-05-17", Status.DEPARTED),
        ("standstill-eu-2018", add("EU28", sector="food"), "2019-05-17", None),
        ("standstill-eu-2018", add("JPN"), "2019-05-17", None),
        ("standstill-eu-2018", add("USA", importer="EU28"), "2019-05-17", None),
        # That with Japan is both sides', on all goods.
        ("standstill-2018", add("USA", importer="JPN"), "2019-05-17", Status.DEPARTED),
        ("standstill-2018", add("JPN", sector="food"), "2019-05-17", Status.DEPARTED),
        ("standstill-2019", add("JPN"), "2019-09-24", None),
        ("standstill-2019", add("JPN"), "2025-04-03", Status.DEPARTED),
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
        ("standstill-2018", ep.ImportQuota(**CARS, exporter="JPN", cap=0.8), "2019-05-17", Status.DEPARTED),
        (
            "standstill-2018",
            ep.VoluntaryExportRestraint(**CARS, exporter="JPN", cap=0.8),
            "2019-05-17",
            Status.DEPARTED,
        ),
        ("korus-cars", ep.ImportQuota(**CARS, exporter="KOR", cap=0.8), "2019-05-17", Status.INCONSISTENT),
    ],
)
def test_period_of_a_pledge(
    world: ep.Economy, pledge: str, measure: ep.measures.Measure, on: str, status_there: Status | None
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
    """A duty at the ceiling is within it; the finding gives both numbers."""
    for rate, expected, word in (
        (ceiling, Status.CONSISTENT, "within"),
        (ceiling + 1e-4, Status.DEPARTED, "above"),
    ):
        (finding,) = found(world, pledge, ep.Tariff(**CARS, exporter=partner, rate=rate), on)
        assert finding.status is expected
        says = finding.steps[-1].says
        assert f"The duty after the measure is {100 * rate:.4g}% at most, {word} the ceiling of" in says
        assert finding.steps[-1].answer is (word == "above")
        assert finding.title == "Ceiling on duties"
        assert (finding.complain == ()) == (expected is Status.CONSISTENT)
        assert (finding.remedy == "") == (expected is Status.CONSISTENT)


def test_a_ceiling_holds_for_lower_duties_too(world: ep.Economy) -> None:
    """The pledge limits the duty, not its rise: it applies to a measure that lowers the duty too."""
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
    assert some.condition.startswith("the trade that stays free must be compared with the exempt quantity: 2.6 million")
    for law in ({}, {"under": "us-301"}):
        assert found(world, LETTER, add("CAN"), "2019-05-17", law) == []
    # Where the measure may be under another statute, that is a condition; one of another country adds none.
    (either,) = found(world, LETTER, add("CAN"), "2019-05-17", {"under": ["us-301", "us-232"]})
    law_232 = "Section 232 of the Trade Expansion Act of 1962 (national security)"
    assert either.verdict == f"contested: it is broken if the measure is taken under {law_232}"
    assert either.steps[-1].says.startswith("Exempt: 2.6 million passenger vehicles a year")
    (steel,) = found(world, STEEL, add("KOR", sector="metals"), "2019-05-17", {"under": ["us-301", "us-232"]})
    assert steel.verdict == f"departed from if the measure is taken under {law_232}"
    (alone,) = found(world, LETTER, add("CAN"), "2019-05-17", {"under": ["eu-countermeasures-2025", "us-232"]})
    assert alone.status is Status.INCONSISTENT
    # The security exception of a treaty is none to the exemption itself.
    claimed = found(world, STEEL, add("KOR", sector="metals"), "2019-05-17", {"under": "us-232"})
    assert [f.status for f in claimed] == [Status.DEPARTED]


def test_the_treatys_own_security_exception_is_contested(world: ep.Economy) -> None:
    (finding,) = found(world, "korus-cars", add("KOR"), "2019-05-17", {"claims": "gatt-xxi"})
    assert finding.status is Status.CONTESTED
    security = agreements()["korus"].security
    assert finding.condition == f"it stands or falls with the security exception of the agreement ({security})"
    (plain,) = found(world, "korus-cars", add("KOR"), "2019-05-17")
    assert (plain.status, plain.condition) == (Status.INCONSISTENT, "")
    # An arrangement without such a clause is not excused by one.
    (ceiling,) = found(world, "uk-ceiling-2025", add("GBR"), "2025-10-01", {"claims": "gatt-xxi"})
    assert ceiling.status is Status.DEPARTED


# ---- texts ----


def test_a_political_text_has_no_tribunal_and_a_treaty_has_one(world: ep.Economy) -> None:
    (statement,) = found(world, "standstill-2018", add("JPN"), "2019-05-17")
    assert statement.title == "Standstill"
    assert statement.verdict == (
        "departed from if it is against the spirit of the text, which is political and for the parties to read"
    )
    assert statement.consequence == "The other side will regard the pledge as broken."
    assert statement.remedy.startswith("A political text has no tribunal")
    assert statement.cure == "Leave out Japan, or wait until 7 October 2019."
    assert statement.provision == "US-Japan statement of 2018"
    (treaty,) = found(world, "korus-cars", add("KOR"), "2019-05-17")
    assert treaty.title == "Trade freed by the agreement"
    assert treaty.consequence == "The agreement is breached."
    assert treaty.remedy == "Consultations and a panel under the dispute settlement chapter of the agreement."
    assert treaty.cure.startswith("Leave out ")
    assert treaty.cure.endswith(".")
    assert "wait" not in treaty.cure
    (deal,) = found(world, "japan-ceiling-2025", add("JPN"), "2025-10-01")
    assert deal.verdict == "departed from"
    assert deal.remedy.startswith("A political text has no tribunal")


def test_steps_name_the_restriction_and_the_pledge(world: ep.Economy) -> None:
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


def test_only_pledges_of_the_importer_to_affected_partners_count(world: ep.Economy) -> None:
    everyone = add("WORLD")
    (finding,) = found(world, "standstill-2018", everyone, "2019-05-17")
    assert (finding.role, finding.party, finding.complain) == ("importer", "USA", ("JPN",))
    j, n, i = (world.sectors.index("motor_vehicles"), *(world.countries.index(c) for c in ("USA", "JPN")))
    assert finding.trade == pytest.approx(world.value[j, n, i])
    (union,) = found(world, "standstill-eu-2018", everyone, "2019-05-17")
    assert union.complain == ("EU28",)


def test_ended_restraints_bind_nobody(world: ep.Economy) -> None:
    """The consensus of 1991 contains no pledge not to restrict trade."""
    for on in ("1993-06-01", "2019-05-17"):
        assert found(world, "consensus-1991", add("JPN", importer="EU28"), on) == []


@pytest.mark.parametrize(
    ("inside", "beyond", "status"),
    [
        ("10%", "27.5%", "consistent"),  # the quota is the deal
        ("10%", "30%", "departed from"),
        ("11%", "27.5%", "departed from"),
        ("0%", "10%", "consistent"),
    ],
)
def test_quota_agreed_in_the_deal_does_not_breach_it(world: ep.Economy, inside: str, beyond: str, status: str) -> None:
    quota = ep.TariffRateQuota(
        importer="USA", exporter="GBR", sector="motor_vehicles", cap="100%", in_rate=inside, out_rate=beyond
    )
    (finding,) = [f for f in ep.screen(quota, world, on="2025-06-30").findings if f.rule == "uk-ceiling-2025"]
    assert finding.status.value == status
    plain = ep.Tariff(importer="USA", exporter="GBR", sector="motor_vehicles", rate=beyond)
    (finding,) = [f for f in ep.screen(plain, world, on="2025-06-30").findings if f.rule == "uk-ceiling-2025"]
    assert finding.status.value == ("consistent" if beyond == "10%" else "departed from")  # within the quota too


def test_the_bundled_deal_with_the_united_kingdom_keeps_it() -> None:
    from entrepot.cases.screening import screen_case

    found = screen_case(ep.load_case("us-japan-autos-2025")).of("uk_deal")
    assert [f.status.value for f in found if f.rule == "uk-ceiling-2025"] == ["consistent"]


# ---- on agreements that are made up ----


@pytest.fixture(scope="module")
def three() -> ep.Economy:
    """Japan, Mexico and the United States; cars and food, on which duties are 2% and 10%."""
    made = random_world(3, 2, seed=1, tariffs=False)
    countries, sectors = ("JPN", "MEX", "USA"), ("cars", "food")
    tariff = np.where(np.eye(3, dtype=bool), 0.0, np.array([0.02, 0.1])[:, None, None])
    return replace(made, countries=countries, sectors=sectors, tariff=tariff)


def promise(**keys: Any) -> dict[str, Any]:
    return {
        "id": "made-up",
        "kind": "no_new_duties",
        "says": "a promise.",
        "source": "A text",
        "confidence": "seen",
    } | keys


class Made:
    """Return the finding on a measure under a US-Japan agreement with one pledge."""

    def __init__(self, three: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
        self.three, self.monkeypatch = three, monkeypatch

    def __call__(
        self, pledge: Mapping[str, Any], measure: ep.measures.Measure | None = None, on: str = "2020-05-01", **keys: Any
    ) -> list[Finding]:
        plain = agreements()["us-japan-2019"].model_dump() | {"joined": {}, "left": {}, "ended": None}
        plain |= {"in_force": "2020-01-01", "signed": "2019-10-07", "pledges": [pledge]} | keys
        made = Agreement.model_validate(plain)
        self.monkeypatch.setattr("entrepot.rules.pledges.agreements", lambda: {made.id: made})
        measure = measure or self.tariff()
        case = LawSection(isic4={"cars": 29, "food": 10})
        context = LegalContext.of(self.three, ep.Scenario((measure,)), datetime.date.fromisoformat(on), case=case)
        return [finding for s in measure_views(context) for finding in pledges(s)]

    @staticmethod
    def tariff(**keys: Any) -> ep.Tariff:
        return ep.Tariff(
            **({"importer": "USA", "exporter": "JPN", "sector": "cars", "rate": 0.1, "change": "add"} | keys)
        )


@pytest.fixture
def made(three: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> Made:
    return Made(three, monkeypatch)


@pytest.mark.parametrize(
    ("pledge", "agreement", "first", "last"),
    [
        # Its own day, else the day the agreement comes into force, else (a statement's) that on which it was signed.
        ({"since": "2020-03-01"}, {}, "2020-03-01", None),
        ({}, {}, "2020-01-01", None),
        ({"since": "2019-11-01"}, {"kind": "statement"}, "2019-11-01", None),
        ({}, {"kind": "statement", "in_force": None}, "2019-10-07", None),
        # A treaty binds from the day it comes into force, whatever its pledge says; and each party from its own.
        ({"since": "2019-11-01"}, {}, "2020-01-01", None),
        ({}, {"joined": {"JPN": "2020-04-01"}}, "2020-04-01", None),
        ({}, {"joined": {"USA": "2020-04-01"}}, "2020-04-01", None),
        ({}, {"joined": {"USA": "2020-04-01"}, "kind": "customs_union"}, "2020-04-01", None),
        ({}, {"joined": {"USA": "2020-04-01"}, "kind": "limited"}, "2020-04-01", None),
        ({}, {"joined": {"USA": "2020-04-01"}, "kind": "side_letter"}, "2020-01-01", None),
        # To the day before its own end, else the agreement's.
        ({"until": "2020-06-01"}, {"ended": "2020-09-01"}, "2020-01-01", "2020-05-31"),
        ({}, {"ended": "2020-09-01"}, "2020-01-01", "2020-08-31"),
        ({}, {"ended": "2020-09-01", "kind": "side_letter"}, "2020-01-01", "2020-08-31"),
    ],
)
def test_pledge_holds_in_its_period(
    made: Made, pledge: dict[str, Any], agreement: dict[str, Any], first: str, last: str | None
) -> None:
    day = datetime.timedelta(days=1)
    begins = datetime.date.fromisoformat(first)
    ends = datetime.date.fromisoformat(last or "2030-01-01")
    holds = [begins - day, begins, ends, ends + day]
    found = [bool(made(promise(**pledge), on=str(on), **agreement)) for on in holds]
    assert found == [False, True, True, last is None]


def test_pledge_without_a_date_binds_nobody(made: Made) -> None:
    assert made(promise(), kind="statement", in_force=None, signed=None) == []


@pytest.mark.parametrize(
    ("by", "to", "importer", "exporter", "holds"),
    [
        ((), (), "USA", "JPN", True),
        ((), (), "JPN", "USA", True),
        (("USA",), (), "USA", "JPN", True),
        (("USA",), (), "JPN", "USA", False),
        ((), ("JPN",), "USA", "JPN", True),
        ((), ("USA",), "USA", "JPN", False),
        ((), (), "USA", "MEX", False),
        ((), (), "MEX", "USA", False),
        ((), ("JPN", "MEX"), "USA", "MEX", True),  # a statement may promise something to others
        (("USA", "MEX"), (), "MEX", "JPN", True),
    ],
)
def test_pledge_binds_its_parties_towards_its_partners(
    made: Made, by: tuple[str, ...], to: tuple[str, ...], importer: str, exporter: str, holds: bool
) -> None:
    measure = made.tariff(importer=importer, exporter=exporter)
    assert bool(made(promise(by=by, to=to), measure, kind="statement")) is holds


@pytest.mark.parametrize(
    ("isic4", "sector", "holds"),
    [((), "cars", True), (("29",), "cars", True), (("29",), "food", False), (("29", "30"), ["cars", "food"], True)],
)
def test_pledge_covers_the_sectors_of_its_divisions(
    made: Made, isic4: tuple[str, ...], sector: Any, holds: bool
) -> None:
    assert bool(made(promise(isic4=isic4), made.tariff(sector=sector))) is holds


def test_texts_of_a_broken_pledge(made: Made) -> None:
    (finding,) = made(promise(until="2021-01-01"))
    restrains, pledged = finding.steps
    assert (restrains.fact, restrains.answer) == ("raises_import_duty", True)
    assert (pledged.fact, pledged.answer, pledged.confidence) == ("pledge", True, "seen")
    assert pledged.says == "US-Japan Trade Agreement: A promise."
    assert finding.met is False
    assert finding.complain == ("JPN",)
    assert finding.disputes == ()
    assert finding.citation == agreements()["us-japan-2019"].source.title
    assert finding.cure == "Leave out Japan, or wait until 1 January 2021."
    (ended,) = made(promise(), ended="2022-02-02")
    assert ended.cure == "Leave out Japan, or wait until 2 February 2022."
    (for_good,) = made(promise())
    assert for_good.cure == "Leave out Japan."


@pytest.mark.parametrize("kind", ["purchases", "other"])
def test_pledges_that_border_measures_cannot_break(made: Made, kind: str) -> None:
    assert made(promise(kind=kind)) == []


def test_the_ceiling_on_several_sectors_is_for_the_highest_duty(made: Made) -> None:
    """Two points on duties of 2% and 10%: 4% and 12%."""
    both = made.tariff(sector=["cars", "food"], rate=0.02)
    for isic4, ceiling, status_there, highest in (
        ((), 0.12, Status.JUSTIFIED_IF, "12%"),  # what the base has is the mean of each sector's products
        ((), 0.119, Status.INCONSISTENT, "12%"),
        (("29",), 0.04, Status.JUSTIFIED_IF, "4%"),
        (("29",), 0.039, Status.INCONSISTENT, "4%"),
    ):
        (finding,) = made(promise(kind="rate_ceiling", rate=ceiling, isic4=isic4), both)
        assert finding.status is status_there
        assert f"The duty after the measure is {highest} at most" in finding.steps[-1].says
        assert finding.steps[-1].answer is (True if status_there is Status.INCONSISTENT else None)


@pytest.mark.parametrize(
    ("sector", "ceiling", "whole"),
    [
        ("cars", 0.05, True),
        ("food", 0.05, False),  # the pledge names food and not drink
        (["cars", "food"], 0.05, True),
        (["cars", "food"], 0.15, False),  # 12% on cars is within it, 20% on food is not
    ],
)
@pytest.mark.parametrize("kind", ["free_trade", "statement"])
def test_a_sector_may_hold_more_than_the_goods_of_a_ceiling(
    made: Made, monkeypatch: pytest.MonkeyPatch, sector: Any, ceiling: float, whole: bool, kind: str
) -> None:
    holds = {"cars": frozenset({29}), "food": frozenset({10, 11})}
    monkeypatch.setattr(LegalContext, "divisions", property(lambda _: holds))
    pledge = promise(kind="rate_ceiling", rate=ceiling, isic4=("29", "10"))
    (finding,) = made(pledge, made.tariff(sector=sector), kind=kind)
    named = "the goods are those that the pledge names"
    expected = {
        ("free_trade", True): "inconsistent",
        ("free_trade", False): f"contested: it is broken if {named}",
        ("statement", True): "departed from",
        ("statement", False): f"departed from if {named}",
    }
    assert finding.verdict == expected[kind, whole]


@pytest.mark.parametrize(
    ("rate", "change", "verdict"),
    [
        (0.15, "set", "departed from if food pays more than 10%"),
        (0.16, "set", "departed from"),
        (0.10, "set", "consistent"),
        (
            0.05,
            "add",
            "departed from if a product's own duty is above the ceiling with what is added, or food pays more than 10%",
        ),
    ],
)
def test_what_is_broken_within_a_ceiling(made: Made, rate: float, change: str, verdict: str) -> None:
    pledge = promise(kind="rate_ceiling", rate=0.15, isic4=("10",), broken_if="food pays more than 10%")
    duty = made.tariff(sector="food", rate=rate, change=change)
    (finding,) = made(pledge, duty, kind="statement")
    assert finding.verdict == verdict
    (treaty,) = made(pledge, duty)
    assert treaty.verdict == {"consistent": "consistent", "departed from": "inconsistent"}.get(
        verdict, verdict.replace("departed from", "contested: it is broken")
    )


@pytest.mark.parametrize("terms", [{"kind": "duty_free"}, {"kind": "rate_ceiling", "rate": 0.05}])
def test_what_a_pledge_leaves_open_is_in_the_language_in_use(made: Made, terms: dict[str, Any]) -> None:
    says = "a product's own duty is above the ceiling with what is added"
    with speaking("de"):
        (finding,) = made(promise(unless=says, **terms), kind="statement")
        assert finding.condition == translated(says) != says


@pytest.mark.parametrize(
    ("terms", "inside", "outside", "broken", "compared"),
    [
        # Without a quota in the deal the highest duty counts, in a tariff-rate quota as anywhere.
        ({}, "10%", "15%", False, ("after the measure is 15%",)),
        ({}, "10%", "16%", True, ("after the measure is 16%",)),
        # With one, what is charged within it; and beyond it, where the deal says so.
        ({"limit": "100,000 cars"}, "15%", "40%", False, ("within the quota is 15%",)),
        ({"limit": "100,000 cars"}, "16%", "40%", True, ("within the quota is 16%",)),
        (
            {"limit": "100,000 cars", "beyond": 0.25},
            "15%",
            "25%",
            False,
            ("within the quota is 15%", "beyond it is 25%"),
        ),
        (
            {"limit": "100,000 cars", "beyond": 0.25},
            "15%",
            "26%",
            True,
            ("within the quota is 15%", "beyond it is 26%"),
        ),
        (
            {"limit": "100,000 cars", "beyond": 0.25},
            "16%",
            "20%",
            True,
            ("within the quota is 16%", "beyond it is 20%"),
        ),
    ],
)
def test_a_tariff_rate_quota_against_a_ceiling_of_15_percent(
    made: Made, terms: dict[str, Any], inside: str, outside: str, broken: bool, compared: tuple[str, ...]
) -> None:
    quota = ep.TariffRateQuota(
        importer="USA", exporter="JPN", sector="cars", cap="100%", in_rate=inside, out_rate=outside
    )
    (finding,) = made(promise(kind="rate_ceiling", rate=0.15, **terms), quota)
    step = finding.steps[-1]
    assert (finding.status, step.answer) == ((Status.INCONSISTENT, True) if broken else (Status.CONSISTENT, False))
    assert step.says.count("The duty ") == len(compared)
    for text in compared:
        assert f"The duty {text} at most" in step.says
    unknown = "The ceiling holds for 100,000 cars: whether the quota is as large is unknown here."
    assert (unknown in step.says) is (bool(terms) and not broken)


def test_a_plain_duty_falls_on_what_is_within_the_quota_of_the_deal_too(made: Made) -> None:
    terms = {"kind": "rate_ceiling", "rate": 0.15, "limit": "100,000 cars", "beyond": 0.25}
    (finding,) = made(promise(**terms), made.tariff(rate=0.18))
    assert finding.status is Status.INCONSISTENT
    assert finding.steps[-1].says == "The duty after the measure is 20% at most, above the ceiling of 15%."
    (kept,) = made(promise(**terms), made.tariff(rate=0.12))
    assert kept.verdict == "justified if no product's own duty is above the ceiling with what is added"
    assert kept.steps[-1].says == (
        "The duty after the measure is 14% at most, within the ceiling of 15%. It rests on the mean of the sector's "
        f"products in {made.three.name}."
    )
    (all_of_it,) = made(promise(**terms), made.tariff(rate=0.14, change="set"))
    assert all_of_it.status is Status.CONSISTENT
