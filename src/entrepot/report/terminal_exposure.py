"""An Exposure on a terminal: what is paid, by whom, under which authority, and what a proposal changes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.padding import Padding

from entrepot.documents import records
from entrepot.exposures import Exposure
from entrepot.languages import if_known, localised, translated
from entrepot.report.terminal_columns import FittedColumns
from entrepot.report.terminal_text import Prose
from entrepot.words import and_list, chance, day, dollars, sector_name, short, spoken

#: Rows that a table on a terminal shows; the rest is one row, and whole in the CSV.
SHOWN = 12
#: Millions of imports from which on the tables are in billions.
IN_BILLIONS = 1e4
#: Part of imports without a rate from which on a sentence states that the averages are of the rest.
WHOLLY = 0.005


def render_exposure(found: Exposure, command: str | None = None) -> RenderableType:
    """Sentences, the tables behind them, what stands outside, and where it comes from."""
    whose = and_list([spoken(code) for code in found.importers[:4]])
    title = translated(
        "{money} of imports into {country}, on {date}",
        money=dollars(found.totals["imports"]),
        country=whose,
        date=day(found.date),
    )
    parts: list[RenderableType] = [Prose(title, style="bold"), ""]
    parts += [Padding(Prose(f"* {line}"), 0) for line in sentences(found)]
    unit = translated("US$ billion" if _in_billions(found) else "US$ million")
    heading = translated("By partner (rates in %, trade-weighted; {unit})", unit=unit)
    parts += ["", Prose(heading, style="bold"), _table(found, "partner", found.by_partner)]
    heading = translated("By sector (rates in %, trade-weighted; {unit})", unit=unit)
    parts += ["", Prose(heading, style="bold"), _table(found, "sector", found.by_sector)]
    heading = translated("By authority (points of the average duty; {unit})", unit=unit)
    parts += ["", Prose(heading, style="bold"), _authorities(found)]
    parts += _outside(found)
    parts += ["", *(Prose(translated("Note: {note}", note=note)) for note in found.notes)]
    parts += ["", *(Prose(line, style="dim") for line in _provenance(found, command))]
    return Group(*parts)


def sentences(found: Exposure) -> list[str]:
    """The findings in words."""
    t = found.totals
    average = {"rate": _rate(t["applied"]), "money": dollars(t["revenue"])}
    rated = found.cells["rated_imports"].sum()
    if found.bound:
        lines = [
            translated(
                "The average duty is {rate}, {money} a year; {bound} is bound on the {share} of trade that is.",
                **average,
                bound=_rate(t["bound"]),
                share=chance(float(t["bound_share"])),
            )
        ]
    else:
        lines = [translated("The average duty is {rate}, {money} a year.", **average)]
    if rated < t["imports"] * (1 - WHOLLY):
        lines.append(
            translated(
                "The averages are of the {share} of imports that have a rate, {money}; no duty is counted on the rest.",
                share=localised(f"{100 * rated / t['imports']:.1f}%"),
                money=dollars(rated),
            )
        )
    top = found.by_authority.loc[found.by_authority["revenue"].idxmax()]
    if top["revenue"] > 0:
        named = {"title": if_known(str(top["title"])), "money": dollars(top["revenue"])}
        lines.append(translated("The largest part of the duty is {title}: {money}.", **named))
    if found.proposed:
        proposed = {"rate": _rate(t["proposed"]), "money": dollars(t["revenue_proposed"])}
        if found.response:
            lines.append(
                translated(
                    "Proposed are {rate}: {money} at constant trade, {after} once imports have moved by {change}.",
                    **proposed,
                    after=dollars(t["revenue_response"]),
                    change=localised(f"{t['imports_response_pct']:+.1f}%"),
                )
            )
        else:
            lines.append(translated("Proposed are {rate}: {money} at constant trade.", **proposed))
        if found.bound and t["breach_lines"]:
            lines.append(
                translated(
                    "The proposed duty is above the bound rate on {number} of {all} lines, {money} of trade.",
                    number=localised(f"{t['breach_lines']:,.0f}"),
                    all=localised(f"{t['lines']:,.0f}"),
                    money=dollars(t["breach_imports"]),
                )
            )
        elif found.bound:
            lines.append(translated("The proposed duty is nowhere above the bound rate."))
    return lines


def _table(found: Exposure, name: str, frame: pd.DataFrame) -> FittedColumns:
    heads = [translated("imports"), translated("applied")]
    heads += [translated("bound"), translated("water")] if found.bound else []
    heads += [translated("proposed")] if found.proposed else []
    heads += [translated("duty")]
    heads += [translated("duty, constant trade")] if found.proposed else []
    heads += [translated("duty after"), translated("imports %")] if found.proposed and found.response else []
    frame = frame[frame["imports"] > 0]
    kept = frame.sort_values("imports", ascending=False, kind="stable").head(SHOWN).index if name == "sector" else None
    shown = frame.head(SHOWN) if kept is None else frame[frame.index.isin(kept)]
    rows: list[list[str | Prose]] = [[_label(name, key), *_cells(found, row)] for key, row in shown.iterrows()]
    rest = len(frame) - len(shown)
    if rest:
        left = frame["imports"].sum() - shown["imports"].sum()
        rows.append([translated("{number} more", number=rest), _money(found, left), *[""] * (len(heads) - 1)])
    rows.append([Prose(translated("all"), style="bold"), *_cells(found, found.totals)])
    return FittedColumns([translated("partner") if name == "partner" else translated("sector"), *heads], rows)


def _cells(found: Exposure, row: pd.Series) -> list[str]:
    cells = [_money(found, row["imports"]), _percent(row["applied"])]
    cells += [_percent(row["bound"]), _percent(row["water"])] if found.bound else []
    cells += [_percent(row["proposed"])] if found.proposed else []
    cells += [_money(found, row["revenue"])]
    cells += [_money(found, row["revenue_proposed"])] if found.proposed else []
    if found.proposed and found.response:
        cells += [_money(found, row["revenue_response"]), localised(f"{row['imports_response_pct']:+.1f}")]
    return cells


def _authorities(found: Exposure) -> FittedColumns:
    amounts = [translated("duty"), translated("charged on")]
    heads = [translated("applied"), *amounts]
    heads += [translated("proposed"), *amounts] if found.proposed else []
    rows = []
    for _, row in found.by_authority.iterrows():
        cells = [_percent(row["applied"]), _money(found, row["revenue"]), _money(found, row["imports_charged"])]
        if found.proposed:
            after = (row["revenue_proposed"], row["imports_charged_proposed"])
            cells += [_percent(row["proposed"]), *(_money(found, money) for money in after)]
        rows.append([if_known(str(row["title"])), *cells])
    return FittedColumns(["", *heads], rows)


def _outside(found: Exposure) -> list[RenderableType]:
    """Trade that is not wholly accounted for, by reason, with its largest products."""
    if found.unmatched.empty:
        return []
    rows = []
    for reason, group in found.unmatched.groupby("reason", sort=False):
        largest = ", ".join(f"{r.product} ({dollars(r.imports)})" for r in group.head(3).itertuples())
        rows.append([if_known(str(reason)), largest, dollars(group["imports"].sum()), f"{group['lines'].sum():,.0f}"])
    heads = [translated("why"), translated("largest products"), translated("imports"), translated("lines")]
    return ["", Prose(translated("Not wholly accounted for"), style="bold"), FittedColumns(heads, rows, text=2)]


def _provenance(found: Exposure, command: str | None) -> list[str]:
    stacking = (
        f"{found.stacking.stacking} ({found.stacking.title})" if found.stacking.title else found.stacking.stacking
    )
    how = f"{_elasticity(found)}, pass-through {found.pass_through:g}" if found.response else "imports do not respond"
    lines = [
        f"Data: {found.rows[0]:,} rows of trade, {found.rows[1]:,} of schedule; sectors of {found.economy.name}; "
        f"{found.seconds:.1f} s",
        f"Method: stacking {stacking}; {how}; partial equilibrium (docs/exposure.md)",
    ]
    return [*lines, *([f"Again: {command}"] if command else [])]


def _elasticity(found: Exposure) -> str:
    """Return the elasticity of imports that was used: the Economy's, a stated one, or stated ones of some sectors."""
    own = dict(zip(found.economy.sectors, (1 + found.economy.theta).tolist(), strict=True))
    stated = {sector: sigma for sector, sigma in found.sigma.items() if sigma != own[sector]}
    if not stated:
        return f"sigma = 1 + theta of {found.economy.name}"
    if len(set(found.sigma.values())) == 1:
        return f"sigma = {next(iter(stated.values())):g}"
    others = and_list([f"{sigma:g} for {sector_name(sector)}" for sector, sigma in stated.items()])
    return f"sigma = 1 + theta of {found.economy.name}, but {others}"


