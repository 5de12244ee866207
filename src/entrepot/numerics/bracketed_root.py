"""The root of a function of one number between two points where its signs differ.

Brent (1973), Algorithms for Minimization without Derivatives, chapter 4. It is written here because scipy's, in a
package that takes a third of a second to load, would cost more than the searches of a case together.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def bracketed_root(
    f: Callable[[float], float],
    low: float,
    high: float,
    xtol: float = 2e-12,
    rtol: float = 4 * 2.0**-52,
    max_steps: int = 100,
) -> float:
    """Return x between `low` and `high` with f(x) = 0, to `xtol`, or to `rtol` of x where that is more.

    Raises `ValueError` where f has one sign at both ends, and `RuntimeError` after `max_steps` steps.
    """
    before, x = float(low), float(high)
    f_before, f_x = float(f(before)), float(f(x))
    if f_before == 0 or f_x == 0:
        return before if f_before == 0 else x
    if not (f_before < 0 < f_x or f_x < 0 < f_before):
        raise ValueError(f"f has one sign at both ends: f({before:g}) = {f_before:g}, f({x:g}) = {f_x:g}")
    other, f_other = before, f_before  # the end of the bracket opposite x
    step = last_step = x - before
    for _ in range(max_steps):
        if f_x != 0 and math.copysign(1, f_before) != math.copysign(1, f_x):
            other, f_other = before, f_before
            step = last_step = x - before
        if abs(f_other) < abs(f_x):
            before, x, other = x, other, x
            f_before, f_x, f_other = f_x, f_other, f_x
        least, half = (xtol + rtol * abs(x)) / 2, (other - x) / 2
        if f_x == 0 or abs(half) < least:
            return x
        tried = math.inf
        if abs(last_step) > least and abs(f_x) < abs(f_before):
            tried = _interpolated(x, f_x, before, f_before, other, f_other)
        if 2 * abs(tried) < min(abs(last_step), 3 * abs(half) - least):
            last_step, step = step, tried
        else:
            last_step = step = half
        before, f_before = x, f_x
        x += step if abs(step) > least else math.copysign(least, half)
        f_x = float(f(x))
    raise RuntimeError(f"no root to {xtol:g} within {max_steps} steps between {low:g} and {high:g}")


def _interpolated(x: float, f_x: float, before: float, f_before: float, other: float, f_other: float) -> float:
    """Return the step from x by the secant, or by inverse quadratic interpolation where there are three points."""
    if before == other:
        return -f_x * (x - before) / (f_x - f_before)
    slope_before, slope_other = (f_before - f_x) / (before - x), (f_other - f_x) / (other - x)
    below = slope_other * slope_before * (f_other - f_before)
    return -f_x * (f_other * slope_other - f_before * slope_before) / below
