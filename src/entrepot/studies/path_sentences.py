"""The answer of a case's path in sentences: who gains over the window, what is bought early, and what it stands on."""

from __future__ import annotations

from entrepot.cases.case_path import CasePath
from entrepot.languages import Translation, in_quotation_marks, localised, translated
from entrepot.measures import Measure
from entrepot.shell import for_shell
from entrepot.studies.headline import basis_clauses, range_of_theta
from entrepot.studies.path_frames import extremes, labels, market_in_words, markets_frame
from entrepot.studies.provenance import called
from entrepot.words import (
    and_list,
    day,
    dollars,
    gains_or_loses,
    joined_sentences,
    percent,
    percent_size,
    sentence,
    stated_share,
)


def path_sentences(found: CasePath) -> list[str]:
    """Return one to three lines: gains over the window, what is bought early, and when trade is most and least."""
    if not found.path.steps:
        return [translated("The path was interrupted before its first step.")]
    return [_gains(found), *_early(found), *_trade(found)]


def _gains(found: CasePath) -> str:
    totals = found.totals["equivalent_variation"]
    income = dict(zip(found.path.economy.countries, found.path.economy.income, strict=True))
    years = sum(s.step.length for s in found.path.steps)
    parts = []
    for party in found.case.parties:
        earned = years * sum(float(income[code]) for code in found.members(party))
        moves = gains_or_loses(float(totals[party]), 100 * float(totals[party]) / earned)
        parts.append(translated("{who} {moves}", who=found.spoken(party), moves=moves))
    numbers = {
        "since": day(found.path.days[0]),
        "until": day(found.path.steps[-1].step.end),
        "rate": localised(f"{100 * found.plan.discount_rate:.3g}%"),
        "moves": and_list(parts),
    }
    if conditions := _conditions(found):
        return translated(
            "If {conditions}, {moves} in real income over {since} to {until}, discounted at {rate} a year.",
            conditions=and_list([_clause(found, k) for k in conditions]),
            **numbers,
        )
    return translated("In real income over {since} to {until}, discounted at {rate} a year, {moves}.", **numbers)


def _conditions(found: CasePath) -> list[int]:
    """Return the positions of the scenarios in force that may turn out otherwise than on this path.

    Those that lapse or are not certain; without any, those that begin from the first deadline in the window on.
    """
    entries = [entry for _, entry in found.plan.in_force]
    first, end = found.path.days[0], found.path.steps[-1].step.end
    deadlines = [date for date in found.plan.deadlines if first <= date < end]
    uncertain = [k for k, entry in enumerate(entries) if not entry.carried_out or _chance(entry.probability) < 1]
    if not uncertain and deadlines:
        return [k for k, entry in enumerate(entries) if entry.since >= deadlines[0]]
    return uncertain


def _clause(found: CasePath, k: int) -> str:
    _, entry = found.plan.in_force[k]
    return translated(
        "{title} is carried out on {day}" if entry.carried_out else "{title} is not carried out on {day}",
        title=in_quotation_marks(translated(found.case.scenarios[entry.scenario].title)),
        day=day(entry.since),
    )


def _chance(probability: float | None) -> float:
    return 1.0 if probability is None else probability


