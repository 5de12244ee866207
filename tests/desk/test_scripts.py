"""The API for scripts: full detail as Python has it, tables as CSV and Parquet, exposure, optimal rates, and code."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep

pytest.importorskip("fastapi")
pytest.importorskip("jsonschema")
from checked_client import CheckedClient

from conftest import serving
from entrepot.cases.load import case_of
from entrepot.desk.api import create_api
from entrepot.desk.handlers import answer
from entrepot.desk.reply_tables import Table, encode_table
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.table_responses import table_operations, wanted_form
from entrepot.desk.workers import Limits
from entrepot.equilibrium import quantities
from entrepot.studies.full_detail import MOST_FLOWS
from test_cli import call

CARS = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}}
LIMIT = {"ver": {"importer": "USA", "exporter": "DEU", "sector": "motor_vehicles", "cap": "80%"}}
SOLVE = {"economy": "world2014", "measures": [CARS, LIMIT]}
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(seconds=60, rate=10_000, burst=10_000, jobs=100)
    store = str(tmp_path_factory.mktemp("runs"))
    with CheckedClient(create_api(processes=1, store=store, limits=limits, page=False)) as made:
        yield made


@pytest.fixture(scope="module")
def outcome() -> ep.Outcome:
    measures = [ep.Tariff(**CARS["tariff"]), ep.VoluntaryExportRestraint(**LIMIT["ver"])]
    return ep.solve(ep.load_economy("world2014"), measures)


@pytest.fixture(scope="module")
def full() -> dict[str, Any]:
    status, body = answer("solve", {**SOLVE, "detail": "full"})
    assert status == 200, body
    return json.loads(body)


def block(after: str) -> str:
    """The table of docs/exposure.md after a line."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "exposure.md").read_text(encoding="utf-8")
    found = re.search(rf"{re.escape(after)}\n\n((?:    .*\n)+)", page)
    assert found
    return "".join(line[4:] for line in found.group(1).splitlines(keepends=True))


# ---- full detail ----


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).drop(columns="scenario").reset_index(drop=True)


def test_full_detail_is_what_python_has_to_the_last_digit(full: dict[str, Any], outcome: ep.Outcome) -> None:
    detail = full["detail"]
    exact = {"check_exact": True, "check_dtype": False}
    for name in ("sectors", "decomposition"):
        pd.testing.assert_frame_equal(_frame(detail[name]), getattr(outcome, name).reset_index(), **exact)
    for name in ("countries", "measures"):
        sent = _frame(full["tables"][name]).drop(columns=["words", "held_by"], errors="ignore")
        pd.testing.assert_frame_equal(
            sent, getattr(outcome, name).reset_index()[list(sent.columns)], check_exact=True, check_dtype=False
        )
    flows = _frame(detail["trade"]).set_index(["importer", "exporter", "sector"])
    assert set(flows.index.get_level_values("sector")) == {"motor_vehicles"}
    of_python = outcome.trade.sel(importer="USA", sector="motor_vehicles")
    for key in quantities.columns(quantities.TRADE):
        sent = flows.loc["USA"].xs("motor_vehicles", level="sector")[key]
        assert sent.tolist() == pytest.approx(of_python[key].to_series().tolist(), rel=0, abs=0, nan_ok=True), key
    residuals = {row["condition"]: row["gap"] for row in detail["residuals"]}
    assert residuals == outcome.residuals
    facts = detail["outcomes"]["measures"]
    assert (facts["status"], facts["iterations"], facts["worst"]) == (
        "converged",
        outcome.iterations,
        list(outcome.worst),
    )


