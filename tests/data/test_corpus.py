"""The corpus: every file that has one right reading is read with the right total, and says what was decided."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import corpus
import pytest

from entrepot.data.duckdb_store import Store
from entrepot.data.tariffs import tariff_array
from entrepot.data.tidy_tables import read_table
from entrepot.data.trade import Trade, TradeSelection, load_trade
from shelves import slow_unless

DAY = datetime.date(2024, 7, 1)
TRADE = corpus.recipes(corpus.TRAITS, 250)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store("500MB", 1) as opened:
        yield opened


def read_trade(store: Store, path: Path, **wanted: object) -> tuple[dict[tuple[str, str], float], Trade]:
    """Imports by importer and partner in US$, and the table that was read."""
    for (name,) in store.rows("SELECT table_name FROM duckdb_tables()"):  # one store serves all files
        store.run(f"DROP TABLE {name}")
    trade = load_trade(store, path, TradeSelection(known=(), day=DAY, **wanted))  # type: ignore[arg-type]
    rows = store.rows("SELECT importer, exporter, 1e6 * sum(value) FROM flow GROUP BY ALL")
    return {(trade.units[n], trade.units[i]): value for n, i, value in rows}, trade


@pytest.mark.parametrize("recipe", slow_unless(corpus.each_way(TRADE, 1), TRADE), ids=corpus.label)
def test_trade_tables_in_every_notation_give_the_same_result(
    recipe: corpus.Recipe, store: Store, tmp_path: Path
) -> None:
    names, rows, right = corpus.trade_table(recipe)
    path = tmp_path / f"trade.{recipe['format']}"
    corpus.write(path, names, rows, recipe)
    found, trade = read_trade(store, path)
    assert found == pytest.approx(right, rel=1e-9)
    messages = " ".join(trade.notes)
    if recipe["numbers"] in ("de", "fr", "narrow", "behind"):
        assert "is read with a comma before decimals" in messages
    if recipe["totals"] != "none":
        assert "not added" in messages or "left out" in messages


DUTIES = corpus.recipes(corpus.RATE_TRAITS, 120)


@pytest.mark.parametrize("recipe", slow_unless(corpus.each_way(DUTIES, 1), DUTIES), ids=corpus.label)
def test_duty_tables_in_every_notation_give_the_same_result(recipe: corpus.Recipe, tmp_path: Path) -> None:
    names, rows, right = corpus.duties(recipe)
    path = tmp_path / f"duties.{recipe['format']}"
    corpus.write(path, names, rows, recipe)
    countries = tuple(dict.fromkeys(code for key in right for code in key[:2]))
    array, notes = tariff_array(path, countries, corpus.SECTORS, year=2024)
    found = {
        (importer, partner, sector): array[j, n, i]
        for n, importer in enumerate(countries)
        for i, partner in enumerate(countries)
        for j, sector in enumerate(corpus.SECTORS)
    }
    assert {key: found[key] for key in right} == pytest.approx(right, rel=1e-12)
    assert not any(found[key] for key in found.keys() - right.keys())
    if recipe["rates"] == "compound":
        assert "with compound duties; only their ad valorem part is read" in " ".join(notes)


TABLES = corpus.recipes(corpus.TABLE_TRAITS, 90)


@pytest.mark.parametrize("recipe", slow_unless(corpus.each_way(TABLES, 1), TABLES), ids=corpus.label)
def test_own_tables_in_every_notation_give_the_same_result(recipe: corpus.Recipe, tmp_path: Path) -> None:
    """Names such as NA, 01, 1E3 and 8703.23 stay what they are."""
    names, rows, right = corpus.own_trade(recipe)
    path = tmp_path / f"trade.{recipe['format']}"
    corpus.write(path, names, rows, recipe)
    frame = read_table("trade", path, ["importer", "exporter", "sector"], ["value"], ["tariff"], [])
    found = frame.set_index(["importer", "exporter", "sector"])["value"].to_dict()
    assert found == pytest.approx(right, rel=1e-9)
