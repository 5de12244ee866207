"""Who holds the rent of a scenario, and what it is worth to each side where the licences change hands."""

from __future__ import annotations

import re

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.economy.geography import WORLD, resolve_countries
from entrepot.languages import localised, translated
from entrepot.measures import Measure
from entrepot.studies.takings import customs_union_of, takings_of
from entrepot.studies.titles import quoted
from entrepot.studies.who_gains import listed_with_doubt
from entrepot.types import Array, Index
from entrepot.words import and_list, dollars, ended, joined_sentences, sentence

#: Rents smaller than this (US$ million) are not mentioned.
LEAST_RENT = 1e-3
#: A rent of which no more than this part is left has ended.
ENDED = 1e-6
#: A sentence names so many holders, and counts the countries of more.
NAMED = 4
#: The sides that may hold a rent, and the words for who has it there: an importing country may auction the licences.
SIDES = {"importer": "importers or the treasury in {countries}", "exporter": "exporters in {countries}"}
SIDE = {"importer": "importer", "exporter": "exporter"}
COUNTED = {"importer": "importers or treasuries in {number} countries", "exporter": "exporters in {number} countries"}


def rent_of(study: SolvedCase, name: str) -> float:
    """Return the rents of a scenario in US$ million; zero where they are too small to be mentioned."""
    rent = float(np.nansum([row["rent"] for row in study.outcomes[name].measure_rows]))
    return rent if rent > LEAST_RENT else 0.0


def rent(study: SolvedCase, name: str) -> str:
    """Return who collects the revenue or holds the rent, then what that is worth where others hold it."""
    parts = [own_rent(study, name), _held_elsewhere(study, name)]
    return joined_sentences(filter(None, parts))


def own_rent(study: SolvedCase, name: str) -> str:
    """Return who holds the rent of a scenario, what becomes of rents in the base, and what those who act collect."""
    money, before = rent_of(study, name), _rent_in_base(study, name)
    if money:
        text = "The rent of {money} a year is held by {holders}."
        held_by = translated(text, money=dollars(money), holders=holders(study, name))
        beside = takings_of(study, name, taxes_only=True, rent=money)
        return joined_sentences(filter(None, [held_by, before, ended(sentence(beside)) if beside else ""]))
    found = takings_of(study, name)
    if before:
        return joined_sentences(filter(None, [before, ended(sentence(found)) if found else ""]))
    if not found:
        return ""
    in_force = study.outcomes[name].economy.in_force.flow.size
    text = "There is no new quota rent; {takings}." if in_force else "There is no quota rent; {takings}."
    return translated(text, takings=found)


def _rent_in_base(study: SolvedCase, name: str) -> str:
    """Return what becomes of the rents of quotas and minimum prices in the base, and who holds them; "" for no change.

    Trade on which a measure of the scenario has a rent of its own is left out.
    """
    outcome = study.outcomes[name]
    e, held = outcome.economy, outcome.economy.in_force
    rows = zip(outcome.scenario, outcome.measure_rows, strict=True)
    own = [measure.flows(e) for measure, row in rows if row["rent"] > LEAST_RENT]
    kept = ~np.isin(held.flow, np.concatenate(own)) if own else np.ones(held.flow.size, dtype=bool)
    flow, rates = held.flow[kept], np.stack([held.importer_rent, held.exporter_rent])[:, kept]
    rents, after = rates * e.value.ravel()[flow], outcome.accounts.rent.ravel()[flow]
    ends = after <= ENDED * rents.sum(axis=0)
    if (ended_rent := float(rents[:, ends].sum())) > LEAST_RENT:
        text = "The rent of {money} a year in the base ends: it was held by {holders}."
        return translated(text, money=dollars(ended_rent), holders=_holders_in_base(study, flow[ends], rents[:, ends]))
    before, now = dollars(float(rents.sum())), dollars(float(after.sum()))
    if before == now or max(rents.sum(), after.sum()) <= LEAST_RENT:
        return ""
    then = [getattr(outcome.accounts, f"{side}_rent").ravel()[flow] for side in SIDES]
    text = "The rent in the base, held by {holders}, goes from {before} to {after} a year."
    return translated(text, before=before, after=now, holders=_holders_in_base(study, flow, np.maximum(rents, then)))


