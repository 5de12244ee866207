"""What a Market's answer says in words: prices, who gains and loses, who holds the rent, and what it stands on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entrepot.markets import Market, MarketOutcome
from entrepot.studies.currency_amounts import Currency
from entrepot.studies.market_question import MarketAlternatives, MarketAnswer
from entrepot.words import NOISE, and_list, few, percent_size, sentence, spoken

#: Changes of money below this part of the buyers' spending are none.
LEAST = 1e-9


def market_sentences(answer: MarketAnswer) -> list[str]:
    """Return the answer in one to four sentences."""
    if answer.outcome is None:
        return _base_sentences(answer.market)
    rents, outcome = _rents(answer.outcome), answer.outcome
    still = np.abs(outcome.prices / answer.market.table.price - 1).max() < NOISE / 100  # NaN where a product is gone
    if rents and still:
        return [f"{rents[0].removesuffix('.')}, so nothing changes."]
    return [*_prices(answer), _gains(outcome), *rents]


def market_basis(answer: MarketAnswer) -> str:
    """Return what the answer stands on: demand with its parameter, conduct, and how well the conditions hold."""
    market = answer.market
    parts = [f"{sentence(market.demand.title)} demand{_size(market)}, {market.conduct.title}"]
    parts += market_parameters(market)
    elasticity = market.products["own_elasticity"].to_numpy()
    parts.append(f"own-price elasticities {elasticity.max():.2f} to {elasticity.min():.2f}")
    if answer.outcome is not None:
        parts.append(f"largest gap in any condition {answer.outcome.residual:.0e} of the mean price")
    return "; ".join(parts) + "."


def market_parameters(market: Market) -> list[str]:
    """Return the parameters of demand in words, but for the size of the market."""
    return [_parameter(name, value, market) for name, value in market.parameters.items() if name != "market_size"]


def alternatives_fitted(found: MarketAlternatives) -> str:
    """Return the parameters of demand under each, where they differ."""
    fitted = {row.title: ", ".join(market_parameters(row.answer.market)) for row in found.rows if row.answer}
    if len(set(fitted.values())) == 1:
        return f"{next(iter(fitted.values()))}"
    return "; ".join(f"{title}: {text}" for title, text in fitted.items())


def alternatives_reasons(found: MarketAlternatives) -> list[str]:
    """Return why some have no answer, and what was fitted or read otherwise under some."""
    lost = [f"No answer under {row.title}: {row.reason}" for row in found.rows if row.answer is None]
    fitted = [
        f"{row.title}: {note}"
        for row in found.rows
        if row.answer is not None
        for note in row.answer.market.notes
        if "was fitted to the margins" in note
    ]
    sized = found.question.options.get("market_size") is not None and found.question.side_by_side == "demand"
    one = "The market's size is in units: CES takes it in money at the mean price, AIDS has no outside good"
    return [*lost, *fitted, *([one] if sized else [])]


def alternatives_sentences(found: MarketAlternatives) -> list[str]:
    """Return how far the answers lie apart."""
    answers = [row for row in found.rows if row.answer is not None]
    if found.first.outcome is None:
        names = and_list([row.title for row in answers])
        return [f"The same products under {names}; give a measure to compare its effects."]
    currency, importer = Currency.of(found.first.market.currency), found.first.market.importer
    prices, welfare = [], []
    for row in answers:
        assert row.answer is not None
        assert row.answer.outcome is not None
        prices.append((row.answer.price_pct(row.answer.hit), row.title))
        totals = row.answer.outcome.welfare.set_index("country")["total"]
        welfare.append((float(totals[importer]), row.title))
    out = []
    known = sorted(price for price in prices if price[0] == price[0])
    if known:
        (low, first), (high, last), whose = known[0], known[-1], _whose(found.first)
        out.append(
            f"Prices of {whose} to buyers {_moves(low)} under {first} and {_moves(high, low)} under {last}."
            if len(known) > 1
            else f"Prices of {whose} to buyers {_moves(low)} under {first}."
        )
    (low, first), (high, last) = min(welfare), max(welfare)
    whose = sentence(spoken(importer))
    if len(welfare) == 1:
        out.append(f"{whose} {_gains_or_loses(low, currency)} under {first}.")
    elif low * high > 0:
        verb = "gains" if low > 0 else "loses"
        out.append(
            f"{whose} {verb} under each: {currency.amount(low)} under {first}, {currency.amount(high)} under {last}."
        )
    else:
        out.append(
            f"Whether {spoken(importer)} gains depends on it: it {_gains_or_loses(high, currency)} under {last} and "
            f"{_gains_or_loses(low, currency)} under {first}."
        )
    return out


def _whose(answer: MarketAnswer) -> str:
    """Which imports the prices of alternatives are of."""
    return "imports" if (answer.hit == answer.foreign).all() else "imports under the measures"


# ---- parts of an answer ----


def _base_sentences(market: Market) -> list[str]:
    base, t = market.products, market.table
    margin = base["margin"].to_numpy()
    home = np.array([plant == market.importer for plant in t.plant])
    share = float(t.sales[~home].sum() / t.sales.sum())
    mean = float(margin @ t.sales / t.sales.sum())
    low, high = int(margin.argmin()), int(margin.argmax())
    currency = Currency.of(market.currency)
    return [
        f"Buyers spend {currency.amount(float(t.sales.sum()))} on {_count(float(t.quantity.sum()))} units; {share:.1%} "
        f"of it goes to imports, and makers earn {currency.amount(float((margin * t.sales).sum()))}.",
        f"Margins over price are {mean:.1%} on average, from {margin[low]:.1%} ({t.product[low]}) to "
        f"{margin[high]:.1%} ({t.product[high]}); costs follow from them.",
    ]


def _prices(answer: MarketAnswer) -> list[str]:
    """Prices of the imports under measures, of other imports, and of what home plants make."""
    foreign, under, outcome = answer.foreign, answer.under, answer.outcome
    assert outcome is not None
    gone = [name for name, sold in zip(answer.market.table.product, outcome.sold, strict=True) if not sold]
    parts = []
    hit, others, home = foreign & under, foreign & ~under, ~foreign
    names = ("imports under the measures", "other imports") if hit.any() and others.any() else ("imports", "imports")
    for of, whose in zip((hit, others), names, strict=True):
        buyers, border = answer.price_pct(of), answer.price_pct(of, at_border=True)
        if buyers == buyers:
            joined = f"{_moves(buyers)} to buyers"
            joined += f" and {_moves(border, buyers)} at the border" if whose != "other imports" else ""
            parts.append(f"prices of {whose} {joined}{_units(answer, of)}")
    if home.any():
        parts.append(f"those of home plants {_moves(answer.price_pct(home))}{_units(answer, home)}")
    out = [sentence("; ".join(parts)) + "."] if parts else []
    return [f"{sentence(few(gone))} {'is' if len(gone) == 1 else 'are'} off the market.", *out] if gone else out


def _units(answer: MarketAnswer, of: NDArray[np.bool_]) -> str:
    change = answer.units_pct(of)
    sign = "+" if change > 0 else "-"
    return "" if abs(change) < NOISE else f" (units {sign}{percent_size(change)})"


def _gains(outcome: MarketOutcome) -> str:
    """Makers by the country of their owners, buyers, the Treasury, dealers, and all of the importer."""
    market, currency = outcome.market, Currency.of(outcome.market.currency)
    table = outcome.welfare.set_index("country")
    home = table.loc[market.importer]
    licence_rent: dict[str, float] = {}
    for owner, rent in zip(np.array(market.table.owner)[outcome.sold], outcome.accounts["rent_exporters"], strict=True):
        licence_rent[owner] = licence_rent.get(owner, 0.0) + float(rent)
    parts = []
    owners = list(dict.fromkeys(market.table.owner))
    for country in sorted(owners, key=lambda c: (c != market.importer, -abs(float(table.loc[c, "profits"])))):
        change = float(table.loc[country, "profits"])
        held = licence_rent.get(country, 0.0)
        own_rent = held if held > LEAST * float(market.table.sales.sum()) else 0.0
        with_rent = f" before {currency.amount(own_rent)} of licence rent" if own_rent else ""
        does = f"{_gain_or_lose(change, currency, outcome)}{with_rent}"
        if own_rent and does.startswith("are"):
            does = f"earn {currency.amount(own_rent)} of licence rent"
        parts.append(f"makers of {spoken(country)} {does}")
    shown = parts if len(parts) <= 4 else [*parts[:4], f"those of {len(parts) - 4} other countries are in the tables"]
    shown.append(f"buyers {_gain_or_lose(outcome.consumer_surplus, currency, outcome)}")
    treasury = float(home["duties"] + home["other_revenue"])
    least = LEAST * float(market.table.sales.sum())
    if abs(treasury) > least:
        shown.append(f"the Treasury {_gain_or_lose(treasury, currency, outcome, one=True)}")
    for country in table.index.drop(market.importer):
        revenue = float(table.loc[country, "other_revenue"])
        if abs(revenue) > least:
            shown.append(f"the treasury of {spoken(country)} {_gain_or_lose(revenue, currency, outcome, one=True)}")
    licences = float(outcome.accounts["rent_importer"].sum())
    if licences > least:
        shown.append(f"licence holders of {spoken(market.importer)} gain {currency.amount(licences)}")
    if home["dealers"]:
        shown.append(f"dealers {_gain_or_lose(float(home['dealers']), currency, outcome)}")
    total = f"in all {spoken(market.importer)} {_gain_or_lose(float(home['total']), currency, outcome, one=True)}"
    return f"{sentence('; '.join(shown))}; {total}."


def _rents(outcome: MarketOutcome) -> list[str]:
    rents, currency = outcome.rents, Currency.of(outcome.market.currency)
    if rents.empty:
        return []
    embargo = (rents["volume"] == 0).to_numpy()
    slack, binding = rents[~rents["binding"] & ~embargo], rents[rents["binding"]]
    out = []
    if len(binding):
        hard = np.array([cap.hard for cap in outcome.game.chain.caps])[rents["binding"].to_numpy()]
        prices = binding["licence_price"].to_numpy()
        texts = [
            f"{currency.price(price)} a unit" if fixed else f"{price:.1%} of the duty-paid price"
            for price, fixed in zip(prices, hard, strict=True)
        ]
        low, high = int(prices.argmin()), int(prices.argmax())
        worth = texts[low] if texts[low] == texts[high] else f"{texts[low].removesuffix(' a unit')} to {texts[high]}"
        units = f"{_count(float(binding['volume'].sum()))} units"
        of_rest = f" ({len(slack)} other does not bind)" if len(slack) == 1 else f" ({len(slack)} others do not)"
        what = f"The limit of {units} binds" if len(binding) == 1 else f"{len(binding)} limits bind, {units} together"
        what += of_rest if len(slack) else ""
        whom = " and ".join(
            f"{currency.amount(float(binding[side].sum()))} to {who}"
            for side, who in (("exporters", "the exporting makers"), ("importer", "the importer's licence holders"))
            if binding[side].sum() > 0
        )
        out.append(f"{what}: a licence is worth {worth}, and the rent goes {whom or 'to nobody'}.")
    elif len(slack):
        row = slack.iloc[0]
        first = f"The limit of {_count(row['volume'])} units does not bind ({_count(row['units'])} are sold)."
        out.append(first if len(slack) == 1 else f"None of the {len(slack)} limits binds.")
    return out


def _size(market: Market) -> str:
    size, sold = market.demand.size, float(market.table.quantity.sum())
    if size > sold * (1 + 1e-12):
        return f" in a market of {_count(size)} units, {sold / size:.1%} of them sold"
    return ""


def _parameter(name: str, value: float, market: Market) -> str:
    levels = sum(other.startswith("nesting_") for other in market.parameters)
    words = {"market_elasticity": "elasticity of the market"}.get(name, name.replace("_", " "))
    words = "nesting" if name == "nesting_1" and levels == 1 else words.replace("nesting ", "nesting of level ")
    return f"{words} {value:.4g}{f' per {market.currency}' if name == 'price_coefficient' else ''}"


def _moves(percent: float, after: float = 0.0) -> str:
    """The change in words; behind a change `after` of the same sign without its verb."""
    if abs(percent) < NOISE:
        return "do not change"
    size = f"by {percent_size(percent)}"
    return size if percent * after > 0 else f"{'rise' if percent > 0 else 'fall'} {size}"


def _count(units: float) -> str:
    """Units as in a sentence."""
    return f"{units:,.0f}" if units >= 1000 else f"{units:.6g}"


def _gain_or_lose(money: float, currency: Currency, outcome: MarketOutcome, one: bool = False) -> str:
    if abs(money) <= LEAST * float(outcome.market.table.sales.sum()):
        return "is unaffected" if one else "are unaffected"
    return f"{'gain' if money > 0 else 'lose'}{'s' if one else ''} {currency.amount(money)}"


def _gains_or_loses(money: float, currency: Currency) -> str:
    return f"{'gains' if money > 0 else 'loses'} {currency.amount(money)}"
