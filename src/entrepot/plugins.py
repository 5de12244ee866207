"""What other installed packages bring: instruments, sources, books of rules and replications, by entry points."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

from entrepot.errors import InputError


def brought(group: str) -> Iterator[tuple[str, Any]]:
    """Where each entry point of a group is from, and what it names. Raises `InputError` if that cannot be loaded."""
    for point in metadata.entry_points(group=group):
        where = f"{group}: {point.name} ({point.value})"
        try:
            found = point.load()
        except Exception as error:  # whatever another package does when it is imported
            raise InputError(f"{where} cannot be loaded: {error}") from error
        yield where, found
