"""A Case solved: every scenario's Outcome, in the order written, and the failures beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from entrepot.cases.schema import Case
from entrepot.economy import Economy, load_economy
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import QuantityMeasure

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SolvedCase:
    """outcomes   by scenario name, in the case's order
    failures   scenarios without an equilibrium, and why; nothing is reported for them
    """

    case: Case
    economy: Economy
    outcomes: Mapping[str, Outcome]
    failures: Mapping[str, ConvergenceError]
    tol: float
    seconds: float


def solve_case(
    case: Case, economy: Economy | None = None, *, tol: float = 1e-10, progress: Progress | None = None
) -> SolvedCase:
    """Solve every scenario of `case`, on its own Economy unless another is given.

    A scenario whose cap matches another's volume is solved after it. One that has no equilibrium does not stop the
    rest. Raises `InputError` for a measure that cannot be put on the Economy, before anything is reported.
    """
    began = time.perf_counter()
    economy = economy or load_economy(case.economy)
    closure = case.closure.build()
    outcomes: dict[str, Outcome] = {}
    failures: dict[str, ConvergenceError] = {}

    def volume(name: str, measure: QuantityMeasure) -> float:
        if name not in outcomes:
            raise ConvergenceError(f"Its cap is the volume of {name!r}, which has no equilibrium.")
        return outcomes[name].volume(measure)

    order = case.order()
    for done, name in enumerate(order):
        if progress is not None:
            progress(name, done, len(order))
        try:
            scenario = case.scenarios[name].build(name).matched(volume)
            outcomes[name] = solve(economy, scenario, closure=closure, tol=tol)
        except ConvergenceError as error:
            failures[name] = error
        except InputError as error:
            raise InputError(f"scenario {name!r}: {error}") from error
    return SolvedCase(
        case=case,
        economy=economy,
        outcomes={name: outcomes[name] for name in case.scenarios if name in outcomes},
        failures={name: failures[name] for name in case.scenarios if name in failures},
        tol=tol,
        seconds=time.perf_counter() - began,
    )
