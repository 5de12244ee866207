"""The law as it stands in 2026: what was wrong or too sure in the book, each on the measure that showed it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import entrepot as ep
from entrepot.cases import screen_case
from entrepot.rules.book import LAW_AS_OF, agreements, disputes, rules, statutes
from entrepot.rules.clocks import deadlines
from entrepot.rules.entry import Cited
from entrepot.rules.finding import Finding
from entrepot.rules.parties import expand
from entrepot.studies.legal_notes import limits
from manual_pages import ROOT, text_of

EU = expand("EU27")
METALS: dict[str, Any] = {"importer": "USA", "sector": "metals", "rate": "25%", "change": "add"}
UNDER_232 = {"under": "us-232"}


def found(world: ep.Economy, measure: Any, on: str, law: Mapping[str, Any] | None = None) -> dict[str, Finding]:
    """Return the findings on the party that takes the measure, by rule."""
    return {f.rule: f for f in ep.screen(measure, world, on=on, law=law or {}).findings}


# ---- exports ----


def test_tax_on_exports_touches_the_rules_on_exports(world: ep.Economy) -> None:
    tax = ep.ExportTax(exporter="CHN", importer="JPN", sector="mining", rate="20%")
    by_rule = found(world, tax, "2026-06-01")
    assert by_rule["gatt-i-1-exports"].status.value == "inconsistent"
    assert "China levies 20% on its exports of mining to Japan" in by_rule["gatt-i-1-exports"].steps[0].says
    protocol = by_rule["china-accession-11-3"]
    assert protocol.verdict.startswith("justified if the goods are in Annex 6 of the protocol and the duty is within")
    assert protocol.disputes == ("ds394", "ds431")
    assert {"china-accession-11-3"} <= set(disputes()["ds394"].provisions) & set(disputes()["ds431"].provisions)
    assert {f.role for f in by_rule.values()} == {"exporter"}


def test_what_is_not_modelled_leaves_out_the_export_duties_that_are(world: ep.Economy) -> None:
    """China's protocol is not the only one of which the book holds export duties against commitments."""
    for code, rule in {"RUS": "accession-export-duties", "CHN": "china-accession-11-3"}.items():
        assert rule in found(world, ep.ExportTax(exporter=code, sector="agriculture", rate=0.2), "2026-06-01")
    pages = [*limits(), *(" ".join(text_of(ROOT / "docs" / page).split()) for page in ("rules.md", "limits.md"))]
    assert sum("accession protocols but for export duties" in page for page in pages) == 3


def test_only_china_is_bound_by_its_protocol_and_from_its_accession_on(world: ep.Economy) -> None:
    tax = ep.ExportTax(exporter=["CHN", "RUS"], sector="mining", rate="20%")
    assert {f.party for f in ep.screen(tax, world, on="2026-06-01").findings if f.rule == "china-accession-11-3"} == {
        "CHN"
    }
    assert "china-accession-11-3" not in found(world, tax, "2001-12-10")


def test_export_control_is_the_exporters_own(world: ep.Economy) -> None:
    """It breaches Article XI:1 on the exporter's side; the importer seeks nothing, and has nothing to answer for."""
    control = ep.measures.ExportQuota(exporter="CHN", importer="USA", sector="mining", cap="50%")
    screen = ep.screen(control, world, on="2026-06-01", law={"under": "us-232", "claims": "gatt-xxi"})
    assert {(f.party, f.role) for f in screen.findings} == {("CHN", "exporter")}
    by_rule = {f.rule: f for f in screen.findings}
    assert set(by_rule) == {"gatt-xi-1", "gatt-xiii"}
    assert by_rule["gatt-xi-1"].status.value == "contested", "the exporter relies on Article XXI"
    assert by_rule["gatt-xi-1"].complain == ("USA",)
    assert "China imposes it." in [step.says for step in by_rule["gatt-xi-1"].steps]
    restraint = ep.VoluntaryExportRestraint(exporter="CHN", importer="USA", sector="mining", cap="50%")
    assert "sg-11-1-b" in found(world, restraint, "2026-06-01")


