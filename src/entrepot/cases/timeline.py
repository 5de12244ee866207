"""The timeline of a case as its file states it: scenarios in force by date, and the branches after a deadline."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from entrepot.cases.case_section import CaseError, CaseSection
from entrepot.cases.scenario_references import check_known
from entrepot.errors import not_a_share
from entrepot.measures.fields import read_rate
from entrepot.paths.growing_elasticities import grown

#: What may follow a deadline, in the order in which branches are shown.
WAYS = ("agreed", "lapsed", "not_carried_out", "ineffective")

#: The longest window, in years.
LONGEST = 100

Share = Annotated[float, BeforeValidator(lambda value: read_rate("", value))]


class DatedSection(CaseSection):
    """A section with the keys `from` and `until`."""

    model_config = ConfigDict(**(CaseSection.model_config | {"populate_by_name": True}))

    since: datetime.date = Field(alias="from")
    until: datetime.date | None = None


class InForceSpec(DatedSection):
    """A scenario that is in force from its first day to the day before `until`.

    ends   scenarios that it replaces for good, if they began no later
    """

    name_in_fingerprint = "InForce"

    scenario: str
    ends: tuple[str, ...] = ()


class Adjustment(CaseSection):
    """How trade elasticities reach their long-run values after the measures in force change.

    short   their ratio to the long run at first, above zero and at most one
    years   until they reach the long run ("linear"), or until 95% of the gap is closed ("exponential")
    """

    short: Annotated[float, BeforeValidator(lambda value: read_rate("", value, above=0.0)), Field(le=1)]
    years: float = Field(gt=0, le=50)
    path: Literal["linear", "exponential"] = "linear"

    def at(self, years: float) -> float:
        """Return the ratio to the long-run elasticity, `years` after a change."""
        return grown(self.short, self.years, self.path, years)


class ByClock(CaseSection):
    """A deadline that a legal clock of the case's calendar sets."""

    clock: str


class Node(CaseSection):
    """The scenarios in force on a branch, and the deadline that splits it further."""

    title: str = ""
    probability: Share | None = None
    in_force: tuple[InForceSpec, ...] = ()
    deadline: datetime.date | ByClock | None = None
    if_agreed: Node | None = None
    if_lapsed: Node | None = None
    if_not_carried_out: Node | None = None
    if_ineffective: Node | None = None

    @property
    def ways(self) -> dict[str, Node]:
        """The branches that the deadline opens, by what follows it."""
        found = {way: getattr(self, f"if_{way}") for way in WAYS}
        return {way: node for way, node in found.items() if node is not None}


class Timeline(DatedSection, Node):
    """A window of time, the scenarios in force in it, and the branches that its deadline opens.

    discount_rate   annual; amounts are discounted from the middle of their quarter to the window's first day
    adjustment      of trade elasticities after a change; without it they are at their long-run values at once
    front_loading   the part of two quarters' trade that moves into the quarter before a measure begins
    """

    until: datetime.date
    discount_rate: Share = 0.0
    adjustment: Adjustment | None = None
    front_loading: Annotated[Share, Field(ge=0, le=1)] = 0.0


@dataclass(frozen=True)
class Branch:
    """One path through the tree of deadlines.

    name          such as "agreed" or "lapsed / agreed"
    probability   None where none is stated
    in_force      the scenarios in force, each with its place in the document
    """

    name: str
    title: str
    probability: float | None
    in_force: tuple[tuple[str, InForceSpec], ...]
    deadlines: tuple[datetime.date, ...]

    def on(self, date: datetime.date) -> frozenset[str]:
        """Return the scenarios in force on a date."""
        stated = [entry for _, entry in self.in_force]
        begun = [(entry, first_day_without(entry, stated)) for entry in stated if entry.since <= date]
        return frozenset(entry.scenario for entry, until in begun if until is None or date < until)


def first_day_without(entry: InForceSpec, others: Iterable[InForceSpec]) -> datetime.date | None:
    """Return the first day without an entry: its own, or that on which another that ends it begins."""
    after = [other for other in others if other is not entry and entry.since <= other.since]
    ended = [other.since for other in after if entry.scenario in other.ends]
    return min((day for day in (entry.until, *ended) if day is not None), default=None)


def branches(timeline: Timeline, clock: Callable[[str], datetime.date]) -> tuple[Branch, ...]:
    """Return every branch of the timeline.

    `clock` returns the last day of a clock of the calendar, or raises `ValueError`. Raises `CaseError` for dates or
    probabilities that are impossible, and for a branch without a deadline.
    """
    if timeline.probability is not None:
        raise CaseError("timeline.probability", "state a probability in a branch (if_agreed and so on), not here")
    if timeline.until <= timeline.since:
        message = f"{timeline.until} is not after the window's first day, {timeline.since}"
        raise CaseError("timeline.until", message)
    last, first = ((d.year, d.month, d.day) for d in (timeline.until, timeline.since))
    if (last[0] - LONGEST, *last[1:]) > first:
        message = f"{timeline.until} is more than {LONGEST} years after the window's first day, {timeline.since}"
        raise CaseError("timeline.until", message)
    return tuple(_walk(timeline, timeline, "timeline", Branch("", timeline.title, 1.0, (), ()), clock))


