"""The figures of a sweep: intervals by scenario, the tornado of what drives the answer, and lines over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from entrepot.languages import in_quotation_marks, localised, translated
from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL, worth
from entrepot.report.figures.study_figure import a_year, source_line, spoken_groups
from entrepot.report.figures.svg_frame import Panel
from entrepot.report.figures.time_panel import TimeLine, room_for, time_panel
from entrepot.studies.provenance import assumptions, elasticities
from entrepot.studies.result_table import MONEY, ResultTable, TableColumn
from entrepot.studies.sweep_sentences import gains_in_money, number_in_words, share
from entrepot.studies.sweep_tables import _points, days_early, moved, over_grid
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
    found = gains_in_money(s.intervals("welfare", level))
    data = found[found["party"].isin(s.plan.case.parties)]
    unit = money_unit(data[["low", "high", "centre"]].to_numpy().ravel())
    groups: dict[str, list[Bar]] = {}
    rows = []
    for name in s.plan.scenarios:
        for row in data[data["scenario"] == name].itertuples():
            low, centre, high = (float(v) / unit.millions for v in (row.low, row.centre, row.high))
            sure = worth(centre) if low * high > 0 else NEUTRAL
            ends = {"low": signed_number(low), "high": signed_number(high)}
            text = translated("{value} ({low} to {high})", value=signed_number(centre), **ends)
            bar = Bar(s.short(row.party), centre, text, sure, span=(low, high))
            groups.setdefault(case_title(s.plan.case, name), []).append(bar)
            rows.append((case_title(s.plan.case, name), row.party, row.centre, row.low, row.high))
    changed = data[(data[["low", "high"]] != 0).any(axis=1)]
    unsure, total = int((changed["low"] * changed["high"] <= 0).sum()), len(changed) or len(data)
    title = translated(
        "{unsure} of {total} gains and losses may have either sign in {share} of the draws."
        if unsure
        else "All {total} gains and losses keep their sign in {share} of the draws.",
        unsure=unsure,
        total=total,
        share=share(level),
    )
    columns = [TableColumn("scenario"), TableColumn("party", "party")]
    columns += [TableColumn(label, "", MONEY, True) for label in ("centre", "low", "high")]
    panel = bar_panel([BarGroup(head, tuple(bars)) for head, bars in groups.items()], a_year(unit, s.plan.base.year))
    subtitle = translated(
        "Equivalent variation, {unit} a year: the centre as a point, {share} of the draws as a line; grey "
        "where the sign is not sure.",
        unit=translated(unit.name),
        share=share(level),
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
        label = number_in_words(s, str(row.parameter)).removeprefix("the trade elasticity of ")
        ends = [(float(v) / unit.millions, is_high) for v, is_high in ((row.low, False), (row.high, True)) if v == v]
        for k, (value, is_high) in enumerate(sorted(ends)):
            text = translated("{value} (95th)" if is_high else "{value} (5th)", value=signed_number(value))
            bars.append(Bar("" if k else label, value, text, worth(value - centre), start=centre))
        rows.append((label, row.low, row.high, row.centre))
    title = translated(
        "Under {scenario} what moves {who} most: {number}.",
        scenario=in_quotation_marks(case_title(s.plan.case, scenario)),
        who=s.spoken(party),
        number=rows[0][0],
    )
    subtitle = translated(
        "Equivalent variation, {unit} a year, with one number at a time at its 5th and 95th percentile; "
        "with all at their centres {value}.",
        unit=translated(unit.name),
        value=signed_number(centre),
    )
    columns = [TableColumn("uncertain number")]
    columns += [TableColumn(label, "", MONEY, True) for label in ("at its 5th percentile", "at its 95th", "centre")]
    panel = bar_panel([BarGroup("", tuple(bars))], a_year(unit, s.plan.base.year), reference=centre)
    return _figure(s, name, title, subtitle, rows, columns, spoken_groups({"": bars}), [panel])


def grid(s: Sweep, level: float = 0.9) -> Figure:
    """Return lines of equivalent variation over the first axis of the grid, by party, under one scenario."""
    axis = s.plan.grid[0]
    found = s.intervals("welfare", level) if s.plan.draws else _points(s)
    data = found[(found["number"] == "equivalent_variation") & found["party"].isin(s.plan.case.parties)]
    scenario = next(iter(moved(s)), s.plan.scenarios[0])
    data = _on_first_axis(s, data[data["scenario"] == scenario])
    numbers = [c for c in ("centre", "median", "low", "high") if c in data]
    unit = money_unit(data[numbers].to_numpy().ravel())
    middle = "median" if "median" in numbers else "centre"
    lines, bands, rows = [], [], []
    for kind, party in enumerate(s.plan.case.parties):
        part = data[data["party"] == party]
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
    gains = "Under {scenario} {who} does best at {axis} = {level} (gains {money} a year)."
    loses = "Under {scenario} {who} does best at {axis} = {level} (loses {money} a year)."
    title = translated(
        gains if best[first][1] > 0 else loses,
        scenario=in_quotation_marks(case_title(s.plan.case, scenario)),
        who=first,
        axis=number_in_words(s, axis.name),
        level=localised(f"{best[first][0]:g}"),
        money=dollars(best[first][1] * unit.millions),
    )
    columns = [TableColumn("party", "party"), TableColumn(axis.name, "", "level"), TableColumn(middle, "", MONEY, True)]
    says = " ".join(f"{line.name}: {_points_in_words(line)}." for line in lines)
    panel = time_panel(lines, "", height=240.0, steps=False, axis=axis.name, bands=bands)
    subtitle = translated(
        "Equivalent variation, {unit} a year, over the levels of {axis}.",
        unit=translated(unit.name),
        axis=number_in_words(s, axis.name),
    )
    return _figure(s, "grid", title, subtitle, rows, columns, says, [panel])


def path_grid(s: Sweep, level: float = 0.9) -> Figure:
    """Return lines over the first axis of the grid: gains over the path's window, and what is bought early."""
    axis, parties = s.plan.grid[0], s.plan.case.parties
    middle = "median" if s.plan.draws else "centre"
    totals = _on_first_axis(s, over_grid(s, "path_totals", "equivalent_variation", level))
    unit = money_unit(totals[totals["party"].isin(parties)][middle])
    drawn: list[tuple[str, list[TimeLine]]] = []
    rows: list[tuple[object, ...]] = []
    lines = []
    for kind, party in enumerate(parties):
        part = totals[totals["party"] == party]
        points = tuple(zip(map(float, part[axis.name]), part[middle] / unit.millions, strict=True))
        lines.append(TimeLine(s.short(party), points, kind))
        rows += [(party, place, value * unit.millions) for place, value in points]
    income = translated("Real income over the window, discounted, {unit}", unit=translated(unit.name))
    drawn.append((income, lines))
    title = translated("The path over the grid")
    if "path_surges" in s.tables:
        early = _on_first_axis(s, days_early(s, level))
        points = tuple(zip(map(float, early[axis.name]), map(float, early[middle]), strict=True))
        drawn.append((translated("Bought early, days of imports"), [TimeLine("", points, 0)]))
        rows += [(translated("days of imports bought early"), place, value) for place, value in points]
        title = translated(
            "Importers buy {days} days of imports of what the measure hits early at {axis} = {level} and {days_last} "
            "at {level_last}.",
            days=localised(f"{points[0][1]:.0f}"),
            axis=number_in_words(s, axis.name),
            level=localised(f"{points[0][0]:g}"),
            days_last=localised(f"{points[-1][1]:.0f}"),
            level_last=localised(f"{points[-1][0]:g}"),
        )
    room = max(room_for(lines) for _, lines in drawn)
    panels = [
        time_panel(lines, heading, height=170.0, steps=False, axis=axis.name, room=room) for heading, lines in drawn
    ]
    columns = [TableColumn("line"), TableColumn(axis.name, "", "level"), TableColumn(middle, "", "of the line", True)]
    says = " ".join(f"{line.name or heading}: {_points_in_words(line)}." for heading, lines in drawn for line in lines)
    subtitle = translated("The case's path over the levels of {axis}.", axis=number_in_words(s, axis.name))
    return _figure(s, "path_grid", title, subtitle, rows, columns, says, panels)


