"""`update_economy`: tables of new trade, output and GDP on a base; names of their own; what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.updates import update_economy
from entrepot.economy import Economy
from worlds import random_world

SMALL = random_world(4, 3, seed=8)
SERVICES = ["utilities", "construction", "trade_services", "transport_services", "business_services", "real_estate"]
#: Sectors of OECD's ICIO, extended edition, and those of world2014 whose structure they take.
ICIO: dict[str, Any] = {
    **dict.fromkeys(["A01", "A02", "A03"], "agriculture"),
    **dict.fromkeys([f"B0{k}" for k in range(5, 10)], "mining"),
    "C10T12": "food",
    "C13T15": "textiles",
    "C16": "wood_paper",
    "C17_18": "wood_paper",
    "C19": "petroleum",
    "C20": "chemicals",
    "C21": "chemicals",
    "C22": "plastics",
    "C23": "minerals",
    "C24A": "metals",
    "C24B": "metals",
    "C25": "metal_products",
    "C26": "electronics",
    "C27": "electrical",
    "C28": "machinery",
    "C29": "motor_vehicles",
    "C301": "other_transport",
    "C302T309": "other_transport",
    "C31T33": "other_manufacturing",
    "SERV": [*SERVICES, "other_services"],
}


def flows(base: Economy, factor: float = 1.0) -> pd.DataFrame:
    table = base.table()
    return table.assign(value=factor * table["value"])[["importer", "exporter", "sector", "value"]]


def outputs(base: Economy, countries: tuple[str, ...], factor: float = 1.0) -> pd.DataFrame:
    table = base.table().groupby(["exporter", "sector"], as_index=False)["value"].sum()
    table = table[table["exporter"].isin(countries)].assign(value=lambda t: factor * t["value"])
    return table.set_axis(["country", "sector", "output"], axis=1)


def gdp(base: Economy) -> dict[str, float]:
    return dict(zip(base.countries, (base.value_added + base.profits + base.revenue).tolist(), strict=True))


@pytest.mark.positions
def test_trade_of_one_importer_changes_little_else() -> None:
    table = flows(SMALL, 1.2)
    table = table[(table["importer"] == "C01") & (table["sector"] == "s01") & (table["exporter"] != "C01")]
    found = update_economy(SMALL, trade=table, year=2020)
    new = found.economy
    np.testing.assert_allclose(new.value[1, 1, [0, 2, 3]], 1.2 * SMALL.value[1, 1, [0, 2, 3]])
    assert found.countries["cost_shares_moved"].max() < 0.05
    assert new.year == 2020
    assert new.provenance["updated_from"]["fingerprint"] == SMALL.fingerprint
    assert any(note.startswith("Updated from random 8: trade as given") for note in new.notes)
    assert f"Trade: {len(table)} flows read; {SMALL.value.size - len(table)} that the table lacks" in str(found)


@pytest.mark.positions
def test_flows_that_the_table_lacks_are_zero_on_request() -> None:
    table = flows(SMALL)
    table = table[~((table["importer"] == "C01") & (table["exporter"] == "C02"))]
    new = update_economy(SMALL, trade=table, absent="zero").economy
    assert (new.value[:, 1, 2] == 0).all()
    np.testing.assert_allclose(new.value[:, 0, 2], SMALL.value[:, 0, 2])


def test_output_and_gdp_are_met_from_files(tmp_path: Path) -> None:
    output = pd.DataFrame(
        [(c, s, 1.1 * SMALL.output[j, i]) for j, s in enumerate(SMALL.sectors) for i, c in enumerate(SMALL.countries)],
        columns=["country", "sector", "output"],
    )
    output.to_csv(tmp_path / "output.csv", index=False)
    rows = [(c, y, f * v) for c, v in gdp(SMALL).items() for y, f in ((2019, 1.0), (2020, 1.15))]
    pd.DataFrame([*rows, ("ZZZ", 2020, 5.0)], columns=["country", "year", "gdp_usd_m"]).to_csv(tmp_path / "gdp.csv")
    found = update_economy(SMALL, output=tmp_path / "output.csv", gdp=tmp_path / "gdp.csv", year=2020)
    np.testing.assert_allclose(found.economy.output, 1.1 * SMALL.output, rtol=1e-9)
    assert gdp(found.economy) == pytest.approx({c: 1.15 * v for c, v in gdp(SMALL).items()}, rel=1e-9)
    assert "1 row for countries that the Economy does not have were not used" in str(found).replace("was", "were")


@pytest.mark.positions
def test_tariffs_replace_those_of_the_base() -> None:
    rates = pd.DataFrame({"importer": ["C00"], "exporter": ["WORLD"], "sector": ["s01"], "tariff": [0.3]})
    new = update_economy(SMALL, tariffs=rates, year=2020).economy
    np.testing.assert_allclose(new.tariff[1, 0, 1:], 0.3)
    assert new.tariff.sum() == pytest.approx(0.9)


def test_two_names_of_one_country_are_refused() -> None:
    world = ep.load_economy("world2014")
    rows = [("JPN", "motor_vehicles", 4e5), ("JPN", "food", 3e5), ("Japan", "motor_vehicles", 5e5)]
    with pytest.raises(ep.errors.TableError, match="output, row 3: 'Japan' is JPN, which has a row for motor_vehicles"):
        update_economy(world, output=pd.DataFrame(rows, columns=["country", "sector", "output"]))


def test_country_names_are_understood() -> None:
    world = ep.load_economy("world2014")
    found = update_economy(world, gdp={"United States": 25_744_108, "JPN": 4_256_411}, year=2022)
    reached = gdp(found.economy)
    assert reached["USA"] == pytest.approx(25_744_108)
    assert reached["JPN"] == pytest.approx(4_256_411)


def test_codes_are_understood_where_the_base_has_names() -> None:
    names = {"USA": "United States", "VNM": "Viet Nam", "JPN": "Japan"}
    world = ep.load_economy("world2014")
    named = replace(world, countries=tuple(names.get(code, code) for code in world.countries))
    reached = gdp(update_economy(named, gdp={"USA": 25_744_108, "JP": 4_256_411}, year=2022).economy)
    assert reached["United States"] == pytest.approx(25_744_108)
    assert reached["Japan"] == pytest.approx(4_256_411)


def test_sectors_of_ones_own_take_parts_of_the_base() -> None:
    table = flows(SMALL)
    parts = [table[table["sector"] == "s01"].assign(sector=f"s01{k}", value=lambda t: t["value"] / 2) for k in "ab"]
    split = pd.concat([table[table["sector"] != "s01"], *parts])
    found = update_economy(SMALL, trade=split, gdp=gdp(SMALL), sectors={"s01a": "s01", "s01b": "s01"})
    merged = found.economy.aggregate(sectors={"s01": ["s01a", "s01b"]})
    order = [merged.sectors.index(s) for s in SMALL.sectors]
    np.testing.assert_allclose(merged.value[order], SMALL.value, rtol=1e-9)


def test_a_sector_of_the_table_is_split_as_the_base_trades() -> None:
    table = flows(SMALL)
    joined = table.assign(sector=table["sector"].replace({"s01": "both", "s02": "both"}))
    joined = joined.groupby(["importer", "exporter", "sector"], as_index=False)["value"].sum()
    found = update_economy(SMALL, trade=joined, sectors={"both": ["s01", "s02"]})
    np.testing.assert_allclose(found.economy.value, SMALL.value, rtol=1e-9)
    assert "Trade of both is split among s01 and s02 as in random 8." in str(found)


def refused() -> dict[str, tuple[dict[str, Any], type[Exception], str]]:
    table = flows(SMALL)
    stranger = table.assign(importer=table["importer"].replace("C03", "VNM"))
    return {
        "nothing": ({}, ep.errors.InputError, "nothing new is given"),
        "a stranger": (
            {"trade": stranger},
            ep.errors.UnknownNameError,
            "the base has no 'VNM'; give the country whose",
        ),
        "a sector": (
            {"trade": table.assign(sector=table["sector"].replace("s01", "s09"))},
            ep.errors.UnknownNameError,
            "structure of sector 's09': unknown sector 's09'",
        ),
        "half the sectors": (
            {"trade": table[table["sector"] == "s01"].assign(sector="x"), "sectors": {"x": "s01"}},
            ep.errors.InputError,
            "none for s00 and s02 of the base",
        ),
        "a repeated flow": ({"trade": pd.concat([table, table.head(1)])}, ep.errors.TableError, "this row is repeated"),
        "a total": (
            {"trade": table.assign(exporter=table["exporter"].replace("C03", "World"))},
            ep.errors.TableError,
            "'World' is a total of countries",
        ),
        "a year": (
            {"gdp": pd.DataFrame({"country": ["C00"], "year": [2019], "gdp": [5.0]}), "year": 2020},
            ep.errors.InputError,
            "gdp: no rows of 2020; the year is 2019",
        ),
        "no column": (
            {"gdp": pd.DataFrame({"country": ["C00"], "income": [5.0]})},
            ep.errors.TableError,
            "no column 'gdp' or 'gdp_usd_m' or 'value' ",
        ),
        "nobody": ({"gdp": {"ZZZ": 5.0}}, ep.errors.TableError, "no row is for a country of the Economy"),
        "zero": ({"gdp": {"C00": 0.0}}, ep.errors.TableError, "the GDP of 'C00' is zero"),
        "repeated": (
            {"gdp": pd.DataFrame({"country": ["C00", "C00"], "gdp": [1.0, 2.0]})},
            ep.errors.TableError,
            "repeated",
        ),
        "an unknown output": (
            {"output": pd.DataFrame({"country": ["C09"], "sector": ["s01"], "output": [5.0]})},
            ep.errors.UnknownNameError,
            "output, row 1: unknown country 'C09'",
        ),
        "a flow that no table lacks": (
            {"gdp": gdp(SMALL), "absent": "zero"},
            ep.errors.InputError,
            "absent='zero': no trade table is given, whose missing flows it would be about",
        ),
        "a structure for nobody": (
            {"gdp": gdp(SMALL), "countries": {"VNM": "C01"}},
            ep.errors.InputError,
            "countries: no trade table is given, whose own names would take a structure",
        ),
        "a structure of one's own": (
            {"trade": table.head(1), "countries": {"C00": "C01"}},
            ep.errors.InputError,
            "countries: the base has 'C00' itself, which keeps its structure",
        ),
        "a recipe of one's own": (
            {"trade": table.head(1), "sectors": {"s00": "s01"}},
            ep.errors.InputError,
            "sectors: the base has 's00' itself, which keeps its structure",
        ),
        "a part and the whole": (
            {"trade": table.assign(sector=table["sector"].replace("s02", "both")), "sectors": {"both": ["s01", "s02"]}},
            ep.errors.InputError,
            "the trade table has 's01' and 'both', which is split among s01 and s02, so that s01 has two values",
        ),
        "absent": ({"gdp": gdp(SMALL), "absent": "nan"}, ep.errors.InputError, "absent='nan': 'base' or 'zero'"),
    }


@pytest.mark.positions
@pytest.mark.parametrize("kind", refused())
def test_bad_tables_are_refused(kind: str) -> None:
    given, error, message = refused()[kind]
    with pytest.raises(error, match=message):
        update_economy(SMALL, **given)


@pytest.mark.slow
def test_icio_2022_on_world2014_meets_every_known_total() -> None:
    """81 economies x 34 sectors; US imports of cars are those of the publisher, GDP is the World Bank's."""
    table = pd.read_parquet(shared("icio") / "icio2022.parquet")
    table = table.astype(dict.fromkeys(("importer", "exporter", "sector"), str))
    world = ep.load_economy("world2014")
    strangers = {c: "ROW" for c in table["importer"].unique() if c not in world.countries}
    stated = pd.read_csv(shared("icio").parent / "gdp.csv")
    found = update_economy(world, trade=table, gdp=stated, year=2022, countries=strangers, sectors=ICIO)
    new, known = found.economy, stated[stated["year"] == 2022].set_index("country")["gdp_usd_m"]
    cars = new.value[new.sectors.index("C29"), new.countries.index("USA")]
    of = dict(zip(new.countries, cars, strict=True))
    assert [round(of[c]) for c in ("JPN", "MEX", "CAN", "KOR", "DEU", "CHN")] == [
        48036,
        109297,
        32302,
        29042,
        27002,
        23021,
    ]
    reached = pd.Series(gdp(new))
    common = reached.index.intersection(known.index)
    assert len(common) == 79
    np.testing.assert_allclose(reached[common], known[common], rtol=1e-8)
    services = table[table["sector"] == "SERV"]["value"].sum()
    assert new.value[[new.sectors.index(s) for s in ICIO["SERV"]]].sum() == pytest.approx(services)
    assert "The structure of ROW stands in for AGO" in str(found)


