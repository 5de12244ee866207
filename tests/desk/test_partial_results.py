"""What a job has found so far: the deals that are solved, and the intervals over the members that are stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi")

import entrepot as ep
from entrepot.bargaining.negotiation import Negotiation
from entrepot.bargaining.session import Session
from entrepot.bargaining.surface import payoff_surface
from entrepot.cases import solve_case
from entrepot.desk.partial_results import deals_so_far, deals_written, read_partial, sweep_so_far
from entrepot.errors import InputError
from entrepot.sweeping.sweep import plan_of
from small_sweep import RATE, small


def test_deals_so_far_become_those_of_the_bargain(tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []
    file = tmp_path / "partial.json"
    assert read_partial(file) is None
    write = deals_written(str(file))

    negotiation = Negotiation.of(solve_case(ep.load_case(small(tmp_path))))
    session = Session(replace(negotiation, table=negotiation.table.on_a_grid_of(40)))
    threats = session.threats()

    def so_far(surface: Any) -> None:
        made.append(deals_so_far(surface, threats[0].worth))
        write(surface, threats)

    found = payoff_surface(session.negotiation, so_far=so_far)
    assert [one["done"] for one in made] == sorted({one["done"] for one in made})
    assert len(made) > 1
    first, last = made[0], made[-1]
    assert first["done"] < last["done"] == last["members"] == len(found.values)
    assert len(first["surface"]["gains"]) == len(first["surface"]["levels"]) == first["done"]
    assert np.array(last["surface"]["gains"]) == pytest.approx(found.values - session.threat)
    assert np.array(last["surface"]["levels"]) == pytest.approx(found.points)
    assert read_partial(file) == last


def test_a_bargain_goes_on_where_what_it_found_so_far_cannot_be_written(tmp_path: Path) -> None:
    """Such as on a full disk: it is shown while the job runs, and the job has its result without it."""
    (tmp_path / "file").write_text("")
    found = ep.bargain(small(tmp_path), so_far=deals_written(str(tmp_path / "file" / "partial.json")))
    assert found.complete


def test_sweep_so_far_has_the_members_that_are_stored(tmp_path: Path) -> None:
    case, store = small(tmp_path), tmp_path / "runs"
    options: dict[str, Any] = {"draws": 32, "uncertain": RATE, "scenarios": ["tariff"]}
    found = ep.sweep(case, store=str(store), part=32, **options)
    plan = plan_of(case, part=32, **options)
    assert (plan.part_size, plan.parts) == (32, 2)
    # Larger parts are another run, because parts that are stored are found by their number.
    assert plan.identity() != plan_of(case, **options).identity()
    for table in found.run.path.iterdir():
        if table.is_dir():
            (table / "part-00001.parquet").unlink(missing_ok=True)
    half = sweep_so_far(plan, found.run.id, store)
    assert half is not None
    assert half.members == 32
    draws = half.table("draws")
    assert set(half.intervals("welfare", 0.9)["draws"]) == {int((draws["kind"] == "draw").sum())}
    for part in (found.run.path / "draws").iterdir():
        part.unlink()
    assert sweep_so_far(plan, found.run.id, store) is None
    with pytest.raises(InputError, match="part=0"):
        plan_of(case, part=0, **options)
