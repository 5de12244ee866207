"""The question: the Case document, the bundled cases, and a Case solved."""

from entrepot.cases.load import bundled_cases, load_case, read_case
from entrepot.cases.objective import Objective
from entrepot.cases.schema import Case
from entrepot.cases.screened import screen, screen_case
from entrepot.cases.solved import SolvedCase, check_case, solve_case

__all__ = [
    "Case",
    "Objective",
    "SolvedCase",
    "bundled_cases",
    "check_case",
    "load_case",
    "read_case",
    "screen",
    "screen_case",
    "solve_case",
]
