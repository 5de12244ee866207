"""The page on a terminal: what an adviser reads in a minute."""

from __future__ import annotations

import io
import shlex

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from entrepot.bargaining import Bargain
from entrepot.cases import SolvedCase
from entrepot.report import bargaining, branches, sweeping, tables
from entrepot.report.answers import ANSWER_NOTE, answer_cells
from entrepot.report.columns import Cell, Columns
from entrepot.report.first_screen import first_screen
from entrepot.report.industry import industry_cells, industry_note
from entrepot.report.note import notes
from entrepot.report.provenance import called, lines
from entrepot.report.sentences import findings
from entrepot.sweeping.result import Sweep
from entrepot.words import billions, counted, dollars, each_once, sector_name, signed_percent


def render(study: SolvedCase, command: str | None = None) -> RenderableType:
    """Findings, the tables behind them, and where they come from."""
    parts: list[RenderableType] = [Text(study.case.title, style="bold"), Text(study.case.question), ""]
    parts += [_bullet(line) for line in findings(study)]
    if study.outcomes:
        parts += ["", _scenarios(study), _welfare(study)]
        parts += [t for t in (_payoffs(study), _industry(study), _proceeds(study)) if t is not None]
        parts += [*_markets(study), *_answers(study), *_branches(study)]
    parts += _law(study)
    if study.case.table is not None:
        parts += [
            "",
            Text(f"What both would sign: entrepot bargain {shlex.quote(called(study.case))}", style="bold"),
        ]
    if study.case.uncertainty or study.case.distributions:
        parts += ["", Text(f"How sure that is: entrepot sweep {shlex.quote(called(study.case))}", style="bold")]
    for name, error in study.failures.items():
        parts += ["", Text(f"{name}: {error}", style="bold red")]
    read = [note for note in study.notes if note not in each_once(*study.warnings)]  # warnings are findings already
    parts += ["", *(Text(f"Note: {note}") for note in read)] if read else []
    parts += ["", *(Text(f"{label}: {text}", style="dim") for label, text in lines(study, command))]
    return Group(*parts)


def render_first(study: SolvedCase) -> RenderableType:
    """The first screen (`first_screen`); all of a case that has no outcome, with the reasons."""
    if not study.outcomes:
        return render(study)
    screen = first_screen(study)
    parts: list[RenderableType] = [Text(study.case.title, style="bold")]
    parts += [Text(study.case.question), ""] if study.case.case != "measures" else []
    parts += [_bullet(line) for line in screen.answer]
    parts.append(_titled(screen.title, Columns(screen.head, screen.rows, nowrap=False)))
    if screen.left_out:
        parts.append(Text(f"and {counted(screen.left_out, 'more scenario')} with --full", style="dim"))
    parts += ["", Text("How sure", style="bold"), *(_bullet(line) for line in screen.sure)]
    parts += [Text(f"{name}: {error}", style="bold red") for name, error in study.failures.items()]
    parts += ["", Text("More: " + "; ".join(screen.more), style="dim")]
    return Group(*parts)


def as_text(study: SolvedCase, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, markup=False, emoji=False).print(render(study))
    return out.getvalue()


def render_bargain(found: Bargain, command: str | None = None) -> RenderableType:
    """The bargain on a page: what it says, the deals, and what stands behind them."""
    case = found.case
    parts: list[RenderableType] = [Text(case.title, style="bold"), Text(case.question), ""]
    parts += [_bullet(line) for line in bargaining.sentences(found)]
    for section in bargaining.sections(found) if found.complete else []:
        parts.append(_titled(section.title, _section(section), section.note))
    notes = (*found.notes, *found.about)
    parts += ["", *(Text(f"Note: {line}") for line in notes)] if notes else []
    said = f"{found.evaluations:,} equilibria in {found.seconds:.1f} s"
    if found.surface.failures:
        said += f"; {found.surface.failures} deals had none and are left out"
    parts += ["", Text(f"{said}. Money is US$ at {found.negotiation.economy.name} prices.", style="dim")]
    if command:
        parts.append(Text(f"Command: {command}", style="dim"))
    return Group(*parts)


def render_sweep(found: Sweep, level: float, command: str | None = None) -> RenderableType:
    """How sure, on a page: what can be said, the intervals, and what drives them."""
    case = found.plan.case
    parts: list[RenderableType] = [Text(case.title, style="bold"), Text(case.question), ""]
    parts += [_bullet(line) for line in sweeping.sentences(found, level)]
    parts += [_titled(s.title, _section(s), s.note) for s in sweeping.sections(found, level)]
    parts += ["", *(Text(f"Note: {line}") for line in found.notes)] if found.notes else []
    rate = f"; {found.solves:,} equilibria in {found.seconds:.1f} s" if found.solves else "; all from the store"
    said = f"Run {found.run.id}, seed {found.plan.seed}, economy {found.plan.base.name}{rate}."
    parts += ["", Text(said, style="dim")]
    if command:
        parts.append(Text(f"Command: {command}", style="dim"))
    return Group(*parts)


