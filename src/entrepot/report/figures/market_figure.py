"""The figure of a Market's answer: the change of each maker's profit and of each product's price."""

from __future__ import annotations

from typing import Any, NamedTuple

from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL, worth
from entrepot.report.figures.study_figure import spoken_groups
from entrepot.report.figures.svg_frame import Panel
from entrepot.studies.currency_amounts import Currency
from entrepot.studies.market_question import MarketAnswer
from entrepot.studies.market_tables import firms_frame, market_title
from entrepot.studies.result_table import ResultTable, TableColumn
from entrepot.version import __version__
from entrepot.words import signed_number, spoken

#: The most makers and products that are drawn: those that change most.
MOST = 20


class _Part(NamedTuple):
    """A panel before it is drawn: its heading, bars by the heading of their group, and the title of its axis."""

    heading: str
    groups: dict[str, list[Bar]]
    axis: str

    @property
    def panel(self) -> Panel:
        made = [BarGroup(f"{head[:1].upper()}{head[1:]}", tuple(bars)) for head, bars in self.groups.items()]
        return bar_panel(made, self.axis, heading=self.heading)


def market_figure(answer: MarketAnswer) -> Figure:
    """Return the figure. `answer` has an outcome."""
    outcome = answer.outcome
    assert outcome is not None
    profits, first, title = _profits(answer)
    prices, second = _price_changes(answer)
    measures = [measure.title for measure in outcome.measures]
    text = "; ".join(measures[:3]) + (f" and {len(measures) - 3} more" if len(measures) > 3 else "")
    name = market_title(answer.market)
    subtitle = f"{name}. {text[0].upper()}{text[1:]}."
    columns = (
        TableColumn("quantity"),
        TableColumn("of"),
        TableColumn("owner or plant"),
        TableColumn("value", "", f"{answer.market.currency} or %", True),
    )
    provenance = {"market": name, "measures": text, "version": f"Entrepot {__version__}"}
    table = ResultTable("market", title, columns, (*profits, *prices), (subtitle,), provenance, None, 3)
    parts = [part for part in (first, second) if any(part.groups.values())]
    says = " ".join([subtitle, *(f"{part.heading}: {spoken_groups(part.groups)}" for part in parts)])
    panels = [part.panel for part in parts]
    foot = (f"Source: the market {name}; Entrepot {__version__}.",)
    return Figure("market", title, subtitle, table, says, foot, tuple(panels))


def _profits(answer: MarketAnswer) -> tuple[list[tuple[Any, ...]], _Part, str]:
    """Return rows, the panel (heading, bars, axis) and the finding of the makers' profits."""
    assert answer.outcome is not None
    importer = answer.market.importer
    frame = firms_frame(answer.outcome)
    shown = frame.loc[frame["profit_change"].abs().nlargest(MOST).index.sort_values()]
    unit, divisor = Currency.of(answer.market.currency).unit(shown["with_rent_change"])
    home = f"owned in {spoken(importer)}"
    groups: dict[str, list[Bar]] = {}
    rows: list[tuple[Any, ...]] = []
    for row in shown.itertuples():
        change, rent = float(row.profit_change), float(row.rent)
        total = (change + rent) / divisor
        bars = groups.setdefault(home if row.owner == importer else "owned abroad", [])
        bars.append(Bar(str(row.firm), total, signed_number(total), worth(total)))
        rows.append(("change of profit", row.firm, row.owner, change))
        if rent:
            bars.append(Bar("   of it licences", rent / divisor, signed_number(rent / divisor), NEUTRAL))
            rows.append(("licence rent", row.firm, row.owner, rent))
    what = "Change of profit with the licences held" if shown["rent"].any() else "Change of profit"
    at_home = (frame["owner"] == importer).to_numpy()
    both = frame["profit_change"] + frame["rent"]
    parts = [f"makers {home} {_gain(answer, both[at_home].sum())}"] if at_home.any() else []
    if (~at_home).any():
        parts.append(f"{'those' if parts else 'makers'} owned abroad {_gain(answer, both[~at_home].sum())}")
    title = " and ".join(parts)
    heading = f"{what}, {unit}{_of_all(len(shown), len(frame), 'makers')}"
    return rows, _Part(heading, groups, unit), f"{title[0].upper()}{title[1:]}."


def _gain(answer: MarketAnswer, amount: float) -> str:
    return f"{'gain' if amount > 0 else 'lose'} {Currency.of(answer.market.currency).amount(amount)}"


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
        at_border = f" (border {_pct(border)})" if foreign and abs(border - price) >= 0.05 else ""
        bars.append(Bar(f"{row.product} ({row.plant})", price, f"{_pct(price)}{at_border}", worth(price, good=False)))
        rows.append(("price to buyers, %", row.product, row.plant, price))
        if foreign:
            rows.append(("price at the border, %", row.product, row.plant, border))
    heading = f"Change of the price to buyers, %{_of_all(len(shown), len(frame), 'products')}"
    return rows, _Part(heading, {"": bars}, "change of price, %")


def _pct(value: float) -> str:
    return f"{signed_number(value)}%"


def _of_all(shown: int, all_of_them: int, what: str) -> str:
    """Say how many are drawn, where that is not all."""
    return "" if shown == all_of_them else f" (the {shown} of {all_of_them} {what} that change most)"
