"""Caliendo and Parro (2015), "Estimates of the Trade and Welfare Effects of NAFTA", REStud 82: 1-44.

The authors' public replication files (reference data, cp2015): 31 countries, 40 sectors, 1993. Targets: Table 2 of the
paper (welfare, terms of trade, volume of trade) and Table 3 (real wages), to the digits published, and the authors' own
code run at full precision for the third and fourth digit and for the exact real-income change.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared

COUNTRIES = [
    "ARG",
    "AUS",
    "AUT",
    "BRA",
    "CAN",
    "CHL",
    "CHN",
    "DNK",
    "FIN",
    "FRA",
    "DEU",
    "GRC",
    "HUN",
    "IND",
    "IDN",
    "IRL",
    "ITA",
    "JPN",
    "KOR",
    "MEX",
    "NLD",
    "NZL",
    "NOR",
    "PRT",
    "ZAF",
    "ESP",
    "SWE",
    "TUR",
    "GBR",
    "USA",
    "ROW",
]
SECTORS = [f"S{k:02d}" for k in range(1, 41)]
TRADABLE = 20
NAFTA = ("MEX", "CAN", "USA")


@pytest.fixture(scope="module")
def base() -> ep.Economy:
    """1993, deficits closed."""
    folder = shared("cp2015")
    imports = np.loadtxt(folder / "xbilat1993.txt").reshape(TRADABLE, 31, 31) * 1000 / 1e6  # millions
    output, value_added_share = np.loadtxt(folder / "GO.txt") / 1e6, np.loadtxt(folder / "B.txt").T
    recipe = np.loadtxt(folder / "IO.txt").reshape(31, 40, 40) * (1 - value_added_share[:, None, :])
    value, tariff = np.zeros((40, 31, 31)), np.zeros((40, 31, 31))
    value[:TRADABLE] = imports
    tariff[:TRADABLE] = tariffs(1993)
    exports = value.sum(axis=1)
    value[:, range(31), range(31)] = np.maximum(output, exports) - exports
    trade = frame({"value": value, "tariff": tariff}, sector=SECTORS, importer=COUNTRIES, exporter=COUNTRIES)
    inputs = frame({"cost_share": recipe}, country=COUNTRIES, input=SECTORS, output=SECTORS)
    elasticity = [*np.loadtxt(folder / "T.txt"), *[8.22] * 20]
    return ep.Economy.from_tables(
        trade, inputs, theta=dict(zip(SECTORS, elasticity, strict=True)), deficit="balanced", name="cp2015", year=1993
    )


@pytest.fixture(scope="module")
def nafta(base: ep.Economy) -> ep.Outcome:
    """Tariffs among the three go to their 2005 level; the rest stay at 1993."""
    new = tariffs(2005)
    at = COUNTRIES.index
    measures = [
        ep.Tariff(importer=n, exporter=i, sector=SECTORS[j], rate=float(new[j, at(n), at(i)]))
        for n in NAFTA
        for i in NAFTA
        if n != i
        for j in range(TRADABLE)
    ]
    return ep.solve(base, measures)


def tariffs(year: int) -> np.ndarray:
    return np.loadtxt(shared("cp2015") / f"tariffs{year}.txt").reshape(TRADABLE, 31, 31) / 100


def frame(columns: dict[str, np.ndarray], **axes: list[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    return pd.DataFrame({k: v.ravel() for k, v in columns.items()}, index=index).reset_index()


def test_the_base_is_mended_and_says_so(base: ep.Economy) -> None:
    assert np.abs(base.deficit).max() < 1e-6 * base.value_added.max()
    assert any("below zero" in note for note in base.notes)  # one input share of -0.0006
    assert any(note.startswith("Base:") for note in base.notes)


@pytest.mark.parametrize(
    ("country", "terms", "volume", "welfare", "real_wage"),
    [("MEX", -0.41, 1.72, 1.31, 1.72), ("CAN", -0.11, 0.04, -0.06, 0.32), ("USA", 0.04, 0.04, 0.08, 0.11)],
)
def test_published_digits(
    nafta: ep.Outcome, country: str, terms: float, volume: float, welfare: float, real_wage: float
) -> None:
    row = nafta.countries.loc[country]
    assert round(row["terms_of_trade_pct"], 2) == terms
    assert round(row["volume_of_trade_pct"], 2) == volume
    assert round(row["terms_of_trade_pct"] + row["volume_of_trade_pct"], 2) == welfare
    assert round(row["real_wage_pct"], 2) == real_wage


@pytest.mark.parametrize(
    ("country", "first_order", "exact"), [("MEX", 1.3121, 0.0073), ("CAN", -0.0638, -0.1101), ("USA", 0.0848, 0.0741)]
)
def test_authors_code_at_full_precision(nafta: ep.Outcome, country: str, first_order: float, exact: float) -> None:
    """The published welfare is first order; the exact change differs, for Mexico by lost tariff revenue. Both are ours.

    Their code stops at 1e-7, hence half a unit of the fourth digit.
    """
    row = nafta.countries.loc[country]
    assert row["terms_of_trade_pct"] + row["volume_of_trade_pct"] == pytest.approx(first_order, abs=1e-4)
    assert row["real_income_pct"] == pytest.approx(exact, abs=1e-4)


def test_exact_parts_explain_the_difference(nafta: ep.Outcome) -> None:
    parts = nafta.decomposition.loc["MEX"]
    assert parts["terms_of_trade"] + parts["volume_of_trade"] == pytest.approx(0.0073, abs=1e-4)
    assert nafta.decomposition.attrs["quadrature_error"] < 1e-6
