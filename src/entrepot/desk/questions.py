"""What a client may ask, as data: checked for shape here, put on an Economy by the same models as files and Python."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from entrepot.cases import Case, bundled_cases, load_case
from entrepot.cases.load import case_of
from entrepot.economy import bundled_economies
from entrepot.economy.elasticities import published
from entrepot.errors import DocumentError, UnknownNameError

#: More measures in one question than any table of negotiators holds.
MEASURES = 200
#: Draws and members of a sweep that one client may ask of a desk; the command line has no such bound.
DRAWS, MEMBERS = 5_000, 20_000

#: What stands for the file in messages, and where a question's measures stand in the case that is made of it.
WHERE = "the request"
_WITHIN = "scenarios.measures."

Name = Annotated[str, Field(min_length=1, max_length=80)]
Document = dict[str, Any]


class Question(BaseModel):
    """Anything asked: unknown keys are errors, and no number is infinite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Solve(Question):
    """Measures in force together on an Economy, as the entries of a case's `measures:`."""

    measures: list[Document] = Field(
        max_length=MEASURES,
        examples=[
            [
                {
                    "tariff": {
                        "importer": "USA",
                        "exporter": "JPN",
                        "sector": "motor_vehicles",
                        "rate": "25%",
                        "change": "add",
                    }
                }
            ]
        ],
    )
    economy: Name = "world2014"
    closure: Document = Field(default_factory=dict)
    theta: float | Name | dict[str, float] | None = None
    parties: list[Name] = Field(default=["USA", "JPN", "EU28"], min_length=1, max_length=12)
    report: Document = Field(default_factory=dict)

    def case(self) -> Case:
        """Raises `DocumentError` that names the key."""
        document = {
            "case": "table",
            "title": "Measures on the table",
            "question": "Who gains, who pays, and who pockets the rent?",
            "economy": self.economy,
            "closure": self.closure,
            "parties": self.parties,
            "report": self.report,
            "scenarios": {"measures": {"title": "all of them together", "measures": self.measures}},
            **({} if self.theta is None else {"theta": self.theta}),
        }
        try:
            return _case(document)
        except DocumentError as error:
            message = str(error).removeprefix(f"{WHERE}: ")
            raise DocumentError(message.removeprefix(f"{error.key}: "), key=error.key.removeprefix(_WITHIN)) from None


class OfCase(Question):
    """A case: a bundled one by name, or a document with the keys of a case file."""

    case: Name | Document = Field(examples=["us-japan-autos-2019"])

    def read(self) -> Case:
        """Raises `DocumentError` that names the key, `UnknownNameError` for a name that is not bundled."""
        if isinstance(self.case, str):
            if self.case not in bundled_cases():
                raise UnknownNameError("case", self.case, bundled_cases())
            return load_case(self.case)
        return _case(self.case)


class Run(OfCase):
    """Solve every scenario of a case."""


class Screen(OfCase):
    """What the rules say of a case's measures, on a date (default: the case's own)."""

    on: datetime.date | None = None


class Calendar(OfCase):
    """A case's calendar as it stands on a date (default: today)."""

    on: datetime.date | None = None


class Bargain(OfCase):
    """What the parties of a case's table would sign."""

    points: int | None = Field(default=None, ge=2, le=11)


class Sweep(OfCase):
    """How sure a case's answers are."""

    draws: int | None = Field(default=None, ge=1, le=DRAWS)
    seed: int = Field(default=1, ge=0, le=2**31)
    uncertain: Document = Field(default_factory=dict)
    grid: dict[str, str | list[float]] = Field(default_factory=dict)
    method: Literal["draws", "sobol", "morris"] = "draws"
    scenarios: list[Name] | None = None
    level: float = Field(default=0.9, gt=0, lt=1)


def _case(document: Document) -> Case:
    _without_files(document)
    return case_of(document, WHERE)


def _without_files(document: Document) -> None:
    """Whatever a case file may name a file with is a known name here. Raises `DocumentError`."""
    economy = document.get("economy", "world2014")
    if economy not in bundled_economies():
        raise _named("economy", UnknownNameError("economy", str(economy), bundled_economies()))
    theta = document.get("theta")
    if isinstance(theta, str) and theta not in published():
        raise _named("theta", UnknownNameError("set of elasticities", theta, published()))
    closure = document.get("closure")
    if isinstance(closure, Mapping) and isinstance(closure.get("labour_share"), str):
        share = str(closure["labour_share"]).strip()
        if not share.rstrip("%").strip().replace(".", "", 1).isdigit():
            raise DocumentError(
                "a number, by sector, or by country and sector; no file is read here", key="closure.labour_share"
            )
    for key in ("uncertainty",):
        _no_covariance(document.get(key), key)


def _no_covariance(value: Any, place: str) -> None:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "covariance":
                raise DocumentError("no file is read here", key=f"{place}.covariance")
            _no_covariance(part, f"{place}.{key}")


def _named(key: str, error: Exception) -> DocumentError:
    return DocumentError(str(error), key=key)
