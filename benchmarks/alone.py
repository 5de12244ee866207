"""Measure optimal tariffs, trade wars, the payoff surface, the screen and retaliation, beside finite differences.

    python benchmarks/alone.py [--repeat 3]

One thread. The yardstick, in the same run, is the time for one gradient of a country's real income in all of its
tariffs by forward differences from warm starts, extrapolated from a sample of them.
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
from entrepot.bargaining.negotiation import Negotiation
from entrepot.bargaining.surface import payoff_surface
from entrepot.cases import solve_case

PLAYERS = ("USA", "EU28", "CHN", "JPN", "KOR", "CAN", "MEX")
CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


def timed(act: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the median seconds of `repeat` runs after one that is not counted, and the last result."""
    result = act()
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        result = act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def on_three_issues(case: ep.Case) -> Negotiation:
    """Return the negotiation of the founding case without its rent split, on a grid of ten levels for each issue."""
    table = case.table
    issues = {name: issue for name, issue in table.issues.items() if name != "rent"}
    measures = tuple(
        {kind: {k: v for k, v in keys.items() if k != "rent"} for kind, keys in measure.items()}
        for measure in table.measures
    )
    update = {"issues": issues, "measures": measures, "points": 10}
    bare = case.without_timeline().model_copy(update={"table": table.model_copy(update=update)})
    return Negotiation.of(solve_case(bare, ep.load_economy("world2014")))


def main() -> None:
    """Print the table."""
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
        seconds, best = timed(lambda over=over: ep.bargaining.optimal_tariff(world, "USA", over=over), repeat)
        span = f"{best.rates['rate'].min():.1%} to {best.rates['rate'].max():.1%}"
        print(f"optimal tariffs of USA, {over}, {len(best.rates)} rates ({span}): {seconds:.2f} s")
        print(f"  {best.evaluations} equilibria with gradients, {best.evaluations / seconds:.0f} a second")
        differences = best.evaluations * (len(best.rates) + 1) * one / len(steps)
        print(f"  the same search by differences: {differences:.1f} s, {differences / seconds:.1f} times that")
    began = time.perf_counter()
    rates = [ep.bargaining.optimal_tariff(world, c).rates["rate"][0] for c in world.countries]
    seconds = time.perf_counter() - began
    print(f"uniform optimal tariffs of all {len(rates)} (once): {seconds:.1f} s, median {np.median(rates):.1%}")
    began = time.perf_counter()
    war = ep.bargaining.nash_tariffs(world, PLAYERS)
    seconds = time.perf_counter() - began
    print(f"trade war of {len(PLAYERS)} (once): {seconds:.1f} s, {war.rounds} rounds, {war.evaluations} equilibria")

    began = time.perf_counter()
    pair = ep.bargaining.cooperate(world, ("USA", "EU28"), over="sector", points=5)
    seconds = time.perf_counter() - began
    print(f"efficient frontier of two, 48 rates, with its war (once): {seconds:.1f} s, {len(pair.frontier)} points")

    case = ep.load_case("us-japan-autos-2019")
    three = on_three_issues(case)
    seconds, surface = timed(lambda: payoff_surface(three), repeat)
    print(
        f"payoff surface, 3 issues, {surface.solved:,} deals: {seconds:.1f} s, {surface.solved / seconds:.0f} a second"
    )
    seconds, _ = timed(lambda: [three.solve(x) for x in surface.points[::50]], 1)
    print(f"  each from a cold start: {seconds / len(surface.points[::50]) * surface.solved:.1f} s")
    seconds, found = timed(lambda: ep.bargain(case, world), 1)
    print(f"bargain of {case.case}, 4 issues: {seconds:.1f} s, {found.evaluations:,} equilibria")
    seconds, found = timed(lambda: ep.screen(case, world), 1)
    print(f"screen of {case.case}, its retaliation solved: {seconds:.2f} s, {len(found.findings)} findings")
    seconds, study = timed(lambda: ep.run(case, world), 1)
    of_it = study.timeline
    print(f"run of {case.case}: {seconds:.2f} s, {of_it.seconds:.2f} s for {of_it.states} states in time")
    tariff = ep.Tariff(rate=0.25, change="add", **(CARS | {"exporter": "WORLD", "exempt": ("CAN", "MEX")}))
    for design, keys in (("uniform", {}), ("least_cost", {}), ("pressure", {"pressure_on": "agriculture"})):
        r = ep.rules.Retaliation(by="EU28", against="USA", design=design, **keys)
        seconds, answer = timed(lambda r=r: ep.rules.retaliate(world, [tariff], r), 1)
        print(f"retaliation of the EU, {design}: {seconds:.2f} s, {answer.solves} equilibria, gap {answer.gap:.0e}")


if __name__ == "__main__":
    main()