def _early(found: CasePath) -> list[str]:
    """Say what importers buy ahead of the measure that they store most for, and what keeping all stocks costs."""
    if not found.path.complete and "inventories" in found.spec.built():
        return [translated("What is bought early was not solved before the interruption, and is in no number here.")]
    table = found.path.surges
    if table.empty or not float(table["surge"].max()) > 0:
        if "inventories" in found.spec.built():
            return [
                translated(
                    "Nothing is bought early: no measure that is expected raises the price of what can be stored by "
                    "enough to pay for keeping it."
                )
            ]
        return []
    k = int(table["surge"].to_numpy().argmax())
    row, surge = table.iloc[k], found.path.stockpiles[k]
    title = and_list([in_quotation_marks(translated(found.path.entries[k].title)) for k in surge.entries])
    named = translated("{title} ({day})", title=title, day=day(surge.day))
    numbers = {
        "measure": translated("this measure")
        if len(surge.entries) == 1 and list(surge.entries) == _conditions(found)
        else named,
        "money": dollars(float(row["surge"])),
        "stock": localised(f"{float(row['surge_days']):.0f}"),
        "hole": localised(f"{float(row['hole_days']):.0f}"),
        "chance": stated_share(surge.probability),
    }
    if not surge.carried_out:
        early = translated(
            "Ahead of {measure}, believed with {chance}, importers buy {money} early, {stock} days of imports of "
            "what it would hit; it lapses, and they import none of that for {hole} days on average.",
            **numbers,
        )
    elif surge.probability < 1:
        early = translated(
            "Ahead of {measure}, believed with {chance}, importers buy {money} early, {stock} days of imports of "
            "what it hits, and import none of that for {hole} days after it on average.",
            **numbers,
        )
    else:
        early = translated(
            "Ahead of {measure}, which is certain, importers buy {money} early, {stock} days of imports of what "
            "it hits, and import none of that for {hole} days after it on average.",
            **numbers,
        )
    keeping = dollars(float(table["keeping_cost"].sum()))
    cost = translated("Keeping what is bought early costs {money}, which real income leaves out.", money=keeping)
    return [Translation(joined_sentences([early, cost, *_uncollected(found)]))]


def _uncollected(found: CasePath) -> list[str]:
    """Say that what is bought early escapes an export tax or a minimum price, which real income does not know."""
    ahead = (k for surge in found.path.stockpiles if surge.surge.sum() > 0 for k in surge.entries)
    if not any(_collected_abroad(measure) for k in ahead for measure in found.path.entries[k].scenario):
        return []
    return [
        translated(
            "On what is bought early no export tax or minimum price is paid; real income counts it as if it were."
        )
    ]


def _collected_abroad(measure: Measure) -> bool:
    """Return whether exporters or their governments collect on a measure, so that it is in no duties of a surge."""
    kept = measure.kind == "minimum_price" and getattr(measure, "rent", "") == "exporter"
    return kept or measure.kind == "export_tax"


def _trade(found: CasePath) -> list[str]:
    """Say in which quarters imports of the first market are highest and lowest."""
    peaks, text = _peaks(found), "{market} are highest in {high}, {above}, and lowest in {low}, {below}."
    return [translated(text, **peaks)] if peaks else []


def path_finding(found: CasePath) -> str:
    """Return the finding as the title of a picture: when trade is most and least, or who gains."""
    peaks = _peaks(found)
    return translated("{market}: {above} in {high}, {below} in {low}.", **peaks) if peaks else _gains(found)


def _peaks(found: CasePath) -> dict[str, str]:
    """Return the first market, the steps in which its imports are highest and lowest, and how far from the base.

    Empty without a market.
    """
    if not found.path.by_market:
        return {}
    market = next(iter(found.path.by_market))
    table = markets_frame(found)
    against = table.loc[table["market"] == market, "imports_pct"].to_numpy(dtype=float)
    high, low = extremes(found, market)
    names = labels(found)

    def change(k: int) -> str:
        if abs(against[k]) < 0.0005:
            return translated("as in the base")
        size = percent_size(abs(float(against[k])))
        return translated("{size} above the base" if against[k] >= 0 else "{size} below the base", size=size)

    ends = {"high": names[high], "above": change(high), "low": names[low], "below": change(low)}
    return {"market": sentence(market_in_words(found, market)), **ends}


def path_assumptions(found: CasePath) -> list[str]:
    """Return the numbers that a path assumes, each with its value: "belief 40%", "storage 15%"."""
    spec, built = found.spec, found.spec.built()
    out = []
    beliefs = {entry.probability or 0.0 for _, entry in found.plan.in_force if entry.announced is not None}
    if spec.expectations == "beliefs" and beliefs:
        out.append(translated("belief {shares}", shares=and_list([percent(b) for b in sorted(beliefs)])))
    if "inventories" in built:
        held = built["inventories"]
        out.append(translated("storage {storage}", storage=percent(held.storage)))
        out.append(translated("interest {interest}", interest=percent(held.interest)))
        out.append(translated("crowding {crowding}", crowding=localised(f"{held.crowding:g}")))
        out.append(translated("lead {days} days", days=localised(f"{held.lead}")))
    if "capital" in built:
        capital = built["capital"]
        out.append(translated("depreciation {rate}", rate=percent(capital.depreciation)))
        out.append(translated("discount factor {factor}", factor=localised(f"{capital.discount_factor:g}")))
    if "elasticities" in built:
        grown = built["elasticities"]
        out.append(translated("elasticities at {short} for a start", short=percent(grown.short)))
        out.append(translated("whole after {years} years", years=localised(f"{grown.years:g}")))
    if "mobility" in built:
        moving = built["mobility"]
        out.append(translated("{stay} of workers stay in their sector a year", stay=percent(moving.stay)))
        out.append(translated("spread of tastes {nu}", nu=localised(f"{moving.nu:g}")))
    return out


