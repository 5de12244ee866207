"""The frame: what a replication says of itself, and the two that need no data."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.replications import Replication, gains_from_trade, replicate, replications, sample
from entrepot.replications.anderson_van_wincoop import biproportional, conditional, full_endowment
from entrepot.replications.replication import Line
from shelves import slow


def made(ours: float) -> Replication:
    lines = [
        Line("welfare", "MEX", 1.31, ours, 0.005, "Table 2"),
        Line("welfare", "USA", 0.08, 0.0848, 0.005, "Table 2"),
    ]
    return Replication.of("made", "A title", "A citation", lines, ["A note."])


def test_both_columns_and_the_difference_are_printed() -> None:
    text = str(made(1.3121))
    assert "A title" in text
    assert "published   ours" in text
    assert "1.3100 1.3121    +0.0021" in text
    assert text.endswith("2 of 2 numbers reproduced.\n- A note.")


@pytest.mark.parametrize("ours", [1.316, math.nan, math.inf])
def test_what_is_not_reproduced_is_marked(ours: float) -> None:
    replication = made(ours)
    assert replication.reproduced.tolist() == [False, True]
    assert "1 of 2 numbers reproduced; 1 differ" in repr(replication)
    assert "!" in str(replication)


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(ep.errors.UnknownNameError, match="did you mean gegravity"):
        replicate("gegravty")


def test_every_name_says_what_it_needs() -> None:
    assert list(replications()) == ["cp2015", "gegravity", "gains-from-trade", "gravity"]
    assert all(title and data for title, data in replications().values())


@pytest.mark.parametrize("name", [slow("gains-from-trade"), "gravity"])
def test_replication_that_needs_no_data_reproduces_the_paper(name: str) -> None:
    replication = replicate(name)
    assert len(replication.table) > 30
    assert replication.reproduced.all(), str(replication)


@pytest.mark.slow
def test_counterfactuals_on_the_sample() -> None:
    replication = replicate("gravity", shared("gegravity_sample"))
    assert replication.reproduced.all(), str(replication)


def test_gains_on_the_sample() -> None:
    economy = sample.economy(sample.read(shared("gegravity_sample")))
    lines = list(gains_from_trade.to_autarky(economy, "sample"))
    assert len(lines) == 7
    assert all(abs(x.ours - x.published) < x.tolerance for x in lines)


def test_a_folder_without_the_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.DocumentError, match=r"sample_data_set\.dlm"):
        replicate("gravity", tmp_path)
    (tmp_path / "sample_data_set.dlm").write_text("exporter,importer\nCAN,USA\n")
    with pytest.raises(ep.errors.DocumentError, match="no column 'year'"):
        replicate("gravity", tmp_path)


def test_the_sample_is_read_under_either_name(tmp_path: Path) -> None:
    text = (shared("gegravity_sample") / sample.FILES[0]).read_text()
    (tmp_path / sample.FILES[1]).write_text(text)
    pd.testing.assert_frame_equal(sample.read(tmp_path), sample.read(shared("gegravity_sample")))
    (tmp_path / sample.FILES[1]).write_text(text.replace("CAN", "XXX"))
    with pytest.raises(ep.errors.DocumentError, match=r"sample_gravity_data\.csv: no rows for CAN"):
        sample.read(tmp_path)


def test_closed_form_does_not_move_without_a_change(world: ep.Economy) -> None:
    np.testing.assert_array_equal(gains_from_trade.closed_form(world, np.ones_like(world.spending)), 1.0)


def gravity_world(rng: np.random.Generator, countries: int = 6) -> np.ndarray:
    size = rng.uniform(1, 5, countries)
    value = np.outer(size, size) * rng.uniform(0.2, 1, (countries, countries))
    return biproportional(value, size, size)  # balanced


def test_no_change_in_costs_changes_nothing(rng: np.random.Generator) -> None:
    value = gravity_world(rng)
    for solver in (conditional, full_endowment):
        answer = solver(value, np.ones_like(value), 5.0)
        np.testing.assert_allclose(answer.trade, value, rtol=1e-9)
        np.testing.assert_allclose(answer.price / answer.inward, 1.0, rtol=1e-9)


def test_incomes_held_keep_both_margins(rng: np.random.Generator) -> None:
    value, cost = gravity_world(rng), rng.uniform(0.3, 3, (6, 6))
    trade = conditional(value, cost, 5.0).trade
    np.testing.assert_allclose(trade.sum(axis=0), value.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(trade.sum(axis=1), value.sum(axis=1), rtol=1e-9)
    odds = trade / value / cost  # what is left is one factor a row times one a column
    np.testing.assert_allclose(odds * odds[0, 0], np.outer(odds[:, 0], odds[0]), rtol=1e-9)


def test_costs_up_everywhere_leave_trade_and_lower_income(rng: np.random.Generator) -> None:
    """All costs, own included, times 1.25: nobody's trade moves and all lose a fifth."""
    value = gravity_world(rng)
    answer = full_endowment(value, np.full_like(value, 1.25**-4.0), 5.0)
    np.testing.assert_allclose(answer.trade, value, rtol=1e-9)
    np.testing.assert_allclose(answer.real_output_pct, -20.0, rtol=1e-9)
