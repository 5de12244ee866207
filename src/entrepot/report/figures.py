"""The charts of a report as inline SVG: no script, no request, sharp on paper."""

from __future__ import annotations

import re
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from entrepot.cases import SolvedCase
from entrepot.economy.geography import OTHER
from entrepot.report import branch_figures
from entrepot.report.chart_labels import BAND, scenario_axis
from entrepot.studies import maker_tables
from entrepot.studies import tidy_frames as tables
from entrepot.studies.result_tables import LEAST_RENT
from entrepot.words import money_unit

# Okabe and Ito's palette and two of Tol's, which colour-blind readers can tell apart; grey is kept for the others.
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#882255", "#44AA99"]
GREY = "#999999"
DARK = {"#0072B2", "#D55E00", "#009E73", "#882255"}
WIDTH = 420  # narrow enough to be legible on a phone; wider screens enlarge it


def charts(study: SolvedCase) -> list[tuple[str, str, str]]:
    """Return (title, SVG, text for screen readers) of every chart that the case has data for."""
    made = [
        (
            "Who gains and who loses",
            _welfare(study),
            "Bars of equivalent variation by scenario and party; see the table.",
        ),
        ("Who collects: duties and rents", _collected(study), "Bars of duties and rents by scenario and holder."),
    ]
    for watch in study.case.report.markets:
        made.append(
            (
                f"{watch.title}: trade redirected",
                _redirected(study, watch.title),
                "Change in imports by source and scenario.",
            )
        )
        made.append((f"{watch.title}: market shares", _shares(study, watch.title), "Shares of imports by source."))
    made.append(
        (
            "Makers' profits and licences",
            _makers(study),
            "Bars of the change in makers' profits with the licences they hold, by scenario and owner; see the table.",
        )
    )
    made.append(("Branches in time", branch_figures.chart(study), "Paths by quarter on each branch; see the tables."))
    return [(title, svg(chart, title), text) for title, chart, text in made if chart is not None]


def _colours(study: SolvedCase) -> dict[str, str]:
    """Return one colour for each country or group, the same in every chart."""
    codes = [*study.case.parties, *(x for w in study.case.report.markets for x in w.exporters)]
    names = list(dict.fromkeys(study.short(code) for code in codes))
    return {name: PALETTE[k % len(PALETTE)] for k, name in enumerate(names)} | {study.short(OTHER): GREY}


def _colour(study: SolvedCase, names: list[str]) -> Any:
    colours = _colours(study)
    return alt.Color("who:N", sort=names, scale=alt.Scale(domain=names, range=[colours[n] for n in names]), title=None)


def _welfare(study: SolvedCase) -> Any:
    data = tables.welfare(study)
    data = data[data["party"].isin(study.case.parties)]
    unit = money_unit(data["equivalent_variation"])
    data = data.assign(money=data["equivalent_variation"] / unit.millions, who=data["party"].map(study.short))
    names = [study.short(p) for p in study.case.parties]
    return _bars(study, data, f"Equivalent variation, {unit.name} a year", list(study.outcomes), names)


def _collected(study: SolvedCase) -> Any:
    """Return stacked bars of the change in duties and of rents by holder, without the smallest; None if there are none.

    Of parties that share countries only the first is drawn, so that no amount is counted twice.
    """
    data = tables.proceeds(study)
    data = data[data["party"].isin([*_apart(study), OTHER])]
    duty = data.assign(kind="duties (change)", money=data["tariff_revenue_change"])
    rent = data.assign(kind="quota rent", money=data["quota_rent"])
    both = pd.concat([rent, duty])[["scenario", "party", "kind", "money"]]
    size = both["money"].abs()
    both = both[size > max(min(50.0, 0.01 * size.max()), LEAST_RENT)]
    if both.empty:
        return None
    unit = money_unit(both["money"])
    both = both.assign(money=both["money"] / unit.millions, who=both["party"].map(study.short))
    names = [study.short(p) for p in data["party"].unique() if study.short(p) in set(both["who"])]
    bars = (
        alt.Chart(both)
        .mark_bar()
        .encode(
            x=alt.X("money:Q", title=f"{unit.name} a year"),
            y=alt.Y("scenario:N", sort=list(study.outcomes), title=None, axis=_scenario_axis(study)),
            color=_colour(study, names),
            opacity=alt.Opacity(
                "kind:N",
                scale=alt.Scale(domain=["quota rent", "duties (change)"], range=[1.0, 0.45]),
                legend=alt.Legend(title=None, symbolType="square", symbolFillColor="#888888", symbolStrokeWidth=0),
            ),
        )
    )
    return (bars + _zero()).properties(width=WIDTH, height=BAND * len(study.outcomes))


def _makers(study: SolvedCase) -> Any:
    """Return bars of the change in makers' profits with licences held, by owner; None without a market."""
    data = maker_tables.makers(study)
    if data.empty:
        return None
    change = data["profit_change"] + data["licences"]
    unit = money_unit(change)
    data = data.assign(money=change / unit.millions, who=data["owner"].map(study.short))
    names = list(dict.fromkeys(data["who"]))
    shown = list(dict.fromkeys(data["scenario"]))
    return _bars(study, data, f"Change of profit with licences held, {unit.name} a year", shown, names)


