"""The first screen: the question, the answer in a few sentences, one table, how sure, and where the rest is."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import other_rule
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.report import signs, tables
from entrepot.report.note import notes
from entrepot.report.provenance import assumptions, called
from entrepot.report.scales import money_cell, money_unit, percent_cell
from entrepot.words import and_list, dollars, gains_or_loses, sector_name, sentence

#: Lines that the table of the first screen may take, and the width of its titles; other scenarios are counted.
MOST_LINES, TITLE_WIDTH = 5, 58
#: Parties on the first screen: those with most at stake.
MOST_PARTIES = 3
#: Rents below this many millions of US dollars are not mentioned.
LEAST_RENT = 0.5


@dataclass(frozen=True)
class FirstScreen:
    """What a reader sees first.

    answer          sentences: who gains and who pays, what buyers pay, who holds the rent
    title, head, rows   the table: a scenario a row
    left_out        how many scenarios the table leaves out
    sure            sentences: whether a sign depends on a choice, and what stands behind the numbers
    more            commands that give the rest
    """

    answer: tuple[str, ...]
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int
    sure: tuple[str, ...]
    more: tuple[str, ...]


def first_screen(study: SolvedCase) -> FirstScreen:
    """The first screen of a solved case that has at least one outcome."""
    welfare = tables.welfare(study).set_index(["scenario", "party"])
    first = next(iter(study.outcomes))
    restraint = _with_rent(study, first)
    answer = [_who_gains(study, welfare, first), *_buyers(study, first)]
    if restraint is not None:
        answer.append(_who_holds_the_rent(study, welfare, restraint, alone=restraint == first))
    shown = _shown(study, welfare, first, restraint)
    title, head, rows = _table(study, welfare, shown)
    return FirstScreen(
        tuple(answer), title, head, rows, len(study.outcomes) - len(shown), tuple(_sure(study)), tuple(_more(study))
    )


def _parties(study: SolvedCase, welfare: pd.DataFrame) -> list[str]:
    """The parties with most at stake, in the case's order."""
    stake = welfare["equivalent_variation"].abs().groupby(level="party").max()
    most = sorted(study.case.parties, key=lambda p: -float(stake[p]))[:MOST_PARTIES]
    return [p for p in study.case.parties if p in most]


def _label(study: SolvedCase, scenario: str) -> str:
    """What a scenario is called: its title, or for measures from the command line what they are."""
    return study.case.question.rstrip(".") if study.case.case == "measures" else study.title_of(scenario)


def _who_gains(study: SolvedCase, welfare: pd.DataFrame, scenario: str) -> str:
    parties = [f"{study.spoken(p)} {gains_or_loses(*welfare.loc[(scenario, p)])}" for p in _parties(study, welfare)]
    return f"{sentence(_label(study, scenario))}: {and_list(parties)} a year."


def _buyers(study: SolvedCase, scenario: str) -> list[str]:
    """What reaches buyers: pass-through of the largest tariff or quota, and prices in the protected market."""
    out = []
    rows = study.outcomes[scenario].measures
    known = rows[rows["pass_through"].notna()] if "pass_through" in rows else rows.iloc[:0]
    if len(known):
        row = known.loc[known["volume_base"].idxmax()]
        out.append(f"{100 * row['pass_through']:.0f}% of the rise at the border reaches buyers' prices")
    protected, table = study.case.report.protected, tables.industry(study)
    if protected is not None and scenario in set(table["scenario"]):
        industry = table.set_index("scenario").loc[scenario]
        price, output = float(industry["real_price_pct"]), float(industry["output_volume_pct"])
        if abs(price) > 0.005 or abs(output) > 0.005:
            out.append(
                f"{sector_name(protected.sector)} in {study.spoken(protected.country)} cost buyers "
                f"{abs(price):.1f}% {'more' if price > 0 else 'less'}, and output there "
                f"{'rises' if output > 0 else 'falls'} by {abs(output):.1f}%"
            )
    return [f"{sentence('; '.join(out))}."] if out else []


def _rent(outcome: Outcome) -> float:
    rows = outcome.measures
    return float(rows["rent"].sum()) if "rent" in rows else 0.0


def _with_rent(study: SolvedCase, first: str) -> str | None:
    """The scenario whose rent is told: the first one's own, or the largest among those that the case sets side by side,
    held by exporters before by importers.
    """
    if _rent(study.outcomes[first]) > LEAST_RENT:
        return first
    swap = study.case.report.swap
    names = [n for n in (swap.scenarios if swap else study.outcomes) if n in study.outcomes]
    held = [n for n in names if _rent(study.outcomes[n]) > LEAST_RENT]
    return max(
        held,
        key=lambda n: ("exporter" in set(study.outcomes[n].measures["rent_holder"]), _rent(study.outcomes[n])),
        default=None,
    )


