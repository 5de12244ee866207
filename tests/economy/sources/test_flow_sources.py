"""What every reader of trade promises: an entry of the catalogue with its test, and only optional packages inside."""

from __future__ import annotations

import builtins
import importlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.economy.sources.catalogue import Ask, Source, silent

MODULES = ("baci", "itpd", "gravity_table", "kite", "gtap")
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("module", MODULES)
def test_the_catalogue_names_the_reader_and_its_test(module: str) -> None:
    reader = importlib.import_module(f"entrepot.economy.sources.{module}")
    for source in reader.CATALOGUE:
        assert isinstance(source, Source)
        assert source.module == module
        assert (ROOT / source.test).is_file()
    assert callable(reader.read)


@pytest.mark.parametrize(("module", "file", "package"), [("baci", "x.csv", "pyarrow"), ("kite", "x.rds", "rdata")])
def test_an_absent_package_is_named(
    module: str, file: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = importlib.import_module(f"entrepot.economy.sources.{module}")
    real = builtins.__import__
    importable = importlib.import_module

    def blocked(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return importable(name, *rest, **more) if not rest and not more else real(name, *rest, **more)

    (tmp_path / file).write_text("t,i,j,k,v,q\n")
    monkeypatch.setattr(importlib, "import_module", blocked)
    with pytest.raises(ep.InputError, match=rf"needs {package}: pip install 'entrepot\[sources\]'"):
        reader.read(tmp_path / file, Ask(source=module, theta=4.0), silent)


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    from entrepot.economy.sources.gravity_table import read

    rows = [(e, n, 2006, 100.0) for e in "AB" for n in "AB"]
    pd.DataFrame(rows, columns=["exporter", "importer", "year", "trade"]).to_csv(tmp_path / "t.csv", index=False)
    said: list[tuple[str, int, int]] = []
    read(tmp_path / "t.csv", Ask(source="gravity", theta=4.0), lambda *step: said.append(step))
    assert said[-1][1] == said[-1][2]
    assert all(0 <= done <= total for _, done, total in said)
