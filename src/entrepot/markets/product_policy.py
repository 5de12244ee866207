"""Measures on products: the engine's own instruments, read for a Market.

A measure names importers, exporters and sectors. In a Market the importer is the market's country, exporters are the
countries of plants, and a sector is the market itself (by the name of its sector, or ALL), a firm, a brand, a product,
or a list of these. Each instrument states what it does with the words of a Policy, as in an Economy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, cast

import numpy as np

from entrepot.economy.base_accounts import BoolArray
from entrepot.economy.economy import Economy
from entrepot.economy.geography import find_place
from entrepot.economy.in_force import InForce
from entrepot.errors import MeasureError, UnknownNameError
from entrepot.markets.price_chain import PriceChain, ProductCap
from entrepot.markets.product_table import CONDITION, ProductTable
from entrepot.measures.acts import Act, Cap, Duty, PriceRule, Subsidy
from entrepot.measures.measure import Measure
from entrepot.measures.policy import Policy
from entrepot.types import Array, Index

#: Policies that are kept with a table of products.
MOST_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a world economy that a Market is joined to has around it.

    worth         of a unit of world value added in the Market's money, against the base: amounts a unit and minimum
                  prices are fixed in it
    subsidies     on output in force, by plant country; they are in the base's prices, and measures come on top
    export_taxes  in force on exports into the Market, likewise
    """

    worth: float = 1.0
    subsidies: tuple[tuple[str, float], ...] = ()
    export_taxes: tuple[tuple[str, float], ...] = ()


#: A Market by itself.
NOTHING_AROUND = Around()


