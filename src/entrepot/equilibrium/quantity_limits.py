"""Quantity measures as arrays: their caps, stages and wedges, flow by flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.equilibrium.overlapping_caps import Tie, slack_caps
from entrepot.errors import MeasureError
from entrepot.measures import Policy
from entrepot.measures.acts import BorderTaxes, Cap, flow_name
from entrepot.measures.fields import percent
from entrepot.measures.policy import union
from entrepot.types import Array, Index

#: The stages at which licences are bought on a flow's way from producer to user (`Quotas.stage`).
AT_BORDER, AS_DUTY, LANDED = range(3)


@dataclass(frozen=True, eq=False)
class Quotas:
    """All quantity measures as arrays: q numbers them, f their flows (in the order of q).

    A flow under two of them is repeated.

    flow [f]            flat position in [j,n,i]
    owner [f]           q of each flow
    ln_cap [q]          log of the cap on sum of volumes at base producer prices
    ln_base [q]         log of that volume in the base; of one in force, of its cap
    ln_ceiling [q]      largest ln(1+mu): infinite, or for a tariff-rate quota its largest surcharge over its flows
    ln_surcharge [f]    ln (1+t_out)/(1+t_in) of a tariff-rate quota's flow; infinite for others
    exporter_share [q]  of the rent
    before_duty [q]     duty is levied on the rent too (an export licence)
    theta [q]           mean elasticity, which scales the step of the wedge
    act [q]             number of the cap among the Policy's acts; of one in force in the base, -1 and down
    weight [f]          units of the volume that a dollar at base producer prices is
    ln_mu [q]           ln(1+mu) in the base
    ln_ceiling_base [q], ln_surcharge_base [f]   ceilings and surcharges in the base: none, but for those in force
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
    act: Index
    weight: Array
    ln_mu: Array
    ln_ceiling_base: Array
    ln_surcharge_base: Array

    @property
    def count(self) -> int:
        """The number of quotas; in a stack, the largest number of a member."""
        return self.ln_cap.shape[-1]

    @property
    def stage(self) -> Index:
        """The stage at which a flow's licence is bought [f].

        AT_BORDER: an export licence, before duty. AS_DUTY: that of a tariff-rate quota, in place of its surcharge.
        LANDED: an import licence, on top of all duties.
        """
        after = np.where(np.isfinite(self.ln_surcharge), AS_DUTY, LANDED)
        return np.where(self.before_duty.ravel()[self.owner], AT_BORDER, after)

    @property
    def sharing(self) -> Index:
        """The quotas [.] that have a flow in common with another."""
        flow, times = np.unique(self.flow, return_counts=True)
        return np.unique(self.owner[np.isin(self.flow, flow[times > 1])])

    def only(self, kept: NDArray[np.bool_]) -> Quotas:
        """Return some of the quotas [q], in the same order."""
        left = self._on(kept[self.owner])
        by_quota = {f.name: getattr(self, f.name)[kept] for f in fields(self) if f.name not in _BY_FLOW}
        return replace(left, **by_quota, owner=(np.cumsum(kept) - 1)[left.owner])

    def and_(self, other: Quotas) -> Quotas:
        """Return both, one after the other."""
        joined = {f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)}
        return Quotas(**joined | {"owner": np.concatenate([self.owner, self.count + other.owner])})

    @classmethod
    def stacked(cls, several: Sequence[Quotas], at_least: int = 0) -> Quotas:
        """Return those of several members [b, q], padded to one number, `at_least` so many, by ones of no effect.

        Flows are those of all members, one after the other.
        """
        most = max(at_least, *(q.count for q in several))

        def padded(name: str) -> Array:
            parts = [getattr(q, name) for q in several]
            out = np.full((len(several), most), _FILLERS.get(name, 0), dtype=parts[0].dtype)
            if all(part is parts[0] for part in parts):
                out[:, : parts[0].size] = parts[0]
                return out
            for row, part in zip(out, parts, strict=True):
                row[: part.size] = part
            return out

        columns = {f.name: padded(f.name) for f in fields(cls) if f.name not in _BY_FLOW}
        columns |= {name: np.concatenate([getattr(q, name) for q in several]) for name in _BY_FLOW}
        return cls(**columns | {"owner": np.concatenate([most * k + q.owner for k, q in enumerate(several)])})

    def without(self, flow: Index) -> Quotas:
        """Return the quotas without the embargoed flows `flow`; a quota with no flow left is dropped."""
        left = self._on(~np.isin(self.flow, flow))
        return left.only(np.isin(np.arange(self.count), left.owner))

    def _on(self, kept: NDArray[np.bool_]) -> Quotas:
        """All quotas, on some of the flows [f]."""
        return replace(self, **{name: getattr(self, name)[kept] for name in _BY_FLOW})

    def ln_wedge(self, ln_mu: Array) -> Array:
        """Return ln(1+mu) by flow from ln(1+mu) by quota.

        A tariff-rate quota's licence is worth the same share of the surcharge on every flow, so that flows that pay
        different duties reach their surcharges together.
        """
        by_flow = ln_mu.ravel()[self.owner]
        limited = np.isfinite(self.ln_surcharge)
        if limited.any():
            owner = self.owner[limited]
            surcharge = np.expm1(self.ln_ceiling.ravel()[owner])
            part = np.divide(np.expm1(by_flow[limited]), surcharge, out=np.zeros(owner.size), where=surcharge > 0)
            by_flow[limited] = np.log1p(part * np.expm1(self.ln_surcharge[limited]))
        return by_flow

    def wedge_slope(self, ln_mu: Array, ln_wedge: Array) -> Array:
        """Return the derivative of `ln_wedge` by flow in ln(1+mu) of its quota, at that point."""
        slope, limited = np.ones(self.flow.size), np.isfinite(self.ln_surcharge)
        if limited.any():
            owner = self.owner[limited]
            rise = np.exp(ln_mu.ravel()[owner]) / np.expm1(self.ln_ceiling.ravel()[owner])
            slope[limited] = rise * np.expm1(self.ln_surcharge[limited]) * np.exp(-ln_wedge[limited])
        return slope


