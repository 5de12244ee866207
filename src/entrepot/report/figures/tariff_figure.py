"""The figure of a mean duty through time: steps by partner, sector or chapter."""

from __future__ import annotations

import datetime

from entrepot.exposures import DutyPath
from entrepot.languages import localised, translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.study_figure import titled
from entrepot.report.figures.time_panel import TimeLine, time_panel
from entrepot.studies.result_table import ResultTable, TableColumn
from entrepot.version import __version__
from entrepot.words import day, joined_sentences, sector_name, short

#: The most groups that one picture tells apart; it shows those whose duty changes most.
MOST = 8


def tariff_figure(path: DutyPath) -> Figure:
    """Return the path as a figure: what is collected as a line, and the law as a thin broken one where it differs."""
    moved = path.table.groupby("group")["rate"].agg(lambda rates: rates.max() - rates.min())
    groups = [g for g in path.groups if g in set(moved.nlargest(MOST).index)]
    lines, rows = [], []
    for kind, group in enumerate(groups):
        part = path.table[path.table["group"] == group]
        rows += [(_name(path, group), str(r.date), 100 * r.rate, 100 * r.rate_in_law) for r in part.itertuples()]
        lines.append(TimeLine(_name(path, group), _steps(path, group, "rate"), kind))
        if (part["rate"] != part["rate_in_law"]).any():
            lines.append(TimeLine("", _steps(path, group, "rate_in_law"), kind, broken=True))
    span = {"since": day(path.since), "until": day(path.until)}
    text = "Mean duty of the United States, % of value, {since} to {until}, {weights}."
    says = [translated(text, weights=path.weights, **span)]
    if any(line.broken for line in lines):
        says.append(translated("Thin dashes: the law, where less or more is collected."))
    if len(groups) < len(path.groups):
        says.append(translated("The {shown} of {count} that change most.", shown=len(groups), count=len(path.groups)))
    subtitle = joined_sentences(says)
    title = titled(_finding(path, groups), "The mean duty through time")
    columns = [
        TableColumn(path.by),
        TableColumn("from"),
        TableColumn("as collected", "", "%"),
        TableColumn("in law", "", "%"),
    ]
    law = "not stated" if path.law_as_of is None else str(path.law_as_of)
    provenance = {"weights": path.weights, "law as of": law, "version": f"Entrepot {__version__}"}
    table = ResultTable("tariff-path", title, tuple(columns), tuple(rows), (subtitle,), provenance, None, 2)
    ends = [_ends(path, group) for group in groups]
    as_of = translated("not stated") if path.law_as_of is None else day(path.law_as_of)
    text = "Law as of {date}; weights: {weights}; Entrepot {version}."
    foot = (translated(text, date=as_of, weights=path.weights, version=__version__),)
    whole = joined_sentences([subtitle, *ends])
    return Figure("tariff-path", title, subtitle, table, whole, foot, (time_panel(lines, "", height=260.0),))


def _ends(path: DutyPath, group: str) -> str:
    """Return the duty of a group on the first and the last day, and where it is farthest outside of both."""
    days = _steps(path, group, "rate")
    text = "{name}: {first} on {since}, {last} on {until}."
    values = {
        "name": _name(path, group),
        "first": localised(f"{days[0][1]:.1f}%"),
        "last": localised(f"{days[-1][1]:.1f}%"),
        "since": day(path.since),
        "until": day(path.until),
    }
    outside = path.farthest(group)
    if outside is not None:
        text = "{name}: {first} on {since}, {rate} on {date}, {last} on {until}."
        values |= {"date": day(outside[0]), "rate": localised(f"{100 * outside[1]:.1f}%")}
    return translated(text, **values)


def _finding(path: DutyPath, groups: list[str]) -> str:
    """Return the group whose duty changes most, and from what to what, with what lies outside of both."""
    days = {group: [value for _, value in _steps(path, group, "rate")] for group in groups}
    most = max(groups, key=lambda group: abs(days[group][-1] - days[group][0]))
    first, last = days[most][0], days[most][-1]
    if abs(last - first) < 0.05:
        high = max(groups, key=lambda group: max(days[group]))
        return f"The mean duty on goods of {_name(path, high)} peaks at {max(days[high]):.1f}% of their value."
    verb = "rises" if last > first else "falls"
    outside, between = path.farthest(most), ""
    if outside is not None:
        way = "up" if 100 * outside[1] > max(first, last) else "down"
        between = f", and {way} to {100 * outside[1]:.1f}% in between"
    return f"The mean duty {verb} most for {_name(path, most)}: from {first:.1f}% to {last:.1f}% of value{between}."


def _steps(path: DutyPath, group: str, column: str) -> tuple[tuple[datetime.date, float], ...]:
    """Return the steps of a group in percent, with its last day."""
    rows = path.table[path.table["group"] == group]
    dates: list[datetime.date] = [*rows["date"], path.until]
    values = [*rows[column], rows[column].iloc[-1]]
    return tuple((date, 100 * float(v)) for date, v in zip(dates, values, strict=True))


def _name(path: DutyPath, group: str) -> str:
    return short(group) if path.by == "partner" else sector_name(str(group))
