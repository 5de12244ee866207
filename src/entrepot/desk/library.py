"""What may be named in a question: the bundled cases and Economies, and those of a folder that the desk was given."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.cases import Case, bundled_cases, load_case
from entrepot.economy import Economy, bundled_economies, load_economy
from entrepot.economy.geography import country_name, groups
from entrepot.errors import UnknownNameError
from entrepot.words import sector_name, short, spoken

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class Library:
    """folder   holds cases (NAME.yaml) and saved Economies (NAME.ep); clients name them by NAME, never by a path."""

    folder: str | None = None

    def cases(self) -> dict[str, str]:
        """What to load, by name."""
        return {**self._files(".yaml"), **{name: name for name in bundled_cases()}}

    def economies(self) -> dict[str, str]:
        """What to load, by name."""
        return {**{name: name for name in bundled_economies()}, **self._files(".ep")}

    def case(self, name: str) -> Case:
        """Raises `UnknownNameError`, and whatever is wrong with the file."""
        known = self.cases()
        if name not in known:
            raise UnknownNameError("case", name, known)
        return _case(known[name], _stamp(known[name]))

    def economy(self, name: str) -> Economy:
        """Raises `UnknownNameError`, and whatever is wrong with the file."""
        known = self.economies()
        if name not in known:
            raise UnknownNameError("economy", name, known)
        return _economy(known[name], _stamp(known[name]))

    def of(self, case: Case) -> Economy | None:
        """The Economy of a case, where it is one of these; None leaves it to the case."""
        return self.economy(case.economy) if case.economy in self.economies() else None

    def stamps(self) -> list[tuple[str, int]]:
        """The files of the folder, and when each was last written."""
        return [(name, _stamp(name)) for kind in (".yaml", ".ep") for name in self._files(kind).values()]

    def _files(self, kind: str) -> dict[str, str]:
        if self.folder is None:
            return {}
        found = sorted(Path(self.folder).glob(f"*{kind}"))
        return {path.stem: str(path) for path in found if _NAME.fullmatch(path.stem) and path.is_file()}


def _stamp(what: str) -> int:
    """When a file was last written; a bundled name never is."""
    path = Path(what)
    return path.stat().st_mtime_ns if path.is_file() else 0


@functools.lru_cache(maxsize=64)
def _case(what: str, stamp: int) -> Case:
    return load_case(what)


@functools.lru_cache(maxsize=8)
def _economy(what: str, stamp: int) -> Economy:
    return load_economy(what)


def described(e: Economy) -> dict[str, Any]:
    """What can be named on an Economy: countries and groups with their names, sectors with their trade elasticities."""
    known = set(e.countries)
    return {
        "name": e.name,
        "year": e.year,
        "source": e.source,
        "fingerprint": e.fingerprint,
        "countries": [_named(c, country_name(c)) for c in e.countries],
        "groups": [
            {**_named(code, group["title"]), "members": [c for c in group["members"] if c in known]}
            for code, group in groups().items()
            if known & set(group["members"])
        ],
        "sectors": [
            {"code": s, "name": sector_name(s), "theta": float(t)} for s, t in zip(e.sectors, e.theta, strict=True)
        ],
    }


def _named(code: str, name: str) -> dict[str, Any]:
    """A country or group in a list, as a label, and inside a sentence."""
    return {"code": code, "name": name, "short": short(code), "spoken": spoken(code)}
