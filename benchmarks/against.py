"""Measure solves, draws, sweeps and trade wars beside another checkout of Entrepot, in one run.

    git worktree add /tmp/before COMMIT
    python benchmarks/against.py /tmp/before [--rounds 7] [--only draws sweep] [--elapsed]

Each checkout has a process of its own; they take turns, question by question, and the one that begins alternates. Times
are processor time, or with --elapsed that of a clock, which counts what threads gain and all that other programs take:
medians of the rounds after one that is not counted. The ratio is ours to theirs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

CASE = """
case: against
title: A tariff and a restraint
question: What do a tariff and a restraint do?
parties: [USA, EU28]
scenarios:
  tariff:
    title: A tariff
    measures: [{tariff: {importer: USA, sector: motor_vehicles, rate: 25%, change: add}}]
  restraint:
    title: A restraint
    measures: [{ver: {importer: USA, exporter: EU28, sector: motor_vehicles, cap: 0.7}}]
uncertainty: {theta: {lognormal: {sd: 0.25}}}
"""

#: What a process runs: it reads names of questions and prints the seconds of each. It fits older versions too.
PROCESS = """
import sys, tempfile, time, warnings
import numpy as np
import entrepot as ep
from entrepot.cases import solve_case

warnings.simplefilter("ignore")
world, rng = ep.load_economy("world2014"), np.random.default_rng(1)
cars = {"importer": "USA", "sector": "motor_vehicles"}
tariff = ep.Tariff(rate=0.25, change="add", **cars)
another = ep.Tariff(importer="USA", sector=world.sectors[9], rate=0.25, change="add")
partners = [c for c in world.countries if c != "USA"][:20]
half = {"importer": "USA", "sector": world.sectors[8], "cap": 0.5}
restraints = [ep.VoluntaryExportRestraint(exporter=c, **half) for c in partners]
everywhere = ep.Tariff(importer="WORLD", sector="ALL", rate=0.1, change="add")
restraint = ep.VoluntaryExportRestraint(exporter="EU28", cap=0.7, **cars)
drawn = [world.with_elasticities(world.theta * np.exp(rng.normal(0, 0.25, world.theta.size))) for _ in range(256)]
war = ep.nash_tariffs if hasattr(ep, "nash_tariffs") else ep.bargaining.nash_tariffs
autos = ep.load_case("us-japan-autos-2019")
autos = autos.without_timeline() if hasattr(autos, "without_timeline") else autos
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
    file.write(sys.argv[1])
    file.flush()
    case = ep.load_case(file.name)

def swept():
    with tempfile.TemporaryDirectory() as folder:
        ep.sweep(case, world, draws=512, store=folder)

questions = {
    "tariff": lambda: [ep.solve(world, [another]) for _ in range(20)],
    "tariff on cars": lambda: [ep.solve(world, [tariff]) for _ in range(20)],
    "20 quotas": lambda: [ep.solve(world, [another, *restraints]) for _ in range(20)],
    "everywhere": lambda: [ep.solve(world, [everywhere]) for _ in range(20)],
    "draws": lambda: ep.solve_many(drawn, [ep.Scenario((tariff,))]),
    "draws, quota": lambda: ep.solve_many(drawn, [ep.Scenario((tariff, restraint))]),
    "sweep": swept,
    "case": lambda: [solve_case(autos, world) for _ in range(3)],
    "war of 7": lambda: war(world, ("USA", "EU28", "CHN", "JPN", "KOR", "CAN", "MEX")),
    "war of 44": lambda: war(world, world.countries),
}
clock = getattr(time, sys.argv[2])
print(ep.__file__, flush=True)
for line in sys.stdin:
    began = clock()
    questions[line.strip()]()
    print(clock() - began, flush=True)
"""
SINGLE, MANY = ("tariff", "tariff on cars", "20 quotas", "everywhere"), ("draws", "draws, quota", "sweep", "case")
QUESTIONS = (*SINGLE, *MANY, "war of 7", "war of 44")


class Checkout:
    """A process that answers questions with the code of one checkout."""

    def __init__(self, root: Path, clock: str) -> None:
        keys = os.environ | {"PYTHONPATH": str(root / "src"), "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-c", PROCESS, CASE, clock]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=keys)
        if not self._read().startswith(str(root)):
            raise SystemExit(f"{root} holds no checkout of Entrepot")

    def seconds(self, question: str) -> float:
        """Return the time of one answer."""
        assert self.process.stdin is not None
        print(question, file=self.process.stdin, flush=True)
        return float(self._read())

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=[*QUESTIONS[:-1]], metavar="QUESTION")
    parser.add_argument("--elapsed", action="store_true")
    options = parser.parse_args()
    clock = "perf_counter" if options.elapsed else "process_time"
    ours, theirs = Checkout(ROOT, clock), Checkout(options.before.resolve(), clock)
    print("question        theirs ms   ours ms  ratio")
    for question in options.only:
        times: dict[Checkout, list[float]] = {theirs: [], ours: []}
        for turn in range(options.rounds + 1):
            for checkout in (theirs, ours) if turn % 2 else (ours, theirs):
                times[checkout].append(checkout.seconds(question))
        before, now = (1e3 * statistics.median(times[checkout][1:]) for checkout in (theirs, ours))
        print(f"{question:<14}{before:>11,.1f}{now:>10,.1f}{now / before:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
