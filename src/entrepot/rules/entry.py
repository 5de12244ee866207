"""The parts that every entry of the law data has: an id, a source, a date and a confidence; and how books are read."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import ConfigDict, ValidationError

from entrepot.documents import dotted_key, line_of, plain, read_document, shipped, shipped_document
from entrepot.errors import DocumentError, InputError
from entrepot.faults import Stated, keys_at, message_of, place_of
from entrepot.plugins import brought
from entrepot.words import and_list

#: In falling order. seen: text or figure seen on the page cited; derived: arithmetic on seen figures; general: from
#: general knowledge of the field, to be checked before use; disputed: authorities disagree, as the entry explains.
Confidence = Literal["seen", "derived", "general", "disputed"]


def least_sure(first: Confidence, *others: Confidence | None) -> Confidence:
    """Return the lowest confidence; None stands for a computed value and does not lower it."""
    return max((first, *(c for c in others if c)), key=get_args(Confidence).index)


def in_period(date: datetime.date, since: datetime.date | None, until: datetime.date | None) -> bool:
    """Return whether a date is from `since` on and before `until`; None leaves an end open."""
    return (since is None or since <= date) and (until is None or date < until)


class Entry(Stated):
    """An immutable part of the law data; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Citation(Entry):
    """The official place of a text, or the page on which a fact was seen."""

    title: str
    url: str | None = None
    date: datetime.date | None = None


class Cited(Entry):
    """An entry with its own id, source and confidence.

    review_by   the day by which it is to be read again; a screen on a later day says so of the entries that it uses
    """

    id: str
    source: Citation
    confidence: Confidence
    note: str | None = None
    review_by: datetime.date | None = None


E = TypeVar("E", bound=Cited)


def read_package_data(name: str) -> Any:
    """Return the content of a YAML file in rules/data as plain lists and mappings."""
    return shipped_document(f"rules/data/{name}")


def read_entries(text: str, kind: type[E], path: str) -> dict[str, E]:
    """Return the entries of a YAML list, by id. Raises `DocumentError` with line and key."""
    document = read_document(text, path)
    if not isinstance(document, list):
        raise DocumentError("a list of entries is needed", path=path)
    out: dict[str, E] = {}
    for k, item in enumerate(plain(document)):
        try:
            entry = kind.model_validate(item)
        except ValidationError as error:
            fault = error.errors()[0]
            place = place_of(fault)
            name = item.get("id", f"entry {k + 1}") if isinstance(item, dict) else f"entry {k + 1}"
            message = f"{name}: {message_of(fault, keys_at(kind, place[:-1]))}"
            key = dotted_key(place)
            raise DocumentError(message, path=path, line=line_of(document, [k, *place]), key=key) from None
        if entry.id in out:
            raise DocumentError(f"the id {entry.id!r} is repeated", path=path, line=line_of(document, [k]))
        out[entry.id] = entry
    return out


#: The entry-point group by which other packages add folders with files like those in rules/data.
GROUP = "entrepot.books"
#: The files of a folder that are read, without their ending.
FILES = ("agreements", "clocks", "disputes", "missing", "provisions", "rates", "statutes")


@functools.cache
def in_books(name: str, kind: type[E]) -> dict[str, E]:
    """Return the entries of NAME.yaml in rules/data and in the folders that other packages add.

    Raises `DocumentError` with line and key, where an id is in two books, and for a file that is not read; and
    `InputError` for what is not a folder.
    """
    found: dict[str, E] = {}
    for where, folder in [("rules/data", shipped("rules/data")), *_brought_folders()]:
        resource: Any = folder / f"{name}.yaml"
        if where != "rules/data" and not resource.is_file():
            continue
        path = f"{where}/{name}.yaml"
        for key, entry in read_entries(resource.read_text(encoding="utf-8"), kind, path).items():
            if key in found:
                raise DocumentError(f"the id {key!r} is in another book", path=path)
            found[key] = entry
    return found


def _brought_folders() -> Iterator[tuple[str, Any]]:
    """Yield the folders that other packages add, with their entry points."""
    for where, given in brought(GROUP):
        folder: Any = Path(given) if isinstance(given, str) else given
        if not (hasattr(folder, "is_dir") and folder.is_dir()):
            raise InputError(f"{where} is not a folder: {given!r}")
        known = [f"{name}.yaml" for name in FILES]
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".yaml", ".yml")) and file.name not in known:
                raise DocumentError(f"{file.name} is not read; a book has {and_list(known)}", path=where)
        yield where, folder
