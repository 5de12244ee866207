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
from entrepot.equilibrium.blocks import competition, deficits, labour, recycling
from entrepot.measures import instruments


def own_code(case: Case) -> dict[str, str]:
    """Return a digest of users' own code under "own_code"; empty where there is none.

    It covers what is registered, and the measures and the competition of the case, each with the modules that it and
    its base classes are defined in. So results that are kept of a run are not reused after any of it has changed.
    """
    code = sorted({text for thing in _brought(case) for text in _texts(thing)})
    return {"own_code": hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]} if code else {}


def _brought(case: Case) -> Iterator[Any]:
    yield from (entry.measure for entry in instruments().values())
    for rules in (deficits.RULES, labour.RULES, recycling.RULES, competition.NAMES, quantities.OF):
        yield from rules.values()
    yield type(case.closure.competition)
    yield from (type(measure) for scenario in case.scenarios.values() for measure in scenario.measures)


def _texts(thing: Any) -> Iterator[str]:
    """Yield what identifies each part of a class or function that is not Entrepot's: its name and its source."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    if not inspect.isclass(thing) and not inspect.isroutine(thing):
        thing = type(thing)
    for part in inspect.getmro(thing) if inspect.isclass(thing) else (thing,):
        if part.__module__.partition(".")[0] not in ("entrepot", "builtins", "abc", "typing"):
            yield f"{part.__module__}.{part.__qualname__}\n{_source(part)}"


def _source(part: Any) -> str:
    for text in (sys.modules.get(part.__module__), part):
        try:
            return inspect.getsource(text)  # type: ignore[arg-type]
        except (OSError, TypeError):
            continue
    return uuid.uuid4().hex  # it was defined interactively: there is no source to identify it by
