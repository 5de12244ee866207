"""The picture of a Market's answer: the change of each maker's profit and of each product's price."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from entrepot.report.figures import PALETTE, svg
from entrepot.studies.currency_amounts import Currency
from entrepot.studies.market_question import MarketAnswer
from entrepot.studies.market_tables import firms_frame, market_title
from entrepot.words import spoken

#: The most makers and products that are drawn: those that change most.
MOST = 20
#: Pixels of a bar with the space beside it, and of the width of a panel.
STEP, WIDTH = 24, 420
#: Letters of a line under the title, and of a name.
TITLE_LINE, NAME = 74, 280
ABROAD = "owned abroad"


def market_figure(answer: MarketAnswer) -> str:
    """Return the picture as SVG. `answer` has an outcome."""
    outcome = answer.outcome
    assert outcome is not None
    chart = alt.vconcat(_profits(answer), _price_changes(answer), spacing=24).resolve_scale(
        color="independent", opacity="independent"
    )
    measures = [measure.title for measure in outcome.measures]
    text = "; ".join(measures[:3]) + (f" and {len(measures) - 3} more" if len(measures) > 3 else "")
    title = alt.TitleParams(
        market_title(answer.market), subtitle=textwrap.wrap(text, TITLE_LINE, max_lines=3), anchor="start"
    )
    return svg(chart.properties(title=title), f"Change of profits and prices, {market_title(answer.market)}, {text}")


def _profits(answer: MarketAnswer) -> Any:
    assert answer.outcome is not None
    importer = answer.market.importer
    frame = firms_frame(answer.outcome)
    shown = frame.loc[frame["profit_change"].abs().nlargest(MOST).index.sort_values()]
    unit, divisor = Currency.of(answer.market.currency).unit(shown["with_rent_change"])
    home = f"owned in {spoken(importer)}"
    parts = [("profit", "profit_change")] + ([("licence rent", "rent")] if shown["rent"].any() else [])
    data = pd.concat(
        [
            pd.DataFrame(
                {
                    "maker": shown["firm"],
                    "money": shown[key] / divisor,
                    "of": what,
                    "owner": np.where(shown["owner"] == importer, home, ABROAD),
                }
            )
            for what, key in parts
        ]
    )
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("money:Q", title=f"Change of profit, {unit}{_of_all(len(shown), len(frame), 'makers')}"),
            y=alt.Y("maker:N", sort=list(shown["firm"]), title=None, axis=alt.Axis(labelLimit=NAME)),
            color=alt.Color(
                "owner:N",
                title=None,
                scale=alt.Scale(domain=[home, ABROAD], range=PALETTE[:2]),
                sort=[home, ABROAD],
            ),
        )
    )
    if len(parts) > 1:
        kinds = [what for what, _ in parts]
        bars = bars.encode(
            opacity=alt.Opacity(
                "of:N",
                scale=alt.Scale(domain=kinds, range=[1.0, 0.45]),
                legend=alt.Legend(title=None, symbolType="square", symbolFillColor="#888888", symbolStrokeWidth=0),
            )
        )
    return (bars + _zero()).properties(width=WIDTH, height=STEP * len(shown))


def _price_changes(answer: MarketAnswer) -> Any:
    assert answer.outcome is not None
    frame = answer.outcome.products
    frame = frame[frame["price_pct"].notna()]
    shown = frame.loc[frame["price_pct"].abs().nlargest(MOST).index.sort_values()]
    of_all = _of_all(len(shown), len(frame), "products")
    foreign = (shown["plant"] != answer.market.importer).to_numpy()
    names = [f"{row.product} ({row.plant})" for row in shown.itertuples()]
    kinds = ["to buyers", "at the border"]
    bars = pd.DataFrame({"product": names, "percent": shown["price_pct"], "what": kinds[0]})
    marks = pd.DataFrame({"product": names, "percent": shown["border_price_pct"], "what": kinds[1]})[foreign]
    colour = alt.Color("what:N", title=None, scale=alt.Scale(domain=kinds, range=[PALETTE[4], PALETTE[5]]), sort=kinds)
    y = alt.Y("product:N", sort=names, title=None, axis=alt.Axis(labelLimit=NAME))
    x = alt.X("percent:Q", title=f"Change of price, %{of_all}")
    layers = [
        alt.Chart(bars).mark_bar().encode(x=x, y=y, color=colour),
        alt.Chart(marks).mark_point(filled=True, shape="diamond", size=90, opacity=1).encode(x=x, y=y, color=colour),
        _zero(),
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=STEP * len(shown))


def _of_all(shown: int, all_of_them: int, what: str) -> str:
    """Say how many are drawn, where that is not all."""
    return "" if shown == all_of_them else f" (the {shown} of {all_of_them} {what} that change most)"


def _zero() -> Any:
    return alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color="#777777").encode(x="x:Q")
