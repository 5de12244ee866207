"""Fear of the threat of a case: its measures on its base, with the talks' probability and its own deadline."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from entrepot.bargaining import UncertainTalks, case_talks
from entrepot.bargaining.case_talks import CaseTalks
from entrepot.bargaining.session import Session
from entrepot.bargaining.talks_solution import by_prior
from entrepot.cases import Case, solve_case
from entrepot.cases.bargaining_table import OfferSpec
from entrepot.cases.beliefs_spec import DemandSpec
from entrepot.dates import DAYS_A_YEAR
from entrepot.economy import Economy
from entrepot.errors import ConvergenceError, InputError, UnknownNameError
from entrepot.forecasting.made_forecast import stated_deadline
from entrepot.languages import translated
from entrepot.paths import Fear, fear
from entrepot.paths.fear_of_measure import earned
from entrepot.words import and_list, day, percent

#: From this probability on a deal counts as certain; a deal restricts trade where its exporters lose this part of what
#: they earn.
SURE, RESTRICTS = 1 - 1e-9, 0.01


def fear_of_case(
    case: Case,
    scenario: str | None = None,
    probability: Sequence[float] = (),
    years: Sequence[float] = (),
    *,
    economy: Economy | None = None,
    **options: Any,
) -> Fear:
    """Return what a scenario of a case costs while it has not come, on the base and with the closure of the case.

    scenario     default: the threat that the case bargains under
    probability  default: from the case's talks, where it states beliefs: that trade comes to be restricted while no
                 other deal is signed (see `restriction_chance`)
    years        default: from the first day of those talks, else of the table's, else the day of the case's law, to the
                 deadline
    economy      replaces the case's own
    options      as of `ep.paths.fear`

    Raises `InputError` where the case states none of that, and `UnknownNameError` for a scenario that it does not have.
    """
    threat = case.table.threat.scenario if case.table is not None else None
    name = threat if scenario is None else scenario
    if name is None:
        raise InputError(f"{case.case}: the case has no threat in a scenario; name one, as in --scenario tariff")
    if name not in case.scenarios:
        raise UnknownNameError("scenario", name, list(case.scenarios), "scenario")
    if not probability and case.beliefs is None:
        raise InputError(f"{case.case}: the case has no beliefs; state how likely it is, as in --probability 30%")
    window: tuple[str, ...] = ()
    if not years:
        since, until = _days(case)
        years = [(until - since).days / DAYS_A_YEAR]
        window = (translated("The time is that from {since} to {until}.", since=day(since), until=day(until)),)
    solved = solve_case(case.without_timeline(), economy)
    if name not in solved.outcomes:
        raise ConvergenceError(f'{case.case}: "{case.scenarios[name].title}" has no equilibrium')
    there, options = solved.outcomes[name], {"years": years, "closure": case.closure, **options}
    if probability:
        return replace(fear(there.economy, there.scenario, probability=probability, **options), notes=window)
    talks = case_talks(solved)
    # What is feared, and so which deals restrict it, does not depend on the probability.
    found = fear(there.economy, there.scenario, probability=0.0, **options)
    restricting = _restricting(talks, found)
    probability = [restriction_chance(talks.talks, restricting)]
    found = fear(there.economy, there.scenario, probability=probability, **options)
    return replace(found, notes=(*window, *_notes(talks, restricting, probability[0])))


def restriction_chance(talks: UncertainTalks, restricting: Collection[str] = ()) -> float:
    """Return how likely it is that trade comes to be restricted, while no deal is signed that leaves it alone.

    The probability, at the end of the talks, of the measure or of one of the deals in `restricting`, given that no
    other deal is signed. Where another deal is signed for certain there is no such end in equilibrium: it is then the
    probability that the threatener acts at the deadline, by the belief of the target after the signals that were sent
    and its refusals.
    """
    restricted = sum(e.probability for e in talks.ends if e.way == "measure" or e.deal in restricting)
    free = sum(e.probability for e in talks.ends if e.way == "deal" and e.deal not in restricting)
    if free < SURE:
        return min(1.0, max(0.0, restricted / (1 - free)))
    acts, _, _ = talks.game.at_deadline(frozenset(talks.observed))
    belief = talks.belief_by_day[-1].belief if talks.belief_by_day else talks.prior
    return by_prior(belief, acts)


def _days(case: Case) -> tuple[datetime.date, datetime.date]:
    """The first day of the threat, and its deadline."""
    talks = case.table.talks if case.table is not None else None
    since = case.beliefs.since if case.beliefs is not None else talks.since if talks is not None else case.day
    until = stated_deadline(case)
    if until is None:
        raise InputError(f"{case.case}: the case has no deadline; state how long until the day, as in --years 180d")
    if since is None or since >= until:
        raise InputError(f"{case.case}: the case does not state a day before its deadline, {until}; state --years 180d")
    return since, until


def _restricting(talks: CaseTalks, found: Fear) -> frozenset[str]:
    """The deals of the talks under which the exporters of the feared flows would earn less."""
    session, game = Session(talks.negotiation), talks.talks.game
    offers: dict[str, OfferSpec | DemandSpec] = {**talks.negotiation.table.offers, **talks.spec.deals}
    restrict = set()
    for name in {end.deal for end in talks.talks.ends if end.way == "deal"} & set(game.payoffs.deals):
        levels = {**talks.negotiation.table.current_levels, **offers[name].levels}
        accounts = session.deal(name, talks.titles[name], levels).outcome.accounts
        omega = earned(accounts, found.flows, found.sigma)
        if found.flows.size and float(np.average(omega, weights=found.trade)) < 1 - RESTRICTS:
            restrict.add(name)
    return frozenset(restrict)


def _notes(talks: CaseTalks, restricting: frozenset[str], chance_of_it: float) -> tuple[str, ...]:
    """What the talks say of the time of fear: when a deal ends it, and which deals are themselves feared."""
    deals = [end for end in talks.talks.ends if end.way == "deal"]
    notes = []
    free = [end for end in deals if end.deal not in restricting]
    if sum(end.probability for end in free) >= SURE:
        last = max(end.day for end in free)
        notes.append(
            translated(
                "In the talks of the case a deal that leaves this trade alone is signed by {day} for certain: the fear "
                "ends there, and these numbers are for the time in which it is not signed, at the chance of {chance} "
                "that {target} then reckons with.",
                day=day(talks.date(last)),
                chance=percent(chance_of_it),
                target=talks.spoken(talks.talks.game.payoffs.target),
            )
        )
    elif deals:
        notes.append(translated("The chance is that of the talks of the case, given that no other deal is signed."))
    if restricting:
        titles = and_list([translated(talks.titles[name]) for name in sorted(restricting)])
        notes.append(
            translated("It counts a deal that itself restricts this trade as the measure: {deals}.", deals=titles)
        )
    return tuple(notes)
