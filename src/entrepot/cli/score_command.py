"""The verb score: forecasts against what happened, and the record with its base rate."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import print_csv, print_json, reported, show
from entrepot.cli.options import Format, FormatOption

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command()
def score(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of 'entrepot forecast'; none: the record.")] = None,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="What happened: one for all files, or one for each in order.")
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="The outcome is final, though the day has not come.")] = False,
    format: FormatOption = Format.table,
) -> None:
    """Brier and logarithmic scores of forecasts once the outcome is known; without files, the record's."""
    with reported():
        if files:
            table, words = _of_files(files, outcome or [], final)
        else:
            table, words = _of_record(outcome or [], final)
        if format is Format.csv:
            print_csv(table.reset_index())
        elif format is Format.json:
            rows = json.loads(_with_days_as_text(table).to_json(orient="records", double_precision=15))
            print_json({"answer": words, "scores": rows})
        else:
            from entrepot.words import joined_sentences

            show(joined_sentences(words))
            show("")
            show(_columns(table))


def _of_files(files: list[Path], outcomes: list[str], final: bool) -> tuple[pd.DataFrame, tuple[str, ...]]:
    import pandas as pd

    from entrepot.errors import InputError
    from entrepot.forecasting import brier_score, log_score, read_forecast
    from entrepot.languages import translated
    from entrepot.studies import forecast_sentences
    from entrepot.words import and_list

    read = [read_forecast(file) for file in files]
    if len(outcomes) not in (1, len(files)):
        raise InputError(
            f"--outcome: {len(files)} files and {len(outcomes)} outcomes; give one for all, or one for each"
        )
    each = outcomes * len(files) if len(outcomes) == 1 else outcomes
    rows: list[dict[str, Any]] = []
    today, early = datetime.date.today(), list[str]()
    for made, stated in zip(read, each, strict=True):
        way = next((name for name in made.ways if name.casefold() == stated.casefold()), stated)
        if today < made.deadline:
            early.append(made.name)
        brier, log = brier_score(made.probabilities, way), log_score(made.probabilities, way)
        even = {name: 1 / len(made.ways) for name in made.ways}
        rows.append(
            {
                "forecast of": made.name,
                "made_on": made.made_on.isoformat(),
                "outcome": way,
                "probability": made.probabilities[way],
                "brier": brier,
                "log": log,
                "even_brier": brier_score(even, way),
                "even_log": log_score(even, way),
                "in_hindsight": made.in_hindsight,
            }
        )
    table = pd.DataFrame(rows).set_index("forecast of")
    words = [
        translated(
            "Mean of {number}: Brier {brier} (0 is best, 2 worst; even odds {even}), logarithmic {log} (even odds "
            "{even_log}).",
            number=len(rows),
            brier=forecast_sentences.score(table["brier"].mean()),
            even=forecast_sentences.score(table["even_brier"].mean()),
            log=forecast_sentences.score(table["log"].mean()),
            even_log=forecast_sentences.score(table["even_log"].mean()),
        )
    ]
    if table["in_hindsight"].any():
        words.append(translated("Some were made after the day, or when it had ended, and are not forecasts."))
    if early and not final:
        words.append(
            translated(
                "The day of {names} has not come, so what happened may change; state --final if it cannot.",
                names=and_list(early),
            )
        )
    return table, tuple(words)


def _of_record(outcomes: list[str], final: bool) -> tuple[pd.DataFrame, tuple[str, ...]]:
    from entrepot.errors import InputError
    from entrepot.forecasting import bundled_record
    from entrepot.studies import forecast_sentences

    if final:
        raise InputError("--final: there is no file to score; the outcomes of the record are in it")
    if outcomes:
        raise InputError("--outcome: there is no file to score; the outcomes of the record are in it")
    record = bundled_record()
    return record.table, forecast_sentences.of_record(record)


def _columns(table: pd.DataFrame) -> Any:
    from entrepot.report.terminal_columns import FittedColumns
    from entrepot.studies.forecast_sentences import heading
    from entrepot.studies.forecast_sentences import score as number
    from entrepot.words import chance

    table = table.drop(columns=["even_brier", "even_log"])  # the same in every row, and in the sentence
    shares = {"deal", "measure", "nothing", "probability", "base_rate"}

    def cell(name: str, value: Any) -> str:
        if name in shares:
            return chance(float(value))
        return number(value) if isinstance(value, float) else str(value)

    head = [heading(str(name)) for name in (table.index.name, *table.columns)]
    rows = [
        [str(key), *(cell(name, value) for name, value in zip(table.columns, row, strict=True))]
        for key, row in zip(table.index, table.itertuples(index=False), strict=True)
    ]
    return FittedColumns(head, rows)


def _with_days_as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table, its index as columns and each day as "2019-05-17"."""
    return table.reset_index().map(lambda cell: cell.isoformat() if isinstance(cell, datetime.date) else cell)
