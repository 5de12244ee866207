"""The instruments: immutable descriptions by name, which state with `put` what they change in an Economy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Index
from entrepot.economy.geography import resolve_countries
from entrepot.errors import MeasureError
from entrepot.measures.fields import (
    CAP_UNITS,
    Change,
    Match,
    TariffChange,
    Unit,
    in_points,
    percent,
    read_amount,
    read_cap,
    read_choice,
    read_rate,
    read_rent,
)
from entrepot.measures.measure import BorderMeasure, Measure, Names, sectors_of
from entrepot.measures.policy import Policy
from entrepot.measures.wording import Wording, worded
from entrepot.words import figure

Rate = float | str
RentHolder = str | Mapping[str, float]
#: A change of one percentage point as text.
ONE_POINT = ("+1", "-1")


@dataclass(frozen=True, kw_only=True)
class Tariff(BorderMeasure):
    """An ad valorem import duty, levied on the border price.

    rate    0.25 or "25%"
    change  "set" replaces the applied rate, "add" adds percentage points to it, "cut" takes that part of it off
    """

    rate: Rate
    change: TariffChange = "set"
    kind: ClassVar[str] = "tariff"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(change=read_choice("change", self.change, get_args(TariffChange)))
        _refuse_points(self.change, self.rate, "rate")
        # Points to take off may be many: what counts, the rate they leave, is known only in an Economy.
        self._set(rate=read_rate("rate", self.rate, above=-math.inf if self.change == "add" else -1.0))
        if self.change == "cut" and not 0 <= float(self.rate) <= 1:
            raise MeasureError("rate", f"{percent(float(self.rate))} is not a part of the tariff between 0 and 100%")

    def put(self, policy: Policy) -> None:
        """Change the tariff on its flows."""
        policy.tariff(self.flows(policy.economy), **{self.change: float(self.rate)})

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        rate, trade = percent(float(self.rate)), self._whom_worded()
        if self.change == "cut":
            return worded("tariff cut by {rate}: {trade}", rate=rate, trade=trade)
        if self.change == "add":
            text = _points(self.rate)
            one, many = "tariff {points} point: {trade}", "tariff {points} points: {trade}"
            return worded(one if text in ONE_POINT else many, points=text, trade=trade)
        return worded("tariff of {rate}: {trade}", rate=rate, trade=trade)


@dataclass(frozen=True, kw_only=True)
class ExportTax(BorderMeasure):
    """An ad valorem tax that the exporter levies on the producer price of goods it ships; negative is a subsidy.

    It is on top of one in force in the base; the bundled data have none. `exempt` names importers.
    """

    importer: Names = "WORLD"
    exporter: Names
    rate: Rate
    kind: ClassVar[str] = "export_tax"
    taken_by: ClassVar[str] = "exporter"
    exempts: ClassVar[str] = "importer"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(rate=read_rate("rate", self.rate))

    def put(self, policy: Policy) -> None:
        """Add the tax to that in force on its flows."""
        policy.export_tax(self.flows(policy.economy), add=float(self.rate))

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        rate = percent(float(self.rate))
        return worded("export tax of {rate}: {trade}", rate=rate, trade=self._to_whom_worded())


@dataclass(frozen=True, kw_only=True)
class NonTariffBarrier(BorderMeasure):
    """A cost of trading that nobody collects (an iceberg cost): 1 + rate is shipped for 1 to arrive; negative eases."""

    rate: Rate
    kind: ClassVar[str] = "non_tariff_barrier"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(rate=read_rate("rate", self.rate))

    def put(self, policy: Policy) -> None:
        """Raise the iceberg cost on its flows."""
        policy.iceberg(self.flows(policy.economy), factor=1 + float(self.rate))

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        rate = percent(float(self.rate))
        return worded("non-tariff barrier worth {rate}: {trade}", rate=rate, trade=self._whom_worded())


@dataclass(frozen=True, kw_only=True)
class ProductionSubsidy(Measure):
    """An ad valorem subsidy on a sector's output, paid by its country's budget; negative is a production tax.

    rate    share of the producer price, so that cost = (1 + rate) price
    """

    country: Names
    sector: Names
    rate: Rate
    kind: ClassVar[str] = "production_subsidy"
    taken_by: ClassVar[str] = "country"

    def __post_init__(self) -> None:
        self._read_names("country", "sector")
        self._set(rate=read_rate("rate", self.rate))

    def cells(self, economy: Economy) -> Index:
        """Flat positions in the Economy's [j,i] arrays of the output it is paid on."""
        countries = resolve_countries(self.country, economy.countries, f"{self.title}: country")[0]
        sectors = sectors_of(self.sector, economy, self.title)
        mask = np.isin(economy.sectors, sectors)[:, None] & np.isin(economy.countries, countries)
        return np.flatnonzero(mask)

    def put(self, policy: Policy) -> None:
        """Add the subsidy to that in force on its output."""
        policy.subsidy(self.cells(policy.economy), add=float(self.rate))

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        rate = percent(float(self.rate))
        return worded(
            "production subsidy of {rate}: {country} on {goods}", rate=rate, country=self.country, goods=self.sector
        )


