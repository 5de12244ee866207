"""One registry of every number that is reported: tables, command line, page and CSV all name them from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["%", "US$ million", "share", "fraction", "text", "yes/no"]


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
    Quantity(
        "equivalent_variation", "Equivalent variation", "US$ million", "a gain", "I (I^ / prod_j P^_j^a_j - 1)", ""
    ),
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
    Quantity(
        "tariff_revenue",
        "Tariff revenue",
        "US$ million",
        "received",
        "duties, quota surcharges and those inside a merged country included",
        nominal=True,
    ),
    Quantity(
        "quota_rent",
        "Quota rent held",
        "US$ million",
        "received",
        "rents on imports and exports that the country holds",
        nominal=True,
    ),
    Quantity("profits", "Profits", "US$ million", "earned", "(1+s') Y' - C', where there are markups", nominal=True),
    Quantity(
        "exports", "Exports", "US$ million", "sold", "border value, rents held by the exporter included", nominal=True
    ),
    Quantity(
        "imports", "Imports", "US$ million", "bought", "border value, rents held by the exporter included", nominal=True
    ),
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
    Quantity("output_value", "Output", "US$ million", "sold", "Y' at producer prices", nominal=True),
    Quantity(
        "value_added",
        "Value added",
        "US$ million",
        "earned",
        "b C', C' the cost of output, and profit where there are markups",
        nominal=True,
    ),
    Quantity(
        "operating_surplus",
        "Operating surplus",
        "US$ million",
        "earned",
        "(1 - lambda) b C' and profit; only where the closure states labour shares lambda",
        nominal=True,
    ),
    Quantity(
        "profit",
        "Profit",
        "US$ million",
        "earned",
        "(1+s') Y' - C', where there are markups",
        "Ossa (2014), eq. 5: sales over sigma",
        nominal=True,
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
    Quantity("value", "Trade", "US$ million", "traded", "border value under the measures, before duty", nominal=True),
    Quantity("value_base", "Trade in the base", "US$ million", "traded", "border value in the base, before duty"),
    Quantity("volume_pct", "Trade volume", "%", "more", "F'/(F p^) - 1"),
    Quantity("duty", "Duty", "US$ million", "paid", "tariff and quota surcharge on the flow", nominal=True),
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
    Quantity(
        "rent",
        "Rent",
        "US$ million",
        "earned",
        "VER: mu F'; import quota: mu (1+t') F'; TRQ: mu (1+t_in) F' cap/volume; F' with export tax",
        nominal=True,
    ),
    Quantity("rent_holder", "Held by", "text", "", ""),
    Quantity(
        "revenue",
        "Revenue",
        "US$ million",
        "collected",
        "duty on its flows; export tax; minus a subsidy's cost",
        nominal=True,
    ),
    Quantity(
        "pass_through",
        "Pass-through",
        "share",
        "paid by buyers",
        "sum F (dln k + dln p) / sum F dln k: the rest is borne by producers",
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
        "deficits, iceberg costs, subsidies, jobs less the worth of their time, external economies, varieties and access "
        "to markets",
    ),
    Quantity("real_income", "Real income", "%", "a gain", "the sum of the parts"),
)

#: What reports, paths, bargains and sweeps add.
REPORT = (
    Quantity(
        "tariff_revenue_change",
        "Tariff revenue, change",
        "US$ million",
        "received",
        "T' - T; in a timeline in units of world value added",
        nominal=True,
    ),
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
    Quantity("exports_now", "Exports now", "US$ million", "sold", "border value as things are", nominal=True),
    Quantity("exports_change", "Exports, change", "US$ million", "sold", "of a deal against now", nominal=True),
    Quantity("base_imports", "Imports in the base", "US$ million", "bought", "that a retaliation falls on"),
    Quantity(
        "imports_before", "Imports before", "US$ million", "bought", "the same without it, world value added = base"
    ),
    Quantity("lost_exports", "Lost exports", "US$ million", "lost", "of the target by it, world value added = base"),
)

GROUPS = (COUNTRY, SECTOR, TRADE, MEASURE, DECOMPOSITION, REPORT)
ALL = {q.key: q for group in GROUPS for q in group}


def columns(group: tuple[Quantity, ...]) -> list[str]:
    return [q.key for q in group]
