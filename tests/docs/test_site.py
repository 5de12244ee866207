"""The manual as a site: every page builds without a warning, and none asks the network for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

import entrepot as ep
from manual_pages import ROOT, text_of


class Requests(HTMLParser):
    """What a browser would fetch to show a page; links that a reader may follow do not count."""

    FETCHING = ("script", "img", "link", "iframe", "source", "video", "audio", "object", "embed", "use", "image")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.FETCHING:
            self.found += [v for k, v in attributes if k in ("src", "href", "srcset", "data", "xlink:href") and v]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="the site needs the extra docs: pip install '.[docs]'")
    pytest.importorskip("mkdocstrings", reason="the site needs the extra docs: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_every_page_of_the_manual_is_there(site: Path) -> None:
    wanted = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert wanted <= {page.stem for page in site.glob("*.html")}


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        requests = Requests()
        requests.feed(page.read_text(encoding="utf-8"))
        for target in requests.found:
            assert not re.match(r"(https?:)?//", target), f"{page.name} fetches {target}"
            path = re.split(r"[#?]", target)[0]
            there = site / path[1:] if path.startswith("/") else page.parent / path  # 404.html names the root
            assert target.startswith(("data:", "#")) or there.exists(), f"{page.name}: {target}"
        assert 'class="mermaid"' not in page.read_text(encoding="utf-8"), "the theme would fetch a script for it"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name
    for figure in site.rglob("*.svg"):
        assert "<script" not in figure.read_text(encoding="utf-8"), figure.name


@pytest.mark.slow
def test_a_page_opened_from_a_folder_can_search(site: Path) -> None:
    assert (site / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index = {")
    assert "javascripts/iframe-worker.js" in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_docstrings_are_on_the_page(site: Path) -> None:
    page = (site / "api.html").read_text(encoding="utf-8")
    assert "doc-module" not in page
    assert "largest relative gap in any equilibrium condition" in page
    assert "<td><code>tol</code></td>" in page


def test_the_reference_has_every_public_name_once() -> None:
    """By the path of its module where a folder has a module of the same name, which would be shown instead."""
    listed = re.findall(r"^::: entrepot\.(?:\w+\.)*(\w+)$", text_of(ROOT / "docs" / "api.md"), re.MULTILINE)
    names = {name for name in ep.__all__ if not isinstance(getattr(ep, name), ModuleType)}
    duties = {name for name in ep.exposures.__all__ if "duty" in name.lower()}
    elsewhere = {"ExportBan", "ExportQuota", "Updated", "ElasticitySet", "elasticities_by_set", "elasticity_sets"}
    of_rooms = {*elsewhere, *duties, *ep.markets.__all__}
    expected = {*names, *ep.MOVED, *of_rooms} - {"__version__"}
    assert sorted(listed) == sorted([*expected, *ep.paths.__all__])  # ep.solve and ep.paths.solve are two
