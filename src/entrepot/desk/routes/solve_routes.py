"""POST routes that answer at once: solve, run, market, screen, offer and calendar."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from entrepot.desk import requests
from entrepot.desk.market_request import MarketRequest
from entrepot.desk.replies.bargain_replies import OfferReply
from entrepot.desk.replies.market_replies import MarketReply
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


def add_solve_routes(api: FastAPI) -> None:
    """Add the routes that a worker process answers at once."""

    async def send(request: Request, kind: str, question: requests.DeskRequest, known: str | None) -> Response:
        workers: Workers = request.app.state.workers
        document = question.document()
        status, body = await workers.ask(kind, document)
        return reply_with_tag(body, workers.tag(kind, document), known, status)

    def add(kind: str, model: type[requests.DeskRequest], reply: type[AnswerReply], doc: str) -> None:
        async def ask(request: Request, question: Any, known: Tag = None) -> Response:
            return await send(request, kind, question, known)

        ask.__annotations__["question"] = model
        ask.__doc__ = doc
        options: dict[str, Any] = {"response_model": reply, "responses": ANSWERED, "dependencies": JSON_ONLY}
        api.post(f"{ROOT}/{kind}", name=kind, tags=["questions"], **options)(ask)

    add(
        "solve",
        requests.SolveRequest,
        StudyReply,
        "Solve measures in force together: who gains, who pays, and who holds the rent.",
    )
    add("run", requests.RunRequest, StudyReply, "Solve every scenario of a case.")
    add(
        "market",
        MarketRequest,
        MarketReply,
        "What measures do in a market of products and makers: prices, profits, rents and welfare.",
    )
    add(
        "screen",
        requests.ScreenRequest,
        ScreenReply,
        "Screen the measures of a case against the rules, with the reasons.",
    )
    add(
        "offer",
        requests.OfferRequest,
        OfferReply,
        "Value one deal on a case's table: its worth to each party, and who would sign it.",
    )
    add(
        "calendar",
        requests.CalendarRequest,
        CalendarReply,
        "The calendar of a case: events, deadlines, and what follows if they lapse.",
    )
