"""Bars around zero: groups with a heading, in each a bar with its label on the left and its number at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.report.figures.palette import GRID, NEUTRAL, SOFT
from entrepot.report.figures.svg_frame import LABEL, RIM, WIDTH, Panel, coloured_by, in_pixels, layer, on_scale
from entrepot.report.figures.text_width import width_of, words_of, wrapped

#: Pixels: of a bar with the space around it, of a line of a heading, between groups, of the axis under the plot.
ROW, LINE, GAP, AXIS = 19.0, 16.0, 9.0, 36.0
#: The least room between two ticks, about.
TICK = 45.0
#: No more ticks than this are tried for.
MOST_TICKS = 10
#: The widest label on the left, and the widest word that it is not broken in.
LEFT, WORD = 170.0, 230.0
#: The part of the plot that bars have beside wide numbers: before labels are broken for it, and at least.
WANTED, LEAST = 0.25, 0.1


@dataclass(frozen=True)
class Bar:
    """A bar from `start` to `value`, in the unit of the panel.

    label   on the left; an empty one puts the bar on the row of the one before
    text    the number at its end
    colour  of `palette`: of someone better or worse off, or neutral
    span    low and high, for an interval: it is drawn as a line with a point at `value`
    """

    label: str
    value: float
    text: str
    colour: str = NEUTRAL
    start: float = 0.0
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class BarGroup:
    """Bars under a heading."""

    heading: str
    bars: tuple[Bar, ...]


def bar_panel(groups: Sequence[BarGroup], axis: str, reference: float = 0.0, heading: str = "") -> Panel:
    """Return the panel of groups of bars on one scale.

    axis       the title of the axis: what is measured, with its unit
    reference  where the emphasised line stands: zero, or the centre of a tornado
    """
    bars = [bar for group in groups for bar in group.bars]
    left = _room_for(bars, reference) + 8
    plot = WIDTH - left
    low, high, ticks = _scale(bars, plot, reference)
    placed, y, height = [], 0.0, ROW
    blocks: list[tuple[float, float]] = []
    headings: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for k, group in enumerate(groups):
        y += GAP if k else 0
        for line in wrapped(group.heading, LABEL, WIDTH - 4, bold=True) if group.heading else []:
            headings.append({"y": y + LINE / 2, "text": line})
            y += LINE
        top = y = y + (2 if group.heading else 0)
        for bar in group.bars:
            if bar.label:
                lines = wrapped(bar.label, LABEL, left - 8)
                height = max(ROW, LINE * len(lines))
                labels += [
                    {"y": y + height / 2 + (n - (len(lines) - 1) / 2) * (LABEL + 1), "text": line}
                    for n, line in enumerate(lines)
                ]
                y += height
            placed.append(_placed(bar, y - height / 2))
        blocks.append((top, y))
    axes = {"values": ticks, "title": axis, "grid": False, "titleAnchor": "middle"}
    x, end, from_low = (on_scale(name, low, high, axes) for name in ("x", "end", "low"))
    middle, up, down, colour = in_pixels("y"), in_pixels("top"), {"field": "bottom"}, coloured_by("colour")
    number = {"field": "text"}
    lines_at = [
        {"x": at, "top": top, "bottom": bottom, "colour": SOFT if at == reference else GRID}
        for top, bottom in blocks
        for at in dict.fromkeys([*ticks, reference])
    ]
    solid, spans = [row for row in placed if not row["span"]], [row for row in placed if row["span"]]

    def ends(right: bool) -> dict[str, Any]:
        mark = {"type": "text", "align": "left" if right else "right", "dx": 5 if right else -5, **RIM}
        return layer([r for r in placed if r["right"] is right], mark, x=end, y=middle, text=number)

    rule = {"type": "rule", "strokeWidth": 1}
    band = {"type": "bar", "opacity": 0.4}
    point = {"type": "point", "shape": "circle", "size": 60, "filled": True, "opacity": 1}
    left_text = {"type": "text", "align": "left"}
    layers = [
        layer(lines_at, rule, x=x, y=up, y2=down, stroke=colour),
        layer(solid, {"type": "bar"}, x=x, x2={"field": "x0"}, y=up, y2=down, fill=colour),
        layer(spans, band, x=from_low, x2={"field": "high"}, y=up, y2=down, fill=colour),
        layer(spans, point, x=x, y=middle, fill=colour),
        ends(True),
        ends(False),
        layer(labels, left_text, x={"value": -left}, y=middle, text=number),
        layer(headings, {**left_text, "fontWeight": "bold"}, x={"value": -left}, y=middle, text=number),
    ]
    drawn = [one for one in layers if one["data"]["values"]]
    return Panel({"width": plot, "height": y, "layer": drawn}, left, y + AXIS, heading)


def _room_for(bars: Sequence[Bar], reference: float) -> float:
    """Return the pixels on the left that labels need; they are broken at more spaces where numbers need the room."""
    labels = [bar.label for bar in bars]
    wide = max((width_of(label, LABEL) for label in labels), default=0.0)
    word = min(WORD, max((width_of(word, LABEL) for label in labels for word in words_of(label)), default=0.0))
    room = min(wide, max(LEFT, word))
    plot = WIDTH - room - 8
    low, high, extent = _reach(bars, reference)
    lacking = sum(extent(WANTED * plot / (high - low))) - plot
    return max(min(room, word), room - max(0.0, lacking))


def _placed(bar: Bar, y: float) -> dict[str, Any]:
    """Return a bar as Vega's row: a number stands beyond the end of the bar, away from its start."""
    half = 6.5
    right = bar.value >= bar.start
    end = bar.value if bar.span is None else bar.span[1]
    return {
        "x": bar.value,
        "x0": bar.start,
        "y": y,
        "top": y - (half if bar.span is None else 3),
        "bottom": y + (half if bar.span is None else 3),
        "text": bar.text.replace("-", "\N{MINUS SIGN}"),
        "colour": bar.colour,
        "right": right or bar.span is not None,
        "end": end,
        "span": int(bar.span is not None),
        "low": bar.span[0] if bar.span else bar.value,
        "high": bar.span[1] if bar.span else bar.value,
    }


