"""The errors that a user can meet: each says what is wrong, where, and what to do.

`InputError` means that the question could not be read (the command line exits with 2);
`ConvergenceError` means that it was read and could not be answered (exit 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class EntrepotError(Exception):
    """Anything that Entrepot raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes with all that they say, whatever they were made of."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[EntrepotError], args: tuple[Any, ...], said: dict[str, Any]) -> EntrepotError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(said)
    return error


class InputError(EntrepotError, ValueError):
    """Something the user gave cannot be used as it is."""


class TableError(InputError):
    """A data table is inconsistent; the message names the row and the column."""


class MeasureError(InputError):
    """A measure cannot be put on the table as written; `key` is the argument at fault."""

    def __init__(self, key: str, message: str, where: str = "") -> None:
        self.key, self.message = key, message
        super().__init__(": ".join(part for part in (where, key, message) if part))


class UnknownNameError(InputError):
    """A country, sector, group or key that is not there; the message names the nearest one."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.kind, self.name = kind, name
        known = list(known)
        super().__init__(f"{where + ': ' if where else ''}unknown {kind} {name!r}{nearest(name, known)}")


class DocumentError(InputError):
    """A file cannot be read; the message gives the file and, where known, the line and the key."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None, key: str = "") -> None:
        self.path, self.line, self.key, self.message = path, line, key, message
        place = path if line is None else f"{path or 'document'}, line {line}"
        super().__init__(": ".join(part for part in (place, key, message) if part))


#: A bare number above this is refused as a rate or a share: 25 for 25% is the commonest slip there is.
LARGEST_BARE_NUMBER = 10.0


class UnusualRate(UserWarning):
    """A bare rate above one: read as more than 100%, which is seldom meant."""


class ConvergenceError(EntrepotError, ArithmeticError):
    """No equilibrium was found. `worst` names the cells furthest from balance, `remedy` what to try."""

    def __init__(self, cause: str, *, worst: tuple[str, ...] = (), remedy: str = "", residual: float = float("nan")):
        self.cause, self.worst, self.remedy, self.residual = cause, worst, remedy, residual
        parts = [cause]
        if worst:
            parts.append("Furthest from balance: " + "; ".join(worst) + ".")
        if remedy:
            parts.append("What to try: " + remedy)
        super().__init__(" ".join(parts))


def nearest(name: str, known: Iterable[str], limit: int = 8) -> str:
    """A half-sentence that helps after a misspelt name: the nearest known ones, or the first few."""
    known = list(known)
    folded = {str(k).casefold(): str(k) for k in known}
    close = [folded[c] for c in difflib.get_close_matches(str(name).casefold(), list(folded), n=3, cutoff=0.6)]
    if close:
        return "; did you mean " + " or ".join(close) + "?"
    if len(known) <= limit:
        return "; known: " + ", ".join(map(str, known))
    return "; known: " + ", ".join(map(str, known[:limit])) + f", ... ({len(known)} in all)"


class StoreError(EntrepotError):
    """The run store could not be written or read; says what, where and what to do."""
