"""What a reader does to an array or a table of an answer changes neither the answer nor what is solved next."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.economy import Economy

TARIFF = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")


@pytest.fixture(scope="module")
def outcome(world: ep.Economy) -> ep.Outcome:
    return ep.solve(world, TARIFF)


@pytest.mark.parametrize("name", ["countries", "sectors", "measures", "decomposition"])
def test_a_table_of_an_outcome_is_a_copy(outcome: ep.Outcome, name: str) -> None:
    before = getattr(outcome, name)
    mine = getattr(outcome, name)
    mine.iloc[:, -1] = 0
    mine["share"] = 1.0
    assert getattr(outcome, name).equals(before)


def test_trade_of_an_outcome_is_a_copy(outcome: ep.Outcome) -> None:
    mine = outcome.trade
    mine["share"] = mine["value"] / 2
    assert "share" not in outcome.trade
    with pytest.raises(ValueError, match="read-only"):
        mine["value"].values[:] = 0


@pytest.mark.parametrize("name", ["output", "income", "deficit", "value_added", "border_value", "share"])
def test_an_array_of_an_economy_refuses_to_be_written_to(world: ep.Economy, name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(world, name)[:] = 0


def test_shares_made_in_place_do_not_change_the_next_answer(world: ep.Economy) -> None:
    before = ep.solve(world, TARIFF).countries
    income = world.income
    with pytest.raises(ValueError, match="read-only"):
        income /= income.sum()
    pd.testing.assert_frame_equal(ep.solve(world, TARIFF).countries, before, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda noun: pickle.loads(pickle.dumps(noun))])
def test_a_copied_outcome_has_the_same_tables(outcome: ep.Outcome, copied: Callable[[Any], Any]) -> None:
    again = copied(outcome)
    pd.testing.assert_frame_equal(again.countries, outcome.countries, rtol=1e-12)
    np.testing.assert_allclose(again.trade["value"], outcome.trade["value"], rtol=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        again.trade["value"].values[:] = 0


def test_policy_in_force_refuses_to_be_written_to(world: ep.Economy) -> None:
    tax = ep.ExportTax(exporter="JPN", importer="USA", sector="motor_vehicles", rate=0.1)
    quota = ep.ImportQuota(importer="USA", exporter="CHN", sector="food", cap=0.9)
    base = ep.solve(world, [tax, quota]).as_economy()
    for array in base.in_force.arrays().values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_tables_keep_their_docstrings() -> None:
    assert "real income" in (ep.Outcome.countries.__doc__ or "")
    assert "Output" in (Economy.output.__doc__ or "")
    assert not hasattr(ep.Outcome.countries, "columns")