def _reach(bars: Sequence[Bar], reference: float) -> tuple[float, float, Callable[[float], tuple[float, float]]]:
    """Return the lowest and the highest end of the bars, and the pixels that bars and numbers take at k pixels a unit.

    These are a function of k: the pixels to the left of the lowest end, and to its right.
    """
    ends = [reference, *(e for b in bars for e in (b.value, b.start, *(b.span or ())))]
    low, high = min(ends), max(ends)
    if high == low:
        low, high = (low - 1, high + 1) if low else (-1.0, 1.0)
    placed = [(row["end"], row["right"], width_of(row["text"], LABEL) + 9) for row in (_placed(b, 0.0) for b in bars)]

    def extent(k: float) -> tuple[float, float]:
        before = min([0.0, *((end - low) * k - w for end, right, w in placed if not right)])
        after = max([(high - low) * k, *((end - low) * k + w for end, right, w in placed if right)])
        return -before, after

    return low, high, extent


def _scale(bars: Sequence[Bar], plot: float, reference: float) -> tuple[float, float, list[float]]:
    """Return the ends of the scale, which leave room for the numbers at the bars' ends, and its ticks."""
    low, high, extent = _reach(bars, reference)
    most = plot / (high - low)
    least = LEAST * most
    for _ in range(40):
        k = (least + most) / 2
        least, most = (k, most) if sum(extent(k)) <= plot else (least, k)
    before, after = extent(least)
    before = min(before, plot - after)  # numbers that are wider than the plot overlap labels, and none is cut
    first = low - before / least
    last = first + plot / least
    count = max(2, int((high - low) * least / TICK))
    ticks = nice_ticks(low, high, count)
    while len(ticks) < 2 and count < MOST_TICKS:  # one tick says nothing of the scale
        count += 1
        ticks = nice_ticks(low, high, count)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
    beyond = [ticks[0] - step, ticks[-1] + step] if step else []  # so that no bar ends outside of the ticks
    inside = [tick for tick in beyond if first <= tick <= last - 1e-9 * (last - first)]
    return first, last, sorted({*ticks, *(round(tick, 12) for tick in inside)})


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Return round numbers from `low` to `high`, about `count` of them."""
    step = (high - low) / count
    size = 10 ** math.floor(math.log10(step))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
