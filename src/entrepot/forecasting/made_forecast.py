"""A forecast of a deadline: of the record's by its method, of a case from its talks, or from stated probabilities."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from typing import Any

from entrepot.bargaining import case_talks
from entrepot.bargaining.case_talks import CaseTalks
from entrepot.cases import Case, load_case
from entrepot.cases.bargaining_table import OfferSpec
from entrepot.cases.beliefs_spec import DemandSpec
from entrepot.dates import read_date
from entrepot.errors import InputError
from entrepot.forecasting.forecast_file import Forecast
from entrepot.forecasting.record import METHOD, WRITTEN, RecordEntry, latest_day, record_entry, record_names
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
    known_on: datetime.date | str | None = None,
    deadline: datetime.date | str | None = None,
    made_on: datetime.date | str | None = None,
) -> Forecast:
    """Return a forecast of how a deadline ends, from what was known on a day.

    case      a name of the record, or a Case, a bundled one by name, or a path; or, with `ways` and a deadline, a
              question of your own: a text with a blank
    ways      your own probabilities by way, which add up to one: deal, measure and nothing, or names of your own
    belief    without them: the target's belief that the threat is meant, as a range in which each value counts as much;
              default: the record's, or the prior of the case's talks
    cost      what signing costs the target over what the measure would, a range; for the record alone, as the deals of
              a case have a cost of their own
    slip      the weight of what the talks leave out, spread evenly over the ways (0.1)
    known_on  the last day whose facts it uses: default the record's for its own numbers, and for yours today or the
              deadline, what is earlier; for the talks of a case the last of the days and sources that they use
    deadline  the day on which the question is decided, for a case that has none
    made_on   default: today

    Raises `InputError` for numbers that cannot be, for a day that the case or the record contradicts, and for a case
    without a deadline or without talks.
    """
    today = read_date("made_on", made_on) or datetime.date.today()
    known_on, deadline = read_date("known_on", known_on), read_date("deadline", deadline)
    if isinstance(case, str) and ways and " " in case and not os.path.exists(case):
        return _of_question(case, ways, belief or cost, slip, known_on, deadline, today)
    if isinstance(case, str) and case in record_names():
        return _of_entry(record_entry(case), ways, belief, cost, slip, known_on, deadline, today)
    read = case if isinstance(case, Case) else load_case(case)
    due = _due(read, deadline)
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
        began = first_day(read)
        if known_on is not None and began is not None and known_on < began:
            raise InputError(
                f"{read.case}: its threat is of {began}, so nothing about it was known on {known_on}; state --known-on "
                "from that day on"
            )
        return _stated(ways, known_on or min(today, due), shared)
    if read.beliefs is None:
        raise InputError(
            f"{read.case}: the case has no beliefs, so its talks give no probabilities; state them, as in "
            f"--way deal=60% --way measure=15% --way nothing=25%, or add the key 'beliefs' (docs/talks.md)"
        )
    used = last_used(read)
    if known_on is not None and known_on < used:
        raise InputError(
            f"{read.case}: its talks use what is of {used}, so they cannot be a forecast from what was known on "
            f"{known_on}; state your own probabilities with --way"
        )
    if used > due:
        raise InputError(f"{read.case}: its talks use what is of {used}, after the deadline, {due}; state --way")
    if belief is not None or slip is not None:  # numbers of a reader, who knows what is known today
        used = max(used, min(today, due))
    solved = case_talks(read)
    held, weight = belief or (solved.prior, solved.prior), SLIP if slip is None else slip
    return _of_talks(read, solved, held, weight, known_on or used, shared)


def forecast_of_talks(case: Case, solved: CaseTalks, moved: bool = False) -> Forecast:
    """Return the forecast that the talks of a case give at their own belief, as `forecast` does from the case.

    moved  whether a reader, who knows what is known today, has replaced numbers of the case

    Raises `InputError` for talks that use what is of after the deadline.
    """
    today, due, used = datetime.date.today(), deadline_of(case), last_used(case)
    if used > due:
        raise InputError(f"{case.case}: its talks use what is of {used}, after the deadline, {due}")
    used = max(used, min(today, due)) if moved else used
    shared: dict[str, Any] = {"name": case.case, "title": case.title, "question": case.question}
    shared |= {"made_on": today, "deadline": due}
    return _of_talks(case, solved, (solved.prior, solved.prior), SLIP, used, shared)


def _of_talks(
    case: Case, solved: CaseTalks, belief: tuple[float, float], slip: float, known_on: datetime.date, shared: Any
) -> Forecast:
    assumed = {"belief": list(belief), **_cost_of_signing(solved), "slip": slip}
    return Forecast(
        **shared,
        known_on=known_on,
        ways=_in_words(solved),
        probabilities=with_slip(mean_ends(lambda _: solved.talks, belief), slip),
        method=BY_TALKS,
        assumptions={**assumed, "case_sha256": case.fingerprint},
    )


def _cost_of_signing(solved: CaseTalks) -> dict[str, list[float]]:
    """What the deals that may be demanded cost the target over what the measure would, as (least, most)."""
    payoffs = solved.talks.game.payoffs
    loss = payoffs.now[1] - payoffs.with_measure[1]
    if solved.talks.game.at_deadline(frozenset())[0] != (True, False):  # the rule is of one type that acts, the first
        return {}
    costs = [(payoffs.now[1] - payoffs.deals[name][1]) / loss for name in solved.demanded_after()] if loss > 0 else []
    return {"cost": [min(costs), max(costs)]} if costs and min(costs) >= 0 else {}


def _of_question(
    text: str,
    ways: Mapping[str, float],
    talks: Range | None,
    slip: float | None,
    known_on: datetime.date | None,
    deadline: datetime.date | None,
    today: datetime.date,
) -> Forecast:
    """A forecast of a question that is neither of the record nor a case."""
    _only_ways(talks, slip)
    if deadline is None:
        raise InputError(f"{text!r} is not a case, so the day on which it is decided is needed: --deadline 2026-07-04")
    name = "-".join(re.findall(r"\w+", text.lower()))
    shared = {"name": name, "title": text, "question": text, "made_on": today, "deadline": deadline}
    return _stated(ways, known_on or min(today, deadline), shared)


def first_day(case: Case) -> datetime.date | None:
    """The first day of the threat of a case: of its talks, or on which its path announces it; None without either."""
    if case.beliefs is not None:
        return case.beliefs.since
    entries = case.in_time.in_force if case.in_time is not None else ()
    return min((entry.announced for entry in entries if entry.announced is not None), default=None)


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
    if deadline is not None:
        raise InputError(f"{entry.name}: the record has the deadline of its question, {entry.deadline}; leave it out")
    if today < WRITTEN:
        raise InputError(
            f"{entry.name}: the record was written on {WRITTEN}, with the outcome; a forecast from it cannot have been "
            f"made on {today}"
        )
    shared: dict[str, Any] = {
        "name": entry.name,
        "title": entry.title,
        "question": entry.question,
        "made_on": today,
        "deadline": entry.deadline,
        "ended_on": entry.outcome.date,
    }
    if ways:
        _only_ways(belief or cost, slip)
        return _stated(ways, known_on or min(today, entry.deadline), shared, entry.ways)
    if known_on is not None and known_on < entry.known_on and (belief is None or cost is None):
        raise InputError(
            f"{entry.name}: its ranges are from what was known on {entry.known_on}, so it cannot be from what was "
            f"known on {known_on}; state both --belief and --cost"
        )
    own = belief is not None or cost is not None or slip is not None
    known = known_on or (min(today, entry.deadline) if own else entry.known_on)
    found, assumptions = simple_forecast(
        known,
        entry.deadline,
        belief or entry.belief.pair,
        cost or entry.cost.pair,
        entry.slip if slip is None else slip,
    )
    why = {"belief_why": entry.belief.why} if belief is None else {}
    why |= {"cost_why": entry.cost.why} if cost is None else {}
    return Forecast(
        **shared, known_on=known, ways=entry.ways, probabilities=found, method=METHOD, assumptions=assumptions | why
    )


def last_used(case: Case) -> datetime.date:
    """Return the last day whose facts the talks of a case use.

    The latest of their first day, the signals that were sent, and the sources of the signals, of the deals that are
    demanded or offered, and of the threat; a source of a month counts as of its last day, or today if that is earlier.
    Raises `InputError` for a case without beliefs.
    """
    spec, table = case.beliefs, case.table
    if spec is None or table is None:
        raise InputError(f"{case.case}: the case has no beliefs, so no talks")
    sent = [signal for signal in spec.signals.values() if signal.sent]
    cited = [name for signal in spec.signals.values() for name in signal.sources]
    deals: dict[str, OfferSpec | DemandSpec] = {**table.offers, **spec.deals}
    for name in {spec.demand, *spec.offers, *(s.demand for s in spec.signals.values() if s.demand is not None)}:
        cited += deals[name].sources
    for scenario in (table.threat.scenario, spec.answer):
        cited += case.scenarios[scenario].sources if scenario is not None else ()
    published = [latest_day(source.date) for source in case.sources if source.id in cited]
    read = [min(day, datetime.date.today()) for day in published]
    return max([spec.since, *(signal.day for signal in sent), *read])


def _due(case: Case, deadline: datetime.date | None) -> datetime.date:
    """The deadline: the case's own, or the one that is stated for a case without one."""
    if deadline is None:
        return deadline_of(case)
    try:
        own = deadline_of(case)
    except InputError:
        return deadline
    if own != deadline:
        raise InputError(
            f"{case.case}: the deadline of its question is {own}; leave --deadline out, or change the case"
        )
    return deadline


def _stated(
    ways: Mapping[str, float], known_on: datetime.date, shared: dict[str, Any], words: Mapping[str, str] = WAYS
) -> Forecast:
    known = {name.casefold(): name for name in words}
    held: dict[str, float] = {}
    for stated, p in checked_probabilities(ways).items():
        name = known.get(stated.casefold(), stated)
        if name in held:
            raise InputError(f"forecast: {name!r} is given twice")
        held[name] = float(p)
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
    """The deadline of a case. Raises `InputError` where it has none."""
    found = stated_deadline(case)
    if found is None:
        raise InputError(f"{case.case}: the case has no deadline; state one, as in --deadline 2026-07-04")
    return found


def stated_deadline(case: Case) -> datetime.date | None:
    """The deadline of a case: of its talks with beliefs, its timeline, or the talks of its table; None without one."""
    if case.beliefs is not None:
        return case.beliefs_until()
    stated = None if case.timeline is None else case.timeline.deadline
    if isinstance(stated, datetime.date):
        return stated
    clock = getattr(stated, "clock", None)
    if clock is not None:
        return case.due(clock)
    return case.talks_until() if case.table is not None and case.table.talks is not None else None
