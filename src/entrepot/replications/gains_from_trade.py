"""The gains from trade in closed form against the engine's move to (near) autarky.

    one sector        G_n = 1 - lambda_n^(1/theta)                          Arkolakis, Costinot, Rodriguez-Clare (2012)
    many sectors      G_n = 1 - prod_s lambda_ns^(beta_ns / theta_s)            Costinot and Rodriguez-Clare (2014)
    tradable inputs   G_n = 1 - prod_s,k lambda_nk^(beta_ns a~_nsk / theta_k)   the same

lambda is the share of spending that stays at home, beta the shares of final spending, a~ the Leontief inverse: the
content of k in a dollar of s. Valid for balanced trade without tariffs, at constant returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from entrepot.economy import Economy, load_economy
from entrepot.economy.equations import Array
from entrepot.equilibrium import Outcome, solve
from entrepot.measures import NonTariffBarrier, Tariff
from entrepot.replications import sample
from entrepot.replications.gravity_counterfactuals import bundled
from entrepot.replications.replication import Line, Replication

TITLE = "Gains from trade: closed forms against the engine"
CITATION = (
    "Arkolakis, C., A. Costinot and A. Rodriguez-Clare (2012), New Trade Models, Same Old Gains?, American Economic "
    "Review 102(1): 94-130; Costinot, A. and A. Rodriguez-Clare (2014), Trade Theory with Numbers, Handbook of "
    "International Economics 4: 197-261"
)
DATA = f"none (a bundled economy); given a folder with {sample.WHERE}, that sample as well"

SHOWN = ("BRA", "CAN", "CHN", "DEU", "GBR", "JPN", "USA")
#: Trade costs times this stand for autarky: by one sector, and where the least theta of one leaves trade in its trace.
NEAR_AUTARKY, NEARLY = 1e5, 1e3
#: Percentage points: the engine's own tolerance; and what a trace of trade still gains.
EXACT, TRACE = 1e-6, 0.05

NOTES = (
    "Percent of real income lost; the closed form is computed on the same economy. Tariffs and "
    "deficits are removed first, as the formulas require.",
    f"Autarky: all foreign trade costs times {NEAR_AUTARKY:,.0f} with one sector, {NEARLY:,.0f} with many (beyond "
    f"that, so little trade is left that wages cannot be distinguished from rounding). Where the elasticity is near "
    f"one, about a thousandth of trade stays, hence the tolerance of {TRACE} points.",
    "Costs doubled: the same formula on the change in own shares, which is exact at every distance from autarky.",
)


def replicate(data: Path | None = None) -> Replication:
    """Raises `DocumentError` for a data folder without the sample."""
    merged = bundled()
    lines = list(to_autarky(merged, "one sector"))
    many = without_tariffs(load_economy("world2014").balanced())
    bare = replace(many, inputs=np.zeros_like(many.inputs)).balanced()
    lines += [*_many_sectors(bare, "many sectors"), *_many_sectors(many, "tradable inputs")]
    if data is not None:
        lines += to_autarky(sample.economy(sample.read(data)), "gegravity sample")
    return Replication.of("gains-from-trade", TITLE, CITATION, lines, NOTES, against="closed form")


def closed_form(economy: Economy, own_share_hat: Array) -> Array:
    """Return real income relative to the base [n] when own shares [j,n] change by `own_share_hat`.

    It is prod_k own_share_hat_k^(-w_k/theta_k), where w_k = sum_s beta_s a~_sk is the content of k in final spending.
    """
    leontief = np.linalg.inv(np.eye(len(economy.sectors)) - economy.inputs)  # [n,k,s]
    content = np.einsum("nks,ns->nk", leontief, economy.final_share)
    exponent = content / economy.theta
    return np.exp(-(exponent * np.log(own_share_hat).T).sum(axis=1))


def own_share(economy: Economy) -> Array:
    """lambda [j,n]."""
    return np.einsum("jnn->jn", economy.share)


def without_tariffs(economy: Economy) -> Economy:
    """The equilibrium of `economy` when no tariff is levied."""
    return solve(economy, [Tariff(importer="WORLD", sector="ALL", rate=0.0)], tol=1e-12).as_economy()


def costs_times(economy: Economy, factor: float, tol: float) -> Outcome:
    """All foreign trade costs times `factor`."""
    barrier = NonTariffBarrier(importer="WORLD", sector="ALL", rate=f"{100 * (factor - 1)!r}%")
    return solve(economy, [barrier], tol=tol, max_iterations=2000)


def to_autarky(economy: Economy, label: str) -> Iterator[Line]:
    """One sector without inputs: the closed form against the engine."""
    loss = -costs_times(economy, NEAR_AUTARKY, 1e-12).countries["real_income_pct"].to_numpy()
    lost = 100 * (1 - np.diagonal(economy.share[0]) ** (1 / economy.theta[0]))
    for k in _shown(economy):
        yield Line(f"{label}: to autarky", economy.countries[k], lost[k], loss[k], EXACT, "Arkolakis et al. (2012)")


def _many_sectors(economy: Economy, label: str) -> Iterator[Line]:
    """Countries that make nothing of a sector they use have no autarky, and are not shown."""
    own = own_share(economy)
    source = "Costinot and Rodriguez-Clare (2014)"
    doubled, cut = costs_times(economy, 2.0, 1e-11), costs_times(economy, NEARLY, 1e-9)
    with np.errstate(divide="ignore"):
        autarky = 100 * (1 - closed_form(economy, 1 / own))
    after = doubled.accounts.user_value
    own_after = np.einsum("jnn->jn", after) / after.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100 * (1 - closed_form(economy, own_after / own))
    for k in _shown(economy):
        where = economy.countries[k]
        yield Line(f"{label}: costs doubled", where, change[k], _loss(doubled, where), EXACT, source)
        yield Line(f"{label}: to autarky", where, autarky[k], _loss(cut, where), TRACE, source)


def _loss(outcome: Outcome, country: str) -> float:
    return -float(outcome.countries.loc[country, "real_income_pct"])


def _shown(economy: Economy) -> list[int]:
    whole = np.all(own_share(economy) > 0, axis=0)
    return [k for k, c in enumerate(economy.countries) if c in SHOWN and whole[k]]
