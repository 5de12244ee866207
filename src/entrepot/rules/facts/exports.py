"""Facts on charges and limits on exports, which the exporter sets for its own reasons."""

from __future__ import annotations

import numpy as np

from entrepot.languages import translated
from entrepot.measures.acts import ExportDuty
from entrepot.rules.facts.exceptions import claims_fact
from entrepot.rules.facts.fact import SAME, FactAnswer, fact, in_economy, in_measure
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import named
from entrepot.types import Array
from entrepot.words import percent


@fact
def changes_export_charge(view: MeasureView) -> FactAnswer:
    """Does it change a charge on exports?"""
    change = _change(view) if view.role == "exporter" else None
    if change is None or not np.abs(change).max(initial=0.0) > SAME:
        return in_measure(False, translated("It does not change a charge on exports."))
    most = float(change[np.argmax(np.abs(change))])
    levies = "{party} levies {size} on its exports of {goods} to {others} ({worth})."
    takes = "{party} takes {size} off its exports of {goods} to {others} ({worth})."
    says = translated(levies if most > 0 else takes, **view.trade_words, size=percent(abs(most)), worth=view.worth)
    return in_measure(True, says)


@fact
def raises_export_charge(view: MeasureView) -> FactAnswer:
    """Does it levy or raise a charge on exports?"""
    found = changes_export_charge(view)
    change = _change(view)
    return in_measure(bool(found.value) and change is not None and bool(change.max() > SAME), found.says)


def _change(view: MeasureView) -> Array | None:
    """Return the change of the export tax on each of the party's flows [.] by this measure; None if it makes none."""
    act = view.act(ExportDuty)
    if act is None:
        return None
    before = view.economy.export_tax_on(act.at) if act.change == "set" else 0.0
    return view.on_its_flows(act, act.rate - before)


@fact
def destinations_treated_differently(view: MeasureView) -> FactAnswer:
    """Do goods for some destinations bear a higher charge, after it, than like goods for others?"""
    economy, every = view.economy, np.arange(view.economy.value.size)
    before = economy.export_tax_on(every)
    after = before.copy()
    for act in view.context.policy.each(ExportDuty):
        after[act.at] = act.rate if act.change == "set" else after[act.at] + act.rate
    before, after = before.reshape(economy.value.shape), after.reshape(economy.value.shape)
    mine = np.isin(economy.countries, view.party.codes)
    for j in np.unique(np.unravel_index(view.flows, economy.value.shape)[0]):
        cell = np.ix_([j], ~mine, mine)
        traded = economy.value[cell] > 0
        charge = after[cell][traded]
        if np.ptp(charge - before[cell][traded]) > SAME and np.ptp(charge) > SAME:
            apart = "It falls on trade to {others}, and not on that to {left}."
            rates = "It falls on trade to {others}, at rates that differ."
            places = {"others": named(view.others), "left": named(view.left_out)}
            return in_economy(True, translated(apart if view.left_out else rates, **places), view)
    return in_economy(False, translated("All destinations of {goods} are treated alike.", goods=view.goods), view)


claims_fact("critical_shortage_claimed", "gatt-xi-2-a", "Article XI:2(a)")
