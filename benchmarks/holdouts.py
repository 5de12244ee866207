"""How far an updated world is from the truth, where the truth is known.

    python benchmarks/holdouts.py --icio FOLDER --gdp gdp.csv --wiod FOLDER

The tables are those of scripts/build_icio_worlds.py, with icio2014.parquet besides. Four hold-outs:

    trade      WIOD 2014 updated to ICIO's trade and GDP of 2014, against WIOD 2014 itself: two sources of one year
    structure  each economy of WIOD with the structure that `nearest_structure` chooses for it among the others,
               updated to WIOD's own trade and GDP, against its own structure: what borrowing costs
    years      world2018 updated to the trade, GDP and tariffs of world2022, against world2022
    one flow   world2018 updated to US imports of motor vehicles of 2022 alone, against world2022

Errors are half the sum of absolute differences over the total, in percent: of suppliers' shares weighted by spending,
and of value added by sector. The error of an answer is that of welfare under three US measures on cars, over the
largest true answer of the measure: the median and the largest over the United States, Japan, Germany, Mexico and Korea.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import entrepot as ep
from entrepot.economy.equations import Array

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import build_icio_worlds as worlds

FLOW = ["importer", "exporter", "sector"]
PARTIES = ("USA", "JPN", "DEU", "MEX", "KOR")


def scenarios(cars: str) -> dict[str, list[ep.Measure]]:
    """Return the measures whose answers are compared."""
    return {
        "tariff on Japan": [ep.Tariff(importer="USA", exporter="JPN", sector=cars, rate=0.25)],
        "tariff on the EU": [ep.Tariff(importer="USA", exporter="EU27", sector=cars, rate=0.25)],
        "restraint of Japan": [ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector=cars, cap=0.8)],
    }


def welfare(world: ep.Economy, cars: str) -> Array:
    """Return equivalent variation [scenario, party], US$ million."""
    answers = [ep.solve(world, measures).countries["equivalent_variation"] for measures in scenarios(cars).values()]
    return np.array([[answer[c] for c in PARTIES] for answer in answers])


def compare(found: ep.Economy, truth: ep.Economy, cars: str) -> dict[str, float]:
    """Return the errors of a world against the truth, which has the same countries and sectors."""
    weight = truth.spending / truth.spending.sum()
    shares = 0.5 * (np.abs(found.share - truth.share).sum(axis=2) * weight).sum()
    added, true = ((1.0 - w.inputs.sum(axis=1)).T * w.cost for w in (found, truth))
    answer, right = welfare(found, cars), welfare(truth, cars)
    error = np.abs(answer - right) / np.abs(right).max(axis=1, keepdims=True)
    return {
        "suppliers' shares": 100 * float(shares),
        "value added by sector": 100 * 0.5 * float(np.abs(added - true).sum() / true.sum()),
        "answers, median": 100 * float(np.median(error)),
        "answers, largest": 100 * float(error.max()),
    }


def gdp_of(world: ep.Economy) -> dict[str, float]:
    """Return GDP by country: value added, profits, duties and other revenue."""
    return dict(zip(world.countries, (world.value_added + world.profits + world.revenue).tolist(), strict=True))


def two_sources(base: ep.Economy, icio: Path, gdp: Path) -> dict[str, float]:
    """Return the errors of WIOD 2014 with ICIO's trade of 2014, other economies in the rest of the world."""
    flows = worlds.trade_of(icio / "icio2014.parquet")
    totals = worlds.gdp_of(gdp, 2014, sorted(flows["importer"].unique()))
    names = {c: c if c in base.countries else "ROW" for c in totals}
    for side in ("importer", "exporter"):
        flows[side] = flows[side].map(names)
    old = {name: worlds.old_name(codes) for name, (_, codes) in worlds.GOODS.items()}
    flows["sector"] = flows["sector"].map(old | {"SERV": "SERV"})
    flows = flows.groupby(["importer", "exporter", "sector"], as_index=False)["value"].sum()
    merged = pd.Series(totals).groupby(names).sum().to_dict()
    sectors = {"SERV": list(worlds.SERVICES)}
    found = ep.update_economy(base, trade=flows, gdp=merged, sectors=sectors, year=2014, absent="zero").economy
    return compare(found, base, "C20")


