"""`sweep`: solve a case for many draws or grid points, and store the results part by part."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.cases import Case, load_case
from entrepot.cases.base_economy import under_base, with_theta
from entrepot.cases.case_checks import check_on
from entrepot.cases.uncertainty import Uncertainty, elasticities_at, uncertainty
from entrepot.economy import Economy
from entrepot.equilibrium import Closure
from entrepot.equilibrium.solve import check_tol
from entrepot.errors import InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.numerics.side_by_side import cores
from entrepot.runs.store import Run, RunStore
from entrepot.sweeping.dask_workers import cluster_of, dashboard_of
from entrepot.sweeping.local_workers import Workers, in_this_process, local_processes
from entrepot.sweeping.market_members import MARKET_KEYS
from entrepot.sweeping.member_tables import TABLES
from entrepot.sweeping.path_members import PATH_KEYS
from entrepot.sweeping.plan import MOST, PART, Axis, Method, Plan, needed
from entrepot.sweeping.sweep_result import Sweep
from entrepot.types import Progress


def sweep(
    case: Case | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    draws: int | None = None,
    seed: int = 1,
    uncertain: Mapping[str, Any] | None = None,
    grid: Mapping[str, str | Sequence[float]] | None = None,
    method: Method = "draws",
    scenarios: Sequence[str] | None = None,
    tables: Sequence[str] | None = None,
    closure: Closure | None = None,
    theta: float | str | Mapping[str, float] | None = None,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = 1,
    cluster: str | None = None,
    tol: float = 1e-10,
    part: int = PART,
    progress: Progress | None = None,
) -> Sweep:
    """Solve a case for draws of its uncertain numbers, over a grid of any of its numbers, or both.

    draws      number of quasi-random points (1,000 by default; none over a grid alone); for a design of experiments
               the size of its base sample
    seed       of the draws; the same seed gives the same draws, and the same answers to `tol`, whoever solves them
    uncertain  distributions by dotted name, added to those of the case: {"theta": {"lognormal": {"sd": 0.25}}}
    grid       levels by dotted name: {"ver.cap": "0.4:1.2:17"} or a list
    method     "draws"; "sobol" or "morris" for a design that shows which number drives the answer (SALib)
    scenarios  solve only these and those that they refer to;  tables  store only these (`member_tables.TABLES`)
    store      folder of the run store; by default the user's own
    workers    number of processes on this machine; None: one, or as many as its cores, four at most, for several parts
    cluster    address of a Dask scheduler to use instead
    part       about how many equilibria are solved between two writes to the store; it is part of a run's identity

    Results are stored part by part: the same call continues a sweep that was stopped. Ctrl-C and SIGTERM keep the
    finished parts. The timeline and the search for a bargain are not solved for each draw; the offers of the table are.
    Raises `InputError` for wrong names, numbers and distributions before anything is solved.
    """
    plan = plan_of(
        case,
        economy,
        draws=draws,
        seed=seed,
        uncertain=uncertain,
        grid=grid,
        method=method,
        scenarios=scenarios,
        tables=tables,
        closure=closure,
        theta=theta,
        tol=tol,
        part=part,
    )
    who = _workers(plan, workers, cluster, progress)
    return carry_out(plan, run_of(plan, store), who, progress)


def run_of(plan: Plan, store: str | os.PathLike[str] | None = None) -> Run:
    """The run that stores a plan's parts. Raises `StoreError` if it cannot be written."""
    return RunStore(store).open(kind="sweep", name=plan.case.case, identity=plan.identity(), about=_about(plan))


@stopped_by_signals()
def carry_out(plan: Plan, run: Run, workers: Workers, progress: Progress | None = None) -> Sweep:
    """Solve the parts that the run does not have. Ctrl-C and SIGTERM keep the finished ones."""
    began = time.perf_counter()
    have = run.parts("draws")
    wanted = [part for part in range(plan.parts) if part not in have]
    done = 0
    try:
        if wanted:
            for _ in workers(plan, run, wanted):
                done += 1
                if progress is not None:
                    progress("draws", min(plan.size, (len(have) + done) * plan.part_size), plan.size)
    except KeyboardInterrupt:
        if not run.parts("draws"):
            raise
    finished = run.parts("draws")
    members = plan.members_in(finished)
    if len(finished) == plan.parts and not run.complete:
        run.finish(summary={"members": members, "scenarios": len(plan.scenarios)})
    fresh = plan.members_in(k for k in finished if k not in have)
    return Sweep(plan, run, members, fresh * len(plan.scenarios), time.perf_counter() - began)


