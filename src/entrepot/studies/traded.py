"""Whether there is any trade under the measures of a scenario."""

from __future__ import annotations

from entrepot.cases import SolvedCase
from entrepot.languages import translated
from entrepot.measures.policy import union
from entrepot.studies import tidy_rows
from entrepot.studies.titles import measure_in_words
from entrepot.words import NOISE, dollars, few, joined_sentences, sentence

#: Trade smaller than this (US$ million a year) is none: what is left of it by the construction of a table.
LEAST_TRADE = 1e-6
#: Less trade than this (US$ million a year) explains that a party is unaffected.
LITTLE_TRADE = 50.0
#: So many measures are named.
NAMED = 3


def untraded(study: SolvedCase, name: str) -> str:
    """Return which measures have no trade in the data, and how little others have where a party is unaffected."""
    outcome = study.outcomes[name]
    volumes = [float(row["volume_base"]) for row in outcome.measure_rows]
    empty = [
        sentence(measure_in_words(measure, study.economy.countries))
        for measure, volume in zip(outcome.scenario, volumes, strict=True)
        if volume < LEAST_TRADE
    ]
    parts = []
    if empty:
        text = "{measures}: there is no such trade in the data ({economy})."
        parts.append(translated(text, measures=few(empty, NAMED), economy=study.economy.name))
    flows = union([measure.flows(outcome.economy) for measure in outcome.scenario])
    trade = float(outcome.economy.value.ravel()[flows].sum())
    if len(empty) < len(volumes) and trade < LITTLE_TRADE and _some_unaffected(study, name):
        text = "The trade under the measures is {money} a year in the data."
        parts.append(translated(text, money=dollars(trade)))
    return joined_sentences(parts)


def changes_nothing(study: SolvedCase, name: str) -> bool:
    """Whether a scenario has measures, and trade under none of them."""
    rows = study.outcomes[name].measure_rows
    return bool(rows) and all(float(row["volume_base"]) < LEAST_TRADE for row in rows)


def _some_unaffected(study: SolvedCase, name: str) -> bool:
    rows = [row for row in tidy_rows.welfare(study) if row["scenario"] == name and row["party"] in study.case.parties]
    return any(abs(float(row["real_income_pct"])) < NOISE for row in rows)
