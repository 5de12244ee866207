"""Studies: a case solved, its findings in sentences and its tables as data, before any renderer lays them out."""

from entrepot.studies.study import Study, run

__all__ = ["Study", "run"]
