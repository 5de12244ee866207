"""Sweeps and searches stop at SIGINT and SIGTERM, and keep what is finished, also where the shell ignores SIGINT."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.bargaining import nash_tariffs
from entrepot.errors import InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.sweeping.local_workers import local_processes
from entrepot.sweeping.sweep import plan_of, run_of
from small_sweep import THETA
from small_sweep import small as small_case

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads child processes from /proc")


def begin_sweep(folder: Path, *, ignore_sigint: bool) -> subprocess.Popen[str]:
    """Start `entrepot sweep` with two workers in a process of its own."""
    action = signal.SIG_IGN if ignore_sigint else signal.default_int_handler
    command = [
        sys.executable,
        "-c",
        "from entrepot.cli import main; main()",
        "sweep",
        str(small_case(folder, more=THETA)),
    ]
    command += ["--draws", "200000", "--workers", "2", "--store", str(folder / "store")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(2, action)
    )


def wait_until(found: Callable[[], object], seconds: float = 250.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.usefixtures("in_a_terminal")
@pytest.mark.slow
@pytest.mark.timeout(900)  # three processes start and solve a part
@pytest.mark.parametrize(
    ("sent", "ignore_sigint", "code"),
    [
        pytest.param(signal.SIGINT, False, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, True, 130, id="SIGTERM where SIGINT is ignored"),
        pytest.param(signal.SIGHUP, False, 130, id="a closed terminal"),
        pytest.param(signal.SIGKILL, True, -signal.SIGKILL, id="SIGKILL"),
    ],
)
def test_sweep_with_workers_stops_at_a_signal_and_keeps_finished_parts(
    tmp_path: Path, sent: signal.Signals, ignore_sigint: bool, code: int
) -> None:
    sweep = begin_sweep(tmp_path, ignore_sigint=ignore_sigint)
    try:
        wait_until(lambda: sweep.poll() is not None or list(tmp_path.glob("store/*/draws/part-*.parquet")))
        assert sweep.poll() is None, sweep.communicate()
        workers = children(sweep.pid)
        assert workers
        sweep.send_signal(sent)
        sweep.communicate(timeout=200)
    finally:
        sweep.kill()
    assert sweep.returncode == code
    wait_until(lambda: not any(map(is_alive, workers)))
    (run,) = ep.runs.RunStore(tmp_path / "store").runs()
    assert run.parts("draws")
    assert not run.complete


#: The command line, interrupted where a module of it is looked for.
LOADING = """
import os, signal, sys
import entrepot.__main__ as command
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
command.main()
"""


@pytest.mark.parametrize("module", ["entrepot.cli", "entrepot.cli.console"])
def test_an_interrupt_while_the_command_line_is_loaded_prints_no_traceback(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADING.replace("MODULE", repr(module)), "case", "list"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.slow
def test_processes_that_are_stopped_say_that_parts_are_finished_first(tmp_path: Path) -> None:
    plan = plan_of(small_case(tmp_path, more=THETA), draws=400, part=40)
    calls: list[str] = []
    parts = local_processes(2, lambda: calls.append("stopping"))(plan, run_of(plan, tmp_path / "store"), range(9))
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert calls == ["stopping"]


@pytest.mark.usefixtures("in_a_terminal")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP], ids=str)
def test_search_stops_at_a_signal_and_keeps_whole_rounds(small: ep.Economy, sent: signal.Signals) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("round 2"):
            os.kill(os.getpid(), sent)

    war = nash_tariffs(small, ("C00", "C01"), progress=stop)
    assert war.rounds == 1
    assert war.stopped
    assert signal.getsignal(sent) is signal.SIG_DFL


@pytest.mark.usefixtures("in_a_terminal")
def test_second_signal_of_a_closed_terminal_does_not_disturb_the_end() -> None:
    """A shell sends SIGHUP to its jobs beside the terminal's own."""
    with stopped_by_signals():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


def test_ignored_signal_stays_ignored_in_a_search(small: ep.Economy) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        war = nash_tariffs(small, ("C00", "C01"), progress=lambda *_: os.kill(os.getpid(), signal.SIGHUP))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert not war.stopped


def test_processes_need_a_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    with pytest.raises(InputError, match="working folder was deleted"):
        ep.sweep(small_case(tmp_path, more=THETA), draws=4, part=1, workers=2, store=tmp_path / "store")