def _holders_in_base(study: SolvedCase, flow: Index, rents: Array) -> str:
    """Return who holds the rents [side, f] of importers and of exporters on these flows [f] of the base."""
    e, sides = study.base, []
    for side, held, axis in zip(SIDES, rents, (1, 2), strict=True):
        if held.sum() > ENDED * rents.sum():
            places = np.unravel_index(flow[held > 0], e.value.shape)[axis]
            codes = {e.countries[k] for k in np.unique(places)}
            union = customs_union_of(codes, e) if len(codes) > NAMED else ""
            whole = bool(union) and codes == set(resolve_countries(union, e.countries)[0])
            sides.append(_traders(study, side, {union: None} if whole else {}, codes))
    return and_list(sides)


def _held_elsewhere(study: SolvedCase, name: str) -> str:
    """Return what parties gain in the scenario of the same trade in which others hold the rent; else ""."""
    swap = study.case.report.swap
    if swap is None or name not in swap.scenarios or not set(swap.scenarios) <= set(study.outcomes):
        return ""
    mine = held_by(study, name)
    others = [o for o in swap.scenarios if o != name and rent_of(study, o) and held_by(study, o) != mine]
    if not others:
        return ""
    other = next((o for o in others if held_by(study, o) != ["importer"]), others[0])
    return translated(
        "Under {scenario}, {holders} hold a rent of {money}: {moves}.",
        scenario=quoted(study, [other]),
        holders=holders(study, other),
        money=dollars(rent_of(study, other)),
        moves=listed_with_doubt(study, other, swap.parties),
    )


def held_by(study: SolvedCase, name: str) -> list[str]:
    """Return who holds rents: "importer", "exporter" or both, with their shares where they share one."""
    rows = [row for row in study.outcomes[name].measure_rows if row["rent"] > LEAST_RENT]
    return [str(holder) for holder in dict.fromkeys(row["rent_holder"] for row in rows)]


def holders(study: SolvedCase, name: str) -> str:
    """Return the holders of the rents of a scenario by their countries: "exporters in the EU"."""
    outcome = study.outcomes[name]
    held = [
        (measure, str(row["rent_holder"]))
        for measure, row in zip(outcome.scenario, outcome.measure_rows, strict=True)
        if row["rent"] > LEAST_RENT
    ]
    sides = [
        _side(study, side, [measure for measure, holder in held if side in holder])
        for side in SIDES
        if any(side in holder for _, holder in held)
    ]
    shares = list(dict.fromkeys(holder for _, holder in held if "%" in holder))
    text = and_list(sides)
    if not shares:
        return text
    return translated("{sentence} ({remark})", sentence=text, remark=and_list([holder_in_words(one) for one in shares]))


def holder_in_words(holder: str) -> str:
    """Return who holds the rent of a measure ("exporter 75%, importer 25%") as the language in use has it."""

    def word(found: re.Match[str]) -> str:
        return translated(SIDE[found[1]]) if found[1] else localised(found[0])

    return and_list([re.sub("(exporter|importer)|[0-9.]+%", word, one) for one in holder.split(" and ")])


def _side(study: SolvedCase, side: str, measures: list[Measure]) -> str:
    """Return the traders of one side of these measures; groups as they are written, many of them counted."""
    e = study.economy
    written: dict[str, None] = {}
    codes: set[str] = set()
    for measure in measures:
        written |= dict.fromkeys(measure.written(side))
        flow = measure.flows(e)
        places = np.unravel_index(flow[e.value.ravel()[flow] > 0], e.value.shape)
        codes |= {e.countries[k] for k in np.unique(places[1 if side == "importer" else 2])}
    return _traders(study, side, written, codes)


def _traders(study: SolvedCase, side: str, written: dict[str, None], codes: set[str]) -> str:
    """Return the traders of a side in countries as they are written, or else by their codes; many are counted."""
    if not written or WORLD in written or len(written) > NAMED:
        written = dict.fromkeys(sorted(codes))
    if len(written) > NAMED:
        return translated(COUNTED[side], number=len(written))
    return translated(SIDES[side], countries=and_list([study.spoken(one) for one in written]))
