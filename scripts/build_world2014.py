"""Build the bundled Economy `world2014` (44 economies x 24 sectors) from WIOD 2014 with tariffs and elasticities.

    python scripts/build_world2014.py PATH/TO/wiod2014

The folder holds trade.parquet, inputs.parquet, demand.parquet (columns as in `Economy.from_tables`) and sectors.csv
(sector, theta). The 50-sector tables are first brought to their unshocked equilibrium, then merged; sums of balanced
accounts are balanced. Numbers are then rounded to single precision; an Economy is balanced by construction, so the
rounding moves the base by less than one part in ten million and leaves it exactly in balance.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from entrepot import Economy

OUT = Path(__file__).resolve().parents[1] / "src" / "entrepot" / "economy" / "data" / "world2014.ep"

SECTORS = {
    "agriculture": [1, 2, 3],
    "mining": [4],
    "food": [5],
    "textiles": [6],
    "wood_paper": [7, 8, 9],
    "petroleum": [10],
    "chemicals": [11, 12],
    "plastics": [13],
    "minerals": [14],
    "metals": [15],
    "metal_products": [16],
    "electronics": [17],
    "electrical": [18],
    "machinery": [19],
    "motor_vehicles": [20],
    "other_transport": [21],
    "other_manufacturing": [22],
    "utilities": [23, 24, 25],
    "construction": [26],
    "trade_services": [27, 28, 29],
    "transport_services": [30, 31, 32, 33, 34],
    "business_services": [*range(36, 42), *range(43, 47)],
    "real_estate": [42],
    "other_services": [35, *range(47, 51)],
}


def read_wiod(folder: Path, name: str, source: str) -> Economy:
    """Return the tables in a folder as an Economy of 44 economies and 50 sectors, in balance."""
    theta = pd.read_csv(folder / "sectors.csv").set_index("sector")["theta"]
    tables = (pd.read_parquet(folder / f"{table}.parquet") for table in ("trade", "inputs", "demand"))
    return Economy.from_tables(*tables, theta=theta.to_dict(), name=name, year=2014, source=source)


def build(folder: Path) -> Economy:
    """Return the bundled Economy, made from the tables in a folder."""
    full = read_wiod(
        folder,
        "world2014",
        "World Input-Output Database, 2016 release (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015, "
        "Review of International Economics 23: 575-605), CC BY 4.0, with tariffs and trade elasticities as prepared "
        "for the Kiel Institute's KITE model; merged to 24 sectors",
    )
    mapping = {new: [f"C{code:02d}" for code in codes] for new, codes in SECTORS.items()}
    merged = full.aggregate(sectors=mapping)
    single = {a: getattr(merged, a).astype(np.float32).astype(float) for a in ("value", "tariff", "inputs", "theta")}
    files = sorted(f for f in folder.iterdir() if f.suffix in (".parquet", ".csv"))
    return replace(
        merged,
        **single,
        notes=(*merged.notes, "Elasticities: weighted by world imports. Tariffs: weighted by trade."),
        provenance={
            "licence": "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
            "sectors": mapping,
            "inputs_sha256": {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files},
            "script": "scripts/build_world2014.py",
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    economy = build(options.folder)
    economy.save(options.out)
    print(economy)
    print(*economy.notes, sep="\n")
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")
