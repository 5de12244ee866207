"""Facts on restrictions: which quantities are limited, by whom, for whom, and how much trade is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from entrepot.economy.equations import Index
from entrepot.languages import translated
from entrepot.measures.acts import Cap, ExportDuty, Subsidy, TradeCost
from entrepot.rules.facts.exceptions import trade_remedy_claimed
from entrepot.rules.facts.fact import SAME, FactAnswer, as_stated, fact, in_economy, in_measure
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party, named
from entrepot.words import percent, sentence


@fact
def is_price_undertaking(view: MeasureView) -> FactAnswer:
    """Is it an undertaking of exporters on their prices, in an anti-dumping or countervailing case?"""
    floor = view.minimum_price
    held = floor is not None and floor.exporter_holds and bool(trade_remedy_claimed(view).value)
    if not held or view.context.stated("government_action"):
        return in_measure(False, translated("It is not a price undertaking."))
    exporters = view.others if view.role == "importer" else (view.party,)
    says = translated(
        "Exporters of {exporters} undertake to keep up their prices of {goods}, in place of an anti-dumping or "
        "countervailing duty; no government limits the trade.",
        exporters=named(exporters),
        goods=view.goods,
    )
    return in_measure(True, says)


@fact
def restricts_imports(view: MeasureView) -> FactAnswer:
    """Does it limit imports?"""
    if view.role != "importer":
        return in_measure(False, translated("The party is the exporter."))
    trade = view.trade_words
    if view.import_quota is not None:
        limits = "{party} limits imports of {goods} from {others}: {ceiling}."
        return in_measure(True, translated(limits, **trade, ceiling=_ceiling(view, view.import_quota)))
    undertaking = is_price_undertaking(view)
    if undertaking.value:
        return in_measure(False, undertaking.says)
    if view.minimum_price is not None and not view.export_control:
        return in_measure(True, translated("{party} keeps a minimum price on {goods} from {others}.", **trade))
    if view.tariff_quota is not None:
        says = translated("A tariff-rate quota does not limit quantities: imports beyond it pay more.")
        return in_measure(False, says)
    return in_measure(False, translated("{party} does not limit its imports.", party=trade["party"]))


def _ceiling(view: MeasureView, cap: Cap) -> str:
    if view.measure.match:
        return translated("the volume of the scenario {name}", name=repr(view.measure.match))
    share = _left(view, cap)
    if share == 0:
        return translated("none at all (an embargo)")
    return translated("{share} of the base volume", share=percent(share))


@fact
def restricts_quantities(view: MeasureView) -> FactAnswer:
    """Does it limit the quantity or set the lowest price of what is traded?"""
    trade = view.trade_words
    if view.role == "exporter" and view.export_restraint is not None:
        limits = "{party} limits its exports of {goods} to {others}: {ceiling}; {worth}."
        ceiling = _ceiling(view, view.export_restraint)
        return in_measure(True, translated(limits, **trade, ceiling=ceiling, worth=view.worth))
    undertaking = is_price_undertaking(view)
    if undertaking.value:
        return in_measure(False, undertaking.says)
    if view.role == "exporter" and view.minimum_price is not None and view.minimum_price.exporter_holds:
        return in_measure(True, translated("{party} keeps up its price of {goods} to {others}.", **trade))
    return restricts_imports(view)


@fact
def restricts_imports_or_restrained(view: MeasureView) -> FactAnswer:
    """Does it limit imports, or have exports to it limited?"""
    if view.role == "importer" and is_export_restraint(view).value:
        return is_export_restraint(view)
    return restricts_imports(view)


@fact
def restricts_quantities_or_tariff_quota(view: MeasureView) -> FactAnswer:
    """Does it limit quantities, or tie a duty to a quantity?"""
    if view.role == "importer" and view.tariff_quota is not None:
        opens = "{party} opens a tariff-rate quota on {goods} for {others}."
        return in_measure(True, translated(opens, **view.trade_words))
    return restricts_quantities(view)


@fact
def is_export_restraint(view: MeasureView) -> FactAnswer:
    """Does the exporter hold back its exports or keep up their price?"""
    if view.export_control:
        says = translated("The exporter limits its exports for its own reasons; no importer asks for it.")
        return in_measure(False, says)
    restraint, floor = view.export_restraint, view.minimum_price
    exporters = view.others if view.role == "importer" else (view.party,)
    importers = (view.party,) if view.role == "importer" else view.others
    who, several = sentence(named(exporters)), len(exporters) > 1
    if restraint is not None:
        one = "{who} holds back exports of {goods} to {importers} ({ceiling}) and keeps the rent."
        many = "{who} hold back exports of {goods} to {importers} ({ceiling}) and keep the rent."
        trade = {"who": who, "goods": view.goods, "importers": named(importers), "ceiling": _ceiling(view, restraint)}
        return in_measure(True, translated(many if several else one, **trade))
    if floor is not None and floor.exporter_holds and not is_price_undertaking(view).value:
        one = "{who} keeps up the price of its exports of {goods}."
        many = "{who} keep up the price of their exports of {goods}."
        return in_measure(True, translated(many if several else one, who=who, goods=view.goods))
    return in_measure(False, translated("No exporter restrains its exports."))


@fact
def is_import_quota(view: MeasureView) -> FactAnswer:
    """Is it an import quota?"""
    quota = view.import_quota is not None
    return in_measure(quota, translated("It is an import quota." if quota else "It is not an import quota."))


@fact
def quota_by_agreement(view: MeasureView) -> FactAnswer:
    """Is it a quota that governments agreed between them?"""
    quota = view.import_quota
    if quota is None and view.tariff_quota is None:
        return in_measure(False, translated("It is not a quota."))
    stated = view.context.stated("agreed_between_governments")
    if stated is None and quota is not None and quota.exporter_share > 0:
        return FactAnswer(
            None,
            translated(
                "It is an import quota whose rent the exporter holds; whether governments agreed on it is not stated."
            ),
            translated("the measure"),
        )
    if stated is None:
        return in_measure(False, translated("No agreement on it is stated."))
    return as_stated("agreed_between_governments", view)


@fact
def restriction_by_government(view: MeasureView) -> FactAnswer:
    """Does it rest on government action?"""
    if view.context.stated("government_action") is not None:
        return as_stated("government_action", view)
    if view.export_restraint is not None and not view.export_control:
        says = translated(
            "A restraint counts as the act of its government; non-binding guidance is enough if firms have reason to "
            "follow it (Japan - Semi-Conductors, 1988)."
        )
        return FactAnswer(True, says, translated("our reading"), "general")
    return in_measure(True, translated("{party} imposes it.", party=sentence(str(view.party))))


@fact
def sets_the_condition(view: MeasureView) -> FactAnswer:
    """Does the party set the condition on where inputs come from? One is stated for all measures of a scenario.

    It goes with a subsidy where there is one, and not with what answers another measure.
    """
    policy, own = view.context.policy, view.act(Subsidy) if view.role == "producer" else view.act(ExportDuty)
    if any(act.rate.max() > 0 for act in policy.each(Subsidy)) or any(
        act.rate.min() < 0 for act in policy.each(ExportDuty)
    ):
        takes = own is not None and (view.role == "producer" or (view.takes_it and own.rate.min() < 0))
    else:
        takes = view.takes_it and view.position not in view.context.answers
    says = "{party} imposes it." if takes else "{party} does not impose it."
    return in_measure(takes, translated(says, party=sentence(str(view.party))))


@fact
def restraint_by_government(view: MeasureView) -> FactAnswer:
    """Does a government seek, take or maintain it?"""
    if view.context.stated("government_action") is not None or view.export_restraint is None:
        return restriction_by_government(view)
    if view.role == "importer":
        asks = next(
            (x for x in view.context.statutes if x.negotiates_restraint and view.party.has(x.country, view.on)), None
        )
        if asks is not None:
            says = translated(
                "{party} seeks it under {title}, which names an agreement to limit trade as a way to act "
                "({provision}).",
                party=sentence(str(view.party)),
                title=asks.title,
                provision=asks.provision,
            )
            return FactAnswer(True, says, translated("the book of statutes"), asks.confidence)
        return FactAnswer(
            True,
            translated(
                "{party} is presumed to seek or accept it; seeking it is enough.", party=sentence(str(view.party))
            ),
            translated("our reading"),
            "general",
        )
    return restriction_by_government(view)


def unrestricted(view: MeasureView) -> list[Party]:
    """Return the partners with trade in the same goods that no limit of the scenario on the party's trade reaches."""
    flows = np.concatenate([view.flows, *(flows for _, flows in _beside(view))])
    _, n, i = np.unravel_index(flows, view.economy.value.shape)
    restricted = set(np.array(view.economy.countries)[i if view.role == "importer" else n])
    return [p for p in view.left_out if not set(p.codes) <= restricted]