def test_statute_may_be_the_exporters(world: ep.Economy) -> None:
    """The United States may ban its exports under the emergency act; China's measure has no authority in it."""
    law = {"under": "us-ieepa", "facts": {"emergency_declared": True}}
    ban = ep.measures.ExportBan(exporter="USA", importer="CHN", sector="electronics")
    assert found(world, ban, "2026-06-01", law)["us-ieepa"].status.value == "consistent"
    theirs = ep.measures.ExportBan(exporter="CHN", importer="USA", sector="electronics")
    assert "us-ieepa" not in found(world, theirs, "2026-06-01", law)


# ---- agreements ----


@pytest.mark.parametrize(("on", "there"), [("2025-03-11", True), ("2025-03-12", False), ("2026-06-01", False)])
def test_koreas_steel_quota_ended_on_12_march_2025(world: ep.Economy, on: str, there: bool) -> None:
    duty = ep.Tariff(**METALS, exporter="KOR")
    assert ("korea-232-steel" in found(world, duty, on, UNDER_232)) is there


@pytest.mark.parametrize(
    ("partner", "sector", "pledge", "article"),
    [
        ("CAN", "metals", "usmca-2-4", "Article 32.2"),
        ("CAN", "food", "usmca-2-4", "Article 32.2"),
        ("MEX", "metals", "usmca-2-4", "Article 32.2"),
        ("KOR", "metals", "korus-2-3", "Article 23.2"),
    ],
)
def test_duty_on_a_partner_meets_the_agreements_own_articles(
    world: ep.Economy, partner: str, sector: str, pledge: str, article: str
) -> None:
    duty = ep.Tariff(importer="USA", exporter=partner, sector=sector, rate="50%", change="add")
    security = found(world, duty, "2026-06-01", UNDER_232)[pledge]
    assert security.status.value == "contested"
    assert article in security.condition
    assert found(world, duty, "2026-06-01")[pledge].status.value == "inconsistent"


def test_pledge_on_all_goods_does_not_repeat_the_one_on_cars(world: ep.Economy) -> None:
    cars = ep.Tariff(importer="USA", exporter="CAN", sector="motor_vehicles", rate="25%", change="add")
    mine = {rule for rule in found(world, cars, "2025-06-01") if rule.startswith("usmca")}
    assert mine == {"usmca-cars"}
    both = ep.Tariff(importer="USA", exporter="CAN", sector=["motor_vehicles", "metals"], rate="25%", change="add")
    assert {"usmca-cars", "usmca-2-4"} <= set(found(world, both, "2025-06-01"))


def test_measure_departs_from_a_pledge_outside_a_treaty(world: ep.Economy) -> None:
    """One scale: a ceiling of 2025 and a standstill of 2019 alike."""
    duty = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate="27.5%")
    by_rule = found(world, duty, "2025-10-01")
    assert by_rule["japan-ceiling-2025"].verdict == "departed from"
    assert by_rule["standstill-2019"].status.value == "departed from"
    assert by_rule["japan-ceiling-2025"].consequence == "The other side will regard the pledge as broken."
    political = [a.id for a in agreements().values() if not a.treaty]
    assert {"us-japan-2025", "us-eu-2025", "us-korea-2025", "us-uk-2025", "korea-us-steel-2018"} <= set(political)
    assert not {"usmca", "korus", "cptpp", "usmca-232-letters"} & set(political)


# ---- domestic law ----


