"""The founding case as a notebook: cars, 2019."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="The founding case")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Who gains when cars are kept out?

    In May 2019 the United States found that imports of cars threaten its national security, considered a tariff
    of 25 points, and gave Japan and the European Union 180 days to limit their exports instead. Japan refused any
    "voluntary" restraint, and signed a deal on farm goods.

    Why refuse? Why threaten? What would both have signed? This notebook asks one question at a time. Every number
    in it is computed as it opens; nothing is fetched from the network.
    """)
    return


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    import entrepot as ep

    world = ep.load_economy("world2018")
    cars = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    return alt, cars, ep, mo, pd, world


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Where America's cars come from

    The world before any measure: 81 economies and 31 sectors, as they traded in 2018. Cars and parts are one
    sector.
    """)
    return


@app.cell
def _(alt, ep, world):
    imports = ep.solve(world).trade["value_base"].sel(importer="USA", sector="motor_vehicles").to_series().drop("USA")
    largest = imports.nlargest(8).div(1000).rename("billion").reset_index()
    alt.Chart(largest).mark_bar().encode(
        x=alt.X("billion", title="US imports of cars and parts, US$ billion"), y=alt.Y("exporter", sort="-x")
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The threat: a tariff on cars from Japan

    Move the slider. At what rate does the United States do best, if nobody answers?
    """)
    return


@app.cell
def _(mo):
    points = mo.ui.slider(0, 50, value=25, label="points on top of today's 2.5%", show_value=True)
    points
    return (points,)


@app.cell
def _(cars, ep, gains, points, world):
    tariff = ep.solve(world, [ep.Tariff(rate=points.value / 100, change="add", **cars)])
    gains({"tariff": tariff})
    return (tariff,)


@app.cell
def _(pd):
    def gains(outcomes, countries=("USA", "JPN", "DEU", "MEX")):
        """Gain or loss by country, US$ million a year, one column an outcome."""
        money = {name: outcome.countries["equivalent_variation"] for name, outcome in outcomes.items()}
        return pd.DataFrame(money).loc[list(countries)].round(0)

    return (gains,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Japan loses a good market. The United States collects duty, but its buyers pay more and turn to dearer
    sources: the sum is small. Mexico and Germany gain. And who makes cars in the United States?
    """)
    return


@app.cell
def _(tariff):
    tariff.sectors.loc[
        ("USA", "motor_vehicles"), ["output_volume_pct", "price_pct", "sector_employment_pct", "import_share"]
    ].round(3)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The same volume, another instrument

    Now keep exactly as many Japanese cars out, but by a quota. First the United States sells the licences. Then
    Japan limits its own exports. In the American market nothing differs: the same cars, the same price.
    """)
    return


@app.cell
def _(cars, ep, gains, tariff, world):
    volume = tariff.measures["volume"].iloc[0]
    quota = ep.solve(world, [ep.ImportQuota(cap=volume, unit="usd_m", **cars)])
    restraint = ep.solve(world, [ep.VoluntaryExportRestraint(cap=volume, unit="usd_m", **cars)])
    same_volume = {"tariff": tariff, "quota": quota, "restraint": restraint}
    gains(same_volume)
    return quota, restraint, same_volume


@app.cell
def _(alt, gains, same_volume):
    _long = gains(same_volume, ["USA", "JPN"]).reset_index().melt("country", var_name="measure", value_name="money")
    alt.Chart(_long).mark_bar().encode(
        x=alt.X("money", title="Gain or loss, US$ million a year"),
        y=alt.Y("measure", sort=list(same_volume), title=None),
        yOffset="country",
        color=alt.Color("country", scale=alt.Scale(range=["#0072B2", "#E69F00"])),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Who holds the rent

    A licence to sell where goods are scarce is worth money. Under a tariff the treasury takes it as duty; under a
    quota whoever sells the licence; under a restraint the exporter, by its higher price. That is all that
    differs, and it decides who wins.
    """)
    return


@app.cell
def _(pd, quota, restraint, tariff):
    rents = pd.concat(
        [o.measures[["kind", "volume", "wedge", "rent", "rent_holder", "revenue"]] for o in (tariff, quota, restraint)]
    )
    rents.set_index("kind").round({"volume": 0, "wedge": 3, "rent": 0, "revenue": 0})
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Why, then, did Japan refuse? One reason: such restraints are barred (Agreement on Safeguards, Article
    11.1(b)), and the breach is the exporter's too. The screen reads the rules; it names provisions and deciding
    facts, and judges nothing.
    """)
    return


