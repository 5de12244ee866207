"""The world before any measure: the Economy, its calibration, aggregation and storage, and names of places."""

from entrepot.economy.bundled import bundled_economies, load_economy
from entrepot.economy.economy import Economy

__all__ = ["Economy", "bundled_economies", "load_economy"]
