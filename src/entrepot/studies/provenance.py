"""Where the numbers come from, and how to reproduce them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import fields
from typing import Any

from entrepot.cases import Case, SolvedCase, bundled_cases, load_case
from entrepot.documents import beside
from entrepot.economy import Economy, bundled_economies
from entrepot.equilibrium import Closure
from entrepot.equilibrium.blocks.competition import Competition
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.equilibrium.blocks.labour import RULES as LABOUR
from entrepot.equilibrium.blocks.recycling import RULES as RECYCLING
from entrepot.equilibrium.closure import DEFAULT_LABOUR_SHARE
from entrepot.languages import localised, plural, translated
from entrepot.measures import Measure
from entrepot.runs.own_code import own_code
from entrepot.shell import for_shell
from entrepot.version import __version__
from entrepot.words import counted, sentence, stated_numbers


def scenario_hash(study: SolvedCase) -> str:
    """Return twelve hexadecimal digits that change with the Economy, the scenarios or the closure."""
    case = study.case
    own = own_code(case).values()
    text = repr((study.economy.fingerprint, case.closure, case.scenarios, study.tol, *own))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def lines(study: SolvedCase, command: str | None = None) -> list[tuple[str, str]]:
    """Return (label, text) of data, elasticities, model, residuals, version, and how to reproduce the numbers."""
    e = study.economy
    worst = max((max(o.residuals.values()) for o in study.outcomes.values()), default=float("nan"))
    unit = _unit_of_account(study.case.closure)
    held = translated("; ").join(assumptions(study.case.closure))
    base = study.case.base
    return [
        *(
            [
                (
                    "Base",
                    translated(
                        "{name} ({title}); every change is measured from it", name=e.name, title=base.spec.title
                    ),
                )
            ]
            if base
            else []
        ),
        (
            "Data",
            translated(
                "{name} ({year}), {countries} x {sectors}. {source}",
                name=e.name,
                year=e.year or translated("year not stated"),
                countries=plural("{number} economy", "{number} economies", len(e.countries)),
                sectors=counted(len(e.sectors), "sector"),
                source=e.source,
            ),
        ),
        ("Elasticities", elasticities(e)),
        (
            "Model",
            translated(
                "Armington/Eaton-Kortum hat algebra with input-output links; {assumptions}; money in millions of US "
                "dollars of the base year, with {unit} as the unit of account",
                assumptions=held,
                unit=unit,
            ),
        ),
        (
            "Proof",
            translated(
                "largest gap in any equilibrium condition {gap} (tolerance: {tolerance})",
                gap=f"{worst:.1g}",
                tolerance=f"{study.tol:.0g}",
            ),
        ),
        ("Version", f"Entrepot {__version__}, economy {e.fingerprint[:12]}, scenarios {scenario_hash(study)}"),
        ("Again", command or f"entrepot run {for_shell(called(study.case))}"),
        ("In Python", f"import entrepot as ep; {_python(study)}"),
    ]


def _unit_of_account(closure: Closure) -> str:
    """Return the numeraire in words."""
    kind, place = closure.unit_of
    text = {
        "value added": "world value added",
        "wage": "the wage of the world" if place == "WORLD" else "the wage of {country}",
        "prices": "consumer prices of the world" if place == "WORLD" else "consumer prices of {country}",
    }
    return translated(text[kind], country=place)


def elasticities(economy: Economy) -> str:
    """Return the range and the source of the trade elasticities."""
    sources = [note.removeprefix("Elasticities: ") for note in economy.notes if note.startswith("Elasticities: ")]
    low, high = float(economy.theta.min()), float(economy.theta.max())
    if high == low:
        text = translated("{low} for every sector.", low=localised(f"{low:.3g}"))
        return f"{text} {' '.join(map(sentence, sources))}".strip()
    text = translated("{low} to {high} by sector.", low=localised(f"{low:.3g}"), high=localised(f"{high:.3g}"))
    return f"{text} {' '.join(map(sentence, sources)) or translated('As in the data.')}"


def source_of_theta(economy: Economy) -> str:
    """Return where the trade elasticities come from, in a few words: the name of the set and its paper."""
    from entrepot.data.published_sets import set_behind

    found = set_behind(economy)
    notes = [note.removeprefix("Elasticities: ") for note in economy.notes if note.startswith("Elasticities: ")]
    partly = [note.removesuffix(".") for note in notes if note.startswith("Stated by the user for")]
    if found is not None:
        return ", ".join([f"{found.name}: {found.title}", *(f"{text[0].lower()}{text[1:]}" for text in partly)])
    first = re.split(r"[.;:] |\.$", notes[0])[0] if notes else "as in the data"
    return f"{first[0].lower()}{first[1:]}" if first.startswith("Stated") else first


def assumptions(closure: Closure) -> list[str]:
    """Return the closure in words: deficits, horizon, and whatever differs from the default."""
    deficits = translated("deficits {rule}", rule=translated(RULES[closure.deficit].stated))
    parts = [deficits, horizon(closure), *labour_shares(closure)]
    if closure.capital != 1:
        parts.append(
            translated("stocks of capital over those of the base {stocks}", stocks=stated_numbers(closure.capital))
        )
    rule, number = closure.labour_rule
    stated = number if closure.labour is None else closure.labour[rule]
    if stated:
        parts.append(LABOUR[rule].stated.format(stated_numbers(stated)))
    if closure.labour_tax:
        idle = "" if stated else translated(" (of no effect: labour is fixed)")
        parts.append(translated("tax on labour {rate}", rate=stated_numbers(closure.labour_tax)) + idle)
    if RECYCLING[closure.recycling].stated:
        parts.append(translated(RECYCLING[closure.recycling].stated))
    if closure.competition is not None:
        parts.append(str(closure.competition))
    if closure.scale:
        parts.append(translated("external economies of scale {scale}", scale=stated_numbers(closure.scale)))
    return parts


def horizon(closure: Closure) -> str:
    """Return the horizon in words."""
    if closure.horizon == "short":
        return translated("short run: labour moves, each sector keeps its capital")
    return translated("long run: factors move among sectors")


def labour_shares(closure: Closure) -> list[str]:
    """Return the labour share in words, where the closure states one."""
    if closure.labour_share is None:
        return []
    return [translated("labour share of value added {share}", share=_labour_share(closure.labour_share))]


def _labour_share(share: Any) -> str:
    """Return the labour share in words; the default says that it is assumed, and after whom."""
    if share == DEFAULT_LABOUR_SHARE:
        return translated("2/3 in every sector, assumed as none is stated (Gollin 2002, JPE 110: 458-474)")
    return stated_numbers(share)


def _python(study: SolvedCase) -> str:
    """Return the Python expression that solves the same problem."""
    case = study.case
    closure = "" if case.closure == Closure() else f", closure={_call(case.closure)}"
    if case.case != "measures" or len(case.scenarios) > 1:
        other = _other_economy(study)
        theta = "" if case.theta is None else f", theta={case.theta!r}"
        theta = ", theta='each'" if study.under_sets else theta
        name = called(case)
        protected = case.report.protected
        intensity = protected.rd_intensity if protected and case.case in bundled_cases() else None
        rd = "" if intensity is None else f", rd_intensity={intensity:g}"
        return f"ep.run({name!r}{other}{closure}{theta}{rd}).outcomes"
    theta = "" if case.theta is None else f".with_theta({case.theta!r})"
    measures = ", ".join(_call(m) for spec in case.scenarios.values() for m in spec.build("measures"))
    return f"ep.solve(ep.load_economy({case.economy_file!r}){theta}, [{measures}]{closure}).countries"


def _other_economy(study: SolvedCase) -> str:
    """Return the argument that gives another Economy than that of the case; "" where it is the case's own."""
    name, own = study.economy.name.partition(" under ")[0], study.case.economy
    if own not in bundled_economies() and beside(study.case.path, own).exists():
        own = study.case.own_economy().name
    if name == own:
        return ""
    return f", economy={name!r}" if name in bundled_economies() else f", economy='PATH/TO/{name}.ep'"


