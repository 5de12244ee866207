"""A result table as data: title, columns with units, rows of numbers, notes and provenance; renderers lay it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.languages import localised, translated
from entrepot.read_only import read_only
from entrepot.words import NOISE, joined_sentences, money_unit, unlike_zero

if TYPE_CHECKING:
    import pandas as pd

#: The largest amount of a column is at least this in the unit of its table.
LEAST = 0.1
#: The largest amount of a column is below this in the unit of its table: six digits before the point.
MOST = 1e6
MONEY, PERCENT, SHARE, NUMBER, TEXT = "US$ million", "%", "share", "number", "text"


@dataclass(frozen=True)
class TableColumn:
    """One column: its label, the unit of its values, and how they are printed.

    key      the registered number (`equilibrium.quantities`), where the column holds one
    unit     MONEY (values in US$ million), PERCENT, SHARE (a fraction, printed as a percentage), NUMBER, TEXT, or any
             other, whose values are printed as numbers
    signed   whether a plus sign is printed
    digits   decimals of percentages and numbers
    joined   whether renderers for people print the value in brackets behind the column before
    """

    label: str
    key: str = ""
    unit: str = TEXT
    signed: bool = False
    digits: int = 1
    joined: bool = False

    def scale(self, values: Sequence[Any]) -> tuple[str, float]:
        """Return the unit in which the column is printed, and how many of its own units are one of these."""
        if self.unit != MONEY:
            return self.unit, 1.0
        return money_unit(v for v in values if _is_number(v))

    def text(self, value: Any, scale: float = 1.0) -> str:
        """Return the value as a cell; an absent number is an empty cell."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        if not _is_number(value):
            return str(value)
        if self.unit == PERCENT:
            return percent_text(float(value), self.digits, self.signed)
        if self.unit == SHARE:
            return localised(f"{unlike_zero(100 * value, self.digits)}%")
        if self.unit == MONEY:
            return _small_money(float(value) / scale, self.signed)
        text = unlike_zero(value, self.digits) if isinstance(value, float) else f"{value:,}"
        if not any(digit in "123456789" for digit in text):
            return localised(text.removeprefix("-"))
        return localised(f"+{text}" if self.signed and value > 0 else text)


@read_only
@dataclass(frozen=True)
class ResultTable:
    """A table of results.

    name        its key in `Study.tables`
    columns     what each position of a row holds
    rows        values: text, or numbers in the unit of their column
    notes       sentences under the table
    provenance  base and year, horizon, elasticities, version
    tidy        the same facts, one row a fact, as the CSV file has them, or a function that makes them (see `frame`)
    text_columns   how many columns on the left are row labels
    """

    name: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    tidy: pd.DataFrame | Callable[[], pd.DataFrame] | None = None
    text_columns: int = 1

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the tidy facts in place of the function that makes them."""
        return {**self.__dict__, "tidy": self.frame}

    @cached_property
    def frame(self) -> pd.DataFrame | None:
        """Return the tidy facts as a DataFrame, made when they are first read."""
        return self.tidy() if callable(self.tidy) else self.tidy

    @property
    def scales(self) -> tuple[tuple[str, float], ...]:
        """Return for each column the unit in which it is printed and the divisor of its values.

        Columns of money share the largest unit in which none of them is too small to read, unless the largest amount is
        too long in it.
        """
        own = [c.scale([row[k] for row in self.rows]) for k, c in enumerate(self.columns)]
        money = [k for k, c in enumerate(self.columns) if c.unit == MONEY]
        if not money:
            return tuple(own)
        largest = [max((abs(row[k]) for row in self.rows if _is_number(row[k])), default=0.0) for k in money]
        for shared in sorted({own[k] for k in money}, key=lambda scale: -scale[1]):
            if all(amount == 0 or LEAST <= amount / shared[1] < MOST for amount in largest):
                return tuple(shared if k in money else scale for k, scale in enumerate(own))
        return tuple(own)

    @property
    def shared_unit(self) -> str:
        """Return the unit of money where all columns of money share one, else an empty string."""
        used = {unit for c, (unit, _) in zip(self.columns, self.scales, strict=True) if c.unit == MONEY}
        return used.pop() if len(used) == 1 else ""

    @property
    def caption(self) -> str:
        """Return the title with the unit of money, where all columns share it."""
        return (
            f"{translated(self.title)} ({translated(self.shared_unit)})" if self.shared_unit else translated(self.title)
        )

    @property
    def head(self) -> list[str]:
        """Return the heading of each printed column; the unit of money is in it where columns differ."""
        shared = self.shared_unit
        return [
            translated(c.label) if shared or c.unit != MONEY else f"{translated(c.label)}, {translated(unit)}"
            for c, (unit, _) in zip(self.columns, self.scales, strict=True)
            if not c.joined
        ]

    @property
    def cells(self) -> list[list[str]]:
        """Return the rows as text, joined columns in brackets behind the one before."""
        scales = self.scales
        out = []
        for row in self.rows:
            line: list[str] = []
            for c, (_, scale), value in zip(self.columns, scales, row, strict=True):
                text = c.text(value, scale)
                if c.joined and line:
                    line[-1] = f"{line[-1]} ({text})" if text else line[-1]
                else:
                    line.append(text)
            out.append(line)
        return out

    @property
    def sheet_head(self) -> list[str]:
        """Return a heading with the unit for every column, joined ones too, as files for machines have it."""
        return [f"{c.label} [{c.unit}]" if c.unit not in (TEXT, NUMBER) else c.label for c in self.columns]

    @property
    def about(self) -> dict[str, str]:
        """Return title, units, notes and provenance: what a file beside the numbers must say."""
        units = "; ".join(f"{c.label}: {c.unit}" for c in self.columns if c.unit not in (TEXT, NUMBER))
        return {
            "title": self.title,
            "units": units,
            **({"notes": joined_sentences(self.notes)} if self.notes else {}),
        } | dict(self.provenance)


def money_text(value: float, signed: bool = True) -> str:
    """Return an amount in its unit to about three digits, never as a negative zero."""
    digits = 1 if abs(value) >= 9.995 else 2
    if float(f"{value:.{digits}f}") == 0:
        return localised("0.00")
    return localised(f"{value:{'+' if signed else ''},.{digits}f}")


def _small_money(value: float, signed: bool) -> str:
    """Return an amount as `money_text` does, or with two significant digits where it would read as a zero."""
    text = unlike_zero(value, 2)
    if abs(value) >= 0.005 or float(text) == 0:
        return money_text(value, signed)
    return localised(f"+{text}" if signed and value > 0 else text)


def percent_text(value: float, digits: int, signed: bool = True) -> str:
    """Return a percentage with `digits` decimals, or two significant digits where it is smaller than these show."""
    if abs(value) < NOISE:
        return localised(f"{0:.{digits}f}%")
    if abs(value) < 10 ** (1 - digits):
        digits = max(digits, 1 - math.floor(math.log10(abs(value))))
    return localised(f"{value:{'+' if signed else ''}.{digits}f}%")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
