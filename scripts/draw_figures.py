"""Draw the manual's figures from the founding case: docs/winners.svg, the README's picture, and docs/figures/.

python scripts/draw_figures.py           (what make figures does)
python scripts/draw_figures.py --check   (compares instead; exits with 1 if a number in a figure differs)
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import entrepot as ep
from entrepot.documents import write_text
from entrepot.report import bargain_figure, sweep_figures
from entrepot.report.figures import charts, svg
from entrepot.studies import Study

DOCS = Path(__file__).resolve().parents[1] / "docs"
CASE = "us-japan-autos-2019"
SAME_VOLUME = ("tariff_japan_eu", "auctioned_quota", "ver")
FARM = ("preferences", "farm_deal")
#: The sweep that docs/founding-case.md shows; 'entrepot sweep' with these options is the same run.
SWEPT = {"draws": 256, "scenarios": ["tariff_japan", "ver_japan", "farm_deal"]}

# A background and the reader's colour scheme, so that a figure can be read on light and dark pages and on paper.
STYLE = """<style>
.ground { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  .ground { fill: #1e2129 }
  .role-axis-label text, .role-axis-title text, .role-legend-label text, .role-legend-title text { fill: #dddddd }
  .role-title-text text, .role-title-subtitle text { fill: #bbbbbb }
  .role-axis-grid line { stroke: #555555 }
}
</style><rect class="ground" width="100%" height="100%"/>"""


def figures() -> dict[str, str]:
    """Return every figure of the manual as SVG, by its path under docs/."""
    study = ep.run(CASE)
    parts = charts(_part(study.case, SAME_VOLUME))
    farm = charts(_part(study.case, FARM))
    whole = charts(study)
    with tempfile.TemporaryDirectory() as store:
        swept = ep.sweep(CASE, store=store, **SWEPT)  # type: ignore[arg-type]
        sure = [(title, svg(chart, title)) for title, chart, _ in sweep_figures.pictures(swept, 0.9)]
    deals = bargain_figure.chart(ep.bargain(study))
    return {
        name: _standing(drawn)
        for name, drawn in {
            "winners.svg": _titled(parts, "Who gains"),
            "figures/collected.svg": _titled(parts, "Who collects"),
            "figures/cars.svg": _titled(parts, "US imports of cars and parts: market shares"),
            "figures/farm.svg": _titled(farm, "Japan's imports of farm products and food: trade redirected"),
            "figures/branches.svg": _titled(whole, "Branches in time"),
            "figures/deals.svg": svg(deals, "What every deal is worth beyond the threat"),
            "figures/sure.svg": _titled(sure, "Gains and losses"),
            "figures/drivers.svg": _titled(sure, "What moves Japan"),
        }.items()
    }


def _part(case: ep.Case, names: Sequence[str]) -> Study:
    """Return the case with only these scenarios, solved."""
    kept = {name: spec for name, spec in case.scenarios.items() if name in names}
    return ep.run(case.model_copy(update={"scenarios": kept, "timeline": None, "table": None}))


def _titled(drawn: Sequence[tuple[Any, ...]], beginning: str) -> str:
    """Return the SVG of the chart whose title begins with this text."""
    return next(str(row[1]) for row in drawn if row[0].startswith(beginning))


def _standing(drawn: str) -> str:
    """Return an SVG of the report as a file that stands alone: with a size and a style for light and dark pages."""
    width, height = (1.3 * float(x) for x in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)[0])
    sized = re.sub(r'style="width:100%[^"]*"', f'width="{width:.0f}" height="{height:.0f}"', drawn, count=1)
    start = sized.index(">") + 1
    return f"{sized[:start]}{STYLE}{sized[start:]}\n"


def labels(drawn: str) -> list[str]:
    """Return the accessible labels of a figure's marks, with numbers to three digits.

    A number below a millionth is a computed zero, which differs by processor; so does an axis that begins there.
    """

    def rounded(number: re.Match[str]) -> str:
        value = float(number.group())
        return "0" if abs(value) < 1e-6 else f"{value:.3g}"

    found = [label.replace("−", "-") for label in re.findall(r'aria-label="([^"]*)"', drawn)]
    return [re.sub(r"-?\d+\.\d+(e-?\d+)?", rounded, label) for label in found if "-axis for" not in label]


def main() -> int:
    """Draw the figures, or compare them with the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the figures that are there")
    check = parser.parse_args().check
    other = []
    for name, drawn in figures().items():
        path = DOCS / name
        if not check:
            print(f"written: {write_text(path, drawn)}")
        elif not path.exists() or labels(path.read_text(encoding="utf-8")) != labels(drawn):
            other.append(name)
    if other:
        print(f"the numbers differ in {', '.join(other)}", file=sys.stderr)
    return 1 if other else 0


if __name__ == "__main__":
    sys.exit(main())
