"""Agreements on a date: who is bound to whom, and how much of their trade is free."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from entrepot.rules.book import Agreement, agreements
from entrepot.rules.setting import Party, Setting, expand

#: An average duty of a sector below this counts as none.
NEXT_TO_NONE = 0.005


def binds(agreement: Agreement, code: str, on: datetime.date) -> bool:
    """Whether an agreement binds a country on a date."""
    since = agreement.joined.get(code)
    if since is None and code in {c for name in agreement.parties for c in expand(name)}:
        since = next((agreement.joined[g] for g in agreement.joined if code in expand(g)), agreement.in_force)
    until = agreement.left.get(code, agreement.ended)
    return since is not None and since <= on and (until is None or on < until)


def between(a: Party, b: Party, on: datetime.date, kinds: Sequence[str]) -> list[Agreement]:
    """Agreements of some kinds that bind all of both parties on a date."""
    return [
        agreement
        for agreement in agreements().values()
        if agreement.kind in kinds and all(binds(agreement, code, on) for code in (*a.codes, *b.codes))
    ]


def free_trade_between(s: Setting) -> tuple[list[tuple[Agreement, list[Party]]], list[Party]]:
    """The free-trade agreements between the party and those on the other side, and those without one."""
    partners: dict[str, tuple[Agreement, list[Party]]] = {}
    missing: list[Party] = []
    for other in s.others:
        found = between(s.party, other, s.on, ("free_trade", "customs_union"))
        if not found:
            missing.append(other)
        for agreement in found[:1]:
            partners.setdefault(agreement.id, (agreement, []))[1].append(other)
    return list(partners.values()), missing


def coverage(s: Setting, agreement: Agreement | None, parties: Sequence[Party]) -> float:
    """The share of trade in goods, both ways, between the party and `parties` that is free of duty (GATT XXIV:8).

    Free: sectors whose average duty with the measure is next to none, and those that the agreement frees (all of them,
    unless its `frees` says which).
    """
    economy = s.economy
    goods = np.array([not s.ground.divisions[x] or min(s.ground.divisions[x]) <= 33 for x in economy.sectors])
    one = np.isin(economy.countries, s.party.codes)
    two = np.isin(economy.countries, [code for party in parties for code in party.codes])
    total = free = 0.0
    for importer, exporter in ((one, two), (two, one)):
        cell = np.ix_(goods, importer, exporter)
        value, duty = economy.value[cell], s.ground.after[cell]
        freed = duty <= NEXT_TO_NONE
        if agreement is not None:
            freed |= _freed(s, agreement, np.flatnonzero(goods), np.flatnonzero(importer))[:, :, None]
        total += float(value.sum())
        free += float(value[freed].sum())
    return free / total if total else 0.0


def _freed(s: Setting, agreement: Agreement, sectors: np.ndarray, importers: np.ndarray) -> np.ndarray:
    """Which sectors [j, n] an agreement frees, by importer."""
    out = np.ones((sectors.size, importers.size), dtype=bool)
    if not agreement.frees:
        return out
    for column, n in enumerate(importers):
        code = s.economy.countries[n]
        listed = {int(d) for name, ds in agreement.frees.items() if code in expand(name) for d in ds}
        for row, j in enumerate(sectors):
            divisions = s.ground.divisions[s.economy.sectors[j]]
            out[row, column] = bool(divisions) and divisions <= listed
    return out