@dataclass(frozen=True, kw_only=True)
class QuantityMeasure(BorderMeasure):
    """A ceiling on the volume of all its flows together, at base prices.

    cap     share of the base volume (0.8 or "80%"), or millions of US dollars at base producer prices with
            unit="usd_m", or in a Market units with unit="units", or {match: SCENARIO}; 0 is an embargo
    rent    who holds it: "importer", "exporter", or shares of each
    """

    cap: float | str | Match | Mapping[str, str]
    unit: Unit = "share"
    rent: RentHolder

    #: True where the licence is bought before the border, so that duty is levied on it (an export licence).
    before_duty: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(cap=read_cap(self.cap, self.unit))
        read_rent(self.rent)

    def put(self, policy: Policy) -> None:
        """Cap the volume of its flows."""
        self._put_cap(policy, self.flows(policy.economy))

    def _put_cap(self, policy: Policy, flows: Index, **beyond: float) -> None:
        economy = policy.economy
        if self.unit not in ("share", economy.volume_unit):
            raise MeasureError(
                "unit",
                f"volumes of {economy.name} are in {CAP_UNITS[economy.volume_unit]}, not in {CAP_UNITS[self.unit]}",
                self.title,
            )
        volume = self.volume_cap(float(economy.value.ravel()[flows].sum()))
        policy.cap(flows, volume=volume, rent=self.rent, before_duty=self.before_duty, **beyond)

    @property
    def match(self) -> str | None:
        """The scenario whose volume the cap takes; None where the cap is a number."""
        return self.cap.scenario if isinstance(self.cap, Match) else None

    def at_volume(self, volume: float) -> QuantityMeasure:
        """The same measure capped at `volume` (millions of US dollars at base prices)."""
        return replace(self, cap=volume, unit="usd_m")

    def volume_cap(self, base_volume: float) -> float:
        """The cap in millions of US dollars at base producer prices."""
        if isinstance(self.cap, Match):
            raise MeasureError(
                "cap",
                f"{{match: {self.cap.scenario}}} has meaning only in a case, where that scenario is solved",
                self.title,
            )
        cap = float(self.cap)  # type: ignore[arg-type]  # read_cap left a number
        cap = cap * base_volume if self.unit == "share" else cap
        if 0 < cap < 1e-9 * base_volume:
            raise MeasureError(
                "cap", f"{self.cap:g} leaves less than a billionth of the trade; 0 is an embargo", self.title
            )
        return cap

    def _cap_worded(self) -> Wording:
        if isinstance(self.cap, Match):
            return worded("at the volume of {scenario}", scenario=self.cap.scenario)
        cap = float(self.cap)  # type: ignore[arg-type]
        if cap == 0:
            return worded("at zero (embargo)")
        if self.unit == "share":
            return worded("at {share} of base volume", share=percent(cap))
        if self.unit == "units":
            return worded("at {number} units", number=figure(cap))
        return worded("at US${number} million", number=figure(cap))


