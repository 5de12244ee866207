"""Compare gegravity and the engine on an agreement between Canada and Japan, with one sector and balanced trade.

gegravity holds incomes at the base when it solves for resistances, so it answers a narrower question than the engine.
For the engine's question, its resistances are solved again at the incomes that they imply, until incomes no longer
change (the loop and its acceleration are ours; gegravity solves). `gap` checks the factory prices of every answer and
uses neither program.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import entrepot as ep
from entrepot.replications import gegravity as theirs
from entrepot.replications import sample

Array = NDArray[np.float64]
HEAD = (
    f"{'':<41}{'its ms':>7}{'(solver)':>10}{'ours ms':>9}{'ratio':>7}"
    f"{'its gap':>9}{'our gap':>9}{'prices':>8}{'GDP':>8}{'welfare':>8}"
)


@dataclass(frozen=True, eq=False)
class Answer:
    """Factory prices in units of world income, real GDP and welfare, percent changes, by country."""

    price: pd.Series
    gdp: pd.Series
    welfare: pd.Series


@dataclass(frozen=True, eq=False)
class Row:
    """Seconds of each, medians; gaps of both answers; the largest differences between them in percentage points."""

    what: str
    seconds: float
    in_solver: float
    ours: float
    gap: float
    our_gap: float
    difference: Answer

    def __str__(self) -> str:
        apart = "".join(
            f"{x.abs().max():>8.0e}" for x in (self.difference.price, self.difference.gdp, self.difference.welfare)
        )
        return (
            f"{self.what:<41}{1e3 * self.seconds:>7,.0f}{1e3 * self.in_solver:>10,.0f}{1e3 * self.ours:>9.1f}"
            f"{self.seconds / self.ours:>7,.0f}{self.gap:>9.0e}{self.our_gap:>9.0e}{apart}"
        )


def laid_out(e: ep.Economy) -> pd.DataFrame:
    """Return a one-sector Economy with balanced trade and no zeros as a table in the layout of the sample.

    All trade costs are put into distance. They make every resistance of the base one, so that gegravity starts at its
    solution.
    """
    value, b = e.value[0], sample.COEFFICIENTS
    sales, purchases = value.sum(axis=0), value.sum(axis=1)
    ln_cost = np.log(value * value.sum() / np.outer(purchases, sales))
    index = pd.MultiIndex.from_product([e.countries, e.countries], names=["importer", "exporter"])
    distance = (ln_cost - b["constant"]) / b["lndist"]
    table = pd.DataFrame({"trade": value.ravel(), "lndist": distance.ravel()}, index=index).reset_index()
    return table.assign(
        year=e.year or 0,
        Y=table["exporter"].map(dict(zip(e.countries, sales, strict=True))),
        E=table["importer"].map(dict(zip(e.countries, purchases, strict=True))),
        # Its agreement is laid on flows that are marked international; borders themselves are in distance here.
        **dict.fromkeys(["contiguity", "common_language", "pta"], 0.0),
        international=(table["importer"] != table["exporter"]).astype(float),
        lndist=table["lndist"] - b["international"] / b["lndist"] * (table["importer"] != table["exporter"]),
    )


def gap(base: ep.Economy, price: pd.Series) -> float:
    """Return the largest excess demand for a country's goods under the agreement, as a fraction of its sales.

    `price` are factory prices relative to the base; incomes follow them.
    """
    cost = np.zeros(base.domestic.shape)
    a, b = (base.countries.index(c) for c in theirs.AGREEMENT)
    cost[a, b] = cost[b, a] = sample.COEFFICIENTS["pta"]
    p, theta = price[list(base.countries)].to_numpy(), float(base.theta[0])
    income = p * base.value_added
    drawn = base.share[0] * np.exp(cost) * p**-theta
    return float(np.abs((drawn / drawn.sum(axis=1, keepdims=True)).T @ income / income - 1).max())


def in_units_of_world_income(price: pd.Series, base: ep.Economy) -> pd.Series:
    """Return prices divided by the change in world income."""
    weight = pd.Series(base.value_added / base.value_added.sum(), index=list(base.countries))
    return price / (price * weight).sum()


# ---- the two of them ----


def simulated(model: Any, base: ep.Economy, tol: float) -> Answer:
    """Return gegravity's own answer, with incomes of the base."""
    report = theirs.simulated(model, tol).country_results
    return Answer(
        in_units_of_world_income(1 + report["factory gate price change (percent)"] / 100, base),
        report["GDP change (percent)"],
        100 * (1 / report["welfare statistic"] - 1),
    )


