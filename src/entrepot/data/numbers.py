"""Numbers as people and programs write them, by column: decimal sign, thousands, percent, currency, duties.

One column has one way of writing. It is decided from all of its cells, the decision is stated where it is not the usual
one (a point for decimals and nothing between thousands), and a column whose cells could be read in two ways is refused
with both readings. A cell that does not fit its column's way is an error with its row, never another number.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from entrepot.errors import TableError

#: Blanks that programs put into numbers: the ASCII one, no-break, narrow no-break, figure and thin spaces; and
#: what may stand at the ends of a cell.
BLANKS = " \u00a0\u202f\u2007\u2009"
#: Signs for minus and for the apostrophe (between thousands, in Switzerland), and the ASCII ones they are read as.
_ALIKE, _ASCII = "−\u2019", "-'"
_TO_ASCII = str.maketrans(_ALIKE, _ASCII)
ENDS = BLANKS + "\t\r\n\ufeff"
#: What stands for "not available" in published tables.
MISSING = ("", ".", "..", "...", "-", "–", "—", ":", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none")
_CURRENCY = r"US\$|USD|EUR|GBP|JPY|CAD|AUD|CHF|CNY|[$€£¥]"
#: Digits with signs between and around them.
_AMOUNT = re.compile(r"[+-]?[\d.,' ]*\d[\d.,' ]*")

#: What a column of numbers holds: amounts of money or of goods, or rates. Decides a cell such as 1,234 or 2.125, which
#: an amount has for its thousands and a rate for its decimals.
Kind = Literal["amount", "rate"]
Decimal = Literal["point", "comma"]


@dataclass(frozen=True)
class Style:
    """How a column writes its numbers: the sign before decimals, and the one between thousands ("" for none)."""

    decimal: str = "."
    thousands: str = ""

    @property
    def usual(self) -> bool:
        return self.decimal == "." and not self.thousands

    def __str__(self) -> str:
        spoken = {",": "a comma", ".": "a point", " ": "a blank", "'": "an apostrophe", "": "nothing"}
        return f"{spoken[self.decimal]} before decimals and {spoken[self.thousands]} between thousands"

    # ---- one number, in Python and in SQL ----

    def read(self, text: str) -> float | None:
        """The number that a cell holds; None where it holds none, or one in another style."""
        text = _bare(text)
        if re.fullmatch(self._plain, text) is None and re.fullmatch(self._grouped, text) is None:
            return None
        digits = text.replace(self.thousands, "") if self.thousands else text
        number = float(digits.replace(self.decimal, "."))
        return number if math.isfinite(number) else None

    def sql(self, column: str) -> str:
        """An SQL expression for the same of a text column; NULL where there is no number, infinite for one beyond what
        a double holds (which readers refuse with its row).
        """
        if self.usual:  # by far the most frequent; the rest is looked at only where a cast alone fails
            number = f"try_cast({column} AS DOUBLE)"
            bare = self._sql_bare(column)
            return (
                f"CASE WHEN isfinite({number}) AND NOT contains({column}, '_') THEN {number} "
                f"WHEN regexp_full_match({bare}, '{self._plain}') THEN try_cast({bare} AS DOUBLE) END"
            )
        bare = self._sql_bare(column)
        digits = f"replace({bare}, '{_quoted(self.thousands)}', '')" if self.thousands else bare
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
        """As `_bare`, in SQL."""
        blanks = f"regexp_replace({column}, '[{BLANKS}]', ' ', 'g')"
        signs = f"translate({blanks}, '{_ALIKE}', '{_quoted(_ASCII)}')"
        money = f"regexp_replace({signs}, '^([+-]?)\\s*({_CURRENCY})\\s*|\\s*({_CURRENCY})$', '\\1', 'g')"
        return f"trim(regexp_replace({money}, '^\\((.*)\\)$', '-\\1'))"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _bare(text: str) -> str:
    """A cell without currency, with ordinary blanks and minus, a negative number in brackets with its sign."""
    text = _ascii(re.sub(f"[{BLANKS}]", " ", text)).strip()
    text = re.sub(rf"^([+-]?)\s*({_CURRENCY})\s*|\s*({_CURRENCY})$", r"\1", text)
    return re.sub(r"^\((.*)\)$", r"-\1", text).strip()


def _ascii(text: str) -> str:
    return text.translate(_TO_ASCII)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no number."""
    return text.strip(ENDS).casefold() in MISSING


# ---- what style a column has ----


