"""What a job has found so far: the solved deals of a bargain, and a sweep over the members that are stored."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.desk.json_body import encoded
from entrepot.documents import whole_file
from entrepot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.bargaining.deal import Threat
    from entrepot.bargaining.surface import Surface
    from entrepot.sweeping.plan import Plan
    from entrepot.sweeping.sweep_result import Sweep

#: The key under which a worker gets the file for partial results; no request has one of this name.
PARTIAL = "partial-results"


def read_partial(path: Path) -> dict[str, Any] | None:
    """Return what the file of a job has; None before there is anything."""
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


def deals_written(path: str) -> Callable[[Surface, tuple[Threat, ...]], None]:
    """Return what writes the deals that are solved to a file, if it can be written, for `bargain(so_far=...)`."""

    def write(surface: Surface, threats: tuple[Threat, ...]) -> None:
        with suppress(DocumentError), whole_file(path) as temporary:
            temporary.write_bytes(encoded(deals_so_far(surface, threats[0].worth)))

    return write


def deals_so_far(surface: Surface, threat: Mapping[str, float]) -> dict[str, Any]:
    """Return the levels and gains over the threat of the deals that are solved."""
    solved = [k for k, worth in enumerate(surface.values.tolist()) if all(value == value for value in worth)]
    levels, values = surface.points.tolist(), surface.values.tolist()
    gains = [[v - threat[p] for v, p in zip(values[k], surface.parties, strict=True)] for k in solved]
    return {
        "kind": "bargain",
        "parties": list(surface.parties),
        "done": surface.solved + surface.failures,
        "members": len(values),
        "surface": {"issues": list(surface.issues), "levels": [levels[k] for k in solved], "gains": gains},
    }


def sweep_so_far(plan: Plan, run_id: str, store: Path | None) -> Sweep | None:
    """Return the sweep over the parts that are stored; None before the first."""
    from entrepot.runs.store import RunStore
    from entrepot.sweeping.sweep_result import Sweep

    run = RunStore(store).find(run_id)
    have = run.parts("draws")
    if not have:
        return None
    return Sweep(plan, run, plan.members_in(have), 0, 0.0)
