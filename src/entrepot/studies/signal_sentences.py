"""Sentences on each signal of talks: whether it is sent, what it did to the belief and the demand, and its worth."""

from __future__ import annotations

from entrepot.bargaining.case_talks import CaseTalks
from entrepot.bargaining.talks_game import THREATS
from entrepot.bargaining.talks_solution import BeliefOn
from entrepot.languages import translated
from entrepot.studies.talks_words import belief, signs_where
from entrepot.words import and_list, day, dollars, joined_sentences, or_list


def signal_sentences(found: CaseTalks, full: bool = True) -> list[str]:
    """Return a line for each signal; when it would be sent, and a worth of nothing, only if `full`."""
    sides = found.talks.game.payoffs.threatener, found.talks.game.payoffs.target
    beside, alone = (
        {str(row["signal"]): [float(row[who]) for who in sides] for row in table.to_dict("records")}
        for table in (found.talks.signal_worth, found.talks.signal_alone)
    )
    small, before, out = 1e-6 * found.talks.solution.scale, found.prior, []
    for stage, step in enumerate(found.belief_by_day):
        if not step.event:
            before = step.belief
            continue
        spec = found.spec.signals[step.event]
        text = "{signal}, {day}: {what}." if step.sent else "{signal}, {day}, not sent: {what}."
        what = [_demand(found, stage, step), _belief(before, step)]
        parts = [
            translated(
                text, signal=translated(spec.title), day=day(spec.day), what=and_list([part for part in what if part])
            ),
            *(_never(found, stage, step, before) if full else []),
            *_worth_sentence(found, stage, step.event, beside[step.event], small, full),
        ]
        if full and max(map(abs, beside[step.event])) <= small < max(map(abs, alone[step.event])):
            parts.append(translated("Without the others: {worth}.", worth=_worth(found, alone[step.event], small)))
        out.append(joined_sentences(parts))
        before = step.belief
    return out


def _changed_demand(found: CaseTalks, stage: int, name: str) -> tuple[str, str] | None:
    """Return the deals that are demanded before a signal and after it, where they differ."""
    game, past = found.talks.game, found.talks.past(stage)
    old, new = game.demand_after(past), game.demand_after(past | {name})
    return None if old == new else (old, new)


def _demand(found: CaseTalks, stage: int, step: BeliefOn) -> str:
    """Return what a signal does to the demand; empty if nothing, or if it was not sent."""
    change = _changed_demand(found, stage, step.event) if step.sent else None
    if change is None:
        return ""
    old, new = (found.talks.game.payoffs.deals[name][1] for name in change)
    text = "it lowers the demand to {deal}" if new > old else "it raises the demand to {deal}"
    return translated(text, deal=translated(found.titles[change[1]]))


def _belief(before: float, step: BeliefOn) -> str:
    """Return what a signal does to the belief; where nobody sends it that is not determined by Bayes' rule."""
    if step.probability <= 0:
        text = (
            "no type sends it here, so the model gives what happened a probability of zero, and Bayes' rule no belief "
            "after it (taken: {after})"
        )
        if not step.sent:
            text = (
                "every type sends it here, so the model gives what happened a probability of zero, and Bayes' rule no "
                "belief after it (taken: {after})"
            )
        return translated(text, after=belief(step.belief))
    if abs(step.belief - before) < 1e-9:
        return translated("the belief stays at {belief}", belief=belief(before))
    return translated("the belief moves from {before} to {after}", before=belief(before), after=belief(step.belief))


def _never(found: CaseTalks, stage: int, step: BeliefOn, before: float) -> list[str]:
    """Return under which assumptions a signal would be sent, or not be sent, that is not; empty if it is."""
    if step.probability > 0:
        return []
    talks, message = found.talks, int(step.sent)
    ways = []
    spans = talks.solution.sending(stage, talks.past(stage), message)
    if spans:
        text = "at a belief {where}"
        if any(low <= before <= high for low, high in spans):  # at an end of all beliefs only
            text = "at a belief {where} other than {before}"
        ways.append(translated(text, where=signs_where(spans), before=belief(before)))
    if not talks.game.d1 and talks.under_d1.belief_by_day[stage].probability > 1e-9:
        ways.append(translated("under the stronger criterion D1"))
    cost = _tying(found, stage, step)
    if cost is not None:
        text = "if a bluff called cost {money} or more, which ties hands"
        ways.append(translated(text, money=dollars(cost)))
    if not ways:
        return []
    text = "It would be sent {ways}." if step.sent else "It would not be sent {ways}."
    return [translated(text, ways=or_list(ways))]


def _tying(found: CaseTalks, stage: int, step: BeliefOn) -> float | None:
    """Return the cost of a bluff called from which on a threat ties hands, if it is sent there at this belief."""
    game = found.talks.game
    signal = next(s for s in game.signals if s.name == step.event)
    cost = game.tying_cost(signal.name)
    if not step.sent or signal.kind not in THREATS or cost <= signal.of("called", game.types[1].name):
        return None
    there = found.talks.assuming({f"called.{signal.name}": 1.001 * cost})
    return cost if there.belief_by_day[stage].probability > 0 else None


def _worth_sentence(found: CaseTalks, stage: int, name: str, worth: list[float], small: float, full: bool) -> list[str]:
    """Return what it is worth that a signal can be sent, and what a minus may come from; if nothing, only if `full`."""
    text = "That it can be sent is worth {worth}, present value over {years} years."
    if max(map(abs, worth)) <= small:
        if not full:
            return []
        text = "That it can be sent is worth {worth}."
        if _changed_demand(found, stage, name) is not None:
            text = "That it can be sent, and the demand so changed, is worth {worth}."
    elif _changed_demand(found, stage, name) is not None:
        text = "That it can be sent, and the demand so changed, is worth {worth}, present value over {years} years."
    shown = translated(text, worth=_worth(found, worth, small), years=f"{found.talks.game.clock.years:g}")
    if worth[0] >= -small:
        return [shown]
    note = "A loss to the side that may leave it unsent can come from the choice among equilibria."
    return [shown, translated(note)]


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
