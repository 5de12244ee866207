"""The base class of every section of a case document, and the errors that its validators raise."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict

from entrepot.faults import Stated
from entrepot.measures.fields import read_number

#: A number of a case, or a percentage ("20%").
Number = Annotated[float, BeforeValidator(lambda value: read_number("", value))]


class CaseSection(Stated):
    """A section of a case document: an unknown key is an error, and a section does not change once it is read."""

    # The validator of a section is built when it is first used: most are used only inside that of a whole case.
    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False, defer_build=True
    )

    #: The name of the class in `Case.fingerprint`, and so in the ids of saved runs. It stays when a class is renamed.
    name_in_fingerprint: ClassVar[str] = ""

    def __repr_name__(self) -> str:
        return self.name_in_fingerprint or type(self).__name__


class CaseError(ValueError):
    """A fault of a case; `place` is its dotted key in the whole case."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


class SectionError(ValueError):
    """A fault inside one section; `place` is its dotted key in that section."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
