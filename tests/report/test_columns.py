"""No number on a terminal is ever cut, however narrow it is."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import entrepot as ep
from entrepot.report.terminal import as_text
from entrepot.report.terminal_columns import FittedColumns, blocks
from shelves import slow_after

NUMBER = re.compile(r"[+-]?\d[\d,.]*%?")


def shown(table: FittedColumns, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(table)
    return out.getvalue()


@given(
    widths=st.lists(st.integers(1, 40), min_size=2, max_size=12),
    text=st.integers(1, 2),
    room=st.integers(20, 120),
)
def test_every_column_of_numbers_stands_in_one_block(widths: list[int], text: int, room: int) -> None:
    found = blocks(widths, text, room)
    numbers = [k for block in found for k in block if k >= text]
    assert numbers == list(range(text, len(widths)))
    assert all(block[:text] == list(range(text)) for block in found)


@pytest.mark.parametrize("width", slow_after(1, [30, 50, 80, 100]))
def test_welfare_table_has_every_number_at_any_width(width: int, founding_study: ep.Study) -> None:
    study = founding_study
    wide, narrow = as_text(study, 400), as_text(study, width)
    cells = [cell for row in study.tables["welfare"].cells for cell in row[1:]]
    numbers = [n for cell in cells for n in NUMBER.findall(cell)]
    assert len(numbers) == 2 * len(study.outcomes) * len(study.case.with_world)
    assert all(cell in wide for cell in cells)
    assert all(number in narrow for number in numbers)
    assert "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= width


@pytest.mark.parametrize("width", [120, 60, 34])
def test_cells_of_any_width_are_printed_whole(width: int) -> None:
    rows = [[f"row {k}", *(f"{10**n + k:,}.25" for n in range(3, 9))] for k in range(3)]
    text = shown(FittedColumns(["", *(f"column {n}" for n in range(3, 9))], rows), width)
    assert all(cell in text for row in rows for cell in row[1:])
    assert max(map(len, text.splitlines())) <= width
