"""Exercise 2: a tariff, a quota and an export restraint of the same trade."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="2. The same trade, other winners")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 2. The same trade, other winners

    In 2019 the United States threatened Japan with a tariff on cars, and offered a limit on exports instead. In the
    American market the two look the same. You need: the equivalence of tariffs and quotas. About 30 minutes.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    world = ep.load_economy("world2014")
    cars = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    return cars, ep, mo, pd, world


@app.cell
def _(cars, ep, world):
    tariff = ep.solve(world, [ep.Tariff(rate=0.25, change="add", **cars)])
    volume = tariff.measures["volume"].iloc[0]
    quota = ep.solve(world, [ep.ImportQuota(cap=volume, unit="usd_m", **cars)])
    restraint = ep.solve(world, [ep.VoluntaryExportRestraint(cap=volume, unit="usd_m", **cars)])
    outcomes = {"tariff": tariff, "quota": quota, "restraint": restraint}
    return outcomes, quota, restraint, tariff, volume


@app.cell
def _(outcomes, pd):
    market = pd.DataFrame(
        {
            name: o.sectors.loc[("USA", "motor_vehicles"), ["real_price_pct", "output_volume_pct"]]
            for name, o in outcomes.items()
        }
    )
    market
    return (market,)


@app.cell
def _(outcomes, pd):
    gains = pd.DataFrame({name: o.countries["equivalent_variation"] for name, o in outcomes.items()})
    gains = gains.loc[["USA", "JPN", "DEU", "MEX", "KOR"]]
    gains.round(0)
    return (gains,)


@app.cell(hide_code=True)
def _(gains, mo):
    mo.md("**Question 1.** What is the same under all three? What differs, and by how much?")
    mo.accordion(
        {
            "Answer": mo.md(
                f"Volume is the same, price and output nearly so (incomes differ a little). From the quota to the "
                "restraint the United States loses "
                f"{gains.loc['USA', 'quota'] - gains.loc['USA', 'restraint']:,.0f} million dollars and Japan gains "
                f"{gains.loc['JPN', 'restraint'] - gains.loc['JPN', 'quota']:,.0f} million: the licences changed hands."
            )
        }
    )
    return


@app.cell
def _(outcomes, pd):
    rents = pd.concat([o.measures[["kind", "wedge", "rent", "rent_holder", "revenue"]] for o in outcomes.values()])
    rents.set_index("kind").round(3)
    return (rents,)


@app.cell(hide_code=True)
def _(mo, rents):
    mo.md("""
    **Question 2.** The wedge of the restraint times its trade is the rent. Why is the rent of the restraint a little
    smaller than that of the quota, at the same volume? (The tariff in force before was 2.5%.)
    """)
    by_kind = rents.set_index("kind")["rent"]
    mo.accordion(
        {
            "Answer": mo.md(
                f"{by_kind.iloc[1]:,.0f} against {by_kind.iloc[2]:,.0f} million. A licence of the exporter is bought "
                "before the "
                "border, so that the duty falls on it too; an import licence is bought after duty. Buyers pay the same."
            )
        }
    )
    return


@app.cell
def _(cars, ep, pd, volume, world):
    shares = [0.0, 0.25, 0.5, 0.75, 1.0]
    split = {}
    for kept in shares:
        holder = {"exporter": kept, "importer": 1 - kept}
        solved = ep.solve(world, [ep.VoluntaryExportRestraint(cap=volume, unit="usd_m", rent=holder, **cars)])
        split[kept] = solved.countries.loc[["USA", "JPN"], "equivalent_variation"]
    shared = pd.DataFrame(split).T.rename_axis("share of the rent that Japan keeps")
    shared.round(0)
    return (shared,)


@app.cell(hide_code=True)
def _(mo, shared):
    mo.md("**Question 3.** Which share of the rent would leave Japan as well off as without any measure? Interpolate.")
    import numpy as _np

    _even = float(_np.interp(0.0, shared["JPN"], shared.index))
    mo.accordion({"Answer": mo.md(f"About {100 * _even:.0f}%. With less, Japan loses; that is room for a bargain.")})
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **On your own.** An export tax of Japan can do what the restraint does: find its rate with `ep.ExportTax`. Who
    collects? Then read Article 11.1(b) of the Agreement on Safeguards: why is one of the two lawful and the other not?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex2_same_trade.py")
    return


if __name__ == "__main__":
    app.run()
