"""The tables of a Market's answer: products, makers, plants, welfare by country, quotas, and the base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.languages import localised, translated
from entrepot.markets import MarketOutcome
from entrepot.markets.calibrated_market import CalibratedMarket
from entrepot.studies.currency_amounts import Currency, digits_for
from entrepot.studies.market_question import UNNAMED, MarketAlternatives, MarketAnswer
from entrepot.studies.market_sentences import (
    alternatives_fitted,
    alternatives_reasons,
    beyond_volume,
    money_of_outside_good,
)
from entrepot.studies.result_table import NUMBER, PERCENT, SHARE, TEXT, ResultTable, TableColumn
from entrepot.version import __version__
from entrepot.words import ended, figure, sector_name, sentence, short, spoken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Column:
    """A column of a table: the key in the tidy frame, its label, and what kind of number it is.

    kind  "text", "word" (one that is translated), "place", "money" (in the unit of the table), "price", "units",
          "percent", "share", "number"
    """

    key: str
    label: str
    kind: str = "text"
    signed: bool = False


#: Columns of amounts a unit that are not of the size of prices.
APART = ("duty", "licence", "licence_price")
#: Kinds of columns that hold no numbers.
_WORDS = ("text", "word", "place")


def market_tables(answer: MarketAnswer) -> dict[str, ResultTable]:
    """Return every table of an answer by name; of a base the one of its products."""
    market, outcome = answer.market, answer.outcome
    if outcome is None:
        return {"base": _base(market)}
    return {
        "firms": _firms(outcome),
        "products": _products(outcome),
        "plants": _plants(outcome),
        "welfare": _welfare(outcome),
        **({"rents": _rents(outcome)} if len(outcome.rents) else {}),
        "base": _base(market),
    }


def market_frames(answer: MarketAnswer) -> dict[str, pd.DataFrame]:
    """Return the same as tidy frames: shares and margins as fractions, money in the currency of the prices."""
    outcome = answer.outcome
    if outcome is None:
        return {"base": answer.market.products}
    return {
        "firms": firms_frame(outcome),
        "products": outcome.products,
        "plants": outcome.by_plant,
        "welfare": outcome.welfare,
        **({"rents": outcome.rents} if len(outcome.rents) else {}),
        "base": answer.market.products,
    }


def firms_frame(outcome: MarketOutcome) -> pd.DataFrame:
    """Return the makers with their owners' countries, and the change of their units in percent."""
    t = outcome.market.table
    owners = {
        firm: ", ".join(dict.fromkeys(o for f, o in zip(t.firm, t.owner, strict=True) if f == firm)) for firm in t.firm
    }
    frame = outcome.firms.copy()
    frame.insert(1, "owner", frame["firm"].map(owners))
    frame["units_pct"] = 100 * (frame["units"] / frame["units_before"] - 1)
    return frame


def market_title(market: CalibratedMarket) -> str:
    """Return what market it is: "Motor vehicles in the United States"."""
    goods = "" if market.sector == UNNAMED else sector_name(market.sector)
    names = filter(None, (goods, short(market.importer), str(market.year or "")))
    return translated(
        "{market}: {products} products of {makers} makers",
        market=sentence(translated(", ").join(names)),
        products=market.table.size,
        makers=len(set(market.table.firm)),
    )


def market_provenance(market: CalibratedMarket, outcome: MarketOutcome | None = None) -> dict[str, str]:
    """Return what the numbers stand on: data, demand, conduct, measures and version."""
    fitted = [
        translated("{name} {number}", name=translated(name.replace("_", " ")), number=localised(figure(value)))
        for name, value in market.parameters.items()
    ]
    demand = translated(market.demand.title)
    out = {
        "Market": market_title(market),
        "Demand": f"{demand} ({translated('; ').join(fitted)})" if fitted else demand,
        "Conduct": translated(market.conduct.title),
    }
    if outcome is not None:
        out["Measures"] = "; ".join(measure.title for measure in outcome.measures)
        out["Residual"] = translated("{gap} of the mean price", gap=f"{outcome.residual:.1e}")
    return out | {"Currency": market.currency, "Version": f"Entrepot {__version__}"}


# ---- tables ----


