"""The long pages on a terminal: the whole report, a bargain and a sweep (`terminal_answer` has the first screen)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding

from entrepot.bargaining import Bargain
from entrepot.cases import SolvedCase
from entrepot.languages import localised, translated
from entrepot.report.terminal_answer import commanded, failures, noted, opening, plain_text, render_table, titled
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.shell import for_shell
from entrepot.studies import bargain_sentences, bargain_tables, sweep_sentences, sweep_tables
from entrepot.studies.findings import findings
from entrepot.studies.headline import full_notes, headline
from entrepot.studies.most_affected import affected_table
from entrepot.studies.provenance import called, lines
from entrepot.studies.result_tables import ResultTables
from entrepot.sweeping.sweep_result import Sweep


def render(study: SolvedCase, command: str | None = None) -> RenderableType:
    """Return the whole report: the answer, the findings, every table and where the numbers come from."""
    parts = opening(study.case)
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
            "What both would sign: {command}", command=f"entrepot bargain {for_shell(called(study.case))}"
        )
        parts += ["", Prose(text, style="bold")]
    if study.case.uncertainty or study.case.distributions:
        text = translated("How sure that is: {command}", command=f"entrepot sweep {for_shell(called(study.case))}")
        parts += ["", Prose(text, style="bold")]
    parts += failures(study)
    parts += _noted(full_notes(study))
    parts += [
        "",
        *(
            Prose(translated("{heading}: {text}", heading=translated(label), text=text), style="dim")
            for label, text in lines(study, command)
        ),
    ]
    return Group(*parts)


def as_text(study: SolvedCase, width: int = 100) -> str:
    """Return the whole report as plain text."""
    return plain_text(render(study), width)


def render_bargain(found: Bargain, command: str | None = None) -> RenderableType:
    """Return a bargain as a page: its findings, its deals, and how many equilibria they took."""
    case = found.case
    parts = opening(case)
    parts += [_bullet(line) for line in bargain_sentences.sentences(found)]
    for section in bargain_tables.sections(found) if found.complete else []:
        parts.append(titled(section.title, _section(section), section.note))
    parts += _noted((*found.notes, *found.about))
    solved = {"number": localised(f"{found.evaluations:,}"), "seconds": localised(f"{found.seconds:.1f}")}
    text = translated("{number} equilibria in {seconds} s.", **solved)
    if found.surface.failures:
        failed = "{number} equilibria in {seconds} s; {lost} deals had none and are left out."
        text = translated(failed, **solved, lost=found.surface.failures)
    base = translated("Money is US$ at {economy} prices.", economy=found.negotiation.economy.name)
    return Group(*parts, "", Prose(f"{text} {base}", style="dim"), *commanded(command))


def render_sweep(found: Sweep, level: float, command: str | None = None) -> RenderableType:
    """Return a sweep as a page: its findings, the intervals, and what drives them."""
    case = found.plan.case
    parts = opening(case)
    parts += [_bullet(line) for line in sweep_sentences.sentences(found, level)]
    parts += [titled(s.title, _section(s), s.note) for s in sweep_tables.sections(found, level)]
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
    return Group(*parts, "", Prose(text, style="dim"), *commanded(command))


def _noted(notes: Sequence[str]) -> list[RenderableType]:
    """Return notes below an empty line; nothing where there are none."""
    return ["", *noted(notes)] if notes else []


def _section(section: bargain_tables.Section) -> FittedColumns:
    return FittedColumns(section.head, section.rows, section.text_columns)


def _bullet(line: str) -> RenderableType:
    indented = line.startswith("  ")
    mark = "- " if indented else "* "
    return Padding(Prose(mark + line.strip()), (0, 0, 0, 2 if indented else 0))
