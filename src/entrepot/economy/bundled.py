"""The Economies that ship with the package."""

from __future__ import annotations

import functools
import importlib.resources
import os

from entrepot.documents import as_path, shipped, shipped_names
from entrepot.economy.economy import Economy
from entrepot.errors import UnknownNameError


def bundled_economies() -> tuple[str, ...]:
    """Return the names of the Economies that ship with the package, for `load_economy`."""
    return shipped_names("economy/data", ".ep")


def load_economy(name: str | os.PathLike[str]) -> Economy:
    """Return the bundled Economy of that name ("world2014"), or the one saved at that path.

    Raises `UnknownNameError` or `DocumentError`.
    """
    if str(name) in bundled_economies():
        return _bundled(str(name))
    if as_path(name).exists() or os.sep in str(name) or str(name).endswith(".ep"):
        return Economy.load(name)
    raise UnknownNameError("economy", str(name), bundled_economies())


@functools.cache
def _bundled(name: str) -> Economy:
    with importlib.resources.as_file(shipped(f"economy/data/{name}.ep")) as path:
        return Economy.load(path)
