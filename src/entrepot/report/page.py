"""The report as one page that works offline, on a phone, in the dark and on paper."""

from __future__ import annotations

import functools
import importlib.resources
import math
from typing import Any

import jinja2
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import country_name
from entrepot.equilibrium import quantities
from entrepot.report import bargaining, branches, calendar, sweeping, tables
from entrepot.report.answers import ANSWER_NOTE, answer_cells
from entrepot.report.charts import charts, svg
from entrepot.report.industry import industry_cells, industry_note
from entrepot.report.note import LIMITS
from entrepot.report.note import notes as law_notes
from entrepot.report.provenance import lines
from entrepot.report.sentences import findings
from entrepot.rules.clocks import Calendar
from entrepot.words import billions, each_once, sector_name, signed_percent


def page(study: SolvedCase, command: str | None = None) -> str:
    """The whole page as HTML."""
    dates = study.case.deadlines()
    return _template().render(
        study=study,
        findings=_nested(findings(study)),
        charts=charts(study) if study.outcomes else [],
        sections=_sections(study) if study.outcomes else [],
        bargain=_bargain(study),
        sure=_sure(study),
        bargain_failure=getattr(study, "bargain_failure", ""),
        calendar=_calendar(dates) if study.case.calendar else None,
        calendar_remarks=calendar.remarks(dates),
        law=law_notes(study.screen, {name: spec.title for name, spec in study.case.scenarios.items()}),
        law_limits=[*study.screen.notes, *LIMITS],
        countries={name: _countries(outcome.countries) for name, outcome in study.outcomes.items()},
        decomposition=_decomposition(study),
        residuals=tables.residuals(study) if study.outcomes else None,
        quantities=[q for q in quantities.COUNTRY + quantities.DECOMPOSITION + quantities.MEASURE if q.formula],
        notes=[note for note in study.notes if note not in each_once(*study.warnings)],
        provenance=lines(study, command),
        number="{:.1e}".format,
    )


