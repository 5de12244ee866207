"""What a worker process does with a question: the answer as JSON, or the problem. Nothing else crosses over."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from entrepot.desk import questions as asked
from entrepot.desk.problems import Problem, problem_of
from entrepot.economy import load_economy
from entrepot.errors import EntrepotError

#: A status and a body: what a question is answered with.
Answer = tuple[int, bytes]


def answer(kind: str, question: dict[str, Any], store: str | None = None) -> Answer:
    """The answer to a question of a kind (`ANSWERS`); a problem is one too, so that no error has to be pickled."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = ANSWERS[kind](question, store)
        notes = list(dict.fromkeys(str(w.message) for w in said if issubclass(w.category, UserWarning)))
        return 200, encoded({**found, "warnings": notes} if notes else found)
    except (EntrepotError, ValidationError) as error:
        problem = problem_of(error)
    except (RecursionError, MemoryError) as error:
        problem = Problem(413, "too-large", "Too much for one question", f"{type(error).__name__}: ask less at a time")
    return problem.status, encoded(problem.document())


def encoded(document: Any) -> bytes:
    """Strict JSON: what is not a number is null."""
    return json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return _plain(value.item()) if hasattr(value, "item") else str(value)


def warm() -> None:
    """What the first question would wait for: imports, the bundled Economy, and what is kept of it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    answer("solve", {"measures": [{"tariff": {"importer": "USA", "sector": "motor_vehicles", "rate": 0.1}}]})


def _solve(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    from entrepot.report import run

    return run(asked.Solve.model_validate(question).case()).to_dict()


def _run(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    from entrepot.report import run

    return run(asked.Run.model_validate(question).read()).to_dict()


def _screen(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    from entrepot.cases import screen

    read = asked.Screen.model_validate(question)
    return screen(read.read(), on=read.on).to_dict()


def _calendar(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    read = asked.Calendar.model_validate(question)
    found = read.read().deadlines(read.on)
    rows = json.loads(found.to_frame().to_json(orient="records", date_format="iso"))
    return {"on": found.on.isoformat(), "calendar": rows}


def _bargain(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    from entrepot.bargaining import bargain

    read = asked.Bargain.model_validate(question)
    return bargain(read.read(), points=read.points).to_dict()


def _sweep(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    from entrepot.sweeping.solve import sweep

    read = asked.Sweep.model_validate(question)
    found = sweep(read.read(), store=Path(store) if store else None, **sweep_options(read))
    tables = {name: json.loads(found.intervals(name, read.level).to_json(orient="records")) for name in found.tables}
    return {"run": found.run.id, "members": found.members, "level": read.level, "tables": tables}


def sweep_options(read: asked.Sweep) -> dict[str, Any]:
    return {
        "draws": read.draws,
        "seed": read.seed,
        "uncertain": read.uncertain,
        "grid": read.grid,
        "method": read.method,
        "scenarios": read.scenarios,
    }


def planned(question: dict[str, Any], store: str | None) -> dict[str, Any]:
    """What a sweep would solve and where it is kept, before it begins. Raises like `sweep`."""
    from entrepot.errors import InputError
    from entrepot.sweeping.solve import plan_of, run_of

    read = asked.Sweep.model_validate(question)
    asked._no_covariance(read.uncertain, "uncertain")
    plan = plan_of(read.read(), **sweep_options(read))
    if plan.size > asked.MEMBERS:
        raise InputError(
            f"draws: {plan.size:,} members are more than the {asked.MEMBERS:,} that a desk solves at a time"
        )
    run = run_of(plan, Path(store) if store else None)
    return {"run": run.id, "members": plan.size, "parts": plan.parts}


def economy(name: str) -> dict[str, Any]:
    """What can be named on an Economy."""
    e = load_economy(name)
    return {
        "name": e.name,
        "year": e.year,
        "source": e.source,
        "countries": list(e.countries),
        "sectors": [{"name": s, "theta": float(t)} for s, t in zip(e.sectors, e.theta, strict=True)],
        "fingerprint": e.fingerprint,
    }


ANSWERS: dict[str, Callable[[dict[str, Any], str | None], dict[str, Any]]] = {
    "solve": _solve,
    "run": _run,
    "screen": _screen,
    "calendar": _calendar,
    "bargain": _bargain,
    "sweep": _sweep,
    "plan": planned,
}
