"""The figure of a Market's answer: the change of each maker's profit and of each product's price."""

from __future__ import annotations

from typing import Any, NamedTuple

from entrepot.languages import in_english, localised, translated
from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL, worth
from entrepot.report.figures.study_figure import spoken_groups
from entrepot.report.figures.svg_frame import Panel
from entrepot.studies.currency_amounts import Currency
from entrepot.studies.market_question import MarketAnswer
from entrepot.studies.market_tables import firms_frame, market_title
from entrepot.studies.result_table import ResultTable, TableColumn
from entrepot.studies.titles import measure_in_words
from entrepot.version import __version__
from entrepot.words import and_list, sentence, signed_number, spoken

#: The most makers and products that are drawn: those that change most.
MOST = 20


class _Part(NamedTuple):
    """A panel before it is drawn: its heading, bars by the heading of their group, and the title of its axis."""

    heading: str
    groups: dict[str, list[Bar]]
    axis: str

    @property
    def panel(self) -> Panel:
        made = [BarGroup(sentence(head), tuple(bars)) for head, bars in self.groups.items()]
        return bar_panel(made, self.axis, heading=self.heading)


def market_figure(answer: MarketAnswer) -> Figure:
    """Return the figure. `answer` has an outcome."""
    outcome = answer.outcome
    assert outcome is not None
    profits, first, title = _profits(answer)
    prices, second = _price_changes(answer)
    measures = [m.title if in_english() else measure_in_words(m) for m in outcome.measures]
    text = translated("; ").join(measures[:3])
    if len(measures) > 3:
        text = translated("{names} and {number} more", names=text, number=len(measures) - 3)
    name = market_title(answer.market)
    subtitle = f"{name}. {sentence(text)}."
    columns = (
        TableColumn("quantity"),
        TableColumn("of"),
        TableColumn("owner or plant"),
        TableColumn("value", "", translated("{currency} or %", currency=answer.market.currency), True),
    )
    provenance = {"market": name, "measures": text, "version": f"Entrepot {__version__}"}
    table = ResultTable("market", title, columns, (*profits, *prices), (subtitle,), provenance, None, 3)
    parts = [part for part in (first, second) if any(part.groups.values())]
    says = " ".join([subtitle, *(f"{part.heading}: {spoken_groups(part.groups)}" for part in parts)])
    panels = [part.panel for part in parts]
    foot = (translated("Source: the market {name}; Entrepot {version}.", name=name, version=__version__),)
    return Figure("market", title, subtitle, table, says, foot, tuple(panels))


def _profits(answer: MarketAnswer) -> tuple[list[tuple[Any, ...]], _Part, str]:
    """Return rows, the panel (heading, bars, axis) and the finding of the makers' profits."""
    assert answer.outcome is not None
    importer = answer.market.importer
    frame = firms_frame(answer.outcome)
    shown = frame.loc[frame["profit_change"].abs().nlargest(MOST).index.sort_values()]
    currency = Currency.of(answer.market.currency)
    stated, divisor = currency.unit(shown["with_rent_change"])
    unit = stated if in_english() else currency.in_words(stated)
    home, abroad = translated("owned in {country}", country=spoken(importer)), translated("owned abroad")
    groups: dict[str, list[Bar]] = {}
    rows: list[tuple[Any, ...]] = []
    for row in shown.itertuples():
        change, rent = float(row.profit_change), float(row.rent)
        total = (change + rent) / divisor
        bars = groups.setdefault(home if row.owner == importer else abroad, [])
        bars.append(Bar(str(row.firm), total, signed_number(total), worth(total)))
        rows.append((translated("change of profit"), row.firm, row.owner, change))
        if rent:
            bars.append(
                Bar(f"   {translated('of it licences')}", rent / divisor, signed_number(rent / divisor), NEUTRAL)
            )
            rows.append((translated("licence rent"), row.firm, row.owner, rent))
    heading = translated(
        "Change of profit with the licences held, {unit}" if shown["rent"].any() else "Change of profit, {unit}",
        unit=unit,
    )
    at_home = (frame["owner"] == importer).to_numpy()
    both = frame["profit_change"] + frame["rent"]
    parts = [_gain(answer, both[at_home].sum(), "at home")] if at_home.any() else []
    if (~at_home).any():
        parts.append(_gain(answer, both[~at_home].sum(), "others" if parts else "abroad"))
    if len(shown) < len(frame):
        counts = {"shown": len(shown), "count": len(frame)}
        heading = translated("{heading} (the {shown} of {count} makers that change most)", heading=heading, **counts)
    return rows, _Part(heading, groups, unit), f"{sentence(and_list(parts))}."


def _gain(answer: MarketAnswer, amount: float, who: str) -> str:
    """Return what the makers owned at home, those abroad, or "others" after those at home, gain or lose."""
    says = {
        "at home": ("makers owned in {country} gain {money}", "makers owned in {country} lose {money}"),
        "abroad": ("makers owned abroad gain {money}", "makers owned abroad lose {money}"),
        "others": ("those owned abroad gain {money}", "those owned abroad lose {money}"),
    }[who]
    country, money = spoken(answer.market.importer), Currency.of(answer.market.currency).amount(amount)
    return translated(says[0] if amount > 0 else says[1], country=country, money=money)


def _price_changes(answer: MarketAnswer) -> tuple[list[tuple[Any, ...]], _Part]:
    """Return rows and the panel of the products' prices: to buyers, and at the border for what is imported."""
    assert answer.outcome is not None
    frame = answer.outcome.products
    frame = frame[frame["price_pct"].notna()]
    shown = frame.loc[frame["price_pct"].abs().nlargest(MOST).index.sort_values()]
    bars, rows = [], []
    for row in shown.itertuples():
        price, border = float(row.price_pct), float(row.border_price_pct)
        foreign = row.plant != answer.market.importer and border == border
        text = _pct(price)
        if foreign and abs(border - price) >= 0.05:
            text = translated("{change} (border {at_border})", change=text, at_border=_pct(border))
        bars.append(Bar(f"{row.product} ({row.plant})", price, text, worth(price, good=False)))
        rows.append((translated("price to buyers, %"), row.product, row.plant, price))
        if foreign:
            rows.append((translated("price at the border, %"), row.product, row.plant, border))
    heading = translated("Change of the price to buyers, %")
    if len(shown) < len(frame):
        counts = {"shown": len(shown), "count": len(frame)}
        heading = translated("{heading} (the {shown} of {count} products that change most)", heading=heading, **counts)
    return rows, _Part(heading, {"": bars}, translated("change of price, %"))


def _pct(value: float) -> str:
    return f"{signed_number(value)}{localised('%')}"
