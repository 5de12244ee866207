"""Who solves the parts of a sweep: this process, several on this machine, or a Dask cluster.

A part's numbers depend on the plan alone, so that it does not matter who. Workers on this machine write their parts
themselves; a cluster's may not see the store, and send theirs.
"""

from __future__ import annotations

import os
import pickle
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from entrepot.errors import EntrepotError, InputError
from entrepot.sweeping.part import solve_part
from entrepot.sweeping.plan import Plan
from entrepot.sweeping.store import Run
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd

#: Solves parts of a plan into a run, and yields the number of each when it is stored.
Workers = Callable[[Plan, Run, Sequence[int]], Iterator[int]]
#: Parts that wait for each process: enough that none idles, few enough that memory stays flat.
AHEAD = 2
#: How a scheduler is addressed; what is none makes Dask wait, and then trip over itself.
ADDRESS = re.compile(r"(tcp|tls|ucxx?|wss?)://[^\s/]+:\d+\S*|inproc://\S+")
#: How often a part is given out anew when its worker is lost.
RETRIES = 3


def solved(plan: Plan, part: int) -> dict[str, pd.DataFrame]:
    """A part on one thread: processes do not fight for the cores, and one that solves it twice finds the same."""
    with threadpool_limits(1):
        return solve_part(plan, part)


def write(run: Run, part: int, tables: dict[str, pd.DataFrame]) -> None:
    """All tables of a part; `draws` last, for a part counts as there once its draws are."""
    for name, table in tables.items():
        if name != "draws" and not table.empty:
            run.write(name, table, part=part)
    run.write("draws", tables["draws"], part=part)


def in_this_process(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
    for part in parts:
        write(run, part, solved(plan, part))
        yield part


def local_processes(count: int) -> Workers:
    """`count` processes on this machine."""

    def work(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
        lost = 0
        left = list(parts)
        while left:
            try:
                for part in _round(plan, run, left, min(count, len(left))):
                    left.remove(part)
                    lost = 0
                    yield part
            except BrokenProcessPool:
                lost += 1
                if lost > RETRIES:
                    raise EntrepotError(
                        f"a worker process was lost {lost} times in a row: {len(left)} parts are left, and the same "
                        f"call goes on. Out of memory, it needs fewer workers; called from a script, that script must "
                        f"be a file that asks for workers below \"if __name__ == '__main__':\" alone"
                    ) from None

    return work


def _round(plan: Plan, run: Run, parts: Sequence[int], count: int) -> Iterator[int]:
    waiting = list(parts)
    given: dict[Future[int], int] = {}
    # The job goes by way of a file: a process that ends before it has read a large argument blocks its sender for good.
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-") as folder,
        ProcessPoolExecutor(count, get_context("spawn"), _begin, (_sent(Path(folder), plan, run),)) as pool,
    ):
        try:
            while waiting or given:
                while waiting and len(given) < AHEAD * count:
                    part = waiting.pop(0)
                    given[pool.submit(_one, part)] = part
                ready, _ = wait(given, return_when=FIRST_COMPLETED)
                for future in ready:
                    del given[future]
                    yield future.result()
        except BaseException:
            for future in given:
                future.cancel()
            raise


_job: tuple[Plan, Run] | None = None


def _sent(folder: Path, plan: Plan, run: Run) -> str:
    job = folder / "job"
    job.write_bytes(pickle.dumps((plan, run)))
    return str(job)


def _begin(job: str) -> None:
    global _job
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller says when it is over; a part that was begun is finished
    _job = pickle.loads(Path(job).read_bytes())


def _one(part: int) -> int:
    assert _job is not None
    plan, run = _job
    write(run, part, solved(plan, part))
    return part


# ---- Dask ----


def cluster_of(address: str) -> Workers:
    """A Dask cluster by its scheduler's address, such as tcp://10.0.0.1:8786."""
    _check_address(address)

    def work(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
        with _client(address) as client:
            yield from on_cluster(client, plan, run, parts)

    return work


def _check_address(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise InputError(f"cluster {address!r}: the address of a Dask scheduler is needed, such as tcp://10.0.0.1:8786")


def dashboard_of(address: str) -> str:
    """Where a cluster shows what it does. Raises `EntrepotError` where no scheduler answers."""
    with _client(address) as client:
        return str(client.dashboard_link or "none")


def _client(address: str) -> Any:
    _check_address(address)
    try:
        return _distributed().Client(address, timeout="5s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise EntrepotError(f"cluster {address}: no Dask scheduler answers there ({error})") from None


def on_cluster(client: Any, plan: Plan, run: Run, parts: Sequence[int], shared: bool | None = None) -> Iterator[int]:
    """Parts on the workers of a client. The plan and its Economy are sent once, as a task of their own whose answer
    workers hand on: one that is lost is made again. A part whose worker is lost is given to another, `RETRIES` times.

    shared   the workers see the store's folder and write there themselves; else what they found comes back to be stored
             here. Found out unless said.
    Raises `InputError` where a worker has another version, `EntrepotError` where all are lost over and over.
    """
    distributed = _distributed()
    others = {address: version for address, version in client.run(_version).items() if version != __version__}
    if others:
        address, version = next(iter(others.items()))
        raise InputError(f"the worker {address} has Entrepot {version}, and here is {__version__}: the same is needed")
    if shared is None:
        shared = all(client.run(_sees, run).values())
    job = client.submit(
        pickle.loads, pickle.dumps((plan, run)), key=f"entrepot-{run.id}-job-{secrets.token_hex(4)}", retries=RETRIES
    )
    task = _solve_and_write if shared else _solve
    waiting = list(parts)
    running = distributed.as_completed(loop=client.loop)
    submitted: dict[Any, int] = {}

    def give() -> None:
        most = AHEAD * max(1, sum(client.nthreads().values()))
        while waiting and len(submitted) < most:
            part = waiting.pop(0)
            future = client.submit(task, job, part, pure=False, retries=RETRIES, key=f"entrepot-{run.id}-{part}")
            submitted[future] = part
            running.add(future)

    give()
    try:
        for future in running:
            part = submitted.pop(future)
            found = future.result()
            if found is not None:
                write(run, part, found)
            future.release()
            yield part
            give()
    except distributed.KilledWorker as error:
        raise EntrepotError(f"the workers of the cluster were lost over and over: {error}") from None
    finally:
        for future in submitted:
            future.cancel()


def _version() -> str:
    return __version__


def _sees(run: Run) -> bool:
    """Whether this process has the run's folder before it."""
    try:
        return bool(run.manifest["id"] == run.id)
    except EntrepotError:
        return False


def _solve(job: tuple[Plan, Run], part: int) -> dict[str, pd.DataFrame]:
    return solved(job[0], part)


def _solve_and_write(job: tuple[Plan, Run], part: int) -> None:
    write(job[1], part, solved(job[0], part))


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise InputError("a cluster needs Dask: pip install 'entrepot[cluster]'") from None
    return distributed


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
