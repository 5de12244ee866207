"""What a worker process does with a question: the answer as JSON, or the problem. Nothing else crosses over."""

from __future__ import annotations

import json
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
from entrepot.desk.http_problems import FAULT, HttpProblem, problem_of
from entrepot.desk.json_body import encoded
from entrepot.desk.library import Library
from entrepot.errors import EntrepotError, InputError

if TYPE_CHECKING:
    from entrepot.bargaining.session import Session
    from entrepot.studies import Study
    from entrepot.sweeping.result import Sweep

#: A status and a body: what a question is answered with.
HttpAnswer = tuple[int, bytes]


@dataclass(frozen=True)
class DeskFiles:
    """Where a desk keeps its runs, and what it has of its own."""

    store: str | None = None
    library: Library = field(default_factory=Library)

    @property
    def runs(self) -> Path | None:
        return Path(self.store) if self.store else None


def answer(kind: str, question: dict[str, Any], place: DeskFiles | None = None) -> HttpAnswer:
    """The answer to a question of a kind (`ANSWERS`); a problem is one too, so that no error has to be pickled."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = ANSWERS[kind](question, place or DeskFiles())
        notes = list(dict.fromkeys(str(w.message) for w in said if issubclass(w.category, UserWarning)))
        return 200, encoded({**found, "warnings": notes} if notes else found)
    except (EntrepotError, ValidationError) as error:
        problem = problem_of(error)
    except (RecursionError, MemoryError) as error:
        problem = HttpProblem(
            413, "too-large", "Too much for one question", f"{type(error).__name__}: ask less at a time"
        )
    except Exception:
        logging.getLogger("entrepot.desk").exception("a fault of the desk in answering %s", kind)
        problem = FAULT
    return problem.status, encoded(problem.document())


def warm() -> None:
    """What the first question would wait for: imports, the bundled Economy, and what is kept of it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    answer("solve", {"measures": [{"tariff": {"importer": "USA", "sector": "motor_vehicles", "rate": 0.1}}]})


def _told(study: Study) -> dict[str, Any]:
    """A study's numbers, without the commands that would name a file of the desk's owner."""
    said = study.to_dict()
    return {**said, "provenance": {k: v for k, v in said["provenance"].items() if k not in ("Again", "In Python")}}


def _solve(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    from entrepot.studies import run

    read = requests.SolveRequest.model_validate(question)
    with read.in_place():
        case = read.read(place.library)
        return _told(run(case, place.library.of(case)))


def _run(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    from entrepot.studies import run

    case = requests.RunRequest.model_validate(question).read(place.library)
    return _told(run(case, place.library.of(case)))


def _screen(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    from entrepot.cases import screen

    read = requests.ScreenRequest.model_validate(question)
    case = read.read(place.library)
    return screen(case, place.library.of(case), on=read.on).to_dict()


def _calendar(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    read = requests.CalendarRequest.model_validate(question)
    found = read.read(place.library).deadlines(read.on)
    rows = json.loads(found.to_frame().to_json(orient="records", date_format="iso"))
    return {"on": found.on.isoformat(), "calendar": rows}


def _bargain(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    from entrepot.bargaining import bargain

    read = requests.BargainRequest.model_validate(question)
    case = read.read(place.library)
    return bargain(case, place.library.of(case), points=read.points).to_dict()


#: Tables that offers were made on, threats and all solved; the latest last.
_TABLES: OrderedDict[str, Session] = OrderedDict()


def _offer(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    read = requests.OfferRequest.model_validate(question)
    session = _session(read, place)
    deal = session.deal("offer", "The offer", session.negotiation.table.checked(read.levels))
    return {"parties": list(session.negotiation.parties), "deal": deal.to_dict()}


def _session(read: requests.OfferRequest, place: DeskFiles) -> Session:
    from entrepot.bargaining.negotiation import Negotiation
    from entrepot.bargaining.session import Session
    from entrepot.cases import solve_case

    case = read.read(place.library)
    world = place.library.of(case)
    key = f"{case.fingerprint} {world.fingerprint if world is not None else case.economy}"
    if key not in _TABLES:
        session = Session(Negotiation.of(solve_case(case.without_timeline(), world)))
        session.threats()
        _TABLES[key] = session
        while len(_TABLES) > 8:
            _TABLES.popitem(last=False)
    _TABLES.move_to_end(key)
    return _TABLES[key]


def _sweep(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    from entrepot.sweeping.solve import sweep

    read = requests.SweepRequest.model_validate(question)
    case = read.read(place.library)
    found = sweep(case, place.library.of(case), store=place.runs, **_options(read))
    # Morris' design is at a few levels of each number: there is no interval to read from it, and the run has its rows.
    drawn = found.tables if read.method != "morris" else ()
    tables = {name: json.loads(found.intervals(name, read.level).to_json(orient="records")) for name in drawn}
    said = {"run": found.run.id, "members": found.members, "level": read.level, "tables": tables}
    return {**said, "tornado": _tornado(found, tables.get("welfare", []))}


def _tornado(found: Sweep, welfare: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What moves each party's real income most, one number at a time at its 5th and 95th percentile."""
    if not found.plan.singles:
        return []
    rows = []
    for scenario, party in dict.fromkeys((row["scenario"], row["party"]) for row in welfare):
        widest = found.tornado("equivalent_variation", scenario=scenario, party=party).head(8)
        rows += [{"scenario": scenario, "party": party, **row} for row in widest.to_dict("records")]
    return rows


def _options(read: requests.SweepRequest) -> dict[str, Any]:
    return {
        "draws": read.draws,
        "seed": read.seed,
        "uncertain": read.uncertain,
        "grid": read.grid,
        "method": read.method,
        "scenarios": read.scenarios,
    }


def _planned(question: dict[str, Any], place: DeskFiles) -> dict[str, Any]:
    """What a sweep would solve and where it is kept, before it begins. Raises like `sweep`."""
    from entrepot.sweeping.solve import plan_of, run_of

    read = requests.SweepRequest.model_validate(question)
    requests.no_covariance(read.uncertain, "uncertain")
    case = read.read(place.library)
    plan = plan_of(case, place.library.of(case), **_options(read))
    if plan.size > requests.MEMBERS:
        raise InputError(
            f"draws: {plan.size:,} members are more than the {requests.MEMBERS:,} that a desk solves at a time"
        )
    return {"run": run_of(plan, place.runs).id, "members": plan.size, "parts": plan.parts}


ANSWERS: dict[str, Callable[[dict[str, Any], DeskFiles], dict[str, Any]]] = {
    "solve": _solve,
    "run": _run,
    "screen": _screen,
    "calendar": _calendar,
    "bargain": _bargain,
    "offer": _offer,
    "sweep": _sweep,
    "plan": _planned,
}
