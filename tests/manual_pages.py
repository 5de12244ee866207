"""The manual's pages: their code, their headings, and the commands they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)


class Transcript(NamedTuple):
    """A command as a page shows it, and the parts of its output that the page quotes, in order."""

    page: str
    command: str
    quoted: tuple[str, ...]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """A page without its blocks of code."""
    return INDENTED.sub("", FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as Git hosts make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"[`*]|\]\([^)]*\)|\[", "", h).strip().lower() for h in headings]
    return {re.sub(r"[^\w\- ]", "", h).replace(" ", "-") for h in plain}


def blocks(page: Path) -> Iterator[str]:
    """Code that is fenced as console or indented: what a reader would type or see."""
    text = text_of(page)
    yield from (body for language, body in FENCE.findall(text) if language in ("console", "sh", "bash"))
    for block in INDENTED.findall(FENCE.sub("", text)):
        yield re.sub(r"^    ", "", block, flags=re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """Every `entrepot ...` in the page's blocks, as the shell would split it."""
    found = []
    for block in blocks(page):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|;", line.removeprefix("$ ").split("   #")[0].split("  #")[0]):
                if re.match(r"\s*entrepot\s", part):
                    found.append(shlex.split(part)[1:])
    return found


def mentions(page: Path) -> list[list[str]]:
    """Every `entrepot ...` in running text: a verb and its options, arguments perhaps left out."""
    spans = re.findall(r"`(entrepot [^`]+)`", without_code(text_of(page)))
    return [re.sub(r"[\[\]|]", " ", span).split()[1:] for span in spans]


def transcripts(page: Path) -> list[Transcript]:
    """The page's blocks that begin with `$ entrepot`; a line of three dots stands for what is left out."""
    found = []
    for block in blocks(page):
        if block.startswith("$ entrepot "):
            command, _, printed = block.partition("\n")
            quoted = [one_line(part) for part in re.split(r"^\.\.\.$", printed, flags=re.MULTILINE)]
            found.append(Transcript(page.name, command.removeprefix("$ entrepot "), tuple(q for q in quoted if q)))
    return found


def tables(page: Path) -> dict[str, str]:
    """The tables that the page gives to be saved: a block of CSV behind a sentence that ends with its file."""
    return dict(re.findall(r"`([\w-]+\.csv)`:\n\n```csv\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL))


def one_line(text: str) -> str:
    """Without what the width of a terminal decides."""
    return " ".join(text.split())
