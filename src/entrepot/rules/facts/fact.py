"""What a fact is: a function from a MeasureView to a FactAnswer; the registry of facts, and how rules query them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from entrepot.languages import if_known, plural, translated
from entrepot.rules.book import Question, fact_texts
from entrepot.rules.entry import Confidence
from entrepot.rules.measure_view import MeasureView
from entrepot.words import and_list, plain_number

#: Two duties, or two shares, that differ by less count as equal.
SAME = 1e-9


@dataclass(frozen=True)
class FactAnswer:
    """The answer to a question of fact: yes, no or unknown (None), with the sentence that explains it.

    found_in    where the answer was found
    confidence  how sure it is; None where it was computed
    """

    value: bool | None
    says: str
    found_in: str
    confidence: Confidence | None = None


Fact = Callable[[MeasureView], FactAnswer]
#: Facts that are computed, not stated, by their id in data/facts.yaml.
COMPUTED: dict[str, Fact] = {}


def fact(find: Fact) -> Fact:
    """Register a function as the computed fact of its name."""
    COMPUTED[find.__name__] = find
    return find


def ask(question: Question, view: MeasureView) -> tuple[tuple[str, FactAnswer], ...]:
    """Return the facts of a question with their answers.

    A question with alternatives returns the first that holds, else those that are unknown, else all of them.
    """
    if isinstance(question, str):
        return (_one(question, view),)
    answers = [_one(name, view) for name in question]
    so = [pair for pair in answers if pair[1].value]
    unknown = [pair for pair in answers if pair[1].value is None]
    return tuple(so[:1] or unknown or answers)


def _one(question: str, view: MeasureView) -> tuple[str, FactAnswer]:
    name = question.removeprefix("not ")
    answer = COMPUTED[name](view) if name in COMPUTED else as_stated(name, view)
    if name != question and answer.value is not None:
        answer = FactAnswer(not answer.value, answer.says, answer.found_in, answer.confidence)
    return question, answer


def as_stated(name: str, view: MeasureView) -> FactAnswer:
    """Return the answer that the case states for a fact."""
    text, value = fact_texts()[name], view.context.stated(name)
    if value is None:
        says = if_known(text.unknown)
        several = view.context.meanings(text.known_as) if text.known_as else ()
        if len(several) > 1 and view.context.stated(text.known_as) is not None:
            which = translated(
                "{older} is stated, and may mean {facts}: state these.",
                older=text.known_as,
                facts=and_list(list(several)),
            )
            says = f"{says} {which}"
        return FactAnswer(None, says, translated("not stated"))
    return FactAnswer(value, if_known(text.yes if value else text.no), translated("as stated in the case"))


def in_measure(value: bool, says: str) -> FactAnswer:
    """Return an answer that follows from the measure."""
    return FactAnswer(value, if_known(says), translated("the measure"))


def in_economy(value: bool | None, says: str, view: MeasureView) -> FactAnswer:
    """Return an answer that follows from the data of the Economy."""
    return FactAnswer(value, says, view.economy.name)


def points(change: float) -> str:
    """Return the size of a change in percentage points, to four digits."""
    return plural("{number} percentage point", "{number} percentage points", plain_number(abs(100 * change), 4))