def _on_first_axis(s: Sweep, found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows along the first axis of the grid, at the middle level of every other."""
    for other in s.plan.grid[1:]:
        found = found[found[other.name] == other.levels[len(other.levels) // 2]]
    return found.sort_values(s.plan.grid[0].name)


def _points_in_words(line: TimeLine) -> str:
    return "; ".join(
        translated("{value} at {level}", value=localised(f"{value:+.3g}"), level=localised(f"{place:g}"))
        for place, value in line.points
    )


def drawn_elasticities(s: Sweep) -> str:
    """Return the trade elasticities: those of the base, or what they are drawn from where they are uncertain."""
    uncertain = s.plan.uncertain
    sets = next(iter(uncertain.mixtures.values()), ())
    if sets:
        return translated("drawn from {number} sets ({sets})", number=len(sets), sets=", ".join(sets))
    if any(name.split(".")[0] == "theta" for name in uncertain.names):
        return translated("drawn around {elasticities}", elasticities=elasticities(s.plan.base))
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
    held = "; ".join(assumptions(s.plan.case.closure))
    foot = (
        source_line(base),
        translated(
            "Run {run}, seed {seed}; base {base} ({year}); {held}; trade elasticities {elasticities}; Entrepot "
            "{version}.",
            run=s.run.id,
            seed=s.plan.seed,
            base=base.name,
            year=base.year or translated("year not stated"),
            held=held,
            elasticities=drawn_elasticities(s).rstrip("."),
            version=__version__,
        ),
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
