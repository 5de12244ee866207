"""The key `market` of a case: the products, makers, demand and conduct of the industry in question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from entrepot.cases.case_section import CaseSection, SectionError
from entrepot.data.units import is_dollars
from entrepot.documents import beside
from entrepot.errors import DocumentError, InputError
from entrepot.measures.fields import read_number

if TYPE_CHECKING:
    from entrepot.markets import Market
    from entrepot.markets.product_table import ProductTable


DemandName = Literal["logit", "nested_logit", "ces", "aids", "linear"]
ConductName = Literal["bertrand", "cournot", "monopolistic", "perfect"]


#: Keys that several demand systems share, and systems whose market size is in units.
SHARED = ("market_size", "market_elasticity", "nests", "nesting")
IN_UNITS = ("logit", "nested_logit", "linear")


def _share(value: Any) -> Any:
    """A share, also as "18.5%"."""
    return read_number("margin", value) if isinstance(value, str) else value


class DemandAndConduct(CaseSection):
    """Another demand system or conduct for the same products, shown beside the case's own."""

    demand: DemandName | None = None
    conduct: ConductName | None = None


class MarketSpec(CaseSection):
    """A Market of a case (`ep.Market.from_products` says what each argument means).

    products   a bundled market (`ep.markets.bundled_markets()`), a file beside the case file, or the rows themselves
    importer   the country of the market;  sector  of the Economy that the products belong to; a bundled market states
               both, so that its name alone is a market too, with nested logit demand
    unit       millions of US dollars in one unit of the products' money
    margin     of every product, in place of those of the table: (price less cost) over price
    joined     whether the world economy takes the makers' margins and rents (`entrepot.markets.join`)
    beside     other demand systems and conducts, each calibrated to the same products
    """

    @model_validator(mode="before")
    @classmethod
    def _bundled(cls, value: Any) -> Any:
        """Read a name alone as that of a bundled market, whose document states the importer and the sector."""
        if isinstance(value, str):
            value = {"products": value, "demand": "nested_logit"}
        if not isinstance(value, Mapping) or not isinstance(value.get("products"), str):
            return value
        if "importer" in value and "sector" in value:
            return value
        from entrepot.markets.bundled_markets import bundled_markets, market_facts  # it loads pandas

        if value["products"] not in bundled_markets():
            return value
        facts = market_facts(value["products"])
        return {"importer": facts["importer"], "sector": facts["sector"], **value}

    products: str | tuple[dict[str, Any], ...]
    importer: str
    sector: str
    demand: DemandName = "logit"
    conduct: ConductName = "bertrand"
    market_size: float | str | None = None
    market_elasticity: float | None = None
    price_coefficient: float | None = None
    sigma: float | None = None
    strength: float | None = None
    nests: tuple[str, ...] = ()
    nesting: tuple[float, ...] = ()
    collusion: tuple[tuple[str, ...], ...] = ()
    fit: str | None = None
    margin: Annotated[float | None, BeforeValidator(_share)] = Field(default=None, gt=0, lt=1)
    currency: str | None = None
    year: int | None = None
    unit: float = Field(default=1e-6, gt=0)
    joined: bool = True
    beside: tuple[DemandAndConduct, ...] = ()

    @model_validator(mode="after")
    def _money(self) -> Any:
        """Raise `SectionError` for prices in other money than dollars whose worth in dollars is not stated."""
        if self.currency is not None and not is_dollars(self.currency) and "unit" not in self.model_fields_set:
            raise SectionError(
                "unit",
                f"prices are in {self.currency}, and a case counts in US dollars: state how many millions of US "
                f"dollars one unit of them is (1e-6 for a dollar)",
            )
        return self

    def build(self, path: str = "", other: DemandAndConduct | None = None, table: ProductTable | None = None) -> Market:
        """Return the Market, with another demand or conduct if one is given.

        `path` is that of the case file, whose folder a file of products is in. Another demand system is fitted to the
        margins: the parameters stated here are those of the case's own. `table` is that of `read`, where it is known.
        Raises `InputError` and `TableError`.
        """
        from entrepot.markets import Market, bundled_markets, load_market
        from entrepot.markets.demand_fit import ARGUMENTS, READS

        demand = (other.demand if other else None) or self.demand
        conduct = (other.conduct if other else None) or self.conduct
        if conduct == "perfect" != self.conduct:  # no margins to fit: the case's own demand
            return self.build(path).with_conduct(conduct)
        stated = {key: getattr(self, key, None) for key in ARGUMENTS if getattr(self, key, None) not in (None, ())}
        if demand != self.demand:
            stated = {key: value for key, value in stated.items() if key in SHARED and key in READS[demand]}
            if demand not in IN_UNITS or self.demand not in IN_UNITS:
                stated.pop("market_size", None)  # units for some systems, money for others
            if "market_size" in stated:
                stated.pop("market_elasticity", None)
        described = {key: getattr(self, key) for key in ("importer", "currency", "year") if getattr(self, key)}
        options: dict[str, Any] = {**stated, **described, "sector": self.sector, "collusion": self.collusion}
        table = self.read(path, demand) if table is None else table
        if isinstance(self.products, str) and self.products in bundled_markets():
            return load_market(
                self.products, demand=demand, conduct=conduct, margin=self.margin, table=table, **options
            )
        table = table if self.margin is None else table.with_margin(self.margin)
        return Market.from_products(table, demand=demand, conduct=conduct, **{"currency": "US$", **options})

    def read(self, path: str = "", demand: str | None = None) -> ProductTable:
        """Return the products as the case's demand, or another, reads them, with the margins of their table."""
        from entrepot.markets import bundled_markets
        from entrepot.markets.bundled_markets import market_table
        from entrepot.markets.market import importer_code
        from entrepot.markets.product_table import ProductTable

        if isinstance(self.products, str) and self.products in bundled_markets():
            nests = self.nests or None
            return market_table(self.products, demand=demand or self.demand, importer=self.importer, nests=nests)
        rows = self._rows(path) if self.margin is None else self._rows(path).assign(margin=self.margin)
        return ProductTable.read(rows, importer_code(self.importer), self.nests)

    def _rows(self, path: str) -> Any:
        """The products as a table that is not read yet."""
        import pandas as pd

        if not isinstance(self.products, str):
            return pd.DataFrame(list(self.products))
        from entrepot.data.product_rows import read_products

        try:
            return read_products(beside(path, self.products), others=self.nests, currency=self.currency)[0]
        except DocumentError as error:  # the case says where it is named
            raise InputError(f"products: {error}") from None
