"""Caliendo and Parro (2015), "Estimates of the Trade and Welfare Effects of NAFTA", REStud 82: 1-44.

The authors' public replication files (reference data, cp2015): 31 countries, 40 sectors, 1993. Targets: Table 2 of the
paper (welfare, terms of trade, volume of trade, real wages), to the digits published, and the authors' own code run at
full precision for the third and fourth digit, the exact real-income change, the variants and the world's tariffs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from conftest import shared
from entrepot.replications import Replication, cp2015, replicate


@pytest.fixture(scope="module")
def files() -> cp2015.Files:
    return cp2015.Files.read(shared("cp2015"))


@pytest.fixture(scope="module")
def nafta(files: cp2015.Files) -> ep.Outcome:
    return cp2015.nafta(files)


@pytest.fixture(scope="module")
def replication() -> Replication:
    return replicate("cp2015", shared("cp2015"))


def test_base_corrections_are_reported(nafta: ep.Outcome) -> None:
    base = nafta.economy
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


def test_exact_parts_explain_the_difference(nafta: ep.Outcome) -> None:
    parts = nafta.decomposition.loc["MEX"]
    assert parts["terms_of_trade"] + parts["volume_of_trade"] == pytest.approx(0.0073, abs=1e-4)
    assert nafta.decomposition.attrs["quadrature_error"] < 1e-6


@pytest.mark.slow
def test_published_numbers_are_reproduced(replication: Replication) -> None:
    """Welfare, trade growth, three variants and the world's tariff changes: 48 numbers, each to its last digit."""
    assert len(replication.table) == 48
    assert replication.reproduced.all(), str(replication)


def test_bloc_trade_rounds_to_what_was_published(nafta: ep.Outcome) -> None:
    assert cp2015.bloc_import_growth(nafta).round().tolist() == [118, 11, 41]


@pytest.mark.parametrize("model", cp2015.MODELS)
def test_every_variant_starts_balanced(files: cp2015.Files, model: str) -> None:
    base = cp2015.base(files, model)
    assert np.abs(base.deficit).max() < 1e-6 * base.value_added.max()
    assert len(base.sectors) == (2 if model == "one sector" else 40)


@pytest.mark.slow
def test_tariffs_of_the_world_reach_every_flow(files: cp2015.Files) -> None:
    """The measures, grouped by partner, say the same as the file."""
    base = cp2015.base(files, "no materials")
    outcome = ep.solve(base, cp2015.tariffs(base, files.tariff[2005], lambda _n, _i: True))
    np.testing.assert_allclose(outcome.as_economy().tariff[:20], files.tariff[2005], atol=1e-12)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.DocumentError, match=r"xbilat1993\.txt.*academic\.oup\.com"):
        replicate("cp2015")
    with pytest.raises(ep.errors.DocumentError, match=r"GO\.txt.*not found"):
        replicate("cp2015", tmp_path)
    with pytest.raises(ep.errors.DocumentError, match="not a folder"):
        replicate("cp2015", tmp_path / "nowhere")


def test_damaged_files_are_named(tmp_path: Path) -> None:
    source = shared("cp2015")
    for name in cp2015.FILES:
        (tmp_path / name).write_text((source / name).read_text())
    (tmp_path / "T.txt").write_text("8.22 9.1\n")
    with pytest.raises(ep.errors.DocumentError, match=r"T\.txt.*holds 2 numbers; 20 are needed"):
        replicate("cp2015", tmp_path)
    (tmp_path / "T.txt").write_text("eight\n")
    with pytest.raises(ep.errors.DocumentError, match=r"T\.txt.*table of numbers"):
        replicate("cp2015", tmp_path)