def path_sure(found: CasePath, file: str = "") -> str:
    """Return how sure the answer is: what it assumes, and a command that varies one of these numbers.

    file  how the command names the case; default: as it was opened
    """
    stated = path_assumptions(found)
    name = _swept(found)
    if not stated or name is None:
        return translated("one path of one set of elasticities; nothing of it is drawn.")
    command = f"entrepot sweep {for_shell(file or called(found.case))} --grid {name}"
    return translated(
        "assumed, not estimated: {numbers}; try {command}.",
        numbers=translated(", ").join(stated),
        command=command,
    )


def _swept(found: CasePath) -> str | None:
    """Return a grid over the first number that the path assumes."""
    built = found.spec.built()
    if path_assumptions(found) and found.spec.expectations == "beliefs" and _believed(found):
        return "belief=0:1:5"
    grids = {
        "inventories": "storage=0:0.3:4",
        "capital": "depreciation=0.04:0.1:4",
        "elasticities": "short=0.2:1:5",
        "mobility": "stay=0.5:1:6",
    }
    return next((grid for part, grid in grids.items() if part in built), None)


def _believed(found: CasePath) -> bool:
    return any(entry.announced is not None for _, entry in found.plan.in_force)


def path_basis(found: CasePath) -> str:
    """Return what the path stands on: base, steps, expectations, elasticities and deficits."""
    expects = {
        "foresight": translated("everybody knows all of it from the first day"),
        "myopic": translated("nobody expects anything"),
        "beliefs": translated("what is announced is believed with its probability until its day"),
    }[found.spec.expectations]
    steps = translated("path by year" if found.spec.step == "year" else "path by quarter")
    time = f"{steps}; {expects}; {_factors(found)}"
    return translated("{text}.", text=basis_clauses(found, theta=_elasticities(found), time=time))


def _elasticities(found: CasePath) -> str:
    """Return the range of trade elasticities, and how they come to it after a change."""
    grown, theta = found.spec.built().get("elasticities"), range_of_theta(found)
    if grown is None:
        return translated("{theta}, at once after each change", theta=theta)
    return translated(
        "{theta}: {short} of these just after each change of a flow, and the whole after {years} years",
        theta=theta,
        short=percent(grown.short),
        years=localised(f"{grown.years:g}"),
    )


def _factors(found: CasePath) -> str:
    """Return which factors move within a step."""
    if found.spec.mobility is not None:
        return translated("workers of {country} move at a cost", country=found.spoken(found.spec.mobility.country))
    if found.case.closure.horizon == "short":
        return translated("labour moves and each sector has its own capital")
    return translated("factors move among sectors")


def path_more(found: CasePath) -> str:
    """Return the commands that show the rest."""
    name = for_shell(called(found.case))
    parts = [translated("--full (every table)")]
    if found.spec.expectations == "beliefs" and _believed(found):
        parts.append(translated("--belief 0.8"))
    parts += [
        translated("--out FOLDER (report)"),
        f"entrepot figure {name} path -o path.svg",
    ]
    return translated("{parts}.", parts=translated("; ").join(parts))


def interrupted(found: CasePath) -> str:
    """Return until when a path is solved that was interrupted; "" of a whole one."""
    if found.path.complete:
        return ""
    if not found.path.steps:
        return translated("Interrupted before the first step.")
    return translated("Interrupted: the path is solved until {day}.", day=day(found.path.steps[-1].step.end))
