"""What a lawyer asks of a screen: whom an exception serves, what acceded Members gave up, as of when the law is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.finding import Finding
from entrepot.rules.screen import Screen

ON = "2026-11-30"


@pytest.fixture(scope="module")
def wide() -> ep.Economy:
    """An Economy with the Members of the WTO that are not in the smaller one."""
    return ep.load_economy("world2022")


def screened(world: ep.Economy, measure: Any, on: str = ON, **law: Any) -> Screen:
    return ep.screen(measure, world, on=on, law=law)


def found(world: ep.Economy, measure: Any, on: str = ON, **law: Any) -> Mapping[str, Finding]:
    return {f.rule: f for f in screened(world, measure, on, **law).findings}


def says(finding: Finding) -> str:
    return " ".join(step.says for step in finding.steps)


# ---- whom an exception serves ----

IMPORT_QUOTA = ep.ImportQuota(importer="IND", exporter="WORLD", sector="metals", cap="50%")
EXPORT_QUOTA = ep.measures.ExportQuota(exporter="IND", sector="metals", cap="50%")


@pytest.mark.parametrize(
    ("measure", "claim", "fact", "sides"),
    [
        (IMPORT_QUOTA, "gatt-xi-2-a", "critical_shortage", "exports"),
        (EXPORT_QUOTA, "gatt-xii", "reserves_in_danger", "imports"),
        (EXPORT_QUOTA, "gatt-xviii-b", "reserves_inadequate", "imports"),
    ],
)
def test_an_exception_for_exports_excuses_no_limit_on_imports_nor_the_reverse(
    world: ep.Economy, measure: Any, claim: str, fact: str, sides: str
) -> None:
    """XI:2(a) is on export prohibitions and restrictions; XII and XVIII:B on the quantity or value of imports."""
    finding = found(world, measure, claims=claim, facts={fact: True})["gatt-xi-1"]
    assert (finding.status.value, finding.met) == ("inconsistent", False)
    assert f"does not apply: it is for measures on {sides} alone." in says(finding)
    silent = says(found(world, measure)["gatt-xi-1"])
    assert ("XI:2(a)" in silent) is (measure is EXPORT_QUOTA)
    assert ("XII;" in silent) is (measure is IMPORT_QUOTA)


@pytest.mark.parametrize(
    ("measure", "claim", "fact"),
    [
        (EXPORT_QUOTA, "gatt-xi-2-a", "critical_shortage"),
        (IMPORT_QUOTA, "gatt-xii", "reserves_in_danger"),
        (IMPORT_QUOTA, "gatt-xviii-b", "reserves_inadequate"),
    ],
)
def test_on_its_own_side_it_excuses(world: ep.Economy, measure: Any, claim: str, fact: str) -> None:
    finding = found(world, measure, claims=claim, facts={fact: True})["gatt-xi-1"]
    assert finding.met


# ---- commitments on exports, made on accession ----


@pytest.mark.parametrize("exporter", ["RUS", "UKR", "VNM", "KAZ", "SAU"])
def test_an_export_tax_of_a_member_that_bound_them_on_accession_turns_on_it(wide: ep.Economy, exporter: str) -> None:
    """Russia (Schedule CLXV, Part V) and others: Article I:1 alone would find no breach."""
    tax = ep.ExportTax(exporter=exporter, sector="other_mining", rate="40%")
    finding = found(wide, tax)["accession-export-duties"]
    assert finding.status.value == "justified if"
    assert "not in the book" in says(finding)
    beyond = found(wide, tax, facts={"within_accession_commitments": False})["accession-export-duties"]
    assert beyond.status.value == "inconsistent"
    within = found(wide, tax, facts={"within_accession_commitments": True})["accession-export-duties"]
    assert within.status.value == "consistent"


@pytest.mark.parametrize(("exporter", "on"), [("IDN", ON), ("CHN", ON), ("RUS", "2012-08-21")])
def test_others_and_those_not_yet_members_made_none(wide: ep.Economy, exporter: str, on: str) -> None:
    """China's are in paragraph 11.3 of its protocol."""
    tax = ep.ExportTax(exporter=exporter, sector="other_mining", rate="40%")
    assert "accession-export-duties" not in found(wide, tax, on)


# ---- least-developed Members ----


