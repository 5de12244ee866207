"""Load cases from files, with errors that name the line and the key."""

from __future__ import annotations

import copy
import os
from typing import Any

from pydantic import ValidationError

from entrepot.cases.case import Case, CaseFile, as_written
from entrepot.cases.case_section import CaseError, SectionError
from entrepot.cases.distributions import centred
from entrepot.dates import day_of
from entrepot.documents import (
    as_path,
    beside,
    compiled_document,
    dotted_key,
    line_of,
    plain,
    read_text,
    read_yaml,
    shipped_names,
    shipped_text,
)
from entrepot.errors import DocumentError, MeasureError, UnknownNameError
from entrepot.faults import keys_at, message_of, place_of, telling
from entrepot.rules.law_section import UnknownLawName


def bundled_cases() -> tuple[str, ...]:
    """Return the names of the cases that ship with the package, for `load_case` and `run`."""
    return shipped_names("cases/bundled", ".yaml")


def as_shipped(case: Case) -> bool:
    """Whether the document of a case is, letter for letter, that of the bundled case of its name."""
    return case.text is not None and case.case in bundled_cases() and case.text == _bundled_text(case.case)


def _bundled_text(name: str) -> str:
    return shipped_text(f"cases/bundled/{name}.yaml")


def load_case(name: str | os.PathLike[str]) -> Case:
    """Return the bundled Case of that name, or the one at that path; raise `DocumentError` with line and key."""
    if str(name) in bundled_cases():
        return read_case(_bundled_text(str(name)), f"{name}.yaml")
    if not as_path(name).exists() and os.sep not in str(name) and not str(name).endswith((".yaml", ".yml")):
        raise UnknownNameError("case", str(name), bundled_cases())
    return read_case(read_text(name), str(name))


def read_case(text: str, path: str = "case") -> Case:
    """Return a Case from YAML text; error messages name `path`."""
    document = compiled_document(text)
    if document is not None:
        return _made(document, CaseFile(path, text=text))
    document = read_yaml(text, path)
    if not isinstance(document, dict):
        raise DocumentError("is not a case: a case starts with the keys 'case:', 'title:' and so on", path=path)
    return _made(document, CaseFile(path, text=text, read=document))


def case_of(document: Any, path: str = "case") -> Case:
    """Return a Case from a YAML or JSON document; errors name lines where the document has them."""
    return _made(document, CaseFile(path, read=document))


def _made(document: Any, file: CaseFile) -> Case:
    path = file.path
    try:
        stated, distributions = centred(_with_files(plain(document, path), path))
        try:
            case = Case.model_validate(stated)
        except ValidationError as error:
            stated = _with_days(stated, error.errors(include_url=False))
            case = Case.model_validate(stated)
    except CaseError as error:
        steps: list[str | int] = [int(step) if step.isdigit() else step for step in error.place.split(".")]
        raise DocumentError(str(error), path=path, line=line_of(document, steps), key=dotted_key(steps)) from None
    except ValidationError as error:
        raise _all_located(error.errors(include_url=False), document, path) from None
    case._origin = file
    case._centred, case._distributions = stated, distributions
    return case


def _with_files(stated: Any, path: str) -> Any:
    """Return a document with the file of its labour shares, if it names one, beside the case."""
    closure = stated.get("closure") if isinstance(stated, dict) else None
    if not isinstance(closure, dict) or not isinstance(closure.get("labour_share"), str):
        return stated
    found = {**closure, "labour_share": str(beside(path, closure["labour_share"]))}
    return {**stated, "closure": found}


def _with_days(stated: Any, faults: list[Any]) -> Any:
    """Return a document with the days among its faults that are in another form, such as 22 July 2026, as ISO dates."""
    read = copy.deepcopy(stated)
    for fault in faults:
        if not fault["type"].startswith("date"):
            continue
        try:
            day = day_of(fault["input"])
        except ValueError:
            continue
        holder: Any = None
        key, at = None, read
        for step in fault["loc"]:  # some steps name one of several types, and are not keys
            known = step in at if isinstance(at, dict) else isinstance(at, list) and isinstance(step, int)
            if known:
                holder, key, at = at, step, at[step]
        if holder is not None and at == fault["input"]:
            holder[key] = day.isoformat()
    return read


#: How many further faults of a case an error shows.
MOST_SHOWN = 5


def _all_located(faults: list[Any], document: Any, path: str) -> DocumentError:
    """Return the first fault as an error, followed by the next few, each on its own line.

    A misspelt key is reported as unknown and the correct key as missing; only the first of these is shown.
    """
    misspelt = {fault["loc"][:-1] for fault in faults if fault["type"] == "extra_forbidden"}
    shown = [fault for fault in faults if fault["type"] != "missing" or fault["loc"][:-1] not in misspelt]
    shown = telling(shown)
    shown.sort(key=lambda fault: fault["type"] != "extra_forbidden")
    first, *others = {str(found): found for fault in shown if (found := _located(fault, document, path))}.values()
    also = [f"also {str(other).removeprefix(f'{path}, ').removeprefix(f'{path}: ')}" for other in others[:MOST_SHOWN]]
    further = len(others) - len(also)
    lines = "\n".join([first.message, *also, *([f"and {further} more"] if further else [])])
    return DocumentError(lines, path=path, line=first.line, key=first.key)


def _located(fault: Any, document: Any, path: str) -> DocumentError:
    location = [step for step in place_of(fault) if step != "ByClock"]
    if location[-2:] == ["deadline", "date"]:  # a deadline is either a date or a clock
        location.pop()
    cause = fault.get("ctx", {}).get("error")
    message = message_of(fault, keys_at(Case, location[:-1]))
    if isinstance(cause, MeasureError):
        location += [step for step in cause.key.split(".") if step]
        message = cause.message
    elif isinstance(cause, UnknownLawName):
        location += [step for step in cause.key.split(".") if step]
    elif isinstance(cause, SectionError):
        location += [int(step) if step.isdigit() else step for step in cause.place.split(".") if step]
    elif isinstance(cause, CaseError):
        location = [int(step) if step.isdigit() else step for step in cause.place.split(".")]
    elif fault["type"].startswith("date"):
        message += _other_form(fault["input"])
    location = as_written(location, document)
    return DocumentError(message, path=path, line=line_of(document, location), key=dotted_key(location))


def _other_form(given: Any) -> str:
    """Return the way to write a day that is written otherwise; empty where it is not known."""
    try:
        return f"; write {day_of(given).isoformat()}"
    except ValueError as error:
        return str(error)
