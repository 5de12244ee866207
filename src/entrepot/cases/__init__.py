"""The Case: a question written as a document, the cases that ship with the package, and the solved case."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
