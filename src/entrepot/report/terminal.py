"""Everything on a terminal: the first screen, the whole report, a bargain and a sweep."""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from entrepot.bargaining import Bargain
from entrepot.cases import Case, SolvedCase
from entrepot.languages import localised, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.studies import bargain_sentences, bargain_tables, sweep_sentences, sweep_tables
from entrepot.studies.findings import findings
from entrepot.studies.headline import Headline, headline
from entrepot.studies.most_affected import affected_table
from entrepot.studies.provenance import called, lines
from entrepot.studies.result_table import ResultTable
from entrepot.studies.result_tables import ResultTables
from entrepot.studies.titles import title_of
from entrepot.sweeping.sweep_result import Sweep
from entrepot.words import counted, each_once

#: Lines of the first screen.
SCREEN = 30


def render(study: SolvedCase, command: str | None = None) -> RenderableType:
    """Return the whole report: the answer, the findings, every table and where the numbers come from."""
    parts: list[RenderableType] = [
        Prose(translated(study.case.title), style="bold"),
        Prose(translated(study.case.question)),
        "",
    ]
    first = headline(study).answer
    parts += [Prose(line) for line in first]
    parts += ["", *(_bullet(line) for line in findings(study) if line not in first)]
    made = ResultTables(study).laid_out
    for name, table in made.items():
        if name not in ("countries", "calendar"):
            parts.append(render_table(table))
        if name == "welfare" and study.case.case == "measures":  # whose parties are only those that measures name
            parts.append(render_table(affected_table(study)))
    if study.case.table is not None:
        text = translated(
            "What both would sign: {command}", command=f"entrepot bargain {shlex.quote(called(study.case))}"
        )
        parts += ["", Prose(text, style="bold")]
    if study.case.uncertainty or study.case.distributions:
        text = translated("How sure that is: {command}", command=f"entrepot sweep {shlex.quote(called(study.case))}")
        parts += ["", Prose(text, style="bold")]
    parts += _failures(study)
    unread = [note for note in study.notes if note not in each_once(*study.warnings)]  # warnings are findings already
    parts += _noted(unread)
    parts += [
        "",
        *(
            Prose(translated("{heading}: {text}", heading=translated(label), text=text), style="dim")
            for label, text in lines(study, command)
        ),
    ]
    return Group(*parts)


def render_answer(study: SolvedCase, width: int = 80) -> RenderableType:
    """Return the first screen: question, answer, one table, how sure it is, and how to see the rest.

    The table has as many scenarios as leave the screen within `SCREEN` lines at this width.
    """
    found = headline(study)
    rows = found.table.rows if found.table is not None else ()
    for count in range(len(rows), 1, -1):
        if screen_lines(_answer(study, found, count), width) <= SCREEN:
            return _answer(study, found, count)
    return _answer(study, found, min(1, len(rows)))


def _answer(study: SolvedCase, found: Headline, count: int) -> RenderableType:
    parts: list[RenderableType] = [
        Prose(translated(study.case.title), style="bold"),
        Prose(translated(study.case.question)),
        "",
    ]
    if study.under_sets:  # their rows need the lines of the question
        parts = [parts[0], ""]
    parts += [Prose(line) for line in found.answer]
    if found.table is not None:
        cut = len(found.table.rows) - count if study.under_sets else 0
        left = translated("{rows}: --full.", rows=counted(cut, "more set"))
        notes = (*((left,) if cut else ()), *found.table.notes)
        title = found.table.title if study.under_sets else _of_all(study, found.table.title, count)
        parts.append(render_table(replace(found.table, title=title, rows=found.table.rows[:count], notes=notes)))
    parts += _failures(study)
    parts += [Prose(translated("Note: {note}", note=translated(note))) for note in found.notes]
    parts += [
        "",
        *(Prose(translated("How sure: {text}", text=line)) for line in found.sure),
        Prose(found.basis, style="dim"),
    ]
    parts += [Prose(translated("More: {text}", text=" ".join(found.more)), style="dim")] if found.more else []
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
    return _titled(table.caption, FittedColumns(head, table.cells, text=table.text_columns), " ".join(table.notes))


