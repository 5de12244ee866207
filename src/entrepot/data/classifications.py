"""Classifications of sectors: the labels in data sets, and the divisions of ISIC Rev. 4 that each label covers."""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from entrepot.documents import plain, read_document
from entrepot.errors import InputError, UnknownNameError

#: Divisions of ISIC Rev. 4 that make goods: agriculture, mining and manufacturing.
GOODS_DIVISIONS = frozenset(range(1, 34))


@dataclass(frozen=True)
class Classification:
    """Sector labels and the divisions of ISIC Rev. 4 that each covers (reference/classifications.yaml).

    divisions  by label
    spellings  the label by each of its spellings, in lower case without punctuation
    products   by label, the beginnings of the HS codes that it has of a division which it shares with other labels
    """

    name: str
    title: str
    divisions: Mapping[str, frozenset[int]]
    spellings: Mapping[str, str]
    products: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def label(self, sector: str) -> str | None:
        """Return the label that `sector` is a spelling of; None if there is none."""
        return self.spellings.get(_fold(sector))


@functools.cache
def classifications() -> Mapping[str, Classification]:
    """Return the known classifications by name. Read-only."""
    known: dict[str, Classification] = {}
    for name, entry in reference_document("classifications.yaml").items():
        divisions, spellings, products = {}, {}, {}
        for sector in entry["sectors"]:
            divisions[sector["label"]] = frozenset(_divisions(sector["isic4"]))
            products[sector["label"]] = tuple(str(sector.get("hs", "")).split())
            for spelling in (sector["label"], *sector.get("also", ())):
                spellings[_fold(spelling)] = sector["label"]
        known[name] = Classification(
            name, entry["title"], MappingProxyType(divisions), MappingProxyType(spellings), MappingProxyType(products)
        )
    return MappingProxyType(known)


def reference_document(name: str) -> dict[str, Any]:
    """Return a YAML document of the folder reference as plain dicts and lists."""
    resource = importlib.resources.files("entrepot.data") / "reference" / name
    document: dict[str, Any] = plain(read_document(resource.read_text(encoding="utf-8"), name))
    return document


def _divisions(text: str) -> set[int]:
    """Divisions from "01-03 38"."""
    found: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def _fold(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", str(label).casefold())


def recognise(labels: Sequence[str], what: str = "sectors") -> Classification:
    """Return the classification that has all of `labels`.

    Where several have them, they must agree on the divisions that the labels cover. Raises `InputError` where they
    differ, or no classification has all labels.
    """
    fits = [c for c in classifications().values() if all(c.label(label) is not None for label in labels)]
    covers = {tuple(c.divisions[c.label(label) or ""] for label in labels) for c in fits}
    if len(covers) > 1:
        raise InputError(
            f"theta: the labels of the {what} fit the classifications {' and '.join(c.name for c in fits)}, which "
            f"differ; state the classification"
        )
    if not fits:
        best = max(classifications().values(), key=lambda c: sum(c.label(label) is not None for label in labels))
        strange = [label for label in labels if best.label(label) is None]
        raise InputError(
            f"theta: the {what} are of no classification known ({', '.join(classifications())}). Nearest is "
            f"{best.name}, which does not have {shortened(strange)}; give theta by sector, as a mapping or a CSV "
            f"(sector, theta)"
        )
    return fits[0]


def chosen_classification(name: str | None, labels: Sequence[str]) -> Classification:
    """Return the classification `name`, or the one recognised by the labels if it is None.

    Raises `UnknownNameError` for an unknown name, or a label that the classification does not have; `InputError`.
    """
    if name is None:
        return recognise(labels)
    if name not in classifications():
        raise UnknownNameError("classification", name, classifications())
    chosen = classifications()[name]
    for label in labels:
        if chosen.label(label) is None:
            raise UnknownNameError("sector", label, chosen.divisions, f"theta: classification {name}")
    return chosen


def divisions_of(labels: Sequence[str]) -> dict[str, frozenset[int]]:
    """Return the ISIC divisions that each label covers; empty sets if no known classification has all labels."""
    try:
        known = recognise(labels)
    except InputError:
        return dict.fromkeys(labels, frozenset())
    return {label: frozenset(known.divisions[known.label(label) or ""]) for label in labels}


def makes_goods(divisions: frozenset[int]) -> bool:
    """Whether a sector with these divisions makes goods; printing counts as goods even if publishing is in it."""
    return bool(divisions & GOODS_DIVISIONS)


def shortened(names: Sequence[str], limit: int = 5) -> str:
    """Return the first names separated by commas, and "..." where there are more."""
    return ", ".join(names[:limit]) + (" ..." if len(names) > limit else "")
