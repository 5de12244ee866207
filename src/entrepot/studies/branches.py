"""The branches of a case in time: their totals, and sentences about them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.words import and_list, day, dollars


def totals(study: SolvedCase) -> pd.DataFrame:
    """Return the totals by branch and party, and the expected ones where probabilities are stated."""
    solved = study.timeline
    if solved is None:
        return pd.DataFrame()
    expected = solved.expected
    return solved.totals if expected.empty else pd.concat([solved.totals, expected.assign(branch="expected")])


def as_dict(study: SolvedCase) -> dict[str, Any] | None:
    """Return the window and its branches as plain data; None without a timeline."""
    solved = study.timeline
    if solved is None:
        return None
    window = solved.timeline
    return {
        "from": window.since.isoformat(),
        "until": window.until.isoformat(),
        "discount_rate": window.discount_rate,
        "branches": [
            {
                "name": branch.name,
                "title": branch.title,
                "probability": branch.probability,
                "deadlines": [date.isoformat() for date in branch.deadlines],
            }
            for branch in solved.branches
        ],
        "failures": dict(solved.failures),
        "notes": list(solved.notes),
    }


def sentences(study: SolvedCase) -> list[str]:
    """Return one sentence on what each party gains over the window on each branch."""
    solved = study.timeline
    if solved is None or solved.totals["equivalent_variation"].isna().any():
        return []
    table = solved.totals.set_index(["branch", "party"])["equivalent_variation"]
    t = solved.timeline
    window = f"Over {day(t.since)} to {day(t.until)}, discounted at {100 * t.discount_rate:.3g}% a year"
    texts = []
    for branch in solved.branches:
        parts = []
        for party in study.case.parties:
            worth = float(table[(branch.name, party)])
            parts.append(f"{study.spoken(party)} {'gains' if worth >= 0 else 'loses'} {dollars(worth)}")
        texts.append(f"if {branch.name}, {and_list(parts)}" if len(solved.branches) > 1 else and_list(parts))
    return [f"{window}{elasticities_in_time(study)}: {'; '.join(texts)}."]


def elasticities_in_time(study: SolvedCase) -> str:
    """Return a clause on the elasticities where they adjust over time, unlike those of the other findings; else ""."""
    adjustment = study.timeline.timeline.adjustment if study.timeline is not None else None
    if adjustment is None:
        return ""
    return (
        f", with trade elasticities that begin at {100 * adjustment.short:.3g}% of those behind the other findings "
        f"after each change and reach them in {adjustment.years:g} years"
    )
