"""YAML that ships with the package is compiled when that is built, and stands for what parsing it gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import entrepot
from entrepot import documents
from entrepot.documents import COMPILED, compile_documents, line_of, plain, read_document, read_yaml

PACKAGE = Path(entrepot.__file__).parent
SHIPPED = sorted(PACKAGE.rglob("*.yaml"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of its own, whose compiled documents are looked for anew."""
    monkeypatch.setattr(documents, "__file__", str(tmp_path / "documents.py"))
    documents._compiled.cache_clear()
    yield tmp_path
    documents._compiled.cache_clear()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_compiled_document_is_what_its_yaml_says(path: Path) -> None:
    """Keys in the same order and values of the same type: JSON has all that plain YAML has."""
    text = path.read_text(encoding="utf-8")
    expected = plain(read_yaml(text))
    found = read_document(text, path.name)
    assert repr(plain(found)) == repr(expected)


def test_every_shipped_document_is_compiled(folder: Path) -> None:
    (folder / "one.yaml").write_text("a: [1, 2.5, NO, 2019-05-17, null, true]\n")
    (folder / "inner").mkdir()
    (folder / "inner" / "two.yaml").write_text("b: {c: d}\n")
    made = compile_documents(folder)
    assert [json.loads(text) for text in made.values()] == [
        {"b": {"c": "d"}},
        {"a": [1, 2.5, "NO", "2019-05-17", None, True]},
    ]


def test_a_compiled_document_is_not_parsed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 1\n"
    (folder / "one.yaml").write_text(text)
    (folder / COMPILED).write_text(json.dumps(compile_documents(folder)))
    monkeypatch.setattr(documents, "read_yaml", lambda *_: pytest.fail("parsed"))
    first = read_document(text)
    assert first == {"a": 1}
    assert line_of(first, ["a"]) is None
    first["a"] = 2
    assert read_document(text) == {"a": 1}, "each reader has its own"


@pytest.mark.parametrize("compiled", [None, "", '{"0": "1"}'], ids=["none", "cut short", "of other files"])
def test_without_its_compiled_form_a_document_is_parsed(folder: Path, compiled: str | None) -> None:
    if compiled is not None:
        (folder / COMPILED).write_text(compiled)
    document = read_document("a: 1\nb: 2\n")
    assert plain(document) == {"a": 1, "b": 2}
    assert line_of(document, ["b"]) == 2
