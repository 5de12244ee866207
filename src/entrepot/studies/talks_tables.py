"""The tables of talks in which a threat may be a bluff, as cells and tidy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from entrepot.bargaining.case_talks import CaseTalks
from entrepot.languages import localised, translated
from entrepot.studies.bargain_tables import Section, table_section
from entrepot.studies.talks_words import PARTS, belief, ends_in, signs_or_offers
from entrepot.words import and_list, day, figure, money_unit

if TYPE_CHECKING:
    import pandas as pd


def beliefs_shown(found: CaseTalks, most: int | None = None) -> list[float]:
    """Return the beliefs at which the first table has a row, `most` of them: prior, thresholds, and the ends."""
    cuts = found.talks.solution.worth().cuts
    thresholds = [_breakpoint(value, cuts) for value in found.thresholds().values() if 0 < value < 1]
    wanted = dict.fromkeys([found.prior, *thresholds, 0.0, 1.0, min([found.prior, *thresholds]) / 2])
    return sorted(list(wanted)[:most])


def _breakpoint(value: float, cuts: Iterable[float]) -> float:
    """Return a breakpoint that a threshold equals up to rounding, so that a row is on the upper side of it."""
    return next((cut for cut in cuts if abs(cut - value) < 1e-12), value)


def by_belief(found: CaseTalks, most: int | None = None) -> Section:
    """Return how the talks end, and what they are worth, at several beliefs."""
    data = found.over_beliefs(beliefs_shown(found, most))
    game = found.talks.game
    sides = game.payoffs.threatener, game.payoffs.target
    over = {who: data[f"worth to {who}"] for who in sides}
    unit = money_unit([value for column in over.values() for value in column])
    cuts = found.talks.solution.worth().cuts
    rows = [
        [
            # At a breakpoint the target is indifferent; the row is what holds on its upper side.
            translated("just above {belief}" if row["belief"] in cuts else "{belief}", belief=belief(row["belief"])),
            which_deal(found, row),
            *(ends_in(float(row[way])) for way in ("deal", "measure", "nothing")),
            *(unit.cell(float(over[who].iloc[k])) for who in sides),
        ]
        for k, row in enumerate(data.to_dict("records"))
    ]
    head = ["belief", "which deal", "a deal", "the measure", "nothing"]
    head += [found.short(who) for who in sides]
    note = _against_now(found, translated(unit.name), f"{game.clock.years:g}")
    return table_section("How the talks end, by the belief on the first day", head, rows, note, 2)


def which_deal(found: CaseTalks, row: Mapping[Any, Any]) -> str:
    """Return the deals that the talks end in, in a row of `over`, each with its probability where there are several."""
    parts = {name: float(row[f"deal {name}"]) for name in found.talks.by_deal if round(row[f"deal {name}"], 9) > 0}
    titles = {name: translated(found.titles[name]) for name in parts}
    if len(parts) < 2:
        return "".join(titles.values())
    return and_list([f"{title} {ends_in(parts[name])}" for name, title in titles.items()])


def _included(found: CaseTalks, varied: str = "") -> list[str]:
    """Return the names of what ends are worth to a type beyond the objective, which money of the threatener counts."""
    types = found.talks.game.types
    stated = [f"worth.{kind.name}.{way}" for kind in types for way, value in kind.worth.items() if value]
    return list(dict.fromkeys([*stated, *([varied] if varied.startswith("worth.") else [])]))


def _against_now(found: CaseTalks, unit: str, years: str, varied: str = "") -> str:
    counted = _included(found, varied)
    if not counted:
        text = "{unit} against things as they are, present value over {years} years."
        return translated(text, unit=unit, years=years)
    return translated(
        "{unit} against now, present value over {years} years; {threatener}: {numbers} included.",
        unit=unit,
        years=years,
        threatener=found.short(found.talks.game.payoffs.threatener),
        numbers=and_list(counted),
    )


def over_number(found: CaseTalks, name: str, values: Iterable[float]) -> tuple[Section, pd.DataFrame]:
    """Return how the talks end by the values of a number, as cells and tidy; money is against things as they are."""
    data = found.over(name, values)
    worth = [column for column in data if str(column).startswith("worth to ")]
    unit = money_unit([float(value) for column in worth for value in data[column]])
    part = name.split(".")[0] in PARTS
    rows = [
        [
            belief(row[name]) if part else localised(figure(row[name])),
            which_deal(found, row),
            *(ends_in(float(row[way])) for way in ("deal", "measure", "nothing")),
            *(unit.cell(float(row[column])) for column in worth),
        ]
        for row in data.to_dict("records")
    ]
    head = [name, "which deal", "a deal", "the measure", "nothing"]
    types, sides = found.talks.by_type, found.talks.game.payoffs
    head += [translated("type {name}", name=kind) for kind in types]
    head += [found.short(who) for who in (sides.threatener, sides.target)]
    years = found.talks.game.clock.years
    if name != "years":
        data["years"] = years
    counted = _included(found, name)
    included = f"; {sides.threatener}: {', '.join(counted)} included" if counted else ""
    data["money"] = f"US$ million against things as they are, present value over the years{included}"
    over_years = f"{years:g}" if name != "years" else "; ".join(f"{value:g}" for value in data["years"])
    note = _against_now(found, translated(unit.name), over_years, name)
    return table_section("How the talks end", head, rows, note, 2), data


def signing(found: CaseTalks) -> list[str]:
    """Return for each row of the belief by day at what beliefs the target signs, in words; empty for a signal."""
    return [
        "" if step.event else signs_or_offers(found, stage, found.talks.past(stage))
        for stage, step in enumerate(found.belief_by_day)
    ]


def by_day(found: CaseTalks) -> Section:
    """Return the belief day by day, and from what belief on to sign."""
    rows = []
    for step, signs in zip(found.belief_by_day, signing(found), strict=True):
        if step.event:
            title = translated(found.spec.signals[step.event].title)
            what = title if step.sent else translated("not sent: {signal}", signal=title)
        else:
            what = translated("{target}'s turn", target=found.short(found.talks.game.payoffs.target))
        rows.append([day(found.date(step.day)), what, belief(step.belief), signs, ends_in(step.probability)])
    note = (
        "After the signals that were sent. Last, the probability of the signal, or that the turn passes without a deal."
    )
    head = ["day", "what happens", "belief", "signs", "probability"]
    return table_section("The belief by day", head, rows, note, 2)


def signals(found: CaseTalks) -> Section | None:
    """Return what each signal is worth to each type and side, beside the others and alone."""
    beside, alone = (t.to_dict("records") for t in (found.talks.signal_worth, found.talks.signal_alone))
    if not beside:
        return None
    game = found.talks.game
    who = [*(t.name for t in game.types), game.payoffs.threatener, game.payoffs.target]
    unit = money_unit([float(row[name]) for row in (*beside, *alone) for name in who])
    rows = [
        [
            translated(found.spec.signals[str(row["signal"])].title),
            translated(how),
            *(unit.cell(float(row[n])) for n in who),
        ]
        for pair in zip(beside, alone, strict=True)
        for row, how in zip(pair, ("beside the others", "alone"), strict=True)
    ]
    head = ["signal", "", *(translated("type {name}", name=t.name) for t in game.types)]
    head += [translated("worth to {party}", party=found.short(name)) for name in who[2:]]
    counted = _included(found)
    text = "{unit}, present value: what it is worth that the signal can be sent."
    if counted:
        text = (
            "{unit}, present value: what it is worth that the signal can be sent; {threatener} and its types: "
            "{numbers} included."
        )
    side = found.short(game.payoffs.threatener)
    note = translated(text, unit=translated(unit.name), threatener=side, numbers=and_list(counted))
    return table_section("What each signal is worth", head, rows, note, 2)


def talks_sections(found: CaseTalks) -> list[Section]:
    """Return every table of the page."""
    made = [by_belief(found), by_day(found), signals(found)]
    return [section for section in made if section is not None]


def talks_data(found: CaseTalks, points: int = 101) -> dict[str, pd.DataFrame]:
    """Return tidy tables for files and pictures.

    `beliefs` has the ends and the worth of the talks at beliefs from 0 to 1, `points` of them beside the breakpoints;
    `days` the belief by day; `signals` what each is worth; `ends` every way in which the talks end.
    """
    import numpy as np
    import pandas as pd

    at = sorted({*np.linspace(0, 1, points), *found.talks.solution.worth().cuts, found.prior})
    days = pd.DataFrame([step._asdict() for step in found.belief_by_day])
    days.insert(0, "date", [found.date(step.day).isoformat() for step in found.belief_by_day])
    return {
        "beliefs": found.over_beliefs(at),
        "days": days,
        "signals": found.talks.signal_worth,
        "ends": found.talks.to_frame(),
    }
