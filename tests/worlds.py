"""Worlds made up for tests: random, but consistent by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import entrepot as ep

#: Set by `pytest --shuffled`: worlds then come with their countries and sectors in another order.
SHUFFLED = False


def in_any_order(e: ep.Economy) -> ep.Economy:
    """The same Economy; with `--shuffled`, its countries and sectors in another order, always the same one."""
    return reordered(e, seed=1) if SHUFFLED else e


def reordered(e: ep.Economy, seed: int) -> ep.Economy:
    """The same Economy in another order, drawn with `seed`, in which no country and no sector keeps its place."""
    n, j = _another_order(len(e.countries), seed), _another_order(len(e.sectors), seed)
    return replace(
        e,
        countries=tuple(e.countries[k] for k in n),
        sectors=tuple(e.sectors[k] for k in j),
        value=e.value[np.ix_(j, n, n)],
        tariff=e.tariff[np.ix_(j, n, n)],
        inputs=e.inputs[np.ix_(n, j, j)],
        theta=e.theta[j],
    )


def place(e: ep.Economy, *codes: str) -> tuple[int, ...]:
    """Where codes stand in the arrays of an Economy: `place(e, "s00", "C00", "C01")` is a flow [j,n,i]."""
    return tuple((e.sectors if code in e.sectors else e.countries).index(code) for code in codes)


def _another_order(size: int, seed: int) -> np.ndarray:
    rng, order = np.random.default_rng(seed), np.arange(size)
    while size > 1 and (order == np.arange(size)).any():
        order = rng.permutation(size)
    return order


def random_world(
    countries: int,
    sectors: int,
    seed: int,
    *,
    openness: float = 0.3,
    tariffs: bool = True,
    inputs: bool = True,
    theta: float | None = None,
    deficits: float = 0.05,
) -> ep.Economy:
    """Gravity-like trade with uneven sizes, deficits, zeros and tariffs; final demand is positive throughout."""
    rng = np.random.default_rng(seed)
    n, j = countries, sectors
    size = np.exp(rng.normal(0, 1, n))
    value = rng.uniform(0.2, 1.0, (j, n, n)) * size[:, None] * size * openness / n
    absent = np.triu(rng.uniform(0, 1, value.shape) < 0.1)
    absent[0] = False  # some flows are zero, none in the first sector
    value[absent | absent.transpose(0, 2, 1)] = 0.0
    value = (value + value.transpose(0, 2, 1)) / 2  # symmetric trade balances every pair,
    value *= 1 + deficits * rng.uniform(-1, 1, value.shape)  # but for this much
    value[:, range(n), range(n)] = rng.uniform(0.5, 1.5, (j, n)) * size * size.mean()
    tariff = (
        rng.uniform(0, 0.2, value.shape) * (rng.uniform(0, 1, (j, 1, 1)) > 0.3) if tariffs else np.zeros_like(value)
    )
    tariff[:, range(n), range(n)] = 0.0
    recipe = np.zeros((n, j, j))
    if inputs:
        recipe = rng.uniform(0, 1, (n, j, j))
        recipe *= rng.uniform(0.1, 0.35, (n, 1, j)) / recipe.sum(axis=1, keepdims=True)
    output = value.sum(axis=1)
    while (np.einsum("nkj,jn->kn", recipe, output) > 0.9 * (value * (1 + tariff)).sum(axis=2)).any():
        recipe /= 2  # something must be left for final demand
    made = ep.Economy(
        countries=tuple(f"C{k:02d}" for k in range(n)),
        sectors=tuple(f"s{k:02d}" for k in range(j)),
        value=1000 * value,
        tariff=tariff,
        inputs=recipe,
        theta=np.full(j, theta) if theta else rng.uniform(1.5, 8.0, j),
        name=f"random {seed}",
    )
    return in_any_order(made)


@dataclass(frozen=True, kw_only=True)
class Own(ep.measures.Measure):
    """An instrument of one's own: whatever a function puts."""

    does: Callable[[ep.measures.Policy], Any]
    kind = "own"

    def put(self, policy: ep.measures.Policy) -> None:
        self.does(policy)
