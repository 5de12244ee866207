"""Calls side by side, on threads: NumPy lets others run while it works on large arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from multiprocessing import parent_process
from typing import TypeVar

T = TypeVar("T")


def cores() -> int:
    """Return the number of cores that this process may use: one where another process of Entrepot started it.

    Workers are as many as there are cores, and would compete for them.
    """
    if parent_process() is not None:
        return 1
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def side_by_side(calls: Sequence[Callable[[], T]], threads: int) -> Iterator[T]:
    """Yield the results of calls in their order, each made with the context variables of the caller.

    The first exception of a call is raised in its turn; calls that have not begun by then are not made.
    """
    if min(threads, len(calls)) <= 1:
        for call in calls:
            yield call()
        return
    contexts = [copy_context() for _ in calls]
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda context, call: context.run(call), contexts, calls)
