"""Counterfactuals of structural gravity: borders removed, an agreement removed; incomes held, and incomes adjusting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from entrepot.economy import Economy, load_economy
from entrepot.economy.equations import Array
from entrepot.equilibrium import Outcome, solve
from entrepot.equilibrium.conditional import conditional as engine_conditional
from entrepot.measures import Measure, NonTariffBarrier
from entrepot.replications import sample
from entrepot.replications.anderson_van_wincoop import conditional, full_endowment
from entrepot.replications.replication import Line, Replication

TITLE = "Structural gravity: what borders and an agreement do, with incomes held and with incomes adjusting"
CITATION = (
    "Anderson, J. E. and E. van Wincoop (2003), Gravity with Gravitas, American Economic Review 93(1): 170-192; "
    "Anderson, J. E., M. Larch and Y. V. Yotov (2018), GEPPML, The World Economy 41(10): 2750-2782; "
    "Yotov, Y. V., R. Piermartini, J.-A. Monteiro and M. Larch (2016), An Advanced Guide to Trade Policy Analysis, WTO"
)
DATA = f"none (a bundled economy, merged to one sector); given a folder with {sample.WHERE}, that sample"

SHOWN = ("CAN", "CHN", "DEU", "JPN", "MEX", "USA")
BLOC = ("CAN", "MEX", "USA")
#: Relative gaps of 1e-10 in either method leave about this much in percent.
TOLERANCE = 1e-6

NOTES = (
    "Percent. 'Solved in levels': the published equations in levels by scipy's root finder; 'ours' is the "
    "engine in changes with theta = sigma - 1, or, where incomes are held, `ep.equilibrium.conditional`: base trade "
    "times the change in costs, scaled to base output and spending.",
    "One sector, sigma = 5, balanced trade in the base: with a constant ratio of spending to income other than one, "
    "spending and income would not add up to the same world.",
    "Costs change by the Poisson estimates of gegravity's example: crossing a border (-3.41) to nothing; the agreement "
    "among Canada, Mexico and the United States (0.47) to nothing.",
    "Gain from own share (Arkolakis, Costinot and Rodriguez-Clare 2012): 100 (own share hat^(-1/theta) - 1).",
)


def replicate(data: Path | None = None) -> Replication:
    """Raises `DocumentError` for a data folder without the sample."""
    economy = bundled() if data is None else sample.economy(sample.read(data))
    return Replication.of(
        "gravity", TITLE, CITATION, _lines(economy), (f"On {economy.name}.", *NOTES), against="solved in levels"
    )


def bundled() -> Economy:
    """The bundled economy's trade, merged to one sector without inputs or tariffs, deficits closed."""
    world = load_economy("world2014")
    return sample.one_sector(world.value.sum(axis=0), world.countries, sample.THETA, f"{world.name}, one sector")


def experiments(economy: Economy) -> dict[str, list[Measure]]:
    """The two counterfactuals as measures: a coefficient b that goes away changes costs by exp(b / theta) - 1."""
    theta, b = float(economy.theta[0]), sample.COEFFICIENTS
    crossing, leaving = np.expm1(b["international"] / theta), np.expm1(b["pta"] / theta)
    return {
        "borders removed": [NonTariffBarrier(importer="WORLD", sector="ALL", rate=float(crossing))],
        "agreement removed": [NonTariffBarrier(importer=BLOC, exporter=BLOC, sector="ALL", rate=float(leaving))],
    }


def cost_power_hat(outcome: Outcome) -> Array:
    """Change in t^(1-sigma) [n,i] under the outcome's measures."""
    return np.exp(-outcome.economy.theta[0] * outcome.accounts.ln_user_wedge_hat[0])


def foreign_growth_pct(new: Array, old: Array) -> Array:
    """Growth of each country's imports from abroad, percent."""
    foreign = ~np.eye(len(old), dtype=bool)
    return 100 * ((new * foreign).sum(axis=1) / (old * foreign).sum(axis=1) - 1)


def _lines(economy: Economy) -> Iterator[Line]:
    base, sigma = economy.value[0], float(economy.theta[0]) + 1
    shown = [economy.countries.index(c) for c in SHOWN]
    for what, measures in experiments(economy).items():
        outcome = solve(economy, measures, tol=1e-12)
        cost = cost_power_hat(outcome)
        held, adjusting = conditional(base, cost, sigma), full_endowment(base, cost, sigma)
        scaled = engine_conditional(economy, measures, tol=1e-12).value[0]
        trade = outcome.accounts.producer_value[0]
        own_hat = np.diagonal(trade / trade.sum(axis=1, keepdims=True)) / np.diagonal(economy.share[0])
        gain = outcome.countries["real_income_pct"].to_numpy()
        columns = {
            f"{what}: imports, incomes held": (foreign_growth_pct(held.trade, base), foreign_growth_pct(scaled, base)),
            f"{what}: imports": (foreign_growth_pct(adjusting.trade, base), foreign_growth_pct(trade, base)),
            f"{what}: real income": (adjusting.real_output_pct, gain),
            f"{what}: gain from own share": (100 * (own_hat ** (-1 / economy.theta[0]) - 1), gain),
        }
        for label, (published, ours) in columns.items():
            source = "Arkolakis et al. (2012)" if "own share" in label else "Anderson and van Wincoop (2003)"
            for k in shown:
                yield Line(label, economy.countries[k], float(published[k]), float(ours[k]), TOLERANCE, source)
