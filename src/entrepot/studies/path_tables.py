"""The tables of a case's path for people: by quarter, what is bought early, totals, and workers by sector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from entrepot.cases import SolvedCase
from entrepot.cases.case_path import CasePath
from entrepot.languages import Translation, localised, translated
from entrepot.studies.path_frames import (
    by_step,
    event_name,
    events_frame,
    industry_frame,
    labels,
    market_in_words,
    markets_frame,
    path_frames,
)
from entrepot.studies.rents import LEAST_RENT
from entrepot.studies.result_table import MONEY, NUMBER, PERCENT, SHARE, ResultTable, TableColumn
from entrepot.studies.study_table import study_table
from entrepot.words import and_list, day, joined_sentences, sector_name

if TYPE_CHECKING:
    import pandas as pd

#: The most parties that the table by quarter has columns for.
PARTIES = 3
#: The tables of a path, in the order in which they are shown.
TABLES = (
    "path_quarters",
    "path_markets",
    "path_industry",
    "path_totals",
    "path_surges",
    "path_events",
    "path_workers",
)


#: Those that are laid out for people.
LAID_OUT = ("path_quarters", "path_totals", "path_surges", "path_workers")


def frame_of(name: str) -> Callable[[SolvedCase], pd.DataFrame]:
    """Return the function of a solved case that makes one tidy table of its path; empty where it has none."""

    def made(study: SolvedCase) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame() if study.path is None else path_frames(study.path)[name]

    return made


def layout_of(name: str) -> Callable[[SolvedCase], Iterator[ResultTable]]:
    """Return the function that yields a table of a study's path as a report shows it; nothing without a path."""

    def made(study: SolvedCase) -> Iterator[ResultTable]:
        if study.path is not None and study.path.path.steps:
            table = path_tables(study.path).get(name)
            if table is not None:
                yield table

    return made


def path_tables(found: CasePath) -> dict[str, ResultTable]:
    """Return the tables of a path by name, those with rows."""
    frames = path_frames(found)
    made = [
        quarters_table(found, frames["path_quarters"]),
        _totals(found, frames["path_totals"]),
        _surges(found, frames["path_surges"]),
        _workers(found, frames["path_workers"]),
    ]
    return {table.name: table for table in made if table.rows}


def quarters_table(found: CasePath, frame: pd.DataFrame) -> ResultTable:
    """Return the path by step: what happens, what parties gain, trade and price, the industry, capital."""
    path = found.path
    parties = found.case.parties[:PARTIES]
    columns = [TableColumn("quarter" if found.spec.step == "quarter" else "year"), TableColumn("event")]
    values: list[list[Any]] = [list(labels(found)), happenings(found)]
    for party in parties:
        columns.append(TableColumn(found.short(party), "real_income_pct", PERCENT, signed=True, digits=3))
        values.append(by_step(found, "real_income_pct", party).tolist())
    trade = markets_frame(found)
    for market in list(path.by_market)[:1]:
        of = trade[trade["market"] == market]
        columns.append(TableColumn("imports", "imports", MONEY))
        values.append(of["imports"].tolist())
        columns.append(TableColumn("price", "real_import_price_pct", PERCENT, signed=True))
        values.append(of["real_import_price_pct"].tolist())
    industry = industry_frame(found)
    if len(industry):
        columns.append(TableColumn("output", "output_volume_pct", PERCENT, signed=True))
        values.append(industry["output_volume_pct"].tolist())
    if path.has_capital:
        columns.append(TableColumn("capital", "capital_pct", PERCENT, signed=True, digits=3))
        values.append(by_step(found, "capital_pct", parties[0]).tolist())
    title = "The path by quarter" if found.spec.step == "quarter" else "The path by year"
    note = _meaning(found)
    shown = [_near_zero(c, given) if c.unit == PERCENT else given for c, given in zip(columns, values, strict=True)]
    rows = list(zip(*shown, strict=True))
    table = study_table(found, "path_quarters", title, columns, rows, frame, note, 2)
    return replace(table, notes=(*table.notes, *_beside_branches(found)))


def _near_zero(column: TableColumn, given: list[float]) -> list[float]:
    """Return the numbers of a column, those zero that its decimals and its largest number make small."""
    largest = max((abs(value) for value in given), default=0.0)
    least = min(0.5 * 10**-column.digits, 0.01 * largest)
    return [0.0 if abs(value) < least else value for value in given]


def happenings(found: CasePath) -> list[str]:
    """Return for each step what happens in it: "announced", "deadline", "begins"."""
    events = events_frame(found)
    out = []
    for s in found.path.steps:
        first, end = s.step.first.isoformat(), s.step.end.isoformat()
        inside = [str(row.event) for row in events.itertuples() if first <= str(row.day) < end]
        out.append(", ".join(event_name(event) for event in dict.fromkeys(inside)))
    return out


