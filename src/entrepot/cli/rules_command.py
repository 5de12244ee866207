"""The verb rules: the book of rules."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.console import print_rows, reported, show
from entrepot.cli.options import Format, FormatOption

app = typer.Typer()


@app.command()
def rules(
    name: Annotated[
        str | None,
        typer.Argument(
            help='An id, a name as printed ("Safeguards 8.2"), a number (1862), a country, or a shelf: provisions, '
            "statutes, agreements, disputes, rates."
        ),
    ] = None,
    format: FormatOption = Format.table,
) -> None:
    """List the book of rules, or show one entry whole, with its source and how sure it is."""
    from entrepot.report.terminal_rule_book import SHELVES, heading, listing, looked_up, meant

    with reported():
        if format is not Format.table:
            found = meant(name)
            whole = name is not None and name not in SHELVES and len(found) == 1
            rows = [
                {"shelf": shelf, "id": one.id, "title": heading(one), "confidence": one.confidence}
                for shelf, one in found
            ]
            print_rows(rows, format, {**rows[0], **found[0][1].model_dump(mode="json")} if whole else None)
            return
        show(listing(name) if name is None or name in SHELVES else looked_up(name))
