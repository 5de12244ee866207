"""Designs of experiments, and the sensitivity indices that they give, by SALib.

Sobol' indices: Saltelli et al. (2010), Computer Physics Communications 181: 259-270. Elementary effects: Morris (1991),
Technometrics 33: 161-174; Campolongo, Cariboni and Saltelli (2007), Environmental Modelling & Software 22: 1509-1518.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import InputError
from entrepot.types import Array

if TYPE_CHECKING:
    import pandas as pd

#: Levels of the grid on which Morris' trajectories move.
LEVELS = 4


def design(method: str, names: Sequence[str], draws: int, seed: int) -> Array:
    """Points of the unit cube [m, p]; `draws` counts base points, a power of two (sobol), or trajectories (morris)."""
    _salib()
    if method == "sobol":
        from SALib.sample import sobol

        base = 2 ** max(1, math.ceil(math.log2(max(draws, 2))))
        return sobol.sample(_problem(names), base, calc_second_order=False, seed=seed)
    from SALib.sample import morris

    if draws < 2:
        raise InputError(
            f"draws={draws}: elementary effects need at least two trajectories to have a spread; raise draws"
        )
    points = morris.sample(_problem(names), draws, num_levels=LEVELS, seed=seed)
    return 0.5 / LEVELS + points * (1 - 1 / LEVELS)  # levels inside the cube: a normal has no quantile at its ends


def indices(method: str, names: Sequence[str], points: Array, output: Array, seed: int) -> pd.DataFrame:
    """Sensitivity indices by parameter, the largest first.

    sobol   first-order and total indices with 95% half-widths
    morris  the mean, mean absolute value and spread of elementary effects, in units of the output for a move over the
            range of Morris' levels, from a parameter's 12.5th to its 87.5th percentile
    Raises `InputError` if a member is missing, because the indices need the whole design.
    """
    import pandas as pd

    _salib()
    missing = int((~np.isfinite(output)).sum())
    if missing:
        raise InputError(
            f"{missing} of the {len(output)} members of the design have no equilibrium, and the indices need all "
            f"members: narrow the distributions"
        )
    if np.ptp(output) == 0:
        raise InputError("the number is the same in every member: no parameter drives it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if method == "sobol":
            from SALib.analyze import sobol

            found = sobol.analyze(_problem(names), output, calc_second_order=False, seed=seed)
            columns = {"first": "S1", "first_95": "S1_conf", "total": "ST", "total_95": "ST_conf"}
            by = "total"
        else:
            from SALib.analyze import morris

            unit = (points - 0.5 / LEVELS) / (1 - 1 / LEVELS)
            found = morris.analyze(_problem(names), unit, output, num_levels=LEVELS, seed=seed)
            columns = {"mean": "mu", "size": "mu_star", "size_95": "mu_star_conf", "spread": "sigma"}
            by = "size"
    table = pd.DataFrame({name: np.asarray(found[key], dtype=float) for name, key in columns.items()})
    table.insert(0, "parameter", list(names))
    return table.sort_values(by, ascending=False, ignore_index=True)


def _problem(names: Sequence[str]) -> dict[str, Any]:
    if len(names) < 2:
        raise InputError("a design of experiments needs at least two uncertain numbers")
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise InputError("Sobol' and Morris designs need SALib: pip install 'entrepot[sensitivity]'") from None
