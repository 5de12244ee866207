"""Goods found by everyday words, or by a chapter or code of the Harmonized System, with the sectors that make them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.data.classifications import reference_document
from entrepot.data.concordances import Concordance
from entrepot.data.hs import hs_to_sectors
from entrepot.errors import InputError
from entrepot.words import sector_name

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

    The query is a word ("phone"), a chapter ("72") or a code ("8517.12"); sectors are those of an Economy. Sectors
    whose own name matches come first among equals. Goods that no sector makes are left out, as are all codes where the
    sectors are of no classification known.
    """
    query = query.strip()
    makers = _makers(tuple(sectors))
    if re.fullmatch(r"[\d. ]{1,14}", query):
        return _by_code(re.sub(r"\D", "", query), makers)[:most]
    wanted = _words(query)
    if not wanted:
        return ()
    found: list[tuple[int, int, Good]] = []
    for position, code in enumerate(sectors):
        if rank := _rank(wanted, _words(sector_name(code)), ()):
            found.append((rank, position - 1000, Good(_capital(sector_name(code)), "", (code,))))
    for position, (code, entry) in enumerate(_goods().items() if makers else ()):
        rank = _rank(wanted, _words(str(entry["title"])), _words(str(entry["words"])))
        made = _sectors_of(code, makers) if rank and makers else ()
        if rank and made:
            found.append((rank, position, Good(str(entry["title"]), code, made)))
    return tuple(good for _, _, good in sorted(found, key=lambda one: one[:2]))[:most]


def _makers(sectors: tuple[str, ...]) -> Concordance | None:
    try:
        return hs_to_sectors(sectors)
    except InputError:
        return None


def _goods() -> dict[str, dict[str, str]]:
    goods: dict[str, dict[str, str]] = reference_document("goods.yaml")["goods"]
    return goods


def _by_code(digits: str, makers: Concordance | None) -> tuple[Good, ...]:
    """Return the good of a code, by the longest beginning that has a title, and the listed goods that begin with it."""
    if makers is None or len(digits) < 2:
        return ()
    goods = _goods()
    made = _sectors_of(digits, makers)
    named = next((digits[:n] for n in (4, 2) if digits[:n] in goods and n <= len(digits)), "")
    own = (Good(str(goods[named]["title"]), digits, made),) if named and made else ()
    below = (code for code in goods if code.startswith(digits) and code != digits)
    return own + tuple(Good(str(goods[c]["title"]), c, s) for c in below if (s := _sectors_of(c, makers)))


def _sectors_of(code: str, makers: Concordance) -> tuple[str, ...]:
    """Return the sectors that make the products of a code, the one that has most of its headings first."""
    inside = [sector for begin, sector in makers.sector_of.items() if begin.startswith(code) and begin != code]
    own = makers.sector(code)
    counts = {sector: inside.count(sector) for sector in dict.fromkeys(inside) if sector}
    ordered = sorted(counts, key=lambda sector: -counts[sector])
    return tuple(dict.fromkeys([*([own] if own else []), *ordered]))


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, without the s of a plural."""
    return tuple(
        word.removesuffix("s") if len(word) > 3 else word for word in re.findall(r"[a-z0-9-]+", text.casefold())
    )


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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
