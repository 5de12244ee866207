"""Products of the Harmonized System (HS): reading their codes, and the sectors that make them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence

from entrepot.data.classifications import makes_goods, recognise
from entrepot.data.concordances import Concordance, bare_code, harmonized, lost_zeros
from entrepot.documents import shipped_document
from entrepot.errors import InputError

#: The chapters: 01 to 97 without 77, and 98 and 99, which are reserved for national use.
_CHAPTERS = frozenset(f"{k:02d}" for k in range(1, 100) if k != 77)
#: The numbers of digits of chapters, headings, subheadings and national lines.
_LENGTHS = (2, 4, 6, 8, 10)


def read_codes(written: Collection[str]) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Read the product codes of one table: the code by written text, texts that are not codes, and repaired texts.

    A code of odd length gets a leading zero if the table shows that a spreadsheet removed it: the table has codes of
    even length, and none of them begins with a zero. Otherwise it is not a code: a national code of nine digits is not
    an HS10 code without its zero.
    """
    bare = {text: bare_code(text) for text in written}
    lost = lost_zeros(bare.values())
    codes: dict[str, str] = {}
    mended: list[str] = []
    wrong: list[str] = []
    for text, code in bare.items():
        restored = code.isascii() and code.isdigit() and len(code) % 2 == 1 and lost
        whole = harmonized(code) if restored else code
        if not (whole.isascii() and whole.isdigit() and len(whole) in _LENGTHS and whole[:2] in _CHAPTERS):
            wrong.append(text)
            continue
        codes[text] = whole
        if restored:
            mended.append(text)
    return codes, tuple(wrong), tuple(mended)


@functools.cache
def _reference() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = shipped_document("data/reference/hs_isic4.yaml")
    return table


@functools.cache
def divisions_of_hs() -> Concordance:
    """Return the division of ISIC Rev. 4 that makes each product (reference/hs_isic4.yaml)."""
    divisions = _reference()["divisions"]
    return Concordance({code: division for division, codes in divisions.items() for code in codes.split()}, True)


def _sharing(code: str, sectors: list[str], begins: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return which of the sectors that share a division make a product: those named for it, else those without list."""
    if len(sectors) < 2 or not any(begins[sector] for sector in sectors):
        return sectors
    named = [s for s in sectors if begins[s] and code.startswith(begins[s])]
    return named or [s for s in sectors if not begins[s]]


def hs_to_sectors(sectors: Sequence[str]) -> Concordance:
    """Return the sector of an Economy that makes each product, by the divisions of ISIC Rev. 4 that sectors cover.

    The products of a division that several sectors share (basic metals, where iron is a separate sector) have no
    sector, and a note states it. Books and recordings belong to services (58, 59); if no sector with these makes
    goods, they are put into printing and reproduction (18), so that a duty on them does not fall on a service. Raises
    `InputError` for sectors of no known classification, which need their own concordance.
    """
    try:
        known = recognise(sectors)
    except InputError:
        raise InputError(
            f"concordance: the sectors ({', '.join(list(sectors)[:4])} ...) are of no classification known, so that "
            f"products cannot be placed in them; give a table (product, sector), whose products may be beginnings of "
            f"HS codes"
        ) from None
    covers = {sector: known.divisions[known.label(sector) or ""] for sector in sectors}
    by_division: dict[int, list[str]] = {}
    for sector, divisions in covers.items():
        for covered in divisions:
            by_division.setdefault(covered, []).append(sector)
    for service, goods in _reference()["instead"].items():
        if not any(makes_goods(covers[sector]) for sector in by_division.get(int(service), [])):
            by_division[int(service)] = by_division.get(int(goods), [])
    sector_of: dict[str, str] = {}
    torn: dict[str, str] = {}
    begins = {sector: known.products.get(known.label(sector) or "", ()) for sector in sectors}
    for code, division in divisions_of_hs().sector_of.items():
        found = _sharing(code, by_division.get(int(division), []), begins)
        sector_of[code] = found[0] if len(found) == 1 else NOWHERE
        if len(found) > 1:
            torn[division] = " and ".join(found)
    shared = "; ".join(f"{division} ({names})" for division, names in sorted(torn.items()))
    notes = (f"Products of ISIC Rev. 4 divisions that several sectors share have no sector: {shared}.",) if torn else ()
    return Concordance(sector_of, prefixes=True, notes=notes)


#: The sector of a product without a sector; it still overrides the sector of a shorter beginning of the code.
NOWHERE = ""