def _base(market: CalibratedMarket) -> ResultTable:
    columns = [
        _Column("product", "product"),
        _Column("firm", "maker"),
        _Column("plant", "plant", "place"),
        _Column("price", "price", "price"),
        _Column("quantity", "units", "units"),
        _Column("share", "share", "share"),
        _Column("cost", "cost", "price"),
        _Column("margin", "margin", "share"),
        _Column("margin_stated", "stated", "share"),
        _Column("own_elasticity", "elasticity", "number"),
    ]
    notes = (
        translated("margin: what the maker receives less its cost, over the buyers' price; stated: as in the table."),
        translated("share: of the units sold; the outside good of CES demand is in money.")
        if money_of_outside_good(market) is not None
        else translated("share: of the market's units, with the outside good where there is one."),
    )
    stated = market.products["margin_stated"].notna().any()
    return _table(
        "base", "The base", market, market.products, [c for c in columns if stated or c.key != "margin_stated"], notes
    )


def _firms(outcome: MarketOutcome) -> ResultTable:
    frame = firms_frame(outcome)
    columns = [
        _Column("firm", "maker"),
        _Column("owner", "owned in", "place"),
        _Column("profit_before", "profit before", "money"),
        _Column("profit_change", "change", "money", True),
        _Column("profit_pct", "change, %", "percent", True),
        *([_Column("rent", "licence rent", "money")] if frame["rent"].any() else []),
        _Column("units_before", "units before", "units"),
        _Column("units_pct", "units, %", "percent", True),
    ]
    shown = frame.assign(rent=frame["rent"].where(frame["rent"] != 0))
    table = _table("firms", "Makers", outcome.market, shown, columns, outcome=outcome, text=2)
    return replace(table, tidy=frame)


def _products(outcome: MarketOutcome) -> ResultTable:
    frame = outcome.products
    columns = [
        _Column("product", "product"),
        _Column("firm", "maker"),
        _Column("plant", "plant", "place"),
        _Column("price_before", "price before", "price"),
        _Column("price", "price", "price"),
        _Column("price_pct", "price, %", "percent", True),
        _Column("border_price_pct", "border, %", "percent", True),
        _Column("quantity", "units", "units"),
        _Column("quantity_pct", "units, %", "percent", True),
        _Column("share", "share", "share"),
        _Column("margin_before", "margin before", "share"),
        _Column("margin", "margin", "share"),
        *([_Column("duty", "duty a unit", "price")] if frame["duty"].fillna(0).any() else []),
        *([_Column("licence", "licence a unit", "price")] if frame["licence"].fillna(0).any() else []),
    ]
    levied = translated("duty: inside a tariff-rate quota; beyond it what a licence is worth is levied as duty too.")
    notes = (levied,) if _more_than_a_quota(outcome) else ()
    return _table("products", "Products", outcome.market, frame, columns, notes, outcome=outcome, text=3)


def _more_than_a_quota(outcome: MarketOutcome) -> bool:
    """Return whether more is sold than a tariff-rate quota holds, so that the higher duty is paid."""
    soft = np.array([not cap.hard for cap in outcome.game.chain.caps], dtype=bool)
    return bool((soft & beyond_volume(outcome.rents)).any())


def _plants(outcome: MarketOutcome) -> ResultTable:
    columns = [
        _Column("plant", "made in", "place"),
        _Column("units_before", "units before", "units"),
        _Column("units", "units", "units"),
        _Column("units_pct", "units, %", "percent", True),
        _Column("price_pct", "price, %", "percent", True),
        _Column("border_price_pct", "border, %", "percent", True),
        _Column("mean_price_pct", "mean price, %", "percent", True),
        _Column("mix_pct", "mix, %", "percent", True),
    ]
    note = translated(
        "price: of the same units as before; mean price: of the units now sold; mix: what the shift to dearer or "
        "cheaper products adds."
    )
    frame = outcome.by_plant.reindex(columns=[column.key for column in columns])
    return _table("plants", "By country of plant", outcome.market, frame, columns, (note,), outcome=outcome)