def repeated(package: Any, table: pd.DataFrame, base: ep.Economy, tol: float) -> Answer:
    """Return gegravity's answer at the incomes that it implies. Spending is output, so welfare is real GDP."""
    price, inward = theirs.looped(package, table, tol)
    gdp = 100 * (price / inward - 1)
    return Answer(in_units_of_world_income(price, base), gdp, gdp)


def solved(base: ep.Economy, tol: float) -> Answer:
    """Return the engine's answer; it makes the tables of countries and trade, as gegravity's simulation does."""
    outcome = ep.solve(base, [theirs.agreement()], tol=tol)
    gain = outcome.countries["real_income_pct"]
    _ = outcome.trade
    price = pd.Series(np.exp(outcome.accounts.cleared.ln_wage), index=list(base.countries))
    return Answer(price, gain, gain)


def compare(package: Any, name: str, table: pd.DataFrame, repeat: int, tol: float) -> Iterator[Row]:
    """Yield three rows: from the table to the answer, the counterfactual alone, and with incomes adjusting."""
    base = theirs.economy(table)
    ours_whole, ours = timed(lambda: solved(theirs.economy(table), tol), repeat)
    ours_alone, _ = timed(lambda: solved(base, tol), repeat)

    def row(what: str, act: Callable[[Any], Answer], prepare: Callable[[], Any], our_seconds: float) -> Row:
        found = [run(package, act, prepare()) for _ in range(repeat)]
        seconds, in_solver = (float(np.median([f[k] for f in found])) for k in (0, 1))
        it: Answer = found[-1][2]
        difference = Answer(100 * (it.price - ours.price), it.gdp - ours.gdp, it.welfare - ours.welfare)
        return Row(
            f"{name}: {what}", seconds, in_solver, our_seconds, gap(base, it.price), gap(base, ours.price), difference
        )

    def built() -> Any:
        return theirs.built(package, table, tol)

    yield row("base incomes, whole", lambda _: simulated(built(), base, tol), lambda: None, ours_whole)
    yield row("base incomes, counterfactual", lambda m: simulated(m, base, tol), built, ours_alone)
    yield row("incomes adjusting, whole", lambda _: repeated(package, table, base, tol), lambda: None, ours_whole)


# ---- the clock ----


def timed(act: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the median seconds of `repeat` runs after one that is not counted, and the last result."""
    result, seconds = act(), []
    for _ in range(repeat):
        began = time.process_time()
        result = act()
        seconds.append(time.process_time() - began)
    return float(np.median(seconds)), result


def run(package: Any, act: Callable[[Any], Answer], prepared: Any) -> tuple[float, float, Answer]:
    """Return all seconds, the seconds in SciPy's root finder, which gegravity uses, and the answer."""
    with clocked(sys.modules[f"{package.__name__}.OneSectorGE"]) as spent:
        began = time.process_time()
        answer = act(prepared)
        return time.process_time() - began, sum(spent), answer


@contextmanager
def clocked(module: Any) -> Iterator[list[float]]:
    """Yield a list to which the seconds of each call of the module's `root` are added."""
    root, spent = module.root, []

    def with_clock(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return root(*args, **options)
        finally:
            spent.append(time.process_time() - began)

    module.root = with_clock
    try:
        yield spent
    finally:
        module.root = root
