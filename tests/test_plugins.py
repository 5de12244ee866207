"""What other packages bring by entry points: what is wrong is refused, by the name of the entry point."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import entrepot as ep
from entrepot import plugins
from entrepot.data import layouts
from entrepot.data.sources import catalogue
from entrepot.measures import instruments, registry
from entrepot.rules import entry
from entrepot.rules.book import Statute
from entrepot.rules.entry import in_books

Brings = Callable[..., None]
STATUTE = """
- id: jp-measure
  country: JPN
  title: A law on surcharges
  provision: Customs Act, art. 7
  in_force: 1990-01-01
  test: The Minister finds unfair prices.
  actions: [duties]
  needs: [security_finding]
  consequence: none
  source: {title: A law}
  confidence: general
"""


def forget() -> None:
    for known in (registry._installed, catalogue.modules, catalogue._readers, layouts.layouts, in_books):
        known.cache_clear()


@pytest.fixture
def brings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Brings]:
    """A function that makes an installed package bring objects under a group."""

    def bring(group: str, *objects: Any) -> None:
        class Point:
            def __init__(self, k: int) -> None:
                self.name, self.value, self._k = f"point{k}", f"my_package:POINT{k}", k

            def load(self) -> Any:
                found = objects[self._k]
                return found() if callable(found) and getattr(found, "__name__", "") == "<lambda>" else found

        class Points:
            def select(self, group: str) -> list[Point]:
                return [Point(k) for k in range(len(objects))] if group == wanted else []

        wanted = group
        monkeypatch.setattr(plugins, "_installed_points", Points)
        forget()

    yield bring
    forget()


def module(**names: Any) -> ModuleType:
    made = ModuleType("my_package.customs")
    made.__dict__.update(names)
    return made


def test_a_book_is_read(brings: Brings, tmp_path: Path) -> None:
    (tmp_path / "statutes.yaml").write_text(STATUTE)
    brings(entry.GROUP, tmp_path)
    assert in_books("statutes", Statute)["jp-measure"].country == "JPN"


@pytest.mark.parametrize("folder", [Path("nowhere"), "nowhere", None, sys, 3])
def test_a_book_that_is_no_folder_is_refused(brings: Brings, folder: Any) -> None:
    brings(entry.GROUP, folder)
    with pytest.raises(ep.errors.InputError, match=r"entrepot\.books: point0 \(my_package:POINT0\) is not a folder"):
        in_books("statutes", Statute)


@pytest.mark.parametrize("file", ["statute.yaml", "statutes.yml", "members.yaml"])
def test_a_file_of_a_book_that_is_not_read_is_refused(brings: Brings, tmp_path: Path, file: str) -> None:
    (tmp_path / "README.md").write_text("Our law.")
    (tmp_path / file).write_text(STATUTE)
    brings(entry.GROUP, tmp_path)
    with pytest.raises(ep.errors.DocumentError) as caught:
        in_books("statutes", Statute)
    assert str(caught.value).startswith("entrepot.books: point0 (my_package:POINT0)")
    assert f"{file} is not read; a book has agreements.yaml, clocks.yaml, " in str(caught.value)


@pytest.mark.parametrize(
    ("brought", "says"),
    [
        (module(CATALOGUE=("customs",), read=print), "CATALOGUE is not a tuple of PublicDatabase"),
        (module(CATALOGUE=3, read=print), "CATALOGUE is not a tuple of PublicDatabase"),
        (module(CATALOGUE=(catalogue.sources()["kite"],)), "has no function read"),
        (module(), "is not a module with CATALOGUE or LAYOUTS"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused(brings: Brings, brought: Any, says: str) -> None:
    brings(catalogue.GROUP, brought)
    with pytest.raises(ep.errors.InputError, match=rf"entrepot\.sources: point0 \(my_package:POINT0\):? {says}"):
        catalogue.sources()


@pytest.mark.parametrize("given", [("customs",), 3])
def test_a_layout_that_is_none_is_refused(brings: Brings, given: Any) -> None:
    brings(catalogue.GROUP, module(LAYOUTS=given))
    with pytest.raises(ep.errors.InputError, match=r"my_package\.customs: LAYOUTS is not a tuple of Layout"):
        layouts.layouts()


def test_an_instrument_in_use_is_refused_by_its_entry_point(brings: Brings) -> None:
    brings(registry.GROUP, registry.BUNDLED[0])
    with pytest.raises(ep.errors.InputError, match=r"entrepot\.instruments: point0 \(my_package:POINT0\): instrument"):
        instruments()


def test_a_module_that_ends_the_program_when_it_is_imported_is_refused(brings: Brings) -> None:
    brings(registry.GROUP, lambda: sys.exit(3))
    with pytest.raises(ep.errors.InputError, match=r"point0 \(my_package:POINT0\) cannot be loaded: it ends"):
        instruments()
