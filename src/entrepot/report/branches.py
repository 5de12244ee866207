"""The branches of a case in time: their paths by quarter, their totals, and what can be said of them."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.cases.solved_timeline import SolvedTimeline
from entrepot.report import tables
from entrepot.words import and_list, billions, day, dollars, signed_percent, spoken

# Lines are told apart by dashes as well as by colour.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]]


def chart(study: SolvedCase) -> Any | None:
    """Paths on each branch: imports, their price, duties and real income, with the deadlines marked."""
    solved = study.timeline
    if solved is None:
        return None
    path = solved.path.assign(quarter=pd.to_datetime(solved.path["quarter"]))
    panels = [_panel(solved, path, not k, *what) for k, what in enumerate(_followed(study))]
    return alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", strokeDash="shared")


def _followed(study: SolvedCase) -> list[tuple[str, str, str, float]]:
    """What to draw: whom or what, the quantity, the panel's title, and a divisor."""
    out: list[tuple[str, str, str, float]] = []
    for watch in study.case.report.markets[:1]:
        out.append((watch.title, "imports", f"{watch.title}, before duty, US$ billion at an annual rate", 1e3))
        out.append(
            (
                watch.title,
                "real_import_price_pct",
                f"{watch.title}: price with duty against consumer prices, change, %",
                1,
            )
        )
        if watch.importer in study.case.parties:
            title = f"Duties of {spoken(watch.importer)}, change from the base, US$ billion at an annual rate"
            out.append((watch.importer, "tariff_revenue_change", title, 1e3))
    for party in study.case.parties[:4]:
        out.append((party, "real_income_pct", f"Real income of {study.spoken(party)}, change from the base, %", 1))
    return out


def _panel(
    solved: SolvedTimeline, path: pd.DataFrame, first: bool, what: str, quantity: str, title: str, divisor: float
) -> Any:
    names = [branch.name for branch in solved.branches]
    data = path[(path["what"] == what) & (path["quantity"] == quantity)]
    data = data.assign(shown=data["value"] / divisor)[["branch", "quarter", "shown"]]
    last = data.groupby("branch", sort=False).tail(1)  # the last step lasts to the window's end
    data = pd.concat([data, last.assign(quarter=pd.Timestamp(solved.timeline.until))])
    count = len(names)
    x = alt.X("quarter:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    lines = (
        alt.Chart(data)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("shown:Q", title=None, scale=alt.Scale(zero=quantity != "imports"), axis=alt.Axis(tickCount=4)),
            color=alt.Color("branch:N", sort=names, scale=alt.Scale(domain=names, range=COLOURS[:count]), title=None),
            strokeDash=alt.StrokeDash("branch:N", scale=alt.Scale(domain=names, range=DASHES[:count]), title=None),
        )
    )
    dates = sorted({date for branch in solved.branches for date in branch.deadlines})
    marks = pd.DataFrame({"quarter": pd.to_datetime(dates)})
    rules = alt.Chart(marks).mark_rule(color="#777777", strokeDash=[3, 3]).encode(x="quarter:T")
    layers = [lines, rules] if dates else [lines]
    grey: dict[str, Any] = {"anchor": "start", "fontSize": 12, "fontWeight": "normal", "color": "#777777"}
    said: dict[str, Any] = {}
    if first and dates:
        under = f"Dotted: the deadline{'s' * (len(dates) > 1)} of {and_list([day(d) for d in dates])}"
        said = {"subtitle": under, "subtitleColor": "#777777", "subtitleFontSize": 11}
    heading = alt.TitleParams(title, **grey, **said)
    return alt.layer(*layers).properties(width=420, height=110, title=heading)


def totals(study: SolvedCase) -> pd.DataFrame:
    """By branch and party, and expected where probabilities are stated."""
    solved = study.timeline
    if solved is None:
        return pd.DataFrame()
    expected = solved.expected
    return solved.totals if expected.empty else pd.concat([solved.totals, expected.assign(branch="expected")])