@pytest.mark.parametrize(
    ("sector", "on", "law", "status"),
    [
        ("food", "2026-06-01", {}, "justified if"),
        ("food", "2026-06-01", {"facts": {"security_finding": True}}, "consistent"),
        ("food", "2026-06-01", {"facts": {"security_finding": False}}, "inconsistent"),
        ("metals", "2018-03-07", {}, "justified if"),
        ("metals", "2018-03-08", {}, "consistent"),
        ("metal_products", "2020-01-23", {}, "justified if"),
        ("metal_products", "2020-01-24", {}, "consistent"),
        ("chemicals", "2026-06-01", {}, "justified if"),  # on medicines alone
        ("motor_vehicles", "2019-05-16", {}, "justified if"),
        ("motor_vehicles", "2019-05-17", {}, "consistent"),
        (["metals", "food"], "2026-06-01", {}, "justified if"),
    ],
)
def test_section_232_needs_its_finding(
    world: ep.Economy, sector: Any, on: str, law: Mapping[str, Any], status: str
) -> None:
    duty = ep.Tariff(importer="USA", sector=sector, rate="25%", change="add")
    finding = found(world, duty, on, UNDER_232 | law)["us-232"]
    assert finding.status.value == status
    if status == "justified if":
        assert "Commerce finds that imports of the article threaten" in finding.condition


def test_power_that_never_was_is_not_cured_by_its_limits(world: ep.Economy) -> None:
    duty = ep.Tariff(importer="USA", sector="metals", rate="10%", change="add")
    after = found(world, duty, "2026-02-21", {"under": "us-ieepa"})["us-ieepa"]
    assert after.status.value == "inconsistent"
    assert after.cure == "Nothing under this statute: take the measure under another one, or by a new Act."
    says = " ".join(step.says for step in after.steps)
    assert "never gave it" in says
    assert "collected on entries until 23 February 2026 all the same" in says
    later = found(world, duty, "2026-02-24", {"under": "us-ieepa"})["us-ieepa"]
    assert "all the same" not in " ".join(step.says for step in later.steps)
    before = found(world, duty, "2025-06-01", {"under": "us-ieepa"})["us-ieepa"]
    assert before.status.value == "contested"
    assert any(step.says.startswith("Decided later: Learning Resources") for step in before.steps)
    over = found(world, duty, "2026-03-01", {"under": "us-122", "until": "2026-09-01"})["us-122"]
    assert over.cure == "Act within the limits and deadlines of the statute."


# ---- disputes ----


def test_answers_to_section_232_have_their_panels(world: ep.Economy) -> None:
    for name, rule in (("ds558", "sg-8"), ("ds561", "sg-8"), ("ds558", "sg-11-1-c"), ("ds561", "sg-11-1-c")):
        assert name in rules()[rule].disputes
        assert rule in disputes()[name].provisions
        assert disputes()[name].adopted is None
    answer = ep.Tariff(importer="CHN", exporter="USA", sector="food", rate="15%", change="add")
    finding = found(world, answer, "2026-06-01", {"claims": "sg-8"})["gatt-i-1"]
    assert finding.status.value == "contested"
    assert "two panels of 2023 agreed with it" in " ".join(step.says for step in finding.steps)


# ---- what the screen knows ----


def test_members_without_data_are_in_the_finding(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="JPN", exporter="CPTPP", sector="food", rate=0)
    finding = found(world, measure, "2019-05-17")["gatt-i-1"]
    (note,) = [step.says for step in finding.steps if step.fact == "names"]
    assert note.startswith("CPTPP")
    assert "Viet Nam" in note or "VNM" in note
    plain = found(world, ep.Tariff(importer="JPN", exporter="CAN", sector="food", rate=0), "2019-05-17")
    assert not [step for f in plain.values() for step in f.steps if step.fact == "names"]


def test_group_of_an_earlier_day_is_noted(world: ep.Economy) -> None:
    union = ep.Tariff(importer="USA", exporter="EU28", sector="metals", rate="50%")
    assert any(note.startswith("EU28 stands for its members until") for note in ep.screen(union, on="2026-06-01").notes)


