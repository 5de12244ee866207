"""The numbers that talks with beliefs assume, by name, and the same talks under other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from entrepot.bargaining.talks_game import PLEDGES, Signal, TalksGame, ThreatenerType, talks_clock
from entrepot.errors import InputError, UnknownNameError

#: The name of the prior belief among the numbers.
BELIEF = "belief"


def numbers(game: TalksGame, belief: float) -> dict[str, float]:
    """Return every number that is assumed, by name: what no equilibrium of the Economy gives.

    "belief"; "worth.TYPE.END"; "called.TYPE"; "cost.SIGNAL", "called.SIGNAL" and "broken.SIGNAL", with ".TYPE" where
    the types differ; "discount_rate" (with ".PARTY" where they differ); "breakdown"; "years".
    """
    out = {BELIEF: belief}
    for kind in game.types:
        out |= {f"worth.{kind.name}.{end}": float(value) for end, value in kind.worth.items()}
        out |= {f"called.{kind.name}": kind.called} if kind.called else {}
    for signal in game.signals:
        for which in ("cost", "broken" if signal.kind in PLEDGES else "called"):
            by = {t.name: signal.of(which, t.name) for t in game.types}
            if len(set(by.values())) == 1:
                out[f"{which}.{signal.name}"] = next(iter(by.values()))
            else:
                out |= {f"{which}.{signal.name}.{name}": value for name, value in by.items()}
    first, second = (float(rate) for rate in np.expm1(game.clock.rate))
    parties = game.payoffs.threatener, game.payoffs.target
    same = abs(first - second) < 1e-12
    out |= (
        {"discount_rate": first}
        if same
        else dict(zip((f"discount_rate.{p}" for p in parties), (first, second), strict=True))
    )
    return {**out, "breakdown": game.clock.breakdown, "years": game.clock.years}


def with_numbers(game: TalksGame, belief: float, values: Mapping[str, float]) -> tuple[TalksGame, float]:
    """Return the game and the belief with other numbers, by the names of `numbers`.

    A name without a type or party sets the number for both. Raises `UnknownNameError` for a name that the game does
    not have, `InputError` for a number outside of its range.
    """
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"{key}: {value!r} is not a finite number")
        if key == BELIEF:
            belief = float(value)
        elif key.split(".")[0] in ("discount_rate", "breakdown", "years"):
            game = _on_the_clock(game, key, float(value))
        else:
            game = _in_the_game(game, key, float(value))
    return game, belief


def _on_the_clock(game: TalksGame, key: str, value: float) -> TalksGame:
    clock, parties = game.clock, (game.payoffs.threatener, game.payoffs.target)
    now = np.expm1(clock.rate)
    rates = float(now[0]), float(now[1])
    name, _, party = key.partition(".")
    if party:
        if name != "discount_rate" or party not in parties:
            raise UnknownNameError("number", key, _known(game))
        rates = tuple(value if p == party else r for p, r in zip(parties, rates, strict=True))  # type: ignore[assignment]
    elif name == "discount_rate":
        rates = value, value
    other = talks_clock(
        clock.days,
        clock.deadline,
        years=value if name == "years" else clock.years,
        discount_rate=rates,
        breakdown=value if name == "breakdown" else clock.breakdown,
    )
    return replace(game, clock=other)


def _in_the_game(game: TalksGame, key: str, value: float) -> TalksGame:
    which, *rest = key.split(".")
    kinds, signals = {t.name: t for t in game.types}, {s.name: s for s in game.signals}
    match rest:
        case [kind, end] if which == "worth" and kind in kinds:
            changed = replace(kinds[kind], worth={**kinds[kind].worth, end: value})
            return _typed(game, changed)
        case [kind] if which == "called" and kind in kinds:
            return _typed(game, replace(kinds[kind], called=value))
        case [signal] if which in ("cost", "called", "broken") and signal in signals:
            return _signalled(game, signals[signal], which, dict.fromkeys(kinds, value))
        case [signal, kind] if which in ("cost", "called", "broken") and signal in signals and kind in kinds:
            by = {name: signals[signal].of(which, name) for name in kinds} | {kind: value}
            return _signalled(game, signals[signal], which, by)
    raise UnknownNameError("number", key, _known(game))


def _known(game: TalksGame) -> list[str]:
    return [*numbers(game, 0.0), *(f"called.{t.name}" for t in game.types), *(f"cost.{s.name}" for s in game.signals)]


def _typed(game: TalksGame, changed: ThreatenerType) -> TalksGame:
    first, second = (changed if t.name == changed.name else t for t in game.types)
    return replace(game, types=(first, second))


def _signalled(game: TalksGame, signal: Signal, which: str, by: Mapping[str, float]) -> TalksGame:
    changed = replace(signal, **dict[str, Any]({which: by}))
    return replace(game, signals=tuple(changed if s.name == signal.name else s for s in game.signals))
