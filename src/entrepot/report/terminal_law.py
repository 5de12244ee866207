"""The legal screen on a terminal: by scenario, what each rule says, why, and what follows."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from entrepot.report.terminal_columns import FittedColumns
from entrepot.rules.finding import Status
from entrepot.rules.screen import Screen
from entrepot.studies.legal_notes import LIMITS, SIGNS, Paragraph, notes

STYLES = {
    Status.CONSISTENT: "dim",
    Status.DEPARTED: "magenta",
    Status.JUSTIFIED_IF: "cyan",
    Status.CONTESTED: "yellow",
    Status.INCONSISTENT: "bold red",
}


def render(screen: Screen, titles: Mapping[str, str] | None = None) -> RenderableType:
    """For the terminal: the notes, then what they leave out."""
    parts: list[RenderableType] = [*_how_to_read()]
    for note in notes(screen, titles):
        parts += ["", Text(f"{note.scenario}: {note.title}" if note.title else note.scenario, style="bold")]
        parts += [Text(f"On {note.date}. {note.summary}")]
        for p in note.paragraphs:
            parts += ["", *_rendered(p)]
        parts += ["", *(Text(f"What they may do ({provisions}): {what}") for what, provisions in note.remedies)]
    parts += ["", *(Text(f"Note: {line}", style="dim") for line in (*screen.notes, *LIMITS))]
    return Group(*parts)


def _how_to_read() -> list[RenderableType]:
    meanings = {
        Status.INCONSISTENT: "the rule is breached on the facts here, and no exception that is relied on excuses it",
        Status.CONTESTED: "the rule is breached unless an exception holds whose reach is in dispute",
        Status.JUSTIFIED_IF: "it turns on a condition that is named",
        Status.DEPARTED: "the measure goes against a pledge outside a treaty, where there is nothing to breach",
        Status.CONSISTENT: "the rule is touched, and not breached on the facts here",
    }
    rows = [
        [Text(f"{SIGNS[status]} {status.value}", style=STYLES[status]), Text(meaning, style="dim")]
        for status, meaning in meanings.items()
    ]
    return [FittedColumns((), rows, text=2)]


def _rendered(p: Paragraph) -> list[RenderableType]:
    head = Text(f"{p.sign} {p.provision}", style=STYLES[p.status])
    head.append(f"  {p.title}. {p.who}: {p.verdict}.", style="default")
    body: list[str] = [
        f"{k}. {says}{f' [{found}]' if found else ''}" for k, (says, found) in enumerate(p.steps, start=1)
    ]
    if p.status is not Status.CONSISTENT:
        body += [f"{p.follows}: {p.consequence}"] if p.consequence else []
        body += [f"Cure: {p.cure}"] if p.cure else []
        body += [f"May complain: {p.complain}."] if p.complain else []
    if p.disputes:
        body.append(f"Leading disputes: {'; '.join(p.disputes)}.")
    body.append(f"Text: {p.citation} ({p.confidence}).")
    return [head, *(Padding(Text(line), (0, 0, 0, 4)) for line in body)]