def test_entry_past_its_review_says_as_of_when_the_law_is(world: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    law = statutes()["us-232"].model_copy(update={"review_by": datetime.date(2026, 9, 1)})
    for module in ("screen", "legal_context"):
        monkeypatch.setattr(f"entrepot.rules.{module}.statutes", lambda: statutes() | {"us-232": law})
    duty = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate="25%", change="add")

    def of_232(on: str) -> list[str]:
        return [n for n in ep.screen(duty, world, on=on, law=UNDER_232).notes if "Section 232" in n]

    assert of_232("2026-09-01") == []
    (note,) = of_232("2026-09-02")
    assert note.startswith("Law as of ")
    assert "should have been read again by 1 September 2026" in note
    unused = ep.screen(duty, world, on="2026-09-02").notes
    assert not [n for n in unused if "Section 232" in n], "an entry that the screen does not use"


def test_an_entry_is_to_be_read_again_after_the_law_was_last_checked() -> None:
    entries: list[Cited] = [*rules().values(), *statutes().values(), *agreements().values(), *disputes().values()]
    dates = [entry.review_by for entry in entries if entry.review_by]
    assert all(date > LAW_AS_OF for date in dates)


# ---- what came in 2025 and 2026 ----


def added(sector: Any, exporter: Any, points: str, importer: str = "USA") -> ep.Tariff:
    return ep.Tariff(importer=importer, exporter=exporter, sector=sector, rate=points, change="add")


def test_surcharge_of_2026_has_its_finding_its_last_day_and_its_stay(world: ep.Economy) -> None:
    """150 days from 24 February are until 23 July 2026 (Proclamation 11012; 19 U.S.C. 2132)."""
    law = {"under": "us-122", "since": "2026-02-24", "until": "2026-07-24"}
    duty = added("textiles", "WORLD", "10%")
    assert found(world, duty, "2026-03-01", law)["us-122"].status.value == "consistent"
    contested = found(world, duty, "2026-06-01", law)["us-122"]
    assert contested.status.value == "contested"
    assert any("Federal Circuit, which stayed that judgment" in step.found_in for step in contested.steps)
    assert {"cit-122-2026", "cafc-122-2026"} <= set(contested.disputes)
    another = found(world, duty, "2026-08-01", {"under": "us-122", "until": "2026-08-02"})["us-122"]
    assert "payments_problem_found" in {step.fact for step in another.steps if step.answer is None}


@pytest.mark.parametrize(
    ("statute", "measure", "on", "known"),
    [
        ("us-301", added("machinery", "CHN", "25%"), "2018-03-21", False),
        ("us-301", added("machinery", "CHN", "25%"), "2018-03-22", True),
        ("us-301", added("machinery", "IND", "12.5%"), "2026-06-01", False),
        ("us-301", added("machinery", ["IND", "EU27"], "12.5%"), "2026-06-02", True),
        ("us-301", added("machinery", ["IND", "AUS"], "12.5%"), "2026-06-02", True),
        ("us-301", added("machinery", ["IND", "ROW"], "12.5%"), "2026-06-02", False),
        ("us-301", added("machinery", "BRA", "25%"), "2026-06-01", True),
        ("us-338", added("food", "CAN", "50%"), "2026-07-19", False),
        ("us-338", added("food", "CAN", "50%"), "2026-07-20", True),
        ("us-338", added("food", "MEX", "50%"), "2026-08-22", False),
        ("us-232", added("chemicals", "CHN", "15%"), "2026-08-05", False),
        ("us-232", added("chemicals", "CHN", "15%"), "2026-08-06", True),
        ("us-201", added("minerals", "WORLD", "50%"), "2026-07-30", False),
        ("us-201", added("minerals", "WORLD", "50%"), "2026-07-31", True),
        ("us-232", added("electronics", "TWN", "25%"), "2026-01-13", False),
        ("us-232", added("electronics", "TWN", "25%"), "2026-01-14", True),
        ("us-ieepa", added("machinery", "CAN", "25%"), "2025-01-31", False),
        ("us-ieepa", added("machinery", "CAN", "25%"), "2025-02-01", True),
        ("us-ieepa", added("machinery", "JPN", "24%"), "2025-04-01", False),
        ("us-ieepa", added("machinery", "JPN", "24%"), "2025-04-02", True),
    ],
)
def test_findings_that_the_book_has(world: ep.Economy, statute: str, measure: ep.Tariff, on: str, known: bool) -> None:
    fact = statutes()[statute].needs[0]
    (answer,) = [s.answer for s in found(world, measure, on, {"under": statute})[statute].steps if s.fact == fact]
    assert answer is (True if known else None)


