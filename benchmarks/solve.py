"""Measure seconds and memory of one solve by size, with and without quotas, beside the textbook iteration.

    python benchmarks/solve.py [--yardstick-up-to CELLS] [--repeat 9]

Each size runs in a process of its own, on one thread, so that the peak memory is that size's. Times are medians after a
warm-up that also builds what is kept per Economy (shares, the own-country Jacobian); that cost is the column "first".
44 x 50 needs the reference data beside the checkout and is generated where they are absent; the larger worlds are
generated, as uneven as real ones.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import entrepot as ep  # noqa: E402
import textbook  # noqa: E402

SIZES = ["44x24", "44x50", "77x45", "160x65"]
HEAD = "size    measures               first ms       ms  maps      gap  peak MB  textbook ms   ratio    agree"


def world(size: str) -> ep.Economy:
    """Return the Economy of that size: bundled, from the reference data, or generated."""
    if size == "44x24":
        return ep.load_economy("world2014")
    folder = Path(os.environ.get("ENTREPOT_SHARED", ROOT.parent / "shared")) / "data" / "wiod2014"
    if size == "44x50" and folder.is_dir():
        theta = pd.read_csv(folder / "sectors.csv").set_index("sector")["theta"].to_dict()
        tables = (pd.read_parquet(folder / f"{name}.parquet") for name in ("trade", "inputs", "demand"))
        return ep.Economy.from_tables(*tables, theta=theta)
    countries, sectors = map(int, size.split("x"))
    return generated(countries, sectors)


def generated(n: int, j: int, seed: int = 1) -> ep.Economy:
    """Gravity with distance, comparative advantage and uneven sizes; tariffs on two fifths of the sectors."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1.5, n))
    place = rng.uniform(0, 1, (n, 2))
    far = 0.05 + np.hypot(*(place[:, None] - place).transpose(2, 0, 1))
    advantage = np.exp(rng.normal(0, 1, (j, 1, n)))
    value = size[:, None] * size * far**-1.5 * advantage * np.exp(rng.normal(0, 1, (j, n, n)))
    foreign = value * ~np.eye(n, dtype=bool)
    openness = np.where(np.arange(j) < 0.4 * j, 0.5, 0.05)[:, None] * rng.uniform(0.5, 1.5, (j, n))
    own = foreign.sum(axis=2) * (1 / openness - 1)
    value = foreign
    value[:, range(n), range(n)] = own
    # Scaling exporters and importers by turns brings every country near balance, as deficits are in the data.
    for _ in range(50):
        tilt = np.sqrt(foreign.sum(axis=(0, 2)) / foreign.sum(axis=(0, 1)))
        value = value * tilt[None, None, :] / tilt[None, :, None]
        foreign = value * ~np.eye(n, dtype=bool)
    tariff = np.where(np.arange(j) < 0.4 * j, 1.0, 0.0)[:, None, None] * rng.uniform(0, 0.15, (j, n, n))
    tariff[:, range(n), range(n)] = 0.0
    recipe = rng.exponential(1, (n, j, j)) ** 2
    recipe *= rng.uniform(0.4, 0.65, (n, 1, j)) / recipe.sum(axis=1, keepdims=True)
    countries = [f"C{k:03d}" for k in range(n)]  # numbers alone would be read as codes of real countries
    index = pd.MultiIndex.from_product([range(j), countries, countries], names=["sector", "importer", "exporter"])
    trade = pd.DataFrame({"value": value.ravel() * 1e3, "tariff": tariff.ravel()}, index=index).reset_index()
    inputs = pd.DataFrame(
        {"cost_share": recipe.ravel()},
        index=pd.MultiIndex.from_product([countries, range(j), range(j)], names=["country", "input", "output"]),
    ).reset_index()
    theta = {str(k): float(t) for k, t in enumerate(rng.uniform(1, 8, j))}
    with warnings.catch_warnings():  # made-up tables need not fit each other well; what counts is the base they imply
        warnings.simplefilter("ignore")
        return ep.Economy.from_tables(trade, inputs, theta=theta, name=f"generated {n} x {j}")


def questions(e: ep.Economy) -> dict[str, list[ep.measures.Measure]]:
    """A tariff on one sector; that and 20 export restraints; a new tariff on every flow."""
    home = "USA" if "USA" in e.countries else e.countries[0]
    sector = e.sectors[len(e.sectors) * 2 // 5]
    partners = [c for c in e.countries if c != home][:20]
    capped = e.sectors[len(e.sectors) * 2 // 5 - 1]
    tariff = ep.Tariff(importer=home, sector=sector, rate=0.25, change="add")
    restraints = [ep.VoluntaryExportRestraint(importer=home, exporter=p, sector=capped, cap=0.5) for p in partners]
    return {
        "tariff": [tariff],
        "tariff, 20 quotas": [tariff, *restraints],
        "10 points everywhere": [ep.Tariff(importer="WORLD", sector="ALL", rate=0.1, change="add")],
    }


def measure(size: str, repeat: int, yardstick_up_to: int) -> None:
    """Print one row for each question on an Economy of that size."""
    e = world(size)
    for name, measures in questions(e).items():
        began = time.perf_counter()
        first = ep.solve(e, measures)
        cold = time.perf_counter() - began
        times = []
        for _ in range(repeat):
            began = time.perf_counter()
            ep.solve(e, measures)
            times.append(time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        median = float(np.median(times))
        beside = f"{'':>13}{'':>8}{'':>9}"
        if all(isinstance(m, ep.Tariff) for m in measures) and e.spending.size <= yardstick_up_to:
            tariff = e.tariff.copy()
            tariff.ravel()[first.problem.flow] = np.expm1(first.problem.ln_tariff)
            began = time.perf_counter()
            theirs = textbook.solve(e, tariff)
            slow = time.perf_counter() - began
            agree = np.abs(np.log(theirs.wage) - first.accounts.cleared.ln_wage).max()
            beside = f"{1e3 * slow:>13,.0f}{slow / median:>8,.0f}{agree:>9.0e}"
        gap = max(first.residuals.values())
        print(
            f"{size:<8}{name:<22}{1e3 * cold:>9.0f}{1e3 * median:>9.1f}{first.iterations:>6}"
            f"{gap:>9.0e}{peak:>9.0f}{beside}",
            flush=True,
        )


def machine() -> str:
    """Return the processor, the system and the versions in one line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    return (
        f"{cpu}, {os.cpu_count()} cores (one used), {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, help="only this one, in this process")
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument(
        "--yardstick-up-to", type=int, default=2200, metavar="CELLS", help="country-sectors; it is slow"
    )
    options = parser.parse_args()
    if options.size:
        measure(options.size, options.repeat, options.yardstick_up_to)
    else:
        print(machine(), HEAD, sep="\n")
        for size in SIZES:
            subprocess.run([sys.executable, __file__, "--size", size, *sys.argv[1:]], check=True)
