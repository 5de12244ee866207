"""The routes for figures: a list, a figure as SVG, PNG or CSV, and a page with one that other sites may frame."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response

from entrepot.desk.guard import EMBED
from entrepot.desk.replies.figure_replies import FiguresReply
from entrepot.desk.requests import FiguresRequest, RunRequest
from entrepot.desk.routes.responses import (
    ANSWERED,
    JSON_ONLY,
    NAMED,
    ROOT,
    Named,
    Tag,
    answered,
    problem_responses,
    reply_with_tag,
)
from entrepot.desk.workers import Workers
from entrepot.languages import language

Form = Literal["svg", "png", "csv"]
#: The longest name of a case in the name of a file, in characters.
LONGEST_NAME = 80
#: What a figure is sent as; described by hand, because it is not JSON.
FORMS = {
    "image/svg+xml": {"schema": {"type": "string"}},
    "image/png": {"schema": {"type": "string", "format": "binary"}},
    "text/csv": {"schema": {"type": "string"}},
}
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The figure, with an ETag",
        "content": FORMS,
        "headers": {"ETag": {"schema": {"type": "string"}}},
    }
}
#: A figure that is opened by itself runs and fetches nothing; its own style is all that it needs.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors *"
LATE = problem_responses(503, 504)


class FigureResponse(Response):
    """A figure in one of its forms; the OpenAPI document has the media types."""

    media_type = None


def add_figure_routes(api: FastAPI) -> None:
    """Add the routes for the figures of a case."""

    @api.get(f"{ROOT}/figures", response_model=FiguresReply, tags=["figures"], responses=NAMED | LATE)
    async def figures(request: Request, question: Annotated[FiguresRequest, Query()], known: Tag = None) -> Response:
        """The figures of a case, with what each says."""
        return await answered(request, "figures", question.document(), known)

    @api.get(
        f"{ROOT}/figures/{{name}}.{{form}}",
        tags=["figures"],
        response_class=FigureResponse,
        responses=NAMED | LATE | DRAWN,
    )
    async def named_figure(
        request: Request, name: Named, form: Form, question: Annotated[FiguresRequest, Query()], known: Tag = None
    ) -> Response:
        """A figure of a case on the desk."""
        return await _figure(request, name, form, question.document(), known)

    @api.post(
        f"{ROOT}/figures/{{name}}.{{form}}",
        tags=["figures"],
        response_class=FigureResponse,
        responses=ANSWERED | DRAWN,
        dependencies=JSON_ONLY,
    )
    async def posted_figure(
        request: Request, name: Named, form: Form, question: RunRequest, known: Tag = None
    ) -> Response:
        """A figure of a case that is sent."""
        return await _figure(request, name, form, question.document(), known)


def add_embed_route(api: FastAPI) -> None:
    """Add the page with one figure that other sites may frame."""

    @api.get(f"{EMBED}{{name}}", include_in_schema=False)
    async def embed(request: Request, name: Named, question: Annotated[FiguresRequest, Query()]) -> Response:
        """A page with one figure of a case on the desk."""
        answer = await _figure(request, name, "svg", question.document(), None)
        if answer.status_code != 200:
            return answer
        drawn = bytes(answer.body).decode()
        page = (
            f'<!doctype html><html lang="{language()}"><meta charset="utf-8"><title>{html.escape(name)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<style>body{margin:0}svg{display:block;width:100%;height:auto;max-width:48rem;margin:auto}"
            "@media screen and (max-width:40rem){svg{min-width:34.3rem}}</style>"
            f"{drawn}</html>"
        )
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": FRAMED})


def _case_of(question: dict[str, Any]) -> str:
    """Return the name of the case of a question, in characters that the name of any file may have."""
    case = question.get("case")
    name = case.get("case") if isinstance(case, dict) else case
    return re.sub(r"[^A-Za-z0-9._-]+", "_", str(name))[:LONGEST_NAME].strip(".") or "case"


async def _figure(request: Request, name: str, form: Form, question: dict[str, Any], known: str | None) -> Response:
    workers: Workers = request.app.state.workers
    document = {**question, "figure": name, "form": form}
    tag = workers.tag("figure", document)  # as in `answered`
    status, body = await workers.ask("figure", document)
    reply = reply_with_tag(body, tag, known, status)
    if reply.status_code != 200:
        return reply
    found = json.loads(body)
    headers = {
        "ETag": tag,
        "Content-Security-Policy": ALONE,
        "Content-Disposition": f'inline; filename="{_case_of(question)}-{name}.{form}"',
    }
    return Response(base64.b64decode(found["content"]), media_type=found["media"], headers=headers)
