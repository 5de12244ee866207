"""Worker processes of desks that are kept between modules: starting one takes longer than what most tests ask of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: Pools that a module left idle, by their arguments.
IDLE: dict[tuple[Any, ...], list[Any]] = defaultdict(list)


@contextmanager
def idle_workers_taken() -> Iterator[None]:
    """Let a desk take the pools that an earlier one left idle, and leave its own."""
    from entrepot.desk import workers
    from entrepot.desk.process_pool import Pool

    class Kept(Pool):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.arguments, self.scheduled = arguments, []

        def schedule(self, *arguments: Any) -> Any:
            self.scheduled.append(super().schedule(*arguments))
            return self.scheduled[-1]

        def close(self) -> None:
            if all(task.future.done() for task in self.scheduled):
                self.scheduled.clear()
                IDLE[self.arguments].append(self)
            else:
                super().close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "Pool", lambda *given: IDLE[given].pop() if IDLE[given] else Kept(*given))
        yield


def end_idle_workers() -> None:
    """End the processes of all pools that are idle."""
    if not IDLE:
        return
    from entrepot.desk.process_pool import Pool

    for pools in IDLE.values():
        while pools:
            Pool.close(pools.pop())
