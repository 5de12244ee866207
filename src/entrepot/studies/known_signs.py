"""Whose sign depends on the trade elasticities in a bundled case, as computed beforehand under every published set."""

from __future__ import annotations

import functools
from typing import Any

from entrepot.cases import Case, SolvedCase, load_case
from entrepot.documents import shipped_document
from entrepot.languages import translated
from entrepot.rules.retaliation import Retaliation
from entrepot.studies.elasticity_sets import SignOverSets, turned_in_words
from entrepot.studies.titles import quoted

#: Whose gains and losses a sentence has in amounts.
DETAILED = 2


@functools.cache
def known_gains() -> dict[str, Any]:
    """Return by bundled case and scenario how many sets have an answer, and the gains by party whose sign depends."""
    return dict(shipped_document("studies/data/signs_over_sets.yaml"))


def known_of(study: SolvedCase, scenario: str) -> tuple[Case, dict[str, Any]] | None:
    """Return the bundled case that asks what a scenario asks, and what is known of it; else None.

    What the case of the scenario is called does not matter.

    None too for another closure, Economy, base or elasticities, and where the sets were solved.
    """
    case = study.case
    if study.under_sets or case.theta is not None or study.economy.name.partition(" under ")[0] != case.economy:
        return None
    for name, rows in known_gains().items():
        if scenario in rows and scenario in case.scenarios and _asks_the_same(case, _bundled(name), scenario):
            return _bundled(name), rows[scenario]
    return None


@functools.cache
def _bundled(name: str) -> Case:
    return load_case(name)


def _asks_the_same(case: Case, other: Case, scenario: str) -> bool:
    """Return whether a scenario is measured in both cases with the same measures, from the same base and closure."""
    if (case.economy, case.closure) != (other.economy, other.closure) or other.theta is not None:
        return False
    if (case.base and case.base.spec.measures) != (other.base and other.base.spec.measures):
        return False
    return _measures(case, scenario) == _measures(other, scenario)


def _measures(case: Case, scenario: str) -> list[Any]:
    """Return the measures of a scenario, and of those whose volume or trade it refers to."""
    found, names = [], [scenario]
    for name in names:
        measures = case.scenarios[name].measures if name in case.scenarios else ()
        found.append((name, measures))
        for measure in measures:
            referred = measure.equivalent_to if isinstance(measure, Retaliation) else measure.match
            names += [referred] if referred and referred not in names else []
    return found


def known_signs(study: SolvedCase, scenario: str) -> list[SignOverSets] | None:
    """Return the parties whose sign depends on the set of elasticities under a scenario of a bundled case as it is.

    None where that is not known: for another case, closure, Economy or elasticities, or where the sets were solved.
    """
    if (known := known_of(study, scenario)) is None:
        return None
    return [
        SignOverSets(scenario, party, gains, {name: float(gain > 0) - float(gain < 0) for name, gain in gains.items()})
        for party, gains in known[1]["turned"].items()
        if party in study.case.with_world
    ]


def known_ranges(study: SolvedCase, scenario: str) -> dict[str, Any] | None:
    """Return over how many sets a scenario was solved beforehand, and which signs depend on the set; else None.

    `turned` has the lowest and highest gain by party whose sign depends on it, in US$ million a year; `one_sign` has
    the parties of the case that have the same sign under every set.
    """
    signs, known = known_signs(study, scenario), known_of(study, scenario)
    if signs is None or known is None:
        return None
    turned = {s.party: [min(s.gains.values()), max(s.gains.values())] for s in signs}
    return {
        "sets": known[1]["sets"],
        "turned": turned,
        "one_sign": [party for party in study.case.with_world if party in known[0].with_world and party not in turned],
    }


def known_in_words(study: SolvedCase, scenario: str, titled: bool = True) -> str:
    """Return whose sign depends on the trade elasticities under a scenario, where that is known; else "".

    titled  whether the sentence names the scenario; else it is that of the first sentence of the answer
    """
    found, known = known_signs(study, scenario), known_of(study, scenario)
    if found is None or known is None:
        return ""
    number = known[1]["sets"]
    if not found and not set(study.case.parties) <= set(known[0].parties):
        return ""
    name = quoted(study, [scenario])
    if not found:
        held = "Under {scenario}, no sign changes over {number} sets of trade elasticities."
        above = "In the first sentence, no sign changes over {number} sets of trade elasticities."
        return translated(held if titled else above, scenario=name, number=number)
    moves = translated("; ").join(turned_in_words(study, one) for one in found[:DETAILED])
    depends = "Under {scenario}, signs depend on the trade elasticities: {moves}."
    above = "In the first sentence, signs depend on the trade elasticities: {moves}."
    return translated(depends if titled else above, scenario=name, moves=moves)
