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
from dataclasses import replace
from pathlib import Path

import entrepot as ep
from entrepot.documents import write_text
from entrepot.report.figures.sweep_figures import sweep_figures
from entrepot.studies import Study

DOCS = Path(__file__).resolve().parents[1] / "docs"
CASE = "us-japan-autos-2019"
SAME_VOLUME = ("tariff_japan_eu", "auctioned_quota", "ver")
FARM = ("preferences", "farm_deal")
#: The sweep that docs/founding-case.md shows; 'entrepot sweep' with these options is the same run.
SWEPT = {"draws": 256, "scenarios": ["tariff_japan", "ver_japan", "farm_deal"]}


def figures() -> dict[str, str]:
    """Return every figure of the manual as SVG, by its path under docs/."""
    study = ep.run(CASE)
    parts, farm = _part(study, SAME_VOLUME).figures, _part(study, FARM).figures
    with tempfile.TemporaryDirectory() as store:
        swept = ep.sweep(CASE, store=store, **SWEPT)  # type: ignore[arg-type]
        sure = sweep_figures(swept, 0.9)
    made = {
        "winners.svg": parts["winners"],
        "figures/collected.svg": parts["revenue"],
        "figures/cars.svg": parts["shares"],
        "figures/farm.svg": farm["sources_2"],
        "figures/branches.svg": study.figures["branches"],
        "figures/deals.svg": study.figures["deals"],
        "figures/sure.svg": sure["intervals"],
        "figures/drivers.svg": sure["drivers_2"],
    }
    return {name: figure.svg() + "\n" for name, figure in made.items()}


def _part(study: Study, names: Sequence[str]) -> Study:
    """Return the study with only these scenarios."""
    return replace(study, outcomes={name: outcome for name, outcome in study.outcomes.items() if name in names})


def numbers(drawn: str) -> str:
    """Return the text of a figure for those who cannot see it, with numbers to three digits.

    A number below a millionth is a computed zero, which differs by processor.
    """

    def rounded(number: re.Match[str]) -> str:
        value = float(number.group())
        return "0" if abs(value) < 1e-6 else f"{value:.3g}"

    found = re.search(r"<desc[^>]*>(.*?)</desc>", drawn)
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", rounded, found[1] if found else "")


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
        elif not path.exists() or numbers(path.read_text(encoding="utf-8")) != numbers(drawn):
            other.append(name)
    if other:
        print(f"the numbers differ in {', '.join(other)}", file=sys.stderr)
    return 1 if other else 0


if __name__ == "__main__":
    sys.exit(main())
