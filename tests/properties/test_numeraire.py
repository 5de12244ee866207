"""The unit of account is a choice: every reported number is the same under each, or is named as one in that unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import entrepot as ep
from entrepot.cases import read_case
from entrepot.equilibrium import quantities
from shelves import examples, slow_after
from worlds import random_world

TOL = 1e-12
#: One of each kind of instrument, so that every column of every table has numbers.
MEASURES = (
    ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3, change="add"),
    ep.VoluntaryExportRestraint(importer="C00", exporter="C02", sector="s00", cap=0.7),
    ep.ImportQuota(importer="C01", exporter="C00", sector="s01", cap=0.8),
    ep.TariffRateQuota(importer="C02", exporter="C00", sector="s01", cap=0.8, out_rate=0.6),
    ep.ExportTax(importer="C01", exporter="C02", sector="s01", rate=0.1),
    ep.ProductionSubsidy(country="C03", sector="s02", rate=0.05),
    ep.SpecificTariff(importer="C03", exporter="C00", sector="s00", amount="8%"),
)
CLOSURES = (
    ep.Closure(),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.4, deficit="own_share"),
    ep.Closure(labour_tax=0.2, recycling="labour_tax", labour_supply=0.4, deficit="gdp_share"),
)


def tables(outcome: ep.Outcome) -> dict[str, pd.DataFrame]:
    parts = ("countries", "sectors", "measures", "decomposition")
    return {**{p: getattr(outcome, p) for p in parts}, "trade": outcome.trade.to_dataframe()}


def close(one: np.ndarray, other: np.ndarray, size: float, name: str) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7 * size, equal_nan=True, err_msg=name)


def check(one: pd.DataFrame, other: pd.DataFrame, unit: float, size: float, inputs: np.ndarray) -> None:
    """Numbers under two units of account, of which the second is worth `unit` of the first. `size` is of the money,
    `inputs` [.] the part of inputs in unit cost, row by row."""
    for name in one.select_dtypes("number"):
        a, b = one[name].to_numpy(float), other[name].to_numpy(float)
        of, scale = quantities.ALL[name], size if quantities.ALL[name].unit == "US$ million" else 1.0
        if not of.nominal:
            close(a, b, scale, name)
        elif of.unit == "US$ million":
            close(a / unit, b, scale, name)
        else:  # a price, as a change in percent; or the part of one that inputs are
            power = inputs if name == "input_cost_pct" else 1.0
            close((1 + a / 100) / unit**power, 1 + b / 100, scale, name)


@given(st.integers(0, 10_000), st.sampled_from(CLOSURES), st.integers(0, 3))
@examples(3, slow=60)
@pytest.mark.slow
def test_numeraire_changes_only_nominal_numbers_of_an_outcome(seed: int, closure: ep.Closure, country: int) -> None:
    world = random_world(4, 3, seed)
    one, other = (
        ep.solve(world, MEASURES, closure=replace(closure, numeraire=numeraire), tol=TOL)
        for numeraire in ("WORLD", world.countries[country])
    )
    # What a unit is worth: the same income in both.
    unit = float(one.accounts.income.sum() / other.accounts.income.sum())
    for name, table in tables(one).items():
        check(table, tables(other)[name], unit, float(world.income.max()), world.inputs.sum(axis=1).ravel())


CASE = """\
case: small
title: A small world
question: Who gains?
closure: {closure}
parties: [C00, C01]
objectives:
  C00: {{real_income: 1, value_added: {{s00: 0.3}}, revenue: 0.1}}
scenarios:
  tariff:
    title: a tariff
    measures:
      - tariff: {{importer: C00, exporter: C01, sector: s00, rate: 20%, change: add}}
  ver:
    title: a restraint with the same volume
    measures:
      - ver: {{importer: C00, exporter: C01, sector: s00, cap: {{match: tariff}}}}
retaliation: {{by: C01, against: C00, equivalent_to: tariff}}
timeline:
  from: 2024-01-01
  until: 2025-01-01
  front_loading: 10%
  in_force: [{{scenario: tariff, from: 2024-07-01}}]
report:
  protected: {{country: C00, sector: s00, rd_intensity: 0.05}}
  markets:
    - {{title: Goods, importer: C00, sectors: [s00, s01], exporters: [C01, C02]}}
uncertainty:
  theta: {{lognormal: {{sd: 0.2}}}}
"""
#: Columns that are not reported numbers: draws, dates and ranks.
OTHER = {"member", "rate", "trade_at_stake"}


@pytest.mark.parametrize(
    "closure", slow_after(1, ["{numeraire: %s}", "{numeraire: %s, horizon: short, labour_share: 60%%}"])
)
@pytest.mark.slow
def test_numeraire_changes_only_nominal_numbers_of_a_study_and_a_sweep(closure: str, tmp_path: Path) -> None:
    """Those of the page, the files, the API and the sweep, by the names of the registry."""
    world = random_world(4, 3, 4)
    cases = [read_case(CASE.format(closure=closure % numeraire)) for numeraire in ("WORLD", "C02")]
    one, other = (ep.run(case, world, tol=TOL).tables() for case in cases)
    swept = [ep.sweep(case, world, draws=3, store=tmp_path / "runs", tol=TOL) for case in cases]
    for name in swept[0].tables:
        one[f"sweep {name}"], other[f"sweep {name}"] = (sweep.table(name) for sweep in swept)
    assert {"welfare", "industry", "proceeds", "markets", "retaliation", "path", "totals", "sweep industry"} <= set(one)
    for name, table in one.items():
        if name == "path":  # tidy: the quantity is a column, and amounts are in world value added whatever the closure
            assert set(table["quantity"]) <= {*quantities.ALL, "imports"}
            close(table["value"].to_numpy(), other[name]["value"].to_numpy(), float(world.income.max()), name)
            continue
        for column in table.select_dtypes("number").columns.difference([*OTHER]):
            assert column in quantities.ALL, f"{name}: {column} is not in the registry"
            if not quantities.ALL[column].nominal:
                a, b = (t[column].to_numpy(float) for t in (table, other[name]))
                close(a, b, float(world.income.max()) if quantities.ALL[column].unit == "US$ million" else 1.0, column)
