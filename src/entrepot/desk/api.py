"""The REST API: /api/v1, described by OpenAPI 3.1 at /api/v1/openapi.json."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from entrepot.desk import questions as asked
from entrepot.desk.answers import Place, encoded
from entrepot.desk.guard import HERE, Guard
from entrepot.desk.library import CASES, ECONOMIES, Fault, Library, described
from entrepot.desk.page import Page
from entrepot.desk.problems import FAULT, MEDIA, Problem, invalid, problem_of
from entrepot.desk.protocol import Elsewhere, Head, json_alone
from entrepot.desk.replies import (
    Answered,
    BargainReply,
    CalendarReply,
    CaseReply,
    CaseRow,
    Cell,
    EconomyReply,
    EconomyRow,
    FileAtFault,
    InstrumentReply,
    JobReply,
    LawReply,
    OfferReply,
    ProblemReply,
    RunReply,
    RunRow,
    ScreenReply,
    StudyReply,
    SweepReply,
)
from entrepot.desk.workers import Job, Limits, Workers, tag_of
from entrepot.documents import plain
from entrepot.errors import EntrepotError, InputError, UnknownNameError
from entrepot.measures import Instrument, instruments
from entrepot.measures.registry import keys_of
from entrepot.rules.book import agreements, statutes
from entrepot.rules.clocks import clocks, kinds_of
from entrepot.sweeping.history import counts, listing
from entrepot.sweeping.store import RunStore
from entrepot.version import __version__

ROOT = "/api/v1"
JSON = "application/json"
Tag = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
Named = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


WHAT = {
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


def _problems(*statuses: int) -> Described:
    """What may be sent instead of an answer, for the OpenAPI document."""
    schema = {"content": {MEDIA: {"schema": {"$ref": f"#/components/schemas/{ProblemReply.__name__}"}}}}
    headers = {304: "ETag", 401: "WWW-Authenticate", 415: "Accept-Post", 429: "Retry-After"}
    return {
        status: {"description": WHAT[status], **_with(headers.get(status)), **({} if status == 304 else schema)}
        for status in statuses
    }


def _with(header: str | None) -> dict[str, Any]:
    return {"headers": {header: {"schema": {"type": "string"}}}} if header else {}


READ = _problems(401, 403, 413, 421, 422, 429, 500)
TAGGED: Described = {200: {"description": "The answer, to be asked for again by its tag", **_with("ETag")}}
NAMED = READ | TAGGED | _problems(304)
NONE = _problems(404)
SENT = READ | _problems(400, 408, 415, 503, 504)
ASKED = SENT | TAGGED | _problems(304)
BEGUN: Described = SENT | {202: {"description": "Begun; `Location` is where to look", **_with("Location")}}
JSON_ALONE = [Depends(json_alone)]


class Api(FastAPI):
    """With the problem that no route returns, and all may send, among the schemas of its document."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].setdefault(ProblemReply.__name__, ProblemReply.model_json_schema())
        return document


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
    """The application.

    store  folder of the run store;  data  folder with cases and Economies of one's own
    token  what clients must send, none on localhost;  hosts  names by which it may be asked, "*" for any address
    page   whether the web page is served too
    """
    limits = limits or Limits()
    place = Place(store, Library(data))

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.workers = Workers(processes, limits, place)
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
    )
    api.add_middleware(Head, root=ROOT)
    api.add_middleware(Guard, limits=limits, token=token, hosts=hosts, root=ROOT)
    _refusals(api)
    _names(api, place.library)
    _questions(api)
    _jobs(api)
    _runs(api, store)
    api.mount(ROOT, Elsewhere(tuple(api.routes)))
    if page:
        api.mount("/", Page())
    return api


def _refusals(api: FastAPI) -> None:
    @api.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> Response:
        return _said(error)

    @api.exception_handler(RequestValidationError)
    async def unread(_: Request, error: RequestValidationError) -> Response:
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            return _said(Problem(400, "json", "The question is not JSON", str(fault.get("ctx", {}).get("error", ""))))
        return _said(invalid({**fault, "loc": fault["loc"][1:]}))  # its first step is body, path, query or header

    @api.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        return _said(Problem(error.status_code, "http", str(error.detail), headers=headers))

    @api.exception_handler(EntrepotError)
    async def ours(_: Request, error: EntrepotError) -> Response:
        return _said(problem_of(error))

    @api.exception_handler(Exception)
    async def fault(_: Request, error: Exception) -> Response:
        return _said(FAULT)


def _said(problem: Problem) -> Response:
    return Response(encoded(problem.document()), problem.status, headers=problem.headers, media_type=MEDIA)


