"""The route that takes an upload: the files of an Economy, as `entrepot economy import` reads them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.replies.job_replies import JobReply
from entrepot.desk.routes.responses import JSON, ROOT, STARTED, problem_responses
from entrepot.desk.uploads import DATA, FILE_OPTIONS, OPTIONS, received_upload
from entrepot.desk.workers import Workers

_FILE = {"type": "string", "format": "binary"}
_NUMBERS = {"year": "integer", "usd_per_unit": "number"}
#: The form in the OpenAPI document.
_FORM = {
    "type": "object",
    "required": [DATA],
    "properties": {
        DATA: {"type": "array", "items": _FILE, "minItems": 1, "description": "The files of one database."},
        **{key: {"type": _NUMBERS.get(key, "string")} for key in OPTIONS},
        **{key: {"oneOf": [_FILE, {"type": "string"}]} for key in FILE_OPTIONS},
        "tariffs": {**_FILE, "description": "A table of tariffs."},
    },
    "additionalProperties": False,
}


def add_upload_routes(api: FastAPI) -> None:
    """Add the route for uploads."""
    in_progress: set[object] = set()

    @api.post(
        f"{ROOT}/economies",
        status_code=202,
        response_model=JobReply,
        tags=["jobs"],
        responses=STARTED | problem_responses(507),
        openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
    )
    async def upload_economy(request: Request) -> Response:
        """Start the import of the files of an Economy; its result has the name by which requests may use it."""
        workers: Workers = request.app.state.workers
        if len(in_progress) >= workers.limits.uploads:
            detail = f"{len(in_progress)} uploads arrive already; try again in a moment"
            raise HttpProblem(503, "busy", "The desk is busy", detail, headers={"Retry-After": "5"})
        mark = object()
        in_progress.add(mark)
        try:
            upload = await received_upload(request)
        finally:
            in_progress.discard(mark)
        try:
            job = workers.begin_import(upload)
        except BaseException:
            upload.clear()
            raise
        headers: dict[str, Any] = {"Location": f"{ROOT}/jobs/{job.id}"}
        return Response(encoded(workers.shown(job)), 202, headers=headers, media_type=JSON)
