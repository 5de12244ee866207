"""Exercise 6: makers with market power, and how sure the answer is."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="6. Makers, and how sure")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 6. Makers, and how sure

    So far price was cost. Carmakers set prices with an eye on each other. You need: Bertrand competition with
    differentiated products. About 40 minutes.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    table = pd.DataFrame(
        {
            "product": ["Home A", "Home B", "Foreign A", "Foreign B"],
            "firm": ["Home", "Home", "Nippon", "Edo"],
            "plant": ["USA", "USA", "JPN", "JPN"],
            "price": [30_000, 22_000, 28_000, 20_000],
            "quantity": [400_000, 500_000, 300_000, 350_000],
            "margin": [0.30, 0.25, 0.28, 0.24],
        }
    )
    cars = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    return cars, ep, mo, pd, table


@app.cell
def _(ep, table):
    size = {"logit": 6_000_000, "ces": 150e9, "linear": None}  # households; their spending; not needed

    def market(demand):
        options = {"demand": demand, "conduct": "bertrand", "importer": "USA", "market_size": size[demand]}
        return ep.Market.from_products(table, **options)

    logit = market("logit")
    logit.solve().products[["product", "price", "cost", "margin"]]
    return logit, market


@app.cell
def _(ep, market, pd):
    def passed(demand):
        """Percent by which Japanese cars are dearer to buyers under a duty of 10%."""
        one = market(demand)
        tariff = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.10)
        return one.solve([tariff]).products.set_index("product")["price_pct"]

    by_demand = pd.DataFrame({demand: passed(demand) for demand in ("logit", "ces", "linear")})
    by_demand.round(2)
    return (by_demand,)


@app.cell(hide_code=True)
def _(by_demand, mo):
    mo.md(
        "**Question 1.** The same cars, the same margins, the same duty. Why does the answer depend on the form of "
        "demand?"
    )
    mo.accordion(
        {
            "Answer": mo.md(
                f"Foreign A rises by {by_demand.loc['Foreign A', 'logit']:.1f}% under logit, "
                f"{by_demand.loc['Foreign A', 'ces']:.1f}% under CES and {by_demand.loc['Foreign A', 'linear']:.1f}% "
                "under linear demand. "
                "A margin is data; how it changes with the price is the curvature of demand, which is not."
            )
        }
    )
    return


@app.cell
def _(cars, ep, logit, pd):
    units = float(logit.table.quantity[[2, 3]].sum())
    free = logit.solve()
    restraint = logit.solve([ep.VoluntaryExportRestraint(cap=units, unit="units", **cars)])
    tight = logit.solve([ep.VoluntaryExportRestraint(cap=0.9 * units, unit="units", **cars)])
    profit = pd.DataFrame(
        {
            name: o.firms.set_index("firm")[["profit", "rent"]].sum(axis=1)
            for name, o in {"free trade": free, "at free-trade units": restraint, "90% of them": tight}.items()
        }
    )
    profit.round(-6)
    return profit, tight


@app.cell(hide_code=True)
def _(mo, profit):
    mo.md("""
    **Question 2.** Who gains from a limit on units at 90%? Krishna (1989) showed that a limit at the units of free
    trade can raise everybody's profits already. What would home makers do then that they do not do here?
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                f"Home makers earn {(profit.loc['Home', '90% of them'] / profit.loc['Home', 'free trade'] - 1):.1%} "
                "more; the "
                "Japanese makers lose sales and hold the licences, which nearly makes up for it. At the units of free "
                "trade "
                "nothing changes here, because makers take the price of a licence as given. Krishna's home maker "
                "knows that "
                "rivals can no longer take its customers at any price, and raises its own."
            )
        }
    )
    return


@app.cell
def _(ep):
    study = ep.run("us-japan-autos-2019", "world2014", theta="each")
    sets = study.tables["elasticity_sets"].frame
    signs = sets[(sets["scenario"] == "tariff_japan") & (sets["party"] == "USA")].set_index("elasticity_set")
    signs["equivalent_variation"].round(0)
    return (signs,)


@app.cell(hide_code=True)
def _(mo, signs):
    mo.md("**Question 3.** Under how many of the published sets of trade elasticities does the United States gain?")
    mo.accordion(
        {
            "Answer": mo.md(
                f"{int((signs['equivalent_variation'] > 0).sum())} of {len(signs)}. A newspaper that prints one "
                "number without "
                "its set prints half of the result."
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex6_makers.py")
    return


if __name__ == "__main__":
    app.run()
