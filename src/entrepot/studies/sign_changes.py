"""Where the sign of a headline depends on a choice: the deficit rule, or how long trade has had to adjust."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from entrepot.cases import SolvedCase
from entrepot.cases.solved_case import other_rule
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.errors import ConvergenceError
from entrepot.languages import localised, translated
from entrepot.studies import tidy_rows
from entrepot.studies.tidy_rows import Row
from entrepot.studies.titles import quoted
from entrepot.words import NOISE, ended, gains_or_loses, sentence, signed_percent


def headlines(study: SolvedCase) -> list[tuple[str, str]]:
    """Return the scenarios and parties whose welfare the findings report.

    All parties of one scenario; of several scenarios, each party's best and worst, and those of the rent's swap.
    """
    if len(study.outcomes) == 1:
        return [(name, party) for name in study.outcomes for party in study.case.with_world]
    welfare = tidy_rows.welfare(study)
    swap = study.case.report.swap
    reported = [(name, p) for name in swap.scenarios for p in swap.parties] if swap is not None else []
    for party in study.case.parties:
        money = {row["scenario"]: row["equivalent_variation"] for row in welfare if row["party"] == party}
        money = {name: amount for name, amount in money.items() if amount == amount}
        if money:
            reported += [(max(money, key=money.__getitem__), party), (min(money, key=money.__getitem__), party)]
    return [pair for pair in dict.fromkeys(reported) if pair[0] in study.outcomes]


def turns(one: float, other: float) -> bool:
    """Whether one change of real income in percent is a gain and the other a loss, both beyond the solver's noise."""
    return one * other < 0 and min(abs(one), abs(other)) >= NOISE


@dataclass(frozen=True)
class SignChange:
    """A party whose answer has one sign under one assumption and the other under another.

    scenario  its name, or what is in force
    here, there   its rows of welfare under the two assumptions
    """

    scenario: str
    party: str
    here: Row
    there: Row

    @property
    def brief(self) -> tuple[str, str]:
        """Return both changes of real income in percent."""
        return _percent(self.here), _percent(self.there)

    @property
    def smallest(self) -> float:
        """Return the smaller of both amounts, US$ million, without its sign."""
        return min(abs(float(row["equivalent_variation"])) for row in (self.here, self.there))


def turned_by_deficit_rule(study: SolvedCase) -> list[SignChange]:
    """Return the headlines whose sign is another under the other deficit rule."""
    here = {(row["scenario"], row["party"]): row for row in tidy_rows.welfare(study)}
    other = other_rule(study.case.closure)
    there = {(row["scenario"], row["party"]): row for row in tidy_rows.deficit_rules(study) if row["rule"] == other}
    pairs = [pair for pair in headlines(study) if pair in there]
    found = [SignChange(name, party, here[name, party], there[name, party]) for name, party in pairs]
    return [change for change in found if _turns(change.here, change.there)]


def turned_by_horizon(study: SolvedCase) -> list[SignChange]:
    """Return what a party gains just after a change (`here`) and later (`there`), where the signs differ."""
    both: dict[tuple[str, str], dict[str, Row]] = {}
    for row in tidy_rows.horizons(study):
        both.setdefault((row["in_force"], row["party"]), {})[row["horizon"]] = row
    return [
        SignChange(in_force, party, rows["short"], rows["long"])
        for (in_force, party), rows in both.items()
        if {"short", "long"} <= set(rows) and _turns(rows["short"], rows["long"])
    ]


def by_deficit_rule(study: SolvedCase) -> list[str]:
    """Return a sentence for each headline whose sign is another under the other deficit rule, with both numbers."""
    mine, other = (
        translated(RULES[rule].named) for rule in (study.case.closure.deficit, other_rule(study.case.closure))
    )
    turned = []
    for t in turned_by_deficit_rule(study):
        text = translated(
            "{who} {here} with {mine}, as here, and {there} with {other}",
            who=study.spoken(t.party),
            here=_moves(t.here),
            there=_moves(t.there),
            mine=mine,
            other=other,
        )
        several = len(study.outcomes) > 1
        turned.append(
            translated("under {scenario}, {text}", scenario=quoted(study, [t.scenario]), text=text) if several else text
        )
    lines = _listed(translated("The sign depends on the deficit rule"), turned)
    lost = [name for name, found in study.under_the_other_rule.items() if isinstance(found, ConvergenceError)]
    if lost:
        lines.append(
            translated(
                "With {rule} there is no answer to {scenarios}: whether a sign depends on that is not known.",
                rule=other,
                scenarios=quoted(study, lost),
            )
        )
    return lines


def by_horizon(study: SolvedCase) -> list[str]:
    """Return what a party gains on the branches just after a change and when trade has adjusted, if signs differ."""
    turned = [
        translated(
            "under {scenario}, {who} {here} a year at {share} of the trade elasticities, as just after a change, and "
            "{there} at the whole of them",
            scenario=quoted(study, [t.scenario]),
            who=study.spoken(t.party),
            here=_moves(t.here),
            there=_moves(t.there),
            share=localised(f"{100 * t.here['part']:.3g}%"),
        )
        for t in turned_by_horizon(study)
    ]
    return _listed(translated("The sign depends on how long trade has had to adjust"), turned)


def _turns(one: Row, other: Row) -> bool:
    return turns(float(one["real_income_pct"]), float(other["real_income_pct"]))


def _listed(heading: str, parts: list[str]) -> list[str]:
    """One sentence, or a heading with a line for each part."""
    if len(parts) == 1:
        return [translated("{heading}: {text}.", heading=heading, text=parts[0])]
    return list(_lines(heading, parts)) if parts else []


def _lines(heading: str, parts: list[str]) -> Iterator[str]:
    yield translated("{heading}:", heading=heading)
    yield from (f"  {ended(sentence(part))}" for part in parts)


def _moves(row: Row) -> str:
    moves = gains_or_loses(float(row["equivalent_variation"]), float(row["real_income_pct"]))
    return translated("{sentence} ({remark})", sentence=moves, remark=_percent(row))


def _percent(row: Row) -> str:
    percent = float(row["real_income_pct"])
    return signed_percent(percent, 2 if abs(percent) >= 0.05 else 4 if abs(percent) >= 0.00095 else 6)
