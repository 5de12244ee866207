"""Replies about jobs, sweeps and saved runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from entrepot.desk.replies.bargain_replies import SurfaceReply
from entrepot.desk.replies.reply import AnswerReply, Number, ProblemReply, Reply


class JobReply(AnswerReply):
    """The state of a job; a sweep has its run and the number of parts done, a failed job has its problem.

    A bargain has the deals of its grid as members and parts, once the first are solved.
    """

    id: str
    kind: Literal["bargain", "sweep", "optimal", "import"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    title: str = Field(default="", description="The title of the case, or its name.")
    run: str = ""
    members: int = 0
    parts: int = 0
    done: int = 0
    seconds_left: Number = Field(default=None, description="Null where it is not known yet, or the job has ended.")
    problem: ProblemReply | None = None


class IntervalRow(Reply):
    """A number of a table over the draws: its keys, the centre, the mean, and the interval with `level` of the draws.

    A row of a grid has the levels of the grid's axes as well, and no centre.
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
    owner: str = ""
    plant: str = ""
    quota: str = ""
    entry: str = ""
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
    """A party's real income with one number at its 5th and 95th percentile, and the others at their centres."""

    scenario: str
    party: str
    parameter: str
    low: Number
    high: Number
    centre: Number


class SweepReply(AnswerReply):
    """A sweep: intervals by table, and the numbers that move each party's real income most."""

    run: str
    members: int
    level: float
    tables: dict[str, list[IntervalRow]]
    tornado: list[TornadoRow]


class SweepSoFarReply(SweepReply):
    """A sweep over the members that are solved."""

    kind: Literal["sweep"]


class BargainSoFarReply(AnswerReply):
    """The deals that are solved, of `members` on the grid: levels by issue, and gains by party over the threat."""

    kind: Literal["bargain"]
    parties: list[str]
    done: int
    members: int
    surface: SurfaceReply


class ImportReply(AnswerReply):
    """An Economy made of uploaded files: the name by which requests may use it, and how its data were treated."""

    name: str = Field(
        pattern=r"^own-[0-9a-f]{16}(-\d+)?$", description="The beginning of its fingerprint, and the year."
    )
    title: str
    year: int | None
    countries: int
    sectors: int
    fingerprint: str
    found: list[str]
    mended: list[str]
    left_out: list[str]
    made_room: list[str] = Field(description="Earlier uploads that went, because a desk keeps only so many.")


class RunRow(Reply):
    """A saved run."""

    id: str
    kind: str
    case: str
    asked: str  # words: quoted
    state: Literal["complete", "not finished", "damaged"]
    bytes: int


class TableRow(Reply):
    """A table of a run."""

    name: str
    rows: int
    parts: int


class RunReply(Reply):
    """A saved run: `identity` has everything that determines its numbers, `about` is for readers."""

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