def test_trade_in_another_unit_is_refused() -> None:
    table = flows(SMALL, 1000.0)
    table = table[(table["importer"] == "C01") & (table["sector"] == "s01") & (table["exporter"] != "C01")]
    with pytest.raises(ep.errors.InputError, match=r"trade is about 1,000 times the base's"):
        update_economy(SMALL, trade=table, year=2020)


@pytest.mark.parametrize("factor", [1000.0, 1e-3])
def test_all_trade_in_another_unit_is_refused(factor: float) -> None:
    with pytest.raises(ep.errors.InputError, match=r"trade is about .* times the base's on the same flows"):
        update_economy(SMALL, trade=flows(SMALL, factor), year=2020)


@pytest.mark.parametrize("countries", [SMALL.countries, SMALL.countries[:1]])
def test_output_in_another_unit_is_refused(countries: tuple[str, ...]) -> None:
    with pytest.raises(ep.errors.InputError, match=r"output is about 1,000 times the base's in the same sectors"):
        update_economy(SMALL, output=outputs(SMALL, countries, 1000.0), year=2020)


def test_output_that_a_table_lacks_is_named() -> None:
    table = outputs(SMALL, SMALL.countries, 1.1).sort_values(["country", "sector"], ignore_index=True)
    assert not [note for note in update_economy(SMALL, output=table, year=2020).notes if "is not known" in note]
    found = update_economy(SMALL, output=table[1:], year=2020)
    assert "Output is not known for s00 of C00: it follows from trade and structure." in found.notes
    (stated,) = [note for note in found.notes if "which is not given" in note]
    assert "GDP of C00, which is not given, changes by +" in stated
    found = update_economy(SMALL, output=table[table["country"] != "C00"][1:], year=2020)
    assert "Output is not known for C00 and s00 of C01: it follows from trade" in "".join(found.notes)


