"""A rule asked about a measure: is it touched, is it breached, and does an exception that is relied on excuse it?"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.rules.book import Question, Rule, cited, decided_alike, fact_texts, rules
from entrepot.rules.facts import ask
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party
from entrepot.words import day


def as_of(text: str, on: datetime.date) -> str:
    """The GATT of 1994 by the name it had on the date."""
    return text if on >= datetime.date(1995, 1, 1) else text.replace("GATT 1994", "GATT 1947")


def in_force(rule: Rule, on: datetime.date) -> bool:
    return rule.in_force <= on and (rule.until is None or on < rule.until)


def judge(rule: Rule, view: MeasureView) -> Finding | None:
    """The Finding of an obligation on one measure of one party; None where the rule has nothing to say."""
    if not in_force(rule, view.on) or not view.context.binds(view.party):
        return None
    touched, steps = _asked(rule.touched_by, view)
    if touched is False or (
        touched is None and not any(step.answer is None and _computed(step.fact) for step in steps)
    ):
        return None  # not touched, or nobody says that it is
    breached, more = _asked(rule.breached_if, view)
    # A fact that both lists ask for is one step.
    steps += [step for step in more if step.fact not in {known.fact for known in steps}]
    if breached is False:
        return _finding(rule, view, _Excuse(Status.CONSISTENT), steps)
    if touched is None:
        return _finding(rule, view, _Excuse(Status.JUSTIFIED_IF, _unless(steps)), steps)
    if breached is None:
        excuse, relied_on = _excused(rule, view)
        helps = excuse.status is not Status.INCONSISTENT
        condition = f"{_unless(steps)}; or else, if {excuse.condition}" if helps else _unless(steps)
        return _finding(rule, view, _Excuse(Status.JUSTIFIED_IF, condition), [*steps, *relied_on] if helps else steps)
    excuse, more = _excused(rule, view)
    return _finding(rule, view, excuse, [*steps, *more])


def _computed(fact: str) -> bool:
    return fact_texts()[fact.removeprefix("not ")].computed


def _asked(questions: Iterable[Question], view: MeasureView) -> tuple[bool | None, list[Step]]:
    """Whether all are so (None: not known), and the steps up to the first that is not."""
    verdict: bool | None = True
    steps: list[Step] = []
    for question in questions:
        answers = ask(question, view)
        steps += [Step.of(name, answer) for name, answer in answers]
        value = answers[0][1].value  # several answers are all no
        if value is False:
            return False, steps
        if value is None:
            verdict = None
    return verdict, steps


def _unless(steps: Iterable[Step]) -> str:
    """What must hold for no breach, from the facts that are not known."""
    texts = [fact_texts()[step.fact.removeprefix("not ")].unless for step in steps if step.answer is None]
    return "; and ".join(dict.fromkeys(text for text in texts if text)) or "what is not known here turns out so"


@dataclass(frozen=True)
class _Excuse:
    """What an exception makes of a breach: the status, what decides, whether that holds on the facts here, and what
    then follows.
    """

    status: Status
    condition: str = ""
    met: bool = False
    consequence: str = ""


def _brief(rule: Rule) -> str:
    return rule.provision.partition(", with")[0]


def _excused(rule: Rule, view: MeasureView) -> tuple[_Excuse, list[Step]]:
    """The best that the exceptions make of a breach: those relied on are examined, the others named."""
    excuses = [_Excuse(Status.INCONSISTENT)]
    steps: list[Step] = []
    silent: list[str] = []
    for name in rule.excused_by:
        exception = rules()[name]
        if not in_force(exception, view.on):
            continue
        claimed, why = _asked(exception.claimed_by, view)
        if not claimed:
            silent.append(_brief(exception))
            continue
        excuse, found = _exception(exception, view)
        steps += [*(step for step in why if step.fact not in {x.fact for x in steps}), *found]
        excuses.append(excuse)
    best = min(excuses, key=lambda excuse: (excuse.status.severity, not excuse.met))
    if silent and best.status is Status.INCONSISTENT:
        says = f"Not relied on here: {'; '.join(silent)}."
        steps.append(Step("exceptions", None, says, "the case"))
    return best, steps


def _exception(exception: Rule, view: MeasureView) -> tuple[_Excuse, list[Step]]:
    met, steps = _asked(exception.met_if, view)
    named = f"{exception.condition} ({_brief(exception)})"
    if met:
        return _Excuse(Status.JUSTIFIED_IF, named, True, exception.consequence), steps
    contest = exception.contested
    if contest is not None and contest.on(view.on) and (met is None or contest.despite_facts):
        says = f"{exception.provision}: {contest.what}"
        steps.append(Step(exception.id, None, says, "; ".join(contest.authorities), "disputed"))
        steps += precedents(exception, view.on)
        return _Excuse(Status.CONTESTED, f"it stands or falls with {_brief(exception)}"), steps
    if met is None:
        return _Excuse(Status.JUSTIFIED_IF, named), steps
    says = f"{_brief(exception)} does not help: it needs that {exception.condition}."
    return _Excuse(Status.INCONSISTENT), [*steps, Step(exception.id, False, says, exception.source.title)]


def precedents(rule: Rule, on: datetime.date) -> list[Step]:
    """What was decided on a rule, by the date and after it; disputes decided alike on one day are one step."""
    steps = []
    for group in sorted(decided_alike(rule.disputes), key=lambda group: group[0].decided):
        first = group[0]
        adopted = "" if all(d.adopted for d in group) else f" Status: {first.status}."
        later = "Decided later: " if first.decided > on else ""
        says = f"{later}{cited(group)} ({day(first.decided)}): {first.held}{adopted}"
        steps.append(Step("dispute", None, says, first.source.title, first.confidence))
    return steps


def complainants(view: MeasureView) -> tuple[Party, ...]:
    """Those on the other side whom the WTO agreements bind too, most trade first."""
    return tuple(p for p in view.others if view.context.binds(p))


def _remedy(remedy: Rule, on: datetime.date) -> str:
    """What the other side may do, and what stands in its way on the date."""
    contest = remedy.contested
    return f"{remedy.consequence} {contest.what}" if contest is not None and contest.on(on) else remedy.consequence


def _finding(rule: Rule, view: MeasureView, excuse: _Excuse, steps: list[Step]) -> Finding:
    status = excuse.status
    remedy = rules()[rule.remedy] if rule.remedy else None
    if remedy is not None and not in_force(remedy, view.on):
        remedy = rules()["gatt-xxiii"]
    return Finding.on(
        view,
        rule=rule.id,
        provision=as_of(rule.provision, view.on),
        title=rule.title,
        status=status,
        condition=as_of(excuse.condition, view.on),
        met=excuse.met,
        steps=steps,
        consequence=excuse.consequence or rule.consequence,
        cure="" if excuse.met else rule.cure or "",
        complain=() if status is Status.CONSISTENT else tuple(p.name for p in complainants(view)),
        trade=view.trade,
        remedy=_remedy(remedy, view.on) if remedy is not None and status is not Status.CONSISTENT else "",
        disputes=rule.disputes,
        citation=rule.source.title,
        text=rule.confidence,
    )
