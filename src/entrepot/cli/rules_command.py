"""The verb rules: the book of rules."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.console import reported, show

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
) -> None:
    """List the book of rules, or show one entry whole, with its source and how sure it is."""
    from entrepot.report.terminal_rule_book import SHELVES, listing, looked_up

    with reported():
        show(listing(name) if name is None or name in SHELVES else looked_up(name))
