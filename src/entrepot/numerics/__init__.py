"""Fixed points and roots, which know nothing of trade."""

import numpy as np

from entrepot.numerics.bracketed_root import bracketed_root
from entrepot.numerics.fixed_point import FixedPoint, anderson, newton_krylov

# glibc gives memory back to the system, which is slow to ask for again, unless a block of this size was freed before.
np.empty((1 << 25) - (1 << 16), dtype=np.uint8)

__all__ = ["FixedPoint", "anderson", "bracketed_root", "newton_krylov"]
