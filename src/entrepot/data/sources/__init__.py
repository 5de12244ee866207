"""Public databases as Economies: one small file each, which reads and says what it mended and refused."""

from entrepot.data.sources.catalogue import Imported, Source, Tell, import_economy, sources

__all__ = ["Imported", "Source", "Tell", "import_economy", "sources"]
