"""The language of what people read: messages, names of places, numbers and dates.

English is the language of the source. A message is an English sentence with named values,
`translated("{who} loses {money}", who=..., money=...)`; its translations are in catalogues/LANGUAGE.po (gettext),
which translators can edit with any PO editor. Names of countries, numbers and dates are those of the Unicode Common
Locale Data Repository (Babel). What has no translation stays in English.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from entrepot.errors import InputError

#: Codes of the languages (ISO 639-1) and the names that their speakers give them.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "zh": "中文",
}
ENGLISH = "en"
#: Languages that write no space between sentences.
WITHOUT_SPACES = ("ja", "zh")
_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """Return the code of the language that is in use."""
    return _SPOKEN.get()


def in_english() -> bool:
    """Whether the language in use is that of the source."""
    return language() == ENGLISH


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use a language inside the block.

    Raises `InputError` for a language without a catalogue.
    """
    token = _SPOKEN.set(known_language(code))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def known_language(code: str) -> str:
    """Return the language of a code or locale: "ja", "de-AT" (German), "zh_TW" (Chinese).

    Raises `InputError` for a language without a catalogue.
    """
    short = code.strip().replace("_", "-").partition("-")[0].casefold()
    if short not in LANGUAGES:
        raise InputError(f"no language {code!r}; there are {', '.join(f'{k} ({v})' for k, v in LANGUAGES.items())}")
    return short


def preferred(accepted: str) -> str:
    """Return the first language with a catalogue in an Accept-Language header (RFC 9110, 12.5.4); English if none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        name, *parameters = (text.strip() for text in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            wanted.append((-float(weight), place, name))
        except ValueError:
            continue
    for rank, _place, name in sorted(wanted):
        short = name.partition("-")[0].casefold()
        if rank < 0 and short in LANGUAGES:
            return short
    return ENGLISH


class Translation(str):
    """A text that is in the language in use already."""

    __slots__ = ()


def translated(message: str, /, **values: Any) -> str:
    """Return a message in the language in use, with its values put in; a `Translation` as it is."""
    if isinstance(message, Translation):
        return message
    text = message if in_english() else catalogue(language()).get(message, message)
    return Translation(text.format(**values) if values else text)


def english(text: str) -> str:
    """Return a text that is made in English and kept, such as a note; `translated_error` translates it when shown."""
    return text


def if_known(text: str) -> str:
    """Return a text of data, such as an event of a case, in the language in use where it has a translation."""
    if in_english() or isinstance(text, Translation):
        return text
    try:
        return catalogue(language())[text]
    except KeyError:
        return text


def plural(one: str, many: str, number: float, /, **values: Any) -> str:
    """Return a message for a number of things, which is `{number}` in it."""
    # The languages of LANGUAGES have one plural form, or two that part at one (CLDR; French counts 0 to 2 as one).
    singular = number == 1 or (language() == "fr" and abs(number) < 2)
    return translated(one if singular else many, number=localised(f"{number:,}"), **values)


@functools.cache
def catalogue(code: str) -> Mapping[str, str]:
    """Return the translated messages of a language by their English text; those marked fuzzy are left out."""
    return {message: text for message, text, _ in _entries(code)}


@functools.cache
def messages_of_errors(code: str) -> tuple[str, ...]:
    """Return the translated messages that are errors: their place in the catalogue is a module of the package."""
    return tuple(message for message, _, places in _entries(code) if any(p.endswith(".py") for p in places))


@functools.cache
def _entries(code: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the entries of a catalogue: message, translation and places."""
    from babel.messages.pofile import read_po

    file = importlib.resources.files("entrepot.languages") / "catalogues" / f"{code}.po"
    with file.open("rb") as text:
        found = [m for m in read_po(text, code) if m.id and m.string and not m.fuzzy]
    return tuple((str(m.id), str(m.string), tuple(place for place, _ in m.locations)) for m in found)


@functools.cache
def _locale(code: str) -> Any:
    from babel import Locale

    return Locale.parse(code)