def _welfare(outcome: MarketOutcome) -> ResultTable:
    frame = outcome.welfare
    names = {
        "consumers": "buyers",
        "profits": "profits",
        "rents": "licence rents",
        "duties": "duties",
        "other_revenue": "other revenue",
        "dealers": "dealers",
        "total": "total",
    }
    shown = [key for key in names if key in ("consumers", "profits", "duties", "total") or frame[key].any()]
    columns = [_Column("country", "country", "place"), *(_Column(key, names[key], "money", True) for key in shown)]
    note = translated("buyers: consumer surplus; profits and exporters' rents are with the makers' owners.")
    return _table("welfare", "Who gains and who loses", outcome.market, frame, columns, (note,), outcome=outcome)


def _rents(outcome: MarketOutcome) -> ResultTable:
    hard = np.array([cap.hard for cap in outcome.game.chain.caps])
    price = outcome.rents["licence_price"]
    frame = outcome.rents.assign(
        binding=np.where(outcome.rents["binding"], "yes", "no"),
        licence_price=price.where(hard),
        place_pct=(100 * price).where(~hard),
    )
    columns = [
        _Column("quota", "quota"),
        _Column("volume", "allowed", "units"),
        _Column("units", "sold", "units"),
        _Column("binding", "binds", "word"),
        *([_Column("licence_price", "licence a unit", "price")] if hard.any() else []),
        *([_Column("place_pct", "a place, % of price", "percent")] if not hard.all() else []),
        _Column("rent", "rent", "money"),
        _Column("exporters", "to exporters", "money"),
        _Column("importer", "to the importer", "money"),
    ]
    place = translated("a place: within a tariff-rate quota, in percent of the duty-paid price.")
    note = () if hard.all() else (place,)
    return _table("rents", "Quotas and their rents", outcome.market, frame, columns, note, outcome=outcome)


def alternatives_frame(found: MarketAlternatives) -> pd.DataFrame:
    """Return one row for each demand system or conduct: what it implies, or why it has no answer."""
    import pandas as pd

    return pd.DataFrame([_alternative(row.name, row.title, row.answer, row.reason) for row in found.rows])


def _alternative(name: str, title: str, answer: MarketAnswer | None, reason: str) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "title": title, "reason": reason}
    numbers = (
        "price_pct",
        "border_price_pct",
        "home_price_pct",
        "import_units_pct",
        "home_profits",
        "consumers",
        "welfare",
    )
    row |= dict.fromkeys(("margin", "own_elasticity", "margin_gap", *numbers), float("nan"))
    if answer is None:
        return row
    base, units = answer.market.products, answer.market.table.quantity
    gap = (base["margin"] - base["margin_stated"]).abs()
    row["margin"] = float(base["margin"] @ units / units.sum())
    row["own_elasticity"] = float(base["own_elasticity"] @ units / units.sum())
    row["margin_gap"] = float(gap.max()) if gap.notna().any() else float("nan")
    if answer.outcome is None:
        return row
    home = answer.outcome.welfare.set_index("country").loc[answer.market.importer]
    return row | {
        "price_pct": answer.outcome.price_pct(answer.hit),
        "border_price_pct": answer.outcome.price_pct(answer.hit, at_border=True),
        "home_price_pct": answer.outcome.price_pct(~answer.foreign),
        "import_units_pct": answer.outcome.units_pct(answer.hit) if answer.foreign.any() else float("nan"),
        "home_profits": float(home["profits"]),
        "consumers": float(home["consumers"]),
        "welfare": float(home["total"]),
    }


