"""Sentences on what a sweep shows."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from entrepot.errors import InputError
from entrepot.studies.titles import case_title
from entrepot.sweeping.solved_part import INADMISSIBLE, NONE_FOUND
from entrepot.sweeping.sweep_result import ROUNDING, Sweep
from entrepot.words import and_list, chance, counted, dollars, few, sector_name, signed_percent

if TYPE_CHECKING:
    import pandas as pd

#: A sign that changes in a smaller part of the draws is not reported as doubtful.
DOUBT = 0.01
#: Numbers of a case's market, in words.
MARKET_NUMBERS = {
    "market.margin": "the makers' margins",
    "market.market_elasticity": "the elasticity of the whole market",
    "market.price_coefficient": "the price coefficient of demand",
    "market.nesting.1": "the nesting parameter of demand",
    "market.draws": "the estimated demand",
}


def sentences(s: Sweep, level: float = 0.9) -> list[str]:
    """Return what is sure, what is in doubt, which offers would be signed, and what the answer depends on."""
    if s.plan.grid or "welfare" not in s.tables:
        return [_counts(s)]
    if s.plan.method == "morris":
        return [_counts(s), *_drivers(s)]
    if nothing_solved(s):
        return [_counts(s)]
    found = s.intervals("welfare", level)
    money = found[found["number"] == "equivalent_variation"]
    return [_counts(s), *_intervals(s, money, level), *_doubts(s, money), *_makers(s, level), *_offers(s), *_drivers(s)]


def _title(s: Sweep, scenario: str) -> str:
    return f'"{case_title(s.plan.case, scenario)}"'


def _titles(s: Sweep, scenarios: Iterable[str]) -> str:
    return and_list([_title(s, name) for name in scenarios])


def share(level: float) -> str:
    """Return a share as a percentage: 0.9 as "90%", 0.999 as "99.9%"."""
    return f"{100 * level:.6g}%"


def _counts(s: Sweep) -> str:
    plan = s.plan
    drawn = f"{plan.draws:,} draws of {len(plan.uncertain.names)} uncertain numbers" if plan.draws else "No draws"
    if plan.method != "draws":
        numbers = len(plan.uncertain.names)
        drawn = f"{s.members - plan.singles:,} members of a {plan.method.capitalize()} design over {numbers} numbers"
    if plan.uncertain.trade_sd:
        drawn += f" and of every flow of trade (sd of its log {plan.uncertain.trade_sd:g})"
    grid = "; ".join(f"{len(axis.levels)} levels of {axis.name}" for axis in plan.grid)
    each = " at each of " if plan.draws else ", "
    counts = f"{drawn}{each + grid if grid else ''}, {counted(len(plan.scenarios), 'scenario')} each."
    return " ".join([counts, *lost(s), *left_out(s)])


def lost(s: Sweep) -> list[str]:
    """Return how many members and solves are left out of the numbers, and why, with an example."""
    if not s.run.parts("failures"):
        return []
    failed = s.table("failures")
    kinds = failed["kind"].to_numpy()
    cannot, none = failed[kinds == INADMISSIBLE], failed[kinds == NONE_FOUND]
    lines = []
    if len(cannot):
        members = cannot["member"].nunique()
        lines.append(
            f"{members:,} of {s.members:,} members ({chance(members / s.members)}) had impossible values "
            f"and {'is' if members == 1 else 'are'} left out. One of them: {str(cannot['why'].iloc[0]).rstrip('.')}. "
            f"Bounds in the distribution (min, max) exclude such values."
        )
    if len(none):
        solves = s.members * len(s.plan.scenarios)
        lines.append(f"{len(none):,} of {solves:,} solves had no equilibrium and are left out.")
    return lines


def nothing_solved(s: Sweep) -> str:
    """Return which scenarios no draw could solve, and why; "" where each has a solution."""
    if not s.run.parts("failures") or not s.plan.draws:
        return ""
    drawn = range(s.plan.singles, s.members)
    failed = s.table("failures")
    failed = failed[failed["member"].isin(drawn)]
    none = [name for name, rows in failed.groupby("scenario", sort=False) if rows["member"].nunique() == len(drawn)]
    return f"no draw has an answer to {_titles(s, none)}: {failed['why'].iloc[0]}" if none else ""


def left_out(s: Sweep) -> list[str]:
    """Return which scenarios of the case are not in the draws, and why."""
    case, names = s.plan.case, list(s.plan.left_out)
    answers = [name for name in names if case.scenarios[name].retaliations]
    lines = []
    if answers:
        such = " ".join(f"--scenario {name}" for name in answers)
        lines.append(
            f"Not solved: {_titles(s, answers)}, whose rates would be searched for in every draw (some 0.1 s each); "
            f"{such} solves {'it' if len(answers) == 1 else 'them'}."
        )
    if others := [name for name in names if name not in answers]:
        lines.append(f"Not requested: {few([_title(s, name) for name in others])}.")
    return lines


def _intervals(s: Sweep, money: pd.DataFrame, level: float) -> list[str]:
    """Return one line for each of three parties, on the first scenario."""
    out = []
    for party in s.plan.case.parties[:3]:
        rows = money[money["party"] == party]
        if rows.empty:
            continue
        row = rows.iloc[0]
        title, draws = _title(s, row["scenario"]), f"in {share(level)} of the draws"
        low, high = sorted((abs(row["low"]), abs(row["high"])))
        what = "loses" if row["high"] < 0 else "gains" if row["low"] > 0 else ""
        if high <= ROUNDING["equivalent_variation"]:
            out.append(f"Under {title}, nothing changes for {s.spoken(party)} {draws}.")
        elif what:
            between = f"between {dollars(low)} and {dollars(high)}"
            out.append(f"Under {title}, {s.spoken(party)} {what} {between} a year {draws}.")
        else:
            out.append(
                f"Under {title}, {s.spoken(party)} may gain or lose: from a loss of "
                f"{dollars(abs(row['low']))} to a gain of {dollars(abs(row['high']))} a year {draws}."
            )
    return out


def _doubts(s: Sweep, money: pd.DataFrame) -> list[str]:
    if money["flips"].isna().any():
        names = dict.fromkeys(money.loc[money["flips"].isna(), "scenario"])
        return [
            f"There is no equilibrium at the centre under {_titles(s, names)}, "
            f"and so no sign there for draws to differ from."
        ]
    doubtful = money[(money["flips"] > DOUBT) & (money["party"] != "WORLD")].sort_values("flips", ascending=False)
    if doubtful.empty:
        return [f"No sign of a gain or loss changes in more than {100 * DOUBT:.0f}% of the draws."]
    listed = [
        f"{s.spoken(r['party'])} under {_title(s, r['scenario'])} ({chance(r['flips'])})"
        for _, r in doubtful.head(4).iterrows()
    ]
    more = f" and {len(doubtful) - 4} more" if len(doubtful) > 4 else ""
    return [
        f"Who gains and who loses is in doubt for {and_list(listed)}{more}: the part of the draws in which the sign "
        f"changes."
    ]


def _makers(s: Sweep, level: float) -> list[str]:
    """Return what the makers of each of three parties earn in the first scenario, and what moves that of the first."""
    if "makers" not in s.tables:
        return []
    found = s.intervals("makers", level)
    profit = found[(found["number"] == "profit_pct") & (found["scenario"] == s.plan.scenarios[0])].set_index("owner")
    owners = [party for party in s.plan.case.parties[:3] if party in profit.index]
    if not owners:
        return []
    title, parts = _title(s, s.plan.scenarios[0]), []
    for party in owners:
        row = profit.loc[party]
        ends = f"{signed_percent(row['low'], 1)} to {signed_percent(row['high'], 1)}"
        parts.append(f"{ends} for the makers of {s.spoken(party)}")
    out = [f"Under {title}, profits in the market change by {and_list(parts)} in {share(level)} of the draws."]
    with contextlib.suppress(InputError):  # stopped before one number at a time was solved
        top = s.tornado("profit_pct", "makers", scenario=s.plan.scenarios[0], owner=owners[0]).iloc[0]
        ends = f"{signed_percent(top['low'], 1)} to {signed_percent(top['high'], 1)}"
        out.append(
            f"What moves the makers of {s.spoken(owners[0])} most there: {named(str(top['parameter']))}; from its 5th "
            f"to its 95th percentile, {ends} of profit."
        )
    return out


def _offers(s: Sweep) -> list[str]:
    try:
        signed = s.probabilities()
    except InputError:
        return []
    out = []
    table = s.plan.case.table
    for offer, rows in signed.groupby("offer", sort=False):
        title = table.offers[offer].title if table and offer in table.offers else "Things as they are"
        each = and_list([f"{s.short(r['party'])} in {chance(r['signs'])}" for _, r in rows.iterrows()])
        out.append(f"{title}: all prefer it to the threat in {chance(rows['signed'].iloc[0])} of the draws ({each}).")
    return out


def _drivers(s: Sweep) -> list[str]:
    """Return the uncertain number that moves each of two parties most in the first scenario."""
    if not s.plan.uncertain.names:
        return []
    out = []
    scenario = s.plan.scenarios[0]
    for party in s.plan.case.parties[:2]:
        try:
            top = s.tornado("equivalent_variation", "welfare", scenario=scenario, party=party).iloc[0]
        except InputError:  # stopped before one number at a time was solved
            return []
        if max(abs(top["low"]), abs(top["high"])) <= ROUNDING["equivalent_variation"]:
            continue
        out.append(
            f"What moves {s.spoken(party)} most under {_title(s, scenario)}: {named(str(top['parameter']))}; "
            f"from its 5th to its 95th percentile, {_signed(top['low'])} to {_signed(top['high'])} a year."
        )
    return out


def named(parameter: str) -> str:
    """Return a parameter in words."""
    if parameter == "theta":
        return "all trade elasticities together"
    if parameter == "theta.set":
        return "the set of trade elasticities"
    if parameter == "theta.within":
        return "all trade elasticities of a set together"
    if parameter.startswith("theta.within."):
        return f"the trade elasticity of {sector_name(parameter.removeprefix('theta.within.'))} within its set"
    if parameter in MARKET_NUMBERS:
        return MARKET_NUMBERS[parameter]
    if parameter.startswith("theta."):
        return f"the trade elasticity of {sector_name(parameter.removeprefix('theta.'))}"
    return parameter


def _signed(millions: float) -> str:
    if math.isnan(millions):
        return "no equilibrium"
    return f"{'-' if millions < 0 else '+'}{dollars(abs(millions))}"
