"""What every part of a case document is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Any part of a case: unknown keys are errors, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)


class Misreference(ValueError):
    """A name in one part of a case that another part does not have; `place` is the dotted key."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


class Fault(ValueError):
    """A fault inside a part; `place` is the dotted key within it."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
