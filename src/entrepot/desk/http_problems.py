"""What went wrong, as application/problem+json (RFC 9457): what, where (the key), and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from entrepot.errors import ConvergenceError, DocumentError, EntrepotError, MeasureError, StoreError

MEDIA = "application/problem+json"
#: Characters of a detail: what a client sent comes back in it, but not without end.
LONGEST = 1000


@dataclass(eq=False)
class HttpProblem(Exception):
    """status, kind (the end of its type), title, and detail in a sentence; `key` where one is at fault."""

    status: int
    kind: str
    title: str
    detail: str = ""
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        detail = self.detail if len(self.detail) <= LONGEST else f"{self.detail[:LONGEST]} ..."
        said = {"type": f"urn:entrepot:{self.kind}", "title": self.title, "status": self.status, "detail": detail}
        return said | ({"key": self.key} if self.key else {})


#: What happened goes to the log of whoever runs the desk, not to the client.
FAULT = HttpProblem(500, "fault", "A fault of the desk", "it is in the log where the desk was started")


#: Steps of a location that name one of several types, not a key.
_OF_A_TYPE = re.compile(r"float|int|str|bool|(list|dict)\[.*|(constrained|function)-.*")


def invalid(fault: Mapping[str, Any]) -> HttpProblem:
    """A fault that pydantic found in a question."""
    steps = [step for step in fault["loc"] if isinstance(step, int) or not _OF_A_TYPE.fullmatch(step)]
    key = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
    return HttpProblem(
        422, "input", "The question cannot be read", str(fault["msg"]).removeprefix("Value error, "), key
    )


def problem_of(error: EntrepotError | ValidationError) -> HttpProblem:
    if isinstance(error, ValidationError):
        return invalid(error.errors(include_url=False, include_input=False, include_context=False)[0])
    if isinstance(error, ConvergenceError):
        return HttpProblem(422, "no-equilibrium", "There is no answer", str(error))
    if isinstance(error, StoreError):
        return HttpProblem(507, "store", "The run store cannot be used", str(error))
    place = error.key if isinstance(error, DocumentError | MeasureError) else ""
    return HttpProblem(422, "input", "The question cannot be read", str(error), place)
