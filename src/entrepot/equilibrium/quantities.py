"""One registry of every number that is reported: tables, command line, page and CSV all name them from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import numpy as np

from entrepot.economy.equations import Array, ln_input_cost, turned
from entrepot.equilibrium.accounts import Accounts, Ledger, ratio
from entrepot.errors import InputError

Unit = Literal["%", "US$ million", "share", "fraction", "days", "text", "yes/no"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A reported number: its column, a label to print, its unit, what a positive sign means, formula and source.

    nominal   it is in units of the closure's numeraire (world value added unless it says otherwise), and changes with
              it; every other number is the same whatever the numeraire
    """

    key: str
    label: str
    unit: Unit
    positive: str
    formula: str
    source: str = ""
    nominal: bool = False

    @property
    def measured_in(self) -> str:
        """The unit, and of what where it is nominal."""
        return f"{self.unit} (numeraire)" if self.nominal else self.unit


def _money(key: str, label: str, positive: str, formula: str, source: str = "") -> Quantity:
    """A nominal number in millions of US dollars."""
    return Quantity(key, label, "US$ million", positive, formula, source, nominal=True)


_CP = "Caliendo and Parro (2015)"

COUNTRY = (
    Quantity(
        "real_income_pct",
        "Real income",
        "%",
        "a gain",
        "I^ / prod_j P^_j^a_j - 1, less the worth of more work where labour is elastic",
        f"{_CP}, section 2.5, with rents",
    ),
    Quantity("equivalent_variation", "Equivalent variation", "US$ million", "a gain", "I (I^ / prod_j P^_j^a_j - 1)"),
    Quantity("real_wage_pct", "Real wage", "%", "a gain", "w^ / prod_j P^_j^a_j - 1", f"{_CP}, eq. 15"),
    Quantity(
        "terms_of_trade_pct",
        "Terms of trade (first order)",
        "%",
        "a gain",
        "sum_j (E dp_n - M dp_i) / I",
        f"{_CP}, eq. 16; proportional changes from the base",
    ),
    Quantity(
        "volume_of_trade_pct",
        "Volume of trade (first order)",
        "%",
        "a gain",
        "sum_ij t (M' - M - M dp_i) / I",
        f"{_CP}, eq. 16; proportional changes from the base",
    ),
    _money(
        "tariff_revenue",
        "Tariff revenue",
        "received",
        "duties, quota surcharges and those inside a merged country included",
    ),
    _money("quota_rent", "Quota rent held", "received", "rents on imports and exports that the country holds"),
    _money("profits", "Profits", "earned", "(1+s') Y' - C', where there are markups"),
    _money("exports", "Exports", "sold", "border value, rents held by the exporter included"),
    _money("imports", "Imports", "bought", "border value, rents held by the exporter included"),
    Quantity("consumer_price_pct", "Consumer prices", "%", "dearer", "prod_j P^_j^a_j - 1", nominal=True),
    Quantity(
        "employment_pct",
        "Employment",
        "%",
        "more",
        "L^ - 1 by the rule of labour; (w^ k^ / P^)^eta - 1 where it is elastic",
    ),
    Quantity("labour_tax", "Tax on labour", "fraction", "paid", "tau' of labour income, where the closure has one"),
)

SECTOR = (
    Quantity("output_volume_pct", "Output volume", "%", "more", "Y'/(Y p^) - 1"),
    _money("output_value", "Output", "sold", "Y' at producer prices"),
    _money("value_added", "Value added", "earned", "b C', C' the cost of output, and profit where there are markups"),
    _money(
        "operating_surplus",
        "Operating surplus",
        "earned",
        "(1 - lambda) b C' and profit; only where the closure states labour shares lambda",
    ),
    _money(
        "profit", "Profit", "earned", "(1+s') Y' - C', where there are markups", "Ossa (2014), eq. 5: sales over sigma"
    ),
    Quantity(
        "capital_return_pct",
        "Real return on capital",
        "%",
        "more",
        "r^ / prod_j P^_j^a_j - 1 of the sector's own capital; short horizon only",
    ),
    Quantity("sector_employment_pct", "Sector employment", "%", "more", "C^ / w^ - 1"),
    Quantity(
        "producer_price_pct", "Producer price", "%", "dearer", "p^ - 1, of output at the factory gate", nominal=True
    ),
    Quantity(
        "input_cost_pct", "Cost through inputs", "%", "dearer", "prod_k P^_k^g_k - 1, a part of unit cost", nominal=True
    ),
    Quantity(
        "price_pct", "User price", "%", "dearer", "P^ - 1: what buyers in the country pay, all sources", nominal=True
    ),
    Quantity(
        "real_price_pct",
        "User price, real",
        "%",
        "dearer",
        "P^ / prod_j P^_j^a_j - 1: what buyers in the country pay, all sources, against its consumer prices",
    ),
    Quantity("import_share", "Import share", "share", "imported", "foreign part of spending at user prices"),
)

