"""Concordances: which sector a product belongs to."""

from __future__ import annotations

import functools
import importlib.resources
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.documents import as_path, plain, read_yaml
from entrepot.errors import DocumentError, InputError, TableError

#: Digits at which the Harmonized System has names of its own: chapter, heading, subheading.
HS_LEVELS = (2, 4, 6)


@dataclass(frozen=True)
class Concordance:
    """sector_of  sector by product code; `levels` says how many digits the codes may have, none: whole codes only.

    With levels the longest prefix of a product decides: 8703 goes before 87.
    """

    sector_of: dict[str, str]
    levels: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sectors(self) -> tuple[str, ...]:
        """In order of first appearance."""
        return tuple(dict.fromkeys(self.sector_of.values()))

    def sector(self, product: str) -> str | None:
        """Of one product code; None where it is not in the concordance."""
        prefixes = [product[:digits] for digits in sorted(self.levels, reverse=True)] or [product]
        return next((self.sector_of[p] for p in prefixes if p in self.sector_of), None)


@functools.cache
def hs_sections() -> Concordance:
    """The 21 sections of the Harmonized System, by chapter (data/hs_sections.yaml)."""
    resource = importlib.resources.files("entrepot.economy") / "data" / "hs_sections.yaml"
    sections = plain(read_yaml(resource.read_text(encoding="utf-8"), "hs_sections.yaml"))["sections"]
    return Concordance(
        {
            f"{chapter:02d}": f"{code} {section['title']}"
            for code, section in sections.items()
            for chapter in range(section["chapters"][0], section["chapters"][1] + 1)
            if chapter != 77  # reserved
        },
        (2,),
    )


def read_concordance(given: Any, *, hs: bool) -> Concordance:
    """A concordance from a DataFrame or a CSV file with the columns product (or industry_id) and sector.

    With `hs`, products are codes of the Harmonized System of 2, 4 or 6 digits; a leading zero that a spreadsheet
    dropped is put back and noted. Raises `TableError` for a product without a sector, in two sectors, or no HS code.
    """
    frame, where = _table(given)
    product = next((c for c in ("product", "industry_id") if c in frame.columns), None)
    if product is None or "sector" not in frame.columns:
        raise TableError(f"{where}: the columns product and sector are needed (it has: {', '.join(frame.columns)})")
    codes = frame[product].astype("string").str.strip()
    sectors = frame["sector"].astype("string").str.strip()
    blank = (codes.fillna("") == "") | (sectors.fillna("") == "")
    if blank.any():
        raise TableError(f"{where}, row {int(blank.to_numpy().argmax()) + 1}: product or sector is empty")
    notes = []
    if hs:
        short = codes.str.len() % 2 == 1
        codes = codes.where(~short, "0" + codes)
        if short.any():
            notes.append(f"{where}: {int(short.sum())} codes had lost their leading zero.")
        wrong = ~codes.str.fullmatch(r"(\d{2}){1,3}")
        if wrong.any():
            at = int(wrong.to_numpy().argmax())
            raise TableError(f"{where}, row {at + 1}: {codes.iloc[at]!r} is not an HS code of 2, 4 or 6 digits")
    twice = codes.duplicated()
    if twice.any():
        at = int(twice.to_numpy().argmax())
        raise TableError(f"{where}, row {at + 1}: the product {codes.iloc[at]!r} stands twice")
    sector_of = dict(zip(codes.astype(str), sectors.astype(str), strict=True))
    levels = tuple(sorted({len(code) for code in sector_of})) if hs else ()
    return Concordance(sector_of, levels, tuple(notes))


def _table(given: Any) -> tuple[pd.DataFrame, str]:
    if isinstance(given, pd.DataFrame):
        return given.reset_index(drop=True), "sectors"
    if not isinstance(given, str | os.PathLike):
        raise InputError(f"sectors={given!r}: a name, a DataFrame or the path of a CSV file is needed")
    path = as_path(given)
    try:
        frame = pd.read_csv(path, dtype=str)
    except FileNotFoundError:
        raise DocumentError("no such concordance file (product, sector)", path=str(given)) from None
    except (OSError, ValueError) as error:
        raise DocumentError(f"cannot be read as CSV: {error}", path=str(given)) from error
    return frame, Path(path).name
