"""Which duty applies on top of which: authorities, and the rules between them, as dated data with a source each.

A duty on a line of trade is a base and what is added to it. Of the authorities for the base the lowest rate is claimed,
unless one replaces it. Of those that add, one that is charged keeps away those that it excludes. A ceiling makes a rate
the most that is charged together with the base: max(ceiling, base), as in the agreements of 2025.
"""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import os
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, field_validator, model_validator

from entrepot.documents import as_path, line_of, plain, read_document, read_text
from entrepot.errors import DocumentError, InputError, UnknownNameError, nearest
from entrepot.measures.fields import read_rate
from entrepot.rules.entry import Citation, Confidence, Entry

#: What an authority does: it is a rate that may be claimed as the base, replaces the base, or is added on top of it.
Applies = Literal["base", "replaces", "adds"]


class DatedEntry(Entry):
    """From `since` on, until the day before `until`."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    def on(self, date: datetime.date) -> bool:
        return (self.since is None or self.since <= date) and (self.until is None or date < self.until)


class Exclusion(DatedEntry):
    """Another authority that, where it is charged, keeps this one away."""

    authority: str
    source: str | None = None


class Ceiling(DatedEntry):
    """For some partners, the most that this authority may bring the duty to.

    rate       together with the base the duty is at most max(rate, base); none: the schedule's own rate is such a one
    with_base  whether the base counts towards it; if not, the rate is the most that is added
    """

    partners: tuple[str, ...]
    rate: float | None = None
    with_base: bool = True
    source: str | None = None
    confidence: Confidence | None = None

    @field_validator("rate", mode="before")
    @classmethod
    def _a_fraction(cls, rate: Any) -> float | None:
        return None if rate is None else read_rate("rate", rate)

    @model_validator(mode="after")
    def _of_something(self) -> Ceiling:
        if self.rate is None and not self.with_base:
            raise ValueError("a ceiling without the base needs its rate")
        return self


class Authority(DatedEntry):
    """A power under which a duty is levied, and how it stands to the others.

    names        what else schedules call it; case, blanks and signs do not matter
    only, exempt partners that it is levied on alone, or not at all: codes or groups
    excluded_by  authorities that keep it away where they are charged
    statute      its id in the book of rules (`entrepot rules`)
    """

    id: str
    title: str = ""
    applies: Applies
    names: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    excluded_by: tuple[Exclusion, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    statute: str | None = None
    source: Citation | None = None
    confidence: Confidence | None = None
    note: str | None = None

    @field_validator("excluded_by", mode="before")
    @classmethod
    def _names_alone(cls, given: Any) -> Any:
        """A bare name stands for an exclusion without dates."""
        return [{"authority": one} if isinstance(one, str) else one for one in given] if given else ()

    @model_validator(mode="after")
    def _fits_together(self) -> Authority:
        if self.applies != "adds" and (self.excluded_by or self.ceilings):
            raise ValueError("excluded_by and ceilings are for what adds to the base")
        return self


class Stacking(Entry):
    """Authorities and the rules between them. `importers` says whose they are, `as_of` the day they are taken on."""

    stacking: str
    title: str = ""
    importers: tuple[str, ...] = ()
    as_of: datetime.date | None = None
    authorities: tuple[Authority, ...]
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Stacking:
        ids = [a.id for a in self.authorities]
        taken: dict[str, str] = {}
        for a in self.authorities:
            for name in (a.id, *a.names):
                if taken.setdefault(folded(name), a.id) != a.id:
                    raise ValueError(f"{name!r} is a name of {taken[folded(name)]} and of {a.id}")
            for other in a.excluded_by:
                if other.authority not in ids:
                    raise ValueError(f"{a.id}: no authority {other.authority!r}{nearest(other.authority, ids)}")
        if len(set(ids)) < len(ids):
            raise ValueError(f"the id {next(i for i in ids if ids.count(i) > 1)!r} stands twice")
        if not any(a.applies == "base" for a in self.authorities):
            raise ValueError("no authority is a base (applies: base), such as mfn")
        return self

    @property
    def base(self) -> Authority:
        """What a row of a schedule without an authority is of: the first base."""
        return next(a for a in self.authorities if a.applies == "base")

    def find(self, name: str, where: str = "") -> Authority:
        """The authority that a schedule calls `name`. Raises `UnknownNameError` with the nearest one."""
        for a in self.authorities:
            if folded(name) in {folded(known) for known in (a.id, *a.names)}:
                return a
        known = [known for a in self.authorities for known in (a.id, *a.names)]
        raise UnknownNameError(f"authority (of the stacking {self.stacking!r})", name, known, where)

    def excluders(self, authority: Authority, date: datetime.date) -> tuple[str, ...]:
        """Ids of those that keep it away on a day."""
        return tuple(e.authority for e in authority.excluded_by if e.on(date))

    def order(self, date: datetime.date) -> tuple[Authority, ...]:
        """Base first, then what adds, each after those that exclude it. Raises `InputError` for a circle."""
        by_id = {a.id: a for a in self.authorities}
        adds = {a.id: set(self.excluders(a, date)) for a in self.authorities if a.applies == "adds"}
        try:
            sorted_ids = list(TopologicalSorter(adds).static_order())
        except CycleError as error:
            raise InputError(
                f"stacking {self.stacking}: on {date} these exclude each other in a circle: "
                f"{' <- '.join(map(str, error.args[1]))}; one of them must give way"
            ) from None
        base = [a for a in self.authorities if a.applies != "adds"]
        return (*base, *(by_id[i] for i in sorted_ids if i in adds))


def folded(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.casefold())


def bundled_stackings() -> tuple[str, ...]:
    folder = importlib.resources.files("entrepot.exposures") / "data"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_stacking(given: Stacking | str | os.PathLike[str]) -> Stacking:
    """A bundled stacking by name, or one of the user's own from a YAML file. Raises `DocumentError` with line and key,
    `UnknownNameError` for a name that is neither.
    """
    if isinstance(given, Stacking):
        return given
    if isinstance(given, str) and given in bundled_stackings():
        return _bundled(given)
    path = as_path(given)
    if not path.exists() and not path.suffix and os.sep not in str(given):
        raise UnknownNameError("stacking", str(given), bundled_stackings())
    return read_stacking(read_text(path), str(path))


@functools.cache
def _bundled(name: str) -> Stacking:
    resource: Any = importlib.resources.files("entrepot.exposures") / "data" / f"{name}.yaml"
    return read_stacking(resource.read_text(encoding="utf-8"), f"exposures/data/{name}.yaml")


def read_stacking(text: str, path: str) -> Stacking:
    """From YAML. Raises `DocumentError` with line and key."""
    document = read_document(text, path)
    if not isinstance(document, dict):
        raise DocumentError(
            "keys with values are needed: stacking, title, authorities (see docs/exposure.md)", path=path
        )
    try:
        return Stacking.model_validate({"stacking": Path(path).stem, **plain(document)})
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = list(fault["loc"])
        message = str(fault["msg"]).removeprefix("Value error, ")
        key = ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
        raise DocumentError(message, path=path, line=line_of(document, place), key=key) from None
