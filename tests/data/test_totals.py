"""Totals in a table of trade: compared with their parts, never added to them, and noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from shelves import slow_after

RATES = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
COLUMNS = ["importer", "partner", "product", "value"]


def expose(rows: Sequence[Sequence[Any]], columns: Sequence[str] = COLUMNS, **options: Any) -> ep.exposures.Exposure:
    table = pd.DataFrame(rows, columns=list(columns))
    return ep.exposures.exposure(table, RATES, stacking="plain", on="2025-06-01", threads=1, **options)


def notes(found: ep.exposures.Exposure) -> str:
    return "\n".join(found.notes)


@pytest.mark.parametrize(
    ("rows", "imports", "messages"),
    slow_after(
        2,
        [
            # three levels of the same goods
            (
                [("USA", "JPN", "87", 3e6), ("USA", "JPN", "8703", 3e6), ("USA", "JPN", "870323", 3e6)],
                {"JPN": 3.0},
                "2 rows of totals of others (products at HS2, HS4, HS6) not added: they state US$3.0 million",
            ),
            # all goods beside chapters
            (
                [("USA", "JPN", "TOTAL", 5e6), ("USA", "JPN", "87", 3e6), ("USA", "JPN", "61", 2e6)],
                {"JPN": 5.0},
                "1 row of totals of others (products at all goods, HS2)",
            ),
            # a heading without finer lines for this partner stays
            (
                [("USA", "JPN", "87", 3e6), ("USA", "KOR", "870323", 2e6)],
                {"JPN": 3.0, "KOR": 2.0},
                "imports of US$5.0 million",
            ),
            # the world
            (
                [("USA", "World", "8703", 3e6), ("USA", "JPN", "8703", 2e6), ("USA", "KOR", "8703", 1e6)],
                {"JPN": 2.0, "KOR": 1.0},
                "1 row of totals of others (exporter World) not added: they state US$3.0 million, their parts add up",
            ),
            # the world states more than its parts
            (
                [("USA", "World", "8703", 4e6), ("USA", "JPN", "8703", 2e6)],
                {"JPN": 2.0},
                "their parts add up to US$2.0 million, 50% of it",
            ),
            # a group beside its members, and alone
            (
                [("USA", "EU27", "8703", 3e6), ("USA", "DEU", "8703", 2e6), ("USA", "FRA", "8703", 1e6)],
                {"DEU": 2.0, "FRA": 1.0},
                "1 row of totals of others (exporter EU27)",
            ),
            ([("USA", "EU27", "8703", 3e6), ("USA", "JPN", "8703", 1e6)], {"EU27": 3.0, "JPN": 1.0}, "US$4.0 million"),
            # continents and income groups
            (
                [("USA", "High income", "8703", 9e6), ("USA", "JPN", "8703", 1e6)],
                {"JPN": 1.0},
                "1 row of the exporter Regions and income groups (US$9.0 million), a sum of countries, not added",
            ),
            # a country with itself
            (
                [("USA", "JPN", "8703", 1e6), ("USA", "USA", "8703", 400)],
                {"JPN": 1.0},
                "1 flow of a country with itself (re-imports), US$400, are not imports from abroad",
            ),
            # not specified
            (
                [("USA", "JPN", "8703", 3e6), ("USA", "Areas, nes", "8703", 1e6)],
                {"JPN": 3.0, "NES": 1.0},
                "US$1.0 million (25% of imports) are with unspecified partners",
            ),
        ],
    ),
)
def test_totals_of_places_and_products_are_deleted(
    rows: list[tuple[Any, ...]], imports: dict[str, float], messages: str
) -> None:
    found = expose(rows)
    assert found.by_partner["imports"].to_dict() == pytest.approx(imports)
    assert messages in notes(found)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("USA", "EU27", "8703", 9e6), ("USA", "DEU", "8703", 2e6)],
            "EU27 is a total of countries that the table has too",
        ),
        ([("USA", "JPN", "87", 9e6), ("USA", "JPN", "8703", 2e6)], "codes and longer codes that begin with them"),
        ([("USA", "World", "8703", 9e6)], "every partner is a total of countries"),
    ],
)
def test_parts_that_miss_more_than_a_tenth_are_refused(rows: list[tuple[Any, ...]], message: str) -> None:
    with pytest.raises(ep.errors.TableError, match=message):
        expose(rows)


def test_totals_of_a_breakdown_are_deleted() -> None:
    """All districts beside districts; where no row is for all, they are parts."""
    columns = [*COLUMNS, "district"]
    rows = [("USA", "JPN", "8703", 3e6, "All Districts"), ("USA", "JPN", "8703", 2e6, "Los Angeles")]
    rows += [("USA", "JPN", "8703", 1e6, "Seattle"), ("USA", "KOR", "8703", 1e6, "Seattle")]
    rows += [("USA", "KOR", "8703", 1e6, "Los Angeles")]
    found = expose(rows, columns)
    assert found.by_partner["imports"].to_dict() == pytest.approx({"JPN": 3.0, "KOR": 2.0})
    assert "2 rows of parts of others (the table also has all of 'district')" in notes(found)


def test_totals_of_modes_of_transport_are_found_by_code() -> None:
    """2100 and 2200 are parts of 2000; where 2000 is not there, they are added up."""
    columns = [*COLUMNS, "motCode"]
    rows = [("USA", "JPN", "8703", value, mot) for value, mot in ((5e6, "2000"), (3e6, "2100"), (2e6, "2200"))]
    rows += [("USA", "JPN", "8703", 1e6, "1000")]
    rows += [("USA", "KOR", "8703", 3e6, "2100"), ("USA", "KOR", "8703", 1e6, "3200")]
    found = expose(rows, columns)
    assert found.by_partner["imports"].to_dict() == pytest.approx({"JPN": 6.0, "KOR": 4.0})
    assert "2 rows of parts of others (the table also has all of transport 2000)" in notes(found)
    assert "they add up to US$5.0 million, the totals state US$5.0 million" in notes(found)


@pytest.mark.parametrize(
    ("column", "every", "one", "another"),
    slow_after(
        1,
        [
            ("customsCode", "C00", "C01", "C02"),
            ("motCode", "0", "2100", "3200"),
            ("partner2Code", "0", "156", "344"),
            ("stat_procedure", "T", "1", "2"),
            ("statregime", "4", "1", "2"),
            ("mode", "T", "A", "B"),  # columns that no publisher has
            ("way", 0, 1, 2),
            ("port", "C00", "A", "B"),
        ],
    ),
)
def test_totals_of_known_breakdowns_in_own_tables_are_deleted(column: str, every: Any, one: Any, another: Any) -> None:
    rows = [("USA", "JPN", "8703", value, cell) for value, cell in ((3e6, every), (2e6, one), (1e6, another))]
    found = expose([*rows, ("USA", "KOR", "8703", 1e6, one)], [*COLUMNS, column])
    assert found.by_partner["imports"].to_dict() == pytest.approx({"JPN": 3.0, "KOR": 1.0})
    assert "2 rows of parts of others" in notes(found)


def test_code_zero_that_is_not_a_sum_is_an_ordinary_code() -> None:
    rows = [("USA", "JPN", "8703", value, cell) for value, cell in ((3e6, 0), (9e6, 1), (1e6, 2))]
    found = expose(rows, [*COLUMNS, "dutiable"])
    assert found.totals["imports"] == pytest.approx(13.0)
    assert "rows of one flow that differ in the column 'dutiable' were added up" in notes(found)
    assert "that differ in" not in notes(expose([(*row[:4], "same") for row in rows], [*COLUMNS, "source"]))


def test_totals_that_no_column_marks_are_refused() -> None:
    rows = [("USA", partner, "8703", value * 1e6) for partner in ("JPN", "KOR", "DEU") for value in (3, 1, 2)]
    with pytest.raises(ep.errors.TableError, match="in 3 of 3 flows with several rows the largest row is the sum of"):
        expose(rows)


def test_a_row_that_is_the_sum_of_others_by_chance_is_added() -> None:
    """In one flow, or in two of five."""
    sums = [("USA", partner, "8703", value * 1e6) for partner in ("JPN", "KOR") for value in (3, 1, 2)]
    rest = [("USA", partner, "8703", value * 1e6) for partner in ("DEU", "FRA", "ITA") for value in (4, 1, 2)]
    assert expose(sums[:3]).totals["imports"] == pytest.approx(6.0)
    assert expose([*sums, *rest]).totals["imports"] == pytest.approx(33.0)


def test_year_beside_its_months_is_a_total() -> None:
    columns = [*COLUMNS, "period"]
    months = [("USA", "JPN", "8703", 1e6, f"2024{m:02d}") for m in range(1, 13)]
    year = ("USA", "JPN", "8703", 12e6, "2024")
    assert expose([year, *months], columns).totals["imports"] == pytest.approx(12.0)
    found = expose(months[:5], columns)
    assert found.totals["imports"] == pytest.approx(5.0)
    assert "the sum of 5 months: it is not that of a whole year, of which 7 months are missing" in notes(found)


def test_other_flows_are_counted_in_the_selected_year() -> None:
    columns = [*COLUMNS, "flow", "year"]
    rows = [("USA", "JPN", "8703", 1e6, "M", 2020), ("USA", "JPN", "8703", 5e6, "X", 2020)]
    rows += [("USA", "JPN", "8703", 7e6, flow, 2021) for flow in ("M", "X", "RX")]
    found = expose(rows, columns, year=2020)
    assert found.totals["imports"] == pytest.approx(1.0)
    assert "rows of other flows than imports were left out (X: 1 row; a value of 5,000,000 in sum)" in notes(found)
    turned = expose(rows, columns, year=2020, flow="exports")
    assert (turned.importers, turned.totals["imports"]) == (("JPN",), pytest.approx(5.0))
    with pytest.raises(ep.errors.TableError, match="the years are 2020, 2021; choose one"):
        expose(rows, columns)


def test_two_counts_of_imports_are_refused() -> None:
    columns = [*COLUMNS, "flow"]
    rows = [("USA", "JPN", "8703", 1e6, "Import"), ("USA", "JPN", "8703", 1.1e6, "Gross Imp.")]
    with pytest.raises(ep.errors.TableError, match=r"Gross Imp\., Import are two counts of the same imports"):
        expose(rows, columns)


@pytest.mark.parametrize(
    ("column", "parts", "message"),
    [
        ("month", [1, 2, 3], "trade of 2024 is the sum of 3 months: it is not that of a whole year, of which 9 months"),
        ("month", ["Jan", "Feb", "March"], "the sum of 3 months: it is not that of a whole year"),
        ("quarter", ["Q1", "Q2", "Q4"], "trade of 2024 is the sum of 3 quarters: it is not that of a whole year"),
        ("month", ["all", "all", "all"], ""),
        ("month", ["spring", "summer", "autumn"], ""),
    ],
)
def test_months_beside_years_that_do_not_make_a_year_are_noted(column: str, parts: list[object], message: str) -> None:
    rows = [("USA", who, "8703", 1e6, 2024, part) for who, part in zip(("JPN", "KOR", "DEU"), parts, strict=True)]
    found = notes(expose(rows, [*COLUMNS, "year", column]))
    assert message in found
    assert found.count("trade of 2024") == bool(message)