def find_style(
    cells: Iterable[str],
    where: str,
    *,
    kind: Kind = "amount",
    separator: str | None = None,
    decimal: Decimal | None = None,
) -> Style:
    """The style of a column's numbers, from cells that hold more than digits.

    decimal    as the user or the table's publisher states it: nothing is then inferred
    separator  of the table's fields: one that separates them by commas writes decimals with a point
    Raises `TableError` for a column in two styles, or in one that leaves two readings, with both.
    """
    evidence = _Evidence()
    for cell in cells:
        for token in _rates_in(cell) if kind == "rate" else _amount_in(cell):
            evidence.take(token.strip(), cell)
    if decimal is not None:
        sign = "." if decimal == "point" else ","
        return Style(sign, evidence.thousands_beside(sign))
    return evidence.decided(where, kind, separator)


def _amount_in(cell: str) -> list[str]:
    bare = _bare(cell)
    return [bare] if _AMOUNT.fullmatch(bare) else []


def _rates_in(cell: str) -> list[str]:
    """The numbers of a rate: alone, or before a percent sign; not those of specific duties, codes and notes."""
    bare = _without_marks(cell)
    alone = _ALONE.fullmatch(bare)
    return [alone[1]] if alone else _TERM.findall(bare)


class _Evidence:
    """What the cells of a column show of their style, with a cell that shows it."""

    def __init__(self) -> None:
        self.decimals: dict[str, str] = {}
        self.thousands: dict[str, str] = {}
        self.either: dict[str, str] = {}

    def take(self, token: str, cell: str) -> None:
        """Signs between the digits of one number."""
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
        seen = [sign for sign in (*self.thousands, *self.either) if sign != decimal]
        return seen[0] if seen else ""

    def decided(self, where: str, kind: Kind, separator: str | None) -> Style:
        twice = [sign for sign in self.decimals if sign in self.thousands]
        if len(self.decimals) > 1 or twice:
            one, other = (
                list(self.decimals.values())[:2] if not twice else (self.decimals[twice[0]], self.thousands[twice[0]])
            )
            raise TableError(
                f"{where}: {one!r} and {other!r} do not write their decimals with the same sign; write the column in "
                f"one way"
            )
        if self.decimals:
            sign = next(iter(self.decimals))
            return Style(sign, self.thousands_beside(sign))
        pointed = [sign for sign in self.thousands if sign in ".,"]
        if pointed:
            return Style("," if pointed[0] == "." else ".", pointed[0])
        spaced = next(iter(self.thousands), "")
        if not self.either:
            return Style(".", spaced)
        if len(self.either) > 1:
            one, other = self.either.values()
            raise TableError(f"{where}: {one!r} and {other!r} cannot both be read; write the column in one way")
        sign, cell = next(iter(self.either.items()))
        as_decimals, as_thousands = Style(sign, spaced), Style("," if sign == "." else ".", sign)
        money = re.search(_CURRENCY, cell) is not None
        if spaced or (sign == "." and (kind == "rate" or separator == ",")):
            return as_decimals
        if sign == "," and kind == "amount" and (separator == "," or (money and "$" in cell)):
            return as_thousands
        small, large = (style.read(cell.replace("%", "")) for style in (as_decimals, as_thousands))
        raise TableError(
            f"{where}: {cell!r} may be {_shown(small)} or {_shown(large)}, and no other cell of the column decides it; "
            f"say which sign stands before decimals: --decimal point or --decimal comma (decimal=)"
        )


def _shown(number: float | None) -> str:
    return "unreadable" if number is None else f"{number:,.6g}"


# ---- duties ----


@dataclass(frozen=True)
class Duty:
    """A rate of duty as a schedule states it.

    ad_valorem  a fraction of the value, or None where no part of the duty is one
    percent     whether the text says that it is a percentage; a bare number is in the unit of its column
    rest        what is levied beside it, or instead of it: "3.3 cents/kg"; empty for none
    """

    ad_valorem: float | None
    percent: bool = False
    rest: str = ""


