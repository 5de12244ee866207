"""The reply to a request about a Market."""

from __future__ import annotations

from pydantic import Field

from entrepot.desk.replies.reply import AnswerReply, Number, Reply


class DemandReply(Reply):
    """A calibrated demand system; money is in the currency of the prices."""

    name: str
    title: str
    parameters: dict[str, float]


class ConductReply(Reply):
    """How makers set prices."""

    name: str
    title: str


class Concentration(Reply):
    """The Herfindahl-Hirschman index of makers' shares in units sold, 0 to 10,000."""

    before: Number
    after: Number


class MakerRow(Reply):
    """A maker: profits and rents in money, units, and changes in percent."""

    firm: str
    owner: str
    profit_before: Number
    profit_change: Number
    profit_pct: Number
    profit: Number
    rent: Number
    units_before: Number
    units: Number
    sales_before: Number
    sales: Number
    with_rent_change: Number
    units_pct: Number


class ProductRow(Reply):
    """A product under the measures; prices are null where it is off the market."""

    product: str
    firm: str
    plant: str
    owner: str
    price_before: Number
    price: Number
    price_pct: Number
    border_price_pct: Number
    quantity_before: Number
    quantity: Number
    quantity_pct: Number
    share_before: Number
    share: Number
    value_share: Number
    margin_before: Number
    margin: Number
    cost: Number
    duty: Number = Field(description="Money a unit.")
    licence: Number = Field(description="Money a unit.")


class PlantRow(Reply):
    """A country of plants: units, and mean prices with base and new units as weights."""

    plant: str
    units_before: Number
    units: Number
    units_pct: Number
    price_pct: Number = None
    border_price_pct: Number = None
    mean_price_pct: Number = None
    mix_pct: Number = None


class CountryWelfareRow(Reply):
    """A country's gains in money: consumer surplus, its owners' profits, licence rents, revenue, dealers."""

    country: str
    consumers: Number
    profits: Number
    rents: Number
    duties: Number
    other_revenue: Number
    dealers: Number
    total: Number


class QuotaRow(Reply):
    """A quota; the licence price is money a unit, of a tariff-rate quota a share of the duty-paid price."""

    quota: str
    volume: Number
    units: Number
    licence_price: Number
    rent: Number
    exporters: Number
    importer: Number
    binding: bool


class BaseProductRow(Reply):
    """A product in the base: cost, margin over price, own-price elasticity."""

    product: str
    firm: str
    plant: str
    owner: str
    price: Number
    quantity: Number
    share: Number
    cost: Number
    margin: Number
    margin_stated: Number
    own_elasticity: Number


class AlternativeRow(Reply):
    """The answer under a demand system or a conduct, or the reason why there is none."""

    name: str
    title: str
    reason: str
    margin: Number
    own_elasticity: Number
    margin_gap: Number
    price_pct: Number
    border_price_pct: Number
    home_price_pct: Number
    import_units_pct: Number
    home_profits: Number
    consumers: Number
    welfare: Number


class MarketTables(Reply):
    """The tables; empty are those of measures where there are none, and all but `comparison` side by side."""

    firms: list[MakerRow]
    products: list[ProductRow]
    plants: list[PlantRow]
    welfare: list[CountryWelfareRow]
    rents: list[QuotaRow]
    base: list[BaseProductRow]
    comparison: list[AlternativeRow]


class MarketReply(AnswerReply):
    """A Market under measures; demand or conduct is null where several are side by side."""

    title: str
    importer: str
    sector: str
    currency: str
    year: int | None
    demand: DemandReply | None
    conduct: ConductReply | None
    measures: list[str]
    answer: list[str]
    basis: str | None
    notes: list[str]
    residual: Number
    consumer_surplus: Number
    compensating_variation: Number
    hhi: Concentration | None
    version: str
    tables: MarketTables
