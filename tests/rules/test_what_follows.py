"""What follows from a breach: cures of exporters, third countries, periods of safeguards, and numbered facts."""

from __future__ import annotations

from datetime import date

import pytest

import entrepot as ep
from entrepot.report.terminal_law import render
from entrepot.rules.finding import Finding
from entrepot.rules.screen import Screen
from entrepot.studies.calendar import remarks
from entrepot.studies.legal_notes import notes

CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
ON = "2026-10-01"
LIMIT = ep.measures.ExportQuota(exporter="CHN", sector="electronics", cap=0.7)
RESTRAINT = ep.measures.VoluntaryExportRestraint(**CARS, cap=0.8)


def by_rule(world: ep.Economy, measure: ep.Measure, party: str, **law: object) -> dict[str, Finding]:
    return {f.rule: f for f in ep.screen(measure, world, on=ON, law=law).findings if f.party == party}


@pytest.mark.parametrize(("measure", "party"), [(LIMIT, "CHN"), (RESTRAINT, "JPN")])
def test_an_exporter_is_offered_no_duty_on_imports(world: ep.Economy, measure: ep.Measure, party: str) -> None:
    finding = by_rule(world, measure, party)["gatt-xi-1"]
    assert "import" not in finding.consequence + finding.cure
    assert "paragraph 11.3" in finding.cure
    importer = by_rule(world, ep.ImportQuota(**CARS, cap=0.8), "USA")["gatt-xi-1"]
    assert "a duty within the bound rate" in importer.cure


def test_an_export_subsidy_is_no_charge_on_exports(world: ep.Economy) -> None:
    subsidy = by_rule(world, ep.measures.ExportTax(**CARS, rate=-0.1), "JPN")
    assert "gatt-i-1-exports" not in subsidy
    assert subsidy["scm-3"].status.value == "inconsistent"
    assert "gatt-i-1-exports" in by_rule(world, ep.measures.ExportTax(**CARS, rate=0.1), "JPN")


def test_third_countries_may_complain_of_a_restraint_that_two_agreed(world: ep.Economy) -> None:
    for party, partner in (("JPN", "USA"), ("USA", "JPN")):
        finding = by_rule(world, RESTRAINT, party)["sg-11-1-b"]
        assert len(finding.complain) > 2
        assert "EU27" in finding.complain
        assert finding.complain[-1] == partner  # it agreed


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2030-10-01", "consistent"), ("2031-10-02", "justified if"), ("2034-10-02", "inconsistent")],
)
def test_a_safeguard_under_section_201_needs_an_extension_beyond_four_years(
    world: ep.Economy, until: str, expected: str
) -> None:
    """19 U.S.C. 2253(e)(1): four years at first, eight in all."""
    measure = ep.Tariff(importer="USA", exporter="WORLD", sector="motor_vehicles", rate=0.3, change="add")
    law = {"under": "us-201", "since": ON, "until": until, "facts": {"injury_found": True}}
    assert by_rule(world, measure, "USA", **law)["us-201"].status.value == expected


def test_the_action_of_2026_under_section_301_is_met_late_and_may_be_delayed() -> None:
    calendar = ep.load_case("us-section-301-2026").deadlines(date(2026, 7, 25))
    deadline = calendar.deadline("us-301-action")
    assert deadline.says == "met on 24 July 2026, 22 days late"
    assert any("19 U.S.C. 2415(a)(2)" in line and "180 days" in line for line in remarks(calendar))


def test_a_fact_is_given_once_in_a_note(world: ep.Economy) -> None:
    measures = [ep.Tariff(importer="USA", exporter=x, sector="food", rate=0.1, change="add") for x in ("JPN", "CHN")]
    screen = ep.screen(measures, world, on=ON)
    assert isinstance(screen, Screen)
    (note,) = notes(screen)
    numbers = [number for p in note.paragraphs for number, _, _ in p.new_steps]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({says for p in note.paragraphs for _, says, _ in p.new_steps}) == len(numbers)
    assert note.paragraphs[1].above.startswith("Facts given above: 1")
    assert render(screen)
