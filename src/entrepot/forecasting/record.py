"""The record: deadlines of the past, a forecast of each from what was known on a day, and how it ended."""

from __future__ import annotations

import calendar
import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from entrepot.bargaining.talks_game import ENDS
from entrepot.documents import dotted_key, plain, read_document, shipped_names, shipped_text
from entrepot.errors import DocumentError, UnknownNameError
from entrepot.faults import Stated, message_of, place_of
from entrepot.forecasting.forecast_file import Forecast
from entrepot.forecasting.scores import base_rate, brier_score, log_score
from entrepot.forecasting.talks_forecast import simple_forecast
from entrepot.read_only import read_only

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


class _Section(Stated):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordSource(_Section):
    """A source of the record; `date` is that of publication, as far as it is known."""

    title: str
    publisher: str
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
    url: str


class RecordFact(_Section):
    """Something that was known: when it happened, and its sources.

    published_later  the fact is of the day, but every source of it that is named was published after `known_on`, or
                     states no day on which it was
    """

    date: datetime.date
    fact: str
    sources: tuple[str, ...] = Field(min_length=1)
    published_later: bool = False


class StatedRange(_Section):
    """A number that nobody knows, as a range in which every value counts as much, and why."""

    low: Part
    high: Part
    why: str

    @property
    def pair(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high


class OtherDay(_Section):
    """A last day that nobody but us chose, and how it would have ended by another one.

    day      "deadline" or "until";  why  it is that day
    instead  another day that could have been chosen;  way  the outcome by the same words then
    """

    day: Literal["deadline", "until"]
    why: str
    instead: datetime.date
    way: str


class RecordOutcome(_Section):
    """How it ended: the way, the day of what happened, how sure that is, and the sources.

    The day of "nothing" is the last one on which the measure could have come.
    """

    way: str
    date: datetime.date
    confidence: str
    what: str
    sources: tuple[str, ...] = Field(min_length=1)


class RecordEntry(_Section):
    """A deadline of the record.

    known_on        the last day whose facts count;  facts  what was known then
    deadline        the last day of a deal;  until  the last day of the measure
    ways            exclusive: "measure", if it comes by `until`; else "deal", if there is one by the deadline; else
                    "nothing"
    case            a bundled case about the same deadline, for the forecast that its own talks give
    chosen          days that we chose, and what another choice gives
    belief, cost    the target's belief that the threatener would carry the measure out, and what signing costs the
                    target over what the measure would
    """

    name: str
    title: str
    question: str
    known_on: datetime.date
    deadline: datetime.date
    until: datetime.date
    threatener: str
    target: str
    ways: dict[str, str]
    facts: tuple[RecordFact, ...] = Field(min_length=1)
    belief: StatedRange
    cost: StatedRange
    slip: Part
    outcome: RecordOutcome
    chosen: tuple[OtherDay, ...] = ()
    case: str = ""
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
        if self.until < self.deadline:
            raise ValueError(f"until: {self.until} is before the deadline, {self.deadline}")
        self._check_outcome()
        if self.outcome.date <= self.known_on:
            raise ValueError(
                f"outcome: {self.outcome.date} is not after {self.known_on}: there was nothing to forecast"
            )
        for fact in self.facts:
            if fact.date > self.known_on:
                raise ValueError(f"facts: {fact.date} is after {self.known_on}, the last day whose facts count")
            self._check_published(fact)
        for other in self.chosen:
            if other.way not in self.ways:
                raise ValueError(f"chosen: {other.way!r} is not one of the ways {list(self.ways)}")
        named = [name for fact in self.facts for name in fact.sources] + list(self.outcome.sources)
        for name in named:
            if name not in self.sources:
                raise ValueError(f"sources: nothing has the id {name!r}")
        return self

    def _check_outcome(self) -> None:
        """Check that the day of the outcome is one on which it can happen."""
        way, day = self.outcome.way, self.outcome.date
        if way == "deal" and day > self.deadline:
            raise ValueError(f"outcome: a deal of {day} is after the deadline, {self.deadline}")
        if way == "measure" and day > self.until:
            raise ValueError(f"outcome: a measure of {day} is after {self.until}, the last day on which it counts")
        if way == "nothing" and day < self.until:
            raise ValueError(f"outcome: nothing on {day}, and the measure may come until {self.until}")

    def _check_published(self, fact: RecordFact) -> None:
        """Check that a fact says so where all of its sources were published after what was known."""
        dates = [latest_day(self.sources[name].date) for name in fact.sources if name in self.sources]
        later = bool(dates) and min(dates) > self.known_on
        if later != fact.published_later:
            raise ValueError(
                f"facts: {fact.date}: published_later is {fact.published_later}, and the first of its sources is of "
                f"{min(dates)}, the last day that counts is {self.known_on}"
            )

    @property
    def final_on(self) -> datetime.date:
        """The first day on which the outcome could not change any more."""
        return self.outcome.date if self.outcome.way == "measure" else self.until

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
            ended_on=self.outcome.date,
        )


