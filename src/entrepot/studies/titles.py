"""The titles by which people read scenarios; keys are for files."""

from __future__ import annotations

from entrepot.cases import Case, SolvedCase
from entrepot.cases.scenario_references import answering_title
from entrepot.languages import ENGLISH, in_english, in_quotation_marks, speaking, translated
from entrepot.words import and_list


def case_title(case: Case, name: str) -> str:
    """Return the title of a scenario, or of several in force together ("a with b"); another name as it is."""
    parts = name.split(" with ")
    if all(part in case.scenarios for part in parts):
        titles = [_in_language(case, part) for part in parts]
        return titles[0] if len(titles) == 1 else translated(", with ").join(titles)
    return name


def _in_language(case: Case, name: str) -> str:
    """Return the title of a scenario in the language in use; that of a retaliation may have been made from others."""
    spec = case.scenarios[name]
    answer = spec.retaliations[-1] if spec.retaliations else None
    if in_english() or answer is None or answer.label or answer.equivalent_to not in case.scenarios:
        return translated(spec.title)
    answered = case.scenarios[answer.equivalent_to].title
    with speaking(ENGLISH):
        made = spec.title == answering_title(answered, answer)
    return answering_title(translated(answered), answer) if made else translated(spec.title)


def title_of(study: SolvedCase, name: str) -> str:
    """Return the title of a scenario of a solved case."""
    return case_title(study.case, name)


def quoted(study: SolvedCase, names: list[str]) -> str:
    """Return the titles of scenarios inside a sentence, in quotation marks."""
    return and_list([in_quotation_marks(title_of(study, name)) for name in names])
