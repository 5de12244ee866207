"""Worker processes that die, hang or cannot start: the server goes on."""

from __future__ import annotations

import datetime
import functools
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("fastapi")
import psutil
from fastapi.testclient import TestClient

from entrepot.desk import workers
from entrepot.desk.api import create_api
from entrepot.desk.process_pool import Pool, WorkerLost
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.workers import Limits
from shelves import slow_after

CASE = "us-japan-autos-2019"
FIRST, SECOND = ({"measures": [{"tariff": {"importer": "USA", "sector": "food", "rate": r}}]} for r in (0.1, 0.2))


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """Start a desk."""
    begun: list[TestClient] = []

    def made(**options: Any) -> TestClient:
        api = create_api(store=str(tmp_path), **{"processes": 1, **options})
        client = TestClient(api, base_url=f"http://localhost{ROOT}", raise_server_exceptions=False)
        begun.append(client.__enter__())
        return begun[-1]

    yield made
    for client in begun:
        client.__exit__(None, None, None)


def _processes() -> list[psutil.Process]:
    """The worker processes of this desk."""
    return [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)


def _post_in_thread(client: TestClient, path: str, question: dict[str, Any]) -> tuple[Thread, list[Any]]:
    """Send a request in a thread; its reply will be in the list."""
    replies: list[Any] = []
    thread = Thread(target=lambda: replies.append(client.post(path, json=question)))
    thread.start()
    return thread, replies


@pytest.mark.parametrize("processes", slow_after(1, [1, 2]))
def test_idle_workers_that_are_killed_are_replaced(begin: Callable[..., TestClient], processes: int) -> None:
    client = begin(processes=processes)
    assert client.post("solve", json=FIRST).status_code == 200
    _kill(_processes())
    assert client.post("solve", json=SECOND).status_code == 200
    end = time.monotonic() + 60
    while len(_processes()) < processes:  # including those that no request needed
        assert time.monotonic() < end
        time.sleep(0.1)
    assert client.post("solve", json={"measures": []}).status_code == 200


@pytest.mark.slow
def test_busy_workers_that_are_killed_are_replaced(begin: Callable[..., TestClient]) -> None:
    client = begin(processes=2)
    assert client.post("solve", json=FIRST).status_code == 200
    sent = [_post_in_thread(client, "run", {"case": CASE}), _post_in_thread(client, "solve", SECOND)]
    time.sleep(0.1)
    _kill(_processes())
    for thread, replies in sent:
        thread.join(90)
        assert replies[0].status_code == 200
    assert client.post("solve", json={"measures": []}).status_code == 200


@pytest.mark.slow
def test_worker_lost_twice_is_a_503(begin: Callable[..., TestClient]) -> None:
    """A worker that is killed whenever it restarts: the reply is 503, and then the desk goes on."""
    client = begin()
    assert client.post("solve", json=FIRST).status_code == 200
    thread, replies = _post_in_thread(client, "run", {"case": CASE})
    while thread.is_alive():
        _kill(_processes())
        time.sleep(0.05)
    assert replies[0].status_code == 503
    assert replies[0].json()["type"] == "urn:entrepot:lost"
    assert int(replies[0].headers["retry-after"]) > 0
    assert client.post("solve", json=SECOND).status_code == 200


@pytest.mark.slow
def test_hanging_worker_is_ended_at_the_time_limit(begin: Callable[..., TestClient]) -> None:
    client = begin(limits=Limits(seconds=2))
    assert client.post("solve", json=FIRST).status_code == 200
    (worker,) = _processes()
    os.kill(worker.pid, signal.SIGSTOP)
    assert client.post("solve", json=SECOND).status_code == 504
    assert client.post("solve", json=SECOND).status_code == 200


def broken() -> None:
    os._exit(3)


@pytest.mark.slow
def test_worker_that_cannot_start_is_a_503(begin: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "warm", broken)
    client = begin()
    for question in (FIRST, SECOND):
        refused = client.post("solve", json=question)
        assert refused.status_code == 503
        assert "retry-after" in refused.headers
    assert client.get("cases").status_code == 200


