"""What every reply of the API has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: Null for NaN: nothing is produced, no cap is set, or nothing is stated.
Number = Annotated[float | None, Field(description="Null where there is no number.")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2019-05-17"])]
Cell = float | bool | str | None


class Reply(BaseModel):
    """The base of all replies: a field that no model names is an error."""

    model_config = ConfigDict(extra="forbid")


class ProblemReply(Reply):
    """What is wrong, where, and what to do (RFC 9457)."""

    type: str = Field(pattern=r"^urn:entrepot:[a-z-]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    key: str = Field(default="", description="The wrong place in the request, if any: `measures.1.tariff.rate`.")


class AnswerReply(Reply):
    """The base of replies that a worker computes."""

    warnings: list[str] = Field(
        default=[], description="Warnings about values that were not read as written; absent where there are none."
    )
