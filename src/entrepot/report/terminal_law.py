"""The legal screen on a terminal: by scenario, what each rule says, why, and what follows."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding

from entrepot.languages import translated
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.rules.finding import Status
from entrepot.rules.screen import Screen
from entrepot.studies.legal_notes import MEANINGS, SIGNS, Paragraph, limits, notes

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
        parts += [
            "",
            Prose(
                translated("{heading}: {text}", heading=note.scenario, text=translated(note.title))
                if note.title
                else note.scenario,
                style="bold",
            ),
        ]
        parts += [Prose(translated("On {day}. {summary}", day=note.date, summary=note.summary))]
        for p in note.paragraphs:
            parts += ["", *_rendered(p)]
        parts.append("")
        for against, provisions, what in note.remedies:
            says = "What may be done against {parties} ({provisions}): {text}"
            parts.append(Prose(translated(says, parties=against, provisions=provisions, text=what)))
    unsaid = (*map(translated, screen.notes), *limits())
    parts += ["", *(Prose(translated("Note: {note}", note=line), style="dim") for line in unsaid)]
    return Group(*parts)


def _how_to_read() -> list[RenderableType]:
    rows = [
        [
            Prose(f"{SIGNS[status]} {translated(status.value)}", style=STYLES[status]),
            Prose(translated(MEANINGS[status]), style="dim"),
        ]
        for status in MEANINGS
    ]
    return [FittedColumns((), rows, text=2)]


def _rendered(p: Paragraph) -> list[RenderableType]:
    head = Prose(f"{p.sign} {p.provision}", style=STYLES[p.status])
    says = translated("{heading}: {text}", heading=p.who, text=f"{p.verdict}.")
    head.append(f"  {p.title}. {says}", style="default")
    body: list[str] = [p.above] if p.above else []
    body += [f"{number}. {says}{f' [{found}]' if found else ''}" for number, says, found in p.new_steps]
    if p.status is not Status.CONSISTENT:
        if p.consequence:
            body.append(translated("{heading}: {text}", heading=p.follows, text=p.consequence))
        body += [translated("Cure: {text}", text=p.cure)] if p.cure else []
        body += [translated("May complain: {parties}.", parties=p.complain)] if p.complain else []
    if p.disputes:
        body.append(translated("Leading disputes: {disputes}.", disputes=translated("; ").join(p.disputes)))
    body.append(translated("Text: {citation} ({confidence}).", citation=p.citation, confidence=p.confidence))
    return [head, *(Padding(Prose(line), (0, 0, 0, 4)) for line in body)]
