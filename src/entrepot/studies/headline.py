"""The answer of a Study in one screen: who gains and who pays, one table, and what the answer depends on."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import OnEconomy, other_rule
from entrepot.economy.geography import outdated
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.errors import ConvergenceError
from entrepot.languages import in_english, localised, translated
from entrepot.measures.duty_notes import duty_notes
from entrepot.studies import elasticity_sets, sign_changes, tidy_rows
from entrepot.studies.known_signs import known_in_words
from entrepot.studies.most_affected import affected_in_words
from entrepot.studies.provenance import assumptions, called, horizon, labour_shares, source_of_theta
from entrepot.studies.result_table import MONEY, ResultTable, TableColumn
from entrepot.studies.takings import takings_of
from entrepot.studies.titles import measure_in_words, quoted, title_of
from entrepot.studies.welfare_table import welfare_table
from entrepot.words import (
    and_list,
    dollars,
    ended,
    gains_or_loses,
    joined_sentences,
    percent_size,
    sector_name,
    sentence,
    yearly,
)

#: Rents smaller than this (US$ million) are not mentioned.
LEAST_RENT = 1e-3
#: Rows of the table on the first screen.
ROWS = 4
#: So many goods, and markets, are named of those that buyers pay more in.
MANY_GOODS = 3


@dataclass(frozen=True)
class Headline:
    """The answer of a study on one screen.

    answer   one to five sentences
    table    welfare of the scenarios that the answer is about; None where nothing was solved
    sure     what the answer depends on
    basis    base year, horizon and elasticities
    more     commands that show the rest
    notes    what the names in the case stand for, where that was so on another day than the case's; what the duties of
             scenarios come to that the answer is not about
    """

    answer: tuple[str, ...]
    table: ResultTable | None
    sure: tuple[str, ...]
    basis: str
    more: tuple[str, ...]
    notes: tuple[str, ...] = ()


def headline(study: SolvedCase) -> Headline:
    """Return the answer of a solved case."""
    return replace(found := _headline(study), notes=(*_outdated(study), *_of_others(study, found)))


def _headline(study: SolvedCase) -> Headline:
    first = _first_over_sets(study)
    if first and len(elasticity_sets.signs(study, first)[0].gains) > 1:
        sure = _sure(study) if study.outcomes else (elasticity_sets.sure(study, first),)
        answer = [elasticity_sets.answer(study, first)]
        return Headline(tuple(answer), _sets_table(study, first), sure, basis(study), _more(study))
    if not study.outcomes:
        return Headline((), None, (), basis(study), ())
    names = chosen(study)
    return Headline(answer_of(study, names[0]), _short_table(study, names), _sure(study), basis(study), _more(study))


def answer_of(study: SolvedCase, name: str, titled: bool = True) -> tuple[str, ...]:
    """Return one to five sentences on a scenario: who gains, what buyers pay, who holds the rent, what does not bind.

    After them come notes on duties below zero and on rates that add up, where there are such.

    titled  whether the first sentence names the scenario, where there are several
    """
    first = [gains(study, name, titled), affected_in_words(study, name)]
    then = [buyers(study, name), rent(study, name), slack(study, name)]
    return tuple(filter(None, [*first, *then, *duty_notes(study.outcomes[name].problem.policy)]))


def _of_others(study: SolvedCase, found: Headline) -> list[str]:
    """Return the notes on the duties of scenarios that the answer is not about, with the title of the scenario."""
    notes: dict[str, list[str]] = {}
    for name, outcome in study.outcomes.items():
        for note in duty_notes(outcome.problem.policy):
            if note not in found.answer:
                notes.setdefault(note, []).append(name)
    if len(study.outcomes) == 1:
        return list(notes)
    return [translated("{heading}: {text}", heading=quoted(study, names), text=note) for note, names in notes.items()]


def _outdated(study: SolvedCase) -> tuple[str, ...]:
    """Return a note on each group whose members are those of another time than the case's: the EU of 28 in 2026."""
    case = study.case
    measures = [measure for outcome in study.outcomes.values() for measure in outcome.scenario]
    names = [*case.parties, *(name for measure in measures for name in measure.names)]
    return tuple(ended(note) for note in outdated(names, case.day or datetime.date.today()))


def chosen(study: SolvedCase) -> list[str]:
    """Return the scenarios of the first screen: the first of the case, then those that differ in who holds the rent."""
    swap = study.case.report.swap
    pairs = [name for name in swap.scenarios if name in study.outcomes] if swap is not None else []
    first = next((name for name in pairs if not _rent_of(study, name)), next(iter(study.outcomes)))
    decisive = [name for name, _ in sign_changes.headlines(study)]
    return list(dict.fromkeys([first, *pairs, next(iter(study.outcomes)), *decisive]))[:ROWS]


