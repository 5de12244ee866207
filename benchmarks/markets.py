"""Measure markets of makers: the cars of 1990 beside pyblp, draws of demand, and time and memory by size.

    python benchmarks/markets.py [--repeat 9] [--draws 1000] [--products 5000]

pyblp (the extra firms) computes the same prices in the same run from costs that are higher by a duty a car; its time is
that of compute_prices alone. Sizes are logit markets with a 25% tariff on a third of the products, each in a process of
its own on one thread.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import entrepot as ep

ROOT = Path(__file__).resolve().parents[1]
CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
#: Products and firms.
SIZES = ((10, 1), (10, 5), (100, 1), (100, 10), (100, 50), (500, 10), (500, 50), (1000, 50), (2000, 50), (5000, 50))


def seconds(function: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the median seconds of a function, and what it returned last."""
    times, found = [], None
    for _ in range(repeat):
        began = time.perf_counter()
        found = function()
        times.append(time.perf_counter() - began)
    return statistics.median(times), found


def pyblp_results() -> Any:
    """Return pyblp's results for 1988-90 at the published estimates; nothing is searched for."""
    import pyblp

    from entrepot.markets.us_cars import PRICE_OVER_INCOME, TASTES

    pyblp.options.verbose, pyblp.options.weights_tol = False, np.inf
    pyblp.options.collinear_atol, pyblp.options.collinear_rtol, pyblp.options.singular_tol = 0.0, 0.0, np.inf
    products, agents = ep.markets.us_cars_data()
    products = products[products["market_ids"] >= 1988].reset_index(drop=True)
    linear = pyblp.Formulation("1 + hpwt + air + mpd + space")
    random = pyblp.Formulation("1 + prices + hpwt + air + mpd + space")
    draws = agents[agents["market_ids"] >= 1988].reset_index(drop=True)
    problem = pyblp.Problem((linear, random), products, pyblp.Formulation("0 + I(1 / income)"), draws)
    first, *others = TASTES.values()
    pi = np.array([[0.0], [-PRICE_OVER_INCOME], *[[0.0]] * len(others)])
    stay, identity = pyblp.Optimization("return"), np.eye(problem.MD)
    return problem.solve(
        np.diag([first, 0.0, *others]), pi, method="1s", optimization=stay, check_optimality="gradient", W=identity
    )


def beside_pyblp(repeat: int) -> None:
    """Print the solves of 1990 with pyblp's time for the same question where it has it."""
    cars = ep.markets.us_cars(1990)
    results = pyblp_results()
    costs = np.asarray(results.compute_costs(market_id=1990)).ravel()
    japan = np.array(cars.table.plant) == "JPN"
    left = float(cars.solve(ep.Tariff(**CARS, rate=0.25)).by_plant.set_index("plant").loc["JPN", "units"])
    merged = np.array(
        [18 if firm == "Chrysler" else number for firm, number in zip(cars.table.firm, ids(), strict=True)]
    )
    duty = ep.SpecificTariff(**CARS, amount=1000.0, unit_value=8000.0)
    restraint = ep.VoluntaryExportRestraint(**CARS, cap=left, unit="units")
    quota = ep.ImportQuota(**CARS, cap=left, unit="units")
    questions: list[tuple[str, Callable[[], Any], Callable[[], Any] | None]] = [
        ("calibrate", lambda: ep.markets.us_cars(1990), None),
        ("1,000 dollars a car", lambda: cars.solve(duty), lambda: results.compute_prices(
            costs=costs + 1.0 * japan, market_id=1990)),
        ("Ford and Chrysler merge", lambda: cars.merge("Ford", "Chrysler").solve(), lambda: results.compute_prices(
            firm_ids=merged, market_id=1990)),
        ("tariff of 25%", lambda: cars.solve(ep.Tariff(**CARS, rate=0.25)), None),
        ("restraint at its volume", lambda: cars.solve(restraint), None),
        ("quota at its volume", lambda: cars.solve(quota), None),
    ]  # fmt: skip
    print(f"\n    cars of 1990, {cars.table.size} products, 200 draws; medians of {repeat}")
    print(f"    {'':<26}{'ms':>7}{'pyblp ms':>10}{'ratio':>7}{'agree':>9}{'steps':>7}")
    for name, ours, theirs in questions:
        mine, outcome = seconds(ours, repeat)
        line = f"    {name:<26}{1e3 * mine:>7.1f}"
        if theirs is not None:
            its, prices = seconds(theirs, repeat)
            apart = np.abs(1000 * np.asarray(prices).ravel() / outcome.prices - 1).max()
            line += f"{1e3 * its:>10.1f}{its / mine:>7.1f}{apart:>9.0e}"
        else:
            line += " " * 26
        print(line + (f"{outcome.point.iterations:>7}" if hasattr(outcome, "point") else ""))


