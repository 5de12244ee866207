"""From names to numbers: an Economy, a Scenario and a Closure become the arrays that the equilibrium map reads."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium.caps import Cap, Tie, slack_caps
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.errors import InputError, MeasureError
from entrepot.measures import (
    ExportTax,
    NonTariffBarrier,
    ProductionSubsidy,
    QuantityMeasure,
    Scenario,
    Tariff,
    TariffRateQuota,
)
from entrepot.measures.fields import percent

Index = NDArray[np.intp]
#: The stages at which licences are bought on a flow's way from producer to user (`Quotas.stage`).
AT_BORDER, AS_DUTY, LANDED = range(3)


@dataclass(frozen=True, eq=False)
class Quotas:
    """All quantity measures: q numbers them, f their flows (in the order of q), a flow under two of them twice.

    flow [f]            flat position in [j,n,i]
    owner [f]           q of each flow
    ln_cap [q]          log of the cap on sum of volumes at base producer prices
    ln_base [q]         log of that volume in the base
    ln_ceiling [q]      largest ln(1+mu): infinite, or for a tariff-rate quota its largest surcharge over its flows
    ln_surcharge [f]    ln (1+t_out)/(1+t_in) of a tariff-rate quota's flow; infinite for others
    exporter_share [q]  of the rent
    before_duty [q]     duty is levied on the rent too (an export licence)
    theta [q]           mean elasticity, which scales the step of the wedge
    position [q]        of the measure in the Scenario
    """

    flow: Index
    owner: Index
    ln_cap: Array
    ln_base: Array
    ln_ceiling: Array
    ln_surcharge: Array
    exporter_share: Array
    before_duty: NDArray[np.bool_]
    theta: Array
    position: Index

    @property
    def count(self) -> int:
        """Of a Problem; of a stack, the most that a member has."""
        return self.ln_cap.shape[-1]

    @property
    def stage(self) -> Index:
        """When a flow's licence is bought [f]: AT_BORDER an export licence, before duty; AS_DUTY the cover of a
        tariff-rate quota, which is what its surcharge would be; LANDED an import licence, on top of all duties."""
        after = np.where(np.isfinite(self.ln_surcharge), AS_DUTY, LANDED)
        return np.where(self.before_duty.ravel()[self.owner], AT_BORDER, after)

    @property
    def sharing(self) -> Index:
        """Those [.] with a flow that another has too."""
        flow, times = np.unique(self.flow, return_counts=True)
        return np.unique(self.owner[np.isin(self.flow, flow[times > 1])])

    def only(self, kept: NDArray[np.bool_]) -> Quotas:
        """Some of them [q], in the same order."""
        f, number = kept[self.owner], np.cumsum(kept) - 1
        by_flow: dict[str, Any] = {
            "flow": self.flow[f],
            "owner": number[self.owner[f]],
            "ln_surcharge": self.ln_surcharge[f],
        }
        return Quotas(**by_flow, **{x.name: getattr(self, x.name)[kept] for x in fields(self) if x.name not in by_flow})

    def ln_wedge(self, ln_mu: Array) -> Array:
        """ln(1+mu) by flow from ln(1+mu) by quota.

        A tariff-rate quota's licence is worth the same part of the surcharge on every flow, so that where its flows
        pay different duties the whole schedule is reached together.
        """
        by_flow = ln_mu.ravel()[self.owner]
        limited = np.isfinite(self.ln_surcharge)
        if limited.any():
            owner = self.owner[limited]
            surcharge = np.expm1(self.ln_ceiling.ravel()[owner])
            part = np.divide(np.expm1(by_flow[limited]), surcharge, out=np.zeros(owner.size), where=surcharge > 0)
            by_flow[limited] = np.log1p(part * np.expm1(self.ln_surcharge[limited]))
        return by_flow


@dataclass(frozen=True, eq=False)
class Problem:
    """One question for the solver. Policy is sparse: `flow` lists the flows [f] whose taxes or costs change.

    ln_tariff [f]      ln(1+t') on those flows, `ln_tariff_base` ln(1+t)
    ln_export_tax [f]  ln(1+e');  ln_iceberg [f]  ln d^
    ln_subsidy [j,i]   ln(1+s'), zero where there is none
    embargoed [.]      flat positions of flows that are removed
    price_rules        specific duties and minimum prices
    factors            how labour and capital are supplied
    ties               caps that add nothing to others at the same volume, and those (see `caps`)
    """

    economy: Economy
    scenario: Scenario
    closure: Closure
    flow: Index
    ln_tariff_base: Array
    ln_tariff: Array
    ln_export_tax: Array
    ln_iceberg: Array
    ln_subsidy: Array
    embargoed: Index
    quotas: Quotas
    price_rules: PriceRules
    factors: Factors
    notes: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()

    @classmethod
    def of(cls, economy: Economy, scenario: Scenario, closure: Closure) -> Problem:
        """Raises `MeasureError` or `UnknownNameError` for anything that cannot be put on this Economy."""
        if closure.deficit == "balanced" and np.abs(economy.deficit).max() > 1e-9 * economy.value_added.sum():
            economy = economy.balanced()
        if closure.numeraire != "WORLD":
            codes = resolve_countries(closure.numeraire, economy.countries, "closure: numeraire")[0]
            if len(codes) != 1:
                raise InputError(f"closure: numeraire {closure.numeraire!r} is not one country")
            closure = replace(closure, numeraire=codes[0])
        flows = {id(m): m.flows(economy) for m in scenario}
        touched, policy, points = _border_taxes(economy, scenario, flows)
        duty, added = economy.tariff.ravel().copy(), np.zeros(economy.tariff.size)
        duty[touched], added[touched] = np.expm1(policy["ln_tariff"]), points
        quotas, embargoed, ties, notes = _quotas(economy, scenario, flows, duty, added)
        rules = PriceRules.of(economy, scenario, flows).without(embargoed)
        return cls(
            economy=economy,
            scenario=scenario,
            closure=closure,
            flow=touched,
            **policy,
            ln_subsidy=_subsidies(economy, scenario),
            embargoed=embargoed,
            quotas=quotas,
            price_rules=rules,
            factors=Factors.of(economy, closure),
            ties=ties,
            notes=tuple(dict.fromkeys([*(note for m in scenario for note in m.notes(economy)), *notes])),
        )

    def on(self, economy: Economy) -> Problem:
        """The same question on a world that differs in elasticities alone."""
        q = self.quotas
        theta = np.bincount(q.owner, economy.theta[_sector(economy, q.flow)] * economy.value.ravel()[q.flow], q.count)
        weight = np.bincount(q.owner, economy.value.ravel()[q.flow], q.count)
        factors = (
            Factors.of(economy, self.closure) if self.factors.scale.any() else replace(self.factors, economy=economy)
        )
        return replace(self, economy=economy, quotas=replace(q, theta=theta / weight), factors=factors)

    def at(self, s: float) -> Problem:
        """The same question with a part s in [0, 1] of the shock: log-linear in taxes, costs and caps."""
        if s == 1.0:
            return self
        q = self.quotas
        return replace(
            self,
            ln_tariff=(1 - s) * self.ln_tariff_base + s * self.ln_tariff,
            ln_export_tax=s * self.ln_export_tax,
            ln_iceberg=s * self.ln_iceberg,
            ln_subsidy=s * self.ln_subsidy,
            price_rules=self.price_rules.at(s),
            quotas=replace(
                q,
                ln_cap=(1 - s) * q.ln_base + s * q.ln_cap,
                ln_ceiling=s * q.ln_ceiling if s else np.where(np.isfinite(q.ln_ceiling), 0.0, q.ln_ceiling),
                ln_surcharge=s * q.ln_surcharge if s else np.where(np.isfinite(q.ln_surcharge), 0.0, q.ln_surcharge),
            ),
        )

    def border_taxes(self, flow: Index) -> tuple[Array, Array]:
        """ln(1+t') and ln(1+e') on `flow`."""
        ln_tariff = np.log1p(self.economy.tariff.ravel()[flow])
        ln_export_tax = np.zeros(flow.size)
        if self.flow.size:
            at = np.minimum(np.searchsorted(self.flow, flow), self.flow.size - 1)
            hit = self.flow[at] == flow
            ln_tariff[hit] = self.ln_tariff[at[hit]]
            ln_export_tax[hit] = self.ln_export_tax[at[hit]]
        return ln_tariff, ln_export_tax

    def spread(self, flow: Index, values: Array) -> Array:
        """An array [j,n,i] with the sum of `values` on each of `flow`, and zero elsewhere."""
        shape = self.economy.value.shape
        return np.bincount(flow, values, self.economy.value.size).astype(float, copy=False).reshape(shape)


def _border_taxes(
    economy: Economy, scenario: Scenario, flows: dict[int, Index]
) -> tuple[Index, dict[str, Array], Array]:
    """The touched flows, their tariffs, export taxes and iceberg costs, and the points added to the tariffs.

    "set" and "cut" come first, then "add"; points added to a flow are due inside and beyond a tariff-rate quota alike.
    """
    taxed = [m for m in scenario if isinstance(m, Tariff | ExportTax | NonTariffBarrier | TariffRateQuota)]
    position = np.zeros(economy.value.size, dtype=np.intp)
    for measure in taxed:
        position[flows[id(measure)]] = 1
    touched = np.flatnonzero(position)
    position[touched] = np.arange(touched.size)
    base = economy.tariff.ravel()[touched]
    tariff, added = base.copy(), np.zeros(touched.size)
    setter = np.full(touched.size, -1)
    export_tax, iceberg = np.zeros(touched.size), np.zeros(touched.size)
    for number, measure in enumerate(taxed):
        at = position[flows[id(measure)]]
        if isinstance(measure, ExportTax):
            export_tax[at] += float(measure.rate)
        elif isinstance(measure, NonTariffBarrier):
            iceberg[at] += np.log1p(float(measure.rate))
        else:
            rate = measure.rate if isinstance(measure, Tariff) else measure.in_rate
            if rate is None:
                continue
            if measure.change == "add":
                added[at] += float(rate)
                continue
            wanted = base[at] * (1 - float(rate)) if measure.change == "cut" else float(rate)
            clash = at[(setter[at] >= 0) & (tariff[at] != wanted)]
            if clash.size:
                raise MeasureError(
                    "rate",
                    f"{measure.title!r} and {taxed[setter[clash[0]]].title!r} set different rates for "
                    f"{flow_name(economy, touched[clash[0]])}; exempt it in one of them",
                )
            setter[at] = number
            tariff[at] = wanted
    tariff += added
    for what, level in (("tariff", tariff), ("export tax", export_tax)):
        if (level <= -1).any():
            f = int(np.argmin(level))
            raise MeasureError(
                "rate", f"the {what} on {flow_name(economy, touched[f])} would be {percent(level[f])}, not above -100%"
            )
    policy = {
        "ln_tariff_base": np.log1p(base),
        "ln_tariff": np.log1p(tariff),
        "ln_export_tax": np.log1p(export_tax),
        "ln_iceberg": iceberg,
    }
    return touched, policy, added


def _subsidies(economy: Economy, scenario: Scenario) -> Array:
    rate = np.zeros(economy.output.shape)
    for measure in scenario:
        if isinstance(measure, ProductionSubsidy):
            rate.ravel()[measure.cells(economy)] += float(measure.rate)
    if (rate <= -1).any():
        j, i = np.argwhere(rate <= -1)[0]
        raise MeasureError(
            "rate", f"the subsidies on {economy.sectors[j]} in {economy.countries[i]} add up to -100% or less"
        )
    return np.log1p(rate)


def _quotas(
    economy: Economy, scenario: Scenario, flows: dict[int, Index], duty: Array, added: Array
) -> tuple[Quotas, Index, tuple[Tie, ...], list[str]]:
    """Quantity measures as arrays, the embargoed flows, ties (see `caps`), and notes on caps that cannot bind. Caps
    that others keep slack are left out: the search would only have to find out which of them binds."""
    value = economy.value.ravel()
    measures = [(position, m) for position, m in enumerate(scenario) if isinstance(m, QuantityMeasure)]
    _check_tariff_rate_quotas(economy, [m for _, m in measures if isinstance(m, TariffRateQuota)], flows)
    forbidden = [m for _, m in measures if _forbids(m, value[flows[id(m)]])]
    embargoed = np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *(flows[id(m)] for m in forbidden)]))
    embargoed = embargoed[value[embargoed] > 0]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for position, measure in measures:
        touched = flows[id(measure)]
        traded = touched[value[touched] > 0]
        if traded.size == 0:
            notes.append(f"{measure.title}: covers no trade in the base and cannot bind")
            continue
        left = np.setdiff1d(traded, embargoed, assume_unique=True)
        if left.size == 0:
            continue
        base, cap = float(value[left].sum()), measure.volume_cap(float(value[traded].sum()))
        surcharge = np.full(left.size, np.inf)
        if isinstance(measure, TariffRateQuota):
            surcharge = _surcharge(economy, measure, duty, added, left)
        rows.append(
            {
                "flow": left,
                "surcharge": surcharge,
                # A tariff-rate quota of zero, where nobody pays the lower rate, still needs a log: a negligible cap.
                "ln_cap": np.log(max(cap, 1e-12 * base)),
                "ln_base": np.log(base),
                "exporter_share": measure.exporter_share,
                "before_duty": measure.before_duty,
                "theta": float(np.average(economy.theta[_sector(economy, left)], weights=value[left])),
                "position": position,
                "cap": Cap(position, measure, left, cap),
            }
        )
    slack, ties = slack_caps([row["cap"] for row in rows])
    rows = [row for row in rows if row["position"] not in slack]

    def column(key: str, dtype: Any = float) -> Any:
        return np.array([row[key] for row in rows], dtype=dtype)

    none = np.zeros(0, dtype=np.intp)
    quotas = Quotas(
        flow=np.concatenate([row["flow"] for row in rows]) if rows else none,
        owner=np.repeat(np.arange(len(rows)), [row["flow"].size for row in rows]) if rows else none,
        ln_cap=column("ln_cap"),
        ln_base=column("ln_base"),
        ln_ceiling=np.array([row["surcharge"].max() for row in rows], dtype=float),
        ln_surcharge=np.concatenate([row["surcharge"] for row in rows]) if rows else np.zeros(0),
        exporter_share=column("exporter_share"),
        before_duty=column("before_duty", bool),
        theta=column("theta"),
        position=column("position", np.intp),
    )
    return quotas, embargoed, ties, notes


def _forbids(measure: QuantityMeasure, value: Array) -> bool:
    """Whether a cap of zero takes all of its trade away; beyond a tariff-rate quota of zero, trade goes on."""
    return not isinstance(measure, TariffRateQuota) and measure.volume_cap(float(value.sum())) == 0


def _check_tariff_rate_quotas(economy: Economy, found: list[TariffRateQuota], flows: dict[int, Index]) -> None:
    """Two schedules of in- and out-of-quota duties on one flow contradict each other."""
    first: dict[int, TariffRateQuota] = {}
    for measure in found:
        for flow in flows[id(measure)].tolist():
            other = first.setdefault(flow, measure)
            if other is not measure:
                raise MeasureError(
                    "cap",
                    f"{measure.title!r} and {other.title!r} both state an in- and an out-of-quota duty for "
                    f"{flow_name(economy, flow)}; exempt it in one, or merge the two",
                )


def _surcharge(economy: Economy, measure: TariffRateQuota, duty: Array, added: Array, flow: Index) -> Array:
    """ln (1+t_out)/(1+t_in) by flow."""
    inside = duty[flow]
    if measure.change == "add":
        outside = inside + float(measure.out_rate) - float(measure.in_rate or 0.0)
    else:
        outside = float(measure.out_rate) + added[flow]
    low = outside < inside - 1e-12
    if low.any():
        f = int(np.argmax(low))
        raise MeasureError(
            "out_rate",
            f"{percent(float(outside[f]))} is below the in-quota duty of {percent(float(inside[f]))} on "
            f"{flow_name(economy, flow[f])}",
            measure.title,
        )
    return np.maximum(np.log1p(outside) - np.log1p(inside), 1e-15)


def _sector(economy: Economy, flow: Index) -> Index:
    return flow // len(economy.countries) ** 2


def flow_name(economy: Economy, flow: int | np.intp) -> str:
    j, n, i = np.unravel_index(int(flow), economy.value.shape)
    return f"{economy.sectors[j]} from {economy.countries[i]} into {economy.countries[n]}"
