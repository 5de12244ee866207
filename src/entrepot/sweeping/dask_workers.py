"""Solve the parts of a sweep on a Dask cluster, whose workers need not see the run store."""

from __future__ import annotations

import pickle
import re
import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from entrepot.errors import EntrepotError, InputError
from entrepot.runs.store import Run
from entrepot.sweeping.local_workers import RETRIES, Workers, solved, write
from entrepot.sweeping.plan import Plan
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd

#: The address of a scheduler; Dask waits and then fails obscurely for a text that is not one.
ADDRESS = re.compile(r"(tcp|tls|ucxx?|wss?)://[^\s/]+:\d+\S*|inproc://\S+")

#: Parts queued for each thread of the cluster: enough that none is idle, few enough that memory stays flat.
AHEAD = 2


def cluster_of(address: str) -> Workers:
    """Workers of the Dask cluster with this scheduler address, such as tcp://10.0.0.1:8786."""
    _check_address(address)

    def work(plan: Plan, run: Run, parts: Sequence[int]) -> Iterator[int]:
        with _client(address) as client:
            yield from on_cluster(client, plan, run, parts)

    return work


def _check_address(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise InputError(f"cluster {address!r}: give the address of a Dask scheduler, such as tcp://10.0.0.1:8786")


def dashboard_of(address: str) -> str:
    """The address of a cluster's dashboard. Raises `EntrepotError` if no scheduler answers."""
    with _client(address) as client:
        return str(client.dashboard_link or "none")


def _client(address: str) -> Any:
    _check_address(address)
    try:
        return _distributed().Client(address, timeout="5s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise EntrepotError(f"cluster {address}: no Dask scheduler answers there ({error})") from None


def on_cluster(client: Any, plan: Plan, run: Run, parts: Sequence[int], shared: bool | None = None) -> Iterator[int]:
    """Solve parts on the workers of a Dask client, and yield the number of each once it is stored.

    The plan and its Economy are sent once, as a task whose result workers pass on; Dask makes a lost one again. A part
    whose worker dies goes to another, `RETRIES` times.

    shared   whether the workers see the store's folder and write there themselves; otherwise their tables come back to
             be stored here. Detected by default.
    Raises `InputError` if a worker has another version, `EntrepotError` if workers die again and again.
    """
    distributed = _distributed()
    others = {address: version for address, version in client.run(_version).items() if version != __version__}
    if others:
        address, version = next(iter(others.items()))
        raise InputError(
            f"the worker {address} has Entrepot {version}, and this process has {__version__}: install the same version"
        )
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
        raise EntrepotError(f"the workers of the cluster died again and again: {error}") from None
    finally:
        for future in submitted:
            future.cancel()


def _version() -> str:
    return __version__


def _sees(run: Run) -> bool:
    """Whether this process can read the run's folder."""
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
