"""What both would sign: what each side wants, what it would do alone, and the deals that beat the threat for all."""

from entrepot.bargain.bargain import Bargain, bargain
from entrepot.bargain.cooperate import Cooperation, cooperate
from entrepot.bargain.game import Game
from entrepot.bargain.optimal import OptimalTariff, optimal_tariff
from entrepot.bargain.war import TradeWar, nash_tariffs
from entrepot.bargain.weights import rationalising_weights

__all__ = [
    "Bargain",
    "Cooperation",
    "Game",
    "OptimalTariff",
    "TradeWar",
    "bargain",
    "cooperate",
    "nash_tariffs",
    "optimal_tariff",
    "rationalising_weights",
]
