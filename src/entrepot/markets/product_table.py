"""The table of products that a Market is made of, read and checked."""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.number_formats import is_missing
from entrepot.data.product_rows import read_products
from entrepot.economy.geography import ROW, UNSPECIFIED, find_place
from entrepot.errors import TableError, nearest
from entrepot.markets.price_chain import PriceChain
from entrepot.types import Array, Index
from entrepot.words import figure

#: What makes the name of products a condition on columns.
CONDITION = re.compile(r"[<>]|==|!=| in ")
#: What a condition may be made of.
ALLOWED = (
    *(ast.Expression, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple),
    *(ast.boolop, ast.cmpop, ast.Not, ast.USub),
)
#: Names under which columns that are read are often found.
OTHER_NAMES = {
    "tariff": ("duty", "duty_rate", "tariff_rate", "customs", "customs_duty", "mfn", "mfn_rate"),
    "owner": ("owner_country", "ownership", "parent", "parent_country", "nationality", "hq", "headquarters"),
    "cost": ("mc", "marginal_cost"),
}
#: A tariff in the base above this is taken for a percentage.
MOST_TARIFF = 1.0
#: The least part that a price or a quantity may be of the largest of its column.
LEAST_PART = 1e-12
REQUIRED = ("product", "firm", "plant", "price", "quantity")
OPTIONAL = ("brand", "owner", "margin", "cost", "tariff", "dealer_margin", "dealer_amount", "nest", "nest2", "market")

#: Names of rows that may add up the others.
TOTALS = ("total", "totals", "sum", "all", "grand total", "whole market", "industry")


