"""Seconds for optimal tariffs, the trade war, the screen, the timeline and retaliation, beside finite differences.

    python benchmarks/alone.py [--repeat 3]

One thread. The yardstick, in the same run: what one gradient of a country's real income in all of its tariffs costs by
forward differences of warm solves, from the cost of a sample of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import entrepot as ep

PLAYERS = ("USA", "EU28", "CHN", "JPN", "KOR", "CAN", "MEX")
CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


def timed(act: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The median of `repeat` runs after one that is not counted, and the last result."""
    result = act()
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        result = act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    world = ep.load_economy("world2014")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"world2014, 44 x 24; medians of {repeat}\n")

    outcome = ep.solve(world, [ep.Tariff(rate=0.25, change="add", **CARS)])
    flows = ep.Tariff(importer="USA", sector="ALL", rate=0.0).flows(world)
    slopes = outcome.sensitivity.real_income("USA")
    exact, _ = timed(lambda: outcome.sensitivity.gradient(slopes, flows), repeat)
    here = [world.countries[k] for k in range(5)]
    steps = [ep.Tariff(rate=1e-4, change="add", **(CARS | {"exporter": x})) for x in here]
    one, _ = timed(lambda: [ep.solve(world, [*outcome.scenario, t], start=outcome) for t in steps], repeat)
    by_differences = one / len(steps) * flows.size
    print(f"gradient in {flows.size} tariffs: {1e3 * exact:.0f} ms")
    print(f"  by differences: {by_differences:.1f} s, {by_differences / exact:.0f} times that")

    for over in ("uniform", "sector", "partner", "both"):
        seconds, best = timed(lambda over=over: ep.optimal_tariff(world, "USA", over=over), repeat)
        span = f"{best.rates['rate'].min():.1%} to {best.rates['rate'].max():.1%}"
        print(f"optimal tariffs of USA, {over}, {len(best.rates)} rates ({span}): {seconds:.2f} s")
        print(f"  {best.evaluations} equilibria with gradients, {best.evaluations / seconds:.0f} a second")
    began = time.perf_counter()
    rates = [ep.optimal_tariff(world, c).rates["rate"][0] for c in world.countries]
    seconds = time.perf_counter() - began
    print(f"uniform optimal tariffs of all {len(rates)} (once): {seconds:.1f} s, median {np.median(rates):.1%}")
    began = time.perf_counter()
    war = ep.nash_tariffs(world, PLAYERS)
    seconds = time.perf_counter() - began
    print(f"trade war of {len(PLAYERS)} (once): {seconds:.1f} s, {war.rounds} rounds, {war.evaluations} equilibria")

    case = ep.load_case("us-japan-autos-2019")
    seconds, found = timed(lambda: ep.screen(case, world), 1)
    print(f"screen of {case.case}, its retaliation solved: {seconds:.2f} s, {len(found.findings)} findings")
    seconds, study = timed(lambda: ep.run(case, world), 1)
    of_it = study.timeline
    print(f"run of {case.case}: {seconds:.2f} s, {of_it.seconds:.2f} s for {of_it.states} states in time")
    tariff = ep.Tariff(rate=0.25, change="add", **(CARS | {"exporter": "WORLD", "exempt": ("CAN", "MEX")}))
    for design, keys in (("uniform", {}), ("least_cost", {}), ("pressure", {"pressure_on": "agriculture"})):
        r = ep.Retaliation(by="EU28", against="USA", design=design, **keys)
        seconds, answer = timed(lambda r=r: ep.retaliate(world, [tariff], r), 1)
        print(f"retaliation of the EU, {design}: {seconds:.2f} s, {answer.solves} equilibria, gap {answer.gap:.0e}")


if __name__ == "__main__":
    main()
