"""Published sets of trade elasticities as data: what is in them, and which of them an Economy's come from.

`data.elasticities` maps them to sectors, which takes pandas; this module does not load it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from entrepot.data.classifications import classifications, isic_divisions, reference_document

#: How the note of an Economy begins some of whose elasticities the user has stated (`Economy.with_theta`).
PARTLY = "Elasticities: Stated by the user for"


@dataclass(frozen=True, kw_only=True)
class ElasticitySet:
    """Published trade elasticities (reference/elasticities.yaml).

    values          theta by sector of `classification`; empty if `uniform` applies to every sector
    nontraded       theta of services without a value
    estimate        what was estimated: theta, sigma - 1, the elasticity of imports to the tariff
    assumed         sectors whose value is not an estimate of the source; `assumption` says what it is
    cited_as        how the source of an Economy names the set
    also            other names, such as the abbreviations of the tariffwar package
    range           the range in the source from which `uniform` was chosen
    file, where     file is "user" if the numbers are not shipped and must be downloaded from `where`
    unusable        why the estimated parameter is not a theta of this model
    """

    name: str
    title: str
    citation: str
    table: str
    definition: str
    horizon: str
    verified: str
    classification: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    nontraded: float | None = None
    uniform: float | None = None
    range: tuple[float, float] | None = None
    file: str = ""
    where: str = ""
    unusable: str = ""
    estimate: str = ""
    assumed: tuple[str, ...] = ()
    assumption: str = ""
    cited_as: str = ""
    also: tuple[str, ...] = ()

    @property
    def has_numbers(self) -> bool:
        """Whether the package ships a theta of this set."""
        return not self.unusable and self.file != "user"

    @property
    def mean(self) -> float:
        """The simple mean of theta over the sectors of the set; NaN where the package ships none."""
        if not self.has_numbers:
            return float("nan")
        return self.uniform if self.uniform is not None else sum(self.values.values()) / len(self.values)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest theta; NaN where the package ships none."""
        if not self.has_numbers:
            return float("nan"), float("nan")
        every = [self.uniform] if self.uniform is not None else list(self.values.values())
        return min(every), max(every)

    @property
    def numbers(self) -> str:
        """One line with the range of theta and how it was verified."""
        if self.unusable:
            return "Not a theta of this model"
        if self.file:
            return "Numbers to be downloaded by the user"
        if self.uniform is not None:
            span = f" (of {self.range[0]:g} to {self.range[1]:g})" if self.range else ""
            return f"theta {self.uniform:g}{span}, {self.verified}"
        low, high = min(self.values.values()), max(self.values.values())
        return f"theta {low:g} to {high:g} in {len(self.values)} sectors, {self.verified}"

    def __str__(self) -> str:
        return f"{self.citation} ({self.table}; {self.definition}; {self.horizon})"


@functools.cache
def published() -> Mapping[str, ElasticitySet]:
    """Return the published sets by name. Read-only."""
    sets: dict[str, ElasticitySet] = {}
    for name, entry in reference_document("elasticities.yaml").items():
        bounds = entry.pop("range", None)
        groups, of = entry.pop("groups", None), entry.pop("of", None)
        assumed = entry.pop("assumed", ())
        if groups is not None:
            entry["values"] = _spread(groups, entry["classification"], sets[of].values if of else {})
            entry["assumed"] = tuple(_spread(dict.fromkeys(assumed, 0.0), entry["classification"], {}))
        entry["values"] = MappingProxyType(entry.get("values", {}))
        entry["also"] = tuple(entry.get("also", ()))
        sets[name] = ElasticitySet(name=name, range=tuple(bounds) if bounds else None, **entry)
    return MappingProxyType(sets)


def _spread(groups: Mapping[str, Any], classification: str, other: Mapping[str, float]) -> dict[str, float]:
    """Return values by sector of a classification from values, or means of `other`'s sectors, by ISIC Rev. 4 code."""
    numbers = {
        isic_divisions(code): sum(other[name] for name in value) / len(value) if isinstance(value, list) else value
        for code, value in groups.items()
    }
    return {
        label: number
        for label, covered in classifications()[classification].divisions.items()
        for divisions, number in numbers.items()
        if covered <= divisions
    }


def elasticity_sets() -> Mapping[str, ElasticitySet]:
    """Return the published sets of trade elasticities by name: paper, what was estimated, values by sector. Read-only.

    Any of the names, or of their abbreviations in `also`, may be given as theta: `ep.run(case, theta="ll2023")`.
    """
    return published()


def sets_with_numbers() -> tuple[str, ...]:
    """Return the names of the published sets whose theta the package ships: those that `each` stands for."""
    return tuple(name for name, found in published().items() if found.has_numbers)


def set_named(name: str) -> ElasticitySet | None:
    """Return the set with this name, or with this abbreviation in any case; None if there is none."""
    if name in published():
        return published()[name]
    return next((s for s in published().values() if name.casefold() in map(str.casefold, s.also)), None)


def with_sectors(name: str, sectors: Mapping[str, Any] | None) -> str | dict[str, Any]:
    """Return the name of a set with what the sectors cover, as `read_elasticities` takes it."""
    return {"set": name, "sectors": dict(sectors)} if sectors else name


def set_behind(economy: Any) -> ElasticitySet | None:
    """Return the published set that an Economy's elasticities come from; None where its notes cite none."""
    notes = [note for note in economy.notes if note.startswith("Elasticities:") and not note.startswith(PARTLY)]
    for found in published().values():
        if any(note.startswith(f"Elasticities: {found}") or _named_in(note, found) for note in notes):
            return found
    if any(not note.startswith("Elasticities: weighted by") for note in notes):  # of a number, a file or the user
        return None
    return next((found for found in published().values() if _named_in(economy.source, found)), None)


def _named_in(text: str, found: ElasticitySet) -> bool:
    return bool(found.cited_as) and found.cited_as in text
