"""What all measures together change in an Economy: a measure fills a Policy with `put`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.errors import LARGEST_BARE_NUMBER, InputError, MeasureError
from entrepot.measures.acts import (
    Act,
    ActingMeasure,
    BorderTaxes,
    Cap,
    Duty,
    ExportDuty,
    Lifted,
    PriceRule,
    Subsidy,
    TradeCost,
    flow_name,
)
from entrepot.measures.fields import percent, read_rent


def union(flows: Sequence[Index]) -> Index:
    """Return all flows, each once and in order; those of one measure mostly are so already."""
    (first, *others) = [at for at in flows if at.size] or [np.zeros(0, dtype=np.intp)]
    return first if not others and (np.diff(first) > 0).all() else np.unique(np.concatenate([first, *others]))


def places(acts: Iterable[Act]) -> Index:
    """Return the flows, or cells, that acts are put on, each once and in order."""
    return union([act.at for act in acts])


A = TypeVar("A", bound=Act)


class Names(NamedTuple):
    """Codes [f] of what is traded on some flows, of who imports it and who exports it."""

    sector: NDArray[np.str_]
    importer: NDArray[np.str_]
    exporter: NDArray[np.str_]


class Policy:
    """All that a Scenario's measures put on an Economy. The order of measures has no meaning.

    A measure's `put(policy)` calls one or more of `tariff`, `export_tax`, `iceberg`, `subsidy`, `cap`, `price_rule`,
    `lift_quotas` and `lift_price_rules`.
    Each takes flows (or cells) as flat positions without repetition, and numbers that are one for all or an array, one
    for each. Each raises `MeasureError` for a position that the Economy does not have and a number that is not finite.
    """

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.acts: list[Act] = []
        self._by: tuple[int, ActingMeasure] | None = None

    @classmethod
    def of(cls, economy: Economy, measures: Iterable[ActingMeasure]) -> Policy:
        """Return the Policy that measures fill. Raises `MeasureError` for one that changes nothing or names no flow."""
        policy = cls(economy)
        for position, measure in enumerate(measures):
            policy._by, before = (position, measure), len(policy.acts)
            policy._fill(measure)
            policy._check(measure, policy.acts[before:])
        return policy

    def _fill(self, measure: ActingMeasure) -> None:
        """Call the measure's `put`; an error in a user's own `put` is reported with the name of the measure."""
        try:
            measure.put(self)
        except InputError:
            raise
        except Exception as error:
            if not _own(measure):
                raise
            raise MeasureError("", f"its put(policy) failed: {type(error).__name__}: {error}", measure.title) from error

    def _check(self, measure: ActingMeasure, acts: list[Act]) -> None:
        """Raise `MeasureError` for a measure that puts nothing, on others' flows, or two kinds of quota duties."""
        if not any(act.at.size for act in acts):
            how = "its put(policy) must call policy.tariff, export_tax, subsidy, cap or another word of a Policy"
            raise MeasureError("", f"puts nothing: {'on no flow' if acts else how}", measure.title)
        if _own(measure):
            for act in (act for act in acts if not isinstance(act, Subsidy)):
                others = act.at[~measure.names_flow(self.economy, act.at)]
                if others.size:
                    where = flow_name(self.economy, others[0])
                    raise MeasureError("", f"puts something on {where}, which it does not name", measure.title)
        for cap in (act for act in acts if isinstance(act, Cap) and not act.hard):
            for duty in (act for act in acts if isinstance(act, Duty) and np.isin(act.at, cap.at).any()):
                if duty.change != cap.beyond_change:
                    raise MeasureError(
                        "beyond",
                        "state both duties of a tariff-rate quota alike: tariff(set=) with cap(beyond=), tariff(add=) "
                        "with cap(beyond_add=)",
                        measure.title,
                    )

    def names(self, flows: Index) -> Names:
        """Return the codes of flows, for numbers that differ by sector, importer or exporter."""
        j, n, i = np.unravel_index(self._flows(flows), self.economy.value.shape)
        countries = np.array(self.economy.countries)
        return Names(np.array(self.economy.sectors)[j], countries[n], countries[i])

    # ---- acts ----

    def tariff(
        self,
        flows: Index,
        *,
        set: ArrayLike | None = None,
        add: ArrayLike | None = None,
        cut: ArrayLike | None = None,
    ) -> None:
        """An ad valorem import duty: `set` replaces the applied one, `add` adds points, `cut` takes a part off it."""
        at, (change, rate) = self._flows(flows), self._one_of("tariff", set=set, add=add, cut=cut)
        rates = self._rates(rate, at)
        if change == "cut" and ((rates < 0) | (rates > 1)).any():
            raise MeasureError("rate", "cut= takes a part of the tariff off, between 0 and 1", self._title)
        self._put(Duty, at, change=change, rate=rates)

    def export_tax(self, flows: Index, *, add: ArrayLike | None = None, set: ArrayLike | None = None) -> None:
        """An ad valorem tax that the exporter levies on the producer price; negative is a subsidy.

        `add` adds to the one in force, `set` replaces it.
        """
        at = self._flows(flows)
        change, rate = self._one_of("export_tax", add=add, set=set)
        self._put(ExportDuty, at, rate=self._rates(rate, at), change=change)

    def iceberg(self, flows: Index, *, factor: ArrayLike) -> None:
        """A cost of trading that nobody collects: `factor` is shipped for 1 to arrive, above zero."""
        at = self._flows(flows)
        self._put(TradeCost, at, factor=self._numbers("factor", factor, at, above=0.0))

    def subsidy(self, cells: Index, *, add: ArrayLike | None = None, set: ArrayLike | None = None) -> None:
        """A subsidy on the output of cells, flat positions in [j,i]: cost = (1 + rate) price.

        `add` adds to the one in force, `set` replaces it.
        """
        at = self._positions(cells, self.economy.output.size, "cell [j,i]")
        change, rate = self._one_of("subsidy", add=add, set=set)
        self._put(Subsidy, at, rate=self._rates(rate, at), change=change)

    def cap(
        self,
        flows: Index,
        *,
        volume: float,
        rent: Any = "importer",
        before_duty: bool = False,
        beyond: float | None = None,
        beyond_add: float | None = None,
    ) -> None:
        """A ceiling on the volume of the flows together, in millions of US dollars at base producer prices.

        rent         "importer", "exporter" or shares of each
        before_duty  duty is levied on the licence too (an export licence)
        beyond, beyond_add  the duty that trade beyond the volume pays, or by how many points it is above the one
                            inside: a tariff-rate quota
        """
        at = self._flows(flows)
        if beyond is not None and beyond_add is not None:
            raise MeasureError("beyond", "policy.cap takes one of beyond= and beyond_add=", self._title)
        duty = beyond if beyond_add is None else beyond_add
        (most,) = self._numbers("cap", volume, np.zeros(1, dtype=np.intp), least=0.0)
        self._put(
            Cap,
            at,
            volume=float(most),
            exporter_share=read_rent(rent),
            before_duty=before_duty,
            beyond=None if duty is None else float(self._rates(duty, np.zeros(1, dtype=np.intp), "beyond")[0]),
            beyond_change="set" if beyond_add is None else "add",
        )

    def price_rule(
        self,
        flows: Index,
        *,
        amount: ArrayLike = 0.0,
        floor: ArrayLike = 0.0,
        exporter_holds: bool = False,
        unit_value: float | None = None,
    ) -> None:
        """A specific duty, or a minimum under the border price, on what cost one dollar at the border in the base.

        unit_value  the base price that turned money a unit into `amount` and `floor`; a Market, whose products differ
                    in price, turns them back
        """
        at = self._flows(flows)
        amounts = self._numbers("amount", amount, at, least=0.0)
        floors = self._numbers("price", floor, at, least=0.0)
        if not amounts.any() and not floors.any():
            raise MeasureError("amount", "policy.price_rule takes amount= or floor=, above zero", self._title)
        if exporter_holds and amounts.any():
            raise MeasureError(
                "amount", "a specific duty goes to the importer; exporter_holds= is for floor=", self._title
            )
        self._put(PriceRule, at, amount=amounts, floor=floors, exporter_holds=exporter_holds, unit_value=unit_value)

    def lift_quotas(self, flows: Index) -> None:
        """End the quotas in force in the base on any of these flows.

        Raises `MeasureError` for one that is on other flows too.
        """
        at, held = self._flows(flows), self.economy.in_force.quotas
        found = np.unique(held.owner[np.isin(held.flow, at)])
        for q in found:
            others = np.setdiff1d(held.flow[held.owner == q], at)
            if others.size:
                too = f"is in force on {flow_name(self.economy, others[0])} too: name all trade under it"
                raise MeasureError("", f"{held.title[q]!r} {too}", self._title)
        for took in (False, True):
            mine = found[held.before_duty[found] == took]
            on = np.unique(held.flow[np.isin(held.owner, mine)])
            if on.size:
                self._put(Lifted, on, quotas=tuple(map(int, mine)), exporters_took=took)

    def lift_price_rules(self, flows: Index, *, amounts: bool = True, floors: bool = True) -> None:
        """End the specific duties (`amounts`) and minimum prices (`floors`) in force in the base on these flows."""
        at, held = self._flows(flows), self.economy.in_force.price_rules
        named = np.isin(held.flow, at) & ((amounts & (held.amount > 0)) | (floors & (held.floor > 0)))
        for took in (False, True):
            on = np.unique(held.flow[named & (held.exporter_holds == took)])
            if on.size:
                self._put(Lifted, on, exporters_took=took)

    # ---- the sum of all acts ----

    def each(self, word: type[A], position: int | None = None) -> list[A]:
        """Return the acts of one class, of all measures or of the one at `position`."""
        return [act for act in self.acts if isinstance(act, word) and position in (None, act.position)]

    def border_taxes(self) -> BorderTaxes:
        """Return taxes and costs on the flows where they change.

        Set and cut tariffs come first, then points are added. Raises `MeasureError` where two measures set different
        rates for a flow, and for a tax of -100% or less.
        """
        economy = self.economy
        duties, taxes, costs = self.each(Duty), self.each(ExportDuty), self.each(TradeCost)
        in_force = economy.in_force.export_tax.ravel()
        touched = union([np.flatnonzero(in_force), *(act.at for act in (*duties, *taxes, *costs))])
        base = economy.tariff.ravel()[touched]
        tariff, points, export_tax, iceberg = base.copy(), *(np.zeros(touched.size) for _ in range(3))
        setter = np.full(touched.size, -1)
        for number, duty in enumerate(duties):
            same = np.array_equal(touched, duty.at)
            at = np.arange(touched.size) if same else np.searchsorted(touched, duty.at)
            if duty.change == "add":
                points[at] += duty.rate
                continue
            wanted = base[at] * (1 - duty.rate) if duty.change == "cut" else duty.rate
            clash = at[(setter[at] >= 0) & (tariff[at] != wanted)]
            if clash.size:
                raise MeasureError(
                    "rate",
                    f"{duty.measure.title!r} and {duties[setter[clash[0]]].measure.title!r} set different rates for "
                    f"{flow_name(economy, touched[clash[0]])}; exempt it in one of them",
                )
            setter[at] = number
            tariff[at] = wanted
        if in_force.size:
            export_tax += in_force[touched]
        ln_export_tax_base = np.log1p(export_tax)
        set_taxes = [(tax, np.searchsorted(touched, tax.at)) for tax in taxes if tax.change == "set"]
        self._replace(export_tax, set_taxes, "export taxes")
        for tax in (tax for tax in taxes if tax.change == "add"):
            export_tax[np.searchsorted(touched, tax.at)] += tax.rate
        for cost in costs:
            iceberg[np.searchsorted(touched, cost.at)] += np.log(cost.factor)
        tariff += points
        for what, level in (("tariff", tariff), ("export tax", export_tax)):
            if (level <= -1).any():
                f = int(np.argmin(level))
                raise MeasureError(
                    "rate",
                    f"the {what} on {flow_name(economy, touched[f])} would be {percent(level[f])}, not above -100%",
                )
        logs = (np.log1p(base), np.log1p(tariff), ln_export_tax_base, np.log1p(export_tax))
        return BorderTaxes(touched, *logs, iceberg, points)

    def ln_subsidy(self) -> Array:
        """Return ln(1+s') [j,i]. Raises `MeasureError` where subsidies add up to -100% or less."""
        economy, acts = self.economy, self.each(Subsidy)
        if not acts:
            return economy.ln_subsidy
        rate = np.expm1(economy.ln_subsidy)
        self._replace(rate.ravel(), [(act, act.at) for act in acts if act.change == "set"], "subsidies")
        for act in (act for act in acts if act.change == "add"):
            rate.ravel()[act.at] += act.rate
        if (rate <= -1).any():
            j, i = np.argwhere(rate <= -1)[0]
            raise MeasureError(
                "rate", f"the subsidies on {economy.sectors[j]} in {economy.countries[i]} add up to -100% or less"
            )
        return np.log1p(rate)

    @staticmethod
    def _replace(level: Array, acts: list[tuple[Any, Index]], what: str) -> None:
        """Rates in place of those in force. Raises `MeasureError` where two measures set different ones."""
        setter = np.full(level.size if acts else 0, -1)
        for number, (act, at) in enumerate(acts):
            clash = at[(setter[at] >= 0) & (level[at] != act.rate)]
            if clash.size:
                other = acts[setter[clash[0]]][0].measure.title
                raise MeasureError("rate", f"{act.measure.title!r} and {other!r} set different {what} in one place")
            setter[at], level[at] = number, act.rate

    @property
    def lifted_quotas(self) -> list[int]:
        """Numbers of the base's quotas that are no longer in force."""
        return sorted({q for act in self.each(Lifted) for q in act.quotas})

    @property
    def lifted_price_rules(self) -> Index:
        """Flows whose price rule in the base is no longer in force."""
        return places(act for act in self.each(Lifted) if not act.quotas)

    def caps(self) -> list[Cap]:
        """Return the ceilings.

        Raises `MeasureError` where two state in- and out-of-quota duties for one flow, the base's among them.
        """
        caps, standing = self.each(Cap), self._standing_tariff_rate_quotas
        first: dict[int, Cap] = {}
        for cap in (c for c in caps if not c.hard):
            both = np.intersect1d(cap.at, standing)
            if both.size:
                raise MeasureError(
                    "cap",
                    f"{flow_name(self.economy, both[0])} has a tariff-rate quota in force in the base; lift it (Lift, "
                    f"what: quota), or exempt that trade",
                    cap.measure.title,
                )
            for flow in cap.at.tolist():
                other = first.setdefault(flow, cap)
                if other is not cap:
                    raise MeasureError(
                        "cap",
                        f"{cap.measure.title!r} and {other.measure.title!r} both state an in- and an out-of-quota duty "
                        f"for {flow_name(self.economy, flow)}; exempt it in one, or merge the two",
                    )
        return caps

    @property
    def _standing_tariff_rate_quotas(self) -> Index:
        """Flows under a tariff-rate quota of the base that is not lifted, and whose duty beyond it is higher."""
        held = self.economy.in_force.quotas
        higher = np.isfinite(held.ln_surcharge) & (held.ln_surcharge > 1e-12)  # two logs of one duty may differ
        return held.flow[higher & ~np.isin(held.owner, self.lifted_quotas)]

    def price_rules(self) -> list[PriceRule]:
        """Return specific duties and minimum prices. Raises `MeasureError` where two touch one flow."""
        rules = self.each(PriceRule)
        held_by = np.full(self.economy.value.size, -1) if len(rules) > 1 else None
        for number, rule in enumerate(rules if held_by is not None else ()):
            assert held_by is not None
            clash = rule.at[held_by[rule.at] >= 0]
            if clash.size:
                raise MeasureError(
                    "amount" if rule.amount.any() else "price",
                    f"{rule.measure.title!r} and {rules[held_by[clash[0]]].measure.title!r} touch the same flow, "
                    f"{flow_name(self.economy, clash[0])}; one specific duty or minimum price a flow: exempt it in "
                    f"one, or merge the two",
                )
            held_by[rule.at] = number
        return rules

    # ---- reading the arguments of acts ----

    @property
    def _title(self) -> str:
        return self._by[1].title if self._by is not None else ""

    def _put(self, word: type[Act], at: Index, **values: Any) -> None:
        if self._by is None:
            raise MeasureError("", "a Policy is filled by the put of a measure: see Policy.of")
        position, measure = self._by
        self.acts.append(word(measure=measure, position=position, number=len(self.acts), at=at, **values))

    def _one_of(self, word: str, **given: ArrayLike | None) -> tuple[Any, ArrayLike]:
        """The one way in which a rate is stated."""
        stated = [(change, rate) for change, rate in given.items() if rate is not None]
        if len(stated) != 1:
            *ways, last = (f"{change}=" for change in given)
            raise MeasureError("rate", f"policy.{word} takes one of {', '.join(ways)} and {last}", self._title)
        return stated[0]

    def _flows(self, flows: Any) -> Index:
        at, size = self._positions(flows, self.economy.value.size, "flow [j,n,i]"), len(self.economy.countries)
        own = at // size % size == at % size
        if own.any():
            where = flow_name(self.economy, at[own][0])
            raise MeasureError("", f"own sales cross no border: {where}; policy.subsidy is for output", self._title)
        return at

    def _rates(self, given: ArrayLike, at: Index, key: str = "rate") -> Array:
        """Fractions for each of `at`. Above 10 an own instrument has slipped (25 for 25%); ours read theirs."""
        rates = self._numbers(key, given, at)
        if self._by is not None and _own(self._by[1]) and (np.abs(rates) > LARGEST_BARE_NUMBER).any():
            largest = rates[np.argmax(np.abs(rates))]
            raise MeasureError(
                key, f"{largest:g} is {100 * largest:,.0f}%. Rates are fractions: 0.25 for 25%", self._title
            )
        return rates

    def _positions(self, given: Any, size: int, what: str) -> Index:
        at = np.asarray(given)
        if at.ndim != 1 or not (np.issubdtype(at.dtype, np.integer) or at.size == 0):
            raise MeasureError("", f"flat positions of each {what} are needed, a list of whole numbers", self._title)
        at = at.astype(np.intp, copy=False)
        if at.size and (at.min() < 0 or at.max() >= size):
            raise MeasureError("", f"there is no {what} {at.max() if at.max() >= size else at.min()}", self._title)
        if (np.diff(at) <= 0).any() and np.unique(at).size < at.size:
            raise MeasureError("", f"a {what} is given more than once", self._title)
        return at

    def _numbers(
        self, key: str, given: ArrayLike, at: Index, *, above: float = -np.inf, least: float = -np.inf
    ) -> Array:
        """One number for each of `at`."""
        try:
            numbers = np.asarray(given, dtype=float)
            numbers = np.full(at.size, float(numbers)) if numbers.ndim == 0 else numbers
        except (TypeError, ValueError):
            raise MeasureError(
                key, f"{str(given)[:40]!r} is neither a number nor an array of numbers", self._title
            ) from None
        if numbers.shape != at.shape:
            raise MeasureError(
                key, f"{numbers.size} numbers for {at.size} flows or cells: one for all, or one for each", self._title
            )
        wrong = ~np.isfinite(numbers) | (numbers <= above) | (numbers < least)
        if wrong.any():
            low = f" above {above:g}" if above > -np.inf else f" from {least:g} on" if least > -np.inf else ""
            raise MeasureError(key, f"{numbers[wrong][0]:g}: a finite number{low} is needed", self._title)
        return numbers


def _own(measure: ActingMeasure) -> bool:
    """Whether its class is not one of Entrepot's."""
    return not type(measure).__module__.startswith("entrepot.")