#: A cap is larger than one in force beyond this, which is more than rounding.
LARGER = 1 + 1e-6
#: What stands in for quotas of a member that has fewer than another: they cannot bind.
_FILLERS = {"ln_cap": np.inf, "theta": 1.0, "act": -1}
_BY_FLOW = ("flow", "owner", "ln_surcharge", "weight", "ln_surcharge_base")
_KINDS = {"flow": np.intp, "owner": np.intp, "act": np.intp, "before_duty": np.bool_}
NO_QUOTAS = Quotas(**{f.name: np.zeros(0, dtype=_KINDS.get(f.name, np.float64)) for f in fields(Quotas)})


def quota_arrays(
    economy: Economy, policy: Policy, taxes: BorderTaxes
) -> tuple[Quotas, Index, tuple[Tie, ...], list[str]]:
    """Return caps as arrays, the embargoed flows, ties (see `overlapping_caps`), and notes on caps that cannot bind.

    Caps that others keep slack are left out, so that the search need not find out which of them binds.
    """
    caps = policy.caps()
    none = np.zeros(0, dtype=np.intp)
    if not caps and not economy.in_force.quotas.volume.size:
        return NO_QUOTAS, none, (), []
    value = economy.value.ravel()
    embargoed = union([cap.at for cap in caps if cap.forbids])
    embargoed = embargoed[value[embargoed] > 0]
    left: list[Cap] = []
    notes: list[str] = []
    for cap in caps:
        traded = cap.at[value[cap.at] > 0]
        if traded.size == 0:
            notes.append(f"{cap.measure.title}: covers no trade in the base and cannot bind")
            continue
        flow = np.setdiff1d(traded, embargoed, assume_unique=True)
        if flow.size:
            left.append(replace(cap, at=flow))
    surcharges = [_surcharge(economy, cap, taxes) for cap in left]
    slack, ties = slack_caps(left)
    rows = [row for row in zip(left, surcharges, strict=True) if row[0].number not in slack]
    base = np.array([value[cap.at].sum() for cap, _ in rows], dtype=float)
    flow = np.concatenate([none, *(cap.at for cap, _ in rows)])
    owner = np.repeat(np.arange(len(rows)), [cap.at.size for cap, _ in rows])
    quotas = Quotas(
        flow=flow,
        owner=owner,
        # A tariff-rate quota of zero, where nobody pays the lower rate, still needs a log: a negligible cap.
        ln_cap=np.log(np.maximum([cap.volume for cap, _ in rows], 1e-12 * base)),
        ln_base=np.log(base),
        ln_ceiling=np.array([surcharge.max() for _, surcharge in rows], dtype=float),
        ln_surcharge=np.concatenate([np.zeros(0), *(surcharge for _, surcharge in rows)]),
        exporter_share=np.array([cap.exporter_share for cap, _ in rows], dtype=float),
        before_duty=np.array([cap.before_duty for cap, _ in rows], dtype=bool),
        theta=mean_elasticity(economy, flow, owner, len(rows)),
        act=np.array([cap.number for cap, _ in rows], dtype=np.intp),
        weight=np.ones(flow.size),
        ln_mu=np.zeros(len(rows)),
        ln_ceiling_base=np.zeros(len(rows)),
        ln_surcharge_base=np.zeros(flow.size),
    )
    if economy.in_force.quotas.volume.size:
        quotas = quotas.and_(_in_force(economy, policy, taxes, embargoed))
        notes += _smaller_in_force(economy, policy, left)
    return quotas, embargoed, ties, notes


