"""Findings on domestic law: what the statute of a measure allows, what is disputed, and what conflicts with the WTO."""

from __future__ import annotations

from entrepot.rules.book import Statute, rules
from entrepot.rules.clocks import deadlines
from entrepot.rules.facts import COMPUTED, own_rise, percent
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import group_name
from entrepot.words import and_list, day, sentence, spoken


def authorities(view: MeasureView) -> list[Finding]:
    """Return a Finding for each statute that the importer takes the measure under."""
    return [
        _finding_on(x, view)
        for x in view.context.statutes
        if view.role == "importer" and view.party.has(x.country, view.on)
    ]


def _finding_on(statute: Statute, view: MeasureView) -> Finding:
    steps = [Step("statute", True, f"{statute.title}: {statute.test}", statute.provision, statute.confidence)]
    status, conditions = Status.CONSISTENT, []

    def fails(fact: str, says: str) -> None:
        nonlocal status
        status = Status.INCONSISTENT
        steps.append(Step(fact, True, says, statute.limits.source or statute.provision, statute.limits.confidence))

    ended = statute.until is not None and view.on >= statute.until
    if view.on < statute.in_force or (ended and view.measure.kind in (statute.ended_for or (view.measure.kind,))):
        fails("in_force", f"It was not in force on {day(view.on)}.")
    limits = statute.limits
    rise = own_rise(view)
    if limits.points is not None and rise > 0:
        if rise > limits.points + 1e-9:
            fails("points", f"The duty rises by {percent(rise)}; the statute allows at most {percent(limits.points)}.")
        else:
            says = f"The duty rises by {percent(rise)}, within the {percent(limits.points)} that the statute allows."
            steps.append(Step("points", False, says, statute.provision, limits.confidence))
    if limits.all_origins and COMPUTED["origins_treated_differently"](view).value:
        fails(
            "all_origins",
            "The statute requires equal treatment of all origins, and the measure treats them differently.",
        )
    longest = limits.days or (limits.years * 365.25 if limits.years else None)
    if longest is not None:
        allowed = f"{limits.days} days" if limits.days else f"{limits.years:g} years"
        until = view.context.until
        if until is None:
            conditions.append(f"it ends within {allowed}")
            steps.append(
                Step("lasts", None, f"No end is stated (law: until); the statute allows {allowed}.", "not stated")
            )
        elif (until - view.context.since).days > longest:
            fails("lasts", f"It lasts {(until - view.context.since).days} days; the statute allows {allowed}.")
    if conditions and status is Status.CONSISTENT:
        status = Status.JUSTIFIED_IF
    contests = [c for c in statute.contests if c.on(view.on) and _is_relevant(c.clock, view)]
    for contest in contests:
        steps.append(Step("contest", None, contest.what, "; ".join(contest.authorities), "disputed"))
    if contests and status is not Status.INCONSISTENT:
        status, conditions = (
            Status.CONTESTED,
            ["courts and commentators disagree on whether the authority extends to it"],
        )
    if view.export_restraint is not None and statute.clashes_with:
        forbidden = and_list([rules()[name].provision for name in statute.clashes_with])
        clashes = f"{forbidden} forbids seeking it. Authority under domestic law is not a defence under the treaty."
        says = f"{sentence(statute.title)} names such an agreement as an option; {clashes}"
        steps.append(Step("clash", True, says, f"{statute.provision}; {forbidden}"))
    return Finding.on(
        view,
        rule=statute.id,
        provision=f"{statute.title.partition(' of ')[0]} ({statute.provision})",
        title=f"Authority in {spoken(group_name(statute.country))}",
        status=status,
        condition="; and ".join(conditions),
        met=False,
        steps=steps,
        consequence=statute.consequence,
        cure="Act within the limits and deadlines of the statute." if status is not Status.CONSISTENT else "",
        complain=(),
        trade=view.trade,
        remedy="" if status is Status.CONSISTENT else "Parties with standing may sue in the national courts.",
        disputes=statute.disputes,
        citation=statute.source.title,
        text=statute.confidence,
    )


def _is_relevant(clock: str | None, view: MeasureView) -> bool:
    """Return whether a dispute matters to the case: always, or only once its clock has lapsed on the case's events."""
    if clock is None:
        return True
    found = deadlines(view.context.events, on=view.on).get(clock)
    return found is not None and found.status in ("lapsed", "met late")
