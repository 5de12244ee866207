"""The book of rules: provisions, disputes, statutes, agreements and rates, as they stand in rules/data."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field, field_validator

from entrepot.rules.entry import Cited, Confidence, Entry, bundled


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


class Contest(Entry):
    """A dispute over whether an authority exists or has lapsed: what, from when, until when, and who says what."""

    since: datetime.date
    until: datetime.date | None = None
    what: str
    authorities: tuple[str, ...]


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
    invokes   ids of the WTO exceptions that a measure under it relies on
    negotiates_restraint   whether it names an agreement that limits trade as a way to act
    """

    country: str
    title: str
    provision: str
    in_force: datetime.date
    until: datetime.date | None = None
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
    limit     for quota_exempt: what is exempt, as a quantity with its unit in words
    """

    id: str
    kind: Literal["standstill", "no_new_duties", "duty_free", "quota_exempt", "rate_ceiling", "purchases", "other"]
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    isic4: tuple[str, ...] = ()
    rate: float | None = None
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
    joined      parties for which it came into force on another date
    left_out    what it leaves out of free trade, in words
    security    what its security exception says, in one line
    """

    title: str
    short: str
    kind: Literal["free_trade", "customs_union", "limited", "statement", "side_letter", "restraint"]
    parties: tuple[str, ...] = Field(min_length=2)
    signed: datetime.date | None = None
    in_force: datetime.date | None = None
    joined: dict[str, datetime.date] = Field(default_factory=dict)
    ended: datetime.date | None = None
    left_out: str | None = None
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


def disputes() -> dict[str, Dispute]:
    return bundled("disputes", Dispute)


def statutes() -> dict[str, Statute]:
    return bundled("statutes", Statute)


def agreements() -> dict[str, Agreement]:
    return bundled("agreements", Agreement)


def rates() -> dict[str, Rate]:
    return bundled("rates", Rate)
