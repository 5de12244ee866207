"""What complainants may do, and what becomes of an appeal: arbitration among those who agreed on it, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from entrepot.languages import if_known, translated
from entrepot.rules.book import Rule
from entrepot.rules.parties import arbitrates_appeals
from entrepot.words import few, spoken


def remedied(remedy: Rule, between: Mapping[str, Sequence[str]], on: datetime.date) -> str:
    """Return what complainants may do under a remedy against respondents, and what becomes of appeals between them."""
    return f"{if_known(remedy.consequence)} {_appeals(remedy, between, on)}".strip()


def _appeals(remedy: Rule, between: Mapping[str, Sequence[str]], on: datetime.date) -> str:
    """Return what becomes of appeals under a remedy, between respondents and their complainants; empty if it is silent.

    Members of the Multi-Party Interim Appeal Arbitration Arrangement arbitrate appeals among themselves.
    """
    contest = remedy.contested
    if contest is None or not contest.on(on):
        return ""
    says, apart = [], False
    for respondent, complainants in between.items():
        here = arbitrates_appeals(respondent, on)
        among = [name for name in complainants if here and arbitrates_appeals(name, on)]
        apart |= len(among) < len(complainants) or not complainants
        if among:
            arbitrated = translated(
                "Between {respondent} and {others} an appeal goes to arbitration under Article 25 of the Dispute "
                "Settlement Understanding, as they take part in the arrangement for that (MPIA).",
                respondent=spoken(respondent),
                others=few([spoken(name) for name in among]),
            )
            says.append(arbitrated)
    if not says:
        return if_known(contest.what)
    rest = [translated("Between others it is otherwise."), if_known(contest.what)] if apart else []
    return " ".join([*says, *rest])
