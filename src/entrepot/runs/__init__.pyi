from .store import Run as Run
from .store import RunStore as RunStore
