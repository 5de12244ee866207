"""A Market's answer on a terminal: the answer in words, one table, what it stands on, and how to see the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType

from entrepot.languages import translated
from entrepot.languages.translated_errors import translated_error
from entrepot.report.terminal_answer import fitting, render_table
from entrepot.report.terminal_text import Prose
from entrepot.studies.market_question import MarketAlternatives, MarketAnswer
from entrepot.studies.market_sentences import (
    alternatives_reasons,
    alternatives_sentences,
    market_basis,
    market_sentences,
)
from entrepot.studies.market_tables import alternatives_table, market_provenance, market_tables, market_title
from entrepot.studies.result_table import ResultTable
from entrepot.words import counted, each_once, ended

#: Measures that the first screen names.
NAMED = 3


def render_market(answer: MarketAnswer, width: int = 80) -> RenderableType:
    """Return the first screen, its table cut so that the whole has `SCREEN` lines at most where that is possible."""
    table = next(iter(market_tables(answer).values()))
    counts = [*range(len(table.rows), 2, -1), min(2, len(table.rows))]
    return fitting(lambda count: _screen(answer, table, count), width, counts)


def render_market_in_full(answer: MarketAnswer) -> RenderableType:
    """Return the answer with every table, every note and where the numbers come from."""
    parts: list[RenderableType] = [*_head(answer, len(answer.outcome.measures) if answer.outcome else 0)]
    parts += map(Prose, market_sentences(answer))
    parts += [render_table(table) for table in market_tables(answer).values()]
    parts += ["", *_notes(answer.notes), Prose(market_basis(answer), style="dim")]
    return Group(*parts, *_provenance(market_provenance(answer.market, answer.outcome)))


def render_alternatives(found: MarketAlternatives, full: bool = False) -> RenderableType:
    """Return demand systems or kinds of conduct side by side."""
    measures = len(found.first.outcome.measures) if found.first.outcome else 0
    table = alternatives_table(found)
    reasons = alternatives_reasons(found)
    table = replace(table, notes=table.notes[: len(table.notes) - len(reasons)])
    parts = [*_head(found.first, min(measures, NAMED)), *map(Prose, alternatives_sentences(found)), render_table(table)]
    parts += [
        "",
        *(Prose(ended(reason)) for reason in reasons),
        *_notes(found.notes),
    ]
    if full:
        parts += [
            Prose(translated("Note: {note}", note=f"{translated(row.title)}: {translated_error(note)}"))
            for row in found.rows
            if row.answer
            for note in row.answer.market.notes
        ]
    shown = {k: v for k, v in table.provenance.items() if full or k not in ("Market", "Measures", "Version")}
    return Group(*parts, *_provenance(shown))


def _screen(answer: MarketAnswer, table: ResultTable, count: int) -> RenderableType:
    parts = [*_head(answer, NAMED), *map(Prose, market_sentences(answer))]
    parts += [render_table(_cut(table, count, answer.market.importer)), ""]
    parts += [Prose(translated("Stands on: {text}", text=market_basis(answer))), *_notes(answer.notes)]
    return Group(*parts, Prose(_more(answer), style="dim"))


def _cut(table: ResultTable, count: int, home: str) -> ResultTable:
    """Home makers and those with the largest changes of profit, in order; of a base the products with most units."""
    if count >= len(table.rows):
        return table
    assert table.frame is not None
    size = table.frame["profit_change" if table.name == "firms" else "quantity"].abs()
    if table.name == "firms":
        at_home = [home in owners.split(", ") for owners in table.frame["owner"]]
        size[at_home] = float("inf")
        count = max(count, sum(at_home))
    kept = sorted(size.nlargest(count).index)
    left = translated("{rows}: --full.", rows=counted(len(table.rows) - len(kept), "more row"))
    return replace(table, rows=tuple(table.rows[k] for k in kept), notes=(left, *table.notes))


def _head(answer: MarketAnswer, named: int) -> list[RenderableType]:
    parts: list[RenderableType] = [Prose(market_title(answer.market), style="bold")]
    if answer.outcome is not None:
        titles = [measure.title for measure in answer.outcome.measures]
        parts += [Prose(translated("Under {scenario}", scenario=title)) for title in titles[:named]]
        if len(titles) > named:
            parts.append(Prose(translated("and {measures}", measures=counted(len(titles) - named, "more measure"))))
    return [*parts, ""]


def _notes(notes: Sequence[str]) -> list[RenderableType]:
    return [Prose(translated("Note: {note}", note=note)) for note in each_once(*map(translated_error, notes))]


def _more(answer: MarketAnswer) -> str:
    if answer.outcome is None:
        return translated(
            "Next: a measure, such as --tariff IMPORTER:EXPORTER:+25% or --ver IMPORTER:EXPORTER:0.8; see --help."
        )
    return translated(
        "More: --full (products, plants, welfare by country, quotas); --demand each; --conduct each; --out FOLDER "
        "(tables and chart)."
    )


def _provenance(about: Mapping[str, str]) -> list[RenderableType]:
    lines = [translated("{heading}: {text}", heading=translated(label), text=text) for label, text in about.items()]
    return [Prose(line, style="dim") for line in lines]
