"""Free-trade agreements on a date: which parties they bind, and how much of their trade is free of duty."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from entrepot.data.classifications import makes_goods
from entrepot.economy.equations import Index
from entrepot.rules.book import Agreement, Apart, agreements
from entrepot.rules.entry import in_period
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party, all_codes, expand

Mask = np.ndarray[Any, np.dtype[np.bool_]]

#: Kinds of agreement that free substantially all trade, or claim that they do.
FREE_TRADE = ("free_trade", "customs_union")
#: A sector with an average duty up to this counts as free of duty.
NEGLIGIBLE_DUTY = 0.005


def binds(agreement: Agreement, code: str, on: datetime.date) -> bool:
    """Return whether an agreement binds a country on a date."""
    since = agreement.joined.get(code)
    if since is None and code in _party_codes(agreement.parties):
        since = next((agreement.joined[g] for g in agreement.joined if code in expand(g)), agreement.in_force)
    until = agreement.left.get(code, agreement.ended)
    return since is not None and in_period(on, since, until)


@functools.lru_cache(maxsize=1000)
def _party_codes(parties: tuple[str, ...]) -> frozenset[str]:
    """The codes that the parties of an agreement cover; a screen asks for them for each pair of parties."""
    return all_codes(parties)


def binds_between(agreement: Agreement, a: Party, b: Party, on: datetime.date) -> bool:
    """Return whether an agreement binds every member of two parties, and to each other, on a date."""
    if not all(binds(agreement, code, on) for code in (*a.codes, *b.codes)):
        return False
    return apart(agreement, a, b, on) is None


def apart(agreement: Agreement, a: Party, b: Party, on: datetime.date) -> Apart | None:
    """Return what keeps two parties to an agreement apart on a date; None where nothing does."""
    for pair in agreement.not_between:
        one, two = (set(expand(name)) for name in pair.parties)
        here, there = set(a.codes), set(b.codes)
        if pair.on(on) and any(x & here and y & there for x, y in ((one, two), (two, one))):
            return pair
    return None


def between(a: Party, b: Party, on: datetime.date) -> list[Agreement]:
    """Return the free-trade agreements that bind every member of both parties, to each other, on a date."""
    return [
        agreement
        for agreement in agreements().values()
        if agreement.kind in FREE_TRADE and binds_between(agreement, a, b, on)
    ]


def free_trade_between(view: MeasureView) -> tuple[list[tuple[Agreement, list[Party]]], list[Party]]:
    """Return the free-trade agreements of the party with its partners, and the partners without one."""
    partners: dict[str, tuple[Agreement, list[Party]]] = {}
    missing: list[Party] = []
    for other in view.others:
        found = between(view.party, other, view.on)
        if not found:
            missing.append(other)
        for agreement in found[:1]:
            partners.setdefault(agreement.id, (agreement, []))[1].append(other)
    return list(partners.values()), missing


def free_trade_ever(a: Party, b: Party) -> bool:
    """Return whether the book has a free-trade agreement of two parties, in force or not."""
    return any(
        {*a.codes, *b.codes} <= all_codes(agreement.parties)
        for agreement in agreements().values()
        if agreement.kind in FREE_TRADE
    )


def coverage(view: MeasureView, agreement: Agreement | None, parties: Sequence[Party]) -> tuple[float, float]:
    """Return the least and the largest share of goods trade, both ways, with `parties` that is free of duty.

    Certainly free are sectors with a negligible average duty under the measure, and sectors that the agreement frees
    (those in its `frees`; without that list, all that it does not leave out). Certainly not free are dutiable sectors
    that it leaves out and, without an agreement, every dutiable sector. For the rest, only the schedules of the
    agreement show which products are free.
    """
    economy = view.economy
    divisions = (view.context.divisions[sector] for sector in economy.sectors)
    goods = np.array([not covered or makes_goods(covered) for covered in divisions])
    one = np.isin(economy.countries, view.party.codes)
    two = np.isin(economy.countries, [code for party in parties for code in party.codes])
    total = least = most = 0.0
    for importer, exporter in ((one, two), (two, one)):
        cell = np.ix_(goods, importer, exporter)
        value, duty = economy.value[cell], view.context.after[cell]
        free = possible = duty <= NEGLIGIBLE_DUTY + 1e-9  # an average that rounding moves
        if agreement is not None:
            freed, left_out = _treated(view, agreement, np.flatnonzero(goods), np.flatnonzero(importer))
            raised = duty > view.context.before[cell] + 1e-9
            free = free | (freed[:, :, None] & ~raised)
            possible = free | ~(left_out[:, :, None] | raised)
        total += float(value.sum())
        least += float(value[free].sum())
        most += float(value[possible].sum())
    return (least / total, most / total) if total else (0.0, 0.0)


def _treated(view: MeasureView, agreement: Agreement, sectors: Index, importers: Index) -> tuple[Mask, Mask]:
    """Return which sectors [j,n] an agreement frees, and which it leaves out, by importer."""
    # Where the book describes what is left out only in words, no dutiable sector is certainly free.
    whole = not (agreement.left_out and not agreement.leaves_out)
    freed = np.full((sectors.size, importers.size), whole)
    left_out = np.zeros_like(freed)
    for column, n in enumerate(importers):
        frees, leaves = (_divisions(by, view.economy.countries[n]) for by in (agreement.frees, agreement.leaves_out))
        for row, j in enumerate(sectors):
            divisions = view.context.divisions[view.economy.sectors[j]]
            left_out[row, column] = bool(divisions & leaves)
            if agreement.frees:
                freed[row, column] = bool(divisions) and divisions <= frees
    return freed & ~left_out, left_out


def _divisions(by: Mapping[str, Sequence[str]], code: str) -> set[int]:
    return {int(d) for name, listed in by.items() if code in expand(name) for d in listed}