def _apart(study: SolvedCase) -> list[str]:
    """Return the parties that share no country with an earlier one."""
    taken: set[str] = set()
    out = []
    for party in study.case.parties:
        codes = set(tables.members(study, party))
        if not codes & taken:
            out.append(party)
            taken |= codes
    return out


def _redirected(study: SolvedCase, market: str) -> Any:
    """Return bars of the change in imports by source, or None where no scenario moves 1% of them."""
    data = tables.markets(study)
    data = data[data["market"] == market]
    base = data[data["scenario"] == tables.BASE].set_index("exporter")["value"]
    data = data[data["scenario"] != tables.BASE]
    data = data.assign(money=data["value"] - data["exporter"].map(base), who=data["exporter"].map(study.short))
    moved = data.groupby("scenario", sort=False)["money"].apply(lambda s: s.abs().max())
    shown = list(moved[moved > 0.01 * base.sum()].index)
    if not shown:
        return None
    data = data[data["scenario"].isin(shown)]
    unit = money_unit(data["money"])
    data = data.assign(money=data["money"] / unit.millions)
    sources = [study.short(s) for s in dict.fromkeys(data["exporter"])]
    return _bars(study, data, f"Change in value at the border, {unit.name} a year", shown, sources)


def _shares(study: SolvedCase, market: str) -> Any:
    data = tables.markets(study)
    data = data[data["market"] == market].assign(
        percent=lambda d: 100 * d["import_share"], who=lambda d: d["exporter"].map(study.short)
    )
    wide = data.pivot(index="scenario", columns="exporter", values="import_share")
    moved = (wide - wide.loc[tables.BASE]).abs().max(axis=1)
    shown = [tables.BASE, *(n for n in study.outcomes if moved[n] > 0.005)]
    if len(shown) == 1:
        return None
    sources = [study.short(s) for s in dict.fromkeys(data["exporter"])]
    data = data[data["scenario"].isin(shown)].assign(order=lambda d: d["who"].map(sources.index))
    bars = alt.Chart(data).encode(
        x=alt.X(
            "percent:Q", title="Share of imports at border value, %", scale=alt.Scale(domain=[0, 100]), stack="zero"
        ),
        y=alt.Y("scenario:N", sort=shown, title=None, axis=_scenario_axis(study)),
        order=alt.Order("order:Q"),
    )
    ink = {name: "#ffffff" if colour in DARK else "#111111" for name, colour in _colours(study).items()}
    labels = (
        bars.transform_filter("datum.percent > 6")
        .mark_text(align="right", dx=-3, fontSize=11)
        .encode(
            text=alt.Text("percent:Q", format=".1f"),
            detail="who:N",
            fill=alt.Fill("who:N", scale=alt.Scale(domain=sources, range=[ink[s] for s in sources]), legend=None),
        )
    )
    return (
        alt.layer(bars.mark_bar().encode(color=_colour(study, sources)), labels)
        .resolve_scale(fill="independent")
        .properties(width=WIDTH, height=BAND * len(shown))
    )


def _scenario_axis(study: SolvedCase) -> Any:
    """Return the axis of scenarios, which shows their titles."""
    return scenario_axis(study.case, [tables.BASE, *study.outcomes])


def _zero() -> Any:
    return alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color="#777777").encode(x="x:Q")


def _bars(study: SolvedCase, data: pd.DataFrame, axis: str, scenarios: list[str], names: list[str]) -> Any:
    """Return bars around zero: a band for each scenario, in it a bar for each name."""
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("money:Q", title=axis),
            y=alt.Y(
                "scenario:N",
                sort=scenarios,
                title=None,
                scale=alt.Scale(paddingInner=0.25),
                axis=_scenario_axis(study),
            ),
            yOffset=alt.YOffset("who:N", sort=names),
            color=_colour(study, names),
        )
    )
    return (bars + _zero()).properties(width=WIDTH, height=max(14 * len(names), BAND) * len(scenarios))


def svg(chart: Any, title: str) -> str:
    """Return a chart as SVG that scales with the page, with its title for screen readers."""
    spec = (
        chart.configure(background="transparent", font="Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelLimit=240, grid=False)
        .configure_axisX(grid=True, gridOpacity=0.5, tickCount=8, labelOverlap="greedy", labelSeparation=6)
        .configure_axisY(domain=False, ticks=False)
        .configure_legend(orient="bottom", labelFontSize=12, columns=3, columnPadding=16, labelLimit=240)
        .to_json()
    )
    svg: str = vl_convert.vegalite_to_svg(spec)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    label = f'<svg role="img" aria-label="{title.replace(chr(34), "")}" '
    svg = svg.replace("<svg ", label, 1)
    if size:  # scale with the page instead of a fixed width
        svg = svg.replace(
            size.group(0), f'style="width:100%;max-width:{1.35 * float(size.group(1)):.0f}px;height:auto"', 1
        )
    return svg
