"""What the routes share: types of parameters, descriptions of responses, and replies with an ETag."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response

from entrepot.desk.http_problems import MEDIA, HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.library import ECONOMY_NAME
from entrepot.desk.protocol import json_only
from entrepot.desk.replies.reply import ProblemReply
from entrepot.desk.workers import Workers, tag_of

ROOT = "/api/v1"
JSON = "application/json"
Tag = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
Named = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
NamedEconomy = Annotated[str, Path(min_length=1, max_length=80, pattern=ECONOMY_NAME)]


DESCRIPTIONS = {
    304: "Not modified",
    400: "Not JSON in UTF-8, or nested too deep",
    401: "A token is needed",
    403: "Sent by a page of another site",
    404: "Not found",
    406: "The reply has no such table",
    408: "The request arrived too slowly",
    409: "The job is not done",
    413: "Too large",
    415: "The content type is not JSON",
    421: "Unknown host name",
    422: "The request cannot be read or has no solution; `key` names the place",
    429: "Too many requests",
    500: "An internal error of the desk",
    503: "Busy, or a worker was lost",
    504: "The request took too long",
    507: "The run store cannot be used",
}
Described = dict[int | str, dict[str, Any]]


def problem_responses(*statuses: int) -> Described:
    """Return the descriptions of error responses for the OpenAPI document."""
    schema = {"content": {MEDIA: {"schema": {"$ref": f"#/components/schemas/{ProblemReply.__name__}"}}}}
    headers = {304: "ETag", 401: "WWW-Authenticate", 415: "Accept-Post", 429: "Retry-After"}
    return {
        status: {"description": DESCRIPTIONS[status], **_with(headers.get(status)), **({} if status == 304 else schema)}
        for status in statuses
    }


def _with(header: str | None) -> dict[str, Any]:
    return {"headers": {header: {"schema": {"type": "string"}}}} if header else {}


READ = problem_responses(401, 403, 413, 421, 422, 429, 500)
TAGGED: Described = {200: {"description": "The response, with an ETag for conditional requests", **_with("ETag")}}
NAMED = READ | TAGGED | problem_responses(304)
NOT_FOUND = problem_responses(404)
POSTED = READ | problem_responses(400, 408, 415, 503, 504)
ANSWERED = POSTED | TAGGED | problem_responses(304)
STARTED: Described = POSTED | {
    202: {"description": "Started; `Location` is the address of the job", **_with("Location")}
}
JSON_ONLY = [Depends(json_only)]


def problem_response(problem: HttpProblem) -> Response:
    """Return a problem as a response."""
    return Response(encoded(problem.document()), problem.status, headers=problem.headers, media_type=MEDIA)


async def answered(request: Request, kind: str, document: dict[str, Any], known: str | None) -> Response:
    """Return the response of a worker process to a request of a kind, with its ETag."""
    workers: Workers = request.app.state.workers
    tag = workers.tag(kind, document)  # of the files as they are before the answer, which may change meanwhile
    status, body = await workers.ask(kind, document)
    return reply_with_tag(body, tag, known, status)


def tagged(document: Any, known: str | None) -> Response:
    """Return a document as a response with the ETag of its content."""
    body = encoded(document)
    return reply_with_tag(body, tag_of(body), known)


def reply_with_tag(body: bytes, tag: str, known: str | None, status: int = 200) -> Response:
    """Return a response with its ETag, or 304 where the client has it already."""
    if known is not None and tag in [part.strip() for part in known.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    media = JSON if status < 400 else MEDIA
    return Response(body, status, headers={"ETag": tag} if status < 400 else {}, media_type=media)