@dataclass(frozen=True, kw_only=True)
class ImportQuota(QuantityMeasure):
    """A ceiling enforced by the importer's licences; the rent is the gap between the domestic and duty-paid price."""

    rent: RentHolder = "importer"
    kind: ClassVar[str] = "import_quota"

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        return worded("import quota {cap}: {trade}", cap=self._cap_worded(), trade=self._whom_worded())


@dataclass(frozen=True, kw_only=True)
class VoluntaryExportRestraint(QuantityMeasure):
    """A ceiling enforced by the exporter, who raises its price to what the market bears; duty falls on that price."""

    rent: RentHolder = "exporter"
    kind: ClassVar[str] = "voluntary_export_restraint"
    taken_by: ClassVar[str] = "exporter"
    before_duty: ClassVar[bool] = True

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        trade = self._whom_worded()
        return worded("voluntary export restraint {cap}: {trade}", cap=self._cap_worded(), trade=trade)


@dataclass(frozen=True, kw_only=True)
class ExportQuota(QuantityMeasure):
    """A ceiling that the exporter sets for its own reasons, by licences whose holders earn the rent; 0 is a ban.

    In the equilibrium it is what a voluntary export restraint is. In law it is not: no importer seeks it, and the
    exporter answers for it alone. `exempt` names importers.
    """

    importer: Names = "WORLD"
    exporter: Names
    rent: RentHolder = "exporter"
    kind: ClassVar[str] = "export_quota"
    taken_by: ClassVar[str] = "exporter"
    exempts: ClassVar[str] = "importer"
    before_duty: ClassVar[bool] = True
    export_control: ClassVar[bool] = True

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        return worded("export quota {cap}: {trade}", cap=self._cap_worded(), trade=self._to_whom_worded())


@dataclass(frozen=True, kw_only=True)
class ExportBan(BorderMeasure):
    """A ban on exports that the exporter sets for its own reasons; for a ceiling above zero there is `ExportQuota`.

    `exempt` names importers.
    """

    importer: Names = "WORLD"
    exporter: Names
    kind: ClassVar[str] = "export_ban"
    taken_by: ClassVar[str] = "exporter"
    exempts: ClassVar[str] = "importer"
    export_control: ClassVar[bool] = True

    def put(self, policy: Policy) -> None:
        """Cap the volume of its flows at nothing."""
        policy.cap(self.flows(policy.economy), volume=0.0, rent="exporter", before_duty=True)

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        return worded("export ban: {trade}", trade=self._to_whom_worded())


