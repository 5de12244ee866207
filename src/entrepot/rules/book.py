"""The book of rules: provisions, disputes, statutes, agreements, rates and facts, as read from rules/data."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field, field_validator

from entrepot.languages import translated
from entrepot.rules.entry import Cited, Confidence, Entry, in_books, in_period, read_package_data
from entrepot.words import day

#: The date on which the law data were last checked; no source or decision in them is later.
LAW_AS_OF = datetime.date(2026, 9, 30)
#: On a date that is later than LAW_AS_OF by more than this, no single entry is named as due to be read again: all are.
LAW_VALID_FOR = datetime.timedelta(days=365)


def law_last_checked(on: datetime.date) -> list[str]:
    """Return the note that the law data were checked before a date; empty where they were not."""
    if on <= LAW_AS_OF:
        return []
    says = "The law data were last checked on {checked}: check what has changed by {on}."
    return [translated(says, checked=day(LAW_AS_OF), on=day(on))]


#: The id of a fact, "not ID" for its negation, or a tuple of alternatives.
Question = str | tuple[str, ...]


class Contest(Entry):
    """A dispute on how far an authority or an exception extends: the issue, the period, and who holds which view.

    clock   the id of a clock: the dispute matters to a case only once that clock has lapsed
    of      codes or groups whose reliance is in dispute; empty means everybody's
    despite_facts   it stays open even where the facts found speak against the exception
    settled_by      a fact: where it holds, the dispute does not arise (a declared safeguard is one)
    """

    since: datetime.date
    until: datetime.date | None = None
    clock: str | None = None
    of: tuple[str, ...] = ()
    despite_facts: bool = False
    settled_by: str | None = None
    what: str
    authorities: tuple[str, ...]

    def on(self, date: datetime.date) -> bool:
        """Return whether the dispute is open on a date."""
        return in_period(date, self.since, self.until)


class OnExports(Entry):
    """What follows from a breach by the exporter, and what would end it, where that differs; None where it does not."""

    consequence: str | None = None
    cure: str | None = None


class Rule(Cited):
    """A provision as questions about facts: when it is touched, when it is breached, and what excuses a breach.

    A question is the id of a fact (`rules.facts`) or "not ID"; a list inside the list holds if any of its members does.
    kind        obligation; exception (excuses a breach of another, if claimed); remedy (what the other side may do)
    in_force    the first day;  until  the day after the last
    binds       importer, exporter or producer: the party whose conduct it covers
    only        the parties that alone are bound by it (an accession protocol); empty means every Member
    touched_by  all yes: the rule applies to the measure
    breached_if all yes: a breach; any no: consistent; else it depends on the unknown facts
    excused_by  ids of the exceptions that can excuse a breach
    serves      for an exception: importer or exporter, where it excuses the measures of one side alone; empty: of both
    open_to     for an exception: it is listed for who does not rely on it, unless one is no
    claimed_by  for an exception: a party relies on it if all yes
    met_if      for an exception: it excuses a breach if all yes
    condition   for an exception: what must hold, as the end of "justified if ..."
    contested   for an exception: the dispute on how far it extends
    consequence what follows from a breach;  cure  what would end it;  remedy  the id of the rule on remedies
    on_exports  the consequence and the cure where the exporter is the one in breach, if they differ
    any_member  the breach harms third countries rather than the two that agreed on it: they may complain too
    """

    provision: str
    title: str
    kind: Literal["obligation", "exception", "remedy", "pledge"]
    in_force: datetime.date
    until: datetime.date | None = None
    binds: tuple[Literal["importer", "exporter", "producer"], ...] = ("importer",)
    only: tuple[str, ...] = ()
    test: str
    touched_by: tuple[Question, ...] = ()
    breached_if: tuple[Question, ...] = ()
    excused_by: tuple[str, ...] = ()
    serves: tuple[Literal["importer", "exporter"], ...] = ()
    open_to: tuple[Question, ...] = ()
    claimed_by: tuple[Question, ...] = ()
    met_if: tuple[Question, ...] = ()
    condition: str | None = None
    contested: Contest | None = None
    consequence: str
    cure: str | None = None
    on_exports: OnExports = OnExports()
    any_member: bool = False
    remedy: str | None = None
    disputes: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts that the rule uses."""
        listed = (*self.touched_by, *self.breached_if, *self.open_to, *self.claimed_by, *self.met_if)
        flat = [name for question in listed for name in ((question,) if isinstance(question, str) else question)]
        return tuple(dict.fromkeys(name.removeprefix("not ") for name in flat))


