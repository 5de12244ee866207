"""Every link of the manual leads to a file that is there and, where it names one, to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from manual_pages import PAGES, anchors, text_of, without_code

LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(without_code(text_of(page))):
        if target.startswith("http"):
            continue
        name, _, heading = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}"
        if heading:
            assert heading in anchors(there), f"{page.name}: {target}"
