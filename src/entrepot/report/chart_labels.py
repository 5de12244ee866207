"""Labels of charts: the titles of scenarios and branches in place of their names, in several lines if long."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from entrepot.cases import Case
from entrepot.studies.titles import case_title

#: Characters in a line of a label; pixels between lines; pixels that a band needs for a label of three lines.
LINE, LEADING, BAND = 38, 14, 46


def label_lines(title: str) -> list[str]:
    """Return a title in lines, at most three."""
    return textwrap.wrap(title, LINE, max_lines=3, placeholder=" ...")


def title_lines(titles: Mapping[str, str]) -> str:
    """Return the Vega expression for the lines of a label, from the title of each name."""
    return f"({json.dumps({name: label_lines(title) for name, title in titles.items()})})[datum.label]"


def scenario_axis(case: Case, names: Iterable[str]) -> Any:
    """Return the vertical axis of scenarios, with their titles centred on the bars."""
    lines = title_lines({name: case_title(case, name) for name in names})
    centred = alt.ExprRef(expr=f"{LEADING / 2} * (1 - {lines}.length)")
    return alt.Axis(labelExpr=lines, labelOffset=centred)
