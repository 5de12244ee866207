"""Fixed-point solvers, which know nothing of trade."""

from entrepot.numerics.fixed_point import FixedPoint, anderson, newton_krylov

__all__ = ["FixedPoint", "anderson", "newton_krylov"]
