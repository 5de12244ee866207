"""Every rule on a measure that breaches it, on one that does not, and on one at the limit."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.rules.book import fact_texts, rules
from entrepot.rules.entry import least_sure
from entrepot.rules.facts import COMPUTED
from entrepot.rules.finding import Finding, Status
from entrepot.rules.parties import Party
from worlds import random_world

INCONSISTENT, CONTESTED, JUSTIFIED_IF, CONSISTENT = "inconsistent", "contested", "justified if", "consistent"
CARS = {"importer": "USA", "sector": "motor_vehicles"}
ON = "2019-05-17"


def findings(
    world: ep.Economy, measures: Any, rule: str, law: Mapping[str, Any] | None = None, on: str = ON
) -> list[Finding]:
    return [f for f in ep.screen(measures, world, on=on, law=law).findings if f.rule == rule]


def status(
    world: ep.Economy, measures: Any, rule: str, law: Mapping[str, Any] | None = None, on: str = ON
) -> str | None:
    """Return the worst status of a rule, or None where it has no finding."""
    found = findings(world, measures, rule, law, on)
    return max((f.status for f in found), key=lambda s: s.severity).value if found else None


def tariff(exporter: str | Sequence[str] = "JPN", rate: float = 0.25, **keys: Any) -> ep.Tariff:
    return ep.Tariff(**(CARS | {"exporter": exporter, "rate": rate, "change": "add"} | keys))


def quota(exporter: str | Sequence[str] = "JPN", cap: float = 0.8, **keys: Any) -> ep.ImportQuota:
    return ep.ImportQuota(**(CARS | {"exporter": exporter, "cap": cap} | keys))


def trq(exporter: str = "JPN", **keys: Any) -> ep.TariffRateQuota:
    return ep.TariffRateQuota(**(CARS | {"exporter": exporter, "cap": 0.8} | keys))


def ver(exporter: str | Sequence[str] = "JPN", cap: float = 0.8, **keys: Any) -> ep.VoluntaryExportRestraint:
    return ep.VoluntaryExportRestraint(**(CARS | {"exporter": exporter, "cap": cap} | keys))


def export_tax(exporter: str, rate: float = 0.1, **keys: Any) -> ep.ExportTax:
    return ep.ExportTax(exporter=exporter, sector="motor_vehicles", rate=rate, **keys)


def control(exporter: str, cap: float = 0.8, **keys: Any) -> ep.measures.ExportQuota:
    return ep.measures.ExportQuota(exporter=exporter, sector="motor_vehicles", cap=cap, **keys)


def ban(exporter: str, **keys: Any) -> ep.measures.ExportBan:
    return ep.measures.ExportBan(exporter=exporter, sector="motor_vehicles", **keys)


def subsidy(rate: float) -> ep.ProductionSubsidy:
    return ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=rate)


def bound(rate: float, country: str = "USA", sector: str = "motor_vehicles") -> dict[str, Any]:
    return {"bound_rates": [{"country": country, "sector": sector, "rate": rate}]}


def facts(claims: str = "", **stated: bool) -> dict[str, Any]:
    return ({"claims": claims} if claims else {}) | {"facts": stated}


SHOWN = {"serious_injury_found": True, "causal_link_shown": True, "unforeseen_developments_shown": True}
SAFEGUARD = {"claims": "gatt-xix", "facts": SHOWN}
FARM = {"importer": "JPN", "sector": ["agriculture", "food"]}

CASES: list[tuple[str, Any, Mapping[str, Any], str | None]] = [
    # Article I:1: origins treated differently
    ("gatt-i-1", tariff("JPN"), {}, INCONSISTENT),
    ("gatt-i-1", tariff("WORLD"), {}, CONSISTENT),
    ("gatt-i-1", tariff("WORLD", exempt="CHN"), {}, INCONSISTENT),
    ("gatt-i-1", tariff("WORLD", exempt=["CAN", "CHN"]), {}, INCONSISTENT),
    ("gatt-i-1", tariff("WORLD", exempt="CAN"), {}, CONTESTED),
    ("gatt-i-1", tariff("WORLD", exempt="CAN"), facts(exclusion_covered_by_xxiv=True), JUSTIFIED_IF),
    ("gatt-i-1", tariff("WORLD", exempt="CAN"), facts(exclusion_covered_by_xxiv=False), INCONSISTENT),
    ("gatt-i-1", tariff("WORLD", 0.1, change="set"), {}, CONSISTENT),
    ("gatt-i-1", tariff("JPN", 0.0), {}, None),
    ("gatt-i-1", ver("JPN"), {}, None),
    ("gatt-i-1", tariff("JPN", -0.01), {}, INCONSISTENT),
    ("gatt-i-1", tariff("JPN"), {"claims": "gatt-xxi"}, CONTESTED),
    ("gatt-i-1", tariff("JPN"), facts("gatt-xxi", war_or_emergency=False), CONTESTED),
    ("gatt-i-1", tariff("JPN"), {"claims": "gatt-xx"}, JUSTIFIED_IF),
    ("gatt-i-1", tariff("JPN"), {"claims": "gatt-vi"}, JUSTIFIED_IF),
    ("gatt-i-1", tariff("JPN", -0.01), {"claims": "enabling-clause"}, JUSTIFIED_IF),
    (
        "gatt-i-1",
        tariff("JPN", -0.01),
        facts("enabling-clause", general_and_non_discriminatory=False),
        INCONSISTENT,
    ),
    ("gatt-i-1", [tariff("WORLD", 0.01), tariff("JPN", 0.0)], {}, CONSISTENT),
    (
        "gatt-i-1",
        ep.TariffRateQuota(**CARS, exporter="JPN", cap=0.8, in_rate=0.0, out_rate=0.0, change="add"),
        {},
        None,
    ),
    # Article I:1 on exports, and China's protocol
    ("gatt-i-1-exports", export_tax("JPN", importer="USA"), {}, INCONSISTENT),
    ("gatt-i-1-exports", export_tax("JPN"), {}, CONSISTENT),
    ("gatt-i-1-exports", export_tax("JPN", exempt="KOR"), {}, INCONSISTENT),
    ("gatt-i-1-exports", [export_tax("JPN"), export_tax("JPN", 0.05, importer="USA")], {}, INCONSISTENT),
    ("gatt-i-1-exports", export_tax("JPN", importer="USA"), {"claims": "gatt-xxi"}, CONTESTED),
    ("gatt-i-1-exports", export_tax("JPN", 0.0), {}, None),
    ("gatt-i-1-exports", tariff("JPN"), {}, None),
    ("china-accession-11-3", export_tax("CHN"), {}, JUSTIFIED_IF),
    ("china-accession-11-3", export_tax("CHN"), facts(within_annex_6=False), INCONSISTENT),
    ("china-accession-11-3", export_tax("CHN"), facts(within_annex_6=True), CONSISTENT),
    ("china-accession-11-3", export_tax("CHN"), facts("gatt-xx", within_annex_6=False), INCONSISTENT),
    ("china-accession-11-3", export_tax("CHN", -0.1), {}, None),
    ("china-accession-11-3", export_tax("JPN"), {}, None),
    ("accession-export-duties", export_tax("RUS"), {}, JUSTIFIED_IF),
    ("accession-export-duties", export_tax("RUS"), facts(within_accession_commitments=False), INCONSISTENT),
    ("accession-export-duties", export_tax("RUS"), facts(within_accession_commitments=True), CONSISTENT),
    ("accession-export-duties", export_tax("CHN"), {}, None),
    # Articles II:2(a) and III:2: a charge at the border for one at home
    ("gatt-iii-2", tariff("WORLD"), {"claims": "gatt-ii-2-a"}, JUSTIFIED_IF),
    ("gatt-iii-2", tariff("WORLD"), facts("gatt-ii-2-a", charged_in_excess=True), INCONSISTENT),
    ("gatt-iii-2", tariff("WORLD"), facts("gatt-ii-2-a", charged_in_excess=False), CONSISTENT),
    ("gatt-iii-2", tariff("WORLD"), {}, None),
    (
        "gatt-ii-1-b",
        tariff("WORLD"),
        bound(0.02) | facts("gatt-ii-2-a", equivalent_to_an_internal_tax=True, charged_in_excess=False),
        JUSTIFIED_IF,
    ),
    ("gatt-ii-1-b", tariff("WORLD"), bound(0.02) | facts("gatt-ii-2-a", charged_in_excess=True), INCONSISTENT),
    # Article II:1(b): the bound rate
    ("gatt-ii-1-b", [tariff("WORLD", 0.06), tariff("JPN", 0.06)], bound(0.10), INCONSISTENT),
    ("gatt-ii-1-b", ep.TariffRateQuota(**CARS, cap=0.8, in_rate=0.02, out_rate=0.2), bound(0.1), INCONSISTENT),
    ("gatt-ii-1-b", tariff("MEX", 0.02), {}, CONSISTENT),
    ("gatt-ii-1-b", tariff("WORLD", 0.10, change="set"), bound(0.10), CONSISTENT),
    ("gatt-ii-1-b", tariff("WORLD", 0.1001, change="set"), bound(0.10), INCONSISTENT),
    ("gatt-ii-1-b", tariff("WORLD", 0.30, change="set", sector="metals"), {}, JUSTIFIED_IF),
    ("gatt-ii-1-b", tariff("WORLD", -0.01), bound(0.0), None),
    ("gatt-ii-1-b", ep.SpecificTariff(**CARS, exporter="WORLD", amount="8%"), bound(0.02), INCONSISTENT),
    (
        "gatt-ii-1-b",
        tariff("WORLD"),
        bound(0.02) | facts("gatt-xxviii", binding_renegotiated=True),
        JUSTIFIED_IF,
    ),
    ("gatt-ii-1-b", tariff("WORLD"), bound(0.02) | SAFEGUARD, JUSTIFIED_IF),
    (
        "gatt-ii-1-b",
        tariff("WORLD"),
        bound(0.02) | facts("gatt-xix", injury_found=False),
        INCONSISTENT,
    ),
    (
        "gatt-ii-1-b",
        tariff("WORLD"),
        bound(0.02) | facts("gatt-xii", reserves_in_danger=True),
        JUSTIFIED_IF,
    ),
    # Article III:4
    ("gatt-iii", ep.NonTariffBarrier(**CARS, rate=0.05), {}, JUSTIFIED_IF),
    (
        "gatt-iii",
        ep.NonTariffBarrier(**CARS, rate=0.05),
        facts(imports_treated_less_favourably=True),
        INCONSISTENT,
    ),
    (
        "gatt-iii",
        ep.NonTariffBarrier(**CARS, rate=0.05),
        facts(imports_treated_less_favourably=False),
        CONSISTENT,
    ),
    ("gatt-iii", ep.NonTariffBarrier(**CARS, rate=-0.05), {}, None),
    # Article XI:1: any restriction but a duty, on imports or on exports
    ("gatt-xi-1", quota("WORLD", 1.0), {}, INCONSISTENT),
    ("gatt-xi-1", quota("WORLD", 0.0), {}, INCONSISTENT),
    ("gatt-xi-1", ver("JPN"), {}, INCONSISTENT),
    ("gatt-xi-1", ver("JPN"), {"facts": {"government_action": "no"}}, CONSISTENT),
    ("gatt-xi-1", ep.TariffRateQuota(**CARS, cap=0.8, out_rate=0.25), {}, None),
    ("gatt-xi-1", ep.MinimumPrice(**CARS, price=1.1, rent="importer"), {}, INCONSISTENT),
    ("gatt-xi-1", ep.ExportTax(exporter="JPN", sector="motor_vehicles", rate=0.1), {}, None),
    ("gatt-xi-1", tariff("WORLD"), {}, None),
    (
        "gatt-xi-1",
        quota("WORLD"),
        facts("gatt-xix", **SHOWN, clear_justification=True),
        JUSTIFIED_IF,
    ),
    ("gatt-xi-1", quota("WORLD"), facts("gatt-xx", fits_a_paragraph_of_xx=False), INCONSISTENT),
    # The exporter's own control of its exports
    ("gatt-xi-1", control("CHN"), {}, INCONSISTENT),
    ("gatt-xi-1", ban("CHN"), {}, INCONSISTENT),
    ("gatt-xi-1", control("CHN"), {"claims": "gatt-xi-2-a"}, JUSTIFIED_IF),
    ("gatt-xi-1", control("CHN"), facts("gatt-xi-2-a", critical_shortage=False), INCONSISTENT),
    ("gatt-xi-1", control("CHN"), {"claims": "gatt-xxi"}, CONTESTED),
    ("gatt-xi-1", control("CHN"), {"claims": {"USA": "gatt-xxi"}}, INCONSISTENT),
    ("gatt-xi-1", control("CHN"), {"claims": {"CHN": "gatt-xx"}}, JUSTIFIED_IF),
    ("gatt-xiii", control("CHN", importer="USA"), {}, INCONSISTENT),
    ("gatt-xiii", control("CHN"), {}, CONSISTENT),
    ("sg-11-1-b", control("CHN"), {}, None),
    ("sg-11-1-b", ban("CHN"), {}, None),
    # Article XIII: all origins, all destinations
    ("gatt-xiii", quota("WORLD"), {}, CONSISTENT),
    ("gatt-xiii", quota("JPN"), {}, INCONSISTENT),
    ("gatt-xiii", [quota("JPN"), quota("WORLD", exempt="JPN")], {}, CONSISTENT),
    ("gatt-xiii", [quota("JPN"), quota("WORLD", exempt=["JPN", "CAN"])], {}, CONTESTED),
    ("gatt-xiii", [quota("JPN"), quota("WORLD", exempt=["JPN", "CHN"])], {}, INCONSISTENT),
    ("gatt-xiii", ep.TariffRateQuota(**CARS, exporter="JPN", cap=0.8, out_rate=0.25), {}, INCONSISTENT),
    ("gatt-xiii", ver("JPN", importer="WORLD"), {}, CONSISTENT),
    ("gatt-xiii", tariff("JPN"), {}, None),
    ("gatt-xiii", [quota("JPN"), quota("WORLD", sector="metals", exempt="JPN")], {}, INCONSISTENT),
    ("gatt-xiii", quota("JPN"), {"claims": "gatt-xx"}, JUSTIFIED_IF),
    ("gatt-xiii", [quota("JPN", 0.1), quota("WORLD", 1.0, exempt="JPN")], {}, JUSTIFIED_IF),
    ("gatt-xiii", [quota("JPN", 0.1), quota("WORLD", 1.0, exempt="JPN", sector="ALL")], {}, JUSTIFIED_IF),
    ("gatt-xiii", [quota("WORLD", 0.8), quota("WORLD", 0.5, importer="CAN")], {}, CONSISTENT),
    ("gatt-xiii", [quota("WORLD", 0.8), quota("WORLD", 0.5, sector="metals")], {}, CONSISTENT),
    # Agreement on Safeguards
    ("sg-2", tariff("WORLD"), {}, None),
    ("sg-2", tariff("WORLD"), SAFEGUARD, CONSISTENT),
    ("sg-2", tariff("WORLD", exempt="CHN"), SAFEGUARD, INCONSISTENT),
    ("sg-2", tariff("WORLD", exempt="CAN"), SAFEGUARD, CONTESTED),
    ("sg-2", tariff("WORLD", exempt="CAN"), facts("gatt-xix", injury_found=False), INCONSISTENT),
    ("sg-2", tariff("WORLD"), {"claims": "gatt-xix"}, JUSTIFIED_IF),
    ("sg-2", tariff("WORLD"), facts("gatt-xix", injury_found=True), JUSTIFIED_IF),
    ("gatt-xix-1-a", tariff("WORLD"), {}, None),
    ("gatt-xix-1-a", tariff("WORLD"), SAFEGUARD, CONSISTENT),
    ("gatt-xix-1-a", tariff("WORLD"), facts("gatt-xix", injury_found=True), JUSTIFIED_IF),
    ("gatt-xix-1-a", tariff("WORLD"), facts("gatt-xix", unforeseen_developments_shown=False), INCONSISTENT),
    ("sg-5", quota("WORLD", 1.0), SAFEGUARD, CONSISTENT),
    ("sg-5", quota("WORLD", 0.999), facts("gatt-xix", clear_justification=False), INCONSISTENT),
    ("sg-5", quota("WORLD", 0.999), SAFEGUARD, JUSTIFIED_IF),
    ("sg-5", tariff("WORLD"), SAFEGUARD, None),
    ("sg-7", tariff("WORLD"), SAFEGUARD | {"until": "2023-05-17"}, CONSISTENT),
    ("sg-7", tariff("WORLD"), SAFEGUARD | {"until": "2027-05-17"}, JUSTIFIED_IF),
    ("sg-7", tariff("WORLD"), SAFEGUARD | {"until": "2027-05-19"}, INCONSISTENT),
    ("sg-7", tariff("WORLD"), SAFEGUARD | {"since": "2018-05-17", "until": "2026-05-19"}, INCONSISTENT),
    ("sg-7", tariff("WORLD"), SAFEGUARD, JUSTIFIED_IF),
    ("sg-11-1-b", ver("JPN"), {}, INCONSISTENT),
    ("sg-11-1-b", ver("JPN"), {"facts": {"government_action": "no"}}, CONSISTENT),
    ("sg-11-1-b", quota("JPN"), {}, None),
    ("sg-11-1-b", quota("JPN", rent="exporter"), {}, JUSTIFIED_IF),
    ("sg-11-1-b", quota("JPN"), {"facts": {"agreed_between_governments": True}}, INCONSISTENT),
    (
        "sg-11-1-b",
        quota("WORLD", 1.0, rent="exporter"),
        facts("gatt-xix", **SHOWN, agreed_between_governments=True),
        JUSTIFIED_IF,
    ),
    ("sg-11-1-b", ep.MinimumPrice(**CARS, exporter="JPN", price=1.1), {}, INCONSISTENT),
    ("sg-11-1-b", tariff("JPN"), {}, None),
    # undertakings, subsidies, investment, farm goods, retaliation
    (
        "ada-8",
        ep.MinimumPrice(**CARS, exporter="JPN", price=1.1),
        facts("gatt-vi", undertaking_voluntary=False),
        INCONSISTENT,
    ),
    ("ada-8", ep.MinimumPrice(**CARS, exporter="JPN", price=1.1), {"claims": "gatt-vi"}, JUSTIFIED_IF),
    ("ada-8", ep.MinimumPrice(**CARS, exporter="JPN", price=1.1), {}, None),
    ("scm-3", ep.ExportTax(exporter="JPN", sector="motor_vehicles", rate=-0.05), {}, INCONSISTENT),
    ("scm-3", ep.ExportTax(exporter="JPN", sector="motor_vehicles", rate=0.05), {}, None),
    (
        "ag-8",
        ep.ExportTax(exporter="JPN", sector="food", rate=-0.05),
        facts(export_subsidy_within_commitments=False),
        INCONSISTENT,
    ),
    ("ag-8", ep.ExportTax(exporter="JPN", sector="food", rate=-0.05), {}, JUSTIFIED_IF),
    ("ag-8", ep.ExportTax(exporter="JPN", sector="motor_vehicles", rate=-0.05), {}, None),
    ("scm-3", ep.ExportTax(exporter="JPN", sector="food", rate=-0.05), {}, JUSTIFIED_IF),
    (
        "scm-3",
        ep.ExportTax(exporter="JPN", sector="food", rate=-0.05),
        facts(export_subsidy_within_commitments=True),
        CONSISTENT,
    ),
    ("scm-3", ep.ExportTax(exporter="JPN", sector=["food", "motor_vehicles"], rate=-0.05), {}, INCONSISTENT),
    ("scm-5", subsidy(0.05), {}, JUSTIFIED_IF),
    (
        "scm-5",
        subsidy(0.05),
        facts(adverse_effects=True),
        INCONSISTENT,
    ),
    ("scm-5", subsidy(-0.05), {}, None),
    ("scm-3-1-b", subsidy(0.05), {}, None),
    ("scm-3-1-b", subsidy(0.05), facts(local_content_required=True), INCONSISTENT),
    ("scm-3-1-b", subsidy(0.05), facts(local_content_required=False), None),
    ("scm-3-1-b", tariff("JPN"), facts(local_content_required=True), None),
    ("trims-2", subsidy(0.05), facts(local_content_required=True), INCONSISTENT),
    ("trims-2", subsidy(0.05), {}, None),
    ("trims-2", tariff("JPN"), {}, None),
    ("trims-2", tariff("JPN"), {"facts": {"local_content_required": True}}, INCONSISTENT),
    ("trims-2", tariff("JPN"), {"facts": {"local_content_required": False}}, None),
    (
        "trims-2",
        ep.ExportTax(exporter="CHN", sector="metals", rate=-0.1),
        facts(local_content_required=True),
        INCONSISTENT,
    ),
    (
        "scm-3-1-b",
        ep.ExportTax(exporter="CHN", sector="metals", rate=-0.1),
        facts(local_content_required=True),
        INCONSISTENT,
    ),
    ("ag-4-2", ep.ImportQuota(**FARM, cap=0.5), {}, INCONSISTENT),
    ("ag-4-2", ep.MinimumPrice(**FARM, price=1.1, rent="importer"), {}, INCONSISTENT),
    ("ag-4-2", ep.Tariff(**FARM, rate=0.5), {}, None),
    ("ag-4-2", quota("WORLD"), {}, None),
    ("dsu-23", tariff("JPN"), {"claims": "dsu-22"}, JUSTIFIED_IF),
    ("dsu-23", tariff("JPN"), facts("dsu-22", suspension_authorised=False), INCONSISTENT),
    ("dsu-23", tariff("JPN"), facts("dsu-22", suspension_authorised=True), CONSISTENT),
    ("dsu-23", tariff("JPN"), {}, None),
]


@pytest.mark.parametrize(("rule", "measures", "law", "expected"), CASES)
def test_status_of_each_rule(
    world: ep.Economy, rule: str, measures: Any, law: Mapping[str, Any], expected: str | None
) -> None:
    assert status(world, measures, rule, law) == expected


def test_a_condition_on_inputs_is_breached_by_the_party_that_sets_it_alone(world: ep.Economy) -> None:
    """TRIMs Article 2: those who buy what the exporter subsidises set no condition."""
    measure = ep.ExportTax(exporter="CHN", sector="metals", rate=-0.1)
    case_law = facts(local_content_required=True)
    screen = ep.screen([measure], world, law=case_law)
    assert {finding.party for finding in screen.findings if finding.rule == "trims-2"} == {"CHN"}
    answered = ep.screen([subsidy(0.05), tariff("USA", importer="CHN")], world, law=case_law)
    assert {finding.party for finding in answered.findings if finding.rule == "trims-2"} == {"USA"}


def test_every_obligation_is_tried_both_ways() -> None:
    tried = {rule: {expected for r, _, _, expected in CASES if r == rule} for rule, *_ in CASES}
    for rule in rules().values():
        if rule.kind == "obligation":
            assert INCONSISTENT in tried[rule.id], rule.id
            assert tried[rule.id] & {CONSISTENT, None}, rule.id


def test_every_exception_can_be_relied_on(world: ep.Economy) -> None:
    reachable = {e for rule in rules().values() for e in rule.excused_by}
    assert reachable == {rule.id for rule in rules().values() if rule.kind == "exception"}


def test_rules_ask_only_for_facts_that_exist() -> None:
    calls = {fact for rule in rules().values() for fact in rule.facts}
    assert calls <= set(fact_texts())
    assert {name for name, text in fact_texts().items() if text.computed} == set(COMPUTED)
    for name, text in fact_texts().items():
        assert text.computed or (text.yes and text.no and text.unknown), name
    for rule in rules().values():
        for question in rule.breached_if if rule.kind == "obligation" else ():
            for name in (question,) if isinstance(question, str) else question:
                text = fact_texts()[name.removeprefix("not ")]
                assert text.computed or text.unless or name.startswith("not "), (rule.id, name)


def test_every_rule_has_a_citation_a_date_and_refers_to_rules_that_exist() -> None:
    for rule in rules().values():
        assert rule.source.title
        assert rule.in_force >= datetime.date(1948, 1, 1)
        assert {*rule.excused_by, *([rule.remedy] if rule.remedy else [])} <= set(rules())
        assert rule.kind != "obligation" or (rule.touched_by and rule.breached_if and rule.cure and rule.consequence)
        assert rule.kind != "exception" or (rule.claimed_by and rule.met_if and rule.condition)


def test_a_restraint_is_caught_on_both_sides(world: ep.Economy) -> None:
    found = findings(world, ver("JPN"), "sg-11-1-b")
    assert {(f.party, f.role, f.status) for f in found} == {
        ("USA", "importer", Status.INCONSISTENT),
        ("JPN", "exporter", Status.INCONSISTENT),
    }
    assert {f.complain[-1] for f in found} == {"JPN", "USA"}  # those that agreed come after third countries


def test_security_excuses_nobody_but_the_one_who_claims_it(world: ep.Economy) -> None:
    found = findings(world, ver("JPN"), "sg-11-1-b", {"claims": "gatt-xxi"})
    assert {f.party: f.status for f in found} == {"USA": Status.CONTESTED, "JPN": Status.INCONSISTENT}
    theirs = findings(world, ver("JPN"), "sg-11-1-b", {"claims": {"JPN": "gatt-xxi"}})
    assert {f.party: f.status for f in theirs} == {"USA": Status.INCONSISTENT, "JPN": Status.CONTESTED}


def test_a_measure_is_judged_by_what_it_does_itself(world: ep.Economy) -> None:
    both = [tariff("WORLD", 0.01), tariff("JPN", 0.25)]
    found = {f.measure: f.status for f in findings(world, both, "gatt-i-1")}
    assert sorted(s.value for s in found.values()) == [CONSISTENT, INCONSISTENT]


def test_restraint_is_not_an_import_quota_of_a_safeguard(world: ep.Economy) -> None:
    law = facts("gatt-xix", **SHOWN, agreed_between_governments=True)
    assert status(world, ver("JPN"), "sg-11-1-b", law) == INCONSISTENT
    quota_by_agreement = quota("WORLD", 1.0, rent="exporter")
    assert all(f.met for f in findings(world, quota_by_agreement, "sg-11-1-b", law))


def test_a_safeguard_is_claimed_by_whoever_takes_it(world: ep.Economy) -> None:
    law = {"claims": {"JPN": "gatt-xix"}, "facts": {"injury_found": True}} | bound(0.02)
    assert status(world, tariff("WORLD"), "gatt-ii-1-b", law) == INCONSISTENT


def test_unknown_fact_does_not_defeat_an_exception(world: ep.Economy) -> None:
    assert status(world, quota("WORLD", 0.8), "gatt-xi-1", SAFEGUARD) == JUSTIFIED_IF


def test_an_exception_is_looked_at_where_the_bound_rate_is_not_known(world: ep.Economy) -> None:
    (finding,) = findings(world, tariff("WORLD", sector="metals"), "gatt-ii-1-b", {"claims": "gatt-xxi"})
    assert "or else, it stands or falls with GATT 1994, Article XXI(b)" in finding.condition


def test_a_case_says_once_what_its_scenarios_are_taken_under(world: ep.Economy) -> None:
    case = read_case(CASE.replace("law: {on: 2019-05-17}", "law: {on: 2019-05-17, under: us-232}"))
    found = ep.screen(case, world)
    assert {f.rule for f in found.of("tariff")} >= {"us-232"}
    assert [f.status.value for f in found.of("tariff") if f.rule == "gatt-i-1"] == [CONTESTED]


def test_restraint_under_the_safeguard_statute_is_not_a_conflict(world: ep.Economy) -> None:
    (finding,) = findings(world, ver("JPN"), "us-201", {"under": "us-201"})
    assert not any(step.fact == "clash" for step in finding.steps)


def test_names_that_the_economy_does_not_have(world: ep.Economy) -> None:
    for law in (bound(0.1, country="Japn"), bound(0.1, sector="autos"), {"isic4": {"autos": 29}}):
        with pytest.raises(ep.errors.InputError, match=r"bound_rates\.1|isic4"):
            ep.screen(tariff(), world, on=ON, law=law)


def test_a_member_of_the_union_is_one_on_the_date_of_the_screen(world: ep.Economy) -> None:
    british = tariff("WORLD", 0.25, importer="GBR", change="set")
    for on, expected in (("2019-05-17", INCONSISTENT), ("2021-01-01", JUSTIFIED_IF)):
        assert status(world, british, "gatt-ii-1-b", on=on) == expected  # the Union's bound rate, then none in the book
        assert bool(findings(world, british, "eu-enforcement", {"under": "eu-enforcement"}, on)) is (on < "2020")


@pytest.mark.parametrize("country", ["EU", "EU28", "Germany", "DEU"])
def test_a_bound_rate_may_be_the_unions_where_not_every_member_has_data(country: str) -> None:
    three = replace(random_world(3, 2, seed=1), countries=("DEU", "FRA", "USA"))
    measure = ep.Tariff(importer=("DEU", "FRA"), exporter="USA", sector="s00", rate=0.3)
    law = bound(0.25, country, "S00")
    (finding,) = findings(three, measure, "gatt-ii-1-b", law, on="2020-06-01")
    assert finding.status is Status.INCONSISTENT


def test_before_1995_there_was_no_agreement_on_safeguards(world: ep.Economy) -> None:
    assert status(world, ver("JPN"), "sg-11-1-b", on="1994-12-31") is None
    assert status(world, ver("JPN"), "gatt-xi-1", on="1994-12-31") == INCONSISTENT
    assert status(world, ver("JPN"), "sg-11-1-b", on="1995-01-01") == INCONSISTENT
    (finding,) = findings(world, ver("JPN"), "gatt-xi-1", on="1981-05-01")
    assert "XXIII" in finding.remedy


def test_nobody_is_bound_before_joining(world: ep.Economy) -> None:
    restraint = ver("CHN", importer="USA")
    assert status(world, restraint, "gatt-xi-1", on="2001-12-10") is None
    assert status(world, restraint, "gatt-xi-1", on="2001-12-11") == INCONSISTENT
    assert findings(world, tariff("RUS"), "gatt-i-1", on="2012-08-21") == []


def test_non_members_have_no_claims(world: ep.Economy) -> None:
    assert status(world, tariff("CHN"), "gatt-i-1", on="2001-12-10") is None
    assert status(world, tariff("CHN"), "gatt-i-1", on="2001-12-11") == INCONSISTENT
    assert status(world, tariff("CHN", -0.01), "gatt-i-1", on="2001-12-10") == INCONSISTENT  # owed to the rest


def test_the_bound_rate_is_caught_with_its_number(world: ep.Economy) -> None:
    (finding,) = findings(world, tariff("WORLD", 0.25, change="set"), "gatt-ii-1-b", bound(0.025))
    assert "22.5 percentage points above it" in " ".join(step.says for step in finding.steps)


def test_the_steps_say_what_was_found_and_where(world: ep.Economy) -> None:
    (finding,) = findings(world, tariff("WORLD", exempt=["CAN", "MEX"]), "gatt-i-1")
    first, _, second = finding.steps[:3]
    assert "adds 25 percentage points" in first.says
    assert first.found_in == "the measure"
    assert "not on Mexico and Canada" in second.says
    assert second.found_in == "world2014"


def test_the_european_union_is_one_party(world: ep.Economy) -> None:
    assert {f.party for f in findings(world, ver("EU28"), "gatt-xi-1")} == {"EU28"}
    later = findings(world, ver(["EU27", "GBR"]), "gatt-xi-1", on="2021-01-01")
    assert {f.party for f in later} == {"EU27", "GBR"}


def test_the_screen_prints_and_exports(world: ep.Economy) -> None:
    screen = ep.screen([tariff("JPN"), ver("KOR")], world, on=ON)
    assert "inconsistent" in repr(screen)
    frame = screen.to_frame()
    assert len(frame) == len(screen.findings)
    assert {"rule", "status", "reasoning", "confidence"} <= set(frame)
    assert screen.to_dict()["findings"][0]["steps"]
    assert "legal" not in " ".join(frame["reasoning"])


@pytest.mark.parametrize(
    ("law", "says"),
    [
        ({"under": "us-223"}, "us-232"),
        ({"claims": "gatt-xxii"}, "gatt-xxi"),
        ({"facts": {"injury_fund": True}}, "injury_found"),
        ({"facts": {"injury_found": "perhaps"}}, "yes or no"),
        ({"facts": {"raises_import_duty": True}}, "not a fact that a case can state"),
        ({"undre": "us-232"}, "under"),
        ({"until": "soon"}, "until"),
        ({"bound_rates": [{"country": "USA", "sector": "motor_vehicles", "rate": 25}]}, "0.25"),
    ],
)
def test_law_section_is_checked(world: ep.Economy, law: Mapping[str, Any], says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        ep.screen(tariff(), world, on=ON, law=law)


def test_bad_dates_and_doubled_law(world: ep.Economy) -> None:
    with pytest.raises(ep.errors.InputError, match="2019-02-30"):
        ep.screen(tariff(), world, on="2019-02-30")
    with pytest.raises(ep.errors.InputError, match="a case states its own"):
        ep.screen("us-japan-autos-2019", law={"under": "us-232"})


OLD_GROUP = """\
  old_group:
    title: The EU of 28
    measures: [{tariff: {importer: EU28, exporter: JPN, sector: motor_vehicles, rate: 5%, change: add}}]
