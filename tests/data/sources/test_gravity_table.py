"""Gravity data sets: names, delimiters, own trade, and the shared sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.progress import silent
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.sources.gravity_table import read
from shelves import slow_after


@pytest.fixture
def table() -> pd.DataFrame:
    """Exporter e sells importer n 10 e + n, itself 100; DIST is not ours."""
    countries = ["AUT", "BRA", "CHE"]
    frame = pd.DataFrame([(e, n, 2006) for e in countries for n in countries], columns=["exporter", "importer", "year"])
    trade = [100 if e == n else 10 * e + n + 1 for e in range(3) for n in range(3)]
    return frame.assign(trade=trade, DIST=1.0)


def gravity(path: Path, **options: object) -> Imported:
    return read(path, ImportRequest(**({"source": "gravity", "theta": 5.0} | options)), silent)  # type: ignore[arg-type]


def saved(table: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".dta":
        table.to_stata(path, write_index=False)
    elif path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep={".tsv": "\t", ".txt": ";"}.get(path.suffix, ","))
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.dlm", "t.dta", "t.parquet"])
def test_gravity_table_is_read_in_every_format(table: pd.DataFrame, tmp_path: Path, name: str) -> None:
    imported = gravity(saved(table, tmp_path / name))
    economy = imported.economy
    assert (economy.countries, economy.sectors, economy.year) == (("AUT", "BRA", "CHE"), ("total",), 2006)
    np.testing.assert_allclose(economy.value[0], [[100, 11, 21], [2, 100, 22], [3, 13, 100]])  # [importer, exporter]
    assert any("states no unit" in line for line in imported.mended)


@pytest.mark.parametrize(
    ("stated", "factor"),
    slow_after(
        2,
        [
            ({"UNIT_MULT": 3}, 1e-3),
            ({"currency": "EUR", "UNIT_MULT": 6}, 1.25),
            ({"UNIT_MULT": 0}, 1e-6),
            ({"unit": "thousand USD"}, 1e-3),
            ({"currency": "EUR"}, 1.25),
            ({"unit": None, "currency": "EUR"}, 1.25),
        ],
    ),
)
def test_values_in_another_unit_are_scaled_and_noted(
    table: pd.DataFrame, tmp_path: Path, stated: Any, factor: float
) -> None:
    rate = 1.25 if "currency" in stated else None
    there = gravity(saved(table.assign(**stated), tmp_path / "t.csv"), usd_per_unit=rate)
    plain = gravity(saved(table, tmp_path / "t.csv"))
    np.testing.assert_allclose(there.economy.value, factor * plain.economy.value)
    assert any("it is in millions of US dollars" in line for line in there.mended)


@pytest.mark.parametrize(
    ("more", "rate", "message"),
    [
        ({"currency": "EUR"}, None, r"another currency than US dollars \(EUR\): give the dollars for one of it"),
        ({"currency": "XBT"}, None, "'XBT', which is not a known currency"),
        ({"unit": "USD million"}, 1.25, "in US dollars, which need no exchange rate"),
        ({"month": [1, 2, 3] * 3}, None, "rows are of a part of a year"),
        ({"Trade Flow": "Export"}, None, "says export; rows of imports are needed"),
        ({"year": 1, "Period": "2006Q1"}, None, "the year is 1"),
    ],
)
def test_values_that_would_go_in_wrong_are_refused(
    table: pd.DataFrame, tmp_path: Path, more: Any, rate: float | None, message: str
) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        gravity(saved(table.assign(**more), tmp_path / "t.csv"), usd_per_unit=rate)


@pytest.mark.parametrize("name", slow_after(2, ["trade (thousand USD)", "value ($000s)", "Trade (Tsd. USD)"]))
def test_unit_in_the_name_of_the_column(table: pd.DataFrame, tmp_path: Path, name: str) -> None:
    there = gravity(saved(table.rename(columns={"trade": name}), tmp_path / "t.csv"))
    plain = gravity(saved(table, tmp_path / "t.csv"))
    np.testing.assert_allclose(1e3 * there.economy.value, plain.economy.value)
    assert any("times 0.001 it is in millions" in line for line in there.mended)


def test_an_exchange_rate_without_a_stated_unit_applies_with_a_note(table: pd.DataFrame, tmp_path: Path) -> None:
    there = gravity(saved(table, tmp_path / "t.csv"), usd_per_unit=2)
    np.testing.assert_allclose(there.economy.value[0, 0], [200, 22, 42])
    assert any("taken as millions of the currency of --usd-per-unit" in line for line in there.mended)


@pytest.mark.parametrize("total", ["Total", "_T", "All sectors", "Gesamt", "total manufacturing", "both"])
def test_a_sector_that_adds_up_the_others_is_refused(table: pd.DataFrame, tmp_path: Path, total: str) -> None:
    goods, services = table.assign(sector="goods"), table.assign(sector="services", trade=2 * table["trade"] + 1)
    both = table.assign(sector=total, trade=3 * table["trade"] + 1)
    with pytest.raises(ep.errors.TableError, match=f"the sector '{total}' is .*counts twice"):
        gravity(saved(pd.concat([goods, both, services]), tmp_path / "t.csv"))


def test_tariffs_that_are_not_read_are_stated(table: pd.DataFrame, tmp_path: Path) -> None:
    without = gravity(saved(table, tmp_path / "a.csv"))
    assert "Tariffs: none given; all are zero." in without.found
    imported = gravity(saved(table.assign(Tariff=0.1), tmp_path / "b.csv"))
    assert not imported.economy.tariff.any()
    (line,) = imported.refused
    assert "The column 'Tariff' is not read: give tariffs as a table" in line
    rates = pd.DataFrame({"importer": ["AUT"], "exporter": ["BRA"], "sector": ["total"], "tariff": [0.2]})
    given = gravity(saved(table.assign(Tariff=0.1), tmp_path / "c.csv"), tariffs=rates)
    assert given.economy.tariff.max() == 0.2
    assert not any("none given" in line for line in given.found)


def test_output_in_another_unit_is_scaled(table: pd.DataFrame, tmp_path: Path) -> None:
    foreign = saved(table.query("exporter != importer"), tmp_path / "t.csv")
    output = pd.DataFrame({"country": ["AUT", "BRA", "CHE"], "output": [0.105, 0.124, 0.04], "unit": "billion USD"})
    imported = gravity(foreign, own_sales=output)
    np.testing.assert_allclose(imported.economy.value[0].diagonal(), [100, 100, 0])
    with pytest.raises(ep.errors.TableError, match="no rows of 2006; the year is 2011"):
        gravity(foreign, own_sales=output.assign(year=2011))
    with pytest.raises(ep.errors.TableError, match="another currency than US dollars"):
        gravity(foreign, own_sales=output.assign(unit="billion EUR"))


@pytest.mark.parametrize(
    "stated", slow_after(2, [{"UNIT_MULT": 6}, {"unit": "USD million"}, {"measure": "Imports"}, {"unit": "kg"}])
)
def test_unit_that_agrees_is_accepted(table: pd.DataFrame, tmp_path: Path, stated: Any) -> None:
    one, other = (gravity(saved(t, tmp_path / "t.csv")) for t in (table, table.assign(**stated)))
    assert one.economy.fingerprint == other.economy.fingerprint


@pytest.mark.parametrize(
    "names",
    [
        ("exporter_iso3", "importer_iso3", "year", "trade_value"),
        ("iso_o", "iso_d", "year", "flow"),
        ("iso3_o", "iso3_d", "Year", "Trade"),
    ],
)
def test_columns_are_found_under_other_names(table: pd.DataFrame, tmp_path: Path, names: tuple[str, ...]) -> None:
    renamed = table.rename(columns=dict(zip(["exporter", "importer", "year", "trade"], names, strict=True)))
    imported = gravity(saved(renamed, tmp_path / "t.csv"))
    assert imported.economy.fingerprint == gravity(saved(table, tmp_path / "u.csv")).economy.fingerprint
    assert any(f"{names[0]} as exporter" in line for line in imported.found)


def test_latin_1_is_read_with_a_note(table: pd.DataFrame, tmp_path: Path) -> None:
    named = table.replace({"AUT": "Österreich"})
    named.to_csv(tmp_path / "t.csv", index=False, encoding="latin-1")
    imported = gravity(tmp_path / "t.csv")
    assert "Österreich" in imported.economy.countries
    assert any("read as Windows-1252" in line for line in imported.mended)


def test_sectors(table: pd.DataFrame, tmp_path: Path) -> None:
    both = pd.concat([table.assign(sector="goods"), table.assign(sector="services", trade=2 * table["trade"])])
    economy = gravity(saved(both, tmp_path / "t.csv")).economy
    assert economy.sectors == ("goods", "services")
    np.testing.assert_allclose(economy.value[1], 2 * economy.value[0])


def test_own_sales_from_output(table: pd.DataFrame, tmp_path: Path) -> None:
    """own = output - exports; exports are 5, 24, 43."""
    foreign = saved(table.query("exporter != importer"), tmp_path / "t.csv")
    output = pd.DataFrame({"country": ["AUT", "BRA", "CHE"], "sector": "ALL", "output": [105.0, 124.0, 40.0]})
    imported = gravity(foreign, own_sales=output)
    np.testing.assert_allclose(imported.economy.value[0].diagonal(), [100, 100, 0])
    assert any("Exports exceed output in 1 of 3 country-sectors by 3 million" in line for line in imported.mended)
    output.to_csv(tmp_path / "output.csv", index=False)
    again = gravity(foreign, own_sales=tmp_path / "output.csv")
    assert again.economy.fingerprint == imported.economy.fingerprint


@pytest.mark.parametrize("factor", [1e6, 1e-3])
def test_output_in_another_unit_than_trade_is_refused(table: pd.DataFrame, tmp_path: Path, factor: float) -> None:
    output = pd.DataFrame({"country": ["AUT", "BRA", "CHE"], "sector": "total", "output": factor * 100.0})
    with pytest.raises(ep.errors.InputError, match="times exports in sum: it must be in millions of US dollars"):
        gravity(saved(table, tmp_path / "t.csv"), own_sales=output)


def test_output_of_goods_that_are_hardly_traded_is_read_with_a_note(table: pd.DataFrame, tmp_path: Path) -> None:
    output = pd.DataFrame({"country": ["AUT", "BRA", "CHE"], "sector": "total", "output": 1e5})
    imported = gravity(saved(table.query("exporter != importer"), tmp_path / "t.csv"), own_sales=output)
    assert any("times exports in sum, as of goods that are hardly traded" in line for line in imported.mended)


def test_own_sales_from_a_home_share(table: pd.DataFrame, tmp_path: Path) -> None:
    """own = h / (1 - h) imports; imports are 32, 24, 16."""
    imported = gravity(saved(table.query("exporter != importer"), tmp_path / "t.csv"), own_sales="0.8")
    np.testing.assert_allclose(imported.economy.value[0].diagonal(), [128, 96, 64])
    assert any(line.startswith("Assumption: every country buys 80%") for line in imported.mended)


def test_countries_without_output_are_merged_into_row(table: pd.DataFrame, tmp_path: Path) -> None:
    foreign = saved(table.query("exporter != importer"), tmp_path / "t.csv")
    imported = gravity(foreign, own_sales=pd.DataFrame({"country": ["AUT", "ROW"], "output": [105, 300]}))
    assert imported.economy.countries == ("AUT", "ROW")
    np.testing.assert_allclose(imported.economy.value[0], [[100, 32], [5, 268]])  # exports of ROW to AUT are 32
    assert any("2 countries without output were merged into ROW: BRA, CHE" in line for line in imported.mended)


def test_missing_values_own_gaps_and_idle_countries_are_reported(table: pd.DataFrame, tmp_path: Path) -> None:
    table.loc[1, "trade"] = np.nan
    idle = pd.DataFrame({"exporter": ["XXX"], "importer": ["AUT"], "year": 2006, "trade": 7.0, "DIST": 1.0})
    table = pd.concat([table.query("exporter != 'CHE' or importer != 'CHE'"), idle])
    imported = gravity(saved(table, tmp_path / "t.csv"))
    assert imported.economy.countries == ("AUT", "BRA", "CHE")
    assert any("1 row without a trade value" in line for line in imported.refused)
    assert any("Countries that sell nothing or buy nothing (1): XXX" in line for line in imported.refused)
    assert any("Own sales are absent for 1 of 3 country-sectors" in line for line in imported.mended)


def test_the_sample_of_gegravity() -> None:
    economy = gravity(shared("gegravity_sample") / "sample_data_set.dlm").economy
    assert (len(economy.countries), economy.sectors, economy.year) == (30, ("total",), 2006)
    n, i = economy.countries.index("AUS"), economy.countries.index("GBR")
    assert economy.value[0, n, i] == pytest.approx(4310)
    assert max(ep.solve(economy).residuals.values()) < 1e-9


def drop(*columns: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.drop(columns=list(columns))


def cell(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.astype({column: object}).assign(
        **{column: [value, *table[column].astype(object).iloc[1:]]}
    )


OUTPUT = pd.DataFrame({"country": ["AUT", "BRA", "CHE"], "output": [1000.0, 1000.0, 1000.0]})


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (drop("exporter"), {}, "no column for the exporter .*the table has: importer, year, trade"),
        (drop("trade"), {}, "no column for the value"),
        (cell("trade", "x"), {}, "row 1: the trade value is x"),
        (cell("trade", -1), {}, "row 1: the trade value is -1"),
        (cell("exporter", None), {}, "row 1: exporter is empty"),
        (cell("year", "then"), {}, "row 1: the year is then"),
        (cell("year", 2005), {}, "years found: 2005, 2006; choose one"),
        (str, {"year": 1999}, "no rows of 1999; years found: 2006"),
        (
            lambda t: pd.concat([t, t.iloc[[4]]]),
            {},
            "row 10: the flow from BRA to BRA .*is repeated.*call their column",
        ),
        (lambda t: t.query("exporter != importer"), {}, "have no own sales .*country, sector, output"),
        (lambda t: t.query("exporter == importer"), {}, "no trade between countries is left"),
        (str, {"own_sales": 1.0}, "lies between 0 and 1"),
        (str, {"own_sales": True}, "own_sales=True"),
        (str, {"own_sales": "no.csv"}, "no such file"),
        (str, {"own_sales": OUTPUT.iloc[:2]}, "no output for 1 of 3 countries: CHE"),
        (str, {"own_sales": OUTPUT.replace("CHE", "CHN")}, "row 3: CHN has output here and no trade"),
        (str, {"own_sales": OUTPUT.assign(sector="cars")}, "row 1: unknown sector 'cars'"),
        (str, {"own_sales": OUTPUT.assign(output="x")}, "row 1: output is 'x'"),
        (str, {"own_sales": OUTPUT.replace("CHE", "AUT")}, "row 3: AUT is repeated"),
        (str, {"own_sales": OUTPUT.rename(columns={"output": "gross"})}, "no column 'output'"),
        (str, {"sectors": "sections"}, "sectors= is not supported here"),
        (
            lambda t: t.set_axis(["exporter", "importer", "year", "trade", "trade"], axis=1),
            {},
            "'trade' is repeated",
        ),
        (cell("importer", "aut"), {}, "differ only by case"),
        (str, {"theta": None}, "theta: these data have no trade elasticities"),
    ],
)
def test_invalid_gravity_tables_are_refused(
    table: pd.DataFrame, tmp_path: Path, spoil: object, options: dict[str, object], message: str
) -> None:
    spoilt = table if spoil is str else spoil(table)  # type: ignore[operator]
    with pytest.raises(ep.errors.InputError, match=message):
        gravity(saved(spoilt, tmp_path / "t.csv"), **options)


def test_rows_longer_than_the_header(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("exporter,importer,year,trade\nA,B,2006,1,9,9\nB,A,2006,1\n")
    with pytest.raises(ep.errors.InputError, match="line 2: cannot be read as CSV"):
        gravity(tmp_path / "t.csv")


def test_file_without_a_table_is_refused(tmp_path: Path) -> None:
    for name in ("t.csv", "t.dta", "t.parquet"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
        with pytest.raises(ep.errors.InputError, match=r"cannot be read|is not a text file"):
            gravity(tmp_path / name)
