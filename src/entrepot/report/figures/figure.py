"""A figure: one finding as a picture, with its numbers, its text alternative and where it comes from."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.documents import as_path, whole_file
from entrepot.errors import InputError
from entrepot.report.csv_json import as_csv
from entrepot.report.figures.letters import warn_of_letters
from entrepot.report.figures.svg_frame import Panel, framed
from entrepot.studies.result_table import ResultTable, TableColumn

if TYPE_CHECKING:
    import pandas as pd

#: The forms in which a figure can be written, with their media types.
MEDIA = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, repr=False)
class Figure:
    """One finding as a picture: write it with `svg()`, `png()`, `csv()` or `save(path)`.

    name      its key in `Study.figures`
    title     the finding, in a sentence
    subtitle  what is drawn, with its unit
    table     the numbers that are drawn, tidy, with their units and provenance
    text      the same in words, for those who cannot see the picture
    foot      source, base and year, horizon, elasticities and version
    panels    what is drawn, one scale each
    """

    name: str
    title: str
    subtitle: str
    table: ResultTable = field(repr=False)
    text: str
    foot: tuple[str, ...]
    panels: tuple[Panel, ...] = field(repr=False)

    @functools.cached_property
    def _drawn(self) -> str:
        return framed(self.name, self.title, self.subtitle, self.panels, self.foot, self.text)

    def svg(self) -> str:
        """Return the picture as SVG: no script, no request; light and dark ground, paper and forced colours."""
        return self._drawn

    def png(self, scale: float = 2.0) -> bytes:
        """Return the picture as PNG on white ground; 2 is sharp on a dense screen, 4 on paper.

        Warns of letters that no font on this machine has.
        """
        import vl_convert

        warn_of_letters(f"{self.title} {self.subtitle} {self.text}")
        return vl_convert.svg_to_png(self._drawn, scale=scale)

    def csv(self) -> str:
        """Return the numbers that are drawn as CSV, in full, each row with its provenance.

        A text that a spreadsheet would compute is escaped.
        """
        about = {key: text for key, text in self.table.provenance.items() if key != "case"}
        columns = (*self.table.columns, *map(TableColumn, about))
        return as_csv(replace(self.table, columns=columns, rows=tuple((*r, *about.values()) for r in self.table.rows)))

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers that are drawn, one row a mark."""
        import pandas as pd

        return pd.DataFrame(self.table.rows, columns=[c.key or c.label for c in self.table.columns])

    def written(self, form: str, scale: float = 2.0) -> bytes:
        """Return the figure in a form: "svg", "png" (enlarged by `scale`) or "csv". Raises `InputError` for another."""
        if form == "svg":
            return self.svg().encode()
        if form == "png":
            return self.png(scale)
        if form == "csv":
            return self.csv().encode()
        raise InputError(f"{form!r} is not a form of a figure; use svg, png or csv")

    def save(self, path: str | os.PathLike[str], scale: float = 2.0) -> Path:
        """Write the figure in the form that the file's name ends in: .svg, .png or .csv."""
        target = as_path(path)
        form = target.suffix.lower().removeprefix(".")
        if form not in MEDIA:
            raise InputError(f"{target}: the name of a figure's file ends in .svg, .png or .csv")
        with whole_file(target) as made:
            made.write_bytes(self.written(form, scale))
        return target

    def to_dict(self) -> dict[str, Any]:
        """Return title, subtitle, columns, rows, text and foot as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "subtitle": self.subtitle,
            "columns": [{"label": c.label, "key": c.key, "unit": c.unit} for c in self.table.columns],
            "rows": [[None if v is None or v != v else v for v in row] for row in self.table.rows],
            "text": self.text,
            "foot": list(self.foot),
        }

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"Figure {self.name!r}: {self.title}\nNext: .svg(), .png(), .csv(), .save('{self.name}.svg'), .frame"
