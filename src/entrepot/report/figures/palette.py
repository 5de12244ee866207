"""The colours of figures: each has a class, so that a page can give it another colour in the dark or on paper."""

from __future__ import annotations

INK, SOFT, GRID, PAPER = "#1b1f24", "#57606b", "#d5dae0", "#ffffff"
BETTER, WORSE, NEUTRAL, FAINT = "#0072b2", "#d55e00", "#6e7781", "#b3bac2"
#: Lines: Okabe and Ito's palette and one of Tol's, which colour-blind readers can tell apart, darker where a line would
#: be too pale on white (WCAG 2.2, 1.4.11).
LINES = ("#0071b0", "#c98500", "#009e73", "#cc79a7", "#3d9bd1", "#d45d00", "#882255", "#3ea191")
#: The names of these lines, darker where letters of the line's colour would be too pale on white (WCAG 2.2, 1.4.3).
NAMES = ("#0071b0", "#996a00", "#00825f", "#ba4b89", "#45738c", "#bd5300", "#882255", "#337e72")

#: Classes of a map between better and worse: half a step, nothing, and a country without data of its own.
BETTER_HALF, WORSE_HALF, NOTHING, NO_DATA = "#93c1e2", "#f3b48a", "#e3e7eb", "#f6f8f9"

#: Class and colours on light and dark ground.
CLASSES: dict[str, tuple[str, str]] = {
    INK: ("ink", "#e6edf3"),
    SOFT: ("soft", "#a5afba"),
    GRID: ("grid", "#3d444d"),
    PAPER: ("paper", "#0d1117"),
    BETTER: ("better", "#58b2ee"),
    WORSE: ("worse", "#ff8f4a"),
    NEUTRAL: ("neutral", "#8f99a3"),
    FAINT: ("faint", "#59626c"),
    BETTER_HALF: ("better-half", "#2f6690"),
    WORSE_HALF: ("worse-half", "#96562c"),
    NOTHING: ("nothing", "#2d333b"),
    NO_DATA: ("no-data", "#161b22"),
    LINES[0]: ("line-1", "#58b2ef"),
    LINES[1]: ("line-2", "#f0b429"),
    LINES[2]: ("line-3", "#2cc79b"),
    LINES[3]: ("line-4", "#e09ac2"),
    LINES[4]: ("line-5", "#8fd0f5"),
    LINES[5]: ("line-6", "#ff8f4b"),
    LINES[6]: ("line-7", "#d0699a"),
    LINES[7]: ("line-8", "#63c9b8"),
}
CLASSES |= {
    name: (f"name-{k}", CLASSES[line][1])
    for k, (line, name) in enumerate(zip(LINES, NAMES, strict=True), 1)
    if name not in CLASSES
}


def worth(value: float, good: bool = True) -> str:
    """Return the colour of someone who is better off by `value`; where `good` is False, of one who is worse off."""
    if value == 0 or value != value:
        return NEUTRAL
    return BETTER if (value > 0) == good else WORSE


def style(scope: str = ".entrepot-figure") -> str:
    """Return the style of figures under a selector: dark ground, forced colours; paper keeps the light ones."""
    night = _coloured(scope, dict(CLASSES.values()))
    forced = {name: "CanvasText" for name, _ in CLASSES.values()}
    forced |= {"paper": "Canvas", "grid": "Canvas", "better": "Highlight"}
    forced |= {"better-half": "LinkText", "nothing": "Canvas", "no-data": "Canvas", "worse-half": "GrayText"}
    hollow = f"{scope} .f-worse{{fill:Canvas;stroke:CanvasText;stroke-width:1.5px}}"
    text = f"{scope} text.f-worse{{fill:CanvasText;stroke:none}}"
    return (
        f"{scope}{{print-color-adjust:exact;-webkit-print-color-adjust:exact;forced-color-adjust:none}}"
        f"@media screen and (prefers-color-scheme:dark){{{night}}}"
        f"@media (forced-colors:active){{{_coloured(scope, forced)}{hollow}{text}}}"
    )


def _coloured(scope: str, colours: dict[str, str]) -> str:
    return "".join(f"{scope} .f-{name}{{fill:{c}}}{scope} .s-{name}{{stroke:{c}}}" for name, c in colours.items())