@dataclass(frozen=True, eq=False)
class ProductFlows:
    """What a Policy needs of an Economy: here sectors are products and volumes are units.

    value [j,n,i]  units of product j sold to n from plants in i
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    value: Array
    tariff: Array
    name: str
    in_force: InForce = field(default_factory=InForce)
    volume_unit: ClassVar[str] = "units"

    @property
    def output(self) -> Array:
        """Units made [j,i]."""
        return self.value.sum(axis=1)

    def export_tax_on(self, flow: Index) -> Array:
        """Export taxes in force on flows [.]."""
        taxes = self.in_force.export_tax
        return taxes.ravel()[flow] if taxes.size else np.zeros(flow.size)

    @property
    def ln_subsidy(self) -> Array:
        """ln(1+s) [j,i] in force."""
        return np.log1p(self.in_force.subsidy) if self.in_force.subsidy.size else np.zeros_like(self.output)


@dataclass(frozen=True, eq=False)
class ProductPolicy:
    """What measures put on products: a chain of prices and the factor on marginal costs [j].

    Rents are held by `cap.exporter_share`; `subsidy` [j] is what the plant's country pays on top of what the maker
    receives, as a share of it. Subsidies and export taxes are those beyond what is in force around the Market, as
    shares of what the maker receives with it.
    """

    chain: PriceChain
    cost_factor: Array
    subsidy: Array


def product_policy(
    table: ProductTable,
    importer: str,
    sector: str,
    measures: Sequence[Measure],
    base: PriceChain,
    of_price: bool,
    around: Around = NOTHING_AROUND,
) -> ProductPolicy:
    """Return what measures do to the products of a table, in money of the base whatever that is worth.

    of_price  duties that measures set or add are shares of the duty-paid price, not of the border price: they are
              added to the duty in force as such a share

    The last ones are kept for markets with the same products, so their arrays cannot be written to. Raises
    `MeasureError` for a measure that touches none of the products, and for what an Economy refuses.
    """
    on_columns = any(CONDITION.search(name) for measure in measures for name in measure.written("sector"))
    around = replace(around, worth=1.0)
    key = (importer, sector, tuple(measures), of_price, around)
    try:
        known = None if on_columns else table.kept.get(key)
    except TypeError:  # a measure of one's own that has no hash
        on_columns, known = True, None
    if known is not None:
        return cast(ProductPolicy, known)
    made = _read_only(_product_policy(table, importer, sector, measures, base, of_price, around))
    if not on_columns:
        if len(table.kept) >= MOST_KEPT:
            table.kept.clear()
        table.kept[key] = made
    return made


def _read_only(policy: ProductPolicy) -> ProductPolicy:
    """Return the policy with copies of its arrays that refuse to be written to."""
    chain = _frozen(policy.chain, caps=tuple(_frozen(cap) for cap in policy.chain.caps))
    return cast(ProductPolicy, _frozen(policy, chain=chain))


def _frozen(noun: Any, **parts: Any) -> Any:
    arrays = {f.name: getattr(noun, f.name) for f in fields(noun) if isinstance(getattr(noun, f.name), np.ndarray)}
    copies = {name: array.copy() for name, array in arrays.items()}
    for copy in copies.values():
        copy.flags.writeable = False
    return replace(noun, **copies, **parts)


def _product_policy(
    table: ProductTable,
    importer: str,
    sector: str,
    measures: Sequence[Measure],
    base: PriceChain,
    of_price: bool,
    around: Around,
) -> ProductPolicy:
    flows = _flows(table, importer, sector, measures, around)
    economy = cast(Economy, flows)  # a Policy reads no more of it than ProductFlows has
    policy = Policy.of(economy, [_on_products(m, table, sector) for m in measures])
    if of_price:
        flows = replace(flows, tariff=flows.tariff / (1 + flows.tariff))
        policy.acts = [_share(act, economy) for act in policy.acts]
        policy.economy = economy = cast(Economy, flows)
    made, products = _country(table, flows), np.arange(table.size)
    at: Index = np.asarray(
        np.ravel_multi_index((products, np.zeros(table.size, dtype=np.intp), made), flows.value.shape), dtype=np.intp
    )
    cells = np.ravel_multi_index((products, made), flows.output.shape)
    for position, measure in enumerate(measures):
        acts = [act for act in policy.acts if act.position == position]
        if not any(np.isin(act.at, cells if isinstance(act, Subsidy) else at).any() for act in acts):
            raise MeasureError("", f"no product of {flows.name} is under it", measure.title)
    taxes = policy.border_taxes()
    inside, extra = taxes.on(economy, at)
    named = np.isin(at, taxes.flow)
    duty = np.where(named, _on_border(inside, at, policy, of_price), table.tariff)
    where = np.searchsorted(taxes.flow, at[named])
    export_tax, iceberg = np.zeros(table.size), np.ones(table.size)
    export_tax[named] = np.expm1(taxes.ln_export_tax[where] - taxes.ln_export_tax_base[where])
    iceberg[named] = np.exp(taxes.ln_iceberg[where])
    specific, floor, levied = np.zeros(table.size), np.zeros(table.size), np.zeros(table.size, dtype=bool)
    border = table.border_price(base)
    for rule in policy.price_rules():
        on, amount, low = _of_rule(rule, at, border)
        specific += amount
        floor[on] = np.where(low > 0, low, floor)[on]
        levied[on] = (low > 0)[on] & (not rule.exporter_holds)
    subsidy = np.expm1(policy.ln_subsidy() - flows.ln_subsidy)[products, made]
    caps = []
    for cap in policy.caps():
        under: BoolArray = np.isin(at, cap.at)
        outside = np.full(table.size, np.inf)
        if not cap.hard:
            outside = _on_border(cap.outside(inside, extra), at, policy, of_price)
        if (outside < duty)[under].any():
            raise MeasureError("out_rate", "the duty beyond the quota is below the duty inside it", cap.measure.title)
        with np.errstate(invalid="ignore"):
            surcharge = np.where(under, np.maximum((1 + outside) / (1 + duty) - 1, 0.0), 0.0)
        caps.append(
            ProductCap(
                title=cap.measure.title,
                on=under,
                volume=cap.volume,
                surcharge=surcharge,
                exporter_share=cap.exporter_share,
                before_duty=cap.before_duty,
            )
        )
    chain = replace(
        base,
        duty=duty,
        export_tax=export_tax,
        specific=specific * iceberg,  # money is on a unit that is shipped, and prices are of one that arrives
        floor=floor * iceberg,
        levied=levied,
        caps=tuple(caps),
    )
    return ProductPolicy(chain, iceberg, subsidy)


def _share(act: Act, economy: Economy) -> Act:
    """A cut of a duty, which is a part of the border price, as the share of the duty-paid price that it leaves."""
    if not (isinstance(act, Duty) and act.change == "cut"):
        return act
    left = economy.tariff.ravel()[act.at] * (1 - act.rate)
    return replace(act, change="set", rate=left / (1 + left))


def _on_border(rates: Array, at: Index, policy: Policy, of_price: bool) -> Array:
    """Duties on flows `at` as parts of the border price; t / (1 - t) where they are shares of the duty-paid price."""
    if not of_price:
        return rates
    if (rates >= 1).any():
        duties = [act for act in policy.acts if isinstance(act, Duty | Cap) and np.isin(act.at, at[rates >= 1]).any()]
        titles = dict.fromkeys(act.measure.title for act in duties)
        raise MeasureError("rate", "a share of the duty-paid price must be below 100%", " and ".join(titles))
    return rates / (1 - rates)


def _flows(
    table: ProductTable, importer: str, sector: str, measures: Sequence[Measure], around: Around
) -> ProductFlows:
    # Countries without a plant are there so that a measure may name them; they sell nothing here.
    named = {code for measure in measures for name in measure.names for code in _members(name)}
    countries = (importer, *sorted({*table.plant, *named} - {importer}))
    shape = (table.size, len(countries), len(countries))
    value, tariff = np.zeros(shape), np.zeros(shape)
    made = np.array([countries.index(plant) for plant in table.plant], dtype=np.intp)
    value[np.arange(table.size), 0, made] = table.quantity
    tariff[np.arange(table.size), 0, made] = table.tariff
    name = f"the market for {sector} in {importer}"
    return ProductFlows(countries, table.product, value, tariff, name, _in_force(around, countries, table.size))


def _in_force(around: Around, countries: Sequence[str], products: int) -> InForce:
    """What is in force on all products of a plant country."""
    if not (around.subsidies or around.export_taxes):
        return InForce()
    size = len(countries)
    export_tax, subsidy = np.zeros((products, size, size)), np.zeros((products, size))
    for code, rate in around.export_taxes:
        export_tax[:, 0, countries.index(code)] = rate
    for code, rate in around.subsidies:
        subsidy[:, countries.index(code)] = rate
    return InForce(export_tax=export_tax, subsidy=subsidy)


def _members(name: str) -> tuple[str, ...]:
    place = find_place(name)
    if place is not None and place.kind == "rest":
        return (place.code,)
    return place.members if place is not None and place.kind in ("country", "group") else ()


def _country(table: ProductTable, flows: ProductFlows) -> Index:
    return np.array([flows.countries.index(plant) for plant in table.plant], dtype=np.intp)


def _of_rule(rule: PriceRule, at: Index, border: Array) -> tuple[BoolArray, Array, Array]:
    """Return which products a price rule is on, its duty a unit and its floor [j], in money."""
    on = np.isin(at, rule.at)
    amount, floor = np.zeros(len(at)), np.zeros(len(at))
    where = np.searchsorted(rule.at, at[on])
    unit = np.full(len(at), rule.unit_value) if rule.unit_value else border
    amount[on], floor[on] = rule.amount[where] * unit[on], rule.floor[where] * unit[on]
    return on, amount, floor


def _on_products(measure: Measure, table: ProductTable, sector: str) -> Measure:
    """Return the measure with the products that its sectors name, and its flows cut to plants that make them."""
    if "sector" not in {f.name for f in fields(measure)}:
        return measure
    names = getattr(measure, "sector") or ("ALL",)  # noqa: B009  # only measures with a sector come here
    found = [table.named(name, sector) for name in names]
    for name, products in zip(names, found, strict=True):
        if not len(products):
            known = [sector, "ALL", *dict.fromkeys(table.firm), *dict.fromkeys(table.product)]
            raise UnknownNameError("firm or product", str(name), known, measure.title)
    chosen = np.unique(np.concatenate(found))
    label = measure.label or measure.title
    return cast(Measure, replace(cast(Any, measure), sector=tuple(table.product[k] for k in chosen), label=label))


__all__ = ["NOTHING_AROUND", "Around", "ProductFlows", "ProductPolicy", "product_policy"]
