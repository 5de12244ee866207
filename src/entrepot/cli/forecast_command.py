"""The verb forecast: probabilities of the ways in which a deadline may end, in a dated file with its hash."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.console import print_csv, reported, show, wrote
from entrepot.cli.options import Format, FormatOption, stated_by_name

if TYPE_CHECKING:
    from entrepot.forecasting import Forecast

app = typer.Typer()


@app.command()
def forecast(
    case: Annotated[str, typer.Argument(help="A deadline of the record (see 'entrepot score'), or a case.")],
    way: Annotated[
        list[str] | None, typer.Option("--way", help="deal=60%: your own probabilities; they add up to 100%. Repeat.")
    ] = None,
    belief: Annotated[str | None, typer.Option(help="That the threat is meant: 30%, or a range 10%:60%.")] = None,
    cost: Annotated[
        str | None, typer.Option(help="Of signing, over what the measure costs: 20%:80%. For the record's.")
    ] = None,
    slip: Annotated[str | None, typer.Option(help="Weight of what the talks leave out, spread evenly: 10%.")] = None,
    known_on: Annotated[
        str | None, typer.Option(help="The last day whose facts it uses; default: see docs/forecasts.md.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="The day on which it is decided, for a case without one.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; default: forecast-CASE-DATE.json.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    format: FormatOption = Format.table,
) -> None:
    """How a deadline may end, in a dated file with its SHA-256, to publish that day; 'entrepot score' scores it."""
    with reported():
        from entrepot.forecasting import forecast as made_forecast
        from entrepot.measures.fields import read_number
        from entrepot.studies import forecast_sentences
        from entrepot.words import joined_sentences

        ways = stated_by_name("--way", way, "NAME=PROBABILITY", "deal=60%")
        made = made_forecast(
            case,
            ways={name: read_number(f"--way {name}", text) for name, text in ways.items()},
            belief=None if belief is None else _range("--belief", belief),
            cost=None if cost is None else _range("--cost", cost),
            slip=None if slip is None else read_number("--slip", slip),
            known_on=None if known_on is None else _day("--known-on", known_on),
            deadline=None if deadline is None else _day("--deadline", deadline),
        )
        target = out or Path(f"forecast-{made.name}-{made.made_on.isoformat()}.json")
        made.write(target, overwrite=force)
        if format is Format.json:
            sys.stdout.write(made.to_json())
        elif format is Format.csv:
            _csv(made)
        else:
            show(joined_sentences(forecast_sentences.answer(made)))
            for key, value in {**made.assumptions, "method": made.method}.items():
                show(f"  {forecast_sentences.heading(key)}: {forecast_sentences.stated(value)}", style="dim")
        wrote(f"{target} (sha256 {made.sha256[:16]})")


def _csv(made: Forecast) -> None:
    import pandas as pd

    print_csv(
        pd.DataFrame([{"way": k, "probability": p, "title": made.ways[k]} for k, p in made.probabilities.items()])
    )


def _range(option: str, text: str) -> tuple[float, float]:
    from entrepot.measures.fields import read_number

    low, _, high = text.partition(":")
    return read_number(option, low), read_number(option, high or low)


def _day(option: str, text: str) -> datetime.date:
    from entrepot.dates import day_of
    from entrepot.errors import InputError

    try:
        return day_of(text)
    except ValueError as error:
        raise InputError(f"{option} {text!r}: a day such as 2026-07-04 is needed{error}") from None
