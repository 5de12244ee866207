"""Findings on WTO obligations: is a rule touched, is it breached, and does an exception excuse the breach?"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from entrepot.languages import if_known, translated
from entrepot.rules.appeals import remedied
from entrepot.rules.book import (
    Contest,
    OnExports,
    Question,
    Rule,
    Statute,
    cited,
    decided_alike,
    disputes,
    fact_texts,
    rules,
)
from entrepot.rules.entry import in_period
from entrepot.rules.facts import COMPUTED, ask, disfavoured
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party
from entrepot.words import day


def as_of(text: str, on: datetime.date) -> str:
    """Return a text with the name that the GATT had on the date."""
    return text if on >= datetime.date(1995, 1, 1) else text.replace("GATT 1994", "GATT 1947")


def in_force(rule: Rule, on: datetime.date) -> bool:
    """Return whether a rule is in force on a date."""
    return in_period(on, rule.in_force, rule.until)


def remedy_of(rule: Rule, on: datetime.date) -> Rule | None:
    """Return the remedy for a breach of a rule on a date, which before the WTO is that of the GATT; None without."""
    remedy = rules()[rule.remedy] if rule.remedy else None
    return rules()["gatt-xxiii"] if remedy is not None and not in_force(remedy, on) else remedy


def judge(rule: Rule, view: MeasureView) -> Finding | None:
    """Return the Finding of an obligation on one measure and party; None where the rule does not apply."""
    if not in_force(rule, view.on) or not view.context.binds(view.party):
        return None
    if rule.only and not any(view.party.has(name, view.on) for name in rule.only):
        return None
    touched, steps = _verdict(rule.touched_by, view)
    if touched is False or (
        touched is None and not any(step.answer is None and _computed(step.fact) for step in steps)
    ):
        return None  # not touched, or only a fact that nobody states would touch it
    breached, more = _verdict(rule.breached_if, view)
    # A fact in both lists makes one step.
    steps += [step for step in more if step.fact not in {known.fact for known in steps}]
    if breached is False:
        return _finding(rule, view, _Excuse(Status.CONSISTENT), steps)
    if touched is None:
        return _finding(rule, view, _Excuse(Status.JUSTIFIED_IF, _unless(steps)), steps)
    if breached is None:
        excuse, relied_on = _excused(rule, view)
        helps = excuse.status is not Status.INCONSISTENT
        condition = _or_else(_unless(steps), excuse) if helps else _unless(steps)
        return _finding(rule, view, _Excuse(Status.JUSTIFIED_IF, condition), [*steps, *relied_on] if helps else steps)
    excuse, more = _excused(rule, view)
    return _finding(rule, view, excuse, [*steps, *more])


def conditions(exception: str, view: MeasureView) -> tuple[bool | None, list[Step]]:
    """Return whether the conditions of an exception are met (None: unknown), and the steps that show it."""
    return _verdict(rules()[exception].met_if, view)


def _computed(fact: str) -> bool:
    return fact_texts()[fact.removeprefix("not ")].computed


def _verdict(questions: Iterable[Question], view: MeasureView) -> tuple[bool | None, list[Step]]:
    """Return whether all questions hold (None: unknown), and the steps up to the first that does not."""
    verdict: bool | None = True
    steps: list[Step] = []
    for question in questions:
        answers = ask(question, view)
        steps += [Step.of(name, answer) for name, answer in answers]
        value = answers[0][1].value  # where there are several answers, all of them are no, or all unknown
        if value is False:
            return False, steps
        if value is None:
            verdict = None
    return verdict, steps


def _unless(steps: Iterable[Step]) -> str:
    """Return what must hold for there to be no breach, from the facts that are unknown."""
    texts = [fact_texts()[step.fact.removeprefix("not ")].unless for step in steps if step.answer is None]
    known = [if_known(text) for text in dict.fromkeys(texts) if text]
    return translated("; and ").join(known) or translated("the facts that are unknown here bear it out")


@dataclass(frozen=True)
class _Excuse:
    """The effect of an exception on a breach: status, deciding condition, whether it is met, and consequence."""

    status: Status
    condition: str = ""
    met: bool = False
    consequence: str = ""


def _or_else(condition: str, excuse: _Excuse) -> str:
    """Return a condition and that of an excuse, either of which is enough."""
    if excuse.status is Status.CONTESTED:
        return translated("{condition}; or else, {other}", condition=condition, other=excuse.condition)
    return translated("{condition}; or else, if {other}", condition=condition, other=excuse.condition)


def _brief(rule: Rule) -> str:
    return rule.provision.partition(", with")[0]


def _excused(rule: Rule, view: MeasureView) -> tuple[_Excuse, list[Step]]:
    """Return the best effect that the exceptions have on a breach; those not relied on are only listed, if open to it.

    What is unknown of whether one is relied on is a step. Where none is met, its condition names all that may help.
    """
    excuses: list[_Excuse] = []
    steps: list[Step] = []
    not_claimed: list[str] = []
    open_claims: list[Step] = []  # nobody relies on the exception, and it may be there to be relied on
    for name in rule.excused_by:
        exception = rules()[name]
        if not in_force(exception, view.on):
            continue
        claimed, why = _verdict(exception.claimed_by, view)
        if exception.serves and view.role in _SIDES and view.role not in exception.serves:
            steps += [*why, _of_the_other_side(exception)] if claimed else []
            continue
        if not claimed:
            if _verdict(exception.open_to, view)[0] is not False:
                not_claimed.append(_brief(exception))
                open_claims += why if claimed is None else []
            continue
        excuse, found = _exception(exception, view)
        steps += [*(step for step in why if step.fact not in {x.fact for x in steps}), *found]
        excuses.append(excuse)
    helps = [excuse for excuse in excuses if excuse.status is not Status.INCONSISTENT]
    helps.sort(key=lambda excuse: (excuse.status.severity, not excuse.met))
    best = helps[0] if helps else _Excuse(Status.INCONSISTENT)
    if helps and not best.met:
        best = replace(best, condition=functools.reduce(_or_else, helps[1:], best.condition))
    if not_claimed and best.status is Status.INCONSISTENT:
        says = translated("Not relied on here: {exceptions}.", exceptions=translated("; ").join(not_claimed))
        steps += [Step("exceptions", None, says, translated("the case")), *open_claims]
    return best, steps


#: The sides of a trade whose measures an exception serves; what a producer does is on neither.
_SIDES = {
    "importer": "{provision} does not apply: it is for measures on imports alone.",
    "exporter": "{provision} does not apply: it is for measures on exports alone.",
}


def _of_the_other_side(exception: Rule) -> Step:
    """Return the step on an exception that excuses measures of the other side of a trade alone."""
    says = translated(_SIDES[exception.serves[0]], provision=_brief(exception))
    return Step(exception.id, False, says, exception.source.title)


def _exception(exception: Rule, view: MeasureView) -> tuple[_Excuse, list[Step]]:
    met, steps = _verdict(exception.met_if, view)
    named = f"{if_known(exception.condition or '')} ({_brief(exception)})"
    if met:
        return _Excuse(Status.JUSTIFIED_IF, named, True, exception.consequence), steps
    contest = exception.contested
    disputed = contest is not None and contest.on(view.on) and _is_of(contest, view)
    if contest is not None and disputed and (met is None or contest.despite_facts):
        says = translated("{heading}: {text}", heading=exception.provision, text=if_known(contest.what))
        steps.append(Step(exception.id, None, says, "; ".join(contest.authorities), "disputed"))
        steps += precedents(exception, view.on)
        return _Excuse(
            Status.CONTESTED, translated("it stands or falls with {provision}", provision=_brief(exception))
        ), steps
    if met is None:
        return _Excuse(Status.JUSTIFIED_IF, named), steps
    requires = "{provision} does not apply: it requires that {condition}."
    says = translated(requires, provision=_brief(exception), condition=if_known(exception.condition or ""))
    return _Excuse(Status.INCONSISTENT), [*steps, Step(exception.id, False, says, exception.source.title)]


def _is_of(contest: Contest, view: MeasureView) -> bool:
    """Return whether a dispute is about the party's reliance on the exception."""
    if contest.settled_by is not None and ask(contest.settled_by, view)[0][1].value:
        return False
    return not contest.of or any(view.party.has(name, view.on) for name in contest.of)


