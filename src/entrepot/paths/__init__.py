"""Paths: an Economy in time, with stocks of capital and goods, and what is expected of measures that are announced."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
