"""Answers of a solved case on a grid of the size of a measure, for a page whose slider moves without a solver.

A `Slider` changes all measures of one instrument in one scenario: their size where they share one, else all sizes in
proportion. Scenarios whose caps match that scenario's volume move with it. Between nodes the answers are cubic Hermite
curves with the slopes of Fritsch and Carlson (1980, SIAM Journal on Numerical Analysis 17: 238-246), which have no turn
that the nodes do not have; intervals are halved until the solver's answer at each midpoint is near enough, and the gap
that is left is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.equilibrium import Outcome, solve_many
from entrepot.languages import in_english, translated
from entrepot.measures import Measure, Scenario
from entrepot.measures.registry import Field, instruments
from entrepot.studies import tidy_rows
from entrepot.studies.takings import LEAST_TAKING
from entrepot.types import Array, Progress

#: Nodes at first; rounds of halving; the error that ends them, as a part of the largest value of each number.
FIRST, ROUNDS, NEAR = 9, 4, 2e-3
#: A number below this part of the largest of its unit is not worth halving for.
SMALL = 1e-3


@dataclass(frozen=True)
class Slider:
    """The size of all measures of one instrument in a scenario.

    scenario   whose measures it changes
    moved      positions of these measures in the scenario
    key        the argument that it changes
    label      what it moves, for people
    low, high, stated   in units of the argument (0.25 is 25%), or with `scaled` as a multiple of what is stated
    scaled     whether the measures have sizes of their own, which move in proportion
    points     whether the size is in percentage points, added to the tariff in force
    follow     scenarios whose caps match `scenario`, in the order of the case
    """

    scenario: str
    moved: tuple[int, ...]
    key: str
    label: str
    low: float
    high: float
    stated: float
    scaled: bool = False
    points: bool = False
    follow: tuple[str, ...] = ()

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios whose answers it changes."""
        return (self.scenario, *self.follow)

    def at(self, scenario: Scenario, value: float) -> Scenario:
        """Return the scenario with the size at a value."""
        measures = list(scenario.measures)
        for k in self.moved:
            size: dict[str, Any] = {self.key: value * float(getattr(measures[k], self.key)) if self.scaled else value}
            measures[k] = replace(measures[k], **size)
        return replace(scenario, measures=tuple(measures))


@dataclass(frozen=True)
class SliderGrid:
    """Answers at the nodes of a slider.

    nodes    [k] values of the slider, ascending
    numbers  by scenario and name of a number: values [k] and slopes [k]; NaN where a scenario has no equilibrium
    error    by kind of number ("money", "percent"): the largest gap between curve and solver at midpoints of nodes
    checked  how many midpoints were solved
    """

    slider: Slider
    nodes: Array
    numbers: dict[str, dict[str, tuple[Array, Array]]]
    error: dict[str, float]
    checked: int

    def value(self, scenario: str, number: str, at: float) -> float:
        """Return a number at a node or between two, as the page computes it; NaN beside one without an equilibrium."""
        values, slopes = self.numbers[scenario][number]
        solved = np.flatnonzero(np.abs(self.nodes - at) < 1e-9)
        if solved.size:
            return float(values[solved[0]])
        return float(hermite(self.nodes, values, slopes, np.array([at]))[0])


def sliders(study: SolvedCase) -> tuple[list[Slider], list[str]]:
    """Return the sliders of a solved case, and its scenarios without one.

    Those of scenarios of the same trade that differ in who holds the rent come first (the report's `swap`).

    A scenario has none where it answers another (a retaliation), where it has no number that may move, or where its
    caps match another scenario's (it moves with that one's slider).
    """
    case = study.case
    matched = {name: case.scenarios[name].build(name).matches for name in study.outcomes}
    found: list[Slider] = []
    for name in study.outcomes:
        if case.scenarios[name].retaliations or matched[name]:
            continue
        follow = tuple(other for other in study.outcomes if matched[other] == {name} and not _answers(study, other))
        found += [replace(slider, follow=follow) for slider in _of_scenario(name, case.scenarios[name].build(name))]
    swap = case.report.swap.scenarios if case.report.swap is not None else ()
    found.sort(key=lambda slider: not set(swap) & set(slider.scenarios))
    moving = {name for slider in found for name in slider.scenarios}
    return found, [name for name in study.outcomes if name not in moving]


def _answers(study: SolvedCase, name: str) -> bool:
    return bool(study.case.scenarios[name].retaliations)


