"""Whether a maker has a better price than the one at which its first-order condition holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from entrepot.markets.price_equilibrium import PriceGame, PricePoint

#: Prices that are tried, over those of the solution.
DEVIATIONS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5)
#: Products above which nothing is tried, since each price of each product takes the demand of all.
MOST_TRIED = 300


def deviations(game: PriceGame, point: PricePoint) -> Iterator[tuple[float, float, float]]:
    """Yield of each product [j] the best price tried over the solution's, what it gains, and the maker's profit now.

    A maker's profit is over all its products; those of others and licence prices stay. Money is over one plus the rate
    of a subsidy on product j. Prices below a floor are not tried. Yields nothing under another conduct than Bertrand's,
    where makers foresee licence prices, and for more than `MOST_TRIED` products.
    """
    if game.conduct.name != "bertrand" or game.foreseen or len(point.prices) > MOST_TRIED:
        return
    chain, licences = game.chain, point.licences
    margins, units = game.margins(point.prices, licences), game.demand.quantities(point.prices)
    profits = (margins * units) @ game.owned
    for j, profit in enumerate(profits):
        best, gain = 1.0, 0.0
        for factor in DEVIATIONS:
            prices = point.prices.copy()
            prices[j] *= factor
            if chain.floor[j] > 0 and chain.border(prices, licences)[j] < chain.floor[j]:
                continue
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                tried = game.demand.quantities(prices)
            if not (np.isfinite(tried).all() and (tried >= 0).all()):
                continue  # the demand system has no answer there
            more = float((game.margins(prices, licences) * tried) @ game.owned[:, j]) - float(profit)
            if more > gain:
                best, gain = factor, more
        yield best, gain, float(profit)


__all__ = ["DEVIATIONS", "MOST_TRIED", "deviations"]
