"""The book of rules: provisions, disputes, statutes, agreements and rates, as they stand in rules/data."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field, field_validator

from entrepot.rules.entry import Cited, Confidence, Entry, in_books, read_package_data

#: A fact, "not FACT", or any one of several.
Question = str | tuple[str, ...]


class Contest(Entry):
    """A dispute over whether an authority or an exception reaches so far: what, since and until when, who says what.

    clock   the id of a clock: the dispute bears on a case only once that has run out
    despite_facts   it is open even where the facts found speak against the exception
    """

    since: datetime.date
    until: datetime.date | None = None
    clock: str | None = None
    despite_facts: bool = False
    what: str
    authorities: tuple[str, ...]

    def on(self, date: datetime.date) -> bool:
        return self.since <= date and (self.until is None or date < self.until)


class Rule(Cited):
    """A provision as questions about facts: when it is touched, when it is breached, and what excuses a breach.

    Questions are ids of facts (`rules.facts`), "not ID" turned round; a list inside the list is any one of its members.
    kind        obligation; exception (excuses a breach of another, if claimed); remedy (what the other side may do)
    in_force    from when; `until` when
    binds       importer, exporter or producer: whose conduct it judges
    touched_by  all yes: the rule has something to say of the measure
    breached_if all yes: a breach; any no: consistent; else it depends on what is not known
    excused_by  ids of exceptions that can excuse a breach
    claimed_by  for an exception: a party relies on it if all yes
    met_if      for an exception: it excuses if all yes
    condition   for an exception: what must hold, as the end of "justified if ..."
    contested   for an exception: from when, and why, its reach is in dispute
    consequence what follows from a breach;  cure  what would end it;  remedy  the id of what the other side may do
    """

    provision: str
    title: str
    kind: Literal["obligation", "exception", "remedy", "pledge"]
    in_force: datetime.date
    until: datetime.date | None = None
    binds: tuple[Literal["importer", "exporter", "producer"], ...] = ("importer",)
    test: str
    touched_by: tuple[Question, ...] = ()
    breached_if: tuple[Question, ...] = ()
    excused_by: tuple[str, ...] = ()
    claimed_by: tuple[Question, ...] = ()
    met_if: tuple[Question, ...] = ()
    condition: str | None = None
    contested: Contest | None = None
    consequence: str
    cure: str | None = None
    remedy: str | None = None
    disputes: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it asks for."""
        listed = (*self.touched_by, *self.breached_if, *self.claimed_by, *self.met_if)
        flat = [name for question in listed for name in ((question,) if isinstance(question, str) else question)]
        return tuple(dict.fromkeys(name.removeprefix("not ") for name in flat))


class Dispute(Cited):
    """A case that was decided, or is pending, and what it says of a provision, in one line of our own.

    number      DS512, or the document of a GATT panel (L/6309); a court's docket or reporter for national courts
    decided     when: the circulation of the report, or the judgment
    adopted     when the Dispute Settlement Body adopted it; None where it did not
    provisions  ids of the rules that it bears on
    """

    number: str
    title: str
    year: int
    decided: datetime.date
    adopted: datetime.date | None = None
    status: str
    held: str
    provisions: tuple[str, ...]


class Limit(Entry):
    """What a statute allows at the most: points of duty (0.15), or days; and whether origins may be told apart."""

    points: float | None = None
    days: int | None = None
    years: float | None = None
    all_origins: bool = False
    source: str | None = None
    confidence: Confidence = "general"


class Statute(Cited):
    """A domestic authority for a measure.

    country   ISO code, or EU
    provision its official citation
    until     from when it is no authority, for the kinds of measure in `ended_for` or, without any, for all
    invokes   ids of the WTO exceptions that a measure under it relies on
    negotiates_restraint   whether it names an agreement that limits trade as a way to act
    """

    country: str
    title: str
    provision: str
    in_force: datetime.date
    until: datetime.date | None = None
    ended_for: tuple[str, ...] = ()
    test: str
    actions: tuple[str, ...]
    invokes: tuple[str, ...] = ()
    negotiates_restraint: bool = False
    clashes_with: tuple[str, ...] = ()
    limits: Limit = Limit()
    contests: tuple[Contest, ...] = ()
    consequence: str
    disputes: tuple[str, ...] = ()


