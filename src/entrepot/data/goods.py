"""Goods found by everyday words, or by a chapter or code of the Harmonized System, with the sectors that make them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.data.classifications import reference_document
from entrepot.data.concordances import Concordance
from entrepot.data.hs import hs_to_sectors
from entrepot.economy.geography import SECTOR_PARTS, sector_label
from entrepot.errors import InputError
from entrepot.languages import translated
from entrepot.words import and_list, sector_name, sentence

#: The most goods in an answer.
MOST = 12


@dataclass(frozen=True)
class Good:
    """A good: its name, its code of the Harmonized System ("" for a whole sector), and the sectors that make it."""

    title: str
    code: str
    sectors: tuple[str, ...]


def find_goods(query: str, sectors: Sequence[str], most: int = MOST) -> tuple[Good, ...]:
    """Return the goods that a query names, those that match best first.

    The query is a word ("phone"), in English or in the language in use, a chapter ("72") or a code ("8517.12"); sectors
    are those of an Economy. Sectors whose own name matches come first among equals. Goods that no sector makes are left
    out, as are all codes where the sectors are of no classification known.
    """
    makers = _makers(tuple(sectors))
    if digits := _digits(query):
        return _by_code(digits, makers)[:most]
    return tuple(good for _, good in _by_words(_words(query), sectors, makers))[:most]


def whereabouts(query: str, sectors: Sequence[str]) -> str:
    """Return which sectors make the goods that whole words or a code name, as the end of an error; "" where none do.

    A good is mostly a small part of its sector, so that a person who names it is to name the sector. A word that is the
    name of a sector, or of several that were one, in the other number ("metal") is that sector.
    """
    if meant := _sector_meant(query, sectors):
        return f"did you mean {meant}?"
    makers = _makers(tuple(sectors))
    if makers is None:
        return ""
    if digits := _digits(query):
        found = [good for good in _by_code(digits, makers) if good.code == digits]
    else:
        found = [good for rank, good in _by_words(_words(query), sectors, makers) if good.code and rank <= 2]
    parts = {good.sectors[0]: good for good in reversed(found)}
    if not parts:
        return ""
    stated = [f"{good.title} (HS {good.code}) are a part of {sector}" for sector, good in parts.items()]
    return f"{and_list(stated[::-1])}; name the whole sector: {' or '.join(reversed(parts))}"


def _sector_meant(query: str, sectors: Sequence[str]) -> str:
    """Return the sector, or those that were one, whose name has the same words but for a plural; "" for none."""
    wanted = _words(query)
    for code in sectors:
        if wanted in (_words(code.replace("_", " ")), _words(sector_label(code))):
            return code
    for name, parts in SECTOR_PARTS.items():
        if wanted == _words(name.replace("_", " ")) and set(parts) <= set(sectors):
            return f"{name} ({and_list(list(parts))})"
    return ""


def _digits(query: str) -> str:
    """Return the digits of a chapter or code of the Harmonized System; "" for words."""
    return re.sub(r"\D", "", query) if re.fullmatch(r"[\d. ]{1,14}", query.strip()) else ""


def _by_words(wanted: tuple[str, ...], sectors: Sequence[str], makers: Concordance | None) -> list[tuple[int, Good]]:
    """Return the goods and sectors that have all of the words, each with its rank, best first."""
    if not wanted:
        return []
    found: list[tuple[int, int, Good]] = []
    for position, code in enumerate(sectors):
        if rank := _rank(wanted, _words(sector_name(code)), ()):
            found.append((rank, position - 1000, Good(sentence(sector_name(code)), "", (code,))))
    for position, (code, entry) in enumerate(goods().items() if makers else ()):
        rank = _rank(wanted, _words(_title(entry)), _words(_everyday(entry)))
        made = _sectors_of(code, makers) if rank and makers else ()
        if rank and made:
            found.append((rank, position, Good(_title(entry), code, made)))
    return [(rank, good) for rank, _, good in sorted(found, key=lambda one: one[:2])]


def _makers(sectors: tuple[str, ...]) -> Concordance | None:
    try:
        return hs_to_sectors(sectors)
    except InputError:
        return None


def goods() -> dict[str, dict[str, str]]:
    """Return the titles of goods and what people call them, by code of the Harmonized System, in English."""
    found: dict[str, dict[str, str]] = reference_document("goods.yaml")["goods"]
    return found


def _title(entry: dict[str, str]) -> str:
    """Return the title of a good in the language in use."""
    return translated(entry["title"])


def _everyday(entry: dict[str, str]) -> str:
    """Return what people call a good, in the language in use and in English."""
    words = entry["words"]
    return " ".join([translated(words) if words else "", words, entry["title"]])


def _by_code(digits: str, makers: Concordance | None) -> tuple[Good, ...]:
    """Return the good of a code, by the longest beginning that has a title, and the listed goods that begin with it."""
    if makers is None or len(digits) < 2:
        return ()
    listed = goods()
    made = _sectors_of(digits, makers)
    named = next((digits[:n] for n in (6, 4, 2) if digits[:n] in listed and n <= len(digits)), "")
    own = (Good(_title(listed[named]), digits, made),) if named and made else ()
    below = (code for code in listed if code.startswith(digits) and code != digits)
    return own + tuple(Good(_title(listed[c]), c, s) for c in below if (s := _sectors_of(c, makers)))


def _sectors_of(code: str, makers: Concordance) -> tuple[str, ...]:
    """Return the sectors that make the products of a code, the one that has most of its headings first."""
    inside = [sector for begin, sector in makers.sector_of.items() if begin.startswith(code) and begin != code]
    own = makers.sector(code)
    counts = {sector: inside.count(sector) for sector in dict.fromkeys(inside) if sector}
    ordered = sorted(counts, key=lambda sector: -counts[sector])
    return tuple(dict.fromkeys([*([own] if own else []), *ordered]))


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, without accents and the s of a plural."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text.casefold()))
    words = re.findall(r"[\w-]+", unicodedata.normalize("NFC", plain))
    return tuple(word.removesuffix("s") if len(word) > 3 else word for word in words)


def _rank(wanted: Sequence[str], title: Sequence[str], words: Sequence[str]) -> int:
    """Return how well all of the words match, 1 the best; 0 where one of them does not match."""
    ranks = []
    for word in wanted:
        if word in title:
            ranks.append(1)
        elif word in words:
            ranks.append(2)
        elif len(word) > 1 and any(known.startswith(word) for known in (*title, *words)):
            ranks.append(3)
        else:
            return 0
    return max(ranks)
