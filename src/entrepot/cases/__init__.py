"""The Case: a question written as a document, the cases that ship with the package, and the solved case."""

from entrepot.cases.case import Case
from entrepot.cases.case_checks import check_case
from entrepot.cases.load import bundled_cases, load_case, read_case
from entrepot.cases.objective import Objective
from entrepot.cases.screening import screen, screen_case
from entrepot.cases.solved_case import SolvedCase, solve_case

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
