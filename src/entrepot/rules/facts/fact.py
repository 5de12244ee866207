"""What a question about a measure is answered with, and how questions are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from entrepot.rules.book import Question, fact_texts
from entrepot.rules.entry import Confidence
from entrepot.rules.measure_view import MeasureView

#: Two duties, or two shares, that differ by less are the same.
SAME = 1e-9


@dataclass(frozen=True)
class FactAnswer:
    """yes, no, or not known; the sentence that says so; where it was found; how sure that is (None: computed)."""

    value: bool | None
    says: str
    found_in: str
    confidence: Confidence | None = None


Fact = Callable[[MeasureView], FactAnswer]
#: Facts that are found, not stated, by their id in data/facts.yaml.
COMPUTED: dict[str, Fact] = {}


def fact(find: Fact) -> Fact:
    COMPUTED[find.__name__] = find
    return find


def ask(question: Question, view: MeasureView) -> tuple[tuple[str, FactAnswer], ...]:
    """What was asked and answered: one fact, or of several the first that is so (else all of them)."""
    if isinstance(question, str):
        return (_one(question, view),)
    answers = [_one(name, view) for name in question]
    so = [(name, answer) for name, answer in answers if answer.value is not False]
    return tuple(sorted(so, key=lambda pair: pair[1].value is None)[:1]) or tuple(answers)


def _one(question: str, view: MeasureView) -> tuple[str, FactAnswer]:
    name = question.removeprefix("not ")
    answer = COMPUTED[name](view) if name in COMPUTED else as_stated(name, view)
    if name != question and answer.value is not None:
        answer = FactAnswer(not answer.value, answer.says, answer.found_in, answer.confidence)
    return question, answer


def as_stated(name: str, view: MeasureView) -> FactAnswer:
    text, value = fact_texts()[name], view.context.stated(name)
    if value is None:
        return FactAnswer(None, text.unknown, "not stated")
    return FactAnswer(value, text.yes if value else text.no, "as stated in the case")


def in_measure(value: bool, says: str) -> FactAnswer:
    return FactAnswer(value, says, "the measure")


def in_economy(value: bool | None, says: str, view: MeasureView) -> FactAnswer:
    return FactAnswer(value, says, view.economy.name)


def percent(rate: float) -> str:
    """What was found, rounded; a measure's own terms are told in full."""
    return f"{100 * rate:.4g}%"


def points(change: float) -> str:
    return f"{abs(100 * change):.4g} percentage points"
