"""Sentences on what a bargain shows, the answers to the questions of the case first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.deal import INDIFFERENT, Addition, Deal, Threat, signs
from entrepot.bargaining.negotiation import level_of_trade, quotas, slack
from entrepot.bargaining.talks import Talks
from entrepot.languages import localised, translated
from entrepot.shell import for_shell
from entrepot.studies.bargain_tables import those_outside
from entrepot.studies.provenance import called
from entrepot.studies.rents import holder_in_words
from entrepot.words import (
    and_list,
    chance,
    day,
    dollars,
    gains_or_loses,
    joined_sentences,
    sentence,
    signed_dollars,
    yearly,
)

if TYPE_CHECKING:
    import pandas as pd

#: The smaller side of what others gain and lose is named from this part of the larger side on.
SMALL_PART = 0.1
#: The objective of a party that wants nothing else, in words.
REAL_INCOME = "real income"


def sentences(b: Bargain) -> list[str]:
    """Return the sentences that the numbers support, the answers to the questions of the case first."""
    return [*_counted(b), *_restraint(b), *_zone(b), *_ends(b), *_credible(b), *_offers(b), *_talks(b), *_outside(b)]


def _counted(b: Bargain) -> list[str]:
    """Return by what gains are counted, where that is not what the other reports count."""
    wanted = {p.party: p.objective for p in b.negotiation.payoffs}
    if all(str(objective) == REAL_INCOME for objective in wanted.values()):
        return []
    listed = [
        translated("{party}, {objective}", party=b.short(party), objective=objective.in_words())
        for party, objective in wanted.items()
    ]
    return [
        translated(
            "Gains and losses are counted by what each side wants, not in real income alone: {wants}.",
            wants=translated("; ").join(listed),
        )
    ]


def _restraint(b: Bargain) -> list[str]:
    """Return whether the restraint with its rent is worth more to each party than the threat, both against now."""
    if b.restraint is None:
        return []
    outcome, n = b.restraint.outcome, b.negotiation
    pairs = zip(outcome.scenario, outcome.measure_rows, strict=True)
    own = [row for measure, row in pairs if not n.stands_beside(measure)]
    text = "A restraint that leaves the volume of the threat ({terms}) carries a rent of {money} a year."
    if len(b.restraint.levels) == 1:  # its cap alone, so that the terms do not say who has the rent
        text = (
            "A restraint that leaves the volume of the threat ({terms}) carries a rent of {money} a year, held by: "
            "{holder}."
        )
    lines = [
        translated(
            text,
            terms=translated(b.restraint.words),
            money=dollars(sum(float(row["rent"]) for row in own)),
            holder=holder_in_words(" and ".join(dict.fromkeys(str(row["rent_holder"]) for row in own if row["rent"]))),
        )
    ]
    for party in b.parties:
        deal, threat = b.restraint.worth[party], b.threat.worth[party]
        if abs(deal - threat) < max(INDIFFERENT, 1e-6 * abs(threat)):
            same = translated("To {who} it is worth the same as the threat.", who=b.spoken(party))
            lines.append(f"  {same}")
            continue
        more = (
            "Is it worth more than the threat to {who}? Yes: against things as they are, {who} {under_it} under it and "
            "{under_threat} under the threat, {money} more a year."
        )
        less = (
            "Is it worth more than the threat to {who}? No: against things as they are, {who} {under_it} under it and "
            "{under_threat} under the threat, {money} less a year."
        )
        answer = translated(
            more if deal > threat else less,
            who=b.spoken(party),
            under_it=gain_in_words(deal - b.now.worth[party]),
            under_threat=gain_in_words(threat - b.now.worth[party]),
            money=dollars(deal - threat),
        )
        lines.append(f"  {answer}")
    return lines


def _zone(b: Bargain) -> list[str]:
    """Return whether any deal on the table beats the threat for all parties."""
    solved, number = (localised(f"{count:,}") for count in (b.surface.solved, len(b.surface.values)))
    if b.nearest is None:
        text = "Stopped after {solved} of {number} deals: no solution was sought."
        return [translated(text, solved=solved, number=number)]
    if b.complete:
        return _agreement(b, b.nearest)
    stopped = translated(
        "Stopped before the end, after all {number} deals on the grid: what is missing here was not computed.",
        number=number,
    )
    return [stopped, *(_agreement(b, b.nearest) if "Nash" in b.solutions else [])]


def _agreement(b: Bargain, nearest: Deal) -> list[str]:
    """Return whether any deal on the table beats the threat for all parties, where the search ended."""
    two = len(b.parties) == 2
    question = translated(
        "Does any deal on the table beat the threat for both?"
        if two
        else "Does any deal on the table beat the threat for all?"
    )
    nash = b.solutions.get("Nash")
    if nash is None:
        return [f"{question} {_no_deal(b, nearest)}"]
    hardly = "Yes: hardly any of {number} deals tried leave nobody below it."
    answer = translated(
        "Yes: {share} of {number} deals tried leave nobody below it." if b.zone >= 0.005 else hardly,
        share=chance(b.zone),
        number=localised(f"{b.surface.solved:,}"),
    )
    beyond = translated(
        "The Nash deal: {terms}. Beyond the threat, {gains}.",
        terms=translated(nash.words),
        gains=yearly(_gains(b, nash.gains)),
    )
    lines = [f"{question} {answer}", *(f"  {line}" for line in (beyond, _over_now(b, nash), *_power(b)))]
    if all(map(signs, b.now.gains.values())):
        stay = "So does leaving things as they are: {gains} beyond the threat."
        lines.append(f"  {translated(stay, gains=yearly(_gains(b, b.now.gains)))}")
    return lines


def _power(b: Bargain) -> list[str]:
    """Return how the parties are weighed in the Nash solution, where that is not evenly."""
    power = {p: b.negotiation.table.power.get(p, 1.0) for p in b.parties}
    if len(set(power.values())) == 1:
        return []
    first, *rest = power.items()
    weights = [translated("{who} counts {weight}", who=b.spoken(first[0]), weight=localised(f"{first[1]:g}"))]
    weights += [f"{b.spoken(party)} {localised(f'{weight:g}')}" for party, weight in rest]
    return [translated("In the Nash solution {weights}.", weights=and_list(weights))]


def _no_deal(b: Bargain, nearest: Deal) -> str:
    """Return that no deal beats the threat, how far the nearest falls short, and whether money could close the gap."""
    terms = translated(nearest.words)
    if all(map(signs, nearest.gains.values())):
        return translated(
            "No: the best for both ({terms}) leaves somebody just where the threat does."
            if len(b.parties) == 2
            else "No: the best for all ({terms}) leaves somebody just where the threat does.",
            terms=terms,
        )
    short_of = [
        translated("{who} {money} short", who=b.spoken(p), money=dollars(g))
        for p, g in nearest.gains.items()
        if not signs(g)
    ]
    together = float(np.nansum(b.gains, axis=1).max())
    gap = translated(
        "No. The one that comes nearest ({terms}) leaves {gaps} a year.", terms=terms, gaps=and_list(short_of)
    )
    money = translated(
        "A payment could close it: one deal brings them {money} more than the threat together."
        if together > INDIFFERENT
        else "No payment between them could close it: together they never have more than under the threat.",
        money=dollars(together),
    )
    return f"{gap} {money}"


def _ends(b: Bargain) -> list[str]:
    """Return where the range of a quota ends although there would be more trade: deals beyond it were not tried."""
    n, out = b.negotiation, []
    binds = (
        "{issue}: the range ends at {level}, where the quota still holds trade back in some deals: {deals}. Deals with "
        "more trade, free trade among them, are not on the table."
    )
    passed = (
        "{issue}: the range ends at {level}, and without a quota there is more trade in some deals: {deals}. Quotas "
        "above that level are not on the table."
    )
    for template, name in quotas(n):
        issue = n.table.issues[name]
        top, lifted = issue.range[1], issue.now == issue.range[1]
        found = []
        for deal in b.solutions.values():
            if lifted:
                quota = n.table.filled_in(template, deal.levels)
                beyond = n.table.unchanged(name, deal.levels) and level_of_trade(n, quota, deal.outcome) > top + 1e-6
            else:
                beyond = deal.levels[name] >= top - 1e-9 and name not in slack(n, deal.outcome, deal.levels)
            if beyond:
                found.append(translated(deal.title))
        if found:
            text, deals = passed if lifted else binds, translated("; ").join(found)
            out.append(translated(text, issue=translated(issue.title), level=issue.shown(top), deals=deals))
    return out


def _over_now(b: Bargain, deal: Deal) -> str:
    """Return the sentence on what a deal brings each side against the status quo."""
    gains = _gains(b, {p: deal.worth[p] - b.now.worth[p] for p in b.parties})
    return translated("Against things as they are, {gains}.", gains=gains)


def _gains(b: Bargain, gains: Mapping[str, float]) -> str:
    return and_list([translated("{who} {moves}", who=b.spoken(p), moves=gain_in_words(g)) for p, g in gains.items()])


def gain_in_words(gain: float) -> str:
    """Return "gains US$3.8 billion", or that a party to whom it is all the same neither gains nor loses."""
    return gains_or_loses(gain, 1.0) if abs(gain) >= INDIFFERENT else translated("neither gains nor loses")


def _credible(b: Bargain) -> list[str]:
    out = []
    for threat in b.threats:
        if not threat.own:
            continue
        if threat.stable:
            out.append(
                translated(
                    "The threat ({threat}) is one from which nobody would move alone; by it {gains}.",
                    threat=translated(threat.title),
                    gains=yearly(_gains(b, threat.own)),
                )
            )
            continue
        losers = {p: g for p, g in threat.own.items() if not signs(g)}
        amounts = [
            translated("{who} {money}", who=b.spoken(p), money=dollars(g)) for p, g in (losers or threat.own).items()
        ]
        costs = (
            "The threat ({threat}) is not credible: carrying it out costs {amounts} a year against things as they are."
        )
        brings = (
            "The threat ({threat}) is credible: carrying it out brings {amounts} a year against things as they are."
        )
        out.append(translated(costs if losers else brings, threat=translated(threat.title), amounts=and_list(amounts)))
        out.append(f"  {_over_sets(b, threat)}")
    return out


def _over_sets(b: Bargain, threat: Threat) -> str:
    """Return under how many sets of trade elasticities a threat stays credible, or not, and over what range."""
    over = b.own_over_sets.get(threat.name, {})
    if b.case.weighs_makers:
        return translated("One set of trade elasticities was tried; where profits of makers count, no other is.")
    if not over:
        text = "One set of trade elasticities was tried; whether that holds under others: {command}."
        return translated(text, command=f"entrepot bargain {for_shell(called(b.case))}")
    if len(over) == 1:
        return translated("No published set of trade elasticities fits here, so that holds for one set alone.")
    same = sum(all(map(signs, own.values())) == threat.credible for own in over.values())
    ranges = []
    for party in threat.own:
        low, high = (end(own[party] for own in over.values()) for end in (min, max))
        text = translated("{low} to {high}", low=_signed(low), high=_signed(high))
        ranges.append(translated("{who} {money}", who=b.spoken(party), money=text))
    credible = "It is credible under {same} of {number} sets of trade elasticities, which give {ranges} a year."
    bluff = "It is not credible under {same} of {number} sets of trade elasticities, which give {ranges} a year."
    text = credible if threat.credible else bluff
    return translated(text, same=same, number=len(over), ranges=and_list(ranges))


def _signed(money: float) -> str:
    """Return an amount with its sign: "-US$236 million"."""
    return signed_dollars(money if abs(money) >= INDIFFERENT else 0.0)


def _offers(b: Bargain) -> list[str]:
    out = []
    for name, offer in b.offers.items():
        gained = translated(
            "{offer} ({terms}): beyond the threat, {gains}.",
            offer=translated(offer.title),
            terms=translated(offer.words),
            gains=yearly(_gains(b, offer.gains)),
        )
        out.append(f"{gained} {_would_sign(b, offer)} {_over_now(b, offer)}")
        for addition in b.additions.get(name, ()):
            out.append(f"  {_addition(b, offer, addition)}")
    return out


def _would_sign(b: Bargain, deal: Deal) -> str:
    if len(deal.signers) == len(b.parties):
        return translated("Both would sign." if len(b.parties) == 2 else "All would sign.")
    if not deal.signers:
        return translated("Nobody would sign.")
    return translated("{parties} would sign.", parties=sentence(and_list([b.spoken(p) for p in deal.signers])))


def _way(b: Bargain, offer: Deal, issue: str, level: float) -> str:
    """Return an issue moved to a level in words, with the issues that only then have an effect (who has a rent)."""
    n, issues = b.negotiation, b.negotiation.table.issues
    now, before = (n.table.used(n.levels(n.point(at))) for at in ({**offer.levels, issue: level}, offer.levels))
    with_it = [issues[name].in_words(at) for name, at in now.items() if name != issue and name not in before]
    return and_list([issues[issue].in_words(level), *with_it])


def _addition(b: Bargain, offer: Deal, addition: Addition) -> str:
    one_of = "{who} would need {money} a year more, or one of these, which all would sign: {ways}."
    refused = (
        "{who} would need {money} a year more; moving one issue alone could give it that, but then others would not "
        "sign."
    )
    none = "{who} would need {money} a year more; no single issue can give it that."
    needs = {"who": sentence(b.spoken(addition.party)), "money": dollars(addition.money)}
    if addition.agreed:
        ways = [_way(b, offer, name, level) for name, level, _ in addition.agreed]
        return translated(one_of, **needs, ways=translated("; ").join(ways))
    return translated(refused if addition.moves else none, **needs)


def _talks(b: Bargain) -> list[str]:
    if not b.talks:
        return []
    talks = b.case.table.talks if b.case.table else None
    assert talks is not None
    out = [
        translated(
            "Offers in turn every {days} days from {since} until {until}, counted over {years} years:",
            days=talks.every,
            since=day(talks.since),
            until=day(b.case.talks_until()),
            years=localised(f"{talks.years:g}"),
        )
    ]
    return [*out, *(f"  {_talked(b, t)}" for t in b.talks)]


def _talked(b: Bargain, t: Talks) -> str:
    """Return who offers first, whether the threat is believed, and the deal that comes of it."""
    last = b.parties[t.rounds[-1].proposer]
    order = translated(
        "{who} offers first" if last == t.first else "{who} offers first and {other} last",
        who=b.spoken(t.first),
        other=b.spoken(last),
    )
    order = sentence(order)
    if t.deal is None:
        return translated(
            "{order}, if the threat would be carried out: no deal before the deadline."
            if t.carried_out
            else "{order}, if nobody believes in the threat: no deal before the deadline.",
            order=order,
        )
    gains = {p: t.deal.worth[p] - b.now.worth[p] for p in b.parties}
    believed = (
        "{order}, if the threat would be carried out: a deal {when}, {terms}; against things as they are, {gains}."
    )
    not_believed = (
        "{order}, if nobody believes in the threat: a deal {when}, {terms}; against things as they are, {gains}."
    )
    return translated(
        believed if t.carried_out else not_believed,
        order=order,
        when=_when(t),
        terms=translated(t.deal.words),
        gains=yearly(_gains(b, gains)),
    )


def _when(t: Talks) -> str:
    agreed = next(r for r in t.rounds if r.agreed)
    return translated("at once") if agreed.day == 0 else translated("on day {day}", day=agreed.day)


def _outside(b: Bargain) -> list[str]:
    """Return how much more or less of these goods third countries export under the deal, and which of them most."""
    shown = those_outside(b)
    if shown is None:
        return []
    deal, data = shown[0], shown[1].sort_values("exports_change")
    lost, won = (float(data["exports_change"].clip(**side).sum()) for side in ({"upper": 0}, {"lower": 0}))
    if max(won, -lost) < 0.5:
        return []
    least, most = (data.iloc[k] for k in (0, -1))
    lose, win = _most(b, -lost, least), _most(b, won, most)
    takes = translated(
        "Outside, against things as they are, {deal} takes {money} a year of exports of these goods from others, most "
        "from {country} ({amount}).",
        deal=deal,
        **lose,
    )
    brings = translated(
        "Outside, against things as they are, {deal} brings others {money} a year of exports of these goods, most to "
        "{country} ({amount}).",
        deal=deal,
        **win,
    )
    also_takes = translated("It takes {money} a year from others, most from {country} ({amount}).", **lose)
    also_brings = translated("It brings others {money} a year, most to {country} ({amount}).", **win)
    out = [takes, also_brings] if -lost >= won else [brings, also_takes]
    if min(won, -lost) <= SMALL_PART * max(won, -lost):
        out = out[:1]
    return [joined_sentences(out)]


def _most(b: Bargain, total: float, country: pd.Series) -> dict[str, str]:
    """Return the words for exports that others lose or gain, and for the country that does most."""
    name, change = str(country["country"]), float(country["exports_change"])
    return {"money": dollars(total), "country": b.spoken(name), "amount": dollars(change)}
