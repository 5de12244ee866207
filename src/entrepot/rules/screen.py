"""The screen: every rule applied to every measure and party of the scenarios."""

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
        notes.append(
            f"{sentence(and_list(known))}: not bound by the WTO agreements on {day(context.on)}, according to the "
            f"book (rules/data/members.yaml); not screened against them."
        )
    if unknown:
        notes.append(
            f"{and_list(unknown)}: not a country in the book, so not taken as a Member of the WTO and not "
            f"screened; `members: [{', '.join(unknown)}]` in the law section of the case takes it as one."
        )
    return notes


def findings(context: LegalContext) -> list[Finding]:
    """Return every finding on a scenario: WTO rules, then pledges under agreements, then domestic law."""
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
    """The findings of the rules on measures on a date. A tribunal may see the facts differently.

    findings   in the order of scenarios, measures, parties and rules
    on         the date by scenario
    notes      what the screen does not know or leaves out
    """

    findings: tuple[Finding, ...]
    on: dict[str, datetime.date]
    notes: tuple[str, ...] = ()

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
                "who_may_complain": " ".join(f.complain),
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
            "findings": [asdict(f) | {"status": f.status.value, "verdict": f.verdict} for f in self.findings],
            "notes": list(self.notes),
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
    return [f"{note}." for note in outdated((name for m in context.scenario for name in m.names), context.on)]


def screen_contexts(contexts: Sequence[LegalContext], notes: Sequence[str] = ()) -> Screen:
    """Return the Screen of several scenarios."""
    return Screen(
        tuple(f for context in contexts for f in findings(context)),
        {context.scenario.name: context.on for context in contexts},
        tuple(dict.fromkeys([*notes, *(note for g in contexts for note in (*unbound_parties(g), *_outdated(g)))])),
    )