def alternatives_table(found: MarketAlternatives) -> ResultTable:
    """Return what each demand system or conduct implies, side by side."""
    first = found.first
    of_demand = found.question.side_by_side == "demand"
    columns = [_Column("title", "demand" if of_demand else "conduct", "word")]
    if first.outcome is None:
        columns += [
            _Column("own_elasticity", "elasticity", "number"),
            _Column("margin", "margin", "share"),
            _Column("margin_gap", "furthest from stated", "share"),
        ]
    else:
        columns += [
            _Column("price_pct", "imports", "percent", True),
            _Column("border_price_pct", "at border", "percent", True),
            _Column("import_units_pct", "units", "percent", True),
            _Column("home_price_pct", "home", "percent", True),
            _Column("home_profits", "home profits", "money", True),
            _Column("consumers", "buyers", "money", True),
            _Column("welfare", "welfare", "money", True),
        ]
    frame = alternatives_frame(found)
    notes = (
        translated(
            "imports: price to buyers; at border: price there; units: of imports; home: price of what plants in "
            "{country} make; home profits: of makers owned there; welfare: of {country}."
            if first.outcome is not None
            else "elasticity and margin: weighted by units.",
            country=spoken(first.market.importer),
        ),
    )
    title = "The same question by demand system" if of_demand else "The same question by conduct"
    table = _table("comparison", title, first.market, frame, columns, notes, outcome=first.outcome)
    provenance = {k: v for k, v in table.provenance.items() if k not in ("Demand", "Conduct", "Residual")}
    fixed = {"Conduct": translated(first.market.conduct.title)}
    if not of_demand:
        fixed = {"Demand": translated(first.market.demand.title)}
    provenance = {"Fitted": alternatives_fitted(found)} | fixed | provenance
    residuals = [row.answer.outcome.residual for row in found.rows if row.answer and row.answer.outcome]
    if residuals:
        provenance["Residual"] = translated("at most {gap} of the mean price", gap=f"{max(residuals):.1e}")
    reasons = tuple(ended(reason) for reason in alternatives_reasons(found))
    return replace(table, provenance=provenance, notes=(*notes, *reasons))


def _table(
    name: str,
    title: str,
    market: CalibratedMarket,
    frame: pd.DataFrame,
    columns: Sequence[_Column],
    notes: Iterable[str] = (),
    *,
    outcome: MarketOutcome | None = None,
    text: int | None = None,
) -> ResultTable:
    """Return a frame as a result table; its money is in the unit of its largest amount."""
    currency = Currency.of(market.currency)
    money = [c.key for c in columns if c.kind == "money"]
    prices = [c.key for c in columns if c.kind == "price"]
    unit, divisor = currency.unit(frame[money].to_numpy(dtype=float).ravel()) if money else ("", 1.0)
    values = {c.key: _values(frame[c.key], c.kind, divisor) for c in columns}
    digits = {
        **{key: digits_for(_numbers(values, money)) for key in money},
        **{
            key: _digits_of_prices(_numbers(values, [k for k in prices if (k in APART) == (key in APART)]))
            for key in prices
        },
        **{c.key: digits_for(values[c.key], 5) for c in columns if c.kind == "units"},
    }
    laid_out = tuple(
        TableColumn(
            c.label,
            unit={"percent": PERCENT, "share": SHARE, "money": unit, "price": market.currency}.get(
                c.kind, TEXT if c.kind in _WORDS else NUMBER
            ),
            signed=c.signed,
            digits=digits.get(c.key, 2 if c.kind == "number" else 1),
        )
        for c in columns
    )
    priced = translated("prices in {currency}", currency=market.currency) if prices else ""
    within = translated("; ").join(filter(None, (currency.in_words(unit), priced)))
    return ResultTable(
        name,
        translated("{sentence} ({remark})", sentence=translated(title), remark=within) if within else title,
        laid_out,
        tuple(zip(*(values[c.key] for c in columns), strict=True)),
        tuple(notes),
        market_provenance(market, outcome),
        frame,
        text_columns=text or next((k for k, c in enumerate(columns) if c.kind not in _WORDS), len(columns)),
    )


def _digits_of_prices(prices: Sequence[float]) -> int:
    """Return the decimals of prices that stand together: at least two, and up to four, where one is below 100."""
    low = [abs(price) for price in prices if 0 < abs(price) < 100]
    return max(digits_for(prices), 2, min(digits_for([min(low)], 3), 4)) if low else digits_for(prices)


def _numbers(values: Mapping[str, list[Any]], keys: list[str]) -> list[float]:
    return [value for key in keys for value in values[key]]


def _values(column: pd.Series, kind: str, divisor: float) -> list[Any]:
    if kind == "text":
        return [str(value) for value in column]
    if kind == "word":
        return [translated(str(value)) for value in column]
    if kind == "place":
        return [", ".join(short(code) for code in str(value).split(", ")) for value in column]
    return [float(value) / (divisor if kind == "money" else 1.0) for value in column]