def _smaller_in_force(economy: Economy, policy: Policy, caps: Sequence[Cap]) -> list[str]:
    """Return notes on caps that are larger than a quota of the base that stays on all of their trade."""
    held, notes = economy.in_force.quotas, []
    for k in np.setdiff1d(np.arange(held.volume.size), policy.lifted_quotas):
        mine = held.owner == k
        for cap in caps:
            shared = np.isin(held.flow[mine], cap.at)
            if shared.sum() == cap.at.size and cap.volume * held.weight[mine][shared].min() > LARGER * held.volume[k]:
                notes.append(
                    f"{cap.measure.title}: {held.title[k]} is in force in the base, is smaller and stays; to replace "
                    "it, lift it first"
                )
    return notes


def _in_force(economy: Economy, policy: Policy, taxes: BorderTaxes, embargoed: Index) -> Quotas:
    """The quotas of the base.

    The duty beyond a tariff-rate quota stays, plus the points that measures add. A quota that is lifted stays with a
    ceiling of zero on its wedge, so that there is a path from the base to the solution.
    """
    held = economy.in_force.quotas
    count = held.volume.size
    ends = np.isin(np.arange(count), policy.lifted_quotas)
    inside, points = taxes.on(economy, held.flow)
    with np.errstate(over="ignore"):
        outside = (1 + economy.tariff.ravel()[held.flow]) * np.exp(held.ln_surcharge) - 1 + points
    limited = np.isfinite(held.ln_surcharge)
    low = limited & (outside < inside - 1e-12) & ~ends[held.owner]
    if low.any():
        f = int(np.argmax(low))
        raise MeasureError(
            "rate",
            f"{percent(float(inside[f]))} on {flow_name(economy, held.flow[f])} is above the duty of "
            f"{percent(float(outside[f]))} beyond the tariff-rate quota in force there",
        )
    outside = np.where(ends[held.owner], inside, outside)
    surcharge = np.where(limited, np.maximum(np.log1p(outside) - np.log1p(inside), 1e-15), np.inf)

    def largest(of: Array) -> Array:
        out = np.zeros(count)
        np.maximum.at(out, held.owner, of)
        return out

    ceiling_base = largest(held.ln_surcharge)
    every = Quotas(
        flow=held.flow,
        owner=held.owner,
        ln_cap=np.log(held.volume),
        ln_base=np.log(held.volume),
        ln_ceiling=np.where(ends, 1e-15, largest(surcharge)),
        ln_surcharge=surcharge,
        exporter_share=held.exporter_share,
        before_duty=held.before_duty,
        theta=mean_elasticity(economy, held.flow, held.owner, count),
        act=-1 - np.arange(count),
        weight=held.weight,
        ln_mu=held.ln_mu,
        ln_ceiling_base=np.where(ends & np.isinf(ceiling_base), held.ln_mu, ceiling_base),
        ln_surcharge_base=held.ln_surcharge,
    )
    return every.without(embargoed)


def _surcharge(economy: Economy, cap: Cap, taxes: BorderTaxes) -> Array:
    """ln (1+t_out)/(1+t_in) on each flow of a tariff-rate quota; infinite for a hard cap."""
    flow = cap.at
    if cap.hard:
        return np.full(flow.size, np.inf)
    inside, points = taxes.on(economy, flow)
    outside = cap.outside(inside, points)
    low = outside < inside - 1e-12
    if low.any():
        f = int(np.argmax(low))
        raise MeasureError(
            "out_rate",
            f"{percent(float(outside[f]))} is below the in-quota duty of {percent(float(inside[f]))} on "
            f"{flow_name(economy, flow[f])}",
            cap.measure.title,
        )
    return np.maximum(np.log1p(outside) - np.log1p(inside), 1e-15)


def mean_elasticity(economy: Economy, flow: Index, owner: Index, count: int) -> Array:
    """Return mean elasticities to taxes [q] over the flows of each quota, by value."""
    market, weight = flow // len(economy.countries), economy.value.ravel()[flow]
    elasticity = economy.theta[market // len(economy.countries)] * economy.exponent.ravel()[market]
    return np.bincount(owner, elasticity * weight, count) / np.maximum(np.bincount(owner, weight, count), 1e-300)