def test_what_is_paid_adds_up(full: dict[str, Any]) -> None:
    """The duty, tax and rents on a flow are what users pay beyond the producers; income is the sum of its parts."""
    for row in full["detail"]["trade"]:
        parts = ("producer_value", "export_tax", "exporter_rent", "importer_rent", "duty")
        assert sum(row[key] for key in parts) == pytest.approx(row["user_value"], rel=1e-12, abs=1e-9)
    countries = {row["country"]: row for row in full["tables"]["countries"]}
    for row in full["detail"]["accounts"]:
        profits = countries[row["country"]]["profits"]
        parts = row["factor_income"] + row["public_revenue"] + row["trade_deficit"] + profits
        assert parts == pytest.approx(row["income"], rel=1e-9)
    assert max(row["exporter_rent"] for row in full["detail"]["trade"] if row["exporter"] == "DEU") > 0


def test_each_number_of_the_detail_is_registered(full: dict[str, Any]) -> None:
    stated = {row["key"]: row for row in full["detail"]["quantities"]}
    used = {key for name in ("sectors", "trade", "accounts", "decomposition") for key in full["detail"][name][0]}
    assert set(stated) == used - {"scenario", "country", "sector", "importer", "exporter"}
    assert stated["duty"]["unit"] == quantities.ALL["duty"].unit
    assert stated["duty"]["nominal"]


def test_flows_can_be_chosen(client: CheckedClient) -> None:
    flows = {"importers": ["JPN"], "exporters": ["WORLD"], "sectors": ["food", "agriculture"]}
    reply = client.post("solve?detail=full", json={**SOLVE, "flows": flows})
    assert reply.status_code == 200, reply.text
    rows = reply.json()["detail"]["trade"]
    assert {(row["importer"], row["sector"]) for row in rows} == {("JPN", "food"), ("JPN", "agriculture")}
    assert len(rows) == 2 * 44


@pytest.mark.parametrize(
    ("path", "more", "key", "says"),
    [
        ("solve", {"detail": "full", "flows": {"importers": ["Narnia"]}}, "flows", "Narnia"),
        ("solve", {"detail": "all"}, "detail", "'all' is not a choice; known: summary, full"),
        ("solve?detail=full", {"detail": "summary"}, "detail", "keep one"),
        ("solve?detail=much", {}, "detail", "'much' is not a choice; known: summary, full"),
        ("solve", {"detail": "full", "flows": {"goods": ["food"]}}, "flows.goods", "unknown key"),
    ],
)
def test_bad_requests_for_detail(client: CheckedClient, path: str, more: dict[str, Any], key: str, says: str) -> None:
    reply = client.post(path, json={**SOLVE, **more})
    assert reply.status_code == 422, reply.text
    assert says in reply.json()["detail"]
    assert reply.json()["key"] == key


def test_too_many_flows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.studies.full_detail.MOST_FLOWS", 10)
    assert MOST_FLOWS > 200_000
    status, body = answer("solve", {**SOLVE, "detail": "full"})
    assert (status, json.loads(body)["key"]) == (422, "flows")
    assert "44 flows are more than the 10" in json.loads(body)["detail"]


# ---- tables ----


def test_csv_and_parquet_hold_the_numbers_of_the_json(client: CheckedClient) -> None:
    whole = client.post("solve", json=SOLVE).json()["tables"]["countries"]
    text = client.post("solve?table=countries", json=SOLVE, headers={"Accept": CSV})
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [{k: v if k in ("scenario", "country") else float(v) for k, v in row.items()} for row in rows] == whole
    about = json.loads(text.headers["entrepot-about"])
    assert "world2014" in about["Data"]
    assert "Without an answer" not in about
    parquet = client.post("solve?table=countries", json=SOLVE, headers={"Accept": PARQUET})
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert frame.to_dict("records") == whole
    for reply in (text, parquet):
        again = {"Accept": reply.request.headers["accept"], "If-None-Match": reply.headers["etag"]}
        assert client.post("solve?table=countries", json=SOLVE, headers=again).status_code == 304
        other = {"Accept": "application/json", "If-None-Match": reply.headers["etag"]}
        assert client.post("solve", json=SOLVE, headers=other).status_code == 200


