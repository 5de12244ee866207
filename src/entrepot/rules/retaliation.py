"""The specification of a retaliation: who retaliates against whom, on which goods, up to which level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Index
from entrepot.economy.geography import resolve_sectors
from entrepot.errors import InputError, MeasureError
from entrepot.measures import Tariff
from entrepot.measures.fields import percent, read_choice, read_names, read_rate
from entrepot.measures.measure import GOODS, known_goods
from entrepot.rules.nullification import Yardstick, parties

Design = Literal["uniform", "least_cost", "pressure"]
Names = str | tuple[str, ...] | list[str]


@dataclass(frozen=True, kw_only=True)
class Retaliation:
    """Tariffs of `by` on `against` that cost it as much as its measures cost `by`.

    by, against     a code, a name, a group or a list of these; no country on both sides
    sectors         the sectors; GOODS is every sector of agriculture, mining and manufacturing
    equivalent_to   in a case, the scenario whose measures are answered
    yardstick       the loss that is made equal: "trade" (exports lost, as arbitrators usually compute), "income" (real
                    income lost) or "duty" (duty collected on each other's goods)
    design          "uniform": one rate. "least_cost": the rates by sector that cost `by` least real income. "pressure":
                    the rates by sector at which value added in `pressure_on`, sectors of `against`, falls most
    max_rate        the highest rate allowed, in points on top of the duties in force

    The right to retaliate: Agreement on Safeguards, Article 8.2 (substantially equivalent concessions); DSU, Articles
    22.2 and 22.4 (equivalent to the nullification or impairment), level by arbitration under 22.6 and 22.7.
    Raises `MeasureError` with the key.
    """

    by: Names
    against: Names
    sectors: Names = GOODS
    equivalent_to: str | None = None
    yardstick: Yardstick = "trade"
    design: Design = "uniform"
    pressure_on: Names = ()
    max_rate: float | str = 1.0
    label: str | None = None

    def __post_init__(self) -> None:
        for key in ("by", "against", "sectors"):
            self._set(key, read_names(key, getattr(self, key)))
        for key, choices in (("yardstick", get_args(Yardstick)), ("design", get_args(Design))):
            self._set(key, read_choice(key, getattr(self, key), choices))
        self._set("max_rate", read_rate("max_rate", self.max_rate, above=0.0))
        for key in ("equivalent_to", "label"):
            text = getattr(self, key)
            if text is not None and not (isinstance(text, str) and text.strip()):
                raise MeasureError(key, f"{text!r} is not a text")
        self._read_pressure()

    def _read_pressure(self) -> None:
        named = self.pressure_on not in (None, (), [])
        if self.design == "pressure" and not named:
            raise MeasureError("pressure_on", "name the sectors of the other side that are to come under pressure")
        if self.design != "pressure" and named:
            raise MeasureError("pressure_on", f"has no meaning with design {self.design!r}; delete it")
        self._set("pressure_on", read_names("pressure_on", self.pressure_on) if named else ())

    def _set(self, key: str, value: object) -> None:
        object.__setattr__(self, key, value)

    @property
    def title(self) -> str:
        """The label, or else the description."""
        return self.label or self.describe()

    def describe(self) -> str:
        """Return the retaliation in words."""
        what = f" equivalent to {self.equivalent_to}" if self.equivalent_to else ""
        return f"retaliation of {', '.join(self.by)} on {', '.join(self.sectors)} from {', '.join(self.against)}{what}"

    def sector_codes(self, economy: Economy) -> tuple[str, ...]:
        """Return the sectors that it may fall on, in the order of the Economy. Raises `UnknownNameError`."""
        plain = [name for name in self.sectors if name.upper() != GOODS or name in economy.sectors]
        chosen = set(resolve_sectors(plain, economy.sectors, f"{self.title}: sectors") if plain else ())
        if len(plain) < len(self.sectors):
            chosen |= set(goods(economy))
        return tuple(sector for sector in economy.sectors if sector in chosen)

    def check(self, economy: Economy) -> tuple[str, ...]:
        """Check every name against an Economy and return notes. Raises `InputError` for an unknown name."""
        parties(economy, self.by, self.against, ("by", "against"))
        if self.pressure_on:
            resolve_sectors(self.pressure_on, economy.sectors, f"{self.title}: pressure_on")
        tariff = self.tariff(0.0, self.sector_codes(economy), self.title)
        if not economy.value.ravel()[tariff.flows(economy)].any():
            raise InputError(
                f"{self.title}: {', '.join(self.by)} imports nothing of {', '.join(self.sectors)} from "
                f"{', '.join(self.against)}: name other sectors"
            )
        unknown = GOODS in map(str.upper, self.sectors) and GOODS not in economy.sectors and not known_goods(economy)
        note = f"{self.title}: it is not known which sectors of this Economy are goods; all are taken"
        return (*tariff.notes(economy), *([note] if unknown else []))

    def flows(self, economy: Economy, sectors: Sequence[str]) -> Index:
        """Return the flows that it falls on in these sectors, as flat positions in [j,n,i]."""
        return self.tariff(0.0, sectors).flows(economy)

    def tariff(self, rate: float, sectors: Sequence[str], label: str | None = None) -> Tariff:
        """Return a Tariff that adds points to the duties of `by` on these sectors from `against`."""
        stated = rate if rate <= 1 else percent_exactly(rate)
        return Tariff(
            importer=self.by, exporter=self.against, sector=tuple(sectors), rate=stated, change="add", label=label
        )

    def tariffs(self, rates: Sequence[float], sectors: Sequence[str]) -> tuple[Tariff, ...]:
        """Return one Tariff for each distinct rate above zero, the highest first."""
        distinct = sorted({float(rate) for rate in rates if rate > 0}, reverse=True)
        made = []
        for rate in distinct:
            mine = [sector for sector, r in zip(sectors, rates, strict=True) if float(r) == rate]
            name = self.label if len(distinct) == 1 else self.label and f"{self.label}: {percent(rate)}"
            made.append(self.tariff(rate, mine, name))
        return tuple(made)


def percent_exactly(rate: float) -> str:
    """Return a rate above one as a percentage text, since a bare number above one is refused."""
    return f"{100 * rate:.17g}%"


def goods(economy: Economy) -> tuple[str, ...]:
    """Return the sectors that make goods; all sectors where their labels are in no known classification."""
    return known_goods(economy) or economy.sectors
