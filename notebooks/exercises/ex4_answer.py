"""Exercise 4: retaliation, optimal tariffs and a trade war."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="4. The answer")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 4. The answer

    A tariff is seldom the last word. What may the other side take back, and where does it end if both do what is best
    for themselves? You need: best responses and the Nash equilibrium. About 40 minutes.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    world = ep.load_economy("world2014")
    tariff = ep.Tariff(importer="USA", exporter="EU28", sector="motor_vehicles", rate=0.25, change="add")
    return ep, mo, pd, tariff, world


@app.cell
def _(ep, tariff, world):
    alone = ep.solve(world, [tariff])
    answer = ep.rules.retaliate(world, tariff, ep.rules.Retaliation(by="EU28", against="USA"))
    both = ep.solve(world, [tariff, *answer.tariffs])
    answer.table().query("rate > 0").round(3)
    return alone, answer, both


@app.cell
def _(alone, both, ep, pd, world):
    europe = [code for code in world.countries if code in ("DEU", "FRA", "ITA", "ESP", "GBR")]
    money = pd.DataFrame(
        {"tariff": alone.countries["equivalent_variation"], "and answer": both.countries["equivalent_variation"]}
    )
    after = money.loc[["USA", *europe, "JPN", "MEX"]]
    after.round(0)
    return (after,)


@app.cell(hide_code=True)
def _(after, mo):
    mo.md("**Question 1.** Whom does the answer hurt? Does the EU gain by it? Who gains without doing anything?")
    mo.accordion(
        {
            "Answer": mo.md(
                f"The United States goes from {after.loc['USA', 'tariff']:,.0f} to "
                f"{after.loc['USA', 'and answer']:,.0f} million "
                f"dollars, and Germany from {after.loc['DEU', 'tariff']:,.0f} to "
                f"{after.loc['DEU', 'and answer']:,.0f}: a large answer "
                "moves the terms of trade back, although Europe's buyers pay for it. Japan and Mexico gain without a "
                "measure."
            )
        }
    )
    return


@app.cell
def _(ep, pd, world):
    best = {country: ep.bargaining.optimal_tariff(world, country, over="uniform") for country in ("USA", "JPN")}
    uniform = pd.Series({country: 100 * found.rates["rate"].iloc[0] for country, found in best.items()})
    uniform.rename("best uniform tariff, %").round(1)
    return best, uniform


@app.cell(hide_code=True)
def _(mo, uniform, world):
    mo.md("""
    **Question 2.** Gros (1987): with one sector the best tariff is 1/(theta lambda), lambda the share of the rest of
    the world's spending on its own goods. Why can it not be lower than 1/theta? Compare with the elasticities here.
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                f"lambda is below one, and near one for a small country. Elasticities here are "
                f"{world.theta.min():.0f} to "
                f"{world.theta.max():.0f}; the best uniform rates are {uniform['USA']:.0f}% and {uniform['JPN']:.0f}%."
            )
        }
    )
    return


@app.cell
def _(ep, world):
    war = ep.bargaining.nash_tariffs(world, ("USA", "JPN"), over="uniform", partners="players")
    war.rates
    return (war,)


@app.cell
def _(pd, war):
    payoffs = pd.Series(war.payoffs).rename("US$ million a year")
    payoffs.round(0)
    return (payoffs,)


@app.cell(hide_code=True)
def _(mo, payoffs):
    mo.md("**Question 3.** Does anybody win the war? Compare with question 2, where nobody answers.")
    mo.accordion(
        {
            "Answer": mo.md(
                "; ".join(f"{who}: {worth:,.0f} million dollars" for who, worth in payoffs.items())
                + ". Here both tax each other alone. Let them tax the whole world (leave out `partners`), and both "
                "gain: others pay."
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **On your own.** Let the EU choose the answer that costs itself least: `Retaliation(..., design="least_cost")`. And
    what would a minister who counts value added in cars want? `objective=ep.cases.Objective(value_added={...})`.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex4_answer.py")
    return


if __name__ == "__main__":
    app.run()
