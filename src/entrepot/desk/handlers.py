"""The handlers that run in a worker process: each turns a request into a response, JSON or a problem."""

from __future__ import annotations

import logging
import os
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from entrepot.desk import requests
from entrepot.desk.figure_handlers import figure_list, figure_reply
from entrepot.desk.http_problems import FAULT, HttpProblem, problem_of
from entrepot.desk.json_body import encoded
from entrepot.desk.library import Library
from entrepot.desk.partial_results import PARTIAL, deals_written, sweep_so_far
from entrepot.desk.script_handlers import (
    detail_of,
    exposure_answer,
    lines_answer,
    optimal_answer,
    optimal_check,
    path_answer,
    timeline_answer,
)
from entrepot.desk.threat_handlers import fear_answer, talks_answer
from entrepot.desk.upload_handlers import import_answer
from entrepot.documents import records
from entrepot.economy.geography import WITH_DATA
from entrepot.errors import EntrepotError, InputError
from entrepot.languages import ENGLISH, language, speaking
from entrepot.languages.translated_errors import translated_error

if TYPE_CHECKING:
    from entrepot.bargaining.session import Session
    from entrepot.cases import Case
    from entrepot.studies import Study
    from entrepot.sweeping.sweep_result import Sweep

#: The key under which a worker gets the language of a request; no request has one of this name.
LANGUAGE = "accept-language"
#: The status and the body of a response.
HttpAnswer = tuple[int, bytes]


@dataclass(frozen=True)
class DeskFiles:
    """The files of a desk: its run store, and its library of cases and Economies."""

    store: str | None = None
    library: Library = field(default_factory=Library)

    @property
    def runs(self) -> Path | None:
        """The folder of the run store; None for the default folder."""
        return Path(self.store) if self.store else None


def answer(kind: str, body: dict[str, Any], files: DeskFiles | None = None) -> HttpAnswer:
    """Return the response to a request of a kind in `HANDLERS`; an error becomes a problem, so none is pickled.

    The key `LANGUAGE` of the body, if it is there, is the language of the answer.
    """
    body = dict(body)
    with speaking(body.pop(LANGUAGE, ENGLISH)):
        return _answered(kind, body, files or DeskFiles())


def _answered(kind: str, body: dict[str, Any], files: DeskFiles) -> HttpAnswer:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = HANDLERS[kind](body, files)
        caught_texts = [translated_error(str(w.message)) for w in caught if issubclass(w.category, UserWarning)]
        notes = list(dict.fromkeys([*found.get("warnings", ()), *caught_texts]))
        return 200, encoded({**found, "warnings": notes} if notes else found)
    except (EntrepotError, ValidationError) as error:
        problem = problem_of(error)
    except (RecursionError, MemoryError) as error:
        problem = HttpProblem(
            413, "too-large", "Too much for one request", f"{type(error).__name__}: split it into smaller requests"
        )
    except Exception:
        logging.getLogger("entrepot.desk").exception("an internal error while answering %s", kind)
        problem = FAULT
    return problem.status, encoded(problem.document())


def warm() -> None:
    """Load the modules and the bundled Economy that the first request needs."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    answer("solve", {"measures": [{"tariff": {"importer": "USA", "sector": "motor_vehicles", "rate": 0.1}}]})


def _study_reply(study: Study) -> dict[str, Any]:
    """Return a study without the commands that would name a file of the desk's owner."""
    reply = study.to_dict()
    partly = [note for note in study.notes if WITH_DATA in note]
    return {
        **reply,
        **({"warnings": partly} if partly else {}),
        "provenance": {k: v for k, v in reply["provenance"].items() if k not in ("Again", "In Python")},
    }


def _solve(request: requests.SolveRequest, library: Library) -> dict[str, Any]:
    with request.in_place():
        case = request.read(library)
        study = _solved(case, library)
    return _study_reply(study) | detail_of(study, request)


