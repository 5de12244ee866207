"""The screen: every rule asked about every measure and party."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from entrepot.economy.geography import iso3, outdated
from entrepot.rules.book import rules
from entrepot.rules.domestic_law import authorities
from entrepot.rules.finding import Finding, Status
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.rules.obligations import judge
from entrepot.rules.pledges import pledges
from entrepot.words import and_list, counted, day, sentence, spoken

if TYPE_CHECKING:
    import pandas as pd


def unbound(context: LegalContext) -> list[str]:
    """Notes on parties to measures whom the WTO agreements do not bind on the date: no rule is asked of them."""
    parties = {
        str(view.party): view.party
        for view in measure_views(context)
        if not context.binds(view.party) and view.party.name != "ROW"
    }
    strange = [name for name, party in parties.items() if not any(map(iso3, party.codes))]
    notes = []
    if known := [name for name in parties if name not in strange]:
        notes.append(
            f"{sentence(and_list(known))}: not bound by the WTO agreements on {day(context.on)}, as far as the book "
            f"knows (rules/data/members.yaml); their rules are not asked of it."
        )
    if strange:
        notes.append(
            f"{and_list(strange)}: no country that the book knows, so not taken as a Member of the WTO and not "
            f"screened; `members: [{', '.join(strange)}]` in the case's law takes it as one."
        )
    return notes


def findings(context: LegalContext) -> list[Finding]:
    """Every finding on a scenario: the rules of the WTO, then agreements and pledges, then the statute."""
    out: list[Finding] = []
    for setting in measure_views(context):
        obligations = (rule for rule in rules().values() if rule.kind == "obligation" and setting.role in rule.binds)
        judged = (judge(rule, setting) for rule in obligations)
        out += [finding for finding in judged if finding is not None]
        out += pledges(setting)
        out += authorities(setting)
    return out


@dataclass(frozen=True, repr=False)
class Screen:
    """What the rules say of measures on a date. It finds; it does not judge: a tribunal may see facts otherwise.

    findings   in the order of scenarios, measures, parties and rules
    on         the date by scenario
    notes      what the screen does not know or leaves out
    """

    findings: tuple[Finding, ...]
    on: dict[str, datetime.date]
    notes: tuple[str, ...] = ()

    def of(self, scenario: str) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.scenario == scenario)

    def worst(self, scenario: str) -> Status:
        return max((f.status for f in self.of(scenario)), key=lambda status: status.severity, default=Status.CONSISTENT)

    def to_frame(self) -> pd.DataFrame:
        """One row a finding; the reasoning joined into one cell."""
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
                "who_may_complain": " ".join(f.complain),
                "trade_at_stake": f.trade,
                "remedy": f.remedy,
                "confidence": f.confidence,
            }
            for f in self.findings
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with every step; the command line's JSON."""
        return {
            "on": {name: date.isoformat() for name, date in self.on.items()},
            "findings": [asdict(f) | {"status": f.status.value, "verdict": f.verdict} for f in self.findings],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        count = {status: sum(f.status is status for f in self.findings) for status in reversed(Status)}
        said = ", ".join(f"{number} {status.value}" for status, number in count.items() if number)
        worst = next((f for status in reversed(Status) for f in self.findings if f.status is status), None)
        first = (
            f" {sentence(spoken(worst.party))}, {worst.measure}: {worst.provision} {worst.verdict}." if worst else ""
        )
        return "\n".join(
            [
                f"Screen of {counted(len(self.on), 'scenario')}: {said or 'no rule is touched'}.{first}",
                *self.notes,
                "Next: print(screen), .findings, .to_frame()",
            ]
        )


def _outdated(context: LegalContext) -> list[str]:
    """Groups that the measures name and that had other members on the day of the screen."""
    return [f"{note}." for note in outdated((name for m in context.scenario for name in m.names), context.on)]


def screen_contexts(contexts: Sequence[LegalContext], notes: Sequence[str] = ()) -> Screen:
    """The Screen of several scenarios."""
    return Screen(
        tuple(f for context in contexts for f in findings(context)),
        {context.scenario.name: context.on for context in contexts},
        tuple(dict.fromkeys([*notes, *(note for g in contexts for note in (*unbound(g), *_outdated(g)))])),
    )
