"""A forecast of a deadline: of the record's by its method, of a case from its talks, or from stated probabilities."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from typing import Any

from entrepot.bargaining import case_talks
from entrepot.bargaining.case_talks import CaseTalks
from entrepot.cases import Case, load_case
from entrepot.errors import InputError
from entrepot.forecasting.forecast_file import Forecast
from entrepot.forecasting.record import METHOD, RecordEntry, record_entry, record_names
from entrepot.forecasting.scores import checked_probabilities
from entrepot.forecasting.talks_forecast import SLIP, Range, mean_ends, simple_forecast, with_slip

#: Ways in words, where a case does not name its own.
WAYS = {
    "deal": "The two sides agree by the day",
    "measure": "The measure is in force after the day",
    "nothing": "The day passes without either",
}
STATED = "Stated by whoever made the forecast"
BY_TALKS = (
    "The talks of the case, in which the threat may be a bluff, over the stated belief; then a part `slip` of the "
    "weight spread evenly over the ways"
)


def forecast(
    case: Case | str | os.PathLike[str],
    *,
    ways: Mapping[str, float] | None = None,
    belief: Range | None = None,
    cost: Range | None = None,
    slip: float | None = None,
    known_on: datetime.date | None = None,
    deadline: datetime.date | None = None,
    made_on: datetime.date | None = None,
) -> Forecast:
    """Return a forecast of how a deadline ends, from what was known on a day.

    case      a name of the record, or a Case, a bundled one by name, or a path
    ways      your own probabilities by way, which add up to one: deal, measure and nothing, or names of your own
    belief    without them: the target's belief that the threat is meant, as a range in which each value counts as much;
              default: the record's, or the prior of the case's talks
    cost      what signing costs the target over what the measure would, a range; for the record alone, as the deals of
              a case have a cost of their own
    slip      the weight of what the talks leave out, spread evenly over the ways (0.1)
    known_on  the last day whose facts it uses: default the record's, the last signal of the case's talks, or today
    deadline  the day on which the question is decided: default the record's, or that of the case
    made_on   default: today

    Raises `InputError` for numbers that cannot be, and for a case without a deadline or without talks.
    """
    today = made_on or datetime.date.today()
    if isinstance(case, str) and case in record_names():
        return _of_entry(record_entry(case), ways, belief, cost, slip, known_on, deadline, today)
    read = case if isinstance(case, Case) else load_case(case)
    due = deadline or deadline_of(read)
    if cost is not None:
        raise InputError("forecast: cost is of the record's simple talks; the deals of a case have a cost of their own")
    shared: dict[str, Any] = {
        "name": read.case,
        "title": read.title,
        "question": read.question,
        "made_on": today,
        "deadline": due,
    }
    if ways:
        _only_ways(belief, slip)
        return _stated(ways, known_on or min(today, due), shared)
    if read.beliefs is None:
        raise InputError(
            f"{read.case}: the case has no beliefs, so its talks give no probabilities; state them, as in "
            f"--way deal=60% --way measure=15% --way nothing=25%, or add the key 'beliefs' (docs/talks.md)"
        )
    solved = case_talks(read)
    held = belief or (solved.prior, solved.prior)
    weight = SLIP if slip is None else slip
    return Forecast(
        **shared,
        known_on=known_on or max([solved.spec.since, *(s.day for s in solved.spec.signals.values() if s.sent)]),
        ways=_in_words(solved),
        probabilities=with_slip(mean_ends(lambda _: solved.talks, held), weight),
        method=BY_TALKS,
        assumptions={"belief": list(held), "slip": weight, "case_sha256": read.fingerprint},
    )


def _of_entry(
    entry: RecordEntry,
    ways: Mapping[str, float] | None,
    belief: Range | None,
    cost: Range | None,
    slip: float | None,
    known_on: datetime.date | None,
    deadline: datetime.date | None,
    today: datetime.date,
) -> Forecast:
    shared: dict[str, Any] = {
        "name": entry.name,
        "title": entry.title,
        "question": entry.question,
        "made_on": today,
        "deadline": deadline or entry.deadline,
    }
    known = known_on or entry.known_on
    if ways:
        _only_ways(belief or cost, slip)
        return _stated(ways, known, shared, entry.ways)
    found, assumptions = simple_forecast(
        known,
        shared["deadline"],
        belief or entry.belief.pair,
        cost or entry.cost.pair,
        entry.slip if slip is None else slip,
    )
    why = {"belief_why": entry.belief.why} if belief is None else {}
    why |= {"cost_why": entry.cost.why} if cost is None else {}
    return Forecast(
        **shared, known_on=known, ways=entry.ways, probabilities=found, method=METHOD, assumptions=assumptions | why
    )


def _stated(
    ways: Mapping[str, float], known_on: datetime.date, shared: dict[str, Any], words: Mapping[str, str] = WAYS
) -> Forecast:
    held = {name: float(p) for name, p in checked_probabilities(ways).items()}
    named = {name: words.get(name, name) for name in held}
    return Forecast(**shared, known_on=known_on, ways=named, probabilities=held, method=STATED)


def _only_ways(talks: Any, slip: Any) -> None:
    if talks is not None or slip is not None:
        raise InputError(
            "forecast: state the probabilities of the ways, or what the talks are to be solved with, not both"
        )


def _in_words(solved: CaseTalks) -> dict[str, str]:
    """The ways of a case's talks: its deal and its measure by their titles."""
    game = solved.talks.game
    deals = dict.fromkeys([game.demand, *(s.demand for s in game.in_order if s.demand is not None)])
    signed = " or ".join(solved.titles[name] for name in deals)
    return WAYS | {"deal": f"Agreed: {signed}", "measure": f"In force: {solved.titles['measure']}"}


def deadline_of(case: Case) -> datetime.date:
    """The deadline of a case: that of its talks, else of its timeline. Raises `InputError` where it has none."""
    if case.beliefs is not None:
        return case.beliefs_until()
    stated = None if case.timeline is None else case.timeline.deadline
    if isinstance(stated, datetime.date):
        return stated
    clock = getattr(stated, "clock", None)
    if clock is not None:
        return case.due(clock)
    raise InputError(f"{case.case}: the case has no deadline; state one, as in --deadline 2026-07-04")
