"""The verb publish: write a case as a folder that any web server can serve, with sliders and no server of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import console, progress, reported, show
from entrepot.cli.options import (
    ClosureOption,
    EconomyOption,
    HorizonOption,
    IntensityOption,
    ThetaOption,
    TolOption,
    assuming,
    each_or_one,
)
from entrepot.cli.outputs import check_folder
from entrepot.cli.solved_study import check_all_solved

app = typer.Typer()


@app.command()
def publish(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the site; made where it is missing.")],
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    rd_intensity: IntensityOption = None,
    tol: TolOption = 1e-10,
) -> None:
    """Write a case as a page with sliders that needs no server: an address for an article, which is never changed."""
    import shlex

    from entrepot.cases import load_case
    from entrepot.errors import InputError
    from entrepot.report.static_site import publish as write_site
    from entrepot.studies import run
    from entrepot.studies.titles import title_of

    with reported():
        check_folder(out)
        each, own = each_or_one(theta)
        if each is not None:
            raise InputError("--theta each: a page with sliders is about one set; name it")
        stated = assuming(load_case(case), closure, own, rd_intensity, horizon)
        given: list[tuple[str, object]] = [
            *(("--closure", text) for text in closure or ()),
            ("--horizon", horizon),
            ("--theta", own),
        ]
        given += [("--rd-intensity", rd_intensity), ("--tol", tol if tol != 1e-10 else None)]
        if own is not None and Path(own).is_file():
            raise InputError("--theta: a file does not travel with the page; state it in the case, or name a set")
        # Readers have other systems, and the address must not depend on this one.
        options = shlex.join(str(word) for pair in given if pair[1] is not None for word in pair)
        with progress("steps") as tell:
            study = run(stated, economy, tol=tol, progress=tell)
            for name, error in study.failures.items():
                console(error=True).print(f"{title_of(study, name)}: {error}", soft_wrap=True, markup=False)
            if not study.outcomes:
                check_all_solved(study)
            made = write_site(study, out, options, tell)
        found = study.headline()
        for line in (*found.answer, *found.sure, found.basis):
            show(line)
        size = sum(file.stat().st_size for file in made.parent.rglob("*") if file.is_file())
        console(error=True).print(f"Wrote {made} ({size / 1e6:.1f} MB) and {out / 'index.html'}.", soft_wrap=True)
        check_all_solved(study)  # the page has the others