def _section(section: bargaining.Section) -> Columns:
    return Columns(section.head, section.rows, section.text_columns)


def _branches(study: SolvedCase) -> list[RenderableType]:
    if study.timeline is None:
        return []
    head, rows, note = branches.cells(study)
    parts = [_titled("Branches in time", Columns(head, rows, text=2), note)]
    both = branches.horizon_cells(study)
    if both is not None:
        head, rows, note = both
        parts.append(_titled("Short and long run", Columns(head, rows, text=2), note))
    return parts


def _law(study: SolvedCase) -> list[RenderableType]:
    """One line a scenario; `entrepot screen` says why."""
    rows = [[note.scenario, note.summary] for note in notes(study.screen)]
    said = Text("The rules, on a first reading ('entrepot screen' gives the reasons)", style="bold")
    return ["", said, Columns((), rows, text=2)] if rows else []


def _bullet(line: str) -> RenderableType:
    indented = line.startswith("  ")
    mark = "- " if indented else "* "
    return Padding(Text(mark + line.strip()), (0, 0, 0, 2 if indented else 0))


def _titled(title: str, table: Columns, note: str = "") -> RenderableType:
    parts: list[RenderableType] = ["", Text(title, style="bold"), table]
    return Group(*parts, Text(note, style="dim")) if note else Group(*parts)


def _scenarios(study: SolvedCase) -> RenderableType:
    rows: list[list[Cell]] = [[Text(name, style="bold"), study.case.scenarios[name].title] for name in study.outcomes]
    return Columns((), rows, text=2)


def _welfare(study: SolvedCase) -> RenderableType:
    data = tables.welfare(study).set_index(["scenario", "party"])
    parties = study.case.with_world

    def cell(name: str, party: str) -> str:
        row = data.loc[(name, party)]
        return f"{billions(row['equivalent_variation'])} ({signed_percent(row['real_income_pct'], 3)})"

    rows = [[name, *(cell(name, p) for p in parties)] for name in study.outcomes]
    title = "Who gains and who loses (equivalent variation, US$ billion a year, and % of income)"
    return _titled(title, Columns(["", *(study.short(p) for p in parties)], rows))


def _payoffs(study: SolvedCase) -> RenderableType | None:
    cells = tables.payoff_cells(study)
    if cells is None:
        return None
    head, rows, note = cells
    return _titled("By what each side wants", Columns(head, rows), note)


def _industry(study: SolvedCase) -> RenderableType | None:
    protected = study.case.report.protected
    if protected is None:
        return None
    head, rows = industry_cells(study)
    title = f"{sector_name(protected.sector).capitalize()} in {study.spoken(protected.country)}"
    return _titled(title, Columns(["", *head[1:]], rows), industry_note(study))


def _proceeds(study: SolvedCase) -> RenderableType | None:
    data = tables.proceeds(study)
    shown = [
        p
        for p in data["party"].unique()
        if data.loc[data["party"] == p, ["tariff_revenue_change", "quota_rent"]].abs().max().max() > 50
    ]
    if not shown:
        return None
    rents = [p for p in shown if data.loc[data["party"] == p, "quota_rent"].max() > 0.5]
    head = ["", *(f"duty {study.short(p)}" for p in shown), *(f"rent {study.short(p)}" for p in rents)]
    rows = []
    for name, group in data.groupby("scenario", sort=False):
        by = group.set_index("party")
        duties = [billions(by.loc[p, "tariff_revenue_change"]) for p in shown]
        held = [by.loc[p, "quota_rent"] for p in rents]
        rows.append([str(name), *duties, *(f"{rent / 1e3:,.2f}" if rent > 0.5 else "" for rent in held)])
    title = (
        "Who collects (US$ billion): duties, change from the base; rent of quotas and minimum prices, by who holds it"
    )
    return _titled(title, Columns(head, rows))


def _answers(study: SolvedCase) -> list[RenderableType]:
    out: list[RenderableType] = []
    for answer in (a for answers in study.answers.values() for a in answers):
        title, head, rows = answer_cells(answer)
        out.append(_titled(title, Columns(head, rows), ANSWER_NOTE))
    return out


def _markets(study: SolvedCase) -> list[RenderableType]:
    data = tables.markets(study)
    out: list[RenderableType] = []
    restrained = any(o.accounts.exporter_rent.any() for o in study.outcomes.values())
    note = "A restraint raises the exporter's price, and with it the value of what still comes." if restrained else ""
    for title, group in data.groupby("market", sort=False):
        sources = list(group["exporter"].unique())
        total = group.groupby("scenario", sort=False)["value"].sum()
        shares = group.pivot(index="scenario", columns="exporter", values="import_share")
        rows = [
            [str(name), *(f"{100 * shares.loc[name, s]:.1f}%" for s in sources), dollars(total[name])]
            for name in total.index
        ]
        table = Columns(["", *(study.short(p) for p in sources), "total"], rows)
        out.append(_titled(f"{title}, by source (share of value at the border)", table, note))
    return out
