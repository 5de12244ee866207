"""The answer of a Study in one screen: who gains and who pays, one table, and what the answer depends on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import OnEconomy, other_rule
from entrepot.economy.geography import outdated
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.errors import ConvergenceError
from entrepot.languages import localised, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.measures.duty_notes import duty_notes
from entrepot.shell import for_shell
from entrepot.studies import branches, elasticity_sets, sign_changes, tidy_rows
from entrepot.studies.known_signs import known_in_words
from entrepot.studies.most_affected import affected_in_words, not_reported
from entrepot.studies.provenance import assumptions, called, horizon, labour_shares, source_of_theta
from entrepot.studies.rents import rent, rent_of
from entrepot.studies.result_table import MONEY, ResultTable, TableColumn
from entrepot.studies.titles import measure_in_words, quoted, title_of
from entrepot.studies.traded import changes_nothing, untraded
from entrepot.studies.welfare_table import welfare_table
from entrepot.studies.who_gains import gains
from entrepot.studies.who_pays import buyers
from entrepot.words import (
    and_list,
    dollars,
    each_once,
    ended,
    joined_sentences,
    money_unit,
    sentence,
)

#: Changes of sign between amounts below this, in the unit of the table, are not named.
LEAST_NAMED = 0.005
#: Rows of the table on the first screen.
ROWS = 4


@dataclass(frozen=True)
class Headline:
    """The answer of a study on one screen.

    answer   one to six sentences, and the assumption that the case states
    table    welfare of the scenarios that the answer is about; None where nothing was solved
    sure     what the answer depends on
    basis    base year, horizon and elasticities
    more     commands that show the rest
    notes    whom the measures name beyond the parties; what the names in the case stand for, where that was so on
             another day than the case's; what the duties of scenarios come to that the answer is not about; what
             parties gain over the window of a timeline of one branch
    """

    answer: tuple[str, ...]
    table: ResultTable | None
    sure: tuple[str, ...]
    basis: str
    more: tuple[str, ...]
    notes: tuple[str, ...] = ()


def headline(study: SolvedCase) -> Headline:
    """Return the answer of a solved case."""
    return replace(
        found := _headline(study),
        notes=(*not_reported(study), *_outdated(study), *_of_others(study, found), *_over_the_window(study)),
    )


def _over_the_window(study: SolvedCase) -> list[str]:
    """Return what parties gain over the window of a timeline of one branch; those of several are in a table."""
    solved = study.timeline
    return branches.sentences(study) if solved is not None and len(solved.branches) == 1 else []


def full_notes(study: SolvedCase) -> list[str]:
    """Return the notes of a full report, without the warnings, which are among its findings."""
    rest = [note for note in study.notes if note not in each_once(*study.warnings)]
    return [*not_reported(study), *rest]


def _headline(study: SolvedCase) -> Headline:
    first = _first_over_sets(study)
    if first and len(elasticity_sets.signs(study, first)[0].gains) > 1:
        sure = _sure(study) if study.outcomes else (elasticity_sets.sure(study, first),)
        answer = [elasticity_sets.answer(study, first), assumed(study)]
        return Headline(tuple(filter(None, answer)), _sets_table(study, first), sure, basis(study), _more(study))
    if not study.outcomes:
        return Headline((), None, (), basis(study), ())
    names = chosen(study)
    return Headline(answer_of(study, names[0]), _short_table(study, names), _sure(study), basis(study), _more(study))


def answer_of(study: SolvedCase, name: str, titled: bool = True) -> tuple[str, ...]:
    """Return what a scenario does: who gains, what buyers pay, who holds the rent, what does not bind, what is assumed.

    After them come notes on duties below zero and on rates that add up, where there are such.

    titled  whether the first sentence names the scenario, where there are several; alone it has the amounts under the
            sets of elasticities that give the other sign, which `Headline.sure` has otherwise
    """
    if changes_nothing(study, name):
        return (untraded(study, name),)
    first = [gains(study, name, titled, ranges=not titled), untraded(study, name), affected_in_words(study, name)]
    then = [buyers(study, name), rent(study, name), slack(study, name)]
    notes = duty_notes(study.outcomes[name].problem.policy)
    return tuple(filter(None, [*first, *then, *notes, assumed(study)]))


def assumed(study: SolvedCase) -> str:
    """Return the assumption that decides the answer, as the case states it; "" where it states none."""
    text = study.case.assumption
    return translated("Assumed: {text}", text=translated(text)) if text else ""


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
    return tuple(
        translated_error(ended(note)) for note in outdated(names, case.day or datetime.date.today(), study.economy.year)
    )


def chosen(study: SolvedCase) -> list[str]:
    """Return the scenarios of the first screen: the first of the case, then those that differ in who holds the rent."""
    swap = study.case.report.swap
    pairs = [name for name in swap.scenarios if name in study.outcomes] if swap is not None else []
    first = next((name for name in pairs if not rent_of(study, name)), next(iter(study.outcomes)))
    decisive = [name for name, _ in sign_changes.headlines(study)]
    return list(dict.fromkeys([first, *pairs, next(iter(study.outcomes)), *decisive]))[:ROWS]


def _first_over_sets(study: SolvedCase) -> str:
    """Return the scenario whose answer under each set of elasticities is on the first screen; "" where none is."""
    if not study.under_sets:
        return ""
    return chosen(study)[0] if study.outcomes else next(iter(elasticity_sets.scenarios(study)), "")


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
    """Return warnings, and whether signs change with elasticities, deficit rule or the time that trade has to adjust.

    What is about the scenario of the first sentence comes first.
    """
    warned = [ended(warning) for warning in study.warnings]
    rule = translated(RULES[other_rule(study.case.closure)].named)
    every = sign_changes.turned_by_deficit_rule(study)
    turned = _of_size(study, every)
    lost = [name for name, found in study.under_the_other_rule.items() if isinstance(found, ConvergenceError)]
    out = []
    if turned:
        out.append(translated("With {rule} the sign changes for {whom}.", rule=rule, whom=_changes(study, turned)))
    elif lost:
        text = "With {rule}, {lost} of {number} scenarios have no answer; no sign changes."
        out.append(translated(text, rule=rule, lost=len(lost), number=len(study.outcomes)))
    else:
        text = "With {rule} signs change only of amounts below {money}."
        least = {"money": dollars(_least_named(study))} if every else {}
        out.append(translated(text if every else "With {rule} no sign changes.", rule=rule, **least))
    if turned := _of_size(study, sign_changes.turned_by_horizon(study)):
        text = "Once trade has adjusted the sign changes for {whom}."
        out.append(translated(text, whom=_changes(study, turned)))
    if study.under_sets:
        return (joined_sentences([*warned, elasticity_sets.sure(study, _first_over_sets(study)), *out]),)
    if study.outcomes and (known := known_in_words(study, chosen(study)[0], titled=False)):
        return (joined_sentences([*warned, known, *out]),)
    out.append(translated("One set of trade elasticities was tried: sizes depend on it, and signs may."))
    return (joined_sentences([*warned, *out]),)


def _of_size(study: SolvedCase, turned: list[sign_changes.SignChange]) -> list[sign_changes.SignChange]:
    """Return the changes of sign between amounts that are not too small for it, the headline's first, by size."""
    least = _least_named(study)
    first = chosen(study)[0] if study.outcomes else ""
    kept = [t for t in turned if t.smallest >= least]
    return sorted(kept, key=lambda t: (t.scenario != first, -t.smallest))


def _least_named(study: SolvedCase) -> float:
    """Return the least amount in US$ million whose change of sign is named."""
    return LEAST_NAMED * money_unit(row["equivalent_variation"] for row in tidy_rows.welfare(study)).millions


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
    each = () if study.under_sets else (translated("Each set: --theta each."),)
    if case.case == "measures" and not case.path:
        return (translated("--full prints every table; --out FOLDER writes report.html."), *each)
    name = for_shell(called(case))
    again = f"entrepot run {name}{' --theta each' if study.under_sets else ''}"
    verbs = ["screen", *(["bargain"] if case.table is not None else [])]
    verbs += ["path"] if case.in_time is not None else []
    verbs += ["sweep"] if case.uncertainty or case.distributions else []
    every = "{command} (every table, all {number} scenarios)." if count > 1 else "{command} (every table)."
    full = translated(every, command=f"{again} --full", number=count)
    if study.under_sets:
        return (full,)
    return (full, *each, translated("Also: {command}.", command=f"entrepot {', '.join(verbs)} {name}"))