def _of_scenario(name: str, scenario: Scenario) -> Iterator[Slider]:
    """Yield a slider for each instrument in a scenario whose size may move."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for k, measure in enumerate(scenario.measures):
        field = _size(measure)
        if field is not None and float(getattr(measure, field.key)) != 0:
            change, unit = getattr(measure, "change", ""), getattr(measure, "unit", "share")
            groups.setdefault((measure.kind, change, unit), []).append(k)
    for (kind, change, unit), places in groups.items():
        field = _size(scenario.measures[places[0]])
        sizes = [float(getattr(scenario.measures[k], field.key)) for k in places] if field is not None else []
        span = _span(field, change, sizes, unit) if field is not None else None
        if field is None or span is None:
            continue
        scaled = unit != "share" or len(set(sizes)) > 1
        what = {
            "add": translated("points added"),
            "set": translated("rate"),
            "cut": translated("part of the tariff that is cut"),
        }.get(change)
        own = field.title.lower() if in_english() else translated(field.title)
        own = translated("volume allowed") if scaled and field.key == "cap" else own
        moved = what if what and field.key == "rate" else own
        label = translated("{heading}: {text}", heading=translated(instruments()[kind].title), text=moved)
        if scaled and len(places) > 1:
            label = translated("{label}, all {number} measures together", label=label, number=len(places))
        stated, points = 1.0 if scaled else sizes[0], change == "add" and not scaled and field.key == "rate"
        yield Slider(name, tuple(places), field.key, label, *span, stated, scaled, points)


def _size(measure: Measure) -> Field | None:
    """Return the argument that is the size of a measure, where a number states it."""
    entry = instruments().get(measure.kind)
    field = next((f for f in entry.form if f.type == "percent"), None) if entry is not None else None
    value = None if field is None else getattr(measure, field.key, None)
    return field if isinstance(value, int | float) and not isinstance(value, bool) else None


def _span(field: Field, change: str, sizes: list[float], unit: str) -> tuple[float, float] | None:
    """Return the values between which sizes move: from nothing to twice a rate, from half of a cap to beyond its use.

    In multiples of what is stated where the sizes differ, or a cap is not a share of the base volume.
    """
    low, high = min(sizes), max(sizes)
    scaled = unit != "share" or low != high
    stated = 1.0 if scaled else high
    if field.key == "cap":
        return (
            (stated / 2, 1.5 if unit != "share" else 1.1 / high if scaled else 1.1) if 0 < high <= 1 or scaled else None
        )
    if field.key == "price":
        return (1.0, max(2 * stated - 1, 1.1)) if stated > 1 and not scaled else None
    if change == "cut":
        return (0.0, 1 / high if scaled else 1.0)
    return (0.0, 2 * stated) if scaled or stated > 0 else (2 * stated, 0.0)


def solve_grid(study: SolvedCase, slider: Slider, progress: Progress | None = None) -> SliderGrid:
    """Solve the scenarios of a slider at as many nodes as its curves need.

    Raises `ConvergenceError` where no node has an equilibrium.
    """
    nodes = np.linspace(slider.low, slider.high, FIRST)
    nodes = np.unique(np.append(nodes[np.abs(nodes - slider.stated) > 1e-9 * slider.high], slider.stated))
    found = _answers_at(study, slider, nodes)
    for done in range(ROUNDS + 1):
        if progress is not None:
            progress(f"{slider.scenario}: {len(nodes)} values", done, ROUNDS + 1)
        middle = (nodes[1:] + nodes[:-1]) / 2
        there = _answers_at(study, slider, middle)
        gap, wide = _gaps(nodes, found, middle, there)
        if done == ROUNDS or not wide.any():
            break
        order = np.argsort(np.concatenate([nodes, middle[wide]]), kind="stable")
        nodes = np.concatenate([nodes, middle[wide]])[order]
        found = {
            scenario: {n: np.concatenate([v, there[scenario][n][wide]])[order] for n, v in numbers.items()}
            for scenario, numbers in found.items()
        }
    curves = {
        scenario: {n: (values, monotone_slopes(nodes, values)) for n, values in numbers.items() if _shown(n, values)}
        for scenario, numbers in found.items()
    }
    return SliderGrid(slider, nodes, curves, gap, len(middle))


def _gaps(nodes: Array, found: Any, middle: Array, there: Any) -> tuple[dict[str, float], Any]:
    """Return the largest gap at midpoints by kind of number, and the intervals where one is too wide."""
    gap: dict[str, float] = {}
    wide = np.zeros(len(middle), dtype=bool)
    largest: dict[str, float] = {}
    for numbers in found.values():
        for name, values in numbers.items():
            largest[kind_of(name)] = max(largest.get(kind_of(name), 0.0), float(np.nanmax(np.abs(values), initial=0.0)))
    for scenario, numbers in found.items():
        for name, values in numbers.items():
            curve = hermite(nodes, values, monotone_slopes(nodes, values), middle)
            off = np.nan_to_num(np.abs(curve - there[scenario][name]))
            kind = kind_of(name)
            gap[kind] = max(gap.get(kind, 0.0), float(off.max(initial=0.0)))
            scale = max(float(np.nanmax(np.abs(values), initial=0.0)), SMALL * largest[kind])
            wide |= off > NEAR * scale
    return gap, wide


def kind_of(number: str) -> str:
    """Return "money" (US$ million a year) or "percent" of a number of the grid."""
    return "percent" if number.partition(":")[0] in ("pct", "price", "output") else "money"


def _answers_at(study: SolvedCase, slider: Slider, values: Array) -> dict[str, dict[str, Array]]:
    """Solve the slider's scenarios at each value; return numbers by scenario and name, [k]."""
    case, economy = study.case, study.economy
    solved: dict[str, list[Outcome | None]] = {}
    for name in (s for s in case.order() if s in slider.scenarios):
        built = case.scenarios[name].build(name)
        if name == slider.scenario:
            scenarios = [slider.at(built, float(value)) for value in values]
            live = list(range(len(values)))
        else:
            live = [k for k, outcome in enumerate(solved[slider.scenario]) if outcome is not None]
            scenarios = [_matched(built, solved[slider.scenario][k]) for k in live]
        batch = solve_many(economy, scenarios, closure=case.closure, tol=study.tol, start=study.outcomes[name])
        outcomes: list[Outcome | None] = [None] * len(values)
        for place, k in enumerate(live):
            outcomes[k] = None if place in batch.failures else batch.outcome(place)
        solved[name] = outcomes
    return {name: _columns([_numbers(study, name, o) for o in solved[name]]) for name in slider.scenarios}


