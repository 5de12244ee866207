"""The options of `solve` and `market` that state measures: one for every instrument of the registry."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from entrepot.measures import Measure

#: Where the context of a verb keeps what its options for instruments were given: pairs of option and text.
MEASURES = "entrepot.measures"


def instrument_options() -> list[Any]:
    """Return an option for every instrument in the registry."""
    from entrepot.measures import instruments

    def keep(context: typer.Context, option: typer.CallbackParam, texts: list[str] | None) -> None:
        context.meta.setdefault(MEASURES, []).extend((option.opts[0], text) for text in texts or ())

    def solve(**measures: list[str]) -> None: ...

    options = {
        entry.flag.replace("-", "_"): typer.Option(
            f"--{entry.flag}", help=f"{entry.shape}, {entry.help}.", callback=keep, expose_value=False
        )
        for entry in instruments().values()
    }
    hints = {name: Annotated[list[str] | None, option] for name, option in options.items()}
    solve.__annotations__ = hints
    solve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=h) for n, h in hints.items()]
    )
    alone = typer.Typer(add_completion=False)
    alone.command()(solve)
    return list(typer.main.get_command(alone).params)


def given_measures(context: typer.Context, sector: str = "") -> list[Measure]:
    """Return the measures of the command line, those of one option in its order.

    With a `sector`, a line that leaves its sector out (USA:JPN:0.8) is on that one. Raises `MeasureError`.
    """
    from entrepot.measures import instruments

    by_option = {f"--{entry.flag}": entry for entry in instruments().values()}
    return [by_option[option].of_line(text, sector) for option, text in context.meta.get(MEASURES, [])]