"""
CASE = """
case: answered
title: An answer
question: Is it allowed?
parties: [USA, JPN]
law: {on: 2019-05-17}
scenarios:
  tariff:
    title: 5 points on cars
    measures:
      - tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 5%, change: add}
retaliation: {by: JPN, against: USA, equivalent_to: tariff}
"""


def test_an_answer_is_screened_with_its_rates(world: ep.Economy) -> None:
    case = read_case(CASE)
    found = [f for f in ep.screen(case, world).findings if f.scenario == "retaliation" and f.party == "JPN"]
    by_rule = {f.rule: f for f in found}
    assert by_rule["dsu-23"].status is Status.JUSTIFIED_IF
    assert by_rule["gatt-i-1"].status is Status.JUSTIFIED_IF
    assert "Article 22" in by_rule["gatt-i-1"].condition
    assert any("nullified" in step.says for step in by_rule["dsu-23"].steps)


def test_answer_without_equivalent_rates_is_noted(world: ep.Economy) -> None:
    case = read_case(
        CASE.replace("equivalent_to: tariff", "equivalent_to: tariff, sectors: [agriculture], max_rate: 1%")
    )
    screen = ep.screen(case, world)
    assert any(
        "screened without its retaliation: " in note and "not even an embargo is enough" in note
        for note in screen.notes
    )


def test_the_date_of_a_screen_is_stated_without_an_instruction_to_authors(world: ep.Economy) -> None:
    case = read_case(CASE.replace("law: {on: 2019-05-17}\n", ""))
    (note,) = [note for note in ep.screen(case, world).notes if note.startswith("Screened as of")]
    assert note.endswith((", today.", ", the last date of the calendar."))


def test_a_screen_solves_no_timeline(world: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    window = "timeline:\n  from: 2019-01-01\n  until: 2024-01-01\n  in_force: [{scenario: tariff, from: 2019-06-01}]\n"
    monkeypatch.delattr("entrepot.cases.solved_timeline.solve")
    assert ep.screen(read_case(CASE + window), world).of("retaliation")


def test_a_party_is_bound_once_all_of_it_is() -> None:
    both = Party("both", ("JPN", "CHN"))
    assert [both.bound(datetime.date(2001, 12, day)) for day in (10, 11)] == [False, True]
    assert not Party("ROW", ("IRN",)).bound(datetime.date(2020, 1, 1))


def test_finding_has_the_lowest_confidence() -> None:
    assert least_sure("seen", None, "general", "derived") == "general"
    assert least_sure("disputed", "seen") == "disputed"
    assert least_sure("seen") == "seen"


def test_a_cut_is_a_lower_duty_for_some() -> None:
    """A cut of the tariff for one origin: a preference, never above the bound rate."""
    cut = ep.Tariff(importer="JPN", exporter="USA", sector="food", rate="40%", change="cut")
    found = {f.rule: f for f in ep.screen(cut, on="2019-11-13").findings if f.party == "JPN"}
    assert found["gatt-i-1"].status is ep.rules.Status.INCONSISTENT
    assert "Japan cuts its duty by 40% on food from the United States" in found["gatt-i-1"].steps[0].says
    assert "gatt-ii-1-b" not in found or found["gatt-ii-1-b"].status is ep.rules.Status.CONSISTENT


def test_notes_are_those_of_the_scenarios_that_are_wanted(world: ep.Economy) -> None:
    group = CASE.replace("  tariff:\n", OLD_GROUP + "  tariff:\n")
    case = read_case(group.replace("on: 2019-05-17", "on: 2026-11-30"))
    every, one = ep.screen(case, world), ep.screen(case, world, scenarios=["tariff"])
    assert any("EU28" in note for note in every.notes)
    assert list(one.on) == ["tariff"]
    assert one.findings == every.of("tariff")
    assert not any("EU28" in note for note in one.notes)
    with pytest.raises(ep.errors.UnknownNameError, match="unknown scenario 'tarif'; did you mean tariff"):
        ep.screen(case, world, scenarios=["tarif"])
    with pytest.raises(ep.errors.InputError, match="scenarios: pass this only with a case"):
        ep.screen(tariff(), world, scenarios=["tariff"])
