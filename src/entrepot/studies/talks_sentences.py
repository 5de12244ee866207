"""Sentences on talks in which a threat may be a bluff: the answer first, then what stands behind it."""

from __future__ import annotations

from entrepot.bargaining.belief_values import Pair
from entrepot.bargaining.case_talks import CaseTalks
from entrepot.bargaining.deal import INDIFFERENT
from entrepot.bargaining.talks_solution import BeliefOn
from entrepot.languages import localised, translated
from entrepot.studies.bargain_sentences import gain_in_words
from entrepot.studies.signal_sentences import signal_sentences
from entrepot.studies.talks_words import PARTS, belief, ends_in, signs_or_offers, signs_where
from entrepot.words import and_list, day, dollars, figure, joined_sentences, possessive, sentence


def talks_sentences(found: CaseTalks, full: bool = True) -> list[str]:
    """Return the sentences that the numbers support, the answer first; those of the first screen if not `full`."""
    return [
        _answer(found),
        *_demands(found),
        *signal_sentences(found, full),
        *_revealed(found, full),
        *_threat(found, full),
        *_criterion(found),
        talks_assumed(found),
    ]


def _answer(found: CaseTalks) -> str:
    """Return the probability of each end, and at what belief the target signs what is demanded of it."""
    payoffs = found.talks.game.payoffs
    first = next(iter(found.spec.types))
    text = (
        "At a belief of {belief} that {threatener} {would}, the talks end in a deal ({deal}), with the measure in "
        "force ({measure}) or in nothing ({nothing})."
    )
    would = translated(found.spec.types[first].title)
    if found.talks.game.at_deadline(frozenset())[0] != (True, False):  # the title of the type may say what it does
        would = translated("is of the type {name}", name=first)
    ends = {way: ends_in(part) for way, part in found.end_probabilities.items()}
    answer = translated(
        text,
        belief=_on_the_first_day(found),
        threatener=found.spoken(payoffs.threatener),
        would=would,
        **{**ends, "deal": _deals(found, ends["deal"])},
    )
    return f"{answer} {_should_sign(found)}"


def _on_the_first_day(found: CaseTalks) -> str:
    shown = belief(found.prior)
    return (
        translated("just above {belief}", belief=shown) if found.prior in found.talks.solution.worth().cuts else shown
    )


def _deals(found: CaseTalks, whole: str) -> str:
    """Return the probability of a deal by deal and when, each with its own where there are several."""
    days: dict[str, list[int]] = {}
    for end in found.talks.ends:
        if end.way == "deal" and round(end.probability, 9) > 0:
            days.setdefault(end.deal, []).append(end.day)
    if not days:
        return whole
    each = []
    for name, on in days.items():
        first, last = (day(found.date(when)) for when in (min(on), max(on)))
        part = "" if len(days) == 1 else f" {ends_in(found.talks.by_deal[name])}"
        text = "{deal}, signed on {first}" if first == last else "{deal}, signed from {first} to {last}"
        each.append(translated(text, deal=translated(found.titles[name]) + part, first=first, last=last))
    return translated("{heading}: {text}", heading=whole, text=and_list(each))


def _should_sign(found: CaseTalks) -> str:
    """Return at what beliefs the target signs what is demanded of it after the signals that were sent."""
    sent = found.talks.observed
    demanded = translated(found.titles[found.talks.game.demand_after(frozenset(sent))])
    target = found.spoken(found.talks.game.payoffs.target)
    turns = _turns(found)
    text = "{target} should sign what is demanded of it ({deal}) {when}."
    if any(step.event and step.probability <= 0 for step in found.belief_by_day):
        text = (
            "After the signals that were in fact sent, of probability zero here, {target} should sign what is then "
            "demanded of it ({deal}) {when}."
        )
    elif sent:
        text = "After the signals that were sent {target} should sign what is demanded of it ({deal}) {when}."
    words = {signs_where(spans) for _, spans in turns}
    first, last = turns[0], turns[-1]
    if len(words) == 1:
        when = signs_where(last[1])
    elif not any(spans for _, spans in turns[:-1]):
        when = translated("on {end}, {where}", end=_date(found, last), where=signs_where(last[1], of_a_belief=True))
    else:
        when = translated(
            "on {on} {first}, at its last turn, {end}, {last}",
            on=_date(found, first),
            first=signs_where(first[1], of_a_belief=True),
            end=_date(found, last),
            last=signs_where(last[1]),
        )
    return translated(text, target=target if sent else sentence(target), deal=demanded, when=when)


Turn = tuple[BeliefOn, tuple[Pair, ...]]


def _turns(found: CaseTalks) -> list[Turn]:
    """Return the turns from the last signal that was sent on, each with the beliefs at which the target signs."""
    sent = max((b.day for b in found.belief_by_day if b.sent), default=0)
    solution = found.talks.solution
    return [
        (b, solution.signing(stage, found.talks.past(stage)))
        for stage, b in enumerate(found.belief_by_day)
        if not b.event and b.day >= sent
    ]


def _date(found: CaseTalks, turn: Turn) -> str:
    return day(found.date(turn[0].day))


def _demands(found: CaseTalks) -> list[str]:
    """Return for each deal what it costs and brings, and at what belief it is signed at the last turn."""
    payoffs, solution, out = found.talks.game.payoffs, found.talks.solution, []
    for name, past in found.demanded_after().items():
        text = "{deal} ({terms}): against things as they are {gains} a year; signed at the last turn {where}."
        gains = [
            translated(
                "{who} {moves}", who=found.spoken(who), moves=gain_in_words(payoffs.deals[name][k] - payoffs.now[k])
            )
            for k, who in enumerate((payoffs.threatener, payoffs.target))
        ]
        words = {"deal": translated(found.titles[name]), "terms": found.terms(name)}
        where = signs_or_offers(found, solution.last_turn, past)
        out.append(translated(text, **words, gains=and_list(gains), where=where))
    return out


