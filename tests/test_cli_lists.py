"""Verbs that list what there is, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from entrepot.cases.template import new_case
from entrepot.cli.replicate_command import _document
from entrepot.replications.replication import Line, Replication
from entrepot.rules.book import agreements, rules
from test_cli import call
from worlds import random_world


def as_json(*arguments: str) -> Any:
    code, out, err = call(*arguments, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def as_csv(*arguments: str) -> list[dict[str, str]]:
    code, out, err = call(*arguments, "--format", "csv")
    assert code == 0, err
    return list(csv.DictReader(io.StringIO(out)))


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("world") / "small.ep"
    random_world(3, 2, 1).save(path)
    return str(path)


def test_cases() -> None:
    found = {row["name"]: row for row in as_json("cases")}
    case = ep.load_case("us-japan-autos-2019")
    assert found[case.case]["title"] == case.title
    assert found[case.case]["scenarios"]["tariff"] == case.scenarios["tariff"].title
    assert sum(len(row["scenarios"]) for row in found.values()) == len(as_csv("cases"))


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [([], rules().keys() | agreements().keys()), (["agreements"], agreements().keys()), (["232"], {"us-232"})],
)
def test_rules(arguments: list[str], ids: set[str]) -> None:
    assert set(ids) <= {row["id"] for row in as_csv("rules", *arguments)}


def test_a_rule_is_printed_whole() -> None:
    found = as_json("rules", "gatt-xi-1")
    assert found["shelf"] == "provisions"
    assert found["source"] == json.loads(rules()["gatt-xi-1"].source.model_dump_json())
    code, out, err = call("rules", "gatt-xj-1", "--format", "json")
    assert (code, out) == (2, "")
    assert "gatt-xi-1" in err


def test_an_economy(small_world: str) -> None:
    world = ep.load_economy(small_world)
    found = as_json("economy", "show", small_world)
    assert [row["country"] for row in found["countries"]] == list(world.countries)
    assert [row["value_added"] for row in found["countries"]] == pytest.approx(world.value_added)
    assert [row["theta"] for row in found["sectors"]] == pytest.approx(world.theta)
    assert float(as_csv("economy", "show", small_world)[1]["imports"]) == pytest.approx(
        found["countries"][1]["imports"]
    )


def test_the_check_of_an_economy(small_world: str) -> None:
    found = as_json("economy", "check", small_world)
    assert found["in_equilibrium"] is True
    assert {row["block"] for row in as_csv("economy", "check", small_world)} == set(found["gaps"])


def test_sources() -> None:
    assert [row["name"] for row in as_csv("economy", "sources")] == [
        row["name"] for row in as_json("economy", "sources")
    ]


def test_the_check_of_a_case(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(new_case("mine"))
    found = as_json("case", "check", str(path))
    assert (found["case"], found["scenarios"], found["measures"], found["base"]) == ("mine", 3, 3, None)
    assert isinstance(found["notes"], list)
    assert as_csv("case", "check", str(path))[0]["measures"] == "3"


def test_replications() -> None:
    assert "cp2015" in [row["name"] for row in as_json("replicate")]
    assert "cp2015" in [row["name"] for row in as_csv("replicate")]


def test_a_replication_as_a_document() -> None:
    nan = float("nan")
    lines = [Line("gain", "JPN", 1.0, 1.0, 0.1, "Table 1"), Line("gain", "USA", nan, 2.0, 0.1, "Table 1")]
    found = _document(Replication.of("paper", "A paper", "Author (2000).", lines))
    assert [row["reproduced"] for row in found["numbers"]] == [True, False]
    assert found["numbers"][1]["published"] is None
    assert found["verdict"].startswith("1 of 2 numbers reproduced")
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.slow
def test_a_replication() -> None:
    found = as_json("replicate", "gains-from-trade")
    assert all(row["reproduced"] for row in found["numbers"])
    assert as_csv("replicate", "gains-from-trade")[0]["what"] == found["numbers"][0]["what"]
