"""The world map of a scenario: the change in real income by country, by true shapes or, without these, as tiles."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from entrepot.cases import SolvedCase
from entrepot.economy.geography import ROW, country_name, iso3
from entrepot.languages import localised, translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import (
    BETTER,
    BETTER_HALF,
    FAINT,
    INK,
    NO_DATA,
    NOTHING,
    PAPER,
    SOFT,
    WORSE,
    WORSE_HALF,
)
from entrepot.report.figures.study_figure import study_figure, titled, under
from entrepot.report.figures.svg_frame import LOSSES, WIDTH, Panel, coloured_by, in_pixels, layer
from entrepot.report.figures.text_width import width_of, wrapped
from entrepot.studies import tidy_frames as tables
from entrepot.studies.headline import chosen
from entrepot.studies.result_table import MONEY, PERCENT, TableColumn, percent_text
from entrepot.words import NOISE, figure

#: Borders of Natural Earth (public domain) at 1:110 million, which scripts/build_page.py brings.
SHAPES = Path(__file__).parent / "countries-110m.json"
HEIGHT, TILE, KEY = 262.0, 65.0, 48.0
#: The size of the words of the key and of the numbers on tiles: no letter is smaller.
SMALL = 11.0


def world_map(study: SolvedCase) -> Figure | None:
    """Return the change in real income by country under the first scenario of the answer."""
    if not study.outcomes:
        return None
    name = chosen(study)[0]
    data = tables.countries(study)
    data = data[(data["scenario"] == name) & (data["country"] != ROW) & data["real_income_pct"].notna()]
    if data.empty:
        return None
    percents = data["real_income_pct"].where(data["real_income_pct"].abs() >= NOISE, 0.0)
    data = data.assign(real_income_pct=percents).sort_values("real_income_pct", kind="stable")
    step = _step(float(percents.abs().max()))
    rows = [(r.country, country_name(r.country), r.real_income_pct, r.equivalent_variation) for r in data.itertuples()]
    colours = {code: _colour(value, step) for code, _, value, _ in rows}
    panel = _shapes_panel(colours) if SHAPES.exists() else _tiles_panel(rows, colours)
    panels = [panel, _key(step, SHAPES.exists())]
    ends = [row for row in [*rows[:3], *[r for r in rows[-3:] if r not in rows[:3]]] if row[2]]
    largest = "; ".join(f"{study.short(code)} {percent_text(value, 3)}" for code, _, value, _ in ends)
    return study_figure(
        study,
        "map",
        titled(under(study, name, _finding(study, rows)), "Real income by country"),
        translated("Real income by country, change from the base in percent."),
        rows,
        [
            TableColumn("country", "country"),
            TableColumn("name"),
            TableColumn("real income", "real_income_pct", PERCENT, True),
            TableColumn("equivalent variation", "equivalent_variation", MONEY, True),
        ],
        translated("The largest losses and gains: {text}.", text=largest)
        if ends
        else translated("No country's real income changes."),
        panels,
    )


def _finding(study: SolvedCase, rows: list[tuple[str, str, float, float]]) -> str:
    low, high = rows[0], rows[-1]
    parts = []
    if low[2] < 0:
        parts.append(f"real income falls most in {study.spoken(low[0])} ({percent_text(low[2], 2)})")
    if high[2] > 0:
        verb = "rises" if parts else "real income rises"
        parts.append(f"{verb} most in {study.spoken(high[0])} ({percent_text(high[2], 2)})")
    return f"{' and '.join(parts) or 'no real income changes'}."


def _step(largest: float) -> float:
    """Return the round number beyond which a change is strong: about a quarter of the largest."""
    if largest <= 0:
        return 1.0
    return float(f"{largest / 4:.0e}")


def _colour(value: float, step: float) -> str:
    if abs(value) < step / 10:
        return NOTHING
    strong = abs(value) >= step
    return (BETTER if strong else BETTER_HALF) if value > 0 else (WORSE if strong else WORSE_HALF)


@functools.cache
def _topology() -> Any:
    return json.loads(SHAPES.read_text(encoding="utf-8"))


def _shapes_panel(colours: dict[str, str]) -> Panel:
    """Return the map: a country's shape is found by its ISO 3166 number; losses have lines over their colour."""
    shapes = _topology()["objects"]["countries"]["geometries"]
    drawn = [
        {**shape, "properties": {"colour": colours.get(iso3(shape["id"]) or "" if "id" in shape else "", NO_DATA)}}
        for shape in shapes
        if shape.get("id") != "010"  # Antarctica
    ]
    worse = [shape for shape in drawn if shape["properties"]["colour"] in (WORSE, WORSE_HALF)]
    layers = [_shapes(drawn, coloured_by("properties.colour"))]
    layers += [_shapes(worse, {"value": LOSSES})] if worse else []
    return Panel({"width": WIDTH, "height": HEIGHT, "layer": layers}, 0.0, HEIGHT)