def _revealed(found: CaseTalks, full: bool) -> list[str]:
    """Return what a refusal and a deadline without a measure tell, and which types act where it is not the first."""
    game = found.talks.game
    alone, acts = (game.at_deadline(sent)[0] for sent in (frozenset[str](), frozenset(found.talks.observed)))
    first, second = (t.name for t in game.types)
    if acts == (True, False):
        passed = translated("A deadline that passes without the measure tells that the threat was a bluff.")
        return [joined_sentences([*_refusal(found), passed])] if full else []
    if acts == (False, True):
        text = (
            "Without a deal the type {second} carries the measure out and the type {first} does not: the lower the "
            "belief in {first}, the stronger the threat."
        )
        return [translated(text, first=first, second=second)]
    if all(acts):
        text = "Signals have tied hands: without a deal both types carry the measure out."
        if alone == acts:
            text = "Without a deal both types carry the measure out, also without any signal."
    else:
        text = "After these signals neither type carries the measure out: the threat is empty."
        if alone == acts:
            text = "Neither type carries the measure out: the threat is empty."
    return [translated(text)]


def _refusal(found: CaseTalks) -> list[str]:
    """Return what a refusal tells of the target's belief, on turns at which it signs from some belief on."""
    turns = [(b, spans) for b, spans in _turns(found) if len(spans) == 1 and spans[0][0] > 0 and spans[0][1] == 1]
    if not turns:
        return []
    text = "A refusal tells that {whose} belief is below {first} on {on}, and below {last} on {end}."
    if len(turns) == 1:
        text = "A refusal on {end} tells that {whose} belief is below {last}."
    first, last = turns[0], turns[-1]
    return [
        translated(
            text,
            whose=possessive(found.spoken(found.talks.game.payoffs.target)),
            first=belief(first[1][0][0]),
            on=_date(found, first),
            last=belief(last[1][0][0]),
            end=_date(found, last),
        )
    ]


def _threat(found: CaseTalks, full: bool) -> list[str]:
    """Return what the measure costs or brings the side that threatens it, and what its worth to the firm type adds."""
    game = found.talks.game
    payoffs, first = game.payoffs, game.types[0]
    gain, extra = payoffs.with_measure[0] - payoffs.now[0], first.worth.get("measure", 0.0)
    words = {"threatener": found.spoken(payoffs.threatener), "moves": gain_in_words(gain)}
    demanded = game.demand_after(frozenset(found.talks.observed))
    if gain > payoffs.deals[demanded][0] - payoffs.now[0] + INDIFFERENT:
        text = "{threatener} would rather have the measure than {deal}: with it in force it {moves} a year."
        words["threatener"] = sentence(words["threatener"])
        return [translated(text, **words, deal=translated(found.titles[demanded]))]
    if not gain < 0 < gain + extra:
        return [translated("With the measure in force {threatener} {moves} a year.", **words)] if full else []
    least = game.least_worth
    below = found.assuming({f"worth.{first.name}.measure": least - 1e-6 * abs(least)}).end_probabilities
    text = (
        "By the measure {threatener} {moves} a year; that one type wants it for other gains of {extra} is assumed: "
        "below {least}, deal {deal}, measure {measure}, nothing {nothing}."
    )
    ends = {way: ends_in(part) for way, part in below.items()}
    return [translated(text, **words, extra=dollars(extra), least=dollars(least), **ends)]


def _criterion(found: CaseTalks) -> list[str]:
    """Return how the talks end under the stronger criterion for beliefs off the path, where that differs."""
    ends, other = found.end_probabilities, found.talks.under_d1.end_probabilities
    if max(abs(ends[way] - other[way]) for way in ends) < 0.005:
        return []
    text = "Under D1, a stronger criterion for beliefs off the path: deal {deal}, measure {measure}, nothing {nothing}."
    return [translated(text, **{way: ends_in(part) for way, part in other.items()})]


def assumed_number(name: str) -> str:
    """Return a number that talks assume in words, by its name: "worth.firm.measure", "called.draft", "years"."""
    what, _, rest = name.partition(".")
    of, _, end = rest.partition(".")
    if what == "worth":
        if end in ("measure", "now"):
            measure, now = "worth of the measure to the type {type}", "worth of no measure to the type {type}"
            return translated(measure if end == "measure" else now, type=of)
        return translated("worth of the deal {deal} to the type {type}", deal=end, type=of)
    words = {
        "belief": translated("belief"),
        "called": translated("cost if called"),
        "broken": translated("cost if broken"),
        "cost": translated("cost of sending"),
        "discount_rate": translated("discount rate"),
        "breakdown": translated("breakdown"),
        "years": translated("years"),
    }
    text = words.get(what, what)
    return translated("{sentence} ({remark})", sentence=text, remark=", ".join(rest.split("."))) if rest else text


def talks_assumed(found: CaseTalks, in_words: bool = False) -> str:
    """Return the assumptions by the names that `CaseTalks.assuming` takes, or in words for a reader of a figure."""
    shown = [
        f"{assumed_number(name) if in_words else name} "
        f"{belief(value) if name.split('.')[0] in PARTS else localised(figure(value))}"
        for name, value in found.talks.numbers.items()
        if value
    ]
    return translated(
        "Assumed, not estimated (US$ million): {numbers}.",
        numbers=translated("; ").join(shown),
    )
