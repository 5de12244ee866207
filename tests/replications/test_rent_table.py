"""The table that the design opens with, on the full 44 x 50 tables of 2014: same volume, other winners.

Computed before by a separate prototype of 60 lines; agreement to 0.0001 percentage points is required.
"""

from __future__ import annotations

import pytest

import entrepot as ep

WHERE = {"importer": "USA", "exporter": "JPN", "sector": "C20"}


@pytest.fixture(scope="module")
def tariff(wiod50: ep.Economy) -> ep.Outcome:
    return ep.solve(wiod50, [ep.Tariff(rate=0.25, change="add", **WHERE)])


def test_imports_of_the_base(wiod50: ep.Economy) -> None:
    """US imports of motor vehicles and parts from Japan at user prices in the tables: 50,951 million dollars."""
    j, n, i = wiod50.sectors.index("C20"), wiod50.countries.index("USA"), wiod50.countries.index("JPN")
    assert (1 + wiod50.tariff[j, n, i]) * wiod50.value[j, n, i] == pytest.approx(
        50_951, rel=0.005
    )  # base moved a little


def test_volume_under_the_restraint(tariff: ep.Outcome) -> None:
    row = tariff.measures.iloc[0]
    assert row["volume"] / row["volume_base"] == pytest.approx(0.440, abs=5e-4)


@pytest.mark.parametrize(
    ("instrument", "usa", "japan"),
    [("tariff", -0.0060, -0.0889), ("quota", -0.0060, -0.0889), ("ver", -0.0389, 0.0459)],
)
def test_winners_change_places(
    wiod50: ep.Economy, tariff: ep.Outcome, instrument: str, usa: float, japan: float
) -> None:
    volume = tariff.measures["volume"].iloc[0]
    outcome = {
        "tariff": lambda: tariff,
        "quota": lambda: ep.solve(wiod50, [ep.ImportQuota(cap=volume, unit="usd_m", **WHERE)]),
        "ver": lambda: ep.solve(wiod50, [ep.VoluntaryExportRestraint(cap=volume, unit="usd_m", **WHERE)]),
    }[instrument]()
    real = outcome.countries["real_income_pct"]
    assert real["USA"] == pytest.approx(usa, abs=1e-4)
    assert real["JPN"] == pytest.approx(japan, abs=1e-4)
