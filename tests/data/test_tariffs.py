"""Tariffs: every layout, which of several overlapping rows applies, and what is left out and noted."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.concordances import Concordance, harmonized, read_concordance
from entrepot.data.tariffs import tariff_array
from shelves import slow, slow_after

COUNTRIES = ("USA", "JPN", "DEU", "FRA", "MEX", "ROW")
SECTORS = ("cars", "food")
US, JP, DE, FR, MX, RW = range(6)


def plain(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["importer", "exporter", "sector", "tariff"])


def read(tariffs: object, **options: object) -> tuple[np.ndarray, str]:
    array, notes = tariff_array(tariffs, COUNTRIES, SECTORS, **options)  # type: ignore[arg-type]
    assert array.shape == (2, 6, 6)
    assert not array[:, range(6), range(6)].any()
    return array, "\n".join(notes)


def test_no_tariffs_are_zero_with_a_note() -> None:
    array, notes = read(None)
    assert not array.any()
    assert "none given; all are zero" in notes


def test_tariff_array_is_kept(rng: np.random.Generator) -> None:
    given = rng.uniform(0, 0.3, (2, 6, 6)) * (1 - np.eye(6))
    array, _ = read(given)
    np.testing.assert_array_equal(array, given)
    array[0, 0, 1] = 9
    assert given[0, 0, 1] < 1


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 6, 5)), r"shape \(2, 6, 6\)"),
        (np.full((2, 6, 6), 0.1), "own sales"),
        (-2 * (np.ones((2, 6, 6)) - np.eye(6)), "above -1"),
        (25 * (np.ones((2, 6, 6)) - np.eye(6)), "divide by 100"),
        (np.where(np.eye(6) > 0, 0, np.nan) * np.ones((2, 1, 1)), "is nan"),
    ],
)
def test_arrays_refused(array: np.ndarray, message: str) -> None:
    with pytest.raises(ep.errors.TableError, match=message):
        read(array)


def test_more_specific_tariff_row_wins_in_any_order() -> None:
    rows = [
        ("WORLD", "WORLD", "ALL", 0.01),
        ("USA", "WORLD", "ALL", 0.02),
        ("USA", "MFN", "cars", 0.025),
        ("USA", "EU27", "cars", 0.15),
        ("USA", "FRA", "cars", 0.16),
        ("EU27", "WORLD", "cars", 0.10),
        ("DEU", "JPN", "cars", 0.08),
        ("usa", "USMCA", "cars", 0.0),
    ]
    array, _ = read(plain(*rows))
    np.testing.assert_allclose(array[0, US], [0, 0.025, 0.15, 0.16, 0, 0.025])
    np.testing.assert_allclose(array[1, US], [0, 0.02, 0.02, 0.02, 0.02, 0.02])
    np.testing.assert_allclose(array[0, DE], [0.10, 0.08, 0, 0, 0.10, 0.10])
    np.testing.assert_allclose(array[0, FR], [0.10, 0.10, 0, 0, 0.10, 0.10])
    np.testing.assert_allclose(array[1, JP], [0.01, 0, 0.01, 0.01, 0.01, 0.01])
    again, _ = read(plain(*rows[::-1]))
    np.testing.assert_array_equal(array, again)


def test_trade_inside_a_customs_union_is_free_unless_stated() -> None:
    array, notes = read(plain(("WORLD", "WORLD", "cars", 0.1)))
    assert array[0, DE, FR] == array[0, FR, DE] == 0
    assert array[0, DE, US] == 0.1
    assert "zero inside customs unions, 2 pairs" in notes
    stated, _ = read(plain(("WORLD", "WORLD", "cars", 0.1), ("DEU", "FRA", "cars", 0.03)))
    assert stated[0, DE, FR] == 0.03


@pytest.mark.parametrize(
    ("year", "free"),
    slow_after(2, [(2014, True), (2019, True), (2020, True), (2021, False), (2023, False), (None, False)]),
)
def test_customs_union_is_that_of_the_year(year: int | None, free: bool) -> None:
    table = plain(("WORLD", "WORLD", "s", 0.1)).assign(year=year or 2023)
    array, _ = tariff_array(table, ("GBR", "DEU", "USA"), ("s",), year=year)
    assert bool(array[0, 0, 1] == 0) is free
    assert array[0, 0, 2] == 0.1
    undated, _ = tariff_array(table, ("GBR", "DEU", "USA"), ("s",))  # the table's own year decides
    np.testing.assert_array_equal(undated, array)


def test_flows_without_a_row_are_counted() -> None:
    _, notes = read(plain(("USA", "JPN", "cars", 0.025), ("USA", "JPN", "food", 0.1)))
    assert "54 flows have no row and are taken as zero; 27 of 28 pairs of countries (96%) have none at all" in notes
    assert "importers without any row: JPN, DEU, FRA, MEX, ROW" in notes


def test_flows_without_a_row_have_a_share_of_trade() -> None:
    """One flow of 58 may be most of trade; own sales do not count."""
    trade = np.ones((2, 6, 6)) * (1 - np.eye(6)) + 1e6 * np.eye(6)
    trade[0, US, JP] = 1000.0
    food, cars = ("WORLD", "WORLD", "food", 0.1), ("USA", "JPN", "cars", 0.1)
    _, notes = read(plain(food), trade=trade)
    assert "28 flows have no row and are taken as zero (97% of trade between countries); " in notes
    _, notes = read(plain(food, cars), trade=trade)
    assert "27 flows have no row and are taken as zero (2.5% of trade between countries); " in notes
    _, notes = read(plain(("WORLD", "WORLD", "food", "10%"), ("USA", "JPN", "cars", "5 c/kg")), trade=trade)
    assert "1 flow (94% of trade between countries) taken as zero have rows that state no ad valorem rate" in notes
    _, notes = read(plain(food), trade=np.zeros((2, 6, 6)))
    assert "28 flows have no row and are taken as zero; " in notes


def test_the_share_of_trade_without_a_rate_is_that_of_the_flows_that_are_read(tmp_path: Path) -> None:
    columns = ["importer", "exporter", "sector", "value"]
    flows = [("USA", "JPN", 90.0), ("JPN", "USA", 10.0), ("USA", "USA", 500.0), ("JPN", "JPN", 400.0)]
    trade = pd.DataFrame([(n, i, "cars", value) for n, i, value in flows], columns=columns)
    rates = plain(("JPN", "USA", "cars", 0.1))
    trade.to_csv(tmp_path / "trade.csv", index=False)
    found = ep.import_economy("tables", tmp_path / "trade.csv", tariffs=rates, theta=4)
    text = "1 flows have no row and are taken as zero (90% of trade between countries)"
    assert text in "\n".join(found.economy.notes + found.found)
    base = ep.Economy.from_tables(trade, theta=4.0)
    new = trade[trade["importer"] != trade["exporter"]].assign(value=[20.0, 60.0])
    updated = ep.update_economy(base, trade=new, tariffs=rates)
    assert text.replace("90%", "25%") in "\n".join(updated.notes)


def test_unknown_countries_are_counted_and_named() -> None:
    rows = [(c, "JPN", "cars", 0.1) for c in ("BRA", "CHN", "KOR", "IND", "IDN", "USA")]
    array, notes = read(plain(*rows, ("USA", "CHN", "cars", 0.2)))
    assert array[0, US, JP] == 0.1
    assert "6 rows left out, of places without separate data here (5): China (2), Brazil (1), " in notes
    with pytest.raises(ep.errors.TableError, match=r"no row applies .*Brazil \(1\)"):
        read(plain(("BRA", "JPN", "cars", 0.1)))
    with pytest.raises(ep.errors.UnknownNameError, match=r"row 7 \(importer\): unknown country 'Atlantis'"):
        read(plain(*rows, ("Atlantis", "JPN", "cars", 0.1)))
    many = plain(*rows * 20, ("Atlantis", "JPN", "cars", 0.1))
    assert "1 unknown name of the importer (0.83% of the rows), left out" in read(many)[1]


Row = tuple[str, str, str, float]


def oracle(rows: list[Row]) -> np.ndarray | None:
    """The rule of precedence read aloud, a cell at a time; None where two rows of the least reach claim a flow."""
    members = {"EU27": {"DEU", "FRA"}, "USMCA": {"USA", "MEX"}, "WORLD": set(COUNTRIES)}
    reach = {"EU27": 27, "USMCA": 3, "WORLD": 10_000}
    array = np.zeros((2, 6, 6))
    for j, n, i in np.argwhere(np.ones((2, 6, 6)) - np.eye(6)):
        importer, exporter, sector = COUNTRIES[n], COUNTRIES[i], SECTORS[j]
        inside = {importer, exporter} == members["EU27"]
        found = sorted(
            (reach.get(a, 1) * reach.get(b, 1), s == "ALL", rate)
            for a, b, s, rate in rows
            if importer in members.get(a, {a}) and exporter in members.get(b, {b}) and s in (sector, "ALL")
            if not (inside and "WORLD" in (a, b))
        )
        if len(found) > 1 and found[0][:2] == found[1][:2]:
            return None
        array[j, n, i] = found[0][2] if found else 0.0
    return array


@pytest.mark.parametrize("seeds", [range(10), slow(range(60))], ids=["ten", "sixty"])
def test_precedence_against_an_oracle(seeds: range) -> None:
    names = [*COUNTRIES, "EU27", "USMCA", "WORLD"]
    outcomes = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        keys = {tuple(str(rng.choice(k)) for k in (names, names, [*SECTORS, "ALL"])) for _ in range(20)}
        rows = [(a, b, s, float(rng.uniform(0, 0.5))) for a, b, s in sorted(keys) if a != b or a not in COUNTRIES]
        expected = oracle(rows)
        outcomes.append(expected is not None)
        if expected is None:
            with pytest.raises(ep.errors.TableError, match="that covers as many flows"):
                read(plain(*rows))
        else:
            np.testing.assert_allclose(read(plain(*rows))[0], expected)
    assert len(seeds) / 6 < sum(outcomes) < 5 * len(seeds) / 6


def test_row_for_the_flow_settles_two_conflicting_wider_rows() -> None:
    contest = [("USA", "WORLD", "cars", 0.1), ("WORLD", "JPN", "cars", 0.2)]
    array, _ = read(plain(*contest, ("USA", "JPN", "cars", 0.3)))
    assert (array[0, US, JP], array[0, US, DE], array[0, DE, JP]) == (0.3, 0.1, 0.2)


def test_country_names_in_every_spelling_are_read() -> None:
    array, _ = read(
        plain(("United States", "Japan", "cars", 0.1), ("JP", "840", "Cars", 0.2), ("392.0", "0276", "cars", 0.3))
    )
    assert (array[0, US, JP], array[0, JP, US], array[0, JP, DE]) == (0.1, 0.2, 0.3)


def test_duties_that_are_not_ad_valorem_are_left_out_with_a_note() -> None:
    table = plain(("USA", "JPN", "cars", "5 USD/kg"), ("USA", "DEU", "cars", "0.1"), ("USA", "FRA", "cars", "12.5 %"))
    table.loc[3] = ("USA", "MEX", "cars", None)
    array, notes = read(table)
    np.testing.assert_allclose(array[0, US], [0, 0, 0.1, 0.125, 0, 0])
    assert "1 row with duties that are not ad valorem left out: 5 USD/kg." in notes
    assert "1 row without a rate left out." in notes


def test_choices_between_duties_are_left_out_and_compound_duties_read() -> None:
    array, notes = read(plain(("USA", "JPN", "cars", "5% or 10 USD/kg"), ("USA", "DEU", "cars", "4% + 3 USD/t")))
    np.testing.assert_allclose(array[0, US], [0, 0, 0.04, 0, 0, 0])
    assert "1 row with rates that are ranges or choices left out: 5% or 10 USD/kg." in notes
    assert "1 row with compound duties; only their ad valorem part is read (such as '4% + 3 USD/t')." in notes


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("USA", "JPN", "cars", 0.1), ("USA", "Japan", "cars", 0.2)],
            r"row 2 \(USA, JPN, cars\): row 1 has another rate",
        ),
        ([("USA", "JPN", "carz", 0.1)], r"row 1: unknown sector 'carz'; did you mean cars"),
        ([("USA", "JPN", "cars", 25.0), ("USA", "DEU", "cars", 2.5)], "divide the column by 100"),
        ([("USA", "JPN", "cars", -1.0)], "row 1: a rate of -1; a number above -100%"),
        ([("USA", "JPN", "cars", 0.1), ("USA", "DEU", "cars", np.inf)], "row 2: a rate of inf"),
        ([("USA", "USA", "cars", 0.1)], "row 1: a tariff of 0.1 on own sales of USA"),
        ([("USA", None, "cars", 0.1)], "row 1: the exporter is empty"),
        ([("USA", "JPN", None, 0.1)], "row 1: the sector is empty"),
        (
            [("USA", "WORLD", "cars", 0.1), ("WORLD", "JPN", "cars", 0.2)],
            "row [12]: another row that covers as many flows",
        ),
        ([], "no rows"),
    ],
)
def test_invalid_rows_are_refused_by_number(rows: list[tuple[object, ...]], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        read(plain(*rows))


def test_year_of_the_rates_is_chosen() -> None:
    table = pd.concat([plain(("USA", "JPN", "cars", rate)).assign(year=y) for y, rate in ((2014, 0.1), (2018, 0.2))])
    array, notes = read(table, year=2018)
    assert array[0, US, JP] == 0.2
    assert "rates of 2018; 1 row of other years not used" in notes
    with pytest.raises(ep.errors.TableError, match="the years are 2014, 2018; choose one"):
        read(table)
    with pytest.raises(ep.errors.TableError, match="no rows of 2016; the years are 2014, 2018"):
        read(table, year=2016)
    with pytest.raises(ep.errors.TableError, match="row 2: year is 'then', not a year"):
        read(pd.concat([table.iloc[:1], table.iloc[1:].assign(year="then")]), year=2014)


def test_unknown_layout_lists_its_columns() -> None:
    with pytest.raises(
        ep.errors.TableError, match=r"no column 'product'; known: from, to, duty; it may also be called"
    ):
        read(pd.DataFrame({"from": ["USA"], "to": ["JPN"], "duty": [0.1]}))
    with pytest.raises(ep.errors.TableError, match="'Tariff' is repeated"):
        read(plain(("USA", "JPN", "cars", 0.1)).assign(Tariff=1))


# ---- products ----

CONCORDANCE = pd.DataFrame({"product": ["87", "8703", "1", "02"], "sector": ["food", "cars", "food", "food"]})


def wits(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of a WITS export: reporter, partner, product, duty type, simple average, imports in thousands."""
    frame = pd.DataFrame(
        [
            {
                "Selected Nomen": "H5",
                "Native Nomen": "H5",
                "Reporter": reporter,
                "Reporter Name": reporter_name,
                "Product": product,
                "Product Name": "text",
                "Partner": partner,
                "Partner Name": partner_name,
                "Tariff Year": 2018,
                "Trade Year": 2018,
                "Trade Source": "CMT",
                "DutyType": duty,
                "Simple Average": simple,
                "Weighted Average": simple,
                "Minimum Rate": simple,
                "Maximum Rate": simple,
                "Nbr of Total Lines": 1,
                "Imports Value in 1000 USD": value,
                "Binding Coverage": 100,
            }
            for reporter, reporter_name, partner, partner_name, product, duty, simple, value in rows
        ]
    )
    return frame


