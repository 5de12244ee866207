"""A small case to sweep, and the comparison of two runs of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.runs.store import Run
from worlds import random_world

CASE = """\
case: small
title: A small world
question: Who gains?
economy: {economy}
parties: [C00, C01]
objectives:
  C00: {{real_income: 1, value_added: {{s00: 0.3}}, revenue: 0.1}}
  C01: {{real_income: 1, balance: {{C00: 0.2}}}}
scenarios:
  tariff:
    title: a tariff
    measures:
      - tariff: {{importer: C00, exporter: C01, sector: s00, rate: {rate}, change: add}}
  ver:
    title: a restraint with the same volume
    measures:
      - ver: {{importer: C00, exporter: C01, sector: s00, cap: {{match: tariff}}}}
  quota:
    title: a quota
    measures:
      - quota: {{importer: C00, exporter: C01, sector: s01, cap: 0.7}}
table:
  between: [C00, C01]
  issues:
    cut: {{title: cut, range: [0, 1], now: 0}}
  measures:
    - tariff: {{importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}}
  threat: tariff
  offers:
    half: {{title: half, levels: {{cut: 0.5}}}}
report:
  protected: {{country: C00, sector: s00, rd_intensity: 0.05}}
  markets:
    - {{title: Goods, importer: C00, sectors: [s00, s01], exporters: [C01, C02]}}
{more}
"""


#: The case without its table: nothing is bargained, which takes most of the time of its report.
UNBARGAINED = CASE[: CASE.index("table:")] + CASE[CASE.index("report:") :]


def small(folder: Path, rate: str = "20%", more: str = "", seed: int = 4, case: str = CASE) -> Path:
    economy = folder / "world.npz"
    random_world(4, 3, seed).save(economy)
    path = folder / "small.yaml"
    path.write_text(case.format(economy=economy, rate=rate, more=more))
    return path


RATE = {"tariff.rate": {"uniform": [0.1, 0.3]}}
THETA = "uncertainty:\n  theta: {lognormal: {sd: 0.2}}\n"


def assert_same_answers(one: Run, other: Run, income: float, tol: float = 1e-10) -> None:
    """Two runs have the same parts, rows and draws, and numbers within ten times the solver's tolerance: percentages
    and shares of a hundred, money of the largest income.
    """
    assert one.id == other.id, "the same question"
    assert one.tables() == other.tables()
    for table in one.tables():
        assert one.parts(table) == other.parts(table), table
        ours, theirs = one.read(table), other.read(table)
        assert list(ours) == list(theirs)
        for name in ours:
            if ours[name].dtype != float:
                pd.testing.assert_series_equal(ours[name], theirs[name])
            elif table == "draws":  # nothing is solved for them
                np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-12, err_msg=name)
            else:
                of = 100.0 if name.endswith(("_pct", "_share", "binding")) else income
                np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=10 * tol * of, err_msg=name)
