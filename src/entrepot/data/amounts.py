"""Percentages and amounts of money as text for notes."""

from __future__ import annotations

import math

from entrepot.words import dollars


def percent(part: float, digits: int = 2) -> str:
    """Return a share as a percentage with some significant digits: "37%", "6.7%", "<0.01%", ">-0.01%", "1,200%"."""
    number = 100 * part
    if number == 0 or not math.isfinite(number):
        return "0%" if number == 0 else f"{number}%"
    if abs(number) < 0.005:
        return "<0.01%" if number > 0 else ">-0.01%"
    decimals = min(2, max(0, digits - 1 - math.floor(math.log10(abs(number)))))
    text = f"{number:,.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.') if decimals else text}%"


def percent_of(number: int, whole: int) -> str:
    """Return a count as a percentage of a whole, with 100% for the whole alone: "37%", "99.92%", ">99.99%"."""
    if not 0.995 * whole <= number < whole:
        return percent(number / whole)
    return ">99.99%" if number >= 0.99995 * whole else percent(number / whole, digits=4)


def distinct_amounts(one: float, other: float) -> tuple[str, str]:
    """Return two amounts (US$ million) as text, to the dollar if their rounded texts are the same but they differ."""
    rounded = dollars(one), dollars(other)
    if rounded[0] != rounded[1] or math.isclose(one, other, rel_tol=1e-9):
        return rounded
    exact = f"US${1e6 * one:,.0f}", f"US${1e6 * other:,.0f}"
    return exact if exact[0] != exact[1] else (f"US${1e6 * one:,.6g}", f"US${1e6 * other:,.6g}")