def plan_of(
    case: Case | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    draws: int | None = None,
    seed: int = 1,
    uncertain: Mapping[str, Any] | None = None,
    grid: Mapping[str, str | Sequence[float]] | None = None,
    method: Method = "draws",
    scenarios: Sequence[str] | None = None,
    tables: Sequence[str] | None = None,
    closure: Closure | None = None,
    theta: float | str | Mapping[str, float] | None = None,
    tol: float = 1e-10,
    part: int = PART,
) -> Plan:
    """The plan that `sweep` would solve, with the same arguments. Raises `InputError`."""
    case = (case if isinstance(case, Case) else load_case(case)).assuming(closure=closure, theta=theta)
    world = case.economy_or_own(economy)
    world = with_theta(case, world)
    base = under_base(case, world, tol)
    check_on(case, base)
    case = case.without_timeline()
    found = uncertainty(case, world, uncertain)
    axes = tuple(Axis.read(name, levels, case) for name, levels in (grid or {}).items())
    _check(draws, seed, method, tables, bool(found), axes)
    check_tol(tol)
    if not isinstance(part, int) or isinstance(part, bool) or part < 1:
        raise InputError(f"part={part!r}: a whole number of at least 1 is needed")
    _check_together(found, axes, method, world)
    path = case.path_plan() if _on_path(found, axes) or set(PATH_KEYS) & set(tables or ()) else None
    count = 0 if not found else 1000 if draws is None and not axes else draws or 0
    on_path_alone = path is not None and not count and all(axis.place[0] == "path" for axis in axes)
    if on_path_alone and tables is None:  # nothing else moves
        tables = ["welfare", *PATH_KEYS]
    return Plan(
        case=case,
        economy=world,
        base=base,
        uncertain=found,
        method=method,
        draws=count,
        seed=seed,
        grid=axes,
        scenarios=needed(
            case, [] if on_path_alone and scenarios is None else scenarios, path.scenarios if path is not None else ()
        ),
        tables=tuple(
            name
            for name in TABLES
            if (tables is None or name in tables)
            and (case.market is not None or name not in MARKET_KEYS)
            and (path is not None or name not in PATH_KEYS)
        ),
        tol=tol,
        part=part,
    )


def _on_path(found: Uncertainty, axes: tuple[Axis, ...]) -> bool:
    """Whether a number of the case's path varies, so that it is solved in every member."""
    places = [axis.place for axis in axes] + [p.place for p in found.parameters if p.place is not None]
    return any(place[0] == "path" for place in places)


def _check(
    draws: int | None, seed: int, method: str, tables: Sequence[str] | None, uncertain: bool, axes: tuple[Axis, ...]
) -> None:
    if draws is not None and (not isinstance(draws, int) or isinstance(draws, bool) or not 1 <= draws <= 100_000_000):
        raise InputError(f"draws={draws!r}: a whole number from 1 to 100 million is needed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"seed={seed!r}: a whole number of zero or more is needed")
    if method not in ("draws", "sobol", "morris"):
        raise InputError(f"method={method!r}: draws, sobol or morris")
    for name in tables or ():
        if name not in TABLES:
            raise InputError(f"tables: there is no table {name!r}; {', '.join(TABLES)}")
    if not uncertain and not axes:
        raise InputError(
            "nothing in the case is uncertain: put a distribution in place of a number, or under 'uncertainty:', or "
            "give one, such as --vary 'theta={lognormal: {sd: 0.25}}' (docs/uncertainty.md); or a --grid"
        )
    if draws is not None and not uncertain:
        raise InputError(
            f"draws={draws}: nothing in the case is uncertain, so there is nothing to draw; leave draws out"
        )
    if method != "draws" and axes:
        raise InputError(f"method={method!r}: a design of experiments cannot be combined with a grid; leave one out")
    if method != "draws" and not uncertain:
        raise InputError(f"method={method!r}: nothing in the case is uncertain")


def _check_together(found: Uncertainty, axes: tuple[Axis, ...], method: str, economy: Economy) -> None:
    names = [axis.name for axis in axes]
    elasticities = {j for p in found.parameters for j in p.sectors}
    places = {place for p in found.parameters for place in (p.place, *p.places)}
    for name, axis in zip(names, axes, strict=True):
        moved = elasticities_at(axis.place, economy)
        if axis.place in places or (moved and elasticities.issuperset(moved)):
            raise InputError(
                f"grid {name}: it is also uncertain; remove it from the grid or from the uncertain numbers"
            )
        if names.count(name) > 1:
            raise InputError(f"grid {name}: it is given twice, under two names; keep one")
    if math.prod(len(axis.levels) for axis in axes) > MOST:
        raise InputError(f"grid: more than {MOST:,} points; take fewer levels")
    if method == "draws":
        return
    # Both designs compare two members that differ in a single number.
    if found.trade_sd:
        raise InputError(
            f"method={method!r}: a design of experiments cannot be combined with draws of trade; leave one out"
        )
    if found.correlation is not None:
        raise InputError(
            f"method={method!r}: a design of experiments needs numbers that are independent of each other; "
            f"remove the covariance"
        )


def _about(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.case.title,
        "economy": plan.base.name,
        "case": plan.case.case,
        "members": plan.size,
        "parts": plan.parts,
    }


#: What is shown while processes finish the parts that they had begun when Ctrl-C or SIGTERM came.
STOPPING = "stopping: the parts that were begun are finished first"


#: The most processes that are started where nobody says how many: each takes half a gigabyte.
MOST_WORKERS = 4


def processes_for(parts: int, cores: int) -> int:
    """Return how many processes solve so many parts soonest; to start one takes as long as the shortest parts."""
    return min(parts, cores, MOST_WORKERS) if parts > 2 else 1


def _workers(plan: Plan, workers: int | None, cluster: str | None, progress: Progress | None = None) -> Workers:
    if workers is None:
        workers = 1 if cluster is not None else processes_for(plan.parts, cores())
    if not isinstance(workers, int) or isinstance(workers, bool) or not 1 <= workers <= 1024:
        raise InputError(f"workers={workers!r}: a whole number of processes, 1 or more, is needed")
    if cluster is not None:
        if workers > 1:
            raise InputError(f"workers={workers} and cluster={cluster!r}: the cluster has workers of its own; give one")
        dashboard_of(cluster)  # raises for a scheduler that does not answer, before anything is written
        return cluster_of(cluster)
    if workers == 1:
        return in_this_process
    return local_processes(workers, None if progress is None else lambda: progress(STOPPING, 0, 0))
