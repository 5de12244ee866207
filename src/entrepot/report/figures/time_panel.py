"""Lines in steps through time, each with its name at its end."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.languages import localised, translated
from entrepot.report.figures.bar_panel import nice_ticks
from entrepot.report.figures.palette import GRID, LINES, NAMES, SOFT
from entrepot.report.figures.svg_frame import WIDTH, Panel, in_pixels, layer, on_scale
from entrepot.report.figures.text_width import width_of, wrapped
from entrepot.words import unlike_zero

#: Pixels: of the plot's height, of the room for ticks on the left, of a line of a name; the size of names.
HEIGHT, TICKS, LINE, NAME = 118.0, 44.0, 13.0, 11.5
#: Pixels: of the piece of a line that stands before its name, with the space behind it.
SAMPLE = 22.0
#: Lines differ by dashes as well as by colour.
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [1, 3], [12, 4], [5, 2, 1, 2])


@dataclass(frozen=True)
class TimeLine:
    """A line through time.

    name    at its end
    points  dates, or numbers along a grid, with values; the line stays at a value until the next date
    kind    its colour and dashes: a position in the palette
    broken  whether it is drawn thin and dashed: what is in law and not collected

    A value of NaN, such as a price in a step in which nothing is bought, is not drawn.
    """

    name: str
    points: tuple[tuple[datetime.date | float, float], ...]
    kind: int
    broken: bool = False

    @property
    def last(self) -> float:
        """Its last value that is a number; zero without any."""
        return next((v for _, v in reversed(self.points) if math.isfinite(v)), 0.0)


def time_panel(
    lines: Sequence[TimeLine],
    heading: str,
    *,
    zero: bool = True,
    deadlines: Sequence[datetime.date] = (),
    height: float = HEIGHT,
    steps: bool = True,
    axis: str = "",
    bands: Sequence[tuple[int, tuple[tuple[float, float, float], ...]]] = (),
    room: float | None = None,
) -> Panel:
    """Return the panel of lines on one scale.

    zero   whether the scale includes zero;  deadlines  marked with dotted lines
    steps  whether a value holds until the next point;  axis  title of the horizontal axis
    bands  by kind of line, an interval around it: (place, low, high)
    room   pixels for names on the right; without it what the names of these lines need (`room_for`)
    """
    named = [line for line in lines if line.name]
    right = room_for(lines) if room is None else room
    plot = WIDTH - TICKS - right
    values = [v for line in lines for _, v in line.points] + [v for _, band in bands for row in band for v in row[1:]]
    values = [v for v in values if math.isfinite(v)]
    if zero or not values:
        values.append(0.0)
    low, high = min(values), max(values)
    if high == low:
        low, high = low - 1, high + 1
    if heading and not low <= 0 <= high:
        heading = translated("{heading} (the scale does not begin at zero)", heading=heading)
    ticks = nice_ticks(low, high, 4)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    dated = any(isinstance(p, datetime.date) for line in lines for p, _ in line.points)
    places = [_number(p) for line in lines for p, _ in line.points]
    first, last = min(places), max(places)
    days, form = _days(first, last) if dated else ([], "")
    if first == last:  # a point alone stands in the middle
        days, first, last = [first], first - 1, last + 1
    across = {
        "values": days or nice_ticks(first, last, 6),
        "title": axis or None,
        "grid": False,
        **({"labelExpr": f"utcFormat(datum.value * 86400000, '{form}')"} if dated else {}),
    }
    upwards = {"values": ticks, "title": None, "labelPadding": 6, "gridColor": GRID}
    x, y = on_scale("x", first, last, across), on_scale("y", low, high, upwards)
    rows = [
        {"x": place, "y": value, "line": k, "colour": LINES[line.kind % len(LINES)]}
        for k, line in enumerate(lines)
        for place, value in _drawn(line, steps)
    ]
    layers: list[dict[str, Any]] = []
    if low <= 0 <= high:
        layers.append(layer([{"y": 0}], {"type": "rule", "color": SOFT}, y=y))
    layers += [
        layer(
            [{"x": p, "low": a, "high": b} for p, a, b in band],
            {"type": "area", "opacity": 0.2, "color": LINES[kind % len(LINES)]},
            x=x,
            y=on_scale("low", low, high, upwards),
            y2={"field": "high"},
        )
        for kind, band in bands
    ]
    marks = [{"x": _number(d)} for d in deadlines if first <= _number(d) <= last]
    if marks:
        layers.append(layer(marks, {"type": "rule", "color": SOFT, "strokeDash": [2, 3]}, x=x))
    for k, line in enumerate(lines):
        mark = {"type": "line", "interpolate": "step-after" if steps else "linear", **_stroke(line)}
        own = [r for r in rows if r["line"] == k]
        layers.append(layer(own, mark, x=x, y=y))
        alone = [] if steps else _alone(own)
        if alone:
            layers.append(layer(alone, {"type": "circle", "color": mark["color"], "opacity": 1, "size": 26}, x=x, y=y))
    layers += _names(named, plot, height, low, high, right - 14)
    return Panel({"width": plot, "height": height, "layer": layers}, TICKS, height + (36 if axis else 20), heading)


def _stroke(line: TimeLine) -> dict[str, Any]:
    """Return the colour, width and dashes of a line."""
    return {
        "strokeWidth": 1.3 if line.broken else 2.2,
        "strokeDash": [3, 3] if line.broken else DASHES[line.kind % len(DASHES)],
        "color": LINES[line.kind % len(LINES)],
    }


def _drawn(line: TimeLine, steps: bool) -> list[tuple[float, float | None]]:
    """Return the places and values of a line, None where it breaks; a step before a break lasts until it."""
    drawn: list[tuple[float, float | None]] = []
    for place, value in line.points:
        known = value if math.isfinite(value) else None
        if steps and known is None and drawn and drawn[-1][1] is not None:
            drawn.append((_number(place), drawn[-1][1]))
        drawn.append((_number(place), known))
    return drawn


def _alone(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a line between two breaks, through which no line goes."""
    values = [None, *(row["y"] for row in rows), None]
    return [row for k, row in enumerate(rows) if row["y"] is not None and values[k] is None and values[k + 2] is None]