class Pledge(Entry):
    """What a party to an agreement has promised.

    kind      standstill | no_new_duties | duty_free | quota_exempt | rate_ceiling | purchases | other
    by, to    ISO codes or groups; empty means every party
    isic4     divisions of ISIC Rev. 4 that it covers ("29"); empty means all
    rate      for rate_ceiling: the most that it lets be charged, all duties together
    limit     for quota_exempt: what is exempt, as a quantity with its unit in words; for rate_ceiling: up to where
    beyond    for rate_ceiling with a limit: the most that it lets be charged beyond that
    """

    id: str
    kind: Literal["standstill", "no_new_duties", "duty_free", "quota_exempt", "rate_ceiling", "purchases", "other"]
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    isic4: tuple[str, ...] = ()
    rate: float | None = None
    beyond: float | None = None
    limit: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    says: str
    source: str
    confidence: Confidence


class Agreement(Cited):
    """An agreement between parties: what it is, when it binds whom, and what it pledges.

    kind        free_trade: notified, or claimed, under GATT XXIV; limited: covers a part of trade; statement: a
                political text; side_letter; restraint: limits trade itself
    in_force    None where it is a statement, or not in force
    joined      parties for which it came into force on another date;  left  those that it no longer binds, from when
    left_out    what it leaves out of free trade, in words
    frees       for an agreement that frees a part: by importer, the ISIC Rev. 4 divisions whose duties it ends
    leaves_out  by importer, the divisions whose duties stay
    security    what its security exception says, in one line
    """

    title: str
    short: str
    kind: Literal["free_trade", "customs_union", "limited", "statement", "side_letter", "restraint"]
    parties: tuple[str, ...] = Field(min_length=2)
    signed: datetime.date | None = None
    in_force: datetime.date | None = None
    joined: dict[str, datetime.date] = Field(default_factory=dict)
    left: dict[str, datetime.date] = Field(default_factory=dict)
    ended: datetime.date | None = None
    left_out: str | None = None
    frees: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    leaves_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    security: str | None = None
    pledges: tuple[Pledge, ...] = ()


class DatedRate(Entry):
    """A rate from a date on: ad valorem (0.025), or in words where it is specific."""

    since: datetime.date
    rate: float | None = None
    specific: str | None = None
    source: str | None = None
    confidence: Confidence | None = None

    @field_validator("rate")
    @classmethod
    def _a_fraction(cls, rate: float | None) -> float | None:
        if rate is not None and not 0 <= rate <= 10:
            raise ValueError(f"{rate} is not a rate as a fraction such as 0.025")
        return rate


class Rate(Cited):
    """A tariff rate of a country on an item, by date.

    country   ISO code of the importer, or EU
    item      in words, with its heading of the Harmonized System in `hs`
    isic4     the division of ISIC Rev. 4 that the item is in, for finding an Economy's sector
    kind      bound: the ceiling in its schedule; mfn: applied to all; preference: under `agreement`
    """

    country: str
    item: str
    hs: str
    isic4: str
    kind: Literal["bound", "mfn", "preference"]
    agreement: str | None = None
    values: tuple[DatedRate, ...] = Field(min_length=1)

    def on(self, date: datetime.date) -> DatedRate | None:
        """The value in force on `date`."""
        past = [value for value in self.values if value.since <= date]
        return max(past, key=lambda value: value.since) if past else None


class FactText(Entry):
    """The wording of a fact in data/facts.yaml: the question, and the sentence for each answer to it.

    computed  whether `rules.facts` finds the answer; if not, a case states it
    yes, no, unknown  the sentence for each answer
    unless    what must hold for no breach where the answer is unknown
    """

    id: str
    question: str
    computed: bool = False
    yes: str = ""
    no: str = ""
    unknown: str = ""
    unless: str = ""


@functools.cache
def fact_texts() -> dict[str, FactText]:
    """The wording of every fact, by id."""
    return {item["id"]: FactText.model_validate(item) for item in read_package_data("facts.yaml")}


def rules() -> dict[str, Rule]:
    return in_books("provisions", Rule)


def disputes() -> dict[str, Dispute]:
    return in_books("disputes", Dispute)


def statutes() -> dict[str, Statute]:
    return in_books("statutes", Statute)


def agreements() -> dict[str, Agreement]:
    return in_books("agreements", Agreement)


def rates() -> dict[str, Rate]:
    return in_books("rates", Rate)


def decided_alike(ids: Iterable[str]) -> list[list[Dispute]]:
    """Disputes decided on one day in the same words, together; the rest alone. In the order given."""
    groups: dict[tuple[datetime.date, str], list[Dispute]] = {}
    for name in ids:
        dispute = disputes()[name]
        groups.setdefault((dispute.decided, dispute.held), []).append(dispute)
    return list(groups.values())


def cited(group: Sequence[Dispute]) -> str:
    """ "United States - Certain Measures on Steel and Aluminium Products, DS544, DS552"."""
    title = group[0].title if len(group) == 1 else group[0].title.partition(" (")[0]
    return ", ".join([title, *(dispute.number for dispute in group)])
