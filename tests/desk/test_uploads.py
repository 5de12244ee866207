"""Files that are uploaded become an Economy of the desk under the hash of its numbers, or are refused with a reason."""

from __future__ import annotations

import http.client
import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("python_multipart")

from checked_client import CheckedClient

from conftest import serving
from entrepot.data.sources import import_economy
from entrepot.desk import uploads
from entrepot.desk.api import create_api
from entrepot.desk.own_economies import OwnEconomies
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.unpacked_size import check_unpacked
from entrepot.desk.workers import Limits
from entrepot.economy import load_economy
from entrepot.errors import DocumentError, StoreError
from worlds import random_world

FORMULA, MARKUP = "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>"
LIMIT = 200_000


def _trade(countries: tuple[str, ...] = ("USA", "JPN", MARKUP), sectors: tuple[str, ...] = ("goods", FORMULA)) -> str:
    rows = ["importer,exporter,sector,value,tariff"]
    for n, importer in enumerate(countries):
        for i, exporter in enumerate(countries):
            for j, sector in enumerate(sectors):
                value = 900 + 10 * n + j if importer == exporter else 20 + 5 * n + 3 * i + j
                rows.append(f'{importer},{exporter},"{sector}",{value},{0 if importer == exporter else 0.05}')
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedClient]:
    limits = Limits(rate=1000, burst=1000, upload=LIMIT)
    with CheckedClient(create_api(processes=1, store=str(tmp_path_factory.mktemp("store")), limits=limits)) as client:
        yield client


def _uploaded(desk: CheckedClient, files: Any, **options: str) -> Any:
    """Upload files; return the result of the job, or the problem."""
    reply = desk.post("economies", files=files, data=options)
    if reply.status_code != 202:
        return reply.json()
    job = reply.json()
    while job["state"] in ("waiting", "running"):
        time.sleep(0.05)
        job = desk.get(f"jobs/{job['id']}").json()
    return job["problem"] if job["state"] == "failed" else desk.get(f"jobs/{job['id']}/result").json()


def test_uploaded_economy_is_that_of_the_command_line_and_answers_questions(
    desk: CheckedClient, tmp_path: Path
) -> None:
    found = _uploaded(desk, {"files": ("trade.csv", _trade())}, theta="4", name="<b>mine</b>")
    (tmp_path / "trade.csv").write_text(_trade(), encoding="utf-8")
    same = import_economy("tables", tmp_path / "trade.csv", theta=4.0).economy
    assert found["name"] == f"own-{same.fingerprint[:16]}"
    row = next(one for one in desk.get("economies").json() if one["name"] == found["name"])
    assert row == {
        "name": found["name"],
        "title": "<b>mine</b>",
        "year": None,
        "countries": 3,
        "sectors": 2,
        "own": True,
    }
    assert not next(one for one in desk.get("economies").json() if one["name"] == "world2022")["own"]
    tariff = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "goods", "rate": "25%", "change": "add"}}
    question = {"economy": found["name"], "parties": ["USA", "JPN"], "measures": [tariff]}
    answered = desk.post("solve", json=question).json()
    from entrepot.equilibrium import solve
    from entrepot.measures import Tariff

    outcome = solve(same, [Tariff(importer="USA", exporter="JPN", sector="goods", rate=0.25, change="add")])
    gains = {row["party"]: row["equivalent_variation"] for row in answered["tables"]["welfare"]}
    assert gains["USA"] == pytest.approx(outcome.countries.loc["USA", "equivalent_variation"], rel=1e-6)
    # Texts of the file stay texts, and a spreadsheet reads none of them as a formula.
    as_csv = desk.post("solve?table=sectors", json={**question, "detail": "full"}, headers={"Accept": "text/csv"})
    assert f"'{FORMULA}" in as_csv.text
    assert f",{FORMULA}" not in as_csv.text
    assert MARKUP in [one["code"] for one in desk.get(f"economies/{found['name']}").json()["countries"]]


