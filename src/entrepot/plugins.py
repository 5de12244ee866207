"""What other installed packages add by entry points: instruments, sources, books of rules, replications."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from entrepot.errors import InputError


def brought(group: str) -> Iterator[tuple[str, Any]]:
    """Yield each entry point of a group: where it is from, and the object. Raises `InputError` if loading fails."""
    for point in _installed_points().select(group=group):
        where = f"{group}: {point.name} ({point.value})"
        try:
            found = point.load()
        except Exception as error:  # whatever another package does when it is imported
            raise InputError(f"{where} cannot be loaded: {error}") from error
        except SystemExit as error:
            raise InputError(f"{where} cannot be loaded: it ends the program when it is imported") from error
        yield where, found


@functools.cache
def _installed_points() -> Any:
    """Return the entry points of every package, read once: each reading scans all that is installed."""
    return metadata.entry_points()