#: How the step on a decision begins that was still to come.
LATER = "Decided later: "


def precedents(rule: Rule | Statute, on: datetime.date) -> list[Step]:
    """Return a step for each decision on a rule, before the date and after it; joint decisions make one step."""
    return _decided(rule.disputes, on)


def _on_this_measure(rule: Rule, view: MeasureView) -> list[Step]:
    """Return a step for each decision on a measure of this party on these goods."""
    goods = frozenset[int]().union(*(view.context.divisions[sector] for sector in view.sectors))
    return _decided(
        [
            name
            for name in rule.disputes
            if (one := disputes()[name]).respondent
            and view.party.has(one.respondent, view.on)
            and (not one.isic4 or goods & {int(d) for d in one.isic4})
        ],
        view.on,
    )


def _decided(ids: Iterable[str], on: datetime.date) -> list[Step]:
    steps = []
    for group in sorted(decided_alike(ids), key=lambda group: group[0].decided):
        first = group[0]
        status = translated("Status: {status}.", status=if_known(first.status))
        adopted = "" if all(d.adopted for d in group) else f" {status}"
        later = translated(LATER) if first.decided > on else ""
        heading = f"{later}{cited(group)} ({day(first.decided)})"
        says = translated("{heading}: {text}", heading=heading, text=f"{if_known(first.held)}{adopted}")
        steps.append(Step("dispute", None, says, first.source.title, first.confidence))
    return steps


