"""The world before the measure: the Economy, its calibration and aggregation, the bundled one, names of places."""

from entrepot.economy.bundled import bundled_economies, load_economy
from entrepot.economy.economy import Economy

__all__ = ["Economy", "bundled_economies", "load_economy"]
