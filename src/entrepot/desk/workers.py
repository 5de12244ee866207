"""Questions are answered in worker processes, and long ones are jobs that can be cancelled."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, Literal

from entrepot.desk.handlers import DeskFiles, HttpAnswer, warm
from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.process_pool import Pool, Task, WorkerLost
from entrepot.errors import EntrepotError
from entrepot.runs.store import RunStore
from entrepot.version import __version__

State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Limits:
    """body      bytes of a question;  depth  of its nesting;  sending  seconds that it may take to arrive
    seconds   that a question may take in a worker;  job_seconds  that a job may
    waiting   questions at a time, those being answered with them;  jobs  that wait or run
    kept      bytes of answers that are kept to be given again
    rate      questions a second of one client, after a burst of `burst`
    """

    body: int = 256_000
    depth: int = 32
    sending: float = 10.0
    seconds: float = 30.0
    job_seconds: float = 3600.0
    waiting: int = 64
    jobs: int = 8
    kept: int = 32_000_000
    rate: float = 20.0
    burst: int = 60


def tag_of(what: bytes) -> str:
    return f'"{hashlib.sha256(what).hexdigest()[:32]}"'


@dataclass(eq=False)
class Job:
    """A question that takes its time."""

    id: str
    kind: str
    about: dict[str, Any]
    task: Task
    began: float = field(default_factory=time.time)

    @property
    def future(self) -> Future[HttpAnswer]:
        return self.task.future

    @property
    def state(self) -> State:
        if self.future.cancelled():
            return "cancelled"
        if not self.future.done():
            return "running" if self.future.running() else "waiting"
        error = self.future.exception()
        if isinstance(error, CancelledError):
            return "cancelled"
        return "failed" if error is not None or self.future.result()[0] >= 400 else "done"


class Workers:
    """Two pools: one for questions, one for jobs, so that a long one keeps nobody waiting."""

    def __init__(self, processes: int = 2, limits: Limits | None = None, place: DeskFiles | None = None) -> None:
        self.limits, self.place = limits or Limits(), place or DeskFiles()
        self._pool = Pool(processes, warm)
        self._jobs_pool = Pool(1)
        self._asking = 0
        self._known: OrderedDict[str, HttpAnswer] = OrderedDict()
        self._bytes = 0
        self.jobs: OrderedDict[str, Job] = OrderedDict()

    def close(self) -> None:
        for pool in (self._pool, self._jobs_pool):
            pool.close()

    # ---- questions ----

    def tag(self, kind: str, question: dict[str, Any]) -> str:
        """The ETag of an answer: the same question to the same version, files and day has the same one."""
        state = [__version__, datetime.date.today().isoformat(), self.place.library.stamps()]
        return tag_of(json.dumps([kind, question, state]).encode())

    async def ask(self, kind: str, question: dict[str, Any]) -> HttpAnswer:
        """Raises `HttpProblem` where there is no room, no time, or a worker is lost twice."""
        tag = self.tag(kind, question)
        if tag in self._known:
            self._known.move_to_end(tag)
            return self._known[tag]
        if self._asking >= self.limits.waiting:
            raise HttpProblem(503, "busy", "The desk is busy", "ask again in a moment", headers={"Retry-After": "1"})
        self._asking += 1
        try:
            found = await self._answered(kind, question)
        finally:
            self._asking -= 1
        self._keep(tag, found)
        return found

    async def _answered(self, kind: str, question: dict[str, Any]) -> HttpAnswer:
        task = self._pool.schedule(kind, question, self.place, self.limits.seconds)
        try:
            return await asyncio.wrap_future(task.future)
        except TimeoutError:
            detail = f"no answer within {self.limits.seconds:g} seconds: ask for less, or from the command line"
            raise HttpProblem(504, "too-slow", "The question took too long", detail) from None
        except WorkerLost:
            detail = "ask again in a moment; where it happens again, ask for less, or see the log of the desk"
            raise HttpProblem(503, "lost", "A worker was lost twice", detail, headers={"Retry-After": "5"}) from None

    def _keep(self, tag: str, found: HttpAnswer) -> None:
        if found[0] != 200 or len(found[1]) > self.limits.kept // 8 or tag in self._known:
            return
        self._known[tag] = found
        self._bytes += len(found[1])
        while self._bytes > self.limits.kept:
            _, (_, body) = self._known.popitem(last=False)
            self._bytes -= len(body)

    # ---- jobs ----

    def begin(self, kind: str, question: dict[str, Any], about: dict[str, Any]) -> Job:
        """Raises `HttpProblem` where too many are waiting."""
        unfinished = sum(not job.future.done() for job in self.jobs.values())
        if unfinished >= self.limits.jobs:
            detail = f"{unfinished} jobs wait or run already; cancel one, or come again"
            raise HttpProblem(503, "busy", "The desk is busy", detail, headers={"Retry-After": "10"})
        task = self._jobs_pool.schedule(kind, question, self.place, self.limits.job_seconds)
        job = Job(secrets.token_hex(8), kind, about, task)
        self.jobs[job.id] = job
        while len(self.jobs) > 100:
            self.jobs.pop(next(iter(self.jobs))).task.cancel()
        return job

    def job(self, name: str) -> Job:
        """Raises `HttpProblem` where there is none."""
        if name not in self.jobs:
            raise HttpProblem(
                404, "not-found", "There is no such job", f"no job {name[:40]!r}; a desk forgets them when it ends"
            )
        return self.jobs[name]

    def shown(self, job: Job) -> dict[str, Any]:
        """A job as a client reads it."""
        said: dict[str, Any] = {"id": job.id, "kind": job.kind, "state": job.state, **job.about}
        if "run" in job.about:
            said["done"] = self._parts(str(job.about["run"]))
        if job.state == "failed":
            said["problem"] = self._problem(job)
        return said

    def _parts(self, run: str) -> int:
        try:
            return len(RunStore(self.place.store).find(run).parts("draws"))
        except EntrepotError:
            return 0

    def _problem(self, job: Job) -> dict[str, Any]:
        error = job.future.exception()
        if error is None:
            return dict(json.loads(job.future.result()[1]))
        if isinstance(error, TimeoutError):
            detail = f"not done within {self.limits.job_seconds:g} seconds; the same job goes on with what is kept"
            return HttpProblem(504, "too-slow", "The job took too long", detail).document()
        detail = "begin it again: what was solved is kept"
        return HttpProblem(503, "lost", "The worker of the job was lost twice", detail).document()
