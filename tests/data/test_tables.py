"""The door: what from_tables accepts, mends and refuses, with the row and the column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def tables(small: ep.Economy) -> Tables:
    """The five-country world as the tables a user would bring."""
    recipe = pd.DataFrame(
        {"cost_share": small.inputs.ravel()},
        index=pd.MultiIndex.from_product(
            [small.countries, small.sectors, small.sectors], names=["country", "input", "output"]
        ),
    ).reset_index()
    shares = pd.DataFrame(
        {"final_share": small.final_share.ravel(), "value_added_share": small.value_added_share.ravel()},
        index=pd.MultiIndex.from_product([small.countries, small.sectors], names=["country", "sector"]),
    ).reset_index()
    return {"trade": small.table(), "inputs": recipe, "demand": shares}


def build(tables: Tables, **options: object) -> ep.Economy:
    return ep.Economy.from_tables(**tables, **({"theta": 4.0} | options))  # type: ignore[arg-type]


def test_world_in_equilibrium_is_recovered_from_its_tables(tables: Tables, small: ep.Economy) -> None:
    economy = build(tables)
    np.testing.assert_allclose(economy.value[:, :, :], small.value, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(economy.final_share, small.final_share, atol=1e-10)
    assert any("moved by" in note for note in economy.notes)


def test_labels_keep_their_order_in_any_order_of_rows(tables: Tables, small: ep.Economy) -> None:
    assert build(tables).countries == small.countries
    shuffled = {k: t.sample(frac=1, random_state=1) for k, t in tables.items()}
    again = build(shuffled)
    a = build(tables).aggregate()
    order = [again.countries.index(c) for c in a.countries]
    sectors = [again.sectors.index(s) for s in a.sectors]
    np.testing.assert_allclose(again.value[sectors][:, order][:, :, order], a.value, rtol=1e-9, atol=1e-9)


def test_value_added_only(tables: Tables) -> None:
    economy = build({"trade": tables["trade"]})
    assert (economy.inputs == 0).all()
    np.testing.assert_allclose(economy.income, economy.spending.sum(axis=0))


def test_theta_by_sector(tables: Tables, small: ep.Economy) -> None:
    economy = build(tables, theta={s: k + 2.0 for k, s in enumerate(small.sectors)})
    assert list(economy.theta) == [2.0, 3.0, 4.0, 5.0]


def test_balanced(tables: Tables) -> None:
    economy = build(tables, deficit="balanced")
    assert np.abs(economy.deficit).max() < 1e-9 * economy.value_added.max()


def test_inconsistent_tables_are_solved_and_reported(tables: Tables) -> None:
    trade = tables["trade"]
    trade.loc[:, "value"] = trade["value"] * np.random.default_rng(0).uniform(0.9, 1.1, len(trade))
    economy = build(tables)
    assert max(ep.solve(economy).residuals.values()) < 1e-10
    np.testing.assert_allclose(economy.final_share, tables["demand"]["final_share"].to_numpy().reshape(5, 4), atol=1e-9)
    note = next(n for n in economy.notes if n.startswith("Base:"))
    assert "0%" not in note.split("moved by")[1].split("in sum")[0].strip()[:2]


def test_small_faults_are_repaired_and_reported(tables: Tables) -> None:
    tables["demand"]["final_share"] *= 1.0005
    tables["demand"].loc[3, "value_added_share"] += tables["inputs"].loc[3, "cost_share"]  # (C00, s03), (C00, s00, s03)
    tables["inputs"].loc[3, "cost_share"] = -0.0004
    economy = build(tables)
    assert any("final shares missed one by at most 0.0005" in n for n in economy.notes)
    assert any("below zero" in n for n in economy.notes)
    np.testing.assert_allclose(economy.final_share.sum(axis=1), 1.0)


def test_absent_foreign_flows_are_counted(tables: Tables) -> None:
    tables["trade"] = tables["trade"].query("value > 0 or importer == exporter")
    dropped = 100 - len(tables["trade"])
    assert any(f"{dropped} of 100 flows have no row" in n for n in build(tables).notes)


def test_tables_from_files(tables: Tables, tmp_path: Path) -> None:
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    paths = {name: tmp_path / f"{name}.csv" for name in tables}
    economy = ep.Economy.from_tables(**paths, theta=4.0)
    np.testing.assert_allclose(economy.value, build(tables).value)


def at(table: str, column: str, row: int, value: object) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        frame = tables[table]
        if isinstance(value, str):
            frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value

    return spoil


def drop(table: str, row: int) -> Callable[[Tables], None]:
    return lambda tables: tables.update({table: tables[table].drop(index=row)})


def rename(table: str, **columns: str) -> Callable[[Tables], None]:
    return lambda tables: tables.update({table: tables[table].rename(columns=columns)})


def double(tables: Tables) -> None:
    tables["trade"] = pd.concat([tables["trade"], tables["trade"].iloc[[7]]])


def percents(tables: Tables) -> None:
    tables["trade"]["tariff"] *= 100


def column(table: str, name: str, values: object) -> Callable[[Tables], None]:
    return lambda tables: tables.update({table: tables[table].assign(**{name: values})})


def twins(tables: Tables) -> None:
    tables["trade"] = tables["trade"].replace({"s01": "S00"})


def contradict(tables: Tables) -> None:
    share = np.full((5, 4), 0.001)
    share[:, 0] = 0.997
    tables["demand"] = tables["demand"].assign(final_share=share.ravel())


def scale(table: str, column: str, by: float) -> Callable[[Tables], None]:
    return lambda tables: tables.update({table: tables[table].assign(**{column: tables[table][column] * by})})


@pytest.mark.positions
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (at("trade", "value", 3, np.nan), r"trade, row 4 \(C00, C03, s00\): value is nan, not a finite number"),
        (at("trade", "value", 3, "much"), r"row 4 .*value is 'much'"),
        (at("trade", "value", 3, -2.0), r"row 4 .*value is negative \(-2\)"),
        (at("trade", "value", 3, np.inf), r"row 4 .*not a finite number"),
        (at("trade", "tariff", 3, "$0.05"), r"row 4 .*tariff is .*\$0.05.*, not a finite number"),
        (at("trade", "importer", 3, None), r"row 4 .*importer is empty"),
        (at("trade", "tariff", 0, 0.1), r"row 1 \(C00, C00, s00\): a tariff of 0.1 on own sales"),
        (at("trade", "tariff", 1, -1.0), r"row 2 .*-100% or below"),
        (double, r"trade, row 101 .*is repeated"),
        (drop("trade", 0), r"own sales .* missing for 1 of 20 country-sectors: C00 s00"),
        (rename("trade", value="values"), r"trade: no column 'value'"),
        (rename("trade", tariff="tarif"), r"unknown column 'tarif'; did you mean 'tariff'\?"),
        (percents, r"Rates are fractions"),
        (column("trade", "value", pd.Timestamp("2019-05-17")), r"holds datetime64.*, not numbers"),
        (column("trade", "value", True), r"holds bool, not numbers"),
        (rename("trade", tariff="duty"), r"unknown column 'duty'; did you mean 'tariff'\?"),
        (twins, r"'S00' and 's00' differ only by case|the sector 'S00'"),
        (contradict, r"the tables contradict each other"),
        (
            lambda t: t.update(inputs=t["inputs"].query("output != 's02'")),
            r"no row for the output s02 of C00 \(and 4 more\)",
        ),
        (at("inputs", "country", 5, "XXX"), r"inputs, row 6: unknown country 'XXX'"),
        (at("inputs", "cost_share", 5, -0.5), r"inputs, row 6 .*negative"),
        (scale("inputs", "cost_share", 1.2), r"add up to .*not one"),
        (at("demand", "final_share", 2, 0.9), r"final shares of C00 add up to"),
        (drop("demand", 2), r"demand: no row for C00 s02"),
        (at("demand", "sector", 2, "s99"), r"demand, row 3: unknown sector 's99'; known: s00"),
    ],
)
def test_refused_by_row_and_column(tables: Tables, spoil: Callable[[Tables], None], message: str) -> None:
    spoil(tables)
    with pytest.raises(ep.errors.InputError, match=message):
        build(tables)


@pytest.mark.parametrize(
    ("theta", "message"),
    [
        (0.0, "must be above zero"),
        ({"s00": 2.0}, "no elasticity for s0[123], s0[123], s0[123]"),
        ({"s0": 2.0}, "unknown sector 's0'"),
        ("four", "unknown set of elasticities 'four'; known: cp2015"),
        (float("nan"), "must be above zero"),
    ],
)
def test_theta_refused(tables: Tables, theta: object, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        build(tables, theta=theta)


def test_value_added_share_without_inputs_is_refused(tables: Tables) -> None:
    del tables["inputs"]
    with pytest.raises(ep.errors.TableError, match="no inputs table"):
        build(tables)


def test_missing_input_rows_are_counted(tables: Tables) -> None:
    del tables["demand"]
    tables["inputs"] = tables["inputs"].drop(index=[0, 7])
    assert any("2 of 80 cost shares have no row" in n for n in build(tables).notes)


def test_theta_as_a_series(tables: Tables, small: ep.Economy) -> None:
    assert list(build(tables, theta=pd.Series(3.0, index=list(small.sectors))).theta) == [3.0] * 4
    with pytest.raises(ep.errors.TableError, match="give a number, or a mapping"):
        build(tables, theta=[3.0] * 4)


def test_theta_as_a_table_or_a_set(tables: Tables, small: ep.Economy, tmp_path: Path) -> None:
    rows = pd.DataFrame({"Sector": small.sectors, "Theta": [2.0, 3.0, 4.0, 5.0]})
    rows.to_excel(tmp_path / "theta.xlsx", index=False)
    for given in (rows, tmp_path / "theta.xlsx", rows.set_index("Sector")):
        assert list(build(tables, theta=given).theta) == [2.0, 3.0, 4.0, 5.0]
    named = build(tables, theta={"set": "cp2015", "sectors": dict.fromkeys(small.sectors, "C29")})
    assert set(named.theta) == {8.22}
    assert any("Caliendo" in note for note in named.notes)


def test_a_percentage_is_the_fraction_to_the_last_digit(tables: Tables) -> None:
    abroad = tables["trade"]["importer"] != tables["trade"]["exporter"]
    written = [
        build({**tables, "trade": tables["trade"].assign(tariff=abroad.map({True: rate, False: "0"}))})
        for rate in ("57%", "0.57")
    ]
    assert written[0].tariff.max() == 0.57
    assert written[0].fingerprint == written[1].fingerprint


def test_rates_may_be_written_in_per_cent(tables: Tables, tmp_path: Path) -> None:
    plain = build(tables)
    written = {name: table.copy() for name, table in tables.items()}
    written["trade"]["tariff"] = [f"{100 * t!r} %" if t else "0" for t in written["trade"]["tariff"]]
    written["inputs"]["cost_share"] = [f"{100 * share!r}%" for share in written["inputs"]["cost_share"]]
    written["trade"].to_csv(tmp_path / "trade.csv", index=False)
    for given in (written, {**written, "trade": tmp_path / "trade.csv"}):
        economy = build(given)
        np.testing.assert_allclose(economy.tariff, plain.tariff, rtol=1e-12)
        np.testing.assert_allclose(economy.inputs, plain.inputs, rtol=1e-9)
    written["trade"]["value"] = "5%"
    with pytest.raises(ep.errors.TableError, match="value is '5%', not a finite number"):
        build(written)


def test_names_of_columns_in_other_case_and_in_the_index(tables: Tables, small: ep.Economy, tmp_path: Path) -> None:
    shouted = {name: table.rename(columns=lambda c: c.replace("_", " ").upper()) for name, table in tables.items()}
    indexed = {name: table.set_index(list(table.columns[:2])) for name, table in tables.items()}
    both = {name: table.set_index(list(table.columns[:2]), drop=False) for name, table in tables.items()}
    tables["trade"].rename(columns=str.title).to_csv(tmp_path / "trade.csv", index=False)
    for given in (shouted, indexed, both, {**tables, "trade": tmp_path / "trade.csv"}):
        economy = build(given)
        np.testing.assert_array_equal(economy.value, build(tables).value)
        assert not any("not used" in note for note in economy.notes)


def test_a_second_column_of_one_name_in_other_case_is_not_used(tables: Tables) -> None:
    tables["trade"]["Value"] = 7.0
    economy = build(tables)
    assert "trade: column 'Value' not used." in economy.notes


def test_a_file_with_another_delimiter(tables: Tables, tmp_path: Path) -> None:
    tables["trade"].to_csv(tmp_path / "t.csv", sep=";", decimal=",", index=False)
    read = ep.Economy.from_tables(tmp_path / "t.csv", theta=4.0)
    np.testing.assert_allclose(read.value, ep.Economy.from_tables(tables["trade"], theta=4.0).value, rtol=1e-12)


@pytest.mark.parametrize("trade", [None, [1], {"importer": []}, "", "a\0b"])
def test_other_objects_are_refused(trade: object) -> None:
    with pytest.raises(ep.errors.InputError):
        ep.Economy.from_tables(trade, theta=4.0)


def test_arguments_of_the_user_are_not_changed(tables: Tables) -> None:
    before = {k: t.copy() for k, t in tables.items()}
    build(tables)
    for k, table in tables.items():
        pd.testing.assert_frame_equal(table, before[k])


def test_one_percentage_among_fractions_is_refused() -> None:
    trade = pd.DataFrame(
        [
            ("A", "A", "s", 90.0),
            ("A", "B", "s", 10.0),
            ("B", "A", "s", 10.0),
            ("B", "B", "s", 50.0),
            ("A", "C", "s", 5.0),
            ("C", "A", "s", 5.0),
            ("C", "C", "s", 40.0),
        ],
        columns=["importer", "exporter", "sector", "value"],
    )
    with pytest.raises(ep.errors.TableError, match=r"row 2 \(A, B, s\): a tariff of 25, that is 2,500%"):
        ep.Economy.from_tables(trade.assign(tariff=[0, 25.0, 0.05, 0, 0.1, 0.1, 0]), theta=4.0)
    high = ep.Economy.from_tables(trade.assign(tariff=[0, 1.5, 0.05, 0, 0.1, 0.1, 0]), theta=4.0)
    assert any("1 tariff above 100% (the highest 150%)" in note for note in high.notes)
