"""Draw docs/winners.svg, the README's picture, from the founding case.

python scripts/draw_picture.py
"""

from __future__ import annotations

from pathlib import Path

import entrepot as ep
from entrepot.report.charts import charts

OUT = Path(__file__).resolve().parents[1] / "docs" / "winners.svg"

if __name__ == "__main__":
    case = ep.load_case("us-japan-autos-2019")
    same_volume = ["tariff_japan_eu", "auctioned_quota", "ver"]
    study = ep.run(case.model_copy(update={"scenarios": {name: case.scenarios[name] for name in same_volume}}))
    svg = charts(study)[0][1]
    # A white ground, so that the picture can be read on a dark page too.
    start = svg.index(">") + 1
    OUT.write_text(svg[:start] + '<rect width="100%" height="100%" fill="#ffffff"/>' + svg[start:], encoding="utf-8")
    print(f"wrote {OUT}")