def test_wits_in_percent_weighted_by_trade(tmp_path: Path) -> None:
    wits(
        ("840", "United States", "392", "Japan", "870323", "AHS", 2.5, 300),
        ("840", "United States", "392", "Japan", "870332", "AHS", 12.5, 100),
        ("840", "United States", "392", "Japan", "870899", "AHS", 3.0, 50),
        ("840", "United States", "000", "World", "870323", "MFN", 2.5, 900),
        ("840", "United States", "000", "World", "870332", "MFN", 5.0, 900),
        ("840", "United States", "484", "Mexico", "870323", "PRF", 0.0, 100),
        ("840", "United States", "484", "Mexico", "870323", "MFN", 2.5, 100),
        ("840", "United States", "484", "Mexico", "870323", "BND", 9.0, 100),
        ("918", "European Union", "000", "World", "870323", "MFN", 10.0, 10),
        ("999", "Atlantis", "000", "World", "870323", "MFN", 10.0, 10),
        ("840", "United States", "392", "Japan", "Total", "AHS", 1.0, 999),
    ).to_csv(tmp_path / "DataJobID-1.csv", index=False)
    array, notes = read(tmp_path / "DataJobID-1.csv", concordance=CONCORDANCE, year=2018)
    # Mexico: its own trade decides, all of it free; the trade of the world weighs where there is no own
    np.testing.assert_allclose(array[0, US], [0, 0.05, 0.0375, 0.0375, 0, 0.0375])
    np.testing.assert_allclose(array[1, US], [0, 0.03, 0, 0, 0, 0])
    np.testing.assert_allclose(array[0, DE], [0.1, 0.1, 0, 0, 0.1, 0.1])
    assert "DataJobID-1.csv (WITS, result of a tariff query (CSV or workbook)), 11 rows read" in notes
    assert "the European Union is read as EU28" in notes
    assert "rates are the column 'Simple Average', in percent" in notes
    assert "1 row of duties not levied left out: BND" in notes
    assert "1 row of 1 product missing from the concordance left out: Total" in notes
    assert "'999' (9.1% of the rows" in notes
    assert "weighted by trade value" in notes