class Dispute(Cited):
    """A decided or pending case, with its holding on a provision in one sentence of our own.

    number      DS512, or the document of a GATT panel (L/6309); a court's docket or reporter for national courts
    decided     the date of circulation of the report, or of the judgment
    adopted     the date of adoption by the Dispute Settlement Body; None if it was not adopted
    provisions  ids of the rules that it interprets
    respondent, isic4   the party whose measure was judged, and the divisions of ISIC Rev. 4 of its goods: a finding on
                a rule that names the dispute, for the same party and goods, says what was held
    """

    number: str
    title: str
    year: int
    decided: datetime.date
    adopted: datetime.date | None = None
    status: str
    held: str
    provisions: tuple[str, ...]
    respondent: str | None = None
    isic4: tuple[str, ...] = ()


class Limit(Entry):
    """The limits of a statute: points of duty (0.15), days or years, and whether all origins must be treated alike.

    clock       the id of the clock that counts the days of a measure from its first
    extendable  what must happen for the action to last longer than the days or years; None where it cannot
    years_in_all  the years that it may last at most with every extension; None where nothing limits them
    selective   what must hold where origins are treated differently; None where they may not be
    """

    points: float | None = None
    days: int | None = None
    years: float | None = None
    clock: str | None = None
    extendable: str | None = None
    years_in_all: float | None = None
    all_origins: bool = False
    selective: str | None = None
    source: str | None = None
    confidence: Confidence = "general"


class Determination(Entry):
    """A finding that an authority made under a statute: since when it stands, and on which goods and countries.

    isic4   divisions of ISIC Rev. 4 of the goods; empty means all
    of      ISO codes or groups of the countries that it concerns; empty means all
    """

    since: datetime.date
    until: datetime.date | None = None
    isic4: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    says: str
    source: str
    confidence: Confidence


class Statute(Cited):
    """A statute: the authority for a measure in domestic law.

    country   ISO code, or EU
    provision its official citation
    until     the day from which it no longer authorises the kinds of measure in `ended_for`; without any, all kinds
    ended_by  who ended that authority, and how, as the end of a sentence
    collected_until   the last day of entries on which duties under it were collected, where that is not the day before
              `until`
    needs     the facts that it asks for before a measure is taken; one that is not known is a condition
    found     what is known to have been found under it, which answers `needs`;  found_by  the kinds of event in the
              calendar of a case that do
    invokes   ids of the WTO exceptions that a measure under it relies on
    negotiates_restraint   whether it names an agreement that limits trade as an option
    """

    country: str
    title: str
    provision: str
    in_force: datetime.date
    until: datetime.date | None = None
    ended_for: tuple[str, ...] = ()
    ended_by: str | None = None
    collected_until: datetime.date | None = None
    needs: tuple[str, ...] = ()
    found: tuple[Determination, ...] = ()
    found_by: tuple[str, ...] = ()
    test: str
    actions: tuple[str, ...]
    invokes: tuple[str, ...] = ()
    negotiates_restraint: bool = False
    clashes_with: tuple[str, ...] = ()
    limits: Limit = Limit()
    contests: tuple[Contest, ...] = ()
    consequence: str
    disputes: tuple[str, ...] = ()


