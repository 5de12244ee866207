"""The world that a case is measured from: its Economy, or what the scenario that is in force already makes of it."""

from __future__ import annotations

from dataclasses import replace

from entrepot.cases.case import Case
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome, solve
from entrepot.equilibrium.factors import Factors
from entrepot.errors import ConvergenceError


def base_economy(case: Case, economy: Economy, tol: float = 1e-10) -> Economy:
    """`economy` with the case's elasticities and, where the case has a `base`, with that scenario in force.

    Raises `DocumentError` with line and key for elasticities or measures that the Economy cannot have, a base without
    an equilibrium, and a closure whose outcomes are no base.
    """
    return under_base(case, with_theta(case, economy), tol)


def with_theta(case: Case, economy: Economy) -> Economy:
    """`economy` with the elasticities that the case states."""
    if case.theta is None:
        return economy
    with case.at("theta"):
        return economy.with_theta(case.theta)


def under_base(case: Case, economy: Economy, tol: float = 1e-10) -> Economy:
    """`economy` with the case's base scenario in force."""
    if case.base is None:
        return economy
    for k, measure in enumerate(case.base.scenario):
        with case.at(f"scenarios.{case.base.name}.measures.{k}"):
            measure.flows(economy)
    with case.at("closure"):
        Factors.of(economy, case.closure)
    with case.at("base"):
        try:
            return as_base(case, solve(economy, case.base.scenario, closure=case.closure, tol=tol))
        except ConvergenceError as error:
            raise case.fault("base", no_base(case, error)) from None


def as_base(case: Case, outcome: Outcome) -> Economy:
    """The outcome of the base scenario as an Economy that says what it is."""
    assert case.base is not None
    world, name = outcome.economy.name, case.base.name
    note = f"The base is {world} under {name!r} ({case.base.spec.title}); every change is measured from it."
    base = outcome.as_economy(f"{world} under {name}")
    return replace(base, notes=(note, *base.notes, *outcome.notes))


def no_base(case: Case, error: ConvergenceError) -> str:
    assert case.base is not None
    return f"the base {case.base.name!r} has no equilibrium: {error}"
