"""The figure of a case's path: trade, prices, output and jobs, incomes and capital by quarter, with events marked."""

from __future__ import annotations

import datetime
from typing import Any

from entrepot.cases import SolvedCase
from entrepot.cases.case_path import CasePath
from entrepot.languages import translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.study_figure import FigureBasis, study_figure
from entrepot.report.figures.time_panel import TimeLine, end_of_line, events_panel, room_for, time_panel
from entrepot.studies.path_frames import by_step, event_name, events_frame, industry_frame, markets_frame
from entrepot.studies.path_sentences import path_assumptions, path_basis, path_finding
from entrepot.studies.result_table import TableColumn
from entrepot.words import day, sector_name, sentence

#: The most parties whose lines are drawn, and the most events that are named.
PARTIES, EVENTS = 4, 8
#: A panel before it is drawn: its heading, its lines by name, and whether its scale includes zero.
Series = tuple[str, dict[str, list[float]], bool]


def path_figure(study: SolvedCase) -> Figure | None:
    """Return the figure of a study's path; None without one."""
    found = study.path
    if found is None or not found.path.steps:
        return None
    days = [*found.path.days, found.path.steps[-1].step.end]
    events = _events(found)
    rows: list[tuple[Any, ...]] = []
    drawn: list[tuple[str, list[TimeLine], bool]] = []
    ends = []
    for heading, series, zero in _series(found):
        lines = []
        for kind, (name, values) in enumerate(series.items()):
            points = tuple(zip(days, [*values, values[-1]], strict=True))  # the last step lasts to the window's end
            lines.append(TimeLine(name, points, kind))
            rows += [(heading, name, step.isoformat(), value) for step, value in points[:-1]]
            end = end_of_line(values[-1])
            of = translated("{heading}, {branch}: {value} at the end.", heading=heading, branch=name, value=end)
            ends.append(of if name else translated("{heading}: {value} at the end.", heading=heading, value=end))
        drawn.append((heading, lines, zero))
    room = max([room_for(lines) for _, lines, _ in drawn])
    marked = [date for date, _ in events]
    panels = [events_panel(events, (days[0], days[-1]), room, "")] if events else []
    panels += [time_panel(lines, heading, zero=zero, deadlines=marked, room=room) for heading, lines, zero in drawn]
    spoken = "; ".join(f"{day(date)}: {text}" for date, text in events)
    span = translated(
        "Path by year, {since} to {until}." if found.spec.step == "year" else "Path by quarter, {since} to {until}.",
        since=day(days[0]),
        until=day(days[-1]),
    )
    columns = [
        TableColumn("series"),
        TableColumn("line"),
        TableColumn("step"),
        TableColumn("value", "", "of the series"),
    ]
    says = f"{spoken}. {' '.join(ends)}" if spoken else " ".join(ends)
    return study_figure(study, "path", path_finding(found), span, rows, columns, says, panels, _basis(found))


def _events(found: CasePath) -> list[tuple[datetime.date, str]]:
    """Return the days that are marked, each with what happens: "25 points announced", "deadline"."""
    out = []
    table = events_frame(found)
    several = table["entry"].nunique() > 1
    for row in list(table.itertuples(index=False))[:EVENTS]:
        what = event_name(str(row.event))
        title = translated(str(row.entry)) if row.entry else ""
        text = f"{what}: {title}" if title and several else what
        out.append((datetime.date.fromisoformat(str(row.day)), text))
    return out


def _series(found: CasePath) -> list[Series]:
    """Return the panels in the order in which they are drawn."""
    path, out = found.path, []
    trade = markets_frame(found)
    for market in list(path.by_market)[:1]:
        of = trade[trade["market"] == market]
        heading = translated("{market}, before duty, US$ billion at an annual rate", market=translated(market))
        out.append((heading, {"": [v / 1e3 for v in of["imports"].tolist()]}, False))
        heading = translated("{market}: price to users against consumer prices, change, %", market=translated(market))
        out.append((heading, {"": of["real_import_price_pct"].tolist()}, True))
    industry, protected = industry_frame(found), found.case.report.protected
    if len(industry) and protected is not None:
        heading = translated(
            "{sector} of {country}, change from the base, %",
            sector=sentence(sector_name(protected.sector)),
            country=found.spoken(protected.owner),
        )
        lines = {
            translated("output"): industry["output_volume_pct"].tolist(),
            translated("jobs"): industry["sector_employment_pct"].tolist(),
        }
        out.append((heading, lines, True))
    parties = found.case.parties[:PARTIES]
    incomes = {found.short(party): by_step(found, "real_income_pct", party).tolist() for party in parties}
    out.append((translated("Real income, change from the base, %"), incomes, True))
    if path.has_capital:
        stocks = {found.short(party): by_step(found, "capital_pct", party).tolist() for party in parties}
        out.append((translated("Capital, change from the base, %"), stocks, True))
    return out


def _basis(found: CasePath) -> FigureBasis:
    assumed = path_assumptions(found)
    held = path_basis(found).removesuffix(".")
    held = f"{held}; {translated('assumed: {numbers}', numbers=', '.join(assumed))}" if assumed else held
    return FigureBasis(held, {"horizon": held})
