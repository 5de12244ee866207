"""Where the numbers come from, and how to get them again."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import fields

import entrepot
from entrepot.cases import SolvedCase, bundled_cases
from entrepot.measures import Measure


def scenario_hash(study: SolvedCase) -> str:
    """Twelve digits that change with the Economy, the scenarios or the closure."""
    text = repr((study.economy.fingerprint, study.case.closure, study.case.scenarios, study.tol))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def lines(study: SolvedCase, command: str | None = None) -> list[tuple[str, str]]:
    """Label and text: data and vintage, version, hash, unit of account, proof, and how to reproduce."""
    e = study.economy
    worst = max((max(o.residuals.values()) for o in study.outcomes.values()), default=float("nan"))
    unit = (
        "world value added"
        if study.case.closure.numeraire == "WORLD"
        else f"the wage of {study.case.closure.numeraire}"
    )
    deficits = {
        "fixed": "held as in the base",
        "gdp_share": "held as a share of world income",
        "balanced": "closed, before and after",
    }[study.case.closure.deficit]
    name = study.case.case
    return [
        (
            "Data",
            f"{e.name} ({e.year or 'year not stated'}), {len(e.countries)} economies x {len(e.sectors)} sectors. "
            f"{e.source}",
        ),
        (
            "Model",
            f"Armington/Eaton-Kortum hat algebra with input-output links; deficits {deficits}; money in millions of US "
            f"dollars of the base year, with {unit} as the unit of account",
        ),
        ("Proof", f"largest gap in any equilibrium condition {worst:.1g} (asked for: {study.tol:.0g})"),
        ("Version", f"Entrepot {entrepot.__version__}, economy {e.fingerprint[:12]}, scenarios {scenario_hash(study)}"),
        ("Again", command or f"entrepot run {shlex.quote(name)}"),
        ("In Python", f"import entrepot as ep; {_python(study)}"),
    ]


def _python(study: SolvedCase) -> str:
    """The same question in Python."""
    if study.case.case in bundled_cases():
        other = "" if study.economy.name == study.case.economy else ", economy=..."
        return f"ep.run({study.case.case!r}{other}).outcomes"
    if len(study.case.scenarios) == 1:
        spec = next(iter(study.case.scenarios.values()))
        measures = ", ".join(_call(m) for m in spec.measures)
        return f"ep.solve(ep.load_economy({study.case.economy!r}), [{measures}]).countries"
    return f"ep.run('PATH/TO/{study.case.case}.yaml').outcomes"


def _call(measure: Measure) -> str:
    """A measure as the Python that makes it, defaults left out."""

    def text(value: object) -> str:
        return repr(value[0]) if isinstance(value, tuple) and len(value) == 1 else repr(value)

    given = [(f.name, getattr(measure, f.name)) for f in fields(measure)]
    defaults = {f.name: f.default for f in fields(measure)}
    shown = [f"{k}={text(v)}" for k, v in given if v != defaults[k] and v not in ((), (defaults[k],))]
    return f"ep.{type(measure).__name__}({', '.join(shown)})"
