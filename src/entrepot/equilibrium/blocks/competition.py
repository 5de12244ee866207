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

    def on(self, economy: Economy) -> Economy:
        """Return `economy` with this competition, made once for a base and for all draws of its elasticities.

        Raises `InputError` for a base that has markups or costs of access already.
        """
        # The key is the class itself: a class of the same name that was defined again is another one.
        key = (type(self), pickle.dumps([getattr(self, f.name) for f in fields(self)]))  # type: ignore[arg-type]
        if economy.__dict__.get("_competition") == key:
            return economy
        if economy.has_markups or economy.has_selection:
            raise InputError("closure: competition: the base has markups or access to markets of its own; leave it out")
        kept: dict[object, Economy] = economy.origin.__dict__.setdefault("_competing", {})
        made = kept.get(key)
        if made is None:
            try:
                made = kept[key] = self.make(economy.origin)
            except InputError as error:
                raise InputError(f"closure: competition: {error}") from None
            if made is not economy.origin:
                made.__dict__["_competition"] = key
        return made if economy is economy.origin else made.with_elasticities(economy.theta)


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
