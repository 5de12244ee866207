"""The signature of progress reports, and the report that says nothing, under the names that readers use."""

from entrepot.types import Progress as Progress
from entrepot.types import no_progress as silent

__all__ = ["Progress", "silent"]
