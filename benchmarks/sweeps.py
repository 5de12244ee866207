"""Measure solves per second in stacks and one by one, their distance from the lowest possible time, and sweeps.

    python benchmarks/sweeps.py [--solves 2048]

Every figure is of world2014 (44 x 24). A process that another one starts uses one core, the first one all of them. "Two
processes" solve the same stacks side by side, which is what two workers of a sweep do. The floor is what the matrix
products alone take, in the same run.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import numpy as np  # noqa: E402

import entrepot as ep  # noqa: E402
from entrepot.economy import equations as eq  # noqa: E402
from entrepot.equilibrium.batch import SIZE, solve_stack, solve_stacks  # noqa: E402
from entrepot.equilibrium.problem import Problem  # noqa: E402
from entrepot.numerics.side_by_side import cores  # noqa: E402
from solve import machine  # noqa: E402


def problems(count: int, seed: int = 1) -> list[Problem]:
    """Return Problems, each with a tariff and a restraint of random size under random elasticities."""
    world, rng = ep.load_economy("world2014"), np.random.default_rng(seed)
    out = []
    for _ in range(count):
        tariff = ep.Tariff(
            importer="USA", exporter="JPN", sector="motor_vehicles", rate=float(rng.uniform(0, 0.5)), change="add"
        )
        ver = ep.VoluntaryExportRestraint(
            importer="USA", exporter="EU28", sector="motor_vehicles", cap=float(rng.uniform(0.5, 1))
        )
        theta = world.theta * np.exp(rng.normal(0, 0.25, world.theta.size))
        out.append(Problem.of(world.with_elasticities(theta), ep.Scenario((tariff, ver)), ep.Closure()))
    return out


def stacked(count: int) -> tuple[float, float, float]:
    """Return seconds, maps per member and the largest gap of `count` members solved in stacks."""
    made = problems(count)
    solve_stack(made[:SIZE])
    began = time.perf_counter()
    solved = list(solve_stacks(made))
    seconds = time.perf_counter() - began
    maps = float(np.mean(np.concatenate([s.iterations for s in solved])))
    return seconds, maps, max(float(s.gap.max()) for s in solved)


def alone(count: int) -> float:
    """Return the seconds of the same Problems solved one by one."""
    from entrepot.equilibrium.solve import solve_problem

    made = problems(count)
    solve_problem(made[0])
    began = time.perf_counter()
    for problem in made:
        solve_problem(problem)
    return time.perf_counter() - began


def floor(maps: float) -> float:
    """Return the seconds per member of the matrix products in its maps alone, computed by stacks."""
    world, rng = ep.load_economy("world2014"), np.random.default_rng(0)
    j, n = world.spending.shape
    u, x = rng.uniform(0.9, 1.1, (SIZE, j, n)), rng.uniform(0.9, 1.1, (SIZE, j, n))
    inverse = rng.normal(size=(n, 2 * j + 1, 2 * j + 1)).astype(np.float32)
    rows = rng.normal(size=(n, SIZE, 2 * j + 1)).astype(np.float32)
    times = []
    for _ in range(30):
        began = time.perf_counter()
        eq.price_sum(world.share, u)
        eq.producer_sales(world.net_share, u, x)
        eq.producer_purchases(world.net_share, u, x)
        eq.ln_input_cost(x, world.inputs)
        eq.spending(world.final_share, x[:, 0], world.inputs, x)
        np.matmul(rows, inverse)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * maps / SIZE


SWEEP = """
import resource, sys, time
import entrepot as ep
began = time.perf_counter()
s = ep.sweep("us-japan-autos-2019", "world2014", draws=int(sys.argv[1]), store=sys.argv[2], workers=int(sys.argv[3]))
seconds = time.perf_counter() - began
size = sum(f.stat().st_size for f in s.run.path.rglob("*.parquet"))
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
offers = 2 * s.members
print(seconds, s.members, s.solves + offers, size, peak)
"""


def sweep(draws: int, workers: int) -> tuple[float, ...]:
    """Return seconds, members, equilibria (with offers), bytes stored and the largest process's memory of one sweep."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SWEEP, str(draws), folder, str(workers)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return tuple(map(float, printed.split()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solves", type=int, default=2048)
    options = parser.parse_args()
    count = options.solves
    print(machine().replace(" (one used)", ""), f"load {os.getloadavg()[0]:.1f}", "", sep="\n")

    on_all, maps, gap = stacked(count)
    single = alone(count // 16) * 16
    lowest = floor(maps)
    print(f"one by one                {count / single:8,.0f} a second   {1e3 * single / count:6.2f} ms each")
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(stacked, [SIZE, SIZE]))  # imports and the modes are not counted
        seconds = pool.submit(stacked, count).result()[0]
        pair = list(pool.map(stacked, [count, count]))
    both = sum(count / s for s, _, _ in pair)
    print(
        f"in stacks                 {count / seconds:8,.0f} a second   {1e3 * seconds / count:6.2f} ms each"
        f"   {maps:.1f} maps, gap {gap:.0e}"
    )
    print(f"in stacks, {cores()} cores        {count / on_all:8,.0f} a second   {1e3 * on_all / count:6.2f} ms each")
    print(f"two processes             {both:8,.0f} a second")
    print(
        f"the products alone        {1 / lowest:8,.0f} a second   {1e3 * lowest:6.2f} ms each: "
        f"{seconds / count / lowest:.1f} times that is what a stack takes"
    )
    print()
    print("sweep of us-japan-autos-2019: 9 scenarios and 2 offers a draw, every table stored")
    print("draws  workers  seconds  equilibria  a second   MB stored  bytes an equilibrium   peak MB of a process")
    for draws, workers in ((250, 1), (1000, 1), (1000, 2)):
        s, _, solves, size, peak = sweep(draws, workers)
        print(
            f"{draws:>5}{workers:>9}{s:>9.1f}{solves:>12,.0f}{solves / s:>10,.0f}{size / 1e6:>12.1f}"
            f"{size / solves:>22,.0f}{peak:>23,.0f}",
            flush=True,
        )
    print(f"\nthis process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most")


if __name__ == "__main__":
    main()
