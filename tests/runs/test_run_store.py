"""The run store: atomic writes, the same bytes for the same rows, and no part lost or repeated after a kill."""

from __future__ import annotations

import contextlib
import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import entrepot as ep
from entrepot.cli import app
from entrepot.runs import store
from entrepot.runs.comparison import differences, questions, unmatched
from entrepot.runs.export import export
from entrepot.runs.listing import chosen, counts, listing
from entrepot.runs.store import MANIFEST, UNFINISHED, RunStore
from shelves import slow
from small_sweep import THETA, assert_same_answers, small

QUESTION = {"kind": "sweep", "name": "a", "identity": {"draws": 3}}


def numbers(part: int) -> pd.DataFrame:
    rng = np.random.default_rng(part)
    who = ["C00", "C01"] * 500
    return pd.DataFrame({"member": np.arange(1000) + 1000 * part, "party": who, "value": rng.normal(size=1000)})


def test_same_question_opens_the_same_run(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    one = store.open(**QUESTION, about={"title": "a title"})
    again = store.open(**QUESTION, about={"title": "another title"})
    other = store.open(kind="sweep", name="a", identity={"draws": 4})
    assert one.id == again.id != other.id
    assert len(one.manifest["times"]) == 2
    assert one.manifest["about"] == {"title": "a title"}


def test_parts_are_read_in_order(tmp_path: Path) -> None:
    run = RunStore(tmp_path).open(**QUESTION)
    for part in (2, 0, 1):
        run.write("welfare", numbers(part), part=part)
    assert run.parts("welfare") == {0, 1, 2}
    pd.testing.assert_frame_equal(
        run.read("welfare"), pd.concat(map(numbers, range(3)), ignore_index=True), check_dtype=False
    )
    first = (run.path / "welfare" / "part-00001.parquet").read_bytes()
    run.write("welfare", numbers(1), part=1)
    assert (run.path / "welfare" / "part-00001.parquet").read_bytes() == first
    assert len(run.read("welfare")) == 3000


def test_default_store_is_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, own_store: Path) -> None:
    assert RunStore().root == own_store
    monkeypatch.delenv("ENTREPOT_STORE")
    assert RunStore().root.parts[-2:] == ("entrepot", "runs")


# ---- killed and concurrent processes ----


def _write_parts(root: Path, parts: list[int], pause: float = 0.0) -> None:
    run = RunStore(root).open(**QUESTION)
    for part in parts:
        if part not in run.parts("welfare"):
            run.write("welfare", numbers(part), part=part)
            time.sleep(pause)


@pytest.mark.slow
@pytest.mark.parametrize(("times", "draws"), [(3, 300), (20, 2500)])
def test_sweep_killed_many_times_loses_and_repeats_nothing(tmp_path: Path, times: int, draws: int) -> None:
    """A sweep killed with SIGKILL at random moments, repeated by the same call until it is done, has the rows and,
    to the solver's tolerance, the numbers of one that nobody disturbed.
    """
    path, chance = small(tmp_path, more=THETA), random.Random(5)
    options = {"draws": draws, "store": tmp_path / "killed", "tables": ["welfare", "draws"][:1]}
    context = multiprocessing.get_context("fork")
    kills, rounds = 0, 0
    while rounds < 200:
        rounds += 1
        child = context.Process(target=ep.sweep, args=(path,), kwargs=options)
        child.start()
        child.join(chance.uniform(0.05, 0.4) if kills < times else None)
        if child.exitcode == 0:
            break
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
            kills += 1
    assert kills == times or child.exitcode == 0
    assert kills >= times / 2, "the sweep was too quick to be killed"
    sweep = ep.sweep(path, **options)
    assert sweep.complete
    assert sweep.solves == 0
    whole = ep.sweep(path, **(options | {"store": tmp_path / "whole"}))
    assert sweep.table("draws")["member"].tolist() == list(range(sweep.plan.size))
    assert_same_answers(sweep.run, whole.run, sweep.plan.economy.income.max())
    assert not list(sweep.run.path.rglob(f"{UNFINISHED}*")), "temporary files of killed processes are deleted"


@pytest.mark.slow
def test_two_processes_may_write_one_run_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    every = list(range(30))
    pair = [context.Process(target=_write_parts, args=(tmp_path, order, 0.002)) for order in (every, every[::-1])]
    for process in pair:
        process.start()
    for process in pair:
        process.join()
    assert [process.exitcode for process in pair] == [0, 0]
    run = RunStore(tmp_path).open(**QUESTION)
    assert run.read("welfare")["member"].tolist() == list(range(30_000))