@dataclass(frozen=True, kw_only=True)
class TariffRateQuota(QuantityMeasure):
    """Imports up to `cap` pay `in_rate`, those beyond it `out_rate`; the rent is earned on the quota volume alone.

    change  "set": both rates replace the applied one; "add": both are percentage points on top of it
    in_rate left out means the applied rate.
    """

    in_rate: Rate | None = None
    out_rate: Rate
    change: Change = "set"
    rent: RentHolder = "importer"
    kind: ClassVar[str] = "tariff_rate_quota"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(change=read_choice("change", self.change, get_args(Change)))
        for key in ("in_rate", "out_rate"):
            _refuse_points(self.change, getattr(self, key), key)
        if self.in_rate is not None:
            self._set(in_rate=read_rate("in_rate", self.in_rate))
        self._set(out_rate=read_rate("out_rate", self.out_rate))
        if (self.in_rate is not None or self.change == "add") and float(self.out_rate) < float(self.in_rate or 0.0):
            raise MeasureError("out_rate", f"{self.out_rate:g} is below in_rate {self.in_rate or 0.0:g}", self.title)

    def put(self, policy: Policy) -> None:
        """Set or add the duty inside, and cap its flows with the duty beyond."""
        flows = self.flows(policy.economy)
        if self.in_rate is not None:
            policy.tariff(flows, **{self.change: float(self.in_rate)})
        if self.change == "set":
            self._put_cap(policy, flows, beyond=float(self.out_rate))
        else:
            self._put_cap(policy, flows, beyond_add=float(self.out_rate) - float(self.in_rate or 0.0))

    def describe(self) -> str:
        """Return the measure in words, for when it has no label."""
        inside = "the applied rate" if self.in_rate is None else _change(self.in_rate, self.change)
        beyond = _change(self.out_rate, self.change)
        return f"tariff-rate quota {self._cap_worded()}, {inside} inside and {beyond} beyond: {self._whom_worded()}"

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        inside = worded("the applied rate") if self.in_rate is None else _change_worded(self.in_rate, self.change)
        return worded(
            "tariff-rate quota {cap}, {inside} inside and {beyond} beyond: {trade}",
            cap=self._cap_worded(),
            inside=inside,
            beyond=_change_worded(self.out_rate, self.change),
            trade=self._whom_worded(),
        )


@dataclass(frozen=True, kw_only=True)
class SpecificTariff(BorderMeasure):
    """A duty of so much a unit, on top of what is levied ad valorem. It weighs less where the price rises.

    amount      money a unit (2000 a car), or with no unit_value a part of the base border price ("8%")
    unit_value  the base border price of a unit, in the same money (25000)
    """

    amount: Rate
    unit_value: float | None = None
    kind: ClassVar[str] = "specific_tariff"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(**read_amount("amount", self.amount, self.unit_value))

    @property
    def per_base_dollar(self) -> float:
        """Dollars on what cost one dollar at the border in the base."""
        return float(self.amount) / (self.unit_value or 1.0)

    def put(self, policy: Policy) -> None:
        """Put a duty a unit on its flows."""
        policy.price_rule(self.flows(policy.economy), amount=self.per_base_dollar, unit_value=self.unit_value)

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        amount = _money_worded(self.amount, self.unit_value)
        return worded("specific duty of {amount}: {trade}", amount=amount, trade=self._whom_worded())


@dataclass(frozen=True, kw_only=True)
class MinimumPrice(BorderMeasure):
    """A floor under the border price.

    Below it, the exporter raises its price and keeps the difference (a price undertaking), or the importer levies the
    difference (an entry-price system).

    price       money a unit, or with no unit_value a multiple of the base border price (1.1 or "110%")
    unit_value  the base border price of a unit, in the same money
    rent        "exporter" or "importer"
    """

    price: Rate
    unit_value: float | None = None
    rent: str = "exporter"
    kind: ClassVar[str] = "minimum_price"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(**read_amount("price", self.price, self.unit_value))
        self._set(rent=read_choice("rent", self.rent, ("exporter", "importer")))

    @property
    def per_base_dollar(self) -> float:
        """The floor over the base border price."""
        return float(self.price) / (self.unit_value or 1.0)

    def put(self, policy: Policy) -> None:
        """Put a floor under the border price of its flows."""
        flows, held = self.flows(policy.economy), self.rent == "exporter"
        policy.price_rule(flows, floor=self.per_base_dollar, exporter_holds=held, unit_value=self.unit_value)

    def notes(self, economy: Economy) -> tuple[str, ...]:
        """Return notes on names, and on a minimum below the base price."""
        note = f"{self.title}: the minimum lies below the base price, and binds only if prices fall to it"
        return (*super().notes(economy), *([note] if self.per_base_dollar < 1 else []))

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        price, trade = _money_worded(self.price, self.unit_value), self._whom_worded()
        if self.rent == "exporter":
            return worded("minimum price of {price}, kept by the exporter: {trade}", price=price, trade=trade)
        return worded("minimum price of {price}, levied by the importer: {trade}", price=price, trade=trade)


