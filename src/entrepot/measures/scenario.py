"""Measures in force together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from entrepot.errors import InputError
from entrepot.measures.measure import Measure


def together(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Return the measures in force together, in order, without repeats of one object or of one label."""
    out: list[Measure] = []
    for measure in measures:
        if not any(measure is other or (measure.label and measure == other) for other in out):
            out.append(measure)
    return tuple(out)


@dataclass(frozen=True)
class Scenario:
    """A named set of measures, whose order has no meaning.

    Set tariffs come first, then points are added; export taxes and subsidies add up, trade costs and quota wedges
    multiply.
    """

    measures: tuple[Measure, ...] = ()  # one measure or any iterable of them is read as a tuple
    name: str = "scenario"
    title: str = ""

    def __post_init__(self) -> None:
        given = (self.measures,) if isinstance(self.measures, Measure) else self.measures
        if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
            raise InputError(f"measures: a list of measures is needed, not {given!r}")
        object.__setattr__(self, "measures", tuple(given))
        for measure in self.measures:
            if not isinstance(measure, Measure):
                raise InputError(f"scenario {self.name!r}: {measure!r} is not a measure")

    @classmethod
    def of(cls, measures: Scenario | Measure | Iterable[Measure]) -> Scenario:
        """Return a Scenario from a Scenario, a measure, or several measures."""
        if isinstance(measures, Scenario):
            return measures
        given: Any = measures  # read where it is made
        return cls(given)

    @property
    def matches(self) -> frozenset[str]:
        """The scenarios whose volumes this one's caps refer to."""
        return frozenset(m.match for m in self.measures if m.match)

    def matched(self, volume: Callable[[str, Measure], float]) -> Scenario:
        """Return the scenario with every {match: NAME} replaced by volume(NAME, measure)."""
        return replace(
            self,
            measures=tuple(m.at_volume(volume(m.match, m)) if m.match else m for m in self.measures),
        )

    def __iter__(self) -> Iterator[Measure]:
        return iter(self.measures)

    def __len__(self) -> int:
        return len(self.measures)
