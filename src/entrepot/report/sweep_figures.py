"""The pictures of a sweep: intervals by scenario, the tornado of what drives the answer, and lines over a grid."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from entrepot.report.chart_labels import BAND, label_lines, scenario_axis
from entrepot.report.figures import PALETTE, WIDTH
from entrepot.studies.sweep_sentences import named, share
from entrepot.studies.sweep_tables import _points, moved
from entrepot.studies.titles import case_title
from entrepot.sweeping.sweep_result import Sweep
from entrepot.words import money_unit

#: Bars of a tornado: more cannot be read.
BARS = 10
LOW, HIGH = "#E69F00", "#0072B2"


def pictures(s: Sweep, level: float = 0.9) -> list[tuple[str, Any, str]]:
    """(title, chart, text for those who cannot see it)."""
    if "welfare" not in s.tables:
        return []
    if s.plan.grid:
        return [("Gains over the grid", _lines(s, level), "Lines of equivalent variation by level; see the table.")]
    made = []
    if s.plan.draws and s.plan.uncertain and s.plan.method != "morris":
        title = f"Gains and losses: where {share(level)} of the draws lie"
        made.append((title, _bars(s, level), "Intervals of equivalent variation by scenario and party; see the table."))
    if s.plan.uncertain.names:
        scenario = s.plan.scenarios[0]
        for party in s.plan.case.parties[:2]:
            title = f'What moves {s.spoken(party)} under "{case_title(s.plan.case, scenario)}"{_of_what(s)}'
            made.append(
                (title, tornado(s, scenario, party), "Bars from low to high by uncertain number; see the table.")
            )
    return made


def tornado(s: Sweep, scenario: str, party: str) -> Any:
    """Equivalent variation with one number at a time at its 5th and 95th percentile."""
    found = s.tornado("equivalent_variation", scenario=scenario, party=party).head(BARS)
    unit = money_unit(found[["low", "high", "centre"]].to_numpy().ravel())
    centre = float(found["centre"].iloc[0]) / unit.millions
    bars = pd.concat(
        [
            pd.DataFrame(
                {"what": found["parameter"].map(_label), "x": found[end] / unit.millions, "x2": centre, "end": label}
            )
            for end, label in (("low", "at its 5th percentile"), ("high", "at its 95th"))
        ]
    )
    order = [_label(name) for name in found["parameter"]]
    y = alt.Y("what:N", sort=order, title=None, axis=alt.Axis(labelLimit=190))
    colour = alt.Color(
        "end:N",
        title=None,
        scale=alt.Scale(domain=["at its 5th percentile", "at its 95th"], range=[LOW, HIGH]),
    )
    drawn = (
        alt.Chart(bars)
        .mark_bar(height=12)
        .encode(
            y=y,
            x=alt.X("x:Q", title=f"Equivalent variation, {unit.name} a year", scale=alt.Scale(zero=False)),
            x2="x2:Q",
            color=colour,
        )
    )
    line = alt.Chart(pd.DataFrame({"x": [centre]})).mark_rule(color="#777777", strokeDash=[4, 3]).encode(x="x:Q")
    return (drawn + line).properties(width=WIDTH - 180, height=20 * len(order))


def _of_what(s: Sweep) -> str:
    """What the bars are, where they are all of one kind."""
    return ": trade elasticities" if all(n.startswith("theta.") for n in s.plan.uncertain.names) else ""


def _label(name: str) -> str:
    return named(name).removeprefix("the trade elasticity of ")


def _bars(s: Sweep, level: float) -> Any:
    found = s.intervals("welfare", level)
    data = found[(found["number"] == "equivalent_variation") & found["party"].isin(s.plan.case.parties)]
    numbers = ["low", "high", "centre"]
    unit = money_unit(data[numbers].to_numpy().ravel())
    data = data.assign(**{c: data[c] / unit.millions for c in numbers}, who=data["party"].map(s.short))
    parties = [s.short(p) for p in s.plan.case.parties]
    axis = scenario_axis(s.plan.case, s.plan.scenarios)
    base = alt.Chart(data).encode(
        y=alt.Y("scenario:N", sort=list(s.plan.scenarios), title=None, axis=axis),
        yOffset=alt.YOffset("who:N", sort=parties),
        color=alt.Color(
            "who:N", sort=parties, scale=alt.Scale(domain=parties, range=PALETTE[: len(parties)]), title=None
        ),
    )
    x = alt.X("low:Q", title=f"Equivalent variation, {unit.name} a year")
    spans = base.mark_bar(height=5, opacity=0.55).encode(x=x, x2="high:Q")
    points = base.mark_point(filled=True, size=34, opacity=1).encode(x="centre:Q")
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color="#777777").encode(x="x:Q")
    height = max(60, max(13 * len(parties), BAND) * len(s.plan.scenarios))
    return (zero + spans + points).properties(width=WIDTH - 130, height=height)


def _lines(s: Sweep, level: float) -> Any:
    axis = s.plan.grid[0]
    found = s.intervals("welfare", level) if s.plan.draws else _points(s)
    rows = found[(found["number"] == "equivalent_variation") & found["party"].isin(s.plan.case.parties)]
    scenario = next(iter(moved(s)), s.plan.scenarios[0])
    rows = rows[rows["scenario"] == scenario]
    for other in s.plan.grid[1:]:
        rows = rows[rows[other.name] == other.levels[len(other.levels) // 2]]
    numbers = [c for c in ("centre", "median", "low", "high") if c in rows]
    unit = money_unit(rows[numbers].to_numpy().ravel())
    data = rows.assign(
        **{c: rows[c] / unit.millions for c in numbers}, who=rows["party"].map(s.short), level=rows[axis.name]
    )
    parties = [s.short(p) for p in s.plan.case.parties]
    colour = alt.Color(
        "who:N", sort=parties, scale=alt.Scale(domain=parties, range=PALETTE[: len(parties)]), title=None
    )
    under = [axis.name, *label_lines(f"under {case_title(s.plan.case, scenario)}")]
    x = alt.X("level:Q", title=under, scale=alt.Scale(zero=False, nice=False))
    middle = "median" if "median" in numbers else "centre"
    y = alt.Y(f"{middle}:Q", title=f"Equivalent variation, {unit.name} a year")
    layers = [alt.Chart(data).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour)]
    if "low" in numbers:
        layers.insert(
            0, alt.Chart(data).mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour)
        )
    return alt.layer(*layers).properties(width=WIDTH, height=260)
