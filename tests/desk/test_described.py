"""Random requests that the OpenAPI document allows, and others, never cause an internal error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis")

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis import checks as of

from conftest import serving
from entrepot.desk.api import create_api
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits
from shelves import slow_after

OPERATIONS = [
    *(
        f"GET {ROOT}/{path}"
        for path in (
            "economies",
            "economies/{name}",
            "cases",
            "cases/{name}",
            "instruments",
            "law",
            "goods",
            "assumptions",
            "tariff",
            "lines",
            "tariff-path",
            "figures",
            "figures/{name}.{form}",
        )
    ),
    f"POST {ROOT}/economies",
    f"POST {ROOT}/figures/{{name}}.{{form}}",
    *(f"POST {ROOT}/{path}" for path in ("solve", "run", "market", "screen", "offer", "calendar", "bargain", "sweep")),
    *(f"POST {ROOT}/{path}" for path in ("timeline", "path", "talks", "fear", "exposure", "optimal", "code")),
    *(f"GET {ROOT}/{path}" for path in ("jobs", "jobs/{name}", "jobs/{name}/result", "jobs/{name}/so-far")),
    f"DELETE {ROOT}/jobs/{{name}}",
    *(f"GET {ROOT}/{path}" for path in ("runs", "runs/{name}", "runs/{name}/tables/{table}")),
]
#: The schema allows any object as a case, and the models of case files are stricter, so an allowed request may be
#: refused. The checks are that the refusal is as described.
CHECKS = [
    of.not_a_server_error,
    of.content_type_conformance,
    of.response_schema_conformance,
    of.status_code_conformance,
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    limits = Limits(rate=10_000, burst=10_000, seconds=20, job_seconds=1, jobs=1000)
    api = create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), limits=limits)
    with serving(api) as at:
        yield schemathesis.openapi.from_url(f"http://{at}{ROOT}/openapi.json")


def test_every_operation_is_listed_here(schema: Any) -> None:
    described = {f"{one.ok().method.upper()} {one.ok().path}" for one in schema.get_all_operations()}
    assert described == set(OPERATIONS)


MODES = {"allowed": GenerationMode.POSITIVE, "not_allowed": GenerationMode.NEGATIVE}
TRIED = [(name, mode) for name in OPERATIONS for mode in MODES if (name, mode) != (f"GET {ROOT}/jobs", "not_allowed")]


@pytest.mark.parametrize("number", slow_after(1, [1, 25]))
@pytest.mark.parametrize(("name", "mode"), TRIED)
def test_random_requests_cause_no_internal_error(schema: Any, name: str, mode: str, number: int) -> None:
    method, path = name.split(" ")
    operation = schema[path][method]

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=MODES[mode]))
    def tried(case: Any) -> None:
        response = case.call(timeout=30)
        assert response.status_code < 500, (case.body, response.text)
        if response.status_code >= 400:
            assert response.headers["content-type"][0].startswith("application/problem+json")
            assert response.json()["title"]
        case.validate_response(response, checks=CHECKS)

    tried()
