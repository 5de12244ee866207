"""The figure of the branches of a case in time: paths by quarter, with the deadlines marked."""

from __future__ import annotations

import datetime
from typing import Any

from entrepot.cases import SolvedCase
from entrepot.cases.timeline import Timeline
from entrepot.languages import if_known, localised, translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.study_figure import FigureBasis, study_figure, titled
from entrepot.report.figures.time_panel import TimeLine, end_of_line, time_panel
from entrepot.studies.headline import basis_clauses, range_of_theta
from entrepot.studies.result_table import TableColumn
from entrepot.words import and_list, day, dollars, sentence


def branches(study: SolvedCase) -> Figure | None:
    """Return the paths of imports, their price, duties and real income on each branch; None without a timeline."""
    solved = study.timeline
    if solved is None or solved.path.empty:
        return None
    names = {b.name: if_known(b.title or b.name.replace("_", " ")) for b in solved.branches}
    deadlines = sorted({date for branch in solved.branches for date in branch.deadlines})
    rows: list[tuple[Any, ...]] = []
    panels, ends = [], []
    for what, quantity, heading, divisor in _followed(study):
        data = solved.path[(solved.path["what"] == what) & (solved.path["quantity"] == quantity)]
        if data.empty:
            continue
        lines = []
        for kind, (name, title) in enumerate(names.items()):
            found = data[data["branch"] == name]
            points: list[tuple[datetime.date | float, float]] = [
                (_date(quarter), float(value) / divisor)
                for quarter, value in zip(found["quarter"], found["value"], strict=True)
            ]
            points.append((solved.timeline.until, points[-1][1]))  # the last step lasts to the window's end
            lines.append(TimeLine(title, tuple(points), kind))
            rows += [(title, heading, str(step), value) for step, value in points[:-1]]
            end = end_of_line(points[-1][1])
            ends.append(
                translated("{heading}, {branch}: {value} at the end.", heading=heading, branch=title, value=end)
            )
        panels.append(time_panel(lines, heading, zero=quantity != "imports", deadlines=deadlines))
    if not panels:
        return None
    dotted = (
        " "
        + translated(
            "Dotted: the deadlines of {dates}." if len(deadlines) > 1 else "Dotted: the deadline of {dates}.",
            dates=and_list([day(d) for d in deadlines]),
        )
        if deadlines
        else ""
    )
    return study_figure(
        study,
        "branches",
        titled(_finding(study, names), "The branches in time"),
        translated(
            "Paths by quarter on each branch, {since} to {until}.",
            since=solved.timeline.since.year,
            until=solved.timeline.until.year,
        )
        + dotted,
        rows,
        [
            TableColumn("branch"),
            TableColumn("series"),
            TableColumn("quarter"),
            TableColumn("value", "", "of the series"),
        ],
        " ".join(ends),
        panels,
        _in_time(study, solved.timeline),
    )


def _in_time(study: SolvedCase, window: Timeline) -> FigureBasis:
    """Return what paths stand on: the window and its rate of discount, and the elasticities as they adjust."""
    since, until = day(window.since), day(window.until)
    time = translated(
        "{since} to {until}, totals discounted at {rate} a year; in each quarter labour moves and each sector keeps "
        "its capital"
        if study.case.closure.horizon == "short"
        else "{since} to {until}, totals discounted at {rate} a year; in each quarter factors move among sectors",
        since=since,
        until=until,
        rate=localised(f"{100 * window.discount_rate:.3g}%"),
    )
    theta, adjustment = range_of_theta(study), window.adjustment
    if adjustment is None:
        theta = translated("{elasticities}, at once after each change", elasticities=theta)
    else:
        theta = translated(
            "{elasticities}: {share} of these just after each change, and the whole nearly after {years} years"
            if adjustment.path == "exponential"
            else "{elasticities}: {share} of these just after each change, and the whole after {years} years",
            elasticities=theta,
            share=localised(f"{100 * adjustment.short:.3g}%"),
            years=localised(f"{adjustment.years:g}"),
        )
    provenance = {"horizon": time, "elasticities": f"{sentence(theta)}."}
    return FigureBasis(basis_clauses(study, theta=theta, time=time), provenance)


def _finding(study: SolvedCase, names: dict[str, str]) -> str:
    """Return which branch is best and worst for the first party over the window."""
    assert study.timeline is not None
    party, totals = study.case.parties[0], study.timeline.totals
    found = totals[totals["party"] == party].set_index("branch")["equivalent_variation"].dropna()
    if len(found) < 2:
        return "The branches in time"
    best, worst = str(found.idxmax()), str(found.idxmin())

    def result(name: str) -> str:
        verb = "gains" if found[name] > 0 else "loses"
        return f'{verb} {dollars(float(found[name]))} over the window on "{names[best if name == best else worst]}"'

    return f"{sentence(study.spoken(party))} {result(best)} and {result(worst).replace(' over the window', '')}."


def _followed(study: SolvedCase) -> list[tuple[str, str, str, float]]:
    """Return the panels to draw: party or market, quantity, heading with unit, and divisor of the values."""
    out: list[tuple[str, str, str, float]] = []
    for watch in study.case.report.markets[:1]:
        market = if_known(watch.title)
        imports = translated("{market}, before duty, US$ billion at an annual rate", market=market)
        out.append((watch.title, "imports", imports, 1e3))
        price = translated("{market}: price with duty against consumer prices, change, %", market=market)
        out.append((watch.title, "real_import_price_pct", price, 1))
        if watch.buyer in study.case.parties:
            title = translated(
                "Duties of {who}, change from the base, US$ billion at an annual rate", who=study.spoken(watch.buyer)
            )
            out.append((watch.buyer, "tariff_revenue_change", title, 1e3))
    for party in study.case.parties[:4]:
        income = translated("Real income of {who}, change from the base, %", who=study.spoken(party))
        out.append((party, "real_income_pct", income, 1))
    return out


def _date(quarter: Any) -> datetime.date:
    return quarter if isinstance(quarter, datetime.date) and not hasattr(quarter, "hour") else quarter.date()
