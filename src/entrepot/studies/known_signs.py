"""Whose sign depends on the trade elasticities in a bundled case, as computed beforehand under every published set."""

from __future__ import annotations

import functools
from typing import Any

from entrepot.cases import SolvedCase, bundled_cases, load_case
from entrepot.documents import shipped_document
from entrepot.languages import translated
from entrepot.studies.elasticity_sets import SignOverSets, turned_in_words
from entrepot.studies.titles import quoted

#: Whose gains and losses a sentence has in amounts.
DETAILED = 2


@functools.cache
def known_gains() -> dict[str, Any]:
    """Return by bundled case and scenario how many sets have an answer, and the gains by party whose sign depends."""
    return dict(shipped_document("studies/data/signs_over_sets.yaml"))


def known_signs(study: SolvedCase, scenario: str) -> list[SignOverSets] | None:
    """Return the parties whose sign depends on the set of elasticities under a scenario of a bundled case as it is.

    None where that is not known: for another case, closure, Economy or elasticities, or where the sets were solved.
    """
    case = study.case
    if study.under_sets or case.case not in bundled_cases() or scenario not in known_gains().get(case.case, {}):
        return None
    if case.theta is not None or study.economy.name.partition(" under ")[0] != case.economy:
        return None
    if case.fingerprint != load_case(case.case).fingerprint:
        return None
    rows = known_gains()[case.case][scenario]["turned"]
    return [
        SignOverSets(scenario, party, gains, {name: float(gain > 0) - float(gain < 0) for name, gain in gains.items()})
        for party, gains in rows.items()
    ]


def known_in_words(study: SolvedCase, scenario: str) -> str:
    """Return whose sign depends on the trade elasticities under a scenario, where that is known; else ""."""
    found = known_signs(study, scenario)
    if found is None:
        return ""
    number = known_gains()[study.case.case][scenario]["sets"]
    if not found:
        text = "Under {scenario}, no sign changes over {number} sets of trade elasticities."
        return translated(text, scenario=quoted(study, [scenario]), number=number)
    moves = translated("; ").join(turned_in_words(study, one) for one in found[:DETAILED])
    text = "Under {scenario}, signs depend on the trade elasticities: {moves}."
    return translated(text, scenario=quoted(study, [scenario]), moves=moves)
