"""Markets of products and makers: demand, conduct, measures on products, and their equilibrium in prices."""

from entrepot.markets.conduct import Conduct
from entrepot.markets.demands import AIDS, CES, Demand, Level, Linear, Logit, MixedLogit, NestedLogit
from entrepot.markets.joined import JoinedOutcome, join
from entrepot.markets.market import Market
from entrepot.markets.market_outcome import MarketOutcome

__all__ = [
    "AIDS",
    "CES",
    "Conduct",
    "Demand",
    "JoinedOutcome",
    "Level",
    "Linear",
    "Logit",
    "Market",
    "MarketOutcome",
    "MixedLogit",
    "NestedLogit",
    "join",
]
