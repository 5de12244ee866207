"""What every reader of trade promises: an entry of the catalogue with its test, and only optional packages inside."""

from __future__ import annotations

import builtins
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.progress import silent
from entrepot.data.sources import flow_sums
from entrepot.data.sources.catalogue import ImportRequest, PublicDatabase

pytest.importorskip("duckdb")

MODULES = ("baci", "itpd", "gravity_table", "kite", "gtap")
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("module", MODULES)
def test_the_catalogue_names_the_reader_and_its_test(module: str) -> None:
    reader = importlib.import_module(f"entrepot.data.sources.{module}")
    for source in reader.CATALOGUE:
        assert isinstance(source, PublicDatabase)
        assert source.module == module
        assert (ROOT / source.test).is_file()
    assert callable(reader.read)


@pytest.mark.parametrize(("module", "file", "package"), [("baci", "x.csv", "duckdb"), ("kite", "x.rds", "rdata")])
def test_missing_package_is_named(
    module: str, file: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = importlib.import_module(f"entrepot.data.sources.{module}")
    real = builtins.__import__
    importable = importlib.import_module

    def blocked(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return importable(name, *rest, **more) if not rest and not more else real(name, *rest, **more)

    (tmp_path / file).write_text("t,i,j,k,v,q\n")
    monkeypatch.setattr(importlib, "import_module", blocked)
    with pytest.raises(ep.errors.InputError, match=rf"needs {package}: pip install 'entrepot\[sources\]'"):
        reader.read(tmp_path / file, ImportRequest(source=module, theta=4.0), silent)


COLUMNS = flow_sums.FlowColumns(year="t", exporter="i", importer="j", product="k", value="v")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Five hundred flows in no order, of two years."""
    rng = np.random.default_rng(2)
    keys = pd.MultiIndex.from_product([[2017, 2018], range(1, 9), range(1, 9), [7, 1234, 20110, 870323]])
    frame = pd.DataFrame([*keys], columns=["t", "i", "j", "k"]).sample(frac=1, random_state=1)
    frame.assign(v=rng.uniform(size=len(frame)).round(6)).to_csv(tmp_path / "many.csv", index=False)
    return tmp_path / "many.csv"


def test_flows_add_up(many: Path) -> None:
    """The same sums as of the whole table, products of one sector together, one of them without a sector."""
    sector = {"000007": "a", "001234": "a", "020110": "b"}
    sums = flow_sums.sums_of(many, COLUMNS, 2018, silent, pad=6, sector=sector.get)
    whole = pd.read_csv(many, dtype={"i": str, "j": str}).query("t == 2018")
    whole["sector"] = whole["k"].map({int(k): s for k, s in sector.items()})
    expected = whole.groupby(["i", "j", "sector"])["v"].agg(["sum", "size"])
    found = sums.frame.set_index(["exporter", "importer", "sector"]).sort_index()
    np.testing.assert_allclose(found["value"], expected["sum"])
    np.testing.assert_array_equal(found["rows"], expected["size"])
    assert sums.total == pytest.approx(whole["v"].sum())
    assert sums.unplaced.to_dict("list") == {
        "product": ["870323"],
        "value": [pytest.approx(whole.query("k == 870323")["v"].sum())],
        "rows": [64],
    }


def test_repeated_flow_is_found_anywhere_in_the_file(many: Path) -> None:
    lines = many.read_text().splitlines()
    again = next(line for line in lines[1:] if line.startswith("2018"))
    _, i, j, k, _ = again.split(",")
    many.write_text("\n".join([*lines, f"2018,{i},{j},0{k},1.0"]) + "\n")
    with pytest.raises(
        ep.errors.InputError, match=f"is repeated in the same year: from {i} to {j}, product {int(k):06d}"
    ):
        flow_sums.sums_of(many, COLUMNS, 2018, silent, pad=6)
    assert flow_sums.sums_of(many, COLUMNS, 2017, silent, pad=6).rows == 256


def test_progress_ends_at_its_total(tmp_path: Path) -> None:
    from entrepot.data.sources.gravity_table import read

    rows = [(e, n, 2006, 100.0) for e in "AB" for n in "AB"]
    pd.DataFrame(rows, columns=["exporter", "importer", "year", "trade"]).to_csv(tmp_path / "t.csv", index=False)
    messages: list[tuple[str, int, int]] = []
    read(tmp_path / "t.csv", ImportRequest(source="gravity", theta=4.0), lambda *step: messages.append(step))
    assert messages[-1][1] == messages[-1][2]
    assert all(0 <= done <= total for _, done, total in messages)
