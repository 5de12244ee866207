"""Worker processes: each answers one question at a time, in time or not at all, and is replaced when it dies.

Every process has a pipe of its own to a thread of its own in the desk. One that is killed, whether it works or waits,
holds no lock and takes no other question with it; and whoever kills it finds the desk still there.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any

from entrepot.desk.handlers import HttpAnswer, answer

#: Seconds that a process may take to be ready, and between looks: is a question cancelled, is an idle process dead.
STARTING, LOOKING, WATCHING = 120.0, 0.1, 1.0
#: Seconds after which a process that could not be started is tried again, where no question calls for it.
RETRYING = 30.0

_CONTEXT = get_context("spawn")
Prepare = Callable[[], None]


class WorkerLost(Exception):
    """The process died before it answered, and so did the one that took its place; or none could be started."""


class Task:
    """A question on its way: its answer will be in `future`."""

    def __init__(self, question: tuple[Any, ...], seconds: float) -> None:
        self.question, self.seconds = question, seconds
        self.future: Future[HttpAnswer] = Future()
        self.stopped = False

    def cancel(self) -> None:
        """Stop it, even while it is answered."""
        self.stopped = True
        self.future.cancel()


class Pool:
    """So many worker processes, each kept alive by a thread.

    prepare   what a process does before its first question. With it processes start at once, without when first asked.
    """

    def __init__(self, processes: int, prepare: Prepare | None = None) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._workers = [_Worker(self._tasks, prepare) for _ in range(processes)]
        self._threads = [threading.Thread(target=worker.work, daemon=True) for worker in self._workers]
        for thread in self._threads:
            thread.start()

    def schedule(self, kind: str, question: dict[str, Any], place: Any, seconds: float) -> Task:
        """Queue a request; its future may raise `TimeoutError`, `CancelledError` or `WorkerLost`."""
        task = Task((kind, question, place), seconds)
        self._tasks.put(task)
        return task

    def close(self) -> None:
        """End every process; what was not answered is cancelled."""
        for worker in self._workers:
            worker.closing = True
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(5)


class _Worker:
    """Keeps a worker process, and hands it one question after another, in a thread."""

    def __init__(self, tasks: SimpleQueue[Task | None], prepare: Prepare | None) -> None:
        self._tasks, self._prepare = tasks, prepare
        self._process: Any = None
        self._pipe: Connection | None = None
        self._not_before = 0.0
        self.closing = False

    def work(self) -> None:
        try:
            while (task := self._next()) is not None:
                if self.closing:
                    task.cancel()
                elif task.future.set_running_or_notify_cancel():
                    self._carry_out(task)
        finally:
            self._end()

    def _next(self) -> Task | None:
        """The next task; until there is one, a process is kept ready for it."""
        while True:
            self._keep_ready()
            with suppress(Empty):
                return self._tasks.get(timeout=WATCHING)

    def _keep_ready(self) -> None:
        if self._prepare is None or time.monotonic() < self._not_before:
            return
        try:
            self._started()
        except (WorkerLost, TimeoutError, CancelledError):
            self._end()  # a question tries again at once, and says so where it fails
            self._not_before = time.monotonic() + RETRYING

    def _carry_out(self, task: Task) -> None:
        try:
            task.future.set_result(self._answered(task))
        except Exception as error:  # noqa: BLE001  it is raised where the answer is waited for
            task.future.set_exception(error)

    def _answered(self, task: Task) -> HttpAnswer:
        """The answer; asked once more where the process dies."""
        try:
            return self._asked(task)
        except WorkerLost:
            return self._asked(task)

    def _asked(self, task: Task) -> HttpAnswer:
        try:
            pipe = self._started()
            try:
                pipe.send(task.question)
            except OSError as error:
                raise WorkerLost from error
            found: HttpAnswer = self._received(pipe, task.seconds, lambda: task.stopped)
            return found
        except BaseException:
            self._end()
            raise

    def _started(self) -> Connection:
        """The pipe to a process that is ready: the one that lives, or a new one."""
        if self._pipe is not None and not _hung_up(self._pipe):
            return self._pipe
        self._end()
        self._pipe, theirs = _CONTEXT.Pipe()
        try:
            self._process = _CONTEXT.Process(target=_serve, args=(theirs, self._prepare), daemon=True)
            self._process.start()
        except OSError as error:
            self._process = None
            raise WorkerLost from error
        finally:
            theirs.close()
        self._received(self._pipe, STARTING, lambda: False)
        return self._pipe

    def _received(self, pipe: Connection, seconds: float, stopped: Callable[[], bool]) -> Any:
        end = time.monotonic() + seconds
        try:
            while not pipe.poll(LOOKING):
                if self.closing or stopped():
                    raise CancelledError
                if time.monotonic() > end:
                    raise TimeoutError
            return pipe.recv()
        except TimeoutError:
            raise
        except (EOFError, OSError) as error:
            raise WorkerLost from error

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _hung_up(pipe: Connection) -> bool:
    """Whether a pipe that should be silent is not: its other end is closed."""
    try:
        return pipe.poll()
    except OSError:
        return True


def _serve(pipe: Connection, prepare: Prepare | None) -> None:
    """In the worker process: makes ready and says so, then answers until the desk hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the desk too, which ends its workers
    if prepare is not None:
        prepare()
    try:
        pipe.send(None)
        while True:
            pipe.send(answer(*pipe.recv()))
    except (EOFError, OSError):
        return