def localised(number: str) -> str:
    """Return a number written in English ("+1,234.5", "12%") with the separators of the language in use."""
    if in_english():
        return number
    symbols = _locale(language()).number_symbols["latn"]
    swap = {",": symbols["group"], ".": symbols["decimal"]}
    text = "".join(swap.get(letter, letter) for letter in number)
    if text.endswith("%") and language() in ("de", "es", "fr"):
        return f"{text[:-1]}\u00a0%"
    return text


#: The steps of Chinese and Japanese numbers, 10^12, 10^8 and 10^4, in millions.
MYRIADS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "ja": ((1e6, "兆"), (1e2, "億"), (1e-2, "万")),
    "zh": ((1e6, "万亿"), (1e2, "亿"), (1e-2, "万")),
}


def in_myriads(millions: float) -> str | None:
    """Return a number of millions, without its sign, in the steps of Chinese or Japanese; None in other languages."""
    if language() not in MYRIADS:
        return None
    size = abs(millions)
    for step, name in MYRIADS[language()]:
        if size >= 0.995 * step:
            scaled = size / step
            return f"{scaled:,.1f}{name}" if scaled < 99.95 else f"{scaled:,.0f}{name}"
    return f"{1e6 * size:,.0f}"


def money_units() -> list[tuple[float, float, float, str]]:
    """Return how amounts are written in the language in use, for a script.

    A row has the least amount of a unit and its size, in millions of dollars, below how many of the unit there is a
    decimal, and the text with {n} for the number.
    """
    if language() in MYRIADS:
        name_of_dollars = "ドル" if language() == "ja" else "美元"
        steps = [(0.995 * step, step, 99.95, f"{{n}}{name}{name_of_dollars}") for step, name in MYRIADS[language()]]
        return [*steps, (0.0, 1e-6, 0.0, f"{{n}}{name_of_dollars}")]
    units = ("US$ billion", "US$ million", "US$ thousand")
    billion, million, thousand, single = (
        ("US${n} billion", "US${n} million", "US${n} thousand", "US${n}")
        if in_english()
        else (*(f"{{n}}\u00a0{translated(unit)}" for unit in units), "{n}\u00a0US$")
    )
    rows = [(999.5, 1e3, 1e9, billion), (0.9995, 1.0, 9.95, million), (0.9995e-3, 1e-3, 9.95, thousand)]
    return [*rows, (0.0, 1e-6, 0.0, single)]


def money(millions: float) -> str:
    """Return an amount in US dollars without its sign in the language in use, to two or more digits."""
    size = abs(millions)
    myriads = in_myriads(millions)
    if myriads is not None:
        return myriads + ("ドル" if language() == "ja" else "美元")
    for step, name in ((1e3, "US$ billion"), (1.0, "US$ million"), (1e-3, "US$ thousand")):
        if size >= 0.9995 * step:
            scaled = size / step
            digits = 0 if step <= 1 and scaled >= 9.95 else 1
            return f"{localised(f'{scaled:,.{digits}f}')}\u00a0{translated(name)}"
    return f"{localised(f'{1e6 * size:,.0f}')}\u00a0US$"


def in_quotation_marks(text: str) -> str:
    """Return a title in the quotation marks of the language in use."""
    marks = {"de": "„“", "es": "«»", "fr": "«»", "ja": "「」", "zh": "“”"}.get(language(), '""')
    space = "\u00a0" if language() == "fr" else ""
    return f"{marks[0]}{space}{text}{space}{marks[1]}"


def territory(iso2: str) -> str | None:
    """Return the name of a country in the language in use, from its ISO 3166 alpha-2 code; None where it has none."""
    name = _locale(language()).territories.get(iso2)
    return None if name is None else str(name)


def currency(code: str) -> str | None:
    """Return the name of a currency in the language in use, from its ISO 4217 code; None where it has none."""
    name = _locale(language()).currencies.get(code)
    return None if name is None else str(name)


def date(day: Any) -> str:
    """Return a day as the language in use writes it: "17. Mai 2019"."""
    from babel.dates import format_date

    text = str(format_date(day, "long", locale=_locale(language())))
    return f"1er{text[1:]}" if language() == "fr" and text.startswith("1 ") else text
