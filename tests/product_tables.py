"""Small tables of trade and tariffs, and an Economy to put them on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

import entrepot as ep

PLAIN = """
stacking: test
authorities:
  - {id: mfn, applies: base}
  - {id: fta, applies: base}
  - {id: column2, applies: replaces}
  - {id: steel, applies: adds, excluded_by: [autos]}
  - {id: autos, applies: adds}
  - id: general
    applies: adds
    exempt: [CAN]
    excluded_by: [autos, steel]
    ceilings: [{partners: [JPN], rate: 0.15}, {partners: [KOR]}, {partners: [GBR], rate: 0.1, with_base: false}]
"""


def trade(*rows: Sequence[Any], importer: str = "USA") -> pd.DataFrame:
    """Rows (partner, product, value)."""
    frame = pd.DataFrame(rows, columns=["partner", "product", "value"])
    frame.insert(0, "importer", importer)
    return frame


def schedule(*rows: Sequence[Any], importer: str = "USA") -> pd.DataFrame:
    """Rows (product, partner, rate[, authority[, kind]])."""
    full = [(*row, *("mfn", "applied")[len(row) - 3 :]) for row in rows]
    frame = pd.DataFrame(full, columns=["product", "partner", "rate", "authority", "kind"], dtype=object)
    frame.insert(0, "importer", importer)
    return frame


def stacking(text: str = PLAIN) -> ep.exposures.Stacking:
    from entrepot.exposures.stacking import read_stacking

    return read_stacking(text, "test.yaml")


def expose(traded: Any, schedules: Any, proposed: Any = None, **options: Any) -> ep.exposures.Exposure:
    """On one thread with little memory, as of a fixed day."""
    given = {"stacking": stacking(), "on": "2025-12-31", "threads": 1, "memory": "500MB", **options}
    return ep.exposures.exposure(traded, schedules, proposed, **given)