def test_rates_in_percent_that_were_divided_before_are_noted_or_refused() -> None:
    """0.025 in percent is 0.025%, and was likely 2.5%: a published table is noted, a column named so refused."""
    divided = wits(
        ("USA", "United States", "JPN", "Japan", "870323", "AHS", 0.025, 1),
        ("USA", "United States", "JPN", "Japan", "870332", "AHS", 0.1, 1),
        ("USA", "United States", "MEX", "Mexico", "870332", "AHS", 0.0, 1),
    )
    _, notes = read(divided, concordance=CONCORDANCE)
    assert (
        "all 2 rates above zero in the column 'Simple Average', in percent, lie below 1 (row 1: 0.025, read as "
        "0.025%): if they were divided by 100 before, multiply them by 100." in notes
    )
    divided.loc[1, "Simple Average"] = 2.5
    assert "lie below 1" not in read(divided, concordance=CONCORDANCE)[1]
    own = plain(("USA", "JPN", "cars", 0.025), ("USA", "JPN", "food", 0.1)).rename(columns={"tariff": "tariff (%)"})
    with pytest.raises(ep.errors.TableError, match=r"says that they are percentages: rename it to 'rate'"):
        read(own)
    # Means of a rich country are mostly below 1%.
    low = plain(("USA", "JPN", "cars", 0.9), ("USA", "DEU", "cars", 0.8), ("USA", "JPN", "food", 2.5))
    array, notes = read(low.rename(columns={"tariff": "tariff (%)"}))
    assert array[0, US, JP] == pytest.approx(0.009)
    assert "of 3 rates above zero in the column 'tariff (%)' 2 lie below 1 (row 1: 0.9, read as 0.9%)" in notes


