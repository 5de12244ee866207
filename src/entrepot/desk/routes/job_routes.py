"""Routes for jobs: start a bargain, a sweep or a search for the best policy, follow it, read its result, cancel it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response

from entrepot.desk import requests
from entrepot.desk.http_problems import MEDIA, HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.replies.bargain_replies import BargainReply
from entrepot.desk.replies.job_replies import BargainSoFarReply, ImportReply, JobReply, SweepReply, SweepSoFarReply
from entrepot.desk.replies.script_replies import OptimalReply
from entrepot.desk.routes.responses import (
    JSON,
    JSON_ONLY,
    NOT_FOUND,
    READ,
    ROOT,
    STARTED,
    Named,
    problem_responses,
)
from entrepot.desk.workers import Job, Workers


def add_job_routes(api: FastAPI) -> None:
    """Add the routes for jobs."""

    async def begin(request: Request, kind: str, document: dict[str, Any], check: str) -> Response:
        """Start a job, of which a request of the kind `check` gives what is known before it; or return its problem."""
        workers: Workers = request.app.state.workers
        status, body = await workers.ask(check, document)
        if status != 200:
            return Response(body, status, media_type=MEDIA)
        job = workers.begin(kind, document, json.loads(body))
        headers = {"Location": f"{ROOT}/jobs/{job.id}"}
        return Response(encoded(workers.shown(job)), 202, headers=headers, media_type=JSON)

    options: dict[str, Any] = {"status_code": 202, "response_model": JobReply, "dependencies": JSON_ONLY}

    @api.post(f"{ROOT}/bargain", tags=["jobs"], responses=STARTED, **options)
    async def bargain(request: Request, question: requests.BargainRequest) -> Response:
        """Start a search for the deals that the parties of a case's table would sign."""
        return await begin(request, "bargain", question.document(), "bargain-check")

    @api.post(f"{ROOT}/sweep", tags=["jobs"], responses=STARTED | problem_responses(507), **options)
    async def sweep(request: Request, question: requests.SweepRequest) -> Response:
        """Start a sweep of a case's uncertain numbers; the same request continues from the saved results."""
        return await begin(request, "sweep", question.document(), "plan")

    @api.post(f"{ROOT}/optimal", tags=["jobs"], responses=STARTED, **options)
    async def optimal(request: Request, question: requests.OptimalRequest) -> Response:
        """Start a search for the tariffs, or other policies, that are best for a party."""
        return await begin(request, "optimal", question.document(), "optimal-check")

    @api.get(f"{ROOT}/jobs", response_model=list[JobReply], tags=["jobs"], responses=READ)
    async def jobs(request: Request) -> Response:
        """The jobs since the desk started, the latest last."""
        workers: Workers = request.app.state.workers
        return Response(encoded([workers.shown(job) for job in workers.jobs.values()]), media_type=JSON)

    @api.get(f"{ROOT}/jobs/{{name}}", response_model=JobReply, tags=["jobs"], responses=READ | NOT_FOUND)
    async def job(request: Request, name: Named) -> Response:
        """The state of a job; a sweep has `done` of its `parts`."""
        workers: Workers = request.app.state.workers
        return Response(encoded(workers.shown(workers.job(name))), media_type=JSON)

    failed = READ | problem_responses(404, 409, 503, 504, 507)

    @api.get(
        f"{ROOT}/jobs/{{name}}/result",
        response_model=SweepReply | BargainReply | OptimalReply | ImportReply,
        tags=["jobs"],
        responses=failed,
    )
    async def result(request: Request, name: Named) -> Response:
        """The result of a job, once it is done."""
        workers: Workers = request.app.state.workers
        found: Job = workers.job(name)
        if found.state in ("waiting", "running", "cancelled"):
            raise HttpProblem(409, "not-done", f"The job is {found.state}", "read /jobs/ID again later")
        if found.state == "failed":
            problem = workers.shown(found)["problem"]
            return Response(encoded(problem), int(problem["status"]), media_type=MEDIA)
        return Response(found.future.result()[1], media_type=JSON)

    @api.get(
        f"{ROOT}/jobs/{{name}}/so-far",
        response_model=SweepSoFarReply | BargainSoFarReply,
        tags=["jobs"],
        responses=failed,
    )
    async def so_far(request: Request, name: Named) -> Response:
        """What a bargain or a sweep has found so far."""
        workers: Workers = request.app.state.workers
        status, body = await workers.so_far(workers.job(name))
        return Response(body, status, media_type=JSON if status < 400 else MEDIA)

    @api.delete(
        f"{ROOT}/jobs/{{name}}", status_code=202, response_model=JobReply, tags=["jobs"], responses=READ | NOT_FOUND
    )
    async def cancel(request: Request, name: Named) -> Response:
        """Stop a job; its saved results remain."""
        workers: Workers = request.app.state.workers
        found = workers.job(name)
        found.task.cancel()
        return Response(encoded(workers.shown(found)), 202, media_type=JSON)
