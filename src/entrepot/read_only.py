"""Nouns that hand out what they keep: arrays that cannot be written to, and copies of tables."""

from __future__ import annotations

from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np

C = TypeVar("C", bound=type)

#: Return types of which each reader gets a copy, as annotations write them.
_TABLES = ("pd.DataFrame", "pd.Series", "xr.Dataset")


def read_only(noun: C) -> C:
    """Return a class whose cached properties no reader can change; apply it to a class that computes them.

    Arrays, alone or in a dict, refuse to be written to. Of tables every reader has a copy: what is put into one is not
    in the next. The arrays of an xarray Dataset refuse to be written to as well.
    """
    for name, kept in list(vars(noun).items()):
        if not isinstance(kept, cached_property):
            continue
        kind = str(kept.func.__annotations__.get("return", ""))
        if kind.startswith(_TABLES):
            setattr(noun, name, _CopiedTable(name, kept.func))
        else:
            frozen = cached_property(_frozen(kept.func))
            frozen.__set_name__(noun, name)
            setattr(noun, name, frozen)
    return noun


def _frozen(make: Any) -> Any:
    @wraps(make)
    def made(noun: Any) -> Any:
        found = make(noun)
        for array in found.values() if isinstance(found, dict) else (found,):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
        return found

    return made


class _CopiedTable:
    """A property that computes a table once, as `cached_property` does, and gives every reader a copy."""

    def __init__(self, name: str, make: Any) -> None:
        self.name, self.func, self.__doc__ = name, make, make.__doc__

    def __get__(self, noun: Any, owner: type | None = None) -> Any:
        if noun is None:
            return self
        kept = noun.__dict__
        if self.name not in kept:
            kept[self.name] = self.func(noun)
        found = _without_writing(kept[self.name])  # each time, as arrays that were pickled may be written to again
        return None if found is None else found.copy()

    def __set__(self, noun: Any, value: Any) -> None:
        raise AttributeError(f"{type(noun).__name__}.{self.name} cannot be set")


def _without_writing(table: Any) -> Any:
    """Return a Dataset with arrays that refuse to be written to, since its copies share them; other tables as given."""
    for variable in getattr(table, "data_vars", {}).values():
        variable.values.flags.writeable = False
    return table
