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


# ---- undertakings on prices ----

UNDERTAKING = ep.MinimumPrice(importer="USA", exporter="JPN", sector="metals", price=1.1)
OFFERED = {
    "dumping_or_subsidy_found": True,
    "material_injury_found": True,
    "undertaking_voluntary": True,
    "undertaking_within_margin": True,
}


def test_an_undertaking_is_the_exporters_and_no_restriction_by_a_government(world: ep.Economy) -> None:
    """Anti-Dumping Agreement, Article 8.1 and 8.5: voluntary undertakings from any exporter to revise its prices."""
    found = findings(world, UNDERTAKING, claims="gatt-vi", facts=OFFERED)
    assert set(found) == {"ada-8"}
    finding = found["ada-8"]
    assert finding.status.value == "consistent"
    assert "Exporters of Japan undertake to keep up their prices" in says(finding)
    assert "Article" not in finding.consequence.partition("(")[0]
    assert "The duty" not in finding.consequence
    assert not findings(world, UNDERTAKING, "exporter", claims="gatt-vi", facts=OFFERED)
    korea = ep.MinimumPrice(importer="USA", exporter="KOR", sector="metals", price=1.1)
    assert set(findings(world, korea, claims="gatt-vi", facts=OFFERED)) == {"ada-8"}  # no breach of KORUS either


@pytest.mark.parametrize("fact", list(OFFERED))
def test_each_condition_of_an_undertaking_is_its_own(world: ep.Economy, fact: str) -> None:
    """8.1 (voluntary, no higher than the margin), 8.2 (a preliminary finding of dumping and injury)."""
    no = findings(world, UNDERTAKING, claims="gatt-vi", facts=OFFERED | {fact: False})["ada-8"]
    assert no.status.value == "inconsistent"
    open_ = findings(world, UNDERTAKING, claims="gatt-vi", facts={k: v for k, v in OFFERED.items() if k != fact})
    assert open_["ada-8"].status.value == "justified if"
    nothing = findings(world, UNDERTAKING, claims="gatt-vi")["ada-8"]
    assert nothing.condition.count("; and ") == 3  # each is named


def test_a_price_that_a_government_keeps_up_is_no_undertaking(world: ep.Economy) -> None:
    forced = findings(world, UNDERTAKING, claims="gatt-vi", facts=OFFERED | {"government_action": True})
    assert "ada-8" not in forced
    assert "gatt-xi-1" in forced
    assert forced["sg-11-1-b"].status.value == "inconsistent"
    assert "gatt-xi-1" in findings(world, UNDERTAKING)  # outside a dumping case
