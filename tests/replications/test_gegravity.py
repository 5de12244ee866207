"""The gegravity package on its own sample, run beside an independent solution and the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.replications import Replication, gegravity, replicate, sample


@pytest.fixture(scope="module")
def replication() -> Replication:
    pytest.importorskip("gegravity")
    return replicate("gegravity", shared("gegravity_sample"))


@pytest.mark.slow
def test_gegravity_report_equals_ours(replication: Replication) -> None:
    assert replication.reproduced.all(), str(replication)


@pytest.mark.slow
def test_incomes_adjusting_agree_with_the_engine(replication: Replication) -> None:
    rows = replication.table[replication.table["what"].str.startswith("incomes adjusting")]
    assert len(rows) == 5
    assert rows["difference"].abs().max() < 1e-6


def test_gegravity_report_is_not_the_full_equilibrium() -> None:
    """Its incomes do not feed back: on balanced data Canada's gain is another in the engine."""
    table = sample.read(shared("gegravity_sample"))
    balanced = table.assign(E=table["importer"].map(table.groupby("exporter")["Y"].first()))
    held = gegravity.own_report(balanced).loc["CAN", "real GDP"]
    full = gegravity.engine(balanced).countries.loc["CAN", "real_income_pct"]
    assert held - full > 0.01


def test_the_agreement_touches_two_flows() -> None:
    table = sample.read(shared("gegravity_sample"))
    changed = gegravity.with_agreement(table)["pta"] != table["pta"]
    assert set(zip(table["importer"][changed], table["exporter"][changed], strict=True)) == {
        ("CAN", "JPN"),
        ("JPN", "CAN"),
    }


def test_gegravity_missing_package_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gegravity", None)
    with pytest.raises(ep.errors.DocumentError, match="pip install gegravity"):
        replicate("gegravity", shared("gegravity_sample"))


def test_a_missing_pair_is_refused(tmp_path: Path) -> None:
    table = pd.read_csv(shared("gegravity_sample") / sample.FILES[0])
    table.iloc[1:].to_csv(tmp_path / sample.FILES[0], index=False)
    with pytest.raises(ep.errors.DocumentError, match="899 rows do not cover each of 30 x 30 pairs"):
        replicate("gegravity", tmp_path)
