"""The protected industry, as cells: what every page shows of it, and what the closure and the case let it show."""

from __future__ import annotations

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.report import tables
from entrepot.words import signed_percent

#: Column, heading, scale and form of a cell (changes read as signed percents); shown where there is a number for it.
_CELLS = (
    ("output_volume_pct", "output", 1.0, ""),
    ("real_price_pct", "buyers pay", 1.0, ""),
    ("import_share", "imports in sales", 100.0, "{:.1f}%"),
    ("sector_employment_pct", "jobs", 1.0, ""),
    ("value_added", "value added", 1e-3, "{:,.1f}"),
    ("operating_surplus", "operating surplus", 1e-3, "{:,.1f}"),
    ("capital_return_pct", "real return on capital", 1.0, ""),
    ("rd_capacity", "R&D capacity", 1e-3, "{:,.2f}"),
)


def industry_cells(study: SolvedCase) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text: a base row without changes, then one a scenario."""
    data = tables.industry(study)
    shown = [cell for cell in _CELLS if data[cell[0]].notna().any()]
    rows = [
        [str(row["scenario"]), *(_cell(row, column, scale, form) for column, _, scale, form in shown)]
        for _, row in data.iterrows()
    ]
    return ["scenario", *(heading for _, heading, _, _ in shown)], rows


def industry_note(study: SolvedCase) -> str:
    """What the columns mean that a reader may not know."""
    protected = study.case.report.protected
    parts = ["Value added in US$ billion; buyers pay: all sources together, against consumer prices in the country."]
    if study.case.closure.labour_share is not None:
        parts.append("Operating surplus: value added less wages, at the labour share stated.")
    if study.case.closure.horizon == "short":
        parts.append("Each sector keeps its capital, whose return is in consumer prices.")
    if protected is not None and protected.rd_intensity:
        parts.append(
            f"R&D capacity: value added at base consumer prices times the stated R&D intensity of "
            f"{100 * protected.rd_intensity:g}% (US$ billion); what could be spent, not a forecast of what will be."
        )
    return " ".join(parts)


def _cell(row: pd.Series, column: str, scale: float, form: str) -> str:
    if column.endswith("_pct"):
        return "" if row["scenario"] == tables.BASE else signed_percent(scale * row[column], 1)
    return form.format(scale * row[column])
