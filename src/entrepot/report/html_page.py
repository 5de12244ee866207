"""The report as one page that works offline, on a phone, in the dark and on paper."""

from __future__ import annotations

import base64
import functools
import html
import re
from collections.abc import Mapping
from typing import Any

import jinja2

from entrepot.cases import SolvedCase
from entrepot.documents import shipped_text
from entrepot.equilibrium import quantities
from entrepot.languages import in_english, language, translated
from entrepot.report.figures.figure import MEDIA, Figure
from entrepot.report.figures.figure_registry import StudyFigures
from entrepot.report.figures.palette import style
from entrepot.report.figures.svg_frame import typeset, without_rims
from entrepot.studies import bargain_sentences, bargain_tables, calendar, sweep_sentences, sweep_tables
from entrepot.studies.findings import findings
from entrepot.studies.headline import full_notes, headline
from entrepot.studies.legal_notes import LIMITS, MEANINGS, SIGNS
from entrepot.studies.legal_notes import notes as law_notes
from entrepot.studies.path_sentences import path_basis, path_sentences, path_sure
from entrepot.studies.path_tables import LAID_OUT
from entrepot.studies.provenance import lines
from entrepot.studies.result_tables import ResultTables
from entrepot.studies.tidy_frames import residuals
from entrepot.studies.titles import title_of
from entrepot.words import joined_sentences

#: The parts of the page that have figures and tables, in the order of the terminal's first screen: heading, the
#: beginnings of the names of its figures, those of its tables.
PARTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("winners", "Who gains and who loses", ("winners",), ("welfare",)),
    ("pays", "Who pays", ("industry",), ("industry",)),
    ("rent", "Who collects the revenue and who holds the rent", ("revenue",), ("proceeds", "measures")),
    (
        "sure",
        "How sure",
        ("sets", "intervals", "drivers", "grid", "path_grid"),
        ("elasticity_sets", "deficit_rules", "horizons"),
    ),
    ("time", "In time", ("branches", "path", "talks"), ("totals", *LAID_OUT)),
    ("trade", "Where trade goes", ("sources", "shares"), ("markets", "retaliation")),
    ("makers", "Makers and their profits", ("makers",), ("makers", "product_prices", "market_welfare", "beside")),
    ("countries", "All countries", ("map",), ("decomposition",)),
)

#: How the numbers are made.
METHOD = (
    "Every country's industries buy inputs from and sell to every other's; buyers substitute among sources with the "
    "trade elasticity of the sector.",
    'Changes are exact ratios to the base ("hat algebra": Dekle, Eaton and Kortum 2008; Caliendo and Parro 2015), so '
    "that nothing but trade, tariffs, input-output tables and elasticities is needed.",
    "Quantity measures hold with complementary slackness: a cap either leaves room and costs nothing, or binds, and a "
    "price wedge rations what may come; the wedge on what comes is the rent. A restraint's rent goes to the exporter, "
    "a quota's to whoever holds the licences.",
    "The comparison is of long-run equilibria: all factors move between industries, none between countries, "
    "employment is given, and firms price at cost.",
)

#: Where the list of contents goes.
CONTENTS = "<!-- contents -->"


def page(
    study: SolvedCase,
    command: str | None = None,
    beside: Mapping[str, str] | None = None,
    brief: bool = False,
    file: str = "",
) -> str:
    """Return the whole page as HTML.

    command  what reruns the study;  file  how commands name the case; default: as it was opened
    beside   the PNG files next to it, by the name of the figure
    brief    for paper: without the tables of all countries, definitions and residuals, and the rules that hold
    """
    dates, tables = study.case.deadlines(), _laid_out(study)
    figures = figures_of(study)
    drawn = {
        name: {"name": name, "svg": without_rims(figure.svg())}
        if brief
        else _drawn(figure, (beside or {}).get(name, ""))
        for name, figure in figures.items()
    }
    parts = {key: _part(heading, pictures, named, drawn, tables) for key, heading, pictures, named in PARTS}
    parts["time"]["lines"] = _path_lines(study, file)
    placed = {id(t) for part in parts.values() for t in part["tables"]}
    apart = ("rules", "calendar", "countries")
    text = _template().render(
        lang=language(),
        study=study,
        brief=brief,
        findings=_nested(findings(study)),
        parts=parts,
        style=style(),
        answer=headline(study),
        rest=[t for name, t in tables.items() if name not in apart and id(t) not in placed],
        bargain=_bargain(study, drawn.get("deals")),
        sure=_sure(study),
        bargain_failure=getattr(study, "bargain_failure", ""),
        path_failure=study.path_failure,
        calendar=tables.get("calendar"),
        calendar_remarks=calendar.remarks(dates),
        law=law_notes(study.screen, {name: spec.title for name, spec in study.case.scenarios.items()}),
        law_limits=[*study.screen.notes, *LIMITS],
        countries=_by_scenario(tables["countries"]) if "countries" in tables else {},
        country_table=tables.get("countries"),
        residuals=residuals(study).rename(index=lambda name: title_of(study, name)) if study.outcomes else None,
        quantities=[q for q in quantities.COUNTRY + quantities.DECOMPOSITION + quantities.MEASURE if q.formula],
        notes=full_notes(study),
        provenance=lines(study, command),
        number="{:.1e}".format,
        method=[translated(line) for line in METHOD],
        signs=[(SIGNS[status], translated(status.value), translated(text)) for status, text in MEANINGS.items()],
        title=lambda name: title_of(study, name),
        quantity=lambda label: translated(label) if in_english() else translated(label.lower()),
        _=translated,
    )
    return text if brief else _with_contents(text)


