"""Products of the Harmonized System: their codes as people write them, and the sectors that make them."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Collection, Mapping, Sequence

from entrepot.data.classifications import makes_goods, recognise
from entrepot.data.concordances import Concordance, bare_code, harmonized, lost_zeros
from entrepot.documents import plain, read_document
from entrepot.errors import InputError

#: Chapters there are: 01 to 97 without 77, and 98 and 99, which are left to national use.
_CHAPTERS = frozenset(f"{k:02d}" for k in range(1, 100) if k != 77)


def read_codes(
    written: Collection[str], lengths: Sequence[int] = (2, 4, 6, 8, 10)
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """The codes of one table: by what is written the code, the texts that are none, and those that were mended.

    Codes of odd length have lost a leading zero in a spreadsheet. They are mended where the table shows that this is
    what happened: it has codes of even length beside them, and none of those begins with a zero. Otherwise they are
    none: a national code of nine digits is no HS10 code with a zero before it.
    """
    bare = {text: bare_code(text) for text in written}
    lost = lost_zeros(bare.values())
    codes: dict[str, str] = {}
    mended: list[str] = []
    wrong: list[str] = []
    for text, code in bare.items():
        restored = code.isascii() and code.isdigit() and len(code) % 2 == 1 and lost
        whole = harmonized(code) if restored else code
        if not (whole.isascii() and whole.isdigit() and len(whole) in lengths and whole[:2] in _CHAPTERS):
            wrong.append(text)
            continue
        codes[text] = whole
        if restored:
            mended.append(text)
    return codes, tuple(wrong), tuple(mended)


@functools.cache
def _reference() -> Mapping[str, Mapping[str, str]]:
    resource = importlib.resources.files("entrepot.data") / "reference" / "hs_isic4.yaml"
    table: Mapping[str, Mapping[str, str]] = plain(read_document(resource.read_text(encoding="utf-8"), "hs_isic4.yaml"))
    return table


@functools.cache
def divisions_of_hs() -> Concordance:
    """The division of ISIC Rev. 4 that makes each product (reference/hs_isic4.yaml)."""
    divisions = _reference()["divisions"]
    return Concordance({code: division for division, codes in divisions.items() for code in codes.split()}, True)


def hs_to_sectors(sectors: Sequence[str]) -> Concordance:
    """Which of an Economy's sectors makes each product, by the divisions of ISIC Rev. 4 that they cover.

    A division that several sectors share (basic metals, where iron is apart) leaves its products without a sector, and
    a note says so. Books and recordings are of services (58, 59); where no sector with them makes goods, they are
    placed with printing and reproduction (18), so that a duty on them falls on no service. Raises `InputError` for
    sectors of no known classification: those need a concordance of their own.
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
    for code, division in divisions_of_hs().sector_of.items():
        found = by_division.get(int(division), [])
        sector_of[code] = found[0] if len(found) == 1 else NOWHERE
        if len(found) > 1:
            torn[division] = " and ".join(found)
    said = "; ".join(f"{division} ({names})" for division, names in sorted(torn.items()))
    notes = (f"Products of ISIC Rev. 4 divisions that several sectors share have no sector: {said}.",) if torn else ()
    return Concordance(sector_of, prefixes=True, notes=notes)


#: The sector of a product that is known to have none here: a longer beginning still holds before a shorter.
NOWHERE = ""
