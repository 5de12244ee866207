"""`entrepot economy export`: an Economy, and shocks, for GEMPACK, GAMS and Stata."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import reported, show
from entrepot.cli.options import check_scenarios
from entrepot.shell import for_shell


def economy_export(
    base: Annotated[str, typer.Argument(help="Bundled name or path of the Economy.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.har, FILE.gdx, FILE.dta or a folder for CSV.")],
    case: Annotated[
        str | None, typer.Option("--case", help="A case, whose scenario's taxes go into the file too.")
    ] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", help="Which scenario of the case.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files of these names, also those that no export wrote.")
    ] = False,
) -> None:
    """Write an Economy for GEMPACK (.har), GAMS (.gdx), Stata (.dta), or as a folder of CSV; 'import' reads it back."""
    from entrepot.economy import load_economy
    from entrepot.errors import InputError

    with reported():
        if (case is None) != (scenario is None):
            raise InputError("the shocks of a scenario need both --case NAME and --scenario NAME")
        economy, measures = load_economy(base), None
        if case is not None and scenario is not None:
            from entrepot.cases import load_case

            read = load_case(case)
            check_scenarios(read, [scenario])
            measures = read.scenarios[scenario].build(scenario)
            if measures.matches:
                raise InputError(
                    f"the scenario {scenario!r} has a quota or a restraint, whose cap is the volume of another one: "
                    "quotas cannot be exported, as these files hold taxes alone; export that other scenario"
                )
        for file in economy.export(out, measures, overwrite=replace):
            show(f"Wrote {file}.")
        if out.suffix.lower() == ".har":
            show("Numbers have single precision (7 digits); .gdx, .dta and CSV keep all digits.")
        show(f"Back: entrepot economy import exchanged {for_shell(str(out))} -o NEW.ep")
