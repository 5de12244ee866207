"""Entrepot: what a trade measure does, who holds the rent, which rules it touches, and what both sides would sign.

    import entrepot as ep
    world = ep.load_economy("world2022")
    out = ep.solve(world, [ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")])
    out.countries

The names that most work needs are here; the rest are in their rooms: `ep.measures.Lift`, `ep.bargaining.nash_tariffs`,
`ep.rules.retaliate`. The stub `__init__.pyi` lists them for type checkers, and each is loaded when it is first used, so
that `import entrepot` is quick.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import lazy_loader

from entrepot.version import __version__ as __version__

_load, _names, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted([*__all__, "__version__"])

#: Names that stood here until version 0.1, and the room that each is in now. They go with version 0.3.
MOVED = {
    name: room
    for room, names in {
        "bargaining": "Bargain Cooperation Game OptimalPolicy OptimalTariff TradeWar cooperate nash_tariffs "
        "optimal_policy optimal_tariff rationalising_weights",
        "cases": "Objective",
        "data": "Imported",
        "equilibrium": "Batch Conditional Markups Melitz conditional",
        "errors": "ConvergenceError DocumentError InputError MeasureError StoreError TableError UnknownNameError",
        "estimation": "GravityEstimate gravity",
        "exposures": "Exposure Stacking exposure load_stacking",
        "measures": "BorderMeasure Lift Match Measure Policy",
        "replications": "Replication replicate",
        "rules": "Answer Finding Nullification Retaliation Screen Status nullification retaliate",
        "runs": "RunStore",
        "sweeping": "Sweep",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is first used; one that has moved, with a DeprecationWarning."""
    if name in __all__:
        return _load(name)
    if name == "estimate_demand":  # few need it, and it needs pyblp: not among the names of the top level
        return importlib.import_module("entrepot.markets").estimate_demand
    if name not in MOVED:
        raise AttributeError(f"module 'entrepot' has no attribute {name!r}")
    room = MOVED[name]
    warnings.warn(f"ep.{name} is now ep.{room}.{name}; the old name goes with 0.3", DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module(f"entrepot.{room}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