def _first_over_sets(study: SolvedCase) -> str:
    """Return the scenario whose answer under each set of elasticities is on the first screen; "" where none is."""
    if not study.under_sets:
        return ""
    return chosen(study)[0] if study.outcomes else next(iter(elasticity_sets.scenarios(study)), "")


def gains(study: SolvedCase, name: str, titled: bool = True) -> str:
    """Return who gains and who pays under a scenario."""
    text = translated("; ").join([_listed(study, name, study.case.parties), *_world(study, name)])
    text = yearly(text)
    if not titled or len(study.outcomes) == 1:
        return ended(sentence(text))
    return translated("Under {scenario}, {text}.", scenario=quoted(study, [name]), text=text)


def _world(study: SolvedCase, name: str) -> list[str]:
    others = [p for p in study.case.with_world if p not in study.case.parties]
    return [_listed(study, name, others)] if others else []


def _listed(study: SolvedCase, name: str, parties: Sequence[str]) -> str:
    """Return "Japan loses US$3.8 billion and the EU US$5.2 billion": the verb once where the sign is the same."""
    rows = {row["party"]: row for row in tidy_rows.welfare(study) if row["scenario"] == name}
    moves = {p: gains_or_loses(rows[p]["equivalent_variation"], rows[p]["real_income_pct"]) for p in parties}
    if not in_english():
        return and_list([translated("{who} {moves}", who=study.spoken(p), moves=text) for p, text in moves.items()])
    parts, before = [], ""
    for party, text in moves.items():
        verb, _, money = text.partition(" ")
        parts.append(f"{study.spoken(party)} {money if verb == before and verb != 'is' else f'{verb} {money}'}")
        before = verb
    return and_list(parts)


def buyers(study: SolvedCase, name: str) -> str:
    """Return what buyers in the protected market pay, how much of the wedge reaches them, and what output does."""
    protected = study.case.report.protected
    row = next((row for row in tidy_rows.industry(study) if row["scenario"] == name), None)
    share = pass_through(study, name)
    passed = ""
    if share is not None:
        part = localised(f"{100 * share:.0f}%")
        passed = translated("{share} of the price wedge is passed on to buyers", share=part)
    alone = ended(_passed_on(study, name, part)) if passed else ""
    if protected is None or row is None:
        return alone
    price, output = float(row["real_price_pct"]), float(row["output_volume_pct"])
    if price != price or abs(price) < 0.0005:
        return alone
    paid = translated(
        "Buyers in {country} pay {percent} more for {goods}"
        if price > 0
        else "Buyers in {country} pay {percent} less for {goods}",
        country=study.spoken(protected.owner),
        percent=percent_size(price),
        goods=sector_name(protected.sector),
    )
    if passed:
        paid = translated("{sentence} ({remark})", sentence=paid, remark=passed)
    if output == output:
        moves = "{sentence}, and output there rises by {percent}"
        falls = "{sentence}, and output there falls by {percent}"
        paid = translated(moves if output > 0 else falls, sentence=paid, percent=percent_size(output))
    return ended(paid)


def _passed_on(study: SolvedCase, name: str, share: str) -> str:
    """Return how much of the wedge reaches buyers, of what goods and where; without a full stop."""
    scenario: list[Any] = [m for m in study.outcomes[name].scenario if hasattr(m, "importer") and hasattr(m, "sector")]
    places = list(dict.fromkeys(study.spoken(code) for m in scenario for code in m.importer))
    codes = {code.upper(): code for m in scenario for code in m.sector}
    goods = [sector_name("GOODS")] if {"GOODS", "ALL"} & set(codes) else [sector_name(code) for code in codes.values()]
    if not places or not goods:
        return translated("{share} of the price wedge is passed on to buyers", share=share)
    return translated(
        "{share} of the price wedge is passed on to buyers of {goods} in {places}",
        share=share,
        goods=and_list(goods) if len(goods) <= MANY_GOODS else translated("these goods"),
        places=and_list(places) if len(places) <= MANY_GOODS else translated("these markets"),
    )


def pass_through(study: SolvedCase, name: str) -> float | None:
    """Return the pass-through of a scenario's measures, weighted by base volume; None where none has one."""
    pairs = [(row["pass_through"], row["volume_base"]) for row in study.outcomes[name].measure_rows]
    stated = [(part, volume) for part, volume in pairs if part == part and volume > 0]
    if not stated:
        return None
    part, volume = np.array(stated).T
    return float((part * volume).sum() / volume.sum())


