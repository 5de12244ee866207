"""Problems as application/problem+json (RFC 9457): what is wrong, where (the key), and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from entrepot.documents import dotted_key
from entrepot.errors import ConvergenceError, DocumentError, EntrepotError, MeasureError, StoreError
from entrepot.faults import message_of, place_of, telling
from entrepot.languages.translated_errors import translated_error

MEDIA = "application/problem+json"
#: The longest detail, in characters: it may quote what a client sent, but only so much.
LONGEST = 1000


@dataclass(eq=False)
class HttpProblem(Exception):
    """An error response: its status, kind (the end of its type), title, a detail, and the wrong key if any."""

    status: int
    kind: str
    title: str
    detail: str = ""
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the problem as its JSON document, in the language in use."""
        detail = translated_error(self.detail)
        detail = detail if len(detail) <= LONGEST else f"{detail[:LONGEST]} ..."
        title = translated_error(self.title)
        out = {"type": f"urn:entrepot:{self.kind}", "title": title, "status": self.status, "detail": detail}
        return out | ({"key": self.key} if self.key else {})


#: The details of an internal error go to the log of the desk and not to the client.
FAULT = HttpProblem(500, "fault", "An internal error of the desk", "the log of the desk has the details")


def unreadable(detail: str, key: str) -> HttpProblem:
    """Return the problem of a request that says something wrong at a key."""
    return HttpProblem(422, "input", "The request cannot be read", detail, key)


def invalid(fault: Mapping[str, Any]) -> HttpProblem:
    """Return the problem for an error that pydantic found in a request."""
    return unreadable(message_of(fault), dotted_key(place_of(fault)))


def problem_of(error: EntrepotError | ValidationError) -> HttpProblem:
    """Return the problem for an error of the package."""
    if isinstance(error, ValidationError):
        return invalid(telling(error.errors(include_url=False))[0])
    if isinstance(error, ConvergenceError):
        return HttpProblem(422, "no-equilibrium", "There is no answer", str(error))
    if isinstance(error, StoreError):
        return HttpProblem(507, "store", "The run store cannot be used", str(error))
    place = error.key if isinstance(error, DocumentError | MeasureError) else ""
    return unreadable(str(error), place)
