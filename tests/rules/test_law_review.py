"""What a review of the law found wanting, each fault on the measure that showed it; the sources are in the entries."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import entrepot as ep
from entrepot.cases import screen_case
from entrepot.rules.agreements import between
from entrepot.rules.book import agreements, statutes
from entrepot.rules.clocks import deadlines
from entrepot.rules.finding import Finding
from entrepot.rules.parties import Party

Date = datetime.date


def found(world: ep.Economy, measure: Any, on: str, law: Mapping[str, Any] | None = None) -> dict[str, Finding]:
    """Return the findings on the party that takes the measure, by rule."""
    return {f.rule: f for f in ep.screen(measure, world, on=on, law=law or {}).findings}


def party(code: str) -> Party:
    return Party(code, (code,))


# ---- members of an agreement that it does not bind to each other ----


@pytest.mark.parametrize(
    ("one", "two", "on", "bound"),
    [
        ("AUS", "GBR", "2024-12-23", False),
        ("AUS", "GBR", "2024-12-24", True),
        ("CAN", "GBR", "2026-07-01", False),
        ("GBR", "MEX", "2026-07-01", False),
        ("GBR", "JPN", "2024-12-15", True),
        ("CAN", "MEX", "2024-12-15", True),
        ("CAN", "JPN", "2026-07-01", True),
    ],
)
def test_the_accession_of_the_united_kingdom_binds_those_who_ratified_it(
    one: str, two: str, on: str, bound: bool
) -> None:
    for a, b in ((one, two), (two, one)):
        assert ("cptpp" in {x.id for x in between(party(a), party(b), Date.fromisoformat(on))}) is bound


def test_no_pledge_and_no_preference_between_members_that_are_apart(world: ep.Economy) -> None:
    def duty_on(exporter: str) -> ep.Tariff:
        return ep.Tariff(importer="CAN", exporter=exporter, sector="motor_vehicles", rate="25%", change="add")

    assert "cptpp-duties" not in found(world, duty_on("GBR"), "2026-06-01")
    assert "cptpp-duties" in found(world, duty_on("JPN"), "2026-06-01")
    free = ep.Tariff(importer="CAN", exporter="GBR", sector="motor_vehicles", rate="0%")
    finding = found(world, free, "2026-06-01")["gatt-i-1"]
    assert finding.status.value == "inconsistent"
    says = " ".join(step.says for step in finding.steps)
    assert "CPTPP: Canada had not ratified the accession of the United Kingdom" in says


def test_every_pair_apart_is_of_two_parties_and_in_order() -> None:
    for agreement in agreements().values():
        for pair in agreement.not_between:
            assert set(pair.parties) <= set(agreement.parties)
            assert len(set(pair.parties)) == 2
            assert pair.since is None or pair.until is None or pair.since < pair.until
            assert pair.because[0].isalpha()
            assert not pair.because.endswith(".")


# ---- partners left out of a new burden (Article XXIV) ----


def burden(**more: Any) -> ep.Tariff:
    return ep.Tariff(importer="USA", exporter="WORLD", sector="metals", rate="25%", change="add", **more)


def says(finding: Finding) -> str:
    return " ".join(step.says for step in finding.steps)


def test_leaving_partners_out_is_contested_and_names_the_line_pipe_reports(world: ep.Economy) -> None:
    finding = found(world, burden(exempt=["CAN", "MEX"]), "2026-06-01")["gatt-i-1"]
    assert (
        finding.verdict == "contested: it stands or falls with GATT 1994, Article XXIV (partners left out of a measure)"
    )
    assert "partners in a free-trade agreement in force: Canada and Mexico (USMCA)." in says(finding)
    assert "the Appellate Body declared that finding moot (Line Pipe)" in says(finding)
    assert "Circular Welded Carbon Quality Line Pipe from Korea, DS202" in says(finding)


@pytest.mark.parametrize(
    ("exempt", "on"),
    [
        (["CAN", "CHN"], "2026-06-01"),  # not only partners
        (["CHN"], "2026-06-01"),
        (["KOR"], "2012-03-14"),  # the day before KORUS
    ],
)
def test_article_xxiv_does_not_help_with_others_left_out(world: ep.Economy, exempt: list[str], on: str) -> None:
    finding = found(world, burden(exempt=exempt), on)["gatt-i-1"]
    assert finding.status.value == "inconsistent"
    assert "Article XXIV (partners left out of a measure)" in says(finding), "it is named among those not relied on"


@pytest.mark.parametrize("claim", ["gatt-xxiv", "gatt-xxiv-partners"])
def test_article_xxiv_that_is_claimed_for_an_agreement_that_the_book_lacks(world: ep.Economy, claim: str) -> None:
    """The United States and Australia have had an agreement since 2005, and the book does not have it."""
    law: dict[str, Any] = {"claims": [claim, "gatt-xix"]}
    measure, on = burden(exempt=["AUS"]), "2026-06-01"
    claimed = found(world, measure, on, law)
    for rule in ("gatt-i-1", "sg-2"):
        assert claimed[rule].verdict.startswith("contested: it stands or falls with GATT 1994, Article XXIV (partners")
        assert "Article XXIV: it is relied on, as stated." in says(claimed[rule])
        assert "if there is one, state it (in_a_free_trade_agreement)" in says(claimed[rule])
    silent = found(world, measure, on, {"claims": ["gatt-xix"]})["sg-2"]
    assert silent.status.value == "inconsistent"
    none = found(world, measure, on, law | {"facts": {"in_a_free_trade_agreement": False}})
    assert none["gatt-i-1"].status.value == "inconsistent"
    early = found(world, burden(exempt=["KOR"]), "2012-03-14", law)["gatt-i-1"]
    assert early.status.value == "inconsistent", "the day before the agreement, which the book has"
    everybody = found(world, burden(), on, law)
    assert "gatt-i-1" not in everybody or everybody["gatt-i-1"].status.value == "consistent"


def test_a_preference_is_not_a_burden_that_leaves_partners_out(world: ep.Economy) -> None:
    cut: dict[str, Any] = {"importer": "USA", "exporter": "WORLD", "sector": "textiles", "rate": "50%", "change": "cut"}
    finding = found(world, ep.Tariff(**cut, exempt=["KOR"]), "2026-06-01")["gatt-i-1"]
    assert finding.complain == ("KOR",)
    assert "partners left out of a measure" not in finding.verdict
    assert "gatt-i-1" not in found(world, ep.Tariff(**cut, exempt=["CAN"]), "2026-06-01"), "Canada's are free as it is"


def test_a_safeguard_that_leaves_partners_out_is_not_surely_none(world: ep.Economy) -> None:
    """The defence under Article II then rests on the disputed point too, and does not fail outright."""
    law = {"claims": "gatt-xix", "facts": {"injury_found": True}, "bound_rates": [BOUND]}
    alone = found(world, burden(exempt=["CAN", "MEX"]), "2026-06-01", law)["gatt-ii-1-b"]
    assert alone.verdict.startswith("justified if the conditions of the Agreement on Safeguards are met")
    assert not alone.met
    others = found(world, burden(exempt=["CHN"]), "2026-06-01", law)["gatt-ii-1-b"]
    assert others.status.value == "inconsistent"


BOUND = {"country": "USA", "sector": "metals", "rate": "2%"}


# ---- the balance of payments ----


def test_reliance_of_the_united_states_on_article_xii_is_contested_from_the_surcharge_on(world: ep.Economy) -> None:
    law = {"claims": "gatt-xii", "bound_rates": [BOUND]}
    finding = found(world, burden(), "2026-06-10", law)["gatt-ii-1-b"]
    assert finding.verdict == "contested: it stands or falls with GATT 1994, Article XII"
    (step,) = [step for step in finding.steps if step.fact == "gatt-xii"]
    assert "WT/BOP/G/25 (2 June 2026)" in step.found_in
    assert step.confidence == "disputed"
    before = found(world, burden(), "2026-02-23", law)["gatt-ii-1-b"]
    assert before.status.value == "justified if"


def test_nobody_elses_reliance_on_article_xii_is_in_that_dispute(world: ep.Economy) -> None:
    theirs = ep.Tariff(importer="IND", exporter="WORLD", sector="metals", rate="25%", change="add")
    law = {"claims": "gatt-xii", "bound_rates": [{"country": "IND", "sector": "metals", "rate": "2%"}]}
    assert found(world, theirs, "2026-06-10", law)["gatt-ii-1-b"].status.value == "justified if"


@pytest.mark.parametrize(
    ("importer", "inadequate", "status"),
    [
        ("IND", None, "justified if"),
        ("IND", True, "justified if"),
        ("IND", False, "inconsistent"),
        ("USA", True, "inconsistent"),
    ],
)
def test_article_xviii_b_is_for_developing_members(
    world: ep.Economy, importer: str, inadequate: bool | None, status: str
) -> None:
    """GATT 1994, Article XVIII:9; it was pleaded in India - Quantitative Restrictions (DS90)."""
    theirs = ep.ImportQuota(importer=importer, exporter="WORLD", sector="metals", cap=0.8)
    stated = {} if inadequate is None else {"reserves_inadequate": inadequate}
    finding = found(world, theirs, "2026-06-10", {"claims": "gatt-xviii-b", "facts": stated})["gatt-xi-1"]
    assert finding.status.value == status
    assert finding.met is (importer == "IND" and inadequate is True)


def test_article_xviii_b_is_listed_only_for_those_who_may_be_developing(world: ep.Economy) -> None:
    for importer, listed in (("IND", True), ("USA", False)):
        theirs = ep.ImportQuota(importer=importer, exporter="WORLD", sector="metals", cap=0.8)
        assert ("Article XVIII:B" in says(found(world, theirs, "2026-06-10")["gatt-xi-1"])) is listed


# ---- how long a developing Member's safeguard may last ----


def safeguard(world: ep.Economy, importer: str, until: str | None, **facts: bool) -> Finding:
    measure = ep.Tariff(importer=importer, exporter="WORLD", sector="metals", rate="25%", change="add")
    law = {"claims": "gatt-xix", "since": "2020-01-01", "until": until, "facts": {"injury_found": True, **facts}}
    return found(world, measure, "2020-01-01", law)["sg-7"]


@pytest.mark.parametrize(
    ("importer", "until", "facts", "verdict"),
    [
        ("IND", "2024-01-01", {}, "consistent"),
        ("IND", "2029-06-01", {}, "justified if the importer is a developing Member and the measure"),
        ("IND", "2029-06-01", {"developing_member": False}, "inconsistent"),
        ("IND", "2030-06-01", {"developing_member": True}, "inconsistent"),
        ("USA", "2029-06-01", {}, "inconsistent"),
        ("EU27", "2029-06-01", {}, "inconsistent"),
        (
            "IND",
            None,
            {},
            "justified if it ends within four years, or eight with an extension that a new finding supports; or",
        ),
        (
            "USA",
            None,
            {},
            "justified if it ends within four years, or eight with an extension that a new finding supports",
        ),
        ("IND", "2027-06-01", {}, "justified if it ends within four years, or eight with an extension that a new"),
    ],
)
def test_a_developing_member_may_take_ten_years(
    world: ep.Economy, importer: str, until: str | None, facts: dict[str, bool], verdict: str
) -> None:
    finding = safeguard(world, importer, until, **facts)
    assert finding.verdict.startswith(verdict)
    ten = "ends within ten years (Agreement on Safeguards, Article 9.2)" in finding.verdict
    assert ten is (importer == "IND" and until in (None, "2029-06-01") and not facts)


# ---- decisions on the measure itself ----


@pytest.mark.parametrize(
    ("importer", "sector", "there"), [("EU27", "metals", True), ("EU27", "textiles", False), ("USA", "metals", False)]
)
def test_ds595_is_cited_where_the_safeguard_on_steel_of_the_eu_is_judged(
    world: ep.Economy, importer: str, sector: str, there: bool
) -> None:
    measure = ep.Tariff(importer=importer, exporter="WORLD", sector=sector, rate="25%", change="add")
    law = {"claims": "gatt-xix", "facts": {"injury_found": True}}
    text = says(found(world, measure, "2026-06-30", law)["sg-2"])
    assert ("DS595 (29 April 2022): Most of Türkiye's claims failed" in text) is there
    assert "DS595" not in says(found(world, measure, "2026-06-30")["gatt-ii-1-b"])
    early = says(found(world, measure, "2021-06-30", law)["sg-2"])
    assert ("Decided later: European Union - Safeguard Measures on Certain Steel Products" in early) is there


# ---- days ----


def test_the_sixty_days_to_adopt_a_report_run_from_its_circulation() -> None:
    events = [("2022-03-01", "dsu-report"), ("2022-04-29", "dsu-circulation")]
    adopted = due(events)["dsu-16-adoption"]
    assert adopted == Date(2022, 6, 28), "60 days after 29 April; the report was adopted on 31 May"
    assert "dsu-16-adoption" not in due(events[:1])


def due(events: list[tuple[str, str]]) -> dict[str, Date]:
    """Return the days on which the deadlines of a calendar are due."""
    calendar = [SimpleNamespace(date=Date.fromisoformat(day), kind=(kind,), event=kind) for day, kind in events]
    found = deadlines(calendar, on=Date(2022, 7, 1))
    return {line.clock.id: line.due for line in found.deadlines}


# ---- pledges: rates that reach back, what a text leaves open, and duties that it does not mean ----


def cars(exporter: str) -> ep.Tariff:
    return ep.Tariff(importer="USA", exporter=exporter, sector="motor_vehicles", rate="25%", change="add")


@pytest.mark.parametrize(
    ("exporter", "pledge", "on", "refund"),
    [
        ("EU27", "eu-ceiling-2025", "2025-09-16", "25 September 2025 is not refunded back to 1 August 2025"),
        ("EU27", "eu-ceiling-2025", "2025-09-25", None),
        ("KOR", "korea-ceiling-2025", "2025-12-03", "4 December 2025 is not refunded back to 1 November 2025"),
        ("JPN", "japan-ceiling-2025", "2025-09-16", None),
    ],
)
def test_a_rate_that_reaches_back_is_departed_from_only_if_nothing_is_refunded(
    world: ep.Economy, exporter: str, pledge: str, on: str, refund: str | None
) -> None:
    finding = found(world, cars(exporter), on, {"under": "us-232"})[pledge]
    expected = f"departed from if what is collected before {refund}" if refund else "departed from"
    assert finding.verdict == expected
    assert ("The rate was applied at the border from" in says(finding)) is (refund is not None)


def test_japans_goods_reach_back_to_7_august_and_its_cars_do_not(world: ep.Economy) -> None:
    duty = ep.Tariff(importer="USA", exporter="JPN", sector="machinery", rate="25%", change="add")
    early = found(world, duty, "2025-09-15")["japan-ceiling-goods-2025"]
    assert (
        early.verdict
        == "departed from if what is collected before 16 September 2025 is not refunded back to 7 August 2025"
    )
    assert "japan-ceiling-2025" not in found(world, cars("JPN"), "2025-09-15")


def test_the_eu_may_mean_quotas_on_metals_in_its_statement(world: ep.Economy) -> None:
    def by_the_eu(sector: str) -> dict[str, Finding]:
        duty = ep.Tariff(importer="EU27", exporter="USA", sector=sector, rate="50%", change="add")
        return found(world, duty, "2026-07-01")

    assert by_the_eu("metals")["eu-metals-2025"].verdict == (
        "departed from if the quotas and duties on metals are not those by which the two mean to shield their markets "
        "from overcapacity"
    )
    assert "eu-industrial-2025" not in by_the_eu("metals")
    assert by_the_eu("machinery")["eu-industrial-2025"].verdict == "departed from"


@pytest.mark.parametrize(
    ("claims", "status"), [((), "inconsistent"), (("gatt-vi",), "consistent"), (("gatt-xxi",), "contested")]
)
def test_an_antidumping_duty_is_no_customs_duty_and_one_for_security_is(
    world: ep.Economy, claims: tuple[str, ...], status: str
) -> None:
    """Article 1.5 leaves anti-dumping duties out; a duty under Section 232 is within its words (32.2 may excuse it)."""
    duty = ep.Tariff(importer="USA", exporter="CAN", sector="metals", rate="25%", change="add")
    finding = found(world, duty, "2026-06-01", {"claims": claims})["usmca-2-4"]
    assert finding.status.value == status
    if claims == ("gatt-vi",):
        assert "The text does not mean duties taken under GATT 1994, Article VI" in says(finding)
        assert finding.complain == ()
    quota = ep.ImportQuota(importer="USA", exporter="CAN", sector="metals", cap="50%")
    assert found(world, quota, "2026-06-01", {"claims": claims})["usmca-2-4"].status.value != "consistent"


# ---- what was put in force from July to September 2026 ----

DISCRIMINATES = "the President finds that the country discriminates against United States commerce"


@pytest.mark.parametrize(
    ("rate", "on", "verdict"),
    [
        ("50%", "2026-08-22", "consistent"),
        ("51%", "2026-08-22", "inconsistent"),  # 19 U.S.C. 1338(d): at most 50 points
        ("50%", "2026-07-19", f"justified if {DISCRIMINATES}"),
    ],
)
def test_section_338_on_canada_has_its_finding_and_its_ceiling(
    world: ep.Economy, rate: str, on: str, verdict: str
) -> None:
    duty = ep.Tariff(importer="USA", exporter="CAN", sector="food", rate=rate, change="add")
    by_rule = found(world, duty, on, {"under": "us-338"})
    assert by_rule["us-338"].verdict == verdict
    assert by_rule["usmca-2-4"].status.value == "inconsistent", "no goods of the USMCA are left out"
    assert by_rule["gatt-i-1"].status.value == "inconsistent", "it falls on one Member alone"


def test_the_import_bans_of_september_2026_are_quantitative_restrictions(world: ep.Economy) -> None:
    ban = ep.ImportQuota(importer="USA", exporter="CAN", sector="food", cap="0%")
    by_rule = found(world, ban, "2026-09-29", {"under": "us-338"})
    assert by_rule["gatt-xi-1"].status.value == "inconsistent"
    assert "excluded from importation from 29 September" in says(by_rule["us-338"]).replace("\n", " ")


def test_canadas_surtax_is_within_its_order_and_names_no_exception(world: ep.Economy) -> None:
    surtax = ep.Tariff(importer="CAN", exporter="USA", sector="food", rate="50%", change="add")
    by_rule = found(world, surtax, "2026-09-08", {"under": "ca-surtax-2026"})
    assert by_rule["ca-surtax-2026"].status.value == "consistent"
    assert by_rule["gatt-i-1"].status.value == by_rule["usmca-2-4"].status.value == "inconsistent"
    before = found(world, surtax, "2026-09-07", {"under": "ca-surtax-2026"})
    assert before["ca-surtax-2026"].status.value == "inconsistent"


def test_the_action_on_forced_labour_names_60_economies_and_brazil_has_two(world: ep.Economy) -> None:
    (labour,) = [d for d in statutes()["us-301"].found if "forced labour" in d.says]
    assert len(set(labour.of)) == len(labour.of) == 60
    assert {"EU", "CHN", "TWN", "HKG", "VEN"} <= set(labour.of)
    assert not {"DEU", "UKR", "CUB"} & set(labour.of)
    duty = ep.Tariff(importer="USA", exporter="BRA", sector="textiles", rate="37.5%", change="add")
    text = says(found(world, duty, "2026-07-24", {"under": "us-301"})["us-301"])
    assert "25% on its goods" in text
    assert "60 economies" in text


def test_the_safeguard_of_the_steel_case_is_not_judged_by_the_regulation_that_replaced_it() -> None:
    case = ep.load_case("eu-steel-trq")
    alone = case.model_copy(update={"scenarios": {"safeguard": case.scenarios["safeguard"]}})
    by_rule = {f.rule: f for f in screen_case(alone).findings}
    assert "eu-steel-2026" not in by_rule
    assert "DS595" in says(by_rule["sg-2"])
    assert "XXVIII" not in by_rule["gatt-ii-1-b"].verdict, "no renegotiation was relied on for the safeguard"


def test_the_eea_is_left_out_of_the_safeguard_on_steel_as_a_partner() -> None:
    case = ep.load_case("eu-steel-trq")
    alone = case.model_copy(update={"scenarios": {"safeguard": case.scenarios["safeguard"]}})
    by_rule = {f.rule: f for f in screen_case(alone).findings}
    for rule in ("gatt-i-1", "sg-2"):
        assert by_rule[rule].status.value == "contested"
        assert "partners in a free-trade agreement in force: Norway and Iceland (EEA)" in says(by_rule[rule])


def test_an_exemption_for_a_partner_that_the_book_may_lack_says_so() -> None:
    """Brazil's duty on cars leaves out a partner in Mercosur, which the book does not have; nobody relied on it."""
    world = ep.load_economy("world2022")
    keys: dict[str, Any] = {"importer": "BRA", "sector": "motor_vehicles", "rate": 0.35}
    duty = ep.Tariff(**keys, exempt=["ARG"])
    (found,) = (f for f in ep.screen([duty], world, on="2026-01-01").findings if f.rule == "gatt-i-1")
    assert found.status.value == "inconsistent"
    says = found.steps[-1].says
    assert says.startswith(
        "It leaves out Argentina, with whom the book has no free-trade agreement in force. The book is"
    )
    assert says.endswith("if there is one, state it (in_a_free_trade_agreement).")
    # One that falls on a few alone is not a new duty that leaves partners out.
    few = ep.Tariff(**keys, exporter="CHN")
    (found,) = (f for f in ep.screen([few], world, on="2026-01-01").findings if f.rule == "gatt-i-1")
    assert not any("The book is incomplete" in step.says for step in found.steps)
