"""Errors in the language in use: the message whose fixed words fit an English error, with the values of the error.

Errors are raised in English, with their values in them. scripts/build_messages.py reads them from the source as
messages with named values; in a catalogue their place is the module that raises them.
"""

from __future__ import annotations

import functools
import re
import string

from entrepot.languages import (
    Translation,
    catalogue,
    in_english,
    language,
    localised,
    messages_of_errors,
    translated,
)

#: The forms of errors around other messages; the first that fits counts.
FRAMES = (
    "{message} What to try: {remedy}",
    "{message} Furthest from balance: {cells}.",
    "{message}; did you mean {names}?",
    "{message}; known: {names}",
    "cannot be read: {reason}",
    "cannot be written: {reason}",
    "unknown {kind} {name}",
    "also {message}",
    "and {number} more",
)
#: Values of frames that stay as the person writes them.
AS_WRITTEN = ("names", "name", "number", "cells")
#: What a value called number may be; the others may be anything on one line.
_NUMBER = r"\S+"
#: Messages with less fixed text than this, such as "{kind} is not {other}", fit many a sentence that is another one.
_FEW = 16
#: Words in a row, as in a sentence and not in a name.
_PHRASE = re.compile(r"(?<![^\s:])[a-z]+ [a-z]+ [a-z]+(?![^\s;:,.])")
#: A number with decimals or a sign of per cent in a note.
_FIGURE = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?%?(?![\w.,]*\w)")
#: What `entrepot.errors.percent_meant` adds at the end of a message.
_PERCENT_MEANT = re.compile(r"(.+)(; [\d.e+-]+%\?)")
#: The end of a list of names that is cut.
_CUT = re.compile(r"(.+, \.\.\.) \((\d+) in all\)", re.DOTALL)
#: Where a fault is, in front of a message: a key, or a file and its line.
_PLACE = re.compile(r"((?:[^\s:'\"]+|[^:'\"]+, line \d+): )(.+)", re.DOTALL)


def translated_error(message: str) -> str:
    """Return an error in the language in use, as far as it is known there.

    A message with places and values in it is taken apart: "measures.1: rate: MESSAGE", "MESSAGE; did you mean X?".
    Values are translated if they are errors themselves, or words of a catalogue that cannot be keys.
    """
    if in_english() or isinstance(message, Translation):
        return message
    known = catalogue(language()).get(message)
    if known is not None:
        return known
    if "\n" in message:
        return "\n".join(map(translated_error, message.split("\n")))
    for ending, take_off in ((_PERCENT_MEANT, 1), (_PLACE, 2)):
        found = ending.fullmatch(message)
        if found is not None:
            parts = [translated_error(text) if k == take_off else text for k, text in enumerate(found.groups(), 1)]
            return "".join(parts)
    for frame in FRAMES:
        found = pattern(frame).fullmatch(message)
        if found is not None:
            values = found.groupdict()
            return translated(frame, **{name: _in_frame(name, text) for name, text in values.items()})
    fitted = fitting(message)
    if fitted is not None:
        place, template, values = fitted
        text = catalogue(language())[template]
        return place + text.format(**{name: _in_words(value) for name, value in values.items()})
    start, colon, rest = message.partition(": ")
    return f"{_in_words(start)}: {translated_error(rest)}" if colon else message


def translated_note(note: str) -> str:
    """Return a note that is kept in English in the language in use, as errors are, and with its numbers."""
    return note if in_english() else _FIGURE.sub(lambda found: localised(found[0]), translated_error(note))


def fitting(message: str) -> tuple[str, str, dict[str, str]] | None:
    """Return the place in front of an error, the message of the catalogue that fits the rest, and its values.

    Of several that fit, it is the one with the most fixed text.
    """
    for template, pieces in _templates(language()):
        if all(piece in message for piece in pieces):
            found = pattern(template).fullmatch(message)
            if found is not None and not (sum(map(len, pieces)) < _FEW and _holds_a_sentence(found)):
                values = found.groupdict()
                place = ""
                first = next(iter(values), None)
                if first is not None and found.start(first) == 0:
                    before, colon, value = values[first].rpartition(": ")
                    place, values[first] = before + colon, value
                return place, template, values
    return None


def _in_frame(name: str, text: str) -> str:
    """Return a value of a frame translated; of names, as `entrepot.errors.nearest` lists them, the words between."""
    if name != "names":
        return text if name in AS_WRITTEN else translated_error(text)
    *first, last = text.split(" or ")
    if first:
        return translated("{first} or {last}", first=translated(", ").join(first), last=last)
    cut = _CUT.fullmatch(text)
    return f"{cut[1]} {translated('({number} in all)', number=cut[2])}" if cut is not None else text


def _holds_a_sentence(found: re.Match[str]) -> bool:
    """Whether a value is a sentence that would stay in English."""
    return any(_PHRASE.search(value) and translated_error(value) == value for value in found.groups())


def _in_words(value: str) -> str:
    """Return a value translated, unless it may be a key or a code, which stays as the person writes it."""
    return translated_error(value) if " " in value or value[:1].isupper() else value


@functools.cache
def pattern(template: str) -> re.Pattern[str]:
    """Return the pattern that fits what a message with values makes, with a group for each value."""
    out = ""
    seen: set[str] = set()
    for fixed, name, _, _ in string.Formatter().parse(template):
        out += re.escape(fixed)
        if name in seen:
            out += f"(?P={name})"
        elif name:
            out += f"(?P<{name}>{_NUMBER if name == 'number' else '.*'})"
            seen.add(name)
    return re.compile(out)


@functools.cache
def _templates(code: str) -> list[tuple[str, list[str]]]:
    """Return the messages of errors with values, each with its fixed pieces, those with the most fixed text first."""
    found = []
    for template in messages_of_errors(code):
        if "{" in template:
            found.append((template, [fixed for fixed, *_ in string.Formatter().parse(template) if fixed]))
    return sorted(found, key=lambda entry: -sum(map(len, entry[1])))
