"""Which published results can be computed again, and the one call that does it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from entrepot.documents import as_path
from entrepot.errors import UnknownNameError
from entrepot.replications import cp2015, gains_from_trade, gegravity, gravity_counterfactuals
from entrepot.replications.replication import Replication

_RUN: dict[str, Callable[[Path | None], Replication]] = {
    "cp2015": cp2015.replicate,
    "gegravity": gegravity.replicate,
    "gains-from-trade": gains_from_trade.replicate,
    "gravity": gravity_counterfactuals.replicate,
}

#: name -> (title, what data it needs and where they are published)
REPLICATIONS: dict[str, tuple[str, str]] = {
    "cp2015": (cp2015.TITLE, cp2015.DATA),
    "gegravity": (gegravity.TITLE, gegravity.DATA),
    "gains-from-trade": (gains_from_trade.TITLE, gains_from_trade.DATA),
    "gravity": (gravity_counterfactuals.TITLE, gravity_counterfactuals.DATA),
}


def replicate(name: str, data: str | os.PathLike[str] | None = None) -> Replication:
    """Compute a published result again, from the folder `data` where it needs one (see `REPLICATIONS`).

    Raises `UnknownNameError` for a name not in `REPLICATIONS`, and `DocumentError` for data or a package that is not
    there, saying which and where it is published.
    """
    if name not in _RUN:
        raise UnknownNameError("replication", str(name), _RUN)
    return _RUN[name](None if data is None else as_path(data))
