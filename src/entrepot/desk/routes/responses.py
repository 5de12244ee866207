"""What the routes share: types of parameters, descriptions of responses, and replies with an ETag."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Response

from entrepot.desk.http_problems import MEDIA, HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.protocol import json_only
from entrepot.desk.replies.reply import ProblemReply

ROOT = "/api/v1"
JSON = "application/json"
Tag = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
Named = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


DESCRIPTIONS = {
    304: "The same as before",
    400: "Not JSON in UTF-8, or nested too deep",
    401: "A token is needed",
    403: "Asked by a page elsewhere",
    404: "There is none",
    408: "It came too slowly",
    409: "Not done yet",
    413: "Too large",
    415: "Not said to be JSON",
    421: "Asked by another name than the desk's",
    422: "What is asked cannot be read or has no answer; `key` names the place",
    429: "Too many questions",
    500: "A fault of the desk",
    503: "Busy, or a worker was lost",
    504: "It took too long",
    507: "The run store cannot be used",
}
Described = dict[int | str, dict[str, Any]]


def problem_responses(*statuses: int) -> Described:
    """What may be sent instead of an answer, for the OpenAPI document."""
    schema = {"content": {MEDIA: {"schema": {"$ref": f"#/components/schemas/{ProblemReply.__name__}"}}}}
    headers = {304: "ETag", 401: "WWW-Authenticate", 415: "Accept-Post", 429: "Retry-After"}
    return {
        status: {"description": DESCRIPTIONS[status], **_with(headers.get(status)), **({} if status == 304 else schema)}
        for status in statuses
    }


def _with(header: str | None) -> dict[str, Any]:
    return {"headers": {header: {"schema": {"type": "string"}}}} if header else {}


READ = problem_responses(401, 403, 413, 421, 422, 429, 500)
TAGGED: Described = {200: {"description": "The answer, to be asked for again by its tag", **_with("ETag")}}
NAMED = READ | TAGGED | problem_responses(304)
NOT_FOUND = problem_responses(404)
POSTED = READ | problem_responses(400, 408, 415, 503, 504)
ANSWERED = POSTED | TAGGED | problem_responses(304)
STARTED: Described = POSTED | {202: {"description": "Begun; `Location` is where to look", **_with("Location")}}
JSON_ONLY = [Depends(json_only)]


def problem_response(problem: HttpProblem) -> Response:
    return Response(encoded(problem.document()), problem.status, headers=problem.headers, media_type=MEDIA)


def reply_with_tag(body: bytes, tag: str, known: str | None, status: int = 200) -> Response:
    """An answer with its ETag; nothing where the client has it already."""
    if known is not None and tag in [part.strip() for part in known.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    media = JSON if status < 400 else MEDIA
    return Response(body, status, headers={"ETag": tag} if status < 400 else {}, media_type=media)
