"""Beliefs and chances of talks in words."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.bargaining.belief_values import Pair
from entrepot.bargaining.case_talks import CaseTalks
from entrepot.languages import localised, translated
from entrepot.words import and_list, chance, percent_size

#: Numbers of talks, by the first part of their name, that are shown as percentages.
PARTS = ("belief", "breakdown", "discount_rate")


def belief(part: float) -> str:
    """Return a belief as text: 30%, 36.5%, 2.6%, 0%."""
    whole = abs(100 * part - round(100 * part)) < 1e-9
    return localised(f"{100 * part:.0f}%") if whole else percent_size(100 * part)


def ends_in(part: float) -> str:
    """Return the probability of an end as text; what is rounding only is 0% or 100%."""
    return chance(round(part, 9))


def signs_or_offers(found: CaseTalks, stage: int, past: frozenset[str]) -> str:
    """Return at what beliefs the target signs on a turn, and which deals it offers instead."""
    solution = found.talks.solution
    shown = signs_where(solution.signing(stage, past))
    for deal, spans in solution.offering(stage, past).items():
        text = "{signs}; an offer of {deal} instead {where}"
        shown = translated(text, signs=shown, deal=translated(found.titles[deal]), where=signs_where(spans))
    return shown


def signs_where(spans: Sequence[Pair], of_a_belief: bool = False) -> str:
    """Return where beliefs lie, as after "signs": from 2.6% on; of a belief: from a belief of 2.6% on."""
    if not spans:
        return translated("at no belief")
    if (spans[0][0], spans[-1][1]) == (0.0, 1.0) and len(spans) == 1:
        return translated("at any belief")
    parts = []
    for low, high in spans:
        text = "from {low} to {high}"
        if high == 1.0:
            text = "from a belief of {low} on" if of_a_belief else "from {low} on"
        elif low == 0.0:
            text = "up to a belief of {high}" if of_a_belief else "up to {high}"
        parts.append(translated(text, low=belief(low), high=belief(high)))
    return and_list(parts)
