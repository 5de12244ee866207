"""A Finding: the result of one rule for one measure and party, with the reasoning step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from entrepot.languages import if_known, translated
from entrepot.rules.entry import Confidence, least_sure
from entrepot.rules.facts import FactAnswer
from entrepot.rules.measure_view import MeasureView


class Status(Enum):
    """The result of a rule, from the mildest to the worst. None of them means that a measure is legal.

    A measure departs from a pledge outside a treaty, where there is nothing to breach.
    """

    CONSISTENT = "consistent"
    DEPARTED = "departed from"
    JUSTIFIED_IF = "justified if"
    CONTESTED = "contested"
    INCONSISTENT = "inconsistent"

    @property
    def severity(self) -> int:
        """The position on the scale: 0 for consistent, 4 for inconsistent."""
        return list(Status).index(self)


@dataclass(frozen=True)
class Step:
    """A step of the reasoning: the fact, the answer, its sentence and source, and how sure it is (None: computed)."""

    fact: str
    answer: bool | None
    says: str
    found_in: str
    confidence: Confidence | None = None

    @classmethod
    def of(cls, fact: str, answer: FactAnswer) -> Step:
        """Return the step that an answer to a fact makes."""
        return cls(fact, answer.value, answer.says, answer.found_in, answer.confidence)


@dataclass(frozen=True)
class Finding:
    """The result of a rule for one measure of one party.

    rule         its id in the book; `provision`, `title` and `citation` for the reader
    condition    what decides a result that is neither consistent nor inconsistent; `met` says whether it holds on the
                 facts here
    complain     who may complain (codes or groups, most trade first); `trade` at stake, US$ million a year in the base
    remedy       what the complainants may do
    disputes     ids of the leading disputes
    text         how sure the text of the rule is; `confidence` is the lowest of it and of the facts used
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
        """Return a Finding on the measure and party of a view, with the lowest confidence of its parts."""
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
        """The status in words, with its condition, in the language in use."""
        condition = if_known(self.condition)
        if self.status is Status.JUSTIFIED_IF:
            met, unmet = "justified if {condition}, which holds on the facts here", "justified if {condition}"
            return translated(met if self.met else unmet, condition=condition)
        if self.status is Status.DEPARTED and condition:
            return translated("departed from if {condition}", condition=condition)
        if self.status is Status.CONTESTED and condition:
            return translated("contested: {condition}", condition=condition)
        return translated(self.status.value)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data; what people read is in the language in use."""
        found = asdict(self) | {"status": self.status.value, "verdict": self.verdict}
        words = {key: if_known(found[key]) for key in ("title", "condition", "consequence", "cure", "remedy")}
        steps = [step | {key: if_known(step[key]) for key in ("says", "found_in")} for step in found["steps"]]
        return {**found, **words, "steps": steps}
