"""A sweep on a Dask cluster has the same answers to the solver's tolerance, even if workers die."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.runs.store import RunStore
from entrepot.sweeping.dask_workers import on_cluster
from entrepot.sweeping.sweep import plan_of
from small_sweep import THETA, assert_same_answers, small

distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as made:
        yield made


def test_local_cluster_gives_the_same_answers(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    here = ep.sweep(path, draws=4, store=tmp_path / "here", tables=["welfare"])
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as made:
        there = ep.sweep(path, draws=4, store=tmp_path / "there", tables=["welfare"], cluster=made.scheduler_address)
    assert there.complete
    assert_same_answers(here.run, there.run, here.plan.economy.income.max())


@pytest.mark.slow
def test_cluster_gives_the_same_answers_though_a_worker_is_killed(tmp_path: Path, cluster) -> None:
    path = small(tmp_path, more=THETA)
    here = ep.sweep(path, draws=1500, store=tmp_path / "here")
    plan = plan_of(path, draws=1500)
    run = RunStore(tmp_path / "there").open(kind="sweep", name="small", identity=plan.identity())

    done: list[int] = []
    with distributed.Client(cluster, set_as_default=False) as client:
        for part in on_cluster(client, plan, run, range(plan.parts), shared=False):
            if not done:
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
            done.append(part)
    assert sorted(done) == list(range(plan.parts))
    assert_same_answers(here.run, run, plan.economy.income.max())


@pytest.mark.slow
def test_sweep_finishes_though_all_workers_die(tmp_path: Path, cluster) -> None:
    """The plan that every part needs was only in their memory."""
    path = small(tmp_path, more=THETA)
    plan = plan_of(path, draws=1500)
    run = RunStore(tmp_path / "there").open(kind="sweep", name="small", identity=plan.identity())
    done: list[int] = []
    with distributed.Client(cluster, set_as_default=False) as client:
        for part in on_cluster(client, plan, run, range(plan.parts), shared=False):
            if not done:
                for worker in cluster.workers.values():
                    os.kill(worker.pid, signal.SIGKILL)
            done.append(part)
    assert sorted(done) == list(range(plan.parts))


@pytest.mark.slow
def test_cluster_is_found_by_address(tmp_path: Path, cluster) -> None:
    path = small(tmp_path, more=THETA)
    here = ep.sweep(path, draws=30, store=tmp_path / "here")
    there = ep.sweep(path, draws=30, store=tmp_path / "there", cluster=cluster.scheduler_address)
    assert there.complete
    assert_same_answers(here.run, there.run, here.plan.economy.income.max())


@pytest.mark.slow
def test_address_without_a_scheduler_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ep.EntrepotError, match="no Dask scheduler answers there"):
        ep.sweep(small(tmp_path, more=THETA), draws=4, cluster="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_workers_of_another_version_are_refused(tmp_path: Path, cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.sweeping.dask_workers.__version__", "9.9")
    with pytest.raises(ep.errors.InputError, match=r"has Entrepot .*, and this process has 9\.9"):
        ep.sweep(small(tmp_path, more=THETA), draws=4, store=tmp_path, cluster=cluster.scheduler_address)
