"""The code that users bring themselves: instruments, rules of closures, competition, reported numbers."""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from entrepot.cases import Case
from entrepot.equilibrium import quantities
from entrepot.equilibrium.blocks import deficits, labour, recycling
from entrepot.measures import instruments


def own_code(case: Case) -> dict[str, str]:
    """Return a digest of users' own code under "own_code"; empty where there is none.

    It covers registered instruments and numbers, and the measures and the closure of the case, each with the modules
    that it and its base classes are defined in. So results that are kept of a run are not reused after any of it has
    changed.
    """
    code = sorted({text for thing in _brought(case) for text in _texts(thing)})
    return {"own_code": hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]} if code else {}


def _brought(case: Case) -> Iterator[Any]:
    yield from (entry.measure for entry in instruments().values())
    yield from quantities.OF.values()
    c = case.closure
    yield from (deficits.RULES[c.deficit], labour.RULES[c.labour_rule[0]], recycling.RULES[c.recycling])
    yield type(c.competition)
    yield from (type(measure) for scenario in case.scenarios.values() for measure in scenario.measures)


def _texts(thing: Any) -> Iterator[str]:
    """Yield what identifies each part of a class or function that is not Entrepot's: its name and its source."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    if not inspect.isclass(thing) and not inspect.isroutine(thing):
        thing = type(thing)
    for part in inspect.getmro(thing) if inspect.isclass(thing) else (thing,):
        module = getattr(part, "__module__", None) or "builtins"  # a method of a builtin has none
        if module.partition(".")[0] not in ("entrepot", "builtins", "abc", "typing"):
            yield f"{part.__module__}.{part.__qualname__}\n{_source(part)}"


def _source(part: Any) -> str:
    for text in (sys.modules.get(part.__module__), part):
        try:
            return inspect.getsource(text)  # type: ignore[arg-type]
        except (OSError, TypeError):
            continue
    return _unique(part)  # it was defined interactively: there is no source to identify it by


@functools.cache
def _unique(part: Any) -> str:
    """Return a text of a class or function that no other has, the same at each call."""
    return uuid.uuid4().hex