def test_no_process_is_signalled_where_any_signal_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows os.kill(pid, 0) sends Ctrl-C: files of other processes are left alone there."""
    monkeypatch.setattr(store, "os", SimpleNamespace(name="nt"))
    assert store._alive(1)


# ---- full disks and damaged files ----


def test_full_disk_raises_and_leaves_the_store_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunStore(tmp_path).open(**QUESTION)
    run.write("welfare", numbers(0), part=0)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ep.errors.StoreError, match=r"the disk is full.*What was stored before is complete"):
        run.write("welfare", numbers(1), part=1)
    monkeypatch.undo()
    assert run.parts("welfare") == {0}
    assert not list(tmp_path.rglob(f"{UNFINISHED}*"))
    run.write("welfare", numbers(1), part=1)
    assert len(run.read("welfare")) == 2000


def test_real_disk_that_fills(tmp_path: Path) -> None:
    """A file system of half a megabyte."""
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(mount)], capture_output=True)
    if made.returncode:
        pytest.skip("mounting needs more rights than this user has")
    try:
        run = RunStore(mount).open(**QUESTION)

        def fill() -> None:
            for part in range(200):
                run.write("welfare", pd.concat([numbers(part + k) for k in range(5)]), part=part)

        with pytest.raises(ep.errors.StoreError, match="the disk is full"):
            fill()
        kept = run.parts("welfare")
        assert len(run.read("welfare")) == 5000 * len(kept) > 0
        assert not list(mount.rglob(f"{UNFINISHED}*"))
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_damaged_run_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    fine = store.open(**QUESTION)
    fine.write("welfare", numbers(0))
    bad = store.open(kind="run", name="b", identity={})
    (bad.path / MANIFEST).write_text("{")
    states = listing(store).set_index("id")["state"]
    assert states[bad.id] == "damaged"
    assert states[fine.id] == "not finished"
    with pytest.raises(ep.errors.StoreError, match=rf"is damaged .*prune {bad.id}"):
        _ = bad.manifest
    (fine.path / "welfare" / "part-00000.parquet").write_bytes(b"PAR1 no longer")
    with pytest.raises(ep.errors.StoreError, match="a part is damaged"):
        fine.read("welfare")


def test_run_of_a_later_version_is_refused(tmp_path: Path) -> None:
    run = RunStore(tmp_path).open(**QUESTION)
    manifest = json.loads((run.path / MANIFEST).read_text())
    (run.path / MANIFEST).write_text(json.dumps(manifest | {"format": 99, "version": "9.9"}))
    with pytest.raises(ep.errors.StoreError, match=r"later version of Entrepot \(9\.9\)"):
        _ = run.manifest


def test_folder_that_cannot_be_written_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ep.errors.StoreError, match=r"cannot be written.*--store"):
        RunStore(tmp_path / "file" / "store").open(**QUESTION)


def test_complete_run_is_read_from_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small(tmp_path, more=THETA)
    whole = ep.sweep(path, draws=4, store=tmp_path / "kept")

    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "replace", read_only)
    again = ep.sweep(path, draws=4, store=tmp_path / "kept")
    pd.testing.assert_frame_equal(again.intervals(), whole.intervals())
    with pytest.raises(ep.errors.StoreError, match="Read-only file system"):
        ep.sweep(path, draws=5, store=tmp_path / "kept")


def test_id_must_be_the_beginning_of_an_existing_one(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "store")
    with pytest.raises(ep.errors.InputError, match="which is empty"):
        store.find("abc")
    run = store.open(**QUESTION)
    assert store.find(run.id[:4]).id == run.id
    for name in ("", "..", "/etc", "../store", "zzz"):
        with pytest.raises(ep.errors.InputError, match="no run"):
            store.find(name)


# ---- comparison, export, deletion ----


@pytest.mark.slow
def test_comparison_of_two_runs_lists_what_differs(tmp_path: Path) -> None:
    path = small(tmp_path, more=THETA)
    one, other = (ep.sweep(path, draws=8, seed=seed) for seed in (1, 2))
    assert {key: (a, b) for key, a, b in questions(one.run, other.run)} == {"seed": (1, 2)}
    found = differences(one.run, other.run)
    assert {"welfare", "draws"} <= set(found["table"])
    row = found[(found["table"] == "welfare") & (found["number"] == "real_income_pct")].iloc[0]
    assert row["difference"] == pytest.approx(row["other"] - row["one"])
    assert differences(one.run, one.run).empty


def test_export_writes_csv_zip_and_duckdb(tmp_path: Path) -> None:
    import duckdb

    sweep = ep.sweep(small(tmp_path, more=THETA), draws=8)
    tables = export(sweep.run, tmp_path / "csv")
    assert pd.read_csv(tmp_path / "csv" / "welfare.csv").shape == sweep.table("welfare").shape
    assert set(tables) >= {"welfare", "draws"}
    export(sweep.run, tmp_path / "run.zip")
    export(sweep.run, tmp_path / "run.duckdb")
    with duckdb.connect(str(tmp_path / "run.duckdb"), read_only=True) as db:
        assert db.execute("SELECT count(*) FROM welfare").fetchone() == (len(sweep.table("welfare")),)
    with pytest.raises(ep.errors.InputError, match="already exists"):
        export(sweep.run, tmp_path / "csv")
    rows = {name: count for name, count, _ in counts(sweep.run)}
    assert rows["welfare"] == len(sweep.table("welfare"))


def test_options_choose_the_runs_to_delete(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    runs = [store.open(kind=kind, name="a", identity={"k": k}) for k, kind in enumerate(["run", "sweep", "sweep"])]
    runs[0].finish()
    old = json.loads((runs[1].path / MANIFEST).read_text())
    (runs[1].path / MANIFEST).write_text(json.dumps(old | {"times": ["2020-01-01T00:00:00+00:00"]}))
    assert [r.id for r in chosen(store, older_than=30)] == [runs[1].id]
    assert {r.id for r in chosen(store, unfinished=True)} == {runs[1].id, runs[2].id}
    assert {r.id for r in chosen(store, kind="run")} == {runs[0].id}
    assert [r.id for r in chosen(store, keep=2)] == [runs[1].id]
    store.remove(runs[1])
    assert {r.id for r in store.runs()} == {runs[0].id, runs[2].id}


# ---- unusual paths, damaged parts, concurrent deletion ----


@pytest.mark.parametrize("name", ["it's", "member=3", "a*b", "[x]", "q?", "50% \u00fc"])
def test_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """The name a*b is not a pattern that matches aXb, and member=3 does not make a column."""
    for folder in ("aXb", "x", name):
        run = RunStore(tmp_path / folder).open(**QUESTION)
        run.write("welfare", numbers(0))
    pd.testing.assert_frame_equal(run.read("welfare"), numbers(0), check_dtype=False)


@pytest.mark.parametrize("times", [6, slow(40)])
def test_damaged_part_raises_a_store_error(tmp_path: Path, times: int) -> None:
    run = RunStore(tmp_path).open(**QUESTION)
    run.write("welfare", numbers(0))
    part = run.path / "welfare" / "part-00000.parquet"
    whole, chance = part.read_bytes(), random.Random(1)
    for _ in range(times):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[len(whole) - chance.randrange(8, 400)] = chance.randrange(256)
        part.write_bytes(bytes(damaged))
        for read in (lambda: run.read("welfare"), lambda: export(run, tmp_path / "out.duckdb", force=True)):
            with contextlib.suppress(ep.errors.StoreError):
                read()
    part.write_bytes(b"")
    with pytest.raises(ep.errors.StoreError, match=f"prune {run.id} --store {tmp_path}"):
        run.read("welfare")
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))


@pytest.mark.parametrize(
    "more", [{"times": None}, {"times": []}, {"times": ["x"]}, {"times": ["2020-01-01"]}, {"kind": 1}, {"about": None}]
)
def test_manifest_that_lacks_a_key_is_damaged(tmp_path: Path, more: dict) -> None:
    store = RunStore(tmp_path)
    run = store.open(**QUESTION)
    manifest = json.loads((run.path / MANIFEST).read_text())
    (run.path / MANIFEST).write_text(json.dumps(manifest | more))
    assert listing(store)["state"].tolist() == ["damaged"]
    assert [r.id for r in chosen(store, unfinished=True)] == [run.id]
    with pytest.raises(ep.errors.StoreError, match="is damaged"):
        _ = run.manifest


def test_run_deleted_while_it_is_written_stays_deleted(tmp_path: Path) -> None:
    """Otherwise a part could have draws but no numbers, and would count as solved."""
    store = RunStore(tmp_path)
    run = store.open(**QUESTION)
    run.write("welfare", numbers(0))
    store.remove(run)
    for write in (lambda: run.write("draws", numbers(0)), run.finish):
        with pytest.raises(ep.errors.StoreError, match="was deleted"):
            write()
    assert not list(tmp_path.iterdir())


def test_size_of_a_run_ignores_files_renamed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunStore(tmp_path).open(**QUESTION)
    found = [(str(run.path), ["welfare"], [MANIFEST]), (str(run.path / "welfare"), [], [f"{UNFINISHED}x"])]
    monkeypatch.setattr(os, "walk", lambda path: iter(found))
    assert run.bytes() == os.path.getsize(run.path / MANIFEST)


def test_run_whose_deletion_was_interrupted_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = RunStore(tmp_path)
    store.open(**QUESTION).write("welfare", numbers(0))

    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.remove(store.runs()[0])
    assert not store.runs()
    assert listing(store).empty
    assert list(tmp_path.iterdir())
    prune = ["runs", "prune", "--keep", "0", "--yes", "--store", str(tmp_path)]
    assert CliRunner().invoke(app, [*prune, "--dry-run"]).exit_code == 0
    assert list(tmp_path.iterdir())
    assert CliRunner().invoke(app, prune).exit_code == 0
    assert not list(tmp_path.iterdir())


def test_run_deleted_by_another_process_is_not_listed_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path)
    run = store.open(**QUESTION)
    run.write("welfare", numbers(0))
    relation = run.relation("welfare")
    monkeypatch.setattr(RunStore, "runs", lambda _: [run])
    store.remove(run)
    assert listing(store).empty
    assert not chosen(store, keep=0)
    assert run.bytes() == 0
    assert run.tables() == []
    with pytest.raises(ep.errors.StoreError, match="the run was deleted"):
        run.query(f"SELECT * FROM {relation}")


def test_folder_deleted_while_it_is_listed_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunStore(tmp_path / "store").open(**QUESTION)
    run.write("welfare", numbers(0))

    def gone(path: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "iterdir", gone)
    assert run.parts("welfare") == set()
    assert run.tables() == []
    assert RunStore(tmp_path / "store").runs() == []


def test_run_deleted_in_the_middle_of_a_write_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RunStore(tmp_path)
    run = store.open(**QUESTION)
    replace = os.replace

    def deleting(source: Path, target: Path) -> None:
        if Path(target).name.startswith("part-"):
            monkeypatch.setattr(os, "replace", replace)
            store.remove(run)
        replace(source, target)

    monkeypatch.setattr(os, "replace", deleting)
    with pytest.raises(ep.errors.StoreError, match="the run was deleted"):
        run.write("draws", numbers(0))
    assert not store.runs()


def test_runs_with_different_rows_are_compared_on_common_rows(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    one, other = (store.open(kind="sweep", name="a", identity={"k": k}) for k in range(2))
    few = numbers(0)[:4]
    one.write("welfare", few)
    other.write("welfare", few[:3].assign(value=[float("nan"), *few["value"][1:3]]))
    other.write("draws", few)
    assert unmatched(one, other) == [("draws", 0, 4), ("welfare", 1, 0)]
    found = differences(one, other)
    assert found["number"].tolist() == ["value"], "a number in one run, and NaN in the other"
    assert np.isnan(found["other"].iloc[0])
    assert unmatched(one, one) == []


def test_export_refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "store").open(**QUESTION)
    run.write("welfare", numbers(0))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(ep.errors.InputError, match="other files than those of a run"):
        export(run, tmp_path / "mine", force=True)
    export(run, tmp_path / "csv")
    export(run, tmp_path / "csv", force=True)
    assert (tmp_path / "mine" / "thesis.tex").exists()


def test_export_names_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunStore(tmp_path / "store").open(**QUESTION)
    run.write("welfare", numbers(0))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ep.errors.InputError, match="file is a file; a folder is needed"):
        export(run, tmp_path / "file", force=True)
    with pytest.raises(ep.errors.DocumentError, match=r"run\.zip: cannot be written: "):
        export(run, tmp_path / "file" / "run.zip")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(ep.errors.DocumentError, match="csv: cannot be written: No space left on device"):
        export(run, tmp_path / "csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "store"]
    assert (tmp_path / "file").read_text() == "mine"


def test_export_refuses_the_name_of_another_kind_of_file(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "store").open(**QUESTION)
    run.write("welfare", numbers(0))
    for name in ("run.xlsx", "run.CSV", "run.dta"):
        with pytest.raises(ep.errors.InputError, match=f"{name}: a run is written to a new folder"):
            export(run, tmp_path / name)
        assert not (tmp_path / name).exists()


def test_choosing_no_runs_is_refused(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.open(**QUESTION)
    with pytest.raises(ep.errors.InputError, match="no runs are chosen"):
        chosen(store)
    with pytest.raises(ep.errors.InputError, match="not both"):
        chosen(store, [run.id], kind="run")
    assert [r.id for r in chosen(store, [run.id, run.id[:6]])] == [run.id]
