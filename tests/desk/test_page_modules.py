"""The page's modules that draw nothing, tested in Node; and the build of the page."""

from __future__ import annotations

import json
import re

import pytest
from page_modules import ROOT, page_builder


def test_modules_of_the_page() -> None:
    """The tests in page/tests."""
    done = page_builder().run_tests()
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^\S* ?tests (\d+)$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    assert int(found[1]) >= 10


def test_locked_packages_name_no_registry() -> None:
    lock = json.loads((ROOT / "page" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_page_is_built_from_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = page_builder()
    if not builder.is_current():
        builder.build()
    assert builder.is_current()
    script = (builder.BUILT / "app.js").read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!www\.w3\.org/)", script)
    monkeypatch.setattr(builder, "_fingerprint", lambda: "another")
    assert not builder.is_current()
