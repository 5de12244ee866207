"""What a rule says of a measure, with the reasoning step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from entrepot.rules.entry import Confidence, least_sure
from entrepot.rules.facts import FactAnswer
from entrepot.rules.measure_view import MeasureView


class Status(Enum):
    """How a measure stands with a rule, the worst last. None of them says that a thing is legal."""

    CONSISTENT = "consistent"
    JUSTIFIED_IF = "justified if"
    CONTESTED = "contested"
    INCONSISTENT = "inconsistent"

    @property
    def severity(self) -> int:
        return list(Status).index(self)


@dataclass(frozen=True)
class Step:
    """One step of the reasoning: the fact it used, what was found, where, and how sure that is (None: computed)."""

    fact: str
    answer: bool | None
    says: str
    found_in: str
    confidence: Confidence | None = None

    @classmethod
    def of(cls, fact: str, answer: FactAnswer) -> Step:
        return cls(fact, answer.value, answer.says, answer.found_in, answer.confidence)


@dataclass(frozen=True)
class Finding:
    """What a rule says of one measure of one party.

    rule         its id in the book; `provision`, `title` and `citation` for the reader
    condition    what decides, for "justified if" and "contested"; `met` whether it holds on the facts here
    complain     who may complain (codes or groups, most trade first); `trade` at stake, US$ million a year in the base
    remedy       what they may do
    disputes     ids of the leading ones
    text         how sure the rule's text is; `confidence` of the weakest link among it and the facts it used
    """

    scenario: str
    measure: str
    party: str
    role: str
    rule: str
    provision: str
    title: str
    status: Status
    condition: str
    met: bool
    steps: tuple[Step, ...]
    consequence: str
    cure: str
    complain: tuple[str, ...]
    trade: float
    remedy: str
    disputes: tuple[str, ...]
    citation: str
    text: Confidence
    confidence: Confidence

    @classmethod
    def on(cls, view: MeasureView, *, text: Confidence, steps: Sequence[Step], **rest: Any) -> Finding:
        """A Finding on the measure and the party of a Setting, as sure as its weakest link."""
        return cls(
            scenario=view.context.scenario.name,
            measure=view.measure.title,
            party=view.party.name,
            role=view.role,
            steps=tuple(steps),
            text=text,
            confidence=least_sure(text, *(step.confidence for step in steps)),
            **rest,
        )

    @property
    def verdict(self) -> str:
        """The status in words, with its condition."""
        if self.status is Status.JUSTIFIED_IF:
            return f"justified if {self.condition}" + (", which holds on the facts here" if self.met else "")
        return (
            f"contested: {self.condition}" if self.status is Status.CONTESTED and self.condition else self.status.value
        )