@dataclass(frozen=True, eq=False, kw_only=True)
class ProductTable:
    """Products [j] of one market.

    product, firm, brand, plant, owner   names; plant and owner are country codes (owner: of the firm's profits)
    price, quantity                      buyers' price in money, units sold
    margin                               (x - c) / p as stated, NaN where it is not
    cost                                 marginal cost as stated, NaN where it is not
    tariff                               ad valorem duty in force in the base, in the price
    dealer_share, dealer_amount          the dealer's margin: a share of its own buying price, and money a unit
    nests                                numbers of each product's nests, from the outermost level in
    rows                                 the table as given, with columns of characteristics
    """

    product: tuple[str, ...]
    firm: tuple[str, ...]
    brand: tuple[str, ...]
    plant: tuple[str, ...]
    owner: tuple[str, ...]
    price: Array
    quantity: Array
    margin: Array
    cost: Array
    tariff: Array
    dealer_share: Array
    dealer_amount: Array
    nests: tuple[Index, ...] = ()
    nest_names: tuple[tuple[str, ...], ...] = ()
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    #: What was computed from all but margins; tables that differ in margins alone share it.
    kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def size(self) -> int:
        """Number of products."""
        return len(self.product)

    @property
    def sales(self) -> Array:
        """Money that buyers pay [j]."""
        return self.price * self.quantity

    def border_price(self, chain: PriceChain) -> Array:
        """Return the price at the border in the base [j]."""
        return chain.border(self.price, np.zeros(0))

    def named(self, name: str, sector: str) -> Index:
        """Return the products that a name stands for: the market's sector or ALL, a product, a firm or a brand.

        A condition on columns of the table, such as "content < 0.75", stands for the products for which it holds.
        """
        wanted = str(name).strip().casefold()
        if wanted in (sector.casefold(), "all"):
            return np.arange(self.size)
        found = [
            [k for k, each in enumerate(names) if each.casefold() == wanted]
            for names in (self.product, self.firm, self.brand)
        ]
        meant = {tuple(each) for each in found if each}
        if len(meant) > 1:
            every = ", ".join(self.product[k] for k in sorted(set().union(*meant)))
            raise TableError(
                f"products: {name!r} is the name of a product and of a maker or brand with others ({every}); give them "
                f"names that differ, or state a condition such as firm == {str(name).strip()!r}"
            )
        if meant:
            return np.array(meant.pop(), dtype=np.intp)
        return self.where(str(name)) if CONDITION.search(str(name)) else np.zeros(0, dtype=np.intp)

    def where(self, condition: str) -> Index:
        """Return the products for which a condition on columns holds. Raises `TableError`."""
        known = ", ".join(map(str, self.rows.columns))
        unreadable = (
            f"products: the condition {condition!r} cannot be read; compare columns with values, text in quotes "
            f"(engine == 'electric'), shares as numbers (content < 0.5): {known}"
        )
        try:
            parts = list(ast.walk(ast.parse(condition, mode="eval")))
        except SyntaxError:
            raise TableError(unreadable) from None
        names = [part.id for part in parts if isinstance(part, ast.Name)]
        # Nothing but comparisons of columns and values: pandas would also call methods.
        if not all(isinstance(part, ALLOWED) for part in parts):
            raise TableError(unreadable)
        for name in names:
            if name not in self.rows.columns:
                close = nearest(name, map(str, self.rows.columns))
                raise TableError(
                    f"products: the condition {condition!r} compares {name!r}, which is not a column{close}"
                )
        try:
            holds = self.rows.eval(condition)
        except (TypeError, ValueError):
            raise TableError(unreadable) from None
        if not (isinstance(holds, pd.Series) and holds.dtype == bool):
            raise TableError(f"products: {condition!r} is not a condition; compare a column, such as 'content < 0.75'")
        return np.flatnonzero(holds)

    def with_margin(self, margin: float) -> ProductTable:
        """Return the table with one margin for every product, in place of those stated. Raises `TableError`."""
        rows = self.rows.assign(margin=margin)
        made = replace(self, margin=_numbers(rows, "margin", self.product, above=0.0, below=1.0), rows=rows)
        object.__setattr__(made, "kept", self.kept)
        return made

    @classmethod
    def read(
        cls, data: Any, importer: str, nests: tuple[str, ...] = (), *, currency: str | None = None
    ) -> ProductTable:
        """Read a file or DataFrame with the columns `product`, `firm`, `plant`, `price`, `quantity`, any of `OPTIONAL`.

        nests     names of columns with nests, from the outermost in
        currency  of prices in a file; US dollars without it

        Raises `TableError` with the product and the column.
        """
        if isinstance(data, str | os.PathLike):
            data, _ = read_products(data, others=nests, currency=currency)
        frame = pd.DataFrame(data).reset_index(drop=True)
        frame.columns = [str(c).strip() for c in frame.columns]
        if len(frame.columns) == 1 and frame.columns[0].count(";") > 2:
            raise TableError("products: one column, whose name has semicolons; read it with sep=';', or give its path")
        for column in REQUIRED:
            if column not in frame:
                raise TableError(f"products: no column {column!r}{nearest(column, frame.columns)}")
        for column in frame.columns[frame.columns.duplicated()]:
            raise TableError(f"products: two columns are named {column!r}")
        _check_columns([str(c) for c in frame.columns if c not in nests])
        if frame.empty:
            raise TableError("products: the table has no rows")
        for column in nests:
            if column not in frame:
                raise TableError(f"products: no column {column!r} for nests{nearest(column, frame.columns)}")
        _check_totals(frame)
        text = {column: _texts(frame, column) for column in ("product", "firm")}
        names = text["product"]
        _once(names)
        _one_spelling(text["firm"])
        plant = _countries(frame, "plant", names)
        owner = plant
        if "owner" in frame:
            owner = _countries(frame.assign(owner=frame["owner"].where(frame["owner"].notna(), plant)), "owner", names)
        brand = _texts(frame, "brand") if "brand" in frame else text["firm"]
        price = _numbers(frame, "price", names, above=0.0, required=True)
        quantity = _numbers(frame, "quantity", names, above=0.0, required=True)
        margin = _numbers(frame, "margin", names, above=0.0, below=1.0)
        cost = _numbers(frame, "cost", names, above=0.0)
        share = _numbers(frame, "dealer_margin", names, least=0.0, below=1.0, absent=0.0)
        amount = _numbers(frame, "dealer_amount", names, least=0.0, absent=0.0)
        tariff = _numbers(frame, "tariff", names, above=-1.0, below=MOST_TARIFF, absent=0.0)
        _check_sizes("price", price, names)
        _check_sizes("quantity", quantity, names)
        for k in np.flatnonzero(amount >= price):
            raise TableError(
                f"{text['product'][k]}: dealer_amount {figure(amount[k])} is not below the price {figure(price[k])}"
            )
        for k in np.flatnonzero((tariff != 0) & (np.array(plant) == importer)):
            raise TableError(
                f"{text['product'][k]}: tariff {tariff[k]:g}, but its plant is in {importer} itself, which levies none"
            )
        for column in ("market", "year"):
            if column in frame and frame[column].nunique() > 1:
                raise TableError(
                    f"products: {frame[column].nunique()} {column}s; a Market is one: select its rows first"
                )
        for column in nests:
            _texts(frame, column)
        labels = [
            frame[list(nests[: k + 1])].astype(str).agg(lambda parts: " / ".join(map(str.strip, parts)), axis=1)
            for k in range(len(nests))
        ]
        codes = [pd.factorize(label, sort=True) for label in labels]
        return cls(
            product=names,
            firm=text["firm"],
            brand=brand,
            plant=plant,
            owner=owner,
            price=price,
            quantity=quantity,
            margin=margin,
            cost=cost,
            tariff=tariff,
            dealer_share=share / (1 - share),
            dealer_amount=amount,
            rows=frame.assign(
                price=price, quantity=quantity, margin=margin, tariff=tariff, plant=list(plant), owner=list(owner)
            ),
            nests=tuple(np.asarray(code, dtype=np.intp) for code, _ in codes),
            nest_names=tuple(tuple(map(str, names)) for _, names in codes),
        )


