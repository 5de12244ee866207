"""Compare the published iteration, gegravity and the engine in one process, on the same data and questions.

    python benchmarks/peers.py [--repeat 5] [--only iteration|gegravity]

One thread. All have the same tolerance, and every answer is checked without any of the programs: its "gap" is the
largest excess demand at its wages or factory prices, with everything else recomputed from those. Times are medians
of processor time, which a busy machine changes less than the clock's (with one thread on a quiet one it is the same):
"first" is our solve of an Economy never solved before, "ours" of one solved before, "ratios" the other's over each.
"wages" and "income" are the largest differences in log wages and in percent of real income; "prices", "GDP" and
"welfare" in percent. Questions that need the reference data are left out with a note where these data
are absent.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

import entrepot as ep  # noqa: E402
import one_sector  # noqa: E402
import textbook  # noqa: E402
from entrepot.replications import cp2015, gegravity, gravity_counterfactuals, sample  # noqa: E402
from solve import machine, questions, world  # noqa: E402

SHARED = Path(os.environ.get("ENTREPOT_SHARED", ROOT.parent / "shared")) / "data"
#: Wage steps as parts of excess demand: the published iteration is timed at whichever is quickest, which favours it.
DAMPINGS = (0.3, 0.5, 0.7)
ITERATION_HEAD = (
    f"{'':<33}{'steps':>6}{'damped':>8}{'its ms':>8}{'first':>7}{'ours ms':>9}{'ratios':>8}{'':>6}"
    f"{'its gap':>9}{'our gap':>9}{'wages':>8}{'income':>8}"
)


@dataclass(frozen=True, eq=False)
class Question:
    """An Economy and measures that are tariffs."""

    name: str
    economy: ep.Economy
    measures: list[ep.measures.Measure]


@dataclass(frozen=True, eq=False)
class Row:
    """One row: steps and seconds of the iteration, seconds of the engine, gaps of both, and their differences.

    The iteration runs at its best damping; `first` and `again` are the engine's seconds; `wages` is the largest
    difference in log wages, `income` in percent of real income.
    """

    what: str
    damping: float
    steps: int
    seconds: float
    first: float
    again: float
    gap: float
    our_gap: float
    wages: float
    income: float

    def __str__(self) -> str:
        return (
            f"{self.what:<33}{self.steps:>6}{self.damping:>8}{1e3 * self.seconds:>8,.0f}{1e3 * self.first:>7.0f}"
            f"{1e3 * self.again:>9.1f}{self.seconds / self.first:>8,.0f}{self.seconds / self.again:>6,.0f}"
            f"{self.gap:>9.0e}{self.our_gap:>9.0e}{self.wages:>8.0e}{self.income:>8.0e}"
        )


def iteration_questions() -> Iterator[Question | str]:
    """Yield the questions, and a note for each whose data are absent."""
    yield from _two("world2014, 44 x 24", ep.load_economy("world2014"))
    if (SHARED / "cp2015").is_dir():
        files = cp2015.Files.read(SHARED / "cp2015")
        base = cp2015.base(files)
        nafta = cp2015.tariffs(base, files.tariff[2005], cp2015.in_nafta)
        yield Question("cp2015, 31 x 40: NAFTA to 2005", base, list(nafta))
    else:
        yield f"cp2015: left out, no {SHARED / 'cp2015'}"
    if (SHARED / "wiod2014").is_dir():
        yield from _two("wiod2014, 44 x 50", world("44x50"))
    else:
        yield f"wiod2014: left out, no {SHARED / 'wiod2014'}"


def _two(name: str, e: ep.Economy) -> Iterator[Question]:
    measures = questions(e)
    yield Question(f"{name}: one tariff", e, measures["tariff"])
    yield Question(f"{name}: all tariffs", e, measures["10 points everywhere"])


def new_tariff(outcome: ep.Outcome) -> NDArray[np.float64]:
    """Return the tariffs [j,n,i] in force under an Outcome's measures."""
    problem = outcome.problem
    tariff = problem.economy.tariff.copy()
    tariff.ravel()[problem.flow] = np.expm1(problem.ln_tariff)
    return tariff


