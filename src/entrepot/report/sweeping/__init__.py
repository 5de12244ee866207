"""A sweep as it reads: what it says in sentences, its intervals as tables, and the pictures of what drives it."""

from entrepot.report.sweeping.picture import pictures
from entrepot.report.sweeping.said import sentences
from entrepot.report.sweeping.sections import sections, tables

__all__ = ["pictures", "sections", "sentences", "tables"]
