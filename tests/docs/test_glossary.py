"""The glossary explains every public class, and names files and classes that exist."""

from __future__ import annotations

import re

import pytest

import entrepot as ep
from manual_pages import ROOT, text_of

GLOSSARY = text_of(ROOT / "docs" / "glossary.md")
ENTRIES = {
    word.strip() for cell in re.findall(r"^\| ([^|]+) \| [^|]+ \|", GLOSSARY, re.MULTILINE) for word in cell.split(",")
}
PUBLIC = {name: getattr(ep, name) for name in ep.__all__}
PUBLIC |= {name: getattr(getattr(ep, room), name) for name, room in ep.MOVED.items()}
PUBLIC |= {name: getattr(ep.markets, name) for name in ep.markets.__all__}
CLASSES = [name for name, found in PUBLIC.items() if isinstance(found, type)]


@pytest.mark.parametrize("name", CLASSES)
def test_glossary_has_every_public_class(name: str) -> None:
    assert name in ENTRIES, f"docs/glossary.md has no entry for {name}"


@pytest.mark.parametrize("word", ["rent", "wedge", "hat", "pass-through", "equivalent variation", "bound rate"])
def test_glossary_has_the_terms_of_the_field(word: str) -> None:
    assert word in ENTRIES


@pytest.mark.parametrize("page", ["glossary.md", "where-new-code-goes.md"])
def test_page_names_only_files_that_exist(page: str) -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text_of(ROOT / "docs" / page)))
    assert named
    package = ROOT / "src" / "entrepot"
    missing = sorted(n for n in named if not ((ROOT / n).exists() or (package / n).exists()))
    assert missing == [], f"docs/{page} names files that do not exist"
