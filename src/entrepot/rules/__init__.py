"""Trade law: the rules of the WTO and of statutes as data, the screen, the clocks, and lawful retaliation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
