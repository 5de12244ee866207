"""The REST API: the same results as Python, problems that name the key, and responses to hostile requests."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from conftest import serving

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
import psutil
import yaml
from checked_client import CheckedClient
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from entrepot.cases import read_case
from entrepot.cli import app
from entrepot.desk.api import create_api
from entrepot.desk.guard import depth
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits, Workers
from shelves import slow

CARS = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": 0.25, "change": "add"}}
CASE = "us-japan-autos-2019"
MARKET = {"title": "m", "importer": "USA", "sectors": ["food"], "exporters": ["JPN"]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    limits = Limits(seconds=60, rate=1000, burst=1000)
    api = create_api(processes=1, store=str(tmp_path_factory.mktemp("desk")), limits=limits)
    with CheckedClient(api) as made:
        yield made


def _done(client: TestClient, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
    for _ in range(int(seconds / 0.1)):
        reply = client.get(f"jobs/{job['id']}").json()
        if reply["state"] not in ("waiting", "running"):
            return reply
        time.sleep(0.1)
    raise AssertionError(f"not done: {reply}")


# ---- replies ----


def test_solve_equals_python(client: TestClient) -> None:
    reply = client.post("solve", json={"measures": [CARS]})
    assert reply.status_code == 200
    outcome = ep.solve(ep.load_economy("world2022"), ep.Tariff(**CARS["tariff"]))
    by = {row["country"]: row["equivalent_variation"] for row in reply.json()["tables"]["countries"]}
    for code in ("USA", "JPN"):
        assert by[code] == pytest.approx(outcome.countries.loc[code, "equivalent_variation"], rel=1e-6)
    assert reply.json()["findings"]


@pytest.mark.slow
def test_run_equals_the_command_line(client: TestClient, founding_study_2018: ep.Study) -> None:
    reply = client.post("run", json={"case": CASE}).json()
    expected = json.loads(founding_study_2018.to_json())
    assert reply["scenarios"] == expected["scenarios"]
    for row, other in zip(reply["tables"]["welfare"], expected["tables"]["welfare"], strict=True):
        assert row == pytest.approx(other)
    assert reply["findings"] == expected["findings"]


def test_case_document_can_be_changed_and_sent_back(client: TestClient) -> None:
    document = client.get(f"cases/{CASE}").json() | {"economy": "world2014"}
    for key in ("report", "retaliation", "table", "beliefs", "timeline", "path", "market"):
        del document[key]
    document["scenarios"] = {"tariff": document["scenarios"]["tariff"]}
    first = client.post("run", json={"case": document}).json()
    document["scenarios"]["tariff"]["measures"][0]["tariff"]["rate"] = "10%"
    changed = client.post("run", json={"case": document}).json()
    assert changed["tables"]["welfare"][0] != first["tables"]["welfare"][0]
    expected = json.loads(ep.run(read_case(yaml.safe_dump(document))).to_json())
    for row, other in zip(changed["tables"]["welfare"], expected["tables"]["welfare"], strict=True):
        assert row == pytest.approx(other)
    assert changed["findings"] == expected["findings"]
    assert document["uncertainty"]["theta"]["mixture"]["within"] == {"lognormal": {"sd": 0.25}}


def test_screen_and_calendar(client: TestClient) -> None:
    screened = client.post("screen", json={"case": CASE}).json()
    assert screened == json.loads(json.dumps(ep.screen(CASE).to_dict(), default=str))
    dates = client.post("calendar", json={"case": CASE, "on": "2019-05-20"}).json()
    assert dates["on"] == "2019-05-20"
    assert any("232" in str(row) for row in dates["calendar"])


def test_economies_cases_and_law_are_listed(client: TestClient) -> None:
    sizes = {w["name"]: (w["countries"], w["sectors"]) for w in client.get("economies").json()}
    assert sizes == {"world2014": (44, 24), "world2018": (81, 31), "world2022": (81, 31)}
    described = client.get("economies/world2014").json()
    japan = {"code": "JPN", "name": "Japan", "short": "Japan", "spoken": "Japan", "number": "392"}
    assert japan in described["countries"]
    assert "JPN" in next(g for g in described["groups"] if g["code"] == "CPTPP")["members"]
    gulf = next(g for g in client.get("economies/world2022").json()["groups"] if g["code"] == "GCC")
    assert (len(gulf["members"]), gulf["without_data"]) == (2, ["Bahrain", "Kuwait", "Oman", "Qatar"])
    assert "us-232" in [entry["id"] for entry in client.get("law").json()["under"]]
    assert CASE in [case["name"] for case in client.get("cases").json()]


def test_sweep_job_has_progress_and_result(client: TestClient) -> None:
    document = client.get(f"cases/{CASE}").json() | {"economy": "world2014"}
    del document["market"], document["path"]
    begun = client.post("sweep", json={"case": document, "draws": 16, "scenarios": ["farm_deal"]})
    assert begun.status_code == 202
    assert begun.headers["location"] == f"{ROOT}/jobs/{begun.json()['id']}"
    assert begun.json()["title"] == document["title"]
    reply = _done(client, begun.json())
    assert reply["state"] == "done"
    assert reply["done"] == reply["parts"] == 1
    # The same request is the same job.
    again = client.post("sweep", json={"case": document, "draws": 16, "scenarios": ["farm_deal"]})
    assert (again.status_code, again.json()["id"]) == (202, reply["id"])
    found = client.get(f"jobs/{reply['id']}/result").json()
    row = found["tables"]["welfare"][0]
    assert row["low"] <= row["median"] <= row["high"]
    widest = found["tornado"][0]
    assert (widest["scenario"], widest["party"]) == ("farm_deal", row["party"])
    assert widest["low"] != widest["high"]
    kept = client.get(f"runs/{found['run']}").json()
    assert kept["finished"]
    rows = client.get(f"runs/{found['run']}/tables/welfare", params={"limit": 3}).json()
    assert len(rows) == 3
    assert client.get("runs").json()[0]["id"] == found["run"]


@pytest.mark.slow
def test_job_is_cancelled(client: TestClient) -> None:
    begun = client.post("sweep", json={"case": CASE, "draws": 2000, "seed": 9}).json()
    while client.get(f"jobs/{begun['id']}").json()["state"] == "waiting":
        time.sleep(0.05)
    assert client.get(f"jobs/{begun['id']}/result").status_code == 409
    assert client.delete(f"jobs/{begun['id']}").status_code == 202
    assert _done(client, begun)["state"] == "cancelled"


def test_failed_job_has_its_problem(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def passed(*_: Any) -> tuple[int, bytes]:
        return 200, b"{}"

    document = client.get(f"cases/{CASE}").json()
    del document["table"], document["beliefs"]
    with monkeypatch.context() as patch:
        patch.setattr(Workers, "ask", passed)  # the check before a job begins would refuse this case
        begun = client.post("bargain", json={"case": document}).json()
    reply = _done(client, begun)
    assert reply["state"] == "failed"
    assert "has no table" in reply["problem"]["detail"]
    assert client.get(f"jobs/{begun['id']}/result").status_code == 422


@pytest.mark.slow
def test_offer_equals_the_bargain(client: TestClient) -> None:
    found = ep.bargain(CASE, points=2)
    reply = client.post("offer", json={"case": CASE, "levels": dict(found.offers["deal_2019"].levels)}).json()
    assert reply["deal"]["gains"] == pytest.approx(dict(found.offers["deal_2019"].gains), rel=1e-6)
    assert reply["deal"]["signed_by"] == ["USA", "JPN"]


def test_offer_with_wrong_levels_is_refused(client: TestClient) -> None:
    for levels, key in (
        ({"car_tarif": 0.1}, "levels.car_tarif"),
        ({"car_tariff": 9}, "levels.car_tariff"),
        ({"car_quota": 0.5}, "levels"),
    ):
        refused = client.post("offer", json={"case": CASE, "levels": levels})
        assert (refused.status_code, refused.json()["key"]) == (422, key)


@pytest.mark.slow
def test_own_cases_and_economies_are_served(tmp_path: Path) -> None:
    world = ep.load_economy("world2014").aggregate({"JPN": "JPN", "USA": "USA"}, rest_of_world="REST")
    world.save(tmp_path / "small.ep")
    (tmp_path / "mine.yaml").write_text(
        "case: mine\ntitle: Mine\nquestion: What then?\neconomy: small\nparties: [USA, JPN]\n"
        "scenarios: {t: {title: T, measures: [{tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%}}]}}\n"
    )
    api = create_api(processes=1, store=str(tmp_path / "runs"), data=str(tmp_path))
    with TestClient(api, base_url=f"http://localhost{ROOT}") as client:
        assert "small" in [one["name"] for one in client.get("economies").json()]
        assert "mine" in [one["name"] for one in client.get("cases").json()]
        reply = client.post("run", json={"case": "mine"}).json()
        assert {row["country"] for row in reply["tables"]["countries"]} == {"JPN", "USA", "REST"}
        assert str(tmp_path) not in json.dumps(reply)


def test_etag_returns_not_modified(client: TestClient) -> None:
    cars = {"economy": "world2014", "measures": [CARS]}
    first = client.post("solve", json=cars)
    tag = first.headers["etag"]
    again = client.post("solve", json=cars, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert not again.content
    other = client.post("solve", json={**cars, "measures": []})
    assert other.headers["etag"] != tag
    names = client.get("economies")
    assert client.get("economies", headers={"If-None-Match": names.headers["etag"]}).status_code == 304


# ---- problems ----


def test_those_beyond_the_parties_of_a_question_are_named(client: TestClient) -> None:
    exporters = ["CAN", "MEX", "DEU", "FRA", "KOR", "CHN", "IND"]
    given = {"importer": "USA", "sector": "food", "rate": "5%", "change": "add"}
    measures = [{"tariff": given | {"exporter": exporter}} for exporter in exporters]
    note = "Tables and figures have 6 parties; the measures also name China and India."
    assert client.post("solve", json={"measures": measures, "economy": "world2014"}).json()["notes"][0] == note
    few = client.post("solve", json={"measures": measures[:2], "economy": "world2014"}).json()
    assert not any("the measures also name" in one for one in few["notes"])


@pytest.mark.parametrize(
    ("question", "key", "says"),
    [
        (
            {"measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": 25}}]},
            "measures.1.tariff.rate",
            "2,500%",
        ),
        ({"measures": [{"tarif": {}}]}, "measures.1", "did you mean tariff"),
        ({"measures": "all"}, "measures", "list"),
        ({}, "measures", "is missing"),
        ({"measures": [], "theta": {"food": -1}}, "theta", "above zero"),
        ({"measures": [], "theta": {"food": "much"}}, "theta.food", "must be a number, such as 0.2"),
        ({"measures": [], "theta": True}, "theta", "must be a number, such as 0.2"),
        ({"measures": [], "closure": {"horizon": "middling"}}, "closure.horizon", "long"),
        ({"measures": [], "colour": 1}, "colour", "unknown key"),
        ({"measures": [], "parties": []}, "parties", "is empty"),
        ({"measures": [{}] * 201}, "measures", "at most 200"),
        ({"measures": [], "theta": "x" * 5000}, "theta", "must be a number, such as 0.2"),
        ({"measures": [], "report": {"markets": [MARKET, MARKET]}}, "report.markets.2.title", "is repeated"),
        ({"measures": [], "report": {"markets": [{**MARKET, "exporters": []}]}}, "report.markets.1.exporters", "empty"),
        ({"measures": [{"tariff": {"importer": "x" * 9000, "sector": "food", "rate": 0}}]}, "measures.1", "xxx ..."),
        ({"measures": [], "economy": "/etc/passwd"}, "economy", "known: world2014"),
        ({"measures": [], "theta": "../../theta.csv"}, "theta", "unknown set"),
        ({"measures": [], "closure": {"labour_share": "/etc/passwd"}}, "closure.labour_share", "a desk reads no file"),
        ({"measures": [], "closure": {"labour_share": "0.6"}}, "closure.labour_share", "give a number"),
        ({"measures": [], "closure": {"labour_share": "160,5%"}}, "closure.labour_share", "1.605 is not a share"),
    ],
)
def test_problem_names_its_key(client: TestClient, question: dict[str, Any], key: str, says: str) -> None:
    reply = client.post("solve", json=question)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["key"] == key
    assert says in reply.json()["detail"]


def test_further_faults_are_at_places_of_the_request(client: TestClient) -> None:
    question = {"measures": [{"tariff": {}}, {"tarif": {}}], "closure": {"deficits": "balanced"}}
    first, *also = client.post("solve", json=question).json()["detail"].splitlines()
    assert first.startswith("closure.deficits: unknown key")
    assert [line.split(": ")[0] for line in also] == ["also measures.1.tariff", "also measures.2"]


@pytest.mark.parametrize(
    ("verb", "question", "key", "says"),
    [
        ("calendar", {"on": 0}, "on", "0 is not a date such as 2019-05-17"),
        ("talks", {"assume": {"belief": True}}, "assume.belief", "must be a number"),
        ("sweep", {"draws": True}, "draws", "must be a whole number"),
        ("calendar", {"case": "\ud800"}, "case", "holds half of a character (a lone surrogate)"),
        ("calendar", {"on": "\ud800"}, "on", "holds half of a character (a lone surrogate)"),
        ("screen", {"case": {"case": "c", "title": "\ud800"}}, "title", "holds half of a character"),
    ],
)
def test_true_is_no_number_and_a_number_no_day(
    client: TestClient, verb: str, question: dict[str, Any], key: str, says: str
) -> None:
    request = json.dumps({"case": CASE, **question})  # with the escapes of JSON
    reply = client.post(verb, content=request, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["key"]) == (422, key)
    assert says in reply.json()["detail"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"economy": {}}, "economy"),
        ({"economy": ["world2014"]}, "economy"),
        ({"economy": None}, "economy"),
        ({"parties": [f"x{k}" for k in range(51)]}, "parties"),
        ({"parties": [f"x{k}" for k in range(20_000)]}, "parties"),
        ({"scenarios": {f"s{k}": {"title": "t"} for k in range(101)}}, "scenarios"),
        ({"scenarios": {"s": {"title": "t", "measures": [CARS] * 201}}}, "scenarios.s.measures"),
        ({"scenarios": []}, "scenarios"),
        ({"scenarios": {"s": []}}, "scenarios.s"),
    ],
)
def test_invalid_case_is_refused_quickly_at_its_key(client: TestClient, change: dict[str, Any], key: str) -> None:
    document = {"case": "c", "title": "t", "question": "q", "parties": ["USA"], "scenarios": {"s": {"title": "t"}}}
    client.post("run", json={"case": {}})  # what the first request loads is not counted
    for path in ("run", "screen", "calendar"):
        began = time.process_time()
        reply = client.post(path, json={"case": document | change})
        assert (reply.status_code, reply.json()["key"]) == (422, key)
        assert time.process_time() - began < 1
        assert len(reply.content) < 2000


@pytest.mark.parametrize("parties", [["WORLD"], ["world", "USA"], ["EU28", "DEU"], ["row"]])
def test_parties_of_every_kind(client: TestClient, parties: list[str]) -> None:
    reply = client.post("solve", json={"economy": "world2014", "measures": [CARS], "parties": parties})
    assert reply.status_code == 200
    rows = [row["party"] for row in reply.json()["tables"]["welfare"]]
    assert len(set(rows)) == len(rows)
    assert rows.count("WORLD") == 1


def test_without_parties_the_answer_is_about_those_whom_the_measures_name(client: TestClient) -> None:
    def parties(**sides: Any) -> list[str]:
        measure = {"tariff": {**CARS["tariff"], **sides}}
        reply = client.post("solve", json={"economy": "world2014", "measures": [measure]}).json()
        return [row["party"] for row in reply["tables"]["welfare"] if row["party"] != "WORLD"]

    assert parties() == ["USA", "JPN", "EU28"]
    assert parties(importer="IND", exporter="CHN") == ["IND", "CHN", "USA", "JPN", "EU28"]
    assert parties(exporter=["Germany", "Mexico"]) == ["USA", "Germany", "Mexico", "JPN"], "no country counts twice"
    assert parties(importer="USA", exporter=["MEX", "Mexico"]) == ["USA", "MEX", "JPN", "EU28"], "nor under two names"


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        ({"quota": {"importer": "WORLD", "sector": "ALL", "cap": 0}}, "Nothing is left for buyers of"),
        slow(({"tariff": {"importer": "LUX", "sector": "ALL", "rate": -0.9}}, "what LUX pays in subsidies")),
    ],
)
def test_scenario_without_equilibrium_is_in_failures(client: TestClient, measure: dict[str, Any], says: str) -> None:
    reply = client.post("solve", json={"economy": "world2014", "measures": [measure]})
    assert reply.status_code == 200
    assert says in reply.json()["failures"]["measures"]


HOSTILE: list[tuple[bytes, int]] = [
    (b"", 422),
    (b"{", 400),
    (b"not json", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400),
    (b'{"measures": [' + b"{}," * 100_000 + b"{}]}", 413),
    (b'{"measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": NaN}}]}', 422),
    (b'{"measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": 1e999}}]}', 422),
    (b'{"measures": [{"tariff": {"importer": "<script>alert(1)</script>", "sector": "food", "rate": 0.1}}]}', 422),
    (b'{"measures": [{"tariff": {"importer": "USA\\u0000", "sector": "food", "rate": 0.1}}]}', 422),
    (b'{"measures": [{"tariff": {"importer": "\\ud800", "sector": "food", "rate": 0.1}}]}', 422),
    (b"\xff\xfe\x00", 400),
    (b'"measures"', 422),
    (b"null", 422),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_request_gets_a_problem(client: TestClient, body: bytes, status: int) -> None:
    reply = client.post("solve", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == status, reply.text[:300]
    assert reply.headers["content-type"] == "application/problem+json"
    assert "/work" not in reply.text
    assert "Traceback" not in reply.text


@pytest.mark.parametrize(
    "path", ["runs/..%2f..%2fetc", "runs/%00", "cases/..%2Fx", "economies/%2e%2e", "jobs/" + "x" * 500]
)
def test_path_traversal_is_refused(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code in (404, 422)
    assert reply.headers["content-type"] == "application/problem+json"


def test_unknown_host_is_refused(client: TestClient) -> None:
    """A page elsewhere whose name is made to point at this machine must not read replies (DNS rebinding)."""
    refused = client.get("economies", headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert refused.headers["content-type"] == "application/problem+json"
    assert client.get("economies", headers={"Host": "localhost:8642"}).status_code == 200


def test_security_headers_are_sent(client: TestClient) -> None:
    for reply in (client.get("economies"), client.get("nothing"), client.post("solve", content=b"[" * 99)):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_depth_ignores_brackets_in_strings() -> None:
    assert depth(b'{"a": [1, {"b": "[[[[\\"[[["}]}') == 3
    assert depth(b"") == 0


# ---- limits ----


def test_token_is_required_where_one_is_set(tmp_path: Path) -> None:
    with TestClient(
        create_api(processes=1, store=str(tmp_path), token="a" * 20), base_url="http://localhost"
    ) as client:
        assert client.get(f"{ROOT}/economies").status_code == 401
        assert client.get(f"{ROOT}/economies", headers={"Authorization": "Bearer b"}).status_code == 401
        assert client.get(f"{ROOT}/economies", headers={"Authorization": "Bearer " + "a" * 20}).status_code == 200


def test_rate_and_time_limits(tmp_path: Path) -> None:
    limits = Limits(seconds=0.05, rate=1.0, burst=5)
    with TestClient(
        create_api(processes=1, store=str(tmp_path), limits=limits),
        base_url="http://localhost",
        raise_server_exceptions=False,
    ) as client:
        slow = client.post(f"{ROOT}/run", json={"case": CASE})
        assert slow.status_code == 504
        assert slow.json()["type"] == "urn:entrepot:too-slow"
        statuses = [client.get(f"{ROOT}/economies").status_code for _ in range(8)]
        assert statuses[0] == 200
        assert statuses[-1] == 429


def test_openapi_describes_every_route(client: TestClient) -> None:
    described = client.get("openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for name in (
        "economies",
        "cases",
        "solve",
        "run",
        "screen",
        "calendar",
        "bargain",
        "sweep",
        "jobs",
        "runs",
        "tariff",
        "tariff-path",
    ):
        assert f"{ROOT}/{name}" in described["paths"]
    for path in described["paths"].values():
        for verb in path.values():
            assert verb.get("description"), verb


def test_desk_command_errors(tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        for arguments, says in (
            (["--port", str(taken.getsockname()[1])], "already in use"),
            (["--token", "short"], "sixteen"),
            (["--data", str(tmp_path / "nowhere")], "is not a folder"),
            (["--host", "no-such-host.invalid"], "--port 0"),
            (["--name", "https://desk.example"], "is not the name of a machine"),
        ):
            found = CliRunner().invoke(app, ["desk", "--no-browser", "--store", str(tmp_path), *arguments])
            assert found.exit_code == 2
            assert says in found.output


@pytest.mark.slow
def test_killed_worker_is_replaced(tmp_path: Path) -> None:
    """A worker that is killed during a request: the request is tried again, and the next one finds a worker too."""
    with TestClient(create_api(processes=1, store=str(tmp_path)), base_url="http://localhost") as client:
        assert client.post(f"{ROOT}/solve", json={"measures": []}).status_code == 200
        sender = threading.Thread(target=lambda: replies.append(client.post(f"{ROOT}/run", json={"case": CASE})))
        replies: list[Any] = []
        sender.start()
        time.sleep(0.15)
        for worker in psutil.Process().children():
            if "spawn_main" in " ".join(worker.cmdline()):
                worker.kill()
        sender.join(60)
        assert replies[0].status_code == 200
        assert client.post(f"{ROOT}/solve", json={"measures": [CARS]}).status_code == 200


def test_slow_request_is_refused(tmp_path: Path) -> None:
    api = create_api(processes=1, store=str(tmp_path), limits=Limits(sending=0.3))
    with serving(api) as at, socket.create_connection(("127.0.0.1", int(at.rpartition(":")[2])), timeout=10) as slow:
        slow.sendall(f"POST {ROOT}/solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{{".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_goods_and_assumptions_are_listed(client: TestClient) -> None:
    first = client.get("goods", params={"q": "phone"}).json()[0]
    assert first == {"title": "Telephones and network equipment", "code": "8517", "sectors": ["electronics"]}
    assert client.get("goods", params={"q": "xyzzy"}).json() == []
    assert client.get("goods", params={"q": "steel", "economy": "atlantis"}).status_code == 404
    assert client.get("goods", params={"q": "x" * 81}).status_code == 422
    found = client.get("assumptions").json()
    assert {"cp2015", "simonovska-waugh"} <= {one["name"] for one in found["elasticities"]}
    assert "fgo2022-products" not in {one["name"] for one in found["elasticities"]}, "its numbers are not shipped"
    assert {one["name"] for one in found["deficits"]} >= {"fixed", "balanced"}
    assert found["labour_share"] == pytest.approx(2 / 3)


def test_members_without_data_are_a_warning(client: TestClient) -> None:
    duty = {"tariff": {"importer": "USA", "exporter": "GCC", "sector": "steel", "rate": "10%", "change": "add"}}
    reply = client.post("solve", json={"economy": "world2022", "measures": [duty]}).json()
    assert [text.partition(";")[0] for text in reply["warnings"]] == ["GCC: 2 of 6 members have data of their own"]
    own = client.post("solve", json={"measures": [{"tariff": {**duty["tariff"], "exporter": "JPN"}}]}).json()
    assert "warnings" not in own


def test_first_screen_has_who_pays_and_who_holds_the_rent(client: TestClient) -> None:
    """The restraint's tariff equivalent is what makes up the duty that it replaces, found without the study."""
    cars = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    scenarios = {
        "duty": {"title": "Duty", "measures": [{"tariff": {**cars, "rate": "25%", "change": "add"}}]},
        "ver": {"title": "Restraint", "measures": [{"ver": {**cars, "cap": {"match": "duty"}}}]},
    }
    case = {"case": "x", "title": "X", "question": "Q?", "economy": "world2014", "parties": ["USA", "JPN"]}
    found = client.post("run", json={"case": {**case, "scenarios": scenarios}}).json()["first_screen"]
    duty, ver = found["answers"]["duty"], found["answers"]["ver"]
    assert (duty["rent"], duty["tariff_equivalent"], duty["collector"]) == (0.0, None, "USA")
    assert duty["revenue"] > 0.9 < duty["pass_through"] < 1.1
    assert ver["rent_holder"] == "exporter"
    # The same trade needs nearly the same price: 25 points on a duty of some 1% are 24.7% of the price with that duty.
    e = ep.load_economy("world2014")
    j, n, i = e.sectors.index("motor_vehicles"), e.countries.index("USA"), e.countries.index("JPN")
    replaced = 0.25 / (1 + float(e.tariff[j, n, i]))
    assert ver["tariff_equivalent"] == pytest.approx(replaced, rel=0.01)
    assert (found["basis"]["year"], found["basis"]["horizon"]) == (2014, "long")
    assert "the United States" in duty["sentences"][0].replace("The", "the")


def test_sentences_are_in_the_language_that_the_reader_accepts(client: Any) -> None:
    tariff = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": 0.25}
    body = {"economy": "world2014", "measures": [{"tariff": tariff}]}
    german = client.post("solve", json=body, headers={"Accept-Language": "de-AT,en;q=0.5"})
    english = client.post("solve", json=body)
    assert (german.status_code, english.status_code) == (200, 200)
    assert german.headers["content-language"] == "de"
    assert english.headers["content-language"] == "en"
    assert "Accept-Language" in german.headers["vary"]
    assert german.headers["etag"] != english.headers["etag"]
    assert "Vereinigte Staaten" in " ".join(german.json()["findings"])
    assert german.json()["tables"]["welfare"] == english.json()["tables"]["welfare"]
