"""Totals: a total beside its parts changes no sum, and a table without totals loses nothing."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

import pandas as pd
import pytest

from entrepot.data.duckdb_store import Store
from entrepot.data.trade import TradeSelection, load_trade
from shelves import slow_after

LEAVES = ("010121", "010129", "850110", "870322", "870323")
PARTNERS = ("JPN", "DEU", "FRA", "VNM", "THA", "CHE")
GROUPS = {"World": PARTNERS, "EU27": ("DEU", "FRA"), "ASEAN": ("VNM", "THA")}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store("500MB", 1) as opened:
        yield opened


def total(store: Store, frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    for (name,) in store.rows("SELECT table_name FROM duckdb_tables()"):
        store.run(f"DROP TABLE {name}")
    trade = load_trade(store, frame, TradeSelection(known=(), day=datetime.date(2024, 7, 1)))
    rows = store.rows("SELECT exporter, product, 1e6 * sum(value) FROM flow GROUP BY ALL")
    return {(trade.units[i], trade.products[k]): value for i, k, value in rows}


def leaf_table(seed: int) -> pd.DataFrame:
    """Some partners' trade in some products, at the finest level."""
    rng = random.Random(seed)
    rows = [("USA", i, k, float(rng.randint(1, 10**6))) for i in PARTNERS for k in LEAVES if rng.random() < 0.7]
    return pd.DataFrame(rows, columns=["importer", "partner", "product", "value"])


def sums(frame: pd.DataFrame, **changed: object) -> pd.DataFrame:
    return frame.assign(**changed).groupby(["importer", "partner", "product"], as_index=False)["value"].sum()


@pytest.mark.parametrize("seed", slow_after(4, range(12)))
def test_totals_of_any_kind_do_not_change_the_result(seed: int, store: Store) -> None:
    leaves = leaf_table(seed)
    right = {(i, k): value for _, i, k, value in leaves.itertuples(index=False)}
    assert total(store, leaves) == pytest.approx(right)
    rng = random.Random(seed)
    added = [leaves]
    for name, members in GROUPS.items():
        inside = leaves[leaves["partner"].isin(members)]
        if len(inside) and rng.random() < 0.6:
            added.append(sums(inside, partner=name))
    for length in (4, 2, 0):
        if rng.random() < 0.6:
            added += [sums(part, product=part["product"].str[:length].replace("", "TOTAL")) for part in list(added)]
    mixed = pd.concat(added).drop_duplicates(["partner", "product"]).sample(frac=1, random_state=seed)
    assert total(store, mixed) == pytest.approx(right)


def test_total_without_parts_is_kept(store: Store) -> None:
    rows = [("USA", "EU27", "87", 5.0), ("USA", "JPN", "8703", 4.0), ("CHE", "DEU", "870323", 3.0)]
    frame = pd.DataFrame(rows, columns=["importer", "partner", "product", "value"])
    assert total(store, frame) == pytest.approx({("EU27", "87"): 5.0, ("JPN", "8703"): 4.0, ("DEU", "870323"): 3.0})


@pytest.mark.parametrize(
    ("periods", "right"),
    [
        ({"2024": 10.0, "2024Q1": 4.0, "2024Q2": 6.0}, 10.0),
        ({"2024Q1": 10.0, "202401": 4.0, "202402": 6.0}, 10.0),
        ({"2024": 10.0, "2024Q1": 10.0, "202401": 10.0}, 10.0),
        ({"2024Q1": 10.0, "202404": 4.0}, 14.0),
        ({"2024 through February": 10.0, "202401": 4.0, "202402": 6.0}, 10.0),
        ({"2024Q1": 10.0, "2024 through February": 7.0}, 10.0),
        ({"202401": 4.0, "202402": 6.0}, 10.0),
    ],
)
def test_longest_period_of_a_flow_is_kept(periods: dict[str, float], right: float, store: Store) -> None:
    rows = [("USA", "JPN", "87", period, value) for period, value in periods.items()]
    rows += [("USA", "DEU", "87", "202411", 3.0)]
    frame = pd.DataFrame(rows, columns=["importer", "partner", "product", "period", "value"])
    assert total(store, frame) == pytest.approx({("JPN", "87"): right, ("DEU", "87"): 3.0})


def test_columns_of_months_and_quarters(store: Store) -> None:
    """A blank month, or month 0, stands for the year."""
    for whole in (None, "0", "all"):
        rows = [("USA", "JPN", "87", 2024, month, value) for month, value in ((whole, 10.0), ("1", 4.0), ("2", 6.0))]
        frame = pd.DataFrame(rows, columns=["importer", "partner", "product", "year", "month", "value"])
        assert total(store, frame) == pytest.approx({("JPN", "87"): 10.0})


def test_flow_codes_may_be_numbers(store: Store) -> None:
    frame = pd.DataFrame({"importer": "USA", "partner": "JPN", "product": "87", "flow": [1, 2], "value": [5.0, 7.0]})
    assert total(store, frame) == pytest.approx({("JPN", "87"): 5.0})
    assert total(store, frame.assign(flow=[10, 20])) == pytest.approx({("JPN", "87"): 12.0})
