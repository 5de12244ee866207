"""Who gains and who loses under a scenario, in a sentence that says whose sign is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from entrepot.cases import SolvedCase
from entrepot.languages import in_english, translated
from entrepot.studies import elasticity_sets, tidy_rows
from entrepot.studies.elasticity_sets import DETAILED, SignOverSets
from entrepot.studies.known_signs import known_signs
from entrepot.studies.tidy_rows import Row
from entrepot.studies.titles import quoted
from entrepot.words import and_list, ended, gains_or_loses, sentence, yearly


def gains(study: SolvedCase, name: str, titled: bool = True, *, world: bool = True, ranges: bool = True) -> str:
    """Return who gains and who loses under a scenario, and for whom the sign depends on the trade elasticities.

    titled  whether the sentence names the scenario, where there are several
    world   whether it has the world, where the case does not name it among the parties
    ranges  whether it has amounts under the sets of elasticities that give the other sign
    """
    everyone = [p for p in study.case.with_world if world or p in study.case.parties]
    doubtful = {party: s for party, s in open_signs(study, name).items() if party in everyone}
    parts = [_doubtful(study, name, doubtful, ranges)] if doubtful else []
    for group in (study.case.parties, [p for p in everyone if p not in study.case.parties]):
        held = [p for p in group if p not in doubtful]
        parts += [listed(study, name, held)] if held else []
    if doubtful and study.case.parties[0] not in doubtful:
        parts = [*parts[1:], parts[0]]
    text = yearly(translated("; ").join(parts))
    if not titled or len(study.outcomes) == 1:
        return ended(sentence(text))
    return translated("Under {scenario}, {text}.", scenario=quoted(study, [name]), text=text)


def open_signs(study: SolvedCase, name: str) -> Mapping[str, SignOverSets]:
    """Return by party the gains over sets of elasticities where the sign depends on the set, if that is known."""
    if study.under_sets:
        found = [s for s in elasticity_sets.signs(study, name) if not s.holds]
    else:
        found = known_signs(study, name) or []
    return {s.party: s for s in found}


def _doubtful(study: SolvedCase, name: str, doubtful: Mapping[str, SignOverSets], ranges: bool) -> str:
    """Return whose sign depends on the elasticities, with the amount under those used and under the others."""
    rows = _rows(study, name)
    ranges = ranges and len(doubtful) <= DETAILED
    moves = [_both_signs(s, rows[party], ranges) for party, s in doubtful.items()]
    if len(moves) == 1:
        moves = [translated("it {moves}", moves=moves[0])]
    else:
        whos = map(study.spoken, doubtful)
        moves = [translated("{who} {moves}", who=who, moves=text) for who, text in zip(whos, moves, strict=True)]
    text = "the sign for {whom} depends on the trade elasticities: {moves}"
    return translated(text, whom=and_list([study.spoken(p) for p in doubtful]), moves=translated("; ").join(moves))


def _both_signs(s: SignOverSets, row: Row, ranges: bool) -> str:
    """Return "gains US$2.7 billion with those used here and loses US$4.2 billion under 4 of 11 sets"."""
    money, percent = float(row["equivalent_variation"]), float(row["real_income_pct"])
    gain = money > 0
    others = s.losers if gain else s.winners
    if not others:  # what differs is a set that leaves the party as it is
        return elasticity_sets.moves_in_words(s)
    here = gains_or_loses(money, percent)
    text = "{moves} with those used here and {others} under {part} of {number} sets"
    if not ranges:
        text = (
            "{moves} with those used here and loses under {part} of {number} sets"
            if gain
            else "{moves} with those used here and gains under {part} of {number} sets"
        )
    there = s.moves(others, "loses" if gain else "gains")
    return translated(text, moves=here, others=there, part=len(others), number=len(s.gains))


def _rows(study: SolvedCase, name: str) -> dict[str, Row]:
    return {row["party"]: row for row in tidy_rows.welfare(study) if row["scenario"] == name}


def listed(study: SolvedCase, name: str, parties: Sequence[str]) -> str:
    """Return "Japan loses US$3.8 billion and the EU US$5.2 billion": the verb once where the sign is the same.

    Where signs change more than once from party to party, all who lose stand together, and all who gain.
    """
    rows = _rows(study, name)
    moves = {p: gains_or_loses(rows[p]["equivalent_variation"], rows[p]["real_income_pct"]) for p in parties}
    if not in_english():
        return and_list([translated("{who} {moves}", who=study.spoken(p), moves=text) for p, text in moves.items()])
    verbs = [text.partition(" ")[0] for text in moves.values()]
    mixed = sum(a != b for a, b in pairwise(verbs)) >= len(set(verbs))
    groups = [[p for p, verb in zip(moves, verbs, strict=True) if verb == one] for one in dict.fromkeys(verbs)]
    return "; ".join(_with_verb_once(study, {p: moves[p] for p in group}) for group in (groups if mixed else [moves]))


def _with_verb_once(study: SolvedCase, moves: Mapping[str, str]) -> str:
    parts, before = [], ""
    for party, text in moves.items():
        verb, _, money = text.partition(" ")
        parts.append(f"{study.spoken(party)} {money if verb == before and verb != 'is' else f'{verb} {money}'}")
        before = verb
    return and_list(parts)


def listed_with_doubt(study: SolvedCase, name: str, parties: Sequence[str]) -> str:
    """Return what parties gain or lose, and in brackets for whom the sign depends on the trade elasticities."""
    text = listed(study, name, parties)
    doubtful = [study.spoken(p) for p in parties if p in open_signs(study, name)]
    if not doubtful:
        return text
    remark = translated("the sign for {whom} depends on the trade elasticities", whom=and_list(doubtful))
    return translated("{sentence} ({remark})", sentence=text, remark=remark)
