"""The screen: every rule applied to every measure and party of the scenarios."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from entrepot.economy.geography import iso3, outdated
from entrepot.languages import if_known, translated
from entrepot.rules.book import (
    LAW_AS_OF,
    LAW_VALID_FOR,
    MissingLaw,
    agreements,
    law_last_checked,
    missing,
    rules,
    statutes,
)
from entrepot.rules.domestic_law import authorities
from entrepot.rules.entry import Cited, in_period
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.left_out import left_out, notes_on_what_is_left_out, within_the_union
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.obligations import judge
from entrepot.rules.parties import Party
from entrepot.rules.pledges import pledges
from entrepot.words import and_list, counted, day, ended, in_one_cell, sentence, spoken

if TYPE_CHECKING:
    import pandas as pd


def unbound_parties(context: LegalContext) -> list[str]:
    """Return notes on parties that the WTO agreements do not bind on the date, and that are not screened."""
    parties = {
        str(view.party): view.party
        for view in measure_views(context)
        if not context.binds(view.party) and view.party.name != "ROW"
    }
    unknown = [name for name, party in parties.items() if not any(map(iso3, party.codes))]
    notes = []
    if known := [name for name in parties if name not in unknown]:
        says = (
            "{parties}: not bound by the WTO agreements on {day}, according to the book (rules/data/members.yaml); not "
            "screened against them."
        )
        notes.append(translated(says, parties=sentence(and_list(known)), day=day(context.on)))
    if unknown:
        says = (
            "{parties}: not a country in the book, so not taken as a Member of the WTO and not screened; `members: "
            "[{codes}]` in the law section of the case takes it as one."
        )
        notes.append(translated(says, parties=and_list(unknown), codes=", ".join(unknown)))
    return notes


def unread_statutes(context: LegalContext) -> list[str]:
    """Return notes on parties that take measures under statutes that the book does not have."""
    takers: dict[str, list[MeasureView]] = {}
    for view in measure_views(context):
        if view.takes_it and any(map(iso3, view.party.codes)):
            takers.setdefault(str(view.party), []).append(view)
    return [note for views in takers.values() if (note := _unread(views))]


def unread_agreements(context: LegalContext) -> list[str]:
    """Return notes on agreements between the parties of a measure that the book is known to lack."""
    named: dict[str, None] = {}
    for view in measure_views(context):
        takes = view.role == ("exporter" if view.by_exporter else "importer")
        for one in missing().values() if takes else ():
            if one.with_country and any(_are(view.party, other, one, context.on) for other in view.others):
                named[if_known(one.provision)] = None
    if not named:
        return []
    says = "The book lacks agreements between those that the measures touch, among others: {lacking}."
    return [translated(says, lacking="; ".join(named))]


def _are(party: Party, other: Party, agreement: MissingLaw, on: datetime.date) -> bool:
    """Return whether an agreement in force is one of the two parties, whichever it names first."""
    one, two = agreement.country, agreement.with_country or ""
    of_the_two = (party.has(one, on) and other.has(two, on)) or (party.has(two, on) and other.has(one, on))
    return of_the_two and in_period(on, agreement.since or datetime.date.min, None)


def unused_claims(context: LegalContext, found: Sequence[Finding]) -> list[str]:
    """Return a note on the exceptions that a scenario relies on and that no rule with a finding asks about."""
    touched = [rules()[finding.rule] for finding in found if finding.rule in rules()]
    helped = {name for rule in touched for name in rule.excused_by}
    touching = {question for rule in touched for question in rule.touched_by}
    claims = dict.fromkeys(name for listed in context.law.claims.values() for name in listed)
    unused = [
        rules()[name] for name in claims if name not in helped and not touching.intersection(rules()[name].claimed_by)
    ]
    if not unused or not found:
        return []
    says = "Relied on, but nothing that is found here turns on it: {exceptions}."
    return [translated(says, exceptions="; ".join(rule.provision for rule in unused))]


def _unread(views: Sequence[MeasureView]) -> str:
    """Return the note on a party whose own law is not in the book; empty where it is, or where a statute is named."""
    party, context = views[0].party, views[0].context
    if any(party.has(statute.country, context.on) for statute in context.statutes):
        return ""
    lacking = [one for one in missing().values() if one.serves and party.has(one.country, context.on)]
    none = not any(party.has(statute.country, context.on) for statute in statutes().values())
    if not none:
        lacking = [one for one in lacking if {name for view in views for name in one.serves if view.claims(name)}]
        if not lacking:
            return ""
    named = "; ".join(f"{one.provision} ({one.title})" for one in lacking)
    if not none:
        says = "The book lacks a statute of {party} on this: {lacking}; authority under its own law is not screened."
    elif named:
        says = "The book has no statute of {party}; it lacks {lacking}, so authority under its own law is not screened."
    else:
        says = "The book has no statute of {party}, so authority under its own law is not screened."
    return translated(says, party=str(party), lacking=named)


def findings(context: LegalContext) -> list[Finding]:
    """Return every finding on a scenario: WTO rules, then pledges under agreements, then domestic law."""
    out: list[Finding] = []
    for setting in measure_views(context):
        under_agreements = [] if within_the_union(setting) else _under_agreements(setting)
        out += _with_names_read(setting, [*under_agreements, *authorities(setting)])
    return out


def _under_agreements(view: MeasureView) -> list[Finding]:
    """Return the findings of WTO rules, which are on goods, and of pledges."""
    goods = view.on_goods
    obligations = (rule for rule in rules().values() if rule.kind == "obligation" and view.role in rule.binds)
    judged = [judge(rule, goods) for rule in obligations] if goods is not None else []
    return [*(finding for finding in judged if finding is not None), *pledges(view)]


@dataclass(frozen=True, repr=False)
class Screen:
    """The findings of the rules on measures on a date. A tribunal may see the facts differently.

    findings   in the order of scenarios, measures, parties and rules
    on         the date by scenario
    notes      what the screen does not know or leaves out
    caveats    by scenario, sentences on what its findings leave out, where there is any
    """

    findings: tuple[Finding, ...]
    on: dict[str, datetime.date]
    notes: tuple[str, ...] = ()
    caveats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, scenario: str) -> tuple[Finding, ...]:
        """Return the findings on a scenario."""
        return tuple(f for f in self.findings if f.scenario == scenario)

    def worst(self, scenario: str) -> Status:
        """Return the worst status of a scenario; consistent where no rule is touched."""
        return max((f.status for f in self.of(scenario)), key=lambda status: status.severity, default=Status.CONSISTENT)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per finding, with the reasoning joined into one cell."""
        import pandas as pd

        rows = [
            {
                "scenario": f.scenario,
                "date": self.on[f.scenario].isoformat(),
                "measure": f.measure,
                "party": f.party,
                "role": f.role,
                "rule": f.rule,
                "provision": f.provision,
                "status": f.status.value,
                "condition": f.condition,
                "reasoning": " ".join(step.says for step in f.steps),
                "cure": f.cure,
                "who_may_complain": in_one_cell(f.complain),
                "trade_at_stake": f.trade,
                "remedy": f.remedy,
                "confidence": f.confidence,
            }
            for f in self.findings
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with every step, as the command line writes in JSON."""
        return {
            "on": {name: date.isoformat() for name, date in self.on.items()},
            "findings": [f.to_dict() for f in self.findings],
            "notes": [if_known(note) for note in self.notes],
        }

    def __repr__(self) -> str:
        count = {status: sum(f.status is status for f in self.findings) for status in reversed(Status)}
        counts = ", ".join(f"{number} {status.value}" for status, number in count.items() if number)
        worst = next((f for status in reversed(Status) for f in self.findings if f.status is status), None)
        first = (
            f" {sentence(spoken(worst.party))}, {worst.measure}: {worst.provision} {worst.verdict}." if worst else ""
        )
        return "\n".join(
            [
                f"Screen of {counted(len(self.on), 'scenario')}: {counts or 'no rule is touched'}.{first}",
                *self.notes,
                "Next: print(screen), .findings, .to_frame()",
            ]
        )


def _outdated(context: LegalContext) -> list[str]:
    """Return notes on groups in the measures that had other members on the date of the screen."""
    return [ended(note) for note in outdated((name for m in context.scenario for name in m.names), context.on)]


def _stale_law(on: datetime.date, found: Sequence[Finding]) -> list[str]:
    """Return notes on a date after the law was last checked: the entries used that are due to be read again, or all."""
    due: dict[datetime.date, list[str]] = {}
    for finding in found if on <= LAW_AS_OF + LAW_VALID_FOR else ():
        entry = _entry(finding.rule)
        if entry is not None and entry.review_by is not None and on > entry.review_by:
            due.setdefault(entry.review_by, []).append(finding.provision)
    says = "Law as of {checked}: {names} should have been read again by {due}; check what has changed by {on}."
    return [
        translated(says, checked=day(LAW_AS_OF), names=and_list(list(dict.fromkeys(names))), due=day(date), on=day(on))
        for date, names in sorted(due.items())
    ] or law_last_checked(on)


def _entry(rule: str) -> Cited | None:
    """Return the entry of the book that a finding is on: a rule, a statute, or the agreement with the pledge."""
    known: Mapping[str, Cited] = {**rules(), **statutes()}
    return known.get(rule) or next((a for a in agreements().values() if any(p.id == rule for p in a.pledges)), None)


def _with_names_read(setting: MeasureView, here: Sequence[Finding]) -> list[Finding]:
    """Return the findings with a step on each group in the measure that has members without data."""
    notes = setting.measure.notes(setting.economy) if here else ()
    steps = tuple(Step("names", None, f"{sentence(note)}.", setting.economy.name) for note in notes)
    return [replace(finding, steps=(*finding.steps, *steps)) for finding in here]


def screen_contexts(contexts: Sequence[LegalContext], notes: Sequence[str] = ()) -> Screen:
    """Return the Screen of several scenarios."""
    found = [findings(context) for context in contexts]
    more = (
        note
        for context, its in zip(contexts, found, strict=True)
        for note in (
            *unbound_parties(context),
            *notes_on_what_is_left_out(context),
            *unread_statutes(context),
            *unread_agreements(context),
            *unused_claims(context, its),
            *_outdated(context),
            *_stale_law(context.on, its),
        )
    )
    return Screen(
        tuple(f for its in found for f in its),
        {context.scenario.name: context.on for context in contexts},
        tuple(dict.fromkeys([*notes, *more])),
        {context.scenario.name: says for context in contexts if (says := left_out(context))},
    )
