"""What the findings on a scenario leave out: trade in services, and the union of which a party is a member."""

from __future__ import annotations

from entrepot.economy.geography import is_customs_union
from entrepot.languages import translated
from entrepot.measures.acts import Act, Subsidy, TradeCost
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.parties import union_members
from entrepot.words import and_list, sector_name, spoken


def left_out(context: LegalContext) -> tuple[str, ...]:
    """Return the sentences on what the findings leave out, for the end of a summary; none where it is nothing."""
    says = []
    if members := _members_alone(context):
        set_by = "Duties and limits on trade are set by the European Union, not by {members} alone."
        says.append(translated(set_by, members=members))
    if services := _services(context):
        says.append(translated("The book has no law on services ({services}).", services=services))
    return tuple(says)


def notes_on_what_is_left_out(context: LegalContext) -> list[str]:
    """Return a note on each of them, with its reason."""
    notes = []
    if members := _members_alone(context):
        says = (
            "Duties and limits on trade are set by the European Union, not by {members} alone (Articles 3 and 207 of "
            "the Treaty on the Functioning of the European Union), and there are none between its members (Articles "
            "28 to 36). What is screened is trade with other countries, as if the measure were the Union's."
        )
        notes.append(translated(says, members=members))
    if services := _services(context):
        says = (
            "The book has no law on services ({services}): the GATT and the agreements in the book are on goods, and "
            "the General Agreement on Trade in Services is not in it. What the measures do to services is not screened."
        )
        notes.append(translated(says, services=services))
    return notes


def within_the_union(view: MeasureView) -> bool:
    """Return whether a measure touches trade between members of the European Union alone, which is one Member."""
    inside = set(union_members(view.on))
    return bool(view.others) and all(inside.issuperset(party.codes) for party in (view.party, *view.others))


def _services(context: LegalContext) -> str:
    """Return the services that the measures touch, in words; empty for none."""
    touched = {sector for view in measure_views(context) for sector in view.services}
    names = [sector_name(sector) for sector in context.economy.sectors if sector in touched]
    return and_list(names) if names else ""


def _members_alone(context: LegalContext) -> str:
    """Return the members of the European Union that set duties or limits on trade without it; empty for none."""
    found = dict.fromkeys(code for view in measure_views(context) for code in _alone(view))
    return and_list([spoken(code) for code in found]) if found else ""


def _alone(view: MeasureView) -> tuple[str, ...]:
    """Return the members of the union that take a measure of trade policy without those others that the data have."""
    inside = set(union_members(view.on))
    mine = inside & set(view.party.codes)
    takes = view.role == ("exporter" if view.by_exporter else "importer")
    whole = (inside & set(view.economy.countries)) <= set(view.party.codes)
    if not mine or not takes or whole or not _is_trade_policy(view):
        return ()
    if any(is_customs_union(name) for name in view.measure.names):
        return ()
    return view.party.codes


def _is_trade_policy(view: MeasureView) -> bool:
    """Return whether a measure does more than raise costs of trade, as rules of a member may, or subsidise output."""
    acts = view.context.policy.each(Act, view.position)
    return any(not isinstance(act, Subsidy | TradeCost) for act in acts)