def _rent_of(study: SolvedCase, name: str) -> float:
    rent = float(np.nansum([row["rent"] for row in study.outcomes[name].measure_rows]))
    return rent if rent > LEAST_RENT else 0.0


def rent(study: SolvedCase, name: str) -> str:
    """Return who collects the revenue or holds the rent, and what it is worth to each side where the holder changes."""
    swap = study.case.report.swap
    if swap is not None and set(swap.scenarios) <= set(study.outcomes):
        held = [other for other in swap.scenarios if _rent_of(study, other) and _held_by(study, other) != ["importer"]]
        if held:
            other = held[0]
            return translated(
                "Under a restraint of the same trade the {holder} holds a rent of {money}: {moves}.",
                holder=_holders(study, other),
                money=dollars(_rent_of(study, other)),
                moves=_listed(study, other, swap.parties),
            )
    if _rent_of(study, name):
        held_by = translated(
            "The rent of {money} a year is held by the {holder}.",
            money=dollars(_rent_of(study, name)),
            holder=_holders(study, name),
        )
        beside = takings_of(study, name, taxes_only=True)
        return joined_sentences([held_by, ended(sentence(beside))]) if beside else held_by
    found = takings_of(study, name)
    return translated("There is no quota rent; {takings}.", takings=found) if found else ""


def slack(study: SolvedCase, name: str) -> str:
    """Return which limits on trade and minimum prices of a scenario do not bind, so that they change nothing."""
    outcome = study.outcomes[name]
    found = []
    for measure, row in zip(outcome.scenario, outcome.measure_rows, strict=True):
        limited, floor = row["cap"] == row["cap"], row["kind"] == "minimum_price"
        if row["binding"] or not (limited or floor):
            continue
        text = "{measure}: the limit does not bind: trade is {volume} at base prices, and {cap} may be traded."
        found.append(
            translated(
                text if limited else "{measure}: the minimum price does not bind.",
                measure=sentence(measure_in_words(measure, study.economy.countries)),
                volume=dollars(row["volume"]),
                cap=dollars(row["cap"]) if limited else "",
            )
        )
    more = translated("{number} more limits do not bind.", number=len(found) - 2) if len(found) > 3 else ""
    return joined_sentences([*found[: 2 if more else 3], *([more] if more else [])])


def _held_by(study: SolvedCase, name: str) -> list[str]:
    """Return who holds rents: "importer", "exporter" or both."""
    rows = [row for row in study.outcomes[name].measure_rows if row["rent"] > LEAST_RENT]
    return [str(holder) for holder in dict.fromkeys(row["rent_holder"] for row in rows)]


def _holders(study: SolvedCase, name: str) -> str:
    return and_list([translated(holder) for holder in _held_by(study, name)])


def _short_table(study: SolvedCase, names: list[str]) -> ResultTable:
    """Return the welfare table with these scenarios only; the percentages stay in the full one."""
    full = welfare_table(study)
    kept: list[int] = [k for k, c in enumerate(full.columns) if not c.joined or len(study.case.with_world) <= 3]
    positions = list(study.outcomes)
    rows = tuple(tuple(full.rows[positions.index(name)][k] for k in kept) for name in names)
    columns: tuple[TableColumn, ...] = tuple(full.columns[k] for k in kept)
    return replace(full, columns=columns, rows=rows, notes=())


def _sets_table(study: SolvedCase, name: str) -> ResultTable:
    """Return the table of sets of elasticities for one scenario; the percentages stay in the full one."""
    from entrepot.studies.result_tables import ResultTables  # it loads pandas

    full = ResultTables(study)["elasticity_sets"]
    several = full.columns[0].label == "scenario"
    parties = elasticity_sets.shown_parties(study, name)
    left_out = {study.short(p) for p in study.case.with_world} - {study.short(p) for p in parties}
    kept = [
        k
        for k, c in enumerate(full.columns)
        if not c.joined and not (several and k == 0) and not (c.label in left_out and c.unit == MONEY)
    ]
    title = title_of(study, name)
    rows = [row for row in full.rows if not several or row[0] == title]
    columns = tuple(full.columns[k] for k in kept)
    made = tuple(tuple(row[k] for k in kept) for row in rows)
    more = (translated("Not shown: {names} (--full).", names=and_list(sorted(left_out))),) if left_out else ()
    return replace(full, columns=columns, rows=made, notes=more, text_columns=1)


