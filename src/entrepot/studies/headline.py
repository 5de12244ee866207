"""The answer of a Study in one screen: who gains and who pays, one table, and what the answer depends on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import other_rule
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.errors import ConvergenceError
from entrepot.studies import elasticity_sets, sign_changes
from entrepot.studies import tidy_frames as tables
from entrepot.studies.provenance import assumptions, called, source_of_theta
from entrepot.studies.result_table import MONEY, ResultTable, TableColumn
from entrepot.studies.result_tables import ResultTables
from entrepot.studies.titles import quoted, title_of
from entrepot.words import and_list, dollars, gains_or_loses, percent_size, sector_name, sentence, yearly

#: Rents smaller than this (US$ million) are not mentioned.
LEAST_RENT = 1e-3
#: Rows of the table on the first screen.
ROWS = 4


@dataclass(frozen=True)
class Headline:
    """The answer of a study on one screen.

    answer   one to three sentences
    table    welfare of the scenarios that the answer is about; None where nothing was solved
    sure     what the answer depends on
    basis    base year, horizon and elasticities
    more     commands that show the rest
    """

    answer: tuple[str, ...]
    table: ResultTable | None
    sure: tuple[str, ...]
    basis: str
    more: tuple[str, ...]


def headline(study: SolvedCase) -> Headline:
    """Return the answer of a solved case."""
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
    """Return one to three sentences on a scenario: who gains and who loses, what buyers pay, and who holds the rent.

    titled  whether the first sentence names the scenario, where there are several
    """
    return tuple(filter(None, [gains(study, name, titled), buyers(study, name), rent(study, name)]))


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
    text = "; ".join([_listed(study, name, study.case.parties), *_world(study, name)])
    text = yearly(text)
    return f'Under "{title_of(study, name)}", {text}.' if titled and len(study.outcomes) > 1 else f"{sentence(text)}."


def _world(study: SolvedCase, name: str) -> list[str]:
    others = [p for p in study.case.with_world if p not in study.case.parties]
    return [_listed(study, name, others)] if others else []


def _listed(study: SolvedCase, name: str, parties: Sequence[str]) -> str:
    """Return "Japan loses US$3.8 billion and the EU US$5.2 billion": the verb once where the sign is the same."""
    welfare = tables.welfare(study).set_index(["scenario", "party"])
    parts, before = [], ""
    for party in parties:
        verb, _, money = gains_or_loses(*welfare.loc[(name, party)]).partition(" ")
        parts.append(f"{study.spoken(party)} {money if verb == before and verb != 'is' else f'{verb} {money}'}")
        before = verb
    return and_list(parts)


def buyers(study: SolvedCase, name: str) -> str:
    """Return what buyers in the protected market pay, how much of the wedge reaches them, and what output does."""
    protected, data = study.case.report.protected, tables.industry(study)
    share = pass_through(study, name)
    passed = "" if share is None else f"{100 * share:.0f}% of the price wedge is passed on to buyers"
    if protected is None or name not in set(data["scenario"]):
        return f"{passed}." if passed else ""
    row = data.set_index("scenario").loc[name]
    price, output = float(row["real_price_pct"]), float(row["output_volume_pct"])
    if price != price or abs(price) < 0.0005:
        return f"{passed}." if passed else ""
    paid = f"{percent_size(price)} {'more' if price > 0 else 'less'}"
    who = f"Buyers in {study.spoken(protected.country)} pay {paid} for {sector_name(protected.sector)}"
    moves = f"{'rises' if output > 0 else 'falls'} by {percent_size(output)}"
    grown = f", and output there {moves}" if output == output else ""
    return f"{who}{f' ({passed})' if passed else ''}{grown}."


def pass_through(study: SolvedCase, name: str) -> float | None:
    """Return the pass-through of a scenario's measures, weighted by base volume; None where none has one."""
    rows = study.outcomes[name].measures
    rows = rows[rows["pass_through"].notna() & (rows["volume_base"] > 0)]
    if rows.empty:
        return None
    return float((rows["pass_through"] * rows["volume_base"]).sum() / rows["volume_base"].sum())


def _rent_of(study: SolvedCase, name: str) -> float:
    rent = float(study.outcomes[name].measures["rent"].sum()) if len(study.outcomes[name].measures) else 0.0
    return rent if rent > LEAST_RENT else 0.0


def rent(study: SolvedCase, name: str) -> str:
    """Return who collects the revenue or holds the rent, and what it is worth to each side where the holder changes."""
    swap = study.case.report.swap
    if swap is not None and set(swap.scenarios) <= set(study.outcomes):
        held = [other for other in swap.scenarios if _rent_of(study, other) and _holders(study, other) != "importer"]
        if held:
            other = held[0]
            return (
                f"Under a restraint of the same trade the {_holders(study, other)} holds a rent of "
                f"{dollars(_rent_of(study, other))}: {_listed(study, other, swap.parties)}."
            )
    if _rent_of(study, name):
        return f"The rent of {dollars(_rent_of(study, name))} a year is held by the {_holders(study, name)}."
    party, revenue = collected(study, name)
    return f"There is no quota rent; {study.spoken(party)} collects {dollars(revenue)} more in duties." if party else ""


