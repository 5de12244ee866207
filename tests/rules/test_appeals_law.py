"""What becomes of an appeal: arbitration among the participants of the MPIA, nothing between others."""

from __future__ import annotations

from datetime import date

import pytest

import entrepot as ep
from entrepot.rules.finding import Finding
from entrepot.rules.parties import arbitrates_appeals
from entrepot.rules.screen import Screen
from entrepot.studies.legal_notes import notes

STUCK = "An appeal leaves the report unadopted"
ARBITRATED = "an appeal goes to arbitration under Article 25"


def finding(world: ep.Economy, importer: str, exporter: str, on: str = "2026-10-01") -> Finding:
    measure = ep.Tariff(importer=importer, exporter=exporter, sector="metals", rate=0.25, change="add")
    return next(f for f in ep.screen(measure, world, on=on).findings if f.rule == "gatt-i-1")


@pytest.mark.parametrize(
    ("importer", "exporter", "on", "arbitrated"),
    [
        ("EU27", "CHN", "2026-10-01", True),
        ("BRA", "CAN", "2026-10-01", True),
        ("MEX", "JPN", "2026-10-01", True),
        ("MEX", "JPN", "2023-03-09", False),
        ("EU27", "GBR", "2025-06-25", False),
        ("EU27", "KOR", "2026-10-01", False),
        ("KOR", "EU27", "2026-10-01", False),
        ("USA", "CHN", "2026-10-01", False),
        ("CHN", "CAN", "2020-04-29", False),
    ],
)
def test_participants_arbitrate_appeals_among_themselves(
    world: ep.Economy, importer: str, exporter: str, on: str, arbitrated: bool
) -> None:
    remedy = finding(world, importer, exporter, on).remedy
    assert (ARBITRATED in remedy) is arbitrated
    assert (STUCK in remedy) is not arbitrated


def test_the_sentence_says_between_whom() -> None:
    assert arbitrates_appeals("EU28", date(2020, 5, 1))  # with the United Kingdom, still in its customs union
    assert arbitrates_appeals("EU27", date(2026, 5, 1))
    assert not arbitrates_appeals("USA", date(2026, 5, 1))


def test_a_note_joins_the_parties_of_several_measures(world: ep.Economy) -> None:
    measures = [
        ep.Tariff(importer=importer, exporter=exporter, sector="metals", rate=0.25, change="add")
        for importer, exporter in (("EU27", "CHN"), ("EU27", "KOR"), ("USA", "CHN"))
    ]
    screen = ep.screen(measures, world, on="2026-10-01")
    assert isinstance(screen, Screen)
    (note,) = notes(screen)
    (remedy,) = [p.remedy for p in note.paragraphs if p.provision.endswith("I:1")]
    assert "Between the EU and China an appeal goes to arbitration" in remedy
    assert "Between others it is otherwise." in remedy
    assert remedy.endswith("since December 2019.")
    assert remedy.count("Ask for consultations") == 1
