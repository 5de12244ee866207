"""Paths: an Economy in time, with stocks of capital and goods, and what is expected of measures that are announced."""

from entrepot.paths.capital import Capital
from entrepot.paths.dated import Dated
from entrepot.paths.entry_under_threat import EntryUnderThreat
from entrepot.paths.fear_of_measure import Fear, fear
from entrepot.paths.growing_elasticities import Elasticities
from entrepot.paths.inventories import Inventories
from entrepot.paths.mobility import Mobility
from entrepot.paths.path import Path
from entrepot.paths.solve_path import solve
from entrepot.paths.stationary import steady_state

__all__ = [
    "Capital",
    "Dated",
    "Elasticities",
    "EntryUnderThreat",
    "Fear",
    "Inventories",
    "Mobility",
    "Path",
    "fear",
    "solve",
    "steady_state",
]
