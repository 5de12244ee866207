"""POST /path: the same document as the command line, limits; tables as CSV; errors with their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient

from entrepot.desk.api import create_api
from entrepot.desk.handlers import answer
from entrepot.desk.replies.path_replies import PathTables
from entrepot.desk.requests import STEPS, WORKERS_STEPS
from entrepot.desk.workers import Limits
from entrepot.studies.path_tables import TABLES
from test_cli import call

CAR = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}
CASE: dict[str, Any] = {
    "case": "cars",
    "title": "Cars",
    "question": "What if?",
    "economy": "world2014",
    "parties": ["USA", "JPN"],
    "scenarios": {"tariff": {"title": "25 points", "measures": [{"tariff": CAR}]}},
    "path": {
        "from": "2019-01-01",
        "until": "2020-07-01",
        "expectations": "beliefs",
        "belief": 0.4,
        "inventories": {},
        "in_force": [{"scenario": "tariff", "from": "2019-11-13", "announced": "2019-05-17"}],
    },
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(seconds=60, rate=10_000, burst=10_000)
    with CheckedClient(create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), limits=limits)) as made:
        yield made


def test_path_equals_the_command_line(client: CheckedClient, tmp_path: Path) -> None:
    (tmp_path / "cars.yaml").write_text(json.dumps(CASE), encoding="utf-8")
    code, out, err = call("path", str(tmp_path / "cars.yaml"), "--belief", "0.6", "--format", "json")
    assert code == 0, err
    reply = client.post("path", json={"case": CASE, "belief": 0.6})
    assert reply.status_code == 200, reply.text
    found, printed = reply.json(), json.loads(out)
    assert found["sentences"] == printed["sentences"]
    assert found["path"] == printed["path"]
    for name in TABLES:
        pd.testing.assert_frame_equal(
            *(pd.DataFrame(d["tables"][name]) for d in (found, printed)), rtol=1e-6, atol=1e-6
        )


def test_tables_are_sent_as_csv_and_described(client: CheckedClient) -> None:
    assert set(PathTables.model_fields) == set(TABLES)
    reply = client.post("path?table=path_surges", json={"case": CASE}, headers={"Accept": "text/csv"})
    assert reply.status_code == 200, reply.text
    lines = reply.text.splitlines()
    assert lines[0].startswith("entry,probability,carried_out,surge")
    assert len(lines) == 2


def test_every_part_that_remembers_is_described(client: CheckedClient) -> None:
    """The reply is checked against the OpenAPI document by the client, with capital and with workers."""
    with_capital = CASE["path"] | {"capital": {}, "step": "year"}
    found = client.post("path", json={"case": CASE | {"path": with_capital}}).json()
    assert found["tables"]["path_totals"][0]["consumption_change"] is not None
    workers = {"mobility": {"country": "USA"}, "expectations": "myopic", "step": "year"}
    plain = {key: value for key, value in CASE["path"].items() if key != "belief"}
    found = client.post("path", json={"case": CASE | {"path": plain | workers}}).json()
    assert found["tables"]["path_workers"]
    assert pd.DataFrame(found["tables"]["path_workers"])["worth_pct"].notna().all()


@pytest.mark.parametrize(
    ("change", "more", "key"),
    [
        ({"until": "2069-01-01"}, {}, "case.path.until"),
        ({"until": "2029-01-01", "mobility": {"country": "USA"}, "expectations": "foresight"}, {}, "case.path.until"),
        ({"in_force": 25 * CASE["path"]["in_force"]}, {}, "path.in_force"),
        ({"expectations": "foresight"}, {"belief": 0.5}, "belief"),
        ({}, {"belief": 1.5}, "belief"),
        ({"capital": {"depreciation": 2}}, {}, "path.capital.depreciation"),
    ],
)
def test_what_is_refused(change: dict[str, Any], more: dict[str, Any], key: str) -> None:
    path = CASE["path"] | change
    if path["expectations"] == "foresight":
        del path["belief"]
    status, sent = answer("path", {"case": CASE | {"path": path}, **more})
    assert status == 422, sent
    assert json.loads(sent)["key"] == key, sent
    assert STEPS > WORKERS_STEPS


def test_a_case_without_a_path_is_refused() -> None:
    status, sent = answer("path", {"case": {key: value for key, value in CASE.items() if key != "path"}})
    assert (status, json.loads(sent)["key"]) == (422, "case.path")


def test_a_case_that_is_sent_is_named_as_the_bundled_one_or_as_its_file() -> None:
    from entrepot.cases import bundled_cases, load_case
    from entrepot.cases.load import case_of
    from entrepot.studies.provenance import called

    name = "us-japan-autos-2019"
    document = json.loads(json.dumps(load_case(name)._origin.document, default=str))
    assert name in bundled_cases()
    assert called(case_of(document, "the request")) == name
    without = {key: value for key, value in document.items() if key not in ("table", "beliefs", "market", "path")}
    assert called(case_of(without, "the request")) == name
    document["scenarios"]["tariff"]["measures"][0]["tariff"]["rate"] = "12%"
    assert called(case_of(document, "the request")) == f"{name}.yaml"
    assert called(case_of(CASE, "the request")) == "cars.yaml"
