"""What errors and notes advise can be done: commands that run, options that exist, sectors that are there."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.studies import elasticity_sets
from entrepot.studies.rerun_code import rerun_code
from small_sweep import small
from test_cli import call

UNANSWERED = """
case: unanswered
title: A duty that no answer equals
question: What can China do?
economy: world2014
parties: [USA, CHN]
scenarios:
  tariff:
    title: 60 points on all of China's goods
    measures: [{tariff: {importer: USA, exporter: CHN, sector: ALL, rate: 60%, change: add}}]
retaliation: {by: CHN, against: USA, equivalent_to: tariff}
"""


def test_a_script_for_a_desk_says_that_the_desk_needs_the_file() -> None:
    case = read_case(UNANSWERED.replace("world2014", "my.ep"))
    assert "entrepot desk --data FOLDER" in str(rerun_code(case)["curl"])
    assert "FOLDER" not in str(rerun_code(read_case(UNANSWERED))["curl"])


@pytest.mark.slow
def test_a_page_is_published_although_one_scenario_has_no_answer(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(UNANSWERED)
    code, _, errors = call("publish", str(tmp_path / "case.yaml"), "-o", str(tmp_path / "site"))
    assert code == 1
    message = " ".join(errors.split())
    assert "take another yardstick (yardstick: income or yardstick: duty)" in message
    assert "the retaliation of China against the United States" in message
    assert len(list((tmp_path / "site").glob("*/index.html"))) == 1


def test_an_export_of_a_matched_quota_says_that_quotas_cannot_be_exported(tmp_path: Path) -> None:
    text = UNANSWERED.partition("retaliation:")[0] + (
        "  ver:\n    title: V\n"
        "    measures: [{ver: {importer: USA, exporter: CHN, sector: food, cap: {match: tariff}}}]\n"
    )
    (tmp_path / "case.yaml").write_text(text)
    options = ("--case", str(tmp_path / "case.yaml"), "--scenario", "ver")
    code, _, errors = call("economy", "export", "world2014", "-o", str(tmp_path / "x.har"), *options)
    assert code != 0
    assert "quotas cannot be exported" in " ".join(errors.split())


def test_the_command_that_reads_an_export_back_quotes_its_file(tmp_path: Path) -> None:
    file = tmp_path / "my file.gdx"
    code, out, _ = call("economy", "export", "world2014", "-o", str(file))
    assert code == 0
    assert f"Back: entrepot economy import exchanged '{file}' -o NEW.ep" in " ".join(out.split())


def test_the_line_that_solves_again_in_python_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.ep"
    ep.load_economy("world2014").save(path)
    case = read_case(UNANSWERED.partition("retaliation:")[0].replace("world2014", str(path)))
    from entrepot.studies.provenance import lines

    assert "..." not in dict(lines(ep.run(case)))["In Python"]


def test_the_json_has_the_command_that_printed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given = ("solve", "--tariff", "USA:JPN:food:+25%", "--economy", "world2014", "--format", "json")
    monkeypatch.setattr("sys.argv", ["entrepot", *given])
    code, out, err = call(*given)
    assert code == 0, err
    assert json.loads(out)["provenance"]["Again"] == f"entrepot {' '.join(given)}"


def test_the_line_that_runs_a_file_again_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "my case.yaml"
    file.write_text(UNANSWERED.partition("retaliation:")[0])
    assert ep.run(file).to_dict()["provenance"]["Again"] == f"entrepot run '{file}'"


@pytest.mark.slow
def test_a_workbook_is_written_of_the_scenarios_that_have_an_answer(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    at = Path(__file__).parents[1] / "clients" / "excel" / "study_workbook.py"
    spec = importlib.util.spec_from_file_location("workbook_of_some", at)
    assert spec is not None
    assert spec.loader is not None
    client = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(client)
    _, out, _ = call("run", str(small(tmp_path)), "--format", "json", "--no-store")
    (tmp_path / "reply").write_text(out)
    command = tmp_path / "partly"
    command.write_text(f"#!/bin/sh\ncat {tmp_path / 'reply'}\necho no answer for one >&2\nexit 1\n")
    command.chmod(0o755)
    assert client.main(["x", str(tmp_path / "x.xlsx"), "--entrepot", str(command)]) == 0
    assert (tmp_path / "x.xlsx").exists()


def test_sets_that_cannot_be_placed_come_with_what_places_them() -> None:
    world = ep.load_economy("world2014").aggregate({"USA": "USA", "CHN": "CHN"}, rest_of_world="REST")
    world = replace(world, sectors=tuple(f"own{k}" for k in range(len(world.sectors))))
    text = UNANSWERED.partition("retaliation:")[0]
    study = ep.run(read_case(text), world, theta="each")
    assert "--theta '{set: each, sectors: {own0: CODE, ...}}'" in elasticity_sets.sure(study, "tariff")