class MissingLaw(Cited):
    """A statute or an agreement that the book is known to lack.

    country   ISO code, or EU;  with_country  the other party to an agreement;  since  its first day
    serves    ids of the WTO exceptions that a measure under it relies on
    """

    country: str
    with_country: str | None = None
    since: datetime.date | None = None
    provision: str
    title: str
    serves: tuple[str, ...] = ()


class Pledge(Entry):
    """A promise that parties to an agreement have made.

    kind      standstill | no_new_duties | duty_free | quota_exempt | rate_ceiling | purchases | other
    by, to    ISO codes or groups; empty means every party
    isic4     divisions of ISIC Rev. 4 that it covers ("29"); empty means all
    rate      for rate_ceiling: the highest rate allowed, all duties together
    limit     for quota_exempt: the exempt quantity with its unit, in words, or None for any quantity;
              for rate_ceiling: the quantity it holds for
    beyond    for rate_ceiling with a limit: the highest rate allowed beyond it
    outside   ids of the exceptions under which a duty is not one that the text means (gatt-vi: anti-dumping duties)
    unless    what the text leaves open, as the end of "departed from if ..." or "it is broken if ..."
    broken_if   for rate_ceiling: what goes against the text within the ceiling too, as the end of the same
    under     id of the statute whose duties it is on; None means those of any
    collected_since   the day from which it was applied at the border, with refunds back to `since`, where that is later
    """

    id: str
    kind: Literal["standstill", "no_new_duties", "duty_free", "quota_exempt", "rate_ceiling", "purchases", "other"]
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    isic4: tuple[str, ...] = ()
    rate: float | None = None
    beyond: float | None = None
    limit: str | None = None
    outside: tuple[str, ...] = ()
    unless: str | None = None
    broken_if: str | None = None
    under: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    collected_since: datetime.date | None = None
    says: str
    source: str
    confidence: Confidence


class Apart(Entry):
    """Two parties to an agreement that it does not bind to each other, until a day or, without one, to this day.

    since, until  the first day, and the first day no more;  because: what is wanting, in words
    """

    parties: tuple[str, str]
    since: datetime.date | None = None
    until: datetime.date | None = None
    because: str

    def on(self, date: datetime.date) -> bool:
        """Return whether they are apart on a date."""
        return in_period(date, self.since, self.until)


class GlobalSafeguard(Entry):
    """What an agreement says of a safeguard under Article XIX of GATT that meets goods of its parties.

    partners   may_be_left_out: the party may leave them out where they are not a substantial cause of the injury;
               must_be_left_out: it does, save a substantial share that contributes importantly to the injury;
               as_others: no rule of its own
    """

    provision: str
    partners: Literal["may_be_left_out", "must_be_left_out", "as_others"]
    says: str
    source: str
    confidence: Confidence


class Agreement(Cited):
    """An agreement: its kind, its parties and the dates on which it binds them, and its pledges.

    kind        free_trade: notified, or claimed, under GATT XXIV; limited: covers a part of trade; statement: a
                political text; side_letter; restraint: limits trade itself
    treaty      whether it binds its parties in law: yes for free_trade, customs_union and limited, no for the others,
                unless `binding` says otherwise. A measure departs from the others; it does not breach them
    in_force    None for a statement, or an agreement not in force
    joined      the date of entry into force by party, where it differs;  left  the date of exit, by party
    not_between pairs of its parties that it does not bind to each other (an accession that one has not ratified)
    left_out    the trade that it leaves out, in words
    frees       for a partial agreement: by importer, the ISIC Rev. 4 divisions that it makes free of duty
    leaves_out  by importer, the divisions that stay dutiable
    security    its security exception, in one sentence
    global_safeguard   what it says of safeguards under Article XIX of GATT; None where the book does not know
    """

    title: str
    short: str
    kind: Literal["free_trade", "customs_union", "limited", "statement", "side_letter", "restraint"]
    binding: bool | None = None
    parties: tuple[str, ...] = Field(min_length=2)
    signed: datetime.date | None = None
    in_force: datetime.date | None = None
    joined: dict[str, datetime.date] = Field(default_factory=dict)
    left: dict[str, datetime.date] = Field(default_factory=dict)
    not_between: tuple[Apart, ...] = ()
    ended: datetime.date | None = None
    left_out: str | None = None
    frees: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    leaves_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    security: str | None = None
    global_safeguard: GlobalSafeguard | None = None
    pledges: tuple[Pledge, ...] = ()

    @property
    def treaty(self) -> bool:
        """Whether it binds its parties in law."""
        return self.kind in ("free_trade", "customs_union", "limited") if self.binding is None else self.binding