TRADE = (
    _money("value", "Trade", "traded", "border value under the measures, before duty"),
    Quantity("value_base", "Trade in the base", "US$ million", "traded", "border value in the base, before duty"),
    Quantity("volume_pct", "Trade volume", "%", "more", "F'/(F p^) - 1"),
    _money("duty", "Duty", "paid", "tariff and quota surcharge on the flow"),
)

MEASURE = (
    Quantity("kind", "Instrument", "text", "", ""),
    Quantity("volume", "Volume", "US$ million", "traded", "sum of its flows at base producer prices"),
    Quantity("volume_base", "Base volume", "US$ million", "traded", "the same in the base"),
    Quantity("cap", "Cap", "US$ million", "allowed", "at base producer prices"),
    Quantity("binding", "Binding", "yes/no", "the cap holds trade back", "mu > 0"),
    Quantity(
        "wedge", "Wedge", "fraction", "dearer", "mu, weighted by value; over the price that the licence is bought on"
    ),
    _money(
        "rent",
        "Rent",
        "earned",
        "VER: mu F'; import quota: mu (1+t') F'; TRQ: mu (1+t_in) F' cap/volume; F' with export tax",
    ),
    Quantity("rent_holder", "Held by", "text", "", ""),
    _money(
        "revenue",
        "Revenue on its flows",
        "collected",
        "all duty on its flows, of all measures and the base; export tax; minus a subsidy's cost",
    ),
    Quantity(
        "pass_through",
        "Pass-through",
        "share",
        "paid by buyers",
        "sum F (dln k + dln p) / sum F dln k: the rest is a lower producer price",
    ),
)

DECOMPOSITION = (
    Quantity(
        "terms_of_trade", "Terms of trade", "%", "a gain", "sum q_x dp_x - q_m dp_m over border prices without rents"
    ),
    Quantity(
        "volume_of_trade", "Volume of trade", "%", "a gain", "sum (user price - border price) dq_m + export tax dq_x"
    ),
    Quantity(
        "rents", "Rents", "%", "received from abroad", "change in rents received from, less rents paid to, foreigners"
    ),
    Quantity(
        "rest",
        "Rest",
        "%",
        "a gain",
        "deficits, iceberg costs, subsidies, markups, jobs less the worth of their time, capital, external economies, "
        "varieties and access to markets",
    ),
    Quantity("real_income", "Real income", "%", "a gain", "the sum of the parts"),
)

