"""The book of rules on a terminal: a shelf as a list, an entry whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding

from entrepot.errors import InputError, UnknownNameError
from entrepot.languages import if_known, translated
from entrepot.report.terminal_columns import Cell, FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.rules.book import LAW_AS_OF, agreements, disputes, missing, rates, rules, statutes
from entrepot.rules.entry import Cited
from entrepot.rules.lookup import found_by, is_country
from entrepot.studies.legal_notes import SURE
from entrepot.words import day, few

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
            parts += [Prose(f"{translated(name)} ({len(read())})", style="bold"), _listed(read().values()), ""]
    return Group(*parts, Prose(translated("entrepot rules ID shows one whole."), style="dim"), _as_of())


def _as_of() -> Prose:
    """Return the line on the day on which the law data were last checked."""
    return Prose(translated("Law as of {day}.", day=day(LAW_AS_OF)), style="dim")


def _listed(entries: Iterable[Cited]) -> FittedColumns:
    """Return a line for each entry: its id, what it is called, and how sure it is."""
    rows: list[list[Cell]] = [[e.id, heading(e), Prose(translated(e.confidence), style="dim")] for e in entries]
    return FittedColumns((), rows, text=3)


def _entries() -> dict[str, Cited]:
    """Return every entry of the book by its id."""
    return {key: found for read in SHELVES.values() for key, found in read().items()}


def looked_up(name: str) -> RenderableType:
    """What a name means: one entry whole, with the others that it may mean; or a list where several fit equally well.

    Raises `UnknownNameError` with the nearest ids, and `InputError` for what the book is known to lack.
    """
    entries = _entries()
    if name in entries:
        return entry(name)
    groups = found_by(name, entries)
    lacking = [
        f"{one.provision} ({one.title})"
        for group in found_by(name, missing())
        for one in (missing()[key] for key in group)
    ]
    absent = translated("The book does not have {what}.", what="; ".join(lacking)) if lacking else ""
    if not groups and lacking:
        raise InputError(absent)
    if not groups:
        return entry(name)
    best, others = groups[0], [key for group in groups[1:] for key in group]
    if len(best) == 1 and not is_country(name, entries):
        here = translated("{name} is {id} in this book.", name=repr(name), id=best[0])
        more = translated("It may also mean {ids}.", ids=few(others)) if others else ""
        return Group(Prose(f"{here} {more}".strip(), style="dim"), entry(best[0]))
    head = Prose(translated("{name} may mean:", name=repr(name)), style="bold")
    end = Prose(f"{absent} {translated('entrepot rules ID shows one whole.')}".strip(), style="dim")
    return Group(head, _listed(entries[key] for key in (*best, *others)), "", end)


def meant(name: str | None) -> list[tuple[str, Cited]]:
    """Return the entries that a name means, each with its shelf: those of a shelf, of all, or as in `looked_up`."""
    shelved = [(shelf, found) for shelf, read in SHELVES.items() for found in read().values()]
    if name is None or name in SHELVES:
        return [(shelf, found) for shelf, found in shelved if name in (None, shelf)]
    entries, ids = _entries(), [name]
    if name not in entries:
        looked_up(name)  # raises for a name that means nothing
        groups = found_by(name, entries)
        one = len(groups[0]) == 1 and not is_country(name, entries)
        ids = groups[0] if one else [key for group in groups for key in group]
    return [pair for key in ids for pair in shelved if pair[1].id == key]


def entry(name: str) -> RenderableType:
    """One entry whole. Raises `UnknownNameError` with the nearest."""
    found = _entries().get(name)
    if found is None:
        raise UnknownNameError("entry of the book", name, [*SHELVES, *_entries()])
    body = [line for key, value in found.model_dump(mode="json").items() for line in _lines(key, value)]
    sure = translated("Confidence: {sure}.", sure=translated(SURE[found.confidence]))
    return Group(Prose(heading(found), style="bold"), *body, Prose(sure), _as_of())


def heading(entry: Any) -> str:
    """Return what an entry of the book is called."""
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