def complainants(view: MeasureView, *, third: bool = False) -> tuple[Party, ...]:
    """Return the partners that the measure puts at a disadvantage and the WTO agreements bind, by value of trade.

    A preference is to the disadvantage of those that it leaves out, unless they pay as little.
    third   those with trade in the same goods that it leaves out come first, and the partners after them
    """
    preference = _is_a_preference(view)
    worse = disfavoured(view) if preference else view.others
    first = view.left_out if third and not preference else ()
    return tuple(p for p in (*first, *worse) if view.context.binds(p))


def _is_a_preference(view: MeasureView) -> bool:
    return COMPUTED["is_a_preference"](view).value is True


def _finding(rule: Rule, view: MeasureView, excuse: _Excuse, steps: list[Step]) -> Finding:
    status = excuse.status
    shown = {step.says for step in steps}
    steps = [*steps, *(step for step in _on_this_measure(rule, view) if step.says not in shown)]
    remedy = remedy_of(rule, view.on)
    theirs = rule.on_exports if view.role == "exporter" else OnExports()
    who = complainants(view, third=rule.any_member)
    between = {view.party.name: [p.name for p in who]}
    return Finding.on(
        view,
        rule=rule.id,
        provision=as_of(rule.provision, view.on),
        title=rule.title,
        status=status,
        condition=as_of(excuse.condition, view.on),
        met=excuse.met,
        steps=steps,
        consequence=excuse.consequence or theirs.consequence or rule.consequence,
        cure="" if excuse.met else theirs.cure or rule.cure or "",
        complain=() if status is Status.CONSISTENT else tuple(p.name for p in who),
        trade=view.trade_left_out(complainants(view)) if _is_a_preference(view) else view.trade,
        remedy=remedied(remedy, between, view.on) if remedy is not None and status is not Status.CONSISTENT else "",
        disputes=rule.disputes,
        citation=rule.source.title,
        text=rule.confidence,
    )
