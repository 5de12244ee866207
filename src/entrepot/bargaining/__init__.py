"""Bargaining: payoffs, best tariffs, trade wars, and the deals that every party prefers to the threat."""

from entrepot.bargaining.bargain import Bargain, bargain
from entrepot.bargaining.case_talks import CaseTalks, case_talks
from entrepot.bargaining.cooperate import Cooperation, cooperate
from entrepot.bargaining.game import Game
from entrepot.bargaining.optimal import OptimalPolicy, OptimalTariff, optimal_policy, optimal_tariff
from entrepot.bargaining.talks_game import Signal, TalksGame, TalksPayoffs, ThreatenerType, talks_clock
from entrepot.bargaining.talks_solution import BeliefOn, TalksEnd
from entrepot.bargaining.uncertain_talks import UncertainTalks, solve_talks
from entrepot.bargaining.war import TradeWar, nash_tariffs
from entrepot.bargaining.weights import rationalising_weights

__all__ = [
    "Bargain",
    "BeliefOn",
    "CaseTalks",
    "Cooperation",
    "Game",
    "OptimalPolicy",
    "OptimalTariff",
    "Signal",
    "TalksEnd",
    "TalksGame",
    "TalksPayoffs",
    "ThreatenerType",
    "TradeWar",
    "UncertainTalks",
    "bargain",
    "case_talks",
    "cooperate",
    "nash_tariffs",
    "optimal_policy",
    "optimal_tariff",
    "rationalising_weights",
    "solve_talks",
    "talks_clock",
]
