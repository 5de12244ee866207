"""Competition: what producers of a sector make of a base, and the names under which closures and cases have it."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import InputError


class Competition:
    """How producers compete. A kind of its own is a frozen dataclass of its numbers, with a `__str__` for reports; it
    says with `make` what it makes of a base (markups, what access to markets costs), and with `scale` how productivity
    grows with a sector.
    """

    def make(self, economy: Economy) -> Economy:
        """`economy` with this competition. Raises `InputError` where it cannot be."""
        raise NotImplementedError

    def scale(self, economy: Economy, stated: Array) -> Array:
        """Scale elasticities [j] beside those that a closure states [j]."""
        return np.zeros(len(economy.sectors))

    def on(self, economy: Economy) -> Economy:
        """What `make` makes of the base, once for it and for what is drawn from it. Raises `InputError` for a base with
        markups or access to markets of its own.
        """
        # By the class itself: one of the same name that was written anew is another.
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
    """Let cases have a competition of one's own: `competition: {NAME: {its numbers}}`; in Python it needs no name.

    Raises `InputError` for a name in use, or a kind with neither a `make` nor an `on` of its own.
    """
    if name in NAMES:
        raise InputError(f"competition {name!r}: the name is in use; take another")
    if kind.make is Competition.make and kind.on is Competition.on:
        raise InputError(f"competition {name!r}: {kind.__name__} has no make")
    NAMES[name] = kind