def test_duties_of_the_emergency_act_are_refunded_says_the_book() -> None:
    law = statutes()["us-ieepa"]
    assert law.collected_until == datetime.date(2026, 2, 23)
    assert "none from 24 February" in law.consequence
    assert "refunds to all importers of record (4 March 2026)" in law.consequence
    assert "us-ieepa" in disputes()["atmus-2026"].provisions


@pytest.mark.parametrize(
    ("measure", "on", "pledge", "there"),
    [
        (added("textiles", "JPN", "30%"), "2025-08-06", "japan-ceiling-goods-2025", False),
        (
            added("textiles", "JPN", "30%"),
            "2025-08-07",
            "japan-ceiling-goods-2025",
            True,
        ),
        (added("textiles", "JPN", "30%"), "2025-09-16", "japan-ceiling-goods-2025", True),
        (added("metals", "JPN", "50%"), "2026-06-01", "japan-ceiling-goods-2025", False),
        (added("textiles", "EU27", "30%"), "2026-06-01", "eu-ceiling-goods-2025", True),
        (added("textiles", "CHE", "30%"), "2025-11-14", "switzerland-2025-ceiling", True),
        (added("textiles", "TWN", "30%"), "2026-06-01", "taiwan-2026-ceiling", False),  # not in force
        (added("textiles", "CHN", "30%"), "2026-11-09", "china-truce-2025", False),  # of some duties, no standstill
        (added("textiles", "KOR", "30%"), "2025-12-04", "korea-ceiling-goods-2025", True),
        (added("textiles", "USA", "5%", "EU27"), "2026-06-30", "eu-industrial-2025", False),
        (added("textiles", "USA", "5%", "EU27"), "2026-07-01", "eu-industrial-2025", True),
        (added("food", "USA", "5%", "EU27"), "2026-07-01", "eu-industrial-2025", False),
    ],
)
def test_frameworks_of_2025_and_2026(world: ep.Economy, measure: ep.Tariff, on: str, pledge: str, there: bool) -> None:
    by_rule = found(world, measure, on)
    assert (pledge in by_rule) is there
    if there:
        assert by_rule[pledge].status.value == "departed from"


@pytest.mark.parametrize(
    ("partner", "sector", "on", "pledge", "condition"),
    [
        ("EU27", "pharmaceuticals", "2025-08-20", "eu-ceiling-medicines-2025", None),
        ("EU27", "pharmaceuticals", "2025-08-21", "eu-ceiling-medicines-2025", ""),
        ("JPN", "pharmaceuticals", "2026-11-15", "japan-ceiling-medicines-2025", ""),
        ("KOR", "pharmaceuticals", "2026-11-15", "korea-ceiling-medicines-2025", ""),
        ("CHE", "pharmaceuticals", "2026-11-15", "switzerland-2025-medicines", ""),
        ("GBR", "pharmaceuticals", "2025-11-30", "uk-medicines-2025", None),
        ("GBR", "pharmaceuticals", "2026-11-15", "uk-medicines-2025", ""),
        ("EU27", "electronics", "2026-11-15", "eu-ceiling-lumber-chips-2025", "the goods are lumber or semiconductors"),
        ("EU27", "wood", "2026-11-15", "eu-ceiling-lumber-chips-2025", "the goods are lumber or semiconductors"),
        ("JPN", "electronics", "2026-11-15", "japan-ceiling-chips-2025", "the goods are semiconductors"),
        ("CHE", "electronics", "2026-11-15", "switzerland-2025-chips", "the goods are semiconductors"),
        ("KOR", "textiles", "2026-11-15", "korea-ceiling-medicines-2025", None),
    ],
)
def test_what_partners_were_promised_of_section_232(
    partner: str, sector: str, on: str, pledge: str, condition: str | None
) -> None:
    """Medicines, semiconductors and lumber: 15% at most, and no duty on medicines of the United Kingdom."""
    economy = ep.load_economy("world2022")
    finding = found(economy, added(sector, partner, "100%"), on, {"under": "us-232"}).get(pledge)
    assert (finding is None) is (condition is None)
    if finding is not None:
        assert (finding.status.value, finding.condition) == ("departed from", condition)


