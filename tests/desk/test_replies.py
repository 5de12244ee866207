"""The OpenAPI document is valid and complete, and describes every response of every route and status."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient
from jsonschema import Draft202012Validator

from entrepot.cases.case import Case
from entrepot.desk.api import create_api
from entrepot.desk.replies.library_replies import CaseReply
from entrepot.desk.replies.table_rows import CountryRow, IndustryRow, MeasureRow
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits
from entrepot.equilibrium import quantities
from entrepot.sweeping.member_tables import INDUSTRY

CASE = "us-japan-autos-2019"
#: One measure of each kind, and a closure whose results have the columns that are empty in the long run.
MEASURES = [
    {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}},
    {"quota": {"importer": "USA", "exporter": "KOR", "sector": "motor_vehicles", "cap": "80%"}},
    {"ver": {"importer": "USA", "exporter": "DEU", "sector": "motor_vehicles", "cap": "80%"}},
    {"trq": {"importer": "JPN", "exporter": "USA", "sector": "agriculture", "cap": 0.8, "out_rate": "25%"}},
    {"export_tax": {"importer": "USA", "exporter": "JPN", "sector": "food", "rate": "5%"}},
    {"ntb": {"importer": "USA", "exporter": "CHN", "sector": "food", "rate": 0.05}},
    {"production_subsidy": {"country": "USA", "sector": "food", "rate": "5%"}},
]
SHORT = {"horizon": "short", "labour_share": 0.6, "labour_supply": 0.3, "labour_tax": 0.3, "recycling": "labour_tax"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("own")
    (own / "bad.yaml").write_text("- no case\n")
    (own / "cut.ep").write_bytes(b"PK")
    return own


@pytest.fixture(scope="module")
def client(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(seconds=60, rate=10_000, burst=10_000, jobs=1000)
    store = str(tmp_path_factory.mktemp("runs"))
    with CheckedClient(create_api(processes=1, store=store, data=str(folder), limits=limits)) as made:
        yield made


def _done(client: CheckedClient, path: str, question: dict[str, Any], state: str = "done") -> Any:
    """Return the result of a job."""
    begun = client.post(path, json=question)
    assert begun.status_code == 202, begun.text
    job = begun.json()
    end = time.monotonic() + 200
    while job["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.1)
        job = client.get(f"jobs/{job['id']}").json()
    assert job["state"] == state, job
    return client.get(f"jobs/{job['id']}/result")


def _one_scenario(client: CheckedClient) -> dict[str, Any]:
    """Return the founding case with one scenario and nothing that refers to the others."""
    document = client.get(f"cases/{CASE}").json() | {"economy": "world2014"}
    part = {
        key: value
        for key, value in document.items()
        if key not in ("report", "retaliation", "table", "beliefs", "timeline", "path", "market")
    }
    return part | {"scenarios": {"tariff": document["scenarios"]["tariff"]}}


# ---- the document ----


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from _refs(part)
    elif isinstance(node, list):
        for part in node:
            yield from _refs(part)


@pytest.mark.slow
def test_openapi_document_is_valid(client: CheckedClient) -> None:
    definitions = pytest.importorskip("schemathesis.specs.openapi.definitions")
    document = client.get(f"http://localhost{ROOT}/openapi.json").json()
    faults = list(Draft202012Validator(definitions.OPENAPI_31).iter_errors(document))
    assert not faults, [(list(fault.absolute_path), fault.message[:200]) for fault in faults[:3]]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_openapi_references_resolve(client: CheckedClient) -> None:
    for ref in set(_refs(client.document)):
        node: Any = client.document
        assert ref.startswith("#/")
        for step in ref[2:].split("/"):
            assert step in node, ref
            node = node[step]


def test_openapi_describes_every_field(client: CheckedClient) -> None:
    ids = []
    for path, operations in client.document["paths"].items():
        for method, operation in operations.items():
            ids.append(operation["operationId"])
            assert operation["description"]
            for status, response in operation["responses"].items():
                assert response["description"], (path, method, status)
                if status == "304":
                    assert "content" not in response
                    continue
                media, *others = response["content"]
                if status == "200" and "/figures/{" in path:
                    assert [media, *others] == ["image/svg+xml", "image/png", "text/csv"]
                    continue
                assert media == ("application/json" if status < "300" else "application/problem+json")
                assert others in ([], ["text/csv", "application/vnd.apache.parquet"] if status == "200" else [])
                assert response["content"][media]["schema"] not in ({}, {"type": "object"}), (path, method, status)
    assert len(set(ids)) == len(ids)
    names = {ref.rpartition("/")[2] for ref in _refs([*client.document["paths"].values()])}
    for name in names:
        schema = client.document["components"]["schemas"][name]
        if name != "IntervalRow":  # a grid's axes are named by the request
            assert schema["additionalProperties"] is False, name


def test_undescribed_field_fails_validation(client: CheckedClient) -> None:
    study = client.post("solve", json={"measures": MEASURES[:1]}).json()
    schema = {"$ref": "#/components/schemas/StudyReply"}
    client.valid(schema, study)
    for changed in (
        {**study, "more": 1},
        {key: part for key, part in study.items() if key != "screen"},
        {**study, "tables": {**study["tables"], "more": []}},
        {**study, "tables": {**study["tables"], "welfare": [{**study["tables"]["welfare"][0], "more": 1}]}},
        {**study, "tables": {**study["tables"], "welfare": [{**study["tables"]["welfare"][0], "party": 1}]}},
    ):
        with pytest.raises(AssertionError):
            client.valid(schema, changed)


def test_row_models_have_the_columns_of_the_registry() -> None:
    for row, columns in (
        (CountryRow, quantities.columns(quantities.COUNTRY)),
        (MeasureRow, quantities.columns(quantities.MEASURE)),
        (IndustryRow, [*INDUSTRY, "rd_capacity", "rd_capacity_pct"]),
    ):
        names = ("scenario", "country", "measure", "words", "held_by")
        assert [name for name in row.model_fields if name not in names] == list(columns)
    described = CountryRow.model_json_schema()["properties"]["real_wage_pct"]["description"]
    assert described.startswith("Real wage, %. w^")
    assert set(CaseReply.model_fields) == set(Case.model_fields)


# ---- replies ----


def test_library_replies(client: CheckedClient) -> None:
    for path in ("economies", "economies/world2014", "cases", "instruments", "law", "jobs", "runs"):
        reply = client.get(path)
        assert reply.status_code == 200
        assert client.head(path).status_code == 200
    for row in client.get("cases").json():
        assert client.get(f"cases/{row['name']}").status_code == (422 if "fault" in row else 200)
    for path in ("economies/none", "cases/none", "jobs/none", "jobs/none/result", "runs/none", "runs/none/tables/x"):
        assert client.get(path).status_code == 404
    assert client.get("economies/cut").status_code == 422
    assert client.delete("jobs/none").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("case", ep.bundled_cases())
def test_replies_on_bundled_cases(client: CheckedClient, case: str) -> None:
    assert client.post("run", json={"case": case}).status_code == 200
    for on in (None, "1981-05-01", "2019-05-20", "2030-01-01"):
        question = {"case": case} | ({"on": on} if on else {})
        assert client.post("screen", json=question).status_code == 200
        assert client.post("calendar", json=question).status_code == 200


def test_study_replies(client: CheckedClient) -> None:
    reply = client.post("solve", json={"measures": MEASURES, "closure": SHORT, "parties": ["WORLD", "EU28"]})
    assert reply.status_code == 200
    smaller = {"economy": "world2014", "report": {"protected": {"country": "USA", "sector": "food"}}}
    for one in (*MEASURES, {"specific_tariff": {}}, {"minimum_price": {}}):
        reply = client.post("solve", json={**smaller, "measures": [one]})
        assert reply.status_code in (200, 422)
    failed = {"quota": {"importer": "WORLD", "sector": "ALL", "cap": 0}}
    assert client.post("solve", json={**smaller, "measures": [failed]}).json()["failures"]
    document = _one_scenario(client) | {"objectives": {"USA": {"revenue": 0.2}}}
    reply = client.post("run", json={"case": document})
    assert reply.json()["tables"]["payoffs"]


@pytest.mark.slow
def test_study_reply_with_warnings(client: CheckedClient) -> None:
    high = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "food", "rate": 4}}
    assert "400%" in client.post("solve", json={"measures": [high]}).json()["warnings"][0]
    document = client.get(f"cases/{CASE}").json()
    document["scenarios"]["farm_deal"]["measures"].append(high)
    begun = client.post("sweep", json={"case": document, "draws": 16, "scenarios": ["farm_deal"]})
    assert begun.json()["warnings"]


@pytest.mark.slow
def test_bargain_and_offer_replies(client: CheckedClient) -> None:
    found = _done(client, "bargain", {"case": CASE, "points": 2})
    assert found.status_code == 200
    levels = found.json()["deals"]["deal_2019"]["levels"]
    assert client.post("offer", json={"case": CASE, "levels": levels}).status_code == 200
    assert client.post("offer", json={"case": CASE, "levels": {"none": 1}}).status_code == 422
    document = client.get(f"cases/{CASE}").json()
    del document["table"]
    assert client.post("bargain", json={"case": document}).status_code == 422


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        {"draws": 16},
        {"draws": 16, "grid": {"scenarios.farm_deal.measures.2.tariff.rate": [0, 0.1]}},
        {"draws": 16, "method": "sobol"},
        {"draws": 4, "method": "morris"},
    ],
    ids=["draws", "grid", "sobol", "morris"],
)
def test_sweep_and_run_replies(client: CheckedClient, question: dict[str, Any]) -> None:
    found = _done(client, "sweep", {"case": CASE, "scenarios": ["farm_deal"], **question})
    assert found.status_code == 200, found.text
    run = found.json()["run"]
    assert run in [row["id"] for row in client.get("runs").json()]
    for table in client.get(f"runs/{run}").json()["tables"]:
        assert client.get(f"runs/{run}/tables/{table['name']}", params={"limit": 5}).status_code == 200
    assert client.get(f"runs/{run}/tables/none").status_code == 404
    assert client.get("runs", params={"limit": 0}).status_code == 422


def test_result_of_an_unfinished_job_is_a_409(client: CheckedClient) -> None:
    job = client.post("sweep", json={"case": CASE, "draws": 4000}).json()
    assert client.get(f"jobs/{job['id']}/result").status_code == 409
    assert client.delete(f"jobs/{job['id']}").status_code == 202
    assert client.get(f"jobs/{job['id']}/result").status_code == 409


def test_refused_requests_are_described(client: CheckedClient) -> None:
    sent = {"Content-Type": "application/json"}
    for path in ("solve", "run", "market", "screen", "offer", "calendar", "bargain", "sweep"):
        assert client.post(path, content=b"{", headers=sent).status_code == 400
        assert client.post(path, content=b" " * 300_000, headers=sent).status_code == 413
        assert client.post(path, content=b"{}").status_code == 415
        assert client.post(path, json={}).status_code == 422
        assert client.post(path, json={}, headers={"Origin": "http://evil.example"}).status_code == 403
        assert client.post(path, json={}, headers={"Host": "evil.example"}).status_code == 421
    assert client.get("law", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("law", headers={"If-None-Match": "x" * 300}).status_code == 422


@pytest.mark.slow
def test_replies_at_the_limits(tmp_path: Path) -> None:
    limits = Limits(seconds=0.05, rate=0.001, burst=4, waiting=0, jobs=0)
    with CheckedClient(create_api(processes=1, store=str(tmp_path), limits=limits)) as client:
        assert client.post("solve", json={"measures": []}).status_code == 503
        assert client.post("bargain", json={"case": CASE}).status_code == 503
        assert {client.get("law").status_code for _ in range(5)} == {200, 429}
    with CheckedClient(create_api(processes=1, store=str(tmp_path), token="a" * 20)) as client:
        assert client.get("law").status_code == 401
    with CheckedClient(
        create_api(processes=1, store=str(tmp_path), limits=Limits(seconds=0.01, job_seconds=0.01))
    ) as client:
        assert client.post("run", json={"case": CASE}).status_code == 504
        assert _done(client, "bargain", {"case": CASE}, "failed").status_code == 504


@pytest.mark.slow
def test_replies_of_a_damaged_store(client: CheckedClient, tmp_path: Path) -> None:
    store = tmp_path / "runs"
    with CheckedClient(create_api(processes=1, store=str(store))) as client:
        run = _done(client, "sweep", {"case": CASE, "draws": 16, "scenarios": ["farm_deal"]}).json()["run"]
        (part,) = (store / run / "welfare").iterdir()
        part.write_bytes(b"damaged")
        assert client.get(f"runs/{run}/tables/welfare").status_code == 507
        (store / run / "run.json").write_text("{")
        assert client.get("runs").json()[0]["state"] == "damaged"
        assert client.get(f"runs/{run}").status_code == 507
        shutil.rmtree(store)
        store.write_text("a file where the store was")
        assert client.get("runs").status_code == 200
        assert client.post("sweep", json={"case": CASE, "draws": 16}).status_code == 507


def test_internal_error_is_described(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("internal")

    monkeypatch.setattr("entrepot.desk.routes.library_routes.clocks", broken)
    assert client.get("law").status_code == 500


def test_etags_return_not_modified(client: CheckedClient) -> None:
    for path in ("economies", "economies/world2014", "cases", f"cases/{CASE}", "law"):
        tag = {"If-None-Match": client.get(path).headers["etag"]}
        assert client.get(path, headers=tag).status_code == 304
    levels = {"car_tariff": 0.1, "car_quota": 1.0, "rent": 0.5, "farm_cut": 0.5}
    for path, question in (
        ("solve", {"economy": "world2014", "measures": []}),
        ("run", {"case": _one_scenario(client)}),
        ("screen", {"case": CASE}),
        ("calendar", {"case": CASE}),
        ("offer", {"case": CASE, "levels": levels}),
    ):
        reply = client.post(path, json=question)
        assert reply.status_code == 200, reply.text
        assert client.post(path, json=question, headers={"If-None-Match": reply.headers["etag"]}).status_code == 304
