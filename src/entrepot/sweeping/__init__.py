"""Sweeps: a case solved for draws of its uncertain numbers, over grids, and for designs of experiments.

The folder is not called `sweep` because `entrepot.sweep` is the function.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
