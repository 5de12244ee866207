"""The handlers that scripts use: full detail of a study, timelines, paths, optimal tariffs, and exposure by product."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from entrepot.desk import requests
from entrepot.errors import DocumentError, EntrepotError, InputError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.bargaining.optimal import Optimum
    from entrepot.desk.library import Library
    from entrepot.studies import Study
    from entrepot.types import Progress

#: What DuckDB may hold in memory for one table of exposure.
MEMORY = "500MB"


def detail_of(study: Study, request: requests.DetailRequest) -> dict[str, Any]:
    """Return the part `detail` of a reply, empty for a summary. Raises `DocumentError` with the key `flows`."""
    if request.detail != "full":
        return {}
    from entrepot.studies.full_detail import full_detail, outcome_facts, registered

    chosen = {} if request.flows is None else request.flows.model_dump()
    try:
        frames = full_detail(study, **chosen)
    except InputError as error:
        raise DocumentError(str(error), key="flows") from None
    rows = {name: _records(frame) for name, frame in frames.items()}
    return {"detail": {"outcomes": outcome_facts(study), **rows, "quantities": registered(frames)}}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [frame[name].tolist() for name in frame.columns]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def timeline_answer(request: requests.TimelineRequest, library: Library) -> dict[str, Any]:
    """Return the branches of a case through time. Raises `DocumentError` for a case without a timeline."""
    from entrepot.studies import branches, run
    from entrepot.studies.provenance import lines

    case = request.read(library)
    if case.timeline is None:
        raise DocumentError("has no timeline: add the key, or send another case", key="case.timeline")
    study = run(case, library.of(case))
    document = study.to_dict()
    tables = {name: document["tables"][name] for name in ("path", "horizons", "totals", "calendar")}
    shown = dict(lines(study))
    return {
        "case": case.case,
        "title": case.title,
        "sentences": branches.sentences(study),
        "failures": document["failures"],
        "timeline": document["timeline"],
        "tables": tables,
        "provenance": {key: text for key, text in shown.items() if key not in ("Again", "In Python")},
    }


def path_answer(request: requests.PathRequest, library: Library) -> dict[str, Any]:
    """Return a case's path. Raises `DocumentError` for a case without a path, or one too long for a desk."""
    from entrepot.cases.case_path import solve_case_path
    from entrepot.paths.window import time_steps
    from entrepot.studies.path_document import path_document

    case = request.read(library)
    plan, spec = case.path_plan(), case.in_time
    if plan is None or spec is None:
        raise DocumentError("has no path: add the key, or send another case", key="case.path")
    foreseen = spec.mobility is not None and spec.expectations != "myopic"
    most = requests.WORKERS_STEPS if foreseen else requests.STEPS
    count = len(time_steps((), plan.since, plan.until, spec.step))
    if count > most:
        raise DocumentError(
            f"has {count} steps; a desk follows at most {most} of such a path, the command line any number",
            key="case.path.until",
        )
    if request.belief is not None:
        try:
            case = case.with_belief(request.belief)
        except InputError as error:
            raise DocumentError(str(error).removeprefix("belief: "), key="belief") from None
    return path_document(solve_case_path(case, library.of(case)))


def optimal_answer(request: requests.OptimalRequest, library: Library) -> dict[str, Any]:
    """Return the best rates of a party. Raises `DocumentError`, `InputError` and `ConvergenceError`."""
    return _optimum(request, library).to_dict()


class _BegunError(Exception):
    """The first equilibrium of a search is solved."""


def optimal_check(request: requests.OptimalRequest, library: Library) -> dict[str, Any]:
    """Raise as `optimal_answer` does up to the first equilibrium: for names, bounds and measures in force."""

    def begun(*_: Any) -> None:
        raise _BegunError

    with suppress(_BegunError):
        _optimum(request, library, begun)
    return {}


def _optimum(request: requests.OptimalRequest, library: Library, progress: Progress | None = None) -> Optimum:
    from entrepot.bargaining import optimal_policy, optimal_tariff
    from entrepot.cases.base_economy import with_theta
    from entrepot.cases.objective import objective_of

    case = request.read(library)
    economy = with_theta(case, library.of(case) or case.own_economy())
    measures = [m for name, spec in case.scenarios.items() for m in spec.build(name)] if request.measures else []
    options: dict[str, Any] = {
        "over": request.over,
        "sectors": tuple(request.sectors),
        "partners": tuple(request.partners),
        "exempt": tuple(request.exempt),
        "at_most": request.at_most,
        "objective": objective_of(request.party, case.objectives, economy),
        "measures": measures,
        "closure": None if request.closure is None else case.closure,
        "accuracy": request.accuracy,
        "progress": progress,
        **({} if request.at_least is None else {"at_least": request.at_least}),
    }
    if request.instruments == ["tariff"]:
        return optimal_tariff(economy, request.party, **options)
    return optimal_policy(economy, request.party, instruments=tuple(request.instruments), **options)


def lines_answer(request: requests.LinesRequest, library: Library) -> dict[str, Any]:
    """Return the duty on every tariff line of a sector. Raises `InputError`."""
    from entrepot.exposures.sector_duties import sector_duties

    try:
        sectors = library.economy(request.economy).sectors
    except EntrepotError as error:
        raise DocumentError(str(error), key="economy") from None
    if request.sector not in sectors:
        raise DocumentError(str(UnknownNameError("sector", request.sector, sectors)), key="sector")
    found = sector_duties(request.importer, request.sector, exporter=request.exporter, sectors=sectors, on=request.on)
    return {"lines": [asdict(line) for line in found]}


def exposure_answer(request: requests.ExposureRequest, library: Library) -> dict[str, Any]:
    """Return what `entrepot exposure --format json` prints for the same tables. Raises `InputError`."""
    from entrepot.exposures import exposure
    from entrepot.exposures.stacking import bundled_stackings
    from entrepot.report.terminal_exposure import tables_json

    if request.stacking is not None and request.stacking not in bundled_stackings():
        raise DocumentError(str(UnknownNameError("stacking", request.stacking, bundled_stackings())), key="stacking")
    try:
        economy = library.economy(request.economy)
    except EntrepotError as error:
        raise DocumentError(str(error), key="economy") from None
    found = exposure(
        _frame(request.trade),
        _frame(request.schedule),
        _frame(request.proposed) if request.proposed else None,
        economy=economy,
        concordance=None if request.concordance is None else _frame(request.concordance),
        **request.model_dump(exclude={"trade", "schedule", "proposed", "economy", "concordance"}),
        memory=MEMORY,
        threads=1,
    )
    return json.loads(json.dumps(tables_json(found), allow_nan=False))


def _frame(rows: requests.Rows) -> pd.DataFrame:
    """Return rows as a table whose cells are text, as those of a CSV file are; an absent cell is empty."""
    import pandas as pd

    columns = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame([[_text(row.get(name)) for name in columns] for row in rows], columns=columns)


def _text(cell: float | str | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
