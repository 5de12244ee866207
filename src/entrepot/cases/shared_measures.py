"""Which measures of several scenarios are one measure: what is one entry of the case, not what looks alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from entrepot.cases.case import Case
from entrepot.measures import Measure, Scenario

#: A scenario, and the position of a measure in it.
Entry = tuple[str, int]


@dataclass
class SharedMeasures:
    """The measures of a case's scenarios, each entry of the case as one and the same object.

    An entry that stands in two scenarios (by a YAML anchor, as part of a retaliation's scenario, or because two
    measures are equal and have the same label) counts once where both are in force. Two entries that merely look alike
    are two steps, and count twice.
    """

    case: Case
    _known: dict[Entry, Measure] = field(default_factory=dict)

    def of(self, name: str, scenario: Scenario) -> tuple[Measure, ...]:
        """The measures of the scenario `name` as it was built or solved: its caps found, its answers at the end."""
        positions = [k for k, m in enumerate(self.case.scenarios[name].measures) if isinstance(m, Measure)]
        written = [
            self._known.setdefault(self._first(name, k), measure)
            for k, measure in zip(positions, scenario, strict=False)
        ]
        return (*written, *scenario.measures[len(positions) :])

    def _first(self, name: str, position: int) -> Entry:
        """The first place in the case with the same entry."""
        mine, written = self.case.scenarios[name].measures[position], self.case.node(name, position)
        for other, spec in self.case.scenarios.items():
            for k, measure in enumerate(spec.measures):
                node = self.case.node(other, k)
                if measure is mine or (node is not None and node is written) or (mine.label and mine == measure):
                    return other, k
        return name, position


def together(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Measures in force together, in order: the same object, or the same measure under the same label, once."""
    out: list[Measure] = []
    for measure in measures:
        if not any(measure is other or (measure.label and measure == other) for other in out):
            out.append(measure)
    return tuple(out)


def lookalikes(measures: Iterable[Measure]) -> Iterator[Measure]:
    """Those that stand a second time, as another entry."""
    seen: list[Measure] = []
    for measure in measures:
        if measure in seen:
            yield measure
        seen.append(measure)
