"""The equilibrium under measures: the Problem, the map, the search for its fixed point, and the Outcome."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
