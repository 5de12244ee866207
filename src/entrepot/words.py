"""Numbers, names and lists as they read in a sentence."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

from entrepot import languages
from entrepot.dates import MONTHS
from entrepot.economy.geography import country_name, find_place, groups, letters_of, sector_label
from entrepot.languages import in_english, localised, plural, translated

_SPOKEN = {
    "USA": "the United States",
    "GBR": "the United Kingdom",
    "NLD": "the Netherlands",
    "CZE": "the Czech Republic",
    "EU27": "the EU",
    "EU28": "the EU",
    "EA": "the euro area",
    "CPTPP": "the CPTPP group",
    "CPTPP_2019": "the CPTPP group",
    "ROW": "the rest of the world",
    "WORLD": "the world",
    "OTHER": "the others",
}
#: Names that take the article in a sentence: those of countries, and the labels of data that are names.
_WITH_ARTICLE = {
    *(name.removeprefix("the ") for name in _SPOKEN.values() if name.startswith("the ")),
    "Bahamas",
    "Central African Republic",
    "Comoros",
    "Dominican Republic",
    "Gambia",
    "Isle of Man",
    "Maldives",
    "Philippines",
    "Seychelles",
    "United Arab Emirates",
    "Vatican",
}
_SHORT = {
    "USA": "United States",
    "KOR": "South Korea",
    "EU27": "EU",
    "EU28": "EU",
    "EA": "Euro area",
    "CPTPP": "CPTPP",
    "CPTPP_2019": "CPTPP",
    "OTHER": "Others",
}


def spoken(code: str, among: Collection[str] = ()) -> str:
    """Return a country or group as in a sentence; several that act as one ("JPN+EU28") become a list.

    `among` are the countries of the data; a group that they have only in part is named with its number of members.
    """
    if "+" in code:
        return and_list([spoken(one, among) for one in code.split("+")])
    name = _named(_SPOKEN, code, among)
    takes = name in _WITH_ARTICLE or name.endswith(" Islands")
    return f"the {name}" if in_english() and takes else name


def short(code: str, among: Collection[str] = ()) -> str:
    """Return a country or group as a label; `among` as in `spoken`."""
    if "+" in code:
        return " + ".join(short(one, among) for one in code.split("+"))
    return _named(_SHORT, code, among)


def _named(special: Mapping[str, str], written: str, among: Collection[str]) -> str:
    """Return the name of a place from its code or any name: "ASEAN (1 of 10 members)" for a group in part."""
    place = None if written in special or written in among else find_place(written)
    code = written if place is None else place.code
    name = special.get(code) or country_name(code)
    if not in_english():
        name = _translated_place(code)
    members = groups().get(code.upper(), {}).get("members", ())
    present = sum(one in among for one in members)
    if code in among or present in (0, len(members)):
        return name
    group = name.split(" (")[0]
    return translated("{group} ({present} of {number} members)", group=group, present=present, number=len(members))


def _translated_place(code: str) -> str:
    """Return the name of a place in the language in use: CLDR's of a country, the catalogue's of others."""
    iso2 = letters_of(code)
    return (languages.territory(iso2) if iso2 else None) or translated(_SHORT.get(code, country_name(code)))


class NamesParties:
    """A base class for results that name their parties in words."""

    @property
    def known(self) -> tuple[str, ...]:
        """The countries of the data."""
        raise NotImplementedError

    def spoken(self, party: str) -> str:
        """Return a party as in a sentence."""
        return spoken(party, self.known)

    def short(self, party: str) -> str:
        """Return a party as a label."""
        return short(party, self.known)


class NamesSides(NamesParties):
    """A base class for results of a table at which several countries may bargain as one party."""

    def spoken(self, party: str) -> str:
        """Return a party as in a sentence: one side, also where it is several countries."""
        name = super().spoken(party)
        return translated("the side of {countries}", countries=name) if "+" in party else name


def sector_name(code: str) -> str:
    """Return a sector in words: "motor vehicles"."""
    return translated(sector_label(code))


def dollars(millions: float) -> str:
    """Return an amount without its sign: "US$3.8 billion", "US$210 million", "US$500"."""
    size = abs(millions)
    if not in_english():
        return languages.money(millions)
    if size >= 999.5:
        return f"US${size / 1e3:,.1f} billion"
    if size >= 0.9995:
        return f"US${size:,.0f} million" if size >= 9.95 else f"US${size:.1f} million"
    if size >= 0.0009995:
        return f"US${1e3 * size:,.0f} thousand" if size >= 0.00995 else f"US${1e3 * size:.1f} thousand"
    return f"US${1e6 * size:,.0f}"


def signed_dollars(millions: float) -> str:
    """Return an amount with its sign: "+US$3.8 billion", "-US$500"; a zero has none."""
    size = dollars(millions)
    return size if size == dollars(0.0) else f"{'-' if millions < 0 else '+'}{size}"


def distinguished(
    texts: Sequence[str], remarks: Sequence[str], bracketed: Callable[[str, str], str] = "{} ({})".format
) -> list[str]:
    """Return texts; those that read alike have their remarks in brackets, or their numbers where these are alike too.

    `bracketed` puts a remark after a text.
    """

    def alike(texts: Sequence[str], remarks: Iterable[str]) -> list[str]:
        pairs = zip(texts, remarks, strict=True)
        return [bracketed(text, remark) if remark and texts.count(text) > 1 else text for text, remark in pairs]

    out = alike(texts, remarks)
    return alike(out, [str(out[: k + 1].count(text)) for k, text in enumerate(out)])


def chance(part: float) -> str:
    """Return a share of draws, or of trade: "37%"; "100%" means all of them and "0%" none."""
    if 0 < part <= 0.005:
        return localised("<1%")
    return localised(">99%" if 0.995 <= part < 1 else f"{whole_percent(part)}%")


def whole_percent(part: float) -> float:
    """Return a share in whole percent, a half rounded up as on the page."""
    return math.floor(100 * part + 0.5) if math.isfinite(part) else part


def yearly(text: str) -> str:
    """Return text with "a year" after its last amount of money; text without an amount stays as it is."""
    if not in_english():
        return translated("{text} a year", text=text)
    return re.sub(r"(.*US\$[\d.,]*\d(?: (?:thousand|million|billion))?)", r"\1 a year", text, count=1)


class MoneyUnit(NamedTuple):
    """The unit in which amounts are printed: its name, and how many millions of US dollars it is."""

    name: str
    millions: float

    def cell(self, amount: float) -> str:
        """Return an amount in millions of US dollars as a signed number in this unit for a table cell."""
        return signed_number(amount / self.millions)


MILLION = MoneyUnit("US$ million", 1.0)
#: Units of money and the least amount, in millions, that is printed in each.
MONEY_UNITS = ((999.5, MoneyUnit("US$ billion", 1e3)), (0.9995, MILLION), (0.0, MoneyUnit("US$ thousand", 1e-3)))


def money_unit(amounts: Iterable[float]) -> MoneyUnit:
    """Return the unit for amounts in millions of US dollars that are printed together, by the largest of them."""
    largest = max((abs(a) for a in amounts if math.isfinite(a)), default=0.0)
    return MONEY_UNITS[0][1] if largest == 0 else next(unit for least, unit in MONEY_UNITS if largest >= least)


def percent(part: float) -> str:
    """Return a part of one, such as a rate, in percent, to four digits: "30%", "2.25%"."""
    return localised(f"{100 * part:.4g}%")


def percent_size(percent: float) -> str:
    """Return a percentage without its sign: one decimal, or two significant digits where it is small."""
    size = abs(percent)
    return localised(f"{size:.1f}%" if size >= 0.1 else f"{float(f'{size:.2g}'):.12f}".rstrip("0").rstrip(".") + "%")


def signed_number(value: float) -> str:
    """Return a number with its sign for a table cell, with two decimals below ten and one above."""
    if abs(value) < 0.005:
        return localised("0.00")
    return localised(f"{value:+,.1f}" if abs(value) >= 9.995 else f"{value:+,.2f}")


def signed_percent(value: float, digits: int = 2) -> str:
    """Return a percentage with its sign; a zero has none."""
    text = f"{value:+.{digits}f}%"
    return localised(text.replace("+", "").replace("-", "") if float(f"{value:.{digits}f}") == 0 else text)


#: The change in percent of income below which it is noise of the solver.
NOISE = 1e-6


def plain_number(value: float, digits: int) -> float:
    """Return a number of so many significant digits, a whole one where it is whole."""
    number = float(f"{value:.{digits}g}")
    return int(number) if number.is_integer() else number


def unlike_zero(value: float, digits: int) -> str:
    """Return a number with so many decimals, or two significant digits where these would show a zero; noise is one."""
    if NOISE <= abs(value) < 0.5 * 10**-digits:
        digits = 1 - math.floor(math.log10(abs(value)))
    return f"{value:,.{digits}f}"


def without_noise(millions: float, percent: float) -> float:
    """Return a gain in money; one of less than `NOISE` percent of income is zero."""
    return 0.0 if abs(percent) < NOISE else millions


def gains_or_loses(millions: float, percent: float) -> str:
    """Return "gains US$3.8 billion"; a change of less than `NOISE` percent of income counts as none."""
    if abs(percent) < NOISE:
        return translated("is unaffected")
    return translated("gains {money}" if millions > 0 else "loses {money}", money=dollars(millions))


def stated_share(part: float) -> str:
    """Return a share as it was stated, such as "12.5%"; in whole percent where it was computed."""
    return percent(part) if abs(part - round(part, 4)) < 1e-12 else chance(part)


def stated_numbers(value: Any) -> str:
    """Return an assumption as text: a number, numbers by name, or names; at most eight of them."""
    if isinstance(value, Real):
        return f"{value:g}"
    if isinstance(value, tuple):
        return and_list(list(value))
    parts = [f"{name} {'by sector' if isinstance(part, Mapping) else f'{part:g}'}" for name, part in value.items()]
    return ", ".join(parts[:8]) + (f" and {len(parts) - 8} more" if len(parts) > 8 else "")


def and_list(items: list[str]) -> str:
    """Return "a, b and c"."""
    if len(items) == 1:
        return items[0]
    first, last = translated(", ").join(items[:-1]), items[-1]
    if languages.language() == "es" and re.match(r"(?i)h?i(?!e)", last):
        return f"{first} e {last}"  # y before the same sound
    return translated("{first} and {last}", first=first, last=last)


def or_list(items: list[str]) -> str:
    """Return "a, b or c"."""
    if len(items) == 1:
        return items[0]
    return translated("{first} or {last}", first=translated(", ").join(items[:-1]), last=items[-1])


def few(items: list[str], limit: int = 6) -> str:
    """Return a list as in a sentence, cut after the first few items."""
    if len(items) > limit:
        left = len(items) - limit
        names = translated(", ").join(items[:limit])
        return plural("{names} and {number} other", "{names} and {number} others", left, names=names)
    return and_list(items) if items else ""


def in_one_cell(names: Iterable[str]) -> str:
    """Return names as one cell of a table of numbers; a name may have spaces and commas."""
    return "; ".join(names)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: "1 row", "2,000 rows"; `nouns` where the plural has more than an s."""
    return plural(f"{{number}} {noun}", f"{{number}} {nouns or noun + 's'}", number)


