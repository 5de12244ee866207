"""The figures of a sweep: intervals by scenario, the tornado of what drives the answer, and lines over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL, worth
from entrepot.report.figures.study_figure import spoken_groups
from entrepot.report.figures.svg_frame import Panel
from entrepot.report.figures.time_panel import TimeLine, room_for, time_panel
from entrepot.studies.provenance import assumptions, elasticities
from entrepot.studies.result_table import MONEY, ResultTable, TableColumn
from entrepot.studies.sweep_sentences import named, share
from entrepot.studies.sweep_tables import _points, moved, over_grid
from entrepot.studies.titles import case_title
from entrepot.sweeping.sweep_result import ROUNDING, Sweep
from entrepot.version import __version__
from entrepot.words import dollars, money_unit, signed_number

if TYPE_CHECKING:
    import pandas as pd

#: Bars of a tornado: more cannot be read.
BARS = 10


def sweep_figures(s: Sweep, level: float = 0.9) -> dict[str, Figure]:
    """Return the figures of a sweep by name."""
    made: list[Figure] = []
    if "welfare" not in s.tables:
        return {}
    if s.plan.grid:
        made += [grid(s, level)] if moved(s) else []
        made += [path_grid(s, level)] if "path_totals" in s.tables else []
    else:
        if s.plan.draws and s.plan.uncertain and s.plan.method != "morris":
            made.append(intervals(s, level))
        if s.plan.uncertain.names and s.plan.singles:
            for k, party in enumerate(s.plan.case.parties[:2]):
                found = drivers(s, s.plan.scenarios[0], party, "drivers" if not k else f"drivers_{k + 1}")
                made += [found] if found is not None else []
    return {figure.name: figure for figure in made}


def intervals(s: Sweep, level: float = 0.9) -> Figure:
    """Return where a share of the draws lies: equivalent variation by scenario and party."""
    found = s.intervals("welfare", level)
    data = found[(found["number"] == "equivalent_variation") & found["party"].isin(s.plan.case.parties)]
    unit = money_unit(data[["low", "high", "centre"]].to_numpy().ravel())
    groups: dict[str, list[Bar]] = {}
    rows = []
    for name in s.plan.scenarios:
        for row in data[data["scenario"] == name].itertuples():
            low, centre, high = (float(v) / unit.millions for v in (row.low, row.centre, row.high))
            sure = worth(centre) if low * high > 0 else NEUTRAL
            text = f"{signed_number(centre)} ({signed_number(low)} to {signed_number(high)})"
            bar = Bar(s.short(row.party), centre, text, sure, span=(low, high))
            groups.setdefault(case_title(s.plan.case, name), []).append(bar)
            rows.append((case_title(s.plan.case, name), row.party, row.centre, row.low, row.high))
    unsure = sum(bar.colour == NEUTRAL for bars in groups.values() for bar in bars)
    total = sum(map(len, groups.values()))
    title = (
        f"All {total} gains and losses keep their sign in {share(level)} of the draws."
        if not unsure
        else f"{unsure} of {total} gains and losses may have either sign in {share(level)} of the draws."
    )
    columns = [TableColumn("scenario"), TableColumn("party", "party")]
    columns += [TableColumn(label, "", MONEY, True) for label in ("centre", "low", "high")]
    panel = bar_panel([BarGroup(head, tuple(bars)) for head, bars in groups.items()], f"{unit.name} a year")
    subtitle = (
        f"Equivalent variation, {unit.name} a year: the centre as a point, {share(level)} of the draws as a line; grey "
        f"where the sign is not sure."
    )
    return _figure(s, "intervals", title, subtitle, rows, columns, spoken_groups(groups), [panel])


def drivers(s: Sweep, scenario: str, party: str, name: str = "drivers") -> Figure | None:
    """Return the tornado: equivalent variation with one number at a time at its 5th and 95th percentile.

    None where no number moves it.
    """
    found = s.tornado("equivalent_variation", scenario=scenario, party=party).head(BARS)
    if ((found["high"] - found["low"]).abs() <= ROUNDING["equivalent_variation"]).all():
        return None
    unit = money_unit(found[["low", "high", "centre"]].to_numpy().ravel())
    centre = float(found["centre"].iloc[0]) / unit.millions
    bars, rows = [], []
    for row in found.itertuples():
        label = named(row.parameter).removeprefix("the trade elasticity of ")
        ends = [(float(v) / unit.millions, end) for v, end in ((row.low, "5th"), (row.high, "95th")) if v == v]
        for k, (value, end) in enumerate(sorted(ends)):
            bars.append(
                Bar("" if k else label, value, f"{signed_number(value)} ({end})", worth(value - centre), start=centre)
            )
        rows.append((label, row.low, row.high, row.centre))
    title = f'Under "{case_title(s.plan.case, scenario)}" what moves {s.spoken(party)} most: {rows[0][0]}.'
    subtitle = (
        f"Equivalent variation, {unit.name} a year, with one number at a time at its 5th and 95th percentile; "
        f"with all at their centres {signed_number(centre)}."
    )
    columns = [TableColumn("uncertain number")]
    columns += [TableColumn(label, "", MONEY, True) for label in ("at its 5th percentile", "at its 95th", "centre")]
    panel = bar_panel([BarGroup("", tuple(bars))], f"{unit.name} a year", reference=centre)
    return _figure(s, name, title, subtitle, rows, columns, spoken_groups({"": bars}), [panel])


def grid(s: Sweep, level: float = 0.9) -> Figure:
    """Return lines of equivalent variation over the first axis of the grid, by party, under one scenario."""
    axis = s.plan.grid[0]
    found = s.intervals("welfare", level) if s.plan.draws else _points(s)
    data = found[(found["number"] == "equivalent_variation") & found["party"].isin(s.plan.case.parties)]
    scenario = next(iter(moved(s)), s.plan.scenarios[0])
    data = data[data["scenario"] == scenario]
    for other in s.plan.grid[1:]:
        data = data[data[other.name] == other.levels[len(other.levels) // 2]]
    numbers = [c for c in ("centre", "median", "low", "high") if c in data]
    unit = money_unit(data[numbers].to_numpy().ravel())
    middle = "median" if "median" in numbers else "centre"
    lines, bands, rows = [], [], []
    for kind, party in enumerate(s.plan.case.parties):
        part = data[data["party"] == party].sort_values(axis.name)
        if part.empty:
            continue
        places = [float(v) for v in part[axis.name]]
        values = [float(v) / unit.millions for v in part[middle]]
        lines.append(TimeLine(s.short(party), tuple(zip(places, values, strict=True)), kind))
        rows += [(party, place, value * unit.millions) for place, value in zip(places, values, strict=True)]
        if "low" in numbers:
            spread = zip(places, part["low"] / unit.millions, part["high"] / unit.millions, strict=True)
            bands.append((kind, tuple((p, float(a), float(b)) for p, a, b in spread)))
    best = {line.name: max(line.points, key=lambda point: point[1]) for line in lines}
    first = next(iter(best))
    title = (
        f'Under "{case_title(s.plan.case, scenario)}" {first} does best at {axis.name} = {best[first][0]:g} '
        f"({'gains' if best[first][1] > 0 else 'loses'} {dollars(best[first][1] * unit.millions)} a year)."
    )
    columns = [TableColumn("party", "party"), TableColumn(axis.name, "", "level"), TableColumn(middle, "", MONEY, True)]
    says = " ".join(f"{line.name}: " + "; ".join(f"{v:+.3g} at {p:g}" for p, v in line.points) + "." for line in lines)
    panel = time_panel(lines, "", height=240.0, steps=False, axis=axis.name, bands=bands)
    subtitle = f"Equivalent variation, {unit.name} a year, over the levels of {axis.name}."
    return _figure(s, "grid", title, subtitle, rows, columns, says, [panel])


def path_grid(s: Sweep, level: float = 0.9) -> Figure:
    """Return lines over the first axis of the grid: gains over the path's window, and what is bought early."""
    axis, parties = s.plan.grid[0], s.plan.case.parties
    middle = "median" if s.plan.draws else "centre"

    def data(table: str, number: str) -> pd.DataFrame:
        found = over_grid(s, table, number, level)
        for other in s.plan.grid[1:]:
            found = found[found[other.name] == other.levels[len(other.levels) // 2]]
        return found.sort_values(axis.name)

    totals = data("path_totals", "equivalent_variation")
    unit = money_unit(totals[totals["party"].isin(parties)][middle])
    drawn: list[tuple[str, list[TimeLine]]] = []
    rows: list[tuple[object, ...]] = []
    lines = []
    for kind, party in enumerate(parties):
        part = totals[totals["party"] == party]
        points = tuple(zip(map(float, part[axis.name]), part[middle] / unit.millions, strict=True))
        lines.append(TimeLine(s.short(party), points, kind))
        rows += [(party, place, value * unit.millions) for place, value in points]
    drawn.append((f"Real income over the window, discounted, {unit.name}", lines))
    title = "The path over the grid"
    if "path_surges" in s.tables:
        early = data("path_surges", "surge_days")
        early = early[early["entry"] == early["entry"].iloc[0]]
        points = tuple(zip(map(float, early[axis.name]), map(float, early[middle]), strict=True))
        drawn.append(("Bought early, days of imports", [TimeLine("", points, 0)]))
        rows += [("days of imports bought early", place, value) for place, value in points]
        title = (
            f"Importers buy {points[0][1]:.0f} days of imports of what the measure hits early at "
            f"{axis.name} = {points[0][0]:g} and {points[-1][1]:.0f} at {points[-1][0]:g}."
        )
    room = max(room_for(lines) for _, lines in drawn)
    panels = [
        time_panel(lines, heading, height=170.0, steps=False, axis=axis.name, room=room) for heading, lines in drawn
    ]
    columns = [TableColumn("line"), TableColumn(axis.name, "", "level"), TableColumn(middle, "", "of the line", True)]
    says = " ".join(
        f"{line.name or heading}: " + "; ".join(f"{v:+.3g} at {p:g}" for p, v in line.points) + "."
        for heading, lines in drawn
        for line in lines
    )
    return _figure(
        s, "path_grid", title, f"The case's path over the levels of {axis.name}.", rows, columns, says, panels
    )


def drawn_elasticities(s: Sweep) -> str:
    """Return the trade elasticities: those of the base, or what they are drawn from where they are uncertain."""
    uncertain = s.plan.uncertain
    sets = next(iter(uncertain.mixtures.values()), ())
    if sets:
        return f"drawn from {len(sets)} sets ({', '.join(sets)})"
    if any(name.split(".")[0] == "theta" for name in uncertain.names):
        return f"drawn around {elasticities(s.plan.base)}"
    return elasticities(s.plan.base)


def _figure(
    s: Sweep,
    name: str,
    title: str,
    subtitle: str,
    rows: Sequence[tuple[object, ...]],
    columns: Sequence[TableColumn],
    text: str,
    panels: Sequence[Panel],
) -> Figure:
    base = s.plan.base
    source = base.source.split(". ")[0].rstrip(".")
    held = "; ".join(assumptions(s.plan.case.closure))
    foot = (
        f"Source: {source}." if source else "Source: the data of the case.",
        f"Run {s.run.id}, seed {s.plan.seed}; base {base.name} ({base.year or 'year not stated'}); {held}; trade "
        f"elasticities {drawn_elasticities(s).rstrip('.')}; Entrepot {__version__}.",
    )
    provenance = {
        "case": s.plan.case.title,
        "base": base.name,
        "year": str(base.year or "not stated"),
        "horizon": held,
        "elasticities": drawn_elasticities(s),
        "run": s.run.id,
        "version": f"Entrepot {__version__}",
    }
    labels = sum(c.unit == "text" for c in columns)
    table = ResultTable(name, title, tuple(columns), tuple(rows), (subtitle,), provenance, None, labels)
    return Figure(name, title, subtitle, table, f"{subtitle} {text}", foot, tuple(panels))
