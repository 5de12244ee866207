"""POST routes that answer at once, from solve and run to the calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response

from entrepot.desk import requests
from entrepot.desk.market_request import MarketRequest
from entrepot.desk.replies.bargain_replies import OfferReply
from entrepot.desk.replies.market_replies import MarketReply
from entrepot.desk.replies.path_replies import PathReply
from entrepot.desk.replies.reply import AnswerReply
from entrepot.desk.replies.script_replies import ExposureReply
from entrepot.desk.replies.study_replies import CalendarReply, ScreenReply, StudyReply, TimelinePathsReply
from entrepot.desk.replies.threat_replies import FearReply, UncertainTalksReply
from entrepot.desk.routes.responses import ANSWERED, JSON_ONLY, ROOT, Tag, answered
from entrepot.errors import DocumentError

Detail = Annotated[Literal["summary", "full"] | None, Query(description="The same as the key `detail` of the request.")]


def _with_detail(question: requests.DetailRequest, detail: str | None) -> requests.DetailRequest:
    """Return the request with the detail that the query asks for. Raises `DocumentError` where the two differ."""
    if detail is None or (question.detail == detail and "detail" in question.model_fields_set):
        return question
    if "detail" in question.model_fields_set:
        raise DocumentError(f"is {question.detail} here and {detail} in the query; keep one", key="detail")
    return question.model_copy(update={"detail": detail})


def add_solve_routes(api: FastAPI) -> None:
    """Add the routes that a worker process answers at once."""

    def add_detailed(kind: str, model: type[requests.DetailRequest], doc: str) -> None:
        async def ask(request: Request, question: Any, detail: Detail = None, known: Tag = None) -> Response:
            return await answered(request, kind, _with_detail(question, detail).document(), known)

        register(ask, kind, model, StudyReply, doc)

    def add(kind: str, model: type[requests.DeskRequest], reply: type[AnswerReply], doc: str) -> None:
        async def ask(request: Request, question: Any, known: Tag = None) -> Response:
            return await answered(request, kind, question.document(), known)

        register(ask, kind, model, reply, doc)

    def register(
        ask: Callable[..., Any], kind: str, model: type[requests.DeskRequest], reply: type[AnswerReply], doc: str
    ) -> None:
        ask.__annotations__["question"] = model
        ask.__doc__ = doc
        options: dict[str, Any] = {"response_model": reply, "responses": ANSWERED, "dependencies": JSON_ONLY}
        api.post(f"{ROOT}/{kind}", name=kind, tags=["questions"], **options)(ask)

    add_detailed(
        "solve",
        requests.SolveRequest,
        "Solve measures in force together: who gains, who pays, and who holds the rent.",
    )
    add_detailed("run", requests.RunRequest, "Solve every scenario of a case.")
    add(
        "timeline",
        requests.TimelineRequest,
        TimelinePathsReply,
        "Follow the branches of a case's timeline: paths by quarter, and discounted totals.",
    )
    add(
        "path",
        requests.PathRequest,
        PathReply,
        "Follow a case's path by quarter: capital, what is bought before a deadline, and what is believed of it.",
    )
    add(
        "talks",
        requests.TalksRequest,
        UncertainTalksReply,
        "How the talks of a case end when its threat may be a bluff, under other assumptions where they are stated.",
    )
    add(
        "fear",
        requests.FearRequest,
        FearReply,
        "What the threat of a case costs while nothing is done: firms that do not enter, and who loses.",
    )
    add(
        "exposure",
        requests.ExposureRequest,
        ExposureReply,
        "Set tariff schedules against trade by product: applied, bound and proposed duty, by partner and authority.",
    )
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
