"""Anti-dumping and countervailing measures: the injury that they ask for, and undertakings on prices."""

from __future__ import annotations

from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.finding import Finding

ON = "2026-10-01"
FOUND = {"dumping_or_subsidy_found": True, "duty_within_margin": True}
BOUND = [{"country": "USA", "sector": "metals", "rate": "2%"}]


def findings(world: ep.Economy, measure: ep.Measure, role: str = "importer", **law: Any) -> dict[str, Finding]:
    found = ep.screen(measure, world, on=ON, law={"since": ON, "until": "2029-10-01", **law}).findings
    return {f.rule: f for f in found if f.role == role}


def duty(world: ep.Economy, claims: Any = "gatt-vi", exporter: str = "CHN", **facts: bool) -> dict[str, Finding]:
    measure = ep.Tariff(importer="USA", exporter=exporter, sector="metals", rate=0.25, change="add")
    return findings(world, measure, claims=claims, facts=facts, bound_rates=BOUND)


def says(finding: Finding) -> str:
    return " ".join(step.says for step in finding.steps)


# ---- the injury ----


def test_dumping_asks_for_material_injury_and_a_safeguard_for_serious_injury(world: ep.Economy) -> None:
    """Anti-Dumping Agreement, Article 3, and SCM, Article 15; Agreement on Safeguards, Article 4.1(a)."""
    met = duty(world, **FOUND, material_injury_found=True)["gatt-ii-1-b"]
    assert met.met
    assert "material injury, or its threat, caused by the dumped or subsidised imports" in says(met)
    assert "increased imports" not in says(met)
    assert not duty(world, **FOUND, serious_injury_found=True)["gatt-ii-1-b"].met
    assert not duty(world, "gatt-xix", "WORLD", material_injury_found=True)["gatt-ii-1-b"].met


@pytest.mark.parametrize(("claims", "meant"), [("gatt-vi", True), (["gatt-vi", "gatt-xix"], False)])
def test_the_older_name_means_the_injury_of_the_law_that_is_relied_on(
    world: ep.Economy, claims: Any, meant: bool
) -> None:
    finding = duty(world, claims, **FOUND, injury_found=True)["gatt-ii-1-b"]
    assert finding.met is meant
    both = "injury_found is stated, and may mean serious_injury_found and material_injury_found: state these."
    assert (both in says(finding)) is not meant
