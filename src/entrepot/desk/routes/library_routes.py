"""GET routes for what a request may name: Economies, cases, instruments and the law."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Response

from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.library import CASES, ECONOMIES, Library, UnreadableFile, described
from entrepot.desk.own_economies import OWN
from entrepot.desk.replies.library_replies import (
    CaseReply,
    CaseRow,
    EconomyReply,
    EconomyRow,
    InstrumentReply,
    LawReply,
    UnreadableFileReply,
)
from entrepot.desk.routes.responses import (
    NAMED,
    NOT_FOUND,
    ROOT,
    Named,
    NamedEconomy,
    Tag,
    tagged,
)
from entrepot.documents import plain
from entrepot.errors import UnknownNameError
from entrepot.languages import translated
from entrepot.languages.translated_errors import translated_error
from entrepot.measures import Instrument, instruments
from entrepot.measures.registry import Field, keys_of
from entrepot.rules.book import agreements, statutes
from entrepot.rules.clocks import clocks, kinds_of
from entrepot.studies.titles import case_title


def add_library_routes(api: FastAPI, library: Library) -> None:
    """Add the routes for the names of Economies, cases, instruments and law."""

    @api.get(
        f"{ROOT}/economies", response_model=list[EconomyRow | UnreadableFileReply], tags=["names"], responses=NAMED
    )
    def economies(known: Tag = None) -> Response:
        """The Economies of the desk; last the files that cannot be read, with the reasons."""
        good, faults = library.all(ECONOMIES)
        rows = [
            {
                "name": name,
                "title": e.name,
                "year": e.year,
                "countries": len(e.countries),
                "sectors": len(e.sectors),
                "own": name.startswith(OWN),
            }
            for name, e in good.items()
        ]
        return tagged([*rows, *map(_unreadable_row, faults)], known)

    @api.get(f"{ROOT}/economies/{{name}}", response_model=EconomyReply, tags=["names"], responses=NAMED | NOT_FOUND)
    def one_economy(name: NamedEconomy, known: Tag = None) -> Response:
        """The countries, groups of countries and sectors of an Economy, with names and trade elasticities."""
        with not_found_as_404("Economy"):
            return tagged({**described(library.economy(name)), "name": library.economy_name(name)}, known)

    @api.get(f"{ROOT}/cases", response_model=list[CaseRow | UnreadableFileReply], tags=["names"], responses=NAMED)
    def cases(known: Tag = None) -> Response:
        """The cases of the desk and their scenarios; last the files that cannot be read, with the reasons."""
        good, faults = library.all(CASES)
        rows = []
        for name, case in good.items():
            words = {"title": translated(case.title), "question": translated(case.question)}
            rows.append({"name": name, **words, "scenarios": {key: case_title(case, key) for key in case.scenarios}})
        return tagged([*rows, *map(_unreadable_row, faults)], known)

    @api.get(f"{ROOT}/cases/{{name}}", response_model=CaseReply, tags=["names"], responses=NAMED | NOT_FOUND)
    def one_case(name: Named, known: Tag = None) -> Response:
        """A case as a document, which can be changed and sent back as `case`."""
        with not_found_as_404("case"):
            document = json.loads(json.dumps(plain(library.case(name).written), default=str))
            if "economy" in document:
                document["economy"] = library.economy_name(document["economy"])
            return tagged(document, known)

    @api.get(f"{ROOT}/instruments", response_model=list[InstrumentReply], tags=["names"], responses=NAMED)
    def known_instruments(known: Tag = None) -> Response:
        """The kinds of measure, with their arguments."""
        return tagged([_described(entry) for entry in instruments().values()], known)

    @api.get(f"{ROOT}/law", response_model=LawReply, tags=["names"], responses=NAMED)
    def law(known: Tag = None) -> Response:
        """The statutes and agreements that measures may be taken `under`, and the kinds of event that clocks use."""
        under = [
            {"id": key, "title": translated(entry.title), "short": getattr(entry, "short", "")}
            for key, entry in (statutes() | agreements()).items()
        ]
        clock_rows = [
            {"id": c.id, "under": c.under, "title": translated(c.title), "trigger": c.trigger}
            for c in clocks().values()
        ]
        return tagged({"under": under, "clocks": clock_rows, "kinds": list(kinds_of(clocks()))}, known)


def _described(entry: Instrument) -> dict[str, Any]:
    keys, required = keys_of(entry.measure)
    return {
        "kind": entry.kind,
        "short": entry.short,
        "title": translated(entry.title),
        "taken_by": entry.measure.taken_by,
        "keys": keys,
        "required": required,
        "exempts": getattr(entry.measure, "exempts", ""),
        "form": [_field(field) | {"default": entry.default(field.key)} for field in entry.form],
    }


def _field(field: Field) -> dict[str, Any]:
    """Return a form field with its words in the language in use."""
    choices = [(value, translated(words)) for value, words in field.choices]
    return asdict(field) | {"title": translated(field.title), "choices": choices}


def _unreadable_row(fault: UnreadableFile) -> dict[str, str]:
    """Return the row of a file that cannot be read."""
    return {"name": fault.name, "file": fault.file, "fault": translated_error(fault.says)}


@contextmanager
def not_found_as_404(what: str) -> Iterator[None]:
    """Answer 404 for an unknown name."""
    try:
        yield
    except UnknownNameError as error:
        raise HttpProblem(404, "not-found", f"There is no such {what}", str(error)) from None
