"""The chart of the branches of a case in time: paths by quarter, with the deadlines marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.cases.solved_timeline import SolvedTimeline
from entrepot.report.chart_labels import title_lines
from entrepot.words import and_list, day

# Lines differ by dashes as well as by colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]]


def chart(study: SolvedCase) -> Any | None:
    """Return the paths of imports, their price, duties and real income on each branch; None without a timeline."""
    solved = study.timeline
    if solved is None:
        return None
    path = solved.path.assign(quarter=pd.to_datetime(solved.path["quarter"]))
    panels = [_panel(solved, path, not k, *what) for k, what in enumerate(_followed(study))]
    return alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", strokeDash="shared")


def _followed(study: SolvedCase) -> list[tuple[str, str, str, float]]:
    """Return the panels to draw: party or market, quantity, title, and divisor of the values."""
    out: list[tuple[str, str, str, float]] = []
    for watch in study.case.report.markets[:1]:
        out.append((watch.title, "imports", f"{watch.title}, before duty, US$ billion at an annual rate", 1e3))
        out.append(
            (
                watch.title,
                "real_import_price_pct",
                f"{watch.title}: price with duty against consumer prices, change, %",
                1,
            )
        )
        if watch.buyer in study.case.parties:
            title = f"Duties of {study.spoken(watch.buyer)}, change from the base, US$ billion at an annual rate"
            out.append((watch.buyer, "tariff_revenue_change", title, 1e3))
    for party in study.case.parties[:4]:
        out.append((party, "real_income_pct", f"Real income of {study.spoken(party)}, change from the base, %", 1))
    return out


def _panel(
    solved: SolvedTimeline, path: pd.DataFrame, first: bool, what: str, quantity: str, title: str, divisor: float
) -> Any:
    names = [branch.name for branch in solved.branches]
    titles = {b.name: f"{b.name}: {b.title}" if b.title else b.name for b in solved.branches}
    legend = alt.Legend(labelExpr=title_lines(titles))
    data = path[(path["what"] == what) & (path["quantity"] == quantity)]
    data = data.assign(shown=data["value"] / divisor)[["branch", "quarter", "shown"]]
    last = data.groupby("branch", sort=False).tail(1)  # the last step lasts to the window's end
    data = pd.concat([data, last.assign(quarter=pd.Timestamp(solved.timeline.until))])
    count = len(names)
    x = alt.X("quarter:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    lines = (
        alt.Chart(data)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("shown:Q", title=None, scale=alt.Scale(zero=quantity != "imports"), axis=alt.Axis(tickCount=4)),
            color=alt.Color(
                "branch:N",
                sort=names,
                scale=alt.Scale(domain=names, range=COLOURS[:count]),
                title=None,
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "branch:N", scale=alt.Scale(domain=names, range=DASHES[:count]), title=None, legend=legend
            ),
        )
    )
    dates = sorted({date for branch in solved.branches for date in branch.deadlines})
    marks = pd.DataFrame({"quarter": pd.to_datetime(dates)})
    rules = alt.Chart(marks).mark_rule(color="#777777", strokeDash=[3, 3]).encode(x="quarter:T")
    layers = [lines, rules] if dates else [lines]
    grey: dict[str, Any] = {"anchor": "start", "fontSize": 12, "fontWeight": "normal", "color": "#777777"}
    subtitle: dict[str, Any] = {}
    if first and dates:
        under = f"Dotted: the deadline{'s' * (len(dates) > 1)} of {and_list([day(d) for d in dates])}"
        subtitle = {"subtitle": under, "subtitleColor": "#777777", "subtitleFontSize": 11}
    heading = alt.TitleParams(title, **grey, **subtitle)
    return alt.layer(*layers).properties(width=420, height=110, title=heading)