def test_output_of_one_country_states_what_it_does_to_the_others() -> None:
    found = update_economy(SMALL, output=outputs(SMALL, ("C01",), 1.2), year=2020)
    (stated,) = [note for note in found.notes if "others, which is not given" in note]
    assert "GDP of the 3 others" in stated
    assert "+20% in all" in stated


def test_rows_for_names_that_the_trade_table_lacks_are_counted() -> None:
    found = update_economy(SMALL, trade=flows(SMALL).head(1), countries={"VNM": "C01"}, sectors={"crops": "s01"})
    for kind, name in (("countries", "VNM"), ("sectors", "crops")):
        assert f"Structure by {kind}: 1 row for names that the trade table does not have was not used: {name}." in (
            found.notes
        )


def test_gdp_of_one_country_states_what_it_does_to_the_others() -> None:
    found = update_economy(SMALL, gdp={"C01": 1.2 * gdp(SMALL)["C01"]}, year=2020)
    (stated,) = [note for note in found.notes if "others, which is not given" in note]
    assert "+20% in all" in stated


def test_update_keeps_what_the_base_says_of_itself() -> None:
    base = replace(
        SMALL, notes=("Tariffs: of 2014.", "Elasticities: E.", "Borrowed."), provenance={"structure_of": {"C02": "C00"}}
    )
    found = update_economy(base, gdp=gdp(base), year=2020)
    assert {"Tariffs: of 2014.", "Borrowed."} <= set(found.economy.notes)
    assert found.countries.loc["C02", "structure_of"] == "C00"