def against_iteration(q: Question, repeat: int, tol: float) -> Row:
    """Return the row that compares the published iteration with the engine on one question."""
    e = q.economy
    outcome = ep.solve(e, q.measures, tol=tol)
    tariff = new_tariff(outcome)
    first = [_seconds(replace(e), q.measures, tol) for _ in range(repeat)]  # an Economy made again keeps nothing
    again = [_seconds(e, q.measures, tol) for _ in range(2 * repeat)]
    damping, seconds, theirs = _iterated(e, tariff, repeat, tol)
    apart = textbook.real_income_pct(e, tariff, theirs) - outcome.countries["real_income_pct"].to_numpy()
    return Row(
        what=q.name,
        damping=damping,
        steps=theirs.steps,
        seconds=seconds,
        first=float(np.median(first)),
        again=float(np.median(again)),
        gap=textbook.gap(e, tariff, theirs.wage),
        our_gap=textbook.gap(e, tariff, np.exp(outcome.accounts.cleared.ln_wage)),
        wages=float(np.abs(np.log(theirs.wage) - outcome.accounts.cleared.ln_wage).max()),
        income=float(np.abs(apart).max()),
    )


def _seconds(e: ep.Economy, measures: list[ep.measures.Measure], tol: float) -> float:
    began = time.process_time()
    ep.solve(e, measures, tol=tol)
    return time.process_time() - began


def _iterated(
    e: ep.Economy, tariff: NDArray[np.float64], repeat: int, tol: float
) -> tuple[float, float, textbook.Answer]:
    """Return the fastest damping, its median seconds and its answer; raises RuntimeError if none succeeds."""
    runs: dict[float, list[float]] = {}
    answers: dict[float, textbook.Answer] = {}
    for damping in DAMPINGS:
        began = time.process_time()
        try:
            answers[damping] = textbook.solve(e, tariff, tol, damping, most=300)
        except RuntimeError:
            continue
        runs[damping] = [time.process_time() - began]
    if not runs:
        raise RuntimeError(f"{e.name}: the published iteration failed with every damping of {DAMPINGS}")
    best = min(runs, key=lambda d: runs[d][0])
    for _ in range(repeat - 1):
        began = time.process_time()
        textbook.solve(e, tariff, tol, best)
        runs[best].append(time.process_time() - began)
    return best, float(np.median(runs[best])), answers[best]


def one_sector_tables() -> Iterator[tuple[str, object]]:
    """Yield tables in gegravity's layout with balanced trade, by name; or a note with None."""
    if (SHARED / "gegravity_sample").is_dir():
        table = sample.read(SHARED / "gegravity_sample")
        yield "sample, 30", table.assign(E=gegravity.balanced_spending(table))
    else:
        yield f"gegravity's sample: left out, no {SHARED / 'gegravity_sample'}", None
    yield "world2014, 44", one_sector.laid_out(gravity_counterfactuals.bundled())


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=["iteration", "gegravity"])
    options = parser.parse_args()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{machine()}{load}; medians of {options.repeat}\n")
    if options.only != "gegravity":
        print(f"The published iteration, at tolerance 1e-10\n{ITERATION_HEAD}")
        for q in iteration_questions():
            print(q if isinstance(q, str) else against_iteration(q, options.repeat, tol=1e-10), flush=True)
        print()
    if options.only != "iteration":
        try:
            package = gegravity.installed()
        except ep.errors.DocumentError as error:
            print(f"gegravity: left out, {error}")
            return
        print(f"gegravity {version('gegravity')}, one sector, at tolerance 1e-8\n{one_sector.HEAD}")
        for name, table in one_sector_tables():
            if table is None:
                print(name)
                continue
            for row in one_sector.compare(package, name, table, options.repeat, tol=1e-8):
                print(row, flush=True)


if __name__ == "__main__":
    main()
