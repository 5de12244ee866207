"""Which measures of several scenarios are the same measure: one entry of the case, not two entries that are equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from entrepot.cases.case import Case
from entrepot.measures import Measure, Scenario

#: A scenario, and the position of a measure in it.
Entry = tuple[str, int]


@dataclass
class SharedMeasures:
    """The measures of a case's scenarios, where each entry of the case is always the same object.

    Two scenarios share an entry where both use one YAML anchor, where one is the scenario of a retaliation, or where
    their measures are equal and have the same label. A shared entry counts once where both scenarios are in force. Two
    separate entries that are merely equal count twice.
    """

    case: Case
    _known: dict[Entry, Measure] = field(default_factory=dict)

    def of(self, name: str, scenario: Scenario) -> tuple[Measure, ...]:
        """Return the measures of the scenario `name` as built or solved: with caps found, retaliation last."""
        positions = [k for k, m in enumerate(self.case.scenarios[name].measures) if isinstance(m, Measure)]
        stated = [
            self._known.setdefault(self._first(name, k), measure)
            for k, measure in zip(positions, scenario, strict=False)
        ]
        return (*stated, *scenario.measures[len(positions) :])

    def _first(self, name: str, position: int) -> Entry:
        """Return the first place in the case that has the same entry."""
        this = self.case.scenarios[name].measures[position]
        for other, spec in self.case.scenarios.items():
            for k, measure in enumerate(spec.measures):
                if measure is this:
                    return other, k
                # Entries of one anchor are equal, so that the file is parsed with its anchors for equal ones only.
                if measure == this and (this.label or self._is_one_node((name, position), (other, k))):
                    return other, k
        return name, position

    def _is_one_node(self, one: Entry, other: Entry) -> bool:
        node = self.case.node(*one)
        return node is not None and node is self.case.node(*other)


def duplicates(measures: Iterable[Measure]) -> Iterator[Measure]:
    """Yield the measures that are equal to an earlier one."""
    seen: list[Measure] = []
    for measure in measures:
        if measure in seen:
            yield measure
        seen.append(measure)
