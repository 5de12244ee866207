"""The notebook of the founding case runs from its first cell to its last, and finds what the case finds."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.studies import tidy_frames as tables
from manual_pages import ROOT

NOTEBOOK = ROOT / "notebooks" / "founding_case.py"


def loaded() -> ModuleType:
    pytest.importorskip("marimo", reason="the notebook needs the extra notebook: pip install '.[notebook]'")
    spec = importlib.util.spec_from_file_location("founding_case", NOTEBOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cells_of_the_notebook_compile() -> None:
    assert len(list(loaded().app._cell_manager.cell_ids())) > 5


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What its cells define."""
    module = loaded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENTREPOT_STORE", str(tmp_path_factory.mktemp("store")))
        _, definitions = module.app.run()
    return dict(definitions)


@pytest.mark.parametrize(
    ("mine", "scenario"),
    [
        ("tariff", "tariff_japan"),
        ("restraint", "ver_japan"),
        ("left_out", "preferences"),
        ("let_in", "farm_deal"),
    ],
)
@pytest.mark.slow
def test_its_outcomes_are_those_of_the_case(
    found: dict[str, Any], founding_study_2018: ep.Study, mine: str, scenario: str
) -> None:
    theirs = founding_study_2018.outcomes[scenario]
    for column in ("equivalent_variation", "tariff_revenue", "quota_rent"):  # to US$10,000
        pd.testing.assert_series_equal(found[mine].countries[column], theirs.countries[column], rtol=1e-7, atol=0.01)
    wedge = theirs.measures["wedge"].iloc[0]
    assert found[mine].measures["wedge"].iloc[0] == pytest.approx(wedge, abs=1e-7)


@pytest.mark.slow
def test_quota_and_tariff_leave_the_same(found: dict[str, Any]) -> None:
    gains = [found[name].countries["equivalent_variation"] for name in ("tariff", "quota")]
    pd.testing.assert_series_equal(*gains, atol=0.01)


@pytest.mark.slow
def test_its_deals_are_weighed_against_the_same_threat(found: dict[str, Any], founding_study_2018: ep.Study) -> None:
    deals = found["deals"]
    for party in ("USA", "JPN"):
        as_things_are = founding_study_2018.outcomes["preferences"].countries.loc[party, "equivalent_variation"]
        assert deals.loc["now", f"worth to {party}"] == pytest.approx(as_things_are, abs=0.01)
        assert deals.loc["deal_2019", f"gain of {party}"] > 0


@pytest.mark.slow
def test_its_intervals_are_about_the_numbers_of_the_case(found: dict[str, Any], founding_study_2018: ep.Study) -> None:
    welfare = tables.welfare(founding_study_2018).set_index(["scenario", "party"])["equivalent_variation"]
    sure = found["sure"].set_index(["scenario", "party"])
    assert len(sure) == 6
    assert sure["centre"].to_numpy() == pytest.approx(welfare[sure.index].to_numpy(), abs=0.01)
    assert (sure["low"] < sure["centre"]).all()
    assert (sure["centre"] < sure["high"]).all()