def test_an_empty_table_has_its_head(client: CheckedClient) -> None:
    reply = client.post("solve?table=retaliation", json=SOLVE, headers={"Accept": CSV})
    assert reply.text.startswith("scenario,by,against,answers,sector,rate,")
    assert len(reply.text.splitlines()) == 1
    parquet = client.post("solve?table=retaliation", json=SOLVE, headers={"Accept": PARQUET})
    assert list(pd.read_parquet(io.BytesIO(parquet.content)).columns)[:2] == ["scenario", "by"]


@pytest.mark.parametrize(
    ("path", "body", "accept", "status", "says"),
    [
        ("solve", SOLVE, CSV, 406, "there are welfare, "),
        ("solve?table=nothing", SOLVE, PARQUET, 406, "there are welfare, "),
        ("offer", {"case": "x", "levels": {}}, CSV, 406, "contains no table"),
        ("sweep", {"case": "x"}, CSV, 406, "contains no table"),
        ("solve?table=welfare", SOLVE, "application/json", 422, "Accept: text/csv"),
        ("solve?table=welfare&table=countries", SOLVE, CSV, 422, "given 2 times"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_solved(
    client: CheckedClient, path: str, body: dict[str, Any], accept: str, status: int, says: str
) -> None:
    reply = client.post(path, json=body, headers={"Accept": accept})
    assert reply.status_code == status, reply.text
    assert says in reply.json()["detail"]


def test_lists_are_tables_too(client: CheckedClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("cases", headers={"Accept": CSV}).text)))
    assert {row["name"] for row in rows} == set(ep.bundled_cases())
    assert json.loads(rows[0]["scenarios"])
    layers = client.get(
        "tariff?importer=USA&line=8703.23.01&exporter=JPN&on=2026-03-15&table=layers", headers={"Accept": CSV}
    )
    assert layers.status_code == 200, layers.text
    assert "authority" in layers.text.splitlines()[0]
    assert client.get("law?table=clocks", headers={"Accept": PARQUET}).status_code == 200
    assert client.head("law?table=clocks", headers={"Accept": CSV}).headers["content-type"].startswith(CSV)


def test_an_operation_that_sends_no_json_is_left_alone() -> None:
    picture = {"get": {"responses": {"200": {"content": {"image/svg+xml": {}}}}}}
    job = {"post": {"responses": {"202": {"content": {"application/json": {}}}}}}
    document = {"components": {"schemas": {}}, "paths": {"/figure.svg": picture, "/job": job}}
    assert table_operations(document) == [("/job", "POST", {})]


def test_errors_stay_problems(client: CheckedClient) -> None:
    bad = client.post("solve?table=welfare", json={"measures": [{}]}, headers={"Accept": CSV})
    assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_a_formula_is_escaped(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    table = Table("t", [{"name": text, text: -1.5, "parts": ["a"], "yes": True, "none": None}], {})
    head, row = csv.reader(io.StringIO(encode_table(table, "csv").decode(), newline=""))
    safe = f"'{text}".replace("\r", " ")
    assert row == [safe, "-1.5", '["a"]', "true", ""]
    assert head[1] == safe


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", None),
        ("*/*", None),
        ("text/html", None),
        ("text/csv", "csv"),
        ("TEXT/CSV;q=0.5", "csv"),
        ("application/json, text/csv", None),
        ("text/csv, application/json", "csv"),
        ("text/csv;q=0.1, application/json;q=0.9", None),
        ("application/vnd.apache.parquet, text/csv;q=0.9", "parquet"),
        ("text/csv;q=0", None),
        ("text/csv;q=x", None),
    ],
)
def test_the_form_that_accept_prefers(accept: str, form: str | None) -> None:
    assert wanted_form(accept) == form


