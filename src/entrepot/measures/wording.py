"""What a measure does as a message with values, from which a sentence in any language is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Wording:
    """A message in English, and its values by name.

    Values are texts and numbers in English, other wordings, and under the names `PLACES` and `GOODS` codes.
    """

    message: str
    values: Mapping[str, Any]


#: The values that hold codes of places.
PLACES = ("importer", "exporter", "country", "exempt")
#: The value that holds codes of sectors.
GOODS = "goods"


def worded(message: str, /, **values: Any) -> Wording:
    """Return a Wording."""
    return Wording(message, values)
