"""The report as one page that works offline, on a phone, in the dark and on paper."""

from __future__ import annotations

import functools
import importlib.resources
from typing import Any

import jinja2

from entrepot.cases import SolvedCase
from entrepot.equilibrium import quantities
from entrepot.report import bargain_figure, sweep_figures
from entrepot.report.figures import charts, svg
from entrepot.studies import bargain_sentences, bargain_tables, calendar, sweep_sentences, sweep_tables
from entrepot.studies.findings import findings
from entrepot.studies.headline import headline
from entrepot.studies.legal_notes import LIMITS
from entrepot.studies.legal_notes import notes as law_notes
from entrepot.studies.provenance import lines
from entrepot.studies.result_tables import ResultTables
from entrepot.studies.tidy_frames import residuals
from entrepot.studies.titles import title_of
from entrepot.words import each_once


def page(study: SolvedCase, command: str | None = None) -> str:
    """Return the whole page as HTML."""
    dates, tables = study.case.deadlines(), _laid_out(study)
    return _template().render(
        study=study,
        findings=_nested(findings(study)),
        charts=charts(study) if study.outcomes else [],
        answer=headline(study),
        sections=[t for name, t in tables.items() if name not in ("rules", "calendar", "countries")],
        bargain=_bargain(study),
        sure=_sure(study),
        bargain_failure=getattr(study, "bargain_failure", ""),
        calendar=tables.get("calendar"),
        calendar_remarks=calendar.remarks(dates),
        law=law_notes(study.screen, {name: spec.title for name, spec in study.case.scenarios.items()}),
        law_limits=[*study.screen.notes, *LIMITS],
        countries=_by_scenario(study, tables["countries"]) if "countries" in tables else {},
        country_table=tables.get("countries"),
        residuals=residuals(study).rename(index=lambda name: title_of(study, name)) if study.outcomes else None,
        quantities=[q for q in quantities.COUNTRY + quantities.DECOMPOSITION + quantities.MEASURE if q.formula],
        notes=[note for note in study.notes if note not in each_once(*study.warnings)],
        provenance=lines(study, command),
        number="{:.1e}".format,
    )


@functools.cache
def _template() -> jinja2.Template:
    text = (importlib.resources.files("entrepot.report") / "templates" / "page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _bargain(study: SolvedCase) -> dict[str, Any] | None:
    """Return the part about the bargain; None unless this is a Study of a case with a table."""
    found = getattr(study, "bargain", None)
    if found is None:
        return None
    picture = bargain_figure.chart(found)
    return {
        "findings": _nested(bargain_sentences.sentences(found)),
        "picture": svg(picture, "Gains beyond the threat") if picture is not None else "",
        "sections": [s._asdict() for s in bargain_tables.sections(found)] if found.complete else [],
        "notes": found.notes,
    }


def _sure(study: SolvedCase) -> dict[str, Any] | None:
    """Return the part about uncertainty; None unless the Study has a sweep."""
    swept, level = getattr(study, "swept", None), getattr(study, "level", 0.9)
    if swept is None:
        return None
    return {
        "findings": sweep_sentences.sentences(swept, level),
        "pictures": [(title, svg(chart, title), text) for title, chart, text in sweep_figures.pictures(swept, level)],
        "sections": [s._asdict() for s in sweep_tables.sections(swept, level)],
        "run": swept.run.id,
        "seed": swept.plan.seed,
    }


def _nested(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Return the sentences, each with the indented ones under it."""
    out: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("  ") and out:
            out[-1][1].append(line.strip())
        else:
            out.append((line.strip(), []))
    return out


def _laid_out(study: SolvedCase) -> dict[str, dict[str, Any]]:
    """Return the result tables of the page as headings and cells, by name."""
    return {
        name: {
            "title": table.caption,
            "head": table.head,
            "rows": table.cells,
            "note": " ".join(table.notes),
            "text_columns": table.text_columns,
        }
        for name, table in ResultTables(study).laid_out.items()
    }


def _by_scenario(study: SolvedCase, table: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Return the rows of the table of countries by title of scenario, without that column."""
    out: dict[str, list[list[str]]] = {}
    for row in table["rows"]:
        out.setdefault(row[0], []).append(row[1:])
    return out
