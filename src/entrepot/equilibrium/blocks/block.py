"""The base class of blocks: one idea of the economy, forward and backward, in named arrays.

Every array may have an axis of members in front: a block works on one world or on several side by side. Backward means
reverse differentiation: from the slopes of one number in what a block gives to its slopes in what the block takes
(Griewank and Walther 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import InputError
from entrepot.words import and_list

#: Arrays by name.
Values = dict[str, Array]


@dataclass
class PolicySlopes:
    """Derivatives of one number in policy; two of them can be added.

    They are by ln(1+t) and ln(1+e) of every flow [j,n,i], by ln(1+s) of every output [j,i], and by ln cap and the
    exporters' share of the rent of every quota [q].
    """

    ln_tariff: Array
    ln_export_tax: Array
    ln_subsidy: Array
    ln_cap: Array
    exporter_share: Array

    @classmethod
    def none(cls, flows: tuple[int, ...], quotas: int) -> PolicySlopes:
        """Zeros, for flows of this shape [j,n,i] and this number of quotas."""
        output = (flows[0], flows[2])
        return cls(np.zeros(flows), np.zeros(flows), np.zeros(output), np.zeros(quotas), np.zeros(quotas))

    def __add__(self, other: PolicySlopes) -> PolicySlopes:
        return PolicySlopes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Block:
    """One idea of the economy: it computes the arrays that it `gives` from those that it `takes`, and slopes back.

    known_as   arrays that the block does not compute, but whose slopes it can pull back
    """

    takes: tuple[str, ...]
    gives: tuple[str, ...]
    known_as: tuple[str, ...] = ()

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the arrays that the block gives, in the order of `gives`; `v` holds those that it takes."""
        raise NotImplementedError

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in what the block takes, from slopes `by` in what it gives, at the point `v`."""
        raise NotImplementedError

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in the policy that the block itself reads, for one Problem without an axis of members."""


def add_rule(kind: str, rules: dict[str, Any], name: str, rule: type, base: type, needed: tuple[str, ...]) -> None:
    """Add a rule of a `kind` under a name.

    Raises `InputError` for a name in use, and for a rule without one of its phrases or of the methods `needed` that its
    `base` leaves open.
    """
    if name in rules:
        raise InputError(f"{kind} rule {name!r}: the name is in use; take another")
    stated = {"held", "named", "stated"} & set(base.__annotations__)
    missing: list[str] = [key for key in sorted(stated) if not isinstance(getattr(rule, key, None), str)]
    missing += [key for key in needed if getattr(rule, key, None) in (None, getattr(base, key))]
    if missing:
        raise InputError(f"{kind} rule {name!r}: {rule.__name__} has no {and_list(missing)}")
    rules[name] = rule


class Chain:
    """Blocks one after the other, each of which takes what those before it give."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)

    def forward(self, v: Values) -> Values:
        """Return `v` with the arrays that every block gives."""
        for block in self.blocks:
            v.update(zip(block.gives, block.forward(v), strict=True))
        return v

    def pull(self, v: Values, by: Values, policy: PolicySlopes | None = None) -> Values:
        """Return slopes in what no block gives, from slopes `by` in any array, and add those in policy to `policy`."""
        by = dict(by)
        for block in reversed(self.blocks):
            given = {name: by.pop(name) for name in (*block.gives, *block.known_as) if name in by}
            if not given:
                continue
            given |= {name: np.zeros(v[name].shape) for name in block.gives if name not in given}
            if policy is not None:
                block.pull_policy(v, given, policy)
            for name, slope in block.pull(v, given).items():
                by[name] = by[name] + slope if name in by else slope
        return by