@fact
def quota_leaves_some_out(view: MeasureView) -> FactAnswer:
    """Are some origins (destinations) restricted, and others not?"""
    left = unrestricted(view)
    if left:
        leaves = "{party} restricts {others} and leaves {left} free."
        return in_economy(True, translated(leaves, **view.trade_words, left=named(left)), view)
    exports = view.role == "exporter"
    shares = [_left(view, cap) for cap, _ in _beside(view) if not view.context.scenario.measures[cap.position].match]
    if shares and max(shares) - min(shares) > 1e-6:
        there = "All destinations of {goods} are restricted, but unequally: from {low} to {high} of base trade."
        here = "All origins of {goods} are restricted, but unequally: from {low} to {high} of base trade."
        ends = {"low": percent(min(shares)), "high": percent(max(shares))}
        return in_economy(None, translated(there if exports else here, goods=view.goods, **ends), view)
    there = "All destinations of {goods} are restricted."
    here = "All origins of {goods} are restricted."
    return in_economy(False, translated(there if exports else here, goods=view.goods), view)


def _beside(view: MeasureView) -> list[tuple[Cap, Index]]:
    """Return the scenario's caps on the party's trade in the same goods, each with those flows [.]."""
    out = []
    for cap in view.context.policy.each(Cap):
        measure = view.context.scenario.measures[cap.position]
        flows = replace(view, measure=measure, position=cap.position).flows
        sectors = np.unravel_index(flows, view.economy.value.shape)[0]
        same = np.isin(np.array(view.economy.sectors)[sectors], view.sectors) & (view.economy.value.ravel()[flows] > 0)
        if same.any():
            out.append((cap, flows[same]))
    return out