def test_kept_runs_as_tables(tmp_path: Path) -> None:
    case = {"case": "kept", "title": "t", "question": "q", "economy": "world2014", "parties": ["USA"]}
    run = ep.run(case_of({**case, "scenarios": {"x": {"title": "x", "measures": [CARS]}}})).keep(tmp_path)
    with CheckedClient(create_api(processes=1, store=str(tmp_path), page=False)) as client:
        rows = client.get(f"runs/{run.id}/tables/welfare").json()
        text = client.get(f"runs/{run.id}/tables/welfare", headers={"Accept": CSV}).text
        frame = client.get(f"runs/{run.id}/tables/welfare", headers={"Accept": PARQUET})
    sent = [row["equivalent_variation"] for row in rows]
    assert [float(row["equivalent_variation"]) for row in csv.DictReader(io.StringIO(text))] == sent
    assert pd.read_parquet(io.BytesIO(frame.content))["equivalent_variation"].tolist() == sent


# ---- exposure, timeline, optimal rates ----


def test_exposure_is_what_the_command_line_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    body = {}
    for key, name in (("trade", "trade.csv"), ("schedule", "schedule.csv"), ("proposed", "proposal.csv")):
        (tmp_path / name).write_text(block(name), encoding="utf-8")
        table = pd.read_csv(name, dtype=str, keep_default_na=False)
        body[key] = table.to_dict("records")
    options = ("--trade", "trade.csv", "--schedule", "schedule.csv", "--proposed", "proposal.csv", "--on", "2025-12-31")
    code, printed, err = call("exposure", *options, "--format", "json")
    status, sent = answer("exposure", {**body, "on": "2025-12-31"})
    assert (code, status) == (0, 200), err
    assert {k: v for k, v in json.loads(sent).items() if k != "notes"} == {
        k: v for k, v in json.loads(printed).items() if k != "notes"
    }
    for row in body["trade"]:
        row["value"] = float(row["value"])
    assert json.loads(answer("exposure", {**body, "on": "2025-12-31"})[1])["totals"] == json.loads(sent)["totals"]


@pytest.mark.parametrize(
    ("more", "key", "says"),
    [
        ({"stacking": "/etc/passwd"}, "stacking", "unknown stacking"),
        ({"economy": "../x.ep"}, "economy", "unknown Economy"),
        ({"trade": "/etc/passwd"}, "trade", "list"),
        ({"trade": [{"path": "SELECT 1"}]}, "", "column"),
    ],
)
def test_exposure_reads_no_file(client: CheckedClient, more: dict[str, Any], key: str, says: str) -> None:
    trade = [{"importer": "USA", "partner": "JPN", "product": "8703230190", "value": 4e10}]
    schedule = [{"importer": "USA", "product": "8703", "rate": "2.5%"}]
    reply = client.post("exposure", json={"trade": trade, "schedule": schedule, **more})
    assert reply.status_code == 422, reply.text
    assert says in reply.json()["detail"]
    assert reply.json().get("key", "") == key
    good = client.post(
        "exposure?table=by_partner", json={"trade": trade, "schedule": schedule}, headers={"Accept": CSV}
    )
    assert good.text.splitlines()[1].startswith("JPN,40000.0,1,0.025,")


