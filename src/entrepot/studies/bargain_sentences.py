"""Sentences on what a bargain shows, the answers to the questions of the case first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.deal import INDIFFERENT, Addition, Deal, signs
from entrepot.bargaining.talks import Talks
from entrepot.words import and_list, day, dollars, gains_or_loses, sentence, yearly

#: The objective of a party that wants nothing else, in words.
REAL_INCOME = "real income"


def sentences(b: Bargain) -> list[str]:
    """Return the sentences that the numbers support, the answers to the questions of the case first."""
    return [*_counted(b), *_restraint(b), *_zone(b), *_credible(b), *_offers(b), *_talks(b), *_outside(b)]


def _counted(b: Bargain) -> list[str]:
    """Return by what gains are counted, where that is not what the other reports count."""
    wanted = {p.party: str(p.objective) for p in b.negotiation.payoffs}
    if all(objective == REAL_INCOME for objective in wanted.values()):
        return []
    listed = "; ".join(f"{b.short(party)}, {objective}" for party, objective in wanted.items())
    return [f"Gains and losses are counted by what each side wants, not in real income alone: {listed}."]


def _restraint(b: Bargain) -> list[str]:
    """Return whether the restraint with its rent is worth more to each party than the threat."""
    if b.restraint is None:
        return []
    rows = b.restraint.outcome.measures
    rent = float(rows["rent"].sum())
    like = f"A restraint that leaves the volume of the threat ({b.restraint.words})"
    lines = [f"{like} carries a rent of {dollars(rent)} a year."]
    for party in b.parties:
        deal, threat = b.restraint.worth[party], b.threat.worth[party]
        if abs(deal - threat) < max(INDIFFERENT, 1e-6 * abs(threat)):
            lines.append(f"  To {b.spoken(party)} it is worth the same as the threat.")
            continue
        more = "more" if deal > threat else "less"
        answer = "Yes" if deal > threat else "No"
        both = f"{b.spoken(party)} {_against(deal)} under it and {_against(threat)} under the threat"
        lines.append(
            f"  Is it worth more than the threat to {b.spoken(party)}? {answer}: {both}, {dollars(deal - threat)} "
            f"{more} a year."
        )
    return lines


def _against(worth: float) -> str:
    return gains_or_loses(worth, 1.0) if abs(worth) >= INDIFFERENT else "stands as in the base"


def _zone(b: Bargain) -> list[str]:
    """Return whether any deal on the table beats the threat for all parties."""
    if not b.complete or b.nearest is None:
        return [f"Stopped after {b.surface.solved:,} of {len(b.surface.values):,} deals: no solution was sought."]
    everyone = "both" if len(b.parties) == 2 else "all"
    question = f"Does any deal on the table beat the threat for {everyone}?"
    if "Nash" not in b.solutions:
        if all(map(signs, b.nearest.gains.values())):
            return [
                f"{question} No: the best for {everyone} ({b.nearest.words}) "
                f"leaves somebody just where the threat does."
            ]
        short_of = [f"{b.spoken(p)} {dollars(g)} short" for p, g in b.nearest.gains.items() if not signs(g)]
        together = float(np.nansum(b.gains, axis=1).max())
        money = (
            f" A payment could close it: one deal brings them {dollars(together)} more than the threat together."
            if together > INDIFFERENT
            else " No payment between them could close it: together they never have more than under the threat."
        )
        nearest = f"The one that comes nearest ({b.nearest.words})"
        return [f"{question} No. {nearest} leaves {and_list(short_of)} a year.{money}"]
    part = f"{100 * b.zone:.0f}%" if b.zone >= 0.005 else "hardly any"
    lines = [f"{question} Yes: {part} of {b.surface.solved:,} deals tried leave nobody below it."]
    nash = b.solutions.get("Nash")
    if nash is not None:
        lines.append(f"  The Nash deal: {nash.words}. Beyond the threat, {yearly(_gains(b, nash.gains))}.")
        over_now = {p: nash.worth[p] - b.now.worth[p] for p in b.parties}
        lines.append(f"  Against things as they are, {_gains(b, over_now)}.")
    if all(map(signs, b.now.gains.values())):
        lines.append(f"  So does leaving things as they are: {yearly(_gains(b, b.now.gains))} beyond the threat.")
    return lines


def _gains(b: Bargain, gains: Mapping[str, float]) -> str:
    return and_list([f"{b.spoken(p)} {_moves(g)}" for p, g in gains.items()])


def _moves(gain: float) -> str:
    return gains_or_loses(gain, 1.0) if abs(gain) >= INDIFFERENT else "neither gains nor loses"


def _credible(b: Bargain) -> list[str]:
    out = []
    for threat in b.threats:
        if not threat.own:
            continue
        if threat.stable:
            gains = _gains(b, threat.own)
            out.append(f"The threat ({threat.title}) is one from which nobody would move alone; by it {yearly(gains)}.")
            continue
        losers = {p: g for p, g in threat.own.items() if not signs(g)}
        of = and_list([f"{b.spoken(p)} {dollars(g)}" for p, g in (losers or threat.own).items()])
        verdict = f"not credible: carrying it out costs {of}" if losers else f"credible: carrying it out brings {of}"
        out.append(f"The threat ({threat.title}) is {verdict} a year against things as they are.")
    return out


def _offers(b: Bargain) -> list[str]:
    out = []
    for name, offer in b.offers.items():
        over_now = {p: offer.worth[p] - b.now.worth[p] for p in b.parties}
        gained = f"{offer.title} ({offer.words}): beyond the threat, {yearly(_gains(b, offer.gains))}."
        out.append(f"{gained} {_who(b, offer)} would sign. Against things as they are, {_gains(b, over_now)}.")
        for addition in b.additions.get(name, ()):
            out.append(f"  {_addition(b, addition)}")
    return out


def _who(b: Bargain, deal: Deal) -> str:
    if len(deal.signers) == len(b.parties):
        return "Both" if len(b.parties) == 2 else "All"
    return sentence(and_list([b.spoken(p) for p in deal.signers])) if deal.signers else "Nobody"


def _addition(b: Bargain, addition: Addition) -> str:
    start = f"{sentence(b.spoken(addition.party))} would need {dollars(addition.money)} a year more"
    agreed = addition.agreed
    if agreed:
        issues = b.negotiation.table.issues
        ways = [issues[name].in_words(level) for name, level, _ in agreed]
        return f"{start}, or one of these, which all would sign: {'; '.join(ways)}."
    if addition.moves:
        return f"{start}; moving one issue alone could give it that, but then others would not sign."
    return f"{start}; no single issue can give it that."


def _talks(b: Bargain) -> list[str]:
    if not b.talks:
        return []
    talks = b.case.table.talks if b.case.table else None
    assert talks is not None
    until = b.case.talks_until()
    span = f"from {day(talks.since)} until {day(until)}"
    out = [f"Offers in turn every {talks.every} days {span}, counted over {talks.years:g} years:"]
    for t in b.talks:
        believed = "if the threat would be carried out" if t.carried_out else "if nobody believes in the threat"
        last = b.parties[t.rounds[-1].proposer]
        first = f"{b.spoken(t.first)} offers first{'' if last == t.first else f' and {b.spoken(last)} last'}"
        if t.deal is None:
            out.append(f"  {sentence(first)}, {believed}: no deal before the deadline.")
            continue
        when = _when(t)
        gains = {p: t.deal.worth[p] - b.now.worth[p] for p in b.parties}
        deal = f"a deal {when}, {t.deal.words}"
        out.append(f"  {sentence(first)}, {believed}: {deal}; against things as they are, {yearly(_gains(b, gains))}.")
    return out


def _when(t: Talks) -> str:
    agreed = next(r for r in t.rounds if r.agreed)
    return "at once" if agreed.day == 0 else f"on day {agreed.day}"


def _outside(b: Bargain) -> list[str]:
    """Return how much of these goods the deal keeps third countries from exporting, and who loses most."""
    name = "Nash" if "Nash" in b.solutions else next(iter(b.offers), None)
    if name is None:
        return []
    data = b.countries
    data = data[(data["deal"] == name) & (data["party"] == "")].sort_values("exports_change")
    total = float(data["exports_change"].clip(upper=0).sum())
    if total > -0.5:
        return []
    least = data.iloc[0]
    return [
        f"Outside, the {name} deal takes {dollars(total)} a year of exports of these goods from others, most from "
        f"{b.spoken(str(least['country']))} ({dollars(float(least['exports_change']))})."
    ]
