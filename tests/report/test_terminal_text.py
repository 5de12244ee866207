"""Lines of Japanese on a terminal end where they may."""

from __future__ import annotations

import itertools

from rich.cells import cell_len

from entrepot.report.terminal_text import breaks

TEXT = "貿易量が同じ輸出制限なら、アメリカ合衆国は32.1億ドルの損失、EUは12.2億ドルの利益。"


def _lines(text: str, width: int) -> list[str]:
    ends = [0, *breaks(text, width), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(ends)]


def test_no_line_ends_inside_a_number_or_a_word_and_none_begins_with_a_stop() -> None:
    for width in range(16, 90):
        lines = _lines(TEXT, width)
        assert "".join(lines) == TEXT
        assert all(cell_len(line) <= width for line in lines)
        assert all(line[0] not in "、。.億ド" for line in lines[1:])
        assert any("12.2億ドル" in line for line in lines)
        assert any("アメリカ" in line for line in lines)


def test_what_fits_on_no_line_is_cut_and_other_scripts_wrap_as_ever() -> None:
    assert _lines("アメリカアメリカ", 8) == ["アメリカ", "アメリカ"]
    assert breaks("twelve words of English that are longer than the line", 10) == []


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    """German, French and Spanish write them with a space that is not broken at."""
    for space in "\u00a0\u202f":
        text = f"Die Rente von 2,5{space}Mrd.{space}US$ im Jahr und 98{space}% des Preiskeils gehen an die Käufer."
        for width in range(16, 60):
            lines = _lines(text, width)
            assert "".join(lines) == text
            assert all(cell_len(line.rstrip()) <= width for line in lines)
            assert any(f"2,5{space}Mrd.{space}US$" in line for line in lines)
            assert any(f"98{space}%" in line for line in lines)
