"""Notes on what measures together make of a duty: rates that add up on one flow, and duties below zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.languages import localised, plural, translated
from entrepot.measures.acts import BorderTaxes, Cap, Duty, ExportDuty, flow_name
from entrepot.measures.fields import percent
from entrepot.measures.policy import Policy, places
from entrepot.types import Array, Index
from entrepot.words import chance

#: A duty at or below this is a subsidy that is seldom meant: the note asks for a second look.
SELDOM_MEANT = -0.5


def duty_notes(policy: Policy) -> tuple[str, ...]:
    """Return the notes on a policy, gravest first: duties below zero, then rates that add up on a flow."""
    if not policy.each(Duty) and not policy.each(ExportDuty):
        return ()
    taxes = policy.border_taxes()
    return tuple(dict.fromkeys([*below_zero(policy, taxes), *added_up(policy, taxes)]))


def below_zero(policy: Policy, taxes: BorderTaxes) -> list[str]:
    """Return a note on each measure that takes import duties below zero, where the base has none so low."""
    fell = (taxes.ln_tariff < -1e-12) & (taxes.ln_tariff < taxes.ln_tariff_base - 1e-12)
    value, notes = policy.economy.value.ravel(), []
    for act in policy.each(Duty) if fell.any() else ():
        at = act.at[np.isin(act.at, taxes.flow[fell]) & (act.rate < 0)]
        if not at.size:
            continue
        lowest = float(np.expm1(_on(taxes, taxes.ln_tariff, at)).min())
        traded = float(value[act.at].sum())
        one = (
            "'{measure}' takes the duty below zero, down to {lowest}: an import subsidy, which the importer's budget "
            "pays; to cut duties use change: cut."
        )
        many = (
            "'{measure}' takes the duty below zero on {number} of its {all} flows ({share} of their trade), down to "
            "{lowest}: an import subsidy, which the importer's budget pays; to cut duties use change: cut."
        )
        if lowest <= SELDOM_MEANT:
            one = (
                "Check the rate: '{measure}' takes the duty below zero, down to {lowest}: the importer's budget pays "
                "half of the price or more, an import subsidy; to cut duties use change: cut."
            )
            many = (
                "Check the rate: '{measure}' takes the duty below zero on {number} of its {all} flows ({share} of "
                "their trade), down to {lowest}: the importer's budget pays half of the price or more, an import "
                "subsidy; to cut duties use change: cut."
            )
        notes.append(
            translated(
                one if act.at.size == 1 else many,
                measure=act.measure.title,
                number=at.size,
                all=act.at.size,
                share=chance(float(value[at].sum()) / traded if traded else 0.0),
                lowest=_rate(lowest),
            )
        )
    return notes


def added_up(policy: Policy, taxes: BorderTaxes) -> list[str]:
    """Return a note on each pair of measures whose duties, or export taxes, add up on a flow."""
    notes = []
    by_kind: tuple[tuple[Sequence[Duty | ExportDuty], Array], ...] = (
        (policy.each(Duty), taxes.ln_tariff),
        (policy.each(ExportDuty), taxes.ln_export_tax),
    )
    for acts, level in by_kind:
        if places(acts).size == sum(act.at.size for act in acts):
            continue
        for k, act in enumerate(acts):
            for other in acts[:k]:
                if other.position == act.position or "add" not in (act.change, other.change):
                    continue
                both = np.intersect1d(other.at, act.at)
                if both.size:
                    notes.append(_both_levied(policy, other, act, both, np.expm1(_on(taxes, level, both))))
    return notes


def _both_levied(policy: Policy, first: Duty | ExportDuty, second: Duty | ExportDuty, both: Index, level: Array) -> str:
    """Return the note on two measures whose rates add up on flows, to `level` [f]."""
    value = policy.economy.value.ravel()[both]
    where = flow_name(policy.economy, both[np.argmax(value)])
    if both.size > 1:
        where = plural("{flow} and {number} more flow", "{flow} and {number} more flows", both.size - 1, flow=where)
    low, high = _rate(float(level.min())), _rate(float(level.max()))
    in_quota = any(not cap.hard and np.isin(both, cap.at).any() for cap in policy.each(Cap))
    message = (
        "'{first}' and '{second}' both fall on {flow}: they add up, to {rate} there. Where only one is to be levied, "
        "leave those goods or countries out of the other (sector, exempt)."
    )
    if in_quota:
        message = (
            "'{first}' and '{second}' both fall on {flow}: they add up, to {rate} there inside the quota. Where only "
            "one is to be levied, leave those goods or countries out of the other (sector, exempt)."
        )
    return translated(
        message,
        first=first.measure.title,
        second=second.measure.title,
        flow=where,
        rate=low if low == high else translated("{low} to {high}", low=low, high=high),
    )


def _on(taxes: BorderTaxes, level: Array, at: Index) -> Array:
    """Return an array over the policy's flows on some of them."""
    return level[np.searchsorted(taxes.flow, at)]


def _rate(level: float) -> str:
    """Return a rate with at most one decimal: "90%"."""
    return localised(percent(round(level, 3) + 0.0))
