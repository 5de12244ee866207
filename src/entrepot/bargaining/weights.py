"""The weights on industries under which a country's observed tariffs are its best tariffs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.optimal import BALANCED
from entrepot.bargaining.payoff import Payoff
from entrepot.cases.objective import Objective
from entrepot.economy import Economy
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure
from entrepot.equilibrium.warm_start import Problem, outcome_near
from entrepot.errors import InputError
from entrepot.measures import Measure, Scenario, Tariff

if TYPE_CHECKING:
    import pandas as pd


def rationalising_weights(
    economy: Economy,
    country: str,
    *,
    sectors: str | tuple[str, ...] = "ALL",
    measures: Scenario | Measure | Iterable[Measure] = (),
    closure: Closure | None = None,
) -> pd.DataFrame:
    """The extra weights on a dollar of value added by sector under which the observed tariffs are a country's best.

    With real income weighted one, no small rise of the tariff on any sector, from all partners alike, may pay:

        dEV/dt_s + sum_j weight_j d(V_j/P)/dt_s = 0    for every sector s

    one linear equation for each sector; Ossa (2014, AER 104: 4104-4146) fits such weights to tariffs too. Columns:
    sector, tariff (trade-weighted mean), weight. `attrs["condition"]` is the condition number of the system: if it is
    large, small errors in the tariffs move the weights far. A sector has one mean tariff; differences among
    partners are left unexplained. Raises `InputError` for wrong names, or if there is no tariff to explain.
    """
    import pandas as pd

    chosen = resolve_sectors(sectors, economy.sectors, "sectors")
    base = outcome_near(Problem.of(economy, Scenario.of(measures), closure or BALANCED), tol=1e-12)
    at, world = base.sensitivity, base.economy
    flows = {s: Tariff(importer=country, sector=s, rate=0.0).flows(world) for s in chosen}
    flows = {s: f[world.value.ravel()[f] > 0] for s, f in flows.items()}
    flows = {s: f for s, f in flows.items() if f.size}
    if not flows:
        raise InputError(
            f"{country} imports nothing of {', '.join(chosen)}, so there is no tariff to explain; choose other sectors"
        )
    every = np.concatenate(list(flows.values()))
    group = np.repeat(np.arange(len(flows)), [f.size for f in flows.values()])

    def by_sector(objective: Objective) -> np.ndarray:
        slopes = Payoff.to(country, objective, world).slopes(at)
        return np.bincount(group, at.gradient(slopes, every), len(flows))

    income = by_sector(Objective())
    industries = np.array([by_sector(Objective(real_income=0.0, value_added={s: 1.0})) for s in flows])
    weights = np.linalg.solve(industries.T, -income)
    value = world.value.ravel()
    tariff = [float(value[f] @ world.tariff.ravel()[f] / value[f].sum()) for f in flows.values()]
    out = pd.DataFrame({"sector": list(flows), "tariff": tariff, "weight": weights})
    out.attrs["condition"] = float(np.linalg.cond(industries))
    return out
