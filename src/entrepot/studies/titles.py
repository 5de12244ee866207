"""The titles by which people read scenarios; keys are for files."""

from __future__ import annotations

from entrepot.cases import Case, SolvedCase
from entrepot.languages import in_quotation_marks, translated
from entrepot.words import and_list


def case_title(case: Case, name: str) -> str:
    """Return the title of a scenario, or of several in force together ("a with b"); another name as it is."""
    parts = name.split(" with ")
    if all(part in case.scenarios for part in parts):
        titles = [translated(case.scenarios[part].title) for part in parts]
        return titles[0] if len(titles) == 1 else translated(", with ").join(titles)
    return name


def title_of(study: SolvedCase, name: str) -> str:
    """Return the title of a scenario of a solved case."""
    return case_title(study.case, name)


def quoted(study: SolvedCase, names: list[str]) -> str:
    """Return the titles of scenarios inside a sentence, in quotation marks."""
    return and_list([in_quotation_marks(title_of(study, name)) for name in names])
