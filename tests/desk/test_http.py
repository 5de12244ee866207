"""Methods, media types and bodies that are none: each gets the status that HTTP has for it, soon, as problem+json."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient

from entrepot.desk.api import ROOT, create_api
from entrepot.desk.workers import Limits

METHODS = {
    "economies": "GET",
    "economies/world2014": "GET",
    "cases": "GET",
    "cases/us-japan-autos-2019": "GET",
    "law": "GET",
    "openapi.json": "GET",
    **dict.fromkeys(("solve", "run", "screen", "offer", "calendar", "bargain", "sweep"), "POST"),
    "jobs": "GET",
    "jobs/none": "GET DELETE",
    "jobs/none/result": "GET",
    "runs": "GET",
    "runs/none": "GET",
    "runs/none/tables/welfare": "GET",
}
QUESTIONS = [path for path, methods in METHODS.items() if methods == "POST"]


@pytest.fixture(scope="module", params=[True, False], ids=["page", "api-only"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    limits = Limits(rate=10_000, burst=10_000, jobs=1000)
    store = str(tmp_path_factory.mktemp("runs"))
    api = create_api(processes=1, store=store, limits=limits, page=request.param)
    with TestClient(api, base_url=f"http://localhost{ROOT}", raise_server_exceptions=False) as made:
        yield made


def _is_problem(said: Any, status: int) -> None:
    assert said.status_code == status, (said.request.method, said.request.url, said.text[:300])
    assert said.headers["content-type"] == "application/problem+json"
    if said.request.method != "HEAD":
        assert said.json()["status"] == status
        assert said.json()["title"]


@pytest.mark.parametrize("path", QUESTIONS)
def test_json_that_is_no_question_is_a_422(client: TestClient, path: str) -> None:
    for document in (1, "x", [], {}, {"case": None, "measures": None}, {"case": 1, "measures": 1}, {"x": {}}):
        _is_problem(client.post(path, json=document), 422)
    _is_problem(client.post(path, content=b"null", headers={"Content-Type": "application/json"}), 422)
    _is_problem(client.post(path, content=b"", headers={"Content-Type": "application/json"}), 422)


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_body_that_is_too_large_is_a_413(client: TestClient, path: str) -> None:
    began = time.monotonic()
    _is_problem(client.post(path, content=b" " * 256_001, headers={"Content-Type": "application/json"}), 413)

    def sent() -> Iterator[bytes]:
        for _ in range(300):
            yield b" " * 1000

    _is_problem(client.post(path, content=sent(), headers={"Content-Type": "application/json"}), 413)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "1" + "0" * 4000])
def test_a_number_that_is_none_is_a_422(client: TestClient, number: str) -> None:
    assert client.post("solve", json={"measures": []}).status_code == 200  # the worker has started
    case = json.dumps(client.get("cases/us-japan-autos-2019").json())
    rate = f'{{"tariff": {{"importer": "USA", "sector": "food", "rate": {number}}}}}'
    protected = f'{{"country": "USA", "sector": "food", "rd_intensity": {number}}}'
    for path, body in (
        ("solve", f'{{"measures": [{rate}]}}'),
        ("solve", f'{{"measures": [], "theta": {number}}}'),
        ("solve", f'{{"measures": [], "theta": {{"food": {number}}}}}'),
        ("solve", f'{{"measures": [], "closure": {{"labour_supply": {number}}}}}'),
        ("solve", f'{{"measures": [], "closure": {{"scale": {number}}}}}'),
        ("solve", f'{{"measures": {number}}}'),
        ("solve", f'{{"measures": [], "report": {{"protected": {protected}}}}}'),
        ("run", f'{{"case": {number}}}'),
        ("run", f'{{"case": {case[:-1]}, "theta": {number}}}}}'),
        ("offer", f'{{"case": "us-japan-autos-2019", "levels": {{"car_tariff": {number}}}}}'),
        ("sweep", f'{{"case": "us-japan-autos-2019", "draws": {number}}}'),
        ("sweep", f'{{"case": "us-japan-autos-2019", "seed": {number}}}'),
        ("sweep", f'{{"case": "us-japan-autos-2019", "level": {number}}}'),
        ("sweep", f'{{"case": "us-japan-autos-2019", "grid": {{"theta": [{number}]}}}}'),
        ("sweep", f'{{"case": "us-japan-autos-2019", "uncertain": {{"theta": {{"lognormal": {{"sd": {number}}}}}}}}}'),
        ("bargain", f'{{"case": "us-japan-autos-2019", "points": {number}}}'),
        ("calendar", f'{{"case": "us-japan-autos-2019", "on": {number}}}'),
    ):
        began = time.monotonic()
        said = client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})
        _is_problem(said, 422)
        assert time.monotonic() - began < 1, body[:200]