@read_only
@dataclass(frozen=True, eq=False)
class Record:
    """Deadlines with their forecasts and outcomes, in the order of the days on which they were known."""

    entries: tuple[RecordEntry, ...]

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """By entry: what happened, its probability, and both scores, beside those of the base rate and of even odds.

        The base rate of an entry is that of the outcomes that were final on its day, by Laplace's rule.
        """
        return self._scored({})

    def _scored(self, instead: Mapping[str, str]) -> pd.DataFrame:
        """The table, with other outcomes by entry."""
        import pandas as pd

        rows = []
        for entry in self.entries:
            way, held = instead.get(entry.name, entry.outcome.way), dict(entry.forecast.probabilities)
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
        """Return the base rate of each way from the outcomes that were final on the entry's day."""
        known = [other.outcome.way for other in self.entries if other.final_on <= entry.known_on]
        return base_rate({way: known.count(way) for way in entry.ways})

    @functools.cached_property
    def means(self) -> dict[str, float]:
        """The mean of each score over the record."""
        scores = ["brier", "log", "base_brier", "base_log", "even_brier", "even_log"]
        return {name: float(self.table[name].mean()) for name in scores}

    @functools.cached_property
    def other_days(self) -> pd.DataFrame:
        """By (entry, day, instead): the outcome by another day that could have been chosen, and the scores then.

        `mean_brier` and `mean_log` are those of the record if only that outcome were otherwise; the probabilities are
        the same, as talks of one turn do not depend on when that is. The base rates keep the outcomes as they are.
        """
        import pandas as pd

        rows = {}
        for entry in self.entries:
            for other in entry.chosen:
                table = self._scored({entry.name: other.way})
                here = table.loc[entry.name]
                rows[entry.name, other.day, other.instead] = {
                    "outcome": other.way,
                    "brier": here["brier"],
                    "log": here["log"],
                    "mean_brier": float(table["brier"].mean()),
                    "mean_log": float(table["log"].mean()),
                }
        index = pd.MultiIndex.from_tuples(list(rows), names=["deadline of", "day", "instead"])
        return pd.DataFrame(list(rows.values()), index=index)

    @property
    def least_p(self) -> float:
        """The least p-value that a two-sided sign test against another forecaster can have at this many entries."""
        return float(min(1.0, 2 * 0.5 ** len(self.entries)))


def latest_day(date: str) -> datetime.date:
    """Return the last day that a date of a source may mean: "2026-05" is 31 May 2026."""
    year, month, day = ([int(part) for part in date.split("-")] + [0, 0])[:3]
    return datetime.date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])


def record_names() -> tuple[str, ...]:
    """Return the names of the entries of the bundled record."""
    return tuple(entry.name for entry in bundled_record().entries)


@functools.cache
def bundled_record() -> Record:
    """Return the record that ships with the package."""
    places = {f"{name}.yaml": f"forecasting/past/{name}.yaml" for name in shipped_names("forecasting/past", ".yaml")}
    entries = [read_entry(shipped_text(place), name) for name, place in places.items()]
    return Record(tuple(sorted(entries, key=lambda entry: entry.known_on)))


def read_entry(text: str, path: str = "record") -> RecordEntry:
    """Return an entry from YAML. Raises `DocumentError` for one that uses what was not known yet."""
    try:
        return RecordEntry.model_validate(plain(read_document(text, path)))
    except ValidationError as error:
        first = error.errors()[0]
        raise DocumentError(message_of(first), path=path, key=dotted_key(place_of(first))) from None


def record_entry(name: str) -> RecordEntry:
    """Return the entry of the record with a name. Raises `UnknownNameError`."""
    found = {entry.name: entry for entry in bundled_record().entries}
    if name not in found:
        raise UnknownNameError("deadline of the record", name, list(found))
    return found[name]
