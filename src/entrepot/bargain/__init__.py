"""What both would sign: what each side wants, and what it would do alone."""

from entrepot.bargain.optimal import OptimalTariff, optimal_tariff
from entrepot.bargain.war import TradeWar, nash_tariffs
from entrepot.bargain.weights import rationalising_weights

__all__ = ["OptimalTariff", "TradeWar", "nash_tariffs", "optimal_tariff", "rationalising_weights"]
