"""Policy in force beside tariffs as columns of a user's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from worlds import random_world

WORLD = random_world(4, 3, seed=8, deficits=0.2)
VER = ep.VoluntaryExportRestraint(
    importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.7, rent=0.8, label="cars"
)
QUOTA = ep.ImportQuota(importer="C02", exporter="C03", sector=["s01", "s02"], cap=0.6, label="farms")
IN_FORCE = [
    VER,
    QUOTA,
    ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=0.1),
    ep.ExportTax(exporter="C01", importer="C03", sector="s02", rate=-0.05),
    ep.ProductionSubsidy(country="C03", sector="s01", rate=0.1),
]
REFORM = [
    ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add"),
    ep.ImportQuota(importer="C03", exporter="C00", sector="s01", cap=0.8),
]
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def base() -> ep.Economy:
    closure = ep.Closure(competition=ep.equilibrium.Markups(9.0))
    return ep.solve(WORLD, IN_FORCE, closure=closure, tol=1e-13).as_economy()


@pytest.fixture
def tables(base: ep.Economy) -> Tables:
    """The base as its user would write it down."""
    held, trade = base.in_force, base.table()
    trade["export_tax"] = np.where(base.value > 0, held.export_tax, 0.0).ravel()
    q = held.quotas
    columns: dict[str, Any] = {
        "quota": np.array(q.title, dtype=object)[q.owner],
        "tariff_equivalent": np.expm1(q.ln_mu)[q.owner],
        "exporter_share": q.exporter_share[q.owner],
        "licence": np.where(q.before_duty, "export", "import")[q.owner],
        "quantity": q.weight * base.value.ravel()[q.flow],
    }
    for name, cells in columns.items():
        trade[name] = pd.Series(cells, index=q.flow).reindex(range(base.value.size))
    made = pd.MultiIndex.from_product([base.sectors, base.countries], names=["sector", "country"])
    production = pd.DataFrame(
        {"production_subsidy": held.subsidy.ravel(), "markup": base.markup.ravel()}, index=made
    ).reset_index()
    recipe = pd.MultiIndex.from_product(
        [base.countries, base.sectors, base.sectors], names=["country", "input", "output"]
    )
    shares = pd.MultiIndex.from_product([base.countries, base.sectors], names=["country", "sector"])
    return {
        "trade": trade,
        "inputs": pd.DataFrame({"cost_share": base.inputs.ravel()}, index=recipe).reset_index(),
        "demand": pd.DataFrame({"final_share": base.final_share.ravel()}, index=shares).reset_index(),
        "production": production,
    }


def build(tables: Tables, base: ep.Economy) -> ep.Economy:
    return ep.Economy.from_tables(**tables, theta=dict(zip(base.sectors, base.theta, strict=True)))


@pytest.mark.positions
@pytest.mark.parametrize("with_demand", [True, False])
def test_base_with_policy_is_recovered_from_its_tables(tables: Tables, base: ep.Economy, with_demand: bool) -> None:
    if not with_demand:
        del tables["demand"]
    read = build(tables, base)
    size = base.income.max()
    for part in ("value", "income", "spending", "cost", "value_added", "profits", "revenue", "deficit", "border_value"):
        np.testing.assert_allclose(getattr(read, part), getattr(base, part), rtol=1e-9, atol=1e-10 * size, err_msg=part)
    assert read.in_force.quotas.title == base.in_force.quotas.title
    np.testing.assert_allclose(read.tariff_revenue, base.tariff_revenue, rtol=1e-9, atol=1e-10 * size)


def test_solving_no_change_returns_the_base(tables: Tables, base: ep.Economy) -> None:
    read = build(tables, base)
    same = ep.solve(read, tol=1e-12)
    np.testing.assert_allclose(same.countries["real_income_pct"], 0.0, atol=1e-8)
    np.testing.assert_allclose(same.accounts.producer_value, read.value, atol=1e-10 * WORLD.income.max())


def test_reforms_equal_those_of_the_outcome_as_a_base(tables: Tables, base: ep.Economy) -> None:
    read, written = (ep.solve(world, REFORM, tol=1e-12) for world in (build(tables, base), base))
    np.testing.assert_allclose(read.countries["real_income_pct"], written.countries["real_income_pct"], atol=1e-8)
    for part in ("user_value", "duty", "rent", "exporter_rent"):
        np.testing.assert_allclose(
            getattr(read.accounts, part), getattr(written.accounts, part), atol=1e-8 * WORLD.income.max()
        )


def test_inconsistent_tables_become_an_equilibrium_with_the_same_policy(tables: Tables, base: ep.Economy) -> None:
    noise = np.random.default_rng(0).uniform(0.95, 1.05, len(tables["trade"]))
    tables["trade"]["value"] *= noise
    read = build(tables, base)
    same = ep.solve(read, tol=1e-12)
    np.testing.assert_allclose(same.accounts.producer_value, read.value, atol=1e-9 * WORLD.income.max())
    np.testing.assert_allclose(read.in_force.ln_wedge, base.in_force.ln_wedge, atol=1e-12)
    np.testing.assert_allclose(read.final_share, base.final_share, atol=1e-9)


def test_quota_without_quantities_is_in_dollars_of_the_base(tables: Tables, base: ep.Economy) -> None:
    del tables["trade"]["quantity"]
    q = build(tables, base).in_force.quotas
    value = base.value.ravel()[q.flow]
    np.testing.assert_allclose(q.volume, np.bincount(q.owner, value), rtol=1e-9)


@pytest.mark.positions
def test_a_folder_of_csv_files(tables: Tables, base: ep.Economy, tmp_path: Path) -> None:
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    pd.DataFrame({"sector": base.sectors, "theta": base.theta}).to_csv(tmp_path / "sectors.csv", index=False)
    imported = ep.import_economy("tables", tmp_path)
    np.testing.assert_allclose(imported.economy.value, base.value, rtol=1e-8, atol=1e-8)
    assert imported.economy.in_force.quotas.title == base.in_force.quotas.title
    assert any(line.startswith("production:") for line in imported.found)


def flow(trade: pd.DataFrame, importer: str, exporter: str, sector: str) -> int:
    hit = (trade["importer"] == importer) & (trade["exporter"] == exporter) & (trade["sector"] == sector)
    return int(np.flatnonzero(hit)[0])


@pytest.mark.parametrize(
    ("at", "column", "cell", "message"),
    [
        (("C00", "C01", "s00"), "export_tax", np.nan, "export_tax is nan, not a finite number"),
        (("C00", "C01", "s00"), "export_tax", -1.0, "an export tax of -1 (-100% or below)"),
        (("C00", "C01", "s00"), "export_tax", 25.0, "the median export tax levied is 12.55, that is 1,255%"),
        (("C00", "C00", "s00"), "export_tax", 0.1, "an export tax of 0.1 on own sales; it must be 0"),
        (("C00", "C01", "s00"), "tariff_equivalent", np.nan, "tariff_equivalent is missing of the quota 'cars'"),
        (("C00", "C01", "s00"), "tariff_equivalent", -0.1, "tariff_equivalent is negative (-0.1)"),
        (("C00", "C02", "s00"), "tariff_equivalent", 0.5, "for the quota 'cars', which has one tariff equivalent"),
        (("C00", "C01", "s00"), "exporter_share", 1.2, "exporter_share is 1.2; a share of the rent is at most 1"),
        (("C00", "C01", "s00"), "exporter_share", np.nan, "exporter_share is missing of the quota 'cars'"),
        (("C00", "C02", "s00"), "quantity", np.nan, "quantity is missing of the quota 'cars'"),
        (("C00", "C02", "s00"), "quantity", 0.0, "a quantity of zero, where there is trade"),
        (("C00", "C02", "s00"), "licence", "import", "which has one kind of licence"),
        (("C00", "C01", "s00"), "licence", "exporter", "licence is 'exporter'; did you mean export?"),
        (("C00", "C01", "s00"), "quota", None, "tariff_equivalent is given but the column 'quota' is empty"),
        (("C00", "C01", "s00"), "value", 0.0, "a quota on a flow without trade; leave it blank"),
        (("C03", "C01", "s02"), "value", 0.0, "an export tax on a flow without trade; write 0"),
    ],
)
def test_faults_of_the_trade_table_name_their_row(
    tables: Tables, base: ep.Economy, at: tuple[str, str, str], column: str, cell: object, message: str
) -> None:
    row = flow(tables["trade"], *at)
    tables["trade"].loc[row, column] = cell
    with pytest.raises(ep.errors.TableError) as caught:
        build(tables, base)
    assert message in str(caught.value)
    assert "median" in message or f"row {row + 1} ({', '.join(at)})" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("production_subsidy", np.nan, "production_subsidy is nan, not a finite number"),
        ("production_subsidy", -1.5, "a production subsidy of -1.5 (-100% or below)"),
        ("markup", 0.9, "a markup of 0.9; it is price over cost, 1 or more"),
        ("markup", 120.0, "a markup of 120; it is price over cost, such as 1.2 where the price is 20% above cost"),
        ("country", "C0X", "unknown country 'C0X'"),
    ],
)
def test_faults_of_the_production_table_name_their_row(
    tables: Tables, base: ep.Economy, column: str, cell: object, message: str
) -> None:
    tables["production"].loc[2, column] = cell
    with pytest.raises(ep.errors.InputError) as caught:
        build(tables, base)
    assert message in str(caught.value)
    assert "production, row 3" in str(caught.value)


def test_production_table_without_a_known_column_is_refused(tables: Tables, base: ep.Economy) -> None:
    tables["production"] = tables["production"][["country", "sector"]]
    with pytest.raises(ep.errors.TableError, match="neither a column 'production_subsidy' nor 'markup'"):
        build(tables, base)


def test_markups_of_percentages_are_refused(tables: Tables) -> None:
    tables["production"]["markup"] = [5.0, 8.0, 4.0] * 4
    with pytest.raises(ep.errors.TableError, match="a markup of 5; it is price over cost, such as"):
        ep.Economy.from_tables(**tables, theta=4.0)


@pytest.mark.parametrize("name", ["quantity (tonnes)", "Quantity (тонн)", "quantity（吨）", "QUANTITY [t]"])
def test_the_quantity_of_a_quota_may_be_in_any_unit(tables: Tables, base: ep.Economy, name: str) -> None:
    plain = build({**tables, "trade": tables["trade"].assign(quantity=tables["trade"]["quantity"] * 20)}, base)
    renamed = tables["trade"].assign(quantity=tables["trade"]["quantity"] * 20).rename(columns={"quantity": name})
    found = build({**tables, "trade": renamed}, base)
    np.testing.assert_allclose(found.in_force.quotas.volume, plain.in_force.quotas.volume)
    np.testing.assert_allclose(found.in_force.quotas.weight, plain.in_force.quotas.weight)


def test_a_quantity_may_have_separators_of_thousands(tables: Tables, base: ep.Economy) -> None:
    trade = tables["trade"]
    written = trade["quantity"].map(lambda x: f"{1e4 * x:,.1f}", na_action="ignore")
    numbers = written.map(lambda x: float(x.replace(",", "")), na_action="ignore")
    plain = build({**tables, "trade": trade.assign(quantity=numbers)}, base)
    found = build({**tables, "trade": trade.assign(quantity=written)}, base)
    np.testing.assert_allclose(found.in_force.quotas.volume, plain.in_force.quotas.volume)


def test_texts_on_quotas_may_have_a_name_in_two_scripts(tables: Tables, base: ep.Economy) -> None:
    renamed = tables["trade"].rename(columns={"quota": "quota (品目)", "licence": "licence (ライセンス)"})
    assert build({**tables, "trade": renamed}, base).in_force.quotas.title == build(tables, base).in_force.quotas.title
