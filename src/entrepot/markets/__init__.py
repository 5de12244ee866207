"""Markets of products and makers: demand, conduct, measures on products, and their equilibrium in prices."""

from entrepot.markets.bundled_markets import bundled_markets, load_market, market_elasticity
from entrepot.markets.conduct import Conduct
from entrepot.markets.demands import AIDS, CES, Demand, Level, Linear, Logit, MixedLogit, NestedLogit
from entrepot.markets.estimate import DemandEstimate, estimate_demand
from entrepot.markets.joined import JoinedOutcome, join
from entrepot.markets.market import Market
from entrepot.markets.market_outcome import MarketOutcome
from entrepot.markets.us_cars import us_cars, us_cars_data

__all__ = [
    "AIDS",
    "CES",
    "Conduct",
    "Demand",
    "DemandEstimate",
    "JoinedOutcome",
    "Level",
    "Linear",
    "Logit",
    "Market",
    "MarketOutcome",
    "MixedLogit",
    "NestedLogit",
    "bundled_markets",
    "estimate_demand",
    "join",
    "load_market",
    "market_elasticity",
    "us_cars",
    "us_cars_data",
]