def collected(study: SolvedCase, name: str) -> tuple[str, float]:
    """Return the party whose duties rise most under a scenario, and by how much; ("", 0) where none collects more."""
    proceeds = tables.proceeds(study)
    rows = proceeds[proceeds["scenario"] == name].set_index("party")["tariff_revenue_change"]
    if rows.empty or rows.max() <= LEAST_RENT:
        return "", 0.0
    return str(rows.idxmax()), float(rows.max())


def _holders(study: SolvedCase, name: str) -> str:
    rows = study.outcomes[name].measures
    return " and ".join(dict.fromkeys(rows.loc[rows["rent"] > LEAST_RENT, "rent_holder"]))


def _short_table(study: SolvedCase, names: list[str]) -> ResultTable:
    """Return the welfare table with these scenarios only; the percentages stay in the full one."""
    full = ResultTables(study)["welfare"]
    kept: list[int] = [k for k, c in enumerate(full.columns) if not c.joined or len(study.case.with_world) <= 3]
    positions = list(study.outcomes)
    rows = tuple(tuple(full.rows[positions.index(name)][k] for k in kept) for name in names)
    columns: tuple[TableColumn, ...] = tuple(full.columns[k] for k in kept)
    return replace(full, columns=columns, rows=rows, notes=())


def _sets_table(study: SolvedCase, name: str) -> ResultTable:
    """Return the table of sets of elasticities for one scenario; the percentages stay in the full one."""
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
    more = (f"Not shown: {and_list(sorted(left_out))} (--full).",) if left_out else ()
    return replace(full, columns=columns, rows=made, notes=more, text_columns=1)


def _sure(study: SolvedCase) -> tuple[str, ...]:
    """Return warnings, and whether a sign changes with the deficit rule or the time that trade has to adjust."""
    out = [f"{warning}." for warning in study.warnings]
    rule = RULES[other_rule(study.case.closure)].named
    turned = sign_changes.turned_by_deficit_rule(study)
    lost = [name for name, found in study.under_the_other_rule.items() if isinstance(found, ConvergenceError)]
    if turned:
        out.append(f"With {rule} the sign changes for {_changes(study, turned)}.")
    elif lost:
        out.append(f"With {rule}, {len(lost)} of {len(study.outcomes)} scenarios have no answer; no sign changes.")
    else:
        out.append(f"With {rule} no sign changes.")
    if turned := sign_changes.turned_by_horizon(study):
        out.append(f"Once trade has adjusted the sign changes for {_changes(study, turned)}.")
    if study.under_sets:
        out.insert(0, elasticity_sets.sure(study, _first_over_sets(study)))
    else:
        out.append("One set of trade elasticities was tried: sizes depend on it, and signs may (--theta each).")
    return (" ".join(out),)


def _changes(study: SolvedCase, turned: list[sign_changes.SignChange]) -> str:
    several = len(study.outcomes) > 1
    first = [
        f"{study.spoken(t.party)}{f' under {quoted(study, [t.scenario])}' if several else ''} "
        f"({t.brief[0]} to {t.brief[1]} of income)"
        for t in turned[:2]
    ]
    return and_list(first) + (f" and {len(turned) - 2} more" if len(turned) > 2 else "")


def basis(study: SolvedCase) -> str:
    """Return base and year, horizon and elasticities in one sentence."""
    e, closure = study.economy, study.case.closure
    low, high = float(e.theta.min()), float(e.theta.max())
    theta = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g} by sector"
    theta = f"{theta} ({source_of_theta(e)})"
    held = assumptions(closure)
    share = [text for text in held if text.startswith("labour share")]
    basis = [f"base {e.name} ({e.year or 'year not stated'})", held[1], f"trade elasticities {theta}", held[0], *share]
    makers = " Price is cost here; the case's makers and their profits: --full." if study.case.market else ""
    return f"{sentence('; '.join(basis))}.{makers}"


def _more(study: SolvedCase) -> tuple[str, ...]:
    """Return the commands that show the rest."""
    case, count = study.case, len(study.outcomes)
    of_all = f", all {count} scenarios" if count > 1 else ""
    if case.case == "measures" and not case.path:
        return ("--full prints every table; --out FOLDER writes report.html.",)
    name = shlex.quote(called(case))
    again = f"entrepot run {name}{' --theta each' if study.under_sets else ''}"
    verbs = ["screen", *(["bargain"] if case.table is not None else [])]
    verbs += ["sweep"] if case.uncertainty or case.distributions else []
    if study.under_sets:
        return (f"{again} --full (every table{of_all}).",)
    return (
        f"{again} --full (every table{of_all}).",
        f"Also: entrepot {', '.join(verbs)} {name}.",
    )
