"""The table of welfare, of which the first screen shows a part; it is laid out without pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.cases import SolvedCase
from entrepot.equilibrium import quantities
from entrepot.languages import translated
from entrepot.studies import tidy_rows
from entrepot.studies.result_table import MONEY, PERCENT, SHARE, TEXT, ResultTable, TableColumn
from entrepot.studies.study_table import study_table
from entrepot.studies.titles import title_of
from entrepot.words import without_noise

SCENARIO = TableColumn("scenario")


def number_column(key: str, label: str = "", **given: Any) -> TableColumn:
    """Return a column of a registered number, with its label and unit."""
    q = quantities.ALL[key]
    unit = {"%": PERCENT, "US$ million": MONEY, "share": SHARE, "fraction": SHARE}.get(q.unit, TEXT)
    return TableColumn(label or q.label.lower(), key, unit, **given)


def gain_columns(study: SolvedCase) -> list[TableColumn]:
    """Return two columns for each party and the world: equivalent variation, and its percentage of income behind it."""
    columns = []
    for party in study.case.with_world:
        of_income = translated("{country}, of income", country=study.short(party))
        columns.append(number_column("equivalent_variation", study.short(party), signed=True))
        columns.append(number_column("real_income_pct", of_income, signed=True, digits=3, joined=True))
    return columns


def welfare_table(study: SolvedCase) -> ResultTable:
    """Return who gains and who loses: a row a scenario, two columns for each party and the world."""
    data = {(row["scenario"], row["party"]): row for row in tidy_rows.welfare(study)}
    rows = [
        (title_of(study, name), *(number for party in study.case.with_world for number in _gain(data[name, party])))
        for name in study.outcomes
    ]
    note = "Equivalent variation a year, and percent of base income. Gains are positive."
    columns = [SCENARIO, *gain_columns(study)]
    return study_table(study, "welfare", "Who gains and who loses", columns, rows, lambda: _frame(study), note)


def _gain(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return a gain in money and in percent of income; a rounding error is zero, whose unit is that of other gains."""
    money, percent = float(row["equivalent_variation"]), float(row["real_income_pct"])
    return without_noise(money, percent), without_noise(percent, percent)


def _frame(study: SolvedCase) -> Any:
    from entrepot.studies import tidy_frames  # it loads pandas

    return tidy_frames.welfare(study)
