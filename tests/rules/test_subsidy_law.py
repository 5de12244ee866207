"""Subsidies: what other Members may do about them, and those on exports of farm goods."""

from __future__ import annotations

import pytest

import entrepot as ep
from entrepot.rules.finding import Finding

ON = "2026-10-01"


def findings(world: ep.Economy, measure: ep.Measure, **facts: bool) -> dict[str, Finding]:
    return {f.rule: f for f in ep.screen(measure, world, on=ON, law={"facts": facts}).findings}


def test_prohibited_subsidies_meet_appropriate_countermeasures(world: ep.Economy) -> None:
    """SCM 4.4 (30 days), 4.7 (withdrawn without delay), 4.10 (appropriate countermeasures)."""
    finding = findings(world, ep.ExportTax(exporter="JPN", sector="metals", rate=-0.1))["scm-3"]
    assert "after 30 days for a panel (4.4)" in finding.remedy
    assert "appropriate countermeasures (4.10)" in finding.remedy
    assert "after 60 days" not in finding.remedy


def test_actionable_subsidies_meet_commensurate_countermeasures(world: ep.Economy) -> None:
    """SCM 7.4 (60 days), 7.8 and 7.9 (six months; commensurate with the degree and nature of the adverse effects)."""
    subsidy = ep.ProductionSubsidy(country="USA", sector="metals", rate=0.1)
    finding = findings(world, subsidy, adverse_effects=True)["scm-5"]
    assert "commensurate with the degree and nature of the adverse effects (7.9)" in finding.remedy
    assert "An appeal leaves the report unadopted" in finding.remedy


@pytest.mark.parametrize("sector", ["food", "agriculture"])
def test_farm_export_subsidies_stand_under_the_agreement_on_agriculture(world: ep.Economy, sector: str) -> None:
    """Agreement on Agriculture, Articles 8 to 10, and the Nairobi decision (WT/MIN(15)/45) of 19 December 2015."""
    measure = ep.ExportTax(exporter="JPN", sector=sector, rate=-0.1)
    finding = findings(world, measure)["ag-8"]
    assert "Nairobi" in finding.provision
    assert "Nairobi decision" in finding.condition
    both = findings(world, measure, export_subsidy_within_commitments=False)
    assert {both[rule].status.value for rule in ("ag-8", "scm-3")} == {"inconsistent"}
    assert "ag-8" not in findings(world, ep.ExportTax(exporter="JPN", sector="metals", rate=-0.1))
