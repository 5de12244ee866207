"""Sentences on talks in which a threat may be a bluff: the answer first, then what stands behind it."""

from __future__ import annotations

from entrepot.bargaining.case_talks import CaseTalks
from entrepot.bargaining.deal import INDIFFERENT
from entrepot.bargaining.talks_solution import BeliefOn
from entrepot.languages import localised, translated
from entrepot.words import and_list, chance, day, dollars, figure, gains_or_loses, percent_size, possessive, sentence


def talks_sentences(found: CaseTalks, full: bool = True) -> list[str]:
    """Return the sentences that the numbers support, the answer first; those of the first screen if not `full`."""
    threat = _threat(found) if full else []
    return [
        _answer(found),
        *_demands(found),
        *_signals(found),
        *_revealed(found),
        *threat,
        *_criterion(found),
        _assumed(found),
    ]


def belief(part: float) -> str:
    """Return a belief as text: 30%, 2.6%, 0%."""
    return localised(f"{100 * part:.0f}%") if part in (0.0, 1.0) or part >= 0.0995 else percent_size(100 * part)


def ends_in(part: float) -> str:
    """Return the probability of an end as text; what is rounding only is 0% or 100%."""
    return chance(round(part, 9))


def _answer(found: CaseTalks) -> str:
    """Return the probability of each end, and from what belief on the target signs what is demanded of it."""
    payoffs = found.talks.game.payoffs
    first, _ = found.spec.types.values()
    text = (
        "At a belief of {belief} that {threatener} {would}, the talks end in a deal ({deal}), with the measure in "
        "force ({measure}) or in nothing ({nothing})."
    )
    answer = translated(
        text,
        belief=belief(found.prior),
        threatener=found.spoken(payoffs.threatener),
        would=translated(first.title),
        **{way: ends_in(part) for way, part in found.end_probabilities.items()},
    )
    turns = _turns(found)
    demanded = translated(found.titles[found.talks.game.demand_after(frozenset(found.talks.observed))])
    target = found.spoken(payoffs.target)
    if not turns:
        never = "{target} should sign what is demanded of it ({deal}) at no belief."
        return f"{answer} {translated(never, target=sentence(target), deal=demanded)}"
    should = (
        "{target} should sign what is demanded of it ({deal}): on {on} from a belief of {first} on, at its last turn, "
        "{end}, from {last} on."
    )
    if len(turns) == 1:
        should = "{target} should sign what is demanded of it ({deal}) on {end}, from a belief of {last} on."
    shown = translated(should, target=sentence(target), deal=demanded, **_first_and_last(found, turns))
    return f"{answer} {shown}"


def _turns(found: CaseTalks) -> list[BeliefOn]:
    """Return the turns, from the last signal that was sent on, at which the target signs at some belief."""
    sent = max((b.day for b in found.belief_by_day if b.sent), default=0)
    return [b for b in found.belief_by_day if not b.event and b.day >= sent and b.threshold == b.threshold]


def _first_and_last(found: CaseTalks, turns: list[BeliefOn]) -> dict[str, str]:
    first, last = turns[0], turns[-1]
    days = {"on": day(found.date(first.day)), "end": day(found.date(last.day))}
    return {"first": belief(first.threshold), "last": belief(last.threshold), **days}


def _demands(found: CaseTalks) -> list[str]:
    """Return for each deal what it costs and brings, and from what belief on it is signed at the last turn."""
    payoffs, out = found.talks.game.payoffs, []
    for name, threshold in found.thresholds().items():
        text = "{deal} ({terms}): against things as they are {gains} a year, to be signed from {from_on} on."
        if threshold != threshold:
            text = "{deal} ({terms}): against things as they are {gains} a year, to be signed at no belief."
        elif threshold == 0:
            text = "{deal} ({terms}): against things as they are {gains} a year, to be signed at any belief."
        gains = [
            translated("{who} {moves}", who=found.spoken(who), moves=_moves(payoffs.deals[name][k] - payoffs.now[k]))
            for k, who in enumerate((payoffs.threatener, payoffs.target))
        ]
        words = {"deal": translated(found.titles[name]), "terms": translated(found.levels[name])}
        out.append(translated(text, **words, gains=and_list(gains), from_on=belief(threshold)))
    return out


def _moves(gain: float) -> str:
    return gains_or_loses(gain, 1.0) if abs(gain) >= INDIFFERENT else translated("neither gains nor loses")