def _shown(number: str, values: Array) -> bool:
    """Whether a page needs a number: export taxes and subsidies only of those who have some."""
    return (
        number.partition(":")[0] not in ("tax", "cost") or float(np.nanmax(np.abs(values), initial=0.0)) > LEAST_TAKING
    )


def _matched(scenario: Scenario, other: Outcome | None) -> Scenario:
    """Return a scenario with its caps at the volumes of another's outcome."""
    assert other is not None
    return scenario.matched(lambda _, measure: other.volume(measure))


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, Array]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}


def _numbers(study: SolvedCase, name: str, outcome: Outcome | None) -> dict[str, float]:
    """Return the numbers of a scenario that the page shows, from the tables of the study; none without an outcome."""
    if outcome is None:
        return {}
    one = SolvedCase(study.case, study.economy, {name: outcome}, {}, study.tol, 0.0)
    found: dict[str, float] = {}
    for row in tidy_rows.welfare(one):
        found[f"ev:{row['party']}"] = float(row["equivalent_variation"])
        found[f"pct:{row['party']}"] = float(row["real_income_pct"])
    for row in tidy_rows.industry(one)[1:]:  # after the base
        found["price"], found["output"] = float(row["real_price_pct"]), float(row["output_volume_pct"])
    for row in tidy_rows.proceeds(one):
        found[f"duty:{row['party']}"] = float(row["tariff_revenue_change"])
        found[f"rent:{row['party']}"] = float(row["quota_rent"])
        found[f"tax:{row['party']}"] = float(row["export_tax_change"])
        found[f"cost:{row['party']}"] = float(row["subsidies_change"])
    return found


def monotone_slopes(x: Array, y: Array) -> Array:
    """Return the slopes [k] of Fritsch and Carlson at the nodes x [k] with values y [k]; NaN where values are NaN."""
    good = np.isfinite(y)
    slopes = np.full(len(x), np.nan)
    if good.sum() > 1:
        from scipy.interpolate import PchipInterpolator

        slopes[good] = PchipInterpolator(x[good], y[good]).derivative()(x[good])
    return slopes


def hermite(x: Array, y: Array, slopes: Array, at: Array) -> Array:
    """Return the cubic Hermite curve through nodes x [k] with values y and slopes, at points inside their range."""
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[k + 1] - x[k]
    t = (at - x[k]) / h
    return (
        y[k] * (1 + 2 * t) * (1 - t) ** 2
        + slopes[k] * h * t * (1 - t) ** 2
        + y[k + 1] * t**2 * (3 - 2 * t)
        + slopes[k + 1] * h * t**2 * (t - 1)
    )