def listed(names: Iterable[str], limit: int = 5) -> str:
    """Return the first few names, separated by commas."""
    names = list(names)
    return ", ".join(names[:limit]) + (" ..." if len(names) > limit else "")


def possessive(name: str) -> str:
    """Return the possessive of a name: Japan's, the United States', ASEAN's (1 of 10 members)."""
    if not in_english():
        return name
    bare, bracket, rest = name.partition(" (")
    return f"{bare}'{'' if bare.endswith('s') else 's'}{bracket}{rest}"


def sentence(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def joined_sentences(texts: Iterable[str]) -> str:
    """Return sentences one after the other, with what stands between them in the language in use."""
    return ("" if languages.language() in languages.WITHOUT_SPACES else " ").join(texts)


def ended(text: str) -> str:
    """Return a text with a full stop; one that has it stays as it is."""
    return text if text.endswith((".", "。")) else translated("{sentence}.", sentence=text)


def each_once(*notes: str) -> tuple[str, ...]:
    """Return the notes as sentences with a full stop, each once, in order."""
    return tuple(dict.fromkeys(map(ended, notes)))


def day(date: datetime.date) -> str:
    """Return a date as "17 May 2019" in any locale."""
    if not in_english():
        return languages.date(date)
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def figure(number: float, digits: int = 6) -> str:
    """Return a number in full with separators, never in powers of ten: 1,620,000; 0.0125; 34.5."""
    if not math.isfinite(number):
        return str(number)
    size = abs(number)
    after = max(0, digits - 1 - math.floor(math.log10(size))) if size > 0 else 0
    text = f"{number:,.{min(after, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
