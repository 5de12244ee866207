"""The command line: its verbs are the API's. Exit codes: 0 done, 1 the answer could not be computed, 2 bad input."""

from __future__ import annotations

import copy
import gc
import sys
from typing import Annotated, Any

import typer

from entrepot.cli import (
    bargain_command,
    calendar_command,
    case_commands,
    code_command,
    desk_command,
    economy_commands,
    economy_export_command,
    economy_update_command,
    estimate_command,
    exposure_command,
    fear_command,
    figure_command,
    forecast_command,
    market_command,
    optimal_command,
    path_command,
    publish_command,
    replicate_command,
    rules_command,
    run_command,
    runs_commands,
    score_command,
    screen_command,
    solve_command,
    sweep_command,
    talks_command,
    tariff_command,
    tariff_path_command,
    theta_command,
)
from entrepot.cli.console import fail, replace_closed_streams, reported, show, write_all_letters
from entrepot.cli.instrument_options import instrument_options
from entrepot.cli.outputs import VerbsThatWrite
from entrepot.version import __version__

#: The verbs whose options are the registered instruments too.
WITH_INSTRUMENTS = ("solve", "market", "fear")


class Verbs(VerbsThatWrite):
    """The verbs. The registry of instruments is read only when a verb runs whose options they are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the verb that is called, with the options of the registered instruments where it takes measures."""
        name, verb, rest = super().resolve_command(ctx, args)
        if verb is not None and name in WITH_INSTRUMENTS and not any("--tariff" in param.opts for param in verb.params):
            with reported():
                verb.params[:0] = instrument_options()
        return name, verb, rest


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="What a trade measure does, who gains, who pays and who pockets the rent.",
)
for _verb in (
    run_command,
    figure_command,
    solve_command,
    case_commands,
    market_command,
    exposure_command,
    tariff_command,
    tariff_path_command,
    path_command,
    bargain_command,
    talks_command,
    fear_command,
    forecast_command,
    score_command,
    optimal_command,
    sweep_command,
    screen_command,
    calendar_command,
    rules_command,
    replicate_command,
    theta_command,
    estimate_command,
    publish_command,
    code_command,
    desk_command,
):
    app.registered_commands += _verb.app.registered_commands
app.add_typer(case_commands.case_app, name="case")
economy_commands.economy_app.command("update")(economy_update_command.economy_update)
economy_commands.economy_app.command("export")(economy_export_command.economy_export)
app.add_typer(economy_commands.economy_app, name="economy")
app.add_typer(runs_commands.runs_app, name="runs")


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    lang: Annotated[
        str,
        typer.Option("--lang", envvar="ENTREPOT_LANG", help="Language of answers: en, de, es, fr, ja or zh."),
    ] = "en",
) -> None:
    """Print the version with --version; answer in a language with --lang, before or after the verb."""
    from entrepot.languages import speaking

    if version:
        show(f"entrepot {__version__}")
        raise typer.Exit
    with reported():
        context.with_resource(speaking(lang))


def language_first(arguments: list[str]) -> list[str]:
    """Return the arguments with `--lang CODE` before the verb, wherever it is written. Exits with 2 for two of them."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    given = sum(argument == "--lang" or argument.startswith("--lang=") for argument in arguments[:end])
    if given > 1:
        fail(f"--lang: given {given} times; give it once", 2)
    for place, argument in enumerate(arguments[:end]):
        if argument == "--lang" or argument.startswith("--lang="):
            after = place + (2 if argument == "--lang" else 1)
            return [*arguments[place:after], *arguments[:place], *arguments[after:]]
    return arguments


def with_one_verb(arguments: list[str]) -> typer.Typer:
    """Return the command line with the one verb that the arguments call; with all verbs for any other arguments.

    Typer reads the signature of every verb that it is given, which takes longer than a solve; the list of verbs needs
    none of them.
    """
    if arguments in (["--help"], ["-h"]):
        return _only_named(app)
    first = 2 if arguments[:1] == ["--lang"] else 1 if arguments and arguments[0].startswith("--lang=") else 0
    verb = arguments[first] if len(arguments) > first else ""
    commands = [command for command in app.registered_commands if _called(command) == verb]
    groups = [group for group in app.registered_groups if group.name == verb]
    if not commands and not groups:
        return app
    found = copy.copy(app)
    found.registered_commands, found.registered_groups = commands, groups
    return found


def _only_named(whole: typer.Typer) -> typer.Typer:
    """Return the command line with verbs and groups that have their names and what they do, and no parameters."""
    found = copy.copy(whole)
    found.registered_commands, found.registered_groups = [], []
    for command in whole.registered_commands:

        def verb() -> None:
            pass

        verb.__doc__ = command.callback.__doc__ if command.callback is not None else None
        named = copy.copy(command)
        named.name, named.callback = _called(command), verb
        found.registered_commands.append(named)
    for group in whole.registered_groups:
        named_group = copy.copy(group)
        empty: Any = copy.copy(group.typer_instance)
        empty.registered_commands = []
        named_group.typer_instance = empty
        found.registered_groups.append(named_group)
    return found


def _called(command: Any) -> str:
    """Return the name by which a verb is called: the one that it states, or that of its function."""
    return command.name or command.callback.__name__.lower().replace("_", "-")


def main() -> None:
    """Run the command line; SIGTERM stops it as Ctrl-C does."""
    replace_closed_streams()
    write_all_letters()
    try:
        with reported():  # help and the version have no verb that reports what cannot be written
            _call(sys.argv[1:])
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


def _call(arguments: list[str]) -> None:
    from entrepot.interrupts import stopped_by_signals

    try:
        with stopped_by_signals():
            arguments = language_first(arguments)
            if not {"run", "solve"}.isdisjoint(arguments[:3]):
                # They end soon, and what they load stays: to look for cycles in it as often as by default is idle.
                gc.set_threshold(50_000, 20, 50)
            with_one_verb(arguments)(arguments)
    except KeyboardInterrupt:  # before a verb had begun
        sys.exit(130)
