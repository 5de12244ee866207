"""Concordances: the sector of each product."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.frames import as_labels, read_frame, unused_note
from entrepot.documents import as_path, shipped_document
from entrepot.errors import DocumentError, InputError, TableError, UnknownNameError, nearest
from entrepot.words import counted


@dataclass(frozen=True)
class Concordance:
    """A mapping from products to sectors.

    sector_of  sector by product code
    prefixes   whether a code also covers the products that begin with it; the longest match wins (8703 before 87)
    """

    sector_of: dict[str, str]
    prefixes: bool = False
    notes: tuple[str, ...] = ()

    @property
    def sectors(self) -> tuple[str, ...]:
        """The sectors, in order of first appearance."""
        return tuple(dict.fromkeys(self.sector_of.values()))

    @functools.cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(code) for code in self.sector_of}, reverse=True) if self.prefixes else []

    def sector(self, product: str) -> str | None:
        """Return the sector of a product code; None if it is not in the concordance."""
        code = harmonized(bare_code(product)) if self.prefixes else product
        beginnings = (product, *(code[:n] for n in self._lengths if n <= len(code)))
        return next((self.sector_of[b] for b in beginnings if b in self.sector_of), None)

    def positions(self, products: Sequence[str], sectors: Sequence[str]) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Return the position of each product's sector in `sectors`; -1 if the product has none."""
        position: dict[str | None, int] = {sector: j for j, sector in enumerate(sectors)}
        return np.array([position.get(self.sector(str(product)), -1) for product in products], dtype=np.intp)


def everything(sector: str) -> Concordance:
    """Return a concordance that puts all products into one sector."""
    return Concordance({"": sector}, prefixes=True)


@functools.cache
def hs_sections() -> Concordance:
    """Return the 21 sections of the Harmonized System by chapter (reference/hs_sections.yaml)."""
    sections = shipped_document("data/reference/hs_sections.yaml")["sections"]
    return Concordance(
        {
            f"{chapter:02d}": f"{code} {section['title']}"
            for code, section in sections.items()
            for chapter in range(section["chapters"][0], section["chapters"][1] + 1)
            if chapter != 77  # reserved
        },
        prefixes=True,
    )


#: 8703.23.01 or 8703 23 01 90: headings and subheadings are separated.
_SET_APART = re.compile(r"^\d{4}([. ]\d{2}){1,3}$|^\d{4}[. ]\d{2}[. ]\d{4}$")
#: 0101210020 Horses, Live; or 0101210000 80, where the last two digits are TARIC's suffix.
_WITH_A_NAME = re.compile(r"^(\d{2}|\d{4}|\d{6}|\d{8}|\d{10})\s+\D|^(\d{10}) \d{2}$")


def bare_code(written: str) -> str:
    """Return the digits of a product code as written; lost leading zeros are not restored.

    Points and spaces between its parts, quotes (="0101"), the .0 of a spreadsheet number, a name behind the code and
    the two-digit suffix of TARIC are removed.
    """
    text = written.strip().strip("='\"")
    named = _WITH_A_NAME.match(text)
    if named:
        return named[1] or named[2]
    if _SET_APART.match(text) and not re.fullmatch(r"\d{4}\.0", text):
        return re.sub(r"[. ]", "", text)
    return text.removesuffix(".0")


def harmonized(code: Any) -> str:
    """Return an HS code with the leading zero that a spreadsheet removed: HS codes have an even number of digits."""
    text = str(code).strip().strip("='\"").removesuffix(".0")
    return text.zfill(len(text) + len(text) % 2) if text.isdigit() else text


def lost_zeros(codes: Iterable[str]) -> bool:
    """Whether the codes of a table have lost leading zeros in a spreadsheet.

    That is so if it has codes of even length and none of them begins with a zero.
    """
    even = [code for code in codes if code.isascii() and code.isdigit() and len(code) % 2 == 0]
    return bool(even) and not any(code.startswith("0") for code in even)


def read_concordance(given: Any, *, hs: bool = True, sectors: Sequence[str] | None = None) -> Concordance:
    """Read a concordance from a DataFrame or a file with the columns product (or industry_id) and sector.

    hs       whether the codes are HS codes or beginnings of them; else they are whole codes of another list
    sectors  the known sectors; another name raises `UnknownNameError`
    Raises `TableError` for a product without a sector or in two sectors, and (hs) for a code that is not an HS code.
    """
    if isinstance(given, Concordance):
        return given
    frame, where, notes = _table(given)
    product = next((c for c in ("product", "industry_id") if c in frame.columns), None)
    if product is None or "sector" not in frame.columns:
        missing = "sector" if product else "product"
        raise TableError(
            f"{where}: no column {missing!r}{nearest(missing, map(str, frame.columns))}; product and sector are needed"
        )
    notes += unused_note([c for c in map(str, frame.columns) if c not in (product, "sector")], where)
    by_folded = {name.casefold(): name for name in sectors or ()}
    sector_of: dict[str, str] = {}
    restored = 0
    products = as_labels(frame[product], where)
    lost = lost_zeros(map(bare_code, products.dropna()))
    for row, (written, name) in enumerate(zip(products, as_labels(frame["sector"], where), strict=True), start=1):
        if written is None or name is None:
            raise TableError(f"{where}, row {row}: product or sector is empty")
        bare = bare_code(written) if hs else written
        chapter = len(bare) == 1  # 1 can only be chapter 01, while 870 may be the beginning of 8703
        key = harmonized(bare) if hs and (lost or chapter) else bare if hs else written
        restored += hs and key != bare
        if hs and not re.fullmatch(r"([0-9]{2}){1,5}", key):
            raise TableError(f"{where}, row {row}: {written!r} is not an HS code of 2, 4, 6 or more digits")
        if sectors is not None and name.casefold() not in by_folded:
            raise UnknownNameError("sector", name, sectors, f"{where}, row {row}")
        name = by_folded.get(name.casefold(), name)
        if sector_of.setdefault(key, name) != name:
            raise TableError(f"{where}, row {row}: the product {key} is in the sectors {sector_of[key]} and {name}")
    if not sector_of:
        raise TableError(f"{where}: the table has no rows")
    if restored:
        notes.append(f"{where}: {counted(restored, 'code')} had lost a leading zero, which was restored.")
    return Concordance(sector_of, prefixes=hs, notes=tuple(notes))


def _table(given: Any) -> tuple[pd.DataFrame, str, list[str]]:
    """A table of products and sectors, its name in messages, and notes on how it was read."""
    if not isinstance(given, pd.DataFrame | str | os.PathLike):
        raise InputError(f"concordance={given!r}: a table (product, sector) is needed, or the path of one")
    if isinstance(given, str | os.PathLike) and not as_path(given).exists() and "#" not in str(given):
        raise DocumentError("no such concordance file (product, sector)", path=str(given))
    known = ("product", "industry_id", "sector")
    frame, opened = read_frame(given, "concordance", known=known, recognises=lambda names: "sector" in names)
    return frame, opened.where, [f"{opened.where}: {note}" for note in opened.notes]