def test_same_files_are_one_job_and_leave_nothing_behind(desk: CheckedClient) -> None:
    def begun() -> str:
        reply = desk.post("economies", files={"files": ("trade.csv", _trade(("USA", "JPN")))}, data={"theta": "5"})
        return str(reply.json()["id"])

    first = begun()
    assert begun() == first
    while desk.get(f"jobs/{first}").json()["state"] in ("waiting", "running"):
        time.sleep(0.05)
    assert begun() == first
    kept = desk.app.state.workers  # type: ignore[attr-defined]
    name = desk.get(f"jobs/{first}/result").json()["name"]
    Path(kept.files.library.names_of_uploads()[name]).unlink()
    assert begun() != first  # the Economy has gone, so it is made again


def test_unknown_upload_is_refused_in_words_of_its_own(desk: CheckedClient) -> None:
    name = "own-0123456789abcdef"
    for reply, status in (
        (desk.get(f"economies/{name}"), 404),
        (desk.post("solve", json={"economy": name, "measures": []}), 422),
    ):
        assert reply.status_code == status
        assert "another desk" in reply.json()["detail"]


REFUSED = {
    "a picture": ({"files": ("photo.png", b"\x89PNG")}, {"theta": "4"}, "photo.png is not a table"),
    "a picture with the ending of a table": ({"files": ("photo.csv", b"\x89PNG\0\1")}, {"theta": "4"}, "photo.csv: "),
    "no table": ({"files": ("trade.csv", "hello\n")}, {"theta": "4"}, "no rows"),
    "an empty table": ({"files": ("trade.csv", "")}, {}, "is empty"),
    "no elasticities": ({"files": ("trade.csv", _trade())}, {}, "theta"),
    "a path": ({"files": ("trade.csv", _trade())}, {"theta": "../../etc/passwd"}, "unknown set"),
    "an unknown source": ({"files": ("trade.csv", _trade())}, {"source": "nowhere"}, "unknown source"),
    "an unknown field": ({"files": ("trade.csv", _trade())}, {"nonsense": "1"}, "unknown field"),
    "no files": ({"tariffs": ("t.csv", "importer\n")}, {}, "at least one file"),
    "two of one name": ([("files", ("a/t.csv", "x")), ("files", ("b/t.csv", "y"))], {}, "two files"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_economy_is_refused_with_a_reason(desk: CheckedClient, what: str) -> None:
    files, options, says = REFUSED[what]
    problem = _uploaded(desk, files, **options)
    assert problem["status"] == 422
    assert says in problem["detail"]
    assert "/entrepot-upload-" not in problem["detail"]


def test_a_form_that_cannot_be_read_is_refused_in_words_of_the_desk(desk: CheckedClient) -> None:
    """Those of the reader of forms have no translation."""
    many = desk.post("economies", files=[("files", (f"{k}.csv", b"a")) for k in range(uploads.FILES + 1)])
    assert (many.status_code, many.json()["detail"]) == (
        400,
        "send at most 20 files and 12 fields, each field of at most 2,000 bytes",
    )
    broken = desk.post("economies", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 400
    assert "RFC 7578" in broken.json()["detail"]
    nameless = desk.post("economies", files=[("files", (".", b"a"))])
    assert nameless.json()["detail"].startswith("a file without a name is not a table that is read here: .csv, ")


def test_upload_of_another_site_or_kind_is_refused(desk: CheckedClient) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert desk.post("economies", files={"files": ("trade.csv", _trade())}, headers=foreign).status_code == 403
    assert desk.post("economies", json={"files": []}).status_code == 415


def test_large_upload_is_refused_while_nothing_of_it_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its sender reads the refusal, whether it states the length before or sends piece by piece."""
    kept: list[str] = []
    monkeypatch.setattr(uploads, "_write", lambda upload, parts: kept.append("written"))
    form = b'--b\r\nContent-Disposition: form-data; name="files"; filename="trade.csv"\r\n\r\n'
    pieces = [form, *([b"1,2,3,4\n" * 8000] * 10)]
    with serving(create_api(processes=1, store=str(tmp_path), limits=Limits(upload=LIMIT), page=False)) as at:
        for body in (b"".join(pieces), iter(pieces)):
            connection = http.client.HTTPConnection(at)
            connection.request(
                "POST", f"{ROOT}/economies", body=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
            )
            reply = connection.getresponse()
            assert reply.status == 413
            assert b"200,000 bytes" in reply.read()
            connection.close()
    assert not kept


def test_archive_is_measured_by_what_it_holds_and_not_by_what_it_states(tmp_path: Path) -> None:
    def archive(name: str, content: bytes) -> Path:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(name, content)
        path = tmp_path / f"{name}.zip"
        path.write_bytes(held.getvalue())
        return path

    bomb = archive("trade.csv", bytes(3_000_000))
    assert bomb.stat().st_size < 10_000
    assert check_unpacked(bomb, 3_000_000) == 3_000_000
    with pytest.raises(DocumentError, match="more than 3 MB when it is unpacked"):
        check_unpacked(bomb, 2_999_999)
    with pytest.raises(DocumentError, match="archive inside the archive"):
        check_unpacked(archive("inner.zip", bomb.read_bytes()), 1 << 30)
    bomb.write_bytes(bomb.read_bytes()[:-30])
    assert check_unpacked(bomb, 1 << 30) == bomb.stat().st_size  # no archive any more: the reader refuses it


def test_desk_keeps_so_many_uploads_and_the_oldest_go(tmp_path: Path) -> None:
    own = OwnEconomies(str(tmp_path), most=2)
    world = random_world(3, 2, seed=1)
    names = []
    for factor in (1.1, 1.2, 1.3):
        name, gone = own.keep(world.with_elasticities(np.asarray(world.theta) * factor))
        names.append(name)
        time.sleep(0.01)
    assert gone == (names[0],)
    assert list(own.files()) == [names[2], names[1]]


def test_the_same_numbers_of_another_year_or_title_are_what_the_latest_upload_says(tmp_path: Path) -> None:
    own, world = OwnEconomies(str(tmp_path)), random_world(3, 2, seed=1)
    names = [
        own.keep(replace(world, name=title, year=year))[0] for title, year in (("a", 2018), ("b", 2018), ("c", 2020))
    ]
    assert names[0] == names[1] != names[2]
    read = [load_economy(own.files()[name]) for name in names[1:]]
    assert [(one.name, one.year) for one in read] == [("b", 2018), ("c", 2020)]


def test_uploads_that_another_desk_deletes_meanwhile_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Desks with one run store share their uploads."""
    own = OwnEconomies(str(tmp_path), most=1)
    world = random_world(3, 2, seed=1)
    kept = own.keep(world)[0]
    gone = tmp_path / "own-0123456789abcdef.ep"
    monkeypatch.setattr(Path, "glob", lambda path, _: iter([gone, path / f"{kept}.ep"]))
    assert list(own.files()) == [kept]
    (tmp_path / f"{kept}.ep").unlink()
    assert own.keep(world) == (kept, ())
    assert list(own.files()) == [kept]


def test_full_disk_is_a_507_that_names_no_folder(
    desk: CheckedClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = [("files", ("trade.csv", _trade().encode()))]
    full = OSError(28, "No space left on device")

    def refused(*_: Any, **__: Any) -> Any:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(uploads.tempfile, "mkdtemp", refused)
        reply = desk.post("economies", files=files)
    assert reply.status_code == 507
    assert reply.json()["detail"] == "the files cannot be kept: No space left on device; free some space on the desk"
    world = random_world(3, 2, seed=1)
    monkeypatch.setattr("entrepot.documents.tempfile.mkstemp", refused)
    with pytest.raises(StoreError, match="No space left on device") as raised:
        OwnEconomies(str(tmp_path)).keep(world)
    assert str(tmp_path) not in str(raised.value)
