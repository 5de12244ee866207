"""A folder with bad files: the good files are served, and each bad one is named with its fault."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from entrepot.cli import app
from entrepot.desk.api import create_api
from entrepot.desk.handlers import DeskFiles, answer
from entrepot.desk.library import CASES, LARGEST, Library, _read_file
from entrepot.desk.requests import SolveRequest
from entrepot.desk.routes.responses import ROOT
from entrepot.errors import DocumentError
from entrepot.languages import speaking
from entrepot.words import short

GOOD = (
    "case: mine\ntitle: Mine\nquestion: What then?\nparties: [USA, JPN]\n"
    "scenarios: {t: {title: T, measures: [{tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%}}]}}\n"
)


def _times(name: str, other: str) -> str:
    return f"{name}: &{name} [{', '.join([f'*{other}'] * 99)}]\n"


#: Files that cannot be read, and a part of the message for each.
BAD: dict[str, tuple[str | bytes, str]] = {
    "yaml.yaml": ("case: [a, b\nc: {", "line 2: cannot be read as YAML"),
    "latin.yaml": (GOOD.replace("Mine", "Mün").encode("latin-1"), "is not UTF-8 text (byte 19)"),
    "utf16.yaml": (GOOD.encode("utf-16"), "is not UTF-8 text"),
    "binary.yaml": (bytes(range(256)), "is not UTF-8 text"),
    "schema.yaml": (GOOD + "colour: red\n", "line 6: colour: unknown key; did you mean closure?"),
    "empty.yaml": ("", "is not a case"),
    "half.yaml": (GOOD.replace("Mine", '"\\ud800"'), "half of a character"),
    "deep.yaml": (GOOD + "notes: " + "[" * 20_000, "line 6: nested more than 50 deep"),
    "bomb.yaml": (
        "a: &a [x]\n" + _times("b", "a") + _times("c", "b") + _times("d", "c") + GOOD,
        "once aliases are expanded",
    ),
    "huge.yaml": ("#" * (LARGEST + 1), f"has 256,001 bytes; the largest case that a desk reads has {LARGEST:,}"),
    "digits.yaml": (GOOD.replace("Mine", "9" * 5000), "cannot be read as YAML"),
    "my case.yaml": (GOOD, "rename it"),
    "us-japan-autos-2019.yaml": (GOOD, "a bundled case has this name; rename the file"),
    "twice.yaml": (GOOD, "twice.yml has the same name; rename one of them"),
    "twice.yml": (GOOD, "twice.yaml has the same name; rename one of them"),
    "world2014.ep": ("", "a bundled Economy has this name; rename the file"),
    "cut.ep": (b"PK\x03\x04", "is not a complete Entrepot economy file"),
    "words.ep": ("words", "is not a complete Entrepot economy file"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good cases and a good Economy among bad files of every kind."""
    own = tmp_path_factory.mktemp("own")
    for name, (text, _) in BAD.items():
        (own / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (own / "good.yaml").write_text(GOOD)
    (own / "short.yml").write_text(GOOD)
    (own / "folder.yaml").mkdir()
    os.mkfifo(own / "pipe.yaml")
    (own / "nowhere.yaml").symlink_to(own / "gone")
    (own / ".hidden.yaml").write_text("an editor's")
    (own / "notes.txt").write_text("not a case")
    world = ep.load_economy("world2014").aggregate({"JPN": "JPN", "USA": "USA"}, rest_of_world="REST")
    world.save(own / "small.ep")
    return own


@pytest.fixture(scope="module")
def client(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    api = create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), data=str(folder))
    with TestClient(api, base_url=f"http://localhost{ROOT}") as made:
        yield made


def test_lists_have_good_files_and_name_bad_ones(client: TestClient, folder: Path) -> None:
    cases = client.get("cases")
    economies = client.get("economies")
    assert (cases.status_code, economies.status_code) == (200, 200)
    rows = [*cases.json(), *economies.json()]
    good = {row["name"] for row in rows if "fault" not in row}
    assert {"good", "short", "small", "world2014", "us-japan-autos-2019"} <= good
    faults = {row["file"]: row["fault"] for row in rows if "fault" in row}
    says = {name: fault for name, (_, fault) in BAD.items()}
    says |= dict.fromkeys(("folder.yaml", "pipe.yaml", "nowhere.yaml"), "is not a file")
    assert set(faults) == set(says)
    for name, fault in says.items():
        assert fault in faults[name], name
    assert str(folder) not in cases.text + economies.text
    assert client.post("run", json={"case": "good"}).status_code == 200


def test_request_for_a_bad_file_returns_its_fault(client: TestClient, folder: Path) -> None:
    for path, fault in (
        ("cases/schema", "schema.yaml: line 6: colour"),
        ("economies/cut", "cut.ep: is not a complete"),
    ):
        reply = client.get(path)
        assert reply.status_code == 422
        assert fault in reply.json()["detail"]
        assert str(folder) not in reply.text
    for question, key in (({"case": "schema"}, "case"), ({"measures": [], "economy": "cut"}, "economy")):
        reply = client.post("solve" if "measures" in question else "run", json=question)
        assert reply.status_code == 422
        assert str(folder) not in reply.text
        assert reply.json()["key"] == key
    bundled = client.get("cases/us-japan-autos-2019").json()
    assert bundled["title"] != "Mine"


