"""GET /tariff and /tariff-path answer as their verbs do with `--format json`, and refuse with the key."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient

from entrepot.desk.api import create_api
from entrepot.desk.handlers import answer
from shelves import slow_after
from test_cli import call

CAR = {"importer": "USA", "line": "8703.23.01", "exporter": "JPN", "on": "2026-03-15"}


@pytest.fixture(scope="module")
def client() -> CheckedClient:
    """A client of a desk whose workers are not started: the route needs none."""
    return CheckedClient(create_api(processes=1))


@pytest.mark.parametrize(
    ("query", "options"),
    slow_after(
        3,
        [
            ({**CAR, "value": "20000"}, ("--value", "20000")),
            (
                {**CAR, "exporter": "MEX", "us_content": "0.4", "preference": "no"},
                ("--us-content", "0.4", "--preference", "no"),
            ),
            ({**CAR, "line": "0402.10.05", "on": "2025-10-01"}, ()),
            (CAR, ()),
            ({**CAR, "line": "8450.11.00", "on": "2025-10-01", "metal_share": "0.2"}, ("--metal-share", "0.2")),
            ({**CAR, "exporter": "CAN", "on": "2026-08-19", "in_quota": "false"}, ("--beyond-quota",)),
        ],
    ),
)
def test_tariff_reply_equals_what_the_command_line_prints(
    client: CheckedClient, query: dict[str, str], options: tuple[str, ...]
) -> None:
    reply = client.get("tariff", params=query)
    assert reply.status_code == 200, reply.text
    where = ("--from", query["exporter"], "--on", query["on"])
    code, printed, err = call("tariff", query["importer"], query["line"], *where, *options, "--format", "json")
    assert code == 0, err
    assert reply.json() == json.loads(printed)


def test_the_same_answer_has_the_same_tag(client: CheckedClient) -> None:
    first = client.get("tariff", params=CAR)
    again = client.get("tariff", params=CAR, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "key", "says"),
    [
        ({"line": "8703.23.02"}, "", "the nearest are 8703.23.01"),
        ({"exporter": "Jpan"}, "", "unknown country 'Jpan'"),
        ({"importer": "DEU"}, "", "not for Germany"),
        ({"on": "yesterday"}, "on", "date"),
        ({"on": "2031-01-01"}, "", "outside what us-2026 knows"),
        ({"us_content": "nan"}, "us_content", "must be at most 1"),
        ({"value": "inf"}, "value", "must be at most 1,000,000,000,000"),
        ({"quantity": "5"}, "", "give the customs value with it"),
        ({"on": ["2026-03-15", "2026-03-16"]}, "on", "given 2 times; give it once"),
        ({"valu": "5"}, "valu", "unknown parameter; did you mean value"),
        ({"law": "/etc/passwd"}, "law", "unknown parameter"),
        ({"preference": "maybe"}, "preference", "'maybe' is not a choice; known: yes, no, share"),
    ],
)
def test_bad_requests(client: CheckedClient, query: dict[str, object], key: str, says: str) -> None:
    reply = client.get("tariff", params={**CAR, **query})
    assert reply.status_code == 422, reply.text
    assert says in reply.json()["detail"]
    assert reply.json().get("key", "") == key


def test_a_path_is_what_the_command_line_prints() -> None:
    """The handler that a worker runs for GET /tariff-path."""
    question = {"importer": "USA", "exporters": ["JPN"], "products": ["8703.23"], "until": "2025-12-31"}
    status, body = answer("tariff-path", question)
    options = ("--from", "JPN", "--products", "8703.23", "--until", "2025-12-31", "--format", "json")
    code, printed, err = call("tariff-path", "USA", *options)
    assert (status, code) == (200, 0), err
    found = json.loads(body)
    assert found == json.loads(printed)
    assert [(one["date"], one["group"]) for one in found["causes"]] == [(r["date"], r["group"]) for r in found["rows"]]
    assert found["causes"][0]["what"] == []
    assert any("Section 232, cars" in what for what in found["causes"][1]["what"])


@pytest.mark.parametrize(
    ("query", "key"),
    [({}, "exporters"), ({"exporters": "JPN", "since": "soon"}, "since"), ({"exporters": "JPN", "law": "x"}, "law")],
)
def test_bad_requests_for_a_path(client: CheckedClient, query: dict[str, str], key: str) -> None:
    reply = client.get("tariff-path", params={"importer": "USA", **query})
    assert reply.status_code == 422, reply.text
    assert reply.json()["key"] == key


@pytest.mark.parametrize("day", ["1654041600", "1654041600.0", "0", "-1"])
def test_a_number_is_no_day(client: CheckedClient, day: str) -> None:
    reply = client.get("tariff", params={"importer": "USA", "line": "8703.23.01", "exporter": "JPN", "on": day})
    assert (reply.status_code, reply.json()["key"]) == (422, "on")
    assert reply.json()["detail"] == f"'{day}' is not a date such as 2019-05-17"
