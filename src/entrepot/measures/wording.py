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

    def __str__(self) -> str:
        """Return it in English, with the codes of places and sectors."""
        return self.message.format(**{name: _in_english(name, value) for name, value in self.values.items()})


#: The values that hold codes of places.
PLACES = ("importer", "exporter", "country", "exempt")
#: The value that holds codes of sectors.
GOODS = "goods"
#: The value that holds the name of a scenario, in quotation marks in English.
SCENARIO = "scenario"


def worded(message: str, /, **values: Any) -> Wording:
    """Return a Wording."""
    return Wording(message, values)


def _in_english(name: str, value: Any) -> str:
    if name == GOODS and not value:
        return "all products"
    if name == SCENARIO:
        return repr(value)
    return ", ".join(value) if isinstance(value, tuple | list) else str(value)
