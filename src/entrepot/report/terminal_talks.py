"""Talks in which a threat may be a bluff on a terminal: the answer, one table, and on request the rest."""

from __future__ import annotations

import shlex

from rich.console import Group, RenderableType
from rich.text import Text

from entrepot.bargaining import CaseTalks
from entrepot.languages import translated
from entrepot.report.terminal_columns import FittedColumns
from entrepot.studies.bargain_tables import Section
from entrepot.studies.provenance import called
from entrepot.studies.talks_sentences import talks_sentences
from entrepot.studies.talks_tables import by_belief, talks_sections


def render_talks(found: CaseTalks, full: bool = False, command: str | None = None) -> RenderableType:
    """Return the talks as a page; every table and note where `full`."""
    parts: list[RenderableType] = [Text(translated(found.case.title), style="bold"), ""]
    answer, *further = talks_sentences(found, full)
    parts += [Text(answer), *(Text(f"* {line}") for line in further)]
    for section in talks_sections(found) if full else [by_belief(found)]:
        parts += ["", Text(section.title, style="bold"), _columns(section), Text(section.note, style="dim")]
    if full:
        parts += ["", *(Text(translated("Note: {note}", note=translated(note))) for note in found.notes)]
        base = translated("Money is US$ at {economy} prices.", economy=found.negotiation.economy.name)
        parts.append(Text(base, style="dim"))
        if command:
            parts.append(Text(translated("Command: {command}", command=command), style="dim"))
    else:
        more = f"entrepot talks {shlex.quote(called(found.case))} --full; --assume NAME=NUMBER"
        parts.append(Text(translated("More: {text}", text=more), style="dim"))
    return Group(*parts)


def _columns(section: Section) -> FittedColumns:
    return FittedColumns(section.head, section.rows, section.text_columns)
