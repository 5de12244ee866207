"""The figures of a watched market: imports by source, and the shares of the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import OTHER
from entrepot.languages import if_known, localised, translated
from entrepot.report.figures.bar_panel import Bar
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL
from entrepot.report.figures.study_figure import (
    SCENARIO,
    Mark,
    a_year,
    bar_figure,
    first_drawn,
    money_text_of,
    of_all,
    scenario_heading,
    shown_scenarios,
    titled,
    under,
)
from entrepot.studies import tidy_frames as tables
from entrepot.studies.rents import held_by
from entrepot.studies.result_table import MONEY, SHARE, TableColumn
from entrepot.studies.titles import title_of
from entrepot.words import and_list, dollars, money_unit


def watched(study: SolvedCase) -> Sequence[str]:
    """Return the titles of the watched markets."""
    return [watch.title for watch in study.case.report.markets]


def sources(study: SolvedCase, market: str, name: str) -> Figure | None:
    """Return the change in imports by source, or None where no scenario moves 1% of them."""
    data = tables.markets(study)
    data = data[data["market"] == market]
    base = data[data["scenario"] == tables.BASE].set_index("exporter")["value"]
    data = data[data["scenario"] != tables.BASE]
    data = data.assign(change=data["value"] - data["exporter"].map(base))
    moved = data.groupby("scenario", sort=False)["change"].apply(lambda s: s.abs().max())
    names = shown_scenarios(study, moved[moved > 0.01 * base.sum()].index)
    if not names:
        return None
    data = data[data["scenario"].isin(names)]
    unit = money_unit(data["change"])
    text = money_text_of(unit)
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(study.short(row.exporter), row.change / unit.millions, text(row.change), NEUTRAL),
            (title_of(study, row.scenario), row.exporter, row.change, row.value),
        )
        for row in data.itertuples()
    ]
    first = data[data["scenario"] == first_drawn(study, names)]
    return bar_figure(
        study,
        name,
        titled(_redirected(study, market, first), "Where imports come from instead"),
        translated(
            "{market}: change in value at the border, {unit} a year.",
            market=if_known(market),
            unit=translated(unit.name),
        )
        + of_all(study, names)
        + _with_rent(study, names),
        a_year(unit, study.economy.year),
        marks,
        [
            SCENARIO,
            TableColumn("source", "exporter"),
            TableColumn("change", "", MONEY, True),
            TableColumn("value", "", MONEY),
        ],
    )


def _with_rent(study: SolvedCase, names: Sequence[str]) -> str:
    """Return that the value at the border has the rent of exporters, where there is any; else ""."""
    if not any("exporter" in holder for name in names for holder in held_by(study, name)):
        return ""
    return " " + translated("Where exporters hold the rent, it is part of the value at the border.")


def _redirected(study: SolvedCase, market: str, rows: pd.DataFrame) -> str:
    """Return the finding: from which named source imports fall most, and from which they rise most."""
    name = str(rows["scenario"].iloc[0])
    changes = dict(zip(rows["exporter"], rows["change"], strict=True))
    parts = []
    for code, verb in zip(_news(changes), ("fall", "rise"), strict=True):
        if code:
            parts.append(f"those from {place_of(study, code)} {verb} by {dollars(changes[code])}")
    found = and_list(parts) if parts else "they do not move"
    if len(study.case.scenarios) > 1:
        return f'{market}: under "{title_of(study, name)}", {found}.'
    return f"{market}: {found}."


def _news(changes: Mapping[str, float]) -> tuple[str, str]:
    """Return the source that loses most and the one that gains most; the others together only where no named one does.

    "" where none does.
    """
    found = []
    for sign in (-1, 1):
        moved = [code for code, change in changes.items() if sign * change > 0]
        named = [code for code in moved if code != OTHER] or moved
        found.append(max(named, key=lambda code: abs(changes[code]), default=""))
    return found[0], found[1]


def place_of(study: SolvedCase, code: str) -> str:
    """Return a source as in a sentence: a country or group, or the others."""
    return "others" if code == OTHER else study.spoken(code)


def shares(study: SolvedCase, market: str, name: str) -> Figure | None:
    """Return each source's share of imports and its change in points; None where none moves half a point."""
    data = tables.markets(study)
    data = data[data["market"] == market]
    wide = data.pivot(index="scenario", columns="exporter", values="import_share")
    moved = (wide - wide.loc[tables.BASE]).abs().max(axis=1)
    names = shown_scenarios(study, [n for n in study.outcomes if moved.get(n, 0) > 0.005])
    if not names:
        return None
    codes = list(dict.fromkeys(data["exporter"]))
    marks = []
    for scenario in names:
        for code in codes:
            share = float(wide.loc[scenario, code])
            before = float(wide.loc[tables.BASE, code])
            points = 100 * (share - before)
            bar = Bar(study.short(code), points, _share_label(before, share), NEUTRAL)
            marks.append(Mark(scenario_heading(study, scenario), bar, (title_of(study, scenario), code, points, share)))
    first = first_drawn(study, names)
    change = dict((wide.loc[first] - wide.loc[tables.BASE]).items())

    def moves(code: str, verb: str) -> str:
        return f"{verb} from {100 * wide.loc[tables.BASE, code]:.1f}% to {100 * wide.loc[first, code]:.1f}%"

    parts = [
        f"{'that' if k else 'the share'} of {place_of(study, code)} {moves(code, verb)}"
        for k, (code, verb) in enumerate(zip(_news(change), ("falls", "rises"), strict=True))
        if code
    ]
    finding = f"{', '.join(parts)}."
    return bar_figure(
        study,
        name,
        titled(under(study, first, finding), "Market shares before and after"),
        translated(
            "{market}: share by source before and after (and its change in percentage points).", market=if_known(market)
        )
        + of_all(study, names),
        translated("change in share, percentage points"),
        marks,
        [
            SCENARIO,
            TableColumn("source", "exporter"),
            TableColumn("change", "", "percentage points", True),
            TableColumn("share of imports", "import_share", SHARE),
        ],
    )


def _share_label(before: float, after: float) -> str:
    """Return a share before and after, and its change in points."""
    points = 100 * (after - before)
    change = localised(f"{points:+.1f}" if abs(points) >= 0.05 else "0.0")
    shares = [localised(f"{100 * share:.1f}%") for share in (before, after)]
    return f"{shares[0]} \N{RIGHTWARDS ARROW} {shares[1]} ({change})"