def test_wits_expects_the_weighting_it_states() -> None:
    table = wits(
        ("USA", "United States", "JPN", "Japan", "870323", "AHS", 2.0, 0),
        ("USA", "United States", "JPN", "Japan", "870332", "AHS", 4.0, None),
    )
    array, notes = read(table, concordance=CONCORDANCE)
    assert array[0, US, JP] == pytest.approx(0.03)
    assert "1 flow whose products have no trade value took the simple mean" in notes
    with pytest.raises(ep.errors.TableError, match="row 1: unknown duty type 'XYZ'; known: AHS, PRF, MFN, BND"):
        read(table.assign(DutyType="XYZ"), concordance=CONCORDANCE)


def test_a_group_of_the_economy_inside_a_group_of_the_table_has_its_rate() -> None:
    """The Union of 2018 has 28 members; an Economy may have 27 of them as one, and the United Kingdom."""
    countries = ("EU27", "GBR", "USA", "ROW")
    rates = plain(("EU", "USA", "cars", 0.1), ("USA", "EU", "cars", 0.025), ("EU", "WORLD", "food", 0.2))
    array, notes = tariff_array(rates, countries, SECTORS, year=2018)
    np.testing.assert_allclose(array[0], [[0, 0, 0.1, 0], [0, 0, 0.1, 0], [0.025, 0.025, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(array[1, 0], [0, 0, 0.2, 0.2], err_msg="none inside the customs union")
    assert "importers without any row: ROW." in "\n".join(notes)
    later, _ = tariff_array(rates, countries, SECTORS, year=2022)
    np.testing.assert_allclose(later[0], [[0, 0, 0.1, 0], [0, 0, 0, 0], [0.025, 0, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("name", ["value", "trade", "imports", "Trade Value (US$)", "imports (1000 USD)", "weight"])
def test_the_trade_of_ones_own_table_weighs_its_rates(name: str) -> None:
    rows = [("USA", "JPN", "870323", 0.025, 300), ("USA", "JPN", "870332", 0.125, 100)]
    table = pd.DataFrame(rows, columns=["importer", "exporter", "product", "tariff", name])
    array, notes = read(table, concordance=CONCORDANCE)
    assert array[0, US, JP] == pytest.approx(0.05)
    assert "weighted by trade value" in notes


def dated(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["importer", "exporter", "sector", "tariff", "from", "until"])


def test_rows_that_are_not_in_force_in_the_year_are_counted() -> None:
    table = dated(
        ("USA", "JPN", "cars", 0.1, "2018-07-06", "2019-08-31"), ("USA", "JPN", "cars", 0.2, "2019-09-01", None)
    )
    array, notes = read(table, year=2019)
    assert array[0, US, JP] == 0.1
    assert "1 row not in force on 2019-07-01 left out" in notes


def test_rows_that_have_ended_are_left_out_where_no_year_is_given() -> None:
    table = dated(
        ("USA", "JPN", "cars", 0.1, "2018-07-06", "2019-08-31"), ("USA", "JPN", "food", 0.2, "2019-09-01", None)
    )
    array, notes = read(table)
    assert array[0, US, JP] == 0.0
    assert array[1, US, JP] == 0.2
    assert f"1 row not in force on {datetime.date.today()} left out" in notes


@pytest.mark.parametrize("first", [2019, "2019.0", "2019-01", "January 2019", "1 Jan 2019", "2019/1/1"])
def test_a_year_or_month_from_which_a_row_is_in_force_is_its_first_day(first: object) -> None:
    table = dated(("USA", "JPN", "cars", 0.1, "2010-01-01", "2018-12-31"), ("USA", "JPN", "cars", 0.2, first, None))
    assert read(table, year=2018)[0][0, US, JP] == 0.1
    array, notes = read(table, year=2019)
    assert array[0, US, JP] == 0.2
    assert (f"the first day of what 'from' states ({first})" in notes) == (first not in ("1 Jan 2019", "2019/1/1"))


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (2019, "row 1: until is '2019'; a date is needed, the last day in force: write 2019-12-31 if it is the last"),
        ("2020-02", "row 1: until is '2020-02'; a date is needed, .* write 2020-02-29 if it is"),
        ("31/12/2019", "row 1: until is '31/12/2019'; a date such as 2025-04-03 is needed; write 2019-12-31"),
    ],
)
def test_a_year_until_which_a_row_is_in_force_is_not_a_day(last: object, message: str) -> None:
    with pytest.raises(ep.errors.TableError, match=message):
        read(dated(("USA", "JPN", "cars", 0.1, "2010-01-01", last)))


def test_products_that_are_sectors_need_no_concordance() -> None:
    array, _ = read(wits(("USA", "United States", "JPN", "Japan", "cars", "AHS", 2.5, 1)))
    assert array[0, US, JP] == 0.025


def test_trains_bulk_files() -> None:
    mfn = pd.DataFrame(
        {"NomenCode": "H5", "Reporter_ISO_N": ["840"], "Year": 2018, "ProductCode": "870323", "SimpleAverage": "2.5"}
    )
    array, _ = read(mfn, concordance=CONCORDANCE)
    np.testing.assert_allclose(array[0, US], [0, 0.025, 0.025, 0.025, 0.025, 0.025])
    array, _ = read(mfn.assign(Partner="484"), concordance=CONCORDANCE)
    np.testing.assert_allclose(array[0, US], [0, 0, 0, 0, 0.025, 0])


def macmap(folder: Path, text: str, name: str = "mmhs6_2019.csv") -> Path:
    with zipfile.ZipFile(folder / "Tariffs_2001_2019.zip", "w") as archive:
        archive.writestr(f"Tariffs_2001_2019/{name}", text)
        archive.writestr("Tariffs_2001_2019/mmhs6_2016.csv", "importer,exporter,hs6_2007,year,adv\n")
    return folder / "Tariffs_2001_2019.zip"


def test_macmap_from_its_zip_in_fractions_simple_means(tmp_path: Path) -> None:
    rows = ["importer,exporter,hs6_2007,year,adv"]
    rows += ["USA,JPN,870323,2019,.025", "USA,JPN,870332,2019,.075", "JPN,USA,010111,2019,.4", "JPN,XXX,010111,2019,.4"]
    path = macmap(tmp_path, "\n".join(rows))
    array, notes = read(path, year=2019, concordance=CONCORDANCE)
    assert array[0, US, JP] == pytest.approx(0.05)
    assert array[1, JP, US] == pytest.approx(0.4)
    assert "simple: the table has no trade values" in notes
    with pytest.raises(ep.errors.DocumentError, match="2 tables are in the zip"):
        read(path, concordance=CONCORDANCE)
    with pytest.raises(
        ep.errors.TableError, match=r"its rows are products \(870323, 870332, 010111\), not sectors; give a concordance"
    ):
        read(path, year=2019)
    with pytest.raises(ep.errors.TableError, match="divide the column by 100"):
        read(macmap(tmp_path, rows[0] + "\nUSA,JPN,870323,2019,2.5"), year=2019, concordance=CONCORDANCE)


def test_products_of_many_pairs(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = [
        f"{n},{i},{k:06d},2019,{rng.uniform(0, 0.3):.4f}"
        for n in COUNTRIES[:5]
        for i in COUNTRIES[:5]
        if n != i
        for k in (10110, 20110, 870321, 870390)
    ]
    path = tmp_path / "mmhs6_2019.csv"
    path.write_text("\n".join(["importer,exporter,hs6_2007,year,adv", *rows]))
    whole, _ = read(path, concordance=CONCORDANCE)
    frame = pd.read_csv(path)  # a spreadsheet takes the leading zeros of chapters 1 to 9
    np.testing.assert_array_equal(read(frame, concordance=CONCORDANCE)[0], whole)
    by_hand = frame.assign(cars=frame["hs6_2007"] > 800000).groupby(["importer", "exporter", "cars"])["adv"].mean()
    assert whole[0, US, JP] == pytest.approx(by_hand["USA", "JPN", True])
    path.write_text("\n".join(["importer,exporter,hs6_2007,year,adv", *rows, rows[8]]))
    again, notes = read(path, concordance=CONCORDANCE)
    np.testing.assert_allclose(again, whole, rtol=1e-12)
    assert "1 row given again with the same rate" in notes


def test_products_override_a_general_rate() -> None:
    table = pd.DataFrame(
        [("USA", "WORLD", "870323", 0.1), ("USA", "WORLD", "870332", 0.3), ("USA", "MEX", "870323", 0.0)],
        columns=["importer", "exporter", "product", "tariff"],
    )
    array, _ = read(table, concordance=CONCORDANCE)
    assert array[0, US, JP] == pytest.approx(0.2)
    assert array[0, US, MX] == pytest.approx(0.15)  # the product without a preference pays the general rate


def test_longest_matching_code_decides() -> None:
    find = read_concordance(CONCORDANCE, sectors=SECTORS)
    assert isinstance(find, Concordance)
    assert find.positions(["870323", "8704", "10111", "020110", "99"], SECTORS).tolist() == [0, 1, 1, 1, -1]
    assert [harmonized(c) for c in (10111, "010111", 1.0, "'870323'", "TOTAL")] == [
        "010111",
        "010111",
        "01",
        "870323",
        "TOTAL",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"product": ["87"], "industry": ["cars"]}), "no column 'sector'"),
        (pd.DataFrame({"product": ["87"], "sector": ["carz"]}), "row 1: unknown sector 'carz'; did you mean cars"),
        (
            pd.DataFrame({"product": ["87", "87"], "sector": ["cars", "food"]}),
            "row 2: the product 87 is in the sectors cars and",
        ),
        (pd.DataFrame({"product": ["87", None], "sector": ["cars", "food"]}), "row 2: product or sector is empty"),
        (pd.DataFrame({"product": [], "sector": []}), "no rows"),
        (pd.DataFrame({"product": ["99"], "sector": ["cars"]}), "no sector for any product"),
    ],
)
def test_concordances_refused(table: pd.DataFrame, message: str) -> None:
    products = pd.DataFrame([("USA", "JPN", "870323", 0.1)], columns=["importer", "exporter", "product", "tariff"])
    with pytest.raises(ep.errors.InputError, match=message):
        read(products, concordance=table)


# ---- files ----


@pytest.mark.slow
def test_csv_parquet_zip_and_other_separators_agree(tmp_path: Path) -> None:
    table = plain(("USA", "JPN", "cars", 0.025), ("JPN", "USA", "food", 0.4))
    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_csv(tmp_path / "semicolon.csv", index=False, sep=";")
    table.to_csv(tmp_path / "bom.csv", index=False, encoding="utf-8-sig")
    table.to_parquet(tmp_path / "t.parquet")
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.write(tmp_path / "t.csv", "t.csv")
    for name in ("t.csv", "semicolon.csv", "bom.csv", "t.parquet", "t.zip"):
        np.testing.assert_array_equal(read(tmp_path / name)[0], read(table)[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("importer,exporter,sector,tariff\n", "no rows"),
        ("importer,exporter,sector,tariff\nUSA,JPN,cars,.1\nUSA,MEX,cars,5,5\n", "line 3: cannot be read as CSV"),
        ("importer,exporter,sector,tariff\nUSA,JPN,cars,5,5\nUSA,MEX,cars,5,5\n", "line 2: cannot be read as CSV"),
        ("importer,exporter,sector,tariff\nUSA,JPN,cars\n", "line 2: cannot be read as CSV"),
        ("importer,exporter,sector,tariff,tariff\nUSA,JPN,cars,.1,.2\n", "'tariff' is repeated"),
    ],
)
def test_files_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ep.errors.InputError, match=message):
        read(tmp_path / "t.csv")