def test_a_quota_on_what_is_free_of_duties_in_any_quantity() -> None:
    """No quantity that stays free can be less than any quantity: whether limits are meant at all is the question."""
    economy = ep.load_economy("world2022")
    quota = ep.ImportQuota(importer="USA", exporter="GBR", sector="pharmaceuticals", cap=0.8)
    assert found(economy, quota, "2026-11-15", UNDER_232)["uk-medicines-2025"].verdict == (
        "departed from if what is free of the duties in any quantity is to be free of limits on quantity too"
    )


def test_within_what_was_promised_of_medicines() -> None:
    """Within the ceiling, generic medicines of the EU still pay the most-favoured-nation rate alone."""
    economy = ep.load_economy("world2022")
    duty = ep.Tariff(importer="USA", exporter="EU27", sector="pharmaceuticals", rate=0.15)
    generic = "departed from if generic medicines pay more than the most-favoured-nation rate"
    assert found(economy, duty, "2026-11-15", UNDER_232)["eu-ceiling-medicines-2025"].verdict == generic
    above = added("pharmaceuticals", "EU27", "25%")
    assert found(economy, above, "2026-11-15", UNDER_232)["eu-ceiling-medicines-2025"].verdict == "departed from"
    free = ep.Tariff(importer="USA", exporter="EU27", sector="pharmaceuticals", rate=0)
    assert found(economy, free, "2026-11-15", UNDER_232)["eu-ceiling-medicines-2025"].verdict == "consistent"
    swiss = ep.Tariff(importer="USA", exporter="CHE", sector="pharmaceuticals", rate=0.15)
    assert found(economy, swiss, "2026-11-15", UNDER_232)["switzerland-2025-medicines"].verdict == "consistent"


@pytest.mark.parametrize("under", ["us-301", "us-122", "us-ieepa", []])
@pytest.mark.parametrize(
    ("partner", "sector", "pledge"),
    [
        ("EU27", "pharmaceuticals", "eu-ceiling-medicines-2025"),
        ("JPN", "pharmaceuticals", "japan-ceiling-medicines-2025"),
        ("KOR", "pharmaceuticals", "korea-ceiling-medicines-2025"),
        ("CHE", "pharmaceuticals", "switzerland-2025-medicines"),
        ("GBR", "pharmaceuticals", "uk-medicines-2025"),
        ("EU27", "electronics", "eu-ceiling-lumber-chips-2025"),
        ("EU27", "wood", "eu-ceiling-lumber-chips-2025"),
        ("JPN", "electronics", "japan-ceiling-chips-2025"),
        ("CHE", "electronics", "switzerland-2025-chips"),
    ],
)
def test_what_was_promised_of_section_232_is_of_no_other_duty(
    under: str | list[str], partner: str, sector: str, pledge: str
) -> None:
    economy = ep.load_economy("world2022")
    assert pledge not in found(economy, added(sector, partner, "25%"), "2026-11-15", {"under": under})


def test_conditions_of_a_ceiling_are_parted() -> None:
    economy = ep.load_economy("world2022")
    duty = added("electronics", "EU27", "10%")
    assert found(economy, duty, "2026-11-15", UNDER_232)["eu-ceiling-lumber-chips-2025"].verdict == (
        "departed from if the goods are lumber or semiconductors; and a product's own duty is above the ceiling with "
        "what is added"
    )


