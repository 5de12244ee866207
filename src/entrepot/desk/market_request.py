"""The model of a request about a Market: its products as rows, and measures as in a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from entrepot.cases.read_measure import read_measure
from entrepot.desk.requests import MEASURES, PRODUCTS, DeskRequest, Document, Name
from entrepot.errors import DocumentError, MeasureError, UnknownNameError
from entrepot.measures import Measure, instrument
from entrepot.studies.market_question import MarketQuestion

#: The most draws, and groups of firms that collude and firms in one; the command line has no such bound.
DRAWS, GROUPS = 2_000, 50

Text = Annotated[str, Field(max_length=200)]
Level = Annotated[float, Field(ge=0, lt=1)]


class DrawsRequest(DeskRequest):
    """The draws of a mixed logit."""

    taste: list[Annotated[list[float], Field(max_length=DRAWS)]] = Field(
        max_length=PRODUCTS, description="By product, in the order of the rows, and draw."
    )
    alpha: list[float] = Field(max_length=DRAWS, description="The marginal utility of money of each draw.")
    weight: list[float] | None = Field(default=None, max_length=DRAWS, description="The share of each draw.")


class MarketRequest(DeskRequest):
    """What measures do in a market of products and makers; without measures, its base."""

    products: list[dict[Name, float | Text | None]] = Field(
        default=[],
        max_length=PRODUCTS,
        description="Rows with product, firm, plant, price and quantity, and any of margin, owner, brand, cost, "
        "tariff, dealer_margin, dealer_amount and columns of nests; rates are fractions.",
        examples=[
            [
                {"product": "A", "firm": "Alpha", "plant": "USA", "price": 20, "quantity": 100, "margin": 0.2},
                {"product": "B", "firm": "Beta", "plant": "JPN", "price": 21, "quantity": 80, "margin": 0.25},
            ]
        ],
    )
    bundled: Name | None = Field(
        default=None, examples=["us-cars-2018"], description="The name of a bundled market, in place of products."
    )
    importer: Name | None = Field(
        default=None, examples=["USA"], description="Where they are sold; a bundled market states it."
    )
    demand: Literal["logit", "nested_logit", "ces", "aids", "linear", "mixed_logit", "each"] | None = Field(
        default=None,
        description="The demand system: logit, of a bundled market nested_logit; each: several side by side.",
    )
    conduct: Literal["bertrand", "cournot", "monopolistic", "perfect", "each"] = "bertrand"
    sector: Name | None = Field(default=None, description="What the products are; measures may name it.")
    market_size: float | Literal["fit"] | None = Field(
        default=None, description="Units that could be sold, for ces money that could be spent; fit: with the margins."
    )
    market_elasticity: float | None = None
    price_coefficient: float | None = None
    sigma: float | None = None
    strength: float | None = None
    nests: list[Name] = Field(default=[], max_length=3)
    nesting: list[Level] = Field(default=[], max_length=3)
    draws: DrawsRequest | None = None
    collusion: list[Annotated[list[Name], Field(max_length=GROUPS)]] = Field(default=[], max_length=GROUPS)
    fit: Literal["trade", "margins"] | None = None
    currency: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="Of prices: US$ where it is not stated."
    )
    year: int | None = Field(default=None, ge=1000, le=9999)
    duty_base: Literal["border", "price"] = "border"
    quotas_foreseen: bool = False
    each: Literal["firm", "product"] | None = Field(
        default=None, description="A quota for each firm, or each product, by itself."
    )
    measures: list[Document] = Field(
        default=[],
        max_length=MEASURES,
        description="As in a case; without a sector a measure is on all products.",
        examples=[[{"tariff": {"importer": "USA", "exporter": "JPN", "rate": "25%", "change": "add"}}]],
    )

    def read(self) -> MarketQuestion:
        """Return the question. Raises `DocumentError` with the key of a measure that cannot be read."""
        import pandas as pd

        options: dict[str, Any] = {
            "market_size": self.market_size,
            "market_elasticity": self.market_elasticity,
            "price_coefficient": self.price_coefficient,
            "sigma": self.sigma,
            "strength": self.strength,
            "nests": tuple(self.nests),
            "nesting": tuple(self.nesting),
            "draws": None if self.draws is None else self.draws.model_dump(exclude_none=True),
            "collusion": self.collusion,
            **({} if self.currency is None else {"currency": self.currency}),
            "year": self.year,
            **({} if self.fit is None else {"fit": self.fit}),
        }
        named = {"importer": self.importer, "sector": self.sector, "demand": self.demand}
        parts: dict[str, Any] = {
            **{key: value for key, value in named.items() if value is not None},
            "conduct": self.conduct,
            "options": options,
            "each": self.each,
            "duty_base": self.duty_base,
            "quotas_foreseen": self.quotas_foreseen,
        }
        if (self.bundled is None) == (not self.products):
            raise DocumentError("give the rows of the table, or name a bundled market", key="products")
        if self.bundled is not None:
            try:
                question = MarketQuestion.of_bundled(self.bundled, **parts)
            except UnknownNameError as error:
                raise DocumentError(str(error), key="bundled") from None
        elif self.importer is None:
            raise DocumentError("say in which country the products are sold, such as USA", key="importer")
        else:
            question = MarketQuestion(products=pd.DataFrame(self.products), **parts)
        measures = (self._measure(k, written, question.sector) for k, written in enumerate(self.measures, start=1))
        return replace(question, measures=tuple(measures))

    @staticmethod
    def _measure(position: int, written: Document, sector: str) -> Measure:
        try:
            found = read_measure(_with_sector(written, sector))
        except MeasureError as error:
            key = ".".join(filter(None, ("measures", str(position), error.key)))
            raise DocumentError(error.message, key=key) from None
        if not hasattr(found, "put"):
            raise DocumentError("a market takes instruments only", key=f"measures.{position}")
        return found  # type: ignore[return-value]  # what has `put` is a Measure


def _with_sector(written: Document, sector: str) -> Document:
    """The measure, on the market's sector where it names none."""
    if len(written) != 1:
        return written
    name, arguments = next(iter(written.items()))
    entry = instrument(str(name))
    if entry is None or "sector" not in entry.line or not isinstance(arguments, Mapping):
        return written
    return {name: {"sector": sector, **arguments}}


def market_reply(request: MarketRequest) -> dict[str, Any]:
    """Return the answer to a request. Raises `InputError` and `ConvergenceError`."""
    from entrepot.studies.market_document import alternatives_document, market_document

    question = request.read()
    if question.side_by_side is not None:
        return alternatives_document(question.alternatives())
    return market_document(question.answer())
