"""Number formats of table columns: decimal sign, thousands separator, percent signs and currencies.

Every column has one format, which is inferred from all of its cells and noted where it is not the usual one (a point
before decimals, nothing between thousands). A column whose cells could be read in two ways raises an error that states
both readings. A cell that does not fit the format of its column is an error with its row; it is never read as another
number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from entrepot.errors import TableError
from entrepot.sql_quoting import sql_text

#: Spaces that programs write inside numbers: ASCII, no-break, narrow no-break, figure and thin spaces.
BLANKS = " \u00a0\u202f\u2007\u2009"
#: The minus sign and the typographic apostrophe (Swiss thousands separator), and the ASCII signs they are read as.
_ALIKE, _ASCII = "−\u2019", "-'"
_TO_ASCII = str.maketrans(_ALIKE, _ASCII)
#: Characters that are stripped from both ends of a cell.
ENDS = BLANKS + "\t\r\n\ufeff"
#: Cells that mean "not available" in published tables.
MISSING = ("", ".", "..", "...", "-", "–", "—", ":", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none")
_CURRENCY = r"US\$|USD|EUR|GBP|JPY|CAD|AUD|CHF|CNY|[$€£¥]"
#: Digits with separators between and around them.
_AMOUNT = re.compile(r"[+-]?[\d.,' ]*\d[\d.,' ]*")

#: A number with an exponent and decimals.
_SCIENTIFIC = re.compile(r"[+-]?\d*([.,])\d+[eE][+-]?\d+")

#: Marks of footnotes behind a rate.
_FOOTNOTE = re.compile(r"(\s*<sup>.*?</sup>|\s+\d{1,2}/|\s*[*†‡]+|\s*\(\d\)|\s*\[\d\])+$")
#: A percent sign, and a number, in the text of a rate.
PERCENT = r"(?:%|per ?cent\.?|pct\.?|p\.c\.)"
NUMBER = r"[+-]?(?:\d[\d.,' ]*|\.\d+)"
#: What may stand behind a percent sign.
AD_VALOREM = r"(?:\s*ad\.? ?val(?:orem|\.)?)?"
#: A cell that is one number, with or without a percent sign.
SINGLE_RATE = re.compile(rf"({NUMBER})\s*({PERCENT})?{AD_VALOREM}", re.IGNORECASE)
#: A percentage in a longer text. The 2% of "2 1/2%" does not match: it is the end of a fraction.
PERCENTAGE = re.compile(rf"(?<![\d./])({NUMBER})\s*{PERCENT}", re.IGNORECASE)

#: Whether a column holds amounts (of money or goods) or rates. It decides cells such as 1,234 or 2.125: the
#: sign separates thousands in an amount, and precedes decimals in a rate.
NumberKind = Literal["amount", "rate"]
Decimal = Literal["point", "comma"]


@dataclass(frozen=True)
class NumberFormat:
    """How a column writes numbers: its decimal sign and its thousands separator ("" for none)."""

    decimal: str = "."
    thousands: str = ""

    @property
    def usual(self) -> bool:
        """Whether the decimal sign is a point and thousands are not separated."""
        return self.decimal == "." and not self.thousands

    def __str__(self) -> str:
        spoken = {",": "a comma", ".": "a point", " ": "a blank", "'": "an apostrophe", "": "nothing"}
        return f"{spoken[self.decimal]} before decimals and {spoken[self.thousands]} between thousands"

    # ---- one number, in Python and in SQL ----

    def read(self, text: str) -> float | None:
        """Return the number in a cell; None where there is none or it is written in another format."""
        text = _bare(text)
        if re.fullmatch(self._plain, text) is None and re.fullmatch(self._grouped, text) is None:
            return None
        digits = text.replace(self.thousands, "") if self.thousands else text
        number = float(digits.replace(self.decimal, "."))
        return number if math.isfinite(number) else None

    def sql(self, column: str) -> str:
        """Return an SQL expression that does the same for a text column.

        It is NULL where there is no number, and infinite for a number too large for a double (readers then raise an
        error with the row).
        """
        if self.usual:  # the most frequent format: the slower expressions run only where a plain cast fails
            number = f"try_cast({column} AS DOUBLE)"
            bare = self._sql_bare(column)
            return (
                f"CASE WHEN isfinite({number}) AND NOT contains({column}, '_') THEN {number} "
                f"WHEN regexp_full_match({bare}, '{self._plain}') THEN try_cast({bare} AS DOUBLE) END"
            )
        bare = self._sql_bare(column)
        digits = f"replace({bare}, {sql_text(self.thousands)}, '')" if self.thousands else bare
        number = f"try_cast(replace({digits}, '{self.decimal}', '.') AS DOUBLE)"
        either = f"{self._plain}|{self._grouped}".replace("'", "''")
        return f"CASE WHEN regexp_full_match({bare}, '{either}') THEN {number} END"

    @property
    def _plain(self) -> str:
        d = re.escape(self.decimal)
        return rf"[+-]?([0-9]+{d}?[0-9]*|{d}[0-9]+)([eE][+-]?[0-9]+)?"

    @property
    def _grouped(self) -> str:
        if not self.thousands:
            return self._plain
        t, d = re.escape(self.thousands), re.escape(self.decimal)
        return rf"[+-]?[0-9]{{1,3}}({t}[0-9]{{3}})+({d}[0-9]*)?"

    @staticmethod
    def _sql_bare(column: str) -> str:
        """SQL expression that does what `_bare` does."""
        blanks = f"regexp_replace({column}, '[{BLANKS}]', ' ', 'g')"
        signs = f"translate({blanks}, '{_ALIKE}', {sql_text(_ASCII)})"
        money = f"regexp_replace({signs}, '^([+-]?)\\s*({_CURRENCY})\\s*|\\s*({_CURRENCY})$', '\\1', 'g')"
        return f"trim(regexp_replace({money}, '^\\((.*)\\)$', '-\\1'))"


def _bare(text: str) -> str:
    """Cell text without currency, with ASCII spaces and minus; a negative number in brackets gets its sign."""
    text = _ascii(re.sub(f"[{BLANKS}]", " ", text)).strip()
    text = re.sub(rf"^([+-]?)\s*({_CURRENCY})\s*|\s*({_CURRENCY})$", r"\1", text)
    return re.sub(r"^\((.*)\)$", r"-\1", text).strip()


def _ascii(text: str) -> str:
    return text.translate(_TO_ASCII)


def is_missing(text: str) -> bool:
    """Whether a cell is empty or marks a missing number (NA, n.a., ..)."""
    return text.strip(ENDS).casefold() in MISSING


def states_money(text: str) -> bool:
    """Whether a cell has a sign or a code of money, as in "$0.05" and "EUR 0.1", which are not shares of a value."""
    return re.search(_CURRENCY, text) is not None


def money_in(texts: Iterable[str]) -> dict[str, str]:
    """Return the first of some cells by each sign or code of money in them, dollars among them: {"€": "€1,000"}."""
    found: dict[str, str] = {}
    for text in texts:
        for money in re.findall(_CURRENCY, text):
            found.setdefault(money, text)
    return found


def sql_states_money(column: str) -> str:
    """Return an SQL expression that does the same for a text column."""
    return f"coalesce(regexp_matches({column}, '{_CURRENCY}'), false)"


# ---- the format of a column ----


def find_number_format(
    cells: Iterable[str],
    where: str,
    *,
    kind: NumberKind = "amount",
    separator: str | None = None,
    decimal: Decimal | None = None,
) -> NumberFormat:
    """Return the number format of a column, inferred from its cells.

    decimal    the decimal sign, where the user or the publisher states it; it is then not inferred
    separator  the field separator of the file: with commas between fields, decimals are written with a point
    Raises `TableError` for a column in two formats, or with two possible readings, which the message states.
    """
    evidence = _Evidence()
    for cell in cells:
        scientific = _SCIENTIFIC.fullmatch(_bare(cell))
        if scientific is not None:  # 3,092242E+05: what stands before the digits of a mantissa is a decimal sign
            evidence.decimals.setdefault(scientific[1], cell)
            continue
        for token in rates_in(cell) if kind == "rate" else _amount_in(cell):
            evidence.take(token.strip(), cell)
    if decimal is not None:
        sign = "." if decimal == "point" else ","
        return NumberFormat(sign, evidence.thousands_beside(sign))
    return evidence.decided(where, kind, separator)


def _amount_in(cell: str) -> list[str]:
    bare = _bare(cell)
    return [bare] if _AMOUNT.fullmatch(bare) else []


class _Evidence:
    """Signs seen as decimal sign, as thousands separator, or as either; each with a cell that shows it."""

    def __init__(self) -> None:
        self.decimals: dict[str, str] = {}
        self.thousands: dict[str, str] = {}
        self.either: dict[str, str] = {}

    def take(self, token: str, cell: str) -> None:
        """Record the signs between the digits of one number."""
        signs = [c for c in token.lstrip("+-") if not c.isdigit()]
        parts = re.split(r"[.,' ]", token.lstrip("+-"))
        if not signs:
            return
        regular = len(parts[0]) <= 3 and parts[0] != "" and all(len(part) == 3 for part in parts[1:])
        last = signs[-1]
        if last in " '":
            if regular and len(set(signs)) == 1:
                self.thousands.setdefault(last, cell)
        elif len(signs) > 1 and signs.count(last) == len(signs):
            self.thousands.setdefault(last, cell)
        elif len(signs) > 1:
            self.decimals.setdefault(last, cell)
            self.thousands.setdefault(signs[0], cell)
        elif len(parts[1]) != 3 or not regular or parts[0] == "0":
            self.decimals.setdefault(last, cell)
        else:
            self.either.setdefault(last, cell)

    def thousands_beside(self, decimal: str) -> str:
        """Return the thousands separator seen in a column with this decimal sign; "" for none."""
        seen = [sign for sign in (*self.thousands, *self.either) if sign != decimal]
        return seen[0] if seen else ""

    def decided(self, where: str, kind: NumberKind, separator: str | None) -> NumberFormat:
        """Return the one format that fits all cells. Raises `TableError` for none, or for two that fit."""
        twice = [sign for sign in self.decimals if sign in self.thousands]
        if len(self.decimals) > 1 or twice:
            one, other = (
                list(self.decimals.values())[:2] if not twice else (self.decimals[twice[0]], self.thousands[twice[0]])
            )
            raise _different_signs(where, one, other)
        if self.decimals:
            sign, shown = next(iter(self.decimals.items()))
            doubtful = [cell for other, cell in self.either.items() if other != sign and other not in self.thousands]
            if kind == "rate" and doubtful:
                raise _different_signs(where, shown, doubtful[0])
            return NumberFormat(sign, self.thousands_beside(sign))
        pointed = [sign for sign in self.thousands if sign in ".,"]
        if pointed:
            return NumberFormat("," if pointed[0] == "." else ".", pointed[0])
        spaced = next(iter(self.thousands), "")
        if not self.either:
            return NumberFormat(".", spaced)
        if len(self.either) > 1:
            one, other = self.either.values()
            raise TableError(f"{where}: {one!r} and {other!r} are in two formats; write the whole column in one")
        sign, cell = next(iter(self.either.items()))
        as_decimals, as_thousands = NumberFormat(sign, spaced), NumberFormat("," if sign == "." else ".", sign)
        money = re.search(_CURRENCY, cell) is not None
        if spaced or (sign == "." and (kind == "rate" or separator == ",")):
            return as_decimals
        if sign == "," and kind == "amount" and (separator == "," or (money and "$" in cell)):
            return as_thousands
        small, large = (style.read(cell.replace("%", "")) for style in (as_decimals, as_thousands))
        raise TableError(
            f"{where}: {cell!r} may be {_shown(small)} or {_shown(large)}, and no other cell of the column decides it; "
            f"write it as {' or as '.join(f'{x:.12g}' for x in (small, large) if x is not None)}, or state the decimal "
            "sign where it can be stated (decimal= in Python, --decimal of 'entrepot exposure' and 'entrepot market')"
        )


def _different_signs(where: str, one: str, other: str) -> TableError:
    return TableError(
        f"{where}: {one!r} and {other!r} use different decimal signs; write the whole column in one format"
    )


def rates_in(cell: str) -> list[str]:
    """Return the numbers of a rate, alone or before a percent sign; those of specific duties and codes are left out."""
    bare = without_marks(cell)
    alone = SINGLE_RATE.fullmatch(bare)
    return [alone[1]] if alone else PERCENTAGE.findall(bare)


def _shown(number: float | None) -> str:
    return "unreadable" if number is None else f"{number:,.6g}"


def without_marks(text: str) -> str:
    """Return a cell without footnote marks, with ASCII spaces and minus."""
    return _FOOTNOTE.sub("", _ascii(re.sub(f"[{ENDS}]+", " ", text)).strip()).strip()


def number_format_note(column: str, style: NumberFormat) -> Sequence[str]:
    """Return a note on the format of a column, if it is not the usual one."""
    return () if style.usual else (f"The column {column!r} is read with {style}.",)
