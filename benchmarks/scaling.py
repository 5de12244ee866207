"""Measure seconds and memory of a tariff on generated worlds of 10 to 200 economies and 1 to 65 sectors.

    python benchmarks/scaling.py [--repeat 15] [--worlds 3] [--table out/cost.csv] [--chart docs/cost.svg]
    python benchmarks/scaling.py --again out/cost.csv --chart docs/cost.svg     (fits and draws without measuring)

Each world is written to a file by one process and solved by another, on one thread, so that the peak memory is that of
loading and solving it; what the same process held after solving a world of two economies is taken off. Times are
of the processor, which a busy machine changes less than the clock's; with one thread on a quiet machine they are the
same. They are medians over repeats, and everything is a median over worlds: those of the first seeds whose tables are
consistent. Two laws are fitted:

    cost = a N^x J^y                    least squares in logs, from `FLOOR` flows (N N J) on: below, what does not
                                        depend on size is most of the cost
    ms a map = a + b N N J + c N J J    on all sizes, least squares of relative errors: an overhead, so much a flow,
                                        and so much a pair of input and output in a country
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

import entrepot as ep
from entrepot.report.figures.palette import LINES
from solve import generated, machine, questions

ECONOMIES = (10, 20, 40, 60, 80, 110, 140, 200)
SECTORS = (1, 5, 15, 30, 65)
#: Flows (N N J) from which on the laws are fitted.
FLOOR = 50_000
#: By number of sectors; readers who confuse some of them have the labels at the lines' ends.
COLOURS = [LINES[k] for k in (4, 2, 5, 0, 6)]
#: What is measured: column -> how it is called.
MEASURED = {"first_ms": "first solve, ms", "ms": "solve again, ms", "mb": "memory, MB"}


# ---- one world, in processes of its own ----


def measure(path: Path, repeat: int) -> None:
    """Print first milliseconds, median milliseconds, maps and megabytes of the Economy in a file."""
    small = generated(2, 1)
    ep.solve(small, questions(small)["tariff"])  # imports, and what libraries build once
    held = peak_mb()
    e = ep.Economy.load(path)
    measures = questions(e)["tariff"]
    seconds = []
    for _ in range(repeat + 1):
        began = time.process_time()
        outcome = ep.solve(e, measures)
        seconds.append(time.process_time() - began)
    first, again = 1e3 * seconds[0], 1e3 * float(np.median(seconds[1:]))
    print(first, again, outcome.iterations, peak_mb() - held)


def peak_mb() -> float:
    """Return the peak memory of this process in MB; ru_maxrss would start from the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def one(n: int, j: int, seed: int, repeat: int) -> list[float] | None:
    """Return the numbers that `measure` prints for a generated world, or None where it is not an equilibrium."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.ep"
        _child("--make", str(n), str(j), str(seed), str(path))
        if not path.exists():
            return None
        return [float(x) for x in _child("--measure", str(path), "--repeat", str(repeat)).split()]


def make(n: int, j: int, seed: int, path: Path) -> None:
    """Write a generated world to a file; write nothing if its tables contradict each other."""
    try:
        generated(n, j, seed).save(path)
    except ep.errors.TableError:
        return  # inputs, trade and demand drawn apart from each other may contradict each other too much to be mended


def _child(*arguments: str) -> str:
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


# ---- every size ----


def measured(repeat: int, worlds: int) -> pd.DataFrame:
    """Return one row for each size, with medians over worlds."""
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{machine()}, {load}; medians of {repeat} on {worlds} worlds a size")
    print(f"{'N':>5}{'J':>4}{'flows':>12}{'first ms':>10}{'ms':>8}{'maps':>6}{'MB':>8}")
    rows = []
    for j in SECTORS:
        for n in ECONOMIES:
            found = (one(n, j, seed, repeat) for seed in itertools.count(1))
            each = list(itertools.islice((x for x in found if x is not None), worlds))
            first, again, maps, mb = np.median(each, axis=0)
            rows.append({"n": n, "j": j, "first_ms": first, "ms": again, "maps": maps, "mb": mb})
            print(f"{n:>5}{j:>4}{n * n * j:>12,}{first:>10.1f}{again:>8.1f}{maps:>6.0f}{mb:>8.1f}", flush=True)
    return pd.DataFrame(rows)


# ---- the law ----


@dataclass(frozen=True)
class Law:
    """A fitted law cost = scale N^x J^y, with standard errors of x and y and residuals in logs by size."""

    scale: float
    x: float
    y: float
    errors: tuple[float, float]
    r2: float
    residuals: pd.Series

    def at(self, n: float, j: float) -> float:
        """Return the cost at n economies and j sectors."""
        return float(self.scale * n**self.x * j**self.y)

    def __str__(self) -> str:
        worst = self.residuals.abs().idxmax()
        return (
            f"{self.scale:.2g} N^{self.x:.2f} J^{self.y:.2f} (standard errors {self.errors[0]:.2f}, "
            f"{self.errors[1]:.2f}); R2 {self.r2:.3f} on {len(self.residuals)} sizes; off by "
            f"{100 * np.expm1(self.residuals.abs().median()):.0f}% (median), "
            f"{100 * np.expm1(self.residuals[worst]):+.0f}% at worst ({worst[0]} x {worst[1]})"
        )


def fit(table: pd.DataFrame, column: str, floor: int = FLOOR) -> Law:
    """Least squares of the log of a column on the logs of n and j, over sizes of at least `floor` flows."""
    used = table[table["n"] ** 2 * table["j"] >= floor]
    design = np.column_stack([np.ones(len(used)), np.log(used["n"]), np.log(used["j"])])
    logs = np.log(used[column].to_numpy())
    beta = np.linalg.lstsq(design, logs, rcond=None)[0]
    residual = logs - design @ beta
    spread = residual @ residual / (len(used) - 3)
    errors = np.sqrt(spread * np.diag(np.linalg.inv(design.T @ design)))
    return Law(
        scale=float(np.exp(beta[0])),
        x=float(beta[1]),
        y=float(beta[2]),
        errors=(float(errors[1]), float(errors[2])),
        r2=float(1 - residual @ residual / ((logs - logs.mean()) ** 2).sum()),
        residuals=pd.Series(residual, index=pd.MultiIndex.from_frame(used[["n", "j"]])),
    )


def of_a_map(table: pd.DataFrame) -> str:
    """Return the fitted cost of one map as text, with its errors."""
    n, j = table["n"].to_numpy(float), table["j"].to_numpy(float)
    spent = (table["ms"] / table["maps"]).to_numpy()
    reads = np.column_stack([np.ones(len(table)), n * n * j, n * j * j])
    parts = np.linalg.lstsq(reads / spent[:, None], np.ones(len(table)), rcond=None)[0]
    off = np.abs(reads @ parts / spent - 1)
    worst = table.loc[int(off.argmax()), ["n", "j"]].astype(int)
    return (
        f"{parts[0]:.2f} ms + {1e6 * parts[1]:.1f} ns N N J + {1e6 * parts[2]:.1f} ns N J J; off by "
        f"{100 * np.median(off):.0f}% (median), {100 * off.max():.0f}% at worst ({worst['n']} x {worst['j']})"
    )


def report(table: pd.DataFrame) -> None:
    """Print the laws and the residual of each size."""
    print(f"\ncost = a N^x J^y, fitted on sizes of at least {FLOOR:,} flows")
    laws = {column: fit(table, column) for column in MEASURED}
    for column, name in MEASURED.items():
        print(f"{name:<16} {laws[column]}")
    print(f"\na map, on all sizes: {of_a_map(table)}")
    print("\nresiduals, percent of the law: (N x J) " + ", ".join(MEASURED.values()))
    for at in laws["ms"].residuals.index:
        off = "".join(f"{100 * np.expm1(law.residuals[at]):>+8.0f}" for law in laws.values())
        print(f"{f'{at[0]} x {at[1]}':>10}{off}")


# ---- the chart ----


def chart(table: pd.DataFrame) -> alt.VConcatChart:
    """Return the chart of milliseconds and megabytes of a solve against the number of economies.

    There is a line for each number of sectors; the fitted law is dashed. Memory below a megabyte is left out.
    """
    panels = [
        _panel(table, "ms", "Milliseconds a solve", [1, 3, 10, 30, 100, 300]),
        _panel(table[table["mb"] >= 1], "mb", "Memory, MB", [1, 10, 100, 1000]),
    ]
    return alt.vconcat(*panels, spacing=18)


def _panel(table: pd.DataFrame, column: str, title: str, ticks: list[int]) -> alt.LayerChart:
    law = fit(table, column)
    fitted = table[table["n"] ** 2 * table["j"] >= FLOOR].copy()
    fitted[column] = [law.at(n, j) for n, j in zip(fitted["n"], fitted["j"], strict=True)]
    x = alt.X(
        "n:Q",
        title="Economies",
        scale=alt.Scale(type="log", domain=[9, 310]),
        axis=alt.Axis(values=list(ECONOMIES), format="d"),
    )
    y = alt.Y(
        f"{column}:Q",
        title=title,
        scale=alt.Scale(type="log", domain=[ticks[0], ticks[-1]]),
        axis=alt.Axis(values=ticks, format="d", grid=True, gridOpacity=0.5),
    )
    colour = alt.Color("j:N", scale=alt.Scale(domain=list(SECTORS), range=COLOURS), legend=None)
    last = table.loc[table.groupby("j")["n"].idxmax()]
    last = last.assign(label=[f"{j} sector{'s' * (j > 1)}" for j in last["j"]])
    law_at = fitted[fitted["j"] == max(SECTORS)].nsmallest(1, "n").assign(label="dashed: fitted law")
    base, dark = alt.Chart(table).encode(x=x, y=y, color=colour), alt.value("#222222")
    return alt.layer(
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=36, opacity=1),
        alt.Chart(fitted)
        .mark_line(strokeDash=[3, 3], strokeWidth=1.3)
        .encode(x=x, y=y, detail="j:N", color=alt.value("#555555")),
        alt.Chart(last).mark_text(align="left", dx=7, fontSize=12).encode(x=x, y=y, text="label:N", color=dark),
        alt.Chart(law_at)
        .mark_text(align="right", dx=-4, dy=-16, fontSize=11)
        .encode(x=x, y=y, text="label:N", color=dark),
    ).properties(width=420, height=230)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Write the chart as SVG on a white ground, so that it can be read on a dark page too."""
    text = vl_convert.vegalite_to_svg(chart(table).to_json())
    start = text.index(">") + 1
    path.write_text(text[:start] + '<rect width="100%" height="100%" fill="#ffffff"/>' + text[start:], encoding="utf-8")


def main() -> None:
    """Measure or read the costs, fit the laws, and write the table and the chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--table", type=Path, help="write what was measured here (CSV)")
    parser.add_argument("--again", type=Path, help="read what was measured instead of measuring")
    parser.add_argument("--chart", type=Path, help="draw it here (SVG)")
    parser.add_argument("--make", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        n, j, seed = map(int, options.make[:3])
        make(n, j, seed, Path(options.make[3]))
        return
    if options.measure:
        measure(options.measure, options.repeat)
        return
    table = pd.read_csv(options.again) if options.again else measured(options.repeat, options.worlds)
    report(table)
    if options.table:
        options.table.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(options.table, index=False)
    if options.chart:
        draw(table, options.chart)


if __name__ == "__main__":
    main()
