"""What is held fixed from outside: aggregate deficits and the unit of account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from entrepot.errors import InputError, nearest

Deficit = Literal["fixed", "gdp_share", "balanced"]


@dataclass(frozen=True, slots=True)
class Closure:
    """deficit    "fixed": as in the base, in units of world value added; "gdp_share": a constant share of world income
               (value added, duties and rents); "balanced": zero, before and after, so that the change is the measure's
    numeraire  "WORLD": world value added; or a country, whose wage is then the unit. Real answers do not depend on it.
    """

    deficit: Deficit = "fixed"
    numeraire: str = "WORLD"

    def __post_init__(self) -> None:
        if not isinstance(self.numeraire, str):
            raise InputError(f"closure: numeraire {self.numeraire!r} is not a name")
        if self.numeraire.upper() == "WORLD":
            object.__setattr__(self, "numeraire", "WORLD")
        if self.deficit not in get_args(Deficit):
            raise InputError(f"closure: deficit {self.deficit!r}{nearest(str(self.deficit), get_args(Deficit))}")
