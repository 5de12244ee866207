"""Published results computed again, each beside what was published."""

from entrepot.replications.published import replicate, replications
from entrepot.replications.replication import Replication

__all__ = ["Replication", "replicate", "replications"]
