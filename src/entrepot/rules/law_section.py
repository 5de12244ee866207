"""The `law` section of a case: the statute or agreement, the exceptions and the facts that it states for the rules."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from entrepot.economy import Economy
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.errors import nearest
from entrepot.measures.fields import read_rate
from entrepot.rules.book import agreements, fact_texts, rules, statutes
from entrepot.rules.entry import Cited, Entry
from entrepot.rules.lookup import meant
from entrepot.rules.parties import all_codes, group_name

YES_NO = {"yes": True, "no": False, "true": True, "false": False}


def read_yes_no(value: Any) -> bool:
    """Return the truth value of yes, no, true or false. Raises `ValueError` for anything else."""
    if isinstance(value, bool):
        return value
    answer = YES_NO.get(str(value).strip().casefold())
    if answer is None:
        raise ValueError(f"{value!r}: yes or no is needed")
    return answer


class BoundRate(Entry):
    """A bound rate that the case states because the book lacks it: the ceiling of `country` on `sector`."""

    country: str
    sector: str
    rate: Annotated[float, BeforeValidator(lambda value: read_rate("", value))]
    source: str | None = None


class ScenarioLaw(Entry):
    """What a scenario states for the rules: its legal basis, the exceptions that it claims, its dates and its facts.

    under    the statute (us-232) or agreement (us-japan-2019) that the measures are taken under, or several
    claims   exceptions that the importer claims (gatt-xxi) besides those that the statute invokes; or by party
             ({JPN: [gatt-xx]})
    on       the date of the screen, in place of the date of the case
    since, until   when the measures begin (default: the date of the screen), and the first day without them
    facts    facts that cannot be computed, such as injury_found: yes
    """

    under: tuple[str, ...] = ()
    claims: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    on: datetime.date | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    facts: dict[str, Annotated[bool, BeforeValidator(read_yes_no)]] = Field(default_factory=dict)

    @field_validator("under", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("claims", mode="before")
    @classmethod
    def _by_party(cls, value: Any) -> Any:
        """Return claims by party; a bare list belongs to the importer, under the name ""."""
        by = value if isinstance(value, Mapping) else {"": value}
        return {name: (claims,) if isinstance(claims, str) else claims for name, claims in by.items()}

    @model_validator(mode="after")
    def _known(self) -> ScenarioLaw:
        if not (self.under or self.claims or self.facts):  # most cases name no law, and the books take time to read
            return self
        under: dict[str, Cited] = {**statutes(), **agreements()}
        claimable: dict[str, Cited] = {rule.id: rule for rule in rules().values() if rule.kind == "exception"}
        stated = [name for name, fact in fact_texts().items() if not fact.computed]
        claims = tuple(name for listed in self.claims.values() for name in listed)
        for key, names, known in (("under", self.under, under), ("claims", claims, claimable)):
            for name in names:
                if name not in known:
                    what = "statute or agreement" if key == "under" else "exception"
                    raise UnknownLawName(key, f"unknown {what} {name!r}{meant(name, known)}")
        for name in self.facts:
            if name not in stated:
                raise UnknownLawName(
                    f"facts.{name}", f"{name!r} is not a fact that a case can state{nearest(name, stated)}"
                )
        return self


class LawSection(ScenarioLaw):
    """What the whole case states for the rules; a scenario may add to it or replace it.

    In addition to the keys of a scenario:

    bound_rates             bound rates that the book does not have
    isic4                   ISIC Rev. 4 division of sectors that are in no known classification: {autos: 29}
    substantially_all       the share of trade that counts as substantially all in GATT XXIV:8 (default 90%)
    members                 countries that the WTO agreements bind, though the book does not list them; a country
                            with a stated bound rate counts as one
    """

    bound_rates: tuple[BoundRate, ...] = ()
    isic4: dict[str, int] = Field(default_factory=dict)
    substantially_all: Annotated[float, BeforeValidator(lambda value: read_rate("", value))] = 0.9
    members: tuple[str, ...] = ()

    def __repr_name__(self) -> str:
        """The name in `Case.fingerprint`, and so in the ids of saved runs: it stays when a class is renamed."""
        return "CaseLaw"

    @property
    def declared(self) -> frozenset[str]:
        """Codes of the countries that the case declares to be bound by the WTO agreements."""
        return all_codes((*self.members, *(bound.country for bound in self.bound_rates)))

    def check(self, economy: Economy) -> None:
        """Check every name against an Economy. Raises `InputError` for an unknown one."""
        for k, bound in enumerate(self.bound_rates):
            resolve_countries(group_name(bound.country), economy.countries, f"bound_rates.{k + 1}.country")
            resolve_sectors(bound.sector, economy.sectors, f"bound_rates.{k + 1}.sector")
        if self.members:
            resolve_countries([group_name(name) for name in self.members], economy.countries, "members")
        resolve_sectors(list(self.isic4), economy.sectors, "isic4")


class UnknownLawName(ValueError):
    """Raised for a name in the law section that the book does not have; `key` says where it is."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)
