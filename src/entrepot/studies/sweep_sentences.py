"""Sentences on what a sweep shows."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from entrepot.cases.distributions import KeyPath
from entrepot.errors import InputError
from entrepot.languages import in_english, in_quotation_marks, localised, plural, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.measures import Measure
from entrepot.measures.registry import instruments
from entrepot.studies.titles import case_title, measure_in_words, remarked
from entrepot.sweeping.solved_part import INADMISSIBLE, NONE_FOUND
from entrepot.sweeping.sweep_result import ROUNDING, Sweep
from entrepot.words import (
    NOISE,
    and_list,
    chance,
    counted,
    distinguished,
    dollars,
    few,
    joined_sentences,
    sector_name,
    short,
    signed_percent,
)

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
#: Numbers of a path and of a closure, in words.
CASE_NUMBERS = {
    "path.belief": "the belief that what is announced is carried out",
    "path.discount_rate": "the discount rate a year",
    "path.capital.share": "the share of capital in value added",
    "path.capital.depreciation": "the depreciation of capital a year",
    "path.capital.discount_factor": "the discount factor of savers a year",
    "path.inventories.interest": "the interest on goods in store a year",
    "path.inventories.storage": "the cost of storage a year",
    "path.inventories.crowding": "the rise of the cost of storage with the stock",
    "path.inventories.lead": "the days in which the stock is bought",
    "path.elasticities.short": "the first response of trade, as a part of the long run",
    "path.elasticities.years": "the years until trade elasticities are those of the long run",
    "path.mobility.stay": "the part of workers who stay in their sector a year",
    "path.mobility.nu": "the spread of workers' tastes for sectors",
    "path.mobility.discount_factor": "the discount factor of workers a year",
    "closure.labour_supply": "the elasticity of labour supply",
    "closure.labour.elastic": "the elasticity of labour supply",
    "closure.labour_tax": "the tax on labour income",
    "closure.labour_share": "the share of labour in value added",
    "closure.scale": "the elasticity of scale",
    "closure.capital": "the stock of capital, as a ratio to the base",
    "closure.competition.sigma": "the elasticity of substitution among firms",
}


def sentences(s: Sweep, level: float = 0.9) -> list[str]:
    """Return what is sure, what is in doubt, which offers would be signed, and what the answer depends on."""
    if s.plan.grid or "welfare" not in s.tables:
        return [_counts(s)]
    if not s.drawn:
        return [_counts(s), *_drivers(s)]
    if nothing_solved(s):
        return [_counts(s)]
    found = s.intervals("welfare", level)
    money = found[found["number"] == "equivalent_variation"]
    money = money.assign(moves=(gains_in_money(found)[["centre", "low", "high"]] != 0).any(axis=1))
    return [_counts(s), *_intervals(s, money, level), *_doubts(s, money), *_makers(s, level), *_offers(s), *_drivers(s)]


def gains_in_money(found: pd.DataFrame) -> pd.DataFrame:
    """Return the gains in money among intervals of welfare or points of a grid, with zeros where a run has them."""
    import numpy as np
    import pandas as pd

    money = found[found["number"] == "equivalent_variation"]
    ends = [end for end in ("centre", "low", "median", "high") if end in found]
    if "real_income_pct" in found:  # points, which have all numbers of a party in a row
        percents = money[["real_income_pct"] * len(ends)].set_axis(ends, axis=1)
    else:
        keys = list(found.columns[: found.columns.get_loc("number")])
        of_income = found[found["number"] == "real_income_pct"].set_index(keys)[ends]
        percents = of_income.reindex(pd.MultiIndex.from_frame(money[keys]))
    return money.assign(**{e: np.where(np.abs(percents[e].to_numpy()) < NOISE, 0.0, money[e]) for e in ends})


def _title(s: Sweep, scenario: str) -> str:
    return in_quotation_marks(case_title(s.plan.case, scenario))


def _titles(s: Sweep, scenarios: Iterable[str]) -> str:
    return and_list([_title(s, name) for name in scenarios])


def share(level: float) -> str:
    """Return a share as a percentage: 0.9 as "90%", 0.999 as "99.9%"."""
    return localised(f"{100 * level:.6g}%")


def _counts(s: Sweep) -> str:
    plan = s.plan
    numbers = len(plan.uncertain.names)
    drawn = translated("No draws")
    if plan.method != "draws":
        drawn = translated(
            "{members} members of a {method} design over {numbers} numbers",
            members=localised(f"{plan.size - plan.singles:,}"),
            method=plan.method.capitalize(),
            numbers=numbers,
        )
    elif plan.draws:
        draws = localised(f"{plan.draws:,}")
        drawn = plural(
            "{draws} draws of {number} uncertain number",
            "{draws} draws of {number} uncertain numbers",
            numbers,
            draws=draws,
        )
    if plan.uncertain.trade_sd:
        sd = localised(f"{plan.uncertain.trade_sd:g}")
        drawn = translated("{draws} and of every flow of trade (sd of its log {sd})", draws=drawn, sd=sd)
    axes = [
        plural(
            "{number} level of {axis}",
            "{number} levels of {axis}",
            len(axis.levels),
            axis=number_in_words(s, axis.name),
        )
        for axis in plan.grid
    ]
    if axes:
        where = "{draws} at each of {grid}" if plan.draws else "{draws}, {grid}"
        drawn = translated(where, draws=drawn, grid=translated("; ").join(axes))
    counts = translated("{draws}, {scenarios} each.", draws=drawn, scenarios=counted(len(plan.scenarios), "scenario"))
    return joined_sentences([counts, *_so_far(s), *lost(s), *left_out(s)])


def _so_far(s: Sweep) -> list[str]:
    """How much of a sweep that was stopped is solved."""
    if s.complete:
        return []
    done, members = (localised(f"{number:,}") for number in (s.members, s.plan.size))
    text = "So far: {done} of {members} members. The intervals still move."
    if s.plan.method == "morris" or not s.plan.draws:
        text = "So far: {done} of {members} members."
    elif not s.drawn:
        text = "So far: {done} of {members} members, one number at a time. The intervals come with the draws."
    return [translated(text, done=done, members=members)]


def lost(s: Sweep) -> list[str]:
    """Return how many members and solves are left out of the numbers, and why, with an example."""
    if not s.run.parts("failures"):
        return []
    failed = s.table("failures")
    kinds = failed["kind"].to_numpy()
    cannot, none = failed[kinds == INADMISSIBLE], failed[kinds == NONE_FOUND]
    paths = (cannot["scenario"] == "path").to_numpy()
    stated = [_cannot(s, cannot[paths], path=True), _cannot(s, cannot[~paths], path=False)]
    lines = [line for line in stated if line]
    if len(none):
        solves = s.members * len(s.plan.scenarios)
        lines.append(
            translated(
                "{lost} of {total} solves had no equilibrium and are left out.",
                lost=localised(f"{len(none):,}"),
                total=localised(f"{solves:,}"),
            )
        )
    return lines


def _cannot(s: Sweep, cannot: pd.DataFrame, path: bool) -> str:
    """Return how many members could not be put to the model, or not on their path, and why; "" for none."""
    if not len(cannot):
        return ""
    members = cannot["member"].nunique()
    words = {
        "total": localised(f"{s.members:,}"),
        "share": chance(members / s.members),
        "reason": translated_error(str(cannot["why"].iloc[0]).rstrip(".")),
    }
    if path:
        return plural(
            "{number} of {total} members ({share}) has no path and is left out. The reason: {reason}.",
            "{number} of {total} members ({share}) have no path and are left out. The reason of the first: {reason}.",
            members,
            **words,
        )
    if not s.plan.uncertain.names:  # the numbers are those of a grid
        return plural(
            "{number} of {total} members ({share}) had impossible values and is left out. One of them: {reason}.",
            "{number} of {total} members ({share}) had impossible values and are left out. One of them: {reason}.",
            members,
            **words,
        )
    return plural(
        "{number} of {total} members ({share}) had impossible values and is left out. One of them: {reason}. "
        "Bounds in the distribution (min, max) exclude such values.",
        "{number} of {total} members ({share}) had impossible values and are left out. One of them: {reason}. "
        "Bounds in the distribution (min, max) exclude such values.",
        members,
        **words,
    )


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
    """Return which scenarios of the case are not in the draws, and why; none where only its path is swept."""
    if s.plan.on_path_alone:
        return []
    case, names = s.plan.case, list(s.plan.left_out)
    answers = [name for name in names if case.scenarios[name].retaliations]
    lines = []
    if answers:
        such = " ".join(f"--scenario {name}" for name in answers)
        one = (
            "Not solved: {scenarios}, whose rates would be searched for in every draw or point (some 0.1 s each); "
            "{options} solves it."
        )
        many = (
            "Not solved: {scenarios}, whose rates would be searched for in every draw or point (some 0.1 s each); "
            "{options} solves them."
        )
        lines.append(translated(one if len(answers) == 1 else many, scenarios=_titles(s, answers), options=such))
    if others := [name for name in names if name not in answers]:
        lines.append(translated("Not requested: {scenarios}.", scenarios=few([_title(s, name) for name in others])))
    return lines


def _intervals(s: Sweep, money: pd.DataFrame, level: float) -> list[str]:
    """Return one line for each of three parties, on the first scenario."""
    out = []
    for party in s.plan.case.parties[:3]:
        rows = money[money["party"] == party]
        if rows.empty:
            continue
        row = rows.iloc[0]
        low, high = sorted((abs(row["low"]), abs(row["high"])))
        loses = "Under {scenario}, {who} loses between {low} and {high} a year in {share} of the draws."
        gains = "Under {scenario}, {who} gains between {low} and {high} a year in {share} of the draws."
        either = (
            "Under {scenario}, {who} may gain or lose: from a loss of {low} to a gain of {high} a year in {share} of "
            "the draws."
        )
        same = "Under {scenario}, nothing changes for {who} in {share} of the draws."
        ends = {"low": dollars(low), "high": dollars(high)}
        if high <= ROUNDING["equivalent_variation"] or not row["moves"]:
            ends, says = {}, same
        elif row["high"] < 0 or row["low"] > 0:
            says = loses if row["high"] < 0 else gains
        else:
            ends, says = {"low": dollars(row["low"]), "high": dollars(row["high"])}, either
        names = {"scenario": _title(s, row["scenario"]), "who": s.spoken(party), "share": share(level)}
        out.append(translated(says, **names, **ends))
    return out


def _doubts(s: Sweep, money: pd.DataFrame) -> list[str]:
    if 0 not in s.run.parts("draws"):  # which has the centre
        return []
    if money["flips"].isna().any():
        names = dict.fromkeys(money.loc[money["flips"].isna(), "scenario"])
        return [
            translated(
                "There is no equilibrium at the centre under {scenarios}, and so no sign there for draws to differ "
                "from.",
                scenarios=_titles(s, names),
            )
        ]
    doubtful = money[(money["flips"] > DOUBT) & (money["party"] != "WORLD") & money["moves"]]
    doubtful = doubtful.sort_values("flips", ascending=False)
    if doubtful.empty:
        part = localised(f"{100 * DOUBT:.0f}%")
        return [translated("No sign of a gain or loss changes in more than {share} of the draws.", share=part)]
    listed = [
        translated(
            "{who} under {scenario} ({share})",
            who=s.spoken(r["party"]),
            scenario=_title(s, r["scenario"]),
            share=chance(r["flips"]),
        )
        for _, r in doubtful.head(4).iterrows()
    ]
    more = translated(" and {number} more", number=len(doubtful) - 4) if len(doubtful) > 4 else ""
    return [
        translated(
            "Who gains and who loses is in doubt for {whom}: the part of the draws in which the sign changes.",
            whom=and_list(listed) + more,
        )
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
        parts.append(
            translated(
                "{low} to {high} for the makers of {country}",
                low=signed_percent(row["low"], 1),
                high=signed_percent(row["high"], 1),
                country=s.spoken(party),
            )
        )
    out = [
        translated(
            "Under {scenario}, profits in the market change by {changes} in {share} of the draws.",
            scenario=title,
            changes=and_list(parts),
            share=share(level),
        )
    ]
    with contextlib.suppress(InputError):  # stopped before one number at a time was solved
        top = s.tornado("profit_pct", "makers", scenario=s.plan.scenarios[0], owner=owners[0]).iloc[0]
        out.append(
            translated(
                "What moves the makers of {country} most there: {parameter}; from its 5th to its 95th percentile, "
                "{low} to {high} of profit.",
                country=s.spoken(owners[0]),
                parameter=number_in_words(s, str(top["parameter"])),
                low=signed_percent(top["low"], 1),
                high=signed_percent(top["high"], 1),
            )
        )
    return out


def _offers(s: Sweep) -> list[str]:
    try:
        signed = s.probabilities()
    except InputError:
        return []
    out = []
    for offer, rows in signed.groupby("offer", sort=False):
        each = [
            translated("{party} in {share}", party=s.short(r["party"]), share=chance(r["signs"]))
            for _, r in rows.iterrows()
        ]
        out.append(
            translated(
                "{offer}: all prefer it to the threat in {share} of the draws ({each}).",
                offer=offer_title(s, str(offer)),
                share=chance(rows["signed"].iloc[0]),
                each=and_list(each),
            )
        )
    return out


def offer_title(s: Sweep, offer: str) -> str:
    """Return the title of an offer on the table of the case; what is none is the status quo."""
    table = s.plan.case.table
    return translated(table.offers[offer].title if table and offer in table.offers else "Things as they are")


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
        if abs(top["high"] - top["low"]) <= ROUNDING["equivalent_variation"]:
            continue
        out.append(
            translated(
                "What moves {who} most under {scenario}: {parameter}; from its 5th to its 95th percentile, {low} to "
                "{high} a year.",
                who=s.spoken(party),
                scenario=_title(s, scenario),
                parameter=number_in_words(s, str(top["parameter"])),
                low=_signed(top["low"]),
                high=_signed(top["high"]),
            )
        )
    return out


def number_in_words(s: Sweep, name: str) -> str:
    """Return a number that a sweep draws, or an axis of its grid, in words; those that read alike name the scenario."""
    places = {p.name: p.place for p in s.plan.uncertain.parameters} | {axis.name: axis.place for axis in s.plan.grid}
    words = {
        other: _of_a_measure(s, place or ()) or _of_an_announcement(s, place or ()) or (named(other), "")
        for other, place in places.items()
    }
    apart = distinguished([text for text, _ in words.values()], [title for _, title in words.values()], remarked)
    return dict(zip(words, apart, strict=True)).get(name, named(name))


def _of_a_measure(s: Sweep, place: KeyPath) -> tuple[str, str] | None:
    """Return a number of a measure in words, and the title of its scenario; None for another number.

    `place` is where the number is in the case: scenarios, name, measures, position from 0, kind, key.
    """
    case = s.plan.case
    known = case.scenarios | ({} if case.base is None else {case.base.name: case.base.spec})
    if len(place) < 6 or (place[0], place[2]) != ("scenarios", "measures") or place[1] not in known:
        return None
    name, key = str(place[1]), str(place[5])
    measure, title = known[name].measures[int(place[3])], translated(known[name].title)
    if not isinstance(measure, Measure):  # a retaliation
        return remarked(key.replace("_", " "), title), title
    field = next((one for one in instruments()[measure.kind].form if one.key == key), None)
    if key == "cap":
        own = translated("volume allowed")
    else:
        own = translated(field.title) if field is not None else key.replace("_", " ")
    own = own[:1].lower() + own[1:] if in_english() else own
    return remarked(own, measure_in_words(measure, s.plan.economy.countries)), title


def _of_an_announcement(s: Sweep, place: KeyPath) -> tuple[str, str] | None:
    """Return the probability of what a path announces in words, and its first day; None for another number.

    `place` is where it is in the case: path, beliefs and the scenario, or in_force and the position from 0.
    """
    if len(place) != 4 or (place[0], place[3]) != ("path", "probability") or s.plan.case.in_time is None:
        return None
    name, day = str(place[2]), ""
    if place[1] == "in_force":
        entry = s.plan.case.in_time.in_force[int(place[2])]
        name, day = entry.scenario, str(entry.since)
    return remarked(translated(CASE_NUMBERS["path.belief"]), case_title(s.plan.case, name)), day


def named(parameter: str) -> str:
    """Return a parameter in words."""
    if parameter == "theta":
        return translated("all trade elasticities together")
    if parameter == "theta.set":
        return translated("the set of trade elasticities")
    if parameter == "theta.within":
        return translated("all trade elasticities of a set together")
    if parameter.startswith("theta.within."):
        sector = sector_name(parameter.removeprefix("theta.within."))
        return translated("the trade elasticity of {sector} within its set", sector=sector)
    if parameter in MARKET_NUMBERS:
        return translated(MARKET_NUMBERS[parameter])
    if parameter.startswith(("path.", "closure.")):
        return _of_the_case(parameter)
    if parameter.startswith("theta."):
        return translated("the trade elasticity of {sector}", sector=sector_name(parameter.removeprefix("theta.")))
    return parameter


def _of_the_case(parameter: str) -> str:
    """Return a number of a path or a closure in words, one of a place or a sector with its name."""
    for key in CASE_NUMBERS:
        if parameter == key:
            return translated(CASE_NUMBERS[key])
        if parameter.startswith(f"{key}."):
            places = map(sector_name, parameter.removeprefix(f"{key}.").split("."))
            return remarked(translated(CASE_NUMBERS[key]), translated(", ").join(map(short, places)))
    return parameter


def _signed(millions: float) -> str:
    if math.isnan(millions):
        return translated("no equilibrium")
    return f"{'-' if millions < 0 else '+'}{dollars(abs(millions))}"
