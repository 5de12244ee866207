"""Quantities: what is restricted, by whom, for whom, and how much is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from entrepot.economy.equations import Index
from entrepot.measures.policy import Cap
from entrepot.rules.facts.asked import SAME, Answer, as_stated, fact, in_economy, in_measure, percent
from entrepot.rules.facts.nature import trade_remedy_claimed
from entrepot.rules.setting import Setting, named
from entrepot.words import sentence


@fact
def restricts_imports(s: Setting) -> Answer:
    if s.role != "importer":
        return in_measure(False, "The party exports.")
    party, whom = sentence(str(s.party)), f"{s.goods} from {named(s.others)}"
    if s.import_quota is not None:
        return in_measure(True, f"{party} limits imports of {whom}: {_ceiling(s, s.import_quota)}.")
    if s.minimum_price is not None:
        return in_measure(True, f"{party} keeps a minimum price on {whom}.")
    if s.tariff_quota is not None:
        return in_measure(False, "A tariff-rate quota limits no quantity: imports beyond it pay more.")
    return in_measure(False, f"{party} limits no imports of its own.")


def _ceiling(s: Setting, cap: Cap) -> str:
    if s.measure.match:
        return f"the volume of the scenario {s.measure.match!r}"
    share = _left(s, cap)
    return "none at all (an embargo)" if share == 0 else f"{percent(share)} of the base volume"


@fact
def restricts_quantities(s: Setting) -> Answer:
    party, whom = sentence(str(s.party)), f"{s.goods} to {named(s.others)}"
    if s.role == "exporter" and s.export_restraint is not None:
        return in_measure(True, f"{party} limits its exports of {whom}: {_ceiling(s, s.export_restraint)}; {s.worth}.")
    if s.role == "exporter" and s.minimum_price is not None and s.minimum_price.exporter_holds:
        return in_measure(True, f"{party} keeps its price of {whom} up.")
    return restricts_imports(s)


@fact
def restricts_imports_or_restrained(s: Setting) -> Answer:
    if s.role == "importer" and is_export_restraint(s).value:
        return is_export_restraint(s)
    return restricts_imports(s)


@fact
def restricts_quantities_or_tariff_quota(s: Setting) -> Answer:
    if s.role == "importer" and s.tariff_quota is not None:
        return in_measure(
            True, f"{sentence(str(s.party))} opens a tariff-rate quota on {s.goods} for {named(s.others)}."
        )
    return restricts_quantities(s)


@fact
def is_export_restraint(s: Setting) -> Answer:
    restraint, floor = s.export_restraint, s.minimum_price
    exporters = s.others if s.role == "importer" else (s.party,)
    importers = (s.party,) if s.role == "importer" else s.others
    holds, keeps, its = ("hold", "keep", "their") if len(exporters) > 1 else ("holds", "keeps", "its")
    if restraint is not None:
        back = f"{sentence(named(exporters))} {holds} back exports of {s.goods} to {named(importers)}"
        return in_measure(True, f"{back} ({_ceiling(s, restraint)}) and {keeps} the rent.")
    if floor is not None and floor.exporter_holds and not trade_remedy_claimed(s).value:
        return in_measure(True, f"{sentence(named(exporters))} {keeps} up the price of {its} exports of {s.goods}.")
    return in_measure(False, "No exporter restrains itself.")


@fact
def is_import_quota(s: Setting) -> Answer:
    quota = s.import_quota is not None
    return in_measure(quota, "It is an import quota." if quota else "It is no import quota.")


@fact
def quota_by_agreement(s: Setting) -> Answer:
    quota = s.import_quota
    if quota is None and s.tariff_quota is None:
        return in_measure(False, "It is no quota.")
    stated = s.ground.stated("agreed_between_governments")
    if stated is None and quota is not None and quota.exporter_share > 0:
        return Answer(
            None,
            "It is an import quota whose rent the exporter holds; whether governments agreed on it is not stated.",
            "the measure",
        )
    if stated is None:
        return in_measure(False, "No agreement on it is stated.")
    return as_stated("agreed_between_governments", s)


@fact
def restriction_by_government(s: Setting) -> Answer:
    if s.ground.stated("government_action") is not None:
        return as_stated("government_action", s)
    if s.export_restraint is not None:
        guidance = "guidance that is not binding is enough if firms have reason to follow it"
        says = f"A restraint is taken to rest on its government; {guidance} (Japan - Semi-Conductors, 1988)."
        return Answer(True, says, "our reading", "general")
    return in_measure(True, f"{sentence(str(s.party))} imposes it.")


@fact
def restraint_by_government(s: Setting) -> Answer:
    if s.ground.stated("government_action") is not None or s.export_restraint is None:
        return restriction_by_government(s)
    if s.role == "importer":
        asks = next((x for x in s.ground.statutes if x.negotiates_restraint and s.party.has(x.country, s.on)), None)
        if asks is not None:
            names = f"which names an agreement to limit trade as a way to act ({asks.provision})"
            says = f"{sentence(str(s.party))} seeks it under {asks.title}, {names}."
            return Answer(True, says, "the book of statutes", asks.confidence)
        return Answer(
            True,
            f"{sentence(str(s.party))} is taken to seek or accept it; to seek is enough.",
            "our reading",
            "general",
        )
    return restriction_by_government(s)


@fact
def quota_leaves_some_out(s: Setting) -> Answer:
    beside = _beside(s)
    _, n, i = np.unravel_index(np.concatenate([s.flows, *(flows for _, flows in beside)]), s.economy.value.shape)
    restricted = set(np.array(s.economy.countries)[i if s.role == "importer" else n])
    left = [p for p in s.left_out if not set(p.codes) <= restricted]
    if left:
        return in_economy(
            True, f"{sentence(str(s.party))} restricts {named(s.others)} and leaves {named(left)} free.", s
        )
    what = "destinations" if s.role == "exporter" else "origins"
    shares = [_left(s, cap) for cap, _ in beside if not s.ground.scenario.measures[cap.position].match]
    if shares and max(shares) - min(shares) > 1e-6:
        span = f"from {percent(min(shares))} to {percent(max(shares))} of what they had"
        return in_economy(None, f"All {what} of {s.goods} are restricted, but not alike: {span}.", s)
    return in_economy(False, f"All {what} of {s.goods} are restricted.", s)


def _beside(s: Setting) -> list[tuple[Cap, Index]]:
    """The scenario's caps on the party's trade in the same goods, and those flows [.] of each."""
    out = []
    for cap in s.ground.policy.each(Cap):
        flows = replace(s, measure=cap.measure, position=cap.position).flows
        sectors = np.unravel_index(flows, s.economy.value.shape)[0]
        same = np.isin(np.array(s.economy.sectors)[sectors], s.sectors) & (s.economy.value.ravel()[flows] > 0)
        if same.any():
            out.append((cap, flows[same]))
    return out


def _left(s: Setting, cap: Cap) -> float:
    """What a cap leaves, as a part of the base volume of all its flows."""
    return cap.volume / float(s.economy.value.ravel()[s.whole(cap).at].sum())


@fact
def quota_below_recent_imports(s: Setting) -> Answer:
    cap, other = s.act(Cap), s.measure.match
    if cap is None:
        return in_measure(False, "It sets no quantity.")
    if other:
        return Answer(
            None, f"Its ceiling is the volume of another scenario ({other}), which is not solved here.", "the measure"
        )
    share = _left(s, cap)
    years = "the rule takes the average of the last three representative years"
    return in_economy(share < 1 - SAME, f"The quota is {percent(share)} of the imports of the base year ({years}).", s)


@fact
def quota_below_recent_imports_without_reason(s: Setting) -> Answer:
    below = quota_below_recent_imports(s)
    if not below.value:
        return below
    reason = as_stated("clear_justification", s)
    unreasoned = None if reason.value is None else not reason.value
    return Answer(unreasoned, f"{below.says} {reason.says}", reason.found_in)
