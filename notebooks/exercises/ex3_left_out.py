"""Exercise 3: what it costs to be left out of a trade agreement."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="3. Left out")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 3. Left out

    In 2018 and 2019 Japan freed farm goods from Europe and from the Pacific countries of the CPTPP. American farmers
    went on paying full duty. You need: trade creation and trade diversion (Viner 1950). About 30 minutes.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    world = ep.load_economy("world2014")
    farm = {"importer": "JPN", "sector": ["agriculture", "food"], "rate": 0.0}
    return ep, farm, mo, pd, world


@app.cell
def _(ep, farm, world):
    left_out = ep.solve(world, [ep.Tariff(exporter=["CPTPP_2019", "EU28"], **farm)])
    let_in = ep.solve(world, [ep.Tariff(exporter=["CPTPP_2019", "EU28", "USA"], **farm)])
    everyone = ep.solve(world, [ep.Tariff(exporter="WORLD", **farm)])
    outcomes = {"left out": left_out, "let in": let_in, "everyone": everyone}
    return left_out, outcomes


@app.cell
def _(outcomes, pd):
    gains = pd.DataFrame({name: o.countries["equivalent_variation"] for name, o in outcomes.items()})
    gains.loc[["JPN", "USA", "AUS", "CAN", "CHN"]].round(0)
    return (gains,)


@app.cell(hide_code=True)
def _(gains, mo):
    mo.md("**Question 1.** Rank the three for Japan and for the United States. Which of them is Japan's own best?")
    mo.accordion(
        {
            "Answer": mo.md(
                f"Japan: {gains.loc['JPN'].round(0).astype(int).to_dict()}. United States: "
                f"{gains.loc['USA'].round(0).astype(int).to_dict()} (millions of dollars). Japan loses by each: its "
                "duties on "
                "food turn the terms of trade its way, and it gives them up for nothing. That is why such deals are "
                "swaps."
            )
        }
    )
    return


@app.cell
def _(left_out, pd):
    imports = left_out.trade[["value_base", "value"]].sel(importer="JPN", sector="food").to_dataframe()
    imports = imports[["value_base", "value"]].drop("JPN")
    change = imports["value"] - imports["value_base"]
    diversion = pd.DataFrame({"gained": change.nlargest(5), "lost": change.nsmallest(5)}).round(0)
    diversion
    return change, diversion


@app.cell(hide_code=True)
def _(change, mo):
    mo.md("""
    **Question 2.** How much of the partners' new sales of food is trade created, and how much is taken from others?
    """)
    _up, _down = change[change > 0].sum(), -change[change < 0].sum()
    mo.accordion(
        {
            "Answer": mo.md(
                f"Partners sell {_up:,.0f} million dollars more and others {_down:,.0f} million less: "
                f"{100 * _down / _up:.0f}% is "
                "diverted from other foreign sellers; the rest replaces Japan's own products or is new spending."
            )
        }
    )
    return


@app.cell
def _(left_out, outcomes, pd):
    duties = pd.DataFrame(
        {
            "terms of trade, % of income": {
                n: o.countries.loc["JPN", "terms_of_trade_pct"] for n, o in outcomes.items()
            },
            "tariff revenue, US$ million": {n: o.countries.loc["JPN", "tariff_revenue"] for n, o in outcomes.items()},
        }
    )
    parts = left_out.decomposition.loc[["JPN", "USA"]]
    duties.round(3)
    return duties, parts


@app.cell
def _(parts):
    parts.round(4)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Question 3.** `decomposition` splits each country's gain exactly into parts. American food loses sales in Japan.
    Does the United States lose, and why not? Which part of Japan's answer do Viner's creation and diversion make up?
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                "Farmers lose a market; the country does not lose by it here. Its farm workers move to other sectors "
                "at "
                "the same wage, its other exports to Japan grow, and Japan's own goods become cheaper to it. A model "
                "in "
                "which they cannot move says otherwise: try `closure=ep.Closure(horizon='short', labour_share=0.6)`. "
                "In "
                "Japan, creation and diversion are in the volume of trade: more trade at prices below what it is "
                "worth to "
                "buyers, less the duty that is no longer collected on dearer preferred sources."
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **On your own.** In October 2019 the United States was let in, and paid with a promise not to tax cars. Add the car
    tariff to `left_out` and compare: which of the two was worth more to Japan?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex3_left_out.py")
    return


if __name__ == "__main__":
    app.run()
