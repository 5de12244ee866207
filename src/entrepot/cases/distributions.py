"""Distributions that a case states in place of numbers.

    rate: {triangular: [10%, 25%, 30%]}          in place of 25%
    uncertainty:
      theta: {lognormal: {sd: 0.25}}             every sector's elasticity, independently, about the Economy's value
      trade: {lognormal: {sd: 0.05}}             every flow between countries
      scenarios.tariff.measures.1.tariff.rate: {normal: {sd: 5%}}     about the number in the file

Without draws, a case uses the centre: the mean, the median of a lognormal, or the mode of a triangular distribution.
Any distribution may be truncated, `{normal: {mean: 30%, sd: 15%, min: 0}}`; its parameters and its centre are those of
the distribution before truncation.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from entrepot.cases.case_section import CaseError
from entrepot.documents import dotted_key
from entrepot.economy.equations import Array
from entrepot.errors import InputError, MeasureError, nearest
from entrepot.measures.fields import read_number

Kind = Literal["normal", "lognormal", "triangular", "uniform"]
#: Parameters by kind; the centre may be left out where the file has a number.
KINDS: Mapping[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sd"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
}
#: The parameter that is the centre, by kind.
_CENTRE = {"normal": "mean", "lognormal": "median", "triangular": "mode"}
#: The keys of the bounds at which a distribution is truncated.
BOUNDS = ("min", "max")
#: The lowest probability that may lie between the bounds.
KEPT = 1e-3
#: The floor of a drawn elasticity, as a share of its centre.
LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of one uncertain number.

    normal      mean, sd
    lognormal   median, sd of the log
    triangular  low, mode, high
    uniform     low, high
    bounds      where the distribution is truncated
    """

    kind: Kind
    parameters: tuple[float, ...]
    bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def centre(self) -> float:
        """The number that a case uses without draws."""
        if self.kind == "uniform":
            return sum(self.parameters) / 2
        return self.parameters[KINDS[self.kind].index(_CENTRE[self.kind])]

    def at(self, u: Array) -> Array:
        """Return the quantiles [..] at probabilities u in (0, 1)."""
        low, high = self.bounds
        if self.bounds == (-math.inf, math.inf):
            return self._quantile(u)
        below, upto = map(self._below, self.bounds)
        return np.clip(self._quantile(below + u * (upto - below)), low, high)

    @property
    def kept(self) -> float:
        """The probability that lies between the bounds."""
        below, upto = map(self._below, self.bounds)
        return upto - below

    def _below(self, x: float) -> float:
        """The probability below x, before truncation."""
        a = self.parameters
        if self.kind == "normal":
            return _normal(x, a[0], a[1])
        if self.kind == "lognormal":
            return _normal(math.log(x), math.log(a[0]), a[1]) if x > 0 else 0.0
        low, high = a[0], a[-1]
        if not low < x < high:
            return float(x >= high)
        if self.kind == "uniform":
            return (x - low) / (high - low)
        mode = a[1]
        if x < mode:
            return (x - low) ** 2 / (high - low) / (mode - low)
        return 1 - (high - x) ** 2 / (high - low) / (high - mode)

    def _quantile(self, u: Array) -> Array:
        """The quantiles [..] at probabilities u in [0, 1], before truncation."""
        from scipy.special import ndtri

        a = self.parameters
        if self.kind == "normal":
            return np.asarray(ndtri(u) * a[1] + a[0])
        if self.kind == "lognormal":
            return np.asarray(np.exp(a[1] * ndtri(u)) * a[0])
        low, span = a[0], a[-1] - a[0]
        if self.kind == "uniform":
            return np.asarray(u * span + low)
        c = (a[1] - low) / span
        return np.where(u < c, np.sqrt(c * u), 1 - np.sqrt((1 - c) * (1 - u))) * span + low

    def __str__(self) -> str:
        cut = [f"{name} {bound:g}" for name, bound in zip(BOUNDS, self.bounds, strict=True) if math.isfinite(bound)]
        return f"{self.kind}({', '.join([*(f'{number:g}' for number in self.parameters), *cut])})"


@dataclass(frozen=True, slots=True)
class MixtureOfSets:
    """One of several named sets of numbers: the uncertain number is its position, from zero.

    names       of the sets, in the order of their positions
    parameters  the probability of each
    own         the position of the base's own numbers, where they are among the sets; else below zero
    """

    names: tuple[str, ...]
    parameters: tuple[float, ...]
    own: int = -1

    kind: ClassVar[str] = "mixture"
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    @property
    def centre(self) -> float:
        """The position of the base's own numbers, or that at the middle of the probability."""
        return float(self.own) if self.own >= 0 else float(self.at(np.array([0.5]))[0])

    def at(self, u: Array) -> Array:
        """Return the positions [..] at probabilities u in (0, 1)."""
        upto = np.cumsum(self.parameters)[:-1]
        return np.searchsorted(upto, u, side="right").astype(float)

    def __str__(self) -> str:
        pairs = zip(self.names, self.parameters, strict=True)
        return f"mixture({', '.join(f'{name} {weight:.3g}' for name, weight in pairs)})"


