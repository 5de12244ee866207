"""Published results computed again, each beside what was published."""

from entrepot.replications.registry import REPLICATIONS, replicate
from entrepot.replications.replication import Replication

__all__ = ["REPLICATIONS", "Replication", "replicate"]