def test_harmless_peculiarities_of_files_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(
        '"importer","exporter","sector","tariff",,\r\n"USA","JPN","cars","0.1",,\r\n\r\n'
        "C\xf4te d'Ivoire,JPN,cars,0.1\r\nNA,JPN,cars,0.2\r\n".encode("latin-1")
    )
    array, notes = read(file)
    assert array[0, US, JP] == 0.1
    assert "places without separate data here (2): Côte d'Ivoire (1), Namibia (1)" in notes


@pytest.mark.parametrize("tariffs", [3, [1], {"importer": []}, "", "a\0b", "missing.csv", Path("missing.zip")])
def test_other_objects_are_refused(tariffs: object) -> None:
    with pytest.raises(ep.errors.InputError):
        read(tariffs)


def test_damaged_files(tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_bytes(b"PK not really")
    (tmp_path / "t.csv").write_bytes(b"")
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    for name in ("t.zip", "t.csv", "t.parquet"):
        with pytest.raises(ep.errors.InputError, match=name):
            read(tmp_path / name)


def test_arguments_of_the_user_are_not_changed() -> None:
    table = plain(("USA", "JPN", "cars", 0.1), ("USA", "WORLD", "ALL", 0.2))
    before = table.copy()
    read(table)
    pd.testing.assert_frame_equal(table, before)


def test_tariffs_of_a_world_are_recovered(world: ep.Economy) -> None:
    table = world.table()[["importer", "exporter", "sector", "tariff"]]
    array, _ = tariff_array(table, world.countries, world.sectors)
    np.testing.assert_array_equal(array, world.tariff)


@pytest.mark.slow
def test_wiod_tariffs() -> None:
    trade = pd.read_parquet(shared("wiod2014") / "trade.parquet")
    countries, sectors = tuple(trade["importer"].unique()), tuple(trade["sector"].unique())
    array, _ = tariff_array(trade[["importer", "exporter", "sector", "tariff"]], countries, sectors)
    usa, jpn, cars = countries.index("USA"), countries.index("JPN"), sectors.index("C20")
    row = trade.query("importer == 'USA' and exporter == 'JPN' and sector == 'C20'")
    assert array[cars, usa, jpn] == row["tariff"].iloc[0]


def test_a_rate_for_all_products_reaches_every_sector() -> None:
    """Also those of which the table has no product, and where it has no product at all."""
    concordance = pd.DataFrame({"product": ["87", "61"], "sector": ["cars", "clothes"]})
    rows = [("USA", "WORLD", "ALL", 0.1), ("USA", "WORLD", "870323", 0.025)]
    table = pd.DataFrame(rows, columns=["importer", "exporter", "product", "tariff"])
    for rates, expected in ((table, [0.025, 0.1]), (table.head(1), [0.1, 0.1])):
        array, _ = tariff_array(rates, ("USA", "JPN"), ("cars", "clothes"), concordance=concordance)
        assert array[:, 0, 1] == pytest.approx(expected)


def test_labels_that_are_names_are_read_as_their_codes_are() -> None:
    names = ("United States", "Japan", "Germany", "France", "Mexico", "ROW")
    rows = plain(("EU27", "JPN", "cars", 0.1), ("USA", "WORLD", "cars", 0.02), ("USA", "DEU", "cars", 0.03))
    (by_code, notes), (by_name, other) = (tariff_array(rows, labels, SECTORS) for labels in (COUNTRIES, names))
    assert by_code[0, DE, JP] == 0.1
    np.testing.assert_array_equal(by_name, by_code)
    assert len(other) == len(notes)
    assert not any("without separate data" in note for note in other)


@pytest.mark.parametrize("odd", ['"0,155"', '"0,155 %"', '"0,1550"'])
def test_one_cell_with_a_decimal_comma_does_not_leave_out_the_others(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "tariffs.csv"
    path.write_text(f"importer,exporter,sector,tariff\nUSA,JPN,cars,0.025\nUSA,DEU,cars,0.1\nUSA,FRA,cars,{odd}\n")
    with pytest.raises(ep.errors.TableError, match="use different decimal signs"):
        read(path)
    path.write_text('importer,exporter,sector,tariff\nUSA,JPN,cars,"0,025"\nUSA,DEU,cars,0\nUSA,FRA,cars,"0,155"\n')
    np.testing.assert_allclose(read(path)[0][0, US, [JP, DE, FR]], [0.025, 0, 0.155])


@pytest.mark.parametrize(
    "cell", slow_after(4, ["TRUE", "0.155m", "#REF!", "0x1", "1_0", "1/4", "15‰", "5m", "5pts", "inf"])
)
def test_cells_that_are_neither_rates_nor_other_duties_are_refused(cell: str) -> None:
    table = plain(("USA", "JPN", "food", "0.1"), ("USA", "JPN", "cars", cell))
    with pytest.raises(ep.errors.TableError, match=rf"row 2: '{cell}' is neither a rate nor a duty by quantity"):
        read(table)


@pytest.mark.parametrize(
    "cell",
    slow_after(
        4,
        [
            *("10 kr", "0 (s)", "12.0 MFN", "5-10", "15 - 20", "<5", "10 or 5", "5 DM", "5 zl", "5 lei", "20 u"),
            *("5DM", "5kr", "5Kč", "1,5zł", "20ct", "3Ft"),
            *("25 vH", "8 adv", "12.5 a", "0 B", "5 – 10", "5 to 10", "≤5", "5+"),
        ],
    ),
)
def test_duties_in_other_words_are_left_out_with_a_note(cell: str) -> None:
    array, notes = read(plain(("USA", "JPN", "food", "0.1"), ("USA", "JPN", "cars", cell)))
    assert array[0, US, JP] == 0
    kind = (
        "rates that are ranges or choices"
        if re.search(r"\d ?[-–t+]|[<≤]|or", cell)
        else "duties that are not ad valorem"
    )
    assert f"1 row with {kind} left out: {cell}." in notes


@pytest.mark.parametrize("cell", ["NaN", "n.a.", "-"])
def test_marks_of_missing_rates_are_no_duties(cell: str) -> None:
    _, notes = read(plain(("USA", "JPN", "food", "0.1"), ("USA", "JPN", "cars", cell)))
    assert "1 row without a rate left out." in notes
    assert "not ad valorem" not in notes


@pytest.mark.parametrize("cell", ["$0.05", "EUR 0.1", "0.05 USD"])
def test_amounts_of_money_are_not_rates(cell: str) -> None:
    array, notes = read(plain(("USA", "JPN", "food", "0.1"), ("USA", "JPN", "cars", cell)))
    assert array[0, US, JP] == 0
    assert f"1 row with duties that are not ad valorem left out: {cell}." in notes


def test_flows_whose_rows_have_no_rate_are_counted() -> None:
    rows = (("USA", "JPN", "cars", "5 USD/kg"), ("USA", "WORLD", "food", "5 USD/kg"), ("USA", "JPN", "food", "0.1"))
    _, notes = read(plain(*rows))
    (note,) = [line for line in notes.split("\n") if "taken as zero have rows" in line]
    assert note.startswith("Tariffs: 5 flows taken as zero have rows that state no ad valorem rate (JPN to USA in cars")
    _, notes = read(plain(("USA", "JPN", "cars", "5 USD/kg"), ("USA", "WORLD", "ALL", "0.1")))
    assert "taken as zero have rows" not in notes