def test_terminal_names_bad_files(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        arguments = ["desk", "--no-browser", "--data", str(folder), "--port", str(taken.getsockname()[1])]
        found = CliRunner().invoke(app, arguments)
    lines = found.output.splitlines()
    for name, (_, fault) in BAD.items():
        assert any(line.startswith(f"Left out: {name}: ") and fault in line for line in lines), name
    assert "already in use" in lines[-1]


def test_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the test patches the refusal."""
    (tmp_path / "locked.yaml").write_text(GOOD)
    (tmp_path / "good.yaml").write_text(GOOD)
    read = Path.read_text

    def refused(path: Path, *args: str, **kwargs: str) -> str:
        if path.name == "locked.yaml":
            raise PermissionError(13, "Permission denied")
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", refused)
    found = Library(str(tmp_path))
    assert "good" in found.names(CASES)
    assert [(fault.file, fault.says) for fault in found.faults()] == [
        ("locked.yaml", "cannot be read: Permission denied")
    ]


def test_error_inside_the_reader_is_reported_for_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.yaml").write_text(GOOD)

    def broken(*_: object) -> None:
        raise AttributeError("of the reader's own")

    monkeypatch.setattr("entrepot.desk.library.load_case", broken)
    (fault,) = Library(str(tmp_path)).faults()
    assert fault.says == "cannot be read; the log of the desk has the details"


def test_file_is_read_again_only_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.desk import library

    read: list[str] = []
    load = library.load_case
    monkeypatch.setattr(library, "load_case", lambda name: (read.append(name), load(name))[1])
    bad = tmp_path / "bad.yaml"
    bad.write_text("- not a case\n")
    found = Library(str(tmp_path))
    for _ in range(3):
        assert [fault.file for fault in found.faults()] == ["bad.yaml"]
    assert read.count(str(bad)) == 1
    bad.write_text(GOOD)
    os.utime(bad, ns=(time.time_ns(), time.time_ns() + 1_000_000))
    assert found.faults() == ()
    assert found.case("bad").title == "Mine"


def test_deleted_folder_is_reported(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    found = Library(str(own))
    shutil.rmtree(own)
    assert "us-japan-autos-2019" in found.names(CASES)
    assert [fault.says for fault in found.faults()] == ["cannot be read: No such file or directory"]


@pytest.mark.parametrize("economy", ["small", "small.ep"])
def test_a_case_names_an_economy_of_the_folder_as_files_do(client: TestClient, economy: str) -> None:
    """A case file on one's own Economy has `economy: small.ep`; the same file serves the command line and the desk."""
    found = client.get(f"economies/{economy}")
    assert (found.status_code, found.json()["name"]) == (200, "small")
    case = {"case": "mine", "title": "T", "question": "Q?", "economy": economy, "parties": ["USA"]}
    case["scenarios"] = {
        "a": {"title": "A", "measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": 0.1}}]}
    }
    reply = client.post("screen", json={"case": case})
    assert reply.status_code == 200, reply.json()


@pytest.mark.parametrize("name", ["gone.ep", "world2014.ep"])
def test_a_file_that_is_not_in_the_folder_is_no_economy(client: TestClient, name: str) -> None:
    assert client.get(f"economies/{name}").status_code == 404


def test_measures_on_an_own_economy_need_no_parties(client: TestClient) -> None:
    request = SolveRequest(measures=[{"tariff": {"importer": "USA", "exporter": "DEU", "sector": "food", "rate": 0.1}}])
    whole = ep.load_economy("world2014")
    assert request.read(Library()).parties == ("USA", "JPN", "EU27"), "of 2022, without the United Kingdom"
    assert request.model_copy(update={"economy": "world2014"}).read(Library()).parties == ("USA", "JPN", "EU28")

    class Folder(Library):
        def economy(self, name: str) -> ep.Economy:
            return replace(whole, countries=tuple("XXX" if c == "JPN" else c for c in whole.countries))

    assert request.read(Folder()).parties == ("USA", "EU28", "DEU")


def test_warnings_of_a_case_are_in_every_answer_about_it(tmp_path: Path) -> None:
    """Its file is read once, and a rate of 900% is a slip in the second answer too."""
    (tmp_path / "mine.yaml").write_text(
        "case: mine\ntitle: Mine\nquestion: What then?\nparties: [USA, JPN]\nscenarios: {t: {title: T, measures: "
        "[{tariff: {importer: USA, exporter: JPN, sector: food, rate: 9}}]}}\n"
    )
    files = DeskFiles(None, Library(str(tmp_path)))
    for kind in ("calendar", "calendar", "screen"):
        assert json.loads(answer(kind, {"case": "mine"}, files)[1])["warnings"] == ["rate=9 is read as 900%"]


def test_faults_of_files_are_kept_in_english(tmp_path: Path) -> None:
    """They are translated for each reader when they are shown."""

    def refused(what: str) -> Any:
        raise DocumentError(f"not for {short('DEU')}")

    with speaking("fr"):
        assert _read_file(refused, "x.yaml").content.says == "not for Germany"
