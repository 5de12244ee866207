"""Classifications of sectors: the labels in data sets, and the divisions of ISIC Rev. 4 that each label covers."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from entrepot.documents import shipped_document
from entrepot.errors import InputError, UnknownNameError
from entrepot.words import listed

#: How the error begins to say that sectors cannot be placed.
UNPLACED = "of no classification known"
#: Sections of ISIC Rev. 4, each with its first and last division.
SECTIONS = {
    letter: (int(first), int(last))
    for letter, first, last in re.findall(
        r"(\w)(\d\d)-(\d\d)",
        "A01-03 B05-09 C10-33 D35-35 E36-39 F41-43 G45-47 H49-53 I55-56 J58-63 K64-66 L68-68 M69-75 N77-82 O84-84 "
        "P85-85 Q86-88 R90-93 S94-96 T97-98 U99-99",
    )
}
#: A code such as C29, C10T12, C17_18, C10-C12, C24A or C302T309: a section with divisions, or groups of one of them.
_CODE = re.compile(r"([A-U])(\d\d)(?:\d{0,2}|[A-Z])(?:(?:T|_|-|TO)(?:\1)?(\d\d)\d{0,2})?")
_SECTION_RANGE = re.compile(r"([A-U])(?:[-_T]([A-U]))?")

#: Divisions of ISIC Rev. 4 that make goods: agriculture, mining and manufacturing.
GOODS_DIVISIONS = frozenset(range(1, 34))
#: The first division of ISIC Rev. 4 whose products are services: construction.
FIRST_OF_SERVICES = 41


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
    document: dict[str, Any] = shipped_document(f"data/reference/{name}")
    return document


def isic_divisions(code: str) -> frozenset[int]:
    """Return the divisions of a code of ISIC Rev. 4 with the letter of its section; empty if it is not one.

    Codes are C29, C291, C24A, ranges (C10T12, C17_18, C10-C12, C302T309), and sections (A, R_S). Digits without a
    letter are not read, since they may be of another revision.
    """
    text = re.sub(r"\s", "", code.upper().replace("\N{EN DASH}", "-"))
    if found := _CODE.fullmatch(text):
        first, last = int(found[2]), int(found[3] or found[2])
        low, high = SECTIONS[found[1]]
        return frozenset(range(first, last + 1)) if low <= first <= last <= high else frozenset()
    if found := _SECTION_RANGE.fullmatch(text):
        first, last = SECTIONS[found[1]][0], SECTIONS[found[2] or found[1]][1]
        inside = {d for low, high in SECTIONS.values() for d in range(low, high + 1)}
        return frozenset(d for d in range(first, last + 1) if d in inside)
    return frozenset()


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
        raise _unplaced([label for label in labels if best.label(label) is None], best, what)
    return fits[0]


def _unplaced(strange: Sequence[str], nearest: Classification, what: str = "sectors") -> InputError:
    return InputError(
        f"theta: the {what} are {UNPLACED} ({', '.join(classifications())}). Nearest is "
        f"{nearest.name}, which does not have {listed(strange)}; say which sectors of ISIC Rev. 4 they cover, as in "
        f"{{set: NAME, sectors: {{{strange[0]}: C29}}}}, or give theta by sector, as a mapping or a CSV (sector, theta)"
    )


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


@dataclass(frozen=True)
class PlacedSectors:
    """The divisions of ISIC Rev. 4 that sectors cover, and how they were found.

    divisions  by sector; an empty set where a classification places none for certain
    title      of the classification that the sectors are of, or of most of them
    notes      a sentence on sectors that were placed in another way
    """

    divisions: Mapping[str, frozenset[int]]
    title: str
    notes: tuple[str, ...] = ()


def placed_sectors(
    labels: Sequence[str], classification: str | None = None, stated: Mapping[str, Any] | None = None
) -> PlacedSectors:
    """Return the divisions of ISIC Rev. 4 that each sector covers.

    `stated` says so by sector, as a code (C29), divisions ("29-30") or several ("A01 A02", or a list). The others are
    of `classification`; of one that has them all; else of the one that has most, then codes of ISIC Rev. 4, then of any
    classification that has them. Raises `InputError` that names the sectors which cannot be placed.
    """
    stated = {str(label): _stated_divisions(label, codes) for label, codes in (stated or {}).items()}
    for label in stated:
        if label not in labels:
            raise UnknownNameError("sector", label, labels, "theta: sectors")
    rest = [label for label in labels if label not in stated]
    as_stated = (f"{listed(stated)} as stated",) if stated else ()
    if not rest:
        return PlacedSectors(stated, "the sectors as stated")
    try:
        known = chosen_classification(classification, rest)
        found = {label: known.divisions[known.label(label) or ""] for label in rest}
        return PlacedSectors({**found, **stated}, known.title, as_stated)
    except InputError as error:
        if classification is not None:
            raise
        found, title, notes, lost = _one_by_one(rest)
        if lost and not any(all(c.label(label) is not None for label in rest) for c in classifications().values()):
            most = max(classifications().values(), key=lambda c: sum(c.label(label) is not None for label in rest))
            raise _unplaced(lost, most) from None
        if lost:  # classifications that have all labels differ on them
            raise error from None
        return PlacedSectors({**found, **stated}, title, (*as_stated, *notes))


def _one_by_one(labels: Sequence[str]) -> tuple[dict[str, frozenset[int]], str, tuple[str, ...], list[str]]:
    """Place labels that no classification has all of: divisions, title, notes, and the labels that have no place.

    Where classifications differ on a label, one that covers all the others decides (agriculture with or without
    fishing).
    """
    number = {c.name: sum(c.label(label) is not None for label in labels) for c in classifications().values()}
    most = max(number.values())
    best = [c for c in classifications().values() if number[c.name] == most and most > 1]
    found: dict[str, frozenset[int]] = {}
    other: list[str] = []
    lost: list[str] = []
    for label in labels:
        covers = {c.divisions[name] for c in best if (name := c.label(label)) is not None}
        if not covers:
            code = isic_divisions(label)
            everywhere = {c.divisions[n] for c in classifications().values() if (n := c.label(label)) is not None}
            covers = {code} if code else {divisions for divisions in everywhere if divisions}
            other.append(label)
        widest = frozenset().union(*covers)
        if widest in covers:
            found[label] = widest
        else:
            lost.append(label)
    title = best[0].title if best else "ISIC Rev. 4 by code and name"
    return found, title, (f"{listed(other)} by code or name",) if best and other else (), lost


def _stated_divisions(label: str, codes: Any) -> frozenset[int]:
    """Return the divisions that a user states for a sector: C29, "29-30", "A01 A02", a label, or a list of these."""
    parts = re.split(r"[\s,]+", str(codes).strip()) if isinstance(codes, str | int) else [str(c) for c in codes or ()]
    found: set[int] = set()
    for part in parts:
        plain = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part)
        divisions = frozenset(range(int(plain[1]), int(plain[2] or plain[1]) + 1)) if plain else isic_divisions(part)
        broad = classifications()["broad"]
        if not divisions and (name := broad.label(part)) is not None:
            divisions = broad.divisions[name]
        if not divisions or not all(1 <= d <= 99 for d in divisions):
            raise InputError(
                f"theta: sectors: {label}: {part!r} is not a code of ISIC Rev. 4; give one such as C29, C10T12 or A, "
                f"divisions such as 29-30, or one of {', '.join(broad.divisions)}"
            )
        found |= divisions
    return frozenset(found)


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


def makes_services_alone(divisions: frozenset[int]) -> bool:
    """Whether a sector with these divisions makes nothing but services: construction (41) and all that comes after it.

    Electricity, gas and water (35 to 39) cross borders as goods. A sector without known divisions may make goods.
    """
    return bool(divisions) and min(divisions) >= FIRST_OF_SERVICES