def _shapes(shapes: list[dict[str, Any]], fill: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of Vega-Lite: some countries of the world, filled."""
    whole = _topology()
    world = {**whole, "objects": {"countries": {**whole["objects"]["countries"], "geometries": shapes}}}
    return {
        "data": {"values": world, "format": {"type": "topojson", "feature": "countries"}},
        "projection": {"type": "equalEarth"},
        "mark": {"type": "geoshape", "stroke": FAINT, "strokeWidth": 0.4},
        "encoding": {"fill": fill},
    }


def _tiles_panel(rows: list[tuple[str, str, float, float]], colours: dict[str, str]) -> Panel:
    """Return one tile a country, from the largest loss to the largest gain."""
    values = [percent_text(value, 2).replace("-", "\N{MINUS SIGN}") for _, _, value, _ in rows]
    across = int(WIDTH // max([TILE, *(width_of(value, SMALL) + 4 for value in values)]))
    wide = WIDTH / across
    tiles = [
        {
            "x": wide * (k % across),
            "x2": wide * (k % across) + wide - 2,
            "y": 30.0 * (k // across),
            "y2": 30.0 * (k // across) + 28,
            "code": code,
            "value": value,
            "colour": colours[code],
            "ink": PAPER if colours[code] in (BETTER, WORSE) else INK,
        }
        for k, ((code, *_), value) in enumerate(zip(rows, values, strict=True))
    ]
    height = 30.0 * (1 + (len(rows) - 1) // across)
    return Panel(_rectangles(tiles, height, [("code", 9.0, SMALL), ("value", 20.5, SMALL)]), 0.0, height)


def _key(step: float, shapes: bool) -> Panel:
    """Return what the colours mean, as swatches with their ranges."""
    high, low = figure(step), figure(step / 10)
    names = [
        (WORSE, translated("{rate} and worse", rate=localised(f"\N{MINUS SIGN}{high}%"))),
        (WORSE_HALF, translated("to {rate}", rate=localised(f"\N{MINUS SIGN}{low}%"))),
        (NOTHING, translated("about 0")),
        (BETTER_HALF, translated("from {rate}", rate=localised(f"{low}%"))),
        (BETTER, translated("{rate} and better", rate=localised(f"{high}%"))),
        *([(NO_DATA, translated("not separate"))] if shapes else []),
    ]
    wide = WIDTH / len(names)
    swatches = [
        {
            "x": k * wide,
            "x2": (k + 1) * wide - 2,
            "y": 0.0,
            "y2": 10.0,
            **{f"line {n}": line for n, line in enumerate([*wrapped(name, SMALL, wide - 6, most=2), ""][:2])},
            "colour": colour,
            "ink": SOFT,
        }
        for k, (colour, name) in enumerate(names)
    ]
    drawn = _rectangles(swatches, KEY, [("line 0", 19.0, SMALL), ("line 1", 32.0, SMALL)])
    if shapes:  # as on the map; tiles have the signs of their numbers
        lined = [{**row, "colour": LOSSES} for row in swatches if row["colour"] in (WORSE, WORSE_HALF)]
        drawn["layer"] += _rectangles(lined, KEY, [])["layer"]
    return Panel(drawn, 0.0, KEY - 10)


def _rectangles(rows: list[dict[str, Any]], height: float, texts: list[tuple[str, float, float]]) -> dict[str, Any]:
    """Return coloured rectangles with lines of text in or under them: (field, pixels from the top, size)."""
    boxes = {"x": in_pixels("x"), "x2": {"field": "x2"}, "y": in_pixels("y"), "y2": {"field": "y2"}}
    mark = {"type": "rect", "stroke": SOFT, "strokeWidth": 0.4}
    layers = [layer(rows, mark, **boxes, fill=coloured_by("colour"))]
    for field, down, size in texts:
        at = [{**row, "mid": (row["x"] + row["x2"]) / 2, "at": row["y"] + down} for row in rows]
        place = {"x": in_pixels("mid"), "y": in_pixels("at")}
        mark = {"type": "text", "align": "center", "fontSize": size}
        layers.append(layer(at, mark, **place, text={"field": field}, fill=coloured_by("ink")))
    return {"width": WIDTH, "height": height, "layer": layers}