def _label(name: str, key: object) -> str:
    say = short if name == "partner" else sector_name
    if isinstance(key, tuple):
        return (
            translated("{importer} from {exporter}", importer=short(str(key[0])), exporter=say(str(key[-1])))
            if name == "partner"
            else f"{short(str(key[0]))}, {say(str(key[-1]))}"
        )
    return say(str(key))


def _percent(rate: float) -> str:
    return "" if rate != rate else localised(f"{100 * rate:.2f}")


def _rate(rate: float) -> str:
    return "" if rate != rate else localised(f"{100 * rate:.2f}%")


def _in_billions(found: Exposure) -> bool:
    return bool(found.totals["imports"] >= IN_BILLIONS)


def _money(found: Exposure, millions: float) -> str:
    return "" if millions != millions else localised(f"{millions / (1e3 if _in_billions(found) else 1):,.2f}")


def tables_json(found: Exposure) -> dict[str, object]:
    """Every table as records, for --format json."""
    frames: Sequence[tuple[str, pd.DataFrame]] = [
        ("by_partner", found.by_partner.reset_index()),
        ("by_sector", found.by_sector.reset_index()),
        ("by_partner_sector", found.by_partner_sector.reset_index()),
        ("by_authority", found.by_authority.reset_index()),
        ("unmatched", found.unmatched),
    ]
    out: dict[str, object] = {name: records(frame) for name, frame in frames}
    totals = {name: None if value != value else float(value) for name, value in found.totals.items()}
    return {"date": found.date.isoformat(), "totals": totals, **out, "notes": list(found.notes)}
