"""POST /market: the same document as the command line, described to the last field; limits; errors with their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient

from car_markets import BEERS, CARS, SIZE
from entrepot.cases.case import Case
from entrepot.desk.api import create_api
from entrepot.desk.handlers import answer
from entrepot.desk.replies.market_replies import AlternativeRow, MarketTables
from entrepot.desk.requests import PRODUCTS
from entrepot.desk.workers import Limits
from entrepot.errors import ConvergenceError
from entrepot.markets import Market
from entrepot.studies.market_document import TABLES
from test_cli import call

VER = {"ver": {"importer": "USA", "exporter": "JPN", "cap": 0.8}}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(seconds=60, rate=10_000, burst=10_000)
    with CheckedClient(create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), limits=limits)) as made:
        yield made


def rows(table: Any = CARS) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records"))


def ask(client: CheckedClient, **more: Any) -> dict[str, Any]:
    reply = client.post("market", json={"products": rows(), "importer": "USA", "market_size": SIZE, **more})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_market_equals_the_command_line(client: CheckedClient, tmp_path: Path) -> None:
    CARS.to_csv(tmp_path / "cars.csv", index=False)
    arguments = ("--importer", "USA", "--market-size", str(SIZE), "--ver", "USA:JPN:0.8", "--each", "firm")
    code, out, err = call("market", str(tmp_path / "cars.csv"), *arguments, "--format", "json")
    assert code == 0, err
    assert ask(client, measures=[VER], each="firm") == json.loads(out)


@pytest.mark.parametrize("conduct", ["bertrand", "cournot", "monopolistic", "perfect"])
def test_replies_under_each_conduct_are_described(client: CheckedClient, conduct: str) -> None:
    found = ask(client, conduct=conduct, price_coefficient=-0.3, measures=[VER])
    assert found["conduct"]["name"] == conduct
    assert len(found["tables"]["products"]) == len(CARS)


def test_other_replies_are_described(client: CheckedClient) -> None:
    base = ask(client, nests=["segment"], nesting=[0.4], demand="nested_logit")
    assert base["residual"] is None
    assert len(base["tables"]["base"]) == len(CARS)
    embargo = ask(client, measures=[{"export_ban": {"importer": "USA", "exporter": "JPN"}}])
    assert [row["price"] for row in embargo["tables"]["products"] if row["plant"] == "JPN"] == [None, None]
    each = ask(client, demand="each", measures=[VER])
    assert each["demand"] is None
    assert len(each["tables"]["comparison"]) == 4
    draws = {"taste": [[0.0, 1.0]] * len(CARS), "alpha": [0.3, 0.2]}
    assert ask(client, demand="mixed_logit", draws=draws)["demand"]["parameters"] == {"draws": 2.0}


def test_a_bundled_market_by_name(client: CheckedClient) -> None:
    reply = client.post("market", json={"bundled": "us-cars-2018", "demand": "ces", "measures": [VER]})
    assert reply.status_code == 200, reply.text
    assert (reply.json()["importer"], reply.json()["demand"]["name"]) == ("USA", "ces")
    for question, key in (
        ({"bundled": "us-cars"}, "bundled"),
        ({"bundled": "/etc/passwd"}, "bundled"),
        ({"bundled": "us-cars-2018", "products": rows()}, "products"),
        ({"products": rows()}, "importer"),
    ):
        refused = client.post("market", json=question)
        assert refused.status_code == 422
        assert refused.json()["key"] == key


def test_tables_of_the_reply_are_those_of_the_document() -> None:
    assert tuple(MarketTables.model_fields) == TABLES
    assert {"name", "title", "reason"} < set(AlternativeRow.model_fields)


@pytest.mark.parametrize(
    ("changed", "key", "message"),
    [
        ({"measures": [{"vr": {"importer": "USA"}}]}, "measures.1", "did you mean ver?"),
        ({"measures": [VER, {"tariff": {"importer": "USA", "rate": "x"}}]}, "measures.2.tariff.rate", "rate"),
        ({"measures": [{"retaliation": {"by": "JPN", "against": "USA"}}]}, "measures.1", "instruments only"),
        ({"measures": [VER] * 201}, "measures", "200"),
        ({"products": []}, "products", "give the rows"),
        ({"products": [{"product": "A"}] * (PRODUCTS + 1)}, "products", str(PRODUCTS)),
        ({"products": [{"product": "A", "firm": "A", "plant": "USA", "price": 1}]}, "", "no column 'quantity'"),
        ({"demand": "logitt"}, "demand", "logit"),
        ({"market_size": "all"}, "market_size", ""),
        ({"file": "/etc/passwd"}, "file", ""),
        ({"nesting": [2]}, "nesting.1", "less than 1"),
        ({"importer": "Utopia"}, "", "not a country"),
        ({"market_size": 100}, "", "is not above"),
    ],
)
def test_refusals_name_the_key(client: CheckedClient, changed: dict[str, Any], key: str, message: str) -> None:
    reply = client.post("market", json={"products": rows(BEERS), "importer": "USA", **changed})
    assert reply.status_code == 422, reply.text
    assert reply.json().get("key", "") == key
    assert message in reply.json()["detail"]


def test_no_equilibrium_is_a_problem_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise ConvergenceError("no equilibrium in prices was found")

    monkeypatch.setattr(Market, "solve", none)
    status, body = answer("market", {"products": rows(), "importer": "USA", "measures": [VER]})
    assert status == 422
    assert json.loads(body)["type"] == "urn:entrepot:no-equilibrium"


def test_a_case_that_is_sent_names_no_file_of_products(client: CheckedClient) -> None:
    assert "market" in Case.model_fields
    case = {
        "case": "sent",
        "title": "Cars",
        "question": "Who gains?",
        "parties": ["USA", "JPN"],
        "scenarios": {
            "ver": {"title": "A restraint", "measures": [{"ver": {**VER["ver"], "sector": "motor_vehicles"}}]}
        },
        "market": {"products": "/etc/passwd", "importer": "USA", "sector": "motor_vehicles"},
    }
    for products, message in (("/etc/passwd", "a desk reads no file"), (rows() * 50, f"at most {PRODUCTS}")):
        case["market"]["products"] = products
        reply = client.post("run", json={"case": case})
        assert reply.status_code == 422
        assert reply.json()["key"] == "market.products"
        assert message in reply.json()["detail"]
