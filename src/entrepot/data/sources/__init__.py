"""Public databases as Economies: one file a database, which reads it and reports what was repaired and left out."""

from entrepot.data.sources.catalogue import Imported, PublicDatabase, import_economy, sources

__all__ = ["Imported", "PublicDatabase", "import_economy", "sources"]
