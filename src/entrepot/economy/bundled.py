"""The Economies that ship with the package."""

from __future__ import annotations

import functools
import importlib.resources
import os

from entrepot.documents import as_path
from entrepot.economy.economy import Economy
from entrepot.errors import UnknownNameError


def bundled_economies() -> tuple[str, ...]:
    """Return the names of the Economies that ship with the package, for `load_economy`."""
    folder = importlib.resources.files("entrepot.economy") / "data"
    return tuple(sorted(f.name.removesuffix(".ep") for f in folder.iterdir() if f.name.endswith(".ep")))


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
    resource = importlib.resources.files("entrepot.economy") / "data" / f"{name}.ep"
    with importlib.resources.as_file(resource) as path:
        return Economy.load(path)