def by_name(case: Case) -> bool:
    """Return whether a case is named as a bundled one, and came without a file."""
    return case.case in bundled_cases() and case.path in ("", f"{case.case}.yaml")


def called(case: Case) -> str:
    """Return the name of a bundled case, or the file of another.

    A case that came without a file, such as that of a request, has the name of the bundled case whose numbers it gives,
    or that of the file as which the desk saves it.
    """
    if by_name(case):
        return case.case
    if case.path.endswith((".yaml", ".yml")) or os.path.exists(case.path):
        return case.path
    return case.case if _as_bundled(case) else f"{case.case}.yaml"


def _as_bundled(case: Case) -> bool:
    """Return whether a case has the measures and assumptions of the bundled case of its name, and no other path."""
    if case.case not in bundled_cases():
        return False
    own = load_case(case.case)

    def numbers_from(of: Case) -> tuple[Any, ...]:
        return of.economy, of.base, of.theta, of.closure, {name: spec.measures for name, spec in of.scenarios.items()}

    return numbers_from(case) == numbers_from(own) and case.in_time in (None, own.in_time)


def _call(measure: Measure | Closure | Competition) -> str:
    """Return the Python that makes a measure, a closure or a part of one; defaults are left out."""

    def text(value: object) -> str:
        if isinstance(value, Competition):
            return _call(value)
        return repr(value[0]) if isinstance(value, tuple) and len(value) == 1 else repr(value)

    parts = fields(measure)  # type: ignore[arg-type]  # each of them is a dataclass
    given = [(f.name, getattr(measure, f.name)) for f in parts]
    defaults = {f.name: f.default for f in parts}
    shown = [f"{k}={text(v)}" for k, v in given if v != defaults[k] and v not in ((), (defaults[k],))]
    return f"{_path(type(measure))}({', '.join(shown)})"


def _path(kind: type) -> str:
    """Where Python finds a class: `ep.Tariff`, `ep.equilibrium.Markups`, `my_module.Quota`."""
    package, _, rest = kind.__module__.partition(".")
    if package != "entrepot":
        return f"{kind.__module__}.{kind.__qualname__}"
    at_top = kind.__name__ in sys.modules[package].__all__
    return f"ep.{kind.__name__}" if at_top else f"ep.{rest.partition('.')[0]}.{kind.__name__}"