def _run(request: requests.RunRequest, library: Library) -> dict[str, Any]:
    study = _solved(request.read(library), library)
    return _study_reply(study) | detail_of(study, request)


def _solved(case: Case, library: Library) -> Study:
    from entrepot.studies import run

    return run(case, library.of(case))


def _market(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    from entrepot.desk.market_request import MarketRequest, market_reply

    return market_reply(MarketRequest.model_validate(body))


def _screen(request: requests.ScreenRequest, library: Library) -> dict[str, Any]:
    from entrepot.cases import screen

    case = request.read(library)
    return screen(case, library.of(case), on=request.on).to_dict()


def _calendar(request: requests.CalendarRequest, library: Library) -> dict[str, Any]:
    found = request.read(library).deadlines(request.on)
    return {"on": found.on.isoformat(), "calendar": found.to_records()}


def _bargain(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    from entrepot.bargaining import bargain

    path = body.pop(PARTIAL, "")
    request = requests.BargainRequest.model_validate(body)
    case = request.read(files.library)
    so_far = deals_written(path) if path else None
    return bargain(case, files.library.of(case), points=request.points, so_far=so_far).to_dict()


def _bargain_check(request: requests.BargainRequest, library: Library) -> dict[str, Any]:
    """Raise as `bargain` does before it solves a scenario."""
    from entrepot.bargaining.negotiation import table_of
    from entrepot.cases.base_economy import base_economy
    from entrepot.cases.case_checks import check_on

    case = request.read(library)
    table_of(case)
    check_on(case.without_timeline(), base_economy(case, library.of(case) or case.own_economy()))
    return {}


#: The sessions of bargaining tables that offers were made on, with their threats solved; the latest last.
_SESSIONS: OrderedDict[str, Session] = OrderedDict()


def _offer(request: requests.OfferRequest, library: Library) -> dict[str, Any]:
    session = _session(request, library)
    deal = session.deal("offer", "The offer", session.negotiation.table.checked(request.levels))
    return {"parties": list(session.negotiation.parties), "deal": deal.to_dict()}


def _session(request: requests.OfferRequest, library: Library) -> Session:
    from entrepot.bargaining.negotiation import Negotiation
    from entrepot.bargaining.session import Session
    from entrepot.cases import solve_case

    case = request.read(library)
    world = library.of(case)
    key = f"{language()} {case.fingerprint} {world.fingerprint if world is not None else case.economy}"
    if key not in _SESSIONS:
        session = Session(Negotiation.of(solve_case(case.without_timeline(), world)))
        session.threats()
        _SESSIONS[key] = session
        while len(_SESSIONS) > 8:
            _SESSIONS.popitem(last=False)
    _SESSIONS.move_to_end(key)
    return _SESSIONS[key]


def _sweep(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    from entrepot.sweeping.sweep import sweep

    request = requests.SweepRequest.model_validate(body)
    case = request.read(files.library)
    return _sweep_reply(sweep(case, files.library.of(case), store=files.runs, **_options(request)), request)


def _sweep_so_far(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    """Return a sweep over the members that are stored, as `_sweep` does."""
    from entrepot.sweeping.sweep import plan_of

    run = body.pop("run")
    body.pop("parts")  # it makes the answer one for each number of parts
    request = requests.SweepRequest.model_validate(body)
    case = request.read(files.library)
    found = sweep_so_far(plan_of(case, files.library.of(case), **_options(request)), run, files.runs)
    if found is None:
        raise InputError("the sweep has found nothing yet: read it again later")
    return {"kind": "sweep", **_sweep_reply(found, request)}


def _sweep_reply(found: Sweep, request: requests.SweepRequest) -> dict[str, Any]:
    # Morris' design has only a few levels of each number, so it gives no intervals; the run keeps its rows.
    drawn = found.tables if request.method != "morris" else ()
    tables = {name: records(found.intervals(name, request.level)) for name in drawn}
    reply = {"run": found.run.id, "members": found.members, "level": request.level, "tables": tables}
    return {**reply, "tornado": _tornado(found, tables.get("welfare", []))}


def _tornado(found: Sweep, welfare: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the numbers that move each party's real income most, each at its 5th and 95th percentile."""
    if not found.plan.singles:
        return []
    rows = []
    for scenario, party in dict.fromkeys((row["scenario"], row["party"]) for row in welfare):
        widest = found.tornado("equivalent_variation", scenario=scenario, party=party).head(8)
        rows += [{"scenario": scenario, "party": party, **row} for row in widest.to_dict("records")]
    return rows


def _options(request: requests.SweepRequest) -> dict[str, Any]:
    keys = ("draws", "seed", "uncertain", "grid", "method", "scenarios")
    # Smaller parts than those of the command line, so that there is soon something to see.
    return {key: getattr(request, key) for key in keys} | {"part": 128 if (request.draws or 0) <= 500 else 512}


def _plan(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    """Return the run and the size of a sweep before it starts; raise errors as `sweep` does."""
    from entrepot.sweeping.sweep import plan_of, run_of

    request = requests.SweepRequest.model_validate(body)
    requests.no_covariance(request.uncertain, "uncertain")
    case = request.read(files.library)
    plan = plan_of(case, files.library.of(case), **_options(request))
    if plan.size > requests.MEMBERS:
        raise InputError(
            f"draws: {plan.size:,} members are more than the {requests.MEMBERS:,} that a desk solves; ask for fewer"
        )
    if plan.follows_path and plan.size > requests.PATHS:
        raise InputError(
            f"grid: {plan.size:,} paths are more than the {requests.PATHS:,} that a desk solves; ask for fewer points"
        )
    return {"run": run_of(plan, files.runs).id, "members": plan.size, "parts": plan.parts}


def _tariff_path(body: dict[str, Any], files: DeskFiles) -> dict[str, Any]:
    from entrepot.exposures import duty_path
    from entrepot.exposures.duty_inputs import CLAIMS

    request = requests.TariffPathRequest.model_validate(body)
    options = request.model_dump(exclude={"importer", "exporters", "preference"})
    found = duty_path(request.importer, request.exporters, preference=CLAIMS[request.preference], **options)
    return found.to_dict()


Handler = Callable[[dict[str, Any], DeskFiles], dict[str, Any]]


def _reading(model: type[requests.DeskRequest], answer: Callable[[Any, Library], dict[str, Any]]) -> Handler:
    """Return the handler that reads a request of a model and answers it with the cases and Economies of the desk."""
    return lambda body, files: answer(model.model_validate(body), files.library)


HANDLERS: dict[str, Handler] = {
    "solve": _reading(requests.SolveRequest, _solve),
    "run": _reading(requests.RunRequest, _run),
    "market": _market,
    "screen": _reading(requests.ScreenRequest, _screen),
    "calendar": _reading(requests.CalendarRequest, _calendar),
    "bargain": _bargain,
    "bargain-check": _reading(requests.BargainRequest, _bargain_check),
    "offer": _reading(requests.OfferRequest, _offer),
    "sweep": _sweep,
    "sweep-so-far": _sweep_so_far,
    "plan": _plan,
    "lines": _reading(requests.LinesRequest, lines_answer),
    "tariff-path": _tariff_path,
    "timeline": _reading(requests.TimelineRequest, timeline_answer),
    "path": _reading(requests.PathRequest, path_answer),
    "talks": _reading(requests.TalksRequest, talks_answer),
    "fear": _reading(requests.FearRequest, fear_answer),
    "optimal": _reading(requests.OptimalRequest, optimal_answer),
    "optimal-check": _reading(requests.OptimalRequest, optimal_check),
    "exposure": _reading(requests.ExposureRequest, exposure_answer),
    "import": lambda body, files: import_answer(body, files.library.uploaded),
    "figure": lambda body, files: figure_reply(body, files.library),
    "figures": lambda body, files: figure_list(body, files.library),
}
