"""Bargaining: payoffs, best tariffs, trade wars, and the deals that every party prefers to the threat."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
