"""Where the sign of a headline hangs on a choice: the deficit rule, or how long trade has had to adjust."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import other_rule
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.errors import ConvergenceError
from entrepot.report import tables
from entrepot.words import NOISE, and_list, gains_or_loses, sentence, signed_percent


def headlines(study: SolvedCase) -> list[tuple[str, str]]:
    """The scenarios and parties whose welfare the findings tell: all of one scenario; of several, each party's best
    and worst, and those that differ in who holds the rent.
    """
    if len(study.outcomes) == 1:
        return [(name, party) for name in study.outcomes for party in study.case.with_world]
    welfare = tables.welfare(study).set_index(["scenario", "party"])["equivalent_variation"]
    swap = study.case.report.swap
    told = [(name, p) for name in swap.scenarios for p in swap.parties] if swap is not None else []
    for party in study.case.parties:
        money = welfare.xs(party, level="party")
        told += [(str(money.idxmax()), party), (str(money.idxmin()), party)]
    return [pair for pair in dict.fromkeys(told) if pair[0] in study.outcomes]


def turns(one: float, other: float) -> bool:
    """Whether one change of real income in percent is a gain and the other a loss, both beyond the solver's noise."""
    return one * other < 0 and min(abs(one), abs(other)) >= NOISE


def by_deficit_rule(study: SolvedCase) -> list[str]:
    """Each headline whose sign is another under the other deficit rule, with both numbers."""
    mine, other = (RULES[rule].named for rule in (study.case.closure.deficit, other_rule(study.case.closure)))
    here = tables.welfare(study).set_index(["scenario", "party"])
    table = tables.deficit_rules(study).set_index(["rule", "scenario", "party"])
    there = table.loc[table.index.get_level_values("rule") == other_rule(study.case.closure)].droplevel("rule")
    turned = [
        f"{_under(study, name)}{study.spoken(party)} {_moves(here.loc[name, party])} with {mine}, as here, and "
        f"{_moves(there.loc[name, party])} with {other}"
        for name, party in headlines(study)
        if (name, party) in there.index and _turns(here.loc[name, party], there.loc[name, party])
    ]
    said = _listed("The sign hangs on the deficit rule", turned)
    lost = [name for name, found in study.under_the_other_rule.items() if isinstance(found, ConvergenceError)]
    if lost:
        said.append(f"With {other} there is no answer to {and_list(lost)}: whether a sign hangs on that is not known.")
    return said


def by_horizon(study: SolvedCase) -> list[str]:
    """What a party gains on the branches just after a change and when trade has adjusted, where the signs differ."""
    table = tables.horizons(study)
    turned = []
    for (in_force, party), rows in table.groupby(["in_force", "party"], sort=False):
        rows = rows.set_index("horizon")
        if {"short", "long"} <= set(rows.index) and _turns(rows.loc["short"], rows.loc["long"]):
            turned.append(
                f"under {in_force}, {study.spoken(str(party))} {_moves(rows.loc['short'])} a year at "
                f"{100 * rows.loc['short', 'part']:.3g}% of the trade elasticities, as just after a change, and "
                f"{_moves(rows.loc['long'])} at the whole of them"
            )
    return _listed("The sign hangs on how long trade has had to adjust", turned)


def _turns(one: pd.Series, other: pd.Series) -> bool:
    return turns(float(one["real_income_pct"]), float(other["real_income_pct"]))


def _listed(heading: str, parts: list[str]) -> list[str]:
    """One sentence, or a heading with a line for each part."""
    if len(parts) == 1:
        return [f"{heading}: {parts[0]}."]
    return list(_lines(heading, parts)) if parts else []


def _lines(heading: str, parts: list[str]) -> Iterator[str]:
    yield f"{heading}:"
    yield from (f"  {sentence(part)}." for part in parts)


def _moves(row: pd.Series) -> str:
    percent = float(row["real_income_pct"])
    said = signed_percent(percent, 2 if abs(percent) >= 0.05 else 4)
    return f"{gains_or_loses(float(row['equivalent_variation']), percent)} ({said})"


def _under(study: SolvedCase, name: str) -> str:
    return f"under {name}, " if len(study.outcomes) > 1 else ""