def _walk(
    window: Timeline, node: Node, place: str, so_far: Branch, clock: Callable[[str], datetime.date]
) -> Iterator[Branch]:
    """Yield the branches through a node, each of them the branch `so_far` as far as the node."""
    deadlines = so_far.deadlines
    known_from = deadlines[-1] if deadlines else window.since
    own = [(f"{place}.in_force.{k}", entry) for k, entry in enumerate(node.in_force)]
    for where, entry in own:
        check_dates((window.since, window.until), entry, where, known_from if deadlines else None)
    together = (*so_far.in_force, *own)
    check_overlap(together)
    if not node.ways:
        if node.deadline is not None:
            raise CaseError(f"{place}.deadline", "no branch follows this deadline; add if_agreed, if_lapsed and so on")
        yield replace(so_far, name=so_far.name or "as stated", in_force=together)
        return
    if node.deadline is None:
        raise CaseError(
            f"{place}.if_{next(iter(node.ways))}",
            "a branch follows a deadline, and none is stated beside it; add 'deadline'",
        )
    date = _date(node.deadline, f"{place}.deadline", clock)
    if not known_from < date < window.until:
        before = "the previous deadline" if deadlines else "the window's first day"
        raise CaseError(
            f"{place}.deadline",
            f"{date} must lie after {before} ({known_from}) and before the window ends ({window.until})",
        )
    shares = _shares(node, place)
    for way, child in node.ways.items():
        name = " / ".join(filter(None, (so_far.name, way.replace("_", " "))))
        share = shares[way]
        chance = None if share is None or so_far.probability is None else so_far.probability * share
        longer = Branch(name, child.title, chance, together, (*deadlines, date))
        yield from _walk(window, child, f"{place}.if_{way}", longer, clock)


def _date(deadline: datetime.date | ByClock, place: str, clock: Callable[[str], datetime.date]) -> datetime.date:
    if isinstance(deadline, datetime.date):
        return deadline
    try:
        return clock(deadline.clock)
    except ValueError as error:
        raise CaseError(f"{place}.clock", str(error)) from None


def _shares(node: Node, place: str) -> Mapping[str, float | None]:
    """Return the probabilities of a node's branches; raise `CaseError` unless all are stated and sum to 1, or none."""
    stated = {way: child.probability for way, child in node.ways.items()}
    given = [p for p in stated.values() if p is not None]
    if given and len(given) < len(stated):
        missing = next(way for way, p in stated.items() if p is None)
        raise CaseError(
            f"{place}.if_{missing}", "the key 'probability' is missing; state it for every branch, or for none"
        )
    for way, p in stated.items():
        if p is not None and not 0 <= p <= 1:
            raise CaseError(f"{place}.if_{way}.probability", not_a_share(p))
    if given and abs(sum(given) - 1) > 1e-9:
        first = next(iter(stated))
        raise CaseError(
            f"{place}.if_{first}.probability",
            f"the probabilities of the branches sum to {100 * sum(given):.6g}%, not to 100%",
        )
    return stated


def check_dates(
    window: tuple[datetime.date, datetime.date], entry: InForceSpec, where: str, deadline: datetime.date | None = None
) -> None:
    """Raise `CaseError` for days in the wrong order, outside the window, or before the deadline that opens a branch."""
    since, until = window
    if entry.until is not None and entry.until <= entry.since:
        raise CaseError(f"{where}.until", f"{entry.until} is not after its first day, {entry.since}")
    if entry.since >= until or (entry.until is not None and entry.until <= since):
        raise CaseError(f"{where}.from", f"lies outside the window, {since} to {until}")
    if deadline is not None and entry.since < deadline:
        raise CaseError(
            f"{where}.from",
            f"{entry.since} is before the deadline that opens its branch ({deadline}); choose a later date",
        )


def check_overlap(
    in_force: Sequence[tuple[str, InForceSpec]], carried_out: Sequence[InForceSpec] | None = None
) -> None:
    """Raise `CaseError` where a scenario is in force twice at the same time.

    carried_out  the entries that may end others; None: all
    """
    ending = [entry for _, entry in in_force] if carried_out is None else carried_out
    ends = [first_day_without(entry, ending) or datetime.date.max for _, entry in in_force]
    for k, (where, entry) in enumerate(in_force):
        for (_, other), end in zip(in_force[:k], ends, strict=False):
            if entry.scenario == other.scenario and max(entry.since, other.since) < min(end, ends[k]):
                raise CaseError(f"{where}.from", f"{entry.scenario!r} is already in force from {other.since}")


def check_scenarios(in_force: Sequence[InForceSpec], place: str, scenarios: Mapping[str, Any]) -> None:
    """Raise `CaseError` for an entry that names a scenario that the case does not have."""
    for k, entry in enumerate(in_force):
        for key, names in (("scenario", (entry.scenario,)), ("ends", entry.ends)):
            check_known(f"{place}.{k}.{key}", names, scenarios, "unknown scenario {!r}")


def check_names(timeline: Timeline, scenarios: Mapping[str, Any]) -> None:
    """Raise `CaseError` for a scenario that the case does not have."""

    def visit(node: Node, place: str) -> None:
        check_scenarios(node.in_force, f"{place}.in_force", scenarios)
        for way, child in node.ways.items():
            visit(child, f"{place}.if_{way}")

    visit(timeline, "timeline")
