"""Competition: how producers compete, and the names under which cases choose it."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import InputError


class Competition:
    """How producers compete: the base class of every kind.

    A kind is a frozen dataclass of its numbers, with a `__str__` for reports. `make` puts markups or costs of access
    to markets on a base, and `scale` states how productivity grows with the size of a sector.
    """

    def make(self, economy: Economy) -> Economy:
        """Return `economy` with this competition. Raises `InputError` where that is impossible."""
        raise NotImplementedError

    def scale(self, economy: Economy, stated: Array) -> Array:
        """Return scale elasticities [j] to be added to those that a closure states [j]."""
        return np.zeros(len(economy.sectors))

    @property
    def by_elasticity(self) -> bool:
        """Whether what `make` puts on a base depends on its trade elasticities."""
        return False

    def is_on(self, economy: Economy) -> bool:
        """Whether `economy` has this competition already."""
        return bool(economy.__dict__.get("_competition") == self._key)

    def on(self, economy: Economy) -> Economy:
        """Return `economy` with this competition, made once for a base and for all draws of its elasticities.

        Where it depends on elasticities it is made for each draw, and they share what only directs the search. Raises
        `InputError` for a base that has other markups or costs of access already.
        """
        origin, key = economy.origin, self._key
        if self.is_on(economy):
            return economy
        if (economy.has_markups or economy.has_selection) and (origin is economy or not self.is_on(origin)):
            raise InputError("closure: competition: the base has markups or access to markets of its own; leave it out")
        kept: dict[object, Economy] = origin.__dict__.setdefault("_competing", {})
        base, made = economy if self.by_elasticity else origin, kept.get(key)
        if made is None or (self.by_elasticity and (made.theta != economy.theta).any()):
            try:
                made = self.make(base)
            except InputError as error:
                raise InputError(f"closure: competition: {error}") from None
            first = kept.setdefault(key, made)
            if made is not base:
                made.__dict__["_competition"] = key
            if made is not first:
                made.__dict__["_origin"] = first
        return made if base is economy else made.with_elasticities(economy.theta)

    @property
    def _key(self) -> tuple[type[Competition], bytes]:
        """The class itself, since a class of the same name that was defined again is another one; and its numbers."""
        return type(self), pickle.dumps([getattr(self, f.name) for f in fields(self)])  # type: ignore[arg-type]


#: By the name that a case gives: `competition: {NAME: {its numbers}}`.
NAMES: dict[str, type[Competition]] = {}


def register(name: str, kind: type[Competition]) -> None:
    """Add a kind of competition that cases choose by `competition: {NAME: {its numbers}}`; Python needs no name.

    Raises `InputError` for a name in use, or a kind that defines neither `make` nor `on`.
    """
    if name in NAMES:
        raise InputError(f"competition {name!r}: the name is in use; take another")
    if kind.make is Competition.make and kind.on is Competition.on:
        raise InputError(f"competition {name!r}: {kind.__name__} has no make")
    NAMES[name] = kind