def test_optimal_rates_are_those_of_python(client: CheckedClient) -> None:
    begun = client.post("optimal", json={"party": "USA", "economy": "world2014"})
    assert begun.status_code == 202, begun.text
    job = begun.json()
    end = time.monotonic() + 100
    while job["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.05)
        job = client.get(f"jobs/{job['id']}").json()
    reply = client.get(f"jobs/{job['id']}/result").json()
    found = ep.bargaining.optimal_tariff(ep.load_economy("world2014"), "USA")
    assert reply["rates"] == [
        {"instrument": "tariff", "sector": "ALL", "partner": "WORLD", "rate": found.rates["rate"][0], "at_bound": False}
    ]
    assert reply["payoff"] == found.payoff
    text = client.get(f"jobs/{job['id']}/result?table=rates", headers={"Accept": CSV}).text
    assert float(text.splitlines()[1].split(",")[3]) == found.rates["rate"][0]


@pytest.mark.parametrize(
    ("path", "question", "says"),
    [
        ("optimal", {"party": "Atlantis"}, "Atlantis"),
        ("optimal", {"party": "USA", "sectors": ["spaceships"]}, "spaceships"),
        ("optimal", {"party": "USA", "partners": ["Atlantis"]}, "Atlantis"),
        ("optimal", {"party": "USA", "at_least": 0.5, "at_most": 0.1}, "at_most"),
        ("optimal", {"party": "USA", "objective": {"profit": {"spaceships": 1}}}, "spaceships"),
        ("optimal", {"party": "USA", "measures": [{"tariff": {**CARS["tariff"], "sector": "x"}}]}, "'x'"),
        ("bargain", {"case": "us-section-301-2026"}, "the case has no table"),
        ("bargain", {"case": "none"}, "none"),
        ("bargain", {"changed": {"economy": "nowhere"}}, "nowhere"),
        ("bargain", {"changed": {"parties": ["USA", "JPN", "Atlantis"]}}, "Atlantis"),
    ],
)
def test_a_job_with_a_name_that_is_not_known_is_refused_before_it_begins(
    client: CheckedClient, path: str, question: dict[str, Any], says: str
) -> None:
    if "changed" in question:
        document = client.get("cases/us-japan-autos-2019").json()
        question = {"case": {**document, **question["changed"]}}
    before = len(client.get("jobs").json())
    reply = client.post(path, json=question)
    assert reply.status_code in (404, 422), reply.text
    assert says in reply.json()["detail"]
    assert len(client.get("jobs").json()) == before


def test_optimal_rates_against_measures() -> None:
    body = {"party": "JPN", "economy": "world2014", "measures": [CARS], "instruments": ["tariff", "export_tax"]}
    status, sent = answer("optimal", {**body, "sectors": ["motor_vehicles"], "over": "sector"})
    assert status == 200, sent
    economy = ep.load_economy("world2014")
    found = ep.bargaining.optimal_policy(
        economy,
        "JPN",
        instruments=("tariff", "export_tax"),
        sectors=("motor_vehicles",),
        measures=ep.Tariff(**CARS["tariff"]),
    )
    assert [row["rate"] for row in json.loads(sent)["rates"]] == found.rates["rate"].tolist()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"party": "Narnia"}, ""),
        ({"party": "USA", "economy": "/x.ep"}, "economy"),
        ({"party": "USA", "measures": [{"tarif": {}}]}, "measures.1"),
    ],
)
def test_bad_requests_for_optimal_rates(more: dict[str, Any], key: str) -> None:
    status, sent = answer("optimal", more)
    assert (status, json.loads(sent).get("key", "")) == (422, key), sent


@pytest.mark.slow
def test_timeline_is_that_of_the_study(client: CheckedClient, founding_study_2018: ep.Study) -> None:
    reply = client.post("timeline", json={"case": "us-japan-autos-2019"}).json()
    of_python = json.loads(founding_study_2018.to_json())
    assert reply["timeline"] == of_python["timeline"]
    for name in ("path", "totals", "horizons"):
        for row, other in zip(reply["tables"][name], of_python["tables"][name], strict=True):
            assert row == pytest.approx(other, nan_ok=True)


def test_a_case_without_a_timeline_is_refused(client: CheckedClient) -> None:
    case = {
        "case": "a",
        "title": "t",
        "question": "q",
        "parties": ["USA"],
        "scenarios": {"x": {"title": "x", "measures": [CARS]}},
    }
    reply = client.post("timeline", json={"case": case})
    assert (reply.status_code, reply.json()["key"]) == (422, "case.timeline")


# ---- code ----


