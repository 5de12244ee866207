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


@pytest.mark.slow
@pytest.mark.timeout(900)  # three processes start and solve a part
@pytest.mark.parametrize(
    ("sent", "ignore_sigint", "code"),
    [
        pytest.param(signal.SIGINT, False, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, True, 130, id="SIGTERM where SIGINT is ignored"),
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


def test_search_stops_at_sigterm_and_keeps_whole_rounds(small: ep.Economy) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("round 2"):
            os.kill(os.getpid(), signal.SIGTERM)

    war = nash_tariffs(small, ("C00", "C01"), progress=stop)
    assert war.rounds == 1
    assert war.stopped
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
