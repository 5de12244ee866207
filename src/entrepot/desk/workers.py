"""Send requests to worker processes; long requests become jobs, which can be cancelled."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import secrets
import tempfile
import time
from collections import OrderedDict
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from entrepot.desk.handlers import LANGUAGE, DeskFiles, HttpAnswer, warm
from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.partial_results import PARTIAL, read_partial
from entrepot.desk.process_pool import Pool, Task, WorkerLost
from entrepot.desk.uploads import Upload
from entrepot.errors import EntrepotError
from entrepot.languages import language
from entrepot.runs.store import RunStore
from entrepot.version import __version__

State = Literal["waiting", "running", "done", "failed", "cancelled"]


#: The states in which a job stands for every later request that is the same.
_KEPT = ("waiting", "running", "done")


@dataclass(frozen=True)
class Limits:
    """The limits of a desk.

    body      bytes of a request;  depth  of its nesting;  sending  seconds that it may take to arrive
    seconds   that a request may take in a worker;  job_seconds  that a job may take
    waiting   requests at a time, including those being answered;  jobs  that wait or run
    kept      bytes of responses that are cached
    upload    bytes of an upload;  uploading  seconds that it may take to arrive;  uploads  that arrive at a time
    rate      requests a second of one client, after a burst of `burst`
    """

    body: int = 256_000
    depth: int = 32
    sending: float = 10.0
    seconds: float = 30.0
    job_seconds: float = 3600.0
    waiting: int = 64
    jobs: int = 8
    kept: int = 32_000_000
    upload: int = 64_000_000
    uploading: float = 300.0
    uploads: int = 4
    rate: float = 20.0
    burst: int = 60


def tag_of(what: bytes) -> str:
    """Return the ETag of some bytes."""
    return f'"{hashlib.sha256(what).hexdigest()[:32]}"'


def _title(request: dict[str, Any]) -> str:
    """Return the title of the case of a request, or its name."""
    case = request.get("case", "")
    return str(case.get("title", ""))[:200] if isinstance(case, dict) else str(case)


@dataclass(eq=False)
class Job:
    """A long request that runs in the background.

    tag          the ETag of its request: the same request is the same job
    title        of the case that it is about
    before       parts of its run that were saved before it began
    request      the request;  partial  the file with what it has found so far, if it writes one
    """

    id: str
    kind: str
    about: dict[str, Any]
    task: Task
    tag: str = ""
    title: str = ""
    before: int = 0
    request: dict[str, Any] = field(default_factory=dict)
    partial: Path | None = None
    began: float = field(default_factory=time.time)

    @property
    def future(self) -> Future[HttpAnswer]:
        """The response to come."""
        return self.task.future

    @property
    def state(self) -> State:
        """The state of the job."""
        if self.future.cancelled():
            return "cancelled"
        if not self.future.done():
            return "running" if self.future.running() else "waiting"
        error = self.future.exception()
        if isinstance(error, CancelledError):
            return "cancelled"
        return "failed" if error is not None or self.future.result()[0] >= 400 else "done"


class Workers:
    """Two pools of processes, one for requests and one for jobs, so that jobs do not delay requests."""

    def __init__(self, processes: int = 2, limits: Limits | None = None, files: DeskFiles | None = None) -> None:
        self.limits, self.files = limits or Limits(), files or DeskFiles()
        self._pool = Pool(processes, warm)
        self._folder = tempfile.TemporaryDirectory(prefix="entrepot-jobs-")
        self._jobs_pool = Pool(1)
        self._import_pool = Pool(1)  # so that an upload does not wait for a long sweep
        self._asking = 0
        self._known: OrderedDict[str, HttpAnswer] = OrderedDict()
        self._bytes = 0
        self.jobs: OrderedDict[str, Job] = OrderedDict()

    def close(self) -> None:
        """End the processes of both pools."""
        for pool in (self._pool, self._jobs_pool, self._import_pool):
            pool.close()
        self._folder.cleanup()

    # ---- requests that are answered at once ----

    def tag(self, kind: str, request: dict[str, Any]) -> str:
        """Return the ETag of a response; the same request to the same version, files and day has the same one."""
        state = [__version__, datetime.date.today().isoformat(), self.files.library.stamps()]
        return tag_of(json.dumps([kind, request, state, language()]).encode())

    async def ask(self, kind: str, request: dict[str, Any]) -> HttpAnswer:
        """Return the response; raise `HttpProblem` if the desk is busy, the time is up or a worker is lost twice."""
        tag = self.tag(kind, request)
        if tag in self._known:
            self._known.move_to_end(tag)
            return self._known[tag]
        if self._asking >= self.limits.waiting:
            raise HttpProblem(503, "busy", "The desk is busy", "try again in a moment", headers={"Retry-After": "1"})
        self._asking += 1
        try:
            found = await self._answered(kind, request)
        finally:
            self._asking -= 1
        self._keep(tag, found)
        return found

    async def _answered(self, kind: str, request: dict[str, Any]) -> HttpAnswer:
        task = self._pool.schedule(kind, request | {LANGUAGE: language()}, self.files, self.limits.seconds)
        try:
            return await asyncio.wrap_future(task.future)
        except TimeoutError:
            detail = (
                f"no answer within {self.limits.seconds:g} seconds: make the request smaller, or use the command line"
            )
            raise HttpProblem(504, "too-slow", "The request took too long", detail) from None
        except WorkerLost:
            detail = "try again in a moment; if it happens again, make the request smaller, or see the log of the desk"
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

    def begin(self, kind: str, request: dict[str, Any], about: dict[str, Any]) -> Job:
        """Start a job, or return the one of the same request; raise `HttpProblem` where too many are waiting."""
        same = self._same(tag := self.tag(kind, request))
        return self._begun(self._jobs_pool, kind, request, about, tag) if same is None else same

    def begin_import(self, upload: Upload) -> Job:
        """Start the import of an upload, whose files go when it ends, or return the job of the same files."""
        same = self._same(tag := self.tag("import", {"digest": upload.digest}))
        if same is not None and (same.state != "done" or self._is_kept(same)):
            upload.clear()
            return same
        job = self._begun(self._import_pool, "import", upload.document(), {}, tag)
        job.title = str(upload.options.get("name", ""))
        job.future.add_done_callback(lambda _: upload.clear())
        return job

    def _is_kept(self, job: Job) -> bool:
        """Return whether the Economy of an import is still on the desk."""
        return json.loads(job.future.result()[1])["name"] in self.files.library.names_of_uploads()

    def _same(self, tag: str) -> Job | None:
        return next((job for job in self.jobs.values() if job.tag == tag and job.state in _KEPT), None)

    def _begun(self, pool: Pool, kind: str, request: dict[str, Any], about: dict[str, Any], tag: str) -> Job:
        unfinished = sum(not job.future.done() for job in self.jobs.values())
        if unfinished >= self.limits.jobs:
            detail = f"{unfinished} jobs wait or run already; cancel one, or try again later"
            raise HttpProblem(503, "busy", "The desk is busy", detail, headers={"Retry-After": "10"})
        name = secrets.token_hex(8)
        partial = Path(self._folder.name) / f"{name}.json" if kind == "bargain" else None
        more = {LANGUAGE: language()} | ({} if partial is None else {PARTIAL: str(partial)})
        task = pool.schedule(kind, request | more, self.files, self.limits.job_seconds)
        before = self._parts(str(about["run"])) if "run" in about else 0
        job = Job(name, kind, about, task, tag, _title(request), before, request, partial)
        self.jobs[job.id] = job
        while len(self.jobs) > 100:
            self.jobs.pop(next(iter(self.jobs))).task.cancel()
        return job

    def job(self, name: str) -> Job:
        """Return a job by its id; raise `HttpProblem` where there is none."""
        if name not in self.jobs:
            raise HttpProblem(
                404, "not-found", "There is no such job", f"no job {name[:40]!r}; a desk forgets its jobs when it stops"
            )
        return self.jobs[name]

    async def so_far(self, job: Job) -> HttpAnswer:
        """Return what a job has found so far; raise `HttpProblem` before there is anything."""
        if job.partial is not None and (found := read_partial(job.partial)) is not None:
            return 200, encoded(found)
        if job.kind == "sweep" and (parts := self._parts(str(job.about["run"]))):
            return await self.ask("sweep-so-far", job.request | {"run": job.about["run"], "parts": parts})
        raise HttpProblem(409, "not-done", "The job has found nothing yet", "read /jobs/ID/so-far again later")

    def shown(self, job: Job) -> dict[str, Any]:
        """Return a job as the API sends it."""
        out: dict[str, Any] = {"id": job.id, "kind": job.kind, "title": job.title, "state": job.state, **job.about}
        if "run" in job.about:
            out["done"] = self._parts(str(job.about["run"]))
            out["seconds_left"] = self._seconds_left(job, out["done"], int(job.about["parts"]))
        if job.partial is not None and (found := read_partial(job.partial)) is not None:
            out |= {"done": found["done"], "members": found["members"], "parts": found["members"]}
        if job.state == "failed":
            out["problem"] = self._problem(job)
        return out

    def _seconds_left(self, job: Job, done: int, parts: int) -> float | None:
        """Return how long a running sweep will take at its speed so far; None before its first part."""
        solved = done - job.before
        if job.state != "running" or solved <= 0:
            return None
        return (parts - done) * (time.time() - job.began) / solved

    def _parts(self, run: str) -> int:
        try:
            return len(RunStore(self.files.store).find(run).parts("draws"))
        except EntrepotError:
            return 0

    def _problem(self, job: Job) -> dict[str, Any]:
        error = job.future.exception()
        if error is None:
            return dict(json.loads(job.future.result()[1]))
        if isinstance(error, TimeoutError):
            detail = (
                f"not done within {self.limits.job_seconds:g} seconds; start it again to go on from the saved results"
            )
            return HttpProblem(504, "too-slow", "The job took too long", detail).document()
        detail = "start it again: it continues from the saved results"
        return HttpProblem(503, "lost", "The worker of the job was lost twice", detail).document()
