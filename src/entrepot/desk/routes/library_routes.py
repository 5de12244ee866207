"""GET routes for what a request may name: Economies, cases, instruments and the law."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Response

from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.library import CASES, ECONOMIES, Library, UnreadableFile, described
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
    Tag,
    reply_with_tag,
)
from entrepot.desk.workers import tag_of
from entrepot.documents import plain
from entrepot.errors import UnknownNameError
from entrepot.measures import Instrument, instruments
from entrepot.measures.registry import keys_of
from entrepot.rules.book import agreements, statutes
from entrepot.rules.clocks import clocks, kinds_of


def add_library_routes(api: FastAPI, library: Library) -> None:
    """What can be named in a question."""

    def told(what: Any, known: str | None) -> Response:
        body = encoded(what)
        return reply_with_tag(body, tag_of(body), known)

    @api.get(
        f"{ROOT}/economies", response_model=list[EconomyRow | UnreadableFileReply], tags=["names"], responses=NAMED
    )
    def economies(known: Tag = None) -> Response:
        """The Economies that questions may be asked on; last the files that cannot be offered, with their faults."""
        good, faults = library.all(ECONOMIES)
        rows = [
            {"name": name, "year": e.year, "countries": len(e.countries), "sectors": len(e.sectors)}
            for name, e in good.items()
        ]
        return told([*rows, *map(_left_out, faults)], known)

    @api.get(f"{ROOT}/economies/{{name}}", response_model=EconomyReply, tags=["names"], responses=NAMED | NOT_FOUND)
    def one_economy(name: Named, known: Tag = None) -> Response:
        """Its countries, groups of countries and sectors, with their names and trade elasticities."""
        with not_found_as_404("Economy"):
            return told({**described(library.economy(name)), "name": name}, known)

    @api.get(f"{ROOT}/cases", response_model=list[CaseRow | UnreadableFileReply], tags=["names"], responses=NAMED)
    def cases(known: Tag = None) -> Response:
        """The cases that the desk has and their scenarios; last the files that cannot be offered, with their faults."""
        good, faults = library.all(CASES)
        rows = []
        for name, case in good.items():
            scenarios = {key: spec.title for key, spec in case.scenarios.items()}
            rows.append({"name": name, "title": case.title, "question": case.question, "scenarios": scenarios})
        return told([*rows, *map(_left_out, faults)], known)

    @api.get(f"{ROOT}/cases/{{name}}", response_model=CaseReply, tags=["names"], responses=NAMED | NOT_FOUND)
    def one_case(name: Named, known: Tag = None) -> Response:
        """A case as a document: to change, and to send back as `case`."""
        with not_found_as_404("case"):
            return told(json.loads(json.dumps(plain(library.case(name).written), default=str)), known)

    @api.get(f"{ROOT}/instruments", response_model=list[InstrumentReply], tags=["names"], responses=NAMED)
    def known_instruments(known: Tag = None) -> Response:
        """The instruments that a measure may be, with their arguments."""
        return told([_described(entry) for entry in instruments().values()], known)

    @api.get(f"{ROOT}/law", response_model=LawReply, tags=["names"], responses=NAMED)
    def law(known: Tag = None) -> Response:
        """Statutes and agreements that measures may be taken `under`, and the kinds of event that clocks know."""
        under = [{"id": key, "title": entry.title} for key, entry in (statutes() | agreements()).items()]
        ran = [{"id": c.id, "under": c.under, "title": c.title, "trigger": c.trigger} for c in clocks().values()]
        return told({"under": under, "clocks": ran, "kinds": list(kinds_of(clocks()))}, known)


def _described(entry: Instrument) -> dict[str, Any]:
    keys, required = keys_of(entry.measure)
    return {
        "kind": entry.kind,
        "short": entry.short,
        "title": entry.title,
        "taken_by": entry.measure.taken_by,
        "keys": keys,
        "required": required,
        "exempts": getattr(entry.measure, "exempts", ""),
        "form": [asdict(field) | {"default": entry.default(field.key)} for field in entry.form],
    }


def _left_out(fault: UnreadableFile) -> dict[str, str]:
    """A file that cannot be offered, in a list of those that can."""
    return {"name": fault.name, "file": fault.file, "fault": fault.says}


@contextmanager
def not_found_as_404(what: str) -> Iterator[None]:
    try:
        yield
    except UnknownNameError as error:
        raise HttpProblem(404, "not-found", f"There is no such {what}", str(error)) from None
