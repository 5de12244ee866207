"""The route for the code that gives the numbers of a case again."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from entrepot.desk.library import Library
from entrepot.desk.replies.script_replies import CodeReply
from entrepot.desk.requests import CodeRequest
from entrepot.desk.routes.responses import ANSWERED, JSON_ONLY, ROOT, Tag, tagged


def add_code_routes(api: FastAPI, library: Library) -> None:
    """Add the route for code."""

    @api.post(f"{ROOT}/code", response_model=CodeReply, responses=ANSWERED, tags=["questions"], dependencies=JSON_ONLY)
    def code(request: Request, question: CodeRequest, known: Tag = None) -> Response:
        """Write the commands that give the numbers of /run again: for the shell, Python, R, Stata and curl."""
        from entrepot.studies.rerun_code import rerun_code

        document = question.document()
        case = question.read(library)
        address = f"{request.url.scheme}://{request.url.netloc}"
        found = rerun_code(case, address=address, request=document)
        return tagged({"case": case.case, **found}, known)
