"""The laws of cost: exponents are found where they are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import scaling


@pytest.fixture
def table() -> pd.DataFrame:
    """Costs that follow known laws from the floor on, and are flat below it; a map from three known parts."""
    sizes = pd.MultiIndex.from_product([scaling.ECONOMIES, scaling.SECTORS], names=["n", "j"]).to_frame(index=False)
    n, j = sizes["n"].astype(float), sizes["j"].astype(float)
    above = n**2 * j >= scaling.FLOOR
    return sizes.assign(
        first_ms=np.where(above, 0.01 * n**1.5 * j**1.25, 3.0),
        ms=15 * (0.2 + 3e-6 * n**2 * j + 2e-6 * n * j**2),
        maps=15.0,
        mb=np.where(above, 1e-3 * n**1.75 * j, 0.5),
    )


def test_exponents_are_found(table: pd.DataFrame) -> None:
    law = scaling.fit(table, "first_ms")
    assert (law.x, law.y) == pytest.approx((1.5, 1.25))
    assert law.at(100, 30) == pytest.approx(0.01 * 100**1.5 * 30**1.25)
    assert law.r2 == pytest.approx(1)
    assert law.residuals.abs().max() < 1e-9


def test_sizes_below_the_floor_do_not_count(table: pd.DataFrame) -> None:
    used = scaling.fit(table, "mb").residuals.index
    assert min(n * n * j for n, j in used) >= scaling.FLOOR
    assert scaling.fit(table, "mb").r2 == pytest.approx(1)
    assert scaling.fit(table, "mb", floor=0).r2 < 0.99


def test_the_parts_of_a_map_are_found(table: pd.DataFrame) -> None:
    assert scaling.of_a_map(table).startswith("0.20 ms + 3.0 ns N N J + 2.0 ns N J J; off by 0% (median), 0% at worst")


def test_the_chart_stands_by_itself(table: pd.DataFrame, tmp_path: Path) -> None:
    scaling.draw(table, tmp_path / "cost.svg")
    text = (tmp_path / "cost.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg ")
    for label in ("65 sectors", "1 sector", "Economies", "Milliseconds a solve", "Memory, MB"):
        assert label in text
    assert 'fill="#ffffff"' in text


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_size_is_measured_in_a_process_of_its_own() -> None:
    first, again, maps, mb = scaling.one(10, 2, 1, repeat=2)
    assert first > 0
    assert again > 0
    assert maps > 3
    assert 0 <= mb < 200
