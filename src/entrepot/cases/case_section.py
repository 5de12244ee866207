"""What every part of a case document is made of."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class CaseSection(BaseModel):
    """A section of a case document: an unknown key is an error, and a section does not change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)

    #: The name of the class in `Case.fingerprint`, and so in the ids of saved runs. It stays when a class is renamed.
    name_in_fingerprint: ClassVar[str] = ""

    def __repr_name__(self) -> str:
        return self.name_in_fingerprint or type(self).__name__


class CaseError(ValueError):
    """A name in one part of a case that another part does not have; `place` is the dotted key."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


class SectionError(ValueError):
    """A fault inside a part; `place` is the dotted key within it."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
