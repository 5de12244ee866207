"""What every reply of the API has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: Null where it is not a number: nothing was produced, no cap is set, nothing is stated.
Number = Annotated[float | None, Field(description="Null where there is none.")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2019-05-17"])]
Cell = float | bool | str | None


class Reply(BaseModel):
    """Anything sent."""

    model_config = ConfigDict(extra="forbid")


class ProblemReply(Reply):
    """What is wrong, where, and what to do (RFC 9457)."""

    type: str = Field(pattern=r"^urn:entrepot:[a-z-]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    key: str = Field(
        default="", description="The place in the question, where one is at fault: `measures.1.tariff.rate`."
    )


class AnswerReply(Reply):
    """The answer to a question."""

    warnings: list[str] = Field(
        default=[], description="What was not taken as it was written; only where there is any."
    )
