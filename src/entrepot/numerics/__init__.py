"""Fixed points and roots, which know nothing of trade."""

from entrepot.numerics.bracketed_root import bracketed_root
from entrepot.numerics.fixed_point import FixedPoint, anderson, newton_krylov

__all__ = ["FixedPoint", "anderson", "bracketed_root", "newton_krylov"]
