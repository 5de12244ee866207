"""POST routes that answer at once: solve, run, screen, offer and calendar."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from entrepot.desk import requests
from entrepot.desk.replies.bargain_replies import OfferReply
from entrepot.desk.replies.reply import AnswerReply
from entrepot.desk.replies.study_replies import CalendarReply, ScreenReply, StudyReply
from entrepot.desk.routes.responses import (
    ANSWERED,
    JSON_ONLY,
    ROOT,
    Tag,
    reply_with_tag,
)
from entrepot.desk.workers import Workers


def add_question_routes(api: FastAPI) -> None:
    """Answered at once, in a worker process."""

    async def put(request: Request, kind: str, question: requests.DeskRequest, known: str | None) -> Response:
        workers: Workers = request.app.state.workers
        document = question.document()
        status, body = await workers.ask(kind, document)
        return reply_with_tag(body, workers.tag(kind, document), known, status)

    def question(kind: str, model: type[requests.DeskRequest], reply: type[AnswerReply], doc: str) -> None:
        async def ask(request: Request, question: Any, known: Tag = None) -> Response:
            return await put(request, kind, question, known)

        ask.__annotations__["question"] = model
        ask.__doc__ = doc
        options: dict[str, Any] = {"response_model": reply, "responses": ANSWERED, "dependencies": JSON_ONLY}
        api.post(f"{ROOT}/{kind}", name=kind, tags=["questions"], **options)(ask)

    question(
        "solve",
        requests.SolveRequest,
        StudyReply,
        "Solve measures in force together: who gains, who pays, who holds the rent.",
    )
    question("run", requests.RunRequest, StudyReply, "Solve every scenario of a case.")
    question("screen", requests.ScreenRequest, ScreenReply, "What the rules say of a case's measures, and why.")
    question(
        "offer",
        requests.OfferRequest,
        OfferReply,
        "What one deal on a case's table is worth to its parties, and who would sign it.",
    )
    question(
        "calendar",
        requests.CalendarRequest,
        CalendarReply,
        "What happened, what is due, and what follows if it lapses.",
    )
