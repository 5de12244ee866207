"""What buyers in the protected market pay, and how much of the wedge reaches them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.cases.report_numbers import party_places
from entrepot.economy.geography import WORLD, resolve_sectors
from entrepot.languages import localised, translated
from entrepot.studies import tidy_rows
from entrepot.types import Index
from entrepot.words import NOISE, and_list, ended, joined_sentences, percent_size, sector_name, sentence

#: So many goods, and markets, are named of those that buyers pay more in.
MANY_GOODS = 3


def buyers(study: SolvedCase, name: str) -> str:
    """Return what buyers in the protected market pay, how much of the wedge reaches them, and what output does."""
    protected = study.case.report.protected
    row = next((row for row in tidy_rows.industry(study) if row["scenario"] == name), None)
    found = passed_on(study, name)
    of_all = protected is None or (found is not None and found.over_all)
    part = localised(f"{100 * found.share:.0f}%") if found is not None else ""
    alone = ""
    if part and of_all:
        alone = joined_sentences(
            filter(None, [ended(sentence(_to_buyers_of(study, name, part))), _dearest(study, name)])
        )
    elif part:
        alone = ended(sentence(_passed_on(part)))
    if protected is None or row is None:
        return alone
    price, output = float(row["real_price_pct"]), float(row["output_volume_pct"])
    if price != price or abs(price) < NOISE:
        return alone
    paid = translated(
        "Buyers in {country} pay {percent} more for {goods}"
        if price > 0
        else "Buyers in {country} pay {percent} less for {goods}",
        country=study.spoken(protected.owner),
        percent=percent_size(price),
        goods=sector_name(protected.sector),
    )
    if part and not of_all:
        paid = translated("{sentence} ({remark})", sentence=paid, remark=_passed_on(part))
    if output == output:
        moves = "{sentence}, and output there rises by {percent}"
        falls = "{sentence}, and output there falls by {percent}"
        paid = translated(moves if output > 0 else falls, sentence=paid, percent=percent_size(output))
    return joined_sentences([ended(paid), *([alone] if of_all and alone else [])])


def _passed_on(share: str) -> str:
    return translated("{share} of the price wedge is passed on to buyers", share=share)


def _to_buyers_of(study: SolvedCase, name: str, share: str) -> str:
    """Return how much of the wedge reaches buyers, of what goods and where; without a full stop."""
    named, codes = _markets(study, name)
    goods = [sector_name("GOODS")] if {"GOODS", "ALL"} & set(codes) else [sector_name(code) for code in codes.values()]
    places = list(dict.fromkeys(study.spoken(code) for code in named))
    everywhere = WORLD in named and "ALL" in codes  # what is lifted is somewhere
    if not places or not goods or everywhere:
        return _passed_on(share)
    return translated(
        "{share} of the price wedge is passed on to buyers of {goods} in {places}",
        share=share,
        goods=and_list(goods) if len(goods) <= MANY_GOODS else translated("these goods"),
        places=and_list(places) if len(places) <= MANY_GOODS else translated("these markets"),
    )


def _markets(study: SolvedCase, name: str) -> tuple[list[str], dict[str, str]]:
    """Return the importers and the sectors that the measures on imports name, the sectors by their code."""
    scenario = [m for m in study.outcomes[name].scenario if m.written("importer") and m.written("sector")]
    importers = list(dict.fromkeys(code for m in scenario for code in m.written("importer")))
    return importers, {code.upper(): code for m in scenario for code in m.written("sector")}


def _dearest(study: SolvedCase, name: str) -> str:
    """Return where prices change most, where measures are on more goods or markets than a sentence names; else ""."""
    importers, sectors = _markets(study, name)
    everywhere = WORLD in importers and "ALL" in sectors
    if everywhere or (len(importers) <= MANY_GOODS and len(sectors) <= MANY_GOODS):
        return ""
    outcome, e = study.outcomes[name], study.economy
    flow = np.concatenate([m.flows(outcome.economy) for m in outcome.scenario if m.written("importer")])
    sector, importer, _ = np.unravel_index(flow[outcome.economy.value.ravel()[flow] > 0], e.value.shape)
    prices = outcome.number("real_price_pct")[sector, importer]
    if not np.isfinite(prices).any():
        return ""
    at = int(np.nanargmax(np.abs(prices)))
    if abs(prices[at]) < NOISE:
        return ""
    return translated(
        "Prices there rise most for {goods} in {country}, by {percent}."
        if prices[at] > 0
        else "Prices there fall most for {goods} in {country}, by {percent}.",
        goods=sector_name(e.sectors[sector[at]]),
        country=study.spoken(e.countries[importer[at]]),
        percent=percent_size(float(prices[at])),
    )


@dataclass(frozen=True)
class PassedOn:
    """The part of the price wedge that buyers pay.

    over_all   whether it is over all goods and markets of the measures, and not of the protected goods in theirs
    """

    share: float
    over_all: bool


def passed_on(study: SolvedCase, name: str) -> PassedOn | None:
    """Return the pass-through on the protected goods, or where no measure is on them over all goods of the measures.

    Both are means over the measures, weighted by base volume. None where no measure has a pass-through.
    """
    outcome = study.outcomes[name]
    flows = [measure.flows(outcome.economy) for measure in outcome.scenario]
    protected = _protected(study)
    if protected is not None:
        share = _mean(study, name, [flow[np.isin(flow, protected)] for flow in flows])
        if share is not None:
            return PassedOn(share, False)
    share = _mean(study, name, flows)
    if share is None:
        return None
    sectors = {int(j) for flow in flows for j in np.unique(np.unravel_index(flow, outcome.economy.value.shape)[0])}
    return PassedOn(share, protected is not None or len(sectors) > 1)


def _protected(study: SolvedCase) -> Index | None:
    """Return the flows of the protected goods into the protected market; None where the case names none."""
    spec = study.case.report.protected
    if spec is None:
        return None
    e = study.economy
    buys = np.zeros(e.value.shape, dtype=bool)
    sectors = [e.sectors.index(one) for one in resolve_sectors(spec.sector, e.sectors, "report.protected")]
    buys[np.ix_(sectors, party_places(spec.country, e))] = True
    return np.flatnonzero(buys)


def _mean(study: SolvedCase, name: str, flows: list[Index]) -> float | None:
    """Return the pass-through over flows, one array a measure, weighted by base volume; None where none has one."""
    outcome = study.outcomes[name]
    value = outcome.economy.value.ravel()
    pairs = [(outcome.pass_through(flow), float(value[flow].sum())) for flow in flows if flow.size]
    stated = [(part, volume) for part, volume in pairs if part == part and volume > 0]
    if not stated:
        return None
    part, volume = np.array(stated).T
    return float((part * volume).sum() / volume.sum())
