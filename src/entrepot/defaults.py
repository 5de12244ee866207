"""What holds where a question does not say."""

from __future__ import annotations

#: The bundled Economy of a question that names none.
DEFAULT_ECONOMY = "world2022"

#: Names of the money in which an Economy counts, and which the prices of a Market are in where nothing else is stated.
DOLLARS = ("US$", "USD", "$")
