"""Replies about jobs, sweeps and saved runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from entrepot.desk.replies.reply import AnswerReply, Number, ProblemReply, Reply


class JobReply(AnswerReply):
    """How a job stands. A sweep has its run, and how many of its parts are done; one that failed has its problem."""

    id: str
    kind: Literal["bargain", "sweep"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    run: str = ""
    members: int = 0
    parts: int = 0
    done: int = 0
    problem: ProblemReply | None = None


class IntervalRow(Reply):
    """A number of a table over the draws: what the row is about, the centre, the mean, and what holds `level` of them.
    Over a grid it has the levels of the grid's axes beside these, and no centre.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Number]

    scenario: str = ""
    party: str = ""
    market: str = ""
    exporter: str = ""
    measure: str = ""
    offer: str = ""
    country: str = ""
    number: str
    centre: Number
    mean: Number
    low: Number
    median: Number
    high: Number
    above_zero: Number
    flips: Number
    draws: int


class TornadoRow(Reply):
    """What a party's real income is with one number at its 5th and 95th percentile, the others at their centres."""

    scenario: str
    party: str
    parameter: str
    low: Number
    high: Number
    centre: Number


class SweepReply(AnswerReply):
    """How sure a case's answers are: intervals by table, and what moves each party's real income most."""

    run: str
    members: int
    level: float
    tables: dict[str, list[IntervalRow]]
    tornado: list[TornadoRow]


class RunRow(Reply):
    """A run that is kept."""

    id: str
    kind: str
    case: str
    asked: str
    state: Literal["complete", "not finished", "damaged"]
    bytes: int


class TableRow(Reply):
    """A table of a run."""

    name: str
    rows: int
    parts: int


class RunReply(Reply):
    """What a run asked: `identity` is all that decides its numbers, `about` what people want to read."""

    format: int
    id: str
    kind: str
    name: str
    version: str
    identity: dict[str, Any]
    about: dict[str, Any]
    started: str
    times: list[str]
    finished: str | None
    summary: dict[str, Any] = Field(default={})
    tables: list[TableRow]