def test_young_trade_may_grow_fiftyfold() -> None:
    table = flows(SMALL, 50.0)
    table = table[(table["importer"] == "C01") & (table["sector"] == "s01") & (table["exporter"] == "C02")]
    found = update_economy(
        SMALL, trade=table.assign(value=table["value"].clip(upper=SMALL.spending.max() / 10)), year=2020
    )
    assert found.economy.year == 2020


@pytest.mark.parametrize(
    ("rates", "message"), [([0.25, 2.5], "row 2: a rate of 2.5 is 250%"), ([2.5, -0.1], "row 1: a rate of 2.5 is 250%")]
)
def test_rates_that_may_be_percentages_are_refused_as_an_import_does(rates: list[float], message: str) -> None:
    table = pd.DataFrame(
        {"importer": ["C00", "C00"], "exporter": ["C01", "C02"], "sector": ["s00", "s00"], "tariff": rates}
    )
    with pytest.raises(ep.errors.TableError, match=message):
        update_economy(SMALL, tariffs=table)


def test_tariffs_below_zero_are_noted() -> None:
    table = pd.DataFrame(
        {"importer": ["C00", "C00"], "exporter": ["C01", "C02"], "sector": ["s00", "s00"], "tariff": [0.25, -0.1]}
    )
    found = update_economy(SMALL, tariffs=table)
    assert "Tariffs: 1 of 2 tariffs is below zero (the lowest -10%): subsidies to imports." in found.notes


