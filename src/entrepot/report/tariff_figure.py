"""The picture of a mean duty through time: steps by partner, sector or chapter."""

from __future__ import annotations

import datetime
import textwrap

import altair as alt
import pandas as pd

from entrepot.exposures import DutyPath
from entrepot.report.figures import PALETTE, svg
from entrepot.words import sector_name, short

#: The most groups that one picture tells apart; it shows those whose duty changes most.
MOST = 8
#: Letters of a line under the title, which would be cut off beyond the picture.
TITLE_LINE = 80


def tariff_figure(path: DutyPath) -> str:
    """Return the path as SVG: what is collected as a line, and the law as a broken one where it differs."""
    moved = path.table.groupby("group")["rate"].agg(lambda rates: rates.max() - rates.min())
    groups = [g for g in path.groups if g in set(moved.nlargest(MOST).index)]
    parts = [_steps(path, group, column) for group in groups for column in ("rate", "rate_in_law")]
    points = pd.concat(parts, ignore_index=True)
    names = [_name(path, group) for group in groups]
    chart = (
        alt.Chart(points)
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("date:T", title=None),
            y=alt.Y("duty:Q", title="mean duty, % of value"),
            color=alt.Color(
                "who:N", sort=names, title=None, scale=alt.Scale(domain=names, range=PALETTE[: len(names)])
            ),
            strokeDash=alt.StrokeDash(
                "what:N",
                title=None,
                scale=alt.Scale(domain=["as collected", "in law"], range=[[1, 0], [4, 3]]),
            ),
        )
        .properties(width=560, height=300)
    )
    what, when = "Mean duty of the United States", f"{path.since} to {path.until}"
    below = [when, *textwrap.wrap(path.weights, TITLE_LINE)]
    title = alt.TitleParams(what, subtitle=below, anchor="start", frame="group")
    return svg(chart.properties(title=title), f"{what}, {when}, {path.weights}")


def _steps(path: DutyPath, group: str, column: str) -> pd.DataFrame:
    """Return the steps of a group with its last day, as points."""
    rows = path.table[path.table["group"] == group]
    dates: list[datetime.date] = [*rows["date"], path.until]
    values = [*rows[column], rows[column].iloc[-1]]
    what = "as collected" if column == "rate" else "in law"
    return pd.DataFrame(
        {
            "date": pd.to_datetime(dates),
            "duty": [100 * v for v in values],
            "who": _name(path, group),
            "what": what,
        }
    )


def _name(path: DutyPath, group: str) -> str:
    return short(group) if path.by == "partner" else sector_name(str(group))
