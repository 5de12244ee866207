"""POST /talks and /fear: what the command line prints, other assumptions, tables as CSV, and errors with their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient

from entrepot.desk.api import create_api
from entrepot.desk.handlers import answer
from entrepot.desk.workers import Limits
from test_cli import call

CAR = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}
CUT = {"importer": "JPN", "exporter": "USA", "sector": "food", "rate": "$cut", "change": "cut"}
CASE: dict[str, Any] = {
    "case": "cars",
    "title": "Cars",
    "question": "What if?",
    "economy": "world2014",
    "parties": ["USA", "JPN"],
    "scenarios": {"tariff": {"title": "25 points", "measures": [{"tariff": CAR}]}},
    "table": {
        "between": ["USA", "JPN"],
        "issues": {"cut": {"title": "Cut of the duty on food", "range": [0, "100%"], "now": 0}},
        "measures": [{"tariff": CUT}],
        "threat": {"scenario": "tariff"},
    },
    "beliefs": {
        "threatener": "USA",
        "from": "2019-05-15",
        "until": "2019-11-13",
        "types": {"firm": {"title": "acts", "worth": {"measure": 9000}}, "bluff": {"title": "does not", "called": 100}},
        "prior": {"firm": "30%"},
        "deals": {"food": {"title": "Food", "levels": {"cut": "100%"}}},
        "demand": "food",
        "signals": {"draft": {"title": "A draft", "day": "2019-05-20", "kind": "draft", "called": 500}},
    },
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(seconds=60, rate=10_000, burst=10_000)
    with CheckedClient(create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), limits=limits)) as made:
        yield made


def test_talks_equal_the_command_line_under_the_same_assumptions(client: CheckedClient, tmp_path: Any) -> None:
    (tmp_path / "cars.yaml").write_text(json.dumps(CASE), encoding="utf-8")
    where = ("talks", str(tmp_path / "cars.yaml"), "--assume", "belief=0.05", "--assume", "called.draft=2000")
    code, out, err = call(*where, "--format", "json")
    assert code == 0, err
    reply = client.post("talks", json={"case": CASE, "assume": {"belief": 0.05, "called.draft": 2000}})
    assert reply.status_code == 200, reply.text
    found, printed = reply.json(), json.loads(out)
    for key in ("end_probabilities", "values", "thresholds", "numbers", "payoffs"):
        for name, value in printed[key].items():
            assert found[key][name] == pytest.approx(value, rel=1e-6, abs=1e-6)
    assert found["prior"] == 0.05
    assert found["numbers"]["called.draft"] == 2000
    parts = {way: 0.9 * q + 0.1 / 3 for way, q in found["end_probabilities"].items()}  # (1) of docs/forecasts.md
    assert all(f"{100 * p:.0f}% {way}" in found["forecast"][0] for way, p in parts.items()), found["forecast"]
    rows = found["tables"]["talks_beliefs"]
    assert all(row["deal"] + row["measure"] + row["nothing"] == pytest.approx(1) for row in rows)
    assert [row["belief"] for row in rows] == sorted(row["belief"] for row in rows)


def test_fear_says_who_loses_at_each_chance(client: CheckedClient) -> None:
    reply = client.post("fear", json={"case": CASE, "probability": [0, 0.3, 0.6], "years": [0.5]})
    assert reply.status_code == 200, reply.text
    rows = reply.json()["tables"]["fear_threats"]
    entry = [row["entry_pct"] for row in rows]
    assert entry[0] == pytest.approx(0, abs=1e-9)
    assert 0 > entry[1] > entry[2]
    assert {row["country"] for row in reply.json()["tables"]["fear_countries"]} >= {"USA", "JPN"}
    assert reply.json()["sentences"]


@pytest.mark.parametrize(("kind", "table", "head"), [("talks", "talks_days", "day"), ("fear", "fear_threats", "prob")])
def test_tables_are_sent_as_csv(client: CheckedClient, kind: str, table: str, head: str) -> None:
    more = {} if kind == "talks" else {"probability": [0.3], "years": [0.5]}
    reply = client.post(f"{kind}?table={table}", json={"case": CASE, **more}, headers={"Accept": "text/csv"})
    assert reply.status_code == 200, reply.text
    assert reply.text.startswith(head)


@pytest.mark.parametrize(
    ("kind", "more", "key"),
    [
        ("talks", {"assume": {"belief": 1.5}}, "assume.belief"),
        ("talks", {"assume": {"nonsense": 1}}, "assume.nonsense"),
        ("fear", {"probability": [2]}, "probability.1"),
        ("fear", {"probability": [0.3], "scenario": "tarif"}, "scenario"),
        ("fear", {"probability": [0.3], "years": [0]}, "years.1"),
    ],
)
def test_what_is_refused(kind: str, more: dict[str, Any], key: str) -> None:
    status, sent = answer(kind, {"case": CASE, **more})
    assert (status, json.loads(sent)["key"]) == (422, key), sent


def test_more_signals_than_a_desk_can_solve_are_refused() -> None:
    many = {f"s{k}": CASE["beliefs"]["signals"]["draft"] for k in range(9)}
    status, sent = answer("talks", {"case": CASE | {"beliefs": CASE["beliefs"] | {"signals": many}}})
    assert (status, json.loads(sent)["key"]) == (422, "beliefs.signals")


def test_a_case_without_beliefs_is_refused() -> None:
    status, sent = answer("talks", {"case": {key: value for key, value in CASE.items() if key != "beliefs"}})
    assert (status, json.loads(sent)["key"]) == (422, "case.beliefs")
