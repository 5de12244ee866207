"""Numbers that are not known for sure: a distribution may stand where a case has a number.

    rate: {triangular: [10%, 25%, 30%]}          in place of 25%
    uncertainty:
      theta: {lognormal: {sd: 0.25}}             every sector's elasticity, each on its own, about the Economy's
      trade: {lognormal: {sd: 0.05}}             every flow between countries
      scenarios.tariff.measures.1.tariff.rate: {normal: {sd: 5%}}     about the number that stands there

What is read without draws is the centre: the mean, the median of a lognormal, the mode of a triangular distribution.
Any kind may be cut off, `{normal: {mean: 30%, sd: 15%, min: 0}}`: its parameters, and its centre, are those before.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from entrepot.cases.case_section import CaseError
from entrepot.economy.equations import Array
from entrepot.errors import InputError, MeasureError, nearest
from entrepot.measures.fields import read_number

Kind = Literal["normal", "lognormal", "triangular", "uniform"]
#: Parameters by kind; those with a default may be left out where the case has a number of its own.
KINDS: Mapping[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sd"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
}
#: Where each kind's centre stands among its parameters.
_CENTRE = {"normal": "mean", "lognormal": "median", "triangular": "mode"}
#: Between what a distribution may be cut off.
BOUNDS = ("min", "max")
#: The least part of a distribution that must lie between its bounds.
KEPT = 1e-3
#: What an elasticity drawn from a normal distribution is kept above, as a part of its mean.
LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Distribution:
    """One uncertain number.

    normal      mean, sd
    lognormal   median, sd of the log
    triangular  low, mode, high
    uniform     low, high
    bounds      draws outside of these are not made: the distribution is cut off there (truncated)
    """

    kind: Kind
    parameters: tuple[float, ...]
    bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def centre(self) -> float:
        """What stands for it where nothing is drawn."""
        if self.kind == "uniform":
            return sum(self.parameters) / 2
        return self.parameters[KINDS[self.kind].index(_CENTRE[self.kind])]

    def at(self, u: Array) -> Array:
        """Quantiles: the numbers [..] at probabilities u in (0, 1)."""
        low, high = self.bounds
        if self.bounds == (-math.inf, math.inf):
            return self._whole.ppf(u)
        below, upto = self._whole.cdf(self.bounds)
        return np.clip(self._whole.ppf(below + u * (upto - below)), low, high)

    @property
    def kept(self) -> float:
        """The part of the distribution that lies between the bounds."""
        below, upto = self._whole.cdf(self.bounds)
        return float(upto - below)

    @property
    def _whole(self) -> Any:
        """As if nothing were cut off."""
        from scipy import stats

        a = self.parameters
        if self.kind == "normal":
            return stats.norm(a[0], a[1])
        if self.kind == "lognormal":
            return stats.lognorm(a[1], scale=a[0])
        if self.kind == "uniform":
            return stats.uniform(a[0], a[1] - a[0])
        return stats.triang((a[1] - a[0]) / (a[2] - a[0]), a[0], a[2] - a[0])

    def __str__(self) -> str:
        cut = [f"{name} {bound:g}" for name, bound in zip(BOUNDS, self.bounds, strict=True) if math.isfinite(bound)]
        return f"{self.kind}({', '.join([*(f'{number:g}' for number in self.parameters), *cut])})"


def is_distribution(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS


def read_distribution(value: Any, centre: float | None = None) -> Distribution:
    """`{normal: {mean: 25%, sd: 5%}}`, `{triangular: [10%, 25%, 30%]}`; what is left out is about `centre`.

    Raises `InputError` that says what is wrong.
    """
    if not is_distribution(value):
        named = list(value) if isinstance(value, Mapping) else [value]
        known = ", ".join(KINDS)
        raise InputError(f"{named[0] if named else value!r} is no distribution; {known} are{_near(named)}")
    kind, given = next(iter(value.items()))
    names = KINDS[kind]
    if isinstance(given, Sequence) and not isinstance(given, str):
        if len(given) != len(names):
            raise InputError(f"{kind}: [{', '.join(names)}] are needed, {len(given)} numbers were given")
        given = dict(zip(names, given, strict=True))
    if not isinstance(given, Mapping):
        raise InputError(f"{kind}: {', '.join(names)} are needed, such as {{{kind}: {_such(kind)}}}")
    numbers = {str(key): _number(kind, str(key), number) for key, number in given.items()}
    about = numbers.get("mean", centre)
    if kind == "normal" and "cv" in numbers and about is not None:
        if "sd" in numbers:
            raise InputError("normal: sd and cv say the same thing; leave one out")
        numbers["sd"] = numbers.pop("cv") * abs(about)
    bounds = numbers.pop("min", -math.inf), numbers.pop("max", math.inf)
    unknown = [key for key in numbers if key not in names]
    if unknown:
        raise InputError(f"{kind}: unknown key {unknown[0]!r}{nearest(unknown[0], [*names, *BOUNDS])}")
    if kind in _CENTRE and centre is not None:
        numbers.setdefault(_CENTRE[kind], centre)
    missing = [name for name in names if name not in numbers]
    if missing:
        raise InputError(f"{kind}: {missing[0]} is missing, as in {{{kind}: {_such(kind)}}}")
    return checked(Distribution(kind, tuple(numbers[name] for name in names), bounds))


def checked(d: Distribution) -> Distribution:
    """The same. Raises `InputError` where its parameters are not those of a distribution."""
    a = d.parameters
    if d.kind not in KINDS or len(a) != len(KINDS[d.kind]) or not all(map(math.isfinite, a)):
        raise InputError(f"{d.kind} of {', '.join(map(str, a))} is no distribution: finite numbers are needed")
    if d.kind in ("normal", "lognormal") and not a[1] > 0:
        raise InputError(f"{d.kind}: sd {a[1]:g} is not above zero")
    if d.kind == "lognormal" and not a[0] > 0:
        raise InputError(f"lognormal: the median {a[0]:g} is not above zero")
    if d.kind == "uniform" and not a[0] < a[1]:
        raise InputError(f"uniform: from {a[0]:g} to {a[1]:g} is no range: the lower end comes first")
    if d.kind == "triangular" and not (a[0] <= a[1] <= a[2] and a[0] < a[2]):
        raise InputError(f"triangular: {a[0]:g}, {a[1]:g}, {a[2]:g} are not low, mode and high in order")
    low, high = d.bounds
    if not low < high:
        raise InputError(f"{d.kind}: min {low:g} is not below max {high:g}")
    if not low <= d.centre <= high:
        raise InputError(f"{d.kind}: its centre, {d.centre:g}, lies outside of its bounds, {low:g} to {high:g}")
    if not d.kept >= KEPT:
        raise InputError(f"{d.kind}: next to nothing of it ({d.kept:.2g}) lies between {low:g} and {high:g}")
    return d


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


def _such(kind: str) -> str:
    return {
        "normal": "{mean: 25%, sd: 5%}",
        "lognormal": "{median: 4, sd: 0.25}",
        "triangular": "[10%, 25%, 30%]",
        "uniform": "[10%, 40%]",
    }[kind]


# ---- in a document ----

KeyPath = tuple[str | int, ...]


def centred(document: Any) -> tuple[Any, dict[KeyPath, Distribution]]:
    """The document with every distribution in it replaced by its centre, and the distributions by place.

    What stands under `uncertainty` is left: it is about numbers elsewhere. What an alias repeats (one object at several
    places) is one entry of the case: its numbers are drawn once, and are named by the first place.
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
    """Where a dotted name points to: keys, and the numbers of list items counted from one; or SCENARIO.KEY, where one
    measure of the scenario has that key. Raises `InputError`.
    """
    steps = name.split(".")
    scenarios = document.get("scenarios", {}) if isinstance(document, Mapping) else {}
    if len(steps) == 2 and steps[0] in scenarios and steps[0] not in document:
        return _of_a_measure(scenarios[steps[0]], steps[0], steps[1])
    place: list[str | int] = []
    at: Any = document
    for step in steps:
        if isinstance(at, Mapping):
            if step not in at:
                raise InputError(f"{name}: nothing is stated at {step!r}{nearest(step, [*map(str, at), *scenarios])}")
            place.append(step)
            at = at[step]
        elif isinstance(at, list):
            if not step.isdigit() or not 1 <= int(step) <= len(at):
                raise InputError(f"{name}: {step!r} is not one of the {len(at)} items, counted from 1")
            place.append(int(step) - 1)
            at = at[int(step) - 1]
        else:
            raise InputError(f"{name}: {'.'.join(map(str, place))} is a single value, {at!r}")
    return tuple(place)


def _of_a_measure(scenario: Any, name: str, key: str) -> KeyPath:
    found: list[KeyPath] = []
    measures = scenario.get("measures", []) if isinstance(scenario, Mapping) else []
    for k, measure in enumerate(measures):
        for instrument, keys in measure.items() if isinstance(measure, Mapping) else ():
            if isinstance(keys, Mapping) and key in keys:
                found.append(("scenarios", name, "measures", k, instrument, key))
    if not found:
        raise InputError(f"{name}.{key}: no measure of the scenario states {key!r}")
    if len(found) > 1:
        several = ", ".join(spelt(place) for place in found)
        raise InputError(f"{name}.{key}: {len(found)} measures of the scenario state it; name one: {several}")
    return found[0]


def spelt(place: KeyPath) -> str:
    """A place as people write it."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)


def value_at(document: Any, place: KeyPath) -> Any:
    for step in place:
        document = document[step]
    return document


def with_values(document: Any, values: Mapping[KeyPath, float]) -> Any:
    """A copy of the document with numbers put in their places."""
    document = copy.deepcopy(document)
    for place, value in values.items():
        value_at(document, place[:-1])[place[-1]] = value
    return document