#: What reports, paths, bargains and sweeps add.
REPORT = (
    _money(
        "tariff_revenue_change",
        "Tariff revenue, change",
        "received",
        "T' - T; in a timeline in units of world value added",
    ),
    _money("export_tax_change", "Export tax revenue, change", "received", "sum e' F' - e F of its exports"),
    _money("subsidies_change", "Subsidies on output, change", "paid", "sum_j s' Y' - s Y"),
    Quantity("consumption_pct", "Consumption", "%", "more", "(1 - x) I^ / ((1 - x_0) P^) - 1 on a path with capital"),
    Quantity("consumption_change", "Consumption, change", "US$ million", "more", "the same in money at base prices"),
    Quantity("investment_pct", "Investment", "%", "more", "x I^ / (x_0 P^) - 1 on a path with capital"),
    Quantity("capital_pct", "Capital", "%", "more", "K^ - 1, the stock that production uses"),
    Quantity("sector_wage_pct", "Real wage by sector", "%", "more", "w_j^ / P^ - 1, of workers who move at a cost"),
    Quantity(
        "worth_pct",
        "Worth of a sector",
        "%",
        "a gain",
        "exp((1 - b) y_j) - 1 to those who are there, whether they stay or go",
    ),
    Quantity("use_pct", "Volume used", "%", "more", "of a path's market: imports and what comes out of store"),
    _money("surge", "Bought ahead", "bought", "imports ahead of a measure, at border value"),
    Quantity("surge_days", "Bought ahead, days", "days", "more", "the same in days of imports before"),
    Quantity("hole_days", "Days without imports", "days", "more", "until what was bought ahead is used up, by trade"),
    _money("duty_saved", "Duty saved", "saved", "on what was bought ahead"),
    _money("keeping_cost", "Cost of keeping", "paid", "of storing what was bought ahead and of the money in it"),
    Quantity(
        "rd_capacity", "R&D capacity", "US$ million", "can be spent", "stated intensity times b C' / prod_j P^_j^a_j"
    ),
    Quantity("rd_capacity_pct", "R&D capacity, change", "%", "more", "b C' / (V prod_j P^_j^a_j) - 1, V in the base"),
    Quantity(
        "real_import_price_pct",
        "Import price, real",
        "%",
        "dearer",
        "price with duty per unit of volume, against the importer's consumer prices, - 1",
    ),
    Quantity("payoff", "Payoff", "US$ million", "a gain", "a party's objective, at base prices"),
    Quantity("gain", "Gain over the threat", "US$ million", "a gain", "payoff of an offer less that of the threat"),
    Quantity("against_now", "Against now", "US$ million", "a gain", "equivalent variation of a deal less that of now"),
    Quantity("against_threat", "Against the threat", "US$ million", "a gain", "the same less that of the threat"),
    _money("exports_now", "Exports now", "sold", "at producer prices, as things are"),
    _money("exports_change", "Exports, change", "sold", "of a deal against now"),
    Quantity("base_imports", "Imports in the base", "US$ million", "bought", "that a retaliation falls on"),
    Quantity(
        "imports_before", "Imports before", "US$ million", "bought", "the same without it, world value added = base"
    ),
    Quantity("lost_exports", "Lost exports", "US$ million", "lost", "of the target by it, world value added = base"),
)

#: What a country earns and spends: income is the sum of factor_income, profits, public_revenue and trade_deficit.
ACCOUNTS = (
    _money("income", "Income", "earned", "I' = factor income + profits + public revenue + deficit"),
    _money("factor_income", "Factor income", "earned", "sum_j b C'"),
    _money(
        "public_revenue", "Public revenue", "received", "duties, export taxes and rents held, less subsidies on output"
    ),
    _money("export_tax_revenue", "Export tax revenue", "received", "sum e' F' of its exports"),
    _money("subsidies", "Subsidies on output", "paid", "sum_j s' Y'"),
    _money("net_rent_from_abroad", "Net rent from abroad", "received", "rents held on exports less those paid abroad"),
    _money("trade_deficit", "Trade deficit", "received from abroad", "D' by the closure's rule"),
)

#: What users pay for a flow, split by who receives it; the duty is that of `TRADE`.
SPLIT = (
    _money("user_value", "Paid by users", "paid", "F' and every tax and rent on it"),
    _money("producer_value", "Received by producers", "received", "F'"),
    _money("export_tax", "Export tax", "paid", "e' F'"),
    _money("exporter_rent", "Rent held by the exporter", "received", "of quotas and minimum prices"),
    _money("importer_rent", "Rent held by the importer", "received", "of quotas"),
)

GROUPS = (COUNTRY, SECTOR, TRADE, MEASURE, DECOMPOSITION, REPORT, ACCOUNTS, SPLIT)
ALL = {q.key: q for group in GROUPS for q in group}

