"""A bargain as it reads: what it says in sentences, its tables, and the picture of the zone."""

from entrepot.report.bargaining.picture import chart
from entrepot.report.bargaining.said import sentences
from entrepot.report.bargaining.sections import Section, sections, tables

__all__ = ["Section", "chart", "sections", "sentences", "tables"]