def _broken(heading: str, units: Mapping[str, str]) -> str:
    """Return a heading with its unit of money on a line of its own."""
    for written, broken in units.items():
        heading = heading.replace(written, broken)
    return heading


def tables_as_text(tables: Iterable[ResultTable], width: int = 100) -> str:
    """Return tables as plain text."""
    return _plain(Group(*map(render_table, tables)), width)


def _failures(study: SolvedCase) -> list[RenderableType]:
    return [
        part
        for name, error in study.failures.items()
        for part in ("", Prose(f"{title_of(study, name)}: {translated_error(str(error))}", style="bold red"))
    ]


def screen_lines(what: RenderableType, width: int) -> int:
    """Return how many lines it takes on a terminal of this width."""
    return len(_plain(what, width).splitlines())


def as_text(study: SolvedCase, width: int = 100) -> str:
    """Return the whole report as plain text."""
    return _plain(render(study), width)


def _plain(what: RenderableType, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, markup=False, emoji=False).print(what)
    return out.getvalue()


def render_bargain(found: Bargain, command: str | None = None) -> RenderableType:
    """Return a bargain as a page: its findings, its deals, and how many equilibria they took."""
    case = found.case
    parts = _opening(case)
    parts += [_bullet(line) for line in bargain_sentences.sentences(found)]
    for section in bargain_tables.sections(found) if found.complete else []:
        parts.append(_titled(section.title, _section(section), section.note))
    notes = (*found.notes, *found.about)
    parts += _noted(notes)
    solved = {"number": localised(f"{found.evaluations:,}"), "seconds": localised(f"{found.seconds:.1f}")}
    text = translated("{number} equilibria in {seconds} s.", **solved)
    if found.surface.failures:
        failed = "{number} equilibria in {seconds} s; {lost} deals had none and are left out."
        text = translated(failed, **solved, lost=found.surface.failures)
    base = translated("Money is US$ at {economy} prices.", economy=found.negotiation.economy.name)
    parts += ["", Prose(f"{text} {base}", style="dim")]
    if command:
        parts.append(Prose(translated("Command: {command}", command=command), style="dim"))
    return Group(*parts)


def render_sweep(found: Sweep, level: float, command: str | None = None) -> RenderableType:
    """Return a sweep as a page: its findings, the intervals, and what drives them."""
    case = found.plan.case
    parts = _opening(case)
    parts += [_bullet(line) for line in sweep_sentences.sentences(found, level)]
    parts += [_titled(s.title, _section(s), s.note) for s in sweep_tables.sections(found, level)]
    parts += _noted(found.notes)
    solved = "Run {run}, seed {seed}, economy {economy}; {number} equilibria in {seconds} s."
    stored = "Run {run}, seed {seed}, economy {economy}; all from the store."
    text = translated(
        solved if found.solves else stored,
        run=found.run.id,
        seed=found.plan.seed,
        economy=found.plan.base.name,
        number=localised(f"{found.solves:,}"),
        seconds=localised(f"{found.seconds:.1f}"),
    )
    parts += ["", Prose(text, style="dim")]
    if command:
        parts.append(Prose(translated("Command: {command}", command=command), style="dim"))
    return Group(*parts)


def _opening(case: Case) -> list[RenderableType]:
    """Return the title and the question of a case."""
    return [Prose(translated(case.title), style="bold"), Prose(translated(case.question)), ""]


def _noted(notes: Sequence[str]) -> list[RenderableType]:
    """Return notes below an empty line; nothing where there are none."""
    return ["", *(Prose(translated("Note: {note}", note=translated(note))) for note in notes)] if notes else []


def _section(section: bargain_tables.Section) -> FittedColumns:
    return FittedColumns(section.head, section.rows, section.text_columns)


def _bullet(line: str) -> RenderableType:
    indented = line.startswith("  ")
    mark = "- " if indented else "* "
    return Padding(Prose(mark + line.strip()), (0, 0, 0, 2 if indented else 0))


def _titled(title: str, table: FittedColumns, note: str = "") -> RenderableType:
    parts: list[RenderableType] = ["", Prose(title, style="bold"), table]
    return Group(*parts, Prose(note, style="dim")) if note else Group(*parts)
