"""The answer of a solved case on one screen of a terminal, and how a table of results is laid out there.

Nothing here needs pandas: `entrepot run` and `entrepot solve` print from this module.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console, Group, RenderableType

from entrepot.cases import Case, SolvedCase
from entrepot.languages import translated
from entrepot.languages.translated_errors import translated_error
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.studies.headline import Headline, headline
from entrepot.studies.result_table import ResultTable
from entrepot.studies.titles import title_of
from entrepot.words import counted, joined_sentences

#: Lines of the first screen.
SCREEN = 30


def render_answer(study: SolvedCase, width: int = 80) -> RenderableType:
    """Return the first screen: question, answer, one table, how sure it is, and how to see the rest.

    The table has as many scenarios as leave the screen within `SCREEN` lines at this width; where the question leaves
    room for one alone of several, the screen is without it.
    """
    found = headline(study)
    rows = found.table.rows if found.table is not None else ()
    whole = not study.under_sets  # the rows of sets need the lines of the question
    with_question, without = ([(count, put) for count in range(len(rows), 1, -1)] for put in (whole, False))
    least = [(min(1, len(rows)), whole)]
    return fitting(lambda shown: _answer(study, found, *shown), width, with_question, without, least)


def _answer(study: SolvedCase, found: Headline, count: int, question: bool) -> RenderableType:
    parts = opening(study.case)
    if not question:
        parts = [parts[0], ""]
    parts += [Prose(line) for line in found.answer]
    if found.table is not None:
        cut = len(found.table.rows) - count if study.under_sets else 0
        left = translated("{rows}: --full.", rows=counted(cut, "more set"))
        notes = (*((left,) if cut else ()), *found.table.notes)
        title = found.table.title if study.under_sets else _of_all(study, found.table.title, count)
        parts.append(render_table(replace(found.table, title=title, rows=found.table.rows[:count], notes=notes)))
    parts += failures(study)
    parts += noted(found.notes)
    parts += [
        "",
        *(Prose(translated("How sure: {text}", text=line)) for line in found.sure),
        Prose(found.basis, style="dim"),
    ]
    parts += [Prose(translated("More: {text}", text=joined_sentences(found.more)), style="dim")] if found.more else []
    return Group(*parts)


def _of_all(study: SolvedCase, title: str, count: int) -> str:
    """Return the title of a table with how many of the scenarios it shows, where that is not all."""
    every = len(study.outcomes)
    if count == every:
        return title
    text = "{title}: {shown} of {all} scenarios"
    return translated(text, title=translated(title), shown=count, all=every)


def render_table(table: ResultTable) -> RenderableType:
    """Return a result table with its title and notes."""
    units = {f", {translated(unit)}": f"\n{translated(unit)}" for unit, _ in table.scales if unit.startswith("US$")}
    head = ["" if k < table.text_columns == 1 else _broken(text, units) for k, text in enumerate(table.head)]
    return titled(
        table.caption, FittedColumns(head, table.cells, text=table.text_columns), joined_sentences(table.notes)
    )


def _broken(heading: str, units: Mapping[str, str]) -> str:
    """Return a heading with its unit of money on a line of its own."""
    for written, broken in units.items():
        heading = heading.replace(written, broken)
    return heading


def failures(study: SolvedCase) -> list[RenderableType]:
    """Return why scenarios have no answer, in red."""
    return [
        part
        for name, error in study.failures.items()
        for part in ("", Prose(f"{title_of(study, name)}: {translated_error(str(error))}", style="bold red"))
    ]


def opening(case: Case) -> list[RenderableType]:
    """Return the title and the question of a case."""
    return [Prose(translated(case.title), style="bold"), Prose(translated(case.question)), ""]


def noted(notes: Iterable[str]) -> list[RenderableType]:
    """Return a line for each note."""
    return [Prose(translated("Note: {note}", note=translated(note))) for note in notes]


def commanded(command: str | None) -> list[RenderableType]:
    """Return the line with the command that prints the same again; nothing where it is not known."""
    return [Prose(translated("Command: {command}", command=command), style="dim")] if command else []


def fitting(screen: Callable[[Any], RenderableType], width: int, *runs: Sequence[Any]) -> RenderableType:
    """Return the first of the screens so cut (by a number of rows) that has at most `SCREEN` lines, else the last.

    runs   cuts in order, one run or several; within a run each screen is no longer than the one before
    """
    for cuts in runs:
        first = bisect_left(cuts, True, key=lambda cut: screen_lines(screen(cut), width) <= SCREEN)
        if first < len(cuts):
            return screen(cuts[first])
    return screen(runs[-1][-1])


def screen_lines(what: RenderableType, width: int) -> int:
    """Return how many lines it takes on a terminal of this width."""
    return len(plain_text(what, width).splitlines())


def plain_text(what: RenderableType, width: int) -> str:
    """Return what is printed at this width, without colours."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, markup=False, emoji=False).print(what)
    return out.getvalue()


def titled(title: str, table: FittedColumns, note: str = "") -> RenderableType:
    """Return a table with its title above and its note below."""
    parts: list[RenderableType] = ["", Prose(title, style="bold"), table]
    return Group(*parts, Prose(note, style="dim")) if note else Group(*parts)
