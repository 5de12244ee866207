"""The equilibrium under measures: the Problem, the map, the search for its fixed point, and the Outcome."""

from entrepot.equilibrium.batch import Batch, solve_many
from entrepot.equilibrium.blocks.selection import Melitz
from entrepot.equilibrium.blocks.supply import Markups
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.conditional import Conditional, conditional
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.solve import solve

__all__ = ["Batch", "Closure", "Conditional", "Markups", "Melitz", "Outcome", "conditional", "solve", "solve_many"]