def test_code_of_a_bundled_case_names_it(client: CheckedClient) -> None:
    name = ep.bundled_cases()[0]
    reply = client.post("code", json={"case": name}).json()
    assert reply["file"] is None
    assert f"ep.run('{name}')" in reply["python"]
    assert client.post("code", json={"case": "none"}).status_code == 422


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gives_the_numbers_of_python(tmp_path: Path) -> None:
    case = {
        "case": "mine",
        "title": "It's “a” $case, 𝄞 `x`",
        "question": "q",
        "economy": "world2014",
        "parties": ["USA", "JPN"],
        "scenarios": {"x": {"title": "x", "measures": [CARS]}},
    }
    with serving(create_api(processes=1, store=str(tmp_path), page=False)) as at:
        with CheckedClient(create_api(processes=1, page=False)) as client:
            reply = client.post(f"http://localhost{ROOT}/code", json={"case": case}).json()
        script = reply["curl"].replace("http://localhost/", f"http://{at}/")
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=100, check=True)
    outcome = ep.solve(ep.load_economy("world2014"), ep.Tariff(**CARS["tariff"]))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert float(rows[0]["equivalent_variation"]) == outcome.countries.loc["USA", "equivalent_variation"]


# ---- what is refused ----

POSTS = ("solve?detail=full", "solve?table=welfare", "run", "timeline", "exposure", "optimal", "code")


def test_a_page_of_another_site_can_neither_read_nor_start_nor_lock_out(tmp_path: Path) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    limits = Limits(rate=0.001, burst=5)
    with CheckedClient(create_api(processes=1, store=str(tmp_path), limits=limits, page=False)) as client:
        for path in POSTS:
            for accept in ("*/*", CSV, PARQUET):
                for headers in (foreign, {**foreign, "Content-Type": "text/plain"}):
                    reply = client.post(path, json=SOLVE, headers={**headers, "Accept": accept})
                    assert reply.status_code == 403, (path, reply.text)
        assert client.get("jobs").json() == []
        assert client.get("law?table=under", headers={"Accept": CSV}).status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_a_request_over_the_limit_is_refused(client: CheckedClient, path: str) -> None:
    rows = [{"importer": "USA", "partner": "JPN", "product": "8703230190", "value": 1.0}] * 5_000
    for accept in ("*/*", CSV):
        assert client.post(path, json={"trade": rows}, headers={"Accept": accept}).status_code == 413


def test_parquet_has_the_types_that_are_described() -> None:
    columns = {"x": "number", "n": "integer", "yes": "boolean", "text": "string", "more": "any"}
    rows = [{"x": None, "n": 3, "yes": True, "text": None, "more": {"a": 1}}, {"x": 0.1, "n": None, "yes": None}]
    parquet = pytest.importorskip("pyarrow.parquet")
    found = parquet.read_table(io.BytesIO(encode_table(Table("t", rows, columns), "parquet", {"It's": "x'y"})))
    assert [str(kind) for kind in found.schema.types] == ["double", "int64", "bool", "string", "string"]
    assert found.to_pylist()[0] == {"x": None, "n": 3, "yes": True, "text": None, "more": '{"a": 1}'}
    assert found.to_pylist()[1] == {"x": 0.1, "n": None, "yes": None, "text": None, "more": None}
    assert found.schema.metadata[b"It's"] == b"x'y"
    empty = parquet.read_table(io.BytesIO(encode_table(Table("t", [], columns), "parquet")))
    assert [str(kind) for kind in empty.schema.types][:4] == ["double", "int64", "bool", "string"]


def test_table_names_the_scenarios_that_have_no_rows(client: CheckedClient) -> None:
    case = {
        "case": "unanswered",
        "title": "A duty that no answer equals",
        "question": "What can China do?",
        "economy": "world2014",
        "parties": ["USA", "CHN"],
        "scenarios": {
            "tariff": {
                "title": "60 points on all of China's goods",
                "measures": [
                    {"tariff": {"importer": "USA", "exporter": "CHN", "sector": "ALL", "rate": "60%", "change": "add"}}
                ],
            }
        },
        "retaliation": {"by": "CHN", "against": "USA", "equivalent_to": "tariff"},
    }
    reply = client.post("run?table=welfare", json={"case": case}, headers={"Accept": "text/csv"})
    assert reply.status_code == 200
    (missing,) = set(client.post("run", json={"case": case}).json()["failures"])
    assert missing not in reply.text
    assert json.loads(reply.headers["entrepot-about"])["Without an answer"].startswith(f"{missing}: ")
