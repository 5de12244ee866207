"""The base row of a table is the world from which the closure measures, also where it closes deficits.

Restraints and export taxes in force in the base are in the values at its border.
"""

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
IN_FORCE = [
    ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.6),
    ep.ExportTax(exporter="C02", importer="C00", sector="s00", rate=0.2),
]
BASES = {
    "tariffs": random_world(5, 3, seed=1),
    "a restraint": ep.solve(random_world(5, 3, seed=1), IN_FORCE).as_economy("with a restraint"),
}


@pytest.fixture(scope="module", params=[(base, closure) for base in BASES for closure in CLOSURES], ids="-".join)
def study(request: pytest.FixtureRequest) -> ep.Study:
    base, closure = request.param
    return ep.run(read_case(CASE), economy=BASES[base], closure=CLOSURES[closure])


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


def test_trade_in_the_base_is_what_no_change_leaves(study: ep.Study) -> None:
    frame, flows = study.tables["trade"].frame, study.outcomes["nothing"].trade
    np.testing.assert_allclose(frame["value"], frame["value_base"], rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(flows["value"], flows["value_base"], rtol=1e-8, atol=1e-6)
