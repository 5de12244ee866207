"""The titles by which people read scenarios; keys are for files."""

from __future__ import annotations

import re
from collections.abc import Collection

from entrepot.cases import Case, SolvedCase
from entrepot.cases.scenario_references import answering_title
from entrepot.languages import ENGLISH, if_known, in_english, in_quotation_marks, localised, speaking, translated
from entrepot.measures import Measure
from entrepot.measures.wording import GOODS, PLACES, Wording
from entrepot.words import and_list, distinguished, sector_name, short

#: A measure without a label names so many sectors in a table, and counts more.
SECTORS_NAMED = 4


def case_title(case: Case, name: str) -> str:
    """Return the title of a scenario, or of several in force together ("a with b"); another name as it is."""
    parts = name.split(" with ")
    if all(part in case.scenarios for part in parts):
        titles = [_in_language(case, part) for part in parts]
        return titles[0] if len(titles) == 1 else translated(", with ").join(titles)
    return translated("base") if name == "base" else name


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


def measure_in_words(measure: Measure, known: Collection[str] = ()) -> str:
    """Return the label of a measure, or what it does with names in place of codes; a long list of sectors is counted.

    `known` are the countries of the data.
    """
    if measure.label:
        return _label_in_words(measure.label, measure.written("sector"))
    wording = None if in_english() else measure.wording()
    if wording is not None:
        return _in_words(wording, known)
    text, sectors = measure.describe(), measure.written("sector")
    if sectors:
        named = ", ".join(map(sector_name, sectors)) if len(sectors) <= SECTORS_NAMED else f"{len(sectors)} sectors"
        named = "all sectors" if sectors == ("ALL",) else named
        text = text.replace(", ".join(sectors), named)
    for code in dict.fromkeys(measure.names):
        name = "all countries" if code == "WORLD" else short(code, known)
        text = re.sub(rf"\b{re.escape(code)}\b", name.replace("\\", r"\\"), text)
    return re.sub(r"(\d+\.\d{3,}) points", lambda found: _points(float(found[1])), text)


def _points(number: float) -> str:
    """Return a number of percentage points in English, to three digits."""
    text = f"{number:.3g}"
    return f"{text} point" if text == "1" else f"{text} points"


def parts_of_label(label: str) -> tuple[str, str]:
    """Return the words of a label, and the part of the trade that it ends with ("10%, 75% of the trade"), if any."""
    found = re.fullmatch(r"(.+), ([\d.]+%) of the trade", label)
    return (found[1], found[2]) if found else (label, "")


def _label_in_words(label: str, sectors: tuple[str, ...]) -> str:
    """Return a label in the language in use; one that is about a part of the trade says of which goods."""
    words, share = parts_of_label(label)
    words = localised(words) if re.fullmatch(r"[\d.,]+%", words) else if_known(words)
    if not share:
        return words
    values = {"measure": words, "share": localised(share)}
    if not sectors:
        return translated("{measure}, {share} of the trade", **values)
    return translated("{measure} on {goods}, {share} of the trade", goods=_goods_in_words(sectors), **values)


def _in_words(wording: Wording, known: Collection[str]) -> str:
    """Return a wording in the language in use."""
    values: dict[str, str] = {}
    for name, value in wording.values.items():
        if isinstance(value, Wording):
            values[name] = _in_words(value, known)
        elif name in PLACES:
            codes = [value] if isinstance(value, str) else value
            values[name] = ", ".join(translated("all countries") if c == "WORLD" else short(c, known) for c in codes)
        elif name == GOODS:
            values[name] = _goods_in_words((value,) if isinstance(value, str) else tuple(value))
        else:
            values[name] = localised(str(value))
    return translated(wording.message, **values)


def _goods_in_words(sectors: tuple[str, ...]) -> str:
    """Return sectors in the language in use; a long list is counted."""
    if sectors in ((), ("ALL",)):
        return translated("all sectors")
    if len(sectors) > SECTORS_NAMED:
        return translated("{number} sectors", number=len(sectors))
    return ", ".join(map(sector_name, sectors))


def measures_in_words(study: SolvedCase) -> dict[str, str]:
    """Return the words for every measure of the solved scenarios by its title."""
    measures = [measure for outcome in study.outcomes.values() for measure in outcome.scenario]
    return {measure.title: measure_in_words(measure, study.economy.countries) for measure in measures}


def rows_in_words(study: SolvedCase) -> list[str]:
    """Return the words for each row of the table of measures; those that read alike in a scenario are distinguished."""
    out: list[str] = []
    for outcome in study.outcomes.values():
        words = [measure_in_words(measure, study.economy.countries) for measure in outcome.scenario]
        sectors = [measure.written("sector") for measure in outcome.scenario]
        out += distinguished(words, [_goods_in_words(goods) if goods else "" for goods in sectors], remarked)
    return out


def remarked(text: str, remark: str) -> str:
    """Return a text with a remark in brackets."""
    return translated("{sentence} ({remark})", sentence=text, remark=remark)