def _signals(found: CaseTalks) -> list[str]:
    """Return what each signal did to the belief, and what it was worth to each side, beside the others and alone."""
    sides = found.talks.game.payoffs.threatener, found.talks.game.payoffs.target
    beside, alone = (
        {str(row["signal"]): [float(row[who]) for who in sides] for row in table.to_dict("records")}
        for table in (found.talks.signal_worth, found.talks.signal_alone)
    )
    small, before, out = 1e-6 * found.talks.solution.scale, found.prior, []
    for step in found.belief_by_day:
        if not step.event:
            continue
        spec = found.spec.signals[step.event]
        sent = "{signal}, {day}: the belief is {before}, then {after}. It is worth {worth}."
        unsent = "{signal}, {day}, not sent: the belief is {before}, then {after}. It is worth {worth}."
        line = translated(
            sent if step.sent else unsent,
            signal=translated(spec.title),
            day=day(spec.day),
            before=belief(before),
            after=belief(step.belief),
            worth=_worth(found, beside[step.event], small),
        )
        if max(map(abs, beside[step.event])) <= small < max(map(abs, alone[step.event])):
            only = translated("Without the others: {worth}.", worth=_worth(found, alone[step.event], small))
            line = f"{line} {only}"
        out.append(line)
        before = step.belief
    return out


def _worth(found: CaseTalks, worth: list[float], small: float) -> str:
    """Return what it is worth to each side that a signal can be sent."""
    if max(map(abs, worth)) <= small:
        return translated("nothing to either side")
    payoffs = found.talks.game.payoffs
    amounts = []
    for value, who in zip(worth, (payoffs.threatener, payoffs.target), strict=True):
        text = (
            "minus {money} to {who}" if value < -small else "{money} to {who}" if value > small else "nothing to {who}"
        )
        amounts.append(translated(text, money=dollars(value), who=found.spoken(who)))
    return and_list(amounts)


def _revealed(found: CaseTalks) -> list[str]:
    """Return what a refusal, and a deadline without a measure, tell."""
    acts, _, _ = found.talks.game.at_deadline(frozenset(found.talks.observed))
    lines = []
    turns = _turns(found)
    if turns and turns[0].threshold > 0:
        text = "A refusal tells that {whose} belief is below {first} on {on}, and below {last} on {end}."
        if len(turns) == 1:
            text = "A refusal on {end} tells that {whose} belief is below {last}."
        whose = possessive(found.spoken(found.talks.game.payoffs.target))
        lines.append(translated(text, whose=whose, **_first_and_last(found, turns)))
    known = {
        (True, False): "A deadline that passes without the measure tells that the threat was a bluff.",
        (True, True): "Signals have tied hands: without a deal both types carry the measure out.",
        (False, False): "After these signals neither type carries the measure out: the threat is empty.",
    }
    return [" ".join([*lines, *([translated(known[acts])] if acts in known else [])])] if lines or acts in known else []


def _threat(found: CaseTalks) -> list[str]:
    """Return what the measure costs or brings the side that threatens it, and what its worth to the firm type adds."""
    payoffs = found.talks.game.payoffs
    gain, extra = payoffs.with_measure[0] - payoffs.now[0], found.talks.game.types[0].worth.get("measure", 0.0)
    text = "With the measure in force {threatener} {moves} a year."
    more = (
        "With the measure in force {threatener} {moves} a year; that one type wants it all the same, for {extra} a "
        "year of other gains, is an assumption."
    )
    who = found.spoken(payoffs.threatener)
    return [translated(more if gain < 0 < extra else text, threatener=who, moves=_moves(gain), extra=dollars(extra))]


def _criterion(found: CaseTalks) -> list[str]:
    """Return how the talks end under the stronger criterion for beliefs off the path, where that differs."""
    ends, other = found.end_probabilities, found.talks.under_d1.end_probabilities
    if max(abs(ends[way] - other[way]) for way in ends) < 0.005:
        return []
    text = "Under D1, a stronger criterion for beliefs off the path: deal {deal}, measure {measure}, nothing {nothing}."
    return [translated(text, **{way: ends_in(part) for way, part in other.items()})]


def _assumed(found: CaseTalks) -> str:
    """Return the assumptions by name."""
    parts = ("belief", "breakdown", "discount_rate")
    shown = [
        f"{name} {belief(value) if name.split('.')[0] in parts else figure(value)}"
        for name, value in found.talks.numbers.items()
        if value
    ]
    return translated(
        "Assumed, not estimated (US$ million): {numbers}.",
        numbers=translated("; ").join(shown),
    )
