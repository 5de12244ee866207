"""What both would sign: what each side wants, and what it would do alone."""

from entrepot.bargain.objective import Objective
from entrepot.bargain.optimal import OptimalTariff, optimal_tariff

__all__ = ["Objective", "OptimalTariff", "optimal_tariff"]
