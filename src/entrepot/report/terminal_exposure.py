"""An Exposure on a terminal: what is paid, by whom, under which authority, and what a proposal changes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from entrepot.exposures import Exposure
from entrepot.report.terminal_columns import FittedColumns
from entrepot.words import and_list, day, dollars, sector_name, sentence, short, spoken

#: Rows that a table on a terminal shows; the rest is one row, and whole in the CSV.
SHOWN = 12


def render_exposure(found: Exposure, command: str | None = None) -> RenderableType:
    """Sentences, the tables behind them, what stands outside, and where it comes from."""
    whose = and_list([spoken(code) for code in found.importers[:4]])
    title = f"{dollars(found.totals['imports'])} of imports into {whose}, on {day(found.date)}"
    parts: list[RenderableType] = [Text(title, style="bold"), ""]
    parts += [Padding(Text(f"* {line}"), 0) for line in sentences(found)]
    for heading, name, frame in (
        ("By partner", "partner", found.by_partner),
        ("By sector", "sector", found.by_sector),
    ):
        parts += [
            "",
            Text(f"{heading} (rates in %, trade-weighted; US$ billion)", style="bold"),
            _table(found, name, frame),
        ]
    parts += ["", Text("By authority (points of the average duty; US$ billion)", style="bold"), _authorities(found)]
    parts += _outside(found)
    parts += ["", *(Text(f"Note: {note}") for note in found.notes)]
    parts += ["", *(Text(line, style="dim") for line in _provenance(found, command))]
    return Group(*parts)


def sentences(found: Exposure) -> list[str]:
    """The findings in words."""
    t = found.totals
    says = f"The average duty is {_percent(t['applied'])}%, {dollars(t['revenue'])} a year"
    if found.bound:
        says += f"; {_percent(t['bound'])}% is bound on the {100 * t['bound_share']:.0f}% of trade that is"
    lines = [says + "."]
    if found.proposed:
        lines.append(
            f"Proposed are {_percent(t['proposed'])}%: {dollars(t['revenue_proposed'])} at constant trade"
            + (
                f", {dollars(t['revenue_response'])} once imports have moved by {t['imports_response_pct']:+.1f}%."
                if found.response
                else "."
            )
        )
        if found.bound:
            lines.append(
                f"The proposed duty is above the bound rate on {t['breach_lines']:,.0f} of {t['lines']:,.0f} lines, "
                f"{dollars(t['breach_imports'])} of trade."
                if t["breach_lines"]
                else "The proposed duty is nowhere above the bound rate."
            )
    top = found.by_authority["revenue"].idxmax()
    row = found.by_authority.loc[top]
    if row["revenue"] > 0:
        lines.append(f"{sentence(row['title'])} is the most of it: {dollars(row['revenue'])}.")
    return lines


def _table(found: Exposure, name: str, frame: pd.DataFrame) -> FittedColumns:
    heads = ["imports", "applied"]
    heads += ["bound", "water"] if found.bound else []
    heads += ["proposed"] if found.proposed else []
    heads += ["duty"]
    heads += ["duty, constant trade"] if found.proposed else []
    heads += ["duty after", "imports %"] if found.proposed and found.response else []
    frame = frame[frame["imports"] > 0]
    kept = frame.sort_values("imports", ascending=False, kind="stable").head(SHOWN).index if name == "sector" else None
    shown = frame.head(SHOWN) if kept is None else frame[frame.index.isin(kept)]
    rows: list[list[str | Text]] = [[_label(name, key), *_cells(found, row)] for key, row in shown.iterrows()]
    rest = len(frame) - len(shown)
    if rest:
        left = frame["imports"].sum() - shown["imports"].sum()
        rows.append([f"{rest} more", _billions(left), *[""] * (len(heads) - 1)])
    rows.append([Text("all", style="bold"), *_cells(found, found.totals)])
    return FittedColumns([name, *heads], rows)


def _cells(found: Exposure, row: pd.Series) -> list[str]:
    cells = [_billions(row["imports"]), _percent(row["applied"])]
    cells += [_percent(row["bound"]), _percent(row["water"])] if found.bound else []
    cells += [_percent(row["proposed"])] if found.proposed else []
    cells += [_billions(row["revenue"])]
    cells += [_billions(row["revenue_proposed"])] if found.proposed else []
    if found.proposed and found.response:
        cells += [_billions(row["revenue_response"]), f"{row['imports_response_pct']:+.1f}"]
    return cells


def _authorities(found: Exposure) -> FittedColumns:
    heads = ["applied", "duty", "charged on"]
    heads += ["proposed", "duty", "charged on"] if found.proposed else []
    rows = []
    for _, row in found.by_authority.iterrows():
        cells = [_percent(row["applied"]), _billions(row["revenue"]), _billions(row["imports_charged"])]
        if found.proposed:
            after = (row["revenue_proposed"], row["imports_charged_proposed"])
            cells += [_percent(row["proposed"]), *(_billions(money) for money in after)]
        rows.append([str(row["title"]), *cells])
    return FittedColumns(["", *heads], rows)


def _outside(found: Exposure) -> list[RenderableType]:
    """Trade that is not wholly accounted for, by reason, with its largest products."""
    if found.unmatched.empty:
        return []
    rows = []
    for reason, group in found.unmatched.groupby("reason", sort=False):
        largest = ", ".join(f"{r.product} ({dollars(r.imports)})" for r in group.head(3).itertuples())
        rows.append([str(reason), largest, dollars(group["imports"].sum()), f"{group['lines'].sum():,.0f}"])
    table = FittedColumns(["why", "largest products", "imports", "lines"], rows, text=2)
    return ["", Text("Not wholly accounted for", style="bold"), table]


def _provenance(found: Exposure, command: str | None) -> list[str]:
    stacking = (
        f"{found.stacking.stacking} ({found.stacking.title})" if found.stacking.title else found.stacking.stacking
    )
    how = f"sigma = 1 + theta of {found.economy.name}"
    how = f"{how}, pass-through {found.pass_through:g}" if found.response else "imports do not respond"
    lines = [
        f"Data: {found.rows[0]:,} rows of trade, {found.rows[1]:,} of schedule; sectors of {found.economy.name}; "
        f"{found.seconds:.1f} s",
        f"Method: stacking {stacking}; {how}; partial equilibrium (docs/exposure.md)",
    ]
    return [*lines, *([f"Again: {command}"] if command else [])]


def _label(name: str, key: object) -> str:
    say = short if name == "partner" else sector_name
    if isinstance(key, tuple):
        return (
            f"{short(str(key[0]))} from {say(str(key[-1]))}"
            if name == "partner"
            else f"{short(str(key[0]))}, {say(str(key[-1]))}"
        )
    return say(str(key))


def _percent(rate: float) -> str:
    return "" if rate != rate else f"{100 * rate:.2f}"


def _billions(millions: float) -> str:
    return "" if millions != millions else f"{millions / 1e3:,.2f}"


def tables_json(found: Exposure) -> dict[str, object]:
    """Every table as records, for --format json."""
    frames: Sequence[tuple[str, pd.DataFrame]] = [
        ("by_partner", found.by_partner.reset_index()),
        ("by_sector", found.by_sector.reset_index()),
        ("by_partner_sector", found.by_partner_sector.reset_index()),
        ("by_authority", found.by_authority.reset_index()),
        ("unmatched", found.unmatched),
    ]
    out: dict[str, object] = {
        name: frame.astype(object).where(frame.notna(), None).to_dict("records") for name, frame in frames
    }
    totals = {name: None if value != value else float(value) for name, value in found.totals.items()}
    return {"date": found.date.isoformat(), "totals": totals, **out, "notes": list(found.notes)}
