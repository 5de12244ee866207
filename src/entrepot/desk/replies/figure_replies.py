"""The reply that lists the figures of a case."""

from __future__ import annotations

from pydantic import Field

from entrepot.desk.replies.reply import AnswerReply, Reply


class FigureRow(Reply):
    """A figure of a case."""

    name: str = Field(examples=["winners"])
    label: str = Field(description="What it shows.")
    title: str | None = Field(description="What it says; null where more has to be solved to draw it.")
    text: str | None = Field(description="The same with its numbers, for those who cannot see it; null as `title` is.")


class FiguresReply(AnswerReply):
    """The figures of a case."""

    case: str
    figures: list[FigureRow]
