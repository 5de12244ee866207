"""Which entries of the book a printed name, a number of a statute or a country means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from entrepot.errors import nearest
from entrepot.rules.entry import Cited
from entrepot.rules.parties import group_name
from entrepot.words import spoken

#: Words that a reader puts in or leaves out.
_FILLERS = frozenset({"article", "articles", "section", "sections", "sec", "art", "of", "the", "on", "in", "and", "no"})
#: The fields by which an entry is known, the most telling first; then the countries that it concerns.
_FIELDS = ("id", "provision", "number", "title", "short", "item")
_COUNTRIES = ("country", "with_country", "parties", "respondent", "only")


def found_by(name: str, entries: Mapping[str, Cited]) -> list[list[str]]:
    """Return the ids of the entries that a name means, in groups that fit it equally well, the best first.

    It may be an id, the printed name of a provision ("Safeguards 8.2"), the number of a statute ("1862"), a word of a
    title or a country.
    """
    wanted = _tokens(name)
    ranks: dict[tuple[int, int], list[str]] = {}
    for key, entry in entries.items():
        rank = _rank(wanted, entry) if wanted else None
        if rank is not None:
            ranks.setdefault(rank, []).append(key)
    return [ranks[rank] for rank in sorted(ranks)]


def meant(name: str, entries: Mapping[str, Cited]) -> str:
    """Return the end of a message about an unknown name: the entries that it may mean, or the nearest ids."""
    ids = [key for group in found_by(name, entries)[:1] for key in group]
    return f"; did you mean {' or '.join(ids)}?" if 0 < len(ids) <= 3 else nearest(name, entries)


def is_country(name: str, entries: Mapping[str, Cited]) -> bool:
    """Return whether a name is that of a country or group that some entry concerns."""
    wanted = _tokens(name)
    return bool(wanted) and any(_concerns(wanted, entry) for entry in entries.values())


def _rank(wanted: list[str], entry: Cited) -> tuple[int, int] | None:
    """Return how well an entry fits, the least the best; None where it does not."""
    for place, field in enumerate(_FIELDS):
        text = getattr(entry, field, None)
        if text:
            words = _with_ranges(_tokens(str(text)), str(text))
            start = _position(wanted, words)
            if start is not None:
                return place, len(words) - len(wanted) if field == "id" else int(start > 0)
    return (len(_FIELDS), 0) if _concerns(wanted, entry) else None


def _concerns(wanted: list[str], entry: Cited) -> bool:
    names = {word for code in _countries(entry) for word in (code.casefold(), *_tokens(spoken(group_name(code))))}
    return all(any(_same(word, name) for name in names) for word in wanted)


def _position(wanted: list[str], words: list[str]) -> int | None:
    """Return where the words are found one after the other; None where they are not."""
    last = len(words) - len(wanted)
    return next((k for k in range(last + 1) if all(map(_same, wanted, words[k:]))), None)


def _same(wanted: str, word: str) -> bool:
    """Return whether a word is the wanted one, or begins with it ("safeguard", "safeguards")."""
    return word == wanted or (len(wanted) > 3 and wanted.isalpha() and word.startswith(wanted))


def _tokens(text: str) -> list[str]:
    plain = text.casefold().replace("u.s.c.", "usc").replace("u.s.", "us")
    return [word for word in re.findall(r"[^\W\d_]+|\d+", plain) if word not in _FILLERS]


def _with_ranges(tokens: list[str], text: str) -> list[str]:
    """Return the words, with every number of a range of sections (2411-2420) after them."""
    spans = [(int(a), int(b)) for a, b in re.findall(r"\b(\d{3,4})-(\d{3,4})\b", text)]
    return [*tokens, *(str(n) for a, b in spans if a < b <= a + 100 for n in range(a, b + 1))]


def _countries(entry: Cited) -> Iterable[str]:
    for field in _COUNTRIES:
        value = getattr(entry, field, None) or ()
        yield from (value,) if isinstance(value, str) else value
    for found in getattr(entry, "found", ()):
        yield from found.of
