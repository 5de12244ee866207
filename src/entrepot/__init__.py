"""Entrepot: what a trade measure does, who pockets the rent, which rules it touches, and what both sides would sign.

    import entrepot as ep
    world = ep.load_economy("world2014")
    out = ep.solve(world, [ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")])
    out.countries

Names are loaded when first used, so that `import entrepot` and `entrepot --help` are quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from entrepot.version import __version__ as __version__

_HOME = {
    "entrepot.economy": ["Economy", "bundled_economies", "load_economy"],
    "entrepot.estimation.gravity": ["GravityEstimate", "gravity"],
    "entrepot.data.sources": ["Imported", "import_economy"],
    "entrepot.measures": [
        "BorderMeasure",
        "ExportTax",
        "ImportQuota",
        "Lift",
        "Match",
        "Measure",
        "MinimumPrice",
        "NonTariffBarrier",
        "Policy",
        "ProductionSubsidy",
        "Scenario",
        "SpecificTariff",
        "Tariff",
        "TariffRateQuota",
        "VoluntaryExportRestraint",
    ],
    "entrepot.equilibrium": [
        "Batch",
        "Closure",
        "Conditional",
        "Markups",
        "Melitz",
        "Outcome",
        "conditional",
        "solve",
        "solve_many",
    ],
    "entrepot.replications": ["Replication", "replicate"],
    "entrepot.cases": ["Case", "Objective", "bundled_cases", "load_case", "screen"],
    "entrepot.rules": ["Finding", "Screen", "Status"],
    "entrepot.rules.answer": ["Answer", "retaliate"],
    "entrepot.rules.nullification": ["Nullification", "nullification"],
    "entrepot.rules.retaliation": ["Retaliation"],
    "entrepot.exposures": ["Exposure", "Stacking", "exposure", "load_stacking"],
    "entrepot.bargaining": [
        "Bargain",
        "Cooperation",
        "Game",
        "OptimalPolicy",
        "OptimalTariff",
        "TradeWar",
        "bargain",
        "cooperate",
        "nash_tariffs",
        "optimal_policy",
        "optimal_tariff",
        "rationalising_weights",
    ],
    "entrepot.sweeping.sweep_result": ["Sweep"],
    "entrepot.sweeping.sweep": ["sweep"],
    "entrepot.runs.store": ["RunStore"],
    "entrepot.studies": ["Study", "run"],
    "entrepot.errors": [
        "ConvergenceError",
        "DocumentError",
        "EntrepotError",
        "InputError",
        "MeasureError",
        "StoreError",
        "TableError",
        "UnknownNameError",
    ],
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted([*_MODULE_OF, "__version__"])

if TYPE_CHECKING:  # the same names, for editors and type checkers
    # ruff: noqa: F401
    from entrepot.bargaining import (
        Bargain,
        Cooperation,
        Game,
        OptimalPolicy,
        OptimalTariff,
        TradeWar,
        bargain,
        cooperate,
        nash_tariffs,
        optimal_policy,
        optimal_tariff,
        rationalising_weights,
    )
    from entrepot.cases import Case, Objective, bundled_cases, load_case, screen
    from entrepot.data.sources import Imported, import_economy
    from entrepot.economy import Economy, bundled_economies, load_economy
    from entrepot.equilibrium import (
        Batch,
        Closure,
        Conditional,
        Markups,
        Melitz,
        Outcome,
        conditional,
        solve,
        solve_many,
    )
    from entrepot.errors import (
        ConvergenceError,
        DocumentError,
        EntrepotError,
        InputError,
        MeasureError,
        StoreError,
        TableError,
        UnknownNameError,
    )
    from entrepot.estimation.gravity import GravityEstimate, gravity
    from entrepot.exposures import Exposure, Stacking, exposure, load_stacking
    from entrepot.measures import (
        BorderMeasure,
        ExportTax,
        ImportQuota,
        Lift,
        Match,
        Measure,
        MinimumPrice,
        NonTariffBarrier,
        Policy,
        ProductionSubsidy,
        Scenario,
        SpecificTariff,
        Tariff,
        TariffRateQuota,
        VoluntaryExportRestraint,
    )
    from entrepot.replications import Replication, replicate
    from entrepot.rules import Finding, Screen, Status
    from entrepot.rules.answer import Answer, retaliate
    from entrepot.rules.nullification import Nullification, nullification
    from entrepot.rules.retaliation import Retaliation
    from entrepot.runs.store import RunStore
    from entrepot.studies import Study, run
    from entrepot.sweeping.sweep import sweep
    from entrepot.sweeping.sweep_result import Sweep


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'entrepot' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