def _texts(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    """The names in a column. Raises `TableError` for an empty cell, and for a mark in place of several makers."""
    texts = frame[column].astype(str).str.strip()
    missing = np.flatnonzero(frame[column].isna() | (texts == ""))
    what = "a firm" if column == "firm" else f"a {column}"
    if missing.size:
        raise TableError(f"products, row {missing[0] + 1}: {what} is missing")
    times = Counter(texts if column in ("firm", "brand") else ())
    for row, name in enumerate(texts, start=1):
        # in several rows, which would be one name
        if times[name] > 1 and is_missing(name) and name.casefold() != "none":
            raise TableError(
                f"products, row {row}: {what} is {name!r}, which marks what is not known; write the name, a longer one "
                f"where that is its name"
            )
    return tuple(texts)


def _check_totals(frame: pd.DataFrame) -> None:
    """Raise `TableError` for a row that adds up the others."""
    units = pd.to_numeric(frame["quantity"], errors="coerce")
    total = float(units.sum())
    for k, name in enumerate(map(str, frame["product"])):
        if name.strip().casefold() not in TOTALS:
            continue
        rest = total - float(units.iloc[k])
        if rest > 0 and abs(units.iloc[k] / rest - 1) < 1e-3:
            raise TableError(f"products, row {k + 1}: {name.strip()!r} is the total of the other rows; leave it out")


def _check_columns(columns: Sequence[str]) -> None:
    """Raise `TableError` for a column that is nearly one that would be read: it would be left out without a word."""
    known = (*REQUIRED, *OPTIONAL)
    for column in columns:
        if column in known:
            continue
        for read, others in OTHER_NAMES.items():
            if column.casefold() in others and read not in columns:
                raise TableError(f"products: the column {column!r} is not read; did you mean {read!r}?")
        close = difflib.get_close_matches(column.casefold(), known, n=1, cutoff=0.85)
        if close and close[0] not in columns:
            raise TableError(f"products: the column {column!r} is not read; did you mean {close[0]!r}?")


def _once(names: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise TableError(
                f"products: {name!r} is in two rows; give each product (model and plant) a name of its own"
            )
        seen.add(name.casefold())


def _one_spelling(firms: tuple[str, ...]) -> None:
    spelled: dict[str, str] = {}
    for firm in firms:
        first = spelled.setdefault(firm.casefold(), firm)
        if first != firm:
            raise TableError(f"products: the firms {first!r} and {firm!r} differ in capital letters alone")


def _countries(frame: pd.DataFrame, column: str, products: tuple[str, ...]) -> tuple[str, ...]:
    codes = []
    for product, written in zip(products, frame[column], strict=True):
        name = "" if pd.isna(written) else str(written).strip()
        place = find_place(name) if name else None
        if name.upper() in (ROW, UNSPECIFIED):
            codes.append(name.upper())
        elif place is not None and place.kind == "country":
            codes.append(place.code)
        elif not name:
            raise TableError(f"{product}: {column} is missing; give the country, or ROW where it is not known")
        else:
            raise TableError(f"{product}: {column} {name!r} is not a country; give its code or name, or ROW")
    return tuple(codes)


def _numbers(
    frame: pd.DataFrame,
    column: str,
    products: tuple[str, ...],
    *,
    above: float = -np.inf,
    least: float = -np.inf,
    below: float = np.inf,
    absent: float = np.nan,
    required: bool = False,
) -> Array:
    """A column of numbers [j], `absent` where the column or a cell is empty."""
    if column not in frame:
        return np.full(len(frame), absent)
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, copy=True)
    empty = frame[column].isna().to_numpy()
    for k in range(len(frame)):
        value = numbers[k]
        if empty[k] and not required:
            numbers[k] = absent
            continue
        if empty[k]:
            raise TableError(f"{products[k]}: {column} is missing; a number is needed")
        if not np.isfinite(value):
            raise TableError(f"{products[k]}: {column} {str(frame[column].iloc[k])!r} is not a finite number")
        if value <= above or value < least or value >= below:
            limits = [
                *([f"above {above:g}"] if above > -np.inf else []),
                *([f"{least:g} or more"] if least > -np.inf else []),
                *([f"below {below:g}"] if below < np.inf else []),
            ]
            remedy = _percent_slip(column, value)
            raise TableError(f"{products[k]}: {column} {figure(value)}; it must be {' and '.join(limits)}{remedy}")
    return numbers


def _check_sizes(column: str, numbers: Array, products: tuple[str, ...]) -> None:
    """Raise `TableError` for numbers above zero [j] of which one is lost beside another in the digits of a float."""
    small, large = int(numbers.argmin()), int(numbers.argmax())
    if numbers[small] < LEAST_PART * numbers[large]:
        raise TableError(
            f"{products[small]}: {column} {numbers[small]:g} is less than a trillionth of the {numbers[large]:g} of "
            f"{products[large]}; check both numbers and their units"
        )


def _percent_slip(column: str, value: float) -> str:
    shares = ("margin", "dealer_margin", "tariff")
    return f" (a share: {value / 100:g} for {value:g}%)" if column in shares and 1 < value <= 100 else ""