@app.cell
def _(ep):
    findings = ep.screen("us-japan-autos-2019").to_frame().set_index("scenario")
    findings.loc["ver_japan", ["party", "provision", "status"]]
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The farm deal

    Meanwhile Japan had freed farm goods from the EU and the Pacific countries (CPTPP), and American farmers paid
    full duty beside them. What is it worth to be left out, and to be let in?
    """)
    return


@app.cell
def _(ep, gains, world):
    farm = {"importer": "JPN", "sector": ["agriculture", "food"], "rate": 0.0}
    others = ep.Tariff(exporter=["CPTPP_2019", "EU28"], **farm)
    left_out = ep.solve(world, [others])
    let_in = ep.solve(world, [others, ep.Tariff(exporter="USA", **farm)])
    gains({"left out": left_out, "let in": let_in}, ["USA", "JPN", "AUS", "FRA"])
    return left_out, let_in


@app.cell
def _(alt, left_out, let_in, pd):
    def american_farm_exports(outcome, column):
        return (
            float(outcome.trade[column].sel(importer="JPN", exporter="USA", sector=["agriculture", "food"]).sum())
            / 1000
        )

    _bars = pd.DataFrame(
        {
            "what": ["before", "left out", "let in"],
            "billion": [
                american_farm_exports(left_out, "value_base"),
                american_farm_exports(left_out, "value"),
                american_farm_exports(let_in, "value"),
            ],
        }
    )
    alt.Chart(_bars).mark_bar().encode(
        x=alt.X("billion", title="US farm and food exports to Japan, US$ billion"),
        y=alt.Y("what", sort=None, title=None),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What both would sign

    Put cars and farms on one table: the tariff, a limit on cars, who has its rent, and Japan's farm tariffs.
    Every combination is an equilibrium of its own. Japan signs whatever beats the threat; so does the United
    States.
    """)
    return


@app.cell
def _(ep):
    study = ep.run("us-japan-autos-2019")
    bargain = study.bargain
    deals = bargain.to_frame().set_index("deal")
    deals[["words", "gain of USA", "gain of JPN", "signed_by"]].round(0)
    return bargain, deals, study


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Gains are over the threat, US$ million a year. The restraint that the United States wanted is worth less to it
    than its own threat; what was signed in October 2019 is worth more to both. Each point below is a deal.
    """)
    return


@app.cell
def _(mo, study):
    mo.Html(study.figures["deals"].svg())
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How sure is that?

    How easily buyers switch is estimated, and not known. Draw each sector's elasticity 256 times around its value
    and look at how often the answer keeps its sign.
    """)
    return


@app.cell
def _(ep):
    swept = ep.sweep("us-japan-autos-2019", draws=256, scenarios=["tariff_japan", "ver_japan", "farm_deal"])
    sure = swept.intervals("welfare", level=0.9)
    sure = sure[(sure["number"] == "equivalent_variation") & sure["party"].isin(["USA", "JPN"])]
    sure[["scenario", "party", "centre", "low", "high", "above_zero"]].round(2)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Questions for the class

    1. Set the slider to 50 points. Who gains more than at 25, and who pays?
    2. Let half the rent of the restraint go to the United States: `rent={"importer": 0.5, "exporter": 0.5}`. Who
       would sign it now?
    3. Solve tariff and restraint with `closure=ep.Closure(deficit="balanced")`. What changes, and what does not?
    4. What is not in the model that a car maker would insist on? `docs/limits.md` has a list to start from.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/founding_case.py")
    return


if __name__ == "__main__":
    app.run()
