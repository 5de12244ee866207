"""Result tables as Markdown (GitHub's pipe tables)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from entrepot.studies.result_table import ResultTable


def as_markdown(tables: Iterable[ResultTable]) -> str:
    """Return tables one under another, each with its title, notes and provenance."""
    return "\n".join(map(_table, tables))


def _table(table: ResultTable) -> str:
    lines = [f"### {escape(table.caption)}", "", _row(map(escape, table.head))]
    lines.append(_row(":---" if k < table.text_columns else "---:" for k in range(len(table.head))))
    lines += [_row(map(escape, row)) for row in table.cells]
    lines += ["", *(f"{escape(note)}\n" for note in table.notes)]
    lines.append("; ".join(f"{escape(label)}: {escape(text)}" for label, text in table.provenance.items()))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Return text in which no character is markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", text).replace("\n", " ")