@functools.cache
def _template() -> jinja2.Template:
    text = (importlib.resources.files("entrepot.report") / "templates" / "page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _calendar(dates: Calendar) -> Table:
    head = ["date", "what", "how it stands", "if it lapses"]
    rows = [[date.replace(" ", "\u00a0"), *rest] for date, *rest in calendar.rows(dates)]
    return _table("Calendar", head, rows, calendar.as_of(dates), text_columns=4)


def _bargain(study: SolvedCase) -> dict[str, Any] | None:
    """What both would sign, where the case has a table and is a Study."""
    found = getattr(study, "bargain", None)
    if found is None:
        return None
    picture = bargaining.chart(found)
    return {
        "findings": _nested(bargaining.sentences(found)),
        "picture": svg(picture, "Gains beyond the threat") if picture is not None else "",
        "sections": [s._asdict() for s in bargaining.sections(found)] if found.complete else [],
        "notes": found.notes,
    }


def _sure(study: SolvedCase) -> dict[str, Any] | None:
    """How sure it is, where the Study has a sweep."""
    swept, level = getattr(study, "swept", None), getattr(study, "level", 0.9)
    if swept is None:
        return None
    return {
        "findings": sweeping.sentences(swept, level),
        "pictures": [(title, svg(chart, title), text) for title, chart, text in sweeping.pictures(swept, level)],
        "sections": [s._asdict() for s in sweeping.sections(swept, level)],
        "run": swept.run.id,
        "seed": swept.plan.seed,
    }


def _nested(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Sentences, each with those that hang on it."""
    out: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("  ") and out:
            out[-1][1].append(line.strip())
        else:
            out.append((line.strip(), []))
    return out


Table = dict[str, Any]


def _sections(study: SolvedCase) -> list[Table]:
    first = [_welfare(study), _payoffs(study), _branches(study), _horizons(study)]
    first += [_industry(study), _proceeds(study), _measures(study)]
    made = [*first, *_markets(study), *_answers(study)]
    return [table for table in made if table is not None]


def _table(title: str, head: list[str], rows: list[list[str]], note: str = "", text_columns: int = 1) -> Table:
    """`text_columns` leading columns are words and stand to the left."""
    return {"title": title, "head": head, "rows": rows, "note": note, "text_columns": text_columns}


def _welfare(study: SolvedCase) -> Table:
    data = tables.welfare(study).set_index(["scenario", "party"])
    parties = study.case.with_world
    rows = [
        [name]
        + [
            f"{billions(data.loc[(name, p), 'equivalent_variation'])} "
            f"({signed_percent(data.loc[(name, p), 'real_income_pct'], 3)})"
            for p in parties
        ]
        for name in study.outcomes
    ]
    return _table(
        "Who gains and who loses",
        ["scenario", *(study.short(p) for p in parties)],
        rows,
        "Equivalent variation, US$ billion a year, and percent of base income. Gains are positive.",
    )


def _branches(study: SolvedCase) -> Table | None:
    if study.timeline is None:
        return None
    head, rows, note = branches.cells(study)
    return _table("Branches in time", head, rows, note, 2)


def _horizons(study: SolvedCase) -> Table | None:
    cells = branches.horizon_cells(study)
    return None if cells is None else _table("Short and long run", *cells, 2)


def _payoffs(study: SolvedCase) -> Table | None:
    cells = tables.payoff_cells(study)
    return None if cells is None else _table("By what each side wants", cells[0], cells[1], cells[2])


def _industry(study: SolvedCase) -> Table | None:
    protected = study.case.report.protected
    if protected is None:
        return None
    head, rows = industry_cells(study)
    title = f"{sector_name(protected.sector).capitalize()} in {study.spoken(protected.country)}"
    return _table(title, head, rows, industry_note(study))


def _proceeds(study: SolvedCase) -> Table:
    data = tables.proceeds(study)
    parties = list(data["party"].unique())
    head = ["scenario", *(f"duties, {study.short(p)}" for p in parties), *(f"rent, {study.short(p)}" for p in parties)]
    rows = []
    for name, group in data.groupby("scenario", sort=False):
        by = group.set_index("party")
        duty = [billions(float(by.loc[p, "tariff_revenue_change"])) for p in parties]
        rent = [f"{float(by.loc[p, 'quota_rent']) / 1e3:,.2f}" for p in parties]
        rows.append([str(name), *duty, *rent])
    return _table(
        "Who collects", head, rows, "US$ billion a year. Duties: change from the base. Rents: by who holds them."
    )


def _measures(study: SolvedCase) -> Table:
    rows = []
    for row in tables.measures(study).to_dict("records"):
        capped = not math.isnan(row["cap"])
        rows.append(
            [
                row["scenario"],
                row["measure"],
                f"{row['volume'] / 1e3:,.2f}",
                f"{row['cap'] / 1e3:,.2f}" if capped else "",
                ("yes" if row["binding"] else "no") if capped or row["kind"] == "minimum_price" else "",
                f"{100 * row['wedge']:.1f}%" if row["wedge"] > 0 else "",
                f"{row['rent'] / 1e3:,.2f}" if capped or row["rent"] else "",
                row["rent_holder"],
                f"{row['revenue'] / 1e3:,.2f}",
                "" if math.isnan(row["pass_through"]) else f"{100 * row['pass_through']:.0f}%",
            ]
        )
    head = ["scenario", "measure", "volume", "cap", "binding", "wedge", "rent", "held by", "revenue", "passed on"]
    note = "US$ billion; volumes and caps at base prices. Passed on: the part of the wedge that buyers pay."
    return _table("The measures", head, rows, note, 2)


def _markets(study: SolvedCase) -> list[Table]:
    out = []
    for title, rows in tables.markets(study).groupby("market", sort=False):
        sources = list(rows["exporter"].unique())
        shares = rows.pivot(index="scenario", columns="exporter", values="import_share")
        total = rows.groupby("scenario", sort=False)["value"].sum()
        cells = [
            [str(n), *(f"{100 * float(shares.loc[n, s]):.1f}%" for s in sources), f"{total[n] / 1e3:,.1f}"]
            for n in total.index
        ]
        note = "Shares of value at the border, before duty; a restraint raises the exporter's price, and so the value."
        out.append(
            _table(
                f"{title}, by source",
                ["scenario", *(study.short(p) for p in sources), "total, US$ billion"],
                cells,
                note,
            )
        )
    return out


def _answers(study: SolvedCase) -> list[Table]:
    cells = [answer_cells(answer) for answers in study.answers.values() for answer in answers]
    return [_table(title, head, rows, ANSWER_NOTE) for title, head, rows in cells]


def _countries(table: pd.DataFrame) -> list[list[str]]:
    ranked = table.sort_values("equivalent_variation", ascending=False)
    return [
        [
            country_name(str(code)),
            f"{row['equivalent_variation']:+,.0f}",
            *(
                signed_percent(row[k], 3)
                for k in ("real_income_pct", "real_wage_pct", "terms_of_trade_pct", "volume_of_trade_pct")
            ),
            *(f"{row[k]:,.0f}" for k in ("tariff_revenue", "quota_rent", "exports", "imports")),
            signed_percent(row["consumer_price_pct"], 3),
        ]
        for code, row in ranked.iterrows()
    ]


def _decomposition(study: SolvedCase) -> Table | None:
    solved = {n: o.decomposition for n, o in study.outcomes.items() if not o.problem.embargoed.size}
    if not solved:
        return None
    income = pd.Series(study.economy.income, index=pd.Index(study.economy.countries))
    rows = []
    for name, parts in solved.items():
        for party in study.case.parties:
            codes = list(tables.members(study, party))
            together = parts.loc[codes].mul(income[codes], axis=0).sum() / income[codes].sum()
            rows.append(
                [
                    name,
                    study.short(party),
                    *(signed_percent(float(together[q.key]), 4) for q in quantities.DECOMPOSITION),
                ]
            )
    head = ["scenario", "party", *(q.label.lower() for q in quantities.DECOMPOSITION)]
    note = (
        "Percent of base income. Exact: integrated along the path of the shock, so that the parts add up to the whole."
    )
    return _table("Where the gain or loss comes from", head, rows, note, 2)
