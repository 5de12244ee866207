"""Findings on domestic law: what the statute of a measure allows, what is disputed, and what conflicts with the WTO."""

from __future__ import annotations

import re

from entrepot.languages import if_known, localised, translated
from entrepot.rules.book import Determination, Statute, fact_texts, rules
from entrepot.rules.clocks import clocks, deadlines
from entrepot.rules.entry import in_period, least_sure
from entrepot.rules.facts import COMPUTED, FactAnswer, as_stated, own_rise
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.obligations import LATER, precedents
from entrepot.rules.parties import group_name
from entrepot.words import and_list, day, percent, sentence, spoken


def authorities(view: MeasureView) -> list[Finding]:
    """Return a Finding for each statute that the importer, or the exporter of its own exports, acts under."""
    takes = view.role == ("exporter" if view.by_exporter else "importer") and not view.of_no_importer
    return [_finding_on(x, view) for x in view.context.statutes if takes and view.party.has(x.country, view.on)]


def short_title(title: str) -> str:
    """Return a title without a bracket at its end and, of a section, without the act that it belongs to."""
    bare = re.sub(r" \([^()]*\)$", "", title)
    return bare.partition(" of ")[0] if bare.startswith("Section") else bare


def _finding_on(statute: Statute, view: MeasureView) -> Finding:
    says = translated("{heading}: {text}", heading=statute.title, text=if_known(statute.test))
    steps = [Step("statute", True, says, statute.provision, statute.confidence)]
    status, conditions = Status.CONSISTENT, []

    def fails(fact: str, says: str) -> None:
        nonlocal status
        status = Status.INCONSISTENT
        steps.append(Step(fact, True, says, statute.limits.source or statute.provision, statute.limits.confidence))

    out = _ended(statute, view)
    if view.on < statute.in_force or (out and statute.ended_by is None):
        fails("in_force", translated("It was not in force on {date}.", date=day(view.on)))
    elif out:
        ended = {"date": day(view.on), "reason": if_known(str(statute.ended_by))}
        fails("in_force", translated("It gave no power for this on {date}: {reason}.", **ended))
        if statute.collected_until is not None and view.on <= statute.collected_until:
            says = translated(
                "Duties under it were collected on entries until {date} all the same.",
                date=day(statute.collected_until),
            )
            steps.append(Step("collected", None, says, statute.source.title, statute.confidence))
    elif statute.ended_by is not None:
        steps += [step for step in precedents(statute, view.on) if step.says.startswith(translated(LATER))]
    for fact in statute.needs:
        answer = _answered(fact, statute, view)
        steps.append(Step.of(fact, answer))
        if answer.value is False:
            status = Status.INCONSISTENT
        elif answer.value is None:
            conditions.append(fact_texts()[fact].unless)
    limits = statute.limits
    rise = own_rise(view)
    if limits.points is not None and rise > 0:
        if rise > limits.points + 1e-9:
            says = "The duty rises by {rise}; the statute allows at most {most}."
            fails("points", translated(says, rise=percent(rise), most=percent(limits.points)))
        else:
            within = "The duty rises by {rise}, within the {most} that the statute allows."
            says = translated(within, rise=percent(rise), most=percent(limits.points))
            steps.append(Step("points", False, says, statute.provision, limits.confidence))
    if limits.all_origins and COMPUTED["not_all_origins"](view).value:
        if limits.selective:
            conditions.append(limits.selective)
            says = f"The measure treats origins differently, which the statute allows if {limits.selective}."
            steps.append(Step("all_origins", None, says, statute.provision, limits.confidence))
        else:
            fails(
                "all_origins",
                translated(
                    "The statute requires equal treatment of all origins, and the measure treats them differently."
                ),
            )
    longest = limits.days or (limits.years * 365.25 if limits.years else None)
    if longest is not None:
        days = translated("{number} days", number=limits.days)
        allowed = days if limits.days else translated("{number} years", number=localised(f"{limits.years:g}"))
        until = view.context.until
        lasts = (until - view.context.since).days if until is not None else None
        in_all = limits.years_in_all
        if in_all and lasts is not None and lasts > in_all * 365.25:
            says = "It lasts {days} days; the statute allows {time} with every extension."
            time = translated("{number} years", number=localised(f"{in_all:g}"))
            fails("lasts", translated(says, days=lasts, time=time))
        elif limits.extendable and (lasts is None or lasts > longest):
            conditions.append(limits.extendable)
            more, longer = "The statute allows {time}, and more if {condition}.", localised(f"{in_all or 0:g}")
            more = "The statute allows {time}, and up to {most} years in all if {condition}." if in_all else more
            says = translated(more, time=allowed, most=longer, condition=if_known(limits.extendable))
            steps.append(Step("lasts", None, says, statute.provision, limits.confidence))
        elif lasts is None:
            conditions.append(translated("it ends within {time}", time=allowed))
            says = translated("No end is stated (law: until); the statute allows {time}.", time=allowed)
            steps.append(Step("lasts", None, says, translated("not stated")))
        elif lasts > longest:
            fails("lasts", translated("It lasts {days} days; the statute allows {time}.", days=lasts, time=allowed))
    if conditions and status is Status.CONSISTENT:
        status = Status.JUSTIFIED_IF
    contests = [c for c in statute.contests if c.on(view.on) and _is_relevant(c.clock, view)]
    for contest in contests:
        steps.append(Step("contest", None, contest.what, "; ".join(contest.authorities), "disputed"))
    if contests and status is not Status.INCONSISTENT:
        status, conditions = (
            Status.CONTESTED,
            [translated("courts and commentators disagree on whether the authority extends to it")],
        )
    if view.export_restraint is not None and not view.export_control and statute.clashes_with:
        forbidden = and_list([rules()[name].provision for name in statute.clashes_with])
        says = translated(
            "{statute} names such an agreement as an option; {provisions} forbids seeking it. Authority under domestic "
            "law is not a defence under the treaty.",
            statute=sentence(statute.title),
            provisions=forbidden,
        )
        steps.append(Step("clash", True, says, f"{statute.provision}; {forbidden}"))
    return Finding.on(
        view,
        rule=statute.id,
        provision=f"{short_title(statute.title)} ({statute.provision})",
        title=translated("Authority in {country}", country=spoken(group_name(statute.country))),
        status=status,
        condition=translated("; and ").join(if_known(text) for text in conditions),
        met=False,
        steps=steps,
        consequence=_consequence(statute, view),
        cure="" if status is Status.CONSISTENT else translated(_NO_POWER if out else _WITHIN),
        complain=(),
        trade=view.trade,
        remedy=""
        if status is Status.CONSISTENT
        else translated("Parties with standing may sue in the national courts."),
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
