"""Talks in which a threat may be a bluff on a terminal: the answer, one table, and on request the rest."""

from __future__ import annotations

from rich.console import Group, RenderableType

from entrepot.bargaining import CaseTalks
from entrepot.languages import translated
from entrepot.report.terminal_answer import commanded, fitting, noted
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.shell import for_shell
from entrepot.studies.bargain_tables import Section
from entrepot.studies.provenance import called
from entrepot.studies.talks_sentences import talks_sentences
from entrepot.studies.talks_tables import by_belief, talks_sections


def render_talks(found: CaseTalks, width: int = 80) -> RenderableType:
    """Return the first screen, its table cut so that the whole has `SCREEN` lines at most where that is possible."""
    return fitting(lambda count: _screen(found, count), width, range(6, 0, -1))


def _screen(found: CaseTalks, count: int) -> RenderableType:
    if found.case.weighs_makers:
        text = translated("Threat not checked over elasticities, as profits of makers count. More: --full; --assume")
    else:
        text = "Threat not checked over elasticities: {command}. More: --full; --assume"
        text = translated(text, command=_over_sets(found))
    return Group(*_head(found, full=False), *_table(by_belief(found, count)), Prose(text, style="dim"))


def _over_sets(found: CaseTalks) -> str:
    """Return the command that tries the threat under every published set of trade elasticities."""
    return f"entrepot bargain {for_shell(called(found.case))}"


def render_talks_in_full(found: CaseTalks, command: str | None = None) -> RenderableType:
    """Return the talks with every sentence, table and note."""
    parts = _head(found, full=True)
    for section in talks_sections(found):
        parts += _table(section)
    if found.case.weighs_makers:
        text = translated("One set of trade elasticities was tried; where profits of makers count, no other is.")
    else:
        text = "Whether the threat is credible was not checked over trade elasticities: {command} does."
        text = translated(text, command=_over_sets(found))
    parts += ["", *noted(found.notes), Prose(text, style="dim")]
    base = translated("Money is US$ at {economy} prices.", economy=found.negotiation.economy.name)
    return Group(*parts, Prose(base, style="dim"), *commanded(command))


def render_section(section: Section) -> RenderableType:
    """Return one table with its title and note."""
    return Group(*_table(section)[1:])


def _head(found: CaseTalks, full: bool) -> list[RenderableType]:
    answer, *further = talks_sentences(found, full)
    title = Prose(translated(found.case.title), style="bold")
    return [title, Prose(answer), *(Prose(f"* {line}") for line in further)]


def _table(section: Section) -> list[RenderableType]:
    columns = FittedColumns(section.head, section.rows, section.text_columns)
    return ["", Prose(section.title, style="bold"), columns, Prose(section.note, style="dim")]
