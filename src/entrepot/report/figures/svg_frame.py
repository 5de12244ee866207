"""The frame of a figure: title, subtitle, panels and foot in one SVG, with room for whatever font the reader has."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from entrepot.languages import in_english, localised
from entrepot.report.figures.palette import CLASSES, INK, PAPER, SOFT, style
from entrepot.report.figures.text_width import wrapped

#: The width of a figure without its margin, in pixels: legible on a phone, and enlarged by a wide page.
WIDTH, MARGIN = 520.0, 14.0
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
TITLE, SUBTITLE, LABEL, FOOT = 17.0, 13.0, 12.5, 11.0

#: A fill of thin lines over a colour, for losses where neither a sign nor a side tells them from gains.
LOSSES = "url(#losses)"
_SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Panel:
    """A part of a figure with one scale.

    spec     Vega-Lite; its marks and axes begin at the upper left corner of the plot
    left     pixels to the left of the plot, for labels
    height   pixels from the top of the plot to the end of its axis
    heading  what the panel shows, above it
    """

    spec: Mapping[str, Any] = field(repr=False)
    left: float
    height: float
    heading: str = ""


def layer(data: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    """Return a layer of Vega-Lite: its rows, its mark, and the field that each property shows."""
    return {"data": {"values": data}, "mark": mark, "encoding": encoding}


def on_scale(name: str, low: float, high: float, axis: dict[str, Any] | None) -> dict[str, Any]:
    """Return a position at the values of a field, on a scale from `low` to `high`."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "scale": scale, "axis": axis and _labelled(axis)}


#: A tick in full: the labels that Vega writes of its own are rounded, to 0.01 where ticks are 0.005 apart.
_TICK = "format(datum.value, ',.12~f')"


def _labelled(axis: dict[str, Any]) -> dict[str, Any]:
    """Return an axis whose ticks have the separators of the language in use; one with labels of its own stays."""
    if "labelExpr" in axis:
        return axis
    if in_english():
        return {**axis, "labelExpr": _TICK}
    group, decimal = localised(","), localised(".")
    swapped = f"replace(replace(replace({_TICK}, /,/g, '|'), '.', '{decimal}'), /[|]/g, '{group}')"
    return {**axis, "labelExpr": swapped}


def in_pixels(name: str) -> dict[str, Any]:
    """Return a position that a field states in pixels."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def coloured_by(name: str) -> dict[str, Any]:
    """Return a colour that a field states."""
    return {"field": name, "type": "nominal", "scale": None}


def framed(name: str, title: str, subtitle: str, panels: Sequence[Panel], foot: Sequence[str], text: str) -> str:
    """Return the SVG of a figure, with its title and `text` for screen readers."""
    y, body = MARGIN, []
    title, subtitle, foot = typeset(title), typeset(subtitle), [typeset(note) for note in foot]
    for line in wrapped(title, TITLE, WIDTH, bold=True):
        y += 1.3 * TITLE
        body.append(_line(line, MARGIN, y - 0.35 * TITLE, TITLE, INK, ' font-weight="bold"'))
    for line in wrapped(subtitle, SUBTITLE, WIDTH):
        y += 1.35 * SUBTITLE
        body.append(_line(line, MARGIN, y - 0.3 * SUBTITLE, SUBTITLE, SOFT))
    y += 12
    for panel in panels:
        for line in wrapped(panel.heading, SUBTITLE, WIDTH, bold=True) if panel.heading else []:
            y += 1.35 * SUBTITLE
            body.append(_line(line, MARGIN, y - 0.3 * SUBTITLE, SUBTITLE, INK, ' font-weight="bold"'))
        y += 6 if panel.heading else 0
        body.append(f'<g transform="translate({MARGIN + panel.left:g},{y:g})">{_marks(panel.spec)}</g>')
        y += panel.height + 14
    for note in foot:
        for line in wrapped(note, FOOT, WIDTH):
            y += 1.35 * FOOT
            body.append(_line(line, MARGIN, y - 0.3 * FOOT, FOOT, SOFT))
    width, height = WIDTH + 2 * MARGIN, y + MARGIN
    key = re.sub(r"\W", "-", name)
    drawn = "".join(body)
    if LOSSES in drawn:
        drawn = _lines_of_losses(f"{key}-losses") + drawn.replace(LOSSES, f"url(#{key}-losses)")
    return (
        f'<svg xmlns="{_SVG}" class="entrepot-figure" role="img" aria-labelledby="{key}-title" '
        f'aria-describedby="{key}-text" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f"font-family={quoteattr(FONT)}>"
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-text">{escape(text)}</desc>'
        f"<style>{style()}</style>"
        f'<rect class="ground f-paper" width="100%" height="100%" fill="{PAPER}"/>'
        f"{drawn}</svg>"
    )


def _lines_of_losses(key: str) -> str:
    """Return the definition of `LOSSES` under a name that one picture alone has on a page; dark on either ground."""
    return (
        f'<defs><pattern id="{key}" width="3.2" height="3.2" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M0 0V3.2" stroke="{INK}" '
        f'stroke-width="1.1" fill="none"/></pattern></defs>'
    )


def typeset(text: str) -> str:
    """Return text with a minus sign before negative numbers instead of a hyphen."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "\N{MINUS SIGN}", text)


