"""What tables say of their amounts: unit, currency, year, period and flow, in `tables` and in `update`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.updates import update_economy
from shelves import slow_after
from worlds import random_world

TRADE = pd.DataFrame(
    {
        "importer": ["USA", "USA", "JPN", "JPN"] * 2,
        "exporter": ["USA", "JPN"] * 4,
        "sector": ["cars"] * 4 + ["food"] * 4,
        "value": [90.0, 10.0, 12.0, 50.0, 40.0, 3.0, 2.0, 30.0],
    }
)
BASE = random_world(3, 2, seed=8)


def tables(folder: Path, trade: pd.DataFrame, **options: Any) -> ep.data.Imported:
    trade.to_csv(folder / "trade.csv", index=False)
    return ep.data.import_economy("tables", folder / "trade.csv", **({"theta": 4.0} | options))


@pytest.mark.parametrize(
    ("change", "options", "factor"),
    slow_after(
        5,
        [
            ({"unit": "USD thousands"}, {}, 1e-3),
            ({"currency": "EUR"}, {"usd_per_unit": 1.25}, 1.25),
            ({"rename": "value (thousand USD)"}, {}, 1e-3),
            ({"rename": "Value (Mrd. USD)"}, {}, 1e3),
            ({"currency": "EUR", "rename": "value (thousand)"}, {"usd_per_unit": 1.25}, 1.25e-3),
            ({"rename": "trade (thousand USD)"}, {}, 1e-3),
            ({"rename": "value (Mio. USD)"}, {}, 1.0),
            ({"rename": "value ($000s)"}, {}, 1e-3),
            ({"rename": "value (million EUR)"}, {"usd_per_unit": 1.25}, 1.25),
            ({"UNIT_MULT": 9}, {}, 1e3),
            ({"currency": "USD"}, {}, 1.0),
            ({"Scale": "Thousands"}, {}, 1e-3),
            ({"ccy": "EUR"}, {"usd_per_unit": 1.25}, 1.25),
            ({"currency": "EUR", "UNIT_MULT": 0}, {"usd_per_unit": 1.25}, 1.25e-6),
            ({"units": "U.S. dollars", "scale": "Units"}, {}, 1e-6),
            ({"unit": None, "UNIT_MULT": 0}, {}, 1e-6),
            ({}, {"usd_per_unit": 1.25}, 1.25),
        ],
    ),
)
def test_a_known_unit_is_scaled_and_noted(tmp_path: Path, change: dict[str, Any], options: Any, factor: float) -> None:
    name = change.pop("rename", "value")
    there = tables(tmp_path, TRADE.assign(**change).rename(columns={"value": name}), **options)
    plain = tables(tmp_path, TRADE)
    np.testing.assert_allclose(there.economy.value, factor * plain.economy.value, rtol=1e-9)
    assert any("it is in millions of US dollars" in line for line in there.mended) == (factor != 1)
    assert not any("not used" in line for line in there.mended)


def test_a_sign_of_money_in_a_header_is_its_unit(tmp_path: Path) -> None:
    """As in words: "value (US$)" is in dollars and "value (EUR)" in euros."""
    in_dollars = tables(tmp_path, TRADE.rename(columns={"value": "value ($)"})).economy
    in_pounds = tables(tmp_path, TRADE.rename(columns={"value": "Value (£)"}), usd_per_unit=1.25).economy
    assert in_dollars.value.sum() == pytest.approx(237e-6)
    assert in_pounds.value.sum() == pytest.approx(1.25 * 237e-6)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"rename": "value (£)"}, {}, r"another currency than US dollars \(.*£.*\): give the dollars for one of it"),
        ({"rename": "value (元)"}, {}, r"'value \(元\)' has a unit that is not known \('元'\); write one that is"),
        ({"rename": "trade_value (млн руб.)"}, {}, "has a unit that is not known"),
        ({"tariff (%)": 0.0}, {}, r"'tariff \(%\)' has a unit; rates are fractions: write 0.1 for 10%"),
        ({"year": [2018, None] * 4}, {}, "row 2: the year is empty; a year such as 2018 is needed"),
        ({"currency": "EUR"}, {}, r"another currency than US dollars \(EUR\): give the dollars for one of it"),
        ({"unit": "million GBP"}, {}, r"another currency than US dollars \(million GBP\)"),
        ({"unit": ["USD million"] * 4 + ["EUR million"] * 4}, {"usd_per_unit": 1.1}, "leave out --usd-per-unit"),
        ({"unit": "USD million"}, {"usd_per_unit": 1.1}, "leave out --usd-per-unit"),
        ({"element": ["Import value"] * 4 + ["Quantity (kg)"] * 4}, {}, "the column 'element' says what a number is"),
        ({"remark": "thousand USD"}, {}, "the column 'remark' states 'thousand USD' in every row: if that is the unit"),
        ({"unit": ["USD million", None] * 4}, {}, "some rows state a unit of value and others none"),
        ({"year": [2018, 2019] * 4}, {}, "the years are 2018, 2019; choose one: --year"),
        ({"year": 2018}, {"year": 2022}, "no rows of 2022; the year is 2018"),
        ({"period": "2018-01"}, {}, "row 1: the period is '2018-01', a part of a year"),
        ({"year": ["2018", "x"] * 4}, {}, "row 2: the year is 'x'"),
        ({"month": 1}, {}, "rows are of a part of a year"),
        ({"flow": "exports"}, {}, "says exports; rows of imports are needed"),
        ({"flowCode": ["M", "X"] * 4}, {}, "says x; rows of imports are needed"),
        ({"Richtung": "Ausfuhr"}, {}, "column 'Richtung' says ausfuhr; rows of imports are needed"),
        ({"Type": "Re-exports (FOB)"}, {}, r"column 'Type' says re-exports \(fob\); rows of imports are needed"),
        ({"rename": "value (thousand USD)", "unit": "million USD"}, {}, "state two units; keep one"),
        ({"sector": ["cars"] * 4 + ["Total"] * 4}, {}, "the sector 'Total' is by its name a total of sectors"),
    ],
)
def test_what_would_go_in_wrong_is_refused(tmp_path: Path, change: Any, options: Any, message: str) -> None:
    change = dict(change)
    name = change.pop("rename", "value")
    with pytest.raises(ep.errors.InputError, match=message):
        tables(tmp_path, TRADE.assign(**change).rename(columns={"value": name}), **options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Units": "Purchasing power parity; international dollars", "Scale": "Billions"}, "Units' says 'Purchasing"),
        ({"UNIT_MEASURE": "USD_PPP", "UNIT_MULT": 6}, "UNIT_MEASURE' says 'USD_PPP'"),
        ({"Unit": "US dollars, PPP converted", "PowerCode": "Millions"}, "Unit' says 'US dollars, PPP converted'"),
        ({"Indicator Name": "GDP, PPP (current international $)"}, "Indicator Name' says 'GDP, PPP"),
        ({"Indicator Name": "GDP (constant 2015 US$)"}, "Indicator Name' says 'GDP .constant 2015 US"),
        ({"unit": "US dollars, constant prices"}, "unit' says 'US dollars, constant prices'"),
        ({"Price base": "Chain linked volumes (2015)"}, "Price base' says 'Chain linked volumes"),
    ],
)
def test_dollars_of_other_prices_are_not_taken_for_us_dollars(change: dict[str, Any], words: str) -> None:
    """A dollar of purchasing power parity, or of constant prices, is not a current US dollar."""
    gdp = pd.DataFrame({"country": BASE.countries, "gdp": BASE.income}).assign(**change)
    with pytest.raises(ep.errors.TableError, match=f"the column '{words}.*a table in current US dollars is needed"):
        update_economy(BASE, gdp=gdp)


def test_a_remark_on_other_prices_is_no_unit() -> None:
    gdp = pd.DataFrame({"country": BASE.countries, "gdp": BASE.income})
    remarks = {"notes": "PPP adjusted elsewhere", "Conversion": "market exchange rates, no PPP", "title": "PPP"}
    update_economy(BASE, gdp=gdp.assign(**remarks))


def test_other_prices_in_a_title_are_not_passed_over(tmp_path: Path) -> None:
    title = "GDP, PPP (current international $)\n"
    (tmp_path / "gdp.csv").write_text(f"{title}country,gdp\n{BASE.countries[0]},{BASE.income[0]}\n")
    with pytest.raises(ep.errors.TableError, match=r"a line above the header says 'PPP'.*in current US dollars"):
        update_economy(BASE, gdp=str(tmp_path / "gdp.csv"))


def test_one_of_several_years_is_read(tmp_path: Path) -> None:
    both = pd.concat([TRADE.assign(year=2019, value=2 * TRADE["value"]), TRADE.assign(year=2018)])
    one, other = tables(tmp_path, both, year=2018).economy, tables(tmp_path, both, year=2019).economy
    assert (one.year, other.year) == (2018, 2019)
    np.testing.assert_allclose(other.value, 2 * one.value, rtol=1e-9)
    alone = tables(tmp_path, TRADE.assign(year=2018))
    assert alone.economy.year == 2018
    assert any("all rows are of 2018" in line for line in alone.mended)


def test_a_period_is_refused_in_a_gravity_data_set_too(tmp_path: Path) -> None:
    TRADE.assign(Period="2018Q1").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ep.errors.TableError, match="the Period is '2018Q1', a part of a year"):
        ep.data.import_economy("gravity", tmp_path / "t.csv", theta=4.0)
    TRADE.assign(Period="2018").to_csv(tmp_path / "t.csv", index=False)
    assert ep.data.import_economy("gravity", tmp_path / "t.csv", theta=4.0).economy.year == 2018


def test_one_column_of_a_year_is_read(tmp_path: Path) -> None:
    there = tables(tmp_path, TRADE.rename(columns={"value": "2018"})).economy
    assert (there.year, there.fingerprint) == (2018, tables(tmp_path, TRADE, year=2018).economy.fingerprint)


def test_a_unit_above_the_header_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Trade in thousands of US dollars\n" + TRADE.to_csv(index=False))
    with pytest.raises(
        ep.errors.TableError, match=r"above the header states .* thousands of US dollars; write the unit"
    ):
        ep.data.import_economy("tables", tmp_path / "t.csv", theta=4.0)


def test_a_sector_that_is_the_sum_of_others_is_found_by_its_values(tmp_path: Path) -> None:
    total = TRADE.groupby(["importer", "exporter"], as_index=False)["value"].sum().assign(sector="manufactures")
    with pytest.raises(ep.errors.TableError, match="the sector 'manufactures' is the sum of the other sectors"):
        tables(tmp_path, pd.concat([TRADE, total]))
    near = total.assign(value=total["value"] * [1, 1.01, 1, 1])
    assert tables(tmp_path, pd.concat([TRADE, near])).economy.sectors == ("cars", "food", "manufactures")


@pytest.mark.parametrize(("digits", "is_found"), [(0, True), (-1, True), (None, False)])
def test_a_rounded_sum_of_sectors_is_found_in_many_flows(tmp_path: Path, digits: int | None, is_found: bool) -> None:
    """Each value is rounded by itself, as publishers do; unrelated values (None) are not a sum."""
    rng = np.random.default_rng(4)
    names, sectors = ["USA", "JPN", "DEU"], ["cars", "food", "steel"]
    keys = pd.MultiIndex.from_product([names, names, sectors], names=["importer", "exporter", "sector"])
    trade = keys.to_frame(index=False).assign(value=rng.uniform(900, 3000, len(keys)))
    trade["value"] *= np.where(trade["importer"] == trade["exporter"], 20, 1)
    whole = trade.groupby(["importer", "exporter"], as_index=False)["value"].sum().assign(sector="D10T33")
    whole["value"] = whole["value"] if digits is not None else rng.permutation(whole["value"])
    both = pd.concat([trade, whole]).assign(value=lambda t: t["value"].round(digits or 0))
    if is_found:
        with pytest.raises(ep.errors.TableError, match="the sector 'D10T33' is the sum of the other sectors"):
            tables(tmp_path, both)
    else:
        assert len(tables(tmp_path, both).economy.sectors) == 4


def gdp(factor: float = 1.0) -> pd.DataFrame:
    values = BASE.value_added + BASE.profits + BASE.revenue
    return pd.DataFrame({"country": BASE.countries, "gdp": factor * values})


@pytest.mark.parametrize(
    ("change", "name", "factor"),
    [({}, "gdp (US$ billion)", 1e-3), ({"unit": "thousand USD"}, "gdp", 1e3), ({}, "gdp (Mio. USD)", 1.0)],
)
def test_gdp_in_a_known_unit(change: Any, name: str, factor: float) -> None:
    found = update_economy(BASE, gdp=gdp(factor).assign(**change).rename(columns={"gdp": name}))
    np.testing.assert_allclose(found.economy.value, BASE.value, rtol=1e-6)
    assert any("in millions of US dollars" in note for note in found.notes) == (factor != 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gdp": gdp().assign(unit="million EUR")}, r"another currency than US dollars \(million EUR\): convert it"),
        *(
            (
                {"gdp": gdp().rename(columns={"gdp": name})},
                r"values are in Brazilian reais or at constant prices \(REAL\), not in US dollars .*: convert it",
            )
            for name in ("gdp (real)", "gdp_real")
        ),
        ({"gdp": gdp().rename(columns={"gdp": "gdp (€)"})}, "gdp: values are in another currency than US dollars"),
        (
            {"gdp": gdp().rename(columns={"gdp": "GDP (元)"})},
            r"'GDP \(元\)' has a unit that is not known",
        ),
        ({"gdp": gdp().rename(columns={"gdp": "gdp (BRL)"})}, r"another currency than US dollars \(BRL\): convert it"),
        ({"gdp": gdp().assign(year=[2018, 2019, 2018])}, "gdp: the years are 2018, 2019; choose one"),
        ({"trade": BASE.table().assign(currency="EUR")}, r"trade: values are in another currency .*convert it"),
        ({"trade": BASE.table().assign(year=2018), "year": 2019}, "trade: no rows of 2019; the year is 2018"),
        (
            {"trade": pd.concat([BASE.table().assign(year=2018), BASE.table().assign(year=2019)])},
            "trade: the years are 2018, 2019; choose one",
        ),
        ({"trade": BASE.table().assign(flow="export")}, "says export"),
        (
            {"output": pd.DataFrame({"country": ["C00"], "sector": ["s00"], "output": [1.0], "unit": ["EUR bn"]})},
            "output: values are in another currency",
        ),
    ],
)
def test_updates_refuse_the_same(given: Any, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        update_economy(BASE, **given)


def test_gdp_as_the_world_bank_lays_it_out(tmp_path: Path) -> None:
    """Title lines, a column for each year, dollars by the name of the indicator."""
    world = ep.load_economy("world2014")
    lines = [
        '"Data Source","World Development Indicators",',
        "",
        '"Last Updated Date","2024-06-28",',
        "",
        '"Country Name","Country Code","Indicator Name","Indicator Code","2013","2014","2015",',
        '"Africa Eastern and Southern","AFE","GDP (current US$)","NY.GDP.MKTP.CD","1","2","3",',
        '"United States","USA","GDP (current US$)","NY.GDP.MKTP.CD","1.6e13","17608138000000","1.8e13",',
        '"Japan","JPN","GDP (current US$)","NY.GDP.MKTP.CD","5e12","4896994000000","",',
    ]
    file = tmp_path / "API_NY.GDP.MKTP.CD_DS2_en_csv_v2.csv"
    file.write_text("\n".join(lines) + "\n")
    found = update_economy(world, gdp=file, year=2014)
    n = world.countries.index("USA")
    reached = found.economy.value_added + found.economy.profits + found.economy.revenue
    assert reached[n] == pytest.approx(17608138)
    with pytest.raises(ep.errors.TableError, match="the years are 2013, 2014, 2015; choose one"):
        update_economy(world, gdp=file)


@pytest.mark.parametrize(
    ("names", "inside"),
    [
        (("USA", "SAS"), None),
        (("Oceania", "LAC"), None),
        (("EAP", "Oceania"), "Oceania"),
        (("JPN", "EAP"), "JPN"),
        (("JPN", "HIC"), "JPN"),
        (("EU27", "Europe"), "EU27"),
        (("North America", "CHN"), None),
    ],
)
def test_a_region_is_refused_only_beside_its_members(
    tmp_path: Path, names: tuple[str, str], inside: str | None
) -> None:
    trade = TRADE.replace({"USA": names[0], "JPN": names[1]})
    if inside is None:
        assert set(tables(tmp_path, trade).economy.countries) == set(names)
    else:
        with pytest.raises(
            ep.errors.TableError, match=f"is a total of countries, and has parts in common with {inside}"
        ):
            tables(tmp_path, trade)


def test_a_code_that_is_not_of_iso_3166_is_stated_to_have_a_name(tmp_path: Path) -> None:
    imported = tables(tmp_path, TRADE.replace({"JPN": "CHI"}))
    assert any("'CHI' is not a code of ISO 3166; it is called Channel Islands here" in line for line in imported.mended)


@pytest.mark.parametrize("source", ["baci", "itpd-e", "itpd-s", "gtap", "kite"])
def test_an_exchange_rate_without_use_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(ep.errors.InputError, match=f"{source} has no use for it: .* is in US dollars; leave it out"):
        ep.data.import_economy(source, tmp_path / "x", theta=4.0, usd_per_unit=1.1)


@pytest.mark.parametrize("name", ["World", "WLD", "Monde"])
def test_rows_of_the_world_are_not_to_be_renamed(tmp_path: Path, name: str) -> None:
    """Under another name they would count twice."""
    total = TRADE[TRADE["importer"] != TRADE["exporter"]].assign(exporter=name)
    with pytest.raises(ep.errors.TableError, match=f"'{name}'.*remove its rows"):
        tables(tmp_path, pd.concat([TRADE, total]))
    with pytest.raises(ep.errors.TableError, match=f"'{name}'.*remove its rows"):
        ep.Economy.from_tables(pd.concat([TRADE, total]), theta=4.0)
    gravity = pd.concat([TRADE, total]).rename(columns={"value": "trade"}).assign(year=2018)
    gravity.to_csv(tmp_path / "g.csv", index=False)
    with pytest.raises(ep.errors.TableError, match=f"'{name}'.*remove its rows"):
        ep.data.import_economy("gravity", tmp_path / "g.csv", theta=4.0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("USA,JPN,steel,", r"row 9 \(USA, JPN, steel\): value is empty, not a finite number"),
        ("Total,,,300", r"row 9 \(Total, empty, empty\): exporter is empty"),
    ],
)
def test_an_empty_cell_is_called_empty(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "trade.csv").write_text(f"{TRADE.to_csv(index=False)}{line}\n")
    with pytest.raises(ep.errors.TableError, match=message):
        ep.data.import_economy("tables", tmp_path / "trade.csv", theta=4.0)


def test_trade_that_no_world_has_is_in_another_unit(tmp_path: Path) -> None:
    """Dollars that are taken as millions of dollars, in one's own tables and in a gravity data set."""
    table = TRADE.assign(value=1e9 * TRADE["value"])
    message = r"'value' adds up to US\$[\d,]+ trillion, more than the world sells.*value \(USD\)"
    with pytest.raises(ep.errors.InputError, match=message):
        tables(tmp_path, table)
    table.to_csv(tmp_path / "gravity.csv", index=False)
    with pytest.raises(ep.errors.InputError, match=message):
        ep.data.import_economy("gravity", tmp_path / "gravity.csv", theta=4.0)
    tables(tmp_path, table.rename(columns={"value": "value (USD)"}))