_FREE = re.compile(r"(free|nil|exempt|exempted|duty[- ]free|zero|none|0 ?%?)\b.*", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(\s*<sup>.*?</sup>|\s+\d{1,2}/|\s*[*†‡]+|\s*\(\d\)|\s*\[\d\])+$")
_PERCENT = r"(?:%|per ?cent\.?|pct\.?|p\.c\.)"
_NUMBER = r"[+-]?(?:\d[\d.,' ]*|\.\d+)"
_ALONE = re.compile(rf"({_NUMBER})\s*({_PERCENT})?(?:\s*ad\.? ?val(?:orem|\.)?)?", re.IGNORECASE)
#: A percentage that is not of the whole value: "5% on the case", "12% of the lead content".
_OF_A_PART = re.compile(rf"{_PERCENT}\s*(?:on|of)\s+(?!(?:the )?(?:(?:customs|cif|fob) )?value$)", re.IGNORECASE)
#: A percentage that is not the end of a fraction: of "2 1/2%" nothing is read.
_TERM = re.compile(rf"(?<![\d./])({_NUMBER})\s*{_PERCENT}", re.IGNORECASE)
#: "14.00% (01 JUL - 31 JAN), 0.00% (01 FEB - 30 JUN)".
_SEASON = re.compile(
    rf"({_NUMBER})\s*{_PERCENT}\s*\(\s*(\d{{1,2}}) ([A-Z]{{3}})[A-Z]* ?- ?(\d{{1,2}}) ([A-Z]{{3}})[A-Z]*\s*\)",
    re.IGNORECASE,
)
#: A rate taken off another one, and not "not less than".
_LESS = re.compile(r"\bminus\b|\bless\b(?! than)", re.IGNORECASE)
#: Several percentages of which one holds, or a bound of one: "5-10%", "5%/10%", "<5%", "up to 5%", "5% or more".
_RANGE = re.compile(
    rf"(?:from |between )?{_NUMBER}\s*"
    rf"(?:{_PERCENT}?\s*(?:-|–|—|~|\.\.+|to\b|or\b|and\b|through\b)|{_PERCENT}\s*/)\s*{_NUMBER}\s*{_PERCENT}"
    rf"|(?:[<>~≤≥≈]=?|up to|at (?:most|least)|(?:no |not )?(?:more|less) than|(?:over|under|above|below|about|around)\b"
    rf"|approx\w*\.?|circa|ca?\.|m(?:ax|in)(?:imum|\.)?)\s*{_NUMBER}\s*{_PERCENT}"
    rf"|{_NUMBER}\s*{_PERCENT}\s*(?:(?:or|and) (?:more|less|higher|lower|above|below|over|under)|\+)$",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_duty(text: str, style: Style, day: datetime.date | None = None) -> Duty:
    """What a schedule's cell levies: "2.5%", "Free 1/", "3.3¢/kg + 5%" (5%, and 3.3¢/kg beside it), "10 USD/t" (no part
    of the value). Of rates by season, that of `day` holds; without a day such a cell has none.
    """
    bare = _without_marks(text)
    seasons = _SEASON.findall(bare)
    if len(seasons) > 1:
        held = [rate for rate, *span in seasons if day is not None and _in_season(day, *span)]
        number = style.read(held[0]) if len(held) == 1 else None
        return Duty(None if number is None else number / 100, True, "" if held else bare)
    whole = _ALONE.fullmatch(bare)
    if whole is not None:
        number = style.read(whole[1])
        return Duty(None, rest=bare) if number is None else Duty(number / 100 if whole[2] else number, bool(whole[2]))
    if _FREE.fullmatch(bare) and not re.search(r"\d", bare):
        return Duty(0.0, True)
    terms = _TERM.findall(bare)
    if is_range(text) or len(terms) != 1 or _OF_A_PART.search(bare) or _LESS.search(bare):
        return Duty(None, rest=bare)
    number = style.read(terms[0])
    rest = _TERM.sub("", bare, count=1).strip(" +,;")
    return Duty(None, rest=bare) if number is None else Duty(number / 100, True, rest or bare)


def is_range(text: str) -> bool:
    """Whether a cell states a range or a choice of percentages, and not one of them."""
    return _RANGE.match(_without_marks(text)) is not None


def _without_marks(text: str) -> str:
    """A cell without footnote marks and with ordinary blanks and minus."""
    return _FOOTNOTE.sub("", _ascii(re.sub(f"[{ENDS}]+", " ", text)).strip()).strip()


def _in_season(day: datetime.date, first: str, from_month: str, last: str, to_month: str) -> bool:
    begins = (_MONTHS.index(from_month.casefold()) + 1, int(first))
    ends = (_MONTHS.index(to_month.casefold()) + 1, int(last))
    today = (day.month, day.day)
    return begins <= today <= ends if begins <= ends else today >= begins or today <= ends


def styles_note(column: str, style: Style) -> Sequence[str]:
    """What was decided for a column, where it is not the usual style."""
    return () if style.usual else (f"The column {column!r} is read with {style}.",)
