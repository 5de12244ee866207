"""A forecast as a dated file with the SHA-256 of what it states: whoever publishes that can prove the file."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from entrepot.documents import read_text, write_text
from entrepot.errors import DocumentError, InputError
from entrepot.forecasting.scores import checked_probabilities
from entrepot.version import __version__

#: What a file states itself to be; a later layout has another number.
FORMAT = "entrepot-forecast/1"
#: The keys of a file beside the format, the mappings, the day on which it ended, and the hash.
DAYS, TEXTS = ("made_on", "known_on", "deadline"), ("name", "title", "question", "method", "version")
MAPPINGS = ("ways", "probabilities", "assumptions")


@dataclass(frozen=True)
class Forecast:
    """Probabilities of the ways in which a deadline may end, as they were held on a day.

    name, title, question   what it is about
    made_on        the day on which the forecast was made, as stated: only its hash, published on the day, proves it
    known_on       the last day whose facts it uses
    deadline       the day on which the question is decided
    ended_on       the day on which it came to its end, where that is known already
    ways           what may happen, by a short name;  probabilities  of each, which add up to one
    method         how the probabilities came about;  assumptions  the numbers that went into them
    version        of the package

    Raises `InputError` for probabilities that cannot be and days in the wrong order.
    """

    name: str
    title: str
    question: str
    made_on: datetime.date
    known_on: datetime.date
    deadline: datetime.date
    ways: Mapping[str, str]
    probabilities: Mapping[str, float]
    method: str
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    version: str = __version__
    ended_on: datetime.date | None = None

    def __post_init__(self) -> None:
        checked_probabilities(self.probabilities)
        if set(self.ways) != set(self.probabilities):
            raise InputError(f"forecast: the ways {list(self.ways)} are not those with a probability")
        if self.known_on > self.made_on:
            raise InputError(f"forecast: it uses what was known on {self.known_on}, after it was made, {self.made_on}")
        if self.known_on > self.deadline:
            raise InputError(
                f"forecast: it uses what was known on {self.known_on}, after the deadline, {self.deadline}"
            )

    @property
    def in_hindsight(self) -> bool:
        """Whether it was made after the deadline, or on or after the day on which it is known to have ended."""
        return self.made_on > self.deadline or (self.ended_on is not None and self.made_on >= self.ended_on)

    @property
    def content(self) -> dict[str, Any]:
        """What the file states, without its hash."""
        days = {key: getattr(self, key).isoformat() for key in DAYS}
        texts = {key: getattr(self, key) for key in TEXTS}
        numbers = {way: float(p) for way, p in self.probabilities.items()}
        return {
            "format": FORMAT,
            **texts,
            **days,
            "ended_on": None if self.ended_on is None else self.ended_on.isoformat(),
            "ways": dict(self.ways),
            "probabilities": numbers,
            "assumptions": dict(self.assumptions),
        }

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content as canonical JSON: keys in order, no blanks, UTF-8."""
        return digest(self.content)

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps({**self.content, "sha256": self.sha256}, indent=1, ensure_ascii=False) + "\n"

    def write(self, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write the file whole or not at all; return its path.

        Raises `DocumentError` for a file that is there already, unless `overwrite` is True.
        """
        if not overwrite and Path(path).exists() and not Path(path).is_dir():
            raise DocumentError("a file is there already; name another, or overwrite it (--force)", path=str(path))
        return write_text(path, self.to_json())


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a mapping as canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_forecast(path: str | os.PathLike[str]) -> Forecast:
    """Return the Forecast in a file.

    Raises `DocumentError` where its hash does not fit what it states, and for a key that is stated twice or unknown.
    """
    text = read_text(path)
    if not text.strip():
        raise DocumentError("is empty, so it is not a forecast", path=str(path))
    try:
        stated = json.loads(text, object_pairs_hook=_each_once)
    except _DuplicateKey as error:
        raise DocumentError(f"states the key {error.args[0]!r} twice", path=str(path)) from None
    except ValueError as error:
        raise DocumentError(f"is not JSON: {error}", path=str(path)) from None
    if not isinstance(stated, dict) or "format" not in stated:
        raise DocumentError("is not a forecast: it has no 'format'", path=str(path))
    if stated["format"] != FORMAT:
        raise DocumentError(f"has the format {stated['format']!r}; this version reads {FORMAT}", path=str(path))
    given = stated.pop("sha256", None)
    try:
        fits = given == digest(stated)
    except ValueError:
        fits = False
    if not fits:
        raise DocumentError("was changed after it was written: its sha256 does not fit what it states", path=str(path))
    unknown = [key for key in stated if key not in ("format", "ended_on", *DAYS, *TEXTS, *MAPPINGS)]
    if unknown:
        raise DocumentError(f"has the key {unknown[0]!r}, which a forecast does not have", path=str(path))
    try:
        days = {key: datetime.date.fromisoformat(stated[key]) for key in DAYS}
        fields: dict[str, Any] = {key: stated[key] for key in (*TEXTS, *MAPPINGS)} | days
        ended = stated["ended_on"]
        return Forecast(**fields, ended_on=None if ended is None else datetime.date.fromisoformat(ended))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise DocumentError(f"is not a forecast: {what}", path=str(path)) from None


class _DuplicateKey(ValueError):
    """A key that one object of a JSON file states twice: readers differ in which of the two counts."""


def _each_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKey(key)
        found[key] = value
    return found
