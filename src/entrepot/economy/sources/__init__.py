"""Public databases as Economies: one small file each, which reads and says what it mended and refused."""

from entrepot.economy.sources.catalogue import SOURCES, Imported, Source, Tell, import_economy

__all__ = ["SOURCES", "Imported", "Source", "Tell", "import_economy"]
