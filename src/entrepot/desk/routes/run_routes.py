"""GET routes for saved runs and their tables."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Response

from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.replies.job_replies import RunReply, RunRow
from entrepot.desk.replies.reply import Cell
from entrepot.desk.routes.responses import (
    JSON,
    READ,
    ROOT,
    Named,
    problem_responses,
)
from entrepot.documents import records
from entrepot.errors import InputError
from entrepot.runs.listing import counts, listing
from entrepot.runs.store import RunStore


def add_run_routes(api: FastAPI, store: str | None) -> None:
    """Add the routes for saved runs."""

    @api.get(f"{ROOT}/runs", response_model=list[RunRow], tags=["runs"], responses=READ | problem_responses(507))
    async def runs(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """The saved runs, the latest first."""
        rows = records(listing(RunStore(store)).head(limit))
        return Response(encoded(rows), media_type=JSON)

    @api.get(
        f"{ROOT}/runs/{{name}}", response_model=RunReply, tags=["runs"], responses=READ | problem_responses(404, 507)
    )
    async def run(name: Named) -> Response:
        """The request of a run, and its tables."""
        found = _found(store, name)
        tables = [{"name": table, "rows": rows, "parts": parts} for table, rows, parts in counts(found)]
        return Response(encoded({**found.manifest, "tables": tables}), media_type=JSON)

    @api.get(
        f"{ROOT}/runs/{{name}}/tables/{{table}}",
        response_model=list[dict[str, Cell]],
        tags=["runs"],
        responses=READ | problem_responses(404, 507),
    )
    async def rows(
        name: Named,
        table: Named,
        first: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """The rows of a table of a run."""
        found = _found(store, name)
        if table not in found.tables():
            raise HttpProblem(
                404, "not-found", "There is no such table", f"the tables of the run are {', '.join(found.tables())}"
            )
        page = found.query(f"SELECT * FROM {found.relation(table)} LIMIT {int(limit)} OFFSET {int(first)}")
        return Response(encoded(records(page)), media_type=JSON)


def _found(store: str | None, name: str) -> Any:
    try:
        return RunStore(store).find(name)
    except InputError:
        several = sum(run.id.startswith(name) for run in RunStore(store).runs()) > 1
        detail = "several runs begin like this; give more of the id" if several else "GET /runs lists the runs"
        raise HttpProblem(404, "not-found", "There is no such run", detail) from None
