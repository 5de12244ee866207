"""Markets of products and makers: demand, conduct, measures on products, and their equilibrium in prices."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
