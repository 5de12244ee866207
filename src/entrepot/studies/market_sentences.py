"""What a Market's answer says in words: prices, who gains and loses, who holds the rent, and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.languages import in_english, localised, plural, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.markets import Market, MarketOutcome
from entrepot.markets.calibrated_market import CalibratedMarket
from entrepot.studies.currency_amounts import Currency
from entrepot.studies.market_question import MarketAlternatives, MarketAnswer
from entrepot.words import NOISE, and_list, ended, few, figure, percent_size, sentence, spoken

if TYPE_CHECKING:
    import pandas as pd

#: Changes of money below this part of the buyers' spending are none.
LEAST = 1e-9


def market_sentences(answer: MarketAnswer) -> list[str]:
    """Return the answer in one to four sentences."""
    if answer.outcome is None:
        return _base_sentences(answer.market)
    rents, outcome = _rents(answer.outcome), answer.outcome
    still = np.abs(outcome.prices / answer.market.table.price - 1).max() < NOISE / 100  # NaN where a product is gone
    if rents and still:
        return [translated("{sentence}, so nothing changes.", sentence=rents[0])]
    return [*_prices(answer), _gains(outcome), *(ended(rent) for rent in rents)]


def market_basis(answer: MarketAnswer) -> str:
    """Return what the answer stands on: demand with its parameter, conduct, and how well the conditions hold."""
    market = answer.market
    parts = [_demand_and_conduct(market), *market_parameters(market)]
    elasticity = market.products["own_elasticity"].to_numpy()
    low, high = localised(f"{elasticity.max():.2f}"), localised(f"{elasticity.min():.2f}")
    parts.append(translated("own-price elasticities {low} to {high}", low=low, high=high))
    if answer.outcome is not None:
        gap = f"{answer.outcome.residual:.0e}"
        parts.append(translated("largest gap in any condition {gap} of the mean price", gap=gap))
    return ended(translated("; ").join(parts))


def market_parameters(market: Market) -> list[str]:
    """Return the parameters of demand in words, but for the size of the market."""
    return [_parameter(name, value, market) for name, value in market.parameters.items() if name != "market_size"]


def alternatives_fitted(found: MarketAlternatives) -> str:
    """Return the parameters of demand under each, where they differ."""
    fitted = {
        row.title: translated(", ").join(market_parameters(row.answer.market)) for row in found.rows if row.answer
    }
    if len(set(fitted.values())) == 1:
        return next(iter(fitted.values()))
    each = [translated("{heading}: {text}", heading=translated(title), text=text) for title, text in fitted.items()]
    return translated("; ").join(each)


def alternatives_reasons(found: MarketAlternatives) -> list[str]:
    """Return why some have no answer, and what was fitted or read otherwise under some."""
    lost = [
        translated(
            "No answer under {name}: {reason}", name=translated(row.title), reason=translated_error(str(row.reason))
        )
        for row in found.rows
        if row.answer is None
    ]
    fitted = [
        translated("{heading}: {text}", heading=translated(row.title), text=translated_error(note))
        for row in found.rows
        if row.answer is not None
        for note in row.answer.market.notes
        if "was fitted to the margins" in note
    ]
    sized = found.question.options.get("market_size") is not None and found.question.side_by_side == "demand"
    one = translated("The market's size is in units: CES takes it in money at the mean price, AIDS has no outside good")
    return [*lost, *fitted, *([one] if sized else [])]


def alternatives_sentences(found: MarketAlternatives) -> list[str]:
    """Return how far the answers lie apart."""
    answers = [row for row in found.rows if row.answer is not None]
    if found.first.outcome is None:
        names = and_list([translated(row.title) for row in answers])
        return [translated("The same products under {names}; give a measure to compare its effects.", names=names)]
    currency, importer = Currency.of(found.first.market.currency), found.first.market.importer
    prices, welfare = [], []
    for row in answers:
        assert row.answer is not None
        assert row.answer.outcome is not None
        title = translated(row.title)
        prices.append((row.answer.outcome.price_pct(row.answer.hit), title))
        totals = row.answer.outcome.welfare.set_index("country")["total"]
        welfare.append((float(totals[importer]), title))
    out = []
    known = sorted(price for price in prices if price[0] == price[0])
    if known:
        (low, first), (high, last) = known[0], known[-1]
        out.append(
            translated(
                "Prices of {goods} to buyers {low} under {first} and {high} under {last}."
                if len(known) > 1
                else "Prices of {goods} to buyers {low} under {first}.",
                goods=_whose(found.first),
                low=_moves(low),
                first=first,
                high=_moves(high, low),
                last=last,
            )
        )
    (low, first), (high, last) = min(welfare), max(welfare)
    gains, loses = "{who} gains {low} under {first}.", "{who} loses {low} under {first}."
    if len(welfare) > 1:
        gains = "{who} gains under each: {low} under {first}, {high} under {last}."
        loses = "{who} loses under each: {low} under {first}, {high} under {last}."
    either = "Whether {who} gains depends on it: it gains {high} under {last} and loses {low} under {first}."
    same = len(welfare) == 1 or low * high > 0
    out.append(
        translated(
            (gains if low > 0 else loses) if same else either,
            who=sentence(spoken(importer)) if same else spoken(importer),
            low=currency.amount(low),
            first=first,
            high=currency.amount(high),
            last=last,
        )
    )
    return out


def _whose(answer: MarketAnswer) -> str:
    """Which imports the prices of alternatives are of."""
    return translated("imports" if (answer.hit == answer.foreign).all() else "imports under the measures")


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
        translated(
            "Buyers spend {money} on {units} units; {share} of it goes to imports, and makers earn {profit}.",
            money=currency.amount(float(t.sales.sum())),
            units=_count(float(t.quantity.sum())),
            share=_percent(share),
            profit=currency.amount(float((margin * t.sales).sum())),
        ),
        translated(
            "Margins over price are {mean} on average, from {low} ({lowest}) to {high} ({highest}); costs follow from "
            "them.",
            mean=_percent(mean),
            low=_percent(margin[low]),
            lowest=t.product[low],
            high=_percent(margin[high]),
            highest=t.product[high],
        ),
    ]


def _prices(answer: MarketAnswer) -> list[str]:
    """Prices of the imports under measures, of other imports, and of what home plants make."""
    foreign, under, outcome = answer.foreign, answer.under, answer.outcome
    assert outcome is not None
    gone = [name for name, sold in zip(answer.market.table.product, outcome.sold, strict=True) if not sold]
    parts = []
    hit, others, home = foreign & under, foreign & ~under, ~foreign
    both = hit.any() and others.any()
    for of in (hit, others):
        buyers, border = outcome.price_pct(of), outcome.price_pct(of, at_border=True)
        if buyers == buyers:
            if not both:
                says = "prices of imports {change} to buyers and {at_border} at the border"
            elif of is hit:
                says = "prices of imports under the measures {change} to buyers and {at_border} at the border"
            else:
                says = "prices of other imports {change} to buyers"
            clause = translated(says, change=_moves(buyers), at_border=_moves(border, buyers))
            parts.append(_with_units(clause, outcome, of))
    if home.any():
        says = "those of home plants {change}" if parts else "prices of home plants {change}"
        clause = translated(says, change=_moves(outcome.price_pct(home)))
        parts.append(_with_units(clause, outcome, home))
    out = [ended(sentence(translated("; ").join(parts)))] if parts else []
    if not gone:
        return out
    off = "{products} is off the market." if len(gone) == 1 else "{products} are off the market."
    return [translated(off, products=sentence(few(gone))), *out]


def _with_units(clause: str, outcome: MarketOutcome, of: NDArray[np.bool_]) -> str:
    """Return a clause on prices, with the change of units in brackets where there is any."""
    change = outcome.units_pct(of)
    if abs(change) < NOISE:
        return clause
    moved = f"{'+' if change > 0 else '-'}{percent_size(change)}"
    return translated("{sentence} (units {change})", sentence=clause, change=moved)


#: Makers of a country gain, lose, or neither; and where they hold licences too.
_MAKERS = (
    "makers of {country} gain {money}",
    "makers of {country} lose {money}",
    "makers of {country} are unaffected",
)
_MAKERS_WITH_LICENCES = (
    "makers of {country} gain {money} before {rent} of licence rent",
    "makers of {country} lose {money} before {rent} of licence rent",
    "makers of {country} earn {rent} of licence rent",
)
_TREASURY = ("the Treasury gains {money}", "the Treasury loses {money}", "the Treasury is unaffected")
_OTHER_TREASURY = (
    "the treasury of {country} gains {money}",
    "the treasury of {country} loses {money}",
    "the treasury of {country} is unaffected",
)
_DEALERS = ("dealers gain {money}", "dealers lose {money}", "dealers are unaffected")
_ALL = ("in all {country} gains {money}", "in all {country} loses {money}", "in all {country} is unaffected")


def _gains(outcome: MarketOutcome) -> str:
    """Makers by the country of their owners, buyers, the Treasury, dealers, and all of the importer."""
    table, importer = outcome.welfare.set_index("country"), outcome.market.importer
    home, least, surplus = table.loc[importer], _least(outcome), outcome.consumer_surplus
    shown = _gains_of_makers(outcome, table["profits"])
    shown.append(gain_clause("buyers gain {money}", "buyers lose {money}", "buyers are unaffected", surplus, outcome))
    treasury = float(home["duties"] + home["other_revenue"])
    if abs(treasury) > least:
        shown.append(gain_clause(*_TREASURY, treasury, outcome))
    for country, revenue in table["other_revenue"].drop(importer).items():
        if abs(revenue) > least:
            shown.append(gain_clause(*_OTHER_TREASURY, float(revenue), outcome, country=spoken(country)))
    licences = float(outcome.accounts["rent_importer"].sum())
    if licences > least:
        money = Currency.of(outcome.market.currency).amount(licences)
        text = "licence holders of {country} gain {money}"
        shown.append(translated(text, country=spoken(importer), money=money))
    if home["dealers"]:
        shown.append(gain_clause(*_DEALERS, float(home["dealers"]), outcome))
    shown.append(gain_clause(*_ALL, float(home["total"]), outcome, country=spoken(importer)))
    return ended(sentence(translated("; ").join(shown)))


def _gains_of_makers(outcome: MarketOutcome, profits: pd.Series) -> list[str]:
    """Return clauses for four countries of owners at most, the importer first and then by the change of `profits`."""
    market, currency = outcome.market, Currency.of(outcome.market.currency)
    owner, licences = np.array(market.table.owner), outcome.by_product("rent_exporters")
    out = []
    for country in sorted(
        dict.fromkeys(market.table.owner), key=lambda c: (c != market.importer, -abs(float(profits[c])))
    ):
        rent = float(licences[owner == country].sum())
        clauses = _MAKERS_WITH_LICENCES if rent > _least(outcome) else _MAKERS
        names = {"country": spoken(country), "rent": currency.amount(rent)}
        out.append(gain_clause(*clauses, float(profits[country]), outcome, **names))
    if len(out) > 4:
        out[4:] = [translated("those of {number} other countries are in the tables", number=len(out) - 4)]
    return out


def _least(outcome: MarketOutcome) -> float:
    """Return the smallest change of money that counts."""
    return LEAST * float(outcome.market.table.sales.sum())


def gain_clause(gains: str, loses: str, unaffected: str, money: float, outcome: MarketOutcome, **names: str) -> str:
    """Return one of three messages by the sign of an amount, which is `{money}` in them."""
    if abs(money) <= _least(outcome):
        return translated(unaffected, **names)
    amount = Currency.of(outcome.market.currency).amount(money)
    return translated(gains if money > 0 else loses, money=amount, **names)


def _rents(outcome: MarketOutcome) -> list[str]:
    """Return what quotas are worth and to whom, or that they do not bind, as sentences without their full stop."""
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
            translated("{money} a unit", money=currency.price(price))
            if fixed
            else translated("{share} of the duty-paid price", share=_percent(price))
            for price, fixed in zip(prices, hard, strict=True)
        ]
        low, high = int(prices.argmin()), int(prices.argmax())
        worth: str = texts[low]
        if texts[low] != texts[high]:
            least = currency.price(prices[low]) if hard[low] else texts[low]
            worth = translated("{low} to {high}", low=least, high=texts[high])
        what = _binding(binding, ~hard)
        if len(slack):
            one, many = "{sentence} ({number} other does not bind)", "{sentence} ({number} others do not bind)"
            what = plural(one, many, len(slack), sentence=what)
        exporters, importer = float(binding["exporters"].sum()), float(binding["importer"].sum())
        whom = []
        if exporters > 0:
            whom.append(translated("{money} to the exporting makers", money=currency.amount(exporters)))
        if importer > 0:
            whom.append(translated("{money} to the importer's licence holders", money=currency.amount(importer)))
        out.append(
            translated(
                "{sentence}: a licence is worth {worth}, and the rent goes {whom}",
                sentence=what,
                worth=worth,
                whom=and_list(whom) if whom else translated("to nobody"),
            )
        )
    elif len(slack) == 1:
        row = slack.iloc[0]
        text = "The limit of {units} units does not bind ({sold} are sold)"
        out.append(translated(text, units=_count(row["volume"]), sold=_count(row["units"])))
    elif len(slack):
        out.append(translated("None of the {number} limits binds", number=len(slack)))
    return out


def _binding(rents: pd.DataFrame, places: NDArray[np.bool_]) -> str:
    """Return how much limits allow that bind, and where more is sold beyond a tariff-rate quota, at its higher duty.

    places  which of them are tariff-rate quotas
    """
    beyond = places & beyond_volume(rents)
    names = {"units": _count(float(rents["volume"].sum())), "sold": _count(float(rents["units"].sum()))}
    if len(rents) == 1:
        one = "The limit of {units} units binds"
        return translated("Beyond the quota of {units} units {sold} are sold in all" if beyond.any() else one, **names)
    what = translated("{number} limits bind, {units} units together", number=len(rents), **names)
    if not beyond.any():
        return what
    single = "{sentence}, and beyond one of them more is sold at the higher duty"
    several = "{sentence}, and beyond {number} of them more is sold at the higher duty"
    return plural(single, several, int(beyond.sum()), sentence=what)


def beyond_volume(rents: pd.DataFrame) -> NDArray[np.bool_]:
    """Return of which quotas more units are sold than they hold."""
    beyond: NDArray[np.bool_] = (rents["units"] > rents["volume"] * (1 + 1e-9)).to_numpy()
    return beyond


def _demand_and_conduct(market: Market) -> str:
    """Return the demand system with the part of its market that is sold, and the conduct."""
    size, sold = market.demand.size, float(market.table.quantity.sum())
    money = money_of_outside_good(market)
    names = {"demand": sentence(translated(market.demand.title)), "conduct": translated(market.conduct.title)}
    if size > sold * (1 + 1e-12):
        return translated(
            "{demand} demand in a market of {units} units, {share} of them sold, {conduct}",
            units=_count(size),
            share=_percent(sold / size),
            **names,
        )
    if money is not None:
        return translated(
            "{demand} demand in a market of {money}, {share} of it spent on these products, {conduct}",
            money=Currency.of(market.currency).amount(money),
            share=_percent(float(market.table.sales.sum()) / money),
            **names,
        )
    return translated("{demand} demand, {conduct}", **names)


def money_of_outside_good(market: CalibratedMarket) -> float | None:
    """Return what could be spent in a market whose outside good is counted in money: CES with a market size."""
    return market.parameters.get("market_size") if market.demand.name == "ces" else None


def _parameter(name: str, value: float, market: Market) -> str:
    levels = sum(other.startswith("nesting_") for other in market.parameters)
    number = localised(figure(value, 4))
    if name == "market_elasticity":
        alone, together = "elasticity of the market {number}", "elasticity of the market with its outside good {number}"
        return translated(alone if money_of_outside_good(market) is None else together, number=number)
    if name == "price_coefficient":
        return translated("price coefficient {number} per {currency}", number=number, currency=market.currency)
    if name.startswith("nesting_"):
        one = levels == 1 and name == "nesting_1"
        message = "nesting {number}" if one else "nesting of level {level} {number}"
        return translated(message, number=number, level=name.removeprefix("nesting_"))
    return translated("{name} {number}", name=translated(name.replace("_", " ")), number=number)


def _moves(percent: float, after: float = 0.0) -> str:
    """The change in words; in English behind a change `after` of the same sign without its verb."""
    if abs(percent) < NOISE:
        return translated("do not change")
    size = percent_size(percent)
    if percent * after > 0 and in_english():
        return f"by {size}"
    return translated("rise by {percent}" if percent > 0 else "fall by {percent}", percent=size)


def _count(units: float) -> str:
    """Units as in a sentence."""
    return localised(f"{units:,.0f}" if units >= 1000 else f"{units:.6g}")


def _percent(part: float) -> str:
    """A part of one in percent, with one decimal."""
    return localised(f"{part:.1%}")