class DatedRate(Entry):
    """A rate from a date on: ad valorem (0.025), or, if specific, in words."""

    since: datetime.date
    rate: float | None = None
    specific: str | None = None
    source: str | None = None
    confidence: Confidence | None = None

    @field_validator("rate")
    @classmethod
    def _a_fraction(cls, rate: float | None) -> float | None:
        if rate is not None and not 0 <= rate <= 10:
            raise ValueError(f"{rate} is out of range; give a fraction such as 0.025")
        return rate


class Rate(Cited):
    """A tariff rate of a country on an item, by date.

    country   ISO code of the importer, or EU
    item      the goods in words; `hs` is their heading in the Harmonized System
    isic4     the ISIC Rev. 4 division of the item, which finds the sector of an Economy
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
        """Return the value in force on `date`, or None."""
        past = [value for value in self.values if value.since <= date]
        return max(past, key=lambda value: value.since) if past else None


class FactText(Entry):
    """The wording of a fact in data/facts.yaml: the question, and the sentence for each answer to it.

    computed  whether `rules.facts` finds the answer; if not, a case states it
    yes, no, unknown  the sentence for each answer
    unless    what must hold for no breach where the answer is unknown
    known_as  an older id, which means this fact where `under`, the id of an exception, is relied on
    """

    id: str
    question: str
    computed: bool = False
    yes: str = ""
    no: str = ""
    unknown: str = ""
    unless: str = ""
    known_as: str = ""
    under: str = ""


@functools.cache
def fact_texts() -> dict[str, FactText]:
    """The wording of every fact, by id."""
    return {item["id"]: FactText.model_validate(item) for item in read_package_data("facts.yaml")}


def rules() -> dict[str, Rule]:
    """The provisions of the WTO agreements, by id."""
    return in_books("provisions", Rule)


def disputes() -> dict[str, Dispute]:
    """The disputes, by id."""
    return in_books("disputes", Dispute)


def statutes() -> dict[str, Statute]:
    """The statutes, by id."""
    return in_books("statutes", Statute)


def agreements() -> dict[str, Agreement]:
    """The agreements, by id."""
    return in_books("agreements", Agreement)


def missing() -> dict[str, MissingLaw]:
    """What the book is known to lack, by id."""
    return in_books("missing", MissingLaw)


def rates() -> dict[str, Rate]:
    """The tariff rates, by id."""
    return in_books("rates", Rate)


def decided_alike(ids: Iterable[str]) -> list[list[Dispute]]:
    """Group disputes decided on one day in the same words; every other dispute alone, in the order given."""
    groups: dict[tuple[datetime.date, str], list[Dispute]] = {}
    for name in ids:
        dispute = disputes()[name]
        groups.setdefault((dispute.decided, dispute.held), []).append(dispute)
    return list(groups.values())


def cited(group: Sequence[Dispute]) -> str:
    """Return the citation of a group: "United States - Certain Measures on Steel and Aluminium, DS544, DS552"."""
    title = group[0].title if len(group) == 1 else group[0].title.partition(" (")[0]
    return ", ".join([title, *(dispute.number for dispute in group)])
