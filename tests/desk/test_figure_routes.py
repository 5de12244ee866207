"""The routes for figures answer as Python and the verb do, and only /embed may be framed."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient

import entrepot as ep
from entrepot.desk.api import create_api
from entrepot.desk.handlers import DeskFiles, answer
from entrepot.desk.library import Library
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits
from small_sweep import small


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    text = small(folder).read_text(encoding="utf-8").replace(str(folder / "world.npz"), "world")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    ep.economy.Economy.load(folder / "world.npz").save(folder / "world.ep")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    api = create_api(processes=1, store=str(folder / "runs"), data=str(folder), page=False)
    with TestClient(api, base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def study(folder: Path) -> ep.Study:
    library = Library(str(folder))
    case = library.case("small")
    return ep.run(case, library.of(case))


def test_a_figure_is_what_python_draws(client: TestClient, study: ep.Study) -> None:
    figure = study.figures["winners"]
    for form, media in (("svg", "image/svg+xml"), ("csv", "text/csv; charset=utf-8"), ("png", "image/png")):
        reply = client.get(f"{ROOT}/figures/winners.{form}?case=small")
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"] == media
        assert reply.content == figure.written(form)
        posted = client.post(f"{ROOT}/figures/winners.{form}", json={"case": "small"})
        assert posted.content == reply.content
        again = client.get(reply.request.url, headers={"If-None-Match": reply.headers["ETag"]})
        assert again.status_code == 304


def test_the_list_says_what_each_figure_says(client: TestClient, study: ep.Study) -> None:
    reply = client.get(f"{ROOT}/figures?case=small").json()
    rows = {row["name"]: row for row in reply["figures"]}
    assert rows["winners"]["title"] == study.figures["winners"].title
    assert rows["winners"]["text"] == study.figures["winners"].text
    assert rows["deals"]["title"] is None


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("figures/winers.svg?case=small", 422, "did you mean winners?"),
        ("figures/winners.gif?case=small", 422, "'gif' is not a choice; known: svg, png, csv"),
        ("figures/winners.svg?case=none", 422, "unknown case"),
        ("figures/winners.svg", 422, "is missing"),
        ("figures/winners.svg?case=small&by=x", 422, "unknown parameter"),
        ("figures/..%2Fx.svg?case=small", 404, ""),
    ],
)
def test_bad_requests(client: TestClient, path: str, status: int, says: str) -> None:
    reply = client.get(f"{ROOT}/{path}")
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert says in reply.text


def test_the_file_of_a_figure_is_named_by_its_case(client: TestClient) -> None:
    reply = client.get(f"{ROOT}/figures/winners.csv?case=small")
    assert reply.headers["content-disposition"] == 'inline; filename="small-winners.csv"'


def test_an_embedded_figure_is_of_one_case(client: TestClient) -> None:
    reply = client.get("/embed/winners?case=small&case=other")
    assert (reply.status_code, reply.json()["key"]) == (422, "case")
    assert reply.json()["detail"] == "given 2 times; give it once"


def test_only_the_embedded_figure_may_be_framed(client: TestClient) -> None:
    framed = client.get("/embed/winners?case=small")
    assert framed.status_code == 200
    assert framed.headers["content-security-policy"].endswith("frame-ancestors *")
    assert "x-frame-options" not in framed.headers
    assert "<script" not in framed.text
    assert '<html lang="en">' in framed.text
    german = client.get("/embed/winners?case=small", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in german.text
    assert (german.headers["content-language"], german.headers["vary"]) == ("de", "Accept-Language")
    for path in ("figures/winners.svg?case=small", "figures?case=small", "law", "openapi.json"):
        reply = client.get(f"{ROOT}/{path}")
        assert reply.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_frames_of_another_site_do_not_lock_the_visitor_out(folder: Path) -> None:
    limits = Limits(rate=0.001, burst=3)
    api = create_api(processes=1, store=str(folder / "runs"), limits=limits)
    with TestClient(api, base_url="http://localhost") as client:
        foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        frames = [client.get("/embed/none?case=none", headers=foreign).status_code for _ in range(6)]
        assert frames[-1] == 429
        assert client.get(f"{ROOT}/figures?case=x", headers=foreign).status_code == 403
        assert client.get(f"{ROOT}/law").status_code == 200


def test_a_desk_with_a_token_has_no_frames(folder: Path) -> None:
    api = create_api(processes=1, store=str(folder / "runs"), token="secret")
    with TestClient(api, base_url="http://localhost") as client:
        assert client.get("/embed/winners?case=us-japan-autos-2019").status_code == 401


def test_a_worker_solves_a_case_once_for_all_its_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DeskFiles(str(folder / "runs"), Library(str(folder)))
    solved: list[Any] = []
    real = ep.studies.run
    monkeypatch.setattr("entrepot.studies.run", lambda *given: solved.append(given) or real(*given))
    monkeypatch.setattr("entrepot.desk.figure_handlers._STUDIES", OrderedDict())
    for name in ("winners", "revenue"):
        status, body = answer("figure", {"case": "small", "figure": name, "form": "svg"}, files)
        assert status == 200, body
        assert base64.b64decode(json.loads(body)["content"]).startswith(b"<svg")
    assert len(solved) == 1
