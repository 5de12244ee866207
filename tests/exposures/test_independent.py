"""An independent computation of exposures, row by row in Python, on random tables."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.economy.geography import groups
from product_tables import expose, stacking
from shelves import slow_after

PARTNERS = ["JPN", "KOR", "GBR", "CAN", "FRA", "DEU", "CHN", "VNM"]
LABELS = [*PARTNERS, "ALL", "EU27", "CPTPP", "USMCA"]
CODES = ["8703230190", "8703230110", "8703240000", "8708290000", "6109100012", "8542310000"]
AUTHORITIES = ["mfn", "fta", "column2", "steel", "autos", "general"]


def members(label: str) -> set[str]:
    return set(groups()[label]["members"]) if label in groups() else {label}


def random_tables(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    pairs = [pair for pair in itertools.product(PARTNERS, CODES) if rng.random() < 0.7]
    trade = pd.DataFrame(pairs, columns=["partner", "product"])
    trade.insert(0, "importer", "USA")
    trade["value"] = rng.integers(1, 10_000, len(trade)) * 1e3
    rows = {}
    for _ in range(160):
        code = CODES[rng.integers(len(CODES))]
        code = code[: int(rng.choice([2, 4, 6, 8, 10]))] if rng.random() < 0.9 else "ALL"
        key = (code, rng.choice(LABELS), rng.choice(AUTHORITIES), rng.choice(["applied", "proposed", "bound"]))
        if key[3] == "bound":
            key = (key[0], key[1], "mfn", "bound")
        rows[key] = round(float(rng.choice([0.0, rng.random() * 0.5])), 4)
    schedule = pd.DataFrame([(*key, rate) for key, rate in rows.items()])
    schedule.columns = ["product", "partner", "authority", "kind", "rate"]
    schedule.insert(0, "importer", "USA")
    return trade, schedule


def rate_of(schedule: pd.DataFrame, partner: str, code: str, authority: str, kind: str) -> float | None:
    best: tuple[tuple[int, int], float] | None = None
    for row in schedule.itertuples():
        if row.kind != kind or (kind != "bound" and row.authority != authority):
            continue
        beginning = "" if row.product == "ALL" else row.product
        reaches = row.partner == "ALL" or partner in members(row.partner)
        if not (code.startswith(beginning) and reaches):
            continue
        rank = (len(beginning), -10_000 if row.partner == "ALL" else -len(members(row.partner)))
        if best is None or rank > best[0]:
            best = (rank, row.rate)
    return None if best is None else best[1]


def total(rates: dict[str, float | None], partner: str) -> tuple[float | None, bool]:
    """Duty under the rules of `product_tables.PLAIN`, and whether any rate is known."""
    known = any(rate is not None for rate in rates.values())
    claimable = [rates[a] for a in ("mfn", "fta") if rates[a] is not None]
    base = rates["column2"] if rates["column2"] is not None else min(claimable, default=None)
    floor = base or 0.0
    charged = {a: bool(rates[a]) for a in ("autos", "steel", "general")}
    charged["steel"] &= not charged["autos"]
    charged["general"] &= not (charged["autos"] or charged["steel"]) and partner != "CAN"
    duty = floor + (rates["autos"] or 0) + (rates["steel"] or 0) * charged["steel"]
    if charged["general"]:
        rate = rates["general"] or 0.0
        room = {"JPN": max(0.0, 0.15 - floor), "KOR": max(0.0, rate - floor), "GBR": 0.1}.get(partner, rate)
        duty += min(rate, room)
    if partner == "CAN" and all(rate is None for a, rate in rates.items() if a != "general"):
        return 0.0, known
    return duty, known


def by_hand(trade: pd.DataFrame, schedule: pd.DataFrame, sigma: dict[str, float], sector: Any) -> pd.DataFrame:
    rows = []
    for line in trade.itertuples():
        applied = {a: rate_of(schedule, line.partner, line.product, a, "applied") for a in AUTHORITIES}
        new = {a: rate_of(schedule, line.partner, line.product, a, "proposed") for a in AUTHORITIES}
        proposed = {a: applied[a] if new[a] is None else new[a] for a in AUTHORITIES}
        (t, _), (u, known) = total(applied, line.partner), total(proposed, line.partner)
        bound = rate_of(schedule, line.partner, line.product, "", "bound")
        after = line.value * ((1 + u) / (1 + t)) ** -sigma[sector(line.product)] if known else line.value
        rows.append((line.partner, line.product, t, u, bound, known, after / 1e6))
    return pd.DataFrame(rows, columns=["partner", "product", "applied", "proposed", "bound", "known", "after"])


@pytest.mark.parametrize("seed", slow_after(1, range(6)))
def test_exposure_equals_the_calculation_by_hand_line_by_line(seed: int, tmp_path: Path, world: ep.Economy) -> None:
    from entrepot.data.hs import hs_to_sectors

    trade, schedule = random_tables(np.random.default_rng(seed))
    found = expose(trade, schedule, economy=world, stacking=stacking(), lines=tmp_path / "lines.parquet")
    lines = pd.read_parquet(tmp_path / "lines.parquet").sort_values(["partner", "product"], ignore_index=True)
    sigma = dict(zip(world.sectors, 1 + world.theta, strict=True))
    mine = by_hand(trade, schedule, sigma, hs_to_sectors(world.sectors).sector)
    mine = mine.sort_values(["partner", "product"], ignore_index=True)
    assert list(lines["product"]) == list(mine["product"])
    assert list(lines["applied"].notna()) == list(mine["known"])
    known = mine["known"].to_numpy()
    for column in ("applied", "proposed"):
        assert lines[column].to_numpy()[known] == pytest.approx(mine[column].to_numpy()[known], abs=1e-12, rel=0)
    assert lines["bound"].to_numpy(float) == pytest.approx(mine["bound"].to_numpy(float), abs=1e-12, nan_ok=True)
    assert lines["imports_response"].to_numpy() == pytest.approx(mine["after"].to_numpy(), rel=1e-12)
    value = trade.sort_values(["partner", "product"])["value"].to_numpy() / 1e6
    assert found.totals["revenue"] == pytest.approx((value * mine["applied"])[known].sum(), rel=1e-12)
    over = (mine["proposed"] > mine["bound"] + 1e-12)[known].sum()
    assert found.totals["breach_lines"] == over


@pytest.mark.slow
def test_chapter_batches_give_the_same_result_as_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.exposures import match

    trade, schedule = random_tables(np.random.default_rng(99))
    whole = expose(trade, schedule)
    monkeypatch.setattr(match, "BATCH_ROWS", 1)
    pd.testing.assert_frame_equal(expose(trade, schedule).by_partner_sector, whole.by_partner_sector, rtol=1e-13)
