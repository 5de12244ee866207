from dataclasses import dataclass
@dataclass(frozen=True)
class Outcome:
    problem: object
    state: object
    accounts: object
    residual_by_cell: object
    tol: float
    iterations: int
    seconds: float
