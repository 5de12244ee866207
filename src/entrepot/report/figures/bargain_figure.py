"""The figure of a bargain: every deal tried, the zone of agreement, its frontier, and the deals by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.deal import Deal
from entrepot.cases import SolvedCase
from entrepot.languages import if_known, translated
from entrepot.report.figures.bar_panel import nice_ticks
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import BETTER, FAINT, GRID, INK, PAPER, SOFT
from entrepot.report.figures.study_figure import a_year, study_figure, titled
from entrepot.report.figures.svg_frame import WIDTH, Panel, in_pixels, layer, on_scale
from entrepot.report.figures.text_width import wrapped
from entrepot.report.figures.time_panel import pushed_apart
from entrepot.studies.result_table import MONEY, TableColumn
from entrepot.words import MoneyUnit, and_list, chance, dollars, money_unit, sentence, signed_number

#: Pixels: of the room for ticks, of the plot, of the names beside it; their size.
TICKS, PLOT, HEIGHT, NAME, LINE = 48.0, 280.0, 300.0, 11.5, 13.0
#: The most deals that are named, and the most deals tried that are drawn.
NAMED, TRIED = 9, 3000


def deals(study: SolvedCase) -> Figure | None:
    """Return what every deal on the table is worth to two parties beyond the threat; None without a bargain."""
    b: Bargain | None = getattr(study, "bargain", None)
    if b is None or len(b.parties) < 2 or not b.surface.solved:
        return None
    one, other = b.parties[:2]
    found = b.gains[np.isfinite(b.gains[:, 0])][:, :2]
    unit = money_unit(found.ravel())
    named = [(translated("No deal: the threat"), 0.0, 0.0)]
    named += [(sentence(if_known(deal.title)), deal.gains[one], deal.gains[other]) for deal in _apart(b)]
    says = "; ".join(f"{t}: {and_list([signed_number(gain / unit.millions) for gain in gains])}" for t, *gains in named)
    return study_figure(
        study,
        "deals",
        titled(_finding(b), "What every deal is worth beyond the threat"),
        translated(
            "Gain beyond the threat of {one} (to the right) and of {other} (upwards), {unit} a year. Grey: every deal "
            "tried; shaded: neither has less than under the threat; line: the frontier.",
            one=b.spoken(one),
            other=b.spoken(other),
            unit=translated(unit.name),
        ),
        named,
        [
            TableColumn("deal"),
            TableColumn(f"gain of {b.spoken(one)}", "", MONEY, True),
            TableColumn(f"gain of {b.spoken(other)}", "", MONEY, True),
        ],
        translated("Gains of {one} and {other}: {says}.", one=b.spoken(one), other=b.spoken(other), says=says),
        [_panel(b, found[: TRIED * (1 + len(found) // TRIED) : 1 + len(found) // TRIED], named, unit)],
    )


def _finding(b: Bargain) -> str:
    """Return whether the parties would sign anything, and what."""
    one, other = b.parties[:2]
    nash = b.solutions.get("Nash")
    if nash is None:
        return f"No deal on the table is worth more than the threat to both {b.spoken(one)} and {b.spoken(other)}."
    parts = f"{b.spoken(one)} {dollars(nash.gains[one])} and {b.spoken(other)} {dollars(nash.gains[other])}"
    return f"{chance(b.zone)} of the deals beat the threat for both; the Nash solution gives {parts} a year more."


def _apart(b: Bargain) -> list[Deal]:
    """Return the deals by name, those at the point of an earlier one left out."""
    out: list[Deal] = []
    for deal in b.deals.values():
        if all(max(abs(deal.gains[p] - o.gains[p]) for p in b.parties[:2]) > 1.0 for o in out):
            out.append(deal)
    return out[:NAMED]


def _panel(b: Bargain, tried: np.ndarray, named: Sequence[tuple[str, float, float]], unit: MoneyUnit) -> Panel:
    spread = np.vstack([tried, [(x, y) for _, x, y in named]]) / unit.millions
    (x0, y0), (x1, y1) = spread.min(axis=0), spread.max(axis=0)
    padded = [(lo - 0.04 * (hi - lo or 1), hi + 0.04 * (hi - lo or 1)) for lo, hi in ((x0, x1), (y0, y1))]
    axes: list[dict[str, Any]] = []
    for (low, high), party, count in zip(padded, b.parties[:2], (5, 6), strict=True):
        ticks = nice_ticks(low, high, count)
        title = f"{b.short(party)}, {a_year(unit, b.negotiation.economy.year)}"
        axis = {"values": ticks, "title": title, "gridColor": GRID}
        axes.append(on_scale("xy"[len(axes)], low, high, axis))
    x, y = axes
    points = [{"x": px / unit.millions, "y": py / unit.millions} for px, py in tried]
    zone = [{"x": 0.0, "y": 0.0, "x2": max(float(x1), 0.0), "y2": max(float(y1), 0.0)}]
    layers = [
        layer(
            zone, {"type": "rect", "color": BETTER, "opacity": 0.14}, x=x, y=y, x2={"field": "x2"}, y2={"field": "y2"}
        ),
        layer([{"x": 0}], {"type": "rule", "color": SOFT}, x=x),
        layer([{"y": 0}], {"type": "rule", "color": SOFT}, y=y),
        layer(points, {"type": "circle", "color": FAINT, "size": 8, "opacity": 0.7}, x=x, y=y),
    ]
    if len(b.frontier) and len(b.parties) == 2:
        line = b.frontier[[f"gain of {p}" for p in b.parties]].to_numpy() / unit.millions
        data = [{"x": float(px), "y": float(py)} for px, py in line[np.argsort(line[:, 0])]]
        layers.append(layer(data, {"type": "line", "color": BETTER, "strokeWidth": 2}, x=x, y=y))
    marks = [{"x": px / unit.millions, "y": py / unit.millions} for _, px, py in named]
    dot = {"type": "point", "shape": "circle", "filled": True, "size": 60, "opacity": 1, "color": INK, "stroke": PAPER}
    layers += _names(named, marks, padded, x, y)
    layers.append(layer(marks, dot, x=x, y=y))
    return Panel({"width": PLOT, "height": HEIGHT, "layer": layers}, TICKS, HEIGHT + 40)


def _names(
    named: Sequence[tuple[str, float, float]],
    marks: Sequence[dict[str, float]],
    ends: Sequence[tuple[float, float]],
    x: dict[str, Any],
    y: dict[str, Any],
) -> list[dict[str, Any]]:
    """Return the names of the deals beside the plot, in the order of their height, each with a line to its point."""
    (_, right), (low, high) = ends
    room = WIDTH - TICKS - PLOT - 24
    order = sorted(range(len(named)), key=lambda k: -marks[k]["y"])
    lines = [wrapped(named[k][0], NAME, room, most=2) for k in order]
    sizes = [LINE * len(text) + 3 for text in lines]
    heights = [HEIGHT * (high - marks[k]["y"]) / (high - low) for k in order]
    top = pushed_apart(heights, sizes, -8.0, HEIGHT + 34)
    texts, leaders = [], []
    for k, text, start, size in zip(order, lines, top, sizes, strict=True):
        texts += [{"at": start + LINE * (n + 0.5) + 1, "text": line} for n, line in enumerate(text)]
        middle = high - (start + size / 2) / HEIGHT * (high - low)
        leaders.append({**marks[k], "x2": right + (right - ends[0][0]) * 14 / PLOT, "y2": middle})
    rule = {"type": "rule", "color": SOFT, "strokeWidth": 0.8}
    name = {"type": "text", "align": "left", "fontSize": NAME}
    return [
        layer(leaders, rule, x=x, y=y, x2={"field": "x2"}, y2={"field": "y2"}),
        layer(texts, name, x={"value": PLOT + 18}, y=in_pixels("at"), text={"field": "text"}),
    ]