@pytest.mark.slow
def test_process_that_cannot_be_created_is_a_503(
    begin: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = begin()
    assert client.post("solve", json=FIRST).status_code == 200
    _kill(_processes())

    def refused(*_: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("multiprocessing.context.SpawnProcess.start", refused)
        assert client.post("solve", json=SECOND).status_code == 503
    assert client.post("solve", json=SECOND).status_code == 200


def test_internal_error_is_a_500_and_the_worker_stays(
    begin: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = begin()
    assert client.post("solve", json=FIRST).status_code == 200
    (worker,) = _processes()
    pool = client.app.state.workers._pool  # type: ignore[attr-defined]
    status, body = pool.schedule("no such kind", {}, None, 10).future.result(20)
    assert status == 500
    assert b"KeyError" not in body
    assert _processes() == [worker]


@pytest.mark.slow
def test_job_continues_after_its_worker_is_killed(begin: Callable[..., TestClient]) -> None:
    client = begin()
    question = {"case": CASE, "draws": 256, "scenarios": ["farm_deal"]}
    begun = client.post("sweep", json=question).json()
    others = {p.pid for p in _processes()}
    while client.get(f"jobs/{begun['id']}").json()["state"] == "waiting" or len(_processes()) < 2:
        time.sleep(0.05)
    _kill([p for p in _processes() if p.pid not in others] or _processes()[-1:])
    end = time.monotonic() + 120
    while (job := client.get(f"jobs/{begun['id']}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert job["state"] == "done"
    assert client.get(f"jobs/{begun['id']}/result").status_code == 200


@pytest.mark.slow
def test_next_job_runs_after_a_running_job_is_cancelled(begin: Callable[..., TestClient]) -> None:
    client = begin()
    long = client.post("sweep", json={"case": CASE, "draws": 4000}).json()
    while client.get(f"jobs/{long['id']}").json()["state"] == "waiting":
        time.sleep(0.05)
    short = client.post("sweep", json={"case": CASE, "draws": 16, "scenarios": ["farm_deal"]}).json()
    assert short["state"] == "waiting"
    assert client.delete(f"jobs/{long['id']}").status_code == 202
    end = time.monotonic() + 120
    while (job := client.get(f"jobs/{short['id']}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert job["state"] == "done"
    assert client.get(f"jobs/{long['id']}").json()["state"] == "cancelled"


@pytest.mark.slow
def test_processes_end_with_the_desk(tmp_path: Path) -> None:
    with TestClient(create_api(processes=2, store=str(tmp_path)), base_url=f"http://localhost{ROOT}") as client:
        assert client.post("solve", json=FIRST).status_code == 200
        client.post("sweep", json={"case": CASE, "draws": 4000})
        time.sleep(0.5)
        left = _processes()
        assert len(left) >= 2
    _, alive = psutil.wait_procs(left, timeout=10)
    assert not alive


def test_busy_worker_ends_when_the_desk_is_killed(tmp_path: Path) -> None:
    busy = tmp_path / "busy"
    work = f"open({str(busy)!r}, 'w').close(); import time; time.sleep(600)"
    desk = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import functools, time; from entrepot.desk.process_pool import Pool; "
            f"Pool(1, functools.partial(exec, {work!r})); time.sleep(600)",
        ]
    )
    try:
        end = time.monotonic() + 60
        while not busy.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        left = psutil.Process(desk.pid).children()
    finally:
        desk.kill()
        desk.wait()
    _, alive = psutil.wait_procs(left, timeout=10)
    for process in alive:
        process.kill()
    assert not alive


def _no_more_files(*_: Any, **__: Any) -> None:
    raise OSError(24, "Too many open files")


@pytest.mark.parametrize("prepare", [None, functools.partial(int)], ids=["lazy", "at once"])
def test_pool_goes_on_once_a_pipe_can_be_made_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, prepare: Any
) -> None:
    monkeypatch.setattr("entrepot.desk.process_pool._CONTEXT.Pipe", _no_more_files, raising=True)
    pool = Pool(1, prepare)
    try:
        task = pool.schedule("no such kind", {}, None, 10)
        with caplog.at_level(logging.ERROR, "entrepot.desk"), pytest.raises(WorkerLost):
            task.future.result(20)
        assert "Too many open files" in caplog.text
        monkeypatch.undo()
        assert pool.schedule("no such kind", {}, None, 10).future.result(60)[0] == 500
    finally:
        pool.close()


def test_log_says_that_the_folder_of_the_desk_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A new process starts in the working folder of the desk."""

    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    pool = Pool(1)
    try:
        with caplog.at_level(logging.ERROR, "entrepot.desk"), pytest.raises(WorkerLost):
            pool.schedule("no such kind", {}, None, 10).future.result(20)
    finally:
        pool.close()
    assert "the folder in which the desk was started is gone" in caplog.text


@pytest.mark.slow
def test_changed_case_file_invalidates_the_cache(begin: Callable[..., TestClient], tmp_path: Path) -> None:
    """A cached reply is valid as long as the files and the day are the same."""
    own = tmp_path / "own"
    own.mkdir()

    def write(rate: str) -> None:
        (own / "mine.yaml").write_text(
            "case: mine\ntitle: Mine\nquestion: What then?\nparties: [USA, JPN]\nscenarios: {t: {title: T, measures: "
            f"[{{tariff: {{importer: USA, exporter: JPN, sector: food, rate: {rate}}}}}]}}}}\n"
        )

    write("10%")
    client = begin(data=str(own))
    first = client.post("run", json={"case": "mine"})
    same = {"If-None-Match": first.headers["etag"]}
    assert client.post("run", json={"case": "mine"}, headers=same).status_code == 304
    write("20%")
    again = client.post("run", json={"case": "mine"}, headers=same)
    assert again.status_code == 200
    assert again.json()["tables"]["welfare"] != first.json()["tables"]["welfare"]


def test_reply_from_before_a_change_is_not_current_after_it(
    begin: Callable[..., TestClient], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    head = "case: mine\ntitle: Mine\nquestion: What then?\nparties: [USA]\nscenarios: {t: {title: T, measures: "
    text = head + "[{tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%}}]}}\n"
    (own / "mine.yaml").write_text(text)
    client, ask = begin(data=str(own)), workers.Workers.ask

    async def changed_meanwhile(self: Any, *request: Any) -> Any:
        found = await ask(self, *request)
        events = (own / "mine.yaml").read_text().removeprefix(text) or "calendar:\n"
        (own / "mine.yaml").write_text(
            f"{text}{events}- {{date: 2019-05-17, event: A change, kind: us-232-further-action}}\n"
        )
        return found

    path, body = "figures/winners.csv?case=mine", {"case": "mine"}
    with monkeypatch.context() as patch:
        patch.setattr(workers.Workers, "ask", changed_meanwhile)
        early = [client.post("calendar", json=body), client.get(path)]
    assert [reply.status_code for reply in early] == [200, 200], [reply.text for reply in early]
    late = [
        client.post("calendar", json=body, headers={"If-None-Match": early[0].headers["etag"]}),
        client.get(path, headers={"If-None-Match": early[1].headers["etag"]}),
    ]
    assert [reply.status_code for reply in late] == [200, 200]
    assert len(early[0].json()["calendar"]) == 0 < len(late[0].json()["calendar"])


def test_new_day_invalidates_the_cache(begin: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    client = begin()
    tag = client.post("calendar", json={"case": CASE}).headers["etag"]
    assert client.post("calendar", json={"case": CASE}, headers={"If-None-Match": tag}).status_code == 304

    class Tomorrow(datetime.date):
        @classmethod
        def today(cls) -> datetime.date:
            return datetime.date(2030, 1, 1)

    monkeypatch.setattr(workers.datetime, "date", Tomorrow)
    assert client.post("calendar", json={"case": CASE}, headers={"If-None-Match": tag}).status_code == 200
