"""What holds where a question does not say."""

from __future__ import annotations

import re

#: The bundled Economy of a question that names none.
DEFAULT_ECONOMY = "world2022"

#: Names of the money in which an Economy counts, and which the prices of a Market are in where nothing else is stated.
_DOLLARS = re.compile(r"(us ?\$|usd|\$|(us |u\.s\. |united states )?dollars?)( of \d{4})?", re.IGNORECASE)


def is_dollars(currency: str) -> bool:
    """Whether a text names US dollars, also those of a year."""
    return _DOLLARS.fullmatch(currency.strip()) is not None