def _with_contents(text: str) -> str:
    """Return a page with a list of its headings, each with an address, in the place of `CONTENTS`."""
    named: list[str] = []

    def addressed(found: re.Match[str]) -> str:
        named.append(found[1])
        return f'<h2 id="part-{len(named)}">{found[1]}</h2>'

    text = re.sub("<h2>(.*?)</h2>", addressed, text, flags=re.DOTALL)
    entries = "".join(f'<li><a href="#part-{k}">{name}</a></li>' for k, name in enumerate(named, start=1))
    title = html.escape(translated("Contents"))
    listed = f'<nav aria-label="{title}"><details><summary>{title}</summary><ul>{entries}</ul></details></nav>'
    return text.replace(CONTENTS, listed, 1)


def figures_of(study: SolvedCase) -> Mapping[str, Figure]:
    """Return the figures of a study by name; none where nothing was solved."""
    if not study.outcomes:
        return {}
    return getattr(study, "figures", None) or StudyFigures(study)


def _drawn(figure: Figure, png: str) -> dict[str, str]:
    """Return a figure for the page: its picture, and the addresses of its files."""

    def address(form: str) -> str:
        content = base64.b64encode(figure.written(form)).decode()
        return f"data:{MEDIA[form].replace(' ', '')};base64,{content}"

    return {"name": figure.name, "svg": figure.svg(), "SVG": address("svg"), "PNG": png, "CSV": address("csv")}


def _part(
    heading: str,
    figures: tuple[str, ...],
    tables: tuple[str, ...],
    drawn: dict[str, dict[str, str]],
    laid_out: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """Return a part of the page with the figures and tables that the study has of it."""

    def chosen(beginnings: tuple[str, ...], of: Mapping[str, Any]) -> list[Any]:
        return [of[name] for begin in beginnings for name in of if re.sub(r"_\d+$", "", name) == begin]

    found = {"figures": chosen(figures, drawn), "tables": chosen(tables, laid_out)}
    return {"heading": translated(heading), "lines": [], **found}


def _path_lines(study: SolvedCase, file: str) -> list[str]:
    """Return what a case's path says, how sure that is, and what it stands on; nothing without a path."""
    found = study.path
    if found is None or not found.path.steps:
        return []
    sure = translated("How sure: {text}", text=path_sure(found, file))
    return [*path_sentences(found), sure, path_basis(found)]


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["typeset"] = lambda text: typeset(str(text))
    return environment.from_string(shipped_text("report/templates/page.html.j2"))


def _bargain(study: SolvedCase, drawn: dict[str, str] | None) -> dict[str, Any] | None:
    """Return the part about the bargain; None unless this is a Study of a case with a table."""
    found = getattr(study, "bargain", None)
    if found is None:
        return None
    return {
        "findings": _nested(bargain_sentences.sentences(found)),
        "figure": drawn,
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
            "note": joined_sentences(table.notes),
            "text_columns": table.text_columns,
        }
        for name, table in ResultTables(study).laid_out.items()
    }


def _by_scenario(table: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Return the rows of the table of countries by title of scenario, without that column."""
    out: dict[str, list[list[str]]] = {}
    for row in table["rows"]:
        out.setdefault(row[0], []).append(row[1:])
    return out
