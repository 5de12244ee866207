"""Public databases as Economies: one file a database, which reads it and reports what was repaired and left out."""

from typing import Any

from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase, import_economy, sources

__all__ = ["ImportRequest", "Imported", "PublicDatabase", "import_economy", "sources"]

#: Names of version 0.1 that packages which bring a database of their own import; they go with version 0.3.
MOVED = {"Ask": ImportRequest, "Source": PublicDatabase}


def __getattr__(name: str) -> Any:
    """A name of before, with a DeprecationWarning."""
    import warnings

    if name not in MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"{name} is now {MOVED[name].__name__}; the old name goes with 0.3", DeprecationWarning, stacklevel=2)
    return MOVED[name]