#: What computes them, by country [.., n] and by sector [.., j, n], for one Problem or several side by side.
OF: dict[str, Callable[[Ledger], Array]] = {
    "real_income_pct": lambda a: 100 * a.real_income,
    "equivalent_variation": lambda a: a.economy.income * a.real_income,
    "real_wage_pct": lambda a: 100 * np.expm1(a.cleared.ln_wage - a.ln_consumer_price),
    "tariff_revenue": lambda a: a.sums["tariff_revenue"],
    "quota_rent": lambda a: a.sums["quota_rent"],
    "profits": lambda a: a.cleared.profits,
    "exports": lambda a: a.sums["exports"],
    "imports": lambda a: a.sums["imports"],
    "consumer_price_pct": lambda a: 100 * np.expm1(a.ln_consumer_price),
    "employment_pct": lambda a: 100 * np.expm1(a.cleared.ln_labour),
    "output_volume_pct": lambda a: (
        100 * (ratio(a.cleared.sales, a.economy.output) * np.exp(-a.cleared.ln_producer_price) - 1)
    ),
    "output_value": lambda a: a.cleared.sales,
    "value_added": lambda a: turned(a.economy.gross_margin) * a.cleared.cost,
    "operating_surplus": lambda a: turned(a.factors.surplus) * a.cleared.cost + a.profit,
    "profit": lambda a: a.profit,
    "capital_return_pct": lambda a: 100 * (a.capital_return / np.exp(a.ln_consumer_price)[..., None, :] - 1),
    "sector_employment_pct": lambda a: 100 * (a.activity * np.exp(-a.cleared.ln_wage)[..., None, :] - 1),
    "producer_price_pct": lambda a: 100 * np.expm1(a.cleared.ln_producer_price),
    "input_cost_pct": lambda a: 100 * np.expm1(ln_input_cost(a.state.ln_price, a.economy.inputs)),
    "price_pct": lambda a: 100 * np.expm1(a.state.ln_price),
    "real_price_pct": lambda a: 100 * np.expm1(a.state.ln_price - a.ln_consumer_price[..., None, :]),
    "import_share": lambda a: a.sums["import_share"],
}
#: Those of one Problem alone, from its Accounts.
OF_ONE: dict[str, Callable[[Any], Array]] = {
    "terms_of_trade_pct": lambda a: 100 * a.first_order_parts[0],
    "volume_of_trade_pct": lambda a: 100 * a.first_order_parts[1],
    "labour_tax": lambda a: a.factors.labour_tax(a.state.ln_keep),
    "income": lambda a: a.income,
    "factor_income": lambda a: a.cleared.value_added,
    "public_revenue": lambda a: a.revenue,
    "export_tax_revenue": lambda a: a.sums["export_taxes"],
    "subsidies": lambda a: a.cleared.subsidies,
    "net_rent_from_abroad": lambda a: a.net_rent_from_abroad,
    "trade_deficit": lambda a: a.cleared.deficit,
    **{q.key: attrgetter(q.key) for q in SPLIT},
}


By = Literal["country", "sector", "accounts", "split"]
_BY: dict[By, list[Quantity]] = {
    "country": list(COUNTRY),
    "sector": list(SECTOR),
    "accounts": list(ACCOUNTS),
    "split": list(SPLIT),
}


def register(quantity: Quantity, of: Callable[[Ledger], Array], *, by: By) -> None:
    """Add a reported number to `Outcome.countries` [.., n] or `Outcome.sectors` [.., j, n], and to batches.

    `of` computes it, with an axis of members in front for a batch. Raises `InputError` for a key in use.
    """
    if quantity.key in ALL:
        raise InputError(f"quantity {quantity.key!r}: the key is in use; take another")
    _BY[by].append(quantity)
    ALL[quantity.key], OF[quantity.key] = quantity, of


def read(by: By, ledger: Ledger) -> dict[str, Array]:
    """Return the numbers by country, by sector, or by flow ("split" [j,n,i]): key to array, in order."""
    of = OF | OF_ONE if isinstance(ledger, Accounts) else OF
    return {q.key: of[q.key](ledger) for q in _BY[by] if q.key in of}


def read_one(key: str, ledger: Ledger) -> Array:
    """Return one of the numbers that `read` returns."""
    return (OF | OF_ONE)[key](ledger)


def columns(group: tuple[Quantity, ...]) -> list[str]:
    """Return the keys of a group of quantities, in order."""
    return [q.key for q in group]
