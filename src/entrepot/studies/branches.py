"""The branches of a case in time: their totals, and sentences about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.cases import SolvedCase
from entrepot.languages import localised, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.words import and_list, day, dollars

if TYPE_CHECKING:
    import pandas as pd


def totals(study: SolvedCase) -> pd.DataFrame:
    """Return the totals by branch and party, and the expected ones where probabilities are stated."""
    import pandas as pd

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
                "title": translated(branch.title),
                "probability": branch.probability,
                "deadlines": [date.isoformat() for date in branch.deadlines],
            }
            for branch in solved.branches
        ],
        "failures": {name: translated_error(why) for name, why in solved.failures.items()},
        "notes": list(solved.notes),
    }


def sentences(study: SolvedCase) -> list[str]:
    """Return one sentence on what each party gains over the window on each branch."""
    solved = study.timeline
    if solved is None or solved.totals["equivalent_variation"].isna().any():
        return []
    table = solved.totals.set_index(["branch", "party"])["equivalent_variation"]
    t = solved.timeline
    texts = []
    for branch in solved.branches:
        parts = []
        for party in study.case.parties:
            worth = float(table[(branch.name, party)])
            moves = translated("gains {money}" if worth >= 0 else "loses {money}", money=dollars(worth))
            parts.append(translated("{who} {moves}", who=study.spoken(party), moves=moves))
        listed = and_list(parts)
        if len(solved.branches) > 1:
            listed = translated("if {branch}, {moves}", branch=translated(branch.name), moves=listed)
        texts.append(listed)
    return [
        translated(
            "Over {since} to {until}, discounted at {rate} a year{elasticities}: {moves}.",
            since=day(t.since),
            until=day(t.until),
            rate=localised(f"{100 * t.discount_rate:.3g}%"),
            elasticities=elasticities_in_time(study),
            moves=translated("; ").join(texts),
        )
    ]


def elasticities_in_time(study: SolvedCase) -> str:
    """Return a clause on the elasticities where they adjust over time, unlike those of the other findings; else ""."""
    adjustment = study.timeline.timeline.adjustment if study.timeline is not None else None
    if adjustment is None:
        return ""
    return translated(
        ", with trade elasticities that begin at {share} of those behind the other findings after each change and "
        "reach them in {years} years",
        share=localised(f"{100 * adjustment.short:.3g}%"),
        years=localised(f"{adjustment.years:g}"),
    )
