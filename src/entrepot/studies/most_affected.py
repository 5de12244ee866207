"""The countries that a scenario moves most, where the parties are all or some of those that its measures name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.economy.geography import WORLD, resolve_countries
from entrepot.languages import plural, translated
from entrepot.measures import Measure
from entrepot.studies.result_table import MONEY, PERCENT, ResultTable, TableColumn
from entrepot.studies.study_table import study_table
from entrepot.studies.titles import title_of
from entrepot.words import NOISE, and_list, few, gains_or_loses

#: How many countries a table has at each end, in money and in percent of income, and how many a sentence names.
ENDS, NAMED = 3, 3
#: The cases that are made of measures alone: from the command line, and on the desk.
WITHOUT_A_CASE = ("measures", "table")


def affected_rows(study: SolvedCase, name: str) -> list[tuple[str, float, float]]:
    """Return country, gain and percent of income of those with the largest gains and losses in either, by gain."""
    outcome = study.outcomes[name]
    gain, percent = outcome.number("equivalent_variation"), outcome.number("real_income_pct")
    moved = np.flatnonzero(np.abs(percent) > NOISE)
    kept: set[int] = set()
    for numbers in (gain, percent):
        ranked = moved[np.argsort(numbers[moved], kind="stable")]
        kept |= {*ranked[numbers[ranked] < 0][:ENDS].tolist(), *ranked[numbers[ranked] > 0][-ENDS:].tolist()}
    return [(study.economy.countries[k], float(gain[k]), float(percent[k])) for k in sorted(kept, key=gain.__getitem__)]


def affected_table(study: SolvedCase) -> ResultTable:
    """Return the table of those most affected under each scenario."""
    rows = [
        (title_of(study, name), study.short(country), gain, percent)
        for name in study.outcomes
        for country, gain, percent in affected_rows(study, name)
    ]
    columns = [
        TableColumn("scenario"),
        TableColumn("country"),
        TableColumn("gain", "equivalent_variation", MONEY, True),
        TableColumn("of income", "real_income_pct", PERCENT, True, digits=3),
    ]
    note = translated("Those with the largest gains and losses in money, and in percent of income.")
    return study_table(study, "most_affected", "Who is most affected", columns, rows, lambda: _frame(rows), note, 2)


def _frame(rows: list[tuple[str, str, float, float]]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows, columns=["scenario", "country", "equivalent_variation", "real_income_pct"])


def affected_in_words(study: SolvedCase, name: str) -> str:
    """Return what others gain or lose most, where no more than one party is named, or some are not parties; else ""."""
    if study.case.case != "measures":
        return ""
    own = _members(study, study.case.parties)
    named = _members(study, {place for measure in study.outcomes[name].scenario for place in _places(measure)})
    if len(study.case.parties) > 1 and named <= own:
        return ""
    others = [row for row in affected_rows(study, name) if row[0] not in own]
    moves = [
        translated("{who} {moves}", who=study.spoken(country), moves=gains_or_loses(gain, percent))
        for country, gain, percent in sorted(others, key=lambda row: -abs(row[1]))[:NAMED]
    ]
    return translated("Most affected elsewhere: {moves}.", moves=and_list(moves)) if moves else ""


def not_reported(study: SolvedCase) -> tuple[str, ...]:
    """Return a note on those whom measures given without a case name beyond the parties; none where there are none."""
    if study.case.case not in WITHOUT_A_CASE:
        return ()
    own = _members(study, study.case.parties)
    scenarios = [outcome.scenario for outcome in study.outcomes.values()]
    named = dict.fromkeys(name for scenario in scenarios for measure in scenario for name in _places(measure))
    left = [name for name in named if not _members(study, [name]) <= own]
    if not left:
        return ()
    one = "Tables and figures have {number} party; the measures also name {countries}."
    many = "Tables and figures have {number} parties; the measures also name {countries}."
    countries = few([study.spoken(name) for name in left], NAMED)
    return (plural(one, many, len(study.case.parties), countries=countries),)


def _places(measure: Measure) -> list[str]:
    """Return the countries and groups that a measure names, the world not among them."""
    sides = [measure.written(side) for side in ("importer", "exporter", "country")]
    return [place for side in sides for place in side if place.upper() != WORLD]


def _members(study: SolvedCase, names: Iterable[str]) -> set[str]:
    return {code for name in names for code in resolve_countries(name, study.economy.countries, "parties")[0]}
