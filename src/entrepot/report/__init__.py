"""How it reads: a Study, its tables, sentences and charts, on the terminal and as a page."""

from entrepot.report.study import Study, run

__all__ = ["Study", "run"]
