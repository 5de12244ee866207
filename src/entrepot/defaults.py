"""What holds where a question does not say."""

from __future__ import annotations

#: The bundled Economy of a question that names none.
DEFAULT_ECONOMY = "world2022"
