"""Solve the parts of a sweep in this process, or in several processes on this machine.

A part's numbers depend on the plan alone, not on the worker. Local workers write their parts to the run store
themselves.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from entrepot.errors import EntrepotError, InputError
from entrepot.interrupts import end_with_parent
from entrepot.runs.store import Run
from entrepot.sweeping.part_solver import solve_part
from entrepot.sweeping.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

#: Solves parts of a plan into a run, and yields the number of each part once it is stored.
Workers = Callable[[Plan, Run, Sequence[int]], Iterator[int]]
#: How often a part is tried again when its worker dies.
RETRIES = 3
#: The most processes of a pool: on Windows one can wait for no more than 63 handles.
MOST_PROCESSES = 61 if os.name == "nt" else 1024


def solved(plan: Plan, part: int) -> dict[str, pd.DataFrame]:
    """The tables of a part. Matrix products use one thread: workers do not compete, and results are reproducible."""
    with threadpool_limits(1):
        return solve_part(plan, part)


def write(run: Run, part: int, tables: dict[str, pd.DataFrame]) -> None:
    """Write all tables of a part; `draws` last, because a part counts as stored once its draws are."""
    others = {name: table for name, table in tables.items() if name != "draws" and not table.empty}
    run.write_tables({**others, "draws": tables["draws"]}, part)


def in_this_process(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
    """Solve the parts one after the other in this process."""
    for part in parts:
        write(run, part, solved(plan, part))
        yield part


def local_processes(count: int, stopping: Callable[[], object] | None = None) -> Workers:
    """Workers that are `count` processes on this machine.

    `stopping` is called where they are stopped with parts begun, which they finish first.
    """

    def work(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
        _check_folder()
        lost = 0
        left = list(parts)
        while left:
            try:
                for part in _round(plan, run, left, min(count, len(left), MOST_PROCESSES), stopping):
                    left.remove(part)
                    lost = 0
                    yield part
            except BrokenProcessPool:
                lost += 1
                if lost > RETRIES:
                    raise EntrepotError(
                        f"a worker process died {lost} times in a row; {len(left)} parts are left, and the same call "
                        f"continues. If memory ran out, use fewer workers. If a script calls this, it must be a file "
                        f"that does so below \"if __name__ == '__main__':\""
                    ) from None

    return work


def _check_folder() -> None:
    """Raise `InputError` where the working folder was deleted: a new process starts in it."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise InputError(
            "the working folder was deleted, and worker processes start in it: change to another folder and call again"
        ) from None


def _round(
    plan: Plan, run: Run, parts: Sequence[int], count: int, stopping: Callable[[], object] | None
) -> Iterator[int]:
    waiting = list(parts)
    given: dict[Future[int], int] = {}
    # The job is sent in a file: a process that dies before it has read a large argument blocks the sender for ever.
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-") as folder,
        ProcessPoolExecutor(count, get_context("spawn"), _begin, (_sent(Path(folder), plan, run),)) as pool,
    ):
        try:
            while waiting or given:
                while waiting and len(given) < count:  # none is queued: a sweep that is stopped would wait for it
                    part = waiting.pop(0)
                    given[pool.submit(_one, part)] = part
                ready, _ = wait(given, return_when=FIRST_COMPLETED)
                for future in ready:
                    del given[future]
                    yield future.result()
        except BaseException as ended:
            begun = [future for future in given if not future.cancel()]
            if begun and stopping is not None and isinstance(ended, KeyboardInterrupt | GeneratorExit):
                stopping()
            raise


_job: tuple[Plan, Run] | None = None


def _sent(folder: Path, plan: Plan, run: Run) -> str:
    job = folder / "job"
    job.write_bytes(pickle.dumps((plan, run)))
    return str(job)


def _begin(job: str) -> None:
    global _job

    end_with_parent()
    _job = pickle.loads(Path(job).read_bytes())


def _one(part: int) -> int:
    assert _job is not None
    plan, run = _job
    write(run, part, solved(plan, part))
    return part