def _sure(study: SolvedCase) -> tuple[str, ...]:
    """Return warnings, and whether a sign changes with the deficit rule or the time that trade has to adjust."""
    out = [ended(warning) for warning in study.warnings]
    rule = translated(RULES[other_rule(study.case.closure)].named)
    turned = sign_changes.turned_by_deficit_rule(study)
    lost = [name for name, found in study.under_the_other_rule.items() if isinstance(found, ConvergenceError)]
    if turned:
        out.append(translated("With {rule} the sign changes for {whom}.", rule=rule, whom=_changes(study, turned)))
    elif lost:
        text = "With {rule}, {lost} of {number} scenarios have no answer; no sign changes."
        out.append(translated(text, rule=rule, lost=len(lost), number=len(study.outcomes)))
    else:
        out.append(translated("With {rule} no sign changes.", rule=rule))
    if turned := sign_changes.turned_by_horizon(study):
        text = "Once trade has adjusted the sign changes for {whom}."
        out.append(translated(text, whom=_changes(study, turned)))
    if study.under_sets:
        out.insert(0, elasticity_sets.sure(study, _first_over_sets(study)))
    else:
        known = known_in_words(study, chosen(study)[0]) if study.outcomes else ""
        out += [known, translated("Each set: --theta each.")] if known else []
        if not known:
            out.append(
                translated("One set of trade elasticities was tried: sizes depend on it, and signs may (--theta each).")
            )
    return (joined_sentences(out),)


def _changes(study: SolvedCase, turned: list[sign_changes.SignChange]) -> str:
    several = len(study.outcomes) > 1
    where = "{who} under {scenario} ({here} to {there} of income)" if several else "{who} ({here} to {there} of income)"
    first = [
        translated(
            where,
            who=study.spoken(t.party),
            scenario=quoted(study, [t.scenario]),
            here=t.brief[0],
            there=t.brief[1],
        )
        for t in turned[:2]
    ]
    more = translated(" and {number} more", number=len(turned) - 2) if len(turned) > 2 else ""
    return and_list(first) + more


def basis(study: SolvedCase) -> str:
    """Return base and year, horizon and elasticities in one sentence."""
    text = ended(basis_clauses(study))
    if study.case.market:
        text += translated(" Price is cost here; the case's makers and their profits: --full.")
    return text


def basis_clauses(study: OnEconomy, *, theta: str = "", time: str = "") -> str:
    """Return base and year, horizon, elasticities and rule of the deficits, without a full stop.

    theta, time   other words on elasticities and horizon, where numbers do not stand on those of the study
    """
    e, closure = study.economy, study.case.closure
    base = translated("base {name} ({year})", name=_economy(e.name), year=e.year or translated("year not stated"))
    parts = [base, time or horizon(closure), theta or range_of_theta(study), assumptions(closure)[0]]
    return sentence(translated("; ").join([*parts, *labour_shares(closure)]))


def _economy(name: str) -> str:
    """Return the name of an Economy, with the scenario that it stands under where it has one."""
    world, under, scenario = name.partition(" under ")
    return translated("{economy} under {scenario}", economy=world, scenario=scenario) if under else name


def range_of_theta(study: OnEconomy) -> str:
    """Return the range of the study's trade elasticities, and their source."""
    e = study.economy
    low, high = float(e.theta.min()), float(e.theta.max())
    numbers = {"low": localised(f"{low:.3g}"), "high": localised(f"{high:.3g}"), "source": source_of_theta(e)}
    return translated(
        "trade elasticities {low} ({source})"
        if low == high
        else "trade elasticities {low} to {high} by sector ({source})",
        **numbers,
    )


def _more(study: SolvedCase) -> tuple[str, ...]:
    """Return the commands that show the rest."""
    case, count = study.case, len(study.outcomes)
    if case.case == "measures" and not case.path:
        return (translated("--full prints every table; --out FOLDER writes report.html."),)
    name = shlex.quote(called(case))
    again = f"entrepot run {name}{' --theta each' if study.under_sets else ''}"
    verbs = ["screen", *(["bargain"] if case.table is not None else [])]
    verbs += ["path"] if case.in_time is not None else []
    verbs += ["sweep"] if case.uncertainty or case.distributions else []
    every = "{command} (every table, all {number} scenarios)." if count > 1 else "{command} (every table)."
    full = translated(every, command=f"{again} --full", number=count)
    if study.under_sets:
        return (full,)
    return (full, translated("Also: {command}.", command=f"entrepot {', '.join(verbs)} {name}"))
