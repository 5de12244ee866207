"""Facts on subsidies, and on whether the goods are farm goods."""

from __future__ import annotations

from entrepot.languages import translated
from entrepot.measures.acts import ExportDuty, Subsidy
from entrepot.rules.facts.fact import FactAnswer, as_stated, fact, in_economy, in_measure
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import annex_vii_members
from entrepot.words import and_list, percent, sector_name, sentence

#: The divisions of ISIC Rev. 4 that hold farm goods: crops and animals, food, drink, tobacco (fish is not among them).
FARM = frozenset({1, 10, 11, 12})


@fact
def is_export_subsidy(view: MeasureView) -> FactAnswer:
    """Is it a subsidy that depends on exporting?"""
    tax = view.act(ExportDuty)
    if view.role != "exporter" or tax is None or tax.rate.min() >= 0:
        return in_measure(False, translated("It is not an export subsidy."))
    pays = {"party": sentence(str(view.party)), "size": percent(-float(tax.rate.min())), "goods": view.goods}
    return in_measure(True, translated("{party} pays {size} on exports of {goods}.", **pays))


@fact
def is_production_subsidy(view: MeasureView) -> FactAnswer:
    """Is it a subsidy to certain industries?"""
    subsidy = view.act(Subsidy)
    if view.role != "producer" or subsidy is None or subsidy.rate.max() <= 0:
        return in_measure(False, translated("It is not a production subsidy."))
    pays = {"party": sentence(str(view.party)), "size": percent(float(subsidy.rate.max())), "goods": view.goods}
    return in_measure(True, translated("{party} pays {size} on the output of {goods}.", **pays))


@fact
def may_be_in_annex_vii(view: MeasureView) -> FactAnswer:
    """May the party be in Annex VII of the Agreement on Subsidies?"""
    if view.context.stated("annex_vii_member") is not None:
        return as_stated("annex_vii_member", view)
    listed = annex_vii_members(view.on).issuperset(view.party.codes)
    yes, no = (
        "{party} is, or was, in Annex VII of the Agreement on Subsidies.",
        "{party} is not in Annex VII of the Agreement on Subsidies.",
    )
    says = translated(yes if listed else no, party=sentence(str(view.party)))
    return FactAnswer(listed, says, translated("the book of members"), "general")


@fact
def some_goods_not_farm(view: MeasureView) -> FactAnswer:
    """Are some of the goods other than farm goods?"""
    others = [sector_name(x) for x in view.sectors if not view.context.divisions[x] & FARM]
    if others:
        return in_economy(True, translated("Goods other than farm goods: {goods}.", goods=and_list(others)), view)
    return in_economy(False, translated("All of the goods are farm goods."), view)


@fact
def farm_goods(view: MeasureView) -> FactAnswer:
    """Are they farm goods?"""
    farm = [sector_name(x) for x in view.sectors if view.context.divisions[x] & FARM]
    return in_economy(
        bool(farm),
        translated("Farm goods: {goods}.", goods=and_list(farm)) if farm else translated("They are not farm goods."),
        view,
    )