def _who_holds_the_rent(study: SolvedCase, welfare: pd.DataFrame, scenario: str, *, alone: bool) -> str:
    rows = study.outcomes[scenario].measures
    by = rows[rows["rent"] > LEAST_RENT].groupby("rent_holder")["rent"].sum()
    holders = and_list([f"{dollars(rent)} to the {holder}s" for holder, rent in by.items()])
    if alone:
        return f"The rent goes where the licences are: {holders}."
    parties = [f"{study.spoken(p)} {gains_or_loses(*welfare.loc[(scenario, p)])}" for p in _parties(study, welfare)]
    return f"{sentence(_label(study, scenario))}: the rent is {holders}; {and_list(parties)}."


def _shown(study: SolvedCase, welfare: pd.DataFrame, first: str, restraint: str | None) -> list[str]:
    """The scenarios of the table: the first, those set side by side, each party's best and worst."""
    lines = {name: -(-len(_label(study, name)) // TITLE_WIDTH) for name in study.outcomes}
    if sum(lines.values()) <= MOST_LINES:
        return list(study.outcomes)
    swap = study.case.report.swap
    wanted = [first, *([restraint] if restraint else []), *(swap.scenarios if swap else ())]
    for party in study.case.parties:
        money = welfare.xs(party, level="party")["equivalent_variation"]
        wanted += [str(money.idxmax()), str(money.idxmin())]
    chosen: set[str] = set()
    for name in dict.fromkeys([*wanted, *study.outcomes]):
        if name in lines and sum(lines[n] for n in chosen) + lines[name] <= MOST_LINES:
            chosen.add(name)
    return [n for n in study.outcomes if n in chosen]


def _table(
    study: SolvedCase, welfare: pd.DataFrame, shown: Sequence[str]
) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Gains and losses by scenario and party, each party in a unit that fits it."""
    parties = [p for p in study.case.with_world if p not in study.case.parties or p in _parties(study, welfare)]
    units = {p: money_unit(welfare.xs(p, level="party")["equivalent_variation"]) for p in parties}
    alike = len(set(units.values())) == 1
    head = [study.short(p) if alike else f"{study.short(p)}, {units[p][0].removeprefix('US$ ')}" for p in parties]
    percents = len(parties) <= 3
    rows = []
    for name in shown:
        cells = [_label(study, name)]
        for p in parties:
            money, percent = (float(number) for number in welfare.loc[(name, p)])
            cell = money_cell(money, units[p][1])
            cells.append(f"{cell} ({percent_cell(percent)})" if percents else cell)
        rows.append(tuple(cells))
    unit = next(iter(units.values()))[0] if alike else "US$"
    title = f"Gains and losses a year (equivalent variation, {unit}{', and % of income' if percents else ''})"
    return title, ("", *head), tuple(rows)


def _sure(study: SolvedCase) -> list[str]:
    """Whether the sign of a gain depends on a choice, and what the numbers stand on."""
    e, closure = study.economy, study.case.closure
    turned = []
    if signs.by_deficit_rule(study):
        turned.append("the deficit rule")
    if signs.by_horizon(study):
        turned.append("how long trade has had to adjust")
    other = RULES[other_rule(closure)].named
    lines = [
        f"The sign of a gain depends on {and_list(turned)}: see --full."
        if turned
        else f"No sign above changes under the other deficit rule ({other}); other elasticities were not tried."
    ]
    low, high = float(e.theta.min()), float(e.theta.max())
    theta = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    horizon = "short run" if closure.horizon == "short" else "long run"
    held = [text for text in assumptions(closure) if not text.startswith(("short run", "long run"))]
    lines.append(
        f"Base {e.name} ({e.year or 'year not stated'} data), {horizon}, trade elasticities {theta}; {'; '.join(held)}."
    )
    if study.warnings:
        lines.append(
            f"Warning: {study.warnings[0]}{f' (and {len(study.warnings) - 1} more)' if len(study.warnings) > 1 else ''}."
        )
    law = notes(study.screen)
    if law:
        lines.append(f"The rules, on a first reading: {law[0].summary}")
    return lines


def _more(study: SolvedCase) -> list[str]:
    """How to get the rest."""
    out = ["--full prints every table", "--out FOLDER writes report.html and data"]
    if study.case.case == "measures":
        return out
    verbs = ["screen (the rules)"]
    verbs += ["bargain (what both would sign)"] if study.case.table is not None else []
    verbs += ["sweep (intervals)"] if study.case.uncertainty or study.case.distributions else []
    return [*out, f"entrepot VERB {shlex.quote(called(study.case))} for VERB: {', '.join(verbs)}"]
