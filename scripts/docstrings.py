"""Turn docstrings into Markdown for the site: aligned lists of arguments and fields become tables."""

from __future__ import annotations

import re
from typing import Any

import griffe

ITEM = re.compile(r"^([\w*][\w ,\[\]*]*?)\s{2,}(\S.*)$")


def as_markdown(text: str) -> str:
    """Return a docstring with runs of `name   meaning` lines as tables; an indented line continues the one above."""
    out: list[str] = []
    items: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        found = ITEM.match(line)
        if found:
            items.append([found.group(1), found.group(2)])
        elif items and line.startswith(" ") and line.strip():
            items[-1][1] += f" {line.strip()}"
        else:
            out += _table(items)
            items = []
            out.append(line)
    return "\n".join(out).strip()


def _table(items: list[list[str]]) -> list[str]:
    if not items:
        return []
    rows = [f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" for name, meaning in items]
    return ["", "| | |", "| --- | --- |", *rows, ""]


class Docstrings(griffe.Extension):
    """The extension that mkdocstrings calls for every object that it reads."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Replace the docstring of an object by its Markdown."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