#: What `Lift` can lift, and its words.
LIFTED = {
    "all": "all that is in force beside tariffs",
    "quota": "the quotas in force",
    "export_tax": "the export taxes in force",
    "production_subsidy": "the production subsidies in force",
    "specific_tariff": "the specific duties in force",
    "minimum_price": "the minimum prices in force",
}


@dataclass(frozen=True, kw_only=True)
class Lift(BorderMeasure):
    """The end of what is in force in the base beside tariffs, on the trade that it names. A quota is lifted whole.

    what    "quota" (with restraints and tariff-rate quotas, whose duty inside is then due on all), "export_tax",
            "production_subsidy" (of the exporters' sectors, wherever they sell), "specific_tariff", "minimum_price", or
            "all" of these; production subsidies among them only where the importer is WORLD
    """

    importer: Names = "WORLD"
    exporter: Names = "WORLD"
    sector: Names = "ALL"
    what: str = "all"
    kind: ClassVar[str] = "lift"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(what=read_choice("what", self.what, tuple(LIFTED)))

    def flows(self, economy: Economy) -> Index:
        """Return flat positions [j,n,i] of the trade on which something is lifted."""
        return Measure.flows(self, economy)

    def border_flows(self, economy: Economy) -> Index:
        """Return those of its flows on which something at the border is lifted."""
        return Measure.border_flows(self, economy)

    def put(self, policy: Policy) -> None:
        """End what is in force. Raises `MeasureError` where none of it is."""
        economy, flows, acts = policy.economy, super().flows(policy.economy), len(policy.acts)
        every = self.what == "all"
        if every or self.what == "export_tax":
            taxed = flows[economy.export_tax_on(flows) != 0]
            if taxed.size:
                policy.export_tax(taxed, set=0.0)
        if self.what == "production_subsidy" or (every and "WORLD" in self.importer):
            size = len(economy.countries)
            cells = np.unique(flows // size**2 * size + flows % size)
            paid = cells[economy.ln_subsidy.ravel()[cells] != 0]
            if paid.size:
                policy.subsidy(paid, set=0.0)
        if every or self.what == "quota":
            policy.lift_quotas(flows)
        policy.lift_price_rules(
            flows, amounts=every or self.what == "specific_tariff", floors=every or self.what == "minimum_price"
        )
        if len(policy.acts) == acts:
            raise MeasureError(
                "what", f"nothing of it is in force in {economy.name}, so there is nothing to lift", self.title
            )

    def wording(self) -> Wording:
        """Return the measure as a message with values, for other languages."""
        return worded("end of {what}: {trade}", what=worded(LIFTED[self.what]), trade=self._whom_worded())


def _refuse_points(change: str, rate: Any, key: str) -> None:
    """Raise `MeasureError` for percentage points where the rate is not raised by them."""
    if in_points(rate) and change != "add":
        raise MeasureError(key, f"{rate!r} are points on top of the duty: state change: add, or write a rate in %")


def _change(rate: Rate, change: Literal["set", "add"] | str) -> str:
    number = float(rate)
    return f"of {percent(number)}" if change == "set" else str(_change_worded(rate, change))


def _points(rate: Rate) -> str:
    return f"{float(rate) * 100:+,.6g}"


def _change_worded(rate: Rate, change: str) -> Wording:
    if change == "set":
        return worded("{rate} (level)", rate=percent(float(rate)))
    text = "{points} point" if _points(rate) in ONE_POINT else "{points} points"
    return worded(text, points=_points(rate))


def _money_worded(amount: Rate, unit_value: float | None) -> Wording:
    if unit_value is None:
        return worded("{rate} of the base price", rate=percent(float(amount)))
    money = {"money": figure(float(amount)), "price": figure(unit_value)}
    return worded("{money} a unit (base price {price})", **money)
