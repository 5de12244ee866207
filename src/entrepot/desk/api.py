"""The REST API: /api/v1, described by OpenAPI 3.1 at /api/v1/openapi.json."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from threading import Lock
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from entrepot.desk.guard import EMBED, HERE, Guard
from entrepot.desk.handlers import DeskFiles
from entrepot.desk.http_problems import FAULT, HttpProblem, invalid, problem_of, unreadable
from entrepot.desk.library import Library
from entrepot.desk.page import Page
from entrepot.desk.protocol import HeadRequests, ReadersLanguage, UnroutedPaths, known_and_once
from entrepot.desk.replies.reply import ProblemReply
from entrepot.desk.routes.assumption_routes import add_assumption_routes
from entrepot.desk.routes.code_routes import add_code_routes
from entrepot.desk.routes.figure_routes import add_embed_route, add_figure_routes
from entrepot.desk.routes.job_routes import add_job_routes
from entrepot.desk.routes.library_routes import add_library_routes
from entrepot.desk.routes.responses import ROOT, problem_response, problem_responses
from entrepot.desk.routes.run_routes import add_run_routes
from entrepot.desk.routes.solve_routes import add_solve_routes
from entrepot.desk.routes.tariff_routes import add_tariff_path_route, add_tariff_routes
from entrepot.desk.routes.upload_routes import add_upload_routes
from entrepot.desk.table_responses import TableResponses, describe_tables
from entrepot.desk.workers import Limits, Workers
from entrepot.errors import EntrepotError
from entrepot.faults import telling
from entrepot.runs.store import RunStore
from entrepot.version import __version__


class Api(FastAPI):
    """A FastAPI application whose document includes the schema of problems, which no route declares as its reply."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._making = Lock()
        self._document: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document.

        It is made once, by one thread: FastAPI caches what it makes it from, and two threads at a time break that.
        """
        with self._making:
            if self._document is None:
                made = super().openapi()
                made["components"]["schemas"].setdefault(ProblemReply.__name__, ProblemReply.model_json_schema())
                describe_tables(made, problem_responses(406)[406])
                self._document = made
            return self._document


def create_api(
    *,
    limits: Limits | None = None,
    processes: int = 2,
    store: str | None = None,
    data: str | None = None,
    token: str | None = None,
    hosts: Sequence[str] = HERE,
    page: bool = True,
) -> FastAPI:
    """Return the application of the desk.

    store  folder of the run store;  data  folder with the user's cases and Economies
    token  what clients must send; None on localhost;  hosts  accepted host names, "*" for any IP address
    page   whether to serve the web page as well
    """
    limits = limits or Limits()
    files = DeskFiles(store, Library(data, str(RunStore(store).root / "economies")))

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.workers = Workers(processes, limits, files)
        try:
            yield
        finally:
            app.state.workers.close()

    api = Api(
        title="Entrepot",
        version=__version__,
        summary="What a trade measure does, who pockets the rent, and what both sides would sign",
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        dependencies=[Depends(known_and_once)],
    )
    api.add_middleware(TableResponses, root=ROOT, document=api.openapi)
    api.add_middleware(HeadRequests, root=ROOT)
    api.add_middleware(ReadersLanguage, roots=(ROOT, EMBED))
    api.add_middleware(Guard, limits=limits, token=token, hosts=hosts, root=ROOT)
    _add_error_handlers(api)
    add_library_routes(api, files.library)
    add_upload_routes(api)
    add_assumption_routes(api, files.library, limits.upload)
    add_tariff_routes(api)
    add_tariff_path_route(api)
    add_solve_routes(api)
    add_code_routes(api, files.library)
    add_job_routes(api)
    add_run_routes(api, store)
    add_figure_routes(api)
    add_embed_route(api)
    api.mount(ROOT, UnroutedPaths(tuple(api.routes)))
    if page:
        api.mount("/", Page())
    return api


def _add_error_handlers(api: FastAPI) -> None:
    @api.exception_handler(HttpProblem)
    async def problem(_: Request, error: HttpProblem) -> Response:
        return problem_response(error)

    @api.exception_handler(RequestValidationError)
    async def invalid_request(_: Request, error: RequestValidationError) -> Response:
        fault = telling(error.errors())[0]
        if fault["type"] == "json_invalid":
            place = fault["loc"][-1] + 1
            return problem_response(
                HttpProblem(400, "json", "The request is not JSON", f"it cannot be read from character {place} on")
            )
        if fault["type"] == "missing" and len(fault["loc"]) == 1:
            return problem_response(unreadable("the request is empty: send an object in JSON", ""))
        # The first step of a location is body, path, query or header.
        return problem_response(invalid({**fault, "loc": fault["loc"][1:]}))

    @api.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        return problem_response(HttpProblem(error.status_code, "http", str(error.detail), headers=headers))

    @api.exception_handler(EntrepotError)
    async def package_error(_: Request, error: EntrepotError) -> Response:
        return problem_response(problem_of(error))

    @api.exception_handler(Exception)
    async def internal_error(_: Request, error: Exception) -> Response:
        return problem_response(FAULT)
