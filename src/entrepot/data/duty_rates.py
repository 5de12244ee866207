"""Rates of duty as tariff schedules write them: "2.5%", "Free 1/", "3.3 cents/kg + 5%", rates by season, ranges."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from entrepot.data.formats.cell_formats import NO_RESULT
from entrepot.data.number_formats import (
    AD_VALOREM,
    NUMBER,
    PERCENT,
    PERCENTAGE,
    SINGLE_RATE,
    NumberFormat,
    without_marks,
)
from entrepot.data.units import MONEY_OF_DUTY
from entrepot.dates import SHORT_MONTHS


@dataclass(frozen=True)
class StatedDuty:
    """A rate of duty as a schedule states it.

    ad_valorem  the ad valorem part as a fraction; None where the duty has none
    percent     whether the text states a percentage; a bare number is in the unit of its column
    rest        the part that is not ad valorem: "3.3 cents/kg"; empty for none
    """

    ad_valorem: float | None
    percent: bool = False
    rest: str = ""


_FREE = re.compile(r"(free|nil|exempt|exempted|duty[- ]free|zero|none|0 ?%?)\b.*", re.IGNORECASE)
#: A percentage with a fraction: "33 1/3%", "1/2%".
_WITH_FRACTION = re.compile(rf"(?:(\d+) )?(\d+)/([1-9]\d*)\s*{PERCENT}{AD_VALOREM}", re.IGNORECASE)
#: A percentage of a part of the value: "5% on the case", "12% of the lead content".
_OF_A_PART = re.compile(rf"{PERCENT}\s*(?:on|of)\s+(?!(?:the )?(?:(?:customs|cif|fob) )?value$)", re.IGNORECASE)
#: "14.00% (01 JUL - 31 JAN), 0.00% (01 FEB - 30 JUN)".
_SEASON = re.compile(
    rf"({NUMBER})\s*{PERCENT}\s*\(\s*(\d{{1,2}}) ([A-Z]{{3}})[A-Z]* ?- ?(\d{{1,2}}) ([A-Z]{{3}})[A-Z]*\s*\)",
    re.IGNORECASE,
)
#: A rate subtracted from another one ("minus", "less", but not "less than").
_LESS = re.compile(r"\bminus\b|\bless\b(?! than)", re.IGNORECASE)
#: A range or choice of percentages, or a bound on one: "5-10%", "5%/10%", "<5%", "up to 5%", "5% or more".
_RANGE = re.compile(
    rf"(?:from |between )?{NUMBER}\s*"
    rf"(?:{PERCENT}?\s*(?:-|–|—|~|\.\.+|to\b|or\b|and\b|through\b)|{PERCENT}\s*/)\s*{NUMBER}\s*{PERCENT}"
    rf"|(?:[<>~≤≥≈]=?|up to|at (?:most|least)|(?:no |not )?(?:more|less) than|(?:over|under|above|below|about|around)\b"
    rf"|approx\w*\.?|circa|ca?\.|m(?:ax|in)(?:imum|\.)?)\s*{NUMBER}\s*{PERCENT}"
    rf"|{NUMBER}\s*{PERCENT}\s*(?:(?:or|and) (?:more|less|higher|lower|above|below|over|under)|\+)$",
    re.IGNORECASE,
)
#: A range, a choice or a bound of numbers without a percent sign: "5-10", "10 or 5", "<5", "5+".
_BARE_RANGE = re.compile(
    rf"{NUMBER}\s*(?:(?:-|–|—|to\b|or\b)\s*{NUMBER}|\+)|(?:[<>~≤≥≈]=?)\s*{NUMBER}",
    re.IGNORECASE,
)
#: Another duty: an amount of money, or a percentage of value (and not of what is in the goods).
_DUTY = rf"(?:{MONEY_OF_DUTY}\s*\d|{NUMBER}\s*(?:{MONEY_OF_DUTY}|{PERCENT}(?!\s+(?!max|min|ad\b)[a-z])))"
#: A choice between a rate and another duty: "greater of 5% or 10c/kg", "5% but not less than 10c/kg", "5% MIN 10c/kg".
_CHOICE = re.compile(
    r"\bwhichever\b|\b(greate[rs]t?|highe[rs]t?|lowe[rs]t?|lesser|least|smalle[rs]t?|large[rs]t?) of\b|\bor\s+[\d.$€£¥]"
    r"|\b(but|and) (not|no) (less|more|exceeding)\b|\bnot (less|more) than\b|\bat (least|most)\b"
    rf"|\bm(in|ax)(imum)?\.?( of)?\s*{_DUTY}"
    rf"|\balternatively\b|\bif (greater|higher|larger|less|lower|more|smaller)\b(?! than(?!\s*{_DUTY}))",
    re.IGNORECASE,
)


#: A truth value, an error of a spreadsheet, an infinite number, or a formula without a result.
_NO_NUMBER = re.compile(
    rf"{re.escape(NO_RESULT)}|true|false|yes|no|wahr|falsch|vrai|faux|[+-]?inf(inity)?|#(ref|value|div/0|name|num|null|spill|calc)[!?]"
    r"|err:\d+",
    re.IGNORECASE,
)
#: Short names of money that stand behind an amount without a blank: 5DM, 5kr.
_SHORT_MONEY = re.compile(r"\d(?:dm|[dns]?kr|kč|zł|zl|tl|ft|s?fr|ff|bf|rm|mk|ct|lei|din)\.?", re.IGNORECASE)
#: Digits with at most three letters that touch them: 0.155m, 0x1, 1_0, 1/4, 15‰, but not 10/kg, 10 kr or 0 (s).
_STRAY = re.compile(r"[^\w]*\d[^a-z]*(?:(?<=[\d.,_])[a-z]{1,3}[^a-z]*)?", re.IGNORECASE)
_MONEY = re.compile(MONEY_OF_DUTY, re.IGNORECASE)


def read_duty(text: str, style: NumberFormat, day: datetime.date | None = None) -> StatedDuty:
    """Return the duty that a cell of a schedule states.

    "2.5%", "33 1/3%", "Free 1/"; "3.3¢/kg + 5%" is 5% with 3.3¢/kg as the rest; "10 USD/t" and "5% or 10 USD/t" have
    no ad valorem part. Of rates by season the one of `day` is taken; without a day such a cell has no rate.
    """
    bare = without_marks(text)
    seasons = _SEASON.findall(bare)
    if len(seasons) > 1:
        held = [rate for rate, *span in seasons if day is not None and _in_season(day, *span)]
        number = style.read(held[0]) if len(held) == 1 else None
        return StatedDuty(None if number is None else number / 100, True, "" if held else bare)
    whole = SINGLE_RATE.fullmatch(bare)
    if whole is not None:
        number = style.read(whole[1])
        return (
            StatedDuty(None, rest=bare)
            if number is None
            else StatedDuty(number / 100 if whole[2] else number, bool(whole[2]))
        )
    mixed = _WITH_FRACTION.fullmatch(bare)
    if mixed is not None and int(mixed[2]) < int(mixed[3]):
        return StatedDuty((int(mixed[1] or 0) + int(mixed[2]) / int(mixed[3])) / 100, True)
    if _FREE.fullmatch(bare) and not re.search(r"\d", bare):
        return StatedDuty(0.0, True)
    terms = PERCENTAGE.findall(bare)
    if is_range(text) or len(terms) != 1 or _OF_A_PART.search(bare) or _LESS.search(bare):
        return StatedDuty(None, rest=bare)
    number = style.read(terms[0])
    rest = PERCENTAGE.sub("", bare, count=1).strip(" +,;")
    return StatedDuty(None, rest=bare) if number is None else StatedDuty(number / 100, True, rest or bare)


def is_range(text: str) -> bool:
    """Whether a cell states a range of percentages or numbers, or a choice between one and another duty."""
    bare = without_marks(text)
    return bool(_RANGE.match(bare) or _BARE_RANGE.fullmatch(bare) or (PERCENTAGE.search(bare) and _CHOICE.search(bare)))


def is_damaged(text: str) -> bool:
    """Whether a cell that is not a rate states no duty either, and no words: "0.155m", "0x1", "TRUE", "#REF!"."""
    bare = without_marks(text)
    if _NO_NUMBER.fullmatch(bare):
        return True
    return bool(_STRAY.fullmatch(bare)) and not (
        is_range(text) or _MONEY.search(bare) or _SHORT_MONEY.search(bare) or "%" in bare
    )


def _in_season(day: datetime.date, first: str, from_month: str, last: str, to_month: str) -> bool:
    begins = (SHORT_MONTHS.index(from_month.casefold()) + 1, int(first))
    ends = (SHORT_MONTHS.index(to_month.casefold()) + 1, int(last))
    today = (day.month, day.day)
    return begins <= today <= ends if begins <= ends else today >= begins or today <= ends
