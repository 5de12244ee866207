"""A pool of worker processes: each answers one request at a time within a time limit, and is replaced when it dies.

Each process has its own pipe to its own thread in the desk. When a process is killed, it therefore holds no lock, no
other request is lost, and the desk goes on.
"""

from __future__ import annotations

import logging
import os
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
from entrepot.interrupts import end_with_parent

#: Seconds until a process must be ready, between checks for cancelled requests, and between checks of idle processes.
STARTING, LOOKING, WATCHING = 120.0, 0.1, 1.0
#: Seconds before a process that could not start is tried again while no request needs it.
RETRYING = 30.0

_CONTEXT = get_context("spawn")
Prepare = Callable[[], None]


class WorkerLost(Exception):
    """The process and its replacement both died before they answered, or no process could be started."""


class Task:
    """A queued request; its response will be in `future`."""

    def __init__(self, request: tuple[Any, ...], seconds: float) -> None:
        self.request, self.seconds = request, seconds
        self.future: Future[HttpAnswer] = Future()
        self.stopped = False

    def cancel(self) -> None:
        """Stop the request, even while a process answers it."""
        self.stopped = True
        self.future.cancel()


class Pool:
    """A fixed number of worker processes, each kept alive by a thread.

    prepare   a function that a process runs before its first request. With it processes start at once; without it they
              start with the first request.
    """

    def __init__(self, processes: int, prepare: Prepare | None = None) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._workers = [_Worker(self._tasks, prepare) for _ in range(processes)]
        self._threads = [threading.Thread(target=worker.work, daemon=True) for worker in self._workers]
        for thread in self._threads:
            thread.start()

    def schedule(self, kind: str, request: dict[str, Any], files: Any, seconds: float) -> Task:
        """Queue a request; its future may raise `TimeoutError`, `CancelledError` or `WorkerLost`."""
        task = Task((kind, request, files), seconds)
        self._tasks.put(task)
        return task

    def close(self) -> None:
        """End every process, and cancel the requests that are not answered."""
        for worker in self._workers:
            worker.closing = True
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(5)


class _Worker:
    """A thread that keeps one worker process and sends it one request after another."""

    def __init__(self, tasks: SimpleQueue[Task | None], prepare: Prepare | None) -> None:
        self._tasks, self._prepare = tasks, prepare
        self._process: Any = None
        self._pipe: Connection | None = None
        self._not_before = 0.0
        self.closing = False

    def work(self) -> None:
        """Carry out tasks until the pool closes."""
        try:
            while (task := self._next()) is not None:
                if self.closing:
                    task.cancel()
                elif task.future.set_running_or_notify_cancel():
                    self._carry_out(task)
        finally:
            self._end()

    def _next(self) -> Task | None:
        """Return the next task; until there is one, keep a process ready for it."""
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
            self._end()  # the next request tries again at once and reports a failure
            self._not_before = time.monotonic() + RETRYING

    def _carry_out(self, task: Task) -> None:
        try:
            task.future.set_result(self._answered(task))
        except Exception as error:  # noqa: BLE001  the future raises it again
            task.future.set_exception(error)

    def _answered(self, task: Task) -> HttpAnswer:
        """Return the response; try once more where the process dies."""
        try:
            return self._try(task)
        except WorkerLost:
            return self._try(task)

    def _try(self, task: Task) -> HttpAnswer:
        try:
            pipe = self._started()
            try:
                pipe.send(task.request)
            except OSError as error:
                raise WorkerLost from error
            found: HttpAnswer = self._received(pipe, task.seconds, lambda: task.stopped)
            return found
        except BaseException:
            self._end()
            raise

    def _started(self) -> Connection:
        """Return the pipe to a process that is ready: the living one, or a new one."""
        if self._pipe is not None and not _hung_up(self._pipe):
            return self._pipe
        self._end()
        try:
            self._pipe, theirs = _CONTEXT.Pipe()
            with theirs:
                self._process = _CONTEXT.Process(target=_serve, args=(theirs, self._prepare), daemon=True)
                self._process.start()
        except OSError as error:
            self._process = None
            logging.getLogger("entrepot.desk").error("a worker process cannot be started: %s", _reason(error))
            raise WorkerLost from error
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


def _reason(error: OSError) -> str:
    """Return why a process cannot be started, for the log; a new process starts in the working folder of this one."""
    try:
        os.getcwd()
    except OSError:
        return "the folder in which the desk was started is gone; start the desk again in another one"
    return error.strerror or str(error)


def _hung_up(pipe: Connection) -> bool:
    """Return whether the other end of an idle pipe is closed: then it has something to read."""
    try:
        return pipe.poll()
    except OSError:
        return True


def _serve(pipe: Connection, prepare: Prepare | None) -> None:
    """Run in the worker process: prepare, report that it is ready, and answer until the desk closes the pipe."""
    end_with_parent()
    if prepare is not None:
        prepare()
    try:
        pipe.send(None)
        while True:
            pipe.send(answer(*pipe.recv()))
    except (EOFError, OSError):
        return
