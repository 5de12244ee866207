"""The run store: every run, sweep and bargain as Parquet files beside a manifest."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
