"""A case's path as a document of plain values: what --format json prints and the API replies."""

from __future__ import annotations

from typing import Any

from entrepot.cases.case_path import CasePath
from entrepot.documents import records
from entrepot.studies.path_frames import path_frames
from entrepot.studies.path_sentences import interrupted, path_basis, path_sentences, path_sure
from entrepot.studies.study_table import provenance_of


def path_document(found: CasePath) -> dict[str, Any]:
    """Return a path as a document: sentences, what is in force, and tables of numbers in full, None for NaN."""
    spec, plan = found.spec, found.plan
    entries = [
        {
            "scenario": entry.scenario,
            "title": found.case.scenarios[entry.scenario].title,
            "from": entry.since.isoformat(),
            "until": None if entry.until is None else entry.until.isoformat(),
            "announced": None if entry.announced is None else entry.announced.isoformat(),
            "probability": entry.probability,
            "carried_out": entry.carried_out,
        }
        for _, entry in plan.in_force
    ]
    return {
        "case": found.case.case,
        "title": found.case.title,
        "sentences": path_sentences(found),
        "sure": path_sure(found),
        "basis": path_basis(found),
        "notes": [*found.notes, *([text] if (text := interrupted(found)) else [])],
        "complete": found.path.complete,
        "path": {
            "from": plan.since.isoformat(),
            "until": plan.until.isoformat(),
            "step": spec.step,
            "expectations": spec.expectations,
            "discount_rate": plan.discount_rate,
            "deadlines": [date.isoformat() for date in plan.deadlines],
            "in_force": entries,
        },
        "tables": {name: records(frame) for name, frame in path_frames(found).items()},
        "provenance": provenance_of(found),
    }