def ids() -> list[int]:
    """Return the numbers of the firms of 1990 in the data."""
    products, _ = ep.markets.us_cars_data()
    return [int(f) for f in products.loc[products["market_ids"] == 1990, "firm_ids"]]


def draws(count: int) -> None:
    """Print the time of draws of demand for 1990, each calibrated and solved under a tariff."""
    products, agents = ep.markets.us_cars_data()
    table = products.assign(plant=products["region"].map({"US": "USA", "EU": "DEU", "JP": "JPN"}))
    estimate = ep.markets.estimate_demand(
        table,
        agents,
        linear="1 + hpwt + air + mpd + space",
        random={"1": 3.612, "hpwt": 4.628, "air": 1.818, "mpd": 1.050, "space": 2.056},
        demographics={("prices", "1/income"): -43.501},
        instruments=[f"demand_instruments{k}" for k in range(8)],
        cluster="clustering_ids",
        hold=True,
    )
    tariff, solved, refused = ep.Tariff(**CARS, rate=0.25), 0, 0
    began, in_calibration = time.perf_counter(), 0.0
    for drawn in estimate.draws(count, seed=1):
        start = time.perf_counter()
        with contextlib.suppress(ep.errors.InputError):
            market = drawn.market(1990, importer="USA", market_size=93_347_000, unit=1000)
            in_calibration += time.perf_counter() - start
            market.solve(tariff)
            solved += 1
            continue
        refused += 1
    took = time.perf_counter() - began
    print(
        f"\n    {count:,} draws of demand for 1990, each calibrated and solved under the tariff: {took:.0f} s\n"
        f"    {solved:,} solved, {refused:,} refused (a cost below zero, or demand that rises with the price); "
        f"{1e3 * in_calibration / max(solved, 1):.0f} ms of each is calibration"
    )


def generated(products: int, firms: int) -> ep.Market:
    """Return a logit market with random prices and shares; every third product is made abroad."""
    import pandas as pd

    rng = np.random.default_rng(0)
    maker = np.sort(np.arange(products) % firms)
    price = rng.uniform(10, 50, products)
    quantity = rng.lognormal(0, 1, products)
    quantity *= 0.4 / quantity.sum()
    table = pd.DataFrame(
        {
            "product": [f"P{k}" for k in range(products)],
            "firm": [f"F{k}" for k in maker],
            "plant": np.where(np.arange(products) % 3 == 0, "JPN", "USA"),
            "price": price,
            "quantity": quantity,
        }
    )
    return ep.Market.from_products(table, importer="USA", market_size=1.0, price_coefficient=-0.4)


def one_size(products: int, firms: int, repeat: int) -> dict[str, float]:
    """Measure one size in this process: seconds of calibration and solves, steps and the peak of memory."""
    import resource

    generated(10, 1)  # imports
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    calibration, market = seconds(lambda: generated(products, firms), 1)
    tariff, outcome = seconds(lambda: market.solve(ep.Tariff(**CARS, rate=0.25)), repeat)
    quota, capped = seconds(lambda: market.solve(ep.ImportQuota(**CARS, cap=0.7)), repeat)
    return {
        "calibration": calibration,
        "tariff": tariff,
        "quota": quota,
        "steps": outcome.point.iterations,
        "quota_steps": capped.point.iterations,
        "gap": max(outcome.residual, capped.residual),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before,
    }


def by_size(most: int, repeat: int) -> None:
    """Print time and memory by size."""
    print(
        f"\n    logit, 25% on a third of the products, and a quota at 70%; medians of {repeat} (1 above 1,000 products)"
    )
    print(f"    {'products':>8}{'firms':>7}{'calibrate ms':>14}{'tariff ms':>11}{'steps':>7}{'quota ms':>10}"
          f"{'steps':>7}{'gap':>8}{'MB':>8}")  # fmt: skip
    for products, firms in SIZES:
        if products > most:
            continue
        times = repeat if products <= 1000 else 1
        code = f"import json, markets; print(json.dumps(markets.one_size({products}, {firms}, {times})))"
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "benchmarks"), environment.get("PYTHONPATH", "")])
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        m = json.loads(done.stdout.strip().splitlines()[-1])
        print(
            f"    {products:>8,}{firms:>7}{1e3 * m['calibration']:>14,.0f}{1e3 * m['tariff']:>11,.1f}{m['steps']:>7}"
            f"{1e3 * m['quota']:>10,.1f}{m['quota_steps']:>7}{m['gap']:>8.0e}{m['mb']:>8,.0f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--products", type=int, default=5000)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"NumPy {np.__version__}")  # fmt: skip
    beside_pyblp(given.repeat)
    if given.draws:
        draws(given.draws)
    by_size(given.products, given.repeat)