@pytest.mark.parametrize(
    ("partner", "pledge"),
    [
        ("GBR", "uk-medicines-2025"),
        ("EU27", "eu-ceiling-medicines-2025"),
        ("JPN", "japan-ceiling-medicines-2025"),
        ("KOR", "korea-ceiling-medicines-2025"),
        ("CHE", "switzerland-2025-medicines"),
        ("EU27", "eu-ceiling-goods-2025"),
    ],
)
def test_sector_that_holds_more_than_the_goods_of_a_pledge(world: ep.Economy, partner: str, pledge: str) -> None:
    """World2014 has chemicals and medicines in one sector."""
    by_rule = found(world, added("chemicals", partner, "25%"), "2026-11-15", UNDER_232)
    assert by_rule[pledge].verdict == "departed from if the goods are those that the pledge names"


@pytest.mark.parametrize(
    ("statute", "importer", "relies_on"),
    [
        ("ca-customs-tariff-53", "CAN", "sg-8"),
        ("cn-tariff-law", "CHN", "sg-8"),
        ("in-customs-8a", "IND", "sg-8"),
        ("eu-countermeasures-2025", "EU27", "sg-8"),
    ],
)
def test_statute_of_an_answer_relies_on_article_8(
    world: ep.Economy, statute: str, importer: str, relies_on: str
) -> None:
    by_rule = found(world, added("food", "USA", "25%", importer), "2026-06-01", {"under": statute})
    assert by_rule[statute].status.value in ("consistent", "justified if")
    assert by_rule["gatt-i-1"].status.value == "contested"
    assert "Article 8.2" in by_rule["gatt-i-1"].condition


def test_carbon_charge_is_held_to_what_domestic_goods_bear(world: ep.Economy) -> None:
    law = {"under": "eu-cbam", "facts": {"charged_in_excess": False, "equivalent_to_an_internal_tax": True}}
    law |= {"bound_rates": [{"country": "EU", "sector": "metals", "rate": "3%"}]}
    by_rule = found(world, added("metals", "WORLD", "8%", "EU27"), "2026-06-01", law)
    assert by_rule["gatt-iii-2"].status.value == "consistent"
    assert by_rule["gatt-ii-1-b"].met
    assert "Article II:2(a)" in by_rule["gatt-ii-1-b"].condition


def test_the_joint_review_and_the_term_of_the_agreement_of_north_america() -> None:
    start = SimpleNamespace(date=datetime.date(2020, 7, 1), event="In force", kind=("usmca-in-force",))
    calendar = deadlines([start], on=datetime.date(2026, 7, 2))
    review, term = calendar.deadline("usmca-joint-review"), calendar.deadline("usmca-term")
    assert (review.due, review.status) == (datetime.date(2026, 7, 1), "lapsed")
    assert (term.due, term.status) == (datetime.date(2036, 7, 1), "open")
    assert "ends on 1 July 2036" in str(agreements()["usmca"].note)


def test_a_preference_is_for_those_left_out_to_complain_of() -> None:
    """The EU frees goods of the United States: the others may complain, not the United States."""
    found = screen_case(ep.load_case("us-eu-autos-2026"))
    (finding,) = [f for f in found.of("framework") if f.rule == "gatt-i-1"]
    assert finding.complain
    assert "the United States" not in " ".join(finding.complain)
    assert any(step.says.startswith("It favours the United States over") for step in finding.steps)


def _preference_on_cars(exporter: str, *beside: Any, **terms: Any) -> Finding:
    """Return the finding under Article I on Brazil's lower duty on the cars of `exporter`."""
    world = ep.load_economy("world2022")
    cut = ep.Tariff(importer="BRA", exporter=exporter, sector="motor_vehicles", **terms)
    screened = ep.screen([cut, *beside], world, on="2026-06-01")
    (finding,) = [f for f in screened.findings if f.rule == "gatt-i-1" and f.measure == cut.title]
    return finding