def as_dict(study: SolvedCase) -> dict[str, Any] | None:
    """The window and its branches as plain data; None without a timeline."""
    solved = study.timeline
    if solved is None:
        return None
    window = solved.timeline
    return {
        "from": window.since.isoformat(),
        "until": window.until.isoformat(),
        "discount_rate": window.discount_rate,
        "branches": [
            {
                "name": branch.name,
                "title": branch.title,
                "probability": branch.probability,
                "deadlines": [date.isoformat() for date in branch.deadlines],
            }
            for branch in solved.branches
        ],
        "failures": dict(solved.failures),
        "notes": list(solved.notes),
    }


def cells(study: SolvedCase) -> tuple[list[str], list[list[str]], str]:
    """The table of totals: head, rows, note."""
    solved = study.timeline
    assert solved is not None
    table = totals(study).set_index(["branch", "party"])
    parties = study.case.with_world
    titles = {branch.name: branch.title for branch in solved.branches}
    chances = {b.name: b.probability for b in solved.branches if b.probability is not None and len(solved.branches) > 1}
    rows = []
    for name in dict.fromkeys(table.index.get_level_values("branch")):
        chance = f" ({100 * chances[name]:.3g}%)" if name in chances else ""
        gains = [_money(float(table.loc[(name, p), "equivalent_variation"])) for p in parties]
        rows.append([f"{name}{chance}", titles.get(name, ""), *gains])
    t = solved.timeline
    note = (
        f"Equivalent variation from {day(t.since)} to {day(t.until)}, discounted at {100 * t.discount_rate:.3g}% a "
        f"year, US$ billion{_elasticities(study)}."
    )
    return ["branch", "", *(study.short(p) for p in parties)], rows, note


def horizon_cells(study: SolvedCase) -> tuple[list[str], list[list[str]], str] | None:
    """Short and long run side by side: head, rows, note; None where trade elasticities do not move in time."""
    table = tables.horizons(study)
    if table.empty:
        return None
    parties = study.case.with_world
    rows = []
    for (name, horizon), group in table.groupby(["in_force", "horizon"], sort=False):
        by = group.set_index("party")
        gains = [
            f"{billions(by.loc[p, 'equivalent_variation'])} ({signed_percent(by.loc[p, 'real_income_pct'], 3)})"
            for p in parties
        ]
        rows.append([str(name), f"{horizon} run, {100 * group['part'].iloc[0]:.3g}%", *gains])
    head = ["in force", "horizon", *(study.short(p) for p in parties)]
    note = (
        "Equivalent variation a year, US$ billion, and % of income: just after a change in what is in force, at a part "
        "of the trade elasticities, and when trade has adjusted, at the whole of them."
    )
    return head, rows, note


def _money(millions: float) -> str:
    return "no answer" if millions != millions else billions(millions)


def sentences(study: SolvedCase) -> list[str]:
    """What the totals say of the parties."""
    solved = study.timeline
    if solved is None or solved.totals["equivalent_variation"].isna().any():
        return []
    table = solved.totals.set_index(["branch", "party"])["equivalent_variation"]
    t = solved.timeline
    window = f"Over {day(t.since)} to {day(t.until)}, discounted at {100 * t.discount_rate:.3g}% a year"
    said = []
    for branch in solved.branches:
        parts = []
        for party in study.case.parties:
            worth = float(table[(branch.name, party)])
            parts.append(f"{study.spoken(party)} {'gains' if worth >= 0 else 'loses'} {dollars(worth)}")
        said.append(f"if {branch.name}, {and_list(parts)}" if len(solved.branches) > 1 else and_list(parts))
    return [f"{window}{_elasticities(study)}: {'; '.join(said)}."]


def _elasticities(study: SolvedCase) -> str:
    """That the horizon is another than that of the scenarios' own tables."""
    adjustment = study.timeline.timeline.adjustment if study.timeline is not None else None
    if adjustment is None:
        return ""
    return (
        f", with trade elasticities that begin at {100 * adjustment.short:.3g}% of those behind the other findings "
        f"after each change and reach them in {adjustment.years:g} years"
    )