def subsidy(exporter: str) -> ep.ExportTax:
    return ep.ExportTax(exporter=exporter, sector="steel", rate=-0.1)


def test_the_ban_on_export_subsidies_does_not_bind_members_of_annex_vii(wide: ep.Economy) -> None:
    """Agreement on Subsidies, Article 27.2(a); India left Annex VII (India - Export Related Measures, DS541, 2019)."""
    finding = found(wide, subsidy("BGD"))["scm-3"]
    assert finding.status.value == "justified if"
    assert "Annex VII" in finding.condition
    assert found(wide, subsidy("BGD"), facts={"annex_vii_member": True})["scm-3"].met
    assert found(wide, subsidy("BGD"), facts={"annex_vii_member": False})["scm-3"].status.value == "inconsistent"
    for other in ("IND", "CHN", "JPN"):
        assert found(wide, subsidy(other))["scm-3"].status.value == "inconsistent"
        assert "27.2" not in says(found(wide, subsidy(other))["scm-3"])


# ---- what the exporters may do against a safeguard ----


def test_exporters_may_suspend_in_answer_to_a_safeguard_without_a_ruling(world: ep.Economy) -> None:
    """Agreement on Safeguards, 8.2 and 8.3: 90 days, after 30 days' notice; dispute settlement is not all."""
    tariff = ep.Tariff(importer="IND", exporter="WORLD", sector="metals", rate="12%", change="add")
    finding = found(world, tariff, claims="gatt-xix")["sg-2"]
    assert "8.2" in finding.remedy
    assert "90 days" in finding.remedy
    assert "8.3" in finding.remedy
    assert "after 60 days for a panel" in finding.remedy
    assert "Appellate Body" in finding.remedy


# ---- as of when ----


@pytest.mark.parametrize(("on", "noted"), [("2026-09-30", False), ("2026-10-01", True), ("2100-01-01", True)])
def test_a_screen_on_a_day_after_the_law_was_checked_says_so(world: ep.Economy, on: str, noted: bool) -> None:
    notes = screened(world, EXPORT_QUOTA, on).notes
    assert any("last checked on 30 September 2026" in note for note in notes) is noted


# ---- agreements that the book lacks ----


LACKS = "The book lacks agreements between those that the measures touch, among others: "


@pytest.mark.parametrize(("importer", "exporter"), [("EU27", "KOR"), ("KOR", "EU27"), ("TUR", "EU27"), ("CHN", "JPN")])
def test_a_screen_names_an_agreement_of_the_two_that_the_book_lacks(
    world: ep.Economy, importer: str, exporter: str
) -> None:
    tariff = ep.Tariff(importer=importer, exporter=exporter, sector="metals", rate="12%", change="add")
    (_,) = (note for note in screened(world, tariff).notes if note.startswith(LACKS))
    early = screened(world, tariff, "1995-06-01").notes  # none of them was in force
    assert not [note for note in early if note.startswith(LACKS)]
    alone = ep.Tariff(importer=importer, exporter="BRA", sector="metals", rate="12%", change="add")
    assert not [note for note in screened(world, alone).notes if note.startswith(LACKS)]


# ---- claims that nothing here turns on ----

UNUSED = "Relied on, but nothing that is found here turns on it: "


@pytest.mark.parametrize(
    ("measure", "claims", "unused"),
    [
        (ep.Tariff(importer="IND", exporter="WORLD", sector="metals", rate=0.5), ["gatt-xi-2-a"], "XI:2(a)"),
        (ep.Tariff(importer="IND", exporter="WORLD", sector="metals", rate=0.5), ["gatt-xix"], ""),
        (ep.Tariff(importer="IND", exporter="CHN", sector="metals", rate=0.5), ["enabling-clause"], ""),
        (IMPORT_QUOTA, ["gatt-xi-2-a"], ""),  # a step says why it does not help
        (EXPORT_QUOTA, ["gatt-xxi", "gatt-xxviii"], "XXVIII"),
    ],
)
def test_a_claim_that_no_rule_here_asks_about_is_named(
    world: ep.Economy, measure: Any, claims: list[str], unused: str
) -> None:
    notes = [note for note in screened(world, measure, claims=claims).notes if note.startswith(UNUSED)]
    assert len(notes) == bool(unused)
    assert unused in "".join(notes)
    assert "XXI(b)" not in "".join(notes)