def test_years_of_gdp_that_end_in_the_next_are_named() -> None:
    columns = pd.DataFrame({"country": list(SMALL.countries), "2010-11": 1.0, "2011-12": 1.0})
    for table in (columns, columns.melt("country", var_name="year", value_name="gdp")):
        with pytest.raises(ep.errors.TableError, match=r"'2010-11'.*ends in the next.*one year, such as 2010"):
            update_economy(SMALL, gdp=table, year=2010)


@pytest.mark.parametrize(
    ("series", "is_gdp"),
    [
        ("GDP (current US$)", True),
        ("Gross domestic product (expenditure approach)", True),
        ("Gross domestic product, current prices", True),
        ("GDP per capita (current US$)", False),
        ("Imports of goods and services (current US$)", False),
        ("Exports of goods and services (% of GDP)", False),
        ("Gross capital formation (current US$)", False),
        ("Final consumption expenditure (current US$)", False),
    ],
)
def test_series_beside_gdp_are_refused(series: str, is_gdp: bool) -> None:
    table = pd.DataFrame({"country": list(SMALL.countries), "indicator": series})
    unit = 1e6 if "US$" in series else 1.0
    table["gdp"] = [unit * gdp(SMALL)[code] for code in SMALL.countries]
    if is_gdp:
        assert gdp(update_economy(SMALL, gdp=table, year=2014).economy) == pytest.approx(gdp(SMALL))
    else:
        with pytest.raises(ep.errors.TableError, match=r"'indicator' says '.*which is not gdp; keep the rows of it"):
            update_economy(SMALL, gdp=table, year=2014)


@pytest.mark.parametrize("column", ["Item", "Variable", "flow"])
def test_rows_of_exports_are_neither_gdp_nor_output(column: str) -> None:
    table = pd.DataFrame({"country": list(SMALL.countries), column: "Exports of goods and services"})
    table["gdp"] = [gdp(SMALL)[code] for code in SMALL.countries]
    if column != "flow":
        with pytest.raises(ep.errors.TableError, match=rf"'{column}' says 'Exports.*which is not gdp"):
            update_economy(SMALL, gdp=table, year=2014)
    with pytest.raises(ep.errors.TableError, match=rf"'{column}' says exports, which is not gdp"):
        update_economy(SMALL, gdp=table.assign(**{column: "Exports"}), year=2014)


def test_gdp_of_the_world_banks_databank_is_in_dollars(tmp_path: Path) -> None:
    """It names the series beside the country, marks what is missing with two points, and ends with its source."""
    table = pd.DataFrame({"Country Name": "x", "Country Code": list(SMALL.countries)})
    table = table.assign(**{"Series Name": "GDP (current US$)", "Series Code": "NY.GDP.MKTP.CD"})
    table["2013 [YR2013]"], table["2014 [YR2014]"] = "..", [str(1e6 * gdp(SMALL)[c]) for c in SMALL.countries]
    path = tmp_path / "databank.csv"
    text = table.to_csv(index=False) + "Aruba,ABW,GDP (current US$),NY.GDP.MKTP.CD,..,..\n,,,,,\n"
    path.write_text(text + "Data from database: World Development Indicators,,,,,\n")
    new = update_economy(SMALL, gdp=str(path), year=2014).economy
    assert gdp(new) == pytest.approx(gdp(SMALL))
    path.write_text(text.replace("GDP (current", "GDP per capita (current"))
    with pytest.raises(
        ep.errors.TableError, match=r"databank.csv.*'GDP per capita .*, which is not gdp; keep the rows"
    ):
        update_economy(SMALL, gdp=str(path), year=2014)
    path.write_text(text.replace("current US$", "constant 2015 US$"))
    with pytest.raises(ep.errors.TableError, match=r"'Series Name' says 'GDP .constant 2015 US.*current US dollars"):
        update_economy(SMALL, gdp=str(path), year=2014)
