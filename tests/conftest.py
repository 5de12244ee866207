"""What every shelf of tests shares: the reference data folder, worlds to solve, the two shelves, desk and browser."""

from __future__ import annotations

import gc
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
import shelves
import worlds
from entrepot.equilibrium import quantities
from entrepot.equilibrium.blocks import competition, deficits, labour, recycling
from entrepot.measures import registry
from kept_workers import end_idle_workers, idle_workers_taken
from worlds import in_any_order, random_world

SHARED_ROOT = Path(os.environ.get("ENTREPOT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
SHARED = SHARED_ROOT / "data"


#: Names of run stores, one for each test.
STORES = itertools.count()
#: Seconds after which a slow test is ended; pyproject.toml has those of the others.
SLOW_TIMEOUT = 900


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")
    parser.addoption("--shuffled", action="store_true", help="worlds with countries and sectors in another order")


def pytest_configure(config: pytest.Config) -> None:
    worlds.SHUFFLED = config.getoption("--shuffled")
    shelves.SLOW = config.getoption("--slow")
    shelves.register_profile()
    make_commands_once()
    if not shelves.SLOW:
        keep_tables_in_memory()


def make_commands_once() -> None:
    """Let CliRunner make the commands of an app once for each set of instruments; making them takes longer than most
    commands.
    """
    import typer.testing

    make, made = typer.testing._get_command, {}  # type: ignore[attr-defined,var-annotated]

    def command(app: Any) -> Any:
        key = (id(app), *((entry.flag, entry.shape, entry.help) for entry in ep.measures.instruments().values()))
        if key not in made:
            made[key] = app, make(app)
        return made[key][1]

    typer.testing._get_command = command  # type: ignore[attr-defined]


class Attached:
    """A connection to a database in memory that is one of many of the same DuckDB; it is gone when this is closed."""

    def __init__(self, cursor: Any, name: str) -> None:
        self._cursor, self._name = cursor, name
        cursor.execute(f"ATTACH ':memory:' AS {name}; USE {name}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._cursor.execute(f"USE memory; DETACH {self._name}")
        self._cursor.close()


def keep_tables_in_memory() -> None:
    """Keep the temporary databases of DuckDB in memory, in one DuckDB: opening one takes 17 ms, attaching to it one.

    A database with a memory limit of its own is opened. The slow shelf has all on disk, where users have them.
    """
    import duckdb

    from entrepot.data.duckdb_store import MEMORY

    connect, names, opened = duckdb.connect, itertools.count(), []

    def connected(database: Any = ":memory:", *arguments: Any, **options: Any) -> Any:
        if Path(str(database)).name not in ("exposure.duckdb", "flows.duckdb"):
            return connect(database, *arguments, **options)
        if options["config"]["memory_limit"] != MEMORY:
            return connect(":memory:", *arguments, **options)
        if not opened:
            opened.append(connect(":memory:", config={"memory_limit": MEMORY, "threads": 1}))
        return Attached(opened[0].cursor(), f"attached{next(names)}")

    duckdb.connect = connected


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect without the cyclic garbage collector, which would go through all modules and tests again and again, and
    let it run less often afterwards: what tests share, it would go through for each of them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000, 25, 25)


def pytest_sessionfinish() -> None:
    gc.unfreeze()
    end_idle_workers()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out unless --slow is given.

    With --slow, tests by Hypothesis count as slow too: they are run on more examples than without.
    """
    slow = config.getoption("--slow")
    for item in items:
        if slow and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.slow)
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT))
        if "positions" in item.keywords and config.getoption("--shuffled"):
            item.add_marker(pytest.mark.skip(reason="about the places of countries and sectors"))
    if not slow:
        config.hook.pytest_deselected(items=[item for item in items if "slow" in item.keywords])
        items[:] = [item for item in items if "slow" not in item.keywords]


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a temporary run store, so that tests never write to the developer's. No folder is made before it is used."""
    folder = tmp_path_factory.getbasetemp() / "stores" / str(next(STORES))
    monkeypatch.setenv("ENTREPOT_STORE", str(folder))
    return folder


@pytest.fixture(scope="module", autouse=True)
def workers_of_desks(request: pytest.FixtureRequest) -> Iterator[None]:
    """On the fast shelf, keep the workers of desks from module to module, but for the one that kills them."""
    if shelves.SLOW or request.path.parent.name != "desk":
        yield
    elif request.path.stem == "test_workers":
        end_idle_workers()
        yield
    else:
        with idle_workers_taken():
            yield


@pytest.fixture
def in_a_terminal() -> Iterator[None]:
    """Let SIGHUP end this process and those that it starts, also where the tests run under nohup, which ignores it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def shared(folder: str) -> Path:
    """A folder of the reference data, which is not part of the repository; the test skips where it is absent."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"reference data {folder!r} not found beside the checkout (set ENTREPOT_SHARED to its place)")
    return path


@pytest.fixture(scope="session")
def world() -> ep.Economy:
    return in_any_order(ep.load_economy("world2014"))


@pytest.fixture(scope="session")
def small() -> ep.Economy:
    """Five countries, four sectors, inputs, tariffs, deficits."""
    return random_world(5, 4, seed=7)


@pytest.fixture(scope="session")
def wiod50() -> ep.Economy:
    """The full 44 x 50 tables."""
    folder = shared("wiod2014")
    theta = pd.read_csv(folder / "sectors.csv").set_index("sector")["theta"].to_dict()
    tables = (pd.read_parquet(folder / f"{name}.parquet") for name in ("trade", "inputs", "demand"))
    return ep.Economy.from_tables(*tables, theta=theta, name="wiod2014", year=2014)


@pytest.fixture(scope="session")
def founding_study() -> ep.Study:
    """The founding case on the smaller world of 2014, without its market and path, which take most of the time: an
    example for tests that need a whole study.
    """
    case = ep.load_case("us-japan-autos-2019")
    return ep.run(case.model_copy(update={"market": None, "path": None}), "world2014")


@pytest.fixture(scope="session")
def founding_study_2018() -> ep.Study:
    """The whole founding case, solved on its own world, for the slow tests of its numbers and words."""
    return ep.run("us-japan-autos-2019")


@pytest.fixture
def nothing_stays_registered() -> Iterator[None]:
    """What a test registers (instruments, rules of closures, reported numbers) is gone after it."""
    rules = (deficits.RULES, labour.RULES, recycling.RULES, competition.NAMES, quantities.ALL, quantities.OF)
    before = [dict(known) for known in rules]
    columns = {by: list(reported) for by, reported in quantities._BY.items()}
    yield
    quantities._BY.update(columns)
    registry._OWN.clear()
    registry._installed.cache_clear()
    for known, was in zip(rules, before, strict=True):
        known.clear()
        known.update(was)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20190517)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a desk of its own process answers."""
    pytest.importorskip("fastapi")
    command = [sys.executable, "-c", "from entrepot.cli import app; app()", "desk", "--no-browser", "--port", "0"]
    command += ["--store", str(tmp_path_factory.mktemp("runs"))]
    server = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    )
    try:
        assert server.stderr is not None
        lines = iter(server.stderr.readline, "")  # it builds the page first where it is missing, and says so
        found = next((at for line in lines if (at := re.search(r"http://\S+", line))), None)
        assert found is not None, "the desk did not say where it is"
        yield found[0]
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None and os.environ.get("ENTREPOT_BROWSER") == "needed":
        pytest.fail("no Chromium on this machine, and ENTREPOT_BROWSER says that one is needed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@contextmanager
def serving(api: Any) -> Iterator[str]:
    """HOST:PORT where an application of the desk is served, by a thread of the test."""
    import uvicorn

    from entrepot.desk.server import Server

    at: list[str] = []
    ready = threading.Event()
    server = Server(uvicorn.Config(api, port=0, log_level="critical"), lambda bound: (at.append(bound), ready.set())[0])
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(30), "the desk did not begin to serve"
    try:
        yield at[0]
    finally:
        server.should_exit = True
        thread.join(timeout=20)
