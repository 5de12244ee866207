"""The key `beliefs` of a case: talks in which one side does not know whether the other would carry out its threat."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from entrepot.cases.bargaining_table import Rate
from entrepot.cases.case_section import CaseSection, Number, SectionError
from entrepot.cases.timeline import ByClock, DatedSection, Share
from entrepot.errors import nearest, percent_meant
from entrepot.measures.fields import read_number
from entrepot.words import and_list

#: Names of ends that a type may weigh beside the deals.
MEASURE, NOW = "measure", "now"

Cost = Annotated[Number, Field(ge=0)]


def _read_prior(value: Any) -> Any:
    if not isinstance(value, dict):
        raise SectionError(
            "", f"{value!r} is a belief without a type; write which one it is about, such as {{firm: 30%}}"
        )
    for name, stated in value.items():
        if isinstance(stated, bool) or not isinstance(stated, str | int | float):
            continue
        part = read_number(str(name), stated)
        if not 0 <= part <= 1:
            raise SectionError(str(name), f"{stated!r} is not a probability from 0 to 1{percent_meant(stated)}")
    return value


class TypeSpec(CaseSection):
    """What the threatener may be, as the other side sees it.

    worth    a year, US$ million, beyond the payoffs of the Economy: of the measure in force (`measure`), of things as
             they are (`now`), or of a deal by name
    called   cost, once, of a deadline that passes without the measure and without a deal
    """

    title: str
    worth: dict[str, Number] = Field(default_factory=dict)
    called: Cost = 0.0


class SignalSpec(CaseSection):
    """Something that the threatener says or does on a day, seen by the other side; costs are one number or by type.

    cost     paid when it is sent;  called  if the measure does not follow;  broken  if the measure follows a pledge
    demand   the deal that is demanded from then on
    sent     whether it was sent in fact, for the belief by day
    """

    title: str
    day: datetime.date
    kind: Literal["leak", "draft", "deadline", "assurance", "standstill"]
    cost: Cost | dict[str, Cost] = 0.0
    called: Cost | dict[str, Cost] = 0.0
    broken: Cost | dict[str, Cost] = 0.0
    demand: str | None = None
    sent: bool = True
    sources: tuple[str, ...] = ()


class DemandSpec(CaseSection):
    """A deal that the threatener may demand; issues that are left out stay at their level `now`."""

    title: str
    levels: dict[str, Number]
    sources: tuple[str, ...] = ()


class BeliefsSpec(DatedSection):
    """Talks from a first day (`from`) in which the target holds a belief about the threatener.

    threatener      one of the two parties of the table
    until           the deadline; default: that of the table's talks
    types           two, by name; the first is the one more inclined to carry the measure out
    prior           the probability of a type on the first day: {firm: 30%}
    deals           by name, beside the offers of the table;  demand  the one that is demanded at first;  offers  those
                    that the target may offer on its turns
    d1              whether beliefs off the path satisfy D1, not the intuitive criterion alone
    answer          a scenario that the target would put in force beside the measure, where that is better for it
    every           days between two turns to sign, from the first day of the table's talks on; `breakdown` after each
                    refusal, `discount_rate` annual, `years` of payoffs: default those of the table's talks, else 30
                    days, 0, 4% and 10 years
    """

    until: datetime.date | ByClock | None = None  # type: ignore[assignment]
    threatener: str
    types: dict[str, TypeSpec]
    prior: Annotated[dict[str, Annotated[Share, Field(ge=0, le=1)]], BeforeValidator(_read_prior)]
    deals: dict[str, DemandSpec] = Field(default_factory=dict)
    demand: str
    offers: tuple[str, ...] = ()
    signals: dict[str, SignalSpec] = Field(default_factory=dict)
    answer: str | None = None
    d1: bool = False
    every: Annotated[int, Field(ge=1, le=36_525)] | None = None
    breakdown: Annotated[Share, Field(ge=0, lt=1)] | None = None
    discount_rate: Rate | None = None
    years: Annotated[float, Field(gt=0, le=100)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> BeliefsSpec:
        """Check the types, the belief in them, and the costs of signals."""
        if len(self.types) != 2:
            raise SectionError(
                "types", f"give two types, not {len(self.types)}: one that would carry it out, one that bluffs"
            )
        names = list(self.types)
        if not self.prior:
            raise SectionError("prior", f"the belief is missing; write {{{names[0]}: 30%}}")
        for name in self.prior:
            if name not in self.types:
                raise SectionError(
                    f"prior.{name}", f"a belief without a type: the types are {and_list(names)}{nearest(name, names)}"
                )
        if len(self.prior) == 2 and abs(sum(self.prior.values()) - 1) > 1e-9:
            raise SectionError("prior", f"the probabilities add up to {sum(self.prior.values()):g}, not to 1")
        for name, signal in self.signals.items():
            for which in ("cost", "called", "broken"):
                stated = getattr(signal, which)
                for kind in stated if isinstance(stated, dict) else ():
                    if kind not in self.types:
                        raise SectionError(
                            f"signals.{name}.{which}.{kind}", f"no type has this name{nearest(kind, names)}"
                        )
            threat = signal.kind in ("leak", "draft", "deadline")
            right, wrong = ("called", "broken") if threat else ("broken", "called")
            stated = getattr(signal, wrong)
            if any(stated.values()) if isinstance(stated, dict) else stated:
                what = "a threat, which is called" if threat else "a pledge, which is broken"
                raise SectionError(f"signals.{name}.{wrong}", f"{_a(signal.kind)} is {what}: use '{right}'")
        return self

    @property
    def belief(self) -> float:
        """The probability of the first type."""
        first, second = self.types
        return self.prior[first] if first in self.prior else 1 - self.prior[second]

    def demands(self) -> Iterator[tuple[str, str]]:
        """Yield every deal that is named, with its place."""
        yield "demand", self.demand
        yield from ((f"offers.{k}", name) for k, name in enumerate(self.offers))
        for name, signal in self.signals.items():
            if signal.demand is not None:
                yield f"signals.{name}.demand", signal.demand

    def sources(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the sources of every deal and signal, with their place."""
        yield from ((f"deals.{name}.sources", deal.sources) for name, deal in self.deals.items())
        yield from ((f"signals.{name}.sources", signal.sources) for name, signal in self.signals.items())


def _a(kind: str) -> str:
    return f"an {kind}" if kind.startswith("a") else f"a {kind}"