def read_weights(sets: Any, every: Sequence[str]) -> dict[str, float]:
    """Return probabilities by name from a list of names, from names with weights, or from "each" for `every` name.

    Weights are above zero and need not add up to one. Raises `InputError`.
    """
    if sets == "each":
        sets = list(every)
    if isinstance(sets, Mapping):
        weights = {str(name): _number("mixture", f"the weight of {name}", weight) for name, weight in sets.items()}
    elif isinstance(sets, Sequence) and not isinstance(sets, str):
        weights = dict.fromkeys(map(str, sets), 1.0)
        if len(weights) < len(sets):
            raise InputError("mixture: a set is named twice; name it once, with a weight")
    else:
        weights = {}
    if not weights:
        raise InputError("mixture: sets: give a list of names, names with weights ({cp2015: 2, ll2023: 1}), or each")
    for name, weight in weights.items():
        if not weight > 0:
            raise InputError(f"mixture: the weight of {name} is {weight:g}; it must be above zero")
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def is_distribution(value: Any) -> bool:
    """Return whether a value of a case file states a distribution."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS


def read_distribution(value: Any, centre: float | None = None) -> Distribution:
    """Return a Distribution from `{normal: {mean: 25%, sd: 5%}}` or `{triangular: [10%, 25%, 30%]}`.

    `centre` is used where the centre is left out. Raises `InputError` for parameters that are missing or wrong.
    """
    if not is_distribution(value):
        named = list(value) if isinstance(value, Mapping) else [value]
        known = ", ".join(KINDS)
        raise InputError(f"{named[0] if named else value!r} is not a distribution; use {known}{_near(named)}")
    kind, given = next(iter(value.items()))
    names = KINDS[kind]
    if isinstance(given, Sequence) and not isinstance(given, str):
        if len(given) != len(names):
            raise InputError(f"{kind}: give [{', '.join(names)}], not {len(given)} numbers")
        given = dict(zip(names, given, strict=True))
    if not isinstance(given, Mapping):
        raise InputError(f"{kind}: give {', '.join(names)}, such as {{{kind}: {_example(kind)}}}")
    numbers = {str(key): _number(kind, str(key), number) for key, number in given.items()}
    about = numbers.get("mean", centre)
    if kind == "normal" and "cv" in numbers and about is not None:
        if "sd" in numbers:
            raise InputError("normal: sd and cv both state the spread; leave one out")
        numbers["sd"] = numbers.pop("cv") * abs(about)
    bounds = numbers.pop("min", -math.inf), numbers.pop("max", math.inf)
    unknown = [key for key in numbers if key not in names]
    if unknown:
        raise InputError(f"{kind}: unknown key {unknown[0]!r}{nearest(unknown[0], [*names, *BOUNDS])}")
    if kind in _CENTRE and centre is not None:
        numbers.setdefault(_CENTRE[kind], centre)
    missing = [name for name in names if name not in numbers]
    if missing:
        raise InputError(f"{kind}: {missing[0]} is missing, as in {{{kind}: {_example(kind)}}}")
    return checked(Distribution(kind, tuple(numbers[name] for name in names), bounds))


def checked(d: Distribution) -> Distribution:
    """Return the distribution; raise `InputError` where its parameters or bounds are not valid."""
    a = d.parameters
    if d.kind not in KINDS or len(a) != len(KINDS[d.kind]) or not all(map(math.isfinite, a)):
        raise InputError(f"{d.kind} of {', '.join(map(str, a))} is not a distribution: give finite numbers")
    if d.kind in ("normal", "lognormal") and not a[1] > 0:
        raise InputError(f"{d.kind}: sd {a[1]:g} is not above zero")
    if d.kind == "lognormal" and not a[0] > 0:
        raise InputError(f"lognormal: the median {a[0]:g} is not above zero")
    if d.kind == "uniform" and not a[0] < a[1]:
        raise InputError(f"uniform: {a[0]:g} to {a[1]:g} is not a range: put the lower end first")
    if d.kind == "triangular" and not (a[0] <= a[1] <= a[2] and a[0] < a[2]):
        raise InputError(f"triangular: {a[0]:g}, {a[1]:g}, {a[2]:g} must be low, mode and high, in this order")
    low, high = d.bounds
    if not low < high:
        raise InputError(f"{d.kind}: min {low:g} is not below max {high:g}")
    if not low <= d.centre <= high:
        raise InputError(f"{d.kind}: its centre, {d.centre:g}, lies outside of its bounds, {low:g} to {high:g}")
    if not d.kept >= KEPT:
        raise InputError(
            f"{d.kind}: almost none of it ({d.kept:.2g}) lies between {low:g} and {high:g}; widen the bounds"
        )
    return d


def _normal(x: float, mean: float, sd: float) -> float:
    """Return the probability below x of a normal distribution."""
    return math.erfc((mean - x) / (sd * math.sqrt(2))) / 2


def _number(kind: str, key: str, value: Any) -> float:
    try:
        number = read_number(key, value)
    except MeasureError as error:
        raise InputError(f"{kind}: {error}") from None
    if not math.isfinite(number):
        raise InputError(f"{kind}: {key} is not a finite number")
    return number


def _near(named: list[Any]) -> str:
    return nearest(str(named[0]), KINDS) if named else ""


def _example(kind: str) -> str:
    return {
        "normal": "{mean: 25%, sd: 5%}",
        "lognormal": "{median: 4, sd: 0.25}",
        "triangular": "[10%, 25%, 30%]",
        "uniform": "[10%, 40%]",
    }[kind]


# ---- in a document ----

#: The keys and list positions that lead to a value in a document.
KeyPath = tuple[str | int, ...]


def centred(document: Any) -> tuple[Any, dict[KeyPath, Distribution]]:
    """Return the document with every distribution replaced by its centre, and the distributions by place.

    The key `uncertainty` is unchanged, because it is about numbers elsewhere in the file. A YAML alias (one object at
    several places) is one entry of the case: its numbers are drawn once and named by their first place.
    """
    found: dict[KeyPath, Distribution] = {}
    made: dict[int, Any] = {}

    def visit(value: Any, place: KeyPath) -> Any:
        if not isinstance(value, Mapping | list) or is_distribution(value):
            return number(value, place)
        if id(value) not in made:
            made[id(value)] = within(value, place)
        return made[id(value)]

    def number(value: Any, place: KeyPath) -> Any:
        if is_distribution(value):
            try:
                found[place] = read_distribution(value)
            except InputError as error:
                raise CaseError(".".join(map(str, place)), str(error)) from None
            return found[place].centre
        return value

    def within(value: Any, place: KeyPath) -> Any:
        if isinstance(value, Mapping):
            return {k: value[k] if (*place, k) == ("uncertainty",) else visit(value[k], (*place, k)) for k in value}
        return [visit(part, (*place, k)) for k, part in enumerate(value)]

    return visit(document, ()), found


def place_in(document: Any, name: str) -> KeyPath:
    """Return the place that a dotted name points to; raise `InputError` where it points to none.

    A name has keys, and list items by number from one; or it is SCENARIO.KEY, where one measure of the scenario has
    that key.
    """
    steps = name.split(".")
    scenarios = document.get("scenarios", {}) if isinstance(document, Mapping) else {}
    if len(steps) == 2 and steps[0] in scenarios and steps[0] not in document:
        return _in_one_measure(scenarios[steps[0]], steps[0], steps[1])
    place: list[str | int] = []
    at: Any = document
    for step in steps:
        if isinstance(at, Mapping):
            if name in scenarios and name not in at:
                raise InputError(
                    f"{name}: is a scenario; say which number of its measures is meant, as {name}.rate or {name}.cap"
                )
            if step not in at:
                raise InputError(f"{name}: the case has no key {step!r}{nearest(step, [*map(str, at), *scenarios])}")
            place.append(step)
            at = at[step]
        elif isinstance(at, list):
            if not step.isdigit() or not 1 <= int(step) <= len(at):
                raise InputError(f"{name}: {step!r} is not one of the {len(at)} items, which are numbered from 1")
            place.append(int(step) - 1)
            at = at[int(step) - 1]
        else:
            raise InputError(f"{name}: {'.'.join(map(str, place))} is a single value, {at!r}, without keys")
    return tuple(place)


def _in_one_measure(scenario: Any, name: str, key: str) -> KeyPath:
    found: list[KeyPath] = []
    measures = scenario.get("measures", []) if isinstance(scenario, Mapping) else []
    for k, measure in enumerate(measures):
        for instrument, keys in measure.items() if isinstance(measure, Mapping) else ():
            if isinstance(keys, Mapping) and key in keys:
                found.append(("scenarios", name, "measures", k, instrument, key))
    if not found:
        raise InputError(f"{name}.{key}: no measure of the scenario states {key!r}")
    if len(found) > 1:
        several = ", ".join(dotted_key(place) for place in found)
        raise InputError(f"{name}.{key}: {len(found)} measures of the scenario state this key; name one: {several}")
    return found[0]


def value_at(document: Any, place: KeyPath) -> Any:
    """Return the value at a place of a document."""
    for step in place:
        document = document[step]
    return document


def with_values(document: Any, values: Mapping[KeyPath, float]) -> Any:
    """Return a copy of the document with other numbers at these places."""
    document = copy.deepcopy(document)
    for place, value in values.items():
        value_at(document, place[:-1])[place[-1]] = value
    return document