def borrowed(base: ep.Economy) -> tuple[dict[str, float], pd.DataFrame]:
    """Return the errors when every economy takes another's structure, and value added by economy."""
    totals = gdp_of(base)
    like = {c: c if c == "ROW" else _nearest(base, c, totals[c]) for c in base.countries}
    flows = base.table()
    for side in ("importer", "exporter"):
        flows[side] = "new " + flows[side]
    found = ep.update_economy(
        base,
        trade=flows[[*FLOW, "value"]],
        tariffs=flows[[*FLOW, "tariff"]],
        gdp={f"new {c}": value for c, value in totals.items()},
        countries={f"new {c}": old for c, old in like.items()},
        year=2014,
    )
    back = replace(found.economy, countries=base.countries)
    added, true = ((1.0 - w.inputs.sum(axis=1)).T * w.cost for w in (back, base))
    by_country = 50 * np.abs(added - true).sum(axis=0) / true.sum(axis=0)
    table = pd.DataFrame({"structure of": list(like.values()), "value added": by_country}, index=list(base.countries))
    return compare(back, base, "C20"), table


def _nearest(base: ep.Economy, country: str, gdp: float) -> str:
    """Return the other economy whose table moves least when it is scaled to a country's spending, output and GDP."""
    n = base.countries.index(country)
    distance = {}
    for k, other in enumerate(base.countries):
        if other in (country, "ROW"):
            continue
        used = base.inputs[k] * base.cost[:, k]
        final = np.maximum(base.spending[:, k] - used.sum(axis=1), 0.0)
        added = (1.0 - base.inputs[k].sum(axis=0)) * base.cost[:, k]
        table = np.vstack([np.column_stack([used, final]), [*added, 0.0]])
        distance[other] = worlds.moved(table, base.spending[:, n], base.cost[:, n], gdp)
    return min(distance, key=lambda c: distance[c])


def between_years() -> tuple[dict[str, float], dict[str, float]]:
    """Return the errors of world2018 with all the news of 2022, and with one flow of it."""
    old, new = ep.load_economy("world2018"), ep.load_economy("world2022")
    table = new.table()[[*FLOW, "value"]]
    rates = new.table()[[*FLOW, "tariff"]]
    everything = ep.update_economy(old, trade=table, gdp=gdp_of(new), tariffs=rates, year=2022, absent="zero")
    cars = table[(table["importer"] == "USA") & (table["sector"] == "motor_vehicles") & (table["exporter"] != "USA")]
    part = ep.update_economy(old, trade=cars, year=2022)
    return compare(everything.economy, new, "motor_vehicles"), compare(part.economy, new, "motor_vehicles")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("icio", "gdp", "wiod"):
        parser.add_argument(f"--{option}", type=Path, required=True)
    options = parser.parse_args()
    base = worlds.structure_of_wiod(options.wiod)
    results = {"trade: WIOD 2014 with ICIO's trade of 2014": two_sources(base, options.icio, options.gdp)}
    results["structure: another economy's, all at once"], by_country = borrowed(base)
    old_year = compare(ep.load_economy("world2018"), ep.load_economy("world2022"), "motor_vehicles")
    results["none: world2018 as it is, against world2022"] = old_year
    years = between_years()
    results["one flow: US car imports of 2022 on world2018"] = years[1]
    results["years: all of 2022 on world2018"] = years[0]
    print(pd.DataFrame(results).T.round(2).to_string())
    print("\nValue added by sector with a borrowed structure, error in percent:")
    print(by_country.sort_values("value added").round(1).T.to_string())
