"""A case's path on a terminal: the answer in words, one table by quarter, how sure it is, and how to see the rest."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Group, RenderableType

from entrepot.cases.case_path import CasePath
from entrepot.languages import translated
from entrepot.report.terminal_answer import fitting, noted, render_table
from entrepot.report.terminal_text import Prose
from entrepot.studies.path_frames import extremes
from entrepot.studies.path_sentences import interrupted, path_basis, path_more, path_sentences, path_sure
from entrepot.studies.path_tables import happenings, path_tables
from entrepot.studies.result_table import ResultTable
from entrepot.words import counted


def render_path(found: CasePath, width: int = 80) -> RenderableType:
    """Return the first screen, with as many steps in its table as leave it within `SCREEN` lines."""
    table = path_tables(found).get("path_quarters")
    if table is None:
        return _screen(found, None)
    counts = [*range(len(table.rows), 2, -1), min(2, len(table.rows))]
    return fitting(lambda count: _screen(found, _cut(found, table, count)), width, counts)


def render_path_in_full(found: CasePath) -> RenderableType:
    """Return the answer with every table and every note."""
    parts = _head(found)
    parts += [render_table(table) for table in path_tables(found).values()]
    parts += ["", Prose(translated("How sure: {text}", text=path_sure(found)))]
    parts += noted(found.notes)
    return Group(*parts, Prose(path_basis(found), style="dim"))


def _screen(found: CasePath, table: ResultTable | None) -> RenderableType:
    parts = _head(found)
    if table is not None:
        parts.append(render_table(table))
    parts += ["", Prose(translated("How sure: {text}", text=path_sure(found))), Prose(path_basis(found), style="dim")]
    return Group(*parts, Prose(translated("More: {text}", text=path_more(found)), style="dim"))


def _head(found: CasePath) -> list[RenderableType]:
    parts: list[RenderableType] = [Prose(translated(found.case.title), style="bold"), ""]
    parts += [Prose(line) for line in path_sentences(found)]
    if text := interrupted(found):
        parts.append(Prose(text, style="bold red"))
    return parts


def _cut(found: CasePath, table: ResultTable, count: int) -> ResultTable:
    """Keep the steps that the answer names, those of events (the last first), their neighbours, and every nth other."""
    size = len(table.rows)
    if count >= size:
        return table
    events = [k for k, text in enumerate(happenings(found)) if text]
    market = next(iter(found.path.by_market), None)
    first = [*(extremes(found, market) if market is not None else ()), *reversed(events), size - 1, 0]
    beside = [k + move for k in events for move in (-1, 1) if 0 <= k + move < size]
    wanted = list(dict.fromkeys([*first, *beside, *range(size - 1, -1, -4), *range(size)]))[:count]
    left = translated("{rows}: --full.", rows=counted(size - count, "more row"))
    return replace(table, rows=tuple(table.rows[k] for k in sorted(wanted)), notes=(left, *table.notes[:1]))