def _left(view: MeasureView, cap: Cap) -> float:
    """Return the volume of a cap as a share of the base volume of all its flows."""
    return cap.volume / float(view.economy.value.ravel()[view.whole(cap).at].sum())


@fact
def quota_below_recent_imports(view: MeasureView) -> FactAnswer:
    """Is the quota below recent imports?"""
    cap, other = view.act(Cap), view.measure.match
    if cap is None:
        return in_measure(False, translated("It sets no quantity."))
    if other:
        return FactAnswer(
            None,
            translated(
                "Its ceiling is the volume of another scenario ({name}), which the screen does not solve.", name=other
            ),
            translated("the measure"),
        )
    share = _left(view, cap)
    says = translated(
        "The quota is {share} of the imports of the base year (the rule takes the average of the last three "
        "representative years).",
        share=percent(share),
    )
    return in_economy(share < 1 - SAME, says, view)


@fact
def quota_below_recent_imports_without_reason(view: MeasureView) -> FactAnswer:
    """Is the quota below recent imports, without a clear justification?"""
    below = quota_below_recent_imports(view)
    if not below.value:
        return below
    reason = as_stated("clear_justification", view)
    unreasoned = None if reason.value is None else not reason.value
    return FactAnswer(unreasoned, f"{below.says} {reason.says}", reason.found_in)


@fact
def adds_a_trade_cost(view: MeasureView) -> FactAnswer:
    """Does it make imports costlier without a duty?"""
    barrier = view.act(TradeCost)
    if view.of_no_importer:
        return in_measure(False, translated("It is a cost of trade in every market, which no importer sets."))
    if view.role == "importer" and barrier is not None and barrier.factor.max() > 1:
        says = translated(
            "{party} makes {goods} from {others} {size} costlier to sell there, without a duty.",
            **view.trade_words,
            size=percent(float(barrier.factor.max()) - 1),
        )
        return in_measure(True, says)
    return in_measure(False, translated("It does not raise the cost of trade in that way."))
