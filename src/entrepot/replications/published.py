"""The published results that can be computed again, and the function that does it."""

from __future__ import annotations

import functools
import os
from typing import Any

from entrepot.documents import as_path
from entrepot.errors import InputError, UnknownNameError
from entrepot.plugins import brought
from entrepot.replications import cp2015, gains_from_trade, gegravity, gravity_counterfactuals
from entrepot.replications.replication import Replication

#: The entry points of other packages: modules like those of this folder, with TITLE, DATA and `replicate`.
GROUP = "entrepot.replications"
OURS: dict[str, Any] = {
    "cp2015": cp2015,
    "gegravity": gegravity,
    "gains-from-trade": gains_from_trade,
    "gravity": gravity_counterfactuals,
}


@functools.cache
def _modules() -> dict[str, Any]:
    found = dict(OURS)
    for where, module in brought(GROUP):
        name = str(getattr(module, "NAME", "")) or str(getattr(module, "__name__", "")).rpartition(".")[2]
        if not all(hasattr(module, key) for key in ("TITLE", "DATA", "replicate")):
            raise InputError(f"{where} is not a module with TITLE, DATA and replicate")
        if name in found:
            raise InputError(f"{where}: the name {name} is in use by {found[name].__name__}")
        found[name] = module
    return found


def replications() -> dict[str, tuple[str, str]]:
    """Return by name: the title, and which data are needed and where they are published."""
    return {name: (module.TITLE, module.DATA) for name, module in _modules().items()}


def replicate(name: str, data: str | os.PathLike[str] | None = None) -> Replication:
    """Compute a published result again, from the folder `data` where it needs one (see `replications`).

    Raises `UnknownNameError` for a name not in `replications`, and `DocumentError` for data or a package that is not
    there, saying which and where it is published.
    """
    if name not in _modules():
        raise UnknownNameError("replication", str(name), _modules())
    return _modules()[name].replicate(None if data is None else as_path(data))
