"""Exercise 5: what the rules say of a measure, and the clocks that run."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="5. May it?")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # 5. May it?

    The same scenarios, read by a lawyer. Entrepot finds the rules that a measure touches and the facts that decide; it
    judges nothing. You need: the first articles of the GATT at hand. About 40 minutes.
    """)
    return


@app.cell
def _():
    import datetime

    import marimo as mo

    import entrepot as ep

    case = ep.load_case("us-japan-autos-2019")
    return case, datetime, ep, mo


@app.cell
def _(case, ep):
    screened = ep.screen(case)
    findings = screened.to_frame()
    table = findings.groupby(["scenario", "status"]).size().unstack(fill_value=0)
    table
    return findings, screened, table


@app.cell
def _(findings):
    tariff = findings[findings["scenario"] == "tariff_japan"][["party", "provision", "status"]]
    tariff
    return (tariff,)


@app.cell
def _(findings):
    restraint = findings[findings["scenario"] == "ver_japan"][["party", "provision", "status"]]
    restraint
    return (restraint,)


@app.cell(hide_code=True)
def _(mo, restraint, tariff):
    mo.md("""
    **Question 1.** Which provisions does the restraint touch that the tariff does not? Who is in breach of them?
    """)
    _only = sorted(set(restraint["provision"]) - set(tariff["provision"]))
    mo.accordion(
        {
            "Answer": mo.md(
                "; ".join(_only)
                + ". The restraint is a quantity limit (XI:1), and the Agreement on Safeguards bars the importer from "
                "seeking it "
                "and the exporter from agreeing to it."
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Question 2.** The tariff rests on national security (GATT XXI(b)(iii)). What must be shown for it, after the
    panels *Russia: Traffic in Transit* (DS512) and *US: Steel and Aluminium Products* (DS544 and others)? Look for the
    conditions in `status` and in `entrepot screen us-japan-autos-2019 --scenario tariff_japan`.
    """)
    mo.accordion(
        {
            "Answer": mo.md(
                "The panels held that the emergency is for a panel to find, and of a gravity like war; the United "
                "States "
                "holds that the exception judges itself. So the screen gives both, as contested."
            )
        }
    )
    return


@app.cell
def _(case, datetime):
    due = case.deadlines(on=datetime.date(2019, 6, 1))
    clocks = due.to_frame()
    clocks
    return clocks, due


@app.cell(hide_code=True)
def _(due, mo):
    mo.md("""
    **Question 3.** Section 232(c)(3) gives 180 days for an agreement. On which day do they end, counted from the
    proclamation of 17 May 2019? What happens on the day after?
    """)
    _end = next(d for d in due.deadlines if d.clock.title == "The negotiation ends")
    mo.accordion(
        {
            "Answer": mo.md(
                f"{_end.due:%d %B %Y}. If they lapse: {_end.clock.lapses} What came of it, which nobody knew in June "
                "2019: "
                f"{_end.happened}"
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **On your own.** Write a case of your own (`entrepot case new mine.yaml`), with an export tax on rare earths by
    China. Which two promises of its Accession Protocol does it touch, and which disputes decided that?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    if mo.app_meta().mode == "script":
        print("Every cell ran without an error. To read the answers: marimo edit notebooks/exercises/ex5_may_it.py")
    return


if __name__ == "__main__":
    app.run()
