"""Result tables as LaTeX (booktabs)."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.studies.result_table import ResultTable

_ESCAPES = {
    "\\": r"\textbackslash{}",
    **{c: rf"\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "\n": " ",
}


def as_latex(tables: Iterable[ResultTable]) -> str:
    r"""Return tables one under another; the preamble needs \usepackage[T1]{fontenc} and \usepackage{booktabs}."""
    return "% needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs}\n" + "\n".join(map(_table, tables))


def _table(table: ResultTable) -> str:
    alignment = "".join("l" if k < table.text_columns else "r" for k in range(len(table.head)))
    notes = [*table.notes, "; ".join(f"{label}: {text}" for label, text in table.provenance.items())]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            rf"\caption{{{escape(table.caption)}}}",
            rf"\begin{{tabular}}{{{alignment}}}",
            r"\toprule",
            _row(table.head),
            r"\midrule",
            *map(_row, table.cells),
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\footnotesize {escape(note)}" for note in notes),
            r"\end{table}",
            "",
        ]
    )


def _row(cells: Iterable[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"


def escape(text: str) -> str:
    """Return text in which no character is a command of LaTeX."""
    return "".join(_ESCAPES.get(character, character) for character in text)
