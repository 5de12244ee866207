"""The base row of a table is the world from which the closure measures, also where it closes deficits."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases.load import read_case
from worlds import random_world

CASE = """
case: base-row
title: A test
question: What does it do?
economy: world2014
parties: [C00, C01]
report:
  protected: {country: C00, sector: s00, rd_intensity: 5%}
  markets: [{title: Imports, importer: C00, sectors: [s00], exporters: [C01]}]
scenarios:
  nothing:
    title: A tariff of nothing
    measures:
      - tariff: {importer: C00, exporter: C01, sector: s00, rate: 0%, change: add}
"""
CLOSURES = {"fixed": ep.Closure(), "balanced": ep.Closure(deficit="balanced")}


@pytest.fixture(scope="module", params=CLOSURES)
def study(request: pytest.FixtureRequest) -> ep.Study:
    return ep.run(read_case(CASE), economy=random_world(5, 3, seed=1), closure=CLOSURES[request.param])


@pytest.mark.parametrize("table", ["industry", "markets"])
def test_base_row_is_what_no_change_gives(study: ep.Study, table: str) -> None:
    frame = study.tables[table].frame
    base, nothing = (
        frame[frame.scenario == name].set_index("exporter" if "exporter" in frame else "scenario")
        for name in ("base", "nothing")
    )
    numbers = base.select_dtypes("number")
    assert len(numbers) == len(nothing) > 0
    np.testing.assert_allclose(numbers, nothing[numbers.columns], rtol=1e-8, atol=1e-6, equal_nan=True)