def _meaning(found: CasePath) -> str:
    """Return what the columns of the table by step are."""
    parts = [translated("Parties: real income.")]
    for market in list(found.path.by_market)[:1]:
        parts.append(
            translated(
                "Imports: {market}, a year, before duty. Price: of these imports, duty included, against consumer "
                "prices.",
                market=market_in_words(found, market),
            )
        )
    protected = found.case.report.protected
    if protected is not None:
        parts.append(
            translated(
                "Output: {sector} of {country}.",
                sector=sector_name(protected.sector),
                country=found.spoken(protected.owner),
            )
        )
    if found.path.has_capital:
        parts.append(translated("Capital: of {country}.", country=found.spoken(found.case.parties[0])))
    return Translation(joined_sentences(parts))


def _beside_branches(found: CasePath) -> tuple[str, ...]:
    """Return a note where the branches of the case stand on elasticities that grow and the path does not."""
    timeline = found.case.timeline
    if timeline is None or timeline.adjustment is None or found.spec.elasticities is not None:
        return ()
    return (translated("Trade elasticities are at their long-run values at once, where those of the branches grow."),)


def _totals(found: CasePath, frame: pd.DataFrame) -> ResultTable:
    columns = [TableColumn("party")]
    names = {
        "equivalent_variation": "real income",
        "consumption_change": "consumption",
        "tariff_revenue_change": "duties",
        "quota_rent": "rents",
    }
    shown = [key for key in names if key in frame and (key != "quota_rent" or frame[key].abs().max() > LEAST_RENT)]
    columns += [TableColumn(names[key], key, MONEY, signed=True) for key in shown]
    rows = [(found.short(str(row["party"])), *(float(row[key]) for key in shown)) for row in frame.to_dict("records")]
    steps = found.path.steps
    note = translated(
        "Change from the base from {since} to {until}, discounted at {rate} a year.",
        since=day(found.plan.since),
        until=day(steps[-1].step.end if steps else found.plan.until),
        rate=localised(f"{100 * found.plan.discount_rate:.3g}%"),
    )
    if "consumption_change" in shown:
        consumed = translated("Consumption rises by what is invested less, so it may change by more than real income.")
        note = Translation(joined_sentences([note, consumed]))
    if "quota_rent" in shown and found.path.economy.in_force.flow.size:
        held = translated("Rents: all that is held, with those of the base.")
        note = Translation(joined_sentences([note, held]))
    return study_table(found, "path_totals", "The path: totals over the window", columns, rows, frame, note)


def _surges(found: CasePath, frame: pd.DataFrame) -> ResultTable:
    columns = [
        TableColumn("ahead of"),
        TableColumn("believed", "", SHARE, digits=1),
        TableColumn("bought early", "", MONEY),
        TableColumn("days of imports", "", NUMBER, digits=0),
        TableColumn("days without imports", "", NUMBER, digits=0),
        TableColumn("duty saved", "", MONEY),
        TableColumn("cost of keeping", "", MONEY),
    ]
    keys = ("probability", "surge", "surge_days", "hole_days", "duty_saved", "keeping_cost")
    rows = [(translated(str(row["entry"])), *(float(row[key]) for key in keys)) for row in frame.to_dict("records")]
    lapsed = [str(row["entry"]) for row in frame.to_dict("records") if not row["carried_out"]]
    notes = [translated("Days: of imports of what the measure hits and importers can store.")]
    if lapsed:
        notes.append(translated("Not carried out: {titles}.", titles=and_list(list(map(translated, lapsed)))))
    note = Translation(joined_sentences(notes))
    return study_table(found, "path_surges", "What importers buy early", columns, rows, frame, note)


def _workers(found: CasePath, frame: pd.DataFrame) -> ResultTable:
    """Sectors by what the path is worth to those who are in them on the first day, worst first."""
    columns = [
        TableColumn("sector"),
        TableColumn("worth to its workers", "", PERCENT, signed=True, digits=3),
        TableColumn("jobs at the end", "", PERCENT, signed=True, digits=2),
        TableColumn("real wages at the end", "", PERCENT, signed=True, digits=2),
    ]
    rows: list[tuple[Any, ...]] = []
    if len(frame):
        first, last = (
            frame[frame["step"] == day].set_index("sector") for day in (frame["step"].iloc[0], frame["step"].iloc[-1])
        )
        for sector, worth in first["worth_pct"].sort_values().items():
            end = last.loc[sector]
            rows.append(
                (
                    sector_name(str(sector)),
                    float(worth),
                    float(end["sector_employment_pct"]),
                    float(end["sector_wage_pct"]),
                )
            )
    note = "Worth: the constant change in consumption that the path is worth to those who are there on its first day."
    return study_table(found, "path_workers", "Workers by sector", columns, rows, frame, note)