def end_of_line(value: float) -> str:
    """Return where a line ends: two decimals, or two significant digits of what would read as a zero."""
    if not math.isfinite(value):
        return translated("no number")
    text = unlike_zero(value, 2)
    return localised(text if any(digit in "123456789" for digit in text) else text.removeprefix("-"))


def room_for(lines: Sequence[TimeLine]) -> float:
    """Return the pixels on the right that the names of lines need."""
    widest = max((width_of(line.name, NAME, bold=True) for line in lines if line.name), default=0.0)
    return min(widest, 150.0) + 14 + (SAMPLE if widest else 0.0)


def events_panel(
    events: Sequence[tuple[datetime.date, str]], window: tuple[datetime.date, datetime.date], room: float, heading: str
) -> Panel:
    """Return a strip of the names of events at their days, a line each, for above panels of the same room."""
    plot, (first, last) = WIDTH - TICKS - room, map(_number, window)
    height = LINE * len(events) + 4
    x, y = on_scale("x", first, last, None), in_pixels("y")
    dotted = {"type": "rule", "color": SOFT, "strokeDash": [2, 3]}
    layers: list[dict[str, Any]] = []
    for k, (day, text) in enumerate(events):
        place = _number(day)
        before = plot * (place - first) / (last - first)
        behind = plot + room - before
        left = width_of(text, NAME) + 8 < behind or behind > before + TICKS
        (cut,) = wrapped(text, NAME, max(behind, before + TICKS) - 8, most=1)
        row = [{"x": place, "y": LINE * (k + 0.5), "end": height, "text": cut}]
        layers.append(layer(row, dotted, x=x, y=y, y2={"field": "end"}))
        mark = {
            "type": "text",
            "align": "left" if left else "right",
            "dx": 4 if left else -4,
            "fontSize": NAME,
            "color": SOFT,
        }
        layers.append(layer(row, mark, x=x, y=y, text={"field": "text"}))
    return Panel({"width": plot, "height": height, "layer": layers}, TICKS, height - 10, heading)


def _names(
    lines: Sequence[TimeLine], plot: float, height: float, low: float, high: float, width: float
) -> list[dict[str, Any]]:
    """Return the names at the ends of the lines, pushed apart where they would overlap, each with a piece of a line."""
    width -= SAMPLE
    blocks = [
        (height * (high - n.last) / (high - low), wrapped(n.name, NAME, width, bold=True, most=4), n) for n in lines
    ]
    blocks.sort(key=lambda b: b[0])
    top = pushed_apart([b[0] for b in blocks], [LINE * len(b[1]) + 2 for b in blocks], -4.0, height + 16)
    layers = []
    for (_, texts, line), start in zip(blocks, top, strict=True):
        rows = [{"y": start + LINE * (n + 0.5) + 1, "text": text} for n, text in enumerate(texts)]
        mark = {
            "type": "text",
            "align": "left",
            "fontSize": NAME,
            "color": NAMES[line.kind % len(NAMES)],
            "fontWeight": "bold",
        }
        beside, y = {"value": plot + 6}, in_pixels("y")
        layers.append(layer(rows, mark, x={"value": plot + 8 + SAMPLE}, y=y, text={"field": "text"}))
        sample = {"type": "rule", **_stroke(line)}
        layers.append(layer(rows[:1], sample, x=beside, x2={"value": plot + 4 + SAMPLE}, y=y))
    return layers


def pushed_apart(at: Sequence[float], sizes: Sequence[float], first: float, last: float) -> list[float]:
    """Return where labels begin that are centred near `at` (in rising order), do not overlap, and stay in a range."""
    top = [max(first, a - s / 2) for a, s in zip(at, sizes, strict=True)]
    for k in range(1, len(top)):
        top[k] = max(top[k], top[k - 1] + sizes[k - 1])
    beyond = last
    for k in range(len(top) - 1, -1, -1):
        top[k] = min(top[k], beyond - sizes[k])
        beyond = top[k]
    return top


def _number(place: datetime.date | float) -> float:
    """Return the days since 1970 of a date, and a number as it is."""
    if isinstance(place, datetime.date):
        return float((place - datetime.date(1970, 1, 1)).days)
    return float(place)


def _days(first: float, last: float) -> tuple[list[float], str]:
    """Return the days of a window that its axis names, and how: new years, the first days of months, or its ends."""
    begin, end = (datetime.date(1970, 1, 1) + datetime.timedelta(days=d) for d in (first, last))
    months = [datetime.date(k // 12, k % 12 + 1, 1) for k in range(_month(begin), _month(end) + 1)]
    months = [day for day in months if begin <= day]
    years = [day for day in months if day.month == 1]
    for days, most, form in ((years, 8, "%Y"), (months, 6, "%Y-%m")):
        if len(days) > 1:
            return [_number(day) for day in days[:: math.ceil(len(days) / most)]], form
    return sorted({first, last}), "%Y-%m-%d"


def _month(day: datetime.date) -> int:
    """Return the months from year 0 to that of a day."""
    return 12 * day.year + day.month - 1
