"""The book of rules on a terminal: a shelf as a list, an entry whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding

from entrepot.errors import UnknownNameError
from entrepot.languages import if_known, translated
from entrepot.report.terminal_columns import Cell, FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.rules.book import agreements, disputes, rates, rules, statutes
from entrepot.rules.entry import Cited
from entrepot.studies.legal_notes import SURE

SHELVES: Mapping[str, Callable[[], Mapping[str, Cited]]] = {
    "provisions": rules,
    "statutes": statutes,
    "agreements": agreements,
    "disputes": disputes,
    "rates": rates,
}


def listing(shelf: str | None = None) -> RenderableType:
    """The ids of one shelf, or of all, with what they are."""
    parts: list[RenderableType] = []
    for name, read in SHELVES.items():
        if shelf in (None, name):
            rows: list[list[Cell]] = [
                [e.id, _heading(e), Prose(translated(e.confidence), style="dim")] for e in read().values()
            ]
            table = FittedColumns((), rows, text=3)
            parts += [Prose(f"{translated(name)} ({len(read())})", style="bold"), table, ""]
    return Group(*parts, Prose(translated("entrepot rules ID shows one whole."), style="dim"))


def entry(name: str) -> RenderableType:
    """One entry whole. Raises `UnknownNameError` with the nearest."""
    shelves = [read() for read in SHELVES.values()]
    for shelf in shelves:
        if name in shelf:
            found = shelf[name]
            body = [line for key, value in found.model_dump(mode="json").items() for line in _lines(key, value)]
            sure = translated("Confidence: {sure}.", sure=translated(SURE[found.confidence]))
            return Group(Prose(_heading(found), style="bold"), *body, Prose(sure))
    raise UnknownNameError("entry of the book", name, [*SHELVES, *(entry for shelf in shelves for entry in shelf)])


def _heading(entry: Any) -> str:
    if hasattr(entry, "item"):
        return f"{entry.country}: {entry.item} ({entry.hs}), {entry.kind}"
    parts = [getattr(entry, key, None) for key in ("provision", "number")]
    return ", ".join([*(p for p in parts if p), str(entry.title)])


def _lines(key: str, value: Any, depth: int = 0) -> list[RenderableType]:
    """A field and what it holds, indented; nothing for what is empty."""
    label = if_known(key.replace("_", " "))
    if (key in ("id", "confidence") and depth == 0) or value in (None, "", [], {}, ()):
        return []
    if isinstance(value, dict):
        inside = [line for k, v in value.items() for line in _lines(k, v, depth + 1)]
        return [Padding(Prose(f"{label}:"), (0, 0, 0, 2 * depth)), *inside] if inside else []
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [line for item in value for line in _lines(key, item, depth)]
    text = (
        ", ".join(" or ".join(v) if isinstance(v, list) else str(v) for v in value)
        if isinstance(value, list)
        else if_known(value)
        if isinstance(value, str)
        else value
    )
    return [Padding(Prose(f"{label}: {text}"), (0, 0, 0, 2 * depth))]