def test_who_pays_no_duty_is_not_at_a_disadvantage_from_a_preference() -> None:
    """Cars of the other members of Mercosur, and of Chile, Colombia and Peru, enter Brazil free as it is."""
    world, brazil = ep.load_economy("world2022"), ep.load_economy("world2022").countries.index("BRA")
    cars = world.sectors.index("motor_vehicles")
    by = dict(
        zip(world.countries, zip(world.value[cars, brazil], world.tariff[cars, brazil], strict=True), strict=True)
    )
    finding = _preference_on_cars("EU27", rate=1.0, change="cut")
    left = {code for code in by if code not in (*EU, "BRA", "ROW", "BLR") and by[code][0] > 0}
    assert {"ARG", "PER", "COL"} <= left
    assert set(finding.complain) == {code for code in left if by[code][1] > 0}
    assert finding.trade == pytest.approx(sum(by[code][0] for code in finding.complain))
    (favours,) = [step.says for step in finding.steps if step.says.startswith("It favours the EU over China, Japan")]
    assert "Argentina" not in favours


def test_a_mean_below_that_of_those_favoured_does_not_show_that_each_product_pays_less() -> None:
    """Half of the duty on cars of the United States is 8.1%, and that on Thailand's is 7.8%, both in the mean."""
    assert "THA" in _preference_on_cars("USA", rate=0.5, change="cut").complain


def test_duties_set_alike_favour_nobody_and_free_of_duty_within_a_quota_is_not_free() -> None:
    set_at = {"importer": "BRA", "sector": "motor_vehicles", "rate": 0.05, "change": "set"}
    alike = _preference_on_cars("JPN", ep.Tariff(exporter="KOR", **set_at), rate=0.05, change="set")
    assert "USA" in alike.complain
    assert "KOR" not in alike.complain
    higher = _preference_on_cars("JPN", ep.Tariff(exporter="KOR", **set_at | {"rate": 0.06}), rate=0.05, change="set")
    assert "KOR" in higher.complain
    quota = ep.TariffRateQuota(
        importer="BRA", exporter="MEX", sector="motor_vehicles", cap=0.9, in_rate=0.0, out_rate=0.2, change="set"
    )
    assert "MEX" in _preference_on_cars("JPN", quota, rate=0.05, change="set").complain


def test_renegotiation_of_a_binding_can_be_claimed() -> None:
    found = screen_case(ep.load_case("eu-steel-trq"))
    statuses = {f.status.value for f in found.of("quotas") if f.rule == "gatt-ii-1-b"}
    assert statuses == {"justified if"}
    texts = [step.says for f in found.of("quotas") if f.rule == "gatt-i-1" for step in f.steps]
    assert not any("and not on China" in text for text in texts)


def test_a_quota_on_other_goods_does_not_reach_those_left_out() -> None:
    """A quota on Japan's cars does not change who is left out of one on Korea's steel; one on Japan's steel does."""
    world = ep.load_economy("world2022")

    def quota(exporter: str, sector: str) -> ep.TariffRateQuota:
        terms: dict[str, Any] = {"importer": "USA", "cap": 0.9, "out_rate": 0.25, "change": "add"}
        return ep.TariffRateQuota(exporter=exporter, sector=sector, **terms)

    def who(*beside: ep.TariffRateQuota) -> str:
        steel = quota("KOR", "steel")
        found = ep.screen([steel, *beside], economy=world, on="2026-06-01").findings
        (finding,) = [f for f in found if (f.rule, f.measure) == ("gatt-i-1", steel.title)]
        return next(step.says for step in finding.steps if step.fact == "origins_treated_differently")

    alone = who()
    assert alone.startswith("It falls on South Korea and not on Canada")
    assert who(quota("JPN", "motor_vehicles")) == alone
    assert who(quota("JPN", "steel")) != alone
