"""Check what the key `beliefs` of a case names in its other sections."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from entrepot.cases.bargaining_table import BargainingTable
from entrepot.cases.beliefs_spec import MEASURE, NOW, BeliefsSpec
from entrepot.cases.case_section import CaseError
from entrepot.cases.scenario_references import check_known


def check_beliefs(
    beliefs: BeliefsSpec, table: BargainingTable | None, sources: Sequence[str], scenarios: Sequence[str]
) -> None:
    """Check the threatener, deals, ends, sources and the answer; raise `CaseError` at their place in the case."""
    if table is None or len(table.between) != 2:
        raise CaseError("beliefs", "needs a table between two parties, with the threat and what is bargained over")
    check_known("beliefs.threatener", [beliefs.threatener], table.between, "{!r} is not a party of the table")
    deals = [*beliefs.deals, *table.offers]
    for place, name in beliefs.demands():
        check_known(f"beliefs.{place}", [name], deals, "no deal or offer has the name {!r}")
    for name, deal in beliefs.deals.items():
        if name in (MEASURE, NOW, *table.offers):
            raise CaseError(f"beliefs.deals.{name}", "this name is taken; give the deal another")
        table.check_levels(f"beliefs.deals.{name}.levels", deal.levels)
    for name, kind in beliefs.types.items():
        check_known(f"beliefs.types.{name}.worth", kind.worth, [MEASURE, NOW, *deals], "no end has the name {!r}")
    for place, ids in beliefs.sources():
        check_known(f"beliefs.{place}", ids, sources, "no source has the id {!r}")
    if beliefs.answer is not None:
        check_known("beliefs.answer", [beliefs.answer], scenarios, "unknown scenario {!r}")


def check_signal_days(beliefs: BeliefsSpec, until: datetime.date) -> None:
    """Check that every signal is sent within the talks; raise `CaseError` at its place in the case."""
    for name, signal in beliefs.signals.items():
        if signal.day > until:
            raise CaseError(f"beliefs.signals.{name}.day", f"{signal.day} is after the deadline, {until}")
        if signal.day < beliefs.since:
            raise CaseError(
                f"beliefs.signals.{name}.day", f"{signal.day} is before the first day of the talks, {beliefs.since}"
            )
