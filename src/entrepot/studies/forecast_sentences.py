"""Forecasts and their scores in sentences."""

from __future__ import annotations

from entrepot.forecasting import Forecast, Record, bundled_record
from entrepot.languages import if_known, localised, translated
from entrepot.words import and_list, chance, day, or_list, sentence, stated_share, whole_percent


def answer(forecast: Forecast) -> tuple[str, ...]:
    """Return what is held likely, by the most likely way, and whether the day is past."""
    by_size = sorted(forecast.probabilities.items(), key=lambda pair: -pair[1])
    parts = [f"{chance(p)} {translated(way)}" for way, p in by_size]
    shown = and_list(parts)
    if sum(whole_percent(p) for _, p in by_size) != 100:
        shown = translated("{ways}, rounded", ways=shown)
    first = translated(
        "{title}: {ways}, from what was known on {known}.",
        title=if_known(forecast.title),
        ways=shown,
        known=day(forecast.known_on),
    )
    likely = translated("Most likely: {what}.", what=_way(forecast.ways[by_size[0][0]]).rstrip(".。"))
    if not forecast.in_hindsight:
        due = translated("The day is {deadline}.", deadline=day(forecast.deadline))
        return sentence(first), likely, due, *_why(forecast)
    if forecast.ended_on is None or forecast.ended_on >= forecast.deadline:
        hindsight = translated(
            "The day was {deadline}: this is made in hindsight, and is not a forecast.", deadline=day(forecast.deadline)
        )
    else:
        hindsight = translated(
            "It ended on {ended}, before the day, {deadline}: this is made in hindsight, and is not a forecast.",
            ended=day(forecast.ended_on),
            deadline=day(forecast.deadline),
        )
    return sentence(first), likely, hindsight, *_why(forecast)


def _way(text: str) -> str:
    """Return a way in the language in use; those of talks are kept as "Agreed: DEAL or DEAL", "In force: MEASURE"."""
    kind, colon, titles = text.partition(": ")
    if colon and kind == "Agreed":
        each = [if_known(title) for title in titles.split(" or ")]
        apart = if_known(titles) == titles and set(each).isdisjoint(titles.split(" or "))
        return translated("Agreed: {deals}", deals=or_list(each) if apart else if_known(titles))
    if colon and kind == "In force":
        return translated("In force: {measure}", measure=if_known(titles))
    return if_known(text)


def _why(forecast: Forecast) -> tuple[str, ...]:
    """Return what decides in a forecast by talks, and the name of another one of the same deadline."""
    belief, cost = (forecast.assumptions.get(key) for key in ("belief", "cost"))
    if belief is None or cost is None:
        return ()
    rule = translated(
        "The target signs where its belief ({belief}) is above what signing costs it, as a part of what the measure "
        "would ({cost}).",
        belief=stated(belief),
        cost=stated(cost),
    )
    same = [(e.name, e.case) for e in bundled_record().entries if e.case and forecast.name in (e.name, e.case)]
    other = [case if name == forecast.name else name for name, case in same]
    text = "'entrepot forecast {other}' is of the same deadline with other demands, so another cost of signing."
    return rule, *(translated(text, other=name) for name in other)


def of_record(record: Record) -> tuple[str, ...]:
    """Return what the record says and what it does not, n first."""
    number, means = len(record.entries), record.means
    scores = translated(
        "{number} deadlines: a mean Brier score of {brier} (0 is best, 2 worst), beside {base} for the base rate "
        "and {even} for even odds; logarithmic {log}, {base_log} and {even_log}.",
        number=number,
        brier=score(means["brier"]),
        base=score(means["base_brier"]),
        even=score(means["even_brier"]),
        log=score(means["log"]),
        base_log=score(means["base_log"]),
        even_log=score(means["even_log"]),
    )
    none = translated(
        "With n = {number} nothing can be concluded about skill: even if every one were better than the base rate, a "
        "sign test could not give a p-value below {least}.",
        number=number,
        least=localised(f"{record.least_p:.3g}"),
    )
    hindsight = translated(
        "The rules of these forecasts were written when all outcomes were known; they use no fact of after their day, "
        "and no rule can undo the choice of the rules."
    )
    common = translated(
        "They are those of talks of one turn: the talks of cases ('entrepot talks') are not scored. The target's "
        "belief stands for the forecaster's own."
    )
    return scores, *_other_days(record), none, hindsight, common


def _other_days(record: Record) -> tuple[str, ...]:
    """The days that were chosen here and decide the outcome, with the scores by the other choice."""
    found = []
    titles = {entry.name: entry for entry in record.entries}
    for (name, what, instead), row in record.other_days.iterrows():
        entry = titles[name]
        if row["outcome"] == entry.outcome.way:
            continue
        chosen = entry.deadline if what == "deadline" else entry.until
        found.append(
            translated(
                "The day of {name}, {chosen}, was chosen here with its outcome known: by {instead} it ends in "
                "{way}, which scores {brier}, and the mean is {mean}.",
                name=name,
                chosen=day(chosen),
                instead=day(instead),
                way=heading(row["outcome"]),
                brier=score(row["brier"]),
                mean=score(row["mean_brier"]),
            )
        )
    return tuple(found)


def score(value: float) -> str:
    """Return a score with three decimals, or "infinite" where what happened was held impossible."""
    return localised(f"{value:.3f}") if value < float("inf") else translated("infinite")


def heading(column: str) -> str:
    """Return the heading of a column of scores, and the name of an assumption, in the language in use."""
    words = {
        "deadline of": translated("deadline of"),
        "forecast of": translated("forecast of"),
        "made_on": translated("made on"),
        "known_on": translated("known on"),
        "deadline": translated("deadline"),
        "outcome": translated("outcome"),
        "probability": translated("probability"),
        "deal": translated("deal"),
        "measure": translated("measure"),
        "nothing": translated("nothing"),
        "brier": translated("Brier"),
        "log": translated("log"),
        "base_rate": translated("base rate"),
        "base_brier": translated("Brier, base rate"),
        "base_log": translated("log, base rate"),
        "in_hindsight": translated("in hindsight"),
        "belief": translated("belief that the threat is meant"),
        "cost": translated("cost of signing, over that of the measure"),
        "slip": translated("weight of what the talks leave out"),
        "belief_why": translated("why that belief"),
        "cost_why": translated("why that cost"),
        "case_sha256": translated("SHA-256 of the case"),
        "method": translated("method"),
    }
    return words.get(column, column)


def stated(value: object) -> str:
    """Return an assumption as text: a range as "20% to 80%", a part as a percentage, a text as it is."""
    if isinstance(value, list):
        low, high = (float(number) for number in value)
        ends = {"low": stated_share(low), "high": stated_share(high)}
        return ends["low"] if low == high else translated("{low} to {high}", **ends)
    return stated_share(value) if isinstance(value, float) else if_known(str(value))
