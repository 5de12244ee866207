"""What the figures of a solved case share: which scenarios are drawn, the foot, and a figure made from rows of bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.cases import SolvedCase
from entrepot.economy import Economy
from entrepot.languages import in_english, translated
from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.svg_frame import Panel
from entrepot.studies.headline import basis_clauses, chosen
from entrepot.studies.result_table import ResultTable, TableColumn, percent_text
from entrepot.studies.study_table import provenance_of
from entrepot.studies.titles import title_of
from entrepot.version import __version__
from entrepot.words import MoneyUnit, sentence, signed_number

#: The most scenarios in one picture; the tables have all.
MOST = 6
SCENARIO = TableColumn("scenario")


@dataclass(frozen=True)
class Mark:
    """A bar with its facts: what the table of the figure says of it.

    group   the heading under which it stands: a scenario
    facts   the values of the figure's columns
    """

    group: str
    bar: Bar
    facts: tuple[Any, ...]


def shown_scenarios(study: SolvedCase, among: Iterable[str] | None = None) -> list[str]:
    """Return the scenarios to draw, in the order of the case: those of the first screen first, then the others."""
    names = [n for n in study.outcomes if among is None or n in set(among)]
    if len(names) <= MOST:
        return names
    first = [n for n in chosen(study) if n in names]
    kept = [*first, *(n for n in names if n not in first)][:MOST]
    return [n for n in names if n in kept]


def first_drawn(study: SolvedCase, names: Sequence[str]) -> str:
    """Return the scenario that the title of a figure is about: the first of the answer, or of those that are drawn."""
    first = chosen(study)[0]
    return first if first in names else names[0]


def of_all(study: SolvedCase, names: Sequence[str]) -> str:
    """Return how many of the scenarios are drawn, where that is not all."""
    count = len(study.outcomes)
    if len(names) == count:
        return ""
    return " " + translated("{shown} of {count} scenarios; the tables have all.", shown=len(names), count=count)


@dataclass(frozen=True)
class FigureBasis:
    """What the numbers of a figure stand on, where that is not what those of the other figures do.

    held        base and year, horizon and elasticities, or what takes their place
    provenance  what the table of the figure says in place of the same keys of the study's
    source      of the data, in a few words; empty for that of the base
    """

    held: str
    provenance: Mapping[str, str]
    source: str = ""


def source_line(base: Economy, source: str = "") -> str:
    """Return where the data come from, in a few words: the source of the base, unless another is given."""
    source = source or base.source.split(". ")[0].rstrip(".")
    return translated("Source: {source}.", source=source) if source else translated("Source: the data of the case.")


def titled(finding: str, label: str) -> str:
    """Return the title of a figure: its finding, which is English, or in other languages what the figure shows."""
    return finding if in_english() else translated(label)


def a_year(unit: MoneyUnit, year: int | None) -> str:
    """Return the title of an axis of amounts a year, in dollars of the base year."""
    if year is None:
        return translated("{unit} a year", unit=translated(unit.name))
    return translated("{unit} of {year} a year", unit=translated(unit.name), year=year)


def bar_figure(
    study: SolvedCase,
    name: str,
    title: str,
    subtitle: str,
    axis: str,
    marks: Sequence[Mark],
    columns: Sequence[TableColumn],
    on: FigureBasis | None = None,
) -> Figure:
    """Return a figure of bars in groups: one row of the table and one bar for each mark."""
    groups: dict[str, list[Bar]] = {}
    for mark in marks:
        groups.setdefault(mark.group, []).append(mark.bar)
    panel = bar_panel([BarGroup(heading, tuple(bars)) for heading, bars in groups.items()], axis)
    facts = [m.facts for m in marks]
    return study_figure(study, name, title, subtitle, facts, columns, spoken_groups(groups), [panel], on)


def spoken_groups(groups: dict[str, list[Bar]]) -> str:
    """Return bars in words: each group with its labels and numbers."""
    return " ".join(
        f"{heading + ': ' if heading else ''}{'; '.join(f'{b.label} {b.text}'.strip() for b in bars)}."
        for heading, bars in groups.items()
    )


def study_figure(
    study: SolvedCase,
    name: str,
    title: str,
    subtitle: str,
    rows: Iterable[Sequence[Any]],
    columns: Sequence[TableColumn],
    text: str,
    panels: Sequence[Panel],
    on: FigureBasis | None = None,
) -> Figure:
    """Return a figure of a solved case with its foot and provenance; `on` where it stands on something of its own."""
    on = on or FigureBasis(basis_clauses(study), {})
    foot = (source_line(study.economy, on.source), f"{on.held}; Entrepot {__version__}.")
    labels = sum(c.unit == "text" for c in columns)
    provenance = {**provenance_of(study), **on.provenance}
    made = tuple(map(tuple, rows))
    table = ResultTable(name, title, tuple(columns), made, (subtitle,), provenance, None, labels)
    return Figure(name, title, subtitle, table, f"{subtitle} {text}", foot, tuple(panels))


def money_text_of(unit: MoneyUnit) -> Callable[[float], str]:
    """Return what writes an amount in US$ million in `unit` with its sign."""
    return lambda millions: signed_number(millions / unit.millions)


def scenario_heading(study: SolvedCase, name: str) -> str:
    """Return the heading of a scenario: its title, or none where the case has only one."""
    return title_of(study, name) if len(study.case.scenarios) > 1 else ""


def under(study: SolvedCase, name: str, finding: str) -> str:
    """Return a finding as a title: with the scenario where the case has several, else with a capital letter."""
    if len(study.case.scenarios) > 1:
        return f'Under "{title_of(study, name)}", {finding}'
    return sentence(finding)


def percent(value: float) -> str:
    """Return a change in percent with its sign."""
    return percent_text(value, 2 if abs(value) < 1 else 1)