#: Marks of text that is drawn over lines: a rim in the colour of the ground.
RIM: dict[str, Any] = {"stroke": PAPER, "strokeWidth": 3, "strokeJoin": "round"}


def without_rims(svg: str) -> str:
    """Return a figure without the rims of its numbers, which some renderers paint over them."""
    return re.sub(
        r"<text[^>]*paint-order[^>]*>", lambda tag: re.sub(r' (paint-order|stroke[\w-]*)="[^"]*"', "", tag[0]), svg
    )


def _line(text: str, x: float, y: float, size: float, colour: str, more: str = "") -> str:
    name = CLASSES[colour][0]
    return (
        f'<text class="f-{name}" x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{more}>{escape(text)}</text>'
    )


def _marks(spec: Mapping[str, Any]) -> str:
    """Return what Vega draws of a panel: a group whose colours have classes, without labels of its own."""
    import vl_convert

    full = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **CONFIG, **spec}
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(full))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # the frame states the namespace
        classes = [f"{kind[0]}-{CLASSES[c][0]}" for kind in ("fill", "stroke") if (c := element.get(kind)) in CLASSES]
        element.attrib.pop("class", None)
        if element.tag == "text" and element.get("stroke"):  # a line must not strike a number through
            element.set("paint-order", "stroke")
        if classes:
            element.set("class", " ".join(classes))
        for key in [
            k for k in element.attrib if k.startswith("aria-") or k in ("role", "pointer-events", "font-family")
        ]:
            del element.attrib[key]
    _prune(root)
    return "".join(ElementTree.tostring(child, encoding="unicode") for child in root)


def _prune(element: ElementTree.Element) -> None:
    """Remove the empty groups and the invisible backgrounds that Vega writes."""
    for child in list(element):
        _prune(child)
        unseen = (
            child.tag in ("rect", "path")
            and child.get("fill") in (None, "none", "transparent")
            and not child.get("stroke")
        )
        if (child.tag == "g" and not len(child)) or unseen:
            element.remove(child)


CONFIG: dict[str, Any] = {
    "padding": 0,
    "autosize": {"type": "none"},
    "background": "transparent",
    "config": {
        "aria": False,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": 11,
            "labelColor": SOFT,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "titleColor": SOFT,
            "gridColor": "#d5dae0",
            "domain": False,
            "ticks": False,
            "labelPadding": 5,
            "titlePadding": 5,
        },
        "text": {"fontSize": LABEL, "color": INK, "baseline": "middle"},
    },
}
