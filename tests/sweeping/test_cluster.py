"""The same sweep on a Dask cluster: the same answers to the solver's tolerance, and a worker that dies is no matter."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from test_sweep import THETA, assert_same_answers, small

import entrepot as ep
from entrepot.sweeping.solve import plan_of
from entrepot.sweeping.store import RunStore
from entrepot.sweeping.work import on_cluster

distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as made:
        yield made


def test_workers_that_are_threads_give_the_same_answers(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    here = ep.sweep(path, draws=4, store=tmp_path / "here", tables=["welfare"])
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as made:
        there = ep.sweep(path, draws=4, store=tmp_path / "there", tables=["welfare"], cluster=made.scheduler_address)
    assert there.complete
    assert_same_answers(here.run, there.run, here.plan.economy.income.max())


@pytest.mark.slow
def test_a_cluster_gives_the_same_answers_though_a_worker_is_killed(tmp_path: Path, cluster) -> None:
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
def test_workers_that_all_die_are_no_matter(tmp_path: Path, cluster) -> None:
    """What every part needs was on them alone."""
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
def test_by_address(tmp_path: Path, cluster) -> None:
    path = small(tmp_path, more=THETA)
    here = ep.sweep(path, draws=30, store=tmp_path / "here")
    there = ep.sweep(path, draws=30, store=tmp_path / "there", cluster=cluster.scheduler_address)
    assert there.complete
    assert_same_answers(here.run, there.run, here.plan.economy.income.max())


def test_no_scheduler_there(tmp_path: Path) -> None:
    with pytest.raises(ep.EntrepotError, match="no Dask scheduler answers there"):
        ep.sweep(small(tmp_path, more=THETA), draws=4, cluster="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_workers_of_another_version(tmp_path: Path, cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.sweeping.work.__version__", "9.9")
    with pytest.raises(ep.InputError, match=r"has Entrepot .*, and here is 9\.9"):
        ep.sweep(small(tmp_path, more=THETA), draws=4, store=tmp_path, cluster=cluster.scheduler_address)
