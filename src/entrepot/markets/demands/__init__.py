"""Demand systems, one file each: quantities, slopes and curvature beside the equation."""

from entrepot.markets.demands.aids import AIDS
from entrepot.markets.demands.ces import CES
from entrepot.markets.demands.demand import Demand
from entrepot.markets.demands.linear_demand import Linear
from entrepot.markets.demands.mixed_logit import MixedLogit
from entrepot.markets.demands.nested_logit import Level, Logit, NestedLogit

__all__ = ["AIDS", "CES", "Demand", "Level", "Linear", "Logit", "MixedLogit", "NestedLogit"]