def _given(body: bytes, tag: str, known: str | None, status: int = 200) -> Response:
    """An answer with its ETag; nothing where the client has it already."""
    if known is not None and tag in [part.strip() for part in known.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    media = JSON if status < 400 else MEDIA
    return Response(body, status, headers={"ETag": tag} if status < 400 else {}, media_type=media)


def _names(api: FastAPI, library: Library) -> None:
    """What can be named in a question."""

    def told(what: Any, known: str | None) -> Response:
        body = encoded(what)
        return _given(body, tag_of(body), known)

    @api.get(f"{ROOT}/economies", response_model=list[EconomyRow | FileAtFault], tags=["names"], responses=NAMED)
    def economies(known: Tag = None) -> Response:
        """The Economies that questions may be asked on; last the files that cannot be offered, with their faults."""
        good, faults = library.all(ECONOMIES)
        rows = [
            {"name": name, "year": e.year, "countries": len(e.countries), "sectors": len(e.sectors)}
            for name, e in good.items()
        ]
        return told([*rows, *map(_left_out, faults)], known)

    @api.get(f"{ROOT}/economies/{{name}}", response_model=EconomyReply, tags=["names"], responses=NAMED | NONE)
    def one_economy(name: Named, known: Tag = None) -> Response:
        """Its countries, groups of countries and sectors, with their names and trade elasticities."""
        with _or_404("Economy"):
            return told({**described(library.economy(name)), "name": name}, known)

    @api.get(f"{ROOT}/cases", response_model=list[CaseRow | FileAtFault], tags=["names"], responses=NAMED)
    def cases(known: Tag = None) -> Response:
        """The cases that the desk has and their scenarios; last the files that cannot be offered, with their faults."""
        good, faults = library.all(CASES)
        rows = []
        for name, case in good.items():
            scenarios = {key: spec.title for key, spec in case.scenarios.items()}
            rows.append({"name": name, "title": case.title, "question": case.question, "scenarios": scenarios})
        return told([*rows, *map(_left_out, faults)], known)

    @api.get(f"{ROOT}/cases/{{name}}", response_model=CaseReply, tags=["names"], responses=NAMED | NONE)
    def one_case(name: Named, known: Tag = None) -> Response:
        """A case as a document: to change, and to send back as `case`."""
        with _or_404("case"):
            return told(json.loads(json.dumps(plain(library.case(name).written), default=str)), known)

    @api.get(f"{ROOT}/instruments", response_model=list[InstrumentReply], tags=["names"], responses=NAMED)
    def known_instruments(known: Tag = None) -> Response:
        """The instruments that a measure may be, with their arguments."""
        return told([_described(entry) for entry in instruments().values()], known)

    @api.get(f"{ROOT}/law", response_model=LawReply, tags=["names"], responses=NAMED)
    def law(known: Tag = None) -> Response:
        """Statutes and agreements that measures may be taken `under`, and the kinds of event that clocks know."""
        under = [{"id": key, "title": entry.title} for key, entry in (statutes() | agreements()).items()]
        ran = [{"id": c.id, "under": c.under, "title": c.title, "trigger": c.trigger} for c in clocks().values()]
        return told({"under": under, "clocks": ran, "kinds": list(kinds_of(clocks()))}, known)


def _described(entry: Instrument) -> dict[str, Any]:
    keys, required = keys_of(entry.measure)
    return {
        "kind": entry.kind,
        "short": entry.short,
        "title": entry.title,
        "taken_by": entry.measure.taken_by,
        "keys": keys,
        "required": required,
        "exempts": getattr(entry.measure, "exempts", ""),
        "form": [asdict(field) | {"default": entry.default(field.key)} for field in entry.form],
    }


def _left_out(fault: Fault) -> dict[str, str]:
    """A file that cannot be offered, in a list of those that can."""
    return {"name": fault.name, "file": fault.file, "fault": fault.says}


@contextmanager
def _or_404(what: str) -> Iterator[None]:
    try:
        yield
    except UnknownNameError as error:
        raise Problem(404, "not-found", f"There is no such {what}", str(error)) from None


def _questions(api: FastAPI) -> None:
    """Answered at once, in a worker process."""

    async def put(request: Request, kind: str, question: asked.Question, known: str | None) -> Response:
        workers: Workers = request.app.state.workers
        document = question.document()
        status, body = await workers.ask(kind, document)
        return _given(body, workers.tag(kind, document), known, status)

    def question(kind: str, model: type[asked.Question], reply: type[Answered], doc: str) -> None:
        async def ask(request: Request, question: Any, known: Tag = None) -> Response:
            return await put(request, kind, question, known)

        ask.__annotations__["question"] = model
        ask.__doc__ = doc
        options: dict[str, Any] = {"response_model": reply, "responses": ASKED, "dependencies": JSON_ALONE}
        api.post(f"{ROOT}/{kind}", name=kind, tags=["questions"], **options)(ask)

    question(
        "solve", asked.Solve, StudyReply, "Solve measures in force together: who gains, who pays, who holds the rent."
    )
    question("run", asked.Run, StudyReply, "Solve every scenario of a case.")
    question("screen", asked.Screen, ScreenReply, "What the rules say of a case's measures, and why.")
    question(
        "offer",
        asked.Offer,
        OfferReply,
        "What one deal on a case's table is worth to its parties, and who would sign it.",
    )
    question("calendar", asked.Calendar, CalendarReply, "What happened, what is due, and what follows if it lapses.")


def _jobs(api: FastAPI) -> None:
    """Begun now, read later."""

    async def begin(request: Request, kind: str, document: dict[str, Any], about: dict[str, Any]) -> Response:
        workers: Workers = request.app.state.workers
        job = workers.begin(kind, document, about)
        headers = {"Location": f"{ROOT}/jobs/{job.id}"}
        return Response(encoded(workers.shown(job)), 202, headers=headers, media_type=JSON)

    options: dict[str, Any] = {"status_code": 202, "response_model": JobReply, "dependencies": JSON_ALONE}

    @api.post(f"{ROOT}/bargain", tags=["jobs"], responses=BEGUN, **options)
    async def bargain(request: Request, question: asked.Bargain) -> Response:
        """What the parties of a case's table would sign."""
        return await begin(request, "bargain", question.document(), {})

    @api.post(f"{ROOT}/sweep", tags=["jobs"], responses=BEGUN | _problems(507), **options)
    async def sweep(request: Request, question: asked.Sweep) -> Response:
        """How sure a case's answers are: draws, intervals, chances. The same question goes on with what is kept."""
        document = question.document()
        status, body = await request.app.state.workers.ask("plan", document)
        if status != 200:
            return Response(body, status, media_type=MEDIA)
        return await begin(request, "sweep", document, json.loads(body))

    @api.get(f"{ROOT}/jobs", response_model=list[JobReply], tags=["jobs"], responses=READ)
    async def jobs(request: Request) -> Response:
        """Jobs since the desk began, the latest last."""
        workers: Workers = request.app.state.workers
        return Response(encoded([workers.shown(job) for job in workers.jobs.values()]), media_type=JSON)

    @api.get(f"{ROOT}/jobs/{{name}}", response_model=JobReply, tags=["jobs"], responses=READ | NONE)
    async def job(request: Request, name: Named) -> Response:
        """How far a job is: of a sweep, `done` of its `parts`."""
        workers: Workers = request.app.state.workers
        return Response(encoded(workers.shown(workers.job(name))), media_type=JSON)

    failed = READ | _problems(404, 409, 503, 504, 507)

    @api.get(f"{ROOT}/jobs/{{name}}/result", response_model=SweepReply | BargainReply, tags=["jobs"], responses=failed)
    async def result(request: Request, name: Named) -> Response:
        """What a job found, once it is done."""
        workers: Workers = request.app.state.workers
        found: Job = workers.job(name)
        if found.state in ("waiting", "running", "cancelled"):
            raise Problem(409, "not-done", f"The job is {found.state}", "look again at /jobs/ID")
        if found.state == "failed":
            said = workers.shown(found)["problem"]
            return Response(encoded(said), int(said["status"]), media_type=MEDIA)
        return Response(found.future.result()[1], media_type=JSON)

    @api.delete(f"{ROOT}/jobs/{{name}}", status_code=202, response_model=JobReply, tags=["jobs"], responses=READ | NONE)
    async def cancel(request: Request, name: Named) -> Response:
        """Stop a job; what it solved is kept."""
        workers: Workers = request.app.state.workers
        found = workers.job(name)
        found.task.cancel()
        return Response(encoded(workers.shown(found)), 202, media_type=JSON)


def _runs(api: FastAPI, store: str | None) -> None:
    """What was solved before."""

    @api.get(f"{ROOT}/runs", response_model=list[RunRow], tags=["runs"], responses=READ | _problems(507))
    async def runs(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """The runs that are kept, the latest first."""
        rows = json.loads(listing(RunStore(store)).head(limit).to_json(orient="records"))
        return Response(encoded(rows), media_type=JSON)

    @api.get(f"{ROOT}/runs/{{name}}", response_model=RunReply, tags=["runs"], responses=READ | _problems(404, 507))
    async def run(request: Request, name: Named) -> Response:
        """What a run asked, and its tables."""
        found = _found(store, name)
        tables = [{"name": table, "rows": rows, "parts": parts} for table, rows, parts in counts(found)]
        return Response(encoded({**found.manifest, "tables": tables}), media_type=JSON)

    @api.get(
        f"{ROOT}/runs/{{name}}/tables/{{table}}",
        response_model=list[dict[str, Cell]],
        tags=["runs"],
        responses=READ | _problems(404, 507),
    )
    async def rows(
        request: Request,
        name: Named,
        table: Named,
        first: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """Rows of a table of a run."""
        found = _found(store, name)
        if table not in found.tables():
            raise Problem(404, "not-found", "There is no such table", f"the run has {', '.join(found.tables())}")
        page = found.query(f"SELECT * FROM {found.relation(table)} LIMIT {int(limit)} OFFSET {int(first)}")
        return Response(encoded(json.loads(page.to_json(orient="records"))), media_type=JSON)


def _found(store: str | None, name: str) -> Any:
    try:
        return RunStore(store).find(name)
    except InputError as error:
        detail = "several begin so" if "beginning of" in str(error) else "GET /runs lists those there are"
        raise Problem(404, "not-found", "There is no such run", detail) from None
