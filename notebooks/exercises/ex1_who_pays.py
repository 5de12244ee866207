"""Exercise 1: who pays a tariff, in a small country and in a large one."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="1. Who pays a tariff?")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 1. Who pays a tariff?

    The textbook says: a small country bears its tariff alone, a large one can shift a part of it to the seller. Here
    are Luxembourg and the United States in a world of 44 economies. You need: supply and demand, and the idea of terms
    of trade. About 30 minutes.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    world = ep.load_economy("world2014")
    goods = list(world.sectors[: world.sectors.index("utilities")])
    return ep, goods, mo, pd, world


@app.cell
def _(ep, goods, pd, world):
    def tariff_on_all_goods(country, rate):
        """Solve a tariff on everything that a country imports, on top of what it levies today."""
        return ep.solve(world, [ep.Tariff(importer=country, exporter="WORLD", sector=goods, rate=rate, change="add")])

    small, large = tariff_on_all_goods("LUX", 0.10), tariff_on_all_goods("USA", 0.10)
    columns = ["real_income_pct", "terms_of_trade_pct", "volume_of_trade_pct", "tariff_revenue"]
    first = pd.DataFrame(
        {"Luxembourg": small.countries.loc["LUX", columns], "USA": large.countries.loc["USA", columns]}
    )
    first
    return first, large, small, tariff_on_all_goods


@app.cell(hide_code=True)
def _(first, mo):
    mo.md("""
    **Question 1.** The same 10%. Which country gains more by its terms of trade? Is that what the textbook says?
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                f"Terms of trade are worth {first.loc['terms_of_trade_pct', 'Luxembourg']:.2f}% of income to "
                "Luxembourg and "
                f"{first.loc['terms_of_trade_pct', 'USA']:.2f}% to the United States. It is not what the textbook "
                "says: its "
                "small country sells the same wheat as everybody else. Here (Armington 1969) each country's goods are "
                "its "
                "own, so that even Luxembourg is the only seller of what it sells; and it trades more for its size. "
                "That is "
                "an assumption, and one to state whenever a model finds that a small country gains by a tariff."
            )
        }
    )
    return


@app.cell
def _(pd, tariff_on_all_goods):
    rates = [0.02, 0.05, 0.10, 0.20, 0.30, 0.50]
    curve = pd.DataFrame(
        {
            country: [tariff_on_all_goods(country, rate).countries.loc[country, "real_income_pct"] for rate in rates]
            for country in ("LUX", "USA")
        },
        index=pd.Index(rates, name="points"),
    )
    curve
    return (curve,)


@app.cell(hide_code=True)
def _(curve, mo):
    mo.md(
        "**Question 2.** Near which of these rates does each country do best, if nobody answers? What bends the curve?"
    )
    mo.accordion(
        {
            "Answer": mo.md(
                f"Of these rates, Luxembourg does best at {100 * curve['LUX'].idxmax():.0f} points and the United "
                "States "
                f"at {100 * curve['USA'].idxmax():.0f}. The gain from better prices grows in proportion to the rate; "
                "the "
                "loss from trade that no longer takes place grows with its square (Harberger's triangle). With one "
                "sector "
                "a small country's best rate is 1/theta (Gros 1987): market power over its own variety, no more."
            )
        }
    )
    return


@app.cell
def _(large):
    passed = large.measures[["pass_through", "revenue"]]
    prices = large.sectors.loc["USA", ["price_pct", "producer_price_pct", "import_share"]].nlargest(6, "price_pct")
    prices
    return passed, prices


@app.cell(hide_code=True)
def _(mo, passed):
    mo.md("""
    **Question 3.** `pass_through` is the part of the tariff by which buyers pay more than the seller receives less. It
    is near one although terms of trade improve. Where, then, does the gain in terms of trade come from?
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                f"Pass-through is {100 * passed['pass_through'].iloc[0]:.0f}%: sellers hardly cut their prices in the "
                "world's "
                "money. But wages at home rise against wages abroad when demand turns to home products, so that what "
                "the "
                "country sells is dearer against what it buys. Look at `real_wage_pct` and `producer_price_pct`."
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **On your own.** Repeat question 2 with `closure=ep.Closure(deficit="balanced")`. Does the best rate change? Then
    let every country levy the 10%: `importer=world.countries`. Who is left to pay?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex1_who_pays.py")
    return


if __name__ == "__main__":
    app.run()
