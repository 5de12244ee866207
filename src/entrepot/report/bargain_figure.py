"""The picture of a bargain: every deal tried, the zone of agreement, its frontier, and the deals by name."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.deal import Deal
from entrepot.words import money_unit


def chart(b: Bargain) -> Any | None:
    """Gains of two parties beyond the threat: every deal tried, the zone, the frontier, and the deals by name."""
    if len(b.parties) < 2 or not b.surface.solved:
        return None
    one, other = b.parties[:2]
    found = b.gains[np.isfinite(b.gains[:, 0])][:, :2]
    unit = money_unit(found.ravel())
    gains = found / unit.millions
    cloud = pd.DataFrame({"x": gains[:, 0], "y": gains[:, 1]})
    named = [("no deal: the threat", 0.0, 0.0)]
    named += [(deal.title, deal.gains[one] / unit.millions, deal.gains[other] / unit.millions) for deal in _shown(b)]
    marks = pd.DataFrame(named, columns=["what", "x", "y"])
    names = list(marks["what"])
    x = alt.X("x:Q", title=f"Gain of {b.spoken(one)} beyond the threat, {unit.name} a year")
    y = alt.Y("y:Q", title=f"Gain of {b.spoken(other)} beyond the threat")
    high = {axis: max(float(cloud[axis].max()), 0.0) for axis in "xy"}
    zone = pd.DataFrame({"x": [0.0], "y": [0.0], "x2": [high["x"]], "y2": [high["y"]]})
    layers = [
        alt.Chart(zone).mark_rect(color="#56B4E9", opacity=0.18).encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        alt.Chart(cloud).mark_circle(color="#999999", size=9, opacity=0.55).encode(x=x, y=y),
    ]
    if len(b.frontier) and len(b.parties) == 2:
        line = b.frontier[[f"gain of {one}", f"gain of {other}"]].set_axis(["x", "y"], axis=1) / unit.millions
        layers.append(alt.Chart(line).mark_line(color="#0072B2", strokeWidth=2.5).encode(x=x, y=y, order="x:Q"))
    size, colours, shapes = len(names), _COLOURS[: len(names)], _SHAPES[: len(names)]
    layers.append(
        alt.Chart(marks)
        .mark_point(filled=True, size=120, stroke="#ffffff", strokeWidth=0.8, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("what:N", sort=names, scale=alt.Scale(domain=names, range=colours[:size]), title=None),
            shape=alt.Shape("what:N", sort=names, scale=alt.Scale(domain=names, range=shapes[:size]), title=None),
        )
    )
    return alt.layer(*layers).properties(width=420, height=330)


def _shown(b: Bargain) -> list[Deal]:
    """The deals by name, those that fall on an earlier one left out."""
    out: list[Deal] = []
    for deal in b.deals.values():
        near = [abs(deal.gains[p] - other.gains[p]) for other in out for p in b.parties[:1]]
        if all(gap > 1.0 for gap in near):
            out.append(deal)
    return out[:9]


_COLOURS = [
    "#777777",
    "#D55E00",
    "#CC79A7",
    "#009E73",
    "#E69F00",
    "#0072B2",
    "#882255",
    "#44AA99",
    "#56B4E9",
    "#F0E442",
]
_SHAPES = [
    "cross",
    "square",
    "triangle-up",
    "diamond",
    "circle",
    "triangle-down",
    "square",
    "triangle-left",
    "diamond",
    "circle",
]
