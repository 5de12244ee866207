"""Invalid methods, media types and bodies: each gets its HTTP status quickly, as problem+json."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
import httpx
from checked_client import CheckedClient
from fastapi.testclient import TestClient

from conftest import serving
from entrepot.desk.api import create_api
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits
from shelves import slow

METHODS = {
    "economies": "GET POST",
    "economies/world2014": "GET",
    "cases": "GET",
    "cases/us-japan-autos-2019": "GET",
    "instruments": "GET",
    "law": "GET",
    "tariff?importer=USA&line=8703.23.01&exporter=JPN&on=2026-03-15": "GET",
    "openapi.json": "GET",
    **dict.fromkeys(("solve", "run", "screen", "offer", "calendar", "bargain", "sweep"), "POST"),
    **dict.fromkeys(("timeline", "path", "exposure", "optimal", "code"), "POST"),
    "jobs": "GET",
    "jobs/none": "GET DELETE",
    "jobs/none/result": "GET",
    "runs": "GET",
    "runs/none": "GET",
    "runs/none/tables/welfare": "GET",
}
REQUESTS = [path for path, methods in METHODS.items() if methods == "POST"]
EVERY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")


@pytest.fixture(scope="module", params=[True, slow(False)], ids=["page", "api-only"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    limits = Limits(rate=10_000, burst=10_000, jobs=1000)
    store = str(tmp_path_factory.mktemp("runs"))
    api = create_api(processes=1, store=store, limits=limits, page=request.param)
    with CheckedClient(api) as made:
        yield made


def _is_problem(reply: Any, status: int) -> None:
    assert reply.status_code == status, (reply.request.method, reply.request.url, reply.text[:300])
    assert reply.headers["content-type"] == "application/problem+json"
    if reply.request.method != "HEAD":
        assert reply.json()["status"] == status
        assert reply.json()["title"]


def _allowed(methods: str) -> set[str]:
    return set(methods.split()) | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


@pytest.mark.parametrize(("path", "methods"), METHODS.items())
def test_wrong_method_is_a_405_with_allow(client: TestClient, path: str, methods: str) -> None:
    allowed = _allowed(methods)
    for method in EVERY:
        if method not in allowed:
            reply = client.request(method, path)
            _is_problem(reply, 405)
            assert set(reply.headers["allow"].split(", ")) == allowed
    options = client.options(path)
    assert (options.status_code, options.content) == (204, b"")
    assert set(options.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", [path for path, methods in METHODS.items() if "GET" in methods])
def test_head_equals_get_without_a_body(client: TestClient, path: str) -> None:
    full, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (full.status_code, b"")
    for name in ("content-type", "content-length", "etag", "content-security-policy"):
        assert head.headers.get(name) == full.headers.get(name)


@pytest.mark.parametrize(
    "path", ["", "/", "nothing", "economies/", "jobs/none/more", "solve/x", "../etc", "openapi.yaml"]
)
def test_unknown_path_is_a_404_for_every_method(client: TestClient, path: str) -> None:
    for method in (*EVERY, "OPTIONS"):
        reply = client.request(method, f"{ROOT}/{path}" if path.startswith(".") else path)
        _is_problem(reply, 404)


@pytest.mark.parametrize("path", REQUESTS)
def test_wrong_media_type_is_a_415(client: TestClient, path: str) -> None:
    body = b'{"measures": []}'
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
        "application/json; charset=utf-16",
        'application/json; charset="latin-1"',
        "json",
        "",
        ";;;",
        "application/json, text/plain",
    ):
        reply = client.post(path, content=body, headers={"Content-Type": media})
        _is_problem(reply, 415)
        assert reply.headers["accept-post"] == "application/json"
    _is_problem(client.post(path, content=body), 415)
    compressed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    _is_problem(client.post(path, content=body, headers=compressed), 415)


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/merge-patch+json",
    ],
)
def test_json_media_types_are_read(client: TestClient, media: str) -> None:
    reply = client.post("solve", content=b'{"measures": []}', headers={"Content-Type": media})
    assert reply.status_code == 200


DEEP = b'{"measures": [' + b"[" * 100_000
NOT_JSON = {
    "a brace": b"{",
    "words": b"not json",
    "a quote": b'{"measures": "',
    "a comma too many": b'{"measures": [],}',
    "two documents": b"{} {}",
    "brackets": b"[" * 100_000,
    "brackets in a measure": DEEP,
    "braces": b'{"a":' * 40_000,
    "closing brackets": b"]" * 100_000,
    "UTF-16": '{"measures": []}'.encode("utf-16"),
    "UTF-16 without a mark": '{"measures": []}'.encode("utf-16-le"),
    "UTF-32": '{"measures": []}'.encode("utf-32"),
    "latin-1": '{"measures": [], "economy": "é"}'.encode("latin-1"),
    "half of a character": b'{"measures": [], "economy": "\xed\xa0\x80"}',
    "a NUL": b'{"measures": []}\x00',
    "digits": b'{"measures": [], "theta": ' + b"9" * 200_000 + b"}",
}


@pytest.mark.parametrize("path", REQUESTS)
def test_body_that_is_not_json_in_utf8_is_a_400(client: TestClient, path: str) -> None:
    for body in NOT_JSON.values():
        began = time.monotonic()
        _is_problem(client.post(path, content=body, headers={"Content-Type": "application/json"}), 400)
        assert time.monotonic() - began < 1


def test_broken_json_says_where(client: TestClient) -> None:
    refused = client.post("solve", content=b'{"measures": [}', headers={"Content-Type": "application/json"})
    assert refused.json()["detail"] == "it cannot be read from character 15 on"


@pytest.mark.parametrize("path", REQUESTS)
def test_json_that_is_not_a_request_is_a_422(client: TestClient, path: str) -> None:
    for document in (1, "x", [], {}, {"case": None, "measures": None}, {"case": 1, "measures": 1}, {"x": {}}):
        _is_problem(client.post(path, json=document), 422)
    _is_problem(client.post(path, content=b"null", headers={"Content-Type": "application/json"}), 422)
    _is_problem(client.post(path, content=b"", headers={"Content-Type": "application/json"}), 422)


def test_a_request_without_a_body_says_so(client: TestClient) -> None:
    reply = client.post("solve", content=b"", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["detail"]) == (422, "the request is empty: send an object in JSON")


@pytest.mark.parametrize(
    ("address", "key", "says"),
    [
        ("economies?limit=5", "limit", "unknown parameter"),
        ("runs?limt=5", "limt", "unknown parameter; did you mean limit?"),
        ("runs?limit=5&limit=6", "limit", "given 2 times; give it once"),
        ("goods?q=phone&econmy=world2014", "econmy", "unknown parameter; did you mean economy?"),
        ("cases?tabel=cases", "tabel", "unknown parameter; did you mean table?"),
        ("lines?importer=USA&exporter=JPN&sector=food&sector=cars", "sector", "given 2 times; give it once"),
    ],
)
def test_a_parameter_that_is_not_known_or_repeated_is_refused(
    client: TestClient, address: str, key: str, says: str
) -> None:
    reply = client.get(address)
    _is_problem(reply, 422)
    assert (reply.json()["key"], says in reply.json()["detail"]) == (key, True)


def test_parameters_of_questions(client: TestClient) -> None:
    _is_problem(reply := client.post("solve?detial=full", json={"measures": []}), 422)
    assert reply.json()["detail"] == "unknown parameter; did you mean detail?"
    answer = client.get("tariff-path?importer=USA&exporters=JPN&exporters=DEU&products=87&since=1900-01-01")
    assert "since: 1900-01-01 is outside" in answer.json()["detail"]  # a list is given several times


@pytest.mark.parametrize(
    "body",
    [
        b'{"measures": [], "measures": []}',
        b'{"measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": 0.1, "rate": 0.2}}]}',
        b'{"measures": [], "theta": {"food": 1, "food": 1}}',
    ],
)
def test_repeated_key_is_a_422(client: TestClient, body: bytes) -> None:
    reply = client.post("solve", content=body, headers={"Content-Type": "application/json"})
    _is_problem(reply, 422)
    assert "is repeated" in reply.json()["detail"]
    assert reply.json()["key"] in ("measures", "rate", "food")


@pytest.mark.parametrize("path", REQUESTS)
def test_large_body_is_a_413(client: TestClient, path: str) -> None:
    began = time.monotonic()
    _is_problem(client.post(path, content=b" " * 256_001, headers={"Content-Type": "application/json"}), 413)

    def sent() -> Iterator[bytes]:
        for _ in range(300):
            yield b" " * 1000

    _is_problem(client.post(path, content=sent(), headers={"Content-Type": "application/json"}), 413)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "1" + "0" * 4000])
def test_number_that_is_not_finite_is_a_422(client: TestClient, number: str) -> None:
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
        reply = client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})
        _is_problem(reply, 422)
        assert time.monotonic() - began < 1, body[:200]


# ---- the page ----


def test_page_serves_only_its_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    api = create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")))
    with TestClient(api, base_url="http://localhost", raise_server_exceptions=False) as client:
        assert client.get("/").status_code == client.head("/").status_code == 200
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
            reply = client.request(method, "/app.js")
            _is_problem(reply, 405)
            assert reply.headers["allow"] == "GET, HEAD"
        for path in (
            "nothing",
            "%00",
            "a%00b",
            "x" * 5000,
            "..%2f..%2fapi.py",
            "files",
            "%ff%fe",
            "vendor",
            "app.js/x",
        ):
            reply = client.get(f"/{path}", follow_redirects=False)
            _is_problem(reply, 404)


def test_first_requests_may_come_together(tmp_path: Path) -> None:
    api = create_api(processes=1, store=str(tmp_path), page=False)
    paths = ["economies", "cases", "instruments", "law", "assumptions", "goods?q=phone", "openapi.json", "runs"] * 3
    with serving(api) as at, ThreadPoolExecutor(24) as threads:
        replies = list(threads.map(lambda path: httpx.get(f"http://{at}{ROOT}/{path}", timeout=60), paths))
    assert [reply.status_code for reply in replies] == [200] * len(paths)


def test_openapi_document_is_made_once() -> None:
    api = create_api(processes=1, page=False)
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: api.openapi(), range(8)))
    assert len({id(one) for one in made}) == 1
