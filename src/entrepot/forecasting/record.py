"""The record: deadlines of the past, a forecast of each from what was known on a day, and how it ended."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from entrepot.bargaining.talks_game import ENDS
from entrepot.documents import plain, read_document
from entrepot.errors import DocumentError, UnknownNameError
from entrepot.forecasting.forecast_file import Forecast
from entrepot.forecasting.scores import base_rate, brier_score, log_score
from entrepot.forecasting.talks_forecast import simple_forecast

if TYPE_CHECKING:
    import pandas as pd

#: The day on which the rules of the record and its forecasts were written: after every outcome in it.
WRITTEN = datetime.date(2026, 11, 29)
METHOD = (
    "Talks in which the threat may be a bluff, of one turn on the day, averaged over stated ranges of the target's "
    "belief that it would be carried out and of what signing costs, as a part of what the measure would; then a part "
    "`slip` of the weight spread evenly over the ways"
)
Part = Annotated[float, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordSource(_Section):
    """A source of the record; `date` is that of publication, as far as it is known."""

    title: str
    publisher: str
    date: str
    url: str


class RecordFact(_Section):
    """Something that was known: when it happened, and its sources."""

    date: datetime.date
    fact: str
    sources: tuple[str, ...] = Field(min_length=1)


class StatedRange(_Section):
    """A number that nobody knows, as a range in which every value counts as much, and why."""

    low: Part
    high: Part
    why: str

    @property
    def pair(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high


class RecordOutcome(_Section):
    """How it ended: the way, the day, how sure that is, and the sources."""

    way: str
    date: datetime.date
    confidence: str
    what: str
    sources: tuple[str, ...] = Field(min_length=1)


class RecordEntry(_Section):
    """A deadline of the record.

    known_on        the last day whose facts count;  facts  what was known then
    belief, cost    the target's belief that the threatener would carry the measure out, and what signing costs the
                    target over what the measure would
    """

    name: str
    title: str
    question: str
    known_on: datetime.date
    deadline: datetime.date
    threatener: str
    target: str
    ways: dict[str, str]
    facts: tuple[RecordFact, ...] = Field(min_length=1)
    belief: StatedRange
    cost: StatedRange
    slip: Part
    outcome: RecordOutcome
    sources: dict[str, RecordSource]

    @model_validator(mode="after")
    def _fits(self) -> RecordEntry:
        """Check that nothing is used before it was known, and that every name stands for something."""
        if self.known_on > self.deadline:
            raise ValueError(f"known_on: {self.known_on} is after the deadline, {self.deadline}")
        if set(self.ways) != set(ENDS):
            raise ValueError(f"ways: {list(self.ways)} are not {list(ENDS)}")
        if self.outcome.way not in self.ways:
            raise ValueError(f"outcome: {self.outcome.way!r} is not one of the ways {list(self.ways)}")
        if self.outcome.date <= self.known_on:
            raise ValueError(
                f"outcome: {self.outcome.date} is not after {self.known_on}: there was nothing to forecast"
            )
        for fact in self.facts:
            if fact.date > self.known_on:
                raise ValueError(f"facts: {fact.date} is after {self.known_on}, the last day whose facts count")
        named = [name for fact in self.facts for name in fact.sources] + list(self.outcome.sources)
        for name in named:
            if name not in self.sources:
                raise ValueError(f"sources: nothing has the id {name!r}")
        return self

    @functools.cached_property
    def forecast(self) -> Forecast:
        """The forecast from what was known, by the method of the record."""
        probabilities, assumptions = simple_forecast(
            self.known_on, self.deadline, self.belief.pair, self.cost.pair, self.slip
        )
        why = {"belief_why": self.belief.why, "cost_why": self.cost.why}
        return Forecast(
            name=self.name,
            title=self.title,
            question=self.question,
            made_on=WRITTEN,
            known_on=self.known_on,
            deadline=self.deadline,
            ways=self.ways,
            probabilities=probabilities,
            method=METHOD,
            assumptions=assumptions | why,
        )


@dataclass(frozen=True, eq=False)
class Record:
    """Deadlines with their forecasts and outcomes, in the order of the days on which they were known."""

    entries: tuple[RecordEntry, ...]

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """By entry: what happened, its probability, and both scores, beside those of the base rate and of even odds.

        The base rate of an entry is that of the outcomes that were known on its day, by Laplace's rule.
        """
        import pandas as pd

        rows = []
        for entry in self.entries:
            way, held = entry.outcome.way, dict(entry.forecast.probabilities)
            base, even = self.base_rate(entry), {name: 1 / len(held) for name in held}
            rows.append(
                {
                    "known_on": entry.known_on,
                    "deadline": entry.deadline,
                    "outcome": way,
                    **held,
                    "brier": brier_score(held, way),
                    "log": log_score(held, way),
                    "base_rate": base[way],
                    "base_brier": brier_score(base, way),
                    "base_log": log_score(base, way),
                    "even_brier": brier_score(even, way),
                    "even_log": log_score(even, way),
                }
            )
        return pd.DataFrame(rows, index=pd.Index([entry.name for entry in self.entries], name="deadline of"))

    def base_rate(self, entry: RecordEntry) -> dict[str, float]:
        """Return the base rate of each way from the outcomes that were known on the entry's day."""
        known = [other.outcome.way for other in self.entries if other.outcome.date <= entry.known_on]
        return base_rate({way: known.count(way) for way in entry.ways})

    @functools.cached_property
    def means(self) -> dict[str, float]:
        """The mean of each score over the record."""
        scores = ["brier", "log", "base_brier", "base_log", "even_brier", "even_log"]
        return {name: float(self.table[name].mean()) for name in scores}

    @property
    def least_p(self) -> float:
        """The least p-value that a two-sided sign test against another forecaster can have at this many entries."""
        return float(min(1.0, 2 * 0.5 ** len(self.entries)))


def record_names() -> tuple[str, ...]:
    """Return the names of the entries of the bundled record."""
    return tuple(entry.name for entry in bundled_record().entries)


@functools.cache
def bundled_record() -> Record:
    """Return the record that ships with the package."""
    folder = importlib.resources.files("entrepot.forecasting") / "past"
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".yaml")}
    entries = [read_entry(text, name) for name, text in texts.items()]
    return Record(tuple(sorted(entries, key=lambda entry: entry.known_on)))


def read_entry(text: str, path: str = "record") -> RecordEntry:
    """Return an entry from YAML. Raises `DocumentError` for one that uses what was not known yet."""
    try:
        return RecordEntry.model_validate(plain(read_document(text, path)))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise DocumentError(first["msg"].removeprefix("Value error, "), path=path, key=key) from None


def record_entry(name: str, among: Sequence[RecordEntry] | None = None) -> RecordEntry:
    """Return the entry of the record with a name. Raises `UnknownNameError`."""
    entries = bundled_record().entries if among is None else among
    found = {entry.name: entry for entry in entries}
    if name not in found:
        raise UnknownNameError("deadline of the record", name, list(found))
    return found[name]
