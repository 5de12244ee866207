"""Small markets for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import entrepot as ep

#: Six beers: Epstein and Rubinfeld (2004), as in the examples of the R package trade.
BEERS = pd.DataFrame(
    {
        "product": ["BUD", "OLD-STYLE", "MILLER", "MILLER-LITE", "OTHER-LITE", "OTHER-REG"],
        "firm": ["BUD", "OLD-STYLE", "MILLER", "MILLER", "OTHER-LITE", "OTHER-REG"],
        "plant": ["USA"] * 4 + ["ROW"] * 2,
        "price": [0.0441, 0.0328, 0.0409, 0.0396, 0.0387, 0.0497],
        "quantity": [6.6, 17.2, 25.3, 18.7, 9.9, 22.3],
        "margin": [0.3830, 0.5515, 0.5421, 0.5557, 0.4453, 0.3769],
    }
)

#: Eight cars, two of which a Japanese firm makes in the United States. The numbers are invented.
CARS = pd.DataFrame(
    {
        "product": ["Alpha", "Beta", "Gamma", "Delta", "Kei", "Sora", "Hana", "Berg"],
        "firm": ["Atlas", "Atlas", "Union", "Union", "Nippon", "Nippon", "Fuji", "Rhein"],
        "plant": ["USA", "USA", "USA", "MEX", "JPN", "USA", "JPN", "DEU"],
        "owner": ["USA", "USA", "USA", "USA", "JPN", "JPN", "JPN", "DEU"],
        "segment": ["small", "large", "large", "small", "small", "large", "small", "large"],
        "drive": ["fuel", "fuel", "electric", "fuel", "fuel", "electric", "electric", "fuel"],
        "price": [21.0, 38.0, 45.0, 24.0, 22.0, 33.0, 27.0, 55.0],
        "quantity": [310.0, 260.0, 120.0, 200.0, 280.0, 240.0, 150.0, 60.0],
        "margin": [0.18, np.nan, 0.21, np.nan, 0.16, np.nan, np.nan, 0.14],
    }
)
SIZE = 6000.0
DRAWS = np.random.default_rng(3)
MIXED = {
    "taste": DRAWS.normal(size=(8, 40)) * 0.8,
    "alpha": DRAWS.uniform(0.12, 0.5, 40),
    "weight": np.full(40, 1 / 40),
}
#: Options of `Market.from_products` for each demand system.
SYSTEMS: dict[str, dict[str, Any]] = {
    "logit": {"market_size": SIZE},
    "closed_logit": {"demand": "logit", "fit": "margins"},
    "nested_logit": {"market_size": SIZE, "nests": ("segment",), "nesting": 0.4},
    "two_nests": {"demand": "nested_logit", "market_size": SIZE, "nests": ("segment", "drive"), "nesting": (0.3, 0.5)},
    "ces": {"market_size": 150000.0},
    "closed_ces": {"demand": "ces", "market_elasticity": -1.5, "sigma": 6.0},
    "aids": {"market_elasticity": -1.4},
    "linear": {"market_size": SIZE},
    "mixed_logit": {"market_size": SIZE, "draws": MIXED},
}


def cars(system: str = "logit", **options: Any) -> ep.Market:
    """The market of eight cars under one of SYSTEMS."""
    return ep.Market.from_products(CARS, importer="USA", **{"demand": system, **SYSTEMS[system], **options})


def tariff(rate: float = 0.25, exporter: str = "JPN", **options: Any) -> ep.Tariff:
    return ep.Tariff(importer="USA", exporter=exporter, sector="motor_vehicles", rate=rate, **options)
