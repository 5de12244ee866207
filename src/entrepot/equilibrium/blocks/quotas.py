"""Quotas: the wedge of a licence, and the volume at which it holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.quantity_limits import Quotas


class Licences(Block):
    """ln(1+mu) by flow [f] from ln(1+mu) by quota [q]."""

    takes = ("ln_mu",)
    gives = ("ln_wedge",)

    def __init__(self, quotas: Quotas) -> None:
        self.quotas = quotas

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln(1+mu) by flow [f]."""
        return (self.quotas.ln_wedge(v["ln_mu"]),)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln(1+mu) by quota [q]."""
        q, ln_mu = self.quotas, v["ln_mu"]
        by_flow = q.wedge_slope(ln_mu, v["ln_wedge"]) * by["ln_wedge"]
        return {"ln_mu": np.bincount(q.owner, by_flow, ln_mu.size).astype(float).reshape(ln_mu.shape)}


class Complementarity(Block):
    """0 <= mu _|_ cap - volume >= 0 [q]: the wedge moves by the log gap over 1 + theta, within its bounds."""

    takes = ("ln_mu", "volume")
    gives = ("next_ln_mu",)

    def __init__(self, quotas: Quotas) -> None:
        self.quotas = quotas

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the next ln(1+mu) by quota [q]."""
        q = self.quotas
        if not q.count:
            return (v["ln_mu"],)
        gap = np.log(np.maximum(v["volume"], 1e-300)) - q.ln_cap
        return (np.clip(v["ln_mu"] + gap / (1.0 + q.theta), 0.0, q.ln_ceiling),)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln(1+mu) and in volumes [q]; zero where a wedge is at a bound."""
        moves, binding = self._moves(v, by)
        return {"ln_mu": moves, "volume": moves / (1 + self.quotas.theta) / np.where(binding, v["volume"], 1.0)}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln cap [q]."""
        policy.ln_cap -= self._moves(v, by)[0] / (1 + self.quotas.theta)

    def _moves(self, v: Values, by: Values) -> tuple[Array, NDArray[np.bool_]]:
        """The slopes of quotas whose next wedge is inside its bounds, and which those are."""
        (after,) = self.forward(v)
        binding = (after > 0) & (after < self.quotas.ln_ceiling)
        return np.where(binding, by["next_ln_mu"], 0.0), binding
