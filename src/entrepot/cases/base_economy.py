"""The Economy that a case measures changes from: its data, or the outcome of its base scenario."""

from __future__ import annotations

from dataclasses import replace

from entrepot.cases.case import Case
from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome, solve
from entrepot.equilibrium.factors import Factors
from entrepot.errors import ConvergenceError

#: Where an Economy keeps its last base, and the question that it answers.
_KEPT = "_last_base"
#: Jobs lost in a base, in percent, that are noted.
LEAST_LOST = 1e-3


def base_economy(case: Case, economy: Economy, tol: float = 1e-10) -> Economy:
    """Return `economy` with the case's elasticities and, where the case has a `base`, that scenario in force.

    Raises `DocumentError` with line and key where the Economy cannot take the elasticities or the measures, where the
    base scenario has no equilibrium, and where the outcomes of the closure cannot serve as a base.
    """
    return under_base(case, with_theta(case, economy), tol)


def with_theta(case: Case, economy: Economy) -> Economy:
    """Return `economy` with the elasticities that the case states."""
    if case.theta is None:
        return economy
    with case.at("theta"):
        return economy.with_theta(case.theta)


def under_base(case: Case, economy: Economy, tol: float = 1e-10) -> Economy:
    """Return `economy` with the base scenario of the case in force.

    The last one is kept on `economy`, because cases that are solved one after the other mostly differ elsewhere.
    """
    if case.base is None:
        return economy
    question = (case.base, closure_of_base(case), tol)
    kept, base = economy.__dict__.get(_KEPT, (None, economy))
    if kept != question:
        base = _solved_base(case, economy, tol)
        economy.__dict__[_KEPT] = question, base
    return base


def closure_of_base(case: Case) -> Closure:
    """Return the closure of a case without what it changes beside the measures: stocks of capital, moved deficits.

    These change from the base on: in the base too, they would be in the answers twice, or in none of them.
    """
    deficit = "fixed" if case.closure.moves_deficits else case.closure.deficit
    return replace(case.closure, capital=1.0, deficit=deficit)


def _solved_base(case: Case, economy: Economy, tol: float) -> Economy:
    assert case.base is not None
    for k, measure in enumerate(case.base.scenario):
        with case.at(f"scenarios.{case.base.name}.measures.{k}"):
            measure.flows(economy)
    with case.at("closure"):
        Factors.of(economy, case.closure)  # all of it, so that an error has the key of the closure
    with case.at("base"):
        try:
            return as_base(case, solve(economy, case.base.scenario, closure=closure_of_base(case), tol=tol))
        except ConvergenceError as error:
            raise case.fault("base", no_base(case, error)) from None


def as_base(case: Case, outcome: Outcome) -> Economy:
    """Return the outcome of the base scenario as an Economy, with a note that names the scenario."""
    assert case.base is not None
    world, name = outcome.economy.name, case.base.name
    note = f"The base is {world} under {name!r} ({case.base.spec.title}); every change is measured from it."
    base = outcome.as_economy(f"{world} under {name}")
    return replace(base, notes=(note, *_jobs_lost(outcome), *base.notes, *outcome.notes))


def _jobs_lost(outcome: Outcome) -> tuple[str, ...]:
    """Return a note on jobs lost at a floor under real wages, whose rule takes its base for full employment."""
    if outcome.problem.closure.labour_rule[0] != "real_wage_floor":
        return ()
    jobs = zip(outcome.economy.countries, outcome.number("employment_pct"), strict=True)
    lost = [f"{code} {percent:.2g}%" for code, percent in jobs if percent < -LEAST_LOST]
    if not lost:
        return ()
    return (
        f"Jobs are lost in the base at the floor under real wages ({', '.join(lost)}), and the answers take it for "
        "full employment: where labour would earn more, wages rise and those jobs do not come back.",
    )


def no_base(case: Case, error: ConvergenceError) -> str:
    """Return the message for a base scenario that has no equilibrium."""
    assert case.base is not None
    return f"the base {case.base.name!r} has no equilibrium: {error}"
