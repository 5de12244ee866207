"""Findings on domestic law: what the statute of a measure allows, what is disputed, and what conflicts with the WTO."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from entrepot.languages import if_known, localised, translated
from entrepot.rules.book import Determination, Statute, fact_texts, rules
from entrepot.rules.clocks import clocks, deadlines
from entrepot.rules.days import lasts_beyond
from entrepot.rules.entry import in_period, least_sure
from entrepot.rules.facts import COMPUTED, FactAnswer, as_stated, own_rise
from entrepot.rules.facts.fact import points
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.obligations import LATER, precedents
from entrepot.rules.parties import group_name
from entrepot.words import and_list, day, sentence, spoken


def authorities(view: MeasureView) -> list[Finding]:
    """Return a Finding for each statute that the importer, or the exporter of its own exports, acts under."""
    return [_finding_on(x, view) for x in view.context.statutes if view.takes_it and view.party.has(x.country, view.on)]


def short_title(title: str) -> str:
    """Return a title without a bracket at its end and, of a section, without the act that it belongs to."""
    bare = re.sub(r" \([^()]*\)$", "", title)
    return bare.partition(" of ")[0] if bare.startswith("Section") else bare


class _Test(NamedTuple):
    """What a part of a statute makes of a measure: the step, whether the measure fails, and a condition left open."""

    step: Step
    fails: bool = False
    condition: str | None = None


def _failed(statute: Statute, name: str, says: str) -> _Test:
    limits = statute.limits
    return _Test(Step(name, True, says, limits.source or statute.provision, limits.confidence), fails=True)


def _force(statute: Statute, view: MeasureView) -> Iterator[_Test]:
    """Yield whether a statute is in force and gives the power, with the law that came later."""
    out, date = _ended(statute, view), day(view.on)
    if view.on < statute.in_force or (out and statute.ended_by is None):
        yield _failed(statute, "in_force", translated("It was not in force on {date}.", date=date))
    elif out:
        reason = if_known(str(statute.ended_by))
        says = translated("It gave no power for this on {date}: {reason}.", date=date, reason=reason)
        yield _failed(statute, "in_force", says)
        if statute.collected_until is not None and view.on <= statute.collected_until:
            until = day(statute.collected_until)
            says = translated("Duties under it were collected on entries until {date} all the same.", date=until)
            yield _Test(Step("collected", None, says, statute.source.title, statute.confidence))
    elif statute.ended_by is not None:
        yield from (_Test(s) for s in precedents(statute, view.on) if s.says.startswith(translated(LATER)))


def _needs(statute: Statute, view: MeasureView) -> Iterator[_Test]:
    """Yield the answers to the facts that a statute needs."""
    for fact in statute.needs:
        answer = _answered(fact, statute, view)
        unless = fact_texts()[fact].unless if answer.value is None else None
        yield _Test(Step.of(fact, answer), answer.value is False, unless)


def _size(statute: Statute, view: MeasureView) -> Iterator[_Test]:
    """Yield whether a duty rises by no more than a statute allows."""
    most, rise = statute.limits.points, own_rise(view)
    if most is None or rise <= 0:
        return
    numbers = {"rise": points(rise), "most": points(most)}
    if rise > most + 1e-9:
        says = "The duty rises by {rise}; the statute allows at most {most}."
        yield _failed(statute, "points", translated(says, **numbers))
    else:
        within = translated("The duty rises by {rise}, within the {most} that the statute allows.", **numbers)
        yield _Test(Step("points", False, within, statute.provision, statute.limits.confidence))


def _origins(statute: Statute, view: MeasureView) -> Iterator[_Test]:
    """Yield whether a measure that treats origins differently may do so."""
    limits = statute.limits
    if not limits.all_origins or not COMPUTED["not_all_origins"](view).value:
        return
    if limits.selective:
        says = "The measure treats origins differently, which the statute allows if {condition}."
        says = translated(says, condition=if_known(limits.selective))
        step = Step("all_origins", None, says, statute.provision, limits.confidence)
        yield _Test(step, condition=limits.selective)
    else:
        says = "The statute requires equal treatment of all origins, and the measure treats them differently."
        yield _failed(statute, "all_origins", translated(says))


def _length(statute: Statute, view: MeasureView) -> Iterator[_Test]:
    """Yield whether a measure lasts no longer than a statute allows, at once or with every extension."""
    limits = statute.limits
    if not limits.days and not limits.years:
        return
    days = translated("{number} days", number=limits.days)
    allowed = days if limits.days else translated("{number} years", number=localised(f"{limits.years:g}"))
    since, until, in_all = view.context.since, view.context.until, limits.years_in_all
    lasts = (until - since).days if until is not None else None
    beyond = lasts is not None and limits.days is not None and lasts > limits.days
    if until is not None and not limits.days:
        beyond = lasts_beyond(since, until, limits.years or 0)
    if in_all and until is not None and lasts_beyond(since, until, in_all):
        says = "It lasts {days} days; the statute allows {time} with every extension."
        time = translated("{number} years", number=localised(f"{in_all:g}"))
        yield _failed(statute, "lasts", translated(says, days=lasts, time=time))
    elif limits.extendable and (until is None or beyond):
        more, longer = "The statute allows {time}, and more if {condition}.", localised(f"{in_all or 0:g}")
        more = "The statute allows {time}, and up to {most} years in all if {condition}." if in_all else more
        says = translated(more, time=allowed, most=longer, condition=if_known(limits.extendable))
        step = Step("lasts", None, says, statute.provision, limits.confidence)
        yield _Test(step, condition=limits.extendable)
    elif lasts is None:
        says = translated("No end is stated (law: until); the statute allows {time}.", time=allowed)
        step = Step("lasts", None, says, translated("not stated"))
        yield _Test(step, condition=translated("it ends within {time}", time=allowed))
    elif beyond:
        says = "It lasts {days} days; the statute allows {time}."
        yield _failed(statute, "lasts", translated(says, days=lasts, time=allowed))


def _clash(statute: Statute, view: MeasureView) -> list[Step]:
    """Return the step on a restraint of exports that the statute names and the WTO's rules forbid to seek."""
    if view.export_restraint is None or view.export_control or not statute.clashes_with:
        return []
    forbidden = and_list([rules()[name].provision for name in statute.clashes_with])
    says = translated(
        "{statute} names such an agreement as an option; {provisions} forbids seeking it. Authority under domestic "
        "law is not a defence under the treaty.",
        statute=sentence(statute.title),
        provisions=forbidden,
    )
    return [Step("clash", True, says, f"{statute.provision}; {forbidden}")]


