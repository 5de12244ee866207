"""Merging countries and sectors: values add up, and revenue, profits and deficits are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from entrepot.economy.base_accounts import BaseAccounts
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.economy.in_force import InForce
from entrepot.errors import TableError

#: Members by the name of the merged country or sector.
Grouping = Mapping[str, str | Sequence[str]]
Base = TypeVar("Base", bound=BaseAccounts)


def aggregate(
    economy: Base, countries: Grouping, sectors: Grouping, *, rest_of_world: str | None, name: str | None
) -> Base:
    """Return `economy` with countries and sectors merged; see `Economy.aggregate`."""
    held = economy.in_force
    if held.flow.size:
        raise TableError(
            "aggregate: the base has quotas or price rules in force on single flows, which cannot be merged; merge "
            "countries and sectors first and then put the measures in force, or lift them"
        )
    if economy.has_selection:
        raise TableError(
            "aggregate: the base has costs of market access, which differ by country and sector and cannot be merged; "
            "merge first and then state them"
        )
    for kind, grouping in (("countries", countries), ("sectors", sectors)):
        if not isinstance(grouping, Mapping):
            raise TableError(f"{kind}: give a mapping from new names to members, such as {{'EU28': 'EU28'}}")
        for new, old in grouping.items():
            if not isinstance(old, str | list | tuple | set) or not old:
                raise TableError(f"{kind}: {new!r} has no members ({old!r})")
    resolved = {new: resolve_countries(old, economy.countries, new) for new, old in countries.items()}
    country_groups = {new: members for new, (members, _) in resolved.items()}
    notes = [note for _, lacking in resolved.values() for note in lacking if note not in economy.notes]
    sector_groups = {new: resolve_sectors(old, economy.sectors, new) for new, old in sectors.items()}
    new_countries, c = _membership("country", economy.countries, country_groups, rest_of_world)
    new_sectors, s = _membership("sector", economy.sectors, sector_groups, None)

    value, border = (_merge(flows, s, c) for flows in (economy.value, economy.border_value))
    export_tax = _ratio(border - value, value) if held.export_tax.size else np.zeros(0)
    tariff = _ratio(_merge(economy.border_value * economy.tariff, s, c), border)

    output = economy.cost.T
    cost = np.einsum("nN,kK,jJ,nkj->NKJ", c, s, s, economy.inputs * output[:, None, :], optimize=True)
    new_output = c.T @ output @ s
    sales = s.T @ economy.output @ c
    received = s.T @ (economy.output * np.exp(economy.ln_subsidy)) @ c
    markup = np.divide(received, new_output.T, out=np.ones_like(sales), where=new_output.T > 0)
    subsidy = _ratio(received - sales, sales) if held.subsidy.size else np.zeros(0)
    # A sector without output in the new country takes the unweighted mean of its members' input shares.
    plain = np.einsum("nN,kK,jJ,nkj->NKJ", c / c.sum(axis=0), s, s / s.sum(axis=0), economy.inputs, optimize=True)
    has_output = np.broadcast_to(new_output[:, None, :] > 0, cost.shape)
    inputs = np.where(has_output, cost / np.where(has_output, new_output[:, None, :], 1.0), plain)

    return replace(
        economy,
        countries=new_countries,
        sectors=new_sectors,
        value=value,
        tariff=tariff,
        inputs=inputs,
        theta=_mean_elasticity(economy, s),
        name=name or economy.name,
        markup=np.maximum(markup, 1.0) if economy.has_markups else np.ones_like(markup),
        in_force=InForce(export_tax=export_tax, subsidy=subsidy),
        access=np.zeros((0, 0)),
        exponent=np.zeros((0, 0)),
        notes=(*economy.notes, *notes),
    )


def _mean_elasticity(economy: BaseAccounts, s: Array) -> Array:
    """Trade elasticities weighted by world imports; by output where a new sector is not traded."""
    imports = (economy.value * ~economy.domestic).sum(axis=(1, 2))
    weight = np.where((s.T @ imports)[s.argmax(axis=1)] > 0, imports, economy.output.sum(axis=1))
    weight = np.where((s.T @ weight)[s.argmax(axis=1)] > 0, weight, 1.0)
    return (s.T @ (weight * economy.theta)) / (s.T @ weight)


def _ratio(amount: Array, of: Array) -> Array:
    """Rate amount / of; zero where the value it is levied on is zero."""
    return np.divide(amount, of, out=np.zeros_like(of), where=of > 0)


def _merge(flows: Array, s: Array, c: Array) -> Array:
    return np.einsum("jJ,nN,iI,jni->JNI", s, c, c, flows, optimize=True)


def _membership(
    kind: str, old: tuple[str, ...], groups: Mapping[str, tuple[str, ...]], rest: str | None
) -> tuple[tuple[str, ...], Array]:
    """New labels and the 0/1 matrix [old, new]: groups in the order given, then unlisted labels or the one rest."""
    owner: dict[str, str] = {}
    for new, members in groups.items():
        for member in members:
            if member in owner:
                raise TableError(f"the {kind} {member!r} is in both {owner[member]!r} and {new!r}; keep it in one")
            owner[member] = new
    for new in [*groups, *([rest] if rest in owner else [])]:
        if new in old and owner.get(new) != new:
            raise TableError(f"{new!r} is a {kind} and also the name of a group without it; rename the group")
    for label in old:
        owner.setdefault(label, rest or label)
    new_labels = list(dict.fromkeys([*groups, *(owner[label] for label in old)]))
    matrix = np.zeros((len(old), len(new_labels)))
    for row, label in enumerate(old):
        matrix[row, new_labels.index(owner[label])] = 1.0
    return tuple(new_labels), matrix
