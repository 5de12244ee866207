"""Measure seconds and memory of an import, from the files to a saved Economy, each in its own process.

    python benchmarks/imports.py [--repeat 5]

It reads the full 44 x 50 tables of the reference data, as tidy tables and as a pymrio IOSystem made from them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("ENTREPOT_SHARED", ROOT.parent / "shared")) / "data" / "wiod2014"

ROUTES = {
    "tables": """
imported = ep.import_economy("tables", folder, year=2014)
economy = imported.economy
""",
    "pymrio": """
economy = ep.Economy.from_mrio(io, theta=theta)
""",
}
SETUP = {
    "tables": "",
    "pymrio": """
import numpy as np, pandas as pd, pymrio
base = ep.import_economy("tables", folder, year=2014).economy
theta = dict(zip(base.sectors, map(float, base.theta)))
n, j = len(base.countries), len(base.sectors)
rows = pd.MultiIndex.from_product([base.countries, base.sectors], names=["region", "sector"])
share = base.value / np.where(base.value.sum(axis=2) > 0, base.value.sum(axis=2), 1)[:, :, None]
use = base.inputs * base.output.T[:, None, :]  # [n,k,j], bought by n's sector j
z = np.einsum("kni,nkj->iknj", share, use).reshape(n * j, n * j)
y = base.value.transpose(2, 0, 1).reshape(n * j, n) - z.reshape(n * j, n, j).sum(axis=2)
columns = pd.MultiIndex.from_product([base.countries, ["final"]], names=["region", "category"])
unit = pd.DataFrame({"unit": "Million USD"}, index=rows)
io = pymrio.IOSystem(Z=pd.DataFrame(z, rows, rows), Y=pd.DataFrame(np.maximum(y, 0), rows, columns), unit=unit)
""",
}


def once(route: str) -> tuple[float, float]:
    """Return the seconds and megabytes of one import in a new process."""
    script = f"""
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import entrepot as ep
folder = {str(FOLDER)!r}
{SETUP[route]}
began = time.perf_counter()
{ROUTES[route]}
economy.save("/dev/shm/entrepot-import.ep" if sys.platform == "linux" else "import.ep")
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds, megabytes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} does not exist; set ENTREPOT_SHARED to the folder of the reference data")
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    for route in ROUTES:
        runs = [once(route) for _ in range(repeat)]
        seconds = [s for s, _ in runs]
        print(
            f"44x50 from {route:<7} median {statistics.median(seconds):.2f} s (of {repeat}: "
            f"{min(seconds):.2f} to {max(seconds):.2f}), peak {max(m for _, m in runs):.0f} MB"
        )