def _finding_on(statute: Statute, view: MeasureView) -> Finding:
    tests = [test for part in (_force, _needs, _size, _origins, _length) for test in part(statute, view)]
    conditions = [test.condition for test in tests if test.condition is not None]
    contests = [c for c in statute.contests if c.on(view.on) and _is_relevant(c.clock, view)]
    if any(test.fails for test in tests):
        status = Status.INCONSISTENT
    elif contests:
        status = Status.CONTESTED
        conditions = [translated("courts and commentators disagree on whether the authority extends to it")]
    else:
        status = Status.JUSTIFIED_IF if conditions else Status.CONSISTENT
    conforms = status is Status.CONSISTENT
    says = translated("{heading}: {text}", heading=statute.title, text=if_known(statute.test))
    return Finding.on(
        view,
        rule=statute.id,
        provision=f"{short_title(statute.title)} ({statute.provision})",
        title=translated("Authority in {country}", country=spoken(group_name(statute.country))),
        status=status,
        condition=translated("; and ").join(if_known(text) for text in conditions),
        met=False,
        steps=[
            Step("statute", True, says, statute.provision, statute.confidence),
            *(test.step for test in tests),
            *(Step("contest", None, c.what, "; ".join(c.authorities), "disputed") for c in contests),
            *_clash(statute, view),
        ],
        consequence=_consequence(statute, view),
        cure="" if conforms else translated(_NO_POWER if _ended(statute, view) else _WITHIN),
        complain=(),
        trade=view.trade,
        remedy="" if conforms else translated("Parties with standing may sue in the national courts."),
        disputes=statute.disputes,
        citation=statute.source.title,
        text=statute.confidence,
    )


def _consequence(statute: Statute, view: MeasureView) -> str:
    """Return what follows under a statute, with the last day of this measure where a clock counts its days."""
    clock = clocks().get(statute.limits.clock or "")
    if clock is None:
        return statute.consequence
    stated = view.context.law.since or view.context.case.since
    since = stated or view.context.event(clock.trigger) or view.context.since
    this = translated(
        "A measure that starts on {since} is due on entries until {last}.",
        since=day(since),
        last=day(clock.last_day(since)),
    )
    return f"{if_known(statute.consequence)} {this}"


#: What would cure a measure that its statute does not carry; where there is no power, no limit of it can be kept.
_WITHIN = "Act within the limits and deadlines of the statute."
_NO_POWER = "Nothing under this statute: take the measure under another one, or by a new Act."


def _ended(statute: Statute, view: MeasureView) -> bool:
    """Return whether a statute has ceased to give the power for this kind of measure."""
    ended = statute.until is not None and view.on >= statute.until
    return ended and view.measure.kind in (statute.ended_for or (view.measure.kind,))


def _answered(fact: str, statute: Statute, view: MeasureView) -> FactAnswer:
    """Return the answer to what a statute asks for: as stated, else from the book, else from the case's calendar."""
    stated = as_stated(fact, view)
    if stated.value is not None:
        return stated
    known = [found for found in statute.found if _on(found, view)]
    goods = [view.context.divisions[sector] for sector in view.sectors]
    used = [found for found in known if not found.isic4 or any(_divisions(found) & divisions for divisions in goods)]
    says = " ".join(
        translated("{heading}: {text}", heading=day(found.since), text=if_known(found.says)) for found in used
    )
    source = "; ".join(dict.fromkeys(found.source for found in used))
    every = any(not found.isic4 for found in used)
    covered = frozenset[int]().union(*map(_divisions, used))
    if used and (every or all(divisions and divisions <= covered for divisions in goods)):
        sure = least_sure(used[0].confidence, *(found.confidence for found in used))
        return FactAnswer(True, says, source, sure)
    for event in view.context.events:
        if event.date <= view.on and set(event.kind) & set(statute.found_by):
            says = translated("{heading}: {text}", heading=day(event.date), text=f"{if_known(event.event)}.")
            return FactAnswer(True, says, translated("the calendar of the case"))
    part = translated("It is known of part of these goods alone. {says}", says=says)
    return FactAnswer(None, part, source) if used else stated


def _on(found: Determination, view: MeasureView) -> bool:
    """Return whether a determination stands on the day and concerns every partner that the measure touches."""
    if not in_period(view.on, found.since, found.until):
        return False
    return not found.of or all(any(other.has(name, view.on) for name in found.of) for other in view.others)


def _divisions(found: Determination) -> frozenset[int]:
    """Return the divisions of goods that a determination names."""
    return frozenset(int(d) for d in found.isic4)


def _is_relevant(clock: str | None, view: MeasureView) -> bool:
    """Return whether a dispute matters to the case: always, or only once its clock has lapsed on the case's events."""
    if clock is None:
        return True
    found = deadlines(view.context.events, on=view.on).get(clock)
    return found is not None and found.status in ("lapsed", "met late")
