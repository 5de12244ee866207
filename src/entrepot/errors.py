"""The errors of the package: each message says what is wrong, where, and what to do.

`InputError` means that the input could not be read (the command line exits with 2);
`ConvergenceError` means that it was read and no equilibrium was found (exit 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args


class EntrepotError(Exception):
    """The base class of the errors that Entrepot raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error with all its attributes, whatever its constructor takes."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[EntrepotError], args: tuple[Any, ...], attributes: dict[str, Any]) -> EntrepotError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class InputError(EntrepotError, ValueError):
    """An input of the user cannot be used as it is."""


class TableError(InputError):
    """A data table is inconsistent; the message names the row and the column."""


class MeasureError(InputError):
    """A measure cannot be used as written; `key` is the wrong argument."""

    def __init__(self, key: str, message: str, where: str = "") -> None:
        self.key, self.message = key, message
        super().__init__(": ".join(part for part in (where, key, message) if part))


class UnknownNameError(InputError):
    """An unknown country, sector, group or key; the message names the nearest known one."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "", hint: str = "") -> None:
        self.kind, self.name, self.where = kind, name, where
        known = list(known)
        end = f"; {hint}" if hint else nearest(name, known)
        super().__init__(f"{where + ': ' if where else ''}unknown {kind} {name!r}{end}")


class DocumentError(InputError):
    """A file cannot be read; the message gives the file and, where known, the line and the key."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None, key: str = "") -> None:
        self.path, self.line, self.key, self.message = path, line, key, message
        place = path if line is None else f"{path or 'document'}, line {line}"
        super().__init__(": ".join(part for part in (place, key, message) if part))


#: What stands for all sectors where one is named; it is not counted among them.
EVERY = "ALL"
#: A bare number above this is refused as a rate or a share, because 25 is a common slip for 25%.
LARGEST_BARE_NUMBER = 10.0


class UnusualRate(UserWarning):
    """A bare rate above one: it is read as more than 100%, which is seldom intended."""


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
    """Return the end of a message about an unknown name: the nearest known names, or the first few."""
    known = list(known)
    folded = {str(k).casefold(): str(k) for k in known}
    close = [folded[c] for c in difflib.get_close_matches(str(name).casefold(), list(folded), n=3, cutoff=0.6)]
    if close:
        return "; did you mean " + " or ".join(close) + "?"
    if len(known) <= limit:
        return "; known: " + ", ".join(map(str, known))
    number = len(known) - (EVERY in known)
    return "; known: " + ", ".join(map(str, known[:limit])) + f", ... ({number} in all)"


def check_choice(where: str, value: object, kind: Any) -> None:
    """Raise `InputError` with the nearest one unless `value` is one of the values of a Literal, `kind`."""
    if value not in get_args(kind):
        raise InputError(f"{where} {value!r}{nearest(str(value), get_args(kind))}")


def as_given(value: object) -> str:
    """Return a value as a message shows it: a text in quotes, and empty where there is none."""
    return "empty" if value is None else repr(value)


def not_a_share(number: float) -> str:
    """Return why a number is not a probability."""
    return f"{number:g} is not between 0 and 1{percent_meant(number)}"


def percent_meant(value: object) -> str:
    """Return the end of a message about a number that should be a part of one: "; 80%?" where that may be meant."""
    return f"; {value:g}%?" if isinstance(value, int | float) and 2 <= value <= 100 else ""


class StoreError(EntrepotError):
    """The run store could not be written or read."""
